//! What happens by itself: questions are written down, and those that many ask are suggested.

use std::time::Duration;

use fairground_catalog::search::MAX_USED;
use fairground_catalog::{CatalogError, demand, usage};

use crate::state::ApiState;

/// How often questions are written down.
pub(crate) const DEMAND_EVERY: Duration = Duration::from_secs(60);
/// Days whose questions are suggested, and how many of them.
const SUGGESTED_DAYS: i64 = 30;
const SUGGESTED: usize = 500;

/// How often the order learns what is used.
pub(crate) const USES_EVERY: Duration = Duration::from_secs(3_600);
/// Days whose use counts in the order.
const DAYS_OF_USE: i64 = 30;

/// Tells the search index how much datasets are used, as everybody may know it.
///
/// # Errors
/// `Storage` when the database fails, `Search` when the index cannot be read.
pub(crate) fn tell_uses(state: &ApiState) -> Result<(), CatalogError> {
    let catalog = &state.catalog;
    let used = catalog.db.read(|tx| usage::most_used(tx, DAYS_OF_USE, MAX_USED))?;
    let uses = used.into_iter().map(|one| (one.dataset, u64::try_from(one.requests).unwrap_or_default()));
    Ok(catalog.index.set_uses(uses)?)
}

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
