//! Quota windows: what has been leased out of each, for all nodes together.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::db::Tx;
use crate::dialect;
use crate::error::CatalogError;
use crate::schema::quota_use;

/// One party's window under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaWindow {
    /// The application's number.
    pub party: i64,
    /// The policy's name.
    pub policy: String,
    /// The window's first second since 1970.
    pub starts_at: i64,
    /// The window's length in seconds.
    pub window_secs: i64,
}

/// Leases up to `want` units out of a window that holds `quota`; gives how many were granted. Atomic: all nodes together
/// never get more than the quota.
///
/// # Errors
/// `Storage` when the database fails.
pub fn lease_quota(tx: &mut Tx<'_>, window: &QuotaWindow, want: i64, quota: i64) -> Result<i64, CatalogError> {
    // Inserting, or touching the row that is there, locks it until the transaction ends.
    diesel::sql_query(
        "INSERT INTO quota_use (party, policy, window_start, window_secs, used) VALUES ($1, $2, $3, $4, 0) \
         ON CONFLICT (party, policy, window_start) DO UPDATE SET used = quota_use.used",
    )
    .bind::<BigInt, _>(window.party)
    .bind::<Text, _>(&window.policy)
    .bind::<BigInt, _>(window.starts_at)
    .bind::<BigInt, _>(window.window_secs)
    .execute(tx.conn)?;
    let row = quota_use::table.find((window.party, &window.policy, window.starts_at));
    let used: i64 = row.select(quota_use::used).first(tx.conn)?;
    let granted = want.min(quota - used).max(0);
    if granted > 0 {
        diesel::update(row).set(quota_use::used.eq(used + granted)).execute(tx.conn)?;
    }
    Ok(granted)
}

/// Returns what was leased and not used.
///
/// # Errors
/// `Storage` when the database fails.
pub fn give_back_quota(tx: &mut Tx<'_>, window: &QuotaWindow, units: i64) -> Result<(), CatalogError> {
    diesel::sql_query(
        "UPDATE quota_use SET used = CASE WHEN used < $1 THEN 0 ELSE used - $2 END \
         WHERE party = $3 AND policy = $4 AND window_start = $5",
    )
    .bind::<BigInt, _>(units)
    .bind::<BigInt, _>(units)
    .bind::<BigInt, _>(window.party)
    .bind::<Text, _>(&window.policy)
    .bind::<BigInt, _>(window.starts_at)
    .execute(tx.conn)?;
    Ok(())
}

/// Notes what a counter elsewhere says was leased of a window, for those who read windows here; never less than is known.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note_quota(tx: &mut Tx<'_>, window: &QuotaWindow, used: i64) -> Result<(), CatalogError> {
    diesel::sql_query(
        "INSERT INTO quota_use (party, policy, window_start, window_secs, used) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (party, policy, window_start) DO UPDATE SET used = \
         CASE WHEN quota_use.used < excluded.used THEN excluded.used ELSE quota_use.used END",
    )
    .bind::<BigInt, _>(window.party)
    .bind::<Text, _>(&window.policy)
    .bind::<BigInt, _>(window.starts_at)
    .bind::<BigInt, _>(window.window_secs)
    .bind::<BigInt, _>(used)
    .execute(tx.conn)?;
    Ok(())
}

/// What time it is for all nodes that share the store, in seconds since 1970: a server's clock. `None` where the store has
/// none but ours.
///
/// # Errors
/// `Storage` when the database fails.
pub fn store_clock(tx: &mut Tx<'_>) -> Result<Option<i64>, CatalogError> {
    dialect::server_secs(tx.conn)
}

/// Drops windows that ended before `before` (seconds since 1970); gives how many.
///
/// # Errors
/// `Storage` when the database fails.
pub fn prune_quota(tx: &mut Tx<'_>, before: i64) -> Result<usize, CatalogError> {
    Ok(diesel::delete(quota_use::table.filter((quota_use::window_start + quota_use::window_secs).lt(before)))
        .execute(tx.conn)?)
}
