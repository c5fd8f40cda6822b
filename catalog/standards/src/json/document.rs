//! Catalogues that are JSON: where their records lie.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::PathBuf;

use fairground_domain::ResourceKind;

use crate::dcat_us_graph;
use crate::document::{Counts, RawRecord};
use crate::encoding::{self, Text, TextKind};
use crate::error::{Place, ReadError};
use crate::format::Format;
use crate::json::nested::{self, Known, Nested};
use crate::json::scan::{Fault, Scanner, Span, What};
use crate::limits::Limits;

/// Bytes kept of a record that is too large, to name it.
const BEGINNING: usize = 64 * 1024;
/// Bytes kept of CKAN's own words.
const MESSAGE: usize = 4096;
/// Read-ahead while records are streamed.
const READ_AHEAD: usize = 256 * 1024;

#[derive(Debug)]
pub(crate) struct JsonDocument {
    parts: Vec<Text>,
    records: Vec<Entry>,
    counts: Counts,
    declared_total: Option<u64>,
    max_record_bytes: usize,
    /// What the catalogue says of a record elsewhere, as members of JSON to be put in front of its own; by the record's place.
    beside: HashMap<usize, Vec<String>>,
}

/// Where a record lies. 24 bytes each.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) span: Span,
    pub(super) part: u32,
    pub(super) kind: ResourceKind,
}

/// What the survey of one part gathers.
struct Survey<'a> {
    part: usize,
    limits: &'a Limits,
    found: &'a mut Vec<Entry>,
    /// What stands inside other records.
    nested: &'a mut Nested,
    /// The document has a place for records, even if it is empty.
    lists: bool,
    declared_total: Option<u64>,
    success: Option<bool>,
    message: Option<String>,
}

/// A fault of the bytes, or of what they say.
enum Stop {
    Fault(Fault),
    Twice { key: String, offset: u64 },
    TooMany,
    NotACatalogue(String),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl JsonDocument {
    pub(crate) fn open(parts: &[PathBuf], format: Format, limits: &Limits) -> Result<Self, ReadError> {
        let mut document = Self {
            parts: Vec::with_capacity(parts.len()),
            records: Vec::new(),
            counts: Counts::default(),
            declared_total: None,
            max_record_bytes: limits.max_record_bytes,
            beside: HashMap::new(),
        };
        let mut nested = Nested::default();
        for (part, path) in parts.iter().enumerate() {
            let mut text = encoding::prepare(path, part, TextKind::Json)?;
            if format == Format::DcatUs && nested::is_graph(&text, part)? {
                text = encoding::of_bytes(&dcat_us_graph::as_lists(&nested::whole(&text, part)?)?)?;
            } else if format == Format::DcatUs && nested::is_one_dataset(&text, part)? {
                let whole = nested::whole(&text, part)?;
                let whole = whole.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&whole);
                text = encoding::of_bytes(&[b"{\"dataset\":[", whole, b"]}"].concat())?;
            }
            document.survey(text, part, format, limits, &mut nested)?;
        }
        document.settle(nested, limits)?;
        for entry in &document.records {
            match entry.kind {
                ResourceKind::Dataset => document.counts.datasets += 1,
                ResourceKind::DatasetSeries => document.counts.series += 1,
                ResourceKind::DataService => document.counts.services += 1,
            }
        }
        document.records.shrink_to_fit();
        Ok(document)
    }

