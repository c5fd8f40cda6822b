//! Loads: jobs that bring one distribution's file into tables.

use diesel::prelude::*;
use fairground_domain::{DatasetId, DistributionId, JobId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};

use super::file::{FileRow, checked_since, forget_files, note_checked, save_file};
use super::follow::{Duplicates, enqueue_all, requests_of};
use super::publish::withdraw_rows;
use super::store::rows_of_distribution;
use super::{DistributionFile, TableState};
use crate::dataset::{self, Dataset};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::job::{self, Claim, EXHAUSTED, JobRow, JobState, Kind, Lease, corrupt, heartbeat, wrong_state};
use crate::journal;
use crate::schema::jobs;

/// How often a load is begun, taken over or tried again before it counts as failed for good.
pub const LOAD_ATTEMPTS: i32 = 4;
/// The pause after the first failure that may pass, in seconds; four times as long after each further one.
const BACK_OFF_SECS: i64 = 60;
/// Ended loads of a distribution that are kept beside the newest.
const ENDED_KEPT: i64 = 5;
/// Jobs read in one go.
const PAGE: i64 = 1_000;

pub(crate) const KIND: Kind = Kind { name: "load", max_attempts: LOAD_ATTEMPTS };

/// What is asked of a load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPayload {
    /// The dataset whose distribution it is.
    pub dataset: DatasetId,
    /// Whether to read the file even if it is as before.
    #[serde(default)]
    pub afresh: bool,
}

/// What a load does now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadStage {
    /// Nothing yet.
    #[default]
    Waiting,
    /// The file is being fetched.
    Fetch,
    /// The file is being read and written as snapshots.
    Read,
    /// Nothing is left to do.
    Done,
}

/// How a load ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoadOutcome {
    /// The file was read and its tables are published.
    Loaded,
    /// The file is the one that was loaded before.
    Unchanged,
    /// The catalogue no longer lists the distribution, or it holds no file.
    Gone,
    /// The personal-data gate holds the file; what was published before stays.
    Held,
}

/// How far a load has come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadProgress {
    /// What it does now.
    pub stage: LoadStage,
    /// Bytes fetched.
    pub bytes: u64,
    /// Rows read so far; in the end, rows of all tables in the file.
    pub rows: u64,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<LoadOutcome>,
    /// Tables with a new version.
    pub loaded: u64,
    /// Tables as before.
    pub unchanged: u64,
    /// Rows that the new versions could not take.
    pub quarantined: u64,
    /// Remarks for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// One run of a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadJob {
    /// Its id.
    pub id: JobId,
    /// The distribution whose file is loaded.
    pub distribution: DistributionId,
    /// The harvest source that the dataset came from.
    pub source_id: Option<SourceId>,
    /// The host that is asked.
    pub host: String,
    /// Where it stands.
    pub state: JobState,
    /// What is asked of it.
    pub payload: LoadPayload,
    /// How far it has come.
    pub progress: LoadProgress,
    /// Why it failed, or why it will be tried again.
    pub error: Option<String>,
    /// How often it was begun.
    pub attempts: i32,
    /// Not before this moment.
    pub run_after: Timestamp,
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

impl TryFrom<JobRow> for LoadJob {
    type Error = CatalogError;

    fn try_from(row: JobRow) -> Result<Self, CatalogError> {
        let source = Some(row.origin.as_str()).filter(|origin| !origin.is_empty());
        Ok(Self {
            id: row.id()?,
            distribution: row.subject_id.parse().map_err(corrupt)?,
            source_id: source.map(str::parse).transpose().map_err(corrupt)?,
            state: row.state()?,
            host: row.lane,
            payload: serde_json::from_str(&row.payload).map_err(corrupt)?,
            progress: serde_json::from_str(&row.progress).map_err(corrupt)?,
            error: row.error,
            attempts: row.attempts,
            run_after: Timestamp::from_micros(row.run_after),
            lease_holder: row.lease_holder,
            leased_until: row.leased_until.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(row.created_at),
            started_at: row.started_at.map(Timestamp::from_micros),
            finished_at: row.finished_at.map(Timestamp::from_micros),
        })
    }
}

