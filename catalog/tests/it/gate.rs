use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::domain::{ContentHash, DatasetDraft, Distribution, LocalizedText, ResourceKind};
use fairground_catalog::gate::{
    self, Clearance, FileScreening, GateMode, Hold, HoldFilter, HoldState, ReleaseReason, Repairs, Report, Subject,
    Verdict,
};
use fairground_catalog::harvest::{
    self, BatchReport, HarvestPayload, HarvestProgress, HarvestSource, Incoming, IncomingRecord, NewSource, Outcome,
    SeenKeys,
};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::member::Actor;
use fairground_catalog::search::SearchIndex;
use fairground_catalog::{CatalogError, Db, follow};

use crate::store::on_every_store;

const ACCOUNT: &str = "Fees of Ada Byron, paid monthly to her account DE89 3704 0044 0532 0130 00.";
const WORDS: &str = "The statute on fees orders it.";

fn record(seq: u64, key: &str, description: &str) -> IncomingRecord {
    let draft = DatasetDraft {
        identifier: key.to_owned(),
        title: LocalizedText::undetermined(format!("Fees {key}")),
        description: LocalizedText::undetermined(description),
        distribution: vec![Distribution {
            download_url: Some(format!("https://data.example/{key}.csv")),
            ..Distribution::default()
        }],
        ..DatasetDraft::default()
    };
    let raw = format!("{key}: {description}");
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: key.to_owned(),
        title: format!("Fees {key}"),
        content: Some(Incoming::from(draft.normalised())),
        raw_hash: ContentHash::of(raw.as_bytes()),
        raw_zstd: zstd::encode_all(raw.as_bytes(), 1).unwrap(),
        findings: Vec::new(),
    }
}

struct Harvest<'a> {
    db: &'a Db,
    source: HarvestSource,
}

impl<'a> Harvest<'a> {
    fn of(db: &'a Db) -> Self {
        let new = NewSource {
            slug: "ardenport".parse().unwrap(),
            url: "https://data.example/data.json".to_owned(),
            kind: None,
            publisher: Some("ardenport".parse().unwrap()),
            interval_secs: None,
        };
        Self { db, source: db.write(|tx| harvest::create_source(tx, new, "test")).unwrap() }
    }

    fn run(&self, records: Vec<IncomingRecord>) -> BatchReport {
        let db = self.db;
        let job = db.write(|tx| harvest::enqueue(tx, self.source.id, &HarvestPayload::default())).unwrap();
        let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
        let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
        let report =
            db.write(|tx| harvest::import_batch(tx, &lease, &self.source, &mut seen, &mut progress, records)).unwrap();
        let sweep = db.read(|tx| harvest::find_missing(tx, &self.source, &seen)).unwrap();
        assert!(sweep.missing.is_empty(), "{:?}", sweep.missing);
        db.write(|tx| harvest::forget_missing_held(tx, &self.source, &seen)).unwrap();
        db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
        report
    }
}

fn open_holds(db: &Db) -> Vec<Hold> {
    let filter = HoldFilter { state: Some(HoldState::Open), ..HoldFilter::default() };
    db.read(|tx| gate::list(tx, &Actor::command_line(), &filter, 100)).unwrap()
}

fn release(db: &Db, hold: &Hold) {
    let work = |tx: &mut fairground_catalog::Tx<'_>| {
        gate::release(tx, &Actor::command_line(), hold.id, ReleaseReason::LegalDuty, WORDS)
    };
    db.write(work).unwrap();
}

fn state_of(db: &Db, slug: &str) -> Publication {
    db.read(|tx| dataset::get(tx, slug)).unwrap().publication
}

fn public_kinds(db: &Db) -> Vec<EventKind> {
    let entries = db.read(|tx| journal::list_public_since(tx, 0, 1_000)).unwrap();
    entries.into_iter().filter(|it| it.kind.subject_kind() == "dataset").map(|it| it.kind).collect()
}

