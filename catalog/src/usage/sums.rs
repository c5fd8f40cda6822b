//! Sums by minute and by day, added up from the meter's segments exactly once.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::UsageTotals;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{usage_positions, usage_sums};

const DAY_SECS: i64 = 86_400;

/// The length of a sum's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Period {
    /// One minute; kept for some days.
    Minute,
    /// One UTC day; kept for ever.
    Day,
}

impl Period {
    /// As it stands in rows and addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

/// The piece of a segment that some sums were made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// The node that wrote the segment.
    pub node: String,
    /// The segment's number on that node.
    pub segment: i64,
    /// Where the piece begins, in bytes.
    pub from: i64,
    /// Where it ends, in bytes.
    pub to: i64,
}

/// Usage of one party, plan, class, operation, dataset and status class within one minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// The minute's first second since 1970.
    pub minute_starts_at: i64,
    /// The application's number; 0 for all callers without a key together.
    pub party: i64,
    /// The plan's id.
    pub plan: String,
    /// The operation class.
    pub class: String,
    /// The operation's id.
    pub operation: String,
    /// The dataset, or empty.
    pub dataset_id: String,
    /// The status' first digit.
    pub status_class: i32,
    /// The numbers.
    pub totals: UsageTotals,
}

/// What became of a portion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Its sums were added.
    Now,
    /// It had been added before; nothing was done.
    Before,
}

/// Up to where a node's segment has been added up, in bytes.
///
/// # Errors
/// `Storage` when the database fails.
pub fn position(tx: &mut Tx<'_>, node: &str, segment: i64) -> Result<i64, CatalogError> {
    Ok(usage_positions::table
        .find((node, segment))
        .select(usage_positions::position)
        .first(tx.conn)
        .optional()?
        .unwrap_or(0))
}

/// Adds the sums of a portion, exactly once: the segment's position moves in the same transaction.
///
/// # Errors
/// `WrongState` when the portion does not begin where the last one ended; `Storage` when the database fails.
pub fn apply(tx: &mut Tx<'_>, portion: &Portion, sums: &[UsageSum]) -> Result<Applied, CatalogError> {
    diesel::sql_query(
        "INSERT INTO usage_positions (node, segment, position) VALUES ($1, $2, 0) \
         ON CONFLICT (node, segment) DO UPDATE SET position = usage_positions.position",
    )
    .bind::<Text, _>(&portion.node)
    .bind::<BigInt, _>(portion.segment)
    .execute(tx.conn)?;
    let position = position(tx, &portion.node, portion.segment)?;
    if position >= portion.to {
        return Ok(Applied::Before);
    }
    if position != portion.from {
        return Err(CatalogError::WrongState {
            what: format!("usage segment {}/{}", portion.node, portion.segment),
            state: format!("summed up to byte {position}"),
            problem: "a portion must begin where the last one ended",
        });
    }
    for sum in sums {
        add(tx, Period::Minute, sum.minute_starts_at, sum)?;
        add(tx, Period::Day, sum.minute_starts_at - sum.minute_starts_at.rem_euclid(DAY_SECS), sum)?;
    }
    diesel::update(usage_positions::table.find((&portion.node, portion.segment)))
        .set(usage_positions::position.eq(portion.to))
        .execute(tx.conn)?;
    Ok(Applied::Now)
}

fn add(tx: &mut Tx<'_>, period: Period, starts_at: i64, sum: &UsageSum) -> Result<(), CatalogError> {
    diesel::sql_query(
        "INSERT INTO usage_sums (period, starts_at, party, plan, class, operation, dataset_id, status_class, \
         requests, units, bytes, errors, denied, latency_micros) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (period, starts_at, party, plan, class, operation, dataset_id, status_class) DO UPDATE SET \
         requests = usage_sums.requests + excluded.requests, units = usage_sums.units + excluded.units, \
         bytes = usage_sums.bytes + excluded.bytes, errors = usage_sums.errors + excluded.errors, \
         denied = usage_sums.denied + excluded.denied, \
         latency_micros = usage_sums.latency_micros + excluded.latency_micros",
    )
    .bind::<Text, _>(period.as_str())
    .bind::<BigInt, _>(starts_at)
    .bind::<BigInt, _>(sum.party)
    .bind::<Text, _>(&sum.plan)
    .bind::<Text, _>(&sum.class)
    .bind::<Text, _>(&sum.operation)
    .bind::<Text, _>(&sum.dataset_id)
    .bind::<Integer, _>(sum.status_class)
    .bind::<BigInt, _>(sum.totals.requests)
    .bind::<BigInt, _>(sum.totals.units)
    .bind::<BigInt, _>(sum.totals.bytes)
    .bind::<BigInt, _>(sum.totals.errors)
    .bind::<BigInt, _>(sum.totals.denied)
    .bind::<BigInt, _>(sum.totals.latency_micros)
    .execute(tx.conn)?;
    Ok(())
}

