//! How a publisher wants drafts to be reviewed.

use serde::{Deserialize, Serialize};

/// Longest objection window, in days.
pub const LONGEST_OBJECTION_DAYS: u16 = 90;

/// How a draft made by hand comes from review to approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule")]
pub enum ReviewRule {
    /// A reviewer who did not write it approves or returns it.
    FourEyes,
    /// Open by default: it passes when the window is over, unless a reviewer holds it with a reason. A reviewer may also
    /// approve or return it before.
    ObjectionWindow {
        /// The window in days, from 1 to [`LONGEST_OBJECTION_DAYS`].
        days: u16,
    },
}

/// What holds for a publisher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReviewPolicy {
    /// For drafts made by hand, by upload or through the API.
    pub drafts: ReviewRule,
    /// Whether harvested records are published at once, as soon as the gate lets them pass: their sources are trusted.
    /// Otherwise the gate keeps every new or changed dataset back until a reviewer lets it pass.
    pub trusts_sources: bool,
}

impl Default for ReviewPolicy {
    fn default() -> Self {
        Self { drafts: ReviewRule::FourEyes, trusts_sources: true }
    }
}

impl ReviewRule {
    /// Whether its numbers are within their bounds.
    #[must_use]
    pub const fn is_sound(self) -> bool {
        match self {
            Self::FourEyes => true,
            Self::ObjectionWindow { days } => days >= 1 && days <= LONGEST_OBJECTION_DAYS,
        }
    }
}
