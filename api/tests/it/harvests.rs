//! Agency and operator work, by role.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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

    // The last harvest's records, page by page.
    let first = steward.get("/api/v1/records?limit=1").await.is(200).json();
    assert_eq!(first["items"], records["items"], "{first}");
    let rest = steward.get(&format!("/api/v1/records?cursor={}", first["next"].as_str().unwrap())).await.is(200).json();
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (1, &json!(null)), "{rest}");
    portal.harvest("ardenport", vec![beds()]);
    let gone = steward.get("/api/v1/records?source=ardenport&outcome=deleted").await.is(200).json();
    assert_eq!(gone["items"].as_array().unwrap().len(), 1, "{gone}");
    assert_eq!(steward.get("/api/v1/records?source=ardenport-trees").await.is(200).json()["items"], json!([]));
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
    stranger.get("/api/v1/records?source=ardenport").await.refused_as(404, "not-found");
    let place = URL_SAFE_NO_PAD.encode(format!("{job}.0"));
    stranger.get(&format!("/api/v1/records?cursor={place}")).await.refused_as(404, "not-found");
    let own = stranger.get("/api/v1/records").await.is(200).json();
    assert_eq!((&own["items"][0]["key"], &own["items"][1]), (&json!("berths"), &json!(null)), "{own}");
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

#[actix_web::test]
async fn a_manager_by_grant_administers_the_sources_of_the_publisher_and_nobody_elses() {
    let portal = Portal::furnished().await;
    let job = portal.harvest("ardenport", vec![beds(), air()]);
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let member = portal.staff(Role::Developer, None).await;
    let account = member.get("/api/v1/me").await.is(200).json()["account"]["id"].as_str().unwrap().to_owned();
    // Without a role there is nothing to see, and with another than the manager's neither.
    member.get("/api/v1/sources").await.refused_as(403, "forbidden");
    let members = "/api/v1/publishers/ardenport/members";
    steward.post(members, &json!({ "account": account, "role": "editor" })).await.is(201);
    member.get("/api/v1/sources").await.refused_as(403, "forbidden");
    steward.post(members, &json!({ "account": account, "role": "manager" })).await.is(201);

    let sources = member.get("/api/v1/sources").await.is(200).json();
    assert_eq!(sources["items"].as_array().unwrap().len(), 1, "{sources}");
    assert_eq!(sources["items"][0]["slug"], "ardenport");
    for path in ["", "/records", "/findings", "/changes"] {
        member.get(&format!("/api/v1/jobs/{job}{path}")).await.is(200);
    }
    assert_eq!(member.get("/api/v1/jobs").await.is(200).json()["items"].as_array().unwrap().len(), 2);
    member.get("/api/v1/sources/ardenport/reports").await.is(200);
    let new = json!({ "slug": "trees", "url": "https://trees.example/data.json" });
    let made = member.post("/api/v1/sources", &new).await.is(201).json();
    assert_eq!(made["state"], "proposed", "{made}");
    member.send("POST", "/api/v1/sources/trees/approve", None).await.refused_as(403, "forbidden");
    let elsewhere = json!({ "slug": "ships", "url": "https://x.example/data.json", "publisher": "port-authority" });
    portal.source("port-authority");
    member.post("/api/v1/sources", &elsewhere).await.refused_as(422, "invalid-content");

    let braked = member.send("POST", "/api/v1/sources/ardenport/run", None).await.is(202).json();
    let id: fairground_domain::JobId = braked["id"].as_str().unwrap().parse().unwrap();
    let db = &portal.state.catalog.db;
    let (_, lease) = db.write(|tx| harvest::claim(tx, id, "worker", &[])).unwrap().unwrap();
    db.write(|tx| harvest::pause_for_approval(tx, &lease, &HarvestProgress::default())).unwrap();
    let decided = member.send("POST", &format!("/api/v1/jobs/{id}/approve"), None).await.is(200).json();
    assert_eq!(decided["state"], "queued", "{decided}");
    assert_eq!(
        member.send("POST", &format!("/api/v1/jobs/{id}/cancel"), None).await.is(200).json()["state"],
        "cancelled"
    );
    let wish = json!({ "state": "paused" }).to_string();
    let paused = member.send("PATCH", "/api/v1/sources/ardenport", Some(wish)).await.is(200).json();
    assert_eq!(paused["state"], "paused", "{paused}");
    let audit = member.get("/api/v1/audit?publisher=ardenport").await.is(200).json();
    assert_eq!(audit["items"][0]["action"], "source.changed", "{audit}");
    assert_eq!(
        (&audit["items"][0]["role"], &audit["items"][0]["actor"]),
        (&json!("manager"), &json!(format!("account:{account}")))
    );

    // Of another publisher nothing is there.
    for (method, path) in [
        ("GET", "/api/v1/sources/port-authority"),
        ("POST", "/api/v1/sources/port-authority/run"),
        ("DELETE", "/api/v1/sources/port-authority"),
        ("GET", "/api/v1/sources/port-authority/contacts"),
        ("GET", "/api/v1/jobs?source=port-authority"),
    ] {
        member.send(method, path, None).await.refused_as(404, "not-found");
    }
    member.delete("/api/v1/sources/ardenport?datasets=keep").await.is(202);
    member.get("/api/v1/sources/ardenport").await.refused_as(404, "not-found");
    // Loading tables past drafts and reviewers is for staff.
    member
        .send("PUT", "/api/v1/datasets/hospital-beds/tables/x.csv", Some("a\n1\n".to_owned()))
        .await
        .refused_as(403, "forbidden");
}
