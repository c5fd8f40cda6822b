//! The engine: one leased job from its source to its end.
//!
//! gather → survey → decode → import → brake → sweep → finish. Every write proves the lease; the position is saved with each
//! batch, so that whoever takes the job over goes on where it stood. A dry run takes the same way and keeps nothing.

mod error;
pub(crate) mod heartbeat;
mod import;
mod key;
mod pipeline;
mod record;
mod sweep;

use std::fmt;
use std::sync::Arc;

use fairground_catalog::harvest::{
    self, Counts, HarvestJob, HarvestProgress, HarvestSource, JobFilter, JobState, Lease, SeenKeys, Stage, Sums,
    Validators,
};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::JobId;
use fairground_standards::{Document, Format, Limits};
use tokio::runtime::Runtime;
use tracing::{info, warn};

use crate::fetch::{Conditional, Fetcher};
use crate::gather::{GatherRequest, Gathered, Kind, Location, Spool, gather, is_gathered, remove_folder, spool_folder};
use crate::stop::{Stop, StopReason};

pub use error::EngineError;
use heartbeat::Heartbeat;

/// How the engine uses the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tuning {
    /// Records in one transaction.
    pub batch: usize,
    /// Bytes of raw records that close a batch early.
    pub batch_bytes: usize,
    /// Threads that decode.
    pub decoders: usize,
    /// Limits on documents.
    pub limits: Limits,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { batch: 500, batch_bytes: 8 * 1024 * 1024, decoders: 2, limits: Limits::default() }
    }
}

/// What every harvest of a process shares. Cheap to clone.
#[derive(Clone)]
pub struct Harvester {
    inner: Arc<Inner>,
}

struct Inner {
    catalog: Catalog,
    fetcher: Fetcher,
    tuning: Tuning,
    /// Connections live on a runtime of their own, since harvests come and go on plain threads.
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

impl fmt::Debug for Harvester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harvester").field("catalog", &self.inner.catalog).field("tuning", &self.inner.tuning).finish()
    }
}

impl Harvester {
    /// A harvester into `catalog` that fetches by `fetcher`.
    ///
    /// # Errors
    /// `System` when the threads for fetching cannot be had.
    pub fn new(catalog: Catalog, fetcher: Fetcher, tuning: Tuning) -> Result<Self, EngineError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("harvest-fetch")
            .enable_all()
            .build()
            .map_err(|source| EngineError::System { what: "a thread", source })?;
        Ok(Self { inner: Arc::new(Inner { catalog, fetcher, tuning, runtime: Some(runtime) }) })
    }

    /// The catalogue it harvests into.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.inner.catalog
    }

    /// The fetcher, which keeps every host's pace.
    #[must_use]
    pub fn fetcher(&self) -> &Fetcher {
        &self.inner.fetcher
    }

    /// Works on a leased job until it has ended, paused, or was told to stop. Blocks; must not be called on a thread that
    /// drives an async runtime. The search index is not touched: whoever follows the journal is woken after each batch.
    ///
    /// # Errors
    /// `Stopped` when told to or when the lease is lost (nothing more is written then), `Store` when the store does not
    /// answer. Faults of the source are no errors here: the job given back is `failed` and says why.
    pub fn run_job(&self, job: HarvestJob, lease: Lease, stop: &Stop) -> Result<HarvestJob, EngineError> {
        let catalog = self.catalog();
        let (id, folder) = (job.id, spool_folder(catalog.data_dir(), job.id));
        let source = catalog.db.read(|tx| harvest::get_source(tx, &job.source_id.to_string()))?;
        // The heart stops before the job is ended: a beat after the end would find the lease gone.
        let ended = {
            let _heartbeat = Heartbeat::start(&catalog.db, &lease, stop)?;
            Run::new(self, source, job, lease.clone(), stop).work()
        };
        let ended = match ended {
            Ok(job) => Ok(job),
            Err(EngineError::SpoolLost) => {
                let (job, lease) = self.begin_anew(id, &lease)?;
                return self.run_job(job, lease, stop);
            }
            Err(error) => self.end_badly(id, &lease, error),
        };
        if let Ok(job) = &ended {
            if !matches!(job.state, JobState::Running | JobState::Queued) {
                remove_folder(&folder).unwrap_or_else(|error| warn!(job.id = %id, "A spool stays behind: {error}"));
            }
            log_end(job);
        }
        catalog.announce();
        ended
    }

    /// Ends a job that cannot be continued, and begins another for the same purpose.
    fn begin_anew(&self, id: JobId, lease: &Lease) -> Result<(HarvestJob, Lease), EngineError> {
        warn!(job.id = %id, "A harvest cannot be continued here and begins anew");
        let begun = self.catalog().db.write(|tx| {
            let old = harvest::fail(tx, lease, &EngineError::SpoolLost.to_string())?;
            let new = harvest::enqueue(tx, old.source_id, &old.payload)?;
            harvest::claim(tx, new.id, &lease.holder, &[])?.ok_or(CatalogError::LeaseLost(new.id))
        })?;
        Ok(begun)
    }

    /// Ends the job as failed when that is what the error means.
    fn end_badly(&self, id: JobId, lease: &Lease, error: EngineError) -> Result<HarvestJob, EngineError> {
        if let Some(verdict) = error.verdict() {
            return Ok(self.catalog().db.write(|tx| harvest::fail(tx, lease, &verdict))?);
        }
        if error.stopped() == Some(StopReason::Cancelled) {
            return Ok(self.catalog().db.read(|tx| harvest::get_job(tx, id))?);
        }
        Err(error)
    }

    fn gather(&self, request: &GatherRequest<'_>, stop: &Stop) -> Result<Gathered, EngineError> {
        let runtime = self.inner.runtime.as_ref().ok_or(EngineError::Stopped(StopReason::ShuttingDown))?;
        let on_part = |parts: usize| tracing::debug!(parts, "Gathered a part");
        Ok(runtime.block_on(gather(&self.inner.fetcher, request, stop, &on_part))?)
    }
}

