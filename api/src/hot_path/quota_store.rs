//! The shared counter of quotas: in the portal's own database, or elsewhere.

use std::collections::HashMap;
use std::sync::Arc;

use fairground_admission::{Granted, LeaseRequest, QuotaStore, StoreUnavailable};
use fairground_catalog::usage::{self, QuotaWindow};
use fairground_catalog::{CatalogError, Db};
use parking_lot::Mutex;

/// Quotas counted in the store that holds everything else: exact across all nodes that share it. A server's clock says which
/// window it is.
#[derive(Debug, Clone)]
pub struct DbQuotaStore {
    db: Db,
}

impl DbQuotaStore {
    /// Counts in `db`.
    #[must_use]
    pub const fn new(db: Db) -> Self {
        Self { db }
    }

    fn lease_together(&self, requests: &[LeaseRequest]) -> Result<Vec<Granted>, StoreUnavailable> {
        let leased = self.db.write(|tx| {
            let store_secs = usage::store_clock(tx)?;
            let lease = |request: &LeaseRequest| {
                let units = usage::lease_quota(tx, &window(request), count(request.want), count(request.quota))?;
                Ok(Granted { store_secs, ..Granted::units(u64::try_from(units).unwrap_or(0)) })
            };
            requests.iter().map(lease).collect::<Result<Vec<Granted>, CatalogError>>()
        });
        leased.map_err(unavailable)
    }
}

impl QuotaStore for DbQuotaStore {
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        self.lease_together(std::slice::from_ref(request)).and_then(|granted| {
            granted.first().copied().ok_or_else(|| StoreUnavailable("nothing was answered".to_owned()))
        })
    }

    /// One transaction for all of them: several wishes cost about as much as one.
    fn lease_all(&self, requests: &[LeaseRequest]) -> Vec<Result<Granted, StoreUnavailable>> {
        match self.lease_together(requests) {
            Ok(granted) => granted.into_iter().map(Ok).collect(),
            Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable> {
        self.db.write(|tx| usage::give_back_quota(tx, &window(request), count(units))).map_err(unavailable)
    }

    fn forget_ended(&self, secs: i64) -> Result<(), StoreUnavailable> {
        self.db.write(|tx| usage::prune_quota(tx, secs)).map(drop).map_err(unavailable)
    }
}

/// A counter elsewhere, whose fuller windows are noted in the database too: whoever writes letters about quotas reads them
/// there, wherever they are counted.
pub struct NotedQuotaStore {
    store: Box<dyn QuotaStore>,
    db: Db,
    fuller: Mutex<HashMap<NotedWindow, u64>>,
}

/// Party, policy, start, length.
type NotedWindow = (i64, Arc<str>, i64, i64);

/// A window is noted when it is used by one part in so many.
const NOTED_SHARE: u64 = 2;
/// How many windows wait to be noted; more are noted at their next lease.
const NOTED_AT_ONCE: usize = 10_000;

impl std::fmt::Debug for NotedQuotaStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NotedQuotaStore").field("fuller", &self.fuller.lock().len()).finish_non_exhaustive()
    }
}

impl NotedQuotaStore {
    /// Counts at `store`, and notes in `db`.
    #[must_use]
    pub fn new(store: Box<dyn QuotaStore>, db: Db) -> Self {
        Self { store, db, fuller: Mutex::default() }
    }

    /// Writes down what has been heard since the last time.
    ///
    /// # Errors
    /// `Storage` when the database fails; then it is heard again with the next leases.
    pub fn write_down(&self) -> Result<(), CatalogError> {
        let fuller = std::mem::take(&mut *self.fuller.lock());
        if fuller.is_empty() {
            return Ok(());
        }
        self.db.write(|tx| {
            for ((party, policy, starts_at, window_secs), used) in &fuller {
                let (starts_at, window_secs) = (*starts_at, *window_secs);
                let window = QuotaWindow { party: *party, policy: policy.to_string(), starts_at, window_secs };
                usage::note_quota(tx, &window, count(*used))?;
            }
            Ok(())
        })
    }

    fn hear(&self, request: &LeaseRequest, answer: &Result<Granted, StoreUnavailable>) {
        let Ok(Granted { left: Some(left), .. }) = answer else { return };
        let used = request.quota.saturating_sub(*left);
        if used.saturating_mul(NOTED_SHARE) < request.quota {
            return;
        }
        let QuotaWindow { party, starts_at, window_secs, .. } = window(request);
        let mut fuller = self.fuller.lock();
        if fuller.len() < NOTED_AT_ONCE {
            let known = fuller.entry((party, Arc::clone(&request.policy), starts_at, window_secs)).or_default();
            *known = used.max(*known);
        }
    }
}

impl QuotaStore for NotedQuotaStore {
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        let answer = self.store.lease(request);
        self.hear(request, &answer);
        answer
    }

    fn lease_all(&self, requests: &[LeaseRequest]) -> Vec<Result<Granted, StoreUnavailable>> {
        let answers = self.store.lease_all(requests);
        requests.iter().zip(&answers).for_each(|(request, answer)| self.hear(request, answer));
        answers
    }

    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable> {
        self.store.give_back(request, units)
    }

    fn forget_ended(&self, secs: i64) -> Result<(), StoreUnavailable> {
        self.db.write(|tx| usage::prune_quota(tx, secs)).map_err(unavailable)?;
        self.store.forget_ended(secs)
    }
}

fn window(request: &LeaseRequest) -> QuotaWindow {
    QuotaWindow {
        party: count(request.party.usage_number()),
        policy: request.policy.to_string(),
        starts_at: request.window_start_secs,
        window_secs: count(request.window_secs),
    }
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unavailable(error: CatalogError) -> StoreUnavailable {
    StoreUnavailable(error.to_string())
}
