//! Which format a document is in.

use fairground_standards::{Format, Hints, ReadError, detect};

#[test]
fn content_tells_the_format_before_name_and_content_type() {
    let lie = Hints { content_type: Some("text/html"), name: Some("catalog.xml") };
    for (head, format) in [
        (r#"{"conformsTo":"https://project-open-data.cio.gov/v1.1/schema","dataset":[{"#, Format::DcatUs),
        (
            r#"{"@context":"https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld","@type":"dcat:Catalog","x":[{"#,
            Format::DcatUs,
        ),
        (r#"{"@type":"Catalog","service":[{"title":"#, Format::DcatUs),
        (r#"[{"title":"a","identifier":"b","accessLevel":"public"}]"#, Format::DcatUs),
        ("\u{feff}{\"dataset\":[]}", Format::DcatUs),
        (r#"{"help":"x","success":true,"result":{"count":3"#, Format::Ckan),
        (r#"{"help":"x","success":false,"error":{}}"#, Format::Ckan),
        (r#"[{"id":"1","resources":[],"license_id":""}]"#, Format::Ckan),
        (r#"{"@context":{"dcat":"http://www.w3.org/ns/dcat#"},"@graph":["#, Format::JsonLd),
        (r#"{"@context":{"a":"b"},"dataset":[]}"#, Format::JsonLd),
        (r#"[{"@id":"http://a/","http://purl.org/dc/terms/title":[]}]"#, Format::JsonLd),
        (r#"{"@context":"https://elsewhere.example/c.jsonld","@type":"dcat:Dataset"}"#, Format::JsonLd),
        (
            "<?xml version=\"1.0\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">",
            Format::RdfXml,
        ),
        (
            "<!-- all of them --><csw:GetRecordsResponse xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
             xmlns:csw=\"http://www.opengis.net/cat/csw/2.0.2\">",
            Format::Csw,
        ),
        (
            "<dcat:Catalog xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dcat=\"http://www.w3.org/ns/dcat#\">",
            Format::RdfXml,
        ),
        ("@prefix dcat: <http://www.w3.org/ns/dcat#> .", Format::Turtle),
        ("# comment\nPREFIX dcat: <x>\n", Format::Turtle),
        ("<http://a/b>\n  a <http://c/> ;", Format::Turtle),
        ("[ a <http://www.w3.org/ns/dcat#Dataset> ] .", Format::Turtle),
        ("<http://a/b> <http://p> \"x\" .\n<http://a/b> <http://q> <http://c> .", Format::NTriples),
        ("_:a <http://p> \"x\" .", Format::NTriples),
    ] {
        assert_eq!(detect(head.as_bytes(), &lie).expect(head), format, "{head}");
    }
}

#[test]
fn name_then_content_type_decide_what_content_leaves_open() {
    let head = br#"{"title": "x"}"#;
    let hints = |name, content_type| Hints { content_type, name };
    assert_eq!(
        detect(head, &hints(Some("https://a.example/data.json?x"), Some("application/ld+json"))).unwrap(),
        Format::DcatUs
    );
    assert_eq!(detect(head, &hints(None, Some("application/ld+json; charset=utf-8"))).unwrap(), Format::JsonLd);
    assert!(matches!(detect(head, &hints(None, None)), Err(ReadError::UnknownFormat { .. })));
}

#[test]
fn what_is_no_catalogue_has_a_name() {
    let none = Hints::default();
    let code = |head: &[u8]| detect(head, &none).map_err(|error| error.code());
    assert_eq!(code(b""), Err("empty"));
    assert_eq!(code(b"\xef\xbb\xbf \r\n"), Err("empty"));
    assert_eq!(code(b"PK\x03\x04rest"), Err("binary"));
    assert_eq!(code(b"\x1f\x8b\x08"), Err("binary"));
    assert_eq!(code(b"\x00\x01\x02\x03\x00\x00"), Err("binary"));
    assert_eq!(code(b"Not found"), Err("unknown-format"));
    assert_eq!(code(b"<error>no</error>"), Err("unknown-format"));
    match detect(b"<!DOCTYPE html>\n<html><head><TITLE>\n Sign  in </TITLE>", &none) {
        Err(ReadError::HtmlPage { title }) => assert_eq!(title, "Sign in"),
        other => panic!("{other:?}"),
    }
    let utf16: Vec<u8> = "\u{feff}{\"dataset\":[]}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(code(&utf16), Ok(Format::DcatUs));
}

#[test]
fn formats_have_names_that_read_back() {
    for name in ["dcat-us", "rdf-xml", "turtle", "n-triples", "json-ld", "ckan"] {
        let format: Format = name.parse().unwrap();
        assert_eq!(format.as_str(), name);
        assert_eq!(serde_json::to_string(&format).unwrap(), format!("\"{name}\""));
    }
    assert!("csv".parse::<Format>().is_err());
    assert_eq!(Format::Turtle.kind(), "dcat");
}
