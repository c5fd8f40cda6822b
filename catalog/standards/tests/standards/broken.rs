//! Broken and hostile documents: each has a named error, and none takes the process with it.

use std::io::Write;

use fairground_standards::{Document, Format, Limits, ReadError};

use crate::{decoded, errors, open_bytes, raw_records};

fn code(bytes: &[u8], format: Format) -> Result<u64, &'static str> {
    code_with(bytes, format, &Limits::default())
}

fn code_with(bytes: &[u8], format: Format, limits: &Limits) -> Result<u64, &'static str> {
    open_bytes(bytes, format, limits).map(|document| document.len()).map_err(|error| error.code())
}

#[test]
fn broken_json_is_named() {
    use Format::{Ckan, DcatUs};
    for (text, format, expected) in [
        ("", DcatUs, Err("empty")),
        (r#"{"dataset":[{"title":"a"},{"title":"b""#, DcatUs, Err("cut-off")),
        (r#"{"dataset":[{"title":"a"}]"#, DcatUs, Err("cut-off")),
        (r#"{"dataset":[{"title":"a"]}"#, DcatUs, Err("unbalanced")),
        (r#"{"dataset":[]} {"dataset":[]}"#, DcatUs, Err("trailing-garbage")),
        (r#"{"dataset":[{"a":1} {"b":2}]}"#, DcatUs, Err("syntax")),
        (r#"{"dataset":[],"dataset":[]}"#, DcatUs, Err("duplicate-key")),
        (r#"{"dataset":"none"}"#, DcatUs, Err("not-a-catalogue")),
        (r#"{"title":"a"}"#, DcatUs, Err("not-a-catalogue")),
        (r#""text""#, DcatUs, Err("not-a-catalogue")),
        (r#"{"dataset":[{},]}"#, DcatUs, Ok(1)),
        (r#"{"x":{"dataset":[1,2]},"dataset":[{}],"y":"]}"}"#, DcatUs, Ok(1)),
        (r#"[{},{}]"#, DcatUs, Ok(2)),
        (
            r#"{"success":false,"error":{"message":"Access denied","__type":"Authorization Error"}}"#,
            Ckan,
            Err("ckan-refused"),
        ),
        (r#"{"success":true,"result":["name-a","name-b"]}"#, Ckan, Err("not-a-catalogue")),
        (r#"{"success":true,"result":{"count":0,"results":[]}}"#, Ckan, Ok(0)),
        (r#"{"success":true,"result":[{"id":"a"}]}"#, Ckan, Ok(1)),
        (r#"{"success":true,"result":{"id":"a","title":"b"}}"#, Ckan, Ok(1)),
        (r#"{"success":true}"#, Ckan, Err("not-a-catalogue")),
    ] {
        assert_eq!(code(text.as_bytes(), format), expected, "{text}");
    }
    match open_bytes(br#"{"error":{"message":"Access denied"},"success":false}"#, Ckan, &Limits::default()) {
        Err(ReadError::CkanRefused { message }) => assert_eq!(message, "Access denied"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_error_says_where() {
    let text = "{\"dataset\": [\n  {\"title\": \"a\"},\n  {\"title\": \"b\"\n]}";
    match open_bytes(text.as_bytes(), Format::DcatUs, &Limits::default()) {
        Err(ReadError::Unbalanced { place, .. }) => assert_eq!((place.part, place.line, place.offset), (1, 4, 48)),
        other => panic!("{other:?}"),
    }
    let turtle =
        "<http://a/> a <http://www.w3.org/ns/dcat#Dataset> .\n<http://b/> a nonsense .\n<http://c/> a <http://d/> .\n";
    match open_bytes(turtle.as_bytes(), Format::Turtle, &Limits::default()) {
        Err(ReadError::Syntax { place, .. }) => assert_eq!((place.part, place.line), (1, 2)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn endless_brackets_stop_at_the_depth_limit_before_memory_is_spent() {
    // A long file, sparse after its first megabyte of brackets: the limit is passed long before; its length plays no part.
    for (format, bytes) in [(Format::DcatUs, 64 << 20), (Format::Ckan, 1 << 20), (Format::JsonLd, 1 << 20)] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&vec![b'['; 1 << 20]).unwrap();
        file.as_file().set_len(bytes).unwrap();
        match Document::open(&[file.path().to_owned()], format, &Limits::default()) {
            Err(ReadError::TooDeep { place, limit }) => assert!(place.offset <= 2 * limit as u64, "{place}"),
            other => panic!("{format}: {other:?}"),
        }
    }
    for (open, format) in [("<http://a/> <http://p/> ", Format::Turtle), ("<a>", Format::RdfXml)] {
        let deep = match format {
            Format::Turtle => format!("{open}{}", "( ".repeat(100_000)),
            _ => open.repeat(100_000),
        };
        assert_eq!(code(deep.as_bytes(), format), Err("too-deep"), "{format}");
    }
    // Inside a record, and just at the limit.
    let nested = |depth: usize| format!("{{\"dataset\":[{}{}]}}", "[".repeat(depth), "]".repeat(depth));
    let limits = Limits { max_depth: 10, ..Limits::default() };
    assert_eq!(code_with(nested(10).as_bytes(), Format::DcatUs, &limits), Ok(1));
    assert_eq!(code_with(nested(11).as_bytes(), Format::DcatUs, &limits), Err("too-deep"));
}

#[test]
fn limits_of_size_and_number_are_kept() {
    let text = br#"{"dataset":[{"identifier":"a","title":"A"},{"identifier":"b","title":"B","description":"long long long"}]}"#;
    let limit = |limits: Limits| code_with(text, Format::DcatUs, &limits);
    assert_eq!(limit(Limits { max_document_bytes: 20, ..Limits::default() }), Err("too-large"));
    assert_eq!(limit(Limits { max_records: 1, ..Limits::default() }), Err("too-many-records"));
    // A record that is too large is refused alone, under its own key.
    let limits = Limits { max_record_bytes: 40, ..Limits::default() };
    let all = decoded(&open_bytes(text, Format::DcatUs, &limits).unwrap());
    assert!(all[0].draft.is_some());
    assert_eq!((all[1].key.as_str(), errors(&all[1].findings)), ("b", vec!["record-too-large"]));
    let turtle =
        b"@prefix dcat: <http://www.w3.org/ns/dcat#> . <http://a/1> a dcat:Dataset . <http://a/2> a dcat:Dataset .";
    assert_eq!(
        code_with(turtle, Format::Turtle, &Limits { max_records: 1, ..Limits::default() }),
        Err("too-many-records")
    );
    let json_ld = br#"{"@id":"http://a/","@type":"http://www.w3.org/ns/dcat#Dataset"}"#;
    assert_eq!(
        code_with(json_ld, Format::JsonLd, &Limits { max_json_ld_bytes: 10, ..Limits::default() }),
        Err("too-large")
    );
}

#[test]
fn one_bad_record_fails_alone() {
    let text = r#"{"dataset":[
        {"identifier":"good","title":"Good"},
        "a text", 7, null, [],
        {"identifier":"broken","title":"x" "y"},
        {"identifier":"twice","title":"First","title":"Second"},
        {"identifier":"controls","title":"a
b"},
        {"title":"No identifier"},
        {"identifier":"no-title"}
    ]}"#;
    let document = open_bytes(text.as_bytes(), Format::DcatUs, &Limits::default()).unwrap();
    assert_eq!(document.len(), 10);
    let all = decoded(&document);
    let rules: Vec<Vec<&str>> = all.iter().map(|it| errors(&it.findings)).collect();
    let object = vec!["record-not-an-object"];
    assert_eq!(
        rules,
        [
            vec![],
            object.clone(),
            object.clone(),
            object.clone(),
            object,
            vec!["record-syntax"],
            vec![],
            vec![],
            vec!["identifier-missing"],
            vec!["title-missing"]
        ]
    );
    assert_eq!(all[5].key, "broken", "a broken record still says which one it is");
    assert_eq!(all[6].draft.as_ref().unwrap().title.any(), "Second");
    assert!(all[6].findings.iter().any(|it| it.rule == "key-duplicate"));
    assert_eq!(all[7].draft.as_ref().unwrap().title.any(), "a\nb");
    assert_eq!(all[9].key, "no-title");
}

#[test]
fn encodings_are_found_out_and_broken_bytes_are_named() {
    let text = r#"{"dataset":[{"identifier":"a","title":"Qualité de l’air à Zürich – données"}]}"#;
    let title = |bytes: &[u8]| {
        let document = open_bytes(bytes, Format::DcatUs, &Limits::default()).unwrap();
        decoded(&document)[0].draft.as_ref().unwrap().title.any().to_owned()
    };
    let wide = |big: bool, mark: bool| -> Vec<u8> {
        let text = if mark { format!("\u{feff}{text}") } else { text.to_owned() };
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let expected = "Qualité de l’air à Zürich – données";
    let (windows, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    for (name, bytes) in [
        ("UTF-8", text.as_bytes().to_vec()),
        ("UTF-8 with mark", format!("\u{feff}{text}").into_bytes()),
        ("UTF-16LE", wide(false, true)),
        ("UTF-16BE", wide(true, true)),
        ("UTF-16LE without mark", wide(false, false)),
        ("Windows-1252", windows.into_owned()),
    ] {
        assert_eq!(title(&bytes), expected, "{name}");
    }
    // One broken byte in a UTF-8 document spoils only its record.
    let mut damaged = r#"{"dataset":[{"identifier":"a","title":"Zürich Zürich"},{"identifier":"b","title":"x?"}]}"#
        .as_bytes()
        .to_vec();
    let at = damaged.iter().position(|b| *b == b'?').unwrap();
    damaged[at] = 0xff;
    let document = open_bytes(&damaged, Format::DcatUs, &Limits::default()).unwrap();
    let all = decoded(&document);
    assert!(all[0].findings.iter().all(|it| it.rule != "utf8-invalid"));
    assert!(all[1].findings.iter().any(|it| it.rule == "utf8-invalid"));
    assert_eq!(all[1].draft.as_ref().unwrap().title.any(), "x\u{fffd}");
    let mut turtle = "<http://a/> <http://p> \"Zürich Zürich ?\" .".as_bytes().to_vec();
    let at = turtle.iter().position(|b| *b == b'?').unwrap();
    turtle[at] = 0xff;
    match open_bytes(&turtle, Format::Turtle, &Limits::default()) {
        Err(ReadError::Encoding { place, bytes, .. }) => assert_eq!((place.offset, &bytes[..2]), (at as u64, "FF")),
        other => panic!("{other:?}"),
    }
    let xml = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dcat=\"http://www.w3.org/ns/dcat#\" xmlns:dct=\"http://purl.org/dc/terms/\"><dcat:Dataset rdf:about=\"http://a/1\"><dct:title>Città</dct:title></dcat:Dataset></rdf:RDF>";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(xml);
    let document = open_bytes(&latin, Format::RdfXml, &Limits::default()).unwrap();
    assert_eq!(decoded(&document)[0].draft.as_ref().unwrap().title.any(), "Città");
}

#[test]
fn broken_rdf_is_named() {
    use Format::{JsonLd, NTriples, RdfXml, Turtle};
    let rdf = |inner: &str| {
        format!(
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dcat=\"http://www.w3.org/ns/dcat#\">{inner}"
        )
    };
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]>";
    let external = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>";
    let dataset = "<dcat:Dataset rdf:about=\"http://a/1\"/>";
    for (text, format, expected) in [
        (rdf(dataset), RdfXml, Err("cut-off")),
        (rdf(&format!("{dataset}</rdf:RDF>")), RdfXml, Ok(1)),
        (rdf(&format!("{dataset}</rdf:RDF><x/>")), RdfXml, Err("trailing-garbage")),
        (rdf("<dcat:Dataset></dcat:Other></rdf:RDF>"), RdfXml, Err("syntax")),
        (rdf("</rdf:RDF>"), RdfXml, Err("not-a-catalogue")),
        (format!("{laughs}{}", rdf(&format!("{dataset}</rdf:RDF>"))), RdfXml, Err("xml-entities")),
        (format!("{external}{}", rdf(&format!("{dataset}</rdf:RDF>"))), RdfXml, Err("xml-entities")),
        (rdf(&format!("{dataset}\u{0}</rdf:RDF>")), RdfXml, Err("syntax")),
        ("<http://a/> a <http://www.w3.org/ns/dcat#Dataset> ; <http://p/> \"x".to_owned(), Turtle, Err("cut-off")),
        (
            "<http://a/> a <http://www.w3.org/ns/dcat#Dataset> ; <http://p/> [ <http://q/> 1".to_owned(),
            Turtle,
            Err("cut-off"),
        ),
        ("<http://a/> a <http://www.w3.org/ns/dcat#Dataset>".to_owned(), Turtle, Err("cut-off")),
        ("<http://a/> a <http://www.w3.org/ns/dcat#Distribution> .".to_owned(), Turtle, Err("not-a-catalogue")),
        ("<http://a/> <http://p/> <http://b/>\n".to_owned(), NTriples, Err("syntax")),
        (r#"{"@id":"http://a/","@type":"http://www.w3.org/ns/dcat#Dataset""#.to_owned(), JsonLd, Err("cut-off")),
        (
            r#"{"@context":"https://elsewhere.example/c.jsonld","@type":"Dataset"}"#.to_owned(),
            JsonLd,
            Err("remote-context"),
        ),
        (r#"{"@context":"https://schema.org/","@type":"Dataset"}"#.to_owned(), JsonLd, Err("not-a-catalogue")),
    ] {
        let found = code(text.as_bytes(), format);
        // N-Triples without its last full stop may be called either.
        let cut = format == NTriples && found == Err("cut-off");
        assert!(found == expected || cut, "{text}: {found:?}");
    }
}

#[test]
fn a_dataset_that_drags_half_the_graph_along_is_refused_alone() {
    let mut turtle =
        String::from("@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .\n");
    turtle.push_str(
        "<http://a/1> a dcat:Dataset ; dct:title \"One\" .\n<http://a/2> a dcat:Dataset ; dct:title \"Two\" .\n",
    );
    for number in 0..200 {
        turtle.push_str(&format!(
            "<http://a/2> dcat:distribution <http://a/d{number}> .\n<http://a/d{number}> dct:title \"{number}\" .\n"
        ));
    }
    let limits = Limits { max_record_bytes: 8000, ..Limits::default() };
    let document = open_bytes(turtle.as_bytes(), Format::Turtle, &limits).unwrap();
    let all = decoded(&document);
    assert!(all[0].draft.is_some());
    assert_eq!(errors(&all[1].findings)[0], "record-too-large");
    assert_eq!(all[1].key, "http://a/2");
    assert!(raw_records(&document)[1].bytes.len() <= 8000);
}
