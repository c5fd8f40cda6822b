//! Making what makes a snapshot fast: its index, and the whole table as CSV. In the background, one after the other.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Instant;

use fairground_domain::ContentHash;
use fairground_tables_columns::{ColumnsError, INDEX_ROWS_MAX, ParquetSource, SIDECAR_FILE, Sidecar, build};
use parking_lot::{Condvar, Mutex};

use crate::answer::{ExportFormat, ExportOptions, IndexReport};
use crate::error::TablesError;
use crate::export::{Sheet, encoder};
use crate::open::OpenSnapshot;
use crate::scan::export::write_whole;
use crate::store::{CSV, INDEX, PARQUET, Store, length_of};

/// Bytes of the CSV file that are gathered before they are written.
const CSV_BUFFER_BYTES: usize = 1024 * 1024;

/// One turn for each snapshot: whoever comes second waits, and finds the work done.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<ContentHash, Arc<Mutex<()>>>>);

impl Turns {
    /// Does work that only one may do at a time for a snapshot.
    pub(crate) fn take<T>(&self, key: ContentHash, work: impl FnOnce() -> T) -> T {
        let turn = Arc::clone(self.0.lock().entry(key).or_default());
        let result = {
            let _turn = turn.lock();
            work()
        };
        let mut turns = self.0.lock();
        // The map and we hold it: nobody else waits.
        if Arc::strong_count(&turn) <= 2 {
            turns.remove(&key);
        }
        result
    }
}

