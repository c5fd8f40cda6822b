//! Appends records, one `write(2)` each.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::MeterError;
use crate::meter::Inner;
use crate::record::{RECORD_BYTES, UsageRecord};
use crate::segment::SegmentId;

/// A worker thread's own writer. What [`Self::append`] called written survives the process.
#[derive(Debug)]
pub struct Recorder {
    meter: Arc<Inner>,
    current: Option<Current>,
}

/// The segment being written.
#[derive(Debug)]
struct Current {
    id: SegmentId,
    path: PathBuf,
    file: File,
    size_bytes: u64,
    generation: u64,
    /// When its first record was made.
    first_at_micros: i64,
}

const RECORD_SIZE: u64 = RECORD_BYTES as u64;

impl Recorder {
    pub(crate) fn new(meter: Arc<Inner>) -> Self {
        Self { meter, current: None }
    }

    /// Appends a record, starting another segment first when the present one is full, old or has other names.
    ///
    /// # Errors
    /// [`MeterError::DiskFull`] or what else went wrong. Then nothing of the record is in the segment, it is counted by
    /// [`Meter::failures`](crate::Meter::failures), and the caller decides; the next record is tried afresh.
    pub fn append(&mut self, record: &UsageRecord) -> Result<(), MeterError> {
        let outcome = self.try_append(record);
        if outcome.is_err() {
            self.meter.failures.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    /// Closes the present segment, so that it can be read to its end and retired. The next record starts another.
    pub fn close(&mut self) {
        if let Some(current) = self.current.take() {
            self.meter.close_segment(&current.id);
        }
    }

    fn try_append(&mut self, record: &UsageRecord) -> Result<(), MeterError> {
        let bytes = record.encode();
        let current = self.current_for(record)?;
        match write_once(&mut current.file, &bytes) {
            Ok(RECORD_BYTES) => {
                current.size_bytes += RECORD_SIZE;
                Ok(())
            }
            outcome => {
                let path = current.path.clone();
                self.take_back();
                // A short write means that the device took no more.
                let error = outcome.err().unwrap_or_else(|| io::ErrorKind::StorageFull.into());
                Err(MeterError::io(&path, "appending to", error))
            }
        }
    }

    fn current_for(&mut self, record: &UsageRecord) -> Result<&mut Current, MeterError> {
        if self.current.as_ref().is_some_and(|current| self.is_over(current, record)) {
            self.close();
        }
        match &mut self.current {
            Some(current) => Ok(current),
            empty => {
                let started = self.meter.start_segment()?;
                Ok(empty.insert(Current {
                    id: started.id,
                    path: started.path,
                    file: started.file,
                    size_bytes: started.size_bytes,
                    generation: started.generation,
                    first_at_micros: record.at_micros,
                }))
            }
        }
    }

    fn is_over(&self, current: &Current, record: &UsageRecord) -> bool {
        let age = record.at_micros.saturating_sub(current.first_at_micros);
        current.size_bytes + RECORD_SIZE > self.meter.segment_max_bytes
            || age >= self.meter.segment_max_age_micros
            || current.generation != self.meter.generation.load(Ordering::Acquire)
    }

    /// Cuts a half-written record off; a segment that cannot be cut is closed, with a torn tail that readers tolerate.
    fn take_back(&mut self) {
        let cut = self.current.as_ref().is_some_and(|current| current.file.set_len(current.size_bytes).is_ok());
        if !cut {
            self.close();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.close();
    }
}

/// One `write(2)`, repeated only if a signal came before it began.
fn write_once(file: &mut File, bytes: &[u8]) -> io::Result<usize> {
    loop {
        match file.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}
