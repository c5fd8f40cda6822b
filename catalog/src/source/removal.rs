//! Deleting a source: gone at once for everybody, cleared away by a job in batches that whoever comes next goes on with.

use diesel::prelude::*;
use fairground_domain::{JobId, PublisherId, SourceId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::raw;
use super::standing::StandingRow;
use crate::dataset::{self, Publication};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::harvest::{self, HarvestSource, JobState, Lease, SourceState};
use crate::job::{self, Claim, EXHAUSTED, JobRow, Kind, NewJob, corrupt};
use crate::journal::{self, Event, EventKind};
use crate::schema::{harvest_records, harvest_sources, jobs, source_contacts, source_standings};

const KIND: Kind = Kind { name: "source-removal", max_attempts: 100 };
/// Datasets withdrawn in one transaction.
const DATASETS_AT_ONCE: i64 = 500;
/// Records forgotten in one transaction.
const RECORDS_AT_ONCE: i64 = 5_000;
/// Datasets that let go of their raw records in one transaction.
const LET_GO_AT_ONCE: i64 = 1_000;
/// Raw records that are looked for at once: each look reads all that the portal has.
const ORPHANS_AT_ONCE: i64 = 50_000;
/// Raw records removed in one transaction, while nobody can import.
const RAW_AT_ONCE: usize = 1_000;
/// What readers of a withdrawn dataset's address are told.
const REASON: &str = "The source that it came from was removed from the portal.";

/// What becomes of a deleted source's datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetsThen {
    /// They are withdrawn.
    Withdraw,
    /// They stay public as they are, and change no more.
    Keep,
}

impl DatasetsThen {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Withdraw => "withdraw",
            Self::Keep => "keep",
        }
    }
}

/// What is asked of the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovalPayload {
    /// What the source was called.
    pub slug: String,
    /// The publisher that answered for it.
    pub publisher: Option<PublisherId>,
    /// What becomes of its datasets.
    pub datasets: DatasetsThen,
    /// Who deleted it, as the journal names them.
    pub actor: String,
}

/// How far the job has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovalProgress {
    /// Datasets withdrawn so far.
    pub withdrawn: u64,
    /// Records of harvests forgotten so far.
    pub records: u64,
    /// Harvests forgotten so far.
    pub harvests: u64,
    /// Raw records removed so far: what the source had sent, and nobody else.
    pub raw_records: u64,
}

/// The clearing away of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovalJob {
    /// Its id.
    pub id: JobId,
    /// The source that was.
    pub source_id: SourceId,
    /// Where it stands.
    pub state: JobState,
    /// What is asked of it.
    pub payload: RemovalPayload,
    /// How far it has come.
    pub progress: RemovalProgress,
    /// Why it failed.
    pub error: Option<String>,
    /// How often it was begun or taken over.
    pub attempts: i32,
    /// When the source was deleted.
    pub created_at: Timestamp,
    /// When work began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

impl TryFrom<JobRow> for RemovalJob {
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
            created_at: Timestamp::from_micros(row.created_at),
            started_at: row.started_at.map(Timestamp::from_micros),
            finished_at: row.finished_at.map(Timestamp::from_micros),
        })
    }
}

