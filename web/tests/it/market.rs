//! The pages of tariff, register and conduct, and the forms by which an operator acts.

use actix_web::http::StatusCode;
use fairground_catalog::account::Role;
use fairground_catalog::{application, register, tariff};
use fairground_domain::Timestamp;

use crate::house::House;
use crate::scan::breaches;

const DAY_SECS: i64 = 86_400;

fn furnished() -> House {
    let house = House::open();
    house.account("op@example.org", Role::Operator, None);
    house.source("health", Some("ministry-of-health"));
    house.account("steward@example.org", Role::Steward, Some("ministry-of-health"));
    house
}

fn day(days: i64) -> String {
    Timestamp::now().plus_secs(days * DAY_SECS).day()
}

async fn check(house: &House, cookie: Option<&str>, path: &str) -> String {
    let answer = match cookie {
        Some(cookie) => house.get_as(cookie, path).await,
        None => house.get(path).await,
    };
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    assert_eq!(breaches(&answer.body), Vec::<String>::new(), "{path}");
    assert_eq!(answer.body.matches("<h1").count(), 1, "{path}");
    answer.body
}

#[actix_web::test]
async fn everybody_reads_tariff_register_and_conduct() {
    let house = furnished();
    for path in [
        "/transparency",
        "/transparency?before=2",
        "/transparency/tariff",
        "/transparency/tariff?to=1",
        "/transparency/register",
        "/transparency/register?kind=suspension&status=ended",
    ] {
        check(&house, None, path).await;
    }
    let page = check(&house, None, "/transparency").await;
    assert!(page.contains("tariff.published") && page.contains("ranking.changed"), "{page}");
    for (path, status) in [
        ("/transparency/tariff?to=9", StatusCode::NOT_FOUND),
        ("/transparency/register/9", StatusCode::NOT_FOUND),
        ("/transparency/register/x", StatusCode::NOT_FOUND),
        ("/transparency/register?kind=secret", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(house.get(path).await.status, status, "{path}");
    }
}

#[actix_web::test]
async fn the_forms_are_for_operators_alone() {
    let house = furnished();
    let (cookie, token) = house.sign_in("steward@example.org").await;
    for path in ["/workspace/tariff", "/workspace/register?kind=suspension"] {
        assert_eq!(house.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
        assert_eq!(house.get_as(&cookie, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/workspace/tariff", "/workspace/register", "/workspace/register/1/end"] {
        assert_eq!(house.post_as(&cookie, path, &[("csrf", &token)]).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(house.post_as(&cookie, path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[actix_web::test]
async fn a_tariff_is_compared_before_it_is_published() {
    let house = furnished();
    let (cookie, token) = house.sign_in("op@example.org").await;
    let form = check(&house, Some(&cookie), "/workspace/tariff").await;
    assert!(form.contains("name=\"latest\" value=\"1\"") && form.contains("&#34;unit_costs&#34;"), "{form}");
    let mut next = house.catalog.db.read(tariff::get_current).unwrap();
    next.plans[2].quotas[0].quota = 1;
    next.valid_from = Timestamp::now().plus_secs(60 * DAY_SECS);
    let text = serde_json::to_string_pretty(&next).unwrap();
    let fields = |act, document| [("csrf", token.as_str()), ("latest", "1"), ("document", document), ("act", act)];
    let seen = house.post_as(&cookie, "/workspace/tariff", &fields("compare", &text)).await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    assert!(seen.body.contains("90 days of notice") && seen.body.contains("worse"), "{}", seen.body);
    assert_eq!(breaches(&seen.body), Vec::<String>::new());
    let refused = house.post_as(&cookie, "/workspace/tariff", &fields("publish", &text)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("There is a problem") && refused.body.contains("at the earliest"),
        "{}",
        refused.body
    );
    let broken = house.post_as(&cookie, "/workspace/tariff", &fields("publish", "{")).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(house.catalog.db.read(tariff::list_versions).unwrap().len(), 1);
    next.valid_from = Timestamp::now().plus_secs(91 * DAY_SECS);
    let text = serde_json::to_string(&next).unwrap();
    let done = house.post_as(&cookie, "/workspace/tariff", &fields("publish", &text)).await;
    assert_eq!(done.header("location"), "/transparency/tariff?to=2", "{}", done.body);
    let history = check(&house, None, "/transparency/tariff?to=2").await;
    assert!(history.contains("by more than 20 %") && history.contains("From version 1 to version 2"), "{history}");
    let again = house.post_as(&cookie, "/workspace/tariff", &fields("publish", &text)).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "somebody else published meanwhile");
}

#[actix_web::test]
async fn an_operator_acts_in_public() {
    let house = furnished();
    let (cookie, token) = house.sign_in("op@example.org").await;
    for kind in ["exception", "suspension", "arrangement", "refusal"] {
        check(&house, Some(&cookie), &format!("/workspace/register?kind={kind}")).await;
    }
    assert_eq!(house.get_as(&cookie, "/workspace/register?kind=assignment").await.status, StatusCode::NOT_FOUND);
    let secret = house.catalog.secret.clone();
    house
        .catalog
        .db
        .write(|tx| {
            let terms = tariff::get_current(tx)?.terms_version;
            application::register(tx, &secret, "Bus times of Anna", "anna@example.org", &terms)
        })
        .unwrap();
    let (soon, ends) = (day(3), day(20));
    let wrong = [("csrf", token.as_str()), ("kind", "suspension"), ("application", "1"), ("reason", "<b>Scans</b>")];
    let refused = house.post_as(&cookie, "/workspace/register", &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Choose a ground") && refused.body.contains("&#60;b&#62;Scans"), "{}", refused.body);
    assert_eq!(breaches(&refused.body), Vec::<String>::new());
    let right = [&wrong[..], &[("ground", "security"), ("review_at", &soon), ("ends_at", &ends)]].concat();
    let done = house.post_as(&cookie, "/workspace/register", &right).await;
    assert_eq!(done.header("location"), "/transparency/register/1", "{}", done.body);
    let public = check(&house, None, "/transparency/register/1").await;
    assert!(public.contains("application number 1") && !public.contains("Anna"), "{public}");
    assert!(!public.contains("End it now"));
    let own = check(&house, Some(&cookie), "/transparency/register/1").await;
    assert!(own.contains("End it now"), "{own}");
    let end = [("csrf", token.as_str()), ("reason", "Keys were changed")];
    let ended = house.post_as(&cookie, "/workspace/register/1/end", &end).await;
    assert_eq!(ended.header("location"), "/transparency/register/1", "{}", ended.body);
    let over = check(&house, None, "/transparency/register/1").await;
    assert!(over.contains("Keys were changed") && over.contains("ended"), "{over}");
    let flood = [
        ("csrf", token.as_str()),
        ("kind", "exception"),
        ("class", "export"),
        ("rate_percent", "50"),
        ("reason", "Flood"),
        ("ends_at", &ends),
    ];
    let done = house.post_as(&cookie, "/workspace/register", &flood).await;
    assert_eq!(done.header("location"), "/transparency/register/2", "{}", done.body);
    let page = check(&house, None, "/transparency").await;
    assert!(page.contains("everybody, calls of class export"), "{page}");
    assert_eq!(house.catalog.db.read(|tx| register::get(tx, 2)).unwrap().content.reason(), "Flood");
}
