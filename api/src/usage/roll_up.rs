//! From the meter's segments to sums in the store, exactly once.
//!
//! Only what the disk holds is summed: were a power cut to take the end of a segment, no sum would be left without the
//! records that it was made of. A file that cannot be read is put aside under its name and told; the others go on.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use fairground_catalog::usage::{self, Applied, Period as Kept, Portion, Progress, Subject, UsageSum, UsageTotals};
use fairground_catalog::{CatalogError, Db};
use fairground_domain::{OperationClass, Timestamp};
use fairground_meter::{Meter, MeterError, Names, Period, PeriodKey, Rollup, SegmentInfo, Sums};
use parking_lot::Mutex;
use uuid::Uuid;

use super::status::LedgerStatus;

/// Records read and summed in one transaction.
const BATCH_RECORDS: usize = 50_000;

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
    /// Segments that were read to their end.
    pub closed: u64,
    /// Files that were put aside because they cannot be read.
    pub quarantined: u64,
}

/// Sums usage, one run at a time.
#[derive(Debug)]
pub(crate) struct UsageRollUp {
    pub(super) meter: Meter,
    pub(super) db: Db,
    pub(super) status: LedgerStatus,
    running: Mutex<()>,
}

impl UsageRollUp {
    /// From `meter` into `db`.
    #[must_use]
    pub(crate) fn new(meter: Meter, db: Db) -> Self {
        Self { meter, db, status: LedgerStatus::default(), running: Mutex::new(()) }
    }

    /// How the ledger stands.
    pub(crate) fn status(&self) -> &LedgerStatus {
        &self.status
    }

    /// Has the disk hold what was metered; see [`fairground_meter::SYNC_EVERY`].
    ///
    /// # Errors
    /// When the disk fails; the next call tries again.
    pub(crate) fn sync(&self) -> Result<(), MeterError> {
        let synced = self.meter.sync();
        self.status.set_unsynced(synced.is_err());
        synced
    }

    /// Adds everything that is new in the segments to the sums. A kill at any point loses and doubles nothing: the position
    /// moves in the transaction that adds the sums.
    ///
    /// # Errors
    /// The first failure, after every segment had its turn; the next run goes on where each one stands.
    pub(crate) fn run(&self) -> Result<RollUpReport, RollUpError> {
        let _one_at_a_time = self.running.lock();
        let mut report = RollUpReport::default();
        let mut failed = self.put_strangers_aside(&mut report).err();
        let segments = self.meter.segments()?;
        self.sync()?;
        let mut progress: HashMap<&str, HashMap<i64, Progress>> = HashMap::new();
        for segment in &segments {
            let node = segment.id.node.as_str();
            let of_node = match progress.entry(node) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.db.read(|tx| usage::list_progress(tx, node))?),
            };
            let number = i64::try_from(segment.id.counter).unwrap_or(i64::MAX);
            let at = match of_node.get(&number) {
                Some(known) => *known,
                None => self.progress_of_unknown(segment, number)?,
            };
            match self.sum_segment(segment, number, at, &mut report) {
                Ok(()) => {}
                Err(RollUpError::Meter(error)) if error.is_unreadable() => {
                    let put_aside = self.put_aside(&segment.id.file_name(), &error.to_string(), &mut report);
                    failed = failed.or(put_aside.err());
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => {
                self.status.summed(Timestamp::now());
                Ok(report)
            }
        }
    }

    /// A segment that is new, or a copy of one that was deleted long ago: what was summed is not summed again.
    fn progress_of_unknown(&self, segment: &SegmentInfo, number: i64) -> Result<Progress, RollUpError> {
        let position = self.db.read(|tx| usage::position(tx, &segment.id.node, number))?;
        let is_closed = position > 0 && u64::try_from(position).is_ok_and(|position| position >= segment.size_bytes);
        Ok(Progress { position, is_closed: is_closed && !segment.is_live })
    }

