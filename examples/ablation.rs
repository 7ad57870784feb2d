//! What each family of features is worth: trains with all of them, then without each, and scores every model.
//!
//! `cargo run --release --example ablation -- data/cues.csv data/test.csv data/train/*.csv`

use demarche::{
    ClassWeight, Columns, Corpus, Evaluation, Family, FeatureOptions, LabelCells, Language, Lexicon, LinearParams, Result,
    Source, Trainer,
};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: ablation CUES TEST CSV...";
    let cues = arguments.next().expect(usage);
    let test = [Source::of(arguments.next().expect(usage).as_ref())];
    let (columns, cells) = (Columns::default(), LabelCells::default());
    let corpus = Corpus::read(&arguments.collect::<Vec<_>>(), &columns, &cells)?;
    let lexicon = || Lexicon::read(cues.as_ref(), Language::ENGLISH);

    println!("{:32}  {:>11}  {:>8}  {:>7}", "", "out of fold", "test", "terms");
    let score = |name: &str, trainer: Trainer| -> Result<()> {
        let classifier = trainer.fit(&corpus)?;
        let evaluation = Evaluation::of_tables(&classifier, &test, &columns, &cells)?;
        let test = evaluation.macro_f1().unwrap_or(f64::NAN);
        println!("{name:32}  {:>11.4}  {test:>8.4}  {:>7}", classifier.provenance().out_of_fold_macro_f1, classifier.terms());
        Ok(())
    };
    score("everything", Trainer::new().cues(lexicon()?))?;
    for family in Family::ALL {
        let mut features = FeatureOptions::default();
        features.weights[family as usize] = 0.0;
        score(&format!("without {}", family.name()), Trainer::new().cues(lexicon()?).features(features))?;
    }
    score("without cues of any kind", Trainer::new())?;
    let mut only_cues = FeatureOptions::default();
    for family in [Family::Stem, Family::Phrase, Family::Chars, Family::Negated, Family::Shape] {
        only_cues.weights[family as usize] = 0.0;
    }
    score("cues alone", Trainer::new().cues(lexicon()?).features(only_cues))?;
    for (name, learner) in [
        ("without naive-Bayes ratios", LinearParams::default().ratio(0.0)),
        ("uniform class weights", LinearParams::default().class_weight(ClassWeight::Uniform)),
        ("balanced class weights", LinearParams::default().class_weight(ClassWeight::Balanced)),
    ] {
        score(name, Trainer::new().cues(lexicon()?).learner(learner))?;
    }
    Ok(())
}
