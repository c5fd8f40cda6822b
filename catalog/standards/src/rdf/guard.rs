//! Readers that watch the bytes on their way to an RDF parser: nesting, token lengths, document types. The parsers below
//! accept any nesting and expand every entity, so the bounds are kept here, before the parser allocates.

use std::fmt;
use std::io::{self, Read};

use crate::limits::Limits;

/// What a guard found, and at which byte. Travels as the source of an [`io::Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) offset: u64,
    pub(crate) what: Breach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Breach {
    TooDeep,
    TooLong,
    CutOff(&'static str),
    Trailing,
    Entities(&'static str),
    Nul,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at byte {}", self.what, self.offset)
    }
}

impl std::error::Error for Violation {}

/// A state machine over bytes.
pub(crate) trait Watch {
    /// Looks at the next bytes, and mends what can be mended in place; the error says which of them breaks a rule.
    fn watch(&mut self, bytes: &mut [u8]) -> Result<(), (usize, Breach)>;

    /// Looks at the end of the input.
    fn end(&mut self) -> Result<(), Breach>;
}

/// A reader whose bytes are watched.
#[derive(Debug)]
pub(crate) struct Guard<R, W> {
    input: R,
    watch: W,
    offset: u64,
}

impl<R: Read, W: Watch> Guard<R, W> {
    pub(crate) fn new(input: R, watch: W, offset: u64) -> Self {
        Self { input, watch, offset }
    }
}

impl<R: Read, W: Watch> Read for Guard<R, W> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = self.input.read(buffer)?;
        let bytes = buffer.get_mut(..read).unwrap_or_default();
        let verdict = if read == 0 {
            self.watch.end().map_err(|what| (0, what))
        } else if let Some(at) = memchr::memchr(0, bytes) {
            Err((at, Breach::Nul))
        } else {
            self.watch.watch(bytes)
        };
        match verdict {
            Ok(()) => {
                self.offset += read as u64;
                Ok(read)
            }
            Err((at, what)) => {
                let violation = Violation { offset: self.offset + at as u64, what };
                Err(io::Error::new(io::ErrorKind::InvalidData, violation))
            }
        }
    }
}

/// What the plain text of Turtle is searched for.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let wanted = *b"<#\\\"'[({])}";
    let mut at = 0;
    while at < wanted.len() {
        stops[wanted[at] as usize] = true;
        at += 1;
    }
    stops
};

/// Turtle and N-Triples: brackets outside of strings, IRIs and comments.
#[derive(Debug)]
pub(crate) struct TurtleWatch {
    max_depth: usize,
    depth: usize,
    state: Turtle,
}

#[derive(Debug, Clone, Copy)]
enum Turtle {
    Plain,
    /// After a backslash of a name.
    Escape,
    Comment,
    Iri,
    /// One or two quotes so far.
    Quotes(u8, u8),
    Short(u8),
    /// How many closing quotes so far.
    Long(u8, u8),
    ShortEscape(u8),
    LongEscape(u8),
}

impl TurtleWatch {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self { max_depth: limits.depth(), depth: 0, state: Turtle::Plain }
    }

    fn plain(&mut self, byte: u8) -> Result<(), Breach> {
        match byte {
            b'<' => self.state = Turtle::Iri,
            b'#' => self.state = Turtle::Comment,
            b'\\' => self.state = Turtle::Escape,
            b'"' | b'\'' => self.state = Turtle::Quotes(byte, 1),
            b'[' | b'(' | b'{' => {
                self.depth += 1;
                if self.depth > self.max_depth {
                    return Err(Breach::TooDeep);
                }
            }
            b']' | b')' | b'}' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        Ok(())
    }
}

