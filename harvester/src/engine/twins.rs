//! The same dataset from another source: found when everything else is done, shown as one.

use fairground_catalog::harvest::{self, Twins};
use tracing::info;

use super::{EngineError, Run};

/// Pairs that are written in one transaction.
const TWIN_BATCH: usize = 200;

impl Run<'_> {
    /// Compares what this run created or changed with what other sources list. A dry run has created nothing.
    pub(super) fn match_twins(&mut self) -> Result<(), EngineError> {
        if self.job.payload.dry_run {
            return Ok(());
        }
        let catalog = self.harvester.catalog();
        let twins = catalog.db.read(|tx| harvest::find_twins(tx, &self.source, self.job.id))?;
        if twins.is_empty() {
            return Ok(());
        }
        info!(job.id = %self.job.id, same = twins.same.len(), apart = twins.apart.len(), "Other sources list the same");
        let same = twins.same.chunks(TWIN_BATCH).map(|same| Twins { same: same.to_vec(), apart: Vec::new() });
        let apart = twins.apart.chunks(TWIN_BATCH).map(|apart| Twins { same: Vec::new(), apart: apart.to_vec() });
        let Self { lease, source, progress, .. } = self;
        for some in same.chain(apart) {
            if let Some(reason) = self.stop.reason() {
                return Err(EngineError::Stopped(reason));
            }
            catalog.db.write(|tx| harvest::merge_twins(tx, lease, source, progress, &some))?;
            catalog.announce();
        }
        if self.progress.merged > 0 {
            let merged = self.progress.merged;
            self.progress
                .notes
                .push(format!("{merged} datasets are listed by another source as well and are shown as one"));
        }
        Ok(())
    }
}
