//! CQL2 text (OGC 21-065r2): from characters to a tree with places, and back from plans to characters.
//!
//! Why an own parser: the compiler to plans is ours in any case; it needs the place of every name and literal for its
//! messages, and limits on length, depth and lists that hold while parsing, not after. Parsers at hand give neither, and bring
//! schema validators and regular expressions along.
//!
//! Taken: `and` `or` `not`, comparisons (also column with column), `like`, `between`, `in`, `is null`, `casei`, `accenti`,
//! `s_intersects` `s_disjoint` `s_within` `s_contains` with well-known text and `BBOX(…)`, `t_before` `t_after` `t_during`
//! `t_intersects` `t_disjoint` `t_equals` with `DATE(…)`, `TIMESTAMP(…)` and `INTERVAL(…)`. Refused by name: arithmetic, arrays,
//! functions, the other spatial and temporal relations.

pub(crate) mod ast;
mod lexer;
mod parser;
#[cfg(test)]
mod parser_tests;
mod print;

pub(crate) use lexer::shortened;
pub(crate) use parser::parse;
pub use print::print_predicate;

/// Length of a filter at most.
pub const FILTER_BYTES_MAX: usize = 65_536;

/// How deep parentheses and `not` may be nested in a filter.
pub const FILTER_DEPTH_MAX: usize = 32;

/// Conditions in a filter at most.
pub const FILTER_CONDITIONS_MAX: usize = 1_000;

/// Values of an `in` list at most.
pub const LIST_MAX: usize = 10_000;
