//! The write-ahead log of a SQLite store, carried over into its file beside the writers rather than by them.
//!
//! Whoever carries the log over waits for the disk. A harvest that writes without a pause would wait for it a third of its
//! time, if its own connection did that; so a thread of its own does, and the connection only where that falls behind. When a
//! commit is safe is the same either way: the log is what is safe ([SQLite, "Write-Ahead Logging"], sections 2.1 and 3).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use parking_lot::Mutex;

/// Pages (of 4 KiB) from which a writer carries the log over itself, so that it does not grow without end.
pub(crate) const WRITERS_PAGES: u32 = 32_000;
/// Bytes to which the log is cut when it begins anew.
pub(crate) const KEPT_BYTES: u64 = 16 << 20;
/// How often it is carried over at most.
const EVERY: Duration = Duration::from_millis(250);

/// Watches the log of one store.
#[derive(Debug)]
pub(crate) struct WriteAhead {
    store: PathBuf,
    log: PathBuf,
    /// A thread is at it.
    busy: AtomicBool,
    last: Mutex<Option<Instant>>,
}

impl WriteAhead {
    pub(crate) fn of(store: &Path) -> Arc<Self> {
        let mut log = store.as_os_str().to_owned();
        log.push("-wal");
        Arc::new(Self {
            store: store.to_owned(),
            log: log.into(),
            busy: AtomicBool::new(false),
            last: Mutex::new(None),
        })
    }

    /// After a commit: starts to carry the log over if it is long, nobody is at it, and it was not done just now.
    pub(crate) fn tend(self: &Arc<Self>) {
        if self.busy.load(Ordering::Relaxed) || self.last.lock().is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        if std::fs::metadata(&self.log).map_or(0, |log| log.len()) < KEPT_BYTES
            || self.busy.swap(true, Ordering::Acquire)
        {
            return;
        }
        *self.last.lock() = Some(Instant::now());
        let own = Arc::clone(self);
        let started = std::thread::Builder::new().name("write-ahead-log".to_owned()).spawn(move || {
            if let Err(error) = own.carry_over() {
                tracing::debug!(%error, "The write-ahead log is left to the writers");
            }
            own.busy.store(false, Ordering::Release);
        });
        if started.is_err() {
            self.busy.store(false, Ordering::Release);
        }
    }

    /// As much as readers and writers allow, without keeping any of them.
    fn carry_over(&self) -> Result<(), Box<dyn std::error::Error>> {
        let mut conn = SqliteConnection::establish(&self.store.to_string_lossy())?;
        Ok(conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_carried_over_beside_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.sqlite");
        let mut conn = SqliteConnection::establish(&store.to_string_lossy()).unwrap();
        conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (b BLOB)")
            .unwrap();
        let watch = WriteAhead::of(&store);
        let size = || std::fs::metadata(&store).unwrap().len();
        watch.tend();
        assert!(!watch.busy.load(Ordering::Relaxed), "the log is short");
        for _ in 0..20 {
            conn.batch_execute("INSERT INTO t VALUES (zeroblob(1048576))").unwrap();
        }
        assert!(size() < KEPT_BYTES, "everything is in the log");
        watch.tend();
        let deadline = Instant::now() + Duration::from_secs(30);
        while watch.busy.load(Ordering::Relaxed) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(size() > KEPT_BYTES, "{}", size());
        conn.batch_execute("INSERT INTO t VALUES (zeroblob(1))").unwrap();
        watch.tend();
        assert!(!watch.busy.load(Ordering::Relaxed), "it was done just now");
    }
}
