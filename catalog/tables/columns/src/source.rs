//! Where a snapshot's columns are read from: its Parquet file, or record batches.

use std::path::Path;

use arrow::array::{ArrayRef, RecordBatch};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};

use crate::error::ColumnsError;
use crate::format;

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8_192;

/// The pieces of one column, in the order of rows.
pub type ColumnPieces<'a> = Box<dyn Iterator<Item = Result<ArrayRef, ColumnsError>> + 'a>;

/// A snapshot that is read one column at a time, each as often as wanted.
pub trait ColumnSource: Sync {
    /// The column's values, piece by piece.
    ///
    /// # Errors
    /// `Snapshot` when there is no such column or it cannot be read.
    fn column(&self, column: usize) -> Result<ColumnPieces<'_>, ColumnsError>;
}

/// A Parquet file.
#[derive(Debug)]
pub struct ParquetSource {
    bytes: Bytes,
    metadata: ArrowReaderMetadata,
}

impl ParquetSource {
    /// Maps a local file.
    ///
    /// # Errors
    /// `Io` when it cannot be mapped, `Snapshot` when it is not Parquet.
    pub fn open(path: &Path) -> Result<Self, ColumnsError> {
        Self::from_bytes(Bytes::from_owner(format::map(path)?))
    }

    /// A file that is in memory or mapped.
    ///
    /// # Errors
    /// `Snapshot` when it is not Parquet.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, ColumnsError> {
        let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).map_err(refused)?;
        Ok(Self { bytes, metadata })
    }
}

fn refused(error: impl std::fmt::Display) -> ColumnsError {
    ColumnsError::Snapshot(error.to_string())
}

impl ColumnSource for ParquetSource {
    fn column(&self, column: usize) -> Result<ColumnPieces<'_>, ColumnsError> {
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), [column]);
        let reader = ParquetRecordBatchReaderBuilder::new_with_metadata(self.bytes.clone(), self.metadata.clone())
            .with_projection(mask)
            .with_batch_size(BATCH_ROWS)
            .build()
            .map_err(refused)?;
        Ok(Box::new(reader.map(|batch| {
            let batch = batch.map_err(refused)?;
            batch.columns().first().cloned().ok_or_else(|| refused("a batch without columns"))
        })))
    }
}

/// Record batches in memory.
impl ColumnSource for Vec<RecordBatch> {
    fn column(&self, column: usize) -> Result<ColumnPieces<'_>, ColumnsError> {
        Ok(Box::new(self.iter().map(move |batch| {
            batch.columns().get(column).cloned().ok_or_else(|| refused("a batch without this column"))
        })))
    }
}
