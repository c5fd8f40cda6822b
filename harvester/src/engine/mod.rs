//! The engine: one leased job from its source to its end.
//!
//! gather → survey → decode → map → import → brake → sweep → match → finish. Every write proves the lease; the position is saved with each
//! batch, so that whoever takes the job over goes on where it stood. A dry run takes the same way and keeps nothing.

mod changes;
mod error;
pub(crate) mod heartbeat;
mod import;
mod key;
mod pipeline;
mod record;
mod sweep;
mod twins;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use fairground_catalog::harvest::{
    self, Counts, HarvestJob, HarvestProgress, HarvestSource, JobFilter, JobState, Lease, SeenKeys, Stage, Sums,
    Validators,
};
use fairground_catalog::source::{self, SourceRules};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::JobId;
use fairground_standards::{CODEC_VERSION, Document, Format, Limits};
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
    /// What is done about failures that may pass.
    pub patience: Patience,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            batch: 500,
            batch_bytes: 8 * 1024 * 1024,
            decoders: 2,
            limits: Limits::default(),
            patience: Patience::default(),
        }
    }
}

/// How often, and after which pauses, what failed is tried again. Requests have limits of their own
/// ([`crate::fetch::FetchLimits`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// How often a whole harvest is put off whose source is in trouble.
    pub jobs: u32,
    /// Pause before its first further try; four times as long before each one after it.
    pub job_pause: Duration,
    /// Longest pause of a harvest, and longest `Retry-After` of a source that is waited for.
    pub longest_job_pause: Duration,
    /// How often a batch is tried again, and after it each of its records, when the store refuses.
    pub store: u32,
    /// Pause before the first of those tries; doubles with each.
    pub store_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            jobs: 4,
            job_pause: Duration::from_secs(60),
            longest_job_pause: Duration::from_secs(6 * 3600),
            store: 5,
            store_pause: Duration::from_millis(200),
        }
    }
}

impl Patience {
    /// The pause before try number `failed + 1` of a harvest, by chance up to a quarter longer.
    fn before_job(&self, failed: u32) -> Duration {
        let plain = self.job_pause.saturating_mul(4u32.saturating_pow(failed)).min(self.longest_job_pause);
        plain + plain.mul_f64(rand::random_range(0.0..0.25))
    }

    /// The pause before try number `failed + 1` at the store.
    fn before_store(&self, failed: u32) -> Duration {
        self.store_pause.saturating_mul(2u32.saturating_pow(failed))
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
        self.run(job, lease, stop, false)
    }

    /// As [`Self::run_job`], for a worker that will come by again: what may pass puts the job off instead of ending it, a
    /// bounded number of times ([`Patience`]).
    ///
    /// # Errors
    /// As [`Self::run_job`].
    pub fn run_job_patiently(&self, job: HarvestJob, lease: Lease, stop: &Stop) -> Result<HarvestJob, EngineError> {
        self.run(job, lease, stop, true)
    }

