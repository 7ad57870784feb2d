//! A search for settings: a fixed grid, stratified folds, a fixed seed, so the answer is the same on every machine.

use crate::classifier::Classifier;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::trainer::Trainer;

/// Costs that are tried.
pub const COSTS: [f64; 4] = [4.0, 16.0, 64.0, 256.0];

/// Ratios that are tried, see [`LinearParams::ratio`](crate::LinearParams::ratio).
pub const RATIOS: [f64; 3] = [0.0, 0.5, 1.0];

/// One cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// The cost.
    pub cost: f64,
    /// The ratio.
    pub ratio: f64,
    /// Macro F1 of out-of-fold answers.
    pub macro_f1: f64,
}

/// Trains with every pair of [`COSTS`] and [`RATIOS`] and returns all trials, in order, with the classifier of the best; of equals,
/// the earlier. What counts is macro F1 on rows that the scoring model has not seen (the folds that calibrate anyway);
/// `progress` is called after each trial.
///
/// # Errors
/// As [`Trainer::fit`].
pub fn tune(trainer: &Trainer, corpus: &Corpus, progress: &dyn Fn(usize)) -> Result<(Vec<Trial>, Classifier)> {
    let mut trials: Vec<Trial> = Vec::new();
    let mut best: Option<(f64, Classifier)> = None;
    for cost in COSTS {
        for ratio in RATIOS {
            let learner = trainer.learner_params().clone().cost(cost).ratio(ratio);
            let classifier = trainer.clone().learner(learner).fit(corpus)?;
            let macro_f1 = classifier.provenance().out_of_fold_macro_f1;
            trials.push(Trial { cost, ratio, macro_f1 });
            if best.as_ref().is_none_or(|(f1, _)| macro_f1 > *f1) {
                best = Some((macro_f1, classifier));
            }
            progress(trials.len());
        }
    }
    match best {
        Some((_, classifier)) => Ok((trials, classifier)),
        None => Ok((trials, trainer.fit(corpus)?)),
    }
}
