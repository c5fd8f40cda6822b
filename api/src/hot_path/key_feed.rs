//! Keeps the key ring and the tariff in step with the journal.
//!
//! Changes of this process are fed before the answer that made them; those of other processes within
//! [`FOLLOW_EVERY`]. Nothing else changes the ring, so it cannot drift.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use fairground_admission::Party;
use fairground_catalog::application::{self, ActiveKey, Wanted};
use fairground_catalog::journal::{self, EventKind};
use fairground_catalog::{CatalogError, Db, tariff};
use fairground_domain::{ApiKeyId, Timestamp};
use parking_lot::Mutex;
use std::sync::Arc;

use super::gate::Gate;
use super::identify::minute_of;
use super::key_ring::{Digest, KeyChange, KeyEntry, KeyStanding};

/// How often the journal is asked for news of other processes.
pub const FOLLOW_EVERY: Duration = Duration::from_millis(250);
/// How often uses of keys are written down.
pub const NOTE_EVERY: Duration = Duration::from_secs(60);
/// Uses written in one transaction: other writers go between.
const NOTES_AT_ONCE: usize = 500;
/// Keys read in one go when the ring is filled.
const LOAD_PAGE: i64 = 5_000;
/// Journal entries read in one go.
const STEP_ENTRIES: i64 = 2_000;

/// Feeds a [`Gate`] from the store.
#[derive(Debug)]
pub struct KeyFeed {
    db: Db,
    gate: Arc<Gate>,
    /// Up to where the journal has been followed, and when the tariff next changes by itself.
    place: Mutex<FeedPlace>,
    /// The last entry that concerned a dataset or a table.
    data: AtomicI64,
    /// The last entry that concerned a service behind the gateway.
    services: AtomicI64,
    /// The minute from which uses of keys have not been written down.
    noted_until: AtomicU32,
}

#[derive(Debug, Clone, Copy)]
struct FeedPlace {
    seq: i64,
    next_tariff: Option<Timestamp>,
}

impl KeyFeed {
    /// Fills the gate's ring from the store; from here on [`Self::catch_up`] keeps it in step.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn load(db: Db, gate: Arc<Gate>) -> Result<Self, CatalogError> {
        // The position is taken first: what changes while keys are read is read again, to the same effect.
        let (seq, next_tariff) = db.read(|tx| Ok((journal::head(tx)?.seq, tariff::next_change(tx)?)))?;
        let mut keys: Vec<(Digest, KeyEntry)> = Vec::new();
        let mut after = String::new();
        loop {
            let page = db.read(|tx| application::list_active_keys(tx, &Wanted::After(&after, LOAD_PAGE)))?;
            let Some(last) = page.last() else { break };
            after = last.id.to_string();
            keys.extend(page.iter().filter_map(|key| entry(&gate, key)));
        }
        gate.keys().replace_all(keys);
        let place = Mutex::new(FeedPlace { seq, next_tariff });
        Ok(Self {
            db,
            gate,
            place,
            data: AtomicI64::new(seq),
            services: AtomicI64::new(seq),
            noted_until: AtomicU32::new(0),
        })
    }

    /// Applies what the journal says since the last time.
    ///
    /// # Errors
    /// `Storage` when the database fails; the next call begins where this one did.
    pub fn catch_up(&self) -> Result<(), CatalogError> {
        let mut place = self.place.lock();
        loop {
            let since = place.seq;
            let (last, news) = self.db.read(|tx| {
                if journal::head(tx)?.seq == since {
                    return Ok((since, News::default()));
                }
                let entries = journal::list_since(tx, since, STEP_ENTRIES)?;
                let last = entries.last().map_or(since, |entry| entry.seq);
                Ok((last, News::of(&entries)))
            })?;
            // The tariff first: a key may stand on a plan that is new.
            if news.tariff || place.next_tariff.is_some_and(|at| at <= Timestamp::now()) {
                place.next_tariff = self.renew_tariff()?;
            }
            self.apply(&news)?;
            if news.data {
                self.data.store(last, Ordering::Release);
            }
            if news.services {
                self.services.store(last, Ordering::Release);
            }
            if last == since {
                return Ok(());
            }
            place.seq = last;
        }
    }

    /// Writes down when keys were last used, by the minute: everything since the last time. What a killed process had not
    /// written is lost, at most [`NOTE_EVERY`] of it.
    ///
    /// # Errors
    /// `Storage` when the database fails; the next call tries again.
    pub fn note_uses(&self) -> Result<(), CatalogError> {
        let since = self.noted_until.load(Ordering::Acquire);
        // Uses of the minute under way are noted again next time, to the same effect.
        let now = minute_of(Timestamp::now());
        let uses = self.gate.keys().used_since(since);
        for some in uses.chunks(NOTES_AT_ONCE) {
            self.db.write(|tx| application::note_uses(tx, some))?;
        }
        self.noted_until.store(now, Ordering::Release);
        Ok(())
    }

    /// Where the journal last spoke of a dataset or a table, as far as it has been followed.
    pub(crate) fn data_position(&self) -> i64 {
        self.data.load(Ordering::Acquire)
    }

    /// Where the journal last spoke of a service behind the gateway, as far as it has been followed.
    pub(crate) fn service_position(&self) -> i64 {
        self.services.load(Ordering::Acquire)
    }

    fn apply(&self, news: &News) -> Result<(), CatalogError> {
        let mut changes: Vec<KeyChange> = self
            .gate
            .keys()
            .find_by_key(&news.revoked)
            .into_iter()
            .map(|(digest, entry)| KeyChange::Put(digest, KeyEntry { standing: KeyStanding::Revoked, ..entry }))
            .collect();
        let mut applications = news.applications.clone();
        for number in &news.standings {
            let found = self.db.read(|tx| application::find_by_number(tx, *number))?;
            applications.extend(found.map(|application| application.id.to_string()));
        }
        for wanted in [Wanted::Keys(&news.keys), Wanted::Applications(&applications)] {
            if matches!(wanted, Wanted::Keys([]) | Wanted::Applications([])) {
                continue;
            }
            let keys = self.db.read(|tx| application::list_active_keys(tx, &wanted))?;
            changes.extend(keys.iter().filter_map(|key| entry(&self.gate, key)).map(|(d, e)| KeyChange::Put(d, e)));
        }
        self.gate.keys().apply(changes);
        Ok(())
    }

    fn renew_tariff(&self) -> Result<Option<Timestamp>, CatalogError> {
        let (current, next) = self.db.read(|tx| Ok((tariff::in_force(tx)?, tariff::next_change(tx)?)))?;
        self.gate.replace_tariff(&current);
        Ok(next)
    }
}

