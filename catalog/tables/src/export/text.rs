//! CSV, JSON, NDJSON, GeoJSON.

use std::fs::File;

use arrow::array::RecordBatch;

use super::{Encoder, RowShape, Sheet};
use crate::error::TablesError;
use crate::text::cells::Cells;
use crate::text::csv;
use crate::text::json::{RowWriter, write_cell};

/// RFC 4180.
pub(super) struct Csv {
    heads: Vec<String>,
    safe: bool,
}

impl Csv {
    pub(super) fn new(sheet: &Sheet<'_>) -> Self {
        Self { heads: sheet.heads(), safe: sheet.options.safe_csv }
    }
}

fn cells(batch: &RecordBatch, columns: usize) -> Result<Vec<Cells<'_>>, TablesError> {
    batch
        .columns()
        .iter()
        .take(columns)
        .map(Cells::of)
        .collect::<Result<_, _>>()
        .map_err(TablesError::engine("writing rows"))
}

impl Encoder for Csv {
    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), TablesError> {
        csv::write_header(self.heads.iter().map(String::as_str), self.safe, out);
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), TablesError> {
        let cells = cells(batch, self.heads.len())?;
        (0..batch.num_rows()).for_each(|row| csv::write_row(&cells, row, self.safe, out));
        Ok(())
    }

    fn finish(&mut self, _out: &mut Vec<u8>) -> Result<Option<File>, TablesError> {
        Ok(None)
    }
}

/// One array of objects, or one object a line.
pub(super) struct Json {
    writer: RowWriter,
    lines: bool,
    is_first: bool,
}

impl Json {
    pub(super) fn new(sheet: &Sheet<'_>, lines: bool) -> Self {
        Self { writer: RowWriter::new(names(sheet, None)), lines, is_first: true }
    }
}

/// Names of the asked columns but one.
fn names<'a>(sheet: &'a Sheet<'_>, without: Option<usize>) -> impl Iterator<Item = &'a str> {
    let columns = sheet.properties.iter().filter_map(|at| sheet.snapshot.columns.get(*at));
    columns.enumerate().filter(move |(place, _)| Some(*place) != without).map(|(_, column)| column.name.as_str())
}

impl Encoder for Json {
    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), TablesError> {
        if !self.lines {
            out.push(b'[');
        }
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), TablesError> {
        let cells = self.writer.cells(batch).map_err(TablesError::engine("writing rows"))?;
        for row in 0..batch.num_rows() {
            if !self.lines && !self.is_first {
                out.extend_from_slice(b",\n");
            }
            self.is_first = false;
            self.writer.write(&cells, row, out);
            if self.lines {
                out.push(b'\n');
            }
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Option<File>, TablesError> {
        if !self.lines {
            out.push(b']');
        }
        Ok(None)
    }
}

/// A point of two columns of degrees (RFC 7946, section 3.1.2: longitude first); `null` where one is missing.
fn write_point((longitude, latitude): (&Cells<'_>, &Cells<'_>), row: usize, out: &mut Vec<u8>) {
    if longitude.is_null(row) || latitude.is_null(row) {
        out.extend_from_slice(b"null");
        return;
    }
    out.extend_from_slice(b"{\"type\":\"Point\",\"coordinates\":[");
    write_cell(longitude, row, out);
    out.push(b',');
    write_cell(latitude, row, out);
    out.extend_from_slice(b"]}");
}

/// A FeatureCollection (RFC 7946, section 3.3).
pub(super) struct GeoJson {
    writer: RowWriter,
    shape: RowShape,
    is_first: bool,
}

impl GeoJson {
    pub(super) fn new(sheet: &Sheet<'_>) -> Result<Self, TablesError> {
        let shape = sheet.shape()?;
        // Degrees in columns of their own stay properties too: nobody would look for them in the shape alone.
        let without = if let RowShape::Column(place) = shape { Some(place) } else { None };
        Ok(Self { writer: RowWriter::new(names(sheet, without)), shape, is_first: true })
    }
}

impl Encoder for GeoJson {
    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), TablesError> {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), TablesError> {
        let without = || TablesError::BadPlan { why: "rows without their shape".to_owned() };
        let further = usize::from(matches!(self.shape, RowShape::Column(_)));
        let mut properties = cells(batch, self.writer.len() + further)?;
        let shapes = match self.shape {
            RowShape::Column(place) if place < properties.len() => Some(properties.remove(place)),
            RowShape::Column(_) => return Err(without()),
            RowShape::Pair { .. } => None,
        };
        for row in 0..batch.num_rows() {
            out.extend_from_slice(if self.is_first { b"\n" } else { b",\n" });
            self.is_first = false;
            out.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
            match (&shapes, self.shape) {
                (Some(shapes), _) => write_cell(shapes, row, out),
                (None, RowShape::Pair { longitude, latitude }) => {
                    let pair = properties.get(longitude).zip(properties.get(latitude)).ok_or_else(without)?;
                    write_point(pair, row, out);
                }
                (None, RowShape::Column(_)) => return Err(without()),
            }
            out.extend_from_slice(b",\"properties\":");
            self.writer.write(&properties, row, out);
            out.push(b'}');
        }
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Option<File>, TablesError> {
        out.extend_from_slice(b"\n]}");
        Ok(None)
    }
}
