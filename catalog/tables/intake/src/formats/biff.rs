//! How large the sheets of an old Excel workbook are, before its reader makes a full grid of each.
//!
//! A sheet with one cell in each of two corners is a hundred bytes in the file and half a gigabyte as a grid. So the cell
//! records are walked first ([MS-CFB] for the container, [MS-XLS] for the records). The container is read as that reader reads it,
//! by its list of streams and not by its tree: what one of them does not find the other must not find either. What cannot be walked is left to the
//! reader to complain about.

use std::path::Path;

use super::FormatLimits;
use crate::error::IntakeError;

/// The size of the header that every compound file begins with.
const HEADER_BYTES: usize = 512;
/// Streams shorter than this live in the mini stream.
const MINI_CUTOFF: usize = 4_096;
/// Bytes of a sector of the mini stream.
const MINI_SECTOR_BYTES: usize = 64;
/// Sector numbers from here on mark ends and free places.
const SECTOR_END: u32 = 0xffff_fff0;
/// The record that ends a substream (section 2.4.103).
const END: u16 = 0x000a;
/// The record of a workbook whose other records are encrypted ([MS-XLS], section 2.4.117).
const FILE_PASS: u16 = 0x002f;
/// How many times the stream's length is walked at most: sheets may not overlap for long.
const WALK_FACTOR: usize = 4;

/// # Errors
/// `Protected` when the workbook is encrypted, `TooLarge` when the grids of all sheets together pass the cell limit.
pub(super) fn check_extents(path: &Path, limits: &FormatLimits) -> Result<(), IntakeError> {
    let bytes = std::fs::read(path)?;
    let Some(stream) = workbook_stream(&bytes) else { return Ok(()) };
    drop(bytes);
    if records(&stream, 0).take_while(|(kind, ..)| *kind != END).any(|(kind, ..)| kind == FILE_PASS) {
        return Err(IntakeError::Protected { format: "xls" });
    }
    let too_large = || IntakeError::TooLarge {
        what: "the grid of the workbook's sheets".to_owned(),
        limit: format!("{} cells", limits.sheet_cells),
    };
    let (mut cells, mut walked) = (0_u64, 0_usize);
    for offset in sheet_offsets(&stream) {
        let (area, length) = sheet_area(&stream, offset);
        walked += length;
        cells = cells.saturating_add(area);
        if cells > limits.sheet_cells || walked > stream.len().saturating_mul(WALK_FACTOR) {
            return Err(too_large());
        }
    }
    Ok(())
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn index(value: u32) -> Option<usize> {
    usize::try_from(value).ok()
}

/// The compound file's sectors and their chains.
struct Sectors<'a> {
    bytes: &'a [u8],
    size: usize,
    table: Vec<u32>,
}

impl<'a> Sectors<'a> {
    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = HEADER_BYTES.max(self.size).checked_add(index(number)?.checked_mul(self.size)?)?;
        // The last sector of a file may be cut.
        let end = start.checked_add(self.size)?.min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// All bytes of a chain; a chain longer than the file is a circle and ends there.
    fn chain(&self, first: u32) -> Vec<u8> {
        let mut out = Vec::new();
        let mut number = first;
        while number < SECTOR_END && out.len() <= self.bytes.len() {
            let Some(sector) = self.sector(number) else { break };
            out.extend_from_slice(sector);
            let Some(next) = index(number).and_then(|at| self.table.get(at)) else { break };
            number = *next;
        }
        out
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    bytes.chunks_exact(4).filter_map(|word| u32_at(word, 0))
}

fn workbook_stream(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = 1_usize.checked_shl(u32::from(u16_at(bytes, 30)?))?;
    if !(512..=4_096).contains(&size) {
        return None;
    }
    let mut sectors = Sectors { bytes, size, table: Vec::new() };
    let mut table_sectors: Vec<u32> =
        words(bytes.get(76..HEADER_BYTES)?).take_while(|word| *word < SECTOR_END).collect();
    let mut next = u32_at(bytes, 68)?;
    while next < SECTOR_END && table_sectors.len() <= bytes.len() / size {
        let mut more: Vec<u32> = words(sectors.sector(next)?).collect();
        next = more.pop()?;
        table_sectors.extend(more.into_iter().filter(|word| *word < SECTOR_END));
    }
    for number in table_sectors {
        let sector = sectors.sector(number)?;
        sectors.table.extend(words(sector));
    }
    let directory = sectors.chain(u32_at(bytes, 48)?);
    let entries: Vec<&[u8]> = directory.chunks_exact(128).collect();
    let entry = entries.iter().find(|entry| matches!(entry_name(entry).as_str(), "workbook" | "book"))?;
    let (first, length) = (u32_at(entry, 116)?, index(u32_at(entry, 120)?)?);
    let mut stream = if length < MINI_CUTOFF {
        let mini = sectors.chain(u32_at(entries.first()?, 116)?);
        let table = words(&sectors.chain(u32_at(bytes, 60)?)).collect();
        mini_chain(&mini, table, first)
    } else {
        sectors.chain(first)
    };
    stream.truncate(length);
    Some(stream)
}

fn entry_name(entry: &[u8]) -> String {
    let units: Vec<u16> =
        entry.chunks_exact(2).take(32).filter_map(|pair| u16_at(pair, 0)).take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units).to_lowercase()
}

