//! Files become tables: from systems that behave, and from many that do not.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::draft::{self, Approval, NewDraft, RefreshRule, ReleaseWish};
use fairground_catalog::gate::{self, GateMode, Hold, HoldFilter, HoldState, ReleaseReason, Repairs};
use fairground_catalog::member::Actor as Member;
use fairground_catalog::table::{
    self, JobState, Lease, LoadFilter, LoadJob, LoadOutcome, LoadSums, Table, TableVersion, Turn,
};
use fairground_catalog::{CatalogError, harvest, publisher};
use fairground_domain::{
    Agent, DatasetDraft, DatasetId, Distribution, LocalizedText, SchemaChange, SourceId, Timestamp,
};
use fairground_harvester::load::{LoadTuning, LoadWorkers, Loader, Released};
use fairground_harvester::{Stop, StopReason, WorkerIdentity};
use fairground_tables::{Tables, TablesSettings};
use serde_json::{Value, json};

use crate::agency::{Agency, Answer, Asked};
use crate::fetching::brisk;
use crate::portal::{Portal, data_json};

/// What the agency answers with, made anew for each request.
type Answering = fn() -> Answer;

/// A portal with a loader, and the agency whose files it loads.
struct Fair {
    loader: Loader,
    portal: Portal,
    agency: Agency,
}

fn tuning() -> LoadTuning {
    LoadTuning { fetch: brisk(), parallel: 3, threads: 1, rest: Duration::from_secs(30), ..LoadTuning::default() }
}

impl Fair {
    fn of_each_kind(manual: impl Fn(&Asked) -> Answer + Send + Sync + Clone + 'static) -> Vec<Self> {
        Portal::of_each_kind(500).into_iter().map(|portal| Self::with(portal, tuning(), manual.clone())).collect()
    }

    fn open(tuning: LoadTuning, manual: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::with(Portal::open(), tuning, manual)
    }

    fn with(portal: Portal, tuning: LoadTuning, manual: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let settings = TablesSettings { index: false, ..TablesSettings::new(portal.catalog().data_dir()) };
        let tables = Tables::open(settings).unwrap();
        let loader = Loader::new(portal.catalog().clone(), tables, portal.harvester.fetcher(), tuning).unwrap();
        Self { loader, portal, agency: Agency::start(manual) }
    }

    /// Harvests datasets with these files, a dataset each.
    fn harvest(&self, files: &[&str]) -> SourceId {
        let datasets: Vec<Value> = files.iter().map(|file| self.dataset(file)).collect();
        let file = self.portal.file("data.json", &data_json(&datasets));
        self.portal.harvest_file("waters", &file);
        self.source()
    }

    fn dataset(&self, file: &str) -> Value {
        let name = file.split('.').next().unwrap();
        json!({
            "@type": "dcat:Dataset", "identifier": format!("urn:{file}"), "title": format!("About {name}"),
            "description": "Data", "keyword": ["water"], "modified": "2026-03-01",
            "publisher": {"name": "Agency of Waters"}, "accessLevel": "public",
            "contactPoint": {"fn": "Data desk", "hasEmail": "mailto:data@waters.test"},
            "distribution": [{"downloadURL": self.agency.url(&format!("/files/{file}")), "mediaType": "text/csv"}]
        })
    }

    fn source(&self) -> SourceId {
        self.portal.catalog().db.read(|tx| harvest::get_source(tx, "waters")).unwrap().id
    }

    fn load(&self) -> LoadSums {
        self.loader.load_source(self.source(), Timestamp::now(), &Stop::new()).unwrap()
    }

    fn tables(&self) -> Vec<Table> {
        let cards = self.portal.catalog().db.read(|tx| table::list_tables(tx, None, 100)).unwrap();
        cards.into_iter().map(|card| card.table).collect()
    }

    /// The only table there is.
    fn table(&self) -> Table {
        let mut tables = self.tables();
        assert_eq!(tables.len(), 1, "{tables:?}");
        tables.remove(0)
    }

    fn version(&self, table: &Table) -> TableVersion {
        self.portal.catalog().db.read(|tx| table::get_version(tx, table, None)).unwrap()
    }