/// Asks for a load of one distribution of a dataset, or of all its tabular ones; gives how many were enqueued. Those whose load
/// waits already are hastened instead.
///
/// # Errors
/// `NotFound` when the dataset has no such tabular distribution.
pub fn enqueue_load(
    tx: &mut Tx<'_>,
    dataset: &Dataset,
    distribution: Option<DistributionId>,
    afresh: bool,
) -> Result<usize, CatalogError> {
    let source = dataset.provenance.as_ref().map(|provenance| provenance.source_id);
    let mut requests = requests_of(dataset.id, source, &dataset.draft);
    requests.retain(|request| distribution.is_none_or(|wanted| request.distribution == wanted));
    if let Some(wanted) = distribution.filter(|_| requests.is_empty()) {
        return Err(CatalogError::not_found("distribution", wanted));
    }
    requests.iter_mut().for_each(|request| request.afresh = afresh);
    enqueue_all(tx, requests, Duplicates::OfQueued)
}

/// Asks for loads of the public files of a source, a page of datasets at a time by their identities within it, from after `after`:
/// all that are not under way and were not looked at since `since`. Gives where the next page begins; `None` at the end.
///
/// # Errors
/// `Storage` when the database fails.
pub fn enqueue_source(
    tx: &mut Tx<'_>,
    source: SourceId,
    after: Option<&str>,
    since: Timestamp,
) -> Result<Option<String>, CatalogError> {
    const DATASETS: i64 = 500;
    let keys = dataset::keys_of_source(tx, source, after.unwrap_or_default(), DATASETS)?;
    let Some((_, _, last)) = keys.last() else { return Ok(None) };
    let last = last.clone();
    let ids: Vec<String> = keys.into_iter().map(|(id, _, _)| id).collect();
    let mut requests = Vec::new();
    for dataset in dataset::list_by_ids(tx, &ids)? {
        requests.extend(requests_of(dataset.id, Some(source), &dataset.draft));
    }
    let distributions: Vec<String> = requests.iter().map(|request| request.distribution.to_string()).collect();
    let checked = checked_since(tx, &distributions, since)?;
    requests.retain(|request| !checked.contains(&request.distribution.to_string()));
    enqueue_all(tx, requests, Duplicates::OfUnfinished)?;
    Ok(Some(last))
}

/// The load of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_load(tx: &mut Tx<'_>, id: JobId) -> Result<LoadJob, CatalogError> {
    job::get(tx, KIND, id)?.try_into()
}

/// Which loads to list.
#[derive(Debug, Clone, Default)]
pub struct LoadFilter {
    /// Only of these distributions.
    pub distributions: Option<Vec<DistributionId>>,
    /// Only of this source's datasets.
    pub source: Option<SourceId>,
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only older than this one (ids sort by birth): the cursor.
    pub before: Option<JobId>,
}

/// Loads, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_loads(tx: &mut Tx<'_>, filter: &LoadFilter, limit: i64) -> Result<Vec<LoadJob>, CatalogError> {
    let mut query = jobs::table.order(jobs::id.desc()).limit(limit).select(JobRow::as_select()).into_boxed();
    if let Some(distributions) = &filter.distributions {
        let ids: Vec<String> = distributions.iter().map(ToString::to_string).collect();
        // The kind as an expression, which no index holds: else SQLite goes through the loads of all files to find those of these.
        query = query.filter(jobs::subject_id.eq_any(ids)).filter(jobs::kind.concat("").eq(KIND.name));
    } else {
        query = query.filter(jobs::kind.eq(KIND.name));
    }
    if let Some(source) = filter.source {
        query = query.filter(jobs::origin.eq(source.to_string()));
    }
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state.as_str()));
    }
    if let Some(before) = filter.before {
        query = query.filter(jobs::id.lt(before.to_string()));
    }
    query.load(tx.conn)?.into_iter().map(LoadJob::try_from).collect()
}

/// What loads a worker takes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Turn<'a> {
    /// Names of workers that are dead for certain.
    pub dead: &'a [String],
    /// Hosts that are asked enough at the moment.
    pub busy: &'a [String],
    /// The host that had its turn last: the next one in order is served, so that no host waits for another.
    pub last_host: &'a str,
    /// Only loads of this source's datasets.
    pub source: Option<SourceId>,
}

