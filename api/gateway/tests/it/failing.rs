//! Upstreams that fail: slow, endless, short, gone.

use std::time::Duration;

use fairground_gateway::{
    AnswerBody, BreakerRules, BreakerState, CallBody, GatewayError, Limits, Stage, UpstreamSettings,
};
use http::Method;

use crate::agency::{Agency, Say, brisk, call, gateway, get, say, whole};

const PLAIN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn bytes(text: &str) -> Say {
    Say::Bytes(text.as_bytes().to_vec())
}

#[tokio::test]
async fn a_slow_upstream_is_given_up_at_its_head_and_within_its_body() {
    let agency = Agency::open(|number, _| match number {
        0 => vec![Say::Nothing],
        1 => vec![bytes("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"), Say::Nothing],
        _ => vec![bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"), Say::Nothing],
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let head = get(&forwarder, &upstream, "/a", &[]).await;
    assert!(matches!(head, Err(GatewayError::TimedOut(Stage::FirstByte))), "{head:?}");
    let small = get(&forwarder, &upstream, "/b", &[]).await;
    assert!(matches!(small, Err(GatewayError::TimedOut(Stage::Idle))), "a small body is waited for: {small:?}");
    let streamed = whole(get(&forwarder, &upstream, "/c", &[]).await.unwrap()).await;
    assert!(matches!(streamed, Err(GatewayError::TimedOut(Stage::Idle))), "{streamed:?}");
    assert_eq!(agency.heard().len(), 3, "a slow call is not repeated");
}

#[tokio::test]
async fn an_answer_that_drips_for_ever_ends_with_the_whole_time() {
    let agency = Agency::open(|_, _| {
        vec![bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"), Say::Endlessly(b"1\r\nx\r\n".to_vec())]
    })
    .await;
    let limits = Limits { whole: Duration::from_millis(300), answer_bytes: u64::MAX, ..brisk().limits };
    let upstream = agency.upstream(UpstreamSettings { limits, ..brisk() });
    let answer = whole(get(&gateway().forwarder(), &upstream, "/a", &[]).await.unwrap()).await;
    assert!(matches!(answer, Err(GatewayError::TimedOut(Stage::Whole))), "{:?}", answer.map(|b| b.len()));
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    let agency = Agency::open(|number, _| match number {
        0 => vec![
            bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
            Say::Endlessly([b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat()),
        ],
        1 => vec![bytes("HTTP/1.1 200 OK\r\n\r\n"), Say::Endlessly(vec![b'x'; 4096])],
        _ => say("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"),
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    for _ in 0..2 {
        let answer = whole(get(&forwarder, &upstream, "/a", &[]).await.unwrap()).await;
        assert!(
            matches!(answer, Err(GatewayError::AnswerTooLarge { limit: 200_000 })),
            "{:?}",
            answer.map(|b| b.len())
        );
    }
    let announced = get(&forwarder, &upstream, "/a", &[]).await;
    assert!(matches!(announced, Err(GatewayError::AnswerTooLarge { .. })), "{announced:?}");
}

#[tokio::test]
async fn an_answer_that_is_shorter_than_it_says_is_no_answer() {
    let agency = Agency::open(|number, _| match number {
        0 => vec![bytes("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"), Say::HangUp],
        1 => vec![bytes("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nhalf"), Say::HangUp],
        _ => vec![bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"), Say::HangUp],
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let small = get(&forwarder, &upstream, "/a", &[]).await;
    assert!(matches!(small, Err(GatewayError::BadAnswer(_))), "{small:?}");
    for _ in 0..2 {
        let large = whole(get(&forwarder, &upstream, "/a", &[]).await.unwrap()).await;
        assert!(matches!(large, Err(GatewayError::BadAnswer(_))), "{large:?}");
    }
}

#[tokio::test]
async fn a_call_is_repeated_once_and_only_where_that_is_safe() {
    let fails_first = |number: usize, _: &str| if number == 0 { vec![Say::HangUp] } else { say(PLAIN) };
    for (method, body, calls) in [
        (Method::GET, CallBody::Empty, 2),
        (Method::PUT, CallBody::Whole("x".into()), 2),
        (Method::DELETE, CallBody::Empty, 2),
        (Method::POST, CallBody::Whole("x".into()), 1),
        (Method::PATCH, CallBody::Whole("x".into()), 1),
    ] {
        let agency = Agency::open(fails_first).await;
        let upstream = agency.upstream(brisk());
        let answer = gateway().forwarder().forward(&upstream, call(method.clone(), "/a", &[], body)).await;
        assert_eq!((answer.is_ok(), agency.heard().len()), (calls == 2, calls), "{method}");
    }
    let agency = Agency::open(fails_first).await;
    let (sender, body) = CallBody::streamed(Some(1));
    let sending = async move {
        sender.send(Ok("x".into())).await;
    };
    let upstream = agency.upstream(brisk());
    let forwarder = gateway().forwarder();
    let (answer, ()) = tokio::join!(forwarder.forward(&upstream, call(Method::PUT, "/a", &[], body)), sending);
    assert!(answer.is_err() && agency.heard().len() == 1, "what was streamed cannot be sent again: {answer:?}");
    let gone = Agency::open(|_, _| vec![Say::HangUp]).await;
    let answer = get(&gateway().forwarder(), &gone.upstream(brisk()), "/a", &[]).await;
    assert!(matches!(answer, Err(GatewayError::Unreachable(_))), "{answer:?}");
    assert_eq!(gone.heard().len(), 2, "bounded");
    // An answer of the upstream's own is never asked for again.
    let broken = Agency::open(|_, _| say("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")).await;
    let answer = get(&gateway().forwarder(), &broken.upstream(brisk()), "/a", &[]).await.unwrap();
    assert_eq!((answer.status.as_u16(), broken.heard().len()), (503, 1));
}

#[tokio::test]
async fn an_upstream_that_mostly_fails_is_left_alone() {
    let agency = Agency::open(|_, _| say("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n")).await;
    let breaker = BreakerRules { least_calls: 4, ..BreakerRules::default() };
    let upstream = agency.upstream(UpstreamSettings { breaker, ..brisk() });
    let forwarder = gateway().forwarder();
    for _ in 0..4 {
        assert!(get(&forwarder, &upstream, "/a", &[]).await.is_ok());
    }
    let refused = get(&forwarder, &upstream, "/a", &[]).await;
    assert!(matches!(refused, Err(GatewayError::CircuitOpen { retry_secs: 1.. })), "{refused:?}");
    assert_eq!(upstream.breaker().state(std::time::Instant::now()), BreakerState::Open);
    assert_eq!(agency.heard().len(), 4);
}

#[tokio::test]
async fn as_many_calls_are_under_way_as_may_be_and_places_are_given_back() {
    let agency = Agency::open(|_, _| {
        vec![bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n"), Say::Nothing]
    })
    .await;
    let limits = Limits { in_flight: 2, ..brisk().limits };
    let upstream = agency.upstream(UpstreamSettings { limits, ..brisk() });
    let forwarder = gateway().forwarder();
    let first = get(&forwarder, &upstream, "/a", &[]).await.unwrap();
    let second = get(&forwarder, &upstream, "/b", &[]).await.unwrap();
    let third = get(&forwarder, &upstream, "/c", &[]).await;
    assert!(matches!(third, Err(GatewayError::Busy { limit: 2 })), "{third:?}");
    drop((first, second));
    assert_eq!(upstream.in_flight(), 0);
    assert!(get(&forwarder, &upstream, "/c", &[]).await.is_ok());
}

#[tokio::test]
async fn bodies_stream_both_ways_and_heads_are_told_without_them() {
    let agency = Agency::open(|_, call| {
        if call.starts_with("HEAD") {
            return say("HTTP/1.1 200 OK\r\ncontent-length: 123456\r\n\r\n");
        }
        let mut said = vec![bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")];
        said.extend((0..40).map(|_| Say::Bytes([b"800\r\n".as_slice(), &[b'x'; 2048], b"\r\n"].concat())));
        said.push(bytes("0\r\nx-trailer: dropped\r\n\r\n"));
        said
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let (sender, body) = CallBody::streamed(None);
    let sending = async move {
        for _ in 0..9 {
            sender.send(Ok(vec![b'z'; 100].into())).await;
        }
    };
    let (answer, ()) = tokio::join!(forwarder.forward(&upstream, call(Method::POST, "/a", &[], body)), sending);
    let answer = answer.unwrap();
    assert!(matches!(answer.body, AnswerBody::Streamed(_)) && answer.body.length().is_none());
    assert_eq!(whole(answer).await.unwrap().len(), 40 * 2048);
    assert_eq!(agency.heard()[0].matches('z').count(), 900);
    let head = forwarder.forward(&upstream, call(Method::HEAD, "/a", &[], CallBody::Empty)).await.unwrap();
    assert_eq!(head.body.length(), Some(123_456));
    assert!(whole(head).await.unwrap().is_empty());
}
