//! The meter survives a kill and proves it; the portal's own use becomes an open dataset like any other.

use std::path::Path;
use std::thread;
use std::time::Duration;

use fairground_catalog::usage::{self, Period, Portion, Subject, UsageSum, UsageTotals};
use fairground_catalog::{DatabaseUrl, Db};
use fairground_domain::Timestamp;
use serde_json::Value;

use crate::program::{Program, Server};

/// Asks until the answer is as wanted; the last answer when it never was.
fn wait_for(server: &Server, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut told = Value::Null;
    for _ in 0..600 {
        told = server.get_json(path);
        if wanted(&told) {
            return told;
        }
        thread::sleep(Duration::from_millis(200));
    }
    panic!("{path}: {told}");
}

#[test]
fn after_a_kill_every_answer_is_counted_once_and_the_recount_proves_it() {
    const CALLS: i64 = 60;
    let program = Program::new();
    let server = program.serve();
    for _ in 0..CALLS {
        // Read to the last byte: an answer counts from there on.
        let answer = server.get("/api/v1/plans");
        assert!(answer.status().is_success() && answer.bytes().is_ok());
    }
    server.kill();
    let server = program.serve();
    let whole = |told: &Value| {
        told["items"].as_array().and_then(|items| items.iter().find(|row| row["node"].is_null())).cloned()
    };
    let path = "/api/v1/usage/reconciliation";
    // Each worker wrote a segment of its own; they are proved one after the other.
    let told = wait_for(&server, path, |told| whole(told).is_some_and(|row| row["recounted_requests"] == CALLS));
    let row = whole(&told).unwrap();
    assert_eq!(told["difference"], 0, "{told}");
    assert_eq!(row["recounted_requests"], CALLS, "{told}");
    assert_eq!(row["ledger_requests"], row["told_requests"], "{told}");
    let page = server.get("/service-level");
    assert!(page.status().is_success());
    assert!(page.text().unwrap().contains("They agree"));
    assert!(server.stop());
}

/// Use of two days ago by six applications, as a roll-up leaves it: three calls each.
fn note_past_use(data_dir: &Path) {
    let db = Db::open(&DatabaseUrl::Sqlite(data_dir.join("fairground.db"))).unwrap();
    let then = Timestamp::now().plus_secs(-2 * Period::Day.secs()).as_secs();
    let subject = Subject {
        plan: "open".to_owned(),
        class: "rows".to_owned(),
        operation: "list_rows".to_owned(),
        dataset_id: String::new(),
        status_class: 2,
        is_own_use: false,
    };
    let totals = UsageTotals { requests: 3, units: 3, bytes: 300, latency_micros: 1_500, ..UsageTotals::default() };
    let sum = |party, period: Period| UsageSum {
        period,
        starts_at: period.start_of(then),
        party,
        subject: subject.clone(),
        totals: totals.clone(),
    };
    let sums: Vec<UsageSum> = (1..=6).flat_map(|party| Period::ALL.map(|period| sum(party, period))).collect();
    let portion = Portion { node: "past".to_owned(), segment: 1, from: 0, to: 18 * 60, damaged: 0 };
    db.write(|tx| usage::apply(tx, &portion, &sums)).unwrap();
}

#[test]
fn the_portal_harvests_the_use_that_is_made_of_it_like_any_other_source() {
    let program = Program::new();
    assert!(program.run(&["migrate"]).status.success());
    note_past_use(&program.data_dir());
    let server = program.serve();
    let found = wait_for(&server, "/api/v1/datasets?q=use+of+this+portal", |told| told["total"] == 1);
    assert_eq!(found["items"][0]["title"], "Use of this portal", "{found}");
    let slug = found["items"][0]["slug"].as_str().unwrap();
    let tables = wait_for(&server, &format!("/api/v1/datasets/{slug}/tables"), |told| {
        told["items"].as_array().is_some_and(|items| !items.is_empty())
    });
    let table = tables["items"][0]["slug"].as_str().unwrap_or_else(|| panic!("{tables}"));
    let rows =
        wait_for(&server, &format!("/api/v1/tables/{table}/rows?operation=list_rows"), |told| told["total"] == 1);
    assert_eq!(rows["items"][0]["requests"], 18, "{rows}");
    assert_eq!(rows["items"][0]["plan"], "open", "{rows}");
    assert!(server.stop());
}
