//! What may be asked of a table.
//!
//! Text from addresses (OGC CQL2 filters, `column=value`, `groupby`, `aggregate`, …) is parsed and bound to a snapshot's
//! columns; what comes out is a typed [`plan`] with a canonical form, so that equal questions are equal bytes. Executors
//! (sidecar indexes, the scan engine) take plans and nothing else. The naive evaluator answers plans slowly and obviously: the judge in
//! everybody's tests.

#[cfg(any(test, feature = "testing"))]
pub mod arbitrary;
mod bind;
#[cfg(test)]
mod bind_tests;
pub mod calendar;
pub mod cost;
mod error;
pub mod exact;
pub mod geometry;
mod like;
mod literal;
pub mod naive;
mod normal;
mod number;
pub mod plan;
mod request;
mod text;
mod value;
pub mod words;

pub use error::{Fault, QueryError};
pub use like::LIKE_CHARS_MAX;
pub use normal::normalise;
pub use request::{
    AggregateRequest, ExportRequest, GROUP_KEYS_MAX, GROUPS_LIMIT_DEFAULT, MEASURES_MAX, Q_WORDS_MAX,
    ROWS_LIMIT_DEFAULT, RowsRequest, SORT_KEYS_MAX,
};
pub use text::{FILTER_BYTES_MAX, FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX, LIST_MAX, print_predicate};

pub use value::Value;

/// Rows in a page at most.
pub const ROWS_LIMIT_MAX: u32 = 10_000;
/// Groups in an answer at most.
pub const GROUPS_LIMIT_MAX: u32 = 10_000;
