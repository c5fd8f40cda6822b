//! The file: a header, sections, a directory of sections.
//!
//! ```text
//! header     magic 8 · format u32 · sections u32 · rows u64 · fingerprint 32 · directory at u64 · file length u64
//!            · xxh3 of directory u64 · xxh3 of the header so far u64
//! sections   each at a multiple of 64, numbers in the byte order of the machine that wrote it (the magic tells)
//! directory  sorted by column and kind: column u32 · kind u32 · at u64 · length u64 · xxh3 u64
//! ```
//! Header and directory are proved when the file is opened, a section when it is first used. All numbers in the header and
//! the directory are little-endian.

use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use arrow::buffer::{Buffer, ScalarBuffer};
use arrow::datatypes::ArrowNativeType;
use bytes::Bytes;
use fairground_domain::{ContentHash, Snapshot};
use tantivy::Directory;
use tantivy::directory::{MmapDirectory, OwnedBytes};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::ColumnsError;

/// The sidecar's file in its folder.
pub const SIDECAR_FILE: &str = "columns.idx";
/// Version of the layout; files of another are built anew.
pub const FORMAT: u32 = 1;

const MAGIC: &[u8; 8] = if cfg!(target_endian = "little") { b"FGCOLUML" } else { b"FGCOLUMB" };
const HEADER_BYTES: usize = 88;
const ENTRY_BYTES: usize = 32;
const ALIGNMENT: u64 = 64;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(crate) enum Kind {
    /// Encoding, distinct values, rows with a value, width of codes: u64 each.
    Meta = 1,
    /// A code a row, u8 or u16; the number of distinct values stands for nothing.
    Codes = 2,
    /// Distinct values as sorted keys, u64.
    DictionaryKeys = 3,
    /// Where each distinct text begins, and where the last ends, u64.
    DictionaryOffsets = 4,
    /// Distinct texts, sorted.
    DictionaryBytes = 5,
    /// Where each code's rows begin in the order, nothing's after the last, and the end, u32.
    Starts = 6,
    /// Row numbers by (value, row), nothing last, u32.
    Order = 7,
    /// A key a row, u64.
    Keys = 8,
    /// A bit a row that has a value, u64 words; not there when all have.
    Valid = 9,
    /// Where each row's bytes begin, and where the last end, u64.
    Offsets = 10,
    /// The rows' bytes: text or WKB.
    Bytes = 11,
    /// Where each word begins, u64.
    WordOffsets = 12,
    /// Words, sorted.
    WordBytes = 13,
    /// Where each word's postings begin, u64.
    PostingStarts = 14,
    /// Rows (or codes, in dictionary columns) of each word, ascending, u32.
    Postings = 15,
    /// West, south, east, north a row, f64.
    Boxes = 16,
    /// The same of each block of rows in the order, f64.
    BlockBoxes = 17,
}

/// The fingerprint of what a sidecar was made from: snapshot, columns' names and types.
fn fingerprint(snapshot: &Snapshot) -> ContentHash {
    let mut parts = format!("{}\n{}\n", snapshot.key, snapshot.rows);
    for column in &snapshot.columns {
        parts.push_str(&format!("{}\t{:?}\n", column.name, column.column_type));
    }
    ContentHash::of(parts.as_bytes())
}

/// Maps a file for reading; the mapping outlives the file's name.
pub(crate) fn map(path: &Path) -> Result<OwnedBytes, ColumnsError> {
    let refused = |e: String| ColumnsError::Io { what: "mapping a file", source: std::io::Error::other(e) };
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    let directory = MmapDirectory::open(folder).map_err(|e| refused(e.to_string()))?;
    let file = directory.open_read(&name).map_err(|e| refused(e.to_string()))?;
    file.read_bytes().map_err(ColumnsError::io("mapping a file"))
}

/// Writes a sidecar, section by section.
pub(crate) struct Writer {
    file: BufWriter<File>,
    at: u64,
    entries: Vec<(u32, Kind, u64, u64, u64)>,
}

