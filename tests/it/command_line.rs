use std::process::{Command, Stdio};

use serde_json::json;

use crate::program::{Program, data_json, last_line};

#[test]
fn a_harvest_from_the_command_line_is_found_at_once_and_repeats_without_change() {
    let program = Program::new();
    let file = program.write("data.json", &data_json(40));
    let file = file.to_str().unwrap();
    let first = program.json(&["harvest", "--no-tables", file, "--json"]);
    assert_eq!((&first["state"], &first["found"], &first["created"]), (&json!("completed"), &json!(40), &json!(40)));
    let second = program.json(&["harvest", "--no-tables", file]);
    assert_eq!((&second["found"], &second["unchanged"], &second["created"]), (&json!(40), &json!(40), &json!(0)));
    let found = program.json(&["search", "street", "trees", "ward", "7", "--json"]);
    assert!(found["total"].as_u64().unwrap() >= 1);
    assert_eq!(found["items"][0]["title"], "Street trees of ward 7");
    let check = program.json(&["check", "--json"]);
    assert_eq!((&check["ok"], &check["report"]["indexed"]), (&json!(true), &json!(40)));
    assert_eq!(program.json(&["reindex", "--json"])["datasets"], 40);
    assert_eq!(program.json(&["check", "--json"])["ok"], true);
}

#[test]
fn a_shrunken_source_pauses_until_it_is_approved() {
    let program = Program::new();
    let full = program.write("full.json", &data_json(40));
    let small = program.write("small.json", &data_json(10));
    let (full, small) = (full.to_str().unwrap(), small.to_str().unwrap());
    program.json(&["harvest", "--no-tables", full, "--source", "ardenport"]);
    let paused = program.run(&["harvest", "--no-tables", small, "--source", "ardenport"]);
    assert_eq!(paused.status.code(), Some(1));
    assert_eq!(
        (&last_line(&paused)["state"], &last_line(&paused)["deleted"]),
        (&json!("awaiting_approval"), &json!(0))
    );
    assert_eq!(program.json(&["check", "--json"])["report"]["datasets"], 40, "nothing was withdrawn");
    let approved = program.json(&["harvest", "--no-tables", small, "--source", "ardenport", "--approve"]);
    assert_eq!((&approved["state"], &approved["deleted"]), (&json!("completed"), &json!(30)));
    let check = program.json(&["check", "--json"]);
    assert_eq!((&check["ok"], &check["report"]["datasets"]), (&json!(true), &json!(10)));
}

#[test]
fn what_a_harvest_did_not_take_and_what_it_took_besides_datasets_is_told_in_words() {
    let program = Program::new();
    let catalogue = json!({
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": [
            { "identifier": "kept", "title": "Ferry quays" },
            { "identifier": "nameless", "title": "" },
            "not even a record",
        ],
        "service": [{ "@type": "DataService", "identifier": "tides", "title": "Tides", "endpointURL": "https://tides.example/" }],
    });
    let file = program.write("data.json", &catalogue.to_string());
    let done = program.run(&["harvest", "--no-tables", file.to_str().unwrap(), "--source", "quays"]);
    let told = String::from_utf8(done.stdout.clone()).unwrap();
    assert_eq!(last_line(&done)["refused"], 2, "{told}");
    for line in [
        "Source `quays`: datasets: 3 found, 1 created, 0 updated, 0 unchanged, 0 deleted, 2 refused, 0 failed.",
        "Beside them: data services: 1 found, 1 created, 0 updated, 0 unchanged, 0 deleted, 0 refused, 0 failed.",
        "Not taken, `nameless`: the record has no title (title-missing)",
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
    assert!(told.contains("(record-not-an-object)"), "{told}");
    let quiet = program.run(&["harvest", "--no-tables", file.to_str().unwrap(), "--source", "quays", "--json"]);
    assert_eq!(String::from_utf8(quiet.stdout).unwrap().lines().count(), 1);
}

