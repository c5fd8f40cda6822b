//! Bringing a gathered source into the catalogue, batch by batch.

use fairground_catalog::CatalogError;
use fairground_catalog::harvest::{self, IncomingRecord, SeenKeys, Stage, Validators};
use fairground_standards::Document;
use tracing::{debug, warn};

use super::pipeline::{self, Stretch};
use super::record::{Decoder, refused_by_store};
use super::{EngineError, Learned, Run, may_be_a_records_fault, survey};
use crate::gather::Spool;

/// Remarks of a gathering that the job keeps.
const MOST_NOTES: usize = 20;

impl Run<'_> {
    /// Surveys and imports the spool. Gives what to remember of the source, unless it was not gathered completely: then the
    /// sweep must not come.
    pub(super) fn import(&mut self, spool: &Spool) -> Result<Option<Learned>, EngineError> {
        let document = survey(spool, &self.harvester.inner.tuning.limits)?;
        let complete = self.is_complete(spool, &document);
        self.progress.stage = Stage::Import;
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
        let validators = Validators {
            etag: spool.manifest.validators.etag.clone(),
            last_modified: spool.manifest.validators.last_modified.clone(),
            sha256: Some(spool.manifest.sha256.to_string()),
            found: Some(document.len()),
        };
        Ok(Some(Learned { format: spool.manifest.format, validators }))
    }

    /// Whether the spool holds all that the source has. A part of a paged catalogue that somebody saved does not.
    fn is_complete(&mut self, spool: &Spool, document: &Document) -> bool {
        let [part] = spool.manifest.parts.as_slice() else { return spool.manifest.complete };
        let declared = document.declared_total().filter(|_| part.page.is_none());
        match declared {
            Some(total) if total > document.len() => {
                self.progress.notes.push(format!(
                    "the document announces {total} datasets and holds {}; nothing is deleted after an incomplete gathering",
                    document.len()
                ));
                false
            }
            _ => spool.manifest.complete,
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
            if !self.job.payload.dry_run {
                harvest::save_validators(tx, self.source.id, &Validators::default())?;
            }
            harvest::checkpoint(tx, &self.lease, &self.progress)
        })?;
        Ok(())
    }

    /// Goes through the document from where the job stands. When the store refuses a batch, that stretch is taken record
    /// by record, so that the one at fault fails alone.
    fn import_all(&mut self, document: &Document) -> Result<(), EngineError> {
        let total = document.counts().records();
        let batch = self.harvester.inner.tuning.batch;
        while self.progress.position < total {
            let from = self.progress.position;
            match self.import_stretch(document, Stretch { from, most: u64::MAX, batch }) {
                Ok(()) => return Ok(()),
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
        Ok(())
    }

    fn import_stretch(&mut self, document: &Document, stretch: Stretch) -> Result<(), EngineError> {
        let (tuning, stop) = (&self.harvester.inner.tuning, self.stop);
        pipeline::run(document, stretch, tuning, stop, |records| self.import_batch(records))
    }

    fn import_alone(&mut self, document: &Document, number: u64) -> Result<(), EngineError> {
        let error = match self.import_stretch(document, Stretch { from: number, most: 1, batch: 1 }) {
            Err(EngineError::Store(error)) if may_be_a_records_fault(&error) => error,
            other => return other,
        };
        self.step_back()?;
        let Some(raw) = document.records_from(number).next().transpose()? else { return Ok(()) };
        warn!(job.id = %self.job.id, seq = number, error = &error as &dyn std::error::Error, "A record could not be stored");
        let key = Decoder::new(document).decode(&raw).key;
        self.import_batch(vec![refused_by_store(&raw, &key, &error.to_string())])
    }

    /// One transaction. A dry run does the same and undoes it.
    fn import_batch(&mut self, records: Vec<IncomingRecord>) -> Result<(), EngineError> {
        let catalog = self.harvester.catalog();
        let Self { lease, source, seen, progress, .. } = self;
        let work =
            |tx: &mut fairground_catalog::Tx<'_>| harvest::import_batch(tx, lease, source, seen, progress, records);
        if self.job.payload.dry_run {
            catalog.db.rehearse(work)?;
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
