//! Grants, delegations, and where somebody works.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post};
use fairground_catalog::member::{self, Actor};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::{AccountId, GrantId, PublisherId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{DelegationIn, GrantIn, GrantMade, GrantOut, WorkplaceOut};
use crate::answer::Freshness;
use crate::body::Body;
use crate::caller::{Caller, SignedInOnly, Then};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// A publisher's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PublisherPath {
    /// The publisher's id or slug.
    pub(super) publisher: String,
}

impl PublisherPath {
    /// The publisher's id. That a publisher exists is no secret.
    pub(super) fn find(&self, tx: &mut Tx<'_>) -> Result<PublisherId, CatalogError> {
        let found = publisher::find(tx, &self.publisher)?;
        Ok(found.ok_or_else(|| CatalogError::not_found("publisher", &self.publisher))?.id)
    }
}

/// The publishers that you work for, by slug; every publisher for operators and auditors.
#[utoipa::path(tag = "members", params(PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<WorkplaceOut>), Problem))]
#[get("/me/workplaces")]
pub(super) async fn list_workplaces(
    asked: Then<Caller<SignedInOnly>, Query<PageQuery>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(page)) = asked;
    let actor = Actor::of(caller.account());
    let (after, wanted) = (page.after.clone().unwrap_or_default(), page.wanted());
    let found = state.read(move |tx| member::list_workplaces(tx, &actor, &after, wanted)).await?;
    let (items, next) = page.cut(found, |place| place.publisher.slug.to_string());
    page::answer(items.into_iter().map(WorkplaceOut::from).collect::<Vec<_>>(), next, Freshness::Private, &req)
}

/// Everybody's rights for a publisher: granted, delegated, and by accounts' own roles on the portal.
#[utoipa::path(tag = "members", params(PublisherPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<GrantOut>), Problem))]
#[get("/publishers/{publisher}/members")]
pub(super) async fn list_publisher_members(
    caller: Caller<SignedInOnly>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<GrantOut>> {
    let actor = Actor::of(caller.account());
    let found = state
        .read(move |tx| {
            let publisher = path.find(tx)?;
            member::list_grants(tx, &actor, publisher)
        })
        .await?;
    Ok(Json(Page { items: found.into_iter().map(GrantOut::from).collect(), next: None }))
}

fn account_of(text: &str) -> Result<AccountId, CatalogError> {
    text.trim().parse().map_err(|_| CatalogError::not_found("account", text))
}

fn made(grant: GrantId) -> HttpResponse {
    HttpResponse::Created().json(GrantMade { id: grant.to_string() })
}

/// Gives an account a role for a publisher; for its managers.
#[utoipa::path(tag = "members", params(PublisherPath), request_body = GrantIn,
               security(("session" = []), ("session_cookie" = [])), responses((status = CREATED, body = GrantMade), Problem))]
#[post("/publishers/{publisher}/members")]
pub(super) async fn grant_publisher_role(
    asked: Then<Caller<SignedInOnly>, Body<GrantIn>>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(asked)) = asked;
    let actor = Actor::of(caller.account());
    let grant = state
        .write(move |tx| {
            let publisher = path.find(tx)?;
            // Who may not grant learns nothing of accounts.
            member::must_manage(tx, &actor, publisher)?;
            member::grant(tx, &actor, publisher, account_of(&asked.account)?, asked.role.into(), asked.ends_at)
        })
        .await?;
    Ok(made(grant))
}

/// Lets somebody else have one of your own roles for a while, as during a leave.
#[utoipa::path(tag = "members", params(PublisherPath), request_body = DelegationIn,
               security(("session" = []), ("session_cookie" = [])), responses((status = CREATED, body = GrantMade), Problem))]
#[post("/publishers/{publisher}/delegations")]
pub(super) async fn delegate_publisher_role(
    asked: Then<Caller<SignedInOnly>, Body<DelegationIn>>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(asked)) = asked;
    let actor = Actor::of(caller.account());
    let grant = state
        .write(move |tx| {
            let publisher = path.find(tx)?;
            member::must_see(tx, &actor, publisher)?;
            member::delegate(tx, &actor, publisher, account_of(&asked.account)?, asked.role.into(), asked.ends_at)
        })
        .await?;
    Ok(made(grant))
}

/// A publisher and a grant.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct GrantPath {
    /// The publisher's id or slug.
    publisher: String,
    /// The grant's id.
    grant: String,
}

/// Takes a role away: managers anybody's, everybody their own and what they delegated.
#[utoipa::path(tag = "members", params(GrantPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/publishers/{publisher}/members/{grant}")]
pub(super) async fn revoke_publisher_role(
    caller: Caller<SignedInOnly>,
    path: Path<GrantPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = Actor::of(caller.account());
    let GrantPath { publisher, grant } = path.into_inner();
    state
        .write(move |tx| {
            let home = PublisherPath { publisher }.find(tx)?;
            let id: GrantId = grant.parse().map_err(|_| CatalogError::not_found("grant", &grant))?;
            // A grant is found under its own publisher only; what is delegated shows in the list of either.
            let listed = member::list_grants(tx, &actor, home)?.iter().any(|known| known.id == Some(id));
            if !listed {
                return Err(CatalogError::not_found("grant", id));
            }
            member::revoke(tx, &actor, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
