//! Repairs: what a reviewer does to a table so that it may be public, as data.
//!
//! A [`Repair`] names a column and what becomes of its values; a list of them ([`Repairs`]) is checked once, kept as JSON with the
//! decision, and applied row by row ([`Mending`]) to whatever reads the tables: a file's load, a preview. Nothing here reads files.
//!
//! Repairs fail closed: a value that a repair cannot read (a birth date that is no date) is emptied and counted, and a list in
//! which a repair meets no column of any table is refused, so that a misspelt name lets nothing through.

mod mending;
mod suggest;
mod value;

use serde::{Deserialize, Serialize};

pub use mending::{Example, Mending, Touched};
pub use suggest::suggestions;

/// Repairs of one list.
pub const REPAIRS_MAX: usize = 256;
/// Combinations of values that [`Repair::SuppressRare`] counts; a table with more is refused rather than counted roughly.
pub const RARE_GROUPS_MAX: usize = 1 << 21;
/// Characters that a mask or a prefix may leave at one end.
pub const LEFT_MAX: u8 = 6;
/// Greatest `below` of the two suppressions.
pub const BELOW_MAX: u32 = 1_000;

/// What becomes of the values of a column.
///
/// In JSON by the word in `do`: `{"do": "band", "column": "age", "width": 10, "top": 90}`. Columns are named as the screen's
/// reports name them (`column 3` where a file gives no name); `table` is needed only where several tables have a column of that
/// name and not all are meant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Repair {
    /// The column goes.
    Drop {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
    },
    /// Values become `***`, whatever their length. Some characters may stay at the ends of values that have three times as many.
    Mask {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
        /// Characters that stay at the start, up to [`LEFT_MAX`].
        #[serde(default)]
        start: u8,
        /// Characters that stay at the end, up to [`LEFT_MAX`].
        #[serde(default)]
        end: u8,
    },
    /// Dates become years or ranges of years.
    Date {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
        /// How coarse.
        to: Years,
    },
    /// Numbers become bands: 34 is `30-39` at a width of 10, which is 30 or more and less than 40.
    Band {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
        /// Width of a band, in the column's unit, above 0.
        width: f64,
        /// Everything below is one band: `<18`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bottom: Option<f64>,
        /// Everything from here is one band: `90+`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        top: Option<f64>,
    },
    /// Coordinates move to the nearest point of a grid: numbers, pairs, WKT, GeoJSON geometries.
    Grid {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
        /// Distance of the grid's points, in the column's unit (degrees, metres), above 0; a tenth of a degree is some ten kilometres.
        step: f64,
    },
    /// Codes keep their first letters and digits: `10115` is `10`.
    Prefix {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
        /// Letters and digits that stay, from 1 to [`LEFT_MAX`].
        keep: u8,
    },
    /// Counts from 1 to less than `below` are emptied; 0 stays.
    ///
    /// Totals beside them may give them away; who repairs has to look at that.
    SuppressSmall {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The column.
        column: String,
        /// From 2 to [`BELOW_MAX`].
        below: u32,
    },
    /// Rows that share their values in these columns with fewer than `below` rows lose these values, or go.
    ///
    /// Counted over the whole table, after all other repairs.
    SuppressRare {
        /// The table, if not all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        table: Option<String>,
        /// The columns, up to eight.
        columns: Vec<String>,
        /// From 2 to [`BELOW_MAX`].
        below: u32,
        /// What becomes of such rows.
        #[serde(default)]
        rows: RareRows,
    },
}

/// How coarse dates become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Years {
    /// `1984`
    Year,
    /// `1980-1984`
    FiveYears,
    /// `1980-1989`
    Decade,
}

/// What becomes of rows whose combination of values is rare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RareRows {
    /// They stay; their values in the columns are emptied.
    #[default]
    Blank,
    /// They go.
    LeaveOut,
}

/// Why repairs were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RepairError {
    /// The list is empty or too long.
    #[error("a list of repairs has from 1 to {REPAIRS_MAX} entries, this one has {0}")]
    Length(usize),
    /// A repair makes no sense, whatever the table.
    #[error("repair {place}: {why}")]
    Nonsense {
        /// Its place in the list, from 1.
        place: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A repair met no column.
    #[error("repair {place}: no table has a column `{column}`")]
    NoSuchColumn {
        /// Its place in the list, from 1.
        place: usize,
        /// The column that it names.
        column: String,
    },
    /// Every column of a table would go.
    #[error("no column would be left of table `{0}`")]
    NothingLeft(String),
    /// There are too many combinations to count.
    #[error(
        "repair {0}: there are more than {RARE_GROUPS_MAX} combinations of values; generalise or drop a column first"
    )]
    TooManyGroups(usize),
    /// Rare rows were not counted before they were to be suppressed.
    #[error("rare rows have to be counted before a table is repaired")]
    NotCounted,
}

