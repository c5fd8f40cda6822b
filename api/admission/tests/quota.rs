//! Quotas: exact, per UTC window, whatever the clock and the store do.

#![allow(clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;

use common::{DAY, MIDNIGHT, at, call, node, policy, set_quota, spend_all, stamp, tariff};
use fairground_admission::{Decision, MemoryStore, Party, RefusalReason, emergency_allowance};
use fairground_domain::{OperationClass, Tariff};

const ANNA: Party = Party::application(1);
const NOON: i64 = MIDNIGHT + 43_200;

fn refusal(decision: Decision) -> fairground_admission::Refusal {
    match decision {
        Decision::Refused(refusal) => refusal,
        Decision::Admitted(standing) => panic!("admitted: {}", standing.limit_field()),
    }
}

#[test]
fn a_quota_admits_exactly_itself() {
    for quota in [1, 2, 3, 10, 99, 100, 101, 1_000, 12_345] {
        let store = Arc::new(MemoryStore::new());
        let node = node(&tariff(quota), &store);
        assert_eq!(spend_all(&node, ANNA, at(NOON), quota + 50), quota, "quota {quota}");
        assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), quota);
    }
}

#[test]
fn keyless_callers_are_counted_here_and_the_store_never_hears_of_them() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&tariff(25), &store);
    assert_eq!(spend_all(&node, Party::keyless(9), at(NOON), 60), 25);
    assert_eq!(spend_all(&node, Party::keyless(8), at(NOON), 60), 25, "each address on its own");
    assert!(!store.knows_keyless_parties());
}

#[test]
fn a_call_costs_what_its_class_costs_and_a_denied_call_costs_nothing() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&tariff(25), &store);
    for _ in 0..2 {
        let decision = call(&node, "open", OperationClass::Export, ANNA, at(NOON));
        assert!(matches!(decision, Decision::Admitted(standing) if standing.units() == 10));
    }
    for _ in 0..5 {
        let refused = refusal(call(&node, "open", OperationClass::Export, ANNA, at(NOON)));
        assert_eq!(refused.reason(), RefusalReason::QuotaExceeded);
        assert_eq!(refused.violated_policies(), ["open-day"]);
    }
    assert_eq!(spend_all(&node, ANNA, at(NOON), 10), 5, "what a heavy call cannot use, light ones can");
}

#[test]
fn every_quota_of_a_class_must_cover_the_call() {
    let mut terms = tariff(1_000);
    let open = terms.plans.iter_mut().find(|plan| plan.id.as_str() == "open").expect("open");
    open.quotas.push(policy("open-hour", 7, 3_600));
    let store = Arc::new(MemoryStore::new());
    let node = node(&terms, &store);
    assert_eq!(spend_all(&node, ANNA, at(NOON), 20), 7);
    let refused = refusal(call(&node, "open", OperationClass::Catalogue, ANNA, at(NOON)));
    assert_eq!(refused.violated_policies(), ["open-hour"]);
    assert_eq!(spend_all(&node, ANNA, at(NOON + 3_600), 20), 7, "the hour turns, the day goes on");
    node.release_all();
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 14);
}

#[test]
fn the_window_turns_at_utc_midnight() {
    let store = Arc::new(MemoryStore::new());
    for party in [ANNA, Party::keyless(3)] {
        let node = node(&tariff(5), &store);
        assert_eq!(spend_all(&node, party, at(MIDNIGHT + 86_399), 9), 5);
        let refused = refusal(call(&node, "open", OperationClass::Catalogue, party, at(MIDNIGHT + 86_399)));
        assert!((1..=6).contains(&refused.retry_after_secs()), "a second, and the jitter");
        assert_eq!(spend_all(&node, party, at(MIDNIGHT + 86_400), 9), 5);
    }
}

#[test]
fn a_clock_that_steps_back_neither_refills_nor_robs() {
    for party in [ANNA, Party::keyless(3)] {
        let store = Arc::new(MemoryStore::new());
        let node = node(&tariff(10), &store);
        let (late, early) = (MIDNIGHT + 86_400 - 3_600, MIDNIGHT + 86_400 + 3_600);
        assert_eq!(spend_all(&node, party, at(late), 4), 4);
        assert_eq!(spend_all(&node, party, at(early), 3), 3, "a step forward opens the next day");
        assert_eq!(spend_all(&node, party, at(late), 20), 6, "back again, the old day is as it was left");
        assert_eq!(spend_all(&node, party, at(early), 20), 7, "and so is the next one");
        assert_eq!(spend_all(&node, party, at(MIDNIGHT - 86_400 * 3), 20), 0, "an older day does not open again");
    }
}

