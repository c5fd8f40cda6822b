//! Adds what a piece of a segment came to, exactly once, to the sums and to the ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Text};
use fairground_domain::LatencyHistogram;

use super::subject::{Subject, numbers_of, places};
use super::{EVERYBODY, EVERYBODY_BY_DATASET, Period, UsageTotals};
use crate::db::{Conn, Tx};
use crate::error::CatalogError;
use crate::schema::usage_positions;

/// Sums read or written by one statement.
const CHUNK: usize = 100;
/// Columns of a sum, its key included.
const COLUMNS: usize = 15;
const KEY_COLUMNS: usize = 4;

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
    /// Records of the piece that could not be read.
    pub damaged: i64,
}

/// What one party used of one subject within one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageSum {
    /// How long the period is.
    pub period: Period,
    /// Its first second since 1970.
    pub starts_at: i64,
    /// The application's number; [`super::KEYLESS_PARTY`] for all callers without a key together.
    pub party: i64,
    /// What was used.
    pub subject: Subject,
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

/// A sum's key in rows: period, start, party, subject.
type Key = (i32, i64, i64, i64);

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

/// How far a segment has been added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Up to which byte.
    pub position: i64,
    /// Whether that is its end.
    pub is_closed: bool,
}

/// How far each of a node's segments has been added up, by its number; without those whose files were deleted.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_progress(tx: &mut Tx<'_>, node: &str) -> Result<HashMap<i64, Progress>, CatalogError> {
    let rows: Vec<(i64, i64, Option<i64>)> = usage_positions::table
        .filter(usage_positions::node.eq(node))
        .filter(usage_positions::closed_at.is_null().or(usage_positions::closed_at.lt(i64::MAX)))
        .select((usage_positions::segment, usage_positions::position, usage_positions::closed_at))
        .load(tx.conn)?;
    let progress = |(segment, position, closed_at): (i64, i64, Option<i64>)| {
        (segment, Progress { position, is_closed: closed_at.is_some() })
    };
    Ok(rows.into_iter().map(progress).collect())
}

