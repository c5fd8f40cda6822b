//! How services fare: when to look, who looks, and what was seen.
//!
//! One worker of all nodes looks at a service at a time: it holds a lease while it does.

use diesel::prelude::*;
use fairground_domain::{ServiceId, Timestamp};

use super::credentials::ServiceCredentials;
use super::{DataService, HealthCheck, ServiceState, store};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{data_services, service_health, service_health_days};
use crate::secret::Secret;

/// How long a look may take before another worker takes it over, in seconds.
const LEASE_SECS: i64 = 60;
/// Services looked at to find one that nobody else looks at just now.
const LOOK_AT: i64 = 10;
/// Days that sums are kept.
const DAYS_KEPT: i64 = 90;
const DAY_SECS: i64 = 86_400;
/// Never: the time of the next look at a service that is not to be looked at.
const NEVER: i64 = i64::MAX;
/// Characters of a problem that are kept.
const PROBLEM_CHARS: usize = 300;

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckOutcome {
    /// The answer was as expected.
    Healthy,
    /// It was not, or there was none.
    Failing,
}

impl CheckOutcome {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Failing => "failing",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Healthy, Self::Failing].into_iter().find(|outcome| outcome.as_str() == text)
    }
}

/// How a service was when somebody last looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceHealth {
    /// The service.
    pub service_id: ServiceId,
    /// When somebody looked; `None` when nobody has yet.
    pub checked_at: Option<Timestamp>,
    /// What it came to.
    pub outcome: Option<CheckOutcome>,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// The status of the answer, if there was one.
    pub http_status: Option<u16>,
    /// How long the answer's head took, in microseconds.
    pub latency_micros: Option<u64>,
    /// What was wrong, for staff.
    pub problem: Option<String>,
}

/// The looks of one day (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthDay {
    /// The day, `2026-11-22`.
    pub day: String,
    /// Looks.
    pub checks: u64,
    /// Those that failed.
    pub failures: u64,
}

/// The right, and what is needed, to look at a service.
#[derive(Debug)]
pub struct CheckClaim {
    /// The service.
    pub service: DataService,
    /// How to look.
    pub check: HealthCheck,
    /// How to prove ourselves.
    pub credentials: ServiceCredentials,
    holder: String,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// The status of the answer, if there was one.
    pub http_status: Option<u16>,
    /// How long its head took, in microseconds.
    pub latency_micros: Option<u64>,
    /// What was wrong; `None` when all was well.
    pub problem: Option<String>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = service_health, treat_none_as_default_value = false)]
struct HealthRow {
    service_id: String,
    next_at: i64,
    lease_holder: Option<String>,
    leased_until: Option<i64>,
    checked_at: Option<i64>,
    outcome: Option<String>,
    since_at: Option<i64>,
    http_status: Option<i32>,
    latency_micros: Option<i64>,
    problem: Option<String>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("service's health", problem)
}

impl TryFrom<HealthRow> for ServiceHealth {
    type Error = CatalogError;

    fn try_from(row: HealthRow) -> Result<Self, CatalogError> {
        let outcome =
            row.outcome.map(|text| CheckOutcome::parse(&text).ok_or_else(|| corrupt(format!("outcome `{text}`"))));
        Ok(Self {
            service_id: row.service_id.parse().map_err(corrupt)?,
            checked_at: row.checked_at.map(Timestamp::from_micros),
            outcome: outcome.transpose()?,
            since: row.since_at.map(Timestamp::from_micros),
            http_status: row.http_status.map(u16::try_from).transpose().map_err(corrupt)?,
            latency_micros: row.latency_micros.map(u64::try_from).transpose().map_err(corrupt)?,
            problem: row.problem,
        })
    }
}

/// Says when to look at a service next: soon, when it is served and says how; never, otherwise.
pub(super) fn schedule(tx: &mut Tx<'_>, service: &DataService) -> Result<(), CatalogError> {
    let is_watched = match service.state {
        ServiceState::Approved | ServiceState::Live | ServiceState::Suspended => service.draft.health.is_some(),
        ServiceState::Registered | ServiceState::Retired => false,
    };
    let next_at = if is_watched { tx.now.as_micros() } else { NEVER };
    let id = service.id.to_string();
    let known =
        diesel::update(service_health::table.find(&id)).set(service_health::next_at.eq(next_at)).execute(tx.conn)?;
    if known == 0 {
        let row = HealthRow {
            service_id: id,
            next_at,
            lease_holder: None,
            leased_until: None,
            checked_at: None,
            outcome: None,
            since_at: None,
            http_status: None,
            latency_micros: None,
            problem: None,
        };
        diesel::insert_into(service_health::table).values(&row).execute(tx.conn)?;
    }
    Ok(())
}

/// Whether a look is due: asked before [`claim_check`], which writes.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_check_due(tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
    let now = tx.now.as_micros();
    let due: i64 = service_health::table
        .filter(service_health::next_at.le(now))
        .filter(service_health::leased_until.is_null().or(service_health::leased_until.lt(now)))
        .count()
        .get_result(tx.conn)?;
    Ok(due > 0)
}