impl Watch for TurtleWatch {
    fn watch(&mut self, bytes: &mut [u8]) -> Result<(), (usize, Breach)> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let rest = bytes.get(at..).unwrap_or_default();
            let skip = match self.state {
                Turtle::Comment => memchr::memchr2(b'\n', b'\r', rest),
                Turtle::Iri => memchr::memchr2(b'>', b'\n', rest),
                Turtle::Short(quote) => memchr::memchr3(quote, b'\\', b'\n', rest),
                Turtle::Long(quote, 0) => memchr::memchr2(quote, b'\\', rest),
                Turtle::Plain => rest.iter().position(|b| STOPS.get(usize::from(*b)).copied().unwrap_or(false)),
                _ => Some(0),
            };
            let Some(skip) = skip else { return Ok(()) };
            let byte = if skip == 0 { byte } else { rest.get(skip).copied().unwrap_or(byte) };
            at += skip + 1;
            match self.state {
                Turtle::Plain => self.plain(byte).map_err(|what| (at - 1, what))?,
                Turtle::Comment | Turtle::Iri | Turtle::Escape => self.state = Turtle::Plain,
                Turtle::Quotes(quote, 1) if byte == quote => self.state = Turtle::Quotes(quote, 2),
                Turtle::Quotes(quote, _) if byte == quote => self.state = Turtle::Long(quote, 0),
                Turtle::Quotes(quote, 1) => {
                    self.state = if byte == b'\\' { Turtle::ShortEscape(quote) } else { Turtle::Short(quote) };
                }
                Turtle::Quotes(..) => {
                    self.state = Turtle::Plain;
                    self.plain(byte).map_err(|what| (at - 1, what))?;
                }
                Turtle::Short(quote) if byte == b'\\' => self.state = Turtle::ShortEscape(quote),
                Turtle::Short(_) => self.state = Turtle::Plain,
                Turtle::ShortEscape(quote) => self.state = Turtle::Short(quote),
                Turtle::Long(quote, seen) if byte == quote => {
                    self.state = if seen == 2 { Turtle::Plain } else { Turtle::Long(quote, seen + 1) };
                }
                Turtle::Long(quote, _) if byte == b'\\' => self.state = Turtle::LongEscape(quote),
                Turtle::Long(quote, _) | Turtle::LongEscape(quote) => self.state = Turtle::Long(quote, 0),
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Breach> {
        match self.state {
            Turtle::Long(_, 0..=1) | Turtle::LongEscape(_) => Err(Breach::CutOff("a string is still open")),
            _ if self.depth > 0 => Err(Breach::CutOff("a bracket is still open")),
            _ => Ok(()),
        }
    }
}

/// XML: elements, the lengths of tags and texts, and what the document type declares.
#[derive(Debug)]
pub(crate) struct XmlWatch {
    max_depth: usize,
    max_token: usize,
    max_entities: usize,
    depth: usize,
    root_seen: bool,
    state: Xml,
    token: usize,
    /// Entity references in this token; counted only when the document declares entities of its own.
    references: usize,
    declares: bool,
    /// The document type, or the beginning of a `<!…`.
    text: Vec<u8>,
    /// How much of [`REFERENCE`] has gone by in this tag.
    matched: usize,
    /// The element whose tag ended last is a reference: text in it is taken out.
    refers: bool,
    /// The tag that goes by says so.
    named: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Xml {
    Text,
    /// After `<`.
    Open,
    /// In a tag: it closes; the quote that is open; the byte before.
    Tag {
        closing: bool,
        quote: u8,
        before: u8,
    },
    Instruction {
        before: u8,
    },
    /// After `<!`, until it is clear what follows.
    Bang,
    Comment {
        dashes: u8,
    },
    Cdata {
        brackets: u8,
    },
    Doctype {
        quote: u8,
        inside: bool,
    },
}

/// The attribute of elements that are references, as it stands before its value.
const REFERENCE: &[u8] = b"rdf:resource=";
/// Longest document type.
const LONGEST_DOCTYPE: usize = 64 * 1024;
/// References to declared entities in one text: above it, a small document becomes a large one.
const MOST_REFERENCES: usize = 1000;

impl XmlWatch {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            max_depth: limits.depth(),
            max_token: limits.max_record_bytes,
            max_entities: limits.max_xml_entities,
            depth: 0,
            root_seen: false,
            state: Xml::Text,
            token: 0,
            references: 0,
            declares: false,
            text: Vec::new(),
            matched: 0,
            refers: false,
            named: false,
        }
    }

