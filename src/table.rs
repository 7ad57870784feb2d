//! Rows of CSV, TSV and JSON Lines files: one text a row, with its label cell if it has one.
//!
//! CSV follows RFC 4180 with a header; a byte order mark and CRLF are tolerated, columns may stand in any order and unknown
//! ones are ignored. Rows are read one at a time, so a table of any size takes constant memory. A row of the wrong shape is an
//! error with its place: nothing is skipped, nothing is guessed.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use crate::error::{DataFault, Error, Place, Result};

/// Which columns (or JSON fields) to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// Column of the text.
    pub text: String,
    /// Column of the labels.
    pub label: String,
    /// Whether a table without the label column is an error.
    pub label_required: bool,
    /// Column of groups of rows that are alike.
    pub group: String,
    /// Whether a table without the group column is an error.
    pub group_required: bool,
}

impl Default for Columns {
    fn default() -> Self {
        Self { text: "text".into(), label: "label".into(), label_required: false, group: "pair".into(), group_required: false }
    }
}

impl Columns {
    /// With the group column that was asked for; without one, the table's `pair` column is taken if there is one.
    #[must_use]
    pub fn grouped(mut self, column: Option<&str>) -> Self {
        if let Some(column) = column {
            column.clone_into(&mut self.group);
            self.group_required = true;
        }
        self
    }

    /// What a group is called among all tables: a column that was asked for names the same group in every file, while the pairs of
    /// two files have nothing to do with each other.
    pub(crate) fn group_name(&self, file: &str, group: String) -> String {
        if self.group_required { group } else { format!("{file}\n{group}") }
    }
}

/// One record of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Row number as a spreadsheet shows it (the header of a CSV is row 1; JSON Lines has no header).
    pub number: u64,
    /// Byte offset in the file at which the record starts.
    pub start: u64,
    /// Byte offset in the file just behind the record, its line ending left out.
    pub end: u64,
    /// The text.
    pub text: String,
    /// The label cell as written, or a JSON array joined by the first separator; `None` where the table has no such column.
    pub label: Option<String>,
    /// The group cell; `None` where there is no such column or the cell is blank.
    pub group: Option<String>,
}

/// The three kinds of table, told apart by the file's ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// One JSON object a line.
    JsonLines,
}

impl TableKind {
    /// The kind that a path's ending names, if it names one.
    ///
    /// ```
    /// use demarche::TableKind;
    /// assert_eq!(TableKind::of("wire.CSV".as_ref()), Some(TableKind::Csv));
    /// assert_eq!(TableKind::of("article.txt".as_ref()), None);
    /// ```
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "tsv" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// Reads a table row by row.
pub struct TableReader {
    name: String,
    columns: Columns,
    rows: Rows,
}

enum Rows {
    Delimited(Delimited),
    Json(JsonLines),
}

impl TableReader {
    /// Opens a table.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::Data`] if it is empty or its header lacks a column that is needed.
    pub fn open(path: &Path, kind: TableKind, columns: &Columns) -> Result<Self> {
        let file = File::open(path).map_err(|e| Error::io(path, "read", e))?;
        Self::new(&path.display().to_string(), Box::new(file), kind, columns)
    }

    /// Reads a table from any source; `name` stands in its error messages.
    ///
    /// # Errors
    /// As [`TableReader::open`].
    pub fn new(name: &str, source: Box<dyn Read>, kind: TableKind, columns: &Columns) -> Result<Self> {
        let rows = match kind {
            TableKind::Csv => Rows::Delimited(Delimited::new(name, source, b',', columns)?),
            TableKind::Tsv => Rows::Delimited(Delimited::new(name, source, b'\t', columns)?),
            TableKind::JsonLines => {
                Rows::Json(JsonLines { lines: BufReader::new(source), line: Vec::new(), number: 0, offset: 0 })
            }
        };
        Ok(Self { name: name.to_owned(), columns: columns.clone(), rows })
    }
}

impl Iterator for TableReader {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::Delimited(rows) => rows.next_row(&self.name, &self.columns),
            Rows::Json(rows) => rows.next_row(&self.name, &self.columns),
        }
        .transpose()
    }
}

