//! Tables: what a snapshot is made of, as everybody who handles one sees it.
//!
//! Plain values: the loader fills them, the store keeps them as documents, the engine answers by them, the wire shows them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hash::ContentHash;

/// What kind of value a column holds. A column has one kind for all its rows, known from the whole file.
///
/// | type | in Parquet and Arrow | in JSON |
/// | --- | --- | --- |
/// | integer | Int64 | number |
/// | decimal, fixed point | Decimal128(18, scale) | number |
/// | decimal, floating point | Float64 | number |
/// | boolean | Boolean | true, false |
/// | date | Date32 (days since 1970-01-01) | `2024-02-29` |
/// | timestamp | Timestamp(µs), zone `UTC` when `utc` | `2024-02-29T12:30:00Z`, without `Z` when civil time |
/// | text | Utf8 | string |
/// | point, geometry | Binary (WKB; WGS 84, longitude first) | GeoJSON geometry |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ColumnType {
    /// Whole numbers within 64 bits.
    Integer,
    /// Exact decimals of at most 18 digits, `scale` of them after the point.
    Decimal {
        /// Digits after the point, 1 to 12.
        scale: u8,
    },
    /// Decimals with an exponent, or with more digits than fixed point holds.
    Float,
    /// Truth values.
    Boolean,
    /// Days.
    Date,
    /// Moments.
    Timestamp {
        /// Whether the values name their distance to UTC (and are kept in UTC); otherwise they are civil time without a zone.
        utc: bool,
    },
    /// Everything else, and codes: what has leading zeros, mixes letters and digits, or is too long for a number.
    Text,
    /// Places: one position a row.
    Point,
    /// Shapes of any kind.
    Geometry,
}

impl ColumnType {
    /// The public name: `integer`, `decimal`, `boolean`, `date`, `timestamp`, `text`, `point` or `geometry`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal { .. } | Self::Float => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Timestamp { .. } => "timestamp",
            Self::Text => "text",
            Self::Point => "point",
            Self::Geometry => "geometry",
        }
    }

    /// Whether values can be added up.
    #[must_use]
    pub const fn is_numeric(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal { .. } | Self::Float)
    }

    /// Whether values are places or shapes.
    #[must_use]
    pub const fn is_spatial(self) -> bool {
        matches!(self, Self::Point | Self::Geometry)
    }

    /// Whether values lie on the time line.
    #[must_use]
    pub const fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp { .. })
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// The name in addresses and answers: unique in the table whatever the case, 1 to 63 of `a-z 0-9 _`, no digit first.
    pub name: String,
    /// The name as the file gives it, which may be empty.
    pub title: String,
    /// What it holds.
    #[serde(flatten)]
    pub column_type: ColumnType,
    /// What a data dictionary beside the file says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The only values it may hold, where a published schema names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowed: Vec<String>,
    /// What its values are like; filled by the load.
    #[serde(default)]
    pub statistics: ColumnStatistics,
}

/// What is known of a column's values. Bounds and top values are written as in CSV ([`ColumnType`]'s plain text form).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnStatistics {
    /// Rows with a value.
    pub count: u64,
    /// Rows without one.
    pub nulls: u64,
    /// Different values, estimated (exact up to some thousands).
    pub distinct: u64,
    /// Whether `distinct` is exact.
    pub distinct_is_exact: bool,
    /// The least value; texts by code point, cut at 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// The greatest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// The mean of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// The longest text, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest: Option<u32>,
    /// The most frequent values with their rows, most frequent first (at most 20; estimated in columns of many values).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<TopValue>,
    /// Numbers, dates and timestamps in ranges of equal width; the last bound is inside the last range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub histogram: Option<Histogram>,
    /// West, south, east, north of all shapes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bbox: Option<[f64; 4]>,
}

/// A frequent value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopValue {
    /// The value.
    pub value: String,
    /// How many rows hold it.
    pub rows: u64,
}

/// Counts by ranges of equal width.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The bounds, one more than there are counts; seconds since 1970 for times.
    pub bounds: Vec<f64>,
    /// Rows in each range.
    pub counts: Vec<u64>,
}

/// An immutable version of a table's content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Its name in the object store: the fingerprint of what it was made from (file, sheet, published schema, loader).
    pub key: ContentHash,
    /// The table's name within its file: the sheet, the file in an archive, or the file itself without its ending.
    pub name: String,
    /// Rows in it.
    pub rows: u64,
    /// Its columns, in the order of the file. At most [`COLUMNS_MAX`].
    pub columns: Vec<Column>,
    /// Rows that could not be taken.
    pub quarantine: QuarantineSummary,
    /// How the file was read, for people: format, encoding, delimiter, header rows and the like.
    pub source: SourceNotes,
    /// Length of the Parquet file, in bytes.
    pub parquet_bytes: u64,
}

