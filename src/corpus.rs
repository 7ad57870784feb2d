//! Labelled texts, and what their labels make of the task.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{DataFault, Error, Place, Result};
use crate::table::{Columns, Row, TableKind, TableReader};

/// The word that stands for "no stance" in a label cell; a blank cell means the same.
pub const NONE: &str = "none";

/// How label cells are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCells {
    /// Separator between labels (default `;`); `|` is accepted beside it.
    pub separator: String,
}

impl Default for LabelCells {
    fn default() -> Self {
        Self { separator: ";".into() }
    }
}

impl LabelCells {
    /// The labels of a cell, primary first, each once; empty for a blank cell and for `none`.
    ///
    /// # Errors
    /// [`DataFault::NoneWithLabel`] if `none` stands beside a label.
    ///
    /// ```
    /// let cells = demarche::LabelCells::default();
    /// assert_eq!(cells.parse("denial; proposal"), Ok(vec!["denial".into(), "proposal".into()]));
    /// assert_eq!(cells.parse("none"), Ok(vec![]));
    /// ```
    pub fn parse(&self, cell: &str) -> Result<Vec<String>, DataFault> {
        let mut labels: Vec<String> = Vec::new();
        let mut none = false;
        for label in cell.split(self.separator.as_str()).flat_map(|part| part.split('|')).map(str::trim) {
            if label == NONE {
                none = true;
            } else if !label.is_empty() && !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
            }
        }
        if none && !labels.is_empty() { Err(DataFault::NoneWithLabel) } else { Ok(labels) }
    }
}

/// What a row may be labelled with, as the training data decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Some row has no label, so the model may answer none.
    pub may_be_none: bool,
    /// Some row has two labels or more, so the model may answer several.
    pub several: bool,
}

/// A labelled text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Name of the file it stands in; `<memory>` if it comes from none.
    pub file: Arc<str>,
    /// Its row in the file, as a spreadsheet shows it.
    pub row: u64,
    /// The text.
    pub text: String,
    /// Its labels as positions in [`Corpus::labels`], primary first; empty for none.
    pub labels: Vec<usize>,
    /// Rows of one group stay together when folds are made.
    pub group: Option<String>,
}

/// Labelled texts and the set of their labels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corpus {
    /// The label set, sorted.
    pub labels: Vec<String>,
    /// The rows in the order they were given.
    pub examples: Vec<Example>,
}

impl Corpus {
    /// Reads labelled tables (`.csv`, `.tsv`, `.jsonl`; other endings are read as CSV) as one corpus.
    ///
    /// # Errors
    /// [`Error::Io`] for a file that cannot be read, and [`Error::Data`] for everything in the data that is not as
    /// [`TableReader`](crate::TableReader) and this type expect: blank text, `none` beside a label, no label at all
    /// ([`DataFault::NoLabels`]), one label in every row ([`DataFault::SingleLabel`]).
    pub fn read<P: AsRef<Path>>(paths: &[P], columns: &Columns, cells: &LabelCells) -> Result<Self> {
        let columns = Columns { label_required: true, ..columns.clone() };
        let mut rows = Vec::new();
        for path in paths {
            let path = path.as_ref();
            let name = path.display().to_string();
            let file: Arc<str> = name.as_str().into();
            for row in TableReader::open(path, TableKind::of(path).unwrap_or(TableKind::Csv), &columns)? {
                let row = row?;
                let labels = parse_row(&row, &name, &columns, cells)?;
                let group = row.group.map(|group| columns.group_name(&name, group));
                rows.push(LabelledRow { file: file.clone(), row: row.number, text: row.text, labels, group });
            }
        }
        let names: Vec<String> = paths.iter().map(|path| path.as_ref().display().to_string()).collect();
        Self::from_rows(rows, &names.join(", "))
    }

    /// Puts a corpus together from texts and label lists (primary first; empty for none).
    ///
    /// # Errors
    /// [`DataFault::Empty`], [`DataFault::NoLabels`] or [`DataFault::SingleLabel`] as an [`Error::Data`].
    ///
    /// ```
    /// use demarche::Corpus;
    /// let corpus = Corpus::from_texts(&[("No, never.", vec!["denial"]), ("They met.", vec![])])?;
    /// assert_eq!(corpus.labels, ["denial"]);
    /// assert!(corpus.task().may_be_none);
    /// # Ok::<(), demarche::Error>(())
    /// ```
    pub fn from_texts(rows: &[(&str, Vec<&str>)]) -> Result<Self> {
        let file: Arc<str> = "<memory>".into();
        let rows = rows
            .iter()
            .enumerate()
            .map(|(i, (text, labels))| LabelledRow {
                file: file.clone(),
                row: i as u64 + 1,
                text: text.to_string(),
                labels: labels.iter().map(ToString::to_string).collect(),
                group: None,
            })
            .collect();
        Self::from_rows(rows, &file)
    }

