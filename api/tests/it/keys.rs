//! What keys are for, where they end, and what becomes of those that are found.

use fairground_api::ApiSettings;
use fairground_catalog::account::Role;
use fairground_catalog::application::{self, PlainKey};
use fairground_catalog::register::{self, NewSuspension};
use fairground_domain::Timestamp;
use serde_json::{Value, json};

use super::portal::{Actor, Portal};

const PLANS: &str = "/api/v1/plans";

fn key_of(made: &Value) -> &str {
    made["key"].as_str().unwrap()
}

async fn make<'a>(portal: &'a Portal, owner: &Actor<'_>, wanted: Value) -> (Actor<'a>, Value) {
    let made = owner.post("/api/v1/applications/me/keys", &wanted).await.is(201).json();
    (portal.with_key(key_of(&made)), made)
}

fn token_in(letter: &str) -> &str {
    letter.split("token=").nth(1).unwrap().split_whitespace().next().unwrap()
}

#[actix_web::test]
async fn a_key_lives_from_registration_to_its_leak() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    let id = made["id"].as_str().unwrap();
    let token = token_in(&portal.letters(1).await[0]).to_owned();
    portal.visitor().post("/api/v1/applications/verify", &json!({ "token": token })).await.is(200);

    // Rotated with overlap: both work, until the old one's end.
    let path = format!("/api/v1/applications/me/keys/{}/rotate", made["key_id"].as_str().unwrap());
    let second = anna.post(&path, &json!({ "overlap_secs": 1 })).await.is(201).json();
    let renewed = portal.with_key(key_of(&second));
    renewed.get(PLANS).await.is(200);
    loop {
        let answer = anna.get(PLANS).await;
        if answer.status == 401 {
            answer.refused_as(401, "key-expired");
            break;
        }
        assert_eq!(answer.status, 200);
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }

    // Restricted to one class, then to web pages and to networks.
    let key = format!("/api/v1/applications/me/keys/{}", second["id"].as_str().unwrap());
    let (rows_only, rows_key) = make(&portal, &renewed, json!({ "name": "rows", "scopes": ["rows"] })).await;
    let problem = rows_only.get(PLANS).await.refused_as(403, "key-not-permitted");
    assert!(problem["detail"].as_str().unwrap().contains("`catalogue`"), "{problem}");
    rows_only.get("/api/v1/tables/none/rows").await.refused_as(404, "not-found");
    let widened = json!({ "scopes": ["rows", "catalogue"] });
    let rows_path = format!("/api/v1/applications/me/keys/{}", rows_key["id"].as_str().unwrap());
    renewed.patch(&rows_path, &widened).await.is(200);
    rows_only.get(PLANS).await.is(200);

    let page = json!({ "name": "page", "referrer_hosts": ["*.example.org"] });
    let (page, made) = make(&portal, &renewed, page).await;
    assert!(!made["scopes"].as_array().unwrap().contains(&json!("manage")), "{made}");
    page.get(PLANS).await.refused_as(403, "key-not-permitted");
    page.clone().saying("origin", "https://map.example.org").get(PLANS).await.is(200);
    page.clone().saying("referer", "https://map.example.org/x?y").get(PLANS).await.is(200);
    page.clone().saying("origin", "https://example.org.evil.net").get(PLANS).await.refused_as(403, "key-not-permitted");
    let page = page.saying("origin", "https://map.example.org");
    page.get("/api/v1/applications/me").await.refused_as(403, "key-not-permitted");

    renewed.patch(&key, &json!({ "networks": ["192.0.2.0/24"] })).await.is(200);
    renewed.get(PLANS).await.refused_as(403, "key-not-permitted");

    // Found in public: revoked, and its owner knows.
    let before = portal.letters(1).await.len();
    let report = json!({ "key": key_of(&second) });
    let answer = portal.visitor().post("/api/v1/key-leaks", &report).await.is(202).json();
    renewed.get(PLANS).await.refused_as(401, "key-revoked");
    let letters = portal.letters(before + 1).await;
    let told = letters.iter().find(|letter| letter.contains("was found")).unwrap();
    assert!(told.contains("To: anna@example.org") && told.contains(id) && !told.contains(key_of(&second)), "{told}");
    // The same answer for what is nobody's, was revoked, or is no key.
    for text in [key_of(&second), PlainKey::generate().unwrap().reveal(), "fg_x", "hello"] {
        let again = portal.visitor().post("/api/v1/key-leaks", &json!({ "key": text })).await.is(202).json();
        assert_eq!(again, answer, "{text}");
    }
    rows_only.get(PLANS).await.is(200);
}

