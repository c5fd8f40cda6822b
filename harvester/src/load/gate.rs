//! Files before the personal-data gate: every row is screened before any of it becomes a table.

use std::fs;
use std::path::Path;

use fairground_catalog::Catalog;
use fairground_catalog::gate::{self, FileScreening, Repairs, Report, Subject, Verdict};
use fairground_domain::{ContentHash, DistributionId, Snapshot};
use fairground_screen::{Baseline, Rules};
use fairground_screen_files::{MendError, ScreenError, mend_file, screen_with};
use fairground_tables::Tables;
use fairground_tables::intake::{LoadOptions, Watch};

use super::error::LoadError;
use super::run::keyed;
use fairground_catalog::table::LoadedTable;

/// The folder of repaired tables, within a spool.
const MENDED: &str = "mended";

/// What became of a file that was screened and, unless it would be held, read.
#[derive(Debug)]
pub(super) struct Screened {
    pub(super) screening: FileScreening,
    /// Its tables; none when the gate would hold it.
    pub(super) tables: Option<Vec<LoadedTable>>,
    /// How well persons hide in it, for the next version; none where no table tells of persons.
    pub(super) figures: Option<Vec<u8>>,
}

/// Screens a file, after repairs where there are any, and reads it unless the gate would hold it.
pub(super) struct Reading<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) tables: &'a Tables,
    pub(super) file: &'a Path,
    pub(super) options: LoadOptions,
    /// The distribution, if it is known already.
    pub(super) distribution: Option<DistributionId>,
    /// The digest of the file, as it is before repairs.
    pub(super) source_hash: ContentHash,
    pub(super) repairs: Option<Repairs>,
    pub(super) authors: Vec<String>,
    /// Read it though the gate would hold it: whoever asks has a reviewer's word.
    pub(super) regardless: bool,
    pub(super) scratch: &'a Path,
}

impl Reading<'_> {
    pub(super) fn run(self, watch: &dyn Watch) -> Result<Screened, LoadError> {
        match &self.repairs {
            None => self.as_it_is(watch),
            Some(repairs) => self.repaired(repairs, watch),
        }
    }

    fn as_it_is(&self, watch: &dyn Watch) -> Result<Screened, LoadError> {
        let (report, figures) = screen_with(self.file, &self.options, Rules::default(), self.before()?, watch)?;
        if !self.passes(&report)? {
            return Ok(self.held(report));
        }
        let options = LoadOptions { digest: Some(self.source_hash), ..self.options.clone() };
        let snapshots = self.tables.load(self.file, &options, watch).map_err(LoadError::Tables)?;
        Ok(self.read(report, keyed(snapshots), &figures))
    }

    fn repaired(&self, repairs: &Repairs, watch: &dyn Watch) -> Result<Screened, LoadError> {
        let folder = self.scratch.join(MENDED);
        fs::create_dir_all(&folder).map_err(LoadError::Spool)?;
        let (name, before) = (&self.options.name, self.before()?);
        let mended = mend_file(self.file, name, Rules::default(), before, repairs, Some(&folder))?;
        if !self.passes(&mended.after)? {
            return Ok(self.held(mended.after));
        }
        let mut snapshots: Vec<Snapshot> = Vec::with_capacity(mended.tables.len());
        for table in &mended.tables {
            let Some(file) = &table.file else { continue };
            let options = LoadOptions {
                name: format!("{}.csv", table.name),
                media_type: Some("text/csv".to_owned()),
                declared: None,
                ..self.options.clone()
            };
            let loaded = self.tables.load(file, &options, watch).map_err(LoadError::Tables)?;
            snapshots.extend(loaded.into_iter().map(|it| Snapshot { name: table.name.clone(), ..it }));
        }
        Ok(self.read(mended.after, keyed(snapshots), &mended.baseline))
    }

    /// How well persons hid in the version that is published now, if there is one.
    fn before(&self) -> Result<Option<Baseline>, LoadError> {
        let Some(distribution) = self.distribution else { return Ok(None) };
        let kept = self.catalog.db.read(|tx| gate::figures_of(tx, distribution))?;
        Ok(kept.and_then(|figures| Baseline::from_bytes(&figures)))
    }

    fn passes(&self, report: &Report) -> Result<bool, LoadError> {
        if report.verdict < Verdict::Hold || self.regardless {
            return Ok(true);
        }
        let content = gate::file_content(self.source_hash, self.repairs.as_ref());
        Ok(self.catalog.db.read(|tx| match self.distribution {
            Some(id) => gate::would_pass(tx, &Subject::file(id), content, report),
            None => Ok(gate::current_settings(tx)?.mode == gate::GateMode::Report),
        })?)
    }

    fn held(&self, report: Report) -> Screened {
        Screened { screening: self.screening(report), tables: None, figures: None }
    }

    fn read(&self, report: Report, tables: Vec<LoadedTable>, figures: &Baseline) -> Screened {
        let figures = (!figures.is_empty()).then(|| figures.to_bytes());
        Screened { screening: self.screening(report), tables: Some(tables), figures }
    }

    fn screening(&self, report: Report) -> FileScreening {
        FileScreening {
            name: self.options.name.clone(),
            report,
            repairs: self.repairs.clone(),
            authors: self.authors.clone(),
        }
    }
}

impl From<ScreenError> for LoadError {
    fn from(error: ScreenError) -> Self {
        match error {
            ScreenError::Io(error) => Self::Spool(error),
            ScreenError::Unreadable(error) => Self::Tables(error.into()),
            ScreenError::Stopped => Self::Tables(fairground_tables::intake::IntakeError::Cancelled.into()),
        }
    }
}

impl From<MendError> for LoadError {
    fn from(error: MendError) -> Self {
        match error {
            MendError::Io(error) => Self::Spool(error),
            MendError::Unreadable(error) => Self::Tables(error.into()),
            other @ (MendError::Repair(_) | MendError::Write(_)) => Self::Repair(other.to_string()),
        }
    }
}
