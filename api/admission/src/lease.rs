//! Errands to the quota store, run on threads of their own so that no request's thread ever blocks on it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::sync::Notify;

use crate::clock::Moment;
use crate::store::{Granted, LeaseRequest, QuotaStore, StoreUnavailable};
use crate::terms::PolicyRef;

/// How long a request waits for the store at most, in all; then the emergency allowance decides.
pub const STORE_WAIT: Duration = Duration::from_millis(250);
/// How many errands may queue; beyond that the store counts as out of reach.
const QUEUE_CAPACITY: usize = 65_536;
/// How many questions go to the store together.
const BATCH: usize = 64;
/// While the store is out of reach, it is tried again so often.
const OUTAGE_RETRY_SECS: i64 = 1;
/// `Outage::retry_at` while the store answers.
const REACHABLE: i64 = i64::MIN;

/// A question on its way to the store, which callers may wait for.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    done: AtomicBool,
    notify: Notify,
}

impl Pending {
    /// Returns when the question is answered, whatever the answer.
    pub(crate) async fn answered(&self) {
        // Created before the check: an answer in between wakes it.
        let notified = self.notify.notified();
        if !self.done.load(Ordering::Acquire) {
            notified.await;
        }
    }

    pub(crate) fn finish(&self) {
        self.done.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }
}

/// Something to do at the store.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Ask for units; the answer goes to the party's budget.
    Ask(Ask),
    /// Give units back.
    GiveBack(LeaseRequest, u64),
}

/// A question to the store and where its answer belongs.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) request: LeaseRequest,
    pub(crate) policy: PolicyRef,
    pub(crate) pending: Arc<Pending>,
    pub(crate) asked_at: Moment,
}

/// Whoever puts an answer where it belongs.
pub(crate) trait Settle {
    fn settle(&self, ask: &Ask, answer: Result<Granted, StoreUnavailable>);
}

/// The queue between requests and the threads that talk to the store.
#[derive(Debug, Default)]
pub(crate) struct Errands {
    queue: Mutex<Queue>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Errand>,
    closed: bool,
}

impl Errands {
    /// Queues an errand; gives it back when there is no room.
    pub(crate) fn push(&self, errand: Errand) -> Result<(), Errand> {
        let mut queue = self.queue.lock();
        if queue.closed || queue.waiting.len() >= QUEUE_CAPACITY {
            return Err(errand);
        }
        queue.waiting.push_back(errand);
        self.wake.notify_one();
        Ok(())
    }

    /// Lets the threads end after what is queued.
    pub(crate) fn close(&self) {
        self.queue.lock().closed = true;
        self.wake.notify_all();
    }

    /// The next few errands; `None` when closed and done.
    pub(crate) fn next_batch(&self) -> Option<Vec<Errand>> {
        let mut queue = self.queue.lock();
        while queue.waiting.is_empty() {
            if queue.closed {
                return None;
            }
            self.wake.wait(&mut queue);
        }
        let count = queue.waiting.len().min(BATCH);
        Some(queue.waiting.drain(..count).collect())
    }
}

/// Runs errands: first what is given back, so that others may have it, then the questions, together.
pub(crate) fn run(errands: Vec<Errand>, store: &dyn QuotaStore, settle: &dyn Settle) {
    let mut asks = Vec::with_capacity(errands.len());
    for errand in errands {
        match errand {
            Errand::Ask(ask) => asks.push(ask),
            Errand::GiveBack(request, units) => {
                give_back(store, &request, units);
            }
        }
    }
    if asks.is_empty() {
        return;
    }
    let requests: Vec<LeaseRequest> = asks.iter().map(|ask| ask.request.clone()).collect();
    let answers = catch_unwind(AssertUnwindSafe(|| store.lease_all(&requests))).unwrap_or_default();
    let missing = std::iter::repeat_with(|| Err(StoreUnavailable("it gave no answer".to_owned())));
    for (ask, answer) in asks.iter().zip(answers.into_iter().chain(missing)) {
        settle.settle(ask, answer);
        ask.pending.finish();
    }
}

/// Gives units back; `false` when the store did not take them, so they are lost until the window turns.
pub(crate) fn give_back(store: &dyn QuotaStore, request: &LeaseRequest, units: u64) -> bool {
    let outcome = catch_unwind(AssertUnwindSafe(|| store.give_back(request, units)));
    if let Ok(Err(error)) = &outcome {
        tracing::warn!(units, policy = %request.policy, "Leased units could not be given back: {error}");
    }
    matches!(outcome, Ok(Ok(())))
}

/// Whether the store is out of reach, for all parties together: one finds out, nobody else waits.
#[derive(Debug)]
pub(crate) struct Outage {
    retry_at: AtomicI64,
}

impl Default for Outage {
    fn default() -> Self {
        Self { retry_at: AtomicI64::new(REACHABLE) }
    }
}

impl Outage {
    pub(crate) fn is_on(&self) -> bool {
        self.retry_at.load(Ordering::Relaxed) != REACHABLE
    }

    pub(crate) fn begin(&self, now: Moment) {
        let was = self.retry_at.swap(now.steady_secs().saturating_add(OUTAGE_RETRY_SECS), Ordering::Relaxed);
        if was == REACHABLE {
            tracing::warn!("The quota store is out of reach; the emergency allowance holds");
        }
    }

    pub(crate) fn end(&self) {
        if self.is_on() && self.retry_at.swap(REACHABLE, Ordering::Relaxed) != REACHABLE {
            tracing::info!("The quota store is back");
        }
    }

    /// Whether the caller is the one to try the store again now.
    pub(crate) fn may_probe(&self, now: Moment) -> bool {
        let retry_at = self.retry_at.load(Ordering::Relaxed);
        let next = now.steady_secs().saturating_add(OUTAGE_RETRY_SECS);
        now.steady_secs() >= retry_at
            && self.retry_at.compare_exchange(retry_at, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}
