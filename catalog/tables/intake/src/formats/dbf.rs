//! dBase tables (.dbf), alone or as the attributes of a shapefile.
//!
//! Read by hand: the format is a header and rows of fixed width, and the encodings that public bodies use (.cpg files and
//! language ids) need encoding_rs.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;
use jiff::civil;

use super::FormatLimits;
use super::guard::{broken, guarded, table_name};
use super::sheet_cell::{days_of, number};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

const FORMAT: &str = "dbf";
/// Bytes of one field's description.
const FIELD_BYTES: usize = 32;
/// The Julian day number of 1970-01-01.
const UNIX_JULIAN_DAY: i64 = 2_440_588;
const DAY_MICROS: i64 = 86_400_000_000;

type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

/// One column.
#[derive(Debug, Clone)]
struct Field {
    name: String,
    kind: u8,
    start: usize,
    length: usize,
    decimals: u8,
}

/// What a table's header says.
#[derive(Debug, Clone)]
pub(super) struct Table {
    path: PathBuf,
    fields: Vec<Field>,
    header_bytes: u64,
    record_bytes: usize,
    pub(super) records: u64,
    encoding: Option<&'static Encoding>,
}

impl Table {
    /// Reads the header; `label` is what a `.cpg` beside the file says of the encoding.
    pub(super) fn open(path: &Path, label: Option<&str>) -> Result<Self, IntakeError> {
        let mut source = BufReader::new(File::open(path)?);
        let mut head = [0_u8; 32];
        source.read_exact(&mut head).map_err(|_| broken(FORMAT, "its header", "it ends in the middle"))?;
        let two = |at: usize| usize::from(u16::from_le_bytes([byte(&head, at), byte(&head, at + 1)]));
        let records = u64::from(u32::from_le_bytes([byte(&head, 4), byte(&head, 5), byte(&head, 6), byte(&head, 7)]));
        let (header_bytes, record_bytes) = (two(8), two(10));
        let mut described = vec![0; header_bytes.saturating_sub(32)];
        source.read_exact(&mut described).map_err(|_| broken(FORMAT, "its header", "it ends in the middle"))?;
        let encoding = label.and_then(encoding_of_label).or_else(|| encoding_of_language(byte(&head, 29)));
        let mut fields = Vec::new();
        // Every row begins with its deletion mark.
        let mut start = 1;
        for description in described.chunks_exact(FIELD_BYTES) {
            if matches!(description.first(), Some(0x0d | 0x00) | None) {
                break;
            }
            let field = Field::read(description, start, encoding);
            start += field.length;
            fields.push(field);
        }
        if fields.is_empty() || start > record_bytes {
            return Err(broken(FORMAT, "its header", "the fields do not fit the length of a row"));
        }
        Ok(Self {
            path: path.to_owned(),
            fields,
            header_bytes: u64::try_from(header_bytes).unwrap_or(0),
            record_bytes,
            records,
            encoding,
        })
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// Starts at the first row.
    pub(super) fn rows(&self) -> Result<Rows<'_>, IntakeError> {
        let mut source = BufReader::new(File::open(&self.path)?);
        std::io::copy(&mut source.by_ref().take(self.header_bytes), &mut std::io::sink())?;
        Ok(Rows { table: self, source, buffer: vec![0; self.record_bytes], number: 0 })
    }
}

fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

impl Field {
    fn read(description: &[u8], start: usize, encoding: Option<&'static Encoding>) -> Self {
        let name = description.get(..11).unwrap_or_default();
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let kind = byte(description, 11).to_ascii_uppercase();
        let (low, high) = (byte(description, 16), byte(description, 17));
        // Long texts keep the upper half of their length where numbers keep their decimals.
        let length = if kind == b'C' { u16::from_le_bytes([low, high]) } else { u16::from(low) };
        Self {
            name: decode(name, encoding).trim().to_owned(),
            kind,
            start,
            length: usize::from(length),
            decimals: high,
        }
    }

    fn cell(&self, row: &[u8], encoding: Option<&'static Encoding>) -> Cell {
        let raw = row.get(self.start..self.start + self.length).unwrap_or_default();
        let text = || String::from_utf8_lossy(raw).trim_matches(|c: char| c == ' ' || c == '\0').to_owned();
        match self.kind {
            b'N' | b'F' => self.number(&text()),
            b'L' => match raw.first() {
                Some(b'T' | b't' | b'Y' | b'y') => Cell::Boolean(true),
                Some(b'F' | b'f' | b'N' | b'n') => Cell::Boolean(false),
                _ => Cell::Null,
            },
            b'D' => {
                let text = text();
                let date = civil::Date::strptime("%Y%m%d", &text).ok().and_then(days_of);
                date.map_or_else(
                    || if text.is_empty() || text == "00000000" { Cell::Null } else { Cell::Quoted(text) },
                    Cell::Date,
                )
            }
            b'I' | b'+' => match <[u8; 4]>::try_from(raw) {
                Ok(four) if self.kind == b'I' => Cell::Integer(i32::from_le_bytes(four).into()),
                Ok(four) => Cell::Integer(i32::from_be_bytes(four).into()),
                Err(_) => Cell::Null,
            },
            b'O' | b'B' if self.length == 8 => {
                <[u8; 8]>::try_from(raw).map_or(Cell::Null, |eight| number(f64::from_le_bytes(eight)))
            }
            b'Y' => <[u8; 8]>::try_from(raw).map_or(Cell::Null, |eight| {
                let units = i64::from_le_bytes(eight);
                let sign = if units < 0 { "-" } else { "" };
                let units = units.unsigned_abs();
                Cell::Decimal(format!("{sign}{}.{:04}", units / 10_000, units % 10_000))
            }),
            b'T' | b'@' if self.length == 8 => moment(raw),
            // Memos, pictures and objects lie in other files.
            b'M' | b'G' | b'P' | b'W' | b'0' => Cell::Null,
            _ => {
                let text = decode(raw, encoding);
                let text = text.trim_end_matches([' ', '\0']).trim_start_matches('\0');
                if text.trim().is_empty() { Cell::Null } else { Cell::Quoted(text.to_owned()) }
            }
        }
    }