/// Whether there may be something to take: a look that needs no write lock.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_load_due(tx: &mut Tx<'_>, turn: &Turn<'_>) -> Result<bool, CatalogError> {
    if next_host(tx, turn, "")?.is_some() {
        return Ok(true);
    }
    Ok(!job::abandoned(tx, KIND, turn.dead)?.is_empty())
}

/// The first host after that one, in order, with a load that is due. It goes from host to host by the index, so that loads that
/// were put off cost nothing, however many they are.
fn next_host(tx: &mut Tx<'_>, turn: &Turn<'_>, after: &str) -> Result<Option<String>, CatalogError> {
    let mut after = after.to_owned();
    loop {
        let next: Option<String> = jobs::table
            .filter(jobs::kind.eq(KIND.name))
            .filter(jobs::state.eq(JobState::Queued.as_str()))
            .filter(jobs::lane.gt(&after))
            .order(jobs::lane)
            .select(jobs::lane)
            .first(tx.conn)
            .optional()?;
        let Some(host) = next else { return Ok(None) };
        let mut due = jobs::table
            .filter(jobs::kind.eq(KIND.name))
            .filter(jobs::state.eq(JobState::Queued.as_str()))
            .filter(jobs::lane.eq(host.clone()))
            .filter(jobs::run_after.le(tx.now.as_micros()))
            .order(jobs::run_after)
            .select(jobs::id)
            .into_boxed();
        if let Some(source) = turn.source {
            due = due.filter(jobs::origin.eq(source.to_string()));
        }
        if due.first::<String>(tx.conn).optional()?.is_some() {
            return Ok(Some(host));
        }
        after = host;
    }
}

/// Takes a load, if one is free: one that its worker has left, else the oldest of the next host that is not busy.
///
/// # Errors
/// `Storage` when the database fails.
pub fn claim_next_load(
    tx: &mut Tx<'_>,
    holder: &str,
    turn: &Turn<'_>,
) -> Result<Option<(LoadJob, Lease)>, CatalogError> {
    for id in job::abandoned(tx, KIND, turn.dead)? {
        if let Some(claimed) = claim_load(tx, id, holder, turn.dead)? {
            return Ok(Some(claimed));
        }
    }
    // From the host after the last one to the end, then from the beginning.
    let mut host = turn.last_host.to_owned();
    let mut wrapped = turn.last_host.is_empty();
    loop {
        match next_host(tx, turn, &host)? {
            Some(next) => host = next,
            None if wrapped => return Ok(None),
            None => {
                wrapped = true;
                host.clear();
                continue;
            }
        }
        if !turn.busy.contains(&host)
            && let Some(claimed) = claim_of_host(tx, holder, turn, &host)?
        {
            return Ok(Some(claimed));
        }
    }
}

fn claim_of_host(
    tx: &mut Tx<'_>,
    holder: &str,
    turn: &Turn<'_>,
    host: &str,
) -> Result<Option<(LoadJob, Lease)>, CatalogError> {
    const LOOK_AT: i64 = 10;
    let mut query = jobs::table
        .filter(jobs::kind.eq(KIND.name))
        .filter(jobs::state.eq(JobState::Queued.as_str()))
        .filter(jobs::lane.eq(host.to_owned()))
        .filter(jobs::run_after.le(tx.now.as_micros()))
        .order((jobs::run_after, jobs::id))
        .limit(LOOK_AT)
        .select(jobs::id)
        .into_boxed();
    if let Some(source) = turn.source {
        query = query.filter(jobs::origin.eq(source.to_string()));
    }
    let ids: Vec<String> = query.load(tx.conn)?;
    for id in ids {
        if let Some(claimed) = claim_load(tx, id.parse().map_err(corrupt)?, holder, turn.dead)? {
            return Ok(Some(claimed));
        }
    }
    Ok(None)
}

