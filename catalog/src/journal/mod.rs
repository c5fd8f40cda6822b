//! The journal: every change of public state, once, in order, chained by hash.
//!
//! It is written in the transaction of the change and numbered under a lock, so a reader never skips an entry that commits
//! late. The search index, the change feed and the key ring are fed by it and by nothing else.

mod store;

use fairground_domain::{ContentHash, Timestamp};
use serde::Serialize;

pub use store::{append, append_all, head, list_public_since, list_since, verify};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A dataset became public for the first time.
    DatasetCreated,
    /// A public dataset has a new version.
    DatasetUpdated,
    /// A dataset is no longer public.
    DatasetWithdrawn,
    /// A withdrawn dataset is public again.
    DatasetRestored,
    /// A table has a new version; its first one makes it known.
    TablePublished,
    /// A table is no longer offered, though its dataset may be.
    TableWithdrawn,
    /// A publisher is known.
    PublisherCreated,
    /// A harvest source was added.
    SourceCreated,
    /// A harvest ended, or paused for approval.
    HarvestEnded,
    /// An account was made.
    AccountCreated,
    /// An application was registered.
    ApplicationCreated,
    /// An application is on another plan.
    ApplicationPlanChanged,
    /// A key was made.
    KeyCreated,
    /// A key no longer works.
    KeyRevoked,
    /// A version of the tariff was published.
    TariffPublished,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 15] = [
        Self::DatasetCreated,
        Self::DatasetUpdated,
        Self::DatasetWithdrawn,
        Self::DatasetRestored,
        Self::TablePublished,
        Self::TableWithdrawn,
        Self::PublisherCreated,
        Self::SourceCreated,
        Self::HarvestEnded,
        Self::AccountCreated,
        Self::ApplicationCreated,
        Self::ApplicationPlanChanged,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::TariffPublished,
    ];

    /// As it is written: `subject.verb`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DatasetCreated => "dataset.created",
            Self::DatasetUpdated => "dataset.updated",
            Self::DatasetWithdrawn => "dataset.withdrawn",
            Self::DatasetRestored => "dataset.restored",
            Self::TablePublished => "table.published",
            Self::TableWithdrawn => "table.withdrawn",
            Self::PublisherCreated => "publisher.created",
            Self::SourceCreated => "source.created",
            Self::HarvestEnded => "harvest.ended",
            Self::AccountCreated => "account.created",
            Self::ApplicationCreated => "application.created",
            Self::ApplicationPlanChanged => "application.plan-changed",
            Self::KeyCreated => "key.created",
            Self::KeyRevoked => "key.revoked",
            Self::TariffPublished => "tariff.published",
        }
    }

    /// What kind of thing it happened to.
    #[must_use]
    pub fn subject_kind(self) -> &'static str {
        self.as_str().split('.').next().unwrap_or_default()
    }

    /// Whether anybody may read it in the change feed; the others are for staff.
    #[must_use]
    pub const fn is_public(self) -> bool {
        match self {
            Self::DatasetCreated
            | Self::DatasetUpdated
            | Self::DatasetWithdrawn
            | Self::DatasetRestored
            | Self::TablePublished
            | Self::TableWithdrawn
            | Self::PublisherCreated
            | Self::TariffPublished => true,
            Self::SourceCreated
            | Self::HarvestEnded
            | Self::AccountCreated
            | Self::ApplicationCreated
            | Self::ApplicationPlanChanged
            | Self::KeyCreated
            | Self::KeyRevoked => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something that happened and is about to be written down. Payloads hold no personal data and no secrets.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub kind: EventKind,
    /// The id of what it happened to.
    pub subject_id: String,
    /// Who did it: `harvest:SLUG`, `account:ID`, `application:ID`, `command-line`, `portal`.
    pub actor: String,
    /// What a reader needs to follow it.
    pub payload: serde_json::Value,
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    pub seq: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What happened.
    #[serde(serialize_with = "as_text")]
    pub kind: EventKind,
    /// The id of what it happened to.
    pub subject_id: String,
    /// Who did it.
    pub actor: String,
    /// What a reader needs to follow it.
    pub payload: serde_json::Value,
    /// The digest over this entry and the one before it.
    pub hash: ContentHash,
}

fn as_text<S: serde::Serializer>(kind: &EventKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.as_str())
}

/// Where the journal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry's number; 0 when there is none.
    pub seq: i64,
    /// The last entry's digest; zeros when there is none.
    pub hash: ContentHash,
}
