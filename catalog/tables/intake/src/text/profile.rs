//! The first time through the rows: what every column may be, how many rows there are, where footnotes begin.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use super::examine::{Head, count_lines};
use super::scan::{Block, Scanner};
use super::split::{Fault, Record};
use crate::declared::Rules;
use crate::error::IntakeError;
use crate::header;
use crate::infer::Profile;
use crate::limits::Limits;
use crate::plan::Context;
use crate::quarantine::check_share;
use crate::watch::{Progress, Stage};

/// A block as the second time through finds it again.
#[derive(Debug, Clone)]
pub(crate) struct BlockInfo {
    pub(crate) offset: u64,
    pub(crate) length: usize,
    pub(crate) strays: Vec<usize>,
    /// The line on which it begins.
    pub(crate) line: u64,
    /// Rows to take from it.
    pub(crate) rows: usize,
}

/// What becomes of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A row.
    Take,
    /// Nothing: an empty line, or empty fields only.
    Blank,
    /// A line of comment.
    Comment,
    /// The header again.
    HeaderAgain,
    /// A row that is kept out.
    Refuse(Fault),
}

/// Judges records by their shape; the same both times through.
pub(crate) struct Judge<'a> {
    head: &'a Head,
    width: usize,
    field_bytes: usize,
    nul: bool,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(head: &'a Head, text: &[u8], field_bytes: usize) -> Self {
        Self { head, width: head.titles.len(), field_bytes, nul: memchr::memchr(0, text).is_some() }
    }

    #[inline]
    pub(crate) fn judge(&self, record: &Record, text: &[u8]) -> Verdict {
        let length = record.end - record.start;
        let fits = record.len() == self.width && !record.unclosed && !self.nul && length <= self.field_bytes;
        if fits
            && self.width > 1
            && !record.field(text, 0).is_empty()
            && (length != self.head.header_raw.len() || record.raw(text) != self.head.header_raw)
        {
            return Verdict::Take;
        }
        self.judge_closely(record, text)
    }

    fn judge_closely(&self, record: &Record, text: &[u8]) -> Verdict {
        let raw = record.raw(text);
        let filled = record.filled_len(text);
        if filled == 0 {
            return Verdict::Blank;
        }
        if self.head.comment.is_some_and(|sign| raw.first() == Some(&sign))
            && (record.len() != self.width || self.width == 1)
        {
            return Verdict::Comment;
        }
        if !raw.is_empty() && raw == self.head.header_raw {
            return Verdict::HeaderAgain;
        }
        if record.unclosed {
            return Verdict::Refuse(Fault::UnclosedQuote);
        }
        if self.nul && memchr::memchr(0, raw).is_some() {
            return Verdict::Refuse(Fault::NulByte);
        }
        if filled > self.width {
            return Verdict::Refuse(Fault::TooManyFields);
        }
        if record.len() < self.head.fields_min {
            return Verdict::Refuse(Fault::TooFewFields);
        }
        if raw.len() > self.field_bytes && (0..record.len()).any(|at| record.field(text, at).len() > self.field_bytes) {
            return Verdict::Refuse(Fault::FieldTooLong);
        }
        Verdict::Take
    }
}

/// What the first time through finds.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub(crate) profiles: Vec<Profile>,
    pub(crate) blocks: Vec<BlockInfo>,
    pub(crate) footnote_rows: u32,
    pub(crate) footnotes: Vec<String>,
    rows: u64,
    faults: BTreeMap<Fault, u64>,
    blanks: u64,
    headers: u64,
    /// Values of each column that differ from the one before, in the sample of the first block; to see which repeat.
    pub(crate) varied: Vec<bool>,
}

impl Survey {
    fn refused(&self) -> u64 {
        self.faults.values().sum()
    }

