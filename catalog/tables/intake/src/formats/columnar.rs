//! Parquet files of others, batch by batch.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::{FileMetaData, ParquetMetaDataBuilder, ParquetStatisticsPolicy};

use super::columnar_value::{bytes_at, is_point, is_readable, value};
use super::guard::{broken, guarded, table_name};
use super::{FREE_RATIO_BYTES, FormatLimits};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

const FORMAT: &str = "parquet";
/// Rows decoded at a time.
const BATCH_ROWS: usize = 512;
/// Structs within structs that become columns; deeper ones become JSON text.
const DEPTH_MAX: usize = 4;

type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

pub(super) fn open(path: &Path, name: &str, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    guarded(FORMAT, || {
        let metadata = load_metadata(path)?;
        check_ratio(&metadata, limits)?;
        check_rows(&metadata)?;
        let shapes = geometry_columns(&metadata);
        let mut columns = Vec::new();
        for (at, field) in metadata.schema().fields().iter().enumerate() {
            list_columns(field, field.name().clone(), vec![at], &mut columns);
        }
        if columns.is_empty() {
            return Err(IntakeError::NotTabular { why: "the Parquet file has no columns".to_owned() });
        }
        if columns.len() > limits.columns {
            return Err(IntakeError::TooLarge {
                what: "the number of columns".to_owned(),
                limit: limits.columns.to_string(),
            });
        }
        for column in &mut columns {
            column.is_shape = column.path.len() == 1 && shapes.contains(&column.name);
        }
        let mut reader =
            ParquetReader { path: path.to_owned(), name: table_name(name), metadata, columns, limits: limits.clone() };
        reader.tell_texts()?;
        Ok(vec![Box::new(reader) as Box<dyn TableReader>])
    })
}

pub(super) fn fault(place: impl Into<String>, error: impl ToString) -> IntakeError {
    let why = error.to_string();
    if why.contains("encrypt") { IntakeError::Protected { format: FORMAT } } else { broken(FORMAT, place, why) }
}

/// What the footer says beside the data is not read: statistics are not needed, and a fault in them is no harm.
fn footer_options() -> ArrowReaderOptions {
    ArrowReaderOptions::new()
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_encoding_stats_as_mask(true)
}

/// A column chunk that unpacks to very much more than it takes is a bomb: its pages are decoded in memory.
fn check_ratio(metadata: &ArrowReaderMetadata, limits: &FormatLimits) -> Result<(), IntakeError> {
    for group in metadata.metadata().row_groups() {
        for column in group.columns() {
            let size = |bytes: i64| u64::try_from(bytes).unwrap_or(0);
            let (packed, unpacked) = (size(column.compressed_size()), size(column.uncompressed_size()));
            if unpacked > FREE_RATIO_BYTES && unpacked / packed.max(1) > limits.ratio {
                return Err(IntakeError::TooLarge {
                    what: format!(
                        "what the column `{}` unpacks to, by its packed size,",
                        column.column_path().string()
                    ),
                    limit: format!("{} times", limits.ratio),
                });
            }
        }
    }
    Ok(())
}

/// A footer that tells of no rows over columns that hold values would lose them in silence.
fn check_rows(metadata: &ArrowReaderMetadata) -> Result<(), IntakeError> {
    for group in metadata.metadata().row_groups() {
        if group.num_rows() <= 0 && group.columns().iter().any(|column| column.num_values() > 0) {
            return Err(broken(FORMAT, "its footer", "it tells of no rows, but the columns hold values"));
        }
    }
    Ok(())
}

/// The footer, with 96-bit timestamps read as microseconds: as nanoseconds they reach from 1677 to 2262 only.
fn load_metadata(path: &Path) -> Result<ArrowReaderMetadata, IntakeError> {
    let file = File::open(path)?;
    let mut options = footer_options();
    let first = ArrowReaderMetadata::load(&file, options.clone()).or_else(|error| {
        // What writers say of themselves in Arrow's words (`ARROW:schema`) is not always sound; Parquet's own schema tells the types.
        options = footer_options().with_skip_arrow_metadata(true);
        ArrowReaderMetadata::load(&file, options.clone()).map_err(|_| fault("its footer", error))
    })?;
    let first = count_rows(first, options)?;
    let descriptor = first.parquet_schema();
    let is_int96 = |name: &str| {
        descriptor.columns().iter().any(|column| {
            column.physical_type() == PhysicalType::INT96 && column.path().parts().len() == 1 && column.name() == name
        })
    };
    let mut changed = false;
    let fields: Vec<Field> = first
        .schema()
        .fields()
        .iter()
        .map(|field| match field.data_type() {
            DataType::Timestamp(TimeUnit::Nanosecond, zone) if is_int96(field.name()) => {
                changed = true;
                field.as_ref().clone().with_data_type(DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))
            }
            _ => field.as_ref().clone(),
        })
        .collect();
    if !changed {
        return Ok(first);
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, first.schema().metadata().clone()));
    ArrowReaderMetadata::try_new(Arc::clone(first.metadata()), footer_options().with_schema(schema))
        .map_err(|error| fault("its footer", error))
}

