//! How good the answers are: counts first, rates after.
//!
//! What is counted, and the rates of one label, are in [`Counts`].

use std::collections::BTreeSet;

use crate::classifier::{Classifier, Prediction};
use crate::corpus::{Corpus, Example, LabelCells, parse_row};
use crate::counts::{Counts, macro_f1, ratio};
use crate::error::Result;
use crate::input::{Source, units};
use crate::linear::SplitMix64;
use crate::table::{Columns, Row};

/// Gold and given labels of one unit, as positions in [`Evaluation::labels`], primary first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Labels of the gold standard.
    pub gold: Vec<usize>,
    /// Labels of the classifier.
    pub given: Vec<usize>,
}

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// 2.5th percentile of the resamples.
    pub low: f64,
    /// 97.5th percentile of the resamples.
    pub high: f64,
}

/// The answers for a gold standard, and what follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The labels of the model and of the gold standard, sorted.
    pub labels: Vec<String>,
    /// Labels of the gold standard that the model does not know, with the number of their rows: all of them misses.
    pub unknown: Vec<(String, usize)>,
    /// One pair a unit.
    pub pairs: Vec<Pair>,
    /// Probability of each of [`Evaluation::labels`], unit by unit; 0 for a label the model does not know.
    pub probabilities: Vec<Vec<f32>>,
}

impl Evaluation {
    /// Compares gold labels with predictions, both by name of label.
    ///
    /// # Panics
    /// If there are not as many predictions as gold labels.
    #[must_use]
    pub fn new(model_labels: &[String], gold: &[Vec<String>], predictions: &[Prediction]) -> Self {
        assert_eq!(gold.len(), predictions.len(), "one prediction a unit");
        let set: BTreeSet<&String> = model_labels.iter().chain(gold.iter().flatten()).collect();
        let labels: Vec<String> = set.into_iter().cloned().collect();
        let position = |label: &String| labels.binary_search(label).expect("the set holds every label");
        let pairs: Vec<Pair> = gold
            .iter()
            .zip(predictions)
            .map(|(gold, prediction)| Pair {
                gold: gold.iter().map(position).collect(),
                given: prediction.labels.iter().map(|&label| position(&model_labels[label])).collect(),
            })
            .collect();
        let rows = |label: usize| pairs.iter().filter(|pair| pair.gold.contains(&label)).count();
        let unknown = (0..labels.len())
            .filter(|&label| !model_labels.contains(&labels[label]))
            .map(|label| (labels[label].clone(), rows(label)))
            .collect();
        let probability = |prediction: &Prediction, label: &String| {
            model_labels.iter().position(|known| known == label).map_or(0.0, |position| prediction.probabilities[position])
        };
        let probabilities =
            predictions.iter().map(|prediction| labels.iter().map(|label| probability(prediction, label)).collect()).collect();
        Self { labels, unknown, pairs, probabilities }
    }

    /// Compares a corpus with predictions of its rows.
    ///
    /// # Panics
    /// If there are not as many predictions as rows.
    #[must_use]
    pub fn of_corpus(corpus: &Corpus, predictions: &[Prediction]) -> Self {
        let names = |example: &Example| example.labels.iter().map(|&label| corpus.labels[label].clone()).collect();
        let gold: Vec<Vec<String>> = corpus.examples.iter().map(names).collect();
        Self::new(&corpus.labels, &gold, predictions)
    }

    /// Reads labelled tables and compares them with what the classifier says.
    ///
    /// # Errors
    /// As [`units`]; also blank text and `none` beside a label.
    pub fn of_tables(classifier: &Classifier, sources: &[Source], columns: &Columns, cells: &LabelCells) -> Result<Self> {
        let columns = Columns { label_required: true, ..columns.clone() };
        let mut gold = Vec::new();
        let mut predictions = Vec::new();
        for source in sources {
            let name = source.name();
            classifier.classify_units(units(source, classifier.language(), &columns)?, |unit, prediction| {
                let row = Row {
                    number: unit.number,
                    start: unit.span.start,
                    end: unit.span.end,
                    text: unit.text,
                    label: unit.label,
                    group: None,
                };
                gold.push(parse_row(&row, &name, &columns, cells)?);
                predictions.push(prediction);
                Ok(())
            })?;
        }
        Ok(Self::new(classifier.labels(), &gold, &predictions))
    }

