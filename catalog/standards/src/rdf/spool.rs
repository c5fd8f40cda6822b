//! Subject blocks on disk: what RDF says of one subject in one run, found again by the subject.
//!
//! A block is `subject length, body length` (4 bytes each, little endian), the subject and the body: one line
//! `<predicate> object .` per triple. The index holds 16 bytes per block. A subject described in several places has several
//! blocks; a few subjects are kept open at once, so that nested descriptions do not split their parents.

use std::fs::File;
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use tempfile::NamedTempFile;

/// Subjects whose blocks are open at once: the usual nesting of RDF/XML and Turtle.
const OPEN_BLOCKS: usize = 12;
/// A block that passes this is closed.
const LONG_BLOCK: usize = 64 * 1024;
/// Bytes read at once, and how many such windows are held while records are read.
const WINDOW: usize = 64 * 1024;
const WINDOWS: usize = 8;
const HEADER: usize = 8;

/// The index's hash of a subject. The same within one process run, which is all that is needed.
pub(crate) fn hash_of(subject: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(subject.as_bytes());
    hasher.finish()
}

#[derive(Debug)]
enum Store {
    Memory(Vec<u8>),
    File(BufWriter<NamedTempFile>),
}

#[derive(Debug)]
struct OpenBlock {
    hash: u64,
    subject: String,
    body: String,
}

/// A spool that is being filled.
#[derive(Debug)]
pub(crate) struct Spool {
    store: Store,
    end: u64,
    max_resident_bytes: usize,
    index: Vec<(u64, u64)>,
    /// Most recently used last.
    open: Vec<OpenBlock>,
}

impl Spool {
    pub(crate) fn new(max_resident_bytes: usize) -> Self {
        Self { store: Store::Memory(Vec::new()), end: 0, max_resident_bytes, index: Vec::new(), open: Vec::new() }
    }

    /// The body of a subject's open block, to which the caller appends one line; and the subject's hash.
    pub(crate) fn block(&mut self, subject: &str) -> io::Result<(&mut String, u64)> {
        let found = self.open.iter().rposition(|block| block.subject == subject);
        match found {
            Some(at) if at + 1 == self.open.len() => {}
            Some(at) => {
                let block = self.open.remove(at);
                self.open.push(block);
            }
            None => {
                if self.open.len() >= OPEN_BLOCKS {
                    let block = self.open.remove(0);
                    self.write(&block)?;
                }
                self.open.push(OpenBlock { hash: hash_of(subject), subject: subject.to_owned(), body: String::new() });
            }
        }
        if self.open.last().is_some_and(|block| block.body.len() > LONG_BLOCK)
            && let Some(mut block) = self.open.pop()
        {
            self.write(&block)?;
            block.body.clear();
            self.open.push(block);
        }
        let block = self.open.last_mut().ok_or(io::ErrorKind::NotFound)?;
        Ok((&mut block.body, block.hash))
    }

    fn write(&mut self, block: &OpenBlock) -> io::Result<()> {
        let length = |text: &str| u32::try_from(text.len()).map(u32::to_le_bytes).map_err(io::Error::other);
        let (subject, body) = (length(&block.subject)?, length(&block.body)?);
        let pieces = [&subject[..], &body[..], block.subject.as_bytes(), block.body.as_bytes()];
        self.index.push((block.hash, self.end));
        for piece in pieces {
            match &mut self.store {
                Store::Memory(bytes) => bytes.extend_from_slice(piece),
                Store::File(file) => file.write_all(piece)?,
            }
            self.end += piece.len() as u64;
        }
        if let Store::Memory(bytes) = &self.store
            && bytes.len() > self.max_resident_bytes
        {
            let mut file = BufWriter::with_capacity(1 << 18, NamedTempFile::new()?);
            file.write_all(bytes)?;
            self.store = Store::File(file);
        }
        Ok(())
    }

    /// Closes every block and sorts the index.
    pub(crate) fn finish(mut self) -> io::Result<Blocks> {
        while !self.open.is_empty() {
            let block = self.open.remove(0);
            self.write(&block)?;
        }
        self.index.sort_unstable();
        self.index.shrink_to_fit();
        let kept = match self.store {
            Store::Memory(bytes) => Kept::Memory(bytes),
            Store::File(file) => Kept::File(file.into_inner().map_err(io::IntoInnerError::into_error)?),
        };
        Ok(Blocks { kept, index: self.index })
    }
}

#[derive(Debug)]
enum Kept {
    Memory(Vec<u8>),
    File(NamedTempFile),
}

