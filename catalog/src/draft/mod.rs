//! Drafts: descriptions with their files on the way to be a version of a dataset, and every step of that way.
//!
//! A draft lies in tables of its own until the one transaction that publishes it writes the dataset, its version, its tables,
//! the journal and the audit; so nothing unpublished can be found where the public looks. The dataset's id and address are
//! given when the draft is made. A new version of a dataset is a draft with a base version; the old one stays public.
//!
//! Every command takes the [`crate::member::Actor`] who acts and the revision that they saw; when somebody else saved
//! meanwhile, the answer is [`crate::CatalogError::Conflict`] with what they saved, and nothing is lost. Who may do what is
//! [`fairground_domain::Rights`]; which step leads where is [`Stage`]. To whoever has no right for the publisher a draft does
//! not exist.
//!
//! ```text
//! create · begin_version · take_back · copy · restore_version ─▶ save · put_file · remove_file ─▶ submit ─▶ approve · give_back · object
//!                                          recall ◀─┘                                  │
//!                           list_due · release_due (the portal's clock) ◀──────────────┘ ─▶ withdraw (the dataset)
//! ```

mod approve;
mod check;
mod compare;
mod correct;
mod create;
mod desk;
mod edit;
mod journey;
mod publish;
mod refresh;
mod release;
mod store;
mod withdraw;

use fairground_domain::{
    ContentHash, DatasetDraft, DatasetId, DistributionId, DraftId, LocalRelease, ResourceKind, ReturnNote, Slug, Stage,
    StageName, TableId, Timestamp,
};
use serde::{Deserialize, Serialize};

pub use crate::dataset::PublisherRef;
use crate::gate;
pub use crate::table::LoadedTable;
pub use approve::{Approval, approve, approve_at_machine};
pub use check::{Fault, Readiness, check};
pub use compare::{Comparison, Side, TableComparison, TableFacts, compare, compare_versions};
pub use correct::take_back;
pub use create::{CopyFrom, NewDraft, Restored, begin_version, copy, create, restore_version};
pub use desk::{Desk, DeskItem, DeskSubject, DeskTask, desk};
pub use edit::{NewFile, put_file, remove_file, save};
pub use journey::{discard, give_back, object, recall, submit};
pub use publish::preview;
pub use refresh::{Refresh, enqueue_due_refreshes, list_refreshes};
pub use release::{EMBARGO_AFTER_DAYS, Released, list_due, next_due, release_due};
pub(crate) use store::find;
pub use store::{DraftFilter, Revision, find_open, get, get_revision, list, list_revisions};
pub use withdraw::withdraw;

/// Longest draft, in bytes of its document.
pub const MAX_DOCUMENT_BYTES: usize = 1_000_000;
/// Most files of a draft.
pub const MAX_FILES: usize = 100;
/// Most comments of one return, and longest comment or reason, in characters.
pub const MAX_COMMENTS: usize = 100;
/// Longest comment or reason, in characters.
pub const MAX_REASON_CHARS: usize = 2_000;

/// How a draft came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// It was begun afresh.
    New,
    /// It changes a dataset.
    Version,
    /// It began as a copy.
    Copy,
    /// It brings an earlier version back.
    Restore,
    /// It corrects what the source of a harvested dataset says of it.
    Correction,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 5] = [Self::New, Self::Version, Self::Copy, Self::Restore, Self::Correction];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Version => "version",
            Self::Copy => "copy",
            Self::Restore => "restore",
            Self::Correction => "correction",
        }
    }

    /// The origin that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == text)
    }
}

/// What editors edit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftContent {
    /// The description.
    pub document: DatasetDraft,
    /// Which distributions are fetched again from their own addresses, and when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refresh: Vec<RefreshRule>,
    /// What columns of tables are called and mean, where people say more than the file does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dictionary: Vec<TableNotes>,
}

/// When a distribution's file is fetched again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRule {
    /// The distribution's `download_url`.
    pub url: String,
    /// `hourly`, `daily`, `weekly`, `monthly` or the five fields of cron, and a time zone (UTC without): as
    /// [`crate::harvest::Schedule`] reads it.
    pub schedule: String,
}

