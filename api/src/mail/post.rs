//! The post: queues letters, and hands them to a carrier on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fairground_catalog::letter::{self, MAX_ATTEMPTS, NewLetter, TakenLetter};
use fairground_catalog::{CatalogError, Db, Secret};

use super::{Mail, MailError, MailFailure, Mailer};

/// How often the post looks for letters whose time has come.
pub const POST_EVERY: Duration = Duration::from_secs(10);

/// Queues letters and sees to it that they go.
#[derive(Debug, Clone)]
pub struct Post {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    secret: Secret,
    carrier: Arc<dyn Mailer>,
    /// Whether a thread is at it.
    busy: AtomicBool,
    /// Whether somebody has asked since that thread last looked.
    asked: AtomicBool,
}

impl From<Mail> for NewLetter {
    fn from(mail: Mail) -> Self {
        Self { to: mail.to, subject: mail.subject, text: mail.text }
    }
}

impl Post {
    /// A post over a store and a carrier.
    #[must_use]
    pub fn new(db: Db, secret: Secret, carrier: Arc<dyn Mailer>) -> Self {
        let inner = Inner { db, secret, carrier, busy: AtomicBool::new(false), asked: AtomicBool::new(false) };
        Self { inner: Arc::new(inner) }
    }

    /// Says that letters may be due: a thread begins to hand them over, unless one is at it. Returns at once.
    pub fn wake(&self) {
        self.inner.asked.store(true, Ordering::Release);
        if self.inner.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        let inner = Arc::clone(&self.inner);
        let begun = thread::Builder::new().name("post".to_owned()).spawn(move || inner.work());
        if let Err(error) = begun {
            self.inner.busy.store(false, Ordering::Release);
            tracing::error!("The post has no thread and waits for the next round: {error}");
        }
    }
}

impl Mailer for Post {
    /// Queues a letter; what stands in the queue is sent, even if the process ends before.
    fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let queued = self.inner.db.write(|tx| letter::enqueue(tx, &self.inner.secret, mail.clone().into()));
        queued.map_err(|error| MailError(Box::new(error)))?;
        self.wake();
        Ok(())
    }
}

impl Inner {
    fn work(&self) {
        loop {
            self.asked.store(false, Ordering::Release);
            if let Err(error) = self.hand_over_due() {
                tracing::error!(error = &error as &dyn std::error::Error, "The post cannot read its queue");
            }
            self.busy.store(false, Ordering::Release);
            // Whoever asked after the last look saw this thread busy, so it must look again.
            if !self.asked.load(Ordering::Acquire) || self.busy.swap(true, Ordering::AcqRel) {
                return;
            }
        }
    }

    /// Hands over what is due, one by one; stops when the carrier does not answer, for it will not answer the next one either.
    fn hand_over_due(&self) -> Result<(), CatalogError> {
        while let Some(taken) = self.db.write(|tx| letter::take_due(tx, &self.secret, 1))?.pop() {
            let mail = Mail {
                to: taken.letter.to.clone(),
                subject: taken.letter.subject.clone(),
                text: taken.letter.text.clone(),
            };
            let carried = match &taken.unsubscribe {
                Some(url) => self.carrier.carry_listed(taken.id, &mail, url),
                None => self.carrier.carry(taken.id, &mail),
            };
            match carried {
                Ok(()) => {
                    metrics::counter!("fairground_letters_total", "outcome" => "handed-over").increment(1);
                    self.db.write(|tx| letter::handed_over(tx, taken.id))?;
                }
                Err(error) => {
                    if self.failed(&taken, &error)? == MailFailure::Unreachable {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn failed(&self, taken: &TakenLetter, error: &MailError) -> Result<MailFailure, CatalogError> {
        let (failure, told) = (error.failure(), error.chain());
        if failure == MailFailure::Refused || taken.attempt >= MAX_ATTEMPTS {
            metrics::counter!("fairground_letters_total", "outcome" => "given-up").increment(1);
            tracing::error!(letter.id = %taken.id, attempts = taken.attempt, "A letter was given up: {told}");
            self.db.write(|tx| letter::give_up(tx, taken.id, &told))?;
        } else {
            metrics::counter!("fairground_letters_total", "outcome" => "put-off").increment(1);
            tracing::warn!(letter.id = %taken.id, attempts = taken.attempt, "A letter waits for another try: {told}");
            self.db.write(|tx| letter::put_off(tx, taken, &told))?;
        }
        Ok(failure)
    }
}
