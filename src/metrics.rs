//! Figures beyond counts: averages, agreement by chance taken off, and how good the probabilities are.
//!
//! Each is what scikit-learn computes under the same name (a test compares them); a figure without a denominator is `None`.

use serde::Serialize;

use crate::counts::{Counts, ratio};
use crate::evaluation::Evaluation;

/// Classes of probability in a reliability diagram and in the calibration error, equally wide.
pub const PROBABILITY_CLASSES: usize = 10;

/// One class of probability.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ProbabilityClass {
    /// Units whose probability falls into it.
    pub units: usize,
    /// Of those, the ones that have the label.
    pub gold: usize,
    /// Their mean probability; `None` without units.
    pub mean: Option<f64>,
}

/// A point of a precision–recall curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CurveStep {
    /// The label is given from this probability on.
    pub threshold: f32,
    /// Precision then.
    pub precision: f64,
    /// Recall then.
    pub recall: f64,
}

/// F1 of all labels' counts together.
pub(crate) fn micro_f1(counts: &[Counts]) -> Option<f64> {
    let sum = |part: fn(&Counts) -> usize| counts.iter().map(part).sum();
    Counts { gold: sum(|c| c.gold), given: sum(|c| c.given), both: sum(|c| c.both) }.f1()
}

/// Mean of the labels' F1, each weighing as much as its gold units.
pub(crate) fn weighted_f1(counts: &[Counts]) -> Option<f64> {
    let gold: usize = counts.iter().map(|counts| counts.gold).sum();
    let sum: f64 = counts.iter().filter_map(|counts| counts.f1().map(|f1| f1 * counts.gold as f64)).sum();
    (gold > 0).then(|| sum / gold as f64)
}

/// Share of all decisions, label by label and unit by unit, that are wrong.
pub(crate) fn hamming_loss(counts: &[Counts], units: usize) -> Option<f64> {
    let wrong: usize = counts.iter().map(|counts| counts.gold + counts.given - 2 * counts.both).sum();
    ratio(wrong, units * counts.len())
}

/// Matthews correlation of a confusion matrix of any size: 1 for full agreement, 0 for what chance gives. (J. Gorodkin, "Comparing
/// two K-category assignments by a K-category correlation coefficient", Computational Biology and Chemistry 28, 2004.)
pub(crate) fn matthews(confusion: &[Vec<usize>]) -> Option<f64> {
    let classes = confusion.len();
    let given: Vec<f64> = (0..classes).map(|k| confusion.iter().map(|row| row[k]).sum::<usize>() as f64).collect();
    let gold: Vec<f64> = confusion.iter().map(|row| row.iter().sum::<usize>() as f64).collect();
    let right: f64 = (0..classes).map(|k| confusion[k][k]).sum::<usize>() as f64;
    let all: f64 = gold.iter().sum();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let spread = (all * all - dot(&given, &given)) * (all * all - dot(&gold, &gold));
    (spread > 0.0).then(|| (right * all - dot(&given, &gold)) / spread.sqrt())
}

/// Matthews correlation of one label (B. W. Matthews, Biochimica et Biophysica Acta 405, 1975).
pub(crate) fn label_matthews(counts: Counts, units: usize) -> Option<f64> {
    let Counts { gold, given, both } = counts;
    matthews(&[vec![units + both - gold - given, given - both], vec![gold - both, both]])
}

/// Cohen's kappa of one label between two coders: agreement beyond what their own shares of the label would give by chance. (J.
/// Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20, 1960.)
pub(crate) fn kappa(counts: Counts, units: usize) -> Option<f64> {
    let n = units as f64;
    let [gold, given, both] = [counts.gold, counts.given, counts.both].map(|count| count as f64 / n);
    let observed = 1.0 - gold - given + 2.0 * both;
    let chance = gold * given + (1.0 - gold) * (1.0 - given);
    (units > 0 && chance < 1.0).then(|| (observed - chance) / (1.0 - chance))
}

/// Krippendorff's alpha of one label between two coders, nominal: disagreement against what all values, whoever gave them, would
/// give by chance. (K. Krippendorff, "Content Analysis", 4th edition 2019, chapter 12.)
pub(crate) fn alpha(counts: Counts, units: usize) -> Option<f64> {
    let values = 2.0 * units as f64;
    let with = (counts.gold + counts.given) as f64;
    let apart = (counts.gold + counts.given - 2 * counts.both) as f64;
    let expected = with * (values - with) / (values * (values - 1.0));
    (expected > 0.0).then(|| 1.0 - apart / values / expected)
}

impl Evaluation {
    /// F1 of all labels' counts together.
    #[must_use]
    pub fn micro_f1(&self) -> Option<f64> {
        micro_f1(&self.counts())
    }

    /// Mean of the labels' F1, each weighing as much as its gold units.
    #[must_use]
    pub fn weighted_f1(&self) -> Option<f64> {
        weighted_f1(&self.counts())
    }

