//! One-vs-rest L2-regularised logistic regression on sparse rows.
//!
//! For one label, with rows `x_i`, signs `y_i = ±1` and costs `c_i > 0`, the learner minimises the primal objective
//!
//! ```text
//! P(w) = ½‖w‖² + Σ c_i log(1 + exp(-y_i w·x_i))
//! ```
//!
//! where the bias is the weight of a constant feature 1. It works on the dual,
//!
//! ```text
//! D(α) = -½‖w(α)‖² - Σ [α_i log(α_i/c_i) + (c_i - α_i) log((c_i - α_i)/c_i)],   w(α) = Σ α_i y_i x_i,   0 < α_i < c_i
//! ```
//!
//! one coordinate at a time (H.-F. Yu, F.-L. Huang and C.-J. Lin, "Dual coordinate descent methods for logistic regression and
//! maximum entropy models", Machine Learning 85, 2011, section 3). Since `D(α) ≤ P(w*) ≤ P(w(α))`, the gap between the two
//! bounds the distance to the optimum: the fit stops when the gap is a small part of the objective. There is no learning rate.
//!
//! Before that, the columns are scaled by how unevenly they are spread over rows with and without the label: by
//! `(1 - r) + r |log(p_j / q_j)|`, where `p_j` and `q_j` are the smoothed shares of the two kinds of rows' terms that fall on term j,
//! and r is [`LinearParams::ratio`]. (S. Wang and C. D. Manning, "Baselines and bigrams: simple, good sentiment and topic
//! classification", ACL 2012: their NB-SVM, with logistic loss, interpolated in the features instead of in the weights.) A term
//! that says much about the label then costs little regularisation. The scale is folded into the weights afterwards, so it leaves no
//! trace in the model.
//!
//! Where Yu et al. solve the one-variable problem by a safeguarded Newton method on `α_i`, this solves it in the log-odds `u`,
//! `α_i = c_i σ(u)`: the stationary point is the root of `h(u) = a (c_i σ(u) - α_i) + y_i w·x_i + u`, with `a = ‖x_i‖²`. `h` rises
//! with slope at least 1 and its root lies between `-y_i w·x_i - a (c_i - α_i)` and `-y_i w·x_i + a α_i`, so Newton steps kept
//! within that bracket cannot fail, and `α_i` never leaves its interval.

use linfa::ParamGuard;
use linfa::dataset::{DatasetBase, Records};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, Array2, ArrayView1, Axis};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::features::FeatureMatrix;

/// What the learner can fail with.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LinearError {
    /// The cost must be a positive number.
    #[error("the cost must be a positive number, it is {0}")]
    Cost(f64),
    /// The ratio must lie from 0 to 1.
    #[error("the ratio must lie from 0 to 1, it is {0}")]
    Ratio(f64),
    /// The tolerance must lie between 0 and 1.
    #[error("the tolerance must lie between 0 and 1, it is {0}")]
    Tolerance(f64),
    /// At least one pass over the rows is needed.
    #[error("the number of epochs must be at least 1")]
    Epochs,
    /// There are no rows to learn from.
    #[error("there are no rows to learn from")]
    NoRows,
    /// Rows and targets differ in number.
    #[error("there are {0} rows but {1} targets")]
    MismatchedShapes(usize, usize),
    /// All rows of a label are on one side.
    #[error("target {0} is the same in every row")]
    OneSided(usize),
    /// A number became infinite or undefined.
    #[error("a value of target {0} stopped being finite")]
    NotFinite(usize),
    /// An error of linfa's own.
    #[error("{0}")]
    Linfa(String),
}

impl From<linfa::Error> for LinearError {
    fn from(error: linfa::Error) -> Self {
        Self::Linfa(error.to_string())
    }
}

/// How rows with and without a label are weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClassWeight {
    /// Every row counts the same.
    Uniform,
    /// Rows with the label count `√(without / with)` times as much as rows without: half way (on a logarithmic scale) to both sides
    /// counting the same in all, which would let the few rows of a rare label shout.
    Tempered,
    /// Both sides count the same in all.
    Balanced,
}

/// Checked settings of the learner; made by [`LinearParams::check`](ParamGuard::check).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinearValidParams {
    cost: f64,
    class_weight: ClassWeight,
    ratio: f64,
    tolerance: f64,
    max_epochs: u32,
    seed: u64,
}

/// Settings of the learner.
#[derive(Debug, Clone, PartialEq)]
pub struct LinearParams(LinearValidParams);

