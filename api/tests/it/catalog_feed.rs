//! The catalogue as other catalogues and tools take it.

use std::path::{Path, PathBuf};
use std::process::Command;

use actix_web::web;
use fairground_domain::{Concept, DataService, DatasetDraft, ResourceKind};
use serde_json::Value;

use super::portal::{Actor, Answer, Portal, air, berths, named, texts};

fn desk() -> DatasetDraft {
    DatasetDraft {
        kind: ResourceKind::DataService,
        identifier: "desk".into(),
        title: texts(&[("en", "Booking desk")]),
        service: Some(DataService { endpoint_url: vec!["https://desk.example/api".into()], ..DataService::default() }),
        ..DatasetDraft::default()
    }
}

async fn furnished() -> Portal {
    let portal = Portal::furnished().await;
    let mut high_value = named(air(), "noise");
    high_value.hvd_category = vec![Concept::iri("http://data.europa.eu/bna/c_b79e35eb")];
    high_value.applicable_legislation = vec!["http://data.europa.eu/eli/reg_impl/2023/138/oj".into()];
    portal.harvest("more", vec![high_value, desk()]);
    portal
}

/// The next page's address, from the portal's root.
fn next(answer: &Answer) -> Option<String> {
    let links = answer.headers.get_all("link").iter().map(|link| link.to_str().unwrap());
    let link = links.into_iter().find(|link| link.ends_with("rel=\"next\""))?;
    let address = link.strip_prefix('<')?.split('>').next()?;
    let path = address.split("/catalog").nth(1)?;
    Some(format!("/catalog{path}"))
}

async fn pages(visitor: &Actor<'_>, first: &str) -> Vec<Answer> {
    let mut all = vec![visitor.get(first).await.is(200)];
    while let Some(path) = next(all.last().unwrap()) {
        all.push(visitor.get(&path).await.is(200));
    }
    all
}

#[actix_web::test]
async fn the_catalogue_is_paged_and_each_page_names_the_next() {
    let portal = furnished().await;
    let visitor = portal.visitor();
    for (suffix, media_type) in [
        (".ttl", "text/turtle; charset=utf-8"),
        (".rdf", "application/rdf+xml"),
        (".jsonld", "application/ld+json"),
        (".nt", "application/n-triples"),
    ] {
        let whole = visitor.get(&format!("/catalog{suffix}")).await.is(200);
        assert_eq!(whole.header("content-type"), media_type);
        assert_eq!(next(&whole), None);
        let pages = pages(&visitor, &format!("/catalog{suffix}?limit=2")).await;
        assert_eq!(pages.len(), 3, "{suffix}");
        let all: String = pages.iter().map(Answer::text).collect();
        for title in ["Hospital beds", "Air quality", "Berths of the harbour", "noise", "Booking desk"] {
            assert!(whole.text().contains(title), "{title} in {suffix}");
            assert_eq!(pages.iter().filter(|page| page.text().contains(title)).count(), 1, "{title} in {suffix}");
        }
        assert!(all.contains("PartialCollectionView"), "{suffix}");
        assert!(pages[0].text().contains("totalItems") && !pages[1].text().contains("totalItems"), "{suffix}");
    }
    let turtle = visitor.clone().saying("accept", "text/turtle").get("/catalog").await.is(200);
    assert_eq!(turtle.header("content-type"), "text/turtle; charset=utf-8");
    visitor.get("/catalog.ttl?limit=0").await.refused_as(400, "invalid-parameter");
    visitor.get("/catalog.ttl?cursor=nonsense").await.refused_as(400, "invalid-parameter");
    visitor.get("/catalog.ttl?page=2").await.refused_as(400, "unknown-parameter");
    visitor.saying("accept", "image/png").get("/catalog").await.refused_as(406, "not-acceptable");
}

#[actix_web::test]
async fn who_has_the_catalogue_already_is_told_so() {
    let portal = furnished().await;
    let visitor = portal.visitor();
    for path in ["/catalog.ttl?limit=3", "/data.json", "/dcat-us-3.json", "/datasets/air-quality.ttl"] {
        let first = visitor.get(path).await.is(200);
        let again = visitor.clone().saying("if-none-match", &first.header("etag")).get(path).await.is(304);
        assert!(again.body.is_empty(), "{path}");
    }
    let second = next(&visitor.get("/catalog.ttl?limit=2").await.is(200)).unwrap();
    let before = visitor.get(&second).await.is(200).header("etag");
    portal.harvest("later", vec![named(berths(), "moorings")]);
    let first = visitor.get("/catalog.ttl?limit=2").await.is(200);
    assert!(first.text().contains("totalItems 6") || first.text().contains("\"6\""), "{}", first.text());
    assert_eq!(
        visitor.get(&second).await.is(200).header("etag"),
        before,
        "a page keeps its bytes while its datasets do"
    );
}

