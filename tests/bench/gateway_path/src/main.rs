//! Hot path and gateway before an upstream, for `tests/bench/gateway.py`: everything that a call of `/gateway/bench/…` passes in
//! the program, limits and meter included.
//!
//! usage: bench-gateway-path LISTEN UPSTREAM WORKERS. Prints one JSON object with a key, then serves until it is ended.
#![allow(dead_code, unused_imports, reason = "parts of the API's sources")]

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpServer};
use fairground_admission::{Admission, AdmissionSettings, MemoryStore, Party};
use fairground_catalog::Secret;
use fairground_catalog::application::{KeyScopes, PlainKey};
use fairground_domain::{ApiKeyId, ApplicationId, RateLimit, Tariff, Timestamp};
use fairground_meter::{Meter, MeterSettings};

#[path = "api/answer.rs"]
mod answer;
#[path = "api/front.rs"]
mod front;
mod fronts;
#[path = "api/gateway/mod.rs"]
mod gateway;
#[path = "api/hot_path/mod.rs"]
mod hot_path;
#[path = "api/metrics.rs"]
mod metrics;
#[path = "api/operation.rs"]
mod operation;
#[path = "api/problem/mod.rs"]
mod problem;
#[path = "api/request_id.rs"]
mod request_id;

/// The settings that the outermost middleware reads.
mod settings {
    #[derive(Debug)]
    pub struct ApiSettings {
        pub public_url: String,
        pub request_timeout: std::time::Duration,
    }

    impl ApiSettings {
        pub fn is_https(&self) -> bool {
            self.public_url.starts_with("https://")
        }
    }
}

use front::Front;
use hot_path::{Gate, GateParts, KeyEntry, KeyRing, KeyStanding, KeylessParties, MeterFailure, UsageLog};
use operation::names;
use settings::ApiSettings;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// As the program sorts its samples.
const FIGURES_EVERY: Duration = Duration::from_secs(5);

type Failure = Box<dyn std::error::Error>;

/// The default tariff with limits that refuse nothing, so that every call takes the whole path.
fn tariff() -> Tariff {
    let mut tariff = Tariff::default_at(Timestamp::now());
    for plan in &mut tariff.plans {
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

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().collect();
    let [_, listen, upstream, workers] = words.as_slice() else { return Err("LISTEN UPSTREAM WORKERS".into()) };
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(FIGURES_EVERY);
            recorder.run_upkeep();
        }
    });
    let folder = tempfile::tempdir()?;
    let tariff = tariff();
    let admission = Arc::new(Admission::new(&tariff, Arc::new(MemoryStore::default()), AdmissionSettings::default()));
    let secret = Secret::from_bytes([7; 32]);
    let key = PlainKey::generate()?;
    let ring = KeyRing::new();
    ring.replace_all(entry(&admission, 1).map(|entry| (*key.digest(&secret).as_bytes(), entry)));
    let names = names(&tariff.plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>());
    let meter = Meter::open(folder.path(), MeterSettings { names, ..MeterSettings::default() })?;
    let read_key = move |text: &str| Some(*PlainKey::parse(text).ok()?.digest(&secret).as_bytes());
    let public_url = format!("http://{listen}");
    let parts = GateParts {
        keys: Arc::new(ring),
        read_key: Box::new(read_key),
        keyless: KeylessParties::new(Vec::new()),
        admission,
        usage: Arc::new(UsageLog::new(meter)),
        meter_failure: MeterFailure::Serve,
        public_url: public_url.clone(),
    };
    let settings = Arc::new(ApiSettings { public_url, request_timeout: Duration::from_secs(30) });
    let state = fronts::State {
        gate: Arc::new(Gate::new(parts, &tariff)?),
        fronts: Arc::new(fronts::Fronts::new(upstream, &settings.public_url)?),
        settings: Arc::clone(&settings),
    };
    let state = Arc::new(state);
    let server = HttpServer::new(move || {
        App::new().configure(|config| gateway::configure(config, &state)).wrap(Front::new(Arc::clone(&settings)))
    })
    .workers(workers.parse()?)
    .bind(listen)?;
    println!("{}", serde_json::json!({ "key": key.reveal() }));
    server.run().await?;
    Ok(())
}
