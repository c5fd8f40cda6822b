//! Whole sources: single documents, and CKAN portals that change while they are read.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use fairground_harvester::fetch::{Conditional, FetchError};
use fairground_harvester::gather::{GatherError, GatherRequest, Gathered, Kind, Location, Spool, gather};
use fairground_harvester::{Stop, StopReason};
use fairground_standards::{Format, ReadError};
use serde_json::{Value, json};

use crate::agency::{Agency, Answer, Asked};
use crate::fetching::{brisk, fetcher};

const CATALOGUE: &str = r#"{"conformsTo": "https://project-open-data.cio.gov/v1.1/schema", "dataset": []}"#;

async fn gather_into(folder: &Path, location: &Location, kind: Option<Kind>) -> Result<Gathered, GatherError> {
    let conditional = Conditional::default();
    let request = GatherRequest { location, kind, conditional: &conditional, since: None, folder };
    gather(&fetcher(brisk()), &request, &Stop::new(), &|_| {}).await
}

fn spooled(gathered: Result<Gathered, GatherError>) -> Spool {
    match gathered.unwrap() {
        Gathered::Spooled(spool) => spool,
        Gathered::NotModified => panic!("nothing was known before"),
    }
}

fn web(agency: &Agency, target: &str) -> Location {
    Location::Web(agency.url(target))
}

fn kind(name: &str) -> Option<Kind> {
    Some(name.parse().unwrap())
}

#[tokio::test]
async fn a_document_is_gathered_once_and_found_again_after_a_crash() {
    let agency = Agency::start(|_| Answer::ok(CATALOGUE).header("ETag", "\"1\""));
    let folder = tempfile::tempdir().unwrap();
    let first = spooled(gather_into(folder.path(), &web(&agency, "/data.json"), None).await);
    assert_eq!(first.manifest.format, Format::DcatUs);
    assert_eq!(first.manifest.validators.etag.as_deref(), Some("\"1\""));
    assert!(first.manifest.complete);
    assert_eq!(std::fs::read_to_string(&first.parts[0]).unwrap(), CATALOGUE);
    // Finished, and once more as if the end had been lost.
    assert_eq!(spooled(gather_into(folder.path(), &web(&agency, "/data.json"), None).await), first);
    std::fs::remove_file(folder.path().join("complete")).unwrap();
    assert_eq!(spooled(gather_into(folder.path(), &web(&agency, "/data.json"), None).await), first);
    assert_eq!(agency.asked().len(), 1);
}

#[tokio::test]
async fn what_comes_in_place_of_a_catalogue_is_named() {
    let agency = Agency::start(|asked| match asked.path() {
        path if path.starts_with("/html") => Answer::ok("<!DOCTYPE html><html><title>Please sign in</title></html>"),
        "/empty" => Answer::ok(""),
        "/zip" => Answer::ok("PK\x03\x04 and so on"),
        _ => Answer::ok(CATALOGUE),
    });
    let folder = || tempfile::tempdir().unwrap();
    let fails = async |target: &str, kind: Option<Kind>| {
        gather_into(folder().path(), &web(&agency, target), kind).await.expect_err(target)
    };
    assert!(
        matches!(fails("/html", None).await, GatherError::Read(ReadError::HtmlPage { title }) if title == "Please sign in")
    );
    assert!(matches!(fails("/empty", None).await, GatherError::Read(ReadError::Empty)));
    assert!(matches!(fails("/zip", kind("dcat")).await, GatherError::Read(ReadError::Binary { .. })));
    let other = fails("/data.json", kind("dcat")).await;
    assert!(matches!(other, GatherError::OtherKind { found: Format::DcatUs, .. }), "{other}");
    assert!(matches!(fails("/html", kind("ckan")).await, GatherError::Read(ReadError::HtmlPage { .. })));
    let other = fails("/data.json", kind("ckan")).await;
    assert!(matches!(other, GatherError::OtherKind { found: Format::DcatUs, .. }), "{other}");
    let not_ckan = fails("/elsewhere", kind("ckan")).await;
    assert!(matches!(not_ckan, GatherError::NotCkan { .. }), "{not_ckan}");
}

