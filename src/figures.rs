//! The accuracy report as data: every figure once, for the terminal, for programs and for the page.

use serde::Serialize;

use crate::behaviour::minimal_pairs;
use crate::bootstrap::Estimate;
use crate::classifier::{Classifier, Identity};
use crate::counts::{Counts, macro_f1, ratio};
use crate::evaluation::{Evaluation, Judged};
use crate::learning_curve::CurvePoint;
use crate::metrics::{CurveStep, ProbabilityClass, hamming_loss, label_matthews, matthews, micro_f1, weighted_f1};

/// Errors that a report shows, the most confident first.
const ERRORS_SHOWN: usize = 25;

/// Most steps of a precision–recall curve, the last one aside.
const CURVE_STEPS: usize = 200;

/// Terms shown as evidence for an error.
const TERMS_SHOWN: usize = 6;

/// All figures of an accuracy report. A figure that is undefined, for want of units, is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// Name of the model, or what stands for it.
    pub model: String,
    /// SHA-256 of the model file, in hexadecimal; blank where answers come from models of folds.
    pub hash: String,
    /// Units.
    pub n: usize,
    /// Groups over which the intervals are taken; as many as units where there is no group column.
    pub groups: usize,
    /// Averages over the labels.
    pub headline: Headline,
    /// By label, in alphabetical order.
    pub labels: Vec<LabelFigures>,
    /// "No label", as if it were one.
    pub none: Rates,
    /// Units by primary gold label (rows) and primary given label (columns); the last one is none.
    pub confusion: Vec<Vec<usize>>,
    /// How the model does on the codebook's minimal pairs, if it has the five stances.
    pub minimal_pairs: Option<MinimalPairs>,
    /// Labels of the gold standard that the model does not know; every one of their rows is a miss.
    pub unknown: Vec<UnknownLabel>,
    /// The errors of which the model is surest, at most 25.
    pub errors: Vec<Mistake>,
    /// How the figures grow with the training rows; empty where that was not asked for.
    pub learning_curve: Vec<CurvePoint>,
}

/// Averages over the labels, each with its 95 % bootstrap interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Headline {
    /// Mean of the labels' F1, labels without one left out.
    pub macro_f1: Option<Estimate>,
    /// F1 of all labels' counts together.
    pub micro_f1: Option<Estimate>,
    /// Mean of the labels' F1, each weighing as much as its gold units.
    pub weighted_f1: Option<Estimate>,
    /// Share of the units whose labels are all right and complete.
    pub exact_match: Option<Estimate>,
    /// Share of all decisions that are wrong.
    pub hamming_loss: Option<Estimate>,
    /// Matthews correlation of the primary labels, none being one of them.
    pub matthews: Option<Estimate>,
}

impl Headline {
    /// The figures with their names, as reports write them.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Option<Estimate>); 6] {
        [
            ("macro F1", self.macro_f1),
            ("micro F1", self.micro_f1),
            ("weighted F1", self.weighted_f1),
            ("exact", self.exact_match),
            ("Hamming loss", self.hamming_loss),
            ("Matthews", self.matthews),
        ]
    }
}

/// Rates of a label that follow from its counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Rates {
    /// Share of the given that are right.
    pub precision: Option<f64>,
    /// Share of the right that are given.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
    /// Units that have the label.
    pub support: usize,
    /// Units that were given it.
    pub given: usize,
}

impl From<Counts> for Rates {
    fn from(counts: Counts) -> Self {
        Self {
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
            support: counts.gold,
            given: counts.given,
        }
    }
}

/// Figures of one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelFigures {
    /// Its name.
    pub label: String,
    /// Rates that follow from its counts.
    #[serde(flatten)]
    pub rates: Rates,
    /// F1 with its 95 % bootstrap interval.
    pub f1_interval: Option<Estimate>,
    /// Area under its precision–recall curve.
    pub average_precision: Option<f64>,
    /// Matthews correlation.
    pub matthews: Option<f64>,
    /// The probability from which it is given; `None` where there is no single model.
    pub threshold: Option<f32>,
    /// Brier score of its probabilities.
    pub brier: Option<f64>,
    /// Expected calibration error of its probabilities.
    pub calibration_error: Option<f64>,
    /// Precision and recall by threshold, the highest first, thinned out to 200 steps; empty if no unit has the label.
    pub precision_recall: Vec<CurveStep>,
    /// Its units by probability, in ten classes of equal width.
    pub reliability: Vec<ProbabilityClass>,
}

