//! An XML catalogue on disk: surveyed once, then read record by record.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use fairground_domain::ResourceKind;
use memchr::memmem;

use crate::document::{Counts, RawRecord};
use crate::encoding::{self, Text, TextKind};
use crate::error::{Place, ReadError};
use crate::folder;
use crate::limits::Limits;
use crate::xml::survey::{Dialect, Found, Refusal, Stop, Survey, survey};
use crate::xml::tree;

/// Read-ahead while a document is surveyed or its records are streamed.
const READ_AHEAD: usize = 256 * 1024;
/// Bytes kept of a record that is too large, to name it.
const BEGINNING: usize = 64 * 1024;
/// OAI-PMH's way to say that the list is empty.
const NONE_MATCH: &str = "noRecordsMatch";

/// Namespace declarations around a record: `xmlns:gmd` and its value.
type Context = Vec<(String, String)>;

#[derive(Debug)]
pub(crate) struct XmlDocument {
    parts: Vec<Part>,
    records: Vec<Entry>,
    counts: Counts,
    declared_total: Option<u64>,
    max_record_bytes: usize,
}

#[derive(Debug)]
struct Part {
    text: Text,
    dialect: Dialect,
    contexts: Vec<Context>,
}

/// Where a record lies. 24 bytes each.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u64,
    len: u64,
    part: u32,
    context: u16,
    kind: ResourceKind,
}

impl XmlDocument {
    pub(crate) fn open(parts: &[PathBuf], limits: &Limits) -> Result<Self, ReadError> {
        let mut document = Self {
            parts: Vec::with_capacity(parts.len()),
            records: Vec::new(),
            counts: Counts::default(),
            declared_total: None,
            max_record_bytes: limits.max_record_bytes,
        };
        for (part, path) in parts.iter().enumerate() {
            let text = encoding::prepare(path, part, TextKind::Xml)?;
            document.survey(text, part, limits)?;
        }
        document.records.shrink_to_fit();
        Ok(document)
    }

    fn survey(&mut self, text: Text, part: usize, limits: &Limits) -> Result<(), ReadError> {
        let file = text.open().map_err(ReadError::io(part))?;
        let number = u32::try_from(part).unwrap_or(u32::MAX);
        let (mut gone, skip) = (0, text.skip());
        let (records, counts) = (&mut self.records, &mut self.counts);
        let mut each = |found: Found| {
            if found.deleted {
                gone += 1;
                return Ok(());
            }
            if records.len() as u64 >= limits.max_records {
                return Err(Stop::TooMany);
            }
            match found.kind {
                ResourceKind::Dataset => counts.datasets += 1,
                ResourceKind::DatasetSeries => counts.series += 1,
                ResourceKind::DataService => counts.services += 1,
            }
            let context = u16::try_from(found.context).unwrap_or(u16::MAX);
            let (start, len) = (found.start + skip, found.len);
            records.push(Entry { start, len, part: number, context, kind: found.kind });
            Ok(())
        };
        let survey = survey(BufReader::with_capacity(READ_AHEAD, file), limits, &mut each)
            .map_err(|stop| explain(stop, &text, part, limits))?;
        let dialect = judge(&survey)?;
        self.declared_total = self.declared_total.max(self.announced(&survey, gone));
        self.parts.push(Part { text, dialect, contexts: survey.contexts });
        Ok(())
    }

    /// How many datasets the source says it has: services and deleted records are counted among its records.
    fn announced(&self, survey: &Survey, gone: u64) -> Option<u64> {
        let more = survey.token.as_ref().is_some_and(|token| !token.text.is_empty());
        let size = survey.token.as_ref().and_then(|token| token.complete_list_size);
        let total = match survey.matched.or(size) {
            None if more => self.counts.records() + gone + 1,
            total => total?,
        };
        Some(total.saturating_sub(self.counts.services + gone))
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn declared_total(&self) -> Option<u64> {
        self.declared_total
    }

    pub(crate) fn records_from(&self, skip: u64) -> Records<'_> {
        Records { document: self, next: usize::try_from(skip).unwrap_or(usize::MAX), open: None }
    }
}

/// Whether an answer is a list of records, by what it says of itself.
pub(crate) fn judge(survey: &Survey) -> Result<Dialect, ReadError> {
    if let Some(Refusal { code, message }) = &survey.refusal
        && code != NONE_MATCH
    {
        let service = if survey.dialect == Some(Dialect::OaiPmh) { "OAI-PMH" } else { "the service" };
        let message = if code.is_empty() { message.clone() } else { format!("{code}: {message}") };
        return Err(ReadError::ServiceRefused { service, message });
    }
    let why = match survey.dialect {
        Some(Dialect::Exception) => {
            let message = "an exception without a reason".to_owned();
            return Err(ReadError::ServiceRefused { service: "the service", message });
        }
        Some(Dialect::Capabilities) => {
            "these are a service's capabilities; give the address of the service itself".to_owned()
        }
        Some(Dialect::OaiPmh) if !survey.lists && survey.refusal.is_none() => {
            let verb = &survey.verb;
            format!("this OAI-PMH answer is “{verb}”, and only ListRecords and GetRecord hold records")
        }
        Some(dialect @ (Dialect::Csw | Dialect::OaiPmh | Dialect::Atom | Dialect::Folder | Dialect::Record)) => {
            return Ok(dialect);
        }
        None => {
            format!("“{}” is no element that a catalogue begins with", survey.root.chars().take(60).collect::<String>())
        }
    };
    Err(ReadError::NotACatalogue { why })
}

