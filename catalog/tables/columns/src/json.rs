//! Rows as JSON.

use fairground_domain::ColumnType;
use fairground_tables_query::calendar::{DAY_MICROS, date_of};
use fairground_tables_query::geometry::write_geojson;

use crate::column::Column;
use crate::error::ColumnsError;
use crate::key;
use crate::sidecar::Sidecar;

impl Sidecar {
    /// Appends rows as a JSON array of objects: members are the asked columns in the asked order, nothing as `null`.
    ///
    /// Fixed-point decimals keep the digits of their scale, dates and timestamps are RFC 3339, shapes GeoJSON.
    ///
    /// # Errors
    /// `Mismatch` when there is no such column; `Damaged`.
    pub fn write_json(&self, rows: &[u32], properties: &[usize], out: &mut Vec<u8>) -> Result<(), ColumnsError> {
        out.push(b'[');
        self.write_json_records(rows, properties, b",", out)?;
        out.push(b']');
        Ok(())
    }

    /// Appends rows as JSON objects with something between them: `,` within an array, a line feed for NDJSON.
    ///
    /// # Errors
    /// As [`Self::write_json`].
    pub fn write_json_records(
        &self,
        rows: &[u32],
        properties: &[usize],
        between: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), ColumnsError> {
        let mut members: Vec<(&[u8], &Column)> = Vec::with_capacity(properties.len());
        for property in properties {
            let column = self.column(*property)?;
            members.push((self.columns.get(*property).map_or::<&[u8], _>(&[], |slot| &slot.member), column));
        }
        for (at, row) in rows.iter().enumerate() {
            if at > 0 {
                out.extend_from_slice(between);
            }
            out.push(b'{');
            let mut is_first = true;
            for (member, column) in &members {
                // The comma is before all members but the first.
                out.extend_from_slice(member.get(usize::from(is_first)..).unwrap_or_default());
                is_first = false;
                write_cell(column, *row, out);
            }
            out.push(b'}');
        }
        Ok(())
    }
}

fn write_cell(column: &Column, row: u32, out: &mut Vec<u8>) {
    if row >= column.rows || column.is_null(row) {
        out.extend_from_slice(b"null");
        return;
    }
    match column.column_type {
        ColumnType::Text => write_json_text(column.bytes(row), out),
        ColumnType::Point | ColumnType::Geometry => {
            if write_geojson(column.bytes(row), out).is_err() {
                out.extend_from_slice(b"null");
            }
        }
        other => write_key(other, column.key(row), out),
    }
}

fn write_key(column_type: ColumnType, own: u64, out: &mut Vec<u8>) {
    match column_type {
        ColumnType::Integer => write_integer(key::to_i64(own), out),
        ColumnType::Decimal { scale } => write_decimal(key::to_i64(own), scale, out),
        ColumnType::Float => write_float(key::to_f64(own), out),
        ColumnType::Boolean => out.extend_from_slice(if own != 0 { b"true" } else { b"false" }),
        ColumnType::Date => {
            out.push(b'"');
            write_date(i32::try_from(key::to_i64(own)).unwrap_or_default(), out);
            out.push(b'"');
        }
        ColumnType::Timestamp { utc } => write_timestamp(key::to_i64(own), utc, out),
        ColumnType::Text | ColumnType::Point | ColumnType::Geometry => out.extend_from_slice(b"null"),
    }
}

fn write_integer(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    write_digits(value.unsigned_abs(), 1, out);
}

/// The numbers from 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut at = 0;
    while at < 100 {
        pairs[at] = [b'0' + (at / 10) as u8, b'0' + (at % 10) as u8];
        at += 1;
    }
    pairs
};

/// Decimal digits, at least so many.
fn write_digits(mut value: u64, least: usize, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let (pairs, _) = digits.as_chunks_mut::<2>();
    let mut count = 0;
    for pair in pairs.iter_mut().rev() {
        if value == 0 && count >= least {
            break;
        }
        let two = usize::try_from(value % 100).unwrap_or_default();
        *pair = PAIRS.get(two).copied().unwrap_or_default();
        value /= 100;
        // The first of the last two is a digit only where it counts.
        count += if value == 0 && two < 10 && count + 1 >= least { 1 } else { 2 };
    }
    out.extend_from_slice(digits.get(20 - count..).unwrap_or_default());
}

fn write_decimal(value: i64, scale: u8, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let unit = 10u64.saturating_pow(u32::from(scale));
    let digits = value.unsigned_abs();
    write_digits(digits / unit, 1, out);
    out.push(b'.');
    write_digits(digits % unit, usize::from(scale), out);
}

