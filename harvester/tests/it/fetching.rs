//! One document from a system that behaves, and from many that do not.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use fairground_domain::ContentHash;
use fairground_harvester::fetch::{
    AllowList, Conditional, FetchError, FetchLimits, FetchStatus, Fetched, Fetcher, Pace,
};
use std::io::Write;
use url::Url;

use crate::agency::{Agency, Answer};

/// Deadlines that a test can wait for, and no patience between tries.
pub(crate) fn brisk() -> FetchLimits {
    FetchLimits {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_secs(20),
        stall: Duration::from_secs(20),
        total: Duration::from_secs(60),
        tries: 3,
        pause: Duration::from_millis(1),
        longest_pause: Duration::from_secs(2),
        pace: Pace { per_second: NonZeroU32::new(1000).unwrap(), burst: NonZeroU32::new(1000).unwrap() },
        ..FetchLimits::default()
    }
}

pub(crate) fn fetcher(limits: FetchLimits) -> Fetcher {
    Fetcher::new("127.0.0.1".parse().unwrap(), limits, "https://portal.test").unwrap()
}

struct Visit {
    result: Result<Fetched, FetchError>,
    file: PathBuf,
    _folder: tempfile::TempDir,
}

impl Visit {
    fn body(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()
    }

    fn failure(self) -> FetchError {
        self.result.expect_err("this fetch must fail")
    }
}

async fn visit(limits: FetchLimits, url: &Url, conditional: &Conditional) -> Visit {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("document");
    Visit { result: fetcher(limits).get(url, conditional, &file).await, file, _folder: folder }
}

async fn get(agency: &Agency, target: &str) -> Visit {
    visit(brisk(), &agency.url(target), &Conditional::default()).await
}

#[tokio::test]
async fn a_document_comes_with_its_validators_and_we_say_who_asks() {
    let agency = Agency::start(|_| {
        Answer::ok("{}")
            .header("ETag", "\"a1\"")
            .header("Last-Modified", "Sun, 01 Mar 2026 12:00:00 GMT")
            .header("Content-Type", "application/json")
            .header("Link", "<?page=2>; rel=\"next\"")
    });
    let visit = get(&agency, "/data.json").await;
    assert_eq!(visit.body(), b"{}");
    let fetched = visit.result.unwrap();
    assert_eq!(fetched.status, FetchStatus::Complete);
    assert_eq!((fetched.bytes, fetched.sha256), (2, ContentHash::of(b"{}")));
    assert_eq!(fetched.validators.etag.as_deref(), Some("\"a1\""));
    assert_eq!(fetched.validators.last_modified.as_deref(), Some("Sun, 01 Mar 2026 12:00:00 GMT"));
    assert_eq!(fetched.content_type.as_deref(), Some("application/json"));
    assert_eq!(fetched.link.as_deref(), Some("<?page=2>; rel=\"next\""));
    let asked = agency.asked();
    let agent = asked[0].headers.get("user-agent").unwrap();
    assert!(agent.starts_with("Fairground/") && agent.ends_with(" (+https://portal.test)"), "{agent}");
}

#[tokio::test]
async fn an_unchanged_document_is_asked_for_once_and_does_not_come() {
    let agency = Agency::start(|asked| {
        let known = asked.headers.get("if-none-match").map(String::as_str) == Some("\"a1\"")
            && asked.headers.contains_key("if-modified-since");
        if known { Answer::new(304, "").header("ETag", "\"a1\"") } else { Answer::ok("{}") }
    });
    let known = Conditional {
        etag: Some("\"a1\"".to_owned()),
        last_modified: Some("Sun, 01 Mar 2026 12:00:00 GMT".to_owned()),
    };
    let visit = visit(brisk(), &agency.url("/"), &known).await;
    assert_eq!(visit.result.unwrap().status, FetchStatus::NotModified);
    assert!(!visit.file.exists());
    assert_eq!(agency.asked().len(), 1);
}

