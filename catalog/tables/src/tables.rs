//! The facade: what the API, the loader and the command line call.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use fairground_domain::{ContentHash, Snapshot};
use fairground_tables_columns::Cost;
use fairground_tables_intake::{LoadOptions, Watch};
use fairground_tables_query::cost;
use fairground_tables_query::plan::{AggregatePlan, ExportPlan, RowsPlan, Start};
use moka::sync::Cache;

use crate::answer::{
    AggregateAnswer, Estimate, ExportFormat, ExportOptions, IndexReport, Kept, Question, RowsAnswer, WholeFormat,
};
use crate::error::TablesError;
use crate::export::{Sheet, XLSX_ROWS_MAX, encoder};
use crate::index::{Indexer, Turns, Work, make};
use crate::open::OpenSnapshot;
use crate::scan::scanner::Scan;
use crate::scan::{ScanEngine, export};
use crate::settings::TablesSettings;
use crate::store::{CSV, META, PARQUET, QUARANTINE, Store};
use crate::stream::{ByteStream, WholeFile};

/// What a kept answer costs beside its text, in bytes.
const KEPT_ANSWER_OVERHEAD: usize = 256;
/// Snapshots that nobody asked for so long are closed.
const OPEN_IDLE: Duration = Duration::from_secs(15 * 60);
/// Bytes that a value takes in an export, roughly, for estimates.
const VALUE_BYTES: u64 = 12;

/// All tables of a portal. Cheap to clone; the last clone ends its threads.
#[derive(Debug, Clone)]
pub struct Tables {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: TablesSettings,
    // Before the core: its threads work with it until they are joined.
    indexer: Indexer,
    core: Arc<Core>,
}

/// What the background threads share with the facade.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) store: Store,
    pub(crate) engine: Arc<ScanEngine>,
    open: Cache<ContentHash, Arc<OpenSnapshot>>,
    pub(crate) answers: Cache<ContentHash, Kept>,
    building: Turns,
    runtime: OwnRuntime,
}

