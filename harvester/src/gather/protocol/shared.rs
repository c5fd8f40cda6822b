//! What the protocols share: fetching an answer into memory, keeping records as parts, remarks.

use std::collections::HashSet;
use std::fs;
use std::io::Write;

use fairground_domain::ContentHash;
use url::Url;

use super::super::folder::Folder;
use super::super::{GatherError, PageNote, PartNote};
use super::Asking;
use crate::fetch::{Conditional, shown};

/// Bytes of one answer, which is held in memory.
pub(super) const MOST_ANSWER_BYTES: u64 = 256 * 1024 * 1024;
/// Pages after which something is wrong.
pub(super) const MOST_PAGES: usize = 20_000;
/// Pages in a row that bring nothing new.
pub(super) const MOST_STALE_PAGES: usize = 3;
/// Remarks that a gathering keeps.
const MOST_REMARKS: usize = 20;

/// The beginning of a digest of a record's identity: 16 bytes hold half a million of them in little room.
pub(super) type Key = [u8; 16];

pub(super) fn key_of(identity: &[u8]) -> Key {
    let digest = ContentHash::of(identity);
    let mut key = Key::default();
    key.iter_mut().zip(digest.as_bytes()).for_each(|(to, from)| *to = *from);
    key
}

impl Asking<'_> {
    /// An answer to GET, or to a question that is sent by POST.
    pub(super) async fn bytes(&self, url: &Url, question: Option<&str>) -> Result<Vec<u8>, GatherError> {
        let sink = self.folder.arriving();
        let conditional = Conditional::default();
        let fetched = async {
            match question {
                Some(question) => self.fetcher.post_xml(url, question, &sink).await,
                None => self.fetcher.get(url, &conditional, &sink).await,
            }
        };
        let fetched = tokio::select! {
            fetched = fetched => fetched?,
            reason = self.stop.stopped() => return Err(GatherError::Stopped(reason)),
        };
        if fetched.bytes > MOST_ANSWER_BYTES {
            return Err(GatherError::PageTooLarge { url: shown(url), bytes: fetched.bytes, limit: MOST_ANSWER_BYTES });
        }
        fs::read(&sink).map_err(GatherError::spool(&sink))
    }
}

/// What was gathered so far.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) notes: Vec<PartNote>,
    pub(super) seen: HashSet<Key>,
    pub(super) remarks: Vec<String>,
}

/// What is written beside a part so that a later run can go on behind it.
#[derive(Default)]
pub(super) struct Behind {
    pub(super) page: Option<PageNote>,
    /// The token of the page after it.
    pub(super) link: Option<String>,
    pub(super) validators: Conditional,
}

impl Kept {
    /// Keeps bytes as the next part.
    pub(super) fn keep(
        &mut self,
        asking: &Asking<'_>,
        url: &Url,
        bytes: &[u8],
        behind: Behind,
    ) -> Result<(), GatherError> {
        write(asking.folder, bytes)?;
        let note = PartNote {
            url: shown(url),
            content_type: None,
            link: behind.link,
            validators: behind.validators,
            bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            sha256: ContentHash::of(bytes),
            page: behind.page,
        };
        asking.folder.keep(self.notes.len() + 1, &note)?;
        self.notes.push(note);
        (asking.on_part)(self.notes.len());
        Ok(())
    }

    pub(super) fn remark(&mut self, remark: impl Into<String>) {
        let remark = remark.into();
        if !self.remarks.contains(&remark) && self.remarks.len() < MOST_REMARKS {
            self.remarks.push(remark);
        }
    }

    /// How many different records have come.
    pub(super) fn have(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }
}

fn write(folder: &Folder, bytes: &[u8]) -> Result<(), GatherError> {
    let path = folder.arriving();
    let write = || {
        let mut file = fs::File::create(&path)?;
        file.write_all(bytes)?;
        file.sync_data()
    };
    write().map_err(GatherError::spool(&path))
}
