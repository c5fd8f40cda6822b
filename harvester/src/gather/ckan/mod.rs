//! A CKAN portal, page by page (CKAN Action API version 3, `package_search`).
//!
//! Portals change while they are read. Pages are asked for in the order of `id` and overlap by one record: a page that
//! holds nothing known shows that records before it went, and paging steps back until it meets known ground again.
//! Records that came before are left out of the parts, so that a part holds each record once. In the end the number of
//! records is held against the portal's own count; with fewer, the gathering is not complete and nothing is deleted. Where
//! an earlier gathering said since when, only changes are asked for ([`changes`]).

mod address;
mod changes;
mod page;

use std::collections::HashSet;
use std::fs;

use fairground_standards::Format;
use serde_json::value::RawValue;
use tracing::debug;
use url::Url;

use super::folder::{Extent, Folder, Outcome};
use super::{GatherError, Kind, PageNote, PartNote, Spool};
use crate::fetch::{Conditional, FetchError, Fetcher, shown};
use crate::stop::Stop;

use address::{endpoints, rows_of, with_credentials};
use page::{Asking, Key, Page, ask, keep, key_of, parse};

/// Pages after which something is wrong: five million records of 250 a page.
const MOST_PAGES: usize = 20_000;
/// How far paging steps back the first time that a page is not connected; eight times as far each further time.
const FIRST_STEP_BACK: u64 = 16;

/// Pages in a row that are the same although others were asked for.
const MOST_SAME_PAGES: usize = 2;
/// Pages in a row that bring nothing new, as when very many records came in before the position.
const MOST_STALE_PAGES: usize = 100;

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
    since: Option<&str>,
    folder: &Folder,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Spool, GatherError> {
    let mut reading = Reading::resume(folder, rows_of(url))?;
    let asking = Asking { fetcher, folder, stop };
    let endpoint = match reading.notes.first().and_then(|note| Url::parse(&note.url).ok()) {
        // The notes hold no credentials; those of the source's address are put back.
        Some(endpoint) => with_credentials(endpoint, url),
        None => match reading.open_changes(&asking, url, since).await? {
            Some(endpoint) => endpoint,
            None => reading.open(&asking, url).await?,
        },
    };
    on_part(reading.notes.len());
    while let Some(start) = reading.next {
        if reading.asked >= MOST_PAGES {
            return Err(GatherError::TooManyPages { limit: MOST_PAGES });
        }
        let page = ask(&asking, &endpoint, start, reading.rows).await?;
        reading.take(page, folder)?;
        on_part(reading.notes.len());
    }
    let announced = match changes::are_asked_of(&endpoint) {
        true => Some(changes::count_all(&asking, &endpoint).await?),
        false => None,
    };
    reading.finish(url, folder, announced, since)
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
    /// The latest change among the records, as the portal writes it.
    latest: Option<String>,
    remarks: Vec<String>,
}

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
            latest: None,
            remarks: Vec::new(),
        };
        for (number, note) in (1..).zip(notes) {
            let Some(at) = note.page else { break };
            let part = folder.part(number);
            let bytes = fs::read(&part).map_err(GatherError::spool(&part))?;
            let page = parse(&bytes, &note.url)?;
            reading.seen.extend(page.results.iter().map(|record| key_of(record)));
            reading.note_changes(&page.results);
            reading.turn(at);
            reading.notes.push(note);
        }
        Ok(reading)
    }

    /// Finds the portal's `package_search` and takes its first page.
    async fn open(&mut self, asking: &Asking<'_>, url: &Url) -> Result<Url, GatherError> {
        let mut first_refusal = None;
        for endpoint in endpoints(url) {
            match ask(asking, &endpoint, 0, self.rows).await {
                Ok(page) => {
                    self.take(page, asking.folder)?;
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
        self.note_changes(&answer.results);
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

    /// Closes the gathering; with `announced`, how many records the portal has, it holds changes alone.
    fn finish(
        mut self,
        url: &Url,
        folder: &Folder,
        announced: Option<u64>,
        since: Option<&str>,
    ) -> Result<Spool, GatherError> {
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
        let next = self.latest.as_deref().and_then(changes::begin).or_else(|| since.map(str::to_owned));
        let extent = Extent { announced, only_changes: announced.is_some(), since: next.filter(|_| complete) };
        folder.finish_as(outcome, self.notes, extent)
    }
}
