//! The tariff, the register and conduct, as anybody and as the operator sees them.

use serde_json::{Value, json};

use super::portal::{Actor, Portal};

const DAY_SECS: i64 = 86_400;

fn in_days(days: i64) -> String {
    fairground_domain::Timestamp::now().plus_secs(days * DAY_SECS).to_string()
}

async fn document(visitor: &Actor<'_>) -> Value {
    visitor.get("/.well-known/tariff.json").await.is(200).json()
}

fn quota(document: &mut Value) -> &mut Value {
    let plans = document["plans"].as_array_mut().unwrap();
    let open = plans.iter_mut().find(|plan| plan["id"] == "open").unwrap();
    &mut open["quotas"][0]["quota"]
}

async fn announce(operator: &Actor<'_>, document: &Value) -> super::portal::Answer {
    let tag = operator.get("/api/v1/tariffs").await.is(200).header("etag");
    operator.clone().saying("if-match", &tag).post("/api/v1/tariffs", document).await
}

#[actix_web::test]
async fn the_tariff_says_what_holds_what_came_before_and_what_comes() {
    let portal = Portal::open().await;
    let (visitor, operator) = (portal.visitor(), portal.operator().await);
    let mut better = document(&visitor).await;
    assert_eq!(better["version"], 1);
    assert_eq!(better["rules"]["notice_days"], 60);
    assert_eq!(better["plans"][0]["concurrency"]["export"], 4);
    assert_eq!(better["unit_rules"]["export"]["at_most"], 1_010);
    assert!(better["links"].get("previous").is_none() && better.get("valid_to").is_none());
    better.as_object_mut().unwrap().remove("valid_from");
    *quota(&mut better) = json!(6_000_000);
    let told = announce(&operator, &better).await.is(201);
    assert_eq!(told.header("location"), "/api/v1/plans?version=2");
    let told = told.json();
    assert_eq!((&told["version"], &told["notice_days"], &told["in_time"]), (&json!(2), &json!(0), &json!(true)));
    let mut worse = document(&visitor).await;
    assert_eq!((&worse["version"], &worse["links"]["previous"]), (&json!(2), &json!("/api/v1/plans?version=1")));
    worse["valid_from"] = json!(in_days(91));
    *quota(&mut worse) = json!(1_000_000);
    announce(&operator, &worse).await.is(201);
    let now = document(&visitor).await;
    assert_eq!((&now["version"], &now["links"]["next"]["version"]), (&json!(2), &json!(3)));
    assert_eq!(now["links"]["next"]["valid_from"], now["valid_to"]);
    let versions = visitor.get("/api/v1/tariffs").await.is(200).json();
    let states: Vec<_> = versions["items"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(states, ["announced", "in-force", "past"]);
    let old = visitor.get("/api/v1/plans?version=1").await.is(200).json();
    assert_eq!((&old["items"][2]["quotas"][0]["quota"], &old["status"]), (&json!(5_000_000), &json!("past")));
    visitor.get("/api/v1/plans?version=9").await.refused_as(404, "not-found");
    let difference = visitor.get("/api/v1/tariffs/difference?from=2&to=3").await.is(200).json();
    assert_eq!(difference["notice_days"], 90);
    let worse = difference["changes"]
        .as_array()
        .unwrap()
        .iter()
        .any(|change| change["plan"] == "open" && change["aspect"] == "quota" && change["effect"] == "worse");
    assert!(worse, "{difference}");
}

#[actix_web::test]
async fn a_worse_tariff_is_refused_before_its_notice_is_over() {
    let portal = Portal::open().await;
    let (visitor, operator) = (portal.visitor(), portal.operator().await);
    let mut worse = document(&visitor).await;
    *quota(&mut worse) = json!(4_500_000);
    for days in [0, 1, 59] {
        worse["valid_from"] = json!(in_days(days));
        if days == 0 {
            worse.as_object_mut().unwrap().remove("valid_from");
        }
        let refused = announce(&operator, &worse).await.refused_as(409, "notice-too-short");
        assert!(refused["detail"].as_str().unwrap().contains("60 days of notice"), "{refused}");
    }
    let preview = operator.post("/api/v1/tariffs/comparison", &worse).await.is(200).json();
    assert_eq!((&preview["notice_days"], &preview["in_time"]), (&json!(60), &json!(false)));
    worse["valid_from"] = json!("2020-01-01T00:00:00Z");
    announce(&operator, &worse).await.refused_as(422, "invalid-content");
    assert_eq!(document(&visitor).await["version"], 1);
    worse["valid_from"] = json!(in_days(61));
    announce(&operator, &worse).await.is(201);
}

#[actix_web::test]
async fn a_version_names_the_one_that_it_follows() {
    let portal = Portal::open().await;
    let (visitor, operator) = (portal.visitor(), portal.operator().await);
    let mut next = document(&visitor).await;
    next.as_object_mut().unwrap().remove("valid_from");
    operator.post("/api/v1/tariffs", &next).await.refused_as(428, "precondition-required");
    let seen = operator.get("/api/v1/tariffs").await.header("etag");
    announce(&operator, &next).await.is(201);
    let late = operator.clone().saying("if-match", &seen);
    late.post("/api/v1/tariffs", &next).await.refused_as(412, "precondition-failed");
    next["unit_cost"] = json!({});
    announce(&operator, &next).await.refused_as(422, "invalid-content");
    next.as_object_mut().unwrap().remove("unit_cost");
    next["plans"][0]["quotas"][0]["quota"] = json!(0);
    announce(&operator, &next).await.refused_as(422, "invalid-content");
}

#[actix_web::test]
async fn an_exception_is_public_at_once_and_holds_for_everybody() {
    let portal = Portal::open().await;
    let (visitor, operator) = (portal.visitor(), portal.operator().await);
    let body = json!({
        "scope": { "plan": "keyless" }, "limits": { "quota_percent": 1 },
        "reason": "Half of the machines are under water", "ends_at": in_days(10),
    });
    let before = visitor.get("/api/v1/publishers").await.is(200).header("ratelimit-policy");
    let made = operator.post("/api/v1/register/exceptions", &body).await.is(201);
    assert_eq!(made.header("location"), "/api/v1/register/1");
    let after = visitor.get("/api/v1/publishers").await.is(200).header("ratelimit-policy");
    assert!(before.contains("q=25000") && after.contains("q=250;"), "{before} / {after}");
    let tariff = document(&visitor).await;
    assert_eq!(tariff["exceptions"][0]["reason"], "Half of the machines are under water");
    assert_eq!(tariff["plans"][0]["quotas"][0]["quota"], 25_000, "the version stays what was published");
    assert_eq!(tariff["enforced"][0]["quotas"][0]["quota"], 250);
    let entry = visitor.get("/api/v1/register/1").await.is(200).json();
    assert_eq!((&entry["kind"], &entry["status"]), (&json!("exception"), &json!("in-force")));
    let feed = visitor.get("/feeds/transparency.atom").await.is(200);
    assert!(feed.header("content-type").starts_with("application/atom+xml"));
    assert!(feed.text().contains("under water"), "{}", feed.text());
    operator.post("/api/v1/register/1/end", &json!({ "reason": "Dry again" })).await.is(200);
    let ended = visitor.get("/api/v1/publishers").await.is(200).header("ratelimit-policy");
    assert_eq!(ended, before);
    let as_csv = visitor.get("/api/v1/register?format=csv").await.is(200);
    assert!(as_csv.header("content-type").starts_with("text/csv"));
    assert_eq!(as_csv.text().lines().count(), 2, "{}", as_csv.text());
}

#[actix_web::test]
async fn an_exception_cannot_name_a_party() {
    let portal = Portal::open().await;
    let operator = portal.operator().await;
    for scope in [json!({ "application": 1 }), json!({ "party": 1 }), json!({ "plan": "open", "key": "fg_x" })] {
        let body =
            json!({ "scope": scope, "limits": { "rate_percent": 500 }, "reason": "A friend", "ends_at": in_days(1) });
        operator.post("/api/v1/register/exceptions", &body).await.refused_as(422, "invalid-content");
    }
    for (days, limits) in [(91, json!({ "rate_percent": 50 })), (1, json!({})), (-1, json!({ "rate_percent": 50 }))] {
        let body = json!({ "limits": limits, "reason": "Flood", "ends_at": in_days(days) });
        operator.post("/api/v1/register/exceptions", &body).await.refused_as(422, "invalid-content");
    }
}

#[actix_web::test]
async fn a_suspended_application_is_refused_told_and_reinstated() {
    let portal = Portal::open().await;
    let (visitor, operator) = (portal.visitor(), portal.operator().await);
    let (anna, _) = portal.consumer("anna").await;
    anna.get("/api/v1/publishers").await.is(200);
    let body = json!({
        "application": 1, "ground": "security", "reason": "It tries keys of others", "review_at": in_days(7),
    });
    let entry = operator.post("/api/v1/register/suspensions", &body).await.is(201).json();
    anna.get("/api/v1/publishers").await.refused_as(403, "application-suspended");
    visitor.get("/api/v1/publishers").await.is(200);
    let register = visitor.get("/api/v1/register?kind=suspension&status=in-force").await.is(200).text();
    assert!(register.contains("It tries keys of others") && !register.contains("anna"), "{register}");
    operator.post("/api/v1/register/suspensions", &body).await.refused_as(409, "conflict");
    let end = format!("/api/v1/register/{}/end", entry["number"]);
    operator.post(&end, &json!({ "reason": "Keys were changed" })).await.is(200);
    anna.get("/api/v1/publishers").await.is(200);
    operator.post(&end, &json!({ "reason": "Again" })).await.refused_as(409, "conflict");
    let kinds: Vec<_> = visitor.get("/api/v1/transparency").await.is(200).json()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["kind"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["application.reinstated", "application.suspended", "ranking.changed", "tariff.published"]);
}

#[actix_web::test]
async fn conduct_is_paged_by_cursor_back_to_the_beginning() {
    let portal = Portal::furnished().await;
    portal.harvest("port-authority", vec![]);
    let (visitor, operator) = (portal.visitor(), portal.operator().await);
    for round in 0..3 {
        let body = json!({ "subject": format!("Feed {round}"), "reason": "There is no such data" });
        operator.post("/api/v1/register/refusals", &body).await.is(201);
    }
    let (mut path, mut seen) = ("/api/v1/transparency?limit=2".to_owned(), Vec::new());
    loop {
        let page = visitor.get(&path).await.is(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|act| act["kind"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/api/v1/transparency?limit=2&cursor={next}");
    }
    assert_eq!(
        seen,
        [
            "refusal.registered",
            "refusal.registered",
            "refusal.registered",
            "dataset.withdrawn",
            "ranking.changed",
            "tariff.published"
        ]
    );
    let some = visitor.get("/api/v1/transparency?kind=dataset.withdrawn").await.is(200).json();
    assert_eq!(some["items"].as_array().unwrap().len(), 1);
    visitor.get("/api/v1/transparency?kind=key.created").await.refused_as(400, "invalid-parameter");
    visitor.get("/api/v1/transparency?cursor=eA").await.refused_as(400, "invalid-parameter");
    let ranking = visitor.get("/api/v1/ranking").await.is(200).json();
    assert!(
        ranking["numbers"]["weight-title"].as_f64() > ranking["numbers"]["weight-description"].as_f64(),
        "{ranking}"
    );
}

#[actix_web::test]
async fn an_owner_sees_every_rule_with_the_own_figures() {
    let portal = Portal::open().await;
    let (anna, made) = portal.consumer("anna").await;
    let (bert, _) = portal.consumer("bert").await;
    let standing = anna.get("/api/v1/applications/me/eligibility").await.is(200).json();
    assert_eq!((&standing["plan"], &standing["belongs"]), (&json!("starter"), &json!("starter")));
    let held: Vec<_> = standing["plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| (plan["plan"].as_str().unwrap().to_owned(), plan["holds"].as_bool().unwrap()))
        .collect();
    let expected = [("starter", true), ("open", false), ("high-volume", false)];
    assert_eq!(held, expected.map(|(plan, holds)| (plan.to_owned(), holds)));
    assert_eq!(standing["plans"][2]["units_needed"], 2_500_000);
    let path = format!("/api/v1/applications/{}/eligibility", made["id"].as_str().unwrap());
    anna.get(&path).await.is(200);
    bert.get(&path).await.refused_as(404, "not-found");
}
