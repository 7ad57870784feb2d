//! A text as normalised, stemmed tokens that remember where they stood.
//!
//! This is the one place where text is normalised: Unicode NFKC, lower case, one apostrophe, one quotation mark, one dash.
//! Every token keeps the byte span of the original text it came from, so that whatever is said about a feature can be shown in
//! the text itself.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use rust_stemmers::Stemmer;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::language::Language;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A word, or a clitic such as `n't`.
    Word,
    /// A number; its stem is `#`, since which number it is says nothing about stance.
    Number,
    /// A punctuation mark.
    Mark,
}

/// One token; `word` and `stem` are read through [`Tokens`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Whether a possessive `'s` stood behind it.
    pub(crate) possessive: bool,
    /// Whether it began with a capital in the text.
    pub(crate) capital: bool,
    /// Where the token stands in the text, in bytes.
    pub(crate) span: Range<u32>,
    word: Range<u32>,
    stem: Range<u32>,
}

/// The tokens of one text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tokens {
    pub(crate) tokens: Vec<Token>,
    /// Normalised words and stems, end to end.
    buffer: String,
}

impl Tokens {
    /// The normalised word.
    pub(crate) fn word(&self, token: &Token) -> &str {
        &self.buffer[token.word.start as usize..token.word.end as usize]
    }

    /// The stem; of a mark, the mark.
    pub(crate) fn stem(&self, token: &Token) -> &str {
        &self.buffer[token.stem.start as usize..token.stem.end as usize]
    }

    fn push(&mut self, kind: Kind, span: Range<usize>, word: &str, stem: &str) {
        let word = self.append(word);
        let stem = if self.buffer[word.start as usize..] == *stem { word.clone() } else { self.append(stem) };
        let span = narrow(span.start)..narrow(span.end);
        self.tokens.push(Token { kind, possessive: false, capital: false, span, word, stem });
    }

    fn append(&mut self, text: &str) -> Range<u32> {
        let start = narrow(self.buffer.len());
        self.buffer.push_str(text);
        start..narrow(self.buffer.len())
    }
}

/// Offsets are kept in 32 bits; [`Tokenizer::MAX_BYTES`] makes sure that they fit.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).expect("texts are cut to MAX_BYTES before they are tokenised")
}

/// Turns texts into [`Tokens`]; keeps the stems it has seen, so use one for many texts.
pub(crate) struct Tokenizer {
    stemmer: Stemmer,
    /// Irregular forms and their bases, which no stemmer joins.
    irregular: &'static HashMap<&'static str, &'static str>,
    stems: HashMap<Box<str>, Box<str>>,
    word: String,
}

impl Tokenizer {
    /// A single unit is tokenised up to here (1 MiB, a book of 500 pages); what follows could not change its labels for the better.
    pub(crate) const MAX_BYTES: usize = 1 << 20;

    /// Bound on the remembered stems, so that memory stays constant over any corpus.
    const MAX_STEMS: usize = 1 << 16;

    pub(crate) fn new(language: Language) -> Self {
        Self { stemmer: language.stemmer(), irregular: irregular_forms(language), stems: HashMap::new(), word: String::new() }
    }

    /// The tokens of `text`, written over what `tokens` held.
    pub(crate) fn tokenize(&mut self, text: &str, tokens: &mut Tokens) {
        tokens.tokens.clear();
        tokens.buffer.clear();
        let text = &text[..text.floor_char_boundary(Self::MAX_BYTES)];
        let mut word = std::mem::take(&mut self.word);
        let mut segments = text.split_word_bound_indices().peekable();
        while let Some((start, segment)) = segments.next() {
            let span = start..start + segment.len();
            if segment.chars().any(char::is_alphanumeric) {
                normalise(segment, &mut word);
                self.push_word(&word, span, tokens);
                continue;
            }
            let mark = segment.chars().next().map_or(' ', plain_mark);
            // Corpora that are tokenised as published write "it 's" and "they 'll": the mark and the letters are one clitic.
            if mark == '\''
                && let Some(&(next, letters)) = segments.peek()
                && next == span.end
                && ["s", "re", "ve", "ll", "d", "m"].iter().any(|clitic| letters.eq_ignore_ascii_case(clitic))
            {
                segments.next();
                normalise(letters, &mut word);
                if word == "s" {
                    mark_possessive(tokens);
                } else {
                    word.insert(0, '\'');
                    let stem = self.irregular.get(word.as_str()).copied().unwrap_or(&word);
                    tokens.push(Kind::Word, span.start..next + letters.len(), &word, stem);
                }
                continue;
            }
            if !mark.is_whitespace() && !mark.is_control() && !is_invisible(mark) {
                let mut bytes = [0; 4];
                let mark = &*mark.encode_utf8(&mut bytes);
                tokens.push(Kind::Mark, span, mark, mark);
            }
        }
        self.word = word;
        for token in &mut tokens.tokens {
            token.capital = text[token.span.start as usize..].starts_with(char::is_uppercase);
        }
    }