/// A runtime that may be dropped anywhere, on the threads of another one too.
#[derive(Debug)]
struct OwnRuntime {
    runtime: Option<tokio::runtime::Runtime>,
    handle: tokio::runtime::Handle,
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
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
        let handle = runtime.handle().clone();
        let runtime = OwnRuntime { runtime: Some(runtime), handle: handle.clone() };
        let store = Store::open(&settings, handle.clone())?;
        let engine = Arc::new(ScanEngine::open(&settings, handle, store.scratch()?)?);
        let core = Arc::new(Core {
            store,
            engine,
            open: Cache::builder().max_capacity(settings.open_snapshots).time_to_idle(OPEN_IDLE).build(),
            answers: Cache::builder()
                .max_capacity(settings.answer_bytes)
                .weigher(|_, kept: &Kept| kept.bytes())
                .build(),
            building: Turns::default(),
            runtime,
        });
        let work: Work = {
            let core = Arc::clone(&core);
            Arc::new(move |key, stop| core.build(key, stop))
        };
        let indexer = Indexer::start(settings.index_threads, &work)?;
        Ok(Self { inner: Arc::new(Inner { settings, indexer, core }) })
    }

    /// Turns a file into snapshots, one per sheet, member or layer, and puts them into the object store. What is there already stays.
    /// The index is built afterwards, in the background. Blocks: for threads that may.
    ///
    /// # Errors
    /// `Intake` when the file is no table; `Io`, `Remote` when the store fails. Snapshots that were put before a failure stay and
    /// are nobody's until somebody collects them ([`Self::list_keys`]).
    pub fn load(&self, file: &Path, options: &LoadOptions, watch: &dyn Watch) -> Result<Vec<Snapshot>, TablesError> {
        let store = &self.inner.core.store;
        let scratch = store.scratch()?;
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
            store.put(key, &made)?;
            self.ask_index(key);
            snapshots.push(table.snapshot);
        }
        Ok(snapshots)
    }

    /// Builds the index and the whole table as CSV, unless they are there. Blocks. `stop` is asked now and then; true ends the work.
    ///
    /// # Errors
    /// `UnknownSnapshot`, `Cancelled`, or what the store says.
    pub fn build_index(&self, key: ContentHash, stop: &(dyn Fn() -> bool + Sync)) -> Result<IndexReport, TablesError> {
        self.inner.core.build(key, stop)
    }

    /// Snapshots whose index is being built or waits for it.
    #[must_use]
    pub fn index_backlog(&self) -> usize {
        self.inner.indexer.waiting()
    }

    pub(crate) fn core(&self) -> &Core {
        &self.inner.core
    }

    pub(crate) fn settings(&self) -> &TablesSettings {
        &self.inner.settings
    }

    /// Whether answers are kept at all.
    pub(crate) fn keeps_answers(&self) -> bool {
        self.inner.settings.answer_bytes > 0
    }

    /// Forgets an index that does not answer, and has it built anew.
    pub(crate) fn forget_index(&self, key: ContentHash) -> Result<(), TablesError> {
        self.inner.core.store.drop_index(key)?;
        self.inner.core.open.invalidate(&key);
        self.ask_index(key);
        Ok(())
    }

    fn ask_index(&self, key: ContentHash) {
        if self.inner.settings.index {
            self.inner.indexer.ask(key);
        }
    }

    /// Opens a snapshot, or gives the open one (then without waiting). Its index is built in the background when it is missing.
    ///
    /// # Errors
    /// `UnknownSnapshot`, `Damaged`, or what the store says.
    pub async fn open_snapshot(&self, key: ContentHash) -> Result<Arc<OpenSnapshot>, TablesError> {
        if let Some(open) = self.inner.core.open.get(&key) {
            return Ok(open);
        }
        let core = Arc::clone(&self.inner.core);
        let open = self.blocking(move || core.open(key)).await?;
        if !open.is_indexed() && open.snapshot().rows <= fairground_tables_columns::INDEX_ROWS_MAX {
            self.ask_index(key);
        }
        Ok(open)
    }

    /// Whether a page can be answered where the caller stands, without a thread of ours: from what is kept, or from the index in
    /// some tens of microseconds. [`Self::rows`] then answers without waiting.
    #[must_use]
    pub fn is_cheap(&self, open: &OpenSnapshot, plan: &RowsPlan) -> bool {
        open.sidecar().is_some_and(|sidecar| sidecar.rows_cost(plan) == Cost::Cheap)
    }

    /// A page of rows.
    ///
    /// # Errors
    /// `Busy`, `TimedOut`, `TooLarge` as the walls say; `BadPlan` when the plan is not for this snapshot.
    pub async fn rows(&self, open: &Arc<OpenSnapshot>, plan: &RowsPlan) -> Result<RowsAnswer, TablesError> {
        self.ask(open, plan, None).await
    }

    /// As [`Self::rows`], for callers who have the question's fingerprint ([`RowsRequest::canonical`]): it is not made again.
    ///
    /// # Errors
    /// As [`Self::rows`].
    ///
    /// [`RowsRequest::canonical`]: fairground_tables_query::RowsRequest::canonical
    pub async fn rows_of(
        &self,
        open: &Arc<OpenSnapshot>,
        plan: &RowsPlan,
        canonical: ContentHash,
    ) -> Result<RowsAnswer, TablesError> {
        self.ask(open, plan, Some(canonical)).await
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
        self.ask(open, plan, None).await
    }

    /// As [`Self::aggregate`], for callers who have the question's fingerprint ([`AggregateRequest::canonical`]).
    ///
    /// # Errors
    /// As [`Self::aggregate`].
    ///
    /// [`AggregateRequest::canonical`]: fairground_tables_query::AggregateRequest::canonical
    pub async fn aggregate_of(
        &self,
        open: &Arc<OpenSnapshot>,
        plan: &AggregatePlan,
        canonical: ContentHash,
    ) -> Result<AggregateAnswer, TablesError> {
        self.ask(open, plan, Some(canonical)).await
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
        if plan.is_whole(open.snapshot().columns.len()) && *options == ExportOptions::default() {
            let whole = match format {
                ExportFormat::Csv => Some(WholeFormat::Csv),
                ExportFormat::Parquet => Some(WholeFormat::Parquet),
                _ => None,
            };
            if let Some(whole) = whole
                && let Some(file) = self.whole_file(open.key(), whole).await?
            {
                return Ok(file.stream(0..file.length()));
            }
        }
        match self.export_once(open, plan, format, options).await {
            Err(error) if error.is_gone() => {
                let open = self.reopen(open.key()).await?;
                self.export_once(&open, plan, format, options).await
            }
            other => other,
        }
    }

    async fn export_once(
        &self,
        open: &Arc<OpenSnapshot>,
        plan: &ExportPlan,
        format: ExportFormat,
        options: &ExportOptions,
    ) -> Result<ByteStream, TablesError> {
        let engine = &self.inner.core.engine;
        // What is wrong with the plan is said now, not in the middle of the stream.
        let scan = Scan::new(open, &plan.predicate, &plan.properties, false)?;
        let sheet = Sheet {
            snapshot: open.snapshot(),
            properties: &plan.properties,
            schema: Arc::clone(scan.schema()),
            options,
            scratch: engine.scratch(),
        };
        if format == ExportFormat::Xlsx {
            self.must_fit_sheet(open, plan).await?;
        }
        let encoder = encoder(format, &sheet)?;
        let place = engine.enter_export().await?;
        Ok(export::start(engine, open, plan.clone(), encoder, place))
    }

    async fn must_fit_sheet(&self, open: &Arc<OpenSnapshot>, plan: &ExportPlan) -> Result<(), TablesError> {
        let limit = XLSX_ROWS_MAX - 1;
        let most = plan.limit.unwrap_or(u64::MAX);
        if open.snapshot().rows.min(most) <= limit {
            return Ok(());
        }
        let count = RowsPlan {
            predicate: plan.predicate.clone(),
            properties: plan.properties.iter().take(1).copied().collect(),
            sort: Vec::new(),
            limit: 0,
            start: Start::Offset(0),
        };
        let rows = self.rows(open, &count).await?.total.min(most);
        if rows > limit {
            return Err(TablesError::TooManyRows { format: "XLSX", rows, limit });
        }
        Ok(())
    }

    /// What a question will cost; the same whatever engine answers.
    #[must_use]
    pub fn estimate(&self, open: &OpenSnapshot, question: Question<'_>) -> Estimate {
        let snapshot = open.snapshot();
        let (rows, columns, units) = match question {
            Question::Rows(plan) => {
                (u64::from(plan.limit).min(snapshot.rows), plan.properties.len(), cost::rows_units(plan, None))
            }
            Question::Aggregate(plan) => {
                (u64::from(plan.limit), plan.names.len(), cost::aggregate_units(plan, snapshot.rows))
            }
            Question::Export(plan, _) => {
                let rows = snapshot.rows.min(plan.limit.unwrap_or(u64::MAX));
                (rows, plan.properties.len(), cost::export_units(plan, rows))
            }
        };
        Estimate { rows, bytes: rows.saturating_mul(columns as u64).saturating_mul(VALUE_BYTES), units }
    }

    /// A whole file beside the snapshot, for answers with ranges; nothing while it is not there (CSV before the index is built;
    /// a quarantine without rows).
    ///
    /// # Errors
    /// `UnknownSnapshot`, or what the store says.
    pub async fn whole_file(&self, key: ContentHash, format: WholeFormat) -> Result<Option<WholeFile>, TablesError> {
        let core = Arc::clone(&self.inner.core);
        let name = match format {
            WholeFormat::Csv => CSV,
            WholeFormat::Parquet => PARQUET,
            WholeFormat::Quarantine => QUARANTINE,
        };
        self.blocking(move || {
            let path = core.store.file(key, name)?;
            path.map(|path| WholeFile::open(path, core.runtime.handle.clone())).transpose()
        })
        .await
    }

    /// What is known of a snapshot, without opening it. Blocks.
    ///
    /// # Errors
    /// `UnknownSnapshot`, `Damaged`, or what the store says.
    pub fn snapshot(&self, key: ContentHash) -> Result<Snapshot, TablesError> {
        self.inner.core.store.meta(key)
    }

    /// Whether the object store has the snapshot. Blocks.
    ///
    /// # Errors
    /// What the store says.
    pub fn has(&self, key: ContentHash) -> Result<bool, TablesError> {
        self.inner.core.store.has(key)
    }

    /// Removes a snapshot with all that belongs to it; whether there was one. Blocks. Answers under way are finished.
    ///
    /// # Errors
    /// What the store says.
    pub fn delete(&self, key: ContentHash) -> Result<bool, TablesError> {
        self.inner.indexer.forget(key);
        let was = self.inner.core.store.delete(key);
        self.inner.core.open.invalidate(&key);
        was
    }

    /// The keys of all snapshots, ascending: for garbage collection and checks. Blocks.
    ///
    /// # Errors
    /// What the store says.
    pub fn list_keys(&self) -> Result<Vec<ContentHash>, TablesError> {
        self.inner.core.store.list()
    }

    /// Runs blocking work on a thread of ours; the bucket's client needs one without a runtime of its own.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, TablesError> + Send + 'static,
    ) -> Result<T, TablesError> {
        let task = self.inner.core.runtime.handle.spawn_blocking(work);
        task.await.unwrap_or_else(|error| Err(TablesError::Engine { doing: "reading files", source: error.into() }))
    }

    /// Copies of remote snapshots may be cleared while they are open: then they are fetched again.
    pub(crate) async fn reopen(&self, key: ContentHash) -> Result<Arc<OpenSnapshot>, TablesError> {
        self.inner.core.open.invalidate(&key);
        self.open_snapshot(key).await
    }
}

impl Core {
    /// Where work that blocks may run.
    pub(crate) const fn threads(&self) -> &tokio::runtime::Handle {
        &self.runtime.handle
    }

    fn open(&self, key: ContentHash) -> Result<Arc<OpenSnapshot>, TablesError> {
        let folder = self.store.folder(key)?;
        let open = Arc::new(OpenSnapshot::open(key, folder)?);
        self.open.insert(key, Arc::clone(&open));
        Ok(open)
    }

    fn build(&self, key: ContentHash, stop: &(dyn Fn() -> bool + Sync)) -> Result<IndexReport, TablesError> {
        let report = self.building.take(key, || make(&self.store, key, stop))?;
        if report.built {
            self.open.invalidate(&key);
        }
        Ok(report)
    }
}

impl Kept {
    fn bytes(&self) -> u32 {
        let items = match self {
            Self::Rows(answer) => answer.items.len(),
            Self::Aggregate(answer) => answer.items.len(),
        };
        u32::try_from(items + KEPT_ANSWER_OVERHEAD).unwrap_or(u32::MAX)
    }
}
