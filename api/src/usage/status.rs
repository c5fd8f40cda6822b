//! How the ledger stands in this process: for `/metrics` and for `/health/ready`.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};

use fairground_domain::Timestamp;
use metrics::gauge;

use crate::metrics::{LEDGER_DIFFERENCE, METER_LAG, METER_QUARANTINED};

/// Seconds after which it is an alarm that nothing could be summed.
pub(crate) const LAG_ALARM_SECS: i64 = 60;

/// Figures that only move when something is summed, compared or put aside.
#[derive(Debug)]
pub(crate) struct LedgerStatus {
    difference: AtomicI64,
    quarantined: AtomicUsize,
    is_unsynced: AtomicBool,
    summed_at_micros: AtomicI64,
}

impl Default for LedgerStatus {
    fn default() -> Self {
        Self {
            difference: AtomicI64::new(0),
            quarantined: AtomicUsize::new(0),
            is_unsynced: AtomicBool::new(false),
            summed_at_micros: AtomicI64::new(Timestamp::now().as_micros()),
        }
    }
}

impl LedgerStatus {
    pub(super) fn set_difference(&self, requests: i64) {
        self.difference.store(requests, Ordering::Relaxed);
    }

    pub(super) fn set_quarantined(&self, files: usize) {
        self.quarantined.store(files, Ordering::Relaxed);
    }

    pub(super) fn set_unsynced(&self, is_unsynced: bool) {
        self.is_unsynced.store(is_unsynced, Ordering::Relaxed);
    }

    pub(super) fn summed(&self, at: Timestamp) {
        self.summed_at_micros.store(at.as_micros(), Ordering::Relaxed);
    }

    pub(crate) fn lag_secs(&self, now: Timestamp) -> i64 {
        now.as_secs() - Timestamp::from_micros(self.summed_at_micros.load(Ordering::Relaxed)).as_secs()
    }

    /// Sets the gauges as they stand now.
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; beyond 2^53 the last digits do not matter")]
    pub(crate) fn tell(&self, now: Timestamp) {
        gauge!(LEDGER_DIFFERENCE).set(self.difference.load(Ordering::Relaxed) as f64);
        gauge!(METER_QUARANTINED).set(self.quarantined.load(Ordering::Relaxed) as f64);
        gauge!(METER_LAG).set(self.lag_secs(now).max(0) as f64);
    }

    /// What somebody should look at, in words; nothing of it keeps the portal from serving.
    pub(crate) fn alarms(&self, now: Timestamp) -> Vec<String> {
        let mut alarms = Vec::new();
        let difference = self.difference.load(Ordering::Relaxed);
        if difference != 0 {
            alarms
                .push(format!("Segments, sums and owners' pages differ by {difference} requests; see /service-level."));
        }
        let quarantined = self.quarantined.load(Ordering::Relaxed);
        if quarantined > 0 {
            alarms.push(format!("{quarantined} usage segments cannot be read; they are in `usage/quarantine`."));
        }
        if self.is_unsynced.load(Ordering::Relaxed) {
            alarms.push("Usage segments cannot be synced to the disk.".to_owned());
        }
        let lag = self.lag_secs(now);
        if lag > LAG_ALARM_SECS {
            alarms.push(format!("Usage has not been summed for {lag} s."));
        }
        alarms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_is_told_until_it_is_over() {
        let status = LedgerStatus::default();
        let now = Timestamp::now();
        status.summed(now);
        assert!(status.alarms(now).is_empty());
        status.set_difference(3);
        status.set_quarantined(1);
        status.set_unsynced(true);
        assert_eq!(status.alarms(now.plus_secs(LAG_ALARM_SECS + 1)).len(), 4);
        status.set_difference(0);
        status.set_quarantined(0);
        status.set_unsynced(false);
        assert!(status.alarms(now.plus_secs(LAG_ALARM_SECS)).is_empty());
    }
}
