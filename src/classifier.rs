//! A trained model at work: texts in, labels with probabilities out.

use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::corpus::Task;
use crate::error::Result;
use crate::features::{Family, Featurizer, Scratch, Term, WeightedRow};
use crate::language::Language;
use crate::linear::{Convergence, Linear};
use crate::model;
use crate::sentences::split_sentences;

/// The shipped model's file, as `models/` holds it.
static EMBEDDED: &[u8] = include_bytes!("../models/stance-en.safetensors");

/// What the classifier can say of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// One label or more is given.
    Ok,
    /// The text is understood and carries no label.
    None,
    /// Too little of the text is known to the model to say anything.
    Unsure,
}

impl Status {
    /// `ok`, `none` or `unsure`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::None => "none",
            Self::Unsure => "unsure",
        }
    }
}

/// The classifier's answer for one text.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Whether the labels can be relied on.
    pub status: Status,
    /// Labels given, as positions in [`Classifier::labels`], most probable first; empty for none and unsure.
    pub labels: Vec<usize>,
    /// Probability of each label of [`Classifier::labels`], 0 to 1, independent of each other.
    pub probabilities: Vec<f32>,
}

/// A sentence of an article and the answer for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sentence<'a> {
    /// The sentence as it stands in the article.
    pub text: &'a str,
    /// Its bytes in the article.
    pub span: Range<usize>,
    /// Names of the labels given, most probable first.
    pub labels: Vec<&'a str>,
    /// The whole answer.
    pub prediction: Prediction,
}

/// One term's part in a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution<'a> {
    /// The term.
    pub term: Term<'a>,
    /// What it adds to the calibrated log-odds of the label.
    pub value: f64,
    /// Where it stands in the text, in bytes.
    pub places: Vec<Range<usize>>,
}

/// Why a label has its probability: the log-odds are `bias` plus all contributions, nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation<'a> {
    /// Position of the label in [`Classifier::labels`].
    pub label: usize,
    /// The log-odds of the label; its probability is `1 / (1 + e^-log_odds)`.
    pub log_odds: f64,
    /// Log-odds of a text without a known term.
    pub bias: f64,
    /// The terms of the text, the strongest first.
    pub contributions: Vec<Contribution<'a>>,
}

/// Everything about a model that is neither a weight nor a threshold: how it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// SHA-256 of the training corpus, see [`Corpus::hash`](crate::Corpus::hash).
    pub corpus: String,
    /// Rows of the training corpus.
    pub rows: usize,
    /// Rows with each label.
    pub support: Vec<usize>,
    /// Settings of the trainer, for whoever trains the model again.
    pub options: crate::trainer::TrainerOptions,
    /// Macro F1 of the labels that models of all folds but one give to the rows of that one; thresholds chosen on the same rows.
    pub out_of_fold_macro_f1: f64,
    /// How the fit of each label ended.
    pub convergence: Vec<Convergence>,
    /// Version of the program.
    pub program: String,
}

/// A trained model. It does not change once it is made, and threads can share it.
///
/// ```
/// use demarche::Classifier;
/// let classifier = Classifier::embedded();
/// let sentences = classifier.classify("The ministers met in Quito. Lima rejected the offer.");
/// assert_eq!(sentences[1].labels, ["denial"]);
/// assert_eq!(sentences[1].span, 28..52);
/// ```
#[derive(Debug, Clone)]
pub struct Classifier {
    pub(crate) labels: Vec<String>,
    pub(crate) task: Task,
    pub(crate) featurizer: Featurizer,
    pub(crate) linear: Linear,
    pub(crate) calibration: Vec<Calibration>,
    /// Share of known words below which the answer is [`Status::Unsure`].
    pub(crate) min_known: f32,
    pub(crate) provenance: Provenance,
    /// Name of the file and SHA-256 of its bytes.
    pub(crate) identity: Identity,
}

/// Which model it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// File name without its folder, or `stance-en (embedded)`.
    pub name: String,
    /// SHA-256 (FIPS 180-4) of the model file, in hexadecimal.
    pub hash: String,
}

