//! How much work is under way at once, and who waits for room.
//!
//! ```text
//! enter ─▶ room, and nobody waits? ─▶ in: one atomic
//!            │ no: would it be served too late, or is there no room to wait? ─▶ refused at once
//!            └ wait in the party's line; whoever leaves lets the next one in (fair: see `queue`)
//! ```
//!
//! Work of different kinds does not stand in each other's way: pages and rows, sums and exports, and calls that wait for
//! agencies' systems have a [`Lane`] each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use fairground_domain::OperationClass;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::party::Party;
use crate::queue::{FairQueue, Full};

/// Set in a lane's state while somebody waits.
const WAITING: u32 = 1 << 31;
/// The longest `Retry-After` for want of room, in seconds.
const MAX_RETRY_SECS: u64 = 30;
/// How much the last step counts in the average pace: 1 in so many.
const PACE_SHARE: u64 = 8;

/// How much may be under way, by kind of work, in one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapacitySettings {
    /// Weight of catalogue and row calls: 1 each.
    pub interactive: u32,
    /// Weight of aggregates ([`AGGREGATE_WEIGHT`] each) and exports ([`EXPORT_WEIGHT`] each).
    pub heavy: u32,
    /// Weight of calls behind the gateway, which mostly wait: 1 each.
    pub gateway: u32,
    /// How long a call waits for room at most; one that would have to wait longer is refused at once.
    pub max_wait: Duration,
}

/// What an aggregate weighs.
pub const AGGREGATE_WEIGHT: u32 = 1;
/// What an export weighs.
pub const EXPORT_WEIGHT: u32 = 4;

impl Default for CapacitySettings {
    fn default() -> Self {
        Self { interactive: 256, heavy: 32, gateway: 1_024, max_wait: Duration::from_secs(2) }
    }
}

/// There is no room in time: 503 `temporary-reduced-capacity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no room in time; worth trying again in {retry_after_secs} s")]
pub struct NoRoom {
    /// When it is worth trying again, in seconds, at least 1.
    pub retry_after_secs: u64,
}

/// The lanes of one process.
#[derive(Debug)]
pub struct Capacity {
    interactive: Arc<Lane>,
    heavy: Arc<Lane>,
    gateway: Arc<Lane>,
}

impl Capacity {
    /// Lanes as wide as `settings` say.
    #[must_use]
    pub fn new(settings: CapacitySettings) -> Self {
        let lane = |width| Arc::new(Lane::new(width, settings.max_wait));
        Self { interactive: lane(settings.interactive), heavy: lane(settings.heavy), gateway: lane(settings.gateway) }
    }

    fn lane(&self, class: OperationClass) -> (&Arc<Lane>, u32) {
        match class {
            OperationClass::Catalogue | OperationClass::Rows => (&self.interactive, 1),
            OperationClass::Aggregate => (&self.heavy, AGGREGATE_WEIGHT),
            OperationClass::Export => (&self.heavy, EXPORT_WEIGHT),
            OperationClass::Gateway => (&self.gateway, 1),
        }
    }

    /// Room for a call at once, if there is some and nobody waits.
    #[must_use]
    pub fn try_enter(&self, class: OperationClass) -> Option<Slot> {
        let (lane, weight) = self.lane(class);
        lane.take(weight, false).then(|| Slot { lane: Some(Arc::clone(lane)), weight })
    }

    /// Room for a call, waiting for it in the party's line if need be. Needs a Tokio runtime with time, if it has to wait.
    ///
    /// # Errors
    /// [`NoRoom`] when there is none in time, mostly without waiting for it.
    pub async fn enter(&self, class: OperationClass, party: Party) -> Result<Slot, NoRoom> {
        if let Some(slot) = self.try_enter(class) {
            return Ok(slot);
        }
        let (lane, weight) = self.lane(class);
        lane.enter(party, weight).await
    }

    /// Weight under way and calls waiting, of all lanes together.
    #[must_use]
    pub fn load(&self) -> Load {
        let lanes = [&self.interactive, &self.heavy, &self.gateway];
        lanes.into_iter().fold(Load::default(), |sum, lane| Load {
            under_way: sum.under_way + (lane.state.load(Ordering::Relaxed) & !WAITING),
            waiting: sum.waiting + lane.line.lock().queue.len(),
        })
    }
}

/// How busy a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Load {
    /// Weight of the calls under way.
    pub under_way: u32,
    /// Calls that wait.
    pub waiting: usize,
}

/// Room for one call until it is dropped.
#[derive(Debug)]
pub struct Slot {
    /// `None` when it went back unused.
    lane: Option<Arc<Lane>>,
    weight: u32,
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(lane) = self.lane.take() {
            Lane::leave(&lane, self.weight);
        }
    }
}

