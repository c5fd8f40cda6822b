//! OpenDocument spreadsheets, read as a stream (OASIS ODF 1.3 part 3, section 9).
//!
//! A reader of our own: repeated rows and columns make a few bytes of the file into billions of cells, so they are counted,
//! and nothing but the current row is held.

use std::cell::Cell as Counter;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::FormatLimits;
use super::guard::{broken, guarded};
use super::sheet_cell::{iso_duration, iso_moment, number, text};
use super::workbook::{SHEET_COLUMNS_MAX, SHEET_ROWS_MAX, not_empty};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

const FORMAT: &str = "ods";
/// Bytes of the manifest that are looked through for encryption.
const MANIFEST_BYTES: u64 = 4 << 20;
/// Blanks that one `text:s` may stand for.
const BLANKS_MAX: usize = 1_000;

type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

pub(super) fn open(path: &Path, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    guarded(FORMAT, || {
        check_password(path)?;
        let sheets = list(path, limits)?;
        let any_shown = sheets.iter().any(|sheet| !sheet.hidden);
        let hidden: Vec<String> =
            sheets.iter().filter(|sheet| sheet.hidden).map(|sheet| format!("`{}`", sheet.name)).collect();
        let notes = if any_shown && !hidden.is_empty() {
            vec![format!("Hidden sheets of the workbook were left out: {}.", hidden.join(", "))]
        } else {
            Vec::new()
        };
        let mut readers: Vec<Box<dyn TableReader>> = Vec::new();
        for (index, sheet) in sheets.into_iter().enumerate() {
            if sheet.has_values && !(sheet.hidden && any_shown) {
                readers.push(Box::new(OdsReader {
                    path: path.to_owned(),
                    name: sheet.name,
                    index,
                    limits: limits.clone(),
                    notes: notes.clone(),
                }));
            }
        }
        not_empty(readers)
    })
}

fn check_password(path: &Path) -> Result<(), IntakeError> {
    let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path)?))
        .map_err(|error| broken(FORMAT, "its directory", error))?;
    let mut manifest = Vec::new();
    if let Ok(part) = archive.by_name("META-INF/manifest.xml") {
        part.take(MANIFEST_BYTES).read_to_end(&mut manifest).map_err(|error| broken(FORMAT, "its manifest", error))?;
    }
    if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
        return Err(IntakeError::Protected { format: FORMAT });
    }
    Ok(())
}

/// A sheet, as the first pass finds it.
struct Sheet {
    name: String,
    hidden: bool,
    has_values: bool,
}

struct OdsReader {
    path: PathBuf,
    name: String,
    index: usize,
    limits: FormatLimits,
    notes: Vec<String>,
}

