//! What one party may still spend under one policy in the running window.

use std::sync::Arc;

use crate::clock::Moment;
use crate::lease::{Ask, Pending};
use crate::party::Party;
use crate::store::{Granted, LeaseRequest};
use crate::terms::{PolicyRef, QuotaTerms};

/// One lease is at most this part of the quota, so that a node that dies takes at most that with it.
pub const LEASE_SHARE: u64 = 100;
/// The first lease of a window is this part of the quota; later ones double while they last less than
/// [`LEASE_LASTS_SECS`].
const FIRST_LEASE_SHARE: u64 = 1_000;
/// How long a lease should last before the next.
const LEASE_LASTS_SECS: i64 = 5;
/// Towards the end of a quota, leases shrink to this part of what the store still holds, so that nodes strand little.
const TAPER: u64 = 16;
/// More is asked for when this part of the last lease is left.
const LOW_WATER: u64 = 4;
/// How many windows beside the running one are remembered: a clock that is set forward and back a few times finds each as
/// it left it.
const WINDOWS_REMEMBERED: usize = 3;
/// A lease that its party has not touched for so long goes back to the store.
pub const IDLE_LEASE_SECS: i64 = 300;
/// A party whose quota the store called spent makes us ask again after so long: another node may have given units back.
const RECHECK_SECS: i64 = 5;
/// While the store is out of reach, a party may run into debt by this part of its quota per node and window…
pub const EMERGENCY_SHARE: u64 = 100;
/// …or by so many units, if that is more (but never by more than the quota).
pub const EMERGENCY_FLOOR_UNITS: u64 = 10;

/// Use is remembered for so long after its window, in case the wall clock is set back: a keyless party's here, an
/// application's by the store.
const STEP_GUARD_SECS: i64 = 2 * 3_600 + 60;

/// By how many units one node may over-admit a party in a window while the store is out of reach: the published bound.
/// The debt is settled from the party's quota as soon as the store is back.
#[must_use]
pub const fn emergency_allowance(quota: u64) -> u64 {
    let share = quota / EMERGENCY_SHARE;
    let allowance = if share > EMERGENCY_FLOOR_UNITS { share } else { EMERGENCY_FLOOR_UNITS };
    if allowance < quota { allowance } else { quota }
}

/// How a budget answers a call's cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cover {
    /// It can be spent.
    Covered,
    /// The store must be asked first.
    Ask,
    /// The quota is used up.
    Spent,
    /// The store is out of reach and the emergency allowance is spent.
    Unreachable,
}

/// Units given back at a window's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unspent {
    pub(crate) window_start: i64,
    pub(crate) units: u64,
}

/// A budget. A keyless party's is leased whole from nobody; an application's by and by from the store.
#[derive(Debug)]
pub(crate) struct Budget {
    pub(crate) policy: PolicyRef,
    name: Arc<str>,
    window_secs: u64,
    pub(crate) window_start: i64,
    /// Units ours in this window. Below `spent` only while in debt.
    leased: u64,
    spent: u64,
    /// Units nobody had leased when the store last answered.
    left: u64,
    /// The quota `left` was told under; 0 before the first answer.
    left_of: u64,
    /// The quota of the tariff under which the party last spent.
    quota_seen: u64,
    lease_size: u64,
    leased_at: i64,
    recheck_at: i64,
    /// The question on its way to the store.
    pub(crate) pending: Option<Arc<Pending>>,
    /// Other windows that were open, in case the clock steps into them again.
    others: [Window; WINDOWS_REMEMBERED],
}

/// A window that was open, and what was spent in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    start: i64,
    spent: u64,
}

impl Window {
    /// Before all windows; nothing was spent in it.
    const NONE: Self = Self { start: i64::MIN, spent: 0 };
}

impl Budget {
    pub(crate) fn new(terms: &QuotaTerms, now: Moment) -> Self {
        let window_start = window_start(now.wall_secs(), terms.window_secs);
        Self {
            policy: terms.policy,
            name: Arc::clone(&terms.name),
            window_secs: terms.window_secs,
            window_start,
            leased: 0,
            spent: 0,
            left: terms.quota,
            left_of: 0,
            quota_seen: terms.quota,
            lease_size: (terms.quota / FIRST_LEASE_SHARE).max(1),
            leased_at: now.steady_secs(),
            recheck_at: i64::MIN,
            pending: None,
            others: [Window::NONE; WINDOWS_REMEMBERED],
        }
    }

