//! Signing in and out, by cookie and by token.

use fairground_catalog::account::Role;
use serde_json::json;

use super::portal::{PASSWORD, Portal};

#[actix_web::test]
async fn a_session_opens_with_the_password_and_ends_with_signing_out() {
    let portal = Portal::open().await;
    let operator = portal.operator().await;
    let who = operator.get("/api/v1/sessions/current").await.is(200).json();
    assert_eq!(who["account"]["role"], "operator");
    operator.delete("/api/v1/sessions/current").await.is(204);
    operator.get("/api/v1/sessions/current").await.refused_as(401, "sign-in-required");
}

#[actix_web::test]
async fn a_write_by_cookie_needs_the_sessions_token() {
    let portal = Portal::open().await;
    portal.operator().await;
    let body = json!({ "email": "operator-portal@example.org", "password": PASSWORD });
    let answer = portal.visitor().post("/api/v1/sessions", &body).await.is(201);
    let cookie = answer.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    let browser = portal.visitor().saying("cookie", cookie.split(';').next().unwrap());
    browser.get("/api/v1/sources").await.is(200);
    let new = json!({ "slug": "city", "url": "https://city.example/data.json" });
    browser.post("/api/v1/sources", &new).await.refused_as(403, "csrf-token-missing");
    browser
        .clone()
        .saying("x-csrf-token", "guessed")
        .post("/api/v1/sources", &new)
        .await
        .refused_as(403, "csrf-token-missing");
    let token = answer.json()["csrf_token"].as_str().unwrap().to_owned();
    browser.saying("x-csrf-token", &token).post("/api/v1/sources", &new).await.is(201);
}

#[actix_web::test]
async fn passwords_cannot_be_tried_for_long() {
    let portal = Portal::open().await;
    portal.operator().await;
    let wrong = json!({ "email": "operator-portal@example.org", "password": "wrong, quite wrong" });
    for _ in 0..fairground_api::caller::SIGN_IN_ATTEMPTS {
        portal.visitor().post("/api/v1/sessions", &wrong).await.refused_as(401, "sign-in-failed");
    }
    let right = json!({ "email": "operator-portal@example.org", "password": PASSWORD });
    portal.visitor().post("/api/v1/sessions", &right).await.refused_as(429, "too-many-attempts");
}

#[actix_web::test]
async fn operators_make_accounts_and_nobody_else_does() {
    let portal = Portal::furnished().await;
    let operator = portal.operator().await;
    let new = json!({ "email": "sam@example.org", "role": "steward", "publisher": "ardenport", "password": PASSWORD });
    let made = operator.post("/api/v1/accounts", &new).await.is(201).json();
    assert_eq!(made["role"], "steward");
    assert!(made.get("password").is_none());
    operator.post("/api/v1/accounts", &new).await.refused_as(409, "taken");
    let bad = json!({ "email": "x@example.org", "role": "steward", "password": "short" });
    let problem = operator.post("/api/v1/accounts", &bad).await.refused_as(422, "invalid-content");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    assert_eq!(operator.get("/api/v1/accounts").await.is(200).json()["items"].as_array().unwrap().len(), 2);
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    steward.get("/api/v1/accounts").await.refused_as(403, "forbidden");
}
