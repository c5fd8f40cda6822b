//! The public register: whatever differs from the tariff, or from everybody else, with its reason and its end.
//!
//! Exceptions (for a plan or a class, never a party), suspensions (by number, not by name), exclusive arrangements as
//! Article 12 of the Open Data Directive (EU) 2019/1024 wants them public, refusals, and plans given by hand. An entry is
//! published in the transaction of its journal entry, which holds its digest; what has no such entry is not acted upon.

mod act;
mod conduct;
mod store;

use fairground_domain::{ExceptionTerms, PlanId, Timestamp};
use serde::{Deserialize, Serialize};

pub use act::{
    NewArrangement, NewEmbargo, NewRefusal, NewSuspension, end, publish_exception, register_arrangement,
    register_refusal, reinstate_ended, suspend,
};
pub(crate) use act::{end_embargo, record_assignment, register_embargo};
pub use conduct::{note_ranking, ranking};
pub use store::{RegisterFilter, get, list};
pub(crate) use store::{exception_edges, exceptions_in_force, suspended_numbers};

/// Longest text of a reason, in characters.
pub const MAX_REASON_CHARS: usize = 2_000;
/// Longest name of a party, subject or ground, in characters.
pub const MAX_WORDS_CHARS: usize = 300;
/// Days within which a suspension must be looked at again.
pub const SUSPENSION_REVIEW_DAYS: i64 = 30;
/// Days before its beginning that an exclusive arrangement must be public: never less than two months (Article 12(2)).
pub const ARRANGEMENT_NOTICE_DAYS: i64 = 62;
/// Days within which the grounds of an exclusive arrangement must be reviewed: three years (Article 12(2)).
pub const ARRANGEMENT_REVIEW_DAYS: i64 = 3 * 365;
/// The same where cultural resources are digitised: in the eleventh year (Article 12(3)).
pub const DIGITISATION_REVIEW_DAYS: i64 = 11 * 365;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {$($(#[$word_doc])* $variant,)*}

        impl $name {
            /// Every one, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$variant => $word,)*}
            }

            /// The one that is written so.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    )*};
}

words! {
    /// What an entry is about.
    EntryKind {
        /// Limits that differ from the tariff for a while.
        Exception = "exception",
        /// An application whose calls are refused.
        Suspension = "suspension",
        /// An exclusive right to re-use.
        Arrangement = "arrangement",
        /// Something that was refused to somebody.
        Refusal = "refusal",
        /// A plan given by hand.
        Assignment = "assignment",
        /// Data that is ready and not public before a day.
        Embargo = "embargo",
    }

    /// Why an application may be suspended; there are no other grounds.
    SuspensionGround {
        /// It attacks the portal or others.
        Security = "security",
        /// Its keys are in the hands of others, and its owner does not answer.
        KeyAbuse = "key-abuse",
        /// It breaks the terms of use.
        TermsBroken = "terms-broken",
        /// It uses data unlawfully, such as to find out about persons.
        UnlawfulUse = "unlawful-use",
        /// A court or a supervisory authority ordered it.
        LegalOrder = "legal-order",
        /// Its owner asked for it.
        OwnerRequest = "owner-request",
    }

    /// On which ground an exclusive arrangement stands.
    ArrangementGround {
        /// It is necessary for a service in the public interest (Article 12(2)).
        PublicInterest = "public-interest",
        /// Cultural resources are digitised (Article 12(3)).
        Digitisation = "digitisation",
    }

    /// Where an entry stands.
    EntryStatus {
        /// It begins later.
        Coming = "coming",
        /// It holds.
        InForce = "in-force",
        /// It is over.
        Ended = "ended",
    }
}

/// What an entry says. As it was published it never changes; only its end is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Content {
    /// Limits that differ from the tariff, for everybody on a plan or in a class.
    Exception(ExceptionTerms),
    /// An application whose calls are refused.
    Suspension {
        /// The application's number.
        application: i64,
        /// On which ground.
        ground: SuspensionGround,
        /// What happened.
        reason: String,
        /// Since when.
        starts_at: Timestamp,
        /// When it is looked at again at the latest.
        review_at: Timestamp,
        /// When it ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends_at: Option<Timestamp>,
    },
    /// An exclusive right to re-use.
    Arrangement {
        /// Between whom.
        parties: Vec<String>,
        /// What is re-used.
        subject: String,
        /// On which ground.
        ground: ArrangementGround,
        /// Why it is necessary.
        reason: String,
        /// Where its terms can be read.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        terms_url: Option<String>,
        /// From when.
        starts_at: Timestamp,
        /// When its grounds are reviewed.
        review_at: Timestamp,
        /// When it ends.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends_at: Option<Timestamp>,
        /// True when it was in effect before it was public.
        #[serde(default)]
        published_late: bool,
    },
    /// Something that was refused to somebody.
    Refusal {
        /// The application's number, where it concerns one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        application: Option<i64>,
        /// What was asked for.
        subject: String,
        /// Why it was refused.
        reason: String,
        /// When.
        starts_at: Timestamp,
    },
    /// A plan given by hand, whatever its rule says.
    Assignment {
        /// The application's number.
        application: i64,
        /// The plan.
        plan: PlanId,
        /// Why.
        reason: String,
        /// Since when.
        starts_at: Timestamp,
        /// When the plan's rule decides again.
        review_at: Timestamp,
    },
    /// Data that is ready and not public before a day.
    Embargo {
        /// The slug of the publisher that holds it back.
        publisher: String,
        /// What is held back.
        subject: String,
        /// Why.
        reason: String,
        /// Since when.
        starts_at: Timestamp,
        /// When it becomes public.
        ends_at: Timestamp,
    },
}

impl Content {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Exception(_) => EntryKind::Exception,
            Self::Suspension { .. } => EntryKind::Suspension,
            Self::Arrangement { .. } => EntryKind::Arrangement,
            Self::Refusal { .. } => EntryKind::Refusal,
            Self::Assignment { .. } => EntryKind::Assignment,
            Self::Embargo { .. } => EntryKind::Embargo,
        }
    }

    /// The number of the application that it concerns.
    #[must_use]
    pub const fn application(&self) -> Option<i64> {
        match self {
            Self::Exception(_) | Self::Arrangement { .. } | Self::Embargo { .. } => None,
            Self::Suspension { application, .. } | Self::Assignment { application, .. } => Some(*application),
            Self::Refusal { application, .. } => *application,
        }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Exception(terms) => &terms.reason,
            Self::Suspension { reason, .. }
            | Self::Arrangement { reason, .. }
            | Self::Refusal { reason, .. }
            | Self::Assignment { reason, .. }
            | Self::Embargo { reason, .. } => reason,
        }
    }

    /// From when it holds.
    #[must_use]
    pub const fn starts_at(&self) -> Timestamp {
        match self {
            Self::Exception(terms) => terms.starts_at,
            Self::Suspension { starts_at, .. }
            | Self::Arrangement { starts_at, .. }
            | Self::Refusal { starts_at, .. }
            | Self::Assignment { starts_at, .. }
            | Self::Embargo { starts_at, .. } => *starts_at,
        }
    }

    /// When it is looked at again.
    #[must_use]
    pub const fn review_at(&self) -> Option<Timestamp> {
        match self {
            Self::Exception(_) | Self::Refusal { .. } | Self::Embargo { .. } => None,
            Self::Suspension { review_at, .. }
            | Self::Arrangement { review_at, .. }
            | Self::Assignment { review_at, .. } => Some(*review_at),
        }
    }

    /// When it ends by itself.
    #[must_use]
    pub const fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Exception(terms) => Some(terms.ends_at),
            Self::Suspension { ends_at, .. } | Self::Arrangement { ends_at, .. } => *ends_at,
            Self::Refusal { .. } => None,
            Self::Embargo { ends_at, .. } => Some(*ends_at),
            // From then on the plan's rule holds, as for everybody.
            Self::Assignment { review_at, .. } => Some(*review_at),
        }
    }
}

/// An entry of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterEntry {
    /// Counts up from 1, through all kinds.
    pub number: i64,
    /// When it was published.
    pub published_at: Timestamp,
    /// What it says.
    #[serde(flatten)]
    pub content: Content,
    /// When it was ended before its time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

impl RegisterEntry {
    /// Where it stands at a moment.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> EntryStatus {
        let end = [self.ended_at, self.content.ends_at()].into_iter().flatten().min();
        if end.is_some_and(|end| end <= now) {
            EntryStatus::Ended
        } else if self.content.starts_at() > now {
            EntryStatus::Coming
        } else {
            EntryStatus::InForce
        }
    }
}
