//! How the cues of a text stand: negated, conditional, quoted, passive, between which kinds of word, before which other cue.
//!
//! The lexicon decides nothing: it lets the learner see that "spurned", "turned down" and "rejected" are one thing, and what
//! stands around it.

use std::ops::Range;

use crate::features::lexicon::{Hit, Lexicon};
use crate::features::word_class::word_class;
use crate::features::{Family, Sink, term_hash};
use crate::tokens::{Kind, Tokens};

/// Tells `sink` the cues of a text and how they stand.
pub(crate) fn cues(tokens: &Tokens, lexicon: &Lexicon, sink: &mut impl Sink) {
    let list = &tokens.tokens;
    let words: Vec<usize> = (0..list.len()).filter(|&i| list[i].kind != Kind::Mark).collect();
    let hits = lexicon.hits(tokens, &words);
    let view = View { tokens, words: &words, quoted: quoted(tokens) };
    let class = |hit: &Hit| lexicon.classes()[hit.class].as_str();
    let mut name = String::new();
    let mut tell = |family: Family, span: Range<u32>, parts: &[&str]| {
        name.clear();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                name.push(' ');
            }
            name.push_str(part);
        }
        sink.occurrence(family, term_hash(family, &name), span, |text| text.push_str(&name));
    };

    for hit in &hits {
        let span = view.span(hit);
        tell(Family::Cue, span.clone(), &[class(hit)]);
        let form = view.form(hit);
        tell(Family::Cue, span.clone(), &[class(hit), form]);
        for (holds, mark) in [
            (view.negated(hit), "not"),
            (view.hypothetical(hit), "hypothetical"),
            (view.quoted[words[hit.first]], "quoted"),
            (view.passive(hit), "passive"),
        ] {
            if holds {
                tell(Family::Cue, span.clone(), &[class(hit), mark]);
            }
        }
        let [before_last, before] = view.classes_before(hit);
        tell(Family::Cue, span.clone(), &[class(hit), "after", before]);
        tell(Family::Cue, span.clone(), &[class(hit), "after", before_last, before]);
        let [behind, behind_next] = view.classes_behind(hit);
        tell(Family::Cue, span.clone(), &[class(hit), "before", behind]);
        tell(Family::Cue, span.clone(), &[class(hit), "before", behind, behind_next]);
        if let Some(connector) = view.connector(hit) {
            tell(Family::Cue, span.clone(), &[connector, "…", class(hit)]);
        }
        // What follows: the very next word, then the words of substance that are near.
        if let Some(next) = view.stem(hit.last + 1) {
            tell(Family::CueWord, span.clone(), &[class(hit), next]);
        }
        for at in hit.last + 2..=hit.last + 5 {
            match view.stem(at) {
                Some(stem) if !is_function_word(stem) => tell(Family::CueWord, span.clone(), &[class(hit), "…", stem]),
                _ => {}
            }
        }
    }
    if let (Some(first), Some(last)) = (hits.first(), hits.last()) {
        tell(Family::Cue, view.span(first), &["first", class(first)]);
        tell(Family::Cue, view.span(last), &["last", class(last)]);
    }
    for pair in hits.windows(2) {
        let link = view.link(&pair[0], &pair[1]);
        let span = view.span(&pair[0]).start..view.span(&pair[1]).end;
        tell(Family::CuePair, span.clone(), &[class(&pair[0]), ">", class(&pair[1])]);
        tell(Family::CuePair, span, &[class(&pair[0]), link, class(&pair[1])]);
    }
    for triple in hits.windows(3) {
        let span = view.span(&triple[0]).start..view.span(&triple[2]).end;
        tell(Family::CuePair, span, &[class(&triple[0]), ">", "?", ">", class(&triple[2])]);
    }
}

/// Looks at the surroundings of a cue.
struct View<'a> {
    tokens: &'a Tokens,
    words: &'a [usize],
    quoted: Vec<bool>,
}

