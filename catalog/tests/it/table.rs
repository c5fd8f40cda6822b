//! Tables and the jobs that load them.

use fairground_catalog::dataset;
use fairground_catalog::domain::{
    Agent, Column, ColumnStatistics, ColumnType, ContentHash, DatasetDraft, Distribution, DistributionId,
    LocalizedText, QuarantineSummary, ResourceKind, SchemaChange, Slug, Snapshot, SourceNotes, Timestamp,
};
use fairground_catalog::harvest::{
    self, HarvestPayload, HarvestProgress, HarvestSource, Incoming, IncomingRecord, NewSource, SeenKeys,
};
use fairground_catalog::journal;
use fairground_catalog::search::{SearchIndex, SearchQuery};
use fairground_catalog::table::{
    self, DistributionFile, JobState, LOAD_ATTEMPTS, Lease, LoadFilter, LoadJob, LoadOutcome, LoadProgress, LoadedFile,
    LoadedTable, Turn, Upload,
};
use fairground_catalog::{CatalogError, Db, follow};

use crate::store::on_every_store;

fn file_at(url: &str) -> Distribution {
    Distribution {
        download_url: Some(url.to_owned()),
        title: LocalizedText::undetermined("Trees, CSV"),
        ..Distribution::default()
    }
}

pub(crate) fn draft(key: &str, title: &str, urls: &[&str]) -> DatasetDraft {
    DatasetDraft {
        identifier: key.to_owned(),
        title: LocalizedText::undetermined(title),
        publisher: Some(Agent { name: LocalizedText::undetermined("City of Ardenport"), ..Agent::default() }),
        distribution: urls.iter().map(|url| file_at(url)).collect(),
        ..DatasetDraft::default()
    }
}

/// A source of datasets with files, harvested again and again.
pub(crate) struct Agency<'a> {
    db: &'a Db,
    source: HarvestSource,
}

impl<'a> Agency<'a> {
    pub(crate) fn of(db: &'a Db) -> Self {
        let new = NewSource {
            slug: "ardenport".parse().unwrap(),
            url: "https://data.example/data.json".to_owned(),
            kind: None,
            publisher: None,
            interval_secs: None,
        };
        Self { db, source: db.write(|tx| harvest::create_source(tx, new, "test")).unwrap() }
    }

    pub(crate) fn harvest(&self, drafts: &[DatasetDraft]) {
        self.harvest_as(drafts, &HarvestPayload::default());
    }

    fn harvest_as(&self, drafts: &[DatasetDraft], payload: &HarvestPayload) {
        let records: Vec<IncomingRecord> = drafts
            .iter()
            .zip(0..)
            .map(|(draft, seq)| IncomingRecord {
                seq,
                kind: ResourceKind::Dataset,
                key: draft.identifier.clone(),
                title: draft.title.any().to_owned(),
                content: Some(Incoming::from(draft.clone().normalised())),
                raw_hash: ContentHash::of(draft.to_document().as_bytes()),
                raw_zstd: zstd::encode_all(draft.to_document().as_bytes(), 1).unwrap(),
                findings: Vec::new(),
            })
            .collect();
        let id = self.source.id;
        let job = self.db.write(|tx| harvest::enqueue(tx, id, payload)).unwrap();
        let (_, lease) = self.db.write(|tx| harvest::claim(tx, job.id, "harvester", &[])).unwrap().unwrap();
        let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
        self.db.write(|tx| harvest::import_batch(tx, &lease, &self.source, &mut seen, &mut progress, records)).unwrap();
        let sweep = self.db.read(|tx| harvest::find_missing(tx, &self.source, &seen)).unwrap();
        if !sweep.missing.is_empty() {
            self.db
                .write(|tx| harvest::withdraw_missing(tx, &lease, &self.source, &mut progress, &sweep.missing))
                .unwrap();
        }
        self.db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
    }

    fn queued(&self) -> Vec<LoadJob> {
        let filter = LoadFilter { state: Some(JobState::Queued), ..LoadFilter::default() };
        self.db.read(|tx| table::list_loads(tx, &filter, 100)).unwrap()
    }
}

