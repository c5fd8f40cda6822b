//! The head of a delimited text: dialect, preamble, header.

use std::fs::File;
use std::io::{Seek, SeekFrom};

use super::Delimited;
use super::dialect::{self, DialectHints};
use super::encoding::{Utf8Text, read_full};
use super::split::{Dialect, Record};
use crate::error::IntakeError;
use crate::header::{self, HeaderHints, SAMPLE_ROWS};
use crate::plan::Context;

/// Bytes of the beginning that are looked at.
const SAMPLE_BYTES: usize = 1 << 20;

/// What the beginning of a text says about the rest.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) dialect: Dialect,
    /// The columns' titles; their number is the width of the table.
    pub(crate) titles: Vec<String>,
    pub(crate) preamble_rows: u32,
    pub(crate) header_rows: u32,
    /// Where the first row of data begins.
    pub(crate) data_offset: u64,
    /// The line it is on; the first is 1.
    pub(crate) data_line: u64,
    /// The fewest fields that a row may have.
    pub(crate) fields_min: usize,
    /// What lines of comment begin with.
    pub(crate) comment: Option<u8>,
    /// The header as it stands, to know it again further down.
    pub(crate) header_raw: Vec<u8>,
    pub(crate) notes: Vec<String>,
}

/// A record of the sample.
struct Sampled {
    cells: Vec<String>,
    start: usize,
    end: usize,
    next: usize,
    comment: bool,
}

/// Looks at the beginning of a text.
pub(crate) fn examine(text: &Utf8Text, source: &Delimited<'_>, context: &Context<'_>) -> Result<Head, IntakeError> {
    let mut file = File::open(&text.path)?;
    file.seek(SeekFrom::Start(text.skip))?;
    let mut sample = vec![0u8; SAMPLE_BYTES];
    let length = read_full(&mut file, &mut sample)?;
    sample.truncate(length);
    if sample.trim_ascii().is_empty() {
        return Err(IntakeError::NotTabular { why: "the file is empty".to_owned() });
    }
    let published = source.schema.and_then(|schema| schema.dialect.clone()).unwrap_or_default();
    let header_hints = HeaderHints {
        present: published.header,
        rows: published.header_rows.and_then(|rows| usize::try_from(rows).ok()),
        skip: published.skip_rows.and_then(|rows| usize::try_from(rows).ok()),
    };
    let comment = published.comment_char.and_then(|sign| u8::try_from(sign).ok());
    let hints = DialectHints { published, suggested: suggested_delimiter(source.file, context) };
    let found = dialect::find(&sample, &hints);
    let complete = length < SAMPLE_BYTES;
    let reach = context.limits().field_bytes;
    let rows = sample_rows(&sample, found.skip, found.dialect, complete, reach);
    Ok(lay_out(&sample, text.skip, found, rows, header_hints, comment))
}

/// What the file's name or media type says of its delimiter.
fn suggested_delimiter(file: &str, context: &Context<'_>) -> Option<u8> {
    let name = file.to_ascii_lowercase();
    let media_type = context.options.media_type.as_deref().unwrap_or_default();
    if name.ends_with(".tsv") || name.ends_with(".tab") || media_type.starts_with("text/tab-separated-values") {
        return Some(b'\t');
    }
    None
}

fn sample_rows(sample: &[u8], from: usize, dialect: Dialect, complete: bool, reach: usize) -> Vec<Sampled> {
    let (end, strays) = dialect.last_record_end(sample, complete, reach);
    let whole = sample.get(..end.unwrap_or(sample.len())).unwrap_or_default();
    let mut record = Record::default();
    let mut rows = Vec::new();
    let mut at = from;
    while rows.len() < SAMPLE_ROWS
        && let Some(next) = dialect.split(whole, at, &strays, &mut record)
    {
        let cells = (0..record.len())
            .map(|at| String::from_utf8_lossy(crate::infer::trim(record.field(whole, at))).into_owned())
            .collect();
        rows.push(Sampled { cells, start: at, end: record.end, next, comment: false });
        at = next;
    }
    rows
}

fn lay_out(
    sample: &[u8],
    skip: u64,
    found: dialect::Found,
    mut rows: Vec<Sampled>,
    hints: HeaderHints,
    comment: Option<u8>,
) -> Head {
    let comment = mark_comments(sample, &mut rows, comment);
    let kept: Vec<&Sampled> = rows.iter().filter(|row| !row.comment).collect();
    let cells: Vec<Vec<String>> = kept.iter().map(|row| row.cells.clone()).collect();
    let layout = header::find(&cells, hints);
    let first = layout.first_data();
    let data_start = match first.checked_sub(1).and_then(|last| kept.get(last)) {
        Some(last) => last.next,
        None => kept.first().map_or(found.skip, |row| row.start),
    };
    let header_raw = match (layout.header_rows, kept.get(layout.preamble_rows)) {
        (1, Some(row)) => sample.get(row.start..row.end).unwrap_or_default().to_vec(),
        _ => Vec::new(),
    };
    let before = sample.get(..data_start).unwrap_or_default();
    let comments = rows.iter().take_while(|row| row.start < data_start).filter(|row| row.comment).count();
    let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Head {
        dialect: found.dialect,
        titles: layout.titles,
        preamble_rows: narrow(layout.preamble_rows + comments + usize::from(found.skip > 0)),
        header_rows: narrow(layout.header_rows),
        data_offset: skip + u64::try_from(data_start).unwrap_or_default(),
        data_line: count_lines(before, found.dialect) + 1,
        fields_min: layout.fields_min,
        comment,
        header_raw,
        notes: layout.notes,
    }
}

/// Marks lines of comment: those that begin with `#` and have another number of fields than the rest. Gives the sign.
fn mark_comments(sample: &[u8], rows: &mut [Sampled], published: Option<u8>) -> Option<u8> {
    let sign = published.unwrap_or(b'#');
    let begins = |row: &Sampled| sample.get(row.start) == Some(&sign);
    let mut widths = std::collections::BTreeMap::<usize, usize>::new();
    for row in rows.iter().filter(|row| header::filled(&row.cells) > 0 && !begins(row)) {
        *widths.entry(row.cells.len()).or_default() += 1;
    }
    let usual = widths.iter().max_by_key(|(_, count)| **count).map_or(0, |(width, _)| *width);
    let mut any = false;
    let leading = rows.first().is_some_and(begins);
    for row in rows.iter_mut() {
        let is_comment =
            begins(row) && (published.is_some() || (row.cells.len() != usual && usual > 1) || (usual == 1 && leading));
        row.comment = is_comment;
        any |= is_comment;
    }
    (any || published.is_some()).then_some(sign)
}

/// Ends of lines in a text.
pub(crate) fn count_lines(text: &[u8], dialect: Dialect) -> u64 {
    use super::split::Terminator;
    let count = |sign: u8| memchr::memchr_iter(sign, text).count();
    let lines = match dialect.terminator {
        Terminator::Lf => count(b'\n'),
        Terminator::Cr => count(b'\r'),
        Terminator::Any => count(b'\n') + count(b'\r') - memchr::memmem::find_iter(text, b"\r\n").count(),
    };
    u64::try_from(lines).unwrap_or_default()
}
