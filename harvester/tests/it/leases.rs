//! Harvests that are interrupted, cancelled, taken over or continued: nothing is lost, nothing is done twice.

use std::thread;
use std::time::Duration;

use fairground_catalog::CatalogError;
use fairground_catalog::harvest::{self, HarvestPayload, JobState};
use fairground_harvester::{HarvestNow, NowError, Stop, StopReason, WorkerIdentity, Workers};

use crate::agency::{Agency, Answer};
use crate::portal::{Portal, counts, data_json, datasets, state};

#[test]
fn a_harvest_that_is_interrupted_goes_on_where_it_stood() {
    for portal in Portal::of_each_kind(5) {
        a_harvest_that_is_interrupted_goes_on_where_it_stood_on(&portal);
    }
}

fn a_harvest_that_is_interrupted_goes_on_where_it_stood_on(portal: &Portal) {
    let file = portal.file("data.json", &data_json(&datasets(0..200)));
    let request = HarvestNow { source: Some("waters".parse().unwrap()), ..HarvestNow::of(file.to_str().unwrap()) };
    let mut interruptions = 0;
    let report = loop {
        let stop = Stop::new();
        let before = portal.published();
        let harvested = thread::scope(|scope| {
            scope.spawn(|| {
                let soon = || portal.published() > before + 20 || portal.published() >= 200;
                while !soon() && stop.reason().is_none() {
                    thread::sleep(Duration::from_millis(1));
                }
                stop.stop(StopReason::ShuttingDown);
            });
            let harvested = portal.harvester.harvest_now(&request, &stop);
            stop.stop(StopReason::ShuttingDown);
            harvested
        });
        match harvested {
            Ok(report) => break report,
            Err(NowError::Engine(error)) => assert_eq!(error.stopped(), Some(StopReason::ShuttingDown)),
            Err(error) => panic!("{error}"),
        }
        interruptions += 1;
        assert!(interruptions < 100);
    };
    assert!(interruptions > 0, "nothing was interrupted");
    assert_eq!((state(&report), counts(&report)), ("completed", [200, 200, 0, 0, 0, 0, 0]));
    assert_eq!(portal.published(), 200);
    assert_eq!(portal.records(report.job).len(), 200);
    assert_eq!(portal.job(report.job).attempts, interruptions + 1);
    portal.agrees();
}

#[test]
fn a_cancelled_harvest_stops_and_says_so() {
    let agency = Agency::start(|_| Answer::ok("0123456789").stalling_after(5));
    let portal = Portal::open();
    let request = HarvestNow { source: Some("waters".parse().unwrap()), ..HarvestNow::of(agency.url("/")) };
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            while agency.asked().is_empty() {
                thread::sleep(Duration::from_millis(5));
            }
            portal.catalog().db.write(|tx| {
                let source = harvest::get_source(tx, "waters")?;
                let job = harvest::find_unfinished(tx, source.id)?.unwrap();
                harvest::cancel(tx, job.id)
            })
        });
        portal.harvest(&request)
    });
    assert_eq!((state(&report), counts(&report)), ("cancelled", [0; 7]));
}

#[test]
fn whoever_lost_the_lease_writes_no_more() {
    for portal in Portal::of_each_kind(5) {
        whoever_lost_the_lease_writes_no_more_on(&portal);
    }
}

fn whoever_lost_the_lease_writes_no_more_on(portal: &Portal) {
    let file = portal.file("data.json", &data_json(&datasets(0..50)));
    let db = &portal.catalog().db;
    let data_dir = portal.catalog().data_dir();
    let job = db
        .write(|tx| {
            let new = harvest::NewSource {
                slug: "waters".parse().unwrap(),
                url: file.to_str().unwrap().to_owned(),
                kind: None,
                publisher: None,
                interval_secs: None,
            };
            let source = harvest::create_source(tx, new, "command-line")?;
            harvest::enqueue(tx, source.id, &HarvestPayload::default())
        })
        .unwrap();
    let slow = WorkerIdentity::enrol(data_dir).unwrap();
    let (job, lease) = db.write(|tx| harvest::claim(tx, job.id, slow.name(), &[])).unwrap().unwrap();
    // The slow worker is taken for dead; another one does the work.
    let quick = WorkerIdentity::enrol(data_dir).unwrap();
    let dead = [slow.name().to_owned()];
    let (same, its_lease) = db.write(|tx| harvest::claim(tx, job.id, quick.name(), &dead)).unwrap().unwrap();
    let error = portal.harvester.run_job(job, lease, &Stop::new()).unwrap_err();
    assert_eq!(error.stopped(), Some(StopReason::LeaseLost), "{error}");
    assert_eq!(portal.published(), 0);
    let done = portal.harvester.run_job(same, its_lease, &Stop::new()).unwrap();
    assert_eq!((done.state, done.progress.sums.datasets.created), (JobState::Completed, 50));
}

#[test]
fn workers_do_what_is_due_and_take_over_from_the_dead() {
    for portal in Portal::of_each_kind(500) {
        workers_do_what_is_due_and_take_over_from_the_dead_on(&portal);
    }
}

