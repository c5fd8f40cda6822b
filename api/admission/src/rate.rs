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

/// The theoretical arrival time of the next call, by the steady clock; in the past: the burst is whole.
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

    /// How long a call that comes too soon would have to be held so that the rate is kept, up to `at_most`; and the state
    /// after it. For work that is shaped rather than refused.
    pub(crate) fn delay(self, state: Arrival, now: i64, at_most: i64) -> (Arrival, i64) {
        let arrival = state.0.clamp(now, now.saturating_add(self.ahead).saturating_add(at_most));
        let next = arrival.saturating_add(self.interval);
        (Arrival(next), next.saturating_sub(now).saturating_sub(self.ahead).clamp(0, at_most))
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
}

/// Whole seconds, rounded up.
pub(crate) fn secs_up(nanos: i64) -> u64 {
    u64::try_from(nanos.max(0)).unwrap_or(0).div_ceil(NANOS_PER_SEC.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;
    use governor::{Quota, RateLimiter};
    use proptest::prelude::*;

    use super::*;

    fn rate(per_second: u32, burst: u32) -> Rate {
        Rate::new(RateLimit { per_second, burst })
    }

    proptest! {
        #[test]
        fn it_answers_as_governor_does(
            per_second in 1_u32..1_000,
            burst in 1_u32..50,
            pauses in prop::collection::vec(0_u64..2_000_000_000, 1..200),
        ) {
            let clock = FakeRelativeClock::default();
            let quota = Quota::per_second(NonZeroU32::new(per_second).expect("positive"))
                .allow_burst(NonZeroU32::new(burst).expect("positive"));
            let governor = RateLimiter::direct_with_clock(quota, clock.clone());
            let ours = rate(per_second, burst);
            let mut state = Arrival::default();
            let mut now = 1_772_323_200_000_000_000_i64;
            for (place, pause) in pauses.into_iter().enumerate() {
                // Mostly bursts, now and then a pause.
                let pause = if place % 7 == 0 { pause } else { pause % (1_500_000_000 / u64::from(per_second)) };
                clock.advance(Duration::from_nanos(pause));
                now += i64::try_from(pause).expect("small");
                let answer = ours.take(state, now);
                prop_assert_eq!(answer.is_ok(), governor.check().is_ok());
                state = answer.unwrap_or(state);
            }
        }
    }

    #[test]
    fn what_is_left_counts_down_and_comes_back() {
        let (ours, now) = (rate(2, 3), 10 * NANOS_PER_SEC);
        let mut state = Arrival::default();
        assert_eq!(ours.left(state, now), Left { remaining: 3, within_secs: 1 });
        for remaining in [2, 1, 0] {
            state = ours.take(state, now).expect("within the burst");
            assert_eq!(ours.left(state, now), Left { remaining, within_secs: 1 });
        }
        assert_eq!(ours.take(state, now), Err(NANOS_PER_SEC / 2));
        assert_eq!(ours.left(state, now + NANOS_PER_SEC).remaining, 2);
        assert!(state.is_idle(now + 2 * NANOS_PER_SEC));
    }

    #[test]
    fn a_state_from_another_plan_is_held_at_burst_used_up() {
        let (slow, fast, now) = (rate(1, 100), rate(10, 1), 1_000 * NANOS_PER_SEC);
        let mut state = Arrival::default();
        while let Ok(next) = slow.take(state, now) {
            state = next;
        }
        assert_eq!(fast.take(state, now), Err(NANOS_PER_SEC / 10), "not the hundred seconds of the other plan");
    }
}
