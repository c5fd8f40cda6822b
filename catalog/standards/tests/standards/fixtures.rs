//! Small authored catalogues: what each becomes, field by field.

use fairground_domain::{LanguageTag, ResourceKind};
use fairground_standards::{Format, Limits};

use crate::{decoded, drafts, fixture, open, open_bytes, raw_records};

#[test]
fn a_dcat_us_record_keeps_every_field() {
    let all = decoded(&open(&fixture("library.data.json")).unwrap());
    assert_eq!(all.len(), 2);
    let draft = all[0].draft.as_ref().unwrap();
    assert_eq!(all[0].key, "lib-001");
    assert_eq!(draft.title.any(), "Visits to city libraries");
    let publisher = draft.publisher.as_ref().unwrap();
    assert_eq!(
        (publisher.name.any(), publisher.part_of.as_slice()),
        ("City Library", ["City of Example".to_owned()].as_slice())
    );
    assert_eq!(draft.contact_point[0].email.as_deref(), Some("library@city.example"));
    assert_eq!(draft.spatial[0].bbox, Some([8.4, 47.3, 8.6, 47.5]));
    assert_eq!(draft.temporal[0].end.as_deref(), Some("2024-12-31"));
    assert_eq!(draft.frequency.as_ref().unwrap().label.any(), "R/P1M");
    assert_eq!(draft.formats(), ["CSV", "XLSX"]);
    assert_eq!(draft.distribution[0].byte_size, Some(48213));
    assert_eq!(draft.in_series, ["lib-series"]);
    assert_eq!(draft.extra["bureauCode"], serde_json::json!(["000:00"]));
    assert!(all[0].findings.is_empty(), "{:?}", all[0].findings);
    let sloppy = &all[1];
    assert_eq!(sloppy.draft.as_ref().unwrap().title.any(), "2024");
    let mut rules: Vec<&str> = sloppy.findings.iter().map(|it| it.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(
        rules,
        [
            "contact-unreachable",
            "date-invalid",
            "description-missing",
            "email-invalid",
            "publisher-missing",
            "type-unexpected",
            "url-invalid"
        ]
    );
    assert!(sloppy.findings.iter().any(|it| it.path == "/distribution/0/accessURL"), "{:?}", sloppy.findings);
}

#[test]
fn turtle_in_the_terms_of_dcat_ap_keeps_every_field() {
    let document = open(&fixture("transport.ttl")).unwrap();
    let counts = document.counts();
    assert_eq!((counts.datasets, counts.series, counts.services), (2, 1, 1));
    let all = drafts(&document);
    let stops = all.iter().find(|it| it.identifier == "stops").unwrap();
    assert_eq!(stops.title.best(&[LanguageTag::lenient("de")]), "Haltestellen");
    assert_eq!(stops.title.best(&[LanguageTag::lenient("en")]), "Stops");
    assert_eq!(stops.publisher.as_ref().unwrap().email.as_deref(), Some("data@transit.example"));
    assert_eq!(stops.contact_point[0].telephone.as_deref(), Some("+410000000"));
    assert_eq!(stops.temporal.len(), 2);
    assert_eq!(stops.spatial[0].bbox, Some([5.9, 45.8, 10.5, 47.8]));
    assert_eq!(stops.hvd_category.len(), 1);
    assert_eq!(stops.applicable_legislation, ["http://data.europa.eu/eli/reg_impl/2023/138/oj"]);
    assert_eq!(stops.in_series, ["https://transit.example/series/network"]);
    assert_eq!(stops.other_identifier, ["urn:old:stops"]);
    let csv = stops.distribution.iter().find(|it| it.format.as_deref() == Some("CSV")).unwrap();
    assert_eq!(csv.media_type.as_deref(), Some("text/csv"));
    assert_eq!(csv.checksum.as_ref().unwrap().algorithm, "sha256");
    assert_eq!(csv.licence.as_ref().unwrap().title.any(), "Attribution 4.0");
    assert_eq!(csv.access_service, ["https://transit.example/api"]);
    let service = all.iter().find(|it| it.kind == ResourceKind::DataService).unwrap();
    assert_eq!(service.service.as_ref().unwrap().endpoint_url, ["https://transit.example/api/v1"]);
    let blank =
        decoded(&document).into_iter().find(|it| it.key == "timetable").expect("a blank node goes by its identifier");
    assert_eq!(blank.draft.unwrap().iri, None);
    // The record is the dataset's own description: nothing of the others.
    let raw = raw_records(&document)
        .into_iter()
        .find(|raw| String::from_utf8_lossy(&raw.bytes).contains("Haltestellen"))
        .unwrap();
    let text = String::from_utf8(raw.bytes).unwrap();
    assert!(
        text.contains("data@transit.example") && !text.contains("Timetable") && !text.contains("endpointURL"),
        "{text}"
    );
    assert!(text.lines().is_sorted());
}

#[test]
fn a_ckan_package_keeps_every_field() {
    let all = drafts(&open(&fixture("package_search.json")).unwrap());
    let draft = &all[0];
    assert_eq!(draft.identifier, "6f1f2d9e-0000-4000-8000-000000000001");
    assert_eq!(draft.publisher.as_ref().unwrap().name.any(), "Environment Office");
    assert_eq!(draft.contact_point[0].email.as_deref(), Some("air@office.example"));
    assert_eq!(draft.licence.as_ref().unwrap().iri.as_deref(), Some("https://creativecommons.org/licenses/by/4.0/"));
    assert_eq!(draft.spatial[0].bbox, Some([7.0, 46.0, 8.0, 47.0]));
    assert_eq!(draft.temporal[0].start.as_deref(), Some("2020-01-01"));
    assert_eq!(draft.theme[0].label.any(), "Environment");
    assert_eq!(draft.keyword.len(), 2);
    assert_eq!(draft.extra["station_count"], serde_json::json!("17"));
    let csv = draft.distribution.iter().find(|it| it.format.as_deref() == Some("CSV")).unwrap();
    assert_eq!(csv.download_url.as_deref(), Some("https://office.example/air.csv"));
    assert_eq!((csv.byte_size, csv.media_type.as_deref()), (Some(1234), Some("text/csv")));
    assert_eq!(csv.checksum.as_ref().unwrap().algorithm, "md5");
    let api = draft.distribution.iter().find(|it| it.format.as_deref() == Some("WFS")).unwrap();
    assert_eq!(api.download_url, None);
    assert_eq!(all[1].title.any(), "untitled-package");
}

#[test]
fn json_ld_under_the_context_of_dcat_ap_is_read_without_loading_it() {
    let text = r#"{
        "@context": "https://semiceu.github.io/DCAT-AP/releases/3.0.0/context/dcat-ap.jsonld",
        "@id": "https://agency.example/catalogue", "@type": "Catalogue",
        "title": {"@value": "All", "@language": "en"},
        "dataset": [{
            "@id": "https://agency.example/id/1", "@type": "Dataset",
            "title": [{"@value": "Bees", "@language": "en"}, {"@value": "Bienen", "@language": "de"}],
            "description": {"@value": "Hives by year.", "@language": "en"},
            "identifier": "bees-1", "keyword": "bees", "releaseDate": "2024-02-03",
            "publisher": {"@type": "Agent", "@id": "https://agency.example/id/us", "name": "Bee Office"},
            "frequency": "http://publications.europa.eu/resource/authority/frequency/ANNUAL",
            "temporalCoverage": {"@type": "PeriodOfTime", "startDate": "2020-01-01", "endDate": "2023-12-31"},
            "datasetDistribution": [{
                "@type": "Distribution", "accessUrl": "https://agency.example/bees",
                "downloadUrl": "https://agency.example/bees.csv", "byteSize": "1234",
                "format": "http://publications.europa.eu/resource/authority/file-type/CSV",
                "licence": "http://creativecommons.org/licenses/by/4.0/"
            }]
        }]
    }"#;
    let all = drafts(&open_bytes(text.as_bytes(), Format::JsonLd, &Limits::default()).unwrap());
    assert_eq!(all.len(), 1);
    let bees = &all[0];
    assert_eq!(bees.title.best(&[LanguageTag::lenient("de")]), "Bienen");
    assert_eq!((bees.identifier.as_str(), bees.issued.as_deref()), ("bees-1", Some("2024-02-03")));
    assert_eq!(bees.publisher.as_ref().unwrap().name.any(), "Bee Office");
    assert_eq!(bees.temporal[0].end.as_deref(), Some("2023-12-31"));
    let file = &bees.distribution[0];
    assert_eq!(file.download_url.as_deref(), Some("https://agency.example/bees.csv"));
    assert_eq!((file.format.as_deref(), file.byte_size), (Some("CSV"), Some(1234)));
}

