//! Agencies' APIs behind the gateway: the same keys, limits and meter; and what is tried against it through a raw socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fairground_api::ApiSettings;
use fairground_catalog::account::Role;
use fairground_catalog::service::{self, BrownOut};
use fairground_domain::Timestamp;
use serde_json::json;

use super::portal::Portal;

const PLAIN: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// An agency's system of raw bytes. It remembers every byte that it was sent.
struct Agency {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Agency {
    /// It answers each head that comes as `script` says, and reads bodies that their heads announce by length.
    fn open(script: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard: Arc<Mutex<Vec<u8>>> = Arc::default();
        let (known, script) = (Arc::clone(&heard), Arc::new(script));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heard, script) = (Arc::clone(&known), Arc::clone(&script));
                std::thread::spawn(move || converse(stream, &heard, &*script));
            }
        });
        Self { address, heard }
    }

    fn plain() -> Self {
        Self::open(|_| PLAIN.as_bytes().to_vec())
    }

    fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }

    /// The request lines that came.
    fn lines(&self) -> Vec<String> {
        self.heard().lines().filter(|line| line.ends_with(" HTTP/1.1")).map(str::to_owned).collect()
    }
}

fn converse(mut stream: TcpStream, heard: &Mutex<Vec<u8>>, script: &dyn Fn(&str) -> Vec<u8>) {
    let (mut waiting, mut buffer) = (Vec::new(), [0; 65536]);
    loop {
        let text = String::from_utf8_lossy(&waiting).into_owned();
        let whole = text.find("\r\n\r\n").map(|end| end + 4).filter(|head| {
            let fields = text[..*head].to_ascii_lowercase();
            let length = fields.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            let is_chunked = fields.contains("transfer-encoding: chunked");
            if is_chunked { text.ends_with("0\r\n\r\n") } else { waiting.len() >= head + length.unwrap_or(0) }
        });
        if whole.is_some() {
            if stream.write_all(&script(&text)).is_err() {
                return;
            }
            waiting.clear();
            if text.contains("/hang-up") {
                return;
            }
            continue;
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => {
                heard.lock().unwrap().extend_from_slice(&buffer[..read]);
                waiting.extend_from_slice(&buffer[..read]);
            }
        }
    }
}

async fn portal() -> Portal {
    Portal::open_with(ApiSettings { reach: "127.0.0.1".parse().unwrap(), ..ApiSettings::default() }).await
}

/// Sends these very bytes and gives everything that comes back until the portal ends the connection: at once after a refusal
/// and where it was asked to, else when nothing more comes.
async fn raw(portal: &Portal, bytes: &[u8]) -> String {
    let (address, bytes) = (portal.address.replace("http://", ""), bytes.to_vec());
    // On a thread of its own: the portal lives on this one.
    let talk = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // The portal may have refused and closed before all was sent.
        let _ = stream.write_all(&bytes);
        let (mut answer, mut buffer) = (Vec::new(), [0; 65536]);
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            answer.extend_from_slice(&buffer[..read]);
        }
        String::from_utf8_lossy(&answer).into_owned()
    };
    actix_web::web::block(talk).await.unwrap()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[actix_web::test]
