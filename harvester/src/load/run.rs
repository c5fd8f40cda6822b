//! One load from its lease to its end.

use std::path::Path;
use std::sync::Arc;

use fairground_catalog::CatalogError;
use fairground_catalog::dataset::{self, Dataset, Publication};
use fairground_catalog::gate::{self as catalog_gate, BeforeLoad, Clearance, FileScreening, HoldId, Repairs};
use fairground_catalog::table::{
    self, DistributionFile, Lease, LoadJob, LoadProgress, LoadStage, LoadedFile, LoadedTable, Placed, TabularFile,
    Upload, tabular_file,
};
use fairground_domain::{ContentHash, DatasetId, Distribution, DistributionId, Snapshot, Timestamp};
use fairground_tables::TablesError;
use fairground_tables::intake::{IntakeError, LoadOptions, Progress, Watch};
use parking_lot::Mutex;
use tracing::{info, warn};

use super::error::{LoadError, Verdict};
use super::gate::{Reading, Screened};
use super::name::file_name;
use super::schema::{Beside, fetch_schema};
use super::{GENERATION, Loader, held, remove_spool};
use crate::engine::heartbeat::Heartbeat;
use crate::fetch::{Conditional, FetchError, FetchStatus, Fetched, parse_url};
use crate::stop::{Stop, StopReason};

/// What readers are told of tables whose file went.
const NOT_LISTED: &str = "Its dataset no longer lists its file.";
const NO_FILE: &str = "Its dataset no longer names a file that may hold tables.";

impl Loader {
    /// Works on a leased load until it has ended, was put off, or was told to stop. Blocks; must not be called on a thread that
    /// drives an async runtime.
    ///
    /// # Errors
    /// `Stopped` when told to or when the lease is lost (nothing more is written then), `Store` when the store does not answer.
    /// Faults of the file and its server are no errors here: the job given back says what failed.
    pub fn run_load(&self, job: LoadJob, lease: &Lease, stop: &Stop) -> Result<LoadJob, LoadError> {
        let (id, spool) = (job.id, self.spool(lease));
        let shared: Arc<Mutex<LoadProgress>> = Arc::default();
        // The heart stops before the job is ended: a beat after the end would find the lease gone.
        let ended = {
            let _heartbeat = self.heartbeat(lease, stop, &shared, &spool)?;
            Run { loader: self, job: &job, lease, stop, spool: &spool, shared: &shared }.work()
        };
        let ended = match ended {
            Ok(end) => self.catalog().db.write(|tx| end.write(tx, lease, self.tuning().versions_kept)),
            Err(error) => return self.end_badly(&job, lease, &shared.lock().clone(), stop, error),
        };
        if let Ok((_, Some(hold))) = &ended {
            self.keep_for_reviewers(*hold, &spool.join(FILE));
        }
        remove_spool(&spool);
        self.catalog().announce();
        match ended {
            Ok((job, _)) => {
                let LoadProgress { loaded, unchanged, rows, quarantined, .. } = job.progress;
                info!(job.id = %id, loaded, unchanged, rows, quarantined, "Load completed");
                Ok(job)
            }
            Err(error) => self.end_badly(&job, lease, &shared.lock().clone(), stop, error.into()),
        }
    }

    /// A file that cannot be kept is fetched again when it is decided about; it only cannot be looked at before.
    pub(super) fn keep_for_reviewers(&self, hold: HoldId, file: &Path) {
        if file.exists()
            && let Err(error) = catalog_gate::keep_file(self.catalog().data_dir(), hold, file, true)
        {
            warn!(hold.id = %hold, "A held file could not be kept for its reviewers: {error}");
        }
    }

