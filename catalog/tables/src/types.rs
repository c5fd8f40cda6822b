//! Between the values of plans and the arrays of Arrow.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array,
    Float64Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use fairground_domain::ColumnType;
use fairground_tables_query::Value;

/// Digits of fixed-point columns.
const DECIMAL_DIGITS: u8 = 18;

/// How a column of a snapshot is stored (the table at [`ColumnType`]).
pub(crate) fn arrow_type(column: ColumnType) -> DataType {
    match column {
        ColumnType::Integer => DataType::Int64,
        ColumnType::Decimal { scale } => DataType::Decimal128(DECIMAL_DIGITS, i8::try_from(scale).unwrap_or(i8::MAX)),
        ColumnType::Float => DataType::Float64,
        ColumnType::Boolean => DataType::Boolean,
        ColumnType::Date => DataType::Date32,
        ColumnType::Timestamp { utc } => DataType::Timestamp(TimeUnit::Microsecond, utc.then(|| "UTC".into())),
        ColumnType::Text => DataType::Utf8,
        ColumnType::Point | ColumnType::Geometry => DataType::Binary,
    }
}

/// The value at a place; `Null` where there is none, nothing where the array is of no type that snapshots store or holds more
/// than a value can (a sum beyond 18 digits).
pub(crate) fn value_at(array: &ArrayRef, at: usize) -> Option<Value> {
    if at >= array.len() {
        return None;
    }
    if array.is_null(at) {
        return Some(Value::Null);
    }
    match array.data_type() {
        DataType::Int64 => primitive::<Int64Type>(array, at).map(Value::Integer),
        DataType::Decimal128(..) => {
            primitive::<Decimal128Type>(array, at).and_then(|digits| i64::try_from(digits).ok()).map(Value::Decimal)
        }
        DataType::Float64 => primitive::<Float64Type>(array, at).map(Value::Float),
        DataType::Boolean => array.as_boolean_opt().map(|array| Value::Boolean(array.value(at))),
        DataType::Date32 => primitive::<Date32Type>(array, at).map(Value::Date),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            primitive::<TimestampMicrosecondType>(array, at).map(Value::Timestamp)
        }
        DataType::Utf8 => array.as_string_opt::<i32>().map(|array| Value::Text(array.value(at).to_owned())),
        DataType::Binary => array.as_binary_opt::<i32>().map(|array| Value::Geometry(array.value(at).to_vec())),
        _ => None,
    }
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef, at: usize) -> Option<T::Native> {
    array.as_primitive_opt::<T>().map(|array| array.value(at))
}

/// A value as an array of one, of exactly this type; nothing when it is of another kind.
pub(crate) fn array_of(value: &Value, data_type: &DataType) -> Option<ArrayRef> {
    Some(match (value, data_type) {
        (Value::Integer(number), DataType::Int64) => Arc::new(Int64Array::from_value(*number, 1)),
        (Value::Integer(number) | Value::Decimal(number), DataType::Decimal128(precision, scale)) => {
            let array = Decimal128Array::from_value(i128::from(*number), 1);
            Arc::new(array.with_precision_and_scale(*precision, *scale).ok()?)
        }
        (Value::Float(number), DataType::Float64) => Arc::new(Float64Array::from_value(*number, 1)),
        (Value::Boolean(truth), DataType::Boolean) => Arc::new(BooleanArray::from(vec![*truth])),
        (Value::Date(days), DataType::Date32) => Arc::new(Date32Array::from_value(*days, 1)),
        (Value::Timestamp(micros), DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            Arc::new(TimestampMicrosecondArray::from_value(*micros, 1).with_timezone_opt(zone.clone()))
        }
        (Value::Text(text), DataType::Utf8) => Arc::new(StringArray::from_iter_values([text])),
        (Value::Geometry(wkb), DataType::Binary) => Arc::new(BinaryArray::from_iter_values([wkb])),
        _ => return None,
    })
}

/// The value as a number that is equal exactly when values are: for sets. Texts and shapes have none.
pub(crate) fn key_of(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) | Value::Decimal(number) | Value::Timestamp(number) => Some(*number),
        Value::Float(number) => Some(number.to_bits().cast_signed()),
        Value::Boolean(truth) => Some(i64::from(*truth)),
        Value::Date(days) => Some(i64::from(*days)),
        Value::Null | Value::Text(_) | Value::Geometry(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_the_way_through_an_array() {
        let cases = [
            (Value::Integer(-3), ColumnType::Integer),
            (Value::Decimal(1_250), ColumnType::Decimal { scale: 2 }),
            (Value::Float(-0.0), ColumnType::Float),
            (Value::Boolean(true), ColumnType::Boolean),
            (Value::Date(-1), ColumnType::Date),
            (Value::Timestamp(5), ColumnType::Timestamp { utc: true }),
            (Value::Timestamp(5), ColumnType::Timestamp { utc: false }),
            (Value::Text("é".to_owned()), ColumnType::Text),
            (Value::Geometry(vec![1, 2]), ColumnType::Point),
        ];
        for (value, column_type) in cases {
            let data_type = arrow_type(column_type);
            let array = array_of(&value, &data_type).expect("the same kind");
            assert_eq!(array.data_type(), &data_type);
            assert_eq!(value_at(&array, 0), Some(value));
            assert_eq!(value_at(&array, 1), None);
        }
        assert!(array_of(&Value::Text(String::new()), &DataType::Int64).is_none());
    }
}
