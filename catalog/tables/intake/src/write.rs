//! The snapshot's Parquet file.
//!
//! Row groups of up to [`ROW_GROUP_ROWS`] rows, statistics for each page, column index and offset index, the columns'
//! titles in the Arrow schema's field metadata, and GeoParquet 1.1 metadata where there are shapes.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::ArrayRef;
use arrow::datatypes::{Field, Schema, SchemaRef};
use fairground_domain::{Column, ColumnType, Histogram};
use parquet::arrow::ArrowWriter;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowRowGroupWriterFactory, compute_leaves};
use parquet::basic::{Compression, Encoding};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use serde_json::json;

use crate::convert::data_type;
use crate::error::IntakeError;
use crate::infer::shape::Bounds;
use crate::statistics::{BINS, scaled};
use crate::text::thread_died;

/// Rows of a row group at most.
pub(crate) const ROW_GROUP_ROWS: usize = 131_072;
/// Bytes of text, or of values in memory, of a row group at most.
pub(crate) const ROW_GROUP_BYTES: usize = 24 << 20;
/// Cells of a row group at most, so that wide tables of short values stay small in memory.
pub(crate) const ROW_GROUP_CELLS: usize = 3_000_000;
/// Rows of a page at most.
const PAGE_ROWS: usize = 8_192;
/// The metadata of a field that holds the column's title.
const TITLE_KEY: &str = "title";

impl IntakeError {
    pub(crate) fn write(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Write(Box::new(error))
    }
}

/// The Arrow schema of a table.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let fields: Vec<Field> = columns
        .iter()
        .map(|column| {
            let title = [(TITLE_KEY.to_owned(), column.title.clone())];
            Field::new(&column.name, data_type(column.column_type), true).with_metadata(title.into_iter().collect())
        })
        .collect();
    Arc::new(Schema::new(fields))
}

/// A Parquet file as it grows, row group by row group.
pub(crate) struct SnapshotWriter {
    writer: SerializedFileWriter<BufWriter<File>>,
}

/// Encodes row groups; shared by threads.
pub(crate) struct Encoder {
    factory: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
}

/// A row group, encoded and compressed.
pub(crate) struct EncodedGroup {
    chunks: Vec<ArrowColumnChunk>,
}

/// Begins a file. `varied` says of each column whether its values rarely repeat, so that a dictionary would not help.
pub(crate) fn create(
    path: &Path,
    columns: &[Column],
    varied: &[bool],
) -> Result<(SnapshotWriter, Encoder), IntakeError> {
    let schema = schema(columns);
    let mut properties = WriterProperties::builder()
        .set_created_by(concat!("fairground ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::LZ4_RAW)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(None)
        .set_data_page_row_count_limit(PAGE_ROWS);
    for (column, varied) in columns.iter().zip(varied) {
        if *varied {
            let path = ColumnPath::from(column.name.as_str());
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
            if column.column_type != ColumnType::Text && !column.column_type.is_spatial() {
                // Numbers that rarely repeat leave nothing to compress.
                properties = properties.set_column_compression(path.clone(), Compression::UNCOMPRESSED);
            }
            if matches!(column.column_type, ColumnType::Integer | ColumnType::Timestamp { .. }) {
                properties = properties.set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
            }
        }
    }
    let file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let writer =
        ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties.build())).map_err(IntakeError::write)?;
    let (writer, factory) = writer.into_serialized_writer().map_err(IntakeError::write)?;
    Ok((SnapshotWriter { writer }, Encoder { factory, schema }))
}

impl Encoder {
    /// Encodes one row group.
    pub(crate) fn encode(&self, arrays: &[ArrayRef]) -> Result<EncodedGroup, IntakeError> {
        let writers = self.factory.create_column_writers(0).map_err(IntakeError::write)?;
        let mut chunks = Vec::with_capacity(arrays.len());
        for ((mut writer, array), field) in writers.into_iter().zip(arrays).zip(self.schema.fields()) {
            for leaf in compute_leaves(field, array).map_err(IntakeError::write)? {
                writer.write(&leaf).map_err(IntakeError::write)?;
            }
            chunks.push(writer.close().map_err(IntakeError::write)?);
        }
        Ok(EncodedGroup { chunks })
    }
}

impl SnapshotWriter {
    /// Adds a row group.
    pub(crate) fn append(&mut self, group: EncodedGroup) -> Result<(), IntakeError> {
        let mut writer = self.writer.next_row_group().map_err(IntakeError::write)?;
        for chunk in group.chunks {
            chunk.append_to_row_group(&mut writer).map_err(IntakeError::write)?;
        }
        writer.close().map_err(IntakeError::write)?;
        Ok(())
    }

    /// Ends the file. `shapes` are the columns of shapes with their bounds.
    pub(crate) fn finish(mut self, columns: &[Column], bounds: &[Option<Bounds>]) -> Result<(), IntakeError> {
        if let Some(geo) = geo_metadata(columns, bounds) {
            self.writer.append_key_value_metadata(KeyValue::new("geo".to_owned(), geo));
        }
        self.writer.close().map_err(IntakeError::write)?;
        Ok(())
    }
}

/// The `geo` metadata of GeoParquet 1.1. A column without a coordinate system is OGC:CRS84: WGS 84, longitude first.
fn geo_metadata(columns: &[Column], bounds: &[Option<Bounds>]) -> Option<String> {
    let mut described = serde_json::Map::new();
    for (column, bounds) in columns.iter().zip(bounds).filter(|(column, _)| column.column_type.is_spatial()) {
        let types = if column.column_type == ColumnType::Point { json!(["Point"]) } else { json!([]) };
        let mut about = json!({ "encoding": "WKB", "geometry_types": types });
        if let (Some(bounds), Some(about)) = (bounds, about.as_object_mut()) {
            about.insert("bbox".to_owned(), json!(bounds));
        }
        described.insert(column.name.clone(), about);
    }
    let primary = columns.iter().find(|column| column.column_type.is_spatial())?;
    Some(json!({ "version": "1.1.0", "primary_column": primary.name, "columns": described }).to_string())
}

