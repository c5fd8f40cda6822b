//! Catalogues in pages that name each other: RDF by Hydra, RDF and JSON by `Link: …; rel="next"` (RFC 8288).
//!
//! Every page becomes a part. The gathering is complete when the last page has come, every page said the same number of
//! members, and no page was a repetition. A page that fails leaves those before it in the folder, and the next try goes on
//! behind them, unless the catalogue is seen to be another by then.

use std::collections::HashSet;

use fairground_domain::ContentHash;
use fairground_standards::{Format, Limits, Paging, paging};
use url::Url;

use super::folder::{Extent, Folder, Outcome};
use super::{GatherError, PartNote, Spool, more};
use crate::fetch::{Conditional, FetchError, FetchStatus, Fetcher, shown};
use crate::stop::Stop;

/// Pages after which something is wrong: two million datasets of a hundred a page.
const MOST_PAGES: usize = 20_000;

/// What the job says when a catalogue was read from the beginning again.
const CHANGED: &str = "the catalogue changed while the harvest was interrupted; it was read from the beginning";

/// Gathers all pages behind the first, which is part 1 already. `None` when pages of an earlier run do not fit what comes now:
/// then all of them are gone, the first too, and it begins anew.
pub(super) async fn gather(
    fetcher: &Fetcher,
    source: &Url,
    format: Format,
    folder: &Folder,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Option<Spool>, GatherError> {
    let mut pages = Pages::default();
    pages.visited.insert(shown(source));
    for note in folder.notes() {
        pages.take(folder, format, note)?;
    }
    // Only what comes first after an interruption can show that the catalogue is another.
    let mut resumed = pages.notes.len() > 1;
    let anew = || -> Result<Option<Spool>, GatherError> {
        folder.clear()?;
        folder.tell(CHANGED)?;
        Ok(None)
    };
    while let Some(next) = pages.next.take() {
        if pages.notes.len() >= MOST_PAGES {
            return Err(GatherError::TooManyPages { limit: MOST_PAGES });
        }
        let url = with_access(next, source);
        let conditional = Conditional::default();
        let sink = folder.arriving();
        let fetched = tokio::select! {
            fetched = fetcher.get(&url, &conditional, &sink) => fetched,
            reason = stop.stopped() => return Err(GatherError::Stopped(reason)),
        };
        let fetched = match fetched {
            // The address of a page that is no more.
            Err(FetchError::Status { status: 400 | 404 | 410, .. }) if resumed => return anew(),
            fetched => fetched?,
        };
        if fetched.status == FetchStatus::NotModified || !pages.contents.insert(fetched.sha256) {
            pages.remark(format!("`{}` repeats an earlier page", shown(&url)));
            pages.whole = false;
            break;
        }
        let note = PartNote::from(fetched);
        folder.keep(pages.notes.len() + 1, &note)?;
        let was_whole = pages.whole;
        pages.take(folder, format, note)?;
        if resumed && was_whole && !pages.whole {
            return anew();
        }
        resumed = false;
        on_part(pages.notes.len());
    }
    pages.finish(source, format, folder).map(Some)
}

/// How far the pages have been followed.
struct Pages {
    notes: Vec<PartNote>,
    /// Addresses of pages, without credentials, and what came from them.
    visited: HashSet<String>,
    contents: HashSet<ContentHash>,
    next: Option<Url>,
    total: Option<u64>,
    whole: bool,
    remarks: Vec<String>,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            notes: Vec::new(),
            visited: HashSet::new(),
            contents: HashSet::new(),
            next: None,
            total: None,
            whole: true,
            remarks: Vec::new(),
        }
    }
}

impl Pages {
    /// Reads where a page that has been kept leads to.
    fn take(&mut self, folder: &Folder, format: Format, note: PartNote) -> Result<(), GatherError> {
        let part = folder.part(self.notes.len() + 1);
        let in_link = note.link.as_deref().and_then(more::next_in_link);
        let says = match (format.is_rdf(), in_link) {
            (false, _) => Paging::default(),
            (true, _) => paging(&part, format, &Limits::default())?,
        };
        if let Some(total) = says.total {
            if self.total.is_some_and(|before| before != total) {
                self.remark("the catalogue changed while its pages were read".to_owned());
                self.whole = false;
            }
            self.total = Some(total);
        }
        self.contents.insert(note.sha256);
        self.visited.insert(note.url.clone());
        let next = in_link.or(says.next.as_deref());
        self.next = next.and_then(|address| Url::parse(&note.url).ok()?.join(address).ok());
        if next.is_some() && self.next.is_none() {
            self.remark(format!("`{}` names a next page whose address cannot be read", note.url));
            self.whole = false;
        }
        self.notes.push(note);
        if let Some(next) = &self.next
            && !self.visited.insert(shown(next))
        {
            let address = shown(next);
            self.remark(format!("the pages lead in a circle: `{address}` comes again"));
            self.whole = false;
            self.next = None;
        }
        Ok(())
    }

    fn remark(&mut self, remark: String) {
        const MOST_REMARKS: usize = 20;
        if self.remarks.len() < MOST_REMARKS && !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    fn finish(mut self, source: &Url, format: Format, folder: &Folder) -> Result<Spool, GatherError> {
        if !self.whole {
            self.remark("nothing is deleted after an incomplete gathering".to_owned());
        }
        let outcome = Outcome {
            location: shown(source),
            format,
            // One page's validators say nothing of the others.
            validators: Conditional::default(),
            complete: self.whole,
            remarks: self.remarks,
        };
        folder.finish_as(outcome, self.notes, Extent { announced: self.total, ..Extent::default() })
    }
}

/// The credentials of the source's address go to pages on the same host, and nowhere else.
fn with_access(mut page: Url, source: &Url) -> Url {
    let same = page.host_str() == source.host_str() && page.port_or_known_default() == source.port_or_known_default();
    if same && page.username().is_empty() {
        // Both fail only for addresses that cannot have credentials; an http(s) address can.
        let _ = page.set_username(source.username());
        let _ = page.set_password(source.password());
    }
    page
}
