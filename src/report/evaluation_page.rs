//! An accuracy report as one self-contained HTML page.

use std::io::{self, Write};

use serde::Serialize;

use crate::bootstrap::Estimate;
use crate::figures::{Figures, Mistake};
use crate::report::highlight::{Piece, pieces};
use crate::report::{page, plots};

#[derive(Serialize)]
struct Page<'a> {
    figures: &'a Figures,
    headline: Vec<Named>,
    confusion: Vec<ConfusionRow<'a>>,
    names: Vec<&'a str>,
    plots: Vec<LabelPlots<'a>>,
    learning_curve: Option<String>,
    errors: Vec<ErrorView<'a>>,
}

#[derive(Serialize)]
struct Named {
    name: &'static str,
    estimate: Option<Estimate>,
}

#[derive(Serialize)]
struct ConfusionRow<'a> {
    name: &'a str,
    cells: Vec<Cell>,
}

#[derive(Serialize)]
struct Cell {
    count: usize,
    /// Share of the row, in percent.
    share: usize,
    right: bool,
}

#[derive(Serialize)]
struct LabelPlots<'a> {
    label: &'a str,
    precision_recall: Option<String>,
    reliability: String,
    histogram: String,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    error: &'a Mistake,
    pieces: Vec<Piece>,
}

pub(super) fn render(out: &mut impl Write, figures: &Figures) -> io::Result<()> {
    let names: Vec<&str> = figures.labels.iter().map(|label| label.label.as_str()).chain(["none"]).collect();
    let row = |(at, counts): (usize, &Vec<usize>)| {
        let whole = counts.iter().sum::<usize>().max(1);
        let cell = |(column, &count): (usize, &usize)| Cell { count, share: 100 * count / whole, right: column == at };
        ConfusionRow { name: names[at], cells: counts.iter().enumerate().map(cell).collect() }
    };
    let view = Page {
        figures,
        headline: figures.headline.named().into_iter().map(|(name, estimate)| Named { name, estimate }).collect(),
        confusion: figures.confusion.iter().enumerate().map(row).collect(),
        names: names.clone(),
        plots: figures
            .labels
            .iter()
            .map(|label| LabelPlots {
                label: &label.label,
                precision_recall: (!label.precision_recall.is_empty()).then(|| plots::precision_recall(label)),
                reliability: plots::reliability(label),
                histogram: plots::histogram(label),
            })
            .collect(),
        learning_curve: (!figures.learning_curve.is_empty()).then(|| plots::learning_curve(&figures.learning_curve)),
        errors: figures
            .errors
            .iter()
            .map(|error| ErrorView {
                error,
                pieces: pieces(&error.text, error.evidence.iter().flat_map(|term| term.places.iter().copied())),
            })
            .collect(),
    };
    out.write_all(page::render("evaluation.html", include_str!("evaluation.html"), view)?.as_bytes())
}
