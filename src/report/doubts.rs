//! Doubtful labels as a table that is filled in and given back.

use std::io::Write;

use crate::audit::Doubt;
use crate::corpus::LabelCells;
use crate::error::Result;
use crate::report::closed;

/// Writes doubtful rows as a table to be corrected: `file,row,text,label,suggested,correct,margin,reason`, RFC 4180. Whoever reads
/// it fills `correct` with the right labels, or with `none`; rows whose `correct` stays blank are left as they are.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if `out` cannot be written.
pub fn write_doubts(out: &mut impl Write, doubts: &[Doubt], cells: &LabelCells) -> Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    let cell = |labels: &[String]| if labels.is_empty() { "none".to_owned() } else { labels.join(&cells.separator) };
    let mut write = || -> ::csv::Result<()> {
        writer.write_record(["file", "row", "text", "label", "suggested", "correct", "margin", "reason"])?;
        for doubt in doubts {
            let (row, margin) = (doubt.row.to_string(), format!("{:.4}", doubt.margin));
            let (given, suggested) = (cell(&doubt.given), cell(&doubt.suggested));
            writer.write_record([&*doubt.file, &row, &doubt.text, &given, &suggested, "", &margin, &doubt.reason])?;
        }
        Ok(writer.flush()?)
    };
    write().map_err(|error| closed(error.into()))
}
