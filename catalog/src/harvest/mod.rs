//! Harvests: sources, jobs, and what became of every record.
//!
//! `HarvestSource` → `HarvestJob` → `HarvestRecord`. The engine in `fairground-harvester` gathers and reads; what it found is
//! brought into the catalogue here, a batch to a transaction.

mod change;
mod held;
mod import;
mod job;
mod likeness;
mod record;
mod schedule;
mod source;
mod sweep;
mod twin;

use fairground_domain::ResourceKind;
use serde::{Deserialize, Serialize};

pub use crate::job::{JobState, LEASE_SECS, Lease, heartbeat};
pub use change::{
    Change, FieldChange, LONGEST_VALUE_BYTES, MOST_CHANGES, MOST_FIELDS, diff, forget_changes, keep_changes,
    list_changes,
};
pub(crate) use held::forget_held;
pub use held::forget_missing_held;
pub use import::{BatchReport, Incoming, IncomingRecord, MOST_DEFERRED, SeenKeys, import_batch};
pub(crate) use job::JOB_KIND;
pub use job::{
    HarvestJob, HarvestPayload, HarvestProgress, JobFilter, Stage, approve, cancel, checkpoint, claim, claim_next,
    complete, enqueue, fail, find_unfinished, get_job, is_any_free, list_jobs, pause_for_approval, put_off,
    release_abandoned,
};
pub use record::{HarvestRecord, RecordFilter, list_records};
pub use schedule::Schedule;
pub use source::{
    HarvestSource, LONGEST_GRACE_SECS, NewSource, SHORTEST_INTERVAL_SECS, SourceState, Validators, create_source,
    find_source, get_source, last_asked, list_sources, save_kind, save_validators, schedule_due, set_grace,
    set_schedule, set_source_state, source_of_job,
};
pub use sweep::{
    Missing, Sweep, count_listed, count_listed_of, find_expired, find_missing, note_missing, withdraw_missing,
};
pub(crate) use twin::step_forward;
pub use twin::{Twins, find_twins, merge_twins};

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is new in the catalogue, or public again.
    Created,
    /// It replaced an older version.
    Updated,
    /// It says what the catalogue says already.
    Unchanged,
    /// It is gone at the source and was withdrawn.
    Deleted,
    /// It breaks a rule; the catalogue keeps what it had.
    Refused,
    /// It could not be read or written; the catalogue keeps what it had.
    Failed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] =
        [Self::Created, Self::Updated, Self::Unchanged, Self::Deleted, Self::Refused, Self::Failed];

    /// As it is written in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// How many records came to which outcome. `found` = created + updated + unchanged + refused + failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Datasets in the source.
    pub found: u64,
    /// New, or public again.
    pub created: u64,
    /// Changed.
    pub updated: u64,
    /// As before.
    pub unchanged: u64,
    /// Gone at the source.
    pub deleted: u64,
    /// Against a rule.
    pub refused: u64,
    /// Unreadable, or not storable.
    pub failed: u64,
}

impl Counts {
    /// Counts one record.
    pub fn add(&mut self, outcome: Outcome) {
        let counter = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Deleted => {
                self.deleted += 1;
                return;
            }
            Outcome::Refused => &mut self.refused,
            Outcome::Failed => &mut self.failed,
        };
        *counter += 1;
        self.found += 1;
    }

    /// Adds another sum to this one.
    pub fn merge(&mut self, other: &Self) {
        self.found += other.found;
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.deleted += other.deleted;
        self.refused += other.refused;
        self.failed += other.failed;
    }
}

/// Sums of a harvest: datasets on their own, data services and series beside them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Datasets.
    pub datasets: Counts,
    /// Data services.
    pub data_services: Counts,
    /// Dataset series that are not datasets themselves.
    pub dataset_series: Counts,
}

impl Sums {
    /// The sum for a kind of resource.
    pub fn of_mut(&mut self, kind: ResourceKind) -> &mut Counts {
        match kind {
            ResourceKind::Dataset => &mut self.datasets,
            ResourceKind::DataService => &mut self.data_services,
            ResourceKind::DatasetSeries => &mut self.dataset_series,
        }
    }

    /// Adds other sums to these.
    pub fn merge(&mut self, other: &Self) {
        self.datasets.merge(&other.datasets);
        self.data_services.merge(&other.data_services);
        self.dataset_series.merge(&other.dataset_series);
    }

    /// Everything in one sum.
    #[must_use]
    pub fn total(&self) -> Counts {
        let mut total = self.datasets;
        total.merge(&self.data_services);
        total.merge(&self.dataset_series);
        total
    }
}
