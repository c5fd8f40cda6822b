//! One page of a CKAN portal: asked for, understood, and kept as a part.

use std::fs;
use std::path::Path;

use fairground_domain::ContentHash;
use fairground_standards::{Hints, detect};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::super::folder::Folder;
use super::super::{GatherError, PageNote, PartNote};
use super::address::page_url;
use crate::fetch::{Conditional, Fetcher, shown};
use crate::stop::Stop;

/// Bytes of one page, which is held in memory.
const MOST_PAGE_BYTES: u64 = 256 * 1024 * 1024;
/// Characters of a portal's message that are passed on.
const MESSAGE_CHARS: usize = 300;

/// The beginning of a digest of a record's identity: 16 bytes hold half a million of them in little room.
pub(super) type Key = [u8; 16];

/// One page as it came.
pub(super) struct Page {
    pub(super) start: u64,
    pub(super) url: String,
    pub(super) bytes: Vec<u8>,
}

/// By what pages are asked for, and where they arrive.
pub(super) struct Asking<'a> {
    pub(super) fetcher: &'a Fetcher,
    pub(super) folder: &'a Folder,
    pub(super) stop: &'a Stop,
}

pub(super) async fn ask(asking: &Asking<'_>, endpoint: &Url, start: u64, rows: u64) -> Result<Page, GatherError> {
    let url = page_url(endpoint, start, rows);
    let sink = asking.folder.arriving();
    let conditional = Conditional::default();
    let fetched = tokio::select! {
        fetched = asking.fetcher.get(&url, &conditional, &sink) => fetched?,
        reason = asking.stop.stopped() => return Err(GatherError::Stopped(reason)),
    };
    if fetched.bytes > MOST_PAGE_BYTES {
        return Err(GatherError::PageTooLarge { url: shown(&url), bytes: fetched.bytes, limit: MOST_PAGE_BYTES });
    }
    let bytes = fs::read(&sink).map_err(GatherError::spool(&sink))?;
    // Parsed here already, so that a wrong address is told apart from a portal that fails later on.
    parse(&bytes, &shown(endpoint))?;
    Ok(Page { start, url: shown(endpoint), bytes })
}

/// `package_search`'s answer, its records left as they are.
pub(super) struct Answer<'a> {
    pub(super) count: u64,
    pub(super) results: Vec<&'a RawValue>,
}

pub(super) fn parse<'a>(bytes: &'a [u8], url: &str) -> Result<Answer<'a>, GatherError> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        success: Option<bool>,
        #[serde(borrow)]
        result: Option<&'a RawValue>,
        #[serde(borrow)]
        error: Option<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Found<'a> {
        count: u64,
        #[serde(borrow)]
        results: Vec<&'a RawValue>,
    }
    let not_ckan = |reason: String| GatherError::NotCkan { url: url.to_owned(), reason };
    let envelope: Envelope<'_> = match serde_json::from_slice(bytes) {
        Ok(envelope) => envelope,
        // A web page or another catalogue is named as such; broken JSON by its own error.
        Err(error) => {
            let found = detect(bytes.get(..bytes.len().min(65_536)).unwrap_or_default(), &Hints::default());
            return Err(match found {
                Err(what) => what.into(),
                Ok(_) => not_ckan(error.to_string()),
            });
        }
    };
    if envelope.success == Some(false) {
        let message = envelope.error.map_or("it gives no reason", RawValue::get).chars().take(MESSAGE_CHARS).collect();
        return Err(GatherError::CkanRefused { url: url.to_owned(), message });
    }
    let result = envelope.result.ok_or_else(|| not_ckan("there is no `result` in its answer".to_owned()))?;
    let found: Found<'_> = serde_json::from_str(result.get()).map_err(|error| not_ckan(error.to_string()))?;
    Ok(Answer { count: found.count, results: found.results })
}

/// What tells records apart: CKAN's `id`, else its `name`, else its bytes.
pub(super) fn key_of(record: &RawValue) -> Key {
    #[derive(Deserialize)]
    struct Identity {
        id: Option<String>,
        name: Option<String>,
    }
    let identity = serde_json::from_str::<Identity>(record.get()).ok().and_then(|it| it.id.or(it.name));
    let digest = ContentHash::of(identity.as_deref().unwrap_or(record.get()).as_bytes());
    let mut key = Key::default();
    key.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    key
}

/// Writes a page's new records as a page of their own, each exactly as it came.
pub(super) fn keep(
    folder: &Folder,
    number: usize,
    url: &str,
    at: PageNote,
    records: &[&RawValue],
) -> Result<PartNote, GatherError> {
    let room: usize = records.iter().map(|record| record.get().len() + 2).sum();
    let mut bytes = Vec::with_capacity(room + 80);
    bytes.extend_from_slice(format!("{{\"success\":true,\"result\":{{\"count\":{},\"results\":[", at.total).as_bytes());
    for (n, record) in records.iter().enumerate() {
        bytes.extend_from_slice(if n == 0 { b"\n" } else { b",\n" });
        bytes.extend_from_slice(record.get().as_bytes());
    }
    bytes.extend_from_slice(b"\n]}}\n");
    write(&folder.arriving(), &bytes)?;
    let note = PartNote {
        url: url.to_owned(),
        content_type: None,
        link: None,
        validators: Conditional::default(),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: ContentHash::of(&bytes),
        page: Some(at),
    };
    folder.keep(number, &note)?;
    Ok(note)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), GatherError> {
    let write = || {
        use std::io::Write;
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        file.sync_data()
    };
    write().map_err(GatherError::spool(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_are_not_package_search_are_named() {
        for (body, says) in [
            (r#"{"success": false, "error": {"message": "Access denied"}}"#, "Access denied"),
            (r#"{"success": true}"#, "no `result`"),
            (r#"{"success": true, "result": ["a", "b"]}"#, "does not answer as CKAN"),
            ("<!doctype html><title>Sign in</title>", "Sign in"),
            (r#"{"success": true, "result": {"count": 3, "resu"#, "does not answer as CKAN"),
        ] {
            let error = parse(body.as_bytes(), "https://x.example/").map(|_| ()).expect_err(body).to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
