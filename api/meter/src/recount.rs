//! Counts a segment's records over again, by nothing but their day: what the ledger is held to.
//!
//! Shares no code with the roll-up beyond reading a record, so that a fault of one is seen by the other.

use std::collections::BTreeMap;

use crate::record::{Flags, UsageRecord};

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// What a day's records come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayCount {
    /// Records.
    pub requests: u64,
    /// Cost units.
    pub units: u64,
    /// Bytes of bodies.
    pub bytes: u64,
    /// With a status of 500 or above.
    pub errors: u64,
    /// Refused by admission.
    pub denied: u64,
}

/// Counts by day, in days since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recount {
    days: BTreeMap<i64, DayCount>,
}

impl Recount {
    /// Counts one more record.
    pub fn count(&mut self, record: &UsageRecord) {
        let day = self.days.entry(record.at_micros.div_euclid(MICROS_PER_DAY)).or_default();
        day.requests += 1;
        day.units += u64::from(record.units);
        day.bytes = day.bytes.saturating_add(record.bytes);
        if record.status >= 500 || record.status < 100 {
            day.errors += 1;
        }
        if record.flags.contains(Flags::DENIED) {
            day.denied += 1;
        }
    }

    /// The counts, by day.
    #[must_use]
    pub fn days(&self) -> &BTreeMap<i64, DayCount> {
        &self.days
    }
}
