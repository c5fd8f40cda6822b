//! Values of Arrow arrays as cells and as JSON text.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::columnar::fault;
use crate::cell::Cell;
use crate::error::IntakeError;

/// Lists within lists in JSON text.
const JSON_DEPTH_MAX: usize = 32;
const DAY_MILLIS: i64 = 86_400_000;

/// Whether WKB (ISO or extended) is of a single position.
pub(super) fn is_point(wkb: &[u8]) -> bool {
    let kind = match wkb {
        [1, a, b, _, _, ..] => u16::from_le_bytes([*a, *b]),
        [0, _, _, b, a, ..] => u16::from_be_bytes([*b, *a]),
        _ => return false,
    };
    kind % 1_000 == 1
}

pub(super) fn is_readable(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')))
}

pub(super) fn bytes_at(array: &ArrayRef, row: usize) -> Option<&[u8]> {
    match array.data_type() {
        DataType::Binary => array.as_binary_opt::<i32>().map(|array| array.value(row)),
        DataType::LargeBinary => array.as_binary_opt::<i64>().map(|array| array.value(row)),
        DataType::BinaryView => array.as_binary_view_opt().map(|array| array.value(row)),
        DataType::FixedSizeBinary(_) => array.as_fixed_size_binary_opt().map(|array| array.value(row)),
        _ => None,
    }
}

fn float(value: f64) -> Cell {
    if value.is_nan() {
        Cell::Quoted("NaN".to_owned())
    } else if value.is_infinite() {
        Cell::Quoted(if value > 0.0 { "inf" } else { "-inf" }.to_owned())
    } else {
        Cell::Float(value)
    }
}

fn unsigned(value: u64) -> Cell {
    i64::try_from(value).map_or_else(|_| Cell::Decimal(value.to_string()), Cell::Integer)
}

fn moment(value: i64, unit: TimeUnit, utc: bool) -> Option<Cell> {
    let micros = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000)?,
        TimeUnit::Millisecond => value.checked_mul(1_000)?,
        TimeUnit::Microsecond => value,
        TimeUnit::Nanosecond => value.div_euclid(1_000),
    };
    Some(Cell::Timestamp { micros, utc })
}

fn decimal(text: String, scale: i8) -> Cell {
    if scale <= 0 { text.parse().map_or(Cell::Decimal(text), Cell::Integer) } else { Cell::Decimal(text) }
}

/// What a type without a kind of its own looks like, in Arrow's words (times of day, intervals).
fn shown(array: &dyn Array, row: usize) -> Result<Cell, IntakeError> {
    let options = FormatOptions::new().with_display_error(true);
    let formatter = ArrayFormatter::try_new(array, &options).map_err(|error| fault(format!("row {row}"), error))?;
    Ok(Cell::Quoted(formatter.value(row).to_string()))
}

