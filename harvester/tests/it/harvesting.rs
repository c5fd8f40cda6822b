//! Whole harvests on a real store: what becomes of every record, and what becomes of the catalogue when things go wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use fairground_catalog::dataset;
use fairground_catalog::harvest::{JobState, Outcome};
use fairground_domain::Finding;
use fairground_harvester::HarvestNow;
use serde_json::json;

use crate::agency::{Agency, Answer};
use crate::portal::{Portal, counts, data_json, dataset_named, datasets, state};

#[test]
fn every_record_comes_to_one_outcome_and_a_second_run_changes_nothing() {
    for portal in Portal::of_each_kind(500) {
        every_record_comes_to_one_outcome_and_a_second_run_changes_nothing_on(&portal);
    }
}

fn every_record_comes_to_one_outcome_and_a_second_run_changes_nothing_on(portal: &Portal) {
    let mut listed = datasets(0..6);
    let file = portal.file("data.json", &data_json(&listed));
    let first = portal.harvest_file("waters", &file);
    assert_eq!((state(&first), counts(&first)), ("completed", [6, 6, 0, 0, 0, 0, 0]));
    assert_eq!(portal.published(), 6);

    let again = portal.harvest_file("waters", &file);
    assert_eq!((state(&again), counts(&again)), ("completed", [6, 0, 0, 6, 0, 0, 0]));

    // One changes, one goes, one comes, one comes twice, one has no title.
    listed[1] = dataset_named(1, "Water levels, station one");
    listed.remove(0);
    listed.extend(datasets([7, 7]));
    listed.push(json!({"identifier": "urn:agency:8", "description": "nameless"}));
    let file = portal.file("data-2.json", &data_json(&listed));
    let third = portal.harvest_file("waters", &file);
    assert_eq!((state(&third), counts(&third)), ("completed", [8, 1, 1, 4, 1, 2, 0]));
    assert_eq!(portal.published(), 6);

    let records = portal.records(third.job);
    let findings = |outcome| -> Vec<Finding> {
        records.iter().filter(|record| record.outcome == outcome).flat_map(|record| record.findings.clone()).collect()
    };
    let refused = findings(Outcome::Refused);
    assert!(refused.iter().any(|finding| finding.rule == "duplicate-identifier"), "{refused:?}");
    assert!(refused.iter().any(|finding| finding.rule.starts_with("title")), "{refused:?}");
    let deleted: Vec<&str> =
        records.iter().filter(|record| record.outcome == Outcome::Deleted).map(|record| record.key.as_str()).collect();
    assert_eq!(deleted, ["urn:agency:0"]);

    // The raw record is the source's own text.
    let created = records.iter().find(|record| record.outcome == Outcome::Created).unwrap();
    let raw = portal.catalog().db.read(|tx| dataset::find_raw_record(tx, created.raw_hash.unwrap())).unwrap().unwrap();
    let raw: serde_json::Value = serde_json::from_slice(&raw).unwrap();
    assert_eq!(raw["identifier"], "urn:agency:7");
    portal.agrees();
}

#[test]
fn a_dataset_that_returns_keeps_its_address() {
    let portal = Portal::open();
    let both = portal.file("both.json", &data_json(&datasets([1, 2])));
    let one = portal.file("one.json", &data_json(&datasets([1])));
    portal.harvest_file("waters", &both);
    let find = || portal.catalog().db.read(|tx| dataset::get(tx, "water-levels-station-2")).unwrap();
    let before = find();
    assert_eq!(counts(&portal.harvest_file("waters", &one)), [1, 0, 0, 1, 1, 0, 0]);
    assert_ne!(find().publication, before.publication);
    assert_eq!(counts(&portal.harvest_file("waters", &both)), [2, 1, 0, 1, 0, 0, 0]);
    assert_eq!((find().id, find().publication), (before.id, before.publication));
    portal.agrees();
}

#[test]
fn a_source_that_shrinks_is_held_until_somebody_approves() {
    for portal in Portal::of_each_kind(10) {
        a_source_that_shrinks_is_held_until_somebody_approves_on(&portal);
    }
}

fn a_source_that_shrinks_is_held_until_somebody_approves_on(portal: &Portal) {
    let full = portal.file("data.json", &data_json(&datasets(0..30)));
    let small = portal.file("small.json", &data_json(&datasets(0..3)));
    portal.harvest_file("waters", &full);

    let held = portal.harvest_file("waters", &small);
    assert_eq!((state(&held), counts(&held)), ("awaiting_approval", [3, 0, 0, 3, 0, 0, 0]));
    assert_eq!((held.braked, held.missing.len()), (27, 27));
    assert_eq!(portal.published(), 30);

    // Asked again without approval it holds again, as a new job; the source as it was finds everything in place.
    let again = portal.harvest_file("waters", &small);
    assert_eq!(state(&again), "awaiting_approval");
    assert_ne!(again.job, held.job);
    assert_eq!(portal.job(held.job).state, JobState::Cancelled);
    assert_eq!(counts(&portal.harvest_file("waters", &full)), [30, 0, 0, 30, 0, 0, 0]);

    let held = portal.harvest_file("waters", &small);
    let request = HarvestNow {
        source: Some("waters".parse().unwrap()),
        approve: true,
        ..HarvestNow::of(small.to_str().unwrap())
    };
    let approved = portal.harvest(&request);
    assert_eq!((state(&approved), counts(&approved)), ("completed", [3, 0, 0, 3, 27, 0, 0]));
    assert_eq!(approved.job, held.job, "approval lets the held job go on");
    assert_eq!(portal.published(), 3);
    portal.agrees();
}

