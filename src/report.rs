//! Results as text, CSV, JSON Lines and HTML. Takes any `Write` and owns no figures.

mod agreement;
mod article;
mod comparison;
mod csv;
mod doubts;
mod evaluation;
mod evaluation_page;
mod highlight;
mod jsonl;
mod page;
mod plots;
mod text;

use std::io::{self, Write};
use std::path::Path;

use crate::classifier::{Classifier, Explanation, Prediction};
use crate::error::{Error, Result};
use crate::input::Unit;

pub use agreement::render_agreement;
pub use comparison::render_comparison;
pub use doubts::write_doubts;
pub use evaluation::{ReportFormat, render_figures, render_trials};

/// How labelled units are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For reading on a terminal.
    Text,
    /// RFC 4180, one row a unit, one probability column a label.
    Csv,
    /// One JSON object a line and unit.
    JsonLines,
    /// One self-contained page.
    Html,
}

/// Writes labelled units one after the other.
pub struct UnitReport<'a, W: Write> {
    out: W,
    classifier: &'a Classifier,
    explain: bool,
    writer: Writer,
}

enum Writer {
    Text(text::State),
    Csv,
    JsonLines,
    Html(article::State),
}

impl<'a, W: Write> UnitReport<'a, W> {
    /// Begins a report; with `explain`, every unit carries the terms behind its labels.
    ///
    /// # Errors
    /// [`Error::Io`] if `out` cannot be written.
    pub fn new(mut out: W, format: Format, classifier: &'a Classifier, explain: bool) -> Result<Self> {
        let writer = match format {
            Format::Text => Writer::Text(text::State::default()),
            Format::Csv => {
                csv::header(&mut out, classifier, explain).map_err(closed)?;
                Writer::Csv
            }
            Format::JsonLines => Writer::JsonLines,
            Format::Html => Writer::Html(article::State::default()),
        };
        Ok(Self { out, classifier, explain, writer })
    }

    /// Writes one unit.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn unit(&mut self, unit: &Unit, prediction: &Prediction) -> Result<()> {
        // A page shows the evidence in any case.
        let explanations =
            if self.explain || matches!(self.writer, Writer::Html(_)) { self.explanations(unit, prediction) } else { Vec::new() };
        let out = &mut self.out;
        match &mut self.writer {
            Writer::Text(state) => text::unit(out, state, self.classifier, unit, prediction, &explanations),
            Writer::Csv => csv::unit(out, self.classifier, unit, prediction, self.explain.then_some(&explanations)),
            Writer::JsonLines => jsonl::unit(out, self.classifier, unit, prediction, self.explain.then_some(&explanations)),
            Writer::Html(state) => {
                state.unit(self.classifier, unit, prediction, &explanations);
                Ok(())
            }
        }
        .map_err(closed)
    }

    /// Ends the report.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn finish(mut self) -> Result<()> {
        match self.writer {
            Writer::Html(state) => state.render(&mut self.out, self.classifier),
            Writer::Text(state) => text::finish(&mut self.out, &state, self.classifier),
            Writer::Csv | Writer::JsonLines => Ok(()),
        }
        .and_then(|()| self.out.flush())
        .map_err(closed)
    }

    /// Explanations of the labels given; where none is, of the most probable label, which shows why it fell short.
    fn explanations(&self, unit: &Unit, prediction: &Prediction) -> Vec<Explanation<'a>> {
        let mut all: Vec<Option<Explanation>> = self.classifier.explain(&unit.text).into_iter().map(Some).collect();
        let shown =
            if prediction.labels.is_empty() { vec![most_probable(&prediction.probabilities)] } else { prediction.labels.clone() };
        shown.into_iter().filter_map(|label| all[label].take()).collect()
    }
}

fn most_probable(probabilities: &[f32]) -> usize {
    (0..probabilities.len()).rev().max_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b])).unwrap_or(0)
}

/// Errors of writing become ours; what is written to is the output, whatever it is.
fn closed(error: io::Error) -> Error {
    Error::io(Path::new("<output>"), "write", error)
}

/// Terms shown one by one in an explanation; the rest is summed up, so that the parts always add up to the whole.
const TERMS_SHOWN: usize = 10;

/// The first terms of an explanation and the sum of all others.
fn shown<'e, 'a>(explanation: &'e Explanation<'a>) -> (&'e [crate::classifier::Contribution<'a>], f64) {
    let (first, rest) = explanation.contributions.split_at(TERMS_SHOWN.min(explanation.contributions.len()));
    (first, rest.iter().map(|contribution| contribution.value).sum())
}
