//! Catalogues as public bodies really publish them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fairground_domain::DatasetDraft;
use fairground_standards::{Counts, Document, Format, Hints, Limits, ReadError, detect};
use oxrdf::{Graph, NamedOrBlankNode, Triple};

use crate::{data, decoded, documents, drafts, errors, open, raw_records};

const DCAT: &str = "http://www.w3.org/ns/dcat#";

fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| ends.iter().any(|end| path.extension().is_some_and(|it| it == *end)))
        .collect();
    all.sort();
    all
}

/// The triples of a file, read whole by the parsers directly.
fn triples(path: &Path) -> Vec<Triple> {
    let bytes = std::fs::read(path).unwrap();
    let base = "https://relative.invalid/";
    match path.extension().unwrap().to_str().unwrap() {
        "ttl" => {
            oxttl::TurtleParser::new().with_base_iri(base).unwrap().for_slice(&bytes).map(Result::unwrap).collect()
        }
        "rdf" => oxrdfxml::RdfXmlParser::new()
            .lenient()
            .with_base_iri(base)
            .unwrap()
            .for_slice(&bytes)
            .map(Result::unwrap)
            .collect(),
        _ => oxjsonld::JsonLdParser::new()
            .lenient()
            .with_base_iri(base)
            .unwrap()
            .for_slice(&bytes)
            .map(|quad| Triple::from(quad.unwrap()))
            .collect(),
    }
}

/// Subjects by class, counted without our reader.
fn counted(path: &Path) -> Counts {
    let mut classes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for triple in triples(path) {
        if triple.predicate.as_str().ends_with("22-rdf-syntax-ns#type") {
            let class = triple.object.to_string();
            classes.entry(class).or_default().insert(triple.subject.to_string());
        }
    }
    let of = |class: &str| classes.get(&format!("<{class}>")).cloned().unwrap_or_default();
    let datasets: BTreeSet<_> =
        of(&format!("{DCAT}Dataset")).union(&of("http://dati.gov.it/onto/dcatapit#Dataset")).cloned().collect();
    let series: BTreeSet<_> = of(&format!("{DCAT}DatasetSeries")).difference(&datasets).cloned().collect();
    let services = of(&format!("{DCAT}DataService"));
    let services = services.difference(&datasets).filter(|it| !series.contains(*it)).count();
    Counts { datasets: datasets.len() as u64, series: series.len() as u64, services: services as u64 }
}

/// Resources of a `data.json`, counted by walking through all of it: nested catalogues count, and so do datasets that stand in
/// series and services, each once.
#[derive(Default)]
struct Named {
    datasets: BTreeSet<String>,
    series: u64,
    services: u64,
}

impl Named {
    fn dataset(&mut self, value: &serde_json::Value) {
        let nameless = self.datasets.len();
        let name = match value.get("identifier") {
            Some(serde_json::Value::Object(it)) => it.get("@id").or(it.get("notation")).cloned(),
            other => other.cloned(),
        };
        // Listed twice at the top is two records; only members are told apart from what is listed anyway.
        self.datasets.insert(name.map_or(format!("nameless {nameless}"), |name| name.to_string()));
    }

    fn count(&mut self, catalogue: &serde_json::Value) {
        let list = |key: &str| catalogue.get(key).and_then(|it| it.as_array()).cloned().unwrap_or_default();
        let top = list("dataset");
        for (n, dataset) in top.iter().enumerate() {
            let before = self.datasets.len();
            self.dataset(dataset);
            if self.datasets.len() == before {
                self.datasets.insert(format!("again {n}"));
            }
        }
        for (key, inner) in
            [("datasetSeries", &["seriesMember", "first", "last"][..]), ("service", &["servesDataset"][..])]
        {
            for holder in list(key) {
                *(if key == "service" { &mut self.services } else { &mut self.series }) += 1;
                for inner in inner {
                    let held = holder.get(*inner).cloned().unwrap_or_default();
                    let held = held.as_array().cloned().unwrap_or_else(|| vec![held]);
                    held.iter().filter(|it| it.get("title").is_some()).for_each(|it| self.dataset(it));
                }
            }
        }
        list("catalog").iter().for_each(|inner| self.count(inner));
    }

    fn counts(&self) -> Counts {
        Counts { datasets: self.datasets.len() as u64, series: self.series, services: self.services }
    }
}

