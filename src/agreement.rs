//! Two coders of the same texts, and the model beside them.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;

use crate::bootstrap::Estimate;
use crate::classifier::{Classifier, Prediction, Status};
use crate::corpus::{LabelCells, parse_row};
use crate::counts::same_labels;
use crate::error::{DataFault, Error, Place, Result};
use crate::evaluation::{Evaluation, Gold};
use crate::metrics::{alpha, kappa};
use crate::table::{Columns, TableKind, TableReader};

/// How far two coders agree, and each of them with the model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Name of the first coder's table.
    pub first: String,
    /// Name of the second coder's table.
    pub second: String,
    /// Name of the model.
    pub model: String,
    /// Texts that both coders labelled.
    pub n: usize,
    /// Texts that only the first coder labelled; they are left out.
    pub first_only: usize,
    /// Texts that only the second coder labelled; they are left out.
    pub second_only: usize,
    /// Share of texts with the same set of labels: between the coders, and of each with the model.
    pub same: Between<f64>,
    /// By label.
    pub labels: Vec<LabelAgreement>,
    /// The texts that the coders label differently.
    pub disputes: Vec<Dispute>,
}

/// One figure for each pair of the three.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Between<T> {
    /// Between the two coders.
    pub coders: Option<T>,
    /// Between the model and the first coder.
    pub model_first: Option<T>,
    /// Between the model and the second coder.
    pub model_second: Option<T>,
}

/// Agreement on one label.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelAgreement {
    /// Its name.
    pub label: String,
    /// Texts that the first coder gave it.
    pub first: usize,
    /// Texts that the second coder gave it.
    pub second: usize,
    /// Cohen's kappa with 95 % bootstrap intervals.
    pub kappa: Between<Estimate>,
    /// Krippendorff's alpha with 95 % bootstrap intervals.
    pub alpha: Between<Estimate>,
}

/// A text that the coders label differently.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dispute {
    /// Its row in the first table.
    pub first_row: u64,
    /// Its row in the second table.
    pub second_row: u64,
    /// The text.
    pub text: String,
    /// The first coder's labels, primary first.
    pub first: Vec<String>,
    /// The second coder's labels, primary first.
    pub second: Vec<String>,
    /// The model's labels, most probable first.
    pub model: Vec<String>,
}

/// A coder's row.
struct Coded {
    row: u64,
    text: String,
    labels: Vec<String>,
}

impl Agreement {
    /// Compares two coders' tables. Texts are matched by their wording; one that a table holds several times is matched in order.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Data`] for tables that cannot be read, and [`DataFault::NothingShared`] if no text is in both.
    pub fn of_tables(
        classifier: &Classifier,
        tables: [&Path; 2],
        columns: &Columns,
        cells: &LabelCells,
        seed: u64,
    ) -> Result<Self> {
        let [first, second] = [read(tables[0], columns, cells)?, read(tables[1], columns, cells)?];
        let (counts, names) = ((first.len(), second.len()), tables.map(|table| table.display().to_string()));
        let mut by_text: HashMap<&str, std::collections::VecDeque<&Coded>> = HashMap::new();
        second.iter().for_each(|coded| by_text.entry(coded.text.trim()).or_default().push_back(coded));
        let shared: Vec<(&Coded, &Coded)> =
            first.iter().filter_map(|coded| Some((coded, by_text.get_mut(coded.text.trim())?.pop_front()?))).collect();
        if shared.is_empty() {
            return Err(Error::data(Place::file(&names[1]), DataFault::NothingShared(names[0].clone())));
        }
        let model: Vec<Vec<String>> = shared
            .iter()
            .map(|(coded, _)| {
                classifier.predict(&coded.text).labels.iter().map(|&label| classifier.labels()[label].clone()).collect()
            })
            .collect();
        let coded = |side: fn(&(&Coded, &Coded)) -> Vec<String>| shared.iter().map(side).collect::<Vec<_>>();
        let (a, b) = (coded(|pair| pair.0.labels.clone()), coded(|pair| pair.1.labels.clone()));
        let labels: std::collections::BTreeSet<String> = a.iter().chain(&b).flatten().cloned().collect();
        let labels: Vec<String> = labels.into_iter().collect();
        let pairs = [paired(&labels, &a, &b), paired(&labels, &a, &model), paired(&labels, &b, &model)];
        let estimates = pairs.each_ref().map(|evaluation| {
            let statistics = |sample: &[usize]| {
                let counts = evaluation.counts_of(sample.iter().copied());
                counts.iter().flat_map(|&counts| [kappa(counts, sample.len()), alpha(counts, sample.len())]).collect()
            };
            evaluation.estimates(seed, &statistics, &|_| ())
        });
        let between =
            |at: usize| Between { coders: estimates[0][at], model_first: estimates[1][at], model_second: estimates[2][at] };
        let given = |coded: &[Vec<String>], label: &String| coded.iter().filter(|labels| labels.contains(label)).count();
        let label = |(at, name): (usize, &String)| LabelAgreement {
            label: name.clone(),
            first: given(&a, name),
            second: given(&b, name),
            kappa: between(2 * at),
            alpha: between(2 * at + 1),
        };
        let disputes =
            shared.iter().zip(&model).filter(|((a, b), _)| !same_labels(&a.labels, &b.labels)).map(|((a, b), model)| Dispute {
                first_row: a.row,
                second_row: b.row,
                text: a.text.clone(),
                first: a.labels.clone(),
                second: b.labels.clone(),
                model: model.clone(),
            });
        let [first, second] = names;
        Ok(Self {
            first,
            second,
            model: classifier.identity().name.clone(),
            n: shared.len(),
            first_only: counts.0 - shared.len(),
            second_only: counts.1 - shared.len(),
            same: Between {
                coders: pairs[0].exact_match(),
                model_first: pairs[1].exact_match(),
                model_second: pairs[2].exact_match(),
            },
            labels: labels.iter().enumerate().map(label).collect(),
            disputes: disputes.collect(),
        })
    }
}

fn read(table: &Path, columns: &Columns, cells: &LabelCells) -> Result<Vec<Coded>> {
    let name = table.display().to_string();
    let columns = Columns { label_required: true, ..columns.clone() };
    TableReader::open(table, TableKind::of(table).unwrap_or(TableKind::Csv), &columns)?
        .map(|row| {
            let row = row?;
            let labels = parse_row(&row, &name, &columns, cells)?;
            Ok(Coded { row: row.number, text: row.text, labels })
        })
        .collect()
}

/// One coder as if he were the gold standard, the other one's labels that nobody else gives left out.
fn paired(labels: &[String], gold: &[Vec<String>], given: &[Vec<String>]) -> Evaluation {
    let answers = gold.iter().zip(given).enumerate().map(|(row, (gold, given))| {
        let positions = given.iter().filter_map(|label| labels.binary_search(label).ok()).collect();
        let gold = Gold { file: "".into(), row: row as u64, text: String::new(), labels: gold.clone(), group: None };
        (gold, Prediction { status: Status::Ok, labels: positions, probabilities: vec![0.0; labels.len()] })
    });
    Evaluation::new(labels, answers.collect())
}
