//! Thresholds as a person types them.

use crate::classifier::Classifier;
use crate::error::{Error, Result};

/// The classifier's thresholds, changed by settings such as `0.6` (for all labels) and `denial=0.6` (for one); later ones win.
///
/// # Errors
/// [`Error::Option`] if a value is not a number from 0 to 1, or a label is not the model's.
///
/// ```
/// use demarche::{Classifier, parse_thresholds};
/// let thresholds = parse_thresholds(Classifier::embedded(), &["0.6".into(), "denial=0.9".into()])?;
/// assert_eq!(thresholds[2], 0.9);
/// assert_eq!(thresholds[0], 0.6);
/// # Ok::<(), demarche::Error>(())
/// ```
pub fn parse_thresholds(classifier: &Classifier, settings: &[String]) -> Result<Vec<f32>> {
    let mut thresholds = classifier.thresholds();
    for setting in settings {
        let fail = |problem: String| Error::Option { option: "--threshold", problem };
        let (label, value) = match setting.rsplit_once('=') {
            Some((label, value)) => (Some(label), value),
            None => (None, setting.as_str()),
        };
        let value = value
            .trim()
            .parse::<f32>()
            .ok()
            .filter(|value| (0.0..=1.0).contains(value))
            .ok_or_else(|| fail(format!("\"{setting}\" is neither a number from 0 to 1 nor label=number")))?;
        match label.map(str::trim) {
            None => thresholds.fill(value),
            Some(label) => match classifier.labels().iter().position(|known| known == label) {
                Some(position) => thresholds[position] = value,
                None => return Err(fail(format!("no label \"{label}\"; the model has {}", classifier.labels().join(", ")))),
            },
        }
    }
    Ok(thresholds)
}