fn column(name: &str, column_type: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        title: format!("{name} (title)"),
        column_type,
        description: None,
        allowed: Vec::new(),
        statistics: ColumnStatistics::default(),
    }
}

fn snapshot(content: &str, rows: u64, columns: &[(&str, ColumnType)]) -> Snapshot {
    Snapshot {
        key: ContentHash::of(content.as_bytes()),
        name: "trees".to_owned(),
        rows,
        columns: columns.iter().map(|(name, column_type)| column(name, *column_type)).collect(),
        quarantine: QuarantineSummary { rows: 1, reasons: vec![("too-many-fields".to_owned(), 1)] },
        source: SourceNotes { format: "csv".to_owned(), ..SourceNotes::default() },
        parquet_bytes: 100,
    }
}

const SPECIES: &[(&str, ColumnType)] = &[("id", ColumnType::Integer), ("species", ColumnType::Text)];

fn claim(db: &Db, holder: &str) -> Option<(LoadJob, Lease)> {
    db.write(|tx| table::claim_next_load(tx, holder, &Turn::default())).unwrap()
}

fn seen(job: &LoadJob, content: &str) -> DistributionFile {
    DistributionFile {
        distribution: job.distribution,
        dataset: job.payload.dataset,
        url: "https://a.test/trees.csv".to_owned(),
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
        source_hash: Some(ContentHash::of(content.as_bytes())),
        loader: "1".to_owned(),
        check_after: None,
    }
}

fn loaded(job: &LoadJob, tables: Vec<(&str, Snapshot)>) -> LoadedFile {
    LoadedFile {
        dataset: job.payload.dataset,
        distribution: job.distribution,
        title: "Trees, CSV".to_owned(),
        uploaded: false,
        source_hash: ContentHash::of(b"file"),
        tables: tables.into_iter().map(|(key, snapshot)| LoadedTable { key: key.to_owned(), snapshot }).collect(),
    }
}

/// Loads what is queued next as this snapshot.
fn load(db: &Db, content: &str, rows: u64, columns: &[(&str, ColumnType)]) -> Vec<table::Published> {
    let (job, lease) = claim(db, "loader").expect("a load is due");
    let file = loaded(&job, vec![("", snapshot(content, rows, columns))]);
    let progress = LoadProgress::default();
    db.write(|tx| table::publish_load(tx, &lease, &progress, &file, &seen(&job, content), 3)).unwrap().1
}

fn entries(db: &Db, kind: &str) -> Vec<serde_json::Value> {
    let all = db.read(|tx| journal::list_public_since(tx, 0, 1_000)).unwrap();
    all.into_iter().filter(|entry| entry.kind.as_str() == kind).map(|entry| entry.payload).collect()
}

#[test]
fn a_harvested_dataset_asks_for_loads_of_its_tabular_files_alone() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv", "https://b.test/trees.pdf"])]);
        let queued = agency.queued();
        assert_eq!(queued.iter().map(|job| job.host.as_str()).collect::<Vec<_>>(), ["a.test"]);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv", "https://b.test/trees.pdf"])]);
        assert_eq!(agency.queued().len(), 1, "nothing changed, nothing is asked for");
        agency.harvest(&[draft("a", "Street trees", &["https://a.test/trees.csv"])]);
        assert_eq!(agency.queued().len(), 1, "it waits already");
        let payload = HarvestPayload { no_tables: true, ..HarvestPayload::default() };
        agency.harvest_as(
            &[
                draft("a", "Street trees", &["https://a.test/trees.csv"]),
                draft("b", "Benches", &["https://a.test/benches.csv"]),
            ],
            &payload,
        );
        assert_eq!(agency.queued().len(), 1, "only descriptions were asked for");
    });
}

