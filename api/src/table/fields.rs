//! The fields of answers that carry a table's data: validators, caching, links, timing.

use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder};
use fairground_domain::{ContentHash, Timestamp};
use fairground_tables::Engine;

use super::directory::{Asked, View};
use super::wire::address;
use crate::answer::{Freshness, etag_of, link_field, matched};
use crate::hot_path::FromCache;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// Counts up when answers to the same question look different than before, so that nobody keeps old ones.
const FORM: &[u8] = b"tables 2";

/// What an answer from one snapshot says beside its data.
#[derive(Debug)]
pub(crate) struct Fields {
    etag: String,
    last_modified: Timestamp,
    freshness: Freshness,
    links: Vec<String>,
}

impl Fields {
    /// For the answer that `parts` tell from all others of the same snapshot: the canonical plan, the format.
    pub(crate) fn of(view: &View, asked: Asked, parts: &[&[u8]]) -> Self {
        let key = view.snapshot.key.to_string();
        let digest = ContentHash::of_parts([FORM, key.as_bytes()].into_iter().chain(parts.iter().copied()));
        let licence = view.home.licence.as_ref().and_then(|licence| licence.iri.as_deref());
        let mut links: Vec<String> = licence.and_then(|iri| link_field(iri, "license")).into_iter().collect();
        links.extend(link_field(&address(&view.table.id.to_string()), "describedby"));
        Self { etag: etag_of(digest), last_modified: view.loaded_at, freshness: asked.freshness(), links }
    }

    /// The strong validator of the plain bytes.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// When the version was published.
    pub(crate) const fn last_modified(&self) -> Timestamp {
        self.last_modified
    }

    /// With one more link.
    pub(crate) fn link(mut self, target: &str, rel: &str) -> Self {
        self.links.extend(link_field(target, rel));
        self
    }

    /// 304, when the caller has the answer: before any work.
    pub(crate) fn not_modified(&self, req: &HttpRequest) -> Option<HttpResponse> {
        let tag = matched(&self.etag, Some(self.last_modified), req.headers())?;
        let mut answer = HttpResponse::NotModified();
        self.put(&mut answer);
        answer.insert_header((header::ETAG, tag));
        Some(answer.finish())
    }

    /// Puts the fields into an answer.
    pub(crate) fn put(&self, answer: &mut HttpResponseBuilder) {
        answer
            .insert_header((header::ETAG, &*self.etag))
            .insert_header((header::LAST_MODIFIED, self.last_modified.http_date()))
            .insert_header((header::CACHE_CONTROL, self.freshness.field()))
            .insert_header((header::VARY, HeaderValue::from_static("Accept-Encoding")));
        for link in &self.links {
            answer.append_header((header::LINK, &**link));
        }
    }
}

/// Tells which engine answered, and how long it took, for `Server-Timing`; and the meter, when it was no work.
pub(crate) fn put_engine(answer: &mut HttpResponseBuilder, req: &HttpRequest, engine: Engine, took: Duration) {
    if engine == Engine::Cache {
        req.extensions_mut().insert(FromCache);
    }
    let micros = took.as_micros();
    let field = format!("engine;desc=\"{}\";dur={}.{:03}", engine.as_str(), micros / 1000, micros % 1000);
    answer.insert_header((SERVER_TIMING, field));
}

/// Keeps the bytes as they are: they are compressed already, or only a part of the whole.
pub(crate) fn put_uncompressed(answer: &mut HttpResponseBuilder) {
    answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity")));
}