/// Takes a service that is due and that nobody else looks at; `None` when there is none. The next look is due after the
/// service's interval from now, whatever becomes of this one.
///
/// # Errors
/// `Storage` when the database fails, `Corrupt` when credentials cannot be opened.
pub fn claim_check(tx: &mut Tx<'_>, secret: &Secret, holder: &str) -> Result<Option<CheckClaim>, CatalogError> {
    let now = tx.now.as_micros();
    let due: Vec<(String, i64)> = service_health::table
        .filter(service_health::next_at.le(now))
        .filter(service_health::leased_until.is_null().or(service_health::leased_until.lt(now)))
        .order((service_health::next_at, service_health::service_id))
        .limit(LOOK_AT)
        .select((service_health::service_id, service_health::next_at))
        .load(tx.conn)?;
    for (id, next_at) in due {
        let service = store::get(tx, &id)?;
        let Some(check) = service.draft.health.clone() else {
            schedule(tx, &service)?;
            continue;
        };
        let next = tx.now.plus_secs(i64::from(check.interval_secs)).as_micros();
        let taken = diesel::update(service_health::table.find(&id))
            .filter(service_health::next_at.eq(next_at))
            .filter(service_health::leased_until.is_null().or(service_health::leased_until.lt(now)))
            .set((
                service_health::lease_holder.eq(holder),
                service_health::leased_until.eq(tx.now.plus_secs(LEASE_SECS).as_micros()),
                service_health::next_at.eq(next),
            ))
            .execute(tx.conn)?;
        if taken == 0 {
            continue;
        }
        let sealed: Option<Vec<u8>> =
            data_services::table.find(&id).select(data_services::credentials).first(tx.conn)?;
        let credentials = ServiceCredentials::unseal(secret, &id, sealed.as_deref())?;
        return Ok(Some(CheckClaim { service, check, credentials, holder: holder.to_owned() }));
    }
    Ok(None)
}

/// Writes down what was seen; false when another worker has taken the look over meanwhile.
///
/// # Errors
/// `Storage` when the database fails.
pub fn record_check(tx: &mut Tx<'_>, claim: &CheckClaim, result: &CheckResult) -> Result<bool, CatalogError> {
    let id = claim.service.id.to_string();
    let before: HealthRow = service_health::table.find(&id).select(HealthRow::as_select()).first(tx.conn)?;
    if before.lease_holder.as_deref() != Some(claim.holder.as_str()) {
        return Ok(false);
    }
    let outcome = if result.problem.is_some() { CheckOutcome::Failing } else { CheckOutcome::Healthy };
    let now = tx.now.as_micros();
    let is_same = before.outcome.as_deref() == Some(outcome.as_str());
    let problem: Option<String> = result.problem.as_ref().map(|text| text.chars().take(PROBLEM_CHARS).collect());
    diesel::update(service_health::table.find(&id))
        .set((
            service_health::lease_holder.eq(None::<String>),
            service_health::leased_until.eq(None::<i64>),
            service_health::checked_at.eq(now),
            service_health::outcome.eq(outcome.as_str()),
            service_health::since_at.eq(if is_same { before.since_at.unwrap_or(now) } else { now }),
            service_health::http_status.eq(result.http_status.map(i32::from)),
            service_health::latency_micros.eq(result.latency_micros.and_then(|micros| i64::try_from(micros).ok())),
            service_health::problem.eq(problem),
        ))
        .execute(tx.conn)?;
    add_to_day(tx, &id, outcome)?;
    Ok(true)
}

fn add_to_day(tx: &mut Tx<'_>, id: &str, outcome: CheckOutcome) -> Result<(), CatalogError> {
    let day = tx.now.day();
    let failures = i64::from(outcome == CheckOutcome::Failing);
    let place = (id.to_owned(), day.clone());
    let known = diesel::update(service_health_days::table.find(place))
        .set((
            service_health_days::checks.eq(service_health_days::checks + 1),
            service_health_days::failures.eq(service_health_days::failures + failures),
        ))
        .execute(tx.conn)?;
    if known > 0 {
        return Ok(());
    }
    diesel::insert_into(service_health_days::table)
        .values((
            service_health_days::service_id.eq(id),
            service_health_days::day.eq(day),
            service_health_days::checks.eq(1_i64),
            service_health_days::failures.eq(failures),
        ))
        .execute(tx.conn)?;
    // A new day: the oldest ones go.
    let oldest = tx.now.plus_secs(-DAYS_KEPT * DAY_SECS).day();
    diesel::delete(service_health_days::table)
        .filter(service_health_days::service_id.eq(id))
        .filter(service_health_days::day.lt(oldest))
        .execute(tx.conn)?;
    Ok(())
}

/// How a service fares.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_health(tx: &mut Tx<'_>, service: ServiceId) -> Result<Option<ServiceHealth>, CatalogError> {
    let row: Option<HealthRow> =
        service_health::table.find(service.to_string()).select(HealthRow::as_select()).first(tx.conn).optional()?;
    row.map(ServiceHealth::try_from).transpose()
}

/// How every service that is looked at fares, with its slug, by slug.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_health(tx: &mut Tx<'_>) -> Result<Vec<(String, ServiceHealth)>, CatalogError> {
    let rows: Vec<(String, HealthRow)> = service_health::table
        .inner_join(data_services::table)
        .filter(service_health::next_at.lt(NEVER))
        .order(data_services::slug)
        .select((data_services::slug, HealthRow::as_select()))
        .load(tx.conn)?;
    rows.into_iter().map(|(slug, row)| Ok((slug, row.try_into()?))).collect()
}

/// The looks of the last days, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_health_days(tx: &mut Tx<'_>, service: ServiceId, days: i64) -> Result<Vec<HealthDay>, CatalogError> {
    let rows: Vec<(String, i64, i64)> = service_health_days::table
        .filter(service_health_days::service_id.eq(service.to_string()))
        .order(service_health_days::day.desc())
        .limit(days)
        .select((service_health_days::day, service_health_days::checks, service_health_days::failures))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(day, checks, failures)| {
            Ok(HealthDay {
                day,
                checks: u64::try_from(checks).map_err(corrupt)?,
                failures: u64::try_from(failures).map_err(corrupt)?,
            })
        })
        .collect()
}