    /// Watches for the attribute that makes an element a reference, while its tag goes by.
    fn see_attribute(&mut self, closing: bool, byte: u8) {
        if closing {
            return;
        }
        self.matched = match REFERENCE.get(self.matched) {
            Some(wanted) if *wanted == byte => self.matched + 1,
            // Its value begins.
            None if matches!(byte, b'"' | b'\'') => {
                self.named = true;
                0
            }
            None if byte.is_ascii_whitespace() => self.matched,
            _ => usize::from(REFERENCE.first() == Some(&byte)),
        };
    }

    fn step(&mut self, byte: u8) -> Result<(), Breach> {
        self.state = match self.state {
            Xml::Text if byte == b'<' => {
                self.token = 0;
                self.references = 0;
                Xml::Open
            }
            Xml::Text => {
                if self.depth == 0 && self.root_seen && !byte.is_ascii_whitespace() {
                    return Err(Breach::Trailing);
                }
                self.count_reference(byte)?;
                Xml::Text
            }
            Xml::Open => match byte {
                b'!' => {
                    self.text.clear();
                    Xml::Bang
                }
                b'?' => Xml::Instruction { before: 0 },
                _ => {
                    if self.depth == 0 && self.root_seen && byte != b'/' {
                        return Err(Breach::Trailing);
                    }
                    Xml::Tag { closing: byte == b'/', quote: 0, before: 0 }
                }
            },
            Xml::Tag { closing, quote: 0, before } if byte == b'>' => {
                self.tag_ends(closing, before)?;
                Xml::Text
            }
            Xml::Tag { closing, quote, .. } => {
                self.count_reference(byte)?;
                if quote == 0 {
                    self.see_attribute(closing, byte);
                }
                let quote = match byte {
                    b'"' | b'\'' if quote == 0 => byte,
                    _ if byte == quote => 0,
                    _ => quote,
                };
                Xml::Tag { closing, quote, before: byte }
            }
            Xml::Instruction { before: b'?' } if byte == b'>' => Xml::Text,
            Xml::Instruction { .. } => Xml::Instruction { before: byte },
            Xml::Bang => self.bang(byte),
            Xml::Comment { dashes: 2.. } if byte == b'>' => Xml::Text,
            Xml::Comment { dashes } => Xml::Comment { dashes: if byte == b'-' { dashes.saturating_add(1) } else { 0 } },
            Xml::Cdata { brackets: 2.. } if byte == b'>' => Xml::Text,
            Xml::Cdata { brackets } => {
                Xml::Cdata { brackets: if byte == b']' { brackets.saturating_add(1) } else { 0 } }
            }
            Xml::Doctype { quote: 0, inside: false } if byte == b'>' => {
                self.doctype()?;
                Xml::Text
            }
            Xml::Doctype { quote, inside } => self.doctype_byte(byte, quote, inside)?,
        };
        Ok(())
    }

    fn count_reference(&mut self, byte: u8) -> Result<(), Breach> {
        if byte == b'&' && self.declares {
            self.references += 1;
            if self.references > MOST_REFERENCES {
                return Err(Breach::Entities("one text refers to declared entities more than 1,000 times"));
            }
        }
        Ok(())
    }

    fn tag_ends(&mut self, closing: bool, before: u8) -> Result<(), Breach> {
        self.token = 0;
        self.references = 0;
        self.root_seen = true;
        self.refers = self.named && !closing && before != b'/';
        (self.named, self.matched) = (false, 0);
        if closing {
            self.depth = self.depth.saturating_sub(1);
        } else if before != b'/' {
            self.depth += 1;
            if self.depth > self.max_depth {
                return Err(Breach::TooDeep);
            }
        }
        Ok(())
    }

    fn bang(&mut self, byte: u8) -> Xml {
        self.text.push(byte);
        if self.text == b"--" {
            Xml::Comment { dashes: 0 }
        } else if self.text == b"[CDATA[" {
            Xml::Cdata { brackets: 0 }
        } else if self.text.eq_ignore_ascii_case(b"DOCTYPE") {
            self.text.clear();
            Xml::Doctype { quote: 0, inside: false }
        } else if self.text.len() > 8 {
            Xml::Tag { closing: true, quote: 0, before: 0 }
        } else {
            Xml::Bang
        }
    }