/// Makes what is missing. Blocks.
pub(crate) fn make(
    store: &Store,
    key: ContentHash,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<IndexReport, TablesError> {
    let started = Instant::now();
    let folder = store.folder(key)?;
    let open = Arc::new(OpenSnapshot::open(key, folder.clone())?);
    let mut report = IndexReport { built: false, index_bytes: 0, csv_bytes: 0, elapsed: started.elapsed() };
    if let Some(sidecar) = open.sidecar() {
        report.index_bytes = sidecar.file_bytes();
    } else if open.snapshot().rows <= INDEX_ROWS_MAX {
        report.index_bytes = make_index(store, &open, &folder, stop)?;
        report.built = true;
    }
    match store.find_length(key, CSV)? {
        Some(length) => report.csv_bytes = length,
        None => {
            report.csv_bytes = make_csv(store, &open, stop)?;
            report.built = true;
        }
    }
    report.elapsed = started.elapsed();
    Ok(report)
}

fn make_index(
    store: &Store,
    open: &OpenSnapshot,
    folder: &Path,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<u64, TablesError> {
    let refusal = |error: ColumnsError| match error {
        ColumnsError::Stopped => TablesError::Cancelled,
        error => TablesError::Engine { doing: "building an index", source: error.into() },
    };
    let scratch = store.scratch()?;
    let made = scratch.path().join(INDEX);
    let source = ParquetSource::open(&folder.join(PARQUET)).map_err(refusal)?;
    let report = build(&source, open.snapshot(), &made, stop).map_err(refusal)?;
    // What cannot be read back must not take the place of what was there.
    Sidecar::open(&made, open.snapshot()).map_err(refusal)?;
    tracing::debug!(key = %open.key(), bytes = report.bytes, file = SIDECAR_FILE, "Built an index");
    store.put_part(open.key(), INDEX, &made)?;
    Ok(report.bytes)
}

fn make_csv(store: &Store, open: &Arc<OpenSnapshot>, stop: &(dyn Fn() -> bool + Sync)) -> Result<u64, TablesError> {
    let scratch = store.scratch()?;
    let made = scratch.path().join(CSV);
    let properties: Vec<usize> = (0..open.snapshot().columns.len()).collect();
    let sheet = Sheet {
        snapshot: open.snapshot(),
        properties: &properties,
        schema: Arc::clone(open.parquet()?.metadata.schema()),
        options: &ExportOptions::default(),
        scratch: scratch.path(),
    };
    let file = File::create(&made).map_err(TablesError::io("cannot create", &made))?;
    let mut file = BufWriter::with_capacity(CSV_BUFFER_BYTES, file);
    write_whole(open, encoder(ExportFormat::Csv, &sheet)?, &mut file, stop)?;
    file.flush().map_err(TablesError::io("cannot write", &made))?;
    let length = length_of(&made)?;
    store.put_part(open.key(), CSV, &made)?;
    Ok(length)
}

/// What the threads do with a snapshot.
pub(crate) type Work =
    Arc<dyn Fn(ContentHash, &(dyn Fn() -> bool + Sync)) -> Result<IndexReport, TablesError> + Send + Sync>;

/// Threads and their queue. Dropping it ends them.
pub(crate) struct Indexer {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    stop: AtomicBool,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<ContentHash>,
    /// Waiting, being made, or failed in this process: not to be queued again.
    known: HashSet<ContentHash>,
    working: usize,
}

impl std::fmt::Debug for Indexer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Indexer").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

impl Indexer {
    pub(crate) fn start(threads: usize, work: &Work) -> Result<Self, TablesError> {
        let shared = Arc::new(Shared::default());
        let threads = (0..threads.max(1))
            .map(|_| {
                let (shared, work) = (Arc::clone(&shared), Arc::clone(work));
                std::thread::Builder::new().name("tables-index".to_owned()).spawn(move || run(&shared, &work))
            })
            .collect::<Result<_, _>>()
            .map_err(TablesError::engine("starting a thread"))?;
        Ok(Self { shared, threads })
    }

    /// Asks for a snapshot's index. The first to ask is served first; asking again changes nothing.
    pub(crate) fn ask(&self, key: ContentHash) {
        let mut queue = self.shared.queue.lock();
        if queue.known.insert(key) {
            queue.waiting.push_back(key);
            self.shared.wake.notify_one();
        }
    }

    /// Forgets a snapshot that is gone or was made anew.
    pub(crate) fn forget(&self, key: ContentHash) {
        let mut queue = self.shared.queue.lock();
        queue.known.remove(&key);
        queue.waiting.retain(|waiting| *waiting != key);
    }

    /// Snapshots that wait or are worked on.
    pub(crate) fn waiting(&self) -> usize {
        let queue = self.shared.queue.lock();
        queue.waiting.len() + queue.working
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        {
            // Under the lock: a thread that has just looked and not yet gone to sleep would miss the bell.
            let _queue = self.shared.queue.lock();
            self.shared.stop.store(true, Ordering::Release);
        }
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, work: &Work) {
    let stopped = || shared.stop.load(Ordering::Acquire);
    loop {
        let key = {
            let mut queue = shared.queue.lock();
            loop {
                if stopped() {
                    return;
                }
                if let Some(key) = queue.waiting.pop_front() {
                    queue.working += 1;
                    break key;
                }
                shared.wake.wait(&mut queue);
            }
        };
        let result = work(key, &stopped);
        let mut queue = shared.queue.lock();
        queue.working -= 1;
        match result {
            Ok(report) => {
                queue.known.remove(&key);
                tracing::debug!(%key, elapsed_ms = report.elapsed.as_millis(), "Made a snapshot fast");
            }
            // Gone, or the program ends: nothing to remember.
            Err(TablesError::Cancelled | TablesError::UnknownSnapshot { .. }) => {
                queue.known.remove(&key);
            }
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%key, %error, source, "Cannot make a snapshot fast; it is answered by scanning");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end may come at any moment of a thread's life, also between its look at the queue and its sleep.
    #[test]
    fn threads_end_whenever_they_are_told_to() {
        let work: Work = Arc::new(|_, _| Err(TablesError::Cancelled));
        for pause in 0..3_000_u32 {
            let indexer = Indexer::start(2, &work).expect("threads");
            for _ in 0..pause {
                std::hint::spin_loop();
            }
            drop(indexer);
        }
    }
}