#[test]
fn a_held_record_is_known_to_reviewers_alone_and_public_once_it_is_released() {
    on_every_store(|db| {
        let harvest = Harvest::of(db);
        let report = harvest.run(vec![record(0, "a", "Fees by month."), record(1, "b", ACCOUNT)]);
        assert_eq!(report.outcomes, [Outcome::Created, Outcome::Created]);
        assert_eq!(state_of(db, "fees-b"), Publication::Held);
        for _ in 0..2 {
            let again = harvest.run(vec![record(0, "a", "Fees by month."), record(1, "b", ACCOUNT)]);
            assert_eq!(again.outcomes, [Outcome::Unchanged, Outcome::Unchanged]);
        }
        let holds = open_holds(db);
        assert_eq!((holds.len(), holds[0].whole, holds[0].name.as_str()), (1, true, "Fees b"));
        let unknown = |slug: &str| db.read(|tx| dataset::get_public(tx, slug)).unwrap_err();
        assert!(matches!(unknown("fees-b"), CatalogError::NotFound { .. }));
        assert!(matches!(db.read(|tx| dataset::get_known(tx, "fees-b")), Err(CatalogError::NotFound { .. })));
        assert_eq!(public_kinds(db), [EventKind::DatasetCreated]);
        let folder = std::env::temp_dir().join(format!("fairground-index-{}", uuid::Uuid::now_v7()));
        let index = SearchIndex::open_writer(&folder).unwrap();
        follow::catch_up(db, &index).unwrap();
        assert_eq!(index.contents().len(), 1);

        release(db, &holds[0]);
        assert_eq!(state_of(db, "fees-b"), Publication::Published);
        assert_eq!(public_kinds(db), [EventKind::DatasetCreated; 2]);
        follow::catch_up(db, &index).unwrap();
        assert!(follow::check(db, &index).unwrap().agrees());
        let shown = db.read(|tx| dataset::get_public(tx, "fees-b")).unwrap();
        let reports = db.read(|tx| gate::public_reports(tx, shown.id)).unwrap();
        let [report] = reports.reports.as_slice() else { panic!("{reports:?}") };
        assert_eq!(report.released.as_ref().unwrap().because, WORDS);
        assert!(report.report.findings.iter().all(|it| it.examples.is_empty() && it.row_numbers.is_empty()));
        // What was released is not held again, also when something else of it changes.
        let later = format!("{ACCOUNT} Until 2026.");
        let report = harvest.run(vec![record(0, "a", "Fees by month."), record(1, "b", &later)]);
        assert_eq!(report.outcomes, [Outcome::Unchanged, Outcome::Updated]);
        assert!(open_holds(db).is_empty());
    });
}

#[test]
fn a_public_description_stays_while_another_waits_in_its_place() {
    on_every_store(|db| {
        let harvest = Harvest::of(db);
        harvest.run(vec![record(0, "a", "Fees by month.")]);
        assert_eq!(harvest.run(vec![record(0, "a", ACCOUNT)]).outcomes, [Outcome::Updated]);
        assert_eq!(harvest.run(vec![record(0, "a", ACCOUNT)]).outcomes, [Outcome::Unchanged]);
        let shown = db.read(|tx| dataset::get_public(tx, "fees-a")).unwrap();
        assert_eq!((shown.version, shown.draft.description.any()), (1, "Fees by month."));
        let [hold] = open_holds(db).try_into().unwrap();
        assert!(!hold.whole);
        // Other words come before anybody has decided: there is nothing to decide any more.
        assert_eq!(harvest.run(vec![record(0, "a", "Fees by week.")]).outcomes, [Outcome::Updated]);
        assert!(open_holds(db).is_empty());
        assert_eq!(db.read(|tx| gate::get(tx, hold.id)).unwrap().state, HoldState::Superseded);
        harvest.run(vec![record(0, "a", ACCOUNT)]);
        let [hold] = open_holds(db).try_into().unwrap();
        release(db, &hold);
        let shown = db.read(|tx| dataset::get_public(tx, "fees-a")).unwrap();
        assert_eq!((shown.version, shown.draft.description.any()), (3, ACCOUNT));
    });
}

#[test]
fn held_content_never_comes_into_a_history_that_everybody_reads() {
    on_every_store(|db| {
        let harvest = Harvest::of(db);
        harvest.run(vec![record(0, "a", ACCOUNT)]);
        harvest.run(vec![record(0, "a", &format!("{ACCOUNT} And more."))]);
        assert_eq!(open_holds(db).len(), 1);
        assert_eq!(harvest.run(vec![record(0, "a", "Fees by month.")]).outcomes, [Outcome::Updated]);
        assert_eq!(state_of(db, "fees-a"), Publication::Published);
        assert_eq!(db.read(|tx| dataset::list_versions(tx, "fees-a")).unwrap().len(), 1);
        assert_eq!(public_kinds(db), [EventKind::DatasetCreated]);
    });
}

#[test]
fn what_a_source_no_longer_lists_leaves_nothing_of_what_was_held() {
    on_every_store(|db| {
        let harvest = Harvest::of(db);
        harvest.run(vec![record(0, "a", "Fees by month."), record(1, "b", ACCOUNT)]);
        harvest.run(vec![record(0, "a", "Fees by month.")]);
        assert!(open_holds(db).is_empty());
        let left = db.read(|tx| dataset::get(tx, "fees-b")).unwrap();
        assert_eq!((left.publication.clone(), left.draft), (Publication::Held, DatasetDraft::default()));
        // Listed again, it is held again.
        let report = harvest.run(vec![record(0, "a", "Fees by month."), record(1, "b", ACCOUNT)]);
        assert_eq!(report.outcomes[1], Outcome::Updated);
        assert_eq!((open_holds(db).len(), state_of(db, "fees-b")), (1, Publication::Held));
    });
}

