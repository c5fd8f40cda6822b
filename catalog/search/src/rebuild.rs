//! A new index beside the old one.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::document::{Change, SearchDocument};
use crate::error::SearchError;
use crate::index::Inner;
use crate::writing::Writing;

/// A new index that is being built beside the one in use. Dropped unfinished, it leaves nothing behind; killed at any point,
/// the next writer finds the old index or, once [`Self::finish`] has come so far, the new one.
#[derive(Debug)]
pub struct Rebuild {
    inner: Arc<Inner>,
    name: String,
    writing: Option<Writing>,
    finished: bool,
}

impl Rebuild {
    pub(crate) fn begin(inner: Arc<Inner>) -> Result<Self, SearchError> {
        let mut rebuild = Self { inner, name: String::new(), writing: None, finished: false };
        let (name, index, fields) = rebuild.inner.folder.create()?;
        rebuild.name = name;
        rebuild.writing = Some(Writing::new(&index, &fields, 0)?);
        Ok(rebuild)
    }

    /// Adds one document; one with the same id replaces the earlier one. Documents in the order of their ids go fastest.
    ///
    /// # Errors
    /// `DiskFull`, `Io`, `Engine`.
    pub fn put(&mut self, document: SearchDocument) -> Result<(), SearchError> {
        match self.writing.as_mut() {
            Some(writing) => writing.change(&Change::Put(Box::new(document))),
            None => Err(SearchError::ReadOnly),
        }
    }

    /// Makes the new index the one in use, at journal `position`, and removes the old one. Changes after `position` that
    /// the old one had been given must be applied again: follow the journal from [`crate::SearchIndex::position`].
    ///
    /// # Errors
    /// `DiskFull`, `Io`, `Engine`; the old index then stays in use.
    pub fn finish(mut self, position: u64) -> Result<(), SearchError> {
        if let Some(mut writing) = self.writing.take() {
            writing.commit(position)?;
        }
        self.inner.switch(&self.name)?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Rebuild {
    fn drop(&mut self) {
        self.writing = None;
        if !self.finished && !self.name.is_empty() {
            self.inner.folder.remove(&self.name);
        }
        self.inner.rebuilding.store(false, Ordering::Release);
    }
}
