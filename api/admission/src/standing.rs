//! What a decision says.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::fields::{self, Left};
use crate::permit::Permit;
use crate::terms::ClassTerms;

/// How many quotas an answer's `RateLimit` field shows; all of them are enforced.
pub(crate) const QUOTAS_SHOWN: usize = 4;
/// A rough size of a rendered `RateLimit` field, so that it is allocated once.
const LIMIT_FIELD_CAPACITY: usize = 96;

/// Whether a call may proceed.
#[derive(Debug)]
pub enum Decision {
    /// It may, and its units are charged.
    Admitted(Standing),
    /// It may not, and nothing is charged.
    Refused(Refusal),
}

impl Decision {
    /// Whether the call may proceed.
    #[must_use]
    pub const fn is_admitted(&self) -> bool {
        matches!(self, Self::Admitted(_))
    }
}

/// How the party stands after an admitted call.
#[derive(Debug)]
pub struct Standing {
    pub(crate) terms: Arc<ClassTerms>,
    pub(crate) units: u32,
    pub(crate) rate: Left,
    pub(crate) quotas: [Left; QUOTAS_SHOWN],
    /// When the window started that each quota was charged in.
    pub(crate) windows: [i64; QUOTAS_SHOWN],
    /// `None` once taken, and for units that a call was charged later.
    pub(crate) permit: Option<Permit>,
}

impl Standing {
    /// Cost units charged for this call, those charged later included.
    #[must_use]
    pub const fn units(&self) -> u32 {
        self.units
    }

    /// The call's place among those that its party has under way: to be kept until the answer's last byte. Without it,
    /// the call counts as over when this standing is dropped.
    pub fn take_permit(&mut self) -> Option<Permit> {
        self.permit.take()
    }

    /// Takes in what [`Admission::charge`](crate::Admission::charge) charged this call later.
    pub fn add(&mut self, more: &Self) {
        self.units = self.units.saturating_add(more.units);
        self.quotas = more.quotas;
    }

    /// Names the terms: the same number, the same [`Self::policy_field`]. Never given twice in a process.
    #[must_use]
    pub fn terms_id(&self) -> u64 {
        self.terms.id
    }

    /// Units left under the tightest quota of this class; `None` when the class has no quota.
    #[must_use]
    pub fn remaining_units(&self) -> Option<u64> {
        self.terms.quotas.iter().zip(self.quotas).map(|(_, left)| left.remaining).min()
    }

    /// The value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-11, section 3); the same for every call of
    /// this (plan, class) under one tariff.
    #[must_use]
    pub fn policy_field(&self) -> &str {
        &self.terms.policy_field
    }

    /// The value of `RateLimit` (section 4).
    #[must_use]
    pub fn limit_field(&self) -> String {
        let mut field = String::with_capacity(LIMIT_FIELD_CAPACITY);
        self.write_limit_field(&mut field);
        field
    }

    /// Appends the value of `RateLimit` to an empty `field`, whose memory the caller may reuse.
    pub fn write_limit_field(&self, field: &mut impl fmt::Write) {
        fields::push_limit(field, true, &self.terms.rate_quoted, self.rate);
        for (quota, left) in self.terms.quotas.iter().zip(self.quotas) {
            fields::push_limit(field, false, &quota.quoted, left);
        }
    }
}

/// A policy that is violated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Violated {
    Rate,
    AtOnce,
    /// The quota at this place among the class's.
    Quota(usize),
}

/// Why a call may not proceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// Too fast: 429 `quota-exceeded`.
    RateExceeded,
    /// As many calls under way as the plan has at once: 429 `quota-exceeded`.
    TooManyAtOnce,
    /// A quota is used up: 429 `quota-exceeded`.
    QuotaExceeded,
    /// The plan does not offer this class.
    NotOffered,
    /// The quota store is out of reach and the emergency allowance is spent, or others took what it gave before this call could,
    /// as long as it may wait: 503 `temporary-reduced-capacity`.
    StoreUnreachable,
}

/// A refusal, free of charge.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub(crate) reason: RefusalReason,
    pub(crate) terms: Option<Arc<ClassTerms>>,
    pub(crate) retry_after_secs: u64,
    pub(crate) violated: Vec<(Violated, Left)>,
    pub(crate) held_for: Duration,
}

impl Refusal {
    pub(crate) const fn not_offered() -> Self {
        Self {
            reason: RefusalReason::NotOffered,
            terms: None,
            retry_after_secs: 0,
            violated: Vec::new(),
            held_for: Duration::ZERO,
        }
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> RefusalReason {
        self.reason
    }

    /// When it is worth trying again, in seconds from now, at least 1: for `Retry-After`. It lies a little, differently
    /// each time, behind the moment itself, so that refused callers do not come back together. For
    /// [`RefusalReason::NotOffered`] it is 0: waiting does not help.
    #[must_use]
    pub const fn retry_after_secs(&self) -> u64 {
        self.retry_after_secs
    }

    /// How long the refusal should be held back before it is told: zero for those who wait as they are asked to. At most
    /// [`REFUSAL_HELD_AT_MOST`](crate::REFUSAL_HELD_AT_MOST).
    #[must_use]
    pub const fn held_for(&self) -> Duration {
        self.held_for
    }

    /// The names of the violated policies, for `violated-policies` (section 5).
    #[must_use]
    pub fn violated_policies(&self) -> Vec<&str> {
        let Some(terms) = &self.terms else { return Vec::new() };
        let name = |violated: Violated| match violated {
            Violated::Rate => Some(terms.rate_name.as_str()),
            Violated::AtOnce => Some(terms.at_once_name.as_str()),
            Violated::Quota(at) => terms.quotas.get(at).map(|quota| &*quota.name),
        };
        self.violated.iter().filter_map(|(violated, _)| name(*violated)).collect()
    }

    /// The value of `RateLimit-Policy`; `None` for [`RefusalReason::NotOffered`].
    #[must_use]
    pub fn policy_field(&self) -> Option<&str> {
        self.terms.as_ref().map(|terms| terms.policy_field.as_str())
    }

    /// The value of `RateLimit`, with the violated policies only: `Retry-After` must not lie before the end of an
    /// effective window that the field shows (section 6). `None` when nothing is violated.
    #[must_use]
    pub fn limit_field(&self) -> Option<String> {
        let terms = self.terms.as_ref()?;
        let mut field = String::with_capacity(LIMIT_FIELD_CAPACITY);
        for (violated, left) in &self.violated {
            let name = match violated {
                Violated::Rate => Some(&terms.rate_quoted),
                Violated::AtOnce => Some(&terms.at_once_quoted),
                Violated::Quota(at) => terms.quotas.get(*at).map(|quota| &quota.quoted),
            };
            if let Some(name) = name {
                let first = field.is_empty();
                fields::push_limit(&mut field, first, name, *left);
            }
        }
        (!field.is_empty()).then_some(field)
    }
}
