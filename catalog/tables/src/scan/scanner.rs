//! Reading a snapshot's Parquet file: the rows that a filter takes, some columns of them, in their own order.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch, RecordBatchOptions};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema, SchemaRef};
use arrow::error::ArrowError;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::arrow::{ProjectionMask, RowNumber};
use parquet::file::metadata::ParquetMetaData;

use crate::error::TablesError;
use crate::open::{OpenSnapshot, Parquet, ParquetFile};
use crate::scan::filter::{Filter, SharedFilter, columns_of};
use crate::scan::prune::{Kept, prune};
use fairground_tables_query::plan::Predicate;

/// The column of row numbers; no column of a table has a name like this.
pub(crate) const ROW: &str = "#row";
/// Rows in a batch at most.
const BATCH_ROWS: u64 = 8_192;
/// Bytes in a batch, roughly, so that wide rows come in short batches.
const BATCH_BYTES: u64 = 2 * 1024 * 1024;
/// Rows in a batch at least.
const BATCH_ROWS_MIN: u64 = 16;

static ROW_FIELD: LazyLock<FieldRef> =
    LazyLock::new(|| Arc::new(Field::new(ROW, DataType::Int64, false).with_extension_type(RowNumber)));

/// Adds the column of row numbers to what a reader gives.
pub(crate) fn with_row_numbers(metadata: &Arc<ParquetMetaData>) -> parquet::errors::Result<ArrowReaderMetadata> {
    let options = ArrowReaderOptions::new().with_virtual_columns(vec![Arc::clone(&ROW_FIELD)])?;
    ArrowReaderMetadata::try_new(Arc::clone(metadata), options)
}

/// How many rows a batch has when each takes so many bytes.
pub(crate) fn batch_rows(row_bytes: u64) -> usize {
    usize::try_from((BATCH_BYTES / row_bytes.max(1)).clamp(BATCH_ROWS_MIN, BATCH_ROWS)).unwrap_or(1)
}

/// What is read: which rows, which columns. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Scan {
    parquet: Arc<Parquet>,
    file: ParquetFile,
    filter: Option<Prepared>,
    /// Columns of the snapshot, in the order of the answer.
    columns: Arc<[usize]>,
    row_numbers: bool,
    schema: SchemaRef,
}

/// A filter and what it reads.
#[derive(Debug, Clone)]
struct Prepared {
    filter: SharedFilter,
    columns: Arc<[usize]>,
}

impl Scan {
    /// Columns come in the given order, each once; row numbers as the last column [`ROW`] where asked for.
    ///
    /// # Errors
    /// `BadPlan` when the snapshot has no such column, or as [`Filter::new`] says.
    pub(crate) fn new(
        open: &Arc<OpenSnapshot>,
        predicate: &Predicate,
        columns: &[usize],
        row_numbers: bool,
    ) -> Result<Self, TablesError> {
        let parquet = Arc::clone(open.parquet()?);
        let all = parquet.metadata.schema();
        let mut fields = Vec::with_capacity(columns.len() + 1);
        for column in columns {
            let field = all.fields().get(*column);
            fields.push(
                field.cloned().ok_or_else(|| TablesError::BadPlan { why: format!("there is no column {column}") })?,
            );
        }
        if row_numbers {
            fields.push(Arc::new(Field::new(ROW, DataType::Int64, false)));
        }
        let filter = match predicate {
            Predicate::Constant(true) => None,
            predicate => {
                let columns: Arc<[usize]> = columns_of(predicate).into();
                let schema = project(all, &columns)?;
                let place = |column: usize| columns.binary_search(&column).ok();
                Some(Prepared { filter: Arc::new(Filter::new(predicate, &schema, &place)?), columns })
            }
        };
        let schema = Arc::new(Schema::new(fields));
        let file = parquet.file()?;
        Ok(Self { parquet, file, filter, columns: columns.into(), row_numbers, schema })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    pub(crate) fn parquet(&self) -> &Parquet {
        &self.parquet
    }

    /// Columns of the snapshot, in the order of the answer.
    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The row groups and pages that may hold something.
    pub(crate) fn kept(&self, predicate: &Predicate) -> Vec<Kept> {
        prune(&self.parquet, predicate)
    }

    /// Reads these groups one after the other.
    pub(crate) fn read(&self, groups: Vec<Kept>) -> Scanner {
        Scanner { scan: self.clone(), groups: groups.into_iter(), state: State::Between }
    }

    /// Reads rows of one group by their places in it, without the filter.
    pub(crate) fn read_selected(
        &self,
        group: usize,
        selection: RowSelection,
    ) -> Result<ParquetRecordBatchReader, TablesError> {
        self.reader(group, Some(selection), &self.columns, self.row_numbers)
            .map_err(|error| TablesError::Engine { doing: "reading a snapshot", source: error.into() })
    }

    fn reader(
        &self,
        group: usize,
        selection: Option<RowSelection>,
        columns: &[usize],
        row_numbers: bool,
    ) -> Result<ParquetRecordBatchReader, ArrowError> {
        let metadata = if row_numbers { &self.parquet.metadata_with_rows } else { &self.parquet.metadata };
        let mask = ProjectionMask::roots(metadata.parquet_schema(), columns.iter().copied());
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), metadata.clone())
            .with_row_groups(vec![group])
            .with_projection(mask)
            .with_batch_size(batch_rows(self.parquet.row_bytes(columns)));
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        Ok(builder.build()?)
    }

    /// Puts what the file gives (columns in its own order) into the order of the answer.
    pub(crate) fn arrange(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let mut arrays = Vec::with_capacity(self.schema.fields().len());
        for field in self.schema.fields() {
            arrays.push(by_name(batch, field.name())?);
        }
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)
    }
}

