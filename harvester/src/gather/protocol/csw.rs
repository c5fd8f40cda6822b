//! An OGC catalogue service, page by page.
//!
//! Services differ in what they accept and get wrong. The capabilities are a hint; then schemas, types and methods are tried in
//! turn until one brings records. A page that fails is asked for in smaller pieces, down to the one record that the service
//! cannot deliver, which is passed over. `nextRecord` is believed only when it leads on; the announced number decides whether
//! everything is here.
//!
//! A service that says that it compares dates of change is asked for changes alone where an earlier gathering said since when. Its
//! own count is taken beside them, so that the engine reads everything when the two do not add up; nothing is ever deleted by
//! changes alone. An interrupted gathering asks for its last page again, and begins anew when that is another by now.

use fairground_domain::Timestamp;
use fairground_standards::csw::{self, Capabilities, Changed, Page, Request};
use fairground_standards::{Format, Limits, PageRecord, ReadError};
use tracing::debug;
use url::Url;

use super::super::folder::{Extent, Outcome};
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
/// Changes are asked for from so long before the last gathering began: their dates are days, in whatever zone the service lies.
const OVERLAP_SECS: i64 = 2 * 86_400;
/// What stands between property and day in a part's note.
const SINCE: &str = " since ";

pub(super) async fn gather(asking: Asking<'_>, url: &Url) -> Result<Spool, GatherError> {
    let limits = Limits::default();
    let mut reading = Reading::resume(&asking, &limits)?;
    let offer = Offer::of(&asking, url, &limits).await;
    let mut way = loop {
        // A gathering that cannot be continued begins anew, once.
        if let Some(way) = reading.open(&asking, &offer, &limits).await? {
            break way;
        }
    };
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
    let announced = match reading.changed {
        Some(_) => way.count_all(&asking, &limits).await?,
        None => None,
    };
    reading.finish(&asking, url, announced, offer.changed_by.is_some())
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

/// What a service seems to offer.
struct Offer {
    /// Every way that may work, the likeliest first.
    ways: Vec<Way>,
    /// The property by which changes are asked for, when they can be.
    changed_by: Option<String>,
}

impl Offer {
    async fn of(asking: &Asking<'_>, url: &Url, limits: &Limits) -> Self {
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
            let request = Request { schema, type_name, start: 1, records, changed: None };
            all.push(Way { endpoint: get.clone(), post: false, request: request.clone() });
            all.push(Way { endpoint: post.clone(), post: true, request });
        }
        // A filter of the address' own leaves no room for another.
        let changed_by = said.changed_by.filter(|_| own("constraint").is_none());
        Self { ways: all, changed_by }
    }
}

impl Way {
    /// The same way, to where a gathering begins.
    fn at(&self, start: u64, records: u64, changed: Option<Changed>) -> Self {
        Self { request: Request { start, records, changed, ..self.request.clone() }, ..self.clone() }
    }

    /// How many records the service has, changed or not, if it says so.
    async fn count_all(&self, asking: &Asking<'_>, limits: &Limits) -> Result<Option<u64>, GatherError> {
        Ok(self.at(1, 1, None).ask(asking, limits).await?.matched)
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
    /// Only these are asked for.
    changed: Option<Changed>,
    /// From which day the next gathering of changes has to ask.
    since: String,
    /// How many records the last page had that an earlier run brought in, until it has come again.
    resumed: Option<u64>,
}

impl Reading {
    fn new() -> Self {
        Self {
            kept: Kept::default(),
            next: Some(1),
            matched: None,
            asked: 0,
            stale: 0,
            size: RECORDS,
            usual: RECORDS,
            lost: 0,
            lost_in_a_row: 0,
            changed: None,
            since: Timestamp::now().plus_secs(-OVERLAP_SECS).day(),
            resumed: None,
        }
    }

    /// Picks up what an earlier run brought in.
    fn resume(asking: &Asking<'_>, limits: &Limits) -> Result<Self, GatherError> {
        let mut reading = Self::new();
        for (number, note) in (1..).zip(asking.folder.notes()) {
            let Some(at) = note.page else { break };
            let part = asking.folder.part(number);
            let bytes = std::fs::read(&part).map_err(GatherError::spool(&part))?;
            reading.kept.seen.extend(csw::page(&bytes, limits)?.records.iter().map(identity));
            reading.matched = Some(at.total).filter(|it| *it > 0);
            // The last page is asked for again: it tells whether the service is still as it was.
            (reading.next, reading.resumed) = (Some(at.start), Some(at.sent));
            let filter = note.link.as_deref().and_then(|text| text.split_once(SINCE));
            reading.changed =
                filter.map(|(property, since)| Changed { property: property.to_owned(), since: since.to_owned() });
            reading.since = note.validators.last_modified.clone().unwrap_or(reading.since);
            reading.kept.notes.push(note);
        }
        Ok(reading)
    }

    /// Whether the page that came is the one that an earlier run ended with.
    fn goes_on(&self, sent: u64, page: &Page) -> bool {
        let sent = usize::try_from(sent).unwrap_or(usize::MAX);
        let same_count = match (self.matched, page.matched) {
            (Some(before), Some(now)) => before == now,
            _ => true,
        };
        let known = page.records.iter().take(sent).all(|record| self.kept.seen.contains(&identity(record)));
        same_count && known && (sent == 0 || !page.records.is_empty())
    }