/// The shortest digits that give the same number again; JSON has no infinities, which are written as `null`.
fn write_float(value: f64, out: &mut Vec<u8>) {
    let before = out.len();
    if serde_json::to_writer(&mut *out, &value).is_err() {
        out.truncate(before);
        out.extend_from_slice(b"null");
    }
}

fn write_date(days: i32, out: &mut Vec<u8>) {
    let (year, month, day) = date_of(days);
    if year < 0 {
        out.push(b'-');
    }
    write_digits(u64::from(year.unsigned_abs()), 4, out);
    out.push(b'-');
    write_digits(u64::from(month), 2, out);
    out.push(b'-');
    write_digits(u64::from(day), 2, out);
}

fn write_timestamp(micros: i64, utc: bool, out: &mut Vec<u8>) {
    let of_day = micros.rem_euclid(DAY_MICROS).unsigned_abs();
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    out.push(b'"');
    write_date(i32::try_from(micros.div_euclid(DAY_MICROS)).unwrap_or_default(), out);
    for (sign, part) in [(b'T', seconds / 3_600), (b':', seconds / 60 % 60), (b':', seconds % 60)] {
        out.push(sign);
        write_digits(part, 2, out);
    }
    if fraction != 0 {
        out.push(b'.');
        write_digits(fraction, 6, out);
        while out.last() == Some(&b'0') {
            out.pop();
        }
    }
    if utc {
        out.push(b'Z');
    }
    out.push(b'"');
}

/// A text in UTF-8 between quotation marks (RFC 8259, section 7).
pub fn write_json_text(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut rest = text;
    while let Some(at) = first_escaped(rest) {
        let (plain, after) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((byte, after)) = after.split_first() else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            other => {
                out.extend_from_slice(b"\\u00");
                out.extend([other >> 4, other & 15].map(|half| HEX.get(usize::from(half)).copied().unwrap_or(b'0')));
            }
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// The place of the first byte that cannot stand as it is.
fn first_escaped(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    let escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let (eights, rest) = text.as_chunks::<8>();
    for (at, eight) in eights.iter().enumerate() {
        let word = u64::from_le_bytes(*eight);
        // A byte's top bit is set where it is zero (or, wrongly, above such a one: then a closer look follows anyway).
        let zero_in = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
        let below = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        if below | zero_in(word ^ (ONES * u64::from(b'"'))) | zero_in(word ^ (ONES * u64::from(b'\\'))) != 0
            && let Some(within) = eight.iter().position(escaped)
        {
            return Some(at * 8 + within);
        }
    }
    let tail = eights.len() * 8;
    rest.iter().position(escaped).map(|within| tail + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_written_as_json_wants_them() {
        for (value, expected) in
            [(0, "0"), (-7, "-7"), (i64::MIN, "-9223372036854775808"), (i64::MAX, "9223372036854775807")]
        {
            assert_eq!(text(|out| write_integer(value, out)), expected);
        }
        for (value, scale, expected) in [(1250, 2, "12.50"), (-5, 2, "-0.05"), (0, 1, "0.0"), (-123_456, 3, "-123.456")]
        {
            assert_eq!(text(|out| write_decimal(value, scale, out)), expected);
        }
        for (value, expected) in [(0.1, "0.1"), (-2.0, "-2.0"), (1e300, "1e+300"), (f64::INFINITY, "null")] {
            assert_eq!(text(|out| write_float(value, out)), expected);
        }
        for (value, least, expected) in [
            (0, 1, "0"),
            (0, 2, "00"),
            (7, 1, "7"),
            (7, 2, "07"),
            (7, 3, "007"),
            (10, 1, "10"),
            (100, 1, "100"),
            (105, 4, "0105"),
            (105, 6, "000105"),
            (12_345, 1, "12345"),
            (1_234_567, 6, "1234567"),
        ] {
            assert_eq!(text(|out| write_digits(value, least, out)), expected);
        }
        for value in [
            "",
            "plain",
            "long and plain, longer than eight",
            "twelve bytes\"",
            "é twelve\\ bytes\n",
            "q\"b\\n\nt\tr\r\u{1}\u{1f}é東",
            "\u{7f}",
        ] {
            let written = text(|out| write_json_text(value.as_bytes(), out));
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), value);
        }
    }

    #[test]
    fn times_are_written_as_the_calendar_writes_them() {
        use fairground_tables_query::calendar::write_timestamp as expected;
        for micros in [0, -1, 1_709_209_800_000_000, 1_709_209_800_120_000, -62_135_596_800_000_001] {
            for utc in [false, true] {
                assert_eq!(text(|out| write_timestamp(micros, utc, out)), format!("\"{}\"", expected(micros, utc)));
            }
        }
    }
}
