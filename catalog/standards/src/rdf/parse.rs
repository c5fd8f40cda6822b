//! One part of an RDF document, from bytes to triples.

use std::fs::File;
use std::io::{self, BufReader};
use std::sync::{Arc, Mutex};

use oxjsonld::{JsonLdParseError, JsonLdParser, JsonLdRemoteDocument};
use oxrdf::{GraphName, NamedOrBlankNodeRef, TermRef};
use oxrdfxml::{RdfXmlParseError, RdfXmlParser};
use oxttl::{NTriplesParser, TurtleParseError, TurtleParser};

use crate::encoding::{self, Text, TextKind};
use crate::error::{Place, ReadError};
use crate::format::Format;
use crate::json::scan::{Scanner, What};
use crate::limits::Limits;
use crate::rdf::NEUTRAL_BASE;
use crate::rdf::context;
use crate::rdf::guard::{Breach, Guard, TurtleWatch, Violation, XmlWatch};

/// Read-ahead below the parsers.
const READ_AHEAD: usize = 256 * 1024;

/// What takes the triples of a part.
pub(crate) type Sink<'a> = dyn FnMut(NamedOrBlankNodeRef<'_>, &str, TermRef<'_>) -> Result<(), ReadError> + 'a;

/// A part that is being parsed, for its errors.
struct Part<'a> {
    text: &'a Text,
    number: usize,
    limits: &'a Limits,
}

/// Parses part `number` (from 0) and hands each triple to `sink`.
pub(crate) fn parse(
    path: &std::path::Path,
    number: usize,
    format: Format,
    limits: &Limits,
    sink: &mut Sink<'_>,
) -> Result<(), ReadError> {
    let kind = match format {
        Format::RdfXml => TextKind::Xml,
        Format::Turtle | Format::NTriples => TextKind::Turtle,
        // Of those that are no RDF none comes here.
        _ => TextKind::Json,
    };
    let text = encoding::prepare(path, number, kind)?;
    let part = Part { text: &text, number, limits };
    let file = text.open().map_err(ReadError::io(number))?;
    match format {
        Format::RdfXml => part.rdf_xml(file, sink),
        Format::Turtle => part.turtle(file, sink),
        Format::NTriples => part.n_triples(file, sink),
        _ => part.json_ld(file, sink),
    }
}

