//! Raw records that nothing refers to any more, as deleted sources leave them: found by a reading, removed in short transactions.
//!
//! A raw record is kept by its digest, so that several sources and harvests may share one. What refers to them has no index by
//! digest, for it would slow every import down. So the search is one reading of everything, without a lock; before some of what it
//! found is removed, only those harvests are asked again that may have come upon the same text meanwhile.

use std::collections::HashSet;

use diesel::prelude::*;
use fairground_domain::Timestamp;

use crate::db::Tx;
use crate::dialect;
use crate::error::CatalogError;
use crate::gate::Waiting;
use crate::job::JobState;
use crate::schema::{dataset_versions, datasets, harvest_records, holds, jobs, raw_records};

/// How much earlier than the search a harvest may have ended that is asked again: clocks of machines differ.
const SLACK_SECS: i64 = 600;

/// States in which a harvest may still import.
const UNFINISHED: [&str; 3] =
    [JobState::Queued.as_str(), JobState::Running.as_str(), JobState::AwaitingApproval.as_str()];

/// Digests of raw records that nobody referred to at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawOrphans {
    /// In order.
    pub hashes: Vec<String>,
    /// When they were looked for.
    pub seen_at: Timestamp,
}

/// Raw records that no harvest record, dataset, version or waiting description refers to; `limit` of them at most. It reads
/// all of them.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_raw_orphans(tx: &mut Tx<'_>, limit: i64) -> Result<RawOrphans, CatalogError> {
    let waiting = waiting(tx)?;
    let mut hashes = dialect::unreferred_raw_records(tx.conn, limit)?;
    hashes.retain(|hash| !waiting.contains(hash));
    Ok(RawOrphans { hashes, seen_at: tx.now })
}

/// What descriptions were read from that the gate holds back.
fn waiting(tx: &mut Tx<'_>) -> Result<HashSet<String>, CatalogError> {
    let documents: Vec<Option<String>> =
        holds::table.filter(holds::waiting.is_not_null()).select(holds::waiting).load(tx.conn)?;
    let read = |document: String| {
        serde_json::from_str::<Waiting>(&document).map_err(|error| CatalogError::corrupt("hold", error))
    };
    let all: Vec<Waiting> = documents.into_iter().flatten().map(read).collect::<Result<_, _>>()?;
    Ok(all.into_iter().filter_map(|it| it.raw_hash).collect())
}

/// Removes those of `hashes` that nobody has come to refer to since `seen_at`; gives how many went.
///
/// # Errors
/// `Storage` when the database fails.
pub fn remove_raw_orphans(tx: &mut Tx<'_>, hashes: &[String], seen_at: Timestamp) -> Result<u64, CatalogError> {
    // Nobody imports from here to the end of the transaction, and whoever was about to has committed.
    dialect::keep_importers_out(tx.conn)?;
    let mut gone: HashSet<&str> = hashes.iter().map(String::as_str).collect();
    let since = seen_at.plus_secs(-SLACK_SECS).as_micros();
    let recent: Vec<String> = jobs::table
        .filter(jobs::kind.eq("harvest"))
        .filter(jobs::state.eq_any(UNFINISHED).or(jobs::finished_at.assume_not_null().ge(since)))
        .select(jobs::id)
        .load(tx.conn)?;
    for id in recent {
        let used: Vec<Option<String>> = harvest_records::table
            .filter(harvest_records::job_id.eq(&id))
            .filter(harvest_records::raw_hash.eq_any(hashes))
            .select(harvest_records::raw_hash)
            .load(tx.conn)?;
        used.iter().flatten().for_each(|hash| {
            gone.remove(hash.as_str());
        });
    }
    let waiting = waiting(tx)?;
    gone.retain(|hash| !waiting.contains(*hash));
    let deleted = diesel::delete(raw_records::table.filter(raw_records::hash.eq_any(gone))).execute(tx.conn)?;
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}

/// Lets go of what so many of a deleted source's datasets, and their versions, were read from; gives how many there were.
pub(super) fn let_go(tx: &mut Tx<'_>, source: &str, limit: i64) -> Result<u64, CatalogError> {
    let ids: Vec<String> = datasets::table
        .filter(datasets::source_id.eq(source))
        .filter(datasets::raw_hash.is_not_null())
        .limit(limit)
        .select(datasets::id)
        .load(tx.conn)?;
    if ids.is_empty() {
        return Ok(0);
    }
    diesel::update(dataset_versions::table.filter(dataset_versions::dataset_id.eq_any(&ids)))
        .set(dataset_versions::raw_hash.eq(None::<String>))
        .execute(tx.conn)?;
    let changed = diesel::update(datasets::table.filter(datasets::id.eq_any(&ids)))
        .set(datasets::raw_hash.eq(None::<String>))
        .execute(tx.conn)?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}