    fn survey(
        &mut self,
        text: Text,
        part: usize,
        format: Format,
        limits: &Limits,
        nested: &mut Nested,
    ) -> Result<(), ReadError> {
        let file = text.open().map_err(ReadError::io(part))?;
        let mut scanner = Scanner::new(file, text.skip(), limits.depth());
        let mut survey = Survey {
            part,
            limits,
            found: &mut self.records,
            nested,
            lists: false,
            declared_total: None,
            success: None,
            message: None,
        };
        let end = survey.document(&mut scanner, format);
        let verdict = (survey.lists, survey.success, survey.message.take(), survey.declared_total);
        end.map_err(|stop| explain(stop, &text, part, limits))?;
        let (lists, success, message, total) = verdict;
        if success == Some(false) {
            let message = message.unwrap_or_else(|| "no reason given".to_owned());
            return Err(ReadError::CkanRefused { message });
        }
        if !lists {
            let why = match format {
                Format::Ckan => "a CKAN answer has `result` with packages",
                Format::Socrata | Format::Arcgis | Format::Opendatasoft => {
                    "there is no list of datasets in this answer"
                }
                _ => "data.json has an array `dataset`",
            };
            return Err(ReadError::NotACatalogue { why: why.to_owned() });
        }
        self.declared_total = self.declared_total.max(total);
        self.parts.push(text);
        Ok(())
    }

    /// Lists what stands inside other records, unless it is listed by itself too, and notes what catalogue records and series say
    /// of their members.
    fn settle(&mut self, nested: Nested, limits: &Limits) -> Result<(), ReadError> {
        if nested.is_empty() {
            return Ok(());
        }
        let mut known = Known::default();
        for (at, raw) in self.records_from(0).enumerate() {
            known.add(at, &raw?.bytes);
        }
        for member in nested.members {
            let at = match known.find(&member.names) {
                Some(at) => at,
                None => {
                    if self.records.len() as u64 >= limits.max_records {
                        return Err(ReadError::TooManyRecords { limit: limits.max_records });
                    }
                    self.records.push(member.entry);
                    known.name(self.records.len() - 1, &member.names, member.says_series);
                    self.records.len() - 1
                }
            };
            if let Some(series) = member.series.and_then(|series| known.first_name(series))
                && !known.says_series(at)
            {
                let name = serde_json::Value::String(series.to_owned());
                self.beside.entry(at).or_default().push(format!("\"inSeries\":{name}"));
                known.now_says_series(at);
            }
        }
        for (topic, record) in nested.records {
            if let Some(at) = known.find(&[topic]) {
                self.beside.entry(at).or_default().push(format!("\"catalogRecord\":{record}"));
            }
        }
        Ok(())
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

fn explain(stop: Stop, text: &Text, part: usize, limits: &Limits) -> ReadError {
    let place = |offset| Place::locate(text.path(), part, offset);
    match stop {
        Stop::TooMany => ReadError::TooManyRecords { limit: limits.max_records },
        Stop::NotACatalogue(why) => ReadError::NotACatalogue { why },
        Stop::Twice { key, offset } => ReadError::DuplicateKey { key, place: place(offset) },
        Stop::Fault(Fault { offset, what }) => match what {
            What::End(what) => ReadError::CutOff { place: place(offset), what: what.to_owned() },
            What::Bracket(what) => ReadError::Unbalanced { place: place(offset), what },
            What::Depth => ReadError::TooDeep { place: place(offset), limit: limits.depth() },
            What::Unexpected(what) if what == TRAILING => ReadError::TrailingGarbage { place: place(offset) },
            What::Unexpected(what) => {
                ReadError::Syntax { place: place(offset), message: format!("unexpected {what} in JSON") }
            }
            What::Key => ReadError::Syntax { place: place(offset), message: "a key of more than 64 KiB".to_owned() },
            What::Io(source) => ReadError::Io { part: part + 1, source },
        },
    }
}

impl Survey<'_> {
    fn document<R: Read>(&mut self, scanner: &mut Scanner<R>, format: Format) -> Result<(), Stop> {
        if format.is_collected() {
            return self.envelopes(scanner);
        }
        match scanner.peek()? {
            Some(b'[') => self.list(scanner, ResourceKind::Dataset)?,
            Some(b'{') if format == Format::Ckan => self.ckan(scanner)?,
            Some(b'{') if matches!(format, Format::Socrata | Format::Arcgis | Format::Opendatasoft) => {
                self.platform(scanner)?;
            }
            Some(b'{') => self.dcat_us(scanner)?,
            _ => {
                scanner.value()?;
            }
        }
        match scanner.peek()? {
            None => Ok(()),
            Some(_) => Err(scanner.fault(What::Unexpected(TRAILING.to_owned())).into()),
        }
    }

    fn push(&mut self, span: Span, kind: ResourceKind) -> Result<(), Stop> {
        if self.found.len() as u64 >= self.limits.max_records {
            return Err(Stop::TooMany);
        }
        self.found.push(Entry { span, part: u32::try_from(self.part).unwrap_or(u32::MAX), kind });
        Ok(())
    }

    /// An array of records.
    fn list<R: Read>(&mut self, scanner: &mut Scanner<R>, kind: ResourceKind) -> Result<(), Stop> {
        self.lists = true;
        scanner.array(|scanner| {
            if kind != ResourceKind::Dataset && scanner.peek()? == Some(b'{') {
                return self.resource(scanner, kind);
            }
            let span = scanner.value()?;
            self.push(span, kind)
        })
    }

    /// A series or service of DCAT-US 3.0, which may hold datasets.
    fn resource<R: Read>(&mut self, scanner: &mut Scanner<R>, kind: ResourceKind) -> Result<(), Stop> {
        let start = (scanner.peek()?, scanner.offset()).1;
        let mut inside = Vec::new();
        scanner.object(|scanner, key| -> Result<(), Stop> {
            let holds = match kind {
                ResourceKind::DatasetSeries => matches!(key.as_str(), "seriesMember" | "first" | "last"),
                ResourceKind::DataService => key == "servesDataset",
                ResourceKind::Dataset => false,
            };
            match scanner.peek()? {
                Some(b'[') if holds => scanner.array(|scanner| -> Result<(), Stop> {
                    inside.push(scanner.value_copied(nested::MEMBER)?);
                    Ok(())
                }),
                Some(b'{') if holds => {
                    inside.push(scanner.value_copied(nested::MEMBER)?);
                    Ok(())
                }
                _ => {
                    scanner.value()?;
                    Ok(())
                }
            }
        })?;
        self.push(Span { start, len: scanner.offset() - start }, kind)?;
        let holder = self.found.len() - 1;
        for (span, text) in inside {
            let entry = Entry { span, part: u32::try_from(self.part).unwrap_or(u32::MAX), kind: ResourceKind::Dataset };
            self.nested.member(entry, &text, (kind == ResourceKind::DatasetSeries).then_some(holder));
        }
        Ok(())
    }

    /// Catalogues inside a catalogue: their records count as its own.
    fn catalogues<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        if scanner.peek()? == Some(b'{') {
            return self.dcat_us(scanner);
        }
        scanner.array(|scanner| match scanner.peek()? {
            Some(b'{') => self.dcat_us(scanner),
            _ => {
                scanner.value()?;
                Ok(())
            }
        })
    }