/// Some writers leave the file's number of rows at zero; the row groups' own numbers count then.
fn count_rows(metadata: ArrowReaderMetadata, options: ArrowReaderOptions) -> Result<ArrowReaderMetadata, IntakeError> {
    let groups = metadata.metadata().row_groups();
    let rows = groups.iter().fold(0_i64, |rows, group| rows.saturating_add(group.num_rows().max(0)));
    let file = metadata.metadata().file_metadata();
    if file.num_rows() >= rows {
        return Ok(metadata);
    }
    let file = FileMetaData::new(
        file.version(),
        rows,
        file.created_by().map(str::to_owned),
        file.key_value_metadata().cloned(),
        file.schema_descr_ptr(),
        file.column_orders().cloned(),
    );
    let counted = ParquetMetaDataBuilder::new(file).set_row_groups(groups.to_vec()).build();
    ArrowReaderMetadata::try_new(Arc::new(counted), options).map_err(|error| fault("its footer", error))
}

/// The columns that GeoParquet says are WKB on WGS 84 (GeoParquet 1.1, "Column metadata").
fn geometry_columns(metadata: &ArrowReaderMetadata) -> Vec<String> {
    let entries = metadata.metadata().file_metadata().key_value_metadata();
    let text = entries.into_iter().flatten().find(|entry| entry.key == "geo").and_then(|entry| entry.value.as_deref());
    let Some(Ok(geo)) = text.map(serde_json::from_str::<serde_json::Value>) else { return Vec::new() };
    let Some(columns) = geo.get("columns").and_then(serde_json::Value::as_object) else { return Vec::new() };
    let is_wgs84 = |column: &serde_json::Value| match column.get("crs") {
        None => true,
        Some(crs) => {
            let code = crs.get("id").and_then(|id| id.get("code"));
            code.is_some_and(|code| code == "CRS84" || code == 4326 || code == "4326")
        }
    };
    columns
        .iter()
        .filter(|(_, column)| column.get("encoding").is_some_and(|encoding| encoding == "WKB") && is_wgs84(column))
        .map(|(name, _)| name.clone())
        .collect()
}

/// A column of the table: a leaf, or a struct's member.
struct PlacedColumn {
    name: String,
    /// The way to it: the top column, then the struct's members.
    path: Vec<usize>,
    data_type: DataType,
    /// For binary: whether all of it is readable text.
    is_text: bool,
    is_shape: bool,
    /// Values of a number column that are no numbers: NaN and the infinite, given as null.
    not_finite: u64,
}

fn list_columns(field: &Field, name: String, path: Vec<usize>, columns: &mut Vec<PlacedColumn>) {
    match field.data_type() {
        DataType::Struct(members) if path.len() < DEPTH_MAX && !members.is_empty() => {
            for (at, member) in members.iter().enumerate() {
                let mut path = path.clone();
                path.push(at);
                list_columns(member, format!("{name}.{}", member.name()), path, columns);
            }
        }
        data_type => {
            let data_type = data_type.clone();
            columns.push(PlacedColumn { name, path, data_type, is_text: false, is_shape: false, not_finite: 0 });
        }
    }
}

struct ParquetReader {
    path: PathBuf,
    name: String,
    metadata: ArrowReaderMetadata,
    columns: Vec<PlacedColumn>,
    limits: FormatLimits,
}

impl ParquetReader {
    fn batches(&self, only: Option<Vec<usize>>) -> Result<ParquetRecordBatchReader, IntakeError> {
        let builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(File::open(&self.path)?, self.metadata.clone())
                .with_batch_size(BATCH_ROWS);
        let builder = match only {
            Some(roots) => {
                let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
                builder.with_projection(mask)
            }
            None => builder,
        };
        builder.build().map_err(|error| fault("its row groups", error))
    }

