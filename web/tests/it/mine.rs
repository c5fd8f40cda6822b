//! One's own applications and organisations, by form.

use actix_web::http::StatusCode;
use fairground_catalog::account::Role;
use fairground_catalog::application::{self, AlertKind, Alerts, Registered};
use fairground_catalog::tariff;

use crate::house::{Answer, House, drafts};
use crate::scan::breaches;

fn register(house: &House, email: &str) -> Registered {
    let secret = house.catalog.secret.clone();
    house
        .catalog
        .db
        .write(|tx| {
            let terms = tariff::get_current(tx)?.terms_version;
            application::register(tx, &secret, "Bus <times>", email, &terms)
        })
        .unwrap()
}

/// Comes in by a mailed link; gives the cookie and the token that forms carry.
async fn come_in(house: &House, email: &str) -> (String, String) {
    let secret = house.catalog.secret.clone();
    let link = house.catalog.db.write(|tx| application::request_owner_link(tx, &secret, email)).unwrap().unwrap();
    let shown = house.get(&format!("/developers/manage?token={link}")).await;
    assert!(shown.status == StatusCode::OK && shown.body.contains("Open"), "{}", shown.body);
    let opened = house.post("/developers/manage", &[("token", &link)]).await;
    assert_eq!(opened.header("location"), "/developers/applications", "{}", opened.body);
    let set = opened.header("set-cookie").to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/developers"), "{set}");
    let again = house.post("/developers/manage", &[("token", &link)]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "a link opens once");
    let cookie = set.split(';').next().unwrap().to_owned();
    let list = house.get_as(&cookie, "/developers/applications").await;
    (cookie, csrf(&list))
}

fn csrf(answer: &Answer) -> String {
    let (_, rest) = answer.body.split_once("name=\"csrf\" value=\"").expect("a form with its token");
    rest.split('"').next().unwrap().to_owned()
}