    fn jobs(&self) -> Vec<LoadJob> {
        self.portal.catalog().db.read(|tx| table::list_loads(tx, &LoadFilter::default(), 100)).unwrap()
    }

    /// Files asked for, schemas and catalogues left out.
    fn asked(&self) -> usize {
        self.agency.asked().len()
    }

    fn claim(&self, identity: &WorkerIdentity, dead: &[String]) -> (LoadJob, Lease) {
        let turn = Turn { dead, ..Turn::default() };
        let claimed = self.portal.catalog().db.write(|tx| table::claim_next_load(tx, identity.name(), &turn));
        claimed.unwrap().expect("a load is due")
    }

    fn enrol(&self) -> WorkerIdentity {
        WorkerIdentity::enrol(self.portal.catalog().data_dir()).unwrap()
    }
}

fn csv(rows: usize) -> String {
    let mut text = String::from("station,level_cm,measured_on\n");
    for row in 0..rows {
        text.push_str(&format!("S{:03},{},2026-03-{:02}\n", row % 40, row, row % 28 + 1));
    }
    text
}

#[test]
fn a_file_is_loaded_once_and_asked_for_conditionally_afterwards() {
    let manual = |asked: &Asked| match asked.headers.get("if-none-match").map(String::as_str) {
        Some("\"v1\"") => Answer::new(304, "").header("ETag", "\"v1\""),
        _ => Answer::ok(csv(100)).header("ETag", "\"v1\"").header("Content-Type", "text/csv"),
    };
    for fair in Fair::of_each_kind(manual) {
        fair.harvest(&["levels.csv"]);
        assert_eq!(fair.load(), LoadSums { loaded: 1, ..LoadSums::default() });
        let table = fair.table();
        assert_eq!((table.rows, table.version, table.name.as_str()), (100, 1, "levels"));
        assert!(fair.loader.tables().has(table.snapshot_key).unwrap());
        assert_eq!(fair.load(), LoadSums { unchanged: 1, ..LoadSums::default() });
        assert_eq!(fair.agency.asked()[1].headers.get("if-none-match").map(String::as_str), Some("\"v1\""));
        assert_eq!(fair.table(), table);
        fair.portal.agrees();
    }
}

#[test]
fn the_same_bytes_without_validators_are_no_new_version_and_other_bytes_are() {
    let manual = |asked: &Asked| Answer::ok(csv(if asked.number < 2 { 50 } else { 60 }));
    for fair in Fair::of_each_kind(manual) {
        fair.harvest(&["levels.csv"]);
        fair.load();
        let job = |fair: &Fair| fair.jobs().remove(0).progress.outcome;
        assert_eq!(fair.load().unchanged, 1);
        assert_eq!(job(&fair), Some(LoadOutcome::Unchanged));
        assert_eq!(fair.load().loaded, 1);
        let table = fair.table();
        assert_eq!((table.rows, table.version), (60, 2));
        assert_eq!(fair.version(&table).change, SchemaChange::Same);
    }
}

#[test]
fn a_broken_file_never_replaces_good_data_and_says_what_is_wrong() {
    let breakages: [(&str, Answering); 5] = [
        ("cut off", || {
            Answer::ok(csv(500)).header("Content-Type", "text/csv").declaring(1_000_000).dropping_after(2_000)
        }),
        ("a web page", || {
            let page = "<!DOCTYPE html>\n<html><head><title>Sorry</title></head><body><p>Not here</p></body></html>\n";
            Answer::ok(page).header("Content-Type", "text/html")
        }),
        ("refused", || Answer::new(404, "gone")),
        ("failing", || Answer::new(503, "later")),
        ("empty", || Answer::ok("")),
    ];
    for (what, breakage) in breakages {
        let fair = Fair::open(
            tuning(),
            move |asked: &Asked| if asked.number == 0 { Answer::ok(csv(100)) } else { breakage() },
        );
        fair.harvest(&["levels.csv"]);
        assert_eq!(fair.load().loaded, 1, "{what}");
        let good = fair.table();
        let sums = fair.load();
        assert_eq!((sums.loaded, sums.unchanged, sums.failed), (0, 0, 1), "{what}");
        assert_eq!(fair.table(), good, "{what}: good data stays");
        let job = fair.jobs().remove(0);
        let said = job.error.unwrap_or_default();
        assert!(!said.is_empty(), "{what}");
        let passes = matches!(what, "cut off" | "failing");
        assert_eq!(job.state, if passes { JobState::Queued } else { JobState::Failed }, "{what}: {said}");
        if passes {
            assert!(said.contains("127.0.0.1"), "{what}: {said}");
        }
    }
}

