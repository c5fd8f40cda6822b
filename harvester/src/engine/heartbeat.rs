//! The job's pulse: while it beats, nobody else takes the job; when it cannot, the work stops.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fairground_catalog::harvest::{Lease, heartbeat};
use fairground_catalog::{CatalogError, Db};
use fairground_domain::JobId;
use tracing::warn;

use super::EngineError;
use crate::stop::{Stop, StopReason};

/// Beats often enough that a cancelled job stops within seconds, far more often than the lease needs.
const BEAT_EVERY: Duration = Duration::from_secs(3);
/// Without a beat for so long the lease may be another worker's: it holds for 30 s.
const GIVE_UP_AFTER: Duration = Duration::from_secs(24);

/// Beats on its own thread until dropped.
pub(crate) struct Heartbeat {
    end: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    pub(super) fn start(db: &Db, lease: &Lease, stop: &Stop) -> Result<Self, EngineError> {
        let (db, job, lease) = (db.clone(), lease.job, lease.clone());
        let beat = move || db.write(|tx| heartbeat(tx, &lease));
        Self::beating(job, stop, beat).map_err(|source| EngineError::System { what: "a thread", source })
    }

    /// As [`Self::start`], by whatever proves the lease.
    pub(crate) fn beating(
        job: JobId,
        stop: &Stop,
        beat: impl Fn() -> Result<(), CatalogError> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (end, ended) = sync_channel::<()>(0);
        let stop = stop.clone();
        let work = move || {
            let mut alive = Instant::now();
            while ended.recv_timeout(BEAT_EVERY) == Err(RecvTimeoutError::Timeout) {
                match beat() {
                    Ok(()) => alive = Instant::now(),
                    Err(CatalogError::Cancelled(_)) => return stop.stop(StopReason::Cancelled),
                    Err(CatalogError::LeaseLost(_)) => return stop.stop(StopReason::LeaseLost),
                    Err(error) => {
                        warn!(job.id = %job, "A heartbeat failed: {error}");
                        if alive.elapsed() > GIVE_UP_AFTER {
                            return stop.stop(StopReason::LeaseLost);
                        }
                    }
                }
            }
        };
        let thread = thread::Builder::new().name("job-beat".to_owned()).spawn(work)?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It ends at once unless it is in the middle of a beat; a panic there has been reported by its own hook.
            let _ = thread.join();
        }
    }
}
