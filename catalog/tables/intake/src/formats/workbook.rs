//! Workbooks of Excel: xlsx and xlsb read cell by cell, xls held in memory (as its reader wants it).

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use calamine::{
    Data, DataRef, Range, Reader, Sheet, SheetType, SheetVisible, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError,
};

use super::guard::{broken, guarded};
use super::sheet_cell::{from_data, from_data_ref};
use super::{Format, FormatLimits, biff};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

/// Rows of a sheet (the format's own limit).
pub(super) const SHEET_ROWS_MAX: u32 = 1_048_576;
/// Columns of a sheet (the format's own limit).
pub(super) const SHEET_COLUMNS_MAX: u32 = 16_384;
/// How much of the shared strings is looked through for the beginning of the list.
const STRINGS_HEAD_BYTES: usize = 1 << 20;

type Source = BufReader<File>;
type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

/// A workbook whose cells are read one by one, shared by its sheets' readers.
enum Book {
    Xlsx(Box<Xlsx<Source>>),
    Xlsb(Box<Xlsb<Source>>),
}

pub(super) fn open(
    format: Format,
    path: &Path,
    limits: &FormatLimits,
) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    let name = format.as_str();
    guarded(name, || match format {
        Format::Xls => open_xls(path, limits),
        _ => open_by_cell(format, path, limits),
    })
}

fn open_by_cell(format: Format, path: &Path, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    check_parts(format.as_str(), path, limits)?;
    let source = BufReader::new(File::open(path)?);
    let (book, sheets) = if format == Format::Xlsb {
        let book = Xlsb::new(source).map_err(|error| xlsb_error("the workbook", error))?;
        let sheets = book.sheets_metadata().to_vec();
        (Book::Xlsb(Box::new(book)), sheets)
    } else {
        let book = Xlsx::new(source).map_err(|error| xlsx_error("the workbook", error))?;
        let sheets = book.sheets_metadata().to_vec();
        (Book::Xlsx(Box::new(book)), sheets)
    };
    let book = Arc::new(Mutex::new(book));
    let (sheets, notes) = visible(&sheets);
    let mut readers: Vec<Box<dyn TableReader>> = Vec::new();
    for sheet in sheets {
        limits.check_stop()?;
        let reader = CellReader {
            book: Arc::clone(&book),
            format: format.as_str(),
            sheet,
            limits: limits.clone(),
            notes: notes.clone(),
        };
        match reader.has_rows() {
            Ok(true) => readers.push(Box::new(reader)),
            Ok(false) => {}
            Err(error) => return Err(error),
        }
    }
    not_empty(readers)
}

/// The worksheets that people see, and a note on those they do not. When all are hidden they are taken after all.
pub(super) fn visible(sheets: &[Sheet]) -> (Vec<String>, Vec<String>) {
    let work: Vec<&Sheet> = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    let shown: Vec<String> =
        work.iter().filter(|sheet| sheet.visible == SheetVisible::Visible).map(|sheet| sheet.name.clone()).collect();
    if shown.is_empty() {
        return (work.iter().map(|sheet| sheet.name.clone()).collect(), Vec::new());
    }
    let hidden: Vec<String> = work
        .iter()
        .filter(|sheet| sheet.visible != SheetVisible::Visible)
        .map(|sheet| format!("`{}`", sheet.name))
        .collect();
    let notes = if hidden.is_empty() {
        Vec::new()
    } else {
        vec![format!("Hidden sheets of the workbook were left out: {}.", hidden.join(", "))]
    };
    (shown, notes)
}

pub(super) fn not_empty(readers: Vec<Box<dyn TableReader>>) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    if readers.is_empty() {
        return Err(IntakeError::NotTabular { why: "the workbook's sheets are empty".to_owned() });
    }
    Ok(readers)
}

/// Looks at the parts of a workbook before its reader does: sizes as they really unpack, no single text beyond the row
/// limit, and no count of strings that the file could not hold (the reader reserves memory by it).
fn check_parts(format: &'static str, path: &Path, limits: &FormatLimits) -> Result<(), IntakeError> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path)?))
        .map_err(|error| broken(format, "its directory", error))?;
    if archive.len() > limits.entries {
        return Err(IntakeError::TooLarge {
            what: "the number of parts of the workbook".to_owned(),
            limit: limits.entries.to_string(),
        });
    }
    let mut sheets = 0_u64;
    let mut held = 0_u64;
    for index in 0..archive.len() {
        limits.check_stop()?;
        let part = match archive.by_index(index) {
            Ok(part) => part,
            Err(error) => return Err(broken(format, format!("part {}", index + 1), error)),
        };
        let name = String::from_utf8_lossy(part.name_raw()).replace('\\', "/").to_ascii_lowercase();
        if name.contains("/media/") || name.ends_with('/') {
            continue;
        }
        let is_sheet = name.contains("worksheets/");
        let is_strings = name.contains("sharedstrings");
        let budget = if is_sheet {
            limits.unpacked_bytes.saturating_sub(sheets)
        } else {
            limits.memory_bytes.saturating_sub(held)
        };
        let size = check_part(format, &name, part, budget, limits, is_strings)?;
        if is_sheet { sheets += size } else { held += size }
    }
    Ok(())
}

