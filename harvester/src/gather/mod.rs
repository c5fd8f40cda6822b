//! Gathering: a whole source becomes a folder of parts on disk, before anything of it is believed.
//!
//! The folder holds `part-00001`, `part-00002`, …, each with a note beside it (`.json`) that makes it count, and in the end
//! `complete`, the [`Manifest`]. A harvest that was killed finds its parts again and goes on with the next one, as long as the
//! folder was begun for the same request (`purpose`) and the source is seen to be as it was; else it begins anew and says why.
//! Whether the source was gathered *completely* decides later whether anything may be deleted.

mod ckan;
pub(crate) mod collected;
mod error;
mod folder;
mod kind;
mod location;
mod more;
mod paged;
mod protocol;
mod single;

use std::path::{Path, PathBuf};

use fairground_domain::ContentHash;
use fairground_standards::Format;
use serde::{Deserialize, Serialize};

use crate::fetch::{Conditional, Fetched, Fetcher};
use crate::stop::Stop;

pub use error::GatherError;
pub use folder::{remove_folder, spool_folder, spooled_jobs, sweep_folders};
pub use kind::{Kind, UnknownKind};
pub use location::Location;

/// What is to be gathered, and into which folder.
#[derive(Debug, Clone, Copy)]
pub struct GatherRequest<'a> {
    /// Where the source lies.
    pub location: &'a Location,
    /// What the operator says it is; without it the first bytes decide.
    pub kind: Option<Kind>,
    /// What the last completed harvest knew, to ask whether anything changed.
    pub conditional: &'a Conditional,
    /// Where the changes begin that are wanted, as an earlier [`Manifest::since`] said; without it, all of the source is.
    /// Protocols without changes gather everything.
    pub since: Option<&'a str>,
    /// The job's own folder; made when missing.
    pub folder: &'a Path,
}

/// How a gathering ended well.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of a job at a time")]
pub enum Gathered {
    /// The source says that nothing changed since `conditional`.
    NotModified,
    /// The source lies in the folder.
    Spooled(Spool),
}

/// A gathered source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spool {
    /// Its parts in order, at least one.
    pub parts: Vec<PathBuf>,
    /// What is known of them.
    pub manifest: Manifest,
}

/// What the file `complete` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The address or path that was gathered, without credentials.
    pub location: String,
    /// The format of every part.
    pub format: Format,
    /// The parts' notes, in order.
    pub parts: Vec<PartNote>,
    /// To ask next time whether anything changed; empty for paged sources.
    pub validators: Conditional,
    /// Fingerprint of all parts, one after the other.
    pub sha256: ContentHash,
    /// Bytes of all parts.
    pub bytes: u64,
    /// Whether everything the source announced is here. If not, nothing may be deleted.
    pub complete: bool,
    /// Datasets that the source says it has, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<u64>,
    /// True when only what changed since [`GatherRequest::since`] is here: what is not is unchanged, unless the source has
    /// fewer than `announced`.
    #[serde(default)]
    pub only_changes: bool,
    /// Where the next gathering of changes alone may begin, in the protocol's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What was odd, in sentences for the agency.
    pub notes: Vec<String>,
}

/// What is known of one part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartNote {
    /// Where it came from in the end, without credentials.
    pub url: String,
    /// `Content-Type` as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `ETag` and `Last-Modified` as they came.
    #[serde(default)]
    pub validators: Conditional,
    /// `Link` as it came (RFC 8288).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Bytes on disk.
    pub bytes: u64,
    /// Their fingerprint.
    pub sha256: ContentHash,
    /// Of a page: where it lay and what it announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageNote>,
}

impl From<Fetched> for PartNote {
    fn from(fetched: Fetched) -> Self {
        Self {
            url: fetched.final_url,
            content_type: fetched.content_type,
            validators: fetched.validators,
            link: fetched.link,
            bytes: fetched.bytes,
            sha256: fetched.sha256,
            page: None,
        }
    }
}

/// What is known of one page of a paged source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNote {
    /// The number of the record it began with at the source.
    pub start: u64,
    /// Records the source sent in it; those known from earlier pages were left out of the part.
    pub sent: u64,
    /// How many records the source said that it has.
    pub total: u64,
}

/// Whether a gathering into this folder has come to its end.
#[must_use]
pub fn is_gathered(folder: &Path) -> bool {
    folder::Folder::at(folder).completed().is_some()
}

/// Brings the source into the folder. `on_part` is told after each part how many there are.
///
/// # Errors
/// [`GatherError`]; whatever is whole by then stays in the folder for the next try.
pub async fn gather(
    fetcher: &Fetcher,
    request: &GatherRequest<'_>,
    stop: &Stop,
    on_part: &(dyn Fn(usize) + Send + Sync),
) -> Result<Gathered, GatherError> {
    let folder = folder::Folder::open(request.folder)?;
    if let Some(spool) = folder.completed() {
        return Ok(Gathered::Spooled(spool));
    }
    let request = &folder.begin(*request)?;
    let asking = protocol::Asking { fetcher, request, folder: &folder, stop, on_part };
    if let Some(protocol) = folder.behind().or_else(|| protocol::of_address(request.location, request.kind)) {
        return protocol::gather(protocol, asking).await;
    }
    if let Some(format) = collected::format_of_place(request.location, request.kind) {
        let spool = collected::gather(fetcher, request, format, None, &folder, stop, on_part).await?;
        return Ok(Gathered::Spooled(spool));
    }
    match request.location {
        Location::Web(url) if ckan::is_paged(url, request.kind) => {
            ckan::gather(fetcher, url, request.since, &folder, stop, on_part).await.map(Gathered::Spooled)
        }
        Location::Web(_) | Location::File(_) | Location::Database(_) => {
            let read = single::gather(fetcher, request, &folder, stop, on_part).await;
            let mut found = protocol::behind(request, &folder, &read);
            if found.is_none() {
                found = protocol::probe(&asking, &read).await;
            }
            let Some(protocol) = found else { return read };
            folder.clear()?;
            folder.set_behind(protocol)?;
            protocol::gather(protocol, asking).await
        }
    }
}
