//! What is counted of a label, and the rates that follow.
//!
//! Precision is the share of given labels that are right, recall the share of right labels that are given, F1 their harmonic
//! mean, `2 · both / (gold + given)`. A rate without a denominator is undefined (`None`), never 0. (C. J. van Rijsbergen,
//! "Information Retrieval", 1979; averages as in Y. Yang, "An evaluation of statistical approaches to text categorization", 1999.)

/// What is counted of one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Units that have the label.
    pub gold: usize,
    /// Units that were given it.
    pub given: usize,
    /// Units of which both are true.
    pub both: usize,
}

impl Counts {
    /// Share of the given that are right.
    #[must_use]
    pub fn precision(self) -> Option<f64> {
        ratio(self.both, self.given)
    }

    /// Share of the right that are given.
    #[must_use]
    pub fn recall(self) -> Option<f64> {
        ratio(self.both, self.gold)
    }

    /// Harmonic mean of precision and recall; undefined only where nothing is gold and nothing given.
    #[must_use]
    pub fn f1(self) -> Option<f64> {
        ratio(2 * self.both, self.gold + self.given)
    }

    pub(crate) fn add(&mut self, gold: bool, given: bool) {
        self.gold += usize::from(gold);
        self.given += usize::from(given);
        self.both += usize::from(gold && given);
    }
}

/// Whether two lists hold the same labels, their order aside; neither list holds a label twice.
pub(crate) fn same_labels<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().all(|label| b.contains(label))
}

pub(crate) fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Mean of the labels' F1, labels without one left out.
pub(crate) fn macro_f1(counts: &[Counts]) -> Option<f64> {
    let defined: Vec<f64> = counts.iter().filter_map(|counts| counts.f1()).collect();
    (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
}
