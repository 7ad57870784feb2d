//! Units to classify: the sentences of an article, or the rows of a table.

use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{DataFault, Error, Place, Result};
use crate::language::Language;
use crate::sentences::split_sentences;
use crate::table::{Columns, TableKind, TableReader};

/// Where units come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file; its ending tells a table (`.csv`, `.tsv`, `.jsonl`) from an article (all others).
    File(PathBuf),
    /// Standard input, an article.
    Stdin,
}

impl Source {
    /// The source that an argument names: `-` is standard input.
    ///
    /// ```
    /// use demarche::Source;
    /// assert_eq!(Source::of("-".as_ref()), Source::Stdin);
    /// ```
    #[must_use]
    pub fn of(path: &Path) -> Self {
        if path == Path::new("-") { Self::Stdin } else { Self::File(path.to_owned()) }
    }

    /// The name in records and messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
        }
    }

    /// The kind of table that it is, if it is one.
    #[must_use]
    pub fn table(&self) -> Option<TableKind> {
        match self {
            Self::File(path) => TableKind::of(path),
            Self::Stdin => None,
        }
    }
}

/// What a unit's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    /// A row of a table, numbered as a spreadsheet shows it.
    Row,
    /// A sentence of an article, from 1.
    Sentence,
}

/// One text to classify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Name of the file it comes from.
    pub file: Arc<str>,
    /// Row or sentence.
    pub kind: UnitKind,
    /// Its number.
    pub number: u64,
    /// Its bytes in the file: of a sentence, exactly the sentence; of a row, the whole record.
    pub span: Range<u64>,
    /// The text.
    pub text: String,
    /// The label cell of a row that has one.
    pub label: Option<String>,
    /// The group cell of a row that has one.
    pub group: Option<String>,
    /// Whether a paragraph begins with it; a row always is one of its own.
    pub opens_paragraph: bool,
}

/// The units of a source, read as they are asked for; an article is read whole, a table row by row.
///
/// # Errors
/// [`Error::Io`] if the source cannot be read; [`Error::Data`] if it is empty, not UTF-8, or a table of the wrong shape. The
/// iterator ends after its first error.
pub fn units(source: &Source, language: Language, columns: &Columns) -> Result<Box<dyn Iterator<Item = Result<Unit>>>> {
    let name = source.name();
    let file: Arc<str> = name.as_str().into();
    if let (Source::File(path), Some(kind)) = (source, source.table()) {
        let rows = TableReader::open(path, kind, columns)?;
        return Ok(Box::new(rows.map(move |row| {
            row.map(|row| Unit {
                file: file.clone(),
                kind: UnitKind::Row,
                number: row.number,
                span: row.start..row.end,
                text: row.text,
                label: row.label,
                group: row.group,
                opens_paragraph: true,
            })
        })));
    }
    let article = read_article(source, &name)?;
    let spans = split_sentences(&article, language);
    if spans.is_empty() {
        return Err(Error::data(Place::file(&name), DataFault::EmptyArticle));
    }
    let mut told = 0;
    Ok(Box::new(spans.into_iter().enumerate().map(move |(i, span)| {
        let gap = &article[std::mem::replace(&mut told, span.end)..span.start];
        let opens_paragraph = i == 0 || gap.bytes().filter(|&byte| byte == b'\n').count() > 1;
        Ok(Unit {
            file: file.clone(),
            kind: UnitKind::Sentence,
            number: i as u64 + 1,
            span: span.start as u64..span.end as u64,
            text: article[span].to_owned(),
            label: None,
            group: None,
            opens_paragraph,
        })
    })))
}

/// A source as text.
///
/// # Errors
/// [`Error::Io`] if it cannot be read, [`DataFault::NotUtf8`] if it is not UTF-8.
pub fn read_article(source: &Source, name: &str) -> Result<String> {
    let mut bytes = Vec::new();
    match source {
        Source::File(path) => File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
        Source::Stdin => std::io::stdin().lock().read_to_end(&mut bytes),
    }
    .map_err(|e| Error::io(Path::new(name), "read", e))?;
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let byte = error.utf8_error().valid_up_to();
        let line = bytes[..byte].split(|&b| b == b'\n').count() as u64;
        Error::data(Place::row(name, line), DataFault::NotUtf8 { byte: byte as u64 })
    })
}