    fn heartbeat(
        &self,
        lease: &Lease,
        stop: &Stop,
        shared: &Arc<Mutex<LoadProgress>>,
        spool: &Path,
    ) -> Result<Heartbeat, LoadError> {
        let (db, lease, shared) = (self.catalog().db.clone(), lease.clone(), Arc::clone(shared));
        let (job, arriving) = (lease.job, spool.join(FILE));
        let beat = move || {
            let mut progress = shared.lock().clone();
            if progress.stage == LoadStage::Fetch {
                // What has arrived so far shows on disk.
                progress.bytes = std::fs::metadata(&arriving).map_or(0, |about| about.len());
            }
            db.write(|tx| table::checkpoint_load(tx, &lease, &progress))
        };
        Heartbeat::beating(job, stop, beat).map_err(|source| LoadError::System { what: "a thread", source })
    }

    /// Puts the job off, ends it as failed, or leaves it, as the error means.
    fn end_badly(
        &self,
        job: &LoadJob,
        lease: &Lease,
        progress: &LoadProgress,
        stop: &Stop,
        error: LoadError,
    ) -> Result<LoadJob, LoadError> {
        remove_spool(&self.spool(lease));
        let db = &self.catalog().db;
        let stopped = stop.reason().or_else(|| error.stopped());
        match (stopped, error.verdict()) {
            (Some(StopReason::Cancelled), _) => Ok(db.read(|tx| table::get_load(tx, job.id))?),
            (Some(StopReason::ShuttingDown), _) => {
                db.write(|tx| table::release_load(tx, lease))?;
                Err(LoadError::Stopped(StopReason::ShuttingDown))
            }
            (Some(reason @ StopReason::LeaseLost), _) => Err(LoadError::Stopped(reason)),
            (None, Verdict::Leave) => Err(error),
            (None, verdict) => {
                let words = with_causes(&error);
                warn!(job.id = %job.id, host = job.host, "Load failed: {words}");
                let check_after = self.check_after();
                let passes = verdict == Verdict::Passes;
                Ok(db.write(|tx| {
                    if matches!(error, LoadError::Resting { .. }) {
                        // A catalogue may list a hundred thousand files of one host that is down.
                        table::put_off_host(tx, &job.host, &words)?;
                    }
                    table::fail_load(tx, lease, progress, &words, passes, check_after)
                })?)
            }
        }
    }

    fn check_after(&self) -> Option<Timestamp> {
        self.tuning().refresh_secs.map(|secs| Timestamp::now().plus_secs(secs))
    }
}

/// Why a load is tried again that the gate withheld and a reviewer then released.
const RELEASED_MEANWHILE: &str = "a reviewer released the file while it was read";

fn no_digest() -> CatalogError {
    CatalogError::Corrupt { what: "load", problem: "a file without a digest".to_owned() }
}

/// The fetched file's name in the spool.
const FILE: &str = "file";

