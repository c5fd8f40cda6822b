//! Crews of workers: threads that do one thing after the other until they are told to stop. What they do is their work's affair.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tracing::error;

use crate::stop::{Stop, StopReason};

/// How long a worker leaves a store alone that does not answer.
const REST_AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What a worker does.
pub(crate) trait Work: Send + 'static {
    /// Why a look around failed.
    type Error: Error + 'static;

    /// Once, before the first look.
    fn begin(&mut self) {}

    /// One look around; true when there was something to do.
    ///
    /// # Errors
    /// What keeps the worker from going on for now; it rests and looks again.
    fn step(&mut self) -> Result<bool, Self::Error>;

    /// How long it sleeps when there was nothing to do and nobody wakes it.
    fn nap(&self) -> Duration;
}

/// Workers of one kind. Dropping a crew without [`Crew::stop`] lets them run on until the process ends.
#[derive(Debug)]
pub(crate) struct Crew {
    what: &'static str,
    stop: Stop,
    bell: Arc<Bell>,
    threads: Vec<JoinHandle<()>>,
}

/// Counts what there is to do: each ring wakes one sleeper.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rings: Mutex<usize>,
    changed: Condvar,
}

impl Bell {
    pub(crate) fn ring(&self) {
        *self.rings.lock() += 1;
        self.changed.notify_one();
    }

    fn wait(&self, longest: Duration) {
        let mut rings = self.rings.lock();
        if *rings == 0 {
            self.changed.wait_for(&mut rings, longest);
        }
        *rings = rings.saturating_sub(1);
    }
}

impl Crew {
    /// Starts so many workers, called `what-1`, `what-2`, ..; `work` is told the number (from 0), the crew's stop and its bell.
    ///
    /// # Errors
    /// When work cannot be begun or a thread not be had.
    pub(crate) fn start<W: Work>(
        what: &'static str,
        count: usize,
        mut work: impl FnMut(usize, &Stop, &Arc<Bell>) -> io::Result<W>,
    ) -> io::Result<Self> {
        let mut crew = Self { what, stop: Stop::new(), bell: Arc::default(), threads: Vec::new() };
        for number in 0..count {
            let work = work(number, &crew.stop, &crew.bell)?;
            let (stop, bell) = (crew.stop.clone(), Arc::clone(&crew.bell));
            let thread = thread::Builder::new().name(format!("{what}-{}", number + 1));
            crew.threads.push(thread.spawn(move || run(what, work, &stop, &bell))?);
        }
        Ok(crew)
    }

    /// Tells an idle worker that there is something to do.
    pub(crate) fn wake(&self) {
        self.bell.ring();
    }

    /// Ends all workers. Blocks until they have ended.
    pub(crate) fn stop(mut self) {
        self.stop.stop(StopReason::ShuttingDown);
        for _ in &self.threads {
            self.bell.ring();
        }
        for thread in self.threads.drain(..) {
            self.bell.ring();
            if thread.join().is_err() {
                error!("A {} worker had broken down", self.what);
            }
        }
    }
}

fn run<W: Work>(what: &str, mut work: W, stop: &Stop, bell: &Bell) {
    work.begin();
    while stop.reason().is_none() {
        match work.step() {
            Ok(true) => {}
            Ok(false) => bell.wait(work.nap()),
            Err(error) => {
                error!(error = &error as &dyn Error, "A {what} worker cannot go on for now");
                bell.wait(REST_AFTER_FAILURE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Does what is in its list, and tells of it.
    struct Errands {
        list: Receiver<u32>,
        done: Sender<u32>,
    }

    impl Work for Errands {
        type Error = Infallible;

        fn step(&mut self) -> Result<bool, Infallible> {
            let Ok(errand) = self.list.try_recv() else { return Ok(false) };
            Ok(self.done.send(errand).is_ok())
        }

        fn nap(&self) -> Duration {
            Duration::from_secs(3_600)
        }
    }

    #[test]
    fn a_sleeping_worker_is_woken_and_a_stopped_one_ends() {
        let (errands, list) = channel();
        let (done, told) = channel();
        let mut list = Some(list);
        let crew = Crew::start("errand", 1, |_, _, _| {
            let list = list.take().ok_or_else(|| io::Error::other("one worker only"))?;
            Ok(Errands { list, done: done.clone() })
        })
        .expect("a thread");
        for errand in [1, 2] {
            errands.send(errand).expect("somebody listens");
            crew.wake();
            assert_eq!(told.recv().ok(), Some(errand));
        }
        crew.stop();
        assert!(errands.send(3).is_err());
    }
}
