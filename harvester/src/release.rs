//! The release clock: drafts whose moment has come are published, and files that are refreshed on a schedule are asked for.
//!
//! Every process that works has one. Each release is one transaction of its own that asks again whether its moment has come, so two
//! clocks are as good as one, a clock that stood still makes up for what it missed, and a kill leaves what was before or what is
//! after. What stands in the way of one draft is told to its people and tried again; the others go on.

use std::io;
use std::time::{Duration, Instant};

use fairground_catalog::draft::{self, Released};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::{DraftId, Timestamp};
use tracing::{error, info, warn};

use crate::crew::{Crew, Work};

/// How long the clock sleeps at most: a release that was planned meanwhile, here or elsewhere, is public within this and the time
/// that its transaction takes.
const LOOK_EVERY: Duration = Duration::from_millis(400);
/// Shortest sleep while something is about to be due.
const SHORTEST: Duration = Duration::from_millis(1);
/// Releases that one look takes.
const AT_ONCE: i64 = 50;
/// How long the clock leaves a draft alone whose release failed.
const TRY_AGAIN: Duration = Duration::from_secs(10);
/// How often refreshes are looked through.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// Drafts whose failures are remembered, at most.
const MOST_FAILED: usize = 1_000;

/// One thread of a process that publishes what is due. Dropping it without [`ReleaseClock::stop`] lets it run on until the process
/// ends.
#[derive(Debug)]
pub struct ReleaseClock(Crew);

impl ReleaseClock {
    /// Starts it.
    ///
    /// # Errors
    /// When its thread cannot be had.
    pub fn start(catalog: &Catalog) -> io::Result<Self> {
        let clock = || Clock { catalog: catalog.clone(), failed: Vec::new(), refreshed: None, nap: LOOK_EVERY };
        Ok(Self(Crew::start("release", 1, |_, _, _| Ok(clock()))?))
    }

    /// Ends it; what is due then is published by whoever looks next. Blocks until it has ended.
    pub fn stop(self) {
        self.0.stop();
    }
}

struct Clock {
    catalog: Catalog,
    /// Drafts whose release failed, and when they are tried again.
    failed: Vec<(DraftId, Instant)>,
    /// When refreshes were last looked through.
    refreshed: Option<Instant>,
    nap: Duration,
}

impl Work for Clock {
    type Error = CatalogError;

    fn step(&mut self) -> Result<bool, CatalogError> {
        let released = self.release()?;
        self.refresh()?;
        let next = self.catalog.db.read(draft::next_due)?;
        self.nap = nap_until(next, Timestamp::now());
        Ok(released)
    }

    fn nap(&self) -> Duration {
        self.nap
    }
}

/// How long to sleep when the next moment is this: until then, but never longer than [`LOOK_EVERY`]. What is due already and still
/// there has failed, and waits for its turn.
fn nap_until(next: Option<Timestamp>, now: Timestamp) -> Duration {
    let left = next.map(|at| at.as_micros() - now.as_micros()).filter(|left| *left > 0);
    let left = left.and_then(|left| u64::try_from(left).ok()).map(Duration::from_micros);
    left.map_or(LOOK_EVERY, |left| left.clamp(SHORTEST, LOOK_EVERY))
}

impl Clock {
    /// Publishes what is due; whether anything was.
    fn release(&mut self) -> Result<bool, CatalogError> {
        let now = Instant::now();
        self.failed.retain(|(_, again)| *again > now);
        // Those that failed come last, so that they never keep others from being looked at.
        let due = self.catalog.db.read(|tx| draft::list_due(tx, AT_ONCE))?;
        let mut any = false;
        for id in due {
            if self.failed.iter().any(|(known, _)| *known == id) {
                continue;
            }
            match self.catalog.db.write(|tx| draft::release_due(tx, id)) {
                Ok(Released::Published(draft)) => {
                    info!(draft.id = %id, dataset.id = %draft.dataset, "Published `{}`: its moment has come", draft.slug);
                    any = true;
                }
                Ok(Released::Approved(draft)) => {
                    info!(draft.id = %id, dataset.id = %draft.dataset, "Approved `{}`: nobody objected", draft.slug);
                    any = true;
                }
                Ok(Released::NotDue) | Err(CatalogError::NotFound { .. }) => {}
                Ok(Released::Failed(problem)) => {
                    warn!(draft.id = %id, "A release waits: {problem}");
                    self.leave_alone(id);
                }
                // The store itself fails: whoever runs the crew rests. Anything else is this draft's own trouble.
                Err(error) if error.is_passing() => return Err(error),
                Err(error) => {
                    error!(draft.id = %id, error = &error as &dyn std::error::Error, "A draft could not be released");
                    self.leave_alone(id);
                }
            }
        }
        if any {
            self.catalog.announce();
        }
        Ok(any)
    }

    fn leave_alone(&mut self, id: DraftId) {
        if self.failed.len() < MOST_FAILED {
            self.failed.push((id, Instant::now() + TRY_AGAIN));
        }
    }

    /// Asks for the files whose refresh is due, now and then.
    fn refresh(&mut self) -> Result<(), CatalogError> {
        if self.refreshed.is_some_and(|at| at.elapsed() < REFRESH_EVERY) {
            return Ok(());
        }
        self.refreshed = Some(Instant::now());
        let asked = self.catalog.db.write(draft::enqueue_due_refreshes)?;
        if asked > 0 {
            info!(asked, "Files are due to be fetched again");
            self.catalog.announce();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_wakes_when_the_next_release_is_due() {
        let now = Timestamp::from_micros(1_000_000_000);
        for (next, nap) in [
            (None, LOOK_EVERY),
            (Some(0), LOOK_EVERY),
            (Some(-5_000_000), LOOK_EVERY),
            (Some(1), SHORTEST),
            (Some(150_000), Duration::from_millis(150)),
            (Some(60_000_000), LOOK_EVERY),
        ] {
            let next = next.map(|micros| Timestamp::from_micros(now.as_micros() + micros));
            assert_eq!(nap_until(next, now), nap, "{next:?}");
        }
    }

    /// A release is public within a second of its moment: the longest sleep leaves more than half of it for the transaction.
    #[test]
    fn the_longest_sleep_is_less_than_half_of_the_promise() {
        assert!(LOOK_EVERY * 2 < Duration::from_secs(1));
    }
}
