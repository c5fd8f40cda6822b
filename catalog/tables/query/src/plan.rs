//! What a question has become once it is bound to a table's columns: typed, normalised, the same for every executor.
//!
//! Meaning, for all executors alike:
//! - Predicates have three truth values, as in SQL: a comparison with nothing is unknown, `not` of unknown is unknown, a row
//!   is taken when the predicate is true.
//! - Rows come in the order of `sort`; nothing stands last in either direction; ties are broken by row number ascending.
//!   Without `sort` they come by row number.
//! - Row numbers count from 0 in the order of the snapshot.
//! - Columns are places in the snapshot's list of columns.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::value::Value;

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// Whether two values that stand in this order fulfil the comparison.
    #[must_use]
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// Spatial relations (OGC CQL2, section 7.8); both sides WGS 84, longitude first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SpatialRelation {
    /// They share a point.
    Intersects,
    /// They share none.
    Disjoint,
    /// The column's shape lies inside the given one.
    Within,
    /// The given shape lies inside the column's.
    Contains,
}

/// A condition on a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Predicate {
    /// Always so, or never.
    Constant(bool),
    /// All of them; never empty, never nested directly.
    And(Vec<Predicate>),
    /// One of them at least; never empty, never nested directly.
    Or(Vec<Predicate>),
    /// Not so.
    Not(Box<Predicate>),
    /// The column has no value. Never unknown.
    IsNull(usize),
    /// Column against value; the value is of the column's kind and not null.
    Compare(usize, Comparison, Value),
    /// Column against column of the same kind.
    CompareColumns(usize, Comparison, usize),
    /// The column is one of these: of the column's kind, sorted, each once, none null.
    In(usize, Vec<Value>),
    /// Both bounds included.
    Between(usize, Value, Value),
    /// SQL's pattern over a text column: `%` any run, `_` any one character, `\` takes the next literally.
    Like(usize, LikePattern),
    /// A text column compared without regard to case (and to accents, when `accents` is set, as CQL2's `accenti`).
    /// `value` is folded already.
    CompareFolded {
        /// The column.
        column: usize,
        /// How.
        comparison: Comparison,
        /// The other side, folded.
        value: String,
        /// Whether accents are disregarded too.
        accents: bool,
    },
    /// A spatial column against a shape.
    Spatial(usize, SpatialRelation, Shape),
    /// All of these words stand in the text columns of the row taken together (`q=`), each as a whole word or, when
    /// `prefix`, as the beginning of one. Words are as `crate::words` makes them. Never unknown.
    Words {
        /// The columns looked at.
        columns: Vec<usize>,
        /// The words.
        words: Vec<Word>,
    },
}

/// A word to look for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Word {
    /// Folded.
    pub text: String,
    /// Whether it may go on (`wat*`).
    pub prefix: bool,
}

/// A pattern of `like`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LikePattern {
    /// The pieces in order.
    pub pieces: Vec<LikePiece>,
    /// Compared without regard to case; literal pieces are folded already.
    pub ignore_case: bool,
    /// Compared without regard to accents; literal pieces are folded already.
    pub ignore_accents: bool,
}

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LikePiece {
    /// These characters.
    Literal(String),
    /// One character.
    One,
    /// Any run of characters, the empty one too.
    Run,
}

/// A shape in a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shape {
    /// The shape as WKB.
    pub wkb: Vec<u8>,
    /// West, south, east, north.
    pub bbox: [f64; 4],
    /// Whether the shape is exactly its box, so that comparing boxes of points is all there is to do.
    pub is_box: bool,
}

/// One key of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SortKey {
    /// The column (of a table, or of an aggregate's answer).
    pub column: usize,
    /// Greatest first.
    pub descending: bool,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowsPlan {
    /// Which rows.
    pub predicate: Predicate,
    /// Which columns, in which order; never empty, each once.
    pub properties: Vec<usize>,
    /// In which order.
    pub sort: Vec<SortKey>,
    /// How many rows at most, 0 to [`crate::ROWS_LIMIT_MAX`].
    pub limit: u32,
    /// Where to begin.
    pub start: Start,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Start {
    /// After so many rows of the answer.
    Offset(u64),
    /// After this row of the snapshot, which was the last of the page before. `offset` rows came before, for those who count.
    AfterRow {
        /// Its number.
        row: u64,
        /// Rows of the answer up to and with it.
        offset: u64,
    },
}

/// A key of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum GroupKey {
    /// The column's values. Not spatial.
    Column(usize),
    /// The beginning of the hour, day, week (Monday), month, quarter or year that a date or timestamp lies in. Of the column's own kind.
    Truncated(usize, DateUnit),
    /// The lower bound of the range of this width (above 0) that a number lies in: `floor(x / width) * width`, as a float.
    Bucket(usize, f64),
}

impl GroupKey {
    /// The column it is made from.
    #[must_use]
    pub const fn column(&self) -> usize {
        match self {
            Self::Column(column) | Self::Truncated(column, _) | Self::Bucket(column, _) => *column,
        }
    }
}

/// Units that time is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DateUnit {
    /// Hour; timestamps only.
    Hour,
    /// Day.
    Day,
    /// Week, from Monday.
    Week,
    /// Month.
    Month,
    /// Quarter.
    Quarter,
    /// Year.
    Year,
}

/// A sum over the rows of a group. Nothing is left out everywhere but in `CountRows`; over no value at all a measure is
/// null, counts are 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Measure {
    /// Rows.
    CountRows,
    /// Rows with a value.
    Count(usize),
    /// Different values, exact.
    CountDistinct(usize),
    /// Of integers and fixed-point decimals exact (as a decimal of the column's scale; beyond 38 digits an error); of floats the
    /// float nearest to the exact sum, whatever the order of rows: see [`crate::exact`].
    Sum(usize),
    /// The sum, rounded to a float, by the count.
    Avg(usize),
    /// Of the column's kind; not of spatial columns.
    Min(usize),
    /// Of the column's kind; not of spatial columns.
    Max(usize),
    /// The value below which this part (0 to 1) of the values lies, linear between neighbours, as a float: the median is 0.5.
    /// Numbers only.
    Percentile(usize, f64),
}

/// Groups and sums. The answer's columns are the keys, then the measures; `having` and `sort` count among them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AggregatePlan {
    /// Which rows.
    pub predicate: Predicate,
    /// By what; may be empty: one group, even over no row.
    pub keys: Vec<GroupKey>,
    /// What of each; never empty.
    pub measures: Vec<Measure>,
    /// Names of the answer's columns, keys first.
    pub names: Vec<String>,
    /// Which groups, by the answer's columns; counts are integers, sums as said, averages and percentiles floats.
    pub having: Option<Predicate>,
    /// In which order; ties, and everything when empty, by the keys ascending.
    pub sort: Vec<SortKey>,
    /// How many groups at most, 1 to [`crate::GROUPS_LIMIT_MAX`].
    pub limit: u32,
    /// After so many groups.
    pub offset: u64,
}

/// Everything that fits, without pages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExportPlan {
    /// Which rows.
    pub predicate: Predicate,
    /// Which columns, in which order.
    pub properties: Vec<usize>,
    /// In which order.
    pub sort: Vec<SortKey>,
    /// How many rows at most.
    pub limit: Option<u64>,
}

impl ExportPlan {
    /// Whether it is the snapshot as it stands, all rows and columns in their own order.
    #[must_use]
    pub fn is_whole(&self, columns: usize) -> bool {
        self.predicate == Predicate::Constant(true)
            && self.sort.is_empty()
            && self.limit.is_none()
            && self.properties.iter().copied().eq(0..columns)
    }
}
