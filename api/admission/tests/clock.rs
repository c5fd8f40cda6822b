//! Clocks that are set, stores that know better, windows that turn: nobody gains and nobody loses.

#![allow(clippy::panic, reason = "tests")]

mod common;

use std::sync::Arc;

use common::{DAY, MIDNIGHT, at, at_by, call, node, policy, spend_all, tariff};
use fairground_admission::{MemoryStore, Party};
use fairground_domain::{OperationClass, RateLimit, Tariff};
use proptest::prelude::*;

const ANNA: Party = Party::application(1);
const HOUR: i64 = 3_600;
const KINDS: [Party; 2] = [ANNA, Party::keyless(3)];

fn slow(quota: u64) -> Tariff {
    let mut terms = tariff(quota);
    for plan in &mut terms.plans {
        plan.rates.values_mut().for_each(|rate| *rate = RateLimit { per_second: 1, burst: 5 });
    }
    terms
}

#[test]
fn a_wall_clock_that_is_set_moves_no_rate() {
    for party in KINDS {
        for step in [2 * HOUR, -2 * HOUR, 1, -1, 40 * 86_400] {
            let node = node(&slow(1_000), &Arc::new(MemoryStore::new()));
            let now = MIDNIGHT + 12 * HOUR;
            assert_eq!(spend_all(&node, party, at(now), 9), 5);
            assert_eq!(spend_all(&node, party, at_by(now, now + step), 9), 0, "no refill by {step} s");
            assert_eq!(spend_all(&node, party, at_by(now + 3, now + step + 3), 9), 3, "and no loss");
        }
    }
}

/// Every hour holds its quota once, however often the clock passes through it.
#[test]
fn hours_are_not_refilled_by_a_clock_that_is_set_to_and_fro() {
    let mut terms = tariff(1_000_000);
    for plan in &mut terms.plans {
        plan.quotas = vec![policy("hour", 10, 3_600)];
    }
    for party in KINDS {
        let node = node(&terms, &Arc::new(MemoryStore::new()));
        let noon = MIDNIGHT + 12 * HOUR;
        let spent: Vec<u64> = [0, 2, 0, 1, 2, 1, 3, 2, 3, 4]
            .into_iter()
            .enumerate()
            .map(|(step, hour)| {
                let steady = noon + i64::try_from(step).expect("small");
                spend_all(&node, party, at_by(steady, noon + hour * HOUR), 99)
            })
            .collect();
        assert_eq!(spent, [10, 10, 0, 10, 0, 0, 10, 0, 0, 10], "{party:?}");
    }
}

#[test]
fn an_hour_from_before_all_that_is_remembered_does_not_open_again() {
    let mut terms = tariff(1_000_000);
    for plan in &mut terms.plans {
        plan.quotas = vec![policy("hour", 10, 3_600)];
    }
    let node = node(&terms, &Arc::new(MemoryStore::new()));
    for hour in 0..10 {
        assert_eq!(spend_all(&node, KINDS[1], at(MIDNIGHT + hour * HOUR), 99), 10);
    }
    assert_eq!(spend_all(&node, KINDS[1], at_by(MIDNIGHT + 10 * HOUR, MIDNIGHT), 99), 0);
}

#[test]
fn a_node_that_starts_again_goes_on_where_the_store_stands() {
    let store = Arc::new(MemoryStore::new());
    let mut spent = 0;
    for start in 0..20 {
        let node = node(&tariff(1_000), &store);
        spent += spend_all(&node, ANNA, at(MIDNIGHT + start), 30);
        node.release_all();
    }
    assert_eq!((spent, store.used(ANNA, "open-day", MIDNIGHT, DAY)), (600, 600), "nothing doubled, nothing lost");
    // Killed instead: what was leased and not spent is gone until the window turns, at most a hundredth each time.
    for start in 20..25 {
        spent += spend_all(&node(&tariff(1_000), &store), ANNA, at(MIDNIGHT + start), 30);
    }
    let used = store.used(ANNA, "open-day", MIDNIGHT, DAY);
    assert!(used >= spent && used <= spent + 5 * 1_000 / fairground_admission::LEASE_SHARE, "{used} for {spent}");
}

#[test]
fn the_stores_clock_says_which_window_it_is_for_all_nodes() {
    let store = Arc::new(MemoryStore::new());
    let evening = MIDNIGHT + 23 * HOUR;
    store.set_clock(evening);
    let nodes = [0, 2 * HOUR, -2 * HOUR].map(|wrong| (node(&tariff(900), &store), wrong));
    let one_each = |secs: i64| {
        for (node, wrong) in &nodes {
            assert!(call(node, "open", OperationClass::Catalogue, ANNA, at_by(secs, secs + wrong)).is_admitted());
        }
    };
    // The first call of a node finds the store's clock out.
    one_each(evening);
    one_each(evening + 1);
    let in_a_wrong_window = store.used(ANNA, "open-day", MIDNIGHT + 86_400, DAY);
    let spent: u64 =
        nodes.iter().map(|(node, wrong)| spend_all(node, ANNA, at_by(evening + 2, evening + 2 + wrong), 5_000)).sum();
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT, DAY), 900);
    assert!((893..=900).contains(&(spent + 6)), "{spent}");
    assert_eq!(store.used(ANNA, "open-day", MIDNIGHT + 86_400, DAY), in_a_wrong_window, "no node is in tomorrow");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Steps of up to two hours either way, at any time: no day ever gives more than its quota, and a clock that stays
    /// right afterwards gives the next day whole.
    #[test]
    fn no_series_of_steps_gives_a_day_twice(
        steps in prop::collection::vec((0_i64..4 * HOUR, -2 * HOUR..=2 * HOUR, 0_u64..40), 1..40),
        keyless in any::<bool>(),
    ) {
        let party = KINDS[usize::from(keyless)];
        let node = node(&tariff(50), &Arc::new(MemoryStore::new()));
        let mut steady = MIDNIGHT;
        let mut by_day = std::collections::HashMap::<i64, u64>::new();
        for (pause, wrong, calls) in steps {
            steady += pause;
            let wall = steady + wrong;
            let spent = spend_all(&node, party, at_by(steady, wall), calls);
            *by_day.entry(wall.div_euclid(86_400)).or_default() += spent;
        }
        for (day, spent) in &by_day {
            prop_assert!(*spent <= 50, "day {day}: {spent}");
        }
        let next = (steady.div_euclid(86_400) + 2) * 86_400;
        prop_assert_eq!(spend_all(&node, party, at(next), 99), 50);
    }
}
