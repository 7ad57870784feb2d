//! What can go wrong, where it went wrong, and how to mend it.
//!
//! Every message is one line of the form `place: problem; remedy`, so that a person can act on it and a script can show it.
//! Callers that need to tell cases apart match on the variants, never on the text.

use std::fmt;
use std::path::{Path, PathBuf};

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A place in an input: `file`, `file:row` or `file:row:column`.
///
/// Rows are counted as a spreadsheet shows them: the header is row 1, the first record is row 2.
/// In JSON Lines, which has no header, the row is the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the file as the user gave it; `<stdin>` for standard input.
    pub file: String,
    /// 1-based row, where one is known.
    pub row: Option<u64>,
    /// Name of the column, where one is concerned.
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(file: &str) -> Self {
        Self { file: file.to_owned(), row: None, column: None }
    }

    /// One row of a file.
    #[must_use]
    pub fn row(file: &str, row: u64) -> Self {
        Self { file: file.to_owned(), row: Some(row), column: None }
    }

    /// One cell of a file.
    #[must_use]
    pub fn cell(file: &str, row: u64, column: &str) -> Self {
        Self { file: file.to_owned(), row: Some(row), column: Some(column.to_owned()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(row) = self.row {
            write!(f, ":{row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ":{column}")?;
        }
        Ok(())
    }
}

/// What is wrong with a piece of input data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DataFault {
    /// The file has no bytes but white space.
    #[error("there is nothing in it; give a header row and at least one record")]
    Empty,
    /// An article without a single sentence.
    #[error("there is no sentence in it; give a text")]
    EmptyArticle,
    /// There is a header and nothing below it.
    #[error("there is a header but no record; add at least one row")]
    NoRecords,
    /// A column that is needed is not in the header.
    #[error("no column \"{wanted}\"; the header has {}; name the right one with {option}", quoted(found))]
    MissingColumn {
        /// The column looked for.
        wanted: String,
        /// The header as found.
        found: Vec<String>,
        /// The option that names another column.
        option: &'static str,
    },
    /// Two columns of the header have the name that is looked for.
    #[error("the header names \"{0}\" twice; rename one of the two")]
    RepeatedColumn(String),
    /// A record with more or fewer cells than the header.
    #[error("the row has {found} cells, the header {expected}; quote a cell that holds a comma or a line break")]
    Ragged {
        /// Cells in the header.
        expected: usize,
        /// Cells in the row.
        found: usize,
    },
    /// A quotation mark that opens a cell and never closes it, or stands bare in a cell.
    #[error("a quotation mark is not paired; close the cell, and write a quotation mark inside a quoted cell twice")]
    UnpairedQuote,
    /// Bytes that are not UTF-8.
    #[error("byte {byte} of the file is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// Offset of the bad byte in the file, from 0.
        byte: u64,
    },
    /// A text cell that holds nothing to learn from or to label.
    #[error("the text is blank; fill it or delete the row")]
    BlankText,
    /// `none` beside a label.
    #[error("\"none\" stands beside another label; write either no stance or the stances")]
    NoneWithLabel,
    /// A line of JSON Lines that is not an object or is malformed.
    #[error("not a JSON object with the expected fields ({0}); each line must be one object such as {{\"text\": \"…\"}}")]
    BadJson(String),
    /// No row of the data has any label.
    #[error("no row has a label; fill the label column, or name another one with --label-column")]
    NoLabels,
    /// All rows have the same label, so there is nothing to tell apart.
    #[error("every row is labelled \"{0}\"; a model needs rows with another label or with none")]
    SingleLabel(String),
    /// A label has fewer rows than there are folds.
    #[error("label \"{label}\" has {rows} row(s), {folds} folds need at least {folds}; add rows or lower --folds")]
    FewerRowsThanFolds {
        /// The label.
        label: String,
        /// Its rows.
        rows: usize,
        /// Folds asked for.
        folds: usize,
    },
    /// A label has too few rows to be learnt and calibrated.
    #[error("label \"{label}\" has only {rows} row(s); a label needs at least 2, add rows or drop it")]
    RareLabel {
        /// The label.
        label: String,
        /// Its rows.
        rows: usize,
    },
    /// All rows with a label, or all rows without it, are twins, so none can be held out to calibrate on.
    #[error("the rows with label \"{0}\", or those without it, are all one text; a model needs different ones on both sides")]
    TooAlike(String),
    /// A correction that cannot be read or does not fit.
    #[error("{0}; a correction needs the columns file, row, text and correct as --audit writes them")]
    BadCorrection(String),
    /// Two coders' tables have no text in common.
    #[error("no text is also in {0}; both coders must have labelled the same texts")]
    NothingShared(String),
    /// No term of the texts is frequent enough to become a feature.
    #[error("no term occurs in two rows; give more, or longer, texts")]
    NoFeatures,
}

