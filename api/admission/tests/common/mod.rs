//! A small tariff, a stopped clock, and a way to run `admit` without a runtime.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::sync::Arc;
use std::time::Duration;

use fairground_admission::{Admission, AdmissionSettings, Decision, MemoryStore, Moment, Party, QuotaStore};
use fairground_domain::{OperationClass, Plan, QuotaPolicy, RateLimit, Tariff, Timestamp};

pub const DAY: u64 = 86_400;
/// 2026-03-01T00:00:00Z.
pub const MIDNIGHT: i64 = 1_772_323_200;

/// That second, by clocks that nobody sets.
pub fn at(secs: i64) -> Moment {
    at_by(secs, secs)
}

/// That second by the steady clock, while the wall clock says something else.
pub fn at_by(steady_secs: i64, wall_secs: i64) -> Moment {
    Moment::new(Duration::from_secs(steady_secs.unsigned_abs()), stamp(wall_secs))
}

pub fn stamp(secs: i64) -> Timestamp {
    Timestamp::from_micros(secs * 1_000_000)
}

/// The default tariff, with `open` holding `quota` units a day at a rate that no test meets by accident.
pub fn tariff(quota: u64) -> Tariff {
    let mut tariff = Tariff::default_at(stamp(MIDNIGHT));
    for plan in &mut tariff.plans {
        for rate in plan.rates.values_mut() {
            *rate = RateLimit { per_second: 1_000_000, burst: 1_000_000 };
        }
        set_quota(plan, quota);
    }
    tariff
}

pub fn set_quota(plan: &mut Plan, quota: u64) {
    for policy in &mut plan.quotas {
        policy.quota = quota;
    }
}

pub fn policy(name: &str, quota: u64, window_secs: u64) -> QuotaPolicy {
    QuotaPolicy {
        name: name.to_owned(),
        quota,
        unit: fairground_domain::QuotaUnit::Units,
        window_secs,
        classes: OperationClass::ALL.to_vec(),
    }
}

/// A node whose errands to the store run in the calling thread: every test is deterministic.
pub fn node(tariff: &Tariff, store: &Arc<MemoryStore>) -> Admission {
    node_with(tariff, Arc::clone(store) as Arc<dyn QuotaStore>, 0)
}

pub fn node_with(tariff: &Tariff, store: Arc<dyn QuotaStore>, store_threads: usize) -> Admission {
    node_that_waits(tariff, store, store_threads, Duration::from_millis(50))
}

/// A node that waits for the store so long before it counts as out of reach.
pub fn node_that_waits(
    tariff: &Tariff,
    store: Arc<dyn QuotaStore>,
    store_threads: usize,
    store_wait: Duration,
) -> Admission {
    Admission::new(tariff, store, AdmissionSettings { store_threads, store_wait, ..AdmissionSettings::default() })
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(future)
}

pub fn call(node: &Admission, plan: &str, class: OperationClass, party: Party, now: Moment) -> Decision {
    let plan = node.plan(plan).expect("a plan of the tariff");
    block_on(node.admit(plan, class, party, now))
}

/// Calls of class catalogue (1 unit) until one is refused; how many were admitted.
pub fn spend_all(node: &Admission, party: Party, now: Moment, at_most: u64) -> u64 {
    let plan = node.plan("open").expect("a plan of the tariff");
    block_on(async {
        for admitted in 0..at_most {
            if !node.admit(plan, OperationClass::Catalogue, party, now).await.is_admitted() {
                return admitted;
            }
        }
        at_most
    })
}
