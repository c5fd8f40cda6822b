//! Calls of one party under way at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::terms::CLASSES;

/// How many calls of each class one party has under way.
#[derive(Debug, Default)]
pub(crate) struct UnderWay([AtomicU32; CLASSES]);

impl UnderWay {
    /// Calls of the class under way. Exact while the party's shard is locked, except that calls may end meanwhile.
    pub(crate) fn of(&self, class: usize) -> u32 {
        self.0.get(class).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

/// One call under way; it counts against its party's cap until this is dropped: hold it until the answer's last byte.
#[derive(Debug)]
pub struct Permit {
    calls: Arc<UnderWay>,
    class: usize,
}

impl Permit {
    pub(crate) fn take(calls: &Arc<UnderWay>, class: usize) -> Self {
        if let Some(count) = calls.0.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        Self { calls: Arc::clone(calls), class }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(count) = self.calls.0.get(self.class) {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}
