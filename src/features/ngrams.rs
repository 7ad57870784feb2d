//! Stems, phrases, character n-grams, and stems under negation.

use crate::features::{Family, Sink, TermHash};
use crate::tokens::{Kind, Token, Tokens};

/// Stands for the start of the text in phrases.
const START: &str = "^";

/// Words whose negation reaches over what follows (stems, as the tokeniser writes them).
pub(crate) fn is_negator(stem: &str) -> bool {
    matches!(
        stem,
        "not"
            | "n't"
            | "no"
            | "never"
            | "none"
            | "nobodi"
            | "noth"
            | "neither"
            | "nor"
            | "without"
            | "cannot"
            | "refus"
            | "declin"
            | "fail"
            | "hard"
            | "bare"
    )
}

/// How many tokens a negation reaches over, unless a mark ends it first.
///
/// Fixed windows are the common simplification of Das and Chen's (2001) "to the next punctuation mark"; news sentences are long
/// enough that the clause, not the mark, ends the reach.
const REACH: usize = 4;

/// Every stem, and every run of 2 to `longest` stems that no mark but a hyphen interrupts.
pub(crate) fn stems_and_phrases(tokens: &Tokens, longest: usize, sink: &mut impl Sink) {
    let list = &tokens.tokens;
    for (i, token) in list.iter().enumerate() {
        if token.kind != Kind::Mark {
            let stem = tokens.stem(token);
            sink.occurrence(Family::Stem, TermHash::new(Family::Stem).text(stem).finish(), token.span.clone(), |name| {
                name.push_str(stem);
            });
        }
        if i == 0 {
            phrases_from(tokens, 0, true, longest, sink);
        }
        phrases_from(tokens, i, false, longest, sink);
    }
}

/// The phrases that begin at token `first`, or with the start of the text before it.
fn phrases_from(tokens: &Tokens, first: usize, with_start: bool, longest: usize, sink: &mut impl Sink) {
    let list = &tokens.tokens;
    let mut hash = TermHash::new(Family::Phrase);
    let mut length = 0;
    if with_start {
        hash = hash.text(START);
        length = 1;
    }
    for last in first..list.len() {
        let token = &list[last];
        if token.kind == Kind::Mark {
            if last == first && !with_start || !is_joint(tokens, last) {
                return;
            }
            continue;
        }
        if length > 0 {
            hash = hash.byte(b' ');
        }
        hash = hash.text(tokens.stem(token));
        length += 1;
        if length > longest {
            return;
        }
        if length > 1 {
            let span = list[first].span.start..token.span.end;
            sink.occurrence(Family::Phrase, hash.finish(), span, |name| {
                if with_start {
                    name.push_str(START);
                }
                for token in list[first..=last].iter().filter(|token| token.kind != Kind::Mark) {
                    if !name.is_empty() {
                        name.push(' ');
                    }
                    name.push_str(tokens.stem(token));
                }
            });
        }
    }
}

/// Whether the mark at `i` only joins or decorates words (hyphen, quotation mark) and a phrase may run over it.
fn is_joint(tokens: &Tokens, i: usize) -> bool {
    let joins = |a: &Token, b: &Token| a.span.end == b.span.start;
    let list = &tokens.tokens;
    match tokens.stem(&list[i]) {
        "\"" | "'" => true,
        "-" => i > 0 && i + 1 < list.len() && joins(&list[i - 1], &list[i]) && joins(&list[i], &list[i + 1]),
        _ => false,
    }
}

/// Character n-grams of every word, `_` standing for its edges; as long n-grams hold the stem, they also catch its kin.
pub(crate) fn characters(tokens: &Tokens, (shortest, longest): (usize, usize), sink: &mut impl Sink) {
    let mut padded = String::new();
    let mut starts: Vec<usize> = Vec::new();
    for token in tokens.tokens.iter().filter(|token| token.kind == Kind::Word) {
        padded.clear();
        padded.push('_');
        padded.push_str(tokens.word(token));
        padded.push('_');
        starts.clear();
        starts.extend(padded.char_indices().map(|(offset, _)| offset));
        starts.push(padded.len());
        let characters = starts.len() - 1;
        for first in 0..characters {
            let mut hash = TermHash::new(Family::Chars);
            for length in 1..=longest.min(characters - first) {
                let end = starts[first + length];
                hash = hash.text(&padded[starts[first + length - 1]..end]);
                if length >= shortest {
                    let gram = &padded[starts[first]..end];
                    sink.occurrence(Family::Chars, hash.finish(), token.span.clone(), |name| name.push_str(gram));
                }
            }
        }
    }
}

/// Stems within [`REACH`] of a negation, up to the next mark that ends a clause.
pub(crate) fn negated_stems(tokens: &Tokens, sink: &mut impl Sink) {
    let mut left = 0;
    for (i, token) in tokens.tokens.iter().enumerate() {
        let stem = tokens.stem(token);
        match token.kind {
            Kind::Mark if !is_joint(tokens, i) => left = 0,
            Kind::Word if is_negator(stem) => left = REACH,
            Kind::Word | Kind::Number if left > 0 => {
                left -= 1;
                let hash = TermHash::new(Family::Negated).text(stem).finish();
                sink.occurrence(Family::Negated, hash, token.span.clone(), |name| name.push_str(stem));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::features::Family;
    use crate::features::tests::listing;

    #[test]
    fn stems_and_phrases_of_a_sentence() {
        let text = "Lima \"rejected\" sanctions-hit Quito, again.";
        assert_eq!(listing(text, Family::Stem), ["lima", "reject", "sanction", "hit", "quito", "again"]);
        assert_eq!(
            listing(text, Family::Phrase),
            [
                "^ lima",
                "^ lima reject",
                "lima reject",
                "lima reject sanction",
                "reject sanction",
                "reject sanction hit",
                "sanction hit",
                "sanction hit quito",
                "hit quito",
            ]
        );
    }

    #[test]
    fn character_n_grams_mark_the_edges_of_the_word() {
        assert_eq!(listing("Né", Family::Chars), ["_né", "_né_", "né_"]);
    }

    #[test]
    fn a_negation_reaches_four_stems_or_to_the_next_comma() {
        assert_eq!(listing("It did not rule out a new round of talks.", Family::Negated), ["rule", "out", "a", "new"]);
        assert_eq!(listing("He refused to go, and she went.", Family::Negated), ["to", "go"]);
        assert_eq!(listing("They didn’t agree.", Family::Negated), ["agre"]);
    }
}
