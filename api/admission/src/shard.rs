//! Where parties are remembered: in shards, each under its own lock and each bounded.

use std::collections::HashMap;

use crate::budget::{Budget, IDLE_LEASE_SECS};
use crate::call::Outbox;
use crate::party::Party;
use crate::rate::Arrival;
use crate::store::LeaseRequest;
use crate::terms::{CLASSES, PolicyRef, QuotaTerms};

/// How many shards there are; a power of two.
pub(crate) const SHARDS: usize = 64;
/// A clock that runs back by less is taken for threads that read it in another order: time stands still so long.
const STEP_TOLERANCE_NANOS: i64 = 1_000_000_000;
/// A full shard makes this part of its room free at once, so that the scan pays off.
const EVICTED_SHARE: usize = 8;
/// An application that has not called for so long is forgotten; the store remembers its use.
const FORGOTTEN_AFTER_SECS: i64 = 3_600;
pub(crate) const NANOS_PER_SEC: i64 = 1_000_000_000;

/// All that is remembered of a party.
#[derive(Debug)]
pub(crate) struct PartyState {
    pub(crate) rates: [Arrival; CLASSES],
    /// Nanoseconds since 1970.
    last_seen: i64,
    pub(crate) budgets: Vec<Budget>,
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
        Self { rates: [Arrival::default(); CLASSES], last_seen: now, budgets: Vec::new() }
    }

    /// The moment to reckon with: never before the last one by a little, and with the rates moved along if the clock was
    /// set back by a lot.
    pub(crate) fn moment(&mut self, now: i64) -> i64 {
        let back = self.last_seen.saturating_sub(now);
        if back > STEP_TOLERANCE_NANOS {
            for rate in &mut self.rates {
                *rate = rate.set_back(back);
            }
            self.last_seen = now;
        } else {
            self.last_seen = self.last_seen.max(now);
        }
        self.last_seen
    }

    /// Brings the party's budget under `terms` to the window that holds `now_secs`; what the window before left unspent
    /// is `returned`.
    pub(crate) fn open_budget(
        &mut self,
        terms: &QuotaTerms,
        party: Party,
        now_secs: i64,
        returned: &mut Vec<Returned>,
    ) {
        let Some(budget) = self.budget(terms.policy) else {
            let mut budget = Budget::new(terms, now_secs);
            if party.is_keyless() {
                budget.lease_locally(terms.quota);
            }
            self.budgets.push(budget);
            return;
        };
        let unspent = budget.turn(terms.quota, now_secs);
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
        self.rates.iter().all(|rate| rate.is_idle(now))
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
        now: i64,
        caps: Caps,
        returned: &mut Vec<Returned>,
    ) -> &mut PartyState {
        if party.is_keyless() {
            if self.keyless.len() >= caps.keyless && !self.keyless.contains_key(&party) {
                make_room_among_keyless(&mut self.keyless, now, caps.keyless);
            }
            return self.keyless.entry(party).or_insert_with(|| PartyState::new(now));
        }
        if self.applications.len() >= caps.applications && !self.applications.contains_key(&party) {
            make_room_among_applications(&mut self.applications, caps.applications, returned);
        }
        self.applications.entry(party).or_insert_with(|| PartyState::new(now))
    }

    /// Forgets what carries no information, collects idle leases and, for a store that `may_ask`, the debts of an
    /// outage; returns how many parties it forgot.
    pub(crate) fn sweep(&mut self, now: i64, may_ask: bool, outbox: &mut Outbox) -> usize {
        let before = self.len();
        let now_secs = now.div_euclid(NANOS_PER_SEC);
        self.keyless.retain(|_, state| !is_void(state, now));
        self.applications.retain(|party, state| {
            if may_ask && state.silent_secs(now) >= IDLE_LEASE_SECS {
                give_up(*party, state, &mut outbox.returned);
            }
            for budget in state.budgets.iter_mut().filter(|budget| may_ask && budget.owes(now_secs)) {
                outbox.asks.push(budget.ask_for_debt(*party, now_secs));
            }
            let owes = state.budgets.iter().any(|budget| budget.owes(now_secs));
            let stays = state.is_waited_for() || owes || !state.is_at_rest(now);
            stays || state.silent_secs(now) < FORGOTTEN_AFTER_SECS
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
fn is_void(state: &PartyState, now: i64) -> bool {
    let now_secs = now.div_euclid(NANOS_PER_SEC);
    state.is_at_rest(now) && state.budgets.iter().all(|budget| budget.is_over(now_secs))
}

/// Forgets those who used least: whoever floods us with addresses loses them first, and nobody gets a spent budget
/// refilled by it.
fn make_room_among_keyless(keyless: &mut HashMap<Party, PartyState>, now: i64, cap: usize) {
    keyless.retain(|_, state| !is_void(state, now));
    evict(keyless, cap, PartyState::spent, |_, _| ());
}

/// Forgets those who have been silent longest; the store remembers what they used.
fn make_room_among_applications(
    applications: &mut HashMap<Party, PartyState>,
    cap: usize,
    returned: &mut Vec<Returned>,
) {
    let seen = |state: &PartyState| u64::try_from(state.last_seen).unwrap_or(0);
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