/// How the work ended well: what is left is to write it down.
enum End {
    /// Read, and public if the gate lets it pass.
    Read {
        file: LoadedFile,
        screening: FileScreening,
        figures: Option<Vec<u8>>,
        seen: DistributionFile,
        progress: LoadProgress,
    },
    /// The gate would hold it, so it was not read.
    Withheld {
        dataset: DatasetId,
        screening: FileScreening,
        seen: DistributionFile,
        progress: LoadProgress,
    },
    /// A hold keeps it back already.
    StillHeld {
        seen: DistributionFile,
        progress: LoadProgress,
    },
    /// An uploaded file that was kept for a reviewer, who has decided.
    Upload {
        upload: Box<Upload>,
        screening: FileScreening,
        figures: Option<Vec<u8>>,
        progress: LoadProgress,
    },
    Unchanged {
        seen: DistributionFile,
        progress: LoadProgress,
    },
    Gone(DistributionId, Option<&'static str>),
}

/// What a load writes at its end: the job, and the hold that it opened or met with a file in the spool.
type Written = (LoadJob, Option<HoldId>);

impl End {
    fn write(
        self,
        tx: &mut fairground_catalog::Tx<'_>,
        lease: &Lease,
        versions_kept: u32,
    ) -> Result<Written, CatalogError> {
        match self {
            Self::Read { file, screening, figures, seen, progress } => {
                let clearance =
                    catalog_gate::judge_file(tx, file.dataset, file.distribution, file.source_hash, &screening)?;
                if let Clearance::Held(id) = clearance {
                    return Ok((table::finish_held(tx, lease, &progress, &seen)?, Some(id)));
                }
                let (job, _) = table::publish_load(tx, lease, &progress, &file, &seen, versions_kept)?;
                catalog_gate::note_file_loaded(tx, file.dataset, file.distribution)?;
                catalog_gate::keep_figures(tx, file.distribution, file.source_hash, figures.as_deref())?;
                Ok((job, None))
            }
            Self::Withheld { dataset, screening, seen, progress } => {
                let source_hash = seen.source_hash.ok_or_else(no_digest)?;
                let clearance = catalog_gate::judge_file(tx, dataset, seen.distribution, source_hash, &screening)?;
                match clearance {
                    Clearance::Held(id) => Ok((table::finish_held(tx, lease, &progress, &seen)?, Some(id))),
                    // A reviewer released it in this very moment: it is read by the next attempt.
                    Clearance::Clear | Clearance::Unscreened => {
                        let job = table::fail_load(tx, lease, &progress, RELEASED_MEANWHILE, true, seen.check_after)?;
                        Ok((job, None))
                    }
                }
            }
            Self::StillHeld { seen, progress } => Ok((table::finish_held(tx, lease, &progress, &seen)?, None)),
            Self::Upload { upload, screening, figures, progress } => {
                let placed = table::place_upload(tx, &upload, &screening, versions_kept, "loader")?;
                keep_upload_figures(tx, &upload, &placed, figures.as_deref())?;
                Ok((table::finish_upload(tx, lease, &progress, placed.held.is_some())?, placed.held))
            }
            Self::Unchanged { seen, progress } => Ok((table::finish_unchanged(tx, lease, &progress, &seen)?, None)),
            Self::Gone(distribution, reason) => {
                catalog_gate::forget_figures(tx, distribution)?;
                Ok((table::finish_gone(tx, lease, reason)?, None))
            }
        }
    }
}

/// One load being worked on.
struct Run<'a> {
    loader: &'a Loader,
    job: &'a LoadJob,
    lease: &'a Lease,
    stop: &'a Stop,
    spool: &'a Path,
    shared: &'a Mutex<LoadProgress>,
}