fn workers_do_what_is_due_and_take_over_from_the_dead_on(portal: &Portal) {
    let db = &portal.catalog().db;
    let mut jobs = Vec::new();
    for (number, name) in ["one", "two", "three"].into_iter().enumerate() {
        let file = portal.file(&format!("{name}.json"), &data_json(&datasets(number * 10..number * 10 + 10)));
        let new = harvest::NewSource {
            slug: name.parse().unwrap(),
            url: file.to_str().unwrap().to_owned(),
            kind: None,
            publisher: None,
            interval_secs: None,
        };
        jobs.push(
            db.write(|tx| {
                let source = harvest::create_source(tx, new, "command-line")?;
                harvest::enqueue(tx, source.id, &HarvestPayload::default())
            })
            .unwrap()
            .id,
        );
    }
    let dying = WorkerIdentity::enrol(portal.catalog().data_dir()).unwrap();
    db.write(|tx| harvest::claim(tx, jobs[1], dying.name(), &[])).unwrap().unwrap();
    drop(dying);
    let workers = Workers::start(&portal.harvester, 2).unwrap();
    workers.wake();
    while jobs.iter().any(|id| portal.job(*id).state != JobState::Completed) {
        assert!(jobs.iter().all(|id| portal.job(*id).state != JobState::Failed));
        thread::sleep(Duration::from_millis(10));
    }
    workers.stop();
    assert_eq!(portal.published(), 30);
    assert_eq!(portal.job(jobs[1]).attempts, 2);
}

#[test]
fn what_was_just_taken_over_is_not_released_under_its_new_worker() {
    for portal in Portal::of_each_kind(500) {
        let db = &portal.catalog().db;
        let file = portal.file("data.json", &data_json(&datasets(0..3)));
        portal.harvest_file("waters", &file);
        let job = db
            .write(|tx| {
                let source = harvest::get_source(tx, "waters")?;
                harvest::enqueue(tx, source.id, &HarvestPayload::default())
            })
            .unwrap()
            .id;
        let dead = vec!["worker-that-died".to_owned()];
        db.write(|tx| harvest::claim(tx, job, &dead[0], &[])).unwrap().unwrap();
        let living = WorkerIdentity::enrol(portal.catalog().data_dir()).unwrap();
        // Whoever releases looks while the other one's claim is not written yet, and writes after it.
        thread::scope(|scope| {
            let claiming = db.write(|tx| {
                harvest::claim(tx, job, living.name(), &dead)?.ok_or(CatalogError::StoreBusy)?;
                let releasing = scope.spawn(|| db.write(|tx| harvest::release_abandoned(tx, &dead)).unwrap());
                thread::sleep(Duration::from_millis(300));
                Ok(releasing)
            });
            assert_eq!(claiming.unwrap().join().unwrap(), 0);
        });
        let kept = portal.job(job);
        assert_eq!((kept.state, kept.attempts), (JobState::Running, 2));
    }
}

#[test]
fn a_source_in_other_hands_is_left_alone() {
    let portal = Portal::open();
    let file = portal.file("data.json", &data_json(&datasets(0..3)));
    portal.harvest_file("waters", &file);
    let living = WorkerIdentity::enrol(portal.catalog().data_dir()).unwrap();
    let job = portal
        .catalog()
        .db
        .write(|tx| {
            let source = harvest::get_source(tx, "waters")?;
            let job = harvest::enqueue(tx, source.id, &HarvestPayload::default())?;
            harvest::claim(tx, job.id, living.name(), &[])?.ok_or(CatalogError::StoreBusy)
        })
        .unwrap()
        .0;
    // The other one ends while we wait.
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(100));
            portal.catalog().db.write(|tx| harvest::cancel(tx, job.id)).unwrap();
        });
        portal.harvest_file("waters", &file)
    });
    assert_eq!((state(&report), counts(&report)), ("completed", [3, 0, 0, 3, 0, 0, 0]));
}

#[test]
fn a_half_done_harvest_whose_spool_is_gone_begins_anew() {
    let portal = Portal::of_each_kind(5).remove(0);
    let file = portal.file("data.json", &data_json(&datasets(0..200)));
    let request = HarvestNow { source: Some("waters".parse().unwrap()), ..HarvestNow::of(file.to_str().unwrap()) };
    let stop = Stop::new();
    let left_off = thread::scope(|scope| {
        scope.spawn(|| {
            while portal.published() < 20 {
                thread::sleep(Duration::from_millis(1));
            }
            stop.stop(StopReason::ShuttingDown);
        });
        portal.harvester.harvest_now(&request, &stop)
    });
    let Err(NowError::Engine(error)) = left_off else { panic!("it was told to stop: {left_off:?}") };
    assert_eq!(error.stopped(), Some(StopReason::ShuttingDown));
    let done = portal.published();
    std::fs::remove_dir_all(portal.catalog().data_dir().join("spool")).unwrap();
    let report = portal.harvest(&request);
    let unchanged = u64::try_from(done).unwrap();
    assert_eq!((state(&report), counts(&report)), ("completed", [200, 200 - unchanged, 0, unchanged, 0, 0, 0]));
    assert_eq!(portal.published(), 200);
    portal.agrees();
}
