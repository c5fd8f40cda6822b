//! The same tiny handler with and without identify, admit and meter, for `benches/hot_path.sh`.
//!
//! `/bare/small` has no middleware; `/hot/small` has the three stages; `/all/small` has everything that an answer of
//! the API has. Prints one JSON object with the address and a key, then serves until it is ended.
#![expect(clippy::print_stdout, reason = "the script reads it")]

use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use fairground_admission::{Admission, AdmissionSettings, MemoryStore, Party};
use fairground_api::ApiSettings;
use fairground_api::front::Front;
use fairground_api::hot_path::{
    Gate, GateParts, HotPath, KeyEntry, KeyRing, KeyStanding, KeylessParties, MeterFailure, UsageLog,
};
use fairground_api::operation::{Operation, names};
use fairground_catalog::Secret;
use fairground_catalog::application::PlainKey;
use fairground_domain::{ApiKeyId, ApplicationId, ContentHash, RateLimit, Tariff, Timestamp};
use fairground_meter::{Meter, MeterSettings};

type Failure = Box<dyn std::error::Error>;

/// A tariff that refuses nothing, so that every call takes the whole path.
fn roomy_tariff() -> Tariff {
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

fn ring(keys: u64, key: &PlainKey, secret: &Secret, admission: &Admission) -> Result<KeyRing, Failure> {
    let plan = admission.plan(Tariff::OPEN).ok_or("no plan")?;
    let entry = |number| KeyEntry {
        party: Party::application(number),
        plan,
        application: ApplicationId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        key: ApiKeyId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        standing: KeyStanding::Active { until_secs: None },
    };
    let ring = KeyRing::new();
    let others = (1..keys).map(|n| (*ContentHash::of(&n.to_be_bytes()).as_bytes(), entry(n + 1)));
    ring.replace_all(others.chain([(*key.digest(secret).as_bytes(), entry(1))]));
    Ok(ring)
}

async fn small() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"id":"beds","title":"Hospital beds","rows":1204}"#)
}

#[actix_web::main]
async fn main() -> Result<(), Failure> {
    let number =
        |place: usize, default: u64| std::env::args().nth(place).map_or(Ok(default), |text| text.parse::<u64>());
    let (keys, workers) = (number(1, 10)?, usize::try_from(number(2, 2)?)?);
    let folder = tempfile::tempdir()?;
    let tariff = roomy_tariff();
    let admission = Arc::new(Admission::new(&tariff, Arc::new(MemoryStore::default()), AdmissionSettings::default()));
    let secret = Secret::from_bytes([7; 32]);
    let key = PlainKey::generate()?;
    let ring = ring(keys, &key, &secret, &admission)?;
    let names = names(&tariff.plans.iter().map(|plan| plan.id.to_string()).collect::<Vec<_>>());
    let meter = Meter::open(folder.path(), MeterSettings { names, ..MeterSettings::default() })?;
    let read_key = move |text: &str| Some(*PlainKey::parse(text).ok()?.digest(&secret).as_bytes());
    let gate = Arc::new(Gate::new(
        GateParts {
            keys: Arc::new(ring),
            read_key: Box::new(read_key),
            keyless: KeylessParties::new(Vec::new()),
            admission,
            usage: Arc::new(UsageLog::new(meter)),
            meter_failure: MeterFailure::Serve,
            public_url: "http://127.0.0.1".to_owned(),
        },
        &tariff,
    )?);
    let settings = Arc::new(ApiSettings::default());
    let resolve = |_: &actix_web::dev::ServiceRequest| Operation::of_code(2);
    let server = HttpServer::new(move || {
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
    })
    .workers(workers)
    .bind(("127.0.0.1", 0))?;
    let address = server.addrs().first().copied().ok_or("not bound")?;
    println!("{}", serde_json::json!({ "address": address.to_string(), "key": key.reveal(), "keys": keys }));
    server.run().await?;
    Ok(())
}
