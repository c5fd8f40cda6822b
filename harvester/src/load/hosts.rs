//! Hosts: how many loads ask one at a time, whose turn is next, and which are left alone for a while. And the gate before the
//! reading, which takes processors and memory.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::stop::{Stop, StopReason};

/// Hosts remembered as unreachable before those whose rest is over are forgotten.
const REMEMBERED: usize = 10_000;

/// What is known of hosts in this process.
#[derive(Debug)]
pub(super) struct Hosts {
    per_host: usize,
    rest: Duration,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    asked: HashMap<String, usize>,
    last: String,
    resting: HashMap<String, (Instant, String)>,
}

impl Hosts {
    pub(super) fn new(per_host: usize, rest: Duration) -> Self {
        Self { per_host: per_host.max(1), rest, known: Mutex::default() }
    }

    /// Hosts that are asked enough at the moment, and the one that had its turn last.
    pub(super) fn turn(&self) -> (Vec<String>, String) {
        let known = self.known.lock();
        let busy = known.asked.iter().filter(|(_, count)| **count >= self.per_host);
        (busy.map(|(host, _)| host.clone()).collect(), known.last.clone())
    }

    /// Notes that a load asks this host, until what is given back is dropped.
    pub(super) fn ask<'a>(&'a self, host: &str) -> Asking<'a> {
        let mut known = self.known.lock();
        *known.asked.entry(host.to_owned()).or_default() += 1;
        host.clone_into(&mut known.last);
        Asking { hosts: self, host: host.to_owned() }
    }

    /// Notes that a host could not be reached.
    pub(super) fn leave_alone(&self, host: &str, why: &str) {
        let mut known = self.known.lock();
        if known.resting.len() >= REMEMBERED {
            let now = Instant::now();
            known.resting.retain(|_, (until, _)| *until > now);
        }
        known.resting.insert(host.to_owned(), (Instant::now() + self.rest, why.to_owned()));
    }

    /// Why a host is left alone, if it is.
    pub(super) fn resting(&self, host: &str) -> Option<String> {
        let known = self.known.lock();
        known.resting.get(host).filter(|(until, _)| *until > Instant::now()).map(|(_, why)| why.clone())
    }
}

/// One load that asks a host.
#[derive(Debug)]
pub(super) struct Asking<'a> {
    hosts: &'a Hosts,
    host: String,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let mut known = self.hosts.known.lock();
        if let Some(count) = known.asked.get_mut(&self.host) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                known.asked.remove(&self.host);
            }
        }
    }
}

/// Lets so many through at a time.
#[derive(Debug)]
pub(super) struct Gate {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Gate {
    pub(super) fn new(places: usize) -> Self {
        Self { free: Mutex::new(places.max(1)), changed: Condvar::new() }
    }

    /// Waits for a place; it is free again when what is given back is dropped.
    pub(super) fn enter(&self, stop: &Stop) -> Result<Inside<'_>, StopReason> {
        const LOOK_EVERY: Duration = Duration::from_millis(200);
        let mut free = self.free.lock();
        loop {
            if let Some(reason) = stop.reason() {
                return Err(reason);
            }
            if *free > 0 {
                *free -= 1;
                return Ok(Inside(self));
            }
            self.changed.wait_for(&mut free, LOOK_EVERY);
        }
    }
}

/// A place behind the gate.
#[derive(Debug)]
pub(super) struct Inside<'a>(&'a Gate);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_busy_while_enough_loads_ask_it() {
        let hosts = Hosts::new(2, Duration::from_secs(60));
        let one = hosts.ask("a.test");
        assert_eq!(hosts.turn(), (Vec::new(), "a.test".to_owned()));
        let two = hosts.ask("a.test");
        assert_eq!(hosts.turn().0, ["a.test"]);
        drop(one);
        assert_eq!(hosts.turn().0, Vec::<String>::new());
        drop(two);
        assert!(hosts.known.lock().asked.is_empty());
    }

    #[test]
    fn a_host_that_could_not_be_reached_is_left_alone_for_a_while() {
        let hosts = Hosts::new(2, Duration::from_secs(60));
        hosts.leave_alone("a.test", "no route");
        assert_eq!(hosts.resting("a.test").as_deref(), Some("no route"));
        assert_eq!(hosts.resting("b.test"), None);
        let brief = Hosts::new(2, Duration::ZERO);
        brief.leave_alone("a.test", "no route");
        assert_eq!(brief.resting("a.test"), None);
    }

    #[test]
    fn the_gate_has_so_many_places_and_opens_for_who_must_stop() {
        let gate = Gate::new(1);
        let stop = Stop::new();
        let inside = gate.enter(&stop).expect("free");
        stop.stop(StopReason::Cancelled);
        assert_eq!(gate.enter(&stop).err(), Some(StopReason::Cancelled));
        drop(inside);
        assert!(gate.enter(&Stop::new()).is_ok());
    }
}