#[test]
fn what_is_no_catalogue_fails_with_a_reason_and_changes_nothing() {
    let portal = Portal::open();
    let good = portal.file("data.json", &data_json(&datasets(0..10)));
    portal.harvest_file("waters", &good);
    let whole = std::fs::read_to_string(&good).unwrap();
    let bad = [
        ("page.json", "<!DOCTYPE html><html><title>State</title><body>Moved</body></html>".to_owned(), "State"),
        ("empty.json", String::new(), "empty"),
        ("cut.json", whole[..whole.len() / 2].to_owned(), "cut off"),
        ("deep.json", format!("{{\"dataset\": {}", "[".repeat(100_000)), "nested"),
        ("other.json", r#"{"a": 1}"#.to_owned(), "not a catalogue"),
    ];
    for (name, content, says) in bad {
        let report = portal.harvest_file("waters", &portal.file(name, &content));
        assert_eq!((state(&report), counts(&report)), ("failed", [0; 7]), "{name}");
        let error = report.error.unwrap();
        assert!(error.contains(says), "{name}: {error}");
        assert_eq!(portal.published(), 10, "{name}");
    }
    assert_eq!(counts(&portal.harvest_file("waters", &good)), [10, 0, 0, 10, 0, 0, 0]);
    portal.agrees();
}

#[test]
fn a_dry_run_says_what_would_happen_and_keeps_nothing() {
    for portal in Portal::of_each_kind(4) {
        a_dry_run_says_what_would_happen_and_keeps_nothing_on(&portal);
    }
}

fn a_dry_run_says_what_would_happen_and_keeps_nothing_on(portal: &Portal) {
    let first = portal.file("data.json", &data_json(&datasets(0..10)));
    let second = portal.file("second.json", &data_json(&datasets(8..20)));
    let dry = |file: &std::path::Path| {
        let source = Some("waters".parse().unwrap());
        portal.harvest(&HarvestNow { source, dry_run: true, ..HarvestNow::of(file.to_str().unwrap()) })
    };
    assert_eq!(counts(&dry(&first)), [10, 10, 0, 0, 0, 0, 0]);
    assert_eq!(portal.published(), 0);
    assert_eq!(counts(&portal.harvest_file("waters", &first)), [10, 10, 0, 0, 0, 0, 0]);
    let would = dry(&second);
    assert_eq!((state(&would), counts(&would)), ("completed", [12, 10, 0, 2, 8, 0, 0]));
    assert!(would.notes.iter().any(|note| note.contains("brake")), "{:?}", would.notes);
    assert_eq!(portal.published(), 10);
    assert!(portal.catalog().db.read(|tx| dataset::get(tx, "water-levels-station-15")).is_err());
    portal.agrees();
}

#[test]
fn an_unchanged_source_costs_one_conditional_request() {
    let body = data_json(&datasets(0..20));
    let agency = Agency::start(move |asked| match asked.headers.get("if-none-match").map(String::as_str) {
        Some("\"v1\"") => Answer::new(304, "").header("ETag", "\"v1\""),
        _ => Answer::ok(body.clone()).header("ETag", "\"v1\""),
    });
    let portal = Portal::open();
    let request = HarvestNow::of(agency.url("/data.json"));
    assert_eq!(counts(&portal.harvest(&request)), [20, 20, 0, 0, 0, 0, 0]);
    let again = portal.harvest(&request);
    assert_eq!((state(&again), counts(&again)), ("completed", [20, 0, 0, 20, 0, 0, 0]));
    assert_eq!(agency.asked().len(), 2);
    assert!(again.notes[0].contains("nothing has changed"), "{:?}", again.notes);
}

#[test]
fn after_a_run_that_did_not_end_well_the_source_is_asked_for_everything() {
    let answers = Arc::new(AtomicUsize::new(0));
    let agency = Agency::start({
        let answers = Arc::clone(&answers);
        move |asked| {
            if asked.headers.contains_key("if-none-match") {
                return Answer::new(304, "");
            }
            match answers.fetch_add(1, Ordering::SeqCst) {
                0 | 2 => Answer::ok(data_json(&datasets(0..20))).header("ETag", "\"full\""),
                _ => Answer::ok(data_json(&datasets(0..2))).header("ETag", "\"small\""),
            }
        }
    });
    let portal = Portal::open();
    let at =
        |target: &str| HarvestNow { source: Some("waters".parse().unwrap()), ..HarvestNow::of(agency.url(target)) };
    assert_eq!(counts(&portal.harvest(&at("/data.json"))), [20, 20, 0, 0, 0, 0, 0]);
    // Another address of the same source is held by the brake; back at the first nothing is taken for granted.
    assert_eq!(state(&portal.harvest(&at("/other.json"))), "awaiting_approval");
    assert_eq!(counts(&portal.harvest(&at("/data.json"))), [20, 0, 0, 20, 0, 0, 0]);
    assert_eq!(answers.load(Ordering::SeqCst), 3);
}

#[test]
fn a_part_of_a_portal_deletes_nothing() {
    let page = |range: std::ops::Range<usize>, count: usize| {
        let packages: Vec<_> = range
            .map(|n| {
                json!({"id": format!("id-{n}"), "name": format!("package-{n}"), "title": format!("Package {n}"),
                            "resources": [{"url": format!("https://ckan.test/{n}.csv"), "format": "CSV"}]})
            })
            .collect();
        json!({"success": true, "result": {"count": count, "results": packages}}).to_string()
    };
    let portal = Portal::open();
    let all = portal.file("all.json", &page(0..10, 10));
    let part = portal.file("part.json", &page(0..9, 10));
    let rest = portal.file("rest.json", &page(0..9, 9));
    assert_eq!(counts(&portal.harvest_file("ckan", &all)), [10, 10, 0, 0, 0, 0, 0]);
    let report = portal.harvest_file("ckan", &part);
    assert_eq!((state(&report), counts(&report)), ("completed", [9, 0, 0, 9, 0, 0, 0]));
    assert!(report.notes.iter().any(|note| note.contains("nothing is deleted")), "{:?}", report.notes);
    assert_eq!(counts(&portal.harvest_file("ckan", &rest)), [9, 0, 0, 9, 1, 0, 0]);
}

#[test]
fn two_files_of_one_name_are_two_sources() {
    let portal = Portal::open();
    std::fs::create_dir(portal.catalog().data_dir().join("a")).unwrap();
    let one = portal.file("data.json", &data_json(&datasets(0..8)));
    let other = portal.catalog().data_dir().join("a").join("data.json");
    std::fs::write(&other, data_json(&datasets(8..9))).unwrap();
    let first = portal.harvest(&HarvestNow::of(one.to_str().unwrap()));
    let second = portal.harvest(&HarvestNow::of(other.to_str().unwrap()));
    assert_ne!(first.source, second.source);
    assert_eq!(portal.published(), 9);
}

#[test]
fn a_record_that_the_store_cannot_take_fails_alone() {
    for portal in Portal::of_each_kind(10) {
        let mut listed = datasets(0..25);
        // Longer than an index entry of PostgreSQL may be, and not to be compressed; SQLite takes it.
        let long: String =
            (0..2000u32).map(|n| format!("{:08x}", n.wrapping_mul(2_654_435_761).rotate_left(n % 31))).collect();
        listed[13]["identifier"] = json!(format!("urn:{long}"));
        listed[17]["title"] = json!("Levels\u{0}of water");
        let file = portal.file("data.json", &data_json(&listed));
        let report = portal.harvest_file("waters", &file);
        let records = portal.records(report.job);
        assert_eq!(records.len(), 25);
        if portal.is_sqlite() {
            assert_eq!((state(&report), counts(&report)), ("completed", [25, 25, 0, 0, 0, 0, 0]));
        } else {
            let failed: Vec<i64> = records.iter().filter(|r| r.outcome == Outcome::Failed).map(|r| r.seq).collect();
            assert!(failed.contains(&13), "{failed:?}");
            assert_eq!(portal.published() + i64::try_from(failed.len()).unwrap(), 25);
            let alone = records.iter().find(|record| record.seq == 13).unwrap();
            assert_eq!(alone.findings[0].rule, "not-stored");
        }
        // Whether it failed or not, a second run finds the others as they are.
        let again = portal.harvest_file("waters", &portal.file("again.json", &format!("{}\n", data_json(&listed))));
        assert_eq!(
            (again.datasets.unchanged, again.datasets.failed),
            (report.datasets.created, report.datasets.failed)
        );
        portal.agrees();
    }
}

#[test]
fn the_first_page_of_a_paged_catalogue_deletes_nothing() {
    let turtle = |numbers: std::ops::Range<usize>| {
        numbers.fold("@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n".to_owned(), |all, n| {
            format!("{all}<https://waters.test/{n}> a dcat:Dataset ; dct:title \"Levels {n}\"@en ; dct:identifier \"{n}\" .\n")
        })
    };
    let portal = Portal::open();
    let page = "@prefix hydra: <http://www.w3.org/ns/hydra/core#> . <> hydra:next <?page=2> .\n";
    assert_eq!(counts(&portal.harvest_file("waters", &portal.file("a.ttl", &turtle(0..4))))[..2], [4, 4]);
    let report = portal.harvest_file("waters", &portal.file("b.ttl", &format!("{page}{}", turtle(0..3))));
    assert_eq!((state(&report), counts(&report)), ("completed", [3, 0, 0, 3, 0, 0, 0]), "{report:?}");
    assert!(report.notes[0].contains("first page"), "{:?}", report.notes);
    assert_eq!(counts(&portal.harvest_file("waters", &portal.file("c.ttl", &turtle(0..3))))[4], 1);
}
