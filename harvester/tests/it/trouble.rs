//! Agencies in trouble, and harvests that wait for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fairground_catalog::Catalog;
use fairground_catalog::harvest::{self, HarvestJob, HarvestPayload, JobState, NewSource, Schedule};
use fairground_domain::{JobId, Timestamp};
use fairground_harvester::fetch::FetchLimits;
use fairground_harvester::{HarvestNow, Patience, Tuning, WorkerIdentity, Workers};

use crate::agency::{Agency, Answer};
use crate::fetching::brisk;
use crate::portal::{Portal, counts, data_json, datasets, state};

/// Gives up soon, so that a story need not wait.
fn impatient() -> (FetchLimits, Tuning) {
    let limits =
        FetchLimits { tries: 2, stall: Duration::from_millis(300), first_byte: Duration::from_millis(300), ..brisk() };
    let patience = Patience { jobs: 2, job_pause: Duration::from_millis(1), ..Patience::default() };
    (limits, Tuning { patience, ..Tuning::default() })
}

fn enqueue(catalog: &Catalog, url: &str) -> JobId {
    let new = NewSource {
        slug: "waters".parse().unwrap(),
        url: url.to_owned(),
        kind: None,
        publisher: None,
        interval_secs: None,
    };
    let job = catalog.db.write(|tx| {
        let source = harvest::create_source(tx, new, "test")?;
        harvest::enqueue(tx, source.id, &HarvestPayload::default())
    });
    job.unwrap().id
}

