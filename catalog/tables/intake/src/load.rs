//! The whole way of one file.

use std::path::{Path, PathBuf};

use fairground_domain::{LanguageTag, Snapshot};

use crate::error::IntakeError;
use crate::formats::PublishedSchema;
use crate::limits::Limits;
use crate::watch::Watch;

/// What is known of a file before it is read, and how it shall be read.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The file's name, as it was given; its ending is a weak hint.
    pub name: String,
    /// The media type, as the server or the catalogue says; a weak hint.
    pub media_type: Option<String>,
    /// What the publisher says the table holds; it is obeyed, and rows that break it are kept out.
    pub declared: Option<PublishedSchema>,
    /// The language of the dataset: it decides between dates and decimals that the file leaves open.
    pub language: Option<LanguageTag>,
    /// How far the load goes.
    pub limits: Limits,
    /// Threads to use at most; 0 for one per processor.
    pub threads: usize,
}

/// A table that was loaded.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedTable {
    /// What it holds.
    pub snapshot: Snapshot,
    /// The Parquet file, in the folder that was asked for.
    pub parquet: PathBuf,
    /// The rows that were kept out, where there are any: CSV with the columns `line`, `reason`, `raw`.
    pub quarantine: Option<PathBuf>,
}

/// Turns a file of any tabular format into one Parquet snapshot per sheet, member or layer, in the folder `out_dir`.
///
/// The files in it are named after the snapshot's key. When the load fails, none of its files is left there. Archives are
/// unpacked in a temporary folder inside `out_dir`.
///
/// # Errors
/// As [`IntakeError`] says: what is no table, is broken, protected or too large, has too many faults, was cancelled, or
/// cannot be read or written.
pub fn load(
    _file: &Path,
    options: &LoadOptions,
    _out_dir: &Path,
    _watch: &dyn Watch,
) -> Result<Vec<LoadedTable>, IntakeError> {
    Err(IntakeError::NotTabular { why: format!("`{}` is of no format that is read yet", options.name) })
}