/// One value that is not null.
pub(super) fn value(array: &ArrayRef, row: usize) -> Result<Cell, IntakeError> {
    let cell = match array.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
        DataType::Int8 => Cell::Integer(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Cell::Integer(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Cell::Integer(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => unsigned(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => unsigned(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => unsigned(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => unsigned(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float16 => float(array.as_primitive::<Float16Type>().value(row).to_f64()),
        DataType::Float32 => {
            // By way of the shortest digits, so that 0.1 does not become 0.10000000149011612.
            let value = array.as_primitive::<Float32Type>().value(row);
            float(value.to_string().parse().unwrap_or_else(|_| value.into()))
        }
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal32(_, scale) => decimal(array.as_primitive::<Decimal32Type>().value_as_string(row), *scale),
        DataType::Decimal64(_, scale) => decimal(array.as_primitive::<Decimal64Type>().value_as_string(row), *scale),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value_as_string(row), *scale),
        DataType::Decimal256(_, scale) => decimal(array.as_primitive::<Decimal256Type>().value_as_string(row), *scale),
        DataType::Utf8 => Cell::Quoted(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Cell::Quoted(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Cell::Quoted(array.as_string_view().value(row).to_owned()),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Cell::Quoted(hex::encode(bytes_at(array, row).unwrap_or_default()))
        }
        DataType::Date32 => Cell::Date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Date64 => {
            let days = array.as_primitive::<Date64Type>().value(row).div_euclid(DAY_MILLIS);
            i32::try_from(days).map_or(Cell::Null, Cell::Date)
        }
        DataType::Timestamp(unit, zone) => {
            let raw = match unit {
                TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
                TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
                TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
            };
            match moment(raw, *unit, zone.is_some()) {
                Some(cell) => cell,
                None => shown(array, row)?,
            }
        }
        DataType::Dictionary(..) => match array.as_any_dictionary_opt() {
            Some(dictionary) => {
                let key = dictionary.normalized_keys().get(row).copied().unwrap_or(usize::MAX);
                let values = dictionary.values();
                if key >= values.len() || values.is_null(key) { Cell::Null } else { value(values, key)? }
            }
            None => Cell::Null,
        },
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::Struct(_)
        | DataType::Map(..) => {
            let mut out = String::new();
            json(array, row, 0, &mut out)?;
            Cell::Quoted(out)
        }
        DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::Union(..)
        | DataType::RunEndEncoded(..) => shown(array, row)?,
    };
    Ok(cell)
}

/// A value as JSON text.
fn json(array: &ArrayRef, row: usize, depth: usize, out: &mut String) -> Result<(), IntakeError> {
    if array.is_null(row) || depth > JSON_DEPTH_MAX {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::List(_) => json_list(&array.as_list::<i32>().value(row), depth, out),
        DataType::LargeList(_) => json_list(&array.as_list::<i64>().value(row), depth, out),
        DataType::FixedSizeList(..) => json_list(&array.as_fixed_size_list().value(row), depth, out),
        DataType::ListView(_) => json_list(&array.as_list_view::<i32>().value(row), depth, out),
        DataType::LargeListView(_) => json_list(&array.as_list_view::<i64>().value(row), depth, out),
        DataType::Struct(fields) => {
            out.push('{');
            for (at, (field, member)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json_text(field.name(), out);
                out.push(':');
                json(member, row, depth + 1, out)?;
            }
            out.push('}');
            Ok(())
        }
        DataType::Map(..) => json_map(array, row, depth, out),
        _ => {
            match value(array, row)? {
                Cell::Null | Cell::Geometry { .. } | Cell::Unreadable { .. } => out.push_str("null"),
                Cell::Text(text) | Cell::Quoted(text) => json_text(&text, out),
                Cell::Integer(value) => out.push_str(&value.to_string()),
                Cell::Decimal(digits) => out.push_str(&digits),
                Cell::Float(value) => out.push_str(&value.to_string()),
                Cell::Boolean(value) => out.push_str(if value { "true" } else { "false" }),
                Cell::Date(_) | Cell::Timestamp { .. } => {
                    if let Cell::Quoted(text) = shown(array, row)? {
                        json_text(&text, out);
                    }
                }
            }
            Ok(())
        }
    }
}

fn json_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn json_list(values: &ArrayRef, depth: usize, out: &mut String) -> Result<(), IntakeError> {
    out.push('[');
    for row in 0..values.len() {
        if row > 0 {
            out.push(',');
        }
        json(values, row, depth + 1, out)?;
    }
    out.push(']');
    Ok(())
}

/// A map: an object, its keys as text.
fn json_map(array: &ArrayRef, row: usize, depth: usize, out: &mut String) -> Result<(), IntakeError> {
    let entries = array.as_map().value(row);
    out.push('{');
    if let [keys, values, ..] = entries.columns() {
        for at in 0..entries.len() {
            if at > 0 {
                out.push(',');
            }
            let key = match value(keys, at)? {
                Cell::Text(text) | Cell::Quoted(text) => text,
                _ => match shown(keys, at)? {
                    Cell::Quoted(text) => text,
                    _ => String::new(),
                },
            };
            json_text(&key, out);
            out.push(':');
            json(values, at, depth + 1, out)?;
        }
    }
    out.push('}');
    Ok(())
}
