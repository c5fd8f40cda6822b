//! Sources: listed, added, run.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post};
use fairground_catalog::account::{Account, Role};
use fairground_catalog::harvest::{self, HarvestPayload, HarvestSource, NewSource};
use fairground_catalog::{CatalogError, Tx, publisher, source};
use fairground_domain::Slug;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{JobOut, RunIn, SourceIn, SourceOut};
use crate::answer::{Freshness, Rendered};
use crate::body::{Body, OptionalBody};
use crate::caller::{Caller, RunSources, SeeHarvests, Then};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// A source's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SourcePath {
    /// The source's id or slug.
    pub(super) source: String,
}

/// The source, if it is the caller's business; otherwise there is none.
pub(super) fn visible(tx: &mut Tx<'_>, account: &Account, id_or_slug: &str) -> Result<HarvestSource, CatalogError> {
    let source = harvest::get_source(tx, id_or_slug)?;
    if account.works_for(source.publisher_id) { Ok(source) } else { Err(CatalogError::not_found("source", id_or_slug)) }
}

/// Sources by slug: all for operators, the own body's for others.
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
    let account = caller.into_account();
    let after: Option<Slug> = page.after.as_deref().and_then(|slug| slug.parse().ok());
    let wanted = page.wanted();
    let found = state
        .read(move |tx| match (account.role, account.publisher_id) {
            (Role::Operator, _) => harvest::list_sources(tx, None, after.as_ref(), wanted),
            (Role::Steward | Role::Publisher, Some(own)) => {
                harvest::list_sources(tx, Some(own), after.as_ref(), wanted)
            }
            (Role::Steward | Role::Publisher, None) | (Role::Developer, _) => Ok(Vec::new()),
        })
        .await?;
    let (items, next) = page.cut(found, |source| source.slug.to_string());
    let body = Page { items: items.into_iter().map(SourceOut::from).collect::<Vec<_>>(), next };
    let rendered = Rendered::json(&body, Freshness::Private)?;
    Ok(page::link_next(rendered, &req, body.next.as_deref()).answer(&req))
}

/// Adds a source: operators for any body, or for none. Staff of an agency propose one of their own body; nothing is fetched of it
/// until an operator approves it.
#[utoipa::path(tag = "harvests", request_body = SourceIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = SourceOut), Problem))]
#[post("/sources")]
pub(super) async fn create_source(
    asked: Then<Caller<RunSources>, Body<SourceIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(new)) = asked;
    let (actor, account) = (caller.actor(), caller.into_account());
    let slug: Slug = new.slug.parse().map_err(|_| Problem::not_found("slug"))?;
    let source = state
        .write(move |tx| {
            let publisher = publisher_for(tx, &account, new.publisher.as_deref())?;
            let new = NewSource { slug, url: new.url, kind: new.kind, publisher, interval_secs: new.interval_secs };
            if account.role == Role::Operator {
                harvest::create_source(tx, new, &actor)
            } else {
                source::propose_source(tx, new, &actor)
            }
        })
        .await?;
    let location = format!("/api/v1/sources/{}", source.slug);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(SourceOut::from(source)))
}

/// For whom a new source is: as asked for operators, the own body for others.
fn publisher_for(tx: &mut Tx<'_>, account: &Account, asked: Option<&str>) -> Result<Option<Slug>, CatalogError> {
    let invalid = |problem: &str| CatalogError::Invalid { field: "publisher", problem: problem.to_owned() };
    let asked: Option<Slug> = asked.map(str::parse).transpose().map_err(|_| invalid("is not a slug"))?;
    if account.role == Role::Operator {
        return Ok(asked);
    }
    let own = account.publisher_id.and_then(|id| publisher::find_by_id(tx, id).transpose()).transpose()?;
    let own = own.ok_or(CatalogError::Forbidden("the account acts for no publisher"))?.slug;
    match asked {
        Some(other) if other != own => Err(invalid("must be your own body")),
        _ => Ok(Some(own)),
    }
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
    let (account, name) = (caller.into_account(), path.into_inner().source);
    Ok(Json(state.read(move |tx| visible(tx, &account, &name)).await?.into()))
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
    let (account, name) = (caller.into_account(), path.into_inner().source);
    let job = state
        .write(move |tx| {
            let source = visible(tx, &account, &name)?;
            match harvest::find_unfinished(tx, source.id)? {
                Some(job) => Ok(job),
                None => {
                    let payload = HarvestPayload { dry_run: asked.dry_run, ..HarvestPayload::default() };
                    harvest::enqueue(tx, source.id, &payload)
                }
            }
        })
        .await?;
    state.wake_harvester();
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(JobOut::from(job)))
}
