//! About oneself, by API: registering, the second factor, sessions, export and erasure; who may not is refused.

use fairground_api::ApiSettings;
use fairground_catalog::account::Role;
use serde_json::{Value, json};

use super::portal::{Actor, PASSWORD, Portal};

async fn register<'a>(portal: &'a Portal, email: &str) -> (Actor<'a>, Value) {
    let before = portal.letters(0).await.len();
    portal.visitor().post("/api/v1/registrations", &json!({ "email": email })).await.is(202);
    let letters = portal.letters(before + 1).await;
    let letter = letters.iter().find(|letter| letter.contains(&format!("To: {email}"))).unwrap();
    let token = letter.split_once("confirm?token=").unwrap().1.split_whitespace().next().unwrap();
    let body = json!({ "token": token, "name": "Ada", "password": PASSWORD });
    let session = portal.visitor().post("/api/v1/registrations/confirm", &body).await.is(201).json();
    assert_eq!((&session["stage"], &session["account"]["role"]), (&json!("open"), &json!("developer")));
    portal.visitor().post("/api/v1/registrations/confirm", &body).await.refused_as(404, "not-found");
    let bearer = format!("Bearer {}", session["token"].as_str().unwrap());
    (portal.visitor().saying("authorization", &bearer), session)
}

fn with_token<'a>(portal: &'a Portal, answer: &Value) -> Actor<'a> {
    portal.visitor().saying("authorization", &format!("Bearer {}", answer["token"].as_str().unwrap()))
}

fn code(secret: &str, steps: u64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("x").build().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    totp.generate(now + 30 * steps).to_string()
}

