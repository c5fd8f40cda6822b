//! Usage in numbers, and how numbers add up.

use fairground_domain::LatencyHistogram;

/// The length of a sum's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// One minute, without datasets; kept for [`super::DAYS_OF_MINUTES`].
    Minute,
    /// One hour; kept for [`super::DAYS_OF_HOURS`].
    Hour,
    /// One UTC day; kept for ever.
    Day,
}

impl Period {
    /// All of them, the longest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Hour, Self::Minute];

    /// As it stands in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// Its length in seconds; it stands so in rows.
    #[must_use]
    pub const fn secs(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// As it stands in rows.
    pub(super) const fn row(self) -> i32 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// The first second of the period that holds a second.
    #[must_use]
    pub const fn start_of(self, secs: i64) -> i64 {
        secs - secs.rem_euclid(self.secs())
    }
}

/// Usage in numbers: what the meter, the operator and the key owner see is this. None is negative.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageTotals {
    /// Answered calls, refusals included.
    pub requests: i64,
    /// Cost units of the calls that were admitted.
    pub units: i64,
    /// Content bytes of the answers.
    pub bytes: i64,
    /// Answers with a status of 500 or above.
    pub errors: i64,
    /// Calls refused by a limit; they cost nothing.
    pub denied: i64,
    /// Answers that came from a cache.
    pub cached: i64,
    /// Answers that said that nothing has changed (304).
    pub not_modified: i64,
    /// Calls of the portal's own pages.
    pub own_use: i64,
    /// Time spent on all answers, in microseconds.
    pub latency_micros: i64,
    /// How the times are spread.
    pub latency: LatencyHistogram,
    /// Callers with a key, at least.
    pub parties: i64,
    /// The lots of callers without a key, a bit each of eight.
    pub lots: i32,
}

impl UsageTotals {
    /// Adds other numbers, of other calls. Callers may be the same ones: of those with a key the larger number stays.
    pub fn add(&mut self, other: &Self) {
        let sum = |a: &mut i64, b: i64| *a = a.saturating_add(b);
        sum(&mut self.requests, other.requests);
        sum(&mut self.units, other.units);
        sum(&mut self.bytes, other.bytes);
        sum(&mut self.errors, other.errors);
        sum(&mut self.denied, other.denied);
        sum(&mut self.cached, other.cached);
        sum(&mut self.not_modified, other.not_modified);
        sum(&mut self.own_use, other.own_use);
        sum(&mut self.latency_micros, other.latency_micros);
        self.latency.merge(&other.latency);
        self.parties = self.parties.max(other.parties);
        self.lots |= other.lots;
    }

    /// How many different callers there were at least.
    #[must_use]
    pub fn callers_at_least(&self) -> i64 {
        self.parties.saturating_add(i64::from(self.lots.count_ones()))
    }

    /// Mean time to answer, in microseconds; 0 when there was no call.
    #[must_use]
    pub fn mean_latency_micros(&self) -> i64 {
        self.latency_micros.checked_div(self.requests).unwrap_or(0)
    }

    /// The share of answers that were no failure of the portal, in parts of a million; `None` when there was no call.
    #[must_use]
    pub fn availability_ppm(&self) -> Option<i64> {
        let good = i128::from(self.requests.saturating_sub(self.errors)) * 1_000_000;
        good.checked_div(i128::from(self.requests)).and_then(|ppm| i64::try_from(ppm).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_counted_at_least_and_never_twice() {
        let of = |parties, lots| UsageTotals { parties, lots, ..UsageTotals::default() };
        let mut sum = of(3, 0b0011);
        sum.add(&of(2, 0b0110));
        assert_eq!((sum.parties, sum.lots, sum.callers_at_least()), (3, 0b0111, 6));
    }

    #[test]
    fn availability_is_the_share_that_did_not_fail() {
        let of = |requests, errors| UsageTotals { requests, errors, ..UsageTotals::default() }.availability_ppm();
        assert_eq!((of(0, 0), of(3, 0), of(1_000, 1), of(2, 2)), (None, Some(1_000_000), Some(999_000), Some(0)));
    }
}
