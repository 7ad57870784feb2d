//! An article as sentences with byte offsets.
//!
//! The text is cut into paragraphs first, then each paragraph into sentences by the crate `sentencex` (handed a paragraph at a
//! time because it loses a paragraph break where it joins chunks of a long text). The text itself is never altered, so every
//! span slices the original file exactly.

use std::ops::Range;

use crate::language::Language;

/// Byte offsets of the sentences of `text`, in order, without the white space around them.
///
/// A sentence never runs across a blank line. A line without a full stop, such as a headline, is a sentence of its own if the
/// first word of the next line would have fitted behind it: then the line was ended on purpose, not by wrapping. Marks that
/// only lay out a page (`#`, `>`, `*` and `-` at the start of a line) are not part of a sentence.
///
/// ```
/// use demarche::{Language, split_sentences};
/// let text = "Envoys meet\n\nGen. Tan of the U.S. Navy left. He was back by night.";
/// let sentences: Vec<&str> = split_sentences(text, Language::ENGLISH).into_iter().map(|span| &text[span]).collect();
/// assert_eq!(sentences, ["Envoys meet", "Gen. Tan of the U.S. Navy left.", "He was back by night."]);
/// ```
#[must_use]
pub fn split_sentences(text: &str, language: Language) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    for paragraph in paragraphs(text) {
        let first = sentences.len();
        for boundary in sentencex::get_sentence_boundaries(language.code(), &text[paragraph.clone()]) {
            let span = paragraph.start + boundary.start_byte..paragraph.start + boundary.end_byte;
            let span = trim(text, span);
            if text[span.clone()].chars().any(char::is_alphanumeric) {
                sentences.push(span);
            } else if let Some(last) = sentences[first..].last_mut() {
                // Marks without a word belong to the sentence that they follow.
                last.end = span.end.max(last.end);
            }
        }
        if language == Language::ENGLISH {
            join_clock_times(text, &mut sentences, first);
        }
    }
    sentences
}

/// Agency style writes "at 5 p.m. Monday": the full stop of the clock time does not end the sentence before a day or month.
fn join_clock_times(text: &str, sentences: &mut Vec<Range<usize>>, first: usize) {
    const DATES: [&str; 19] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut i = first + 1;
    while i < sentences.len() {
        let before = &text[sentences[i - 1].clone()];
        let after = &text[sentences[i].clone()];
        let clock = before.ends_with("a.m.") || before.ends_with("p.m.");
        if clock && DATES.iter().any(|date| after.starts_with(date)) {
            sentences[i - 1].end = sentences[i].end;
            sentences.remove(i);
        } else {
            i += 1;
        }
    }
}

/// Runs of lines that are one paragraph each.
fn paragraphs(text: &str) -> Vec<Range<usize>> {
    let mut paragraphs = Vec::new();
    let mut block: Vec<Range<usize>> = Vec::new();
    let mut close = |block: &mut Vec<Range<usize>>| {
        // Within a block, a line that had room for the next line's first word was ended on purpose.
        let width = block.iter().map(Range::len).max().unwrap_or(0);
        let mut start = 0;
        for i in 0..block.len() {
            let ends = i + 1 == block.len() || {
                let next = &text[block[i + 1].clone()];
                let word = next.split_whitespace().next().map_or(0, str::len);
                block[i].len() + 1 + word <= width && !next.starts_with(|c: char| c.is_lowercase())
            };
            if ends {
                paragraphs.push(block[start].start..block[i].end);
                start = i + 1;
            }
        }
        block.clear();
    };
    let mut offset = 0;
    for line in text.split_inclusive(['\n', '\u{2028}', '\u{2029}']) {
        let span = trim(text, offset..offset + line.len());
        offset += line.len();
        if span.is_empty() {
            close(&mut block);
            continue;
        }
        let body = without_layout(text, span.clone());
        if body.start > span.start {
            close(&mut block);
        }
        if !body.is_empty() {
            block.push(body);
        }
    }
    close(&mut block);
    paragraphs
}

/// The line behind a heading, quotation or list mark.
fn without_layout(text: &str, line: Range<usize>) -> Range<usize> {
    let body = &text[line.clone()];
    let rest = body.trim_start_matches(['#', '>', '*', '-', '•']);
    if rest.len() < body.len() && (rest.is_empty() || rest.starts_with(char::is_whitespace)) {
        trim(text, line.end - rest.len()..line.end)
    } else {
        line
    }
}

/// The span without white space, byte order marks and other blanks at its ends.
fn trim(text: &str, span: Range<usize>) -> Range<usize> {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0';
    let body = &text[span.clone()];
    let start = span.start + (body.len() - body.trim_start_matches(blank).len());
    let end = start + text[start..span.end].trim_end_matches(blank).len();
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str) -> Vec<&str> {
        split_sentences(text, Language::ENGLISH).into_iter().map(|span| &text[span]).collect()
    }

    /// `tests/sentences.txt` holds cases that anybody can write: a text, a line `---`, the expected sentences, a line `===`.
    #[test]
    fn cases_from_the_text_file() {
        let cases = include_str!("../tests/sentences.txt");
        for (number, case) in cases.split("\n===\n").enumerate() {
            let (text, expected) =
                case.trim_start_matches('\n').split_once("\n---\n").unwrap_or_else(|| panic!("case {number} lacks ---: {case}"));
            let expected: Vec<String> = expected.trim_end().lines().map(|line| line.replace("\\n", "\n")).collect();
            assert_eq!(split(text), expected, "case {number}");
            let windows = text.replace('\n', "\r\n");
            let expected: Vec<String> = expected.iter().map(|line| line.replace('\n', "\r\n")).collect();
            assert_eq!(split(&windows), expected, "case {number} with CRLF");
        }
    }

    #[test]
    fn a_byte_order_mark_is_not_part_of_the_first_sentence() {
        assert_eq!(split("\u{feff}Rebels left. He stayed."), ["Rebels left.", "He stayed."]);
    }

    #[test]
    fn nothing_comes_from_nothing() {
        assert!(split("").is_empty());
        assert!(split(" \r\n\t\n\u{feff}").is_empty());
        assert!(split("--- * * * ---").is_empty());
    }

    proptest! {
        #[test]
        fn spans_are_ordered_and_hold_every_letter(text in "\\PC{0,200}|([A-Za-z]{1,9}[ .!?\n\r\"“”*#-]{1,3}){0,60}") {
            let spans = split_sentences(&text, Language::ENGLISH);
            let mut end = 0;
            for span in &spans {
                prop_assert!(span.start >= end && span.end > span.start);
                end = span.end;
            }
            let letters = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            let joined: String = spans.iter().map(|span| letters(&text[span.clone()])).collect();
            prop_assert_eq!(joined, letters(&text));
        }
    }
}