impl Repair {
    /// The table that it is for; all where none is named.
    pub fn table(&self) -> Option<&str> {
        match self {
            Self::Drop { table, .. }
            | Self::Mask { table, .. }
            | Self::Date { table, .. }
            | Self::Band { table, .. }
            | Self::Grid { table, .. }
            | Self::Prefix { table, .. }
            | Self::SuppressSmall { table, .. }
            | Self::SuppressRare { table, .. } => table.as_deref(),
        }
    }

    /// The columns that it is about.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Self::Drop { column, .. }
            | Self::Mask { column, .. }
            | Self::Date { column, .. }
            | Self::Band { column, .. }
            | Self::Grid { column, .. }
            | Self::Prefix { column, .. }
            | Self::SuppressSmall { column, .. } => vec![column],
            Self::SuppressRare { columns, .. } => columns.iter().map(String::as_str).collect(),
        }
    }

    /// What it does, as its `do` has it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Drop { .. } => "drop",
            Self::Mask { .. } => "mask",
            Self::Date { .. } => "date",
            Self::Band { .. } => "band",
            Self::Grid { .. } => "grid",
            Self::Prefix { .. } => "prefix",
            Self::SuppressSmall { .. } => "suppress-small",
            Self::SuppressRare { .. } => "suppress-rare",
        }
    }

    /// What makes no sense in it.
    fn nonsense(&self) -> Option<&'static str> {
        let columns = self.columns();
        if columns.is_empty() || columns.iter().any(|column| column.trim().is_empty()) {
            return Some("a column is missing");
        }
        let sane = |number: f64| number.is_finite() && number.abs() <= 1e12;
        match self {
            Self::Drop { .. } | Self::Date { .. } => None,
            Self::Mask { start, end, .. } => {
                (*start > LEFT_MAX || *end > LEFT_MAX).then_some("a mask leaves at most six characters at an end")
            }
            Self::Band { width, bottom, top, .. } => {
                if !sane(*width) || *width < 1e-6 {
                    Some("the width of a band has to be a number above 0")
                } else if ![*bottom, *top].into_iter().flatten().all(sane) {
                    Some("`bottom` and `top` have to be numbers")
                } else if matches!((bottom, top), (Some(bottom), Some(top)) if bottom >= top) {
                    Some("`bottom` has to be below `top`")
                } else {
                    None
                }
            }
            Self::Grid { step, .. } => {
                (!sane(*step) || *step < 1e-3).then_some("the step of a grid has to be a number from 0.001")
            }
            Self::Prefix { keep, .. } => {
                (!(1..=LEFT_MAX).contains(keep)).then_some("a prefix keeps from one to six letters and digits")
            }
            Self::SuppressSmall { below, .. } => {
                (!(2..=BELOW_MAX).contains(below)).then_some("`below` goes from 2 to 1000")
            }
            Self::SuppressRare { columns, below, .. } => {
                if columns.len() > 8 {
                    Some("up to eight columns are counted together")
                } else {
                    (!(2..=BELOW_MAX).contains(below)).then_some("`below` goes from 2 to 1000")
                }
            }
        }
    }
}

/// Repairs that make sense, in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Repair>", into = "Vec<Repair>")]
pub struct Repairs(Vec<Repair>);

impl Repairs {
    /// Checks a list.
    ///
    /// # Errors
    /// When it is empty or too long, or a repair makes no sense.
    pub fn new(list: Vec<Repair>) -> Result<Self, RepairError> {
        if !(1..=REPAIRS_MAX).contains(&list.len()) {
            return Err(RepairError::Length(list.len()));
        }
        let nonsense = list.iter().enumerate().find_map(|(at, repair)| Some((at, repair.nonsense()?)));
        match nonsense {
            Some((at, why)) => Err(RepairError::Nonsense { place: at + 1, why }),
            None => Ok(Self(list)),
        }
    }

    /// The list.
    pub fn list(&self) -> &[Repair] {
        &self.0
    }

    /// Whether the rows have to go by twice: once to be counted, once to be repaired.
    pub fn need_counting(&self) -> bool {
        self.0.iter().any(|repair| matches!(repair, Repair::SuppressRare { .. }))
    }
}

impl TryFrom<Vec<Repair>> for Repairs {
    type Error = RepairError;

    fn try_from(list: Vec<Repair>) -> Result<Self, RepairError> {
        Self::new(list)
    }
}

impl From<Repairs> for Vec<Repair> {
    fn from(repairs: Repairs) -> Self {
        repairs.0
    }
}

#[cfg(test)]
mod tests;
