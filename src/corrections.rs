//! Corrections of labels, written into a new corpus; the old one is only read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::corpus::LabelCells;
use crate::error::{DataFault, Error, Place, Result};
use crate::table::{Columns, TableKind, TableReader};
use crate::whole_file::write_whole;

#[derive(Deserialize)]
struct Correction {
    file: String,
    row: u64,
    text: String,
    correct: Option<String>,
}

/// Corrections by file and row, each with the text that it was made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Corrections {
    name: String,
    by_place: BTreeMap<(String, u64), (String, Vec<String>)>,
}

impl Corrections {
    /// Reads a table as [`write_doubts`](crate::write_doubts) writes it; further columns are ignored.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Data`] if a column is missing, a row is not a number, `none` stands beside a
    /// label, or a row of a file is corrected twice.
    pub fn read(path: &Path, cells: &LabelCells) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| Error::io(path, "read", error))?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut by_place = BTreeMap::new();
        for (i, record) in csv::Reader::from_reader(bytes).deserialize::<Correction>().enumerate() {
            let fail = |fault| Error::data(Place::row(&name, i as u64 + 2), fault);
            let correction = record.map_err(|error| fail(DataFault::BadCorrection(problem(&error))))?;
            let Some(cell) = correction.correct.filter(|cell| !cell.trim().is_empty()) else { continue };
            let labels = cells.parse(&cell).map_err(fail)?;
            let place = (correction.file, correction.row);
            if by_place.contains_key(&place) {
                return Err(fail(DataFault::BadCorrection(format!("row {} of {} is corrected twice", place.1, place.0))));
            }
            by_place.insert(place, (correction.text, labels));
        }
        Ok(Self { name, by_place })
    }

    /// Number of rows that are corrected.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_place.len()
    }

    /// Whether no row is corrected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }

    /// Writes tables with their corrections: one table to the file `output`, several into the folder `output` under their own
    /// names. All columns stay; only corrected label cells change. Nothing is written unless every correction fits its row.
    ///
    /// # Errors
    /// [`Error::Exists`] if a file is there and `replace` is false, [`Error::Io`] for what cannot be read or written,
    /// [`Error::Data`] if a correction names a row that is not there or whose text is another.
    pub fn apply(&self, tables: &[PathBuf], output: &Path, columns: &Columns, cells: &LabelCells, replace: bool) -> Result<()> {
        let targets: Vec<PathBuf> = match tables {
            [_] if !output.is_dir() => vec![output.to_owned()],
            _ => tables.iter().map(|table| output.join(table.file_name().unwrap_or_default())).collect(),
        };
        for (i, target) in targets.iter().enumerate() {
            if targets[..i].contains(target) {
                let problem = format!("two tables would be written to {}; apply to one at a time", target.display());
                return Err(Error::Option { option: "--output", problem });
            }
            if tables.iter().any(|table| same_file(table, target)) {
                let problem = format!("{} is a table to be corrected; write to another place", target.display());
                return Err(Error::Option { option: "--output", problem });
            }
            if target.exists() && !replace {
                return Err(Error::Exists(target.clone()));
            }
        }
        let mut left: BTreeMap<&(String, u64), &(String, Vec<String>)> = self.by_place.iter().collect();
        let corrected: Vec<Vec<u8>> =
            tables.iter().map(|table| self.corrected(table, columns, cells, &mut left)).collect::<Result<_>>()?;
        if let Some((file, row)) = left.keys().next() {
            let problem = format!("{file} has no row {row}, or is not among the tables given");
            return Err(Error::data(Place::file(&self.name), DataFault::BadCorrection(problem)));
        }
        if tables.len() > 1 {
            std::fs::create_dir_all(output).map_err(|error| Error::io(output, "create", error))?;
        }
        for (target, bytes) in targets.iter().zip(corrected) {
            write_whole(target, &bytes, replace)?;
        }
        Ok(())
    }

    /// One table with its corrections, which are taken from `left`.
    fn corrected(
        &self,
        table: &Path,
        columns: &Columns,
        cells: &LabelCells,
        left: &mut BTreeMap<&(String, u64), &(String, Vec<String>)>,
    ) -> Result<Vec<u8>> {
        let name = table.display().to_string();
        let kind = TableKind::of(table).unwrap_or(TableKind::Csv);
        let bytes = std::fs::read(table).map_err(|error| Error::io(table, "read", error))?;
        // Read once by the program's own reader, which checks everything, and finds the rows.
        let columns = Columns { label_required: true, ..columns.clone() };
        let mut new: BTreeMap<u64, String> = BTreeMap::new();
        for row in TableReader::new(&name, Box::new(std::io::Cursor::new(bytes.clone())), kind, &columns)? {
            let row = row?;
            let Some((_, (text, labels))) = left.remove_entry(&(name.clone(), row.number)) else { continue };
            if *text != row.text {
                let problem = format!("row {} of {name} has another text than the one corrected", row.number);
                return Err(Error::data(Place::file(&self.name), DataFault::BadCorrection(problem)));
            }
            new.insert(row.number, labels.join(&cells.separator));
        }
        match kind {
            TableKind::Csv => rewrite_delimited(&bytes, b',', &columns.label, &new),
            TableKind::Tsv => rewrite_delimited(&bytes, b'\t', &columns.label, &new),
            TableKind::JsonLines => rewrite_json(&bytes, &columns.label, &new),
        }
        .map_err(|error| Error::io(table, "correct", error))
    }
}

fn same_file(a: &Path, b: &Path) -> bool {
    matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn rewrite_delimited(bytes: &[u8], delimiter: u8, label: &str, new: &BTreeMap<u64, String>) -> std::io::Result<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(bytes);
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let mut column = None;
    for (i, record) in reader.byte_records().enumerate() {
        let record = record?;
        if i == 0 {
            let name = |cell: &[u8]| String::from_utf8_lossy(cell).trim_start_matches('\u{feff}').trim().to_owned();
            column = record.iter().position(|cell| name(cell) == label);
        }
        let cells = record.iter().enumerate().map(|(at, cell)| match new.get(&(i as u64 + 1)) {
            Some(labels) if Some(at) == column => labels.as_bytes(),
            _ => cell,
        });
        writer.write_record(cells)?;
    }
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn rewrite_json(bytes: &[u8], label: &str, new: &BTreeMap<u64, String>) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    for (i, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let Some(labels) = new.get(&(i as u64 + 1)) else {
            out.extend_from_slice(line);
            continue;
        };
        let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line.trim_ascii())?;
        object.insert(label.to_owned(), labels.as_str().into());
        serde_json::to_writer(&mut out, &object)?;
        out.push(b'\n');
    }
    Ok(out)
}

fn problem(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        _ => "the row has not as many cells as the header".to_owned(),
    }
}