#[test]
fn a_file_that_is_too_large_or_too_slow_is_refused() {
    let cases: [(&str, LoadTuning, Answering); 3] = [
        (
            "larger than",
            LoadTuning { fetch: fairground_harvester::fetch::FetchLimits { bytes: 10_000, ..brisk() }, ..tuning() },
            || Answer::ok(csv(5_000)),
        ),
        (
            "longer than",
            LoadTuning {
                fetch: fairground_harvester::fetch::FetchLimits {
                    total: Duration::from_millis(300),
                    tries: 1,
                    ..brisk()
                },
                ..tuning()
            },
            Answer::drip,
        ),
        (
            "did not begin",
            LoadTuning {
                fetch: fairground_harvester::fetch::FetchLimits {
                    first_byte: Duration::from_millis(200),
                    tries: 1,
                    ..brisk()
                },
                ..tuning()
            },
            Answer::silence,
        ),
    ];
    for (words, tuning, answer) in cases {
        let fair = Fair::open(tuning, move |_: &Asked| answer());
        fair.harvest(&["levels.csv"]);
        assert_eq!(fair.load().failed, 1, "{words}");
        let said = fair.jobs().remove(0).error.unwrap();
        assert!(said.contains(words), "{said}");
        assert_eq!(fair.tables(), []);
    }
}

#[test]
fn a_host_that_cannot_be_reached_is_not_asked_again_and_again() {
    let fair = Fair::open(tuning(), |_: &Asked| Answer::silence());
    // A port that nobody listens on.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let datasets: Vec<Value> = (0..20)
        .map(|number| {
            let mut dataset = fair.dataset(&format!("levels-{number}.csv"));
            dataset["distribution"][0]["downloadURL"] = json!(format!("http://{closed}/{number}.csv"));
            dataset
        })
        .collect();
    let file = fair.portal.file("data.json", &data_json(&datasets));
    fair.portal.harvest_file("waters", &file);
    assert_eq!(fair.load().failed, 20);
    let jobs = fair.jobs();
    assert!(jobs.iter().all(|job| job.state == JobState::Queued), "each is tried again later");
    let resting = jobs.iter().filter(|job| job.error.as_ref().unwrap().contains("left alone")).count();
    assert!(resting >= 15, "only {resting} were spared");
}