#[tokio::test]
async fn a_local_file_is_gathered_and_a_missing_one_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("data.json");
    std::fs::write(&file, CATALOGUE).unwrap();
    let spool = spooled(gather_into(&folder.path().join("spool"), &Location::File(file), None).await);
    assert_eq!(spool.manifest.bytes, CATALOGUE.len() as u64);
    let missing = Location::File(folder.path().join("none.json"));
    let error = gather_into(&folder.path().join("other"), &missing, None).await.unwrap_err();
    assert!(matches!(error, GatherError::Fetch(FetchError::File { .. })), "{error}");
}

/// A CKAN portal whose packages a test may change at any request.
#[derive(Clone, Default)]
struct Portal {
    packages: Arc<Mutex<BTreeSet<String>>>,
}

impl Portal {
    fn with(count: usize) -> Self {
        let portal = Self::default();
        portal.packages.lock().unwrap().extend((0..count).map(|n| format!("package-{:05}", n * 10)));
        portal
    }

    fn answer(&self, asked: &Asked) -> Answer {
        assert_eq!(asked.query("sort").as_deref(), Some("id asc"));
        let number = |name: &str| asked.query(name).unwrap().parse::<usize>().unwrap();
        let packages = self.packages.lock().unwrap();
        let page: Vec<Value> = packages
            .iter()
            .skip(number("start"))
            .take(number("rows"))
            .map(|id| json!({"id": id, "name": id, "title": format!("Title of {id}"), "resources": []}))
            .collect();
        Answer::ok(json!({"success": true, "result": {"count": packages.len(), "results": page}}).to_string())
    }
}

