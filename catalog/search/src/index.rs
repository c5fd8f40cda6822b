//! The index as a whole: open, change, read.

use crate::document::Change;
use crate::error::SearchError;
use crate::query::{SearchAnswer, SearchQuery, Suggestion};
use crate::rebuild::Rebuild;
use fairground_domain::DatasetId;
use std::path::Path;

/// Memory that one writer fills before it writes a segment to disk, in bytes.
pub const WRITER_MEMORY_BYTES: usize = 48 << 20;

/// The search index of one node. Cheap to clone; all clones are one index.
#[derive(Debug, Clone)]
pub struct SearchIndex;

impl SearchIndex {
    /// Opens the index in `dir` for writing; makes an empty one when there is none. Holds an exclusive lock on it until
    /// the last clone is dropped.
    ///
    /// # Errors
    /// `Locked` when another process writes it; `Unusable` when it must be built anew.
    pub fn open_writer(dir: &Path) -> Result<Self, SearchError> {
        Err(SearchError::Missing { dir: dir.to_owned() })
    }
    /// Removes whatever is in `dir` and opens an empty index at position 0 for writing.
    ///
    /// # Errors
    /// `Locked` when another process writes it.
    pub fn recreate(dir: &Path) -> Result<Self, SearchError> {
        Err(SearchError::Missing { dir: dir.to_owned() })
    }
    /// Opens the index in `dir` for reading, beside whoever writes it.
    ///
    /// # Errors
    /// `Missing` when there is none; `Unusable` when it must be built anew.
    pub fn open_reader(dir: &Path) -> Result<Self, SearchError> {
        Err(SearchError::Missing { dir: dir.to_owned() })
    }
    /// Applies changes in order and commits them together with the journal `position` that they lead to.
    ///
    /// # Errors
    /// `ReadOnly` when opened for reading; `DiskFull`. Nothing of a failed call is kept.
    pub fn apply(&self, _changes: impl IntoIterator<Item = Change>, _position: u64) -> Result<(), SearchError> {
        Err(SearchError::ReadOnly)
    }
    /// The journal position of the last commit; 0 before the first.
    #[must_use]
    pub fn position(&self) -> u64 {
        0
    }
    /// Looks for a newer commit at once.
    ///
    /// # Errors
    /// `Unusable` when it cannot be read.
    pub fn reload(&self) -> Result<(), SearchError> {
        Ok(())
    }
    /// Answers a question.
    ///
    /// # Errors
    /// `InvalidCursor`, `TooManyValues`, `InvalidBox` for questions that cannot be answered.
    pub fn search(&self, _query: &SearchQuery) -> Result<SearchAnswer, SearchError> {
        Err(SearchError::ReadOnly)
    }
    /// What a person may be about to type: titles, publishers and keywords by prefix.
    ///
    /// # Errors
    /// `Io` when the index cannot be read.
    pub fn suggest(&self, _prefix: &str, _limit: usize) -> Result<Vec<Suggestion>, SearchError> {
        Err(SearchError::ReadOnly)
    }
    /// Every dataset in the index with the version it was put in with, in no order.
    ///
    /// # Errors
    /// `Io` when the index cannot be read.
    pub fn contents(&self) -> Result<Vec<(DatasetId, u32)>, SearchError> {
        Err(SearchError::ReadOnly)
    }
    /// Begins a new index beside this one; this one goes on answering and following until the new one is finished.
    ///
    /// # Errors
    /// `RebuildRunning` when one is under way; `ReadOnly` when opened for reading.
    pub fn begin_rebuild(&self) -> Result<Rebuild, SearchError> {
        Err(SearchError::ReadOnly)
    }
}
