//! When a dataset was updated, measured against what its publisher promises.

use fairground_domain::{Concept, Timestamp};

use super::{Frequency, Language};

/// How a dataset stands to its promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshnessState {
    /// Updated within the promised time.
    OnTime,
    /// Older than promised.
    Late,
    /// Nothing can be told: no date or no promise.
    Untold,
}

/// When a dataset was updated and what was promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freshness {
    /// Such as `3 days ago`; empty when the source gives no date.
    pub updated: String,
    /// The date as written, in words.
    pub date: String,
    /// The promise, such as `monthly`.
    pub promise: Option<String>,
    /// How it stands.
    pub state: FreshnessState,
}

impl Freshness {
    /// Reads a dataset's `modified` (else `issued`) date and its frequency.
    #[must_use]
    pub fn of(modified: Option<&str>, frequency: Option<&Concept>, now: Timestamp) -> Self {
        Self::told(modified, frequency, now, Language::En)
    }

    /// The same, told in a language.
    #[must_use]
    pub fn told(modified: Option<&str>, frequency: Option<&Concept>, now: Timestamp, language: Language) -> Self {
        let promise = frequency.and_then(Frequency::of);
        let moment = modified.and_then(Timestamp::lenient);
        let state = match (moment, promise.as_ref().and_then(Frequency::late_after_secs)) {
            (Some(moment), Some(allowed_secs)) => {
                if now.as_secs() - moment.as_secs() <= allowed_secs {
                    FreshnessState::OnTime
                } else {
                    FreshnessState::Late
                }
            }
            _ => FreshnessState::Untold,
        };
        let date = modified.filter(|text| Timestamp::lenient(text).is_some()).map(|text| language.as_written(text));
        let updated = moment.map(|moment| language.days_ago(moment, now)).unwrap_or_default();
        let promise = promise.map(|promise| language.frequency(&promise));
        Self { updated, date: date.unwrap_or_default(), promise, state }
    }

    /// True where the dataset is older than promised.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.state == FreshnessState::Late
    }

    /// True where the dataset keeps its promise.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        self.state == FreshnessState::OnTime
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_has_grace_and_an_end() {
        let now = Timestamp::lenient("2026-03-01").expect("a date");
        let (monthly, daily) = (Concept::label("R/P1M"), Concept::label("R/P1D"));
        for (modified, frequency, state) in [
            (Some("2026-02-01"), Some(&monthly), FreshnessState::OnTime),
            (Some("2026-01-20"), Some(&monthly), FreshnessState::OnTime),
            (Some("2025-12-01"), Some(&monthly), FreshnessState::Late),
            (Some("2026-02-26"), Some(&daily), FreshnessState::OnTime),
            (Some("2026-02-20"), Some(&daily), FreshnessState::Late),
            (Some("2025-12-01"), None, FreshnessState::Untold),
            (None, Some(&monthly), FreshnessState::Untold),
            (Some("nonsense"), Some(&monthly), FreshnessState::Untold),
        ] {
            assert_eq!(Freshness::of(modified, frequency, now).state, state, "{modified:?}");
        }
    }

    #[test]
    fn a_day_is_told_as_a_day() {
        let now = Timestamp::lenient("2026-03-03T15:00:00Z").expect("a moment");
        for (modified, told) in [
            ("2026-03-03", "today"),
            ("2026-03-02", "yesterday"),
            ("2026-02-27", "4 days ago"),
            ("2024", "2 years ago"),
        ] {
            assert_eq!(Freshness::of(Some(modified), None, now).updated, told);
        }
        let monthly = Concept::label("R/P1M");
        let german = Freshness::told(Some("2026-03-02"), Some(&monthly), now, Language::De);
        assert_eq!((german.updated.as_str(), german.promise.as_deref()), ("gestern", Some("monatlich")));
    }
}
