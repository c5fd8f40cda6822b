//! The shared counter of quotas, in the portal's own database.

use fairground_admission::{Granted, LeaseRequest, QuotaStore, StoreUnavailable};
use fairground_catalog::usage::{self, QuotaWindow};
use fairground_catalog::{CatalogError, Db};

/// Quotas counted in the store that holds everything else: exact across all nodes that share it.
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
            requests
                .iter()
                .map(|request| usage::lease_quota(tx, &window(request), count(request.want), count(request.quota)))
                .collect::<Result<Vec<i64>, _>>()
        });
        let granted = leased.map_err(unavailable)?;
        Ok(granted.into_iter().map(|units| Granted::units(u64::try_from(units).unwrap_or(0))).collect())
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
