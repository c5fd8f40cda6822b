//! Workers: they claim jobs that are due, one after the other, until they are told to stop.

use std::collections::HashSet;
use std::io;
use std::time::{Duration, Instant};

use fairground_catalog::CatalogError;
use fairground_catalog::harvest::{self, HarvestJob, JobFilter, JobState, Lease};
use fairground_domain::JobId;
use tracing::{info, warn};

use crate::crew::{Crew, Work};
use crate::engine::{EngineError, Harvester};
use crate::gather::sweep_folders;
use crate::identity::{WorkerIdentity, dead_workers};
use crate::removal::remove_next;
use crate::stop::Stop;

/// How long an idle worker sleeps before it looks for jobs again.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often sources are looked through for harvests that are due.
const SCHEDULE_EVERY: Duration = Duration::from_secs(20);
/// Unfinished jobs looked at in one go, whose spools are kept.
const LOOK_AT: i64 = 200;

/// Workers of a process. Dropping it without [`Workers::stop`] lets them run on until the process ends.
#[derive(Debug)]
pub struct Workers(Crew);

impl Workers {
    /// Starts so many workers; the first one also keeps the schedule and tidies the spool.
    ///
    /// # Errors
    /// When a worker cannot be enrolled or its thread not be had.
    pub fn start(harvester: &Harvester, count: usize) -> io::Result<Self> {
        let crew = Crew::start("harvest", count, |number, stop, _| {
            Ok(Worker {
                harvester: harvester.clone(),
                identity: WorkerIdentity::enrol(harvester.catalog().data_dir())?,
                stop: stop.clone(),
                scheduled: (number == 0).then_some(None),
            })
        })?;
        Ok(Self(crew))
    }

    /// Tells an idle worker that there is something to do.
    pub fn wake(&self) {
        self.0.wake();
    }

    /// Ends all workers: a harvest stops after its current batch and is continued by whoever comes next. Blocks until they
    /// have ended.
    pub fn stop(self) {
        self.0.stop();
    }
}

struct Worker {
    harvester: Harvester,
    identity: WorkerIdentity,
    stop: Stop,
    /// When the schedule was last looked through; `None` inside for never, outside for workers that leave it alone.
    scheduled: Option<Option<Instant>>,
}

impl Work for Worker {
    type Error = EngineError;

    fn begin(&mut self) {
        if self.scheduled.is_some() {
            self.tidy();
        }
    }

    fn step(&mut self) -> Result<bool, EngineError> {
        self.keep_schedule()?;
        let dead = self.dead();
        let db = &self.harvester.catalog().db;
        if !db.read(|tx| harvest::is_any_free(tx, &dead))? {
            // What deleted sources left behind is cleared away when nobody waits for a harvest.
            return Ok(remove_next(self.harvester.catalog(), self.identity.name(), &dead, &self.stop)?);
        }
        let claimed = db.write(|tx| harvest::claim_next(tx, self.identity.name(), &dead))?;
        let Some((job, lease)) = claimed else { return Ok(false) };
        self.work(job, lease)?;
        Ok(true)
    }

    fn nap(&self) -> Duration {
        LOOK_EVERY
    }
}

impl Worker {
    fn work(&self, job: HarvestJob, lease: Lease) -> Result<(), EngineError> {
        // Each job has its own flag, so that cancelling one leaves the worker alone; the worker's own stops its job too.
        let stop = self.stop.narrower();
        let id = job.id;
        info!(job.id = %id, source.id = %job.source_id, attempt = job.attempts, "Harvest begins");
        let ended = self.harvester.run_job_patiently(job, lease, &stop);
        match ended {
            Ok(_) => Ok(()),
            Err(error) if error.stopped().is_some() => {
                warn!(job.id = %id, "Harvest left off: {error}");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    fn keep_schedule(&mut self) -> Result<(), EngineError> {
        let Some(last) = self.scheduled else { return Ok(()) };
        if last.is_none_or(|at| at.elapsed() >= SCHEDULE_EVERY) {
            self.scheduled = Some(Some(Instant::now()));
            let dead = self.dead();
            let db = &self.harvester.catalog().db;
            let released = db.write(|tx| harvest::release_abandoned(tx, &dead))?;
            if released > 0 {
                info!(released, "Harvests whose workers are gone wait for others");
            }
            let enqueued = db.write(harvest::schedule_due)?;
            if enqueued > 0 {
                info!(enqueued, "Harvests are due");
            }
        }
        Ok(())
    }

    fn dead(&self) -> Vec<String> {
        dead_workers(self.harvester.catalog().data_dir()).unwrap_or_else(|error| {
            warn!("The workers' locks cannot be read: {error}");
            Vec::new()
        })
    }

    /// Removes spools of jobs that have ended, as a killed process leaves them.
    fn tidy(&self) {
        let catalog = self.harvester.catalog();
        let kept = catalog.db.read(unfinished_jobs).map_err(EngineError::from);
        let swept = kept.and_then(|kept| Ok(sweep_folders(catalog.data_dir(), &kept)?));
        match swept {
            Ok(0) => {}
            Ok(gone) => info!(gone, "Removed spools of ended harvests"),
            Err(error) => warn!("Spools of ended harvests stay behind: {error}"),
        }
    }
}

fn unfinished_jobs(tx: &mut fairground_catalog::Tx<'_>) -> Result<HashSet<JobId>, CatalogError> {
    let mut ids = HashSet::new();
    for state in [JobState::Queued, JobState::Running, JobState::AwaitingApproval] {
        let mut filter = JobFilter { state: Some(state), ..JobFilter::default() };
        loop {
            let page = harvest::list_jobs(tx, &filter, LOOK_AT)?;
            let Some(last) = page.last() else { break };
            filter.before = Some(last.id);
            ids.extend(page.iter().map(|job| job.id));
        }
    }
    Ok(ids)
}
