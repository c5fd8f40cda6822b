//! Tables as the agencies hold them, before they are written in some format.

use std::borrow::Cow;

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Not given: nothing in CSV, `null` in JSON.
    Empty,
    /// Text as it stands.
    Text(Cow<'static, str>),
    /// A whole number.
    Whole(i64),
    /// A number and how many decimals it is published with.
    Decimal(f64, usize),
    /// `true` or `false`.
    Truth(bool),
    /// JSON text: the geometry of a feature.
    Geometry(String),
}

impl From<&'static str> for Cell {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}
impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}
impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Truth(truth)
    }
}
impl From<jiff::civil::Date> for Cell {
    fn from(date: jiff::civil::Date) -> Self {
        Self::Text(Cow::Owned(date.to_string()))
    }
}
impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

/// A decimal, published with this many decimals.
pub(crate) fn dec(number: f64, decimals: usize) -> Cell {
    Cell::Decimal(number, decimals)
}

/// The whole number nearest to this one.
#[expect(clippy::cast_possible_truncation, reason = "the tables' figures are far below 2^53")]
pub(crate) fn round(number: f64) -> i64 {
    number.round() as i64
}

/// A small whole number as a double.
#[expect(clippy::cast_precision_loss, reason = "the tables' figures are far below 2^53")]
pub(crate) fn float(number: i64) -> f64 {
    number as f64
}

/// Named columns and their rows; every row is as long as `columns`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Table {
    /// Column names, in order.
    pub columns: Vec<&'static str>,
    /// The rows, in the order they are published.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// An empty table with these columns.
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Appends one row.
    pub(crate) fn push<const N: usize>(&mut self, row: [Cell; N]) {
        debug_assert_eq!(N, self.columns.len(), "a row of {:?}", self.columns);
        self.rows.push(row.into());
    }

    /// Reads an authored file: semicolons, a head line, no quotes. Numbers and truths are recognised by their looks;
    /// codes with leading zeros stay text.
    pub(crate) fn authored(text: &'static str) -> Self {
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let columns = lines.next().map(|head| head.split(';').collect()).unwrap_or_default();
        Self { columns, rows: lines.map(|line| line.split(';').map(authored_cell).collect()).collect() }
    }

    /// Where a column stands.
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| *name == column)
    }
}

fn authored_cell(text: &'static str) -> Cell {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let looks_numeric = digits.starts_with(|c: char| c.is_ascii_digit()) && (digits == "0" || !leading_zero(digits));
    match text {
        "" => Cell::Empty,
        "true" => Cell::Truth(true),
        "false" => Cell::Truth(false),
        _ if looks_numeric => number(text).unwrap_or(Cell::from(text)),
        _ => Cell::from(text),
    }
}

fn leading_zero(digits: &str) -> bool {
    digits.starts_with('0') && !digits.starts_with("0.")
}

fn number(text: &str) -> Option<Cell> {
    if let Ok(whole) = text.parse() {
        return Some(Cell::Whole(whole));
    }
    let (_, decimals) = text.split_once('.')?;
    text.parse().ok().map(|number| Cell::Decimal(number, decimals.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authored_cells_are_typed_by_their_looks() {
        for (text, cell) in [
            ("", Cell::Empty),
            ("12", Cell::Whole(12)),
            ("-3", Cell::Whole(-3)),
            ("0", Cell::Whole(0)),
            ("0.50", Cell::Decimal(0.5, 2)),
            ("54.7012", Cell::Decimal(54.7012, 4)),
            ("0417", Cell::from("0417")),
            ("2025-03-01", Cell::from("2025-03-01")),
            ("06:40", Cell::from("06:40")),
            ("true", Cell::Truth(true)),
            ("n/a", Cell::from("n/a")),
        ] {
            assert_eq!(authored_cell(text), cell, "{text}");
        }
    }
}
