//! Two clocks: one that only runs forward, for rates and waits, and the wall's, for windows.
//!
//! A wall clock is set, by hand or by NTP; a rate that was reckoned by it would refill or rob by the step. A window, on the
//! other hand, is a UTC day or hour by definition. So each is reckoned by its own clock, and the store's clock, where it
//! has one, says which window it is for all nodes alike.

use std::time::{Duration, Instant};

use fairground_domain::Timestamp;

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A moment, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    steady_nanos: i64,
    wall_secs: i64,
}

impl Moment {
    /// So long after a moment that the caller chose once and keeps for the life of an
    /// [`Admission`](crate::Admission), when the wall clock says `wall`.
    #[must_use]
    pub fn new(steady: Duration, wall: Timestamp) -> Self {
        Self { steady_nanos: i64::try_from(steady.as_nanos()).unwrap_or(i64::MAX), wall_secs: wall.as_secs() }
    }

    /// The wall clock, in seconds since 1970.
    #[must_use]
    pub const fn wall_secs(self) -> i64 {
        self.wall_secs
    }

    pub(crate) const fn steady_nanos(self) -> i64 {
        self.steady_nanos
    }

    pub(crate) const fn steady_secs(self) -> i64 {
        self.steady_nanos / NANOS_PER_SEC
    }

    /// The same moment by a wall clock that is `secs` ahead of ours.
    pub(crate) const fn ahead(self, secs: i64) -> Self {
        Self { wall_secs: self.wall_secs.saturating_add(secs), ..self }
    }

    /// The same moment by a steady clock that reads `nanos`.
    pub(crate) const fn steady_at(self, nanos: i64) -> Self {
        Self { steady_nanos: nanos, ..self }
    }
}

/// The clocks of this process.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    started: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock {
    /// The moment at which both clocks were read by the caller.
    #[must_use]
    pub fn moment(&self, steady: Instant, wall: Timestamp) -> Moment {
        Moment::new(steady.saturating_duration_since(self.started), wall)
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.moment(Instant::now(), Timestamp::now())
    }
}
