//! A portal of a story's own: store, index and harvester in a folder that goes with it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use fairground_catalog::harvest::{self, HarvestJob, HarvestRecord, RecordFilter};
use fairground_catalog::{Catalog, Place, dataset};
use fairground_domain::JobId;
use fairground_harvester::fetch::FetchLimits;
use fairground_harvester::{HarvestNow, HarvestReport, Harvester, Stop, Tuning};
use serde_json::{Value, json};

use crate::fetching::{brisk, fetcher};

pub(crate) struct Portal {
    pub(crate) harvester: Harvester,
    folder: tempfile::TempDir,
    server: Option<Server>,
}

/// A database of a story's own on a PostgreSQL server, made and removed with the server's own tools.
struct Server {
    address: String,
    name: String,
}

impl Server {
    fn with_database(address: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("harvest_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let server = Self { address: address.to_owned(), name };
        server.command("createdb", &[]);
        server
    }

    fn url(&self) -> String {
        format!("{}/{}", self.address.rsplit_once('/').unwrap().0, self.name)
    }

    fn command(&self, program: &str, options: &[&str]) {
        let maintenance = format!("--maintenance-db={}", self.address);
        let status = Command::new(program).args(options).arg(maintenance).arg(&self.name).status();
        assert!(status.unwrap().success(), "{program} {}", self.name);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.command("dropdb", &["--force"]);
        }
    }
}

impl Portal {
    pub(crate) fn open() -> Self {
        Self::place(brisk(), Tuning::default(), None)
    }

    /// On SQLite, fetching and harvesting as told.
    pub(crate) fn with(limits: FetchLimits, tuning: Tuning) -> Self {
        Self::place(limits, tuning, None)
    }

    /// On SQLite, and on PostgreSQL when `FAIRGROUND_TEST_POSTGRES_URL` names a server; with batches so small that a story
    /// has many of them.
    pub(crate) fn of_each_kind(batch: usize) -> Vec<Self> {
        let tuning = Tuning { batch, ..Tuning::default() };
        let mut portals = vec![Self::place(brisk(), tuning.clone(), None)];
        match std::env::var("FAIRGROUND_TEST_POSTGRES_URL") {
            Ok(server) => portals.push(Self::place(brisk(), tuning, Some(Server::with_database(&server)))),
            Err(_) => eprintln!("skipped on PostgreSQL: FAIRGROUND_TEST_POSTGRES_URL is not set"),
        }
        portals
    }

    fn place(limits: FetchLimits, tuning: Tuning, server: Option<Server>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut place = Place::in_folder(&folder.path().join("data"));
        if let Some(server) = &server {
            place.database_url = server.url().parse().unwrap();
        }
        let harvester = Harvester::new(Catalog::open(&place).unwrap(), fetcher(limits), tuning).unwrap();
        Self { harvester, folder, server }
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.server.is_none()
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        self.harvester.catalog()
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub(crate) fn harvest(&self, request: &HarvestNow) -> HarvestReport {
        self.harvester.harvest_now(request, &Stop::new()).unwrap()
    }

    /// Harvests a file into the source of that name.
    pub(crate) fn harvest_file(&self, source: &str, file: &Path) -> HarvestReport {
        self.harvest(&HarvestNow { source: Some(source.parse().unwrap()), ..HarvestNow::of(file.to_str().unwrap()) })
    }

    pub(crate) fn published(&self) -> i64 {
        self.catalog().db.read(dataset::count_published).unwrap()
    }

    pub(crate) fn job(&self, id: JobId) -> HarvestJob {
        self.catalog().db.read(|tx| harvest::get_job(tx, id)).unwrap()
    }

    pub(crate) fn records(&self, id: JobId) -> Vec<HarvestRecord> {
        self.catalog().db.read(|tx| harvest::list_records(tx, id, &RecordFilter::default(), 100_000)).unwrap()
    }

    /// Journal, catalogue and index agree.
    pub(crate) fn agrees(&self) {
        let check = self.catalog().check().unwrap();
        assert!(check.agrees(), "{check:?}");
    }
}

/// found, created, updated, unchanged, deleted, refused, failed.
pub(crate) fn counts(report: &HarvestReport) -> [u64; 7] {
    let c = report.datasets;
    [c.found, c.created, c.updated, c.unchanged, c.deleted, c.refused, c.failed]
}

/// A `data.json` with these datasets.
pub(crate) fn data_json(datasets: &[Value]) -> String {
    json!({"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": datasets}).to_string()
}

pub(crate) fn dataset_named(n: usize, title: &str) -> Value {
    json!({
        "@type": "dcat:Dataset",
        "identifier": format!("urn:agency:{n}"),
        "title": title,
        "description": format!("What we know of number {n}"),
        "keyword": ["water", "measurements"],
        "modified": "2026-03-01",
        "publisher": {"name": "Agency of Waters"},
        "contactPoint": {"fn": "Data desk", "hasEmail": "mailto:data@waters.test"},
        "accessLevel": "public",
        "distribution": [{"downloadURL": format!("https://waters.test/{n}.csv"), "mediaType": "text/csv"}]
    })
}

/// So many sound datasets.
pub(crate) fn datasets(numbers: impl IntoIterator<Item = usize>) -> Vec<Value> {
    numbers.into_iter().map(|n| dataset_named(n, &format!("Water levels, station {n}"))).collect()
}

pub(crate) fn state(report: &HarvestReport) -> &'static str {
    report.state.as_str()
}
