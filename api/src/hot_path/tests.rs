//! The path around a handler of the tests' own.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{App, Error, HttpRequest, HttpResponse, test, web};
use fairground_admission::{Admission, AdmissionSettings, CapacitySettings, MemoryStore};
use fairground_catalog::application::KeyScopes;
use fairground_domain::{ApiKeyId, ApplicationId, ContentHash, Tariff, UnitRule, WorkMeasure};
use fairground_meter::{Flags, Meter, MeterSettings, UsageRecord};
use futures_util::future::join;
use futures_util::stream;
use tokio::sync::Semaphore;

use super::*;

const ANNA: &str = "fg_anna";
const BEN: &str = "fg_ben";

/// A gate that knows two keys on `open`, and its meter.
struct House {
    gate: Arc<Gate>,
    meter: Meter,
    _folder: tempfile::TempDir,
}

fn digest(text: &str) -> Digest {
    *ContentHash::of(text.as_bytes()).as_bytes()
}

impl House {
    fn with(tariff: &Tariff, capacity: CapacitySettings) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let meter = Meter::open(folder.path(), MeterSettings::default()).expect("opens");
        let settings = AdmissionSettings { store_threads: 0, ..AdmissionSettings::default() };
        let admission = Arc::new(Admission::new(tariff, Arc::new(MemoryStore::new()), settings));
        let keys = KeyRing::new();
        let plan = admission.plan(Tariff::OPEN).expect("open");
        keys.replace_all([ANNA, BEN].into_iter().zip(1..).map(|(key, number)| {
            let entry = KeyEntry {
                party: Party::application(number),
                plan,
                application: ApplicationId::new(),
                key: ApiKeyId::new(),
                standing: KeyStanding::Active { until_secs: None },
                scopes: KeyScopes::ALL,
                restrictions: None,
            };
            (digest(key), entry)
        }));
        let parts = GateParts {
            keys: Arc::new(keys),
            read_key: Box::new(|text| Some(digest(text))),
            keyless: KeylessParties::new(Vec::new()),
            admission,
            usage: Arc::new(UsageLog::new(meter.clone())),
            meter_failure: MeterFailure::Serve,
            public_url: String::new(),
        };
        let gate = Gate::new(parts, tariff).expect("a gate").with_capacity(capacity);
        Self { gate: Arc::new(gate), meter, _folder: folder }
    }

    fn records(&self) -> Vec<UsageRecord> {
        let segments = self.meter.segments().expect("lists");
        let read = |segment: &fairground_meter::SegmentInfo| {
            self.meter.reader(&segment.id.start()).expect("opens").read(1_000).expect("reads").records
        };
        segments.iter().flat_map(read).collect()
    }
}

/// A service: `/heavy/{units}` charges for so much work, `/wait` takes one of `turns` first, `/stream` streams.
macro_rules! app {
    ($house:expr, $class:expr, $turns:expr) => {{
        let (operation, turns) = (Operation { class: $class, ..Operation::UNKNOWN }, $turns);
        test::init_service(
            App::new().service(
                web::scope("")
                    .wrap(HotPath::new(Arc::clone(&$house.gate), move |_: &ServiceRequest| operation))
                    .route("/heavy/{units}", web::get().to(work))
                    .route("/wait", web::get().to(move || wait(Arc::clone(&turns))))
                    .route("/stream", web::get().to(streamed)),
            ),
        )
        .await
    }};
}

/// The answer to a call with a key.
macro_rules! ask {
    ($app:expr, $key:expr, $path:expr) => {
        test::call_service(
            &$app,
            test::TestRequest::get().uri($path).insert_header((API_KEY_HEADER, $key)).to_request(),
        )
    };
}

async fn work(req: HttpRequest, units: web::Path<u64>) -> Result<HttpResponse, Problem> {
    ChargeMore::for_work(&req, *units).await?;
    Ok(HttpResponse::Ok().body("done"))
}

async fn wait(turns: Arc<Semaphore>) -> HttpResponse {
    turns.acquire().await.expect("open").forget();
    HttpResponse::Ok().body("done")
}

async fn streamed() -> HttpResponse {
    HttpResponse::Ok().streaming(stream::iter((0..3).map(|_| Ok::<_, Error>(Bytes::from_static(b"part")))))
}

