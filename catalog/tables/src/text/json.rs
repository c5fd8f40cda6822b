//! Rows as JSON objects.

use arrow::array::RecordBatch;
use arrow::error::ArrowError;
use fairground_domain::ColumnType;
use fairground_tables_columns::write_json_text;
use fairground_tables_query::Value;
use fairground_tables_query::geometry::write_geojson;

use super::cells::Cells;
use super::{write_date, write_decimal, write_float, write_integer, write_timestamp};

/// Writes rows whose members have these names, in this order.
#[derive(Debug)]
pub(crate) struct RowWriter {
    /// What stands before each value: `{"name":` or `,"name":`.
    heads: Vec<Vec<u8>>,
}

impl RowWriter {
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let heads = names.into_iter().enumerate().map(|(at, name)| {
            let mut head = Vec::with_capacity(name.len() + 4);
            head.push(if at == 0 { b'{' } else { b',' });
            write_text(name, &mut head);
            head.push(b':');
            head
        });
        Self { heads: heads.collect() }
    }

    /// How many members a row has.
    pub(crate) fn len(&self) -> usize {
        self.heads.len()
    }

    /// The columns of a batch that have names; further ones (row numbers) are left out.
    pub(crate) fn cells<'a>(&self, batch: &'a RecordBatch) -> Result<Vec<Cells<'a>>, ArrowError> {
        batch.columns().iter().take(self.heads.len()).map(Cells::of).collect()
    }

    /// Appends one row.
    pub(crate) fn write(&self, cells: &[Cells<'_>], row: usize, out: &mut Vec<u8>) {
        for (head, cells) in self.heads.iter().zip(cells) {
            out.extend_from_slice(head);
            write_cell(cells, row, out);
        }
        self.end(out);
    }

    /// Appends one row of values; `types` say how they are written.
    pub(crate) fn write_values(&self, types: &[ColumnType], values: &[Value], out: &mut Vec<u8>) {
        for ((head, column_type), value) in self.heads.iter().zip(types).zip(values) {
            out.extend_from_slice(head);
            write_value(value, *column_type, out);
        }
        self.end(out);
    }

    fn end(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.heads.is_empty() { b"{}" } else { b"}" });
    }
}

/// One value; nothing as `null`.
pub(crate) fn write_cell(cells: &Cells<'_>, row: usize, out: &mut Vec<u8>) {
    if cells.is_null(row) {
        out.extend_from_slice(b"null");
        return;
    }
    match cells {
        Cells::Integer(array) => write_integer(array.value(row), out),
        Cells::Decimal(array, scale) => write_decimal(array.value(row), *scale, out),
        Cells::Float(array) => write_number(array.value(row), out),
        Cells::Boolean(array) => write_truth(array.value(row), out),
        Cells::Date(array) => quoted(out, |out| write_date(array.value(row), out)),
        Cells::Timestamp(array, utc) => quoted(out, |out| write_timestamp(array.value(row), *utc, out)),
        Cells::Text(array) => write_text(array.value(row), out),
        Cells::Shape(array) => write_shape(array.value(row), out),
    }
}

fn write_value(value: &Value, column_type: ColumnType, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Integer(number) => write_integer(*number, out),
        Value::Decimal(digits) => {
            let scale = if let ColumnType::Decimal { scale } = column_type { scale } else { 0 };
            write_decimal(i128::from(*digits), scale, out);
        }
        Value::Float(number) => write_number(*number, out),
        Value::Boolean(truth) => write_truth(*truth, out),
        Value::Date(days) => quoted(out, |out| write_date(*days, out)),
        Value::Timestamp(micros) => {
            let utc = column_type == ColumnType::Timestamp { utc: true };
            quoted(out, |out| write_timestamp(*micros, utc, out));
        }
        Value::Text(text) => write_text(text, out),
        Value::Geometry(wkb) => write_shape(wkb, out),
    }
}

fn write_number(number: f64, out: &mut Vec<u8>) {
    if !write_float(number, out) {
        out.extend_from_slice(b"null");
    }
}

fn write_truth(truth: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if truth { b"true" } else { b"false" });
}

fn write_shape(wkb: &[u8], out: &mut Vec<u8>) {
    if write_geojson(wkb, out).is_err() {
        out.extend_from_slice(b"null");
    }
}

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

/// A text between quotation marks, as the index writes it too: both engines answer with the same bytes.
pub(crate) fn write_text(text: &str, out: &mut Vec<u8>) {
    write_json_text(text.as_bytes(), out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_reads_back() {
        for text in ["", "plain", "q\"b\\n\nt\tr\r\u{1}\u{1f}é東", "\u{7f}"] {
            let mut out = Vec::new();
            write_text(text, &mut out);
            assert_eq!(serde_json::from_slice::<String>(&out).expect("JSON"), text);
        }
    }

    #[test]
    fn a_row_of_values_is_an_object() {
        let writer = RowWriter::new(["a", "b", "c\""]);
        let types = [ColumnType::Decimal { scale: 2 }, ColumnType::Timestamp { utc: true }, ColumnType::Text];
        let values = [Value::Decimal(150), Value::Timestamp(0), Value::Null];
        let mut out = Vec::new();
        writer.write_values(&types, &values, &mut out);
        assert_eq!(String::from_utf8(out).expect("UTF-8"), r#"{"a":1.50,"b":"1970-01-01T00:00:00Z","c\"":null}"#);
    }
}
