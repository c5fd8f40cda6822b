use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::domain::{Agent, ContentHash, DatasetDraft, Finding, LocalizedText, ResourceKind, Slug};
use fairground_catalog::harvest::{
    self, BatchReport, Counts, HarvestJob, HarvestPayload, HarvestProgress, HarvestSource, Incoming, IncomingRecord,
    JobState, Lease, NewSource, Outcome, RecordFilter, SeenKeys,
};
use fairground_catalog::search::SearchIndex;
use fairground_catalog::{CatalogError, Db, follow, journal, publisher};

use crate::store::on_every_store;
use crate::table::{Agency, draft as described};

fn draft(key: &str, title: &str) -> DatasetDraft {
    DatasetDraft {
        identifier: key.to_owned(),
        title: LocalizedText::undetermined(title),
        publisher: Some(Agent { name: LocalizedText::undetermined("City of Ardenport"), ..Agent::default() }),
        ..DatasetDraft::default()
    }
}

fn record(seq: u64, key: &str, title: &str) -> IncomingRecord {
    let raw = format!("{{\"identifier\":\"{key}\",\"title\":\"{title}\"}}");
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: key.to_owned(),
        title: title.to_owned(),
        content: Some(Incoming::from(draft(key, title).normalised())),
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
    fn of(db: &'a Db, slug: &str) -> Self {
        let new = NewSource {
            slug: slug.parse().unwrap(),
            url: "https://data.example/data.json".to_owned(),
            kind: None,
            publisher: None,
            interval_secs: None,
        };
        Self { db, source: db.write(|tx| harvest::create_source(tx, new, "test")).unwrap() }
    }

    fn begin(&self) -> (HarvestJob, Lease) {
        let id = self.source.id;
        let job = self.db.write(|tx| harvest::enqueue(tx, id, &HarvestPayload::default())).unwrap();
        self.db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap()
    }

    fn run(&self, records: Vec<IncomingRecord>) -> (HarvestJob, BatchReport) {
        let (_, lease) = self.begin();
        let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
        let report = self
            .db
            .write(|tx| harvest::import_batch(tx, &lease, &self.source, &mut seen, &mut progress, records))
            .unwrap();
        let sweep = self.db.read(|tx| harvest::find_missing(tx, &self.source, &seen)).unwrap();
        if !sweep.missing.is_empty() {
            self.db
                .write(|tx| harvest::withdraw_missing(tx, &lease, &self.source, &mut progress, &sweep.missing))
                .unwrap();
        }
        (self.db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap(), report)
    }
}

#[test]
fn every_record_comes_to_one_outcome() {
    on_every_store(|db| {
        let harvest = Harvest::of(db, "ardenport");
        let mut refused = record(3, "d", "Benches");
        refused.findings.push(Finding::error("title-missing", "/title", "say what it is"));
        let mut failed = record(4, "e", "");
        failed.content = None;
        let mut nameless = record(5, "", "Trees");
        nameless.key = String::new();
        let (job, report) = harvest.run(vec![
            record(0, "a", "Air quality"),
            record(1, "b", "Air quality"),
            record(2, "a", "Air quality again"),
            refused,
            failed,
            nameless,
        ]);
        use Outcome::{Created, Failed, Refused};
        assert_eq!(report.outcomes, [Created, Created, Refused, Refused, Failed, Refused]);
        assert_eq!(
            job.progress.sums.datasets,
            Counts { found: 6, created: 2, refused: 3, failed: 1, ..Counts::default() }
        );
        assert_eq!(job.state, JobState::Completed);
        let records = db.read(|tx| harvest::list_records(tx, job.id, &RecordFilter::default(), 10)).unwrap();
        assert_eq!(records[2].findings[0].rule, "duplicate-identifier");
        assert_eq!(records[5].findings[0].rule, "identifier-missing");
        let raw = db.read(|tx| dataset::find_raw_record(tx, records[0].raw_hash.unwrap())).unwrap().unwrap();
        assert_eq!(raw, b"{\"identifier\":\"a\",\"title\":\"Air quality\"}");
        let first = db.read(|tx| dataset::get_public(tx, "air-quality")).unwrap();
        let publisher = first.publisher.unwrap();
        assert_eq!(publisher.slug.as_str(), "city-of-ardenport");
        assert_eq!(db.read(|tx| publisher::get(tx, "city-of-ardenport")).unwrap().datasets, 2);
        let second = db.read(|tx| dataset::get(tx, &records[1].dataset_id.unwrap().to_string())).unwrap();
        assert!(second.slug.as_str().starts_with("air-quality-"), "same title, own address: {}", second.slug);
    });
}

