//! A portal in a folder of its own, and visitors who speak HTTP.

use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::test::{self, TestRequest};
use actix_web::{App, web};
use fairground_api::front::Front;
use fairground_api::hot_path::MeterFailure;
use fairground_api::mail::OutboxFolder;
use fairground_api::{ApiSettings, ApiState};
use fairground_catalog::account::{self, NewAccount, Role};
use fairground_catalog::application::ensure_portal;
use fairground_catalog::harvest::{
    self, HarvestPayload, HarvestProgress, HarvestSource, Incoming, IncomingRecord, Lease, NewSource, SeenKeys,
};
use fairground_catalog::{Catalog, Place, publisher};
use fairground_domain::{Agent, ContentHash, DatasetDraft, Distribution, Finding, LocalizedText, ResourceKind};
use fairground_web::Pages;
use fairground_web::brand::{Brand, BrandSettings};

pub(crate) const PASSWORD: &str = "a long enough password";
pub(crate) const HOSTILE_TITLE: &str = "</title><script>alert(1)</script> \"Beds\" & <b>wards</b>";

pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) catalog: Catalog,
    pub(crate) state: Arc<ApiState>,
    pub(crate) pages: web::Data<Pages>,
}

/// What an answer was.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
    /// Bytes on the way, compressed where asked for.
    pub(crate) size_bytes: usize,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl House {
    pub(crate) fn open() -> Self {
        Self::open_with(ApiSettings::default())
    }

    pub(crate) fn open_with(settings: ApiSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Catalog::open(&Place::in_folder(folder.path())).unwrap();
        let key = catalog.db.write(|tx| ensure_portal(tx, &catalog.secret)).unwrap();
        let outbox = Arc::new(OutboxFolder::new(&folder.path().join("outbox")));
        let state = ApiState::open(catalog.clone(), settings, MeterFailure::default(), outbox, None).unwrap();
        let state = Arc::new(state);
        let brand = Brand::try_from(BrandSettings::default()).unwrap();
        let pages = web::Data::new(Pages::new(brand, Arc::clone(&state), &key));
        Self { folder, catalog, state, pages }
    }

    /// The link of this kind in a letter to an address, as a path; waits for the letter.
    pub(crate) async fn link_in_letter_to(&self, email: &str, link: &str) -> String {
        let outbox = self.folder.path().join("outbox");
        loop {
            let letters = std::fs::read_dir(&outbox).into_iter().flatten().flatten().map(|file| file.path());
            let whole = letters.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
            for text in whole.map(|path| std::fs::read_to_string(path).unwrap()) {
                let found = text.split_once(link).filter(|_| text.contains(&format!("To: {email}")));
                if let Some((_, rest)) = found {
                    return format!("{link}{}", rest.split_whitespace().next().unwrap());
                }
            }
            actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// One request through the whole app.
    pub(crate) async fn ask(&self, request: TestRequest) -> Answer {
        let data = web::Data::from(Arc::clone(&self.state));
        let app = test::init_service(
            App::new()
                .wrap(Front::new(Arc::clone(&self.state.settings)))
                .configure(|cfg| fairground_api::configure(cfg, &data))
                .configure(|cfg| fairground_web::configure(cfg, &self.pages)),
        )
        .await;
        let answer = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = test::read_body(answer).await;
        Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned(), size_bytes: bytes.len() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(TestRequest::get().uri(path)).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(TestRequest::post().uri(path).set_form(fields)).await
    }

    pub(crate) fn source(&self, slug: &str, publisher: Option<&str>) -> HarvestSource {
        let new = NewSource {
            slug: slug.parse().unwrap(),
            url: format!("https://{slug}.example/data.json"),
            kind: Some("dcat-us".to_owned()),
            publisher: publisher.map(|slug| slug.parse().unwrap()),
            interval_secs: Some(86_400),
        };
        self.catalog.db.write(|tx| harvest::create_source(tx, new, "test")).unwrap()
    }

    fn claim(&self, source: &HarvestSource) -> Lease {
        let job = self.catalog.db.write(|tx| harvest::enqueue(tx, source.id, &HarvestPayload::default())).unwrap();
        self.catalog.db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap().1
    }

    /// Harvests these drafts, and withdraws what the source no longer has.
    pub(crate) fn harvest(&self, source: &HarvestSource, drafts: Vec<(DatasetDraft, Vec<Finding>)>) -> Lease {
        let (lease, seen, mut progress) = self.import(source, drafts);
        let sweep = self.catalog.db.read(|tx| harvest::find_missing(tx, source, &seen)).unwrap();
        if !sweep.missing.is_empty() {
            self.catalog
                .db
                .write(|tx| harvest::withdraw_missing(tx, &lease, source, &mut progress, &sweep.missing))
                .unwrap();
        }
        self.catalog.db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
        self.catalog.catch_up().unwrap();
        lease
    }

    /// Harvests these drafts and stops at the brake.
    pub(crate) fn harvest_until_braked(
        &self,
        source: &HarvestSource,
        drafts: Vec<(DatasetDraft, Vec<Finding>)>,
    ) -> Lease {
        let (lease, seen, mut progress) = self.import(source, drafts);
        let sweep = self.catalog.db.read(|tx| harvest::find_missing(tx, source, &seen)).unwrap();
        progress.before = sweep.before;
        progress.braked = u64::try_from(sweep.missing.len()).unwrap();
        self.catalog.db.write(|tx| harvest::pause_for_approval(tx, &lease, &progress)).unwrap();
        lease
    }

    fn import(
        &self,
        source: &HarvestSource,
        drafts: Vec<(DatasetDraft, Vec<Finding>)>,
    ) -> (Lease, SeenKeys, HarvestProgress) {
        let lease = self.claim(source);
        let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
        let records = drafts
            .into_iter()
            .enumerate()
            .map(|(seq, (draft, findings))| IncomingRecord {
                seq: u64::try_from(seq).unwrap(),
                kind: ResourceKind::Dataset,
                key: draft.identifier.clone(),
                title: draft.title.any().to_owned(),
                raw_hash: ContentHash::of(draft.identifier.as_bytes()),
                raw_zstd: Vec::new(),
                content: Some(Incoming::from(draft.normalised())),
                findings,
            })
            .collect();
        self.catalog
            .db
            .write(|tx| harvest::import_batch(tx, &lease, source, &mut seen, &mut progress, records))
            .unwrap();
        (lease, seen, progress)
    }

    pub(crate) fn account(&self, email: &str, role: Role, publisher: Option<&str>) {
        let publisher_id =
            publisher.map(|slug| self.catalog.db.read(|tx| publisher::get(tx, slug)).unwrap().publisher.id);
        let new = NewAccount {
            email: email.to_owned(),
            name: "Ada".to_owned(),
            role,
            publisher_id,
            password: PASSWORD.to_owned(),
        };
        account::create(&self.catalog.db, new, "test").unwrap();
    }

    /// Signs in by the form and gives the cookie and the CSRF token that the pages carry.
    pub(crate) async fn sign_in(&self, email: &str) -> (String, String) {
        let answer = self.post("/sign-in", &[("email", email), ("password", PASSWORD), ("next", "")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let set = answer.header("set-cookie").to_owned();
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
        let cookie = set.split(';').next().unwrap().to_owned();
        let desk = self.get_as(&cookie, "/workspace").await;
        let (_, rest) = desk.body.split_once("name=\"csrf\" value=\"").expect("a form with its token");
        (cookie, rest.split('"').next().unwrap().to_owned())
    }

    /// The letter whose text holds some words; waits for it.
    pub(crate) async fn letter(&self, words: &str) -> String {
        let outbox = self.folder.path().join("outbox");
        loop {
            let files = std::fs::read_dir(&outbox).into_iter().flatten().flatten().map(|file| file.path());
            let whole = files.filter(|path| path.extension().is_some_and(|end| end == "txt"));
            let found = whole.filter_map(|path| std::fs::read_to_string(path).ok()).find(|text| text.contains(words));
            if let Some(letter) = found {
                return letter;
            }
            actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    pub(crate) async fn get_as(&self, cookie: &str, path: &str) -> Answer {
        self.ask(TestRequest::get().uri(path).insert_header((header::COOKIE, cookie))).await
    }

    pub(crate) async fn post_as(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.ask(TestRequest::post().uri(path).insert_header((header::COOKIE, cookie)).set_form(fields)).await
    }
}

pub(crate) fn draft(key: &str, title: &str) -> DatasetDraft {
    DatasetDraft {
        identifier: key.to_owned(),
        title: LocalizedText::undetermined(title),
        description: LocalizedText::undetermined("What it is. <img src=x onerror=alert(2)><script>alert(3)</script>"),
        publisher: Some(Agent { name: LocalizedText::undetermined("Ministry of Health"), ..Agent::default() }),
        distribution: vec![
            Distribution {
                title: LocalizedText::undetermined("Beds <i>by ward</i>"),
                download_url: Some("https://health.example/beds.csv".to_owned()),
                format: Some("CSV".to_owned()),
                ..Distribution::default()
            },
            Distribution { download_url: Some("javascript:alert(4)".to_owned()), ..Distribution::default() },
        ],
        landing_page: vec!["javascript:alert(5)".to_owned()],
        ..DatasetDraft::default()
    }
}

pub(crate) fn drafts(titles: &[&str]) -> Vec<(DatasetDraft, Vec<Finding>)> {
    titles.iter().map(|title| (draft(title, title), Vec::new())).collect()
}