impl Classifier {
    /// The shipped model, which is part of the program.
    ///
    /// # Panics
    /// Never in a build that passed its tests: one of them reads the embedded model.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();
        CLASSIFIER.get_or_init(|| model::from_bytes("stance-en (embedded)", EMBEDDED).expect("the shipped model is sound"))
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the file cannot be read, [`Error::Model`](crate::Error::Model) if it is not a sound
    /// model of a version that this program knows. Nothing half-read is ever returned.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        model::load(path.as_ref())
    }

    /// Writes the model file: completely or not at all. Returns the SHA-256 of its bytes.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be written, [`Error::Exists`](crate::Error::Exists) if there is a file and
    /// `replace` is false.
    pub fn save(&self, path: impl AsRef<Path>, replace: bool) -> Result<String> {
        model::save(self, path.as_ref(), replace)
    }

    /// The labels, sorted.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// What a text can be labelled with.
    #[must_use]
    pub fn task(&self) -> Task {
        self.task
    }

    /// The probability from which each label is given.
    #[must_use]
    pub fn thresholds(&self) -> Vec<f32> {
        self.calibration.iter().map(|calibration| calibration.threshold).collect()
    }

    /// Labels with the probability from which each is given.
    #[must_use]
    pub fn labelled_thresholds(&self) -> Vec<(&str, f32)> {
        self.labels.iter().map(String::as_str).zip(self.thresholds()).collect()
    }

    /// Gives labels from other probabilities than the model's own; one a label.
    ///
    /// # Panics
    /// If there are not as many thresholds as labels.
    #[must_use]
    pub fn with_thresholds(mut self, thresholds: &[f32]) -> Self {
        assert_eq!(thresholds.len(), self.labels.len(), "one threshold a label");
        self.calibration.iter_mut().zip(thresholds).for_each(|(calibration, &threshold)| calibration.threshold = threshold);
        self
    }

    /// Which model it is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// How it was made.
    #[must_use]
    pub fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    /// Number of terms it knows.
    #[must_use]
    pub fn terms(&self) -> usize {
        self.featurizer.width()
    }

    /// The language it was trained for.
    #[must_use]
    pub fn language(&self) -> Language {
        self.featurizer.options.language.parse().unwrap_or(Language::ENGLISH)
    }

    /// Splits an article into sentences and labels each.
    #[must_use]
    pub fn classify<'a>(&'a self, article: &'a str) -> Vec<Sentence<'a>> {
        let mut scratch = self.scratch();
        split_sentences(article, self.language())
            .into_iter()
            .map(|span| {
                let text = &article[span.clone()];
                let prediction = self.predict_with(text, &mut scratch);
                let labels = prediction.labels.iter().map(|&label| self.labels[label].as_str()).collect();
                Sentence { text, span, labels, prediction }
            })
            .collect()
    }

    /// Labels one text as it is, without splitting it.
    #[must_use]
    pub fn predict(&self, text: &str) -> Prediction {
        self.predict_with(text, &mut self.scratch())
    }

    /// Memory for [`Classifier::predict_with`]: one for each thread.
    pub(crate) fn scratch(&self) -> Predictor {
        Predictor { scratch: Scratch::new(&self.featurizer.options), row: WeightedRow::default() }
    }

    pub(crate) fn predict_with(&self, text: &str, predictor: &mut Predictor) -> Prediction {
        self.featurizer.transform(text, &mut predictor.scratch, &mut predictor.row);
        let scores = self.linear.score(predictor.row.entries.iter().copied());
        self.decide(&scores, predictor.row.known)
    }

    /// From scores to an answer.
    pub(crate) fn decide(&self, scores: &[f64], known: f32) -> Prediction {
        decide(self.task, &self.calibration, self.min_known, scores, known)
    }

    /// Why each label has its probability, in the order of [`Classifier::labels`].
    #[must_use]
    pub fn explain(&self, text: &str) -> Vec<Explanation<'_>> {
        let mut predictor = self.scratch();
        self.featurizer.transform(text, &mut predictor.scratch, &mut predictor.row);
        let places = self.featurizer.locate(text, &mut predictor.scratch);
        (0..self.labels.len())
            .map(|label| {
                let calibration = &self.calibration[label];
                let slope = f64::from(calibration.slope);
                let bias = slope * f64::from(self.linear.bias[label]) + f64::from(calibration.offset);
                let mut contributions: Vec<Contribution> = predictor
                    .row
                    .entries
                    .iter()
                    .map(|&(column, value)| {
                        let first = places.partition_point(|(other, _)| *other < column);
                        let stands = places[first..].iter().take_while(|(other, _)| *other == column);
                        Contribution {
                            term: self.featurizer.vocabulary.term(column as usize),
                            value: slope * f64::from(value) * f64::from(self.linear.weights[(column as usize, label)]),
                            places: stands.map(|(_, span)| span.start as usize..span.end as usize).collect(),
                        }
                    })
                    .collect();
                let log_odds = bias + contributions.iter().map(|contribution| contribution.value).sum::<f64>();
                contributions.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()).then_with(|| a.term.cmp(&b.term)));
                Explanation { label, log_odds, bias, contributions }
            })
            .collect()
    }
}

