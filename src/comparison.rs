//! Two models on the same gold standard: which is better, is it more than luck, and which sentences change.

use serde::Serialize;

use crate::bootstrap::Estimate;
use crate::classifier::{Classifier, Contribution, Explanation};
use crate::counts::{macro_f1, ratio, same_labels};
use crate::evaluation::{Evaluation, Judged};
use crate::metrics::micro_f1;

/// Terms shown for each sentence that flips.
const TERMS_SHOWN: usize = 5;

/// The first model's figures against the second's. Differences are first minus second.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Name of the first model.
    pub model: String,
    /// Name of the second model.
    pub against: String,
    /// Units.
    pub n: usize,
    /// Groups over which the intervals are taken.
    pub groups: usize,
    /// Mean of the labels' F1.
    pub macro_f1: Difference,
    /// F1 of all labels' counts together.
    pub micro_f1: Difference,
    /// Share of units with all labels right and complete.
    pub exact_match: Difference,
    /// Whether the difference in exact matches may be luck.
    pub exact_mcnemar: McNemar,
    /// By label, those of both models and of the gold standard.
    pub labels: Vec<LabelComparison>,
    /// Labels that only one of the two models knows.
    pub not_shared: Vec<String>,
    /// The units that the two models label differently; those of which just one is right come first.
    pub flips: Vec<Flip>,
}

/// A figure of both models and its difference with a 95 % interval from a paired bootstrap.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Difference {
    /// Of the first model.
    pub first: Option<f64>,
    /// Of the second model.
    pub second: Option<f64>,
    /// First minus second.
    pub difference: Option<Estimate>,
}

/// McNemar's test: of the decisions that just one model got right, how many would be as uneven if both were equally good? (Q.
/// McNemar, "Note on the sampling error of the difference between correlated proportions or percentages", Psychometrika 12, 1947;
/// exact, that is by the binomial distribution.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct McNemar {
    /// Decisions that only the first model got right.
    pub first_only: usize,
    /// Decisions that only the second model got right.
    pub second_only: usize,
    /// Two-sided probability of a division at least as uneven; 1 where the models never differ.
    pub p: f64,
}

impl McNemar {
    /// The test on two lists of outcomes.
    fn new(outcomes: impl Iterator<Item = (bool, bool)>) -> Self {
        let (mut first_only, mut second_only) = (0, 0);
        for (first, second) in outcomes {
            first_only += usize::from(first && !second);
            second_only += usize::from(second && !first);
        }
        Self { first_only, second_only, p: two_sided_binomial(first_only.min(second_only), first_only + second_only) }
    }
}

/// Probability, with a fair coin thrown `n` times, of `k` heads or fewer, or as many tails.
fn two_sided_binomial(k: usize, n: usize) -> f64 {
    let log_factorial = |n: usize| libm::lgamma(n as f64 + 1.0);
    let log_term = |i: usize| log_factorial(n) - log_factorial(i) - log_factorial(n - i) - n as f64 * std::f64::consts::LN_2;
    let tail: f64 = (0..=k).map(|i| libm::exp(log_term(i))).sum();
    (2.0 * tail).min(1.0)
}

/// One label of both models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelComparison {
    /// Its name.
    pub label: String,
    /// Units that have it.
    pub support: usize,
    /// Its F1.
    pub f1: Difference,
    /// Whether the difference may be luck.
    pub mcnemar: McNemar,
}

/// A unit that the two models label differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flip {
    /// Name of the file it stands in.
    pub file: String,
    /// Its row.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// Labels of the gold standard.
    pub gold: Vec<String>,
    /// Labels of the first model.
    pub first: Vec<String>,
    /// Labels of the second model.
    pub second: Vec<String>,
    /// Which of the two is right: `first`, `second` or `neither`.
    pub right: &'static str,
    /// For each label that only one of them gives, the terms that weigh most differently.
    pub reasons: Vec<Reason>,
}

/// Why one model gives a label and the other does not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The label.
    pub label: String,
    /// Its probability by the first model.
    pub first: f32,
    /// Its probability by the second model.
    pub second: f32,
    /// Terms by how much more they speak for the label in the first model, the greatest difference first.
    pub terms: Vec<TermDifference>,
}

/// What a term adds to a label's log-odds in both models; 0 where a model does not know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermDifference {
    /// The term as a person reads it.
    pub term: String,
    /// In the first model.
    pub first: f64,
    /// In the second model.
    pub second: f64,
}

