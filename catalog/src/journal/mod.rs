//! The journal: every change of public state, once, in order, chained by hash.
//!
//! It is written in the transaction of the change and numbered under a lock, so a reader never skips an entry that commits
//! late. The search index, the change feed and the key ring are fed by it and by nothing else.

mod store;

use fairground_domain::{ContentHash, Timestamp};
use serde::Serialize;

pub use store::{
    JournalFilter, JournalPage, PublicPage, append, append_all, find, head, hide_held, list_before, list_of_kind,
    list_of_subject, list_public_since, list_since, page_public_since, search, take_pen, verify,
};

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
    /// An operator lets a source be harvested that an agency proposed.
    SourceApproved,
    /// A source has other mapping rules.
    SourceChanged,
    /// A source was deleted.
    SourceDeleted,
    /// A harvest ended, or paused for approval.
    HarvestEnded,
    /// An account was made.
    AccountCreated,
    /// An account and everything about its person was erased.
    AccountErased,
    /// An application was registered.
    ApplicationCreated,
    /// An application is on another plan.
    ApplicationPlanChanged,
    /// A key was made.
    KeyCreated,
    /// A key no longer works.
    KeyRevoked,
    /// A key is for other operations, comes from elsewhere or ends at another time.
    KeyChanged,
    /// An application has another name, owner or setting.
    ApplicationChanged,
    /// An application was closed by its owner.
    ApplicationClosed,
    /// An organisation was made.
    OrganisationCreated,
    /// An organisation has another name, domain or other members.
    OrganisationChanged,
    /// The published rule found an organisation to be what it says.
    OrganisationVerified,
    /// An organisation was dissolved.
    OrganisationDissolved,
    /// A version of the tariff was published.
    TariffPublished,
    /// An exception from the tariff was published.
    ExceptionPublished,
    /// An exception was ended before its time.
    ExceptionEnded,
    /// An application was suspended; its subject is the application's number.
    ApplicationSuspended,
    /// A suspension ended; its subject is the application's number.
    ApplicationReinstated,
    /// An exclusive arrangement was registered.
    ArrangementRegistered,
    /// An exclusive arrangement ended.
    ArrangementEnded,
    /// Something was refused to somebody.
    RefusalRegistered,
    /// A plan was given by hand; its subject is the application's number.
    PlanAssigned,
    /// An application that does not meet its plan's rule any more was told so.
    PlanChangeAnnounced,
    /// The order of hits is decided by other numbers.
    RankingChanged,
    /// An agency registered an API to be fronted.
    ServiceRegistered,
    /// A fronted API has other settings, credentials or another description.
    ServiceChanged,
    /// An operator found that an API may be fronted.
    ServiceApproved,
    /// An API is fronted, for the first time or again.
    ServiceOpened,
    /// An API is not fronted for a while.
    ServiceSuspended,
    /// An API is not fronted any more.
    ServiceRetired,
    /// The personal-data gate took a dataset out of view; staff alone read it.
    DatasetHeld,
    /// The personal-data gate judges by other rules, or holds no longer, or again.
    GateChanged,
    /// Somebody did something to unpublished work; the audit tells what.
    WorkNoted,
    /// Somebody has other rights for a publisher; the audit tells which.
    RightsChanged,
    /// A publisher wants its drafts reviewed in another way.
    PolicyChanged,
    /// An embargo was registered.
    EmbargoRegistered,
    /// An embargo ended before its time.
    EmbargoEnded,
    /// Somebody asked a question at a dataset.
    QuestionAsked,
    /// A publisher answered a question, or changed its answer.
    QuestionAnswered,
    /// A question was hidden with a reason, or shown again.
    QuestionModerated,
    /// Somebody asked for data that is not published.
    RequestMade,
    /// A request for data has another state or answer.
    RequestAnswered,
    /// A request for data was hidden with a reason, or shown again.
    RequestModerated,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 55] = [
        Self::DatasetCreated,
        Self::DatasetUpdated,
        Self::DatasetWithdrawn,
        Self::DatasetRestored,
        Self::TablePublished,
        Self::TableWithdrawn,
        Self::PublisherCreated,
        Self::SourceCreated,
        Self::SourceApproved,
        Self::SourceChanged,
        Self::SourceDeleted,
        Self::HarvestEnded,
        Self::AccountCreated,
        Self::AccountErased,
        Self::ApplicationCreated,
        Self::ApplicationPlanChanged,
        Self::KeyCreated,
        Self::KeyRevoked,
        Self::KeyChanged,
        Self::ApplicationChanged,
        Self::ApplicationClosed,
        Self::OrganisationCreated,
        Self::OrganisationChanged,
        Self::OrganisationVerified,
        Self::OrganisationDissolved,
        Self::TariffPublished,
        Self::ExceptionPublished,
        Self::ExceptionEnded,
        Self::ApplicationSuspended,
        Self::ApplicationReinstated,
        Self::ArrangementRegistered,
        Self::ArrangementEnded,
        Self::RefusalRegistered,
        Self::PlanAssigned,
        Self::PlanChangeAnnounced,
        Self::RankingChanged,
        Self::ServiceRegistered,
        Self::ServiceChanged,
        Self::ServiceApproved,
        Self::ServiceOpened,
        Self::ServiceSuspended,
        Self::ServiceRetired,
        Self::DatasetHeld,
        Self::GateChanged,
        Self::WorkNoted,
        Self::RightsChanged,
        Self::PolicyChanged,
        Self::EmbargoRegistered,
        Self::EmbargoEnded,
        Self::QuestionAsked,
        Self::QuestionAnswered,
        Self::QuestionModerated,
        Self::RequestMade,
        Self::RequestAnswered,
        Self::RequestModerated,
    ];

    /// What could tilt the field between those who use the portal: it stands on the public transparency page and feed.
    pub const CONDUCT: [Self; 18] = [
        Self::TariffPublished,
        Self::ExceptionPublished,
        Self::ExceptionEnded,
        Self::ApplicationSuspended,
        Self::ApplicationReinstated,
        Self::ArrangementRegistered,
        Self::ArrangementEnded,
        Self::EmbargoRegistered,
        Self::EmbargoEnded,
        Self::RefusalRegistered,
        Self::PlanAssigned,
        Self::RankingChanged,
        Self::GateChanged,
        Self::DatasetWithdrawn,
        Self::DatasetRestored,
        Self::ServiceApproved,
        Self::ServiceSuspended,
        Self::ServiceRetired,
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
            Self::SourceApproved => "source.approved",
            Self::SourceChanged => "source.changed",
            Self::SourceDeleted => "source.deleted",
            Self::HarvestEnded => "harvest.ended",
            Self::AccountCreated => "account.created",
            Self::AccountErased => "account.erased",
            Self::ApplicationCreated => "application.created",
            Self::ApplicationPlanChanged => "application.plan-changed",
            Self::KeyCreated => "key.created",
            Self::KeyRevoked => "key.revoked",
            Self::KeyChanged => "key.changed",
            Self::ApplicationChanged => "application.changed",
            Self::ApplicationClosed => "application.closed",
            Self::OrganisationCreated => "organisation.created",
            Self::OrganisationChanged => "organisation.changed",
            Self::OrganisationVerified => "organisation.verified",
            Self::OrganisationDissolved => "organisation.dissolved",
            Self::TariffPublished => "tariff.published",
            Self::ExceptionPublished => "exception.published",
            Self::ExceptionEnded => "exception.ended",
            Self::ApplicationSuspended => "application.suspended",
            Self::ApplicationReinstated => "application.reinstated",
            Self::ArrangementRegistered => "arrangement.registered",
            Self::ArrangementEnded => "arrangement.ended",
            Self::RefusalRegistered => "refusal.registered",
            Self::PlanAssigned => "plan.assigned",
            Self::PlanChangeAnnounced => "plan.change-announced",
            Self::RankingChanged => "ranking.changed",
            Self::ServiceRegistered => "service.registered",
            Self::ServiceChanged => "service.changed",
            Self::ServiceApproved => "service.approved",
            Self::ServiceOpened => "service.opened",
            Self::ServiceSuspended => "service.suspended",
            Self::ServiceRetired => "service.retired",
            Self::DatasetHeld => "dataset.held",
            Self::GateChanged => "gate.changed",
            Self::WorkNoted => "work.noted",
            Self::RightsChanged => "rights.changed",
            Self::PolicyChanged => "policy.changed",
            Self::EmbargoRegistered => "embargo.registered",
            Self::EmbargoEnded => "embargo.ended",
            Self::QuestionAsked => "question.asked",
            Self::QuestionAnswered => "question.answered",
            Self::QuestionModerated => "question.moderated",
            Self::RequestMade => "request.made",
            Self::RequestAnswered => "request.answered",
            Self::RequestModerated => "request.moderated",
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
            | Self::TariffPublished
            | Self::ExceptionPublished
            | Self::ExceptionEnded
            | Self::ApplicationSuspended
            | Self::ApplicationReinstated
            | Self::ArrangementRegistered
            | Self::ArrangementEnded
            | Self::EmbargoRegistered
            | Self::EmbargoEnded
            | Self::RefusalRegistered
            | Self::PlanAssigned
            | Self::RankingChanged
            | Self::GateChanged
            | Self::ServiceApproved
            | Self::ServiceOpened
            | Self::ServiceSuspended
            | Self::ServiceRetired
            | Self::QuestionAsked
            | Self::QuestionAnswered
            | Self::QuestionModerated
            | Self::RequestMade
            | Self::RequestAnswered
            | Self::RequestModerated => true,
            Self::SourceCreated
            | Self::SourceApproved
            | Self::SourceChanged
            | Self::SourceDeleted
            | Self::HarvestEnded
            | Self::AccountCreated
            | Self::AccountErased
            | Self::ApplicationCreated
            | Self::ApplicationPlanChanged
            | Self::PlanChangeAnnounced
            | Self::KeyCreated
            | Self::KeyRevoked
            | Self::KeyChanged
            | Self::ApplicationChanged
            | Self::ApplicationClosed
            | Self::OrganisationCreated
            | Self::OrganisationChanged
            | Self::OrganisationVerified
            | Self::OrganisationDissolved
            | Self::ServiceRegistered
            | Self::DatasetHeld
            | Self::WorkNoted
            | Self::RightsChanged
            | Self::PolicyChanged
            | Self::ServiceChanged => false,
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
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
