//! Nobody has a limit of their own: what is decided about a call follows from plan, class, load and time, and from nothing
//! that the engine could know about a party.
//!
//! That nothing else can even be said to the engine is a matter of types: the examples in the crate's documentation show
//! what does not compile. Here random parties bring the same load under random tariffs, and must fare alike.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{DAY, MIDNIGHT, block_on, node, stamp};
use fairground_admission::{Admission, Decision, MemoryStore, Moment, Party, Permit};
use fairground_domain::{OperationClass, Plan, QuotaPolicy, QuotaUnit, RateLimit, Tariff, Timestamp};
use proptest::prelude::*;

/// One step of a load.
#[derive(Debug, Clone)]
enum Act {
    /// A call that is over at once, or goes on.
    Call { class: OperationClass, goes_on: bool },
    /// A call that turns out to cost more.
    Charge { class: OperationClass, units: u32 },
    /// The call that has been going on for longest ends.
    End,
    /// Time passes.
    Wait { millis: u64 },
}

fn class() -> impl Strategy<Value = OperationClass> {
    prop::sample::select(OperationClass::ALL.to_vec())
}

fn load() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        20 => (class(), any::<bool>()).prop_map(|(class, goes_on)| Act::Call { class, goes_on }),
        2 => (class(), 0_u32..40).prop_map(|(class, units)| Act::Charge { class, units }),
        4 => Just(Act::End),
        4 => (0_u64..2_000).prop_map(|millis| Act::Wait { millis }),
        1 => (0_u64..100_000_000).prop_map(|millis| Act::Wait { millis }),
    ];
    prop::collection::vec(act, 1..150)
}

/// The default tariff with limits so low that a load of some dozen calls meets each of them.
fn tariff() -> impl Strategy<Value = Tariff> {
    let plan = (
        prop::collection::vec((1_u32..20, 1_u32..20, 1_u32..6), OperationClass::ALL.len()),
        1_u64..200,
        prop::sample::select(vec![60, 3_600, DAY]),
    );
    prop::collection::vec(plan, 4).prop_map(|plans| {
        let mut tariff = Tariff::default_at(stamp(MIDNIGHT));
        for (plan, (limits, quota, window_secs)) in tariff.plans.iter_mut().zip(plans) {
            set_limits(plan, &limits, quota, window_secs);
        }
        tariff
    })
}

fn set_limits(plan: &mut Plan, limits: &[(u32, u32, u32)], quota: u64, window_secs: u64) {
    for (class, (per_second, burst, at_once)) in OperationClass::ALL.into_iter().zip(limits) {
        plan.rates.insert(class, RateLimit { per_second: *per_second, burst: *burst });
        plan.concurrency.insert(class, *at_once);
    }
    plan.quotas = vec![QuotaPolicy {
        name: format!("{}-window", plan.id),
        quota,
        unit: QuotaUnit::Units,
        window_secs,
        classes: OperationClass::ALL.to_vec(),
    }];
}

fn moment(millis: u64) -> Moment {
    let since_1970 = u64::try_from(MIDNIGHT).expect("after 1970") * 1_000 + millis;
    let micros = i64::try_from(since_1970 * 1_000).expect("in range");
    Moment::new(Duration::from_millis(since_1970), Timestamp::from_micros(micros))
}

/// Everything that a caller can see of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    admitted: bool,
    units: u32,
    retry_after_secs: u64,
    fields: String,
    violated: Vec<String>,
    held_for: Duration,
}

/// One party on one node, with what it has under way.
struct Caller {
    party: Party,
    under_way: Vec<Permit>,
}

impl Caller {
    fn new(party: Party) -> Self {
        Self { party, under_way: Vec::new() }
    }

    /// What the party sees of a step; `None` for steps that ask nothing.
    fn step(&mut self, node: &Admission, plan: &str, act: &Act, now: Moment) -> Option<Seen> {
        let plan = node.plan(plan).expect("a plan of the tariff");
        let (decision, goes_on) = match act {
            Act::Call { class, goes_on } => (block_on(node.admit(plan, *class, self.party, now)), *goes_on),
            Act::Charge { class, units } => (block_on(node.charge(plan, *class, self.party, *units, now)), false),
            Act::End => {
                if !self.under_way.is_empty() {
                    self.under_way.remove(0);
                }
                return None;
            }
            Act::Wait { .. } => return None,
        };
        Some(match decision {
            Decision::Admitted(mut standing) => {
                let permit = standing.take_permit();
                self.under_way.extend(permit.filter(|_| goes_on));
                Seen {
                    admitted: true,
                    units: standing.units(),
                    retry_after_secs: 0,
                    fields: format!("{} {}", standing.policy_field(), standing.limit_field()),
                    violated: Vec::new(),
                    held_for: Duration::ZERO,
                }
            }
            Decision::Refused(refusal) => Seen {
                admitted: false,
                units: 0,
                retry_after_secs: refusal.retry_after_secs(),
                fields: refusal.limit_field().unwrap_or_default(),
                violated: refusal.violated_policies().into_iter().map(str::to_owned).collect(),
                held_for: refusal.held_for(),
            },
        })
    }
}

