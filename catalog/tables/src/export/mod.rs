//! Exports: rows as a file of some format, in pieces.

mod binary;
mod text;
mod xlsx;

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use fairground_domain::Snapshot;

use crate::answer::{ExportFormat, ExportOptions};
use crate::error::TablesError;

/// Rows that a sheet holds, its header included.
pub(crate) const XLSX_ROWS_MAX: u64 = 1_048_576;
/// Characters (UTF-16) that a cell of a sheet holds.
const XLSX_TEXT_MAX: u32 = 32_767;

/// Writes batches of one schema as a file.
pub(crate) trait Encoder: Send {
    /// What stands before the first row.
    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), TablesError>;

    /// Some rows.
    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), TablesError>;

    /// What stands after the last row. A format that can only be given as a whole gives its file here.
    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Option<File>, TablesError>;
}

/// Where a row's shape is, by places in a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RowShape {
    /// A column of points or shapes.
    Column(usize),
    /// Two columns of degrees.
    Pair { longitude: usize, latitude: usize },
}

/// What every encoder is made from.
pub(crate) struct Sheet<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// Columns of the snapshot, in the order of the file.
    pub(crate) properties: &'a [usize],
    /// Their schema as batches have it; further columns of a batch are left out.
    pub(crate) schema: SchemaRef,
    pub(crate) options: &'a ExportOptions,
    /// Where files may be made that do not outlive the export.
    pub(crate) scratch: &'a Path,
}

impl Sheet<'_> {
    /// What columns are headed by.
    fn heads(&self) -> Vec<String> {
        let columns = self.properties.iter().filter_map(|at| self.snapshot.columns.get(*at));
        let head = |name: &str, title: &str| {
            if self.options.titles && !title.is_empty() { title.to_owned() } else { name.to_owned() }
        };
        columns.map(|column| head(&column.name, &column.title)).collect()
    }

    /// Where rows are: the only spatial column, else a pair of longitude and latitude.
    fn shape(&self) -> Result<RowShape, TablesError> {
        let is_spatial =
            |at: &usize| self.snapshot.columns.get(*at).is_some_and(|column| column.column_type.is_spatial());
        let mut spatial = self.properties.iter().enumerate().filter(|(_, at)| is_spatial(at)).map(|(place, _)| place);
        match (spatial.next(), spatial.next()) {
            (Some(place), None) => Ok(RowShape::Column(place)),
            (first, _) => {
                let place_of = |column: usize| self.properties.iter().position(|at| *at == column);
                let pair = self.snapshot.coordinates();
                if let Some(pair) = pair.and_then(|it| place_of(it.longitude).zip(place_of(it.latitude))) {
                    return Ok(RowShape::Pair { longitude: pair.0, latitude: pair.1 });
                }
                let count = if first.is_none() { "no column" } else { "more than one column" };
                Err(TablesError::Unsuitable {
                    why: format!(
                        "GeoJSON needs exactly one column of shapes, or a longitude and a latitude; {count} of those asked for holds shapes"
                    ),
                })
            }
        }
    }

    /// A name for the sheet that spreadsheets take.
    fn sheet_name(&self) -> String {
        let plain = |c: char| {
            if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') || c.is_control() { ' ' } else { c }
        };
        let name: String = self.snapshot.name.chars().map(plain).take(31).collect();
        let name = name.trim();
        if name.is_empty() || name.eq_ignore_ascii_case("history") { "table".to_owned() } else { name.to_owned() }
    }
}

/// Makes the encoder of a format.
///
/// # Errors
/// `Unsuitable` when the format cannot hold the table's columns.
pub(crate) fn encoder(format: ExportFormat, sheet: &Sheet<'_>) -> Result<Box<dyn Encoder>, TablesError> {
    Ok(match format {
        ExportFormat::Csv => Box::new(text::Csv::new(sheet)),
        ExportFormat::Json => Box::new(text::Json::new(sheet, false)),
        ExportFormat::Ndjson => Box::new(text::Json::new(sheet, true)),
        ExportFormat::GeoJson => Box::new(text::GeoJson::new(sheet)?),
        ExportFormat::Parquet => Box::new(binary::ParquetFile::new(sheet)?),
        ExportFormat::Arrow => Box::new(binary::ArrowStream::new(sheet)?),
        ExportFormat::Xlsx => Box::new(xlsx::Xlsx::new(sheet)?),
    })
}

/// The columns of a batch that an export has.
fn project(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, TablesError> {
    let columns = batch.columns().iter().take(schema.fields().len()).map(Arc::clone).collect();
    RecordBatch::try_new(Arc::clone(schema), columns).map_err(TablesError::engine("arranging rows"))
}
