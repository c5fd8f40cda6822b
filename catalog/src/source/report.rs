//! What contacts are told: one report for each thing that became of a job, written with it, delivered once or visibly failed.

use diesel::prelude::*;
use fairground_domain::{ContactId, JobId, SourceId, Timestamp};

use super::contact::{ContactKind, ContactRow, Occasion, SourceContact};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestJob, HarvestSource, JobState};
use crate::letter::pause_secs;
use crate::schema::{harvest_reports, source_contacts};
use crate::secret::Secret;

/// How often a report is tried; with the pauses between them about an hour.
pub const MAX_REPORT_ATTEMPTS: i32 = 8;
/// How long whoever takes a report may need to deliver it, in seconds.
pub const REPORT_HOLD_SECS: i64 = 120;
/// Longest account of a failure that is kept, in characters.
const MAX_ERROR_CHARS: usize = 300;
/// Reports of a source that are kept; older ones go when new ones come.
const MOST_REPORTS: i64 = 500;

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportState {
    /// It waits to be delivered, for the first time or again.
    Waiting,
    /// Its receiver has it: a mail queue took the letter, or a server answered with a status of success.
    Delivered,
    /// It was tried [`MAX_REPORT_ATTEMPTS`] times, or can never be delivered.
    Failed,
}

impl ReportState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Delivered, Self::Failed];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportKey {
    /// The job.
    pub job: JobId,
    /// Who is told.
    pub contact: ContactId,
    /// What the job had come to.
    pub told: JobState,
}

impl ReportKey {
    /// The same for every try of the same report, and for no other: receivers tell repetitions by it.
    #[must_use]
    pub fn message_id(&self) -> String {
        format!("harvest.{}.{}.{}", self.job, self.told.as_str(), self.contact)
    }
}

/// A report and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HarvestReport {
    /// Which.
    pub key: ReportKey,
    /// Where it stands.
    pub state: ReportState,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub error: Option<String>,
    /// When it became due.
    pub created_at: Timestamp,
    /// When it was delivered or given up.
    pub finished_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = harvest_reports, treat_none_as_default_value = false)]
struct ReportRow {
    job_id: String,
    contact_id: String,
    told: String,
    source_id: String,
    state: String,
    attempts: i32,
    next_try_at: i64,
    error: Option<String>,
    created_at: i64,
    finished_at: Option<i64>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("report", problem)
}

impl ReportRow {
    fn key(&self) -> Result<ReportKey, CatalogError> {
        Ok(ReportKey {
            job: self.job_id.parse().map_err(corrupt)?,
            contact: self.contact_id.parse().map_err(corrupt)?,
            told: JobState::parse(&self.told).ok_or_else(|| corrupt(format!("job state `{}`", self.told)))?,
        })
    }
}

/// Writes down whom to tell of what became of a job; in its transaction.
pub(crate) fn queue_reports(tx: &mut Tx<'_>, job: &HarvestJob) -> Result<(), CatalogError> {
    let contacts: Vec<(String, String)> = source_contacts::table
        .filter(source_contacts::source_id.eq(job.source_id.to_string()))
        .select((source_contacts::id, source_contacts::occasion))
        .load(tx.conn)?;
    if contacts.is_empty() {
        return Ok(());
    }
    let counts = job.progress.sums.total();
    for (contact_id, occasion) in contacts {
        let occasion = Occasion::parse(&occasion).ok_or_else(|| corrupt(format!("occasion `{occasion}`")))?;
        if !occasion.is_met(job.state, &counts) {
            continue;
        }
        let key = (job.id.to_string(), contact_id.clone(), job.state.as_str().to_owned());
        let known: i64 = harvest_reports::table.find(key.clone()).count().get_result(tx.conn)?;
        if known > 0 {
            continue;
        }
        let row = ReportRow {
            job_id: key.0,
            contact_id,
            told: key.2,
            source_id: job.source_id.to_string(),
            state: ReportState::Waiting.as_str().to_owned(),
            attempts: 0,
            next_try_at: tx.now.as_micros(),
            error: None,
            created_at: tx.now.as_micros(),
            finished_at: None,
        };
        diesel::insert_into(harvest_reports::table).values(&row).execute(tx.conn)?;
    }
    forget_old(tx, job.source_id)
}