    /// Catalogue records: what a catalogue says of its own entries.
    fn catalog_records<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        if scanner.peek()? == Some(b'{') {
            let (_, text) = scanner.value_copied(nested::RECORD)?;
            self.nested.record(&text);
            return Ok(());
        }
        scanner.array(|scanner| -> Result<(), Stop> {
            let (_, text) = scanner.value_copied(nested::RECORD)?;
            self.nested.record(&text);
            Ok(())
        })
    }

    /// What stands where records should: an array, one record alone, or nothing.
    fn records<R: Read>(&mut self, scanner: &mut Scanner<R>, key: &str, kind: ResourceKind) -> Result<(), Stop> {
        match scanner.peek()? {
            Some(b'[') => self.list(scanner, kind),
            Some(b'{') => {
                self.lists = true;
                if kind != ResourceKind::Dataset {
                    return self.resource(scanner, kind);
                }
                let span = scanner.value()?;
                self.push(span, kind)
            }
            Some(b'n') => {
                scanner.value()?;
                Ok(())
            }
            _ => Err(Stop::NotACatalogue(format!("`{key}` is not an array"))),
        }
    }

    fn dcat_us<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        let mut seen: Vec<ResourceKind> = Vec::new();
        scanner.object(|scanner, key| {
            let kind = match key.as_str() {
                "dataset" => ResourceKind::Dataset,
                "service" => ResourceKind::DataService,
                "datasetSeries" => ResourceKind::DatasetSeries,
                "catalog" if matches!(scanner.peek()?, Some(b'[' | b'{')) => {
                    self.lists = true;
                    return self.catalogues(scanner);
                }
                "record" if matches!(scanner.peek()?, Some(b'[' | b'{')) => return self.catalog_records(scanner),
                _ => {
                    scanner.value()?;
                    return Ok(());
                }
            };
            if seen.contains(&kind) {
                return Err(Stop::Twice { key, offset: scanner.offset() });
            }
            seen.push(kind);
            self.records(scanner, &key, kind)
        })
    }

    /// `{ "success", "result" }`, or `{ "count", "results" }` alone.
    fn ckan<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        let start = (scanner.peek()?, scanner.offset()).1;
        let mut package = false;
        let mut seen = false;
        scanner.object(|scanner, key| match key.as_str() {
            "success" => {
                let (_, value) = scanner.value_copied(5)?;
                self.success = Some(value == b"true");
                Ok(())
            }
            "error" => {
                let (_, value) = scanner.value_copied(MESSAGE)?;
                self.message = Some(refusal(&value));
                Ok(())
            }
            "result" | "results" if seen => Err(Stop::Twice { key, offset: scanner.offset() }),
            "result" => {
                seen = true;
                self.ckan_result(scanner)
            }
            "results" => {
                seen = true;
                self.records(scanner, &key, ResourceKind::Dataset)
            }
            "count" => self.count(scanner),
            other => {
                package |= other == "resources" || other == "metadata_modified";
                scanner.value()?;
                Ok(())
            }
        })?;
        if package && !seen {
            // A package alone, as a file of `ckanapi dump` holds it.
            self.lists = true;
            self.push(Span { start, len: scanner.offset() - start }, ResourceKind::Dataset)?;
        }
        Ok(())
    }

    /// What [`crate::collected`] gathered: one object after the other.
    fn envelopes<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        while let Some(first) = scanner.peek()? {
            self.lists = true;
            if first == b'[' {
                self.list(scanner, ResourceKind::Dataset)?;
            } else {
                let span = scanner.value()?;
                self.push(span, ResourceKind::Dataset)?;
            }
        }
        Ok(())
    }

    /// A page of a hosted platform: a list under one of its names, or one record alone.
    fn platform<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        let start = (scanner.peek()?, scanner.offset()).1;
        let mut alone = false;
        scanner.object(|scanner, key| match key.as_str() {
            "results" | "features" | "datasets" | "data" if self.lists => {
                Err(Stop::Twice { key, offset: scanner.offset() })
            }
            "results" | "features" | "datasets" | "data" if scanner.peek()? == Some(b'[') => {
                self.list(scanner, ResourceKind::Dataset)
            }
            "resultSetSize" | "total_count" | "numberMatched" | "nhits" | "total" => self.count(scanner),
            other => {
                alone |= matches!(other, "id" | "resource" | "properties" | "attributes" | "dataset_id" | "datasetid");
                scanner.value()?;
                Ok(())
            }
        })?;
        if alone && !self.lists {
            self.lists = true;
            self.push(Span { start, len: scanner.offset() - start }, ResourceKind::Dataset)?;
        }
        Ok(())
    }

    fn count<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        let (_, value) = scanner.value_copied(32)?;
        self.declared_total = std::str::from_utf8(&value).ok().and_then(|text| text.parse().ok());
        Ok(())
    }

    /// The `result` of an answer: a page of a search, packages, or one package.
    fn ckan_result<R: Read>(&mut self, scanner: &mut Scanner<R>) -> Result<(), Stop> {
        match scanner.peek()? {
            Some(b'[') => {
                self.lists = true;
                scanner.array(|scanner| {
                    if scanner.peek()? == Some(b'"') {
                        let why = "the answer lists names only (`package_list`); ask `package_search` instead";
                        return Err(Stop::NotACatalogue(why.to_owned()));
                    }
                    let span = scanner.value()?;
                    self.push(span, ResourceKind::Dataset)
                })
            }
            Some(b'{') => {
                let start = scanner.offset();
                let (mut page, mut package) = (false, false);
                scanner.object(|scanner, key| match key.as_str() {
                    "results" if page => Err(Stop::Twice { key, offset: scanner.offset() }),
                    "results" => {
                        page = true;
                        self.records(scanner, &key, ResourceKind::Dataset)
                    }
                    "count" => self.count(scanner),
                    other => {
                        package |= matches!(other, "id" | "name" | "title" | "resources");
                        scanner.value()?;
                        Ok(())
                    }
                })?;
                if package && !page {
                    self.lists = true;
                    self.push(Span { start, len: scanner.offset() - start }, ResourceKind::Dataset)?;
                }
                Ok(())
            }
            _ => {
                scanner.value()?;
                Ok(())
            }
        }
    }
}

