//! An OGC catalogue service, page by page.
//!
//! Services differ in what they accept and get wrong. The capabilities are a hint; then schemas, types and methods are tried in
//! turn until one brings records. A page that fails is asked for in smaller pieces, down to the one record that the service
//! cannot deliver, which is passed over. `nextRecord` is believed only when it leads on; the announced number decides whether
//! everything is here.

use fairground_standards::csw::{self, Capabilities, Page, Request};
use fairground_standards::{Format, Limits, PageRecord, ReadError};
use tracing::debug;
use url::Url;

use super::super::folder::Outcome;
use super::super::{GatherError, PageNote, Spool};
use super::Asking;
use super::shared::{Behind, Kept, MOST_PAGES, MOST_STALE_PAGES, key_of};
use crate::fetch::{Conditional, FetchError, shown};

/// Records of a page.
const RECORDS: u64 = 100;
/// The most that an address may ask for at once (`maxRecords`).
const MOST_RECORDS: u64 = 1000;
/// How much less is asked for after a failure, and more after a success.
const STEP: u64 = 5;
/// Records that are passed over because the service fails on them.
const MOST_LOST: u64 = 100;
/// Records in a row that are passed over before the service itself is what fails.
const MOST_LOST_IN_A_ROW: u64 = 3;

pub(super) async fn gather(asking: Asking<'_>, url: &Url) -> Result<Spool, GatherError> {
    let limits = Limits::default();
    let mut reading = Reading::resume(&asking, &limits)?;
    let ways = Way::all(&asking, url, &limits).await;
    let mut way = reading.open(&asking, ways, &limits).await?;
    while let Some(start) = reading.next {
        if reading.asked >= MOST_PAGES {
            return Err(GatherError::TooManyPages { limit: MOST_PAGES });
        }
        way.request.start = start;
        way.request.records = reading.size;
        match way.ask(&asking, &limits).await {
            Ok(page) => reading.take(&asking, url, start, &page)?,
            Err(error) if is_local(&error) => reading.shrink(start, error)?,
            Err(error) => return Err(error),
        }
    }
    reading.finish(&asking, url)
}

/// Whether a failure may lie in single records of the page: the service answers, but not with a page.
fn is_local(error: &GatherError) -> bool {
    match error {
        GatherError::Read(_) => true,
        GatherError::Fetch(FetchError::Status { status, .. }) => *status == 400 || (500..=599).contains(status),
        _ => false,
    }
}

/// One way to ask: where, by which method, for what.
#[derive(Clone)]
struct Way {
    endpoint: Url,
    post: bool,
    request: Request,
}

impl Way {
    /// Every way that may work, the likeliest first.
    async fn all(asking: &Asking<'_>, url: &Url, limits: &Limits) -> Vec<Self> {
        let said = match asking.bytes(&csw::capabilities_url(url), None).await {
            Ok(bytes) => csw::capabilities(&bytes, limits).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let said = said.unwrap_or_else(|error| {
            debug!("No capabilities: {error}");
            Capabilities::default()
        });
        let own = |name: &str| {
            url.query_pairs().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, it)| it.into_owned())
        };
        let records = own("maxRecords").and_then(|it| it.parse().ok()).unwrap_or(RECORDS).clamp(1, MOST_RECORDS);
        let best =
            own("outputSchema").or_else(|| said.schema.map(str::to_owned)).unwrap_or_else(|| csw::ISO_19139.to_owned());
        let type_name = own("typeNames").or_else(|| said.type_name.clone()).unwrap_or_else(|| "csw:Record".to_owned());
        let mut asked: Vec<(String, String)> = vec![(best.clone(), type_name)];
        for (schema, name) in [
            (best.as_str(), "gmd:MD_Metadata"),
            (best.as_str(), "csw:Record"),
            (csw::ISO_19139, "csw:Record"),
            (csw::DUBLIN_CORE, "csw:Record"),
        ] {
            let pair = (schema.to_owned(), name.to_owned());
            if !asked.contains(&pair) {
                asked.push(pair);
            }
        }
        let get = endpoint(url, said.get.as_deref());
        let post = endpoint(url, said.post.as_deref());
        let mut all = Vec::new();
        for (schema, type_name) in asked {
            let request = Request { schema, type_name, start: 1, records };
            all.push(Self { endpoint: get.clone(), post: false, request: request.clone() });
            all.push(Self { endpoint: post.clone(), post: true, request });
        }
        all
    }

    async fn ask(&self, asking: &Asking<'_>, limits: &Limits) -> Result<Page, GatherError> {
        let bytes = if self.post {
            let mut url = self.endpoint.clone();
            url.set_query(None);
            asking.bytes(&url, Some(&self.request.post())).await?
        } else {
            asking.bytes(&self.request.get(&self.endpoint), None).await?
        };
        Ok(csw::page(&bytes, limits)?)
    }
}

