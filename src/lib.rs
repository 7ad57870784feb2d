//! Tells, sentence by sentence, which stance diplomatic news reports: proposal, confirmation, concern, denial, sanction, several
//! of them, or none.
//!
//! ```text
//! article ──▶ sentences ──▶ tokens ──▶ features ──▶ linear scores ──▶ calibrated labels ──▶ report
//! CSV rows ───────────────┘
//! ```
//!
//! A [`Classifier`] labels texts; the shipped one is part of the program. A [`Trainer`] makes a classifier from any labelled
//! [`Corpus`]: the five stances are what the shipped corpus holds, not a constant of the learner.
//!
//! ```
//! use demarche::Classifier;
//!
//! let article = "Envoys meet again\n\nThe ministers met in Quito on Monday. Lima rejected the offer of a truce.";
//! let sentences = Classifier::embedded().classify(article);
//! let labels: Vec<_> = sentences.iter().map(|sentence| sentence.labels.join(";")).collect();
//! assert_eq!(labels, ["", "", "denial"]);
//! assert_eq!(&article[sentences[2].span.clone()], "Lima rejected the offer of a truce.");
//! ```

mod agreement;
mod audit;
mod batches;
mod behaviour;
mod bootstrap;
mod calibration;
mod classifier;
mod comparison;
pub mod console;
mod corpus;
mod corrections;
mod counts;
mod error;
mod evaluation;
mod features;
mod figures;
mod folds;
mod input;
mod language;
mod learning_curve;
mod linear;
mod metrics;
mod model;
mod report;
mod sentences;
mod table;
mod thresholds;
mod tokens;
mod trainer;
mod tuning;
mod whole_file;

pub use agreement::{Agreement, Between, Dispute, LabelAgreement};
pub use audit::{Doubt, doubts};
pub use behaviour::{PassRate, minimal_pairs};
pub use bootstrap::{Estimate, RESAMPLES};
pub use classifier::{Classifier, Contribution, Explanation, Identity, Prediction, Provenance, Sentence, Status};
pub use comparison::{Comparison, Difference, Flip, LabelComparison, McNemar, Reason, TermDifference};
pub use corpus::{Corpus, Example, LabelCells, NONE, Task};
pub use corrections::Corrections;
pub use counts::Counts;
pub use error::{DataFault, Error, ModelFault, Place, Result};
pub use evaluation::{Evaluation, Gold, Judged};
pub use features::{Family, FeatureMatrix, FeatureOptions, Lexicon, Term};
pub use figures::{Evidence, Figures, Headline, LabelFigures, MinimalPairs, Mistake, Rates, UnknownLabel};
pub use input::{Source, Unit, UnitKind, read_article, units};
pub use language::{Language, UnknownLanguage};
pub use learning_curve::{CurvePoint, EIGHTHS, learning_curve};
pub use linear::{ClassWeight, Convergence, Linear, LinearError, LinearParams, LinearValidParams};
pub use metrics::{CurveStep, PROBABILITY_CLASSES, ProbabilityClass};
pub use report::{
    Format, ReportFormat, UnitReport, render_agreement, render_comparison, render_figures, render_trials, write_doubts,
};
pub use sentences::split_sentences;
pub use table::{Columns, Row, TableKind, TableReader};
pub use thresholds::parse_thresholds;
pub use trainer::{Trainer, TrainerOptions};
pub use tuning::{COSTS, RATIOS, Trial, tune};
pub use whole_file::check_writable;
