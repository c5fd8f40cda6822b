//! The second time through the rows: groups of blocks become row groups.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex};

use fairground_domain::{Column, QuarantineSummary};

use super::examine::{Head, count_lines};
use super::profile::{BlockInfo, Judge, Survey, Verdict, thread_died};
use super::split::Record;
use crate::convert::ColumnBuilder;
use crate::declared::{Rules, Seen};
use crate::error::IntakeError;
use crate::limits::Limits;
use crate::plan::{Context, Plan};
use crate::quarantine::{Quarantine, Refused};
use crate::statistics::Statistics;
use crate::watch::{Progress, Stage};
use crate::write::{self, EncodedGroup, Encoder, ROW_GROUP_BYTES, ROW_GROUP_CELLS, ROW_GROUP_ROWS, SnapshotWriter};

/// Bytes of refused rows that one row group keeps for the quarantine file; further ones are counted only.
const REFUSED_BYTES: usize = 4 << 20;

/// What was written.
pub(crate) struct Rows {
    pub(crate) writer: SnapshotWriter,
    pub(crate) parquet: PathBuf,
    pub(crate) rows: u64,
    pub(crate) statistics: Vec<Statistics>,
    pub(crate) quarantine: (Option<PathBuf>, QuarantineSummary),
    pub(crate) notes: Vec<String>,
}

/// What becomes of one group of blocks.
struct Group {
    index: usize,
    encoded: Option<EncodedGroup>,
    rows: u64,
    bytes: u64,
    refused: Vec<Refused>,
    /// Refused rows beyond [`REFUSED_BYTES`].
    counted: BTreeMap<String, u64>,
}

/// What threads share.
struct Shared<'a> {
    file: &'a File,
    head: &'a Head,
    groups: Vec<&'a [BlockInfo]>,
    plan: &'a Plan,
    rules: &'a Rules,
    encoder: &'a Encoder,
    limits: &'a Limits,
    next: AtomicUsize,
    stop: AtomicBool,
    /// Groups that are written; threads stay within a few of it, so that finished groups do not pile up.
    written: Mutex<usize>,
    moved: Condvar,
    ahead: usize,
}

/// Reads the rows again and writes them.
pub(crate) fn write(
    path: &Path,
    head: &Head,
    survey: &Survey,
    plan: &Plan,
    rules: &Rules,
    context: &Context<'_>,
) -> Result<Rows, IntakeError> {
    let file = File::open(path)?;
    let parquet = tempfile::Builder::new().prefix("rows-").tempfile_in(context.scratch)?;
    let parquet = parquet.into_temp_path().keep().map_err(|error| IntakeError::Io(error.error))?;
    let (mut writer, encoder) = write::create(&parquet, &plan.columns, &survey.varied)?;
    let threads = if rules.in_order() { 1 } else { context.threads };
    let shared = Shared {
        file: &file,
        head,
        groups: group(&survey.blocks, plan.columns.len()),
        plan,
        rules,
        encoder: &encoder,
        limits: context.limits(),
        next: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        written: Mutex::new(0),
        moved: Condvar::new(),
        ahead: threads + 1,
    };
    let quarantine_path = parquet.with_extension("quarantine.csv");
    let mut quarantine = Quarantine::new(&quarantine_path, context.limits());
    let mut rows = 0;
    let (sender, receiver) = channel();
    let outcome = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let (sender, shared) = (sender.clone(), &shared);
                scope.spawn(move || work(shared, &sender))
            })
            .collect();
        drop(sender);
        let result = collect(&receiver, &shared, &mut writer, &mut quarantine, &mut rows, context);
        shared.stop.store(true, Ordering::Relaxed);
        shared.moved.notify_all();
        let mut found = Vec::new();
        for worker in workers {
            found.push(worker.join().map_err(|_| thread_died())?);
        }
        result.map(|()| found)
    })?;
    quarantine.check(rows + quarantine.rows())?;
    let mut statistics = Statistics::for_columns(plan.columns.len());
    let mut notes = Vec::new();
    for (part, full) in outcome {
        for (mine, theirs) in statistics.iter_mut().zip(part) {
            mine.merge(theirs);
        }
        if full {
            notes.push(format!("Uniqueness was checked for the first {} rows.", context.limits().unique_rows));
        }
    }
    Ok(Rows { writer, parquet, rows, statistics, quarantine: quarantine.finish()?, notes })
}

