//! What is used most, as everybody may know it: only datasets behind whose numbers there are enough callers.

use std::cmp::Reverse;

use fairground_domain::DatasetId;

use super::report::{GroupBy, UsageQuery, Whose, add_up};
use super::{Period, SMALLEST_GROUP};
use crate::db::Tx;
use crate::error::CatalogError;

/// A dataset and how often it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MostUsed {
    /// The dataset.
    pub dataset: DatasetId,
    /// Requests of callers other than the portal itself.
    pub requests: i64,
}

/// The datasets that were used most in the last `days` whole days and today, the most used first. Those that fewer than
/// [`SMALLEST_GROUP`] callers used are left out, and the portal's own use is not counted.
///
/// # Errors
/// `Storage` when the database fails.
pub fn most_used(tx: &mut Tx<'_>, days: i64, limit: usize) -> Result<Vec<MostUsed>, CatalogError> {
    let query = UsageQuery {
        whose: Whose::Everybody,
        from: Some(Period::Day.start_of(tx.now.as_secs()) - days * Period::Day.secs()),
        to: None,
        period: Period::Day,
        group_by: GroupBy { dataset: true, operation: false, class: false, status: false, plan: false, own_use: true },
        limit: 0,
    };
    let (_, groups) = add_up(tx, &query)?;
    let mut used: Vec<MostUsed> = groups
        .into_iter()
        .filter(|(group, totals)| group.own_use != Some(true) && totals.callers_at_least() >= SMALLEST_GROUP)
        .filter_map(|(group, totals)| {
            let dataset = group.dataset?.parse().ok()?;
            Some(MostUsed { dataset, requests: totals.requests })
        })
        .collect();
    used.sort_by_key(|one| (Reverse(one.requests), one.dataset));
    used.truncate(limit);
    Ok(used)
}
