//! What can go wrong with a sidecar.

use std::io;
use std::path::PathBuf;

/// Why a sidecar was not built, not opened or did not answer.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// The file system refused.
    #[error("{what}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// No sidecar, or one of another snapshot or another format: build it (anew).
    #[error("`{path}` is no sidecar of this snapshot: {reason}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What is not as it should be.
        reason: &'static str,
    },
    /// The file is damaged: build it anew.
    #[error("the sidecar is damaged: {0}")]
    Damaged(String),
    /// Too many rows for a sidecar; the scan engine serves.
    #[error("{rows} rows are more than a sidecar holds ({max})")]
    TooManyRows {
        /// Rows of the snapshot.
        rows: u64,
        /// The limit: [`crate::INDEX_ROWS_MAX`].
        max: u64,
    },
    /// The Parquet file could not be read.
    #[error("the snapshot cannot be read: {0}")]
    Snapshot(String),
    /// The plan does not fit the snapshot's columns.
    #[error("the plan does not fit the table: {0}")]
    Mismatch(String),
    /// The caller's stop check said so: a deadline passed, or the caller went away.
    #[error("stopped")]
    Stopped,
    /// A sum went beyond what its type holds.
    #[error("an exact sum is beyond 64 bits")]
    Overflow,
}

impl ColumnsError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }

    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged(what.into())
    }
}

/// Says when work must end: true once the deadline passed or the caller went away. Asked every few thousand rows.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Rows between two looks at the stop check.
const ROWS_BETWEEN_CHECKS: usize = 8_192;

/// Counts work and asks the stop check now and then.
pub(crate) struct Budget<'a> {
    stop: Stop<'a>,
    left: usize,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(stop: Stop<'a>) -> Self {
        Self { stop, left: ROWS_BETWEEN_CHECKS }
    }

    /// Notes that so many rows were looked at.
    #[inline]
    pub(crate) fn spend(&mut self, rows: usize) -> Result<(), ColumnsError> {
        if rows < self.left {
            self.left -= rows;
            return Ok(());
        }
        self.left = ROWS_BETWEEN_CHECKS;
        if (self.stop)() { Err(ColumnsError::Stopped) } else { Ok(()) }
    }
}
