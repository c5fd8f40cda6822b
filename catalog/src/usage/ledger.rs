//! The ledger: what was added to the sums of each segment, and the proof that nothing is missing or doubled.
//!
//! Three ways must meet for every day: the segments counted over again, the sums, and what owners are told. A closed segment
//! is counted over by its own node ([`prove_segment`]) and may be deleted only after that; the days are compared in one
//! reading transaction ([`compare_days`]), so a difference is never one of timing.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use fairground_domain::Timestamp;

use super::Period;
use super::report::{GroupBy, UsageQuery, Whose, report};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{usage_ledger, usage_positions, usage_quarantine, usage_reconciliations};

/// Key owners' pages that are recounted for one day; of a day with more, the rest is not compared.
pub const PARTIES_CHECKED: i64 = 5_000;

/// A segment that was read to its end and has not been counted over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnprovedSegment {
    /// Its number on its node.
    pub segment: i64,
    /// Where the ledger begins in it, in bytes.
    pub counted_from: i64,
    /// Its end, in bytes.
    pub position: i64,
}

/// What a day's records of a segment come to, counted over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayRecount {
    /// Records.
    pub requests: i64,
    /// Cost units.
    pub units: i64,
    /// Bytes of bodies.
    pub bytes: i64,
    /// With a status of 500 or above.
    pub errors: i64,
    /// Refused by a limit.
    pub denied: i64,
}

/// How a recount came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It is what was added to the sums.
    Equal,
    /// So many requests more or less, over all days; or other numbers, when it is 0.
    Different {
        /// Requests that are missing or doubled.
        requests: i64,
    },
}

/// Segments of a node that were read to their end and not proved yet, oldest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_unproved(tx: &mut Tx<'_>, node: &str) -> Result<Vec<UnprovedSegment>, CatalogError> {
    let rows: Vec<(i64, i64, i64)> = usage_positions::table
        .filter(usage_positions::node.eq(node))
        .filter(usage_positions::closed_at.is_not_null())
        .filter(usage_positions::proved_at.is_null())
        .order(usage_positions::segment)
        .select((usage_positions::segment, usage_positions::counted_from, usage_positions::position))
        .load(tx.conn)?;
    let segment = |(segment, counted_from, position)| UnprovedSegment { segment, counted_from, position };
    Ok(rows.into_iter().map(segment).collect())
}

#[derive(Debug, QueryableByName)]
struct LedgerRow {
    #[diesel(sql_type = BigInt)]
    day: i64,
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
}

/// Holds the ledger of a segment to a recount by day (first seconds since 1970). Only an equal one proves it.
///
/// # Errors
/// `Storage` when the database fails.
pub fn prove_segment(
    tx: &mut Tx<'_>,
    node: &str,
    segment: i64,
    recount: &BTreeMap<i64, DayRecount>,
) -> Result<Proof, CatalogError> {
    let rows: Vec<LedgerRow> = diesel::sql_query(
        "SELECT day, requests, units, bytes, errors, denied FROM usage_ledger WHERE node = $1 AND segment = $2",
    )
    .bind::<Text, _>(node)
    .bind::<BigInt, _>(segment)
    .load(tx.conn)?;
    let ledger: BTreeMap<i64, DayRecount> = rows
        .into_iter()
        .map(|row| {
            let LedgerRow { day, requests, units, bytes, errors, denied } = row;
            (day, DayRecount { requests, units, bytes, errors, denied })
        })
        .collect();
    let days: BTreeSet<i64> = ledger.keys().chain(recount.keys()).copied().collect();
    let (mut equal, mut requests) = (true, 0_i64);
    for day in days {
        let (summed, counted) = (ledger.get(&day), recount.get(&day).copied().unwrap_or_default());
        equal &= summed.copied().unwrap_or_default() == counted;
        requests += (summed.map_or(0, |summed| summed.requests) - counted.requests).abs();
        save_recount(tx, node, segment, day, &counted)?;
    }
    if equal {
        diesel::update(usage_positions::table.find((node, segment)))
            .set(usage_positions::proved_at.eq(tx.now.as_micros()))
            .execute(tx.conn)?;
        return Ok(Proof::Equal);
    }
    Ok(Proof::Different { requests })
}