    fn doctype_byte(&mut self, byte: u8, quote: u8, inside: bool) -> Result<Xml, Breach> {
        self.text.push(byte);
        if self.text.len() > LONGEST_DOCTYPE {
            return Err(Breach::Entities("it is longer than 64 KiB"));
        }
        let quote = match byte {
            b'"' | b'\'' if quote == 0 => byte,
            _ if byte == quote => 0,
            _ => quote,
        };
        let inside = match byte {
            b'[' if quote == 0 => true,
            b']' if quote == 0 => false,
            _ => inside,
        };
        Ok(Xml::Doctype { quote, inside })
    }

    /// Judges a whole document type: plain, short, internal entities only, as hand-written RDF uses them for namespaces.
    fn doctype(&mut self) -> Result<(), Breach> {
        let text = String::from_utf8_lossy(&self.text).into_owned();
        self.text = Vec::new();
        let mut entities = 0;
        for declaration in text.split("<!ENTITY").skip(1) {
            entities += 1;
            self.declares = true;
            let declaration = declaration.split('>').next().unwrap_or_default();
            let (name, value) = declaration.split_once(['"', '\'']).unwrap_or((declaration, ""));
            if name.contains("SYSTEM") || name.contains("PUBLIC") {
                return Err(Breach::Entities("it declares an external entity"));
            }
            if name.contains('%') {
                return Err(Breach::Entities("it declares a parameter entity"));
            }
            // Signs that XML names itself make nothing larger; an ampersand would: it could begin another entity.
            let plain =
                ["&quot;", "&apos;", "&lt;", "&gt;"].iter().fold(value.to_owned(), |text, sign| text.replace(sign, ""));
            if plain.contains('&') || plain.contains('%') {
                return Err(Breach::Entities("it declares an entity made of entities"));
            }
            if value.len() > Limits::LONGEST_ENTITY {
                return Err(Breach::Entities("it declares an entity of more than 1,024 bytes"));
            }
        }
        if entities > self.max_entities {
            return Err(Breach::Entities("it declares too many entities"));
        }
        Ok(())
    }
}

