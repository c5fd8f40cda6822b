//! What is gone at the source goes here too, unless it is suspiciously much.

use fairground_catalog::harvest::{self, HarvestJob, Missing, Sweep};
use fairground_domain::Timestamp;
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
        // What is in its grace period was counted, and approved if it was much, when that began.
        let new = missing.iter().filter(|one| one.since.is_none()).count();
        let count = u64::try_from(new).unwrap_or(u64::MAX);
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
        let now = Timestamp::now();
        let (due, waiting): (Vec<Missing>, Vec<Missing>) =
            missing.into_iter().partition(|one| one.is_due(&self.source, now));
        self.keep_for_now(&waiting)?;
        self.withdraw_all(&due)?;
        self.forget_held()?;
        Ok(None)
    }

    /// What the personal-data gate holds, and the source no longer lists, is emptied: nobody knew of it.
    fn forget_held(&self) -> Result<(), EngineError> {
        if !self.job.payload.dry_run {
            let db = &self.harvester.catalog().db;
            db.write(|tx| harvest::forget_missing_held(tx, &self.source, &self.seen))?;
        }
        Ok(())
    }

    /// What an earlier run missed goes when its time is over, also where the source says that nothing has changed since.
    pub(super) fn withdraw_expired(&mut self) -> Result<(), EngineError> {
        let db = &self.harvester.catalog().db;
        let expired = db.read(|tx| harvest::find_expired(tx, &self.source))?;
        self.withdraw_all(&expired)
    }

    fn withdraw_all(&mut self, due: &[Missing]) -> Result<(), EngineError> {
        for batch in due.chunks(SWEEP_BATCH) {
            if let Some(reason) = self.stop.reason() {
                return Err(EngineError::Stopped(reason));
            }
            self.withdraw(batch)?;
        }
        Ok(())
    }

    fn keep_for_now(&mut self, waiting: &[Missing]) -> Result<(), EngineError> {
        self.progress.in_grace = u64::try_from(waiting.len()).unwrap_or(u64::MAX);
        if waiting.is_empty() {
            return Ok(());
        }
        let (count, days) = (waiting.len(), self.source.grace_secs.div_euclid(86_400));
        self.progress.notes.push(format!(
            "{count} datasets are no longer listed; they stay public until their grace period of {days} days is over"
        ));
        if !self.job.payload.dry_run {
            let db = &self.harvester.catalog().db;
            for batch in waiting.chunks(SWEEP_BATCH) {
                db.write(|tx| harvest::note_missing(tx, &self.lease, batch))?;
            }
        }
        Ok(())
    }

    fn withdraw(&mut self, batch: &[Missing]) -> Result<(), EngineError> {
        let catalog = self.harvester.catalog();
        let Self { lease, source, progress, .. } = self;
        let work = |tx: &mut fairground_catalog::Tx<'_>| harvest::withdraw_missing(tx, lease, source, progress, batch);
        if self.job.payload.dry_run {
            catalog.db.rehearse(work)?;
            self.tell_deleted(batch)?;
        } else {
            catalog.db.write(work)?;
            catalog.announce();
        }
        Ok(())
    }
}
