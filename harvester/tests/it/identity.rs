//! Datasets that change their names, go and come back, or come from two sources: what stays, and what is shown.

use fairground_catalog::harvest::{self, Outcome};
use fairground_catalog::{CatalogError, dataset, journal};
use fairground_domain::Timestamp;
use fairground_harvester::HarvestNow;
use serde_json::{Value, json};

use crate::portal::{Portal, counts, data_json, dataset_named, datasets, state};

/// A dataset whose identifier is an address on `host`.
fn at_host(host: &str, n: usize, slug: &str) -> Value {
    let mut dataset = dataset_named(n, &format!("Water levels, station {n}"));
    dataset["identifier"] = json!(format!("{host}/dataset/{slug}"));
    dataset["distribution"][0]["downloadURL"] = json!(format!("{host}/files/{n}.csv"));
    dataset
}

fn id_of(portal: &Portal, slug: &str) -> String {
    portal.catalog().db.read(|tx| dataset::get(tx, slug)).unwrap().id.to_string()
}

#[test]
fn known_changes_of_identity_are_updates() {
    for portal in Portal::of_each_kind(3) {
        let list = |datasets: Vec<Value>| portal.file("data.json", &data_json(&datasets));
        let old: Vec<Value> = (0..10).map(|n| at_host("http://old.test", n, &format!("s{n}"))).collect();
        assert_eq!(counts(&portal.harvest_file("waters", &list(old)))[..2], [10, 10]);
        let before = id_of(&portal, "water-levels-station-7");
        // Another host and scheme; a slug renamed; a slash too many.
        let moved: Vec<Value> = (0..10)
            .map(|n| match n {
                0..=6 => at_host("https://data.new.test", n, &format!("s{n}")),
                7 | 8 => at_host("http://old.test", n, &format!("station-number-{n}")),
                _ => at_host("http://old.test/", n, &format!("s{n}/")),
            })
            .collect();
        let report = portal.harvest_file("waters", &list(moved.clone()));
        assert_eq!((state(&report), counts(&report)), ("completed", [10, 0, 10, 0, 0, 0, 0]), "{report:?}");
        assert_eq!(id_of(&portal, "water-levels-station-7"), before, "its id and address stay");
        let told = portal
            .records(report.job)
            .iter()
            .filter(|r| r.findings.iter().any(|f| f.rule == "identifier-changed"))
            .count();
        assert_eq!(told, 10);
        let again = portal.harvest_file("waters", &portal.file("again.json", &format!("{}\n", data_json(&moved))));
        assert_eq!(counts(&again), [10, 0, 0, 10, 0, 0, 0]);
        portal.agrees();
    }
}

#[test]
fn a_lookalike_beside_the_dataset_itself_is_new() {
    let portal = Portal::open();
    let own = at_host("http://old.test", 1, "one");
    portal.harvest_file("waters", &portal.file("a.json", &data_json(std::slice::from_ref(&own))));
    let before = id_of(&portal, "water-levels-station-1");
    // The lookalike comes first in the list; what it looks like is listed behind it.
    let lookalike = at_host("https://new.test", 1, "one");
    let report = portal.harvest_file("waters", &portal.file("b.json", &data_json(&[lookalike, own.clone()])));
    assert_eq!(counts(&report), [2, 1, 0, 1, 0, 0, 0], "{report:?}");
    let kept = portal.catalog().db.read(|tx| dataset::get(tx, &before)).unwrap();
    assert_eq!(kept.provenance.unwrap().key, own["identifier"].as_str().unwrap());
    portal.agrees();
}

#[test]
fn a_dataset_that_returns_keeps_its_id_address_and_history() {
    for portal in Portal::of_each_kind(500) {
        let file = |numbers: std::ops::Range<usize>| portal.file("data.json", &data_json(&datasets(numbers)));
        portal.harvest_file("waters", &file(0..20));
        let before = id_of(&portal, "water-levels-station-19");
        assert_eq!(counts(&portal.harvest_file("waters", &file(0..19)))[4], 1);
        let mut back = datasets(0..20);
        back[19]["description"] = json!("Measured anew");
        let report = portal.harvest_file("waters", &portal.file("back.json", &data_json(&back)));
        assert_eq!(counts(&report), [20, 1, 0, 19, 0, 0, 0]);
        let versions = portal.catalog().db.read(|tx| dataset::list_versions(tx, "water-levels-station-19")).unwrap();
        assert_eq!(versions.len(), 2);
        assert_eq!(id_of(&portal, "water-levels-station-19"), before);
        portal.agrees();
    }
}

