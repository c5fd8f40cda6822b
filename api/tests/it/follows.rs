//! Following by API: letters that confirm, letters of changes, signed calls, and one click that ends them.

use std::sync::Arc;

use actix_web::web;
use fairground_api::ApiSettings;
use fairground_catalog::account::Role;
use fairground_domain::DatasetDraft;
use serde_json::{Value, json};

use super::portal::{Portal, air, beds, texts};
use super::steering::Receiver;

/// Delivers what is due, on a thread that may block.
pub async fn tend(portal: &Portal) -> usize {
    let state = Arc::clone(&portal.state);
    web::block(move || state.deliver_follows()).await.unwrap().unwrap()
}

/// What stands in the newest letter after some words, up to a blank.
pub async fn in_letter(portal: &Portal, count: usize, before: &str) -> String {
    let letters = portal.letters(count).await;
    let letter = letters.iter().find(|letter| letter.contains(before)).unwrap_or_else(|| panic!("{letters:?}"));
    letter.split_once(before).unwrap().1.split_whitespace().next().unwrap().to_owned()
}

fn changed() -> DatasetDraft {
    DatasetDraft { description: texts(&[("en", "Fine dust by station and minute.")]), ..air() }
}

#[actix_web::test]
async fn somebody_without_an_account_follows_is_told_once_and_leaves_by_the_link() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let wanted = json!({ "dataset": "air-quality", "email": "Ada@example.org" });
    let sent = visitor.post("/api/v1/follows", &wanted).await.is(202).json();
    assert_eq!(sent["state"], "confirmation-sent");
    let token = in_letter(&portal, 1, "/confirm?token=").await;
    portal.harvest("ardenport", vec![beds(), changed()]);
    assert_eq!(tend(&portal).await, 0, "nothing is told before the address is confirmed");
    let body = json!({ "token": token });
    let done = visitor.post("/api/v1/confirmations", &body).await.is(201).json();
    assert_eq!((&done["state"], &done["follow"]["slug"]), (&json!("done"), &json!("air-quality")));
    visitor.post("/api/v1/confirmations", &body).await.refused_as(404, "not-found");
    portal.harvest("ardenport", vec![beds(), air()]);
    assert_eq!(tend(&portal).await, 1);
    assert_eq!(tend(&portal).await, 0);
    let letters = portal.letters(2).await;
    let letter = letters.iter().find(|letter| letter.contains("This changed")).unwrap();
    for said in [
        "To: ada@example.org",
        "Air quality – updated",
        "/datasets/air-quality",
        "List-Unsubscribe: <http://127.0.0.1:8080/unsubscribe/f",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ] {
        assert!(letter.contains(said), "{said}: {letter}");
    }
    let token = in_letter(&portal, 2, "/follows/").await;
    let ada = portal.visitor().saying("citizen-token", &token);
    let follows = ada.get("/api/v1/follows").await.is(200).json();
    let id = follows["items"][0]["id"].as_str().unwrap().to_owned();
    let changes = ada.get("/api/v1/follows/changes").await.is(200).json();
    assert_eq!(changes["items"].as_array().unwrap().len(), 1, "{changes}");
    assert_eq!(ada.get("/api/v1/follows/deliveries").await.is(200).json()["items"][0]["changes"], 1);
    let path = format!("/api/v1/follows/{id}");
    let patch = json!({ "rhythm": "weekly" }).to_string();
    assert_eq!(ada.send("PATCH", &path, Some(patch.clone())).await.is(200).json()["rhythm"], "weekly");
    portal.visitor().saying("citizen-token", "x").get("/api/v1/follows").await.refused_as(401, "sign-in-required");
    let export = ada.get("/api/v1/citizen").await.is(200);
    assert!(export.header("content-disposition").contains("about-me.json"));
    assert!(export.text().contains("ada@example.org"), "{}", export.text());
    ada.delete(&path).await.is(204);
    ada.get("/api/v1/follows").await.refused_as(401, "sign-in-required");
    ada.send("PATCH", &path, Some(patch)).await.refused_as(401, "sign-in-required");
}

