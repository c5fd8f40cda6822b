//! What all questions to the scan engine share: threads, memory, room on disk, and the walls around them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use datafusion::error::DataFusionError;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::{FairSpillPool, MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};
use tempfile::TempDir;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use crate::error::TablesError;
use crate::scan::scanner::batch_rows;
use crate::settings::TablesSettings;

/// Rows of a batch while sorting and grouping: runs are merged from disk a batch each, so short ones need less memory.
const SORTED_ROWS: usize = 4_096;
/// Sorting sets this part of the memory aside for merging.
const MERGE_SHARE: usize = 16;
/// Longer questions to indexes at the same time: they take milliseconds, and more of them than processors only wait for each other.
const INDEXED_PER_THREAD: usize = 2;
/// Longer questions to indexes that may wait; they do not wait long.
const INDEXED_WAITING: usize = 1_024;

/// The engine. One for the whole program.
pub(crate) struct ScanEngine {
    runtime: tokio::runtime::Handle,
    context: SessionContext,
    pool: Arc<dyn MemoryPool>,
    memory_bytes: u64,
    threads: usize,
    query_time: Duration,
    export_time: Duration,
    scans: Wall,
    indexed: Wall,
    exports: Wall,
    /// Sorted runs and spreadsheets being written; gone with the engine.
    spill: TempDir,
}

impl fmt::Debug for ScanEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScanEngine").field("memory_bytes", &self.memory_bytes).finish_non_exhaustive()
    }
}

impl ScanEngine {
    pub(crate) fn open(
        settings: &TablesSettings,
        runtime: tokio::runtime::Handle,
        spill: TempDir,
    ) -> Result<Self, TablesError> {
        let limit = usize::try_from(settings.memory_bytes).unwrap_or(usize::MAX);
        let pool: Arc<dyn MemoryPool> = Arc::new(FairSpillPool::new(limit));
        let disk = DiskManagerBuilder::default()
            .with_mode(DiskManagerMode::Directories(vec![spill.path().to_owned()]))
            .with_max_temp_directory_size(settings.spill_bytes);
        let environment = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::clone(&pool))
            .with_disk_manager_builder(disk)
            .build_arc()
            .map_err(TablesError::engine("starting the scan engine"))?;
        let threads = settings.scan_threads.max(1);
        let mut config = SessionConfig::new().with_target_partitions(threads).with_batch_size(SORTED_ROWS);
        // What sorting sets aside for merging runs; the default is a tenth of our whole pool.
        config.options_mut().execution.sort_spill_reservation_bytes = limit / MERGE_SHARE;
        // Runs are sorted in one piece: merging many small ones in memory needs more of it than was set aside.
        config.options_mut().execution.sort_in_place_threshold_bytes = limit;
        Ok(Self {
            runtime,
            context: SessionContext::new_with_config_rt(config, environment),
            pool,
            memory_bytes: settings.memory_bytes,
            threads,
            query_time: settings.query_time,
            export_time: settings.export_time,
            scans: Wall::new("questions", settings.scans, settings.waiting, settings.wait),
            indexed: Wall::new("questions", threads * INDEXED_PER_THREAD, INDEXED_WAITING, settings.query_time),
            exports: Wall::new("exports", settings.exports, settings.waiting, settings.wait),
            spill,
        })
    }

    /// Where sorting and grouping is planned, in so many parts, with batches that fit rows of so many bytes.
    pub(crate) fn context(&self, parts: usize, row_bytes: u64) -> SessionContext {
        let rows = (batch_rows(row_bytes) / 2).min(SORTED_ROWS);
        if rows == SORTED_ROWS && parts == self.threads {
            return self.context.clone();
        }
        let config = self.context.copied_config().with_target_partitions(parts).with_batch_size(rows);
        SessionContext::new_with_config_rt(config, self.context.runtime_env())
    }

    pub(crate) const fn threads(&self) -> usize {
        self.threads
    }

    /// Memory that is taken from the common pool by hand.
    pub(crate) fn reserve(&self, what: &str) -> MemoryReservation {
        MemoryConsumer::new(what).register(&self.pool)
    }

    /// Bytes of the pool that are taken now.
    #[cfg(test)]
    pub(crate) fn reserved_bytes(&self) -> usize {
        self.pool.reserved()
    }

    /// Answers a question within the walls, on the engine's own threads. Dropping the future ends the work.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, TablesError>> + Send + 'static,
    ) -> Result<T, TablesError> {
        let place = self.scans.enter().await?;
        let limit = self.query_time;
        let task = AbortOnDrop(self.runtime.spawn(async move {
            let _place = place;
            tokio::time::timeout(limit, work).await
        }));
        match task.join().await? {
            Ok(answer) => answer,
            Err(_) => Err(TablesError::TimedOut { limit_secs: limit.as_secs() }),
        }
    }

    /// A place for a longer question to an index, until it is dropped.
    pub(crate) async fn enter_index(&self) -> Result<OwnedSemaphorePermit, TablesError> {
        self.indexed.enter().await
    }

    /// A place for an export, until it is dropped.
    pub(crate) async fn enter_export(&self) -> Result<OwnedSemaphorePermit, TablesError> {
        self.exports.enter().await
    }

    /// How long an export may take.
    pub(crate) const fn export_time(&self) -> Duration {
        self.export_time
    }

    /// Where exports run.
    pub(crate) const fn runtime(&self) -> &tokio::runtime::Handle {
        &self.runtime
    }

    /// A folder for files that do not outlive an export.
    pub(crate) fn scratch(&self) -> &Path {
        self.spill.path()
    }

    /// Turns DataFusion's refusals into ours.
    pub(crate) fn refusal(&self, what: &'static str, error: DataFusionError) -> TablesError {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(why) => {
                tracing::debug!(what, why, "A question needs too much memory");
                TablesError::TooLarge { what, limit_bytes: self.memory_bytes }
            }
            _ => TablesError::Engine { doing: what, source: error.into() },
        }
    }
}