/// Puts blocks together to row groups.
fn group(blocks: &[BlockInfo], width: usize) -> Vec<&[BlockInfo]> {
    let rows_max = ROW_GROUP_ROWS.min(ROW_GROUP_CELLS / width.max(1));
    let mut groups = Vec::new();
    let mut begin = 0;
    let (mut rows, mut bytes) = (0usize, 0usize);
    for (at, block) in blocks.iter().enumerate() {
        if at > begin && (rows + block.rows > rows_max || bytes + block.length > ROW_GROUP_BYTES) {
            groups.extend(blocks.get(begin..at));
            begin = at;
            (rows, bytes) = (0, 0);
        }
        rows += block.rows;
        bytes += block.length;
    }
    groups.extend(blocks.get(begin..).filter(|rest| !rest.is_empty()));
    groups
}

/// Writes finished groups in order.
fn collect(
    receiver: &Receiver<Result<Group, IntakeError>>,
    shared: &Shared<'_>,
    writer: &mut SnapshotWriter,
    quarantine: &mut Quarantine<'_>,
    rows: &mut u64,
    context: &Context<'_>,
) -> Result<(), IntakeError> {
    let mut waiting = BTreeMap::new();
    let total: u64 = shared.groups.iter().map(|group| bytes_of(group)).sum();
    let mut done = 0;
    let mut next = 0usize;
    while next < shared.groups.len() {
        let group = receiver.recv().map_err(|_| thread_died())??;
        waiting.insert(group.index, group);
        while let Some(group) = waiting.remove(&next) {
            if let Some(encoded) = group.encoded {
                writer.append(encoded)?;
            }
            for refused in &group.refused {
                quarantine.add(refused)?;
            }
            for (reason, count) in &group.counted {
                quarantine.count(reason, *count);
            }
            *rows += group.rows;
            done += group.bytes;
            next += 1;
            if let Ok(mut written) = shared.written.lock() {
                *written = next;
            }
            shared.moved.notify_all();
        }
        context.watch.progress(Progress { stage: Stage::Writing, bytes_done: done, bytes_total: total, rows: *rows });
        context.check_stopped()?;
    }
    Ok(())
}

fn bytes_of(group: &[BlockInfo]) -> u64 {
    group.iter().map(|block| u64::try_from(block.length).unwrap_or_default()).sum()
}

/// Turns groups into row groups until there are no more. Gives the statistics of the rows seen, and whether the memory for
/// values that must not repeat was spent.
fn work(shared: &Shared<'_>, sender: &Sender<Result<Group, IntakeError>>) -> (Vec<Statistics>, bool) {
    let mut statistics = Statistics::for_columns(shared.plan.columns.len());
    let mut worker = Worker {
        shared,
        builders: shared.plan.readings.iter().map(|reading| ColumnBuilder::new(*reading)).collect(),
        record: Record::default(),
        buffer: Vec::new(),
        seen: Seen::default(),
    };
    loop {
        let index = shared.next.fetch_add(1, Ordering::Relaxed);
        let Some(blocks) = shared.groups.get(index) else { break };
        if !wait_for_turn(shared, index) {
            break;
        }
        let group = worker.convert(index, blocks, &mut statistics);
        let failed = group.is_err();
        if sender.send(group).is_err() || failed {
            break;
        }
    }
    (statistics, worker.seen.full)
}

/// Waits until a group is near enough to those that are written. False when the load ends.
fn wait_for_turn(shared: &Shared<'_>, index: usize) -> bool {
    let Ok(mut written) = shared.written.lock() else { return false };
    loop {
        if shared.stop.load(Ordering::Relaxed) {
            return false;
        }
        if index < *written + shared.ahead {
            return true;
        }
        // The time is a bound for a stop that comes between the look and the wait.
        let Ok((guard, _)) = shared.moved.wait_timeout(written, std::time::Duration::from_millis(100)) else {
            return false;
        };
        written = guard;
    }
}

