//! Parquet and the Arrow stream.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::ipc::writer::StreamWriter;
use parking_lot::Mutex;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::{Encoder, Sheet, project};
use crate::error::TablesError;

/// Rows of a row group.
const GROUP_ROWS: usize = 128 * 1024;
/// Bytes of a row group that are gathered before it is written.
const GROUP_BYTES: usize = 16 * 1024 * 1024;

/// Takes what a writer writes, to be given on after each batch.
#[derive(Debug, Clone, Default)]
struct Drain(Arc<Mutex<Vec<u8>>>);

impl Drain {
    fn empty(&self, out: &mut Vec<u8>) {
        out.append(&mut self.0.lock());
    }
}

impl Write for Drain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Apache Parquet.
pub(super) struct ParquetFile {
    writer: Option<ArrowWriter<Drain>>,
    drain: Drain,
    schema: SchemaRef,
}

impl ParquetFile {
    pub(super) fn new(sheet: &Sheet<'_>) -> Result<Self, TablesError> {
        let drain = Drain::default();
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        let writer = ArrowWriter::try_new(drain.clone(), Arc::clone(&sheet.schema), Some(properties))
            .map_err(TablesError::engine("starting a Parquet file"))?;
        Ok(Self { writer: Some(writer), drain, schema: Arc::clone(&sheet.schema) })
    }
}

impl Encoder for ParquetFile {
    fn start(&mut self, _out: &mut Vec<u8>) -> Result<(), TablesError> {
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), TablesError> {
        let doing = "writing a Parquet file";
        let batch = project(batch, &self.schema)?;
        if let Some(writer) = &mut self.writer {
            writer.write(&batch).map_err(TablesError::engine(doing))?;
            if writer.in_progress_size() > GROUP_BYTES {
                writer.flush().map_err(TablesError::engine(doing))?;
            }
        }
        self.drain.empty(out);
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Option<File>, TablesError> {
        if let Some(writer) = self.writer.take() {
            writer.close().map_err(TablesError::engine("ending a Parquet file"))?;
        }
        self.drain.empty(out);
        Ok(None)
    }
}

/// The Arrow IPC stream.
pub(super) struct ArrowStream {
    writer: StreamWriter<Drain>,
    drain: Drain,
    schema: SchemaRef,
}

impl ArrowStream {
    pub(super) fn new(sheet: &Sheet<'_>) -> Result<Self, TablesError> {
        let drain = Drain::default();
        let writer = StreamWriter::try_new(drain.clone(), &sheet.schema)
            .map_err(TablesError::engine("starting an Arrow stream"))?;
        Ok(Self { writer, drain, schema: Arc::clone(&sheet.schema) })
    }
}

impl Encoder for ArrowStream {
    fn start(&mut self, out: &mut Vec<u8>) -> Result<(), TablesError> {
        self.drain.empty(out);
        Ok(())
    }

    fn write(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), TablesError> {
        let batch = project(batch, &self.schema)?;
        self.writer.write(&batch).map_err(TablesError::engine("writing an Arrow stream"))?;
        self.drain.empty(out);
        Ok(())
    }

    fn finish(&mut self, out: &mut Vec<u8>) -> Result<Option<File>, TablesError> {
        self.writer.finish().map_err(TablesError::engine("ending an Arrow stream"))?;
        self.drain.empty(out);
        Ok(None)
    }
}
