//! Values as plans hold them: already of the column's kind, so that an executor compares without converting.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// One value of a column, in the form that snapshots store.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// No value.
    Null,
    /// Of an integer column.
    Integer(i64),
    /// Of a fixed-point column: the digits without the point, at the column's scale.
    Decimal(i64),
    /// Of a floating-point column; never NaN (the loader keeps NaN out).
    Float(f64),
    /// Truth value.
    Boolean(bool),
    /// Days since 1970-01-01.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00, in UTC or civil time as the column says.
    Timestamp(i64),
    /// Text.
    Text(String),
    /// A shape, as WKB.
    Geometry(Vec<u8>),
}

impl Value {
    /// Order within one column: by size; texts by code point; nothing after everything (in ascending order and in
    /// descending order alike, which is the sorter's business). Shapes have no order.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b))
            | (Self::Decimal(a), Self::Decimal(b))
            | (Self::Timestamp(a), Self::Timestamp(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.total_cmp(b),
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            (Self::Date(a), Self::Date(b)) => a.cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Geometry(a), Self::Geometry(b)) => a.cmp(b),
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Boolean(_) => 0,
            Self::Integer(_) => 1,
            Self::Decimal(_) => 2,
            Self::Float(_) => 3,
            Self::Date(_) => 4,
            Self::Timestamp(_) => 5,
            Self::Text(_) => 6,
            Self::Geometry(_) => 7,
            Self::Null => 8,
        }
    }
}

impl Value {
    /// A number as a float; `scale` are the digits after the point of a fixed-point decimal. `None` for what is no number.
    #[must_use]
    pub fn as_f64(&self, scale: u8) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Decimal(digits) => Some(*digits as f64 / 10f64.powi(i32::from(scale))),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }
}
