//! Units for reading on a terminal: the labels in a column of their own, the text wrapped beside them.

use std::io::{self, Write};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::classifier::{Classifier, Explanation, Prediction, Status};
use crate::input::{Unit, UnitKind};
use crate::report::shown;

/// Columns of the whole layout: what an 80- to 100-column terminal and a printed page hold.
const WIDTH: usize = 100;

/// What the report remembers between units.
#[derive(Default)]
pub(super) struct State {
    file: Option<Arc<str>>,
    units: usize,
    none: usize,
    unsure: usize,
    given: Vec<usize>,
}

pub(super) fn unit(
    out: &mut impl Write,
    state: &mut State,
    classifier: &Classifier,
    unit: &Unit,
    prediction: &Prediction,
    explanations: &[Explanation],
) -> io::Result<()> {
    if state.file.as_ref() != Some(&unit.file) {
        let gap = if state.file.is_some() { "\n" } else { "" };
        let bold = Style::new().bold();
        writeln!(out, "{gap}{bold}{}{bold:#}\n", harmless(&unit.file))?;
        state.file = Some(unit.file.clone());
    }
    state.units += 1;
    state.none += usize::from(prediction.status == Status::None);
    state.unsure += usize::from(prediction.status == Status::Unsure);
    state.given.resize(classifier.labels().len(), 0);
    prediction.labels.iter().for_each(|&label| state.given[label] += 1);

    let label_width = classifier.labels().iter().map(|label| label.width()).max().unwrap_or(0).max("unsure".len());
    let indent = 5 + 2 + label_width + 1 + 4 + 2;
    let lines = wrap(&harmless(&unit.text), WIDTH.saturating_sub(indent).max(30));
    let dim = Style::new().dimmed();
    let number = format!("{:>5}", unit.number);
    for row in 0..lines.len().max(prediction.labels.len()) {
        let number = if row == 0 { number.as_str() } else { "     " };
        write!(out, "{dim}{number}{dim:#}  ")?;
        match prediction.labels.get(row) {
            Some(&label) => {
                let style = style_of(label);
                let name = harmless(&classifier.labels()[label]);
                write!(
                    out,
                    "{style}{name}{style:#}{} {:.2}",
                    " ".repeat(label_width - name.width().min(label_width)),
                    prediction.probabilities[label]
                )?;
            }
            None if row == 0 => {
                let word = if prediction.status == Status::Unsure { "unsure" } else { "-" };
                write!(out, "{dim}{word}{dim:#}{}", " ".repeat(label_width + 5 - word.len()))?;
            }
            None => write!(out, "{}", " ".repeat(label_width + 5))?,
        }
        match lines.get(row) {
            Some(line) => writeln!(out, "  {line}")?,
            None => writeln!(out)?,
        }
    }
    for explanation in explanations {
        explain(out, classifier, unit, explanation)?;
    }
    Ok(())
}

/// One line for the sum, then the terms, each with the words of the text that it stands for.
fn explain(out: &mut impl Write, classifier: &Classifier, unit: &Unit, explanation: &Explanation) -> io::Result<()> {
    let (terms, others) = shown(explanation);
    let label = harmless(&classifier.labels()[explanation.label]);
    let dim = Style::new().dimmed();
    writeln!(out, "       {label}: log-odds {:+.2} = bias {:+.2} and", explanation.log_odds, explanation.bias)?;
    for contribution in terms {
        let words = contribution.places.first().and_then(|span| unit.text.get(span.clone())).unwrap_or_default();
        let words = harmless(&words.split_whitespace().collect::<Vec<_>>().join(" "));
        let term = harmless(&contribution.term.display());
        writeln!(out, "       {:+7.2}  {term}  {dim}{words}{dim:#}", contribution.value)?;
    }
    writeln!(out, "       {others:+7.2}  all other terms")
}

pub(super) fn finish(out: &mut impl Write, state: &State, classifier: &Classifier) -> io::Result<()> {
    let mut parts: Vec<String> = classifier
        .labels()
        .iter()
        .zip(&state.given)
        .filter(|(_, count)| **count > 0)
        .map(|(label, count)| format!("{} {count}", harmless(label)))
        .collect();
    parts.push(format!("none {}", state.none));
    if state.unsure > 0 {
        parts.push(format!("unsure {}", state.unsure));
    }
    let noun = if state.units == 1 { "text" } else { "texts" };
    let dim = Style::new().dimmed();
    writeln!(out, "\n{dim}{} {noun}: {}{dim:#}", state.units, parts.join(", "))
}

/// Colours that tell the labels apart; the name always stands there, too.
fn style_of(label: usize) -> Style {
    const COLOURS: [AnsiColor; 6] =
        [AnsiColor::Green, AnsiColor::Yellow, AnsiColor::Red, AnsiColor::Cyan, AnsiColor::Magenta, AnsiColor::Blue];
    COLOURS[label % COLOURS.len()].on_default().bold()
}

/// Text from outside without the characters that steer a terminal: escape sequences, other controls, and marks that turn the
/// direction of writing. Line ends become blanks.
pub(super) fn harmless(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => ' ',
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect()
}

/// Lines of at most `width` columns, broken at blanks; a longer word stands on a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let columns = word.width();
        match lines.last_mut() {
            Some(line) if used + 1 + columns <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + columns;
            }
            _ => {
                lines.push(word.to_owned());
                used = columns;
            }
        }
    }
    lines
}

impl UnitKind {
    /// The word for one of its kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Sentence => "sentence",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_at_blanks() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("immeasurable it is", 5), ["immeasurable", "it is"]);
        assert!(wrap("  ", 5).is_empty());
    }

    #[test]
    fn a_text_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[31mb\u{7}c\nd\u{202e}e"), "a\u{fffd}[31mb\u{fffd}c d\u{fffd}e");
    }
}
