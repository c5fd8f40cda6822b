//! Where the records of an XML answer lie, and what the answer says besides: found in one streaming pass.
//!
//! Known envelopes: `GetRecordsResponse` and `GetRecordByIdResponse` (OGC 07-006r1, section 10.8 and 10.9), `OAI-PMH` (OAI-PMH
//! 2.0, section 3.2), an Atom feed (RFC 4287), our own folder of files (see [`crate::folder`]), or one record alone.

use std::io::{self, BufRead, Read};

use fairground_domain::ResourceKind;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::limits::Limits;
use crate::xml::tree::resolve;

/// Characters kept of a text that is wanted, such as an identifier or a server's message.
const MOST_CAUGHT: usize = 4096;
/// How deep inside a record its identity may lie.
const IDENTITY_DEPTH: usize = 5;

/// What an answer is, by its outermost element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `GetRecordsResponse`, `GetRecordByIdResponse`.
    Csw,
    /// `OAI-PMH`.
    OaiPmh,
    /// `feed`.
    Atom,
    /// Files that were gathered from a folder.
    Folder,
    /// One record alone.
    Record,
    /// `ExceptionReport` of an OGC service.
    Exception,
    /// The capabilities of an OGC service.
    Capabilities,
}

impl Dialect {
    /// By the local name of the outermost element.
    pub(crate) fn of_root(name: &str) -> Option<Self> {
        Some(match name {
            "GetRecordsResponse" | "GetRecordByIdResponse" => Self::Csw,
            "OAI-PMH" => Self::OaiPmh,
            "feed" => Self::Atom,
            crate::folder::ROOT => Self::Folder,
            "ExceptionReport" | "ServiceExceptionReport" => Self::Exception,
            "Capabilities" => Self::Capabilities,
            name if is_record(name) => Self::Record,
            _ => return None,
        })
    }
}

/// Outermost elements of metadata records: ISO 19139 and 19115-3 with their national extensions, FGDC CSDGM, Dublin Core.
fn is_record(name: &str) -> bool {
    name == "MI_Metadata"
        || name == "MD_Metadata"
        || name.ends_with("_MD_Metadata")
        || name.ends_with("_MI_Metadata")
        || matches!(name, "metadata" | "Record" | "SummaryRecord" | "BriefRecord" | "dc" | "entry")
}

/// A record that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its first byte, and how many it has.
    pub(crate) start: u64,
    pub(crate) len: u64,
    pub(crate) kind: ResourceKind,
    /// Which of [`Survey::contexts`] declares the namespaces around it.
    pub(crate) context: usize,
    /// Its own identifier, as far as the envelope or the record says it in its usual place.
    pub(crate) identifier: Option<String>,
    /// The source says that it is gone (OAI-PMH, section 2.5.1).
    pub(crate) deleted: bool,
}

/// The `resumptionToken` of an OAI-PMH answer; an empty text means the end of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) complete_list_size: Option<u64>,
}

/// A server's refusal in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What an answer says besides its records.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub(crate) dialect: Option<Dialect>,
    /// Namespace declarations around records, as attributes (`xmlns:gmd`, its value as written).
    pub(crate) contexts: Vec<Vec<(String, String)>>,
    /// `numberOfRecordsMatched`, or `totalResults` of OpenSearch.
    pub(crate) matched: Option<u64>,
    /// `numberOfRecordsReturned`.
    pub(crate) returned: Option<u64>,
    /// `nextRecord`; 0 means the end.
    pub(crate) next: Option<u64>,
    pub(crate) token: Option<Token>,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) response_date: Option<String>,
    /// Whether the answer has a place for records, even an empty one.
    pub(crate) lists: bool,
    /// The local name of its outermost element.
    pub(crate) root: String,
    /// Of an OAI-PMH answer: the verb that it answers.
    pub(crate) verb: String,
}

/// Why a survey ended early.
#[derive(Debug)]
pub(crate) enum Stop {
    Syntax { offset: u64, message: String },
    CutOff { offset: u64, open: String },
    Trailing { offset: u64 },
    Depth { offset: u64 },
    Token { offset: u64 },
    Io(io::Error),
    TooMany,
}

