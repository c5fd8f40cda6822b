//! Loading tables: the file behind a distribution is fetched, read and published, by jobs of the kind `load`.
//!
//! fetch (guards, pace and conditional requests of [`crate::fetch`], into a spool) → read (`fairground_tables`: file → snapshots in
//! the object store) → publish (`fairground_catalog::table`: one transaction). A failure at any step leaves what was published
//! before, and says what failed and where. [`LoadWorkers`] work in the background, [`Loader::load_source`] for the command line.

mod error;
mod gate;
mod held;
mod hosts;
mod name;
mod now;
mod run;
mod schema;
mod sweep;
mod worker;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fairground_catalog::Catalog;
use fairground_catalog::table::{Lease, VERSIONS_KEPT};
use fairground_tables::Tables;
use fairground_tables::intake::Limits;
use tokio::runtime::Runtime;

use crate::fetch::{FetchLimits, Fetcher};

pub use error::LoadError;
use hosts::{Gate, Hosts};
pub use now::{LoadedUpload, Released};
pub use run::digest_of;
pub use worker::LoadWorkers;

/// How files are read: another number makes unchanged files be read again, because they would become something else.
const GENERATION: u32 = 1;
const SPOOL: &str = "spool-tables";
/// Between a job's id and its worker's name, in the name of a spool.
const SPOOL_HOLDER: char = '.';

/// How the loader uses the machine and the hosts that it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadTuning {
    /// Loads at one time, of all hosts together.
    pub parallel: usize,
    /// Loads at one time that ask one host.
    pub per_host: usize,
    /// Files read at one time; the others are fetched meanwhile.
    pub reading: usize,
    /// Threads that read one file; 0 for one per processor.
    pub threads: usize,
    /// Limits on files as they come.
    pub fetch: FetchLimits,
    /// Limits on what is in them.
    pub limits: Limits,
    /// How long a host is left alone that could not be reached.
    pub rest: Duration,
    /// Versions of a table that are kept.
    pub versions_kept: u32,
    /// Seconds after which a file is asked for again though nothing says that it changed; `None` for never.
    pub refresh_secs: Option<i64>,
}

impl Default for LoadTuning {
    fn default() -> Self {
        const DAY_SECS: i64 = 24 * 60 * 60;
        let limits = Limits::default();
        Self {
            parallel: 8,
            per_host: 2,
            reading: 2,
            threads: 0,
            fetch: FetchLimits {
                first_byte: Duration::from_secs(60),
                bytes: limits.file_bytes,
                // The load itself is tried again later.
                tries: 2,
                ..FetchLimits::default()
            },
            limits,
            rest: Duration::from_secs(60),
            versions_kept: VERSIONS_KEPT,
            refresh_secs: Some(DAY_SECS),
        }
    }
}

/// What all loads of a process share. Cheap to clone.
#[derive(Clone)]
pub struct Loader {
    inner: Arc<Inner>,
}

struct Inner {
    catalog: Catalog,
    tables: Tables,
    fetcher: Fetcher,
    /// For small files beside the tables: schemas.
    schema_fetcher: Fetcher,
    tuning: LoadTuning,
    hosts: Hosts,
    gate: Gate,
    runtime: Option<Runtime>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Unlike a plain drop this may happen inside another runtime.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Loader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loader").field("catalog", &self.inner.catalog).field("tuning", &self.inner.tuning).finish()
    }
}

impl Loader {
    /// A loader into `catalog` and `tables`. It shares connections and the pace of every host with `fetcher`.
    ///
    /// # Errors
    /// `System` when the thread for fetching cannot be had.
    pub fn new(catalog: Catalog, tables: Tables, fetcher: &Fetcher, tuning: LoadTuning) -> Result<Self, LoadError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("load-fetch")
            .enable_all()
            .build()
            .map_err(|source| LoadError::System { what: "a thread", source })?;
        let inner = Inner {
            catalog,
            tables,
            fetcher: fetcher.for_files(tuning.fetch.clone()),
            schema_fetcher: fetcher.for_files(FetchLimits {
                bytes: schema::SCHEMA_BYTES,
                tries: 1,
                ..tuning.fetch.clone()
            }),
            hosts: Hosts::new(tuning.per_host, tuning.rest),
            gate: Gate::new(tuning.reading),
            tuning,
            runtime: Some(runtime),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The catalogue it loads into.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.inner.catalog
    }

    /// The tables it loads into.
    #[must_use]
    pub fn tables(&self) -> &Tables {
        &self.inner.tables
    }

    /// How it uses the machine.
    #[must_use]
    pub fn tuning(&self) -> &LoadTuning {
        &self.inner.tuning
    }

    /// The folder of one worker's work on a job: whoever takes the job over has another.
    fn spool(&self, lease: &Lease) -> PathBuf {
        spool_root(self.catalog().data_dir()).join(format!("{}{SPOOL_HOLDER}{}", lease.job, lease.holder))
    }

    /// Removes what other workers left of this job: they have lost it.
    fn remove_other_spools(&self, lease: &Lease) {
        let (own, job) = (self.spool(lease), format!("{}{SPOOL_HOLDER}", lease.job));
        let Ok(entries) = std::fs::read_dir(spool_root(self.catalog().data_dir())) else { return };
        for entry in entries.flatten() {
            if entry.path() != own && entry.file_name().to_string_lossy().starts_with(&job) {
                remove_spool(&entry.path());
            }
        }
    }
}

fn remove_spool(spool: &Path) {
    match std::fs::remove_dir_all(spool) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!("A spool stays behind: {error}"),
    }
}

fn spool_root(data_dir: &Path) -> PathBuf {
    data_dir.join(SPOOL)
}
