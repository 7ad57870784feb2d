//! The lexicon of cues: words and phrases sorted into fine classes (deny, reject, urge, accuse …), and where a text has them.

use std::collections::HashMap;
use std::path::Path;

use crate::error::{DataFault, Error, Place, Result};
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
            // A line break within a name would break the list of names in a model file.
            let class = row.label.as_deref().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
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
            let class = lexicon.class(&class);
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
    pub(crate) fn hits<'a>(&'a self, tokens: &Tokens, words: &[usize]) -> Vec<Hit<'a>> {
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
pub(crate) struct Hit<'a> {
    /// Index of the class in [`Lexicon::classes`].
    pub(crate) class: usize,
    /// The cue as the table writes it.
    pub(crate) written: &'a str,
    /// Position of its first word.
    pub(crate) first: usize,
    /// Position of its last word.
    pub(crate) last: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_one_line() {
        let lexicon = Lexicon::parse("cues", "class,cue\n\"say \nno\",reject\n", Language::ENGLISH).unwrap();
        assert_eq!(lexicon.classes(), ["say no"]);
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
