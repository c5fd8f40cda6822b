//! Loads at once, for the command line: a source's files, or one file of this machine.

use std::path::Path;
use std::thread;
use std::time::Duration;

use fairground_catalog::CatalogError;
use fairground_catalog::table::{self, LoadSums, Published, Turn, Upload};
use fairground_domain::{Slug, Snapshot, SourceId, Timestamp};
use fairground_tables::intake::{LoadOptions, Unwatched};
use tracing::error;

use super::error::LoadError;
use super::run::{digest_of, keyed};
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
    /// The tables, in the order of the file.
    pub tables: Vec<(Published, Snapshot)>,
}

impl Loader {
    /// Loads the files of a source's public datasets that were not looked at since `since`, several at a time, together with
    /// whatever workers run elsewhere; ends when none is left that is due. Blocks.
    ///
    /// # Errors
    /// `Stopped` when told to, `Store` when the store does not answer. Files that fail are counted.
    pub fn load_source(&self, source: SourceId, since: Timestamp, stop: &Stop) -> Result<LoadSums, LoadError> {
        let db = &self.catalog().db;
        let mut after = None;
        loop {
            after = db.write(|tx| table::enqueue_source(tx, source, after, since))?;
            if after.is_none() {
                break;
            }
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
            if db.read(|tx| table::count_unfinished(tx, source))? == 0 {
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
        let (source_hash, bytes) = digest_of(file).map_err(LoadError::Spool)?;
        let file_name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let LoadTuning { limits, threads, versions_kept, .. } = self.tuning().clone();
        let options = LoadOptions { name: file_name.clone(), limits, threads, ..LoadOptions::default() };
        let snapshots = self.tables().load(file, &options, &Unwatched).map_err(LoadError::Tables)?;
        let tables = keyed(snapshots.clone());
        let upload = Upload { dataset, file_name, bytes, source_hash, tables };
        let published = self.catalog().db.write(|tx| table::publish_upload(tx, &upload, versions_kept, actor));
        let (dataset, published) = published.map_err(|error: CatalogError| LoadError::Store(error))?;
        self.catalog().announce();
        Ok(LoadedUpload { dataset, tables: published.into_iter().zip(snapshots).collect() })
    }
}
