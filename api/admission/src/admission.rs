//! The engine: decides on calls, swaps tariffs, keeps house.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use fairground_domain::Timestamp;
use fairground_domain::{OperationClass, Tariff};
use parking_lot::Mutex;

use crate::call::{Call, Outbox, Patience, Step};
use crate::clock::{Clock, Moment};
use crate::lease::{self, Ask, Errand, Errands, Outage, STORE_WAIT, Settle};
use crate::party::Party;
use crate::shard::{Caps, SHARDS, Shard};
use crate::standing::{Decision, Refusal, Standing};
use crate::store::{Granted, QuotaStore, StoreUnavailable};
use crate::terms::{Places, PlanRef, Terms};

/// How often the caller should call [`Admission::sweep`].
pub const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How long the store remembers a window after its end: longer than clocks are expected to be wrong.
pub const REMEMBERED_SECS: i64 = 2 * 86_400;
/// How often the store is told to forget, in sweeps.
const FORGET_EVERY: u64 = 60;
/// `Core::store_offset` of a store that does not say what time it is.
const NO_STORE_CLOCK: i64 = i64::MIN;
/// A store's clock is followed when it differs by so much: leases take a moment, and seconds are whole.
const STORE_CLOCK_TOLERANCE_SECS: u64 = 2;

/// How much is remembered and how the store is talked to.
#[derive(Debug, Clone)]
pub struct AdmissionSettings {
    /// How many applications are remembered at once; beyond that the longest silent are forgotten (the store knows
    /// their use).
    pub max_applications: usize,
    /// How many keyless parties are remembered at once; beyond that those who used least are forgotten.
    pub max_keyless: usize,
    /// Threads that talk to the store. 0: the thread that asks does it itself (tests, benchmarks).
    pub store_threads: usize,
    /// How long a request waits for the store at most.
    pub store_wait: Duration,
}

impl Default for AdmissionSettings {
    fn default() -> Self {
        Self { max_applications: 1 << 20, max_keyless: 1 << 18, store_threads: 2, store_wait: STORE_WAIT }
    }
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SweepReport {
    /// Parties still remembered.
    pub parties: usize,
    /// Parties forgotten.
    pub forgotten: usize,
    /// Units of idle leases on their way back to the store.
    pub units_returned: u64,
}

/// What is asked of the gate.
#[derive(Debug, Clone, Copy)]
struct Question {
    plan: PlanRef,
    class: OperationClass,
    party: Party,
    /// Units more for a call that was admitted, instead of a call.
    more: Option<u32>,
}

/// The gate: shared by all worker threads. One per process, or several to play several nodes.
pub struct Admission {
    core: Arc<Core>,
    places: Mutex<Places>,
    clock: Clock,
    sweeps: AtomicU64,
}

struct Core {
    terms: ArcSwap<Terms>,
    shards: Vec<Mutex<Shard>>,
    caps: Caps,
    store: Arc<dyn QuotaStore>,
    store_wait: Duration,
    errands: Errands,
    outage: Outage,
    /// What the store's clock said beyond our steady one, in seconds; [`NO_STORE_CLOCK`] if it says nothing.
    store_offset: AtomicI64,
    /// Errands are run by whoever has them, not by threads.
    inline: bool,
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission").field("parties", &self.len()).finish_non_exhaustive()
    }
}

impl Admission {
    /// A gate that enforces `tariff`, with quotas counted at `store`. Starts the threads that talk to the store.
    #[must_use]
    pub fn new(tariff: &Tariff, store: Arc<dyn QuotaStore>, settings: AdmissionSettings) -> Self {
        let mut places = Places::default();
        let terms = ArcSwap::from_pointee(places.prepare(tariff));
        let caps = Caps {
            applications: (settings.max_applications / SHARDS).max(1),
            keyless: (settings.max_keyless / SHARDS).max(1),
        };
        let core = Core {
            terms,
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            caps,
            store,
            store_wait: settings.store_wait,
            errands: Errands::default(),
            outage: Outage::default(),
            store_offset: AtomicI64::new(NO_STORE_CLOCK),
            inline: settings.store_threads == 0,
        };
        let core = Arc::new(core);
        for _ in 0..settings.store_threads {
            let core = Arc::clone(&core);
            let started = thread::Builder::new().name("quota-store".to_owned()).spawn(move || core.run_errands());
            if let Err(error) = started {
                tracing::error!("A thread for the quota store did not start: {error}");
            }
        }
        Self { core, places: Mutex::new(places), clock: Clock::default(), sweeps: AtomicU64::new(0) }
    }

    /// The moment at which the caller read both clocks.
    #[must_use]
    pub fn moment(&self, steady: Instant, wall: Timestamp) -> Moment {
        self.clock.moment(steady, wall)
    }

