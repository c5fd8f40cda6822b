//! Columns of fixed width: numbers, truth values, dates, timestamps.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::Buffer;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use fairground_domain::ColumnType;

use super::order::{self, Valid};
use super::{DICTIONARY_MAX, Task};
use crate::column::encoding;
use crate::error::ColumnsError;
use crate::format::Kind;
use crate::key;
use crate::source::ColumnSource;

pub(super) fn build(task: &Task<'_>, source: &dyn ColumnSource) -> Result<(), ColumnsError> {
    let mut keys: Vec<u64> = Vec::with_capacity(task.rows as usize);
    let mut valid = Valid::default();
    let wanted = arrow_type(task.column_type);
    task.each_piece(source.column(task.column as usize)?, &wanted, &mut |_, piece| {
        push_keys(task, piece, &mut keys)?;
        (0..piece.len()).for_each(|at| valid.push(piece.is_valid(at)));
        Ok(())
    })?;
    let key = |row: u32| keys.get(row as usize).copied().unwrap_or_default();
    let order = order::sorted(task, &|row| valid.get(row), &key, None)?;
    let non_null = valid.non_null();
    let values = order.get(..non_null).unwrap_or_default();
    let dictionary_max = task.tuning.dictionary_values.min(DICTIONARY_MAX);
    let mut distinct: Vec<u64> = Vec::new();
    for row in values {
        if distinct.last() != Some(&key(*row)) {
            distinct.push(key(*row));
            if distinct.len() > dictionary_max {
                break;
            }
        }
    }
    if distinct.len() > dictionary_max {
        task.write_meta(encoding::FIXED, 0, non_null, 0)?;
        task.write(Kind::Order, &Buffer::from_vec(order))?;
        task.write(Kind::Keys, &Buffer::from_vec(keys))?;
        if let Some(words) = valid.into_words() {
            task.write(Kind::Valid, &Buffer::from_vec(words))?;
        }
        return Ok(());
    }
    let mut starts: Vec<u32> = Vec::with_capacity(distinct.len() + 2);
    let mut codes = vec![u16::try_from(distinct.len()).unwrap_or(u16::MAX); task.rows as usize];
    let mut last = None;
    for (at, row) in values.iter().enumerate() {
        if last != Some(key(*row)) {
            last = Some(key(*row));
            starts.push(u32::try_from(at).unwrap_or(u32::MAX));
        }
        if let Some(code) = codes.get_mut(*row as usize) {
            *code = u16::try_from(starts.len() - 1).unwrap_or(u16::MAX);
        }
    }
    starts.push(u32::try_from(non_null).unwrap_or(u32::MAX));
    starts.push(task.rows);
    drop(keys);
    task.write(Kind::DictionaryKeys, &Buffer::from_vec(distinct))?;
    write_coded(task, codes, starts, order, non_null)
}

/// What all dictionary columns have: codes, where each code's rows begin, and the rows in order.
pub(super) fn write_coded(
    task: &Task<'_>,
    codes: Vec<u16>,
    starts: Vec<u32>,
    order: Vec<u32>,
    non_null: usize,
) -> Result<(), ColumnsError> {
    let distinct = starts.len().saturating_sub(2);
    let narrow = distinct <= usize::from(u8::MAX);
    task.write_meta(encoding::DICTIONARY, distinct, non_null, if narrow { 1 } else { 2 })?;
    task.write(Kind::Starts, &Buffer::from_vec(starts))?;
    task.write(Kind::Order, &Buffer::from_vec(order))?;
    if narrow {
        let codes: Vec<u8> = codes.into_iter().map(|code| u8::try_from(code).unwrap_or(u8::MAX)).collect();
        task.write(Kind::Codes, &codes)
    } else {
        task.write(Kind::Codes, &Buffer::from_vec(codes))
    }
}

fn arrow_type(column_type: ColumnType) -> DataType {
    match column_type {
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal { scale } => DataType::Decimal128(18, i8::try_from(scale).unwrap_or_default()),
        ColumnType::Float => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp { utc } => DataType::Timestamp(TimeUnit::Microsecond, utc.then(|| "UTC".into())),
        ColumnType::Text => DataType::Utf8,
        ColumnType::Point | ColumnType::Geometry => DataType::Binary,
    }
}

/// Appends the keys of a piece; rows without a value get any.
fn push_keys(task: &Task<'_>, piece: &ArrayRef, keys: &mut Vec<u64>) -> Result<(), ColumnsError> {
    match task.column_type {
        ColumnType::Integer => keys.extend(piece.as_primitive::<Int64Type>().values().iter().map(|v| key::of_i64(*v))),
        ColumnType::Timestamp { .. } => {
            keys.extend(piece.as_primitive::<TimestampMicrosecondType>().values().iter().map(|v| key::of_i64(*v)));
        }
        ColumnType::Decimal { .. } => {
            for value in piece.as_primitive::<Decimal128Type>() {
                let value = i64::try_from(value.unwrap_or_default()).map_err(|_| {
                    ColumnsError::Snapshot(format!("column `{}`: a decimal beyond 18 digits", task.name))
                })?;
                keys.push(key::of_i64(value));
            }
        }
        ColumnType::Float => keys.extend(piece.as_primitive::<Float64Type>().values().iter().map(|v| key::of_f64(*v))),
        ColumnType::Date => {
            keys.extend(piece.as_primitive::<Date32Type>().values().iter().map(|v| key::of_i64(i64::from(*v))));
        }
        ColumnType::Boolean => {
            let values = piece.as_boolean().values();
            keys.extend(values.iter().map(u64::from));
        }
        ColumnType::Text | ColumnType::Point | ColumnType::Geometry => {}
    }
    Ok(())
}
