//! Questions and requests by API: asked without an account, answered by the publisher, moderated, in public.

use fairground_catalog::account::Role;
use serde_json::json;

use super::follows::in_letter;
use super::portal::{Actor, Portal};

async fn confirm(portal: &Portal, letters: usize) -> serde_json::Value {
    let token = in_letter(portal, letters, "/confirm?token=").await;
    portal.visitor().post("/api/v1/confirmations", &json!({ "token": token })).await.is(201).json()
}

async fn staff<'a>(portal: &'a Portal, role: Role, body: &str) -> Actor<'a> {
    portal.staff(role, Some(body)).await
}

#[actix_web::test]
async fn a_citizen_asks_and_the_publisher_answers() {
    let portal = Portal::furnished().await;
    let path = "/api/v1/datasets/air-quality/questions";
    let asked = json!({ "text": "Which stations are left out?", "email": "ada@example.org" });
    assert_eq!(portal.visitor().post(path, &asked).await.is(202).json()["state"], "confirmation-sent");
    assert_eq!(portal.visitor().get(path).await.is(200).json()["items"], json!([]));
    let done = confirm(&portal, 1).await;
    let id = done["question"]["id"].as_str().unwrap().to_owned();
    let listed = portal.visitor().get(path).await.is(200).json();
    assert_eq!(listed["items"][0]["text"], "Which stations are left out?");
    assert!(!listed.to_string().contains("ada"), "nobody learns who asked: {listed}");

    let publisher = staff(&portal, Role::Publisher, "ardenport").await;
    let stranger = staff(&portal, Role::Steward, "port-authority").await;
    let open = publisher.get("/api/v1/questions").await.is(200).json();
    assert_eq!((&open["items"][0]["slug"], &open["items"][0]["id"]), (&json!("air-quality"), &json!(id)));
    assert_eq!(stranger.get("/api/v1/questions").await.is(200).json()["items"], json!([]));
    let answer = format!("/api/v1/questions/{id}/answer");
    let text = json!({ "text": "Those of the county." });
    stranger.post(&answer, &text).await.refused_as(403, "forbidden");
    publisher.post(&answer, &json!({ "text": " " })).await.refused_as(422, "invalid-content");
    assert_eq!(publisher.post(&answer, &text).await.is(200).json()["answer"]["text"], "Those of the county.");
    let letters = portal.letters(2).await;
    let letter = letters.iter().find(|letter| letter.contains("Those of the county.")).unwrap();
    assert!(letter.contains("To: ada@example.org") && letter.contains("/datasets/air-quality#questions"), "{letter}");
    publisher.post(&answer, &json!({ "text": "Those of the county, still." })).await.is(200);
    assert_eq!(portal.letters(2).await.len(), 2, "one letter for an answer that is mended");

    let moderation = format!("/api/v1/questions/{id}/moderation");
    let hide = json!({ "hidden": true, "reason": "It names somebody." });
    publisher.post(&moderation, &hide).await.refused_as(403, "forbidden");
    let steward = staff(&portal, Role::Steward, "ardenport").await;
    steward.post(&moderation, &json!({ "hidden": true })).await.refused_as(422, "invalid-content");
    steward.post(&moderation, &hide).await.is(200);
    let listed = portal.visitor().get(path).await.is(200).json();
    assert_eq!(
        (&listed["items"][0]["text"], &listed["items"][0]["hidden"]["reason"]),
        (&json!(""), &json!("It names somebody."))
    );
    steward.post(&moderation, &json!({ "hidden": false })).await.is(200);
    assert_ne!(portal.visitor().get(path).await.is(200).json()["items"][0]["text"], "");
    let changes = portal.visitor().get("/api/v1/changes?limit=1000").await.is(200).text();
    assert!(changes.contains("question.moderated") && !changes.contains("left out"), "{changes}");
}

#[actix_web::test]
async fn data_is_asked_for_supported_and_published() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let wanted = json!({
        "title": "Bus stops", "reason": "For a map of our quarter.", "publisher": "ardenport", "email": "ada@example.org",
    });
    visitor.post("/api/v1/data-requests", &wanted).await.is(202);
    let id = confirm(&portal, 1).await["request"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/data-requests/{id}");
    visitor.post(&format!("{path}/support"), &json!({ "email": "bob@example.org" })).await.is(202);
    let letters = portal.letters(2).await;
    let letter = letters.iter().find(|letter| letter.contains("bob@example.org")).unwrap();
    let token = letter.split_once("token=").unwrap().1.split_whitespace().next().unwrap();
    visitor.post("/api/v1/confirmations", &json!({ "token": token })).await.is(201);
    let request = visitor.get(&path).await.is(200).json();
    assert_eq!((&request["supporters"], &request["state"]), (&json!(2), &json!("open")));
    assert_eq!(visitor.get("/api/v1/data-requests?state=planned").await.is(200).json()["items"], json!([]));
    visitor.get("/api/v1/data-requests?sort=loudest").await.refused_as(400, "invalid-parameter");

    let stranger = staff(&portal, Role::Steward, "port-authority").await;
    let publisher = staff(&portal, Role::Publisher, "ardenport").await;
    let answer = format!("{path}/answer");
    let done = json!({ "state": "published", "text": "Here it is.", "dataset": "air-quality" });
    stranger.post(&answer, &done).await.refused_as(403, "forbidden");
    let half = json!({ "state": "published", "text": "Here it is." });
    publisher.post(&answer, &half).await.refused_as(422, "invalid-content");
    publisher.post(&answer, &done).await.is(200);
    let letters = portal.letters(4).await;
    let told = letters.iter().filter(|letter| letter.contains("is fulfilled")).count();
    assert_eq!(told, 2, "who asked and who supports: {letters:?}");
    visitor.post(&format!("{path}/support"), &json!({ "email": "eve@example.org" })).await.refused_as(409, "conflict");

    let moderation = format!("{path}/moderation");
    let hide = json!({ "hidden": true, "reason": "An advertisement." });
    publisher.post(&moderation, &hide).await.refused_as(403, "forbidden");
    portal.operator().await.post(&moderation, &hide).await.is(200);
    assert_eq!(visitor.get("/api/v1/data-requests").await.is(200).json()["items"], json!([]));
    assert_eq!(visitor.get(&path).await.is(200).json()["title"], "");
}

#[actix_web::test]
async fn one_place_cannot_have_letters_sent_without_end() {
    let portal = Portal::furnished().await;
    let ask = |email: String| {
        let visitor = portal.visitor();
        async move {
            let body = json!({ "dataset": "air-quality", "email": email });
            visitor.post("/api/v1/follows", &body).await.status
        }
    };
    for _ in 0..5 {
        assert_eq!(ask("ada@example.org".to_owned()).await, 202);
    }
    assert_eq!(ask("ada@example.org".to_owned()).await, 429, "one mailbox");
    let mut last = 0;
    for number in 0..40 {
        last = ask(format!("a{number}@example.org")).await;
    }
    assert_eq!(last, 429, "one place");
}
