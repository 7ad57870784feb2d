//! Folds for cross-validation: stratified for several labels, groups kept whole.

use std::collections::HashMap;

use crate::corpus::Example;
use crate::features::{Family, term_hash};
use crate::linear::SplitMix64;

/// The fold, 0 to `folds - 1`, of each example.
///
/// Examples of one group, and examples of the same or nearly the same text, fall into the same fold, so that nothing is tested on
/// its twin. Groups
/// are dealt out by iterative stratification (K. Sechidis, G. Tsoumakas and I. Vlahavas, "On the stratification of multi-label
/// data", ECML PKDD 2011): the rarest label first, each group to the fold that lacks most of that label, then to the smallest
/// fold. "No label" is dealt out as a label of its own. The same seed gives the same folds.
pub(crate) fn stratified_folds(examples: &[&Example], labels: usize, folds: usize, seed: u64) -> Vec<usize> {
    let none = labels;
    let mut groups = groups(examples);
    SplitMix64(seed).shuffle(&mut groups);

    let strata: Vec<Vec<usize>> = groups
        .iter()
        .map(|rows| {
            let mut count = vec![0; labels + 1];
            for &row in rows {
                match examples[row].labels.as_slice() {
                    [] => count[none] += 1,
                    given => given.iter().for_each(|&label| count[label] += 1),
                }
            }
            count
        })
        .collect();

    let total = |label: usize| strata.iter().map(|count| count[label]).sum::<usize>();
    let mut rarity: Vec<usize> = (0..=labels).collect();
    rarity.sort_by_key(|&label| (total(label), label));

    let mut held = vec![vec![0; labels + 1]; folds];
    let mut size = vec![0; folds];
    let mut fold_of_row = vec![0; examples.len()];
    let mut dealt = vec![false; groups.len()];
    for &label in &rarity {
        for group in 0..groups.len() {
            if dealt[group] || strata[group][label] == 0 {
                continue;
            }
            let fold = (0..folds).min_by_key(|&fold| (held[fold][label], size[fold], fold)).unwrap_or(0);
            dealt[group] = true;
            size[fold] += groups[group].len();
            held[fold].iter_mut().zip(&strata[group]).for_each(|(held, count)| *held += count);
            groups[group].iter().for_each(|&row| fold_of_row[row] = fold);
        }
    }
    fold_of_row
}

/// Two texts are twins if they share more than this part of all their three-word sequences (Jaccard's index of shingles: A. Broder,
/// "On the resemblance and containment of documents", 1997).
const TWINS: f64 = 0.6;

/// Texts of fewer sequences are too short to be called twins: short questions of one form are still different questions.
const SHORT: usize = 8;

/// Sequences that more rows share are boilerplate; they say nothing about any two of the rows, and would cost quadratic time.
const COMMON: usize = 50;

/// Rows that must stay together: the same group, the same text but for case and white space, or twins; joined transitively.
fn groups(examples: &[&Example]) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..examples.len()).collect();
    let mut first_of: HashMap<(bool, String), usize> = HashMap::new();
    for (row, example) in examples.iter().enumerate() {
        let text = example.text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let keys = std::iter::once((false, text)).chain(example.group.clone().map(|group| (true, group)));
        for key in keys {
            let first = *first_of.entry(key).or_insert(row);
            join(&mut parent, row, first);
        }
    }
    for (a, b) in twins(examples) {
        join(&mut parent, a, b);
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); examples.len()];
    for row in 0..examples.len() {
        members[root(&mut parent, row)].push(row);
    }
    members.retain(|rows| !rows.is_empty());
    members
}

