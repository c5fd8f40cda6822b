//! Bringing a gathered source into the catalogue, batch by batch.

use std::thread;
use std::time::Duration;

use fairground_catalog::CatalogError;
use fairground_catalog::harvest::{self, IncomingRecord, SeenKeys, Stage, Validators};
use fairground_domain::Timestamp;
use fairground_standards::Document;
use tracing::{debug, warn};

use super::pipeline::{self, Stretch};
use super::record::{Decoder, refused_by_store};
use super::{EngineError, Learned, Run, may_be_a_records_fault, survey};
use crate::gather::Spool;

/// Remarks of a gathering that the job keeps.
const MOST_NOTES: usize = 20;
/// Tries of one record that the store refuses for a reason of the record's, as it seems.
const TRIES_ALONE: u32 = 2;

impl Run<'_> {
    /// Surveys and imports the spool. Gives what to remember of the source, unless it was not gathered completely: then the
    /// sweep must not come.
    pub(super) fn import(&mut self, spool: &Spool) -> Result<Option<Learned>, EngineError> {
        let document = survey(spool, &self.harvester.inner.tuning.limits)?;
        let complete = self.is_complete(spool, &document);
        self.progress.stage = Stage::Import;
        self.progress.only_changes = spool.manifest.only_changes;
        self.progress.total = Some(document.counts().records());
        self.progress.notes.extend(spool.manifest.notes.iter().take(MOST_NOTES).cloned());
        self.progress.notes.dedup();
        self.begin_import()?;
        self.seen = self.met_before()?;
        self.import_all(&document)?;
        if !complete {
            return Ok(None);
        }
        self.progress.stage = Stage::Sweep;
        let manifest = &spool.manifest;
        if manifest.only_changes {
            self.count_unchanged(manifest.announced)?;
        }
        let validators = Validators {
            etag: manifest.validators.etag.clone(),
            last_modified: manifest.validators.last_modified.clone(),
            // Of changes alone the fingerprint says nothing of the whole.
            sha256: (!manifest.only_changes).then(|| manifest.sha256.to_string()),
            found: Some(if manifest.only_changes { self.progress.sums.datasets.found } else { document.len() }),
            reader: self.reader(),
            since: self.next_since(manifest),
            whole_at: if manifest.only_changes { self.source.validators.whole_at } else { Some(Timestamp::now()) },
        };
        Ok(Some(Learned { format: manifest.format, validators }))
    }

    /// Whether the spool holds all that the source has. A part of a paged catalogue that somebody saved does not.
    fn is_complete(&mut self, spool: &Spool, document: &Document) -> bool {
        let manifest = &spool.manifest;
        let declared = match manifest.parts.as_slice() {
            [part] if part.page.is_none() => document.declared_total().max(manifest.announced),
            _ => manifest.announced,
        };
        match declared.filter(|_| !manifest.only_changes) {
            Some(total) if total > document.len() => {
                self.progress.notes.push(format!(
                    "the document announces {total} datasets and holds {}; nothing is deleted after an incomplete gathering",
                    document.len()
                ));
                false
            }
            _ => manifest.complete,
        }
    }

    /// The identities that this job has met: before an interruption, or none.
    fn met_before(&self) -> Result<SeenKeys, EngineError> {
        if self.job.payload.dry_run || self.progress.position == 0 {
            return Ok(SeenKeys::default());
        }
        Ok(self.harvester.catalog().db.read(|tx| SeenKeys::load(tx, self.job.id))?)
    }

    /// Saves where the job stands. What the source said last time is forgotten first: from now on the catalogue may differ
    /// from it, should this run not come to its end.
    fn begin_import(&self) -> Result<(), EngineError> {
        let db = &self.harvester.catalog().db;
        db.write(|tx| {
            if self.job.payload.dry_run {
                harvest::forget_changes(tx, &self.lease)?;
            } else {
                harvest::save_validators(tx, self.source.id, &Validators::default())?;
            }
            harvest::checkpoint(tx, &self.lease, &self.progress)
        })?;
        Ok(())
    }

    /// Goes through the document from where the job stands. When the store refuses a batch, that stretch is taken record
    /// by record, so that the one at fault fails alone; when the store does not answer, it is tried again for a while.
    fn import_all(&mut self, document: &Document) -> Result<(), EngineError> {
        let total = document.counts().records();
        let batch = self.harvester.inner.tuning.batch;
        let mut failed = 0;
        while self.progress.position < total {
            let from = self.progress.position;
            match self.import_stretch(document, Stretch { from, most: u64::MAX, batch }) {
                Ok(()) => break,
                Err(EngineError::Store(error)) if self.may_try_again(&error, failed) => {
                    // What went well since the last trouble begins the count anew.
                    failed = if self.progress.position > from { 1 } else { failed + 1 };
                    warn!(job.id = %self.job.id, failed, "The store does not answer and is asked again: {error}");
                    self.rest(failed)?;
                    self.step_back_patiently(&mut failed)?;
                }
                Err(EngineError::Store(error)) if self.can_isolate(&error) => {
                    debug!(job.id = %self.job.id, "A batch was refused and is taken record by record: {error}");
                    self.step_back()?;
                    let from = self.progress.position;
                    for number in from..(from + u64::try_from(batch).unwrap_or(u64::MAX)).min(total) {
                        self.import_alone(document, number)?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        self.import_deferred(document)
    }

    /// Decides about records that had to wait until all identities of the source were known.
    fn import_deferred(&mut self, document: &Document) -> Result<(), EngineError> {
        while let Some(number) = self.progress.deferred.first().copied() {
            self.import_alone(document, number)?;
            // Whatever became of it, it has been decided.
            self.progress.deferred.retain(|deferred| *deferred != number);
        }
        Ok(())
    }

    /// Whether the store's failure may pass, and has not lasted too long.
    fn may_try_again(&self, error: &CatalogError, failed: u32) -> bool {
        !self.job.payload.dry_run && error.is_passing() && failed < self.harvester.inner.tuning.patience.store
    }

    /// Pauses before the store is asked again, unless told to stop.
    fn rest(&self, failed: u32) -> Result<(), EngineError> {
        const GLANCE: Duration = Duration::from_millis(50);
        let mut left = self.harvester.inner.tuning.patience.before_store(failed);
        while !left.is_zero() {
            if let Some(reason) = self.stop.reason() {
                return Err(EngineError::Stopped(reason));
            }
            let pause = left.min(GLANCE);
            thread::sleep(pause);
            left -= pause;
        }
        Ok(())
    }

    /// As [`Self::step_back`], asked again while the store does not answer.
    fn step_back_patiently(&mut self, failed: &mut u32) -> Result<(), EngineError> {
        loop {
            match self.step_back() {
                Err(EngineError::Store(error)) if self.may_try_again(&error, *failed) => {
                    *failed += 1;
                    self.rest(*failed)?;
                }
                other => return other,
            }
        }
    }

    fn import_stretch(&mut self, document: &Document, stretch: Stretch) -> Result<(), EngineError> {
        let (tuning, stop) = (&self.harvester.inner.tuning, self.stop);
        let rules = self.rules.document.rules().clone();
        pipeline::run(document, &rules, stretch, tuning, stop, |records| self.import_batch(records))
    }

    /// One record in a transaction of its own; tried again, as the store may have refused for a moment's reason.
    fn import_alone(&mut self, document: &Document, number: u64) -> Result<(), EngineError> {
        let mut failed = 0;
        let error = loop {
            let error = match self.import_stretch(document, Stretch { from: number, most: 1, batch: 1 }) {
                Err(EngineError::Store(error)) if self.can_isolate(&error) || error.is_passing() => error,
                other => return other,
            };
            failed += 1;
            self.step_back_patiently(&mut failed)?;
            let passing = error.is_passing();
            if failed >= self.harvester.inner.tuning.patience.store.max(1) || !passing && failed >= TRIES_ALONE {
                if passing {
                    return Err(error.into());
                }
                break error;
            }
            self.rest(failed)?;
        };
        let Some(raw) = document.records_from(number).next().transpose()? else { return Ok(()) };
        warn!(job.id = %self.job.id, seq = number, error = &error as &dyn std::error::Error, "A record could not be stored");
        let key = Decoder::new(document, &self.rules.document.rules().clone()).decode(&raw).key;
        self.import_batch(vec![refused_by_store(&raw, &key, &error.to_string())])
    }

    /// One transaction. A dry run does the same and undoes it.
    fn import_batch(&mut self, records: Vec<IncomingRecord>) -> Result<(), EngineError> {
        let catalog = self.harvester.catalog();
        let Self { lease, source, seen, progress, .. } = self;
        let work =
            |tx: &mut fairground_catalog::Tx<'_>| harvest::import_batch(tx, lease, source, seen, progress, records);
        if self.job.payload.dry_run {
            let changes = catalog.db.rehearse(work)?.changes;
            self.keep_changes(changes)?;
        } else if catalog.db.write(work)?.journal_seq.is_some() {
            catalog.announce();
        }
        Ok(())
    }

    /// Whether the run can go back to its last saved position after this failure.
    fn can_isolate(&self, error: &CatalogError) -> bool {
        !self.job.payload.dry_run && may_be_a_records_fault(error)
    }

    /// Takes position and identities from the store again: a failed transaction has spoilt those in memory.
    fn step_back(&mut self) -> Result<(), EngineError> {
        let db = &self.harvester.catalog().db;
        let id = self.job.id;
        (self.progress, self.seen) = db.read(|tx| Ok((harvest::get_job(tx, id)?.progress, SeenKeys::load(tx, id)?)))?;
        Ok(())
    }
}
