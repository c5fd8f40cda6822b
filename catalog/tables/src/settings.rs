//! What an operator can set.

use std::path::PathBuf;
use std::time::Duration;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// Where tables live, and the walls around questions.
#[derive(Debug, Clone)]
pub struct TablesSettings {
    /// The program's folder. Under it: `objects/` (snapshots, unless `object_store` says otherwise), `cache/tables/` (copies of remote
    /// snapshots), `scratch/tables/` (loads under way, sorted runs; emptied at the start).
    pub data_dir: PathBuf,
    /// Where snapshots are kept: nothing for `data_dir/objects`, a folder, `file:///folder`, or `s3://bucket/prefix`. Credentials, region and
    /// endpoint come from the usual `AWS_…` variables of the environment; plain HTTP only when `AWS_ENDPOINT_URL` says `http:`.
    pub object_store: Option<String>,
    /// Memory that the scan engine may take for all questions together, in bytes.
    pub memory_bytes: u64,
    /// Room for sorted runs on disk, for all questions together, in bytes.
    pub spill_bytes: u64,
    /// How long a question may take in the scan engine.
    pub query_time: Duration,
    /// How long an export may take.
    pub export_time: Duration,
    /// Questions in the scan engine at the same time.
    pub scans: usize,
    /// Exports at the same time, apart from whole files.
    pub exports: usize,
    /// Questions, and exports, that may wait for a place.
    pub waiting: usize,
    /// How long they may wait.
    pub wait: Duration,
    /// Threads of the scan engine.
    pub scan_threads: usize,
    /// Threads that build indexes.
    pub index_threads: usize,
    /// Whether an index and the whole table as CSV are made after each load. Without it only the scan engine answers.
    pub index: bool,
    /// Snapshots that are kept open.
    pub open_snapshots: u64,
    /// Memory for small answers that are kept, in bytes.
    pub answer_bytes: u64,
    /// Room for copies of remote snapshots, in bytes. One snapshot may pass it while it is in use.
    pub copy_bytes: u64,
}

impl TablesSettings {
    /// What holds where nothing is set.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            object_store: None,
            memory_bytes: 128 * MIB,
            spill_bytes: 8 * GIB,
            query_time: Duration::from_secs(10),
            export_time: Duration::from_secs(30 * 60),
            scans: 4,
            exports: 8,
            waiting: 64,
            wait: Duration::from_secs(5),
            scan_threads: 2,
            index_threads: 1,
            index: true,
            open_snapshots: 1_024,
            answer_bytes: 32 * MIB,
            copy_bytes: 10 * GIB,
        }
    }
}
