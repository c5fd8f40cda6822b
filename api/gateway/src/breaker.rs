//! A circuit breaker: an upstream that mostly fails is left alone for a while, so that callers get an answer at once and the
//! upstream gets air.
//!
//! Closed: calls pass, outcomes are counted over a sliding window. Open: calls are refused. Half-open: one call at a time is let
//! through to see; a few successes close it, one failure opens it again, for twice as long.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// Parts that the window is counted in.
const SLOTS: usize = 10;
/// How often the pause may double.
const MOST_DOUBLINGS: u32 = 4;

/// When a breaker opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRules {
    /// How long outcomes count.
    pub window: Duration,
    /// Fewer calls than this within the window never open it.
    pub least_calls: u32,
    /// Open when at least this share of the window's calls failed, in percent.
    pub failure_percent: u32,
    /// How long it stays open the first time.
    pub pause: Duration,
    /// How many calls in a row must succeed to close it.
    pub probes: u32,
}

impl Default for BreakerRules {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(30),
            least_calls: 20,
            failure_percent: 50,
            pause: Duration::from_secs(10),
            probes: 3,
        }
    }
}

/// Where a breaker stands, for those who look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls pass.
    Closed,
    /// Calls are refused.
    Open,
    /// One call at a time passes.
    HalfOpen,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// Which stretch of time it counts.
    stretch: u64,
    calls: u32,
    failures: u32,
}

#[derive(Debug)]
enum State {
    Closed,
    Open { until: Instant },
    HalfOpen { succeeded: u32, probing_since: Option<Instant> },
}

#[derive(Debug)]
struct Inner {
    slots: [Slot; SLOTS],
    state: State,
    /// How often it opened without having closed in between.
    openings: u32,
}

/// See the module.
#[derive(Debug)]
pub struct Breaker {
    rules: BreakerRules,
    born: Instant,
    inner: Mutex<Inner>,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(rules: BreakerRules, now: Instant) -> Self {
        let inner = Inner { slots: [Slot::default(); SLOTS], state: State::Closed, openings: 0 };
        Self { rules, born: now, inner: Mutex::new(inner) }
    }

    /// Whether a call may be made now.
    ///
    /// # Errors
    /// How long to wait, when not. Whoever is let through must tell the outcome by [`Self::record`].
    pub fn admit(&self, now: Instant) -> Result<(), Duration> {
        let mut inner = self.inner.lock();
        match &mut inner.state {
            State::Closed => Ok(()),
            State::Open { until } if *until > now => Err(until.duration_since(now)),
            State::Open { .. } => {
                inner.state = State::HalfOpen { succeeded: 0, probing_since: Some(now) };
                Ok(())
            }
            // A probe whose outcome was never told (its caller left) does not hold the door for ever.
            State::HalfOpen { probing_since: Some(since), .. } if now.duration_since(*since) < self.rules.pause => {
                Err(self.rules.pause.saturating_sub(now.duration_since(*since)))
            }
            State::HalfOpen { probing_since, .. } => {
                *probing_since = Some(now);
                Ok(())
            }
        }
    }

