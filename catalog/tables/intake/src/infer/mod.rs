//! What a column holds, from all its values.
//!
//! Each value narrows what the column may still be ([`Profile`]); profiles of parts of a file are merged; at the end one
//! decision is made for all columns together ([`decide()`]), because columns of one file bear witness for each other: which
//! mark stands before decimals, whether the day comes before the month.

pub(crate) mod boolean;
pub(crate) mod date;
mod decide;
pub(crate) mod null;
pub(crate) mod number;
mod profile;
pub(crate) mod shape;

pub(crate) use decide::{Hints, decide};
pub(crate) use profile::Profile;

use fairground_domain::ColumnType;

/// How the values of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Whole numbers.
    Integer { style: number::Styles },
    /// Decimals at a scale.
    Decimal { style: number::Styles, scale: u8 },
    /// Floating point.
    Float { style: number::Styles },
    /// Truth values.
    Boolean,
    /// Days.
    Date { order: date::Orders },
    /// Moments.
    Timestamp { order: date::Orders, utc: bool },
    /// Text, as it stands.
    Text,
    /// Positions.
    Point,
    /// Shapes.
    Geometry,
}

impl Reading {
    /// The type of column that it gives.
    pub(crate) const fn column_type(self) -> ColumnType {
        match self {
            Self::Integer { .. } => ColumnType::Integer,
            Self::Decimal { scale, .. } => ColumnType::Decimal { scale },
            Self::Float { .. } => ColumnType::Float,
            Self::Boolean => ColumnType::Boolean,
            Self::Date { .. } => ColumnType::Date,
            Self::Timestamp { utc, .. } => ColumnType::Timestamp { utc },
            Self::Text => ColumnType::Text,
            Self::Point => ColumnType::Point,
            Self::Geometry => ColumnType::Geometry,
        }
    }
}

/// Drops blanks around a value: ASCII white space and the no-break space.
pub(crate) fn trim(value: &[u8]) -> &[u8] {
    let (Some(first), Some(last)) = (value.first(), value.last()) else { return value };
    if *first > b' ' && *last > b' ' && *first != 0xc2 && *last != 0xa0 {
        return value;
    }
    let mut value = value.trim_ascii();
    while let Some(rest) = value.strip_prefix(b"\xc2\xa0") {
        value = rest.trim_ascii_start();
    }
    while let Some(rest) = value.strip_suffix(b"\xc2\xa0") {
        value = rest.trim_ascii_end();
    }
    value
}
