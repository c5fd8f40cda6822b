//! kill -9 at random moments: nothing is lost, doubled or half-written.

use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rand::RngExt;
use serde_json::json;

use crate::program::{Program, client, data_json};

/// Kills in one story.
const KILLS: u32 = 20;
/// Datasets of the source that is harvested.
const DATASETS: usize = 600;

#[test]
fn a_harvest_that_is_killed_twenty_times_ends_whole() {
    let program = Program::new();
    let file = program.write("data.json", &data_json(DATASETS));
    let file = file.to_str().unwrap();
    let arguments = ["harvest", "--no-tables", file, "--source", "ardenport", "--json"];
    let mut random = rand::rng();
    // One undisturbed run of the same size tells how long the moments to choose from are.
    let rehearsal = Program::new();
    let began = std::time::Instant::now();
    rehearsal.json(&arguments);
    let mut span = began.elapsed().max(Duration::from_millis(200));
    let mut killed_at_work = 0;
    for _ in 0..KILLS {
        let mut child = program.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(random.random_range(Duration::ZERO..span));
        // The machine may have been busier during the rehearsal: a run that was done already says that the span is long.
        match child.try_wait().unwrap() {
            Some(_) => span = span * 2 / 3,
            None => killed_at_work += 1,
        }
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert!(killed_at_work > 0, "every run had ended before it was killed");
    let last = program.json(&arguments);
    assert_eq!((&last["state"], &last["found"]), (&json!("completed"), &json!(DATASETS)));
    assert_eq!(last["refused"].as_u64().unwrap() + last["failed"].as_u64().unwrap(), 0, "{last}");
    let check = program.json(&["check", "--json"]);
    assert_eq!((&check["ok"], &check["report"]["datasets"]), (&json!(true), &json!(DATASETS)), "{check}");
    let again = program.json(&arguments);
    assert_eq!((&again["unchanged"], &again["found"]), (&json!(DATASETS), &json!(DATASETS)));
}

#[test]
fn the_meter_survives_a_kill_under_load() {
    const CALLERS: u64 = 8;
    let program = Program::new();
    let file = program.write("data.json", &data_json(20));
    program.json(&["harvest", "--no-tables", file.to_str().unwrap()]);
    let key = program.json(&[
        "key",
        "create",
        "--app",
        "Load",
        "--email",
        "a@example.org",
        "--plan",
        "high-volume",
        "--json",
    ]);
    let key = key["key"].as_str().unwrap().to_owned();
    let server = program.serve();
    let address = server.url("/api/v1/datasets?limit=1");
    let (answered, over) = (AtomicU64::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let client = client();
                while !over.load(Ordering::Acquire) {
                    let Ok(answer) = client.get(&address).header("X-Api-Key", &key).send() else { continue };
                    if answer.bytes().is_ok() {
                        answered.fetch_add(1, Ordering::AcqRel);
                    }
                }
            });
        }
        thread::sleep(Duration::from_secs(3));
        server.kill();
        over.store(true, Ordering::Release);
    });
    let answered = answered.load(Ordering::Acquire);
    assert!(answered > 50, "only {answered} answers");
    let server = program.serve();
    let usage = usage_when_settled(&server.url("/api/v1/usage"), &key, answered);
    // The answers to our own questions about usage are counted too, and none of ours is in flight.
    let counted = usage - asked();
    assert!(
        (answered..=answered + CALLERS).contains(&counted),
        "{answered} answers were received, {counted} are counted"
    );
    assert!(server.stop());
}

static ASKED: AtomicU64 = AtomicU64::new(0);

/// How many questions about usage had been summed when the last one was answered: all but that one.
fn asked() -> u64 {
    ASKED.load(Ordering::Acquire) - 1
}

/// The requests of a key, once what was written before the kill has been summed.
fn usage_when_settled(address: &str, key: &str, at_least: u64) -> u64 {
    let ask = || -> u64 {
        ASKED.fetch_add(1, Ordering::AcqRel);
        let answer: serde_json::Value = client().get(address).header("X-Api-Key", key).send().unwrap().json().unwrap();
        answer["total"]["requests"].as_u64().unwrap()
    };
    for _ in 0..60 {
        if ask() >= at_least {
            break;
        }
        thread::sleep(Duration::from_millis(500));
    }
    // Let the sums include every question that was asked before the last one.
    thread::sleep(Duration::from_secs(6));
    ask()
}