/// Reads one part through, keeping nothing; its real size.
fn check_part(
    format: &'static str,
    name: &str,
    mut part: impl Read,
    budget: u64,
    limits: &FormatLimits,
    is_strings: bool,
) -> Result<u64, IntakeError> {
    let is_xml = name.ends_with(".xml");
    let mut buffer = vec![0_u8; 64 << 10];
    let mut head = Vec::new();
    let (mut size, mut since_tag) = (0_u64, 0_usize);
    loop {
        let count = part.read(&mut buffer).map_err(|error| broken(format, format!("`{name}`"), error))?;
        let read = buffer.get(..count).unwrap_or_default();
        if read.is_empty() {
            break;
        }
        size += u64::try_from(count).unwrap_or(u64::MAX);
        if size > budget {
            return Err(IntakeError::TooLarge {
                what: format!("what `{name}` unpacks to"),
                limit: format!("{} MB", budget >> 20),
            });
        }
        if is_xml {
            let (first, last) = (memchr::memchr(b'>', read), memchr::memrchr(b'>', read));
            let longest = since_tag + first.unwrap_or(count);
            if longest > limits.row_bytes {
                return Err(IntakeError::TooLarge {
                    what: format!("a single text in `{name}`"),
                    limit: format!("{} MB", limits.row_bytes >> 20),
                });
            }
            since_tag = last.map_or(longest, |at| count - at);
        }
        if is_strings && head.len() < STRINGS_HEAD_BYTES {
            head.extend_from_slice(read);
        }
    }
    if is_strings && is_xml {
        check_string_count(format, name, &head, size)?;
    }
    Ok(size)
}

/// `uniqueCount` of the shared strings: each takes some bytes of the part, so the part's size bounds it.
fn check_string_count(format: &'static str, name: &str, head: &[u8], size: u64) -> Result<(), IntakeError> {
    let lie = || broken(format, format!("`{name}`"), "it claims more strings than it can hold");
    for at in memchr::memmem::find_iter(head, b"uniqueCount") {
        let digits: String = head
            .iter()
            .skip(at + "uniqueCount".len())
            .map(|byte| char::from(*byte))
            .skip_while(|c| matches!(c, '=' | '"' | '\'' | ' ' | '\t' | '\n' | '\r'))
            .take_while(char::is_ascii_digit)
            .take(20)
            .collect();
        if digits.parse::<u64>().is_ok_and(|count| count > size) || digits.len() > 18 {
            return Err(lie());
        }
    }
    Ok(())
}

/// One sheet of an xlsx or xlsb workbook.
struct CellReader {
    book: Arc<Mutex<Book>>,
    format: &'static str,
    sheet: String,
    limits: FormatLimits,
    notes: Vec<String>,
}

impl CellReader {
    /// Whether there is any value in it.
    fn has_rows(&self) -> Result<bool, IntakeError> {
        let mut seen = false;
        // Ending early is an error to the reader; here it is the answer.
        let ended = self.rows(&mut |_, _| {
            seen = true;
            Err(IntakeError::Cancelled)
        });
        match ended {
            Err(IntakeError::Cancelled) if seen => Ok(true),
            Err(error) => Err(error),
            Ok(()) => Ok(seen),
        }
    }

    fn rows(&self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let place = || format!("sheet `{}`", self.sheet);
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = RowBuilder::new(self.format, &self.sheet, &self.limits);
        match &mut *book {
            Book::Xlsx(book) => {
                let mut cells = match book.worksheet_cells_reader(&self.sheet) {
                    Ok(cells) => cells,
                    Err(XlsxError::NotAWorksheet(_)) => return Ok(()),
                    Err(error) => return Err(xlsx_error(&place(), error)),
                };
                while let Some(cell) = cells.next_cell().map_err(|error| xlsx_error(&place(), error))? {
                    rows.push(cell.get_position(), cell.get_value(), sink)?;
                }
            }
            Book::Xlsb(book) => {
                let mut cells =
                    book.worksheet_cells_reader(&self.sheet).map_err(|error| xlsb_error(&place(), error))?;
                while let Some(cell) = cells.next_cell().map_err(|error| xlsb_error(&place(), error))? {
                    rows.push(cell.get_position(), cell.get_value(), sink)?;
                }
            }
        }
        rows.end(sink)
    }
}

impl TableReader for CellReader {
    fn name(&self) -> &str {
        &self.sheet
    }

