//! Values of fixed width as unsigned numbers in the same order, so that one code compares them all.

use fairground_domain::ColumnType;
use fairground_tables_query::Value;

const SIGN: u64 = 1 << 63;

#[inline]
pub(crate) const fn of_i64(value: i64) -> u64 {
    value.cast_unsigned() ^ SIGN
}

#[inline]
pub(crate) const fn to_i64(key: u64) -> i64 {
    (key ^ SIGN).cast_signed()
}

/// As `f64::total_cmp` orders.
#[inline]
pub(crate) const fn of_f64(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

#[inline]
pub(crate) const fn to_f64(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

/// The key of a value of fixed width; nothing for texts, shapes and nothing itself.
pub(crate) fn of_value(value: &Value) -> Option<u64> {
    match value {
        Value::Integer(v) | Value::Decimal(v) | Value::Timestamp(v) => Some(of_i64(*v)),
        Value::Date(v) => Some(of_i64(i64::from(*v))),
        Value::Float(v) => Some(of_f64(*v)),
        Value::Boolean(v) => Some(u64::from(*v)),
        Value::Null | Value::Text(_) | Value::Geometry(_) => None,
    }
}

/// The value of a key.
pub(crate) fn to_value(column_type: ColumnType, key: u64) -> Value {
    match column_type {
        ColumnType::Integer => Value::Integer(to_i64(key)),
        ColumnType::Decimal { .. } => Value::Decimal(to_i64(key)),
        ColumnType::Timestamp { .. } => Value::Timestamp(to_i64(key)),
        ColumnType::Date => Value::Date(i32::try_from(to_i64(key)).unwrap_or_default()),
        ColumnType::Float => Value::Float(to_f64(key)),
        ColumnType::Boolean => Value::Boolean(key != 0),
        ColumnType::Text | ColumnType::Point | ColumnType::Geometry => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_keep_order_and_value() {
        let floats = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, f64::MIN_POSITIVE, 2.0, f64::INFINITY];
        assert!(floats.windows(2).all(|pair| of_f64(pair[0]) < of_f64(pair[1])));
        assert!(floats.iter().all(|v| to_f64(of_f64(*v)).to_bits() == v.to_bits()));
        let whole = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(whole.windows(2).all(|pair| of_i64(pair[0]) < of_i64(pair[1])));
        assert!(whole.iter().all(|v| to_i64(of_i64(*v)) == *v));
    }
}