/// Widespread software writes what a reference is called into its element, where RDF/XML has no place for text.
#[test]
fn references_with_names_in_them_do_not_cost_the_catalogue() {
    let text = r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
        xmlns:dct="http://purl.org/dc/terms/"><dcat:Dataset rdf:about="https://agency.example/id/1">
        <dct:title>Gravel pits</dct:title><dct:identifier>pits</dct:identifier>
        <dcat:theme rdf:resource="http://publications.europa.eu/resource/authority/data-theme/ENVI">Environment &amp; more</dcat:theme>
        <dct:description>Pits by year.</dct:description></dcat:Dataset></rdf:RDF>"#;
    let all = drafts(&open_bytes(text.as_bytes(), Format::RdfXml, &Limits::default()).unwrap());
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].title.any(), all[0].description.any()), ("Gravel pits", "Pits by year."));
    assert_eq!(
        all[0].theme[0].iri.as_deref(),
        Some("http://publications.europa.eu/resource/authority/data-theme/ENVI")
    );
}

#[test]
fn a_file_with_one_dataset_is_a_catalogue_of_one() {
    let text = r#"{"@type": "dcat:Dataset", "title": "Cars", "identifier": "cars-1", "description": "Cars by year.",
        "publisher": {"name": "Licensing"}, "contactPoint": {"fn": "Desk", "hasEmail": "mailto:desk@agency.example"},
        "temporal": "2021-01-01/2020-01-01"}"#;
    let document = open_bytes(text.as_bytes(), Format::DcatUs, &Limits::default()).unwrap();
    let all = decoded(&document);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].draft.as_ref().unwrap().title.any(), "Cars");
    assert!(all[0].findings.iter().any(|it| it.rule == "period-reversed" && it.path == "/temporal"));
    let neither = open_bytes(br#"{"title": "Cars", "list": []}"#, Format::DcatUs, &Limits::default());
    assert!(matches!(neither, Err(fairground_standards::ReadError::NotACatalogue { .. })), "{:?}", neither.err());
}
