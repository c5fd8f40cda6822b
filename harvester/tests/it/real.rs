//! Catalogues as agencies really publish them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fairground_catalog::dataset;
use fairground_catalog::gate::{self, HoldFilter};
use fairground_catalog::member::Actor;
use fairground_harvester::HarvestReport;
use serde_json::Value;

use crate::portal::{Portal, counts};

/// Where the real catalogues lie; `None` where this machine has none.
fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let given = std::env::var_os("FAIRGROUND_TEST_DATA").map(PathBuf::from);
    let folder = root.join(given.unwrap_or_else(|| PathBuf::from("../shared/data"))).join("harvest");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no test data");
    None
}

/// Datasets of a catalogue by identifier, read without our codecs: what each says, as its own text.
fn datasets_of(file: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file).unwrap();
    let text = text.trim_start_matches('\u{feff}');
    let document: Value = serde_json::from_str(text).unwrap();
    let list = document.get("dataset").or(document.get("result").and_then(|result| result.get("results"))).unwrap();
    let name = |dataset: &Value| dataset.get("identifier").or(dataset.get("id")).unwrap().as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(|dataset| (name(dataset), dataset.to_string())).collect()
}

fn count_of(file: &Path) -> u64 {
    if file.extension().is_some_and(|end| end == "rdf") {
        let text = std::fs::read_to_string(file).unwrap();
        return text.matches("<dcat:Dataset ").count().max(text.matches("<dcatapit:Dataset ").count()) as u64;
    }
    datasets_of(file).len() as u64
}

fn sound(report: &HarvestReport) {
    let [found, created, updated, unchanged, _, refused, failed] = counts(report);
    assert_eq!(report.state.as_str(), "completed", "{report:?}");
    assert_eq!(found, created + updated + unchanged + refused + failed, "{report:?}");
    assert_eq!(failed, 0, "{report:?}");
}

#[test]
fn every_dataset_of_real_catalogues_comes_to_one_outcome_and_stays_unchanged() {
    let Some(data) = data() else { return };
    let portal = Portal::open();
    for name in [
        "dcat-us-federal/fcc-a.json",
        "dcat-us-federal/consumerfinance.json",
        "dcat-us-federal/treasury.json",
        "agency-alessandria/catalog-c.rdf",
        "agency-upo/catalog.rdf",
        "agency-brescia-mobilita/catalog.rdf",
        "ckan/ckan-package_search-10.json",
        "ckan/ckan-package_search-query.json",
    ] {
        let file = data.join(name);
        let source = format!("s{}", name.len());
        let report = portal.harvest_file(&source, &file);
        sound(&report);
        assert_eq!(report.datasets.found, count_of(&file), "{name}");
        assert!(report.datasets.created > 0, "{name}: {report:?}");
        // Read again from the beginning, not by the short way of equal bytes.
        let copy = portal.file("copy", &format!("{}\n", std::fs::read_to_string(&file).unwrap()));
        let copy_with_end = copy.with_extension(file.extension().unwrap());
        std::fs::rename(&copy, &copy_with_end).unwrap();
        let again = portal.harvest_file(&source, &copy_with_end);
        sound(&again);
        let (first, second) = (report.datasets, again.datasets);
        assert_eq!((second.created, second.updated, second.deleted), (0, 0, 0), "{name}");
        assert_eq!((second.unchanged, second.refused), (first.created, first.refused), "{name}");
    }
    portal.agrees();
    // Catalogues are full of contacts; the gate must let them be.
    let filter = HoldFilter::default();
    let db = &portal.catalog().db;
    let held = db.read(|tx| gate::list(tx, &Actor::command_line(), &filter, 100)).unwrap();
    let public = db.read(dataset::count_published).unwrap();
    for hold in &held {
        eprintln!("held: {} {:?}", hold.name, hold.report.findings.first().map(|it| (it.kind, &it.why)));
    }
    assert!(held.len() as i64 * 200 <= public, "{} of {public} real descriptions are held", held.len());
}