#[actix_web::test]
async fn a_publishing_token_that_was_found_is_revoked_and_its_owner_knows() {
    let portal = Portal::furnished().await;
    let editor = portal.staff(Role::Publisher, Some("ardenport")).await;
    let asked = json!({ "publisher": "ardenport", "name": "nightly upload",
                        "expires_at": Timestamp::now().plus_secs(86_400) });
    let made = editor.post("/api/v1/me/publishing-tokens", &asked).await.is(201).json();
    let token = made["secret"].as_str().unwrap().to_owned();
    let program = portal.visitor().saying("authorization", &format!("Bearer {token}"));
    program.get("/api/v1/drafts").await.is(200);
    let report = json!({ "key": format!(" {token} ") });
    let answer = portal.visitor().post("/api/v1/key-leaks", &report).await.is(202).json();
    program.get("/api/v1/drafts").await.refused_as(401, "sign-in-required");
    let letters = portal.letters(1).await;
    let told = letters.iter().find(|letter| letter.contains("nightly upload")).unwrap();
    assert!(told.contains("To: publisher-ardenport@example.org") && !told.contains(&token), "{told}");
    // The same answer for one that was revoked, for nobody's and for a mistyped one; and no second letter.
    for text in [token.as_str(), &token[..42], "fgp_x"] {
        let again = portal.visitor().post("/api/v1/key-leaks", &json!({ "key": text })).await.is(202).json();
        assert_eq!(again, answer, "{text}");
    }
    assert_eq!(portal.letters(1).await.len(), 1);
    let operator = portal.operator().await;
    let audit = operator.get("/api/v1/audit?publisher=ardenport").await.is(200).json();
    let entry = &audit["items"][0];
    assert_eq!((&entry["action"], &entry["actor"]), (&json!("token.revoked"), &json!("portal")), "{audit}");
    assert!(entry["comment"].as_str().unwrap().contains("public") && !audit.to_string().contains(&token), "{audit}");
}

#[actix_web::test]
async fn networks_are_judged_by_the_address_that_trusted_proxies_tell() {
    let settings = ApiSettings { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..ApiSettings::default() };
    let portal = Portal::open_with(settings).await;
    let (anna, _) = portal.consumer("anna").await;
    let (server, _) =
        make(&portal, &anna, json!({ "name": "server", "networks": ["192.0.2.0/24", "2001:db8::/32"] })).await;
    for (from, status) in
        [("192.0.2.7", 200), ("2001:db8::1", 200), ("198.51.100.1", 403), ("192.0.2.7, 198.51.100.1", 403)]
    {
        let answer = server.clone().saying("x-forwarded-for", from).get(PLANS).await;
        assert_eq!(answer.status, status, "{from}: {}", answer.text());
    }
}

#[actix_web::test]
async fn wishes_that_cannot_be_are_refused_by_name() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    for (wanted, pointer) in [
        (json!({ "name": "x", "scopes": ["admin"] }), "/scopes"),
        (json!({ "name": "x", "scopes": [] }), "/scopes"),
        (json!({ "name": "x", "referrer_hosts": ["https://x.org"] }), "/referrer_hosts"),
        (json!({ "name": "x", "networks": ["10.0.0.0/99"] }), "/networks"),
        (json!({ "name": "x", "scopes": ["manage"], "referrer_hosts": ["x.org"] }), "/scopes"),
        (json!({ "name": "x", "expires_in_days": 0 }), "/expires_in_days"),
    ] {
        let answer = anna.post("/api/v1/applications/me/keys", &wanted).await;
        let problem = answer.refused_as(422, "invalid-content");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{wanted}");
    }
}

#[actix_web::test]
async fn guessing_keys_spends_the_guessers_own_limits_and_no_keys() {
    let portal = Portal::open().await;
    let anna = portal.consumer_by_hand("anna").await;
    let mut refused = 0;
    loop {
        let guess = PlainKey::generate().unwrap();
        match portal.with_key(guess.reveal()).get(PLANS).await.status {
            401 => refused += 1,
            429 => break,
            other => panic!("{other}"),
        }
        assert!(refused < 2_000, "guessing never ends");
    }
    // Limits fill up again meanwhile, but whoever had not drawn on them could make hundreds of calls at once.
    let mut spent = false;
    for _ in 0..100 {
        spent = spent || portal.visitor().get(PLANS).await.status == 429;
    }
    assert!(spent, "the guesses were not counted under the guesser's address");
    anna.get(PLANS).await.is(200);
}