/// Deletes a source: from this moment nobody finds it, its name is free, its harvests stop, and nobody is told of them any
/// more. What it leaves behind is cleared away by the job that is given back.
///
/// # Errors
/// `Storage` when the database fails.
pub fn delete_source(
    tx: &mut Tx<'_>,
    source: &HarvestSource,
    datasets: DatasetsThen,
    actor: &str,
) -> Result<RemovalJob, CatalogError> {
    while let Some(under_way) = harvest::find_unfinished(tx, source.id)? {
        harvest::cancel(tx, under_way.id)?;
    }
    let id = source.id.to_string();
    diesel::update(harvest_sources::table.find(&id))
        .set((
            harvest_sources::state.eq(SourceState::Deleted.as_str()),
            harvest_sources::slug.eq(format!("deleted-{id}")),
            harvest_sources::interval_secs.eq(None::<i64>),
            harvest_sources::updated_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    diesel::delete(source_contacts::table.filter(source_contacts::source_id.eq(&id))).execute(tx.conn)?;
    remember(tx, source, actor)?;
    let payload = RemovalPayload {
        slug: source.slug.to_string(),
        publisher: source.publisher_id,
        datasets,
        actor: actor.to_owned(),
    };
    let new = NewJob {
        subject_id: id.clone(),
        payload: serde_json::to_string(&payload).map_err(corrupt)?,
        lane: String::new(),
        origin: String::new(),
    };
    let row = JobRow::new(KIND, new, tx.now);
    job::insert(tx, std::slice::from_ref(&row))?;
    journal::append(
        tx,
        Event {
            kind: EventKind::SourceDeleted,
            subject_id: id,
            actor: actor.to_owned(),
            payload: json!({ "slug": source.slug, "datasets": datasets }),
        },
    )?;
    row.try_into()
}

fn remember(tx: &mut Tx<'_>, source: &HarvestSource, actor: &str) -> Result<(), CatalogError> {
    let id = source.id.to_string();
    let (at, by, slug) = (Some(tx.now.as_micros()), Some(actor.to_owned()), Some(source.slug.to_string()));
    let known = diesel::update(source_standings::table.find(&id))
        .set((
            source_standings::deleted_at.eq(at),
            source_standings::deleted_by.eq(&by),
            source_standings::deleted_slug.eq(&slug),
        ))
        .execute(tx.conn)?;
    if known == 0 {
        let row = StandingRow {
            source_id: id,
            proposed_by: None,
            approved_at: None,
            approved_by: None,
            deleted_at: at,
            deleted_by: by,
            deleted_slug: slug,
        };
        diesel::insert_into(source_standings::table).values(&row).execute(tx.conn)?;
    }
    Ok(())
}

/// The job of that id, if it is such a one.
///
/// # Errors
/// `NotFound` when there is none.
pub fn find_removal(tx: &mut Tx<'_>, id: JobId) -> Result<RemovalJob, CatalogError> {
    job::get(tx, KIND, id)?.try_into()
}

/// Removals, newest first; only of sources of `publisher` when one is given.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_removals(
    tx: &mut Tx<'_>,
    publisher: Option<PublisherId>,
    before: Option<JobId>,
    limit: i64,
) -> Result<Vec<RemovalJob>, CatalogError> {
    let mut query = jobs::table
        .filter(jobs::kind.eq(KIND.name))
        .order(jobs::id.desc())
        .limit(limit)
        .select(JobRow::as_select())
        .into_boxed();
    if let Some(publisher) = publisher {
        let own = harvest_sources::table
            .filter(harvest_sources::publisher_id.eq(publisher.to_string()))
            .select(harvest_sources::id);
        query = query.filter(jobs::subject_id.eq_any(own));
    }
    if let Some(before) = before {
        query = query.filter(jobs::id.lt(before.to_string()));
    }
    query.load(tx.conn)?.into_iter().map(RemovalJob::try_from).collect()
}

/// Whether a removal may wait for a worker: a look without the write lock.
fn candidates(tx: &mut Tx<'_>, dead: &[String]) -> Result<Vec<JobId>, CatalogError> {
    let mut candidates = job::abandoned(tx, KIND, dead)?;
    candidates.extend(job::due(tx, KIND)?);
    Ok(candidates)
}

/// Takes a removal that its worker has left, else the oldest, if any. Idle workers ask through `read` first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn claim_next_removal(
    db: &crate::Db,
    holder: &str,
    dead: &[String],
) -> Result<Option<(RemovalJob, Lease)>, CatalogError> {
    if db.read(|tx| candidates(tx, dead))?.is_empty() {
        return Ok(None);
    }
    db.write(|tx| {
        for id in candidates(tx, dead)? {
            match job::claim(tx, KIND, id, holder, dead)? {
                Claim::Taken(row, lease) => return Ok(Some(((*row).try_into()?, lease))),
                Claim::NotFree => {}
                Claim::Exhausted => job::end(tx, id, JobState::Failed, Some(EXHAUSTED))?,
            }
        }
        Ok(None)
    })
}