    fn begin_anew(&mut self, asking: &Asking<'_>) -> Result<(), GatherError> {
        asking.folder.clear()?;
        asking.folder.tell("the service changed while the harvest was interrupted; it was read from the beginning")?;
        *self = Self { asked: self.asked, ..Self::new() };
        Ok(())
    }

    /// Finds a way that the service understands; the first page is taken with it. When no way brings a page, one record may be
    /// what the service fails on, and a single one is asked for. `None` when what an earlier run brought in does not fit any
    /// more, and everything begins anew.
    async fn open(&mut self, asking: &Asking<'_>, offer: &Offer, limits: &Limits) -> Result<Option<Way>, GatherError> {
        let start = self.next.unwrap_or(1);
        self.usual = offer.ways.first().map_or(RECORDS, |way| way.request.records);
        if self.resumed.is_none()
            && let Some(way) = self.open_changes(asking, offer, limits).await?
        {
            return Ok(Some(way));
        }
        let mut first_refusal = None;
        for size in [self.usual, 1] {
            for way in &offer.ways {
                let way = way.at(start, size, self.changed.clone());
                match way.ask(asking, limits).await {
                    Ok(page) if self.resumed.is_some_and(|sent| !self.goes_on(sent, &page)) => {
                        self.begin_anew(asking)?;
                        return Ok(None);
                    }
                    Ok(page) if page.records.is_empty() && page.matched.unwrap_or(0) > 0 && start == 1 => {
                        let why = format!("the service announces {} records and sends none", page.matched.unwrap_or(0));
                        first_refusal.get_or_insert(GatherError::Read(ReadError::NotACatalogue { why }));
                    }
                    Ok(page) => {
                        self.size = size;
                        self.take(asking, &way.endpoint, start, &page)?;
                        return Ok(Some(way));
                    }
                    Err(error) if may_be_the_way(&error) => {
                        debug!("Not this way: {error}");
                        first_refusal.get_or_insert(error);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Err(first_refusal.unwrap_or(GatherError::TooManyPages { limit: 0 }))
    }

    /// Takes the first page of what changed since the last gathering; `None` when everything has to be read: there is no such
    /// moment, the service does not say that it compares dates, or its answer does not look as if it did.
    async fn open_changes(
        &mut self,
        asking: &Asking<'_>,
        offer: &Offer,
        limits: &Limits,
    ) -> Result<Option<Way>, GatherError> {
        let (Some(since), Some(property)) = (asking.request.since, &offer.changed_by) else { return Ok(None) };
        let changed = Changed { property: property.clone(), since: since.to_owned() };
        for way in &offer.ways {
            let filtered = way.at(1, self.usual, Some(changed.clone()));
            let both = async {
                let all = way.count_all(asking, limits).await?;
                Ok((all, filtered.ask(asking, limits).await?))
            };
            match both.await {
                Ok((Some(all), page)) if page.matched.is_some_and(|some| some < all) => {
                    if page.records.is_empty() && page.matched != Some(0) {
                        return Ok(None);
                    }
                    self.changed = Some(changed);
                    self.size = self.usual;
                    self.take(asking, &filtered.endpoint, 1, &page)?;
                    return Ok(Some(filtered));
                }
                Ok((all, page)) => {
                    debug!(all, changed = page.matched, "The service does not tell changes apart");
                    return Ok(None);
                }
                Err(error) if may_be_the_way(&error) => debug!("No changes alone this way: {error}"),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Keeps what is new of a page and decides where to go on.
    fn take(&mut self, asking: &Asking<'_>, url: &Url, start: u64, page: &Page) -> Result<(), GatherError> {
        self.asked += 1;
        self.lost_in_a_row = 0;
        self.resumed = None;
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
            let link = self.changed.as_ref().map(|it| format!("{}{SINCE}{}", it.property, it.since));
            let validators = Conditional { etag: None, last_modified: Some(self.since.clone()) };
            self.kept.keep(asking, url, &bytes, Behind { page: Some(note), link, validators })?;
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

    /// Closes the gathering; of changes alone `announced` is how many records the service has. It `tells` changes, or not.
    fn finish(
        mut self,
        asking: &Asking<'_>,
        url: &Url,
        announced: Option<u64>,
        tells: bool,
    ) -> Result<Spool, GatherError> {
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
        let since = Some(self.since).filter(|_| complete && tells);
        let extent = Extent { announced, only_changes: self.changed.is_some(), since };
        asking.folder.finish_as(outcome, self.kept.notes, extent)
    }
}

/// Whether another way of asking may fare better.
fn may_be_the_way(error: &GatherError) -> bool {
    matches!(error, GatherError::Read(_) | GatherError::Fetch(FetchError::Status { .. }))
}

fn identity(record: &PageRecord) -> [u8; 16] {
    key_of(record.identifier.as_deref().unwrap_or(&record.xml).as_bytes())
}
