//! A CKAN portal, page by page (CKAN Action API version 3, `package_search`).
//!
//! Portals change while they are read. Pages are asked for in the order of `id` and overlap by one record: a page that
//! holds nothing known shows that records before it went, and paging steps back until it meets known ground again.
//! Records that came before are left out of the parts, so that a part holds each record once. In the end the number of
//! records is held against the portal's own count; with fewer, the gathering is not complete and nothing is deleted.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use fairground_domain::ContentHash;
use fairground_standards::{Format, Hints, detect};
use serde::Deserialize;
use serde_json::value::RawValue;
use tracing::debug;
use url::Url;

use super::folder::{Folder, Outcome};
use super::{GatherError, Kind, PageNote, PartNote, Spool};
use crate::fetch::{Conditional, FetchError, Fetcher, shown};
use crate::stop::Stop;

/// Records asked for at once, unless the address says otherwise.
const ROWS: u64 = 250;
/// The most that CKAN gives at once by default (`ckan.search.rows_max`).
const MOST_ROWS: u64 = 1000;
/// Pages after which something is wrong: five million records of 250 a page.
const MOST_PAGES: usize = 20_000;
/// Bytes of one page, which is held in memory.
const MOST_PAGE_BYTES: u64 = 256 * 1024 * 1024;
/// How far paging steps back the first time that a page is not connected; eight times as far each further time.
const FIRST_STEP_BACK: u64 = 16;
/// Parent folders of an address that are tried as the portal's root.
const MOST_CANDIDATES: usize = 4;
/// Characters of a portal's message that are passed on.
const MESSAGE_CHARS: usize = 300;

/// Pages in a row that are the same although others were asked for.
const MOST_SAME_PAGES: usize = 2;
/// Pages in a row that bring nothing new, as when very many records came in before the position.
const MOST_STALE_PAGES: usize = 100;

const ACTION: &str = "api/3/action/package_search";

/// Whether an address is read page by page: it names `package_search`, or the operator says it is CKAN. An answer that
/// somebody saved as a `.json` file is one document.
pub(super) fn is_paged(url: &Url, kind: Option<Kind>) -> bool {
    match kind {
        Some(Kind::Format(Format::Ckan)) => !url.path().ends_with(".json"),
        None => url.path().trim_end_matches('/').ends_with("/action/package_search"),
        Some(Kind::Dcat | Kind::Format(_)) => false,
    }
}

