//! The OpenAPI document is what is mounted, and what is checked in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fairground_api::operation::ROUTES;
use serde_json::Value;

use super::portal::Portal;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| {
                item.get(method).map(|operation| ((*method).to_owned(), path.clone(), operation.clone()))
            })
        })
        .collect()
}

/// `FAIRGROUND_WRITE_OPENAPI=1` writes the file instead of comparing.
#[test]
fn the_checked_in_document_is_the_running_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi/portal.json");
    let running = fairground_api::openapi();
    if std::env::var_os("FAIRGROUND_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, running).unwrap();
        return;
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == running,
        "openapi/portal.json differs: run the test with FAIRGROUND_WRITE_OPENAPI=1 and review"
    );
}

#[test]
fn every_operation_of_the_api_is_in_the_table_of_the_hot_path_and_the_other_way_round() {
    let document: Value = serde_json::from_str(&fairground_api::openapi()).unwrap();
    let documented: BTreeSet<(String, String, String)> = operations(&document)
        .into_iter()
        .filter(|(_, path, _)| path.starts_with("/api/v1/"))
        .map(|(method, path, operation)| (method, path, operation["operationId"].as_str().unwrap().to_owned()))
        .collect();
    let known: BTreeSet<(String, String, String)> = ROUTES
        .iter()
        .map(|route| (route.method.to_lowercase(), route.path.to_owned(), route.operation.id.to_owned()))
        .collect();
    assert_eq!(documented, known);
}

/// Nothing in it that may be left out makes an application less, and programs of others register by it.
const MAY_BE_OPEN: &str = "ApplicationIn";

#[test]
fn a_body_in_which_a_field_may_be_left_out_refuses_fields_that_it_does_not_know() {
    let document: Value = serde_json::from_str(&fairground_api::openapi()).unwrap();
    let (mut seen, mut open) = (0, BTreeSet::new());
    for (_, _, operation) in operations(&document) {
        let reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
        let Some(name) = reference.and_then(|path| path.strip_prefix("#/components/schemas/")) else { continue };
        let schema = &document["components"]["schemas"][name];
        let fields = schema["properties"].as_object().map_or(0, serde_json::Map::len);
        let required = schema["required"].as_array().map_or(0, Vec::len);
        seen += 1;
        if fields > required && schema["additionalProperties"] != false && name != MAY_BE_OPEN {
            open.insert(name.to_owned());
        }
    }
    assert!(seen > 40, "{seen}");
    assert_eq!(open, BTreeSet::new(), "a mistyped name there would be lost in silence");
}

#[test]
fn every_operation_says_what_it_is_and_how_it_is_secured() {
    let document: Value = serde_json::from_str(&fairground_api::openapi()).unwrap();
    let schemes = document["components"]["securitySchemes"].as_object().unwrap();
    for (method, path, operation) in operations(&document) {
        let named = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{named}: no summary");
        assert!(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "{named}: {}", operation["tags"]);
        let security = operation["security"].as_array().unwrap_or_else(|| panic!("{named}: no security"));
        for scheme in security.iter().flat_map(|one| one.as_object().unwrap().keys()) {
            assert!(schemes.contains_key(scheme), "{named}: {scheme}");
        }
    }
}

#[actix_web::test]
async fn every_documented_operation_is_mounted_and_refuses_unknown_parameters() {
    let document: Value = serde_json::from_str(&fairground_api::openapi()).unwrap();
    let portal = Portal::furnished().await;
    // There are more operations than one address may call at once, and who is signed in is counted by address.
    let operator = portal.operator().await.patient();
    let owner = portal.consumer("owner").await.0.patient();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap();
        if matches!(id, "end_all_sessions" | "close_application" | "delete_source") {
            continue; // It would end the actor's own; a story of its own is told about it.
        }
        let filled = path
            .replace("{dataset}", "air-quality")
            .replace("{version}", "1")
            .replace("{publisher}", "ardenport")
            .replace("{application}", "me")
            .replace("{source}", "ardenport")
            .replace("{kind}", "not-found");
        let asks_for_key = path.contains("applications/{") || id == "get_usage";
        let actor = if asks_for_key { &owner } else { &operator };
        if method == "get" && !filled.contains('{') {
            // The dataset of this story has no tables, so there is nothing that Croissant could describe.
            let may_be_absent = filled == "/metrics" || id == "get_dataset_croissant";
            let answer = actor.get(&filled).await;
            assert!(may_be_absent || answer.status < 400, "{id}: {filled}: {} {}", answer.status, answer.text());
            if filled.starts_with("/api/") {
                actor.get(&format!("{filled}?zzz=1")).await.refused_as(400, "unknown-parameter");
            }
        }
        let answer = actor.send(&method.to_uppercase(), &filled, None).await;
        if answer.status == 404 {
            assert!(filled.contains('{') || id == "list_job_records", "{id} is not mounted at {filled}");
        }
        assert_ne!(answer.status, 405, "{id} is not mounted at {filled}");
        if id == "delete_session" {
            assert_eq!(answer.status, 204);
            break;
        }
    }
}

#[actix_web::test]
async fn the_portal_tells_about_itself() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    assert_eq!(visitor.get("/health/live").await.is(200).json()["status"], "live");
    assert_eq!(visitor.get("/health/ready").await.is(200).json()["status"], "ready");
    let served = visitor.get("/openapi.json").await.is(200).json();
    assert_eq!(served["info"]["title"], "Fairground API");
    assert_eq!(served["servers"][0]["url"], "http://127.0.0.1:8080");
    assert_eq!(served["paths"]["/api/v1/datasets"]["get"]["x-operation-class"], "catalogue");
    let security = visitor.get("/.well-known/security.txt").await.is(200).text();
    assert!(security.contains("Contact: mailto:") && security.contains("Expires: 2"), "{security}");
    visitor.get("/api/v1/datasets").await.is(200);
    let figures = visitor.get("/metrics").await.is(200).text();
    let told = figures.lines().any(|line| {
        line.starts_with("fairground_requests_total{")
            && line.contains("operation=\"list_datasets\"")
            && line.contains("plan=\"keyless\"")
            && line.contains("status=\"2xx\"")
    });
    assert!(told, "{figures}");
}

/// Types under `folder` that have a schema: the schema's name, and where the type stands.
fn schemas_of(folder: &Path, found: &mut BTreeMap<String, Vec<PathBuf>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            schemas_of(&path, found);
            continue;
        }
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for derived in text.split("#[derive(").skip(1) {
            let Some((derives, rest)) = derived.split_once(")]") else { continue };
            if !derives.split(',').any(|derive| derive.trim().rsplit("::").next() == Some("ToSchema")) {
                continue;
            }
            let head = rest.split(['{', ';']).next().unwrap();
            let given = head.split_once("schema(as = ").and_then(|(_, name)| name.split([')', ',']).next());
            let own = || {
                let words: Vec<&str> = head.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
                let kind = words.iter().rposition(|word| ["struct", "enum"].contains(word)).unwrap();
                words[kind + 1]
            };
            found.entry(given.unwrap_or_else(own).trim().to_owned()).or_default().push(path.clone());
        }
    }
}

/// Two types of one name would silently become one schema, and one of the two would be described wrongly.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut found = BTreeMap::new();
    schemas_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.len() > 150, "the sources were read: {} schemas", found.len());
    let twice: Vec<_> = found.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");
    let document: Value = serde_json::from_str(&fairground_api::openapi()).unwrap();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        // Generic types are named after what they hold.
        assert!(found.keys().any(|known| name.starts_with(known.as_str())), "`{name}` was not found in the sources");
    }
}