/// Goes through an answer; `each` is told of every record.
pub(crate) fn survey<R: BufRead>(
    input: R,
    limits: &Limits,
    each: &mut dyn FnMut(Found) -> Result<(), Stop>,
) -> Result<Survey, Stop> {
    let longest = limits.max_record_bytes;
    let mut reader = Reader::from_reader(Bounded { inner: input, left: longest, longest });
    reader.config_mut().expand_empty_elements = true;
    let mut walk = Walk::new(limits, each);
    let mut buffer = Vec::new();
    loop {
        let before = reader.buffer_position();
        buffer.clear();
        let event = match reader.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => return Err(fault(error, before, reader.error_position(), &walk)),
        };
        match event {
            Event::Start(start) => walk.start(&start, before)?,
            Event::End(_) => walk.end(reader.buffer_position())?,
            Event::Text(text) => walk.text(&text, before)?,
            Event::CData(text) => walk.catch(&text),
            Event::GeneralRef(name) => walk.catch(&resolve(&name).unwrap_or_default()),
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
        reader.get_mut().left = longest;
    }
    match walk.open.last() {
        Some(name) => Err(Stop::CutOff { offset: reader.buffer_position(), open: name.clone() }),
        None => Ok(walk.found),
    }
}

fn fault(error: quick_xml::Error, before: u64, at: u64, walk: &Walk<'_>) -> Stop {
    match error {
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => Stop::Token { offset: before },
        quick_xml::Error::Io(error) => Stop::Io(io::Error::new(error.kind(), error.to_string())),
        quick_xml::Error::Syntax(error) => {
            let open = walk.open.last().cloned();
            Stop::CutOff { offset: at, open: open.unwrap_or_else(|| error.to_string()) }
        }
        error => Stop::Syntax { offset: at, message: error.to_string() },
    }
}

/// Ends with an error when one event is longer than a record may be.
struct Bounded<R> {
    inner: R,
    left: usize,
    longest: usize,
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read);
        Ok(read)
    }
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {} bytes", self.longest)));
        }
        let ahead = self.inner.fill_buf()?;
        Ok(ahead.get(..ahead.len().min(self.left)).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

/// What text is being caught, and until the end of which depth.
struct Catch {
    what: What,
    depth: usize,
    text: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Identifier,
    Type,
    ResponseDate,
    Token,
    Message,
    Total,
}

/// The record that is open.
struct Open {
    start: u64,
    depth: usize,
    context: usize,
    identifier: Option<String>,
    deleted: bool,
    service: bool,
    data: bool,
}

struct Walk<'a> {
    limits: &'a Limits,
    each: &'a mut dyn FnMut(Found) -> Result<(), Stop>,
    found: Survey,
    /// Local names of what is open.
    open: Vec<String>,
    /// Namespace declarations of what is open outside records, with their depth.
    declared: Vec<(usize, String, String)>,
    record: Option<Open>,
    catch: Option<Catch>,
    ended: bool,
}

