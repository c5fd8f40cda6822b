//! What tables answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fairground_tables_query::plan::Start;

/// Which way an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// From the answers that are kept.
    Cache,
    /// From a sidecar index.
    Index,
    /// By reading the snapshot.
    Scan,
}

impl Engine {
    /// As `Server-Timing` names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Index => "index",
            Self::Scan => "scan",
        }
    }
}

/// A page of rows.
#[derive(Debug, Clone)]
pub struct RowsAnswer {
    /// A JSON array of objects, as UTF-8: members are the asked columns in the asked order, nothing as `null`.
    pub items: Bytes,
    /// Numbers of the rows in `items`, in their order.
    pub row_numbers: Arc<[u64]>,
    /// Rows in `items`.
    pub count: u64,
    /// Rows that the predicate takes, exact.
    pub total: u64,
    /// Where the next page begins; nothing after the last.
    pub next: Option<Start>,
    /// Which way the answer came.
    pub engine: Engine,
    /// How long it took.
    pub elapsed: Duration,
}

/// Groups and sums.
#[derive(Debug, Clone)]
pub struct AggregateAnswer {
    /// A JSON array of objects, as UTF-8: members are the plan's names.
    pub items: Bytes,
    /// Groups in `items`.
    pub count: u64,
    /// Groups that `having` takes, exact.
    pub total: u64,
    /// Which way the answer came.
    pub engine: Engine,
    /// How long it took.
    pub elapsed: Duration,
}

/// What a question will cost, before it is asked; the same whatever way the answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Rows at most.
    pub rows: u64,
    /// Length of the answer, roughly, in bytes.
    pub bytes: u64,
    /// Units that the meter counts.
    pub units: u64,
}

/// A question of any kind, for estimates.
#[derive(Debug, Clone, Copy)]
pub enum Question<'a> {
    /// A page.
    Rows(&'a fairground_tables_query::plan::RowsPlan),
    /// Groups.
    Aggregate(&'a fairground_tables_query::plan::AggregatePlan),
    /// An export.
    Export(&'a fairground_tables_query::plan::ExportPlan, ExportFormat),
}

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExportFormat {
    /// RFC 4180, UTF-8, one header row.
    Csv,
    /// One array of objects.
    Json,
    /// One object a line.
    Ndjson,
    /// A FeatureCollection (RFC 7946); of a table with exactly one spatial column among the asked.
    GeoJson,
    /// Apache Parquet.
    Parquet,
    /// The Arrow IPC stream.
    Arrow,
    /// Office Open XML: one sheet.
    Xlsx,
}

impl ExportFormat {
    /// Every format.
    pub const ALL: [Self; 7] =
        [Self::Csv, Self::Json, Self::Ndjson, Self::GeoJson, Self::Parquet, Self::Arrow, Self::Xlsx];

    /// The ending in addresses and file names, which is also the public name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::GeoJson => "geojson",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Xlsx => "xlsx",
        }
    }

    /// The registered media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::GeoJson => "application/geo+json",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Arrow => "application/vnd.apache.arrow.stream",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The format of an ending.
    #[must_use]
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.extension() == extension)
    }
}

/// How an export is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportOptions {
    /// Put `'` before texts that spreadsheets take for formulas (first character `=`, `+`, `-`, `@`, TAB or CR); CSV alone.
    pub safe_csv: bool,
    /// Head columns by their titles in the source instead of their names; CSV and XLSX.
    pub titles: bool,
}

/// Whole files that are kept beside a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WholeFormat {
    /// As [`ExportFormat::Csv`] with default options; there once the index is built.
    Csv,
    /// As loaded.
    Parquet,
    /// The rows that were kept out: CSV with line, reason and raw text.
    Quarantine,
}

/// What the building of an index did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexReport {
    /// Whether anything had to be done.
    pub built: bool,
    /// Length of the index, in bytes.
    pub index_bytes: u64,
    /// Length of the whole table as CSV, in bytes.
    pub csv_bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// A kept answer.
#[derive(Debug, Clone)]
pub(crate) enum Kept {
    Rows(Arc<RowsAnswer>),
    Aggregate(Arc<AggregateAnswer>),
}
