//! Figures of how well persons hid in the published version of a file: what its next version is compared with.

use diesel::prelude::*;
use fairground_domain::{ContentHash, DistributionId};

use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::screen_figures;

/// Keeps the figures of the version that is published of a distribution's file, in the place of those before; nothing where no
/// table in it tells of persons. The bytes are the screen's.
///
/// # Errors
/// `Storage` when the database fails.
pub fn keep_figures(
    tx: &mut Tx<'_>,
    distribution: DistributionId,
    content: ContentHash,
    figures: Option<&[u8]>,
) -> Result<(), CatalogError> {
    let id = distribution.to_string();
    diesel::delete(screen_figures::table.find(&id)).execute(tx.conn)?;
    if let Some(figures) = figures {
        diesel::insert_into(screen_figures::table)
            .values((
                screen_figures::distribution_id.eq(&id),
                screen_figures::content_hash.eq(content.to_string()),
                screen_figures::figures.eq(figures),
                screen_figures::noted_at.eq(tx.now.as_micros()),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The figures of the published version of a distribution's file, if a table in it tells of persons.
///
/// # Errors
/// `Storage` when the database fails.
pub fn figures_of(tx: &mut Tx<'_>, distribution: DistributionId) -> Result<Option<Vec<u8>>, CatalogError> {
    Ok(screen_figures::table
        .find(distribution.to_string())
        .select(screen_figures::figures)
        .first(tx.conn)
        .optional()?)
}

/// Forgets the figures of a file that is gone.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_figures(tx: &mut Tx<'_>, distribution: DistributionId) -> Result<(), CatalogError> {
    diesel::delete(screen_figures::table.find(distribution.to_string())).execute(tx.conn)?;
    Ok(())
}