    /// Units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.pairs.len()
    }

    /// Counts of each label.
    #[must_use]
    pub fn counts(&self) -> Vec<Counts> {
        count(self.labels.len(), self.pairs.iter())
    }

    /// Counts of "no label" as if it were one.
    #[must_use]
    pub fn none(&self) -> Counts {
        let mut counts = Counts::default();
        self.pairs.iter().for_each(|pair| counts.add(pair.gold.is_empty(), pair.given.is_empty()));
        counts
    }

    /// Mean of the labels' F1, labels without one left out.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        macro_f1(&self.counts())
    }

    /// F1 of all labels' counts together.
    #[must_use]
    pub fn micro_f1(&self) -> Option<f64> {
        let mut all = Counts::default();
        for counts in self.counts() {
            all = Counts { gold: all.gold + counts.gold, given: all.given + counts.given, both: all.both + counts.both };
        }
        all.f1()
    }

    /// Share of the units whose labels are all right and complete.
    #[must_use]
    pub fn exact_match(&self) -> Option<f64> {
        let same = |pair: &&Pair| BTreeSet::from_iter(&pair.gold) == BTreeSet::from_iter(&pair.given);
        ratio(self.pairs.iter().filter(same).count(), self.n())
    }

    /// Macro F1 with its 95 % interval by the percentile bootstrap over units (B. Efron and R. Tibshirani, "An Introduction to the
    /// Bootstrap", 1993, chapter 13), 1,000 resamples from a fixed seed.
    #[must_use]
    pub fn macro_f1_interval(&self, seed: u64) -> Option<Estimate> {
        const RESAMPLES: usize = 1000;
        let value = self.macro_f1()?;
        let mut random = SplitMix64(seed);
        let n = self.n();
        let mut resampled: Vec<f64> = (0..RESAMPLES)
            .filter_map(|_| {
                let sample: Vec<&Pair> = (0..n).map(|_| &self.pairs[random.below(n)]).collect();
                macro_f1(&count(self.labels.len(), sample.into_iter()))
            })
            .collect();
        resampled.sort_by(f64::total_cmp);
        let at = |share: f64| resampled[((resampled.len() - 1) as f64 * share).round() as usize];
        Some(Estimate { value, low: at(0.025), high: at(0.975) })
    }

    /// Expected calibration error of one label: the mean distance, over ten equally wide classes of probability weighted by their
    /// units, between the mean probability and the share of units that have the label. (M. P. Naeini, G. F. Cooper and M.
    /// Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.)
    #[must_use]
    pub fn calibration_error(&self, label: usize) -> Option<f64> {
        const CLASSES: usize = 10;
        let mut sums = [(0.0_f64, 0.0_f64); CLASSES];
        for (pair, probabilities) in self.pairs.iter().zip(&self.probabilities) {
            let probability = f64::from(probabilities[label]);
            let class = &mut sums[((probability * CLASSES as f64) as usize).min(CLASSES - 1)];
            class.0 += probability;
            class.1 += f64::from(u8::from(pair.gold.contains(&label)));
        }
        let distance: f64 = sums.iter().map(|(probability, gold)| (probability - gold).abs()).sum();
        (self.n() > 0).then(|| distance / self.n() as f64)
    }

    /// Units by primary gold label (rows) and primary given label (columns); the last row and column stand for none.
    #[must_use]
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        let none = self.labels.len();
        let mut matrix = vec![vec![0; none + 1]; none + 1];
        for pair in &self.pairs {
            matrix[pair.gold.first().copied().unwrap_or(none)][pair.given.first().copied().unwrap_or(none)] += 1;
        }
        matrix
    }
}