fn forget_old(tx: &mut Tx<'_>, source: SourceId) -> Result<(), CatalogError> {
    let oldest: Option<i64> = harvest_reports::table
        .filter(harvest_reports::source_id.eq(source.to_string()))
        .order(harvest_reports::created_at.desc())
        .offset(MOST_REPORTS)
        .select(harvest_reports::created_at)
        .first(tx.conn)
        .optional()?;
    if let Some(oldest) = oldest {
        diesel::delete(
            harvest_reports::table
                .filter(harvest_reports::source_id.eq(source.to_string()))
                .filter(harvest_reports::created_at.le(oldest))
                .filter(harvest_reports::state.ne(ReportState::Waiting.as_str())),
        )
        .execute(tx.conn)?;
    }
    Ok(())
}

/// A report that somebody has taken to deliver it.
#[derive(Clone)]
pub struct DueReport {
    /// Which.
    pub key: ReportKey,
    /// The number of this try, from 1.
    pub attempt: i32,
    /// Who is told.
    pub contact: SourceContact,
    /// The mailbox or the whole web address.
    pub address: String,
    /// What webhooks are signed with.
    pub secret: Option<String>,
    /// The source.
    pub source: HarvestSource,
    /// The job as it is now.
    pub job: HarvestJob,
}

impl std::fmt::Debug for DueReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueReport").field("key", &self.key).field("attempt", &self.attempt).finish_non_exhaustive()
    }
}

/// Whether a report waits to be delivered now: a look without the write lock.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_report_due(tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
    let due: Option<String> = harvest_reports::table
        .filter(harvest_reports::state.eq(ReportState::Waiting.as_str()))
        .filter(harvest_reports::next_try_at.le(tx.now.as_micros()))
        .select(harvest_reports::job_id)
        .first(tx.conn)
        .optional()?;
    Ok(due.is_some())
}

