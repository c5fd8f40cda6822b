//! The first rows of an order, out of batches that come in any order, in bounded memory.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::{SortColumn, SortOptions, concat_batches, lexsort_to_indices, take_record_batch};
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::error::Result;
use datafusion::execution::memory_pool::MemoryReservation;
use fairground_tables_query::plan::SortKey;

/// Rows beyond the wanted ones that are gathered before the order is made again.
const SLACK_ROWS: usize = 16 * 1024;

/// Keeps the first `wanted` rows of an order. Nothing stands last in either direction.
#[derive(Debug)]
pub(super) struct Top {
    schema: SchemaRef,
    sort: Vec<SortKey>,
    wanted: usize,
    batches: Vec<RecordBatch>,
    rows: usize,
    memory: MemoryReservation,
}

impl Top {
    pub(super) fn new(schema: SchemaRef, sort: Vec<SortKey>, wanted: usize, memory: MemoryReservation) -> Self {
        Self { schema, sort, wanted, batches: Vec::new(), rows: 0, memory }
    }

    /// Takes rows in.
    ///
    /// # Errors
    /// `ResourcesExhausted` when the pool has no room for them.
    pub(super) fn add(&mut self, batch: RecordBatch) -> Result<()> {
        self.memory.try_grow(batch.get_array_memory_size())?;
        self.rows += batch.num_rows();
        self.batches.push(batch);
        if self.rows > self.wanted.saturating_mul(2).saturating_add(SLACK_ROWS) {
            let kept = self.first()?;
            self.memory.try_resize(kept.get_array_memory_size())?;
            self.rows = kept.num_rows();
            self.batches = vec![kept];
        }
        Ok(())
    }

    /// The wanted rows in their order.
    pub(super) fn finish(self) -> Result<RecordBatch> {
        self.first()
    }

    fn first(&self) -> Result<RecordBatch> {
        let all = concat_batches(&self.schema, &self.batches)?;
        if self.sort.is_empty() || all.num_rows() == 0 {
            return Ok(all.slice(0, all.num_rows().min(self.wanted)));
        }
        let columns = self.sort.iter().map(|key| sort_column(&all, key)).collect::<Result<Vec<_>, _>>()?;
        let order = lexsort_to_indices(&columns, Some(self.wanted))?;
        Ok(take_record_batch(&all, &order)?)
    }
}

fn sort_column(batch: &RecordBatch, key: &SortKey) -> Result<SortColumn, ArrowError> {
    let values: ArrayRef = batch
        .columns()
        .get(key.column)
        .cloned()
        .ok_or_else(|| ArrowError::SchemaError(format!("an answer without column {}", key.column)))?;
    Ok(SortColumn { values, options: Some(options(key.descending)) })
}

/// Nothing last, whichever way.
pub(super) const fn options(descending: bool) -> SortOptions {
    SortOptions { descending, nulls_first: false }
}
