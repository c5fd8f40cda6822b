//! Against a Redis of the tests' own (`tests/tools/with-redis`); without one, each test says that it is skipped.

#![allow(clippy::panic, clippy::print_stderr, reason = "tests")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fairground_admission::{
    Admission, AdmissionSettings, LeaseRequest, Party, QuotaStore, StoreUnavailable, emergency_allowance,
};
use fairground_domain::{OperationClass, RateLimit, Tariff, Timestamp};
use fairground_limits::{KEPT_BEYOND_SECS, RedisAddress, RedisStore};

const DAY: u64 = 86_400;
/// 2026-03-01T00:00:00Z.
const MIDNIGHT: i64 = 1_772_323_200;

/// A number that no other test and no earlier run counts under.
fn fresh_party() -> Party {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let start = u64::try_from(nanos % (1 << 62)).expect("fits");
    Party::application(start / 1_000 * 1_000 + NEXT.fetch_add(1, Ordering::Relaxed) % 1_000)
}

fn server() -> Option<String> {
    let url = std::env::var("FAIRGROUND_TEST_REDIS_URL").ok();
    if url.is_none() {
        eprintln!("skipped: FAIRGROUND_TEST_REDIS_URL names no Redis");
    }
    url
}

fn store_at(url: &str) -> RedisStore {
    RedisStore::new(url.parse::<RedisAddress>().expect("an address")).expect("usable")
}

fn request(party: Party, want: u64, quota: u64) -> LeaseRequest {
    LeaseRequest { party, policy: "open-day".into(), window_start_secs: MIDNIGHT, window_secs: DAY, want, quota }
}

fn connection(url: &str) -> redis::Connection {
    redis::Client::open(url).expect("an address").get_connection().expect("connects")
}

#[test]
fn leases_are_deducted_once_and_never_beyond_the_quota() {
    let Some(url) = server() else { return };
    let (store, anna) = (store_at(&url), fresh_party());
    store.check().expect("answers");
    for (want, units, left) in [(60, 60, 40), (60, 40, 0), (1, 0, 0)] {
        let granted = store.lease(&request(anna, want, 100)).expect("answers");
        assert_eq!((granted.units, granted.left), (units, Some(left)));
        assert!(granted.store_secs.is_some_and(|secs| secs > MIDNIGHT), "Redis says what time it is");
    }
    store.give_back(&request(anna, 0, 0), 5).expect("answers");
    assert_eq!(store.lease(&request(anna, 9, 100)).map(|granted| granted.units), Ok(5));
    assert_eq!(
        store.lease(&request(anna, 9, 50)).map(|granted| granted.units),
        Ok(0),
        "a smaller quota leaves nothing"
    );
    store.give_back(&request(anna, 0, 0), 1_000).expect("answers");
    assert_eq!(store.lease(&request(anna, 200, 100)).map(|granted| granted.units), Ok(100), "never below nothing");
}

#[test]
fn many_leases_are_one_round_trip_in_order_and_numbers_are_exact() {
    let Some(url) = server() else { return };
    let store = store_at(&url);
    let parties: Vec<Party> = (0..64).map(|_| fresh_party()).collect();
    let huge = (1 << 53) - 1;
    let requests: Vec<LeaseRequest> = parties
        .iter()
        .zip(1..)
        .map(|(party, want)| request(*party, want, if want % 2 == 0 { huge } else { 20 }))
        .collect();
    let answers = store.lease_all(&requests);
    assert_eq!(answers.len(), 64);
    for (request, answer) in requests.iter().zip(&answers) {
        let granted = answer.clone().expect("answers");
        assert_eq!(granted.units, request.want.min(request.quota));
        assert_eq!(granted.left, Some(request.quota - granted.units));
    }
    let anna = fresh_party();
    let all = store.lease(&request(anna, huge, huge)).expect("answers");
    assert_eq!((all.units, all.left), (huge, Some(0)));
}

#[test]
fn a_counter_outlives_its_window_by_a_margin_whatever_the_nodes_clock_says() {
    let Some(url) = server() else { return };
    let (store, anna) = (store_at(&url), fresh_party());
    // A window that ended long ago: its counter must not vanish at once, or its quota would refill with every lease.
    store.lease(&LeaseRequest { window_start_secs: 86_400, ..request(anna, 7, 10) }).expect("answers");
    let key = format!("fairground:quota:{}:open-day:86400:86400", anna.usage_number());
    let lives: i64 = redis::cmd("TTL").arg(&key).query(&mut connection(&url)).expect("answers");
    let most = i64::try_from(DAY + KEPT_BEYOND_SECS).expect("small");
    assert!((most - 60..=most).contains(&lives), "{lives}");
}

#[test]
fn one_three_and_ten_nodes_admit_the_same_within_a_hundredth() {
    let Some(url) = server() else { return };
    for nodes in [1, 3, 10] {
        let quota = 20_000;
        let admitted = admitted_by(nodes, quota, &url);
        assert!(admitted <= quota && admitted >= quota - quota / 100, "{nodes} nodes: {admitted} of {quota}");
    }
}

