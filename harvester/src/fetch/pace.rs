//! Politeness: how fast one host is asked, and how long we wait before trying again.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use parking_lot::Mutex;

/// How often one host is asked (this machine itself as often as one likes).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Requests a second in the long run.
    pub per_second: NonZeroU32,
    /// Requests that may come at once after a pause.
    pub burst: NonZeroU32,
}

impl Default for Pace {
    fn default() -> Self {
        const PER_SECOND: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
        const BURST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");
        Self { per_second: PER_SECOND, burst: BURST }
    }
}

/// One clock per host, shared by every harvest of this process.
pub(super) struct HostPace {
    limiter: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
    /// Hosts that asked to be left alone, and until when.
    quiet: Mutex<HashMap<String, Instant>>,
}

impl std::fmt::Debug for HostPace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HostPace").field("hosts", &self.limiter.len()).finish()
    }
}

/// Hosts remembered before those that have long been quiet are forgotten.
const REMEMBERED_HOSTS: usize = 10_000;

impl HostPace {
    pub(super) fn new(pace: Pace) -> Self {
        let quota = Quota::per_second(pace.per_second).allow_burst(pace.burst);
        Self { limiter: DefaultKeyedRateLimiter::keyed(quota), clock: DefaultClock::default(), quiet: Mutex::default() }
    }

    /// Leaves a host alone for so long, whoever wants something of it: it asked for that.
    pub(super) fn hold(&self, host: &str, pause: Duration) {
        let now = Instant::now();
        let Some(until) = now.checked_add(pause) else { return };
        let mut quiet = self.quiet.lock();
        quiet.retain(|_, until| *until > now);
        let known = quiet.entry(host.to_owned()).or_insert(until);
        *known = until.max(*known);
    }

    fn quiet_for(&self, host: &str) -> Option<Duration> {
        let left = self.quiet.lock().get(host)?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Waits for this host's turn. This machine itself need not be spared, unless it asks for it.
    pub(super) async fn wait(&self, host: &str) {
        while let Some(left) = self.quiet_for(host) {
            tokio::time::sleep(left).await;
        }
        if is_this_machine(host) {
            return;
        }
        if self.limiter.len() > REMEMBERED_HOSTS {
            self.limiter.retain_recent();
        }
        let host = host.to_owned();
        while let Err(not_yet) = self.limiter.check_key(&host) {
            tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
        }
    }
}

/// Whether a host, as an address names it, is the machine that we run on.
fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
pub(super) fn retry_after(value: &str, now: jiff::Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(secs) = value.parse::<u64>() {
        return Some(Duration::from_secs(secs));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    let secs = date.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(secs).unwrap_or(0)))
}

/// The pause before try number `failed + 1`: doubled each time, up to `longest`, with up to a quarter on top by chance so that
/// many harvests do not come back at one moment.
pub(super) fn back_off(base: Duration, longest: Duration, failed: u32) -> Duration {
    let plain = base.saturating_mul(2u32.saturating_pow(failed.saturating_sub(1))).min(longest);
    plain + plain.mul_f64(rand::random_range(0.0..0.25))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: jiff::Timestamp = "2026-03-01T12:00:00Z".parse().expect("a moment");
        for (value, secs) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 01 Mar 2026 12:01:30 GMT", Some(90)),
            ("Sun, 01 Mar 2026 11:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
        ] {
            assert_eq!(retry_after(value, now).map(|d| d.as_secs()), secs, "{value}");
        }
    }

    #[test]
    fn only_this_machine_is_asked_without_pause() {
        for (host, own) in [
            ("127.0.0.1", true),
            ("127.8.8.8", true),
            ("[::1]", true),
            ("localhost", true),
            ("10.0.0.1", false),
            ("localhost.test", false),
        ] {
            assert_eq!(is_this_machine(host), own, "{host}");
        }
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        let (base, longest) = (Duration::from_millis(500), Duration::from_secs(30));
        for (failed, at_least, at_most) in [(1, 500, 625), (2, 1000, 1250), (3, 2000, 2500), (40, 30_000, 37_500)] {
            let pause = back_off(base, longest, failed).as_millis();
            assert!((at_least..=at_most).contains(&pause), "{failed}: {pause}");
        }
    }
}