fn save_recount(tx: &mut Tx<'_>, node: &str, segment: i64, day: i64, counted: &DayRecount) -> Result<(), CatalogError> {
    diesel::sql_query(
        "INSERT INTO usage_ledger (node, segment, day, requests, units, bytes, errors, denied, recounted_requests, \
         recounted_units, recounted_bytes, recounted_errors, recounted_denied) \
         VALUES ($1, $2, $3, 0, 0, 0, 0, 0, $4, $5, $6, $7, $8) ON CONFLICT (node, segment, day) DO UPDATE SET \
         recounted_requests = excluded.recounted_requests, recounted_units = excluded.recounted_units, \
         recounted_bytes = excluded.recounted_bytes, recounted_errors = excluded.recounted_errors, \
         recounted_denied = excluded.recounted_denied",
    )
    .bind::<Text, _>(node)
    .bind::<BigInt, _>(segment)
    .bind::<BigInt, _>(day)
    .bind::<BigInt, _>(counted.requests)
    .bind::<BigInt, _>(counted.units)
    .bind::<BigInt, _>(counted.bytes)
    .bind::<BigInt, _>(counted.errors)
    .bind::<BigInt, _>(counted.denied)
    .execute(tx.conn)?;
    Ok(())
}

/// Segments of a node, with their ends, that were proved and were closed before `before`: they may be deleted.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_retirable(tx: &mut Tx<'_>, node: &str, before: Timestamp) -> Result<Vec<(i64, i64)>, CatalogError> {
    Ok(usage_positions::table
        .filter(usage_positions::node.eq(node))
        .filter(usage_positions::proved_at.is_not_null())
        .filter(usage_positions::closed_at.lt(before.as_micros()))
        .order(usage_positions::segment)
        .select((usage_positions::segment, usage_positions::position))
        .load(tx.conn)?)
}

/// Notes that a proved segment's file is gone, so that it is not looked for again.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_segment(tx: &mut Tx<'_>, node: &str, segment: i64) -> Result<(), CatalogError> {
    // The position stays: a copy of the file that comes back must not be summed again.
    diesel::update(usage_positions::table.find((node, segment)))
        .set(usage_positions::closed_at.eq(i64::MAX))
        .execute(tx.conn)?;
    Ok(())
}

/// How the three ways met for a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciliation {
    /// The day's first second since 1970.
    pub day: i64,
    /// The node; empty for all nodes together.
    pub node: String,
    /// When it was compared.
    pub checked_at: Timestamp,
    /// Segments with records of the day.
    pub segments: i64,
    /// Those of them that were counted over and are equal.
    pub proved_segments: i64,
    /// Records that could not be read in the segments of the day.
    pub damaged: i64,
    /// Requests by recount, of the segments that were counted over.
    pub recounted_requests: i64,
    /// Requests that the ledger says were added.
    pub ledger_requests: i64,
    /// Requests in the day's sums; of all nodes together only.
    pub summed_requests: Option<i64>,
    /// Requests that owners are told, and keyless callers together; of all nodes together only, and not on days with more
    /// than [`PARTIES_CHECKED`] parties.
    pub told_requests: Option<i64>,
    /// Requests by which the ways differ, added up; 0 when all is well.
    pub difference: i64,
}

#[derive(Debug, QueryableByName)]
struct NodeDay {
    #[diesel(sql_type = Text)]
    node: String,
    #[diesel(sql_type = BigInt)]
    segments: i64,
    #[diesel(sql_type = BigInt)]
    proved: i64,
    #[diesel(sql_type = BigInt)]
    damaged: i64,
    #[diesel(sql_type = BigInt)]
    recounted: i64,
    #[diesel(sql_type = BigInt)]
    requests: i64,
    #[diesel(sql_type = BigInt)]
    difference: i64,
}

/// Compares the newest `days` days with use, and those whose last comparison found a difference. For a reading transaction:
/// it sees one instant, and holds nobody up.
///
/// # Errors
/// `Storage` when the database fails.
pub fn compare_days(tx: &mut Tx<'_>, days: i64) -> Result<Vec<Reconciliation>, CatalogError> {
    let newest: Vec<i64> = usage_ledger::table
        .select(usage_ledger::day)
        .distinct()
        .order(usage_ledger::day.desc())
        .limit(days)
        .load(tx.conn)?;
    let alarming: Vec<i64> = usage_reconciliations::table
        .filter(usage_reconciliations::difference.ne(0))
        .select(usage_reconciliations::day)
        .distinct()
        .load(tx.conn)?;
    let days: BTreeSet<i64> = newest.into_iter().chain(alarming).collect();
    let mut all = Vec::new();
    for day in days {
        all.extend(reconcile_day(tx, day)?);
    }
    Ok(all)
}