/// A task that ends when nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct AbortOnDrop<T>(pub(crate) JoinHandle<T>);

impl<T> AbortOnDrop<T> {
    async fn join(mut self) -> Result<T, TablesError> {
        (&mut self.0).await.map_err(|error| {
            if error.is_cancelled() {
                TablesError::Cancelled
            } else {
                TablesError::Engine { doing: "answering", source: error.into() }
            }
        })
    }
}

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// So many at the same time, so many waiting, for so long.
#[derive(Debug)]
struct Wall {
    what: &'static str,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    waiting_max: usize,
    wait: Duration,
}

impl Wall {
    fn new(what: &'static str, places: usize, waiting_max: usize, wait: Duration) -> Self {
        let places = Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS)));
        Self { what, places, waiting: AtomicUsize::new(0), waiting_max, wait }
    }

    async fn enter(&self) -> Result<OwnedSemaphorePermit, TablesError> {
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(place);
        }
        let busy = || TablesError::Busy { what: self.what, retry_after_secs: self.wait.as_secs().max(1) };
        let _waiting = Waiting::begin(&self.waiting, self.waiting_max).ok_or_else(busy)?;
        match tokio::time::timeout(self.wait, Arc::clone(&self.places).acquire_owned()).await {
            Ok(place) => place.map_err(|_| TablesError::Cancelled),
            Err(_) => Err(busy()),
        }
    }
}

/// One who waits, counted while it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize, max: usize) -> Option<Self> {
        let before = count.fetch_add(1, Ordering::AcqRel);
        let waiting = Self(count);
        (before < max).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_finds_no_place_and_no_room_to_wait_is_sent_away() {
        let wall = Wall::new("questions", 1, 0, Duration::from_secs(3));
        let place = wall.enter().await.expect("the first place is free");
        assert!(matches!(wall.enter().await, Err(TablesError::Busy { what: "questions", retry_after_secs: 3 })));
        drop(place);
        assert!(wall.enter().await.is_ok());
    }

    #[tokio::test]
    async fn whoever_waits_gets_the_place_that_becomes_free() {
        let wall = Wall::new("exports", 1, 1, Duration::from_secs(60));
        let place = wall.enter().await.expect("free");
        let (next, ()) = tokio::join!(wall.enter(), async {
            tokio::task::yield_now().await;
            drop(place);
        });
        assert!(next.is_ok());
        assert_eq!(wall.waiting.load(Ordering::Acquire), 0);
    }
}
