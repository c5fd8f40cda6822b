//! What encoding a document is in, and its text in UTF-8.
//!
//! Documents are UTF-8 almost always and are then read where they lie. Others (UTF-16, Latin-1 and its Windows cousin) are
//! rewritten once into a temporary file. A document that is UTF-8 but for a few broken bytes stays as it is: in JSON only the
//! records that hold them suffer, RDF is refused with the place named.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use tempfile::NamedTempFile;

use crate::error::{Place, ReadError};

const CHUNK: usize = 256 * 1024;
/// How much of a document is looked at for a byte order mark or an XML declaration.
const HEAD: usize = 1024;

/// What kind of text is expected, for what differs between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TextKind {
    Json,
    Xml,
    Turtle,
}

/// A part of a document as UTF-8 text on disk.
#[derive(Debug)]
pub(crate) struct Text {
    place: Location,
    /// Bytes of the byte order mark.
    skip: u64,
}

#[derive(Debug)]
enum Location {
    Given(PathBuf),
    Rewritten(NamedTempFile),
}

impl Text {
    pub(crate) fn path(&self) -> &Path {
        match &self.place {
            Location::Given(path) => path,
            Location::Rewritten(file) => file.path(),
        }
    }

    /// Bytes before the text begins.
    pub(crate) fn skip(&self) -> u64 {
        self.skip
    }

    /// The file from its first byte.
    pub(crate) fn open_raw(&self) -> io::Result<File> {
        File::open(self.path())
    }

    /// The file from the first byte of its text.
    pub(crate) fn open(&self) -> io::Result<File> {
        let mut file = self.open_raw()?;
        file.seek(SeekFrom::Start(self.skip))?;
        Ok(file)
    }
}

/// The first bytes of a document as text, for a look at what it is.
pub(crate) fn head_text(head: &[u8]) -> String {
    let encoding = Encoding::for_bom(head).map(|(encoding, _)| encoding).or_else(|| without_bom(head)).unwrap_or(UTF_8);
    let (text, _) = encoding.decode_with_bom_removal(head);
    text.into_owned()
}

/// UTF-16 without a byte order mark: the first two characters are ASCII.
fn without_bom(head: &[u8]) -> Option<&'static Encoding> {
    match *head.first_chunk::<4>()? {
        [0, a, 0, b] if a != 0 && b != 0 => Some(UTF_16BE),
        [a, 0, b, 0] if a != 0 && b != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// The encoding that an XML declaration names (XML 1.0, section 4.3.3).
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(head.get(..head.len().min(256))?).into_owned();
    let declaration = start.trim_start().strip_prefix("<?xml")?.split("?>").next()?.to_owned();
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start().to_owned();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value.get(1..)?.split(quote).next()?;
    // A declaration that could be read as ASCII is not in UTF-16, whatever it says.
    Encoding::for_label(label.as_bytes()).map(|it| if it == UTF_16LE || it == UTF_16BE { UTF_8 } else { it })
}

/// The text of an XML document in memory, its declaration left out; what cannot be decoded becomes U+FFFD.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let marked = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let claimed = marked.or_else(|| without_bom(bytes)).or_else(|| declared(bytes)).unwrap_or(UTF_8);
    let encoding = if claimed == UTF_8 && std::str::from_utf8(bytes).is_err() { likeliest(bytes) } else { claimed };
    let (text, _) = encoding.decode_with_bom_removal(bytes);
    String::from_utf8_lossy(after_declaration(text.as_bytes())).into_owned()
}

