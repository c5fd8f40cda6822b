//! Background work of every kind: rows that are queued, claimed by lease, taken over from the dead, ended in exactly one state.
//!
//! What a job does is its room's business ([`crate::harvest`], [`crate::table`]); here is what all have in common. Every write
//! of a worker proves its lease ([`heartbeat`]), so that one who lost it cannot write.

use diesel::prelude::*;
use fairground_domain::{JobId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::schema::jobs;

/// How long a lease holds without a heartbeat, in seconds.
pub const LEASE_SECS: i64 = 30;
/// Jobs looked at to find one that is free.
const LOOK_AT: i64 = 20;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Waiting for a worker.
    Queued,
    /// A worker holds its lease.
    Running,
    /// The brake holds it: a person decides.
    AwaitingApproval,
    /// Done.
    Completed,
    /// Given up; `error` says why. What was there before is untouched.
    Failed,
    /// Stopped by a person.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::AwaitingApproval, Self::Completed, Self::Failed, Self::Cancelled];

    /// As it is written in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::AwaitingApproval => "awaiting_approval",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state that a text names.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing more will happen to the job.
    #[must_use]
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Queued | Self::Running | Self::AwaitingApproval => false,
            Self::Completed | Self::Failed | Self::Cancelled => true,
        }
    }
}

/// The right to work on a job, proved by every write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// The worker that holds it.
    pub holder: String,
}

/// A kind of work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// As it stands in rows.
    pub(crate) name: &'static str,
    /// How often a job is begun or taken over before it counts as failed for good.
    pub(crate) max_attempts: i32,
}

/// A job as the store holds it; rooms make it readable.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
pub(crate) struct JobRow {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subject_id: String,
    pub(crate) payload: String,
    pub(crate) state: String,
    pub(crate) progress: String,
    pub(crate) error: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) run_after: i64,
    pub(crate) lease_holder: Option<String>,
    pub(crate) leased_until: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) started_at: Option<i64>,
    pub(crate) finished_at: Option<i64>,
    pub(crate) lane: String,
    pub(crate) origin: String,
}

/// A job that is to be.
#[derive(Debug)]
pub(crate) struct NewJob {
    pub(crate) subject_id: String,
    pub(crate) payload: String,
    pub(crate) lane: String,
    pub(crate) origin: String,
}

pub(crate) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("job", problem)
}

impl JobRow {
    pub(crate) fn new(kind: Kind, new: NewJob, now: Timestamp) -> Self {
        Self {
            id: JobId::new().to_string(),
            kind: kind.name.to_owned(),
            subject_id: new.subject_id,
            payload: new.payload,
            state: JobState::Queued.as_str().to_owned(),
            progress: "{}".to_owned(),
            error: None,
            attempts: 0,
            run_after: now.as_micros(),
            lease_holder: None,
            leased_until: None,
            created_at: now.as_micros(),
            started_at: None,
            finished_at: None,
            lane: new.lane,
            origin: new.origin,
        }
    }

    pub(crate) fn id(&self) -> Result<JobId, CatalogError> {
        self.id.parse().map_err(corrupt)
    }

    pub(crate) fn state(&self) -> Result<JobState, CatalogError> {
        JobState::parse(&self.state).ok_or_else(|| corrupt(format!("state `{}`", self.state)))
    }

    /// Whether a worker may take it: queued, or its lease has run out, or its holder is among `dead`.
    fn is_free(&self, now: Timestamp, dead: &[String]) -> Result<bool, CatalogError> {
        Ok(match self.state()? {
            JobState::Queued => true,
            JobState::Running => {
                self.leased_until.is_none_or(|until| until < now.as_micros())
                    || self.lease_holder.as_ref().is_some_and(|holder| dead.contains(holder))
            }
            JobState::AwaitingApproval | JobState::Completed | JobState::Failed | JobState::Cancelled => false,
        })
    }
}

/// Queues jobs.
pub(crate) fn insert(tx: &mut Tx<'_>, rows: &[JobRow]) -> Result<(), CatalogError> {
    insert_rows!(tx, jobs::table, rows);
    Ok(())
}

