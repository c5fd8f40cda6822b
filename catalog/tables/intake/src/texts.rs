//! The cells of a small workbook as texts, for those who read it as a list rather than a table.

use std::path::Path;

use crate::cell::Cell;
use crate::error::IntakeError;
use crate::formats::{self, FormatLimits};

/// One sheet's cells as texts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// The sheet's name.
    pub name: String,
    /// The rows in order, as many cells as each has; empty cells are empty texts.
    pub rows: Vec<Vec<String>>,
}

/// Reads the visible sheets of a workbook (XLSX, XLS, XLSB, ODS) as texts: numbers in plain digits, days and moments in ISO 8601.
///
/// # Errors
/// When the file is no workbook, is broken or protected, or has more than `most_rows` rows in one sheet.
pub fn texts(file: &Path, name: &str, most_rows: usize) -> Result<Vec<Texts>, IntakeError> {
    let limits = FormatLimits::default();
    let format = formats::detect(file, name, None)?;
    let mut all = Vec::new();
    for mut reader in formats::open(format, file, name, &limits)? {
        let mut sheet = Texts { name: reader.name().to_owned(), rows: Vec::new() };
        if let Some(header) = reader.header() {
            sheet.rows.push(header);
        }
        reader.read(&mut |_, cells| {
            if sheet.rows.len() > most_rows {
                let limit = format!("{most_rows} rows");
                return Err(IntakeError::TooLarge { what: "the list".to_owned(), limit });
            }
            sheet.rows.push(cells.drain(..).map(text_of).collect());
            Ok(())
        })?;
        all.push(sheet);
    }
    Ok(all)
}

fn text_of(cell: Cell) -> String {
    const DAY_SECS: i64 = 86_400;
    let moment = |micros: i64| jiff::Timestamp::from_microsecond(micros).map(|at| at.to_string()).unwrap_or_default();
    match cell {
        Cell::Null | Cell::Geometry { .. } | Cell::Unreadable { .. } => String::new(),
        Cell::Text(text) | Cell::Quoted(text) | Cell::Decimal(text) => text,
        Cell::Integer(number) => number.to_string(),
        Cell::Float(number) => number.to_string(),
        Cell::Boolean(value) => value.to_string(),
        Cell::Date(days) => {
            let at = jiff::Timestamp::from_second(i64::from(days) * DAY_SECS);
            at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
        }
        Cell::Timestamp { micros, .. } => moment(micros),
    }
}
