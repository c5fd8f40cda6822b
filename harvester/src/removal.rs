//! Clearing away what deleted sources leave behind: a batch at a time, between harvests.

use fairground_catalog::source::{self, RemovalJob};
use fairground_catalog::{Catalog, CatalogError};
use tracing::info;

use crate::stop::Stop;

/// Works on a removal that waits for somebody, until it has ended or the worker is told to stop; false when none waits. What
/// was done stays done: whoever takes the job over finds less to do.
///
/// # Errors
/// `Storage` when the database fails; the job is taken over then.
pub(crate) fn remove_next(catalog: &Catalog, holder: &str, dead: &[String], stop: &Stop) -> Result<bool, CatalogError> {
    let Some((job, lease)) = source::claim_next_removal(&catalog.db, holder, dead)? else { return Ok(false) };
    info!(job.id = %job.id, source.id = %job.source_id, "Clearing away source `{}`", job.payload.slug);
    while stop.reason().is_none() {
        let removal: RemovalJob = match catalog.db.write(|tx| source::remove_batch(tx, &lease)) {
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
                "Source `{}` is cleared away", job.payload.slug
            );
            return Ok(true);
        }
    }
    Ok(true)
}
