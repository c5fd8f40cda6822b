//! Rows as Arrow arrays, as the snapshot stores them: for files made of rows that the index found.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::error::ArrowError;
use fairground_domain::ColumnType;
use fairground_tables_query::plan::{Predicate, SortKey};

use crate::column::Column;
use crate::error::{Budget, ColumnsError, Stop};
use crate::key;
use crate::predicate::Node;
use crate::rows::Wanted;
use crate::rows::order::Ordered;
use crate::set::RowSet;
use crate::sidecar::Sidecar;

/// Digits of fixed-point columns.
const DECIMAL_DIGITS: u8 = 18;
/// Bytes of text or shapes of one column in a batch: offsets are 32 bits wide.
const BYTES_MAX: usize = 1 << 30;

/// Rows that a sorted file takes from the index at most, 16 bytes each while they are sorted; beyond, reading and sorting on disk
/// serves.
pub const SORTED_ROWS_MAX: u64 = 1_000_000;

/// Rows one after the other.
#[derive(Debug, Clone)]
pub enum RowsInOrder<'a> {
    /// By number.
    ByNumber(RowSet<'a>),
    /// In an order of columns.
    Sorted(Vec<u32>),
}

impl RowsInOrder<'_> {
    /// The rows.
    pub fn iter(&self) -> Box<dyn Iterator<Item = u32> + '_> {
        match self {
            Self::ByNumber(set) => set.iter(),
            Self::Sorted(rows) => Box::new(rows.iter().copied()),
        }
    }
}

impl Sidecar {
    /// The rows that a condition takes, in an order (by number without one), up to `limit`. Nothing when there are too many to
    /// sort.
    ///
    /// # Errors
    /// `Mismatch` when the condition or the order does not fit the columns; `Stopped`; `Damaged`.
    pub fn rows_in_order(
        &self,
        predicate: &Predicate,
        sort: &[SortKey],
        limit: Option<u64>,
        stop: Stop<'_>,
    ) -> Result<Option<RowsInOrder<'_>>, ColumnsError> {
        let set = self.matching(predicate, stop)?;
        if sort.is_empty() {
            return Ok(Some(RowsInOrder::ByNumber(set)));
        }
        let total = set.len();
        let wanted = limit.unwrap_or(u64::MAX).min(total);
        if total > SORTED_ROWS_MAX && wanted > u64::from(fairground_tables_query::ROWS_LIMIT_MAX) {
            return Ok(None);
        }
        let order = Ordered::new(self, sort)?;
        let wanted = Wanted { skip: 0, after: None, rows: usize::try_from(wanted).unwrap_or(usize::MAX) };
        let rows = self.sorted(Node::Rows(set), total, &order, wanted, &mut Budget::new(stop))?;
        Ok(Some(RowsInOrder::Sorted(rows)))
    }

    /// How many of the rows, from the first on, have up to `bytes` bytes of text and shapes in these columns; one at least.
    ///
    /// # Errors
    /// `Mismatch` when there is no such column; `Damaged`.
    pub fn fitting(&self, rows: &[u32], columns: &[usize], bytes: usize) -> Result<usize, ColumnsError> {
        let mut wide: Vec<&Column> = Vec::new();
        for column in columns {
            let column = self.column(*column)?;
            if column.column_type == ColumnType::Text || column.column_type.is_spatial() {
                wide.push(column);
            }
        }
        let (bytes, mut sum) = (bytes.min(BYTES_MAX), 0usize);
        for (at, row) in rows.iter().enumerate() {
            sum += wide.iter().map(|column| column.bytes(*row).len()).sum::<usize>();
            if sum > bytes {
                return Ok(at.max(1));
            }
        }
        Ok(rows.len())
    }

    /// A column's values of these rows, as the snapshot stores them.
    ///
    /// # Errors
    /// `Mismatch` when there is no such column, or a batch holds more text than its offsets can; `Damaged`.
    pub fn array(&self, column: usize, rows: &[u32]) -> Result<ArrayRef, ColumnsError> {
        let column = self.column(column)?;
        array(column, rows).map_err(|error| ColumnsError::Mismatch(error.to_string()))
    }
}

fn array(column: &Column, rows: &[u32]) -> Result<ArrayRef, ArrowError> {
    let nulls = (column.non_null < column.rows)
        .then(|| NullBuffer::from_iter(rows.iter().map(|row| !column.is_null(*row))))
        .filter(|nulls| nulls.null_count() > 0);
    // What stands where there is no value is not looked at, but the same for everybody.
    let keys = || rows.iter().map(|row| (!column.is_null(*row)).then(|| column.key(*row)));
    let whole = || -> ScalarBuffer<i64> { keys().map(|own| own.map_or(0, key::to_i64)).collect() };
    Ok(match column.column_type {
        ColumnType::Integer => Arc::new(Int64Array::try_new(whole(), nulls)?),
        ColumnType::Decimal { scale } => {
            let digits: ScalarBuffer<i128> = keys().map(|own| own.map_or(0, |own| key::to_i64(own).into())).collect();
            let array = Decimal128Array::try_new(digits, nulls)?;
            Arc::new(array.with_precision_and_scale(DECIMAL_DIGITS, i8::try_from(scale).unwrap_or(i8::MAX))?)
        }
        ColumnType::Float => {
            let floats: ScalarBuffer<f64> = keys().map(|own| own.map_or(0.0, key::to_f64)).collect();
            Arc::new(Float64Array::try_new(floats, nulls)?)
        }
        ColumnType::Boolean => {
            let truths = keys().map(|own| own.is_some_and(|own| own != 0)).collect();
            Arc::new(BooleanArray::new(truths, nulls))
        }
        ColumnType::Date => {
            let day = |own| i32::try_from(key::to_i64(own)).unwrap_or_default();
            let days: ScalarBuffer<i32> = keys().map(|own| own.map_or(0, day)).collect();
            Arc::new(Date32Array::try_new(days, nulls)?)
        }
        ColumnType::Timestamp { utc } => {
            let array = TimestampMicrosecondArray::try_new(whole(), nulls)?;
            if utc { Arc::new(array.with_timezone("UTC")) } else { Arc::new(array) }
        }
        ColumnType::Text => {
            let (offsets, bytes) = pieces(column, rows)?;
            Arc::new(StringArray::try_new(offsets, bytes, nulls)?)
        }
        ColumnType::Point | ColumnType::Geometry => {
            let (offsets, bytes) = pieces(column, rows)?;
            Arc::new(BinaryArray::try_new(offsets, bytes, nulls)?)
        }
    })
}

fn pieces(column: &Column, rows: &[u32]) -> Result<(OffsetBuffer<i32>, Buffer), ArrowError> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut offsets: Vec<i32> = Vec::with_capacity(rows.len() + 1);
    offsets.push(0);
    for row in rows {
        bytes.extend_from_slice(column.bytes(*row));
        let end = i32::try_from(bytes.len());
        offsets.push(end.map_err(|_| ArrowError::OffsetOverflowError(bytes.len()))?);
    }
    Ok((OffsetBuffer::new(ScalarBuffer::from(offsets)), Buffer::from_vec(bytes)))
}