#[test]
fn every_data_json_holds_what_an_independent_count_finds() {
    let Some(data) = data() else { return };
    let mut checked = 0;
    for folder in ["dcat-us-federal", "datajson-samples", "datagov-harvester-examples/dcatus"] {
        for path in files(&data.join(folder), &["json"]) {
            if path.ends_with("state-not-json.json") {
                continue;
            }
            let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let mut named = Named::default();
            named.count(&value);
            let expected = named.counts();
            let document = open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(document.format(), Format::DcatUs, "{}", path.display());
            assert_eq!(document.counts(), expected, "{}", path.display());
            // The raw records are the source's own.
            let listed = value.get("dataset").and_then(|it| it.as_array()).cloned().unwrap_or_default();
            for (raw, mut value) in
                raw_records(&document).iter().filter(|raw| raw.kind.as_str() == "dataset").zip(listed)
            {
                let mut found: serde_json::Value = serde_json::from_slice(&raw.bytes).unwrap();
                // What the catalogue says of it elsewhere stands in front; the rest is the source's own.
                for added in ["inSeries", "catalogRecord"] {
                    if value.get(added).is_none() {
                        found.as_object_mut().unwrap().remove(added);
                    }
                }
                assert_eq!(found.take(), value.take());
            }
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn federal_catalogues_are_accepted_whole() {
    let Some(data) = data() else { return };
    for path in files(&data.join("dcat-us-federal"), &["json"]) {
        if path.ends_with("state-not-json.json") {
            continue;
        }
        let document = open(&path).unwrap();
        let mut keys = BTreeSet::new();
        for record in decoded(&document) {
            assert!(record.draft.is_some(), "{}: {:?}", path.display(), record.findings);
            keys.insert(record.key);
        }
        assert_eq!(keys.len() as u64, document.len(), "{}: keys are distinct", path.display());
    }
    // Null in many fields: refused is only what lacks a title or an identifier.
    let document = open(&data.join("datagov-harvester-examples/dcatus/dcatus_with_none.json")).unwrap();
    assert_eq!(document.len(), 402);
    let refused: Vec<_> = decoded(&document).into_iter().filter(|it| it.draft.is_none()).collect();
    assert!(refused.is_empty(), "{:?}", refused.first());
}

#[test]
fn records_that_lack_what_identifies_them_are_refused_alone() {
    let Some(data) = data() else { return };
    for (file, refused) in [
        ("datagov-harvester-examples/dcatus/missing_title.json", vec!["title-missing"]),
        ("datagov-harvester-examples/dcatus/dcatus_no_identifier.json", vec!["identifier-missing"]),
        ("datagov-harvester-examples/dcatus/dcatus3_0_no_identifier.json", vec!["identifier-missing"]),
        ("datajson-samples/numerical-title.data.json", vec![]),
        ("datajson-samples/null-spatial.data.json", vec![]),
        ("datajson-samples/reserved-title.data.json", vec![]),
    ] {
        let document = open(&data.join(file)).unwrap();
        let found: Vec<String> = decoded(&document)
            .iter()
            .flat_map(|it| errors(&it.findings).into_iter().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        assert_eq!(found, refused, "{file}");
    }
}

/// Keys that are new, gone and changed from one capture to the next.
fn difference(a: &Document, b: &Document) -> (usize, usize, usize) {
    let (a, b) = (documents(a), documents(b));
    let new = b.keys().filter(|key| !a.contains_key(*key)).count();
    let gone = a.keys().filter(|key| !b.contains_key(*key)).count();
    let changed = a.iter().filter(|(key, document)| b.get(*key).is_some_and(|other| other != *document)).count();
    (new, gone, changed)
}

#[test]
fn pairs_of_captures_differ_as_they_really_do() {
    let Some(data) = data() else { return };
    for (a, b, expected) in [
        ("dcat-us-federal/opm-a.json", "dcat-us-federal/opm-b.json", (0, 0, 0)),
        ("dcat-us-federal/energy-a.json", "dcat-us-federal/energy-b.json", (2, 0, 0)),
        ("dcat-us-federal/fcc-a.json", "dcat-us-federal/fcc-b.json", (0, 0, 2)),
        ("agency-alessandria/catalog-a.rdf", "agency-alessandria/catalog-b.rdf", (1, 0, 3)),
        ("agency-alessandria/catalog-b.rdf", "agency-alessandria/catalog-c.rdf", (1, 0, 4)),
    ] {
        let found = difference(&open(&data.join(a)).unwrap(), &open(&data.join(b)).unwrap());
        assert_eq!(found, expected, "{a} → {b}");
    }
}

#[test]
fn a_second_reading_gives_the_same_bytes() {
    let Some(data) = data() else { return };
    for file in
        ["agency-upo/catalog.rdf", "dcat-ap-de-examples/dcat_ap_de-RefImp_TTL_ADVANCED.ttl", "dcat-us-federal/fda.json"]
    {
        let path = data.join(file);
        assert_eq!(raw_records(&open(&path).unwrap()), raw_records(&open(&path).unwrap()), "{file}");
        let document = open(&path).unwrap();
        let all = raw_records(&document);
        let tail: Vec<_> = document.records_from(1).map(Result::unwrap).collect();
        assert_eq!(all[1..], tail, "{file}: resuming gives the rest");
    }
}

#[test]
fn rdf_catalogues_hold_what_an_independent_count_finds() {
    let Some(data) = data() else { return };
    let mut checked = 0;
    for folder in
        ["agency-alessandria", "agency-brescia-mobilita", "agency-upo", "dcat-ap-de-examples", "dcat-ap-hvd-examples"]
    {
        for path in files(&data.join(folder), &["rdf", "ttl", "jsonld"]) {
            let expected = counted(&path);
            match open(&path) {
                Ok(document) => {
                    assert_eq!(document.counts(), expected, "{}", path.display());
                    for record in decoded(&document) {
                        // A blank node without identifier (ex-23) cannot be found again.
                        let nameless = errors(&record.findings) == ["identifier-missing"];
                        assert!(record.draft.is_some() || nameless, "{}: {:?}", path.display(), record.findings);
                    }
                    checked += 1;
                }
                Err(ReadError::NotACatalogue { .. }) => assert_eq!(expected, Counts::default(), "{}", path.display()),
                Err(error) => panic!("{}: {error}", path.display()),
            }
        }
    }
    assert!(checked > 25, "{checked}");
}

/// The graph without the accidents of blank node names.
fn canonical(path: &Path) -> Graph {
    let mut graph: Graph = triples(path)
        .into_iter()
        .filter(|triple| !matches!(triple.subject, NamedOrBlankNode::NamedNode(ref node) if node.as_str().contains("govdata.de/#catalog")))
        .collect();
    graph.canonicalize(oxrdf::graph::CanonicalizationAlgorithm::Unstable);
    graph
}

#[test]
fn one_graph_in_several_serialisations_gives_equal_drafts() {
    let Some(data) = data() else { return };
    let mut equal = 0;
    for path in files(&data.join("dcat-ap-hvd-examples"), &["ttl"]) {
        let other = path.with_extension("jsonld");
        if canonical(&path) != canonical(&other) {
            continue;
        }
        match (open(&path), open(&other)) {
            (Ok(turtle), Ok(json_ld)) => {
                assert_eq!(documents(&turtle), documents(&json_ld), "{}", path.display());
                let bytes = |document: &Document| {
                    raw_records(document).into_iter().map(|raw| raw.bytes).collect::<BTreeSet<_>>()
                };
                assert_eq!(bytes(&turtle), bytes(&json_ld), "{}: raw records", path.display());
                equal += 1;
            }
            (Err(ReadError::NotACatalogue { .. }), Err(ReadError::NotACatalogue { .. })) => {}
            (a, b) => panic!("{}: {a:?} {b:?}", path.display()),
        }
    }
    assert!(equal >= 8, "{equal}");
    let simple = |name: &str| documents(&open(&data.join("dcat-ap-de-examples").join(name)).unwrap());
    let turtle = simple("dcat_ap_de-RefImp_TTL_SIMPLE.ttl");
    assert_eq!(turtle.len(), simple("dcat_ap_de-RefImp_RDF_SIMPLE.rdf").len());
    assert_eq!(
        turtle.keys().collect::<Vec<_>>(),
        simple("dcat_ap_de-RefImp_JSONLD_SIMPLE.jsonld").keys().collect::<Vec<_>>()
    );
}

#[test]
fn a_catalogue_of_an_italian_agency_is_read_to_its_distributions() {
    let Some(data) = data() else { return };
    for (file, datasets, distributions) in [
        ("agency-alessandria/catalog-a.rdf", 3, 10),
        ("agency-alessandria/catalog-b.rdf", 4, 12),
        ("agency-alessandria/catalog-c.rdf", 5, 20),
        ("agency-upo/catalog.rdf", 18, 31),
    ] {
        let all = drafts(&open(&data.join(file)).unwrap());
        assert_eq!(all.len(), datasets, "{file}");
        assert_eq!(all.iter().map(|it| it.distribution.len()).sum::<usize>(), distributions, "{file}");
        for draft in &all {
            assert!(draft.publisher.as_ref().is_some_and(|it| !it.name.is_empty()), "{file}: {}", draft.identifier);
            assert!(!draft.theme.is_empty() && draft.modified.is_some(), "{file}");
            for distribution in &draft.distribution {
                assert!(distribution.access_url.is_some() && distribution.format.is_some(), "{file}: {distribution:?}");
            }
        }
    }
    let trees = drafts(&open(&data.join("agency-alessandria/catalog-c.rdf")).unwrap());
    let trees = trees.iter().find(|it| it.identifier == "c_a182:alberi").expect("the trees");
    assert_eq!(trees.iri.as_deref(), Some("https://github.com/ComunediAlessandria/open-data/alberi"));
    assert!(trees.formats().contains(&"CSV"), "{:?}", trees.formats());
    assert!(
        trees.licences().iter().any(|it| it.iri.as_deref().is_some_and(|iri| iri.contains("creativecommons"))),
        "{:?}",
        trees.licences()
    );
}

#[test]
fn answers_of_a_ckan_portal_are_read_and_their_total_is_known() {
    let Some(data) = data() else { return };
    let folder = data.join("ckan");
    let page = open(&folder.join("ckan-package_search-10.json")).unwrap();
    assert_eq!((page.format(), page.len(), page.declared_total()), (Format::Ckan, 10, Some(13786)));
    let one = open(&folder.join("ckan-package_show.json")).unwrap();
    assert_eq!((one.len(), one.declared_total()), (1, None));
    let query = folder.join("ckan-package_search-query.json");
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&query).unwrap()).unwrap();
    let expected = value["result"]["results"].as_array().unwrap();
    let document = open(&query).unwrap();
    assert_eq!(document.len(), expected.len() as u64);
    for (record, value) in decoded(&document).iter().zip(expected) {
        let draft = record.draft.as_ref().expect("accepted");
        assert_eq!(record.key, value["id"].as_str().unwrap());
        assert_eq!(draft.title.any(), value["title"].as_str().unwrap().trim());
        assert_eq!(draft.distribution.len(), value["resources"].as_array().unwrap().len());
        assert_eq!(draft.keyword.len(), value["tags"].as_array().unwrap().len());
        assert!(draft.publisher.is_some() && draft.modified.is_some());
    }
    // Two pages are one document.
    let parts = vec![folder.join("ckan-package_search-10.json"), query];
    let both = Document::open(&parts, Format::Ckan, &Limits::default()).unwrap();
    assert_eq!(both.len(), 10 + expected.len() as u64);
    assert_eq!(decoded(&both).len() as u64, both.len());
}

#[test]
fn a_page_in_place_of_a_catalogue_is_called_one() {
    let Some(data) = data() else { return };
    let bytes = std::fs::read(data.join("dcat-us-federal/state-not-json.json")).unwrap();
    let hints = Hints { content_type: Some("application/json"), name: Some("https://agency.example/data.json") };
    match detect(&bytes[..4096], &hints) {
        Err(ReadError::HtmlPage { title }) => println!("title: {title}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_draft_of_a_real_record_holds_what_the_record_says() {
    let Some(data) = data() else { return };
    let path = data.join("dcat-us-federal/consumerfinance.json");
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let all: Vec<DatasetDraft> = drafts(&open(&path).unwrap());
    for (draft, value) in all.iter().zip(value["dataset"].as_array().unwrap()) {
        assert_eq!(draft.identifier, value["identifier"].as_str().unwrap().trim());
        assert_eq!(draft.title.any(), value["title"].as_str().unwrap().trim());
        assert_eq!(draft.publisher.as_ref().unwrap().name.any(), value["publisher"]["name"].as_str().unwrap());
        assert_eq!(draft.distribution.len(), value["distribution"].as_array().map_or(0, Vec::len));
        assert_eq!(draft.access_rights.as_ref().unwrap().label.any(), value["accessLevel"].as_str().unwrap());
        assert!(draft.extra.contains_key("bureauCode"));
    }
}