#[tokio::test]
async fn packed_answers_are_unpacked_and_bombs_are_not() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let (small, bomb) = (gzip(b"{\"a\":1}"), gzip(&vec![b' '; 64 << 20]));
    let agency = Agency::start(move |asked| match asked.path() {
        "/small" => Answer::ok(small.clone()).header("Content-Encoding", "gzip"),
        "/file.json.gz" => Answer::ok(small.clone()).header("Content-Type", "application/gzip"),
        "/bomb" => Answer::ok(bomb.clone()).header("Content-Encoding", "gzip"),
        "/half" => Answer::ok(bomb[..1000].to_vec()).header("Content-Encoding", "gzip"),
        _ => Answer::ok("x").header("Content-Encoding", "br"),
    });
    for target in ["/small", "/file.json.gz"] {
        assert_eq!(get(&agency, target).await.body(), b"{\"a\":1}");
    }
    assert!(matches!(get(&agency, "/bomb").await.failure(), FetchError::DecompressionBomb { .. }));
    assert!(matches!(get(&agency, "/half").await.failure(), FetchError::BrokenEncoding { .. }));
    assert!(matches!(get(&agency, "/brotli").await.failure(), FetchError::UnsupportedEncoding { .. }));
    let tight = FetchLimits { bytes: 1 << 20, ..brisk() };
    let visit = visit(tight, &agency.url("/bomb"), &Conditional::default()).await;
    assert!(matches!(visit.failure(), FetchError::TooLarge { limit: 1_048_576 }));
}