/// What is wrong with a model file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelFault {
    /// Not a safetensors file at all: foreign, truncated or altered in its frame.
    #[error("not a readable model file ({0}); it may be cut short or be something else, copy it again or train it anew")]
    Unreadable(String),
    /// A safetensors file that another program wrote.
    #[error("a safetensors file, but not a demarche model; give a file written by demarche-train")]
    Foreign,
    /// Written by a version of the format that this program does not know.
    #[error("the file has format version {found}, this program reads version {supported}; use a newer demarche or train it anew")]
    Version {
        /// Version in the file.
        found: u64,
        /// Version that this program reads.
        supported: u64,
    },
    /// The parts do not fit each other, or a value is out of range.
    #[error("the model is damaged ({0}); copy it again or train it anew")]
    Damaged(String),
}

/// Everything that the library can fail with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened, read or written.
    #[error("{}: cannot {action}: {}", path.display(), plain(source))]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: "read", "write" …
        action: &'static str,
        /// Why it failed.
        source: std::io::Error,
    },
    /// Input data of the wrong shape.
    #[error("{place}: {fault}")]
    Data {
        /// Where.
        place: Box<Place>,
        /// What, and how to mend it.
        fault: DataFault,
    },
    /// A model file that cannot be used.
    #[error("{name}: {fault}")]
    Model {
        /// The file, or `<embedded>`.
        name: String,
        /// What, and how to mend it.
        fault: ModelFault,
    },
    /// A file that must not be replaced without being asked to.
    #[error("{}: the file exists; give another name, or --force to replace it", .0.display())]
    Exists(PathBuf),
    /// An option with a value that cannot be used.
    #[error("{option}: {problem}")]
    Option {
        /// The option as typed.
        option: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The learner was given settings or numbers that it cannot work with.
    #[error("training failed: {0}")]
    Learner(#[from] crate::linear::LinearError),
    /// The scores of a label could not be turned into probabilities.
    #[error("training failed: the scores of label \"{label}\" could not be calibrated ({problem})")]
    Calibration {
        /// The label.
        label: String,
        /// What the scaling said.
        problem: String,
    },
}

impl Error {
    pub(crate) fn io(path: &Path, action: &'static str, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), action, source }
    }

    pub(crate) fn data(place: Place, fault: DataFault) -> Self {
        Self::Data { place: Box::new(place), fault }
    }

    /// The exit code of a program that ends with this error: 2 for a mistake in the options, else 1.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Option { .. } => 2,
            _ => 1,
        }
    }

    /// Whether the reader of our output went away, as `head` does; a program then ends quietly.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// The operating system's words without its error number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_lowercase(),
        None => text,
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_where_and_how_to_mend_it() {
        let error = Error::data(
            Place::file("train.csv"),
            DataFault::MissingColumn {
                wanted: "text".into(),
                found: vec!["body".into(), "label".into()],
                option: "--text-column",
            },
        );
        assert_eq!(
            error.to_string(),
            "train.csv: no column \"text\"; the header has \"body\", \"label\"; name the right one with --text-column"
        );
        assert_eq!(error.exit_code(), 1);
    }

    #[test]
    fn places_read_as_file_row_column() {
        assert_eq!(Place::file("a.csv").to_string(), "a.csv");
        assert_eq!(Place::row("a.csv", 7).to_string(), "a.csv:7");
        assert_eq!(Place::cell("a.csv", 7, "label").to_string(), "a.csv:7:label");
    }

    #[test]
    fn an_operating_system_error_is_told_without_its_number() {
        let source = std::io::Error::from_raw_os_error(2);
        let error = Error::io(Path::new("gone.csv"), "read", source);
        assert_eq!(error.to_string(), "gone.csv: cannot read: no such file or directory");
    }

    #[test]
    fn wrong_options_exit_with_2_and_a_broken_pipe_is_recognised() {
        assert_eq!(Error::Option { option: "--threshold", problem: String::new() }.exit_code(), 2);
        let pipe = Error::io(Path::new("<stdout>"), "write", std::io::ErrorKind::BrokenPipe.into());
        assert!(pipe.is_closed_pipe());
    }
}