pub(super) async fn gather(
    fetcher: &Fetcher,
    url: &Url,
    folder: &Folder,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Spool, GatherError> {
    let mut reading = Reading::resume(folder, rows_of(url))?;
    let endpoint = match reading.notes.first().and_then(|note| Url::parse(&note.url).ok()) {
        // The notes hold no credentials; those of the source's address are put back.
        Some(endpoint) => with_credentials(endpoint, url),
        None => reading.open(fetcher, url, folder, stop).await?,
    };
    on_part(reading.notes.len());
    while let Some(start) = reading.next {
        if reading.asked >= MOST_PAGES {
            return Err(GatherError::TooManyPages { limit: MOST_PAGES });
        }
        let page = ask(fetcher, &endpoint, start, reading.rows, folder, stop).await?;
        reading.take(page, folder)?;
        on_part(reading.notes.len());
    }
    reading.finish(url, folder)
}

/// How far paging has come.
struct Reading {
    notes: Vec<PartNote>,
    seen: HashSet<Key>,
    /// Where the next page begins; `None` at the end.
    next: Option<u64>,
    rows: u64,
    total: u64,
    asked: usize,
    step_back: u64,
    /// The records of the page before, and how often in a row a page was the same or brought nothing new.
    previous: Vec<Key>,
    same: usize,
    stale: usize,
    remarks: Vec<String>,
}

/// The beginning of a digest of a record's identity: 16 bytes hold half a million of them in little room.
type Key = [u8; 16];

impl Reading {
    /// Picks up what an earlier run brought in.
    fn resume(folder: &Folder, rows: u64) -> Result<Self, GatherError> {
        let notes = folder.notes();
        let mut reading = Self {
            notes: Vec::new(),
            seen: HashSet::new(),
            next: Some(0),
            rows,
            total: 0,
            asked: 0,
            step_back: FIRST_STEP_BACK,
            previous: Vec::new(),
            same: 0,
            stale: 0,
            remarks: Vec::new(),
        };
        for (number, note) in (1..).zip(notes) {
            let Some(at) = note.page else { break };
            let part = folder.part(number);
            let bytes = fs::read(&part).map_err(GatherError::spool(&part))?;
            let page = parse(&bytes, &note.url)?;
            reading.seen.extend(page.results.iter().map(|record| key_of(record)));
            reading.turn(at);
            reading.notes.push(note);
        }
        Ok(reading)
    }

    /// Finds the portal's `package_search` and takes its first page.
    async fn open(&mut self, fetcher: &Fetcher, url: &Url, folder: &Folder, stop: &Stop) -> Result<Url, GatherError> {
        let mut first_refusal = None;
        for endpoint in endpoints(url) {
            match ask(fetcher, &endpoint, 0, self.rows, folder, stop).await {
                Ok(page) => {
                    self.take(page, folder)?;
                    return Ok(endpoint);
                }
                Err(
                    refusal @ (GatherError::NotCkan { .. }
                    | GatherError::Read(_)
                    | GatherError::Fetch(FetchError::Status { status: 400..=499, .. })),
                ) => {
                    debug!("No CKAN here: {refusal}");
                    first_refusal.get_or_insert(refusal);
                }
                Err(error) => return Err(error),
            }
        }
        Err(first_refusal.unwrap_or_else(|| GatherError::NotCkan {
            url: shown(url),
            reason: "the address has no place for an API".to_owned(),
        }))
    }

    /// Keeps what is new of a page and decides where to go on.
    fn take(&mut self, page: Page, folder: &Folder) -> Result<(), GatherError> {
        self.asked += 1;
        let answer = parse(&page.bytes, &page.url)?;
        let sent = u64::try_from(answer.results.len()).unwrap_or(u64::MAX);
        let keys: Vec<Key> = answer.results.iter().map(|record| key_of(record)).collect();
        let connected =
            page.start == 0 || self.pages_are_single_records() || keys.iter().any(|key| self.seen.contains(key));
        if sent > 0 && !connected {
            self.go_back(page.start);
            return Ok(());
        }
        if !self.notes.is_empty() && answer.count != self.total {
            self.remark(format!(
                "the portal changed while it was read: it announced {} records first and {} later",
                self.total, answer.count
            ));
        }
        let fresh: Vec<&RawValue> = answer
            .results
            .iter()
            .zip(&keys)
            .filter(|(_, key)| self.seen.insert(**key))
            .map(|(record, _)| *record)
            .collect();
        let at = PageNote { start: page.start, sent, total: answer.count };
        self.watch_progress(&page, keys, !fresh.is_empty())?;
        if !fresh.is_empty() {
            self.step_back = FIRST_STEP_BACK;
        }
        // An empty portal still is one part, so that what follows reads it as an empty catalogue.
        if !fresh.is_empty() || self.notes.is_empty() {
            let note = keep(folder, self.notes.len() + 1, &page.url, at, &fresh)?;
            self.notes.push(note);
        }
        self.turn(at);
        Ok(())
    }

    /// Gives up on a portal that sends the same page whatever is asked, or nothing new for very long.
    fn watch_progress(&mut self, page: &Page, keys: Vec<Key>, fresh: bool) -> Result<(), GatherError> {
        // The end of a portal that announces too much is one known record, the overlap; it is no repetition.
        let same = !fresh && keys.len() > 1 && keys == self.previous;
        self.same = if same { self.same + 1 } else { 0 };
        self.stale = if fresh { 0 } else { self.stale + 1 };
        self.previous = keys;
        if self.same >= MOST_SAME_PAGES || self.stale >= MOST_STALE_PAGES {
            return Err(GatherError::PagingStuck { url: page.url.clone(), start: page.start });
        }
        Ok(())
    }

    /// Whether pages are too small to overlap.
    fn pages_are_single_records(&self) -> bool {
        self.rows <= 1 || self.notes.iter().all(|note| note.page.is_some_and(|page| page.sent <= 1))
    }

    fn go_back(&mut self, from: u64) {
        self.remark("records went from the portal while it was read; the pages around were read again".to_owned());
        self.next = Some(from.saturating_sub(self.step_back));
        self.step_back = self.step_back.saturating_mul(8);
    }

    /// Sets where to go on after a page: one record before its end, so that the next one is seen to be connected.
    fn turn(&mut self, at: PageNote) {
        self.total = at.total;
        let end = at.start.saturating_add(at.sent);
        self.next = (at.sent > 0 && end < at.total).then(|| if at.sent > 1 { end - 1 } else { end });
    }

    fn remark(&mut self, remark: String) {
        const MOST_REMARKS: usize = 20;
        if !self.remarks.contains(&remark) && self.remarks.len() < MOST_REMARKS {
            self.remarks.push(remark);
        }
    }

    fn finish(mut self, url: &Url, folder: &Folder) -> Result<Spool, GatherError> {
        let have = u64::try_from(self.seen.len()).unwrap_or(u64::MAX);
        let complete = have >= self.total;
        if !complete {
            self.remark(format!(
                "the portal announced {} records and gave {have}; nothing is deleted after an incomplete gathering",
                self.total
            ));
        }
        let outcome = Outcome {
            location: shown(url),
            format: Format::Ckan,
            validators: Conditional::default(),
            complete,
            remarks: self.remarks,
        };
        folder.finish(outcome, self.notes)
    }
}

/// One page as it came.
struct Page {
    start: u64,
    url: String,
    bytes: Vec<u8>,
}

async fn ask(
    fetcher: &Fetcher,
    endpoint: &Url,
    start: u64,
    rows: u64,
    folder: &Folder,
    stop: &Stop,
) -> Result<Page, GatherError> {
    let url = page_url(endpoint, start, rows);
    let sink = folder.arriving();
    let conditional = Conditional::default();
    let fetched = tokio::select! {
        fetched = fetcher.get(&url, &conditional, &sink) => fetched?,
        reason = stop.stopped() => return Err(GatherError::Stopped(reason)),
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
struct Answer<'a> {
    count: u64,
    results: Vec<&'a RawValue>,
}

fn parse<'a>(bytes: &'a [u8], url: &str) -> Result<Answer<'a>, GatherError> {
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
fn key_of(record: &RawValue) -> Key {
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
fn keep(
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

/// Where `package_search` may be, best first: as the address says, below its API, or below it and its parents.
fn endpoints(url: &Url) -> Vec<Url> {
    let mut base = url.clone();
    base.set_fragment(None);
    let path = url.path().trim_end_matches('/').to_owned();
    if path.ends_with("/package_search") {
        return vec![base];
    }
    base.set_query(None);
    let at = |root: &str| {
        let mut endpoint = base.clone();
        endpoint.set_path(&format!("{}/{ACTION}", root.trim_end_matches('/')));
        endpoint
    };
    if let Some((root, _)) = path.split_once("/api/").or_else(|| path.strip_suffix("/api").map(|root| (root, ""))) {
        return vec![at(root)];
    }
    let mut candidates = vec![at(&path)];
    let mut rest = path.as_str();
    while let Some((parent, _)) = rest.rsplit_once('/') {
        candidates.push(at(parent));
        rest = parent;
    }
    candidates.truncate(MOST_CANDIDATES);
    candidates
}

/// The address of one page. The source's own query (`q`, `fq`) stays; paging and order are ours.
fn page_url(endpoint: &Url, start: u64, rows: u64) -> Url {
    let own: Vec<(String, String)> = endpoint
        .query_pairs()
        .filter(|(name, _)| !matches!(name.as_ref(), "start" | "rows" | "sort"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut url = endpoint.clone();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(own)
        .append_pair("sort", "id asc")
        .append_pair("rows", &rows.to_string())
        .append_pair("start", &start.to_string());
    url
}

/// Records a page: the source's own `rows`, within bounds.
fn rows_of(url: &Url) -> u64 {
    let own = url.query_pairs().find(|(name, _)| name == "rows").and_then(|(_, value)| value.parse().ok());
    own.unwrap_or(ROWS).clamp(1, MOST_ROWS)
}

fn with_credentials(mut endpoint: Url, from: &Url) -> Url {
    // Both fail only for addresses that cannot have credentials; an http(s) address can.
    let _ = endpoint.set_username(from.username());
    let _ = endpoint.set_password(from.password());
    endpoint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn package_search_is_found_from_whatever_address_is_given() {
        for (given, first, count) in [
            ("https://ckan.example/", "https://ckan.example/api/3/action/package_search", 1),
            ("https://ckan.example", "https://ckan.example/api/3/action/package_search", 1),
            (
                "https://x.example/api/3/action/package_search?q=a",
                "https://x.example/api/3/action/package_search?q=a",
                1,
            ),
            ("https://x.example/api/3/", "https://x.example/api/3/action/package_search", 1),
            ("https://x.example/data/api", "https://x.example/data/api/3/action/package_search", 1),
            ("https://x.example/api/action/package_list", "https://x.example/api/3/action/package_search", 1),
            ("https://x.example/data/en/", "https://x.example/data/en/api/3/action/package_search", 3),
            ("https://x.example/a/b/c/d/e/f", "https://x.example/a/b/c/d/e/f/api/3/action/package_search", 4),
        ] {
            let found = endpoints(&Url::parse(given).expect(given));
            assert_eq!(found.first().map(Url::as_str), Some(first), "{given}");
            assert_eq!(found.len(), count, "{given}");
        }
    }

    #[test]
    fn a_pages_address_keeps_the_sources_query() {
        let url =
            Url::parse("https://x.example/api/3/action/package_search?fq=organization:a&rows=50&start=7").expect("url");
        assert_eq!(rows_of(&url), 50);
        let page = page_url(&url, 100, 50);
        assert_eq!(page.query(), Some("fq=organization%3Aa&sort=id+asc&rows=50&start=100"));
    }

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
