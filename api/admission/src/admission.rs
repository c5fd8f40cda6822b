//! The engine: decides on calls, swaps tariffs, keeps house.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use arc_swap::ArcSwap;
use fairground_domain::Timestamp;
use fairground_domain::{OperationClass, Tariff};
use parking_lot::Mutex;

use crate::call::{Call, Outbox, Step};
use crate::lease::{self, Ask, Errand, Errands, Outage, STORE_WAIT, Settle};
use crate::party::Party;
use crate::shard::{Caps, SHARDS, Shard};
use crate::standing::{Decision, Refusal};
use crate::store::{Granted, QuotaStore, StoreUnavailable};
use crate::terms::{Places, PlanRef, Terms};

/// How often the caller should call [`Admission::sweep`].
pub const SWEEP_EVERY: Duration = Duration::from_secs(60);
/// How often one call asks the store again when others spent what it waited for; then it counts as spent.
const MAX_WAITS: usize = 8;

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

/// The gate: shared by all worker threads. One per process, or several to play several nodes.
pub struct Admission {
    core: Arc<Core>,
    places: Mutex<Places>,
}

struct Core {
    terms: ArcSwap<Terms>,
    shards: Vec<Mutex<Shard>>,
    caps: Caps,
    store: Arc<dyn QuotaStore>,
    store_wait: Duration,
    errands: Errands,
    outage: Outage,
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
        Self { core, places: Mutex::new(places) }
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
    pub async fn admit(&self, plan: PlanRef, class: OperationClass, party: Party, now: Timestamp) -> Decision {
        let core = &self.core;
        let mut pending = match core.step(plan, class, party, now, true) {
            Step::Done(decision) => return decision,
            Step::Wait(pending) => pending,
        };
        let waited = tokio::time::timeout(core.store_wait, async {
            for _ in 0..MAX_WAITS {
                pending.answered().await;
                match core.step(plan, class, party, now, true) {
                    Step::Done(decision) => return Some(decision),
                    Step::Wait(next) => pending = next,
                }
            }
            None
        });
        match waited.await {
            Ok(Some(decision)) => return decision,
            Ok(None) => {}
            Err(_elapsed) => core.outage.begin(now.as_secs()),
        }
        core.last_step(plan, class, party, now)
    }

    /// Forgets parties that carry no information, returns idle leases and settles what an outage let parties overspend;
    /// to be called every [`SWEEP_EVERY`].
    pub fn sweep(&self, now: Timestamp) -> SweepReport {
        let mut report = SweepReport::default();
        let may_ask = !self.core.outage.is_on() || self.core.outage.may_probe(now.as_secs());
        for shard in &self.core.shards {
            let mut outbox = Outbox::default();
            {
                let mut shard = shard.lock();
                report.forgotten += shard.sweep(nanos(now), may_ask, &mut outbox);
                report.parties += shard.len();
            }
            report.units_returned += outbox.returned.iter().map(|(_, units)| units).sum::<u64>();
            self.core.send(outbox);
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

    /// One attempt. With `may_wait`, a call that needs the store is told to wait; without, the emergency decides.
    fn step(&self, plan: PlanRef, class: OperationClass, party: Party, now: Timestamp, may_wait: bool) -> Step {
        let tariff = self.terms.load();
        let (Some(terms), Some(shard)) = (tariff.class(plan, class), self.shard(party)) else {
            return Step::Done(Decision::Refused(Refusal::not_offered()));
        };
        let mut outbox = Outbox::default();
        let step = {
            let mut shard = shard.lock();
            let state = shard.find_or_insert(party, nanos(now), self.caps, &mut outbox.returned);
            let now = state.moment(nanos(now));
            let rate = usize::from(class.index());
            Call { terms, party, now, may_wait, rate, state, outage: &self.outage, outbox: &mut outbox }.decide()
        };
        self.send(outbox);
        step
    }

    /// The attempt after waiting was of no use.
    fn last_step(&self, plan: PlanRef, class: OperationClass, party: Party, now: Timestamp) -> Decision {
        match self.step(plan, class, party, now, false) {
            Step::Done(decision) => decision,
            // `may_wait` is false: it cannot be.
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
            Ok(_) => self.outage.end(),
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

fn nanos(now: Timestamp) -> i64 {
    now.as_micros().saturating_mul(1_000)
}