impl Run<'_> {
    fn work(&self) -> Result<End, LoadError> {
        let (dataset, known) = self.loader.catalog().db.read(|tx| {
            let dataset = dataset::get(tx, &self.job.payload.dataset.to_string())?;
            Ok((dataset, table::find_file(tx, self.job.distribution)?))
        })?;
        match dataset.publication {
            Publication::Withdrawn { .. } => return Ok(End::Gone(self.job.distribution, None)),
            // Its publisher may have mended what is held, or a reviewer decided about it.
            Publication::Published | Publication::Held => {}
        }
        if let Some(end) = self.load_kept(&dataset)? {
            return Ok(end);
        }
        let Some(distribution) = self.distribution(&dataset) else {
            return Ok(End::Gone(self.job.distribution, Some(NOT_LISTED)));
        };
        let Some(file) = tabular_file(distribution) else {
            return Ok(End::Gone(self.job.distribution, Some(NO_FILE)));
        };
        self.loader.remove_other_spools(self.lease);
        std::fs::create_dir_all(self.spool).map_err(LoadError::Spool)?;
        self.load(&dataset, distribution, &file, known)
    }

    fn distribution<'d>(&self, dataset: &'d Dataset) -> Option<&'d Distribution> {
        let at = dataset.distribution_ids().into_iter().position(|id| id == self.job.distribution)?;
        dataset.draft.distribution.get(at)
    }

    fn load(
        &self,
        dataset: &Dataset,
        distribution: &Distribution,
        file: &TabularFile,
        known: Option<DistributionFile>,
    ) -> Result<End, LoadError> {
        self.shared.lock().stage = LoadStage::Fetch;
        if let Some(held_at) = &file.held_at {
            return self.load_held(dataset, distribution, file, held_at, known);
        }
        let url = parse_url(&file.url)?;
        let name = file_name(&url, "", distribution.format.as_deref());
        let beside = self.wait(fetch_schema(
            &self.loader.inner.schema_fetcher,
            file.described_by.as_deref(),
            &name,
            self.spool,
        ))?;
        let loader = tag(&beside);
        // What was read otherwise, or elsewhere, is read again whatever its server says.
        let known =
            known.filter(|known| !self.job.payload.afresh && known.loader == loader && known.source_hash.is_some());
        let conditional =
            known.as_ref().filter(|known| known.url == file.url).map_or_else(Conditional::default, |known| {
                Conditional { etag: known.etag.clone(), last_modified: known.last_modified.clone() }
            });
        let sink = self.spool.join(FILE);
        let fetched = self.fetch(&url, &file.host, &conditional, &sink)?;
        self.shared.lock().bytes = fetched.bytes;
        let source_hash = match (fetched.status, &known) {
            (FetchStatus::NotModified, Some(known)) => known.source_hash,
            _ => Some(fetched.sha256),
        };
        let seen = DistributionFile {
            distribution: self.job.distribution,
            dataset: dataset.id,
            url: file.url.clone(),
            etag: fetched.validators.etag.clone(),
            last_modified: fetched.validators.last_modified.clone(),
            source_hash,
            loader,
            check_after: self.loader.check_after(),
        };
        if known.is_some_and(|known| known.source_hash == source_hash) {
            return Ok(End::Unchanged { seen, progress: self.shared.lock().clone() });
        }
        let name = file_name(&url, &fetched.final_url, distribution.format.as_deref());
        self.pass(dataset, distribution, Arrived { fetched, name, beside, seen }, &sink)
    }

    /// Takes a file through the gate and reads it.
    fn pass(
        &self,
        dataset: &Dataset,
        distribution: &Distribution,
        arrived: Arrived,
        sink: &Path,
    ) -> Result<End, LoadError> {
        let source_hash = arrived.fetched.sha256;
        let before =
            self.loader.catalog().db.read(|tx| catalog_gate::before_load(tx, self.job.distribution, source_hash))?;
        let repairs = match before {
            BeforeLoad::Held(_) => {
                return Ok(End::StillHeld { seen: arrived.seen, progress: self.shared.lock().clone() });
            }
            BeforeLoad::Read(repairs) => repairs,
        };
        let seen = arrived.seen.clone();
        let Screened { screening, tables, figures } = self.read(dataset, distribution, arrived, repairs, sink)?;
        let progress = self.shared.lock().clone();
        let Some(tables) = tables else {
            return Ok(End::Withheld { dataset: dataset.id, screening, seen, progress });
        };
        let file = LoadedFile {
            dataset: dataset.id,
            distribution: self.job.distribution,
            title: distribution.title.any().to_owned(),
            uploaded: false,
            source_hash,
            tables,
        };
        Ok(End::Read { file, screening, figures, seen, progress })
    }

    /// An uploaded file about which a reviewer has decided: it has no address, so the one that was kept is read.
    fn load_kept(&self, dataset: &Dataset) -> Result<Option<End>, LoadError> {
        let catalog = self.loader.catalog();
        let Some(hold) = catalog.db.read(|tx| catalog_gate::find_decided_upload(tx, self.job.distribution))? else {
            return Ok(None);
        };
        let kept = catalog_gate::held_file(catalog.data_dir(), hold.id);
        if !kept.exists() {
            return Ok(None);
        }
        std::fs::create_dir_all(self.spool).map_err(LoadError::Spool)?;
        let (source_hash, bytes) = digest_of(&kept).map_err(LoadError::Spool)?;
        let _inside = self.loader.inner.gate.enter(self.stop).map_err(LoadError::Stopped)?;
        self.shared.lock().stage = LoadStage::Read;
        let repairs = hold.decision.and_then(|decision| decision.repairs);
        let tuning = self.loader.tuning();
        let reading = Reading {
            catalog,
            tables: self.loader.tables(),
            file: &kept,
            options: LoadOptions {
                name: hold.name.clone(),
                language: dataset.draft.language.first().cloned(),
                limits: tuning.limits.clone(),
                threads: tuning.threads,
                ..LoadOptions::default()
            },
            distribution: Some(self.job.distribution),
            source_hash,
            repairs,
            authors: hold.authors,
            regardless: false,
            scratch: self.spool,
        };
        let Screened { screening, tables, figures } =
            reading.run(&Watching { stop: self.stop, shared: self.shared })?;
        if tables.is_none() {
            // What was repaired is held again: the next hold needs the file as it came.
            std::fs::copy(&kept, self.spool.join(FILE)).map_err(LoadError::Spool)?;
        }
        let upload = Upload {
            dataset: Some(dataset.slug.clone()),
            file_name: hold.name,
            bytes,
            source_hash,
            tables: tables.unwrap_or_default(),
        };
        let progress = self.shared.lock().clone();
        Ok(Some(End::Upload { upload: Box::new(upload), screening, figures, progress }))
    }

    /// As [`Self::load`], of a file that lies within its own source: in the operator's folder or database.
    fn load_held(
        &self,
        dataset: &Dataset,
        distribution: &Distribution,
        file: &TabularFile,
        held_at: &str,
        known: Option<DistributionFile>,
    ) -> Result<End, LoadError> {
        let sink = self.spool.join(FILE);
        let address = held::address_of_source(self.loader.catalog(), dataset, held_at)?;
        let bring = held::bring(&self.loader.inner.fetcher, &address, held_at, file.described_by.as_deref(), &sink);
        let held::Brought { fetched, name, beside } = self.wait(bring)??;
        self.shared.lock().bytes = fetched.bytes;
        let seen = DistributionFile {
            distribution: self.job.distribution,
            dataset: dataset.id,
            url: file.url.clone(),
            etag: None,
            last_modified: None,
            source_hash: Some(fetched.sha256),
            loader: tag(&beside),
            check_after: self.loader.check_after(),
        };
        let same = |known: &DistributionFile| known.loader == seen.loader && known.source_hash == seen.source_hash;
        if !self.job.payload.afresh && known.as_ref().is_some_and(same) {
            return Ok(End::Unchanged { seen, progress: self.shared.lock().clone() });
        }
        self.pass(dataset, distribution, Arrived { fetched, name, beside, seen }, &sink)
    }

    fn fetch(&self, url: &url::Url, host: &str, conditional: &Conditional, sink: &Path) -> Result<Fetched, LoadError> {
        let hosts = &self.loader.inner.hosts;
        if let Some(why) = hosts.resting(host) {
            return Err(LoadError::Resting { host: host.to_owned(), why });
        }
        let fetched = self.wait(self.loader.inner.fetcher.get(url, conditional, sink))?;
        if let Err(
            error @ (FetchError::UnknownHost { .. } | FetchError::Connect { .. } | FetchError::NoAnswer { .. }),
        ) = &fetched
        {
            hosts.leave_alone(host, &error.to_string());
        }
        Ok(fetched?)
    }

    /// Waits for something on the loader's runtime, unless somebody asks to stop.
    fn wait<T>(&self, work: impl Future<Output = T>) -> Result<T, LoadError> {
        let runtime = self.loader.inner.runtime.as_ref().ok_or(LoadError::Stopped(StopReason::ShuttingDown))?;
        runtime.block_on(async {
            tokio::select! {
                done = work => Ok(done),
                reason = self.stop.stopped() => Err(LoadError::Stopped(reason)),
            }
        })
    }

    fn read(
        &self,
        dataset: &Dataset,
        distribution: &Distribution,
        arrived: Arrived,
        repairs: Option<Repairs>,
        file: &Path,
    ) -> Result<Screened, LoadError> {
        let Arrived { fetched, name, beside, .. } = arrived;
        let _inside = self.loader.inner.gate.enter(self.stop).map_err(LoadError::Stopped)?;
        {
            let mut progress = self.shared.lock();
            progress.stage = LoadStage::Read;
            progress.notes.extend(beside.note);
        }
        let tuning = self.loader.tuning();
        let language = distribution.language.first().or(dataset.draft.language.first());
        let options = LoadOptions {
            name,
            media_type: fetched.content_type.clone().or_else(|| distribution.media_type.clone()),
            declared: beside.schema,
            language: language.cloned(),
            limits: tuning.limits.clone(),
            threads: tuning.threads,
            ..LoadOptions::default()
        };
        let watch = Watching { stop: self.stop, shared: self.shared };
        let reading = Reading {
            catalog: self.loader.catalog(),
            tables: self.loader.tables(),
            file,
            options,
            distribution: Some(self.job.distribution),
            source_hash: fetched.sha256,
            repairs,
            authors: Vec::new(),
            regardless: false,
            scratch: self.spool,
        };
        match reading.run(&watch) {
            Err(LoadError::Tables(error @ (TablesError::Cancelled | TablesError::Intake(IntakeError::Cancelled)))) => {
                Err(self.stop.reason().map_or(LoadError::Tables(error), LoadError::Stopped))
            }
            other => other,
        }
    }
}

