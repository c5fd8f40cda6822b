//! Attempts that may come only so often: sign-ins, and mails to one address.

use std::time::Duration;

use fairground_domain::ContentHash;
use moka::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

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
        let count = self.attempts.get_with(ContentHash::of(subject.as_bytes()), Arc::default);
        count.fetch_add(1, Ordering::Relaxed);
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
}
