//! A snapshot that is open: what answering needs again and again.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use fairground_domain::{ContentHash, Snapshot};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::reader::{ChunkReader, Length};

use crate::error::TablesError;
use crate::store::{META, PARQUET, read_meta};

/// An open snapshot. Cheap to share; while somebody holds it, its files stay readable whatever becomes of their names.
#[derive(Debug)]
pub struct OpenSnapshot {
    snapshot: Arc<Snapshot>,
    folder: PathBuf,
    pub(crate) parquet: ParquetFile,
    pub(crate) metadata: ArrowReaderMetadata,
}

impl OpenSnapshot {
    /// Opens what lies in a folder.
    pub(crate) fn open(key: ContentHash, folder: PathBuf) -> Result<Self, TablesError> {
        let snapshot = read_meta(key, &folder.join(META))?;
        let damaged = |why: String| TablesError::Damaged { key, why: format!("{PARQUET}: {why}") };
        let parquet = ParquetFile::open(&folder.join(PARQUET))?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&parquet, options).map_err(|error| damaged(error.to_string()))?;
        let rows = u64::try_from(metadata.metadata().file_metadata().num_rows()).unwrap_or_default();
        if rows != snapshot.rows || metadata.schema().fields().len() != snapshot.columns.len() {
            return Err(damaged("it holds other rows or columns than it should".to_owned()));
        }
        Ok(Self { snapshot: Arc::new(snapshot), folder, parquet, metadata })
    }

    /// Its key.
    #[must_use]
    pub fn key(&self) -> ContentHash {
        self.snapshot.key
    }

    /// What it holds.
    #[must_use]
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The folder of its files.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether a sidecar index answers.
    #[must_use]
    pub const fn is_indexed(&self) -> bool {
        false
    }
}

/// A Parquet file that many read at once: every read names its place, so that no position is shared.
#[derive(Debug, Clone)]
pub(crate) struct ParquetFile {
    file: Arc<File>,
    length: u64,
}

impl ParquetFile {
    fn open(path: &Path) -> Result<Self, TablesError> {
        let file = File::open(path).map_err(TablesError::io("cannot open", path))?;
        let length = file.metadata().map_err(TablesError::io("cannot read", path))?.len();
        Ok(Self { file: Arc::new(file), length })
    }

    fn read(&self, range: Range<u64>) -> ParquetResult<Bytes> {
        let length = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or_default();
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, range.start)?;
        Ok(bytes.into())
    }
}

impl Length for ParquetFile {
    fn len(&self) -> u64 {
        self.length
    }
}

/// How much [`ChunkReader::get_read`] reads at once: page headers are small and far apart.
const HEADER_BYTES: u64 = 8 * 1024;

impl ChunkReader for ParquetFile {
    type T = Box<dyn std::io::Read + Send>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let first = self.read(start..self.length.min(start.saturating_add(HEADER_BYTES)))?;
        let rest = FileFrom { file: Arc::clone(&self.file), at: start + first.len() as u64 };
        Ok(Box::new(std::io::Read::chain(first.reader(), rest)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        self.read(start..start.saturating_add(length as u64))
    }
}

/// Reads on from a place.
struct FileFrom {
    file: Arc<File>,
    at: u64,
}

impl std::io::Read for FileFrom {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.file.read_at(buffer, self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}