    /// Tells how a call ended.
    pub fn record(&self, succeeded: bool, now: Instant) {
        let mut inner = self.inner.lock();
        match &mut inner.state {
            State::Closed => {
                let stretch = self.stretch(now);
                inner.count(stretch, succeeded);
                if !succeeded && inner.has_failed_too_often(stretch, &self.rules) {
                    inner.open(now, &self.rules);
                }
            }
            // A call from before it opened.
            State::Open { .. } => {}
            State::HalfOpen { .. } if !succeeded => inner.open(now, &self.rules),
            State::HalfOpen { succeeded: so_far, probing_since } => {
                *so_far += 1;
                *probing_since = None;
                if *so_far >= self.rules.probes {
                    inner.slots = [Slot::default(); SLOTS];
                    inner.state = State::Closed;
                    inner.openings = 0;
                }
            }
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: Instant) -> BreakerState {
        match self.inner.lock().state {
            State::Closed => BreakerState::Closed,
            State::Open { until } if until > now => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    fn stretch(&self, now: Instant) -> u64 {
        let slot = self.rules.window / u32::try_from(SLOTS).unwrap_or(1);
        let passed = now.saturating_duration_since(self.born).as_micros() / slot.as_micros().max(1);
        // Counted from 1: a slot of stretch 0 has never been used.
        u64::try_from(passed).unwrap_or(u64::MAX - 1) + 1
    }
}

impl Inner {
    fn count(&mut self, stretch: u64, succeeded: bool) {
        let at = usize::try_from(stretch).unwrap_or(0) % SLOTS;
        let Some(slot) = self.slots.get_mut(at) else { return };
        if slot.stretch != stretch {
            *slot = Slot { stretch, calls: 0, failures: 0 };
        }
        slot.calls = slot.calls.saturating_add(1);
        slot.failures = slot.failures.saturating_add(u32::from(!succeeded));
    }

    fn has_failed_too_often(&self, stretch: u64, rules: &BreakerRules) -> bool {
        let oldest = stretch.saturating_sub(SLOTS as u64 - 1);
        let counted = self.slots.iter().filter(|slot| slot.stretch >= oldest && slot.stretch > 0);
        let (calls, failures) =
            counted.fold((0_u64, 0_u64), |(c, f), slot| (c + u64::from(slot.calls), f + u64::from(slot.failures)));
        calls >= u64::from(rules.least_calls) && failures * 100 >= calls * u64::from(rules.failure_percent)
    }

    fn open(&mut self, now: Instant, rules: &BreakerRules) {
        let pause = rules.pause * 2_u32.pow(self.openings.min(MOST_DOUBLINGS));
        self.openings = self.openings.saturating_add(1);
        self.state = State::Open { until: now + pause };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: BreakerRules = BreakerRules {
        window: Duration::from_secs(10),
        least_calls: 4,
        failure_percent: 50,
        pause: Duration::from_secs(5),
        probes: 2,
    };

    fn after(secs: u64, start: Instant) -> Instant {
        start + Duration::from_secs(secs)
    }

    fn opened(start: Instant) -> Breaker {
        let breaker = Breaker::new(RULES, start);
        for succeeded in [true, true, false, false] {
            assert_eq!(breaker.admit(start), Ok(()));
            breaker.record(succeeded, start);
        }
        breaker
    }

    #[test]
    fn it_opens_by_the_share_of_failures_and_not_by_few_calls() {
        let start = Instant::now();
        let breaker = Breaker::new(RULES, start);
        for _ in 0..3 {
            breaker.record(false, start);
        }
        assert_eq!(breaker.state(start), BreakerState::Closed, "three calls are too few");
        breaker.record(false, start);
        assert_eq!(breaker.state(start), BreakerState::Open);
        let healthy = Breaker::new(RULES, start);
        for n in 0..100 {
            healthy.record(n % 3 != 2, start);
        }
        assert_eq!(healthy.state(start), BreakerState::Closed, "a third failed");
    }

    #[test]
    fn old_failures_do_not_count() {
        let start = Instant::now();
        let breaker = Breaker::new(RULES, start);
        for _ in 0..3 {
            breaker.record(false, start);
        }
        breaker.record(false, after(11, start));
        assert_eq!(breaker.state(after(11, start)), BreakerState::Closed);
    }

    #[test]
    fn open_it_refuses_and_says_for_how_long() {
        let start = Instant::now();
        let breaker = opened(start);
        assert_eq!(breaker.admit(after(2, start)), Err(Duration::from_secs(3)));
        breaker.record(true, after(2, start));
        assert_eq!(breaker.state(after(2, start)), BreakerState::Open, "a late success changes nothing");
    }

    #[test]
    fn half_open_it_lets_one_call_through_at_a_time_and_closes_after_successes() {
        let start = Instant::now();
        let breaker = opened(start);
        let then = after(5, start);
        assert_eq!(breaker.admit(then), Ok(()));
        assert!(breaker.admit(then).is_err(), "a second one while the first is under way");
        breaker.record(true, then);
        assert_eq!(breaker.state(then), BreakerState::HalfOpen);
        assert_eq!(breaker.admit(then), Ok(()));
        breaker.record(true, then);
        assert_eq!(breaker.state(then), BreakerState::Closed);
    }

    #[test]
    fn a_failing_probe_opens_it_for_longer() {
        let start = Instant::now();
        let breaker = opened(start);
        let then = after(5, start);
        assert_eq!(breaker.admit(then), Ok(()));
        breaker.record(false, then);
        assert_eq!(breaker.admit(after(9, then)), Err(Duration::from_secs(1)));
        assert_eq!(breaker.admit(after(10, then)), Ok(()));
    }

    #[test]
    fn a_probe_that_never_ends_does_not_hold_the_door() {
        let start = Instant::now();
        let breaker = opened(start);
        assert_eq!(breaker.admit(after(5, start)), Ok(()));
        assert!(breaker.admit(after(9, start)).is_err());
        assert_eq!(breaker.admit(after(10, start)), Ok(()));
    }
}
