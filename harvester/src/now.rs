//! One harvest at once, in this process: what `fairground harvest` does.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use fairground_catalog::harvest::{
    self, HarvestJob, HarvestPayload, HarvestSource, JobState, Lease, Missing, NewSource, SeenKeys,
};
use fairground_catalog::table::LoadSums;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{ContentHash, Slug, Timestamp};
use serde::Serialize;

use crate::engine::{EngineError, Harvester};
use crate::fetch::FetchError;
use crate::gather::{Kind, Location};
use crate::identity::{WorkerIdentity, dead_workers};
use crate::stop::Stop;

/// Who asked, as the journal says it.
const ACTOR: &str = "command-line";
/// How long to wait for a job whose worker cannot be seen from here: longer than a lease holds.
const WAIT_FOR_LEASE: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// Datasets held by the brake that a report names; all are counted.
const NAMED_MISSING: usize = 100;

/// What is to be harvested.
#[derive(Debug, Clone)]
pub struct HarvestNow {
    /// An address or a file's path.
    pub location: String,
    /// The source that it continues; without it one is derived from the location.
    pub source: Option<Slug>,
    /// What it is; detected without it.
    pub kind: Option<Kind>,
    /// The publisher that answers for all of it, when the source is new.
    pub publisher: Option<Slug>,
    /// Let go on what the brake holds.
    pub approve: bool,
    /// Keep nothing; say what would happen.
    pub dry_run: bool,
    /// Only descriptions: ask for no loads of tables.
    pub no_tables: bool,
}

impl HarvestNow {
    /// A plain harvest of an address or file.
    #[must_use]
    pub fn of(location: impl Into<String>) -> Self {
        Self {
            location: location.into(),
            source: None,
            kind: None,
            publisher: None,
            approve: false,
            dry_run: false,
            no_tables: false,
        }
    }
}

/// What came of it: the last line of the command, as JSON. The plain counts are of datasets; data services and series that
/// are not datasets are counted beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HarvestReport {
    /// `completed`, `awaiting_approval`, `failed` or `cancelled`.
    pub state: JobState,
    /// The sums of datasets: `found`, `created`, `updated`, `unchanged`, `deleted`, `refused`, `failed`.
    #[serde(flatten)]
    pub datasets: harvest::Counts,
    /// The sums of data services.
    pub data_services: harvest::Counts,
    /// The sums of dataset series.
    pub dataset_series: harvest::Counts,
    /// The source's readable name.
    pub source: Slug,
    /// The job.
    pub job: fairground_domain::JobId,
    /// Whether nothing was kept.
    pub dry_run: bool,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What was odd.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// How many datasets the brake holds.
    #[serde(skip_serializing_if = "is_zero")]
    pub braked: u64,
    /// What became of the tables, when they were loaded too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<LoadSums>,
    /// The first datasets that the brake holds, by slug.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Why a harvest from the command line did not take place.
#[derive(Debug, thiserror::Error)]
pub enum NowError {
    /// The source is being harvested by somebody else.
    #[error("the source `{0}` is being harvested right now; wait until it has ended")]
    Busy(Slug),
    /// The worker's lock cannot be had.
    #[error("the data folder's `workers` cannot be written: {0}")]
    Workers(#[from] std::io::Error),
    /// The harvest could not be begun or left off.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] CatalogError),
}

impl Harvester {
    /// Harvests at once, on the calling thread: creates the source or continues it, takes over what a dead process left
    /// behind, and reports. The search index is fed by whoever follows the journal ([`fairground_catalog::Catalog::follow`],
    /// or `catch_up` afterwards). Must not be called on a thread that drives an async runtime.
    ///
    /// # Errors
    /// [`NowError`] when the harvest did not take place or was told to stop; a source that fails is a report.
    pub fn harvest_now(&self, request: &HarvestNow, stop: &Stop) -> Result<HarvestReport, NowError> {
        let identity = WorkerIdentity::enrol(self.catalog().data_dir())?;
        let location = absolute(request.location.parse().map_err(EngineError::from)?);
        let address = address_of(&location, &request.location);
        let source = self.catalog().db.write(|tx| find_or_create(tx, request, &location, &address))?;
        let (job, lease) = self.lease(request, &source, &address, &identity)?;
        let job = self.run_job(job, lease, stop)?;
        self.report(source.slug, job)
    }

