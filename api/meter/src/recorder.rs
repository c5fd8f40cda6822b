//! Appends records, one `write(2)` each.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::error::MeterError;
use crate::meter::{Inner, SegmentFile};
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
    file: Arc<SegmentFile>,
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
        match current.file.write_once(&bytes) {
            Ok(RECORD_BYTES) => {
                current.size_bytes += RECORD_SIZE;
                Ok(())
            }
            outcome => {
                let file = Arc::clone(&current.file);
                self.take_back();
                // A short write means that the device took no more.
                let error = outcome.err().unwrap_or_else(|| io::ErrorKind::StorageFull.into());
                Err(MeterError::io(&file.path, "appending to", error))
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
                    file: started.file,
                    size_bytes: started.size_bytes,
                    generation: started.generation,
                    first_at_micros: record.at_micros,
                }))
            }
        }
    }

    fn is_over(&self, current: &Current, record: &UsageRecord) -> bool {
        // A clock that was set back makes the segment old too, or it would stay open until the clock has caught up.
        let age = record.at_micros.abs_diff(current.first_at_micros);
        current.size_bytes + RECORD_SIZE > self.meter.segment_max_bytes
            || age >= self.meter.segment_max_age_micros
            || current.generation != self.meter.generation.load(Ordering::Acquire)
    }

    /// Cuts a half-written record off; a segment that cannot be cut is closed, with a torn tail that readers tolerate.
    fn take_back(&mut self) {
        let cut = self.current.as_ref().is_some_and(|current| current.file.file.set_len(current.size_bytes).is_ok());
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

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use super::*;
    use crate::{Meter, MeterSettings};

    fn meter() -> (tempfile::TempDir, Meter) {
        let dir = tempfile::tempdir().expect("a directory");
        let meter = Meter::open(dir.path(), MeterSettings::default()).expect("opens");
        (dir, meter)
    }

    fn read(meter: &Meter) -> Vec<u64> {
        let segments = meter.segments().expect("lists");
        let records = segments.iter().flat_map(|segment| {
            let mut reader = meter.reader(&segment.id.start()).expect("opens");
            reader.read(100).expect("reads").records
        });
        records.map(|record| record.party).collect()
    }

    fn record(party: u64) -> UsageRecord {
        UsageRecord { party, ..UsageRecord::default() }
    }

    /// `/dev/full` answers every write as a full disk does.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_called_that_counted_and_outlived() {
        let (_dir, meter) = meter();
        let mut recorder = meter.recorder();
        recorder.append(&record(1)).expect("room");
        let full = OpenOptions::new().append(true).open("/dev/full").expect("there");
        let current = recorder.current.as_mut().expect("a segment");
        current.file = Arc::new(SegmentFile::new("/dev/full".into(), full));
        assert!(matches!(recorder.append(&record(2)), Err(MeterError::DiskFull(_))));
        assert_eq!(meter.failures(), 1);
        recorder.append(&record(3)).expect("room again");
        assert_eq!(read(&meter), [1, 3]);
    }

    #[test]
    fn a_half_written_record_is_cut_off() {
        let (_dir, meter) = meter();
        let mut recorder = meter.recorder();
        recorder.append(&record(1)).expect("room");
        recorder.current.as_mut().expect("a segment").file.write_once(&[0xEE; 31]).expect("writes");
        recorder.take_back();
        recorder.append(&record(2)).expect("room");
        assert_eq!(read(&meter), [1, 2]);
        assert_eq!(meter.segments().expect("lists").len(), 1);
    }
}