#[test]
fn a_load_publishes_a_table_with_its_first_version() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Street trees", &["https://a.test/trees.csv"])]);
        let published = load(db, "one", 10, SPECIES);
        assert_eq!(published.len(), 1);
        assert_eq!((published[0].version, published[0].is_new, published[0].rows), (1, true, 10));
        let found = db.read(|tx| table::get_public(tx, published[0].slug.as_str())).unwrap();
        assert_eq!(found, db.read(|tx| table::get_public(tx, &published[0].id.to_string())).unwrap());
        assert_eq!((found.slug.as_str(), found.title.as_str()), ("street-trees-trees", "Trees, CSV"));
        assert_eq!((found.rows, found.quarantined, found.version), (10, 1, 1));
        let version = db.read(|tx| table::get_version(tx, &found, None)).unwrap();
        assert_eq!(version.snapshot, snapshot("one", 10, SPECIES));
        assert_eq!((version.change, version.retired_at), (SchemaChange::First, None));
        let dataset = db.read(|tx| dataset::get_public(tx, "street-trees")).unwrap();
        assert_eq!(db.read(|tx| table::list_of_dataset(tx, dataset.id)).unwrap(), std::slice::from_ref(&found));
        assert_eq!(dataset.distribution_ids(), [found.distribution_id]);
        let listed = db.read(|tx| table::list_tables(tx, None, 10)).unwrap();
        assert_eq!((&listed[0].table, listed[0].dataset_slug.as_str()), (&found, "street-trees"));
        assert_eq!(db.read(table::count_tables).unwrap(), 1);
        let said = &entries(db, "table.published")[0];
        assert_eq!((&said["version"], &said["rows"], &said["change"]), (&1.into(), &10.into(), &"first".into()));
        let job = db.read(|tx| table::list_loads(tx, &LoadFilter::default(), 1)).unwrap().remove(0);
        assert_eq!((job.state, job.progress.outcome), (JobState::Completed, Some(LoadOutcome::Loaded)));
        assert_eq!((job.progress.loaded, job.progress.rows, job.progress.quarantined), (1, 10, 1));
        db.read(journal::verify).unwrap();
    });
}

#[test]
fn a_changed_file_is_a_new_version_and_says_how_its_columns_changed() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        let trees = |title: &str| draft("a", title, &["https://a.test/trees.csv"]);
        agency.harvest(&[trees("Trees")]);
        load(db, "one", 10, SPECIES);
        let again = |title: &str| agency.harvest(&[trees(title)]);
        again("Trees 2");
        let same = load(db, "one", 10, SPECIES);
        assert_eq!((same[0].version, same[0].is_new), (1, false), "the same snapshot is no new version");
        again("Trees 3");
        let wider: Vec<_> = SPECIES.iter().copied().chain([("height", ColumnType::Decimal { scale: 1 })]).collect();
        assert_eq!(load(db, "two", 11, &wider)[0].change, SchemaChange::Compatible);
        again("Trees 4");
        let other = load(db, "three", 12, &[("id", ColumnType::Text), ("height", ColumnType::Decimal { scale: 1 })]);
        assert_eq!((other[0].version, other[0].change), (3, SchemaChange::Breaking));
        let said = entries(db, "table.published").pop().unwrap();
        assert_eq!(said["columns"]["removed"], serde_json::json!(["species"]));
        assert_eq!(said["columns"]["retyped"], serde_json::json!([["id", "integer", "text"]]));
        let found = db.read(|tx| table::get_public(tx, other[0].slug.as_str())).unwrap();
        let old = db.read(|tx| table::get_version(tx, &found, Some(1))).unwrap();
        assert_eq!((old.snapshot.rows, old.retired_at.is_some()), (10, true), "old versions stay readable");
        again("Trees 5");
        assert_eq!(load(db, "four", 13, SPECIES)[0].version, 4);
        let kept: Vec<i32> =
            db.read(|tx| table::list_versions(tx, found.id)).unwrap().iter().map(|version| version.version).collect();
        assert_eq!(kept, [4, 3, 2], "three are kept");
        let gone = db.read(|tx| table::get_version(tx, &found, Some(1)));
        assert!(matches!(gone, Err(CatalogError::NotFound { what: "version", .. })));
    });
}

