//! Writes tables in the formats the agencies publish.

use std::fmt::Write as _;

use crate::table::{Cell, Table};

/// How a CSV is written; agencies differ, as they do in life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Csv {
    /// Between values: `,` `;` `|` or a tab.
    pub delimiter: char,
    /// `12,5` rather than `12.5`.
    pub decimal_comma: bool,
    /// Starts with a byte order mark.
    pub bom: bool,
    /// ISO-8859-1 rather than UTF-8.
    pub latin1: bool,
    /// The data row (from 1) that has one value too many: a flaw kept on purpose.
    pub ragged_row: Option<usize>,
}

/// Commas, UTF-8: the plain way.
pub(crate) const PLAIN: Csv = Csv { delimiter: ',', decimal_comma: false, bom: false, latin1: false, ragged_row: None };

/// A format a file is published in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Values between delimiters.
    Csv(Csv),
    /// Values between tabs.
    Tsv,
    /// One array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// A feature collection; needs `longitude` and `latitude`, or `geometry`.
    GeoJson,
    /// A CSV that the catalogue still lists although the file is gone: a flaw kept on purpose.
    Gone,
}

/// Commas, UTF-8.
pub(crate) const CSV: Form = Form::Csv(PLAIN);
/// Commas after a byte order mark, as spreadsheets like it.
pub(crate) const CSV_BOM: Form = Form::Csv(Csv { bom: true, ..PLAIN });
/// Semicolons.
pub(crate) const CSV_SEMICOLON: Form = Form::Csv(Csv { delimiter: ';', ..PLAIN });
/// Semicolons and decimal commas.
pub(crate) const CSV_DECIMAL_COMMA: Form = Form::Csv(Csv { delimiter: ';', decimal_comma: true, ..PLAIN });
/// Semicolons in ISO-8859-1, as an old laboratory system writes it.
pub(crate) const CSV_LATIN1: Form = Form::Csv(Csv { delimiter: ';', latin1: true, ..PLAIN });
/// Vertical bars.
pub(crate) const CSV_BAR: Form = Form::Csv(Csv { delimiter: '|', ..PLAIN });

impl Form {
    /// The media type that the catalogue declares and the server sends.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Csv(_) | Self::Gone => "text/csv",
            Self::Tsv => "text/tab-separated-values",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::GeoJson => "application/geo+json",
        }
    }

    /// The short name people use.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv(_) | Self::Gone => "CSV",
            Self::Tsv => "TSV",
            Self::Json => "JSON",
            Self::Ndjson => "NDJSON",
            Self::GeoJson => "GeoJSON",
        }
    }

    /// The entry of the EU file type authority table; NDJSON has none of its own there.
    pub(crate) fn file_type(self) -> &'static str {
        match self {
            Self::Csv(_) | Self::Gone => "CSV",
            Self::Tsv => "TSV",
            Self::Json | Self::Ndjson => "JSON",
            Self::GeoJson => "GEOJSON",
        }
    }

    /// What the server sends as `Content-Type`.
    pub(crate) fn content_type(self) -> String {
        match self {
            Self::Csv(Csv { latin1: true, .. }) => "text/csv; charset=iso-8859-1".to_owned(),
            Self::Csv(_) | Self::Tsv => format!("{}; charset=utf-8", self.media_type()),
            Self::Json | Self::Ndjson | Self::GeoJson | Self::Gone => self.media_type().to_owned(),
        }
    }

    /// The file's bytes.
    pub(crate) fn write(self, table: &Table) -> Vec<u8> {
        match self {
            Self::Csv(csv) => write_csv(csv, table),
            Self::Tsv => write_csv(Csv { delimiter: '\t', ..PLAIN }, table),
            Self::Json => write_json(table),
            Self::Ndjson => write_ndjson(table),
            Self::GeoJson => write_geojson(table),
            Self::Gone => Vec::new(),
        }
    }
}

fn write_csv(csv: Csv, table: &Table) -> Vec<u8> {
    let mut out = String::new();
    if csv.bom {
        out.push('\u{feff}');
    }
    let head: Vec<String> = table.columns.iter().map(|name| quoted(name, csv.delimiter)).collect();
    push_line(&mut out, &head, csv.delimiter);
    for (at, row) in table.rows.iter().enumerate() {
        let mut values: Vec<String> = row.iter().map(|cell| csv_value(cell, csv)).collect();
        if csv.ragged_row == Some(at.saturating_add(1)) {
            values.push("see remark".to_owned());
        }
        push_line(&mut out, &values, csv.delimiter);
    }
    if csv.latin1 { latin1(&out) } else { out.into_bytes() }
}

fn push_line(out: &mut String, values: &[String], delimiter: char) {
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        out.push_str(value);
    }
    out.push_str("\r\n");
}

fn csv_value(cell: &Cell, csv: Csv) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => quoted(text, csv.delimiter),
        Cell::Whole(number) => number.to_string(),
        Cell::Decimal(..) if csv.decimal_comma => quoted(&decimal(cell).replace('.', ","), csv.delimiter),
        Cell::Decimal(..) => decimal(cell),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Geometry(json) => quoted(json, csv.delimiter),
    }
}

