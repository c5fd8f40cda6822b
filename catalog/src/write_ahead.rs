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
use diesel::sql_types::Integer;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use parking_lot::Mutex;

/// Pages (of 4 KiB) from which a writer carries the log over itself, so that it does not grow without end.
pub(crate) const WRITERS_PAGES: u32 = 64_000;
/// Bytes to which the log is cut when it begins anew. What a burst of writes needed is kept for the next, as cutting and growing
/// it costs more than writing over it; the log goes with the last connection.
pub(crate) const KEPT_BYTES: u64 = 256 << 20;
/// Pages from which the thread carries the log over. The longer the log, the more often a page that was written many times is
/// carried over once only: keys in no order (hashes, slugs) write to the same pages again and again.
const THREADS_PAGES: u32 = 24_000;
/// How often that is looked at, at most.
const EVERY: Duration = Duration::from_millis(250);

/// Watches the log of one store.
#[derive(Debug)]
pub(crate) struct WriteAhead {
    store: PathBuf,
    /// A thread is at it.
    busy: AtomicBool,
    last: Mutex<Option<Instant>>,
}

impl WriteAhead {
    pub(crate) fn of(store: &Path) -> Arc<Self> {
        Arc::new(Self { store: store.to_owned(), busy: AtomicBool::new(false), last: Mutex::new(None) })
    }

    /// After a commit on `conn`: starts to carry the log over if it is long, nobody is at it, and it was not looked at just now.
    pub(crate) fn tend(self: &Arc<Self>, conn: &mut SqliteConnection) {
        if self.busy.load(Ordering::Relaxed) || !self.is_time() {
            return;
        }
        // What cannot be told leaves the log to the writers.
        if waiting_pages(conn).unwrap_or(0) < THREADS_PAGES || self.busy.swap(true, Ordering::Acquire) {
            return;
        }
        let own = Arc::clone(self);
        let started = std::thread::Builder::new().name("write-ahead-log".to_owned()).spawn(move || {
            let at_it = AtIt(own);
            if let Err(error) = at_it.0.carry_over() {
                tracing::debug!(%error, "The write-ahead log is left to the writers");
            }
        });
        if started.is_err() {
            self.busy.store(false, Ordering::Release);
        }
    }

    fn is_time(&self) -> bool {
        let mut last = self.last.lock();
        let is_time = last.is_none_or(|last| last.elapsed() >= EVERY);
        if is_time {
            *last = Some(Instant::now());
        }
        is_time
    }

    /// As much as readers and writers allow, without keeping any of them.
    fn carry_over(&self) -> Result<(), Box<dyn std::error::Error>> {
        let mut conn = SqliteConnection::establish(&self.store.to_string_lossy())?;
        Ok(conn.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?)
    }
}

/// What SQLite counts in its log, in pages.
#[derive(QueryableByName)]
struct LogState {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

/// Pages in the log that are not in the store's file. Asked of SQLite: a file of the store that this process opened and closed
/// beside it would lose SQLite's locks ([SQLite, "How To Corrupt An SQLite Database File"], section 2.2).
fn waiting_pages(conn: &mut SqliteConnection) -> diesel::QueryResult<u32> {
    let state: LogState = diesel::sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(conn)?;
    Ok(u32::try_from(state.log.saturating_sub(state.checkpointed)).unwrap_or(0))
}

/// Says at its end that nobody is at the log any more, also when the thread ends badly.
struct AtIt(Arc<WriteAhead>);

impl Drop for AtIt {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Release);
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
        let write = |conn: &mut SqliteConnection| {
            for _ in 0..110 {
                conn.batch_execute("INSERT INTO t VALUES (zeroblob(1048576))").unwrap();
            }
        };
        watch.tend(&mut conn);
        assert!(!watch.busy.load(Ordering::Relaxed), "the log is short");
        write(&mut conn);
        let waiting = waiting_pages(&mut conn).unwrap();
        assert!(waiting > THREADS_PAGES, "{waiting}");
        *watch.last.lock() = None;
        watch.tend(&mut conn);
        let deadline = Instant::now() + Duration::from_secs(30);
        while watch.busy.load(Ordering::Relaxed) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(waiting_pages(&mut conn).unwrap(), 0);
        assert!(std::fs::metadata(&store).unwrap().len() > 110 << 20);
        write(&mut conn);
        *watch.last.lock() = Some(Instant::now());
        watch.tend(&mut conn);
        assert!(!watch.busy.load(Ordering::Relaxed), "it was looked at just now");
    }
}
