//! What is used most, remembered for a while: it is asked for by every visit of the first page.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fairground_catalog::CatalogError;
use fairground_catalog::usage::{self, MostUsed};
use parking_lot::Mutex;

use crate::state::ApiState;

/// How long the list is good for.
const GOOD_FOR: Duration = Duration::from_secs(60);
/// Days that are counted.
const DAYS: i64 = 30;
/// Datasets on the list.
const MOST: usize = 50;

/// The list and when it was read.
#[derive(Debug, Default)]
pub(crate) struct Popular(Mutex<Option<(Instant, Arc<[MostUsed]>)>>);

impl ApiState {
    /// The datasets that were used most in the last thirty days, as of a minute ago at the earliest. It may block.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn most_used(&self) -> Result<Arc<[MostUsed]>, CatalogError> {
        // Held while it is read, so that one caller reads and the others wait for what it found.
        let mut kept = self.popular.0.lock();
        if let Some((_, list)) = kept.as_ref().filter(|(at, _)| at.elapsed() < GOOD_FOR) {
            return Ok(Arc::clone(list));
        }
        let list: Arc<[MostUsed]> = self.catalog.db.read(|tx| usage::most_used(tx, DAYS, MOST))?.into();
        *kept = Some((Instant::now(), Arc::clone(&list)));
        Ok(list)
    }
}
