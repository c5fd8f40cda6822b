//! Walking a JSON text of any length without holding it: where values begin and end, and the bytes of those that are
//! wanted. What is taken out is parsed by serde_json; what is passed over is only checked for its brackets.

use std::io::Read;

use super::guard::broken;
use crate::error::IntakeError;

const FORMAT: &str = "json";
/// Bytes read at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Brackets within brackets, at most (as deep as serde_json goes).
const NESTING_MAX: u32 = 128;

/// A place in a stream of JSON.
pub(super) struct Scanner<R> {
    source: R,
    chunk: Vec<u8>,
    at: usize,
    end: usize,
    /// Bytes before the chunk.
    before: u64,
    /// Lines begun so far.
    line: u64,
}

/// What a value is, by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Object,
    Array,
    String,
    Null,
    Scalar,
}

impl Kind {
    fn of(byte: u8) -> Self {
        match byte {
            b'{' => Self::Object,
            b'[' => Self::Array,
            b'"' => Self::String,
            b'n' => Self::Null,
            _ => Self::Scalar,
        }
    }
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(source: R) -> Result<Self, IntakeError> {
        let mut scanner = Self { source, chunk: vec![0; CHUNK_BYTES], at: 0, end: 0, before: 0, line: 1 };
        // A byte order mark is not JSON, but it is in files.
        for mark in [0xef, 0xbb, 0xbf] {
            if scanner.byte()? != Some(mark) {
                break;
            }
            scanner.at += 1;
        }
        Ok(scanner)
    }

    /// Where the next byte stands, from 0.
    pub(super) fn offset(&self) -> u64 {
        self.before + u64::try_from(self.at).unwrap_or(u64::MAX)
    }