/// CSV and TSV.
struct Delimited {
    reader: csv::Reader<Box<dyn Read>>,
    quotes: QuoteOffsets,
    record: csv::ByteRecord,
    width: usize,
    text: usize,
    label: Option<usize>,
    group: Option<usize>,
    number: u64,
}

impl Delimited {
    fn new(name: &str, source: Box<dyn Read>, delimiter: u8, columns: &Columns) -> Result<Self> {
        let quotes = QuoteOffsets::default();
        let watched: Box<dyn Read> = Box::new(QuoteWatch { source, offset: 0, quotes: quotes.clone() });
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).has_headers(false).from_reader(watched);

        let mut header = csv::ByteRecord::new();
        read_record(&mut reader, &mut header, name)?;
        if header.iter().all(|cell| cell.trim_ascii().is_empty()) {
            return Err(Error::data(Place::file(name), DataFault::Empty));
        }
        if quotes.take_before(reader.position().byte()) % 2 == 1 {
            return Err(Error::data(Place::row(name, 1), DataFault::UnpairedQuote));
        }
        let names = header
            .iter()
            .map(|cell| std::str::from_utf8(cell).map(|cell| cell.trim_start_matches('\u{feff}').trim().to_owned()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Error::data(Place::row(name, 1), DataFault::NotUtf8 { byte: bad_byte(&header, 0) }))?;

        let find = |wanted: &str| -> Result<Option<usize>> {
            let mut hits = (0..names.len()).filter(|&i| names[i] == wanted);
            let hit = hits.next();
            match hits.next() {
                Some(_) => Err(Error::data(Place::row(name, 1), DataFault::RepeatedColumn(wanted.to_owned()))),
                None => Ok(hit),
            }
        };
        let missing = |wanted: &str, option| {
            Error::data(Place::file(name), DataFault::MissingColumn { wanted: wanted.to_owned(), found: names.clone(), option })
        };
        let text = find(&columns.text)?.ok_or_else(|| missing(&columns.text, "--text-column"))?;
        let label = find(&columns.label)?;
        if label.is_none() && columns.label_required {
            return Err(missing(&columns.label, "--label-column"));
        }
        let group = find(&columns.group)?;
        if group.is_none() && columns.group_required {
            return Err(missing(&columns.group, "--group-column"));
        }
        Ok(Self { reader, quotes, record: csv::ByteRecord::new(), width: names.len(), text, label, group, number: 1 })
    }

    fn next_row(&mut self, name: &str, columns: &Columns) -> Result<Option<Row>> {
        if !read_record(&mut self.reader, &mut self.record, name)? {
            return match self.number {
                1 => Err(Error::data(Place::file(name), DataFault::NoRecords)),
                _ => Ok(None),
            };
        }
        self.number += 1;
        let number = self.number;
        let start = self.record.position().map_or(0, csv::Position::byte);
        let end = self.reader.position().byte();
        let place = || Place::row(name, number);
        // A quotation mark that is never closed swallows the rest of the file without a word from the parser: count them.
        if self.quotes.take_before(end) % 2 == 1 {
            return Err(Error::data(place(), DataFault::UnpairedQuote));
        }
        if self.record.len() != self.width {
            return Err(Error::data(place(), DataFault::Ragged { expected: self.width, found: self.record.len() }));
        }
        let record = &self.record;
        let cell = |index: usize, column: &str| {
            std::str::from_utf8(&record[index])
                .map_err(|_| Error::data(Place::cell(name, number, column), DataFault::NotUtf8 { byte: bad_byte(record, start) }))
        };
        let text = cell(self.text, &columns.text)?.to_owned();
        let label = self.label.map(|index| cell(index, &columns.label).map(str::to_owned)).transpose()?;
        let group = self.group.map(|index| cell(index, &columns.group).map(str::to_owned)).transpose()?;
        Ok(Some(Row { number, start, end, text, label, group: group.filter(|group| !group.trim().is_empty()) }))
    }
}

fn read_record(reader: &mut csv::Reader<Box<dyn Read>>, record: &mut csv::ByteRecord, name: &str) -> Result<bool> {
    reader.read_byte_record(record).map_err(|error| match error.into_kind() {
        csv::ErrorKind::Io(source) => Error::io(Path::new(name), "read", source),
        // With a flexible reader of bytes, input and output errors are the only kind that the parser reports.
        other => Error::io(Path::new(name), "read", std::io::Error::other(format!("{other:?}"))),
    })
}