/// Room for work of one kind.
#[derive(Debug)]
struct Lane {
    /// Weight under way, and [`WAITING`].
    state: AtomicU32,
    width: u32,
    max_wait: Duration,
    line: Mutex<Line>,
}

#[derive(Debug, Default)]
struct Line {
    queue: FairQueue<oneshot::Sender<Slot>>,
    pace: Pace,
}

/// How fast waiting work is let in.
#[derive(Debug, Default)]
struct Pace {
    /// When the last one was let in while others waited.
    last: Option<Instant>,
    /// Nanoseconds per unit of weight, on average; 0 before the first.
    nanos_per_unit: u64,
}

impl Pace {
    fn step(&mut self, units: u64, now: Instant) {
        if let Some(last) = self.last.replace(now) {
            let took = u64::try_from(now.saturating_duration_since(last).as_nanos()).unwrap_or(u64::MAX);
            let step = took / units.max(1);
            self.nanos_per_unit = match self.nanos_per_unit {
                0 => step,
                known => known - known / PACE_SHARE + step / PACE_SHARE,
            };
        }
    }

    fn rest(&mut self) {
        self.last = None;
    }

    fn estimate(&self, units: u64) -> Duration {
        Duration::from_nanos(units.saturating_mul(self.nanos_per_unit))
    }
}

impl Lane {
    fn new(width: u32, max_wait: Duration) -> Self {
        let width = width.clamp(EXPORT_WEIGHT, WAITING - 1);
        Self { state: AtomicU32::new(0), width, max_wait, line: Mutex::default() }
    }

    /// Takes room if there is some; ahead of those who wait only on their behalf (`for_waiting`).
    fn take(&self, weight: u32, for_waiting: bool) -> bool {
        let fits = |state: u32| {
            let used = state & !WAITING;
            let free = used.saturating_add(weight) <= self.width;
            (free && (for_waiting || state & WAITING == 0)).then(|| state.saturating_add(weight))
        };
        self.state.fetch_update(Ordering::AcqRel, Ordering::Relaxed, fits).is_ok()
    }

    fn leave(lane: &Arc<Self>, weight: u32) {
        if lane.state.fetch_sub(weight, Ordering::AcqRel) & WAITING != 0 {
            Self::let_in(lane, Instant::now());
        }
    }

    async fn enter(self: &Arc<Self>, party: Party, weight: u32) -> Result<Slot, NoRoom> {
        let waiting = self.join(party, weight)?;
        match tokio::time::timeout(self.max_wait, waiting).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) | Err(_) => Err(no_room(self.max_wait)),
        }
    }

    /// Stands in line, unless it would be in vain.
    fn join(self: &Arc<Self>, party: Party, weight: u32) -> Result<oneshot::Receiver<Slot>, NoRoom> {
        let units = u64::from(weight);
        let (sender, receiver) = oneshot::channel();
        {
            let mut line = self.line.lock();
            let estimate = line.pace.estimate(line.queue.units_before(party, units));
            if estimate > self.max_wait {
                return Err(no_room(estimate));
            }
            line.queue.push(party, units, sender).map_err(|Full(_)| no_room(estimate.max(self.max_wait)))?;
            // From here on, whoever leaves looks at the line; what left before is found by letting in below.
            self.state.fetch_or(WAITING, Ordering::AcqRel);
        }
        Self::let_in(self, Instant::now());
        Ok(receiver)
    }

    /// Lets in as many as there is room for, fairly.
    fn let_in(lane: &Arc<Self>, now: Instant) {
        let mut let_in = Vec::new();
        {
            let mut line = lane.line.lock();
            while let Some(units) = line.queue.next_units() {
                let weight = u32::try_from(units).unwrap_or(u32::MAX);
                if !lane.take(weight, true) {
                    break;
                }
                let Some((_, _, sender)) = line.queue.pop() else { break };
                if sender.is_closed() {
                    // Gave up waiting: the room is the next one's.
                    lane.state.fetch_sub(weight, Ordering::AcqRel);
                    continue;
                }
                line.pace.step(units, now);
                let_in.push((sender, Slot { lane: Some(Arc::clone(lane)), weight }));
            }
            if line.queue.is_empty() {
                line.pace.rest();
                lane.state.fetch_and(!WAITING, Ordering::AcqRel);
            }
        }
        for (sender, slot) in let_in {
            // Whoever has gone meanwhile drops the slot here, outside the lock, and the next one is let in.
            drop(sender.send(slot));
        }
    }
}

