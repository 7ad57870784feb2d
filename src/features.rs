//! Texts as sparse rows of numbers: the only way from text to features, for training and for prediction.
//!
//! A text is tokenised, its tokens give *occurrences* of terms in a few *families* (stems, phrases, character n-grams, negated
//! stems, sentence shape), and a fitted [`Featurizer`] turns the terms it knows into one weighted row. Because training counts
//! the occurrences of the same [`extract`] that prediction calls, a model cannot disagree with its features.

mod cues;
mod lexicon;
mod ngrams;
mod shape;
mod vocabulary;
mod word_class;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::Arc;

use linfa::dataset::Records;
use serde::{Deserialize, Serialize};
use sprs::CsMatI;

use crate::language::Language;
use crate::tokens::{Tokenizer, Tokens};

pub use lexicon::Lexicon;
pub(crate) use vocabulary::Vocabulary;

/// Kinds of term. Each family is weighed as a block, so that a family of many terms cannot drown one of few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Family {
    /// One stem.
    Stem,
    /// Two or three neighbouring stems, the start of the text counting as one (`^`).
    Phrase,
    /// Character n-grams within a word, `_` standing for its edges.
    Chars,
    /// A stem in the reach of a negation.
    Negated,
    /// What kind of sentence it is: quoted, a question, modal verbs, its first connective.
    Shape,
    /// A class of cues, and how the cue stands.
    Cue,
    /// Two classes of cues in order, and how they are joined.
    CuePair,
    /// A class of cues and a word behind it.
    CueWord,
}

impl Family {
    /// All families, in the order of the columns.
    pub const ALL: [Self; 8] =
        [Self::Stem, Self::Phrase, Self::Chars, Self::Negated, Self::Shape, Self::Cue, Self::CuePair, Self::CueWord];

    /// The name used in model files and explanations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stem => "stem",
            Self::Phrase => "phrase",
            Self::Chars => "chars",
            Self::Negated => "negated",
            Self::Shape => "shape",
            Self::Cue => "cue",
            Self::CuePair => "cue pair",
            Self::CueWord => "cue word",
        }
    }
}

/// Settings that shape the features; they travel inside the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureOptions {
    /// ISO 639-1 code of the language whose stemmer is used.
    pub language: String,
    /// Longest phrase, in stems (default 3).
    pub phrase: usize,
    /// Shortest and longest character n-gram (default 3 and 6).
    pub chars: (usize, usize),
    /// Rows of the training data in which a term must occur (default 2).
    pub min_rows: u32,
    /// Most terms kept (default 140,000, which keeps a model of five labels below 5 MB): where there are more, the number of rows
    /// asked for is raised until they fit.
    pub max_terms: usize,
    /// Weight of each family's block, in the order of [`Family::ALL`]; 0 leaves the family out.
    pub weights: [f32; Family::ALL.len()],
}

impl Default for FeatureOptions {
    fn default() -> Self {
        Self {
            language: Language::ENGLISH.code().to_owned(),
            phrase: 3,
            chars: (3, 6),
            min_rows: 2,
            max_terms: 140_000,
            weights: [1.0, 1.0, 0.7, 0.4, 0.3, 1.0, 0.7, 0.7],
        }
    }
}

impl FeatureOptions {
    pub(crate) fn tokenizer(&self) -> Tokenizer {
        Tokenizer::new(self.language.parse().unwrap_or(Language::ENGLISH))
    }
}

/// Receives the occurrences of terms in a text.
pub(crate) trait Sink {
    /// One occurrence: the term's family, its [`term_hash`], the bytes of the text it stands for, and its name if that is wanted.
    fn occurrence(&mut self, family: Family, hash: u64, span: Range<u32>, name: impl FnOnce(&mut String));
}

