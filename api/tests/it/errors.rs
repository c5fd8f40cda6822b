//! Every refusal is a problem document, wherever it arises.

use serde_json::json;

use super::portal::Portal;

#[actix_web::test]
async fn actixs_own_rejections_are_problems_too() {
    let portal = Portal::open().await;
    let visitor = portal.visitor();
    visitor.get("/api/v1/nothing").await.refused_as(404, "not-found");
    visitor.get("/nothing").await.refused_as(404, "not-found");
    visitor.get("/api/v1/datasets/%FF%FE").await.refused_as(404, "not-found");
    let answer = visitor.send("PUT", "/api/v1/datasets", None).await;
    assert_eq!(answer.header("allow"), "GET, HEAD");
    answer.refused_as(405, "method-not-allowed");
    let path = "/api/v1/applications";
    visitor.send("POST", path, Some("{".into())).await.refused_as(400, "malformed-body");
    visitor.send("POST", path, Some("{\"name\":1}".into())).await.refused_as(422, "invalid-content");
    visitor.send("POST", path, None).await.refused_as(415, "unsupported-media-type");
    let plain = visitor.clone().saying("content-type", "text/plain");
    plain.send("POST", path, Some("x".into())).await.refused_as(415, "unsupported-media-type");
    let packed = visitor.clone().saying("content-encoding", "gzip");
    packed.post(path, &json!({})).await.refused_as(415, "unsupported-media-type");
    let much = format!("{{\"name\":\"{}\"}}", "a".repeat(fairground_api::body::MAX_JSON_BYTES));
    visitor.send("POST", path, Some(much)).await.refused_as(413, "payload-too-large");
    let long = format!("/api/v1/datasets?q={}", "a".repeat(fairground_api::query::MAX_QUERY_BYTES));
    visitor.get(&long).await.refused_as(414, "uri-too-long");
}

#[actix_web::test]
async fn every_type_leads_to_its_page() {
    let portal = Portal::open().await;
    let visitor = portal.visitor();
    let all = visitor.get("/problems").await.is(200).json();
    for problem in all["items"].as_array().unwrap() {
        let address = problem["type"].as_str().unwrap();
        let Some(path) = address.strip_prefix("http://127.0.0.1:8080") else {
            assert!(address.starts_with("https://iana.org/assignments/http-problem-types#"), "{address}");
            continue;
        };
        assert_eq!(visitor.get(path).await.is(200).json()["title"], problem["title"]);
    }
    visitor.get("/problems/none").await.refused_as(404, "not-found");
}

#[actix_web::test]
async fn pages_of_any_origin_may_read_and_nothing_else() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor().saying("origin", "https://elsewhere.example");
    let answer = visitor.get("/api/v1/datasets").await.is(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-expose-headers").contains("RateLimit"));
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    let preflight = visitor.clone().saying("access-control-request-method", "GET");
    let answer = preflight.send("OPTIONS", "/api/v1/datasets", None).await.is(204);
    assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    assert!(answer.header("access-control-allow-headers").contains("X-Api-Key"));
    let refused = visitor.get("/api/v1/datasets?zzz=1").await;
    assert_eq!(refused.header("access-control-allow-origin"), "*", "errors can be read too");
}

#[actix_web::test]
async fn a_head_is_a_get_without_its_body() {
    let portal = Portal::furnished().await;
    let visitor = portal.visitor();
    let got = visitor.get("/api/v1/datasets/air-quality").await.is(200);
    let head = visitor.send("HEAD", "/api/v1/datasets/air-quality", None).await.is(200);
    assert_eq!(head.body.len(), 0);
    assert_eq!(head.header("etag"), got.header("etag"));
    assert_eq!(head.header("content-length"), got.body.len().to_string());
}