/// Adds the sums of a portion, exactly once: the segment's position moves in the same transaction. Nodes add one after the
/// other. The sums of a portion are by minute, hour and day of the same calls; everybody's are made here.
///
/// # Errors
/// `WrongState` when the portion does not begin where the last one ended; `Storage` when the database fails.
pub fn apply(tx: &mut Tx<'_>, portion: &Portion, sums: &[UsageSum]) -> Result<Applied, CatalogError> {
    take_pen(tx)?;
    diesel::sql_query(
        "INSERT INTO usage_positions (node, segment, position) VALUES ($1, $2, 0) ON CONFLICT (node, segment) DO NOTHING",
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
    add_sums(tx, sums)?;
    add_to_ledger(tx, portion, sums)?;
    diesel::update(usage_positions::table.find((&portion.node, portion.segment)))
        .set((
            usage_positions::position.eq(portion.to),
            usage_positions::damaged.eq(usage_positions::damaged + portion.damaged),
        ))
        .execute(tx.conn)?;
    Ok(Applied::Now)
}

/// Notes that a segment was read to its end: nothing will be added to it.
///
/// # Errors
/// `Storage` when the database fails.
pub fn close_segment(tx: &mut Tx<'_>, node: &str, segment: i64) -> Result<(), CatalogError> {
    diesel::sql_query(
        "INSERT INTO usage_positions (node, segment, position, closed_at) VALUES ($1, $2, 0, $3) \
         ON CONFLICT (node, segment) DO UPDATE SET closed_at = COALESCE(usage_positions.closed_at, excluded.closed_at)",
    )
    .bind::<Text, _>(node)
    .bind::<BigInt, _>(segment)
    .bind::<BigInt, _>(tx.now.as_micros())
    .execute(tx.conn)?;
    Ok(())
}

/// Whoever holds the pen adds; others wait until its transaction has ended.
fn take_pen(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    diesel::sql_query("UPDATE usage_pen SET turn = turn + 1 WHERE id = 1").execute(tx.conn)?;
    Ok(())
}

fn add_sums(tx: &mut Tx<'_>, sums: &[UsageSum]) -> Result<(), CatalogError> {
    let without_dataset = |subject: &Subject| Subject { dataset_id: String::new(), ..subject.clone() };
    let subjects: BTreeSet<Subject> =
        sums.iter().flat_map(|sum| [sum.subject.clone(), without_dataset(&sum.subject)]).collect();
    let numbers = numbers_of(tx, &subjects)?;
    let number = |subject: &Subject| numbers.get(subject).copied().unwrap_or_default();
    let mut parties: BTreeMap<Key, UsageTotals> = BTreeMap::new();
    let mut everybody: BTreeMap<Key, UsageTotals> = BTreeMap::new();
    for sum in sums {
        let (period, starts_at, subject) = (sum.period.row(), sum.starts_at, number(&sum.subject));
        let of_party = UsageTotals { parties: i64::from(sum.party > 0), ..sum.totals.clone() };
        parties.entry((period, starts_at, sum.party, subject)).or_default().add(&of_party);
        let bare = number(&without_dataset(&sum.subject));
        everybody.entry((period, starts_at, EVERYBODY, bare)).or_default().add(&sum.totals);
        if sum.period != Period::Minute {
            everybody.entry((period, starts_at, EVERYBODY_BY_DATASET, subject)).or_default().add(&sum.totals);
        }
    }
    let newcomers = merge_rows(tx, &parties)?;
    // A party that is new to a sum is one caller more of it.
    for (period, starts_at, party, subject) in newcomers {
        if party > 0
            && let Some(totals) = everybody.get_mut(&(period, starts_at, EVERYBODY_BY_DATASET, subject))
        {
            totals.parties += 1;
        }
    }
    merge_rows(tx, &everybody)?;
    Ok(())
}

/// Adds to the rows of these keys; gives the keys that had none. Rows are written in the order of their keys.
fn merge_rows(tx: &mut Tx<'_>, sums: &BTreeMap<Key, UsageTotals>) -> Result<Vec<Key>, CatalogError> {
    let rows: Vec<(&Key, &UsageTotals)> = sums.iter().collect();
    let mut new = Vec::new();
    for chunk in rows.chunks(CHUNK) {
        let known = read_rows(tx, chunk)?;
        let merged: Vec<(Key, UsageTotals)> = chunk
            .iter()
            .map(|(key, totals)| {
                let Some(before) = known.get(*key) else {
                    new.push(**key);
                    return (**key, (*totals).clone());
                };
                // Newcomers to everybody's row come on top; a party's own row has one caller for ever.
                let parties = if key.2 < 0 { before.parties + totals.parties } else { before.parties };
                let mut after = before.clone();
                after.add(totals);
                (**key, UsageTotals { parties, ..after })
            })
            .collect();
        write_rows(tx, merged)?;
    }
    Ok(new)
}

#[derive(Debug, QueryableByName)]
struct SumRow {
    #[diesel(sql_type = Integer)]
    period: i32,
    #[diesel(sql_type = BigInt)]
    starts_at: i64,
    #[diesel(sql_type = BigInt)]
    party: i64,
    #[diesel(sql_type = BigInt)]
    subject: i64,
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

fn read_rows(tx: &mut Tx<'_>, keys: &[(&Key, &UsageTotals)]) -> Result<HashMap<Key, UsageTotals>, CatalogError> {
    let text = format!(
        "SELECT period, starts_at, party, subject, requests, units, bytes, errors, denied, cached, not_modified, \
         latency_micros, parties, lots, latency FROM usage_sums \
         WHERE (period, starts_at, party, subject) IN (VALUES {})",
        places(keys.len(), KEY_COLUMNS)
    );
    let mut query = diesel::sql_query(text).into_boxed::<<Conn as Connection>::Backend>();
    for (key, _) in keys {
        query =
            query.bind::<Integer, _>(key.0).bind::<BigInt, _>(key.1).bind::<BigInt, _>(key.2).bind::<BigInt, _>(key.3);
    }
    let rows: Vec<SumRow> = query.load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            let key = (row.period, row.starts_at, row.party, row.subject);
            let totals = UsageTotals {
                requests: row.requests,
                units: row.units,
                bytes: row.bytes,
                errors: row.errors,
                denied: row.denied,
                cached: row.cached,
                not_modified: row.not_modified,
                own_use: 0,
                latency_micros: row.latency_micros,
                latency: LatencyHistogram::from_bytes(&row.latency)
                    .map_err(|error| CatalogError::corrupt("usage sum", error))?,
                parties: row.parties,
                lots: row.lots,
            };
            Ok((key, totals))
        })
        .collect()
}

