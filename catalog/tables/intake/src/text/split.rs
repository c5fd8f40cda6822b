//! Delimited text into records and fields.
//!
//! The grammar is RFC 4180's, wider where files need it: any delimiter and quote, ends of lines of every kind, a backslash
//! before quotes, blanks around quoted fields, quotes within unquoted fields, and quotes that were never doubled. A quote
//! opens a field only at its beginning and closes it only before a delimiter or an end of line, so that one stray quote
//! does not swallow the file.

/// How records end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terminator {
    /// By LF, or CR LF.
    Lf,
    /// By CR alone.
    Cr,
    /// By LF, CR LF and CR, mixed.
    Any,
}

/// How a text is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between fields; ASCII.
    pub(crate) delimiter: u8,
    /// Around fields.
    pub(crate) quote: Option<u8>,
    /// Before a quote that does not close; otherwise it is doubled.
    pub(crate) escape: Option<u8>,
    /// Between records.
    pub(crate) terminator: Terminator,
}

/// Where a field stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
    /// In the record's own store, because quotes had to be undone.
    undone: bool,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// A quote opens a field and nothing closes it.
    UnclosedQuote,
    /// A field passes the limit.
    FieldTooLong,
    /// A NUL byte.
    NulByte,
    /// More fields than columns.
    TooManyFields,
    /// Fewer fields than columns.
    TooFewFields,
}

impl Fault {
    /// As it is written in the quarantine.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::UnclosedQuote => "unclosed-quote",
            Self::FieldTooLong => "field-too-long",
            Self::NulByte => "nul-byte",
            Self::TooManyFields => "too-many-fields",
            Self::TooFewFields => "too-few-fields",
        }
    }
}

/// One record; its memory is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Record {
    spans: Vec<Span>,
    undone: Vec<u8>,
    /// Where it begins in the text.
    pub(crate) start: usize,
    /// Where it ends, without the end of line.
    pub(crate) end: usize,
    /// Whether one of its quotes is never closed.
    pub(crate) unclosed: bool,
}

impl Record {
    /// Fields in it.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A field, without quotes; blanks around unquoted ones are dropped. Empty where there is none.
    #[inline]
    pub(crate) fn field<'a>(&'a self, text: &'a [u8], at: usize) -> &'a [u8] {
        let Some(span) = self.spans.get(at) else { return &[] };
        let range = span.start as usize..span.end as usize;
        if span.undone { self.undone.get(range) } else { text.get(range) }.unwrap_or_default()
    }

    /// The record as it stands in the text.
    pub(crate) fn raw<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Fields up to the last one that is not empty.
    pub(crate) fn filled_len(&self, text: &[u8]) -> usize {
        (0..self.len()).rev().find(|at| !self.field(text, *at).trim_ascii().is_empty()).map_or(0, |at| at + 1)
    }
}

impl Dialect {
    /// The next end of line at or after a place.
    fn line_end(&self, text: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let found = match self.terminator {
            Terminator::Lf => memchr::memchr(b'\n', rest),
            Terminator::Cr => memchr::memchr(b'\r', rest),
            Terminator::Any => memchr::memchr2(b'\n', b'\r', rest),
        };
        found.map(|at| from + at)
    }

    fn last_line_end(&self, text: &[u8]) -> Option<usize> {
        match self.terminator {
            Terminator::Lf => memchr::memrchr(b'\n', text),
            Terminator::Cr => memchr::memrchr(b'\r', text),
            Terminator::Any => memchr::memrchr2(b'\n', b'\r', text),
        }
    }

    const fn ends_line(&self, byte: u8) -> bool {
        match self.terminator {
            Terminator::Lf => byte == b'\n',
            Terminator::Cr => byte == b'\r',
            Terminator::Any => byte == b'\n' || byte == b'\r',
        }
    }

    /// The first byte after an end of line.
    fn after_line_end(&self, text: &[u8], at: usize) -> usize {
        let pair =
            self.terminator != Terminator::Lf && text.get(at) == Some(&b'\r') && text.get(at + 1) == Some(&b'\n');
        if pair { at + 2 } else { at + 1 }
    }

    /// Whether what follows a quote says that it closes its field.
    fn closes_before(&self, text: &[u8], mut at: usize) -> bool {
        loop {
            match text.get(at) {
                None | Some(b'\n' | b'\r') => return true,
                Some(byte) if *byte == self.delimiter => return true,
                Some(b' ' | b'\t') => at += 1,
                Some(_) => return false,
            }
        }
    }

    /// The quote that closes a field whose content begins at `from`.
    fn find_close(&self, text: &[u8], from: usize, quote: u8) -> Option<usize> {
        let mut at = from;
        loop {
            at += memchr::memchr(quote, text.get(at..)?)?;
            if self.is_escaped(text, from, at) {
                at += 1;
                continue;
            }
            let run = text.get(at..)?.iter().take_while(|byte| **byte == quote).count();
            if run % 2 == 1 && self.closes_before(text, at + run) {
                return Some(at + run - 1);
            }
            at += run;
        }
    }