/// Takes a load that is queued, or whose lease has run out, or whose holder is among `dead`; one that was begun too often is
/// ended as failed instead.
///
/// # Errors
/// `Storage` when the database fails.
pub fn claim_load(
    tx: &mut Tx<'_>,
    id: JobId,
    holder: &str,
    dead: &[String],
) -> Result<Option<(LoadJob, Lease)>, CatalogError> {
    match job::claim(tx, KIND, id, holder, dead)? {
        Claim::Taken(row, lease) => Ok(Some(((*row).try_into()?, lease))),
        Claim::NotFree => Ok(None),
        Claim::Exhausted => {
            end(tx, id, JobState::Failed, Some(EXHAUSTED))?;
            Ok(None)
        }
    }
}

/// Saves how far the load has come, and renews the lease.
///
/// # Errors
/// As [`heartbeat`].
pub fn checkpoint_load(tx: &mut Tx<'_>, lease: &Lease, progress: &LoadProgress) -> Result<(), CatalogError> {
    job::checkpoint(tx, lease, progress)
}

/// Ends a load whose tables are published.
pub(super) fn complete_load(tx: &mut Tx<'_>, lease: &Lease, progress: LoadProgress) -> Result<LoadJob, CatalogError> {
    complete(tx, lease, progress, LoadOutcome::Loaded)
}

fn complete(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: LoadProgress,
    outcome: LoadOutcome,
) -> Result<LoadJob, CatalogError> {
    let progress = LoadProgress { stage: LoadStage::Done, outcome: Some(outcome), ..progress };
    job::checkpoint(tx, lease, &progress)?;
    end(tx, lease.job, JobState::Completed, None)
}

/// Ends a load whose file is the one that was loaded before; `seen` is what the server said this time.
///
/// # Errors
/// As [`heartbeat`].
pub fn finish_unchanged(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: &LoadProgress,
    seen: &DistributionFile,
) -> Result<LoadJob, CatalogError> {
    heartbeat(tx, lease)?;
    save_file(tx, &FileRow::of(seen, tx.now)?)?;
    let mut progress = progress.clone();
    for row in rows_of_distribution(tx, seen.distribution)? {
        if row.state == TableState::PUBLISHED {
            progress.unchanged += 1;
            progress.rows += u64::try_from(row.row_count).unwrap_or_default();
        }
    }
    complete(tx, lease, progress, LoadOutcome::Unchanged)
}

/// Ends a load whose file the personal-data gate holds; `seen` is remembered, so that the same file is not read again until
/// somebody decides.
///
/// # Errors
/// As [`heartbeat`].
pub fn finish_held(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: &LoadProgress,
    seen: &DistributionFile,
) -> Result<LoadJob, CatalogError> {
    heartbeat(tx, lease)?;
    save_file(tx, &FileRow::of(seen, tx.now)?)?;
    complete(tx, lease, progress.clone(), LoadOutcome::Held)
}

/// Ends a load of an uploaded file that was kept for a reviewer, published by [`super::place_upload`].
///
/// # Errors
/// As [`heartbeat`].
pub fn finish_upload(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: &LoadProgress,
    held: bool,
) -> Result<LoadJob, CatalogError> {
    heartbeat(tx, lease)?;
    complete(tx, lease, progress.clone(), if held { LoadOutcome::Held } else { LoadOutcome::Loaded })
}

/// Ends a load that has nothing to do: the dataset is withdrawn, or (with `reason`, which readers are told) the distribution is
/// no longer listed or has no file any more, and its tables go.
///
/// # Errors
/// As [`heartbeat`].
pub fn finish_gone(tx: &mut Tx<'_>, lease: &Lease, reason: Option<&str>) -> Result<LoadJob, CatalogError> {
    heartbeat(tx, lease)?;
    let job = get_load(tx, lease.job)?;
    forget_files(tx, &[job.distribution.to_string()])?;
    if let Some(reason) = reason {
        let mut rows = rows_of_distribution(tx, job.distribution)?;
        rows.retain(|row| row.state == TableState::PUBLISHED && !row.uploaded);
        let events = withdraw_rows(tx, &rows, reason, "loader")?;
        journal::append_all(tx, events)?;
    }
    complete(tx, lease, job.progress, LoadOutcome::Gone)
}

