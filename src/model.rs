//! The model file: safetensors with the metadata of a demarche model.
//!
//! The format holds tensors and a JSON header and no code (<https://github.com/huggingface/safetensors>, whose reader checks
//! sizes, offsets and overlaps), so a model can be read by any program and loading one can only be refused or succeed.
//!
//! | tensor | type and shape | what |
//! | --- | --- | --- |
//! | `terms` | U8, bytes | term names in UTF-8, one a line, family by family |
//! | `families` | I64, families | number of terms of each family |
//! | `cues` | U8, bytes | the table of cues, `class,cue`; empty where there is none |
//! | `idf` | F32, terms | inverse document frequency |
//! | `weights` | F32, terms × labels | weights of the linear scorers |
//! | `bias` | F32, labels | their biases |
//! | `calibration` | F32, labels × 3 | slope, offset and threshold of each label |
//!
//! The metadata key `demarche` holds one JSON object, [`Header`].

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use ndarray::{Array1, Array2};
use safetensors::{Dtype, SafeTensors, View};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::calibration::Calibration;
use crate::classifier::{Classifier, Identity, Provenance};
use crate::corpus::{Task, hex};
use crate::error::{Error, ModelFault, Result};
use crate::features::{Family, FeatureOptions, Featurizer, Lexicon, Vocabulary};
use crate::language::Language;
use crate::linear::Linear;
use crate::whole_file::write_whole;

/// Version of the format: raised when an older program could not use a newer file, or a newer one an older file.
const FORMAT: u64 = 2;

/// Key of the metadata.
const KEY: &str = "demarche";

/// What the metadata hold.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: u64,
    labels: Vec<String>,
    task: Task,
    features: FeatureOptions,
    min_known: f32,
    provenance: Provenance,
}

/// The part of the header that every version has, read first.
#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

