//! Agencies' own databases, read only: which tables they show, and the rows of one as a file.
//!
//! A SQLite file or a PostgreSQL server that an operator names ([`Address`]). [`tables`] tells what the address may show, with
//! columns, types and comments; [`export`] writes the rows of one table as CSV beside a Table Schema that keeps the database's types.
//! Every connection is read only, every statement has a deadline, every export a limit of rows and bytes. What an address holds of
//! secrets is in no message and no `Debug`.
//!
//! This is another matter than the store of the catalogue: statements here read what others have designed, write nothing, and know
//! nothing of our tables. So it is a crate of its own, and the only one beside the store that says SQL.

mod address;
mod error;
mod postgres;
mod schema;
mod sqlite;
mod tls;

use std::path::Path;
use std::time::Duration;

use fairground_reach::AllowList;
use serde_json::Value;

pub use address::{Address, InvalidAddress};
pub use error::DatabaseError;

/// How far a database is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Tables that are listed at most; more are an error.
    pub tables: usize,
    /// Rows of one export; more are an error, as half a table is none.
    pub rows: u64,
    /// Bytes of one export.
    pub bytes: u64,
    /// For a connection.
    pub connect: Duration,
    /// For the statements that list tables, together.
    pub listing: Duration,
    /// For one export.
    pub export: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tables: 10_000,
            rows: 20_000_000,
            bytes: 4 << 30,
            connect: Duration::from_secs(15),
            listing: Duration::from_secs(60),
            export: Duration::from_secs(1800),
        }
    }
}

/// What a table is to its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// A table.
    Table,
    /// A view, materialised or not.
    View,
}

impl TableKind {
    /// In words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::View => "view",
        }
    }
}

/// A table that the address may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The schema it lies in; `None` where the database has none.
    pub schema: Option<String>,
    /// Its name.
    pub name: String,
    /// Table or view.
    pub kind: TableKind,
    /// What the database's owner wrote about it.
    pub comment: Option<String>,
    /// Its columns, in order; at least one.
    pub columns: Vec<Column>,
    /// The columns of its primary key, in order.
    pub primary_key: Vec<String>,
}

impl Table {
    /// `schema.name`, or the name alone: what [`export`] is asked by.
    #[must_use]
    pub fn qualified(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{schema}.{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The database's own word for its type; empty where there is none.
    pub type_name: String,
    /// What the database's owner wrote about it.
    pub comment: Option<String>,
}

/// A table's rows in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// Rows, without the heading.
    pub rows: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// The Table Schema (Frictionless) of the file.
    pub schema: Value,
}

/// What stands for no value in an exported file; the schema says so too.
pub const NULL: &str = "\\N";

/// The tables and views that the address may show, by name.
///
/// # Errors
/// [`DatabaseError`] when the database cannot be reached or read, or has more tables than the limit.
pub async fn tables(address: &Address, allow: &AllowList, limits: &Limits) -> Result<Vec<Table>, DatabaseError> {
    match address {
        Address::Sqlite(sqlite) => {
            let (sqlite, limits) = (sqlite.clone(), limits.clone());
            blocking(move || sqlite::tables(&sqlite, &limits)).await
        }
        Address::Postgres(server) => postgres::tables(server, allow, limits).await,
    }
}

/// Writes the rows of a table that [`tables`] names into the file `sink`, as CSV in UTF-8 with a heading; [`NULL`] stands for no
/// value. Rows come in the order of the primary key, where there is one. Columns of bytes are left out.
///
/// # Errors
/// [`DatabaseError`]; `sink` may then hold a useless beginning.
pub async fn export(
    address: &Address,
    table: &str,
    allow: &AllowList,
    limits: &Limits,
    sink: &Path,
) -> Result<Exported, DatabaseError> {
    match address {
        Address::Sqlite(sqlite) => {
            let (sqlite, table, limits, sink) = (sqlite.clone(), table.to_owned(), limits.clone(), sink.to_owned());
            blocking(move || sqlite::export(&sqlite, &table, &limits, &sink)).await
        }
        Address::Postgres(server) => postgres::export(server, table, allow, limits, sink).await,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DatabaseError> + Send + 'static,
) -> Result<T, DatabaseError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| DatabaseError::Interrupted)?
}

/// A name inside double quotes, as both databases take it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
