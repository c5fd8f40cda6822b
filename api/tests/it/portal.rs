//! A portal of its own for each story, on a loopback port, and the cast that speaks HTTP to it.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::web::Data;
use actix_web::{App, HttpServer, dev::ServerHandle};
use fairground_api::hot_path::MeterFailure;
use fairground_api::mail::OutboxFolder;
use fairground_api::{ApiSettings, ApiState};
use fairground_catalog::account::{self, NewAccount, Role};
use fairground_catalog::harvest::{
    self, HarvestPayload, HarvestProgress, HarvestSource, Incoming, IncomingRecord, NewSource, SeenKeys,
};
use fairground_catalog::service::{self, NewService, OpenapiDocument, ServiceCredentials, ServiceDraft};
use fairground_catalog::table::{self, LoadedFile, LoadedTable, Published, VERSIONS_KEPT};
use fairground_catalog::{Catalog, DatabaseUrl, Place, publisher};
use fairground_domain::{
    Agent, Concept, ContentHash, DatasetDraft, Distribution, JobId, LanguageTag, Licence, LocalizedText, ResourceKind,
};
use fairground_tables::intake::{LoadOptions, Unwatched};
use fairground_tables::{Tables, TablesSettings};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const PASSWORD: &str = "correct horse battery";
/// Who is told to come back later than after so many seconds takes that for the answer.
const MOST_PATIENCE_SECS: u64 = 10;

/// A running portal; it is stopped and its things are removed when it is dropped.
pub struct Portal {
    pub state: Arc<ApiState>,
    pub address: String,
    server: ServerHandle,
    client: reqwest::Client,
    folder: TempDir,
    postgres: Option<(String, String)>,
}

impl Portal {
    /// An empty portal.
    pub async fn open() -> Self {
        Self::open_with(ApiSettings::default()).await
    }

    pub async fn open_with(settings: ApiSettings) -> Self {
        Self::open_metering(settings, MeterFailure::Serve).await
    }

