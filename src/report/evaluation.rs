//! Figures as text tables: the accuracy report, the learning curve, the trials of a search.

use std::io::Write;

use crate::behaviour::minimal_pairs;
use crate::classifier::{Classifier, Identity};
use crate::counts::Counts;
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::learning_curve::CurvePoint;
use crate::report::closed;
use crate::report::text::harmless;
use crate::tuning::Trial;

/// Writes the report: rates by label, their averages, the confusion of primary labels. `model` names the model that gave the
/// answers, or describes the folds; with the `classifier` itself, its thresholds and its pass rate on the
/// [`minimal_pairs`] are reported, too.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_evaluation(
    out: &mut impl Write,
    evaluation: &Evaluation,
    model: &Identity,
    classifier: Option<&Classifier>,
) -> Result<()> {
    render(out, evaluation, model, classifier).and_then(|()| out.flush()).map_err(closed)
}

fn render(
    out: &mut impl Write,
    evaluation: &Evaluation,
    model: &Identity,
    classifier: Option<&Classifier>,
) -> std::io::Result<()> {
    writeln!(out, "model      {}", model.name)?;
    if !model.hash.is_empty() {
        writeln!(out, "hash       {}", model.hash)?;
    }
    writeln!(out, "n          {}\n", evaluation.n())?;

    let thresholds = classifier.map(Classifier::labelled_thresholds);
    let names: Vec<String> = evaluation.labels.iter().map(|label| harmless(label)).chain(["none".to_owned()]).collect();
    let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max("macro F1".len());
    let heading = ["precision", "recall", "F1", "support", "from p", "ECE"];
    write!(out, "{:width$}", "")?;
    heading.iter().try_for_each(|word| write!(out, "  {word:>9}"))?;
    writeln!(out)?;
    let rows = evaluation.counts().into_iter().chain([evaluation.none()]);
    for (row, (name, counts)) in names.iter().zip(rows).enumerate() {
        let Counts { gold, .. } = counts;
        let rates = [counts.precision(), counts.recall(), counts.f1()].map(rate);
        write!(out, "{name:width$}  {:>9}  {:>9}  {:>9}  {gold:>9}", rates[0], rates[1], rates[2])?;
        if row < evaluation.labels.len() {
            let threshold =
                thresholds.as_ref().and_then(|known| known.iter().find(|(label, _)| *label == evaluation.labels[row]));
            let threshold = threshold.map_or_else(|| "–".to_owned(), |(_, threshold)| format!("{threshold:.3}"));
            write!(out, "  {threshold:>9}  {:>9}", rate(evaluation.calibration_error(row)))?;
        }
        writeln!(out)?;
    }
    writeln!(out)?;
    match evaluation.macro_f1_interval(42) {
        Some(f1) => writeln!(out, "{:width$}  {:.4}  95 % interval {:.4} to {:.4}", "macro F1", f1.value, f1.low, f1.high)?,
        None => writeln!(out, "{:width$}  –", "macro F1")?,
    }
    writeln!(out, "{:width$}  {}", "micro F1", rate(evaluation.micro_f1()))?;
    writeln!(out, "{:width$}  {}", "exact", rate(evaluation.exact_match()))?;
    if let Some((suite, _)) = classifier.and_then(minimal_pairs) {
        let share = 100.0 * suite.passed as f64 / suite.pairs as f64;
        writeln!(out, "{:width$}  {share:.1} % of {} codebook pairs right on both sides", "pairs", suite.pairs)?;
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

/// Writes a learning curve as a table.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_learning_curve(out: &mut impl Write, points: &[CurvePoint]) -> Result<()> {
    let mut render = || {
        writeln!(out, "{:>9}  {:>9}  95 % interval", "rows", "macro F1")?;
        for CurvePoint { rows, macro_f1 } in points {
            match macro_f1 {
                Some(f1) => writeln!(out, "{rows:>9}  {:>9.4}  {:.4} to {:.4}", f1.value, f1.low, f1.high)?,
                None => writeln!(out, "{rows:>9}  {:>9}", "–")?,
            }
        }
        out.flush()
    };
    render().map_err(closed)
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
fn rate(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}