impl Writer {
    pub(crate) fn create(path: &Path) -> Result<Self, ColumnsError> {
        let mut file =
            BufWriter::with_capacity(1 << 20, File::create(path).map_err(ColumnsError::io("creating the sidecar"))?);
        file.write_all(&[0; HEADER_BYTES]).map_err(ColumnsError::io("writing the sidecar"))?;
        Ok(Self { file, at: HEADER_BYTES as u64, entries: Vec::new() })
    }

    pub(crate) fn section(&mut self, column: u32, kind: Kind, bytes: &[u8]) -> Result<(), ColumnsError> {
        let padding = self.at.next_multiple_of(ALIGNMENT) - self.at;
        let zeros = [0u8; ALIGNMENT as usize];
        let padding_len = usize::try_from(padding).unwrap_or_default();
        let write = |file: &mut BufWriter<File>| {
            file.write_all(zeros.get(..padding_len).unwrap_or_default())?;
            file.write_all(bytes)
        };
        write(&mut self.file).map_err(ColumnsError::io("writing the sidecar"))?;
        let at = self.at + padding;
        self.entries.push((column, kind, at, bytes.len() as u64, xxh3_64(bytes)));
        self.at = at + bytes.len() as u64;
        Ok(())
    }

    /// Writes directory and header, and gives the file's length. Nothing before this makes a readable file.
    pub(crate) fn finish(mut self, snapshot: &Snapshot) -> Result<u64, ColumnsError> {
        self.entries.sort_unstable_by_key(|(column, kind, ..)| (*column, *kind));
        let mut directory = Vec::with_capacity(self.entries.len() * ENTRY_BYTES);
        for (column, kind, at, length, checksum) in &self.entries {
            directory.extend_from_slice(&column.to_le_bytes());
            directory.extend_from_slice(&(*kind as u32).to_le_bytes());
            for number in [at, length, checksum] {
                directory.extend_from_slice(&number.to_le_bytes());
            }
        }
        let length = self.at + directory.len() as u64;
        let mut header = Vec::with_capacity(HEADER_BYTES);
        header.extend_from_slice(MAGIC);
        header.extend_from_slice(&FORMAT.to_le_bytes());
        header.extend_from_slice(&u32::try_from(self.entries.len()).unwrap_or(u32::MAX).to_le_bytes());
        header.extend_from_slice(&snapshot.rows.to_le_bytes());
        header.extend_from_slice(fingerprint(snapshot).as_bytes());
        for number in [self.at, length, xxh3_64(&directory)] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        header.extend_from_slice(&xxh3_64(&header).to_le_bytes());
        let finish = |mut file: BufWriter<File>| {
            file.write_all(&directory)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(&header)?;
            file.flush()?;
            file.get_ref().sync_all()
        };
        finish(self.file).map_err(ColumnsError::io("writing the sidecar"))?;
        Ok(length)
    }
}

/// A sidecar's file, mapped and proved to be of a snapshot.
#[derive(Debug)]
pub(crate) struct Reader {
    bytes: OwnedBytes,
    directory: OwnedBytes,
}

fn number(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(u64::MAX, u64::from_le_bytes)
}

fn half(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(u32::MAX, u32::from_le_bytes)
}