/// What the capabilities say, as far as it is on the host that was asked: many services name one that only they can see.
fn endpoint(url: &Url, said: Option<&str>) -> Url {
    let said = said.and_then(|it| url.join(it).ok()).filter(|it| {
        it.host_str() == url.host_str()
            && it.port_or_known_default() == url.port_or_known_default()
            && it.scheme() == url.scheme()
    });
    let mut endpoint = said.unwrap_or_else(|| url.clone());
    // Both fail only for addresses that cannot have credentials; an http(s) address can.
    let _ = endpoint.set_username(url.username());
    let _ = endpoint.set_password(url.password());
    endpoint
}

/// How far paging has come.
struct Reading {
    kept: Kept,
    next: Option<u64>,
    matched: Option<u64>,
    asked: usize,
    stale: usize,
    /// Records asked for at once, and as many as is usual.
    size: u64,
    usual: u64,
    lost: u64,
    lost_in_a_row: u64,
}

impl Reading {
    /// Picks up what an earlier run brought in.
    fn resume(asking: &Asking<'_>, limits: &Limits) -> Result<Self, GatherError> {
        let mut reading = Self {
            kept: Kept::default(),
            next: Some(1),
            matched: None,
            asked: 0,
            stale: 0,
            size: RECORDS,
            usual: RECORDS,
            lost: 0,
            lost_in_a_row: 0,
        };
        for (number, note) in (1..).zip(asking.folder.notes()) {
            let Some(at) = note.page else { break };
            let part = asking.folder.part(number);
            let bytes = std::fs::read(&part).map_err(GatherError::spool(&part))?;
            reading.kept.seen.extend(csw::page(&bytes, limits)?.records.iter().map(identity));
            reading.kept.notes.push(note);
            reading.matched = Some(at.total).filter(|it| *it > 0);
            reading.next = Some(at.start + at.sent);
        }
        Ok(reading)
    }

