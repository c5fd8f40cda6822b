//! From the meter's segments to sums in the store, exactly once.

use fairground_catalog::usage::{self, Applied, Portion, UsageSum, UsageTotals};
use fairground_catalog::{CatalogError, Db};
use fairground_domain::OperationClass;
use fairground_meter::{Meter, MeterError, MinuteKey, Names, Rollup, SegmentId, Sums};
use parking_lot::Mutex;
use uuid::Uuid;

/// Records read and summed in one transaction.
const BATCH_RECORDS: usize = 50_000;
const SECS_PER_MINUTE: i64 = 60;

/// Why usage could not be summed.
#[derive(Debug, thiserror::Error)]
pub enum RollUpError {
    /// A segment could not be read.
    #[error("a segment of the meter cannot be read")]
    Meter(#[from] MeterError),
    /// The sums could not be written.
    #[error("usage sums cannot be written")]
    Store(#[from] CatalogError),
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RollUpReport {
    /// Records added to the sums.
    pub records: u64,
    /// Records that a crash or a bad disk left unreadable.
    pub damaged: u64,
    /// Segments that were read to their end and removed.
    pub retired: u64,
}

/// Sums usage, one run at a time.
#[derive(Debug)]
pub(crate) struct UsageRollUp {
    meter: Meter,
    db: Db,
    running: Mutex<()>,
}

impl UsageRollUp {
    /// From `meter` into `db`.
    #[must_use]
    pub(crate) fn new(meter: Meter, db: Db) -> Self {
        Self { meter, db, running: Mutex::new(()) }
    }

    /// Adds everything that is new in the segments to the sums. A kill at any point loses and doubles nothing: the position
    /// moves in the transaction that adds the sums.
    ///
    /// # Errors
    /// When a segment cannot be read or the sums cannot be written; the next run begins there.
    pub(crate) fn run(&self) -> Result<RollUpReport, RollUpError> {
        let _one_at_a_time = self.running.lock();
        let mut report = RollUpReport::default();
        for segment in self.meter.segments()? {
            self.sum_segment(&segment.id, &mut report)?;
        }
        Ok(report)
    }

    fn sum_segment(&self, id: &SegmentId, report: &mut RollUpReport) -> Result<(), RollUpError> {
        let number = i64::try_from(id.counter).map_err(|_| MeterError::NodeId(id.to_string().into()))?;
        let mut from = self.db.read(|tx| usage::position(tx, &id.node, number))?;
        let mut start = id.start();
        start.offset = u64::try_from(from).unwrap_or(0);
        let mut reader = self.meter.reader(&start)?;
        loop {
            let batch = reader.read(BATCH_RECORDS)?;
            let to = i64::try_from(batch.to.offset).unwrap_or(i64::MAX);
            if to > from {
                let portion = Portion { node: id.node.clone(), segment: number, from, to };
                let sums = reader.names().map(|names| sums(&Rollup::of(&batch.records), names)).unwrap_or_default();
                if self.db.write(|tx| usage::apply(tx, &portion, &sums))? == Applied::Now {
                    report.records += u64::try_from(batch.records.len()).unwrap_or(0);
                    report.damaged += u64::try_from(batch.damage.len()).unwrap_or(0);
                }
                from = to;
            }
            if batch.is_complete {
                self.meter.retire(&batch.to)?;
                report.retired += 1;
                return Ok(());
            }
            if batch.records.is_empty() {
                return Ok(());
            }
        }
    }
}

fn sums(rollup: &Rollup, names: &Names) -> Vec<UsageSum> {
    rollup.minutes.iter().map(|(key, sums)| sum(key, sums, names)).collect()
}

fn sum(key: &MinuteKey, sums: &Sums, names: &Names) -> UsageSum {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let of = &key.of;
    UsageSum {
        minute_starts_at: key.minute.saturating_mul(SECS_PER_MINUTE),
        party: count(of.party),
        plan: names.plan(of.plan).unwrap_or("unknown").to_owned(),
        class: OperationClass::from_index(of.class).map_or("unknown", OperationClass::as_str).to_owned(),
        operation: names.operation(of.operation).unwrap_or("unknown").to_owned(),
        dataset_id: of.dataset.map(|bytes| Uuid::from_bytes(bytes).to_string()).unwrap_or_default(),
        status_class: i32::from(of.status.digit()),
        totals: UsageTotals {
            requests: count(sums.requests),
            units: count(sums.units),
            bytes: count(sums.bytes),
            errors: count(sums.errors),
            denied: count(sums.denied),
            latency_micros: latency(sums),
        },
    }
}

/// The time spent on all calls, from the histogram: each call at its bucket's upper bound, so at most a quarter too much.
fn latency(sums: &Sums) -> i64 {
    let micros = sums.latency.buckets().iter().fold(0u64, |total, (bucket, count)| {
        total.saturating_add(u64::from(fairground_meter::bucket_upper_micros(*bucket)).saturating_mul(*count))
    });
    i64::try_from(micros).unwrap_or(i64::MAX)
}
