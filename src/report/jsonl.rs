//! Units as JSON Lines: one object a unit, keys always in the same order.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::classifier::{Classifier, Explanation, Prediction};
use crate::input::{Unit, UnitKind};
use crate::report::shown;

#[derive(Serialize)]
struct Record<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<u64>,
    start: u64,
    end: u64,
    text: &'a str,
    status: &'static str,
    labels: Vec<&'a str>,
    scores: Scores<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Vec<LabelExplanation<'a>>>,
}

/// Probabilities by label, in the order of the labels.
struct Scores<'a> {
    labels: &'a [String],
    probabilities: &'a [f32],
}

impl Serialize for Scores<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.labels.len()))?;
        for (label, probability) in self.labels.iter().zip(self.probabilities) {
            map.serialize_entry(label, probability)?;
        }
        map.end()
    }
}

/// `log_odds` is `bias` plus the terms' `value`s plus `others`; `places` are byte offsets into `text`.
#[derive(Serialize)]
struct LabelExplanation<'a> {
    label: &'a str,
    log_odds: f64,
    bias: f64,
    terms: Vec<TermExplanation<'a>>,
    others: f64,
}

#[derive(Serialize)]
struct TermExplanation<'a> {
    family: &'static str,
    term: &'a str,
    value: f64,
    places: Vec<[usize; 2]>,
}

pub(super) fn unit(
    out: &mut impl Write,
    classifier: &Classifier,
    unit: &Unit,
    prediction: &Prediction,
    explanations: Option<&Vec<Explanation>>,
) -> io::Result<()> {
    let labels = classifier.labels();
    let number = |kind| (unit.kind == kind).then_some(unit.number);
    let record = Record {
        file: &unit.file,
        row: number(UnitKind::Row),
        sentence: number(UnitKind::Sentence),
        start: unit.span.start,
        end: unit.span.end,
        text: &unit.text,
        status: prediction.status.name(),
        labels: prediction.labels.iter().map(|&label| labels[label].as_str()).collect(),
        scores: Scores { labels, probabilities: &prediction.probabilities },
        explanation: explanations.map(|explanations| explanations.iter().map(|e| explained(labels, e)).collect()),
    };
    serde_json::to_writer(&mut *out, &record)?;
    out.write_all(b"\n")
}

fn explained<'a>(labels: &'a [String], explanation: &'a Explanation) -> LabelExplanation<'a> {
    let (terms, others) = shown(explanation);
    let terms = terms.iter().map(|contribution| TermExplanation {
        family: contribution.term.family.name(),
        term: contribution.term.name,
        value: contribution.value,
        places: contribution.places.iter().map(|span| [span.start, span.end]).collect(),
    });
    LabelExplanation {
        label: &labels[explanation.label],
        log_odds: explanation.log_odds,
        bias: explanation.bias,
        terms: terms.collect(),
        others,
    }
}
