//! Going on with a platform that was being read.

use fairground_domain::ContentHash;
use serde::{Deserialize, Serialize};
use url::Url;

use super::super::super::{GatherError, PartNote};
use super::super::Asking;
use super::super::shared::key_of;
use super::{Answer, At, Door, Platform, Reading, identity, parse};
use crate::fetch::FetchError;

/// What is written beside a part: how it was asked for, what came, and where to go on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) door: Door,
    pub(super) at: At,
    pub(super) next: Option<At>,
    /// Digest of what tells the page's records apart, in their order.
    pub(super) page: String,
    pub(super) read: u64,
    pub(super) derived: u64,
    pub(super) cut: bool,
    /// Records of the page that are no part of what was kept, by the same identities.
    pub(super) left_out: Vec<String>,
}

/// What tells the page from one with other records, or in another order.
pub(super) fn digest_of(answer: &Answer<'_>) -> String {
    let all: Vec<String> = answer.records.iter().map(|record| identity(record)).collect();
    ContentHash::of(all.join("\n").as_bytes()).to_string()
}

impl Reading {
    /// Picks up what an earlier run brought in; `None` when there is nothing, or nothing that can be continued.
    pub(super) fn resume(asking: &Asking<'_>, platform: Platform, portal: &Url) -> Option<Self> {
        let notes = asking.folder.notes();
        let marked = |note: &PartNote| serde_json::from_str::<Mark>(note.link.as_deref()?).ok();
        let mut reading = Self::new(platform, marked(notes.first()?)?.door, portal);
        for (number, note) in (1..).zip(notes) {
            let mark = marked(&note)?;
            let bytes = std::fs::read(asking.folder.part(number)).ok()?;
            let answer = parse(&bytes, portal).ok()?;
            let kept = answer.records.iter().map(|record| identity(record));
            reading.kept.seen.extend(kept.chain(mark.left_out.iter().cloned()).map(|it| key_of(it.as_bytes())));
            reading.total = note.page.map(|page| page.total).filter(|total| *total > 0);
            (reading.read, reading.derived, reading.cut) = (mark.read, mark.derived, mark.cut);
            reading.kept.notes.push(note);
            reading.last = Some(mark);
        }
        Some(reading)
    }

    /// What stands beside the last part, when its page is as it was: then it can be gone on behind it.
    pub(super) async fn last_as_it_was(&mut self, asking: &Asking<'_>) -> Result<Option<Mark>, GatherError> {
        let Some(mark) = self.last.take() else { return Ok(None) };
        let Some(url) = self.door.url(&self.portal, &mark.at) else { return Ok(None) };
        let bytes = match asking.bytes(&url, None).await {
            Ok(bytes) => bytes,
            // A link that has expired.
            Err(GatherError::Fetch(FetchError::Status { status: 400..=499, .. })) => return Ok(None),
            Err(error) => return Err(error),
        };
        self.asked += 1;
        let Ok(answer) = parse(&bytes, &self.portal) else { return Ok(None) };
        let same = answer.total == self.total && digest_of(&answer) == mark.page;
        Ok(same.then_some(mark))
    }
}
