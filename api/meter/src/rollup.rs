//! Sums of records by minute and by day; the arithmetic only, the store is the caller's.

use std::collections::HashMap;

use crate::record::{Flags, UsageRecord};

const MICROS_PER_MINUTE: i64 = 60_000_000;
const MINUTES_PER_DAY: i64 = 24 * 60;
/// Buckets per doubling of the latency: neighbouring bounds differ by at most a quarter.
const BUCKETS_PER_OCTAVE: u32 = 4;
/// How many latency buckets there are: all of `u32` microseconds (71 minutes).
pub const LATENCY_BUCKETS: usize = 128;

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
}

/// A minute's sums of one [`UsageKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinuteKey {
    /// Minutes since 1970-01-01T00:00:00Z.
    pub minute: i64,
    /// What is summed.
    pub of: UsageKey,
}

/// A UTC day's sums of one [`UsageKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayKey {
    /// Days since 1970-01-01.
    pub day: i64,
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
    /// The portal's own use.
    pub own_use: u64,
    /// How long they took.
    pub latency: LatencyHistogram,
}

/// Counts by latency, in fixed buckets that widen by about a quarter each; only those that are not empty take room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LatencyHistogram {
    /// (bucket, count), sorted by bucket.
    counts: Vec<(u8, u64)>,
}

/// Sums of any number of records of one segment (numbers of different segments may mean different things).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rollup {
    /// By minute.
    pub minutes: HashMap<MinuteKey, Sums>,
    /// By day.
    pub days: HashMap<DayKey, Sums>,
}

impl Rollup {
    /// The sums of some records.
    #[must_use]
    pub fn of<'a>(records: impl IntoIterator<Item = &'a UsageRecord>) -> Self {
        let mut rollup = Self::default();
        for record in records {
            rollup.add_to_minute(record);
        }
        for (key, sums) in &rollup.minutes {
            let day = DayKey { day: key.minute.div_euclid(MINUTES_PER_DAY), of: key.of };
            rollup.days.entry(day).or_default().merge(sums);
        }
        rollup
    }

    /// Adds the sums of another roll-up of the same segment.
    pub fn merge(&mut self, other: &Self) {
        for (key, sums) in &other.minutes {
            self.minutes.entry(*key).or_default().merge(sums);
        }
        for (key, sums) in &other.days {
            self.days.entry(*key).or_default().merge(sums);
        }
    }

    fn add_to_minute(&mut self, record: &UsageRecord) {
        let of = UsageKey {
            party: record.party,
            plan: record.plan,
            class: record.class,
            operation: record.operation,
            dataset: record.dataset,
            status: StatusClass::of(record.status),
        };
        let key = MinuteKey { minute: record.at_micros.div_euclid(MICROS_PER_MINUTE), of };
        self.minutes.entry(key).or_default().add(record);
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
        self.own_use += one_if(Flags::OWN_USE);
        self.latency.add(record.latency_micros);
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
        self.own_use += other.own_use;
        self.latency.merge(&other.latency);
    }
}

impl LatencyHistogram {
    /// Counts one request.
    pub fn add(&mut self, latency_micros: u32) {
        self.add_count(bucket_of(latency_micros), 1);
    }

    /// Adds another histogram.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.counts {
            self.add_count(*bucket, *count);
        }
    }

    /// How many requests it counts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }

    /// The buckets that are not empty, as (bucket, count), in order.
    #[must_use]
    pub fn buckets(&self) -> &[(u8, u64)] {
        &self.counts
    }

    /// The latency, in microseconds, that `per_mille` of the requests do not exceed (500: the median; 990: p99), rounded
    /// up to its bucket's upper bound; `None` when nothing was counted.
    #[must_use]
    pub fn percentile_micros(&self, per_mille: u16) -> Option<u32> {
        let rank = u128::from(self.total()) * u128::from(per_mille.min(1_000));
        let rank = rank.div_ceil(1_000).max(1);
        let mut seen = 0_u128;
        for (bucket, count) in &self.counts {
            seen += u128::from(*count);
            if seen >= rank {
                return Some(bucket_upper_micros(*bucket));
            }
        }
        None
    }

    /// As bytes for a column: per bucket its number and its count as a variable-length integer (7 bits a byte, lowest
    /// first).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.counts.len() * 3);
        for (bucket, count) in &self.counts {
            bytes.push(*bucket);
            push_varint(&mut bytes, *count);
        }
        bytes
    }

    /// Reads what [`Self::to_bytes`] gave; `None` when it is something else.
    #[must_use]
    pub fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut histogram = Self::default();
        while let Some((bucket, rest)) = bytes.split_first() {
            let (count, rest) = take_varint(rest)?;
            if usize::from(*bucket) >= LATENCY_BUCKETS {
                return None;
            }
            histogram.add_count(*bucket, count);
            bytes = rest;
        }
        Some(histogram)
    }

    fn add_count(&mut self, bucket: u8, count: u64) {
        match self.counts.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => {
                if let Some((_, known)) = self.counts.get_mut(place) {
                    *known = known.saturating_add(count);
                }
            }
            Err(place) => self.counts.insert(place, (bucket, count)),
        }
    }
}

/// The bucket of a latency: four to each doubling.
fn bucket_of(micros: u32) -> u8 {
    let Some(octave) = micros.checked_ilog2() else { return 0 };
    // The two bits below the highest one say which quarter of the octave.
    let quarter = if octave >= 2 { (micros >> (octave - 2)) & 3 } else { (micros << (2 - octave)) & 3 };
    u8::try_from(octave * BUCKETS_PER_OCTAVE + quarter).unwrap_or(u8::MAX)
}

/// The largest latency, in microseconds, that a bucket counts.
#[must_use]
pub fn bucket_upper_micros(bucket: u8) -> u32 {
    let (octave, quarter) = (u32::from(bucket) / BUCKETS_PER_OCTAVE, u64::from(bucket) % u64::from(BUCKETS_PER_OCTAVE));
    let next =
        ((u64::from(BUCKETS_PER_OCTAVE) + quarter + 1) << octave.min(40)).div_ceil(u64::from(BUCKETS_PER_OCTAVE));
    u32::try_from(next.saturating_sub(1)).unwrap_or(u32::MAX)
}

fn push_varint(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        let shift = u32::try_from(place * 7).ok()?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(place + 1..)?));
        }
    }
    None
}
