//! What is gone at the source goes here too, unless it is suspiciously much.

use fairground_catalog::harvest::{self, HarvestJob, Missing, Sweep};
use tracing::info;

use super::{EngineError, Run};

/// Datasets withdrawn in one transaction.
const SWEEP_BATCH: usize = 500;

impl Run<'_> {
    /// Withdraws what the source no longer lists; gives the job when the brake holds it. Comes only after everything that a
    /// completely gathered source lists has been imported.
    pub(super) fn sweep(&mut self) -> Result<Option<HarvestJob>, EngineError> {
        let db = &self.harvester.catalog().db;
        let Sweep { before, missing } = db.read(|tx| harvest::find_missing(tx, &self.source, &self.seen))?;
        let count = u64::try_from(missing.len()).unwrap_or(u64::MAX);
        if !self.job.payload.approved && self.source.brakes(count, before) {
            self.progress.braked = count;
            self.progress.before = before;
            if !self.job.payload.dry_run {
                let job = db.write(|tx| harvest::pause_for_approval(tx, &self.lease, &self.progress))?;
                info!(job.id = %job.id, missing = count, before, "The brake holds a harvest for approval");
                return Ok(Some(job));
            }
            self.progress.notes.push(format!("the brake would hold this: {count} of {before} datasets would go"));
        }
        for batch in missing.chunks(SWEEP_BATCH) {
            if let Some(reason) = self.stop.reason() {
                return Err(EngineError::Stopped(reason));
            }
            self.withdraw(batch)?;
        }
        Ok(None)
    }

    fn withdraw(&mut self, batch: &[Missing]) -> Result<(), EngineError> {
        let catalog = self.harvester.catalog();
        let Self { lease, source, progress, .. } = self;
        let work = |tx: &mut fairground_catalog::Tx<'_>| harvest::withdraw_missing(tx, lease, source, progress, batch);
        if self.job.payload.dry_run {
            catalog.db.rehearse(work)?;
        } else {
            catalog.db.write(work)?;
            catalog.announce();
        }
        Ok(())
    }
}
