//! Holds the ledger to the segments: counts them over, compares the days, and deletes what is proved and old.

use std::collections::BTreeMap;
use std::time::Duration;

use fairground_catalog::usage::{self, DAYS_OF_SEGMENTS, DayRecount, Proof, Reconciliation};
use fairground_meter::{DayCount, MeterError, SegmentId, SegmentPosition};

use super::roll_up::{RollUpError, UsageRollUp};

/// How often segments are counted over and days compared.
pub(crate) const RECONCILE_EVERY: Duration = Duration::from_secs(600);
/// Days that each run compares: today, yesterday and the day before, for what comes late. A day that differed is compared
/// until it does not.
const DAYS_COMPARED: i64 = 3;
const DAY_SECS: i64 = 86_400;

/// What a run found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReconcileReport {
    /// Segments that were counted over and are equal.
    pub proved: u64,
    /// Segments whose recount differs from what was summed of them.
    pub different: u64,
    /// Proved segments that were deleted because they were old.
    pub retired: u64,
    /// The days that were compared.
    pub days: Vec<Reconciliation>,
}

impl UsageRollUp {
    /// Counts closed segments over, compares the newest days, deletes segments that were proved and are old, and drops
    /// sums that are older than they are kept.
    ///
    /// # Errors
    /// When a segment cannot be read or the store fails; the next run begins again.
    pub(crate) fn reconcile(&self) -> Result<ReconcileReport, RollUpError> {
        let mut report = ReconcileReport::default();
        let nodes: std::collections::BTreeSet<String> =
            self.meter.segments()?.into_iter().map(|segment| segment.id.node).collect();
        for node in &nodes {
            self.prove_segments(node, &mut report)?;
        }
        report.days = self.db.read(|tx| usage::compare_days(tx, DAYS_COMPARED))?;
        self.db.write(|tx| usage::keep_comparisons(tx, &report.days))?;
        let difference = self.db.read(usage::total_difference)?;
        if difference != 0 {
            tracing::error!(requests = difference, "Usage segments, sums and owners' pages differ");
        }
        self.status.set_difference(difference);
        for node in &nodes {
            self.retire(node, &mut report)?;
        }
        let quarantined = self.meter.quarantined()?;
        self.db.write(|tx| usage::forget_quarantined(tx, self.meter.node(), &quarantined))?;
        self.status.set_quarantined(quarantined.len());
        self.db.write(usage::prune_usage)?;
        Ok(report)
    }

    fn prove_segments(&self, node: &str, report: &mut ReconcileReport) -> Result<(), RollUpError> {
        for segment in self.db.read(|tx| usage::list_unproved(tx, node))? {
            let offset = u64::try_from(segment.counted_from).unwrap_or(0);
            let counter = u64::try_from(segment.segment).unwrap_or(0);
            let from = SegmentPosition { node: node.to_owned(), segment: counter, offset };
            let up_to = u64::try_from(segment.position).unwrap_or(0);
            let recount = match self.meter.recount(&from, up_to) {
                Ok(recount) => recount,
                Err(MeterError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            let days: BTreeMap<i64, DayRecount> =
                recount.days().iter().map(|(day, count)| (day * DAY_SECS, recounted(count))).collect();
            match self.db.write(|tx| usage::prove_segment(tx, node, segment.segment, &days))? {
                Proof::Equal => report.proved += 1,
                Proof::Different { requests } => {
                    report.different += 1;
                    tracing::error!(segment = %from.id(), requests, "A usage segment was summed wrongly");
                }
            }
        }
        Ok(())
    }

    /// Deletes the files of segments that were proved and closed [`DAYS_OF_SEGMENTS`] ago.
    fn retire(&self, node: &str, report: &mut ReconcileReport) -> Result<(), RollUpError> {
        let old = self.db.read(|tx| {
            let before = tx.now.plus_secs(-DAYS_OF_SEGMENTS * DAY_SECS);
            usage::list_retirable(tx, node, before)
        })?;
        for (segment, position) in old {
            let id = SegmentId { node: node.to_owned(), counter: u64::try_from(segment).unwrap_or(0) };
            let end = SegmentPosition { offset: u64::try_from(position).unwrap_or(0), ..id.start() };
            match self.meter.retire(&end) {
                Ok(()) => report.retired += 1,
                Err(MeterError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
            self.db.write(|tx| usage::forget_segment(tx, node, segment))?;
        }
        Ok(())
    }
}

fn recounted(count: &DayCount) -> DayRecount {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    DayRecount {
        requests: number(count.requests),
        units: number(count.units),
        bytes: number(count.bytes),
        errors: number(count.errors),
        denied: number(count.denied),
    }
}
