//! How a running harvest is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;

/// Why a harvest must stop. The first reason given stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody cancelled the job: it ends as cancelled.
    Cancelled,
    /// Another worker may hold the job by now: nothing more may be written.
    LeaseLost,
    /// The process is going down: the job keeps its position and another run continues it.
    ShuttingDown,
}

impl StopReason {
    /// For messages.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Cancelled => "somebody cancelled it",
            Self::LeaseLost => "another worker may have it",
            Self::ShuttingDown => "the program is going down; it will be continued",
        }
    }
}

const RUNNING: u8 = 0;

/// A flag that many threads watch; cheap to clone, and set once.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    inner: Arc<Inner>,
    /// A wider flag that stops this one too.
    wider: Option<Arc<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    state: AtomicU8,
    changed: Notify,
}

impl Stop {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A flag of its own that is set when this one is.
    #[must_use]
    pub fn narrower(&self) -> Self {
        Self { inner: Arc::default(), wider: Some(Arc::clone(&self.inner)) }
    }

    /// Asks everybody who watches to stop. A later reason does not replace an earlier one.
    pub fn stop(&self, reason: StopReason) {
        let code = match reason {
            StopReason::Cancelled => 1,
            StopReason::LeaseLost => 2,
            StopReason::ShuttingDown => 3,
        };
        // Whoever came first has said why; only the first exchange succeeds.
        let _ = self.inner.state.compare_exchange(RUNNING, code, Ordering::AcqRel, Ordering::Acquire);
        self.inner.changed.notify_waiters();
    }

    /// Why to stop, or `None` to go on.
    #[must_use]
    pub fn reason(&self) -> Option<StopReason> {
        self.inner.reason().or_else(|| self.wider.as_ref().and_then(|wider| wider.reason()))
    }

    /// Waits until somebody asks to stop.
    pub async fn stopped(&self) -> StopReason {
        match &self.wider {
            None => self.inner.stopped().await,
            Some(wider) => tokio::select! {
                reason = self.inner.stopped() => reason,
                reason = wider.stopped() => reason,
            },
        }
    }
}

impl Inner {
    fn reason(&self) -> Option<StopReason> {
        match self.state.load(Ordering::Acquire) {
            1 => Some(StopReason::Cancelled),
            2 => Some(StopReason::LeaseLost),
            3 => Some(StopReason::ShuttingDown),
            _ => None,
        }
    }

    async fn stopped(&self) -> StopReason {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            // Registered before the look, so that a stop between the two is not missed.
            changed.as_mut().enable();
            if let Some(reason) = self.reason() {
                return reason;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_stays_and_wakes_whoever_waits() {
        let stop = Stop::new();
        assert_eq!(stop.reason(), None);
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.stopped().await }
        });
        tokio::task::yield_now().await;
        stop.stop(StopReason::Cancelled);
        stop.stop(StopReason::ShuttingDown);
        assert_eq!(waiting.await.expect("the waiter ends"), StopReason::Cancelled);
        assert_eq!(stop.stopped().await, StopReason::Cancelled);
    }
    #[tokio::test]
    async fn a_narrower_flag_follows_the_wider_one_and_not_the_other_way_round() {
        let (wide, other) = (Stop::new(), Stop::new());
        let narrow = wide.narrower();
        other.narrower().stop(StopReason::Cancelled);
        assert_eq!(other.reason(), None);
        wide.stop(StopReason::ShuttingDown);
        assert_eq!(narrow.reason(), Some(StopReason::ShuttingDown));
        assert_eq!(narrow.stopped().await, StopReason::ShuttingDown);
    }
}