#[test]
fn many_small_files_of_several_hosts_are_loaded_side_by_side() {
    let at_once = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
    let fair = {
        let at_once = Arc::clone(&at_once);
        Fair::open(LoadTuning { per_host: 2, parallel: 6, ..tuning() }, move |asked: &Asked| {
            let now = at_once.0.fetch_add(1, Ordering::AcqRel) + 1;
            at_once.1.fetch_max(now, Ordering::AcqRel);
            let rows = asked.path().bytes().map(usize::from).sum::<usize>() % 50 + 1;
            at_once.0.fetch_sub(1, Ordering::AcqRel);
            Answer::ok(csv(rows))
        })
    };
    let names: Vec<String> = (0..60).map(|number| format!("levels-{number}.csv")).collect();
    fair.harvest(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let sums = fair.load();
    assert_eq!((sums.loaded, sums.failed), (60, 0));
    assert_eq!(fair.tables().len(), 60);
    assert_eq!(fair.asked(), 60, "each once");
    assert!(at_once.1.load(Ordering::Acquire) <= 2, "no more than two at one time ask a host");
}

#[test]
fn a_cancelled_load_stops_within_seconds() {
    let fair = Fair::open(tuning(), |_: &Asked| Answer::ok(csv(1_000)).stalling_after(100));
    fair.harvest(&["levels.csv"]);
    let began = Instant::now();
    let sums = thread::scope(|scope| {
        scope.spawn(|| {
            while fair.asked() == 0 {
                thread::sleep(Duration::from_millis(5));
            }
            let job = fair.jobs().remove(0);
            fair.portal.catalog().db.write(|tx| table::cancel_load(tx, job.id)).unwrap();
        });
        fair.load()
    });
    assert_eq!(sums.failed, 1);
    assert!(began.elapsed() < Duration::from_secs(20), "it would have stalled on");
    assert_eq!((fair.jobs().remove(0).state, fair.tables().len()), (JobState::Cancelled, 0));
}

#[test]
fn whoever_lost_the_lease_publishes_nothing_and_who_took_it_over_does() {
    for fair in Fair::of_each_kind(|_: &Asked| Answer::ok(csv(100))) {
        fair.harvest(&["levels.csv"]);
        let (slow, quick) = (fair.enrol(), fair.enrol());
        let (job, lease) = fair.claim(&slow, &[]);
        let (same, its_lease) = fair.claim(&quick, &[slow.name().to_owned()]);
        assert_eq!((same.id, same.attempts), (job.id, 2));
        let error = fair.loader.run_load(job, &lease, &Stop::new()).unwrap_err();
        assert_eq!(error.stopped(), Some(StopReason::LeaseLost), "{error}");
        assert_eq!(fair.tables(), []);
        let done = fair.loader.run_load(same, &its_lease, &Stop::new()).unwrap();
        assert_eq!((done.state, done.progress.loaded), (JobState::Completed, 1));
        assert_eq!(fair.table().rows, 100);
    }
}

#[test]
fn workers_load_what_is_due_and_give_back_what_they_cannot_finish() {
    let fair = Fair::open(tuning(), |asked: &Asked| {
        let slow = asked.path().contains("slow") && asked.number < 4;
        if slow { Answer::ok(csv(1_000)).stalling_after(50) } else { Answer::ok(csv(10)) }
    });
    // A worker that died in the middle of a load.
    fair.harvest(&["levels.csv"]);
    let dead = fair.enrol();
    let (left, _) = fair.claim(&dead, &[]);
    drop(dead);
    let workers = LoadWorkers::start(&fair.loader).unwrap();
    let settled = |wanted: &dyn Fn(&[LoadJob]) -> bool| {
        let began = Instant::now();
        while !wanted(&fair.jobs()) {
            assert!(began.elapsed() < Duration::from_secs(60), "{:?}", fair.jobs());
            thread::sleep(Duration::from_millis(20));
        }
    };
    settled(&|jobs| jobs.iter().all(|job| job.state == JobState::Completed));
    assert_eq!(fair.jobs().into_iter().find(|job| job.id == left.id).unwrap().attempts, 2);
    fair.harvest(&["levels.csv", "slow.csv"]);
    workers.wake();
    settled(&|jobs| jobs.iter().any(|job| job.state == JobState::Running) && fair.asked() >= 2);
    workers.stop();
    let given_back = fair.jobs().remove(0);
    assert_eq!((given_back.state, given_back.attempts), (JobState::Queued, 0), "somebody else may take it at once");
    assert!(spools(&fair).is_empty(), "{:?}", spools(&fair));
}

fn spools(fair: &Fair) -> Vec<PathBuf> {
    let root = fair.portal.catalog().data_dir().join("spool-tables");
    std::fs::read_dir(root).map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
}

#[test]
fn a_dataset_that_is_withdrawn_meanwhile_is_left_alone() {
    let fair = Fair::open(tuning(), |_: &Asked| Answer::ok(csv(10)));
    fair.harvest(&["levels.csv"]);
    let file = fair.portal.file("data.json", &data_json(&[fair.dataset("other.csv")]));
    fair.portal.harvest_file("waters", &file);
    fair.load();
    let asked: Vec<String> = fair.agency.asked().iter().map(|asked| asked.path().to_owned()).collect();
    assert_eq!(asked, ["/files/other.csv"]);
    let gone = fair.jobs().into_iter().find(|job| job.progress.outcome == Some(LoadOutcome::Gone));
    assert!(gone.is_some());
}

#[test]
fn one_file_of_this_machine_becomes_a_table_and_then_its_next_version() {
    let fair = Fair::open(tuning(), |_: &Asked| Answer::new(404, ""));
    let load = |content: &str| {
        let file = fair.portal.file("Water levels.csv", content);
        fair.loader.load_file(&file, None, "test")
    };
    let first = load(&csv(20)).unwrap();
    assert_eq!((first.dataset.as_str(), first.tables[0].0.version), ("water-levels", 1));
    assert_eq!(first.tables[0].1.rows, 20);
    assert_eq!(load(&csv(20)).unwrap().tables[0].0.version, 1);
    assert_eq!(load(&csv(30)).unwrap().tables[0].0.version, 2);
    assert!(load("").is_err());
    assert_eq!(fair.table().rows, 30, "good data stays");
    let named = fair.portal.file("x.csv", &csv(5));
    let into = fair.loader.load_file(&named, Some("water-levels".parse().unwrap()), "test").unwrap();
    assert_eq!(into.dataset.as_str(), "water-levels");
    assert_eq!(fair.tables().len(), 2);
    let unknown = fair.loader.load_file(&PathBuf::from("/nowhere/x.csv"), None, "test");
    assert!(unknown.is_err());
    assert!(!matches!(unknown, Err(fairground_harvester::load::LoadError::Store(CatalogError::NotFound { .. }))));
}

const PEOPLE: &str = "first_name,last_name,iban,month\nAda,Byron,DE89370400440532013000,1\nGrace,Murray,DE89370400440532013000,2\n\
                      Alan,Mathison,DE89370400440532013000,3\nEmmy,Noether,DE89370400440532013000,4\n";
const WORDS: &str = "The statute on fees orders it.";

impl Fair {
    fn holds(&self, state: HoldState) -> Vec<Hold> {
        let filter = HoldFilter { state: Some(state), ..HoldFilter::default() };
        let db = &self.portal.catalog().db;
        db.read(|tx| gate::list(tx, &Member::command_line(), &filter, 10)).unwrap()
    }

    fn publication(&self, slug: &str) -> Publication {
        self.portal.catalog().db.read(|tx| dataset::get(tx, slug)).unwrap().publication
    }

    /// Loads whatever waits, as the workers do.
    fn work(&self) {
        let identity = self.enrol();
        let due = |fair: &Self| {
            let turn = Turn::default();
            fair.portal.catalog().db.write(|tx| table::claim_next_load(tx, identity.name(), &turn)).unwrap()
        };
        while let Some((job, lease)) = due(self) {
            self.loader.run_load(job, &lease, &Stop::new()).unwrap();
        }
    }
}

#[test]
fn a_file_of_persons_is_held_and_read_only_when_somebody_has_decided() {
    for fair in Fair::of_each_kind(|_: &Asked| Answer::ok(PEOPLE)) {
        fair.harvest(&["people.csv"]);
        fair.load();
        assert_eq!(fair.tables(), []);
        assert_eq!(fair.publication("about-people"), Publication::Held);
        assert_eq!(fair.loader.tables().list_keys().unwrap(), [], "nothing of it lies where tables lie");
        let [hold] = fair.holds(HoldState::Open).try_into().unwrap();
        let kept = gate::held_file(fair.portal.catalog().data_dir(), hold.id);
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), PEOPLE);
        let outcome = |fair: &Fair| fair.jobs()[0].progress.outcome;
        assert_eq!(outcome(&fair), Some(LoadOutcome::Held));

        // What is ordered is done to the file on its way, and to every file after it.
        let repairs: Repairs = serde_json::from_value(json!([
            {"do": "drop", "column": "first_name"}, {"do": "drop", "column": "last_name"}, {"do": "drop", "column": "iban"}
        ]))
        .unwrap();
        let db = &fair.portal.catalog().db;
        db.write(|tx| gate::repair(tx, &Member::command_line(), hold.id, &repairs, WORDS)).unwrap();
        fair.work();
        assert_eq!(fair.publication("about-people"), Publication::Published);
        let table = fair.table();
        let version = fair.version(&table);
        let columns: Vec<&str> = version.snapshot.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((table.rows, columns), (4, vec!["month"]));
        assert!(!version.snapshot.columns.iter().any(|column| format!("{column:?}").contains("DE89")));
        gate::tidy_files(fair.portal.catalog()).unwrap();
        assert!(!kept.exists(), "nobody needs the original any more");
        fair.portal.agrees();
    }
}

