//! Agency and operator work, by role.

use fairground_catalog::account::Role;
use fairground_catalog::harvest::{self, HarvestProgress};
use serde_json::json;

use super::portal::{Portal, air, beds};

#[actix_web::test]
async fn a_steward_adds_a_source_and_sees_what_a_harvest_came_to() {
    let portal = Portal::furnished().await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let new = json!({ "slug": "ardenport-trees", "url": "https://trees.example/catalog.ttl", "kind": "turtle", "interval_secs": 3600 });
    let made = steward.post("/api/v1/sources", &new).await.is(201);
    assert_eq!(made.header("location"), "/api/v1/sources/ardenport-trees");
    portal.operator().await.send("POST", "/api/v1/sources/ardenport-trees/approve", None).await.is(200);
    let slugs: Vec<_> = steward.get("/api/v1/sources").await.is(200).json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["slug"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(slugs, ["ardenport", "ardenport-trees"]);
    let run = steward.send("POST", "/api/v1/sources/ardenport-trees/run", None).await.is(202);
    let job = run.json();
    assert_eq!(job["state"], "queued");
    assert_eq!(run.header("location"), format!("/api/v1/jobs/{}", job["id"].as_str().unwrap()));
    let again = steward.send("POST", "/api/v1/sources/ardenport-trees/run", None).await.is(202).json();
    assert_eq!(again["id"], job["id"], "one is under way already");
    let path = format!("/api/v1/jobs/{}/cancel", job["id"].as_str().unwrap());
    assert_eq!(steward.send("POST", &path, None).await.is(200).json()["state"], "cancelled");
    steward.send("POST", &path, None).await.refused_as(409, "conflict");

    let done = portal.harvest("ardenport", vec![beds(), air()]);
    let told = steward.get(&format!("/api/v1/jobs/{done}")).await.is(200).json();
    assert_eq!(told["state"], "completed");
    assert_eq!((told["counts"]["found"].as_u64(), told["counts"]["unchanged"].as_u64()), (Some(2), Some(2)));
    let records = steward.get(&format!("/api/v1/jobs/{done}/records?outcome=unchanged&limit=1")).await.is(200).json();
    assert_eq!(records["items"][0]["outcome"], "unchanged");
    let next = records["next"].as_str().unwrap();
    let rest = steward.get(&format!("/api/v1/jobs/{done}/records?cursor={next}")).await.is(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    let jobs = steward.get("/api/v1/jobs?state=completed").await.is(200).json();
    assert_eq!(jobs["items"].as_array().unwrap().len(), 2, "{jobs}");
}

#[actix_web::test]
async fn another_bodys_things_are_absent() {
    let portal = Portal::furnished().await;
    let job = portal.harvest("ardenport", vec![beds(), air()]);
    let stranger = portal.staff(Role::Steward, Some("port-authority")).await;
    stranger.get("/api/v1/sources/ardenport").await.refused_as(404, "not-found");
    stranger.send("POST", "/api/v1/sources/ardenport/run", None).await.refused_as(404, "not-found");
    for path in ["", "/records"] {
        stranger.get(&format!("/api/v1/jobs/{job}{path}")).await.refused_as(404, "not-found");
    }
    for verb in ["approve", "cancel"] {
        stranger.send("POST", &format!("/api/v1/jobs/{job}/{verb}"), None).await.refused_as(404, "not-found");
    }
    stranger.get("/api/v1/jobs?source=ardenport").await.refused_as(404, "not-found");
    let new = json!({ "slug": "x", "url": "https://x.example/", "publisher": "ardenport" });
    stranger.post("/api/v1/sources", &new).await.refused_as(422, "invalid-content");
}

#[actix_web::test]
async fn a_braked_harvest_waits_for_somebody_who_may_approve() {
    let portal = Portal::furnished().await;
    let source = portal.source("ardenport");
    let db = &portal.state.catalog.db;
    let job = db.write(|tx| harvest::enqueue(tx, source.id, &harvest::HarvestPayload::default())).unwrap();
    let (_, lease) = db.write(|tx| harvest::claim(tx, job.id, "worker", &[])).unwrap().unwrap();
    let braked = HarvestProgress { braked: 2, before: 2, ..HarvestProgress::default() };
    db.write(|tx| harvest::pause_for_approval(tx, &lease, &braked)).unwrap();
    let path = format!("/api/v1/jobs/{}/approve", job.id);
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    publisher.send("POST", &path, None).await.refused_as(403, "forbidden");
    assert_eq!(publisher.get(&format!("/api/v1/jobs/{}", job.id)).await.json()["braked"], 2);
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let approved = steward.send("POST", &path, None).await.is(200).json();
    assert_eq!((approved["state"].as_str(), approved["approved"].as_bool()), (Some("queued"), Some(true)));
}

#[actix_web::test]
async fn a_source_that_cannot_be_is_refused_with_every_fault() {
    let portal = Portal::open().await;
    let operator = portal.operator().await;
    let new = json!({ "slug": "No Slug", "url": "file:///etc/passwd", "kind": "excel", "publisher": "??" });
    let problem = operator.post("/api/v1/sources", &new).await.refused_as(422, "invalid-content");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/slug", "/url", "/publisher", "/kind"]);
}