fn quoted(text: &str, delimiter: char) -> String {
    if text.contains([delimiter, '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A decimal with its number of decimals; zero never carries a sign.
fn decimal(cell: &Cell) -> String {
    let Cell::Decimal(number, decimals) = cell else { return String::new() };
    let text = format!("{number:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|c: char| ('1'..='9').contains(&c)) => rest.to_owned(),
        _ => text,
    }
}

/// Characters beyond ISO-8859-1 become `?`; no authored text has one.
fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

fn write_json(table: &Table) -> Vec<u8> {
    let mut out = String::from("[\n");
    for (at, row) in table.rows.iter().enumerate() {
        if at > 0 {
            out.push_str(",\n");
        }
        push_object(&mut out, &table.columns, row, |_| true);
    }
    out.push_str("\n]\n");
    out.into_bytes()
}

fn write_ndjson(table: &Table) -> Vec<u8> {
    let mut out = String::new();
    for row in &table.rows {
        push_object(&mut out, &table.columns, row, |_| true);
        out.push('\n');
    }
    out.into_bytes()
}

fn write_geojson(table: &Table) -> Vec<u8> {
    let mut out = String::from("{\"type\":\"FeatureCollection\",\"features\":[\n");
    for (at, row) in table.rows.iter().enumerate() {
        if at > 0 {
            out.push_str(",\n");
        }
        out.push_str("{\"type\":\"Feature\",\"geometry\":");
        out.push_str(&geometry(table, row));
        out.push_str(",\"properties\":");
        push_object(&mut out, &table.columns, row, |name| !["longitude", "latitude", "geometry"].contains(&name));
        out.push('}');
    }
    out.push_str("\n]}\n");
    out.into_bytes()
}

fn geometry(table: &Table, row: &[Cell]) -> String {
    let value = |column: &str| table.position(column).and_then(|at| row.get(at));
    match (value("geometry"), value("longitude"), value("latitude")) {
        (Some(Cell::Geometry(json)), _, _) => json.clone(),
        (_, Some(longitude @ Cell::Decimal(..)), Some(latitude @ Cell::Decimal(..))) => {
            format!("{{\"type\":\"Point\",\"coordinates\":[{},{}]}}", decimal(longitude), decimal(latitude))
        }
        _ => "null".to_owned(),
    }
}

fn push_object(out: &mut String, columns: &[&str], row: &[Cell], keep: impl Fn(&str) -> bool) {
    out.push('{');
    let mut first = true;
    for (name, cell) in columns.iter().zip(row).filter(|(name, _)| keep(name)) {
        if !first {
            out.push(',');
        }
        first = false;
        // Writing into a String cannot fail.
        let _ = write!(out, "{}:{}", text_json(name), cell_json(cell));
    }
    out.push('}');
}

fn cell_json(cell: &Cell) -> String {
    match cell {
        Cell::Empty => "null".to_owned(),
        Cell::Text(text) => text_json(text),
        Cell::Whole(number) => number.to_string(),
        Cell::Decimal(..) => decimal(cell),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Geometry(json) => json.clone(),
    }
}

fn text_json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::dec;

    fn small() -> Table {
        let mut table = Table::new(&["name", "value", "longitude", "latitude"]);
        table.push(["Quay; north".into(), dec(-0.04, 1), dec(2.25, 2), dec(54.5, 1)]);
        table.push(["Café".into(), dec(12.5, 1), Cell::Empty, Cell::Empty]);
        table
    }

    #[test]
    fn each_form_writes_what_its_readers_expect() {
        let text = |form: Form| String::from_utf8(form.write(&small())).expect("UTF-8");
        assert_eq!(text(CSV), "name,value,longitude,latitude\r\nQuay; north,0.0,2.25,54.5\r\nCafé,12.5,,\r\n");
        assert_eq!(
            text(CSV_DECIMAL_COMMA),
            "name;value;longitude;latitude\r\n\"Quay; north\";0,0;2,25;54,5\r\nCafé;12,5;;\r\n"
        );
        assert!(text(CSV_BOM).starts_with('\u{feff}'));
        assert!(
            text(Form::Ndjson).ends_with("{\"name\":\"Café\",\"value\":12.5,\"longitude\":null,\"latitude\":null}\n")
        );
        let geo: serde_json::Value = serde_json::from_str(&text(Form::GeoJson)).expect("GeoJSON");
        assert_eq!(geo["features"][0]["geometry"]["coordinates"], serde_json::json!([2.25, 54.5]));
        assert_eq!(geo["features"][1]["geometry"], serde_json::Value::Null);
        assert!(CSV_LATIN1.write(&small()).contains(&0xE9));
    }

    #[test]
    fn a_ragged_row_has_one_value_too_many() {
        let form = Form::Csv(Csv { ragged_row: Some(2), ..PLAIN });
        let text = String::from_utf8(form.write(&small())).expect("UTF-8");
        assert!(text.ends_with("Café,12.5,,,see remark\r\n"), "{text}");
    }
}
