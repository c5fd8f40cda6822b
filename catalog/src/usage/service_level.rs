//! How well the portal serves, from the calls that it answered: everybody's sums and nothing else.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use fairground_domain::Timestamp;

use super::report::{GroupBy, UsageQuery, Whose, add_up};
use super::{Period, UsageTotals};
use crate::db::Tx;
use crate::error::CatalogError;

const DAY_SECS: i64 = 86_400;

/// The spans that are told: a name and so many seconds, cut to whole hours for a day and to whole days beyond.
pub const SERVICE_WINDOWS: [(&str, i64); 3] = [("24h", DAY_SECS), ("7d", 7 * DAY_SECS), ("90d", 90 * DAY_SECS)];

/// A scheduled source counts as fresh when its last good harvest is no older than so many of its intervals.
const FRESH_INTERVALS: i64 = 2;

/// How well one span was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLevel {
    /// Its name in [`SERVICE_WINDOWS`].
    pub name: &'static str,
    /// Since when, in seconds since 1970.
    pub from: i64,
    /// All calls but the portal's own.
    pub total: UsageTotals,
    /// By operation class; the portal's own use apart.
    pub classes: Vec<LevelLine>,
    /// Refusals by plan; the portal's own use apart.
    pub refusals: Vec<RefusalLine>,
}

/// How well one class was served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelLine {
    /// The operation class.
    pub class: String,
    /// The portal's own use.
    pub is_own_use: bool,
    /// The numbers.
    pub totals: UsageTotals,
}

/// How often a plan's limits refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalLine {
    /// The plan's id.
    pub plan: String,
    /// The portal's own use.
    pub is_own_use: bool,
    /// Calls.
    pub requests: i64,
    /// Refused ones.
    pub denied: i64,
}

/// How fresh the catalogue is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HarvestFreshness {
    /// Sources that are harvested on a schedule.
    pub scheduled: usize,
    /// Those of them whose last good harvest is recent, by their own schedule.
    pub fresh: usize,
    /// When the source that waits longest was last harvested well; `None` when one never was, or there is none.
    pub oldest: Option<Timestamp>,
    /// The latest good harvest.
    pub latest: Option<Timestamp>,
}

/// How well the portal serves: every span of [`SERVICE_WINDOWS`], and the freshness of harvests.
///
/// # Errors
/// `Storage` when the database fails.
pub fn service_level(tx: &mut Tx<'_>) -> Result<(Vec<ServiceLevel>, HarvestFreshness), CatalogError> {
    let levels =
        SERVICE_WINDOWS.iter().map(|(name, secs)| level(tx, name, *secs)).collect::<Result<Vec<_>, CatalogError>>()?;
    Ok((levels, freshness(tx)?))
}

fn level(tx: &mut Tx<'_>, name: &'static str, secs: i64) -> Result<ServiceLevel, CatalogError> {
    let step = if secs > DAY_SECS { Period::Day } else { Period::Hour };
    let from = step.start_of(tx.now.as_secs()) + step.secs() - secs;
    let query = UsageQuery {
        whose: Whose::Everybody,
        from: Some(from),
        to: None,
        period: step,
        group_by: GroupBy { class: true, plan: true, own_use: true, ..GroupBy::default() },
        limit: 0,
    };
    let (_, groups) = add_up(tx, &query)?;
    let mut level =
        ServiceLevel { name, from, total: UsageTotals::default(), classes: Vec::new(), refusals: Vec::new() };
    for (group, totals) in groups {
        let is_own_use = group.own_use.unwrap_or(false);
        let (class, plan) = (group.class.unwrap_or_default(), group.plan.unwrap_or_default());
        if !is_own_use {
            level.total.add(&totals);
        }
        match level.refusals.iter_mut().find(|line| line.plan == plan && line.is_own_use == is_own_use) {
            Some(line) => {
                line.requests += totals.requests;
                line.denied += totals.denied;
            }
            None => {
                let (requests, denied) = (totals.requests, totals.denied);
                level.refusals.push(RefusalLine { plan, is_own_use, requests, denied });
            }
        }
        match level.classes.iter_mut().find(|line| line.class == class && line.is_own_use == is_own_use) {
            Some(line) => line.totals.add(&totals),
            None => level.classes.push(LevelLine { class, is_own_use, totals }),
        }
    }
    level.refusals.sort_by(|a, b| (a.is_own_use, &a.plan).cmp(&(b.is_own_use, &b.plan)));
    level.classes.sort_by(|a, b| (a.is_own_use, &a.class).cmp(&(b.is_own_use, &b.class)));
    Ok(level)
}

#[derive(Debug, QueryableByName)]
struct SourceRow {
    #[diesel(sql_type = BigInt)]
    interval_secs: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_good: Option<i64>,
}

fn freshness(tx: &mut Tx<'_>) -> Result<HarvestFreshness, CatalogError> {
    let rows: Vec<SourceRow> = diesel::sql_query(
        "SELECT interval_secs, (SELECT MAX(finished_at) FROM jobs WHERE jobs.subject_id = harvest_sources.id \
         AND jobs.kind = $1 AND jobs.state = $2) AS last_good \
         FROM harvest_sources WHERE harvest_sources.state = $3 AND interval_secs IS NOT NULL",
    )
    .bind::<Text, _>("harvest")
    .bind::<Text, _>("completed")
    .bind::<Text, _>("active")
    .load(tx.conn)?;
    let is_fresh = |row: &&SourceRow| {
        let longest = row.interval_secs.saturating_mul(FRESH_INTERVALS);
        row.last_good.is_some_and(|at| Timestamp::from_micros(at).plus_secs(longest) >= tx.now)
    };
    let oldest = if rows.iter().any(|row| row.last_good.is_none()) {
        None
    } else {
        rows.iter().filter_map(|row| row.last_good).min()
    };
    Ok(HarvestFreshness {
        scheduled: rows.len(),
        fresh: rows.iter().filter(is_fresh).count(),
        oldest: oldest.map(Timestamp::from_micros),
        latest: rows.iter().filter_map(|row| row.last_good).max().map(Timestamp::from_micros),
    })
}