#[test]
fn two_captures_of_a_source_differ_by_exactly_what_differs_in_them() {
    let Some(data) = data() else { return };
    let portal = Portal::open();
    for pair in ["energy", "fcc", "opm"] {
        let (a, b) =
            (data.join(format!("dcat-us-federal/{pair}-a.json")), data.join(format!("dcat-us-federal/{pair}-b.json")));
        let first = portal.harvest_file(pair, &a);
        sound(&first);
        let second = portal.harvest_file(pair, &b);
        sound(&second);
        let (before, after) = (datasets_of(&a), datasets_of(&b));
        let names = |of: &BTreeMap<String, String>| of.keys().cloned().collect::<BTreeSet<_>>();
        let (old, new) = (names(&before), names(&after));
        let differing = old.intersection(&new).filter(|name| before[*name] != after[*name]).count() as u64;
        let [found, created, updated, _, deleted, refused, _] = counts(&second);
        assert_eq!(found, new.len() as u64, "{pair}");
        assert_eq!(deleted, old.difference(&new).count() as u64, "{pair}: {second:?}");
        assert_eq!(created, new.difference(&old).count() as u64, "{pair}: {second:?}");
        // Order within sets and the like is no change; more than the texts differ cannot be.
        assert!(updated <= differing, "{pair}: {updated} updated, {differing} differ");
        assert_eq!(refused, first.datasets.refused, "{pair}");
    }
    portal.agrees();
}

#[test]
fn a_growing_catalogue_and_a_page_in_its_place() {
    let Some(data) = data() else { return };
    let portal = Portal::open();
    // Between the versions identifiers change their case and IRIs lose a doubled slash: the datasets stay themselves.
    for (version, expected) in [("a", [3, 3, 0, 0]), ("b", [4, 1, 3, 0]), ("c", [5, 1, 4, 0])] {
        let report =
            portal.harvest_file("alessandria", &data.join(format!("agency-alessandria/catalog-{version}.rdf")));
        sound(&report);
        let [found, created, updated, _, deleted, ..] = counts(&report);
        assert_eq!([found, created, updated, deleted], expected, "{version}: {report:?}");
    }
    let report = portal.harvest_file("alessandria", &data.join("dcat-us-federal/state-not-json.json"));
    assert_eq!(report.state.as_str(), "failed");
    assert!(report.error.as_ref().unwrap().contains("web page"), "{report:?}");
    assert_eq!(portal.published(), 5);
    portal.agrees();
}

/// `metadata-xml.tsv`: what Python's own XML reader counts in each file, beside the codecs that are held to it too.
fn metadata_facts() -> Vec<Vec<String>> {
    let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("../catalog/standards/tests/fixtures/metadata-xml.tsv");
    let table = std::fs::read_to_string(table).unwrap();
    table.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

#[test]
fn metadata_in_xml_is_harvested_as_an_independent_count_says() {
    let Some(data) = data() else { return };
    let portal = Portal::open();
    for (number, fact) in metadata_facts().into_iter().enumerate() {
        let name = &fact[0];
        let report = portal.harvest_file(&format!("m{number}"), &data.join(name));
        match fact[1].as_str() {
            "unreadable" | "refused" | "no-catalogue" => {
                assert_eq!(report.state.as_str(), "failed", "{name}: {report:?}")
            }
            "empty" => {
                assert_eq!((report.state.as_str(), report.datasets.found), ("completed", 0), "{name}: {report:?}")
            }
            datasets => {
                sound(&report);
                let said: (u64, u64) = (datasets.parse().unwrap(), fact[2].parse().unwrap());
                assert_eq!((report.datasets.found, report.data_services.found), said, "{name}");
                assert_eq!((report.datasets.refused, report.data_services.refused), (0, 0), "{name}: {report:?}");
            }
        }
    }
    portal.agrees();
}

#[test]
fn folders_of_metadata_are_harvested_file_by_file() {
    let Some(data) = data() else { return };
    let portal = Portal::open();
    for (folder, found, refused) in [
        ("datagov-harvester-examples/waf", 7, 0),
        // A file that is no XML in its encoding, and one without an element.
        ("datagov-harvester-examples/iso_2_waf", 6, 2),
    ] {
        let source = format!("folder-{found}");
        let report = portal.harvest_file(&source, &data.join(folder));
        sound(&report);
        assert_eq!((report.datasets.found, report.datasets.refused), (found, refused), "{folder}: {report:?}");
        let again = portal.harvest_file(&source, &data.join(folder));
        assert_eq!((again.datasets.created, again.datasets.updated, again.datasets.deleted), (0, 0, 0), "{folder}");
    }
    portal.agrees();
}
