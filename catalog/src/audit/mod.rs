//! The audit: who did what to whose work, when, from which role, and how it was before and after.
//!
//! An entry's content lies in a table of its own, because it may tell what is not public; the journal holds its digest, in an
//! entry of the same number, so that the journal's chain of hashes proves the audit too ([`verify`]). Entries are written in
//! the transaction of what they tell.

mod store;

use std::fmt::Write as _;

use fairground_domain::{ActingRole, PublisherId, Timestamp, Who};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use store::{AuditFilter, list, list_of_subject, names_of, note, verify};

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "`as_str` says what each of them is")]
pub enum AuditAction {
    DraftCreated,
    DraftEdited,
    FileAdded,
    FileRemoved,
    DraftSubmitted,
    DraftRecalled,
    DraftHeld,
    DraftReturned,
    DraftApproved,
    DraftScheduled,
    DraftPublished,
    ReleaseFailed,
    DraftDiscarded,
    DatasetWithdrawn,
    RoleGranted,
    RoleRevoked,
    RoleDelegated,
    InvitationSent,
    InvitationAccepted,
    InvitationWithdrawn,
    ParentChanged,
    PolicyChanged,
    TokenCreated,
    TokenRevoked,
    HoldReleased,
    HoldRepaired,
    HoldRejected,
    SourceAdded,
    SourceApproved,
    SourceChanged,
    SourceRun,
    SourceDeleted,
    HarvestApproved,
    HarvestStopped,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 34] = [
        Self::DraftCreated,
        Self::DraftEdited,
        Self::FileAdded,
        Self::FileRemoved,
        Self::DraftSubmitted,
        Self::DraftRecalled,
        Self::DraftHeld,
        Self::DraftReturned,
        Self::DraftApproved,
        Self::DraftScheduled,
        Self::DraftPublished,
        Self::ReleaseFailed,
        Self::DraftDiscarded,
        Self::DatasetWithdrawn,
        Self::RoleGranted,
        Self::RoleRevoked,
        Self::RoleDelegated,
        Self::InvitationSent,
        Self::InvitationAccepted,
        Self::InvitationWithdrawn,
        Self::ParentChanged,
        Self::PolicyChanged,
        Self::TokenCreated,
        Self::TokenRevoked,
        Self::HoldReleased,
        Self::HoldRepaired,
        Self::HoldRejected,
        Self::SourceAdded,
        Self::SourceApproved,
        Self::SourceChanged,
        Self::SourceRun,
        Self::SourceDeleted,
        Self::HarvestApproved,
        Self::HarvestStopped,
    ];

    /// As it is written: `subject.verb`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DraftCreated => "draft.created",
            Self::DraftEdited => "draft.edited",
            Self::FileAdded => "file.added",
            Self::FileRemoved => "file.removed",
            Self::DraftSubmitted => "draft.submitted",
            Self::DraftRecalled => "draft.recalled",
            Self::DraftHeld => "draft.held",
            Self::DraftReturned => "draft.returned",
            Self::DraftApproved => "draft.approved",
            Self::DraftScheduled => "draft.scheduled",
            Self::DraftPublished => "draft.published",
            Self::ReleaseFailed => "release.failed",
            Self::DraftDiscarded => "draft.discarded",
            Self::DatasetWithdrawn => "dataset.withdrawn",
            Self::RoleGranted => "role.granted",
            Self::RoleRevoked => "role.revoked",
            Self::RoleDelegated => "role.delegated",
            Self::InvitationSent => "invitation.sent",
            Self::InvitationAccepted => "invitation.accepted",
            Self::InvitationWithdrawn => "invitation.withdrawn",
            Self::ParentChanged => "publisher.parent-changed",
            Self::PolicyChanged => "policy.changed",
            Self::TokenCreated => "token.created",
            Self::TokenRevoked => "token.revoked",
            Self::HoldReleased => "hold.released",
            Self::HoldRepaired => "hold.repaired",
            Self::HoldRejected => "hold.rejected",
            Self::SourceAdded => "source.added",
            Self::SourceApproved => "source.approved",
            Self::SourceChanged => "source.changed",
            Self::SourceRun => "source.run",
            Self::SourceDeleted => "source.deleted",
            Self::HarvestApproved => "harvest.approved",
            Self::HarvestStopped => "harvest.stopped",
        }
    }

    /// The action that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

/// What an action was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// A draft.
    Draft,
    /// A dataset.
    Dataset,
    /// A publisher: its members, invitations, place in the tree and policy.
    Publisher,
    /// What the gate holds.
    Hold,
    /// A harvest source, and the harvests of it.
    Source,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Dataset, Self::Publisher, Self::Hold, Self::Source];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Dataset => "dataset",
            Self::Publisher => "publisher",
            Self::Hold => "hold",
            Self::Source => "source",
        }
    }

    /// The kind that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something that is about to be written down.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Who, and from which role.
    pub who: Who,
    /// Whose work it concerns.
    pub publisher: Option<PublisherId>,
    /// What kind of thing it was done to.
    pub subject_kind: SubjectKind,
    /// That thing's id.
    pub subject_id: String,
    /// What was done.
    pub action: AuditAction,
    /// How it was; `Null` where nothing was.
    pub before: Value,
    /// How it is; `Null` where nothing is.
    pub after: Value,
    /// What was said about it: a reason.
    pub comment: Option<String>,
}

/// One entry of the audit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditEntry {
    /// Its number: that of the journal's entry that proves it.
    pub number: i64,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it: `account:ID`, `command-line`, `portal`.
    pub actor: String,
    /// From which role.
    pub role: ActingRole,
    /// Whose work it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publisher: Option<PublisherId>,
    /// What kind of thing it was done to.
    pub subject_kind: SubjectKind,
    /// That thing's id.
    pub subject_id: String,
    /// What was done, as [`AuditAction::as_str`].
    #[serde(serialize_with = "as_text")]
    pub action: AuditAction,
    /// How it was.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// How it is.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub after: Value,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

fn as_text<S: serde::Serializer>(action: &AuditAction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.as_str())
}

/// The first line of an export, as [`AuditEntry::csv_line`] fills the others.
pub const CSV_HEAD: &str = "number,at,actor,role,publisher,subject_kind,subject_id,action,before,after,comment\r\n";

impl AuditEntry {
    /// The entry as a line of an export (RFC 4180), by the fields of [`CSV_HEAD`]. A cell that a spreadsheet would take for a
    /// formula begins with an apostrophe.
    #[must_use]
    pub fn csv_line(&self) -> String {
        let json = |value: &Value| if value.is_null() { String::new() } else { value.to_string() };
        let fields = [
            self.number.to_string(),
            self.at.to_string(),
            self.actor.clone(),
            self.role.as_str().to_owned(),
            self.publisher.map(|id| id.to_string()).unwrap_or_default(),
            self.subject_kind.as_str().to_owned(),
            self.subject_id.clone(),
            self.action.as_str().to_owned(),
            json(&self.before),
            json(&self.after),
            self.comment.clone().unwrap_or_default(),
        ];
        let mut line = String::new();
        for (place, field) in fields.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
            let plain = guard.is_empty() && !field.contains(['"', ',', '\r', '\n']);
            let written = if plain {
                write!(line, "{comma}{field}")
            } else {
                write!(line, "{comma}\"{guard}{}\"", field.replace('"', "\"\""))
            };
            debug_assert!(written.is_ok(), "a text takes whatever is written to it");
        }
        line.push_str("\r\n");
        line
    }
}