    /// Share of all decisions, label by label and unit by unit, that are wrong.
    #[must_use]
    pub fn hamming_loss(&self) -> Option<f64> {
        hamming_loss(&self.counts(), self.n())
    }

    /// Matthews correlation of the primary labels, none being one of them.
    #[must_use]
    pub fn matthews(&self) -> Option<f64> {
        matthews(&self.confusion())
    }

    /// Matthews correlation of one label.
    #[must_use]
    pub fn label_matthews(&self, label: usize) -> Option<f64> {
        label_matthews(self.counts()[label], self.n())
    }

    /// Precision and recall from every probability that occurs, the highest first. `None` if no unit has the label.
    #[must_use]
    pub fn precision_recall_curve(&self, label: usize) -> Option<Vec<CurveStep>> {
        let mut units: Vec<(f32, bool)> =
            self.units.iter().map(|unit| (unit.probabilities[label], unit.gold.contains(&label))).collect();
        units.sort_by(|a, b| b.0.total_cmp(&a.0));
        let gold = units.iter().filter(|unit| unit.1).count();
        if gold == 0 {
            return None;
        }
        let mut steps = Vec::new();
        let (mut given, mut both) = (0, 0);
        for tied in units.chunk_by(|a, b| a.0 == b.0) {
            given += tied.len();
            both += tied.iter().filter(|unit| unit.1).count();
            let (precision, recall) = (both as f64 / given as f64, both as f64 / gold as f64);
            steps.push(CurveStep { threshold: tied[0].0, precision, recall });
        }
        Some(steps)
    }

    /// Average precision of one label: the precision at each step of recall, weighted by the step, without interpolation. (M. Zhu,
    /// "Recall, precision and average precision", University of Waterloo, 2004.)
    #[must_use]
    pub fn average_precision(&self, label: usize) -> Option<f64> {
        let mut before = 0.0;
        let area = |steps: Vec<CurveStep>| {
            steps.iter().map(|step| (step.recall - std::mem::replace(&mut before, step.recall)) * step.precision).sum()
        };
        self.precision_recall_curve(label).map(area)
    }

    /// Brier score of one label: the mean squared distance of its probability from the truth, 0 being best. (G. W. Brier,
    /// "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.)
    #[must_use]
    pub fn brier(&self, label: usize) -> Option<f64> {
        let sum: f64 = self
            .units
            .iter()
            .map(|unit| f64::from(unit.probabilities[label]) - f64::from(u8::from(unit.gold.contains(&label))))
            .map(|distance| distance * distance)
            .sum();
        (self.n() > 0).then(|| sum / self.n() as f64)
    }

    /// The units of one label by probability, in [`PROBABILITY_CLASSES`] classes.
    #[must_use]
    pub fn reliability(&self, label: usize) -> Vec<ProbabilityClass> {
        let mut classes = vec![ProbabilityClass::default(); PROBABILITY_CLASSES];
        let mut sums = [0.0_f64; PROBABILITY_CLASSES];
        for unit in &self.units {
            let probability = f64::from(unit.probabilities[label]);
            let at = ((probability * PROBABILITY_CLASSES as f64) as usize).min(PROBABILITY_CLASSES - 1);
            classes[at].units += 1;
            classes[at].gold += usize::from(unit.gold.contains(&label));
            sums[at] += probability;
        }
        for (class, sum) in classes.iter_mut().zip(sums) {
            class.mean = (class.units > 0).then(|| sum / class.units as f64);
        }
        classes
    }

    /// Expected calibration error of one label: the mean distance, over the classes of probability weighted by their units, between
    /// the mean probability and the share of units that have the label. (M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining
    /// well calibrated probabilities using Bayesian binning", AAAI 2015.)
    #[must_use]
    pub fn calibration_error(&self, label: usize) -> Option<f64> {
        let distance: f64 = self
            .reliability(label)
            .iter()
            .filter_map(|class| class.mean.map(|mean| (mean * class.units as f64 - class.gold as f64).abs()))
            .sum();
        (self.n() > 0).then(|| distance / self.n() as f64)
    }
}

#[cfg(test)]
mod tests {
    use crate::classifier::{Prediction, Status};
    use crate::evaluation::Evaluation;
    use crate::evaluation::tests::{evaluation, gold_unit};

    fn scored(rows: &[(f32, bool)]) -> Evaluation {
        let answers = rows.iter().enumerate().map(|(i, &(p, gold))| {
            let prediction = Prediction { status: Status::None, labels: vec![], probabilities: vec![p] };
            (gold_unit(i, if gold { &["a"] } else { &[] }), prediction)
        });
        Evaluation::new(&["a".to_owned()], answers.collect())
    }

    fn close(found: Option<f64>, expected: f64) {
        assert!((found.unwrap() - expected).abs() < 1e-6, "{found:?} is not {expected}");
    }

