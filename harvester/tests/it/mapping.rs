//! Mapping rules on the way in, and what deleted sources leave behind.

use std::time::Duration;

use fairground_catalog::dataset;
use fairground_catalog::harvest::{self, HarvestPayload, JobState, Outcome};
use fairground_catalog::source::{self, DatasetsThen, RulesDocument};
use fairground_harvester::Workers;

use crate::portal::{Portal, counts, data_json, dataset_named, datasets, state};

fn put_in_force(portal: &Portal, rules: &str) {
    let db = &portal.catalog().db;
    let document = RulesDocument::parse(rules).unwrap();
    db.write(|tx| {
        let found = harvest::get_source(tx, "waters")?;
        source::save_rules(tx, &found, document, None, "test")
    })
    .unwrap();
}

#[test]
fn other_rules_read_an_unchanged_source_again_and_change_what_they_name() {
    for portal in Portal::of_each_kind(3) {
        let file = portal.file("data.json", &data_json(&datasets(0..4)));
        assert_eq!(counts(&portal.harvest_file("waters", &file)), [4, 4, 0, 0, 0, 0, 0]);
        put_in_force(&portal, "version: 1\nrules:\n  - licence: https://l.example/0\n");
        let mapped = portal.harvest_file("waters", &file);
        assert_eq!((state(&mapped), counts(&mapped)), ("completed", [4, 0, 4, 0, 0, 0, 0]));
        let found = portal.catalog().db.read(|tx| dataset::get(tx, "water-levels-station-2")).unwrap();
        assert_eq!(found.draft.licence.unwrap().iri.as_deref(), Some("https://l.example/0"));
        let again = portal.harvest_file("waters", &file);
        assert_eq!(counts(&again), [4, 0, 0, 4, 0, 0, 0], "the same rules change nothing twice");
        put_in_force(&portal, "");
        assert_eq!(counts(&portal.harvest_file("waters", &file)), [4, 0, 4, 0, 0, 0, 0]);
        let bare = portal.catalog().db.read(|tx| dataset::get(tx, "water-levels-station-2")).unwrap();
        assert_ne!(bare.draft.licence.and_then(|it| it.iri).as_deref(), Some("https://l.example/0"));
        portal.agrees();
    }
}

#[test]
fn what_a_rule_leaves_out_is_refused_by_name_and_withdrawn() {
    for portal in Portal::of_each_kind(3) {
        let mut listed = datasets(0..3);
        listed.push(dataset_named(3, "Internal notes"));
        let file = portal.file("data.json", &data_json(&listed));
        portal.harvest_file("waters", &file);
        assert_eq!(portal.published(), 4);
        put_in_force(&portal, "version: 1\nrules:\n  - exclude: { field: /title, contains: internal }\n");
        let report = portal.harvest_file("waters", &file);
        assert_eq!((state(&report), counts(&report)), ("completed", [4, 0, 0, 3, 1, 1, 0]));
        assert_eq!(portal.published(), 3);
        let records = portal.records(report.job);
        let left_out = records.iter().find(|record| record.outcome == Outcome::Refused).unwrap();
        assert_eq!(left_out.findings[0].rule, "excluded-by-rule");
        portal.agrees();
    }
}

#[test]
fn a_worker_clears_away_what_a_deleted_source_left() {
    for portal in Portal::of_each_kind(3) {
        let file = portal.file("data.json", &data_json(&datasets(0..5)));
        portal.harvest_file("waters", &file);
        let db = &portal.catalog().db;
        let (spooled, job) = db
            .write(|tx| {
                let found = harvest::get_source(tx, "waters")?;
                let spooled = harvest::enqueue(tx, found.id, &HarvestPayload::default())?;
                let job = source::delete_source(tx, &found, DatasetsThen::Withdraw, "test")?;
                Ok((spooled, job))
            })
            .unwrap();
        // What one of its harvests had gathered, as a cancelled one leaves it.
        let spool = portal.catalog().data_dir().join("spool").join(spooled.id.to_string());
        std::fs::create_dir_all(&spool).unwrap();
        let workers = Workers::start(&portal.harvester, 2).unwrap();
        let ended = loop {
            let now = db.read(|tx| source::find_removal(tx, job.id)).unwrap();
            if now.state.has_ended() {
                break now;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        workers.stop();
        assert_eq!((ended.state, ended.progress.withdrawn, ended.progress.records), (JobState::Completed, 5, 5));
        assert_eq!((ended.progress.raw_records, spool.exists()), (5, false));
        assert_eq!(portal.published(), 0);
        portal.agrees();
    }
}