async fn a_service_has_the_keys_limits_and_meter_of_everything_else() {
    let agency = Agency::open(|_| {
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: a=b\r\nserver: Leaky\r\netag: \"x\"\r\ncontent-encoding: gzip\r\naccess-control-allow-origin: https://evil.example\r\ncontent-length: 5\r\n\r\nhello".to_vec()
    });
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({}));
    let (anna, made) = portal.consumer("anna").await;
    let key = made["key"].as_str().unwrap();
    let answer = anna.get(&format!("/gateway/air/stations/7?from=1&api_key={key}")).await.is(200);
    assert_eq!(answer.text(), "hello");
    for field in ["ratelimit", "ratelimit-policy", "ratelimit-cost", "x-request-id", "via"] {
        assert!(!answer.header(field).is_empty(), "{field}");
    }
    assert_eq!((answer.header("set-cookie"), answer.header("server")), (String::new(), String::new()));
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("etag"), "\"x\"", "another system's validator is left as it is");
    assert!(answer.header("content-security-policy").starts_with("sandbox"));
    let cookie =
        portal.visitor().saying("cookie", "fairground_session=fgs_x").saying("authorization", &format!("Bearer {key}"));
    cookie.get("/gateway/air/b").await.is(200);
    let heard = agency.heard();
    assert!(heard.starts_with("GET /v1/stations/7?from=1 HTTP/1.1\r\n"), "{heard}");
    assert!(!heard.contains("fg_") && !heard.contains("fgs_") && !heard.to_lowercase().contains("cookie"), "{heard}");
    portal.visitor().saying("x-api-key", "fg_wrong").get("/gateway/air/a").await.refused_as(401, "key-malformed");
    assert_eq!(agency.lines().len(), 2);
    std::thread::spawn({
        let state = Arc::clone(&portal.state);
        move || state.roll_up_usage().unwrap()
    })
    .join()
    .unwrap();
    let usage = anna.get("/api/v1/usage").await.is(200).json();
    assert!(usage["total"]["requests"].as_u64().unwrap() >= 2, "{usage}");
    assert!(usage["total"]["bytes"].as_u64().unwrap() >= 10, "{usage}");
}

