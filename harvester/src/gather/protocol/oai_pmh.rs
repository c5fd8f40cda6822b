//! An OAI-PMH repository: `ListRecords` from token to token.
//!
//! The richest metadata format that the repository has is asked for, unless the address names one. A repository that forgets its
//! token is asked from the beginning, a few times. Of changes alone (`from`) deletions cannot be told apart from what never was,
//! so when some are among them the whole list is asked for.

use fairground_standards::oai_pmh::{self, Answer, Page, Request};
use fairground_standards::{Format, Limits, PageRecord, ReadError};
use tracing::debug;
use url::Url;

use super::super::folder::{Extent, Outcome};
use super::super::{GatherError, PageNote, Spool};
use super::Asking;
use super::shared::{Behind, Kept, MOST_PAGES, MOST_STALE_PAGES, key_of};
use crate::fetch::{Conditional, shown};

/// How often a list is begun again because the repository has forgotten its token.
const MOST_RESTARTS: usize = 3;
/// Tries of one page that comes broken.
const TRIES_OF_PAGE: u32 = 3;
/// Letters of a date without its time, which every repository takes for `from`.
const DATE: usize = 10;

pub(super) async fn gather(asking: Asking<'_>, url: &Url) -> Result<Spool, GatherError> {
    let limits = Limits::default();
    let mut request = Request::of_address(url);
    if request.prefix.is_empty() {
        request.prefix = best_prefix(&asking, url, &limits).await?;
    }
    let since = asking.request.since.filter(|_| request.from.is_none());
    request.from = since.map(str::to_owned).or(request.from);
    let mut listing = Listing::resume(&asking, request, since.is_some(), &limits)?;
    while let Some(step) = listing.next.take() {
        if listing.asked >= MOST_PAGES {
            return Err(GatherError::TooManyPages { limit: MOST_PAGES });
        }
        let address = match &step {
            Step::First => listing.request.first(url),
            Step::Token(token) => oai_pmh::next(url, token),
        };
        match ask(&asking, &address, &limits).await {
            Ok(Answer::Page(page)) if listing.changes && page.records.iter().any(|it| it.deleted) => {
                listing.ask_for_all(&asking, "records were deleted since the last harvest; the whole list was read")?;
            }
            Ok(Answer::Page(page)) => listing.take(&asking, url, page)?,
            Ok(Answer::BadToken) => listing.restart(&asking, url)?,
            Err(GatherError::Read(ReadError::ServiceRefused { message, .. }))
                if listing.changes && step == Step::First =>
            {
                listing.soften(&asking, &message)?;
            }
            Err(error) => return Err(error),
        }
    }
    listing.finish(&asking, url)
}

async fn best_prefix(asking: &Asking<'_>, url: &Url, limits: &Limits) -> Result<String, GatherError> {
    let bytes = asking.bytes(&oai_pmh::formats_url(url), None).await?;
    match oai_pmh::formats(&bytes, limits) {
        Ok(formats) => Ok(oai_pmh::preferred(&formats).to_owned()),
        // Every repository has Dublin Core, also one that cannot list its formats.
        Err(ReadError::ServiceRefused { message, .. }) => {
            debug!("No list of formats: {message}");
            Ok("oai_dc".to_owned())
        }
        Err(error) => Err(error.into()),
    }
}

