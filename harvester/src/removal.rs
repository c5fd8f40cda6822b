//! Clearing away what deleted sources leave behind: a batch at a time, between harvests.

use fairground_catalog::harvest::{self, JobFilter};
use fairground_catalog::source::{self, RemovalJob};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::SourceId;
use tracing::{info, warn};

use crate::gather::{remove_folder, spool_folder};
use crate::stop::Stop;

/// Harvests looked at in one go for what they gathered.
const LOOK_AT: i64 = 200;

/// Works on a removal that waits for somebody, until it has ended or the worker is told to stop; false when none waits. What
/// was done stays done: whoever takes the job over finds less to do.
///
/// # Errors
/// `Storage` when the database fails; the job is taken over then.
pub(crate) fn remove_next(catalog: &Catalog, holder: &str, dead: &[String], stop: &Stop) -> Result<bool, CatalogError> {
    let Some((job, lease)) = source::claim_next_removal(&catalog.db, holder, dead)? else { return Ok(false) };
    info!(job.id = %job.id, source.id = %job.source_id, "Clearing away source `{}`", job.payload.slug);
    remove_spools(catalog, job.source_id)?;
    while stop.reason().is_none() {
        let removal: RemovalJob = match source::remove_batch(&catalog.db, &lease) {
            Ok(removal) => removal,
            // Somebody else goes on with it.
            Err(CatalogError::LeaseLost(_)) => return Ok(true),
            Err(error) => return Err(error),
        };
        catalog.announce();
        if removal.state.has_ended() {
            let progress = removal.progress;
            info!(
                job.id = %job.id, withdrawn = progress.withdrawn, records = progress.records,
                raw_records = progress.raw_records,
                "Source `{}` is cleared away", job.payload.slug
            );
            return Ok(true);
        }
    }
    Ok(true)
}

/// Removes what the source's harvests had gathered; all of them have ended. A folder that cannot be removed is left to the tidying at
/// the next start.
fn remove_spools(catalog: &Catalog, source: SourceId) -> Result<(), CatalogError> {
    let mut filter = JobFilter { source: Some(source), ..JobFilter::default() };
    loop {
        let page = catalog.db.read(|tx| harvest::list_jobs(tx, &filter, LOOK_AT))?;
        let Some(last) = page.last() else { return Ok(()) };
        filter.before = Some(last.id);
        for job in page {
            remove_folder(&spool_folder(catalog.data_dir(), job.id))
                .unwrap_or_else(|error| warn!(job.id = %job.id, "A spool stays behind: {error}"));
        }
    }
}