    /// A word with its clitics split off, as the Penn Treebank does: `did|n't`, `they|'ll`; a possessive `'s` is dropped.
    fn push_word(&mut self, word: &str, span: Range<usize>, tokens: &mut Tokens) {
        if !word.chars().any(char::is_alphabetic) {
            if !word.is_empty() {
                tokens.push(Kind::Number, span, word, "#");
            }
            return;
        }
        let clitic = ["n't", "'s", "'re", "'ve", "'ll", "'d", "'m"].into_iter().find(|clitic| word.ends_with(clitic));
        let Some(clitic) = clitic else {
            self.push_stemmed(word, span, tokens);
            return;
        };
        // Both parts carry the span of the whole word: normalising may have changed the lengths, and a wrong span would be worse.
        let base = &word[..word.len() - clitic.len()];
        if !base.is_empty() {
            self.push_stemmed(base, span.clone(), tokens);
        }
        if clitic == "'s" {
            mark_possessive(tokens);
        } else {
            let stem = self.irregular.get(clitic).copied().unwrap_or(clitic);
            tokens.push(Kind::Word, span, clitic, stem);
        }
    }

    fn push_stemmed(&mut self, word: &str, span: Range<usize>, tokens: &mut Tokens) {
        if let Some(stem) = self.stems.get(word) {
            tokens.push(Kind::Word, span, word, stem);
            return;
        }
        let stem = self.stemmer.stem(self.irregular.get(word).copied().unwrap_or(word));
        tokens.push(Kind::Word, span, word, &stem);
        if self.stems.len() < Self::MAX_STEMS {
            self.stems.insert(word.into(), stem.into());
        }
    }

    /// The stem of one word, normalised as texts are.
    #[cfg(test)]
    fn stem_of(&mut self, word: &str) -> String {
        let mut tokens = Tokens::default();
        self.tokenize(word, &mut tokens);
        tokens.stem(&tokens.tokens[0]).to_owned()
    }
}

/// The word before a possessive `'s` remembers it: "Moscow's offer" has the offer as a noun.
fn mark_possessive(tokens: &mut Tokens) {
    if let Some(token) = tokens.tokens.last_mut() {
        token.possessive = true;
    }
}

/// Irregular forms of a language by `data/irregular_<language>.csv`; none where there is no such list.
fn irregular_forms(language: Language) -> &'static HashMap<&'static str, &'static str> {
    static ENGLISH: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        include_str!("../data/irregular_en.csv").lines().skip(1).filter_map(|line| line.split_once(',')).collect()
    });
    static NONE: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(HashMap::new);
    if language == Language::ENGLISH { &ENGLISH } else { &NONE }
}

/// `segment` in NFKC and lower case with plain apostrophes and without invisible characters, written over `out`.
fn normalise(segment: &str, out: &mut String) {
    out.clear();
    if segment.is_ascii() {
        out.push_str(segment);
        out.make_ascii_lowercase();
        return;
    }
    for c in segment.nfkc().flat_map(char::to_lowercase) {
        match c {
            '’' | '‘' | 'ʼ' | '＇' => out.push('\''),
            c if is_invisible(c) => {}
            c => out.push(c),
        }
    }
}

/// One character for each kind of quotation mark and dash.
fn plain_mark(mark: char) -> char {
    match mark {
        '“' | '”' | '„' | '«' | '»' | '″' | '＂' => '"',
        '‘' | '’' | '`' | '′' => '\'',
        '–' | '—' | '‒' | '―' | '−' => '-',
        '…' => '.',
        other => other,
    }
}

/// Characters that a reader does not see: they must not make two words out of one, or a new word.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Tokens {
        let mut tokens = Tokens::default();
        Tokenizer::new(Language::ENGLISH).tokenize(text, &mut tokens);
        tokens
    }

    fn stems(text: &str) -> Vec<String> {
        let tokens = tokens(text);
        tokens.tokens.iter().map(|token| tokens.stem(token).to_owned()).collect()
    }

    #[test]
    fn a_sentence_becomes_stems_and_marks() {
        assert_eq!(
            stems("“We didn’t reject Moscow's 3,000 offers,” he said."),
            ["\"", "we", "do", "n't", "reject", "moscow", "#", "offer", ",", "\"", "he", "say", "."]
        );
    }

    #[test]
    fn published_tokenisation_gives_the_same_clitics() {
        assert_eq!(stems("THEY 'LL"), ["they", "will"]);
        assert_eq!(stems("it 's not what they 'll do , is n't it ?"), stems("it's not what they'll do, isn't it?"));
    }

    #[test]
    fn unicode_forms_of_one_word_are_one_word() {
        assert_eq!(stems("ＲＥＪＥＣＴＥＤ"), ["reject"]);
        assert_eq!(stems("re\u{ad}jected"), ["reject"]);
        assert_eq!(stems("cafe\u{301}"), stems("café"));
        assert_eq!(Tokenizer::new("ru".parse().unwrap()).stem_of("ОТВЕРГЛА"), "отвергл");
    }

    proptest! {
        #[test]
        fn spans_are_ordered_slices_of_the_text(text in "\\PC{0,80}|([a-zA-Z’']{1,8}[ .,!“”-]{1,2}){0,30}") {
            let tokens = tokens(&text);
            let mut start = 0;
            for token in &tokens.tokens {
                prop_assert!(token.span.start >= start && token.span.end > token.span.start);
                prop_assert!(text.get(token.span.start as usize..token.span.end as usize).is_some());
                start = token.span.start;
            }
        }

        #[test]
        fn tokenizing_lower_case_gives_the_same_words(text in "[A-Za-z ,.']{0,60}") {
            prop_assert_eq!(stems(&text), stems(&text.to_lowercase()));
        }
    }
}
