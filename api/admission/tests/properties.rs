//! What holds for all tariffs, parties and interleavings.

mod common;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use common::{MIDNIGHT, at, block_on, node, node_that_waits, stamp, tariff};
use fairground_admission::{Admission, Decision, MemoryStore, Moment, Party, QuotaStore, emergency_allowance};
use fairground_domain::{OperationClass, RateLimit, Tariff};
use proptest::prelude::*;

/// What a caller can see of a decision.
fn seen(decision: &Decision) -> (bool, u64, String) {
    match decision {
        Decision::Admitted(standing) => (true, u64::from(standing.units()), standing.limit_field()),
        Decision::Refused(refusal) => (false, refusal.retry_after_secs(), refusal.limit_field().unwrap_or_default()),
    }
}

fn admit(node: &Admission, class: OperationClass, party: Party, now: Moment) -> Decision {
    block_on(node.admit(node.plan("open").expect("open"), class, party, now))
}

#[derive(Debug, Clone)]
enum Act {
    Call { node: usize, party: u64, class: OperationClass },
    Tick { secs: i64 },
    Sweep { node: usize },
    Release { node: usize },
    Outage { on: bool },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let class = (0_u8..5).prop_map(|index| OperationClass::from_index(index).expect("a class"));
    let act = prop_oneof![
        30 => (0_usize..3, 0_u64..2, class).prop_map(|(node, party, class)| Act::Call { node, party, class }),
        3 => (0_i64..400).prop_map(|secs| Act::Tick { secs }),
        1 => (0_usize..3).prop_map(|node| Act::Sweep { node }),
        1 => (0_usize..3).prop_map(|node| Act::Release { node }),
    ];
    prop::collection::vec(act, 1..250)
}

fn acts_with_outages() -> impl Strategy<Value = Vec<Act>> {
    (acts(), prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..6)).prop_map(
        |(mut acts, outages)| {
            for (place, on) in outages {
                let place = place.index(acts.len() + 1);
                acts.insert(place, Act::Outage { on });
            }
            acts
        },
    )
}

/// Plays a story on three nodes that share a store; units admitted per party, all in one window.
fn play(acts: &[Act], quota: u64) -> HashMap<u64, u64> {
    let store = Arc::new(MemoryStore::new());
    let terms = tariff(quota);
    let nodes: Vec<Admission> = (0..3).map(|_| node(&terms, &store)).collect();
    let mut now = MIDNIGHT;
    let mut admitted = HashMap::new();
    for act in acts {
        match act {
            Act::Call { node, party, class } => {
                if let Decision::Admitted(standing) = admit(&nodes[*node], *class, Party::application(*party), at(now))
                {
                    *admitted.entry(*party).or_default() += u64::from(standing.units());
                }
            }
            Act::Tick { secs } => now = (now + secs).min(MIDNIGHT + 86_399),
            Act::Sweep { node } => {
                nodes[*node].sweep(at(now));
            }
            Act::Release { node } => {
                nodes[*node].release_all();
            }
            Act::Outage { on } => store.set_reachable(!on),
        }
    }
    admitted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn several_nodes_never_admit_more_than_the_quota(acts in acts(), quota in 1_u64..300) {
        for (party, units) in play(&acts, quota) {
            prop_assert!(units <= quota, "party {party}: {units} of {quota}");
        }
    }

    #[test]
    fn outages_over_admit_by_no_more_than_each_nodes_allowance(acts in acts_with_outages(), quota in 1_u64..300) {
        for (party, units) in play(&acts, quota) {
            prop_assert!(units <= quota + 3 * emergency_allowance(quota), "party {party}: {units} of {quota}");
        }
    }

    #[test]
    fn a_decision_depends_on_plan_class_and_use_only(
        classes in prop::collection::vec((0_u8..5, 0_i64..3), 1..60),
        one in any::<u64>(),
        other in any::<u64>(),
        keyless in any::<bool>(),
        quota in 1_u64..100,
        per_second in 1_u32..5,
        burst in 1_u32..20,
    ) {
        let mut terms = tariff(quota);
        for plan in &mut terms.plans {
            plan.rates.values_mut().for_each(|rate| *rate = RateLimit { per_second, burst });
        }
        let store = Arc::new(MemoryStore::new());
        let (here, there) = (node(&terms, &store), node(&terms, &Arc::new(MemoryStore::new())));
        let party = |number| if keyless { Party::keyless(number) } else { Party::application(number) };
        let mut now = MIDNIGHT;
        for (class, wait) in classes {
            now += wait;
            let class = OperationClass::from_index(class).expect("a class");
            let decisions = [(&here, one), (&there, other)].map(|(node, number)| admit(node, class, party(number), at(now)));
            prop_assert_eq!(seen(&decisions[0]), seen(&decisions[1]));
        }
    }
}

/// Real threads that ask the store, many callers at once: still exact. The store answers, however busy the machine is, so
/// no node may take it for gone and grant its emergency allowance.
#[test]
fn callers_in_parallel_on_several_nodes_get_the_quota_and_no_more() {
    const QUOTA: u64 = 5_000;
    const WAIT: Duration = Duration::from_secs(120);
    let store: Arc<dyn QuotaStore> = Arc::new(MemoryStore::new());
    let nodes: Vec<Arc<Admission>> =
        (0..3).map(|_| Arc::new(node_that_waits(&tariff(QUOTA), Arc::clone(&store), 2, WAIT))).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().expect("runtime");
    let admitted: u64 = runtime.block_on(async {
        let mut callers = Vec::new();
        for caller in 0..12 {
            let node = Arc::clone(&nodes[caller % nodes.len()]);
            callers.push(tokio::spawn(async move {
                let plan = node.plan("open").expect("open");
                let mut admitted = 0;
                for _ in 0..1_000 {
                    let decision = node.admit(plan, OperationClass::Rows, Party::application(5), at(MIDNIGHT)).await;
                    admitted += u64::from(decision.is_admitted());
                }
                admitted
            }));
        }
        let mut sum = 0;
        for caller in callers {
            sum += caller.await.expect("a caller");
        }
        sum
    });
    assert!(admitted <= QUOTA, "{admitted}");
    assert!(admitted >= QUOTA - QUOTA / 100, "{admitted}: within 1 % of what one node admits");
}

/// One, three and ten nodes, a fresh store each, callers going round: the same total within 1 %.
#[test]
fn many_nodes_admit_what_one_would() {
    for quota in [1_000, 50_000] {
        for count in [1_usize, 3, 10] {
            let store = Arc::new(MemoryStore::new());
            let nodes: Vec<Admission> = (0..count).map(|_| node(&tariff(quota), &store)).collect();
            let plan = nodes[0].plan("open").expect("open");
            let admitted = block_on(async {
                let mut admitted = 0;
                for round in 0..quota * 2 {
                    let now = at(MIDNIGHT + i64::try_from(round / 500).expect("small"));
                    let node = &nodes[usize::try_from(round).expect("small") % count];
                    admitted += u64::from(
                        node.admit(plan, OperationClass::Rows, Party::application(5), now).await.is_admitted(),
                    );
                }
                admitted
            });
            assert!(admitted <= quota && admitted >= quota - quota / 100, "{count} nodes: {admitted} of {quota}");
        }
    }
}

#[test]
fn the_engine_is_shared_by_threads() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let admission = node(&Tariff::default_at(stamp(MIDNIGHT)), &Arc::new(MemoryStore::new()));
    is_shared(&admission);
}