/// The job of that kind and id; `NotFound` when there is none.
pub(crate) fn get(tx: &mut Tx<'_>, kind: Kind, id: JobId) -> Result<JobRow, CatalogError> {
    jobs::table
        .find(id.to_string())
        .filter(jobs::kind.eq(kind.name))
        .select(JobRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("job", id))
}

/// Takes a job that is free; `None` when it is not, or is not to be worked on. A job that was begun too often must be ended by
/// the caller: [`Claim::Exhausted`].
#[derive(Debug)]
pub(crate) enum Claim {
    /// It is ours.
    Taken(Box<JobRow>, Lease),
    /// Somebody else works on it, or nobody shall.
    NotFree,
    /// It was begun too often and must be ended.
    Exhausted,
}

pub(crate) fn claim(
    tx: &mut Tx<'_>,
    kind: Kind,
    id: JobId,
    holder: &str,
    dead: &[String],
) -> Result<Claim, CatalogError> {
    let job = get(tx, kind, id)?;
    if !job.is_free(tx.now, dead)? {
        return Ok(Claim::NotFree);
    }
    if job.attempts >= kind.max_attempts {
        return Ok(Claim::Exhausted);
    }
    let mut update = diesel::update(jobs::table.find(&job.id))
        .filter(jobs::attempts.eq(job.attempts))
        .filter(jobs::state.eq(&job.state))
        .into_boxed();
    update = match job.lease_holder.clone() {
        Some(previous) => update.filter(jobs::lease_holder.eq(previous)),
        None => update.filter(jobs::lease_holder.is_null()),
    };
    let claimed = update
        .set((
            jobs::state.eq(JobState::Running.as_str()),
            jobs::lease_holder.eq(holder),
            jobs::leased_until.eq(tx.now.plus_secs(LEASE_SECS).as_micros()),
            jobs::attempts.eq(job.attempts + 1),
            jobs::started_at.eq(job.started_at.unwrap_or(tx.now.as_micros())),
        ))
        .execute(tx.conn)?;
    if claimed == 0 {
        return Ok(Claim::NotFree);
    }
    Ok(Claim::Taken(Box::new(get(tx, kind, id)?), Lease { job: id, holder: holder.to_owned() }))
}

/// Ids of running jobs that their workers have left: the lease has run out, or its holder is among `dead`.
pub(crate) fn abandoned(tx: &mut Tx<'_>, kind: Kind, dead: &[String]) -> Result<Vec<JobId>, CatalogError> {
    let mut query = jobs::table
        .filter(jobs::kind.eq(kind.name))
        .filter(jobs::state.eq(JobState::Running.as_str()))
        .filter(jobs::leased_until.lt(tx.now.as_micros()))
        .limit(LOOK_AT)
        .select(jobs::id)
        .into_boxed();
    if !dead.is_empty() {
        query = query.or_filter(
            jobs::kind
                .eq(kind.name)
                .and(jobs::state.eq(JobState::Running.as_str()))
                .and(jobs::lease_holder.eq_any(dead)),
        );
    }
    parse_all(query.load(tx.conn)?)
}

/// Ids of jobs that are due, oldest first.
pub(crate) fn due(tx: &mut Tx<'_>, kind: Kind) -> Result<Vec<JobId>, CatalogError> {
    let ids: Vec<String> = jobs::table
        .filter(jobs::kind.eq(kind.name))
        .filter(jobs::state.eq(JobState::Queued.as_str()))
        .filter(jobs::run_after.le(tx.now.as_micros()))
        .order((jobs::run_after, jobs::id))
        .limit(LOOK_AT)
        .select(jobs::id)
        .load(tx.conn)?;
    parse_all(ids)
}

fn parse_all(ids: Vec<String>) -> Result<Vec<JobId>, CatalogError> {
    ids.into_iter().map(|id| id.parse().map_err(corrupt)).collect()
}