impl Watch for XmlWatch {
    fn watch(&mut self, bytes: &mut [u8]) -> Result<(), (usize, Breach)> {
        let mut at = 0;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            let skip = match self.state {
                Xml::Text if self.depth > 0 && !self.declares => memchr::memchr(b'<', rest),
                Xml::Tag { quote: quote @ (b'"' | b'\''), .. } if !self.declares => memchr::memchr(quote, rest),
                Xml::Comment { dashes: 0 } => memchr::memchr(b'-', rest),
                Xml::Cdata { brackets: 0 } => memchr::memchr(b']', rest),
                _ => Some(0),
            };
            let passed = skip.unwrap_or(rest.len());
            // What a reference is called is no part of RDF/XML (section 2.1), though widespread software writes it.
            if self.refers && matches!(self.state, Xml::Text) {
                let length = if skip == Some(0) { usize::from(rest.first() != Some(&b'<')) } else { passed };
                if let Some(text) = bytes.get_mut(at..at + length) {
                    text.iter_mut().filter(|byte| !byte.is_ascii_whitespace()).for_each(|byte| *byte = b' ');
                }
            }
            at += passed;
            self.token += passed + 1;
            if self.token > self.max_token {
                return Err((at.min(bytes.len() - 1), Breach::TooLong));
            }
            let Some(&byte) = bytes.get(at) else { return Ok(()) };
            self.step(byte).map_err(|what| (at, what))?;
            at += 1;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Breach> {
        match self.state {
            Xml::Text if self.depth > 0 => Err(Breach::CutOff("an element is still open")),
            Xml::Text => Ok(()),
            _ => Err(Breach::CutOff("a tag, comment or document type is still open")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(mut watch: impl Watch, text: &str, chunk: usize) -> Result<(), Breach> {
        for bytes in text.as_bytes().to_vec().chunks_mut(chunk) {
            watch.watch(bytes).map_err(|(_, what)| what)?;
        }
        watch.end()
    }

    fn limits() -> Limits {
        Limits { max_depth: 3, max_record_bytes: 200, max_xml_entities: 2, ..Limits::default() }
    }

    #[test]
    fn turtle_is_bounded_and_its_strings_are_not_mistaken_for_brackets() {
        for (text, breach) in [
            ("<a(((((> <p> \"[[[[[\" , '''((((''((\\'''' , \"\" , '(((('@en .", None),
            ("# [[[[[[[\n<a> <p> ( ( ( 1 ) ) ) .", None),
            ("<a> <p> [ <p> [ <p> [ <p> [ <p> 1 ] ] ] ] .", Some(Breach::TooDeep)),
            ("ex:a\\( <p> \"a\\\"[[[[\" .", None),
            ("<a> <p> \"\"\"open", Some(Breach::CutOff("a string is still open"))),
            ("<a> <p> [ <q> 1", Some(Breach::CutOff("a bracket is still open"))),
        ] {
            for chunk in [1, 7, 1000] {
                let found = verdict(TurtleWatch::new(&limits()), text, chunk);
                assert_eq!(found.err(), breach, "{text} in pieces of {chunk}");
            }
        }
    }

    #[test]
    fn what_a_reference_is_called_is_taken_out_and_nothing_else() {
        for (text, mended) in [
            ("<a><b rdf:resource=\"x\">Water, air</b>c</a>", "<a><b rdf:resource=\"x\">          </b>c</a>"),
            (
                "<a><b rdf:resource = 'x' y=\"1\">W<c>i</c>t</b></a>",
                "<a><b rdf:resource = 'x' y=\"1\">W<c>i</c>t</b></a>",
            ),
            (
                "<a><b y='rdf:resource='>W</b><b rdf:resource='x'/>t</a>",
                "<a><b y='rdf:resource='>W</b><b rdf:resource='x'/>t</a>",
            ),
            ("<a><b rdf:resource='x'\n>W</b></a>", "<a><b rdf:resource='x'\n> </b></a>"),
        ] {
            for chunk in [1, 7, 1000] {
                let mut watch = XmlWatch::new(&limits());
                let mut bytes = text.as_bytes().to_vec();
                bytes.chunks_mut(chunk).for_each(|piece| watch.watch(piece).unwrap());
                assert_eq!(String::from_utf8(bytes).unwrap(), mended, "in pieces of {chunk}");
            }
        }
    }

    #[test]
    fn xml_is_bounded_and_whole() {
        let long = format!("<a>{}</a>", "x".repeat(300));
        let many = format!("<!DOCTYPE a [<!ENTITY e \"x\">]><a>{}</a>", "&e;".repeat(2000));
        for (text, breach) in [
            ("<?xml version='1.0'?><!-- <b> --><a x='>'><b/><![CDATA[<c>]]]></a>\n", None),
            ("<!DOCTYPE a [<!ENTITY dct \"http://purl.org/dc/terms/\">]><a>&dct;</a>", None),
            ("<!DOCTYPE a [<!ENTITY it \"http://onto.example/it#&quot;\">]><a>&it;</a>", None),
            (
                "<!DOCTYPE a [<!ENTITY x \"&#38;y;\">]><a/>",
                Some(Breach::Entities("it declares an entity made of entities")),
            ),
            ("<a><b><c><d></d></c></b></a>", Some(Breach::TooDeep)),
            ("<a><b></b>", Some(Breach::CutOff("an element is still open"))),
            ("<a><b", Some(Breach::CutOff("a tag, comment or document type is still open"))),
            ("<a></a><b/>", Some(Breach::Trailing)),
            ("<a></a> x", Some(Breach::Trailing)),
            (&long, Some(Breach::TooLong)),
            (
                "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><a/>",
                Some(Breach::Entities("it declares an external entity")),
            ),
            (
                "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;\">]><a/>",
                Some(Breach::Entities("it declares an entity made of entities")),
            ),
            (
                "<!DOCTYPE a [<!ENTITY x \"1\"><!ENTITY y \"2\"><!ENTITY z \"3\">]><a/>",
                Some(Breach::Entities("it declares too many entities")),
            ),
        ] {
            for chunk in [1, 7, 1000] {
                let found = verdict(XmlWatch::new(&limits()), text, chunk);
                assert_eq!(found.err(), breach, "{text} in pieces of {chunk}");
            }
        }
        let roomy = Limits { max_record_bytes: 1 << 20, ..Limits::default() };
        let found = verdict(XmlWatch::new(&roomy), &many, 1000);
        assert!(matches!(found, Err(Breach::Entities(_))), "{found:?}");
    }
}
