//! From scores to probabilities, and from probabilities to decisions.
//!
//! Both are learnt from out-of-fold scores: a model's scores on its own training rows are too good to calibrate on.

use linfa::ParamGuard;
use linfa::composing::platt_scaling::{Platt, platt_newton_method};
use ndarray::Array1;

use crate::error::{Error, Result};
use crate::linear::sigmoid;

/// Platt's sigmoid of one label, `p = σ(slope · score + offset)`, and the probability from which the label is given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calibration {
    pub(crate) slope: f32,
    pub(crate) offset: f32,
    pub(crate) threshold: f32,
}

impl Calibration {
    /// Fits the sigmoid and chooses the threshold with the best F1 on held-out scores.
    ///
    /// Platt scaling is linfa's (J. Platt, 1999, with the corrections of H.-T. Lin, C.-J. Lin and R. Weng, "A note on Platt's
    /// probabilistic outputs for support vector machines", Machine Learning 68, 2007).
    ///
    /// # Errors
    /// [`Error::Calibration`] if the scaling does not converge.
    pub(crate) fn fit(label: &str, scores: &[f32], truth: &[bool]) -> Result<Self> {
        let wide: Array1<f64> = scores.iter().copied().map(f64::from).collect();
        let truth_array: Array1<bool> = truth.iter().copied().collect();
        let params = Platt::<f64, ()>::params().check_unwrap();
        let (a, b) = platt_newton_method(wide.view(), truth_array.view(), &params)
            .map_err(|problem| Error::Calibration { label: label.to_owned(), problem: problem.to_string() })?;
        // linfa writes the sigmoid as 1 / (1 + exp(a·score + b)).
        let mut calibration = Self { slope: -a as f32, offset: -b as f32, threshold: 0.5 };
        let probabilities: Vec<f32> = scores.iter().map(|&score| calibration.probability(f64::from(score))).collect();
        calibration.threshold = best_threshold(&probabilities, truth);
        Ok(calibration)
    }

    /// The probability of a score.
    pub(crate) fn probability(&self, score: f64) -> f32 {
        sigmoid(f64::from(self.slope) * score + f64::from(self.offset)) as f32
    }
}

/// The threshold with the best F1, half-way between two neighbouring probabilities; of equals, the one nearest to one half.
fn best_threshold(probabilities: &[f32], truth: &[bool]) -> f32 {
    let mut ranked: Vec<(f32, bool)> = probabilities.iter().copied().zip(truth.iter().copied()).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let positives = truth.iter().filter(|&&t| t).count();
    let mut best = (0.0_f64, 0.5_f32);
    let mut hits = 0;
    for (i, &(probability, is_true)) in ranked.iter().enumerate() {
        hits += usize::from(is_true);
        let next = ranked.get(i + 1).map_or(0.0, |&(next, _)| next);
        if next == probability {
            continue;
        }
        let f1 = 2.0 * hits as f64 / (i + 1 + positives) as f64;
        let threshold = f32::midpoint(probability, next);
        if f1 > best.0 || f1 == best.0 && (threshold - 0.5).abs() < (best.1 - 0.5).abs() {
            best = (f1, threshold);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_threshold_with_the_best_f1_is_found() {
        assert_eq!(best_threshold(&[0.9, 0.7, 0.6, 0.2], &[true, true, false, false]), 0.65);
        assert_eq!(best_threshold(&[0.3, 0.2, 0.1], &[true, true, false]), 0.15);
    }

    #[test]
    fn higher_scores_give_higher_probabilities() {
        let calibration =
            Calibration::fit("x", &[2.0, 1.0, 0.5, -0.5, -1.0, -2.0], &[true, true, false, true, false, false]).unwrap();
        assert!(calibration.slope > 0.0);
        assert!(calibration.probability(1.0) > calibration.probability(-1.0));
    }

    proptest! {
        #[test]
        fn any_scores_can_be_calibrated(rows in proptest::collection::vec((-30.0..30.0_f32, any::<bool>()), 4..80)) {
            let (scores, truth): (Vec<f32>, Vec<bool>) = rows.into_iter().unzip();
            prop_assume!(truth.iter().any(|&t| t) && truth.iter().any(|&t| !t));
            let calibration = Calibration::fit("x", &scores, &truth).unwrap();
            for score in [-1e30, -50.0, 0.0, 50.0, 1e30] {
                let p = calibration.probability(score);
                prop_assert!((0.0..=1.0).contains(&p));
            }
        }
    }
}
