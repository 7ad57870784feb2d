//! From a corpus to a classifier: the only place that joins the steps of fitting.

use std::sync::Arc;

use linfa::ParamGuard;
use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::classifier::{Classifier, Identity, Prediction, Provenance, decide};
use crate::corpus::{Corpus, Example, hex};
use crate::counts::{Counts, macro_f1};
use crate::error::{DataFault, Error, Place, Result};
use crate::features::{Family, FeatureOptions, Featurizer, Lexicon, TermCounts};
use crate::folds::stratified_folds;
use crate::linear::{Linear, LinearParams, LinearValidParams};
use crate::model;

/// All settings of a training: with the corpus, they determine the model's bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainerOptions {
    /// Settings of the features.
    pub features: FeatureOptions,
    /// Settings of the learner.
    pub learner: LinearValidParams,
    /// Folds for the out-of-fold scores that calibrate (5, or fewer if a label has fewer rows).
    pub calibration_folds: usize,
    /// Seed of the folds.
    pub seed: u64,
}

/// Trains classifiers.
///
/// ```
/// use demarche::{Corpus, Trainer};
/// let rows: Vec<(String, Vec<&str>)> = (0..20)
///     .map(|i| if i % 2 == 0 { (format!("Town {i} rejected the plan"), vec!["denial"]) } else { (format!("Town {i} held a fair"), vec![]) })
///     .collect();
/// let rows: Vec<(&str, Vec<&str>)> = rows.iter().map(|(text, labels)| (text.as_str(), labels.clone())).collect();
/// let classifier = Trainer::new().fit(&Corpus::from_texts(&rows)?)?;
/// assert_eq!(classifier.classify("Village 7 rejected the plan")[0].labels, ["denial"]);
/// # Ok::<(), demarche::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Trainer {
    features: FeatureOptions,
    lexicon: Option<Arc<Lexicon>>,
    learner: LinearParams,
    calibration_folds: usize,
    seed: u64,
}

impl Default for Trainer {
    fn default() -> Self {
        Self::new()
    }
}

impl Trainer {
    /// A trainer with the default settings.
    #[must_use]
    pub fn new() -> Self {
        Self {
            features: FeatureOptions::default(),
            lexicon: None,
            learner: LinearParams::default(),
            calibration_folds: 5,
            seed: 42,
        }
    }

    /// Settings of the features.
    #[must_use]
    pub fn features(mut self, features: FeatureOptions) -> Self {
        self.features = features;
        self
    }

    /// Cues to see the texts with; none by default, since cues belong to a subject.
    #[must_use]
    pub fn cues(mut self, lexicon: Lexicon) -> Self {
        self.lexicon = Some(Arc::new(lexicon));
        self
    }

    /// Settings of the learner.
    #[must_use]
    pub fn learner(mut self, learner: LinearParams) -> Self {
        self.learner = learner;
        self
    }