/// Ends a load that failed; what was published before stays. One that may pass (`passes`) is tried again after a pause, unless it
/// was tried often enough; the file is looked at again after `check_after` in any case.
///
/// # Errors
/// As [`heartbeat`].
pub fn fail_load(
    tx: &mut Tx<'_>,
    lease: &Lease,
    progress: &LoadProgress,
    error: &str,
    passes: bool,
    check_after: Option<Timestamp>,
) -> Result<LoadJob, CatalogError> {
    job::checkpoint(tx, lease, progress)?;
    let job = get_load(tx, lease.job)?;
    if passes && job.attempts < LOAD_ATTEMPTS {
        let run_after = tx.now.plus_secs(pause_after(job.attempts));
        job::lay_aside(tx, lease.job, JobState::Queued, run_after, Some(error))?;
        return get_load(tx, lease.job);
    }
    note_checked(tx, job.distribution, job.payload.dataset, check_after)?;
    end(tx, lease.job, JobState::Failed, Some(error))
}

/// Loads of one host that are put off at a time, so that nobody waits long for the store.
const PUT_OFF_AT_ONCE: i64 = 2_000;

/// Puts off loads of a host that cannot be reached, as [`fail_load`] would one after another when their turn came: it counts as an
/// attempt of each. Those that have one attempt left are not touched, for their end is theirs. Gives how many it put off.
///
/// # Errors
/// `Storage` when the database fails.
pub fn put_off_host(tx: &mut Tx<'_>, host: &str, error: &str) -> Result<usize, CatalogError> {
    let mut put_off = 0;
    for attempts in 0..LOAD_ATTEMPTS - 1 {
        let due: Vec<String> = jobs::table
            .filter(jobs::kind.eq(KIND.name))
            .filter(jobs::state.eq(JobState::Queued.as_str()))
            .filter(jobs::lane.eq(host))
            .filter(jobs::run_after.le(tx.now.as_micros()))
            .filter(jobs::attempts.eq(attempts))
            .order(jobs::run_after)
            .limit(PUT_OFF_AT_ONCE)
            .select(jobs::id)
            .load(tx.conn)?;
        for ids in due.chunks(500) {
            put_off += diesel::update(jobs::table.filter(jobs::id.eq_any(ids)))
                .set((
                    jobs::attempts.eq(attempts + 1),
                    jobs::run_after.eq(tx.now.plus_secs(pause_after(attempts + 1)).as_micros()),
                    jobs::error.eq(error),
                ))
                .execute(tx.conn)?;
        }
    }
    Ok(put_off)
}

/// Seconds that a load is put off for after so many attempts.
fn pause_after(attempts: i32) -> i64 {
    let exponent = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default();
    BACK_OFF_SECS.saturating_mul(4_i64.saturating_pow(exponent))
}

/// Gives a load back that was begun and could not be gone on with, as when the process goes down: somebody else may take it at
/// once, and it does not count as an attempt.
///
/// # Errors
/// As [`heartbeat`].
pub fn release_load(tx: &mut Tx<'_>, lease: &Lease) -> Result<(), CatalogError> {
    heartbeat(tx, lease)?;
    let now = tx.now;
    job::lay_aside(tx, lease.job, JobState::Queued, now, None)?;
    diesel::update(jobs::table.find(lease.job.to_string()))
        .set(jobs::attempts.eq(jobs::attempts - 1))
        .execute(tx.conn)?;
    Ok(())
}

/// Stops a load: its worker notices at its next heartbeat.
///
/// # Errors
/// `WrongState` when it has ended.
pub fn cancel_load(tx: &mut Tx<'_>, id: JobId) -> Result<LoadJob, CatalogError> {
    let job = get_load(tx, id)?;
    if job.state.has_ended() {
        return Err(wrong_state(id, job.state, "it has ended and cannot be stopped"));
    }
    end(tx, id, JobState::Cancelled, Some("stopped by a person"))
}

fn end(tx: &mut Tx<'_>, id: JobId, state: JobState, error: Option<&str>) -> Result<LoadJob, CatalogError> {
    job::end(tx, id, state, error)?;
    let ended = get_load(tx, id)?;
    forget_older(tx, &ended)?;
    Ok(ended)
}

