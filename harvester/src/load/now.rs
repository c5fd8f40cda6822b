//! Loads at once, for the command line: a source's files, or one file of this machine.

use std::path::Path;
use std::thread;
use std::time::Duration;

use fairground_catalog::gate::{self, FileScreening, HoldId, ReleaseReason, Repairs, Report, Subject};
use fairground_catalog::member::Actor;
use fairground_catalog::table::{self, LoadSums, Placed, Published, Turn, Upload};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{DistributionId, Slug, Snapshot, SourceId, Timestamp};
use fairground_tables::intake::{LoadOptions, Unwatched};
use tracing::error;

use super::error::LoadError;
use super::gate::{Reading, Screened};
use super::run::{digest_of, keep_upload_figures};
use super::{LoadTuning, Loader};
use crate::identity::{WorkerIdentity, dead_workers};
use crate::stop::Stop;

/// How long to wait before looking again for loads that others work on.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A file of this machine that became tables.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedUpload {
    /// The dataset's readable address.
    pub dataset: Slug,
    /// The tables, in the order of the file; none while the gate holds it.
    pub tables: Vec<(Published, Snapshot)>,
    /// What the personal-data screen said.
    pub screen: Report,
    /// The hold, if the gate holds the file.
    pub held: Option<HoldId>,
}

/// The word of an operator that a file may be public though the gate would hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Released {
    /// The reason from the list.
    pub reason: ReleaseReason,
    /// In the operator's words.
    pub because: String,
}

impl Loader {
    /// Loads the files of a source's public datasets that were not looked at since `since`, several at a time, together with
    /// whatever workers run elsewhere; ends when none is left that is due. Blocks.
    ///
    /// # Errors
    /// `Stopped` when told to, `Store` when the store does not answer. Files that fail are counted.
    pub fn load_source(&self, source: SourceId, since: Timestamp, stop: &Stop) -> Result<LoadSums, LoadError> {
        let db = &self.catalog().db;
        let mut after = db.write(|tx| table::enqueue_source(tx, source, None, since))?;
        while let Some(last) = after {
            after = db.write(|tx| table::enqueue_source(tx, source, Some(&last), since))?;
        }
        let parallel = self.tuning().parallel.max(1);
        let mut identities = Vec::with_capacity(parallel);
        for _ in 0..parallel {
            let identity = WorkerIdentity::enrol(self.catalog().data_dir());
            identities.push(identity.map_err(|source| LoadError::System { what: "a worker's lock", source })?);
        }
        let ended: Vec<Result<(), LoadError>> = thread::scope(|scope| {
            let threads: Vec<_> = identities
                .iter()
                .map(|identity| scope.spawn(move || self.load_while_due(source, identity, stop)))
                .collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
        });
        ended.into_iter().collect::<Result<(), LoadError>>()?;
        Ok(db.read(|tx| table::sum_loads(tx, source, since))?)
    }