/// Clears away one batch; gives the job as it then is, ended when nothing was left. Whatever was done stays done when the
/// process dies: the next one finds less to do.
///
/// # Errors
/// `LeaseLost` when the job is no longer ours; `Storage` when the database fails.
pub fn remove_batch(db: &Db, lease: &Lease) -> Result<RemovalJob, CatalogError> {
    if let Some(removal) = db.write(|tx| clear_some(tx, lease))? {
        return Ok(removal);
    }
    // The search reads everything, so it holds no lock.
    let orphans = db.read(|tx| raw::find_raw_orphans(tx, ORPHANS_AT_ONCE))?;
    let mut removed = 0;
    for chunk in orphans.hashes.chunks(RAW_AT_ONCE) {
        removed += db.write(|tx| {
            job::heartbeat(tx, lease)?;
            let removed = raw::remove_raw_orphans(tx, chunk, orphans.seen_at)?;
            let mut removal = find_removal(tx, lease.job)?;
            removal.progress.raw_records += removed;
            job::checkpoint(tx, lease, &removal.progress)?;
            Ok(removed)
        })?;
    }
    db.write(|tx| {
        job::heartbeat(tx, lease)?;
        if removed == 0 {
            let removal = find_removal(tx, lease.job)?;
            job::checkpoint(tx, lease, &removal.progress)?;
            job::end(tx, lease.job, JobState::Completed, None)?;
        }
        find_removal(tx, lease.job)
    })
}

/// One step of what needs no search; `None` when all of it is done.
fn clear_some(tx: &mut Tx<'_>, lease: &Lease) -> Result<Option<RemovalJob>, CatalogError> {
    job::heartbeat(tx, lease)?;
    let mut removal = find_removal(tx, lease.job)?;
    let (source, payload) = (removal.source_id, &removal.payload);
    if payload.datasets == DatasetsThen::Withdraw {
        let withdrawn = withdraw_some(tx, source, &payload.actor)?;
        if withdrawn > 0 {
            removal.progress.withdrawn += withdrawn;
            job::checkpoint(tx, lease, &removal.progress)?;
            return Ok(Some(removal));
        }
    }
    let Some(id) = oldest_harvest(tx, source)? else {
        let any = raw::let_go(tx, &source.to_string(), LET_GO_AT_ONCE)? > 0;
        return Ok(any.then_some(removal));
    };
    let forgotten = forget_records(tx, &id)?;
    removal.progress.records += forgotten;
    if forgotten == 0 {
        diesel::delete(jobs::table.find(&id)).execute(tx.conn)?;
        removal.progress.harvests += 1;
    }
    job::checkpoint(tx, lease, &removal.progress)?;
    Ok(Some(removal))
}

fn withdraw_some(tx: &mut Tx<'_>, source: SourceId, actor: &str) -> Result<u64, CatalogError> {
    let page = dataset::listed_of_source(tx, source, "", DATASETS_AT_ONCE)?;
    if page.is_empty() {
        harvest::forget_held(tx, source, |_| true)?;
        return Ok(0);
    }
    let ids: Vec<String> = page.into_iter().map(|listed| listed.id).collect();
    let mut events = Vec::with_capacity(ids.len());
    for dataset in dataset::list_by_ids(tx, &ids)? {
        // One that is shown as another source's is not public by itself.
        if dataset.publication != Publication::Published {
            continue;
        }
        let (id, slug, hash) = (dataset.id.to_string(), dataset.slug.to_string(), dataset.content_hash.to_string());
        events.push(dataset::event(EventKind::DatasetWithdrawn, &id, &slug, dataset.version, &hash, actor));
    }
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    dataset::withdraw_all(tx, &ids, REASON)?;
    events.extend(harvest::step_forward(tx, &ids, actor)?);
    journal::append_all(tx, events)?;
    Ok(u64::try_from(ids.len()).unwrap_or(u64::MAX))
}

fn oldest_harvest(tx: &mut Tx<'_>, source: SourceId) -> Result<Option<String>, CatalogError> {
    Ok(jobs::table
        .filter(jobs::kind.eq("harvest"))
        .filter(jobs::subject_id.eq(source.to_string()))
        .order(jobs::created_at)
        .select(jobs::id)
        .first(tx.conn)
        .optional()?)
}

fn forget_records(tx: &mut Tx<'_>, job: &str) -> Result<u64, CatalogError> {
    let seqs: Vec<i64> = harvest_records::table
        .filter(harvest_records::job_id.eq(job))
        .order(harvest_records::seq)
        .limit(RECORDS_AT_ONCE)
        .select(harvest_records::seq)
        .load(tx.conn)?;
    let Some(last) = seqs.last() else { return Ok(0) };
    let gone = diesel::delete(
        harvest_records::table.filter(harvest_records::job_id.eq(job)).filter(harvest_records::seq.le(*last)),
    )
    .execute(tx.conn)?;
    Ok(u64::try_from(gone).unwrap_or(u64::MAX))
}
