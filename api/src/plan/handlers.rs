//! Reading the tariff, comparing its versions, announcing another one.

use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use fairground_catalog::tariff::{self, Draft};
use fairground_catalog::{CatalogError, Tx, application};
use fairground_domain::{ApplicationId, Tariff, Timestamp, compare, in_force_at};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{AnnouncementOut, ComparisonOut, StandingOut, TariffIn, TariffOut, VersionList};
use crate::answer::{Freshness, Rendered, matches};
use crate::body::Body;
use crate::caller::{Anyone, Caller, GovernMarket, KeyOwner, Then};
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// What may be asked of the plans.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct PlansParams {
    /// A version of the tariff; absent: the one in force.
    #[param(minimum = 1)]
    version: Option<u32>,
}

#[derive(Debug)]
pub(super) struct PlansQuery {
    version: Option<u32>,
}

impl FromQuery for PlansQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { version: version(query, "version") }
    }
}

fn version(query: &mut QueryReader, name: &'static str) -> Option<u32> {
    query.number(name, 1..=u64::from(u32::MAX)).and_then(|number| u32::try_from(number).ok())
}

/// Every plan of the tariff in force, or of any version: its limits, its price, and who may be on it. There are no others.
///
/// These are the limits as the version was published; exceptions in force stand in `/.well-known/tariff.json`.
#[utoipa::path(tag = "plans", params(PlansParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = TariffOut), Problem))]
#[get("/plans")]
pub(super) async fn list_plans(
    _caller: Anyone,
    query: Query<PlansQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(PlansQuery { version }) = query;
    let (versions, now) = state.read(|tx| Ok((tariff::list_versions(tx)?, tx.now))).await?;
    let found = match version {
        Some(version) => versions.iter().find(|tariff| tariff.version == version),
        None => in_force_at(&versions, now),
    };
    let tariff = found.ok_or_else(|| Problem::not_found("tariff version"))?;
    let out = TariffOut::of(&versions, tariff, now).map_err(Problem::internal)?;
    let rendered = Rendered::json(&out, Freshness::Revalidated)?;
    let rendered = rendered.link("/.well-known/tariff.json", "alternate").link("/api/v1/tariffs", "version-history");
    Ok(rendered.answer(&req))
}

/// The validator of the list of versions: it moves with every version that is published or takes effect.
fn etag(versions: &[Tariff], now: Timestamp) -> String {
    let latest = versions.iter().map(|tariff| tariff.version).max().unwrap_or(0);
    let current = in_force_at(versions, now).map_or(0, |tariff| tariff.version);
    format!("\"tariffs-{latest}-{current}\"")
}

/// Every version of the tariff that was ever published, newest first. Its `ETag` is what a new version must name.
#[utoipa::path(tag = "plans", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = VersionList), Problem))]
#[get("/tariffs")]
pub(super) async fn list_tariffs(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (versions, now) = state.read(|tx| Ok((tariff::list_versions(tx)?, tx.now))).await?;
    let rendered = Rendered::json(&VersionList::of(&versions, now), Freshness::Revalidated)?;
    Ok(rendered.etag(etag(&versions, now)).link("/feeds/transparency.atom", "alternate").answer(&req))
}

/// The two versions to compare.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct DifferenceParams {
    /// The version that was; absent: the one before `to`.
    #[param(minimum = 1)]
    from: Option<u32>,
    /// The version that came; absent: the latest.
    #[param(minimum = 1)]
    to: Option<u32>,
}

#[derive(Debug)]
pub(super) struct DifferenceQuery {
    from: Option<u32>,
    to: Option<u32>,
}

impl FromQuery for DifferenceQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { from: version(query, "from"), to: version(query, "to") }
    }
}