impl Reader {
    pub(crate) fn open(path: &Path, snapshot: &Snapshot) -> Result<Self, ColumnsError> {
        let foreign = |reason| ColumnsError::Foreign { path: path.to_owned(), reason };
        if !path.is_file() {
            return Err(foreign("there is none"));
        }
        let bytes = map(path)?;
        let header = bytes.get(..HEADER_BYTES).ok_or_else(|| foreign("shorter than a header"))?;
        if header.get(..8) != Some(MAGIC) {
            return Err(foreign("it begins otherwise"));
        }
        if half(header, 8) != FORMAT {
            return Err(foreign("of another format"));
        }
        if header.get(..80).map(xxh3_64) != Some(number(header, 80)) {
            return Err(foreign("its header is damaged"));
        }
        if header.get(24..56) != Some(fingerprint(snapshot).as_bytes().as_slice())
            || number(header, 16) != snapshot.rows
        {
            return Err(foreign("of another snapshot"));
        }
        if number(header, 64) != bytes.len() as u64 {
            return Err(foreign("cut off, or longer than it was"));
        }
        let at = usize::try_from(number(header, 56)).unwrap_or(usize::MAX);
        let checksum = number(header, 72);
        let sections = half(header, 12) as usize;
        if at > bytes.len() || bytes.len() - at != sections.saturating_mul(ENTRY_BYTES) {
            return Err(foreign("its directory has another length"));
        }
        let directory = bytes.slice(at..bytes.len());
        if xxh3_64(&directory) != checksum {
            return Err(foreign("its directory is damaged"));
        }
        Ok(Self { bytes, directory })
    }

    /// Length of the file.
    pub(crate) fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn entry(&self, column: u32, kind: Kind) -> Option<(u64, u64, u64)> {
        let entries = self.directory.chunks_exact(ENTRY_BYTES);
        let (mut low, mut high) = (0, entries.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let entry = self.directory.get(middle * ENTRY_BYTES..(middle + 1) * ENTRY_BYTES)?;
            match (half(entry, 0), half(entry, 4)).cmp(&(column, kind as u32)) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some((number(entry, 8), number(entry, 16), number(entry, 24))),
            }
        }
        None
    }

    /// A section's bytes, proved; nothing when the column has no such section.
    pub(crate) fn find_bytes(&self, column: u32, kind: Kind) -> Result<Option<Buffer>, ColumnsError> {
        let Some((at, length, checksum)) = self.entry(column, kind) else { return Ok(None) };
        let damaged = || ColumnsError::damaged(format!("section {kind:?} of column {column}"));
        let from = usize::try_from(at).map_err(|_| damaged())?;
        let to = usize::try_from(length).ok().and_then(|length| from.checked_add(length)).ok_or_else(damaged)?;
        if to > self.bytes.len() || xxh3_64(self.bytes.get(from..to).ok_or_else(damaged)?) != checksum {
            return Err(damaged());
        }
        Ok(Some(Buffer::from(Bytes::from_owner(self.bytes.slice(from..to)))))
    }

    pub(crate) fn bytes(&self, column: u32, kind: Kind) -> Result<Buffer, ColumnsError> {
        self.find_bytes(column, kind)?
            .ok_or_else(|| ColumnsError::damaged(format!("no section {kind:?} of column {column}")))
    }

    /// A section's numbers, proved, and as many as expected.
    pub(crate) fn numbers<T: ArrowNativeType>(
        &self,
        column: u32,
        kind: Kind,
        expected: Option<usize>,
    ) -> Result<ScalarBuffer<T>, ColumnsError> {
        typed(self.bytes(column, kind)?, expected)
            .ok_or_else(|| ColumnsError::damaged(format!("section {kind:?} of column {column} has another length")))
    }
}

/// Bytes as numbers; nothing when their length is not as expected.
pub(crate) fn typed<T: ArrowNativeType>(bytes: Buffer, expected: Option<usize>) -> Option<ScalarBuffer<T>> {
    let width = size_of::<T>();
    let length = bytes.len() / width;
    if !bytes.len().is_multiple_of(width) || expected.is_some_and(|expected| expected != length) {
        return None;
    }
    // Sections of a mapped file are aligned; what is not (no mapping, an odd allocator) is copied.
    let aligned = bytes.as_ptr().align_offset(align_of::<T>()) == 0;
    let bytes = if aligned { bytes } else { Buffer::from(bytes.as_slice()) };
    Some(ScalarBuffer::new(bytes, 0, length))
}