/// From scores to an answer, by the task that the training data set.
pub(crate) fn decide(task: Task, calibration: &[Calibration], min_known: f32, scores: &[f64], known: f32) -> Prediction {
    let probabilities: Vec<f32> =
        scores.iter().zip(calibration).map(|(&score, calibration)| calibration.probability(score)).collect();
    let mut ranked: Vec<usize> = (0..probabilities.len()).collect();
    ranked.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]).then(a.cmp(&b)));
    let over: Vec<usize> = ranked.iter().copied().filter(|&label| probabilities[label] >= calibration[label].threshold).collect();
    let labels = match (task.may_be_none, task.several) {
        // Exactly one label, always.
        (false, false) => ranked[..1].to_vec(),
        (false, true) if over.is_empty() => ranked[..1].to_vec(),
        (true, false) => over.into_iter().take(1).collect(),
        (_, true) => over,
    };
    if task.may_be_none && known < min_known {
        return Prediction { status: Status::Unsure, labels: Vec::new(), probabilities };
    }
    let status = if labels.is_empty() { Status::None } else { Status::Ok };
    Prediction { status, labels, probabilities }
}

/// What one thread needs to predict without allocating for each text.
pub(crate) struct Predictor {
    scratch: Scratch,
    row: WeightedRow,
}

impl Term<'_> {
    /// The term as a person reads it.
    #[must_use]
    pub fn display(&self) -> String {
        match self.family {
            Family::Stem => self.name.to_owned(),
            Family::Phrase => format!("\"{}\"", self.name),
            Family::Chars => format!("…{}…", self.name),
            Family::Negated => format!("not: {}", self.name),
            Family::Shape => format!("[{}]", self.name),
            Family::Cue | Family::CuePair | Family::CueWord => format!("<{}>", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn terms_and_bias_add_up_to_the_probability_and_stand_in_the_text(
            text in "([A-Z]?[a-z’]{1,8}[ .,!“”-]{1,2}){0,12}|(Lima |rejected |did not |if |the offer |\"|accused |, |sanctions ){0,12}|\\PC{0,60}"
        ) {
            let classifier = Classifier::embedded();
            let probabilities = classifier.predict(&text).probabilities;
            for explanation in classifier.explain(&text) {
                let sum = explanation.bias + explanation.contributions.iter().map(|part| part.value).sum::<f64>();
                prop_assert!((sum - explanation.log_odds).abs() < 1e-9);
                let probability = 1.0 / (1.0 + (-explanation.log_odds).exp());
                prop_assert!((probability - f64::from(probabilities[explanation.label])).abs() < 1e-5);
                for part in &explanation.contributions {
                    prop_assert!(!part.places.is_empty(), "{} stands nowhere", part.term.name);
                    prop_assert!(part.places.iter().all(|place| text.get(place.clone()).is_some()));
                }
            }
        }
    }
}