    fn is_escaped(&self, text: &[u8], from: usize, at: usize) -> bool {
        let Some(escape) = self.escape else { return false };
        let before = text.get(from..at).unwrap_or_default();
        before.iter().rev().take_while(|byte| **byte == escape).count() % 2 == 1
    }

    /// Splits the record that begins at `from`; gives where the next begins, or `None` at the end of the text.
    ///
    /// `strays` are places of quotes that are known to have no end, in order.
    pub(crate) fn split(&self, text: &[u8], from: usize, strays: &[usize], record: &mut Record) -> Option<usize> {
        record.spans.clear();
        record.undone.clear();
        record.start = from;
        record.unclosed = false;
        if from >= text.len() {
            return None;
        }
        let mut at = from;
        loop {
            if let Some(quote) = self.quote
                && let Some(open) = self.opening(text, at, quote)
            {
                let close =
                    if strays.binary_search(&open).is_ok() { None } else { self.find_close(text, open + 1, quote) };
                let Some(close) = close else {
                    return Some(self.give_up(text, at, record));
                };
                self.take_quoted(text, open + 1, close, quote, record);
                at = close + 1;
                while text.get(at).is_some_and(|byte| {
                    matches!(byte, b' ' | b'\t') && *byte != self.delimiter && !self.ends_line(*byte)
                }) {
                    at += 1;
                }
                // In a text that ends its lines by LF, the CR before it.
                if text.get(at) == Some(&b'\r') && !self.ends_line(b'\r') {
                    at += 1;
                }
            } else {
                let rest = text.get(at..).unwrap_or_default();
                let length = match self.terminator {
                    Terminator::Lf => first_of(self.delimiter, b'\n', rest),
                    Terminator::Cr => first_of(self.delimiter, b'\r', rest),
                    Terminator::Any => memchr::memchr3(self.delimiter, b'\n', b'\r', rest),
                }
                .unwrap_or(rest.len());
                take_plain(text, at, at + length, record);
                at += length;
            }
            match text.get(at) {
                Some(byte) if *byte == self.delimiter => at += 1,
                Some(byte) if self.ends_line(*byte) => {
                    let carriage = self.terminator == Terminator::Lf && at > from && text.get(at - 1) == Some(&b'\r');
                    record.end = if carriage { at - 1 } else { at };
                    return Some(self.after_line_end(text, at));
                }
                // Something after a closing quote: a lone CR in a text of LF lines. It ends the field.
                Some(_) => {
                    let end = self.line_end(text, at).unwrap_or(text.len());
                    record.end = end;
                    return Some(if end < text.len() { self.after_line_end(text, end) } else { end });
                }
                None => {
                    record.end = at;
                    return Some(at);
                }
            }
        }
    }

    /// The quote that opens the field which begins at `at`, if one does.
    #[inline]
    fn opening(&self, text: &[u8], mut at: usize, quote: u8) -> Option<usize> {
        loop {
            match text.get(at) {
                Some(byte) if *byte == quote => return Some(at),
                Some(b' ') if self.delimiter != b' ' => at += 1,
                _ => return None,
            }
        }
    }

    /// Ends a record with an open quote at the end of its line.
    fn give_up(&self, text: &[u8], at: usize, record: &mut Record) -> usize {
        let end = self.line_end(text, at).unwrap_or(text.len());
        take_plain(text, at, end, record);
        record.unclosed = true;
        record.end = end;
        if end < text.len() { self.after_line_end(text, end) } else { end }
    }