/// Keeps comparisons, in the place of earlier ones of the same days.
///
/// # Errors
/// `Storage` when the database fails.
pub fn keep_comparisons(tx: &mut Tx<'_>, rows: &[Reconciliation]) -> Result<(), CatalogError> {
    for row in rows {
        save(tx, row)?;
    }
    Ok(())
}

fn reconcile_day(tx: &mut Tx<'_>, day: i64) -> Result<Vec<Reconciliation>, CatalogError> {
    let nodes: Vec<NodeDay> = diesel::sql_query(
        "SELECT usage_ledger.node, COUNT(*) AS segments, \
         CAST(SUM(CASE WHEN proved_at IS NULL THEN 0 ELSE 1 END) AS BIGINT) AS proved, \
         CAST(SUM(COALESCE(damaged, 0)) AS BIGINT) AS damaged, \
         CAST(SUM(COALESCE(recounted_requests, 0)) AS BIGINT) AS recounted, \
         CAST(SUM(requests) AS BIGINT) AS requests, \
         CAST(SUM(ABS(COALESCE(recounted_requests, requests) - requests)) AS BIGINT) AS difference \
         FROM usage_ledger LEFT JOIN usage_positions ON usage_positions.node = usage_ledger.node \
         AND usage_positions.segment = usage_ledger.segment WHERE day = $1 GROUP BY usage_ledger.node \
         ORDER BY usage_ledger.node",
    )
    .bind::<BigInt, _>(day)
    .load(tx.conn)?;
    let mut rows: Vec<Reconciliation> = nodes
        .into_iter()
        .map(|node| Reconciliation {
            day,
            node: node.node,
            checked_at: tx.now,
            segments: node.segments,
            proved_segments: node.proved,
            damaged: node.damaged,
            recounted_requests: node.recounted,
            ledger_requests: node.requests,
            summed_requests: None,
            told_requests: None,
            difference: node.difference,
        })
        .collect();
    let sum = |of: fn(&Reconciliation) -> i64| rows.iter().map(of).sum::<i64>();
    let ledger_requests = sum(|row| row.ledger_requests);
    let (everybody, summed) = (told_to(tx, Whose::Everybody, day)?, sum_of_parties(tx, day)?);
    let told = told_to_owners(tx, day)?;
    let differences = (ledger_requests - summed).abs()
        + (ledger_requests - everybody).abs()
        + told.map_or(0, |told| (ledger_requests - told).abs());
    let whole = Reconciliation {
        day,
        node: String::new(),
        checked_at: tx.now,
        segments: sum(|row| row.segments),
        proved_segments: sum(|row| row.proved_segments),
        damaged: sum(|row| row.damaged),
        recounted_requests: sum(|row| row.recounted_requests),
        ledger_requests,
        summed_requests: Some(summed),
        told_requests: told,
        difference: differences + sum(|row| row.difference),
    };
    rows.push(whole);
    Ok(rows)
}

#[derive(Debug, QueryableByName)]
struct Requests {
    #[diesel(sql_type = Nullable<BigInt>)]
    requests: Option<i64>,
}

fn sum_of_parties(tx: &mut Tx<'_>, day: i64) -> Result<i64, CatalogError> {
    let row: Requests = diesel::sql_query(
        "SELECT CAST(SUM(requests) AS BIGINT) AS requests FROM usage_sums \
         WHERE period = $1 AND starts_at = $2 AND party >= 0",
    )
    .bind::<Integer, _>(Period::Day.row())
    .bind::<BigInt, _>(day)
    .get_result(tx.conn)?;
    Ok(row.requests.unwrap_or(0))
}

#[derive(Debug, QueryableByName)]
struct PartyRow {
    #[diesel(sql_type = BigInt)]
    party: i64,
}

/// What the owners' pages tell of a day, page by page, through the very function that answers them.
fn told_to_owners(tx: &mut Tx<'_>, day: i64) -> Result<Option<i64>, CatalogError> {
    let parties: Vec<PartyRow> = diesel::sql_query(
        "SELECT DISTINCT party FROM usage_sums WHERE period = $1 AND starts_at = $2 AND party >= 0 LIMIT $3",
    )
    .bind::<Integer, _>(Period::Day.row())
    .bind::<BigInt, _>(day)
    .bind::<BigInt, _>(PARTIES_CHECKED + 1)
    .load(tx.conn)?;
    if i64::try_from(parties.len()).unwrap_or(i64::MAX) > PARTIES_CHECKED {
        return Ok(None);
    }
    let mut told = 0;
    for PartyRow { party } in parties {
        told += told_to(tx, Whose::Party(party), day)?;
    }
    Ok(Some(told))
}

