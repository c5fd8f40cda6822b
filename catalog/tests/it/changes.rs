use std::collections::BTreeSet;

use fairground_catalog::dataset::{self, Among, Dataset, Direction, Place, Publication, Window};
use fairground_catalog::domain::{Agent, Concept, ContentHash, DatasetDraft, LocalizedText, ResourceKind, Timestamp};
use fairground_catalog::harvest::{
    self, HarvestPayload, HarvestProgress, Incoming, IncomingRecord, NewSource, SeenKeys,
};
use fairground_catalog::journal::{self, Event, EventKind};
use fairground_catalog::{Db, publisher};
use serde_json::json;

use crate::store::{execute, on_every_store};

fn record(seq: u64, key: &str, theme: &str, version: &str) -> IncomingRecord {
    let draft = DatasetDraft {
        identifier: key.to_owned(),
        title: LocalizedText::undetermined(format!("Dataset {key}")),
        publisher: Some(Agent { name: LocalizedText::undetermined("City of Ardenport"), ..Agent::default() }),
        theme: vec![Concept::label(theme)],
        version: Some(version.to_owned()),
        ..DatasetDraft::default()
    };
    let raw = draft.to_document();
    IncomingRecord {
        seq,
        kind: ResourceKind::Dataset,
        key: key.to_owned(),
        title: key.to_owned(),
        raw_hash: ContentHash::of(raw.as_bytes()),
        raw_zstd: zstd::encode_all(raw.as_bytes(), 1).unwrap(),
        content: Some(Incoming::from(draft.normalised())),
        findings: Vec::new(),
    }
}

/// Harvests these into a source and withdraws what it does not list any more.
fn harvest(db: &Db, slug: &str, records: Vec<IncomingRecord>) {
    let known = db.read(|tx| harvest::find_source(tx, slug)).unwrap();
    let source = known.unwrap_or_else(|| {
        let new = NewSource {
            slug: slug.parse().unwrap(),
            url: "https://data.example/data.json".to_owned(),
            kind: None,
            publisher: None,
            interval_secs: None,
        };
        db.write(|tx| harvest::create_source(tx, new, "test")).unwrap()
    });
    let job = db.write(|tx| harvest::enqueue(tx, source.id, &HarvestPayload::default())).unwrap();
    let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
    let (mut seen, mut progress) = (SeenKeys::default(), HarvestProgress::default());
    db.write(|tx| harvest::import_batch(tx, &lease, &source, &mut seen, &mut progress, records)).unwrap();
    let sweep = db.read(|tx| harvest::find_missing(tx, &source, &seen)).unwrap();
    if !sweep.missing.is_empty() {
        db.write(|tx| harvest::withdraw_missing(tx, &lease, &source, &mut progress, &sweep.missing)).unwrap();
    }
    db.write(|tx| harvest::complete(tx, &lease, &progress)).unwrap();
}

fn many(keys: std::ops::Range<usize>, theme: &str, version: &str) -> Vec<IncomingRecord> {
    keys.zip(0..).map(|(key, seq)| record(seq, &format!("d{key}"), theme, version)).collect()
}

/// Every page of so many, as one list.
fn walk(db: &Db, among: &Among, window: Window, direction: Direction, limit: i64) -> Vec<Dataset> {
    let (mut all, mut after): (Vec<Dataset>, Option<Place>) = (Vec::new(), None);
    loop {
        let page = db.read(|tx| dataset::list_by_change(tx, among, window, direction, after, limit)).unwrap();
        assert!(page.len() <= usize::try_from(limit).unwrap());
        let Some(last) = page.last() else { return all };
        after = Some(last.place());
        all.extend(page);
    }
}

#[test]
fn datasets_are_listed_by_their_last_change_each_once_whatever_the_page() {
    on_every_store(|db| {
        // A whole batch changes at one moment, so that pages end within it.
        harvest(db, "one", many(0..25, "Health", "1"));
        harvest(db, "two", many(100..110, "Öffentliche Gesundheit", "1"));
        harvest(db, "one", many(0..20, "Health", "1"));
        harvest(db, "one", many(0..20, "Water", "2"));
        let body = db.read(|tx| publisher::find(tx, "city-of-ardenport")).unwrap().unwrap();
        let place = |dataset: &Dataset| (dataset.changed_at(), dataset.id.to_string());
        for (among, count) in [
            (Among::All, 35),
            (Among::Publisher(body.id), 35),
            (Among::Theme("water".to_owned()), 20),
            (Among::Theme("health".to_owned()), 5),
            (Among::Theme("offentliche-gesundheit".to_owned()), 10),
            (Among::Theme("nothing".to_owned()), 0),
        ] {
            let whole = walk(db, &among, Window::default(), Direction::OldestFirst, 1_000);
            assert_eq!(whole.len(), count, "{among:?}");
            assert!(whole.windows(2).all(|pair| place(&pair[0]) < place(&pair[1])), "{among:?}");
            for limit in [1, 3, 7] {
                assert_eq!(
                    walk(db, &among, Window::default(), Direction::OldestFirst, limit),
                    whole,
                    "{among:?} {limit}"
                );
            }
            let mut newest = walk(db, &among, Window::default(), Direction::NewestFirst, 4);
            newest.reverse();
            assert_eq!(newest, whole, "{among:?}");
        }
        let withdrawn = walk(db, &Among::Theme("health".to_owned()), Window::default(), Direction::OldestFirst, 10);
        assert!(
            withdrawn.iter().all(|dataset| dataset.publication != Publication::Published),
            "the gone keep their theme"
        );

        let moments: BTreeSet<Timestamp> = walk(db, &Among::All, Window::default(), Direction::OldestFirst, 100)
            .iter()
            .map(Dataset::changed_at)
            .collect();
        let (first, last) = (*moments.first().unwrap(), *moments.last().unwrap());
        assert_eq!(db.read(dataset::earliest_change).unwrap(), Some(first));
        for (window, count) in [
            (Window { from: Some(last), before: None }, 20),
            (Window { from: None, before: Some(last) }, 15),
            (Window { from: Some(first), before: Some(first) }, 0),
        ] {
            for direction in [Direction::OldestFirst, Direction::NewestFirst] {
                assert_eq!(walk(db, &Among::All, window, direction, 6).len(), count, "{window:?} {direction:?}");
            }
        }
    });
}

