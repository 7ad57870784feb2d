//! Units as one self-contained HTML page.

use std::io::{self, Write};

use minijinja::value::{Serde, Value};
use minijinja::{Environment, context};
use serde::Serialize;

use crate::classifier::{Classifier, Explanation, Prediction};
use crate::input::{Unit, UnitKind};
use crate::report::csv::in_words;

/// The units of a page, kept until it is rendered.
#[derive(Default)]
pub(super) struct State {
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    units: Vec<UnitView>,
}

#[derive(Serialize)]
struct UnitView {
    number: u64,
    kind: &'static str,
    start: u64,
    end: u64,
    text: String,
    status: &'static str,
    labels: Vec<LabelView>,
    explanation: Vec<String>,
}

#[derive(Serialize)]
struct LabelView {
    name: String,
    /// Which of the page's eight tints it has.
    tint: usize,
    probability: String,
}

impl State {
    pub(super) fn unit(&mut self, classifier: &Classifier, unit: &Unit, prediction: &Prediction, explanations: &[Explanation]) {
        if self.files.last().is_none_or(|file| file.name != *unit.file) {
            self.files.push(FileView { name: unit.file.to_string(), units: Vec::new() });
        }
        let labels = prediction.labels.iter().map(|&label| LabelView {
            name: classifier.labels()[label].clone(),
            tint: label % 8,
            probability: format!("{:.2}", prediction.probabilities[label]),
        });
        let view = UnitView {
            number: unit.number,
            kind: if unit.kind == UnitKind::Row { "row" } else { "sentence" },
            start: unit.span.start,
            end: unit.span.end,
            text: unit.text.clone(),
            status: prediction.status.name(),
            labels: labels.collect(),
            explanation: explanations.iter().map(|explanation| in_words(classifier, explanation)).collect(),
        };
        if let Some(file) = self.files.last_mut() {
            file.units.push(view);
        }
    }

    pub(super) fn render(&self, out: &mut impl Write, classifier: &Classifier) -> io::Result<()> {
        let mut environment = Environment::new();
        environment.add_template("article.html", include_str!("article.html")).map_err(io::Error::other)?;
        let template = environment.get_template("article.html").map_err(io::Error::other)?;
        let identity = classifier.identity();
        let page = template.render(context! { files => Value::from(Serde(&self.files)), model => identity.name.as_str(), hash => identity.hash.as_str() }).map_err(io::Error::other)?;
        out.write_all(page.as_bytes())
    }
}
