//! A snapshot that is open: what answering needs again and again.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::{Buf, Bytes};
use fairground_domain::{ContentHash, Snapshot};
use fairground_tables_columns::Sidecar;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::PageIndexPolicy;
use parquet::file::reader::{ChunkReader, Length};

use crate::error::TablesError;
use crate::scan::scanner::with_row_numbers;
use crate::store::{INDEX, META, PARQUET, read_meta};
use crate::types::arrow_type;

/// An open snapshot. Cheap to share. What the scan engine needs is read when it is first asked: a snapshot that its index answers
/// for costs no open file and little memory.
#[derive(Debug)]
pub struct OpenSnapshot {
    snapshot: Arc<Snapshot>,
    folder: PathBuf,
    sidecar: Option<Sidecar>,
    parquet: OnceLock<Arc<Parquet>>,
}

impl OpenSnapshot {
    /// Opens what lies in a folder.
    pub(crate) fn open(key: ContentHash, folder: PathBuf) -> Result<Self, TablesError> {
        let snapshot = read_meta(key, &folder.join(META))?;
        // No index, or one of another format: the scan engine answers until there is a new one.
        let sidecar = match Sidecar::open(&folder.join(INDEX), &snapshot) {
            Ok(sidecar) => Some(sidecar),
            Err(error) => {
                tracing::debug!(%key, %error, "No index of the snapshot is open");
                None
            }
        };
        Ok(Self { snapshot: Arc::new(snapshot), folder, sidecar, parquet: OnceLock::new() })
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

    /// Whether a sidecar index answers.
    #[must_use]
    pub const fn is_indexed(&self) -> bool {
        self.sidecar.is_some()
    }

    pub(crate) const fn sidecar(&self) -> Option<&Sidecar> {
        self.sidecar.as_ref()
    }

    /// What is known of the Parquet file.
    pub(crate) fn parquet(&self) -> Result<&Arc<Parquet>, TablesError> {
        if let Some(parquet) = self.parquet.get() {
            return Ok(parquet);
        }
        let parquet = Arc::new(Parquet::read(&self.snapshot, &self.folder.join(PARQUET))?);
        Ok(self.parquet.get_or_init(|| parquet))
    }
}

/// A snapshot's Parquet file: its schema, its row groups, what it notes of their values.
#[derive(Debug)]
pub(crate) struct Parquet {
    path: PathBuf,
    pub(crate) metadata: ArrowReaderMetadata,
    /// The same, with row numbers as a last column.
    pub(crate) metadata_with_rows: ArrowReaderMetadata,
    /// The first row of each row group, and the number of rows.
    starts: Vec<u64>,
    /// Bytes of a value of each column, decoded, on average.
    widths: Vec<u64>,
}

impl Parquet {
    fn read(snapshot: &Snapshot, path: &Path) -> Result<Self, TablesError> {
        let damaged = |why: String| TablesError::Damaged { key: snapshot.key, why: format!("{PARQUET}: {why}") };
        let file = ParquetFile::open(path)?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(|error| damaged(error.to_string()))?;
        let metadata_with_rows = with_row_numbers(metadata.metadata()).map_err(|error| damaged(error.to_string()))?;
        let mut starts = vec![0];
        for group in metadata.metadata().row_groups() {
            let start = starts.last().copied().unwrap_or_default();
            starts.push(start + u64::try_from(group.num_rows()).unwrap_or_default());
        }
        if starts.last() != Some(&snapshot.rows) {
            return Err(damaged("it holds other rows than it should".to_owned()));
        }
        let fields = metadata.schema().fields();
        let wanted = snapshot.columns.iter().map(|column| (&column.name, arrow_type(column.column_type)));
        if !fields.iter().map(|field| (field.name(), field.data_type().clone())).eq(wanted) {
            return Err(damaged("it holds other columns than it should".to_owned()));
        }
        let widths = widths(&metadata, fields.len(), snapshot.rows);
        Ok(Self { path: path.to_owned(), metadata, metadata_with_rows, starts, widths })
    }

    pub(crate) fn file(&self) -> Result<ParquetFile, TablesError> {
        ParquetFile::open(&self.path)
    }

    /// Bytes of a row of these columns, decoded, on average.
    pub(crate) fn row_bytes(&self, columns: &[usize]) -> u64 {
        columns.iter().filter_map(|column| self.widths.get(*column)).sum()
    }

    /// Rows in all.
    pub(crate) fn rows(&self) -> u64 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// The first row of a row group; the number of rows beyond the last one.
    pub(crate) fn group_start(&self, group: usize) -> u64 {
        self.starts.get(group).copied().unwrap_or_else(|| self.rows())
    }

    /// Rows of a row group.
    pub(crate) fn group_rows(&self, group: usize) -> usize {
        usize::try_from(self.group_start(group + 1) - self.group_start(group)).unwrap_or(usize::MAX)
    }

    /// The row group that a row lies in, and its place there.
    pub(crate) fn place_of(&self, row: u64) -> Option<(usize, usize)> {
        if row >= self.rows() {
            return None;
        }
        let group = self.starts.partition_point(|start| *start <= row).checked_sub(1)?;
        Some((group, usize::try_from(row - self.group_start(group)).ok()?))
    }

    /// Ascending row numbers by row group, as places there.
    pub(crate) fn by_group(&self, rows: &[u64]) -> Vec<(usize, Vec<usize>)> {
        let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
        for (group, place) in rows.iter().filter_map(|row| self.place_of(*row)) {
            match groups.last_mut() {
                Some((last, places)) if *last == group => places.push(place),
                _ => groups.push((group, vec![place])),
            }
        }
        groups
    }
}

/// Texts and shapes by what the file notes of their length; other values take at most 16 bytes.
fn widths(metadata: &ArrowReaderMetadata, columns: usize, rows: u64) -> Vec<u64> {
    const FIXED_BYTES: u64 = 16;
    let groups = metadata.metadata().row_groups();
    let width = |column: usize| {
        let bytes = groups.iter().filter_map(|group| group.columns().get(column)).map(|chunk| {
            let noted = chunk.unencoded_byte_array_data_bytes().unwrap_or_default();
            u64::try_from(noted.max(chunk.uncompressed_size())).unwrap_or_default()
        });
        bytes.sum::<u64>() / rows.max(1) + FIXED_BYTES
    };
    (0..columns).map(width).collect()
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
        let end = start.saturating_add(length as u64);
        // A length that the file only claims must not be allocated.
        if end > self.length {
            return Err(parquet::errors::ParquetError::EOF(format!("the file ends before byte {end}")));
        }
        self.read(start..end)
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
