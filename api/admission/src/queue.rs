//! Whose turn it is when there is more work than room: fair in units, party by party.
//!
//! Start-time fair queueing: each party carries a tag that grows by the units it is served, and the party with the lowest
//! tag is next. Of parties that have work waiting all the time, no two differ by more than the units of one call; one that
//! wants less than its share gets all it wants (max-min fairness). A party whose queue runs dry keeps its tag until the
//! others have caught up, so coming back call by call gains nothing over waiting with many.
//!
//! Pure: no clock, no lock, no runtime.

use std::collections::{BTreeSet, HashMap, VecDeque};

use crate::party::Party;

/// How many applications may wait in one queue at once.
pub const MAX_APPLICATIONS_QUEUED: usize = 4_096;
/// How many keyless parties may wait in one queue at once: room of their own, so that a flood of addresses leaves the
/// applications' alone.
pub const MAX_KEYLESS_QUEUED: usize = 1_024;
/// How many calls of one party may wait in one queue at once, however many parties there are.
pub const CALLS_QUEUED_PER_PARTY: usize = 32;
/// How many calls may wait in one queue at once, of all parties together. Half of it is shared out among the parties that
/// wait; the other half is left to those that come with [`CALLS_QUEUED_PER_PARTY`] or fewer.
pub const MAX_CALLS_QUEUED: usize = 16_384;

/// There is no room to wait.
#[derive(Debug, PartialEq, Eq)]
pub struct Full<T>(pub T);

/// Calls that wait, by party.
#[derive(Debug)]
pub struct FairQueue<T> {
    lines: HashMap<Party, Line<T>>,
    /// Every party of `lines`, lowest tag first; of equal tags, whoever was served (or came) first.
    order: BTreeSet<(u64, u64, Party)>,
    /// The tag of the party served last: nobody starts below it.
    virtual_time: u64,
    turn: u64,
    calls: usize,
    units: u64,
    keyless: usize,
}

/// One party's calls.
#[derive(Debug)]
struct Line<T> {
    calls: VecDeque<(u64, T)>,
    units: u64,
    tag: u64,
    turn: u64,
}

impl<T> Default for FairQueue<T> {
    fn default() -> Self {
        Self { lines: HashMap::new(), order: BTreeSet::new(), virtual_time: 0, turn: 0, calls: 0, units: 0, keyless: 0 }
    }
}

