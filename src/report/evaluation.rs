//! An accuracy report as a text table.

use std::io::Write;

use crate::classifier::Identity;
use crate::error::Result;
use crate::evaluation::{Counts, Evaluation};
use crate::report::closed;
use crate::report::text::harmless;

/// Writes the report: rates by label, their averages, the confusion of primary labels. `model` is the model that gave the
/// answers, or a description of the folds.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_evaluation(
    out: &mut impl Write,
    evaluation: &Evaluation,
    model: &Identity,
    thresholds: Option<&[f32]>,
) -> Result<()> {
    render(out, evaluation, model, thresholds).and_then(|()| out.flush()).map_err(closed)
}

fn render(out: &mut impl Write, evaluation: &Evaluation, model: &Identity, thresholds: Option<&[f32]>) -> std::io::Result<()> {
    writeln!(out, "model      {}", model.name)?;
    if !model.hash.is_empty() {
        writeln!(out, "hash       {}", model.hash)?;
    }
    writeln!(out, "n          {}\n", evaluation.n())?;

    let names: Vec<String> = evaluation.labels.iter().map(|label| harmless(label)).chain(["none".to_owned()]).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("macro F1".len());
    let heading = ["precision", "recall", "F1", "support"];
    writeln!(out, "{:width$}  {:>9}  {:>9}  {:>9}  {:>9}", "", heading[0], heading[1], heading[2], heading[3])?;
    let rows = evaluation.counts().into_iter().chain([evaluation.none()]);
    for (name, counts) in names.iter().zip(rows) {
        let Counts { gold, .. } = counts;
        writeln!(
            out,
            "{name:width$}  {:>9}  {:>9}  {:>9}  {gold:>9}",
            rate(counts.precision()),
            rate(counts.recall()),
            rate(counts.f1())
        )?;
    }
    writeln!(out)?;
    match evaluation.macro_f1_interval(42) {
        Some(f1) => writeln!(out, "{:width$}  {:.4}  95 % interval {:.4} to {:.4}", "macro F1", f1.value, f1.low, f1.high)?,
        None => writeln!(out, "{:width$}  –", "macro F1")?,
    }
    writeln!(out, "{:width$}  {}", "micro F1", rate(evaluation.micro_f1()))?;
    writeln!(out, "{:width$}  {}", "exact", rate(evaluation.exact_match()))?;
    if let Some(thresholds) = thresholds {
        let thresholds: Vec<String> = thresholds.iter().map(|threshold| format!("{threshold:.3}")).collect();
        writeln!(out, "{:width$}  {}", "from p", thresholds.join(" "))?;
    }
    for (label, rows) in &evaluation.unknown {
        writeln!(out, "note: label \"{}\" ({rows} rows) is unknown to the model and counts as missed", harmless(label))?;
    }

    writeln!(out, "\nprimary label: gold in rows, given in columns")?;
    let cell = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(5);
    write!(out, "{:cell$}", "")?;
    names.iter().try_for_each(|name| write!(out, "  {name:>cell$}"))?;
    writeln!(out)?;
    for (name, row) in names.iter().zip(evaluation.confusion()) {
        write!(out, "{name:cell$}")?;
        row.iter().try_for_each(|count| write!(out, "  {count:>cell$}"))?;
        writeln!(out)?;
    }
    Ok(())
}

/// Four places, or a dash where the rate has no denominator.
fn rate(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}
