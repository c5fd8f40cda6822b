//! How the portal's parts stand, in figures: for operators who ask whether all is well, and where not.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use fairground_domain::Timestamp;

use crate::db::Tx;
use crate::dialect;
use crate::error::CatalogError;
use crate::job::{JobState, LEASE_SECS};
use crate::schema::{follow_deliveries, harvest_reports, jobs, table_versions, tables};
use crate::source::ReportState;
use crate::watch::DeliveryState;
use crate::{journal, letter};

/// Most working jobs that are told one by one.
const MOST_WORKING: i64 = 50;

/// Jobs of one kind in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCount {
    /// The kind, as it stands in rows.
    pub kind: String,
    /// The state.
    pub state: JobState,
    /// How many.
    pub jobs: i64,
}

/// A job that a worker has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Working {
    /// The job's kind.
    pub kind: String,
    /// The worker.
    pub holder: String,
    /// Since when the job has been worked on.
    pub since: Timestamp,
    /// When the worker was last heard of.
    pub heard_at: Timestamp,
    /// False when its lease has run out: somebody else will take the job over.
    pub is_alive: bool,
}

/// What waits to be handed over, and what was given up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Post {
    /// What waits, for the first time or again.
    pub waiting: i64,
    /// What was tried in vain and waits for another try.
    pub put_off: i64,
    /// What was given up.
    pub failed: i64,
}

/// The figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vitals {
    /// Bytes of the database.
    pub database_bytes: i64,
    /// Migrations that were made.
    pub migrations: i64,
    /// The last of them.
    pub last_migration: Option<String>,
    /// The journal's last number.
    pub journal_seq: i64,
    /// Jobs by kind and state.
    pub jobs: Vec<JobCount>,
    /// Jobs that are worked on, the longest first.
    pub working: Vec<Working>,
    /// Letters.
    pub letters: Post,
    /// Reports on harvests to letters and web addresses.
    pub reports: Post,
    /// News to followers, by letter and web address.
    pub deliveries: Post,
    /// Tables that are public or were.
    pub tables: i64,
    /// Versions of them that are kept.
    pub table_versions: i64,
}

#[derive(QueryableByName)]
struct Migrations {
    #[diesel(sql_type = BigInt)]
    made: i64,
    #[diesel(sql_type = Nullable<Text>)]
    latest: Option<String>,
}

/// The figures as they are now.
///
/// # Errors
/// `Storage` when the database fails.
pub fn read(tx: &mut Tx<'_>) -> Result<Vitals, CatalogError> {
    let Migrations { made, latest } =
        diesel::sql_query("SELECT COUNT(*) AS made, MAX(version) AS latest FROM __diesel_schema_migrations")
            .get_result(tx.conn)?;
    let (waiting, failed) = letter::count_waiting(tx)?;
    Ok(Vitals {
        database_bytes: dialect::database_bytes(tx.conn)?,
        migrations: made,
        last_migration: latest,
        journal_seq: journal::head(tx)?.seq,
        jobs: count_jobs(tx)?,
        working: list_working(tx)?,
        letters: Post { waiting, put_off: letter::count_put_off(tx)?, failed },
        reports: count_reports(tx)?,
        deliveries: count_deliveries(tx)?,
        tables: tables::table.count().get_result(tx.conn)?,
        table_versions: table_versions::table.count().get_result(tx.conn)?,
    })
}

fn count_jobs(tx: &mut Tx<'_>) -> Result<Vec<JobCount>, CatalogError> {
    let rows: Vec<(String, String, i64)> = jobs::table
        .group_by((jobs::kind, jobs::state))
        .select((jobs::kind, jobs::state, diesel::dsl::count_star()))
        .order((jobs::kind, jobs::state))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(kind, state, jobs)| {
            let state =
                JobState::parse(&state).ok_or_else(|| CatalogError::corrupt("job", format!("state `{state}`")))?;
            Ok(JobCount { kind, state, jobs })
        })
        .collect()
}

type WorkingRow = (String, Option<String>, Option<i64>, Option<i64>);

fn list_working(tx: &mut Tx<'_>) -> Result<Vec<Working>, CatalogError> {
    let rows: Vec<WorkingRow> = jobs::table
        .filter(jobs::state.eq(JobState::Running.as_str()))
        .order((jobs::started_at, jobs::id))
        .limit(MOST_WORKING)
        .select((jobs::kind, jobs::lease_holder, jobs::leased_until, jobs::started_at))
        .load(tx.conn)?;
    let now = tx.now;
    Ok(rows
        .into_iter()
        .filter_map(|(kind, holder, until, since)| {
            let until = Timestamp::from_micros(until?);
            Some(Working {
                kind,
                holder: holder?,
                since: Timestamp::from_micros(since?),
                // A lease is renewed for so long with every heartbeat.
                heard_at: until.plus_secs(-LEASE_SECS),
                is_alive: until >= now,
            })
        })
        .collect())
}

fn count_reports(tx: &mut Tx<'_>) -> Result<Post, CatalogError> {
    let of = |state: ReportState| harvest_reports::table.filter(harvest_reports::state.eq(state.as_str()));
    Ok(Post {
        waiting: of(ReportState::Waiting).count().get_result(tx.conn)?,
        put_off: of(ReportState::Waiting).filter(harvest_reports::attempts.gt(0)).count().get_result(tx.conn)?,
        failed: of(ReportState::Failed).count().get_result(tx.conn)?,
    })
}

fn count_deliveries(tx: &mut Tx<'_>) -> Result<Post, CatalogError> {
    let of = |state: DeliveryState| follow_deliveries::table.filter(follow_deliveries::state.eq(state.as_str()));
    Ok(Post {
        waiting: of(DeliveryState::Waiting).count().get_result(tx.conn)?,
        put_off: of(DeliveryState::Waiting).filter(follow_deliveries::attempts.gt(0)).count().get_result(tx.conn)?,
        failed: of(DeliveryState::Failed).count().get_result(tx.conn)?,
    })
}