    fn load_while_due(&self, source: SourceId, identity: &WorkerIdentity, stop: &Stop) -> Result<(), LoadError> {
        let db = &self.catalog().db;
        loop {
            if let Some(reason) = stop.reason() {
                return Err(LoadError::Stopped(reason));
            }
            if self.load_next(identity, Some(source), stop, &|| {})? {
                continue;
            }
            if !db.read(|tx| table::has_unfinished(tx, source))? {
                return Ok(());
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Takes the next load that is due, if there is one, and works on it; whether there was one. `taken` is called in between:
    /// where there was one there may be more.
    pub(super) fn load_next(
        &self,
        identity: &WorkerIdentity,
        source: Option<SourceId>,
        stop: &Stop,
        taken: &dyn Fn(),
    ) -> Result<bool, LoadError> {
        let dead = dead_workers(self.catalog().data_dir())
            .map_err(|source| LoadError::System { what: "the workers' locks", source })?;
        let db = &self.catalog().db;
        let (busy, last_host) = self.inner.hosts.turn();
        let turn = Turn { dead: &dead, busy: &busy, last_host: &last_host, source };
        if !db.read(|tx| table::is_load_due(tx, &turn))? {
            return Ok(false);
        }
        let Some((job, lease)) = db.write(|tx| table::claim_next_load(tx, identity.name(), &turn))? else {
            return Ok(false);
        };
        let _asking = self.inner.hosts.ask(&job.host);
        taken();
        // Each load has its own flag, so that cancelling one leaves the others alone.
        let stop = stop.narrower();
        let id = job.id;
        match self.run_load(job, &lease, &stop) {
            Ok(_) => Ok(true),
            Err(error) if error.stopped().is_some() => Ok(true),
            Err(error) => {
                error!(job.id = %id, error = &error as &dyn std::error::Error, "A load was left off");
                Err(error)
            }
        }
    }

    /// Loads one file of this machine and publishes it: into a dataset of its own, or into the named one. Blocks.
    ///
    /// # Errors
    /// `Tables` when the file is no table, `Spool` when it cannot be read, `Store` when it cannot be published.
    pub fn load_file(&self, file: &Path, dataset: Option<Slug>, actor: &str) -> Result<LoadedUpload, LoadError> {
        self.load_file_released(file, dataset, actor, None)
    }

    /// As [`Self::load_file`]; with `released`, what the gate would hold is released at once, which is recorded.
    ///
    /// # Errors
    /// As [`Self::load_file`].
    pub fn load_file_released(
        &self,
        file: &Path,
        dataset: Option<Slug>,
        actor: &str,
        released: Option<&Released>,
    ) -> Result<LoadedUpload, LoadError> {
        let (source_hash, bytes) = digest_of(file).map_err(LoadError::Spool)?;
        let file_name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let LoadTuning { limits, threads, versions_kept, .. } = self.tuning().clone();
        let options = LoadOptions { name: file_name.clone(), limits, threads, ..LoadOptions::default() };
        let mut upload = Upload { dataset, file_name, bytes, source_hash, tables: Vec::new() };
        let db = &self.catalog().db;
        let (distribution, repairs) = db.read(|tx| known_upload(tx, &upload))?;
        let scratch = tempfile::tempdir().map_err(LoadError::Spool)?;
        let reading = Reading {
            catalog: self.catalog(),
            tables: self.tables(),
            file,
            options,
            distribution,
            source_hash,
            repairs,
            // Whoever sits at the machine is the operator, not somebody who uploads.
            authors: Vec::new(),
            regardless: released.is_some(),
            scratch: scratch.path(),
        };
        let Screened { screening, tables, figures } = reading.run(&Unwatched)?;
        upload.tables = tables.unwrap_or_default();
        let placed = db.write(|tx| {
            let placed = place(tx, &upload, &screening, versions_kept, actor, released)?;
            keep_upload_figures(tx, &upload, &placed, figures.as_deref())?;
            Ok(placed)
        })?;
        if let Some(hold) = placed.held {
            gate::keep_file(self.catalog().data_dir(), hold, file, false).map_err(LoadError::Spool)?;
        }
        self.catalog().announce();
        let snapshots = upload.tables.into_iter().map(|table| table.snapshot);
        Ok(LoadedUpload {
            dataset: placed.dataset,
            tables: placed.published.into_iter().zip(snapshots).collect(),
            screen: screening.report,
            held: placed.held,
        })
    }
}

/// The distribution that an upload is a new version of, and the repairs that were ordered for it.
fn known_upload(tx: &mut Tx<'_>, upload: &Upload) -> Result<(Option<DistributionId>, Option<Repairs>), CatalogError> {
    let Some(distribution) = table::find_upload(tx, upload)? else { return Ok((None, None)) };
    let repairs = gate::repairs_of(tx, &Subject::file(distribution))?;
    Ok((Some(distribution), repairs.map(|(_, repairs)| repairs)))
}

/// Publishes an upload, after an operator's release where it is held and there is one.
fn place(
    tx: &mut Tx<'_>,
    upload: &Upload,
    screening: &FileScreening,
    versions_kept: u32,
    actor: &str,
    released: Option<&Released>,
) -> Result<Placed, CatalogError> {
    let placed = table::place_upload(tx, upload, screening, versions_kept, actor)?;
    match (placed.held, released) {
        (Some(hold), Some(released)) => {
            gate::release(tx, &Actor::command_line(), hold, released.reason, &released.because)?;
            table::place_upload(tx, upload, screening, versions_kept, actor)
        }
        _ => Ok(placed),
    }
}
