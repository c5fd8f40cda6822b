//! Answers that carry data: validators, caching fields, links, and a small cache of rendered ones.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use fairground_domain::{ContentHash, DatasetId, Timestamp};
use moka::sync::Cache;
use serde::Serialize;

use crate::problem::Problem;

/// Bytes of rendered answers that are kept.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// Digits of a body's digest that make an `ETag`.
const ETAG_DIGITS: usize = 32;
/// What a compressing middleware appends to a strong `ETag`, so that encoded and plain bytes differ in it (RFC 9110,
/// section 8.8.3.3).
const ENCODINGS: [&str; 4] = ["br", "gzip", "deflate", "zstd"];

/// How long an answer may be kept by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// May change at any moment: kept, and asked about each time (a 304 costs little).
    Revalidated,
    /// May change at any moment, and a few seconds do not matter: the rows of a table's current version.
    Brief,
    /// Never changes: a version of something.
    Immutable,
    /// For the caller alone.
    Private,
}

impl Freshness {
    pub(crate) const fn field(self) -> HeaderValue {
        match self {
            Self::Revalidated => HeaderValue::from_static("public, no-cache"),
            Self::Brief => HeaderValue::from_static("public, max-age=10, stale-while-revalidate=60"),
            Self::Private => HeaderValue::from_static("private, no-cache"),
            Self::Immutable => HeaderValue::from_static("public, max-age=31536000, immutable"),
        }
    }
}

/// A rendered answer: bytes and what belongs to them.
#[derive(Debug, Clone)]
pub struct Rendered {
    body: Bytes,
    etag: Arc<str>,
    content_type: &'static str,
    last_modified: Option<Timestamp>,
    freshness: Freshness,
    /// `Link` values.
    links: Vec<Arc<str>>,
    /// `Vary`, where the same address gives different forms.
    vary: Option<&'static str>,
}

impl Rendered {
    /// A body of a media type.
    #[must_use]
    pub fn new(body: impl Into<Bytes>, content_type: &'static str, freshness: Freshness) -> Self {
        let body = body.into();
        let etag = etag_of(ContentHash::of(&body));
        Self { body, etag: etag.into(), content_type, last_modified: None, freshness, links: Vec::new(), vary: None }
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// `Internal` when it cannot be written as JSON.
    pub fn json(value: &impl Serialize, freshness: Freshness) -> Result<Self, Problem> {
        let body = serde_json::to_vec(value).map_err(Problem::internal)?;
        Ok(Self::new(body, "application/json", freshness))
    }

    /// With a validator of its own, where writers name it in `If-Match`; it must change whenever the body does.
    #[must_use]
    pub fn etag(mut self, etag: String) -> Self {
        self.etag = etag.into();
        self
    }

    /// When the data last changed.
    #[must_use]
    pub fn last_modified(mut self, at: Timestamp) -> Self {
        self.last_modified = Some(at);
        self
    }

    /// A link (RFC 8288); a target that cannot stand in a header is left out.
    #[must_use]
    pub fn link(mut self, target: &str, rel: &str) -> Self {
        self.links.extend(link_field(target, rel).map(Arc::from));
        self
    }

    /// On which of the request's fields the form depends.
    #[must_use]
    pub fn vary(mut self, fields: &'static str) -> Self {
        self.vary = Some(fields);
        self
    }

    /// The answer: 304 when the caller has it already.
    #[must_use]
    pub fn answer(&self, req: &HttpRequest) -> HttpResponse {
        let matched = matched(&self.etag, self.last_modified, req.headers());
        let mut answer = match matched {
            Some(_) => HttpResponse::NotModified(),
            None => HttpResponse::Ok(),
        };
        let etag = matched.as_deref().unwrap_or(&self.etag);
        answer.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, self.freshness.field()));
        if let Some(at) = self.last_modified {
            answer.insert_header((header::LAST_MODIFIED, at.http_date()));
        }
        for link in &self.links {
            answer.append_header((header::LINK, &**link));
        }
        if let Some(vary) = self.vary {
            answer.append_header((header::VARY, vary));
        }
        match matched {
            Some(_) => answer.finish(),
            None => answer.insert_header((header::CONTENT_TYPE, self.content_type)).body(self.body.clone()),
        }
    }
}

/// A `Link` value (RFC 8288); nothing when the target cannot stand in a header.
pub(crate) fn link_field(target: &str, rel: &str) -> Option<String> {
    let safe = target.bytes().all(|b| (0x21..0x7f).contains(&b) && !matches!(b, b'<' | b'>' | b'"'));
    (safe && !target.is_empty()).then(|| format!("<{target}>; rel=\"{rel}\""))
}

/// An `ETag` from what an answer is made of.
pub(crate) fn etag_of(digest: ContentHash) -> String {
    let digest = digest.to_string();
    format!("\"{}\"", digest.get(..ETAG_DIGITS).unwrap_or(&digest))
}