/// Tells `sink` every occurrence of every term in a text.
pub(crate) fn extract(tokens: &Tokens, options: &FeatureOptions, lexicon: Option<&Lexicon>, sink: &mut impl Sink) {
    let used = |family: Family| options.weights[family as usize] > 0.0;
    // Stems are always told: they say how much of a text is known, even where their weight is 0.
    ngrams::stems_and_phrases(tokens, if used(Family::Phrase) { options.phrase } else { 1 }, sink);
    if used(Family::Chars) {
        ngrams::characters(tokens, options.chars, sink);
    }
    if used(Family::Negated) {
        ngrams::negated_stems(tokens, sink);
    }
    if used(Family::Shape) {
        shape::shape(tokens, sink);
    }
    if let Some(lexicon) = lexicon {
        cues::cues(tokens, lexicon, sink);
    }
}

/// The hash that identifies a term: FNV-1a, 64 bits, over the family's number and the name.
///
/// (G. Fowler, L. C. Noll, P. Vo, D. Eastlake, "The FNV Non-Cryptographic Hash Algorithm", RFC 9923.) It can be carried on from
/// one byte to the next, so the hash of a phrase needs no string. Model files hold names and not hashes; still, the hash is
/// frozen, because the order of equal counts must not change. With 64 bits, a hundred million distinct terms collide with a
/// chance of 3 in 10,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TermHash(u64);

impl TermHash {
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;

    pub(crate) fn new(family: Family) -> Self {
        Self(Self::OFFSET).byte(family as u8)
    }

    #[inline]
    pub(crate) fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ u64::from(byte)).wrapping_mul(Self::PRIME))
    }

    #[inline]
    pub(crate) fn text(self, text: &str) -> Self {
        text.bytes().fold(self, Self::byte)
    }

    pub(crate) fn finish(self) -> u64 {
        self.0
    }
}

/// [`TermHash`] of a whole name.
pub(crate) fn term_hash(family: Family, name: &str) -> u64 {
    TermHash::new(family).text(name).finish()
}

/// A map keyed by term hashes, which need no second hashing but for the mixing of their low bits.
pub(crate) type TermMap<V> = HashMap<u64, V, BuildHasherDefault<TermHasher>>;

/// The hasher of [`TermMap`].
#[derive(Default)]
pub(crate) struct TermHasher(u64);

impl Hasher for TermHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only 64-bit keys are hashed")
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = vocabulary::mixed(key) as u64;
    }
}

/// A term: its family and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term<'a> {
    /// The family.
    pub family: Family,
    /// The name, unique in its family: `refus to`, `_refu` …
    pub name: &'a str,
}

/// A term whose name is its own.
#[derive(Debug, Clone)]
struct CountedTerm {
    family: Family,
    name: Box<str>,
}

impl CountedTerm {
    fn term(&self) -> Term<'_> {
        Term { family: self.family, name: &self.name }
    }
}

/// How often every term occurs in every text of a corpus: counted once, then used for the corpus and for each of its folds.
#[derive(Debug, Clone)]
pub(crate) struct TermCounts {
    terms: Vec<CountedTerm>,
    /// Entries of row `i` are `entries[starts[i]..starts[i + 1]]`, sorted by term.
    starts: Vec<usize>,
    entries: Vec<(u32, u32)>,
}

impl TermCounts {
    /// Counts the terms of `texts`.
    pub(crate) fn new<S: AsRef<str>>(texts: &[S], options: &FeatureOptions, lexicon: Option<&Lexicon>) -> Self {
        let mut counter = Counter::default();
        let mut tokenizer = options.tokenizer();
        let mut tokens = Tokens::default();
        let mut starts = vec![0];
        let mut entries = Vec::new();
        for text in texts {
            tokenizer.tokenize(text.as_ref(), &mut tokens);
            extract(&tokens, options, lexicon, &mut counter);
            counter.row.sort_unstable();
            for &id in &counter.row {
                match entries[starts[starts.len() - 1]..].last_mut() {
                    Some((last, count)) if *last == id => *count += 1,
                    _ => entries.push((id, 1)),
                }
            }
            counter.row.clear();
            starts.push(entries.len());
        }
        Self { terms: counter.terms, starts, entries }
    }

