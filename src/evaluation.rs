//! How good the answers are: counts first, rates after.
//!
//! What is counted, and the rates of one label, are in [`Counts`]; rates that need the probabilities are in `metrics`, intervals
//! in `bootstrap`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::classifier::{Classifier, Prediction};
use crate::corpus::{Corpus, LabelCells, parse_row};
use crate::counts::{Counts, macro_f1, ratio, same_labels};
use crate::error::Result;
use crate::input::{Source, Unit, units};
use crate::table::{Columns, Row};

/// A unit of the gold standard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gold {
    /// Name of the file it stands in.
    pub file: Arc<str>,
    /// Its row, as a spreadsheet shows it.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// Names of its labels, primary first; empty for none.
    pub labels: Vec<String>,
    /// Units of one group are not independent of each other; intervals are taken over groups.
    pub group: Option<String>,
}

/// A unit with its gold labels and the answer for it; labels are positions in [`Evaluation::labels`], primary first.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Name of the file it stands in.
    pub file: Arc<str>,
    /// Its row.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// Labels of the gold standard.
    pub gold: Vec<usize>,
    /// Labels of the classifier.
    pub given: Vec<usize>,
    /// Probability of each label; 0 for a label the model does not know.
    pub probabilities: Vec<f32>,
}

impl Judged {
    /// Whether all labels are right and none is missing, their order aside.
    #[must_use]
    pub fn is_right(&self) -> bool {
        same_labels(&self.gold, &self.given)
    }
}

/// The answers for a gold standard, and what follows from them.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The labels of the model and of the gold standard, sorted.
    pub labels: Vec<String>,
    /// Labels of the gold standard that the model does not know, with the number of their rows: all of them misses.
    pub unknown: Vec<(String, usize)>,
    /// The units, in the order of the input.
    pub units: Vec<Judged>,
    /// Units that belong together, as positions in `units`; a unit without a group is one of its own.
    pub(crate) groups: Vec<Vec<usize>>,
}

impl Evaluation {
    /// Compares gold labels with predictions, one for each.
    ///
    /// # Panics
    /// If a prediction gives a label, or has a probability, that `model_labels` has not.
    #[must_use]
    pub fn new(model_labels: &[String], answers: Vec<(Gold, Prediction)>) -> Self {
        let set: BTreeSet<&String> = model_labels.iter().chain(answers.iter().flat_map(|(gold, _)| &gold.labels)).collect();
        let labels: Vec<String> = set.into_iter().cloned().collect();
        let position = |label: &String| labels.binary_search(label).expect("the set holds every label");
        let of_model: Vec<usize> = model_labels.iter().map(position).collect();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut group_of: BTreeMap<String, usize> = BTreeMap::new();
        let mut units = Vec::with_capacity(answers.len());
        for (gold, prediction) in answers {
            let next = groups.len();
            let group = gold.group.map_or(next, |group| *group_of.entry(group).or_insert(next));
            if group == next {
                groups.push(Vec::new());
            }
            groups[group].push(units.len());
            let mut probabilities = vec![0.0; labels.len()];
            of_model.iter().zip(&prediction.probabilities).for_each(|(&label, &p)| probabilities[label] = p);
            units.push(Judged {
                file: gold.file,
                row: gold.row,
                text: gold.text,
                gold: gold.labels.iter().map(position).collect(),
                given: prediction.labels.iter().map(|&label| of_model[label]).collect(),
                probabilities,
            });
        }
        let rows = |label: usize| units.iter().filter(|unit| unit.gold.contains(&label)).count();
        let unknown = (0..labels.len())
            .filter(|label| !of_model.contains(label))
            .map(|label| (labels[label].clone(), rows(label)))
            .collect();
        Self { labels, unknown, units, groups }
    }

    /// Compares a corpus with predictions of its rows, in the same order.
    ///
    /// # Panics
    /// If there are not as many predictions as rows.
    #[must_use]
    pub fn of_corpus(corpus: &Corpus, predictions: &[Prediction]) -> Self {
        assert_eq!(corpus.examples.len(), predictions.len(), "one prediction a row");
        let answers = corpus.examples.iter().zip(predictions).map(|(example, prediction)| {
            let gold = Gold {
                file: example.file.clone(),
                row: example.row,
                text: example.text.clone(),
                labels: example.labels.iter().map(|&label| corpus.labels[label].clone()).collect(),
                group: example.group.clone(),
            };
            (gold, prediction.clone())
        });
        Self::new(&corpus.labels, answers.collect())
    }

