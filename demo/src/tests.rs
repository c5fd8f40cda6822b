#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::entry::{File, Kind};
use crate::form::{Csv, Form};
use crate::{Agencies, Agency, SYSTEMS};

/// What came back from one request.
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// One request with extra header lines; the connection is closed after the answer, so its end is the body's end.
async fn ask(method: &str, url: &str, headers: &str) -> Answer {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an http address");
    let mut stream = TcpStream::connect(host).await.expect("the server listens");
    let request = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.expect("the request goes out");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer comes");
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("an ASCII head");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

async fn get(url: &str) -> Answer {
    ask("GET", url, "").await
}

fn base(agency: &Agency) -> &str {
    let end = agency.url[7..].find('/').map_or(agency.url.len(), |at| at + 7);
    &agency.url[..end]
}

#[tokio::test]
async fn every_file_but_the_one_that_is_gone_answers_with_its_declared_type_and_rows() {
    let agencies = Agencies::start().await.unwrap();
    let mut gone = Vec::new();
    let mut wrong = Vec::new();
    for (agency, system) in agencies.list().iter().zip(SYSTEMS) {
        for (_, file) in system.files() {
            let answer = get(&format!("{}/files/{}", base(agency), file.name)).await;
            if file.form == Form::Gone {
                assert_eq!(answer.status, 404, "{}", file.name);
                gone.push(file.name);
                continue;
            }
            assert_eq!(answer.status, 200, "{}", file.name);
            let sent = answer.header("content-type").unwrap();
            assert_eq!(sent.split(';').next(), Some(file.form.media_type()), "{}", file.name);
            let rows = rows(file, &answer.body);
            if rows != file.rows {
                wrong.push(format!("{} has {rows} rows, not {}", file.name, file.rows));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(gone, ["parking-meters-2019.csv"]);
    agencies.stop().await;
}

/// Counts a file's rows as a reader would, and checks that all are equally long but the one meant to be ragged.
fn rows(file: &File, body: &[u8]) -> usize {
    let latin1 = matches!(file.form, Form::Csv(Csv { latin1: true, .. }));
    assert_eq!(std::str::from_utf8(body).is_err(), latin1, "{} is UTF-8 unless it is the ISO-8859-1 one", file.name);
    let text: String =
        if latin1 { body.iter().copied().map(char::from).collect() } else { String::from_utf8(body.to_vec()).unwrap() };
    match file.form {
        Form::Csv(Csv { delimiter, ragged_row, bom, .. }) => {
            assert_eq!(text.starts_with('\u{feff}'), bom, "{}", file.name);
            count_csv(file.name, &text, delimiter, ragged_row)
        }
        Form::Tsv => count_csv(file.name, &text, '\t', None),
        Form::Json => serde_json::from_str::<Vec<Value>>(&text).expect(file.name).len(),
        Form::Ndjson => {
            text.lines().filter(|line| serde_json::from_str::<Value>(line).expect(file.name).is_object()).count()
        }
        Form::GeoJson => {
            let collection: Value = serde_json::from_str(&text).expect(file.name);
            let features = collection["features"].as_array().expect(file.name);
            assert!(features.iter().all(|feature| feature["geometry"]["type"].is_string()), "{}", file.name);
            features.len()
        }
        Form::Gone => 0,
    }
}

fn count_csv(name: &str, text: &str, delimiter: char, ragged: Option<usize>) -> usize {
    let mut lines = text.lines();
    let width = fields(lines.next().expect("a head line"), delimiter);
    let widths: Vec<usize> = lines.map(|line| fields(line, delimiter)).collect();
    let uneven: Vec<usize> = widths.iter().zip(1..).filter(|(found, _)| **found != width).map(|(_, row)| row).collect();
    assert_eq!(uneven, ragged.into_iter().collect::<Vec<_>>(), "{name}");
    widths.len()
}

/// Values in a line; no authored value holds a line break.
fn fields(line: &str, delimiter: char) -> usize {
    let mut inside = false;
    1 + line
        .chars()
        .filter(|c| {
            inside ^= *c == '"';
            *c == delimiter && !inside
        })
        .count()
}

#[tokio::test]
async fn the_rdf_catalogue_says_the_same_in_turtle_and_in_rdf_xml() {
    let agencies = Agencies::start().await.unwrap();
    let agency = &agencies.list()[0];
    assert_eq!(agency.kind, "dcat");
    let turtle = get(&agency.url).await;
    assert_eq!(turtle.header("content-type"), Some("text/turtle; charset=utf-8"));
    let triples: Vec<_> =
        oxttl::TurtleParser::new().for_slice(&turtle.body).map(|triple| triple.expect("valid Turtle")).collect();
    let of_class = |class: &str| {
        triples
            .iter()
            .filter(|triple| {
                triple.predicate == oxrdf::vocab::rdf::TYPE
                    && triple.object.to_string() == format!("<http://www.w3.org/ns/dcat#{class}>")
            })
            .count()
    };
    let counts = ["Catalog", "Dataset", "DatasetSeries", "Distribution", "DataService"].map(of_class);
    assert_eq!(counts, [1, 15, 1, 25, 1]);
    for language in ["en", "fr", "de"] {
        let titles = turtle.text().matches(&format!("\"@{language} ;")).count();
        assert!(titles > 30, "{titles} texts in {language}");
    }
    let negotiated = ask("GET", &format!("{}/catalog", base(agency)), "Accept: application/rdf+xml\r\n").await;
    assert_eq!(negotiated.header("content-type"), Some("application/rdf+xml"));
    let xml: Vec<_> = oxrdfxml::RdfXmlParser::new()
        .for_slice(&negotiated.body)
        .map(|triple| triple.expect("valid RDF/XML"))
        .collect();
    assert_eq!(xml.len(), triples.len());
    let plain = get(&format!("{}/catalog", base(agency))).await;
    assert_eq!(plain.body, turtle.body);
    agencies.stop().await;
}

#[tokio::test]
async fn the_data_json_names_every_required_field_and_only_live_addresses() {
    let agencies = Agencies::start().await.unwrap();
    let agency = &agencies.list()[1];
    assert_eq!(agency.kind, "dcat-us");
    let catalogue = get(&agency.url).await.json();
    let datasets = catalogue["dataset"].as_array().unwrap();
    assert_eq!(datasets.len(), 16);
    for dataset in datasets {
        for field in [
            "title",
            "description",
            "keyword",
            "modified",
            "publisher",
            "contactPoint",
            "identifier",
            "accessLevel",
            "distribution",
        ] {
            assert!(!dataset[field].is_null(), "{field} of {}", dataset["identifier"]);
        }
        let page = get(dataset["landingPage"].as_str().unwrap()).await;
        assert_eq!(page.status, 200);
        for distribution in dataset["distribution"].as_array().unwrap() {
            assert!(distribution["downloadURL"].as_str().unwrap().starts_with(base(agency)));
        }
    }
    agencies.stop().await;
}

#[tokio::test]
async fn pages_of_the_package_search_add_up_to_its_count() {
    let agencies = Agencies::start().await.unwrap();
    let agency = &agencies.list()[2];
    assert_eq!(agency.kind, "ckan");
    let action = |call: &str| {
        let url = format!("{}/api/3/action/{call}", base(agency));
        async move { get(&url).await }
    };
    let mut names = Vec::new();
    for start in (0..20).step_by(5) {
        let page = action(&format!("package_search?start={start}&rows=5")).await.json();
        assert_eq!(page["result"]["count"], 12);
        names.extend(
            page["result"]["results"]
                .as_array()
                .unwrap()
                .iter()
                .map(|package| package["name"].as_str().unwrap().to_owned()),
        );
    }
    let listed: Vec<String> = serde_json::from_value(action("package_list").await.json()["result"].clone()).unwrap();
    assert_eq!(names, listed, "each package once, in the order of the list");
    let first = action("package_show?id=stops").await.json();
    let id = first["result"]["id"].as_str().unwrap();
    assert_eq!(action(&format!("package_show?id={id}")).await.json()["result"]["name"], "stops");
    assert_eq!(first["result"]["resources"].as_array().unwrap().len(), 2);
    assert_eq!(action("package_search?q=ferries+wind").await.json()["result"]["count"], 1);
    assert_eq!(action("package_show?id=nothing").await.status, 404);
    assert_eq!(action("no_such_action").await.status, 400);
    assert_eq!(action("status_show").await.json()["success"], true);
    assert_eq!(action("organization_list").await.json()["result"], serde_json::json!(["merrow-transit"]));
    agencies.stop().await;
}

#[tokio::test]
async fn a_caller_that_has_the_current_version_is_told_so() {
    let agencies = Agencies::start().await.unwrap();
    for url in [
        agencies.list()[0].url.clone(),
        agencies.list()[1].url.clone(),
        format!("{}/files/stops.csv", base(&agencies.list()[2])),
    ] {
        let first = get(&url).await;
        let (tag, date) = (first.header("etag").unwrap(), first.header("last-modified").unwrap());
        for (headers, status) in [
            (format!("If-None-Match: {tag}\r\n"), 304),
            (format!("If-None-Match: \"other\", W/{tag}\r\n"), 304),
            (format!("If-Modified-Since: {date}\r\n"), 304),
            (format!("If-None-Match: \"other\"\r\nIf-Modified-Since: {date}\r\n"), 200),
            ("If-Modified-Since: Thu, 01 Jan 2015 00:00:00 GMT\r\n".to_owned(), 200),
        ] {
            let again = ask("GET", &url, &headers).await;
            assert_eq!(again.status, status, "{url} with {headers}");
            assert_eq!(again.header("etag"), Some(tag));
            assert_eq!(again.body.is_empty(), status == 304);
        }
        let head = ask("HEAD", &url, "").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        assert_eq!(ask("POST", &url, "Content-Length: 0\r\n").await.status, 405);
    }
    agencies.stop().await;
}

#[tokio::test]
async fn identifiers_and_bytes_stay_when_ports_change() {
    let (one, two) = (Agencies::start().await.unwrap(), Agencies::start().await.unwrap());
    for (left, right) in one.list().iter().zip(two.list()).take(2) {
        assert_ne!(left.url, right.url);
        let (old, new) = (get(&left.url).await.text(), get(&right.url).await.text());
        assert_eq!(old.replace(base(left), ""), new.replace(base(right), ""));
    }
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_taken_port_gives_way_to_a_free_one() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let agencies = Agencies::start_on([port, 0, 0]).await.unwrap();
    let url = agencies.list()[0].url.clone();
    assert!(!url.contains(&format!(":{port}/")));
    assert_eq!(get(&url).await.status, 200);
    agencies.stop().await;
    assert!(TcpStream::connect(base_host(&url)).await.is_err(), "it has stopped");
}

fn base_host(url: &str) -> &str {
    url[7..].split('/').next().unwrap()
}

#[test]
fn the_register_is_coherent_and_names_nobody_real() {
    let (mut slugs, mut files) = (BTreeSet::new(), BTreeSet::new());
    // What README.md says of each system.
    assert_eq!(SYSTEMS.map(|system| (system.entries.len(), system.files().count())), [(15, 25), (16, 26), (12, 20)]);
    for system in SYSTEMS {
        assert!(system.email.ends_with(".example") && system.site.ends_with(".example"));
        for entry in system.entries {
            assert!(slugs.insert(entry.slug), "{} twice", entry.slug);
            assert!(entry.modified.parse::<jiff::Timestamp>().is_ok(), "{}", entry.slug);
            assert!(entry.issued.parse::<jiff::civil::Date>().is_ok(), "{}", entry.slug);
            assert!(entry.issued <= &entry.modified[..10], "{} changed before it was issued", entry.slug);
            assert!(!entry.files.is_empty() && entry.keywords.len() >= 3);
            let languages = if system.kind == Kind::Dcat { 3 } else { 1 };
            assert_eq!(
                (entry.title.each().count(), entry.about.each().count()),
                (languages, languages),
                "{}",
                entry.slug
            );
        }
        for (_, file) in system.files() {
            assert!(files.insert(file.name), "{} twice", file.name);
            if file.form == Form::Gone {
                continue;
            }
            let table = (file.table)();
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", file.name);
            let bytes = file.form.write(&table);
            assert!(!bytes.contains(&b'@'), "{} has an address in it", file.name);
        }
    }
}