    /// Seed of the folds and of the learner (default 42).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self.learner = self.learner.seed(seed);
        self
    }

    pub(crate) fn learner_params(&self) -> &LinearParams {
        &self.learner
    }

    pub(crate) fn seed_value(&self) -> u64 {
        self.seed
    }

    /// Trains on a corpus. The result depends on the corpus and the settings alone: not on the order of rows, nor on the number
    /// of threads.
    ///
    /// # Errors
    /// [`DataFault::RareLabel`] for a label with one row, [`DataFault::NoFeatures`] if no term is frequent enough,
    /// [`Error::Learner`] for unusable settings, [`Error::Calibration`] if scores cannot be calibrated.
    pub fn fit(&self, corpus: &Corpus) -> Result<Classifier> {
        let prepared = self.prepare(corpus)?;
        let rows: Vec<usize> = (0..prepared.examples.len()).collect();
        let fitted = prepared.fit(&rows)?;
        let mut support = vec![0; corpus.labels.len()];
        prepared.examples.iter().flat_map(|example| &example.labels).for_each(|&label| support[label] += 1);
        let provenance = Provenance {
            corpus: corpus.hash(),
            rows: corpus.examples.len(),
            support,
            options: TrainerOptions {
                features: self.features.clone(),
                learner: prepared.learner.clone(),
                calibration_folds: self.calibration_folds,
                seed: self.seed,
            },
            out_of_fold_macro_f1: fitted.out_of_fold_macro_f1,
            convergence: fitted.linear.convergence.clone(),
            program: concat!("demarche ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let mut classifier = Classifier {
            labels: corpus.labels.clone(),
            task: corpus.task(),
            featurizer: fitted.featurizer,
            linear: fitted.linear,
            calibration: fitted.calibration,
            min_known: fitted.min_known,
            provenance,
            identity: Identity { name: "trained now, not saved".into(), hash: String::new() },
        };
        classifier.identity.hash = hex(&<sha2::Sha256 as sha2::Digest>::digest(model::to_bytes(&classifier)));
        Ok(classifier)
    }

    /// Predicts every row of the corpus by a model that has not seen it: trains `folds` times on all folds but one, calibration
    /// and thresholds included. The answers are in the order of the corpus's rows; `progress` is called after each fold.
    ///
    /// # Errors
    /// As [`Trainer::fit`], and [`DataFault::FewerRowsThanFolds`].
    pub fn cross_validate(&self, corpus: &Corpus, folds: usize, progress: &(dyn Fn(usize) + Sync)) -> Result<Vec<Prediction>> {
        for (label, rows) in corpus.labels.iter().zip(corpus.support()) {
            if rows < folds {
                let fault = DataFault::FewerRowsThanFolds { label: label.clone(), rows, folds };
                return Err(Error::data(Place::file("the corpus"), fault));
            }
        }
        let prepared = self.prepare(corpus)?;
        let fold_of = stratified_folds(&prepared.examples, corpus.labels.len(), folds, self.seed);
        let done = std::sync::atomic::AtomicUsize::new(0);
        let answers: Vec<Vec<(usize, Prediction)>> = (0..folds)
            .into_par_iter()
            .map(|fold| {
                let (held_out, training): (Vec<usize>, Vec<usize>) = (0..fold_of.len()).partition(|&row| fold_of[row] == fold);
                let fitted = prepared.fit(&training)?;
                let (matrix, known) = fitted.featurizer.transform_counts(&prepared.counts, &held_out);
                let scores = fitted.linear.scores(&matrix);
                let answers = held_out.iter().enumerate().map(|(i, &row)| {
                    let scores: Vec<f64> = scores.row(i).iter().copied().map(f64::from).collect();
                    (row, decide(corpus.task(), &fitted.calibration, fitted.min_known, &scores, known[i]))
                });
                let answers = answers.collect();
                progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
                Ok(answers)
            })
            .collect::<Result<_>>()?;
        // `prepared` holds the rows sorted; the answers go back to the places the rows came from.
        let mut by_row: Vec<(usize, Prediction)> =
            answers.into_iter().flatten().map(|(row, prediction)| (prepared.origin[row], prediction)).collect();
        by_row.sort_by_key(|&(row, _)| row);
        Ok(by_row.into_iter().map(|(_, prediction)| prediction).collect())
    }

    fn prepare<'a>(&'a self, corpus: &'a Corpus) -> Result<Prepared<'a>> {
        for (label, rows) in corpus.labels.iter().zip(corpus.support()) {
            if rows < 2 {
                return Err(Error::data(Place::file("the corpus"), DataFault::RareLabel { label: label.clone(), rows }));
            }
        }
        let learner = self.learner.clone().check()?;
        let origin = corpus.sorted_positions();
        let examples: Vec<&Example> = origin.iter().map(|&row| &corpus.examples[row]).collect();
        let texts: Vec<&str> = examples.iter().map(|example| example.text.as_str()).collect();
        let counts = TermCounts::new(&texts, &self.features, self.lexicon.as_deref());
        Ok(Prepared { trainer: self, corpus, learner, origin, examples, counts })
    }
}

/// A corpus with its terms counted, ready to be fitted on any of its rows.
struct Prepared<'a> {
    trainer: &'a Trainer,
    corpus: &'a Corpus,
    learner: LinearValidParams,
    /// Position in the corpus of each example.
    origin: Vec<usize>,
    /// The examples, sorted.
    examples: Vec<&'a Example>,
    counts: TermCounts,
}

/// What a fit learns.
struct Fitted {
    featurizer: Featurizer,
    linear: Linear,
    calibration: Vec<Calibration>,
    min_known: f32,
    out_of_fold_macro_f1: f64,
}

