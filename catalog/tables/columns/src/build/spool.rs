//! Bytes that are written once and read once: in memory while they are few, in a nameless place on disk when they are many.

use std::io::{BufWriter, Write};
use std::path::Path;

use tantivy::directory::OwnedBytes;
use tempfile::NamedTempFile;

use crate::error::ColumnsError;
use crate::format;

/// Bytes from which a spool goes to disk.
const MEMORY_MAX: usize = 16 << 20;

pub(super) struct Spool<'a> {
    folder: &'a Path,
    memory: Vec<u8>,
    file: Option<BufWriter<NamedTempFile>>,
    length: u64,
}

impl<'a> Spool<'a> {
    pub(super) fn new(folder: &'a Path) -> Self {
        Self { folder, memory: Vec::new(), file: None, length: 0 }
    }

    pub(super) const fn len(&self) -> u64 {
        self.length
    }

    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), ColumnsError> {
        self.length += bytes.len() as u64;
        self.memory.extend_from_slice(bytes);
        if self.memory.len() < MEMORY_MAX { Ok(()) } else { self.spill() }
    }

    fn spill(&mut self) -> Result<(), ColumnsError> {
        if self.file.is_none() {
            let file = NamedTempFile::new_in(self.folder).map_err(ColumnsError::io("spooling a column"))?;
            self.file = Some(BufWriter::new(file));
        }
        if let Some(file) = &mut self.file {
            file.write_all(&self.memory).map_err(ColumnsError::io("spooling a column"))?;
        }
        self.memory.clear();
        Ok(())
    }

    /// All bytes, mapped when they went to disk. The file's name is gone then; its bytes go with the mapping.
    pub(super) fn finish(mut self) -> Result<OwnedBytes, ColumnsError> {
        if self.file.is_none() {
            return Ok(OwnedBytes::new(self.memory));
        }
        self.spill()?;
        let Some(mut file) = self.file else { return Ok(OwnedBytes::empty()) };
        file.flush().map_err(ColumnsError::io("spooling a column"))?;
        format::map(file.get_ref().path())
    }
}
