//! Units as one self-contained HTML page: the article as prose, then every sentence in a table.

use std::io::{self, Write};

use serde::Serialize;

use crate::classifier::{Classifier, Explanation, Prediction};
use crate::input::Unit;
use crate::report::csv::in_words;
use crate::report::highlight::{Piece, pieces};
use crate::report::page;

/// Terms whose words are marked as the evidence for a label.
const TERMS_MARKED: usize = 6;

/// Tints that the style sheet has.
const TINTS: usize = 8;

/// The units of a page, kept until it is rendered.
#[derive(Default)]
pub(super) struct State {
    files: Vec<FileView>,
}

#[derive(Serialize)]
struct Page<'a> {
    files: &'a [FileView],
    model: &'a str,
    hash: &'a str,
}

#[derive(Serialize)]
struct FileView {
    name: String,
    /// Row or sentence.
    kind: &'static str,
    paragraphs: Vec<Vec<UnitView>>,
    counts: Vec<LabelCount>,
    units: usize,
    none: usize,
    unsure: usize,
}

#[derive(Serialize)]
struct LabelCount {
    name: String,
    tint: usize,
    units: usize,
}

#[derive(Serialize)]
struct UnitView {
    /// Unique on the page.
    id: String,
    number: u64,
    start: u64,
    end: u64,
    status: &'static str,
    labels: Vec<LabelView>,
    pieces: Vec<Piece>,
    explanation: Vec<String>,
}

#[derive(Serialize)]
struct LabelView {
    name: String,
    tint: usize,
    probability: f32,
}

impl State {
    pub(super) fn unit(&mut self, classifier: &Classifier, unit: &Unit, prediction: &Prediction, explanations: &[Explanation]) {
        if self.files.last().is_none_or(|file| file.name != *unit.file) {
            let count = |(label, name): (usize, &String)| LabelCount { name: name.clone(), tint: label % TINTS, units: 0 };
            self.files.push(FileView {
                name: unit.file.to_string(),
                kind: unit.kind.name(),
                paragraphs: Vec::new(),
                counts: classifier.labels().iter().enumerate().map(count).collect(),
                units: 0,
                none: 0,
                unsure: 0,
            });
        }
        let position = self.files.len();
        let Some(file) = self.files.last_mut() else { return };
        file.units += 1;
        match prediction.status {
            crate::classifier::Status::None => file.none += 1,
            crate::classifier::Status::Unsure => file.unsure += 1,
            crate::classifier::Status::Ok => {}
        }
        prediction.labels.iter().for_each(|&label| file.counts[label].units += 1);
        let labels = prediction.labels.iter().map(|&label| LabelView {
            name: classifier.labels()[label].clone(),
            tint: label % TINTS,
            probability: prediction.probabilities[label],
        });
        let given = explanations.iter().filter(|explanation| prediction.labels.contains(&explanation.label));
        let evidence = given.flat_map(|explanation| {
            let speaking = explanation.contributions.iter().filter(|contribution| contribution.value > 0.0);
            speaking.take(TERMS_MARKED).flat_map(|term| term.places.iter().map(|place| [place.start, place.end]))
        });
        let view = UnitView {
            id: format!("{position}-{}", unit.number),
            number: unit.number,
            start: unit.span.start,
            end: unit.span.end,
            status: prediction.status.name(),
            labels: labels.collect(),
            pieces: pieces(&unit.text, evidence),
            explanation: explanations.iter().map(|explanation| in_words(classifier, explanation)).collect(),
        };
        match file.paragraphs.last_mut() {
            Some(paragraph) if !unit.opens_paragraph => paragraph.push(view),
            _ => file.paragraphs.push(vec![view]),
        }
    }

    pub(super) fn render(&self, out: &mut impl Write, classifier: &Classifier) -> io::Result<()> {
        let identity = classifier.identity();
        let view = Page { files: &self.files, model: &identity.name, hash: &identity.hash };
        out.write_all(page::render("article.html", include_str!("article.html"), view)?.as_bytes())
    }
}