#[actix_web::test]
async fn requests_that_two_servers_could_cut_differently_reach_no_service() {
    let agency = Agency::plain();
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({ "methods": ["GET", "POST"] }));
    let head = "POST /gateway/air/a HTTP/1.1\r\nHost: portal\r\n";
    let inner = "GET /gateway/air/smuggled HTTP/1.1\r\nHost: portal\r\n\r\n";
    let length = inner.len();
    for (name, request) in [
        (
            "CL.TE",
            format!("{head}Content-Length: {}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}", 5 + length),
        ),
        (
            "TE.CL",
            format!("{head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n{length:x}\r\n{inner}\r\n0\r\n\r\n"),
        ),
        ("TE.TE", format!("{head}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{inner}")),
        ("TE twice", format!("{head}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}")),
        ("TE unknown", format!("{head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{inner}")),
        ("TE list", format!("{head}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}")),
        ("TE with a tab", format!("{head}Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n{inner}")),
        ("TE with a space before the colon", format!("{head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{inner}")),
        ("TE folded", format!("{head}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n{inner}")),
        ("TE with a vertical tab", format!("{head}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n{inner}")),
        (
            "TE in HTTP/1.0",
            format!("POST /gateway/air/a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        ),
        ("two lengths", format!("{head}Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{inner}")),
        ("equal lengths", format!("{head}Content-Length: 0\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a list of lengths", format!("{head}Content-Length: 0, {length}\r\n\r\n{inner}")),
        ("a signed length", format!("{head}Content-Length: +0\r\n\r\n{inner}")),
        ("a negative length", format!("{head}Content-Length: -1\r\n\r\n{inner}")),
        ("a length in hexadecimal", format!("{head}Content-Length: 0x0\r\n\r\n{inner}")),
        ("a length beyond all numbers", format!("{head}Content-Length: 99999999999999999999\r\n\r\n{inner}")),
        ("two hosts", format!("{head}Host: other\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a space in a name", format!("{head}X Y: z\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a NUL in a value", format!("{head}X-A: a\0b\r\nContent-Length: 0\r\n\r\n{inner}")),
        ("a bare CR in a value", format!("{head}X-A: a\rX-B: c\r\nContent-Length: 0\r\n\r\n{inner}")),
        (
            "an absolute form",
            "POST http://evil.example/gateway/air/a HTTP/1.1\r\nHost: portal\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ),
    ] {
        let answer = raw(&portal, request.as_bytes()).await;
        assert!((400..600).contains(&status(&answer)), "{name}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{name}: one answer and the end: {answer}");
        assert_eq!(agency.heard(), "", "{name}");
    }
    // Bodies that are broken within: the head is sound, so a service may be called, but never with a whole request.
    for (name, body) in [
        ("a size that is none", format!("zz\r\n{inner}")),
        ("a size beyond all numbers", format!("ffffffffffffffffff\r\n{inner}")),
        ("a negative size", format!("-1\r\n{inner}")),
        ("a bare line feed behind a size", format!("1\nx\n0\n\n{inner}")),
        ("no line behind a part", format!("1\r\nxGARBAGE\r\n0\r\n\r\n{inner}")),
    ] {
        let answer = raw(&portal, format!("{head}Transfer-Encoding: chunked\r\n\r\n{body}").as_bytes()).await;
        assert!(answer.is_empty() || status(&answer) >= 400, "{name}: {answer}");
        assert!(!agency.lines().iter().any(|line| line.contains("smuggled")), "{name}: {}", agency.heard());
    }
    // Extensions of parts are dropped, and what follows the body is another call: one that is admitted like any other.
    let before = agency.lines().len();
    let answer =
        raw(&portal, format!("{head}Transfer-Encoding: chunked\r\n\r\n1;ext=\"a;b\"\r\nx\r\n0\r\n\r\n").as_bytes())
            .await;
    assert!(!agency.heard().contains("ext="), "{answer}");
    assert!(agency.lines().len() <= before + 1);
}

#[actix_web::test]
async fn bare_line_feeds_bring_no_second_request_past_admission() {
    let agency = Agency::plain();
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({}));
    let answer = raw(
        &portal,
        b"GET /gateway/air/a HTTP/1.1\nHost: portal\nX-A: b\n\nGET /gateway/air/b HTTP/1.1\nHost: portal\n\n",
    )
    .await;
    // Every request that the portal saw was answered by it, and each of those that reached the service is one of them.
    assert!(agency.lines().len() <= answer.matches("HTTP/1.1 ").count(), "{answer}");
    assert!(!agency.heard().contains("\nHost: portal"), "{}", agency.heard());
}

#[actix_web::test]
async fn paths_that_can_be_read_in_two_ways_are_refused() {
    let agency = Agency::plain();
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({}));
    for path in [
        "//",
        "/a//b",
        "/..",
        "/../admin",
        "/a/../../admin",
        "/%2e%2e/admin",
        "/.%2E/admin",
        "/%252e%252e/admin",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a\\b",
        "/a;b=c",
        "/..;/admin",
        "/a%3bb",
        "/%00",
        "/a%0d%0aX-Evil:%201",
        "/%zz",
        "/a%",
        "/./a",
        "/a/%2e/b",
        "/%c0%ae%c0%ae%2fadmin",
    ] {
        let answer = raw(
            &portal,
            format!("GET /gateway/air{path} HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert_eq!(status(&answer), 400, "{path}: {answer}");
    }
    for path in [
        "/gateway/../api/v1/accounts",
        "/gateway",
        "/gateway/",
        "/gateway//air/a",
        "/gateway/AIR/a",
        "/gateway/nothing/a",
        "/gateway/%61ir/a",
    ] {
        let answer =
            raw(&portal, format!("GET {path} HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert!(matches!(status(&answer), 400 | 401 | 404), "{path}: {answer}");
    }
    assert_eq!(agency.heard(), "");
    let answer = raw(&portal, b"GET /gateway/air/%73tations/caf%c3%a9?a=%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: portal\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&answer), 200, "{answer}");
    assert_eq!(agency.lines(), ["GET /v1/stations/caf%C3%A9?a=%0d%0aX-Evil:%201 HTTP/1.1"], "what is data stays data");
    assert!(!agency.heard().contains("\nX-Evil"));
}

#[actix_web::test]
async fn other_protocols_and_methods_are_refused_cleanly() {
    let agency = Agency::plain();
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({}));
    let upgrade = "GET /gateway/air/ws HTTP/1.1\r\nHost: portal\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let answer = raw(&portal, upgrade.as_bytes()).await;
    assert!(
        status(&answer) == 501 && answer.contains("upgrade-refused") && answer.contains("connection: close"),
        "{answer}"
    );
    for (method, target) in [
        ("TRACE", "/gateway/air/a"),
        ("CONNECT", "agency.example:443"),
        ("CONNECT", "/gateway/air/a"),
        ("POST", "/gateway/air/a"),
        ("DELETE", "/gateway/air/a"),
        ("BREW", "/gateway/air/a"),
    ] {
        let answer = raw(
            &portal,
            format!("{method} {target} HTTP/1.1\r\nHost: portal\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .as_bytes(),
        )
        .await;
        assert!((400..500).contains(&status(&answer)) || answer.is_empty(), "{method} {target}: {answer}");
    }
    let refused =
        portal.visitor().saying("content-type", "text/plain").send("POST", "/gateway/air/a", Some("x".into())).await;
    assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
    refused.refused_as(405, "method-not-allowed");
    let options = portal.visitor().send("OPTIONS", "/gateway/air/a", None).await.is(204);
    assert_eq!(options.header("allow"), "GET, HEAD, OPTIONS");
    assert_eq!(agency.heard(), "");
    let overridden = portal.visitor().saying("x-http-method-override", "DELETE").saying("x-original-url", "/admin");
    overridden.get("/gateway/air/a").await.is(200);
    assert!(!agency.heard().to_lowercase().contains("override") && !agency.heard().contains("/admin"));
    let head = portal.visitor().send("HEAD", "/gateway/air/a", None).await.is(200);
    assert_eq!(head.header("content-length"), "2");
    assert!(agency.lines().last().unwrap().starts_with("HEAD "));
}

#[actix_web::test]
async fn upstreams_that_are_private_are_neither_registered_nor_called() {
    let agency = Agency::plain();
    let strict = Portal::open().await;
    let port = agency.address.port();
    let steward = strict.staff(Role::Steward, Some("ardenport")).await;
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
        "10.0.0.1",
        "0.0.0.0",
    ] {
        let service = json!({ "service": { "title": "Inner", "upstream": format!("http://{host}:{port}/") } });
        let told = steward.post("/api/v1/services", &service).await.refused_as(422, "invalid-content");
        assert_eq!(told["errors"][0]["pointer"], "/upstream", "{host}: {told}");
    }
    // A name that leads there is found out when it is called, also where it got past the form.
    strict.service("named", &format!("http://localhost:{port}/"), json!({}));
    strict.service("literal", &format!("http://127.0.0.1:{port}/"), json!({}));
    for slug in ["named", "literal"] {
        let told = strict.visitor().get(&format!("/gateway/{slug}/a")).await.refused_as(502, "upstream-failed");
        assert!(!told.to_string().contains(&port.to_string()), "{told}");
    }
    assert_eq!(agency.heard(), "");
}

#[actix_web::test]
async fn what_an_upstream_breaks_is_told_and_never_taken_for_whole() {
    let agency = Agency::open(|call| match () {
        () if call.contains("/hang-up/short") => b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf".to_vec(),
        () if call.contains("/hang-up/large") => b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\nhalf".to_vec(),
        () if call.contains("/hang-up") => Vec::new(),
        () if call.contains("/private") => {
            b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n".to_vec()
        }
        () if call.contains("/moved") => {
            b"HTTP/1.1 302 Found\r\nlocation: /v1/there\r\ncontent-length: 0\r\n\r\n".to_vec()
        }
        () => PLAIN.as_bytes().to_vec(),
    });
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({}));
    let visitor = portal.visitor();
    visitor.get("/gateway/air/hang-up").await.refused_as(502, "upstream-failed");
    visitor.get("/gateway/air/hang-up/short").await.refused_as(502, "upstream-failed");
    visitor.get("/gateway/air/private").await.refused_as(502, "upstream-failed");
    let moved = visitor.get("/gateway/air/moved").await.is(302);
    assert_eq!(moved.header("location"), format!("{}/gateway/air/there", ApiSettings::default().public_url));
    let cut = raw(&portal, b"GET /gateway/air/hang-up/large HTTP/1.1\r\nHost: portal\r\n\r\n").await;
    assert!(
        cut.contains("content-length: 100000") && cut.ends_with("half"),
        "the connection ends within the body: {cut}"
    );
}

#[actix_web::test]
async fn large_bodies_stream_both_ways_whole() {
    const LARGE: usize = 3_000_000;
    let agency = Agency::open(|call| {
        if call.starts_with("POST") {
            let body = call.split_once("\r\n\r\n").unwrap().1.matches('z').count().to_string();
            return format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into_bytes();
        }
        let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n").into_bytes();
        answer.resize(answer.len() + LARGE, b'x');
        answer
    });
    let portal = portal().await;
    portal.service(
        "air",
        &agency.url(),
        json!({ "methods": ["GET", "POST"], "limits": { "request_bytes": 2_000_000 } }),
    );
    let answer = portal.visitor().get("/gateway/air/file").await.is(200);
    assert_eq!((answer.body.len(), answer.header("content-length")), (LARGE, LARGE.to_string()));
    let sender = portal.visitor().saying("content-type", "text/plain");
    let sent = sender.send("POST", "/gateway/air/file", Some("z".repeat(1_000_000))).await.is(200);
    assert_eq!(sent.text(), "1000000");
    let refused =
        raw(&portal, b"POST /gateway/air/file HTTP/1.1\r\nHost: portal\r\nContent-Length: 2000001\r\n\r\n").await;
    assert!(status(&refused) == 413 && refused.contains("connection: close"), "{refused}");
}

#[actix_web::test]
async fn classes_are_published_by_path_and_cannot_be_talked_round() {
    let agency = Agency::plain();
    let portal = portal().await;
    let rules = json!([{ "path": "/exports/{rest...}", "class": "export" }]);
    portal.service("air", &agency.url(), json!({ "class_rules": rules, "class": "catalogue" }));
    let reader = portal.reader("anna").await;
    let policy = async |path: &str| reader.get(path).await.header("ratelimit-policy");
    let (cheap, dear) = (policy("/gateway/air/a").await, policy("/gateway/air/exports/all").await);
    assert_ne!(cheap, dear);
    for path in
        ["/gateway/air/Exports/all", "/gateway/air/%65xports/all", "/gateway/air/exports", "/gateway/air/exports/"]
    {
        assert_eq!(policy(path).await, dear, "{path}");
    }
    let told = portal.visitor().get("/api/v1/services/air").await.is(200).json();
    assert_eq!(told["class_rules"][0]["operation_class"], "export");
}

#[actix_web::test]
async fn a_service_says_when_it_goes_and_then_goes() {
    let agency = Agency::plain();
    let portal = portal().await;
    let now = Timestamp::now();
    let lifecycle = service::Lifecycle {
        deprecated_at: Some(now),
        sunset_at: Some(now.plus_secs(30 * 86_400)),
        policy_url: Some("https://agency.example/why".into()),
        successor_url: None,
        brown_outs: vec![BrownOut { from: now.plus_secs(2), until: now.plus_secs(3600) }],
    };
    portal.service("old", &agency.url(), json!({ "lifecycle": lifecycle }));
    portal.service("odd", &agency.url(), json!({}));
    let answer = portal.visitor().get("/gateway/old/a").await.is(200);
    assert_eq!(answer.header("deprecation"), format!("@{}", now.as_secs()));
    assert_eq!(answer.header("sunset"), now.plus_secs(30 * 86_400).http_date());
    assert!(answer.header("link").contains("rel=\"deprecation\""), "{}", answer.header("link"));
    let browned_out = loop {
        let answer = portal.visitor().get("/gateway/old/a").await;
        if answer.status != 200 {
            break answer;
        }
        actix_web::rt::time::sleep(Duration::from_millis(100)).await;
    };
    assert!(browned_out.header("retry-after").parse::<u64>().unwrap() > 3000);
    assert!(!browned_out.header("sunset").is_empty());
    browned_out.refused_as(503, "unavailable");
    let operator = portal.operator().await;
    let why = json!({ "reason": "wrong values" });
    operator.post("/api/v1/services/odd/suspend", &why).await.is(200);
    let told = portal.visitor().get("/gateway/odd/a").await.refused_as(503, "unavailable");
    assert!(told["detail"].as_str().unwrap().contains("wrong values"), "{told}");
    operator.send("POST", "/api/v1/services/odd/open", None).await.is(200);
    portal.visitor().get("/gateway/odd/a").await.is(200);
    operator.post("/api/v1/services/odd/retire", &why).await.is(200);
    portal.visitor().get("/gateway/odd/a").await.refused_as(410, "gone");
    portal.visitor().get("/api/v1/datasets/odd").await.is(410);
}

#[actix_web::test]
async fn credentials_go_to_the_agency_and_to_nobody_else() {
    let agency = Agency::open(|_| b"HTTP/1.1 200 OK\r\nx-echo: hush-hush\r\ncontent-length: 2\r\n\r\n{}".to_vec());
    let portal = portal().await;
    let steward = portal.staff(Role::Steward, Some("ardenport")).await;
    let operator = portal.operator().await;
    let new = json!({
        "slug": "air",
        "service": { "title": "Air", "upstream": agency.url(), "openapi": "openapi: 3.0.0\ninfo: {title: Air, version: '1'}\npaths: {/a: {get: {responses: {}}}}" },
        "credentials": { "kind": "header", "name": "X-Agency-Key", "value": "hush-hush" },
    });
    let made = steward.post("/api/v1/services", &new).await.is(201);
    assert!(!made.text().contains("hush") && made.json()["staff"]["credentials"] == "header", "{}", made.text());
    // Nobody sees it before it is open; only an operator approves.
    for path in ["/api/v1/services/air", "/api/v1/services/air/health", "/gateway/air/a"] {
        portal.visitor().get(path).await.refused_as(404, "not-found");
    }
    portal
        .staff(Role::Steward, Some("port-authority"))
        .await
        .get("/api/v1/services/air")
        .await
        .refused_as(404, "not-found");
    steward.send("POST", "/api/v1/services/air/approve", None).await.refused_as(403, "forbidden");
    steward.send("POST", "/api/v1/services/air/open", None).await.refused_as(409, "conflict");
    operator.send("POST", "/api/v1/services/air/approve", None).await.is(200);
    steward.send("POST", "/api/v1/services/air/open", None).await.is(200);
    let answer = portal.visitor().saying("x-agency-key", "mine").get("/gateway/air/a").await.is(200);
    assert_eq!(answer.header("x-echo"), "", "an answer that repeats the secret loses the field");
    assert!(
        agency.heard().contains("x-agency-key: hush-hush") && !agency.heard().contains("mine"),
        "{}",
        agency.heard()
    );
    let other = json!({ "kind": "bearer", "token": "hush-hush-2" });
    let changed = steward.send("PUT", "/api/v1/services/air/credentials", Some(other.to_string())).await.is(200);
    assert!(!changed.text().contains("hush"));
    portal.visitor().get("/gateway/air/a").await.is(200);
    assert!(agency.heard().contains("authorization: Bearer hush-hush-2"), "{}", agency.heard());
    let broken = json!({ "kind": "bearer", "token": "a\r\nX-Evil: 1" });
    steward
        .send("PUT", "/api/v1/services/air/credentials", Some(broken.to_string()))
        .await
        .refused_as(422, "invalid-content");
    for (who, path) in
        [(&steward, "/api/v1/services/air"), (&operator, "/api/v1/services/air/health"), (&operator, "/api/v1/changes")]
    {
        assert!(!who.get(path).await.text().contains("hush"), "{path}");
    }
    let revision = steward.get("/api/v1/services/air").await.json()["staff"]["revision"].clone();
    let change = json!({ "revision": revision, "service": { "title": "Air, better", "upstream": agency.url() } });
    steward.send("PUT", "/api/v1/services/air", Some(change.to_string())).await.is(200);
    steward.send("PUT", "/api/v1/services/air", Some(change.to_string())).await.refused_as(409, "conflict");
    portal.visitor().get("/gateway/air/a").await.is(200);
}

#[actix_web::test]
async fn a_service_is_listed_found_and_described_like_a_dataset() {
    let agency = Agency::plain();
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({ "description": "Hourly values." }));
    let found = portal.visitor().get("/api/v1/datasets?q=particulates").await.is(200).json();
    assert_eq!((&found["total"], &found["items"][0]["slug"]), (&json!(1), &json!("air")), "{found}");
    let entry = portal.visitor().get("/api/v1/datasets/air").await.is(200).json();
    let front = format!("{}/gateway/air", ApiSettings::default().public_url);
    assert_eq!(entry["service"]["endpoint_url"][0], json!(front));
    let listed = portal.visitor().get("/api/v1/services").await.is(200).json();
    assert_eq!(listed["items"][0]["slug"], "air");
    assert!(!listed.to_string().contains(&agency.address.to_string()), "{listed}");
    let document = portal.visitor().get("/gateway/air/openapi.json").await.is(200).json();
    assert_eq!(document["servers"][0]["url"], json!(front));
    assert_eq!(document["components"]["securitySchemes"]["api_key"]["name"], "x-api-key");
    assert!(!document.to_string().contains(&agency.address.to_string()), "{document}");
    assert_eq!(agency.heard(), "", "the document is ours");
    let preflight =
        portal.visitor().saying("origin", "https://app.example").saying("access-control-request-method", "POST");
    let allowed = preflight.send("OPTIONS", "/gateway/air/a", None).await.is(204);
    assert!(allowed.header("access-control-allow-methods").contains("DELETE"));
}

#[actix_web::test]
async fn somebody_looks_whether_services_are_well() {
    let agency = Agency::open(|call| match call.contains("/ill") {
        true => b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n".to_vec(),
        false => PLAIN.as_bytes().to_vec(),
    });
    let portal = portal().await;
    for (slug, path) in [("well", "/health?deep=1"), ("ill", "/ill")] {
        portal.service(slug, &agency.url(), json!({ "health": { "path": path, "interval_secs": 60, "status": 200 } }));
    }
    portal.service("unwatched", &agency.url(), json!({}));
    let look = || {
        let state = Arc::clone(&portal.state);
        std::thread::spawn(move || state.watch_services().unwrap()).join().unwrap()
    };
    assert_eq!((look(), look()), (2, 0), "each once, and not before the interval is over");
    let well = portal.visitor().get("/api/v1/services/well/health").await.is(200).json();
    assert_eq!((&well["outcome"], &well["days"][0]["failures"]), (&json!("healthy"), &json!(0)), "{well}");
    let ill = portal.visitor().get("/api/v1/services/ill/health").await.is(200).json();
    assert!(ill["outcome"] == "failing" && ill.get("staff").is_none(), "{ill}");
    let told = portal.operator().await.get("/api/v1/services/ill/health").await.json();
    assert_eq!(told["staff"]["http_status"], "500");
    let metrics = portal.visitor().get("/metrics").await.text();
    assert!(metrics.contains("fairground_service_healthy{service=\"ill\"} 0"), "{metrics}");
}

#[actix_web::test]
async fn answers_are_kept_by_the_upstreams_rules_and_metered_as_kept() {
    let agency = Agency::open(|_| {
        b"HTTP/1.1 200 OK\r\ncache-control: max-age=60\r\netag: \"a\"\r\ncontent-length: 2\r\n\r\n{}".to_vec()
    });
    let portal = portal().await;
    portal.service("air", &agency.url(), json!({}));
    portal.visitor().get("/gateway/air/a").await.is(200);
    let kept = portal.visitor().get("/gateway/air/a").await.is(200);
    assert_eq!(kept.header("cache-status"), "fairground; hit");
    portal.visitor().saying("if-none-match", "\"a\"").get("/gateway/air/a").await.is(304);
    assert_eq!(agency.lines().len(), 1);
}
