//! Conditions made ready: every condition becomes the set of rows where it is true (or, under `not`, false), so that two
//! truth values are enough further on.

mod collect;
mod compile;
mod leaf;

use fairground_tables_query::plan::Predicate;

use crate::column::Column;
use crate::error::{Budget, ColumnsError, Stop};
use crate::set::RowSet;
use crate::sidecar::Sidecar;
pub(crate) use collect::into_bits;
pub(crate) use leaf::{Scan, Spans};

/// A test of a row.
pub(crate) type Test<'a> = Box<dyn Fn(u32) -> bool + 'a>;

/// A condition with two truth values.
pub(crate) enum Node<'a> {
    All,
    Nothing,
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
    /// Positions in a column's order.
    Spans(Spans<'a>),
    /// What only a look at each row tells.
    Scan(Scan<'a>),
    /// Rows that are known.
    Rows(RowSet<'a>),
    /// All others.
    NotRows(RowSet<'a>),
}

/// What a question costs, as the caller needs to know before it chooses a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Some tens of microseconds: answer where you are.
    Cheap,
    /// Perhaps many milliseconds: answer on a thread for work.
    Dear,
}

/// Rows that may be gathered or tested by a cheap question.
pub(crate) const CHEAP_ROWS: u64 = 20_000;

impl Sidecar {
    /// The rows that a condition takes.
    ///
    /// # Errors
    /// `Mismatch` when the condition does not fit the columns; `Stopped`; `Damaged`.
    pub fn matching(&self, predicate: &Predicate, stop: Stop<'_>) -> Result<RowSet<'_>, ColumnsError> {
        let mut budget = Budget::new(stop);
        let node = self.compile(predicate, true)?;
        node.collect(self.rows_total(), &mut budget)
    }

    /// Rows that making a condition ready and counting its rows will look at, roughly; without doing it.
    pub(crate) fn effort(&self, predicate: &Predicate) -> u64 {
        let rows = u64::from(self.rows_total());
        match predicate {
            Predicate::Constant(_) | Predicate::IsNull(_) => 0,
            Predicate::Compare(..) | Predicate::Between(..) | Predicate::In(..) => 0,
            Predicate::Not(part) => self.effort(part),
            Predicate::And(parts) | Predicate::Or(parts) => {
                // Several conditions are counted row by row, unless they are spans of one order; how many rows only the narrowest
                // one tells.
                let narrowest = match predicate {
                    _ if self.is_one_order(parts) => 0,
                    Predicate::And(_) => parts.iter().filter_map(|part| self.quick_count(part)).min().unwrap_or(rows),
                    _ => rows,
                };
                parts.iter().map(|part| self.effort(part)).fold(narrowest, u64::saturating_add)
            }
            Predicate::Like(column, _) | Predicate::CompareFolded { column, .. } => match self.column(*column) {
                Ok(column) => column.distinct().map_or(rows, u64::from).saturating_mul(4),
                Err(_) => 0,
            },
            Predicate::Spatial(..) | Predicate::CompareColumns(..) => rows,
            Predicate::Words { columns, words } => {
                let of_word = |word: &fairground_tables_query::plan::Word| {
                    columns
                        .iter()
                        .filter_map(|column| self.words(*column).ok())
                        .map(|index| index.find(&word.text, word.prefix).map(|run| run.len() as u64).sum::<u64>())
                        .sum::<u64>()
                };
                words.iter().filter(|word| word.prefix || words.len() > 1).map(of_word).sum()
            }
        }
    }

    /// Whether conditions ask for places in the order of one column: together they are spans of it, and counted by subtraction.
    fn is_one_order(&self, parts: &[Predicate]) -> bool {
        let ordered = |part: &Predicate| match part {
            Predicate::Compare(column, ..) | Predicate::Between(column, ..) | Predicate::In(column, ..) => {
                Some(*column)
            }
            _ => None,
        };
        let Some(column) = parts.first().and_then(ordered) else { return false };
        self.column(column).is_ok_and(|column| !column.column_type.is_spatial())
            && parts.iter().all(|part| ordered(part) == Some(column))
    }

    /// The rows of a condition where positions tell.
    pub(crate) fn quick_count(&self, predicate: &Predicate) -> Option<u64> {
        match predicate {
            Predicate::Compare(..) | Predicate::Between(..) | Predicate::IsNull(_) => {
                self.compile(predicate, true).ok().map(|node| node.estimate(self.rows_total()))
            }
            _ => None,
        }
    }
}

impl Column {
    /// How many different values, where the column has a dictionary.
    pub(crate) const fn distinct(&self) -> Option<u32> {
        match &self.data {
            crate::column::Data::Dictionary { distinct, .. } => Some(*distinct),
            _ => None,
        }
    }
}