/// Columns that a table may have at most.
pub const COLUMNS_MAX: usize = 4_096;

impl Snapshot {
    /// The place of a column, by its public name, or by its title where only one column has it.
    #[must_use]
    pub fn find_column(&self, name: &str) -> Option<usize> {
        if let Some(at) = self.columns.iter().position(|column| column.name == name) {
            return Some(at);
        }
        let mut titled = self.columns.iter().enumerate().filter(|(_, column)| column.title == name);
        match (titled.next(), titled.next()) {
            (Some((at, _)), None) => Some(at),
            _ => None,
        }
    }
}

/// Rows that were kept out, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuarantineSummary {
    /// Rows kept out; each stands in the quarantine file with line, raw text and reason.
    pub rows: u64,
    /// Rows by reason, such as `too-many-fields`.
    pub reasons: Vec<(String, u64)>,
}

/// How a file was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceNotes {
    /// `csv`, `xlsx`, `ods`, `xls`, `json`, `ndjson`, `parquet`, `geojson`, `shapefile`.
    pub format: String,
    /// The file's name, as it was given or within its archive.
    pub file: String,
    /// The text encoding's name (WHATWG Encoding standard), for text files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What stands between fields, for delimited text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// What encloses fields, for delimited text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// `.` or `,` in the file's decimals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal_mark: Option<char>,
    /// Rows before the header that were left out.
    pub preamble_rows: u32,
    /// Rows that make up the header; 0 when the file has none.
    pub header_rows: u32,
    /// Rows after the data that were left out as footnotes.
    pub footnote_rows: u32,
    /// What people should know, in sentences: a date order that was assumed, a column that was renamed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// How a new version's columns stand to the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaChange {
    /// The first version.
    First,
    /// The same names and types.
    Same,
    /// Only new columns, or types that hold all that the old ones held (integer to decimal).
    Compatible,
    /// A column went, or its type changed: callers must look.
    Breaking,
}

impl SchemaChange {
    /// As it is written in rows, events and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Same => "same",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }

    /// Classes the step from one version's columns to the next.
    #[must_use]
    pub fn between(before: &[Column], after: &[Column]) -> Self {
        let mut change = if before.len() == after.len() { Self::Same } else { Self::Compatible };
        for old in before {
            let Some(new) = after.iter().find(|column| column.name == old.name) else { return Self::Breaking };
            if new.column_type == old.column_type {
                continue;
            }
            match (old.column_type, new.column_type) {
                (ColumnType::Integer, ColumnType::Decimal { .. } | ColumnType::Float)
                | (ColumnType::Decimal { .. }, ColumnType::Decimal { .. } | ColumnType::Float)
                | (ColumnType::Float, ColumnType::Decimal { .. })
                | (ColumnType::Point, ColumnType::Geometry) => change = Self::Compatible,
                _ => return Self::Breaking,
            }
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, column_type: ColumnType) -> Column {
        Column {
            name: name.to_owned(),
            title: name.to_owned(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics::default(),
        }
    }

    #[test]
    fn a_step_between_versions_is_classed() {
        let base = vec![column("a", ColumnType::Integer), column("b", ColumnType::Text)];
        let cases = [
            (base.clone(), SchemaChange::Same),
            (vec![column("b", ColumnType::Text), column("a", ColumnType::Integer)], SchemaChange::Same),
            (
                vec![column("a", ColumnType::Decimal { scale: 2 }), column("b", ColumnType::Text)],
                SchemaChange::Compatible,
            ),
            ([base.clone(), vec![column("c", ColumnType::Date)]].concat(), SchemaChange::Compatible),
            (vec![column("a", ColumnType::Integer)], SchemaChange::Breaking),
            (vec![column("a", ColumnType::Text), column("b", ColumnType::Text)], SchemaChange::Breaking),
        ];
        for (after, expected) in cases {
            assert_eq!(SchemaChange::between(&base, &after), expected, "{after:?}");
        }
    }

    #[test]
    fn a_column_keeps_its_shape_as_json() {
        let column = column("height", ColumnType::Decimal { scale: 2 });
        let text = serde_json::to_string(&column).unwrap();
        assert!(text.contains(r#""kind":"decimal","scale":2"#), "{text}");
        assert_eq!(serde_json::from_str::<Column>(&text).unwrap(), column);
    }
}
