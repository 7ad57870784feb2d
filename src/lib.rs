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

mod batches;
mod calibration;
mod classifier;
pub mod console;
mod corpus;
mod error;
mod evaluation;
mod features;
mod folds;
mod input;
mod language;
mod linear;
mod model;
mod report;
mod sentences;
mod table;
mod thresholds;
mod tokens;
mod trainer;

pub use classifier::{Classifier, Contribution, Explanation, Identity, Prediction, Provenance, Sentence, Status};
pub use corpus::{Corpus, Example, LabelCells, NONE, Task};
pub use error::{DataFault, Error, ModelFault, Place, Result};
pub use evaluation::{Counts, Estimate, Evaluation, Pair};
pub use features::{Family, FeatureMatrix, FeatureOptions, Lexicon, Term};
pub use input::{Source, Unit, UnitKind, read_article, units};
pub use language::{Language, UnknownLanguage};
pub use linear::{ClassWeight, Convergence, Linear, LinearError, LinearParams, LinearValidParams};
pub use model::check_writable;
pub use report::{Format, UnitReport, render_evaluation};
pub use sentences::split_sentences;
pub use table::{Columns, Row, TableKind, TableReader};
pub use thresholds::parse_thresholds;
pub use trainer::{Trainer, TrainerOptions};
