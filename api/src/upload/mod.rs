//! Files that come in with a request: written to disk as they come, bounded, and read as tables.
//!
//! A file lies in the data folder's scratch only while the request lasts; what is kept of it are snapshots in the object store,
//! which nobody reads as long as no public table names them.

mod form;
mod prepare;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header;
use actix_web::web::{self, Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest};
use fairground_catalog::table::LoadedTable;
use fairground_domain::{ContentHash, Snapshot};
use fairground_tables::Tables;
use fairground_tables::intake::{LoadOptions, Progress, Watch};
use futures_util::StreamExt;
use tempfile::NamedTempFile;

pub use form::{FIELD_BYTES_MAX, FIELDS_MAX, FILES_MAX, ReceivedForm, receive_form};
pub use prepare::{Prepared, prepare};

use crate::problem::{Problem, ProblemKind};

/// Bytes of an upload at most (2 GiB); what is larger is better fetched from an address.
pub const UPLOAD_BYTES_MAX: u64 = 2 << 30;
/// Characters of an upload's name at most.
pub const NAME_CHARS_MAX: usize = 200;
/// Bytes that are gathered before they are written down.
const WRITE_BYTES: usize = 1 << 20;
/// Where uploads lie while they are read, within the data folder.
pub(crate) const FOLDER: &str = "scratch/uploads";

/// A file that has come. It is removed when this is dropped.
#[derive(Debug)]
pub struct ReceivedFile {
    /// Its name with its ending, safe as a name of a file.
    pub name: String,
    /// The media type that the sender says.
    pub media_type: Option<String>,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it.
    pub hash: ContentHash,
    /// Where it lies for now.
    pub file: NamedTempFile,
}

impl ReceivedFile {
    /// Where it lies for now.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }
}

/// The name, if it is a file's: nothing that leads elsewhere.
///
/// # Errors
/// `InvalidContent` when it is none.
pub fn file_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let plain =
        !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\']) && !name.contains(char::is_control);
    if plain && name.chars().count() <= NAME_CHARS_MAX {
        return Ok(name.to_owned());
    }
    Err(Problem::new(ProblemKind::InvalidContent).detail(format!(
        "The file's name may hold up to {NAME_CHARS_MAX} characters and no slashes, and begins with no dot."
    )))
}

/// Takes a request's body as a file of this name.
///
/// # Errors
/// `PayloadTooLarge` beyond [`UPLOAD_BYTES_MAX`], `InvalidContent` when it is empty, `UnsupportedMediaType` when it comes packed,
/// `MalformedRequest` when it does not come to its end.
pub async fn receive_body(
    req: &HttpRequest,
    mut body: Payload,
    name: String,
    data_dir: &Path,
) -> Result<ReceivedFile, Problem> {
    let announced =
        req.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > UPLOAD_BYTES_MAX) {
        return Err(too_large());
    }
    if req.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(Problem::new(ProblemKind::UnsupportedMediaType).detail("Send the file without Content-Encoding."));
    }
    let mut spool = Spool::open(data_dir.join(FOLDER), UPLOAD_BYTES_MAX).await?;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| cut_off(&error))?;
        spool.take(chunk).await?;
    }
    let media_type = Some(req.content_type().to_owned()).filter(|it| !it.is_empty());
    spool.finish(name, media_type).await
}

fn too_large() -> Problem {
    Problem::new(ProblemKind::PayloadTooLarge).detail(format!("An upload may hold up to {UPLOAD_BYTES_MAX} bytes."))
}

fn cut_off(error: &dyn std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::MalformedRequest).detail("The file did not come to its end.").caused_by(error.to_string())
}

/// A file under way.
struct Spool {
    /// `None` only while its writing is under way.
    written: Option<Written>,
    waiting: Vec<Bytes>,
    gathered: usize,
    bytes: u64,
    /// Bytes that it may hold.
    room: u64,
}

/// What has been written of a file, with its digest so far.
struct Written {
    file: NamedTempFile,
    digest: sha2::Sha256,
}

impl Written {
    fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self { file: NamedTempFile::new_in(folder)?, digest: sha2::Digest::new() })
    }

    fn append(mut self, pieces: &[Bytes]) -> std::io::Result<Self> {
        for piece in pieces {
            sha2::Digest::update(&mut self.digest, piece);
            self.file.write_all(piece)?;
        }
        Ok(self)
    }
}

impl Spool {
    async fn open(folder: PathBuf, room: u64) -> Result<Self, Problem> {
        let written = web::block(move || Written::open(&folder)).await?.map_err(Problem::internal)?;
        Ok(Self { written: Some(written), waiting: Vec::new(), gathered: 0, bytes: 0, room })
    }

    async fn take(&mut self, chunk: Bytes) -> Result<(), Problem> {
        self.bytes = self.bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if self.bytes > self.room {
            return Err(too_large());
        }
        self.gathered += chunk.len();
        self.waiting.push(chunk);
        if self.gathered >= WRITE_BYTES { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> Result<(), Problem> {
        self.gathered = 0;
        let pieces = std::mem::take(&mut self.waiting);
        let Some(written) = self.written.take() else { return Err(Problem::internal("a file that failed goes on")) };
        self.written = Some(web::block(move || written.append(&pieces)).await?.map_err(Problem::internal)?);
        Ok(())
    }

    async fn finish(mut self, name: String, media_type: Option<String>) -> Result<ReceivedFile, Problem> {
        if self.bytes == 0 {
            return Err(Problem::new(ProblemKind::InvalidContent).detail("The file is empty."));
        }
        self.write().await?;
        let Some(Written { file, digest }) = self.written else {
            return Err(Problem::internal("a file that failed goes on"));
        };
        let hash = ContentHash::from_bytes(sha2::Digest::finalize(digest).into());
        Ok(ReceivedFile { name, media_type, bytes: self.bytes, hash, file })
    }
}

/// Ends the load when the caller goes away: the future is dropped then.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

struct Stopped(Arc<AtomicBool>);

impl Watch for Stopped {
    fn progress(&self, _: Progress) {}

    fn stopped(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Reads a file as tables: their snapshots lie in the object store then, and are nobody's until something names them. Gives the
/// file back.
///
/// # Errors
/// `InvalidContent` when it is no table or broken, and as the tables say.
pub async fn load(
    tables: Tables,
    received: ReceivedFile,
    options: LoadOptions,
) -> Result<(ReceivedFile, Vec<Snapshot>), Problem> {
    let flag = Arc::new(AtomicBool::new(false));
    let _guard = StopOnDrop(Arc::clone(&flag));
    let loaded = web::block(move || {
        let loaded = tables.load(received.path(), &options, &Stopped(flag));
        loaded.map(|snapshots| (received, snapshots))
    });
    Ok(loaded.await??)
}

/// Tells the tables of a file apart: the only one goes by no name, so that a renamed sheet stays the same table.
#[must_use]
pub fn keyed(snapshots: Vec<Snapshot>) -> Vec<LoadedTable> {
    let alone = snapshots.len() == 1;
    let key = |snapshot: &Snapshot| if alone { String::new() } else { snapshot.name.clone() };
    snapshots.into_iter().map(|snapshot| LoadedTable { key: key(&snapshot), snapshot }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for good in ["beds.csv", " Straßen 2024.geojson "] {
            assert!(file_name(good).is_ok(), "{good}");
        }
        let long = "x".repeat(NAME_CHARS_MAX + 1);
        for bad in ["", " ", ".hidden", "../x.csv", "a/b.csv", "a\\b.csv", "a\nb.csv", long.as_str()] {
            assert!(file_name(bad).is_err(), "{bad:?}");
        }
    }
}
