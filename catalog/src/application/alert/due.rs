//! Letters that are due because calls fail or do not come any more. What counts are the sums of whole hours, which owners see on
//! their page of use; an hour is judged while the next one lasts, so that sums that come late are in it.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable};
use fairground_domain::Timestamp;

use super::AlertKind;
use crate::application::{Application, find_by_number};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::alert_letters;

/// Fewest calls of an hour of which a share is told: one failure of two says little.
pub const FEWEST_CALLS: i64 = 20;
/// Most letters of a kind that one run writes; the next run goes on.
const MAX_A_RUN: i64 = 500;
const HOUR_SECS: i64 = 3_600;
const DAY_SECS: i64 = 86_400;

/// What an owner is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Calls fail.
    Errors {
        /// The hour's first second.
        hour: Timestamp,
        /// Its calls.
        calls: i64,
        /// Those of them that were answered with a status of 400 or above.
        failed: i64,
        /// From what share on the owner wanted to know, in percent.
        percent: i64,
    },
    /// No call comes.
    Silence {
        /// After how many days the owner wanted to know.
        days: i64,
        /// The end of the last hour in which it called, where one is still known.
        since: Option<Timestamp>,
    },
}

impl Trouble {
    /// The kind of its letter.
    #[must_use]
    pub const fn kind(&self) -> AlertKind {
        match self {
            Self::Errors { .. } => AlertKind::Errors,
            Self::Silence { .. } => AlertKind::Silence,
        }
    }
}

/// A letter that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAlert {
    /// Whose.
    pub application: Application,
    /// What it tells.
    pub trouble: Trouble,
    window_start: i64,
}

/// The letters that are due now.
///
/// # Errors
/// `Storage` when the database fails.
pub fn due_alerts(tx: &mut Tx<'_>) -> Result<Vec<DueAlert>, CatalogError> {
    let mut due = failing(tx)?;
    due.extend(silent(tx)?);
    Ok(due)
}

/// As [`due_alerts`], noting that they are written: for the transaction that queues them. However many processes look, each is
/// written once, for they wait for each other here.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due_alerts(tx: &mut Tx<'_>) -> Result<Vec<DueAlert>, CatalogError> {
    journal::take_pen(tx)?;
    let due = due_alerts(tx)?;
    note(tx, &due)?;
    Ok(due)
}

#[derive(Debug, QueryableByName)]
struct FailingRow {
    #[diesel(sql_type = BigInt)]
    party: i64,
    #[diesel(sql_type = Integer)]
    percent: i32,
    #[diesel(sql_type = BigInt)]
    calls: i64,
    #[diesel(sql_type = BigInt)]
    failed: i64,
}

/// Who had too many failures in the last whole hour, and has had no letter of them on that day.
fn failing(tx: &mut Tx<'_>) -> Result<Vec<DueAlert>, CatalogError> {
    let now = tx.now.as_secs();
    let hour = now - now.rem_euclid(HOUR_SECS) - HOUR_SECS;
    let day = hour - hour.rem_euclid(DAY_SECS);
    let rows: Vec<FailingRow> = diesel::sql_query(
        "SELECT told.party AS party, told.percent AS percent, told.calls AS calls, told.failed AS failed FROM ( \
         SELECT application_alerts.party AS party, application_alerts.error_percent AS percent, \
         CAST(SUM(usage_sums.requests) AS BIGINT) AS calls, \
         CAST(SUM(CASE WHEN usage_subjects.status_class >= 4 THEN usage_sums.requests ELSE 0 END) AS BIGINT) AS failed \
         FROM application_alerts \
         JOIN applications ON applications.number = application_alerts.party \
         JOIN usage_sums ON usage_sums.party = application_alerts.party \
         JOIN usage_subjects ON usage_subjects.id = usage_sums.subject \
         WHERE application_alerts.error_percent IS NOT NULL AND applications.closed_at IS NULL \
         AND usage_sums.period = $1 AND usage_sums.starts_at = $2 \
         AND NOT EXISTS (SELECT 1 FROM alert_letters WHERE alert_letters.party = application_alerts.party \
         AND alert_letters.kind = 'errors' AND alert_letters.window_start = $3) \
         GROUP BY application_alerts.party, application_alerts.error_percent) AS told \
         WHERE told.calls >= $4 AND told.failed * 100 >= told.calls * told.percent \
         ORDER BY told.party LIMIT $5",
    )
    .bind::<Integer, _>(3_600)
    .bind::<BigInt, _>(hour)
    .bind::<BigInt, _>(day)
    .bind::<BigInt, _>(FEWEST_CALLS)
    .bind::<BigInt, _>(MAX_A_RUN)
    .load(tx.conn)?;
    let mut due = Vec::new();
    for row in rows {
        let hour = Timestamp::from_micros(0).plus_secs(hour);
        let FailingRow { calls, failed, .. } = row;
        let trouble = Trouble::Errors { hour, calls, failed, percent: i64::from(row.percent) };
        let found = find_by_number(tx, row.party)?;
        due.extend(found.map(|application| DueAlert { application, trouble, window_start: day }));
    }
    Ok(due)
}