impl View<'_> {
    fn stem(&self, at: usize) -> Option<&str> {
        self.words.get(at).map(|&i| self.tokens.stem(&self.tokens.tokens[i]))
    }

    fn span(&self, hit: &Hit) -> Range<u32> {
        let token = |at: usize| &self.tokens.tokens[self.words[at]];
        token(hit.first).span.start..token(hit.last).span.end
    }

    /// Stems of the `reach` words before a cue, the nearest first, up to a mark that ends a clause.
    fn before(&self, hit: &Hit, reach: usize) -> impl Iterator<Item = &str> {
        let start = self.words[hit.first];
        self.tokens.tokens[..start]
            .iter()
            .rev()
            .take_while(|token| !(token.kind == Kind::Mark && matches!(self.tokens.stem(token), ";" | ":" | "." | "?" | "!")))
            .filter(|token| token.kind != Kind::Mark)
            .take(reach)
            .map(|token| self.tokens.stem(token))
    }

    /// Classes of the two tokens before a cue, in the order of the text; `^` before its start.
    fn classes_before(&self, hit: &Hit) -> [&'static str; 2] {
        let at = self.words[hit.first];
        [2, 1].map(|back| at.checked_sub(back).map_or("^", |i| word_class(self.tokens, i)))
    }

    /// Classes of the two tokens behind a cue; `$` behind the end.
    fn classes_behind(&self, hit: &Hit) -> [&'static str; 2] {
        let at = self.words[hit.last];
        [1, 2].map(|on| if at + on < self.tokens.tokens.len() { word_class(self.tokens, at + on) } else { "$" })
    }

    /// How the cue's first word stands: as a noun, after "to", or as a verb in one of three forms.
    fn form(&self, hit: &Hit) -> &'static str {
        let token = &self.tokens.tokens[self.words[hit.first]];
        let word = self.tokens.word(token);
        let previous = hit.first.checked_sub(1).map(|at| &self.tokens.tokens[self.words[at]]);
        let noun = previous.is_some_and(|token| token.possessive || is_determiner(self.tokens.stem(token)));
        match previous.map(|token| self.tokens.stem(token)) {
            _ if noun => "noun",
            Some("to") => "to",
            _ if word.ends_with("ing") => "ing",
            _ if word.ends_with("ed") => "past",
            _ if self.tokens.stem(token) != word && !word.ends_with('s') => "past",
            _ if word.ends_with('s') => "s",
            _ => "base",
        }
    }

    fn negated(&self, hit: &Hit) -> bool {
        self.before(hit, 4).any(|stem| {
            matches!(stem, "not" | "n't" | "never" | "no" | "without" | "neither" | "nor" | "none" | "nobodi" | "cannot")
        })
    }

    fn hypothetical(&self, hit: &Hit) -> bool {
        self.before(hit, 6).any(|stem| {
            matches!(
                stem,
                "if" | "unless"
                    | "whether"
                    | "would"
                    | "could"
                    | "may"
                    | "might"
                    | "hope"
                    | "expect"
                    | "like"
                    | "until"
                    | "should"
                    | "possibl"
            )
        })
    }

    fn passive(&self, hit: &Hit) -> bool {
        self.before(hit, 3).any(|stem| stem == "be" || stem == "get") && self.form(hit) == "past"
    }

    /// The nearest word before the cue that joins clauses or phrases.
    fn connector(&self, hit: &Hit) -> Option<&str> {
        self.before(hit, 6).find(|stem| {
            matches!(
                *stem,
                "after"
                    | "amid"
                    | "despit"
                    | "follow"
                    | "over"
                    | "for"
                    | "by"
                    | "if"
                    | "unless"
                    | "until"
                    | "whether"
                    | "that"
                    | "who"
                    | "which"
                    | "to"
                    | "as"
                    | "while"
                    | "becaus"
                    | "befor"
                    | "when"
                    | "and"
                    | "but"
                    | "of"
                    | "in"
                    | "with"
                    | "from"
                    | "against"
                    | "on"
                    | "say"
                    | "will"
            )
        })
    }

    /// Whether two neighbouring cues stand in one clause, or in two joined ones.
    fn link(&self, one: &Hit, two: &Hit) -> &'static str {
        let between = (one.last + 1).min(two.first)..two.first;
        if between.len() > 8 {
            return "far from";
        }
        let joined = between.clone().any(|at| {
            matches!(
                self.stem(at),
                Some("and" | "but" | "while" | "after" | "which" | "who" | "as" | "becaus" | "befor" | "when")
            )
        });
        let marks = self.words[between.start.saturating_sub(1)]..self.words[two.first];
        let marks = self
            .tokens
            .tokens
            .get(marks)
            .unwrap_or_default()
            .iter()
            .any(|token| token.kind == Kind::Mark && matches!(self.tokens.stem(token), "," | ";" | ":" | "-"));
        if joined || marks { "joined to" } else { "over" }
    }
}

