//! Metadata records in XML: what independent counts and conversions say of real ones, and what we make of small ones.

use std::collections::BTreeSet;
use std::path::Path;

use fairground_domain::{Concept, DatasetDraft, LanguageTag, ResourceKind};
use fairground_standards::{Document, Format, Limits, ReadError};

use crate::{data, decoded, drafts, errors, open, open_bytes};

/// One line of `metadata-xml.tsv`, which `metadata-xml.py` beside it writes with Python's own XML reader.
fn facts() -> Vec<Vec<String>> {
    let table = std::fs::read_to_string(crate::fixture("metadata-xml.tsv")).unwrap();
    table.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_real_file_holds_what_an_independent_count_says() {
    let Some(folder) = data() else { return };
    for fact in facts() {
        let (name, path) = (&fact[0], folder.join(&fact[0]));
        let opened = open(&path);
        match fact[1].as_str() {
            "unreadable" => assert!(opened.is_err(), "{name} is broken"),
            "refused" => assert!(matches!(opened, Err(ReadError::ServiceRefused { .. })), "{name}: {opened:?}"),
            "no-catalogue" => assert!(matches!(opened, Err(ReadError::NotACatalogue { .. })), "{name}: {opened:?}"),
            "empty" => assert_eq!(opened.unwrap().counts().records(), 0, "{name}"),
            datasets => {
                let document = opened.unwrap_or_else(|error| panic!("{name}: {error}"));
                let counts = document.counts();
                let said = (datasets.parse().unwrap(), fact[2].parse().unwrap());
                assert_eq!((counts.datasets, counts.services), said, "{name}");
                let decoded = decoded(&document);
                for it in &decoded {
                    assert_eq!(errors(&it.findings), Vec::<&str>::new(), "{name}");
                }
                let first = decoded[0].draft.as_ref().unwrap();
                let titled = first.title.iter().any(|(_, title)| folded(title) == fact[4]);
                assert!(titled, "{name}: {:?} is not “{}”", first.title, fact[4]);
                let single = counts.records() == 1 && !first.spatial.is_empty();
                assert!(single || fact[3] == "0" || counts.records() > 1 || fact[3] == "2", "{name}: no place");
            }
        }
    }
}

/// What SEMIC's conversion to GeoDCAT-AP made of the same record, read by our own reader of RDF.
fn expected(case: &Path) -> DatasetDraft {
    // A resource without any name could not be found again and is refused; the conversion leaves a service without one.
    let text = std::fs::read_to_string(case.join("expected_output.ttl")).unwrap();
    let text = text.replace("[] a dcat:DataService", "<urn:nameless> a dcat:DataService");
    let mut all = drafts(&open_bytes(text.as_bytes(), Format::Turtle, &Limits::default()).unwrap());
    all.retain(|it| it.publisher.is_some() || !it.theme.is_empty());
    assert_eq!(all.len(), 1, "{}", case.display());
    all.remove(0)
}

fn iris(concepts: &[Concept]) -> BTreeSet<String> {
    concepts.iter().filter_map(|it| it.iri.clone()).collect()
}

#[test]
fn records_become_what_semic_says_they_must() {
    let Some(folder) = data() else { return };
    for case in
        ["basic_dataset", "hvd_dataset_multilingual", "identifiers-anchor", "multilingual-metadata", "network-service"]
    {
        let case = folder.join("iso19139-to-dcat-ap").join(case);
        let name = case.display().to_string();
        let want = expected(&case);
        let got = drafts(&open(&case.join("input.xml")).unwrap()).remove(0);
        assert_eq!(got.kind, want.kind, "{name}");
        assert_eq!(got.title, want.title, "{name}");
        assert_eq!(got.description, want.description, "{name}");
        assert_eq!(got.iri, want.iri.clone().filter(|it| it != "urn:nameless"), "{name}");
        assert_eq!((&got.issued, &got.modified, &got.created), (&want.issued, &want.modified, &want.created), "{name}");
        assert_eq!(got.keyword, want.keyword, "{name}");
        assert_eq!(got.language, want.language, "{name}");
        let name_of = |draft: &DatasetDraft| draft.publisher.clone().map(|it| (it.name, it.email));
        assert_eq!(name_of(&got), name_of(&want), "{name}");
        let topics = |iri: &String| !iri.contains("/TopicCategory/");
        let themes: BTreeSet<String> = iris(&got.theme).into_iter().filter(topics).collect();
        assert_eq!(themes, iris(&want.theme), "{name}");
        assert_eq!(iris(&got.hvd_category), iris(&want.hvd_category), "{name}");
        assert_eq!(got.applicable_legislation, want.applicable_legislation, "{name}");
        assert!(iris(&got.conforms_to).is_superset(&iris(&want.conforms_to)), "{name}: {:?}", got.conforms_to);
        assert_eq!(got.provenance, want.provenance, "{name}");
        // The conversion has no period for services; here they keep theirs.
        assert!(want.temporal.iter().all(|it| got.temporal.contains(it)), "{name}: {:?}", got.temporal);
        let boxes = |draft: &DatasetDraft| {
            draft.spatial.iter().filter_map(|it| it.bbox).map(|it| format!("{it:?}")).collect::<Vec<_>>()
        };
        assert_eq!(boxes(&got), boxes(&want), "{name}");
        let places =
            |draft: &DatasetDraft| draft.spatial.iter().filter_map(|it| it.iri.clone()).collect::<BTreeSet<_>>();
        assert!(places(&got).is_superset(&places(&want)), "{name}: {:?}", got.spatial);
        if let Some(service) = &want.service {
            let found = got.service.as_ref().unwrap();
            assert_eq!(
                (&found.endpoint_url, &found.endpoint_description),
                (&service.endpoint_url, &service.endpoint_description),
                "{name}"
            );
            assert_eq!(
                got.licence.as_ref().and_then(|it| it.iri.clone()),
                want.licence.as_ref().and_then(|it| it.iri.clone()),
                "{name}"
            );
            assert_eq!(
                got.access_rights.as_ref().map(|it| &it.iri),
                want.access_rights.as_ref().map(|it| &it.iri),
                "{name}"
            );
        }
        assert_eq!(got.distribution.len(), want.distribution.len(), "{name}");
        for (found, wanted) in got.distribution.iter().zip(&want.distribution) {
            assert_eq!(
                (&found.access_url, &found.title, &found.media_type),
                (&wanted.access_url, &wanted.title, &wanted.media_type),
                "{name}"
            );
            assert_eq!(found.licence.as_ref().map(|it| &it.iri), wanted.licence.as_ref().map(|it| &it.iri), "{name}");
            assert_eq!(
                found.access_rights.as_ref().map(|it| &it.iri),
                wanted.access_rights.as_ref().map(|it| &it.iri),
                "{name}"
            );
            assert_eq!(found.representation_technique, wanted.representation_technique, "{name}");
        }
        let named: BTreeSet<&String> = got.other_identifier.iter().chain([&got.identifier]).collect();
        for identifier in want.other_identifier.iter().chain([&want.identifier]).filter(|it| *it != "urn:nameless") {
            assert!(named.contains(identifier), "{name}: {identifier} is not in {named:?}");
        }
    }
}

const GMD: &str = r#"<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" xmlns:srv="http://www.isotc211.org/2005/srv">"#;

/// A record with the parts that a test is about.
fn record(id: &str, info: &str) -> String {
    format!(
        "<gmd:MD_Metadata><gmd:fileIdentifier><gco:CharacterString>{id}</gco:CharacterString></gmd:fileIdentifier>\
         <gmd:language><gmd:LanguageCode codeListValue=\"ger\"/></gmd:language>\
         <gmd:identificationInfo><gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation><gmd:title>\
         <gco:CharacterString>T {id}</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:citation>{info}\
         </gmd:MD_DataIdentification></gmd:identificationInfo></gmd:MD_Metadata>"
    )
}

fn page(matched: u64, records: &[String]) -> String {
    let all = records.concat();
    format!(
        "{GMD}<csw:SearchResults numberOfRecordsMatched=\"{matched}\" nextRecord=\"0\">{all}</csw:SearchResults></csw:GetRecordsResponse>"
    )
}

fn csw(text: &str) -> Document {
    open_bytes(text.as_bytes(), Format::Csw, &Limits::default()).unwrap()
}

#[test]
fn a_record_stands_alone_with_the_namespaces_it_needs() {
    let document = csw(&page(2, &[record("a", ""), record("b", "")]));
    assert_eq!((document.len(), document.declared_total()), (2, Some(2)));
    let raws: Vec<_> = document.records().map(Result::unwrap).collect();
    let text = String::from_utf8(raws[1].bytes.clone()).unwrap();
    assert!(
        text.starts_with("<gmd:MD_Metadata ") && text.contains("xmlns:gco=\"http://www.isotc211.org/2005/gco\""),
        "{text}"
    );
    assert!(!text.contains("xmlns:srv"), "only what is used: {text}");
    let alone = open_bytes(&raws[1].bytes, Format::Iso, &Limits::default()).unwrap();
    assert_eq!(decoded(&alone)[0].key, "b");
    assert_eq!(document.records_from(1).map(|it| it.unwrap().seq).collect::<Vec<_>>(), [1]);
}

#[test]
fn one_broken_record_of_many_is_refused_alone() {
    let untitled = record("b", "").replace("T b", "");
    let document = csw(&page(3, &[record("a", ""), untitled, record("c", "")]));
    let all = decoded(&document);
    assert_eq!(all.iter().map(|it| it.draft.is_some()).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!((all[1].key.as_str(), errors(&all[1].findings)), ("b", vec!["title-missing"]));
}

#[test]
fn constraints_become_licence_and_access_rights() {
    let block = |kind: &str, text: &str| {
        format!(
            "<gmd:resourceConstraints><gmd:MD_LegalConstraints><gmd:{kind}><gmd:MD_RestrictionCode codeListValue=\"otherRestrictions\"/></gmd:{kind}>\
             <gmd:otherConstraints><gco:CharacterString>{text}</gco:CharacterString></gmd:otherConstraints></gmd:MD_LegalConstraints></gmd:resourceConstraints>"
        )
    };
    let json = "{\"id\":\"dl-by-de/2.0\",\"name\":\"Datenlizenz Deutschland\",\"url\":\"https://www.govdata.de/dl-de/by-2-0\"}".replace('"', "&quot;");
    for (info, licence, access) in [
        (
            block("useConstraints", "CC BY, see https://creativecommons.org/licenses/by/4.0/."),
            Some("https://creativecommons.org/licenses/by/4.0/"),
            None,
        ),
        (block("useConstraints", &json), Some("https://www.govdata.de/dl-de/by-2-0"), None),
        (block("accessConstraints", "keine"), None, Some("keine")),
        (block("accessConstraints", &json), Some("https://www.govdata.de/dl-de/by-2-0"), None),
        (
            block("useConstraints", "Nutzung frei") + &block("useConstraints", &json),
            Some("https://www.govdata.de/dl-de/by-2-0"),
            None,
        ),
    ] {
        let draft = drafts(&csw(&page(1, &[record("a", &info)]))).remove(0);
        assert_eq!(draft.licence.and_then(|it| it.iri).as_deref(), licence, "{info}");
        assert_eq!(draft.access_rights.map(|it| it.label.any().to_owned()).as_deref(), access, "{info}");
    }
}

#[test]
fn keywords_themes_and_places_find_their_homes() {
    let info = "<gmd:descriptiveKeywords><gmd:MD_Keywords><gmd:keyword><gco:CharacterString>Boden</gco:CharacterString></gmd:keyword></gmd:MD_Keywords></gmd:descriptiveKeywords>\
        <gmd:descriptiveKeywords><gmd:MD_Keywords><gmd:keyword><gco:CharacterString>Land use</gco:CharacterString></gmd:keyword><gmd:thesaurusName><gmd:CI_Citation><gmd:title><gco:CharacterString>GEMET - INSPIRE themes, version 1.0</gco:CharacterString></gmd:title></gmd:CI_Citation></gmd:thesaurusName></gmd:MD_Keywords></gmd:descriptiveKeywords>\
        <gmd:topicCategory><gmd:MD_TopicCategoryCode>farming</gmd:MD_TopicCategoryCode></gmd:topicCategory>\
        <gmd:extent><gmd:EX_Extent><gmd:geographicElement><gmd:EX_GeographicBoundingBox><gmd:westBoundLongitude><gco:Decimal>5,5</gco:Decimal></gmd:westBoundLongitude><gmd:eastBoundLongitude><gco:Decimal>6</gco:Decimal></gmd:eastBoundLongitude><gmd:southBoundLatitude><gco:Decimal>51</gco:Decimal></gmd:southBoundLatitude><gmd:northBoundLatitude><gco:Decimal>50</gco:Decimal></gmd:northBoundLatitude></gmd:EX_GeographicBoundingBox></gmd:geographicElement></gmd:EX_Extent></gmd:extent>";
    let all = decoded(&csw(&page(1, &[record("a", info)])));
    let draft = all[0].draft.clone().unwrap();
    let german = LanguageTag::lenient("de");
    assert_eq!(draft.keyword, [(german.clone(), "Boden".to_owned()), (german, "Land use".to_owned())]);
    let themes: Vec<String> = iris(&draft.theme).into_iter().collect();
    assert_eq!(
        themes,
        ["http://inspire.ec.europa.eu/metadata-codelist/TopicCategory/farming", "http://inspire.ec.europa.eu/theme/lu"]
    );
    assert_eq!(draft.spatial[0].bbox, Some([5.5, 50.0, 6.0, 51.0]), "sides the wrong way round");
    assert!(all[0].findings.iter().any(|it| it.rule == "spatial-unreadable"));
}

#[test]
fn envelopes_that_are_no_catalogue_say_why() {
    for (text, says) in [
        (
            "<ows:ExceptionReport xmlns:ows=\"o\"><ows:Exception exceptionCode=\"InvalidParameterValue\"><ows:ExceptionText>no such schema</ows:ExceptionText></ows:Exception></ows:ExceptionReport>",
            "InvalidParameterValue: no such schema",
        ),
        ("<csw:Capabilities xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\"/>", "capabilities"),
        ("<OAI-PMH><request/><error code=\"badVerb\">which?</error></OAI-PMH>", "badVerb: which?"),
        ("<OAI-PMH><request/><Identify/></OAI-PMH>", "“Identify”"),
        ("<kml/>", "“kml”"),
        ("<MD_Metadata><a>", "cut off"),
        ("<MD_Metadata/>x", "follows the end"),
        ("x<MD_Metadata/>", "outside"),
    ] {
        let error = open_bytes(text.as_bytes(), Format::Csw, &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn limits_hold_for_xml() {
    let small = Limits { max_record_bytes: 2000, max_depth: 20, max_records: 2, ..Limits::default() };
    let read = |text: &str| open_bytes(text.as_bytes(), Format::Csw, &small);
    let long = record(
        "b",
        &format!("<gmd:abstract><gco:CharacterString>{}</gco:CharacterString></gmd:abstract>", "x ".repeat(900)),
    );
    let document = read(&page(2, &[record("a", ""), long])).unwrap();
    let all = decoded(&document);
    assert!(all[0].draft.is_some());
    assert_eq!(errors(&all[1].findings), ["record-too-large"]);
    let text = read(&format!("<MD_Metadata>{}</MD_Metadata>", "x".repeat(20_000)));
    assert!(matches!(text, Err(ReadError::TokenTooLong { .. })), "{text:?}");
    let deep = read(&format!("{}{}", "<MD_Metadata>".repeat(30), "</MD_Metadata>".repeat(30)));
    assert!(matches!(deep, Err(ReadError::TooDeep { limit: 20, .. })), "{deep:?}");
    let many = read(&page(3, &[record("a", ""), record("b", ""), record("c", "")]));
    assert!(matches!(many, Err(ReadError::TooManyRecords { limit: 2 })), "{many:?}");
}

#[test]
fn files_of_a_folder_fail_alone_and_are_known_by_name() {
    let mut folder = fairground_standards::Collector::default();
    folder.add("fgdc/a.xml", br#"<?xml version="1.0"?><!DOCTYPE metadata SYSTEM "http://x.example/fgdc.dtd"><metadata><idinfo><citation><citeinfo><title>Wells ]]> and &lt;springs&gt;</title></citeinfo></citation></idinfo></metadata>"#);
    folder.add("broken.xml", b"<metadata><idinfo>");
    folder.add(
        "utf16.xml",
        &"\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><dc><title>Größe</title></dc>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>(),
    );
    folder.add("latin.xml", b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><dc><title>Gr\xf6\xdfe</title></dc>");
    folder.add("page.xml", b"<html><body>Not here</body></html>");
    folder.add_too_large("huge.xml");
    assert_eq!(folder.files(), 6);
    let all = decoded(&open_bytes(&folder.finish(), Format::Waf, &Limits::default()).unwrap());
    let outcome: Vec<(&str, Option<&str>, Vec<&str>)> = all
        .iter()
        .map(|it| (it.key.as_str(), it.draft.as_ref().map(|draft| draft.title.any()), errors(&it.findings)))
        .collect();
    assert_eq!(
        outcome,
        [
            ("fgdc/a.xml", Some("Wells ]]> and <springs>"), vec![]),
            ("broken.xml", None, vec!["record-syntax"]),
            ("utf16.xml", Some("Größe"), vec![]),
            ("latin.xml", Some("Größe"), vec![]),
            ("page.xml", None, vec!["record-unknown-standard"]),
            ("huge.xml", None, vec!["record-too-large"]),
        ]
    );
}

#[test]
fn dublin_core_and_feeds_are_read_where_there_is_nothing_better() {
    let record = r#"<csw:Record xmlns:csw="http://www.opengis.net/cat/csw/2.0.2" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/" xmlns:ows="http://www.opengis.net/ows">
        <dc:identifier>urn:x:1</dc:identifier><dc:title xml:lang="fr">Sols</dc:title><dct:abstract>Carte</dct:abstract><dc:subject>sol</dc:subject><dc:type>service</dc:type>
        <dct:modified>2020-01-02</dct:modified><dct:references scheme="OGC:WMS">https://a.example/wms</dct:references>
        <ows:BoundingBox crs="urn:x-ogc:def:crs:EPSG:6.11:4326"><ows:LowerCorner>40 -10</ows:LowerCorner><ows:UpperCorner>50 5</ows:UpperCorner></ows:BoundingBox></csw:Record>"#;
    let text = format!(
        "<csw:GetRecordsResponse xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\"><csw:SearchResults>{record}</csw:SearchResults></csw:GetRecordsResponse>"
    );
    let document = csw(&text);
    assert_eq!((document.counts().services, document.len()), (1, 0));
    let draft = drafts(&document).remove(0);
    assert_eq!((draft.kind, draft.title.best(&[LanguageTag::lenient("fr")])), (ResourceKind::DataService, "Sols"));
    assert_eq!(draft.service.unwrap().endpoint_url, ["https://a.example/wms"]);
    assert_eq!(draft.spatial[0].bbox, Some([-10.0, 40.0, 5.0, 50.0]));
    let feed = r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>All</title><entry><id>e1</id><title>One</title><summary>S</summary><updated>2021-05-06T07:08:09Z</updated><author><name>Office</name></author><category term="soil"/><link rel="enclosure" href="https://a.example/x.csv" type="text/csv"/></entry></feed>"#;
    let draft = drafts(&csw(feed)).remove(0);
    assert_eq!(
        (draft.identifier.as_str(), draft.description.any(), draft.modified.as_deref()),
        ("e1", "S", Some("2021-05-06T07:08:09Z"))
    );
    assert_eq!(draft.distribution[0].download_url.as_deref(), Some("https://a.example/x.csv"));
}

#[test]
fn hosted_platforms_are_told_apart_and_read() {
    let socrata = r#"{"results":[{"resource":{"name":"Trees","id":"abcd-1234","description":"All","type":"dataset","attribution":"Parks","contact_email":"x@city.example","updatedAt":"2024-01-02T03:04:05.000Z","createdAt":"2020-01-02T03:04:05.000Z"},"classification":{"domain_category":"Nature","domain_tags":["tree"],"tags":[]},"metadata":{"domain":"data.city.example","license":"Public Domain"},"permalink":"https://data.city.example/d/abcd-1234","link":"https://data.city.example/Nature/Trees/abcd-1234"}],"resultSetSize":7}"#;
    let ods = r#"{"total_count":2,"results":[{"dataset_id":"arbres","has_records":true,"features":["geo"],"attachments":[],"metas":{"default":{"title":"Arbres","description":"<p>Tous</p>","theme":["Nature"],"keyword":["arbre"],"license":"Licence Ouverte v2.0","license_url":"https://www.etalab.gouv.fr/licence-ouverte","language":"fr","modified":"2024-01-02T03:04:05+00:00","publisher":"Ville","bbox":{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[1,2],[3,2],[3,4],[1,4],[1,2]]]},"properties":{}}},"dcat":{"created":"2019","contact_email":"x@ville.example"}},"$source":"https://data.ville.example"}]}"#;
    let hub = r#"{"type":"FeatureCollection","features":[{"id":"0123abcd_2","type":"Feature","geometry":null,"properties":{"id":"0123abcd","type":"Feature Service","title":"Hydrants","description":"All","tags":["fire"],"categories":["/Categories/Safety"],"source":"Fire Dept","created":1500000000000,"modified":1600000000000,"url":"https://services.example/arcgis/rest/services/H/FeatureServer","structuredLicense":{"url":"https://creativecommons.org/licenses/by/4.0/"},"licenseInfo":"x","orgId":"o","extent":{"type":"envelope","coordinates":[[1,2],[3,4]]}},"$source":"https://hub.example/"}],"numberMatched":1,"links":[]}"#;
    for (text, format, id, total, ways) in [
        (socrata, Format::Socrata, "abcd-1234", 7, 2),
        (ods, Format::Opendatasoft, "arbres", 2, 3),
        (hub, Format::Arcgis, "0123abcd_2", 1, 3),
    ] {
        assert_eq!(
            fairground_standards::detect(text.as_bytes(), &fairground_standards::Hints::default()).unwrap(),
            format
        );
        let document = open_bytes(text.as_bytes(), format, &Limits::default()).unwrap();
        assert_eq!((document.len(), document.declared_total()), (1, Some(total)), "{format}");
        let draft = drafts(&document).remove(0);
        assert_eq!((draft.identifier.as_str(), draft.distribution.len()), (id, ways), "{format}");
        assert!(
            draft.licence.is_some() && draft.publisher.is_some() && draft.modified.is_some() && draft.theme.len() == 1,
            "{format}"
        );
    }
    let draft = drafts(&open_bytes(ods.as_bytes(), Format::Opendatasoft, &Limits::default()).unwrap()).remove(0);
    assert_eq!(draft.spatial[0].bbox, Some([1.0, 2.0, 3.0, 4.0]));
    assert_eq!(
        draft.distribution[0].download_url.as_deref(),
        Some("https://data.ville.example/api/explore/v2.1/catalog/datasets/arbres/exports/csv")
    );
}

#[test]
fn mutilated_answers_are_read_or_refused_and_never_break_the_reader() {
    let pages = [
        page(2, &[record("a", "<gmd:abstract><gco:CharacterString>x &amp; y</gco:CharacterString></gmd:abstract>"), record("b", "")]),
        "<OAI-PMH><ListRecords><record><header><identifier>a</identifier></header><metadata><oai_dc:dc xmlns:oai_dc=\"o\"><title>T</title></oai_dc:dc></metadata></record><resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>".to_owned(),
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>e</id><title>&#x41;</title><link href=\"x\"/></entry></feed>".to_owned(),
    ];
    let limits = Limits::default();
    // A fixed sequence (Knuth's MMIX generator), so that a failure comes again.
    let mut state = 1_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let junk: [&[u8]; 8] =
        [b"<", b">", b"</", b"<![CDATA[", b"]]>", b"&", b"\xff", b"<!DOCTYPE a [<!ENTITY b \"c\">]>"];
    for round in 0..3000 {
        let mut bytes = pages[round % pages.len()].clone().into_bytes();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(3) {
                0 => drop(bytes.drain(at..(at + 1 + random(40)).min(bytes.len()))),
                1 => drop(bytes.splice(at..at, junk[random(junk.len())].iter().copied())),
                _ => bytes[at] = b"<>/&\"' a"[random(8)],
            }
            if bytes.is_empty() {
                bytes.push(b'<');
            }
        }
        let _ = fairground_standards::oai_pmh::answer(&bytes, &limits);
        if let Ok(page) = fairground_standards::csw::page(&bytes, &limits) {
            let written = fairground_standards::csw::write_page(&page.records, 1);
            let again = fairground_standards::csw::page(&written, &limits).unwrap();
            assert_eq!(again.records.len(), page.records.len(), "{}", String::from_utf8_lossy(&bytes));
        }
        if let Ok(document) = open_bytes(&bytes, Format::Csw, &limits) {
            assert!(decoded(&document).iter().all(|it| !it.key.is_empty()));
        }
    }
}

#[test]
fn dcat_inside_a_repositorys_record_is_read_as_dcat() {
    let rdf = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dct=\"http://purl.org/dc/terms/\"><dcat:Dataset rdf:about=\"https://a.example/d\"><dct:title xml:lang=\"en\">Soil</dct:title><dct:identifier>d</dct:identifier>\
        <dcat:distribution><dcat:Distribution><dcat:accessURL rdf:resource=\"https://a.example/d.csv\"/></dcat:Distribution></dcat:distribution></dcat:Dataset><dcat:DataService rdf:about=\"https://a.example/s\"><dct:title>Beside</dct:title></dcat:DataService></rdf:RDF>";
    let record = |id: &str, inner: &str| {
        format!("<record><header><identifier>{id}</identifier></header><metadata>{inner}</metadata></record>")
    };
    let text = format!(
        "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\" xmlns:dcat=\"http://www.w3.org/ns/dcat#\"><ListRecords>{}{}</ListRecords></OAI-PMH>",
        record("oai:1", rdf),
        record("oai:2", "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>")
    );
    let all = decoded(&open_bytes(text.as_bytes(), Format::OaiPmh, &Limits::default()).unwrap());
    assert_eq!((all[0].key.as_str(), all[1].key.as_str()), ("oai:1", "oai:2"));
    let draft = all[0].draft.as_ref().unwrap();
    assert_eq!(
        (draft.iri.as_deref(), draft.title.any(), draft.distribution.len()),
        (Some("https://a.example/d"), "Soil", 1)
    );
    assert_eq!(errors(&all[1].findings), ["record-syntax"]);
}