/// A file that has come, and what is known of it.
struct Arrived {
    fetched: Fetched,
    name: String,
    beside: Beside,
    seen: DistributionFile,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run").field("job", &self.job.id).field("lease", self.lease).finish_non_exhaustive()
    }
}

/// By what a file is read: program generation and published schema.
fn tag(beside: &Beside) -> String {
    match beside.hash {
        Some(hash) => format!("{GENERATION} {hash}"),
        None => GENERATION.to_string(),
    }
}

/// Keeps how well persons hide in an upload that was published, for its next version.
pub(super) fn keep_upload_figures(
    tx: &mut fairground_catalog::Tx<'_>,
    upload: &Upload,
    placed: &Placed,
    figures: Option<&[u8]>,
) -> Result<(), CatalogError> {
    if placed.held.is_some() {
        return Ok(());
    }
    match table::find_upload(tx, upload)? {
        Some(distribution) => catalog_gate::keep_figures(tx, distribution, upload.source_hash, figures),
        None => Ok(()),
    }
}

/// Tells the tables of a file apart: the only one goes by no name, so that a renamed file or sheet stays the same table; several
/// go by their sheets' or members' names.
pub(super) fn keyed(snapshots: Vec<Snapshot>) -> Vec<LoadedTable> {
    let alone = snapshots.len() == 1;
    snapshots
        .into_iter()
        .map(|snapshot| LoadedTable { key: if alone { String::new() } else { snapshot.name.clone() }, snapshot })
        .collect()
}

/// The digest and length of a file on this machine.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(file: &Path) -> std::io::Result<(ContentHash, u64)> {
    use std::io::Read;

    use sha2::{Digest, Sha256};
    const PIECE: usize = 256 * 1024;
    let (mut file, mut digest, mut bytes) = (std::fs::File::open(file)?, Sha256::new(), 0u64);
    let mut piece = vec![0; PIECE];
    loop {
        let count = file.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
        digest.update(read);
        bytes += u64::try_from(count).unwrap_or_default();
    }
    Ok((ContentHash::from_bytes(digest.finalize().into()), bytes))
}

/// The job follows the reading, and its end ends the reading.
struct Watching<'a> {
    stop: &'a Stop,
    shared: &'a Mutex<LoadProgress>,
}

impl Watch for Watching<'_> {
    fn progress(&self, progress: Progress) {
        self.shared.lock().rows = progress.rows;
    }

    fn stopped(&self) -> bool {
        self.stop.reason().is_some()
    }
}

/// An error and what lies behind it, in one line.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        line.push_str(": ");
        line.push_str(&current.to_string());
        cause = current.source();
    }
    line
}
