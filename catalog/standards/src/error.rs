//! Why a document cannot be read.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Where in a document something is: part and line count from 1, the offset in bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which of the parts (pages, files).
    pub part: usize,
    /// The line in that part; 0 when it is not known.
    pub line: u64,
    /// The byte in that part.
    pub offset: u64,
}

impl Place {
    /// The place of a byte, its line counted by reading the file up to it; for error messages only.
    pub(crate) fn locate(path: &Path, part: usize, offset: u64) -> Self {
        let line = File::open(path).and_then(|file| line_at(file, offset)).unwrap_or(0);
        Self { part: part + 1, line, offset }
    }
}

/// The line, from 1, in which the byte at `offset` lies.
fn line_at(file: File, offset: u64) -> io::Result<u64> {
    let mut file = file.take(offset);
    let mut chunk = vec![0; 1 << 16];
    let mut line = 1;
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(line),
            read => line += memchr::memchr_iter(b'\n', chunk.get(..read).unwrap_or_default()).count() as u64,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "part {}, byte {}", self.part, self.offset)
        } else {
            write!(f, "part {}, line {}, byte {}", self.part, self.line, self.offset)
        }
    }
}

/// Why a document cannot be read at all. A fault of one record is a finding instead.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// Nothing there.
    #[error("the document is empty")]
    Empty,
    /// A web page came in place of a catalogue: a sign-in page, an error page, a redirect by script.
    #[error("a web page came in place of a catalogue: “{title}”")]
    HtmlPage {
        /// The page's title, shortened; empty when it has none.
        title: String,
    },
    /// Not text.
    #[error("this is {what}, not a catalogue in text")]
    Binary {
        /// What it is, such as `a ZIP archive`.
        what: &'static str,
    },
    /// Text, but no format that we read.
    #[error("not a catalogue format that we know; it begins with “{start}”")]
    UnknownFormat {
        /// The first characters.
        start: String,
    },
    /// Well-formed, but it lists nothing that a catalogue lists.
    #[error("not a catalogue: {why}")]
    NotACatalogue {
        /// What was looked for.
        why: String,
    },
    /// The document ends in the middle.
    #[error("the document is cut off at {place}: {what}")]
    CutOff {
        /// Where it ends.
        place: Place,
        /// What is still open.
        what: String,
    },
    /// A bracket is closed by the wrong one, or never opened.
    #[error("unbalanced brackets at {place}: {what}")]
    Unbalanced {
        /// Where.
        place: Place,
        /// Which.
        what: String,
    },
    /// Something follows the end of the document.
    #[error("something follows the end of the document at {place}")]
    TrailingGarbage {
        /// Where it begins.
        place: Place,
    },
    /// Nested deeper than any catalogue is.
    #[error("nested deeper than {limit} levels at {place}")]
    TooDeep {
        /// Where the limit was passed.
        place: Place,
        /// The limit.
        limit: usize,
    },
    /// The document is larger than the limit.
    #[error("the document has {bytes} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// More records than the limit.
    #[error("the document has more than {limit} records")]
    TooManyRecords {
        /// The limit.
        limit: u64,
    },
    /// One token or text of the document is larger than a whole record may be.
    #[error("one text of the document is longer than {limit} bytes, at {place}")]
    TokenTooLong {
        /// Where it begins or the limit was passed.
        place: Place,
        /// The limit in bytes.
        limit: usize,
    },
    /// The grammar of the format is broken.
    #[error("the syntax is broken at {place}: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser says.
        message: String,
    },
    /// The bytes are not text in the encoding that the document claims or seems to be in.
    #[error("bytes that are not {encoding} at {place}: {bytes}")]
    Encoding {
        /// Where the first of them is.
        place: Place,
        /// The encoding.
        encoding: &'static str,
        /// The bytes in hexadecimal.
        bytes: String,
    },
    /// A key that must be there once is there twice.
    #[error("the key “{key}” is there twice, the second time at {place}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where the second one is.
        place: Place,
    },
    /// JSON-LD that needs a context from elsewhere; contexts are never loaded.
    #[error(
        "the JSON-LD context {url} lies elsewhere and is none of those that are known without loading them; publish the catalogue with its context inside, or as Turtle or RDF/XML"
    )]
    RemoteContext {
        /// Its address.
        url: String,
    },
    /// An XML document type that declares external, nested, too many or too long entities.
    #[error("the XML document type is refused at {place}: {what}")]
    XmlEntities {
        /// Where.
        place: Place,
        /// Which rule it breaks.
        what: &'static str,
    },
    /// A service answered with a refusal in its own words: an OGC exception report, an OAI-PMH error.
    #[error("{service} refused: {message}")]
    ServiceRefused {
        /// Which kind of service.
        service: &'static str,
        /// Its code and message.
        message: String,
    },
    /// A CKAN portal answered with a refusal.
    #[error("CKAN refused: {message}")]
    CkanRefused {
        /// CKAN's own words.
        message: String,
    },
    /// A file could not be opened or read.
    #[error("part {part} cannot be read")]
    Io {
        /// Which part, from 1; 0 for our own temporary file.
        part: usize,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

impl ReadError {
    /// A stable kebab-case name for logs and job reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::HtmlPage { .. } => "html-page",
            Self::Binary { .. } => "binary",
            Self::UnknownFormat { .. } => "unknown-format",
            Self::NotACatalogue { .. } => "not-a-catalogue",
            Self::CutOff { .. } => "cut-off",
            Self::Unbalanced { .. } => "unbalanced",
            Self::TrailingGarbage { .. } => "trailing-garbage",
            Self::TooDeep { .. } => "too-deep",
            Self::TooLarge { .. } => "too-large",
            Self::TooManyRecords { .. } => "too-many-records",
            Self::TokenTooLong { .. } => "token-too-long",
            Self::Syntax { .. } => "syntax",
            Self::Encoding { .. } => "encoding",
            Self::DuplicateKey { .. } => "duplicate-key",
            Self::RemoteContext { .. } => "remote-context",
            Self::XmlEntities { .. } => "xml-entities",
            Self::ServiceRefused { .. } => "service-refused",
            Self::CkanRefused { .. } => "ckan-refused",
            Self::Io { .. } => "io",
        }
    }

    /// A fault of reading part `part` (from 0).
    pub(crate) fn io(part: usize) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { part: part + 1, source }
    }

    /// A fault of our own temporary file.
    pub(crate) fn spool(source: io::Error) -> Self {
        Self::Io { part: 0, source }
    }
}