/// For each token, whether it stands between quotation marks.
fn quoted(tokens: &Tokens) -> Vec<bool> {
    let mut inside = false;
    tokens
        .tokens
        .iter()
        .map(|token| {
            if token.kind == Kind::Mark && tokens.stem(token) == "\"" {
                inside = !inside;
            }
            inside
        })
        .collect()
}

fn is_determiner(stem: &str) -> bool {
    matches!(
        stem,
        "the"
            | "a"
            | "an"
            | "it"
            | "his"
            | "her"
            | "their"
            | "our"
            | "my"
            | "your"
            | "ani"
            | "all"
            | "such"
            | "this"
            | "these"
            | "those"
            | "anoth"
            | "further"
            | "new"
            | "fresh"
            | "of"
            | "repeat"
            | "recent"
            | "latest"
            | "intern"
            | "public"
            | "amid"
            | "despit"
            | "over"
            | "under"
    )
}

fn is_function_word(stem: &str) -> bool {
    matches!(
        stem,
        "the"
            | "a"
            | "an"
            | "of"
            | "to"
            | "in"
            | "on"
            | "for"
            | "and"
            | "or"
            | "at"
            | "by"
            | "with"
            | "from"
            | "that"
            | "it"
            | "his"
            | "her"
            | "their"
            | "be"
            | "have"
            | "as"
            | "not"
            | "will"
            | "would"
            | "which"
            | "who"
            | "he"
            | "she"
            | "they"
            | "this"
            | "its"
            | "#"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::tests::Listing;
    use crate::language::Language;
    use crate::tokens::Tokenizer;

    const TABLE: &str = "class,cue\nreject,reject\nreject,turn * down\nreject,rejection\npropose,proposal\npropose,offer\nurge,call on\nplan,call off\nreport,say\nmeet,meet\n";

    fn listing(text: &str, family: Family) -> Vec<String> {
        let lexicon = Lexicon::parse("cues", TABLE, Language::ENGLISH).unwrap();
        let mut tokens = Tokens::default();
        Tokenizer::new(Language::ENGLISH).tokenize(text, &mut tokens);
        let mut listing = Listing(Vec::new());
        cues(&tokens, &lexicon, &mut listing);
        listing.0.into_iter().filter(|(found, ..)| *found == family).map(|(_, name, _)| name).collect()
    }

    #[test]
    fn a_cue_may_have_a_gap_and_its_object_is_a_cue_too() {
        assert_eq!(listing("Lima turned Quito's offer down.", Family::CuePair), ["reject > propose", "reject over propose"]);
        assert_eq!(
            listing("Lima turned Quito's offer down.", Family::Cue),
            [
                "reject",
                "reject past",
                "reject after word",
                "reject after ^ word",
                "reject before .",
                "reject before . $",
                "propose",
                "propose noun",
                "propose after possessive",
                "propose after -ed possessive",
                "propose before preposition",
                "propose before preposition .",
                "first reject",
                "last propose"
            ]
        );
    }

    #[test]
    fn negation_condition_and_joined_clauses_are_seen() {
        let cues = listing("If they did not reject it, the envoy would call on them and meet.", Family::Cue);
        for expected in ["reject not", "reject hypothetical", "if … reject", "urge hypothetical", "meet base"] {
            assert!(cues.iter().any(|cue| cue == expected), "{expected} is not in {cues:?}");
        }
        assert_eq!(listing("Quito met them and offered bread.", Family::CuePair), ["meet > propose", "meet joined to propose"]);
    }

    #[test]
    fn the_longer_cue_wins() {
        assert!(listing("They called off the visit.", Family::Cue).contains(&"plan".to_owned()));
        assert!(!listing("They called the visit good.", Family::Cue).contains(&"urge".to_owned()));
    }
}