    /// Whether few enough rows had to be kept out.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), IntakeError> {
        let refused = self.refused();
        let most = self.faults.iter().max_by_key(|(_, rows)| **rows).map_or("", |(fault, _)| fault.as_str());
        check_share(refused, self.rows + refused, most.to_owned(), limits)
    }

    /// What people should know.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.footnotes.is_empty() {
            notes.push(format!("Below the table: {}", header::shorten(&self.footnotes.join(" / "))));
        }
        if self.blanks > 0 {
            notes.push(format!("Empty rows that were left out: {}.", self.blanks));
        }
        if self.headers > 0 {
            notes.push(format!("Rows that repeat the header and were left out: {}.", self.headers));
        }
        notes
    }

    fn add(&mut self, part: Part) {
        for (mine, theirs) in self.profiles.iter_mut().zip(&part.profiles) {
            mine.merge(theirs);
        }
        self.rows += part.rows;
        self.blanks += part.blanks;
        self.headers += part.headers;
        for (fault, rows) in part.faults {
            *self.faults.entry(fault).or_default() += rows;
        }
        if !part.varied.is_empty() {
            self.varied = part.varied;
        }
    }
}

/// What one thread finds.
#[derive(Default)]
struct Part {
    profiles: Vec<Profile>,
    /// Index, block, lines in it.
    blocks: Vec<(usize, BlockInfo, u64)>,
    rows: u64,
    faults: BTreeMap<Fault, u64>,
    blanks: u64,
    headers: u64,
    varied: Vec<bool>,
}

/// Looks at every value of a text.
pub(crate) fn profile(path: &Path, head: &Head, rules: &Rules, context: &Context<'_>) -> Result<Survey, IntakeError> {
    let limits = context.limits();
    let width = head.titles.len();
    let mut scanner = Scanner::open(path, head.data_offset, head.dialect, limits.field_bytes)?;
    let mut survey = Survey { profiles: vec![Profile::default(); width], ..Survey::default() };
    survey.varied = vec![false; width];
    let rows_seen = AtomicU64::new(0);
    let (sender, receiver) = sync_channel::<Block>(context.threads + 1);
    let receiver = Mutex::new(receiver);
    let parts = std::thread::scope(|scope| -> Result<Vec<Part>, IntakeError> {
        let workers: Vec<_> = (0..context.threads)
            .map(|_| scope.spawn(|| profile_blocks(&receiver, head, rules, context, &rows_seen)))
            .collect();
        let mut scanned = Ok(());
        loop {
            let block = match next_block(&mut scanner, head, &mut survey) {
                Ok(Some(block)) => block,
                Ok(None) => break,
                Err(error) => {
                    scanned = Err(error);
                    break;
                }
            };
            context.watch.progress(Progress {
                stage: Stage::Typing,
                bytes_done: block.offset,
                bytes_total: scanner.end(),
                rows: rows_seen.load(Ordering::Relaxed),
            });
            if context.watch.stopped() {
                scanned = Err(IntakeError::Cancelled);
                break;
            }
            if sender.send(block).is_err() {
                break;
            }
        }
        drop(sender);
        let mut parts = Vec::new();
        for worker in workers {
            parts.push(worker.join().map_err(|_| thread_died())?);
        }
        scanned.map(|()| parts)
    })?;
    let mut blocks = Vec::new();
    for mut part in parts {
        blocks.append(&mut part.blocks);
        survey.add(part);
    }
    blocks.sort_by_key(|(index, ..)| *index);
    let mut line = head.data_line;
    survey.blocks = blocks
        .into_iter()
        .map(|(_, mut block, lines)| {
            block.line = line;
            line += lines;
            block
        })
        .collect();
    Ok(survey)
}

/// The error for a thread that ended in a panic: a fault of ours, reported rather than passed on.
pub(crate) fn thread_died() -> IntakeError {
    IntakeError::Write("a thread of the load ended unexpectedly".into())
}

/// The next block; the footnotes are cut off the last one.
fn next_block(scanner: &mut Scanner, head: &Head, survey: &mut Survey) -> Result<Option<Block>, IntakeError> {
    let Some(mut block) = scanner.next_block()? else { return Ok(None) };
    if block.last {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut starts = Vec::new();
        let mut record = Record::default();
        let mut at = 0;
        while let Some(next) = head.dialect.split(&block.bytes, at, &block.strays, &mut record) {
            // Footnotes are few: only the last rows are kept as text.
            if rows.len() >= 256 {
                rows.drain(..128);
                starts.drain(..128);
            }
            let text = |at| String::from_utf8_lossy(record.field(&block.bytes, at)).trim().to_owned();
            rows.push((0..record.len()).map(text).collect());
            starts.push(at);
            at = next;
        }
        let cut = header::footnotes(&rows, head.titles.len());
        if cut > 0
            && let Some(start) = rows.len().checked_sub(cut).and_then(|at| starts.get(at))
        {
            block.bytes.truncate(*start);
            block.strays.retain(|stray| stray < start);
            let notes = rows.iter().skip(rows.len() - cut).filter(|row| header::filled(row) > 0);
            survey.footnotes = notes.map(|row| header::join_cells(row)).collect();
            survey.footnote_rows = u32::try_from(cut).unwrap_or(u32::MAX);
        }
    }
    Ok(Some(block))
}

