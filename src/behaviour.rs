//! Minimal pairs: does the classifier follow the rules of the codebook?
//!
//! Two sentences that differ in a few words and in label say whether a model has learnt a distinction or a topic (M. Gardner et
//! al., "Evaluating models' local decision boundaries via contrast sets", Findings of EMNLP 2020). The pairs are about the five
//! stances and are never trained on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::classifier::Classifier;
use crate::corpus::LabelCells;

/// `data/minimal_pairs.csv`: `rule,text,label,contrast_text,contrast_label`.
const PAIRS: &str = include_str!("../data/minimal_pairs.csv");

/// How many pairs have both sides labelled exactly right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PassRate {
    /// Pairs with both sides right.
    pub passed: usize,
    /// All pairs.
    pub pairs: usize,
    /// Sides right, of twice as many.
    pub sides: usize,
}

impl PassRate {
    fn add(&mut self, one: bool, other: bool) {
        self.passed += usize::from(one && other);
        self.sides += usize::from(one) + usize::from(other);
        self.pairs += 1;
    }
}

#[derive(Deserialize)]
struct MinimalPair {
    rule: String,
    text: String,
    label: String,
    contrast_text: String,
    contrast_label: String,
}

/// Runs the suite: the pass rate in all, and by rule. `None` for a model that has not the labels of the suite.
///
/// # Panics
/// Never in a build that passed its tests: one of them reads the suite.
///
/// ```
/// use demarche::{Classifier, minimal_pairs};
/// let (all, by_rule) = minimal_pairs(Classifier::embedded()).expect("the shipped model has the five stances");
/// assert_eq!(all.pairs, by_rule.values().map(|rule| rule.pairs).sum::<usize>());
/// ```
#[must_use]
pub fn minimal_pairs(classifier: &Classifier) -> Option<(PassRate, BTreeMap<String, PassRate>)> {
    let pairs: Vec<MinimalPair> =
        csv::Reader::from_reader(PAIRS.as_bytes()).deserialize().collect::<Result<_, _>>().expect("the suite is well formed");
    let cells = LabelCells::default();
    let labels = |cell: &str| -> BTreeSet<String> { cells.parse(cell).expect("the suite is well formed").into_iter().collect() };
    let known: BTreeSet<String> = classifier.labels().iter().cloned().collect();
    if pairs.iter().any(|pair| !labels(&pair.label).is_subset(&known) || !labels(&pair.contrast_label).is_subset(&known)) {
        return None;
    }
    let mut predictor = classifier.scratch();
    let mut right = |text: &str, cell: &str| {
        let prediction = classifier.predict_with(text, &mut predictor);
        let given: BTreeSet<String> = prediction.labels.iter().map(|&label| classifier.labels()[label].clone()).collect();
        given == labels(cell)
    };
    let mut all = PassRate::default();
    let mut by_rule: BTreeMap<String, PassRate> = BTreeMap::new();
    for pair in &pairs {
        let (one, other) = (right(&pair.text, &pair.label), right(&pair.contrast_text, &pair.contrast_label));
        all.add(one, other);
        by_rule.entry(pair.rule.clone()).or_default().add(one, other);
    }
    Some((all, by_rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the shipped model reached when this was written, less a few pairs of slack: it must not get worse unnoticed.
    const LEAST_PASSED: usize = 175;

    #[test]
    fn the_shipped_model_follows_the_codebook() {
        let (all, by_rule) = minimal_pairs(Classifier::embedded()).unwrap();
        assert!(all.pairs >= 200 && by_rule.len() >= 40);
        let failing: Vec<String> = by_rule.iter().map(|(rule, rate)| format!("{rule} {}/{}", rate.passed, rate.pairs)).collect();
        assert!(all.passed >= LEAST_PASSED, "{} of {}: {}", all.passed, all.pairs, failing.join(", "));
    }

    #[test]
    fn a_model_of_other_labels_has_no_such_suite() {
        let rows: Vec<(String, Vec<&str>)> =
            (0..8).map(|i| (format!("word {} of {i}", i % 2), vec![if i % 2 == 0 { "a" } else { "b" }])).collect();
        let rows: Vec<(&str, Vec<&str>)> = rows.iter().map(|(text, labels)| (text.as_str(), labels.clone())).collect();
        let classifier = crate::Trainer::new().fit(&crate::Corpus::from_texts(&rows).unwrap()).unwrap();
        assert!(minimal_pairs(&classifier).is_none());
    }
}