/// How many calls of one party so many nodes admit together, each with callers of its own on threads of its own.
fn admitted_by(nodes: usize, quota: u64, url: &str) -> u64 {
    let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
    for plan in &mut tariff.plans {
        plan.rates.values_mut().for_each(|rate| *rate = RateLimit { per_second: 1_000_000, burst: 1_000_000 });
        plan.quotas.iter_mut().for_each(|policy| policy.quota = quota);
    }
    let party = fresh_party();
    let stop = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..nodes)
        .map(|_| {
            let settings = AdmissionSettings { store_wait: Duration::from_secs(5), ..AdmissionSettings::default() };
            let node = Admission::new(&tariff, Arc::new(store_at(url)), settings);
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || spend_all(&node, party, quota, &stop))
        })
        .collect();
    callers.into_iter().map(|caller| caller.join().expect("a caller")).sum()
}

/// Calls until the quota is spent: several times in a row, so that what other nodes still hold is not mistaken for the end.
fn spend_all(node: &Admission, party: Party, quota: u64, stop: &AtomicBool) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let plan = node.plan("open").expect("open");
    runtime.block_on(async {
        let (mut admitted, mut refused) = (0, 0);
        while refused < 50 && admitted <= quota && !stop.load(Ordering::Relaxed) {
            if node.admit(plan, OperationClass::Catalogue, party, node.now()).await.is_admitted() {
                admitted += 1;
                refused = 0;
            } else {
                refused += 1;
            }
        }
        admitted
    })
}

/// Stands between a node and Redis, and goes away when told.
struct Line {
    port: u16,
    cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    fn to(url: &str) -> Self {
        let server = url.trim_start_matches("redis://").split('/').next().expect("a host").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let cut = Arc::new(AtomicBool::new(false));
        let open = Arc::new(Mutex::new(Vec::new()));
        let (is_cut, opened) = (Arc::clone(&cut), Arc::clone(&open));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let upstream = TcpStream::connect(&server).expect("Redis");
                opened.lock().expect("alone").push(upstream.try_clone().expect("a socket"));
                for (from, to) in [(&client, &upstream), (&upstream, &client)] {
                    let (from, to) = (from.try_clone().expect("a socket"), to.try_clone().expect("a socket"));
                    let is_cut = Arc::clone(&is_cut);
                    std::thread::spawn(move || carry(from, to, &is_cut));
                }
            }
        });
        Self { port, cut, open }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Ends the connections there are; new ones are possible.
    fn hang_up(&self) {
        for stream in self.open.lock().expect("alone").drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, is_cut: &AtomicBool) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if is_cut.load(Ordering::SeqCst) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(std::net::Shutdown::Both), to.shutdown(std::net::Shutdown::Both));
}

#[test]
fn a_line_that_is_cut_costs_the_published_allowance_and_the_count_is_exact_afterwards() {
    let Some(url) = server() else { return };
    let line = Line::to(&url);
    let quota = 5_000;
    let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
    for plan in &mut tariff.plans {
        plan.rates.values_mut().for_each(|rate| *rate = RateLimit { per_second: 1_000_000, burst: 1_000_000 });
        plan.quotas.iter_mut().for_each(|policy| policy.quota = quota);
    }
    let store = Arc::new(store_at(&line.url()));
    let settings = AdmissionSettings { store_threads: 0, ..AdmissionSettings::default() };
    let node = Admission::new(&tariff, Arc::clone(&store) as Arc<dyn QuotaStore>, settings);
    let (party, over) = (fresh_party(), AtomicBool::new(false));
    line.cut.store(true, Ordering::SeqCst);
    assert!(store.check().is_err(), "the line is cut");
    assert_eq!(spend_all(&node, party, quota, &over), emergency_allowance(quota));
    assert!(node.is_store_unreachable());
    line.cut.store(false, Ordering::SeqCst);
    let mut admitted = emergency_allowance(quota);
    // The store is tried again once a second.
    while node.is_store_unreachable() {
        admitted += spend_all(&node, party, quota, &over);
        std::thread::sleep(Duration::from_millis(20));
    }
    admitted += spend_all(&node, party, quota, &over);
    assert_eq!(admitted, quota, "the debt is settled");
}

#[test]
fn a_connection_that_died_in_the_pool_is_replaced_unnoticed() {
    let Some(url) = server() else { return };
    let line = Line::to(&url);
    let (store, anna) = (store_at(&line.url()), fresh_party());
    store.lease(&request(anna, 1, 10)).expect("answers");
    line.hang_up();
    assert_eq!(store.lease(&request(anna, 1, 10)).map(|granted| granted.left), Ok(Some(8)));
}

#[test]
fn what_goes_wrong_is_told_without_the_password() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    let store = store_at(&format!("redis://:s3cret@127.0.0.1:{free}/0"));
    let StoreUnavailable(told) = store.lease(&request(Party::application(1), 1, 10)).expect_err("nobody listens");
    assert!(told.contains(&format!("redis://127.0.0.1:{free}/0")) && !told.contains("s3cret"), "{told}");
    assert!(!format!("{store:?}").contains("s3cret"));
}