    /// A portal that does this with calls that it cannot meter.
    pub async fn open_metering(settings: ApiSettings, failure: MeterFailure) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut place = Place::in_folder(folder.path());
        let postgres = std::env::var("FAIRGROUND_TEST_POSTGRES_URL").ok().map(|server| {
            let name = format!("fairground_{}", uuid::Uuid::now_v7().simple());
            psql(&server, &format!("CREATE DATABASE {name}"));
            let (address, _) = server.rsplit_once('/').unwrap();
            place.database_url = DatabaseUrl::Postgres(format!("{address}/{name}"));
            (server, name)
        });
        let catalog = Catalog::open(&place).unwrap();
        let mailer = Arc::new(OutboxFolder::new(&folder.path().join("outbox")));
        let tables = Tables::open(TablesSettings::new(folder.path())).unwrap();
        let state = ApiState::open(catalog, settings, failure, mailer, Some(recorder())).unwrap();
        let state = state.with_tables(tables);
        let state = Arc::new(state);
        let data = Data::from(Arc::clone(&state));
        let settings = Arc::clone(&state.settings);
        let server = HttpServer::new(move || {
            App::new()
                .configure(|config| fairground_api::configure(config, &data))
                .wrap(fairground_api::front::Front::new(Arc::clone(&settings)))
        })
        .workers(1)
        .h1_allow_half_closed(false)
        .disable_signals()
        .shutdown_timeout(0)
        .bind(("127.0.0.1", 0))
        .unwrap();
        let address = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { state, address, server: handle, client: plain_client(), folder, postgres }
    }

    /// A portal with three datasets of two bodies.
    pub async fn furnished() -> Self {
        let portal = Self::open().await;
        portal.harvest("ardenport", vec![beds(), air()]);
        portal.harvest("port-authority", vec![berths()]);
        portal
    }

    /// Harvests drafts into a source, as a worker would, and lets the index follow. What the source does not hold any more
    /// is withdrawn.
    pub fn harvest(&self, slug: &str, drafts: Vec<DatasetDraft>) -> JobId {
        let source = self.source(slug);
        let db = &self.state.catalog.db;
        let job = db.write(|tx| harvest::enqueue(tx, source.id, &HarvestPayload::default())).unwrap();
        let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
        let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
        let records = drafts.into_iter().zip(0..).map(|(draft, seq)| record(seq, draft)).collect();
        db.write(|tx| harvest::import_batch(tx, &lease, &source, &mut seen, &mut progress, records)).unwrap();
        let sweep = db.read(|tx| harvest::find_missing(tx, &source, &seen)).unwrap();
        if !sweep.missing.is_empty() {
            db.write(|tx| harvest::withdraw_missing(tx, &lease, &source, &mut progress, &sweep.missing)).unwrap();
        }
        db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
        self.state.catalog.catch_up().unwrap();
        job.id
    }

    /// Loads a file into a dataset's first distribution, indexes and publishes it, as a worker would.
    pub fn load(&self, dataset: &str, file_name: &str, content: &[u8]) -> Vec<Published> {
        let path = self.folder.path().join(file_name);
        std::fs::write(&path, content).unwrap();
        let tables = self.state.tables().unwrap().clone();
        let name = file_name.to_owned();
        // On a thread of its own: loading blocks.
        let work = move || {
            let options = LoadOptions { name, ..LoadOptions::default() };
            let snapshots = tables.load(&path, &options, &Unwatched).unwrap();
            for snapshot in &snapshots {
                tables.build_index(snapshot.key, &|| false).unwrap();
            }
            snapshots
        };
        let snapshots = std::thread::spawn(work).join().unwrap();
        let alone = snapshots.len() == 1;
        let home = self.state.catalog.db.read(|tx| fairground_catalog::dataset::get(tx, dataset)).unwrap();
        let key = |name: &str| if alone { String::new() } else { name.to_owned() };
        let file = LoadedFile {
            dataset: home.id,
            distribution: home.distribution_ids()[0],
            title: String::new(),
            uploaded: false,
            source_hash: ContentHash::of(content),
            tables: snapshots.into_iter().map(|it| LoadedTable { key: key(&it.name), snapshot: it }).collect(),
        };
        let db = &self.state.catalog.db;
        let published = db.write(|tx| table::publish_snapshots(tx, &file, VERSIONS_KEPT, "test")).unwrap();
        self.state.catalog.catch_up().unwrap();
        published
    }

    /// A service of `ardenport` that is live, with what `more` says of it (as the API takes it).
    pub fn service(&self, slug: &str, upstream: &str, more: Value) {
        self.service_with(slug, upstream, more, ServiceCredentials::None);
    }

    /// As [`Self::service`], with credentials.
    pub fn service_with(&self, slug: &str, upstream: &str, more: Value, credentials: ServiceCredentials) {
        self.source("ardenport");
        let mut draft = serde_json::to_value(ServiceDraft::new(slug, upstream)).unwrap();
        for (name, value) in more.as_object().unwrap() {
            draft[name] = value.clone();
        }
        let openapi = json!({
            "openapi": "3.0.3", "info": { "title": slug, "version": "1" }, "servers": [{ "url": upstream }],
            "paths": { "/stations/{station}": { "get": { "summary": "Particulates of one station",
                "parameters": [{ "name": "station", "in": "path", "required": true, "schema": { "type": "string" } }],
                "responses": { "200": { "description": "ok" } } } } },
        });
        let new = NewService {
            slug: Some(slug.parse().unwrap()),
            publisher: "ardenport".parse().unwrap(),
            draft: serde_json::from_value(draft).unwrap(),
            openapi: Some(OpenapiDocument::parse(&openapi.to_string()).unwrap()),
            credentials,
        };
        let state = &self.state;
        let db = &state.catalog.db;
        db.write(|tx| service::create(tx, &state.catalog.secret, new, "test")).unwrap();
        db.write(|tx| service::approve(tx, slug, "test")).unwrap();
        db.write(|tx| service::open(tx, slug, &state.settings.public_url, "test")).unwrap();
        state.catalog.catch_up().unwrap();
        state.follow_now().unwrap();
    }

    /// A source of a body of the same slug.
    pub fn source(&self, slug: &str) -> HarvestSource {
        let db = &self.state.catalog.db;
        if let Some(source) = db.read(|tx| harvest::find_source(tx, slug)).unwrap() {
            return source;
        }
        let new = NewSource {
            slug: slug.parse().unwrap(),
            url: format!("https://{slug}.example/data.json"),
            kind: None,
            publisher: Some(slug.parse().unwrap()),
            interval_secs: None,
        };
        db.write(|tx| harvest::create_source(tx, new, "test")).unwrap()
    }

    /// Somebody without a key and not signed in.
    pub fn visitor(&self) -> Actor<'_> {
        Actor { portal: self, headers: HeaderMap::new(), waits: false }
    }

    /// An application with a fresh key.
    pub async fn consumer(&self, name: &str) -> (Actor<'_>, Value) {
        let body = serde_json::json!({ "name": name, "email": format!("{name}@example.org") });
        let made = self.visitor().post("/api/v1/applications", &body).await.is(201).json();
        (self.with_key(made["key"].as_str().unwrap()), made)
    }

    /// An application made past the API, for a place whose keyless calls are used up.
    pub async fn consumer_by_hand(&self, name: &str) -> Actor<'_> {
        let secret = self.state.catalog.secret.clone();
        let email = format!("{name}@example.org");
        let name = name.to_owned();
        let registered = self
            .state
            .write_keys(move |tx| {
                let terms = fairground_catalog::tariff::get_current(tx)?.terms_version;
                fairground_catalog::application::register(tx, &secret, &name, &email, &terms)
            })
            .await
            .unwrap();
        self.with_key(registered.plain_key.reveal())
    }

    /// Somebody with a key of a plan that exports more than the keyless one.
    pub async fn reader(&self, name: &str) -> Actor<'_> {
        self.consumer_by_hand(name).await
    }

    pub fn with_key(&self, key: &str) -> Actor<'_> {
        self.visitor().saying("x-api-key", key)
    }

    pub async fn operator(&self) -> Actor<'_> {
        self.staff(Role::Operator, None).await
    }

    /// Somebody of a body, signed in by token.
    pub async fn staff(&self, role: Role, body: Option<&str>) -> Actor<'_> {
        let email = format!("{}-{}@example.org", role.as_str(), body.unwrap_or("portal"));
        let db = &self.state.catalog.db;
        let publisher_id = body.map(|slug| {
            self.source(slug);
            db.read(|tx| publisher::get(tx, slug)).unwrap().publisher.id
        });
        let new =
            NewAccount { email: email.clone(), name: String::new(), role, publisher_id, password: PASSWORD.into() };
        match account::create(db, new, "test") {
            Ok(_) | Err(fairground_catalog::CatalogError::Taken { .. }) => {}
            Err(other) => panic!("{other}"),
        }
        let body = serde_json::json!({ "email": email, "password": PASSWORD });
        let session = self.visitor().post("/api/v1/sessions", &body).await.is(201).json();
        self.visitor().saying("authorization", &format!("Bearer {}", session["token"].as_str().unwrap()))
    }

    /// Confirms an account's address, by the link of a letter as its owner would; the letter is read before it is sent.
    pub fn confirm_account(&self, email: &str) {
        let Catalog { db, secret, .. } = &self.state.catalog;
        let letter = db.write(|tx| account::request_password_reset(tx, secret, email)).unwrap();
        account::reset_password(db, secret, &letter.token, PASSWORD, &account::PasswordRules::default()).unwrap();
    }

    /// The letters that were sent; waits for the first `count` of them.
    pub async fn letters(&self, count: usize) -> Vec<String> {
        let outbox: PathBuf = self.folder.path().join("outbox");
        loop {
            let found: Vec<String> = std::fs::read_dir(&outbox)
                .map(|files| files.flatten().map(|file| file.path()).collect::<Vec<_>>())
                .unwrap_or_default()
                .iter()
                .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
                .map(|path| std::fs::read_to_string(path).unwrap())
                .collect();
            if found.len() >= count {
                return found;
            }
            actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        drop(self.server.stop(false));
        if let Some((server, name)) = &self.postgres {
            psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

fn psql(server: &str, statement: &str) {
    let done = Command::new("psql").args([server, "-qc", statement]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// One recorder for the whole process: there can be only one.
fn recorder() -> PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().unwrap()).clone()
}

/// Somebody who speaks HTTP to a portal.
#[derive(Clone)]
pub struct Actor<'a> {
    portal: &'a Portal,
    headers: HeaderMap,
    waits: bool,
}

impl Actor<'_> {
    /// The same, with a header in every request.
    pub fn saying(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(name, value.parse().unwrap());
        self
    }

    /// The same, coming back when told to: for a story of more calls than its plan lets anybody make at once.
    pub const fn patient(mut self) -> Self {
        self.waits = true;
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, Some(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    /// An answer whose body is still to be read.
    pub async fn open(&self, path: &str) -> reqwest::Response {
        let request = self.portal.client.get(format!("{}{path}", self.portal.address));
        request.headers(self.headers.clone()).send().await.unwrap()
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        let answer = self.send_once(method, path, body.clone()).await;
        let wait = answer.headers.get("retry-after").and_then(|secs| secs.to_str().ok()?.parse().ok());
        match wait.filter(|secs| self.waits && answer.status == 429 && *secs <= MOST_PATIENCE_SECS) {
            Some(secs) => {
                actix_web::rt::time::sleep(Duration::from_secs(secs)).await;
                self.send_once(method, path, body).await
            }
            None => answer,
        }
    }

    async fn send_once(&self, method: &str, path: &str, body: Option<String>) -> Answer {
        let client = &self.portal.client;
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request =
            client.request(method, format!("{}{path}", self.portal.address)).headers(self.headers.clone());
        if let Some(body) = body {
            if !self.headers.contains_key("content-type") {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        let answer = request.send().await.unwrap();
        Answer {
            asked: path.to_owned(),
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }
}

/// A client that shows what came over the wire: it unpacks nothing and follows nothing.
fn plain_client() -> reqwest::Client {
    static CRYPTO: OnceLock<()> = OnceLock::new();
    CRYPTO.get_or_init(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let builder = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    builder.no_gzip().no_brotli().no_deflate().no_zstd().build().unwrap()
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// A problem document of this status and kind that names its request.
    #[track_caller]
    pub fn refused_as(self, status: u16, kind: &str) -> Value {
        let told = self.is(status);
        assert_eq!(told.header("content-type"), "application/problem+json", "{}", told.asked);
        let problem = told.json();
        assert!(problem["type"].as_str().unwrap().ends_with(kind), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["instance"], format!("/requests/{}", told.header("x-request-id")), "{problem}");
        problem
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.asked, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }
}

fn record(seq: u64, draft: DatasetDraft) -> IncomingRecord {
    let raw = draft.to_document();
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: draft.identifier.clone(),
        title: draft.title.any().to_owned(),
        raw_hash: ContentHash::of(raw.as_bytes()),
        raw_zstd: zstd_of(raw.as_bytes()),
        content: Some(Incoming::from(draft.normalised())),
        findings: Vec::new(),
    }
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub fn texts(pairs: &[(&str, &str)]) -> LocalizedText {
    pairs.iter().map(|(tag, text)| (LanguageTag::lenient(tag), (*text).to_owned())).collect()
}

fn csv(address: &str) -> Distribution {
    Distribution {
        title: texts(&[("en", "As a table")]),
        download_url: Some(address.to_owned()),
        media_type: Some("text/csv".into()),
        format: Some("CSV".into()),
        byte_size: Some(4096),
        ..Distribution::default()
    }
}

fn open_licence() -> Option<Licence> {
    Some(Licence {
        iri: Some("https://creativecommons.org/licenses/by/4.0/".into()),
        title: texts(&[("en", "CC BY 4.0")]),
    })
}

pub fn beds() -> DatasetDraft {
    DatasetDraft {
        identifier: "beds-2024".into(),
        title: texts(&[("en", "Hospital beds"), ("de", "Krankenhausbetten")]),
        description: texts(&[("en", "Beds by ward and day."), ("de", "Betten je Station und Tag.")]),
        publisher: Some(Agent { name: texts(&[("en", "City of Ardenport")]), ..Agent::default() }),
        keyword: vec![(LanguageTag::lenient("en"), "health".into()), (LanguageTag::lenient("de"), "Gesundheit".into())],
        theme: vec![Concept { iri: Some("https://themes.example/health".into()), label: texts(&[("en", "Health")]) }],
        licence: open_licence(),
        issued: Some("2024-01-15".into()),
        modified: Some("2024-03-01".into()),
        distribution: vec![csv("https://ardenport.example/beds.csv")],
        ..DatasetDraft::default()
    }
}

pub fn air() -> DatasetDraft {
    DatasetDraft {
        identifier: "air".into(),
        title: texts(&[("en", "Air quality")]),
        description: texts(&[("en", "Fine dust by station and hour.")]),
        publisher: Some(Agent { name: texts(&[("en", "City of Ardenport")]), ..Agent::default() }),
        keyword: vec![(LanguageTag::lenient("en"), "environment".into())],
        licence: open_licence(),
        distribution: vec![csv("https://ardenport.example/air.csv")],
        ..DatasetDraft::default()
    }
}

/// The same under another name: a dataset of its own, wherever it is listed.
pub fn named(mut draft: DatasetDraft, name: &str) -> DatasetDraft {
    draft.identifier = name.to_owned();
    draft.title = texts(&[("en", name)]);
    for distribution in &mut draft.distribution {
        distribution.download_url = Some(format!("https://{name}.example/{name}.csv"));
    }
    draft
}

pub fn berths() -> DatasetDraft {
    DatasetDraft {
        identifier: "berths".into(),
        title: texts(&[("en", "Berths of the harbour")]),
        description: texts(&[("en", "Where ships lie.")]),
        publisher: Some(Agent { name: texts(&[("en", "Port Authority")]), ..Agent::default() }),
        distribution: vec![csv("https://port.example/berths.csv")],
        ..DatasetDraft::default()
    }
}
