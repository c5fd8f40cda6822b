//! The seam to the shared counter of quotas.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use parking_lot::Mutex;

use crate::Party;

/// A wish for units of one (party, policy, window), deducted before they are spent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRequest {
    /// Who will spend them: always an application, never a keyless party.
    pub party: Party,
    /// The quota policy's name, such as `open-day`.
    pub policy: Arc<str>,
    /// When the window started, in seconds since 1970-01-01T00:00:00Z; a multiple of `window_secs`.
    pub window_start_secs: i64,
    /// The window's length in seconds.
    pub window_secs: u64,
    /// How many units are wanted; at least 1.
    pub want: u64,
    /// How many units the window holds in all.
    pub quota: u64,
}

/// What the store deducted for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// Units that may now be spent: `min(want, quota - used)` as of that moment.
    pub units: u64,
    /// Units nobody has leased yet, when the store can say; it makes the `r` of answers exact.
    pub left: Option<u64>,
    /// The store's own clock, in seconds since 1970, when it has one: then it says for all nodes alike which window it is.
    pub store_secs: Option<i64>,
}

impl Granted {
    /// A grant by a store that does not say how much is left.
    #[must_use]
    pub const fn units(units: u64) -> Self {
        Self { units, left: None, store_secs: None }
    }
}

/// The store cannot be reached, or did not finish.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the quota store is unavailable: {0}")]
pub struct StoreUnavailable(pub String);

/// A counter of used units per (party, policy, window) that all nodes share.
///
/// Calls may block: the engine makes them on threads of its own.
pub trait QuotaStore: Send + Sync {
    /// Deducts, atomically at the store: `granted = min(want, quota - used); used += granted`, where `used` starts at 0
    /// for an unknown window and `quota - used` is never below 0.
    ///
    /// # Errors
    /// [`StoreUnavailable`] when it is not known to have been done. If it was done all the same, those units are lost to
    /// the party, never doubled.
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable>;

    /// Several at once, answered in the same order; a store that can do them in one transaction should. Each answer is
    /// as of [`Self::lease`]; a missing one counts as [`StoreUnavailable`].
    fn lease_all(&self, requests: &[LeaseRequest]) -> Vec<Result<Granted, StoreUnavailable>> {
        requests.iter().map(|request| self.lease(request)).collect()
    }

    /// Takes back `units` that were leased and will not be spent: `used -= units`, never below 0.
    /// `request.want` and `request.quota` mean nothing here.
    ///
    /// # Errors
    /// [`StoreUnavailable`]; then they are lost to the party until the window turns.
    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable>;

    /// Forgets windows that ended before `secs` (since 1970). A store whose windows expire by themselves does nothing.
    ///
    /// # Errors
    /// [`StoreUnavailable`]; then the next time does it.
    fn forget_ended(&self, _secs: i64) -> Result<(), StoreUnavailable> {
        Ok(())
    }
}

/// The key of a counter: party, policy, window start, window length.
type CounterKey = (Party, Arc<str>, i64, u64);

/// The reference store: counters in memory, for tests and for a single node that need not survive a restart.
#[derive(Debug)]
pub struct MemoryStore {
    used: Mutex<HashMap<CounterKey, u64>>,
    unreachable: AtomicBool,
    clock_secs: AtomicI64,
}

/// `MemoryStore::clock_secs` of a store that does not say what time it is.
const NO_CLOCK: i64 = i64::MIN;

impl Default for MemoryStore {
    fn default() -> Self {
        Self { used: Mutex::default(), unreachable: AtomicBool::new(false), clock_secs: AtomicI64::new(NO_CLOCK) }
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Pretends an outage (`false`) or its end (`true`).
    pub fn set_reachable(&self, reachable: bool) {
        self.unreachable.store(!reachable, Ordering::SeqCst);
    }

    /// Gives the store a clock, which says so many seconds since 1970.
    pub fn set_clock(&self, secs: i64) {
        self.clock_secs.store(secs, Ordering::SeqCst);
    }

    /// Units deducted from that window so far.
    #[must_use]
    pub fn used(&self, party: Party, policy: &str, window_start_secs: i64, window_secs: u64) -> u64 {
        let key = (party, Arc::from(policy), window_start_secs, window_secs);
        self.used.lock().get(&key).copied().unwrap_or(0)
    }

    /// Whether any counter belongs to a keyless party; it never should.
    #[must_use]
    pub fn knows_keyless_parties(&self) -> bool {
        self.used.lock().keys().any(|(party, ..)| party.is_keyless())
    }

    fn check_reachable(&self) -> Result<(), StoreUnavailable> {
        if self.unreachable.load(Ordering::SeqCst) {
            return Err(StoreUnavailable("switched off".to_owned()));
        }
        Ok(())
    }
}

fn key_of(request: &LeaseRequest) -> CounterKey {
    (request.party, Arc::clone(&request.policy), request.window_start_secs, request.window_secs)
}

impl QuotaStore for MemoryStore {
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        self.check_reachable()?;
        let mut used = self.used.lock();
        let used = used.entry(key_of(request)).or_insert(0);
        let free = request.quota.saturating_sub(*used);
        let units = request.want.min(free);
        *used += units;
        let store_secs = Some(self.clock_secs.load(Ordering::SeqCst)).filter(|secs| *secs != NO_CLOCK);
        Ok(Granted { units, left: Some(free - units), store_secs })
    }

    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable> {
        self.check_reachable()?;
        if let Some(used) = self.used.lock().get_mut(&key_of(request)) {
            *used = used.saturating_sub(units);
        }
        Ok(())
    }

    fn forget_ended(&self, secs: i64) -> Result<(), StoreUnavailable> {
        self.check_reachable()?;
        self.used.lock().retain(|(_, _, start, window), _| start.saturating_add_unsigned(*window) >= secs);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(want: u64, quota: u64) -> LeaseRequest {
        LeaseRequest {
            party: Party::application(7),
            policy: "open-day".into(),
            window_start_secs: 0,
            window_secs: 86_400,
            want,
            quota,
        }
    }

    #[test]
    fn a_store_never_grants_more_than_the_quota() {
        let store = MemoryStore::new();
        for (want, units, left) in [(60, 60, 40), (60, 40, 0), (1, 0, 0)] {
            assert_eq!(store.lease(&request(want, 100)), Ok(Granted { units, left: Some(left), store_secs: None }));
        }
        store.give_back(&request(0, 0), 5).expect("reachable");
        assert_eq!(store.lease(&request(9, 100)).map(|granted| granted.units), Ok(5));
        assert_eq!(store.lease(&request(9, 50)).map(|granted| granted.units), Ok(0), "a smaller quota leaves nothing");
    }

    #[test]
    fn ended_windows_are_forgotten() {
        let store = MemoryStore::new();
        store.lease(&request(1, 10)).expect("reachable");
        store.forget_ended(86_400).expect("reachable");
        assert_eq!(store.used(Party::application(7), "open-day", 0, 86_400), 1);
        store.forget_ended(86_401).expect("reachable");
        assert_eq!(store.used(Party::application(7), "open-day", 0, 86_400), 0);
    }
}