#[test]
fn a_dry_run_keeps_nothing() {
    let program = Program::new();
    let file = program.write("data.json", &data_json(12));
    let dry = program.json(&["harvest", "--no-tables", file.to_str().unwrap(), "--dry-run"]);
    assert_eq!((&dry["created"], &dry["dry_run"]), (&json!(12), &json!(true)));
    assert_eq!(program.json(&["check", "--json"])["report"]["datasets"], 0);
}

#[test]
fn broken_input_fails_with_a_reason_and_changes_nothing() {
    let program = Program::new();
    let good = program.write("data.json", &data_json(12));
    program.json(&["harvest", "--no-tables", good.to_str().unwrap(), "--source", "ardenport"]);
    let whole = data_json(12);
    for (name, content) in [
        ("cut.json", whole[..whole.len() / 2].to_owned()),
        ("page.json", "<!doctype html><html><head><title>We are sorry</title></head><body></body></html>".to_owned()),
        ("empty.json", String::new()),
        ("deep.json", "[".repeat(200_000)),
        ("words.json", "these are not the datasets".to_owned()),
        ("cut.ttl", "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<a> a dcat:Dataset ; dcat:title \"x".to_owned()),
        ("bomb.rdf", concat!(
            "<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">",
            "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\">]>",
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">&d;</rdf:RDF>").to_owned()),
    ] {
        let file = program.write(name, &content);
        let failed = program.run(&["harvest", "--no-tables", file.to_str().unwrap(), "--source", "ardenport", "--json"]);
        assert_eq!(failed.status.code(), Some(1), "{name}");
        let report = last_line(&failed);
        assert_eq!(report["state"], "failed", "{name}: {report}");
        assert!(report["error"].as_str().is_some_and(|error| error.len() > 15), "{name}: {report}");
        assert_eq!(program.json(&["check", "--json"])["report"]["datasets"], 12, "{name}");
    }
    let missing = program.run(&["harvest", "--no-tables", "no-such-file.json"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn wrong_usage_is_told_by_its_exit_status() {
    let program = Program::new();
    for arguments in [
        &["harvest"][..],
        &["harvest", "--no-tables", "x.json", "--source", "Not A Slug"],
        &["harvest", "--no-tables", "x.json", "--kind", "fax"],
        &["frobnicate"],
        &["key", "create", "--app", "x", "--email", "a@example.org", "--plan", "NO PLAN"],
    ] {
        assert_eq!(program.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
    let unknown = program.command(&["check"]).env("FAIRGROUND_LISEN", "x").output().unwrap();
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("FAIRGROUND_LISEN"));
}

#[test]
fn people_publishers_and_keys_are_made_without_a_browser() {
    let program = Program::new();
    program.run(&["publisher", "add", "Merrow Transit", "--slug", "merrow-transit"]);
    let mut account = program
        .command(&[
            "account",
            "create",
            "--email",
            "s@example.org",
            "--role",
            "steward",
            "--publisher",
            "merrow-transit",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(account.stdin.as_mut().unwrap(), b"a long enough password\n").unwrap();
    assert!(account.wait().unwrap().success());
    let key = program.run(&["key", "create", "--app", "Times", "--email", "a@example.org"]);
    let key = String::from_utf8(key.stdout).unwrap();
    assert!(key.trim().starts_with("fg_"), "{key}");
    assert_eq!(key.lines().count(), 1, "standard output is the key and nothing else");
    let wrong = program.run(&["key", "create", "--app", "Times", "--email", "nobody"]);
    assert_eq!(wrong.status.code(), Some(1));
    let listed =
        program.run(&["source", "add", "https://data.example/data.json", "--slug", "example", "--every", "3600"]);
    assert!(listed.status.success());
    assert_eq!(program.json(&["source", "list", "--json"])["slug"], "example");
}

#[test]
fn a_source_at_a_path_is_kept_so_that_it_is_found_from_everywhere() {
    let program = Program::new();
    let missing = program.run(&["source", "add", "no/such/catalogue.json"]);
    assert_eq!(missing.status.code(), Some(2));
    let why = String::from_utf8(missing.stderr).unwrap();
    assert!(why.contains("no file and no folder at") && why.contains("no/such/catalogue.json"), "{why}");
    // The program stands in the folder of its files.
    let file = program.write("catalogue.json", "{}");
    assert!(program.run(&["source", "add", "catalogue.json", "--slug", "here"]).status.success());
    let kept = program.json(&["source", "list", "--json"]);
    assert_eq!(kept["url"], file.to_str().unwrap());
}

#[test]
fn a_tariff_is_shown_compared_and_announced_with_its_notice() {
    let program = Program::new();
    let shown = program.run(&["tariff", "show"]);
    let mut next: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(next["version"], 1);
    next["plans"][2]["quotas"][0]["quota"] = json!(1);
    next.as_object_mut().unwrap().remove("valid_from");
    let file = program.write("worse.json", &next.to_string());
    let file = file.to_str().unwrap();
    let difference = program.json(&["tariff", "diff", file, "--json"]);
    assert_eq!(difference["notice_days"], 90);
    let refused = program.run(&["tariff", "publish", file]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("90 days of notice"), "{refused:?}");
    next["valid_from"] = json!("2099-01-01T00:00:00Z");
    let file = program.write("later.json", &next.to_string());
    assert_eq!(program.json(&["tariff", "publish", file.to_str().unwrap(), "--json"])["version"], 2);
    let told = program.run(&["tariff", "diff", "--from", "1", "--to", "2"]);
    assert!(String::from_utf8_lossy(&told.stdout).contains("worse   open, catalogue: quota-in-effect"), "{told:?}");
    next["qota"] = json!(1);
    let file = program.write("misspelt.json", &next.to_string());
    assert_eq!(program.run(&["tariff", "publish", file.to_str().unwrap()]).status.code(), Some(2));
    assert_eq!(program.run(&["tariff", "show", "--version", "3"]).status.code(), Some(1));
}

#[test]
fn a_plan_given_by_hand_is_in_the_public_register() {
    let program = Program::new();
    let made =
        program.run(&["key", "create", "--app", "Load test", "--email", "a@example.org", "--plan", "high-volume"]);
    assert!(made.status.success(), "{made:?}");
    let server = program.serve();
    let register = server.get_json("/api/v1/register?kind=assignment");
    let entry = &register["items"][0];
    assert_eq!(
        (&entry["application"], &entry["plan"], &entry["status"]),
        (&json!(1), &json!("high-volume"), &json!("in-force"))
    );
    assert!(entry["reason"].as_str().unwrap().contains("by the operator"), "{entry}");
    let acts = server.get_json("/api/v1/transparency?kind=plan.assigned");
    assert_eq!(acts["items"][0]["actor"], "command-line");
    assert!(server.stop());
}

#[test]
fn a_backup_is_restored_into_an_empty_folder() {
    let program = Program::new();
    let file = program.write("data.json", &data_json(15));
    program.json(&["harvest", "--no-tables", file.to_str().unwrap()]);
    let copy = program.folder().join("copy");
    assert!(program.run(&["backup", copy.to_str().unwrap()]).status.success());
    assert_eq!(program.run(&["backup", copy.to_str().unwrap()]).status.code(), Some(2), "never over something else");
    let other = Program::new();
    assert!(other.run(&["restore", copy.to_str().unwrap()]).status.success());
    let check = other.json(&["check", "--json"]);
    assert_eq!((&check["ok"], &check["report"]["datasets"]), (&json!(true), &json!(15)));
    assert_eq!(other.run(&["restore", copy.to_str().unwrap()]).status.code(), Some(2), "never over what is there");
}

#[test]
fn the_openapi_document_is_the_one_that_is_checked_in() {
    let program = Program::new();
    let printed = program.run(&["openapi"]);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/portal.json");
    let kept = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&printed.stdout).unwrap(),
        serde_json::from_str::<serde_json::Value>(&kept).unwrap()
    );
}

#[test]
fn the_program_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_fairground")).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(env!("CARGO_PKG_VERSION")));
}
