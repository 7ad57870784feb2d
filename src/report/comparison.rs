//! Two models side by side.

use std::io::{self, Write};

use crate::comparison::{Comparison, Difference, Flip, McNemar};
use crate::error::Result;
use crate::report::evaluation::{ReportFormat, rate, text_or_json};
use crate::report::text::harmless;

/// Texts that flip, shown on a terminal; JSON holds them all.
const FLIPS_SHOWN: usize = 20;

/// Writes a comparison of two models, as text or JSON.
///
/// # Errors
/// [`Error::Option`](crate::Error::Option) for [`ReportFormat::Html`], [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn render_comparison(out: &mut impl Write, format: ReportFormat, comparison: &Comparison) -> Result<()> {
    text_or_json(out, format, "a comparison", comparison, text)
}

fn text(out: &mut impl Write, comparison: &Comparison) -> io::Result<()> {
    writeln!(out, "first      {}", harmless(&comparison.model))?;
    writeln!(out, "second     {}", harmless(&comparison.against))?;
    write!(out, "n          {}", comparison.n)?;
    if comparison.groups < comparison.n {
        write!(out, " in {} groups", comparison.groups)?;
    }
    writeln!(out, "\n")?;
    let names = comparison.labels.iter().map(|label| label.label.chars().count());
    let width = names.max().unwrap_or(0).max("macro F1".len());
    writeln!(
        out,
        "{:width$}  {:>8}  {:>8}  {:>8}  {:>18}  {:>6} {:>6}  {:>7}",
        "F1", "first", "second", "differ", "95 % interval", "1 only", "2 only", "p"
    )?;
    for label in &comparison.labels {
        row(out, &format!("{:width$}", harmless(&label.label)), &label.f1, Some(&label.mcnemar))?;
    }
    writeln!(out)?;
    row(out, &format!("{:width$}", "macro F1"), &comparison.macro_f1, None)?;
    row(out, &format!("{:width$}", "micro F1"), &comparison.micro_f1, None)?;
    row(out, &format!("{:width$}", "exact"), &comparison.exact_match, Some(&comparison.exact_mcnemar))?;
    writeln!(out, "\n\"1 only\", \"2 only\": decisions that just one model got right; p: McNemar's exact test")?;
    for label in &comparison.not_shared {
        writeln!(out, "note: only one of the models knows the label \"{}\"; the other never gives it", harmless(label))?;
    }
    let [first, second, neither] =
        ["first", "second", "neither"].map(|right| comparison.flips.iter().filter(|flip| flip.right == right).count());
    writeln!(
        out,
        "\n{} texts flip: {first} right by the first, {second} by the second, {neither} by neither",
        comparison.flips.len()
    )?;
    for flip in comparison.flips.iter().take(FLIPS_SHOWN) {
        self::flip(out, flip)?;
    }
    if comparison.flips.len() > FLIPS_SHOWN {
        writeln!(out, "\n… and {} more; --format json lists all", comparison.flips.len() - FLIPS_SHOWN)?;
    }
    Ok(())
}

fn row(out: &mut impl Write, name: &str, figure: &Difference, test: Option<&McNemar>) -> io::Result<()> {
    let (difference, interval) = match figure.difference {
        Some(d) => (format!("{:+.4}", d.value), format!("{:+.4} to {:+.4}", d.low, d.high)),
        None => ("–".to_owned(), "–".to_owned()),
    };
    write!(out, "{name}  {:>8}  {:>8}  {difference:>8}  {interval:>18}", rate(figure.first), rate(figure.second))?;
    match test {
        Some(McNemar { first_only, second_only, p }) => writeln!(out, "  {first_only:>6} {second_only:>6}  {p:>7.4}"),
        None => writeln!(out),
    }
}

fn flip(out: &mut impl Write, flip: &Flip) -> io::Result<()> {
    let labels = |labels: &[String]| if labels.is_empty() { "none".to_owned() } else { harmless(&labels.join(";")) };
    writeln!(out, "\n{}:{}  {}", harmless(&flip.file), flip.row, harmless(&flip.text))?;
    let (gold, first, second) = (labels(&flip.gold), labels(&flip.first), labels(&flip.second));
    writeln!(out, "    gold {gold}, first {first}, second {second}")?;
    for reason in &flip.reasons {
        write!(out, "    {} {:.2} against {:.2}:", harmless(&reason.label), reason.first, reason.second)?;
        for (i, term) in reason.terms.iter().enumerate() {
            let comma = if i > 0 { "," } else { "" };
            write!(out, "{comma} {} {:+.2} against {:+.2}", harmless(&term.term), term.first, term.second)?;
        }
        writeln!(out)?;
    }
    Ok(())
}