#[test]
fn a_snapshot_goes_only_when_no_version_names_it() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        let mut number = 0;
        let mut next = |content: &str| {
            number += 1;
            agency.harvest(&[draft("a", &format!("Trees {number}"), &["https://a.test/trees.csv"])]);
            load(db, content, 10, SPECIES);
        };
        for content in ["one", "two", "one", "three", "four"] {
            next(content);
        }
        let key = |content: &str| ContentHash::of(content.as_bytes());
        let later = Timestamp::now().plus_secs(1);
        let retired = |until| db.write(|tx| table::take_retired(tx, until, 10)).unwrap();
        assert_eq!(retired(Timestamp::now().plus_secs(-60)), [], "not before its time");
        assert_eq!(retired(later), [key("two")], "version 3 still names the first");
        for content in ["five", "two", "six"] {
            next(content);
        }
        let mut gone = retired(later);
        gone.sort();
        let mut expected = [key("one"), key("three"), key("four")];
        expected.sort();
        assert_eq!(gone, expected, "what is in use again stays");
        assert_eq!(retired(later), []);
    });
}

#[test]
fn tables_follow_their_dataset_and_their_distribution() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        let both = draft("a", "Trees", &["https://a.test/trees.csv", "https://b.test/benches.csv"]);
        agency.harvest(std::slice::from_ref(&both));
        load(db, "one", 10, SPECIES);
        load(db, "two", 20, SPECIES);
        let tables: Vec<_> = db.read(|tx| table::list_tables(tx, None, 10)).unwrap();
        assert_eq!(tables.len(), 2);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv"])]);
        let withdrawn = entries(db, "table.withdrawn");
        assert_eq!(withdrawn.len(), 1);
        let slug = withdrawn[0]["slug"].as_str().unwrap().to_owned();
        assert!(matches!(db.read(|tx| table::get_public(tx, &slug)), Err(CatalogError::Withdrawn { .. })));
        assert_eq!(db.read(table::count_tables).unwrap(), 1);
        // The dataset goes, and with it what is left; it returns, and so do they.
        agency.harvest(&[]);
        assert_eq!(db.read(table::count_tables).unwrap(), 0);
        let left = tables.iter().find(|card| card.table.slug.as_str() != slug).unwrap();
        let gone = db.read(|tx| table::get_public(tx, left.table.slug.as_str()));
        assert!(matches!(gone, Err(CatalogError::Withdrawn { what: "table", .. })));
        assert!(db.read(|tx| table::get_table(tx, left.table.slug.as_str())).is_ok(), "staff may look");
        agency.harvest(&[both]);
        assert_eq!(db.read(table::count_tables).unwrap(), 1);
        while let Some((job, lease)) = claim(db, "loader") {
            let before = db.read(|tx| table::find_file(tx, job.distribution)).unwrap();
            let content = if left.table.distribution_id == job.distribution { "one" } else { "two" };
            assert_eq!(before.is_none(), left.table.distribution_id != job.distribution, "it must be read again");
            let file = loaded(&job, vec![("", snapshot(content, 10, SPECIES))]);
            db.write(|tx| table::publish_load(tx, &lease, &LoadProgress::default(), &file, &seen(&job, content), 3))
                .unwrap();
        }
        let back = db.read(|tx| table::get_public(tx, &slug)).unwrap();
        assert_eq!(back.version, 1, "what returns as it was is the version it was");
    });
}

#[test]
fn a_file_of_several_tables_is_published_as_a_whole() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Budget", &["https://a.test/budget.xlsx"])]);
        let sheet = |name: &str| (name.to_owned(), Snapshot { name: name.to_owned(), ..snapshot(name, 5, SPECIES) });
        let publish = |names: &[&str]| {
            let (job, lease) = claim(db, "loader").unwrap();
            let sheets: Vec<_> = names.iter().map(|name| sheet(name)).collect();
            let sheets = sheets.iter().map(|(key, snapshot)| (key.as_str(), snapshot.clone())).collect();
            let file = loaded(&job, sheets);
            db.write(|tx| table::publish_load(tx, &lease, &LoadProgress::default(), &file, &seen(&job, "x"), 3))
        };
        let (_, first) = publish(&["Income", "Spending"]).unwrap();
        let slugs: Vec<&str> = first.iter().map(|table| table.slug.as_str()).collect();
        assert_eq!(slugs, ["budget-income", "budget-spending"]);
        agency.harvest(&[draft("a", "Budget again", &["https://a.test/budget.xlsx"])]);
        assert!(matches!(publish(&["Income", "Income"]), Err(CatalogError::Invalid { .. })), "nothing half-published");
        let (job, lease) = db
            .write(|tx| table::claim_next_load(tx, "b", &Turn { dead: &["loader".into()], ..Turn::default() }))
            .unwrap()
            .unwrap();
        let (key, snapshot) = sheet("Income");
        let file = loaded(&job, vec![(&key, snapshot)]);
        db.write(|tx| table::publish_load(tx, &lease, &LoadProgress::default(), &file, &seen(&job, "x"), 3)).unwrap();
        let gone = db.read(|tx| table::get_public(tx, "budget-spending"));
        assert!(matches!(gone, Err(CatalogError::Withdrawn { .. })), "the file no longer holds it");
    });
}

