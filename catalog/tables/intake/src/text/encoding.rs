//! The encoding of a text, and the way to UTF-8.

use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::IntakeError;
use crate::watch::{Progress, Stage, Watch};

/// Bytes read at once.
const CHUNK_BYTES: usize = 1 << 20;
/// Bytes that the detector of encodings is fed.
const DETECT_BYTES: u64 = 64 << 20;
/// Valid characters beyond ASCII, for each invalid sequence, that make a text UTF-8 with faults rather than another encoding.
const UTF8_FAITH: u64 = 10;

/// A text in UTF-8, and how it came to be.
#[derive(Debug)]
pub(crate) struct Utf8Text {
    /// The file: the one given, or a new one.
    pub(crate) path: PathBuf,
    /// Bytes of a byte order mark at its beginning.
    pub(crate) skip: u64,
    /// The encoding's name (WHATWG Encoding standard).
    pub(crate) encoding: &'static str,
    /// What people should know.
    pub(crate) notes: Vec<String>,
}

/// What a look through the whole file finds.
#[derive(Debug, Default)]
struct Survey {
    valid: u64,
    invalid: u64,
}

/// Finds the encoding of a file from all of it, and gives a file in UTF-8: the same one, or a new one in `scratch`.
pub(crate) fn to_utf8(
    path: &Path,
    declared: Option<&str>,
    scratch: &Path,
    watch: &dyn Watch,
) -> Result<Utf8Text, IntakeError> {
    let mut file = File::open(path)?;
    let mut head = [0u8; 4];
    let length = read_full(&mut file, &mut head)?;
    let head = head.get(..length).unwrap_or_default();
    if head.starts_with(b"\xef\xbb\xbf") {
        return settle(path, 3, scratch, watch);
    }
    if head.starts_with(b"\xff\xfe") {
        return transcode(path, UTF_16LE, 2, Vec::new(), scratch, watch);
    }
    if head.starts_with(b"\xfe\xff") {
        return transcode(path, UTF_16BE, 2, Vec::new(), scratch, watch);
    }
    if let Some(encoding) = utf16_without_mark(&mut file)? {
        return transcode(path, encoding, 0, Vec::new(), scratch, watch);
    }
    if let Some(label) = declared
        && let Some(encoding) = Encoding::for_label(label.as_bytes())
        && encoding != UTF_8
        && survey(path, 0, watch)?.invalid > 0
    {
        return transcode(path, encoding, 0, Vec::new(), scratch, watch);
    }
    settle(path, 0, scratch, watch)
}

/// Takes the file as it is when it is UTF-8; otherwise finds out what it is.
fn settle(path: &Path, skip: u64, scratch: &Path, watch: &dyn Watch) -> Result<Utf8Text, IntakeError> {
    let survey = survey(path, skip, watch)?;
    if survey.invalid == 0 {
        return Ok(Utf8Text { path: path.to_owned(), skip, encoding: UTF_8.name(), notes: Vec::new() });
    }
    if skip > 0 || survey.valid >= survey.invalid.saturating_mul(UTF8_FAITH) {
        let note = format!("{} places in the text are not valid UTF-8; they are shown as U+FFFD.", survey.invalid);
        return transcode(path, UTF_8, skip, vec![note], scratch, watch);
    }
    let encoding = guess(path)?;
    let note = format!("The text's encoding is not declared; it is read as {}.", encoding.name());
    transcode(path, encoding, 0, vec![note], scratch, watch)
}

/// UTF-16 without a byte order mark shows by NUL bytes at every other place.
fn utf16_without_mark(file: &mut File) -> Result<Option<&'static Encoding>, IntakeError> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = [0u8; 512];
    let length = read_full(file, &mut head)?;
    if length < 8 {
        return Ok(None);
    }
    let nuls = |odd: usize| head.iter().take(length).skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = length / 2;
    Ok(match (nuls(0), nuls(1)) {
        (0, odd) if odd * 10 > half * 7 => Some(UTF_16LE),
        (even, 0) if even * 10 > half * 7 => Some(UTF_16BE),
        _ => None,
    })
}