fn field<B>(answer: &ServiceResponse<B>, name: &str) -> String {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

fn tariff(calls_at_once: u32) -> Tariff {
    let mut tariff = Tariff::default_at(Timestamp::from_micros(0));
    for plan in &mut tariff.plans {
        plan.concurrency = OperationClass::ALL.map(|class| (class, calls_at_once)).into();
        plan.quotas.iter_mut().for_each(|quota| quota.quota = 50);
    }
    let rule = UnitRule { measure: WorkMeasure::Rows, per_unit: 1, at_most: 1_000 };
    tariff.unit_rules = [(OperationClass::Export, rule)].into();
    tariff
}

#[actix_web::test]
async fn heavy_work_costs_what_the_tariff_says_and_is_refused_free_of_charge_beyond_the_quota() {
    let house = House::with(&tariff(9), CapacitySettings::default());
    let app = app!(house, OperationClass::Export, Arc::new(Semaphore::new(0)));
    let mut seen = Vec::new();
    for (path, status, cost) in [
        ("/heavy/20", 200, "30"),
        ("/heavy/20", 429, "0"),
        ("/heavy/0", 200, "10"),
        ("/heavy/0", 200, "10"),
        ("/heavy/0", 429, "0"),
    ] {
        let answer = ask!(app, ANNA, path).await;
        assert_eq!((answer.status().as_u16(), field(&answer, "ratelimit-cost").as_str()), (status, cost), "{path}");
        assert!(field(&answer, "ratelimit").contains("open-day"));
        seen.push((status, cost.parse::<u32>().expect("a number"), status == 429));
    }
    let records: Vec<_> =
        house.records().iter().map(|r| (r.status, r.units, r.flags.contains(Flags::DENIED))).collect();
    assert_eq!(records, seen, "the meter says the same");
}

#[actix_web::test]
async fn calls_beyond_those_at_once_are_refused_until_one_has_ended() {
    let house = House::with(&tariff(1), CapacitySettings::default());
    let turns = Arc::new(Semaphore::new(0));
    let app = app!(house, OperationClass::Rows, Arc::clone(&turns));
    let meanwhile = async {
        let refused = ask!(app, ANNA, "/heavy/0").await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            (field(&refused, "ratelimit").as_str(), field(&refused, "retry-after").as_str()),
            (r#""open-rows-at-once";r=0;t=1"#, "1")
        );
        assert_eq!(ask!(app, BEN, "/heavy/0").await.status(), StatusCode::OK);
        turns.add_permits(1);
    };
    let (first, ()) = join(ask!(app, ANNA, "/wait"), meanwhile).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(ask!(app, ANNA, "/heavy/0").await.status(), StatusCode::OK);
    let denied = house.records().iter().filter(|record| record.flags.contains(Flags::DENIED)).count();
    assert_eq!(denied, 1);
}

#[actix_web::test]
async fn a_stream_is_under_way_until_its_last_byte() {
    let house = House::with(&tariff(1), CapacitySettings::default());
    let app = app!(house, OperationClass::Rows, Arc::new(Semaphore::new(0)));
    let answer = ask!(app, ANNA, "/stream").await;
    assert_eq!(ask!(app, ANNA, "/heavy/0").await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(test::read_body(answer).await, "partpartpart");
    assert_eq!(ask!(app, ANNA, "/heavy/0").await.status(), StatusCode::OK);
}

fn narrow(max_wait: Duration) -> CapacitySettings {
    CapacitySettings { interactive: 4, max_wait, ..CapacitySettings::default() }
}

#[actix_web::test]
async fn without_room_in_time_a_call_is_refused_free_of_charge() {
    let house = House::with(&tariff(9), narrow(Duration::from_millis(5)));
    let turns = Arc::new(Semaphore::new(0));
    let app = app!(house, OperationClass::Rows, Arc::clone(&turns));
    let busy = futures_util::future::join_all((0..4).map(|_| ask!(app, ANNA, "/wait")));
    let meanwhile = async {
        let refused = ask!(app, BEN, "/heavy/0").await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(field(&refused, "retry-after"), "1");
        assert!(field(&refused, "server-timing").contains("queue;dur="));
        turns.add_permits(4);
    };
    join(busy, meanwhile).await;
    let answer = ask!(app, BEN, "/heavy/0").await;
    assert!(field(&answer, "ratelimit").contains(r#""open-day";r=49;"#), "{}", field(&answer, "ratelimit"));
    assert!(!field(&answer, "server-timing").contains("queue"));
    let denied: Vec<_> =
        house.records().into_iter().filter(|r| r.flags.contains(Flags::DENIED)).map(|r| (r.status, r.units)).collect();
    assert_eq!(denied, [(503, 0)]);
}

#[actix_web::test]
async fn a_call_that_waited_for_its_turn_says_for_how_long() {
    let house = House::with(&tariff(9), narrow(Duration::from_secs(10)));
    let turns = Arc::new(Semaphore::new(0));
    let app = app!(house, OperationClass::Rows, Arc::clone(&turns));
    let busy = futures_util::future::join_all((0..4).map(|_| ask!(app, ANNA, "/wait")));
    let waiting = ask!(app, BEN, "/heavy/0");
    let release = async {
        while house.gate.capacity().load().waiting == 0 {
            tokio::task::yield_now().await;
        }
        turns.add_permits(4);
    };
    let (_, (answer, ())) = join(busy, join(waiting, release)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(field(&answer, "server-timing").contains("queue;dur="));
}