#[test]
fn a_new_tariff_keeps_what_is_used() {
    for party in [ANNA, Party::keyless(3)] {
        let store = Arc::new(MemoryStore::new());
        let node = node(&tariff(100), &store);
        let before = node.plan("open");
        assert_eq!(spend_all(&node, party, at(NOON), 60), 60);
        let mut better = tariff(100);
        better.version = 2;
        better.plans.reverse();
        better.plans.iter_mut().for_each(|plan| set_quota(plan, 150));
        node.replace_tariff(&better);
        assert_eq!(node.plan("open"), before, "handles outlive the tariff");
        assert_eq!(spend_all(&node, party, at(NOON), 500), 90);
    }
}

#[test]
fn a_quota_that_was_raised_after_it_was_spent_opens_at_once() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&tariff(10), &store);
    assert_eq!(spend_all(&node, ANNA, at(NOON), 50), 10);
    node.replace_tariff(&tariff(12));
    assert_eq!(spend_all(&node, ANNA, at(NOON), 50), 2);
}

#[test]
fn a_plan_that_is_gone_and_a_class_not_offered_are_refused_without_retry() {
    let store = Arc::new(MemoryStore::new());
    let mut terms = tariff(10);
    let gate = node(&terms, &store);
    let open = gate.plan("open").expect("open");
    terms.plans.retain(|plan| plan.id.as_str() != "open");
    terms.plans[0].rates.remove(&OperationClass::Gateway);
    gate.replace_tariff(&terms);
    assert_eq!(gate.plan("open"), None);
    for (plan, class) in [(Some(open), OperationClass::Rows), (gate.plan("keyless"), OperationClass::Gateway)] {
        let refused = refusal(common::block_on(gate.admit(plan.expect("known"), class, ANNA, at(NOON))));
        assert_eq!(refused.reason(), RefusalReason::NotOffered);
        assert_eq!((refused.retry_after_secs(), refused.policy_field(), refused.limit_field()), (0, None, None));
    }
}

#[test]
fn an_outage_over_admits_by_the_published_allowance_and_is_exact_when_it_is_over() {
    for quota in [1, 5, 50, 1_000, 50_000] {
        let store = Arc::new(MemoryStore::new());
        let node = node(&tariff(quota), &store);
        store.set_reachable(false);
        assert_eq!(spend_all(&node, ANNA, at(NOON), quota), emergency_allowance(quota), "quota {quota}");
        assert!(node.is_store_unreachable());
        if emergency_allowance(quota) < quota {
            let refused = refusal(call(&node, "open", OperationClass::Catalogue, ANNA, at(NOON)));
            assert_eq!(refused.reason(), RefusalReason::StoreUnreachable);
        }
        store.set_reachable(true);
        let rest = spend_all(&node, ANNA, at(NOON + 2), quota * 2);
        let rest = rest + spend_all(&node, ANNA, at(NOON + 3), quota * 2);
        assert!(!node.is_store_unreachable());
        assert_eq!(emergency_allowance(quota) + rest, quota, "quota {quota}: the debt is settled");
        assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), quota);
    }
}

#[test]
fn a_debt_is_settled_by_the_sweep_although_the_party_does_not_call_again() {
    let store = Arc::new(MemoryStore::new());
    let (one, other) = (node(&tariff(1_000), &store), node(&tariff(1_000), &store));
    store.set_reachable(false);
    assert_eq!(spend_all(&one, ANNA, at(NOON), 2_000), 10);
    one.sweep(at(NOON + 60));
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 0, "still out of reach");
    store.set_reachable(true);
    one.sweep(at(NOON + 120));
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 10);
    assert_eq!(spend_all(&other, ANNA, at(NOON + 120), 2_000), 990);
}

