//! Harvest jobs: queued, claimed by lease, resumed by whoever takes over, ended in exactly one state.

use diesel::prelude::*;
use fairground_domain::{JobId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Sums;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::job::{self, Claim, EXHAUSTED, JobRow, JobState, Kind, Lease, NewJob, corrupt, heartbeat, wrong_state};
use crate::journal::{self, Event, EventKind};
use crate::schema::{harvest_records, jobs};

/// What harvests are called among jobs.
pub(crate) const JOB_KIND: &str = "harvest";
const KIND: Kind = Kind { name: JOB_KIND, max_attempts: 25 };

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
    /// Only descriptions: no loads of tables are asked for.
    pub no_tables: bool,
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
    /// How often the whole harvest failed for something that may pass, and was put off.
    pub put_off: u32,
    /// Datasets that the source no longer lists and that stay public until their grace period is over.
    pub in_grace: u64,
    /// Datasets that are shown as one with another source's since this run.
    pub merged: u64,
    /// Numbers of records that wait for the end of the source; see [`super::MOST_DEFERRED`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<u64>,
    /// Changes that a dry run has kept.
    pub changes: u64,
    /// The source was asked for changes alone: what did not come is not missing.
    pub only_changes: bool,
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
    /// Not before when it is worked on, as long as it is queued: a failure that may pass put it off.
    pub run_after: Timestamp,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl TryFrom<JobRow> for HarvestJob {
    type Error = CatalogError;

    fn try_from(row: JobRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id()?,
            source_id: row.subject_id.parse().map_err(corrupt)?,
            state: row.state()?,
            payload: serde_json::from_str(&row.payload).map_err(corrupt)?,
            progress: serde_json::from_str(&row.progress).map_err(corrupt)?,
            error: row.error,
            attempts: row.attempts,
            lease_holder: row.lease_holder,
            leased_until: row.leased_until.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(row.created_at),
            run_after: Timestamp::from_micros(row.run_after),
            started_at: row.started_at.map(Timestamp::from_micros),
            finished_at: row.finished_at.map(Timestamp::from_micros),
        })
    }
}

/// Asks for a harvest of a source.
///
/// # Errors
/// `WrongState` while the source waits for an operator's approval, `NotFound` when it was deleted.
pub fn enqueue(tx: &mut Tx<'_>, source: SourceId, payload: &HarvestPayload) -> Result<HarvestJob, CatalogError> {
    crate::source::must_be_approved(tx, source)?;
    let new = NewJob {
        subject_id: source.to_string(),
        payload: serde_json::to_string(payload).map_err(corrupt)?,
        lane: String::new(),
        origin: String::new(),
    };
    let row = JobRow::new(KIND, new, tx.now);
    job::insert(tx, std::slice::from_ref(&row))?;
    row.try_into()
}

/// The job of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_job(tx: &mut Tx<'_>, id: JobId) -> Result<HarvestJob, CatalogError> {
    job::get(tx, KIND, id)?.try_into()
}

/// The source's job that is queued, running or held by the brake, if any.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_unfinished(tx: &mut Tx<'_>, source: SourceId) -> Result<Option<HarvestJob>, CatalogError> {
    let unfinished = [JobState::Queued, JobState::Running, JobState::AwaitingApproval].map(JobState::as_str);
    jobs::table
        .filter(jobs::kind.eq(KIND.name))
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
        .filter(jobs::kind.eq(KIND.name))
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
    match job::claim(tx, KIND, id, holder, dead)? {
        Claim::Taken(row, lease) => Ok(Some(((*row).try_into()?, lease))),
        Claim::NotFree => Ok(None),
        Claim::Exhausted => {
            end(tx, id, JobState::Failed, Some(EXHAUSTED))?;
            Ok(None)
        }
    }
}

/// Takes a job that its worker has left, else the oldest that is due, if any.
///
/// # Errors
/// `Storage` when the database fails.
pub fn claim_next(tx: &mut Tx<'_>, holder: &str, dead: &[String]) -> Result<Option<(HarvestJob, Lease)>, CatalogError> {
    let mut candidates = job::abandoned(tx, KIND, dead)?;
    candidates.extend(job::due(tx, KIND)?);
    for id in candidates {
        if let Some(claimed) = claim(tx, id, holder, dead)? {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

/// Whether there is a job to be taken: one that is due, or that its worker has left. A look without the write lock.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_any_free(tx: &mut Tx<'_>, dead: &[String]) -> Result<bool, CatalogError> {
    Ok(!job::due(tx, KIND)?.is_empty() || !job::abandoned(tx, KIND, dead)?.is_empty())
}

/// Saves how far the job has come, and renews the lease.
///
/// # Errors
/// As [`heartbeat`].
pub fn checkpoint(tx: &mut Tx<'_>, lease: &Lease, progress: &HarvestProgress) -> Result<(), CatalogError> {
    job::checkpoint(tx, lease, progress)
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

/// Puts the job off until `until`, as what stopped it may pass: it waits, and says why. It keeps its position.
///
/// # Errors
/// As [`heartbeat`].
pub fn put_off(tx: &mut Tx<'_>, lease: &Lease, until: Timestamp, error: &str) -> Result<HarvestJob, CatalogError> {
    heartbeat(tx, lease)?;
    let progress = get_job(tx, lease.job)?.progress;
    let progress = HarvestProgress { put_off: progress.put_off + 1, ..progress };
    job::save_progress(tx, lease.job, &progress)?;
    job::lay_aside(tx, lease.job, JobState::Queued, until, Some(error))?;
    get_job(tx, lease.job)
}

/// Queues again the harvests that their workers have left (a lease that ran out, a holder among `dead`); gives how many.
///
/// # Errors
/// `Storage` when the database fails.
pub fn release_abandoned(tx: &mut Tx<'_>, dead: &[String]) -> Result<usize, CatalogError> {
    job::release_abandoned(tx, KIND, dead)
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
    let now = tx.now;
    job::lay_aside(tx, lease.job, JobState::AwaitingApproval, now, None)?;
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
        return Err(wrong_state(id, job.state, "only a job that awaits approval can be approved"));
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
            Err(wrong_state(id, job.state, "it has ended and cannot be stopped"))
        }
    }
}

fn end(tx: &mut Tx<'_>, id: JobId, state: JobState, error: Option<&str>) -> Result<HarvestJob, CatalogError> {
    job::end(tx, id, state, error)?;
    let job = get_job(tx, id)?;
    announce(tx, &job)?;
    Ok(job)
}

fn announce(tx: &mut Tx<'_>, job: &HarvestJob) -> Result<(), CatalogError> {
    if job.payload.dry_run {
        return Ok(());
    }
    crate::source::queue_reports(tx, job)?;
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