/// What the journal says that concerns keys.
#[derive(Debug, Default)]
struct News {
    keys: Vec<String>,
    applications: Vec<String>,
    /// Numbers of applications that were suspended or reinstated.
    standings: Vec<i64>,
    revoked: Vec<ApiKeyId>,
    tariff: bool,
    /// Datasets or tables have changed.
    data: bool,
    /// Services behind the gateway have changed.
    services: bool,
}

impl News {
    fn of(entries: &[journal::Entry]) -> Self {
        let mut news = Self::default();
        for entry in entries {
            match entry.kind {
                EventKind::KeyCreated | EventKind::KeyChanged => news.keys.push(entry.subject_id.clone()),
                EventKind::KeyRevoked => news.revoked.extend(entry.subject_id.parse::<ApiKeyId>().ok()),
                EventKind::ApplicationPlanChanged => news.applications.push(entry.subject_id.clone()),
                EventKind::TariffPublished | EventKind::ExceptionPublished | EventKind::ExceptionEnded => {
                    news.tariff = true;
                }
                EventKind::ApplicationSuspended | EventKind::ApplicationReinstated => {
                    news.standings.extend(entry.subject_id.parse::<i64>().ok());
                }
                EventKind::DatasetCreated
                | EventKind::DatasetUpdated
                | EventKind::DatasetWithdrawn
                | EventKind::DatasetRestored
                | EventKind::DatasetHeld
                | EventKind::TablePublished
                | EventKind::TableWithdrawn => news.data = true,
                EventKind::ServiceChanged
                | EventKind::ServiceOpened
                | EventKind::ServiceSuspended
                | EventKind::ServiceRetired => news.services = true,
                EventKind::ServiceRegistered | EventKind::ServiceApproved => {}
                EventKind::PublisherCreated
                | EventKind::GateChanged
                | EventKind::SourceCreated
                | EventKind::SourceApproved
                | EventKind::SourceChanged
                | EventKind::SourceDeleted
                | EventKind::HarvestEnded
                | EventKind::AccountCreated
                | EventKind::AccountErased
                | EventKind::ApplicationCreated
                | EventKind::ApplicationChanged
                | EventKind::ApplicationClosed
                | EventKind::OrganisationCreated
                | EventKind::OrganisationChanged
                | EventKind::OrganisationVerified
                | EventKind::OrganisationDissolved
                | EventKind::ArrangementRegistered
                | EventKind::ArrangementEnded
                | EventKind::RefusalRegistered
                | EventKind::PlanAssigned
                | EventKind::PlanChangeAnnounced
                | EventKind::RankingChanged
                | EventKind::WorkNoted
                | EventKind::RightsChanged
                | EventKind::PolicyChanged
                | EventKind::EmbargoRegistered
                | EventKind::EmbargoEnded
                | EventKind::QuestionAsked
                | EventKind::QuestionAnswered
                | EventKind::QuestionModerated
                | EventKind::RequestMade
                | EventKind::RequestAnswered
                | EventKind::RequestModerated => {}
            }
        }
        news
    }
}

/// `None` when the key's plan is not in the tariff: nothing can be admitted under it.
fn entry(gate: &Gate, key: &ActiveKey) -> Option<(Digest, KeyEntry)> {
    let Some(plan) = gate.admission().plan(key.plan.as_str()) else {
        tracing::warn!(key.id = %key.id, plan = %key.plan, "A key's plan is not in the tariff in force");
        return None;
    };
    let entry = KeyEntry {
        party: Party::application(u64::try_from(key.party).ok()?),
        plan,
        application: key.application_id,
        key: key.id,
        standing: if key.suspended {
            KeyStanding::Suspended
        } else {
            KeyStanding::Active { until_secs: key.expires_at.map(Timestamp::as_secs) }
        },
        scopes: key.scopes,
        restrictions: key.restrictions.clone(),
    };
    Some((*key.digest.as_bytes(), entry))
}