impl<'a> Walk<'a> {
    fn new(limits: &'a Limits, each: &'a mut dyn FnMut(Found) -> Result<(), Stop>) -> Self {
        Self {
            limits,
            each,
            found: Survey::default(),
            open: Vec::new(),
            declared: Vec::new(),
            record: None,
            catch: None,
            ended: false,
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, offset: u64) -> Result<(), Stop> {
        if self.open.len() >= self.limits.depth() {
            return Err(Stop::Depth { offset });
        }
        if self.ended {
            return Err(Stop::Trailing { offset });
        }
        let name = start.local_name().into_inner().to_owned();
        if self.open.is_empty() {
            self.found.dialect = Dialect::of_root(&name);
            self.found.root.clone_from(&name);
        }
        self.open.push(name);
        if self.record.is_some() {
            self.inside_record(start);
        } else if self.begins_record() {
            self.begin(start, offset);
        } else {
            self.outside(start);
        }
        Ok(())
    }

    fn name(&self, depth: usize) -> &str {
        self.open.get(depth).map_or("", String::as_str)
    }

    /// Whether the element just opened is a record.
    fn begins_record(&self) -> bool {
        let depth = self.open.len();
        match self.found.dialect {
            Some(Dialect::Record) => depth == 1,
            Some(Dialect::Csw) if self.name(0) == "GetRecordByIdResponse" => depth == 2,
            Some(Dialect::Csw) => depth == 3 && self.name(1) == "SearchResults",
            Some(Dialect::OaiPmh) => {
                depth == 3 && matches!(self.name(1), "ListRecords" | "GetRecord") && self.name(2) == "record"
            }
            Some(Dialect::Atom) => depth == 2 && self.name(1) == "entry",
            Some(Dialect::Folder) => depth == 2,
            Some(Dialect::Exception | Dialect::Capabilities) | None => false,
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>, offset: u64) {
        self.found.lists = true;
        let around: Vec<(String, String)> =
            self.declared.iter().map(|(_, name, value)| (name.clone(), value.clone())).collect();
        if self.found.contexts.last() != Some(&around) {
            self.found.contexts.push(around);
        }
        let context = self.found.contexts.len().saturating_sub(1);
        let depth = self.open.len();
        let identifier = match self.found.dialect {
            Some(Dialect::Folder) => attribute(start, "href"),
            _ => None,
        };
        let service = self.found.dialect == Some(Dialect::Folder)
            && attribute(start, "kind").is_some_and(|kind| kind == ResourceKind::DataService.as_str());
        self.record = Some(Open { start: offset, depth, context, identifier, deleted: false, service, data: false });
    }

    /// Where a record says what it is and what it is called.
    fn inside_record(&mut self, start: &BytesStart<'_>) {
        let (depth, dialect) = (self.open.len(), self.found.dialect);
        let Some(record) = &mut self.record else { return };
        let inner = depth - record.depth;
        let name = self.open.last().map_or("", String::as_str);
        let parent = self.open.get(depth.wrapping_sub(2)).map_or("", String::as_str);
        if parent == "identificationInfo" {
            record.service |= name.contains("ServiceIdentification");
            record.data |= name.contains("DataIdentification");
        }
        if inner > IDENTITY_DEPTH {
            return;
        }
        if dialect == Some(Dialect::OaiPmh) && inner == 1 && name == "header" {
            record.deleted = attribute(start, "status").is_some_and(|status| status.trim() == "deleted");
        }
        let wanted = match (dialect, inner, parent, name) {
            (Some(Dialect::OaiPmh), 2, "header", "identifier") => Some(What::Identifier),
            (Some(Dialect::OaiPmh), ..) => None,
            (Some(Dialect::Atom), 1, _, "id") => Some(What::Identifier),
            (_, 1, _, "fileIdentifier" | "identifier") => Some(What::Identifier),
            (_, 1, "Record" | "SummaryRecord" | "BriefRecord", "type") => Some(What::Type),
            (_, 3, "MD_Identifier", "code") if self.name(depth - 3) == "metadataIdentifier" => Some(What::Identifier),
            _ => None,
        };
        self.want(wanted);
    }

    fn want(&mut self, what: Option<What>) {
        if self.catch.is_none()
            && let Some(what) = what
        {
            self.catch = Some(Catch { what, depth: self.open.len(), text: String::new() });
        }
    }

    /// The envelope.
    fn outside(&mut self, start: &BytesStart<'_>) {
        let depth = self.open.len();
        for item in start.attributes().flatten() {
            if item.key.as_namespace_binding().is_some() {
                self.declared.push((depth, item.key.into_inner().to_owned(), item.value.clone().into_owned()));
            }
        }
        let number = |name: &str| attribute(start, name).and_then(|text| text.trim().parse().ok());
        let name = self.open.last().cloned().unwrap_or_default();
        match (self.found.dialect, depth, name.as_str()) {
            (Some(Dialect::Csw), 2, "SearchResults") => {
                self.found.lists = true;
                self.found.matched = number("numberOfRecordsMatched");
                self.found.returned = number("numberOfRecordsReturned");
                self.found.next = number("nextRecord");
            }
            (Some(Dialect::Csw), 1, "GetRecordByIdResponse") | (Some(Dialect::Folder), 1, _) => self.found.lists = true,
            (Some(Dialect::Atom), 1, _) => self.found.lists = true,
            (Some(Dialect::Atom), 2, "totalResults") => self.want(Some(What::Total)),
            (Some(Dialect::OaiPmh), 2, "responseDate") => self.want(Some(What::ResponseDate)),
            (Some(Dialect::OaiPmh), 2, "error") => self.refused(attribute(start, "code")),
            (Some(Dialect::OaiPmh), 2, "request") => {}
            (Some(Dialect::OaiPmh), 2, verb) => {
                self.found.lists = matches!(verb, "ListRecords" | "GetRecord");
                self.found.verb = name;
            }
            (Some(Dialect::OaiPmh), 3, "resumptionToken") => {
                self.found.token = Some(Token { text: String::new(), complete_list_size: number("completeListSize") });
                self.want(Some(What::Token));
            }
            (Some(Dialect::Exception), 2, "Exception" | "ServiceException") => {
                self.refused(attribute(start, "exceptionCode").or_else(|| attribute(start, "code")));
            }
            _ => {}
        }
    }

    fn refused(&mut self, code: Option<String>) {
        if self.found.refusal.is_none() {
            let refusal = Refusal { code: code.unwrap_or_default(), message: String::new() };
            self.found.refusal = Some(refusal);
            self.want(Some(What::Message));
        }
    }

    fn text(&mut self, text: &str, offset: u64) -> Result<(), Stop> {
        if self.open.is_empty() && !text.trim().is_empty() {
            let message = "text outside of any element".to_owned();
            return Err(if self.ended { Stop::Trailing { offset } } else { Stop::Syntax { offset, message } });
        }
        self.catch(text);
        Ok(())
    }

    fn catch(&mut self, text: &str) {
        if let Some(catch) = &mut self.catch
            && catch.text.len() < MOST_CAUGHT
        {
            catch.text.extend(text.chars().take(MOST_CAUGHT));
        }
    }

    fn end(&mut self, offset: u64) -> Result<(), Stop> {
        let depth = self.open.len();
        if self.catch.as_ref().is_some_and(|catch| catch.depth == depth) {
            self.caught();
        }
        self.open.pop();
        self.declared.retain(|(at, ..)| *at < depth);
        self.ended = self.open.is_empty();
        if self.record.as_ref().is_some_and(|record| record.depth == depth)
            && let Some(record) = self.record.take()
        {
            let kind = if record.service && !record.data { ResourceKind::DataService } else { ResourceKind::Dataset };
            let Open { start, context, identifier, deleted, depth: _, service: _, data: _ } = record;
            let len = offset.saturating_sub(start);
            (self.each)(Found { start, len, kind, context, identifier, deleted })?;
        }
        Ok(())
    }

    fn caught(&mut self) {
        let Some(Catch { what, text, .. }) = self.catch.take() else { return };
        let text = text.trim().to_owned();
        match what {
            What::Identifier => {
                if let Some(record) = self.record.as_mut().filter(|it| it.identifier.is_none() && !text.is_empty()) {
                    record.identifier = Some(text);
                }
            }
            What::Type => {
                if let Some(record) = &mut self.record {
                    record.service |= text.eq_ignore_ascii_case("service");
                }
            }
            What::ResponseDate => self.found.response_date = Some(text),
            What::Token => {
                if let Some(token) = &mut self.found.token {
                    token.text = text;
                }
            }
            What::Message => {
                if let Some(refusal) = &mut self.found.refusal {
                    refusal.message = text.split_whitespace().collect::<Vec<_>>().join(" ");
                }
            }
            What::Total => self.found.matched = text.parse().ok(),
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|item| item.key.local_name().into_inner() == name)?;
    let value = found.normalized_value(quick_xml::XmlVersion::Implicit1_0).map(|value| value.into_owned());
    Some(value.unwrap_or_else(|_| found.value.into_owned()))
}