    /// Now, by both clocks.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The handle of a plan of the tariff in force; keep it with the key, it outlives the tariff.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<PlanRef> {
        self.core.terms.load().plan(id)
    }

    /// Puts another tariff in force at once. Handles stay valid, and so does what is used under policies that keep
    /// their name and window; a plan or class that is gone is refused as not offered.
    pub fn replace_tariff(&self, tariff: &Tariff) {
        let terms = self.places.lock().prepare(tariff);
        self.core.terms.store(Arc::new(terms));
    }

    /// Decides on a call and, if it may proceed, charges it.
    ///
    /// Suspends only for a party's first lease in a window or when its lease is really spent, and then for at most
    /// [`AdmissionSettings::store_wait`]. Needs a Tokio runtime with time, if it has to wait.
    pub async fn admit(&self, plan: PlanRef, class: OperationClass, party: Party, now: Moment) -> Decision {
        self.decide(Question { plan, class, party, more: None }, now).await
    }

    /// As [`Self::admit`], where it need not wait; `None` where it must, and then what it waits for is under way.
    #[must_use]
    pub fn admit_now(&self, plan: PlanRef, class: OperationClass, party: Party, now: Moment) -> Option<Decision> {
        match self.core.step(Question { plan, class, party, more: None }, now, Patience::Waits) {
            Step::Done(decision) => Some(decision),
            Step::Wait(_) => None,
        }
    }

    /// Charges `units` more for a call that was admitted, before the work begins that costs them. Neither the rate nor the
    /// number of calls at once is touched.
    pub async fn charge(
        &self,
        plan: PlanRef,
        class: OperationClass,
        party: Party,
        units: u32,
        now: Moment,
    ) -> Decision {
        self.decide(Question { plan, class, party, more: Some(units) }, now).await
    }

    /// Gives back what a call was charged that is not served after all; its rate is spent all the same. A window that has
    /// turned meanwhile gets nothing.
    pub fn refund(&self, party: Party, standing: &Standing) {
        let Some(shard) = self.core.shard(party) else { return };
        let mut shard = shard.lock();
        let Some(state) = shard.find(party) else { return };
        for (quota, window) in standing.terms.quotas.iter().zip(standing.windows) {
            if let Some(budget) = state.budget(quota.policy) {
                budget.refund(u64::from(standing.units), window);
            }
        }
    }

    async fn decide(&self, question: Question, now: Moment) -> Decision {
        let core = &self.core;
        let mut pending = match core.step(question, now, Patience::Waits) {
            Step::Done(decision) => return decision,
            Step::Wait(pending) => pending,
        };
        let mut answers = 0_u64;
        // Others may spend what the store gave before this call looks again: then it asks again, as long as it may wait.
        let waited = tokio::time::timeout(core.store_wait, async {
            loop {
                pending.answered().await;
                answers += 1;
                match core.step(question, now, Patience::Waits) {
                    Step::Done(decision) => return decision,
                    Step::Wait(next) => pending = next,
                }
            }
        });
        match waited.await {
            Ok(decision) => decision,
            Err(_elapsed) if answers > 0 => core.last_step(question, now, Patience::Outrun),
            Err(_elapsed) => {
                core.outage.begin(now);
                core.last_step(question, now, Patience::StoreSilent)
            }
        }
    }

    /// Forgets parties that carry no information, returns idle leases and settles what an outage let parties overspend;
    /// to be called every [`SWEEP_EVERY`], on a thread that may block.
    pub fn sweep(&self, now: Moment) -> SweepReport {
        let now = self.core.by_store(now);
        let mut report = SweepReport::default();
        let may_ask = !self.core.outage.is_on() || self.core.outage.may_probe(now);
        for shard in &self.core.shards {
            let mut outbox = Outbox::default();
            {
                let mut shard = shard.lock();
                report.forgotten += shard.sweep(now, may_ask, &mut outbox);
                report.parties += shard.len();
            }
            report.units_returned += outbox.returned.iter().map(|(_, units)| units).sum::<u64>();
            self.core.send(outbox);
        }
        if self.sweeps.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY)
            && let Err(error) = self.core.store.forget_ended(now.wall_secs().saturating_sub(REMEMBERED_SECS))
        {
            tracing::debug!("Old windows stay for now: {error}");
        }
        report
    }

    /// Gives every unspent lease back, in the caller's thread: for a graceful shutdown. Returns how many units went back;
    /// those the store did not take are lost to their parties until the window turns.
    pub fn release_all(&self) -> u64 {
        let mut units_returned = 0;
        for shard in &self.core.shards {
            let mut returned = Vec::new();
            shard.lock().release(&mut returned);
            for (request, units) in returned {
                if lease::give_back(&*self.core.store, &request, units) {
                    units_returned += units;
                }
            }
        }
        units_returned
    }

    /// How many parties are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.core.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    /// Whether no party is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the store is out of reach, so that the emergency allowance holds.
    #[must_use]
    pub fn is_store_unreachable(&self) -> bool {
        self.core.outage.is_on()
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.core.errands.close();
    }
}