    fn take_quoted(&self, text: &[u8], start: usize, end: usize, quote: u8, record: &mut Record) {
        let content = text.get(start..end).unwrap_or_default();
        let doubled = memchr::memchr(quote, content).is_some();
        let escaped = self.escape.is_some_and(|escape| memchr::memchr(escape, content).is_some());
        if !doubled && !escaped {
            record.spans.push(Span { start: narrow(start), end: narrow(end), undone: false });
            return;
        }
        let begin = record.undone.len();
        let mut bytes = content.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            let next = bytes.peek().copied();
            if byte == quote && next == Some(quote) {
                bytes.next();
            } else if Some(byte) == self.escape
                && let Some(next) = next
                && (next == quote || Some(next) == self.escape)
            {
                bytes.next();
                record.undone.push(next);
                continue;
            }
            record.undone.push(byte);
        }
        record.spans.push(Span { start: narrow(begin), end: narrow(record.undone.len()), undone: true });
    }

    /// Where the last whole record of a text ends (after its end of line), and the quotes before that have no end.
    ///
    /// `at_end` says that nothing follows the text. A quote is given up when nothing closes it within `reach` bytes.
    /// `None` when not even one record is whole.
    pub(crate) fn last_record_end(&self, text: &[u8], at_end: bool, reach: usize) -> (Option<usize>, Vec<usize>) {
        let mut strays = Vec::new();
        let Some(quote) = self.quote else {
            let end = if at_end { Some(text.len()) } else { self.whole_lines(text, 0, text.len()) };
            return (end, strays);
        };
        let mut last = None;
        let mut region = 0usize;
        // Nothing in the text before this place closes a field that opens before it.
        let mut closed_after = 0usize;
        let mut from = 0usize;
        while let Some(found) = memchr::memchr(quote, text.get(from..).unwrap_or_default()) {
            let open = from + found;
            if !self.opens(text, region, open) {
                from = open + 1;
                continue;
            }
            last = self.whole_lines(text, region, open).or(last);
            let search = closed_after.max(open + 1);
            match self.find_close(text, search, quote) {
                // A quote at the very end may be the first of two.
                Some(close) if at_end || close + 1 < text.len() => {
                    from = close + 1;
                    region = from;
                }
                _ if at_end || text.len() - open > reach => {
                    strays.push(open);
                    closed_after = text.len();
                    let Some(end) = self.line_end(text, open) else { break };
                    let next = self.after_line_end(text, end);
                    last = Some(next);
                    from = next;
                    region = next;
                }
                _ => return (last, strays),
            }
        }
        if at_end {
            return (Some(text.len()), strays);
        }
        (self.whole_lines(text, region, text.len()).or(last), strays)
    }

    /// The place after the last end of line in a part of a text that is outside quotes. A CR at the end of the part may be
    /// half of a CR LF and is not counted.
    fn whole_lines(&self, text: &[u8], from: usize, to: usize) -> Option<usize> {
        let part = text.get(from..to)?;
        let part = if self.terminator == Terminator::Lf { part } else { part.strip_suffix(b"\r").unwrap_or(part) };
        let at = from + self.last_line_end(part)?;
        Some(self.after_line_end(text, at))
    }

    /// Whether a quote stands at the beginning of a field.
    fn opens(&self, text: &[u8], region: usize, at: usize) -> bool {
        let before = text.get(region..at).unwrap_or_default();
        let blanks =
            if self.delimiter == b' ' { 0 } else { before.iter().rev().take_while(|byte| **byte == b' ').count() };
        let begin = at - blanks;
        // After a closing quote something must come between.
        let delimited = begin > region && text.get(begin - 1) == Some(&self.delimiter);
        delimited || self.begins_line(text, begin)
    }

    /// Whether a place is the beginning of the text or follows an end of line.
    fn begins_line(&self, text: &[u8], at: usize) -> bool {
        let Some(last) = at.checked_sub(1) else { return true };
        let pair = self.terminator == Terminator::Cr && text.get(last.wrapping_sub(1)..at) == Some(b"\r\n");
        pair || text.get(last).is_some_and(|byte| self.ends_line(*byte))
    }
}

