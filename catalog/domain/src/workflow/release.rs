//! When something is to become public: a local time in a time zone, and the one instant that it stands for.
//!
//! Clocks that are set forward skip local times, clocks that are set back have them twice. Which instant is meant then is
//! decided by a rule with a name, once, when the release is planned; what is kept is the instant *and* the zone, so that nobody
//! has to decide again later.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Disambiguation, TimeZone};
use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Which instant a local time stands for that a change of clocks skips or repeats.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocalTimeRule {
    /// As calendars do (RFC 5545, section 3.3.5): of two the first; a skipped one moves on by as much as is skipped.
    #[default]
    Compatible,
    /// Of two the first; a skipped one moves back by as much as is skipped.
    Earlier,
    /// Of two the second; a skipped one moves on by as much as is skipped.
    Later,
    /// Neither is accepted.
    Refuse,
}

impl LocalTimeRule {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::Compatible, Self::Earlier, Self::Later, Self::Refuse];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Earlier => "earlier",
            Self::Later => "later",
            Self::Refuse => "refuse",
        }
    }

    /// The rule that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == text)
    }

    const fn disambiguation(self) -> Disambiguation {
        match self {
            Self::Compatible => Disambiguation::Compatible,
            Self::Earlier => Disambiguation::Earlier,
            Self::Later => Disambiguation::Later,
            Self::Refuse => Disambiguation::Reject,
        }
    }
}

/// A local time as somebody plans it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalRelease {
    /// What the clock on the wall shows: `2027-03-28T02:30`, seconds where wanted.
    pub local: String,
    /// Where that clock hangs: a name of the IANA time zone database, such as `Europe/Rome`.
    pub zone: String,
    /// What a skipped or repeated time is taken for.
    #[serde(default)]
    pub rule: LocalTimeRule,
}

/// How a local time was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// It occurs once.
    Exact,
    /// It occurs twice; the first was taken.
    FirstOfTwo,
    /// It occurs twice; the second was taken.
    SecondOfTwo,
    /// It does not occur; what lies as much later as is skipped was taken.
    MovedOn,
    /// It does not occur; what lies as much earlier as is skipped was taken.
    MovedBack,
}

impl Reading {
    /// Every reading.
    pub const ALL: [Self; 5] = [Self::Exact, Self::FirstOfTwo, Self::SecondOfTwo, Self::MovedOn, Self::MovedBack];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::FirstOfTwo => "first-of-two",
            Self::SecondOfTwo => "second-of-two",
            Self::MovedOn => "moved-on",
            Self::MovedBack => "moved-back",
        }
    }
}

/// A planned moment: the instant that counts, and how it was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The instant. It counts from now on, whatever becomes of the zone's rules.
    pub at: Timestamp,
    /// The local time that was planned, as [`LocalRelease::local`].
    pub local: String,
    /// The zone.
    pub zone: String,
    /// The rule.
    pub rule: LocalTimeRule,
    /// What the rule made of it.
    pub reading: Reading,
}

/// Why a local time stands for no instant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseFault {
    /// It is no local time.
    #[error("`{0}` is no local time such as `2027-03-28T09:00`")]
    NoLocalTime(String),
    /// There is no such zone.
    #[error("`{0}` is no time zone such as `Europe/Rome`")]
    NoZone(String),
    /// The clocks skip it, and the rule refuses that.
    #[error("`{local}` does not occur in {zone}: the clocks are set forward over it")]
    Skipped {
        /// The local time.
        local: String,
        /// The zone.
        zone: String,
    },
    /// It occurs twice, and the rule refuses that.
    #[error("`{local}` occurs twice in {zone}: the clocks are set back over it")]
    Repeated {
        /// The local time.
        local: String,
        /// The zone.
        zone: String,
    },
}

impl ReleaseFault {
    /// The field of [`LocalRelease`] that is at fault.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NoZone(_) => "zone",
            Self::NoLocalTime(_) | Self::Skipped { .. } | Self::Repeated { .. } => "local",
        }
    }
}

impl LocalRelease {
    /// The instant that this stands for.
    ///
    /// # Errors
    /// [`ReleaseFault`] for what is no time or no zone, and for a skipped or repeated time under [`LocalTimeRule::Refuse`].
    pub fn resolve(&self) -> Result<Release, ReleaseFault> {
        let text = |given: &str| given.trim().chars().take(80).collect::<String>();
        let no_time = || ReleaseFault::NoLocalTime(text(&self.local));
        let (_, clock) = self.local.trim().split_once(['T', ' ']).ok_or_else(no_time)?;
        // With an offset or a zone it is an instant and no local time, though a parser may read over them.
        if !clock.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')) {
            return Err(no_time());
        }
        let local: DateTime = self.local.trim().parse().map_err(|_| no_time())?;
        let zone = TimeZone::get(self.zone.trim()).map_err(|_| ReleaseFault::NoZone(text(&self.zone)))?;
        let name = zone.iana_name().ok_or_else(|| ReleaseFault::NoZone(text(&self.zone)))?.to_owned();
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let offset = ambiguous.offset();
        let written = local.to_string();
        let instant = ambiguous.disambiguate(self.rule.disambiguation()).map_err(|_| match offset {
            AmbiguousOffset::Gap { .. } => ReleaseFault::Skipped { local: written.clone(), zone: name.clone() },
            AmbiguousOffset::Fold { .. } => ReleaseFault::Repeated { local: written.clone(), zone: name.clone() },
            AmbiguousOffset::Unambiguous { .. } => ReleaseFault::NoLocalTime(written.clone()),
        })?;
        let reading = match (offset, self.rule) {
            (AmbiguousOffset::Unambiguous { .. }, _) => Reading::Exact,
            (AmbiguousOffset::Fold { .. }, LocalTimeRule::Later) => Reading::SecondOfTwo,
            (AmbiguousOffset::Fold { .. }, _) => Reading::FirstOfTwo,
            (AmbiguousOffset::Gap { .. }, LocalTimeRule::Earlier) => Reading::MovedBack,
            (AmbiguousOffset::Gap { .. }, _) => Reading::MovedOn,
        };
        let at = Timestamp::from_micros(instant.as_microsecond());
        Ok(Release { at, local: written, zone: name, rule: self.rule, reading })
    }
}

