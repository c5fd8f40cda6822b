//! Workers that load tables in the background, until they are told to stop.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fairground_catalog::table::{self, RETIRED_AFTER_SECS};
use fairground_domain::{JobId, Timestamp};
use parking_lot::{Condvar, Mutex};
use tracing::{error, info, warn};

use super::error::LoadError;
use super::{Loader, SPOOL_HOLDER, remove_spool, spool_root};
use crate::identity::WorkerIdentity;
use crate::stop::{Stop, StopReason};

/// How long the first worker sleeps before it looks for loads again; it wakes the others when there is one.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long the other workers sleep unless they are woken.
const NAP: Duration = Duration::from_secs(10);
/// How often files are looked through that are due again.
const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long a worker leaves a store alone that does not answer.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Snapshots out of use that one sweep removes.
const RETIRED_AT_ONCE: i64 = 200;

/// Workers of a process that load tables. Dropping it without [`LoadWorkers::stop`] lets them run on until the process ends.
#[derive(Debug)]
pub struct LoadWorkers {
    stop: Stop,
    bell: Arc<Bell>,
    threads: Vec<JoinHandle<()>>,
}

/// Counts what there is to do: each ring wakes one sleeper.
#[derive(Debug, Default)]
struct Bell {
    rings: Mutex<usize>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rings.lock() += 1;
        self.changed.notify_one();
    }

    fn wait(&self, longest: Duration) {
        let mut rings = self.rings.lock();
        if *rings == 0 {
            self.changed.wait_for(&mut rings, longest);
        }
        *rings = rings.saturating_sub(1);
    }
}

impl LoadWorkers {
    /// Starts the loader's workers; the first one also sweeps: files that are due again, snapshots out of use, spools of the dead.
    ///
    /// # Errors
    /// When a worker cannot be enrolled or its thread not be had.
    pub fn start(loader: &Loader) -> io::Result<Self> {
        let mut workers = Self { stop: Stop::new(), bell: Arc::default(), threads: Vec::new() };
        for number in 0..loader.tuning().parallel.max(1) {
            let worker = Worker {
                loader: loader.clone(),
                identity: WorkerIdentity::enrol(loader.catalog().data_dir())?,
                stop: workers.stop.clone(),
                bell: Arc::clone(&workers.bell),
                swept: (number == 0).then_some(None),
            };
            let name = format!("load-{}", number + 1);
            workers.threads.push(thread::Builder::new().name(name).spawn(move || worker.run())?);
        }
        Ok(workers)
    }

    /// Tells an idle worker that there is something to do.
    pub fn wake(&self) {
        self.bell.ring();
    }

    /// Ends all workers: loads under way are given back and begun again by whoever comes next. Blocks until they have ended.
    pub fn stop(mut self) {
        self.stop.stop(StopReason::ShuttingDown);
        for _ in &self.threads {
            self.bell.ring();
        }
        for thread in self.threads.drain(..) {
            self.bell.ring();
            if thread.join().is_err() {
                error!("A load worker had broken down");
            }
        }
    }
}

struct Worker {
    loader: Loader,
    identity: WorkerIdentity,
    stop: Stop,
    bell: Arc<Bell>,
    /// When the sweeps were last done; `None` inside for never, outside for workers that leave them alone.
    swept: Option<Option<Instant>>,
}

impl Worker {
    fn run(mut self) {
        if self.swept.is_some()
            && let Err(error) = self.tidy()
        {
            warn!("Spools of ended loads stay behind: {error}");
        }
        while self.stop.reason().is_none() {
            match self.step() {
                Ok(true) => {}
                Ok(false) => self.bell.wait(if self.swept.is_some() { LOOK_EVERY } else { NAP }),
                Err(error) => {
                    error!(error = &error as &dyn std::error::Error, "A load worker cannot go on for now");
                    self.bell.wait(REST_AFTER_FAILURE);
                }
            }
        }
    }

    fn step(&mut self) -> Result<bool, LoadError> {
        self.sweep()?;
        let bell = Arc::clone(&self.bell);
        self.loader.load_next(&self.identity, None, &self.stop, &|| bell.ring())
    }

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
        Ok(())
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
