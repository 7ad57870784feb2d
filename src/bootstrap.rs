//! Intervals: how much a figure would vary had other units been drawn.

use rayon::prelude::*;

use crate::counts::macro_f1;
use crate::evaluation::Evaluation;
use crate::linear::SplitMix64;

/// Resamples an interval is made of.
pub const RESAMPLES: usize = 1000;

/// A figure with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// 2.5th percentile of the resamples.
    pub low: f64,
    /// 97.5th percentile of the resamples.
    pub high: f64,
}

impl Evaluation {
    /// Figures with 95 % intervals by the percentile bootstrap (B. Efron and R. Tibshirani, "An Introduction to the Bootstrap",
    /// 1993, chapter 13), [`RESAMPLES`] draws of as many groups as there are, with replacement. `figures` maps positions in
    /// [`Evaluation::units`], some of them several times, to figures; one that is undefined for all units has no estimate, and
    /// draws that leave it undefined are left out.
    ///
    /// Whole groups are drawn, since units of one group are alike and would make an interval too narrow. (A. C. Davison and D. V.
    /// Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8.)
    pub fn estimates(
        &self,
        seed: u64,
        figures: &(dyn Fn(&[usize]) -> Vec<Option<f64>> + Sync),
        progress: &(dyn Fn(usize) + Sync),
    ) -> Vec<Option<Estimate>> {
        let all: Vec<usize> = (0..self.n()).collect();
        let values = figures(&all);
        let drawn = std::sync::atomic::AtomicUsize::new(0);
        let resampled: Vec<Vec<Option<f64>>> = (0..RESAMPLES)
            .into_par_iter()
            .map(|draw| {
                // Every draw has a generator of its own, so the result does not depend on the number of threads.
                let mut random = SplitMix64(SplitMix64(seed.wrapping_add(draw as u64)).next());
                let mut sample = Vec::with_capacity(self.n());
                for _ in 0..self.groups.len() {
                    sample.extend_from_slice(&self.groups[random.below(self.groups.len())]);
                }
                let figures = figures(&sample);
                progress(drawn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1);
                figures
            })
            .collect();
        let estimate = |(figure, value): (usize, &Option<f64>)| {
            let mut sorted: Vec<f64> = resampled.iter().filter_map(|figures| figures[figure]).collect();
            sorted.sort_by(f64::total_cmp);
            let at = |share: f64| sorted[((sorted.len() - 1) as f64 * share).round() as usize];
            value.filter(|_| !sorted.is_empty()).map(|value| Estimate { value, low: at(0.025), high: at(0.975) })
        };
        values.iter().enumerate().map(estimate).collect()
    }

    /// Macro F1 with its interval.
    #[must_use]
    pub fn macro_f1_interval(&self, seed: u64) -> Option<Estimate> {
        let figures = |sample: &[usize]| vec![macro_f1(&self.counts_of(sample.iter().copied()))];
        self.estimates(seed, &figures, &|_| ())[0]
    }
}

#[cfg(test)]
mod tests {
    use crate::classifier::{Prediction, Status};
    use crate::evaluation::tests::{evaluation, gold_unit};
    use crate::evaluation::{Evaluation, Gold};

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

    #[test]
    fn groups_are_drawn_whole_and_widen_the_interval() {
        let rows = |grouped: bool| {
            let answers = (0..400).map(|i| {
                let right = (i / 20) % 3 != 0;
                let labels = if right { vec![0] } else { vec![] };
                let group = grouped.then(|| (i / 20).to_string());
                let gold = Gold { group, ..gold_unit(i, &["a"]) };
                (gold, Prediction { status: Status::Ok, labels, probabilities: vec![0.5] })
            });
            Evaluation::new(&["a".to_owned()], answers.collect())
        };
        let width = |e: &Evaluation| e.macro_f1_interval(42).map(|f1| f1.high - f1.low).unwrap();
        assert_eq!((rows(true).groups(), rows(false).groups()), (20, 400));
        assert!(width(&rows(true)) > 2.0 * width(&rows(false)));
    }

    #[test]
    fn nothing_to_measure_gives_no_interval() {
        assert_eq!(evaluation(&[]).macro_f1_interval(42), None);
        assert_eq!(evaluation(&[(&[], &[])]).macro_f1_interval(42), None);
    }
}
