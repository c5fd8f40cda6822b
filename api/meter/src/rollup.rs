//! Sums of records by minute, hour and day; the arithmetic only, the store is the caller's.

use std::collections::HashMap;

use fairground_domain::LatencyHistogram;

use crate::record::{Flags, UsageRecord};

const MICROS_PER_SEC: i64 = 1_000_000;

/// The hundreds of an HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusClass {
    /// 100 to 199.
    Informational,
    /// 200 to 299.
    Successful,
    /// 300 to 399.
    Redirection,
    /// 400 to 499.
    ClientError,
    /// 500 and above, and what is no status.
    ServerError,
}

impl StatusClass {
    /// The class of a status (RFC 9110, section 15).
    #[must_use]
    pub const fn of(status: u16) -> Self {
        match status {
            100..=199 => Self::Informational,
            200..=299 => Self::Successful,
            300..=399 => Self::Redirection,
            400..=499 => Self::ClientError,
            0..=99 | 500..=u16::MAX => Self::ServerError,
        }
    }

    /// The first digit, 1 to 5.
    #[must_use]
    pub const fn digit(self) -> u8 {
        match self {
            Self::Informational => 1,
            Self::Successful => 2,
            Self::Redirection => 3,
            Self::ClientError => 4,
            Self::ServerError => 5,
        }
    }
}

/// How long a sum's period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A minute. Its sums name no dataset: by minute nearly every request would be a sum of its own.
    Minute,
    /// An hour.
    Hour,
    /// A UTC day.
    Day,
}

impl Period {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    /// Its length in seconds.
    #[must_use]
    pub const fn secs(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// What requests are summed by, beside the time. Numbers are those of the segment's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageKey {
    /// The application's number, 0 for keyless callers.
    pub party: u64,
    /// The plan.
    pub plan: u8,
    /// The operation class.
    pub class: u8,
    /// The operation.
    pub operation: u16,
    /// The dataset, if one.
    pub dataset: Option<[u8; 16]>,
    /// The hundreds of the status.
    pub status: StatusClass,
    /// The portal's own use.
    pub is_own_use: bool,
}

/// One period's sums of one [`UsageKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeriodKey {
    /// How long the period is.
    pub period: Period,
    /// Its first second since 1970-01-01T00:00:00Z.
    pub starts_at: i64,
    /// What is summed.
    pub of: UsageKey,
}

/// What requests came to. Every count but `requests` is of some of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// All of them.
    pub requests: u64,
    /// Cost units charged.
    pub units: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// Answered with a status of 500 or above.
    pub errors: u64,
    /// Refused by admission.
    pub denied: u64,
    /// Answered from a cache.
    pub cached: u64,
    /// Answered 304.
    pub not_modified: u64,
    /// How long they took together, in microseconds.
    pub latency_micros: u64,
    /// How long each took.
    pub latency: LatencyHistogram,
    /// The lots of the keyless callers among them, a bit each.
    pub lots: u8,
}

/// Sums of any number of records of one segment (numbers of different segments may mean different things).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rollup {
    sums: HashMap<PeriodKey, Sums>,
}

impl Rollup {
    /// The sums of some records, by minute, hour and day.
    #[must_use]
    pub fn of<'a>(records: impl IntoIterator<Item = &'a UsageRecord>) -> Self {
        let mut rollup = Self::default();
        for record in records {
            rollup.add(record);
        }
        rollup.add_days();
        rollup
    }

    /// Adds the sums of another roll-up of the same segment.
    pub fn merge(&mut self, other: &Self) {
        for (key, sums) in &other.sums {
            self.sums.entry(*key).or_default().merge(sums);
        }
    }

    /// All sums, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&PeriodKey, &Sums)> {
        self.sums.iter()
    }

    /// The sums of one period's length.
    pub fn by(&self, period: Period) -> impl Iterator<Item = (&PeriodKey, &Sums)> {
        self.sums.iter().filter(move |(key, _)| key.period == period)
    }

    /// One sum.
    #[must_use]
    pub fn get(&self, key: &PeriodKey) -> Option<&Sums> {
        self.sums.get(key)
    }

    fn add(&mut self, record: &UsageRecord) {
        let of = UsageKey {
            party: record.party,
            plan: record.plan,
            class: record.class,
            operation: record.operation,
            dataset: record.dataset,
            status: StatusClass::of(record.status),
            is_own_use: record.flags.contains(Flags::OWN_USE),
        };
        let secs = record.at_micros.div_euclid(MICROS_PER_SEC);
        for (period, of) in [(Period::Minute, UsageKey { dataset: None, ..of }), (Period::Hour, of)] {
            self.sums.entry(PeriodKey::at(period, secs, of)).or_default().add(record);
        }
    }

    /// Days are the sums of their hours: far fewer additions than one more for each record.
    fn add_days(&mut self) {
        let mut days: HashMap<PeriodKey, Sums> = HashMap::new();
        for (key, sums) in self.by(Period::Hour) {
            days.entry(PeriodKey::at(Period::Day, key.starts_at, key.of)).or_default().merge(sums);
        }
        self.sums.extend(days);
    }
}

impl PeriodKey {
    /// The period that holds a second.
    const fn at(period: Period, secs: i64, of: UsageKey) -> Self {
        Self { period, starts_at: secs - secs.rem_euclid(period.secs()), of }
    }
}

impl Sums {
    /// Adds one request.
    pub fn add(&mut self, record: &UsageRecord) {
        let one_if = |flag| u64::from(record.flags.contains(flag));
        self.requests += 1;
        self.units += u64::from(record.units);
        self.bytes = self.bytes.saturating_add(record.bytes);
        self.errors += u64::from(StatusClass::of(record.status) == StatusClass::ServerError);
        self.denied += one_if(Flags::DENIED);
        self.cached += one_if(Flags::CACHED);
        self.not_modified += one_if(Flags::NOT_MODIFIED);
        self.latency_micros = self.latency_micros.saturating_add(u64::from(record.latency_micros));
        self.latency.add(record.latency_micros);
        if record.party == 0 {
            self.lots |= 1 << (record.lot % 8);
        }
    }

    /// Adds other sums.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.units += other.units;
        self.bytes = self.bytes.saturating_add(other.bytes);
        self.errors += other.errors;
        self.denied += other.denied;
        self.cached += other.cached;
        self.not_modified += other.not_modified;
        self.latency_micros = self.latency_micros.saturating_add(other.latency_micros);
        self.latency.merge(&other.latency);
        self.lots |= other.lots;
    }
}
