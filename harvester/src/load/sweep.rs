//! Screening again what is public when the rules have changed: descriptions a page at a time, files one at a time, in between
//! loads.

use fairground_catalog::gate::{self, Clearance, FileScreening, Report, StaleFile};
use fairground_domain::DistributionId;
use fairground_screen::Rules;
use fairground_screen_files::screen_with;
use fairground_tables::WholeFormat;
use fairground_tables::intake::{LoadOptions, Unwatched};
use tracing::{info, warn};

use super::Loader;
use super::error::LoadError;
use crate::stop::StopReason;

impl Loader {
    /// One step of screening again; false when nothing was left to do. `after` is the last file that was looked at.
    pub(super) fn rescreen_next(&self, after: &mut Option<DistributionId>) -> Result<bool, LoadError> {
        let db = &self.catalog().db;
        if gate::is_swept(db)? {
            return Ok(false);
        }
        if db.write(gate::rescreen_descriptions)? > 0 {
            self.catalog().announce();
            return Ok(true);
        }
        let last = *after;
        let Some(file) = db.read(|tx| gate::find_stale_file(tx, last))? else {
            db.write(gate::end_sweep)?;
            *after = None;
            return Ok(false);
        };
        *after = Some(file.distribution);
        // A file that cannot be read is left for the next sweep; it must not keep the others from being screened.
        if let Err(error) = self.rescreen(&file) {
            warn!(distribution.id = %file.distribution, "A public file could not be screened again: {error}");
        }
        Ok(true)
    }

    fn rescreen(&self, file: &StaleFile) -> Result<(), LoadError> {
        let runtime = self.inner.runtime.as_ref().ok_or(LoadError::Stopped(StopReason::ShuttingDown))?;
        let mut found: Option<Report> = None;
        let mut original = None;
        for (name, key) in &file.tables {
            let whole = runtime.block_on(self.tables().whole_file(*key, WholeFormat::Parquet));
            let Some(whole) = whole.map_err(LoadError::Tables)? else { continue };
            let options = LoadOptions { name: format!("{name}.parquet"), ..LoadOptions::default() };
            let (report, _) = screen_with(whole.path(), &options, Rules::default(), None, &Unwatched)?;
            found = Some(found.map_or_else(|| report.clone(), |before| together(before, report.clone())));
            original = (file.tables.len() == 1).then_some(whole);
        }
        let Some(report) = found else { return Ok(()) };
        let screening =
            FileScreening { name: file.name.clone(), report, repairs: file.repairs.clone(), authors: Vec::new() };
        let clearance = self.catalog().db.write(|tx| gate::rejudge_file(tx, file, &screening))?;
        if let Clearance::Held(id) = clearance {
            info!(hold.id = %id, "What was public is held by the rules of today");
            if let Some(whole) = original
                && let Err(error) = gate::keep_file(self.catalog().data_dir(), id, whole.path(), false)
            {
                warn!(hold.id = %id, "A held file could not be kept for its reviewers: {error}");
            }
        }
        self.catalog().announce();
        Ok(())
    }
}

/// Two tables' reports as one of their file.
fn together(mut one: Report, other: Report) -> Report {
    one.verdict = one.verdict.max(other.verdict);
    one.findings.extend(other.findings);
    one.screened.extend(other.screened);
    one.re_identification.extend(other.re_identification);
    one.notes.extend(other.notes);
    one
}
