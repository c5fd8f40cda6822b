//! The sidecar of a snapshot, and the answers it gives.
//!
//! Beside a snapshot's Parquet file lies one file of indexes, made once ([`build()`]) and mapped for reading ([`Sidecar`]).
//! Every column has an order (its rows by value), so that a comparison is a slice found by bisection, a sorted page is a
//! piece of that slice, and totals are differences of positions. Columns of few different values are codes into a sorted
//! dictionary: patterns are tried on the dictionary alone, and groups are counted by code. Texts have an index of words,
//! shapes have boxes along a curve.
//!
//! The meaning of plans is [`fairground_tables_query::plan`]'s. Callers: `fairground-tables`, which keeps the scan engine
//! for what this crate leaves (`None`).

mod aggregate;
mod arrays;
mod build;
mod column;
mod error;
mod format;
mod hash;
mod json;
mod key;
mod predicate;
mod rows;
mod set;
mod sidecar;
mod source;

pub use aggregate::AggregateAnswer;
pub use arrays::{RowsInOrder, SORTED_ROWS_MAX};
pub use build::{BuildReport, INDEX_ROWS_MAX, Tuning, build, build_tuned};
pub use error::{ColumnsError, Stop};
pub use format::{FORMAT, SIDECAR_FILE};
pub use json::write_json_text;
pub use predicate::Cost;
pub use rows::RowsAnswer;
pub use set::{Bits, RowSet};
pub use sidecar::Sidecar;
pub use source::{ColumnPieces, ColumnSource, ParquetSource};
