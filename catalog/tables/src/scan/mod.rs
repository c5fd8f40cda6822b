//! The scan engine: answers by reading the snapshot. Filtering and reading are ours (the schema is known, the meaning is
//! `plan`'s); sorting and grouping, which may not fit into memory, are DataFusion's. No other crate knows it.

pub(crate) mod aggregate;
mod engine;
pub(crate) mod export;
pub(crate) mod filter;
mod percentile;
pub(crate) mod prune;
pub(crate) mod rows;
pub(crate) mod scanner;
mod source;
mod sum;
mod top;

pub(crate) use engine::ScanEngine;