#[test]
fn a_second_run_tells_changed_from_unchanged_and_gone() {
    on_every_store(|db| {
        let harvest = Harvest::of(db, "ardenport");
        harvest.run(vec![record(0, "a", "Air"), record(1, "b", "Bees"), record(2, "c", "Cows")]);
        let before = db.read(|tx| dataset::get_public(tx, "cows")).unwrap();
        let (job, report) = harvest.run(vec![record(0, "a", "Air"), record(1, "b", "Bees and wasps")]);
        assert_eq!(report.outcomes, [Outcome::Unchanged, Outcome::Updated]);
        assert_eq!(job.progress.sums.datasets.deleted, 1);
        let bees = db.read(|tx| dataset::get_public(tx, "bees")).unwrap();
        assert_eq!(
            (bees.version, bees.draft.title.any()),
            (2, "Bees and wasps"),
            "the address stays, the text changes"
        );
        assert_eq!(db.read(|tx| dataset::get_version(tx, "bees", 1)).unwrap().draft.title.any(), "Bees");
        assert_eq!(db.read(|tx| dataset::list_versions(tx, "bees")).unwrap().len(), 2);
        let gone = db.read(|tx| dataset::get_public(tx, "cows"));
        assert!(matches!(gone, Err(CatalogError::Withdrawn { .. })));
        let (_, report) =
            harvest.run(vec![record(0, "a", "Air"), record(1, "b", "Bees and wasps"), record(2, "c", "Cows")]);
        assert_eq!(report.outcomes[2], Outcome::Created);
        let back = db.read(|tx| dataset::get_public(tx, "cows")).unwrap();
        assert_eq!((back.id, back.slug, back.version), (before.id, before.slug, 1), "what returns is what it was");
        assert_eq!(back.publication, Publication::Published);
        db.read(journal::verify).unwrap();
    });
}

#[test]
fn a_refused_record_leaves_the_good_version_alone() {
    on_every_store(|db| {
        let harvest = Harvest::of(db, "ardenport");
        harvest.run(vec![record(0, "a", "Air")]);
        let mut worse = record(0, "a", "Air");
        worse.findings.push(Finding::error("title-missing", "/title", "say what it is"));
        let (job, _) = harvest.run(vec![worse]);
        assert_eq!(job.progress.sums.datasets, Counts { found: 1, refused: 1, ..Counts::default() });
        assert_eq!(db.read(|tx| dataset::get_public(tx, "air")).unwrap().version, 1);
    });
}

#[test]
fn a_batch_whose_lease_is_lost_writes_nothing() {
    on_every_store(|db| {
        let harvest = Harvest::of(db, "ardenport");
        let (job, lease) = harvest.begin();
        let dead = vec!["worker".to_owned()];
        assert!(db.write(|tx| harvest::claim(tx, job.id, "second", &[])).unwrap().is_none(), "the lease still holds");
        let (_, taken) = db.write(|tx| harvest::claim(tx, job.id, "second", &dead)).unwrap().unwrap();
        let import = |lease: &Lease| {
            db.write(|tx| {
                let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
                harvest::import_batch(tx, lease, &harvest.source, &mut seen, &mut progress, vec![record(0, "a", "Air")])
            })
        };
        assert!(matches!(import(&lease), Err(CatalogError::LeaseLost(_))));
        assert!(matches!(db.read(|tx| dataset::get(tx, "air")), Err(CatalogError::NotFound { .. })));
        assert!(import(&taken).is_ok());
        db.write(|tx| harvest::cancel(tx, job.id)).unwrap();
        assert!(matches!(import(&taken), Err(CatalogError::Cancelled(_))));
        assert!(matches!(db.write(|tx| harvest::cancel(tx, job.id)), Err(CatalogError::WrongState { .. })));
    });
}

