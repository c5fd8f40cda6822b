//! A key in a minute.

use serde_json::json;

use super::portal::Portal;

#[actix_web::test]
async fn a_key_works_at_once_and_confirming_the_address_lifts_it() {
    let portal = Portal::furnished().await;
    let (anna, made) = portal.consumer("anna").await;
    assert_eq!((made["plan"].as_str(), made["verified"].as_bool()), (Some("starter"), Some(false)));
    let answer = anna.get("/api/v1/datasets").await.is(200);
    assert!(answer.header("ratelimit-policy").contains("\"starter-day\";q="), "{:?}", answer.headers);
    assert!(answer.header("ratelimit").contains("\"starter-day\";r="), "{:?}", answer.headers);

    let letters = portal.letters(1).await;
    assert!(letters[0].contains("To: anna@example.org"));
    let token = letters[0].split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let verified =
        portal.visitor().post("/api/v1/applications/verify", &json!({ "token": token })).await.is(200).json();
    assert_eq!((verified["plan"].as_str(), verified["verified"].as_bool()), (Some("open"), Some(true)));
    let answer = anna.get("/api/v1/datasets").await.is(200);
    assert!(answer.header("ratelimit-policy").contains("\"open-day\""), "{:?}", answer.headers);
    portal.visitor().post("/api/v1/applications/verify", &json!({ "token": token })).await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn an_owner_manages_keys_and_nobody_elses() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    let (bob, _) = portal.consumer("bob").await;
    let id = made["id"].as_str().unwrap();
    assert_eq!(anna.get("/api/v1/applications/me").await.is(200).json()["name"], "anna");
    assert_eq!(anna.get(&format!("/api/v1/applications/{id}")).await.is(200).json()["id"], id);
    bob.get(&format!("/api/v1/applications/{id}")).await.refused_as(404, "not-found");
    bob.get(&format!("/api/v1/applications/{id}/keys")).await.refused_as(404, "not-found");
    portal.visitor().get("/api/v1/applications/me").await.refused_as(401, "key-required");

    let second = anna.post("/api/v1/applications/me/keys", &json!({ "name": "laptop" })).await.is(201).json();
    portal.with_key(second["key"].as_str().unwrap()).get("/api/v1/plans").await.is(200);
    let keys = anna.get("/api/v1/applications/me/keys").await.is(200).json();
    assert_eq!(keys["items"].as_array().unwrap().len(), 2);
    assert!(keys["items"].as_array().unwrap().iter().all(|key| key.get("key").is_none()), "{keys}");

    let first = made["key_id"].as_str().unwrap();
    bob.delete(&format!("/api/v1/applications/{id}/keys/{first}")).await.refused_as(404, "not-found");
    let path = format!("/api/v1/applications/me/keys/{first}");
    let laptop = portal.with_key(second["key"].as_str().unwrap());
    assert!(laptop.delete(&path).await.is(200).json()["revoked_at"].is_string());
    anna.get("/api/v1/plans").await.refused_as(401, "key-revoked");

    let third_path = format!("/api/v1/applications/me/keys/{}/rotate", second["id"].as_str().unwrap());
    let third = laptop.post(&third_path, &json!({ "overlap_secs": 60 })).await.is(201).json();
    laptop.get("/api/v1/plans").await.is(200);
    let renewed = portal.with_key(third["key"].as_str().unwrap());
    renewed.get("/api/v1/plans").await.is(200);
    let path = format!("/api/v1/applications/me/keys/{}/rotate", third["id"].as_str().unwrap());
    let fourth = renewed.send("POST", &path, None).await.is(201).json();
    renewed.get("/api/v1/plans").await.refused_as(401, "key-revoked");
    portal.with_key(fourth["key"].as_str().unwrap()).get("/api/v1/plans").await.is(200);
}

#[actix_web::test]
async fn faults_in_a_registration_come_together() {
    let portal = Portal::open().await;
    let visitor = portal.visitor();
    let problem = visitor.post("/api/v1/applications", &json!({ "name": " ", "email": "" })).await;
    let problem = problem.refused_as(422, "invalid-content");
    let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    assert_eq!(pointers, ["/name", "/email"]);
    for (body, pointer) in [
        (json!({ "name": "a", "email": "nowhere" }), "/email"),
        (json!({ "name": "a", "email": "a@example.org", "terms_version": "1999-01" }), "/terms_version"),
    ] {
        let problem = visitor.post("/api/v1/applications", &body).await.refused_as(422, "invalid-content");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
}

#[actix_web::test]
async fn a_mailbox_is_not_flooded_through_us() {
    let portal = Portal::open().await;
    for _ in 0..7 {
        let body = json!({ "name": "again", "email": "carol@example.org" });
        portal.visitor().post("/api/v1/applications", &body).await.is(201);
    }
    // A later letter to another address shows that the earlier ones are through.
    portal.consumer("dave").await;
    let letters = portal.letters(6).await;
    assert_eq!(letters.iter().filter(|letter| letter.contains("To: carol@")).count(), 5);
}