fn write_rows(tx: &mut Tx<'_>, rows: Vec<(Key, UsageTotals)>) -> Result<(), CatalogError> {
    let text = format!(
        "INSERT INTO usage_sums (period, starts_at, party, subject, requests, units, bytes, errors, denied, cached, \
         not_modified, latency_micros, parties, lots, latency) VALUES {} \
         ON CONFLICT (period, starts_at, party, subject) DO UPDATE SET requests = excluded.requests, \
         units = excluded.units, bytes = excluded.bytes, errors = excluded.errors, denied = excluded.denied, \
         cached = excluded.cached, not_modified = excluded.not_modified, latency_micros = excluded.latency_micros, \
         parties = excluded.parties, lots = excluded.lots, latency = excluded.latency",
        places(rows.len(), COLUMNS)
    );
    let mut query = diesel::sql_query(text).into_boxed::<<Conn as Connection>::Backend>();
    for (key, totals) in rows {
        query = query
            .bind::<Integer, _>(key.0)
            .bind::<BigInt, _>(key.1)
            .bind::<BigInt, _>(key.2)
            .bind::<BigInt, _>(key.3)
            .bind::<BigInt, _>(totals.requests)
            .bind::<BigInt, _>(totals.units)
            .bind::<BigInt, _>(totals.bytes)
            .bind::<BigInt, _>(totals.errors)
            .bind::<BigInt, _>(totals.denied)
            .bind::<BigInt, _>(totals.cached)
            .bind::<BigInt, _>(totals.not_modified)
            .bind::<BigInt, _>(totals.latency_micros)
            .bind::<BigInt, _>(totals.parties)
            .bind::<Integer, _>(totals.lots)
            .bind::<Binary, _>(totals.latency.to_bytes());
    }
    query.execute(tx.conn)?;
    Ok(())
}

/// What the portion adds to each day, for its segment.
fn add_to_ledger(tx: &mut Tx<'_>, portion: &Portion, sums: &[UsageSum]) -> Result<(), CatalogError> {
    let mut days: BTreeMap<i64, UsageTotals> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.period == Period::Day) {
        days.entry(sum.starts_at).or_default().add(&sum.totals);
    }
    for (day, totals) in days {
        diesel::sql_query(
            "INSERT INTO usage_ledger (node, segment, day, requests, units, bytes, errors, denied) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (node, segment, day) DO UPDATE SET \
             requests = usage_ledger.requests + excluded.requests, units = usage_ledger.units + excluded.units, \
             bytes = usage_ledger.bytes + excluded.bytes, errors = usage_ledger.errors + excluded.errors, \
             denied = usage_ledger.denied + excluded.denied",
        )
        .bind::<Text, _>(&portion.node)
        .bind::<BigInt, _>(portion.segment)
        .bind::<BigInt, _>(day)
        .bind::<BigInt, _>(totals.requests)
        .bind::<BigInt, _>(totals.units)
        .bind::<BigInt, _>(totals.bytes)
        .bind::<BigInt, _>(totals.errors)
        .bind::<BigInt, _>(totals.denied)
        .execute(tx.conn)?;
    }
    Ok(())
}