/// UTF-8 with damage, or one of the older encodings.
fn likeliest(bytes: &[u8]) -> &'static Encoding {
    let (mut sound, mut broken) = (0, 0);
    for piece in bytes.utf8_chunks() {
        sound += piece.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!piece.invalid().is_empty());
    }
    if sound > broken {
        return UTF_8;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// Text of our own making, in a temporary file.
pub(crate) fn of_bytes(bytes: &[u8]) -> Result<Text, ReadError> {
    let mut file = NamedTempFile::new().map_err(ReadError::spool)?;
    std::io::Write::write_all(&mut file, bytes).map_err(ReadError::spool)?;
    Ok(Text { place: Location::Rewritten(file), skip: 0 })
}

/// Finds out the encoding of a part and makes sure that its text is UTF-8.
pub(crate) fn prepare(path: &Path, part: usize, kind: TextKind) -> Result<Text, ReadError> {
    let io = ReadError::io(part);
    let mut file = File::open(path).map_err(&io)?;
    let mut head = Vec::with_capacity(HEAD);
    (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(&io)?;
    if head.is_empty() {
        return Err(ReadError::Empty);
    }
    let marked = Encoding::for_bom(&head);
    let skip = marked.map_or(0, |(_, skip)| skip as u64);
    let claimed = marked.map(|(encoding, _)| encoding).or_else(|| without_bom(&head));
    let claimed = claimed.or_else(|| if kind == TextKind::Xml { declared(&head) } else { None });
    // A mark and a declaration that differ: the mark is right, but the parser would believe the declaration.
    let contradicted = kind == TextKind::Xml && declared(&head).is_some_and(|declared| declared != UTF_8);
    if let Some(encoding) = claimed.filter(|encoding| *encoding != UTF_8 || contradicted) {
        return rewrite(path, part, encoding, kind);
    }
    let check = check(path, part)?;
    let given = Text { place: Location::Given(path.to_owned()), skip };
    match check {
        Check::Utf8 => Ok(given),
        Check::Damaged { .. } if kind == TextKind::Json => Ok(given),
        Check::Damaged { first, bytes } => {
            let place = Place::locate(path, part, first);
            Err(ReadError::Encoding { place, encoding: "UTF-8", bytes })
        }
        Check::Other(encoding) => rewrite(path, part, encoding, kind),
    }
}

enum Check {
    Utf8,
    /// UTF-8 but for a few bytes.
    Damaged {
        first: u64,
        bytes: String,
    },
    /// Not UTF-8; the likeliest of the older encodings.
    Other(&'static Encoding),
}

/// Reads a part to see whether it is UTF-8.
fn check(path: &Path, part: usize) -> Result<Check, ReadError> {
    let mut first = None;
    let mut broken = 0u64;
    let mut sound = 0u64;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    // Once for a sound document; a second time, with counts and guesses, for another.
    each_chunk(path, part, |chunk, offset, _| match std::str::from_utf8(chunk) {
        Ok(_) => Some(chunk.len()),
        Err(error) if error.error_len().is_none() => Some(error.valid_up_to()),
        Err(error) => {
            let at = error.valid_up_to();
            let hex: Vec<String> = chunk.iter().skip(at).take(4).map(|b| format!("{b:02X}")).collect();
            first = Some((offset + at as u64, hex.join(" ")));
            None
        }
    })?;
    let Some((first, bytes)) = first else { return Ok(Check::Utf8) };
    each_chunk(path, part, |chunk, _, last| {
        detector.feed(chunk, last);
        for piece in chunk.utf8_chunks() {
            sound += piece.valid().chars().filter(|c| !c.is_ascii()).count() as u64;
            broken += u64::from(!piece.invalid().is_empty());
        }
        Some(chunk.len())
    })?;
    if sound > broken {
        return Ok(Check::Damaged { first, bytes });
    }
    Ok(Check::Other(detector.guess(None, Utf8Detection::Deny)))
}

/// Calls `look` with each chunk, its offset and whether it is the last; `look` says how much of it it took (the rest, at
/// most a few bytes of a character, comes again) or `None` to stop. A rest at the very end is broken too.
fn each_chunk(
    path: &Path,
    part: usize,
    mut look: impl FnMut(&[u8], u64, bool) -> Option<usize>,
) -> Result<(), ReadError> {
    let mut file = File::open(path).map_err(ReadError::io(part))?;
    let mut buffer = vec![0; CHUNK];
    let (mut kept, mut offset) = (0usize, 0u64);
    loop {
        let read = file.read(buffer.get_mut(kept..).unwrap_or_default()).map_err(ReadError::io(part))?;
        let filled = kept + read;
        let chunk = buffer.get(..filled).unwrap_or_default();
        let Some(taken) = look(chunk, offset, read == 0) else { return Ok(()) };
        if read == 0 {
            return Ok(());
        }
        buffer.copy_within(taken.min(filled)..filled, 0);
        kept = filled - taken.min(filled);
        offset += taken as u64;
    }
}

/// Writes the text of a part in UTF-8 to a temporary file.
fn rewrite(path: &Path, part: usize, encoding: &'static Encoding, kind: TextKind) -> Result<Text, ReadError> {
    let mut input = File::open(path).map_err(ReadError::io(part))?;
    let file = NamedTempFile::new().map_err(ReadError::spool)?;
    let mut output = BufWriter::new(file);
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut source = vec![0; CHUNK];
    let mut text = vec![0; CHUNK * 3 + 16];
    let mut offset = 0u64;
    let mut head = kind == TextKind::Xml;
    loop {
        let read = input.read(&mut source).map_err(ReadError::io(part))?;
        let mut chunk = source.get(..read).unwrap_or_default();
        loop {
            let (end, taken, written, broken) = decoder.decode_to_utf8(chunk, &mut text, read == 0);
            if broken {
                let place = Place { part: part + 1, line: 0, offset };
                let bytes = format!("somewhere in the {} KiB from there", CHUNK / 1024);
                return Err(ReadError::Encoding { place, encoding: encoding.name(), bytes });
            }
            let mut piece = text.get(..written).unwrap_or_default();
            if head && written > 0 {
                // The declaration would now be wrong.
                piece = after_declaration(piece);
                head = false;
            }
            output.write_all(piece).map_err(ReadError::spool)?;
            chunk = chunk.get(taken..).unwrap_or_default();
            if end == CoderResult::InputEmpty {
                break;
            }
        }
        offset += read as u64;
        if read == 0 {
            break;
        }
    }
    let file = output.into_inner().map_err(|error| ReadError::spool(error.into_error()))?;
    Ok(Text { place: Location::Rewritten(file), skip: 0 })
}

fn after_declaration(text: &[u8]) -> &[u8] {
    let start = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = text.get(start..).unwrap_or_default();
    if !rest.starts_with(b"<?xml") {
        return text;
    }
    memchr::memmem::find(rest, b"?>").and_then(|end| rest.get(end + 2..)).unwrap_or(text)
}
