//! Parameters of an address to plans.
//!
//! Every parameter is understood or refused by name: a misspelt filter must not answer with the whole table. Parameters
//! that the caller reads itself (`version`, `f`, `api_key`, …) are named as reserved. Where a column bears a parameter's
//! name the parameter wins; such a column is asked for in `filter`.

mod aggregate;
mod cursor;
mod export;
mod list;
mod parameters;
mod rows;
#[cfg(test)]
mod tests;

pub use aggregate::AggregateRequest;
pub use export::ExportRequest;
pub use rows::RowsRequest;

/// Rows of a page when the question does not say.
pub const ROWS_LIMIT_DEFAULT: u32 = 100;

/// Groups of an answer when the question does not say.
pub const GROUPS_LIMIT_DEFAULT: u32 = 1_000;

/// Columns to sort by at most.
pub const SORT_KEYS_MAX: usize = 16;

/// Columns to group by at most.
pub const GROUP_KEYS_MAX: usize = 16;

/// Sums in an answer at most.
pub const MEASURES_MAX: usize = 64;

/// Words of `q` at most.
pub const Q_WORDS_MAX: usize = 32;
