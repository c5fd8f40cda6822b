//! Reads segments, closed or still being written.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::MeterError;
use crate::header::{self, Head};
use crate::meter::Inner;
use crate::names::Names;
use crate::record::{RECORD_BYTES, UsageRecord};
use crate::segment::{SegmentId, SegmentPosition};

const RECORD_SIZE: u64 = RECORD_BYTES as u64;

/// Reads one segment, batch by batch.
#[derive(Debug)]
pub struct SegmentReader {
    meter: Arc<Inner>,
    id: SegmentId,
    path: PathBuf,
    file: File,
    /// `None` until the whole head is there.
    names: Option<Arc<Names>>,
    offset: u64,
    /// Nothing is read from here on.
    up_to: u64,
}

/// Some records in a row. Applying it is idempotent if [`Self::to`] is stored with what was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Where it starts.
    pub from: SegmentPosition,
    /// Where it ends, and the next one starts.
    pub to: SegmentPosition,
    /// The records between the two that are whole.
    pub records: Vec<UsageRecord>,
    /// Records that were skipped because their checksum does not fit.
    pub damage: Vec<Damage>,
    /// What a crash left at the end of a closed segment; `to` lies behind it.
    pub torn_tail: Option<TornTail>,
    /// Whether the segment is closed and read to its end: it may be retired at `to`.
    pub is_complete: bool,
}

/// A record whose checksum does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// Where it starts, in bytes.
    pub offset: u64,
}

/// A record cut off by a crash; whoever it would have counted got no complete answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TornTail {
    /// Where it starts, in bytes.
    pub offset: u64,
    /// How much of it there is.
    pub bytes: u64,
}

impl SegmentReader {
    pub(crate) fn open(meter: &Arc<Inner>, position: &SegmentPosition) -> Result<Self, MeterError> {
        let id = position.id();
        let path = id.path(&meter.dir);
        let file = File::open(&path).map_err(|error| MeterError::io(&path, "opening", error))?;
        let mut reader =
            Self { meter: Arc::clone(meter), id, path, file, names: None, offset: position.offset, up_to: u64::MAX };
        reader.read_head()?;
        Ok(reader)
    }

    /// The same reader, which takes nothing that ends behind the byte `up_to`: what was there when the disk had it all.
    /// A segment that goes on behind is never called complete.
    #[must_use]
    pub const fn up_to(mut self, up_to: u64) -> Self {
        self.up_to = up_to;
        self
    }

    /// What the numbers in its records mean; `None` while the head is not whole, and then there are no records.
    #[must_use]
    pub fn names(&self) -> Option<&Arc<Names>> {
        self.names.as_ref()
    }

    /// Where the next batch starts.
    #[must_use]
    pub fn position(&self) -> SegmentPosition {
        SegmentPosition { node: self.id.node.clone(), segment: self.id.counter, offset: self.offset }
    }

    /// The next records, at most `max_records`. A partial record at the end of a segment that is still written to is
    /// waited for; at the end of a closed one it is a [`TornTail`]. An empty batch that is not complete means: later.
    ///
    /// # Errors
    /// When the file cannot be read, or is no segment.
    pub fn read(&mut self, max_records: usize) -> Result<Batch, MeterError> {
        // Asked before reading: what is read of a segment that was closed by then is final.
        let is_live = self.meter.is_live(&self.id);
        let from = self.position();
        let mut batch = Batch {
            from: from.clone(),
            to: from,
            records: Vec::new(),
            damage: Vec::new(),
            torn_tail: None,
            is_complete: false,
        };
        if self.names.is_none() {
            self.read_head()?;
        }
        if self.names.is_some() {
            let bytes = self.read_bytes(max_records)?;
            self.take_records(&bytes, is_live, &mut batch);
        }
        if !is_live {
            self.finish(&mut batch)?;
        }
        batch.to = self.position();
        Ok(batch)
    }

    fn read_head(&mut self) -> Result<(), MeterError> {
        self.seek(0)?;
        match header::read(&mut self.file).map_err(|error| MeterError::io(&self.path, "reading", error))? {
            Head::Whole { names, bytes } => {
                self.names = Some(Arc::new(names));
                self.offset = self.offset.max(bytes);
                Ok(())
            }
            Head::Partial => Ok(()),
            Head::Foreign => Err(MeterError::NotASegment(self.path.clone())),
        }
    }

    fn read_bytes(&mut self, max_records: usize) -> Result<Vec<u8>, MeterError> {
        self.seek(self.offset)?;
        let size = max_records.saturating_mul(RECORD_BYTES);
        let mut bytes = Vec::new();
        let limit = u64::try_from(size).unwrap_or(u64::MAX).min(self.up_to.saturating_sub(self.offset));
        let read = self.file.by_ref().take(limit).read_to_end(&mut bytes);
        match read {
            Ok(_) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(bytes),
            Err(error) => Err(MeterError::io(&self.path, "reading", error)),
        }
    }

    fn take_records(&mut self, bytes: &[u8], is_live: bool, batch: &mut Batch) {
        let (chunks, rest) = bytes.as_chunks::<RECORD_BYTES>();
        batch.records.reserve(chunks.len());
        for (place, chunk) in chunks.iter().enumerate() {
            match UsageRecord::decode(chunk) {
                Some(record) => batch.records.push(record),
                // The last one of a running segment may have been replaced while we read it: look again later.
                None if is_live && rest.is_empty() && place + 1 == chunks.len() => return,
                None => batch.damage.push(Damage { offset: self.offset }),
            }
            self.offset += RECORD_SIZE;
        }
    }

    /// Sees whether a closed segment is at its end, and steps over a torn tail.
    fn finish(&mut self, batch: &mut Batch) -> Result<(), MeterError> {
        let looked = self.file.metadata().map_err(|error| MeterError::io(&self.path, "looking at", error))?;
        if looked.len() > self.up_to {
            return Ok(());
        }
        let rest = looked.len().saturating_sub(self.offset);
        if rest >= RECORD_SIZE && self.names.is_some() {
            return Ok(());
        }
        if rest > 0 {
            batch.torn_tail = Some(TornTail { offset: self.offset, bytes: rest });
            self.offset = looked.len();
        }
        batch.is_complete = true;
        Ok(())
    }

    fn seek(&mut self, offset: u64) -> Result<(), MeterError> {
        let moved = self.file.seek(SeekFrom::Start(offset));
        moved.map(|_| ()).map_err(|error| MeterError::io(&self.path, "seeking in", error))
    }
}
