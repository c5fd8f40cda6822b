//! Memory stays bounded, whatever addresses call; a hung store holds nobody up for long.

#![allow(clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use common::{MIDNIGHT, at, block_on, node, spend_all, tariff};
use fairground_admission::{
    Admission, AdmissionSettings, Granted, LeaseRequest, MemoryStore, Party, QuotaStore, StoreUnavailable,
    emergency_allowance,
};
use fairground_domain::OperationClass;
use parking_lot::Mutex;

fn small(store: &Arc<MemoryStore>) -> Admission {
    let settings = AdmissionSettings {
        max_applications: 6_400,
        max_keyless: 6_400,
        store_threads: 0,
        ..AdmissionSettings::default()
    };
    Admission::new(&tariff(1_000), Arc::clone(store) as Arc<dyn QuotaStore>, settings)
}

fn call_once_each(node: &Admission, parties: impl Iterator<Item = Party>, now: i64) {
    let plan = node.plan("open").expect("open");
    block_on(async {
        for party in parties {
            node.admit(plan, OperationClass::Catalogue, party, at(now)).await;
        }
    });
}

#[test]
fn a_flood_of_addresses_is_bounded_and_refills_nobody() {
    let store = Arc::new(MemoryStore::new());
    let node = small(&store);
    let heavy = Party::keyless(u64::MAX / 3);
    assert_eq!(spend_all(&node, heavy, at(MIDNIGHT), 2_000), 1_000);
    call_once_each(&node, (0..100_000).map(Party::keyless), MIDNIGHT + 1);
    assert!(node.len() <= 6_400, "{}", node.len());
    assert_eq!(spend_all(&node, heavy, at(MIDNIGHT + 2), 10), 0, "the heavy user is the last to be forgotten");
    let anna = Party::application(1);
    assert_eq!(spend_all(&node, anna, at(MIDNIGHT + 2), 10), 10, "applications have room of their own");
}

#[test]
fn applications_beyond_the_cap_are_forgotten_here_and_remembered_by_the_store() {
    let store = Arc::new(MemoryStore::new());
    let node = small(&store);
    let anna = Party::application(u64::MAX / 7);
    assert_eq!(spend_all(&node, anna, at(MIDNIGHT), 400), 400);
    call_once_each(&node, (0..50_000).map(Party::application), MIDNIGHT + 1);
    assert!(node.len() <= 6_400, "{}", node.len());
    assert_eq!(spend_all(&node, anna, at(MIDNIGHT + 2), 2_000), 600);
}

#[test]
fn a_sweep_forgets_what_carries_no_information() {
    let store = Arc::new(MemoryStore::new());
    let node = small(&store);
    call_once_each(&node, (0..100).map(Party::keyless), MIDNIGHT);
    call_once_each(&node, (0..100).map(Party::application), MIDNIGHT);
    let report = node.sweep(at(MIDNIGHT + 60));
    assert_eq!((report.parties, report.forgotten), (200, 0), "use of a running window is information");
    let report = node.sweep(at(MIDNIGHT + 3_700));
    assert_eq!((report.parties, report.forgotten), (100, 100), "the store knows the applications' use");
    let report = node.sweep(at(MIDNIGHT + 86_400 + 3_600));
    assert_eq!(
        (report.parties, report.forgotten),
        (100, 0),
        "a clock set back by two hours would be in that window again"
    );
    let report = node.sweep(at(MIDNIGHT + 86_400 + 3 * 3_600));
    assert_eq!((report.parties, report.forgotten), (0, 100));
    assert!(node.is_empty());
}

/// Does not answer until it is let go.
struct HungStore {
    inner: MemoryStore,
    gate: Mutex<Receiver<()>>,
}

impl QuotaStore for HungStore {
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        // An error means that the test is over.
        let _ = self.gate.lock().recv();
        self.inner.lease(request)
    }

    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable> {
        self.inner.give_back(request, units)
    }
}

#[test]
fn a_store_that_hangs_is_waited_for_once_and_then_the_allowance_holds() {
    let (open, gate) = channel();
    let store = Arc::new(HungStore { inner: MemoryStore::new(), gate: Mutex::new(gate) });
    let node = common::node_with(&tariff(1_000), Arc::clone(&store) as Arc<dyn QuotaStore>, 1);
    let anna = Party::application(1);
    assert_eq!(spend_all(&node, anna, at(MIDNIGHT), 100), emergency_allowance(1_000));
    assert!(node.is_store_unreachable());
    drop(open);
    // The lease asked for first arrives; give its thread the time to.
    while node.is_store_unreachable() {
        std::thread::yield_now();
    }
    let rest = spend_all(&node, anna, at(MIDNIGHT + 2), 5_000);
    assert_eq!(emergency_allowance(1_000) + rest, 1_000);
}

/// Answers with a panic.
struct BrokenStore;

impl QuotaStore for BrokenStore {
    fn lease(&self, _: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        panic!("broken")
    }

    fn give_back(&self, _: &LeaseRequest, _: u64) -> Result<(), StoreUnavailable> {
        panic!("broken")
    }
}

#[test]
fn a_store_that_panics_counts_as_out_of_reach() {
    let node = common::node_with(&tariff(1_000), Arc::new(BrokenStore), 1);
    for party in [1, 2, 3].map(Party::application) {
        assert_eq!(spend_all(&node, party, at(MIDNIGHT), 100), emergency_allowance(1_000));
    }
    assert_eq!(node.release_all(), 0);
}

#[test]
fn nodes_that_come_and_go_leave_no_threads_behind() {
    let store = Arc::new(MemoryStore::new());
    for _ in 0..50 {
        drop(common::node_with(&tariff(10), Arc::clone(&store) as Arc<dyn QuotaStore>, 1));
        drop(node(&tariff(10), &store));
    }
    while Arc::strong_count(&store) > 1 {
        std::thread::yield_now();
    }
}