#[actix_web::test]
async fn a_developer_registers_sees_what_is_kept_and_does_no_agencys_work() {
    let portal = Portal::furnished().await;
    let (ada, _) = register(&portal, "ada@example.org").await;
    let me = ada.get("/api/v1/me").await.is(200).json();
    assert_eq!(me["account"]["email"], "ada@example.org");
    for datum in me["data"].as_array().unwrap() {
        for part in ["what", "why", "until"] {
            assert!(datum[part].as_str().is_some_and(|text| !text.is_empty()), "{datum}");
        }
    }
    for path in ["/api/v1/sources", "/api/v1/jobs", "/api/v1/accounts"] {
        ada.get(path).await.refused_as(403, "forbidden");
    }
    let known = portal.visitor().post("/api/v1/registrations", &json!({ "email": "ada@example.org" })).await;
    let unknown = portal.visitor().post("/api/v1/registrations", &json!({ "email": "bob@example.org" })).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let known = portal.visitor().post("/api/v1/password-resets", &json!({ "email": "ada@example.org" })).await;
    let unknown = portal.visitor().post("/api/v1/password-resets", &json!({ "email": "eve@example.org" })).await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let common = json!({ "token": "x", "password": "password1234" });
    portal.visitor().post("/api/v1/password-resets/confirm", &common).await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn half_a_sign_in_opens_nothing_but_the_other_half() {
    let portal = Portal::open().await;
    let (ada, _) = register(&portal, "ada@example.org").await;
    let enrolment = ada.send("POST", "/api/v1/me/second-factor", None).await.is(201).json();
    let secret = enrolment["secret"].as_str().unwrap();
    assert!(enrolment["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    let wrong = ada.post("/api/v1/me/second-factor/confirm", &json!({ "code": "x" })).await;
    wrong.refused_as(422, "invalid-content");
    let done = ada.post("/api/v1/me/second-factor/confirm", &json!({ "code": code(secret, 0) })).await.is(201).json();
    assert_eq!(done["recovery_codes"].as_array().unwrap().len(), 10);
    ada.get("/api/v1/me").await.refused_as(401, "sign-in-required");
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let half = portal.visitor().post("/api/v1/sessions", &body).await.is(201).json();
    assert_eq!(half["stage"], "second-factor");
    let held = with_token(&portal, &half);
    for path in ["/api/v1/me", "/api/v1/me/export", "/api/v1/sessions/current"] {
        held.get(path).await.refused_as(401, "sign-in-required");
    }
    held.delete("/api/v1/me/second-factor").await.refused_as(401, "sign-in-required");
    held.send("POST", "/api/v1/me/second-factor", None).await.refused_as(401, "sign-in-required");
    held.post("/api/v1/sessions/second-factor", &json!({ "code": "000" })).await.refused_as(401, "sign-in-failed");
    let recovery = json!({ "code": done["recovery_codes"][0] });
    let open = held.post("/api/v1/sessions/second-factor", &recovery).await.is(201).json();
    held.post("/api/v1/sessions/second-factor", &recovery).await.refused_as(401, "sign-in-required");
    let ada = with_token(&portal, &open);
    assert_eq!(ada.get("/api/v1/me").await.is(200).json()["has_second_factor"], true);
    let proof = json!({ "password": PASSWORD });
    let without = ada.send("DELETE", "/api/v1/me/second-factor", Some(proof.to_string())).await;
    without.refused_as(401, "sign-in-failed");
    let proof = json!({ "password": PASSWORD, "code": code(secret, 1) });
    ada.send("DELETE", "/api/v1/me/second-factor", Some(proof.to_string())).await.is(204);
}

#[actix_web::test]
async fn an_operator_without_a_second_factor_can_set_one_up_and_nothing_else() {
    let settings = ApiSettings { second_factor_required: true, ..ApiSettings::default() };
    let portal = Portal::open_with(settings).await;
    let held = portal.operator().await;
    held.get("/api/v1/accounts").await.refused_as(401, "sign-in-required");
    let enrolment = held.send("POST", "/api/v1/me/second-factor", None).await.is(201).json();
    let code = code(enrolment["secret"].as_str().unwrap(), 0);
    let done = held.post("/api/v1/me/second-factor/confirm", &json!({ "code": code })).await.is(201).json();
    with_token(&portal, &done).get("/api/v1/accounts").await.is(200);
}

#[actix_web::test]
async fn sessions_are_ended_one_by_one_and_all_together_by_their_owner_alone() {
    let portal = Portal::open().await;
    let (ada, _) = register(&portal, "ada@example.org").await;
    let (eve, _) = register(&portal, "eve@example.org").await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let second = portal.visitor().post("/api/v1/sessions", &body).await.is(201).json();
    let second = with_token(&portal, &second);
    let me = ada.get("/api/v1/me").await.is(200).json();
    let others = me["sessions"].as_array().unwrap().iter().find(|one| one["is_this_one"] == false).unwrap();
    let path = format!("/api/v1/me/sessions/{}", others["id"].as_str().unwrap());
    eve.delete(&path).await.refused_as(404, "not-found");
    ada.delete(&path).await.is(204);
    second.get("/api/v1/me").await.refused_as(401, "sign-in-required");
    ada.delete("/api/v1/me/sessions").await.is(204);
    ada.get("/api/v1/me").await.refused_as(401, "sign-in-required");
    eve.get("/api/v1/me").await.is(200);
    eve.delete("/api/v1/me/identities/agency").await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn who_is_erased_is_gone_with_keys_and_all() {
    let portal = Portal::open().await;
    let (ada, session) = register(&portal, "ada@example.org").await;
    let made = json!({ "name": "Tide clock", "email": "ada@example.org" });
    let made = portal.visitor().post("/api/v1/applications", &made).await.is(201).json();
    let key = portal.with_key(made["key"].as_str().unwrap());
    key.get("/api/v1/datasets").await.is(200);
    let export = ada.get("/api/v1/me/export").await.is(200);
    assert!(export.header("content-disposition").contains("about-me.json"));
    assert!(export.text().contains("Tide clock"), "{}", export.text());
    let cookie = format!("fairground_session={}", session["token"].as_str().unwrap());
    let browser = portal.visitor().saying("cookie", &cookie);
    let proof = json!({ "password": PASSWORD }).to_string();
    browser.send("DELETE", "/api/v1/me", Some(proof.clone())).await.refused_as(403, "csrf-token-missing");
    ada.delete("/api/v1/me").await.refused_as(401, "sign-in-failed");
    let erased = ada.send("DELETE", "/api/v1/me", Some(proof)).await.is(200).json();
    assert_eq!(erased["applications_closed"], 1, "{erased}");
    ada.get("/api/v1/me").await.refused_as(401, "sign-in-required");
    assert_eq!(key.get("/api/v1/datasets").await.status, 401, "its keys stop at once");
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    portal.visitor().post("/api/v1/sessions", &body).await.refused_as(401, "sign-in-failed");
}

#[actix_web::test]
async fn another_password_renews_the_session_and_ends_the_others() {
    let portal = Portal::open().await;
    let (ada, _) = register(&portal, "ada@example.org").await;
    let put = |body: Value| ada.send("PUT", "/api/v1/me/password", Some(body.to_string()));
    put(json!({ "password": PASSWORD, "new_password": "short" })).await.refused_as(422, "invalid-content");
    put(json!({ "password": PASSWORD, "new_password": "Passw0rd2026" })).await.refused_as(422, "invalid-content");
    put(json!({ "password": "no", "new_password": "tulip mast and a kettle" })).await.refused_as(401, "sign-in-failed");
    let new = put(json!({ "password": PASSWORD, "new_password": "tulip mast and a kettle" })).await.is(201).json();
    ada.get("/api/v1/me").await.refused_as(401, "sign-in-required");
    with_token(&portal, &new).get("/api/v1/me").await.is(200);
}

#[actix_web::test]
async fn the_only_operator_cannot_go() {
    let portal = Portal::open().await;
    let operator = portal.operator().await;
    let proof = json!({ "password": PASSWORD }).to_string();
    operator.send("DELETE", "/api/v1/me", Some(proof)).await.refused_as(409, "conflict");
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let proof = json!({ "password": PASSWORD }).to_string();
    steward.send("DELETE", "/api/v1/me", Some(proof)).await.is(200);
}
