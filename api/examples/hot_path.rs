//! The same tiny handler bare, behind the hot path, and behind everything that an answer of the API has, for
//! `api/benches/hot_path.sh`.
//!
//! `/bare/small` has no middleware; `/hot/small` has identify, admit and meter; `/all/small` has the outermost middleware
//! too; `/busy/small` takes two milliseconds of a thread, of which there are few. Prints one JSON object with the address and
//! the name of a file of keys, one a line, then serves until it is ended.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use fairground_admission::{Admission, AdmissionSettings, CapacitySettings, MemoryStore, Party};
use fairground_api::ApiSettings;
use fairground_api::front::Front;
use fairground_api::hot_path::{
    Gate, GateParts, HotPath, KeyEntry, KeyRing, KeyStanding, KeylessParties, MeterFailure, UsageLog,
};
use fairground_api::operation::{Operation, names};
use fairground_catalog::Secret;
use fairground_catalog::application::{KeyScopes, PlainKey};
use fairground_domain::{ApiKeyId, ApplicationId, ContentHash, RateLimit, Tariff, Timestamp};
use fairground_meter::{Meter, MeterSettings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many of the keys are told, for callers to take in turn.
const KEYS_TOLD: u64 = 10_000;
/// As the program sorts its samples.
const FIGURES_EVERY: Duration = Duration::from_secs(5);

type Failure = Box<dyn std::error::Error>;

/// The default tariff; with `roomy`, one that refuses nothing, so that every call takes the whole path.
fn tariff(roomy: bool) -> Tariff {
    let mut tariff = Tariff::default_at(Timestamp::now());
    for plan in tariff.plans.iter_mut().filter(|_| roomy) {
        for rate in plan.rates.values_mut() {
            *rate = RateLimit { per_second: 10_000_000, burst: 10_000_000 };
        }
        for quota in &mut plan.quotas {
            quota.quota = 1 << 40;
        }
    }
    tariff
}

fn entry(admission: &Admission, number: u64) -> Option<KeyEntry> {
    Some(KeyEntry {
        party: Party::application(number),
        plan: admission.plan(Tariff::OPEN)?,
        application: ApplicationId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        key: ApiKeyId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        standing: KeyStanding::Active { until_secs: None },
        scopes: KeyScopes::ALL,
        restrictions: None,
    })
}

async fn small() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"id":"beds","title":"Hospital beds","rows":1204}"#)
}

async fn work() -> HttpResponse {
    tokio::time::sleep(Duration::from_millis(2)).await;
    small().await
}

#[expect(clippy::print_stdout, reason = "it says where it listens")]
#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let number =
        |place: usize, default: u64| std::env::args().nth(place).map_or(Ok(default), |text| text.parse::<u64>());
    let (keys, workers) = (number(1, 10)?, usize::try_from(number(2, 1)?)?);
    let roomy = std::env::args().nth(3).is_none_or(|text| text != "default-tariff");
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(FIGURES_EVERY);
            recorder.run_upkeep();
        }
    });
    let folder = tempfile::tempdir()?;
    let tariff = tariff(roomy);
    let admission = Arc::new(Admission::new(&tariff, Arc::new(MemoryStore::default()), AdmissionSettings::default()));
    let secret = Secret::from_bytes([7; 32]);
    let told: Vec<PlainKey> = (0..keys.min(KEYS_TOLD)).map(|_| PlainKey::generate()).collect::<Result<_, _>>()?;
    let ring = KeyRing::new();
    let known = (0_u64..).zip(&told).map(|(n, key)| (*key.digest(&secret).as_bytes(), n));
    let others = (KEYS_TOLD..keys).map(|n| (*ContentHash::of(&n.to_be_bytes()).as_bytes(), n));
    ring.replace_all(known.chain(others).filter_map(|(digest, n)| Some((digest, entry(&admission, n + 1)?))));
    let list = folder.path().join("keys");
    let mut file = std::fs::File::create(&list)?;
    for key in &told {
        writeln!(file, "{}", key.reveal())?;
    }
    let names = names(&tariff.plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>());
    let meter = Meter::open(folder.path(), MeterSettings { names, ..MeterSettings::default() })?;
    let read_key = move |text: &str| Some(*PlainKey::parse(text).ok()?.digest(&secret).as_bytes());
    let parts = GateParts {
        keys: Arc::new(ring),
        read_key: Box::new(read_key),
        keyless: KeylessParties::new(Vec::new()),
        admission,
        usage: Arc::new(UsageLog::new(meter)),
        meter_failure: MeterFailure::Serve,
        public_url: "http://127.0.0.1".to_owned(),
    };
    let gate = Gate::new(parts, &tariff)?;
    let gate = Arc::new(if roomy {
        gate
    } else {
        gate.with_capacity(CapacitySettings { interactive: 64, ..CapacitySettings::default() })
    });
    let settings = Arc::new(ApiSettings { public_url: "http://127.0.0.1".to_owned(), ..ApiSettings::default() });
    let resolve = |_: &actix_web::dev::ServiceRequest| Operation::of_code(2);
    let server = HttpServer::new(move || {
        let gate = Arc::clone(&gate);
        App::new()
            .service(web::scope("/bare").route("/small", web::get().to(small)))
            .service(
                web::scope("/hot").wrap(HotPath::new(Arc::clone(&gate), resolve)).route("/small", web::get().to(small)),
            )
            .service(
                web::scope("/all")
                    .wrap(HotPath::new(Arc::clone(&gate), resolve))
                    .wrap(Front::new(Arc::clone(&settings)))
                    .route("/small", web::get().to(small)),
            )
            .service(
                web::scope("/busy")
                    .wrap(HotPath::new(gate, resolve))
                    .wrap(Front::new(Arc::clone(&settings)))
                    .route("/small", web::get().to(work)),
            )
    })
    .workers(workers)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied().ok_or("not bound")?;
    println!("{}", serde_json::json!({ "address": address.to_string(), "keys": list, "count": keys }));
    server.run().await?;
    Ok(())
}
