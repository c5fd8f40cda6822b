//! Harvest jobs: queued, claimed by lease, resumed by whoever takes over, ended in exactly one state.

use diesel::prelude::*;
use fairground_domain::{JobId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Sums;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::{harvest_records, jobs};

const KIND: &str = "harvest";
/// How long a lease holds without a heartbeat, in seconds.
pub const LEASE_SECS: i64 = 30;
/// How often a job is begun or taken over before it counts as failed for good.
const MAX_ATTEMPTS: i32 = 25;

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
}

/// What is asked of a job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HarvestPayload {
    /// Nothing is kept: the job says what would happen.
    pub dry_run: bool,
    /// A person has approved what the brake would hold.
    pub approved: bool,
    /// The address or path to read this time, when it is not the source's own.
    pub url: Option<String>,
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Fetching the source into the spool.
    #[default]
    Gather,
    /// Bringing records into the catalogue.
    Import,
    /// Withdrawing what is gone at the source.
    Sweep,
    /// Nothing is left to do.
    Done,
}

/// How far a job has come, saved with every batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HarvestProgress {
    /// What it does now.
    pub stage: Stage,
    /// Records imported so far: the next one's number.
    pub position: u64,
    /// Records in the source, once known.
    pub total: Option<u64>,
    /// What became of them.
    pub sums: Sums,
    /// Datasets that the brake holds.
    pub braked: u64,
    /// Public datasets of the source when the brake was tried.
    pub before: u64,
    /// Remarks for people: an incomplete gather, an unchanged source.
    pub notes: Vec<String>,
}

/// One run of a harvest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarvestJob {
    /// Its id.
    pub id: JobId,
    /// What is harvested.
    pub source_id: SourceId,
    /// Where it stands.
    pub state: JobState,
    /// What is asked of it.
    pub payload: HarvestPayload,
    /// How far it has come.
    pub progress: HarvestProgress,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was begun or taken over.
    pub attempts: i32,
    /// Who works on it.
    pub lease_holder: Option<String>,
    /// Until when, unless a heartbeat comes.
    pub leased_until: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// The right to work on a job, proved by every write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// The worker that holds it.
    pub holder: String,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs, treat_none_as_default_value = false)]
struct JobRow {
    id: String,
    kind: String,
    subject_id: String,
    payload: String,
    state: String,
    progress: String,
    error: Option<String>,
    attempts: i32,
    run_after: i64,
    lease_holder: Option<String>,
    leased_until: Option<i64>,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("job", problem)
}

impl TryFrom<JobRow> for HarvestJob {
    type Error = CatalogError;

    fn try_from(row: JobRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            source_id: row.subject_id.parse().map_err(corrupt)?,
            state: JobState::parse(&row.state).ok_or_else(|| corrupt(format!("state `{}`", row.state)))?,
            payload: serde_json::from_str(&row.payload).map_err(corrupt)?,
            progress: serde_json::from_str(&row.progress).map_err(corrupt)?,
            error: row.error,
            attempts: row.attempts,
            lease_holder: row.lease_holder,
            leased_until: row.leased_until.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(row.created_at),
            started_at: row.started_at.map(Timestamp::from_micros),
            finished_at: row.finished_at.map(Timestamp::from_micros),
        })
    }
}

/// Asks for a harvest of a source.
///
/// # Errors
/// `Storage` when the database fails.
pub fn enqueue(tx: &mut Tx<'_>, source: SourceId, payload: &HarvestPayload) -> Result<HarvestJob, CatalogError> {
    let row = JobRow {
        id: JobId::new().to_string(),
        kind: KIND.to_owned(),
        subject_id: source.to_string(),
        payload: serde_json::to_string(payload).map_err(corrupt)?,
        state: JobState::Queued.as_str().to_owned(),
        progress: "{}".to_owned(),
        error: None,
        attempts: 0,
        run_after: tx.now.as_micros(),
        lease_holder: None,
        leased_until: None,
        created_at: tx.now.as_micros(),
        started_at: None,
        finished_at: None,
    };
    diesel::insert_into(jobs::table).values(&row).execute(tx.conn)?;
    row.try_into()
}

/// The job of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_job(tx: &mut Tx<'_>, id: JobId) -> Result<HarvestJob, CatalogError> {
    jobs::table
        .find(id.to_string())
        .filter(jobs::kind.eq(KIND))
        .select(JobRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("job", id))?
        .try_into()
}