impl Default for LinearParams {
    fn default() -> Self {
        Self(LinearValidParams {
            cost: 64.0,
            class_weight: ClassWeight::Tempered,
            ratio: 0.5,
            tolerance: 1e-3,
            max_epochs: 1000,
            seed: 42,
        })
    }
}

impl LinearParams {
    /// Price of an error against the size of the weights, for rows of unit length (default 64); larger fits closer.
    #[must_use]
    pub fn cost(mut self, cost: f64) -> Self {
        self.0.cost = cost;
        self
    }

    /// Weighing of rare against frequent (default [`ClassWeight::Tempered`]).
    #[must_use]
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.0.class_weight = class_weight;
        self
    }

    /// How far columns are scaled by their naive-Bayes log-count ratio, 0 (not at all) to 1 (default 0.5).
    #[must_use]
    pub fn ratio(mut self, ratio: f64) -> Self {
        self.0.ratio = ratio;
        self
    }

    /// Largest duality gap, as a share of the objective, at which the fit stops (default 0.001).
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.0.tolerance = tolerance;
        self
    }

    /// Most passes over the rows (default 1,000); a fit that needs more says so in [`Convergence`].
    #[must_use]
    pub fn max_epochs(mut self, max_epochs: u32) -> Self {
        self.0.max_epochs = max_epochs;
        self
    }

    /// Seed of the order in which rows are visited (default 42).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }
}

impl ParamGuard for LinearParams {
    type Checked = LinearValidParams;
    type Error = LinearError;

    fn check_ref(&self) -> Result<&LinearValidParams, LinearError> {
        let params = &self.0;
        if !(params.cost > 0.0 && params.cost.is_finite()) {
            Err(LinearError::Cost(params.cost))
        } else if !(0.0..=1.0).contains(&params.ratio) {
            Err(LinearError::Ratio(params.ratio))
        } else if !(params.tolerance > 0.0 && params.tolerance < 1.0) {
            Err(LinearError::Tolerance(params.tolerance))
        } else if params.max_epochs == 0 {
            Err(LinearError::Epochs)
        } else {
            Ok(params)
        }
    }

    fn check(self) -> Result<LinearValidParams, LinearError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

/// How a fit ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Convergence {
    /// Passes over the rows.
    pub epochs: u32,
    /// Duality gap as a share of the objective: the objective is within this share of its minimum.
    pub gap: f64,
    /// Whether the gap fell below the tolerance.
    pub converged: bool,
}

/// One linear scorer a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear {
    /// Weights, features × labels: all weights of a feature lie side by side.
    pub weights: Array2<f32>,
    /// Bias by label.
    pub bias: Array1<f32>,
    /// How the fit of each label ended.
    pub convergence: Vec<Convergence>,
}

impl Fit<FeatureMatrix, Array2<bool>, LinearError> for LinearValidParams {
    type Object = Linear;

    /// Fits one scorer for each column of the targets.
    ///
    /// `dataset` holds n rows (best of unit length, see [`FeatureMatrix`]) and n × labels targets, `true` where the row has the
    /// label. The labels are fitted independently and in parallel; the result does not depend on the number of threads.
    ///
    /// # Errors
    /// [`LinearError::NoRows`], [`LinearError::MismatchedShapes`], [`LinearError::OneSided`] if a column is all true or all false,
    /// and [`LinearError::NotFinite`] if an input value is not finite or a sum overflows.
    fn fit(&self, dataset: &DatasetBase<FeatureMatrix, Array2<bool>>) -> Result<Linear, LinearError> {
        let (rows, targets) = (dataset.records(), dataset.targets());
        if rows.nsamples() == 0 {
            return Err(LinearError::NoRows);
        }
        if rows.nsamples() != targets.nrows() {
            return Err(LinearError::MismatchedShapes(rows.nsamples(), targets.nrows()));
        }
        let fits: Vec<(Vec<f64>, Convergence)> = (0..targets.ncols())
            .into_par_iter()
            .map(|label| self.fit_label(rows, targets.column(label), label))
            .collect::<Result<_, _>>()?;
        let features = rows.nfeatures();
        let mut weights = Array2::zeros((features, fits.len()));
        let mut bias = Array1::zeros(fits.len());
        for (label, (fitted, _)) in fits.iter().enumerate() {
            for (cell, &weight) in weights.column_mut(label).iter_mut().zip(fitted) {
                *cell = weight as f32;
            }
            bias[label] = fitted[features] as f32;
        }
        Ok(Linear { weights, bias, convergence: fits.into_iter().map(|(_, convergence)| convergence).collect() })
    }
}

