//! JSON documents, newline-delimited JSON and GeoJSON as tables, streamed row by row.
//!
//! A table is read as often as asked for; the first walk, when it is opened, learns its columns in order of appearance.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use super::guard::{broken, guarded, table_name};
use super::json_row::{RowMaker, scalar};
use super::json_scan::Scanner;
use super::json_shape::{Found, Shape, outline};
use super::reference::Reference;
use super::{Format, FormatLimits};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

/// Columns that stand side by side in a file of their own arrays: each is read at its own place in the file.
const SIDE_BY_SIDE_MAX: usize = 256;
/// Tables that one document may hold.
const TABLES_MAX: usize = 100;
/// Why a line is kept out.
const UNREADABLE: &str = "not-json";
/// Bytes of one single value in arrays side by side.
const VALUE_BYTES: usize = 1 << 20;

type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

pub(super) fn open(
    format: Format,
    path: &Path,
    name: &str,
    limits: &FormatLimits,
) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    guarded(format.as_str(), || {
        if format == Format::Ndjson {
            return Ok(vec![by_line(path, name, Reference::Geographic, limits)?]);
        }
        let outline = outline(File::open(path)?, limits)?;
        if outline.several {
            return Ok(vec![by_line(path, name, Reference::Geographic, limits)?]);
        }
        let reference = Reference::of_geojson(outline.crs.as_deref());
        if outline.is_one_shape() {
            return Ok(vec![by_line(path, name, reference, limits)?]);
        }
        let shapes = outline.shapes()?;
        if shapes.len() > TABLES_MAX {
            return Err(IntakeError::TooLarge {
                what: "the number of tables in the JSON document".to_owned(),
                limit: TABLES_MAX.to_string(),
            });
        }
        let several = shapes.len() > 1;
        let mut readers: Vec<Box<dyn TableReader>> = Vec::new();
        for shape in shapes {
            let mut reader = JsonReader::new(path, name, Layout::Shaped(shape), reference.clone(), limits);
            if several {
                reader.name = reader.layout.path_name();
            }
            reader.learn()?;
            readers.push(Box::new(reader));
        }
        Ok(readers)
    })
}

/// One document after the other, or one alone that is a row.
fn by_line(
    path: &Path,
    name: &str,
    reference: Reference,
    limits: &FormatLimits,
) -> Result<Box<dyn TableReader>, IntakeError> {
    let mut scanner = Scanner::new(File::open(path)?)?;
    let arrays = scanner.peek()? == Some(b'[');
    let mut reader = JsonReader::new(path, name, Layout::ByLine { arrays }, reference, limits);
    reader.learn()?;
    Ok(Box::new(reader))
}

/// Where the rows are.
enum Layout {
    /// One document after the other; arrays are rows whose first holds the names.
    ByLine { arrays: bool },
    /// In one document.
    Shaped(Shape),
}

impl Layout {
    /// The names that lead to the table.
    fn path_name(&self) -> String {
        match self {
            Self::Shaped(Shape::Records { array, .. } | Shape::Rows { array, .. }) => array.path.join("."),
            Self::Shaped(Shape::Columns { .. }) | Self::ByLine { .. } => String::new(),
        }
    }
}

struct JsonReader {
    path: PathBuf,
    name: String,
    layout: Layout,
    maker: RowMaker,
    limits: FormatLimits,
    /// Each line is read for itself, because one of them is no JSON; such lines are given as unreadable.
    forgiving: bool,
}

impl JsonReader {
    fn new(path: &Path, name: &str, layout: Layout, reference: Reference, limits: &FormatLimits) -> Self {
        let features = matches!(&layout, Layout::Shaped(Shape::Records { features: true, .. }));
        Self {
            path: path.to_owned(),
            name: table_name(name),
            layout,
            maker: RowMaker::new(features, reference, limits),
            limits: limits.clone(),
            forgiving: false,
        }
    }

    /// The first pass: finds the columns.
    fn learn(&mut self) -> Result<(), IntakeError> {
        let by_name = match &self.layout {
            Layout::ByLine { arrays } => !arrays,
            Layout::Shaped(shape) => matches!(shape, Shape::Records { .. }),
        };
        if by_name {
            let maker = self.maker.clone();
            match self.rows(&mut |_, _| Ok(())) {
                Err(fault @ IntakeError::Broken { .. }) if matches!(self.layout, Layout::ByLine { .. }) => {
                    self.maker = maker;
                    self.forgive(fault)?;
                }
                other => other?,
            }
            if self.maker.columns.names.is_empty() {
                return Err(IntakeError::NotTabular { why: "the JSON records have no members".to_owned() });
            }
        }
        self.maker.learning = false;
        Ok(())
    }

    /// Begins again, line by line, where most lines can be read so; otherwise the fault stands.
    fn forgive(&mut self, fault: IntakeError) -> Result<(), IntakeError> {
        self.forgiving = true;
        let (mut good, mut bad) = (0u64, 0u64);
        self.rows(&mut |_, cells| {
            let unreadable = matches!(cells.first(), Some(Cell::Unreadable { .. }));
            if unreadable {
                bad += 1
            } else {
                good += 1
            }
            Ok(())
        })?;
        if good > bad { Ok(()) } else { Err(fault) }
    }