#[test]
fn a_failed_load_leaves_what_was_there_and_is_tried_again_a_bounded_number_of_times() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv"])]);
        let published = load(db, "one", 10, SPECIES);
        agency.harvest(&[draft("a", "Trees 2", &["https://a.test/trees.csv"])]);
        let (job, lease) = claim(db, "loader").unwrap();
        let fail = |lease: &Lease, passes| {
            db.write(|tx| {
                let later = tx.now.plus_secs(3_600);
                table::fail_load(tx, lease, &LoadProgress::default(), "the host is down", passes, Some(later))
            })
            .unwrap()
        };
        let put_off = fail(&lease, true);
        assert_eq!((put_off.state, put_off.error.as_deref()), (JobState::Queued, Some("the host is down")));
        assert!(put_off.run_after > Timestamp::now(), "after a pause");
        assert!(claim(db, "loader").is_none(), "not before");
        let mut ended = put_off;
        for _ in 1..LOAD_ATTEMPTS {
            let (_, lease) = db.write(|tx| table::claim_load(tx, job.id, "loader", &[])).unwrap().unwrap();
            ended = fail(&lease, true);
        }
        assert_eq!((ended.state, ended.attempts), (JobState::Failed, LOAD_ATTEMPTS));
        let found = db.read(|tx| table::get_public(tx, published[0].slug.as_str())).unwrap();
        assert_eq!((found.version, found.rows), (1, 10), "good data stays");
        let file = db.read(|tx| table::find_file(tx, job.distribution)).unwrap().unwrap();
        assert_eq!(file.source_hash, Some(ContentHash::of(b"one")), "and so does what is known of it");
        agency.harvest(&[draft("a", "Trees 3", &["https://a.test/trees.csv"])]);
        let (_, lease) = claim(db, "loader").unwrap();
        assert_eq!(fail(&lease, false).state, JobState::Failed, "what does not pass is not tried again");
        let sums = db.read(|tx| table::sum_loads(tx, agency.source.id, Timestamp::from_micros(0))).unwrap();
        assert_eq!((sums.loaded, sums.failed, sums.quarantined_rows), (1, 2, 1));
    });
}

#[test]
fn loads_of_a_host_that_is_down_are_put_off_together_and_those_of_others_are_not() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        let down = draft("a", "Trees", &["https://a.test/1.csv", "https://a.test/2.csv", "https://a.test/3.csv"]);
        agency.harvest(&[down, draft("b", "Parks", &["https://b.test/parks.csv"])]);
        assert_eq!(db.write(|tx| table::put_off_host(tx, "a.test", "no route")).unwrap(), 3);
        let (of_other, _) = claim(db, "loader").unwrap();
        assert_eq!(of_other.host, "b.test");
        assert!(claim(db, "loader").is_none(), "the rest waits");
        let loads = db.read(|tx| table::list_loads(tx, &LoadFilter::default(), 10)).unwrap();
        let off: Vec<_> = loads.iter().filter(|load| load.host == "a.test").collect();
        assert_eq!(off.len(), 3);
        for load in off {
            assert_eq!((load.state, load.attempts, load.error.as_deref()), (JobState::Queued, 1, Some("no route")));
            assert!(load.run_after > Timestamp::now());
        }
        assert_eq!(
            db.write(|tx| table::put_off_host(tx, "a.test", "no route")).unwrap(),
            0,
            "once, until they are due"
        );
    });
}