#[test]
fn other_rules_find_what_is_public_and_take_it_out_of_view() {
    on_every_store(|db| {
        let harvest = Harvest::of(db);
        // Nothing was held while the gate only reported.
        db.write(|tx| gate::declare(tx, GateMode::Report)).unwrap();
        harvest.run(vec![record(0, "a", "Fees by month."), record(1, "b", ACCOUNT)]);
        assert_eq!(state_of(db, "fees-b"), Publication::Published);
        sweep(db);
        assert_eq!(state_of(db, "fees-b"), Publication::Published);
        let told = db.read(|tx| journal::list_of_kind(tx, EventKind::GateChanged)).unwrap();
        assert_eq!(told.len(), 1, "the change stands in the journal");

        db.write(|tx| gate::declare(tx, GateMode::Hold)).unwrap();
        assert!(!gate::is_swept(db).unwrap());
        sweep(db);
        assert!(gate::is_swept(db).unwrap());
        assert_eq!((state_of(db, "fees-a"), state_of(db, "fees-b")), (Publication::Published, Publication::Held));
        assert_eq!(public_kinds(db), [EventKind::DatasetCreated], "as if it had never been");
        let [hold] = open_holds(db).try_into().unwrap();
        release(db, &hold);
        use EventKind::{DatasetCreated, DatasetRestored};
        assert_eq!(public_kinds(db), [DatasetCreated, DatasetCreated, DatasetRestored]);
    });
}

fn sweep(db: &Db) {
    while db.write(gate::rescreen_descriptions).unwrap() > 0 {}
    assert_eq!(db.read(|tx| gate::find_stale_file(tx, None)).unwrap(), None);
    db.write(gate::end_sweep).unwrap();
}

fn persons() -> Report {
    let mut report = gate::passing_report();
    report.verdict = Verdict::Hold;
    let finding = serde_json::json!({
        "table": "people", "column": "iban", "kind": "iban", "rows": 4, "share": 1.0, "confidence": 0.99,
        "outcome": "hold", "rule": "iban/check-digits", "why": "Accounts.", "row_numbers": [2], "examples": ["xx99"],
    });
    report.findings.push(serde_json::from_value(finding).unwrap());
    report
}

#[test]
fn repairs_go_on_with_every_content_and_what_is_left_is_judged() {
    on_every_store(|db| {
        let harvest = Harvest::of(db);
        harvest.run(vec![record(0, "a", "Fees by month.")]);
        let home = db.read(|tx| dataset::get(tx, "fees-a")).unwrap();
        let (file, hash) = (home.distribution_ids()[0], ContentHash::of(b"people"));
        let judge = |report: Report, repairs: Option<Repairs>| {
            let screening = FileScreening { name: "a.csv".to_owned(), report, repairs, authors: Vec::new() };
            db.write(|tx| gate::judge_file(tx, home.id, file, hash, &screening)).unwrap()
        };
        assert!(matches!(judge(persons(), None), Clearance::Held(_)));
        assert_eq!(state_of(db, "fees-a"), Publication::Held);
        let [hold] = open_holds(db).try_into().unwrap();
        let drop_names: Repairs = serde_json::from_str(r#"[{"do": "drop", "column": "name"}]"#).unwrap();
        let order = |id, repairs: &Repairs| db.write(|tx| gate::repair(tx, &Actor::command_line(), id, repairs, WORDS));
        order(hold.id, &drop_names).unwrap();
        assert!(matches!(order(hold.id, &drop_names), Err(CatalogError::WrongState { .. })));
        // The original is kept back as ever; the file is to be read through the repairs.
        assert!(matches!(db.read(|tx| gate::is_clear(tx, &Subject::file(file), hash)).unwrap(), Clearance::Held(_)));
        let before = db.read(|tx| gate::before_load(tx, file, hash)).unwrap();
        assert_eq!(before, gate::BeforeLoad::Read(Some(drop_names.clone())));
        // They were not enough.
        assert!(matches!(judge(persons(), Some(drop_names)), Clearance::Held(_)));
        assert_eq!(state_of(db, "fees-a"), Publication::Held);
        let [hold] = open_holds(db).try_into().unwrap();
        let drop_both: Repairs =
            serde_json::from_str(r#"[{"do": "drop", "column": "name"}, {"do": "drop", "column": "iban"}]"#).unwrap();
        order(hold.id, &drop_both).unwrap();
        assert_eq!(judge(gate::passing_report(), Some(drop_both.clone())), Clearance::Clear);
        assert_eq!(state_of(db, "fees-a"), Publication::Published);
        assert_eq!(db.read(|tx| gate::repairs_of(tx, &Subject::file(file))).unwrap().unwrap().1, drop_both);
    });
}