/// Where the first bad byte of a record stands, counted in cells and so exact unless a cell before it is quoted.
fn bad_byte(record: &csv::ByteRecord, start: u64) -> u64 {
    let mut offset = start;
    for cell in record {
        if let Err(error) = std::str::from_utf8(cell) {
            return offset + error.valid_up_to() as u64;
        }
        offset += cell.len() as u64 + 1;
    }
    offset
}

/// Offsets of the quotation marks that have been read and not yet been attributed to a record.
#[derive(Clone, Default)]
struct QuoteOffsets(Rc<RefCell<VecDeque<u64>>>);

impl QuoteOffsets {
    /// Removes the marks before `end` and returns how many there were.
    fn take_before(&self, end: u64) -> usize {
        let mut offsets = self.0.borrow_mut();
        let count = offsets.iter().take_while(|&&offset| offset < end).count();
        offsets.drain(..count);
        count
    }
}

/// Notes the offset of every quotation mark that passes through.
struct QuoteWatch {
    source: Box<dyn Read>,
    offset: u64,
    quotes: QuoteOffsets,
}

impl Read for QuoteWatch {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        let marks = buffer[..count].iter().enumerate().filter(|&(_, &byte)| byte == b'"');
        self.quotes.0.borrow_mut().extend(marks.map(|(i, _)| self.offset + i as u64));
        self.offset += count as u64;
        Ok(count)
    }
}

/// JSON Lines.
struct JsonLines {
    lines: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
    number: u64,
    offset: u64,
}

impl JsonLines {
    fn next_row(&mut self, name: &str, columns: &Columns) -> Result<Option<Row>> {
        self.line.clear();
        let start = self.offset;
        let read = self.lines.read_until(b'\n', &mut self.line).map_err(|e| Error::io(Path::new(name), "read", e))?;
        if read == 0 {
            return match self.number {
                0 => Err(Error::data(Place::file(name), DataFault::Empty)),
                _ => Ok(None),
            };
        }
        self.offset += read as u64;
        self.number += 1;
        let number = self.number;
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let end = start + line.len() as u64;
        let line = if number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let fail = |fault| Error::data(Place::row(name, number), fault);
        let line = std::str::from_utf8(line).map_err(|e| fail(DataFault::NotUtf8 { byte: start + e.valid_up_to() as u64 }))?;

        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).map_err(|e| fail(DataFault::BadJson(json_problem(&e))))?;
        let text = match object.get(&columns.text) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(_) => return Err(fail(DataFault::BadJson(format!("\"{}\" is not a string", columns.text)))),
            None => {
                let found = object.keys().cloned().collect();
                return Err(fail(DataFault::MissingColumn { wanted: columns.text.clone(), found, option: "--text-column" }));
            }
        };
        let label = match object.get(&columns.label) {
            None if columns.label_required => {
                let found = object.keys().cloned().collect();
                return Err(fail(DataFault::MissingColumn { wanted: columns.label.clone(), found, option: "--label-column" }));
            }
            None => None,
            Some(value) => Some(json_label(value).ok_or_else(|| {
                fail(DataFault::BadJson(format!("\"{}\" is neither a string, nor null, nor a list of strings", columns.label)))
            })?),
        };
        let group = match object.get(&columns.group) {
            Some(serde_json::Value::String(group)) => Some(group.clone()),
            Some(serde_json::Value::Number(group)) => Some(group.to_string()),
            None if columns.group_required => {
                let found = object.keys().cloned().collect();
                return Err(fail(DataFault::MissingColumn { wanted: columns.group.clone(), found, option: "--group-column" }));
            }
            _ => None,
        };
        let group = group.filter(|group| !group.trim().is_empty());
        Ok(Some(Row { number, start, end, text, label, group }))
    }
}

/// A label field as a cell: a string as it is, null as blank, a list joined by `|` (which every reader of cells accepts).
fn json_label(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => Some(String::new()),
        serde_json::Value::String(label) => Some(label.clone()),
        serde_json::Value::Array(items) => {
            let labels: Option<Vec<&str>> = items.iter().map(serde_json::Value::as_str).collect();
            Some(labels?.join("|"))
        }
        _ => None,
    }
}