    fn from_rows(rows: Vec<LabelledRow>, name: &str) -> Result<Self> {
        let fail = |fault| Err(Error::data(Place::file(name), fault));
        if rows.is_empty() {
            return fail(DataFault::Empty);
        }
        let set: BTreeSet<&String> = rows.iter().flat_map(|row| &row.labels).collect();
        let labels: Vec<String> = set.into_iter().cloned().collect();
        match labels.as_slice() {
            [] => return fail(DataFault::NoLabels),
            [only] if rows.iter().all(|row| !row.labels.is_empty()) => return fail(DataFault::SingleLabel(only.clone())),
            _ => {}
        }
        let position = |label: &String| labels.binary_search(label).expect("the set holds every label");
        let examples = rows
            .into_iter()
            .map(|LabelledRow { file, row, text, labels, group }| Example {
                file,
                row,
                text,
                labels: labels.iter().map(position).collect(),
                group,
            })
            .collect();
        Ok(Self { labels, examples })
    }

    /// What these labels make of the task.
    #[must_use]
    pub fn task(&self) -> Task {
        Task {
            may_be_none: self.examples.iter().any(|example| example.labels.is_empty()),
            several: self.examples.iter().any(|example| example.labels.len() > 1),
        }
    }

    /// Rows with each label.
    #[must_use]
    pub fn support(&self) -> Vec<usize> {
        let mut support = vec![0; self.labels.len()];
        for &label in self.examples.iter().flat_map(|example| &example.labels) {
            support[label] += 1;
        }
        support
    }

    /// Positions of the examples, by text and labels: the order in which a model is trained, so that neither the order of rows
    /// nor that of files changes it.
    pub(crate) fn sorted_positions(&self) -> Vec<usize> {
        let mut positions: Vec<usize> = (0..self.examples.len()).collect();
        let key = |row: usize| {
            let Example { text, labels, group, .. } = &self.examples[row];
            (text, labels, group)
        };
        positions.sort_by(|&a, &b| key(a).cmp(&key(b)));
        positions
    }

    /// SHA-256 (FIPS 180-4) over the sorted texts and labels, in hexadecimal: the same for the same content however it is split
    /// into files, ordered or line-ended.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for example in self.sorted_positions().into_iter().map(|row| &self.examples[row]) {
            let labels: Vec<&str> = example.labels.iter().map(|&label| self.labels[label].as_str()).collect();
            for part in [example.text.as_str(), &labels.join(";")] {
                hasher.update((part.len() as u64).to_le_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hex(&hasher.finalize())
    }
}

/// A row before the label set is known.
struct LabelledRow {
    file: Arc<str>,
    row: u64,
    text: String,
    labels: Vec<String>,
    group: Option<String>,
}

/// The labels of a row whose text must not be blank.
pub(crate) fn parse_row(row: &Row, file: &str, columns: &Columns, cells: &LabelCells) -> Result<Vec<String>> {
    if row.text.trim().is_empty() {
        return Err(Error::data(Place::cell(file, row.number, &columns.text), DataFault::BlankText));
    }
    cells
        .parse(row.label.as_deref().unwrap_or(""))
        .map_err(|fault| Error::data(Place::cell(file, row.number, &columns.label), fault))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(rows: &[(&str, Vec<&str>)]) -> DataFault {
        match Corpus::from_texts(rows) {
            Err(Error::Data { fault, .. }) => fault,
            other => panic!("expected a data error, got {other:?}"),
        }
    }

    #[test]
    fn label_cells() {
        let cells = LabelCells::default();
        assert_eq!(cells.parse(" denial |proposal; denial ").unwrap(), ["denial", "proposal"]);
        assert!(cells.parse(" ; ").unwrap().is_empty());
        assert_eq!(cells.parse("none;denial"), Err(DataFault::NoneWithLabel));
        assert_eq!(LabelCells { separator: ",".into() }.parse("a,b").unwrap(), ["a", "b"]);
    }

    #[test]
    fn the_labels_decide_the_task() {
        let task = |rows: &[(&str, Vec<&str>)]| Corpus::from_texts(rows).unwrap().task();
        assert_eq!(task(&[("a", vec!["x"]), ("b", vec!["y"])]), Task { may_be_none: false, several: false });
        assert_eq!(task(&[("a", vec!["x"]), ("b", vec![])]), Task { may_be_none: true, several: false });
        assert_eq!(task(&[("a", vec!["x", "y"]), ("b", vec![])]), Task { may_be_none: true, several: true });
    }

    #[test]
    fn a_corpus_without_a_choice_is_refused() {
        assert_eq!(fault(&[]), DataFault::Empty);
        assert_eq!(fault(&[("a", vec![]), ("b", vec![])]), DataFault::NoLabels);
        assert_eq!(fault(&[("a", vec!["x"]), ("b", vec!["x"])]), DataFault::SingleLabel("x".into()));
    }

    #[test]
    fn the_hash_is_of_the_content_not_of_its_order() {
        let one = Corpus::from_texts(&[("a", vec!["x"]), ("b", vec!["y"])]).unwrap();
        let two = Corpus::from_texts(&[("b", vec!["y"]), ("a", vec!["x"])]).unwrap();
        let other = Corpus::from_texts(&[("b", vec!["x"]), ("a", vec!["y"])]).unwrap();
        assert_eq!(one.hash(), two.hash());
        assert_ne!(one.hash(), other.hash());
    }
}