#[test]
fn a_load_is_taken_over_from_the_dead_cancelled_and_given_back() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv"])]);
        let (job, lost) = claim(db, "killed").unwrap();
        assert!(claim(db, "second").is_none(), "the lease holds");
        let dead = ["killed".to_owned()];
        let turn = Turn { dead: &dead, ..Turn::default() };
        assert!(db.read(|tx| table::is_load_due(tx, &turn)).unwrap());
        let (taken, lease) = db.write(|tx| table::claim_next_load(tx, "second", &turn)).unwrap().unwrap();
        assert_eq!((taken.id, taken.attempts), (job.id, 2));
        let file = loaded(&job, vec![("", snapshot("one", 10, SPECIES))]);
        let publish = |lease: &Lease| {
            db.write(|tx| table::publish_load(tx, lease, &LoadProgress::default(), &file, &seen(&job, "one"), 3))
        };
        assert!(matches!(publish(&lost), Err(CatalogError::LeaseLost(_))));
        assert_eq!(db.read(table::count_tables).unwrap(), 0, "who lost the lease publishes nothing");
        db.write(|tx| table::release_load(tx, &lease)).unwrap();
        let (taken, lease) = claim(db, "third").unwrap();
        assert_eq!(taken.attempts, 2, "given back does not count");
        db.write(|tx| table::cancel_load(tx, job.id)).unwrap();
        assert!(matches!(publish(&lease), Err(CatalogError::Cancelled(_))));
        assert!(matches!(db.write(|tx| table::cancel_load(tx, job.id)), Err(CatalogError::WrongState { .. })));
    });
}

#[test]
fn hosts_take_turns_and_busy_ones_are_passed_over() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        let drafts: Vec<_> =
            ["https://a.test/1.csv", "https://a.test/2.csv", "https://b.test/1.csv", "https://c.test/1.csv"]
                .iter()
                .enumerate()
                .map(|(number, url)| draft(&format!("{number}"), &format!("Set {number}"), &[url]))
                .collect();
        agency.harvest(&drafts);
        let busy = ["b.test".to_owned()];
        let mut last = String::new();
        let mut order = Vec::new();
        loop {
            let turn = Turn { busy: &busy, last_host: &last, ..Turn::default() };
            let Some((job, _)) = db.write(|tx| table::claim_next_load(tx, "w", &turn)).unwrap() else { break };
            last.clone_from(&job.host);
            order.push(job.host);
        }
        assert_eq!(order, ["a.test", "c.test", "a.test"]);
        let other = Turn { source: Some(fairground_catalog::domain::SourceId::new()), ..Turn::default() };
        assert!(db.write(|tx| table::claim_next_load(tx, "w", &other)).unwrap().is_none(), "another source's worker");
        assert!(db.read(|tx| table::has_unfinished(tx, agency.source.id)).unwrap());
    });
}

#[test]
fn files_are_looked_at_again_when_they_are_due() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv"])]);
        let (job, lease) = claim(db, "loader").unwrap();
        let file = loaded(&job, vec![("", snapshot("one", 10, SPECIES))]);
        let due = DistributionFile { check_after: Some(Timestamp::from_micros(1)), ..seen(&job, "one") };
        db.write(|tx| table::publish_load(tx, &lease, &LoadProgress::default(), &file, &due, 3)).unwrap();
        assert_eq!(db.write(table::enqueue_due_checks).unwrap(), 1);
        assert_eq!(db.write(table::enqueue_due_checks).unwrap(), 0, "it waits already");
        let (job, lease) = claim(db, "loader").unwrap();
        let ended =
            db.write(|tx| table::finish_unchanged(tx, &lease, &LoadProgress::default(), &seen(&job, "one"))).unwrap();
        assert_eq!((ended.progress.outcome, ended.progress.unchanged), (Some(LoadOutcome::Unchanged), 1));
        let since = Timestamp::now().plus_secs(60);
        let last = db.write(|tx| table::enqueue_source(tx, agency.source.id, None, since)).unwrap();
        assert!(last.is_some(), "{:?}", job.payload.dataset);
        let next = db.write(|tx| table::enqueue_source(tx, agency.source.id, last.as_deref(), since)).unwrap();
        assert_eq!(next, None, "that was all");
        assert_eq!(agency.queued().len(), 1, "a whole source is asked for again");
        let since = Timestamp::from_micros(0);
        let (_, lease) = claim(db, "loader").unwrap();
        db.write(|tx| table::finish_unchanged(tx, &lease, &LoadProgress::default(), &seen(&job, "one"))).unwrap();
        db.write(|tx| table::enqueue_source(tx, agency.source.id, None, since)).unwrap();
        assert_eq!(agency.queued().len(), 0, "except for what was looked at since");
    });
}

