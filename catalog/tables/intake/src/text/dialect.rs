//! How a text is delimited, found from a large sample.
//!
//! Every pair of delimiter and quote splits the sample; the pair with the highest score wins:
//!
//! > score = consistency² × breadth × evidence
//!
//! - *consistency*: the share of records that have the most frequent number of fields. Titles above a table and notes below
//!   cost a little, prose full of commas a lot.
//! - *breadth*: (fields − 1) / fields; nothing for one field, little more for twenty than for five.
//! - *evidence*: what cells look like, averaged: 1 for numbers, dates and empty cells, 0.6 for plain text, 0.1 for text in
//!   which another candidate's delimiter stands, as it does where the wrong one was used to split.

use std::collections::BTreeMap;

use super::split::{Dialect, Record, Terminator};
use crate::formats::PublishedDialect;
use crate::infer::{date, null, number};

/// Bytes of the sample that are split with every candidate.
const SCORE_BYTES: usize = 96 << 10;
/// Records of it.
const SCORE_RECORDS: usize = 600;
/// Delimiters in the order in which ties are broken. The last three are rare and need a table without any doubt.
const DELIMITERS: [u8; 9] = [b',', b';', b'\t', b'|', 0x1f, b'~', b'^', b':', b' '];
/// Delimiters that are common in prose.
const WEAK: [u8; 4] = [b'~', b'^', b':', b' '];
/// The least consistency of a weak delimiter.
const WEAK_CONSISTENCY: f64 = 0.98;
/// The least consistency of any delimiter in a text of more than a handful of records.
const CONSISTENCY_MIN: f64 = 0.4;

/// What is known of a text's dialect beforehand.
#[derive(Debug, Clone, Default)]
pub(crate) struct DialectHints {
    /// What the publisher says.
    pub(crate) published: PublishedDialect,
    /// The delimiter that the file's name or media type suggests.
    pub(crate) suggested: Option<u8>,
}

/// A text's dialect, and bytes before its first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) dialect: Dialect,
    /// Bytes of a line `sep=;` at the beginning.
    pub(crate) skip: usize,
}

/// Finds the dialect from the beginning of a text.
pub(crate) fn find(sample: &[u8], hints: &DialectHints) -> Found {
    let (forced, skip) = separator_line(sample);
    let body = sample.get(skip..).unwrap_or_default();
    let forced = forced.or_else(|| hints.published.delimiter.and_then(|sign| u8::try_from(sign).ok()));
    let body = body.get(..body.len().min(SCORE_BYTES)).unwrap_or_default();
    let mut best: Option<(f64, Dialect)> = None;
    for terminator in terminators(body) {
        let delimiters: &[u8] = forced.as_ref().map_or(&DELIMITERS[..], std::slice::from_ref);
        for delimiter in delimiters.iter().copied() {
            for (quote, escape) in quotes(body, delimiter, &hints.published) {
                let dialect = Dialect { delimiter, quote, escape, terminator };
                let bonus = if hints.suggested == Some(delimiter) { 1.2 } else { 1.0 };
                let score = score(body, dialect, forced.is_some()) * bonus;
                if best.is_none_or(|(most, _)| score > most + 1e-9) {
                    best = Some((score, dialect));
                }
            }
        }
    }
    let fallback = Dialect {
        delimiter: forced.or(hints.suggested).unwrap_or(b','),
        quote: Some(b'"'),
        escape: None,
        terminator: Terminator::Any,
    };
    let dialect = match best {
        Some((score, dialect)) if score > 0.0 => dialect,
        Some((_, dialect)) => Dialect { terminator: dialect.terminator, ..fallback },
        None => fallback,
    };
    Found { dialect, skip }
}