/// A spool that is full.
#[derive(Debug)]
pub(crate) struct Blocks {
    kept: Kept,
    index: Vec<(u64, u64)>,
}

impl Blocks {
    /// Where the blocks of all subjects with this hash begin, in document order.
    pub(crate) fn find(&self, hash: u64) -> impl Iterator<Item = u64> + '_ {
        let first = self.index.partition_point(|(other, _)| *other < hash);
        self.index.iter().skip(first).take_while(move |(other, _)| *other == hash).map(|(_, offset)| *offset)
    }

    pub(crate) fn reader(&self) -> io::Result<BlockReader<'_>> {
        let file = match &self.kept {
            Kept::Memory(_) => None,
            Kept::File(file) => Some(file.reopen()?),
        };
        Ok(BlockReader { blocks: self, file, windows: Vec::new() })
    }
}

/// Reads blocks; each thread has its own.
#[derive(Debug)]
pub(crate) struct BlockReader<'a> {
    blocks: &'a Blocks,
    file: Option<File>,
    /// Most recently used last.
    windows: Vec<(u64, Vec<u8>)>,
}

impl BlockReader<'_> {
    /// Appends subject and body of the block at `offset` to `text`; returns where the body begins in it.
    pub(crate) fn read(&mut self, offset: u64, text: &mut Vec<u8>) -> io::Result<usize> {
        let mut header = Vec::with_capacity(HEADER);
        self.copy(offset, HEADER, &mut header)?;
        let number = |at: usize| {
            let four = header.get(at..at + 4).and_then(|it| it.first_chunk::<4>()).copied().unwrap_or_default();
            usize::try_from(u32::from_le_bytes(four)).unwrap_or(usize::MAX)
        };
        let (subject, body) = (number(0), number(4));
        let start = text.len();
        self.copy(offset + HEADER as u64, subject + body, text)?;
        Ok(start + subject)
    }

    fn copy(&mut self, offset: u64, length: usize, out: &mut Vec<u8>) -> io::Result<()> {
        let within = |start: u64, bytes: &[u8]| -> Option<std::ops::Range<usize>> {
            let first = usize::try_from(offset.checked_sub(start)?).ok()?;
            Some(first..first.checked_add(length)?).filter(|range| range.end <= bytes.len())
        };
        if let Kept::Memory(bytes) = &self.blocks.kept {
            let range = within(0, bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
            out.extend_from_slice(bytes.get(range).unwrap_or_default());
            return Ok(());
        }
        if let Some(at) = self.windows.iter().rposition(|(start, bytes)| within(*start, bytes).is_some()) {
            let window = self.windows.remove(at);
            if let Some(range) = within(window.0, &window.1) {
                out.extend_from_slice(window.1.get(range).unwrap_or_default());
            }
            self.windows.push(window);
            return Ok(());
        }
        let file = self.file.as_mut().ok_or(io::ErrorKind::NotFound)?;
        let mut bytes = if self.windows.len() >= WINDOWS { self.windows.remove(0).1 } else { Vec::new() };
        bytes.clear();
        file.seek(SeekFrom::Start(offset))?;
        file.take(WINDOW.max(length) as u64).read_to_end(&mut bytes)?;
        let range = within(offset, &bytes).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.extend_from_slice(bytes.get(range).unwrap_or_default());
        self.windows.push((offset, bytes));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(max_resident_bytes: usize) -> Blocks {
        let mut spool = Spool::new(max_resident_bytes);
        for round in 0..3 {
            for subject in 0..100 {
                let (body, _) = spool.block(&format!("<s{subject}>")).expect("spools");
                body.push_str(&format!("<p> \"{round}\" .\n"));
            }
        }
        spool.finish().expect("closes")
    }

    #[test]
    fn blocks_are_found_again_in_memory_and_on_disk() {
        for max_resident_bytes in [1 << 20, 100] {
            let blocks = filled(max_resident_bytes);
            assert_eq!(matches!(blocks.kept, Kept::File(_)), max_resident_bytes == 100);
            let mut reader = blocks.reader().expect("opens");
            for subject in 0..100 {
                let name = format!("<s{subject}>");
                let mut bodies = Vec::new();
                for offset in blocks.find(hash_of(&name)) {
                    let mut text = Vec::new();
                    let body = reader.read(offset, &mut text).expect("reads");
                    assert_eq!(&text[..body], name.as_bytes());
                    bodies.extend_from_slice(&text[body..]);
                }
                assert_eq!(bodies, b"<p> \"0\" .\n<p> \"1\" .\n<p> \"2\" .\n");
            }
            assert_eq!(blocks.find(hash_of("<other>")).count(), 0);
        }
    }
}
