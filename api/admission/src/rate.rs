//! The rate of one (party, class): the generic cell rate algorithm (GCRA, ITU-T I.371), in nanoseconds.
//!
//! Our own few lines rather than a keyed limiter: the state lives in the party's entry, so a call takes one lock and one
//! look-up, memory is bounded with the party's, and time is a parameter. A property test holds it to `governor`'s answers.

use fairground_domain::RateLimit;

use crate::fields::Left;

const NANOS_PER_SEC: i64 = 1_000_000_000;

/// A rate, made ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Nanoseconds between calls in the long run.
    interval: i64,
    /// How far the theoretical arrival time may run ahead of now.
    ahead: i64,
    pub(crate) burst: u32,
}

/// The theoretical arrival time of the next call, in nanoseconds since 1970; in the past: the burst is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Arrival(i64);

impl Rate {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = NANOS_PER_SEC / i64::from(limit.per_second.max(1));
        let burst = limit.burst.max(1);
        Self { interval, ahead: interval.saturating_mul(i64::from(burst)), burst }
    }

    /// How long the whole burst takes to come back, in whole seconds: `w` of the advertised policy.
    pub(crate) fn window_secs(self) -> u64 {
        secs_up(self.ahead)
    }

    /// Where the next call finds the state if this one counts; `Err` with the nanoseconds to wait if it comes too soon.
    pub(crate) fn take(self, state: Arrival, now: i64) -> Result<Arrival, i64> {
        // A state further ahead than this rate allows comes from another plan or tariff; it is held at "burst used up".
        let arrival = state.0.clamp(now, now.saturating_add(self.ahead));
        let next = arrival.saturating_add(self.interval);
        let wait = next.saturating_sub(now).saturating_sub(self.ahead);
        if wait > 0 { Err(wait) } else { Ok(Arrival(next)) }
    }

    /// Calls that may come at once, and in how many seconds there is one more.
    pub(crate) fn left(self, state: Arrival, now: i64) -> Left {
        let debt = state.0.saturating_sub(now).clamp(0, self.ahead);
        let free = self.ahead - debt;
        let remaining = free / self.interval.max(1);
        let until_next = if debt == 0 { 0 } else { (remaining + 1) * self.interval - free };
        Left { remaining: u64::try_from(remaining).unwrap_or(0), within_secs: secs_up(until_next).max(1) }
    }
}

impl Arrival {
    /// Whether the burst is whole at `now`, so that nothing need be remembered.
    pub(crate) const fn is_idle(self, now: i64) -> bool {
        self.0 <= now
    }

    /// The same distance from a clock that was set back by `nanos`.
    pub(crate) const fn set_back(self, nanos: i64) -> Self {
        Self(self.0.saturating_sub(nanos))
    }
}

/// Whole seconds, rounded up.
pub(crate) fn secs_up(nanos: i64) -> u64 {
    u64::try_from(nanos.max(0)).unwrap_or(0).div_ceil(NANOS_PER_SEC.unsigned_abs())
}