    fn row(&self, row: usize) -> &[(u32, u32)] {
        &self.entries[self.starts[row]..self.starts[row + 1]]
    }
}

#[derive(Default)]
struct Counter {
    ids: TermMap<u32>,
    terms: Vec<CountedTerm>,
    row: Vec<u32>,
}

impl Sink for Counter {
    fn occurrence(&mut self, family: Family, hash: u64, _: Range<u32>, name: impl FnOnce(&mut String)) {
        let terms = &mut self.terms;
        let id = *self.ids.entry(hash).or_insert_with(|| {
            let mut text = String::new();
            name(&mut text);
            terms.push(CountedTerm { family, name: text.into() });
            (terms.len() - 1) as u32
        });
        self.row.push(id);
    }
}

/// Sparse rows, one a text, of unit length each: what the learner takes.
///
/// A newtype over [`CsMatI`] with 32-bit column numbers, because linfa's `Records` is implemented for dense arrays only (rust-ml/linfa issue 192).
#[derive(Debug, Clone)]
pub struct FeatureMatrix(pub CsMatI<f32, u32, usize>);

impl Records for FeatureMatrix {
    type Elem = f32;

    fn nsamples(&self) -> usize {
        self.0.rows()
    }

    fn nfeatures(&self) -> usize {
        self.0.cols()
    }
}

/// A text as the learner sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WeightedRow {
    /// Columns and values, by column.
    pub(crate) entries: Vec<(u32, f32)>,
    /// Share of the text's words whose stem the vocabulary holds, 0 to 1; 0 where the text has no word.
    pub(crate) known: f32,
}

/// The terms that a model knows, with their weights: the fitted half of the features.
#[derive(Debug, Clone)]
pub(crate) struct Featurizer {
    pub(crate) options: FeatureOptions,
    pub(crate) lexicon: Option<Arc<Lexicon>>,
    pub(crate) vocabulary: Vocabulary,
    /// Inverse document frequency by column.
    pub(crate) idf: Vec<f32>,
}

impl Featurizer {
    /// Chooses the terms that occur in at least `min_rows` of the given rows and weighs them by inverse document frequency,
    /// `ln((1 + n) / (1 + df)) + 1` (the smooth form of Salton and Buckley's, as scikit-learn writes it).
    pub(crate) fn fit(options: &FeatureOptions, lexicon: Option<Arc<Lexicon>>, counts: &TermCounts, rows: &[usize]) -> Self {
        let mut frequency = vec![0_u32; counts.terms.len()];
        for &row in rows {
            for &(id, _) in counts.row(row) {
                frequency[id as usize] += 1;
            }
        }
        let term = |id: u32| counts.terms[id as usize].term();
        let frequency = &frequency;
        // A family without weight adds nothing to a row; stems are kept all the same, to say how much of a text is known.
        let useful = |id: u32| term(id).family == Family::Stem || options.weights[term(id).family as usize] > 0.0;
        let useful: Vec<u32> = (0..frequency.len() as u32).filter(|&id| useful(id)).collect();
        let frequent = |least: u32| useful.iter().copied().filter(move |&id| frequency[id as usize] >= least);
        let least =
            (options.min_rows.max(1)..=u32::MAX).find(|&least| frequent(least).count() <= options.max_terms).unwrap_or(u32::MAX);
        let mut chosen: Vec<u32> = frequent(least).collect();
        chosen.sort_unstable_by(|&a, &b| term(a).cmp(&term(b)));
        let n = rows.len() as f64;
        let idf =
            chosen.iter().map(|&id| (libm::log((1.0 + n) / (1.0 + f64::from(frequency[id as usize]))) + 1.0) as f32).collect();
        let vocabulary = Vocabulary::new(chosen.into_iter().map(term)).expect("terms are counted once each, and sorted");
        Self { options: options.clone(), lexicon, vocabulary, idf }
    }

