//! Figures as text tables, and the choice between them, JSON and the page.

use std::io::{self, Write};

use crate::bootstrap::Estimate;
use crate::error::{Error, Result};
use crate::figures::{Figures, MinimalPairs, Rates, UnknownLabel};
use crate::learning_curve::CurvePoint;
use crate::report::text::harmless;
use crate::report::{closed, evaluation_page};
use crate::tuning::Trial;

/// How an accuracy report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    /// Tables for a terminal.
    Text,
    /// One JSON object: [`Figures`] as it stands.
    Json,
    /// One self-contained page.
    Html,
}

/// Writes an accuracy report.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_figures(out: &mut impl Write, format: ReportFormat, figures: &Figures) -> Result<()> {
    let written = match format {
        ReportFormat::Text => text(out, figures),
        ReportFormat::Json => json(out, figures),
        ReportFormat::Html => evaluation_page::render(out, figures),
    };
    written.and_then(|()| out.flush()).map_err(closed)
}

/// Writes what has no page as text or JSON; `what` names it in the error that a page was asked for.
pub(super) fn text_or_json<W: Write, F: serde::Serialize>(
    out: &mut W,
    format: ReportFormat,
    what: &str,
    figures: &F,
    text: impl FnOnce(&mut W, &F) -> io::Result<()>,
) -> Result<()> {
    match format {
        ReportFormat::Text => text(out, figures),
        ReportFormat::Json => json(out, figures),
        ReportFormat::Html => {
            let problem = format!("{what} is written as text or json");
            return Err(Error::Option { option: "--format", problem });
        }
    }
    .and_then(|()| out.flush())
    .map_err(closed)
}

/// Figures as one indented JSON object.
fn json(out: &mut impl Write, figures: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, figures)?;
    writeln!(out)
}

fn text(out: &mut impl Write, figures: &Figures) -> io::Result<()> {
    writeln!(out, "model      {}", harmless(&figures.model))?;
    if !figures.hash.is_empty() {
        writeln!(out, "hash       {}", figures.hash)?;
    }
    write!(out, "n          {}", figures.n)?;
    if figures.groups < figures.n {
        write!(out, " in {} groups", figures.groups)?;
    }
    writeln!(out, "\n")?;

    let names: Vec<String> = figures.labels.iter().map(|label| harmless(&label.label)).chain(["none".to_owned()]).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("Hamming loss".len());
    write!(out, "{:width$}", "")?;
    for word in ["precision", "recall", "F1", "support", "AP", "Matthews", "from p", "Brier", "ECE"] {
        write!(out, "  {word:>9}")?;
    }
    writeln!(out)?;
    let rates = |out: &mut dyn Write, name: &str, rates: &Rates| {
        let [precision, recall, f1] = [rates.precision, rates.recall, rates.f1].map(rate);
        write!(out, "{name:width$}  {precision:>9}  {recall:>9}  {f1:>9}  {:>9}", rates.support)
    };
    for (name, label) in names.iter().zip(&figures.labels) {
        rates(out, name, &label.rates)?;
        let threshold = label.threshold.map_or_else(|| "–".to_owned(), |threshold| format!("{threshold:.3}"));
        let [precision, matthews] = [label.average_precision, label.matthews].map(rate);
        let [brier, error] = [label.brier, label.calibration_error].map(rate);
        writeln!(out, "  {precision:>9}  {matthews:>9}  {threshold:>9}  {brier:>9}  {error:>9}")?;
    }
    rates(out, "none", &figures.none)?;
    writeln!(out, "\n")?;

    for (name, estimate) in figures.headline.named() {
        match estimate {
            Some(Estimate { value, low, high }) => {
                writeln!(out, "{name:width$}  {value:.4}  95 % interval {low:.4} to {high:.4}")?;
            }
            None => writeln!(out, "{name:width$}  –  (n {})", figures.n)?,
        }
    }
    if let Some(MinimalPairs { passed, pairs }) = figures.minimal_pairs {
        let share = 100.0 * passed as f64 / pairs as f64;
        writeln!(out, "{:width$}  {share:.1} % of {pairs} codebook pairs right on both sides", "pairs")?;
    }
    for UnknownLabel { label, rows } in &figures.unknown {
        writeln!(out, "note: label \"{}\" ({rows} rows) is unknown to the model and counts as missed", harmless(label))?;
    }

    writeln!(out, "\nprimary label: gold in rows, given in columns")?;
    let cell = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    write!(out, "{:cell$}", "")?;
    names.iter().try_for_each(|name| write!(out, "  {name:>cell$}"))?;
    writeln!(out)?;
    for (name, row) in names.iter().zip(&figures.confusion) {
        write!(out, "{name:cell$}")?;
        row.iter().try_for_each(|count| write!(out, "  {count:>cell$}"))?;
        writeln!(out)?;
    }
    if !figures.learning_curve.is_empty() {
        writeln!(out, "\ntrained on parts of the corpus")?;
        learning_curve(out, &figures.learning_curve)?;
    }
    Ok(())
}

fn learning_curve(out: &mut impl Write, points: &[CurvePoint]) -> io::Result<()> {
    writeln!(out, "{:>9}  {:>9}  95 % interval", "rows", "macro F1")?;
    for CurvePoint { rows, macro_f1 } in points {
        match macro_f1 {
            Some(f1) => writeln!(out, "{rows:>9}  {:>9.4}  {:.4} to {:.4}", f1.value, f1.low, f1.high)?,
            None => writeln!(out, "{rows:>9}  {:>9}", "–")?,
        }
    }
    Ok(())
}

/// Writes the trials of a search as a table; the best is marked.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_trials(out: &mut impl Write, trials: &[Trial]) -> Result<()> {
    let best = trials.iter().map(|trial| trial.macro_f1).fold(f64::NEG_INFINITY, f64::max);
    let mut first = true;
    let mut render = || {
        writeln!(out, "{:>9}  {:>9}  {:>9}", "cost", "ratio", "macro F1")?;
        for Trial { cost, ratio, macro_f1 } in trials {
            let mark = if *macro_f1 == best && std::mem::take(&mut first) { "  best" } else { "" };
            writeln!(out, "{cost:>9}  {ratio:>9}  {macro_f1:>9.4}{mark}")?;
        }
        out.flush()
    };
    render().map_err(closed)
}

/// Four places, or a dash where the rate has no denominator.
pub(super) fn rate(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}
