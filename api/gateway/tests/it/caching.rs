//! Answers that are kept by the upstream's rules (RFC 9111).

use std::sync::Arc;

use fairground_gateway::{
    Answer, CacheMode, CallBody, Credential, Forwarder, GatewayError, Source, Upstream, UpstreamSettings,
};
use http::Method;

use crate::agency::{Agency, Say, brisk, call, gateway, get, say, whole};

/// An agency that answers with these fields and the number of the call as body.
async fn counting(fields: &'static str) -> Agency {
    Agency::open(move |number, _| say(&format!("HTTP/1.1 200 OK\r\n{fields}content-length: 1\r\n\r\n{number}"))).await
}

async fn body(forwarder: &Forwarder, upstream: &Arc<Upstream>, fields: &[(&str, &str)]) -> (Source, String) {
    let answer = get(forwarder, upstream, "/a", fields).await.unwrap();
    let source = answer.source;
    (source, String::from_utf8(whole(answer).await.unwrap().to_vec()).unwrap())
}

fn kept(number: u32) -> (Source, String) {
    (Source::Kept, number.to_string())
}

fn made(number: u32) -> (Source, String) {
    (Source::Upstream, number.to_string())
}

#[tokio::test]
async fn a_fresh_answer_is_given_to_everybody_without_asking_again() {
    let agency = counting("cache-control: max-age=60\r\netag: \"a\"\r\n").await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    assert_eq!(body(&forwarder, &upstream, &[]).await, made(0));
    assert_eq!(body(&forwarder, &upstream, &[("x-api-key", "fg_other")]).await, kept(0));
    let known = get(&forwarder, &upstream, "/a", &[("if-none-match", "\"a\"")]).await.unwrap();
    assert_eq!((known.status.as_u16(), known.source), (304, Source::Kept));
    assert!(known.fields.contains_key("age") && known.fields["cache-status"] == "fairground; hit");
    let head = forwarder.forward(&upstream, call(Method::HEAD, "/a", &[], CallBody::Empty)).await.unwrap();
    assert_eq!((head.source, head.body.length()), (Source::Kept, Some(1)));
    assert_eq!(body(&forwarder, &upstream, &[("range", "bytes=0-0")]).await.0, Source::Upstream, "parts pass through");
    assert_eq!(body(&forwarder, &upstream, &[("cache-control", "no-store")]).await.0, Source::Upstream);
    assert_eq!(agency.heard().len(), 3);
}

#[tokio::test]
async fn what_is_private_authorised_or_forbidden_is_not_kept() {
    for (fields, caller, credential) in [
        ("cache-control: private, max-age=60\r\n", &[][..], Credential::None),
        ("cache-control: no-store, max-age=60\r\n", &[], Credential::None),
        ("", &[], Credential::None),
        ("cache-control: max-age=60\r\nvary: *\r\n", &[], Credential::None),
        ("cache-control: max-age=60\r\n", &[("authorization", "Bearer mine")], Credential::None),
        ("cache-control: max-age=60\r\n", &[], Credential::bearer("ours").unwrap()),
    ] {
        let agency = counting(fields).await;
        let upstream = agency.upstream(UpstreamSettings { credential, ..brisk() });
        let forwarder = gateway().forwarder();
        for number in 0..2 {
            assert_eq!(body(&forwarder, &upstream, caller).await, made(number), "{fields} {caller:?}");
        }
    }
    let agency = counting("cache-control: max-age=60\r\n").await;
    let upstream = agency.upstream(UpstreamSettings { cache: CacheMode::Off, ..brisk() });
    let forwarder = gateway().forwarder();
    for number in 0..2 {
        assert_eq!(body(&forwarder, &upstream, &[]).await, made(number), "switched off");
    }
}

#[tokio::test]
async fn answers_differ_by_what_vary_names() {
    let agency = counting("cache-control: max-age=60\r\nvary: accept-language\r\n").await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let (german, french) = ([("accept-language", "de")], [("accept-language", "fr")]);
    assert_eq!(body(&forwarder, &upstream, &german).await, made(0));
    assert_eq!(body(&forwarder, &upstream, &french).await, made(1));
    assert_eq!(body(&forwarder, &upstream, &german).await, kept(0));
    assert_eq!(body(&forwarder, &upstream, &french).await, kept(1));
}