    /// 300 units with labels and probabilities, some of them tied; one label is given but never right. `tests/reference/metrics.py`
    /// made them, and the figures of scikit-learn 1.9.1 for them.
    #[test]
    fn every_figure_equals_that_of_scikit_learn() {
        let labels = ["a", "b", "c", "d"].map(str::to_owned);
        let split = |cell: &str| cell.split(';').filter(|label| !label.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let mut reader = csv::Reader::from_reader(include_bytes!("../tests/reference/predictions.csv").as_slice());
        let answers = reader.records().map(|record| {
            let record = record.unwrap();
            let gold = split(&record[0]);
            let given = split(&record[1]).iter().map(|label| labels.binary_search(label).unwrap()).collect();
            let probabilities = (2..6).map(|i| record[i].parse().unwrap()).collect();
            let gold: Vec<&str> = gold.iter().map(String::as_str).collect();
            (gold_unit(0, &gold), Prediction { status: Status::Ok, labels: given, probabilities })
        });
        let e = Evaluation::new(&labels, answers.collect());
        let expected: serde_json::Value = serde_json::from_str(include_str!("../tests/reference/metrics.json")).unwrap();
        let equal = |name: &str, found: Option<f64>, expected: &serde_json::Value| match (found, expected.as_f64()) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-6, "{name}: {found} is not {expected}"),
            (found, expected) => assert_eq!(found, expected, "{name}"),
        };
        for (name, found) in [
            ("macro_f1", e.macro_f1()),
            ("micro_f1", e.micro_f1()),
            ("weighted_f1", e.weighted_f1()),
            ("exact_match", e.exact_match()),
            ("hamming_loss", e.hamming_loss()),
            ("matthews", e.matthews()),
        ] {
            equal(name, found, &expected[name]);
        }
        for (label, name) in labels.iter().enumerate() {
            let expected = &expected["labels"][name];
            let counts = e.counts()[label];
            equal("precision", counts.precision(), &expected["precision"]);
            equal("recall", counts.recall(), &expected["recall"]);
            equal("f1", counts.f1(), &expected["f1"]);
            equal("average precision", e.average_precision(label), &expected["average_precision"]);
            equal("matthews", e.label_matthews(label), &expected["matthews"]);
            equal("brier", e.brier(label), &expected["brier"]);
            equal("kappa", super::kappa(counts, e.n()), &expected["kappa"]);
        }
    }

    /// By hand, and the same in scikit-learn.
    #[test]
    fn averages_equal_the_reference() {
        let e = evaluation(&[(&["a"], &[0]), (&["a", "b"], &[0]), (&["b"], &[0]), (&[], &[]), (&["b"], &[1]), (&[], &[1])]);
        close(e.micro_f1(), 0.6);
        close(e.weighted_f1(), 0.56);
        close(e.hamming_loss(), 4.0 / 18.0);
        close(e.matthews(), 0.522_232_968);
        close(e.label_matthews(0), std::f64::consts::FRAC_1_SQRT_2);
        close(e.label_matthews(1), 0.0);
        assert_eq!(e.label_matthews(2), None);
    }

    /// Kappa by hand; alpha by the coincidence matrix: 1 of 6 units apart, 5 of 12 values with the label.
    #[test]
    fn agreement_equals_the_reference() {
        let e = evaluation(&[(&["a"], &[0]), (&["a", "b"], &[0]), (&["b"], &[0]), (&[], &[]), (&["b"], &[1]), (&[], &[1])]);
        close(super::kappa(e.counts()[0], 6), 2.0 / 3.0);
        close(super::kappa(e.counts()[1], 6), 0.0);
        close(super::alpha(e.counts()[0], 6), 1.0 - (2.0 / 12.0) / (70.0 / 132.0));
        assert_eq!(super::kappa(e.counts()[2], 6), None, "nobody gives the label");
        assert_eq!(super::alpha(e.counts()[2], 6), None);
        assert_eq!(super::kappa(e.counts()[0], 0), None);
    }

    #[test]
    fn figures_of_probabilities_equal_the_reference() {
        let e = scored(&[(0.9, true), (0.8, false), (0.8, true), (0.3, true), (0.1, false), (0.05, false)]);
        close(e.average_precision(0), 0.805_555_556);
        close(e.brier(0), 0.198_75);
        assert_eq!(scored(&[(0.5, false)]).average_precision(0), None);
        assert_eq!(scored(&[]).brier(0), None);
    }

    #[test]
    fn calibration_error_by_hand() {
        // Classes: {0.1} |0.1 - 0|, {0.25} |0.25 - 1|, {1.0, 0.9} |1.9 - 1|; over four units.
        let e = scored(&[(0.1, false), (0.25, true), (1.0, true), (0.9, false)]);
        close(e.calibration_error(0), (0.1 + 0.75 + 0.9) / 4.0);
    }
}