impl<T> FairQueue<T> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls that wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.calls
    }

    /// Whether nothing waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.calls == 0
    }

    /// Parties that are remembered: those that wait, and those that were served ahead of the others.
    #[must_use]
    pub fn parties(&self) -> usize {
        self.lines.len()
    }

    /// Units that are served, at most, before another call of `units` by `party` would have been: everybody else gets no
    /// more than the same share meanwhile.
    #[must_use]
    pub fn units_before(&self, party: Party, units: u64) -> u64 {
        let own = self.lines.get(&party).map_or(0, |line| line.units).saturating_add(units);
        let parties = u64::try_from(self.lines.len()).unwrap_or(u64::MAX).saturating_add(1);
        own.saturating_mul(parties).min(self.units.saturating_add(units))
    }

    /// Lets a call of `units` wait.
    ///
    /// # Errors
    /// [`Full`] gives it back: one of the limits of this module is reached.
    pub fn push(&mut self, party: Party, units: u64, call: T) -> Result<(), Full<T>> {
        let held = self.lines.get(&party).map(|line| line.calls.len());
        let fits = match held {
            Some(held) => held < self.share(),
            None if party.is_keyless() => self.keyless < MAX_KEYLESS_QUEUED,
            None => self.lines.len() - self.keyless < MAX_APPLICATIONS_QUEUED,
        };
        if !fits || self.calls >= MAX_CALLS_QUEUED {
            return Err(Full(call));
        }
        if held.is_none() {
            self.turn += 1;
            let line = Line { calls: VecDeque::new(), units: 0, tag: self.virtual_time, turn: self.turn };
            self.order.insert((line.tag, line.turn, party));
            self.lines.insert(party, line);
            self.keyless += usize::from(party.is_keyless());
        }
        if let Some(line) = self.lines.get_mut(&party) {
            line.calls.push_back((units, call));
            line.units = line.units.saturating_add(units);
            self.calls += 1;
            self.units = self.units.saturating_add(units);
        }
        Ok(())
    }

    /// How many calls of one party may wait now.
    fn share(&self) -> usize {
        (MAX_CALLS_QUEUED / 2 / self.lines.len().max(1)).max(CALLS_QUEUED_PER_PARTY)
    }

    /// Units of the call that [`Self::pop`] would give.
    pub fn next_units(&mut self) -> Option<u64> {
        self.skip_idle();
        let (_, _, party) = self.order.first()?;
        self.lines.get(party)?.calls.front().map(|(units, _)| *units)
    }

    /// The next call, its party and its units.
    pub fn pop(&mut self) -> Option<(Party, u64, T)> {
        self.skip_idle();
        let (tag, _, party) = self.order.pop_first()?;
        self.virtual_time = self.virtual_time.max(tag);
        self.turn += 1;
        let line = self.lines.get_mut(&party)?;
        let (units, call) = line.calls.pop_front()?;
        line.units = line.units.saturating_sub(units);
        line.tag = tag.saturating_add(units);
        line.turn = self.turn;
        self.order.insert((line.tag, line.turn, party));
        self.calls -= 1;
        self.units = self.units.saturating_sub(units);
        if self.calls == 0 {
            // Nobody is behind anybody any more.
            *self = Self::default();
        }
        Some((party, units, call))
    }

    /// Forgets parties without calls whose lead the others have made up.
    fn skip_idle(&mut self) {
        while let Some((tag, turn, party)) = self.order.first().copied() {
            if self.lines.get(&party).is_some_and(|line| !line.calls.is_empty()) {
                return;
            }
            self.order.remove(&(tag, turn, party));
            if self.lines.remove(&party).is_some() {
                self.keyless -= usize::from(party.is_keyless());
            }
            self.virtual_time = self.virtual_time.max(tag);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAVIEST: u64 = 8;

    proptest! {
        /// Parties that always have work waiting get the same number of units, within the units of one call.
        #[test]
        fn backlogged_parties_are_served_alike_within_one_call(
            costs in prop::collection::vec(prop::collection::vec(1..=HEAVIEST, 1..6), 2..12),
            rounds in 1_usize..400,
        ) {
            let mut queue = FairQueue::new();
            let party = |at: usize| Party::application(at as u64);
            let mut cursor = vec![0_usize; costs.len()];
            let mut refill = |queue: &mut FairQueue<usize>, at: usize| {
                let cost = costs[at][cursor[at] % costs[at].len()];
                cursor[at] += 1;
                queue.push(party(at), cost, at).expect("room");
            };
            for at in 0..costs.len() {
                refill(&mut queue, at);
                refill(&mut queue, at);
            }
            let mut served = vec![0_u64; costs.len()];
            for _ in 0..rounds {
                let (_, units, at) = queue.pop().expect("backlogged");
                served[at] += units;
                refill(&mut queue, at);
                let (least, most) = (served.iter().min().expect("some"), served.iter().max().expect("some"));
                prop_assert!(most - least <= HEAVIEST, "{served:?}");
            }
        }

        /// One call at a time is neither better nor worse than a thousand connections; who wants less gets all of it.
        #[test]
        fn shares_are_max_min_fair(
            eager in 1_usize..6,
            single in 1_usize..4,
            modest_every in 8_usize..40,
        ) {
            let mut queue = FairQueue::new();
            let backlogged = eager + single;
            let modest = Party::keyless(99);
            let mut served = vec![0_usize; backlogged];
            let fill = |queue: &mut FairQueue<usize>, at: usize| {
                let most = if at < eager { CALLS_QUEUED_PER_PARTY } else { 1 };
                for _ in 0..most {
                    if queue.push(Party::application(at as u64), 1, at).is_err() { break; }
                    if at >= eager { break; }
                }
            };
            (0..backlogged).for_each(|at| fill(&mut queue, at));
            let (mut asked, mut got) = (0, 0);
            for round in 0..1_000 {
                if round % (modest_every.max(backlogged * 2)) == 0 {
                    queue.push(modest, 1, usize::MAX).expect("room");
                    asked += 1;
                }
                let (_, _, at) = queue.pop().expect("backlogged");
                if at == usize::MAX { got += 1; continue; }
                served[at] += 1;
                // Whoever waits one by one comes back at once.
                fill(&mut queue, at);
            }
            prop_assert!(asked - got <= 1, "the modest one asked {asked} and got {got}");
            let (least, most) = (served.iter().min().expect("some"), served.iter().max().expect("some"));
            prop_assert!(most - least <= 1, "{served:?}");
        }

        /// Whatever comes and goes: the counts stay right, the limits hold and everything comes out once.
        #[test]
        fn nothing_is_lost_and_nothing_doubled(acts in prop::collection::vec((0_u64..40, 1_u64..9, any::<bool>()), 0..600)) {
            let mut queue = FairQueue::new();
            let mut inside = std::collections::HashSet::new();
            for (number, (party, units, pops)) in acts.into_iter().enumerate() {
                let party = if party % 2 == 0 { Party::application(party) } else { Party::keyless(party) };
                if pops {
                    match queue.pop() {
                        Some((_, _, call)) => prop_assert!(inside.remove(&call)),
                        None => prop_assert!(inside.is_empty()),
                    }
                } else if queue.push(party, units, number).is_ok() {
                    inside.insert(number);
                }
                prop_assert_eq!(queue.len(), inside.len());
            }
            while let Some((_, _, call)) = queue.pop() {
                prop_assert!(inside.remove(&call));
            }
            prop_assert!(inside.is_empty());
            prop_assert_eq!((queue.parties(), queue.keyless, queue.units), (0, 0, 0));
        }
    }

    #[test]
    fn room_to_wait_is_bounded_for_one_and_for_all() {
        let mut queue = FairQueue::new();
        let flood = |queue: &mut FairQueue<()>, party| {
            (0..MAX_CALLS_QUEUED).take_while(|_| queue.push(party, 1, ()).is_ok()).count()
        };
        assert_eq!(flood(&mut queue, Party::application(1)), MAX_CALLS_QUEUED / 2, "alone, half of the room");
        for address in 0..3_000 {
            let _ = queue.push(Party::keyless(address), 1, ());
        }
        assert_eq!(queue.len(), MAX_CALLS_QUEUED / 2 + MAX_KEYLESS_QUEUED);
        assert_eq!(flood(&mut queue, Party::application(2)), CALLS_QUEUED_PER_PARTY, "applications have room left");
        for number in 0..10_000 {
            flood(&mut queue, Party::application(number));
        }
        assert_eq!(queue.len(), MAX_CALLS_QUEUED);
        assert!(queue.parties() <= MAX_APPLICATIONS_QUEUED + MAX_KEYLESS_QUEUED);
    }

    #[test]
    fn what_lies_ahead_is_no_more_than_everybodys_like_share() {
        let mut queue = FairQueue::new();
        for _ in 0..30 {
            queue.push(Party::application(1), 1, ()).expect("room");
        }
        assert_eq!(queue.units_before(Party::application(2), 1), 2, "one of the crowd's and its own");
        assert_eq!(queue.units_before(Party::application(1), 1), 31);
    }
}