/// A tensor to be written.
struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl View for &Tensor {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

fn floats(shape: &[usize], values: impl Iterator<Item = f32>) -> Tensor {
    Tensor { dtype: Dtype::F32, shape: shape.to_vec(), bytes: values.flat_map(f32::to_le_bytes).collect() }
}

/// The file as bytes; the same model always gives the same bytes.
pub(crate) fn to_bytes(classifier: &Classifier) -> Vec<u8> {
    let Classifier { labels, task, featurizer, linear, calibration, min_known, provenance, .. } = classifier;
    let header = Header {
        format: FORMAT,
        labels: labels.clone(),
        task: *task,
        features: featurizer.options.clone(),
        min_known: *min_known,
        provenance: provenance.clone(),
    };
    let vocabulary = &featurizer.vocabulary;
    let terms = vocabulary.len();
    let count = |family: &Family| vocabulary.terms().filter(|term| term.family == *family).count() as i64;
    let bytes = |text: String| Tensor { dtype: Dtype::U8, shape: vec![text.len()], bytes: text.into_bytes() };
    let cues = featurizer.lexicon.as_deref().map_or_else(String::new, |lexicon| lexicon.source().to_owned());
    let tensors = [
        ("cues", bytes(cues)),
        ("terms", bytes(vocabulary.joined_names().to_owned())),
        (
            "families",
            Tensor {
                dtype: Dtype::I64,
                shape: vec![Family::ALL.len()],
                bytes: Family::ALL.iter().flat_map(|f| count(f).to_le_bytes()).collect(),
            },
        ),
        ("idf", floats(&[terms], featurizer.idf.iter().copied())),
        ("weights", floats(&[terms, labels.len()], linear.weights.iter().copied())),
        ("bias", floats(&[labels.len()], linear.bias.iter().copied())),
        ("calibration", floats(&[labels.len(), 3], calibration.iter().flat_map(|c| [c.slope, c.offset, c.threshold]))),
    ];
    let json = serde_json::to_string(&header).expect("the header is plain data");
    let metadata = HashMap::from([(KEY.to_owned(), json)]);
    safetensors::serialize(tensors.iter().map(|(name, tensor)| (*name, tensor)), Some(metadata))
        .expect("names and shapes are ours")
}

/// Reads and checks a model.
pub(crate) fn from_bytes(name: &str, bytes: &[u8]) -> Result<Classifier> {
    read(bytes)
        .map(|mut classifier| {
            classifier.identity = Identity { name: name.to_owned(), hash: hex(&Sha256::digest(bytes)) };
            classifier
        })
        .map_err(|fault| Error::Model { name: name.to_owned(), fault })
}

fn read(bytes: &[u8]) -> Result<Classifier, ModelFault> {
    let unreadable = |error: safetensors::SafeTensorError| ModelFault::Unreadable(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
    let json = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY)).ok_or(ModelFault::Foreign)?;
    let damaged = |what: &str| ModelFault::Damaged(what.to_owned());
    let FormatOnly { format } = serde_json::from_str(json).map_err(|_| damaged("its header cannot be read"))?;
    if format != FORMAT {
        return Err(ModelFault::Version { found: format, supported: FORMAT });
    }
    let header: Header =
        serde_json::from_str(json).map_err(|error| ModelFault::Damaged(format!("its header is wrong: {error}")))?;
    let tensors = SafeTensors::deserialize(bytes).map_err(unreadable)?;

    let labels = header.labels.len();
    if labels == 0 || !header.labels.is_sorted() || header.labels.iter().any(|label| label.trim().is_empty()) {
        return Err(damaged("its labels are missing, blank or out of order"));
    }
    let language: Language = header.features.language.parse().map_err(|_| damaged("its language is unknown"))?;
    if header.features.weights.iter().any(|weight| !weight.is_finite() || *weight < 0.0) || !header.min_known.is_finite() {
        return Err(damaged("its settings are out of range"));
    }
    // A guard for the loops over n-grams, whose work grows with these lengths.
    if header.features.phrase > 16 || header.features.chars.1 > 32 {
        return Err(damaged("its n-grams are too long"));
    }
    let tensor = |name: &str, dtype: Dtype, shape: &[usize]| {
        let view = tensors.tensor(name).map_err(|_| ModelFault::Damaged(format!("tensor \"{name}\" is missing")))?;
        if view.dtype() != dtype || view.shape() != shape {
            return Err(ModelFault::Damaged(format!("tensor \"{name}\" has another type or shape than the rest of the file")));
        }
        Ok(view.data())
    };
    let finite = |name: &str, shape: &[usize]| -> Result<Vec<f32>, ModelFault> {
        let data = tensor(name, Dtype::F32, shape)?;
        let values: Vec<f32> = data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(values)
        } else {
            Err(ModelFault::Damaged(format!("tensor \"{name}\" holds a value that is not finite")))
        }
    };

    let counts = tensor("families", Dtype::I64, &[Family::ALL.len()])?;
    let counts: Vec<i64> = counts.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect();
    let text = |name: &str| {
        let view = tensors.tensor(name).map_err(|_| ModelFault::Damaged(format!("tensor \"{name}\" is missing")))?;
        std::str::from_utf8(view.data()).map_err(|_| ModelFault::Damaged(format!("tensor \"{name}\" is not UTF-8")))
    };
    let names = text("terms")?;
    let lexicon = match text("cues")? {
        "" => None,
        table => Some(Arc::new(Lexicon::parse("cues", table, language).map_err(|error| ModelFault::Damaged(error.to_string()))?)),
    };
    let vocabulary = Vocabulary::from_parts(names, &counts)
        .ok_or_else(|| damaged("its terms do not fit their families, or are out of order"))?;

    let idf = finite("idf", &[vocabulary.len()])?;
    let weights = finite("weights", &[vocabulary.len(), labels])?;
    let bias = finite("bias", &[labels])?;
    let calibration: Vec<Calibration> = finite("calibration", &[labels, 3])?
        .as_chunks()
        .0
        .iter()
        .map(|&[slope, offset, threshold]| Calibration { slope, offset, threshold })
        .collect();
    let weights =
        Array2::from_shape_vec((vocabulary.len(), labels), weights).map_err(|_| damaged("its weights do not fit its terms"))?;
    Ok(Classifier {
        labels: header.labels,
        task: header.task,
        featurizer: Featurizer { options: header.features, lexicon, vocabulary, idf },
        linear: Linear { weights, bias: Array1::from_vec(bias), convergence: header.provenance.convergence.clone() },
        calibration,
        min_known: header.min_known,
        provenance: header.provenance,
        identity: Identity { name: String::new(), hash: String::new() },
    })
}

/// Reads a model file.
pub(crate) fn load(path: &Path) -> Result<Classifier> {
    let bytes = fs::read(path).map_err(|e| Error::io(path, "read the model", e))?;
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    from_bytes(&name, &bytes)
}

/// Writes a model file, completely or not at all.
pub(crate) fn save(classifier: &Classifier, path: &Path, replace: bool) -> Result<String> {
    let bytes = to_bytes(classifier);
    write_whole(path, &bytes, replace)?;
    Ok(hex(&Sha256::digest(&bytes)))
}
