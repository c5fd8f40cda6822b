//! A pull scanner over JSON bytes. It proves that brackets and strings are whole, and tells where values lie; what is inside
//! a record is serde_json's to judge. Memory: one buffer and one bit per open bracket.

use std::io::{self, Read};

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;
/// Longest object key that is looked at; a longer one is no key of a catalogue.
const LONGEST_KEY: usize = 64 * 1024;

/// What is wrong, and at which byte.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) offset: u64,
    pub(crate) what: What,
}

#[derive(Debug)]
pub(crate) enum What {
    /// The input ends; what is still open.
    End(&'static str),
    /// A bracket that does not fit.
    Bracket(String),
    /// Too many open brackets.
    Depth,
    /// Something else than the grammar has here.
    Unexpected(String),
    /// A key that is too long.
    Key,
    Io(io::Error),
}

/// Where a value lies: first byte and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) len: u64,
}

pub(crate) struct Scanner<R> {
    input: R,
    buffer: Vec<u8>,
    /// Next byte in `buffer`.
    at: usize,
    /// Bytes before `buffer`.
    before: u64,
    /// Bytes of a value that is being copied, at most so many.
    copy: Option<(Vec<u8>, usize)>,
    max_depth: usize,
}

/// What the fast loop stops at outside of strings.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    stops[b'"' as usize] = true;
    stops[b'{' as usize] = true;
    stops[b'}' as usize] = true;
    stops[b'[' as usize] = true;
    stops[b']' as usize] = true;
    stops
};

impl<R: Read> Scanner<R> {
    /// A scanner from the first byte of `input`, of which `before` bytes (a byte order mark) are already gone.
    pub(crate) fn new(input: R, before: u64, max_depth: usize) -> Self {
        Self { input, buffer: Vec::new(), at: 0, before, copy: None, max_depth }
    }

    /// The next byte's offset.
    pub(crate) fn offset(&self) -> u64 {
        self.before + self.at as u64
    }

    pub(crate) fn fault(&self, what: What) -> Fault {
        Fault { offset: self.offset(), what }
    }