/// The `ETag` that the caller has, if it stands for the body that has `etag`; by date only when it names none (RFC 9110,
/// section 13.2.2).
pub(crate) fn matched(etag: &str, last_modified: Option<Timestamp>, headers: &HeaderMap) -> Option<String> {
    if let Some(field) = headers.get(header::IF_NONE_MATCH) {
        return field.to_str().ok()?.split(',').map(str::trim).find_map(|tag| matches(etag, tag));
    }
    let since = headers.get(header::IF_MODIFIED_SINCE)?.to_str().ok()?;
    let since: header::HttpDate = since.parse().ok()?;
    let at = last_modified?;
    let since: std::time::SystemTime = since.into();
    let secs = since.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    (u64::try_from(at.as_secs()).ok()? <= secs).then(|| etag.to_owned())
}

/// The tag as the caller knows it, if it stands for the body that has `etag`: as it is, weak, or of an encoded form.
pub(crate) fn matches(etag: &str, tag: &str) -> Option<String> {
    if tag == "*" {
        return Some(etag.to_owned());
    }
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let plain = ENCODINGS
        .iter()
        .find_map(|encoding| strong.strip_suffix('"')?.strip_suffix(encoding)?.strip_suffix('-'))
        .map(|stem| format!("{stem}\""));
    (plain.as_deref().unwrap_or(strong) == etag).then(|| strong.to_owned())
}

/// Tells the `ETag` of an encoded body from that of the plain one.
pub(crate) fn mark_encoded(headers: &mut HeaderMap) {
    // Said by handlers to keep a body as it is; there is nothing to say to the caller (RFC 9110, section 8.4).
    if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "identity") {
        headers.remove(header::CONTENT_ENCODING);
        return;
    }
    let (Some(encoding), Some(etag)) = (headers.get(header::CONTENT_ENCODING), headers.get(header::ETAG)) else {
        return;
    };
    let (Ok(encoding), Ok(etag)) = (encoding.to_str(), etag.to_str()) else { return };
    let Some(stem) = etag.strip_suffix('"').filter(|stem| stem.starts_with('"')) else { return };
    if let Ok(marked) = HeaderValue::try_from(format!("{stem}-{encoding}\"")) {
        headers.insert(header::ETAG, marked);
    }
}

/// Rendered answers by the place in the journal that they were made at, so that a change makes them unreachable at once.
#[derive(Debug, Clone)]
pub struct AnswerCache(Cache<(u64, String), Known>);

/// An answer and the dataset that it is about, for the meter.
type Known = (Option<DatasetId>, Rendered);

impl Default for AnswerCache {
    fn default() -> Self {
        let weight = |key: &(u64, String), known: &Known| {
            u32::try_from(key.1.len() + known.1.body.len() + 256).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(CACHE_BYTES).weigher(weight).build())
    }
}

impl AnswerCache {
    pub(crate) fn get(&self, position: u64, key: &str) -> Option<Known> {
        self.0.get(&(position, key.to_owned()))
    }

    pub(crate) fn put(&self, position: u64, key: String, known: Known) {
        self.0.insert((position, key), known);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_caller_who_has_it_is_told_so() {
        let at = Timestamp::from_micros(784_111_777_000_000);
        let rendered = Rendered::new("data", "text/plain", Freshness::Revalidated).last_modified(at);
        let etag = rendered.etag.to_string();
        let gzipped = format!("{}-gzip\"", etag.trim_end_matches('"'));
        for (field, value, status) in [
            ("if-none-match", etag.clone(), 304),
            ("if-none-match", format!("\"other\", W/{etag}"), 304),
            ("if-none-match", gzipped, 304),
            ("if-none-match", "*".to_owned(), 304),
            ("if-none-match", "\"other\"".to_owned(), 200),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT".to_owned(), 304),
            ("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT".to_owned(), 200),
            ("if-modified-since", "yesterday".to_owned(), 200),
        ] {
            let req = TestRequest::default().insert_header((field, value.clone())).to_http_request();
            let answer = rendered.answer(&req);
            assert_eq!(answer.status().as_u16(), status, "{field}: {value}");
            assert!(answer.headers().contains_key(header::ETAG), "{field}: {value}");
        }
    }

    #[test]
    fn an_encoded_body_has_its_own_etag() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, HeaderValue::from_static("\"abc\""));
        mark_encoded(&mut headers);
        assert_eq!(headers.get(header::ETAG).map(|v| v.as_bytes()), Some(b"\"abc\"".as_slice()));
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        mark_encoded(&mut headers);
        assert_eq!(headers.get(header::ETAG).map(|v| v.as_bytes()), Some(b"\"abc-br\"".as_slice()));
    }

    #[test]
    fn a_link_that_would_break_the_header_is_left_out() {
        let rendered = Rendered::new("", "text/plain", Freshness::Immutable)
            .link("https://example.org/licence", "license")
            .link("https://example.org/>\r\nX: y", "license");
        assert_eq!(rendered.links.len(), 1);
    }
}
