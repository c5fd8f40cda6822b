//! Publishing by hand, told to the built program: a timed release that everybody sees at one instant, a folder that is published
//! twice, and kills around the moment of publication.

use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rand::RngExt;
use serde_json::{Value, json};

use crate::program::{Program, Server, client, data_json};

const PASSWORD: &str = "correct horse battery";
const WARDS: &str = "ward,date,beds\nA,2024-01-01,3\nB,2024-01-02,4\nC,2024-01-03,5\n";

/// Makes an account and signs it in; gives the session's token.
fn staff(program: &Program, server: &Server, email: &str, role: &str) -> String {
    let file = program.write("password", PASSWORD);
    let file = file.to_str().unwrap();
    let arguments =
        ["account", "create", "--email", email, "--role", role, "--publisher", "ardenport", "--password-file", file];
    let made = program.run(&arguments);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let body = json!({ "email": email, "password": PASSWORD }).to_string();
    let answer = client().post(server.url("/api/v1/sessions")).header("content-type", "application/json").body(body);
    let session: Value = answer.send().unwrap().json().unwrap();
    session["token"].as_str().unwrap_or_else(|| panic!("{session}")).to_owned()
}

fn send(server: &Server, token: &str, method: &str, path: &str, body: &Value) -> Value {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let request = client().request(method, server.url(path)).bearer_auth(token);
    let answer = request.header("content-type", "application/json").body(body.to_string()).send().unwrap();
    let (status, text) = (answer.status(), answer.text().unwrap());
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}

fn status(server: &Server, path: &str) -> u16 {
    server.get(path).status().as_u16()
}

