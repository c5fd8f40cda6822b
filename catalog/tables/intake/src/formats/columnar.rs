//! Parquet files of others, batch by batch.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Field, Float16Type,
    Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Schema, TimeUnit, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Type as PhysicalType;

use super::FormatLimits;
use super::guard::{broken, guarded, table_name};
use crate::cell::{Cell, TableReader};
use crate::error::IntakeError;

const FORMAT: &str = "parquet";
/// Rows decoded at a time.
const BATCH_ROWS: usize = 512;
/// Structs within structs that become columns; deeper ones become JSON text.
const DEPTH_MAX: usize = 4;
/// Lists within lists in JSON text.
const JSON_DEPTH_MAX: usize = 32;
const DAY_MILLIS: i64 = 86_400_000;

type Sink<'a> = &'a mut dyn FnMut(u64, &mut Vec<Cell>) -> Result<(), IntakeError>;

pub(super) fn open(path: &Path, name: &str, limits: &FormatLimits) -> Result<Vec<Box<dyn TableReader>>, IntakeError> {
    guarded(FORMAT, || {
        let metadata = load_metadata(path)?;
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

fn fault(place: impl Into<String>, error: impl ToString) -> IntakeError {
    let why = error.to_string();
    if why.contains("encrypt") { IntakeError::Protected { format: FORMAT } } else { broken(FORMAT, place, why) }
}

/// The footer, with 96-bit timestamps read as microseconds: as nanoseconds they reach from 1677 to 2262 only.
fn load_metadata(path: &Path) -> Result<ArrowReaderMetadata, IntakeError> {
    let file = File::open(path)?;
    let first =
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|error| fault("its footer", error))?;
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
    ArrowReaderMetadata::try_new(Arc::clone(first.metadata()), ArrowReaderOptions::new().with_schema(schema))
        .map_err(|error| fault("its footer", error))
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
            columns.push(PlacedColumn { name, path, data_type, is_text: false, is_shape: false });
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

    fn rows(&self, sink: Sink<'_>) -> Result<(), IntakeError> {
        let mut number = 0_u64;
        let mut cells = Vec::new();
        for batch in self.batches(None)? {
            let batch = batch.map_err(|error| fault(format!("row {}", number + 1), error))?;
            for row in 0..batch.num_rows() {
                self.limits.check_stop()?;
                number += 1;
                cells.clear();
                for column in &self.columns {
                    cells.push(column.cell(&batch, row)?);
                }
                sink(number, &mut cells)?;
            }
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
        if hex.is_empty() {
            Vec::new()
        } else {
            vec![format!("Bytes are given as hexadecimal digits: {}.", hex.join(", "))]
        }
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

/// Whether WKB (ISO or extended) is of a single position.
fn is_point(wkb: &[u8]) -> bool {
    let kind = match wkb {
        [1, a, b, _, _, ..] => u16::from_le_bytes([*a, *b]),
        [0, _, _, b, a, ..] => u16::from_be_bytes([*b, *a]),
        _ => return false,
    };
    kind % 1_000 == 1
}

fn is_readable(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')))
}

fn bytes_at(array: &ArrayRef, row: usize) -> Option<&[u8]> {
    match array.data_type() {
        DataType::Binary => array.as_binary_opt::<i32>().map(|array| array.value(row)),
        DataType::LargeBinary => array.as_binary_opt::<i64>().map(|array| array.value(row)),
        DataType::BinaryView => array.as_binary_view_opt().map(|array| array.value(row)),
        DataType::FixedSizeBinary(_) => array.as_fixed_size_binary_opt().map(|array| array.value(row)),
        _ => None,
    }
}

fn float(value: f64) -> Cell {
    if value.is_nan() {
        Cell::Quoted("NaN".to_owned())
    } else if value.is_infinite() {
        Cell::Quoted(if value > 0.0 { "inf" } else { "-inf" }.to_owned())
    } else {
        Cell::Float(value)
    }
}

fn unsigned(value: u64) -> Cell {
    i64::try_from(value).map_or_else(|_| Cell::Decimal(value.to_string()), Cell::Integer)
}

fn moment(value: i64, unit: TimeUnit, utc: bool) -> Option<Cell> {
    let micros = match unit {
        TimeUnit::Second => value.checked_mul(1_000_000)?,
        TimeUnit::Millisecond => value.checked_mul(1_000)?,
        TimeUnit::Microsecond => value,
        TimeUnit::Nanosecond => value.div_euclid(1_000),
    };
    Some(Cell::Timestamp { micros, utc })
}

fn decimal(text: String, scale: i8) -> Cell {
    if scale <= 0 { text.parse().map_or(Cell::Decimal(text), Cell::Integer) } else { Cell::Decimal(text) }
}

/// What a type without a kind of its own looks like, in Arrow's words (times of day, intervals).
fn shown(array: &dyn Array, row: usize) -> Result<Cell, IntakeError> {
    let options = FormatOptions::new().with_display_error(true);
    let formatter = ArrayFormatter::try_new(array, &options).map_err(|error| fault(format!("row {row}"), error))?;
    Ok(Cell::Quoted(formatter.value(row).to_string()))
}

/// One value that is not null.
fn value(array: &ArrayRef, row: usize) -> Result<Cell, IntakeError> {
    let cell = match array.data_type() {
        DataType::Null => Cell::Null,
        DataType::Boolean => Cell::Boolean(array.as_boolean().value(row)),
        DataType::Int8 => Cell::Integer(array.as_primitive::<Int8Type>().value(row).into()),
        DataType::Int16 => Cell::Integer(array.as_primitive::<Int16Type>().value(row).into()),
        DataType::Int32 => Cell::Integer(array.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Cell::Integer(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => unsigned(array.as_primitive::<UInt8Type>().value(row).into()),
        DataType::UInt16 => unsigned(array.as_primitive::<UInt16Type>().value(row).into()),
        DataType::UInt32 => unsigned(array.as_primitive::<UInt32Type>().value(row).into()),
        DataType::UInt64 => unsigned(array.as_primitive::<UInt64Type>().value(row)),
        DataType::Float16 => float(array.as_primitive::<Float16Type>().value(row).to_f64()),
        DataType::Float32 => {
            // By way of the shortest digits, so that 0.1 does not become 0.10000000149011612.
            let value = array.as_primitive::<Float32Type>().value(row);
            float(value.to_string().parse().unwrap_or_else(|_| value.into()))
        }
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal32(_, scale) => decimal(array.as_primitive::<Decimal32Type>().value_as_string(row), *scale),
        DataType::Decimal64(_, scale) => decimal(array.as_primitive::<Decimal64Type>().value_as_string(row), *scale),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value_as_string(row), *scale),
        DataType::Decimal256(_, scale) => decimal(array.as_primitive::<Decimal256Type>().value_as_string(row), *scale),
        DataType::Utf8 => Cell::Quoted(array.as_string::<i32>().value(row).to_owned()),
        DataType::LargeUtf8 => Cell::Quoted(array.as_string::<i64>().value(row).to_owned()),
        DataType::Utf8View => Cell::Quoted(array.as_string_view().value(row).to_owned()),
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            Cell::Quoted(hex::encode(bytes_at(array, row).unwrap_or_default()))
        }
        DataType::Date32 => Cell::Date(array.as_primitive::<Date32Type>().value(row)),
        DataType::Date64 => {
            let days = array.as_primitive::<Date64Type>().value(row).div_euclid(DAY_MILLIS);
            i32::try_from(days).map_or(Cell::Null, Cell::Date)
        }
        DataType::Timestamp(unit, zone) => {
            let raw = match unit {
                TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row),
                TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row),
                TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
                TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row),
            };
            match moment(raw, *unit, zone.is_some()) {
                Some(cell) => cell,
                None => shown(array, row)?,
            }
        }
        DataType::Dictionary(..) => match array.as_any_dictionary_opt() {
            Some(dictionary) => {
                let key = dictionary.normalized_keys().get(row).copied().unwrap_or(usize::MAX);
                let values = dictionary.values();
                if key >= values.len() || values.is_null(key) { Cell::Null } else { value(values, key)? }
            }
            None => Cell::Null,
        },
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::FixedSizeList(..)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::Struct(_)
        | DataType::Map(..) => {
            let mut out = String::new();
            json(array, row, 0, &mut out)?;
            Cell::Quoted(out)
        }
        DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::Union(..)
        | DataType::RunEndEncoded(..) => shown(array, row)?,
    };
    Ok(cell)
}

/// A value as JSON text.
fn json(array: &ArrayRef, row: usize, depth: usize, out: &mut String) -> Result<(), IntakeError> {
    if array.is_null(row) || depth > JSON_DEPTH_MAX {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::List(_) => json_list(&array.as_list::<i32>().value(row), depth, out),
        DataType::LargeList(_) => json_list(&array.as_list::<i64>().value(row), depth, out),
        DataType::FixedSizeList(..) => json_list(&array.as_fixed_size_list().value(row), depth, out),
        DataType::ListView(_) => json_list(&array.as_list_view::<i32>().value(row), depth, out),
        DataType::LargeListView(_) => json_list(&array.as_list_view::<i64>().value(row), depth, out),
        DataType::Struct(fields) => {
            out.push('{');
            for (at, (field, member)) in fields.iter().zip(array.as_struct().columns()).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json_text(field.name(), out);
                out.push(':');
                json(member, row, depth + 1, out)?;
            }
            out.push('}');
            Ok(())
        }
        DataType::Map(..) => json_map(array, row, depth, out),
        _ => {
            match value(array, row)? {
                Cell::Null | Cell::Geometry { .. } => out.push_str("null"),
                Cell::Text(text) | Cell::Quoted(text) => json_text(&text, out),
                Cell::Integer(value) => out.push_str(&value.to_string()),
                Cell::Decimal(digits) => out.push_str(&digits),
                Cell::Float(value) => out.push_str(&value.to_string()),
                Cell::Boolean(value) => out.push_str(if value { "true" } else { "false" }),
                Cell::Date(_) | Cell::Timestamp { .. } => {
                    if let Cell::Quoted(text) = shown(array, row)? {
                        json_text(&text, out);
                    }
                }
            }
            Ok(())
        }
    }
}

fn json_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn json_list(values: &ArrayRef, depth: usize, out: &mut String) -> Result<(), IntakeError> {
    out.push('[');
    for row in 0..values.len() {
        if row > 0 {
            out.push(',');
        }
        json(values, row, depth + 1, out)?;
    }
    out.push(']');
    Ok(())
}

/// A map: an object, its keys as text.
fn json_map(array: &ArrayRef, row: usize, depth: usize, out: &mut String) -> Result<(), IntakeError> {
    let entries = array.as_map().value(row);
    out.push('{');
    if let [keys, values, ..] = entries.columns() {
        for at in 0..entries.len() {
            if at > 0 {
                out.push(',');
            }
            let key = match value(keys, at)? {
                Cell::Text(text) | Cell::Quoted(text) => text,
                _ => match shown(keys, at)? {
                    Cell::Quoted(text) => text,
                    _ => String::new(),
                },
            };
            json_text(&key, out);
            out.push(':');
            json(values, at, depth + 1, out)?;
        }
    }
    out.push('}');
    Ok(())
}
