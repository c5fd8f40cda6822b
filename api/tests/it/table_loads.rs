//! Loading again, uploading, and the jobs behind it.

use fairground_catalog::account::Role;
use fairground_catalog::table;
use serde_json::json;

use super::portal::{Actor, Answer, Portal};
use super::tables::{wards, with_wards};

async fn upload(actor: &Actor<'_>, path: &str, content: &[u8]) -> Answer {
    let text = String::from_utf8(content.to_vec()).unwrap();
    actor.clone().saying("content-type", "text/csv").send("PUT", path, Some(text)).await
}

#[actix_web::test]
async fn a_table_is_loaded_again_by_those_whose_it_is() {
    let (portal, id) = with_wards().await;
    let path = format!("/api/v1/tables/{id}/reload");
    let other = portal.staff(Role::Publisher, Some("port-authority")).await;
    other.post(&path, &json!({})).await.refused_as(403, "forbidden");
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let job = publisher.post(&path, &json!({})).await.is(202).json();
    assert_eq!(
        (&job["kind"], &job["state"], &job["host"]),
        (&json!("load"), &json!("queued"), &json!("ardenport.example"))
    );
    let job_path = format!("/api/v1/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(publisher.get(&job_path).await.is(200).json()["distribution_id"], job["distribution_id"]);
    other.get(&job_path).await.refused_as(404, "not-found");
    let operator = portal.operator().await;
    for (actor, query) in
        [(&operator, "kind=load"), (&publisher, "kind=load&dataset=air-quality"), (&publisher, "kind=load")]
    {
        let jobs = actor.get(&format!("/api/v1/jobs?{query}")).await.is(200).json();
        assert!(jobs["items"].as_array().unwrap().iter().any(|it| it["id"] == job["id"]), "{query}: {jobs}");
    }
    other.get("/api/v1/jobs?kind=load&dataset=air-quality").await.refused_as(404, "not-found");
    operator.get("/api/v1/jobs?dataset=air-quality").await.refused_as(400, "invalid-parameter");
    let harvests = operator.get("/api/v1/jobs").await.is(200).json();
    assert!(harvests["items"].as_array().unwrap().iter().all(|it| it["kind"] == "harvest"), "{harvests}");
    let dataset = portal.visitor().get("/api/v1/datasets/air-quality").await.is(200).json();
    assert_eq!(dataset["distribution"][0]["load"]["state"], "queued");
    publisher.post(&format!("{job_path}/cancel"), &json!({})).await.refused_as(403, "forbidden");
    let cancelled = operator.post(&format!("{job_path}/cancel"), &json!({})).await.is(200).json();
    assert_eq!(cancelled["state"], "cancelled");
    operator.post(&format!("{job_path}/cancel"), &json!({})).await.refused_as(409, "conflict");
}

#[actix_web::test]
async fn a_file_that_cannot_be_loaded_says_why_at_its_distribution() {
    let portal = Portal::furnished().await;
    let db = &portal.state.catalog.db;
    let home = db.read(|tx| fairground_catalog::dataset::get(tx, "air-quality")).unwrap();
    db.write(|tx| table::enqueue_load(tx, &home, None, true)).unwrap();
    let job = db.read(|tx| {
        let filter = table::LoadFilter { distributions: Some(home.distribution_ids()), ..table::LoadFilter::default() };
        table::list_loads(tx, &filter, 1)
    });
    let job = job.unwrap().remove(0);
    db.write(|tx| {
        let (_, lease) = table::claim_load(tx, job.id, "worker", &[])?.unwrap();
        table::fail_load(tx, &lease, &table::LoadProgress::default(), "the server said 404", false, None)
    })
    .unwrap();
    let dataset = portal.visitor().get("/api/v1/datasets/air-quality").await.is(200).json();
    let load = &dataset["distribution"][0]["load"];
    assert_eq!((&load["state"], &load["reason"]), (&json!("failed"), &json!("the server said 404")));
    assert!(dataset["distribution"][0].get("table").is_none());
}

#[actix_web::test]
async fn a_body_uploads_its_own_tables() {
    let portal = Portal::furnished().await;
    let publisher = portal.staff(Role::Publisher, Some("ardenport")).await;
    let path = "/api/v1/datasets/air-quality/tables/wards.csv";
    let made = upload(&publisher, path, &wards(0)).await.is(201);
    let told = made.json();
    let id = told["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/api/v1/tables/{id}"));
    assert_eq!((&told["items"][0]["rows"], &told["items"][0]["version"]), (&json!(250), &json!(1)));
    let visitor = portal.visitor();
    portal.state.catalog.catch_up().unwrap();
    assert_eq!(visitor.get(&format!("/api/v1/tables/{id}/rows?limit=1")).await.is(200).json()["total"], 250);

    let again = upload(&publisher, path, &wards(0)).await.is(200).json();
    assert_eq!((&again["items"][0]["id"], &again["items"][0]["version"]), (&json!(id), &json!(1)));
    let newer = upload(&publisher, path, &wards(5)).await.is(200).json();
    assert_eq!((&newer["items"][0]["id"], &newer["items"][0]["version"]), (&json!(id), &json!(2)));
    assert_eq!(visitor.get(&format!("/api/v1/tables/{id}/rows?limit=1")).await.is(200).json()["items"][0]["beds"], 5);

    // A file that cannot be loaded changes nothing.
    upload(&publisher, path, b"%PDF-1.7 not a table").await.refused_as(422, "invalid-content");
    upload(&publisher, path, b"").await.refused_as(422, "invalid-content");
    assert_eq!(visitor.get(&format!("/api/v1/tables/{id}")).await.is(200).json()["version"], 2);
    publisher.post(&format!("/api/v1/tables/{id}/reload"), &json!({})).await.refused_as(409, "conflict");

    upload(&visitor, path, &wards(0)).await.refused_as(401, "sign-in-required");
    let other = portal.staff(Role::Publisher, Some("port-authority")).await;
    upload(&other, path, &wards(0)).await.refused_as(403, "forbidden");
    upload(&publisher, "/api/v1/datasets/nothing/tables/a.csv", b"a\n1\n").await.refused_as(404, "not-found");
    upload(&publisher, "/api/v1/datasets/air-quality/tables/.hidden", b"a\n1\n")
        .await
        .refused_as(422, "invalid-content");
}
