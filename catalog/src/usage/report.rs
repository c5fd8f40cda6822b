//! Tells usage: to whom used it, to operators, to agencies, to everybody. All of them read the same rows here.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, Text};
use fairground_domain::{LatencyHistogram, PublisherId};

use super::{EVERYBODY, EVERYBODY_BY_DATASET, Period, UsageTotals};
use crate::db::{Conn, Tx};
use crate::error::CatalogError;

/// Groups that a report tells at most: those with the most requests.
pub const MAX_GROUPS: usize = 1_000;

/// Whose usage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    Everybody,
    /// An application's, by its number, or [`super::KEYLESS_PARTY`].
    Party(i64),
    /// Everybody's, of one publisher's datasets.
    Publisher(PublisherId),
}

/// By what usage is told apart, beside time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GroupBy {
    /// By dataset; not by minute.
    pub dataset: bool,
    /// By operation.
    pub operation: bool,
    /// By operation class.
    pub class: bool,
    /// By the status' first digit.
    pub status: bool,
    /// By plan.
    pub plan: bool,
    /// The portal's own use apart from everybody else's.
    pub own_use: bool,
}

impl GroupBy {
    /// Whether anything is told apart.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self != Self::default()
    }
}

/// What is asked of usage. Bounds are seconds since 1970, `from` included, `to` not; they are widened to whole minutes.
#[derive(Debug, Clone, Copy)]
pub struct UsageQuery {
    /// Whose usage.
    pub whose: Whose,
    /// Only from here.
    pub from: Option<i64>,
    /// Only to here.
    pub to: Option<i64>,
    /// The steps of the series.
    pub period: Period,
    /// By what it is told apart.
    pub group_by: GroupBy,
    /// The newest so many steps of the series; 0 for none.
    pub limit: usize,
}

/// What some usage has in common; `None` where it is not told apart by that.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// The dataset's id; empty where none was concerned.
    pub dataset: Option<String>,
    /// The operation's id.
    pub operation: Option<String>,
    /// The operation class.
    pub class: Option<String>,
    /// The status' first digit.
    pub status: Option<i32>,
    /// The plan's id.
    pub plan: Option<String>,
    /// The portal's own use.
    pub own_use: Option<bool>,
}

/// A group's usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// What it has in common.
    pub group: Group,
    /// The numbers.
    pub totals: UsageTotals,
}

/// A group's usage within one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageStep {
    /// The period's first second since 1970.
    pub starts_at: i64,
    /// What it has in common.
    pub group: Group,
    /// The numbers.
    pub totals: UsageTotals,
}

/// Usage in all, by group, and step by step.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UsageReport {
    /// In all.
    pub total: UsageTotals,
    /// By group, the most requests first; empty when nothing is told apart. At most [`MAX_GROUPS`].
    pub groups: Vec<UsageRow>,
    /// Whether there were more groups.
    pub has_more_groups: bool,
    /// Step by step, oldest first, and by group within a step; steps without use are left out.
    pub series: Vec<UsageStep>,
}

/// Usage as it was asked for. Total and groups come from the longest periods that fit the bounds, so that they reach back
/// beyond what is kept of shorter ones.
///
/// # Errors
/// `Invalid` when datasets are to be told apart by minute; `Storage` when the database fails.
pub fn report(tx: &mut Tx<'_>, query: &UsageQuery) -> Result<UsageReport, CatalogError> {
    let (total, groups) = add_up(tx, query)?;
    let mut groups: Vec<UsageRow> = groups.into_iter().map(|(group, totals)| UsageRow { group, totals }).collect();
    groups.sort_by(|a, b| b.totals.requests.cmp(&a.totals.requests).then_with(|| a.group.cmp(&b.group)));
    let has_more_groups = groups.len() > MAX_GROUPS;
    groups.truncate(MAX_GROUPS);
    let series = if query.limit > 0 { series(tx, query, Bounds::of(query))? } else { Vec::new() };
    Ok(UsageReport { total, groups, has_more_groups, series })
}

