//! Real catalogues: every dataset in every file comes to one outcome, a second run changes nothing, pairs differ as they do.

use std::path::Path;

use serde_json::Value;

use crate::program::{Program, test_data};

fn harvest(program: &Program, file: &Path, source: &str) -> Value {
    program.json(&["harvest", "--no-tables", file.to_str().unwrap(), "--source", source, "--json"])
}

fn counts(report: &Value) -> [u64; 7] {
    ["found", "created", "updated", "unchanged", "deleted", "refused", "failed"]
        .map(|name| report[name].as_u64().unwrap())
}

#[test]
fn federal_catalogues_are_harvested_whole_and_without_change_the_second_time() {
    let Some(data) = test_data() else { return };
    let program = Program::new();
    let mut total = 0;
    for name in ["consumerfinance", "dol", "fda", "treasury"] {
        let file = data.join(format!("harvest/dcat-us-federal/{name}.json"));
        let document: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let expected = u64::try_from(document["dataset"].as_array().unwrap().len()).unwrap();
        let [found, created, updated, unchanged, deleted, refused, failed] = counts(&harvest(&program, &file, name));
        assert_eq!(
            (found, created + refused, updated, unchanged, deleted, failed),
            (expected, expected, 0, 0, 0, 0),
            "{name}"
        );
        assert_eq!(refused, 0, "{name}: real records are good enough");
        let [found, created, updated, unchanged, ..] = counts(&harvest(&program, &file, name));
        assert_eq!((found, created, updated, unchanged), (expected, 0, 0, expected), "{name}");
        total += expected;
    }
    let check = program.json(&["check", "--json"]);
    assert_eq!((&check["ok"], check["report"]["datasets"].as_u64()), (&Value::Bool(true), Some(total)));
}

#[test]
fn two_captures_of_a_source_differ_exactly_as_they_do() {
    let Some(data) = test_data() else { return };
    let program = Program::new();
    let federal = |name: &str| data.join(format!("harvest/dcat-us-federal/{name}.json"));
    harvest(&program, &federal("opm-a"), "opm");
    assert_eq!(counts(&harvest(&program, &federal("opm-b"), "opm")), [134, 0, 0, 134, 0, 0, 0]);
    harvest(&program, &federal("energy-a"), "energy");
    assert_eq!(counts(&harvest(&program, &federal("energy-b"), "energy")), [482, 2, 0, 480, 0, 0, 0]);
    assert_eq!(counts(&harvest(&program, &federal("energy-a"), "energy")), [480, 0, 0, 480, 2, 0, 0]);
    assert_eq!(counts(&harvest(&program, &federal("energy-b"), "energy")), [482, 2, 0, 480, 0, 0, 0]);
    harvest(&program, &federal("fcc-a"), "fcc");
    assert_eq!(counts(&harvest(&program, &federal("fcc-b"), "fcc")), [59, 0, 2, 57, 0, 0, 0]);
    let page = program.run(&[
        "harvest",
        "--no-tables",
        federal("state-not-json").to_str().unwrap(),
        "--source",
        "fcc",
        "--json",
    ]);
    assert_eq!(page.status.code(), Some(1));
    assert_eq!(program.json(&["check", "--json"])["report"]["datasets"], 134 + 482 + 59);
}

#[test]
fn italian_agencies_are_harvested_from_rdf() {
    let Some(data) = test_data() else { return };
    let program = Program::new();
    for (catalogue, datasets) in [
        ("agency-alessandria/catalog-a.rdf", 3),
        ("agency-alessandria/catalog-b.rdf", 4),
        ("agency-alessandria/catalog-c.rdf", 5),
    ] {
        let [found, .., refused, failed] =
            counts(&harvest(&program, &data.join("harvest").join(catalogue), "alessandria"));
        assert_eq!((found, refused, failed), (datasets, 0, 0), "{catalogue}");
    }
    let [found, created, ..] = counts(&harvest(&program, &data.join("harvest/agency-upo/catalog.rdf"), "upo"));
    assert_eq!((found, created), (18, 18));
    let found = program.json(&["search", "alberi", "--json"]);
    assert!(found["total"].as_u64().unwrap() >= 1, "{found}");
}