fn mini_chain(mini: &[u8], table: Vec<u32>, first: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut number = first;
    while number < SECTOR_END && out.len() <= mini.len() {
        let Some(at) = index(number) else { break };
        let start = at.saturating_mul(MINI_SECTOR_BYTES);
        let Some(sector) = mini.get(start..start.saturating_add(MINI_SECTOR_BYTES).min(mini.len())) else { break };
        out.extend_from_slice(sector);
        let Some(next) = table.get(at) else { break };
        number = *next;
    }
    out
}

/// Records from an offset on, until the end-of-substream record: kind, body, and where the next begins.
fn records(stream: &[u8], from: usize) -> impl Iterator<Item = (u16, &[u8], usize)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let kind = u16_at(stream, at)?;
        let length = usize::from(u16_at(stream, at + 2)?);
        let body = stream.get(at + 4..(at + 4 + length).min(stream.len()))?;
        at += 4 + length;
        Some((kind, body, at))
    })
}

/// Where the sheets begin (BoundSheet8 records; before Excel 5 there is one sheet, the stream itself).
fn sheet_offsets(stream: &[u8]) -> Vec<usize> {
    let found: Vec<usize> = records(stream, 0)
        .take_while(|(kind, ..)| *kind != END)
        .filter(|(kind, ..)| *kind == 0x0085)
        .filter_map(|(_, body, _)| u32_at(body, 0).and_then(index))
        .collect();
    if found.is_empty() { vec![0] } else { found }
}

/// The area that the cells of a sheet span, and how many bytes were walked.
fn sheet_area(stream: &[u8], from: usize) -> (u64, usize) {
    let mut bounds: Option<(u16, u16, u16, u16)> = None;
    let mut end = from;
    let mut depth = 0_u32;
    for (kind, body, next) in records(stream, from) {
        end = next;
        match kind {
            0x0809 | 0x0409 | 0x0209 | 0x0009 => depth += 1,
            END => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            0x0006 | 0x0203 | 0x0204 | 0x0205 | 0x027e | 0x00fd | 0x00bd | 0x00d6 | 0x0003 | 0x0004 | 0x0005 => {
                let (Some(row), Some(first)) = (u16_at(body, 0), u16_at(body, 2)) else { continue };
                let last =
                    if kind == 0x00bd { body.len().checked_sub(2).and_then(|at| u16_at(body, at)) } else { None };
                let last = last.unwrap_or(first);
                bounds = Some(match bounds {
                    None => (row, row, first, last),
                    Some((top, bottom, left, right)) => {
                        (top.min(row), bottom.max(row), left.min(first), right.max(last))
                    }
                });
            }
            _ => {}
        }
    }
    let area = bounds.map_or(0, |(top, bottom, left, right)| {
        (u64::from(bottom.saturating_sub(top)) + 1) * (u64::from(right.saturating_sub(left)) + 1)
    });
    (area, end.saturating_sub(from))
}