struct Worker<'a> {
    shared: &'a Shared<'a>,
    builders: Vec<ColumnBuilder>,
    record: Record,
    buffer: Vec<u8>,
    seen: Seen,
}

impl Worker<'_> {
    fn convert(
        &mut self,
        index: usize,
        blocks: &[BlockInfo],
        statistics: &mut [Statistics],
    ) -> Result<Group, IntakeError> {
        let mut group = Group {
            index,
            encoded: None,
            rows: 0,
            bytes: bytes_of(blocks),
            refused: Vec::new(),
            counted: BTreeMap::new(),
        };
        for block in blocks {
            if self.shared.stop.load(Ordering::Relaxed) {
                return Err(IntakeError::Cancelled);
            }
            self.buffer.resize(block.length, 0);
            let mut buffer = std::mem::take(&mut self.buffer);
            self.shared.file.read_exact_at(&mut buffer, block.offset)?;
            self.convert_block(&buffer, block, &mut group);
            self.buffer = buffer;
        }
        let columns: &[Column] = &self.shared.plan.columns;
        let mut arrays = Vec::with_capacity(columns.len());
        for ((builder, column), statistics) in self.builders.iter_mut().zip(columns).zip(statistics) {
            let array = builder.finish().map_err(IntakeError::write)?;
            statistics.add(&array, column.column_type);
            arrays.push(array);
        }
        if group.rows > 0 {
            group.encoded = Some(self.shared.encoder.encode(&arrays)?);
        }
        Ok(group)
    }

    fn convert_block(&mut self, text: &[u8], block: &BlockInfo, group: &mut Group) {
        let head = self.shared.head;
        let judge = Judge::new(head, text, self.shared.limits.field_bytes);
        let mut at = 0;
        let mut kept_bytes = 0usize;
        // The line of a place, counted on from the last refused row.
        let (mut counted_to, mut line) = (0usize, block.line);
        let mut record = std::mem::take(&mut self.record);
        while let Some(next) = head.dialect.split(text, at, &block.strays, &mut record) {
            at = next;
            let reason = match judge.judge(&record, text) {
                Verdict::Take => match self.take(&record, text) {
                    None => {
                        group.rows += 1;
                        continue;
                    }
                    Some(reason) => reason,
                },
                Verdict::Refuse(fault) => fault.as_str().to_owned(),
                Verdict::Blank | Verdict::Comment | Verdict::HeaderAgain => continue,
            };
            line += count_lines(text.get(counted_to..record.start).unwrap_or_default(), head.dialect);
            counted_to = record.start;
            let raw = record.raw(text);
            let raw = raw.get(..raw.len().min(self.shared.limits.quarantine_raw_bytes)).unwrap_or_default();
            kept_bytes += raw.len();
            if kept_bytes > REFUSED_BYTES {
                *group.counted.entry(reason).or_default() += 1;
            } else {
                group.refused.push(Refused { line, reason, raw: raw.to_vec() });
            }
        }
        self.record = record;
    }

    /// Takes a row into the columns; the reason when it breaks the published schema.
    #[inline]
    fn take(&mut self, record: &Record, text: &[u8]) -> Option<String> {
        let rules = self.shared.rules;
        if rules.columns.is_empty() {
            for (at, builder) in self.builders.iter_mut().enumerate() {
                // Every value was looked at before: there is none that its column cannot hold.
                let taken = builder.append_field(record.field(text, at));
                debug_assert!(taken, "{:?}", String::from_utf8_lossy(record.field(text, at)));
            }
            return None;
        }
        let value = |at: usize| -> Cow<'_, [u8]> {
            let field = record.field(text, at);
            rules.get(at).map_or(Cow::Borrowed(field), |rule| rule.normal(field))
        };
        let readings = &self.shared.plan.readings;
        let reason = rules.judge(value, readings, &mut self.seen, self.shared.limits.unique_rows);
        if reason.is_none() {
            for (at, builder) in self.builders.iter_mut().enumerate() {
                let _ = builder.append_field(&value(at));
            }
        }
        reason
    }
}