impl Part<'_> {
    fn turtle(&self, file: File, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        let guard = Guard::new(file, TurtleWatch::new(self.limits), self.text.skip());
        let parser =
            TurtleParser::new().lenient().with_base_iri(NEUTRAL_BASE).map_err(|error| self.syntax(0, &error))?;
        for triple in parser.for_reader(BufReader::with_capacity(READ_AHEAD, guard)) {
            let triple = triple.map_err(|error| self.turtle_error(error))?;
            sink(triple.subject.as_ref(), triple.predicate.as_str(), triple.object.as_ref())?;
        }
        Ok(())
    }

    fn n_triples(&self, file: File, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        let guard = Guard::new(file, TurtleWatch::new(self.limits), self.text.skip());
        for triple in NTriplesParser::new().lenient().for_reader(BufReader::with_capacity(READ_AHEAD, guard)) {
            let triple = triple.map_err(|error| self.turtle_error(error))?;
            sink(triple.subject.as_ref(), triple.predicate.as_str(), triple.object.as_ref())?;
        }
        Ok(())
    }

    fn rdf_xml(&self, file: File, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        let guard = Guard::new(file, XmlWatch::new(self.limits), self.text.skip());
        let parser =
            RdfXmlParser::new().lenient().with_base_iri(NEUTRAL_BASE).map_err(|error| self.syntax(0, &error))?;
        let mut triples = parser.for_reader(BufReader::with_capacity(READ_AHEAD, guard));
        loop {
            match triples.next() {
                None => return Ok(()),
                Some(Ok(triple)) => sink(triple.subject.as_ref(), triple.predicate.as_str(), triple.object.as_ref())?,
                Some(Err(RdfXmlParseError::Io(error))) => return Err(self.io_error(error)),
                Some(Err(RdfXmlParseError::Syntax(error))) => {
                    let offset = self.text.skip() + triples.buffer_position();
                    return Err(self.syntax(offset, &error));
                }
            }
        }
    }

    fn json_ld(&self, file: File, sink: &mut Sink<'_>) -> Result<(), ReadError> {
        let bytes = file.metadata().map_err(ReadError::io(self.number))?.len();
        if bytes > self.limits.max_json_ld_bytes {
            return Err(ReadError::TooLarge { bytes, limit: self.limits.max_json_ld_bytes });
        }
        self.survey_json()?;
        // Where a context was asked for that we do not hold.
        let asked: Arc<Mutex<Option<String>>> = Arc::default();
        let noted = Arc::clone(&asked);
        let parser =
            JsonLdParser::new().lenient().with_base_iri(NEUTRAL_BASE).map_err(|error| self.syntax(0, &error))?;
        let quads =
            parser.for_reader(BufReader::with_capacity(READ_AHEAD, file)).with_load_document_callback(move |url, _| {
                match context::known(url) {
                    Some(context) => {
                        Ok(JsonLdRemoteDocument { document: context.into_bytes(), document_url: url.to_owned() })
                    }
                    None => {
                        if let Ok(mut slot) = noted.lock() {
                            *slot = Some(url.to_owned());
                        }
                        Err("contexts are not loaded".into())
                    }
                }
            });
        for quad in quads {
            let quad = quad.map_err(|error| match asked.lock().ok().and_then(|mut slot| slot.take()) {
                Some(url) => ReadError::RemoteContext { url },
                None => self.json_ld_error(error),
            })?;
            if matches!(quad.graph_name, GraphName::DefaultGraph | GraphName::NamedNode(_) | GraphName::BlankNode(_)) {
                sink(quad.subject.as_ref(), quad.predicate.as_str(), quad.object.as_ref())?;
            }
        }
        Ok(())
    }

    /// Brackets and strings of JSON first: the JSON-LD parser accepts any nesting.
    fn survey_json(&self) -> Result<(), ReadError> {
        let file = self.text.open().map_err(ReadError::io(self.number))?;
        let mut scanner = Scanner::new(file, self.text.skip(), self.limits.depth());
        let end = scanner.value().and_then(|_| scanner.peek());
        match end {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(ReadError::TrailingGarbage { place: self.place(scanner.offset()) }),
            Err(fault) => {
                let place = self.place(fault.offset);
                Err(match fault.what {
                    What::End(what) => ReadError::CutOff { place, what: what.to_owned() },
                    What::Bracket(what) => ReadError::Unbalanced { place, what },
                    What::Depth => ReadError::TooDeep { place, limit: self.limits.depth() },
                    What::Unexpected(what) => {
                        ReadError::Syntax { place, message: format!("unexpected {what} in JSON") }
                    }
                    What::Key => ReadError::Syntax { place, message: "a key of more than 64 KiB".to_owned() },
                    What::Io(source) => ReadError::Io { part: self.number + 1, source },
                })
            }
        }
    }

    fn place(&self, offset: u64) -> Place {
        Place::locate(self.text.path(), self.number, offset)
    }

    fn syntax(&self, offset: u64, error: &dyn std::error::Error) -> ReadError {
        ReadError::Syntax { place: self.place(offset), message: error.to_string() }
    }

    /// An error of reading: ours, of a guard, or the system's.
    fn io_error(&self, error: io::Error) -> ReadError {
        match violation(&error) {
            Some(Violation { offset, what }) => {
                let place = self.place(*offset);
                match what {
                    Breach::TooDeep => ReadError::TooDeep { place, limit: self.limits.depth() },
                    Breach::TooLong => ReadError::TokenTooLong { place, limit: self.limits.max_record_bytes },
                    Breach::CutOff(what) => ReadError::CutOff { place, what: (*what).to_owned() },
                    Breach::Trailing => ReadError::TrailingGarbage { place },
                    Breach::Entities(what) => ReadError::XmlEntities { place, what },
                    Breach::Nul => ReadError::Syntax { place, message: "a NUL byte in text".to_owned() },
                }
            }
            None => ReadError::Io { part: self.number + 1, source: error },
        }
    }

    fn turtle_error(&self, error: TurtleParseError) -> ReadError {
        match error {
            TurtleParseError::Io(error) => self.io_error(error),
            TurtleParseError::Syntax(error) => {
                let offset = self.text.skip() + error.location().start.offset;
                let end = std::fs::metadata(self.text.path()).map_or(u64::MAX, |file| file.len());
                if self.text.skip() + error.location().end.offset >= end {
                    return ReadError::CutOff { place: self.place(offset), what: error.message().to_owned() };
                }
                ReadError::Syntax { place: self.place(offset), message: error.message().to_owned() }
            }
        }
    }

    fn json_ld_error(&self, error: JsonLdParseError) -> ReadError {
        match error {
            JsonLdParseError::Io(error) => self.io_error(error),
            JsonLdParseError::Syntax(error) => {
                let offset = error.location().map_or(0, |range| range.start.offset);
                self.syntax(self.text.skip() + offset, &error)
            }
        }
    }
}

/// The guard's finding inside an error, however deep the parsers wrapped it.
fn violation(error: &io::Error) -> Option<&Violation> {
    let mut source: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(inner) = source {
        if let Some(violation) = inner.downcast_ref::<Violation>() {
            return Some(violation);
        }
        source = match inner.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => inner.source(),
        };
    }
    None
}