impl LinearValidParams {
    /// Costs of a row with and of a row without the label.
    fn costs(&self, with: usize, without: usize) -> (f64, f64) {
        let ratio = without as f64 / with as f64;
        match self.class_weight {
            ClassWeight::Uniform => (self.cost, self.cost),
            ClassWeight::Tempered => (self.cost * ratio.sqrt(), self.cost),
            ClassWeight::Balanced => (self.cost * ratio, self.cost),
        }
    }

    /// Dual coordinate descent for one label; the last weight is the bias.
    fn fit_label(
        &self,
        rows: &FeatureMatrix,
        targets: ArrayView1<bool>,
        label: usize,
    ) -> Result<(Vec<f64>, Convergence), LinearError> {
        let n = targets.len();
        let with = targets.iter().filter(|&&target| target).count();
        if with == 0 || with == n {
            return Err(LinearError::OneSided(label));
        }
        let (cost_with, cost_without) = self.costs(with, n - with);
        let sides: Vec<Side> =
            targets.iter().map(|&t| if t { Side { y: 1.0, c: cost_with } } else { Side { y: -1.0, c: cost_without } }).collect();
        let scale = column_scale(rows, targets, self.ratio);
        let rows = Rows::new(rows, &scale);
        let squares: Vec<f64> = (0..n).map(|i| 1.0 + rows.entries(i).map(|(_, x)| x * x).sum::<f64>()).collect();
        if squares.iter().any(|square| !square.is_finite()) {
            return Err(LinearError::NotFinite(label));
        }

        // Yu et al. start near zero (their section 3.4); so w starts at nearly zero, too.
        let mut alpha: Vec<f64> = sides.iter().map(|side| 1e-8_f64.min(1e-3 * side.c)).collect();
        let mut w = vec![0.0; scale.len() + 1];
        for i in 0..n {
            rows.add_scaled(i, alpha[i] * sides[i].y, &mut w);
        }

        let mut order: Vec<u32> = (0..n as u32).collect();
        let mut random = SplitMix64(self.seed);
        let mut convergence = Convergence { epochs: 0, gap: f64::INFINITY, converged: false };
        while convergence.epochs < self.max_epochs {
            random.shuffle(&mut order);
            for &i in &order {
                let i = i as usize;
                let Side { y, c } = sides[i];
                let new = stationary(squares[i], c, alpha[i], y * rows.dot(i, &w));
                let step = new - alpha[i];
                if step != 0.0 {
                    rows.add_scaled(i, step * y, &mut w);
                    alpha[i] = new;
                }
            }
            convergence.epochs += 1;
            // The gap costs a pass of its own, so it is not taken after every epoch.
            if convergence.epochs.is_multiple_of(4) || convergence.epochs == self.max_epochs {
                let (primal, dual) = objectives(&rows, &sides, &alpha, &w);
                if !primal.is_finite() || !dual.is_finite() {
                    return Err(LinearError::NotFinite(label));
                }
                convergence.gap = (primal - dual) / primal;
                if convergence.gap <= self.tolerance {
                    convergence.converged = true;
                    break;
                }
            }
        }
        w.iter_mut().zip(&scale).for_each(|(weight, scale)| *weight *= scale);
        Ok((w, convergence))
    }
}

/// The naive-Bayes scale of every column, see the module's page.
fn column_scale(rows: &FeatureMatrix, targets: ArrayView1<bool>, ratio: f64) -> Vec<f64> {
    /// Added to every count, so that a term that one side lacks has a ratio; the half of H. Jeffreys's prior.
    const SMOOTHING: f64 = 0.5;
    let mut with = vec![SMOOTHING; rows.nfeatures()];
    let mut without = with.clone();
    for (row, &target) in rows.0.outer_iterator().zip(targets) {
        let counts = if target { &mut with } else { &mut without };
        row.indices().iter().for_each(|&column| counts[column as usize] += 1.0);
    }
    let positive = targets.iter().filter(|&&target| target).count() as f64;
    let odds = (targets.len() as f64 - positive + 2.0 * SMOOTHING) / (positive + 2.0 * SMOOTHING);
    with.iter().zip(&without).map(|(p, q)| (1.0 - ratio) + ratio * libm::log(p / q * odds).abs()).collect()
}