fn profile_blocks(
    receiver: &Mutex<Receiver<Block>>,
    head: &Head,
    rules: &Rules,
    context: &Context<'_>,
    rows_seen: &AtomicU64,
) -> Part {
    let mut part = Part { profiles: vec![Profile::default(); head.titles.len()], ..Part::default() };
    let mut record = Record::default();
    loop {
        let block = match receiver.lock() {
            Ok(receiver) => receiver.recv(),
            Err(_) => return part,
        };
        let Ok(block) = block else { return part };
        let before = part.rows;
        profile_block(&block, head, rules, context, &mut part, &mut record);
        rows_seen.fetch_add(part.rows - before, Ordering::Relaxed);
    }
}

fn profile_block(
    block: &Block,
    head: &Head,
    rules: &Rules,
    context: &Context<'_>,
    part: &mut Part,
    record: &mut Record,
) {
    let text = block.bytes.as_slice();
    let judge = Judge::new(head, text, context.limits().field_bytes);
    let mut at = 0;
    let mut rows = 0usize;
    while let Some(next) = head.dialect.split(text, at, &block.strays, record) {
        at = next;
        match judge.judge(record, text) {
            Verdict::Take => {
                rows += 1;
                see_row(record, text, rules, &mut part.profiles);
            }
            Verdict::Blank => part.blanks += 1,
            Verdict::Comment => {}
            Verdict::HeaderAgain => part.headers += 1,
            Verdict::Refuse(fault) => *part.faults.entry(fault).or_default() += 1,
        }
    }
    part.rows += u64::try_from(rows).unwrap_or_default();
    let info = BlockInfo { offset: block.offset, length: text.len(), strays: block.strays.clone(), line: 0, rows };
    part.blocks.push((block.index, info, count_lines(text, head.dialect)));
    if block.index == 0 {
        part.varied = varied(block, head, &judge, record);
    }
}

#[inline]
fn see_row(record: &Record, text: &[u8], rules: &Rules, profiles: &mut [Profile]) {
    if rules.columns.is_empty() {
        for (at, profile) in profiles.iter_mut().enumerate() {
            profile.see(record.field(text, at));
        }
        return;
    }
    for (at, profile) in profiles.iter_mut().enumerate() {
        let field = record.field(text, at);
        match rules.get(at) {
            Some(rule) => rule.see(&rule.normal(field), profile),
            None => profile.see(field),
        }
    }
}

/// Rows of the first block by which it is judged whether a column's values repeat.
const VARIED_ROWS: usize = 4_000;

/// Says of each column whether most of its values in the first rows are different.
fn varied(block: &Block, head: &Head, judge: &Judge<'_>, record: &mut Record) -> Vec<bool> {
    let text = block.bytes.as_slice();
    let mut seen = vec![std::collections::HashSet::new(); head.titles.len()];
    let mut counts = vec![0usize; head.titles.len()];
    let (mut at, mut rows) = (0, 0);
    while rows < VARIED_ROWS
        && let Some(next) = head.dialect.split(text, at, &block.strays, record)
    {
        at = next;
        if judge.judge(record, text) != Verdict::Take {
            continue;
        }
        rows += 1;
        for (place, (seen, count)) in seen.iter_mut().zip(&mut counts).enumerate() {
            let field = record.field(text, place);
            if !field.is_empty() {
                *count += 1;
                seen.insert(xxhash_rust::xxh3::xxh3_64(field));
            }
        }
    }
    seen.iter().zip(counts).map(|(seen, count)| count >= 1_000 && seen.len() * 2 > count).collect()
}
