//! Rows as CSV (RFC 4180): commas, CRLF, quotation marks where needed. An empty text is `""`, nothing is nothing.

use fairground_tables_query::geometry::{read_wkb, write_wkt};

use super::cells::Cells;
use super::{write_date, write_decimal, write_float, write_integer, write_timestamp};

/// Texts that begin so may be taken for formulas.
const FORMULA_STARTERS: &[u8] = b"=+-@\t\r";

/// Appends one row.
pub(crate) fn write_row(cells: &[Cells<'_>], row: usize, safe: bool, out: &mut Vec<u8>) {
    // Readers skip empty lines, and with them rows.
    if let [only] = cells
        && only.is_null(row)
    {
        out.extend_from_slice(b"\"\"");
    }
    for (at, cells) in cells.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_cell(cells, row, safe, out);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends the header.
pub(crate) fn write_header<'a>(names: impl IntoIterator<Item = &'a str>, safe: bool, out: &mut Vec<u8>) {
    for (at, name) in names.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_text(name, safe, out);
    }
    out.extend_from_slice(b"\r\n");
}

fn write_cell(cells: &Cells<'_>, row: usize, safe: bool, out: &mut Vec<u8>) {
    if cells.is_null(row) {
        return;
    }
    match cells {
        Cells::Integer(array) => write_integer(array.value(row), out),
        Cells::Decimal(array, scale) => write_decimal(array.value(row), *scale, out),
        Cells::Float(array) => {
            write_float(array.value(row), out);
        }
        Cells::Boolean(array) => out.extend_from_slice(if array.value(row) { b"true" } else { b"false" }),
        Cells::Date(array) => write_date(array.value(row), out),
        Cells::Timestamp(array, utc) => write_timestamp(array.value(row), *utc, out),
        Cells::Text(array) => write_text(array.value(row), safe, out),
        Cells::Shape(array) => {
            let mut shape = Vec::new();
            write_shape(array.value(row), &mut shape);
            if !shape.is_empty() {
                write_text(&String::from_utf8_lossy(&shape), false, out);
            }
        }
    }
}

/// A shape as well-known text (OGC 06-103r4, section 7); nothing when its bytes are broken.
pub(crate) fn write_shape(wkb: &[u8], out: &mut Vec<u8>) {
    if let Ok(shape) = read_wkb(wkb) {
        out.extend_from_slice(write_wkt(&shape).as_bytes());
    }
}

fn write_text(text: &str, safe: bool, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let starter = safe && bytes.first().is_some_and(|first| FORMULA_STARTERS.contains(first));
    let needs_quotes = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    let edges = |byte: Option<&u8>| byte == Some(&b' ');
    if !bytes.is_empty() && !bytes.iter().any(needs_quotes) && !edges(bytes.first()) && !edges(bytes.last()) {
        if starter {
            out.push(b'\'');
        }
        out.extend_from_slice(bytes);
        return;
    }
    out.push(b'"');
    if starter {
        out.push(b'\'');
    }
    for piece in bytes.split_inclusive(|byte| *byte == b'"') {
        out.extend_from_slice(piece);
        if piece.last() == Some(&b'"') {
            out.push(b'"');
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_where_the_standard_says() {
        let cases = [
            ("plain", "plain", "plain"),
            ("", "\"\"", "\"\""),
            ("a,b", "\"a,b\"", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\"", "\"two\nlines\""),
            (" edge", "\" edge\"", "\" edge\""),
            ("=1+1", "=1+1", "'=1+1"),
            ("+41", "+41", "'+41"),
            ("-x", "-x", "'-x"),
            ("@sum", "@sum", "'@sum"),
            ("\tx", "\tx", "'\tx"),
            ("\rx", "\"\rx\"", "\"'\rx\""),
            ("=a,b", "\"=a,b\"", "\"'=a,b\""),
            ("a=b", "a=b", "a=b"),
        ];
        for (text, plain, safe) in cases {
            for (wanted, is_safe) in [(plain, false), (safe, true)] {
                let mut out = Vec::new();
                write_text(text, is_safe, &mut out);
                assert_eq!(String::from_utf8(out).expect("UTF-8"), wanted, "{text:?}");
            }
        }
    }
}