/// Which usage to look at. Bounds are seconds since 1970, `from` included, `to` not.
#[derive(Debug, Clone, Copy, Default)]
pub struct UsageFilter {
    /// Only this party; everybody when `None`.
    pub party: Option<i64>,
    /// Only from here.
    pub from: Option<i64>,
    /// Only to here.
    pub to: Option<i64>,
}

#[derive(Debug, QueryableByName)]
struct PointRow {
    #[diesel(sql_type = BigInt)]
    starts_at: i64,
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
    latency_micros: i64,
}

/// Usage within one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsagePoint {
    /// The period's first second since 1970.
    pub starts_at: i64,
    /// The numbers.
    pub totals: UsageTotals,
}

impl From<PointRow> for UsagePoint {
    fn from(row: PointRow) -> Self {
        Self {
            starts_at: row.starts_at,
            totals: UsageTotals {
                requests: row.requests,
                units: row.units,
                bytes: row.bytes,
                errors: row.errors,
                denied: row.denied,
                latency_micros: row.latency_micros,
            },
        }
    }
}

/// Usage period by period, oldest first; periods without use are left out. The newest `limit` of them.
///
/// # Errors
/// `Storage` when the database fails.
pub fn series(
    tx: &mut Tx<'_>,
    period: Period,
    filter: &UsageFilter,
    limit: i64,
) -> Result<Vec<UsagePoint>, CatalogError> {
    let (party_from, party_to) = filter.party.map_or((i64::MIN, i64::MAX), |party| (party, party));
    // Sums are NUMERIC on PostgreSQL unless cast; both databases know CAST.
    let mut rows: Vec<PointRow> = diesel::sql_query(
        "SELECT starts_at, CAST(SUM(requests) AS BIGINT) AS requests, CAST(SUM(units) AS BIGINT) AS units, \
         CAST(SUM(bytes) AS BIGINT) AS bytes, CAST(SUM(errors) AS BIGINT) AS errors, \
         CAST(SUM(denied) AS BIGINT) AS denied, CAST(SUM(latency_micros) AS BIGINT) AS latency_micros \
         FROM usage_sums WHERE period = $1 AND party >= $2 AND party <= $3 AND starts_at >= $4 AND starts_at < $5 \
         GROUP BY starts_at ORDER BY starts_at DESC LIMIT $6",
    )
    .bind::<Text, _>(period.as_str())
    .bind::<BigInt, _>(party_from)
    .bind::<BigInt, _>(party_to)
    .bind::<BigInt, _>(filter.from.unwrap_or(i64::MIN))
    .bind::<BigInt, _>(filter.to.unwrap_or(i64::MAX))
    .bind::<BigInt, _>(limit)
    .load(tx.conn)?;
    rows.reverse();
    Ok(rows.into_iter().map(UsagePoint::from).collect())
}

/// Usage in all, from the days' sums (and so whole days: bounds are widened to them).
///
/// # Errors
/// `Storage` when the database fails.
pub fn total(tx: &mut Tx<'_>, filter: &UsageFilter) -> Result<UsageTotals, CatalogError> {
    let whole_days = UsageFilter { from: filter.from.map(|from| from - from.rem_euclid(DAY_SECS)), ..*filter };
    let points = series(tx, Period::Day, &whole_days, i64::MAX)?;
    Ok(points.into_iter().fold(UsageTotals::default(), |mut sum, point| {
        sum.requests += point.totals.requests;
        sum.units += point.totals.units;
        sum.bytes += point.totals.bytes;
        sum.errors += point.totals.errors;
        sum.denied += point.totals.denied;
        sum.latency_micros += point.totals.latency_micros;
        sum
    }))
}

/// Drops minutes that began before `before` (seconds since 1970); their days stay. Gives how many rows went.
///
/// # Errors
/// `Storage` when the database fails.
pub fn prune_minutes(tx: &mut Tx<'_>, before: i64) -> Result<usize, CatalogError> {
    Ok(diesel::delete(
        usage_sums::table
            .filter(usage_sums::period.eq(Period::Minute.as_str()))
            .filter(usage_sums::starts_at.lt(before)),
    )
    .execute(tx.conn)?)
}