/// Marks the fault that is told apart as trailing garbage.
const TRAILING: &str = "after the end";

/// CKAN's own words: `message`, and what it says of single fields.
fn refusal(error: &[u8]) -> String {
    let value: serde_json::Value = serde_json::from_slice(error).unwrap_or(serde_json::Value::Null);
    let kind = value.get("__type").and_then(|it| it.as_str());
    match (value.get("message").and_then(|it| it.as_str()), kind) {
        (Some(message), _) => message.to_owned(),
        (None, Some(kind)) => format!("{kind}: {value}"),
        (None, None) => String::from_utf8_lossy(error).into_owned(),
    }
}

/// Records read from disk one after the other.
#[derive(Debug)]
pub(crate) struct Records<'a> {
    document: &'a JsonDocument,
    next: usize,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    part: u32,
    at: u64,
    file: BufReader<File>,
}

impl Records<'_> {
    fn read(&mut self, entry: Entry) -> std::io::Result<(Vec<u8>, bool)> {
        let file = match &mut self.open {
            Some(open) if open.part == entry.part => open,
            _ => {
                let part = usize::try_from(entry.part).unwrap_or(usize::MAX);
                let text = self.document.parts.get(part).ok_or(std::io::ErrorKind::NotFound)?;
                let file = BufReader::with_capacity(READ_AHEAD, text.open_raw()?);
                self.open.insert(Open { part: entry.part, at: 0, file })
            }
        };
        let len = usize::try_from(entry.span.len).unwrap_or(usize::MAX);
        let whole = len <= self.document.max_record_bytes;
        let wanted = if whole { len } else { BEGINNING.min(self.document.max_record_bytes) };
        match i64::try_from(entry.span.start.wrapping_sub(file.at)) {
            Ok(ahead) if entry.span.start >= file.at => file.file.seek_relative(ahead)?,
            _ => {
                file.file.seek(SeekFrom::Start(entry.span.start))?;
            }
        }
        let mut bytes = vec![0; wanted];
        file.file.read_exact(&mut bytes)?;
        file.at = entry.span.start + wanted as u64;
        Ok((bytes, whole))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<RawRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = *self.document.records.get(self.next)?;
        let seq = self.next as u64;
        self.next += 1;
        let part = usize::try_from(entry.part).unwrap_or(usize::MAX);
        Some(match self.read(entry) {
            Ok((bytes, whole)) => {
                let at = self.next - 1;
                let bytes = match self.document.beside.get(&at).filter(|_| whole) {
                    Some(beside) => nested::spliced(&bytes, beside),
                    None => bytes,
                };
                Ok(RawRecord { seq, kind: entry.kind, bytes, whole })
            }
            Err(error) => {
                self.open = None;
                Err(ReadError::io(part)(error))
            }
        })
    }
}
