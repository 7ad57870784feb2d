//! Classifying a stream of units on all cores, in order and in bounded memory.

use rayon::prelude::*;

use crate::classifier::{Classifier, Prediction};
use crate::error::Result;
use crate::input::Unit;

/// Units read before they are classified together: enough to keep all cores busy, little enough to stay in memory.
const BATCH: usize = 4096;

impl Classifier {
    /// Classifies `units` on all threads and hands each with its answer to `each`, in the order of the input whatever the number
    /// of threads.
    ///
    /// # Errors
    /// The first error of `units` or of `each`; the units before it have been handed over.
    pub fn classify_units(
        &self,
        units: impl Iterator<Item = Result<Unit>>,
        mut each: impl FnMut(Unit, Prediction) -> Result<()>,
    ) -> Result<()> {
        let mut units = units.fuse();
        loop {
            let mut batch = Vec::new();
            let mut failure = None;
            for unit in units.by_ref().take(BATCH) {
                match unit {
                    Ok(unit) => batch.push(unit),
                    Err(error) => {
                        failure = Some(error);
                        break;
                    }
                }
            }
            if batch.is_empty() && failure.is_none() {
                return Ok(());
            }
            let answers: Vec<Prediction> =
                batch.par_iter().map_init(|| self.scratch(), |scratch, unit| self.predict_with(&unit.text, scratch)).collect();
            batch.into_iter().zip(answers).try_for_each(|(unit, answer)| each(unit, answer))?;
            if let Some(error) = failure {
                return Err(error);
            }
        }
    }
}