impl TableReader for OdsReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn format(&self) -> &'static str {
        FORMAT
    }

    fn header(&self) -> Option<Vec<String>> {
        None
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let wanted = self.index;
        with_content(&self.path, &self.limits, |content| {
            let mut index = 0;
            while let Some(sheet) = content.next_sheet()? {
                if index == wanted {
                    return content.rows(&sheet.name, sink);
                }
                content.skip_sheet()?;
                index += 1;
            }
            Ok(())
        })
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

fn list(path: &Path, limits: &FormatLimits) -> Result<Vec<Sheet>, IntakeError> {
    with_content(path, limits, |content| {
        let mut sheets = Vec::new();
        while let Some(mut sheet) = content.next_sheet()? {
            let mut has_values = false;
            let ended = content.rows(&sheet.name, &mut |_, _| {
                has_values = true;
                Err(IntakeError::Cancelled)
            });
            match ended {
                Ok(()) => {}
                Err(IntakeError::Cancelled) if has_values => content.skip_sheet()?,
                Err(error) => return Err(error),
            }
            sheet.has_values = has_values;
            if sheets.len() >= limits.entries {
                return Err(IntakeError::TooLarge {
                    what: "the number of sheets".to_owned(),
                    limit: limits.entries.to_string(),
                });
            }
            sheets.push(sheet);
        }
        Ok(sheets)
    })
}

fn with_content<T>(
    path: &Path,
    limits: &FormatLimits,
    work: impl FnOnce(&mut Content<'_>) -> Result<T, IntakeError>,
) -> Result<T, IntakeError> {
    guarded(FORMAT, || {
        let mut archive = zip::ZipArchive::new(BufReader::new(File::open(path)?))
            .map_err(|error| broken(FORMAT, "its directory", error))?;
        let part = archive.by_name("content.xml").map_err(|error| broken(FORMAT, "`content.xml`", error))?;
        let budget = Rc::new(Counter::new(0));
        let source: Box<dyn Read + '_> =
            Box::new(Budgeted { inner: part, left: Rc::clone(&budget), total: limits.unpacked_bytes });
        let mut xml = Reader::from_reader(BufReader::new(source));
        xml.config_mut().expand_empty_elements = true;
        xml.config_mut().check_end_names = false;
        let mut content =
            Content { xml, budget, limits, buffer: Vec::new(), hidden_styles: HashSet::new(), repeated: 0 };
        work(&mut content)
    })
}

/// Ends a read that asks for more than one event may hold: the parser buffers whole texts.
struct Budgeted<R> {
    inner: R,
    left: Rc<Counter<usize>>,
    total: u64,
}

impl<R: Read> Read for Budgeted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(count);
        let total = self.total.checked_sub(u64::try_from(count).unwrap_or(u64::MAX));
        let (Some(left), Some(total)) = (left, total) else {
            return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "a text in it is too long"));
        };
        self.left.set(left);
        self.total = total;
        Ok(count)
    }
}

/// What is found on the way through `content.xml`.
enum Token {
    Start(String, Attributes),
    End(String),
    Text(String),
    Eof,
}

/// The attributes that matter, by their names.
#[derive(Default)]
struct Attributes(Vec<(String, String)>);

impl Attributes {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn count(&self, name: &str) -> u64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or(1).max(1)
    }
}

struct Content<'a> {
    xml: Reader<BufReader<Box<dyn Read + 'a>>>,
    budget: Rc<Counter<usize>>,
    limits: &'a FormatLimits,
    buffer: Vec<u8>,
    hidden_styles: HashSet<String>,
    /// Cells made by repetition, in all sheets.
    repeated: u64,
}