    /// Columns of the rows that this featuriser makes.
    pub(crate) fn width(&self) -> usize {
        self.vocabulary.len()
    }

    /// The given rows of counted texts as a matrix, with the share of known words of each.
    pub(crate) fn transform_counts(&self, counts: &TermCounts, rows: &[usize]) -> (FeatureMatrix, Vec<f32>) {
        let columns: Vec<Option<u32>> =
            counts.terms.iter().map(|term| self.vocabulary.column(term_hash(term.family, &term.name))).collect();
        let mut weighted = WeightedRow::default();
        let mut matrix = MatrixBuilder::default();
        let mut known = Vec::with_capacity(rows.len());
        let mut found = Vec::new();
        for &row in rows {
            found.clear();
            let mut words = WordShare::default();
            for &(id, count) in counts.row(row) {
                let term = &counts.terms[id as usize];
                let column = columns[id as usize];
                if term.family == Family::Stem {
                    words.add(column.is_some(), count);
                }
                found.extend(column.map(|column| (column, count)));
            }
            found.sort_unstable();
            self.weigh(&found, words, &mut weighted);
            known.push(weighted.known);
            matrix.push(&weighted.entries);
        }
        (matrix.finish(self.width()), known)
    }

    /// One text as a row, written over `row`.
    pub(crate) fn transform(&self, text: &str, scratch: &mut Scratch, row: &mut WeightedRow) {
        scratch.tokenizer.tokenize(text, &mut scratch.tokens);
        let mut lookup = Lookup { featurizer: self, found: std::mem::take(&mut scratch.found), words: WordShare::default() };
        lookup.found.clear();
        extract(&scratch.tokens, &self.options, self.lexicon.as_deref(), &mut lookup);
        let Lookup { mut found, words, .. } = lookup;
        found.sort_unstable();
        scratch.counted.clear();
        for &column in &found {
            match scratch.counted.last_mut() {
                Some((last, count)) if *last == column => *count += 1,
                _ => scratch.counted.push((column, 1)),
            }
        }
        scratch.found = found;
        self.weigh(&scratch.counted, words, row);
    }

    /// Where the terms of a text stand in it: for each occurrence of a known term, its column and the bytes of the text.
    pub(crate) fn locate(&self, text: &str, scratch: &mut Scratch) -> Vec<(u32, Range<u32>)> {
        scratch.tokenizer.tokenize(text, &mut scratch.tokens);
        let mut locator = Locator { featurizer: self, places: Vec::new() };
        extract(&scratch.tokens, &self.options, self.lexicon.as_deref(), &mut locator);
        locator.places.sort_unstable_by_key(|(column, span)| (*column, span.start, span.end));
        locator.places
    }

    /// Sublinear counts times idf, each family's block scaled to its weight, the whole row to unit length.
    ///
    /// Unit rows keep one long text from dominating the fit, and make the learner's cost constant comparable between corpora.
    fn weigh(&self, counted: &[(u32, u32)], words: WordShare, row: &mut WeightedRow) {
        row.known = words.share();
        row.entries.clear();
        let mut square = [0.0_f64; Family::ALL.len()];
        for &(column, count) in counted {
            let value = (1.0 + libm::log(f64::from(count))) * f64::from(self.idf[column as usize]);
            square[self.vocabulary.family(column as usize) as usize] += value * value;
            row.entries.push((column, value as f32));
        }
        let weight = |family: usize| f64::from(self.options.weights[family]);
        let total: f64 =
            (0..square.len()).filter(|&family| square[family] > 0.0).map(|family| weight(family) * weight(family)).sum();
        let scale: Vec<f32> = (0..square.len())
            .map(
                |family| {
                    if square[family] * total > 0.0 { (weight(family) / (square[family] * total).sqrt()) as f32 } else { 0.0 }
                },
            )
            .collect();
        for (column, value) in &mut row.entries {
            *value *= scale[self.vocabulary.family(*column as usize) as usize];
        }
        row.entries.retain(|&(_, value)| value != 0.0);
    }
}

