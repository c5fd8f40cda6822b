//! The pages of services behind the gateway, and the forms of those who answer for them.

use actix_web::http::StatusCode;
use fairground_catalog::account::Role;
use fairground_catalog::service::{self, ServiceState};

use crate::house::House;
use crate::scan::breaches;

const OPENAPI: &str = r##"{"openapi":"3.0.3","info":{"title":"Air <script>alert(1)</script>","version":"1"},"paths":{
"/stations/{station}":{"get":{"summary":"One <b>station</b>","description":"<script>alert(2)</script>Values.","parameters":[
{"name":"station","in":"path","required":true,"description":"<img src=x onerror=alert(3)>","schema":{"type":"string","example":"\"><script>alert(4)</script>"}},
{"name":"unit","in":"query","schema":{"type":"string","enum":["ug","ppb"]}}],"responses":{}}},
"/stations":{"post":{"summary":"Add a station","responses":{}}}}}"##;

fn furnished() -> House {
    let house = House::open();
    house.account("op@example.org", Role::Operator, None);
    house.source("health", Some("ministry-of-health"));
    house.account("steward@example.org", Role::Steward, Some("ministry-of-health"));
    house.source("other", Some("other-body"));
    house.account("other@example.org", Role::Steward, Some("other-body"));
    house
}

fn fields<'a>(token: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("csrf", token),
        ("title", "Air quality"),
        ("slug", "air"),
        ("upstream", "https://agency.example/v1"),
        ("description", "Hourly *values*. <script>alert(5)</script>"),
        ("openapi", OPENAPI),
        ("method-GET", "yes"),
        ("class", "gateway"),
        ("class_rules", "GET /stations/{station}/export export"),
        ("health_path", "/health"),
        ("health_interval", "60"),
        ("credentials_kind", "header"),
        ("credentials_name", "X-Agency-Key"),
        ("credentials_value", "hush-hush"),
    ];
    for (name, value) in more {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

async fn shown(house: &House, cookie: Option<&str>, path: &str) -> String {
    let answer = match cookie {
        Some(cookie) => house.get_as(cookie, path).await,
        None => house.get(path).await,
    };
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
    assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
    assert!(!answer.body.contains("hush-hush"), "{path} shows a secret");
    answer.body
}

#[actix_web::test]
async fn a_service_is_registered_approved_opened_and_tried_without_a_script() {
    let house = furnished();
    let (steward, token) = house.sign_in("steward@example.org").await;
    shown(&house, Some(&steward), "/workspace/services").await;
    shown(&house, Some(&steward), "/workspace/services/new").await;
    let made = house.post_as(&steward, "/workspace/services", &fields(&token, &[])).await;
    assert_eq!(made.header("location"), "/workspace/services/air?done=saved", "{}", made.body);
    let page = shown(&house, Some(&steward), "/workspace/services/air").await;
    assert!(page.contains("registered") && !page.contains("value=\"approve\""), "{page}");
    assert_eq!(house.get("/services/air").await.status, StatusCode::NOT_FOUND, "not open yet");
    shown(&house, Some(&steward), "/services/air").await;
    let act = |act: &'static str| [("csrf", token.as_str()), ("act", act)];
    for early in ["approve", "open"] {
        let refused = house.post_as(&steward, "/workspace/services/air", &act(early)).await;
        assert!(refused.status.is_client_error(), "{early}: {}", refused.status);
    }
    let (operator, operators) = house.sign_in("op@example.org").await;
    let page = shown(&house, Some(&operator), "/workspace/services/air").await;
    assert!(page.contains("value=\"approve\""), "{page}");
    house.post_as(&operator, "/workspace/services/air", &[("csrf", operators.as_str()), ("act", "approve")]).await;
    house.post_as(&steward, "/workspace/services/air", &act("open")).await;
    let state = house.catalog.db.read(|tx| service::get(tx, "air")).unwrap().state;
    assert_eq!(state, ServiceState::Live);

    let list = shown(&house, None, "/services").await;
    assert!(list.contains("href=\"/services/air\""), "{list}");
    let page = shown(&house, None, "/services/air").await;
    for part in ["/stations/{station}", "name=\"path.station\"", "<option value=\"ppb\">", "export"] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for hostile in ["<script>alert", "<img src=x", "agency.example"] {
        assert!(!page.contains(hostile), "{hostile}: {page}");
    }
    let tried = house.get("/services/air/try?operation=1&path.station=DE%20010&query.unit=ug").await;
    assert_eq!(tried.header("location"), "/gateway/air/stations/DE%20010?unit=ug", "{}", tried.body);
    assert_eq!(house.get("/services/air/try?operation=9").await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn what_is_wrong_stands_beside_its_field() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    for (field, value, anchor) in [
        ("title", "", "title"),
        ("upstream", "ftp://agency.example", "upstream"),
        ("upstream", "http://127.0.0.1/", "upstream"),
        ("openapi", "{\"hello\": 1}", "openapi"),
        ("class_rules", "nonsense", "class_rules"),
        ("class_rules", "GET stations rows", "class_rules"),
        ("health_interval", "1", "health"),
        ("credentials_value", "", "credentials"),
        ("slug", "A B", "slug"),
    ] {
        let answer = house.post_as(&cookie, "/workspace/services", &fields(&token, &[(field, value)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}={value}: {}", answer.body);
        assert!(answer.body.contains(&format!("href=\"#{anchor}\"")), "{field}={value}: {}", answer.body);
        assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{field}");
        assert!(!answer.body.contains("hush-hush"), "a secret is not shown again");
    }
}

#[actix_web::test]
async fn a_service_is_its_own_bodys_business() {
    let house = furnished();
    let (steward, token) = house.sign_in("steward@example.org").await;
    house.post_as(&steward, "/workspace/services", &fields(&token, &[])).await;
    let (other, others) = house.sign_in("other@example.org").await;
    for path in ["/workspace/services/air", "/services/air"] {
        assert_eq!(house.get_as(&other, path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let act = [("csrf", others.as_str()), ("act", "retire"), ("reason", "mine now")];
    assert_eq!(house.post_as(&other, "/workspace/services/air", &act).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.get("/workspace/services").await.status, StatusCode::SEE_OTHER);
    let without_token = house.post_as(&steward, "/workspace/services/air", &[("act", "retire"), ("reason", "x")]).await;
    assert_eq!(without_token.status, StatusCode::FORBIDDEN);
    let state = house.catalog.db.read(|tx| service::get(tx, "air")).unwrap().state;
    assert_eq!(state, ServiceState::Registered);
}