    fn format(&self) -> &'static str {
        self.format
    }

    fn header(&self) -> Option<Vec<String>> {
        None
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        guarded(self.format, || self.rows(sink))
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

/// Puts cells that come one by one together to rows; rows without a value are left out.
struct RowBuilder<'a> {
    format: &'static str,
    sheet: &'a str,
    limits: &'a FormatLimits,
    row: u32,
    cells: Vec<Cell>,
}

impl<'a> RowBuilder<'a> {
    fn new(format: &'static str, sheet: &'a str, limits: &'a FormatLimits) -> Self {
        Self { format, sheet, limits, row: 0, cells: Vec::new() }
    }

    fn push(&mut self, (row, column): (u32, u32), value: &DataRef<'_>, sink: Sink<'_>) -> Result<(), IntakeError> {
        if row != self.row {
            let lower = row < self.row;
            self.end(sink)?;
            if lower || row >= SHEET_ROWS_MAX {
                let place = format!("sheet `{}`, row {}", self.sheet, u64::from(row) + 1);
                return Err(broken(self.format, place, "its rows are out of order or beyond the end of a sheet"));
            }
            self.row = row;
        }
        let cell = from_data_ref(value);
        if cell == Cell::Null {
            return Ok(());
        }
        if column >= SHEET_COLUMNS_MAX {
            let place = format!("sheet `{}`, row {}", self.sheet, u64::from(row) + 1);
            return Err(broken(self.format, place, "a cell stands beyond the last column of a sheet"));
        }
        let at = usize::try_from(column).unwrap_or(usize::MAX);
        if self.cells.len() <= at {
            self.cells.resize(at + 1, Cell::Null);
        }
        if let Some(slot) = self.cells.get_mut(at) {
            *slot = cell;
        }
        Ok(())
    }

    fn end(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        if self.cells.is_empty() {
            return Ok(());
        }
        self.limits.check_stop()?;
        sink(u64::from(self.row) + 1, &mut self.cells)?;
        self.cells.clear();
        Ok(())
    }
}

fn open_xls(path: &Path, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    let size = std::fs::metadata(path)?.len();
    if size > limits.memory_bytes {
        return Err(IntakeError::TooLarge {
            what: "the xls workbook".to_owned(),
            limit: format!("{} MB", limits.memory_bytes >> 20),
        });
    }
    biff::check_extents(path, limits)?;
    let mut book = Xls::new(BufReader::new(File::open(path)?)).map_err(|error| xls_error("the workbook", &error))?;
    let (sheets, notes) = visible(book.sheets_metadata());
    let mut readers: Vec<Box<dyn TableReader>> = Vec::new();
    for sheet in sheets {
        let range = match book.worksheet_range(&sheet) {
            Ok(range) => range,
            Err(XlsError::WorksheetNotFound(_)) => continue,
            Err(error) => return Err(xls_error(&format!("sheet `{sheet}`"), &error)),
        };
        if range.used_cells().any(|(_, _, value)| from_data(value.clone()) != Cell::Null) {
            readers.push(Box::new(RangeReader { sheet, range, limits: limits.clone(), notes: notes.clone() }));
        }
    }
    not_empty(readers)
}

/// One sheet of an xls workbook.
struct RangeReader {
    sheet: String,
    range: Range<Data>,
    limits: FormatLimits,
    notes: Vec<String>,
}

impl TableReader for RangeReader {
    fn name(&self) -> &str {
        &self.sheet
    }

    fn format(&self) -> &'static str {
        "xls"
    }

    fn header(&self) -> Option<Vec<String>> {
        None
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let (first_row, first_column) = self.range.start().unwrap_or_default();
        let indent = usize::try_from(first_column).unwrap_or(0);
        let mut cells = Vec::new();
        for (number, row) in (u64::from(first_row) + 1..).zip(self.range.rows()) {
            self.limits.check_stop()?;
            cells.clear();
            let Some(last) = row.iter().rposition(|value| !matches!(value, Data::Empty)) else { continue };
            cells.resize(indent, Cell::Null);
            cells.extend(row.iter().take(last + 1).cloned().map(from_data));
            if cells.iter().any(|cell| *cell != Cell::Null) {
                sink(number, &mut cells)?;
            }
        }
        Ok(())
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

fn xlsx_error(place: &str, error: XlsxError) -> IntakeError {
    match error {
        XlsxError::Password => IntakeError::Protected { format: "xlsx" },
        error => broken("xlsx", place, error),
    }
}

fn xlsb_error(place: &str, error: XlsbError) -> IntakeError {
    match error {
        XlsbError::Password => IntakeError::Protected { format: "xlsb" },
        error => broken("xlsb", place, error),
    }
}

fn xls_error(place: &str, error: &XlsError) -> IntakeError {
    match error {
        XlsError::Password => IntakeError::Protected { format: "xls" },
        error => broken("xls", place, error),
    }
}