#[test]
fn within_its_grace_period_a_missing_dataset_stays_public() {
    for portal in Portal::of_each_kind(500) {
        let db = &portal.catalog().db;
        let file = |name: &str, numbers: std::ops::Range<usize>| portal.file(name, &data_json(&datasets(numbers)));
        portal.harvest_file("waters", &file("all.json", 0..20));
        let source = db.read(|tx| harvest::get_source(tx, "waters")).unwrap().id;
        db.write(|tx| harvest::set_grace(tx, source, 3 * 86_400)).unwrap();
        let less = file("less.json", 0..18);
        let missing = portal.harvest_file("waters", &less);
        assert_eq!(counts(&missing), [18, 0, 0, 18, 0, 0, 0], "{missing:?}");
        assert!(missing.notes.iter().any(|note| note.contains("grace period")), "{:?}", missing.notes);
        assert_eq!(portal.published(), 20);
        // One returns, which ends its period; of the other the period ends while the source says that nothing is new.
        let some = file("some.json", 0..19);
        assert_eq!(counts(&portal.harvest_file("waters", &some)), [19, 0, 0, 19, 0, 0, 0]);
        db.write(|tx| harvest::set_grace(tx, source, 0)).unwrap();
        let over = portal.harvest_file("waters", &some);
        assert_eq!(counts(&over), [19, 0, 0, 19, 1, 0, 0], "{over:?}");
        assert_eq!(portal.published(), 19);
        assert!(db.read(|tx| dataset::get_public(tx, "water-levels-station-18")).is_ok());
        portal.agrees();
    }
}

#[test]
fn the_same_dataset_of_two_sources_is_shown_once_with_two_provenances() {
    for portal in Portal::of_each_kind(4) {
        let db = &portal.catalog().db;
        let own = portal.file("agency.json", &data_json(&datasets(0..10)));
        let mut national = datasets(8..14);
        for (n, dataset) in national.iter_mut().enumerate() {
            dataset["identifier"] = json!(format!("national-{n}"));
        }
        let copy = portal.file("national.json", &data_json(&national));
        portal.harvest_file("agency", &own);
        let report = portal.harvest_file("national", &copy);
        assert_eq!((state(&report), counts(&report)), ("completed", [6, 6, 0, 0, 0, 0, 0]), "{report:?}");
        assert_eq!(portal.published(), 14, "two of the sixteen are shown as one");
        let shown = db.read(|tx| dataset::get_public(tx, "water-levels-station-8")).unwrap();
        let also = db.read(|tx| dataset::list_also_from(tx, shown.id)).unwrap();
        assert_eq!(also.iter().map(|from| from.key.as_str()).collect::<Vec<_>>(), ["national-0"]);
        // The copy's own address leads to the first.
        let copy_id = portal.records(report.job)[0].dataset_id.unwrap().to_string();
        assert_eq!(db.read(|tx| dataset::get_public(tx, &copy_id)).unwrap().id, shown.id);
        // Nothing changes when nothing changes.
        assert_eq!(
            counts(&portal.harvest_file("national", &portal.file("n2.json", &format!("{}\n", data_json(&national))))),
            [6, 0, 0, 6, 0, 0, 0]
        );
        assert_eq!(portal.published(), 14);
        // The agency drops one: the national copy steps forward.
        let request = HarvestNow {
            source: Some("agency".parse().unwrap()),
            approve: true,
            ..HarvestNow::of(portal.file("a2.json", &data_json(&datasets(0..9))).to_str().unwrap())
        };
        assert_eq!(counts(&portal.harvest(&request))[4], 1);
        assert_eq!(portal.published(), 14);
        // A copy that is no copy any more goes its own way.
        national[0]["title"] = json!("Something else");
        national[0]["distribution"][0]["downloadURL"] = json!("https://waters.test/else.csv");
        portal.harvest_file("national", &portal.file("n3.json", &data_json(&national)));
        assert_eq!(portal.published(), 15);
        assert!(db.read(|tx| dataset::list_also_from(tx, shown.id)).unwrap().is_empty());
        portal.agrees();
    }
}

