//! Usage in numbers.

use actix_web::web::{Data, Json};
use actix_web::{FromRequest, HttpMessage, HttpRequest, get};
use fairground_catalog::account::Role;
use fairground_catalog::application;
use fairground_catalog::usage::{self, Period, UsageFilter, UsagePoint, UsageTotals};
use fairground_domain::{ApplicationId, Timestamp};
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::caller::find_signed_in;
use crate::hot_path::Identity;
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Most points of a series.
const MAX_POINTS: u64 = 1_500;
/// Points of a series when the caller has no wish.
const DEFAULT_POINTS: i64 = 100;
const PERIODS: [(&str, Period); 2] = [("minute", Period::Minute), ("day", Period::Day)];

/// What calls came to.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct UsageNumbers {
    /// Answered calls, refusals included.
    requests: i64,
    /// Cost units of the calls that were admitted.
    units: i64,
    /// Bytes of the answers' bodies.
    bytes: i64,
    /// Answers with a status of 500 or above.
    errors: i64,
    /// Calls refused by a limit; they cost nothing.
    denied: i64,
    /// Mean time to answer, in microseconds.
    mean_latency_micros: i64,
}

/// What calls came to in one period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct UsageStep {
    /// When the period began.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// The numbers.
    #[serde(flatten)]
    numbers: UsageNumbers,
}

/// Usage in all and period by period.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct UsageOut {
    /// Whose usage it is; absent for everybody's, which operators see.
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<String>,
    /// `minute` or `day`.
    period: &'static str,
    /// In all, over whole UTC days.
    total: UsageNumbers,
    /// Period by period, oldest first; periods without use are left out.
    series: Vec<UsageStep>,
}

impl From<UsageTotals> for UsageNumbers {
    fn from(totals: UsageTotals) -> Self {
        Self {
            requests: totals.requests,
            units: totals.units,
            bytes: totals.bytes,
            errors: totals.errors,
            denied: totals.denied,
            mean_latency_micros: totals.latency_micros.checked_div(totals.requests).unwrap_or(0),
        }
    }
}

impl From<UsagePoint> for UsageStep {
    fn from(point: UsagePoint) -> Self {
        let starts_at = Timestamp::from_micros(0).plus_secs(point.starts_at);
        Self { starts_at, numbers: point.totals.into() }
    }
}

/// What may be asked of usage.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct UsageParams {
    /// `day` (default) or `minute`.
    period: Option<String>,
    /// From this day or moment on.
    from: Option<String>,
    /// To before this day or moment.
    to: Option<String>,
    /// The newest so many periods.
    #[param(minimum = 1, maximum = 1500, default = 100)]
    limit: Option<u64>,
    /// One application by id, for operators; absent: everybody.
    application: Option<String>,
}

#[derive(Debug)]
struct UsageQuery {
    period: Period,
    from: Option<i64>,
    to: Option<i64>,
    limit: i64,
    application: Option<ApplicationId>,
}

impl FromQuery for UsageQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self {
            period: query.choice("period", &PERIODS).unwrap_or(Period::Day),
            from: bound(query, "from"),
            to: bound(query, "to"),
            limit: query
                .number("limit", 1..=MAX_POINTS)
                .and_then(|limit| i64::try_from(limit).ok())
                .unwrap_or(DEFAULT_POINTS),
            application: query.parsed("application", "an application's id"),
        }
    }
}

fn bound(query: &mut QueryReader, name: &'static str) -> Option<i64> {
    let text = query.text(name)?;
    let moment = Timestamp::lenient(&text);
    if moment.is_none() {
        query.fault(name, "Must be a day or a moment, such as 2026-03-01 or 2026-03-01T12:00:00Z.");
    }
    moment.map(Timestamp::as_secs)
}

/// Whose usage the caller may see: their application's, or as an operator everybody's.
#[derive(Debug, Clone, Copy)]
enum Viewer {
    Application { id: ApplicationId, party: i64 },
    Operator,
}

impl FromRequest for Viewer {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            let own = req.extensions().get::<Identity>().and_then(|identity| {
                let (id, _) = identity.key?;
                Some(Self::Application { id, party: i64::try_from(identity.party.usage_number()).ok()? })
            });
            if let Some(own) = own {
                return Ok(own);
            }
            let state = ApiState::of(&req)?;
            match find_signed_in(&req, &state).await? {
                Some(signed_in) if signed_in.account.role == Role::Operator => Ok(Self::Operator),
                Some(_) => Err(Problem::new(ProblemKind::Forbidden)),
                None => Err(Problem::new(ProblemKind::KeyRequired)),
            }
        })
    }
}

/// What the application whose key you send has used: the same numbers that the operator sees.
///
/// Counted within seconds of each answer. Operators, signed in, see everybody's or one application's.
#[utoipa::path(tag = "usage", params(UsageParams), security(("api_key" = []), ("bearer" = []), ("session" = [])),
               responses((status = OK, body = UsageOut), Problem))]
#[get("/usage")]
pub(super) async fn get_usage(viewer: Viewer, query: Query<UsageQuery>, state: Data<ApiState>) -> Answer<UsageOut> {
    let Query(UsageQuery { period, from, to, limit, application: wanted }) = query;
    let out = state
        .read(move |tx| {
            let (application, party) = match (viewer, wanted) {
                (Viewer::Application { id, party }, None) => (Some(id), Some(party)),
                (Viewer::Application { id, party }, Some(wanted)) if wanted == id => (Some(id), Some(party)),
                (Viewer::Application { .. }, Some(other)) => {
                    return Err(fairground_catalog::CatalogError::not_found("application", other));
                }
                (Viewer::Operator, None) => (None, None),
                (Viewer::Operator, Some(wanted)) => {
                    let application = application::get(tx, wanted)?;
                    (Some(application.id), Some(application.number))
                }
            };
            let filter = UsageFilter { party, from, to };
            Ok(UsageOut {
                application: application.map(|id| id.to_string()),
                period: period.as_str(),
                total: usage::total(tx, &filter)?.into(),
                series: usage::series(tx, period, &filter, limit)?.into_iter().map(UsageStep::from).collect(),
            })
        })
        .await?;
    Ok(Json(out))
}