#[actix_web::test]
async fn an_owner_without_account_makes_rotates_restricts_and_revokes_keys() {
    let house = House::open();
    let anna = register(&house, "anna@example.org");
    let bert = register(&house, "bert@example.org");
    let (cookie, csrf) = come_in(&house, "anna@example.org").await;
    let page = format!("/developers/applications/{}", anna.application.id);
    let shown = house.get_as(&cookie, &page).await;
    assert_eq!((shown.status, shown.header("cache-control")), (StatusCode::OK, "no-store"));
    assert!(shown.body.contains("Bus &#60;times&#62;"), "{}", shown.body);
    assert_eq!(breaches(&shown.body), Vec::<String>::new());
    let strange = format!("/developers/applications/{}", bert.application.id);
    assert_eq!(house.get_as(&cookie, &strange).await.status, StatusCode::NOT_FOUND);

    let wanted =
        [("csrf", csrf.as_str()), ("name", "map"), ("scope-rows", "yes"), ("referrer_hosts", "*.example.org\r\na.org")];
    assert_eq!(house.post_as(&cookie, &format!("{page}/keys"), &wanted[1..]).await.status, StatusCode::FORBIDDEN);
    let made = house.post_as(&cookie, &format!("{page}/keys"), &wanted).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"), "{}", made.body);
    let key = made.body.split("fg_").nth(1).unwrap();
    let key = format!("fg_{}", key.split('<').next().unwrap());
    assert!(application::PlainKey::parse(&key).is_ok(), "{key}");
    let listed = house.get_as(&cookie, &page).await;
    assert!(!listed.body.contains(&key) && listed.body.contains("*.example.org"), "a key is shown once");

    let wrong = [("csrf", csrf.as_str()), ("name", "x"), ("scope-manage", "yes"), ("referrer_hosts", "a.org")];
    let refused = house.post_as(&cookie, &format!("{page}/keys"), &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("There is a problem") && refused.body.contains("manage"), "{}", refused.body);

    let key_page = format!("{page}/keys/{}", anna.key.id);
    let rotated =
        house.post_as(&cookie, &format!("{key_page}/rotate"), &[("csrf", &csrf), ("overlap_days", "7")]).await;
    assert!(rotated.body.contains("goes on working until"), "{}", rotated.body);
    let restricted = [("csrf", csrf.as_str()), ("name", "old"), ("scope-rows", "yes"), ("networks", "192.0.2.1")];
    let saved = house.post_as(&cookie, &key_page, &restricted).await;
    assert_eq!(saved.header("location"), format!("{page}?done=saved"), "{}", saved.body);
    let revoked = house.post_as(&cookie, &format!("{key_page}/revoke"), &[("csrf", &csrf)]).await;
    assert_eq!(revoked.header("location"), format!("{page}?done=key-revoked"), "{}", revoked.body);
    let strange_key = format!("{page}/keys/{}/revoke", bert.key.id);
    assert_eq!(house.post_as(&cookie, &strange_key, &[("csrf", &csrf)]).await.status, StatusCode::NOT_FOUND);

    let unsure = house.post_as(&cookie, &format!("{page}/close"), &[("csrf", &csrf)]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let closed = house.post_as(&cookie, &format!("{page}/close"), &[("csrf", &csrf), ("sure", "yes")]).await;
    assert_eq!(closed.header("location"), "/developers/applications?done=application-closed", "{}", closed.body);
    assert_eq!(house.get_as(&cookie, &page).await.status, StatusCode::NOT_FOUND);
    let left = house.post_as(&cookie, "/developers/leave", &[("csrf", &csrf)]).await;
    assert_eq!(left.status, StatusCode::SEE_OTHER);
    assert!(!house.get_as(&cookie, "/developers/applications").await.body.contains("anna@example.org"));
}

#[actix_web::test]
async fn strangers_are_led_to_the_ways_in() {
    let house = House::open();
    let anna = register(&house, "anna@example.org");
    let list = house.get("/developers/applications").await;
    assert!(list.status == StatusCode::OK && list.body.contains("Send me a link"), "{}", list.body);
    assert_eq!(breaches(&list.body), Vec::<String>::new());
    for path in [
        &format!("/developers/applications/{}", anna.application.id),
        "/developers/organisations",
        "/developers/organisations/transit",
        "/developers/invitation?token=x",
    ] {
        let answer = house.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header("location").starts_with("/sign-in?next="), "{path}");
    }
    for email in ["anna@example.org", "nobody@example.org"] {
        let sent = house.post("/developers/links", &[("email", email)]).await;
        assert!(sent.status == StatusCode::OK && sent.body.contains("Look into your mailbox"), "{}", sent.body);
    }
    assert_eq!(house.post("/developers/links", &[("email", "no")]).await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_leak_report_revokes_and_says_the_same_to_everything() {
    let house = House::open();
    let anna = register(&house, "anna@example.org");
    assert_eq!(breaches(&house.get("/developers/leaks").await.body), Vec::<String>::new());
    let first = house.post("/developers/leaks", &[("key", anna.plain_key.reveal())]).await;
    let second = house.post("/developers/leaks", &[("key", "hello")]).await;
    assert_eq!((first.status, second.status), (StatusCode::OK, StatusCode::OK));
    assert!(first.body.contains("Thank you") && second.body.contains("Thank you"));
    let keys = house.catalog.db.read(|tx| application::list_keys(tx, anna.application.id)).unwrap();
    assert!(keys[0].revoked_at.is_some());
    assert_eq!(house.post("/developers/leaks", &[("key", " ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[actix_web::test]
async fn an_organisation_is_made_joined_and_left_by_form() {
    let house = House::open();
    let own = house.source("health", Some("ministry-of-health"));
    house.harvest(&own, drafts(&["Hospital beds"]));
    house.account("anna@example.org", Role::Publisher, Some("ministry-of-health"));
    house.account("bert@example.org", Role::Publisher, Some("ministry-of-health"));
    let (anna, csrf) = house.sign_in("anna@example.org").await;
    let (bert, his) = house.sign_in("bert@example.org").await;
    let wrong = [("csrf", csrf.as_str()), ("name", "Transit"), ("domain", "gmail.com")];
    let refused = house.post_as(&anna, "/developers/organisations", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("value=\"Transit\""), "what was typed stays: {}", refused.body);
    let made = house.post_as(&anna, "/developers/organisations", &[("csrf", &csrf), ("name", "Transit")]).await;
    let page = "/developers/organisations/transit";
    assert_eq!(made.header("location"), page, "{}", made.body);
    let shown = house.get_as(&anna, page).await;
    assert_eq!((shown.status, breaches(&shown.body)), (StatusCode::OK, Vec::new()));
    assert_eq!(house.get_as(&bert, page).await.status, StatusCode::NOT_FOUND);

    let invited = [("csrf", csrf.as_str()), ("email", "bert@example.org"), ("role", "member")];
    let sent = house.post_as(&anna, &format!("{page}/invitations"), &invited).await;
    assert_eq!(sent.header("location"), format!("{page}?done=invitation-sent"), "{}", sent.body);
    let letter = house.letter("join Transit").await;
    let token = letter.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let asked = house.get_as(&bert, &format!("/developers/invitation?token={token}")).await;
    assert!(asked.body.contains("Join Transit"), "{}", asked.body);
    let joined = house.post_as(&bert, "/developers/invitation", &[("csrf", &his), ("token", token)]).await;
    assert_eq!(joined.header("location"), format!("{page}?done=organisation-joined"), "{}", joined.body);
    let refused = house.post_as(&bert, &format!("{page}/invitations"), &[("csrf", &his), ("email", "c@d.org")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let members = house.get_as(&bert, page).await.body;
    assert!(members.contains("anna@example.org") && !members.contains("Make an owner"), "{members}");
    let him = members.split("/members/").nth(1).unwrap().split('/').next().unwrap();
    let left = house.post_as(&bert, &format!("{page}/members/{him}/remove"), &[("csrf", &his)]).await;
    assert_eq!(left.header("location"), "/developers/organisations?done=organisation-left", "{}", left.body);
}

#[actix_web::test]
async fn an_owner_chooses_letters_on_the_page_of_use_and_ends_them_with_one_click() {
    let house = House::open();
    let anna = register(&house, "anna@example.org").application;
    let bert = register(&house, "bert@example.org").application;
    let (cookie, csrf) = come_in(&house, "anna@example.org").await;
    let page = format!("/developers/applications/{}/usage", anna.id);
    let shown = house.get_as(&cookie, &page).await;
    assert!(
        shown.body.contains("value=\"80\" checked") && shown.body.contains("value=\"100\" checked"),
        "{}",
        shown.body
    );
    assert!(shown.body.contains("Letters go to anna@example.org"), "{}", shown.body);
    assert_eq!(breaches(&shown.body), Vec::<String>::new());

    let action = format!("/developers/applications/{}/alerts", anna.id);
    let wanted =
        [("csrf", csrf.as_str()), ("marks", "50"), ("marks", "95"), ("error_percent", "10"), ("silent_days", "7")];
    assert_eq!(house.post_as(&cookie, &action, &wanted[1..]).await.status, StatusCode::FORBIDDEN);
    let saved = house.post_as(&cookie, &action, &wanted).await;
    assert_eq!(saved.header("location"), format!("{page}?done=saved#alerts"), "{}", saved.body);
    let alerts = |id| {
        house
            .catalog
            .db
            .read(move |tx| application::get(tx, id).and_then(|one| application::get_alerts(tx, &one)))
            .unwrap()
    };
    let chosen = Alerts { quota_marks: vec![50, 95], error_percent: Some(10), silent_days: Some(7) };
    assert_eq!(alerts(anna.id), chosen);
    let shown = house.get_as(&cookie, &page).await;
    assert!(
        shown.body.contains("value=\"95\" checked") && shown.body.contains("value=\"7\" selected"),
        "{}",
        shown.body
    );
    let strange = format!("/developers/applications/{}/alerts", bert.id);
    assert_eq!(house.post_as(&cookie, &strange, &wanted).await.status, StatusCode::NOT_FOUND);
    let mad = [("csrf", csrf.as_str()), ("error_percent", "lots")];
    assert_eq!(house.post_as(&cookie, &action, &mad).await.status, StatusCode::BAD_REQUEST);

    // A letter's link shows what it ends, and a post alone ends it, from anywhere.
    let token = application::alert_token(&house.catalog.secret, anna.id, AlertKind::Errors);
    let link = format!("/developers/alerts/{token}");
    let looked = house.get(&link).await;
    assert!(looked.status == StatusCode::OK && looked.body.contains("End these letters?"), "{}", looked.body);
    assert_eq!(breaches(&looked.body), Vec::<String>::new());
    assert_eq!(alerts(anna.id), chosen, "looking ends nothing");
    let ended = house.post(&link, &[("List-Unsubscribe", "One-Click")]).await;
    assert!(ended.status == StatusCode::OK && ended.body.contains("These letters have ended"), "{}", ended.body);
    assert_eq!(alerts(anna.id), chosen.clone().without(AlertKind::Errors));
    assert_eq!(house.get("/developers/alerts/q0").await.status, StatusCode::NOT_FOUND);

    house.post_as(&cookie, &action, &[("csrf", csrf.as_str()), ("act", "off")]).await;
    assert!(alerts(anna.id).is_off());
}
