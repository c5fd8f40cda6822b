//! A text in blocks that end where records end.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::split::Dialect;
use crate::error::IntakeError;

/// Bytes of a block, about.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;
/// Bytes that the last block has at least, so that footnotes are within one block.
const TAIL_BYTES: u64 = 256 << 10;
/// Bytes of one record at most, quotes that span lines included.
const RECORD_BYTES_MAX: usize = 32 << 20;

/// Some whole records.
#[derive(Debug)]
pub(crate) struct Block {
    /// Its place among the blocks.
    pub(crate) index: usize,
    /// Where it begins in the file.
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
    /// Quotes in it that have no end.
    pub(crate) strays: Vec<usize>,
    /// Whether it is the last.
    pub(crate) last: bool,
}

/// Cuts a file into blocks, one after the other.
pub(crate) struct Scanner {
    file: File,
    dialect: Dialect,
    reach: usize,
    buffer: Vec<u8>,
    offset: u64,
    end: u64,
    index: usize,
}

impl Scanner {
    /// Begins at a place of a file.
    pub(crate) fn open(path: &Path, from: u64, dialect: Dialect, reach: usize) -> Result<Self, IntakeError> {
        let mut file = File::open(path)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from))?;
        Ok(Self { file, dialect, reach, buffer: Vec::new(), offset: from, end, index: 0 })
    }

    /// The length of the file.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// The next block.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>, IntakeError> {
        let mut goal = BLOCK_BYTES;
        loop {
            self.fill(goal)?;
            if self.buffer.is_empty() {
                return Ok(None);
            }
            let read = self.offset + u64::try_from(self.buffer.len()).unwrap_or_default();
            let at_end = read >= self.end;
            let (cut, strays) = self.dialect.last_record_end(&self.buffer, at_end, self.reach);
            if let Some(cut) = cut.filter(|cut| *cut > 0) {
                return Ok(Some(self.take(cut, strays, at_end)));
            }
            if self.buffer.len() > RECORD_BYTES_MAX || at_end {
                return Err(IntakeError::TooLarge {
                    what: "a row".to_owned(),
                    limit: format!("{RECORD_BYTES_MAX} bytes"),
                });
            }
            goal = self.buffer.len() * 2;
        }
    }

    fn fill(&mut self, goal: usize) -> Result<(), IntakeError> {
        let filled = u64::try_from(self.buffer.len()).unwrap_or_default();
        let left = self.end.saturating_sub(self.offset + filled);
        let goal = u64::try_from(goal).unwrap_or(u64::MAX);
        let mut want = goal.saturating_sub(filled).min(left);
        if left - want < TAIL_BYTES {
            want = left;
        }
        if want > 0 {
            let read = (&mut self.file).take(want).read_to_end(&mut self.buffer)?;
            if u64::try_from(read).unwrap_or_default() < want {
                return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
            }
        }
        Ok(())
    }

    fn take(&mut self, cut: usize, mut strays: Vec<usize>, at_end: bool) -> Block {
        let rest = self.buffer.split_off(cut);
        let bytes = std::mem::replace(&mut self.buffer, rest);
        strays.retain(|stray| *stray < cut);
        let block =
            Block { index: self.index, offset: self.offset, strays, last: at_end && self.buffer.is_empty(), bytes };
        self.offset += u64::try_from(cut).unwrap_or_default();
        self.index += 1;
        block
    }
}

#[cfg(test)]
mod tests {
    use super::super::split::Terminator;
    use super::*;

    #[test]
    fn blocks_are_the_whole_file_cut_at_record_ends() {
        let dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, terminator: Terminator::Lf };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.csv");
        let text: String =
            (0..60_000).map(|row| format!("{row},\"line one\nline \"\"two\"\" of {row}\",x\n")).collect();
        std::fs::write(&path, &text).unwrap();
        let mut scanner = Scanner::open(&path, 0, dialect, 1 << 20).unwrap();
        let mut whole = Vec::new();
        let mut blocks = 0;
        while let Some(block) = scanner.next_block().unwrap() {
            assert_eq!(block.offset, u64::try_from(whole.len()).unwrap());
            assert!(block.bytes.ends_with(b",x\n"));
            assert!(block.strays.is_empty());
            whole.extend(block.bytes);
            blocks += 1;
            assert_eq!(block.last, whole.len() == text.len());
        }
        assert!(blocks > 1);
        assert_eq!(whole, text.as_bytes());
    }

    #[test]
    fn a_row_without_end_is_too_large() {
        let dialect = Dialect { delimiter: b',', quote: Some(b'"'), escape: None, terminator: Terminator::Lf };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.csv");
        std::fs::write(&path, vec![b'x'; RECORD_BYTES_MAX * 2 + (1 << 20)]).unwrap();
        let mut scanner = Scanner::open(&path, 0, dialect, 1 << 20).unwrap();
        assert!(matches!(scanner.next_block(), Err(IntakeError::TooLarge { .. })));
    }
}