fn log_end(job: &HarvestJob) {
    let Counts { found, created, updated, unchanged, deleted, refused, failed } = job.progress.sums.datasets;
    info!(
        job.id = %job.id, source.id = %job.source_id, state = job.state.as_str(), found, created, updated, unchanged,
        deleted, refused, failed, error = job.error.as_deref().unwrap_or_default(), "Harvest {}", job.state.as_str()
    );
}

/// One job being worked on.
struct Run<'a> {
    harvester: &'a Harvester,
    source: HarvestSource,
    job: HarvestJob,
    lease: Lease,
    stop: &'a Stop,
    progress: HarvestProgress,
    seen: SeenKeys,
}

impl<'a> Run<'a> {
    fn new(harvester: &'a Harvester, source: HarvestSource, job: HarvestJob, lease: Lease, stop: &'a Stop) -> Self {
        // A dry run keeps nothing, so there is nothing to go on from.
        let progress = if job.payload.dry_run { HarvestProgress::default() } else { job.progress.clone() };
        Self { harvester, source, job, lease, stop, progress, seen: SeenKeys::default() }
    }

    fn work(mut self) -> Result<HarvestJob, EngineError> {
        let location: Location = self.address().parse()?;
        let learned = match self.progress.stage {
            Stage::Gather | Stage::Import => {
                let kind = self.kind()?;
                let conditional = self.conditional();
                let folder = spool_folder(self.harvester.catalog().data_dir(), self.job.id);
                // Positions count records of what was gathered; of something else they would skip what nobody looked at.
                if self.progress.position > 0 && !is_gathered(&folder) {
                    return Err(EngineError::SpoolLost);
                }
                let request = GatherRequest { location: &location, kind, conditional: &conditional, folder: &folder };
                let spool = match self.harvester.gather(&request, self.stop)? {
                    Gathered::NotModified => return self.finish_unchanged("the source says that nothing has changed"),
                    Gathered::Spooled(spool) => spool,
                };
                if self.is_known(&spool) {
                    return self.finish_unchanged("the source sent exactly what it sent last time");
                }
                match self.import(&spool)? {
                    Some(learned) => Some(learned),
                    // Without all of the source there is no telling what is gone.
                    None => return self.finish(None),
                }
            }
            // Approved, or taken over in the middle of the sweep: everything has been imported.
            Stage::Sweep | Stage::Done => {
                self.seen = self.harvester.catalog().db.read(|tx| SeenKeys::load(tx, self.job.id))?;
                None
            }
        };
        if let Some(paused) = self.sweep()? {
            return Ok(paused);
        }
        self.finish(learned)
    }

