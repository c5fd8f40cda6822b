//! One call's decision, made under its party's lock: check everything, then charge everything or nothing.

use std::sync::Arc;
use std::time::Duration;

use crate::budget::Cover;
use crate::clock::Moment;
use crate::fields::Left;
use crate::lease::{Ask, Outage, Pending};
use crate::party::Party;
use crate::permit::Permit;
use crate::rate::{Arrival, secs_up};
use crate::shard::{PartyState, Returned};
use crate::standing::{Decision, QUOTAS_SHOWN, Refusal, RefusalReason, Standing, Violated};
use crate::terms::{ClassTerms, QuotaTerms};

/// `Retry-After` lies up to so many seconds behind a window's turn, so that refused callers do not come back together.
const RETRY_JITTER_SECS: u64 = 5;
/// `Retry-After` when the quota store is out of reach.
const STORE_RETRY_SECS: u64 = 2;
/// `Retry-After` when a party has as many calls under way as it may.
const AT_ONCE_RETRY_SECS: u64 = 1;

/// What a look at the party's state came to.
pub(crate) enum Step {
    Done(Decision),
    /// Decide again when the store has answered.
    Wait(Arc<Pending>),
}

/// Whether a call may wait for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It may.
    Waits,
    /// It has waited as long as it may, and the store said nothing: the emergency allowance decides.
    StoreSilent,
    /// It has waited as long as it may; the store answered, but others were quicker to spend what it gave.
    Outrun,
}

/// Errands that arise under a shard's lock and are sent after it.
#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) asks: Vec<Ask>,
    pub(crate) returned: Vec<Returned>,
}

/// A call at its party's entry.
pub(crate) struct Call<'a> {
    pub(crate) terms: &'a Arc<ClassTerms>,
    pub(crate) party: Party,
    /// By the party's reckoning.
    pub(crate) now: Moment,
    /// What it costs, in units.
    pub(crate) cost: u32,
    /// Whether it is a call, or more units for one that was admitted: those count against quotas alone.
    pub(crate) is_more: bool,
    /// Whether it may wait for the store.
    pub(crate) patience: Patience,
    /// The class's place among the rates.
    pub(crate) rate: usize,
    pub(crate) state: &'a mut PartyState,
    pub(crate) outage: &'a Outage,
    pub(crate) outbox: &'a mut Outbox,
}

