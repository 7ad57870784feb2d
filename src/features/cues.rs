//! Cues: words and phrases that a lexicon sorts into fine classes (deny, reject, urge, accuse …), and how they stand in a text.
//!
//! The lexicon decides nothing: it lets the learner see that "spurned", "turned down" and "rejected" are one thing, and what
//! stands around it: a negation, a condition, quotation marks, another cue as its object.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use crate::error::{DataFault, Error, Place, Result};
use crate::features::{Family, Sink, term_hash};
use crate::language::Language;
use crate::table::{Columns, TableKind, TableReader};
use crate::tokens::{Kind, Tokenizer, Tokens};

/// Stands for a gap in a cue.
const GAP: &str = "*";

/// Most words that a gap spans: "turn the last American offer down".
const GAP_WORDS: usize = 4;

/// Cues by class, as a table `class,cue` lists them.
///
/// Every word of a cue is compared by its stem. ` * ` in a cue stands for a gap of up to four words: `turn * down`.
///
/// ```
/// use demarche::{Language, Lexicon};
/// let lexicon = Lexicon::parse("cues.csv", "class,cue\nreject,turn * down\nreject,spurn\n", Language::ENGLISH)?;
/// assert_eq!(lexicon.len(), 2);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Lexicon {
    /// The table as it was read; models carry it.
    source: String,
    classes: Vec<String>,
    /// Cues by the stem of their first word, the longest first.
    cues: HashMap<String, Vec<Cue>>,
    len: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cue {
    class: usize,
    /// The cue as the table writes it.
    written: String,
    /// Stems behind the first; `None` is a gap.
    rest: Vec<Option<String>>,
}

impl Cue {
    fn words(&self) -> usize {
        1 + self.rest.iter().flatten().count()
    }
}

impl Lexicon {
    /// Reads a table of cues.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, and as [`Lexicon::parse`].
    pub fn read(path: &Path, language: Language) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|e| Error::io(path, "read", e))?;
        let name = path.display().to_string();
        let text = String::from_utf8(bytes).map_err(|e| {
            let byte = e.utf8_error().valid_up_to() as u64;
            Error::data(Place::file(&name), DataFault::NotUtf8 { byte })
        })?;
        Self::parse(&name, &text, language)
    }

    /// Reads a table of cues from a string; `name` stands in error messages.
    ///
    /// # Errors
    /// [`Error::Data`] if the table has not the columns `class` and `cue`, or a row lacks one of the two
    /// ([`DataFault::BlankText`]).
    pub fn parse(name: &str, text: &str, language: Language) -> Result<Self> {
        let columns = Columns { text: "cue".into(), label: "class".into(), label_required: true, ..Columns::default() };
        let source = text.replace("\r\n", "\n");
        let mut tokenizer = Tokenizer::new(language);
        let mut lexicon = Self { source: source.clone(), classes: Vec::new(), cues: HashMap::new(), len: 0 };
        for row in TableReader::new(name, Box::new(std::io::Cursor::new(source.into_bytes())), TableKind::Csv, &columns)? {
            let row = row?;
            let class = row.label.as_deref().unwrap_or("").trim();
            let mut stems = Vec::new();
            let mut tokens = Tokens::default();
            for part in row.text.split_whitespace() {
                if part == GAP {
                    stems.push(None);
                    continue;
                }
                tokenizer.tokenize(part, &mut tokens);
                let words = tokens.tokens.iter().filter(|token| token.kind != Kind::Mark);
                stems.extend(words.map(|token| Some(tokens.stem(token).to_owned())));
            }
            let (Some(Some(first)), false) = (stems.first().cloned(), class.is_empty()) else {
                return Err(Error::data(Place::row(name, row.number), DataFault::BlankText));
            };
            let class = lexicon.class(class);
            let cues = lexicon.cues.entry(first).or_default();
            let cue = Cue { class, written: row.text.trim().to_owned(), rest: stems.split_off(1) };
            if !cues.iter().any(|known| known.rest == cue.rest) {
                cues.push(cue);
                lexicon.len += 1;
            }
        }
        for cues in lexicon.cues.values_mut() {
            cues.sort_by_key(|cue| std::cmp::Reverse(cue.words()));
        }
        Ok(lexicon)
    }

    fn class(&mut self, name: &str) -> usize {
        self.classes.iter().position(|class| class == name).unwrap_or_else(|| {
            self.classes.push(name.to_owned());
            self.classes.len() - 1
        })
    }

    /// Number of distinct cues.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no cue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The classes, in the order of the table.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The cues of a text, left to right, each as its class and as the table writes it.
    ///
    /// ```
    /// use demarche::{Language, Lexicon};
    /// let lexicon = Lexicon::parse("cues.csv", "class,cue\nreject,turn * down\n", Language::ENGLISH)?;
    /// assert_eq!(lexicon.find("Lima turned the offer down.", Language::ENGLISH), [("reject", "turn * down")]);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    #[must_use]
    pub fn find(&self, text: &str, language: Language) -> Vec<(&str, &str)> {
        let mut tokens = Tokens::default();
        Tokenizer::new(language).tokenize(text, &mut tokens);
        let words: Vec<usize> = (0..tokens.tokens.len()).filter(|&i| tokens.tokens[i].kind != Kind::Mark).collect();
        self.hits(&tokens, &words).into_iter().map(|hit| (self.classes[hit.class].as_str(), hit.written)).collect()
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    /// The cues of a text, left to right. Of cues that share a word, the one with more words counts, then the earlier one.
    fn hits<'a>(&'a self, tokens: &Tokens, words: &[usize]) -> Vec<Hit<'a>> {
        let mut candidates: Vec<(usize, Vec<usize>, &Cue)> = Vec::new();
        for at in 0..words.len() {
            for cue in self.cues.get(tokens.stem(&tokens.tokens[words[at]])).into_iter().flatten() {
                if let Some(matched) = match_rest(tokens, words, at, &cue.rest) {
                    candidates.push((cue.words(), matched, cue));
                }
            }
        }
        candidates.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let mut taken = vec![false; words.len()];
        let mut hits: Vec<Hit<'a>> = Vec::new();
        for (_, matched, cue) in candidates {
            if matched.iter().any(|&at| taken[at]) {
                continue;
            }
            matched.iter().for_each(|&at| taken[at] = true);
            hits.push(Hit { class: cue.class, written: &cue.written, first: matched[0], last: matched[matched.len() - 1] });
        }
        hits.sort_by_key(|hit| (hit.first, hit.last));
        hits
    }
}