/// Waits until the job is as wanted.
fn until(portal: &Portal, id: JobId, wanted: impl Fn(&HarvestJob) -> bool) -> HarvestJob {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let job = portal.job(id);
        if wanted(&job) {
            return job;
        }
        assert!(Instant::now() < deadline, "{job:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_source_in_trouble_is_tried_again_later_and_the_attempts_are_seen() {
    let body = data_json(&datasets(0..12));
    // Each of these costs a whole job its tries; then the agency recovers.
    let troubles: Vec<Box<dyn Fn() -> Answer + Send + Sync>> = vec![
        Box::new(|| Answer::new(500, "oops")),
        Box::new(|| Answer::new(429, "slow down")),
        Box::new(Answer::silence),
        Box::new({
            let body = body.clone();
            move || Answer::ok(body.clone()).stalling_after(100)
        }),
        Box::new({
            let body = body.clone();
            move || Answer::ok(body.clone()).dropping_after(200)
        }),
    ];
    for (number, trouble) in troubles.into_iter().enumerate() {
        let asked = Arc::new(AtomicUsize::new(0));
        let agency = Agency::start({
            let (asked, body) = (Arc::clone(&asked), body.clone());
            // Two tries of the first attempt fail.
            move |_| if asked.fetch_add(1, Ordering::SeqCst) < 2 { trouble() } else { Answer::ok(body.clone()) }
        });
        let (limits, tuning) = impatient();
        let portal = Portal::with(limits, tuning);
        let id = enqueue(portal.catalog(), agency.url("/data.json").as_str());
        let workers = Workers::start(&portal.harvester, 1).unwrap();
        let done = until(&portal, id, |job| job.state.has_ended());
        workers.stop();
        assert_eq!(done.state, JobState::Completed, "{number}: {done:?}");
        assert_eq!((done.attempts, done.progress.put_off, done.progress.sums.datasets.created), (2, 1, 12), "{number}");
        assert_eq!(done.error, None, "{number}");
        portal.agrees();
    }
}

#[test]
fn a_source_that_stays_in_trouble_fails_after_so_many_tries() {
    let agency = Agency::start(|_| Answer::new(503, "closed"));
    let (limits, tuning) = impatient();
    let portal = Portal::with(limits, tuning);
    let id = enqueue(portal.catalog(), agency.url("/data.json").as_str());
    let workers = Workers::start(&portal.harvester, 1).unwrap();
    let done = until(&portal, id, |job| job.state.has_ended());
    workers.stop();
    assert_eq!((done.state, done.attempts, done.progress.put_off), (JobState::Failed, 3, 2), "{done:?}");
    assert!(done.error.unwrap().contains("503"));
    assert_eq!(agency.asked().len(), 6, "two requests for each of three attempts");
}

#[test]
fn what_a_source_says_for_good_is_not_asked_again() {
    for (answer, says) in [
        (Answer::new(404, "no"), "nothing is there"),
        (Answer::ok("<!DOCTYPE html><html><title>Sign in</title></html>"), "Sign in"),
    ] {
        let agency = Agency::start(move |_| answer.clone());
        let (limits, tuning) = impatient();
        let portal = Portal::with(limits, tuning);
        let id = enqueue(portal.catalog(), agency.url("/data.json").as_str());
        let workers = Workers::start(&portal.harvester, 1).unwrap();
        let done = until(&portal, id, |job| job.state.has_ended());
        workers.stop();
        assert_eq!((done.state, done.attempts), (JobState::Failed, 1), "{done:?}");
        assert!(done.error.unwrap().contains(says));
        // What lies around it may be looked at, nothing twice.
        let mut targets: Vec<String> = agency.asked().into_iter().map(|asked| asked.target).collect();
        let count = targets.len();
        targets.sort();
        targets.dedup();
        assert_eq!(targets.len(), count, "{targets:?}");
    }
}

#[test]
fn a_source_that_asks_to_wait_long_is_waited_for() {
    let agency = Agency::start(|_| Answer::new(429, "later").header("Retry-After", "3600"));
    let (limits, tuning) = impatient();
    let portal = Portal::with(limits, tuning);
    let id = enqueue(portal.catalog(), agency.url("/data.json").as_str());
    let workers = Workers::start(&portal.harvester, 1).unwrap();
    let waiting = until(&portal, id, |job| job.progress.put_off == 1);
    workers.stop();
    assert_eq!(waiting.state, JobState::Queued, "{waiting:?}");
    assert!(waiting.run_after.as_secs() - Timestamp::now().as_secs() > 3_000, "{waiting:?}");
    assert!(waiting.error.unwrap().contains("3600 s"));
}

#[test]
fn a_source_that_shrinks_by_four_fifths_is_held_and_one_that_answers_304_is_not_read() {
    let shrunk = Arc::new(AtomicUsize::new(0));
    let agency = Agency::start({
        let shrunk = Arc::clone(&shrunk);
        move |asked| match (shrunk.load(Ordering::SeqCst), asked.headers.get("if-none-match").map(String::as_str)) {
            (0, Some("\"all\"")) => Answer::new(304, ""),
            (0, _) => Answer::ok(data_json(&datasets(0..50))).header("ETag", "\"all\""),
            _ => Answer::ok(data_json(&datasets(0..10))).header("ETag", "\"less\""),
        }
    });
    let portal = Portal::open();
    let request = HarvestNow { source: Some("waters".parse().unwrap()), ..HarvestNow::of(agency.url("/data.json")) };
    assert_eq!(counts(&portal.harvest(&request))[..2], [50, 50]);
    assert_eq!(counts(&portal.harvest(&request)), [50, 0, 0, 50, 0, 0, 0]);
    shrunk.store(1, Ordering::SeqCst);
    let held = portal.harvest(&request);
    assert_eq!((state(&held), held.braked), ("awaiting_approval", 40));
    assert_eq!(portal.published(), 50);
}

#[test]
fn nothing_is_called_running_that_nobody_works_on() {
    for portal in Portal::of_each_kind(10) {
        let db = &portal.catalog().db;
        let id = enqueue(portal.catalog(), "https://waters.test/data.json");
        let dying = WorkerIdentity::enrol(portal.catalog().data_dir()).unwrap();
        db.write(|tx| harvest::claim(tx, id, dying.name(), &[])).unwrap().unwrap();
        assert_eq!(db.write(|tx| harvest::release_abandoned(tx, &[])).unwrap(), 0, "its worker lives");
        let name = dying.name().to_owned();
        drop(dying);
        assert_eq!(db.write(|tx| harvest::release_abandoned(tx, &[name])).unwrap(), 1);
        let job = portal.job(id);
        assert_eq!((job.state, job.lease_holder, job.attempts), (JobState::Queued, None, 1));
    }
}

#[test]
fn a_schedule_brings_a_harvest_about_when_its_moment_has_come() {
    for portal in Portal::of_each_kind(10) {
        let db = &portal.catalog().db;
        let id = enqueue(portal.catalog(), "https://waters.test/data.json");
        let source = portal.job(id).source_id;
        db.write(|tx| harvest::cancel(tx, id)).unwrap();
        let schedule: Schedule = "*/5 * * * * Europe/Rome".parse().unwrap();
        db.write(|tx| harvest::set_schedule(tx, source, Some(&schedule))).unwrap();
        let known = db.read(|tx| harvest::get_source(tx, &source.to_string())).unwrap();
        assert_eq!((known.schedule.as_ref(), known.interval_secs), (Some(&schedule), Some(300)));
        let asked = db.read(|tx| harvest::last_asked(tx, source)).unwrap().unwrap();
        let next = known.next_run(Some(asked)).unwrap();
        assert!((0..=330).contains(&(next.as_secs() - asked.as_secs())), "{next}");
        assert_eq!(db.write(harvest::schedule_due).unwrap(), usize::from(next <= Timestamp::now()));
        db.write(|tx| harvest::set_schedule(tx, source, None)).unwrap();
        assert_eq!(db.read(|tx| harvest::get_source(tx, "waters")).unwrap().next_run(Some(asked)), None);
    }
}

#[test]
fn several_sources_are_harvested_at_once() {
    // Each agency answers only when the other has been asked too: one after the other they would fail.
    let together = Arc::new(std::sync::Barrier::new(2));
    let agencies: Vec<Agency> = (0..2)
        .map(|n| {
            let together = Arc::clone(&together);
            Agency::start(move |_| {
                together.wait();
                Answer::ok(data_json(&datasets(n * 10..n * 10 + 10)))
            })
        })
        .collect();
    let portal = Portal::open();
    let db = &portal.catalog().db;
    let jobs: Vec<JobId> = agencies
        .iter()
        .enumerate()
        .map(|(n, agency)| {
            let new = NewSource {
                slug: format!("source-{n}").parse().unwrap(),
                url: agency.url("/data.json").to_string(),
                kind: None,
                publisher: None,
                interval_secs: None,
            };
            db.write(|tx| {
                let source = harvest::create_source(tx, new, "test")?;
                harvest::enqueue(tx, source.id, &HarvestPayload::default())
            })
            .unwrap()
            .id
        })
        .collect();
    let workers = Workers::start(&portal.harvester, 2).unwrap();
    for id in jobs {
        assert_eq!(until(&portal, id, |job| job.state.has_ended()).state, JobState::Completed);
    }
    workers.stop();
    assert_eq!(portal.published(), 20);
}

#[test]
fn a_record_of_ten_thousand_distributions_is_a_record_like_any_other() {
    let portal = Portal::open();
    let mut listed = datasets(0..2);
    let distribution = |n: usize| serde_json::json!({"downloadURL": format!("https://waters.test/files/{n}.pdf"), "title": format!("Sheet {n}")});
    listed[1]["distribution"] = (0..10_000).map(distribution).collect();
    let report = portal.harvest_file("waters", &portal.file("data.json", &data_json(&listed)));
    assert_eq!((state(&report), counts(&report)), ("completed", [2, 2, 0, 0, 0, 0, 0]), "{report:?}");
    portal.agrees();
}