impl Core {
    fn run_errands(&self) {
        while let Some(batch) = self.errands.next_batch() {
            lease::run(batch, &*self.store, self);
        }
    }

    fn shard(&self, party: Party) -> Option<&Mutex<Shard>> {
        // Fibonacci hashing: neighbouring numbers land in different shards.
        let mixed = party.number().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        self.shards.get(usize::try_from(mixed).unwrap_or(0) % SHARDS)
    }

    /// The moment as the store's clock has it, if it has one.
    fn by_store(&self, now: Moment) -> Moment {
        match self.store_offset.load(Ordering::Relaxed) {
            NO_STORE_CLOCK => now,
            offset => now.ahead(now.steady_secs().saturating_add(offset).saturating_sub(now.wall_secs())),
        }
    }

    fn hear_clock(&self, granted: &Granted, asked_at: Moment) {
        let Some(store_secs) = granted.store_secs else { return };
        let offset = store_secs.saturating_sub(asked_at.steady_secs());
        let known = self.store_offset.load(Ordering::Relaxed);
        if known == NO_STORE_CLOCK || known.abs_diff(offset) >= STORE_CLOCK_TOLERANCE_SECS {
            self.store_offset.store(offset, Ordering::Relaxed);
        }
    }

    /// One attempt. A call that needs the store and may wait for it is told to.
    fn step(&self, question: Question, now: Moment, patience: Patience) -> Step {
        let Question { plan, class, party, more } = question;
        let tariff = self.terms.load();
        let (Some(terms), Some(shard)) = (tariff.class(plan, class), self.shard(party)) else {
            return Step::Done(Decision::Refused(Refusal::not_offered()));
        };
        let mut outbox = Outbox::default();
        let step = {
            let mut shard = shard.lock();
            let state = shard.find_or_insert(party, now, self.caps, &mut outbox.returned);
            let now = state.moment(self.by_store(now));
            let rate = usize::from(class.index());
            let call = Call {
                terms,
                party,
                now,
                cost: more.unwrap_or(terms.cost),
                is_more: more.is_some(),
                patience,
                rate,
                state,
                outage: &self.outage,
                outbox: &mut outbox,
            };
            call.decide()
        };
        self.send(outbox);
        step
    }

    /// The attempt after waiting was of no use.
    fn last_step(&self, question: Question, now: Moment, patience: Patience) -> Decision {
        match self.step(question, now, patience) {
            Step::Done(decision) => decision,
            // It may not wait: it cannot be.
            Step::Wait(_) => Decision::Refused(Refusal::not_offered()),
        }
    }

    fn send(&self, outbox: Outbox) {
        if outbox.asks.is_empty() && outbox.returned.is_empty() {
            return;
        }
        let back = outbox.returned.into_iter().map(|(request, units)| Errand::GiveBack(request, units));
        let errands = back.chain(outbox.asks.into_iter().map(Errand::Ask));
        if self.inline {
            lease::run(errands.collect(), &*self.store, self);
            return;
        }
        for errand in errands {
            if let Err(Errand::Ask(ask)) = self.errands.push(errand) {
                self.settle(&ask, Err(StoreUnavailable("too many questions are waiting".to_owned())));
                ask.pending.finish();
            }
        }
    }
}

impl Settle for Core {
    fn settle(&self, ask: &Ask, answer: Result<Granted, StoreUnavailable>) {
        match &answer {
            Ok(granted) => {
                self.outage.end();
                self.hear_clock(granted, ask.asked_at);
            }
            Err(error) => {
                tracing::debug!(policy = %ask.request.policy, "No lease: {error}");
                self.outage.begin(ask.asked_at);
            }
        }
        let taken = self.shard(ask.request.party).is_some_and(|shard| {
            let mut shard = shard.lock();
            let budget = shard.find(ask.request.party).and_then(|state| state.budget(ask.policy));
            budget.is_some_and(|budget| budget.take_answer(ask, answer.as_ref().ok()))
        });
        // The window turned, or the party was forgotten, while the question was on its way.
        if let (false, Ok(granted)) = (taken, &answer)
            && granted.units > 0
        {
            lease::give_back(&*self.store, &ask.request, granted.units);
        }
    }
}
