//! What agencies and operators see and steer of harvests.

use std::sync::Arc;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use fairground_api::ApiSettings;
use fairground_catalog::account::Role;
use fairground_catalog::harvest::{
    self, HarvestPayload, HarvestProgress, Incoming, IncomingRecord, JobState, SeenKeys,
};
use fairground_catalog::source::{self, ReportState};
use fairground_domain::{ContentHash, DatasetDraft, Finding, LocalizedText, ResourceKind, Rules};
use futures_util::StreamExt;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::portal::{Portal, air, beds};

#[actix_web::test]
async fn those_who_answer_for_a_source_change_when_it_is_harvested() {
    let portal = Portal::furnished().await;
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let operator = portal.operator().await;
    let new = json!({ "slug": "trees", "url": "https://trees.example/catalog.ttl" });
    publisher.post("/api/v1/sources", &new).await.is(201);
    let path = "/api/v1/sources/trees";
    let wish = r#"{ "schedule": "daily Europe/Paris", "grace_secs": 86400, "brake_percent": 10, "brake_least": 3 }"#;
    publisher.send("PATCH", path, Some(wish.to_owned())).await.refused_as(403, "forbidden");
    let changed = steward.send("PATCH", path, Some(wish.to_owned())).await.is(200).json();
    assert_eq!(changed["schedule"], "17 3 * * * Europe/Paris");
    assert_eq!((changed["interval_secs"].as_i64(), changed["grace_secs"].as_i64()), (Some(86_400), Some(86_400)));
    assert_eq!((changed["brake_percent"].as_i64(), changed["brake_least"].as_i64()), (Some(10), Some(3)));
    let paused = r#"{ "state": "paused" }"#;
    steward.send("PATCH", path, Some(paused.to_owned())).await.refused_as(409, "conflict");
    operator.send("POST", "/api/v1/sources/trees/approve", None).await.is(200);
    let changed = steward.send("PATCH", path, Some(paused.to_owned())).await.is(200).json();
    assert_eq!(
        (changed["state"].as_str(), changed["grace_secs"].as_i64()),
        (Some("paused"), Some(86_400)),
        "as it was"
    );
    let changed = operator.send("PATCH", path, Some(r#"{ "schedule": "on-demand" }"#.to_owned())).await.is(200).json();
    assert_eq!((&changed["schedule"], &changed["interval_secs"]), (&Value::Null, &Value::Null));
    for (wrong, place) in [
        (r#"{ "schedule": "now and then" }"#, "/schedule"),
        (r#"{ "schedule": "* * * * *" }"#, "/schedule"),
        (r#"{ "state": "deleted" }"#, "/state"),
        (r#"{ "grace_secs": -1 }"#, "/grace_secs"),
        (r#"{ "brake_percent": 101 }"#, "/brake_percent"),
        (r#"{ "brake_least": 0 }"#, "/brake_least"),
    ] {
        let refused = steward.send("PATCH", path, Some(wrong.to_owned())).await;
        let told = refused.refused_as(422, "invalid-content");
        assert_eq!(told["errors"][0]["pointer"], place, "{wrong}: {told}");
    }
}

#[actix_web::test]
async fn what_an_agency_adds_is_proposed_and_an_operator_approves_it() {
    let portal = Portal::furnished().await;
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let new = json!({ "slug": "trees", "url": "https://trees.example/catalog.ttl", "interval_secs": 3600 });
    let made = publisher.post("/api/v1/sources", &new).await.is(201).json();
    assert_eq!(made["state"], "proposed");
    publisher.send("POST", "/api/v1/sources/trees/run", None).await.refused_as(409, "conflict");
    publisher.post("/api/v1/sources/trees/run", &json!({ "dry_run": true })).await.refused_as(409, "conflict");
    publisher.send("POST", "/api/v1/sources/trees/approve", None).await.refused_as(403, "forbidden");
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    steward.send("POST", "/api/v1/sources/trees/approve", None).await.refused_as(403, "forbidden");
    let operator = portal.operator().await;
    let approved = operator.send("POST", "/api/v1/sources/trees/approve", None).await.is(200).json();
    assert_eq!(approved["state"], "active");
    operator.send("POST", "/api/v1/sources/trees/approve", None).await.refused_as(409, "conflict");
    publisher.send("POST", "/api/v1/sources/trees/run", None).await.is(202);
    let own = json!({ "slug": "bees", "url": "https://bees.example/data.json" });
    assert_eq!(operator.post("/api/v1/sources", &own).await.is(201).json()["state"], "active");
}

/// A DCAT-US record as it stands in a data.json.
fn raw_record(seq: u64, raw: &Value) -> IncomingRecord {
    let text = raw.to_string();
    let draft = DatasetDraft {
        identifier: raw["identifier"].as_str().unwrap().to_owned(),
        title: LocalizedText::undetermined(raw["title"].as_str().unwrap()),
        ..DatasetDraft::default()
    };
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: draft.identifier.clone(),
        title: draft.title.any().to_owned(),
        content: Some(Incoming::from(draft.normalised())),
        raw_hash: ContentHash::of(text.as_bytes()),
        raw_zstd: zstd::encode_all(text.as_bytes(), 1).unwrap(),
        findings: Vec::new(),
    }
}

/// A harvest of these records into `ardenport`, ended.
fn harvested(portal: &Portal, records: Vec<IncomingRecord>) -> fairground_domain::JobId {
    let found = portal.source("ardenport");
    let db = &portal.state.catalog.db;
    let job = db.write(|tx| harvest::enqueue(tx, found.id, &HarvestPayload::default())).unwrap();
    let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
    let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
    db.write(|tx| harvest::import_batch(tx, &lease, &found, &mut seen, &mut progress, records)).unwrap();
    db.write(|tx| harvest::save_kind(tx, found.id, &found.url, "dcat-us")).unwrap();
    db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
    job.id
}

#[actix_web::test]
async fn rules_are_tried_on_the_last_records_before_they_count() {
    let portal = Portal::open().await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let document = json!({ "version": 1, "rules": [
        { "map": { "field": "/licence", "codes": { "cc-by": "https://l.example/by" } } },
        { "exclude": { "field": "/keyword", "is": "internal" } },
    ] });
    let preview = json!({ "document": document, "limit": 5 });
    steward.post("/api/v1/sources/ardenport/rules/preview", &preview).await.refused_as(409, "conflict");
    harvested(
        &portal,
        vec![
            raw_record(0, &json!({ "identifier": "a", "title": "Air", "description": "Dust", "license": "cc-by" })),
            raw_record(1, &json!({ "identifier": "b", "title": "Bees", "keyword": ["Internal"] })),
            raw_record(2, &json!({ "identifier": "c", "title": "Cows" })),
        ],
    );
    let told = steward.post("/api/v1/sources/ardenport/rules/preview", &preview).await.is(200).json();
    assert_eq!(
        (told["tried"].as_u64(), told["changed"].as_u64(), told["excluded"].as_u64()),
        (Some(3), Some(1), Some(1))
    );
    assert_eq!(told["records"][0]["changes"][0]["after"], "https://l.example/by", "{told}");
    assert_eq!(told["records"][1]["findings"][0]["rule"], "excluded-by-rule", "{told}");
    assert_eq!(told["records"][2]["changes"], json!([]));
    let rules = "/api/v1/sources/ardenport/rules";
    assert_eq!(steward.get(rules).await.is(200).json()["version"], 0, "a preview keeps nothing");

    let wrong = json!({ "document": { "version": 1, "rules": [{ "set": { "field": "/titel", "value": "x" } }, 7] } });
    let problem = steward.send("PUT", rules, Some(wrong.to_string())).await.refused_as(422, "invalid-content");
    let pointers: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().map(|it| it["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/document/rules/0/set/field", "/document/rules/1"]);
    let yaml = "version: 1\nrules:\n  - licence: https://l.example/0\n";
    let saved = json!({ "document": yaml, "after_version": 0 }).to_string();
    let put = steward.send("PUT", rules, Some(saved.clone())).await.is(200).json();
    assert_eq!((put["version"].as_i64(), put["document"].as_str()), (Some(1), Some(yaml)));
    let late = json!({ "document": null, "after_version": 0 }).to_string();
    steward.send("PUT", rules, Some(late)).await.refused_as(409, "conflict");
    assert_eq!(steward.get(rules).await.json()["versions"][0]["version"], 1);
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    publisher.send("PUT", rules, Some(saved)).await.refused_as(403, "forbidden");
    assert_eq!(publisher.get(rules).await.is(200).json()["version"], 1);
    let schema = portal.visitor().get("/api/v1/mapping-rules/schema").await.is(200);
    assert_eq!((schema.header("content-type").as_str(), schema.json()), ("application/schema+json", Rules::schema()));
}

#[actix_web::test]
async fn the_rules_that_records_are_held_to_are_published() {
    let portal = Portal::open().await;
    let told = portal.visitor().get("/api/v1/finding-rules").await.is(200).json();
    let items = told["items"].as_array().unwrap();
    assert_eq!(items.len(), fairground_domain::FINDING_RULES.len());
    assert!(items.iter().all(|rule| !rule["what_to_do"].as_str().unwrap().is_empty()));
}

/// A refused record with its finding.
fn broken(seq: u64) -> IncomingRecord {
    let raw = format!("{{\"identifier\":\"{seq}\"}}");
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: seq.to_string(),
        title: format!("Record, \"{seq}\""),
        content: None,
        raw_hash: ContentHash::of(raw.as_bytes()),
        raw_zstd: Vec::new(),
        findings: vec![Finding::error("title-missing", "/title", "the record has no title")],
    }
}

/// Memory of this process that is in use, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// 150,000 of them, as a slow reader takes them: the answer grows as it is read, and the program does not.
#[actix_web::test]
async fn very_many_findings_are_downloaded_as_they_are_read() {
    const MANY: u64 = 150_000;
    const BATCH: u64 = 5_000;
    /// Far below what all of it would take, at any moment and wherever it were held.
    const MOST_GROWTH_KIB: u64 = 24 * 1024;
    let portal = Portal::open().await;
    let found = portal.source("ardenport");
    let db = &portal.state.catalog.db;
    let job = db.write(|tx| harvest::enqueue(tx, found.id, &HarvestPayload::default())).unwrap().id;
    let (_, lease) = db.write(|tx| harvest::claim(tx, job, "worker", &[])).unwrap().unwrap();
    let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
    for from in (0..MANY).step_by(usize::try_from(BATCH).unwrap()) {
        let records = (from..from + BATCH).map(broken).collect();
        db.write(|tx| harvest::import_batch(tx, &lease, &found, &mut seen, &mut progress, records)).unwrap();
    }
    drop(seen);
    db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    for (ending, head) in [("csv", 1), ("ndjson", 0)] {
        // What a first answer of the kind needs once and keeps is not the download's.
        steward.get(&format!("/api/v1/jobs/{job}/findings?limit=1000")).await.is(200);
        let answer = steward.open(&format!("/api/v1/jobs/{job}/findings.{ending}")).await;
        assert_eq!(answer.status(), 200);
        let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(disposition.contains(&format!("findings-{job}.{ending}")), "{disposition}");
        let (mut pieces, before) = (answer.bytes_stream(), resident_kib());
        let (mut lines, mut bytes, mut peak) = (0, 0u64, before);
        while let Some(piece) = pieces.next().await {
            let piece = piece.unwrap();
            lines += piece.iter().filter(|byte| **byte == b'\n').count();
            bytes += u64::try_from(piece.len()).unwrap();
            peak = peak.max(resident_kib());
        }
        assert_eq!(lines, usize::try_from(MANY).unwrap() + head, "{ending}");
        assert!(bytes > 12 * 1024 * 1024, "{bytes}");
        println!("{ending}: {bytes} bytes, memory grew by {} KiB", peak - before);
        assert!(peak - before < MOST_GROWTH_KIB, "{ending}: {} KiB more", peak - before);
    }
    let one = steward.get(&format!("/api/v1/jobs/{job}/findings?limit=2&rule=title-missing&severity=error")).await;
    let page = one.is(200).json();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["items"][0]["what_to_do"], "Give it a title that says what it is, where and when.");
    let none = steward.get(&format!("/api/v1/jobs/{job}/findings?severity=warning&limit=1000")).await.is(200).json();
    assert_eq!(none["items"], json!([]));
    steward.get(&format!("/api/v1/jobs/{job}/findings?rule=no-such")).await.refused_as(400, "invalid-parameter");
    steward.get(&format!("/api/v1/jobs/{job}/findings.xml")).await.refused_as(404, "not-found");
    let stranger = portal.staff(Role::Steward, Some("port-authority")).await;
    stranger.get(&format!("/api/v1/jobs/{job}/findings.csv")).await.refused_as(404, "not-found");
    portal.visitor().get(&format!("/api/v1/jobs/{job}/findings.csv")).await.refused_as(401, "sign-in-required");
}

#[actix_web::test]
async fn a_record_is_told_with_what_it_came_from_and_what_it_became() {
    let portal = Portal::open().await;
    let job = harvested(&portal, vec![raw_record(0, &json!({ "identifier": "a", "title": "Air" })), broken(1)]);
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let told = publisher.get(&format!("/api/v1/jobs/{job}/records/0")).await.is(200).json();
    assert_eq!(told["raw"]["text"], "{\"identifier\":\"a\",\"title\":\"Air\"}");
    assert_eq!(told["mapped"]["document"]["title"]["und"], "Air");
    assert_eq!((told["mapped"]["version"].as_i64(), told["mapped"]["is_current"].as_bool()), (Some(1), Some(true)));
    let refused = publisher.get(&format!("/api/v1/jobs/{job}/records/1")).await.is(200).json();
    assert!(refused["mapped"].is_null() && refused["record"]["outcome"] == "refused", "{refused}");
    publisher.get(&format!("/api/v1/jobs/{job}/records/9")).await.refused_as(404, "not-found");
    let stranger = portal.staff(Role::Publisher, Some("port-authority")).await;
    stranger.get(&format!("/api/v1/jobs/{job}/records/0")).await.refused_as(404, "not-found");
}

/// A receiver of calls on loopback: remembers them, and answers with the statuses that it was given, then with 204.
pub struct Receiver {
    pub url: String,
    pub calls: Arc<Mutex<Vec<(HeaderPairs, String)>>>,
    server: actix_web::dev::ServerHandle,
}

pub type HeaderPairs = Vec<(String, String)>;

impl Receiver {
    pub fn start(statuses: Vec<u16>) -> Self {
        let calls: Arc<Mutex<Vec<(HeaderPairs, String)>>> = Arc::default();
        let (kept, statuses) = (Arc::clone(&calls), Arc::new(Mutex::new(statuses)));
        let server = HttpServer::new(move || {
            let (kept, statuses) = (Arc::clone(&kept), Arc::clone(&statuses));
            App::new().default_service(web::to(move |request: HttpRequest, body: String| {
                let (kept, statuses) = (Arc::clone(&kept), Arc::clone(&statuses));
                async move {
                    let headers = request.headers().iter();
                    let headers =
                        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
                    kept.lock().push((headers.collect(), body));
                    let mut statuses = statuses.lock();
                    let status = if statuses.is_empty() { 204 } else { statuses.remove(0) };
                    HttpResponse::build(status.try_into().unwrap()).finish()
                }
            }))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}/hooks/fairground", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { url, calls, server: handle }
    }

    pub fn header(&self, call: usize, name: &str) -> String {
        let calls = self.calls.lock();
        calls[call].0.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

/// Tells what is due, on a thread that may block.
async fn tell(portal: &Portal) -> usize {
    let state = Arc::clone(&portal.state);
    web::block(move || state.deliver_harvest_reports()).await.unwrap().unwrap()
}

#[actix_web::test]
async fn an_address_is_called_with_a_signature_until_it_takes_the_report() {
    let receiver = Receiver::start(vec![500]);
    let settings = ApiSettings { reach: "127.0.0.1".parse().unwrap(), ..ApiSettings::default() };
    let portal = Portal::open_with(settings).await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let contacts = "/api/v1/sources/ardenport/contacts";
    let new = json!({ "kind": "webhook", "address": receiver.url, "occasion": "change" });
    let made = steward.post(contacts, &new).await.is(201).json();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let listed = steward.get(contacts).await.is(200).json();
    assert!(!listed.to_string().contains("whsec_"), "told once: {listed}");
    let job = portal.harvest("ardenport", vec![beds(), air()]);
    assert_eq!(tell(&portal).await, 0, "the receiver fails");
    let reports = steward.get("/api/v1/sources/ardenport/reports").await.is(200).json();
    assert_eq!(
        (reports["items"][0]["state"].as_str(), reports["items"][0]["attempts"].as_i64()),
        (Some("waiting"), Some(1))
    );
    assert!(reports["items"][0]["error"].as_str().unwrap().contains("status 500"), "{reports}");
    assert_eq!(tell(&portal).await, 0, "not before its pause is over");
    make_due(&portal).await;
    assert_eq!(tell(&portal).await, 1);
    make_due(&portal).await;
    assert_eq!(tell(&portal).await, 0, "once");
    let calls = receiver.calls.lock().clone();
    assert_eq!(calls.len(), 2);
    let (id, at) = (receiver.header(1, "webhook-id"), receiver.header(1, "webhook-timestamp"));
    assert_eq!(id, receiver.header(0, "webhook-id"), "a repetition can be told by its id");
    let body: Value = serde_json::from_str(&calls[1].1).unwrap();
    assert_eq!(
        (body["type"].as_str(), body["data"]["job"]["id"].as_str()),
        (Some("harvest.completed"), Some(job.to_string().as_str()))
    );
    assert_eq!(body["data"]["job"]["counts"]["created"], 2);
    let expected = fairground_api::sign_webhook(&secret, &id, at.parse().unwrap(), calls[1].1.as_bytes());
    assert_eq!(receiver.header(1, "webhook-signature"), expected);
    portal.harvest("ardenport", vec![beds(), air()]);
    assert_eq!(tell(&portal).await, 0, "nothing changed, so there is no occasion");
    let reports = steward.get("/api/v1/sources/ardenport/reports").await.is(200).json();
    assert_eq!(reports["items"].as_array().unwrap().len(), 1);
    assert_eq!(reports["items"][0]["state"], "delivered");
    let id = made["id"].as_str().unwrap();
    steward.delete(&format!("{contacts}/{id}")).await.is(204);
    steward.delete(&format!("{contacts}/{id}")).await.refused_as(404, "not-found");
}

/// Lets every report that waits be tried now.
async fn make_due(portal: &Portal) {
    let found = portal.source("ardenport");
    let db = portal.state.catalog.db.clone();
    web::block(move || db.write(|tx| source::hurry_reports(tx, found.id))).await.unwrap().unwrap();
}

#[actix_web::test]
async fn addresses_that_may_not_be_called_are_refused_and_what_is_gone_is_given_up() {
    let receiver = Receiver::start(vec![410]);
    let portal = Portal::open_with(ApiSettings { reach: "127.0.0.1".parse().unwrap(), ..ApiSettings::default() }).await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let contacts = "/api/v1/sources/ardenport/contacts";
    for (kind, address) in [
        ("webhook", "https://169.254.169.254/latest"),
        ("webhook", "http://hooks.example/"),
        ("webhook", "https://[fd00::1]/"),
        ("email", "nobody"),
        ("pigeon", "https://hooks.example/"),
    ] {
        let new = json!({ "kind": kind, "address": address, "occasion": "always" });
        steward.post(contacts, &new).await.refused_as(422, "invalid-content");
    }
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let new = json!({ "kind": "webhook", "address": receiver.url, "occasion": "always" });
    publisher.post(contacts, &new).await.refused_as(403, "forbidden");
    steward.post(contacts, &new).await.is(201);
    portal.harvest("ardenport", vec![beds()]);
    assert_eq!(tell(&portal).await, 0);
    let found = portal.source("ardenport");
    let told = portal.state.catalog.db.read(|tx| source::list_reports(tx, found.id, 9)).unwrap();
    assert_eq!((told[0].state, told[0].attempts), (ReportState::Failed, 1));
    assert!(told[0].error.as_deref().unwrap().contains("410"), "{told:?}");
}

#[actix_web::test]
async fn a_mailbox_is_told_by_letter_once() {
    let portal = Portal::open().await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let new = json!({ "kind": "email", "address": "open@ardenport.example", "occasion": "error" });
    let made = steward.post("/api/v1/sources/ardenport/contacts", &new).await.is(201).json();
    assert!(made.get("secret").is_none());
    portal.harvest("ardenport", vec![beds()]);
    assert_eq!(tell(&portal).await, 0, "nothing was wrong");
    harvested(&portal, vec![broken(0)]);
    assert_eq!(tell(&portal).await, 1);
    assert_eq!(tell(&portal).await, 0);
    let letter = portal.letters(1).await.remove(0);
    assert!(letter.contains("To: open@ardenport.example"), "{letter}");
    assert!(letter.contains("some records need mending") && letter.contains("refused: 1"), "{letter}");
}

#[actix_web::test]
async fn a_jobs_progress_is_told_as_it_happens() {
    let portal = Portal::open().await;
    let found = portal.source("ardenport");
    let db = portal.state.catalog.db.clone();
    let job = db.write(|tx| harvest::enqueue(tx, found.id, &HarvestPayload::default())).unwrap();
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let answer = publisher.open(&format!("/api/v1/jobs/{}/events", job.id)).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert!(answer.headers().get("content-encoding").is_none());
    let mut pieces = answer.bytes_stream();
    let mut told = String::new();
    let read = |piece: Option<Result<actix_web::web::Bytes, _>>| -> String {
        String::from_utf8(piece.unwrap().map_err(|error: reqwest::Error| error.to_string()).unwrap().to_vec()).unwrap()
    };
    told.push_str(&read(pieces.next().await));
    assert!(told.contains("event: progress") && told.contains("\"state\":\"queued\""), "{told}");
    db.write(|tx| harvest::cancel(tx, job.id)).unwrap();
    while let Some(piece) = pieces.next().await {
        told.push_str(&read(Some(piece)));
    }
    assert!(told.contains("event: end") && told.contains("\"state\":\"cancelled\""), "{told}");
    // Of what has ended there is one event, and the answer ends.
    let over = publisher.get(&format!("/api/v1/jobs/{}/events", job.id)).await.is(200).text();
    assert_eq!(over.matches("event: ").count(), 1, "{over}");
    let stranger = portal.staff(Role::Publisher, Some("port-authority")).await;
    stranger.get(&format!("/api/v1/jobs/{}/events", job.id)).await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn a_deleted_source_is_gone_at_once_for_everybody() {
    let portal = Portal::furnished().await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    publisher.delete("/api/v1/sources/ardenport").await.refused_as(403, "forbidden");
    let stranger = portal.staff(Role::Steward, Some("port-authority")).await;
    stranger.delete("/api/v1/sources/ardenport").await.refused_as(404, "not-found");
    steward.delete("/api/v1/sources/ardenport?datasets=burn").await.refused_as(400, "invalid-parameter");
    let told = steward.delete("/api/v1/sources/ardenport").await.is(202);
    let job = told.json();
    assert_eq!((job["kind"].as_str(), job["state"].as_str()), (Some("removal"), Some("queued")));
    assert_eq!(told.header("location"), format!("/api/v1/jobs/{}", job["id"].as_str().unwrap()));
    steward.get("/api/v1/sources/ardenport").await.refused_as(404, "not-found");
    assert_eq!(steward.get("/api/v1/sources").await.is(200).json()["items"], json!([]));
    let path = told.header("location");
    steward.send("POST", &format!("{path}/cancel"), None).await.refused_as(409, "conflict");
    stranger.get(&path).await.refused_as(404, "not-found");
    let listed = steward.get("/api/v1/jobs?kind=removal").await.is(200).json();
    assert_eq!(listed["items"][0]["id"], job["id"]);
    let db = portal.state.catalog.db.clone();
    let (_, lease) = source::claim_next_removal(&db, "worker", &[]).unwrap().unwrap();
    while source::remove_batch(&db, &lease).unwrap().state != JobState::Completed {}
    let done = steward.get(&path).await.is(200).json();
    assert_eq!((done["state"].as_str(), done["withdrawn"].as_u64()), (Some("completed"), Some(2)));
    portal.state.catalog.catch_up().unwrap();
    portal.visitor().get("/api/v1/datasets/air-quality").await.refused_as(410, "gone");
}