/// The source's job that is queued, running or held by the brake, if any.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_unfinished(tx: &mut Tx<'_>, source: SourceId) -> Result<Option<HarvestJob>, CatalogError> {
    let unfinished = [JobState::Queued, JobState::Running, JobState::AwaitingApproval].map(JobState::as_str);
    jobs::table
        .filter(jobs::kind.eq(KIND))
        .filter(jobs::subject_id.eq(source.to_string()))
        .filter(jobs::state.eq_any(unfinished))
        .order(jobs::created_at.desc())
        .select(JobRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(HarvestJob::try_from)
        .transpose()
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only of this source.
    pub source: Option<SourceId>,
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only older than this one (ids sort by birth): the cursor.
    pub before: Option<JobId>,
}

/// Jobs, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_jobs(tx: &mut Tx<'_>, filter: &JobFilter, limit: i64) -> Result<Vec<HarvestJob>, CatalogError> {
    let mut query = jobs::table
        .filter(jobs::kind.eq(KIND))
        .order(jobs::id.desc())
        .limit(limit)
        .select(JobRow::as_select())
        .into_boxed();
    if let Some(source) = filter.source {
        query = query.filter(jobs::subject_id.eq(source.to_string()));
    }
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state.as_str()));
    }
    if let Some(before) = filter.before {
        query = query.filter(jobs::id.lt(before.to_string()));
    }
    query.load(tx.conn)?.into_iter().map(HarvestJob::try_from).collect()
}

/// Takes a job that is queued, or whose lease has run out, or whose holder is among `dead`.
///
/// Gives `None` when somebody else works on it, or when it is not to be worked on. A job that was begun too often is
/// ended as failed instead.
///
/// # Errors
/// `Storage` when the database fails.
pub fn claim(
    tx: &mut Tx<'_>,
    id: JobId,
    holder: &str,
    dead: &[String],
) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
    let job = get_job(tx, id)?;
    let free = match job.state {
        JobState::Queued => true,
        JobState::Running => {
            job.leased_until.is_none_or(|until| until < tx.now)
                || job.lease_holder.as_ref().is_some_and(|holder| dead.contains(holder))
        }
        JobState::AwaitingApproval | JobState::Completed | JobState::Failed | JobState::Cancelled => false,
    };
    if !free {
        return Ok(None);
    }
    if job.attempts >= MAX_ATTEMPTS {
        end(tx, id, JobState::Failed, Some("the worker died too often while working on it"))?;
        return Ok(None);
    }
    let mut update = diesel::update(jobs::table.find(id.to_string()))
        .filter(jobs::attempts.eq(job.attempts))
        .filter(jobs::state.eq(job.state.as_str()))
        .into_boxed();
    update = match &job.lease_holder {
        Some(previous) => update.filter(jobs::lease_holder.eq(previous.clone())),
        None => update.filter(jobs::lease_holder.is_null()),
    };
    let claimed = update
        .set((
            jobs::state.eq(JobState::Running.as_str()),
            jobs::lease_holder.eq(holder),
            jobs::leased_until.eq(tx.now.plus_secs(LEASE_SECS).as_micros()),
            jobs::attempts.eq(job.attempts + 1),
            jobs::started_at.eq(job.started_at.unwrap_or(tx.now).as_micros()),
        ))
        .execute(tx.conn)?;
    if claimed == 0 {
        return Ok(None);
    }
    Ok(Some((get_job(tx, id)?, Lease { job: id, holder: holder.to_owned() })))
}