/// One page; one that comes broken is asked for again, as repositories stumble under load.
async fn ask(asking: &Asking<'_>, address: &Url, limits: &Limits) -> Result<Answer, GatherError> {
    let mut failed = 0;
    loop {
        let bytes = asking.bytes(address, None).await?;
        match oai_pmh::answer(&bytes, limits) {
            Ok(answer) => return Ok(answer),
            Err(refusal @ ReadError::ServiceRefused { .. }) => return Err(refusal.into()),
            Err(error) => {
                failed += 1;
                if failed >= TRIES_OF_PAGE {
                    return Err(error.into());
                }
                debug!(failed, "A page came broken: {error}");
                tokio::time::sleep(asking.fetcher.limits().pause.saturating_mul(2u32.saturating_pow(failed))).await;
            }
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Step {
    First,
    Token(String),
}

/// How far the list has been read.
struct Listing {
    request: Request,
    /// Only changes are asked for.
    changes: bool,
    kept: Kept,
    next: Option<Step>,
    /// When the list was begun, by the repository's clock.
    begun: Option<String>,
    size: Option<u64>,
    /// Different records that the repository listed, deleted ones too.
    listed: u64,
    asked: usize,
    stale: usize,
    restarts: usize,
}

impl Listing {
    /// Picks up what an earlier run brought in.
    fn resume(asking: &Asking<'_>, request: Request, changes: bool, limits: &Limits) -> Result<Self, GatherError> {
        let mut listing = Self {
            request,
            changes,
            kept: Kept::default(),
            next: Some(Step::First),
            begun: None,
            size: None,
            listed: 0,
            asked: 0,
            stale: 0,
            restarts: 0,
        };
        for (number, note) in (1..).zip(asking.folder.notes()) {
            let Some(at) = note.page else { break };
            let part = asking.folder.part(number);
            let bytes = std::fs::read(&part).map_err(GatherError::spool(&part))?;
            if let Answer::Page(page) = oai_pmh::answer(&bytes, limits)? {
                listing.kept.seen.extend(page.records.iter().map(identity));
            }
            listing.listed = at.start + at.sent;
            listing.size = Some(at.total).filter(|it| *it > 0);
            listing.begun = listing.begun.or_else(|| note.validators.last_modified.clone());
            listing.next = note.link.clone().map(Step::Token);
            listing.kept.notes.push(note);
        }
        Ok(listing)
    }

    /// Keeps the records of a page that are there and new.
    fn take(&mut self, asking: &Asking<'_>, url: &Url, page: Page) -> Result<(), GatherError> {
        self.asked += 1;
        if page.damaged {
            self.kept.remark("some bytes of the answers were not in the encoding that they claim");
        }
        self.begun = self.begun.take().or(page.response_date);
        self.size = page.complete_list_size.or(self.size);
        let mut news = 0_u64;
        let mut fresh: Vec<&PageRecord> = Vec::new();
        for record in &page.records {
            if self.kept.seen.insert(identity(record)) {
                news += 1;
                if !record.deleted {
                    fresh.push(record);
                }
            }
        }
        self.stale = if news == 0 && page.token.is_some() { self.stale + 1 } else { 0 };
        if self.stale >= MOST_STALE_PAGES {
            return Err(GatherError::PagingStuck { url: shown(url), start: self.listed });
        }
        let note = PageNote { start: self.listed, sent: news, total: self.size.unwrap_or(0) };
        self.listed = self.listed.saturating_add(news);
        let validators = Conditional { etag: None, last_modified: self.begun.clone() };
        let behind = Behind { page: Some(note), link: page.token.clone(), validators };
        self.kept.keep(asking, url, &oai_pmh::write_page(fresh), behind)?;
        self.next = page.token.map(Step::Token);
        Ok(())
    }

    /// Begins again from nothing.
    fn begin_anew(&mut self, asking: &Asking<'_>) -> Result<(), GatherError> {
        asking.folder.clear()?;
        let remarks = std::mem::take(&mut self.kept.remarks);
        self.kept = Kept { remarks, ..Kept::default() };
        (self.begun, self.size, self.listed, self.stale) = (None, None, 0, 0);
        self.next = Some(Step::First);
        Ok(())
    }

    fn restart(&mut self, asking: &Asking<'_>, url: &Url) -> Result<(), GatherError> {
        self.asked += 1;
        self.restarts += 1;
        if self.restarts > MOST_RESTARTS {
            return Err(GatherError::TokensLost { url: shown(url), times: self.restarts });
        }
        self.kept.remark("the repository forgot its resumption token; the list was begun again");
        self.begin_anew(asking)
    }

    fn ask_for_all(&mut self, asking: &Asking<'_>, why: &str) -> Result<(), GatherError> {
        self.asked += 1;
        self.changes = false;
        self.request.from = None;
        self.kept.remark(why);
        self.begin_anew(asking)
    }

    /// Asks for whole days when the repository does not take moments, and for everything when it does not take days either.
    fn soften(&mut self, asking: &Asking<'_>, message: &str) -> Result<(), GatherError> {
        debug!("Changes were refused: {message}");
        match self.request.from.as_deref().and_then(|it| it.get(..DATE)) {
            Some(day) if self.request.from.as_deref() != Some(day) => {
                self.request.from = Some(day.to_owned());
                self.next = Some(Step::First);
                Ok(())
            }
            _ => self.ask_for_all(asking, "the repository does not tell changes; the whole list was read"),
        }
    }

    fn finish(mut self, asking: &Asking<'_>, url: &Url) -> Result<Spool, GatherError> {
        let have = self.listed;
        let complete = self.size.is_none_or(|size| have >= size);
        if !complete {
            let size = self.size.unwrap_or(0);
            self.kept.remark(format!(
                "the repository announced {size} records and gave {have}; nothing is deleted after an incomplete gathering"
            ));
        }
        let outcome = Outcome {
            location: shown(url),
            format: Format::OaiPmh,
            validators: Conditional::default(),
            complete,
            remarks: self.kept.remarks,
        };
        // Asked with a `from` of its own, an address never holds everything, and the next harvest must not narrow it further.
        let own = Request::of_address(url).from.is_some();
        let since = self.begun.filter(|_| complete && !own);
        let extent = Extent { announced: None, only_changes: self.changes, since };
        asking.folder.finish_as(outcome, self.kept.notes, extent)
    }
}

fn identity(record: &PageRecord) -> [u8; 16] {
    key_of(record.identifier.as_deref().unwrap_or(&record.xml).as_bytes())
}
