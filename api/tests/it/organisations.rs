//! People who look after applications together.

use fairground_catalog::account::Role;
use serde_json::json;

use super::portal::Portal;

#[actix_web::test]
async fn an_invitation_is_mailed_accepted_once_and_left_again() {
    let portal = Portal::open().await;
    let anna = portal.staff(Role::Publisher, Some("ardenport")).await;
    let bert = portal.staff(Role::Publisher, Some("port-authority")).await;
    let made = anna.post("/api/v1/organisations", &json!({ "name": "Transit", "domain": "example.org" })).await.is(201);
    assert_eq!(made.header("location"), "/api/v1/organisations/transit");
    assert!(made.json().get("verified_at").is_none(), "nobody's address is confirmed");
    let home = "/api/v1/organisations/transit";
    portal.confirm_account("publisher-ardenport@example.org");
    let anna = portal.staff(Role::Publisher, Some("ardenport")).await;
    let verified = anna.send("POST", &format!("{home}/verify"), None).await.is(200).json();
    assert!(verified["verified_at"].is_string(), "{verified}");

    bert.get(home).await.refused_as(404, "not-found");
    let invite = json!({ "email": "bert@example.org" });
    anna.post(&format!("{home}/invitations"), &invite).await.is(201);
    let letter = portal.letters(1).await.remove(0);
    assert!(letter.contains("To: bert@example.org") && letter.contains("Transit"), "{letter}");
    let token = letter.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let accept = json!({ "token": token });
    let joined = bert.post("/api/v1/organisations/invitations/accept", &accept).await.is(200).json();
    assert_eq!(joined["role"], "member");
    bert.post("/api/v1/organisations/invitations/accept", &accept).await.refused_as(404, "not-found");
    assert_eq!(anna.get(&format!("{home}/members")).await.is(200).json()["items"].as_array().unwrap().len(), 2);
    assert!(anna.get(&format!("{home}/invitations")).await.is(200).json()["items"].as_array().unwrap().is_empty());

    bert.post(&format!("{home}/invitations"), &invite).await.refused_as(403, "forbidden");
    bert.patch(home, &json!({ "name": "Mine" })).await.refused_as(403, "forbidden");
    bert.patch(&format!("{home}/members/me"), &json!({ "role": "owner" })).await.refused_as(403, "forbidden");
    anna.delete(&format!("{home}/members/me")).await.refused_as(409, "conflict");
    bert.delete(&format!("{home}/members/me")).await.is(204);
    bert.get(home).await.refused_as(404, "not-found");
    anna.delete(home).await.is(204);
    anna.get(home).await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn a_mailbox_gets_only_so_many_invitations() {
    let portal = Portal::open().await;
    let anna = portal.staff(Role::Publisher, Some("ardenport")).await;
    anna.post("/api/v1/organisations", &json!({ "name": "Transit" })).await.is(201);
    let invite = json!({ "email": "victim@example.org" });
    for _ in 0..5 {
        anna.post("/api/v1/organisations/transit/invitations", &invite).await.is(201);
    }
    anna.post("/api/v1/organisations/transit/invitations", &invite).await.refused_as(429, "too-many-attempts");
}
