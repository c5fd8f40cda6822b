//! Usage records: local segments, written before the answer ends.
//!
//! One fixed-size [`UsageRecord`] per answered request is appended with one `write(2)` to a segment file, with no buffer
//! of the process in between: what was answered survives a kill of the process. A roll-up reads segments from where it
//! stopped ([`SegmentPosition`]) and adds [`Sums`] to the store, idempotent by (node, segment, offset); the store is the
//! caller's.
//!
//! ```text
//! worker ─ Recorder::append ─▶ segment (append-only) ─ SegmentReader::read ─▶ Rollup ─▶ (the caller's SQL) ─▶ Meter::retire
//! ```
//!
//! Plans and operations are dense numbers in a record; what they mean is written once at the head of each segment
//! ([`Names`]), so that a segment written by another release or under another tariff still says what it meant.

mod error;
mod header;
mod meter;
mod names;
mod reader;
mod record;
mod recorder;
mod recount;
mod rollup;
mod segment;

pub use error::MeterError;
pub use fairground_domain::{LATENCY_BUCKETS, LatencyHistogram, bucket_upper_micros};
pub use meter::{Meter, MeterSettings, QUARANTINE, SYNC_EVERY};
pub use names::{NAMES_MAX_BYTES, Names};
pub use reader::{Batch, Damage, SegmentReader, TornTail};
pub use record::{Flags, RECORD_BYTES, UsageRecord};
pub use recorder::Recorder;
pub use recount::{DayCount, Recount};
pub use rollup::{Period, PeriodKey, Rollup, StatusClass, Sums, UsageKey};
pub use segment::{SegmentId, SegmentInfo, SegmentPosition};