#[actix_web::test]
async fn data_json_is_written_as_a_stream_and_is_whole() {
    let portal = furnished().await;
    // More than is read at once.
    portal.harvest("many", (0..450).map(|number| named(berths(), &format!("berth-{number}"))).collect());
    let visitor = portal.visitor();
    let document = visitor.get("/data.json").await.is(200).json();
    assert_eq!(document["conformsTo"], "https://project-open-data.cio.gov/v1.1/schema");
    assert_eq!(document["dataset"].as_array().map(Vec::len), Some(455));
    let third = visitor.get("/dcat-us-3.json").await.is(200).json();
    assert_eq!(third["dataset"].as_array().map(Vec::len), Some(454));
    assert_eq!(third["service"][0]["title"], "Booking desk");
    let head = visitor.send("HEAD", "/data.json", None).await.is(200);
    assert!(head.body.is_empty() && head.header("etag").starts_with("W/"));
}

#[actix_web::test]
async fn the_address_of_a_page_gives_rdf_to_those_who_ask_for_it() {
    let portal = furnished().await;
    let visitor = portal.visitor();
    for (path, accept, media_type) in [
        ("/datasets/air-quality.ttl", "*/*", "text/turtle; charset=utf-8"),
        ("/datasets/air-quality.jsonld", "text/html", "application/ld+json"),
        ("/datasets/air-quality", "text/turtle", "text/turtle; charset=utf-8"),
        ("/datasets/air-quality", "application/rdf+xml, text/html;q=0.5", "application/rdf+xml"),
        ("/api/v1/datasets/air-quality", "application/n-triples", "application/n-triples"),
    ] {
        let answer = visitor.clone().saying("accept", accept).get(path).await.is(200);
        assert_eq!(answer.header("content-type"), media_type, "{path} as {accept}");
        assert!(answer.text().contains("Air quality"), "{path} as {accept}");
    }
    // There are no pages in this house: who asks for one is not answered here.
    visitor.clone().saying("accept", "text/html").get("/datasets/air-quality").await.is(404);
    visitor.get("/datasets/nothing.ttl").await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn a_mistyped_key_gets_no_catalogue() {
    let portal = furnished().await;
    for path in ["/catalog.ttl", "/data.json", "/dcat-us-3.json", "/datasets/air-quality.ttl"] {
        portal.visitor().get(path).await.is(200);
        portal.with_key("fg_nonsense").get(path).await.refused_as(401, "key-malformed");
    }
}

#[actix_web::test]
async fn tables_are_described_for_tools() {
    let portal = furnished().await;
    portal.load("hospital-beds", "beds.csv", b"ward,day,beds,share\nA,2024-01-01,1,0.5\nB,2024-01-02,2,0.25\n");
    let visitor = portal.visitor();
    let croissant = visitor.get("/api/v1/datasets/hospital-beds/croissant.json").await.is(200).json();
    let fields = croissant["recordSet"][0]["field"].as_array().unwrap();
    let types: Vec<&str> = fields.iter().map(|field| field["dataType"].as_str().unwrap()).collect();
    assert_eq!(types, ["sc:Text", "sc:Date", "sc:Integer", "sc:Float"]);
    let package = visitor.get("/api/v1/datasets/hospital-beds/datapackage.json").await.is(200).json();
    assert_eq!(package["resources"][0]["schema"]["fields"][1]["type"], "date");
    assert_eq!(package["resources"][1]["path"], "https://ardenport.example/beds.csv");
    let bare = visitor.get("/api/v1/datasets/air-quality/croissant.json").await.is(200).json();
    assert!(bare["recordSet"].is_null() && bare["name"] == "Air quality");
    visitor.get("/api/v1/datasets/nothing/datapackage.json").await.refused_as(404, "not-found");
    let service = visitor.get("/api/v1/datasets/booking-desk/datapackage.json").await.is(200).json();
    assert_eq!(service["resources"][0]["name"], "description");
}

#[actix_web::test]
async fn a_table_is_a_distribution_and_a_service_beside_what_its_publisher_gave() {
    let portal = furnished().await;
    let visitor = portal.visitor();
    let original = "https://ardenport.example/beds.csv";
    let catalogue = ["/catalog.ttl", "/datasets/hospital-beds.ttl"];
    for path in catalogue {
        assert!(!visitor.get(path).await.is(200).text().contains("/export.csv"), "{path}: there is no table yet");
    }
    portal.load("hospital-beds", "beds.csv", b"ward,day,beds\nA,2024-01-01,1\nB,2024-01-02,2\n");
    for path in catalogue {
        let text = visitor.get(path).await.is(200).text();
        for part in [original, "/export.csv>", "#service> a dcat:DataService", "/openapi.json>", "prov:wasDerivedFrom"]
        {
            assert!(text.contains(part), "{part} in {path}: {text}");
        }
    }
    let files = |document: &Value| -> Vec<Value> {
        let all = document["dataset"].as_array().unwrap().iter();
        let beds = all.clone().find(|it| it["title"] == "Hospital beds").unwrap();
        beds["distribution"].as_array().unwrap().clone()
    };
    for path in ["/data.json", "/dcat-us-3.json"] {
        let files = files(&visitor.get(path).await.is(200).json());
        let table = files.iter().find(|it| it["downloadURL"].as_str().is_some_and(|url| url.ends_with("/export.csv")));
        let table = table.unwrap_or_else(|| panic!("{path}: {files:?}"));
        assert_eq!(table["prov:wasDerivedFrom"][0], original, "{path}");
        assert!(table["accessService"][0].as_str().is_some_and(|it| it.ends_with("#service")), "{path}: {table}");
        assert!(files.iter().any(|it| it["downloadURL"] == original), "{path}: the publisher's own stays");
    }
    let package = visitor.get("/api/v1/datasets/hospital-beds/datapackage.json").await.is(200).json();
    assert_eq!(package["resources"][0]["sources"][0]["path"], original);
    // A record's datestamp does not tell of its tables, so they are no part of it.
    let record = visitor.get("/oai?verb=ListRecords&metadataPrefix=dcat").await.is(200).text();
    assert!(record.contains(original) && !record.contains("/export.csv"));
}

#[actix_web::test]
async fn everything_that_is_served_satisfies_the_validators_of_others() {
    let Some(python) = std::env::var_os("FAIRGROUND_TEST_PYTHON") else {
        println!("skipped: no FAIRGROUND_TEST_PYTHON");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = std::env::var_os("FAIRGROUND_TEST_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let schemas = root.join(data).join("schemas");
    if !schemas.is_dir() {
        println!("skipped: no test data");
        return;
    }
    let portal = furnished().await;
    portal.load("hospital-beds", "beds.csv", b"ward,day,beds,share\nA,2024-01-01,1,0.5\nB,2024-01-02,2,0.25\n");
    let folder = tempfile::tempdir().unwrap();
    for (path, name) in [
        ("/catalog.ttl", "catalog.ttl"),
        ("/catalog.rdf", "catalog.rdf"),
        ("/catalog.jsonld", "catalog.jsonld"),
        ("/catalog.nt", "catalog.nt"),
        ("/datasets/hospital-beds.ttl", "beds.ttl"),
        ("/data.json", "portal.data.json"),
        ("/dcat-us-3.json", "portal.us3.json"),
        ("/api/v1/datasets/hospital-beds/croissant.json", "beds.croissant.json"),
        ("/api/v1/datasets/hospital-beds/datapackage.json", "beds.datapackage.json"),
        ("/api/v1/datasets/booking-desk/datapackage.json", "desk.datapackage.json"),
    ] {
        let answer = portal.visitor().get(path).await.is(200);
        let text = match name.strip_prefix("catalog.") {
            // Each form names its own address as that of the page; the graph is the same otherwise.
            Some(ending) => answer.text().replace(&format!("/catalog.{ending}"), "/catalog.page"),
            None => answer.text(),
        };
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let target = folder.path().to_owned();
    let judged = web::block(move || {
        Command::new(python).arg(root.join("tests/conformance/validate.py")).arg(schemas).arg(target).output()
    });
    let judged = judged.await.unwrap().unwrap();
    let told = String::from_utf8_lossy(&judged.stdout);
    assert!(judged.status.success(), "{told}\n{}", String::from_utf8_lossy(&judged.stderr));
    let summary: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    for what in [
        "graphs by DCAT-AP 3.0.1",
        "datasets by DCAT-US 1.1",
        "datasets by DCAT-US 3.0",
        "Croissant descriptions",
        "data packages",
    ] {
        assert!(summary["checked"][what].as_u64() >= Some(1), "{summary}");
    }
}