/// The parser's words with its position cut to the column, since every line is read by itself.
fn json_problem(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or(&text);
    format!("{what} at column {}", error.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: TableKind, data: &[u8]) -> Result<Vec<Row>> {
        let source = std::io::Cursor::new(data.to_vec());
        TableReader::new("t", Box::new(source), kind, &Columns::default())?.collect()
    }

    fn fault(kind: TableKind, data: &[u8]) -> (Place, DataFault) {
        match read(kind, data) {
            Err(Error::Data { place, fault }) => (*place, fault),
            other => panic!("expected a data error, got {other:?}"),
        }
    }

    #[test]
    fn columns_stand_in_any_order_and_unknown_ones_are_ignored() {
        let rows =
            read(TableKind::Csv, b"\xef\xbb\xbflabel,note,text\r\ndenial,x,\"No, \"\"never\"\".\"\r\n,y,Yes.\r\n").unwrap();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].text, "No, \"never\".");
        assert_eq!(rows[0].label.as_deref(), Some("denial"));
        assert_eq!((rows[1].number, rows[1].label.as_deref()), (3, Some("")));
    }

    #[test]
    fn offsets_slice_the_records_out_of_the_file() {
        let data = b"text,label\nOne.,a\n\"Two,\nlines.\",b\n";
        let rows = read(TableKind::Csv, data).unwrap();
        let slice = |row: &Row| std::str::from_utf8(&data[row.start as usize..row.end as usize]).unwrap().trim_end().to_owned();
        assert_eq!(slice(&rows[0]), "One.,a");
        assert_eq!(slice(&rows[1]), "\"Two,\nlines.\",b");
    }

    #[test]
    fn tabs_and_json_lines_give_the_same_rows() {
        let tsv = read(TableKind::Tsv, b"text\tlabel\nNo, never.\tdenial\n").unwrap();
        let json = read(TableKind::JsonLines, b"{\"text\":\"No, never.\",\"label\":\"denial\"}\n").unwrap();
        assert_eq!((&tsv[0].text, &tsv[0].label), (&json[0].text, &json[0].label));
        let list = read(TableKind::JsonLines, b"{\"text\":\"a\",\"label\":[\"x\",\"y\"]}").unwrap();
        assert_eq!(list[0].label.as_deref(), Some("x|y"));
    }

    #[test]
    fn every_fault_has_its_place() {
        assert_eq!(fault(TableKind::Csv, b""), (Place::file("t"), DataFault::Empty));
        assert_eq!(fault(TableKind::JsonLines, b""), (Place::file("t"), DataFault::Empty));
        assert_eq!(fault(TableKind::Csv, b"text,label\n"), (Place::file("t"), DataFault::NoRecords));
        assert_eq!(
            fault(TableKind::Csv, b"text,label\na,b\nc\n"),
            (Place::row("t", 3), DataFault::Ragged { expected: 2, found: 1 })
        );
        assert_eq!(fault(TableKind::Csv, b"text,text\na,b\n"), (Place::row("t", 1), DataFault::RepeatedColumn("text".into())));
        assert_eq!(fault(TableKind::Csv, b"text,label\na,b\n\"c,d\ne,f\n"), (Place::row("t", 3), DataFault::UnpairedQuote));
        assert_eq!(
            fault(TableKind::Csv, b"text,label\na\xff,b\n"),
            (Place::cell("t", 2, "text"), DataFault::NotUtf8 { byte: 12 })
        );
        assert_eq!(
            fault(TableKind::JsonLines, b"{\"text\":\"a\"}\n\xff\n"),
            (Place::row("t", 2), DataFault::NotUtf8 { byte: 13 })
        );
        assert!(matches!(fault(TableKind::JsonLines, b"{\"text\":\"a\"}\n\n").1, DataFault::BadJson(_)));
        assert!(matches!(fault(TableKind::JsonLines, b"{\"text\":7}\n").1, DataFault::BadJson(_)));
        assert!(matches!(fault(TableKind::JsonLines, b"{\"body\":\"a\"}\n").1, DataFault::MissingColumn { .. }));
        let (_, missing) = fault(TableKind::Csv, b"body;label\na;b\n");
        assert!(matches!(missing, DataFault::MissingColumn { found, .. } if found == ["body;label"]));
    }
}