/// A first line `sep=;`, as spreadsheets write and read it.
fn separator_line(sample: &[u8]) -> (Option<u8>, usize) {
    let line_end = memchr::memchr2(b'\n', b'\r', sample).unwrap_or(sample.len());
    let line = sample.get(..line_end).unwrap_or_default().trim_ascii_end();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let Some((word, rest)) = line.split_at_checked(4) else { return (None, 0) };
    let (true, &[delimiter]) = (word.eq_ignore_ascii_case(b"sep="), rest) else { return (None, 0) };
    let pair = sample.get(line_end..line_end + 2) == Some(b"\r\n");
    (Some(delimiter), (line_end + if pair { 2 } else { 1 }).min(sample.len()))
}

/// The ends of lines that may be meant.
fn terminators(sample: &[u8]) -> Vec<Terminator> {
    let feeds = memchr::memchr_iter(b'\n', sample).count();
    let lone =
        memchr::memchr_iter(b'\r', sample).filter(|at| sample.get(at + 1).is_some_and(|next| *next != b'\n')).count();
    match (feeds, lone) {
        (_, 0) => vec![Terminator::Lf],
        (0, _) => vec![Terminator::Cr],
        _ => vec![Terminator::Lf, Terminator::Any],
    }
}

/// The quotes and escapes that may be meant.
fn quotes(sample: &[u8], delimiter: u8, published: &PublishedDialect) -> Vec<(Option<u8>, Option<u8>)> {
    let escape = published.escape_char.and_then(|sign| u8::try_from(sign).ok());
    if let Some(quote) = published.quote_char {
        return vec![(quote.and_then(|sign| u8::try_from(sign).ok()), escape)];
    }
    let count = |pair: &[u8]| memchr::memmem::find_iter(sample, pair).count();
    let mut found = vec![(Some(b'"'), escape)];
    let double = memchr::memchr(b'"', sample).is_some();
    if double && memchr::memmem::find(sample, b"\\\"").is_some() {
        found.push((Some(b'"'), Some(b'\\')));
    }
    // Where few of the fields that a quote opens are closed by one, it may be no quote at all, such as the sign for inches.
    let opens = count(&[delimiter, b'"']) + count(b"\n\"");
    let closes = count(&[b'"', delimiter]) + count(b"\"\n") + count(b"\"\r");
    if double && opens > closes * 2 {
        found.push((None, None));
    }
    if count(&[delimiter, b'\'']) + count(b"\n'") >= 2 && count(&[b'\'', delimiter]) + count(b"'\n") >= 2 {
        found.push((Some(b'\''), None));
    }
    found
}

fn score(sample: &[u8], dialect: Dialect, forced: bool) -> f64 {
    let (_, strays) = dialect.last_record_end(sample, true, sample.len());
    let mut record = Record::default();
    let mut widths = BTreeMap::<usize, usize>::new();
    let mut evidence = 0.0;
    let mut cells = 0u32;
    let (mut records, mut unclosed) = (0usize, 0usize);
    let mut at = 0;
    while records < SCORE_RECORDS
        && let Some(next) = dialect.split(sample, at, &strays, &mut record)
    {
        // The sample's last record may be cut.
        if next >= sample.len() && records > 1 && sample.len() >= SCORE_BYTES {
            break;
        }
        at = next;
        if record.filled_len(sample) == 0 || (record.len() == 1 && record.raw(sample).starts_with(b"#")) {
            continue;
        }
        records += 1;
        unclosed += usize::from(record.unclosed);
        *widths.entry(record.len()).or_default() += 1;
        for place in 0..record.len().min(50) {
            evidence += judge_cell(record.field(sample, place), dialect);
            cells += 1;
        }
    }
    let Some((width, most)) = widths.iter().max_by_key(|(width, count)| (**count, **width)) else { return 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "counts of a sample are small")]
    let (width, most, records_f, unclosed) = (*width as f64, *most as f64, records as f64, unclosed as f64);
    let consistency = (most - unclosed).max(0.0) / records_f;
    let weak = WEAK.contains(&dialect.delimiter) && !forced;
    if width < 2.0 || (weak && (consistency < WEAK_CONSISTENCY || records < 3 || width < 3.0)) {
        return 0.0;
    }
    if consistency < CONSISTENCY_MIN && records > 5 && !forced {
        return 0.0;
    }
    let evidence = evidence / f64::from(cells.max(1));
    let weakness = if weak { 0.5 } else { 1.0 };
    // Quotes that are there and not taken for quotes cost a little, so that they are where both ways fit alike.
    let unquoted = if dialect.quote.is_none() { 0.9 } else { 1.0 };
    consistency * consistency * ((width - 1.0) / width) * evidence * weakness * unquoted
}

