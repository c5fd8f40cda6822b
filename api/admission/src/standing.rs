//! What a decision says.

use std::sync::Arc;

use crate::fields::{self, Left};
use crate::terms::ClassTerms;

/// How many quotas an answer's `RateLimit` field shows; all of them are enforced.
pub(crate) const QUOTAS_SHOWN: usize = 4;
/// A rough size of a rendered `RateLimit` field, so that it is allocated once.
const LIMIT_FIELD_CAPACITY: usize = 96;

/// Whether a call may proceed.
#[derive(Debug, Clone)]
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
#[derive(Debug, Clone)]
pub struct Standing {
    pub(crate) terms: Arc<ClassTerms>,
    pub(crate) rate: Left,
    pub(crate) quotas: [Left; QUOTAS_SHOWN],
}

impl Standing {
    /// Cost units charged for this call.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.terms.cost
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
    pub fn write_limit_field(&self, field: &mut String) {
        fields::push_limit(field, &self.terms.rate_quoted, self.rate);
        for (quota, left) in self.terms.quotas.iter().zip(self.quotas) {
            fields::push_limit(field, &quota.quoted, left);
        }
    }
}

/// Why a call may not proceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// Too fast: 429 `quota-exceeded`.
    RateExceeded,
    /// A quota is used up: 429 `quota-exceeded`.
    QuotaExceeded,
    /// The plan does not offer this class.
    NotOffered,
    /// The quota store is out of reach and the emergency allowance is spent: 503 `temporary-reduced-capacity`.
    StoreUnreachable,
}

/// A refusal, free of charge.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub(crate) reason: RefusalReason,
    pub(crate) terms: Option<Arc<ClassTerms>>,
    pub(crate) retry_after_secs: u64,
    /// The violated policies: `None` is the rate, otherwise the place among the class's quotas.
    pub(crate) violated: Vec<(Option<usize>, Left)>,
}

impl Refusal {
    pub(crate) const fn not_offered() -> Self {
        Self { reason: RefusalReason::NotOffered, terms: None, retry_after_secs: 0, violated: Vec::new() }
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

    /// The names of the violated policies, for `violated-policies` (section 5).
    #[must_use]
    pub fn violated_policies(&self) -> Vec<&str> {
        let Some(terms) = &self.terms else { return Vec::new() };
        let name = |place: Option<usize>| match place {
            None => Some(terms.rate_name.as_str()),
            Some(at) => terms.quotas.get(at).map(|quota| &*quota.name),
        };
        self.violated.iter().filter_map(|(place, _)| name(*place)).collect()
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
        for (place, left) in &self.violated {
            let name = match place {
                None => Some(&terms.rate_quoted),
                Some(at) => terms.quotas.get(*at).map(|quota| &quota.quoted),
            };
            if let Some(name) = name {
                fields::push_limit(&mut field, name, *left);
            }
        }
        (!field.is_empty()).then_some(field)
    }
}