#[actix_web::test]
async fn somebody_who_is_signed_in_follows_at_once_and_what_is_theirs_is_nobody_elses() {
    let portal = Portal::furnished().await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let wanted = json!({ "publisher": "ardenport", "channel": "page" });
    steward.post("/api/v1/follows", &wanted).await.is(202);
    portal.confirm_account("steward-ardenport@example.org");
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let made = steward.post("/api/v1/follows", &wanted).await.is(201).json();
    let search = json!({ "search": "q=dust&publisher=ardenport&page=2", "rhythm": "daily" });
    let searched = steward.post("/api/v1/follows", &search).await.is(201).json();
    assert_eq!(searched["follow"]["search"], "q=dust&publisher=ardenport");
    let other = portal.staff(Role::Steward, Some("port-authority")).await;
    let id = made["follow"]["id"].as_str().unwrap();
    other.delete(&format!("/api/v1/follows/{id}")).await.refused_as(404, "not-found");
    assert_eq!(other.get("/api/v1/follows").await.is(200).json()["items"], json!([]));
    let me = steward.get("/api/v1/me/export").await.is(200).text();
    assert!(me.contains("Follow") && me.contains("“dust”"), "{me}");
    for (wrong, status, slug) in [
        (json!({}), 422, "invalid-content"),
        (json!({ "dataset": "no-such" }), 404, "not-found"),
        (json!({ "search": "" }), 422, "invalid-content"),
        (json!({ "dataset": "air-quality", "channel": "webhook" }), 422, "invalid-content"),
        (
            json!({ "dataset": "air-quality", "channel": "webhook", "webhook_url": "http://10.0.0.1/" }),
            422,
            "invalid-content",
        ),
        (json!({ "dataset": "air-quality", "publisher": "ardenport" }), 422, "invalid-content"),
    ] {
        steward.post("/api/v1/follows", &wrong).await.refused_as(status, slug);
    }
    let proof = json!({ "password": super::portal::PASSWORD }).to_string();
    steward.send("DELETE", "/api/v1/me", Some(proof)).await.is(200);
    let db = &portal.state.catalog.db;
    assert_eq!(db.read(fairground_catalog::watch::count_all).unwrap(), 0, "erasing the account ends its follows");
}

#[actix_web::test]
async fn a_webhook_is_called_with_a_signature_until_it_takes_the_changes() {
    let receiver = Receiver::start(vec![500]);
    let settings = ApiSettings { reach: "127.0.0.1".parse().unwrap(), ..ApiSettings::default() };
    let portal = Portal::open_with(settings).await;
    portal.harvest("ardenport", vec![beds(), air()]);
    let wanted = json!({
        "dataset": "air-quality", "email": "ada@example.org", "channel": "webhook", "webhook_url": receiver.url,
    });
    let sent = portal.visitor().post("/api/v1/follows", &wanted).await.is(202).json();
    let secret = sent["webhook_secret"].as_str().unwrap().to_owned();
    let token = in_letter(&portal, 1, "/confirm?token=").await;
    portal.visitor().post("/api/v1/confirmations", &json!({ "token": token })).await.is(201);
    portal.harvest("ardenport", vec![beds(), changed()]);
    assert_eq!(tend(&portal).await, 0, "the receiver fails");
    assert_eq!(tend(&portal).await, 0, "not before its pause is over");
    let db = portal.state.catalog.db.clone();
    web::block(move || db.write(fairground_catalog::watch::hurry_calls)).await.unwrap().unwrap();
    assert_eq!(tend(&portal).await, 1);
    assert_eq!(tend(&portal).await, 0, "once");
    let calls = receiver.calls.lock().clone();
    assert_eq!(calls.len(), 2);
    let (id, at) = (receiver.header(1, "webhook-id"), receiver.header(1, "webhook-timestamp"));
    assert_eq!(id, receiver.header(0, "webhook-id"), "a repetition can be told by its id");
    let expected = fairground_api::sign_webhook(&secret, &id, at.parse().unwrap(), calls[1].1.as_bytes());
    assert_eq!(receiver.header(1, "webhook-signature"), expected);
    let body: Value = serde_json::from_str(&calls[1].1).unwrap();
    assert_eq!(body["type"], "follow.changes");
    assert_eq!(body["data"]["changes"][0]["kind"], "dataset.updated");
    assert_eq!(body["data"]["changes"][0]["dataset"]["slug"], "air-quality");
}

#[actix_web::test]
async fn the_ways_through_the_catalogue_are_told_with_their_numbers() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let themes = visitor.get("/api/v1/themes").await.is(200).json();
    assert_eq!((&themes["items"][0]["label"], &themes["items"][0]["slug"]), (&json!("Health"), &json!("health")));
    assert_eq!(themes["items"][0]["datasets"], 1);
    let licences = visitor.get("/api/v1/licences").await.is(200).json();
    assert_eq!(licences["items"][0]["datasets"], 2, "{licences}");
    let popular = visitor.get("/api/v1/popular-datasets").await.is(200).json();
    assert_eq!((&popular["items"], &popular["fewest_callers"]), (&json!([]), &json!(5)));
    let members = visitor.get("/api/v1/datasets/air-quality/members").await.is(200).json();
    assert_eq!(members, json!({ "items": [], "total": 0 }));
    visitor.get("/api/v1/datasets/no-such/members").await.refused_as(404, "not-found");
}