/// Rows with scaled values, and the bias as their last feature.
struct Rows<'a> {
    matrix: &'a FeatureMatrix,
    values: Vec<f32>,
}

impl<'a> Rows<'a> {
    fn new(matrix: &'a FeatureMatrix, scale: &[f64]) -> Self {
        let scaled = |(&column, &value): (&u32, &f32)| (f64::from(value) * scale[column as usize]) as f32;
        Self { matrix, values: matrix.0.indices().iter().zip(matrix.0.data()).map(scaled).collect() }
    }

    fn entries(&self, row: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.matrix.0.indptr().outer_inds_sz(row);
        let (columns, values) = (&self.matrix.0.indices()[range.clone()], &self.values[range]);
        columns.iter().zip(values).map(|(&column, &value)| (column as usize, f64::from(value)))
    }

    /// `w·x` with the bias, the last weight.
    fn dot(&self, row: usize, w: &[f64]) -> f64 {
        self.entries(row).map(|(column, value)| value * w[column]).sum::<f64>() + w[w.len() - 1]
    }

    fn add_scaled(&self, row: usize, scale: f64, w: &mut [f64]) {
        for (column, value) in self.entries(row) {
            w[column] += scale * value;
        }
        let bias = w.len() - 1;
        w[bias] += scale;
    }
}

/// Sign and cost of a row.
#[derive(Clone, Copy)]
struct Side {
    y: f64,
    c: f64,
}

/// The α that solves the one-variable problem of a row: see the module's page for `h` and its bracket.
fn stationary(a: f64, c: f64, alpha: f64, margin: f64) -> f64 {
    let (mut low, mut high) = (-margin - a * (c - alpha), -margin + a * alpha);
    let mut u = (-margin).clamp(low, high);
    for _ in 0..50 {
        let share = sigmoid(u);
        let h = a * (c * share - alpha) + margin + u;
        if h.abs() < 1e-9 * (1.0 + u.abs()) {
            break;
        }
        if h > 0.0 {
            high = u;
        } else {
            low = u;
        }
        let newton = u - h / (1.0 + a * c * share * (1.0 - share));
        u = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
    }
    c * sigmoid(u)
}

/// Primal and dual objective.
fn objectives(rows: &Rows, sides: &[Side], alpha: &[f64], w: &[f64]) -> (f64, f64) {
    let half_square = 0.5 * w.iter().map(|w| w * w).sum::<f64>();
    let mut loss = 0.0;
    let mut entropy = 0.0;
    for (i, side) in sides.iter().enumerate() {
        loss += side.c * softplus(-side.y * rows.dot(i, w));
        entropy += x_log_y(alpha[i], alpha[i] / side.c) + x_log_y(side.c - alpha[i], 1.0 - alpha[i] / side.c);
    }
    (half_square + loss, -half_square - entropy)
}

/// `x log y` with its limit 0 at 0.
fn x_log_y(x: f64, y: f64) -> f64 {
    if x <= 0.0 || y <= 0.0 { 0.0 } else { x * libm::log(y) }
}

