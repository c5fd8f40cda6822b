//! The facade: what the API, the loader and the command line call.

use std::path::Path;
use std::sync::Arc;

use fairground_domain::{ContentHash, Snapshot};
use fairground_tables_intake::{LoadOptions, Watch};
use fairground_tables_query::plan::{AggregatePlan, ExportPlan, RowsPlan};

use crate::answer::{
    AggregateAnswer, Estimate, ExportFormat, ExportOptions, IndexReport, Question, RowsAnswer, WholeFormat,
};
use crate::error::TablesError;
use crate::open::OpenSnapshot;
use crate::settings::TablesSettings;
use crate::store::{META, PARQUET, QUARANTINE, Store};
use crate::stream::{ByteStream, WholeFile};

/// All tables of a portal. Cheap to clone; the last clone ends its threads.
#[derive(Debug, Clone)]
pub struct Tables {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: TablesSettings,
    store: Store,
    runtime: OwnRuntime,
}

/// A runtime that may be dropped anywhere, on the threads of another one too.
#[derive(Debug)]
struct OwnRuntime(Option<tokio::runtime::Runtime>);

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Tables {
    /// Opens the object store and starts the engines' threads. Reads no snapshot: ten thousand cost nothing.
    ///
    /// # Errors
    /// `Setting` when a setting means nothing, `Io` when a folder cannot be made.
    pub fn open(settings: TablesSettings) -> Result<Self, TablesError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(settings.scan_threads.max(1))
            .thread_name("tables")
            .enable_all()
            .build()
            .map_err(TablesError::io("cannot start threads for", &settings.data_dir))?;
        let store = Store::open(&settings, runtime.handle().clone())?;
        Ok(Self { inner: Arc::new(Inner { settings, store, runtime: OwnRuntime(Some(runtime)) }) })
    }

    /// Turns a file into snapshots, one per sheet, member or layer, and puts them into the object store. What is there already stays.
    /// The index is built afterwards, in the background. Blocks: for threads that may.
    ///
    /// # Errors
    /// `Intake` when the file is no table; `Io`, `Remote` when the store fails. Nothing is left behind then.
    pub fn load(&self, file: &Path, options: &LoadOptions, watch: &dyn Watch) -> Result<Vec<Snapshot>, TablesError> {
        let scratch = self.inner.store.scratch()?;
        let loaded = fairground_tables_intake::load(file, options, scratch.path(), watch)?;
        let mut snapshots = Vec::with_capacity(loaded.len());
        for table in loaded {
            let key = table.snapshot.key;
            let made = scratch.path().join(key.to_string());
            std::fs::create_dir_all(&made).map_err(TablesError::io("cannot create", &made))?;
            let moved = |from: &Path, name: &str| {
                std::fs::rename(from, made.join(name)).map_err(TablesError::io("cannot move", from))
            };
            moved(&table.parquet, PARQUET)?;
            if let Some(quarantine) = &table.quarantine {
                moved(quarantine, QUARANTINE)?;
            }
            let meta =
                serde_json::to_vec(&table.snapshot).map_err(TablesError::engine("writing the snapshot's schema"))?;
            let path = made.join(META);
            std::fs::write(&path, meta).map_err(TablesError::io("cannot write", &path))?;
            self.inner.store.put(key, &made)?;
            snapshots.push(table.snapshot);
        }
        Ok(snapshots)
    }

    /// Builds the index and the whole table as CSV, unless they are there. Blocks. `stop` is asked now and then; true ends the work.
    ///
    /// # Errors
    /// `UnknownSnapshot`, `Cancelled`, or what the store says.
    pub fn build_index(&self, key: ContentHash, stop: &(dyn Fn() -> bool + Sync)) -> Result<IndexReport, TablesError> {
        let _ = stop;
        Err(TablesError::UnknownSnapshot { key })
    }

    /// Opens a snapshot, or gives the open one. Its index is built in the background when it is missing.
    ///
    /// # Errors
    /// `UnknownSnapshot`, `Damaged`, or what the store says.
    pub async fn open_snapshot(&self, key: ContentHash) -> Result<Arc<OpenSnapshot>, TablesError> {
        let folder = self.inner.store.folder(key)?;
        OpenSnapshot::open(key, folder).map(Arc::new)
    }

    /// A page of rows.
    ///
    /// # Errors
    /// `Busy`, `TimedOut`, `TooLarge` as the walls say; `BadPlan` when the plan is not for this snapshot.
    pub async fn rows(&self, open: &Arc<OpenSnapshot>, plan: &RowsPlan) -> Result<RowsAnswer, TablesError> {
        let _ = (open, plan);
        Err(TablesError::BadPlan { why: "no engine answers yet".to_owned() })
    }

    /// Groups and sums.
    ///
    /// # Errors
    /// As [`Self::rows`], and `SumTooLarge`.
    pub async fn aggregate(
        &self,
        open: &Arc<OpenSnapshot>,
        plan: &AggregatePlan,
    ) -> Result<AggregateAnswer, TablesError> {
        let _ = (open, plan);
        Err(TablesError::BadPlan { why: "no engine answers yet".to_owned() })
    }

    /// Everything that fits, in pieces, as they are ready. An error after the first piece comes as a piece: the answer must be cut off then.
    ///
    /// # Errors
    /// `Unsuitable` and `TooManyRows` when the format cannot hold it; `Busy` when too many exports run.
    pub async fn export(
        &self,
        open: &Arc<OpenSnapshot>,
        plan: &ExportPlan,
        format: ExportFormat,
        options: &ExportOptions,
    ) -> Result<ByteStream, TablesError> {
        let _ = (open, plan, format, options);
        Err(TablesError::BadPlan { why: "no engine answers yet".to_owned() })
    }

    /// What a question will cost; the same whatever engine answers.
    #[must_use]
    pub fn estimate(&self, open: &OpenSnapshot, question: Question<'_>) -> Estimate {
        let _ = question;
        Estimate { rows: open.snapshot().rows, bytes: open.snapshot().parquet_bytes, units: 1 }
    }

    /// A whole file beside the snapshot, for answers with ranges; nothing while it is not there (CSV before the index is built;
    /// a quarantine without rows).
    ///
    /// # Errors
    /// `UnknownSnapshot`, or what the store says.
    pub async fn whole_file(&self, key: ContentHash, format: WholeFormat) -> Result<Option<WholeFile>, TablesError> {
        let _ = format;
        Err(TablesError::UnknownSnapshot { key })
    }

    /// What is known of a snapshot, without opening it. Blocks.
    ///
    /// # Errors
    /// `UnknownSnapshot`, `Damaged`, or what the store says.
    pub fn snapshot(&self, key: ContentHash) -> Result<Snapshot, TablesError> {
        self.inner.store.meta(key)
    }

    /// Whether the object store has the snapshot. Blocks.
    ///
    /// # Errors
    /// What the store says.
    pub fn has(&self, key: ContentHash) -> Result<bool, TablesError> {
        self.inner.store.has(key)
    }

    /// Removes a snapshot with all that belongs to it; whether there was one. Blocks. Answers under way are finished.
    ///
    /// # Errors
    /// What the store says.
    pub fn delete(&self, key: ContentHash) -> Result<bool, TablesError> {
        self.inner.store.delete(key)
    }

    /// The keys of all snapshots, ascending: for garbage collection and checks. Blocks.
    ///
    /// # Errors
    /// What the store says.
    pub fn list_keys(&self) -> Result<Vec<ContentHash>, TablesError> {
        self.inner.store.list()
    }
}