    fn put_strangers_aside(&self, report: &mut RollUpReport) -> Result<(), RollUpError> {
        for name in self.meter.strangers()? {
            self.put_aside(&name, "its name is not a segment's", report)?;
        }
        Ok(())
    }

    fn put_aside(&self, file: &str, reason: &str, report: &mut RollUpReport) -> Result<(), RollUpError> {
        let name = self.meter.quarantine(file)?;
        tracing::error!(file = name, "A usage segment cannot be read and was put into quarantine: {reason}");
        let node = self.meter.node();
        self.db.write(|tx| usage::note_quarantined(tx, node, &name, reason))?;
        self.status.set_quarantined(self.meter.quarantined()?.len());
        report.quarantined += 1;
        Ok(())
    }

    fn sum_segment(
        &self,
        segment: &SegmentInfo,
        number: i64,
        at: Progress,
        report: &mut RollUpReport,
    ) -> Result<(), RollUpError> {
        let id = &segment.id;
        let mut from = at.position;
        if u64::try_from(from).is_ok_and(|from| from >= segment.size_bytes) && (at.is_closed || segment.is_live) {
            return Ok(());
        }
        let mut start = id.start();
        start.offset = u64::try_from(from).unwrap_or(0);
        let mut reader = self.meter.reader(&start)?.up_to(segment.size_bytes);
        loop {
            let batch = reader.read(BATCH_RECORDS)?;
            let to = i64::try_from(batch.to.offset).unwrap_or(i64::MAX);
            if to > from {
                let damaged = i64::try_from(batch.damage.len()).unwrap_or(i64::MAX);
                let portion = Portion { node: id.node.clone(), segment: number, from, to, damaged };
                let sums = reader.names().map(|names| sums(&Rollup::of(&batch.records), names)).unwrap_or_default();
                if self.db.write(|tx| usage::apply(tx, &portion, &sums))? == Applied::Now {
                    report.records += u64::try_from(batch.records.len()).unwrap_or(0);
                    report.damaged += u64::try_from(batch.damage.len()).unwrap_or(0);
                }
                from = to;
            }
            if batch.is_complete {
                self.db.write(|tx| usage::close_segment(tx, &id.node, number))?;
                report.closed += 1;
                return Ok(());
            }
            if batch.to == batch.from {
                return Ok(());
            }
        }
    }
}

fn sums(rollup: &Rollup, names: &Names) -> Vec<UsageSum> {
    rollup.iter().map(|(key, sums)| sum(key, sums, names)).collect()
}

fn sum(key: &PeriodKey, sums: &Sums, names: &Names) -> UsageSum {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let of = &key.of;
    UsageSum {
        period: match key.period {
            Period::Minute => Kept::Minute,
            Period::Hour => Kept::Hour,
            Period::Day => Kept::Day,
        },
        starts_at: key.starts_at,
        party: count(of.party),
        subject: Subject {
            plan: names.plan(of.plan).unwrap_or("unknown").to_owned(),
            class: OperationClass::from_index(of.class).map_or("unknown", OperationClass::as_str).to_owned(),
            operation: names.operation(of.operation).unwrap_or("unknown").to_owned(),
            dataset_id: of.dataset.map(|bytes| Uuid::from_bytes(bytes).to_string()).unwrap_or_default(),
            status_class: i32::from(of.status.digit()),
            is_own_use: of.is_own_use,
        },
        totals: UsageTotals {
            requests: count(sums.requests),
            units: count(sums.units),
            bytes: count(sums.bytes),
            errors: count(sums.errors),
            denied: count(sums.denied),
            cached: count(sums.cached),
            not_modified: count(sums.not_modified),
            own_use: if of.is_own_use { count(sums.requests) } else { 0 },
            latency_micros: count(sums.latency_micros),
            latency: sums.latency.clone(),
            parties: 0,
            lots: i32::from(sums.lots),
        },
    }
}