    /// Finds a way that the service understands; the first page is taken with it. When no way brings a page, one record may be
    /// what the service fails on, and a single one is asked for.
    async fn open(&mut self, asking: &Asking<'_>, ways: Vec<Way>, limits: &Limits) -> Result<Way, GatherError> {
        let start = self.next.unwrap_or(1);
        self.usual = ways.first().map_or(RECORDS, |way| way.request.records);
        let mut first_refusal = None;
        for size in [self.usual, 1] {
            for way in &ways {
                let mut way = way.clone();
                (way.request.start, way.request.records) = (start, size);
                match way.ask(asking, limits).await {
                    Ok(page) if page.records.is_empty() && page.matched.unwrap_or(0) > 0 && start == 1 => {
                        let why = format!("the service announces {} records and sends none", page.matched.unwrap_or(0));
                        first_refusal.get_or_insert(GatherError::Read(ReadError::NotACatalogue { why }));
                    }
                    Ok(page) => {
                        self.size = size;
                        self.take(asking, &way.endpoint, start, &page)?;
                        return Ok(way);
                    }
                    Err(error @ (GatherError::Read(_) | GatherError::Fetch(FetchError::Status { .. }))) => {
                        debug!("Not this way: {error}");
                        first_refusal.get_or_insert(error);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Err(first_refusal.unwrap_or(GatherError::TooManyPages { limit: 0 }))
    }

    /// Keeps what is new of a page and decides where to go on.
    fn take(&mut self, asking: &Asking<'_>, url: &Url, start: u64, page: &Page) -> Result<(), GatherError> {
        self.asked += 1;
        self.lost_in_a_row = 0;
        if page.damaged {
            self.kept.remark("some bytes of the answers were not in the encoding that they claim");
        }
        if let (Some(before), Some(now)) = (self.matched, page.matched)
            && before != now
        {
            self.kept.remark(format!(
                "the service changed while it was read: it announced {before} records first and {now} later"
            ));
        }
        self.matched = page.matched.or(self.matched);
        let fresh: Vec<&PageRecord> = page.records.iter().filter(|it| self.kept.seen.insert(identity(it))).collect();
        let sent = u64::try_from(page.records.len()).unwrap_or(u64::MAX);
        self.stale = if fresh.is_empty() { self.stale + 1 } else { 0 };
        if self.stale >= MOST_STALE_PAGES {
            return Err(GatherError::PagingStuck { url: shown(url), start });
        }
        if !fresh.is_empty() || self.kept.notes.is_empty() {
            let note = PageNote { start, sent, total: self.matched.unwrap_or(0) };
            let bytes = csw::write_page(fresh, self.matched.unwrap_or(0));
            self.kept.keep(asking, url, &bytes, Behind { page: Some(note), ..Behind::default() })?;
        }
        self.turn(start, sent, page);
        Ok(())
    }

    fn turn(&mut self, start: u64, sent: u64, page: &Page) {
        let counted = start.saturating_add(sent);
        let said = page.next.filter(|it| *it > start);
        let next = said.unwrap_or(counted);
        let over = match self.matched {
            Some(matched) => next > matched,
            // Without a number, only a page that names another one is not the last.
            None => said.is_none(),
        };
        self.next = (sent > 0 && !over).then_some(next);
        self.size = self.size.saturating_mul(STEP).min(self.usual);
    }

    /// Asks for less at once, or passes over the one record that the service fails on.
    fn shrink(&mut self, start: u64, error: GatherError) -> Result<(), GatherError> {
        self.asked += 1;
        debug!(start, size = self.size, "A page failed: {error}");
        if self.size > 1 {
            self.size = (self.size / STEP).max(1);
            self.kept.remark("pages failed and were asked for in smaller pieces");
            return Ok(());
        }
        self.lost += 1;
        self.lost_in_a_row += 1;
        if self.lost > MOST_LOST || self.lost_in_a_row > MOST_LOST_IN_A_ROW {
            return Err(error);
        }
        self.kept.remark(format!("the service cannot deliver record {start}: {error}"));
        let next = start + 1;
        self.next = self.matched.is_none_or(|matched| next <= matched).then_some(next);
        Ok(())
    }

    fn finish(mut self, asking: &Asking<'_>, url: &Url) -> Result<Spool, GatherError> {
        let have = self.kept.have();
        let complete = self.lost == 0 && self.matched.is_none_or(|matched| have >= matched);
        if !complete {
            let matched = self.matched.unwrap_or(0);
            self.kept.remark(format!(
                "the service announced {matched} records and gave {have}; nothing is deleted after an incomplete gathering"
            ));
        }
        let outcome = Outcome {
            location: shown(url),
            format: Format::Csw,
            validators: Conditional::default(),
            complete,
            remarks: self.kept.remarks,
        };
        asking.folder.finish(outcome, self.kept.notes)
    }
}

fn identity(record: &PageRecord) -> [u8; 16] {
    key_of(record.identifier.as_deref().unwrap_or(&record.xml).as_bytes())
}