impl Comparison {
    /// Compares two evaluations of the same units by the two models.
    ///
    /// # Panics
    /// If the evaluations are not of the same units.
    #[must_use]
    pub fn new(
        (classifier, first): (&Classifier, &Evaluation),
        (against, second): (&Classifier, &Evaluation),
        seed: u64,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Self {
        assert_eq!(first.n(), second.n(), "both evaluations are of the same units");
        let labels: Vec<String> = {
            let set: std::collections::BTreeSet<&String> = first.labels.iter().chain(&second.labels).collect();
            set.into_iter().cloned().collect()
        };
        let (first, second) = (widened(first, &labels), widened(second, &labels));
        let (a, b): (Vec<_>, Vec<_>) = {
            let all: Vec<usize> = (0..first.n()).collect();
            (statistics(&first, &all), statistics(&second, &all))
        };
        let differences = first.estimates(
            seed,
            &|sample| {
                let pairs = statistics(&first, sample).into_iter().zip(statistics(&second, sample));
                pairs.map(|(a, b)| Some(a? - b?)).collect()
            },
            progress,
        );
        let difference = |at: usize| Difference { first: a[at], second: b[at], difference: differences[at] };
        let units = || first.units.iter().zip(&second.units);
        let counts = first.counts();
        let label = |(at, name): (usize, &String)| LabelComparison {
            label: name.clone(),
            support: counts[at].gold,
            f1: difference(3 + at),
            mcnemar: McNemar::new(units().map(|(a, b)| (decided_right(a, at), decided_right(b, at)))),
        };
        let known = |classifier: &Classifier, label: &String| classifier.labels().contains(label);
        let mut flips: Vec<Flip> = units()
            .filter(|(a, b)| !same_labels(&a.given, &b.given))
            .map(|(a, b)| flip(&labels, (classifier, a), (against, b)))
            .collect();
        flips.sort_by_key(|flip| flip.right == "neither");
        Self {
            model: classifier.identity().name.clone(),
            against: against.identity().name.clone(),
            n: first.n(),
            groups: first.groups(),
            macro_f1: difference(0),
            micro_f1: difference(1),
            exact_match: difference(2),
            exact_mcnemar: McNemar::new(units().map(|(a, b)| (a.is_right(), b.is_right()))),
            labels: labels.iter().enumerate().map(label).collect(),
            not_shared: labels.iter().filter(|label| known(classifier, label) != known(against, label)).cloned().collect(),
            flips,
        }
    }
}

/// The same evaluation with a longer list of labels, so that two models' answers can be set side by side.
fn widened(evaluation: &Evaluation, labels: &[String]) -> Evaluation {
    let position = |at: usize| labels.binary_search(&evaluation.labels[at]).expect("the list holds every label");
    let units = evaluation.units.iter().map(|unit| {
        let mut probabilities = vec![0.0; labels.len()];
        unit.probabilities.iter().enumerate().for_each(|(at, &probability)| probabilities[position(at)] = probability);
        Judged {
            gold: unit.gold.iter().map(|&at| position(at)).collect(),
            given: unit.given.iter().map(|&at| position(at)).collect(),
            probabilities,
            ..unit.clone()
        }
    });
    Evaluation {
        labels: labels.to_vec(),
        unknown: evaluation.unknown.clone(),
        units: units.collect(),
        groups: evaluation.groups.clone(),
    }
}

/// Macro F1, micro F1, exact match, then each label's F1.
fn statistics(evaluation: &Evaluation, sample: &[usize]) -> Vec<Option<f64>> {
    let counts = evaluation.counts_of(sample.iter().copied());
    let right = sample.iter().filter(|&&unit| evaluation.units[unit].is_right()).count();
    let averages = [macro_f1(&counts), micro_f1(&counts), ratio(right, sample.len())];
    averages.into_iter().chain(counts.iter().map(|counts| counts.f1())).collect()
}

fn decided_right(unit: &Judged, label: usize) -> bool {
    unit.gold.contains(&label) == unit.given.contains(&label)
}

fn flip(labels: &[String], (first, a): (&Classifier, &Judged), (second, b): (&Classifier, &Judged)) -> Flip {
    let names = |given: &[usize]| given.iter().map(|&label| labels[label].clone()).collect();
    let explained = [first, second].map(|classifier| (classifier.labels(), classifier.explain(&a.text)));
    let changed = (0..labels.len()).filter(|label| a.given.contains(label) != b.given.contains(label));
    Flip {
        file: a.file.to_string(),
        row: a.row,
        text: a.text.clone(),
        gold: names(&a.gold),
        first: names(&a.given),
        second: names(&b.given),
        right: match (a.is_right(), b.is_right()) {
            (true, _) => "first",
            (_, true) => "second",
            _ => "neither",
        },
        reasons: changed
            .map(|label| Reason {
                label: labels[label].clone(),
                first: a.probabilities[label],
                second: b.probabilities[label],
                terms: term_differences(&explained, &labels[label]),
            })
            .collect(),
    }
}

fn term_differences(explained: &[(&[String], Vec<Explanation>); 2], label: &str) -> Vec<TermDifference> {
    let mut terms: std::collections::BTreeMap<String, [f64; 2]> = std::collections::BTreeMap::new();
    for (at, (known, explanations)) in explained.iter().enumerate() {
        let Some(position) = known.iter().position(|known| known == label) else { continue };
        for Contribution { term, value, .. } in &explanations[position].contributions {
            terms.entry(term.display()).or_default()[at] += value;
        }
    }
    let mut differences: Vec<TermDifference> =
        terms.into_iter().map(|(term, [first, second])| TermDifference { term, first, second }).collect();
    differences.sort_by(|a, b| (b.first - b.second).abs().total_cmp(&(a.first - a.second).abs()));
    differences.truncate(TERMS_SHOWN);
    differences
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Corpus, Trainer};

