//! Tables: snapshots in an object store, and everything that answers from them.
//!
//! A file becomes snapshots ([`Tables::load`]), a snapshot is opened ([`Tables::open_snapshot`]) and answers plans: pages of rows
//! ([`Tables::rows`]), groups ([`Tables::aggregate`]), exports ([`Tables::export`]). Two engines give the same answers: the sidecar
//! index where it is built, the scan engine (DataFusion, which no other crate knows) for everything else. Both mean
//! what `fairground_tables_query::plan` says.
//!
//! Left to others: which snapshot is a table's current version, who may ask, what it costs them.

mod answer;
mod ask;
mod error;
mod export;
mod index;
mod open;
mod scan;
mod settings;
mod store;
mod stream;
mod tables;
mod text;
mod types;

#[cfg(test)]
mod tests;

pub use answer::{
    AggregateAnswer, Engine, Estimate, ExportFormat, ExportOptions, IndexReport, Question, RowsAnswer, WholeFormat,
};
pub use error::TablesError;
pub use open::OpenSnapshot;
pub use settings::TablesSettings;
pub use stream::{ByteStream, WholeFile};
pub use tables::Tables;

// The TLS of the S3 client.
use reqwest as _;

// What callers need beside: the load's options and followers, the plans.
pub use fairground_tables_columns as columns;
pub use fairground_tables_intake as intake;
pub use fairground_tables_query as query;