    /// Reads labelled tables and compares them with what the classifier says.
    ///
    /// # Errors
    /// As [`units`]; also blank text and `none` beside a label.
    pub fn of_tables(classifier: &Classifier, sources: &[Source], columns: &Columns, cells: &LabelCells) -> Result<Self> {
        let columns = Columns { label_required: true, ..columns.clone() };
        let mut answers = Vec::new();
        for source in sources {
            let name = source.name();
            classifier.classify_units(units(source, classifier.language(), &columns)?, |unit, prediction| {
                let Unit { file, number, span, text, label, group, .. } = unit;
                let row = Row { number, start: span.start, end: span.end, text, label, group };
                let labels = parse_row(&row, &name, &columns, cells)?;
                let group = row.group.map(|group| columns.group_name(&name, group));
                answers.push((Gold { file, row: number, text: row.text, labels, group }, prediction));
                Ok(())
            })?;
        }
        Ok(Self::new(classifier.labels(), answers))
    }

    /// Units.
    #[must_use]
    pub fn n(&self) -> usize {
        self.units.len()
    }

    /// Groups of units over which intervals are taken; as many as units where there is no group column.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// Counts of each label.
    #[must_use]
    pub fn counts(&self) -> Vec<Counts> {
        self.counts_of(0..self.n())
    }

    /// Counts of each label over some of the units, which may come up several times.
    pub(crate) fn counts_of(&self, sample: impl Iterator<Item = usize>) -> Vec<Counts> {
        let mut counts = vec![Counts::default(); self.labels.len()];
        for unit in sample.map(|unit| &self.units[unit]) {
            for &label in &unit.gold {
                counts[label].gold += 1;
                counts[label].both += usize::from(unit.given.contains(&label));
            }
            unit.given.iter().for_each(|&label| counts[label].given += 1);
        }
        counts
    }

    /// Counts of "no label" as if it were one.
    #[must_use]
    pub fn none(&self) -> Counts {
        let mut counts = Counts::default();
        self.units.iter().for_each(|unit| counts.add(unit.gold.is_empty(), unit.given.is_empty()));
        counts
    }

    /// Mean of the labels' F1, labels without one left out.
    #[must_use]
    pub fn macro_f1(&self) -> Option<f64> {
        macro_f1(&self.counts())
    }

    /// Share of the units whose labels are all right and complete.
    #[must_use]
    pub fn exact_match(&self) -> Option<f64> {
        ratio(self.units.iter().filter(|unit| unit.is_right()).count(), self.n())
    }

    /// Units by primary gold label (rows) and primary given label (columns); the last row and column stand for none.
    #[must_use]
    pub fn confusion(&self) -> Vec<Vec<usize>> {
        self.confusion_of(0..self.n())
    }

    /// [`Evaluation::confusion`] over some of the units, which may come up several times.
    pub(crate) fn confusion_of(&self, sample: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
        let none = self.labels.len();
        let mut matrix = vec![vec![0; none + 1]; none + 1];
        for unit in sample.map(|unit| &self.units[unit]) {
            matrix[unit.gold.first().copied().unwrap_or(none)][unit.given.first().copied().unwrap_or(none)] += 1;
        }
        matrix
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::classifier::Status;
    use linfa::metrics::ToConfusionMatrix;
    use ndarray::Array1;

    /// An evaluation of labels a, b and c; probabilities are one half.
    pub(crate) fn evaluation(rows: &[(&[&str], &[usize])]) -> Evaluation {
        let labels = ["a", "b", "c"].map(str::to_owned);
        let answers = rows.iter().enumerate().map(|(i, (gold, given))| {
            let prediction = Prediction { status: Status::Ok, labels: given.to_vec(), probabilities: vec![0.5; 3] };
            (gold_unit(i, gold), prediction)
        });
        Evaluation::new(&labels, answers.collect())
    }

    /// A unit with these labels.
    pub(crate) fn gold_unit(row: usize, labels: &[&str]) -> Gold {
        Gold {
            file: "<memory>".into(),
            row: row as u64,
            text: String::new(),
            labels: labels.iter().map(ToString::to_string).collect(),
            group: None,
        }
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
    fn labels_the_model_does_not_know_are_named_and_missed() {
        let e = evaluation(&[(&["z"], &[0]), (&["a"], &[0])]);
        assert_eq!(e.unknown, [("z".to_owned(), 1)]);
        assert_eq!(e.counts()[3], Counts { gold: 1, given: 0, both: 0 });
        assert_eq!(e.counts()[3].f1(), Some(0.0));
    }
}