#[test]
fn a_released_file_is_loaded_and_a_later_one_of_persons_leaves_it() {
    let version = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&version);
    let fair = Fair::open(tuning(), move |_: &Asked| match seen.load(Ordering::SeqCst) {
        0 => Answer::ok(csv(10)),
        1 => Answer::ok(PEOPLE),
        _ => Answer::ok(PEOPLE.replace("first_name", "given_name").replace(",month", ",month,email")),
    });
    fair.harvest(&["levels.csv"]);
    fair.load();
    assert_eq!(fair.table().version, 1);
    version.store(1, Ordering::SeqCst);
    for _ in 0..2 {
        fair.load();
        assert_eq!((fair.table().version, fair.publication("about-levels")), (1, Publication::Published));
        assert_eq!(fair.holds(HoldState::Open).len(), 1);
    }
    let [hold] = fair.holds(HoldState::Open).try_into().unwrap();
    assert!(!hold.whole);
    let db = &fair.portal.catalog().db;
    let release = |tx: &mut fairground_catalog::Tx<'_>| {
        gate::release(tx, &Member::command_line(), hold.id, ReleaseReason::Consent, WORDS)
    };
    db.write(release).unwrap();
    fair.work();
    assert_eq!((fair.table().version, fair.table().rows), (2, 4));
    // A file in which more is found than was released is held again.
    version.store(2, Ordering::SeqCst);
    fair.load();
    assert_eq!(fair.table().version, 2);
    assert_eq!(fair.holds(HoldState::Open).len(), 1);
}