/// In all and by group, without an end to the groups.
pub(super) fn add_up(
    tx: &mut Tx<'_>,
    query: &UsageQuery,
) -> Result<(UsageTotals, BTreeMap<Group, UsageTotals>), CatalogError> {
    let bounds = Bounds::of(query);
    let whole = bounds.longest_period();
    let by_dataset = query.group_by.dataset || matches!(query.whose, Whose::Publisher(_));
    if by_dataset && (whole == Period::Minute || (query.limit > 0 && query.period == Period::Minute)) {
        return Err(CatalogError::Invalid {
            field: "groupby",
            problem: "datasets are told apart by hour and by day, and within whole hours".to_owned(),
        });
    }
    let mut total = UsageTotals::default();
    let mut groups: BTreeMap<Group, UsageTotals> = BTreeMap::new();
    for window in windows(tx, query, whole, bounds)? {
        for row in read(tx, query, whole, window)? {
            let totals = row.totals()?;
            total.add(&totals);
            if query.group_by.is_any() {
                groups.entry(row.group(query.group_by)).or_default().add(&totals);
            }
        }
    }
    Ok((total, groups))
}

/// When the newest sum of a minute begins, in seconds since 1970; `None` before the first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn last_summed(tx: &mut Tx<'_>) -> Result<Option<i64>, CatalogError> {
    Ok(extent(tx, Period::Minute, EVERYBODY)?.map(|bounds| bounds.to - Period::Minute.secs()))
}

fn series(tx: &mut Tx<'_>, query: &UsageQuery, bounds: Bounds) -> Result<Vec<UsageStep>, CatalogError> {
    let mut steps: BTreeMap<(i64, Group), UsageTotals> = BTreeMap::new();
    let mut starts: BTreeSet<i64> = BTreeSet::new();
    for window in windows(tx, query, query.period, bounds)? {
        if starts.len() >= query.limit {
            break;
        }
        for row in read(tx, query, query.period, window)? {
            starts.insert(row.starts_at);
            steps.entry((row.starts_at, row.group(query.group_by))).or_default().add(&row.totals()?);
        }
    }
    let oldest = starts.iter().rev().nth(query.limit.saturating_sub(1)).copied().unwrap_or(i64::MIN);
    Ok(steps
        .into_iter()
        .filter(|((starts_at, _), _)| *starts_at >= oldest)
        .map(|((starts_at, group), totals)| UsageStep { starts_at, group, totals })
        .collect())
}

/// From a second to before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bounds {
    from: i64,
    to: i64,
}

impl Bounds {
    fn of(query: &UsageQuery) -> Self {
        let minute = Period::Minute;
        Self {
            from: query.from.map_or(i64::MIN, |from| minute.start_of(from)),
            to: query.to.map_or(i64::MAX, |to| minute.start_of(to.saturating_add(minute.secs() - 1))),
        }
    }

    /// The longest period whose steps the bounds do not cut.
    fn longest_period(self) -> Period {
        let fits = |period: &Period| {
            let whole = |bound: i64| matches!(bound, i64::MIN | i64::MAX) || period.start_of(bound) == bound;
            whole(self.from) && whole(self.to)
        };
        Period::ALL.into_iter().find(fits).unwrap_or(Period::Minute)
    }
}

fn party(query: &UsageQuery) -> i64 {
    match query.whose {
        Whose::Everybody if query.group_by.dataset => EVERYBODY_BY_DATASET,
        Whose::Everybody => EVERYBODY,
        Whose::Publisher(_) => EVERYBODY_BY_DATASET,
        Whose::Party(party) => party,
    }
}

/// How much is read at a time, in seconds, so that memory is bounded by what a window holds.
const fn window_secs(period: Period) -> i64 {
    match period {
        Period::Minute => 6 * 3_600,
        Period::Hour => 86_400,
        Period::Day => 31 * 86_400,
    }
}

/// The bounds, cut to where there are sums and into windows, newest first.
fn windows(tx: &mut Tx<'_>, query: &UsageQuery, period: Period, bounds: Bounds) -> Result<Vec<Bounds>, CatalogError> {
    let Some(extent) = extent(tx, period, party(query))? else { return Ok(Vec::new()) };
    let (from, to) = (bounds.from.max(extent.from), bounds.to.min(extent.to));
    let mut windows = Vec::new();
    let mut end = to;
    while end > from {
        let start = end.saturating_sub(window_secs(period)).max(from);
        windows.push(Bounds { from: start, to: end });
        end = start;
    }
    Ok(windows)
}

#[derive(Debug, QueryableByName)]
struct ExtentRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    first: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    last: Option<i64>,
}

