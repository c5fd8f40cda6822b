//! Tables told as stories: random ones against the judge, hostile ones against the walls, whole ones through all formats.
#![allow(clippy::unwrap_used)]

mod exports;
mod hostile;
mod judged;
mod remote;
mod stored;

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{
    Array, ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, new_empty_array, new_null_array,
};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Field, Schema};
use fairground_domain::{Column, ColumnType, ContentHash, Snapshot};
use fairground_tables_query::Value;
use fairground_tables_query::arbitrary::{Table, column};
use futures_util::StreamExt;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use tempfile::TempDir;

use crate::store::{META, PARQUET};
use crate::tables::{Core, Tables};
use crate::types::{array_of, arrow_type};
use crate::{ByteStream, OpenSnapshot, TablesError, TablesSettings};

/// A portal's tables in a folder that goes with them.
struct House {
    tables: Tables,
    folder: TempDir,
}

impl House {
    /// Without background indexing: the scan engine answers until a test builds an index.
    fn open() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut TablesSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = TablesSettings::new(folder.path());
        settings.index = false;
        // Unoptimised code on a busy machine is slow; what runs out of time has stories of its own.
        settings.query_time = std::time::Duration::from_secs(120);
        change(&mut settings);
        Self { tables: Tables::open(settings).unwrap(), folder }
    }

    fn core(&self) -> &Core {
        self.tables.core()
    }

    /// Puts a table into the store, in row groups and pages of a few rows.
    fn put(&self, table: &Table) -> ContentHash {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let key = ContentHash::of(&NUMBER.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        let store = &self.core().store;
        let scratch = store.scratch().unwrap();
        let made = scratch.path().join("made");
        std::fs::create_dir(&made).unwrap();
        let path = made.join(PARQUET);
        write_parquet(&path, &table.snapshot.columns, &table.rows);
        let parquet_bytes = std::fs::metadata(&path).unwrap().len();
        let snapshot = Snapshot { key, parquet_bytes, ..table.snapshot.clone() };
        std::fs::write(made.join(META), serde_json::to_vec(&snapshot).unwrap()).unwrap();
        assert!(store.put(key, &made).unwrap());
        key
    }

    async fn put_open(&self, table: &Table) -> Arc<OpenSnapshot> {
        self.tables.open_snapshot(self.put(table)).await.unwrap()
    }
}

/// Rows of a group in the tests' files: small, so that small tables have several.
const GROUP_ROWS: usize = 7;
const PAGE_ROWS: usize = 3;

fn write_parquet(path: &std::path::Path, columns: &[Column], rows: &[Vec<Value>]) {
    let batch = batch_of(columns, rows);
    let small = rows.len() < 1_000;
    let (group, page) = if small { (GROUP_ROWS, PAGE_ROWS) } else { (4_096, 1_024) };
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .set_data_page_row_count_limit(page)
        .set_write_batch_size(page)
        .build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

fn batch_of(columns: &[Column], rows: &[Vec<Value>]) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|column| Field::new(&column.name, arrow_type(column.column_type), true)).collect();
    let arrays: Vec<ArrayRef> = (0..)
        .zip(&fields)
        .map(|(place, field)| array_from(rows.iter().map(|row: &Vec<Value>| &row[place]), field))
        .collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options).unwrap()
}

fn array_from<'a>(values: impl Iterator<Item = &'a Value>, field: &Field) -> ArrayRef {
    // The two types of the large tables at once, the others value by value.
    match field.data_type() {
        DataType::Int64 => Arc::new(Int64Array::from_iter(values.map(|value| match value {
            Value::Integer(number) => Some(*number),
            _ => None,
        }))),
        DataType::Utf8 => Arc::new(StringArray::from_iter(values.map(|value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        }))),
        other => {
            let cells: Vec<ArrayRef> = values
                .map(|value| match value {
                    Value::Null => new_null_array(other, 1),
                    value => array_of(value, other).unwrap(),
                })
                .collect();
            let cells: Vec<&dyn Array> = cells.iter().map(AsRef::as_ref).collect();
            if cells.is_empty() { new_empty_array(other) } else { concat(&cells).unwrap() }
        }
    }
}

/// A table of integers `n` (the row's number) and texts `name` (`row 0` …).
fn numbered(rows: i64) -> Table {
    let rows = (0..rows).map(|row| vec![Value::Integer(row), Value::Text(format!("row {row}"))]).collect();
    Table::new(vec![column("n", ColumnType::Integer), column("name", ColumnType::Text)], rows)
}

async fn read(mut stream: ByteStream) -> Result<Vec<u8>, TablesError> {
    let mut all = Vec::new();
    while let Some(piece) = stream.next().await {
        all.extend_from_slice(&piece?);
    }
    Ok(all)
}
