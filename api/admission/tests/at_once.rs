//! Calls at once, units charged later, and refusals that are held back.

#![allow(clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{DAY, MIDNIGHT, at, block_on, call, node, spend_all, tariff};
use fairground_admission::{
    Admission, Decision, MemoryStore, Party, REFUSAL_HELD_AT_MOST, REFUSALS_AT_ONCE, REFUSALS_PER_SEC, Refusal,
    RefusalReason, Standing,
};
use fairground_domain::{OperationClass, Tariff};

const ANNA: Party = Party::application(1);

fn admitted(decision: Decision) -> Standing {
    match decision {
        Decision::Admitted(standing) => standing,
        Decision::Refused(refusal) => panic!("refused: {:?}", refusal.reason()),
    }
}

fn refused(decision: Decision) -> Refusal {
    match decision {
        Decision::Refused(refusal) => refusal,
        Decision::Admitted(standing) => panic!("admitted: {}", standing.limit_field()),
    }
}

fn with_calls_at_once(calls: u32) -> Tariff {
    let mut terms = tariff(1_000);
    for plan in &mut terms.plans {
        plan.concurrency = OperationClass::ALL.map(|class| (class, calls)).into();
    }
    terms
}

fn charge(node: &Admission, units: u32, secs: i64) -> Decision {
    block_on(node.charge(node.plan("open").expect("open"), OperationClass::Export, ANNA, units, at(secs)))
}

#[test]
fn a_party_has_so_many_calls_under_way_and_the_next_waits_for_one_to_end() {
    for party in [ANNA, Party::keyless(3)] {
        let node = node(&with_calls_at_once(3), &Arc::new(MemoryStore::new()));
        let rows = || call(&node, "open", OperationClass::Rows, party, at(MIDNIGHT));
        let mut permits: Vec<_> = (0..3).map(|_| admitted(rows()).take_permit().expect("a permit")).collect();
        let refusal = refused(rows());
        assert_eq!(refusal.reason(), RefusalReason::TooManyAtOnce);
        assert_eq!(refusal.violated_policies(), ["open-rows-at-once"]);
        assert_eq!(refusal.limit_field().as_deref(), Some(r#""open-rows-at-once";r=0;t=1"#));
        assert_eq!(refusal.retry_after_secs(), 1);
        assert!(
            call(&node, "open", OperationClass::Export, party, at(MIDNIGHT)).is_admitted(),
            "each class on its own"
        );
        assert!(call(&node, "open", OperationClass::Rows, Party::application(2), at(MIDNIGHT)).is_admitted());
        permits.pop();
        assert!(rows().is_admitted(), "one has ended");
        assert!(rows().is_admitted(), "a call whose permit nobody keeps is over at once");
        drop(permits);
    }
}

#[test]
fn a_refused_call_is_not_under_way_and_costs_nothing() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&with_calls_at_once(1), &store);
    let _permit = admitted(call(&node, "open", OperationClass::Rows, ANNA, at(MIDNIGHT))).take_permit();
    for _ in 0..50 {
        assert!(!call(&node, "open", OperationClass::Rows, ANNA, at(MIDNIGHT)).is_admitted());
    }
    node.release_all();
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 1);
}

#[test]
fn a_party_with_calls_under_way_is_not_forgotten() {
    let node = node(&with_calls_at_once(1), &Arc::new(MemoryStore::new()));
    for party in [ANNA, Party::keyless(3)] {
        let permit = admitted(call(&node, "open", OperationClass::Rows, party, at(MIDNIGHT))).take_permit();
        assert_eq!(node.sweep(at(MIDNIGHT + 10 * 86_400)).forgotten, 0);
        assert!(!call(&node, "open", OperationClass::Rows, party, at(MIDNIGHT + 10 * 86_400)).is_admitted());
        drop(permit);
        assert_eq!(node.sweep(at(MIDNIGHT + 20 * 86_400)).forgotten, 1);
    }
}

#[test]
fn heavy_work_is_charged_before_it_begins_or_refused_when_the_quota_does_not_hold_it() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&tariff(100), &store);
    let mut standing = admitted(call(&node, "open", OperationClass::Export, ANNA, at(MIDNIGHT)));
    standing.add(&admitted(charge(&node, 60, MIDNIGHT)));
    assert_eq!((standing.units(), standing.remaining_units()), (70, Some(30)));
    let refusal = refused(charge(&node, 31, MIDNIGHT));
    assert_eq!((refusal.reason(), refusal.violated_policies()), (RefusalReason::QuotaExceeded, vec!["open-day"]));
    assert_eq!(refusal.held_for(), Duration::ZERO);
    assert!(charge(&node, 30, MIDNIGHT).is_admitted());
    assert_eq!(spend_all(&node, ANNA, at(MIDNIGHT), 9), 0);
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 100);
}

#[test]
fn what_is_not_served_is_given_back_to_the_window_it_came_from() {
    for party in [ANNA, Party::keyless(3)] {
        let node = node(&tariff(10), &Arc::new(MemoryStore::new()));
        let standing = admitted(call(&node, "open", OperationClass::Export, party, at(MIDNIGHT)));
        assert_eq!(spend_all(&node, party, at(MIDNIGHT), 9), 0);
        node.refund(party, &standing);
        assert_eq!(spend_all(&node, party, at(MIDNIGHT), 20), 10);
        let standing = admitted(call(&node, "open", OperationClass::Export, party, at(MIDNIGHT + 86_400)));
        assert_eq!(spend_all(&node, party, at(MIDNIGHT + 2 * 86_400), 20), 10);
        node.refund(party, &standing);
        assert_eq!(spend_all(&node, party, at(MIDNIGHT + 2 * 86_400), 20), 0, "the window has turned");
    }
}

#[test]
fn whoever_does_not_wait_is_told_no_more_slowly() {
    let node = node(&tariff(1), &Arc::new(MemoryStore::new()));
    assert_eq!(spend_all(&node, ANNA, at(MIDNIGHT), 1), 1);
    let refuse = |secs| refused(call(&node, "open", OperationClass::Catalogue, ANNA, at(secs))).held_for();
    for _ in 0..REFUSALS_AT_ONCE {
        assert_eq!(refuse(MIDNIGHT + 1), Duration::ZERO, "the first are told at once");
    }
    let mut last = Duration::ZERO;
    for _ in 0..REFUSALS_PER_SEC * 3 {
        let held = refuse(MIDNIGHT + 1);
        assert!(held >= last && held <= REFUSAL_HELD_AT_MOST, "{held:?}");
        last = held;
    }
    assert_eq!(last, REFUSAL_HELD_AT_MOST);
    assert_eq!(refuse(MIDNIGHT + 4), Duration::ZERO, "and at once again after a pause");
}