/// From the first sum of a party to the end of its last.
fn extent(tx: &mut Tx<'_>, period: Period, party: i64) -> Result<Option<Bounds>, CatalogError> {
    let row: ExtentRow = diesel::sql_query(
        "SELECT MIN(starts_at) AS first, MAX(starts_at) AS last FROM usage_sums WHERE party = $1 AND period = $2",
    )
    .bind::<BigInt, _>(party)
    .bind::<Integer, _>(period.row())
    .get_result(tx.conn)?;
    Ok(row.first.zip(row.last).map(|(first, last)| Bounds { from: first, to: last.saturating_add(period.secs()) }))
}

#[derive(Debug, QueryableByName)]
struct ReportRow {
    #[diesel(sql_type = BigInt)]
    starts_at: i64,
    #[diesel(sql_type = Text)]
    plan: String,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Text)]
    operation: String,
    #[diesel(sql_type = Text)]
    dataset_id: String,
    #[diesel(sql_type = Integer)]
    status_class: i32,
    #[diesel(sql_type = Bool)]
    own_use: bool,
    #[diesel(sql_type = BigInt)]
    requests: i64,
    #[diesel(sql_type = BigInt)]
    units: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = BigInt)]
    errors: i64,
    #[diesel(sql_type = BigInt)]
    denied: i64,
    #[diesel(sql_type = BigInt)]
    cached: i64,
    #[diesel(sql_type = BigInt)]
    not_modified: i64,
    #[diesel(sql_type = BigInt)]
    latency_micros: i64,
    #[diesel(sql_type = BigInt)]
    parties: i64,
    #[diesel(sql_type = Integer)]
    lots: i32,
    #[diesel(sql_type = Binary)]
    latency: Vec<u8>,
}

impl ReportRow {
    fn totals(&self) -> Result<UsageTotals, CatalogError> {
        Ok(UsageTotals {
            requests: self.requests,
            units: self.units,
            bytes: self.bytes,
            errors: self.errors,
            denied: self.denied,
            cached: self.cached,
            not_modified: self.not_modified,
            own_use: if self.own_use { self.requests } else { 0 },
            latency_micros: self.latency_micros,
            latency: LatencyHistogram::from_bytes(&self.latency)
                .map_err(|error| CatalogError::corrupt("usage sum", error))?,
            parties: self.parties,
            lots: self.lots,
        })
    }

    fn group(&self, by: GroupBy) -> Group {
        Group {
            dataset: by.dataset.then(|| self.dataset_id.clone()),
            operation: by.operation.then(|| self.operation.clone()),
            class: by.class.then(|| self.class.clone()),
            status: by.status.then_some(self.status_class),
            plan: by.plan.then(|| self.plan.clone()),
            own_use: by.own_use.then_some(self.own_use),
        }
    }
}

fn read(tx: &mut Tx<'_>, query: &UsageQuery, period: Period, window: Bounds) -> Result<Vec<ReportRow>, CatalogError> {
    let mut text = "SELECT usage_sums.starts_at, plan, class, operation, dataset_id, status_class, own_use, requests, \
                    units, bytes, errors, denied, cached, not_modified, latency_micros, parties, lots, latency \
                    FROM usage_sums JOIN usage_subjects ON usage_subjects.id = usage_sums.subject \
                    WHERE usage_sums.party = $1 AND usage_sums.period = $2 AND usage_sums.starts_at >= $3 \
                    AND usage_sums.starts_at < $4"
        .to_owned();
    if matches!(query.whose, Whose::Publisher(_)) {
        text.push_str(" AND dataset_id IN (SELECT id FROM datasets WHERE publisher_id = $5)");
    }
    let mut statement = diesel::sql_query(text)
        .into_boxed::<<Conn as Connection>::Backend>()
        .bind::<BigInt, _>(party(query))
        .bind::<Integer, _>(period.row())
        .bind::<BigInt, _>(window.from)
        .bind::<BigInt, _>(window.to);
    if let Whose::Publisher(publisher) = query.whose {
        statement = statement.bind::<Text, _>(publisher.to_string());
    }
    Ok(statement.load(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_period_is_the_one_that_the_bounds_do_not_cut() {
        for (from, to, period) in [
            (i64::MIN, i64::MAX, Period::Day),
            (0, 86_400, Period::Day),
            (3_600, i64::MAX, Period::Hour),
            (0, 86_460, Period::Minute),
        ] {
            assert_eq!(Bounds { from, to }.longest_period(), period, "{from} to {to}");
        }
    }
}
