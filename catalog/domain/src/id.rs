//! Identities: one newtype per thing, so that a job's id cannot be passed for a dataset's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A text that is not the id it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what} id")]
pub struct UnknownId {
    /// What kind of id was expected.
    pub what: &'static str,
    /// What was given.
    pub text: String,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $what:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: UUIDv7, so that ids sort by birth.
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The id that an existing UUID stands for.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = UnknownId;

            fn from_str(text: &str) -> Result<Self, UnknownId> {
                Uuid::parse_str(text).map(Self).map_err(|_| UnknownId { what: $what, text: text.chars().take(80).collect() })
            }
        }
    )*};
}

ids! {
    /// A dataset, data service or dataset series in the catalogue.
    DatasetId = "dataset";
    /// A distribution of a dataset.
    DistributionId = "distribution";
    /// A table: what one tabular distribution (or one sheet of it) became.
    TableId = "table";
    /// A publisher.
    PublisherId = "publisher";
    /// A harvest source.
    SourceId = "source";
    /// Somebody who is told how the harvests of a source end.
    ContactId = "contact";
    /// A background job, such as one harvest.
    JobId = "job";
    /// A person who signs in.
    AccountId = "account";
    /// A session of somebody who has signed in.
    SessionId = "session";
    /// An application that calls the API.
    ApplicationId = "application";
    /// An API key of an application.
    ApiKeyId = "key";
    /// An organisation that applications belong to.
    OrganisationId = "organisation";
    /// An invitation into an organisation.
    InvitationId = "invitation";
    /// A data service: an agency's API behind the gateway.
    ServiceId = "service";
    /// A letter on its way.
    LetterId = "letter";
    /// Something that the personal-data gate holds.
    HoldId = "hold";
    /// A draft: a description and its files on their way to be a version of a dataset.
    DraftId = "draft";
    /// A right that somebody has for a publisher.
    GrantId = "grant";
    /// A token by which a program publishes for somebody.
    PublishingTokenId = "publishing token";
    /// Something that people of a publisher are told by letter.
    NoticeId = "notice";
    /// Somebody without an account, or with one, whose confirmed address follows, asks or supports.
    CitizenId = "citizen";
    /// What somebody follows.
    FollowId = "follow";
    /// A delivery of changes to somebody who follows.
    DeliveryId = "delivery";
    /// A question at a dataset.
    QuestionId = "question";
    /// A request for data that is not published.
    DataRequestId = "data request";
}

impl TableId {
    /// The id of the table that a file of a dataset holds under a name (its sheet, or its place in an archive).
    ///
    /// The same dataset, distribution and name give the same id (UUIDv5), so a new version of the file keeps it.
    #[must_use]
    pub fn derived(distribution: DistributionId, name: &str) -> Self {
        Self(Uuid::new_v5(&distribution.as_uuid(), name.as_bytes()))
    }
}

impl DistributionId {
    /// The id of a distribution that a source names by `key` (its IRI, its address or its position) within a dataset.
    ///
    /// The same dataset and key give the same id (UUIDv5), so a re-harvest keeps it.
    #[must_use]
    pub fn derived(dataset: DatasetId, key: &str) -> Self {
        Self(Uuid::new_v5(&dataset.as_uuid(), key.as_bytes()))
    }
}