/// Positions (in `words`) that a cue beginning at `at` covers, its gaps as short as possible.
fn match_rest(tokens: &Tokens, words: &[usize], at: usize, rest: &[Option<String>]) -> Option<Vec<usize>> {
    let mut matched = vec![at];
    let mut next = at + 1;
    let mut gap = 0;
    for step in rest {
        let Some(stem) = step else {
            gap = GAP_WORDS;
            continue;
        };
        let found = (next..=next + gap).find(|&i| i < words.len() && tokens.stem(&tokens.tokens[words[i]]) == stem)?;
        matched.push(found);
        next = found + 1;
        gap = 0;
    }
    Some(matched)
}

/// A cue in a text; positions count words without marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hit<'a> {
    class: usize,
    written: &'a str,
    first: usize,
    last: usize,
}

/// Tells `sink` the cues of a text and how they stand.
pub(crate) fn cues(tokens: &Tokens, lexicon: &Lexicon, sink: &mut impl Sink) {
    let list = &tokens.tokens;
    let words: Vec<usize> = (0..list.len()).filter(|&i| list[i].kind != Kind::Mark).collect();
    let hits = lexicon.hits(tokens, &words);
    let view = View { tokens, words: &words, quoted: quoted(tokens) };
    let class = |hit: &Hit| lexicon.classes[hit.class].as_str();
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
            ["reject", "reject past", "propose", "propose noun", "first reject", "last propose"]
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

    #[test]
    fn a_table_with_a_blank_cell_is_refused() {
        for table in ["class,cue\n,reject\n", "class,cue\nreject,\n", "class,cue\nreject,*\n"] {
            let error = Lexicon::parse("cues.csv", table, Language::ENGLISH).unwrap_err();
            assert!(matches!(error, Error::Data { fault: DataFault::BlankText, .. }), "{error}");
        }
        let error = Lexicon::parse("cues.csv", "kind,word\na,b\n", Language::ENGLISH).unwrap_err();
        assert!(matches!(error, Error::Data { fault: DataFault::MissingColumn { .. }, .. }), "{error}");
    }
}
