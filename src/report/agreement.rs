//! Two coders and the model side by side.

use std::io::{self, Write};

use crate::agreement::{Agreement, Between};
use crate::bootstrap::Estimate;
use crate::error::Result;
use crate::report::evaluation::{ReportFormat, text_or_json};
use crate::report::text::harmless;

/// Texts in dispute, shown on a terminal; JSON holds them all.
const DISPUTES_SHOWN: usize = 20;

/// Writes the agreement of two coders, as text or JSON.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for [`ReportFormat::Html`], [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_agreement(out: &mut impl Write, format: ReportFormat, agreement: &Agreement) -> Result<()> {
    text_or_json(out, format, "agreement", agreement, text)
}

fn text(out: &mut impl Write, agreement: &Agreement) -> io::Result<()> {
    writeln!(out, "first      {}", harmless(&agreement.first))?;
    writeln!(out, "second     {}", harmless(&agreement.second))?;
    writeln!(out, "model      {}", harmless(&agreement.model))?;
    writeln!(out, "n          {}", agreement.n)?;
    for (name, texts) in [(&agreement.first, agreement.first_only), (&agreement.second, agreement.second_only)] {
        if texts > 0 {
            writeln!(out, "note: {texts} texts are in {} alone and left out", harmless(name))?;
        }
    }
    let width = agreement.labels.iter().map(|label| label.label.chars().count()).max().unwrap_or(0).max("same labels".len());
    for (title, figure) in [("Cohen's kappa", false), ("Krippendorff's alpha", true)] {
        let columns = ["first and second", "model and first", "model and second"];
        writeln!(out, "\n{title}, 95 % intervals in brackets")?;
        write!(out, "{:width$}  {:>5}  {:>5}", "", "first", "second")?;
        columns.iter().try_for_each(|column| write!(out, "  {column:>22}"))?;
        writeln!(out)?;
        for label in &agreement.labels {
            write!(out, "{:width$}  {:>5}  {:>6}", harmless(&label.label), label.first, label.second)?;
            let Between { coders, model_first, model_second } = if figure { label.alpha } else { label.kappa };
            for estimate in [coders, model_first, model_second] {
                write!(out, "  {:>22}", bracketed(estimate))?;
            }
            writeln!(out)?;
        }
    }
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| format!("{share:.3}"));
    let Between { coders, model_first, model_second } = agreement.same;
    write!(out, "\n{:width$}  {:>5}  {:>6}", "same labels", "", "")?;
    writeln!(out, "  {:>22}  {:>22}  {:>22}", share(coders), share(model_first), share(model_second))?;

    writeln!(out, "\n{} texts in dispute", agreement.disputes.len())?;
    let labels = |labels: &[String]| if labels.is_empty() { "none".to_owned() } else { harmless(&labels.join(";")) };
    for dispute in agreement.disputes.iter().take(DISPUTES_SHOWN) {
        writeln!(out, "\nrows {} and {}  {}", dispute.first_row, dispute.second_row, harmless(&dispute.text))?;
        let [first, second, model] = [&dispute.first, &dispute.second, &dispute.model].map(|given| labels(given));
        writeln!(out, "    first {first}, second {second}, model {model}")?;
    }
    if agreement.disputes.len() > DISPUTES_SHOWN {
        writeln!(out, "\n… and {} more; --format json lists all", agreement.disputes.len() - DISPUTES_SHOWN)?;
    }
    Ok(())
}

fn bracketed(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "–".to_owned(), |Estimate { value, low, high }| format!("{value:.3} [{low:.3}, {high:.3}]"))
}