impl Content<'_> {
    fn next(&mut self) -> Result<Token, IntakeError> {
        loop {
            self.buffer.clear();
            self.budget.set(self.limits.row_bytes);
            let place = self.xml.buffer_position();
            let fault = |error: quick_xml::Error| broken(FORMAT, format!("byte {place} of `content.xml`"), error);
            let token = match self.xml.read_event_into(&mut self.buffer).map_err(fault)? {
                Event::Start(start) => Token::Start(start.name().as_ref().to_owned(), attributes(&start)?),
                Event::End(end) => Token::End(end.name().as_ref().to_owned()),
                Event::Text(content) => Token::Text(content.xml10_content().into_owned()),
                Event::CData(content) => Token::Text(content.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Token::Text(resolve(&reference)),
                Event::Eof => Token::Eof,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => continue,
            };
            return Ok(token);
        }
    }

    /// Goes to the next sheet's beginning.
    fn next_sheet(&mut self) -> Result<Option<Sheet>, IntakeError> {
        let mut style = None;
        loop {
            match self.next()? {
                Token::Start(name, attributes) => match name.as_str() {
                    "style:style" => style = attributes.get("style:name").map(str::to_owned),
                    "style:table-properties" => {
                        if attributes.get("table:display") == Some("false")
                            && let Some(style) = style.take()
                        {
                            self.hidden_styles.insert(style);
                        }
                    }
                    "table:table" => {
                        let hidden =
                            attributes.get("table:style-name").is_some_and(|style| self.hidden_styles.contains(style));
                        let name = attributes.get("table:name").unwrap_or("sheet").to_owned();
                        return Ok(Some(Sheet { name, hidden, has_values: false }));
                    }
                    _ => {}
                },
                Token::Eof => return Ok(None),
                Token::End(_) | Token::Text(_) => {}
            }
        }
    }

    /// Goes behind the current sheet's end.
    fn skip_sheet(&mut self) -> Result<(), IntakeError> {
        let mut depth = 0_u32;
        loop {
            match self.next()? {
                Token::Start(name, _) if name == "table:table" => depth += 1,
                Token::End(name) if name == "table:table" => {
                    if depth == 0 {
                        return Ok(());
                    }
                    depth -= 1;
                }
                Token::Eof => return Ok(()),
                Token::Start(..) | Token::End(_) | Token::Text(_) => {}
            }
        }
    }

    /// Gives the rows of the current sheet that hold a value, and goes behind its end.
    fn rows(&mut self, sheet: &str, sink: Sink<'_>) -> Result<(), IntakeError> {
        let mut number = 0_u64;
        let mut cells = Vec::new();
        let mut given = Vec::new();
        loop {
            match self.next()? {
                Token::Start(name, attributes) if name == "table:table-row" => {
                    let repeats = attributes.count("table:number-rows-repeated");
                    self.row(sheet, number + 1, &mut cells)?;
                    let last = number.saturating_add(repeats);
                    if cells.is_empty() {
                        number = last;
                        continue;
                    }
                    let row_cells = u64::try_from(cells.len()).unwrap_or(u64::MAX);
                    self.count_repeated(row_cells.saturating_mul(repeats - 1))?;
                    while number < last.min(u64::from(SHEET_ROWS_MAX)) {
                        self.limits.check_stop()?;
                        number += 1;
                        given.clone_from(&cells);
                        sink(number, &mut given)?;
                    }
                    number = last;
                }
                // A drawing or a chart over the sheet has tables of its own.
                Token::Start(name, _) if name == "table:shapes" => self.skip(&name)?,
                Token::End(name) if name == "table:table" => return Ok(()),
                Token::Eof => return Err(broken(FORMAT, format!("sheet `{sheet}`"), "it ends in the middle")),
                Token::Start(..) | Token::End(_) | Token::Text(_) => {}
            }
        }
    }

    fn count_repeated(&mut self, cells: u64) -> Result<(), IntakeError> {
        self.repeated = self.repeated.saturating_add(cells);
        if self.repeated > self.limits.sheet_cells {
            return Err(IntakeError::TooLarge {
                what: "the number of cells that are repetitions".to_owned(),
                limit: self.limits.sheet_cells.to_string(),
            });
        }
        Ok(())
    }

    /// The cells of a row up to its last value.
    fn row(&mut self, sheet: &str, number: u64, cells: &mut Vec<Cell>) -> Result<(), IntakeError> {
        cells.clear();
        let mut column = 0_u64;
        loop {
            match self.next()? {
                Token::Start(name, attributes) if name == "table:table-cell" || name == "table:covered-table-cell" => {
                    let repeats = attributes.count("table:number-columns-repeated");
                    let value = self.value(&name, &attributes)?;
                    let next = column.saturating_add(repeats);
                    if value != Cell::Null {
                        if next > u64::from(SHEET_COLUMNS_MAX) {
                            let place = format!("sheet `{sheet}`, row {number}");
                            return Err(broken(FORMAT, place, "a value stands beyond the last column of a sheet"));
                        }
                        self.count_repeated(repeats - 1)?;
                        cells.resize(usize::try_from(column).unwrap_or(usize::MAX), Cell::Null);
                        cells.resize(usize::try_from(next).unwrap_or(usize::MAX), value);
                    }
                    column = next;
                }
                Token::End(name) if name == "table:table-row" => return Ok(()),
                Token::Eof => {
                    return Err(broken(FORMAT, format!("sheet `{sheet}`, row {number}"), "it ends in the middle"));
                }
                Token::Start(..) | Token::End(_) | Token::Text(_) => {}
            }
        }
    }

    /// A cell's value; goes behind the cell's end.
    fn value(&mut self, element: &str, attributes: &Attributes) -> Result<Cell, IntakeError> {
        let shown = self.shown_text(element)?;
        if attributes.get("calcext:value-type") == Some("error") {
            return Ok(Cell::Null);
        }
        let value = match attributes.get("office:value-type") {
            Some("float" | "percentage" | "currency") => {
                let digits = attributes.get("office:value").unwrap_or_default();
                digits.parse::<f64>().map_or_else(|_| text(digits.to_owned()), number)
            }
            Some("date") => iso_moment(attributes.get("office:date-value").unwrap_or(&shown)),
            Some("time") => iso_duration(attributes.get("office:time-value").unwrap_or(&shown)),
            Some("boolean") => match attributes.get("office:boolean-value") {
                Some("true" | "TRUE") => Cell::Boolean(true),
                Some("false" | "FALSE") => Cell::Boolean(false),
                _ => Cell::Null,
            },
            Some("string") => text(attributes.get("office:string-value").map_or(shown, str::to_owned)),
            // Without a type a cell holds nothing, whatever note or drawing lies on it.
            _ => Cell::Null,
        };
        Ok(value)
    }

    /// The text of a cell as people see it: paragraphs by line, without annotations and drawings.
    fn shown_text(&mut self, element: &str) -> Result<String, IntakeError> {
        let mut shown = String::new();
        let mut paragraphs = 0_u32;
        let mut in_paragraph = false;
        loop {
            match self.next()? {
                Token::Start(name, attributes) => match name.as_str() {
                    "office:annotation" | "draw:frame" | "draw:custom-shape" | "draw:control" | "table:detective"
                    | "text:ruby-text" => {
                        self.skip(&name)?;
                    }
                    "text:p" | "text:h" => {
                        if paragraphs > 0 {
                            shown.push('\n');
                        }
                        paragraphs += 1;
                        in_paragraph = true;
                    }
                    "text:s" => {
                        let blanks = usize::try_from(attributes.count("text:c")).unwrap_or(usize::MAX).min(BLANKS_MAX);
                        shown.extend(std::iter::repeat_n(' ', blanks));
                    }
                    "text:tab" => shown.push('\t'),
                    "text:line-break" => shown.push('\n'),
                    _ => {}
                },
                Token::Text(content) => {
                    if in_paragraph {
                        shown.push_str(&content);
                    }
                    if shown.len() > self.limits.row_bytes {
                        return Err(IntakeError::TooLarge {
                            what: "the text of a cell".to_owned(),
                            limit: format!("{} MB", self.limits.row_bytes >> 20),
                        });
                    }
                }
                Token::End(name) if name == element => return Ok(shown),
                Token::End(name) => {
                    if name == "text:p" || name == "text:h" {
                        in_paragraph = false;
                    }
                }
                Token::Eof => return Err(broken(FORMAT, "a cell", "it ends in the middle")),
            }
        }
    }

    /// Goes behind the end of an element that has just begun.
    fn skip(&mut self, element: &str) -> Result<(), IntakeError> {
        let mut depth = 0_u32;
        loop {
            match self.next()? {
                Token::Start(name, _) if name == element => depth += 1,
                Token::End(name) if name == element => {
                    if depth == 0 {
                        return Ok(());
                    }
                    depth -= 1;
                }
                Token::Eof => return Err(broken(FORMAT, format!("<{element}>"), "it ends in the middle")),
                Token::Start(..) | Token::End(_) | Token::Text(_) => {}
            }
        }
    }
}

/// Reads the attributes of the elements that matter; of others there is nothing to read.
fn attributes(start: &BytesStart<'_>) -> Result<Attributes, IntakeError> {
    let mut found = Attributes::default();
    if !matches!(
        start.name().as_ref(),
        "table:table-cell"
            | "table:covered-table-cell"
            | "table:table-row"
            | "table:table"
            | "style:style"
            | "style:table-properties"
            | "text:s"
    ) {
        return Ok(found);
    }
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| broken(FORMAT, "an attribute in `content.xml`", error))?;
        let raw = attribute.value.as_ref();
        let value = quick_xml::escape::unescape(raw).map_or_else(|_| raw.to_owned(), std::borrow::Cow::into_owned);
        found.0.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(found)
}

/// An entity or a character reference as text; unknown ones stay as written.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    let written = format!("&{};", &**reference);
    quick_xml::escape::unescape(&written).map_or_else(|_| written.clone(), std::borrow::Cow::into_owned)
}