/// Counts valid and invalid sequences beyond ASCII.
fn survey(path: &Path, skip: u64, watch: &dyn Watch) -> Result<Survey, IntakeError> {
    let mut file = File::open(path)?;
    let total = file.metadata()?.len();
    file.seek(SeekFrom::Start(skip))?;
    let mut survey = Survey::default();
    let mut buffer = vec![0u8; CHUNK_BYTES];
    let mut kept = 0usize;
    let mut done = skip;
    loop {
        let read = read_full(&mut file, buffer.get_mut(kept..).unwrap_or_default())?;
        let last = kept + read < buffer.len();
        let filled = kept + read;
        let chunk = buffer.get(..filled).unwrap_or_default();
        let rest = survey_chunk(&mut survey, chunk, last);
        let start = filled - rest;
        buffer.copy_within(start..filled, 0);
        kept = rest;
        done += u64::try_from(read).unwrap_or_default();
        watch.progress(Progress { stage: Stage::Examining, bytes_done: done, bytes_total: total, rows: 0 });
        if watch.stopped() {
            return Err(IntakeError::Cancelled);
        }
        if last {
            return Ok(survey);
        }
    }
}

/// Surveys one chunk; gives the length of an unfinished sequence at its end.
fn survey_chunk(survey: &mut Survey, mut chunk: &[u8], last: bool) -> usize {
    if chunk.is_ascii() {
        return 0;
    }
    // Sequences are counted only where they matter: once something is invalid, or while few are known.
    if simdutf8::basic::from_utf8(chunk).is_ok() {
        if survey.valid < 1_000_000 {
            survey.valid += count_multibyte(chunk);
        }
        return 0;
    }
    loop {
        match simdutf8::compat::from_utf8(chunk) {
            Ok(_) => {
                survey.valid += count_multibyte(chunk);
                return 0;
            }
            Err(error) => {
                let valid = error.valid_up_to();
                survey.valid += count_multibyte(chunk.get(..valid).unwrap_or_default());
                let Some(length) = error.error_len() else {
                    if last {
                        survey.invalid += 1;
                        return 0;
                    }
                    return chunk.len() - valid;
                };
                survey.invalid += 1;
                chunk = chunk.get(valid + length..).unwrap_or_default();
            }
        }
    }
}

fn count_multibyte(chunk: &[u8]) -> u64 {
    u64::try_from(chunk.iter().filter(|byte| **byte >= 0xc0).count()).unwrap_or_default()
}

/// Guesses an encoding that is neither UTF-8 nor UTF-16.
fn guess(path: &Path) -> Result<&'static Encoding, IntakeError> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut file = File::open(path)?.take(DETECT_BYTES);
    let mut buffer = vec![0u8; CHUNK_BYTES];
    loop {
        let read = read_full(&mut file, &mut buffer)?;
        let last = read < buffer.len();
        detector.feed(buffer.get(..read).unwrap_or_default(), last);
        if last {
            return Ok(detector.guess(None, Utf8Detection::Deny));
        }
    }
}

