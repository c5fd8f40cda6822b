//! One gathering of a spread source: documents come in by address, records go out a line each.
//!
//! Documents of the web are kept until the walk has come to its end, so that one that was interrupted does not ask for them again,
//! as long as the document that the source is named by is still the same and they are not old.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fairground_domain::ContentHash;
use fairground_standards::collected::{Envelope, MAX_WALKED_BYTES, path_within, within};
use fairground_standards::{Format, ReadError};
use sha2::{Digest, Sha256};
use url::Url;

use super::super::folder::{Folder, Outcome, remove_folder};
use super::super::{GatherError, GatherRequest, Location, PartNote, Spool};
use crate::fetch::{Conditional, FetchError, Fetcher, copy_local, parse_url};
use crate::stop::Stop;

/// Sentences that a job says of one source; the rest is counted.
const MOST_REMARKS: usize = 20;
/// Where the documents of an interrupted walk lie, in the job's folder.
const KEPT: &str = "kept";
/// Bytes of documents that are kept; what comes behind them is asked for again.
const MOST_KEPT_BYTES: u64 = 1024 * 1024 * 1024;
/// How old a kept document may be.
const LONGEST_KEPT: Duration = Duration::from_secs(24 * 3600);
/// What the job says when kept documents were of no use.
const CHANGED: &str = "the source changed while the harvest was interrupted; it was read from the beginning";
/// Bytes of one document of a walk; see [`MAX_WALKED_BYTES`].
const DOCUMENT_BYTES: u64 = MAX_WALKED_BYTES as u64;

/// The document that a source is named by.
#[derive(Debug)]
pub(super) struct First {
    /// Its address: on the web, or within the folder it lies in.
    pub(super) at: String,
    /// The file it has come into.
    pub(super) path: PathBuf,
    /// What it was served as.
    pub(super) content_type: Option<String>,
    validators: Conditional,
}

impl First {
    /// Its bytes; an error when it is larger than a walked document may be.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, GatherError> {
        let bytes = fs::metadata(&self.path).map_err(GatherError::spool(&self.path))?.len();
        if bytes > DOCUMENT_BYTES {
            return Err(ReadError::TooLarge { bytes, limit: DOCUMENT_BYTES }.into());
        }
        fs::read(&self.path).map_err(GatherError::spool(&self.path))
    }
}

