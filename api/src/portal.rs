//! About the portal itself: health, figures, the documents that others look for.

use std::sync::OnceLock;

use actix_web::web::{self, Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::register::{self, EntryKind, EntryStatus, RegisterFilter};
use fairground_catalog::{journal, tariff};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Freshness, Rendered};
use crate::document;
use crate::plan::TariffDocument;
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::state::ApiState;

/// How far the index may lie behind the journal before the portal counts as not ready, in entries.
const MAX_INDEX_LAG: i64 = 50_000;
/// When a load balancer asks again, in seconds.
const READY_RETRY_SECS: u64 = 2;
/// How long `security.txt` says that it holds, in days.
const SECURITY_TXT_DAYS: i64 = 180;
const DAY_SECS: i64 = 86_400;
/// Most exceptions in force that the tariff's document names.
const MAX_EXCEPTIONS: i64 = 1_000;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    crate::usage::publication_routes(config);
    config
        .service(get_liveness)
        .service(get_readiness)
        .service(get_metrics)
        .service(get_openapi)
        .service(get_security_txt)
        .service(get_tariff)
        .service(list_problems)
        .service(get_problem);
    crate::transparency::feed_routes(config);
}

/// That the process answers.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct Health {
    /// `live` or `ready`.
    status: &'static str,
    /// What somebody should look at although the portal serves; absent when there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alarms: Vec<String>,
}

/// Whether the process answers at all.
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = Health)))]
#[get("/health/live")]
async fn get_liveness() -> Json<Health> {
    Json(Health { status: "live", alarms: Vec::new() })
}

/// Whether the portal can do its work: the store answers, the index follows, the meter writes.
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = Health), Problem))]
#[get("/health/ready")]
async fn get_readiness(state: Data<ApiState>) -> Answer<Health> {
    let head = state.read(|tx| Ok(journal::head(tx)?.seq)).await?;
    let position = i64::try_from(state.catalog.index.position()).unwrap_or(i64::MAX);
    let mut faults = Vec::new();
    if head - position > MAX_INDEX_LAG {
        faults.push(Fault::at("/index", format!("The search index is {} entries behind.", head - position)));
    }
    if state.gate.usage().is_failing() {
        faults.push(Fault::at("/meter", "Usage records cannot be written."));
    }
    if state.gate.admission().is_store_unreachable() {
        faults.push(Fault::at("/quotas", "The quota store is out of reach; emergency allowances hold."));
    }
    if faults.is_empty() {
        return Ok(Json(Health { status: "ready", alarms: state.roll_up.status().alarms(Timestamp::now()) }));
    }
    Err(Problem::new(ProblemKind::Unavailable).retry_after(READY_RETRY_SECS).errors(faults))
}

/// Figures for operators, in Prometheus' text format.
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = String, content_type = "text/plain"), Problem))]
#[get("/metrics")]
async fn get_metrics(state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let Some(handle) = state.metrics.clone() else {
        return Err(Problem::new(ProblemKind::NotFound).detail("This program records no metrics."));
    };
    state.roll_up.status().tell(Timestamp::now());
    crate::metrics::tell_load(state.gate.capacity().load());
    // Rendered on a thread of its own kind: a scrape must not hold up answers.
    let text = web::block(move || handle.render()).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// This document.
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = Object, content_type = "application/json")))]
#[get("/openapi.json")]
async fn get_openapi(req: HttpRequest, state: Data<ApiState>) -> HttpResponse {
    state
        .openapi
        .get_or_init(|| {
            Rendered::new(document::for_portal(&state.settings), "application/json", Freshness::Revalidated)
        })
        .answer(&req)
}

/// How to report a vulnerability (RFC 9116).
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = String, content_type = "text/plain")))]
#[get("/.well-known/security.txt")]
async fn get_security_txt(state: Data<ApiState>) -> HttpResponse {
    let settings = &state.settings;
    let expires = Timestamp::now().plus_secs(SECURITY_TXT_DAYS * DAY_SECS);
    let text = format!(
        "Contact: {}\nExpires: {expires}\nCanonical: {}/.well-known/security.txt\nPreferred-Languages: en\n",
        settings.security_contact, settings.public_url
    );
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text)
}

/// The tariff in force: as it was published, with its exceptions, what is enforced, and which versions come before and after.
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = Object, content_type = "application/json"), Problem))]
#[get("/.well-known/tariff.json")]
async fn get_tariff(req: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, Problem> {
    let (versions, current, enforced, exceptions) = state
        .read(|tx| {
            let filter = RegisterFilter {
                kind: Some(EntryKind::Exception),
                status: Some(EntryStatus::InForce),
                ..RegisterFilter::default()
            };
            let exceptions = register::list(tx, &filter, MAX_EXCEPTIONS)?;
            Ok((tariff::list_versions(tx)?, tariff::get_current(tx)?, tariff::in_force(tx)?, exceptions))
        })
        .await?;
    let document = TariffDocument::of(&versions, current, enforced, exceptions, &state.settings.public_url);
    let rendered = Rendered::json(&document, Freshness::Revalidated)?;
    let rendered = rendered.link("/api/v1/plans", "alternate").link("/api/v1/tariffs", "version-history");
    Ok(rendered.answer(&req))
}

/// One kind of problem.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ProblemOut {
    /// Its `type`.
    #[serde(rename = "type")]
    kind: String,
    /// Its title.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What to do.
    advice: &'static str,
}

/// Every kind of problem.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct ProblemList {
    /// The kinds.
    items: Vec<ProblemOut>,
}

impl ProblemOut {
    fn of(kind: ProblemKind, public_url: &str) -> Self {
        let spec = kind.spec();
        Self {
            kind: spec.type_uri(public_url).into_owned(),
            title: spec.title,
            status: spec.status.as_u16(),
            advice: spec.advice,
        }
    }
}

/// Every kind of problem that an answer can be, and what to do about it.
#[utoipa::path(tag = "portal", security(()), responses((status = OK, body = ProblemList)))]
#[get("/problems")]
async fn list_problems(state: Data<ApiState>) -> Json<ProblemList> {
    let out = |kind| ProblemOut::of(kind, &state.settings.public_url);
    Json(ProblemList { items: ProblemKind::ALL.into_iter().map(out).collect() })
}

/// The last part of a problem's `type`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct ProblemPath {
    /// The kind, such as `not-found`.
    kind: String,
}

/// One kind of problem: where its `type` leads.
#[utoipa::path(tag = "portal", params(ProblemPath), security(()), responses((status = OK, body = ProblemOut), Problem))]
#[get("/problems/{kind}")]
async fn get_problem(path: Path<ProblemPath>, state: Data<ApiState>) -> Answer<ProblemOut> {
    let known = ProblemKind::ALL.into_iter().find(|kind| kind.spec().slug == path.kind);
    let kind = known.ok_or_else(|| Problem::not_found("kind of problem"))?;
    Ok(Json(ProblemOut::of(kind, &state.settings.public_url)))
}

/// The rendered document, made at its first use.
pub(crate) type OpenapiCell = OnceLock<Rendered>;
