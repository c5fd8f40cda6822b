//! What happens by itself: questions are written down, and those that many ask are suggested.

use std::time::Duration;

use fairground_catalog::{CatalogError, demand};

use crate::state::ApiState;

/// How often questions are written down.
pub(crate) const DEMAND_EVERY: Duration = Duration::from_secs(60);
/// Days whose questions are suggested, and how many of them.
const SUGGESTED_DAYS: i64 = 30;
const SUGGESTED: usize = 500;

/// Writes down what was asked, and suggests what many ask.
///
/// # Errors
/// `Storage` when the database fails.
pub(crate) fn tend_demand(state: &ApiState) -> Result<(), CatalogError> {
    let catalog = &state.catalog;
    catalog.demand.write_down(&catalog.db)?;
    let popular = catalog.db.read(|tx| demand::list_popular(tx, SUGGESTED_DAYS, SUGGESTED))?;
    let questions = popular.into_iter().map(|need| (need.words, u64::try_from(need.asked).unwrap_or(0)));
    catalog.index.set_popular(questions);
    Ok(())
}