/// Ended loads of a distribution beyond the last few go: what they did stands in the journal.
fn forget_older(tx: &mut Tx<'_>, job: &LoadJob) -> Result<(), CatalogError> {
    let ended: Vec<&str> = JobState::ALL.into_iter().filter(|state| state.has_ended()).map(JobState::as_str).collect();
    let old: Vec<String> = jobs::table
        .filter(jobs::subject_id.eq(job.distribution.to_string()))
        .filter(jobs::kind.eq(KIND.name))
        .filter(jobs::state.eq_any(ended))
        .order(jobs::id.desc())
        .offset(ENDED_KEPT)
        .select(jobs::id)
        .load(tx.conn)?;
    if !old.is_empty() {
        diesel::delete(jobs::table.filter(jobs::id.eq_any(old))).execute(tx.conn)?;
    }
    Ok(())
}

/// Sums over loads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadSums {
    /// Tables with a new version.
    pub loaded: u64,
    /// Tables as before.
    pub unchanged: u64,
    /// Files that could not be loaded, those included that will be tried again.
    pub failed: u64,
    /// Rows that the new versions could not take.
    pub quarantined_rows: u64,
}

/// Whether loads of a source's files are due or under way; those that wait after a failure are not. One is looked for, not all
/// counted: idle workers ask this again and again, and there may be a million.
///
/// # Errors
/// `Storage` when the database fails.
pub fn has_unfinished(tx: &mut Tx<'_>, source: SourceId) -> Result<bool, CatalogError> {
    let one: Option<String> = jobs::table
        .filter(jobs::origin.eq(source.to_string()))
        .filter(jobs::kind.eq(KIND.name))
        .filter(
            jobs::state
                .eq(JobState::Running.as_str())
                .or(jobs::state.eq(JobState::Queued.as_str()).and(jobs::run_after.le(tx.now.as_micros()))),
        )
        .select(jobs::id)
        .first(tx.conn)
        .optional()?;
    Ok(one.is_some())
}

/// What became of the loads of a source's files since a moment.
///
/// # Errors
/// `Storage` when the database fails.
pub fn sum_loads(tx: &mut Tx<'_>, source: SourceId, since: Timestamp) -> Result<LoadSums, CatalogError> {
    let mut sums = LoadSums::default();
    // Behind every id, in whatever order the database keeps text.
    let mut before = String::from("z");
    loop {
        let rows: Vec<JobRow> = jobs::table
            .filter(jobs::origin.eq(source.to_string()))
            .filter(jobs::kind.eq(KIND.name))
            .filter(jobs::id.lt(before.clone()))
            .order(jobs::id.desc())
            .limit(PAGE)
            .select(JobRow::as_select())
            .load(tx.conn)?;
        let Some(last) = rows.last() else { return Ok(sums) };
        before.clone_from(&last.id);
        for row in rows {
            let job = LoadJob::try_from(row)?;
            let ended = job.finished_at.is_some_and(|at| at >= since);
            match job.state {
                JobState::Completed if ended => {
                    sums.loaded += job.progress.loaded;
                    sums.unchanged += job.progress.unchanged;
                    sums.quarantined_rows += job.progress.quarantined;
                }
                JobState::Failed | JobState::Cancelled if ended => sums.failed += 1,
                JobState::Queued if job.error.is_some() => sums.failed += 1,
                JobState::Queued
                | JobState::Running
                | JobState::AwaitingApproval
                | JobState::Completed
                | JobState::Failed
                | JobState::Cancelled => {}
            }
        }
    }
}

/// Failed loads of a source's files since a moment: what was asked for, and why it failed, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_failures(
    tx: &mut Tx<'_>,
    source: SourceId,
    since: Timestamp,
    limit: usize,
) -> Result<Vec<LoadJob>, CatalogError> {
    let filter = LoadFilter { source: Some(source), ..LoadFilter::default() };
    let jobs = list_loads(tx, &filter, PAGE)?;
    Ok(jobs
        .into_iter()
        .filter(|job| job.error.is_some() && job.finished_at.is_none_or(|at| at >= since))
        .take(limit)
        .collect())
}
