//! A portal that is harvested by another one, as CKAN and over OAI-PMH: what goes out comes in again.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::program::{Program, Server, test_data};

/// The titles and formats of everything that a portal has.
fn told(server: &Server) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut path = "/api/v1/datasets?limit=500&sort=title".to_owned();
    loop {
        let page = server.get_json(&path);
        for item in page["items"].as_array().unwrap() {
            // The portal publishes how it is used; that is each portal's own.
            if item["publisher"]["slug"] != "local" && item["kind"] == "dataset" {
                all.insert(item["title"].as_str().unwrap().trim().to_owned());
            }
        }
        let Some(next) = page["next"].as_str() else { return all };
        path = format!("/api/v1/datasets?limit=500&sort=title&cursor={next}");
    }
}

fn harvested(program: &Program, address: &str, kind: &str) -> Value {
    program.json(&["harvest", address, "--kind", kind, "--source", "other", "--no-tables", "--json"])
}

#[test]
fn what_one_portal_tells_another_one_takes_in() {
    let Some(data) = test_data() else { return };
    let first = Program::new();
    let file = data.join("harvest/dcat-us-federal/fda.json");
    let found = first.json(&["harvest", file.to_str().unwrap(), "--source", "fda", "--no-tables", "--json"]);
    let created = found["created"].as_u64().unwrap();
    let server = first.serve();
    let expected = told(&server);
    for (kind, path) in [("ckan", "/api/3/action/package_search"), ("oai-pmh", "/oai?metadataPrefix=dcat")] {
        let second = Program::new();
        let taken = harvested(&second, &server.url(path), kind);
        assert_eq!(taken["state"], "completed", "{kind}: {taken}");
        assert!(
            taken["created"].as_u64().unwrap() >= created && taken["refused"] == 0 && taken["failed"] == 0,
            "{kind}: {taken}"
        );
        let again = harvested(&second, &server.url(path), kind);
        assert_eq!(
            (again["created"].as_u64(), again["updated"].as_u64(), again["deleted"].as_u64()),
            (Some(0), Some(0), Some(0)),
            "{kind}: {again}"
        );
        let copy = second.serve();
        let missing: Vec<String> = expected.difference(&told(&copy)).cloned().collect();
        assert!(missing.is_empty(), "{kind}: {missing:?}");
    }
}
