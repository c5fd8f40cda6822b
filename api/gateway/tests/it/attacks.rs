//! What callers and upstreams try against each other and against the portal.

use std::sync::Arc;

use fairground_gateway::{CallBody, Credential, Gateway, GatewayError, GatewaySettings, Upstream, UpstreamSettings};
use http::Method;

use crate::agency::{Agency, Say, brisk, call, gateway, get, say, whole};

const PLAIN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[tokio::test]
async fn private_addresses_are_not_called_whatever_they_are_called() {
    let agency = Agency::open(|_, _| say(PLAIN)).await;
    let strict = Gateway::new(GatewaySettings::default()).unwrap().forwarder();
    let port = agency.address.port();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "127.1", "0"] {
        let upstream = Upstream::new("a", &format!("http://{host}:{port}"), brisk()).unwrap();
        let refused = get(&strict, &Arc::new(upstream), "/", &[]).await;
        assert!(matches!(refused, Err(GatewayError::Forbidden(_))), "{host}: {refused:?}");
    }
    for address in ["http://169.254.169.254/latest/meta-data/", "http://[fd00:ec2::254]/", "http://10.0.0.1/"] {
        let upstream = Upstream::new("a", address, brisk()).unwrap();
        let refused = get(&strict, &Arc::new(upstream), "/", &[]).await;
        assert!(matches!(refused, Err(GatewayError::Forbidden(_))), "{address}: {refused:?}");
    }
    assert_eq!(agency.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_is_told_and_never_followed() {
    let secret = Agency::open(|_, _| say(PLAIN)).await;
    let target =
        format!("HTTP/1.1 302 Found\r\nlocation: http://{}/secret\r\ncontent-length: 0\r\n\r\n", secret.address);
    let agency = Agency::open(move |number, _| match number {
        0 => say("HTTP/1.1 302 Found\r\nlocation: /v1/there?page=2\r\ncontent-length: 0\r\n\r\n"),
        1 => say("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n"),
        2 => say("HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n"),
        _ => say(&target),
    })
    .await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let told = get(&forwarder, &upstream, "/here", &[]).await.unwrap();
    assert_eq!(
        (told.status.as_u16(), &told.fields["location"]),
        (302, &"http://portal.test/gateway/agency/there?page=2".parse().unwrap())
    );
    let refused = get(&forwarder, &upstream, "/a", &[]).await;
    assert!(matches!(refused, Err(GatewayError::Unfit(_))), "{refused:?}");
    let told = get(&forwarder, &upstream, "/b", &[]).await.unwrap();
    assert_eq!(told.fields["location"], "https://elsewhere.example/");
    let refused = get(&forwarder, &upstream, "/c", &[]).await;
    assert!(matches!(refused, Err(GatewayError::Unfit(_))), "{refused:?}");
    assert_eq!((agency.heard().len(), secret.heard().len()), (4, 0));
}

#[tokio::test]
async fn keys_of_the_portal_reach_no_upstream_and_its_credentials_no_caller() {
    let agency = Agency::open(|_, _| {
        say("HTTP/1.1 200 OK\r\nx-debug: token s3cret used\r\nset-cookie: a=b\r\nserver: Leaky/1.0\r\ncontent-location: /v1/a?token=s3cret\r\ncontent-length: 2\r\n\r\nok")
    })
    .await;
    for credential in [
        Credential::None,
        Credential::header("X-Agency-Key", "s3cret").unwrap(),
        Credential::bearer("s3cret").unwrap(),
        Credential::basic("portal", "s3cret").unwrap(),
        Credential::parameter("token", "s3cret").unwrap(),
    ] {
        let has_credential = credential.is_some();
        let upstream = agency.upstream(UpstreamSettings { credential, ..brisk() });
        let fields = [
            ("x-api-key", "fg_mine"),
            ("authorization", "Bearer fg_mine"),
            ("cookie", "fairground_session=fgs_mine"),
            ("connection", "x-agency-key, authorization"),
            ("referer", "https://portal.test/?api_key=fg_mine"),
        ];
        let answer =
            get(&gateway().forwarder(), &upstream, "/a?api_key=fg_mine&x=1&%61pi_key=fg_mine", &fields).await.unwrap();
        let told = format!("{:?}", answer.fields);
        if has_credential && !told.contains("cmVkOnMz") {
            let is_basic = agency.heard().last().unwrap().contains("Basic ");
            assert!(is_basic || !told.contains("s3cret"), "{told}");
        }
        assert!(!told.contains("set-cookie") && !told.contains("Leaky"), "{told}");
    }
    let heard = agency.heard();
    assert_eq!(heard.len(), 5);
    for call in &heard {
        assert!(!call.contains("fg_mine") && !call.contains("fgs_mine") && call.contains("x=1"), "{call}");
    }
    let sent: Vec<bool> = [
        "x-agency-key: s3cret",
        "authorization: Bearer s3cret",
        "authorization: Basic cG9ydGFsOnMzY3JldA==",
        "/v1/a?x=1&token=s3cret ",
    ]
    .iter()
    .zip(&heard[1..])
    .map(|(wanted, call)| call.contains(wanted))
    .collect();
    assert_eq!(sent, [true; 4], "{heard:#?}");
}

#[tokio::test]
async fn one_call_is_one_request_whatever_its_body_is_said_to_be() {
    let agency = Agency::open(|_, _| say(PLAIN)).await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let smuggled = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: agency\r\n\r\n";
    for fields in [
        &[("content-length", "5"), ("transfer-encoding", "chunked")][..],
        &[("transfer-encoding", "xchunked")],
        &[("transfer-encoding", "chunked, identity")],
        &[("content-length", "5"), ("content-length", "50")],
        &[("connection", "content-length"), ("content-length", "4")],
        &[("te", "trailers"), ("trailer", "content-length")],
        &[("expect", "100-continue"), ("upgrade", "websocket"), ("connection", "upgrade")],
    ] {
        let body = CallBody::Whole(smuggled.as_bytes().to_vec().into());
        let answer = forwarder.forward(&upstream, call(Method::POST, "/a", fields, body)).await.unwrap();
        assert_eq!(whole(answer).await.unwrap(), "ok");
    }
    let heard = agency.heard();
    assert_eq!(heard.len(), 7, "{heard:#?}");
    for call in &heard {
        let head = call.split("\r\n\r\n").next().unwrap().to_ascii_lowercase();
        assert!(call.starts_with("POST /v1/a HTTP/1.1\r\n"), "{call}");
        assert_eq!(head.matches("content-length: 42").count(), 1, "{call}");
        for unwanted in ["transfer-encoding", "\nte:", "trailer", "upgrade", "expect", "connection"] {
            assert!(!head.contains(unwanted), "{unwanted}: {call}");
        }
        assert!(call.ends_with(smuggled), "{call}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_its_word_never_becomes_a_whole_request() {
    use fairground_gateway::BodyFailed;
    let agency = Agency::open(|_, _| say(PLAIN)).await;
    let forwarder = gateway().forwarder();
    for (length, parts) in [
        (Some(10), vec![Ok("short")]),
        (Some(3), vec![Ok("too long")]),
        (None, vec![Ok("ab"), Err(BodyFailed::Broken("gone".to_owned()))]),
    ] {
        let upstream = agency.upstream(brisk());
        let (sender, body) = CallBody::streamed(length);
        let parts: Vec<_> =
            parts.into_iter().map(|part| part.map(|text| bytes::Bytes::from_static(text.as_bytes()))).collect();
        let sending = async move {
            for part in parts {
                sender.send(part).await;
            }
        };
        let (answer, ()) = tokio::join!(forwarder.forward(&upstream, call(Method::POST, "/a", &[], body)), sending);
        assert!(matches!(answer, Err(GatewayError::CallBroken(_))), "{answer:?}");
    }
    assert_eq!(agency.heard(), Vec::<String>::new(), "no request was ever complete");
}

#[tokio::test]
async fn calls_beyond_the_limit_are_refused_announced_or_not() {
    let agency = Agency::open(|_, _| say(PLAIN)).await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let large = bytes::Bytes::from(vec![b'x'; 1001]);
    let announced = CallBody::Whole(large.clone());
    let refused = forwarder.forward(&upstream, call(Method::POST, "/a", &[], announced)).await;
    assert!(matches!(refused, Err(GatewayError::CallTooLarge { limit: 1000 })), "{refused:?}");
    let (sender, body) = CallBody::streamed(None);
    let sending = async move {
        sender.send(Ok(large)).await;
    };
    let (refused, ()) = tokio::join!(forwarder.forward(&upstream, call(Method::POST, "/a", &[], body)), sending);
    assert!(matches!(refused, Err(GatewayError::CallTooLarge { limit: 1000 })), "{refused:?}");
    assert_eq!(agency.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn an_upstream_cannot_speak_past_its_answer() {
    for (name, said) in [
        (
            "a second answer",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
        ),
        ("a longer body", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay"),
    ] {
        let agency = Agency::open(move |_, _| say(said)).await;
        let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
        for _ in 0..3 {
            let answer = get(&forwarder, &upstream, "/a", &[]).await.unwrap();
            assert_eq!(whole(answer).await.unwrap(), "ok", "{name}");
        }
    }
    for (name, said) in [
        ("another protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"),
        ("two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 4\r\n\r\nokay"),
        ("a bad length", "HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nok"),
        ("no HTTP", "SSH-2.0-OpenSSH_9.0\r\n\r\n"),
        ("a broken chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        ("a bare line feed in a field", "HTTP/1.1 200 OK\r\nx-a: b\rx-evil: c\r\ncontent-length: 2\r\n\r\nok"),
    ] {
        let agency = Agency::open(move |_, _| say(said)).await;
        let answer = get(&gateway().forwarder(), &agency.upstream(brisk()), "/a", &[]).await;
        let failed = match answer {
            Err(_) => true,
            Ok(answer) => !answer.fields.contains_key("x-evil") && whole(answer).await.is_err(),
        };
        assert!(failed, "{name}");
    }
}

#[tokio::test]
async fn heads_of_any_size_are_not_read() {
    let agency = Agency::open(|number, _| match number {
        0 => {
            let mut head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n".to_owned();
            for n in 0..500 {
                head.push_str(&format!("x-{n}: y\r\n"));
            }
            say(&format!("{head}\r\nok"))
        }
        _ => vec![Say::Bytes(b"HTTP/1.1 200 OK\r\nx-a: ".to_vec()), Say::Endlessly(vec![b'a'; 65536])],
    })
    .await;
    let settings = UpstreamSettings { limits: fairground_gateway::Limits { tries: 1, ..brisk().limits }, ..brisk() };
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(settings));
    for what in ["too many fields", "a field without end"] {
        let answer = get(&forwarder, &upstream, "/a", &[]).await;
        assert!(matches!(answer, Err(GatewayError::BadAnswer(_) | GatewayError::Unreachable(_))), "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn compressed_answers_pass_as_they_are() {
    // 1,000 bytes that claim to be gzip: nothing here would notice if they unpacked to a terabyte.
    let mut said = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\n".to_vec();
    said.extend_from_slice(&[0x1f; 1000]);
    let agency = Agency::open(move |_, _| vec![Say::Bytes(said.clone())]).await;
    let fields = [("accept-encoding", "gzip")];
    let answer = get(&gateway().forwarder(), &agency.upstream(brisk()), "/a", &fields).await.unwrap();
    assert_eq!(answer.fields["content-encoding"], "gzip");
    assert_eq!(whole(answer).await.unwrap(), [0x1f; 1000].as_slice());
    assert!(agency.heard()[0].contains("accept-encoding: gzip"));
}

#[tokio::test]
async fn an_upstream_that_leads_back_to_the_gateway_is_found_out() {
    let agency = Agency::open(|_, _| say(PLAIN)).await;
    let (forwarder, upstream) = (gateway().forwarder(), agency.upstream(brisk()));
    let refused = get(&forwarder, &upstream, "/a", &[("via", "1.1 elsewhere, 1.1 portal.test")]).await;
    assert!(matches!(refused, Err(GatewayError::Loop)), "{refused:?}");
    assert_eq!(agency.heard(), Vec::<String>::new());
}

#[tokio::test]
async fn credentials_that_an_upstream_does_not_take_are_our_fault_and_not_the_callers() {
    let agency = Agency::open(|_, _| {
        say("HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm=internal\r\ncontent-length: 0\r\n\r\n")
    })
    .await;
    let with = |credential| agency.upstream(UpstreamSettings { credential, ..brisk() });
    let forwarder = gateway().forwarder();
    let refused = get(&forwarder, &with(Credential::bearer("old").unwrap()), "/a", &[]).await;
    assert!(matches!(refused, Err(GatewayError::Unfit(_))), "{refused:?}");
    let told = get(&forwarder, &with(Credential::None), "/a", &[]).await.unwrap();
    assert_eq!(told.status.as_u16(), 401, "without credentials of ours it is the caller's business");
}