/// `1 / (1 + e^-u)`, in the form whose exponential cannot overflow.
///
/// Exponentials and logarithms come from `libm`, because those of the standard library differ in the last bit between systems,
/// and a model must have the same bytes everywhere.
pub(crate) fn sigmoid(u: f64) -> f64 {
    let e = libm::exp(-u.abs());
    if u >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// `log(1 + e^u)`, likewise.
fn softplus(u: f64) -> f64 {
    u.max(0.0) + libm::log1p(libm::exp(-u.abs()))
}

/// The generator of S. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014: ten lines
/// that will give the same order for ever.
pub(crate) struct SplitMix64(pub(crate) u64);

impl SplitMix64 {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound` (multiply-shift; its bias is below 2⁻³² for the bounds used here).
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Fisher and Yates's shuffle.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

impl PredictInplace<FeatureMatrix, Array2<f32>> for Linear {
    /// Writes the scores (log-odds before calibration), rows × labels.
    ///
    /// # Panics
    /// If `scores` has not the shape that [`default_target`](PredictInplace::default_target) gives.
    fn predict_inplace(&self, rows: &FeatureMatrix, scores: &mut Array2<f32>) {
        assert_eq!(scores.dim(), (rows.nsamples(), self.bias.len()), "scores must be rows × labels");
        for (row, mut row_scores) in rows.0.outer_iterator().zip(scores.axis_iter_mut(Axis(0))) {
            let exact = self.score(row.indices().iter().copied().zip(row.data().iter().copied()));
            row_scores.iter_mut().zip(exact).for_each(|(cell, score)| *cell = score as f32);
        }
    }

    fn default_target(&self, rows: &FeatureMatrix) -> Array2<f32> {
        Array2::zeros((rows.nsamples(), self.bias.len()))
    }
}

impl Linear {
    /// The scores of a matrix, rows × labels.
    #[must_use]
    pub fn scores(&self, rows: &FeatureMatrix) -> Array2<f32> {
        let mut scores = self.default_target(rows);
        self.predict_inplace(rows, &mut scores);
        scores
    }

    /// The scores of one row; summed in 64 bits and in the order of the entries, so they are the same wherever they are computed.
    pub(crate) fn score(&self, entries: impl Iterator<Item = (u32, f32)>) -> Vec<f64> {
        let mut scores: Vec<f64> = self.bias.iter().map(|&bias| f64::from(bias)).collect();
        for (column, value) in entries {
            let weights = self.weights.row(column as usize);
            for (score, &weight) in scores.iter_mut().zip(weights) {
                *score += f64::from(value) * f64::from(weight);
            }
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linfa::traits::Predict;
    use ndarray::array;
    use proptest::prelude::*;
    use sprs::CsMatI;

    fn matrix(rows: &[&[f32]]) -> FeatureMatrix {
        let width = rows[0].len();
        let mut starts = vec![0];
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for row in rows {
            for (column, &value) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                columns.push(column as u32);
                values.push(value);
            }
            starts.push(columns.len());
        }
        FeatureMatrix(CsMatI::new((rows.len(), width), starts, columns, values))
    }

    /// The minimum by plain gradient descent with a tiny step, as an independent judge.
    fn by_descent(rows: &[&[f32]], y: &[f64], c: &[f64]) -> Vec<f64> {
        let width = rows[0].len();
        let mut w = vec![0.0; width + 1];
        for _ in 0..200_000 {
            let mut gradient = w.clone();
            for (row, (y, c)) in rows.iter().zip(y.iter().zip(c)) {
                let margin: f64 = row.iter().zip(&w).map(|(&x, w)| f64::from(x) * w).sum::<f64>() + w[width];
                let slope = -y * c * sigmoid(-y * margin);
                gradient.iter_mut().zip(row.iter()).for_each(|(g, &x)| *g += slope * f64::from(x));
                gradient[width] += slope;
            }
            w.iter_mut().zip(&gradient).for_each(|(w, g)| *w -= 0.01 * g);
        }
        w
    }

    #[test]
    fn finds_the_minimum_that_plain_descent_finds() {
        let rows: &[&[f32]] = &[&[1.0, 0.0, 0.3], &[0.8, 0.6, 0.0], &[0.0, 1.0, 0.0], &[0.1, 0.9, 0.2], &[0.5, 0.5, 0.5]];
        let targets = array![[true], [true], [false], [false], [false]];
        let params = LinearParams::default().cost(2.0).ratio(0.0).tolerance(1e-9).check_unwrap();
        let fitted = params.fit(&DatasetBase::new(matrix(rows), targets)).unwrap();
        let ratio = (3.0_f64 / 2.0).sqrt();
        let expected = by_descent(rows, &[1.0, 1.0, -1.0, -1.0, -1.0], &[2.0 * ratio, 2.0 * ratio, 2.0, 2.0, 2.0]);
        let found = fitted.weights.column(0).to_vec().into_iter().chain([fitted.bias[0]]);
        for (found, expected) in found.zip(expected) {
            assert!((f64::from(found) - expected).abs() < 1e-4);
        }
        assert!(fitted.convergence[0].converged);
    }

    #[test]
    fn columns_are_scaled_by_their_log_count_ratio() {
        let rows = matrix(&[&[1.0, 1.0], &[1.0, 1.0], &[0.0, 1.0], &[0.0, 1.0]]);
        let targets = array![true, true, false, false];
        // Term 0 occurs in both rows with the label and in none without: log((2.5 / 0.5) · 1). Term 1 says nothing: log 1.
        let scale = column_scale(&rows, targets.view(), 1.0);
        assert!((scale[0] - 5.0_f64.ln()).abs() < 1e-12 && scale[1].abs() < 1e-12);
        assert_eq!(column_scale(&rows, targets.view(), 0.0), [1.0, 1.0]);
    }

    #[test]
    fn settings_are_checked_before_any_work() {
        assert_eq!(LinearParams::default().cost(0.0).check().unwrap_err(), LinearError::Cost(0.0));
        assert!(matches!(LinearParams::default().cost(f64::NAN).check(), Err(LinearError::Cost(_))));
        assert_eq!(LinearParams::default().ratio(1.5).check().unwrap_err(), LinearError::Ratio(1.5));
        assert_eq!(LinearParams::default().tolerance(1.0).check().unwrap_err(), LinearError::Tolerance(1.0));
        assert_eq!(LinearParams::default().max_epochs(0).check().unwrap_err(), LinearError::Epochs);
    }

    #[test]
    fn data_that_cannot_be_learnt_is_refused() {
        let fit = |rows: FeatureMatrix, targets: Array2<bool>| LinearParams::default().fit(&DatasetBase::new(rows, targets));
        let empty = FeatureMatrix(CsMatI::new((0, 1), vec![0], vec![], vec![]));
        assert_eq!(fit(empty, Array2::default((0, 1))).unwrap_err(), LinearError::NoRows);
        assert_eq!(fit(matrix(&[&[1.0]]), array![[true], [false]]).unwrap_err(), LinearError::MismatchedShapes(1, 2));
        assert_eq!(fit(matrix(&[&[1.0], &[0.5]]), array![[true], [true]]).unwrap_err(), LinearError::OneSided(0));
        assert_eq!(fit(matrix(&[&[f32::INFINITY], &[0.5]]), array![[true], [false]]).unwrap_err(), LinearError::NotFinite(0));
        assert_eq!(fit(matrix(&[&[f32::NAN], &[0.5]]), array![[true], [false]]).unwrap_err(), LinearError::NotFinite(0));
    }

    #[test]
    fn a_fit_cut_short_says_that_it_did_not_converge() {
        let rows = matrix(&[&[1.0, 0.1], &[0.9, 0.4], &[0.2, 1.0]]);
        let params = LinearParams::default().cost(1e6).tolerance(1e-12).max_epochs(1);
        let fitted = params.fit(&DatasetBase::new(rows, array![[true], [false], [false]])).unwrap();
        assert!(!fitted.convergence[0].converged);
        assert_eq!(fitted.convergence[0].epochs, 1);
    }

    #[test]
    fn linfa_predicts_with_it() {
        let rows = matrix(&[&[1.0, 0.0], &[0.0, 1.0]]);
        let fitted = LinearParams::default().fit(&DatasetBase::new(rows.clone(), array![[true], [false]])).unwrap();
        let unlabelled = DatasetBase::new(rows, array![[()], [()]]);
        let predicted: DatasetBase<FeatureMatrix, Array2<f32>> = fitted.predict(unlabelled);
        let scores = predicted.targets();
        assert!(scores[(0, 0)] > 0.0 && scores[(1, 0)] < 0.0);
    }

    #[test]
    fn the_generator_is_frozen() {
        let mut random = SplitMix64(42);
        assert_eq!([random.next(), random.next()], [0xbdd7_3226_2feb_6e95, 0x28ef_e333_b266_f103]);
    }

    proptest! {
        #[test]
        fn the_one_variable_problem_is_solved(a in 0.01..10.0_f64, c in 0.001..1e4_f64, share in 1e-9..0.999_999_f64, margin in -50.0..50.0_f64) {
            let alpha = c * share;
            let new = stationary(a, c, alpha, margin);
            prop_assert!((0.0..=c).contains(&new));
            let slack = 1e-12 * c;
            if new > slack && new < c - slack {
                let slope = a * (new - alpha) + margin + libm::log(new / (c - new));
                prop_assert!(slope.abs() < 1e-3 * (1.0 + margin.abs() + a * c), "{slope}");
            }
        }

        #[test]
        fn order_of_labels_does_not_matter(flip in any::<bool>()) {
            let rows = matrix(&[&[1.0, 0.2], &[0.1, 1.0], &[0.7, 0.7], &[0.3, 0.1]]);
            let one = array![[true, false], [false, true], [true, true], [false, false]];
            let two = array![[false, true], [true, false], [true, true], [false, false]];
            let (first, second) = if flip { (one, two) } else { (two, one) };
            let a = LinearParams::default().fit(&DatasetBase::new(rows.clone(), first)).unwrap();
            let b = LinearParams::default().fit(&DatasetBase::new(rows, second)).unwrap();
            prop_assert_eq!(a.weights.column(0), b.weights.column(1));
        }
    }
}
