//! Letting go of old versions, and of the snapshots that only they named.

use std::collections::HashSet;

use diesel::prelude::*;
use fairground_domain::{ContentHash, TableId, Timestamp};

use super::store::{corrupt, parse_key};
use crate::db::Tx;
use crate::dialect::insert_rows_if_absent;
use crate::error::CatalogError;
use crate::schema::{dataset_version_tables, draft_snapshots, retired_snapshots, table_versions};

/// Versions of a table that are kept where the operator says nothing else, the current one included.
pub const VERSIONS_KEPT: u32 = 5;
/// How long the objects of a snapshot stay after its last version went, in seconds: longer than any reader or load takes.
pub const RETIRED_AFTER_SECS: i64 = 2 * 60 * 60;

#[derive(Debug, Insertable)]
#[diesel(table_name = retired_snapshots)]
struct RetiredRow {
    snapshot_key: String,
    retired_at: i64,
}

/// Forgets all but the newest `keep` versions of a table (at least one), but none that a version of its dataset that was published by
/// hand came with; snapshots that no version names any more are noted for [`take_retired`].
///
/// # Errors
/// `Storage` when the database fails.
pub fn prune_versions(tx: &mut Tx<'_>, table: TableId, keep: u32) -> Result<usize, CatalogError> {
    let table = table.to_string();
    let old: Vec<(i32, String)> = table_versions::table
        .filter(table_versions::table_id.eq(&table))
        .order(table_versions::version.desc())
        .offset(i64::from(keep.max(1)))
        .select((table_versions::version, table_versions::snapshot_key))
        .load(tx.conn)?;
    if old.is_empty() {
        return Ok(0);
    }
    let pinned: HashSet<i32> = dataset_version_tables::table
        .filter(dataset_version_tables::table_id.eq(&table))
        .select(dataset_version_tables::table_version)
        .load(tx.conn)?
        .into_iter()
        .collect();
    let old: Vec<(i32, String)> = old.into_iter().filter(|(version, _)| !pinned.contains(version)).collect();
    let versions: Vec<i32> = old.iter().map(|(version, _)| *version).collect();
    diesel::delete(
        table_versions::table
            .filter(table_versions::table_id.eq(&table))
            .filter(table_versions::version.eq_any(versions)),
    )
    .execute(tx.conn)?;
    let keys: Vec<String> = old.iter().map(|(_, key)| key.clone()).collect();
    retire_unnamed(tx, &keys)?;
    Ok(old.len())
}

/// Notes those of these snapshots that nobody names any more for [`take_retired`].
pub(crate) fn retire_unnamed(tx: &mut Tx<'_>, keys: &[String]) -> Result<(), CatalogError> {
    let mut retired = Vec::new();
    for key in keys {
        if !is_named(tx, key)? {
            retired.push(RetiredRow { snapshot_key: key.clone(), retired_at: tx.now.as_micros() });
        }
    }
    insert_rows_if_absent!(tx, retired_snapshots::table, retired.as_slice());
    Ok(())
}

/// Whether a version of a table, or a draft, is made of a snapshot.
fn is_named(tx: &mut Tx<'_>, key: &str) -> Result<bool, CatalogError> {
    let named: i64 = table_versions::table.filter(table_versions::snapshot_key.eq(key)).count().get_result(tx.conn)?;
    if named > 0 {
        return Ok(true);
    }
    let drafted: i64 =
        draft_snapshots::table.filter(draft_snapshots::snapshot_key.eq(key)).count().get_result(tx.conn)?;
    Ok(drafted > 0)
}

/// A snapshot is in use again.
pub(super) fn unretire(tx: &mut Tx<'_>, key: &str) -> Result<(), CatalogError> {
    diesel::delete(retired_snapshots::table.find(key)).execute(tx.conn)?;
    Ok(())
}

/// Snapshots that have been out of use since before `until`, at most `limit`: the caller deletes their objects. They are
/// forgotten here, so a caller that fails leaves objects behind, never a version without its object.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_retired(tx: &mut Tx<'_>, until: Timestamp, limit: i64) -> Result<Vec<ContentHash>, CatalogError> {
    let keys: Vec<String> = retired_snapshots::table
        .filter(retired_snapshots::retired_at.le(until.as_micros()))
        .order(retired_snapshots::retired_at)
        .limit(limit)
        .select(retired_snapshots::snapshot_key)
        .load(tx.conn)?;
    diesel::delete(retired_snapshots::table.filter(retired_snapshots::snapshot_key.eq_any(&keys))).execute(tx.conn)?;
    let mut free = Vec::with_capacity(keys.len());
    for key in keys {
        if !is_named(tx, &key)? {
            free.push(parse_key(&key).map_err(corrupt)?);
        }
    }
    Ok(free)
}