    fn run(&self, job: HarvestJob, lease: Lease, stop: &Stop, patient: bool) -> Result<HarvestJob, EngineError> {
        let catalog = self.catalog();
        let (id, folder) = (job.id, spool_folder(catalog.data_dir(), job.id));
        let asked = catalog.db.read(|tx| {
            let source = harvest::get_source(tx, &job.source_id.to_string())?;
            let rules = source::current_rules(tx, source.id)?;
            Ok((source, rules))
        });
        let (source, rules) = match asked {
            Ok(found) => found,
            Err(error) => return self.end_badly(id, &lease, error.into(), patient),
        };
        // The heart stops before the job is ended: a beat after the end would find the lease gone.
        let ended = {
            let _heartbeat = Heartbeat::start(&catalog.db, &lease, stop)?;
            Run::new(self, source, rules, job, lease.clone(), stop).work()
        };
        let ended = match ended {
            Ok(job) => Ok(job),
            Err(EngineError::SpoolLost) => {
                let (job, lease) = self.begin_anew(id, &lease)?;
                return self.run(job, lease, stop, patient);
            }
            Err(error) => self.end_badly(id, &lease, error, patient),
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
    fn end_badly(
        &self,
        id: JobId,
        lease: &Lease,
        error: EngineError,
        patient: bool,
    ) -> Result<HarvestJob, EngineError> {
        if patient && let Some(job) = self.put_off(id, lease, &error)? {
            return Ok(job);
        }
        if let Some(verdict) = error.verdict() {
            return Ok(self.catalog().db.write(|tx| harvest::fail(tx, lease, &verdict))?);
        }
        if error.stopped() == Some(StopReason::Cancelled) {
            return Ok(self.catalog().db.read(|tx| harvest::get_job(tx, id))?);
        }
        Err(error)
    }

    /// Puts a job off when its failure may pass and it has not been put off too often.
    fn put_off(&self, id: JobId, lease: &Lease, error: &EngineError) -> Result<Option<HarvestJob>, EngineError> {
        let patience = &self.inner.tuning.patience;
        let Some(asked) = error.may_pass() else { return Ok(None) };
        let db = &self.catalog().db;
        let failed = db.read(|tx| harvest::get_job(tx, id))?.progress.put_off;
        if failed >= patience.jobs || asked > patience.longest_job_pause {
            return Ok(None);
        }
        let pause = patience.before_job(failed).max(asked);
        let secs = i64::try_from(pause.as_secs()).unwrap_or(i64::MAX);
        let job = db.write(|tx| {
            let until = tx.now.plus_secs(secs);
            harvest::put_off(tx, lease, until, &error.to_string())
        })?;
        warn!(job.id = %id, pause_secs = secs, failed = failed + 1, "Harvest put off: {error}");
        Ok(Some(job))
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
    rules: SourceRules,
}

impl<'a> Run<'a> {
    fn new(
        harvester: &'a Harvester,
        source: HarvestSource,
        rules: SourceRules,
        job: HarvestJob,
        lease: Lease,
        stop: &'a Stop,
    ) -> Self {
        // A dry run keeps nothing, so there is nothing to go on from.
        let progress = if job.payload.dry_run {
            HarvestProgress { put_off: job.progress.put_off, ..HarvestProgress::default() }
        } else {
            job.progress.clone()
        };
        Self { harvester, source, job, lease, stop, progress, seen: SeenKeys::default(), rules }
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
                let since = self.since();
                let request = GatherRequest {
                    location: &location,
                    kind,
                    conditional: &conditional,
                    since: since.as_deref(),
                    folder: &folder,
                };
                let mut spool = match self.harvester.gather(&request, self.stop)? {
                    Gathered::NotModified => return self.finish_unchanged("the source says that nothing has changed"),
                    Gathered::Spooled(spool) => spool,
                };
                if spool.manifest.only_changes && self.progress.stage == Stage::Gather && !self.adds_up(&spool)? {
                    info!(job.id = %self.job.id, "Changes alone do not add up; the source is read whole");
                    remove_folder(&folder)?;
                    let whole = GatherRequest { since: None, ..request };
                    let Gathered::Spooled(all) = self.harvester.gather(&whole, self.stop)? else {
                        return self.finish_unchanged("the source says that nothing has changed");
                    };
                    spool = all;
                }
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
        // Of changes alone nothing can be missing: the sums have been held against the source's own count.
        if !self.progress.only_changes
            && let Some(paused) = self.sweep()?
        {
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
        if !self.trusts_validators() {
            return Conditional::default();
        }
        let Validators { etag, last_modified, .. } = self.source.validators.clone();
        Conditional { etag, last_modified }
    }

    /// Whether what the source said last time may be relied upon: it was read by the same codecs under the same rules, and the
    /// run is one that keeps what it finds.
    fn trusts_validators(&self) -> bool {
        !self.job.payload.dry_run && self.is_own_address() && self.source.validators.reader == self.reader()
    }

    /// What reads the source in this run.
    fn reader(&self) -> String {
        format!("{CODEC_VERSION} rules/{}", self.rules.version)
    }

    /// Whether exactly these bytes were imported completely before, and by a run that has not begun to import.
    fn is_known(&self, spool: &Spool) -> bool {
        let known = self.source.validators.sha256.as_deref();
        self.source.validators.reader == self.reader()
            && !self.job.payload.dry_run
            && self.progress.stage == Stage::Gather
            && !spool.manifest.only_changes
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
        self.withdraw_expired()?;
        self.progress.stage = Stage::Done;
        let db = &self.harvester.catalog().db;
        Ok(db.write(|tx| harvest::complete(tx, &self.lease, &self.progress))?)
    }

    /// Remembers what the source said, and ends the job.
    fn finish(mut self, learned: Option<Learned>) -> Result<HarvestJob, EngineError> {
        self.match_twins()?;
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
pub(super) fn survey(spool: &Spool, limits: &Limits) -> Result<Document, EngineError> {
    Ok(Document::open(&spool.parts, spool.manifest.format, limits)?)
}
