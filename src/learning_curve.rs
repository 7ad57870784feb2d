//! How accuracy grows with the corpus: whether more writing pays.

use crate::bootstrap::Estimate;
use crate::classifier::Classifier;
use crate::corpus::{Corpus, Example, LabelCells};
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::folds::stratified_folds;
use crate::input::Source;
use crate::table::Columns;
use crate::trainer::Trainer;

/// One point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct CurvePoint {
    /// Rows trained on.
    pub rows: usize,
    /// Macro F1 on the test rows.
    pub macro_f1: Option<Estimate>,
}

/// Eighths of the corpus that are trained on.
pub const EIGHTHS: [usize; 4] = [1, 2, 4, 8];

/// Trains on an eighth, a quarter, a half and all of the corpus (stratified, each part within the next, groups kept whole) and
/// scores each model on the same labelled tables; `progress` is called after each. The last model, of the whole corpus, is
/// returned beside the curve.
///
/// # Errors
/// As [`Trainer::fit`] and [`Evaluation::of_tables`].
#[allow(clippy::missing_panics_doc, reason = "there is at least one part")]
pub fn learning_curve(
    trainer: &Trainer,
    corpus: &Corpus,
    test: &[Source],
    columns: &Columns,
    cells: &LabelCells,
    progress: &dyn Fn(usize),
) -> Result<(Vec<CurvePoint>, Classifier)> {
    let examples: Vec<&Example> = corpus.examples.iter().collect();
    let parts = stratified_folds(&examples, corpus.labels.len(), 8, trainer.seed_value());
    let mut points = Vec::new();
    let mut last = None;
    for (done, eighths) in EIGHTHS.into_iter().enumerate() {
        let part: Vec<Example> =
            corpus.examples.iter().zip(&parts).filter(|(_, part)| **part < eighths).map(|(example, _)| example.clone()).collect();
        let rows = part.len();
        let classifier = trainer.fit(&Corpus { labels: corpus.labels.clone(), examples: part })?;
        let evaluation = Evaluation::of_tables(&classifier, test, columns, cells)?;
        points.push(CurvePoint { rows, macro_f1: evaluation.macro_f1_interval(trainer.seed_value()) });
        progress(done + 1);
        last = Some(classifier);
    }
    Ok((points, last.expect("there is at least one part")))
}
