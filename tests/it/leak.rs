//! What the personal-data gate holds, looked for with the built program: command line, HTTP, pages, files and logs.

use crate::program::{Program, last_line};

const MARK: &str = "quendelbach";
const PEOPLE: &str = "first_name,last_name,iban,month\nTorquil,Pettigrew,DE89370400440532013000,1\n\
                      Ottilie,Murray,DE89370400440532013000,2\nCrispin,Gillingwater,DE89370400440532013000,3\n\
                      Verity,Hathersage,DE89370400440532013000,4\n";
const VALUES: [&str; 3] = ["Pettigrew", "Gillingwater", "DE8937"];

#[test]
fn a_held_file_exits_with_three_and_a_release_needs_a_reason() {
    let program = Program::new();
    let file = program.write("quendelbach.csv", PEOPLE);
    let path = file.to_str().unwrap();
    for arguments in [&["table", "load", path][..], &["table", "load", path, "--json"]] {
        let output = program.run(arguments);
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        let last = last_line(&output);
        assert_eq!(last["screen"]["verdict"], "hold");
        assert!(last["held"].is_string(), "{last}");
        let told = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        for value in VALUES {
            assert!(!told.contains(value), "{told}");
        }
    }
    for wrong in [
        &["table", "load", path, "--release", "consent"][..],
        &["table", "load", path, "--because", "They have agreed."],
        &["table", "load", path, "--release", "because", "--because", "They have agreed."],
    ] {
        assert_eq!(program.run(wrong).status.code(), Some(2), "{wrong:?}");
    }
    let word = ["table", "load", path, "--release", "anonymised", "--because", "Names were made up for training."];
    let released = program.run(&word);
    assert_eq!(released.status.code(), Some(0), "{}", String::from_utf8_lossy(&released.stderr));
    assert_eq!(last_line(&released)["rows"], 4);
    // A file that passes says what the screen said.
    let counts = program.write("counts.csv", "station,total\nS1,1200\nS2,900\n");
    let loaded = program.run(&["table", "load", counts.to_str().unwrap(), "--json"]);
    assert_eq!((loaded.status.code(), &last_line(&loaded)["screen"]["verdict"]), (Some(0), &"pass".into()));
}

#[test]
fn nothing_of_a_held_dataset_is_found_on_pages_in_answers_or_in_files_that_are_served() {
    let program = Program::new();
    let file = program.write("quendelbach.csv", PEOPLE);
    assert_eq!(program.run(&["table", "load", file.to_str().unwrap()]).status.code(), Some(3));
    let counts = program.write("counts.csv", "station,total\nS1,1200\nS2,900\n");
    assert_eq!(program.run(&["table", "load", counts.to_str().unwrap()]).status.code(), Some(0));
    let server = program.serve();
    for path in [
        "/",
        "/datasets",
        "/datasets?q=quendelbach",
        "/publishers",
        "/publishers/local",
        "/transparency",
        "/sitemap.xml",
        "/feeds/datasets.atom",
        "/data.json",
        "/catalog.ttl",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/api/v1/datasets?limit=100",
        "/api/v1/changes?since=0&limit=1000",
        "/api/v1/tables?limit=100",
        "/api/v1/suggest?q=quend",
        "/api/3/action/package_list",
        "/metrics",
    ] {
        // What was asked for is repeated by some answers; nothing may lead anywhere.
        let told = server.get(path).text().unwrap().to_lowercase();
        for leading in
            [format!("{MARK}.csv"), format!("datasets/{MARK}"), format!("tables/{MARK}"), format!("\"slug\":\"{MARK}")]
        {
            assert!(!told.contains(&leading), "{path}: {told}");
        }
        for value in VALUES {
            assert!(!told.contains(&value.to_lowercase()), "{path} tells {value}");
        }
    }
    for path in
        ["/datasets/quendelbach", "/api/v1/datasets/quendelbach", "/tables/quendelbach", "/api/v1/tables/quendelbach"]
    {
        assert_eq!(server.get(path).status().as_u16(), 404, "{path}");
    }
    assert_eq!(server.get("/datasets/counts").status().as_u16(), 200);
    // Where tables lie there is nothing of it.
    let objects = walk(&program.data_dir().join("objects"));
    for object in objects {
        let bytes = std::fs::read(&object).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(VALUES.iter().all(|value| !text.contains(value)), "{}", object.display());
    }
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { files.extend(walk(&entry.path())) } else { files.push(entry.path()) }
    }
    files
}
