use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Program, client, data_json};

#[test]
fn what_another_process_harvests_is_found_by_the_running_server() {
    let program = Program::new();
    let server = program.serve();
    assert_eq!(server.get_json("/api/v1/datasets")["total"], 0);
    let file = program.write("data.json", &data_json(25));
    program.json(&["harvest", file.to_str().unwrap()]);
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut found = Value::Null;
    while Instant::now() < deadline {
        found = server.get_json("/api/v1/datasets?q=ward+7&facets=publisher,format");
        if found["total"] != 0 {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(found["items"][0]["title"], "Street trees of ward 7", "{found}");
    assert_eq!(found["facets"]["format"][0]["value"], "CSV", "{found}");
    let slug = found["items"][0]["slug"].as_str().unwrap();
    let dataset = server.get_json(&format!("/api/v1/datasets/{slug}"));
    assert_eq!(dataset["identifier"], "https://data.ardenport.example/id/7");
    assert_eq!(dataset["distribution"][0]["media_type"], "text/csv");
    let changes = server.get_json("/api/v1/changes?since=0&limit=100");
    assert!(changes["items"].as_array().unwrap().len() > 25);
    let page = server.get(&format!("/datasets/{slug}"));
    assert!(page.status().is_success());
    assert!(page.headers()["content-security-policy"].to_str().unwrap().contains("default-src"));
    assert!(page.text().unwrap().contains("Street trees of ward 7"));
    assert!(server.stop(), "a graceful end");
}

#[test]
fn a_key_is_had_in_one_call_and_its_use_is_seen() {
    let program = Program::new();
    let server = program.serve();
    let terms = server.get_json("/.well-known/tariff.json")["terms_version"].clone();
    let made: Value = client()
        .post(server.url("/api/v1/applications"))
        .json(&json!({ "name": "Tree map", "email": "anna@example.org", "terms_version": terms }))
        .send()
        .unwrap()
        .json()
        .unwrap();
    let key =
        made["key"]["key"].as_str().or_else(|| made["key"].as_str()).unwrap_or_else(|| panic!("{made}")).to_owned();
    let call = || client().get(server.url("/api/v1/datasets")).header("X-Api-Key", &key).send().unwrap();
    let answer = call();
    assert_eq!(answer.status(), 200);
    for field in ["ratelimit-policy", "ratelimit"] {
        assert!(answer.headers().contains_key(field), "{field}");
    }
    for _ in 0..9 {
        call();
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut counted = 0;
    while Instant::now() < deadline && counted < 10 {
        thread::sleep(Duration::from_millis(300));
        let usage: Value =
            client().get(server.url("/api/v1/usage")).header("X-Api-Key", &key).send().unwrap().json().unwrap();
        counted = usage["total"]["requests"].as_u64().unwrap();
    }
    assert!(counted >= 10);
    let forged = client().get(server.url("/api/v1/datasets")).header("X-Api-Key", "fg_wrong").send().unwrap();
    assert_eq!(forged.status(), 401);
    assert_eq!(forged.headers()["content-type"], "application/problem+json");
}

#[test]
fn the_other_addresses_of_the_contract_answer() {
    let program = Program::new();
    let server = program.serve();
    for path in [
        "/",
        "/datasets?q=trees",
        "/developers",
        "/transparency",
        "/docs",
        "/openapi.json",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/.well-known/security.txt",
        "/api/v1/plans",
        "/api/v1/publishers",
        "/api/v1/suggest?q=st",
    ] {
        assert!(server.get(path).status().is_success(), "{path}: {}", server.get(path).status());
    }
    assert_eq!(server.get("/datasets/no-such-thing").status(), 404);
    assert_eq!(server.get("/api/v1/datasets/no-such-thing").status(), 404);
    assert_eq!(server.get("/api/v1/jobs").status(), 401, "what is for staff asks to sign in");
    assert_eq!(server.get("/api/v1/datasets?colour=red").status(), 400);
}

/// Whether a process has a handler for SIGTERM (15), as Linux tells it.
fn hears_sigterm(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap_or_default();
    u64::from_str_radix(caught.trim(), 16).is_ok_and(|mask| mask & (1 << 14) != 0)
}

#[test]
fn told_to_end_before_it_has_begun_it_ends_in_order() {
    if !std::path::Path::new("/proc/self/status").exists() {
        eprintln!("skipped: this system does not tell which signals a process hears");
        return;
    }
    let program = Program::new();
    // The settings come through a pipe that nobody has written to yet, so that the program stands where it begins.
    let settings = program.folder().join("settings.toml");
    assert!(Command::new("mkfifo").arg(&settings).status().unwrap().success());
    let mut serve = program.command(&["serve", "--listen", "127.0.0.1:0", "--config", settings.to_str().unwrap()]);
    let mut child = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !hears_sigterm(child.id()) {
        assert!(Instant::now() < deadline && child.try_wait().unwrap().is_none(), "it does not hear");
        thread::sleep(Duration::from_millis(2));
    }
    assert!(!program.data_dir().exists(), "nothing has begun");
    assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
    std::fs::write(&settings, "").unwrap();
    let ended = child.wait().unwrap();
    assert!(ended.success(), "{ended}");
}