impl Fair {
    /// A dataset made here with a file that is fetched again every day; published by whoever sits at the machine.
    fn publish_refreshed(&self, url: &str) -> DatasetId {
        let db = &self.portal.catalog().db;
        let operator = Member::command_line();
        db.write(|tx| {
            let agent = Agent { name: LocalizedText::undetermined("Agency of Waters"), ..Agent::default() };
            let home = publisher::create(tx, agent, None, "test")?.id;
            let listed = Distribution { download_url: Some(url.to_owned()), ..Distribution::default() };
            let document = DatasetDraft {
                title: LocalizedText::undetermined("Water levels"),
                description: LocalizedText::undetermined("Levels of all stations."),
                distribution: vec![listed],
                ..DatasetDraft::default()
            };
            let new = NewDraft { document: Some(document), ..NewDraft::default() };
            let begun = draft::create(tx, &operator, home, new)?;
            let mut content = begun.content.clone();
            content.refresh = vec![RefreshRule { url: url.to_owned(), schedule: "daily Europe/Rome".to_owned() }];
            let saved = draft::save(tx, &operator, begun.id, begun.revision, content)?;
            let waiting = draft::submit(tx, &operator, saved.id, saved.revision, ReleaseWish::default())?;
            draft::approve_at_machine(tx, &operator, waiting.id, waiting.revision, Approval::Now)?;
            Ok(begun.dataset)
        })
        .unwrap()
    }