#[test]
fn what_is_leased_is_spent_during_an_outage_before_the_allowance() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&tariff(10_000), &store);
    assert_eq!(spend_all(&node, ANNA, at(NOON), 300), 300);
    let leased = store.used(ANNA, "open-day", MIDNIGHT, DAY);
    store.set_reachable(false);
    assert_eq!(spend_all(&node, ANNA, at(NOON), 10_000), leased - 300 + emergency_allowance(10_000));
}

#[test]
fn a_party_known_to_have_spent_its_quota_gets_no_allowance() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&tariff(20), &store);
    assert_eq!(spend_all(&node, ANNA, at(NOON), 50), 20);
    store.set_reachable(false);
    assert_eq!(spend_all(&node, ANNA, at(NOON + 60), 50), 0);
}

#[test]
fn unspent_leases_go_back_at_shutdown_and_when_idle() {
    let store = Arc::new(MemoryStore::new());
    let (one, other) = (node(&tariff(10_000), &store), node(&tariff(10_000), &store));
    assert_eq!(spend_all(&one, ANNA, at(NOON), 42), 42);
    assert_eq!(spend_all(&other, ANNA, at(NOON), 10), 10);
    assert!(store.used(ANNA, "open-day", MIDNIGHT, DAY) > 52);
    assert!(one.release_all() > 0);
    let report = other.sweep(at(NOON + 301));
    assert!(report.units_returned > 0);
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 52);
    assert_eq!(spend_all(&one, ANNA, at(NOON + 301), 20_000), 9_948, "and can be spent elsewhere");
}

#[test]
fn units_given_back_by_another_node_are_found_again() {
    let store = Arc::new(MemoryStore::new());
    let (one, other) = (node(&tariff(100), &store), node(&tariff(100), &store));
    let plan = other.plan("open").expect("open");
    assert!(common::block_on(other.admit(plan, OperationClass::Export, ANNA, at(NOON))).is_admitted());
    let first = spend_all(&one, ANNA, at(NOON), 200);
    other.release_all();
    let second = (1..=3).map(|step| spend_all(&one, ANNA, at(NOON + step * 5), 200)).sum::<u64>();
    assert_eq!(first + second, 90);
}

#[test]
fn the_default_tariff_is_enforced_as_published() {
    let store = Arc::new(MemoryStore::new());
    let node = node(&Tariff::default_at(stamp(MIDNIGHT)), &store);
    let Decision::Admitted(standing) = call(&node, "open", OperationClass::Rows, ANNA, at(NOON)) else {
        panic!("refused")
    };
    assert_eq!(
        standing.policy_field(),
        concat!(
            r#""open-rows-rate";q=5000;w=5, "open-day";q=5000000;w=86400;fairground-unit="cost", "#,
            r#""open-rows-at-once";q=512;qu="concurrent-requests""#
        )
    );
    assert_eq!(standing.limit_field(), r#""open-rows-rate";r=4999;t=1, "open-day";r=4999999;t=43200"#);
    assert_eq!(standing.remaining_units(), Some(4_999_999));
}

#[test]
fn a_refusal_shows_what_is_violated_and_when_to_come_back() {
    let store = Arc::new(MemoryStore::new());
    let gate = node(&Tariff::default_at(stamp(MIDNIGHT)), &store);
    let plan = gate.plan("starter").expect("starter");
    let refused = common::block_on(async {
        for _ in 0..20 {
            assert!(gate.admit(plan, OperationClass::Export, ANNA, at(NOON)).await.is_admitted());
        }
        refusal(gate.admit(plan, OperationClass::Export, ANNA, at(NOON)).await)
    });
    assert_eq!(refused.reason(), RefusalReason::RateExceeded);
    assert_eq!(refused.violated_policies(), ["starter-export-rate"]);
    assert_eq!(refused.limit_field().as_deref(), Some(r#""starter-export-rate";r=0;t=1"#));
    assert_eq!(refused.retry_after_secs(), 1);
    assert!(refused.policy_field().is_some_and(|field| field.contains(r#""starter-day";q=100000;w=86400"#)));

    let gate = node(&tariff(1), &store);
    assert_eq!(spend_all(&gate, Party::application(2), at(NOON), 9), 1);
    let refused = refusal(call(&gate, "open", OperationClass::Rows, Party::application(2), at(NOON)));
    assert_eq!(refused.limit_field().as_deref(), Some(r#""open-day";r=0;t=43200"#));
    assert!((43_200..=43_205).contains(&refused.retry_after_secs()));
}