/// The first place of one of two bytes. Most fields end within some bytes, where the way into a search for long texts would be
/// longer than the search.
#[inline]
fn first_of(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    const NEAR: usize = 3;
    // A byte's top bit is set where it is zero, or above such a one: the lowest is always right.
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let (eights, _) = text.as_chunks::<8>();
    let mut at = 0;
    for eight in eights.iter().take(NEAR) {
        let word = u64::from_le_bytes(*eight);
        let found = zero_in(word ^ (ONES * u64::from(one))) | zero_in(word ^ (ONES * u64::from(other)));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(one, other, text.get(at..)?).map(|found| at + found)
}

/// Takes an unquoted field, without the blanks around it.
#[inline]
fn take_plain(text: &[u8], start: usize, end: usize, record: &mut Record) {
    let field = text.get(start..end).unwrap_or_default();
    // White space is at most a blank: most fields have none at either end.
    if field.first().is_none_or(|first| *first > b' ') && field.last().is_none_or(|last| *last > b' ') {
        record.spans.push(Span { start: narrow(start), end: narrow(end), undone: false });
        return;
    }
    let left = field.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let right = field.iter().skip(left).rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    record.spans.push(Span { start: narrow(start + left), end: narrow(end - right), undone: false });
}

/// Texts are cut into blocks far below 4 GiB.
#[inline]
fn narrow(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLAIN: Dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, terminator: Terminator::Lf };

    fn rows(dialect: Dialect, text: &[u8]) -> Vec<Vec<String>> {
        let mut record = Record::default();
        let mut at = 0;
        let mut rows = Vec::new();
        let (_, strays) = dialect.last_record_end(text, true, 1 << 20);
        while let Some(next) = dialect.split(text, at, &strays, &mut record) {
            rows.push(
                (0..record.len()).map(|at| String::from_utf8_lossy(record.field(text, at)).into_owned()).collect(),
            );
            at = next;
        }
        rows
    }

    #[test]
    fn records_are_split_as_files_write_them() {
        let any = Dialect { terminator: Terminator::Any, ..PLAIN };
        let backslash = Dialect { escape: Some(b'\\'), ..PLAIN };
        let cases: [(Dialect, &str, &[&[&str]]); 18] = [
            (PLAIN, "a,b\n1,2\n", &[&["a", "b"], &["1", "2"]]),
            (PLAIN, "a,b\r\n1,2", &[&["a", "b"], &["1", "2"]]),
            (PLAIN, "a,,\n", &[&["a", "", ""]]),
            (PLAIN, "\"a,b\",c\n", &[&["a,b", "c"]]),
            (PLAIN, "\"a\"\"b\",c\n", &[&["a\"b", "c"]]),
            (PLAIN, "\"\",\"\"\"\"\n", &[&["", "\""]]),
            (PLAIN, "\"a\nb\",c\r\n", &[&["a\nb", "c"]]),
            (PLAIN, "1, \"x, y\" ,2\n", &[&["1", "x, y", "2"]]),
            (PLAIN, "5\" pipe,x\n", &[&["5\" pipe", "x"]]),
            (PLAIN, "\"say \"hi\" now\",x\n", &[&["say \"hi\" now", "x"]]),
            (PLAIN, "\"1\",\"3\" \"\n", &[&["1", "3\" "]]),
            (PLAIN, "\"open,x\n1,2\n", &[&["\"open,x"], &["1", "2"]]),
            (PLAIN, " a , b \n", &[&["a", "b"]]),
            (PLAIN, "\n\na\n", &[&[""], &[""], &["a"]]),
            (any, "a,b\r1,2\n3,4\r\n5,6", &[&["a", "b"], &["1", "2"], &["3", "4"], &["5", "6"]]),
            (backslash, "\"a\\\"b\",\"c\\\\\"\n", &[&["a\"b", "c\\"]]),
            (Dialect { quote: Some(b'\''), ..PLAIN }, "'a,b',c\n", &[&["a,b", "c"]]),
            (Dialect { quote: None, ..PLAIN }, "\"a,b\",c\n", &[&["\"a", "b\"", "c"]]),
        ];
        for (dialect, text, expected) in cases {
            assert_eq!(rows(dialect, text.as_bytes()), expected, "{text:?}");
        }
    }

    fn dialects() -> impl Strategy<Value = Dialect> {
        (
            prop_oneof![Just(b','), Just(b';'), Just(b'\t'), Just(b' ')],
            prop_oneof![Just(Some(b'"')), Just(Some(b'\'')), Just(None)],
            prop_oneof![Just(None), Just(Some(b'\\'))],
            prop_oneof![Just(Terminator::Lf), Just(Terminator::Cr), Just(Terminator::Any)],
        )
            .prop_map(|(delimiter, quote, escape, terminator)| Dialect {
                delimiter,
                quote,
                escape,
                terminator,
            })
    }

    proptest! {
        #[test]
        fn the_end_of_a_field_is_where_it_is_for_everybody(
            bytes in proptest::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'-'), any::<u8>()], 0..40),
            filler in proptest::collection::vec(Just(b'+'), 0..40),
        ) {
            let text = [filler, bytes].concat();
            prop_assert_eq!(first_of(b',', b'\n', &text), memchr::memchr2(b',', b'\n', &text));
        }

        #[test]
        fn a_text_cut_at_record_ends_gives_the_same_records(
            dialect in dialects(),
            text in "[a\"',; \\\\\n\r\t]{0,60}",
            cut in 1usize..40,
        ) {
            let bytes = text.as_bytes();
            // Cut as a scanner does: whole records of the first part, then the rest.
            let first = bytes.get(..cut.min(bytes.len())).unwrap_or_default();
            let (end, _) = dialect.last_record_end(first, first.len() == bytes.len(), 1 << 20);
            if let Some(end) = end {
                let mut parts = rows(dialect, &bytes[..end]);
                parts.extend(rows(dialect, &bytes[end..]));
                prop_assert_eq!(parts, rows(dialect, bytes));
            }
        }

        #[test]
        fn any_bytes_are_split_without_panic_and_to_the_end(dialect in dialects(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (end, strays) = dialect.last_record_end(&bytes, true, 50);
            prop_assert_eq!(end, Some(bytes.len()));
            let mut record = Record::default();
            let mut at = 0;
            while let Some(next) = dialect.split(&bytes, at, &strays, &mut record) {
                prop_assert!(next > at);
                at = next;
            }
            prop_assert_eq!(at, bytes.len());
        }
    }
}