#[tokio::test]
async fn documents_that_announce_or_grow_too_much_are_refused() {
    let agency = Agency::start(|asked| match asked.path() {
        "/announced" => Answer::ok("").declaring(1 << 40),
        _ => Answer::ok(vec![b'x'; 5000]),
    });
    let tight = FetchLimits { bytes: 4999, ..brisk() };
    for target in ["/announced", "/grown"] {
        let visit = visit(tight.clone(), &agency.url(target), &Conditional::default()).await;
        assert!(matches!(visit.failure(), FetchError::TooLarge { limit: 4999 }), "{target}");
    }
    assert_eq!(agency.asked().len(), 2, "a document that is too large is not asked for again");
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_and_then_named() {
    let agency = Agency::start(|asked| {
        let whole = Answer::ok("0123456789");
        if asked.number < 2 { whole.dropping_after(4) } else { whole }
    });
    assert_eq!(get(&agency, "/").await.body(), b"0123456789");
    assert_eq!(agency.asked().len(), 3);

    let agency = Agency::start(|_| Answer::ok("0123").declaring(10));
    let failure = get(&agency, "/").await.failure();
    assert!(matches!(failure, FetchError::CutShort { got: 4, expected: Some(10), .. }), "{failure}");
    assert_eq!(agency.asked().len(), 3);
}

#[tokio::test]
async fn servers_that_are_silent_stall_or_drip_run_into_a_deadline() {
    let agency = Agency::start(|asked| match asked.path() {
        "/silent" => Answer::silence(),
        "/stall" => Answer::ok("0123456789").stalling_after(5),
        _ => Answer::drip(),
    });
    let short = Duration::from_millis(150);
    let one_try = FetchLimits { tries: 1, ..brisk() };
    for (target, limits) in [
        ("/silent", FetchLimits { first_byte: short, ..one_try.clone() }),
        ("/stall", FetchLimits { stall: short, ..one_try.clone() }),
        ("/drip", FetchLimits { total: short, ..one_try }),
    ] {
        let failure = visit(limits, &agency.url(target), &Conditional::default()).await.failure();
        let named = match target {
            "/silent" => matches!(failure, FetchError::NoAnswer { .. }),
            "/stall" => matches!(failure, FetchError::Stalled { .. }),
            _ => matches!(failure, FetchError::TooSlow { .. }),
        };
        assert!(named, "{target}: {failure}");
    }
}

#[tokio::test]
async fn overload_and_outages_are_waited_out_and_refusals_are_not() {
    let agency = Agency::start(|asked| match asked.number {
        0 => Answer::new(500, "oops"),
        1 => Answer::new(429, "slow down").header("Retry-After", "1"),
        _ => Answer::ok("{}"),
    });
    assert_eq!(get(&agency, "/").await.body(), b"{}");
    assert_eq!(agency.asked().len(), 3);

    for (status, requests) in [(404, 1), (403, 1), (410, 1), (418, 1), (503, 3), (500, 3)] {
        let agency = Agency::start(move |_| Answer::new(status, ""));
        let failure = get(&agency, "/").await.failure();
        assert!(matches!(failure, FetchError::Status { status: named, .. } if named == status), "{failure}");
        assert_eq!(agency.asked().len(), requests, "{status}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_hours_is_not_waited_for() {
    let agency = Agency::start(|_| Answer::new(503, "").header("Retry-After", "7200"));
    let failure = get(&agency, "/").await.failure();
    assert!(matches!(failure, FetchError::AskedToWait { asked, .. } if asked.as_secs() == 7200), "{failure}");
    assert_eq!(agency.asked().len(), 1);
}

#[tokio::test]
async fn redirects_are_followed_within_bounds() {
    let agency = Agency::start(|asked| match asked.path() {
        "/old" => Answer::redirect("/newer"),
        "/newer" => Answer::redirect("/new#part"),
        "/new" => Answer::ok("here"),
        "/a" => Answer::redirect("/b"),
        "/b" => Answer::redirect("/a"),
        "/nowhere" => Answer::new(302, ""),
        "/file" => Answer::redirect("file:///etc/passwd"),
        "/far" => Answer::redirect(format!("/far?{}", asked.number)),
        _ => Answer::new(404, ""),
    });
    let visit = get(&agency, "/old").await;
    assert_eq!(visit.body(), b"here");
    assert_eq!(visit.result.unwrap().final_url, agency.url("/new").as_str());
    assert!(matches!(get(&agency, "/a").await.failure(), FetchError::RedirectLoop { .. }));
    assert!(matches!(get(&agency, "/nowhere").await.failure(), FetchError::RedirectNowhere { status: 302, .. }));
    assert!(matches!(get(&agency, "/file").await.failure(), FetchError::UnsupportedScheme { .. }));
    let failure = get(&agency, "/far").await.failure();
    assert!(matches!(failure, FetchError::TooManyRedirects { limit: 8, .. }), "{failure}");
}

#[tokio::test]
async fn private_addresses_are_refused_outright_by_name_and_behind_redirects() {
    let agency = Agency::start(|asked| match asked.path() {
        "/metadata" => Answer::redirect("http://169.254.169.254/latest/meta-data/"),
        "/loopback" => Answer::redirect("http://127.0.0.2:9/"),
        "/mapped" => Answer::redirect("http://[::ffff:10.0.0.1]/"),
        _ => Answer::ok("secret"),
    });
    for target in ["/metadata", "/loopback", "/mapped"] {
        let failure = get(&agency, target).await.failure();
        assert!(matches!(failure, FetchError::PrivateAddress { .. }), "{target}: {failure}");
    }
    let asked = agency.asked().len();
    // Nothing is allowed: neither the address nor a name that resolves to it is even connected to.
    let strict = Fetcher::new(AllowList::none(), brisk(), "https://portal.test").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let port = agency.url("/").port().unwrap();
    for url in [agency.url("/"), Url::parse(&format!("http://localhost:{port}/")).unwrap()] {
        let failure = strict.get(&url, &Conditional::default(), &folder.path().join("x")).await.unwrap_err();
        assert!(matches!(failure, FetchError::PrivateAddress { .. }), "{url}: {failure}");
    }
    assert_eq!(agency.asked().len(), asked);
    // The operator may allow the name instead of the address.
    let named = Fetcher::new(format!("localhost:{port}").parse().unwrap(), brisk(), "https://portal.test").unwrap();
    let url = Url::parse(&format!("http://localhost:{port}/")).unwrap();
    assert!(named.get(&url, &Conditional::default(), &folder.path().join("y")).await.is_ok());
}

#[tokio::test]
async fn nobody_at_home_is_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://{closed}/")).unwrap();
    let failure = visit(brisk(), &url, &Conditional::default()).await.failure();
    assert!(matches!(failure, FetchError::Connect { .. }), "{failure}");
}
