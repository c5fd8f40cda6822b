//! Workers that load tables in the background, until they are told to stop.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fairground_catalog::gate;
use fairground_catalog::table::{self, RETIRED_AFTER_SECS};
use fairground_domain::{DistributionId, JobId, Timestamp};
use tracing::{info, warn};

use super::error::LoadError;
use super::{Loader, SPOOL_HOLDER, remove_spool, spool_root};
use crate::crew::{Bell, Crew, Work};
use crate::identity::WorkerIdentity;
use crate::stop::Stop;

/// How long the first worker sleeps before it looks for loads again; it wakes the others when there is one.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long the other workers sleep unless they are woken.
const NAP: Duration = Duration::from_secs(10);
/// How often files are looked through that are due again.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// Snapshots out of use that one sweep removes.
const RETIRED_AT_ONCE: i64 = 200;

/// Workers of a process that load tables. Dropping it without [`LoadWorkers::stop`] lets them run on until the process ends.
#[derive(Debug)]
pub struct LoadWorkers(Crew);

impl LoadWorkers {
    /// Starts the loader's workers; the first one also sweeps: files that are due again, snapshots out of use, spools of the dead.
    ///
    /// # Errors
    /// When a worker cannot be enrolled or its thread not be had.
    pub fn start(loader: &Loader) -> io::Result<Self> {
        let crew = Crew::start("load", loader.tuning().parallel.max(1), |number, stop, bell| {
            Ok(Worker {
                loader: loader.clone(),
                identity: WorkerIdentity::enrol(loader.catalog().data_dir())?,
                stop: stop.clone(),
                bell: Arc::clone(bell),
                swept: (number == 0).then_some(None),
                rescreened: (number == 0).then_some(None),
            })
        })?;
        Ok(Self(crew))
    }

    /// Tells an idle worker that there is something to do.
    pub fn wake(&self) {
        self.0.wake();
    }

    /// Ends all workers: loads under way are given back and begun again by whoever comes next. Blocks until they have ended.
    pub fn stop(self) {
        self.0.stop();
    }
}

struct Worker {
    loader: Loader,
    identity: WorkerIdentity,
    stop: Stop,
    bell: Arc<Bell>,
    /// When the sweeps were last done; `None` inside for never, outside for workers that leave them alone.
    swept: Option<Option<Instant>>,
    /// How far public files were screened again; `None` outside for workers that leave that alone.
    rescreened: Option<Option<DistributionId>>,
}

impl Work for Worker {
    type Error = LoadError;

    fn begin(&mut self) {
        if self.swept.is_some()
            && let Err(error) = self.tidy()
        {
            warn!("Spools of ended loads stay behind: {error}");
        }
    }

    fn step(&mut self) -> Result<bool, LoadError> {
        self.sweep()?;
        let bell = Arc::clone(&self.bell);
        if self.loader.load_next(&self.identity, None, &self.stop, &|| bell.ring())? {
            return Ok(true);
        }
        match &mut self.rescreened {
            Some(after) => self.loader.rescreen_next(after),
            None => Ok(false),
        }
    }

    fn nap(&self) -> Duration {
        if self.swept.is_some() { LOOK_EVERY } else { NAP }
    }
}

impl Worker {
    fn sweep(&mut self) -> Result<(), LoadError> {
        let Some(last) = &mut self.swept else { return Ok(()) };
        if last.is_some_and(|at| at.elapsed() < SWEEP_EVERY) {
            return Ok(());
        }
        *last = Some(Instant::now());
        let db = &self.loader.catalog().db;
        let due = db.write(table::enqueue_due_checks)?;
        if due > 0 {
            info!(due, "Files are looked at again");
        }
        let until = Timestamp::now().plus_secs(-RETIRED_AFTER_SECS);
        for key in db.write(|tx| table::take_retired(tx, until, RETIRED_AT_ONCE))? {
            if let Err(error) = self.loader.tables().delete(key) {
                warn!(snapshot = %key, "A snapshot that is out of use stays behind: {error}");
            }
        }
        Ok(gate::tidy_files(self.loader.catalog())?)
    }

    /// Removes spools of loads that nobody works on, as a killed process leaves them.
    fn tidy(&self) -> Result<(), LoadError> {
        let root = spool_root(self.loader.catalog().data_dir());
        let entries = match std::fs::read_dir(&root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(LoadError::Spool(error)),
        };
        for entry in entries {
            let entry = entry.map_err(LoadError::Spool)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((id, holder)) = name.split_once(SPOOL_HOLDER) else { continue };
            let Ok(id) = id.parse::<JobId>() else { continue };
            let job = self.loader.catalog().db.read(|tx| match table::get_load(tx, id) {
                Ok(job) => Ok(Some(job)),
                Err(fairground_catalog::CatalogError::NotFound { .. }) => Ok(None),
                Err(other) => Err(other),
            })?;
            if job.is_none_or(|job| job.lease_holder.as_deref() != Some(holder)) {
                remove_spool(&entry.path());
            }
        }
        Ok(())
    }
}