#[test]
fn a_timed_release_is_public_everywhere_at_one_instant() {
    let program = Program::new();
    // Reviewers prove themselves twice elsewhere; here it is about something else.
    program.write("fairground.toml", "second_factor = \"optional\"\n");
    assert!(program.run(&["publisher", "add", "Ardenport"]).status.success());
    let server = program.serve();
    let editor = staff(&program, &server, "editor@ardenport.example", "publisher");
    let reviewer = staff(&program, &server, "reviewer@ardenport.example", "steward");
    let description = json!({ "title": { "en": "Hospital wards" }, "description": { "en": "Beds by ward and day." } });
    let made = send(
        &server,
        &editor,
        "POST",
        "/api/v1/drafts",
        &json!({ "publisher": "ardenport", "description": description }),
    );
    let path = format!("/api/v1/drafts/{}", made["id"].as_str().unwrap());
    let upload = client().put(server.url(&format!("{path}/files/wards.csv?revision={}", made["revision"])));
    let uploaded: Value =
        upload.bearer_auth(&editor).header("content-type", "text/csv").body(WARDS).send().unwrap().json().unwrap();
    let draft = &uploaded["draft"];
    let table = draft["files"][0]["tables"][0]["id"].as_str().unwrap_or_else(|| panic!("{uploaded}")).to_owned();
    let submitted =
        send(&server, &editor, "POST", &format!("{path}/submit"), &json!({ "revision": draft["revision"] }));
    // Some seconds ahead, in whole seconds, in the zone that the calendar says.
    let at = fairground_release_time(4);
    let plan = json!({ "revision": submitted["revision"], "when": "at", "release": { "local": at, "zone": "UTC" } });
    let approved = send(&server, &reviewer, "POST", &format!("{path}/approve"), &plan);
    assert_eq!(approved["stage"]["name"], "approved", "{approved}");
    // The clock is stopped and started: what was planned is kept.
    assert!(server.stop());
    let server = program.serve();
    let slug = made["slug"].as_str().unwrap();
    let places = [
        format!("/datasets/{slug}"),
        format!("/api/v1/datasets/{slug}"),
        format!("/api/v1/tables/{table}/rows"),
        format!("/api/v1/tables/{table}/export.csv"),
        format!("/feeds/datasets/{slug}.atom"),
    ];
    let deadline = Instant::now() + Duration::from_secs(30);
    // The page is asked, which no limit counts.
    while status(&server, &places[0]) != 200 {
        assert!(Instant::now() < deadline, "the release does not come");
        thread::sleep(Duration::from_millis(50));
    }
    for place in &places {
        assert_eq!(status(&server, place), 200, "{place} is later than the others");
    }
    let feed = server.get("/data.json").text().unwrap();
    assert!(feed.contains("Hospital wards"), "the bulk has it");
    let changes = server.get_json("/api/v1/changes?limit=1000");
    let of_it = |kind: &str| {
        let all = changes["items"].as_array().unwrap().iter();
        all.filter(|it| it["kind"] == kind).map(|it| it["at"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // One transaction, one moment: dataset and table came together, and not before their time.
    let (dataset, tables) = (of_it("dataset.created"), of_it("table.published"));
    assert!(tables.iter().any(|at| dataset.contains(at)), "{dataset:?} {tables:?}");
    assert!(dataset.iter().all(|moment| moment.as_str() >= at.as_str()), "{dataset:?} {at}");
    assert_eq!(server.get_json(&format!("/api/v1/tables/{table}/rows"))["total"], 3);
    assert!(server.stop());
}

#[test]
fn a_process_that_serves_and_one_that_works_do_everything_once() {
    let program = Program::new();
    program.write("fairground.toml", "second_factor = \"optional\"\n");
    assert!(program.run(&["publisher", "add", "Ardenport"]).status.success());
    let file = program.write("data.json", &data_json(25));
    let source = program.run(&["source", "add", file.to_str().unwrap(), "--slug", "trees", "--every", "3600"]);
    assert!(source.status.success(), "{}", String::from_utf8_lossy(&source.stderr));
    let server = program.serve_as("web");
    let editor = staff(&program, &server, "editor@ardenport.example", "publisher");
    let reviewer = staff(&program, &server, "reviewer@ardenport.example", "steward");
    let description = json!({ "title": { "en": "Hospital wards" }, "description": { "en": "Beds by ward and day." } });
    let made = send(
        &server,
        &editor,
        "POST",
        "/api/v1/drafts",
        &json!({ "publisher": "ardenport", "description": description }),
    );
    let path = format!("/api/v1/drafts/{}", made["id"].as_str().unwrap());
    let upload = client().put(server.url(&format!("{path}/files/wards.csv?revision={}", made["revision"])));
    let uploaded: Value =
        upload.bearer_auth(&editor).header("content-type", "text/csv").body(WARDS).send().unwrap().json().unwrap();
    let revision = json!({ "revision": uploaded["draft"]["revision"] });
    let submitted = send(&server, &editor, "POST", &format!("{path}/submit"), &revision);
    let at = fairground_release_time(2);
    let plan = json!({ "revision": submitted["revision"], "when": "at", "release": { "local": at, "zone": "UTC" } });
    send(&server, &reviewer, "POST", &format!("{path}/approve"), &plan);
    // Who works begins late: the source is due, and so may be the release. Two of them are as good as one.
    let workers = [program.serve_as("worker"), program.serve_as("worker")];
    let public = || server.get_json("/api/v1/datasets?limit=1")["total"].as_u64().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while public() < 26 {
        assert!(Instant::now() < deadline, "{} of 26 datasets are public", public());
        thread::sleep(Duration::from_millis(300));
    }
    let changes = server.get_json("/api/v1/changes?limit=1000");
    for kind in ["dataset.created", "table.published"] {
        let all = changes["items"].as_array().unwrap().iter().filter(|it| it["kind"] == kind);
        let mut subjects: Vec<&str> = all.map(|it| it["subject_id"].as_str().unwrap()).collect();
        let count = subjects.len();
        subjects.sort_unstable();
        subjects.dedup();
        assert!(count >= 1 && subjects.len() == count, "something was done twice: {kind} in {changes}");
    }
    assert!(workers.into_iter().all(Server::stop) && server.stop());
    let check = program.json(&["check", "--json"]);
    assert_eq!((&check["ok"], &check["orphans"]["raw_records"]), (&json!(true), &json!(0)), "{check}");
}

/// So many seconds from now, as a clock in UTC shows it.
fn fairground_release_time(secs: u64) -> String {
    let shown =
        Command::new("date").args(["-u", "-d", &format!("+{secs} seconds"), "+%Y-%m-%dT%H:%M:%S"]).output().unwrap();
    String::from_utf8(shown.stdout).unwrap().trim().to_owned()
}

fn package(program: &Program, rows: usize) -> String {
    let folder = program.folder().join("package");
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let mut text = "ward,date,beds\n".to_owned();
    for row in 0..rows {
        text.push_str(&format!("W{row},2024-01-{:02},{}\n", row % 28 + 1, row % 90));
    }
    std::fs::write(folder.join("data/beds.csv"), text).unwrap();
    let description = json!({
        "name": "hospital-beds", "title": "Hospital beds", "description": "Beds by ward and day.",
        "contributors": [{ "title": "City of Ardenport", "roles": ["publisher"] }],
        "resources": [{ "name": "beds", "path": "data/beds.csv" }],
    });
    std::fs::write(folder.join("datapackage.json"), description.to_string()).unwrap();
    folder.to_str().unwrap().to_owned()
}

#[test]
fn a_folder_that_is_published_twice_changes_nothing_the_second_time() {
    let program = Program::new();
    let folder = package(&program, 20);
    let first = program.json(&["publish", &folder, "--json"]);
    assert_eq!(
        (&first["state"], &first["version"], &first["dataset"]),
        (&json!("published"), &json!(1), &json!("hospital-beds"))
    );
    assert_eq!(first["tables"][0]["rows"], 20);
    let again = program.json(&["publish", &folder, "--json"]);
    assert_eq!((&again["state"], &again["version"]), (&json!("unchanged"), &json!(1)), "{again}");
    package(&program, 21);
    let newer = program.json(&["publish", &folder, "--json"]);
    assert_eq!((&newer["state"], &newer["version"]), (&json!("published"), &json!(2)), "{newer}");
    assert_eq!((&newer["tables"][0]["version"], &newer["tables"][0]["rows"]), (&json!(2), &json!(21)));
    let check = program.json(&["check", "--json"]);
    assert_eq!(check["ok"], json!(true), "{check}");
}

#[test]
fn a_kill_around_publication_leaves_before_or_after() {
    const KILLS: u32 = 9;
    const RUNS: usize = 24;
    let program = Program::new();
    let folder = package(&program, 500);
    program.json(&["publish", &folder, "--json"]);
    let rehearsal = Instant::now();
    package(&program, 501);
    program.json(&["publish", &folder, "--json"]);
    let mut span = rehearsal.elapsed().max(Duration::from_millis(100));
    let mut random = rand::rng();
    let (mut rows, mut killed) = (501, 0);
    for run in 0..RUNS {
        let before = rows;
        let after = 502 + run;
        package(&program, after);
        let mut child = program
            .command(&["publish", &folder, "--json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(random.random_range(Duration::ZERO..span));
        // The machine may have been busier during the rehearsal: a run that was done already says that the span is long.
        match child.try_wait().unwrap() {
            Some(_) => span = span * 2 / 3,
            None => killed += 1,
        }
        let _ = child.kill();
        child.wait().unwrap();
        let check = program.json(&["check", "--json"]);
        assert_eq!(check["ok"], json!(true), "{check}");
        let server = program.serve();
        let dataset = server.get_json("/api/v1/datasets/hospital-beds");
        let table = dataset["distribution"][0]["table"]["id"].as_str().or(dataset["distribution"][0]["table"].as_str());
        let listed = server.get_json("/api/v1/datasets/hospital-beds/tables");
        let id = listed["items"][0]["id"].as_str().or(table).unwrap_or_else(|| panic!("{dataset}")).to_owned();
        rows =
            usize::try_from(server.get_json(&format!("/api/v1/tables/{id}/rows?limit=1"))["total"].as_u64().unwrap())
                .unwrap();
        assert!(rows == before || rows == after, "{rows} is neither before nor after");
        // The description is of the same version as the data: its length is told by the file.
        let bytes = dataset["distribution"][0]["byte_size"].as_u64().unwrap();
        package(&program, rows);
        let file = program.folder().join("package/data/beds.csv");
        assert_eq!(bytes, std::fs::metadata(file).unwrap().len(), "description and data are of one version");
        assert!(server.stop());
        if killed == KILLS {
            break;
        }
    }
    assert!(killed > 0, "all {RUNS} runs had ended before they were killed");
}

#[test]
fn a_program_with_a_token_does_no_more_than_its_owner_and_says_what_is_missing() {
    let program = Program::new();
    program.write("fairground.toml", "second_factor = \"optional\"\n");
    assert!(program.run(&["publisher", "add", "Ardenport"]).status.success());
    let server = program.serve();
    let editor = staff(&program, &server, "editor@ardenport.example", "publisher");
    let reviewer = staff(&program, &server, "reviewer@ardenport.example", "steward");
    let ends = fairground_release_time(86_400) + "Z";
    let asked = json!({ "publisher": "ardenport", "name": "nightly", "expires_at": ends });
    let made = send(&server, &editor, "POST", "/api/v1/me/publishing-tokens", &asked);
    let token = program.write("token", made["secret"].as_str().unwrap());
    let (token, dir) = (token.to_str().unwrap(), package(&program, 3));
    let by_token = |more: &[&str]| {
        program.run(&[&["publish", &dir, "--publisher", "ardenport", "--token-file", token], more].concat())
    };
    let told = |done: &std::process::Output| -> Value {
        let text = String::from_utf8_lossy(&done.stdout);
        serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap_or_else(|_| panic!("{done:?}"))
    };
    let done = by_token(&["--release", "--json"]);
    assert_eq!(done.status.code(), Some(4), "{done:?}");
    let answer = told(&done);
    assert_eq!(answer["state"], "in-review", "{answer}");
    assert!(
        answer["missing"].as_str().unwrap().contains("another reviewer")
            || answer["missing"].as_str().unwrap().contains("reviewers"),
        "{answer}"
    );
    let page = format!("/api/v1/datasets/{}", answer["dataset"].as_str().unwrap());
    assert_eq!(status(&server, &page), 404);
    // Who only hands it in has done what was asked.
    let done = by_token(&["--json"]);
    assert_eq!((done.status.code(), &told(&done)["state"]), (Some(0), &json!("in-review")), "{done:?}");
    // Time and zone may stand apart.
    let done = by_token(&["--at", "2027-03-28T09:00", "--zone", "Nowhere/Land", "--json"]);
    assert_eq!(done.status.code(), Some(2), "{done:?}");
    let draft = format!("/api/v1/drafts/{}", answer["draft"].as_str().unwrap());
    let now: Value = client().get(server.url(&draft)).bearer_auth(&reviewer).send().unwrap().json().unwrap();
    send(&server, &reviewer, "POST", &format!("{draft}/approve"), &json!({ "revision": now["revision"] }));
    let deadline = Instant::now() + Duration::from_secs(30);
    while status(&server, &page) != 200 {
        assert!(Instant::now() < deadline, "what was approved does not come");
        thread::sleep(Duration::from_millis(50));
    }
    // A revoked token is none.
    let id = made["id"].as_str().unwrap();
    let gone =
        client().delete(server.url(&format!("/api/v1/publishing-tokens/{id}"))).bearer_auth(&editor).send().unwrap();
    assert_eq!(gone.status().as_u16(), 204);
    let refused = by_token(&["--json"]);
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("revoked"), "{refused:?}");
}