    /// Reads more; false at the end of the input. Only when everything in the buffer has been passed.
    fn refill(&mut self) -> Result<bool, Fault> {
        self.before += self.buffer.len() as u64;
        self.at = 0;
        self.buffer.resize(CHUNK, 0);
        let read = loop {
            match self.input.read(&mut self.buffer) {
                Ok(read) => break read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.buffer.clear();
                    return Err(self.fault(What::Io(error)));
                }
            }
        };
        self.buffer.truncate(read);
        Ok(read > 0)
    }

    /// What is buffered and not yet passed; empty only at the end of the input.
    fn rest(&mut self) -> Result<&[u8], Fault> {
        if self.at >= self.buffer.len() {
            self.refill()?;
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    /// Passes `count` buffered bytes.
    fn pass(&mut self, count: usize) {
        if let Some((copy, most)) = &mut self.copy {
            let wanted = most.saturating_sub(copy.len()).min(count);
            copy.extend_from_slice(self.buffer.get(self.at..self.at + wanted).unwrap_or_default());
        }
        self.at += count;
    }

    /// The next byte that is not white space, not passed; `None` at the end.
    pub(crate) fn peek(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                return Ok(None);
            }
            let blank = rest.iter().take_while(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')).count();
            let next = rest.get(blank).copied();
            self.pass(blank);
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// The next byte that is not white space, passed.
    pub(crate) fn next(&mut self, open: &'static str) -> Result<u8, Fault> {
        match self.peek()? {
            Some(byte) => {
                self.pass(1);
                Ok(byte)
            }
            None => Err(self.fault(What::End(open))),
        }
    }

    /// Passes a string whose opening quote has been passed.
    fn string_rest(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                return Err(self.fault(What::End("a string is still open")));
            }
            match memchr::memchr2(b'"', b'\\', rest) {
                None => {
                    let all = rest.len();
                    self.pass(all);
                }
                Some(at) if rest.get(at) == Some(&b'"') => {
                    self.pass(at + 1);
                    return Ok(());
                }
                Some(at) => {
                    self.pass(at + 1);
                    if self.rest()?.is_empty() {
                        return Err(self.fault(What::End("a string is still open")));
                    }
                    self.pass(1);
                }
            }
        }
    }

    /// Passes one value of any kind and says where it lies.
    pub(crate) fn value(&mut self) -> Result<Span, Fault> {
        let first = self.peek()?;
        let start = self.offset();
        match first {
            None => return Err(self.fault(What::End("a value is missing"))),
            Some(b'{' | b'[') => self.brackets()?,
            Some(b'"') => {
                self.pass(1);
                self.string_rest()?;
            }
            Some(b'-' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') => self.word()?,
            Some(other) => return Err(self.fault(What::Unexpected(shown(other)))),
        }
        Ok(Span { start, len: self.offset() - start })
    }

    /// As [`Scanner::value`], with the value's first bytes, at most `most`.
    pub(crate) fn value_copied(&mut self, most: usize) -> Result<(Span, Vec<u8>), Fault> {
        self.peek()?;
        self.copy = Some((Vec::new(), most));
        let span = self.value();
        let copy = self.copy.take().map(|(copy, _)| copy).unwrap_or_default();
        Ok((span?, copy))
    }

    /// Passes a number or a literal.
    fn word(&mut self) -> Result<(), Fault> {
        loop {
            let rest = self.rest()?;
            let part = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.')).count();
            let whole = part < rest.len() || rest.is_empty();
            self.pass(part);
            if whole {
                return Ok(());
            }
        }
    }

    /// Passes an object or array with everything in it.
    fn brackets(&mut self) -> Result<(), Fault> {
        // One bit per open bracket, 1 for `{`; `max_depth` is far below 128.
        let mut open: u128 = 0;
        let mut depth = 0usize;
        loop {
            let rest = self.rest()?;
            if rest.is_empty() {
                return Err(self.fault(What::End(if open & 1 == 1 {
                    "an object is still open"
                } else {
                    "an array is still open"
                })));
            }
            let at = rest.iter().position(|b| STOPS.get(usize::from(*b)).copied().unwrap_or(false));
            let Some(at) = at else {
                let all = rest.len();
                self.pass(all);
                continue;
            };
            let byte = rest.get(at).copied().unwrap_or_default();
            match byte {
                b'"' => {
                    self.pass(at + 1);
                    self.string_rest()?;
                }
                b'{' | b'[' => {
                    self.pass(at);
                    if depth >= self.max_depth.min(127) {
                        return Err(self.fault(What::Depth));
                    }
                    self.pass(1);
                    depth += 1;
                    open = (open << 1) | u128::from(byte == b'{');
                }
                _ => {
                    self.pass(at);
                    if (byte == b'}') != (open & 1 == 1) {
                        let closing = if byte == b'}' { "`}` closes an array" } else { "`]` closes an object" };
                        return Err(self.fault(What::Bracket(closing.to_owned())));
                    }
                    self.pass(1);
                    depth -= 1;
                    open >>= 1;
                    if depth == 0 {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Passes `{` and calls `member` at the value of each key; `member` must pass the value.
    pub(crate) fn object<E: From<Fault>>(
        &mut self,
        mut member: impl FnMut(&mut Self, String) -> Result<(), E>,
    ) -> Result<(), E> {
        const OPEN: &str = "an object is still open";
        self.next(OPEN)?;
        let mut first = true;
        loop {
            let byte = self.peek()?.ok_or_else(|| self.fault(What::End(OPEN)))?;
            match byte {
                b'}' => {
                    self.pass(1);
                    return Ok(());
                }
                b',' if !first => {
                    self.pass(1);
                    // A comma before the closing brace is a frequent slip of hand-made files, and harmless.
                    first = true;
                    continue;
                }
                b'"' if first => {}
                b']' => return Err(self.fault(What::Bracket("`]` closes an object".to_owned())).into()),
                other => return Err(self.fault(What::Unexpected(shown(other))).into()),
            }
            first = false;
            let (_, key) = self.value_copied(LONGEST_KEY)?;
            let key: String = match serde_json::from_slice(&key) {
                Ok(key) => key,
                Err(_) if key.len() >= LONGEST_KEY => return Err(self.fault(What::Key).into()),
                Err(_) => String::from_utf8_lossy(&key).trim_matches('"').to_owned(),
            };
            let colon = self.next(OPEN)?;
            if colon != b':' {
                return Err(self.fault(What::Unexpected(shown(colon))).into());
            }
            member(self, key)?;
        }
    }

    /// Passes `[` and calls `element` at each element; `element` must pass it.
    pub(crate) fn array<E: From<Fault>>(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        const OPEN: &str = "an array is still open";
        self.next(OPEN)?;
        let mut first = true;
        loop {
            let byte = self.peek()?.ok_or_else(|| self.fault(What::End(OPEN)))?;
            match byte {
                b']' => {
                    self.pass(1);
                    return Ok(());
                }
                b',' if !first => {
                    self.pass(1);
                    first = true;
                    continue;
                }
                b'}' => return Err(self.fault(What::Bracket("`}` closes an array".to_owned())).into()),
                other if !first => return Err(self.fault(What::Unexpected(shown(other))).into()),
                _ => {}
            }
            first = false;
            element(self)?;
        }
    }
}

/// A byte as an error message shows it.
fn shown(byte: u8) -> String {
    if byte.is_ascii_graphic() { format!("`{}`", char::from(byte)) } else { format!("byte 0x{byte:02x}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> Result<Span, Fault> {
        Scanner::new(text.as_bytes(), 0, 8).value()
    }

    #[test]
    fn values_are_spanned_whatever_is_in_their_strings() {
        for text in [r#"{"a":"]}\"{[","b":[1,{"c":"\\"}]}"#, r#""a\"b""#, "12.5e-3", "null", "[]", r#"["\\",{}]"#] {
            let span = scan(&format!("  {text} ")).expect(text);
            assert_eq!(span, Span { start: 2, len: text.len() as u64 }, "{text}");
        }
    }

    #[test]
    fn broken_brackets_are_named() {
        for (text, fault) in [
            (r#"{"a":[}"#, "Bracket"),
            (r#"{"a":1]"#, "Bracket"),
            (r#"{"a":"b"#, "End"),
            (r#"[1,2"#, "End"),
            (r#"["\"#, "End"),
            ("", "End"),
            ("}", "Unexpected"),
            ("[[[[[[[[[", "Depth"),
        ] {
            let found = format!("{:?}", scan(text).expect_err(text).what);
            assert!(found.starts_with(fault), "{text}: {found}");
        }
    }

    #[test]
    fn a_value_over_many_chunks_keeps_its_span_and_its_beginning() {
        let text = format!("[\"{}\\\"\", {{}}]", "x".repeat(3 * CHUNK));
        let (span, copy) = Scanner::new(text.as_bytes(), 0, 8).value_copied(10).expect("scans");
        assert_eq!(span, Span { start: 0, len: text.len() as u64 });
        assert_eq!(copy, b"[\"xxxxxxxx");
    }
}