#[test]
fn an_uploaded_file_has_a_dataset_of_its_own_and_the_same_name_is_a_new_version() {
    on_every_store(|db| {
        let upload = |content: &str, dataset: Option<&str>| Upload {
            dataset: dataset.map(|slug| slug.parse().unwrap()),
            file_name: "Hospital beds.csv".to_owned(),
            bytes: 100,
            source_hash: ContentHash::of(content.as_bytes()),
            tables: vec![LoadedTable {
                key: String::new(),
                snapshot: Snapshot { name: "Hospital beds".to_owned(), ..snapshot(content, 7, SPECIES) },
            }],
        };
        let publish = |upload: Upload| db.write(|tx| table::publish_upload(tx, &upload, 3, "test")).unwrap();
        let (slug, first) = publish(upload("one", None));
        assert_eq!((slug.as_str(), first[0].slug.as_str(), first[0].version), ("hospital-beds", "hospital-beds", 1));
        let dataset = db.read(|tx| dataset::get_public(tx, "hospital-beds")).unwrap();
        assert_eq!(dataset.publisher.as_ref().unwrap().slug.as_str(), "local");
        let distribution: DistributionId = dataset.distribution_ids()[0];
        assert_eq!(db.read(|tx| table::get_public(tx, "hospital-beds")).unwrap().distribution_id, distribution);
        assert_eq!(publish(upload("one", None)).1[0].version, 1);
        assert_eq!(publish(upload("two", None)).1[0].version, 2);
        assert_eq!(db.read(|tx| dataset::get_public(tx, "hospital-beds")).unwrap().version, 1, "described as before");
        // Into a harvested dataset: it stays as its source describes it, and keeps the table when it changes.
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv"])]);
        let (slug, into) = publish(upload("one", Some("trees")));
        assert_eq!((slug, into[0].version), ("trees".parse::<Slug>().unwrap(), 1));
        assert_ne!(into[0].id, first[0].id);
        agency.harvest(&[draft("a", "Trees and shrubs", &["https://a.test/trees.csv"])]);
        assert!(db.read(|tx| table::get_public(tx, into[0].slug.as_str())).is_ok());
    });
}

#[test]
fn a_dataset_is_found_by_the_columns_of_its_tables() {
    on_every_store(|db| {
        let folder = std::env::temp_dir().join(format!("fairground-index-{}", uuid::Uuid::now_v7()));
        let index = SearchIndex::open_writer(&folder).unwrap();
        let agency = Agency::of(db);
        agency.harvest(&[draft("a", "Trees", &["https://a.test/trees.csv"])]);
        follow::catch_up(db, &index).unwrap();
        let found = |words: &str| {
            let query = SearchQuery { text: words.to_owned(), ..SearchQuery::default() };
            index.search(&query).unwrap().total
        };
        assert_eq!(found("circumference"), 0);
        load(db, "one", 10, &[("circumference", ColumnType::Integer)]);
        follow::catch_up(db, &index).unwrap();
        assert_eq!(found("circumference"), 1);
        assert!(follow::check(db, &index).unwrap().agrees());
        follow::rebuild(db, &index).unwrap();
        assert_eq!(found("circumference"), 1, "also in an index that was built anew");
        drop(index);
        let _ = std::fs::remove_dir_all(folder);
    });
}