    /// Lets the moment of a dataset's refresh come, and does what is due then; gives what became of the load.
    fn refresh(&self, dataset: DatasetId) -> LoadJob {
        let db = &self.portal.catalog().db;
        let moment = db.read(|tx| draft::list_refreshes(tx, dataset)).unwrap()[0].next_at.unwrap();
        let at = |secs: i64| {
            db.write(|tx| {
                tx.now = moment.plus_secs(secs);
                draft::enqueue_due_refreshes(tx)
            })
            .unwrap()
        };
        assert_eq!([at(-1), at(0), at(0)], [0, 1, 0], "once, and not before its time");
        let identity = self.enrol();
        let (job, lease) = db
            .write(|tx| {
                tx.now = moment;
                table::claim_next_load(tx, identity.name(), &Turn::default())
            })
            .unwrap()
            .expect("a load is due");
        self.loader.run_load(job, &lease, &Stop::new()).unwrap()
    }
}

#[test]
fn a_file_is_refreshed_on_its_schedule_and_outlives_days_without_news_and_days_of_failure() {
    let day = Arc::new(AtomicUsize::new(0));
    let today = Arc::clone(&day);
    let fair = Fair::open(tuning(), move |asked: &Asked| {
        let known = asked.headers.get("if-none-match").is_some_and(|tag| tag == "\"1\"");
        match today.load(Ordering::SeqCst) {
            0 => Answer::ok(csv(20)).header("ETag", "\"1\""),
            1 if known => Answer::new(304, ""),
            2 => Answer::ok(csv(20)),
            3 => Answer::new(404, "gone for lunch"),
            4 => Answer::ok("<html><body>We are being rebuilt</body></html>").header("Content-Type", "text/html"),
            5 => Answer::ok(csv(30)).header("ETag", "\"2\""),
            other => panic!("asked on day {other} without what was known"),
        }
    });
    let dataset = fair.publish_refreshed(fair.agency.url("/files/levels.csv").as_str());
    fair.work();
    assert_eq!((fair.table().version, fair.table().rows), (1, 20));
    let db = &fair.portal.catalog().db;
    let before = db.read(|tx| draft::list_refreshes(tx, dataset)).unwrap().remove(0);
    assert_eq!(before.last_at, None);

    // No news: the server says so, or the bytes do.
    for quiet in [1, 2] {
        day.store(quiet, Ordering::SeqCst);
        let job = fair.refresh(dataset);
        assert_eq!((job.state, job.progress.outcome), (JobState::Completed, Some(LoadOutcome::Unchanged)), "{quiet}");
        assert_eq!((fair.table().version, fair.table().rows), (1, 20));
    }
    // Trouble: what is public stays, the job says what is wrong, and the next day it is asked again.
    for trouble in [3, 4] {
        day.store(trouble, Ordering::SeqCst);
        let job = fair.refresh(dataset);
        assert_eq!(job.state, JobState::Failed, "{job:?}");
        assert!(job.error.is_some_and(|words| !words.is_empty()));
        assert_eq!((fair.table().version, fair.table().rows), (1, 20));
    }
    day.store(5, Ordering::SeqCst);
    assert_eq!(fair.refresh(dataset).state, JobState::Completed);
    assert_eq!((fair.table().version, fair.table().rows), (2, 30));
    let after = db.read(|tx| draft::list_refreshes(tx, dataset)).unwrap().remove(0);
    assert!(after.last_at > before.last_at && after.next_at > before.next_at, "{after:?}");
    assert_eq!(fair.asked(), 6);
    fair.portal.agrees();
}

/// Answers of pairs of persons who share age, sex and postcode; without the very last one, somebody stands alone.
fn survey(whole: bool) -> String {
    let mut lines: Vec<String> = (0..120)
        .map(|row| {
            let pair = row / 2;
            format!("{row},{},{},{}", 20 + pair % 40, if pair % 2 == 0 { "f" } else { "m" }, 10_115 + pair)
        })
        .collect();
    if !whole {
        lines.pop();
    }
    format!("respondent,age,sex,postcode\n{}\n", lines.join("\n"))
}

