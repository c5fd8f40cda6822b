//! A new index beside the old one.
use crate::document::SearchDocument;
use crate::error::SearchError;

/// A new index that is being built beside the one in use. Dropped unfinished, it leaves nothing behind.
#[derive(Debug)]
pub struct Rebuild;

impl Rebuild {
    /// Adds one document.
    ///
    /// # Errors
    /// `DiskFull`, `Io`, `Engine`.
    pub fn put(&mut self, _document: SearchDocument) -> Result<(), SearchError> {
        Err(SearchError::ReadOnly)
    }
    /// Makes the new index the one in use, at journal `position`, and removes the old one.
    ///
    /// # Errors
    /// `DiskFull`, `Io`, `Engine`; the old index then stays in use.
    pub fn finish(self, _position: u64) -> Result<(), SearchError> {
        Err(SearchError::ReadOnly)
    }
}