/// Takes up to `most` reports of a kind that are due; nobody else gets them for [`REPORT_HOLD_SECS`].
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due_reports(
    tx: &mut Tx<'_>,
    secret: &Secret,
    kind: ContactKind,
    most: i64,
) -> Result<Vec<DueReport>, CatalogError> {
    let contacts = source_contacts::table.filter(source_contacts::kind.eq(kind.as_str())).select(source_contacts::id);
    let rows: Vec<ReportRow> = harvest_reports::table
        .filter(harvest_reports::state.eq(ReportState::Waiting.as_str()))
        .filter(harvest_reports::next_try_at.le(tx.now.as_micros()))
        .filter(harvest_reports::contact_id.eq_any(contacts))
        .order(harvest_reports::next_try_at)
        .limit(most)
        .select(ReportRow::as_select())
        .load(tx.conn)?;
    let mut taken = Vec::new();
    for row in rows {
        let key = row.key()?;
        // One row means ours: another process may have looked at the same moment.
        let ours = diesel::update(harvest_reports::table.find(place(&key)))
            .filter(harvest_reports::next_try_at.eq(row.next_try_at))
            .set((
                harvest_reports::attempts.eq(row.attempts + 1),
                harvest_reports::next_try_at.eq(tx.now.plus_secs(REPORT_HOLD_SECS).as_micros()),
            ))
            .execute(tx.conn)?;
        if ours == 1 {
            match open(tx, secret, key, row.attempts + 1) {
                Ok(due) => taken.push(due),
                Err(error @ (CatalogError::Corrupt { .. } | CatalogError::NotFound { .. })) => {
                    // The portal's secret was replaced, or the source is gone: it can never be delivered.
                    report_failed(tx, &key, &error.to_string())?;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(taken)
}

/// The report's place in its table.
fn place(key: &ReportKey) -> (String, String, String) {
    (key.job.to_string(), key.contact.to_string(), key.told.as_str().to_owned())
}

fn open(tx: &mut Tx<'_>, secret: &Secret, key: ReportKey, attempt: i32) -> Result<DueReport, CatalogError> {
    let row: ContactRow = source_contacts::table
        .find(key.contact.to_string())
        .select(ContactRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("contact", key.contact))?;
    let sealed = row.open(secret)?;
    let job = harvest::get_job(tx, key.job)?;
    let source = harvest::get_source(tx, &job.source_id.to_string())?;
    Ok(DueReport {
        key,
        attempt,
        contact: row.try_into()?,
        address: sealed.address,
        secret: sealed.secret,
        source,
        job,
    })
}

fn finish(tx: &mut Tx<'_>, key: &ReportKey, state: ReportState, error: Option<&str>) -> Result<(), CatalogError> {
    diesel::update(harvest_reports::table.find(place(key)))
        .set((
            harvest_reports::state.eq(state.as_str()),
            harvest_reports::error.eq(error.map(shortened)),
            harvest_reports::finished_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn shortened(error: &str) -> String {
    error.chars().take(MAX_ERROR_CHARS).collect()
}

/// A report has arrived.
///
/// # Errors
/// `Storage` when the database fails.
pub fn report_delivered(tx: &mut Tx<'_>, key: &ReportKey) -> Result<(), CatalogError> {
    finish(tx, key, ReportState::Delivered, None)
}

/// A report will never be delivered; that is shown with the source.
///
/// # Errors
/// `Storage` when the database fails.
pub fn report_failed(tx: &mut Tx<'_>, key: &ReportKey, error: &str) -> Result<(), CatalogError> {
    finish(tx, key, ReportState::Failed, Some(error))
}

/// A try failed: the report is tried again after a pause that doubles, or has failed when this was the last. Gives which.
///
/// # Errors
/// `Storage` when the database fails.
pub fn put_off_report(tx: &mut Tx<'_>, due: &DueReport, error: &str) -> Result<ReportState, CatalogError> {
    if due.attempt >= MAX_REPORT_ATTEMPTS {
        report_failed(tx, &due.key, error)?;
        return Ok(ReportState::Failed);
    }
    let next = tx.now.plus_secs(pause_secs(due.attempt));
    diesel::update(harvest_reports::table.find(place(&due.key)))
        .set((harvest_reports::next_try_at.eq(next.as_micros()), harvest_reports::error.eq(shortened(error))))
        .execute(tx.conn)?;
    Ok(ReportState::Waiting)
}

/// Lets every report on a source that waits be tried now, for an operator whose receiver works again; gives how many. What is
/// just being delivered may go twice.
///
/// # Errors
/// `Storage` when the database fails.
pub fn hurry_reports(tx: &mut Tx<'_>, source: SourceId) -> Result<usize, CatalogError> {
    Ok(diesel::update(
        harvest_reports::table
            .filter(harvest_reports::source_id.eq(source.to_string()))
            .filter(harvest_reports::state.eq(ReportState::Waiting.as_str())),
    )
    .set(harvest_reports::next_try_at.eq(tx.now.as_micros()))
    .execute(tx.conn)?)
}

/// Reports of a source, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_reports(tx: &mut Tx<'_>, source: SourceId, limit: i64) -> Result<Vec<HarvestReport>, CatalogError> {
    let rows: Vec<ReportRow> = harvest_reports::table
        .filter(harvest_reports::source_id.eq(source.to_string()))
        .order((harvest_reports::created_at.desc(), harvest_reports::job_id.desc(), harvest_reports::contact_id))
        .limit(limit)
        .select(ReportRow::as_select())
        .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            let state = ReportState::ALL.into_iter().find(|state| state.as_str() == row.state);
            Ok(HarvestReport {
                key: row.key()?,
                state: state.ok_or_else(|| corrupt(format!("state `{}`", row.state)))?,
                attempts: row.attempts,
                error: row.error,
                created_at: Timestamp::from_micros(row.created_at),
                finished_at: row.finished_at.map(Timestamp::from_micros),
            })
        })
        .collect()
}