#[test]
fn a_braked_job_waits_for_a_person_and_goes_on() {
    on_every_store(|db| {
        let harvest = Harvest::of(db, "ardenport");
        let (job, lease) = harvest.begin();
        db.write(|tx| {
            harvest::pause_for_approval(tx, &lease, &HarvestProgress { braked: 7, ..HarvestProgress::default() })
        })
        .unwrap();
        assert!(db.write(|tx| harvest::claim_next(tx, "worker", &[])).unwrap().is_none());
        let approved = db.write(|tx| harvest::approve(tx, job.id)).unwrap();
        assert!(approved.payload.approved);
        let (again, _) = db.write(|tx| harvest::claim_next(tx, "worker", &[])).unwrap().unwrap();
        assert_eq!((again.id, again.attempts, again.progress.braked), (job.id, 2, 7));
    });
}

#[test]
fn the_index_follows_the_journal_and_a_check_proves_it() {
    on_every_store(|db| {
        let folder = std::env::temp_dir().join(format!("fairground-index-{}", uuid::Uuid::now_v7()));
        let index = SearchIndex::open_writer(&folder).unwrap();
        let harvest = Harvest::of(db, "ardenport");
        harvest.run(vec![record(0, "a", "Air"), record(1, "b", "Bees"), record(2, "c", "Cows")]);
        let behind = follow::check(db, &index).unwrap();
        assert_eq!((behind.missing, behind.agrees()), (3, false));
        follow::catch_up(db, &index).unwrap();
        assert!(follow::check(db, &index).unwrap().agrees());
        harvest.run(vec![record(0, "a", "Air"), record(1, "b", "Bumblebees")]);
        let behind = follow::check(db, &index).unwrap();
        assert_eq!((behind.surplus, behind.stale), (1, 1));
        follow::catch_up(db, &index).unwrap();
        let report = follow::check(db, &index).unwrap();
        assert!(report.agrees(), "{report:?}");
        assert_eq!((report.datasets, report.indexed), (2, 2));
        assert_eq!(follow::rebuild(db, &index).unwrap(), 2);
        assert!(follow::check(db, &index).unwrap().agrees());
        drop(index);
        let _ = std::fs::remove_dir_all(folder);
    });
}

/// Names in other scripts than ours have addresses too, and nobody's datasets lose their publisher.
#[test]
fn publishers_and_titles_of_every_script_have_addresses() {
    on_every_store(|db| {
        let agency = Agency::of(db);
        let of = |key: &str, title: &str, publisher: &str| DatasetDraft {
            publisher: Some(Agent { name: LocalizedText::undetermined(publisher), ..Agent::default() }),
            ..described(key, title, &[])
        };
        let names = [
            ("Σχολεία της Αθήνας", "Δήμος Αθηναίων"),
            ("Училища в София", "Столична община"),
            ("學校名錄", "臺北市政府"),
            ("مدارس المدينة", "بلدية عمان"),
        ];
        agency.harvest(&names.map(|(title, publisher)| of(title, title, publisher)));
        let all = db.read(|tx| dataset::list_published_after(tx, None, 10)).unwrap();
        assert_eq!(all.len(), names.len());
        for (title, publisher) in names {
            let found = all.iter().find(|it| it.draft.title.any() == title).unwrap();
            assert_eq!(Some(&found.slug), Slug::from_title(title).as_ref());
            assert_eq!(found.publisher.as_ref().map(|it| &it.slug), Slug::from_title(publisher).as_ref(), "{title}");
        }
    });
}
