//! Doubtful labels: where models that have not seen a row disagree with its labels, and are sure enough to be heard.

use std::sync::Arc;

use crate::classifier::Prediction;
use crate::corpus::Corpus;

/// A row whose labels may be wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Name of the file it stands in.
    pub file: Arc<str>,
    /// Its row, as a spreadsheet shows it.
    pub row: u64,
    /// Its text.
    pub text: String,
    /// The labels it has, primary first.
    pub given: Vec<String>,
    /// The labels that the models would give it, the row's own first.
    pub suggested: Vec<String>,
    /// How far the most doubtful label's probability lies beyond what is usual for the other answer; doubts are ranked by it.
    pub margin: f64,
    /// Why, in words.
    pub reason: String,
}

/// The rows of a corpus whose labels are doubtful, the most doubtful first, by what models of the other folds say of them
/// ([`Trainer::cross_validate`](crate::Trainer::cross_validate)).
///
/// A label is doubtful where its probability is more typical of rows with the other answer: a row without the label is doubted
/// from the mean probability of the rows that have it, a row with it from the mean probability of the rows that have it not.
/// (C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident learning: estimating uncertainty in dataset labels", Journal of
/// Artificial Intelligence Research 70, 2021, label by label.)
///
/// # Panics
/// If there are not as many predictions as rows.
#[must_use]
pub fn doubts(corpus: &Corpus, predictions: &[Prediction]) -> Vec<Doubt> {
    assert_eq!(corpus.examples.len(), predictions.len(), "one prediction a row");
    let usual: Vec<[f64; 2]> = (0..corpus.labels.len()).map(|label| usual(corpus, predictions, label)).collect();
    let task = corpus.task();
    let mut doubts: Vec<Doubt> = Vec::new();
    for (example, prediction) in corpus.examples.iter().zip(predictions) {
        let name = |label: usize| corpus.labels[label].clone();
        let mut doubtful: Vec<(usize, f64)> = (0..corpus.labels.len())
            .filter_map(|label| {
                let probability = f64::from(prediction.probabilities[label]);
                let [without, with] = usual[label];
                let margin = if example.labels.contains(&label) { without - probability } else { probability - with };
                (margin > 0.0).then_some((label, margin))
            })
            .collect();
        doubtful.sort_by(|a, b| b.1.total_cmp(&a.1));
        let doubted = |label: &usize| doubtful.iter().any(|(other, _)| other == label);
        let kept = example.labels.iter().filter(|label| !doubted(label));
        let added = doubtful.iter().map(|(label, _)| label).filter(|label| !example.labels.contains(label));
        let mut suggested: Vec<usize> = kept.chain(added).copied().collect();
        if !task.several {
            // One label a row: only the likeliest one can take the place of the one given.
            let likelier = |a: &usize, b: &usize| prediction.probabilities[*a].total_cmp(&prediction.probabilities[*b]);
            suggested = (0..corpus.labels.len()).max_by(likelier).filter(doubted).into_iter().collect();
        }
        let may_stand = !suggested.is_empty() || (task.several && task.may_be_none);
        let Some(&(_, margin)) = doubtful.first().filter(|_| may_stand && suggested != example.labels) else { continue };
        let reason = doubtful.iter().map(|&(label, _)| {
            let probability = prediction.probabilities[label];
            let has = if example.labels.contains(&label) { "given" } else { "not given" };
            let usual = usual[label][usize::from(!example.labels.contains(&label))];
            let other = if example.labels.contains(&label) { "without" } else { "with" };
            format!("{} {has}, but p {probability:.3}; rows {other} it have {usual:.3} on average", corpus.labels[label])
        });
        doubts.push(Doubt {
            file: example.file.clone(),
            row: example.row,
            text: example.text.clone(),
            given: example.labels.iter().map(|&label| name(label)).collect(),
            suggested: suggested.iter().map(|&label| name(label)).collect(),
            margin,
            reason: reason.collect::<Vec<_>>().join("; "),
        });
    }
    doubts.sort_by(|a, b| b.margin.total_cmp(&a.margin));
    doubts
}

/// Mean probability of a label in the rows without it and in the rows with it; where there are none, no row is ever doubted.
fn usual(corpus: &Corpus, predictions: &[Prediction], label: usize) -> [f64; 2] {
    let mut sums = [(0.0, 0_usize); 2];
    for (example, prediction) in corpus.examples.iter().zip(predictions) {
        let side = &mut sums[usize::from(example.labels.contains(&label))];
        side.0 += f64::from(prediction.probabilities[label]);
        side.1 += 1;
    }
    let mean = |(sum, rows): (f64, usize), unless: f64| if rows == 0 { unless } else { sum / rows as f64 };
    [mean(sums[0], f64::NEG_INFINITY), mean(sums[1], f64::INFINITY)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::Status;

    fn answers(probabilities: &[[f32; 2]]) -> Vec<Prediction> {
        let answer = |p: &[f32; 2]| Prediction { status: Status::Ok, labels: vec![], probabilities: p.to_vec() };
        probabilities.iter().map(answer).collect()
    }

    #[test]
    fn rows_that_look_like_the_other_side_are_doubted() {
        let rows = [("t1", vec!["a"]), ("t2", vec!["a"]), ("t3", vec![]), ("t4", vec!["a", "b"]), ("t5", vec!["b"])];
        let corpus = Corpus::from_texts(&rows).unwrap();
        let probabilities = [[0.9, 0.1], [0.02, 0.1], [0.95, 0.0], [0.9, 0.9], [0.1, 0.8]];
        let found = doubts(&corpus, &answers(&probabilities));
        let told: Vec<(u64, Vec<String>, Vec<String>)> =
            found.iter().map(|doubt| (doubt.row, doubt.given.clone(), doubt.suggested.clone())).collect();
        // Rows with a have 0.607 on average, rows without it 0.525.
        assert_eq!(told, [(2, vec!["a".to_owned()], vec![]), (3, vec![], vec!["a".to_owned()])]);
        assert_eq!(found[0].reason, "a given, but p 0.020; rows without it have 0.525 on average");
        assert!((found[1].margin - (0.95 - 1.82 / 3.0)).abs() < 1e-6);
    }

    #[test]
    fn with_one_label_a_row_another_one_is_suggested() {
        let corpus = Corpus::from_texts(&[("t1", vec!["a"]), ("t2", vec!["b"]), ("t3", vec!["b"])]).unwrap();
        let found = doubts(&corpus, &answers(&[[0.1, 0.9], [0.2, 0.8], [0.2, 0.7]]));
        assert_eq!(found.iter().map(|doubt| (doubt.row, doubt.suggested.join(";"))).collect::<Vec<_>>(), [(1, "b".to_owned())]);
    }
}