fn told_to(tx: &mut Tx<'_>, whose: Whose, day: i64) -> Result<i64, CatalogError> {
    let query = UsageQuery {
        whose,
        from: Some(day),
        to: Some(day + Period::Day.secs()),
        period: Period::Day,
        group_by: GroupBy::default(),
        limit: 0,
    };
    Ok(report(tx, &query)?.total.requests)
}

fn save(tx: &mut Tx<'_>, row: &Reconciliation) -> Result<(), CatalogError> {
    diesel::delete(usage_reconciliations::table.find((row.day, &row.node))).execute(tx.conn)?;
    diesel::insert_into(usage_reconciliations::table)
        .values((
            usage_reconciliations::day.eq(row.day),
            usage_reconciliations::node.eq(&row.node),
            usage_reconciliations::checked_at.eq(row.checked_at.as_micros()),
            usage_reconciliations::segments.eq(row.segments),
            usage_reconciliations::proved_segments.eq(row.proved_segments),
            usage_reconciliations::damaged.eq(row.damaged),
            usage_reconciliations::recounted_requests.eq(row.recounted_requests),
            usage_reconciliations::ledger_requests.eq(row.ledger_requests),
            usage_reconciliations::summed_requests.eq(row.summed_requests),
            usage_reconciliations::told_requests.eq(row.told_requests),
            usage_reconciliations::difference.eq(row.difference),
        ))
        .execute(tx.conn)?;
    Ok(())
}

type ReconciliationRow = (i64, String, i64, i64, i64, i64, i64, i64, Option<i64>, Option<i64>, i64);

/// The last comparisons, newest day first; of a day, all nodes together come first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_reconciliations(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Reconciliation>, CatalogError> {
    let rows: Vec<ReconciliationRow> = usage_reconciliations::table
        .order((usage_reconciliations::day.desc(), usage_reconciliations::node.asc()))
        .limit(limit)
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|row| Reconciliation {
            day: row.0,
            node: row.1,
            checked_at: Timestamp::from_micros(row.2),
            segments: row.3,
            proved_segments: row.4,
            damaged: row.5,
            recounted_requests: row.6,
            ledger_requests: row.7,
            summed_requests: row.8,
            told_requests: row.9,
            difference: row.10,
        })
        .collect())
}

/// Requests by which the ways differed when each day was last compared; 0 when all is well.
///
/// # Errors
/// `Storage` when the database fails.
pub fn total_difference(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    let row: Requests = diesel::sql_query(
        "SELECT CAST(SUM(difference) AS BIGINT) AS requests FROM usage_reconciliations WHERE node = ''",
    )
    .get_result(tx.conn)?;
    Ok(row.requests.unwrap_or(0))
}

/// A segment that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The node in whose folder it lies.
    pub node: String,
    /// Its file's name.
    pub file: String,
    /// Why it cannot be read.
    pub reason: String,
    /// When that was found.
    pub found_at: Timestamp,
}

/// Notes that a file was put aside because it cannot be read.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note_quarantined(tx: &mut Tx<'_>, node: &str, file: &str, reason: &str) -> Result<(), CatalogError> {
    diesel::delete(usage_quarantine::table.find((node, file))).execute(tx.conn)?;
    diesel::insert_into(usage_quarantine::table)
        .values((
            usage_quarantine::node.eq(node),
            usage_quarantine::file.eq(file),
            usage_quarantine::reason.eq(reason),
            usage_quarantine::found_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets files of a node that are no longer put aside: those that are not among `there`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_quarantined(tx: &mut Tx<'_>, node: &str, there: &[String]) -> Result<(), CatalogError> {
    diesel::delete(
        usage_quarantine::table.filter(usage_quarantine::node.eq(node)).filter(usage_quarantine::file.ne_all(there)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Files that were put aside, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_quarantined(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Quarantined>, CatalogError> {
    let rows: Vec<(String, String, String, i64)> = usage_quarantine::table
        .order((usage_quarantine::found_at.desc(), usage_quarantine::file.asc()))
        .limit(limit)
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(node, file, reason, found_at)| Quarantined {
            node,
            file,
            reason,
            found_at: Timestamp::from_micros(found_at),
        })
        .collect())
}