/// One gathering.
pub(super) struct Walk<'a> {
    fetcher: Fetcher,
    request: &'a GatherRequest<'a>,
    folder: &'a Folder,
    stop: &'a Stop,
    lines: BufWriter<File>,
    digest: Sha256,
    bytes: u64,
    /// Records so far.
    pub(super) records: u64,
    /// Documents that came beside the first.
    documents: u64,
    complete: bool,
    remarks: Vec<String>,
    untold: usize,
    validators: Conditional,
    kept_bytes: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn begin(
        fetcher: &Fetcher,
        request: &'a GatherRequest<'a>,
        folder: &'a Folder,
        stop: &'a Stop,
    ) -> Result<Self, GatherError> {
        let lines = request.folder.join("lines");
        let file = File::create(&lines).map_err(GatherError::spool(&lines))?;
        let limits = crate::fetch::FetchLimits { bytes: DOCUMENT_BYTES, ..fetcher.limits().clone() };
        Ok(Self {
            fetcher: fetcher.for_files(limits),
            request,
            folder,
            stop,
            lines: BufWriter::new(file),
            digest: Sha256::new(),
            bytes: 0,
            records: 0,
            documents: 0,
            complete: true,
            remarks: Vec::new(),
            untold: 0,
            validators: Conditional::default(),
            kept_bytes: 0,
        })
    }

    /// Takes the first document out of the parts: what is handed on are records, not it.
    pub(super) fn first(&mut self, note: Option<PartNote>) -> Result<Option<First>, GatherError> {
        let Some(note) = note else { return Ok(None) };
        let at = match self.request.location {
            Location::Web(url) => parse_url(&note.url).map_or_else(|_| url.to_string(), String::from),
            Location::File(path) => within(&path.file_name().unwrap_or_default().to_string_lossy()),
            Location::Database(_) => String::new(),
        };
        let path = self.request.folder.join("first");
        let (part, about) = (self.folder.part(1), self.request.folder.join("part-00001.json"));
        // Without its note the part counts no more: whoever continues begins anew.
        fs::remove_file(&about).map_err(GatherError::spool(&about))?;
        fs::rename(&part, &path).map_err(GatherError::spool(&part))?;
        self.keep_or_forget(&note.sha256.to_string())?;
        Ok(Some(First { at, path, content_type: note.content_type, validators: note.validators }))
    }

    /// What an earlier run kept counts when the first document is the one that it began with.
    fn keep_or_forget(&mut self, first: &str) -> Result<(), GatherError> {
        let kept = self.request.folder.join(KEPT);
        let begun_with = kept.join("first.sha256");
        match fs::read_to_string(&begun_with) {
            Ok(known) if known == first => return Ok(()),
            Ok(_) => self.folder.tell(CHANGED)?,
            Err(_) => {}
        }
        remove_folder(&kept)?;
        fs::create_dir_all(&kept).map_err(GatherError::spool(&kept))?;
        fs::write(&begun_with, first).map_err(GatherError::spool(&begun_with))
    }

    /// Where a document of the web is kept.
    fn kept_at(&self, at: &str) -> PathBuf {
        self.request.folder.join(KEPT).join(ContentHash::of(at.as_bytes()).to_string())
    }

    /// A document that an earlier run brought in.
    fn kept(&self, at: &str) -> Option<Vec<u8>> {
        let path = self.kept_at(at);
        let age = fs::metadata(&path).ok()?.modified().ok()?.elapsed().ok()?;
        (age < LONGEST_KEPT).then(|| fs::read(path).ok()).flatten()
    }

    /// The folder of this machine that the source is, or in which its first document lies.
    pub(super) fn root(&self) -> Option<&Path> {
        match self.request.location {
            Location::File(path) if path.is_dir() => Some(path),
            Location::File(path) => {
                path.parent().map(|parent| if parent.as_os_str().is_empty() { Path::new(".") } else { parent })
            }
            Location::Web(_) | Location::Database(_) => None,
        }
    }

    /// The operator's list of hosts that may be reached although they are private.
    pub(super) fn fetcher(&self) -> &Fetcher {
        &self.fetcher
    }

    /// Whether the source lies on the web.
    pub(super) fn is_web(&self) -> bool {
        self.request.location.is_web()
    }

    /// The document at an address, whole; `None` when it cannot be had, which is remarked.
    pub(super) async fn read(&mut self, at: &str) -> Result<Option<Vec<u8>>, GatherError> {
        match self.bring(at).await {
            Ok(bytes) => {
                self.documents += 1;
                Ok(Some(bytes))
            }
            Err(GatherError::Fetch(error)) => {
                let gone = matches!(&error, FetchError::Status { status: 404 | 410, .. });
                self.complete &= gone;
                self.remark(format!("not read: {error}"));
                Ok(None)
            }
            Err(GatherError::Read(error)) => {
                self.complete = false;
                self.remark(format!("not read: {at}: {error}"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn bring(&mut self, at: &str) -> Result<Vec<u8>, GatherError> {
        if let Some(reason) = self.stop.reason() {
            return Err(GatherError::Stopped(reason));
        }
        let is_web = path_within(at).is_none();
        if let Some(bytes) = self.kept(at).filter(|_| is_web) {
            self.kept_bytes = self.kept_bytes.saturating_add(bytes.len() as u64);
            return Ok(bytes);
        }
        let sink = self.request.folder.join("walked");
        match (path_within(at), self.root()) {
            (Some(inside), Some(root)) => {
                let path = held_file(root, &inside).map_err(|reason| FetchError::File { path: inside, reason })?;
                copy_local(&path, self.fetcher.limits(), &sink)?;
            }
            (Some(inside), None) => {
                return Err(FetchError::File { path: inside, reason: "the source is no folder".to_owned() }.into());
            }
            (None, _) => {
                let (url, conditional) = (self.with_access(parse_url(at)?), Conditional::default());
                tokio::select! {
                    fetched = self.fetcher.get(&url, &conditional, &sink) => { fetched?; }
                    reason = self.stop.stopped() => return Err(GatherError::Stopped(reason)),
                }
            }
        }
        let mut bytes = Vec::new();
        let file = File::open(&sink).map_err(GatherError::spool(&sink))?;
        file.take(DOCUMENT_BYTES + 1).read_to_end(&mut bytes).map_err(GatherError::spool(&sink))?;
        if bytes.len() > MAX_WALKED_BYTES {
            return Err(ReadError::TooLarge { bytes: bytes.len() as u64, limit: DOCUMENT_BYTES }.into());
        }
        self.kept_bytes = self.kept_bytes.saturating_add(bytes.len() as u64);
        if is_web && self.kept_bytes <= MOST_KEPT_BYTES {
            // A document that cannot be kept is asked for again, which harms nobody.
            let _ = fs::rename(&sink, self.kept_at(at));
        }
        Ok(bytes)
    }

    /// The credentials of the source's address, for addresses of the same host.
    fn with_access(&self, mut url: Url) -> Url {
        if let Location::Web(source) = self.request.location
            && (url.scheme(), url.host(), url.port()) == (source.scheme(), source.host(), source.port())
            && url.username().is_empty()
        {
            // These fail only for addresses without host, which the comparison has ruled out.
            let _ = url.set_username(source.username());
            let _ = url.set_password(source.password());
        }
        url
    }

    /// Hands a record on.
    pub(super) fn emit(&mut self, envelope: &Envelope) -> Result<(), GatherError> {
        let line = envelope.to_line();
        let path = self.request.folder.join("lines");
        self.lines.write_all(&line).map_err(GatherError::spool(&path))?;
        self.digest.update(&line);
        self.bytes += line.len() as u64;
        self.records += 1;
        Ok(())
    }

    /// Notes something odd for the agency.
    pub(super) fn remark(&mut self, remark: impl Into<String>) {
        if self.remarks.len() < MOST_REMARKS {
            self.remarks.push(remark.into());
        } else {
            self.untold += 1;
        }
    }

    /// Something of the source is not here: nothing may be deleted.
    pub(super) fn miss(&mut self, remark: impl Into<String>) {
        self.complete = false;
        self.remark(remark);
    }

    /// The validators of the first document say whether the source has changed, as long as it is all of the source.
    pub(super) fn is_all(&mut self, first: &First) {
        if self.documents == 0 {
            self.validators = first.validators.clone();
        }
    }

    /// Closes the gathering.
    pub(super) fn finish(mut self, format: Format) -> Result<Spool, GatherError> {
        if self.records == 0 {
            let said = if self.remarks.is_empty() { String::new() } else { format!(" ({})", self.remarks.join("; ")) };
            let why = match format {
                Format::Files => "no file with data was found",
                Format::Sqlite | Format::Postgres => "the database shows no table",
                Format::SchemaOrg | Format::Croissant => "no page describes a `Dataset` of schema.org",
                Format::Stac => "there is no collection and no item",
                _ => "there is no dataset in it",
            };
            return Err(ReadError::NotACatalogue { why: format!("{why}{said}") }.into());
        }
        if self.untold > 0 {
            self.remarks.push(format!("and {} remarks more", self.untold));
        }
        let (lines, arriving) = (self.request.folder.join("lines"), self.folder.arriving());
        self.lines.flush().map_err(GatherError::spool(&lines))?;
        fs::rename(&lines, &arriving).map_err(GatherError::spool(&lines))?;
        for scratch in ["walked", "first"] {
            // They may not be there; the folder goes with the job anyway.
            let _ = fs::remove_file(self.request.folder.join(scratch));
        }
        remove_folder(&self.request.folder.join(KEPT))?;
        let location = self.request.location.to_string();
        let note = PartNote {
            url: location.clone(),
            content_type: None,
            validators: self.validators.clone(),
            link: None,
            bytes: self.bytes,
            sha256: ContentHash::from_bytes(self.digest.finalize().into()),
            page: None,
        };
        self.folder.keep(1, &note)?;
        let outcome =
            Outcome { location, format, validators: self.validators, complete: self.complete, remarks: self.remarks };
        self.folder.finish(outcome, vec![note])
    }
}

/// A file below a folder, all links resolved; an error when it is none or leads out of it.
pub(crate) fn held_file(root: &Path, inside: &str) -> Result<PathBuf, String> {
    let root = root.canonicalize().map_err(|error| error.to_string())?;
    let path = root.join(inside).canonicalize().map_err(|error| error.to_string())?;
    if !path.starts_with(&root) {
        return Err("it leads out of the source's folder".to_owned());
    }
    if path.is_file() { Ok(path) } else { Err("it is no file".to_owned()) }
}