impl Release {
    /// What the clock in the release's zone shows then, with its distance to UTC: `2027-03-28T03:30:00+02:00[Europe/Rome]`
    /// (RFC 9557).
    #[must_use]
    pub fn shown(&self) -> String {
        match jiff::Timestamp::from_microsecond(self.at.as_micros()).map(|at| at.in_tz(&self.zone)) {
            Ok(Ok(zoned)) => zoned.to_string(),
            _ => self.at.to_string(),
        }
    }

    /// The plan that this came from, to be changed.
    #[must_use]
    pub fn plan(&self) -> LocalRelease {
        LocalRelease { local: self.local.clone(), zone: self.zone.clone(), rule: self.rule }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(local: &str, zone: &str, rule: LocalTimeRule) -> Result<(String, Reading), ReleaseFault> {
        let plan = LocalRelease { local: local.to_owned(), zone: zone.to_owned(), rule };
        plan.resolve().map(|release| (release.at.to_string(), release.reading))
    }

    #[test]
    fn skipped_and_repeated_local_times_are_read_by_the_named_rule() {
        use LocalTimeRule as R;
        use Reading as X;
        // Rome: 2027-03-28 02:00 becomes 03:00; 2027-10-31 03:00 becomes 02:00. Lord Howe moves by half an hour. Apia
        // skipped the whole of 2011-12-30.
        for (local, zone, rule, at, reading) in [
            ("2027-06-01T09:00", "Europe/Rome", R::Compatible, "2027-06-01T07:00:00Z", X::Exact),
            ("2027-01-01T09:00:30", "europe/rome", R::Refuse, "2027-01-01T08:00:30Z", X::Exact),
            ("2027-03-28T02:30", "Europe/Rome", R::Compatible, "2027-03-28T01:30:00Z", X::MovedOn),
            ("2027-03-28T02:30", "Europe/Rome", R::Later, "2027-03-28T01:30:00Z", X::MovedOn),
            ("2027-03-28T02:30", "Europe/Rome", R::Earlier, "2027-03-28T00:30:00Z", X::MovedBack),
            ("2027-03-28T01:59:59", "Europe/Rome", R::Refuse, "2027-03-28T00:59:59Z", X::Exact),
            ("2027-03-28T03:00", "Europe/Rome", R::Refuse, "2027-03-28T01:00:00Z", X::Exact),
            ("2027-10-31T02:30", "Europe/Rome", R::Compatible, "2027-10-31T00:30:00Z", X::FirstOfTwo),
            ("2027-10-31T02:30", "Europe/Rome", R::Earlier, "2027-10-31T00:30:00Z", X::FirstOfTwo),
            ("2027-10-31T02:30", "Europe/Rome", R::Later, "2027-10-31T01:30:00Z", X::SecondOfTwo),
            ("2027-10-03T02:15", "Australia/Lord_Howe", R::Compatible, "2027-10-02T15:45:00Z", X::MovedOn),
            ("2011-12-30T12:00", "Pacific/Apia", R::Compatible, "2011-12-30T22:00:00Z", X::MovedOn),
            ("2027-03-28T02:30", "UTC", R::Refuse, "2027-03-28T02:30:00Z", X::Exact),
        ] {
            assert_eq!(read(local, zone, rule), Ok((at.to_owned(), reading)), "{local} {zone} {}", rule.as_str());
        }
        let gap = read("2027-03-28T02:30", "Europe/Rome", R::Refuse);
        assert!(matches!(gap, Err(ReleaseFault::Skipped { .. })), "{gap:?}");
        let fold = read("2027-10-31T02:30", "Europe/Rome", R::Refuse);
        assert!(matches!(fold, Err(ReleaseFault::Repeated { .. })), "{fold:?}");
    }

    #[test]
    fn what_is_no_local_time_or_no_zone_is_refused_by_field() {
        for (local, zone, field) in [
            ("", "Europe/Rome", "local"),
            ("soon", "Europe/Rome", "local"),
            ("2027-02-30T10:00", "Europe/Rome", "local"),
            ("2027-03-28T02:30Z", "Europe/Rome", "local"),
            ("2027-03-28T02:30+02:00", "Europe/Rome", "local"),
            ("2027-03-28", "Europe/Rome", "local"),
            ("2027-03-28T02:30", "Rome", "zone"),
            ("2027-03-28T02:30", "", "zone"),
        ] {
            let fault = read(local, zone, LocalTimeRule::Compatible).expect_err(local);
            assert_eq!(fault.field(), field, "{local} {zone}: {fault}");
        }
    }

    #[test]
    fn a_release_says_what_the_clock_will_show_and_keeps_its_plan() {
        let plan = LocalRelease {
            local: "2027-03-28T02:30".to_owned(),
            zone: "Europe/Rome".to_owned(),
            rule: LocalTimeRule::Compatible,
        };
        let release = plan.resolve().expect("a time");
        assert_eq!(release.to_string(), "2027-03-28T03:30:00+02:00[Europe/Rome]");
        assert_eq!(release.plan().resolve(), Ok(release.clone()));
        let kept = serde_json::to_string(&release).expect("JSON");
        assert_eq!(serde_json::from_str::<Release>(&kept).expect("JSON"), release);
    }
}
