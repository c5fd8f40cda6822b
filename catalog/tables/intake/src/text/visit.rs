//! A delimited text once through, every record as it stands.

use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};

use super::Delimited;
use super::encoding;
use super::examine::{count_lines, examine};
use super::profile::thread_died;
use super::scan::{Block, Scanner};
use super::split::{Dialect, Record};
use crate::error::IntakeError;
use crate::plan::Context;
use crate::rows::{RowPlace, RowVisitor};

/// Gives the title rows, the header and every record to a visitor, with the line on which each begins.
pub(crate) fn visit(
    source: &Delimited<'_>,
    context: &Context<'_>,
    visitor: &mut dyn RowVisitor,
) -> Result<(), IntakeError> {
    let declared = source.schema.and_then(|schema| schema.encoding.as_deref());
    let text = encoding::to_utf8(source.path, declared, context.scratch, context.watch)?;
    let head = examine(&text, source, context)?;
    visitor.table(source.table, &head.titles)?;
    let above = head.preamble_rows > 0;
    if above {
        for line in preamble(&text.path, text.skip, head.data_offset, &head.header_raw)? {
            visitor.aside(source.table, &line)?;
        }
    }
    let reach = context.limits().field_bytes;
    let mut scanner = Scanner::open(&text.path, head.data_offset, head.dialect, reach)?;
    let mut line = head.data_line;
    let mut reader = Reader::new(head.dialect);
    while let Some(block) = scanner.next_block()? {
        context.check_stopped()?;
        reader.read(&block, line, |line, cells| visitor.row(line, cells))?;
        line += count_lines(&block.bytes, head.dialect);
        let places = if context.threads > 1 { visitor.places(context.threads) } else { Vec::new() };
        if !places.is_empty() {
            deal(&mut scanner, line, places, head.dialect, context)?;
            break;
        }
    }
    if text.path != source.path {
        let _ = std::fs::remove_file(&text.path);
    }
    Ok(())
}

/// Deals the rest of a text to places, block by block.
fn deal(
    scanner: &mut Scanner,
    mut line: u64,
    places: Vec<RowPlace<'_>>,
    dialect: Dialect,
    context: &Context<'_>,
) -> Result<(), IntakeError> {
    let (sender, receiver) = sync_channel(places.len());
    // The threads alone hold it: when none of them is left, nothing waits for them.
    let receiver = Arc::new(Mutex::new(receiver));
    std::thread::scope(|scope| {
        let workers: Vec<_> = places
            .into_iter()
            .map(|place| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || take_blocks(&receiver, dialect, place))
            })
            .collect();
        drop(receiver);
        let mut scan = || -> Result<(), IntakeError> {
            while let Some(block) = scanner.next_block()? {
                context.check_stopped()?;
                let lines = count_lines(&block.bytes, dialect);
                if sender.send((line, block)).is_err() {
                    break;
                }
                line += lines;
            }
            Ok(())
        };
        let scanned = scan();
        drop(sender);
        for worker in workers {
            worker.join().map_err(|_| thread_died())??;
        }
        scanned
    })
}

/// Blocks that wait for a place, with the lines on which they begin.
type Waiting = Mutex<Receiver<(u64, Block)>>;

/// Gives the rows of blocks to one place until there are no more.
fn take_blocks(receiver: &Waiting, dialect: Dialect, mut place: RowPlace<'_>) -> Result<(), IntakeError> {
    let mut reader = Reader::new(dialect);
    loop {
        let next = receiver.lock().map_err(|_| thread_died())?.recv();
        let Ok((line, block)) = next else { return Ok(()) };
        reader.read(&block, line, |line, cells| {
            place(line, cells);
            Ok(())
        })?;
    }
}

/// Takes blocks apart; its memory is used again.
struct Reader {
    dialect: Dialect,
    record: Record,
    cells: Vec<String>,
}

impl Reader {
    fn new(dialect: Dialect) -> Self {
        Self { dialect, record: Record::default(), cells: Vec::new() }
    }

    /// Gives every record of a block that holds something, with its line; `line` is that of the block.
    fn read<T>(&mut self, block: &Block, mut line: u64, mut take: T) -> Result<(), IntakeError>
    where
        T: FnMut(u64, &[String]) -> Result<(), IntakeError>,
    {
        let text = block.bytes.as_slice();
        let mut at = 0;
        while let Some(next) = self.dialect.split(text, at, &block.strays, &mut self.record) {
            if self.record.filled_len(text) > 0 {
                give(&self.record, text, &mut self.cells);
                take(line, &self.cells)?;
            }
            line += count_lines(text.get(at..next).unwrap_or_default(), self.dialect);
            at = next;
        }
        Ok(())
    }
}

/// Puts a record's fields into cells whose memory is used again.
fn give(record: &Record, bytes: &[u8], cells: &mut Vec<String>) {
    cells.resize_with(record.len(), String::new);
    for (at, cell) in cells.iter_mut().enumerate() {
        cell.clear();
        let field = record.field(bytes, at);
        match std::str::from_utf8(field) {
            Ok(text) => cell.push_str(text),
            Err(_) => cell.push_str(&String::from_utf8_lossy(field)),
        }
    }
}

/// The lines above the header.
fn preamble(path: &std::path::Path, from: u64, to: u64, header: &[u8]) -> Result<Vec<String>, IntakeError> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(to.saturating_sub(from).min(1 << 20)).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let header = String::from_utf8_lossy(header);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && *line != header.trim());
    Ok(lines.map(str::to_owned).collect())
}