#[derive(Debug, QueryableByName)]
struct SilentRow {
    #[diesel(sql_type = BigInt)]
    party: i64,
    #[diesel(sql_type = Integer)]
    days: i32,
    #[diesel(sql_type = Nullable<BigInt>)]
    last_hour: Option<i64>,
}

/// Who has not called for as long as was chosen, and has had no letter since the last call. A silence's letter is noted by its
/// moment: what was written after the last hour of use tells of this silence.
fn silent(tx: &mut Tx<'_>) -> Result<Vec<DueAlert>, CatalogError> {
    let now = tx.now.as_secs();
    let rows: Vec<SilentRow> = diesel::sql_query(
        "SELECT quiet.party AS party, quiet.days AS days, quiet.last_hour AS last_hour FROM ( \
         SELECT application_alerts.party AS party, application_alerts.silent_days AS days, \
         application_alerts.silent_from AS silent_from, \
         (SELECT MAX(usage_sums.starts_at) FROM usage_sums WHERE usage_sums.party = application_alerts.party \
         AND usage_sums.period = $1) AS last_hour \
         FROM application_alerts JOIN applications ON applications.number = application_alerts.party \
         WHERE application_alerts.silent_days IS NOT NULL AND applications.closed_at IS NULL) AS quiet \
         WHERE quiet.silent_from + quiet.days * 86400 <= $2 \
         AND COALESCE(quiet.last_hour + 3600, 0) + quiet.days * 86400 <= $3 \
         AND NOT EXISTS (SELECT 1 FROM alert_letters WHERE alert_letters.party = quiet.party \
         AND alert_letters.kind = 'silence' AND alert_letters.window_start >= quiet.silent_from \
         AND alert_letters.window_start >= COALESCE(quiet.last_hour + 3600, 0)) \
         ORDER BY quiet.party LIMIT $4",
    )
    .bind::<Integer, _>(3_600)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(now)
    .bind::<BigInt, _>(MAX_A_RUN)
    .load(tx.conn)?;
    let mut due = Vec::new();
    for row in rows {
        let since = row.last_hour.map(|hour| Timestamp::from_micros(0).plus_secs(hour.saturating_add(HOUR_SECS)));
        let trouble = Trouble::Silence { days: i64::from(row.days), since };
        let found = find_by_number(tx, row.party)?;
        due.extend(found.map(|application| DueAlert { application, trouble, window_start: now }));
    }
    Ok(due)
}

/// Notes that letters were written. Forgets notes that no window asks for any more.
fn note(tx: &mut Tx<'_>, written: &[DueAlert]) -> Result<(), CatalogError> {
    /// How long notes are kept, in seconds: a year.
    const KEEP_SECS: i64 = 365 * DAY_SECS;
    for one in written {
        if one.trouble.kind() == AlertKind::Silence {
            let earlier = alert_letters::table
                .filter(alert_letters::party.eq(one.application.number))
                .filter(alert_letters::kind.eq(AlertKind::Silence.as_str()));
            diesel::delete(earlier).execute(tx.conn)?;
        }
        diesel::insert_into(alert_letters::table)
            .values((
                alert_letters::party.eq(one.application.number),
                alert_letters::kind.eq(one.trouble.kind().as_str()),
                alert_letters::window_start.eq(one.window_start),
            ))
            .execute(tx.conn)?;
    }
    if !written.is_empty() {
        let before = tx.now.plus_secs(-KEEP_SECS).as_secs();
        // A silence may last longer than a year: its one letter stays known until the next.
        let old = alert_letters::table
            .filter(alert_letters::kind.ne(AlertKind::Silence.as_str()))
            .filter(alert_letters::window_start.lt(before));
        diesel::delete(old).execute(tx.conn)?;
    }
    Ok(())
}