    /// Gets hold of a job for this request, waiting for one that may be dead elsewhere.
    fn lease(
        &self,
        request: &HarvestNow,
        source: &HarvestSource,
        address: &str,
        identity: &WorkerIdentity,
    ) -> Result<(HarvestJob, Lease), NowError> {
        let mut waited = Duration::ZERO;
        loop {
            let dead = dead_workers(self.catalog().data_dir())?;
            let wanted = Wanted { request, source, address, holder: identity.name(), dead: &dead };
            if let Some(leased) = self.catalog().db.write(|tx| wanted.claim(tx))? {
                return Ok(leased);
            }
            if waited >= WAIT_FOR_LEASE {
                return Err(NowError::Busy(source.slug.clone()));
            }
            thread::sleep(LOOK_AGAIN);
            waited += LOOK_AGAIN;
        }
    }

    fn report(&self, source: Slug, job: HarvestJob) -> Result<HarvestReport, NowError> {
        let missing = if job.state == JobState::AwaitingApproval { self.held_by_brake(&job)? } else { Vec::new() };
        Ok(HarvestReport {
            state: job.state,
            datasets: job.progress.sums.datasets,
            data_services: job.progress.sums.data_services,
            dataset_series: job.progress.sums.dataset_series,
            source,
            job: job.id,
            dry_run: job.payload.dry_run,
            error: job.error,
            notes: job.progress.notes,
            braked: job.progress.braked,
            tables: None,
            missing: missing.into_iter().take(NAMED_MISSING).map(|one| one.slug).collect(),
        })
    }

    /// What would go if the job that the brake holds were approved.
    ///
    /// # Errors
    /// `Store` when the store does not answer.
    pub fn held_by_brake(&self, job: &HarvestJob) -> Result<Vec<Missing>, EngineError> {
        let sweep = self.catalog().db.read(|tx| {
            let source = harvest::get_source(tx, &job.source_id.to_string())?;
            let seen = SeenKeys::load(tx, job.id)?;
            harvest::find_missing(tx, &source, &seen)
        })?;
        Ok(sweep.missing)
    }
}

/// A harvest that somebody wants, and what is known about who may do it.
struct Wanted<'a> {
    request: &'a HarvestNow,
    source: &'a HarvestSource,
    address: &'a str,
    holder: &'a str,
    dead: &'a [String],
}

impl Wanted<'_> {
    /// Continues the source's unfinished job when it is the same, else begins a new one; `None` when somebody works on it.
    fn claim(&self, tx: &mut Tx<'_>) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
        match harvest::find_unfinished(tx, self.source.id)? {
            None => self.begin(tx),
            Some(job) if self.is_worked_on(tx.now, &job) => Ok(None),
            Some(job) if !self.is_same(&job) => self.replace(tx, &job),
            Some(job) => match job.state {
                JobState::AwaitingApproval if self.request.approve => {
                    harvest::approve(tx, job.id)?;
                    self.take(tx, &job)
                }
                // Looked at anew, as the source may have mended what the brake held.
                JobState::AwaitingApproval => self.replace(tx, &job),
                _ => self.take(tx, &job),
            },
        }
    }

    fn begin(&self, tx: &mut Tx<'_>) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
        let payload = HarvestPayload {
            dry_run: self.request.dry_run,
            approved: self.request.approve,
            url: (self.source.url != self.address).then(|| self.address.to_owned()),
            no_tables: self.request.no_tables,
        };
        let job = harvest::enqueue(tx, self.source.id, &payload)?;
        self.take(tx, &job)
    }

    fn replace(&self, tx: &mut Tx<'_>, job: &HarvestJob) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
        harvest::cancel(tx, job.id)?;
        self.begin(tx)
    }

    fn take(&self, tx: &mut Tx<'_>, job: &HarvestJob) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
        if let Some(leased) = harvest::claim(tx, job.id, self.holder, self.dead)? {
            return Ok(Some(leased));
        }
        // A job that was begun too often has just been ended; then a new one is due.
        if harvest::find_unfinished(tx, self.source.id)?.is_none() { self.begin(tx) } else { Ok(None) }
    }

    fn is_worked_on(&self, now: Timestamp, job: &HarvestJob) -> bool {
        let alive = |holder: &String| !self.dead.contains(holder);
        job.state == JobState::Running
            && job.leased_until.is_some_and(|until| until >= now)
            && job.lease_holder.as_ref().is_some_and(alive)
    }

    /// Whether the unfinished job reads the same address for the same purpose.
    fn is_same(&self, job: &HarvestJob) -> bool {
        let address = job.payload.url.as_deref().unwrap_or(&self.source.url);
        address == self.address
            && job.payload.dry_run == self.request.dry_run
            && job.payload.no_tables == self.request.no_tables
    }
}