fn count<'a>(labels: usize, pairs: impl Iterator<Item = &'a Pair>) -> Vec<Counts> {
    let mut counts = vec![Counts::default(); labels];
    for pair in pairs {
        for &label in &pair.gold {
            counts[label].gold += 1;
            counts[label].both += usize::from(pair.given.contains(&label));
        }
        pair.given.iter().for_each(|&label| counts[label].given += 1);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Status;
    use linfa::metrics::ToConfusionMatrix;
    use ndarray::Array1;

    fn evaluation(rows: &[(&[&str], &[usize])]) -> Evaluation {
        let labels = ["a", "b", "c"].map(str::to_owned);
        let gold: Vec<Vec<String>> = rows.iter().map(|(gold, _)| gold.iter().map(ToString::to_string).collect()).collect();
        let predictions: Vec<Prediction> = rows
            .iter()
            .map(|(_, given)| Prediction { status: Status::Ok, labels: given.to_vec(), probabilities: vec![0.5; 3] })
            .collect();
        Evaluation::new(&labels, &gold, &predictions)
    }

    #[test]
    fn a_hand_worked_example() {
        let e = evaluation(&[(&["a"], &[0]), (&["a", "b"], &[0]), (&["b"], &[0]), (&[], &[]), (&["b"], &[1]), (&[], &[1])]);
        assert_eq!(e.counts()[0], Counts { gold: 2, given: 3, both: 2 });
        assert_eq!(e.counts()[1], Counts { gold: 3, given: 2, both: 1 });
        assert_eq!(e.counts()[0].precision(), Some(2.0 / 3.0));
        assert_eq!(e.counts()[0].f1(), Some(0.8));
        assert_eq!(e.counts()[1].f1(), Some(0.4));
        assert_eq!(e.counts()[2].f1(), None, "a label that nobody has is undefined, not 0");
        assert_eq!(e.none(), Counts { gold: 2, given: 1, both: 1 });
        assert!((e.macro_f1().unwrap() - 0.6).abs() < 1e-12);
        assert_eq!(e.micro_f1(), Some(0.6));
        assert_eq!(e.exact_match(), Some(0.5));
        assert_eq!(e.confusion(), [[2, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 1]]);
    }

    #[test]
    fn linfa_counts_the_same_when_truth_comes_first() {
        let gold = [0_usize, 0, 1, 1, 1, 0, 1];
        let given = [0_usize, 1, 1, 1, 0, 0, 1];
        let names = ["a", "b"];
        let rows: Vec<(Vec<&str>, Vec<usize>)> = gold.iter().zip(given).map(|(&g, p)| (vec![names[g]], vec![p])).collect();
        let rows: Vec<(&[&str], &[usize])> = rows.iter().map(|(g, p)| (g.as_slice(), p.as_slice())).collect();
        let e = evaluation(&rows);
        // linfa takes the reverse of its own documentation, see its metrics_classification.rs: the truth is the receiver. Its
        // binary figures are those of the greater label.
        let matrix = Array1::from(gold.to_vec()).confusion_matrix(&Array1::from(given.to_vec())).unwrap();
        assert!((f64::from(matrix.precision()) - e.counts()[1].precision().unwrap()).abs() < 1e-6);
        assert!((f64::from(matrix.recall()) - e.counts()[1].recall().unwrap()).abs() < 1e-6);
        assert!((f64::from(matrix.f1_score()) - e.counts()[1].f1().unwrap()).abs() < 1e-6);
    }

    #[test]
    fn calibration_error_by_hand() {
        let labels = ["a".to_owned()];
        let unit = |p: f32| Prediction { status: Status::None, labels: vec![], probabilities: vec![p] };
        let gold = [vec![], vec!["a".to_owned()], vec!["a".to_owned()], vec![]];
        let e = Evaluation::new(&labels, &gold, &[unit(0.1), unit(0.25), unit(1.0), unit(0.9)]);
        // Classes: {0.1} |0.1 - 0|, {0.25} |0.25 - 1|, {1.0, 0.9} |1.9 - 1|; over four units.
        assert!((e.calibration_error(0).unwrap() - (0.1 + 0.75 + 0.9) / 4.0).abs() < 1e-6);
    }

    #[test]
    fn labels_the_model_does_not_know_are_named_and_missed() {
        let e = evaluation(&[(&["z"], &[0]), (&["a"], &[0])]);
        assert_eq!(e.unknown, [("z".to_owned(), 1)]);
        assert_eq!(e.counts()[3], Counts { gold: 1, given: 0, both: 0 });
        assert_eq!(e.counts()[3].f1(), Some(0.0));
    }

    #[test]
    fn the_interval_holds_the_value_and_repeats_itself() {
        let rows: Vec<(&[&str], &[usize])> = (0..40)
            .map(|i| -> (&[&str], &[usize]) {
                if i % 3 == 0 { (&["a"], &[1]) } else { (&["a"], &[0]) }
            })
            .collect();
        let e = evaluation(&rows);
        let interval = e.macro_f1_interval(42).unwrap();
        assert!(interval.low <= interval.value && interval.value <= interval.high);
        assert_eq!(e.macro_f1_interval(42), e.macro_f1_interval(42));
    }
}