    /// Moves to the window that holds `now`. A wall clock that is set back or forward finds every window that it left as it
    /// left it; a window from before all that are remembered does not open again, unless a store `remembers` what was
    /// used of it. So no step refills, and none robs.
    pub(crate) fn turn(&mut self, quota: u64, now: Moment, remembers: bool) -> Option<Unspent> {
        let start = window_start(now.wall_secs(), self.window_secs);
        if start == self.window_start || self.is_forgotten(start, remembers) {
            return None;
        }
        let unspent = Unspent { window_start: self.window_start, units: self.unspent() };
        let left = Window { start: self.window_start, spent: self.spent };
        let known = self.others.iter_mut().find(|window| window.start == start);
        let spent = match known {
            Some(window) => std::mem::replace(window, left).spent,
            None => {
                self.remember(left);
                0
            }
        };
        self.window_start = start;
        self.leased = spent;
        self.spent = spent;
        self.left = quota;
        self.left_of = 0;
        self.leased_at = now.steady_secs();
        self.recheck_at = i64::MIN;
        self.pending = None;
        (unspent.units > 0).then_some(unspent)
    }

    /// Whether nobody knows any more what was spent in the window: it lies before all that are remembered here, and ended
    /// longer ago than a store remembers.
    fn is_forgotten(&self, start: i64, remembers: bool) -> bool {
        let known = self.others.iter().map(|window| window.start).filter(|start| *start > i64::MIN);
        let (oldest, newest) = known.fold((self.window_start, self.window_start), |(a, b), at| (a.min(at), b.max(at)));
        let over = start.saturating_add_unsigned(self.window_secs).saturating_add(STEP_GUARD_SECS) < newest;
        start < oldest && (over || !remembers)
    }

    /// Puts the window in the place of the oldest one, unless it is the oldest itself.
    fn remember(&mut self, window: Window) {
        if let Some(oldest) = self.others.iter_mut().min_by_key(|window| window.start)
            && oldest.start < window.start
        {
            *oldest = window;
        }
    }

    /// A keyless party's budget is the whole quota of the tariff in force.
    pub(crate) fn lease_locally(&mut self, quota: u64) {
        self.leased = quota;
        self.left = 0;
        self.left_of = quota;
        self.recheck_at = i64::MAX;
    }

    /// Whether `cost` can be spent; `store_down` says that asking would be in vain.
    pub(crate) fn cover(&self, cost: u64, quota: u64, store_down: bool) -> Cover {
        if cost <= self.unspent() {
            Cover::Covered
        } else if self.is_exhausted(quota) {
            Cover::Spent
        } else if !store_down {
            Cover::Ask
        } else if self.debt().saturating_add(cost - self.unspent()) <= emergency_allowance(quota) {
            Cover::Covered
        } else {
            Cover::Unreachable
        }
    }

    pub(crate) fn spend(&mut self, cost: u64, quota: u64) {
        self.quota_seen = quota;
        self.spent = self.spent.saturating_add(cost);
    }

    /// Whether it is time to ask for more behind the caller's back.
    pub(crate) fn wants_more(&self, quota: u64) -> bool {
        let low = self.unspent() <= self.lease_size / LOW_WATER;
        self.pending.is_none() && low && !self.is_exhausted(quota)
    }

    /// Takes back what a call was charged that was not served, if its window is still the running one.
    pub(crate) fn refund(&mut self, cost: u64, window_start: i64) {
        if window_start == self.window_start {
            self.spent = self.spent.saturating_sub(cost);
        }
    }

    /// Whether the store, which called the quota spent, should be asked again; says so once per interval.
    pub(crate) fn wants_recheck(&mut self, now: Moment) -> bool {
        let due = self.pending.is_none() && now.steady_secs() >= self.recheck_at;
        if due {
            self.recheck_at = now.steady_secs().saturating_add(RECHECK_SECS);
        }
        due
    }

    /// How many units to ask the store for, so that a call of `cost` can be answered.
    pub(crate) fn want(&self, cost: u64, quota: u64) -> u64 {
        let left = if self.left_of == quota { self.left } else { quota };
        let lease = self.lease_size.min(quota / LEASE_SHARE).min(left / TAPER);
        self.debt().saturating_add(lease.max(cost).max(1))
    }

    /// Asks the store for enough to answer a call of `cost`, once at a time.
    pub(crate) fn ask(&mut self, party: Party, cost: u64, quota: u64, now: Moment) -> Ask {
        let want = self.want(cost, quota);
        self.ask_for(party, want, quota, now)
    }

    /// Asks the store for what an outage let the party overspend.
    pub(crate) fn ask_for_debt(&mut self, party: Party, now: Moment) -> Ask {
        self.ask_for(party, self.debt(), self.quota_seen, now)
    }

