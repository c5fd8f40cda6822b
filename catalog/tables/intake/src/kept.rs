//! Rows that are dear to read, kept on disk for the second time through.

use std::fs::File;
use std::io::{BufReader, BufWriter, Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::cell::{Cell, RowSink, TableReader};
use crate::error::IntakeError;

/// Formats whose reading costs several times what reading kept rows does: compressed XML, and binary records with shared texts.
const DEAR: &[&str] = &["xlsx", "xls", "xlsb", "ods"];
/// Bytes that are kept of a table at most; a longer one is read again from its file.
const KEPT_BYTES_MAX: u64 = 2 << 30;
/// Bytes that are gathered before they are written, and read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// A reader whose rows are read from its file once and from disk from then on.
pub(crate) struct Kept<'a> {
    inner: &'a mut dyn TableReader,
    scratch: &'a Path,
    rows: Option<File>,
    most: u64,
}

impl<'a> Kept<'a> {
    /// `scratch` is a folder for the rows.
    pub(crate) fn new(inner: &'a mut dyn TableReader, scratch: &'a Path) -> Self {
        let most = if DEAR.contains(&inner.format()) { KEPT_BYTES_MAX } else { 0 };
        Self { inner, scratch, rows: None, most }
    }
}

impl TableReader for Kept<'_> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn format(&self) -> &'static str {
        self.inner.format()
    }

    fn header(&self) -> Option<Vec<String>> {
        self.inner.header()
    }

    fn read(&mut self, sink: RowSink<'_>) -> Result<(), IntakeError> {
        if let Some(rows) = &mut self.rows {
            return replay(rows, sink);
        }
        if self.most == 0 {
            return self.inner.read(sink);
        }
        let file = BufWriter::with_capacity(BUFFER_BYTES, tempfile::tempfile_in(self.scratch)?);
        let mut keeper = Keeper { file, row: Vec::new(), left: Some(self.most) };
        self.inner.read(&mut |number, cells| {
            keeper.keep(number, cells)?;
            sink(number, cells)
        })?;
        // Only now it is certain that these are all rows.
        if keeper.left.is_some() {
            self.rows = Some(keeper.file.into_inner().map_err(std::io::IntoInnerError::into_error)?);
        } else {
            self.most = 0;
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        self.inner.notes()
    }
}

/// Writes rows down.
struct Keeper {
    file: BufWriter<File>,
    row: Vec<u8>,
    /// Bytes that may still be kept; nothing once it is given up.
    left: Option<u64>,
}

impl Keeper {
    fn keep(&mut self, number: u64, cells: &[Cell]) -> Result<(), IntakeError> {
        let Some(left) = self.left else { return Ok(()) };
        self.row.clear();
        self.row.extend(number.to_le_bytes());
        self.row.extend(length(cells.len())?);
        for cell in cells {
            if !write_cell(cell, &mut self.row)? {
                self.left = None;
                return Ok(());
            }
        }
        self.left = left.checked_sub(u64::try_from(self.row.len()).unwrap_or(u64::MAX));
        if self.left.is_some() {
            self.file.write_all(&self.row)?;
        }
        Ok(())
    }
}

/// Appends a cell; false for what cannot be kept.
fn write_cell(cell: &Cell, out: &mut Vec<u8>) -> Result<bool, IntakeError> {
    let mut piece = |tag: u8, bytes: &[u8]| -> Result<(), IntakeError> {
        out.push(tag);
        out.extend(length(bytes.len())?);
        out.extend_from_slice(bytes);
        Ok(())
    };
    match cell {
        Cell::Text(text) => piece(1, text.as_bytes())?,
        Cell::Quoted(text) => piece(2, text.as_bytes())?,
        Cell::Decimal(text) => piece(3, text.as_bytes())?,
        Cell::Geometry { wkb, point } => piece(if *point { 5 } else { 4 }, wkb)?,
        Cell::Null => out.push(0),
        Cell::Integer(value) => {
            out.push(6);
            out.extend(value.to_le_bytes());
        }
        Cell::Float(value) => {
            out.push(7);
            out.extend(value.to_le_bytes());
        }
        Cell::Boolean(value) => out.push(if *value { 9 } else { 8 }),
        Cell::Date(days) => {
            out.push(10);
            out.extend(days.to_le_bytes());
        }
        Cell::Timestamp { micros, utc } => {
            out.push(if *utc { 12 } else { 11 });
            out.extend(micros.to_le_bytes());
        }
        Cell::Unreadable { .. } => return Ok(false),
    }
    Ok(true)
}

fn length(length: usize) -> Result<[u8; 4], IntakeError> {
    Ok(u32::try_from(length).map_err(|_| damaged())?.to_le_bytes())
}

fn damaged() -> Error {
    Error::new(ErrorKind::InvalidData, "kept rows are not as they were written")
}