    /// By hand: 2 (1 + 10 + 45 + 120) / 1024 and 2 / 32.
    #[test]
    fn the_exact_test_equals_what_counting_gives() {
        assert!((two_sided_binomial(3, 10) - 0.343_75).abs() < 1e-9);
        assert!((two_sided_binomial(0, 5) - 0.062_5).abs() < 1e-9);
        assert_eq!(two_sided_binomial(0, 0), 1.0);
        assert_eq!(two_sided_binomial(5, 10), 1.0);
    }

    /// A model that gives `label` where it reads `sign`.
    fn trained(label: &str, sign: &str) -> Classifier {
        let ends =
            ["on Monday in Lima", "at a long meeting", "before the vote", "with both envoys", "over the border", "last week"];
        let texts: Vec<String> =
            ends.iter().flat_map(|end| [format!("they {sign} it {end}"), format!("they sat down and met {end}")]).collect();
        let labels = |i: usize| if i.is_multiple_of(2) { vec![label] } else { vec![] };
        let rows: Vec<(&str, Vec<&str>)> = texts.iter().enumerate().map(|(i, text)| (text.as_str(), labels(i))).collect();
        Trainer::new().fit(&Corpus::from_texts(&rows).unwrap()).unwrap()
    }

    #[test]
    fn models_with_different_labels_are_compared_on_all_of_them() {
        let (yes, no) = (trained("yes", "agreed"), trained("no", "refused"));
        let gold = |classifier: &Classifier| {
            let answers = [("they agreed it at once", "yes"), ("they refused it at once", "no")].map(|(text, label)| {
                let gold =
                    crate::Gold { file: "<memory>".into(), row: 1, text: text.into(), labels: vec![label.into()], group: None };
                (gold, classifier.predict(text))
            });
            Evaluation::new(classifier.labels(), answers.into())
        };
        let comparison = Comparison::new((&yes, &gold(&yes)), (&no, &gold(&no)), 42, &|_| ());
        assert_eq!(comparison.not_shared, ["no", "yes"]);
        assert_eq!(comparison.labels.iter().map(|label| label.label.as_str()).collect::<Vec<_>>(), ["no", "yes"]);
        assert_eq!(comparison.flips.len(), 2);
        assert!(comparison.flips.iter().all(|flip| !flip.reasons[0].terms.is_empty()));
    }

    #[test]
    fn a_model_differs_from_itself_in_nothing() {
        let model = trained("yes", "agreed");
        let gold =
            crate::Gold { file: "<memory>".into(), row: 1, text: "they agreed".into(), labels: vec!["yes".into()], group: None };
        let evaluation = Evaluation::new(model.labels(), vec![(gold, model.predict("they agreed"))]);
        let comparison = Comparison::new((&model, &evaluation), (&model, &evaluation), 42, &|_| ());
        assert!(comparison.flips.is_empty() && comparison.not_shared.is_empty());
        assert_eq!(comparison.exact_mcnemar.p, 1.0);
        assert_eq!(comparison.macro_f1.difference.map(|difference| (difference.low, difference.high)), Some((0.0, 0.0)));
    }
}
