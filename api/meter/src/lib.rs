//! Usage records: local segments, written before the answer ends.