/// Gives rows as they were kept.
fn replay(file: &mut File, sink: RowSink<'_>) -> Result<(), IntakeError> {
    file.seek(SeekFrom::Start(0))?;
    let mut file = BufReader::with_capacity(BUFFER_BYTES, file);
    let mut cells = Vec::new();
    while let Some(number) = next_row(&mut file)? {
        let count = u32::from_le_bytes(take(&mut file)?);
        cells.clear();
        for _ in 0..count {
            cells.push(read_cell(&mut file)?);
        }
        sink(number, &mut cells)?;
    }
    Ok(())
}

/// The number of the next row; nothing at the end.
fn next_row(file: &mut impl Read) -> Result<Option<u64>, IntakeError> {
    let mut number = [0; 8];
    match crate::text::encoding::read_full(file, &mut number)? {
        0 => Ok(None),
        8 => Ok(Some(u64::from_le_bytes(number))),
        _ => Err(damaged().into()),
    }
}

fn take<const N: usize>(file: &mut impl Read) -> Result<[u8; N], IntakeError> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn take_piece(file: &mut impl Read) -> Result<Vec<u8>, IntakeError> {
    let length = u32::from_le_bytes(take(file)?);
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| damaged())?];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn take_text(file: &mut impl Read) -> Result<String, IntakeError> {
    Ok(String::from_utf8(take_piece(file)?).map_err(|_| damaged())?)
}

fn read_cell(file: &mut impl Read) -> Result<Cell, IntakeError> {
    let [tag] = take(file)?;
    Ok(match tag {
        0 => Cell::Null,
        1 => Cell::Text(take_text(file)?),
        2 => Cell::Quoted(take_text(file)?),
        3 => Cell::Decimal(take_text(file)?),
        4 | 5 => Cell::Geometry { wkb: take_piece(file)?, point: tag == 5 },
        6 => Cell::Integer(i64::from_le_bytes(take(file)?)),
        7 => Cell::Float(f64::from_le_bytes(take(file)?)),
        8 | 9 => Cell::Boolean(tag == 9),
        10 => Cell::Date(i32::from_le_bytes(take(file)?)),
        11 | 12 => Cell::Timestamp { micros: i64::from_le_bytes(take(file)?), utc: tag == 12 },
        _ => return Err(damaged().into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sheet that counts how often it is read.
    struct Sheet {
        rows: Vec<Vec<Cell>>,
        times: usize,
    }

    impl TableReader for Sheet {
        fn name(&self) -> &str {
            "sheet"
        }

        fn format(&self) -> &'static str {
            "xlsx"
        }

        fn header(&self) -> Option<Vec<String>> {
            None
        }

        fn read(&mut self, sink: RowSink<'_>) -> Result<(), IntakeError> {
            self.times += 1;
            (1..).zip(&self.rows).try_for_each(|(number, row)| sink(number, &mut row.clone()))
        }
    }

    fn rows() -> Vec<Vec<Cell>> {
        let text = |text: &str| text.to_owned();
        vec![
            vec![Cell::Null, Cell::Text(text("München")), Cell::Quoted(text("")), Cell::Decimal(text("12.50"))],
            vec![],
            vec![Cell::Integer(i64::MIN), Cell::Float(-0.1), Cell::Boolean(true), Cell::Boolean(false)],
            vec![Cell::Date(-1), Cell::Timestamp { micros: 7, utc: true }, Cell::Timestamp { micros: -7, utc: false }],
            vec![Cell::Geometry { wkb: vec![1, 2], point: true }, Cell::Geometry { wkb: vec![], point: false }],
        ]
    }

    fn read(kept: &mut Kept<'_>) -> Vec<(u64, Vec<Cell>)> {
        let mut found = Vec::new();
        kept.read(&mut |number, cells| {
            found.push((number, std::mem::take(cells)));
            Ok(())
        })
        .unwrap();
        found
    }

    #[test]
    fn rows_come_from_disk_once_all_were_read() {
        let folder = tempfile::tempdir().unwrap();
        let mut sheet = Sheet { rows: rows(), times: 0 };
        let mut kept = Kept::new(&mut sheet, folder.path());
        // Whoever looks at the first rows alone has not seen all.
        let early = kept.read(&mut |_, _| Err(IntakeError::Cancelled));
        assert!(matches!(early, Err(IntakeError::Cancelled)));
        let expected: Vec<(u64, Vec<Cell>)> = (1..).zip(rows()).collect();
        for _ in 0..3 {
            assert_eq!(read(&mut kept), expected);
        }
        assert_eq!(sheet.times, 2);
    }

    #[test]
    fn what_is_too_long_or_unreadable_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut sheet = Sheet { rows: rows(), times: 0 };
        let mut kept = Kept::new(&mut sheet, folder.path());
        kept.most = 40;
        assert_eq!(read(&mut kept), read(&mut kept));
        assert_eq!(sheet.times, 2);
        let broken = vec![Cell::Unreadable { reason: "broken", raw: b"x".to_vec() }];
        let mut sheet = Sheet { rows: vec![broken.clone()], times: 0 };
        let mut kept = Kept::new(&mut sheet, folder.path());
        assert_eq!(read(&mut kept), [(1, broken.clone())]);
        assert_eq!(read(&mut kept), [(1, broken)]);
        assert_eq!(sheet.times, 2);
    }
}
