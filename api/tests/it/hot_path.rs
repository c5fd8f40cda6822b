//! Identify, admit, serve, meter.

use fairground_api::ApiSettings;

use super::portal::Portal;

#[actix_web::test]
async fn a_wrong_key_is_refused_and_never_taken_for_none() {
    let portal = Portal::open().await;
    let (_, made) = portal.consumer("anna").await;
    let key = made["key"].as_str().unwrap();
    let mut mistyped = key.to_owned();
    mistyped.replace_range(5..6, if &key[5..6] == "a" { "b" } else { "a" });
    let stranger = fairground_catalog::application::PlainKey::generate().unwrap();
    let path = "/api/v1/plans";
    portal.with_key(&mistyped).get(path).await.refused_as(401, "key-malformed");
    portal.with_key("").get(path).await.refused_as(401, "key-malformed");
    portal.with_key("letmein").get(path).await.refused_as(401, "key-malformed");
    portal.with_key(stranger.reveal()).get(path).await.refused_as(401, "key-unknown");
    portal.visitor().get(&format!("{path}?api_key={key}")).await.is(200);
    portal.visitor().saying("authorization", &format!("Bearer {key}")).get(path).await.is(200);
    portal.with_key(key).get(&format!("{path}?api_key={}", stranger.reveal())).await.refused_as(400, "key-ambiguous");
    let answer = portal.with_key(stranger.reveal()).get(path).await;
    assert!(answer.header("www-authenticate").starts_with("Bearer"), "{:?}", answer.headers);
}

#[actix_web::test]
async fn whoever_calls_too_fast_is_told_when_to_come_back_and_where_to_get_more() {
    let portal = Portal::open().await;
    let visitor = portal.visitor();
    let (refused, admitted) = {
        let mut admitted = 0;
        loop {
            let answer = visitor.get("/api/v1/plans").await;
            if answer.status != 200 {
                break (answer, admitted);
            }
            admitted += 1;
            assert!(admitted < 2_000, "the keyless burst never ended");
        }
    };
    assert!(admitted >= 40, "the whole burst was usable: {admitted}");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert!(refused.header("ratelimit").contains("keyless-catalogue-rate"), "{:?}", refused.headers);
    let problem = refused.refused_as(429, "#quota-exceeded");
    assert_eq!(problem["violated-policies"][0], "keyless-catalogue-rate");
    assert!(problem["detail"].as_str().unwrap().contains("/developers"));
    portal.consumer_by_hand("anna").await.get("/api/v1/plans").await.is(200);
}

#[actix_web::test]
async fn callers_behind_a_trusted_proxy_are_told_apart() {
    let settings = ApiSettings { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..ApiSettings::default() };
    let portal = Portal::open_with(settings).await;
    let first = portal.visitor().saying("x-forwarded-for", "203.0.113.1");
    let mut refused = false;
    for _ in 0..2_000 {
        refused = first.get("/api/v1/plans").await.status == 429;
        if refused {
            break;
        }
    }
    assert!(refused, "the first caller's burst ends");
    portal.visitor().saying("x-forwarded-for", "203.0.113.2").get("/api/v1/plans").await.is(200);
}

#[actix_web::test]
async fn every_answer_says_how_the_caller_stands_and_where_the_time_went() {
    let portal = Portal::furnished().await;
    let answer = portal.visitor().get("/api/v1/datasets/air-quality").await.is(200);
    assert!(answer.header("ratelimit-policy").contains("\"keyless-day\";q="), "{:?}", answer.headers);
    for stage in ["identify;dur=", "admit;dur=", "serve;dur="] {
        assert!(answer.header("server-timing").contains(stage), "{}", answer.header("server-timing"));
    }
    assert_eq!(answer.header("x-request-id").len(), 36);
}

#[actix_web::test]
async fn a_key_made_elsewhere_is_known_within_a_moment() {
    let portal = Portal::open().await;
    let background = std::sync::Arc::clone(&portal.state).start_background().unwrap();
    let secret = portal.state.catalog.secret.clone();
    let registered = portal
        .state
        .catalog
        .db
        .write(|tx| {
            let terms = fairground_catalog::tariff::get_current(tx)?.terms_version;
            fairground_catalog::application::register(tx, &secret, "elsewhere", "e@example.org", &terms)
        })
        .unwrap();
    let actor = portal.with_key(registered.plain_key.reveal());
    loop {
        let answer = actor.get("/api/v1/plans").await;
        if answer.status == 200 {
            break;
        }
        answer.refused_as(401, "key-unknown");
        actix_web::rt::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    actix_web::web::block(move || background.stop()).await.unwrap();
}
