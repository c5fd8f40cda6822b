//! How well the portal serves, and that its numbers are true: for everybody.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::usage::{self, HarvestFreshness, Reconciliation, ServiceLevel};
use fairground_domain::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::{Percentiles, moment};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Comparisons that are told: a few weeks of a few nodes.
const MAX_RECONCILIATIONS: i64 = 200;
/// Files in quarantine that are told.
const MAX_QUARANTINED: i64 = 100;

/// How well one class was served.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ClassLevel {
    /// The operation class.
    class: String,
    /// `public`, or `portal` for the portal's own pages.
    caller: &'static str,
    /// Answered calls.
    requests: i64,
    /// Answers with a status of 500 or above.
    errors: i64,
    /// Answers that were no failure of the portal, of a million.
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_ppm: Option<i64>,
    /// How long answers took; absent when no times are known.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency: Option<Percentiles>,
}

/// How often the limits of a plan refused.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct PlanRefusals {
    /// The plan's id.
    plan: String,
    /// `public`, or `portal` for the portal's own pages.
    caller: &'static str,
    /// Calls.
    requests: i64,
    /// Refused ones.
    denied: i64,
}

/// How well one span was served.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct LevelOut {
    /// `24h`, `7d` or `90d`.
    window: &'static str,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Answered calls, but for the portal's own.
    requests: i64,
    /// Answers that were no failure of the portal, of a million; absent when there were none.
    #[serde(skip_serializing_if = "Option::is_none")]
    availability_ppm: Option<i64>,
    /// By operation class.
    classes: Vec<ClassLevel>,
    /// Refusals by plan.
    refusals: Vec<PlanRefusals>,
}

/// How fresh the catalogue is.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct FreshnessOut {
    /// Sources that are harvested on a schedule.
    scheduled: usize,
    /// Those of them whose last good harvest is no older than twice their interval.
    fresh: usize,
    /// The oldest last good harvest; absent when a source never had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest: Option<Timestamp>,
    /// The latest good harvest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    latest: Option<Timestamp>,
}

/// How well the portal serves.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ServiceLevelOut {
    /// By span.
    windows: Vec<LevelOut>,
    /// How fresh the catalogue is.
    harvests: FreshnessOut,
}

const fn caller(is_own_use: bool) -> &'static str {
    if is_own_use { "portal" } else { "public" }
}

impl From<ServiceLevel> for LevelOut {
    fn from(level: ServiceLevel) -> Self {
        Self {
            window: level.name,
            from: moment(level.from),
            requests: level.total.requests,
            availability_ppm: level.total.availability_ppm(),
            classes: level
                .classes
                .into_iter()
                .map(|line| ClassLevel {
                    caller: caller(line.is_own_use),
                    requests: line.totals.requests,
                    errors: line.totals.errors,
                    availability_ppm: line.totals.availability_ppm(),
                    latency: Percentiles::of(&line.totals),
                    class: line.class,
                })
                .collect(),
            refusals: level
                .refusals
                .into_iter()
                .map(|line| PlanRefusals {
                    caller: caller(line.is_own_use),
                    plan: line.plan,
                    requests: line.requests,
                    denied: line.denied,
                })
                .collect(),
        }
    }
}

impl From<HarvestFreshness> for FreshnessOut {
    fn from(known: HarvestFreshness) -> Self {
        let HarvestFreshness { scheduled, fresh, oldest, latest } = known;
        Self { scheduled, fresh, oldest, latest }
    }
}

/// How well the portal served, from the calls that it answered: availability, times to answer and refusals over 24 hours, 7
/// days and 90 days, and how fresh harvests are.
#[utoipa::path(tag = "usage", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ServiceLevelOut), Problem))]
#[get("/service-level")]
pub(super) async fn get_service_level(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (levels, harvests) = state.read(usage::service_level).await?;
    let out = ServiceLevelOut { windows: levels.into_iter().map(LevelOut::from).collect(), harvests: harvests.into() };
    Ok(Rendered::json(&out, Freshness::Brief)?.answer(&req))
}

/// How the ways of counting met for a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ReconciliationOut {
    /// The day.
    #[schema(value_type = String, format = DateTime)]
    day: Timestamp,
    /// The node; absent for all nodes together.
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    /// When it was compared.
    #[schema(value_type = String, format = DateTime)]
    checked_at: Timestamp,
    /// Segments with records of the day.
    segments: i64,
    /// Those that were counted over and are equal; the others are being written, or wait.
    proved_segments: i64,
    /// Records that a crash or a bad disk left unreadable.
    damaged: i64,
    /// Requests by recount, of the segments that were counted over.
    recounted_requests: i64,
    /// Requests that the ledger says were added to the sums.
    ledger_requests: i64,
    /// Requests in the day's sums; of all nodes together only.
    #[serde(skip_serializing_if = "Option::is_none")]
    summed_requests: Option<i64>,
    /// Requests that owners are told, and keyless callers together; of all nodes together only.
    #[serde(skip_serializing_if = "Option::is_none")]
    told_requests: Option<i64>,
    /// Requests by which the ways differ; 0 when all is well.
    difference: i64,
}

impl From<Reconciliation> for ReconciliationOut {
    fn from(known: Reconciliation) -> Self {
        Self {
            day: moment(known.day),
            node: Some(known.node).filter(|node| !node.is_empty()),
            checked_at: known.checked_at,
            segments: known.segments,
            proved_segments: known.proved_segments,
            damaged: known.damaged,
            recounted_requests: known.recounted_requests,
            ledger_requests: known.ledger_requests,
            summed_requests: known.summed_requests,
            told_requests: known.told_requests,
            difference: known.difference,
        }
    }
}

/// A segment that cannot be read.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct QuarantinedOut {
    /// Its file's name.
    file: String,
    /// Why it cannot be read.
    reason: String,
    /// When that was found.
    #[schema(value_type = String, format = DateTime)]
    found_at: Timestamp,
}

/// Whether the meter's numbers are true.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ReconciliationList {
    /// Requests by which the ways differed when each day was last compared; 0 when all is well.
    difference: i64,
    /// The last comparisons, newest day first; of a day, all nodes together come first.
    items: Vec<ReconciliationOut>,
    /// Segments that cannot be read and were put aside.
    quarantined: Vec<QuarantinedOut>,
}

/// Whether the meter's numbers are true: for each day, the calls counted over from the raw records, what the ledger says was
/// added to the sums, the sums, and what key owners are told.
#[utoipa::path(tag = "usage", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ReconciliationList), Problem))]
#[get("/usage/reconciliation")]
pub(super) async fn list_reconciliations(
    _caller: Anyone,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ReconciliationList> {
    let out =
        state
            .read(|tx| {
                let quarantined = usage::list_quarantined(tx, MAX_QUARANTINED)?
                    .into_iter()
                    .map(|known| QuarantinedOut { file: known.file, reason: known.reason, found_at: known.found_at });
                Ok(ReconciliationList {
                    difference: usage::total_difference(tx)?,
                    quarantined: quarantined.collect(),
                    items: usage::list_reconciliations(tx, MAX_RECONCILIATIONS)?
                        .into_iter()
                        .map(ReconciliationOut::from)
                        .collect(),
                })
            })
            .await?;
    Ok(Json(out))
}