#[test]
fn a_version_that_makes_persons_unique_is_held_against_the_one_before() {
    for fair in Fair::of_each_kind(|asked: &Asked| Answer::ok(survey(asked.number < 1))) {
        fair.harvest(&["survey.csv"]);
        fair.load();
        assert_eq!((fair.table().version, fair.table().rows), (1, 120), "everybody has company");
        assert_eq!(fair.holds(HoldState::Open).len(), 0);
        fair.load();
        let [hold] = fair.holds(HoldState::Open).try_into().unwrap();
        let groups = &hold.report.re_identification[0];
        assert_eq!((groups.unique, groups.became_unique), (1, Some(1)), "{groups:?}");
        assert_eq!((fair.table().version, fair.table().rows), (1, 120), "what was public before stays");
        assert_eq!(fair.publication("about-survey"), Publication::Published);
        // Once a reviewer let it pass, it is what the next version is held against.
        let db = &fair.portal.catalog().db;
        let release = |tx: &mut fairground_catalog::Tx<'_>| {
            gate::release(tx, &Member::command_line(), hold.id, ReleaseReason::Consent, WORDS)
        };
        db.write(release).unwrap();
        fair.work();
        assert_eq!((fair.table().version, fair.table().rows), (2, 119));
    }
    // As a first version nobody became anything: one person alone in a hundred is told, and not held.
    let fair = Fair::open(tuning(), |_: &Asked| Answer::ok(survey(false)));
    fair.harvest(&["survey.csv"]);
    fair.load();
    assert_eq!((fair.table().version, fair.table().rows), (1, 119));
    // By the command line too.
    let load = |whole: bool| {
        let file = fair.portal.file("answers.csv", &survey(whole));
        fair.loader.load_file(&file, None, "test").unwrap()
    };
    assert_eq!(load(true).held, None);
    let second = load(false);
    assert!(second.held.is_some());
    assert_eq!(second.screen.re_identification[0].became_unique, Some(1));
}

#[test]
fn a_file_of_this_machine_is_held_until_it_is_repaired_or_released_at_once() {
    let fair = Fair::open(tuning(), |_: &Asked| Answer::new(404, ""));
    let file = fair.portal.file("members.csv", PEOPLE);
    let held = fair.loader.load_file(&file, None, "test").unwrap();
    assert_eq!(held.tables, []);
    assert_eq!(fair.publication("members"), Publication::Held);
    let again = fair.loader.load_file(&file, None, "test").unwrap();
    assert_eq!(again.held, held.held, "the same file is the same hold");
    let repairs: Repairs = serde_json::from_value(json!([
        {"do": "drop", "column": "first_name"}, {"do": "drop", "column": "last_name"}, {"do": "mask", "column": "iban"}
    ]))
    .unwrap();
    let db = &fair.portal.catalog().db;
    db.write(|tx| gate::repair(tx, &Member::command_line(), held.held.unwrap(), &repairs, WORDS)).unwrap();
    fair.work();
    assert_eq!(fair.publication("members"), Publication::Published);
    let table = fair.table();
    assert_eq!((table.rows, table.name.as_str(), table.uploaded), (4, "members", true));

    let other = fair.portal.file("others.csv", PEOPLE);
    let word = Released { reason: ReleaseReason::Anonymised, because: "Names were made up for training.".to_owned() };
    let released = fair.loader.load_file_released(&other, None, "test", Some(&word)).unwrap();
    assert_eq!((released.held, released.tables.len()), (None, 1));
    assert_eq!(fair.publication("others"), Publication::Published);
    assert_eq!(fair.holds(HoldState::Released).len(), 1, "it is recorded");
    fair.portal.agrees();
}

#[test]
fn what_was_public_before_the_gate_is_screened_in_the_background() {
    let fair = Fair::open(tuning(), |_: &Asked| Answer::ok(PEOPLE));
    let db = &fair.portal.catalog().db;
    db.write(|tx| gate::declare(tx, GateMode::Report)).unwrap();
    fair.harvest(&["people.csv"]);
    fair.load();
    assert_eq!(fair.table().rows, 4);
    db.write(|tx| gate::declare(tx, GateMode::Hold)).unwrap();
    let workers = LoadWorkers::start(&fair.loader).unwrap();
    while fair.publication("about-people") != Publication::Held {
        thread::sleep(Duration::from_millis(20));
    }
    workers.stop();
    assert_eq!(fair.tables(), []);
    assert_eq!(fair.holds(HoldState::Open).len(), 1);
}