/// The source by its slug, or a new one. A kind that is given now replaces the one that is known.
fn find_or_create(
    tx: &mut Tx<'_>,
    request: &HarvestNow,
    location: &Location,
    address: &str,
) -> Result<HarvestSource, CatalogError> {
    let slug = match &request.source {
        Some(slug) => slug.clone(),
        None => derived_slug(location, address)?,
    };
    let kind = request.kind.map(|kind| kind.to_string());
    let Some(known) = harvest::find_source(tx, slug.as_str())? else {
        let publisher = request.publisher.clone();
        let new = NewSource { slug, url: address.to_owned(), kind, publisher, interval_secs: None };
        return harvest::create_source(tx, new, ACTOR);
    };
    match kind {
        Some(kind) if known.url == address && known.kind.as_ref() != Some(&kind) => {
            harvest::save_kind(tx, known.id, address, &kind)?;
            Ok(HarvestSource { kind: Some(kind), ..known })
        }
        _ => Ok(known),
    }
}

/// A readable name, told apart by the address itself: two files of one name must never continue each other.
fn derived_slug(location: &Location, address: &str) -> Result<Slug, CatalogError> {
    const DIGITS: usize = 8;
    let readable = match location {
        Location::Web(url) => format!("{} {}", url.host_str().unwrap_or_default(), url.path()),
        Location::Database(database) => database.to_string(),
        Location::File(path) => {
            let last: Vec<_> = path.iter().rev().take(2).map(|name| name.to_string_lossy()).collect();
            last.into_iter().rev().collect::<Vec<_>>().join(" ")
        }
    };
    let stem = match Slug::from_title(&readable) {
        Some(slug) => slug,
        None => "source".parse().map_err(|_| CatalogError::Invalid { field: "source", problem: readable })?,
    };
    let digest: String = ContentHash::of(address.as_bytes()).to_string().chars().take(DIGITS).collect();
    Ok(stem.with_suffix(&digest))
}

/// A path is made absolute, so that the source can be harvested from another folder too.
fn absolute(location: Location) -> Location {
    match location {
        Location::File(path) => Location::File(std::path::absolute(&path).unwrap_or(path)),
        other @ (Location::Web(_) | Location::Database(_)) => other,
    }
}

/// Why there is no source at an address.
#[derive(Debug, thiserror::Error)]
pub enum NoSourceThere {
    /// It is none.
    #[error(transparent)]
    Address(#[from] FetchError),
    /// It is a path, and nothing lies there.
    #[error("there is no file and no folder at `{}`", .0.display())]
    Path(PathBuf),
}

/// The address of a new source as it is kept. A path is made absolute, since whoever harvests it may stand elsewhere.
///
/// # Errors
/// [`NoSourceThere`] for what is no address, and for a path where nothing lies.
pub fn new_source_address(given: &str) -> Result<String, NoSourceThere> {
    match absolute(given.parse()?) {
        Location::File(path) if !path.exists() => Err(NoSourceThere::Path(path)),
        location => Ok(address_of(&location, given)),
    }
}

/// As the source keeps it: an address as it was given, with the credentials it needs.
fn address_of(location: &Location, given: &str) -> String {
    match location {
        Location::Web(_) => given.trim().to_owned(),
        Location::Database(address) => address.to_kept(given),
        Location::File(path) => PathBuf::clone(path).to_string_lossy().into_owned(),
    }
}