fn transcode(
    path: &Path,
    encoding: &'static Encoding,
    skip: u64,
    mut notes: Vec<String>,
    scratch: &Path,
    watch: &dyn Watch,
) -> Result<Utf8Text, IntakeError> {
    let mut source = File::open(path)?;
    let total = source.metadata()?.len();
    source.seek(SeekFrom::Start(skip))?;
    let target = tempfile::Builder::new().prefix("utf8-").tempfile_in(scratch)?;
    let (file, target) = target.keep().map_err(|error| IntakeError::Io(error.error))?;
    let mut writer = BufWriter::new(file);
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut input = vec![0u8; CHUNK_BYTES];
    let mut output = vec![0u8; CHUNK_BYTES * 4];
    let mut faults = false;
    let mut done = skip;
    loop {
        let read = read_full(&mut source, &mut input)?;
        let last = read < input.len();
        done += u64::try_from(read).unwrap_or_default();
        let mut rest = input.get(..read).unwrap_or_default();
        loop {
            let (state, taken, written, replaced) = decoder.decode_to_utf8(rest, &mut output, last);
            faults |= replaced;
            writer.write_all(output.get(..written).unwrap_or_default())?;
            rest = rest.get(taken..).unwrap_or_default();
            if state == encoding_rs::CoderResult::InputEmpty {
                break;
            }
        }
        watch.progress(Progress { stage: Stage::Examining, bytes_done: done, bytes_total: total, rows: 0 });
        if watch.stopped() {
            return Err(IntakeError::Cancelled);
        }
        if last {
            break;
        }
    }
    writer.flush()?;
    if faults && notes.is_empty() {
        notes.push(format!("Some bytes are not valid {}; they are shown as U+FFFD.", encoding.name()));
    }
    Ok(Utf8Text { path: target, skip: 0, encoding: encoding.name(), notes })
}

/// Reads until the buffer is full or the source ends.
pub(crate) fn read_full(source: &mut impl Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match source.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::Unwatched;

    fn read(bytes: &[u8], declared: Option<&str>) -> (String, &'static str) {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("in");
        std::fs::write(&path, bytes).unwrap();
        let text = to_utf8(&path, declared, scratch.path(), &Unwatched).unwrap();
        let content = std::fs::read(&text.path).unwrap();
        let skip = usize::try_from(text.skip).unwrap();
        (String::from_utf8(content[skip..].to_vec()).unwrap(), text.encoding)
    }

    #[test]
    fn texts_of_every_encoding_become_utf_8() {
        let utf16 = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let cases: [(Vec<u8>, &str, &str); 9] = [
            (b"id,name\n1,abc\n".to_vec(), "id,name\n1,abc\n", "UTF-8"),
            ("città\n".as_bytes().to_vec(), "città\n", "UTF-8"),
            (b"\xef\xbb\xbfid\n".to_vec(), "id\n", "UTF-8"),
            ([b"\xff\xfe".to_vec(), utf16("id,ü\n", false)].concat(), "id,ü\n", "UTF-16LE"),
            ([b"\xfe\xff".to_vec(), utf16("id,ü\n", true)].concat(), "id,ü\n", "UTF-16BE"),
            (utf16("identifier,name\n1,two\n", false), "identifier,name\n1,two\n", "UTF-16LE"),
            (
                b"Descripci\xf3n,a\xf1o\nlegislaci\xf3n,2011\n".to_vec(),
                "Descripción,año\nlegislación,2011\n",
                "windows-1252",
            ),
            (Vec::new(), "", "UTF-8"),
            (b"x".to_vec(), "x", "UTF-8"),
        ];
        for (bytes, expected, encoding) in cases {
            assert_eq!(read(&bytes, None), (expected.to_owned(), encoding));
        }
        assert_eq!(read(b"\xe4\n", Some("iso-8859-7")), ("δ\n".to_owned(), "ISO-8859-7"));
    }

    #[test]
    fn a_few_bad_bytes_do_not_make_utf_8_another_encoding() {
        let mut bytes = "città ".repeat(50).into_bytes();
        bytes.push(0xff);
        let (text, encoding) = read(&bytes, None);
        assert_eq!(encoding, "UTF-8");
        assert!(text.ends_with('\u{fffd}'));
    }

    #[test]
    fn a_character_across_chunks_is_whole() {
        let mut bytes = vec![b'a'; CHUNK_BYTES - 1];
        bytes.extend("ü".as_bytes());
        assert_eq!(read(&bytes, None).1, "UTF-8");
    }
}