    fn number(&self, text: &str) -> Cell {
        if text.is_empty() || text.contains('*') {
            return Cell::Null;
        }
        let plain = !text.contains(['e', 'E']) && text.parse::<f64>().is_ok_and(f64::is_finite);
        if let Ok(whole) = text.trim_start_matches('+').parse()
            && self.decimals == 0
        {
            return Cell::Integer(whole);
        }
        if plain {
            return Cell::Decimal(text.trim_start_matches('+').to_owned());
        }
        text.parse().map_or_else(|_| Cell::Quoted(text.to_owned()), number)
    }
}

/// Day number and milliseconds.
fn moment(raw: &[u8]) -> Cell {
    let half = |at: usize| raw.get(at..at + 4).and_then(|four| four.try_into().ok()).map(i32::from_le_bytes);
    match (half(0), half(4)) {
        (Some(day), Some(millis)) if day > 0 => Cell::Timestamp {
            micros: (i64::from(day) - UNIX_JULIAN_DAY) * DAY_MICROS + i64::from(millis) * 1_000,
            utc: false,
        },
        _ => Cell::Null,
    }
}

/// Text in the file's encoding; where none is named, UTF-8 if it reads as that, else the Western Windows code page.
fn decode(raw: &[u8], encoding: Option<&'static Encoding>) -> String {
    match encoding {
        Some(encoding) => encoding.decode_without_bom_handling(raw).0.into_owned(),
        None => match std::str::from_utf8(raw) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(raw).0.into_owned(),
        },
    }
}

/// The encoding that a `.cpg` names: `UTF-8`, `1252`, `ANSI 1252`, `ISO 88591`.
fn encoding_of_label(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_start_matches('\u{feff}').to_lowercase();
    if let Some(found) = Encoding::for_label(label.as_bytes()) {
        return Some(found);
    }
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    if let Some(part) = digits.strip_prefix("8859") {
        return Encoding::for_label(format!("iso-8859-{part}").as_bytes());
    }
    match digits.as_str() {
        "65001" | "8" => Some(encoding_rs::UTF_8),
        "866" => Some(encoding_rs::IBM866),
        "932" => Some(encoding_rs::SHIFT_JIS),
        "936" => Some(encoding_rs::GBK),
        "949" => Some(encoding_rs::EUC_KR),
        "950" => Some(encoding_rs::BIG5),
        _ => Encoding::for_label(format!("windows-{digits}").as_bytes()),
    }
}

/// The language driver's id in the header.
fn encoding_of_language(id: u8) -> Option<&'static Encoding> {
    Some(match id {
        0x03 | 0x57..=0x59 => encoding_rs::WINDOWS_1252,
        0x13 | 0x7b => encoding_rs::SHIFT_JIS,
        0x26 | 0x65 => encoding_rs::IBM866,
        0x4d | 0x7a => encoding_rs::GBK,
        0x4e | 0x79 => encoding_rs::EUC_KR,
        0x4f | 0x78 => encoding_rs::BIG5,
        0xc8 => encoding_rs::WINDOWS_1250,
        0xc9 => encoding_rs::WINDOWS_1251,
        0xca => encoding_rs::WINDOWS_1254,
        0xcb => encoding_rs::WINDOWS_1253,
        0xcc => encoding_rs::WINDOWS_1257,
        _ => return None,
    })
}

/// A walk through a table's rows.
pub(super) struct Rows<'a> {
    table: &'a Table,
    source: BufReader<File>,
    buffer: Vec<u8>,
    number: u64,
}

impl Rows<'_> {
    /// Puts the next row's cells behind those that are there. `None` at the end, `Some(false)` for a deleted row.
    pub(super) fn next(&mut self, cells: &mut Vec<Cell>) -> Result<Option<bool>, IntakeError> {
        if self.number >= self.table.records {
            return Ok(None);
        }
        self.number += 1;
        self.source.read_exact(&mut self.buffer).map_err(|_| {
            let why = format!("it ends in the middle; its header tells of {} rows", self.table.records);
            broken(FORMAT, format!("row {}", self.number), why)
        })?;
        if self.buffer.first() == Some(&b'*') {
            return Ok(Some(false));
        }
        cells.extend(self.table.fields.iter().map(|field| field.cell(&self.buffer, self.table.encoding)));
        Ok(Some(true))
    }
}

pub(super) fn open(path: &Path, name: &str, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    let table = guarded(FORMAT, || Table::open(path, None))?;
    Ok(vec![Box::new(DbfReader { table, name: table_name(name), limits: limits.clone() })])
}

struct DbfReader {
    table: Table,
    name: String,
    limits: FormatLimits,
}

impl TableReader for DbfReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn format(&self) -> &'static str {
        FORMAT
    }

    fn header(&self) -> Option<Vec<String>> {
        Some(self.table.names())
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let mut rows = self.table.rows()?;
        let mut cells = Vec::new();
        while let Some(lives) = rows.next(&mut cells)? {
            self.limits.check_stop()?;
            if lives {
                sink(rows.number, &mut cells)?;
            }
            cells.clear();
        }
        Ok(())
    }
}
