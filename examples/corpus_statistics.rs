//! Describes a labelled corpus: lengths, attribution, label mix, and the predicates that carry each label.
//!
//! `cargo run --release --example corpus_statistics -- data/cues.csv data/train/*.csv`

use std::collections::{BTreeMap, HashMap};

use demarche::{Columns, Corpus, LabelCells, Language, Lexicon, Result};

fn main() -> Result<()> {
    let mut paths = std::env::args().skip(1);
    let cues = paths.next().expect("usage: corpus_statistics CUES CSV...");
    let lexicon = Lexicon::read(cues.as_ref(), Language::ENGLISH)?;
    let corpus = Corpus::read(&paths.collect::<Vec<_>>(), &Columns::default(), &LabelCells::default())?;
    let n = corpus.examples.len();

    let mut lengths: Vec<usize> = corpus.examples.iter().map(|example| example.text.split_whitespace().count()).collect();
    lengths.sort_unstable();
    let at = |share: f64| lengths[(n as f64 * share) as usize];
    println!("{n} sentences, words at 10 / 50 / 90 %: {} / {} / {}", at(0.1), at(0.5), at(0.9));
    let attributed = |text: &str| {
        let lower = text.to_lowercase();
        lower.contains("according to")
            || lower.split(|c: char| !c.is_alphanumeric()).any(|word| matches!(word, "said" | "says" | "told"))
    };
    let share = |count: usize| 100.0 * count as f64 / n as f64;
    println!("with attribution {:.1} %", share(corpus.examples.iter().filter(|example| attributed(&example.text)).count()));
    println!("without a label {:.1} %", share(corpus.examples.iter().filter(|example| example.labels.is_empty()).count()));
    println!("with several {:.1} %", share(corpus.examples.iter().filter(|example| example.labels.len() > 1).count()));

    // A cue counts as a predicate of a label if it is at least three times as frequent in sentences with the label as without.
    let support = corpus.support();
    let mut counts: HashMap<&str, (usize, BTreeMap<usize, usize>)> = HashMap::new();
    for example in &corpus.examples {
        for (_, cue) in lexicon.find(&example.text, Language::ENGLISH) {
            let (all, by_label) = counts.entry(cue).or_default();
            *all += 1;
            example.labels.iter().for_each(|&label| *by_label.entry(label).or_default() += 1);
        }
    }
    for (label, name) in corpus.labels.iter().enumerate() {
        let mut predicates: Vec<(usize, &str)> = counts
            .iter()
            .filter_map(|(cue, (all, by_label))| {
                let with = by_label.get(&label).copied().unwrap_or(0);
                let rate = with as f64 / support[label] as f64;
                let elsewhere = (all - with) as f64 / (n - support[label]) as f64;
                (rate > 3.0 * elsewhere && with > 0).then_some((with, *cue))
            })
            .collect();
        predicates.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let listed: Vec<String> = predicates.iter().take(30).map(|(count, cue)| format!("{cue} {count}")).collect();
        println!("\n{name}: {} predicates, the commonest: {}", predicates.len(), listed.join(", "));
    }
    Ok(())
}