/// Proves the lease and renews it.
///
/// # Errors
/// `Cancelled` when a person stopped the job, `LeaseLost` when another worker has it: in both cases nothing more may be written.
pub fn heartbeat(tx: &mut Tx<'_>, lease: &Lease) -> Result<(), CatalogError> {
    let renewed = diesel::update(jobs::table.find(lease.job.to_string()))
        .filter(jobs::lease_holder.eq(&lease.holder))
        .filter(jobs::state.eq(JobState::Running.as_str()))
        .set(jobs::leased_until.eq(tx.now.plus_secs(LEASE_SECS).as_micros()))
        .execute(tx.conn)?;
    if renewed == 1 {
        return Ok(());
    }
    let state: Option<String> =
        jobs::table.find(lease.job.to_string()).select(jobs::state).first(tx.conn).optional()?;
    match state.as_deref().and_then(JobState::parse) {
        Some(JobState::Cancelled) => Err(CatalogError::Cancelled(lease.job)),
        _ => Err(CatalogError::LeaseLost(lease.job)),
    }
}

/// Saves how far the job has come, and renews the lease; fails as [`heartbeat`].
pub(crate) fn checkpoint(tx: &mut Tx<'_>, lease: &Lease, progress: &impl Serialize) -> Result<(), CatalogError> {
    heartbeat(tx, lease)?;
    save_progress(tx, lease.job, progress)
}

/// As [`checkpoint`], where the transaction has proved the lease already.
pub(crate) fn save_progress(tx: &mut Tx<'_>, id: JobId, progress: &impl Serialize) -> Result<(), CatalogError> {
    let text = serde_json::to_string(progress).map_err(corrupt)?;
    diesel::update(jobs::table.find(id.to_string())).set(jobs::progress.eq(text)).execute(tx.conn)?;
    Ok(())
}

/// Queues again what its worker has left, so that nothing is called running that nobody works on; gives how many.
pub(crate) fn release_abandoned(tx: &mut Tx<'_>, kind: Kind, dead: &[String]) -> Result<usize, CatalogError> {
    let ids: Vec<String> = abandoned(tx, kind, dead)?.iter().map(ToString::to_string).collect();
    let now = tx.now.as_micros();
    // Somebody may have claimed one since it was looked at: what is released must still be the dead worker's at this moment.
    let released = diesel::update(jobs::table.filter(jobs::id.eq_any(&ids)))
        .filter(jobs::state.eq(JobState::Running.as_str()))
        .filter(jobs::leased_until.lt(now).or(jobs::lease_holder.eq_any(dead)))
        .set((
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::run_after.eq(now),
            jobs::lease_holder.eq(None::<String>),
            jobs::leased_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    Ok(released)
}

/// Puts a leased job aside without ending it: queued again after a while, or held for a person.
pub(crate) fn lay_aside(
    tx: &mut Tx<'_>,
    id: JobId,
    state: JobState,
    run_after: Timestamp,
    error: Option<&str>,
) -> Result<(), CatalogError> {
    diesel::update(jobs::table.find(id.to_string()))
        .set((
            jobs::state.eq(state.as_str()),
            jobs::error.eq(error),
            jobs::run_after.eq(run_after.as_micros()),
            jobs::lease_holder.eq(None::<String>),
            jobs::leased_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Ends a job; nobody holds it afterwards.
pub(crate) fn end(tx: &mut Tx<'_>, id: JobId, state: JobState, error: Option<&str>) -> Result<(), CatalogError> {
    diesel::update(jobs::table.find(id.to_string()))
        .set((
            jobs::state.eq(state.as_str()),
            jobs::error.eq(error),
            jobs::lease_holder.eq(None::<String>),
            jobs::leased_until.eq(None::<i64>),
            jobs::finished_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What ends a job that its workers did not survive.
pub(crate) const EXHAUSTED: &str = "the worker died too often while working on it";

/// The refusal for a job in the wrong state.
pub(crate) fn wrong_state(id: JobId, state: JobState, problem: &'static str) -> CatalogError {
    CatalogError::WrongState { what: format!("job {id}"), state: state.as_str().to_owned(), problem }
}
