//! Tables from end to end: harvested from real agencies' files, loaded from the command line, killed half-way, backed up.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::program::{Program, Server, last_line, test_data};

/// A web server on loopback that gives the files of a folder, and nothing where there is none.
struct Files {
    address: SocketAddr,
    over: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

impl Files {
    /// Sends each file in small pieces with such a pause in between.
    fn of(folder: &Path, pause: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (over, asked): (Arc<AtomicBool>, Arc<AtomicUsize>) = Default::default();
        let (root, ended, count) = (folder.to_owned(), Arc::clone(&over), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if ended.load(Ordering::Acquire) {
                    return;
                }
                count.fetch_add(1, Ordering::AcqRel);
                let root = root.clone();
                // A client that was killed is part of the story.
                thread::spawn(move || stream.map(|stream| answer(stream, &root, pause)));
            }
        });
        Self { address, over, asked }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Acquire)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: TcpStream, root: &Path, pause: Duration) -> std::io::Result<()> {
    const PIECE: usize = 4 * 1024;
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte)? == 1 {
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let target = head.split(' ').nth(1).unwrap_or("/").trim_start_matches('/');
    let path = root.join(decode(target));
    let Ok(body) = std::fs::read(path) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    };
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes())?;
    if pause.is_zero() {
        return stream.write_all(&body);
    }
    for piece in body.chunks(PIECE) {
        stream.write_all(piece)?;
        thread::sleep(pause);
    }
    Ok(())
}