/// Two parties of one kind, and the plan that such parties are on.
fn parties() -> impl Strategy<Value = (Party, Party, &'static str)> {
    let numbers = (any::<u64>(), any::<u64>()).prop_filter("two parties", |(one, other)| one << 1 != other << 1);
    (numbers, prop::sample::select(vec!["keyless", "starter", "open", "high-volume"])).prop_map(
        |((one, other), plan)| {
            let party = if plan == "keyless" { Party::keyless } else { Party::application };
            (party(one), party(other), plan)
        },
    )
}

fn play(tariff: &Tariff, party: Party, plan: &str, load: &[Act]) -> Vec<Seen> {
    let node = node(tariff, &Arc::new(MemoryStore::new()));
    let (mut caller, mut millis, mut seen) = (Caller::new(party), 0, Vec::new());
    for act in load {
        if let Act::Wait { millis: more } = act {
            millis += more;
        }
        seen.extend(caller.step(&node, plan, act, moment(millis)));
    }
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// The same load, each party on a node of its own: every decision is the same, to the last header.
    #[test]
    fn whoever_brings_the_same_load_fares_the_same((one, other, plan) in parties(), tariff in tariff(), load in load()) {
        prop_assert_eq!(play(&tariff, one, plan, &load), play(&tariff, other, plan, &load));
    }

    /// The same load at the same moments on one node, beside each other and beside a third party with a load of its own:
    /// what one does takes nothing from the other.
    #[test]
    fn parties_beside_each_other_fare_as_if_alone(
        (one, other, plan) in parties(),
        stranger in any::<u64>(),
        tariff in tariff(),
        load in load(),
    ) {
        let stranger = if plan == "keyless" { Party::keyless(stranger) } else { Party::application(stranger) };
        prop_assume!(stranger != one && stranger != other);
        let node = node(&tariff, &Arc::new(MemoryStore::new()));
        let mut callers = [Caller::new(one), Caller::new(other)];
        let mut crowd = Caller::new(stranger);
        let (mut millis, mut seen) = (0, [Vec::new(), Vec::new()]);
        for (place, act) in load.iter().enumerate() {
            if let Act::Wait { millis: more } = act {
                millis += more;
            }
            if place % 3 == 0 {
                crowd.step(&node, plan, act, moment(millis));
            }
            for (caller, seen) in callers.iter_mut().zip(&mut seen) {
                seen.extend(caller.step(&node, plan, act, moment(millis)));
            }
        }
        let alone = play(&tariff, one, plan, &load);
        prop_assert_eq!(&seen[0], &alone);
        prop_assert_eq!(&seen[1], &alone);
    }

    /// Two plans with the same limits are the same to a caller, apart from their names.
    #[test]
    fn a_plan_is_its_limits_and_nothing_else(
        number in any::<u64>(),
        tariff in tariff(),
        load in load(),
    ) {
        let mut twins = tariff;
        let open = twins.plan("open").expect("a plan").clone();
        for plan in &mut twins.plans {
            (plan.rates, plan.concurrency) = (open.rates.clone(), open.concurrency.clone());
            let names: Vec<String> = plan.quotas.iter().map(|quota| quota.name.clone()).collect();
            plan.quotas = open.quotas.clone();
            for (quota, name) in plan.quotas.iter_mut().zip(names) {
                quota.name = name;
            }
        }
        let party = Party::application(number);
        let bare = |plan: &str| -> Vec<(bool, u32, u64)> {
            let seen = play(&twins, party, plan, &load);
            seen.iter().map(|seen| (seen.admitted, seen.units, seen.retry_after_secs)).collect()
        };
        prop_assert_eq!(bare("open"), bare("starter"));
        prop_assert_eq!(bare("open"), bare("high-volume"));
    }
}