#[test]
fn what_is_public_is_listed_by_name_and_by_id_alone() {
    on_every_store(|db| {
        harvest(db, "one", many(0..25, "Health", "1"));
        harvest(db, "one", many(0..20, "Health", "1"));
        let slugs = db.read(|tx| dataset::list_public_slugs(tx, "", 0, 100)).unwrap();
        assert_eq!((slugs.len(), slugs.iter().collect::<BTreeSet<_>>().len()), (20, 20));
        let page = db.read(|tx| dataset::list_public_slugs(tx, &slugs[4], 1, 3)).unwrap();
        assert_eq!(page, slugs[6..9]);
        let marks = db.read(|tx| dataset::mark_public_ids(tx, 8)).unwrap();
        assert_eq!(marks.len(), 3);
        let mut found = 0;
        for (at, first) in marks.iter().enumerate() {
            let end = marks.get(at + 1).copied();
            found += db.read(|tx| dataset::list_addresses(tx, *first, end, 100)).unwrap().len();
        }
        assert_eq!(found, 20);
        assert_eq!(db.read(|tx| dataset::list_themes(tx, "", 10)).unwrap()[0].slug, "health");
        assert!(db.read(|tx| dataset::find_theme(tx, "nothing")).is_err());
    });
}

#[test]
fn documents_are_those_of_the_versions_asked_for_and_of_nothing_that_is_gone() {
    on_every_store(|db| {
        harvest(db, "one", many(0..2, "Health", "1"));
        harvest(db, "one", many(0..2, "Health", "2"));
        harvest(db, "one", many(0..1, "Health", "2"));
        let ids: Vec<String> = walk(db, &Among::All, Window::default(), Direction::OldestFirst, 9)
            .iter()
            .map(|it| it.id.to_string())
            .collect();
        let wanted: Vec<(String, i32)> =
            ids.iter().flat_map(|id| [1, 2, 3].map(|version| (id.clone(), version))).collect();
        let found = db.read(|tx| dataset::list_documents(tx, &wanted)).unwrap();
        let mut versions: Vec<i32> = found.keys().map(|(_, version)| *version).collect();
        versions.sort_unstable();
        assert_eq!(versions, [1, 2], "two versions of the one that is public");
        for ((_, version), document) in &found {
            assert!(document.document.contains(&format!("\"version\":\"{version}\"")), "{document:?}");
            assert_eq!(document.publisher.as_deref(), Some("city-of-ardenport"));
        }
    });
}

#[test]
fn a_store_that_was_made_before_themes_is_filled_once() {
    on_every_store(|db| {
        harvest(db, "one", many(0..5, "Health", "1"));
        execute(db, "DELETE FROM dataset_themes");
        execute(db, "DELETE FROM themes");
        assert_eq!(dataset::fill_themes(db).unwrap(), 5);
        assert_eq!(dataset::fill_themes(db).unwrap(), 0);
        let among = Among::Theme("health".to_owned());
        assert_eq!(walk(db, &among, Window::default(), Direction::OldestFirst, 2).len(), 5);
    });
}

#[test]
fn pages_of_the_journal_cost_what_was_asked_for_whatever_they_hold() {
    on_every_store(|db| {
        let event = |kind, subject: usize| Event {
            kind,
            subject_id: subject.to_string(),
            actor: "test".to_owned(),
            payload: json!({}),
        };
        let events =
            (0..20).map(|n| event(if n % 10 == 9 { EventKind::DatasetCreated } else { EventKind::KeyCreated }, n));
        db.write(|tx| journal::append_all(tx, events.collect())).unwrap();
        let page = db.read(|tx| journal::page_public_since(tx, 0, 5)).unwrap();
        assert_eq!((page.entries.len(), page.reached, page.more), (0, 5, true));
        let page = db.read(|tx| journal::page_public_since(tx, 15, 5)).unwrap();
        assert_eq!((page.entries.len(), page.reached), (1, 20));
        let page = db.read(|tx| journal::page_public_since(tx, 20, 5)).unwrap();
        assert_eq!((page.entries.len(), page.reached, page.more), (0, 20, false));
        let all = db.read(|tx| journal::list_public_since(tx, 0, 5)).unwrap();
        assert_eq!(all.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [10, 20]);
        let of_one = db.read(|tx| journal::list_of_subject(tx, "key", "3", None, 5)).unwrap();
        assert_eq!(of_one.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [4]);
    });
}