/// Pairs of rows whose texts are nearly the same.
fn twins(examples: &[&Example]) -> Vec<(usize, usize)> {
    let mut holders: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut sizes = Vec::with_capacity(examples.len());
    for (row, example) in examples.iter().enumerate() {
        let text = example.text.to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let mut shingles: Vec<u64> = words.windows(3).map(|words| term_hash(Family::Phrase, &words.join(" "))).collect();
        shingles.sort_unstable();
        shingles.dedup();
        sizes.push(shingles.len());
        if shingles.len() < SHORT {
            continue;
        }
        shingles.into_iter().for_each(|shingle| holders.entry(shingle).or_default().push(row));
    }
    let mut shared: HashMap<(usize, usize), usize> = HashMap::new();
    for rows in holders.values().filter(|rows| rows.len() <= COMMON) {
        for (at, &b) in rows.iter().enumerate() {
            rows[..at].iter().for_each(|&a| *shared.entry((a, b)).or_default() += 1);
        }
    }
    let near = |&((a, b), count): &((usize, usize), usize)| count as f64 > TWINS * (sizes[a] + sizes[b] - count) as f64;
    shared.into_iter().filter(near).map(|(pair, _)| pair).collect()
}

/// Joins the groups of two rows; the lower row stays the root, so the order of joins does not matter.
fn join(parent: &mut [usize], one: usize, two: usize) {
    let (a, b) = (root(parent, one), root(parent, two));
    parent[a.max(b)] = a.min(b);
}

fn root(parent: &mut [usize], mut row: usize) -> usize {
    while parent[row] != row {
        parent[row] = parent[parent[row]];
        row = parent[row];
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn example(text: &str, labels: &[usize], group: Option<&str>) -> Example {
        Example { file: "<memory>".into(), row: 0, text: text.into(), labels: labels.to_vec(), group: group.map(str::to_owned) }
    }

    #[test]
    fn labels_are_spread_evenly() {
        let examples: Vec<Example> = (0..100)
            .map(|i| {
                example(
                    &format!("text {i}"),
                    if i % 10 == 0 {
                        &[1]
                    } else if i % 2 == 0 {
                        &[0]
                    } else {
                        &[]
                    },
                    None,
                )
            })
            .collect();
        let examples: Vec<&Example> = examples.iter().collect();
        let folds = stratified_folds(&examples, 2, 5, 42);
        for fold in 0..5 {
            let rare = (0..100).filter(|&i| folds[i] == fold && examples[i].labels == [1]).count();
            assert_eq!(rare, 2);
            assert_eq!(folds.iter().filter(|&&f| f == fold).count(), 20);
        }
    }

    #[test]
    fn groups_and_equal_texts_stay_together() {
        let examples = [
            example("a", &[0], Some("p")),
            example("b", &[], Some("p")),
            example("B ", &[0], None),
            example("c", &[0], None),
            example("d", &[], None),
            example("The envoys of Lima and Quito met in the old town on Monday for talks.", &[0], None),
            example("The envoys of Lima and Quito met in the old town on Tuesday for talks.", &[], None),
        ];
        let examples: Vec<&Example> = examples.iter().collect();
        let folds = stratified_folds(&examples, 1, 2, 1);
        assert_eq!(folds[0], folds[1]);
        assert_eq!(folds[1], folds[2]);
        assert_eq!(folds[5], folds[6], "twins");
    }

    proptest! {
        #[test]
        fn every_row_gets_a_fold_and_the_same_seed_the_same_folds(labels in proptest::collection::vec(0..3_usize, 10..60), seed in any::<u64>()) {
            let examples: Vec<Example> = labels.iter().enumerate().map(|(i, &label)| example(&i.to_string(), &[label], None)).collect();
            let examples: Vec<&Example> = examples.iter().collect();
            let folds = stratified_folds(&examples, 3, 4, seed);
            prop_assert!(folds.iter().all(|&fold| fold < 4));
            prop_assert_eq!(&folds, &stratified_folds(&examples, 3, 4, seed));
            for label in 0..3 {
                let count = |fold| (0..labels.len()).filter(|&i| folds[i] == fold && labels[i] == label).count();
                let counts: Vec<usize> = (0..4).map(count).collect();
                prop_assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1);
            }
        }
    }
}