    /// Old writers store text as plain bytes. A column of bytes that is readable throughout is text; otherwise hex.
    fn tell_texts(&mut self) -> Result<(), IntakeError> {
        let wanted: Vec<usize> = (0..self.columns.len())
            .filter(|at| {
                self.columns.get(*at).is_some_and(|column| {
                    column.path.len() == 1
                        && !column.is_shape
                        && matches!(
                            column.data_type,
                            DataType::Binary
                                | DataType::LargeBinary
                                | DataType::BinaryView
                                | DataType::FixedSizeBinary(_)
                        )
                })
            })
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let roots: Vec<usize> = wanted
            .iter()
            .filter_map(|at| self.columns.get(*at).and_then(|column| column.path.first()).copied())
            .collect();
        let mut readable = vec![true; wanted.len()];
        let mut rows = 0_u64;
        for batch in self.batches(Some(roots))? {
            self.limits.check_stop()?;
            let batch = batch.map_err(|error| fault(format!("row {}", rows + 1), error))?;
            for (array, readable) in batch.columns().iter().zip(&mut readable) {
                *readable = *readable
                    && (0..array.len()).all(|row| array.is_null(row) || bytes_at(array, row).is_none_or(is_readable));
            }
            rows += u64::try_from(batch.num_rows()).unwrap_or(0);
        }
        for (at, readable) in wanted.into_iter().zip(readable) {
            if let Some(column) = self.columns.get_mut(at) {
                column.is_text = readable;
            }
        }
        Ok(())
    }

    fn rows(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let mut number = 0_u64;
        let mut cells = Vec::new();
        for batch in self.batches(None)? {
            let batch = batch.map_err(|error| fault(format!("row {}", number + 1), error))?;
            for row in 0..batch.num_rows() {
                self.limits.check_stop()?;
                number += 1;
                cells.clear();
                for column in &mut self.columns {
                    let cell = column.cell(&batch, row)?;
                    let not_finite = column.data_type.is_floating() && matches!(cell, Cell::Quoted(_));
                    column.not_finite += u64::from(not_finite);
                    cells.push(if not_finite { Cell::Null } else { cell });
                }
                sink(number, &mut cells)?;
            }
        }
        let told = self.metadata.metadata().file_metadata().num_rows();
        if u64::try_from(told).is_ok_and(|told| told > number) {
            return Err(broken(
                FORMAT,
                format!("row {number}"),
                format!("its footer tells of {told} rows, but here they end"),
            ));
        }
        Ok(())
    }
}

impl TableReader for ParquetReader {
    fn name(&self) -> &str {
        &self.name
    }

    fn format(&self) -> &'static str {
        FORMAT
    }

    fn header(&self) -> Option<Vec<String>> {
        Some(self.columns.iter().map(|column| column.name.clone()).collect())
    }

    fn read(&mut self, sink: Sink<'_>) -> Result<(), IntakeError> {
        for column in &mut self.columns {
            column.not_finite = 0;
        }
        guarded(FORMAT, || self.rows(sink))
    }

    fn notes(&self) -> Vec<String> {
        let hex: Vec<String> = self
            .columns
            .iter()
            .filter(|column| {
                !column.is_text
                    && !column.is_shape
                    && matches!(column.data_type, DataType::Binary | DataType::LargeBinary)
            })
            .map(|column| format!("`{}`", column.name))
            .collect();
        let mut notes = Vec::new();
        if !hex.is_empty() {
            notes.push(format!("Bytes are given as hexadecimal digits: {}.", hex.join(", ")));
        }
        for column in self.columns.iter().filter(|column| column.not_finite > 0) {
            notes.push(format!("`{}`: {} values that are NaN or infinite are empty.", column.name, column.not_finite));
        }
        notes
    }
}

impl PlacedColumn {
    fn cell(&self, batch: &RecordBatch, row: usize) -> Result<Cell, IntakeError> {
        let mut way = self.path.iter();
        let Some(mut array) = way.next().and_then(|at| batch.columns().get(*at)) else { return Ok(Cell::Null) };
        for at in way {
            if array.is_null(row) {
                return Ok(Cell::Null);
            }
            let Some(inner) = array.as_struct_opt().and_then(|members| members.columns().get(*at)) else {
                return Ok(Cell::Null);
            };
            array = inner;
        }
        if array.is_null(row) {
            return Ok(Cell::Null);
        }
        if self.is_shape {
            let wkb = bytes_at(array, row).unwrap_or_default().to_vec();
            return Ok(if wkb.is_empty() { Cell::Null } else { Cell::Geometry { point: is_point(&wkb), wkb } });
        }
        if self.is_text {
            let text = bytes_at(array, row).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            return Ok(text.map_or(Cell::Null, Cell::Quoted));
        }
        value(array, row)
    }
}
