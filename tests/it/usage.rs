//! The meter survives a kill and proves it; the portal's own use becomes an open dataset like any other.

use std::process::Command;
use std::thread;
use std::time::Duration;

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
        assert!(server.get("/api/v1/plans").status().is_success());
    }
    server.kill();
    let server = program.serve();
    let whole = |told: &Value| {
        told["items"].as_array().and_then(|items| items.iter().find(|row| row["node"].is_null())).cloned()
    };
    let path = "/api/v1/usage/reconciliation";
    let told = wait_for(&server, path, |told| whole(told).is_some_and(|row| row["proved_segments"].as_i64() > Some(0)));
    let row = whole(&told).unwrap();
    assert_eq!(told["difference"], 0, "{told}");
    assert_eq!(row["recounted_requests"], CALLS, "{told}");
    assert_eq!(row["ledger_requests"], row["told_requests"], "{told}");
    let page = server.get("/service-level");
    assert!(page.status().is_success());
    assert!(page.text().unwrap().contains("They agree"));
    assert!(server.stop());
}

/// Use of two days ago by six applications, as a roll-up would have left it.
const PAST_USE: &str = "INSERT INTO usage_subjects (id, plan, class, operation, dataset_id, status_class, own_use) \
     VALUES (1, 'open', 'rows', 'list_rows', '', 2, 0); \
     INSERT INTO usage_sums (period, starts_at, party, subject, requests, units, bytes, errors, denied, cached, \
     not_modified, latency_micros, parties, lots, latency) \
     SELECT 86400, unixepoch('now', 'start of day', '-2 days'), -2, 1, 18, 18, 1800, 0, 0, 0, 0, 9000, 6, 0, X'';";

#[test]
fn the_portal_harvests_the_use_that_is_made_of_it_like_any_other_source() {
    let program = Program::new();
    let server = program.serve();
    assert!(server.stop());
    let file = program.data_dir().join("fairground.db");
    let done = Command::new("sqlite3").arg(file).arg(PAST_USE).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
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
