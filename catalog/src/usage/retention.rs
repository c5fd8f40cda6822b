//! How long usage is kept: minutes for a week, hours for a quarter, days for ever.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};

use super::Period;
use crate::db::Tx;
use crate::error::CatalogError;

/// Days after which sums of minutes are dropped.
pub const DAYS_OF_MINUTES: i64 = 7;
/// Days after which sums of hours are dropped.
pub const DAYS_OF_HOURS: i64 = 90;
/// Days after which a proved segment is deleted.
pub const DAYS_OF_SEGMENTS: i64 = 7;
/// Days after which positions and ledger rows of a segment are dropped. A copy of an older segment that comes back would be
/// summed again, and the ledger would show it.
pub const DAYS_OF_POSITIONS: i64 = 400;

const DAY_SECS: i64 = 86_400;
const MICROS_PER_SEC: i64 = 1_000_000;

/// How many rows went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Sums of minutes.
    pub minutes: usize,
    /// Sums of hours.
    pub hours: usize,
    /// Rows of the ledger.
    pub ledger: usize,
}

/// Drops what is older than it is kept. Sums of days stay.
///
/// # Errors
/// `Storage` when the database fails.
pub fn prune_usage(tx: &mut Tx<'_>) -> Result<Pruned, CatalogError> {
    let now = tx.now.as_secs();
    let minutes = prune_sums(tx, Period::Minute, now - DAYS_OF_MINUTES * DAY_SECS)?;
    let hours = prune_sums(tx, Period::Hour, now - DAYS_OF_HOURS * DAY_SECS)?;
    let oldest = now - DAYS_OF_POSITIONS * DAY_SECS;
    let ledger = diesel::sql_query("DELETE FROM usage_ledger WHERE day < $1 AND node <> $2")
        .bind::<BigInt, _>(oldest)
        .bind::<Text, _>("opening")
        .execute(tx.conn)?;
    diesel::sql_query("DELETE FROM usage_positions WHERE proved_at < $1")
        .bind::<BigInt, _>(oldest.saturating_mul(MICROS_PER_SEC))
        .execute(tx.conn)?;
    Ok(Pruned { minutes, hours, ledger })
}

fn prune_sums(tx: &mut Tx<'_>, period: Period, before: i64) -> Result<usize, CatalogError> {
    Ok(diesel::sql_query("DELETE FROM usage_sums WHERE period = $1 AND starts_at < $2")
        .bind::<Integer, _>(period.row())
        .bind::<BigInt, _>(before)
        .execute(tx.conn)?)
}
