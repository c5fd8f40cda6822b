//! Tables: what tabular distributions became, their versions, and the jobs that load them.
//!
//! A distribution's file is loaded by a job (`load`): a worker of `fairground-harvester` fetches it, the engine in
//! `fairground-tables` makes a snapshot of each table in it, and [`publish_load`] brings them into view in one transaction, with
//! the journal's entries. Snapshots themselves lie in the object store; here are their names, descriptions and versions.
//!
//! Loads arise where their need does: an import that creates, changes or restores a dataset enqueues them in its own
//! transaction, an operator's upload publishes at once, and a sweep ([`enqueue_due_checks`]) asks again for files that were last
//! looked at long ago.

mod by_hand;
mod file;
mod follow;
mod load;
mod publish;
mod retain;
mod store;
mod tabular;
mod upload;

use fairground_domain::{ContentHash, DatasetId, DistributionId, SchemaChange, Slug, Snapshot, TableId, Timestamp};
use serde::{Deserialize, Serialize};

pub use crate::job::{JobState, LEASE_SECS, Lease, heartbeat};
pub(crate) use by_hand::{ColumnWords, describe, list_ever_of_dataset, withdraw_gone};
pub use file::{DistributionFile, enqueue_due_checks, find_file};
pub(crate) use follow::{Duplicates, LoadRequest, enqueue_all, enqueue_decided, requests_of, withdraw_unlisted};
pub use load::{
    LOAD_ATTEMPTS, LoadFilter, LoadJob, LoadOutcome, LoadPayload, LoadProgress, LoadStage, LoadSums, Turn, cancel_load,
    checkpoint_load, claim_load, claim_next_load, enqueue_load, enqueue_source, fail_load, finish_gone, finish_held,
    finish_unchanged, finish_upload, get_load, has_unfinished, is_load_due, list_failures, list_loads, put_off_host,
    release_load, sum_loads,
};
pub use publish::{LoadedFile, LoadedTable, Published, publish_load, publish_snapshots};
pub(crate) use retain::retire_unnamed;
pub use retain::{RETIRED_AFTER_SECS, VERSIONS_KEPT, prune_versions, take_retired};
pub use store::{
    TableCard, count_tables, find_table, get_public, get_table, get_version, list_current_snapshots,
    list_distributions, list_of_dataset, list_of_datasets, list_of_distribution, list_tables, list_versions,
};
pub(crate) use store::{is_current, titles_by_dataset};
pub use tabular::{HELD_SCHEME, TabularFile, tabular_file};
pub use upload::{Placed, Upload, find_upload, place_upload, publish_upload};

/// Where a table stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableState {
    /// Everybody reads it, as long as its dataset is public.
    Published,
    /// It is no longer offered; its address says so.
    Withdrawn {
        /// Since when.
        at: Timestamp,
        /// Why, for readers.
        reason: String,
    },
}

impl TableState {
    pub(crate) const PUBLISHED: &'static str = "published";
    pub(crate) const WITHDRAWN: &'static str = "withdrawn";

    /// The bare state, as it stands in rows and answers.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Published => Self::PUBLISHED,
            Self::Withdrawn { .. } => Self::WITHDRAWN,
        }
    }
}

/// A table, without the description of its columns (that is [`TableVersion::snapshot`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its id, for ever: derived from distribution and name.
    pub id: TableId,
    /// Its readable address, for ever.
    pub slug: Slug,
    /// The dataset that it belongs to.
    pub dataset_id: DatasetId,
    /// The distribution whose file it is in.
    pub distribution_id: DistributionId,
    /// Its name within the file: the sheet, the file in an archive, or the file itself without its ending.
    pub name: String,
    /// What people read: the distribution's title, with the name where a file holds several tables.
    pub title: String,
    /// Whether somebody uploaded it; otherwise it follows its distribution.
    pub uploaded: bool,
    /// Where it stands.
    pub state: TableState,
    /// The current version, from 1.
    pub version: i32,
    /// The current snapshot's name in the object store.
    pub snapshot_key: ContentHash,
    /// Rows in the current version.
    pub rows: u64,
    /// Rows of the file that the current version could not take.
    pub quarantined: u64,
    /// When it was first published.
    pub created_at: Timestamp,
    /// When its current version was published.
    pub updated_at: Timestamp,
}

/// One version of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableVersion {
    /// The table.
    pub table_id: TableId,
    /// Counts up from 1 with every change of content.
    pub version: i32,
    /// Columns, statistics, rows, how the file was read.
    pub snapshot: Snapshot,
    /// SHA-256 of the file that it was made from.
    pub source_hash: ContentHash,
    /// How its columns stand to those of the version before.
    pub change: SchemaChange,
    /// When it was published.
    pub loaded_at: Timestamp,
    /// When a newer one took its place; `None` for the current version.
    pub retired_at: Option<Timestamp>,
}

/// What differs between the columns of two versions, as the journal tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnChanges {
    /// Columns that are new, by public name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Columns that went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Columns of another type: name, type before, type now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retyped: Vec<(String, String, String)>,
}

impl ColumnChanges {
    /// Compares the columns of two snapshots by name.
    #[must_use]
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let mut changes = Self::default();
        for old in &before.columns {
            match after.columns.iter().find(|new| new.name == old.name) {
                None => changes.removed.push(old.name.clone()),
                Some(new) if new.column_type != old.column_type => {
                    changes.retyped.push((old.name.clone(), old.column_type.to_string(), new.column_type.to_string()))
                }
                Some(_) => {}
            }
        }
        let is_new = |name: &str| before.columns.iter().all(|old| old.name != name);
        changes.added = after.columns.iter().map(|new| new.name.clone()).filter(|name| is_new(name)).collect();
        changes
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.retyped.is_empty()
    }
}
