//! Moments.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment in UTC, exact to the microsecond, so that it survives both databases unchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The present moment.
    #[must_use]
    pub fn now() -> Self {
        Self::from_micros(jiff::Timestamp::now().as_microsecond())
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_micros(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The moment so many microseconds after 1970-01-01T00:00:00Z; out of range is held at the calendar's ends.
    #[must_use]
    pub fn from_micros(micros: i64) -> Self {
        let end = if micros < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self(jiff::Timestamp::from_microsecond(micros).unwrap_or(end))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn as_secs(self) -> i64 {
        self.0.as_second()
    }

    /// This moment moved by so many seconds (negative: earlier).
    #[must_use]
    pub fn plus_secs(self, secs: i64) -> Self {
        Self::from_micros(self.as_micros().saturating_add(secs.saturating_mul(1_000_000)))
    }

    /// The calendar day in UTC, as `2026-03-01`.
    #[must_use]
    pub fn day(self) -> String {
        self.0.strftime("%Y-%m-%d").to_string()
    }

    /// As HTTP writes it: `Sun, 01 Mar 2026 12:00:00 GMT` (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn http_date(self) -> String {
        self.0.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// Reads what catalogues write for a date or a moment: RFC 3339, a local date-time (taken as UTC), a date, a
    /// year-month or a year (the first moment of it). `None` when it is none of these.
    #[must_use]
    pub fn lenient(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Some(Self::from_micros(moment.as_microsecond()));
        }
        let padded = match text.len() {
            4 => format!("{text}-01-01"),
            7 => format!("{text}-01"),
            _ => text.to_owned(),
        };
        let civil = padded
            .parse::<jiff::civil::DateTime>()
            .or_else(|_| padded.parse::<jiff::civil::Date>().map(|date| date.at(0, 0, 0, 0)))
            .ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(Self::from_micros(zoned.timestamp().as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|moment| Self::from_micros(moment.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_catalogues_write_them() {
        for (written, moment) in [
            ("2024-02-03T04:05:06Z", "2024-02-03T04:05:06Z"),
            ("2024-02-03T04:05:06+02:00", "2024-02-03T02:05:06Z"),
            ("2024-02-03T04:05:06.123456", "2024-02-03T04:05:06.123456Z"),
            ("2024-02-03", "2024-02-03T00:00:00Z"),
            ("2024-02", "2024-02-01T00:00:00Z"),
            ("2024", "2024-01-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::lenient(written).map(|t| t.to_string()).as_deref(), Some(moment), "{written}");
        }
        assert_eq!(Timestamp::lenient("R/P1D"), None);
        assert_eq!(Timestamp::lenient("soon"), None);
    }

    #[test]
    fn http_dates_are_imf_fixdates() {
        assert_eq!(Timestamp::from_micros(784_111_777_000_000).http_date(), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