/// What one thread needs to turn texts into rows without allocating for each.
pub(crate) struct Scratch {
    tokenizer: Tokenizer,
    tokens: Tokens,
    found: Vec<u32>,
    counted: Vec<(u32, u32)>,
}

impl Scratch {
    pub(crate) fn new(options: &FeatureOptions) -> Self {
        Self { tokenizer: options.tokenizer(), tokens: Tokens::default(), found: Vec::new(), counted: Vec::new() }
    }
}

/// Known words among all words.
#[derive(Debug, Clone, Copy, Default)]
struct WordShare {
    known: u32,
    all: u32,
}

impl WordShare {
    fn add(&mut self, known: bool, count: u32) {
        self.all += count;
        if known {
            self.known += count;
        }
    }

    fn share(self) -> f32 {
        if self.all == 0 { 0.0 } else { self.known as f32 / self.all as f32 }
    }
}

struct Lookup<'a> {
    featurizer: &'a Featurizer,
    found: Vec<u32>,
    words: WordShare,
}

impl Sink for Lookup<'_> {
    fn occurrence(&mut self, family: Family, hash: u64, _: Range<u32>, _: impl FnOnce(&mut String)) {
        let column = self.featurizer.vocabulary.column(hash);
        if family == Family::Stem {
            self.words.add(column.is_some(), 1);
        }
        self.found.extend(column);
    }
}

struct Locator<'a> {
    featurizer: &'a Featurizer,
    places: Vec<(u32, Range<u32>)>,
}

impl Sink for Locator<'_> {
    fn occurrence(&mut self, _: Family, hash: u64, span: Range<u32>, _: impl FnOnce(&mut String)) {
        self.places.extend(self.featurizer.vocabulary.column(hash).map(|column| (column, span)));
    }
}

