//! What is counted is what was answered.

use serde_json::Value;

use super::portal::{Actor, Portal};

async fn usage(portal: &Portal, actor: &Actor<'_>, query: &str) -> Value {
    let state = std::sync::Arc::clone(&portal.state);
    actix_web::web::block(move || state.roll_up_usage()).await.unwrap().unwrap();
    actor.get(&format!("/api/v1/usage{query}")).await.is(200).json()
}

#[actix_web::test]
async fn an_owner_sees_every_answer_with_its_exact_bytes() {
    let portal = Portal::furnished().await;
    let (anna, made) = portal.consumer("anna").await;
    let mut bytes = 0;
    for _ in 0..3 {
        bytes += anna.get("/api/v1/datasets/air-quality").await.is(200).body.len();
    }
    let packing = anna.clone().saying("accept-encoding", "gzip");
    bytes += packing.get("/api/v1/datasets").await.is(200).body.len();
    bytes += anna.get("/api/v1/datasets/never-was").await.is(404).body.len();
    bytes += anna.send("HEAD", "/api/v1/datasets", None).await.is(200).body.len();
    let told = usage(&portal, &anna, "").await;
    assert_eq!(told["application"], made["id"]);
    assert_eq!(told["total"]["requests"], 6, "{told}");
    assert_eq!(told["total"]["units"], 6, "{told}");
    assert_eq!(told["total"]["bytes"].as_u64(), u64::try_from(bytes).ok(), "{told}");
    assert_eq!(told["total"]["denied"], 0);
    assert_eq!(told["series"].as_array().unwrap().len(), 1);
    assert_eq!(told["series"][0]["requests"], 6);
    let by_minute = usage(&portal, &anna, "?period=minute").await;
    let sum: i64 = by_minute["series"].as_array().unwrap().iter().map(|step| step["requests"].as_i64().unwrap()).sum();
    assert_eq!(sum, 7, "the question about usage was counted meanwhile");

    let operator = portal.operator().await;
    let seen = usage(&portal, &operator, &format!("?application={}", made["id"].as_str().unwrap())).await;
    let own = usage(&portal, &anna, "").await;
    assert_eq!(seen["total"]["requests"].as_i64().unwrap(), 8);
    assert_eq!(own["total"]["requests"].as_i64().unwrap(), 8, "the same numbers as the operator's");
}

#[actix_web::test]
async fn refused_calls_are_counted_and_cost_nothing() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let mut admitted = 0;
    while admitted < 5_000 {
        let answer = anna.get("/api/v1/plans").await;
        if answer.status == 429 {
            break;
        }
        admitted += 1;
    }
    actix_web::rt::time::sleep(std::time::Duration::from_secs(1)).await;
    let told = usage(&portal, &anna, "").await;
    assert_eq!(told["total"]["denied"], 1, "{told}");
    assert_eq!(told["total"]["units"], admitted, "{told}");
    assert_eq!(told["total"]["requests"], admitted + 1, "{told}");
}

#[actix_web::test]
async fn nobody_sees_anothers_usage() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let (_, bob) = portal.consumer("bob").await;
    portal.visitor().get("/api/v1/usage").await.refused_as(401, "key-required");
    let path = format!("/api/v1/usage?application={}", bob["id"].as_str().unwrap());
    anna.get(&path).await.refused_as(404, "not-found");
    let steward = portal.staff(fairground_catalog::account::Role::Steward, Some("ardenport")).await;
    steward.get("/api/v1/usage").await.refused_as(403, "forbidden");
}

#[actix_web::test]
async fn an_empty_period_has_no_rows_and_is_no_error() {
    let portal = Portal::open().await;
    let (anna, _) = portal.consumer("anna").await;
    let told = anna.get("/api/v1/usage?from=2001-01-01&to=2001-02-01").await.is(200).json();
    assert_eq!((told["total"]["requests"].as_i64(), told["series"].as_array().map(Vec::len)), (Some(0), Some(0)));
    anna.get("/api/v1/usage?from=yesterday").await.refused_as(400, "invalid-parameter");
}