impl Call<'_> {
    pub(crate) fn decide(mut self) -> Step {
        let arrival = self.state.rates.get(self.rate).copied().unwrap_or_default();
        let next = if self.is_more { Ok(arrival) } else { self.terms.rate.take(arrival, self.now.steady_nanos()) };
        let next = match next {
            Ok(next) => next,
            Err(wait) => {
                let refusal = self.too_fast(wait);
                return self.refused(refusal);
            }
        };
        if !self.is_more && self.state.under_way.of(self.rate) >= self.terms.at_once {
            let refusal = self.too_many();
            return self.refused(refusal);
        }
        match self.check_quotas() {
            None => Step::Done(Decision::Admitted(self.charge(next))),
            Some(Step::Done(Decision::Refused(refusal))) => self.refused(refusal),
            Some(step) => step,
        }
    }

    fn refused(&mut self, mut refusal: Refusal) -> Step {
        refusal.held_for = if self.is_more { Duration::ZERO } else { self.state.hold_refusal(self.now) };
        Step::Done(Decision::Refused(refusal))
    }

    /// `None` when every quota covers the call.
    fn check_quotas(&mut self) -> Option<Step> {
        let terms = self.terms;
        let mut refusal: Option<Refusal> = None;
        let mut wait = None;
        for (place, quota) in terms.quotas.iter().enumerate() {
            match self.cover(quota) {
                Cover::Covered => {}
                Cover::Ask => wait = wait.or_else(|| self.ask(quota)),
                Cover::Spent => self.violate(&mut refusal, RefusalReason::QuotaExceeded, place, quota),
                Cover::Unreachable => self.violate(&mut refusal, RefusalReason::StoreUnreachable, place, quota),
            }
        }
        let refused = refusal.map(|refusal| Step::Done(Decision::Refused(refusal)));
        refused.or_else(|| wait.map(Step::Wait))
    }

    fn cover(&mut self, quota: &QuotaTerms) -> Cover {
        let (party, now, cost) = (self.party, self.now, u64::from(self.cost));
        self.state.open_budget(quota, party, now, &mut self.outbox.returned);
        let Some(budget) = self.state.budget(quota.policy) else { return Cover::Unreachable };
        let store_down = self.patience == Patience::StoreSilent || self.outage.is_on();
        let cover = budget.cover(cost, quota.quota, store_down);
        if cover == Cover::Ask && self.patience == Patience::Outrun {
            // The allowance is for a store that is gone; this one answers, and counts exactly.
            return Cover::Unreachable;
        }
        let ask_behind = match cover {
            Cover::Covered | Cover::Ask => false,
            Cover::Spent => !party.is_keyless() && budget.wants_recheck(now),
            Cover::Unreachable => budget.pending.is_none() && self.outage.may_probe(now),
        };
        if ask_behind {
            self.outbox.asks.push(budget.ask(party, cost, quota.quota, now));
        }
        cover
    }

    /// Asks the store, or joins those who wait for its answer.
    fn ask(&mut self, quota: &QuotaTerms) -> Option<Arc<Pending>> {
        let (party, now, cost) = (self.party, self.now, u64::from(self.cost));
        let budget = self.state.budget(quota.policy)?;
        if budget.pending.is_none() {
            self.outbox.asks.push(budget.ask(party, cost, quota.quota, now));
        }
        budget.pending.clone()
    }

    fn charge(&mut self, next: Arrival) -> Standing {
        if let Some(rate) = self.state.rates.get_mut(self.rate) {
            *rate = next;
        }
        let (now, cost) = (self.now, u64::from(self.cost));
        let mut left = [Left::default(); QUOTAS_SHOWN];
        let mut windows = [i64::MIN; QUOTAS_SHOWN];
        for (place, quota) in self.terms.quotas.iter().enumerate() {
            let Some(budget) = self.state.budget(quota.policy) else { continue };
            budget.spend(cost, quota.quota);
            let reachable = !self.outage.is_on();
            if budget.wants_more(quota.quota) && (reachable || self.outage.may_probe(now)) {
                self.outbox.asks.push(budget.ask(self.party, cost, quota.quota, now));
            }
            if let (Some(left), Some(window)) = (left.get_mut(place), windows.get_mut(place)) {
                left.remaining = budget.remaining(quota.quota);
                left.within_secs = budget.turns_in_secs(now);
                *window = budget.window_start;
            }
        }
        Standing {
            terms: Arc::clone(self.terms),
            units: self.cost,
            rate: self.terms.rate.left(next, now.steady_nanos()),
            quotas: left,
            windows,
            permit: (!self.is_more).then(|| Permit::take(&self.state.under_way, self.rate)),
        }
    }

    fn too_many(&self) -> Refusal {
        Refusal {
            reason: RefusalReason::TooManyAtOnce,
            terms: Some(Arc::clone(self.terms)),
            retry_after_secs: AT_ONCE_RETRY_SECS,
            violated: vec![(Violated::AtOnce, Left { remaining: 0, within_secs: AT_ONCE_RETRY_SECS })],
            held_for: Duration::ZERO,
        }
    }

    fn too_fast(&self, wait: i64) -> Refusal {
        let secs = secs_up(wait).max(1);
        Refusal {
            reason: RefusalReason::RateExceeded,
            terms: Some(Arc::clone(self.terms)),
            retry_after_secs: secs,
            violated: vec![(Violated::Rate, Left { remaining: 0, within_secs: secs })],
            held_for: Duration::ZERO,
        }
    }

    /// Notes a violated quota; a spent quota outweighs an unreachable store.
    fn violate(&mut self, refusal: &mut Option<Refusal>, reason: RefusalReason, place: usize, quota: &QuotaTerms) {
        let (now, jitter) = (self.now, self.jitter_secs());
        let Some(budget) = self.state.budget(quota.policy) else { return };
        let (left, retry_after_secs) = match reason {
            RefusalReason::StoreUnreachable => (Left { remaining: 0, within_secs: STORE_RETRY_SECS }, STORE_RETRY_SECS),
            RefusalReason::RateExceeded
            | RefusalReason::TooManyAtOnce
            | RefusalReason::QuotaExceeded
            | RefusalReason::NotOffered => {
                let within_secs = budget.turns_in_secs(now);
                (Left { remaining: budget.remaining(quota.quota), within_secs }, within_secs.saturating_add(jitter))
            }
        };
        let refusal = refusal.get_or_insert_with(|| Refusal {
            reason,
            terms: Some(Arc::clone(self.terms)),
            retry_after_secs: 0,
            violated: Vec::with_capacity(1),
            held_for: Duration::ZERO,
        });
        if reason == RefusalReason::QuotaExceeded {
            refusal.reason = reason;
        }
        refusal.retry_after_secs = refusal.retry_after_secs.max(retry_after_secs);
        refusal.violated.push((Violated::Quota(place), left));
    }

    /// Changes from call to call, and depends on nothing but the time.
    fn jitter_secs(&self) -> u64 {
        (self.now.steady_nanos() / 1_000).unsigned_abs() % (RETRY_JITTER_SECS + 1)
    }
}
