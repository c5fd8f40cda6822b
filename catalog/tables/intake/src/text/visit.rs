//! A delimited text once through, every record as it stands.

use super::Delimited;
use super::encoding;
use super::examine::{count_lines, examine};
use super::scan::Scanner;
use super::split::Record;
use crate::error::IntakeError;
use crate::plan::Context;
use crate::rows::RowVisitor;

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
    let mut record = Record::default();
    let mut cells: Vec<String> = Vec::new();
    while let Some(block) = scanner.next_block()? {
        context.check_stopped()?;
        let mut at = 0;
        while let Some(next) = head.dialect.split(&block.bytes, at, &block.strays, &mut record) {
            if record.filled_len(&block.bytes) > 0 {
                give(&record, &block.bytes, &mut cells);
                visitor.row(line, &cells)?;
            }
            line += count_lines(block.bytes.get(at..next).unwrap_or_default(), head.dialect);
            at = next;
        }
    }
    if text.path != source.path {
        let _ = std::fs::remove_file(&text.path);
    }
    Ok(())
}

/// Puts a record's fields into cells whose memory is used again.
fn give(record: &Record, bytes: &[u8], cells: &mut Vec<String>) {
    cells.resize_with(record.len(), String::new);
    for (at, cell) in cells.iter_mut().enumerate() {
        cell.clear();
        cell.push_str(&String::from_utf8_lossy(record.field(bytes, at)));
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
