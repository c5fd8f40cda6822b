//! Sources: listed, added, run.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post};
use fairground_catalog::harvest::{HarvestPayload, NewSource};
use fairground_catalog::source::{self, steer};
use fairground_domain::Slug;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{JobOut, RunIn, SourceIn, SourceOut};
use crate::answer::Freshness;
use crate::body::{Body, OptionalBody};
use crate::caller::{Caller, RunSources, SeeHarvests, Then};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// A source's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SourcePath {
    /// The source's id or slug.
    pub(super) source: String,
}

/// Sources by slug: all for operators and auditors; for others those of the bodies that they work for or manage, and of all below
/// them in the tree.
#[utoipa::path(tag = "harvests", params(PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<SourceOut>), Problem))]
#[get("/sources")]
pub(super) async fn list_sources(
    caller: Caller<SeeHarvests>,
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let actor = caller.worker();
    let after: Option<Slug> = page.after.as_deref().and_then(|slug| slug.parse().ok());
    let wanted = page.wanted();
    let found = state.read(move |tx| source::list_visible(tx, &actor, after.as_ref(), wanted)).await?;
    let (items, next) = page.cut(found, |source| source.slug.to_string());
    page::answer(items.into_iter().map(SourceOut::from).collect::<Vec<_>>(), next, Freshness::Private, &req)
}

/// Adds a source: operators for any body, or for none. Staff and managers of an agency propose one of their own body, or of one below
/// it; nothing is fetched of it until an operator approves it.
#[utoipa::path(tag = "harvests", request_body = SourceIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = SourceOut), Problem))]
#[post("/sources")]
pub(super) async fn create_source(
    asked: Then<Caller<RunSources>, Body<SourceIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(new)) = asked;
    let actor = caller.worker();
    let slug: Slug = new.slug.parse().map_err(|_| Problem::not_found("slug"))?;
    let publisher: Option<Slug> = new.publisher.as_deref().map(str::parse).transpose().map_err(|_| {
        Problem::new(ProblemKind::InvalidContent).errors(vec![Fault::at("/publisher", "is not a slug")])
    })?;
    let new = NewSource { slug, url: new.url, kind: new.kind, publisher, interval_secs: new.interval_secs };
    let source = state.write(move |tx| steer::add(tx, &actor, new)).await?;
    let location = format!("/api/v1/sources/{}", source.slug);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(SourceOut::from(source)))
}

/// One source.
#[utoipa::path(tag = "harvests", params(SourcePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = SourceOut), Problem))]
#[get("/sources/{source}")]
pub(super) async fn get_source(
    caller: Caller<SeeHarvests>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<SourceOut> {
    let (actor, name) = (caller.worker(), path.into_inner().source);
    Ok(Json(state.read(move |tx| source::get_visible(tx, &actor, &name)).await?.0.into()))
}

/// Asks for a harvest. When one is under way already, that one is answered.
#[utoipa::path(tag = "harvests", params(SourcePath), request_body = Option<RunIn>,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = ACCEPTED, body = JobOut), Problem))]
#[post("/sources/{source}/run")]
pub(super) async fn run_source(
    asked: Then<Caller<RunSources>, OptionalBody<RunIn>>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, OptionalBody(asked)) = asked;
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let payload = HarvestPayload { dry_run: asked.dry_run, ..HarvestPayload::default() };
    let (job, _) = state.write(move |tx| steer::run(tx, &actor, &name, &payload)).await?;
    state.wake_harvester();
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(JobOut::from(job)))
}