fn decode(target: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = target.bytes();
    while let Some(byte) = rest.next() {
        let pair = if byte == b'%' { rest.next().zip(rest.next()) } else { None };
        bytes.push(match pair {
            Some((high, low)) => u8::from_str_radix(&String::from_utf8(vec![high, low]).unwrap(), 16).unwrap(),
            None => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}

/// Tables of a running portal, by slug, with their rows and the rows that were kept out.
fn tables_of(server: &Server) -> Vec<(String, u64, u64)> {
    let answer = server.get_json("/api/v1/tables?limit=100");
    let rows = |item: &Value, name: &str| item[name].as_u64().unwrap_or_else(|| panic!("{name}: {item}"));
    let item =
        |item: &Value| (item["slug"].as_str().unwrap().to_owned(), rows(item, "rows"), rows(item, "quarantined"));
    let mut found: Vec<_> = answer["items"].as_array().unwrap().iter().map(item).collect();
    found.sort();
    found
}

/// An agency's catalogue as it is published, its files at our address instead of theirs.
fn catalogue_at(program: &Program, catalogue: &Path, theirs: &str, ours: &str) -> PathBuf {
    let text = std::fs::read_to_string(catalogue).unwrap();
    assert!(text.contains(theirs), "{theirs}");
    program.write("catalog.rdf", &text.replace(theirs, ours))
}

struct AgencyFacts {
    catalogue: &'static str,
    files: &'static str,
    theirs: &'static str,
    /// Rows of each table, those that were kept out included, in order of size.
    rows: &'static [u64],
}

const AGENCIES: [AgencyFacts; 3] = [
    AgencyFacts {
        catalogue: "agency-alessandria/catalog-c.rdf",
        files: "agency-alessandria/files",
        theirs: "https://raw.githubusercontent.com/ComunediAlessandria/open-data/refs/heads/main/dataset/",
        rows: &[12, 852, 4_651, 16_484, 26_160, 26_160],
    },
    AgencyFacts {
        catalogue: "agency-brescia-mobilita/catalog.rdf",
        files: "agency-brescia-mobilita",
        theirs: "https://raw.githubusercontent.com/BresciaMobilita/Open-Data/refs/heads/main/",
        rows: &[20, 95, 335, 1_295],
    },
    AgencyFacts {
        catalogue: "agency-upo/catalog.rdf",
        files: "agency-upo",
        theirs: "https://raw.githubusercontent.com/unipiemonteorientale/UPOopendata/refs/heads/main/",
        rows: &[9, 10, 38, 51, 654, 5_180],
    },
];

#[test]
fn the_files_of_real_agencies_become_tables_with_all_their_rows() {
    let Some(data) = test_data() else { return };
    for agency in AGENCIES {
        let program = Program::new();
        let files = Files::of(&data.join("harvest").join(agency.files), Duration::ZERO);
        let catalogue = data.join("harvest").join(agency.catalogue);
        let catalogue = catalogue_at(&program, &catalogue, agency.theirs, &files.url());
        let catalogue = catalogue.to_str().unwrap();
        let report = program.json(&["harvest", catalogue, "--source", "agency", "--json"]);
        let expected = u64::try_from(agency.rows.len()).unwrap();
        assert_eq!((&report["state"], report["tables"]["loaded"].as_u64()), (&json!("completed"), Some(expected)));
        // What is not there is a dead link: it fails, and the harvest is none the worse.
        let dead = report["tables"]["failed"].as_u64().unwrap();
        let again = program.json(&["harvest", catalogue, "--source", "agency", "--json"]);
        assert_eq!(
            again["tables"],
            json!({ "loaded": 0, "unchanged": expected, "failed": dead, "quarantined_rows": 0 })
        );
        let check = program.json(&["check", "--json"]);
        assert_eq!((&check["ok"], check["tables"]["tables"].as_u64()), (&json!(true), Some(expected)), "{check}");
        let server = program.serve();
        let mut rows: Vec<u64> = tables_of(&server).iter().map(|(_, rows, kept_out)| rows + kept_out).collect();
        rows.sort_unstable();
        assert_eq!(rows, agency.rows, "{}", agency.catalogue);
        let (slug, rows, _) = tables_of(&server).remove(0);
        let page = server.get_json(&format!("/api/v1/tables/{slug}/rows?limit=1"));
        assert_eq!(page["total"].as_u64(), Some(rows), "{slug}");
        assert!(server.stop());
    }
}

fn data_json(url: &str, count: usize) -> String {
    let dataset = |number: usize| {
        json!({
            "@type": "dcat:Dataset", "identifier": format!("urn:{number}"), "title": format!("Levels {number}"),
            "description": "Water levels", "keyword": ["water"], "modified": "2026-03-01",
            "publisher": { "name": "Agency of Waters" }, "accessLevel": "public",
            "contactPoint": { "fn": "Data desk", "hasEmail": "mailto:data@waters.example" },
            "distribution": [{ "downloadURL": format!("{url}levels-{number}.csv"), "mediaType": "text/csv" }],
        })
    };
    json!({
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": (0..count).map(dataset).collect::<Vec<_>>(),
    })
    .to_string()
}

fn csv(rows: usize) -> String {
    let mut text = String::from("station,level_cm,measured_on\n");
    for row in 0..rows {
        text.push_str(&format!("S{:03},{row},2026-03-{:02}\n", row % 40, row % 28 + 1));
    }
    text
}

#[test]
fn a_load_that_is_killed_is_taken_over_and_nothing_is_half_published() {
    const FILES: usize = 6;
    const ROWS: usize = 4_000;
    let program = Program::new();
    let folder = program.folder().join("files");
    std::fs::create_dir_all(&folder).unwrap();
    for number in 0..FILES {
        std::fs::write(folder.join(format!("levels-{number}.csv")), csv(ROWS)).unwrap();
    }
    // Some hundred milliseconds for each file, so that the kill comes in the middle of several.
    let files = Files::of(&folder, Duration::from_millis(20));
    let catalogue = program.write("data.json", &data_json(&files.url(), FILES));
    let arguments = ["harvest", catalogue.to_str().unwrap(), "--source", "waters", "--json"];
    for kill in 1..=3 {
        let mut child = program.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while files.asked() < kill && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        thread::sleep(Duration::from_millis(100));
        let _ = child.kill();
        child.wait().unwrap();
        let check = program.json(&["check", "--json"]);
        assert_eq!(check["tables"]["faulty"].as_u64(), Some(0), "{check}");
    }
    let last = program.json(&arguments);
    assert_eq!(last["tables"]["failed"].as_u64(), Some(0), "{last}");
    let check = program.json(&["check", "--json"]);
    assert_eq!((&check["ok"], check["tables"]["tables"].as_u64()), (&json!(true), Some(6)), "{check}");
    let server = program.serve();
    let rows = u64::try_from(ROWS).unwrap();
    assert!(tables_of(&server).iter().all(|(_, found, kept_out)| (*found, *kept_out) == (rows, 0)));
    assert!(server.stop());
    let spools = program.data_dir().join("spool-tables");
    assert_eq!(std::fs::read_dir(spools).map_or(0, Iterator::count), 0, "nothing stays behind");
}

#[test]
fn a_running_portal_answers_from_a_file_that_was_loaded_beside_it() {
    let program = Program::new();
    let server = program.serve();
    let file = program.write("Water levels.csv", &csv(100));
    let file = file.to_str().unwrap();
    let loaded = program.json(&["table", "load", file, "--json"]);
    assert_eq!((loaded["rows"].as_u64(), loaded["quarantined"].as_u64()), (Some(100), Some(0)));
    let columns: Vec<(&str, &str)> = loaded["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| (column["name"].as_str().unwrap(), column["type"].as_str().unwrap()))
        .collect();
    assert_eq!(columns, [("station", "text"), ("level_cm", "integer"), ("measured_on", "date")]);
    let table = loaded["table"].as_str().unwrap();
    let page = server.get_json(&format!("/api/v1/tables/{table}/rows?station=S001&limit=2"));
    assert_eq!((page["total"].as_u64(), &page["items"][0]["level_cm"]), (Some(3), &json!(1)));
    program.write("Water levels.csv", &csv(200));
    let again = program.json(&["table", "load", file, "--json"]);
    assert_eq!((&again["table"], &again["version"], &again["rows"]), (&loaded["table"], &json!(2), &json!(200)));
    assert_eq!(server.get_json(&format!("/api/v1/tables/{table}/rows?limit=1"))["total"], 200);
    let pinned = server.get_json(&format!("/api/v1/tables/{table}/rows?limit=1&version=1"));
    assert_eq!(pinned["total"], 100);
    assert!(server.stop());
}

#[test]
fn what_is_no_table_is_refused_in_one_sentence() {
    let program = Program::new();
    let empty = program.write("empty.csv", "");
    let refused = program.run(&["table", "load", empty.to_str().unwrap(), "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(refused.stdout, b"");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("empty.csv") && said.lines().count() == 1, "{said}");
    for wrong in
        [&["table", "load"][..], &["table", "load", "no-such-file.csv"], &["table", "load", "x", "--dataset", "A B"]]
    {
        assert_eq!(program.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
    assert_eq!(program.json(&["check", "--json"])["report"]["datasets"], 0, "nothing was made for it");
}

#[test]
fn tables_are_backed_up_and_restored_and_a_lost_one_is_noticed() {
    let program = Program::new();
    let file = program.write("levels.csv", &csv(50));
    let objects = program.folder().join("my-objects");
    let run = |program: &Program, arguments: &[&str]| {
        program.command(arguments).env("FAIRGROUND_OBJECT_STORE", &objects).output().unwrap()
    };
    assert!(run(&program, &["table", "load", file.to_str().unwrap()]).status.success());
    assert!(objects.join("snapshots").is_dir(), "where the operator wants them");
    let copy = program.folder().join("copy");
    assert!(run(&program, &["backup", copy.to_str().unwrap()]).status.success());
    let other = Program::new();
    let restored = other.run(&["restore", copy.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    let check = other.json(&["check", "--json"]);
    assert_eq!((&check["ok"], &check["tables"]), (&json!(true), &json!({ "tables": 1, "faulty": 0 })));
    std::fs::remove_dir_all(objects.join("snapshots")).unwrap();
    let check = run(&program, &["check", "--json"]);
    assert_eq!((check.status.code(), &last_line(&check)["tables"]["faulty"]), (Some(1), &json!(1)));
}