/// The ids in a spool's parts, in order.
fn ids(spool: &Spool) -> Vec<String> {
    let mut ids = Vec::new();
    for part in &spool.parts {
        let page: Value = serde_json::from_slice(&std::fs::read(part).unwrap()).unwrap();
        ids.extend(page["result"]["results"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap().to_owned()));
    }
    ids
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

async fn gather_portal(
    answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    target: &str,
) -> Result<Spool, GatherError> {
    let agency = Agency::start(answer);
    let folder = tempfile::tempdir().unwrap();
    let gathered = gather_into(folder.path(), &web(&agency, target), kind("ckan")).await?;
    let Gathered::Spooled(mut spool) = gathered else { panic!("paged sources have no validators") };
    // The folder goes with this function: what a test needs is read here.
    let ids = ids(&spool);
    spool.manifest.location = ids.join(" ");
    Ok(spool)
}

fn gathered_ids(spool: &Spool) -> Vec<String> {
    spool.manifest.location.split_whitespace().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_portal_is_read_to_its_end_whatever_address_is_given() {
    for target in ["/", "/en/", "/api/3/action/package_search?rows=7", "/api/3"] {
        let portal = Portal::with(30);
        let expected: Vec<String> = portal.packages.lock().unwrap().iter().cloned().collect();
        let spool = gather_portal(
            move |asked| {
                if asked.path() == "/api/3/action/package_search" {
                    portal.answer(asked)
                } else {
                    Answer::new(404, "no")
                }
            },
            target,
        )
        .await
        .unwrap();
        assert_eq!(gathered_ids(&spool), expected, "{target}");
        assert!(spool.manifest.complete);
        assert_eq!(spool.manifest.format, Format::Ckan);
        assert_eq!(spool.manifest.notes, Vec::<String>::new());
    }
}

#[tokio::test]
async fn an_empty_portal_is_a_complete_empty_catalogue() {
    let portal = Portal::default();
    let spool = gather_portal(move |asked| portal.answer(asked), "/").await.unwrap();
    assert!(spool.manifest.complete);
    assert_eq!(spool.parts.len(), 1);
}

#[tokio::test]
async fn records_that_come_and_go_while_paging_cost_none_of_the_others() {
    let portal = Portal::with(40);
    let packages = Arc::clone(&portal.packages);
    let spool = gather_portal(
        move |asked| {
            let mut packages = portal.packages.lock().unwrap();
            match asked.number {
                // Ten that were read already go, so that everything behind them moves forward.
                2 => packages.retain(|id| id.as_str() > "package-00095"),
                // New ones before the position move everything back.
                4 => packages.extend((0..5).map(|n| format!("package-0000{n}"))),
                _ => {}
            }
            drop(packages);
            portal.answer(asked)
        },
        "/api/3/action/package_search?rows=6",
    )
    .await
    .unwrap();
    let got = gathered_ids(&spool);
    let there: BTreeSet<String> = packages.lock().unwrap().clone();
    let new: BTreeSet<String> = (0..5).map(|n| format!("package-0000{n}")).collect();
    for id in there.difference(&new) {
        assert!(got.contains(id), "{id} was skipped");
    }
    assert_eq!(sorted(got.clone()).windows(2).filter(|pair| pair[0] == pair[1]).count(), 0, "something came twice");
    assert!(!spool.manifest.notes.is_empty());
}

#[tokio::test]
async fn a_portal_that_gives_fewer_than_it_announces_is_not_complete() {
    let spool = gather_portal(
        |asked| {
            let start: usize = asked.query("start").unwrap().parse().unwrap();
            let page: Vec<Value> = (start..12.max(start)).map(|n| json!({"id": format!("p{n:02}")})).take(5).collect();
            Answer::ok(json!({"success": true, "result": {"count": 20, "results": page}}).to_string())
        },
        "/",
    )
    .await
    .unwrap();
    assert_eq!(gathered_ids(&spool).len(), 12);
    assert!(!spool.manifest.complete);
    assert!(spool.manifest.notes.iter().any(|note| note.contains("announced 20")), "{:?}", spool.manifest.notes);
}

#[tokio::test]
async fn a_portal_that_ignores_paging_is_named_instead_of_read_for_ever() {
    let error = gather_portal(
        |_| {
            let page: Vec<Value> = (0..5).map(|n| json!({"id": format!("p{n}")})).collect();
            Answer::ok(json!({"success": true, "result": {"count": 20, "results": page}}).to_string())
        },
        "/",
    )
    .await
    .unwrap_err();
    assert!(matches!(error, GatherError::PagingStuck { start: 8, .. }), "{error}");
}

#[tokio::test]
async fn a_portal_that_refuses_is_quoted() {
    let refusal = r#"{"success": false, "error": {"message": "Access denied", "__type": "Authorization Error"}}"#;
    let error = gather_portal(move |_| Answer::ok(refusal), "/").await.unwrap_err();
    assert!(matches!(&error, GatherError::CkanRefused { message, .. } if message.contains("Access denied")), "{error}");
}

#[tokio::test]
async fn a_crash_between_pages_costs_no_page_that_was_read() {
    let portal = Portal::with(20);
    let broken = Arc::new(Mutex::new(true));
    let agency = Agency::start({
        let broken = Arc::clone(&broken);
        move |asked| {
            let late = asked.query("start").is_some_and(|start| start.parse::<usize>().unwrap() >= 8);
            if late && *broken.lock().unwrap() { Answer::new(404, "") } else { portal.answer(asked) }
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let location = web(&agency, "/api/3/action/package_search?rows=5");
    let error = gather_into(folder.path(), &location, None).await.unwrap_err();
    assert!(matches!(error, GatherError::Fetch(FetchError::Status { status: 404, .. })), "{error}");
    let before = agency.asked().len();
    *broken.lock().unwrap() = false;
    let spool = spooled(gather_into(folder.path(), &location, None).await);
    assert_eq!(ids(&spool).len(), 20);
    let starts: Vec<String> = agency.asked()[before..].iter().map(|asked| asked.query("start").unwrap()).collect();
    assert_eq!(starts, ["8", "12", "16"]);
}

#[tokio::test]
async fn a_gathering_that_is_told_to_stop_stops_in_mid_answer() {
    let agency = Agency::start(|_| Answer::ok("0123456789").stalling_after(3));
    let folder = tempfile::tempdir().unwrap();
    let (location, conditional, stop) = (web(&agency, "/"), Conditional::default(), Stop::new());
    let request = GatherRequest {
        location: &location,
        kind: None,
        conditional: &conditional,
        since: None,
        folder: folder.path(),
    };
    let fetcher = fetcher(brisk());
    let told = async {
        while agency.asked().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        stop.stop(StopReason::Cancelled);
    };
    let (gathered, ()) = tokio::join!(gather(&fetcher, &request, &stop, &|_| {}), told);
    assert!(matches!(gathered, Err(GatherError::Stopped(StopReason::Cancelled))));
}

#[tokio::test]
async fn an_interrupted_catalogue_in_pages_goes_on_unless_it_has_changed() {
    for (then, anew) in [(30, false), (20, true)] {
        let state = Arc::new(Mutex::new((30, true)));
        let agency = Agency::start({
            let state = Arc::clone(&state);
            move |asked| {
                let (total, broken) = *state.lock().unwrap();
                let page: usize = asked.query("page").map_or(1, |page| page.parse().unwrap());
                if broken && page == 3 {
                    return Answer::new(503, "later");
                }
                let next =
                    if page * 10 < total { format!("; hydra:next <?page={}> ", page + 1) } else { String::new() };
                let listed: String = ((page - 1) * 10..(page * 10).min(total))
                    .map(|n| format!("<https://waters.test/{n}> a <http://www.w3.org/ns/dcat#Dataset> .\n"))
                    .collect();
                Answer::ok(format!(
                    "@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n\
                     <?page={page}> a hydra:PartialCollectionView ; hydra:totalItems {total} {next}.\n{listed}"
                ))
                .header("Content-Type", "text/turtle")
            }
        });
        let folder = tempfile::tempdir().unwrap();
        assert!(gather_into(folder.path(), &web(&agency, "/catalogue"), None).await.is_err());
        *state.lock().unwrap() = (then, false);
        let before = agency.asked().len();
        let spool = spooled(gather_into(folder.path(), &web(&agency, "/catalogue"), None).await);
        assert_eq!((spool.parts.len(), spool.manifest.complete), (then / 10, true), "{:?}", spool.manifest.notes);
        let told = spool.manifest.notes.iter().any(|note| note.contains("changed while the harvest was interrupted"));
        assert_eq!(told, anew, "{:?}", spool.manifest.notes);
        let asked = agency.asked().len() - before;
        assert_eq!(asked, if anew { 3 } else { 1 }, "pages that are here are not asked for again");
    }
}

#[tokio::test]
async fn an_interrupted_walk_asks_only_for_what_it_has_not_seen() {
    let root = |title: &str| {
        let links: Vec<Value> = (0..5).map(|n| json!({"rel": "child", "href": format!("/c{n}.json")})).collect();
        json!({"type": "Catalog", "stac_version": "1.0.0", "id": "root", "title": title, "description": "x", "links": links})
    };
    for (then, anew) in [("All", false), ("All of it", true)] {
        let stop = Stop::new();
        let title = Arc::new(Mutex::new("All"));
        let agency = Agency::start({
            let (stop, title) = (stop.clone(), Arc::clone(&title));
            move |asked| match asked.path() {
                "/catalog.json" => Answer::ok(root(*title.lock().unwrap()).to_string()),
                path => {
                    if path == "/c2.json" {
                        stop.stop(StopReason::ShuttingDown);
                    }
                    let collection = json!({
                        "type": "Collection", "stac_version": "1.0.0", "id": path, "title": path, "description": "x", "license": "CC0-1.0",
                        "extent": {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [["2020-01-01T00:00:00Z", null]]}}, "links": []
                    });
                    Answer::ok(collection.to_string())
                }
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let (location, conditional) = (web(&agency, "/catalog.json"), Conditional::default());
        let request = GatherRequest {
            location: &location,
            kind: None,
            conditional: &conditional,
            since: None,
            folder: folder.path(),
        };
        let stopped = gather(&fetcher(brisk()), &request, &stop, &|_| {}).await;
        assert!(matches!(stopped, Err(GatherError::Stopped(StopReason::ShuttingDown))), "{stopped:?}");
        *title.lock().unwrap() = then;
        let before = agency.asked().len();
        let spool = spooled(gather(&fetcher(brisk()), &request, &Stop::new(), &|_| {}).await);
        let asked: Vec<String> = agency.asked().split_off(before).into_iter().map(|asked| asked.target).collect();
        let told = spool.manifest.notes.iter().any(|note| note.contains("changed while the harvest was interrupted"));
        assert_eq!((asked.contains(&"/c0.json".to_owned()), told), (anew, anew), "{asked:?}");
        assert!(asked.contains(&"/c4.json".to_owned()), "{asked:?}");
        assert!(spool.manifest.complete && !folder.path().join("kept").exists());
        let lines = std::fs::read_to_string(&spool.parts[0]).unwrap();
        assert_eq!(lines.lines().count(), 5, "each collection once");
    }
}
