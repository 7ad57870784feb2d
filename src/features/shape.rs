//! What kind of sentence a text is, beside what it says.

use crate::features::{Family, Sink, term_hash};
use crate::tokens::{Kind, Token, Tokens};

/// Tells `sink` the shape: quotation, question, exclamation, modal verbs, leading connective, headline, numbers, length.
pub(crate) fn shape(tokens: &Tokens, sink: &mut impl Sink) {
    let list = &tokens.tokens;
    let (Some(opening), Some(closing)) = (list.first(), list.last()) else {
        return;
    };
    let mut tell = |token: &Token, name: &str| {
        sink.occurrence(Family::Shape, term_hash(Family::Shape, name), token.span.clone(), |text| text.push_str(name));
    };
    if tokens.word(opening) == "\"" {
        tell(opening, "opens with a quotation");
    }
    let quotation_marks = || list.iter().filter(|token| tokens.word(token) == "\"");
    if let Some(mark) = quotation_marks().next() {
        tell(mark, if quotation_marks().count() > 1 { "quotation" } else { "half a quotation" });
    }
    for (mark, name) in [("?", "question"), ("!", "exclamation")] {
        if let Some(token) = list.iter().find(|token| tokens.word(token) == mark) {
            tell(token, name);
        }
    }
    for token in list.iter().filter(|token| token.kind == Kind::Word) {
        if let Some(modal) = modal(tokens.word(token)) {
            tell(token, modal);
        }
    }
    if let Some(word) = list.iter().find(|token| token.kind == Kind::Word)
        && let Some(connective) = connective(tokens.word(word))
    {
        tell(word, connective);
    }
    if closing.kind != Kind::Mark {
        tell(closing, "no mark at the end");
    }
    if let Some(number) = list.iter().find(|token| token.kind == Kind::Number) {
        tell(number, "number");
    }
    let words = list.iter().filter(|token| token.kind != Kind::Mark).count();
    tell(
        opening,
        match words {
            0..=9 => "under 10 words",
            10..=17 => "10 to 17 words",
            18..=27 => "18 to 27 words",
            _ => "28 words or more",
        },
    );
}

fn modal(word: &str) -> Option<&'static str> {
    Some(match word {
        "will" | "'ll" | "wo" | "shall" => "modal will",
        "would" | "'d" => "modal would",
        "can" | "ca" | "cannot" => "modal can",
        "could" => "modal could",
        "may" => "modal may",
        "might" => "modal might",
        "must" => "modal must",
        "should" | "ought" => "modal should",
        _ => return None,
    })
}

fn connective(word: &str) -> Option<&'static str> {
    Some(match word {
        "but" | "however" | "yet" | "still" | "nevertheless" | "instead" => "opens by turning",
        "although" | "though" | "while" | "whereas" | "despite" => "opens by conceding",
        "and" | "also" | "moreover" | "meanwhile" | "separately" | "earlier" | "later" | "then" => "opens by adding",
        "if" | "unless" | "should" => "opens with a condition",
        "because" | "since" | "as" | "after" | "following" | "before" | "when" | "amid" => "opens with a circumstance",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::features::Family;
    use crate::features::tests::listing;

    #[test]
    fn shape_of_a_quoted_question() {
        assert_eq!(
            listing("\"Will they talk?\" he asked.", Family::Shape),
            ["opens with a quotation", "quotation", "question", "modal will", "under 10 words"]
        );
    }

    #[test]
    fn shape_of_a_headline_with_a_connective() {
        assert_eq!(
            listing("But talks must go on for 2 days", Family::Shape),
            ["modal must", "opens by turning", "no mark at the end", "number", "under 10 words"]
        );
    }
}
