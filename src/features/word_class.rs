//! Coarse classes of words: what a tagger needs a model for, as far as closed lists and spelling tell it.
//!
//! A cue is read differently behind a determiner ("the demand"), a name ("Oslo demanded") or "to", and before a full stop or a
//! name. Function words are few and can be listed (as C. C. Fries, *The Structure of English*, 1952, lists them); of the other
//! words only capitals and endings are told. A trained tagger in its place gained nothing out of fold; see the model card.

use crate::tokens::{Kind, Tokens};

/// The class of token `i`.
pub(crate) fn word_class(tokens: &Tokens, i: usize) -> &'static str {
    let token = &tokens.tokens[i];
    let word = tokens.word(token);
    match token.kind {
        Kind::Number => return "number",
        Kind::Mark => return mark_class(word),
        Kind::Word => {}
    }
    match function_word(word) {
        Some(class) => class,
        None if token.possessive => "possessive",
        None if token.capital && i > 0 => "capital",
        None => ending(word),
    }
}

fn mark_class(mark: &str) -> &'static str {
    match mark {
        "," => ",",
        ";" | ":" | "-" => ":",
        "." | "?" | "!" => ".",
        "\"" => "\"",
        "(" | ")" => "(",
        _ => "mark",
    }
}

#[rustfmt::skip] // one class a paragraph
fn function_word(word: &str) -> Option<&'static str> {
    Some(match word {
        "the" | "a" | "an" | "this" | "these" | "those" | "any" | "some" | "all" | "each" | "every" | "another" | "both" | "such"
        | "its" | "his" | "her" | "their" | "our" | "my" | "your" | "no" | "several" | "many" | "few" | "most" | "more" => "determiner",

        "he" | "she" | "it" | "they" | "we" | "i" | "you" | "them" | "him" | "us" | "me" | "itself" | "themselves" | "himself"
        | "herself" | "nobody" | "none" | "everyone" | "one" => "pronoun",

        "that" | "whether" | "if" | "unless" | "because" | "while" | "when" | "until" | "although" | "though" | "since" | "once"
        | "where" | "how" | "why" | "what" | "lest" => "subordinator",

        "who" | "which" | "whom" | "whose" => "relative",

        "in" | "on" | "at" | "from" | "over" | "after" | "before" | "into" | "about" | "against" | "between" | "during" | "through"
        | "under" | "amid" | "despite" | "following" | "towards" | "toward" | "upon" | "within" | "among" | "across" | "around"
        | "near" | "off" | "out" | "up" | "down" | "back" => "preposition",

        "of" => "of",
        "by" => "by",
        "for" => "for",
        "as" => "as",
        "than" => "than",
        "with" | "without" => "with",

        "to" => "to",
        "not" | "n't" | "never" | "nor" | "neither" | "cannot" => "not",
        "and" | "or" | "but" | "yet" => "and",

        "be" | "is" | "are" | "was" | "were" | "been" | "being" | "am" | "get" | "got" => "be",
        "has" | "have" | "had" | "having" | "'ve" => "have",
        "do" | "does" | "did" => "do",
        "will" | "would" | "can" | "could" | "may" | "might" | "must" | "should" | "shall" | "'ll" | "ought" => "modal",
        _ => return None,
    })
}

fn ending(word: &str) -> &'static str {
    match word.len() {
        5.. if word.ends_with("ly") => "-ly",
        5.. if word.ends_with("ing") => "-ing",
        4.. if word.ends_with("ed") => "-ed",
        4.. if word.ends_with('s') => "-s",
        _ => "word",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::tokens::Tokenizer;

    #[test]
    fn every_token_has_a_class() {
        let mut tokens = Tokens::default();
        Tokenizer::new(Language::ENGLISH)
            .tokenize("Oslo's envoy firmly rejected 3 of the Danes' offers, citing Riga.", &mut tokens);
        let classes: Vec<&str> = (0..tokens.tokens.len()).map(|i| word_class(&tokens, i)).collect();
        let expected = [
            "possessive",
            "word",
            "-ly",
            "-ed",
            "number",
            "of",
            "determiner",
            "capital",
            "mark",
            "-s",
            ",",
            "-ing",
            "capital",
            ".",
        ];
        assert_eq!(classes, expected);
    }
}