    /// The address of this run.
    fn address(&self) -> &str {
        self.job.payload.url.as_deref().unwrap_or(&self.source.url)
    }

    fn is_own_address(&self) -> bool {
        self.address() == self.source.url
    }

    /// What the source is registered as, while it is at its own address; elsewhere its bytes say what they are.
    fn kind(&self) -> Result<Option<Kind>, EngineError> {
        let kind = self.source.kind.as_deref().filter(|_| self.is_own_address());
        Ok(kind.map(str::parse).transpose()?)
    }

    /// What to ask the source by. Another address, and a dry run, ask for everything.
    fn conditional(&self) -> Conditional {
        if self.job.payload.dry_run || !self.is_own_address() {
            return Conditional::default();
        }
        let Validators { etag, last_modified, .. } = self.source.validators.clone();
        Conditional { etag, last_modified }
    }

    /// Whether exactly these bytes were imported completely before, and by a run that has not begun to import.
    fn is_known(&self, spool: &Spool) -> bool {
        let known = self.source.validators.sha256.as_deref();
        !self.job.payload.dry_run
            && self.progress.stage == Stage::Gather
            && spool.manifest.complete
            && known == Some(spool.manifest.sha256.to_string().as_str())
    }

    /// The short way: everything is as the last completed harvest left it.
    fn finish_unchanged(mut self, note: &str) -> Result<HarvestJob, EngineError> {
        let source = self.job.source_id;
        let filter = JobFilter { source: Some(source), state: Some(JobState::Completed), before: None };
        let db = &self.harvester.catalog().db;
        let last = db.read(|tx| {
            const LOOK_AT: i64 = 20;
            let jobs = harvest::list_jobs(tx, &filter, LOOK_AT)?;
            Ok(jobs.into_iter().find(|job| !job.payload.dry_run).map(|job| job.progress.sums))
        })?;
        let found = self.source.validators.found.unwrap_or_default();
        let counted = || Sums { datasets: Counts { found, ..Counts::default() }, ..Sums::default() };
        self.progress.sums = as_unchanged(last.unwrap_or_else(counted));
        self.progress.total = Some(self.progress.sums.total().found);
        self.progress.notes.push(note.to_owned());
        self.progress.stage = Stage::Done;
        Ok(db.write(|tx| harvest::complete(tx, &self.lease, &self.progress))?)
    }

    /// Remembers what the source said, and ends the job.
    fn finish(mut self, learned: Option<Learned>) -> Result<HarvestJob, EngineError> {
        self.progress.stage = Stage::Done;
        let failed = self.progress.sums.total().failed;
        let db = &self.harvester.catalog().db;
        let job = db.write(|tx| {
            if !self.job.payload.dry_run {
                let kind = learned.as_ref().map(|learned| learned.format.kind());
                if let Some(kind) = kind.or(self.source.kind.as_deref()) {
                    harvest::save_kind(tx, self.source.id, self.address(), kind)?;
                }
                // After an incomplete or partly failed run the next one must look at everything again.
                let validators = learned.filter(|_| failed == 0).map(|learned| learned.validators).unwrap_or_default();
                harvest::save_validators(tx, self.source.id, &validators)?;
            }
            harvest::complete(tx, &self.lease, &self.progress)
        })?;
        Ok(job)
    }
}

/// What a completely gathered and imported source said.
#[derive(Debug)]
struct Learned {
    format: Format,
    validators: Validators,
}

/// The sums of a run that finds everything as an earlier one left it: what was refused is refused still.
fn as_unchanged(last: Sums) -> Sums {
    let repeat = |counts: Counts| Counts {
        found: counts.found,
        unchanged: counts.found.saturating_sub(counts.refused + counts.failed),
        refused: counts.refused,
        failed: counts.failed,
        ..Counts::default()
    };
    Sums {
        datasets: repeat(last.datasets),
        data_services: repeat(last.data_services),
        dataset_series: repeat(last.dataset_series),
    }
}

/// Whether a failure of the store may be one record's fault rather than the store's.
fn may_be_a_records_fault(error: &CatalogError) -> bool {
    matches!(error, CatalogError::Storage(_) | CatalogError::Corrupt { .. } | CatalogError::Invalid { .. })
}

/// Opens the survey of a gathered source.
fn survey(spool: &Spool, limits: &Limits) -> Result<Document, EngineError> {
    Ok(Document::open(&spool.parts, spool.manifest.format, limits)?)
}
