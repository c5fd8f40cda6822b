//! The seam between readers of formats and the pipeline that types, checks and writes.

use crate::error::IntakeError;

/// One value as a format gives it, before the column's type is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing: an empty cell, JSON's null, a field that is not there.
    Null,
    /// Text that may mean anything: it is looked through for numbers, dates and the rest, as a CSV field is.
    Text(String),
    /// Text that means text: the format says so (a JSON string, a spreadsheet cell formatted as text, Parquet's UTF8).
    /// Dates and timestamps in ISO 8601 are still recognised where a whole column is made of them; digits stay text.
    Quoted(String),
    /// A whole number.
    Integer(i64),
    /// A decimal in plain digits, such as `12.50`.
    Decimal(String),
    /// A floating-point number; NaN and infinities become text `NaN`, `inf`, `-inf` in the reader.
    Float(f64),
    /// A truth value.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00; `utc` says whether the format names the zone.
    Timestamp {
        /// The moment.
        micros: i64,
        /// In UTC, or civil time.
        utc: bool,
    },
    /// A shape as WKB, WGS 84, longitude first.
    Geometry {
        /// The bytes.
        wkb: Vec<u8>,
        /// Whether it is a single position.
        point: bool,
    },
    /// A row that cannot be read, as its only cell: it goes to the quarantine.
    Unreadable {
        /// Why, as the quarantine names it.
        reason: &'static str,
        /// The row as it stands.
        raw: Vec<u8>,
    },
}

/// Takes the rows of a table with their numbers; its error ends the reading.
pub type RowSink<'a> = &'a mut (dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError> + 'a);

/// A table within a file of some format: it can be read any number of times from the start.
pub trait TableReader: Send {
    /// The sheet, the file in an archive, or the layer.
    fn name(&self) -> &str;

    /// The format's short name, as in [`fairground_domain::SourceNotes::format`].
    fn format(&self) -> &'static str;

    /// The columns' names where the format has them (JSON members, Parquet, shapefiles); `None` where a header row must be
    /// found among the rows (spreadsheets).
    fn header(&self) -> Option<Vec<String>>;

    /// Gives every row, in order, with its number as people count in that format (the first row of a sheet is 1). The sink
    /// may end the reading with its own error. The vector is reused; rows may differ in length.
    ///
    /// # Errors
    /// When the file cannot be read on; what was given before stands.
    fn read(&mut self, sink: RowSink<'_>) -> Result<(), IntakeError>;

    /// What people should know of how the table is read, in sentences, such as why shapes were left out; for
    /// [`fairground_domain::SourceNotes::notes`].
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