impl Prepared<'_> {
    /// Fits features and scorers on `rows`, and calibrates them on the scores that models of all folds but one give to that one.
    fn fit(&self, rows: &[usize]) -> Result<Fitted> {
        let examples: Vec<&Example> = rows.iter().map(|&row| self.examples[row]).collect();
        let labels = self.corpus.labels.len();
        let rarest =
            (0..labels).map(|label| examples.iter().filter(|example| example.labels.contains(&label)).count()).min().unwrap_or(0);
        let folds = self.trainer.calibration_folds.min(rarest).max(2);
        let fold_of = stratified_folds(&examples, labels, folds, self.trainer.seed);

        // One task a fold, and the last for all rows: the fits are independent, so they run side by side.
        let mut fits: Vec<(Vec<usize>, Featurizer, Linear)> = (0..=folds)
            .into_par_iter()
            .map(|fold| {
                let (held_out, training): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(|&i| fold_of[i] == fold);
                let training: Vec<usize> = training.into_iter().map(|i| rows[i]).collect();
                let (featurizer, linear) = self.fit_uncalibrated(&training)?;
                Ok((held_out, featurizer, linear))
            })
            .collect::<Result<_>>()?;
        let (_, featurizer, linear) = fits.pop().expect("the last fit is the one on all rows");

        let mut scores = Array2::<f32>::zeros((rows.len(), labels));
        let mut known = vec![0.0_f32; rows.len()];
        for (held_out, featurizer, linear) in &fits {
            let originals: Vec<usize> = held_out.iter().map(|&i| rows[i]).collect();
            let (matrix, shares) = featurizer.transform_counts(&self.counts, &originals);
            let fold_scores = linear.scores(&matrix);
            for (at, &i) in held_out.iter().enumerate() {
                scores.row_mut(i).assign(&fold_scores.row(at));
                known[i] = shares[at];
            }
        }
        let calibration: Vec<Calibration> = (0..labels)
            .map(|label| {
                let truth: Vec<bool> = examples.iter().map(|example| example.labels.contains(&label)).collect();
                Calibration::fit(&self.corpus.labels[label], &scores.column(label).to_vec(), &truth)
            })
            .collect::<Result<_>>()?;
        let min_known = least_known(&known);
        let answers = (0..rows.len()).map(|i| {
            let row: Vec<f64> = scores.row(i).iter().copied().map(f64::from).collect();
            decide(self.corpus.task(), &calibration, min_known, &row, known[i])
        });
        let out_of_fold_macro_f1 = macro_f1_of(labels, &examples, answers);
        Ok(Fitted { featurizer, linear, calibration, min_known, out_of_fold_macro_f1 })
    }

    fn fit_uncalibrated(&self, rows: &[usize]) -> Result<(Featurizer, Linear)> {
        let featurizer = Featurizer::fit(&self.trainer.features, self.trainer.lexicon.clone(), &self.counts, rows);
        // The shape of sentences alone says nothing of what they are about.
        if featurizer.vocabulary.terms().all(|term| term.family == Family::Shape) {
            return Err(Error::data(Place::file("the corpus"), DataFault::NoFeatures));
        }
        let (matrix, _) = featurizer.transform_counts(&self.counts, rows);
        let mut targets = Array2::default((rows.len(), self.corpus.labels.len()));
        for (i, &row) in rows.iter().enumerate() {
            self.examples[row].labels.iter().for_each(|&label| targets[(i, label)] = true);
        }
        for (label, column) in self.corpus.labels.iter().zip(targets.columns()) {
            if column.iter().all(|target| *target == column[0]) {
                return Err(Error::data(Place::file("the corpus"), DataFault::TooAlike(label.clone())));
            }
        }
        let linear = self.learner.fit(&DatasetBase::new(matrix, targets))?;
        Ok((featurizer, linear))
    }
}

/// Macro F1 of answers for examples.
fn macro_f1_of(labels: usize, examples: &[&Example], answers: impl Iterator<Item = Prediction>) -> f64 {
    let mut counts = vec![Counts::default(); labels];
    for (example, answer) in examples.iter().zip(answers) {
        for (label, counts) in counts.iter_mut().enumerate() {
            counts.add(example.labels.contains(&label), answer.labels.contains(&label));
        }
    }
    macro_f1(&counts).unwrap_or(0.0)
}

/// The share of known words under which a text is too foreign to be judged: half of what the model knew, unseen, of all but the
/// strangest hundredth of its own corpus.
fn least_known(shares: &[f32]) -> f32 {
    let mut shares = shares.to_vec();
    shares.sort_by(f32::total_cmp);
    shares.get(shares.len() / 100).map_or(0.0, |share| share / 2.0)
}