/// Pass rate on the codebook's minimal pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MinimalPairs {
    /// Pairs with both sides labelled exactly right.
    pub passed: usize,
    /// All pairs.
    pub pairs: usize,
}

/// A label that only the gold standard has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownLabel {
    /// Its name.
    pub label: String,
    /// Its rows.
    pub rows: usize,
}

/// A unit whose labels are not exactly right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// Name of the file it stands in.
    pub file: String,
    /// Its row, as a spreadsheet shows it.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// Labels of the gold standard, primary first.
    pub gold: Vec<String>,
    /// Labels given, most probable first.
    pub given: Vec<String>,
    /// The label that the model got most surely wrong …
    pub label: String,
    /// … and the probability it gave it.
    pub probability: f32,
    /// The terms that speak loudest for what the model did; empty where there is no single model.
    pub evidence: Vec<Evidence>,
}

/// A term and what it adds to a label's log-odds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evidence {
    /// The term as a person reads it.
    pub term: String,
    /// What it adds to the log-odds.
    pub value: f64,
    /// Where it stands in the text, in bytes.
    pub places: Vec<[usize; 2]>,
}

impl Figures {
    /// Takes all figures of an evaluation. `model` names the model that gave the answers, or describes the folds; with the
    /// `classifier` itself, thresholds, evidence and minimal pairs are reported, too. `progress` is called after each of
    /// [`RESAMPLES`](crate::RESAMPLES) resamples.
    #[must_use]
    pub fn new(
        evaluation: &Evaluation,
        model: &Identity,
        classifier: Option<&Classifier>,
        seed: u64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Self {
        let statistics = |sample: &[usize]| statistics(evaluation, sample);
        let mut estimates = evaluation.estimates(seed, &statistics, progress).into_iter();
        let mut next = || estimates.next().flatten();
        let headline = Headline {
            macro_f1: next(),
            micro_f1: next(),
            weighted_f1: next(),
            exact_match: next(),
            hamming_loss: next(),
            matthews: next(),
        };
        let counts = evaluation.counts();
        let thresholds = classifier.map(Classifier::labelled_thresholds).unwrap_or_default();
        let label_figures = |(label, name): (usize, &String)| LabelFigures {
            label: name.clone(),
            rates: counts[label].into(),
            f1_interval: next(),
            average_precision: evaluation.average_precision(label),
            matthews: label_matthews(counts[label], evaluation.n()),
            threshold: thresholds.iter().find(|(known, _)| known == name).map(|&(_, threshold)| threshold),
            brier: evaluation.brier(label),
            calibration_error: evaluation.calibration_error(label),
            precision_recall: thinned(evaluation.precision_recall_curve(label).unwrap_or_default()),
            reliability: evaluation.reliability(label),
        };
        Self {
            model: model.name.clone(),
            hash: model.hash.clone(),
            n: evaluation.n(),
            groups: evaluation.groups(),
            headline,
            labels: evaluation.labels.iter().enumerate().map(label_figures).collect(),
            none: evaluation.none().into(),
            confusion: evaluation.confusion(),
            minimal_pairs: classifier
                .and_then(minimal_pairs)
                .map(|(rate, _)| MinimalPairs { passed: rate.passed, pairs: rate.pairs }),
            unknown: evaluation.unknown.iter().map(|(label, rows)| UnknownLabel { label: label.clone(), rows: *rows }).collect(),
            errors: mistakes(evaluation, classifier),
            learning_curve: Vec::new(),
        }
    }
}

/// Every so many steps of a curve, the last one always.
fn thinned(mut steps: Vec<CurveStep>) -> Vec<CurveStep> {
    let every = steps.len().div_ceil(CURVE_STEPS).max(1);
    let last = steps.len().saturating_sub(1);
    let mut at = 0..;
    steps.retain(|_| at.next().is_some_and(|i| i % every == 0 || i == last));
    steps
}

/// The figures that get an interval: the headline's, then each label's F1.
fn statistics(evaluation: &Evaluation, sample: &[usize]) -> Vec<Option<f64>> {
    let units = || sample.iter().copied();
    let counts = evaluation.counts_of(units());
    let right = units().filter(|&unit| evaluation.units[unit].is_right()).count();
    let headline = [
        macro_f1(&counts),
        micro_f1(&counts),
        weighted_f1(&counts),
        ratio(right, sample.len()),
        hamming_loss(&counts, sample.len()),
        matthews(&evaluation.confusion_of(units())),
    ];
    headline.into_iter().chain(counts.iter().map(|counts| counts.f1())).collect()
}

/// The label of a unit that was most surely wrong, and how far its probability is from the truth.
fn worst(unit: &Judged) -> Option<(usize, f32)> {
    let wrong = (0..unit.probabilities.len()).filter(|label| unit.gold.contains(label) != unit.given.contains(label));
    let distance =
        |label: usize| if unit.gold.contains(&label) { 1.0 - unit.probabilities[label] } else { unit.probabilities[label] };
    wrong.map(|label| (label, distance(label))).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

fn mistakes(evaluation: &Evaluation, classifier: Option<&Classifier>) -> Vec<Mistake> {
    let mut wrong: Vec<(&Judged, usize, f32)> =
        evaluation.units.iter().filter_map(|unit| worst(unit).map(|(label, distance)| (unit, label, distance))).collect();
    wrong.sort_by(|a, b| b.2.total_cmp(&a.2));
    wrong.truncate(ERRORS_SHOWN);
    let names = |labels: &[usize]| labels.iter().map(|&label| evaluation.labels[label].clone()).collect();
    let mistake = |(unit, label, _): (&Judged, usize, f32)| {
        let name = &evaluation.labels[label];
        Mistake {
            file: unit.file.to_string(),
            row: unit.row,
            text: unit.text.clone(),
            gold: names(&unit.gold),
            given: names(&unit.given),
            label: name.clone(),
            probability: unit.probabilities[label],
            evidence: classifier
                .map_or_else(Vec::new, |classifier| evidence(classifier, unit, name, unit.given.contains(&label))),
        }
    };
    wrong.into_iter().map(mistake).collect()
}

/// The strongest terms for a label that was given, or against one that was not.
fn evidence(classifier: &Classifier, unit: &Judged, label: &str, given: bool) -> Vec<Evidence> {
    let Some(label) = classifier.labels().iter().position(|known| known == label) else {
        return Vec::new();
    };
    let explanation = classifier.explain(&unit.text).swap_remove(label);
    explanation
        .contributions
        .iter()
        .filter(|contribution| (contribution.value > 0.0) == given)
        .take(TERMS_SHOWN)
        .map(|contribution| Evidence {
            term: contribution.term.display(),
            value: contribution.value,
            places: contribution.places.iter().map(|place| [place.start, place.end]).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::tests::evaluation;

    fn identity() -> Identity {
        Identity { name: "m".into(), hash: String::new() }
    }

    #[test]
    fn figures_agree_with_the_evaluation() {
        let e = evaluation(&[(&["a"], &[0]), (&["a", "b"], &[0]), (&["b"], &[0]), (&[], &[]), (&["b"], &[1]), (&[], &[1])]);
        let figures = Figures::new(&e, &identity(), None, 42, &|_| ());
        assert_eq!(figures.headline.macro_f1, e.macro_f1_interval(42));
        assert_eq!(figures.headline.exact_match.unwrap().value, 0.5);
        assert_eq!(figures.labels[0].rates.f1, Some(0.8));
        assert_eq!(figures.labels[2].rates.f1, None);
        assert_eq!(figures.labels[2].f1_interval, None);
        assert_eq!(figures.errors.len(), 3);
        assert!(figures.errors.iter().all(|error| error.gold != error.given && error.evidence.is_empty()));
    }

    #[test]
    fn the_surest_error_comes_first() {
        let mut e = evaluation(&[(&["a"], &[]), (&[], &[1]), (&["c"], &[2])]);
        e.units[0].probabilities = vec![0.3, 0.0, 0.0];
        e.units[1].probabilities = vec![0.0, 0.9, 0.0];
        let figures = Figures::new(&e, &identity(), None, 42, &|_| ());
        let found: Vec<(&str, f32)> = figures.errors.iter().map(|error| (error.label.as_str(), error.probability)).collect();
        assert_eq!(found, [("b", 0.9), ("a", 0.3)]);
    }
}