/// Counts the values of numbers and times in ranges of equal width, by reading them back, in so many threads. `ranges` are the
/// least and greatest value of each column; columns without one get no histogram.
pub(crate) fn histograms(
    path: &Path,
    columns: &[Column],
    ranges: &[Option<(f64, f64)>],
    threads: usize,
) -> Result<Vec<Option<Histogram>>, IntakeError> {
    let wanted: Vec<Wanted> = columns
        .iter()
        .zip(ranges)
        .enumerate()
        .filter(|(_, (column, _))| column.column_type.is_numeric() || column.column_type.is_temporal())
        .filter_map(|(at, (column, range))| Some(Wanted { at, column_type: column.column_type, range: (*range)? }))
        .collect();
    let mut found: Vec<Option<Histogram>> = vec![None; columns.len()];
    if wanted.is_empty() {
        return Ok(found);
    }
    let metadata = ArrowReaderMetadata::load(&File::open(path)?, ArrowReaderOptions::default());
    let metadata = metadata.map_err(IntakeError::write)?;
    let groups = metadata.metadata().num_row_groups();
    let next = AtomicUsize::new(0);
    let parts = std::thread::scope(|scope| {
        let count = || count_groups(path, &metadata, &wanted, groups, &next);
        let workers: Vec<_> = (1..threads.min(groups)).map(|_| scope.spawn(count)).collect();
        let mut parts = vec![count()];
        for worker in workers {
            parts.push(worker.join().unwrap_or_else(|_| Err(thread_died())));
        }
        parts
    });
    let mut sums = vec![[0u64; BINS]; wanted.len()];
    for part in parts {
        for (sum, counts) in sums.iter_mut().zip(part?) {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    for (wanted, sums) in wanted.iter().zip(sums) {
        if let Some(slot) = found.get_mut(wanted.at) {
            *slot = Some(histogram(wanted.range, sums.to_vec()));
        }
    }
    Ok(found)
}

/// A column that gets a histogram.
struct Wanted {
    at: usize,
    column_type: ColumnType,
    range: (f64, f64),
}

/// Counts the values of row groups, one after the other, until none is left.
fn count_groups(
    path: &Path,
    metadata: &ArrowReaderMetadata,
    wanted: &[Wanted],
    groups: usize,
    next: &AtomicUsize,
) -> Result<Vec<[u64; BINS]>, IntakeError> {
    let mut counts = vec![[0u64; BINS]; wanted.len()];
    loop {
        let group = next.fetch_add(1, Ordering::Relaxed);
        if group >= groups {
            return Ok(counts);
        }
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(File::open(path)?, metadata.clone());
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().map(|wanted| wanted.at));
        let reader = builder.with_projection(mask).with_row_groups(vec![group]).with_batch_size(PAGE_ROWS);
        for batch in reader.build().map_err(IntakeError::write)? {
            let batch = batch.map_err(IntakeError::write)?;
            for ((wanted, array), counts) in wanted.iter().zip(batch.columns()).zip(&mut counts) {
                count_values(array, wanted.column_type, wanted.range, counts);
            }
        }
    }
}

fn count_values(array: &ArrayRef, column_type: ColumnType, (least, most): (f64, f64), counts: &mut [u64; BINS]) {
    use arrow::array::AsArray;
    use arrow::datatypes::{Date32Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
    let width = (most - least) / BINS as f64;
    let mut count = |value: f64| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place among a few ranges")]
        let at = if width > 0.0 { ((value - least) / width) as usize } else { 0 };
        if let Some(count) = counts.get_mut(at.min(BINS - 1)) {
            *count += 1;
        }
    };
    match column_type {
        ColumnType::Float => array.as_primitive::<Float64Type>().iter().flatten().for_each(count),
        ColumnType::Integer => {
            array.as_primitive::<Int64Type>().iter().flatten().for_each(|value| count(scaled(value, column_type)));
        }
        ColumnType::Date => {
            let days = array.as_primitive::<Date32Type>();
            days.iter().flatten().for_each(|value| count(scaled(i64::from(value), column_type)));
        }
        ColumnType::Timestamp { .. } => {
            let micros = array.as_primitive::<TimestampMicrosecondType>();
            micros.iter().flatten().for_each(|value| count(scaled(value, column_type)));
        }
        ColumnType::Decimal { .. } => {
            let digits = array.as_primitive::<Decimal128Type>();
            let digits = digits.iter().flatten().filter_map(|value| i64::try_from(value).ok());
            digits.for_each(|value| count(scaled(value, column_type)));
        }
        ColumnType::Boolean | ColumnType::Text | ColumnType::Point | ColumnType::Geometry => {}
    }
}

fn histogram((least, most): (f64, f64), mut counts: Vec<u64>) -> Histogram {
    if least >= most {
        counts.truncate(1);
        return Histogram { bounds: vec![least, most], counts };
    }
    #[expect(clippy::cast_precision_loss, reason = "a place among a few ranges")]
    let bound = |at: usize| if at == BINS { most } else { least + (most - least) * at as f64 / BINS as f64 };
    Histogram { bounds: (0..=BINS).map(bound).collect(), counts }
}
