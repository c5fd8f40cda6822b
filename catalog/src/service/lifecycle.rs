//! How a service goes: announced, with brown-outs before, and not by surprise.

use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

/// Brown-outs that can be announced at one time.
const MOST_BROWN_OUTS: usize = 50;
/// Longest brown-out, in seconds.
const LONGEST_BROWN_OUT_SECS: i64 = 24 * 3600;
/// Shortest notice of a sunset that is told through us, in seconds: a week.
const SHORTEST_NOTICE_SECS: i64 = 7 * 24 * 3600;

/// A stretch of time, announced beforehand, in which a service that goes soon does not answer, so that whoever still uses it
/// notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrownOut {
    /// From …
    pub from: Timestamp,
    /// … until, not included.
    pub until: Timestamp,
}

/// When a service goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lifecycle {
    /// Since when, or from when, nobody should begin to use it (RFC 9745).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deprecated_at: Option<Timestamp>,
    /// When it stops answering (RFC 8594).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sunset_at: Option<Timestamp>,
    /// Where it is explained: an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_url: Option<String>,
    /// What to use instead: an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successor_url: Option<String>,
    /// When it does not answer, before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brown_outs: Vec<BrownOut>,
}

/// What a service's lifecycle says at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifecycleStanding {
    /// It answers.
    Open,
    /// It does not answer until then.
    BrownOut {
        /// When it answers again.
        until: Timestamp,
    },
    /// It does not answer any more.
    Gone,
}

impl Lifecycle {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What it says at a moment.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> LifecycleStanding {
        if self.sunset_at.is_some_and(|at| at <= now) {
            return LifecycleStanding::Gone;
        }
        let ends = self.brown_outs.iter().filter(|window| window.from <= now && now < window.until);
        match ends.map(|window| window.until).max() {
            Some(until) => LifecycleStanding::BrownOut { until },
            None => LifecycleStanding::Open,
        }
    }

    /// Refuses what cannot be, and what would surprise: a sunset or a brown-out that is new must lie ahead. `before` is what
    /// was said until now.
    pub(super) fn check(&self, before: Option<&Self>, now: Timestamp) -> Result<(), CatalogError> {
        let invalid = |problem: &str| Err(CatalogError::Invalid { field: "lifecycle", problem: problem.to_owned() });
        let known = before.cloned().unwrap_or_default();
        if let Some(sunset) = self.sunset_at {
            if self.deprecated_at.is_none_or(|deprecated| deprecated > sunset) {
                return invalid("a sunset needs a deprecation that is not after it");
            }
            if known.sunset_at != self.sunset_at && sunset < now.plus_secs(SHORTEST_NOTICE_SECS) {
                return invalid("a sunset must be announced at least 7 days before");
            }
        }
        if self.brown_outs.len() > MOST_BROWN_OUTS {
            return invalid("at most 50 brown-outs can be announced");
        }
        for window in &self.brown_outs {
            let secs = window.until.as_secs() - window.from.as_secs();
            if !(1..=LONGEST_BROWN_OUT_SECS).contains(&secs) {
                return invalid("a brown-out ends after it began, and within a day");
            }
            if self.sunset_at.is_none() {
                return invalid("brown-outs prepare for a sunset: say when it is");
            }
            if !known.brown_outs.contains(window) && window.from < now {
                return invalid("a brown-out must be announced before it begins");
            }
        }
        Ok(())
    }
}
