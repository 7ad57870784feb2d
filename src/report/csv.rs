//! Units as CSV (RFC 4180): `file,row,sentence,start,end,text,status,labels,p_<label>…[,explanation]`.

use std::io::{self, Write};

use crate::classifier::{Classifier, Explanation, Prediction};
use crate::input::{Unit, UnitKind};
use crate::report::shown;

pub(super) fn header(out: &mut impl Write, classifier: &Classifier, explain: bool) -> io::Result<()> {
    let fixed = ["file", "row", "sentence", "start", "end", "text", "status", "labels"].map(str::to_owned);
    let labels = classifier.labels().iter().map(|label| format!("p_{label}"));
    write_record(out, fixed.into_iter().chain(labels).chain(explain.then(|| "explanation".to_owned())))
}

pub(super) fn unit(
    out: &mut impl Write,
    classifier: &Classifier,
    unit: &Unit,
    prediction: &Prediction,
    explanations: Option<&Vec<Explanation>>,
) -> io::Result<()> {
    let number = |kind| if unit.kind == kind { unit.number.to_string() } else { String::new() };
    let labels: Vec<&str> = prediction.labels.iter().map(|&label| classifier.labels()[label].as_str()).collect();
    let fixed = [
        unit.file.to_string(),
        number(UnitKind::Row),
        number(UnitKind::Sentence),
        unit.span.start.to_string(),
        unit.span.end.to_string(),
        unit.text.clone(),
        prediction.status.name().to_owned(),
        labels.join(";"),
    ];
    let probabilities = prediction.probabilities.iter().map(ToString::to_string);
    let explanation =
        explanations.map(|explanations| explanations.iter().map(|e| in_words(classifier, e)).collect::<Vec<_>>().join("; "));
    write_record(out, fixed.into_iter().chain(probabilities).chain(explanation))
}

/// `denial +2.31 = bias -3.10, reject +1.92, …, others +0.40`.
pub(super) fn in_words(classifier: &Classifier, explanation: &Explanation) -> String {
    let (terms, others) = shown(explanation);
    let mut parts = vec![format!("bias {:+.2}", explanation.bias)];
    parts.extend(terms.iter().map(|contribution| format!("{} {:+.2}", contribution.term.display(), contribution.value)));
    parts.push(format!("others {others:+.2}"));
    format!("{} {:+.2} = {}", classifier.labels()[explanation.label], explanation.log_odds, parts.join(", "))
}

fn write_record(out: &mut impl Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer.write_record(cells)?;
    out.write_all(&writer.into_inner().map_err(::csv::IntoInnerError::into_error)?)
}