/// Puts a matrix together row by row.
#[derive(Default)]
struct MatrixBuilder {
    ends: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl MatrixBuilder {
    fn push(&mut self, entries: &[(u32, f32)]) {
        self.columns.extend(entries.iter().map(|&(column, _)| column));
        self.values.extend(entries.iter().map(|&(_, value)| value));
        self.ends.push(self.columns.len());
    }

    fn finish(self, width: usize) -> FeatureMatrix {
        let rows = self.ends.len();
        let mut starts = vec![0];
        starts.extend(self.ends);
        FeatureMatrix(CsMatI::new((rows, width), starts, self.columns, self.values))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every occurrence in a text as `family name`, in order; what the family modules' tests assert whole.
    pub(crate) struct Listing(pub(crate) Vec<(Family, String, Range<u32>)>);

    impl Sink for Listing {
        fn occurrence(&mut self, family: Family, hash: u64, span: Range<u32>, name: impl FnOnce(&mut String)) {
            let mut text = String::new();
            name(&mut text);
            assert_eq!(hash, term_hash(family, &text), "the running hash must be the hash of the name {text:?}");
            self.0.push((family, text, span));
        }
    }

    pub(crate) fn listing(text: &str, family: Family) -> Vec<String> {
        let mut tokens = Tokens::default();
        Tokenizer::new(Language::ENGLISH).tokenize(text, &mut tokens);
        let mut listing = Listing(Vec::new());
        extract(&tokens, &FeatureOptions::default(), None, &mut listing);
        listing.0.into_iter().filter(|(found, ..)| *found == family).map(|(_, name, _)| name).collect()
    }

    fn fitted(texts: &[&str]) -> (TermCounts, Featurizer) {
        let options = FeatureOptions { min_rows: 1, ..FeatureOptions::default() };
        let counts = TermCounts::new(texts, &options, None);
        let rows: Vec<usize> = (0..texts.len()).collect();
        let featurizer = Featurizer::fit(&options, None, &counts, &rows);
        (counts, featurizer)
    }

    #[test]
    fn the_hash_is_frozen() {
        assert_eq!(term_hash(Family::Stem, ""), 0xaf63_bd4c_8601_b7df);
        assert_eq!(
            term_hash(Family::Phrase, "refus to"),
            TermHash::new(Family::Phrase).text("refus").byte(b' ').text("to").finish()
        );
    }

    #[test]
    fn training_and_prediction_make_the_same_row() {
        let texts = ["Lima refused to talk to Quito.", "\"Will Quito not talk?\" Lima asked, and asked again.", ""];
        let (counts, featurizer) = fitted(&texts);
        let (matrix, known) = featurizer.transform_counts(&counts, &[0, 1, 2]);
        let mut scratch = Scratch::new(&featurizer.options);
        let mut row = WeightedRow::default();
        for (i, text) in texts.iter().enumerate() {
            featurizer.transform(text, &mut scratch, &mut row);
            let trained: Vec<(u32, f32)> =
                matrix.0.outer_view(i).unwrap().iter().map(|(column, &value)| (column as u32, value)).collect();
            assert_eq!(row.entries, trained, "row {i}");
            assert_eq!(row.known, known[i]);
        }
    }

    #[test]
    fn rare_terms_are_left_out_and_the_commonest_kept_under_a_limit() {
        let options = FeatureOptions {
            weights: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            min_rows: 2,
            max_terms: 2,
            ..FeatureOptions::default()
        };
        let counts = TermCounts::new(&["a b c d", "a b c", "a b"], &options, None);
        let featurizer = Featurizer::fit(&options, None, &counts, &[0, 1, 2]);
        let names: Vec<&str> = featurizer.vocabulary.terms().map(|term| term.name).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn a_row_of_families_without_weight_is_empty() {
        let options = FeatureOptions { weights: [0.0; Family::ALL.len()], min_rows: 1, ..FeatureOptions::default() };
        let counts = TermCounts::new(&["Lima refused to talk."], &options, None);
        let featurizer = Featurizer::fit(&options, None, &counts, &[0]);
        let (matrix, known) = featurizer.transform_counts(&counts, &[0]);
        assert_eq!((matrix.0.nnz(), known), (0, vec![1.0]));
    }

    #[test]
    fn a_family_without_weight_is_left_out_of_the_terms() {
        let lexicon = Arc::new(Lexicon::parse("cues", "class,cue\nrefuse,refuse\n", Language::ENGLISH).unwrap());
        let mut options = FeatureOptions { min_rows: 1, ..FeatureOptions::default() };
        let families = |options: &FeatureOptions| {
            let counts = TermCounts::new(&["Lima refused to talk."], options, Some(&lexicon));
            let featurizer = Featurizer::fit(options, Some(lexicon.clone()), &counts, &[0]);
            featurizer.vocabulary.terms().map(|term| term.family).collect::<std::collections::BTreeSet<_>>()
        };
        assert!(families(&options).contains(&Family::CueWord));
        options.weights[Family::CueWord as usize] = 0.0;
        assert!(!families(&options).contains(&Family::CueWord) && families(&options).contains(&Family::Cue));
    }

    #[test]
    fn an_unknown_text_has_no_known_words() {
        let (_, featurizer) = fitted(&["Lima refused to talk."]);
        let mut row = WeightedRow::default();
        featurizer.transform("Zxqv wrtl.", &mut Scratch::new(&featurizer.options), &mut row);
        assert_eq!(row.known, 0.0);
    }

    proptest! {
        #[test]
        fn rows_have_unit_length_or_none(text in "([a-z]{1,6}[ .?,]{1,2}){0,20}|\\PC{0,60}") {
            let (_, featurizer) = fitted(&["a man said no to the plan", "will the plan not be said?"]);
            let mut row = WeightedRow::default();
            featurizer.transform(&text, &mut Scratch::new(&featurizer.options), &mut row);
            let square: f32 = row.entries.iter().map(|(_, value)| value * value).sum();
            prop_assert!(row.entries.is_empty() || (square - 1.0).abs() < 1e-4, "{square}");
        }
    }
}
