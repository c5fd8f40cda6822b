//! How tables are said: types of columns, how a file was read, why rows were kept out.

use fairground_domain::{ColumnType, SourceNotes};

use super::{count, plural};

/// What a column holds, in words.
#[must_use]
pub fn type_name(column_type: ColumnType) -> String {
    match column_type {
        ColumnType::Integer => "whole number",
        ColumnType::Decimal { scale: 1 } => "number with 1 decimal",
        ColumnType::Decimal { scale } => return format!("number with {scale} decimals"),
        ColumnType::Float => "number",
        ColumnType::Boolean => "true or false",
        ColumnType::Date => "date",
        ColumnType::Timestamp { utc: true } => "date and time (UTC)",
        ColumnType::Timestamp { utc: false } => "date and time (no time zone stated)",
        ColumnType::Text => "text",
        ColumnType::Point => "place (longitude, latitude)",
        ColumnType::Geometry => "shape on the map",
    }
    .to_owned()
}

/// A file format's name.
#[must_use]
pub fn format_words(format: &str) -> String {
    match format {
        "csv" => "CSV",
        "tsv" => "TSV",
        "xlsx" => "Excel workbook (XLSX)",
        "xls" => "Excel workbook (XLS)",
        "ods" => "OpenDocument spreadsheet (ODS)",
        "json" => "JSON",
        "ndjson" => "JSON lines",
        "parquet" => "Parquet",
        "geojson" => "GeoJSON",
        "shapefile" => "Shapefile",
        other => return other.to_ascii_uppercase(),
    }
    .to_owned()
}

/// How a file was read, in short sentences without a full stop.
#[must_use]
pub fn reading_words(source: &SourceNotes) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(encoding) = &source.encoding {
        said.push(format!("text in {encoding}"));
    }
    if let Some(delimiter) = source.delimiter {
        said.push(format!("columns separated by {}", mark_name(delimiter)));
    }
    if source.decimal_mark == Some(',') {
        said.push("decimals with a comma".to_owned());
    }
    let rows = |number: u32| format!("{} {}", count(u64::from(number)), plural(u64::from(number), "row", "rows"));
    match source.header_rows {
        0 if source.delimiter.is_some() => said.push("no header row: columns are numbered".to_owned()),
        0 | 1 => {}
        several => said.push(format!("a header of {}", rows(several))),
    }
    if source.preamble_rows > 0 {
        said.push(format!("{} above the header left out", rows(source.preamble_rows)));
    }
    if source.footnote_rows > 0 {
        said.push(format!("{} of footnotes left out", rows(source.footnote_rows)));
    }
    said
}

fn mark_name(mark: char) -> String {
    match mark {
        ',' => "commas".to_owned(),
        ';' => "semicolons".to_owned(),
        '\t' => "tabs".to_owned(),
        '|' => "vertical bars".to_owned(),
        ':' => "colons".to_owned(),
        ' ' => "spaces".to_owned(),
        other if other.is_control() => format!("U+{:04X}", u32::from(other)),
        other => format!("“{other}”"),
    }
}

/// Why rows were kept out, in words; the reason's own name where it is a new one.
#[must_use]
pub fn reason_words(reason: &str) -> String {
    match reason {
        "too-many-fields" => "more fields than columns",
        "too-few-fields" => "fewer fields than columns",
        "unclosed-quote" => "a quote that is never closed",
        "field-too-long" => "a field longer than the limit",
        "nul-byte" => "a byte that no text holds (NUL)",
        other => return other.replace('-', " "),
    }
    .to_owned()
}

/// A message of the machinery as a sentence.
#[must_use]
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    // An address or a name in code stays as it is.
    let starts_with_word = text.split_whitespace().next().is_some_and(|word| word.chars().all(char::is_alphabetic));
    let mut said: String = if starts_with_word { first.to_uppercase().collect() } else { first.to_string() };
    said.push_str(chars.as_str());
    if !said.ends_with(['.', '!', '?', '…']) {
        said.push('.');
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_told_where_it_is_not_plain() {
        let mut source = SourceNotes { format: "csv".to_owned(), header_rows: 1, ..SourceNotes::default() };
        assert_eq!(reading_words(&source), Vec::<String>::new());
        source.encoding = Some("windows-1252".to_owned());
        source.delimiter = Some(';');
        source.decimal_mark = Some(',');
        source.preamble_rows = 3;
        source.footnote_rows = 1;
        source.header_rows = 2;
        assert_eq!(
            reading_words(&source).join(", "),
            "text in windows-1252, columns separated by semicolons, decimals with a comma, a header of 2 rows, \
             3 rows above the header left out, 1 row of footnotes left out"
        );
        source.header_rows = 0;
        assert!(reading_words(&source).contains(&"no header row: columns are numbered".to_owned()));
        assert_eq!(mark_name('\u{1f}'), "U+001F");
    }

    #[test]
    fn messages_become_sentences() {
        for (text, said) in [
            ("not a table: a web page", "Not a table: a web page."),
            ("https://a.test answered 404", "https://a.test answered 404."),
            ("Done.", "Done."),
            ("  ", ""),
        ] {
            assert_eq!(sentence(text), said);
        }
        assert_eq!(reason_words("too-few-fields"), "fewer fields than columns");
        assert_eq!(reason_words("not-in-list"), "not in list");
    }
}