pub(crate) fn explain(stop: Stop, text: &Text, part: usize, limits: &Limits) -> ReadError {
    let place = |offset: u64| Place::locate(text.path(), part, offset + text.skip());
    match stop {
        Stop::TooMany => ReadError::TooManyRecords { limit: limits.max_records },
        Stop::Syntax { offset, message } => ReadError::Syntax { place: place(offset), message },
        Stop::CutOff { offset, open } => ReadError::CutOff { place: place(offset), what: format!("<{open}> is open") },
        Stop::Trailing { offset } => ReadError::TrailingGarbage { place: place(offset) },
        Stop::Depth { offset } => ReadError::TooDeep { place: place(offset), limit: limits.depth() },
        Stop::Token { offset } => ReadError::TokenTooLong { place: place(offset), limit: limits.max_record_bytes },
        Stop::Io(source) => ReadError::Io { part: part + 1, source },
    }
}

/// A record that can stand alone: the declarations around it that it needs are written into its start tag.
pub(crate) fn standalone(record: &[u8], context: &[(String, String)]) -> Vec<u8> {
    let name_end = record.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/')).unwrap_or(0);
    let (name, rest) = record.split_at(name_end);
    let tag = rest.split(|b| *b == b'>').next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(record.len() + 256);
    bytes.extend_from_slice(name);
    let mut written: Vec<&str> = Vec::new();
    // The innermost declaration counts.
    for (declaration, value) in context.iter().rev() {
        let own = memmem::find(tag, format!(" {declaration}=").as_bytes()).is_some();
        let used = match declaration.strip_prefix("xmlns:") {
            Some(prefix) => memmem::find(record, format!("{prefix}:").as_bytes()).is_some(),
            None => true,
        };
        if own || !used || written.contains(&declaration.as_str()) {
            continue;
        }
        written.push(declaration);
        let quote = if value.contains('"') { '\'' } else { '"' };
        bytes.extend_from_slice(format!(" {declaration}={quote}{value}{quote}").as_bytes());
    }
    bytes.extend_from_slice(rest);
    bytes
}

/// Records read from disk one after the other.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    document: &'a XmlDocument,
    next: usize,
    open: Option<(u32, BufReader<File>)>,
}

impl Records<'_> {
    fn read(&mut self, entry: Entry, part: &Part) -> std::io::Result<(Vec<u8>, bool)> {
        let file = match &mut self.open {
            Some((open, file)) if *open == entry.part => file,
            _ => &mut self.open.insert((entry.part, BufReader::with_capacity(READ_AHEAD, part.text.open_raw()?))).1,
        };
        let at = file.stream_position()?;
        match i64::try_from(entry.start.wrapping_sub(at)) {
            Ok(ahead) if entry.start >= at => file.seek_relative(ahead)?,
            _ => {
                file.seek(SeekFrom::Start(entry.start))?;
            }
        }
        let len = usize::try_from(entry.len).unwrap_or(usize::MAX);
        let whole = len <= self.document.max_record_bytes;
        let mut bytes = vec![0; if whole { len } else { BEGINNING.min(self.document.max_record_bytes) }];
        file.read_exact(&mut bytes)?;
        Ok((bytes, whole))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<RawRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = *self.document.records.get(self.next)?;
        let number = usize::try_from(entry.part).unwrap_or(usize::MAX);
        let part = self.document.parts.get(number)?;
        let seq = self.next as u64;
        self.next += 1;
        let (bytes, whole) = match self.read(entry, part) {
            Ok(read) => read,
            Err(error) => {
                self.open = None;
                return Some(Err(ReadError::io(number)(error)));
            }
        };
        let none = Vec::new();
        let context = part.contexts.get(usize::from(entry.context)).unwrap_or(&none);
        let (bytes, whole) = match part.dialect {
            Dialect::Folder if whole => unpacked(&bytes),
            _ => (standalone(&bytes, context), whole),
        };
        Some(Ok(RawRecord { seq, kind: entry.kind, bytes, whole }))
    }
}

/// The file inside our own envelope.
fn unpacked(bytes: &[u8]) -> (Vec<u8>, bool) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(tree) = tree::parse(&text, 2) else { return (bytes.to_vec(), true) };
    let name = tree.root.attribute("href").unwrap_or_default();
    let whole = tree.root.attribute("too-large").is_none();
    (folder::record(name, tree.root.own_text().as_deref().unwrap_or_default()), whole)
}