/// What people say about the columns of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableNotes {
    /// The table: of a file in the draft, [`DraftFile::table_id`].
    pub table: TableId,
    /// Its columns; one that is not named stays as its file says.
    pub columns: Vec<ColumnNote>,
}

/// What people say about one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnNote {
    /// The column's public name.
    pub name: String,
    /// What people read over it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// When a draft is to become public, and why that is long ahead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReleaseWish {
    /// The time; at once, when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<LocalRelease>,
    /// What the public register says of it. Needed when the time lies more than [`EMBARGO_AFTER_DAYS`] ahead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embargo: Option<EmbargoWords>,
}

/// An embargo, in words for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbargoWords {
    /// What is held back, as far as that may be said: it is public at once.
    pub subject: String,
    /// Why.
    pub reason: String,
}

/// A file of a draft: its snapshots lie in the object store, its tables are nobody's yet.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftFile {
    /// The distribution that lists it.
    pub distribution: DistributionId,
    /// What names the distribution: `upload:NAME` for what somebody uploaded.
    pub name: String,
    /// The file's name.
    pub file_name: String,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub source_hash: ContentHash,
    /// The tables in it.
    pub tables: Vec<LoadedTable>,
    /// When it was added.
    pub added_at: Timestamp,
    /// By whom.
    pub added_by: String,
    /// Whether somebody uploaded it, rather than its distribution bringing it.
    pub uploaded: bool,
    /// Whether it was brought back from an earlier version.
    pub restored: bool,
}

impl DraftFile {
    /// The id that a table of this file has, and will have when it is public.
    #[must_use]
    pub fn table_id(&self, table: &LoadedTable) -> TableId {
        TableId::derived(self.distribution, &table.key)
    }

    /// What the personal-data gate calls it. Whoever puts a file into a draft has it judged under this name, by the digest of
    /// the file; until it is clear the draft cannot be approved.
    #[must_use]
    pub fn gate_subject(&self, draft: DraftId) -> gate::Subject {
        gate::Subject::draft_file(draft, &self.distribution.to_string())
    }
}

/// A draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// The dataset that it will be a version of. The id is given already; the dataset may not exist yet.
    pub dataset: DatasetId,
    /// The dataset's readable address.
    pub slug: Slug,
    /// Whose it is.
    pub publisher: PublisherRef,
    /// How it came to be.
    pub origin: Origin,
    /// The version that it changes; `None` when the dataset has none.
    pub base_version: Option<i32>,
    /// Where it stands.
    pub stage: Stage,
    /// Counts up from 1 with every change and every step.
    pub revision: i32,
    /// What editors edit.
    pub content: DraftContent,
    /// Its files, in the order in which they were added.
    pub files: Vec<DraftFile>,
    /// Everybody who wrote any of it, as the journal names them: they do not review it.
    pub authors: Vec<String>,
    /// Every return so far, oldest first.
    pub returns: Vec<ReturnNote>,
    /// When its editors want it released.
    pub wish: ReleaseWish,
    /// Why its release failed when its moment came; it is tried again.
    pub problem: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
}

impl Draft {
    /// The title that readers without a language see; may be empty.
    #[must_use]
    pub fn title(&self) -> &str {
        self.content.document.title.any()
    }

    /// Whether somebody wrote any of it.
    #[must_use]
    pub fn is_by(&self, actor: &str) -> bool {
        self.authors.iter().any(|author| author == actor)
    }
}

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftCard {
    /// Its id.
    pub id: DraftId,
    /// The dataset.
    pub dataset: DatasetId,
    /// The dataset's readable address.
    pub slug: Slug,
    /// Whose it is.
    pub publisher: PublisherRef,
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// Its title; may be empty.
    pub title: String,
    /// How it came to be.
    pub origin: Origin,
    /// The version that it changes.
    pub base_version: Option<i32>,
    /// Where it stands.
    pub stage: StageName,
    /// Its revision.
    pub revision: i32,
    /// When the portal acts by itself: the release, or the end of an objection window.
    pub due_at: Option<Timestamp>,
    /// Why its release failed.
    pub problem: Option<String>,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// By whom.
    pub updated_by: String,
}