fn by_name(batch: &RecordBatch, name: &str) -> Result<ArrayRef, ArrowError> {
    batch.column_by_name(name).cloned().ok_or_else(|| ArrowError::SchemaError(format!("a batch without column {name}")))
}

fn project(schema: &Schema, columns: &[usize]) -> Result<Schema, TablesError> {
    schema.project(columns).map_err(|error| TablesError::BadPlan { why: error.to_string() })
}

/// What a step of reading gave.
#[derive(Debug)]
pub(crate) enum Step {
    /// Rows, at least one.
    Batch(RecordBatch),
    /// Work was done; nothing came of it yet. A good moment to let others in.
    Working,
    /// That was all.
    Done,
}

/// Reads on, step by step, each of a few milliseconds.
#[derive(Debug)]
pub(crate) struct Scanner {
    scan: Scan,
    groups: std::vec::IntoIter<Kept>,
    state: State,
}

enum State {
    Between,
    /// Filter and columns from one pass over the rows.
    Together {
        reader: ParquetRecordBatchReader,
    },
    /// The filter's columns first: which rows it takes.
    Filtering {
        group: usize,
        selection: Option<RowSelection>,
        reader: ParquetRecordBatchReader,
        taken: Vec<BooleanArray>,
    },
    /// Then the columns of those rows.
    Reading {
        reader: ParquetRecordBatchReader,
    },
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Between => "Between",
            Self::Together { .. } => "Together",
            Self::Filtering { .. } => "Filtering",
            Self::Reading { .. } => "Reading",
        })
    }
}

impl Scanner {
    /// Does a little work.
    pub(crate) fn step(&mut self) -> Result<Step, ArrowError> {
        match std::mem::replace(&mut self.state, State::Between) {
            State::Between => self.begin(),
            State::Together { mut reader } => {
                let Some(batch) = reader.next() else { return Ok(Step::Working) };
                self.state = State::Together { reader };
                let batch = self.take(&batch?)?;
                Ok(batch_or_work(self.scan.arrange(&batch)?))
            }
            State::Filtering { group, selection, mut reader, mut taken } => {
                if let Some(batch) = reader.next() {
                    let truth = self.truth(&batch?)?;
                    taken.push(without_unknown(truth));
                    self.state = State::Filtering { group, selection, reader, taken };
                    return Ok(Step::Working);
                }
                let rows = RowSelection::from_filters(&taken);
                let selection = match selection {
                    None => rows,
                    Some(selection) => selection.and_then(&rows),
                };
                if selection.selects_any() {
                    let reader = self.scan.reader(group, Some(selection), &self.scan.columns, self.scan.row_numbers)?;
                    self.state = State::Reading { reader };
                }
                Ok(Step::Working)
            }
            State::Reading { mut reader } => {
                let Some(batch) = reader.next() else { return Ok(Step::Working) };
                self.state = State::Reading { reader };
                Ok(batch_or_work(self.scan.arrange(&batch?)?))
            }
        }
    }

    /// Reads on to the next rows.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        loop {
            match self.step()? {
                Step::Batch(batch) => return Ok(Some(batch)),
                Step::Working => {}
                Step::Done => return Ok(None),
            }
        }
    }

    fn begin(&mut self) -> Result<Step, ArrowError> {
        let Some(Kept { group, selection }) = self.groups.next() else { return Ok(Step::Done) };
        let scan = &self.scan;
        self.state = match &scan.filter {
            None => State::Reading { reader: scan.reader(group, selection, &scan.columns, scan.row_numbers)? },
            Some(filter) if scan.columns.iter().all(|column| filter.columns.binary_search(column).is_ok()) => {
                State::Together { reader: scan.reader(group, selection, &filter.columns, scan.row_numbers)? }
            }
            Some(filter) => {
                let reader = scan.reader(group, selection.clone(), &filter.columns, false)?;
                State::Filtering { group, selection, reader, taken: Vec::new() }
            }
        };
        Ok(Step::Working)
    }

    fn truth(&self, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        match &self.scan.filter {
            // A filter's columns are read in the file's order, which is the order it was made for.
            Some(prepared) => prepared.filter.evaluate(batch),
            None => Ok(BooleanArray::from(vec![true; batch.num_rows()])),
        }
    }

    fn take(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        filter_record_batch(batch, &self.truth(batch)?)
    }
}

fn batch_or_work(batch: RecordBatch) -> Step {
    if batch.num_rows() == 0 { Step::Working } else { Step::Batch(batch) }
}

/// Unknown is not taken.
fn without_unknown(truth: BooleanArray) -> BooleanArray {
    match truth.into_parts() {
        (values, None) => BooleanArray::new(values, None),
        (values, Some(nulls)) => BooleanArray::new(&values & nulls.inner(), None),
    }
}

/// The row numbers of a batch that was read with them.
pub(crate) fn row_numbers(batch: &RecordBatch) -> Result<Vec<u64>, ArrowError> {
    let array = by_name(batch, ROW)?;
    let numbers = array
        .as_primitive_opt::<Int64Type>()
        .ok_or_else(|| ArrowError::SchemaError("row numbers of another kind".to_owned()))?;
    Ok(numbers.values().iter().map(|number| u64::try_from(*number).unwrap_or_default()).collect())
}