/// What differs between two versions of the tariff, field by field: better, same or worse for anybody.
#[utoipa::path(tag = "plans", params(DifferenceParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ComparisonOut), Problem))]
#[get("/tariffs/difference")]
pub(super) async fn compare_tariffs(
    _caller: Anyone,
    query: Query<DifferenceQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(DifferenceQuery { from, to }) = query;
    let versions = state.read(tariff::list_versions).await?;
    let find = |wanted: u32| {
        let found = versions.iter().find(|tariff| tariff.version == wanted);
        found.ok_or_else(|| Problem::not_found("tariff version"))
    };
    let to = to.or_else(|| versions.first().map(|tariff| tariff.version)).unwrap_or(1);
    let from = from.unwrap_or_else(|| to.saturating_sub(1).max(1));
    let out = ComparisonOut::from(compare(find(from)?, find(to)?));
    Ok(Rendered::json(&out, Freshness::Revalidated)?.answer(&req))
}

/// The number of the latest version that the caller has seen, by `If-Match`.
fn seen_version(req: &HttpRequest, versions: &[Tariff], now: Timestamp) -> Result<u32, Problem> {
    let field = req.headers().get(header::IF_MATCH).and_then(|value| value.to_str().ok());
    let field = field.ok_or_else(|| {
        Problem::new(ProblemKind::PreconditionRequired)
            .detail("Send the `ETag` of /api/v1/tariffs in `If-Match`: it says which version yours follows.")
    })?;
    let latest = versions.iter().map(|tariff| tariff.version).max().unwrap_or(0);
    let own = etag(versions, now);
    let holds = field
        .split(',')
        .map(str::trim)
        .any(|tag| matches(&own, tag).is_some() || tag.trim_matches('"') == latest.to_string());
    if holds {
        return Ok(latest);
    }
    Err(Problem::new(ProblemKind::PreconditionFailed)
        .detail(format!("The latest version of the tariff is {latest}, and its `ETag` is {own}.")))
}

/// Announces a version of the tariff. One that is less favourable to anybody is refused before its notice is over.
///
/// `If-Match` must name the latest version: the `ETag` of `/api/v1/tariffs`.
#[utoipa::path(tag = "plans", request_body = TariffIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = AnnouncementOut), Problem))]
#[post("/tariffs")]
pub(super) async fn publish_tariff(
    caller: Then<Caller<GovernMarket>, Body<TariffIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(body)) = caller;
    let (draft, actor) = (Draft::from(body), caller.actor());
    let (versions, now) = state.read(|tx| Ok((tariff::list_versions(tx)?, tx.now))).await?;
    let seen = seen_version(&req, &versions, now)?;
    let (tariff, announcement) = state.write_keys(move |tx| tariff::publish(tx, draft, seen, &actor)).await?;
    let location = format!("/api/v1/plans?version={}", tariff.version);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(AnnouncementOut::of(&tariff, announcement)))
}

/// What a version would mean if it were announced now: what is better and worse, the notice that it needs, the first day
/// possible. Nothing is published.
#[utoipa::path(tag = "plans", request_body = TariffIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = AnnouncementOut), Problem))]
#[post("/tariffs/comparison")]
pub(super) async fn preview_tariff(
    caller: Then<Caller<GovernMarket>, Body<TariffIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<AnnouncementOut> {
    let Then(_, Body(body)) = caller;
    let draft = Draft::from(body);
    let (tariff, announcement) = state.read(move |tx| tariff::preview(tx, draft)).await?;
    Ok(Json(AnnouncementOut::of(&tariff, announcement)))
}

/// An application's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct EligibilityPath {
    /// The application's id, or `me` for the one whose key you send.
    application: String,
}

/// How the application whose key you send stands to every plan's rule, by its own figures.
#[utoipa::path(tag = "plans", params(EligibilityPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = StandingOut), Problem))]
#[get("/applications/{application}/eligibility")]
pub(super) async fn get_eligibility(
    owner: KeyOwner,
    path: Path<EligibilityPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<StandingOut> {
    let id = owner.of_application(&path.application)?.application;
    let (plan, standing) = state.read(move |tx| standing_out(tx, id)).await?;
    Ok(Json(StandingOut::of(&plan, &standing).map_err(Problem::internal)?))
}

/// An application's plan, and how it stands to every plan.
fn standing_out(tx: &mut Tx<'_>, id: ApplicationId) -> Result<(String, tariff::Standing), CatalogError> {
    let application = application::get(tx, id)?;
    let standing = tariff::evaluate(tx, &application)?;
    Ok((application.plan.to_string(), standing))
}