    /// Every line for itself.
    fn lines(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let mut file = BufReader::new(File::open(&self.path)?);
        let (mut cells, mut raw) = (Vec::new(), Vec::new());
        let limit = self.limits.row_bytes as u64;
        for line in 1u64.. {
            self.limits.check_stop()?;
            raw.clear();
            if (&mut file).take(limit + 1).read_until(b'\n', &mut raw)? == 0 {
                break;
            }
            if raw.len() as u64 > limit {
                return Err(IntakeError::TooLarge {
                    what: format!("one value of the JSON (line {line})"),
                    limit: format!("{} MB", limit >> 20),
                });
            }
            let text = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw);
            let text = text.strip_prefix(b"\x1e").unwrap_or(text).trim_ascii();
            if text.is_empty() {
                continue;
            }
            if self.maker.row(text, &mut cells)?.is_err() {
                cells.clear();
                cells.push(Cell::Unreadable { reason: UNREADABLE, raw: text.to_vec() });
            }
            sink(line, &mut cells)?;
        }
        Ok(())
    }

    fn rows(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        if self.forgiving {
            return self.lines(sink);
        }
        let mut cells = Vec::new();
        let mut raw = Vec::new();
        match &self.layout {
            Layout::ByLine { arrays } => {
                let mut scanner = Scanner::new(File::open(&self.path)?)?;
                while scanner.peek()?.is_some() {
                    self.limits.check_stop()?;
                    let line = scanner.line();
                    scanner.take(&mut raw, self.limits.row_bytes)?;
                    fill(&mut self.maker, *arrays, &raw, &mut cells, || format!("line {line}"))?;
                    sink(line, &mut cells)?;
                }
                Ok(())
            }
            Layout::Shaped(Shape::Records { array, .. } | Shape::Rows { array, .. }) => {
                let arrays = matches!(&self.layout, Layout::Shaped(Shape::Rows { .. }));
                let mut scanner = at_array(&self.path, array)?;
                let mut number = 0;
                while scanner.next_element(number == 0, b']')? {
                    self.limits.check_stop()?;
                    number += 1;
                    scanner.take(&mut raw, self.limits.row_bytes)?;
                    fill(&mut self.maker, arrays, &raw, &mut cells, || format!("record {number}"))?;
                    sink(number, &mut cells)?;
                }
                Ok(())
            }
            Layout::Shaped(Shape::Columns { arrays }) => side_by_side(&self.path, arrays, &self.limits, sink),
        }
    }
}

fn at_array(path: &Path, array: &Found) -> Result<Scanner<File>, IntakeError> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(array.offset))?;
    let mut scanner = Scanner::new(file)?;
    scanner.expect(b'[')?;
    Ok(scanner)
}

/// One record or one array of cells.
fn fill(
    maker: &mut RowMaker,
    arrays: bool,
    raw: &[u8],
    cells: &mut Vec<Cell>,
    place: impl Fn() -> String,
) -> Result<(), IntakeError> {
    if !arrays {
        return match maker.row(raw, cells)? {
            Ok(()) => Ok(()),
            Err(why) => Err(broken("json", place(), why)),
        };
    }
    cells.clear();
    let values: Vec<&RawValue> = serde_json::from_slice(raw).map_err(|error| broken("json", place(), error))?;
    if values.len() > maker.limits.columns {
        return Err(IntakeError::TooLarge {
            what: format!("the number of columns ({})", place()),
            limit: maker.limits.columns.to_string(),
        });
    }
    cells.extend(values.into_iter().map(|value| scalar(value.get())));
    Ok(())
}

fn side_by_side(path: &Path, arrays: &[Found], limits: &FormatLimits, sink: Sink<'_>) -> Result<(), IntakeError> {
    if arrays.len() > SIDE_BY_SIDE_MAX {
        return Err(IntakeError::TooLarge {
            what: "the number of arrays side by side".to_owned(),
            limit: SIDE_BY_SIDE_MAX.to_string(),
        });
    }
    let mut scanners = arrays.iter().map(|array| at_array(path, array)).collect::<Result<Vec<_>, _>>()?;
    let mut cells = Vec::new();
    let mut raw = Vec::new();
    for number in 1.. {
        limits.check_stop()?;
        cells.clear();
        for scanner in &mut scanners {
            if !scanner.next_element(number == 1, b']')? {
                return Ok(());
            }
            scanner.take(&mut raw, VALUE_BYTES)?;
            let value: &RawValue =
                serde_json::from_slice(&raw).map_err(|error| broken("json", format!("value {number}"), error))?;
            cells.push(scalar(value.get()));
        }
        sink(number, &mut cells)?;
    }
    Ok(())
}

impl TableReader for JsonReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn format(&self) -> &'static str {
        match self.layout {
            _ if self.maker.features => "geojson",
            Layout::ByLine { .. } => "ndjson",
            Layout::Shaped(_) => "json",
        }
    }

    fn header(&self) -> Option<Vec<String>> {
        match &self.layout {
            Layout::ByLine { arrays: true } => None,
            Layout::Shaped(Shape::Rows { columns, .. }) => columns.clone(),
            Layout::Shaped(Shape::Columns { arrays }) => {
                Some(arrays.iter().filter_map(|array| array.path.last().cloned()).collect())
            }
            Layout::ByLine { arrays: false } | Layout::Shaped(Shape::Records { .. }) => {
                Some(self.maker.columns.names.clone())
            }
        }
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        guarded("json", || self.rows(sink))
    }

    fn notes(&self) -> Vec<String> {
        if self.maker.features && self.maker.reference.is_left_out() {
            vec![
                "The shapes were left out: their coordinate system is not one that can be turned into WGS 84."
                    .to_owned(),
            ]
        } else {
            Vec::new()
        }
    }
}
