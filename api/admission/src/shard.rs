//! Where parties are remembered: in shards, each under its own lock and each bounded.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use fairground_domain::RateLimit;

use crate::budget::{Budget, IDLE_LEASE_SECS};
use crate::call::Outbox;
use crate::clock::Moment;
use crate::party::Party;
use crate::permit::UnderWay;
use crate::rate::{Arrival, Rate};
use crate::store::LeaseRequest;
use crate::terms::{CLASSES, PolicyRef, QuotaTerms};

/// How many shards there are; a power of two.
pub(crate) const SHARDS: usize = 64;
/// A full shard makes this part of its room free at once, so that the scan pays off.
const EVICTED_SHARE: usize = 8;
/// An application that has not called for so long is forgotten; the store remembers its use.
const FORGOTTEN_AFTER_SECS: i64 = 3_600;
pub(crate) const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A party's refusals beyond this rate are held back, so that whoever does not wait cannot keep us busy with saying no.
pub const REFUSALS_PER_SEC: u32 = 1_000;
/// So many refusals may come at once before any is held back.
pub const REFUSALS_AT_ONCE: u32 = 1_000;
/// A refusal is held back for so long at most.
pub const REFUSAL_HELD_AT_MOST: Duration = Duration::from_secs(1);

/// All that is remembered of a party.
#[derive(Debug)]
pub(crate) struct PartyState {
    pub(crate) rates: [Arrival; CLASSES],
    refusals: Arrival,
    /// By the steady clock.
    last_seen: i64,
    pub(crate) budgets: Vec<Budget>,
    pub(crate) under_way: Arc<UnderWay>,
}

/// Units to give back.
pub(crate) type Returned = (LeaseRequest, u64);

#[derive(Debug, Default)]
pub(crate) struct Shard {
    applications: HashMap<Party, PartyState>,
    keyless: HashMap<Party, PartyState>,
}

impl PartyState {
    fn new(now: i64) -> Self {
        Self {
            rates: [Arrival::default(); CLASSES],
            refusals: Arrival::default(),
            last_seen: now,
            budgets: Vec::new(),
            under_way: Arc::default(),
        }
    }

    /// The moment to reckon with: by the steady clock never before the last one, for threads read it in another order.
    pub(crate) fn moment(&mut self, now: Moment) -> Moment {
        self.last_seen = self.last_seen.max(now.steady_nanos());
        now.steady_at(self.last_seen)
    }

    /// Counts a refusal, and says for how long it should be held back.
    pub(crate) fn hold_refusal(&mut self, now: Moment) -> Duration {
        let rate = Rate::new(RateLimit { per_second: REFUSALS_PER_SEC, burst: REFUSALS_AT_ONCE });
        let at_most = i64::try_from(REFUSAL_HELD_AT_MOST.as_nanos()).unwrap_or(i64::MAX);
        let (next, held) = rate.delay(self.refusals, now.steady_nanos(), at_most);
        self.refusals = next;
        Duration::from_nanos(held.unsigned_abs())
    }

    /// Brings the party's budget under `terms` to the window that holds `now`; what the window before left unspent is
    /// `returned`.
    pub(crate) fn open_budget(&mut self, terms: &QuotaTerms, party: Party, now: Moment, returned: &mut Vec<Returned>) {
        let Some(budget) = self.budget(terms.policy) else {
            let mut budget = Budget::new(terms, now);
            if party.is_keyless() {
                budget.lease_locally(terms.quota);
            }
            self.budgets.push(budget);
            return;
        };
        let unspent = budget.turn(terms.quota, now, !party.is_keyless());
        if party.is_keyless() {
            budget.lease_locally(terms.quota);
        } else if let Some(unspent) = unspent {
            returned.push((budget.request(party, unspent.window_start, 0, 0), unspent.units));
        }
    }

    pub(crate) fn budget(&mut self, policy: PolicyRef) -> Option<&mut Budget> {
        self.budgets.iter_mut().find(|budget| budget.policy == policy)
    }

    fn spent(&self) -> u64 {
        self.budgets.iter().map(Budget::spent).fold(0, u64::saturating_add)
    }

    fn is_at_rest(&self, now: i64) -> bool {
        self.rates.iter().chain([&self.refusals]).all(|rate| rate.is_idle(now)) && !self.has_calls()
    }

    /// Whether a call of the party is under way.
    fn has_calls(&self) -> bool {
        Arc::strong_count(&self.under_way) > 1
    }

    fn silent_secs(&self, now: i64) -> i64 {
        now.saturating_sub(self.last_seen) / NANOS_PER_SEC
    }

    fn is_waited_for(&self) -> bool {
        self.budgets.iter().any(|budget| budget.pending.is_some())
    }
}