#[test]
fn what_would_be_done_is_told_field_by_field() {
    for portal in Portal::of_each_kind(3) {
        let db = &portal.catalog().db;
        let mut listed = datasets(0..8);
        portal.harvest_file("waters", &portal.file("a.json", &data_json(&listed)));
        let head = db.read(journal::head).unwrap();
        listed[2]["title"] = json!("Water levels, station two");
        listed[2]["keyword"] = json!(["water"]);
        listed.remove(7);
        listed.extend(datasets([9]));
        let file = portal.file("b.json", &data_json(&listed));
        let request = HarvestNow {
            source: Some("waters".parse().unwrap()),
            dry_run: true,
            ..HarvestNow::of(file.to_str().unwrap())
        };
        let would = portal.harvest(&request);
        assert_eq!((state(&would), counts(&would)), ("completed", [8, 1, 1, 6, 1, 0, 0]), "{would:?}");
        let changes: Vec<_> = db
            .read(|tx| harvest::list_changes(tx, would.job, None, 100))
            .unwrap()
            .into_iter()
            .map(|(_, change)| change)
            .collect();
        let told: Vec<_> = changes.iter().map(|change| (change.outcome, change.slug.as_str())).collect();
        assert_eq!(
            told,
            [
                (Outcome::Updated, "water-levels-station-2"),
                (Outcome::Created, "water-levels-station-9"),
                (Outcome::Deleted, "water-levels-station-7"),
            ]
        );
        let title = changes[0].fields.iter().find(|field| field.path.starts_with("/title")).unwrap();
        assert_eq!(title.after, Some(json!("Water levels, station two")));
        assert!(
            changes[0].fields.iter().any(|field| field.path.starts_with("/keyword") && field.after.is_none()),
            "{changes:?}"
        );
        assert_eq!(db.read(journal::head).unwrap(), head, "nothing was done");
        // The real run does just that.
        assert_eq!(counts(&portal.harvest_file("waters", &file)), counts(&would));
    }
}

#[test]
fn a_name_taken_in_the_same_instant_is_a_refusal() {
    // Only a server lets two write at once.
    for portal in Portal::of_each_kind(4).into_iter().filter(|portal| !portal.is_sqlite()) {
        let db = &portal.catalog().db;
        let new = || harvest::NewSource {
            slug: "waters".parse().unwrap(),
            url: "https://waters.test/data.json".to_owned(),
            kind: None,
            publisher: None,
            interval_secs: None,
        };
        let (ready, begun) = std::sync::mpsc::channel();
        let outcomes = std::thread::scope(|scope| {
            let other = scope.spawn(move || {
                begun.recv().unwrap();
                db.write(|tx| harvest::create_source(tx, new(), "test").map(drop))
            });
            let first = db.write(|tx| {
                harvest::create_source(tx, new(), "test")?;
                ready.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(300));
                Ok(())
            });
            [first, other.join().unwrap()]
        });
        assert!(outcomes[0].is_ok());
        assert!(matches!(outcomes[1], Err(CatalogError::Taken { what: "source", .. })), "{:?}", outcomes[1]);
    }
}

#[test]
fn a_source_that_was_read_by_another_codec_is_read_once_more() {
    let portal = Portal::open();
    let file = portal.file("data.json", &data_json(&datasets(0..5)));
    portal.harvest_file("waters", &file);
    let db = &portal.catalog().db;
    let source = db.read(|tx| harvest::get_source(tx, "waters")).unwrap();
    assert_ne!(source.validators.reader, "");
    let older = harvest::Validators { reader: "0.0.1/1 rules/0".to_owned(), ..source.validators };
    db.write(|tx| harvest::save_validators(tx, source.id, &older)).unwrap();
    let notes = |report: &fairground_harvester::HarvestReport| report.notes.join(" ");
    let once = portal.harvest_file("waters", &file);
    assert_eq!((counts(&once), notes(&once).as_str()), ([5, 0, 0, 5, 0, 0, 0], ""));
    let again = portal.harvest_file("waters", &file);
    assert!(notes(&again).contains("exactly what it sent last time"), "{}", notes(&again));
    assert!(Timestamp::now() >= source.created_at);
}