/// Takes the oldest job that is free, if any.
///
/// # Errors
/// `Storage` when the database fails.
pub fn claim_next(tx: &mut Tx<'_>, holder: &str, dead: &[String]) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
    const LOOK_AT: i64 = 20;
    let now = tx.now.as_micros();
    let mut query = jobs::table
        .filter(jobs::kind.eq(KIND))
        .filter(
            jobs::state
                .eq(JobState::Queued.as_str())
                .and(jobs::run_after.le(now))
                .or(jobs::state.eq(JobState::Running.as_str()).and(jobs::leased_until.lt(now))),
        )
        .order(jobs::created_at)
        .limit(LOOK_AT)
        .select(jobs::id)
        .into_boxed();
    if !dead.is_empty() {
        query = query.or_filter(
            jobs::kind.eq(KIND).and(jobs::state.eq(JobState::Running.as_str())).and(jobs::lease_holder.eq_any(dead)),
        );
    }
    let candidates: Vec<String> = query.load(tx.conn)?;
    for id in candidates {
        if let Some(claimed) = claim(tx, id.parse().map_err(corrupt)?, holder, dead)? {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
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
    match get_job(tx, lease.job)?.state {
        JobState::Cancelled => Err(CatalogError::Cancelled(lease.job)),
        _ => Err(CatalogError::LeaseLost(lease.job)),
    }
}

/// Saves how far the job has come, and renews the lease.
///
/// # Errors
/// As [`heartbeat`].
pub fn checkpoint(tx: &mut Tx<'_>, lease: &Lease, progress: &HarvestProgress) -> Result<(), CatalogError> {
    heartbeat(tx, lease)?;
    let text = serde_json::to_string(progress).map_err(corrupt)?;
    diesel::update(jobs::table.find(lease.job.to_string())).set(jobs::progress.eq(text)).execute(tx.conn)?;
    Ok(())
}

/// Ends the job well. `unchanged` rows of the source's earlier jobs are dropped: their sums stay in the jobs.
///
/// # Errors
/// As [`heartbeat`].
pub fn complete(tx: &mut Tx<'_>, lease: &Lease, progress: &HarvestProgress) -> Result<HarvestJob, CatalogError> {
    checkpoint(tx, lease, progress)?;
    let job = get_job(tx, lease.job)?;
    if !job.payload.dry_run {
        diesel::delete(
            harvest_records::table
                .filter(harvest_records::source_id.eq(job.source_id.to_string()))
                .filter(harvest_records::job_id.ne(job.id.to_string()))
                .filter(harvest_records::outcome.eq(super::Outcome::Unchanged.as_str())),
        )
        .execute(tx.conn)?;
    }
    end(tx, lease.job, JobState::Completed, None)
}

/// Ends the job as failed; what the catalogue held before stays.
///
/// # Errors
/// As [`heartbeat`].
pub fn fail(tx: &mut Tx<'_>, lease: &Lease, error: &str) -> Result<HarvestJob, CatalogError> {
    heartbeat(tx, lease)?;
    end(tx, lease.job, JobState::Failed, Some(error))
}

/// Stops before the sweep: a person decides.
///
/// # Errors
/// As [`heartbeat`].
pub fn pause_for_approval(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: &HarvestProgress,
) -> Result<HarvestJob, CatalogError> {
    checkpoint(tx, lease, progress)?;
    diesel::update(jobs::table.find(lease.job.to_string()))
        .set((
            jobs::state.eq(JobState::AwaitingApproval.as_str()),
            jobs::lease_holder.eq(None::<String>),
            jobs::leased_until.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    let job = get_job(tx, lease.job)?;
    announce(tx, &job)?;
    Ok(job)
}

/// Lets a braked job go on: it is queued again, approved.
///
/// # Errors
/// `WrongState` when the job does not wait for approval.
pub fn approve(tx: &mut Tx<'_>, id: JobId) -> Result<HarvestJob, CatalogError> {
    let job = get_job(tx, id)?;
    if job.state != JobState::AwaitingApproval {
        return Err(wrong_state(&job, "only a job that awaits approval can be approved"));
    }
    let payload = serde_json::to_string(&HarvestPayload { approved: true, ..job.payload }).map_err(corrupt)?;
    diesel::update(jobs::table.find(id.to_string()))
        .set((
            jobs::payload.eq(payload),
            jobs::state.eq(JobState::Queued.as_str()),
            jobs::run_after.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    get_job(tx, id)
}

/// Stops a job: its worker notices at its next write.
///
/// # Errors
/// `WrongState` when the job has ended.
pub fn cancel(tx: &mut Tx<'_>, id: JobId) -> Result<HarvestJob, CatalogError> {
    let job = get_job(tx, id)?;
    match job.state {
        JobState::Queued | JobState::Running | JobState::AwaitingApproval => {
            end(tx, id, JobState::Cancelled, Some("stopped by a person"))
        }
        JobState::Completed | JobState::Failed | JobState::Cancelled => {
            Err(wrong_state(&job, "it has ended and cannot be stopped"))
        }
    }
}

fn wrong_state(job: &HarvestJob, problem: &'static str) -> CatalogError {
    CatalogError::WrongState { what: format!("job {}", job.id), state: job.state.as_str().to_owned(), problem }
}

fn end(tx: &mut Tx<'_>, id: JobId, state: JobState, error: Option<&str>) -> Result<HarvestJob, CatalogError> {
    diesel::update(jobs::table.find(id.to_string()))
        .set((
            jobs::state.eq(state.as_str()),
            jobs::error.eq(error),
            jobs::lease_holder.eq(None::<String>),
            jobs::leased_until.eq(None::<i64>),
            jobs::finished_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    let job = get_job(tx, id)?;
    announce(tx, &job)?;
    Ok(job)
}

fn announce(tx: &mut Tx<'_>, job: &HarvestJob) -> Result<(), CatalogError> {
    if job.payload.dry_run {
        return Ok(());
    }
    journal::append(
        tx,
        Event {
            kind: EventKind::HarvestEnded,
            subject_id: job.id.to_string(),
            actor: format!("source:{}", job.source_id),
            payload: json!({ "source": job.source_id, "state": job.state, "counts": job.progress.sums.datasets }),
        },
    )?;
    Ok(())
}
