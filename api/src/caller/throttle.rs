//! Attempts that may come only so often: everything by which somebody could guess a password, a code or an address, and letters
//! to one mailbox. One for pages and API alike, so that nobody has twice as many tries by using both.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fairground_domain::ContentHash;
use moka::sync::Cache;

/// Failed sign-ins for one e-mail address, or from one network address, before more are refused.
pub const SIGN_IN_ATTEMPTS: u32 = 10;
/// How long failed sign-ins are remembered.
pub const SIGN_IN_WINDOW: Duration = Duration::from_secs(15 * 60);
/// How many subjects are remembered at once; beyond that the oldest are forgotten.
const REMEMBERED: u64 = 100_000;

/// Counts attempts by subject, in memory; subjects are kept as digests only.
#[derive(Debug, Clone)]
pub struct Throttle {
    attempts: Cache<ContentHash, Arc<AtomicU32>>,
    most: u32,
    window: Duration,
}

impl Throttle {
    /// At most `most` attempts by one subject within `window` of the first.
    #[must_use]
    pub fn new(most: u32, window: Duration) -> Self {
        Self { attempts: Cache::builder().max_capacity(REMEMBERED).time_to_live(window).build(), most, window }
    }

    /// Whether the subject has attempts left.
    #[must_use]
    pub fn allows(&self, subject: &str) -> bool {
        let known = self.attempts.get(&ContentHash::of(subject.as_bytes()));
        known.is_none_or(|count| count.load(Ordering::Relaxed) < self.most)
    }

    /// Counts an attempt.
    pub fn count(&self, subject: &str) {
        self.counter(subject).fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an attempt beforehand, unless there is none left: of many that come at one moment only so many pass. Who turns out
    /// to be right gives it back.
    #[must_use]
    pub fn take(&self, subject: &str) -> bool {
        let count = self.counter(subject);
        let taken =
            count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |so_far| (so_far < self.most).then(|| so_far + 1));
        taken.is_ok()
    }

    /// Takes one attempt back.
    pub fn give_back(&self, subject: &str) {
        let count = self.counter(subject);
        let _ = count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |so_far| so_far.checked_sub(1));
    }

    fn counter(&self, subject: &str) -> Arc<AtomicU32> {
        self.attempts.get_with(ContentHash::of(subject.as_bytes()), Arc::default)
    }

    /// Forgets the subject's attempts.
    pub fn forgive(&self, subject: &str) {
        self.attempts.invalidate(&ContentHash::of(subject.as_bytes()));
    }

    /// How long the window is.
    #[must_use]
    pub fn window(&self) -> Duration {
        self.window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_so_many_attempts_and_another_its_own() {
        let throttle = Throttle::new(2, Duration::from_secs(600));
        for _ in 0..2 {
            assert!(throttle.allows("ada@example.org"));
            throttle.count("ada@example.org");
        }
        assert!(!throttle.allows("ada@example.org"));
        assert!(throttle.allows("bob@example.org"));
        throttle.forgive("ada@example.org");
        assert!(throttle.allows("ada@example.org"));
    }

    #[test]
    fn of_many_at_one_moment_only_so_many_pass() {
        let throttle = Throttle::new(10, Duration::from_secs(600));
        let passed: usize = std::thread::scope(|scope| {
            let tries: Vec<_> =
                (0..8).map(|_| scope.spawn(|| (0..100).filter(|_| throttle.take("ada")).count())).collect();
            tries.into_iter().map(|one| one.join().expect("ends")).sum()
        });
        assert_eq!(passed, 10);
        throttle.give_back("ada");
        assert!(throttle.take("ada") && !throttle.take("ada"));
        throttle.give_back("bob");
        assert!(throttle.take("bob"), "what was never taken is not given back");
    }
}