fn judge_cell(cell: &[u8], dialect: Dialect) -> f64 {
    let cell = cell.trim_ascii();
    if null::is_null_token(cell) || number::scan(cell).is_some() || date::scan(cell).is_some() {
        return 1.0;
    }
    let foreign = cell.iter().any(|byte| matches!(byte, b',' | b';' | b'\t' | b'|') && *byte != dialect.delimiter);
    let quoted =
        cell.first().is_some_and(|byte| matches!(byte, b'"')) || cell.last().is_some_and(|byte| matches!(byte, b'"'));
    if quoted {
        0.1
    } else if foreign {
        if cell.len() < 40 { 0.2 } else { 0.4 }
    } else {
        0.6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_found_from_what_the_text_looks_like() {
        let cases: [(&str, u8, Option<u8>, Terminator); 19] = [
            ("id,name\n1,english\n2,x\n", b',', Some(b'"'), Terminator::Lf),
            ("id;name\n1;english\n", b';', Some(b'"'), Terminator::Lf),
            ("id\tname\n1\tenglish\n", b'\t', Some(b'"'), Terminator::Lf),
            ("id|name\n1|english\n", b'|', Some(b'"'), Terminator::Lf),
            ("a;1,5;2,5\nb;3,5;4,5\n", b';', Some(b'"'), Terminator::Lf),
            ("Name;Preis\n\"Brot, hell\";1,20\n\"Brot, dunkel\";2,50\n", b';', Some(b'"'), Terminator::Lf),
            ("'a','b,c'\n'd','e'\n'f','g'\n", b',', Some(b'\''), Terminator::Lf),
            ("a,b\r1,2\r3,4", b',', Some(b'"'), Terminator::Cr),
            ("a,b\r\n1,2\r\n3,4", b',', Some(b'"'), Terminator::Lf),
            ("a,b\r1,2\n3,4\n5,6", b',', Some(b'"'), Terminator::Any),
            ("number\n1.1\n1.2\n", b',', Some(b'"'), Terminator::Lf),
            ("Some title\n\nid;name\n1;x, y\n2;z\n3;u\n4;v\n", b';', Some(b'"'), Terminator::Lf),
            ("a,b\n\"x \\\" y\",1\n\"\\\", z\",2\n", b',', Some(b'"'), Terminator::Lf),
            ("1,[\"a\"]\n2,\n3,[\"b\"]\n", b',', Some(b'"'), Terminator::Lf),
            ("a:b:c\n1:2:3\n4:5:6\n", b':', Some(b'"'), Terminator::Lf),
            ("1 2 3\n4 5 6\n7 8 9\n", b' ', Some(b'"'), Terminator::Lf),
            ("text\nSome prose here\nAnd more of it here\n", b',', Some(b'"'), Terminator::Lf),
            ("sep=;\na;b,c\n1;2,3\n", b';', Some(b'"'), Terminator::Lf),
            ("", b',', Some(b'"'), Terminator::Lf),
        ];
        for (text, delimiter, quote, terminator) in cases {
            let found = find(text.as_bytes(), &DialectHints::default());
            let dialect = found.dialect;
            assert_eq!(
                (dialect.delimiter, dialect.quote, dialect.terminator),
                (delimiter, quote, terminator),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_line_that_names_the_delimiter_is_left_out() {
        assert_eq!(find(b"sep=;\r\na;b\n", &DialectHints::default()).skip, 7);
        assert_eq!(find(b"\"sep=|\"\na|b\n", &DialectHints::default()).dialect.delimiter, b'|');
    }
}
