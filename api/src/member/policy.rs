//! How a publisher's drafts are reviewed, and where it stands in the tree.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, put};
use fairground_catalog::member::{self, Actor};

use super::handlers::PublisherPath;
use super::wire::{ParentIn, PublisherBelow, ReviewPolicyIn, ReviewPolicyOut};
use crate::answer::{Freshness, Rendered};
use crate::body::Body;
use crate::caller::{Anyone, Caller, SignedInOnly, Then};
use crate::page::Page;
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// The review policy that holds for a publisher, for those who work for it.
#[utoipa::path(tag = "members", params(PublisherPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ReviewPolicyOut), Problem))]
#[get("/publishers/{publisher}/review-policy")]
pub(super) async fn get_review_policy(
    caller: Caller<SignedInOnly>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ReviewPolicyOut> {
    let actor = Actor::of(caller.account());
    let told = state
        .read(move |tx| {
            let publisher = path.find(tx)?;
            member::must_see(tx, &actor, publisher)?;
            Ok(ReviewPolicyOut::of(member::find_policy(tx, publisher)?, publisher))
        })
        .await?;
    Ok(Json(told))
}

/// Sets a publisher's own review policy; for managers. What is in review already goes on under what held when it was submitted.
#[utoipa::path(tag = "members", params(PublisherPath), request_body = ReviewPolicyIn,
               security(("session" = []), ("session_cookie" = [])), responses((status = OK, body = ReviewPolicyOut), Problem))]
#[put("/publishers/{publisher}/review-policy")]
pub(super) async fn set_review_policy(
    asked: Then<Caller<SignedInOnly>, Body<ReviewPolicyIn>>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ReviewPolicyOut> {
    let Then(caller, Body(asked)) = asked;
    let actor = Actor::of(caller.account());
    let told = state
        .write(move |tx| {
            let publisher = path.find(tx)?;
            let set = member::set_policy(tx, &actor, publisher, asked.policy(), asked.revision)?;
            Ok(ReviewPolicyOut::of(Some(set), publisher))
        })
        .await?;
    Ok(Json(told))
}

/// The publishers directly below one.
#[utoipa::path(tag = "publishers", params(PublisherPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Page<PublisherBelow>), Problem))]
#[get("/publishers/{publisher}/below")]
pub(super) async fn list_publishers_below(
    _caller: Anyone,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let found = state
        .read(move |tx| {
            let publisher = path.find(tx)?;
            member::children(tx, publisher)
        })
        .await?;
    let body = Page { items: found.into_iter().map(PublisherBelow::from).collect::<Vec<_>>(), next: None };
    Ok(Rendered::json(&body, Freshness::Revalidated)?.answer(&req))
}

/// Hangs a publisher below another, or on its own (`null`); for whoever manages both. Rights for the one above hold for it too.
#[utoipa::path(tag = "members", params(PublisherPath), request_body = ParentIn,
               security(("session" = []), ("session_cookie" = [])), responses((status = NO_CONTENT), Problem))]
#[put("/publishers/{publisher}/parent")]
pub(super) async fn set_publisher_parent(
    asked: Then<Caller<SignedInOnly>, Body<ParentIn>>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(ParentIn { parent })) = asked;
    let actor = Actor::of(caller.account());
    state
        .write(move |tx| {
            let publisher = path.find(tx)?;
            member::must_manage(tx, &actor, publisher)?;
            let parent = parent.map(|name| PublisherPath { publisher: name }.find(tx)).transpose()?;
            member::set_parent(tx, &actor, publisher, parent)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