    /// Whether an outage let the party overspend in the running window, and nobody has asked for it yet.
    pub(crate) fn owes(&self, now: Moment) -> bool {
        self.debt() > 0 && self.pending.is_none() && !self.is_exhausted(self.quota_seen) && !self.is_past(now)
    }

    fn ask_for(&mut self, party: Party, want: u64, quota: u64, now: Moment) -> Ask {
        let pending = Arc::new(Pending::default());
        self.pending = Some(Arc::clone(&pending));
        let request = self.request(party, self.window_start, want, quota);
        Ask { request, policy: self.policy, pending, asked_at: now }
    }

    /// Takes the store's answer in (`None`: it has none); `false` if the question was another window's.
    pub(crate) fn take_answer(&mut self, ask: &Ask, granted: Option<&Granted>) -> bool {
        let ours = self.pending.as_ref().is_some_and(|pending| Arc::ptr_eq(pending, &ask.pending));
        if ours {
            self.pending = None;
            if let Some(granted) = granted {
                self.take_lease(granted, &ask.request, ask.asked_at.steady_secs());
            }
        }
        ours
    }

    fn take_lease(&mut self, granted: &Granted, request: &LeaseRequest, now_secs: i64) {
        let quota = request.quota;
        self.leased = self.leased.saturating_add(granted.units);
        let guess = if granted.units < request.want { 0 } else { quota.saturating_sub(self.leased) };
        self.left = granted.left.unwrap_or(guess);
        self.left_of = quota;
        self.recheck_at = now_secs.saturating_add(RECHECK_SECS);
        let lasted = now_secs.saturating_sub(self.leased_at);
        if lasted < LEASE_LASTS_SECS {
            self.lease_size = self.lease_size.saturating_mul(2).min((quota / LEASE_SHARE).max(1));
        } else if lasted > LEASE_LASTS_SECS * 4 {
            self.lease_size = (self.lease_size / 2).max(1);
        }
        self.leased_at = now_secs;
    }

    /// Gives up what is not spent, if no lease is on its way.
    pub(crate) fn give_up(&mut self) -> Option<Unspent> {
        let units = self.unspent();
        if units == 0 || self.pending.is_some() {
            return None;
        }
        self.leased = self.spent;
        self.left = self.left.saturating_add(units);
        Some(Unspent { window_start: self.window_start, units })
    }

    /// A request to the store about the window that started at `window_start`.
    pub(crate) fn request(&self, party: Party, window_start_secs: i64, want: u64, quota: u64) -> LeaseRequest {
        let policy = Arc::clone(&self.name);
        LeaseRequest { party, policy, window_start_secs, window_secs: self.window_secs, want, quota }
    }

    /// Units of this window that the party may still spend, as far as this node knows.
    pub(crate) fn remaining(&self, quota: u64) -> u64 {
        let left = if self.left_of == quota { self.left } else { quota.saturating_sub(self.leased) };
        self.unspent().saturating_add(left).saturating_sub(self.debt()).min(quota)
    }

    pub(crate) const fn spent(&self) -> u64 {
        self.spent
    }

    /// Whether forgetting it at `now` would lose nothing, whichever way the wall clock is set by up to [`STEP_GUARD_SECS`].
    pub(crate) fn is_over(&self, now: Moment) -> bool {
        let guarded = now.wall_secs().saturating_sub(STEP_GUARD_SECS);
        let over = |start: i64, spent: u64| spent == 0 || start.saturating_add_unsigned(self.window_secs) <= guarded;
        over(self.window_start, self.spent) && self.others.iter().all(|window| over(window.start, window.spent))
    }

    fn is_past(&self, now: Moment) -> bool {
        self.window_start.saturating_add_unsigned(self.window_secs) <= now.wall_secs()
    }

    /// Seconds until the window turns, at least 1.
    pub(crate) fn turns_in_secs(&self, now: Moment) -> u64 {
        let end = self.window_start.saturating_add_unsigned(self.window_secs);
        u64::try_from(end.saturating_sub(now.wall_secs())).unwrap_or(0).max(1)
    }

    fn unspent(&self) -> u64 {
        self.leased.saturating_sub(self.spent)
    }

    fn debt(&self) -> u64 {
        self.spent.saturating_sub(self.leased)
    }

    /// Whether the store said, under this quota, that nothing is left to lease.
    fn is_exhausted(&self, quota: u64) -> bool {
        self.left == 0 && self.left_of == quota
    }
}

/// Windows are aligned to UTC: they start at multiples of their length since 1970-01-01T00:00:00Z.
pub(crate) fn window_start(now_secs: i64, window_secs: u64) -> i64 {
    let length = i64::try_from(window_secs.max(1)).unwrap_or(i64::MAX);
    now_secs - now_secs.rem_euclid(length)
}