#[actix_web::test]
async fn a_suspended_application_is_told_so_and_works_again_afterwards() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let number = portal.state.read(move |tx| application::get(tx, id)).await.unwrap().number;
    let new = NewSuspension {
        application: number,
        ground: register::SuspensionGround::ALL[0],
        reason: "It attacks other portals.".to_owned(),
        review_at: Timestamp::now().plus_secs(86_400),
        ends_at: None,
    };
    let entry = portal.state.write_keys(move |tx| register::suspend(tx, new, "test")).await.unwrap().0;
    anna.get(PLANS).await.refused_as(403, "application-suspended");
    portal.state.write_keys(move |tx| register::end(tx, entry.number, "It was mended.", "test")).await.unwrap();
    anna.get(PLANS).await.is(200);
}

#[actix_web::test]
async fn an_account_manages_the_applications_of_its_confirmed_address() {
    let portal = Portal::furnished().await;
    let (_, made) = portal.consumer("publisher-ardenport").await;
    let id = made["id"].as_str().unwrap();
    let person = portal.staff(Role::Publisher, Some("ardenport")).await;
    let path = format!("/api/v1/applications/{id}");
    person.get(&path).await.refused_as(404, "not-found");
    portal.confirm_account("publisher-ardenport@example.org");
    let person = portal.staff(Role::Publisher, Some("ardenport")).await;
    person.get(&path).await.is(200);
    assert_eq!(person.get("/api/v1/applications").await.is(200).json()["items"][0]["id"], id);
    let changed = person.patch(&path, &json!({ "name": "Beds", "quota_letters": false })).await.is(200).json();
    assert_eq!((changed["name"].as_str(), changed["quota_letters"].as_bool()), (Some("Beds"), Some(false)));
    let key = person.post(&format!("{path}/keys"), &json!({ "name": "made signed in" })).await.is(201).json();
    let owner = portal.with_key(key_of(&key));
    owner.get(PLANS).await.is(200);
    owner.post(&format!("{path}/transfer"), &json!({})).await.refused_as(403, "forbidden");

    let home = person.post("/api/v1/organisations", &json!({ "name": "Beds" })).await.is(201).json();
    let given = person.post(&format!("{path}/transfer"), &json!({ "organisation": home["slug"] })).await.is(200).json();
    assert_eq!(given["organisation"], home["slug"]);
    owner.get(PLANS).await.is(200);
    person
        .delete(&format!("/api/v1/organisations/{}", home["slug"].as_str().unwrap()))
        .await
        .refused_as(409, "conflict");
    person.delete(&path).await.is(204);
    owner.get(PLANS).await.refused_as(401, "key-revoked");
    person.get(&path).await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn an_owner_without_key_or_account_gets_a_link_and_strangers_learn_nothing() {
    let portal = Portal::open().await;
    portal.consumer("anna").await;
    let first = portal.letters(1).await.len();
    let ask = async |email: &str| {
        portal.visitor().post("/api/v1/applications/links", &json!({ "email": email })).await.is(202).json()
    };
    assert_eq!(ask("nobody@example.org").await, ask("anna@example.org").await);
    let letters = portal.letters(first + 1).await;
    assert_eq!(letters.len(), first + 1, "nobody gets no letter");
    let link = letters.iter().find(|letter| letter.contains("/developers/manage?token=")).unwrap();
    assert!(link.contains("To: anna@example.org"), "{link}");
    let problem = portal.visitor().post("/api/v1/applications/links", &json!({ "email": "no" })).await;
    assert_eq!(problem.refused_as(422, "invalid-content")["errors"][0]["pointer"], "/email");
}

#[actix_web::test]
async fn reports_of_leaks_are_throttled() {
    let portal = Portal::open().await;
    let mut status = 202;
    for _ in 0..200 {
        status = portal.visitor().post("/api/v1/key-leaks", &json!({ "key": "fg_x" })).await.status;
        if status != 202 {
            break;
        }
    }
    assert_eq!(status, 429);
    portal.visitor().post("/api/v1/key-leaks", &json!({ "key": "fg_x" })).await.refused_as(429, "too-many-attempts");
}

#[actix_web::test]
async fn the_last_use_of_a_key_is_written_down() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let before = anna.get("/api/v1/applications/me/keys").await.is(200).json();
    assert!(before["items"][0].get("last_used_at").is_none(), "{before}");
    portal.state.note_key_uses().unwrap();
    let after = anna.get("/api/v1/applications/me/keys").await.is(200).json();
    let told = after["items"][0]["last_used_at"].as_str().unwrap().to_owned();
    assert!(told.ends_with(":00Z") || told.ends_with(":00.000000Z"), "to the minute: {told}");
}