#[tokio::test]
async fn a_stale_answer_is_confirmed_by_the_upstream() {
    let agency = Agency::open(|_, call| {
        if call.contains("if-none-match: \"a\"") {
            say("HTTP/1.1 304 Not Modified\r\nx-new: yes\r\n\r\n")
        } else {
            say("HTTP/1.1 200 OK\r\ncache-control: no-cache\r\netag: \"a\"\r\ncontent-length: 3\r\n\r\nold")
        }
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    assert_eq!(body(&forwarder, &upstream, &[]).await, (Source::Upstream, "old".to_owned()));
    let answer = get(&forwarder, &upstream, "/a", &[("if-none-match", "\"other\"")]).await.unwrap();
    assert_eq!((answer.source, answer.status.as_u16()), (Source::Confirmed, 200));
    assert_eq!(answer.fields["x-new"], "yes");
    assert_eq!(whole(answer).await.unwrap(), "old");
}

#[tokio::test]
async fn a_stale_answer_stands_in_for_a_failure_where_its_upstream_allows_it() {
    for (allowed, fields) in [
        (true, "cache-control: max-age=0, stale-if-error=60\r\netag: \"a\"\r\n"),
        (false, "cache-control: max-age=0\r\netag: \"a\"\r\n"),
    ] {
        let agency = Agency::open(move |number, _| match number {
            0 => say(&format!("HTTP/1.1 200 OK\r\n{fields}content-length: 3\r\n\r\nold")),
            1 => say("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"),
            _ => vec![Say::HangUp],
        })
        .await;
        let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
        let _ = body(&forwarder, &upstream, &[]).await;
        let failed = get(&forwarder, &upstream, "/a", &[]).await;
        let gone = get(&forwarder, &upstream, "/a", &[]).await;
        let stood_in = |answer: &Result<Answer, GatewayError>| {
            answer.as_ref().is_ok_and(|answer| answer.source == Source::StoodIn)
        };
        assert_eq!((stood_in(&failed), stood_in(&gone)), (allowed, allowed), "{failed:?} {gone:?}");
    }
}

#[tokio::test]
async fn a_change_through_us_makes_us_forget() {
    let agency = counting("cache-control: max-age=60\r\n").await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    assert_eq!(body(&forwarder, &upstream, &[]).await, made(0));
    assert_eq!(body(&forwarder, &upstream, &[]).await, kept(0));
    forwarder.forward(&upstream, call(Method::DELETE, "/a", &[], CallBody::Empty)).await.unwrap();
    assert_eq!(body(&forwarder, &upstream, &[]).await, made(2));
}

#[tokio::test]
async fn streamed_answers_are_kept_when_they_end_and_not_when_they_break_off() {
    let agency = Agency::open(|number, _| {
        let begin = format!(
            "HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{number}\r\n"
        );
        if number == 0 { vec![Say::Bytes(begin.into_bytes()), Say::HangUp] } else { say(&format!("{begin}0\r\n\r\n")) }
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    assert!(whole(get(&forwarder, &upstream, "/a", &[]).await.unwrap()).await.is_err());
    assert_eq!(body(&forwarder, &upstream, &[]).await, made(1));
    assert_eq!(body(&forwarder, &upstream, &[]).await, kept(1));
    let only = get(&forwarder, &upstream, "/b", &[("cache-control", "only-if-cached")]).await;
    assert!(matches!(only, Err(GatewayError::OnlyIfCached)), "{only:?}");
}

#[tokio::test]
async fn one_services_answers_are_not_anothers() {
    let agency = counting("cache-control: max-age=60\r\n").await;
    let gateway = gateway();
    let (one, two) = (agency.upstream(brisk()), agency.upstream(brisk()));
    let forwarder = gateway.forwarder();
    assert_eq!(body(&forwarder, &one, &[]).await, made(0));
    assert_eq!(body(&forwarder, &two, &[]).await, made(1));
    assert_eq!(body(&gateway.forwarder(), &one, &[]).await, kept(0), "every thread sees what one has kept");
}