impl Shard {
    pub(crate) fn find(&mut self, party: Party) -> Option<&mut PartyState> {
        if party.is_keyless() { self.keyless.get_mut(&party) } else { self.applications.get_mut(&party) }
    }

    /// The party's state; for a new one, room is made if the shard is full. What the evicted had leased is `returned`.
    pub(crate) fn find_or_insert(
        &mut self,
        party: Party,
        now: Moment,
        caps: Caps,
        returned: &mut Vec<Returned>,
    ) -> &mut PartyState {
        let steady = now.steady_nanos();
        if party.is_keyless() {
            if self.keyless.len() >= caps.keyless && !self.keyless.contains_key(&party) {
                make_room_among_keyless(&mut self.keyless, now, caps.keyless);
            }
            return self.keyless.entry(party).or_insert_with(|| PartyState::new(steady));
        }
        if self.applications.len() >= caps.applications && !self.applications.contains_key(&party) {
            make_room_among_applications(&mut self.applications, caps.applications, returned);
        }
        self.applications.entry(party).or_insert_with(|| PartyState::new(steady))
    }

    /// Forgets what carries no information, collects idle leases and, for a store that `may_ask`, the debts of an
    /// outage; returns how many parties it forgot.
    pub(crate) fn sweep(&mut self, now: Moment, may_ask: bool, outbox: &mut Outbox) -> usize {
        let before = self.len();
        let steady = now.steady_nanos();
        self.keyless.retain(|_, state| !is_void(state, now));
        self.applications.retain(|party, state| {
            if may_ask && state.silent_secs(steady) >= IDLE_LEASE_SECS {
                give_up(*party, state, &mut outbox.returned);
            }
            for budget in state.budgets.iter_mut().filter(|budget| may_ask && budget.owes(now)) {
                outbox.asks.push(budget.ask_for_debt(*party, now));
            }
            let owes = state.budgets.iter().any(|budget| budget.owes(now));
            let stays = state.is_waited_for() || owes || !state.is_at_rest(steady);
            stays || state.silent_secs(steady) < FORGOTTEN_AFTER_SECS
        });
        before - self.len()
    }

    /// Takes every unspent lease out.
    pub(crate) fn release(&mut self, returned: &mut Vec<Returned>) {
        for (party, state) in &mut self.applications {
            give_up(*party, state, returned);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.applications.len() + self.keyless.len()
    }
}

/// How many parties of each kind one shard remembers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) applications: usize,
    pub(crate) keyless: usize,
}

fn give_up(party: Party, state: &mut PartyState, returned: &mut Vec<Returned>) {
    for budget in &mut state.budgets {
        if let Some(unspent) = budget.give_up() {
            returned.push((budget.request(party, unspent.window_start, 0, 0), unspent.units));
        }
    }
}

/// Whether a keyless party may be forgotten without loss.
fn is_void(state: &PartyState, now: Moment) -> bool {
    state.is_at_rest(now.steady_nanos()) && state.budgets.iter().all(|budget| budget.is_over(now))
}

/// Forgets those who used least: whoever floods us with addresses loses them first, and nobody gets a spent budget
/// refilled by it.
fn make_room_among_keyless(keyless: &mut HashMap<Party, PartyState>, now: Moment, cap: usize) {
    keyless.retain(|_, state| !is_void(state, now));
    let spent = |state: &PartyState| if state.has_calls() { u64::MAX } else { state.spent() };
    evict(keyless, cap, spent, |_, _| ());
}

/// Forgets those who have been silent longest; the store remembers what they used.
fn make_room_among_applications(
    applications: &mut HashMap<Party, PartyState>,
    cap: usize,
    returned: &mut Vec<Returned>,
) {
    let seen = |state: &PartyState| if state.has_calls() { u64::MAX } else { state.last_seen.unsigned_abs() };
    evict(applications, cap, seen, |party, state| give_up(party, state, returned));
}

/// Brings a full map down to all but one [`EVICTED_SHARE`] of its cap, lowest `worth` first.
fn evict(
    map: &mut HashMap<Party, PartyState>,
    cap: usize,
    worth: impl Fn(&PartyState) -> u64,
    mut farewell: impl FnMut(Party, &mut PartyState),
) {
    let target = cap - (cap / EVICTED_SHARE).max(1).min(cap);
    let Some(excess) = map.len().checked_sub(target).filter(|excess| *excess > 0) else { return };
    let mut worths: Vec<u64> = map.values().map(&worth).collect();
    let (_, threshold, _) = worths.select_nth_unstable(excess - 1);
    let threshold = *threshold;
    let below = map.values().filter(|state| worth(state) < threshold).count();
    let mut ties = excess - below;
    map.retain(|party, state| {
        let value = worth(state);
        let tie = value == threshold && ties > 0;
        if tie {
            ties -= 1;
        }
        let goes = value < threshold || tie;
        if goes {
            farewell(*party, state);
        }
        !goes
    });
}