    /// The line that the next byte stands on, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn fault(&self, why: &str) -> IntakeError {
        broken(FORMAT, format!("line {}, byte {}", self.line, self.offset()), why)
    }

    /// The next byte, which stays.
    fn byte(&mut self) -> Result<Option<u8>, IntakeError> {
        if self.at >= self.end {
            self.before += u64::try_from(self.end).unwrap_or(u64::MAX);
            self.at = 0;
            self.end = loop {
                match self.source.read(&mut self.chunk) {
                    Ok(count) => break count,
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
            };
        }
        Ok(self.chunk.get(self.at).copied().filter(|_| self.at < self.end))
    }

    /// The next byte that is no white space; it stays.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, IntakeError> {
        while let Some(byte) = self.byte()? {
            match byte {
                b'\n' => self.line += 1,
                // The record separator of JSON text sequences (RFC 7464) counts as white space.
                b' ' | b'\t' | b'\r' | 0x1e => {}
                _ => return Ok(Some(byte)),
            }
            self.at += 1;
        }
        Ok(None)
    }

    pub(super) fn peek_kind(&mut self) -> Result<Kind, IntakeError> {
        match self.peek()? {
            Some(byte) => Ok(Kind::of(byte)),
            None => Err(self.fault("it ends in the middle")),
        }
    }

    /// Takes one byte that must be there.
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), IntakeError> {
        if self.peek()? == Some(wanted) {
            self.at += 1;
            Ok(())
        } else {
            Err(self.fault(&format!("`{}` is missing", char::from(wanted))))
        }
    }

    /// Takes one byte if it is there.
    pub(super) fn eat(&mut self, wanted: u8) -> Result<bool, IntakeError> {
        let found = self.peek()? == Some(wanted);
        if found {
            self.at += 1;
        }
        Ok(found)
    }

    /// In an array or object: goes to the next element. `first` tells whether none was taken yet.
    pub(super) fn next_element(&mut self, first: bool, close: u8) -> Result<bool, IntakeError> {
        if self.eat(close)? {
            return Ok(false);
        }
        if !first {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// A member's name and the colon after it.
    pub(super) fn key(&mut self, limit: usize) -> Result<String, IntakeError> {
        let mut raw = Vec::new();
        if self.peek()? != Some(b'"') {
            return Err(self.fault("a member's name is missing"));
        }
        self.take(&mut raw, limit)?;
        self.expect(b':')?;
        serde_json::from_slice(&raw).map_err(|error| self.fault(&error.to_string()))
    }

    /// Takes the bytes of the next value.
    pub(super) fn take(&mut self, into: &mut Vec<u8>, limit: usize) -> Result<(), IntakeError> {
        into.clear();
        self.value(Some((into, limit)))
    }

    /// Goes behind the next value.
    pub(super) fn skip(&mut self) -> Result<(), IntakeError> {
        self.value(None)
    }

    fn value(&mut self, mut keep: Option<(&mut Vec<u8>, usize)>) -> Result<(), IntakeError> {
        let Some(first) = self.peek()? else { return Err(self.fault("a value is missing")) };
        match first {
            b'{' | b'[' => self.nested(&mut keep),
            b'"' => self.string(&mut keep),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                while let Some(byte) = self.byte()? {
                    if matches!(byte, b',' | b']' | b'}' | b':' | b' ' | b'\n' | b'\r' | b'\t' | b'{' | b'[' | b'"') {
                        break;
                    }
                    self.put(&mut keep, 1)?;
                }
                Ok(())
            }
            _ => Err(self.fault("this is no JSON value")),
        }
    }

    /// Moves `count` bytes of the chunk on, keeping them where wanted.
    fn put(&mut self, keep: &mut Option<(&mut Vec<u8>, usize)>, count: usize) -> Result<(), IntakeError> {
        let part = self.chunk.get(self.at..self.at + count).unwrap_or_default();
        self.line += u64::try_from(memchr::memchr_iter(b'\n', part).count()).unwrap_or(0);
        if let Some((bytes, limit)) = keep {
            if bytes.len() + count > *limit {
                return Err(IntakeError::TooLarge {
                    what: format!("one value of the JSON (line {})", self.line),
                    limit: format!("{} MB", *limit >> 20),
                });
            }
            bytes.extend_from_slice(part);
        }
        self.at += count;
        Ok(())
    }

    fn string(&mut self, keep: &mut Option<(&mut Vec<u8>, usize)>) -> Result<(), IntakeError> {
        self.put(keep, 1)?;
        loop {
            if self.byte()?.is_none() {
                return Err(self.fault("a text is not closed"));
            }
            let part = self.chunk.get(self.at..self.end).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', part) {
                None => {
                    let count = part.len();
                    self.put(keep, count)?;
                }
                Some(found) => {
                    let closes = part.get(found) == Some(&b'"');
                    self.put(keep, found + 1)?;
                    if closes {
                        return Ok(());
                    }
                    if self.byte()?.is_none() {
                        return Err(self.fault("a text is not closed"));
                    }
                    self.put(keep, 1)?;
                }
            }
        }
    }

    fn nested(&mut self, keep: &mut Option<(&mut Vec<u8>, usize)>) -> Result<(), IntakeError> {
        let mut depth = 0_u32;
        // Which brackets are open: a bit for each, 1 for an object.
        let mut open = 0_u128;
        loop {
            let Some(byte) = self.byte()? else { return Err(self.fault("it ends in the middle")) };
            match byte {
                b'"' => {
                    self.string(keep)?;
                    continue;
                }
                b'{' | b'[' => {
                    depth += 1;
                    if depth >= NESTING_MAX {
                        return Err(self.fault("it is nested too deeply"));
                    }
                    open = open << 1 | u128::from(byte == b'{');
                }
                b'}' | b']' => {
                    if (open & 1 == 1) != (byte == b'}') {
                        return Err(self.fault("a bracket closes another kind"));
                    }
                    open >>= 1;
                    depth -= 1;
                }
                _ => {}
            }
            self.put(keep, 1)?;
            if depth == 0 {
                return Ok(());
            }
        }
    }
}
