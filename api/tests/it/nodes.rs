//! Several nodes that share a store: together they admit what one would.

use std::sync::Arc;
use std::time::Duration;

use fairground_admission::{
    Admission, AdmissionSettings, Granted, LeaseRequest, MemoryStore, Party, QuotaStore, StoreUnavailable,
    emergency_allowance,
};
use fairground_api::hot_path::{DbQuotaStore, NotedQuotaStore};
use fairground_domain::{OperationClass, RateLimit, Tariff, Timestamp};

use super::portal::Portal;

const QUOTA: u64 = 5_000;

fn tariff() -> Tariff {
    let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
    for plan in &mut tariff.plans {
        plan.rates.values_mut().for_each(|rate| *rate = RateLimit { per_second: 1_000_000, burst: 1_000_000 });
        plan.quotas.iter_mut().for_each(|quota| quota.quota = QUOTA);
    }
    tariff
}

/// How many calls of a party so many nodes admit, each asked by a thread of its own until it refuses for good.
fn admitted_by(nodes: usize, store: &Arc<dyn QuotaStore>, party: Party) -> u64 {
    let settings = AdmissionSettings { store_wait: Duration::from_secs(20), ..AdmissionSettings::default() };
    let callers: Vec<_> = (0..nodes)
        .map(|_| {
            let node = Admission::new(&tariff(), Arc::clone(store), settings.clone());
            std::thread::spawn(move || spend_all(&node, party))
        })
        .collect();
    callers.into_iter().map(|caller| caller.join().unwrap()).sum()
}

fn spend_all(node: &Admission, party: Party) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let plan = node.plan(Tariff::OPEN).unwrap();
    runtime.block_on(async {
        let (mut admitted, mut refused) = (0, 0);
        while refused < 50 && admitted <= QUOTA {
            let decision = node.admit(plan, OperationClass::Catalogue, party, node.now()).await;
            admitted += u64::from(decision.is_admitted());
            refused = if decision.is_admitted() { 0 } else { refused + 1 };
        }
        admitted
    })
}

#[actix_web::test]
async fn one_three_and_ten_nodes_on_the_database_admit_the_same_within_a_hundredth() {
    let portal = Portal::open().await;
    let store: Arc<dyn QuotaStore> = Arc::new(DbQuotaStore::new(portal.state.catalog.db.clone()));
    for (nodes, number) in [(1, 9_001), (3, 9_003), (10, 9_010)] {
        let store = Arc::clone(&store);
        let admitted =
            tokio::task::spawn_blocking(move || admitted_by(nodes, &store, Party::application(number))).await.unwrap();
        assert!((QUOTA - QUOTA / 100..=QUOTA).contains(&admitted), "{nodes} nodes admitted {admitted} of {QUOTA}");
    }
}

#[actix_web::test]
async fn windows_counted_elsewhere_are_noted_in_the_database_once_they_are_half_used() {
    let portal = Portal::open().await;
    let db = portal.state.catalog.db.clone();
    let elsewhere = NotedQuotaStore::new(Box::new(MemoryStore::new()), db.clone());
    let request = |party, want| LeaseRequest {
        party: Party::application(party),
        policy: "open-day".into(),
        window_start_secs: 86_400,
        window_secs: 86_400,
        want,
        quota: 100,
    };
    for (party, want) in [(1, 10), (2, 60), (2, 30)] {
        elsewhere.lease(&request(party, want)).unwrap();
    }
    elsewhere.write_down().unwrap();
    // What is noted is found by whoever counts in the database: that much less is left.
    let here = DbQuotaStore::new(db);
    for (party, left) in [(1, 100), (2, 10)] {
        assert_eq!(here.lease(&request(party, 100)).unwrap().units, left);
    }
    here.forget_ended(2 * 86_400 + 1).unwrap();
    assert_eq!(here.lease(&request(2, 100)).unwrap().units, 100, "an ended window is forgotten");
}

/// The database, when it is there.
struct Unsteady {
    store: DbQuotaStore,
    is_there: std::sync::atomic::AtomicBool,
}

impl QuotaStore for Unsteady {
    fn lease(&self, request: &LeaseRequest) -> Result<Granted, StoreUnavailable> {
        if !self.is_there.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(StoreUnavailable("away".to_owned()));
        }
        self.store.lease(request)
    }

    fn give_back(&self, request: &LeaseRequest, units: u64) -> Result<(), StoreUnavailable> {
        self.store.give_back(request, units)
    }
}

#[actix_web::test]
async fn without_its_store_each_node_over_admits_by_the_published_allowance_at_most() {
    let portal = Portal::open().await;
    let store =
        Arc::new(Unsteady { store: DbQuotaStore::new(portal.state.catalog.db.clone()), is_there: false.into() });
    let admitted = tokio::task::spawn_blocking(move || {
        let settings = || AdmissionSettings { store_threads: 0, ..AdmissionSettings::default() };
        let nodes: Vec<Admission> =
            (0..3).map(|_| Admission::new(&tariff(), Arc::clone(&store) as Arc<dyn QuotaStore>, settings())).collect();
        let party = Party::application(9_100);
        let away: u64 = nodes.iter().map(|node| spend_all(node, party)).sum();
        assert_eq!(away, 3 * emergency_allowance(QUOTA));
        store.is_there.store(true, std::sync::atomic::Ordering::SeqCst);
        let mut admitted = away;
        // The store is tried again once a second.
        while nodes.iter().any(Admission::is_store_unreachable) {
            admitted += nodes.iter().map(|node| spend_all(node, party)).sum::<u64>();
            std::thread::sleep(Duration::from_millis(50));
        }
        admitted + nodes.iter().map(|node| spend_all(node, party)).sum::<u64>()
    });
    let admitted = admitted.await.unwrap();
    // What a node gave out meanwhile is settled when the store is back; where another node has spent the rest of the quota by then, it cannot be.
    assert!((QUOTA - QUOTA / 100..=QUOTA + 3 * emergency_allowance(QUOTA)).contains(&admitted), "{admitted}");
}