fn no_room(wait: Duration) -> NoRoom {
    NoRoom { retry_after_secs: wait.as_secs().saturating_add(1).min(MAX_RETRY_SECS) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: Party = Party::application(1);
    const BEN: Party = Party::application(2);

    fn capacity(interactive: u32, max_wait: Duration) -> Capacity {
        Capacity::new(CapacitySettings { interactive, heavy: 4, gateway: 4, max_wait })
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_time().build().expect("runtime").block_on(future)
    }

    #[test]
    fn room_is_taken_at_once_and_given_back() {
        let capacity = capacity(4, Duration::from_secs(1));
        let mut slots: Vec<_> = (0..4).map(|_| capacity.try_enter(OperationClass::Rows).expect("room")).collect();
        assert!(capacity.try_enter(OperationClass::Catalogue).is_none(), "one lane for both");
        assert!(capacity.try_enter(OperationClass::Gateway).is_some(), "another lane");
        assert_eq!(capacity.load().under_way, 4);
        slots.pop();
        assert!(capacity.try_enter(OperationClass::Rows).is_some());
        drop(slots);
        assert_eq!(capacity.load(), Load::default());
    }

    #[test]
    fn an_export_weighs_more_and_always_fits_an_empty_lane() {
        let capacity = Capacity::new(CapacitySettings { heavy: 1, ..CapacitySettings::default() });
        let export = capacity.try_enter(OperationClass::Export).expect("the only one");
        assert!(capacity.try_enter(OperationClass::Aggregate).is_none());
        drop(export);
        assert!(capacity.try_enter(OperationClass::Aggregate).is_some());
    }

    #[test]
    fn those_who_wait_are_let_in_party_by_party_and_nobody_overtakes() {
        block_on(async {
            let capacity = Arc::new(capacity(4, Duration::from_secs(1)));
            let mut held: Vec<_> = (0..4).map(|_| capacity.try_enter(OperationClass::Rows).expect("room")).collect();
            let mut lines = Vec::new();
            for party in [ANNA, ANNA, ANNA, BEN] {
                lines.push((party, capacity.interactive.join(party, 1).expect("waits")));
            }
            assert_eq!(capacity.load().waiting, 4);
            held.pop();
            held.pop();
            assert!(capacity.try_enter(OperationClass::Rows).is_none(), "those who wait come first");
            let got: Vec<bool> =
                lines.iter_mut().map(|(_, line)| line.try_recv().map(|slot| held.push(slot)).is_ok()).collect();
            assert_eq!(got, [true, false, false, true], "one of each, though Anna came with three");
        });
    }

    #[test]
    fn who_gives_up_waiting_leaves_no_gap() {
        block_on(async {
            let capacity = capacity(4, Duration::from_secs(1));
            let held: Vec<_> = (0..4).map(|_| capacity.try_enter(OperationClass::Rows).expect("room")).collect();
            drop(capacity.interactive.join(ANNA, 1).expect("waits"));
            let mut ben = capacity.interactive.join(BEN, 1).expect("waits");
            drop(held);
            assert!(ben.try_recv().is_ok());
            // A slot that was granted and never looked at goes back too.
            let held: Vec<_> = (0..4).filter_map(|_| capacity.try_enter(OperationClass::Rows)).collect();
            let granted = capacity.interactive.join(ANNA, 1).expect("waits");
            drop(held);
            drop(granted);
            drop(ben);
            assert_eq!(capacity.load(), Load::default());
        });
    }

    #[test]
    fn waiting_ends_in_time_with_a_moment_to_come_back() {
        block_on(async {
            let capacity = capacity(4, Duration::from_millis(20));
            let _held: Vec<_> = (0..4).map(|_| capacity.try_enter(OperationClass::Rows).expect("room")).collect();
            let refused = capacity.enter(OperationClass::Rows, ANNA).await.expect_err("no room");
            assert_eq!(refused.retry_after_secs, 1);
        });
    }

    #[test]
    fn what_would_be_served_too_late_is_refused_at_once() {
        let capacity = capacity(4, Duration::from_secs(1));
        let _held: Vec<_> = (0..4).map(|_| capacity.try_enter(OperationClass::Rows).expect("room")).collect();
        let lane = &capacity.interactive;
        {
            let mut line = lane.line.lock();
            let start = Instant::now();
            line.pace.step(1, start);
            line.pace.step(1, start + Duration::from_millis(300));
        }
        let mut waiting: Vec<_> = (0..3).map(|_| lane.join(ANNA, 1).expect("0.9 s at most")).collect();
        assert_eq!(lane.join(ANNA, 1).expect_err("1.2 s").retry_after_secs, 2);
        waiting.push(lane.join(BEN, 1).expect("his turn is the second"));
    }
}
