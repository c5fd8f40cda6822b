//! The doors of follows.

use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use fairground_catalog::citizen::{self, Act};
use fairground_catalog::watch::{self, NewFollow, Subject};
use fairground_catalog::{CatalogError, Tx, dataset, publisher};
use fairground_domain::{DeliveryId, FollowId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::act::webhook;
use super::caller::CitizenCaller;
use super::wire::{
    ActOut, CitizenOut, ConfirmIn, DeliveryList, DeliveryOut, FollowChangeList, FollowChangeOut, FollowIn, FollowList,
    FollowOut, FollowPatch, KeptOut, saved_search, taken,
};
use crate::body::Body;
use crate::caller::{Anyone, Then, find_signed_in};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Changes and deliveries that a list shows.
const LISTED: i64 = 200;

/// Follows a dataset, a publisher or a search.
///
/// Signed in with a proved address it is done at once (201). Otherwise a letter goes to `email`, and following begins when its
/// link is opened (202); nothing is kept before. A webhook's secret is shown in this answer and never again.
#[utoipa::path(tag = "follows", request_body = FollowIn,
               security((), ("api_key" = []), ("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = ActOut), (status = ACCEPTED, body = ActOut), Problem))]
#[post("/follows")]
pub(super) async fn create_follow(
    asked: Then<Anyone, Body<FollowIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Body(wanted)) = asked;
    let account = acting(&req, &state).await?;
    let hook = wanted.webhook_url.as_deref().map(|address| webhook(&state, address)).transpose()?;
    let (email, channel, rhythm) = (wanted.email.clone(), wanted.channel.into(), wanted.rhythm.into());
    let subject = state.read(move |tx| subject_of(tx, &wanted)).await?;
    let (address, secret) = hook.unzip();
    let new = NewFollow { subject, channel, rhythm, address, secret: secret.clone() };
    let done = state.act(&req, account.as_ref(), email.as_deref(), Act::Follow(new)).await?;
    let (mut out, is_done) = taken(done);
    out.webhook_secret = secret;
    Ok(answer(out, is_done))
}

/// Who is signed in, for an act that others may do too: a session that came as a cookie must show its token.
pub(crate) async fn acting(
    req: &HttpRequest,
    state: &ApiState,
) -> Result<Option<fairground_catalog::account::Account>, Problem> {
    let Some(signed_in) = find_signed_in(req, state).await? else { return Ok(None) };
    signed_in.must_come_from_our_page(req)?;
    Ok(Some(signed_in.account))
}

/// 201 when it is done, 202 when a letter is on its way.
pub(crate) fn answer(out: ActOut, is_done: bool) -> HttpResponse {
    let mut answer = if is_done { HttpResponse::Created() } else { HttpResponse::Accepted() };
    answer.insert_header((header::CACHE_CONTROL, "no-store")).json(out)
}

fn subject_of(tx: &mut Tx<'_>, wanted: &FollowIn) -> Result<Subject, CatalogError> {
    match (&wanted.dataset, &wanted.publisher, &wanted.search) {
        (Some(name), _, _) => Ok(Subject::Dataset(dataset::get_public(tx, name.trim())?.id)),
        (_, Some(name), _) => {
            let found = publisher::find(tx, name.trim())?;
            Ok(Subject::Publisher(found.ok_or_else(|| CatalogError::not_found("publisher", name))?.id))
        }
        (_, _, search) => Ok(Subject::Search(saved_search(search.as_deref().unwrap_or_default()))),
    }
}

/// Does what waited for its address to be confirmed: a follow, a question, a request for data or the support of one.
#[utoipa::path(tag = "follows", request_body = ConfirmIn, security((), ("api_key" = [])),
               responses((status = CREATED, body = ActOut), Problem))]
#[post("/confirmations")]
pub(super) async fn confirm_act(
    asked: Then<Anyone, Body<ConfirmIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Body(ConfirmIn { token })) = asked;
    let (_, done) = state.confirm_act(&token).await?;
    Ok(answer(ActOut::done(done), true))
}

/// What you follow. Sign in, or send the token of the link in your letters as `Citizen-Token`.
#[utoipa::path(tag = "follows", security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = OK, body = FollowList), Problem))]
#[get("/follows")]
pub(super) async fn list_follows(
    caller: CitizenCaller,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<FollowList> {
    let Some(own) = caller.0 else { return Ok(Json(FollowList { items: Vec::new() })) };
    let follows = state.read(move |tx| watch::list_follows(tx, own.id)).await?;
    Ok(Json(FollowList { items: follows.into_iter().map(FollowOut::from).collect() }))
}

/// The latest changes of what you follow, each with what became of its delivery.
#[utoipa::path(tag = "follows", security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = OK, body = FollowChangeList), Problem))]
#[get("/follows/changes")]
pub(super) async fn list_follow_changes(
    caller: CitizenCaller,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<FollowChangeList> {
    let Some(own) = caller.0 else { return Ok(Json(FollowChangeList { items: Vec::new() })) };
    let news = state.read(move |tx| {
        let follows = watch::list_follows(tx, own.id)?;
        watch::list_news(tx, &follows, LISTED)
    });
    Ok(Json(FollowChangeList { items: news.await?.into_iter().map(FollowChangeOut::from).collect() }))
}

/// The latest letters and calls to you, and what became of each.
#[utoipa::path(tag = "follows", security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = OK, body = DeliveryList), Problem))]
#[get("/follows/deliveries")]
pub(super) async fn list_deliveries(
    caller: CitizenCaller,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DeliveryList> {
    let Some(own) = caller.0 else { return Ok(Json(DeliveryList { items: Vec::new() })) };
    let deliveries = state.read(move |tx| watch::list_deliveries(tx, own.id, LISTED)).await?;
    Ok(Json(DeliveryList { items: deliveries.into_iter().map(DeliveryOut::from).collect() }))
}

/// A delivery.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DeliveryPath {
    /// The delivery's id.
    delivery: String,
}

/// Puts the changes of a failed delivery back, so that the next letter or call tells them.
#[utoipa::path(tag = "follows", params(DeliveryPath),
               security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = NO_CONTENT, description = "They will be told again"), Problem))]
#[post("/follows/deliveries/{delivery}/retry")]
pub(super) async fn retry_delivery(
    caller: CitizenCaller,
    path: Path<DeliveryPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let own = caller.own("delivery")?;
    let id: DeliveryId = path.delivery.parse().map_err(|_| Problem::not_found("delivery"))?;
    state.write(move |tx| watch::retry(tx, own.id, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A follow.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct FollowPath {
    /// The follow's id.
    follow: String,
}

impl FollowPath {
    fn id(&self) -> Result<FollowId, Problem> {
        self.follow.parse().map_err(|_| Problem::not_found("follow"))
    }
}

/// Changes when you are told.
#[utoipa::path(tag = "follows", params(FollowPath), request_body = FollowPatch,
               security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = OK, body = FollowOut), Problem))]
#[patch("/follows/{follow}")]
pub(super) async fn update_follow(
    asked: Then<CitizenCaller, Body<FollowPatch>>,
    path: Path<FollowPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<FollowOut> {
    let Then(caller, Body(FollowPatch { rhythm })) = asked;
    let (own, id) = (caller.own("follow")?, path.id()?);
    let follow = state.write(move |tx| watch::set_rhythm(tx, own.id, id, rhythm.into())).await?;
    Ok(Json(follow.into()))
}

/// Stops following. Changes that waited are dropped; whoever follows, asked and supports nothing any more is forgotten.
#[utoipa::path(tag = "follows", params(FollowPath),
               security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = NO_CONTENT, description = "It has ended"), Problem))]
#[delete("/follows/{follow}")]
pub(super) async fn delete_follow(
    caller: CitizenCaller,
    path: Path<FollowPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (own, id) = (caller.own("follow")?, path.id()?);
    state.write(move |tx| watch::end_follow(tx, own.id, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Everything that is kept about you as a citizen, as one file: the address, follows, deliveries, questions, requests.
#[utoipa::path(tag = "follows", security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = OK, body = CitizenOut), Problem))]
#[get("/citizen")]
pub(super) async fn export_citizen(
    caller: CitizenCaller,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let secret = state.catalog.secret.clone();
    let data = match caller.0 {
        Some(own) => state.read(move |tx| citizen::data_of(tx, &secret, own)).await?.list(),
        None => Vec::new(),
    };
    let out = CitizenOut {
        portal: state.settings.public_url.clone(),
        exported_at: Timestamp::now(),
        data: data.into_iter().map(KeptOut::from).collect(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"about-me.json\""))
        .json(out))
}

/// Forgets you as a citizen: follows, deliveries, supports and the address. What you asked and nobody answered goes too; what
/// was answered stays without any link to you.
#[utoipa::path(tag = "follows", security(("session" = []), ("session_cookie" = []), ("citizen_token" = [])),
               responses((status = NO_CONTENT, description = "You are forgotten"), Problem))]
#[delete("/citizen")]
pub(super) async fn erase_citizen(
    caller: CitizenCaller,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    if let Some(own) = caller.0 {
        let secret = state.catalog.secret.clone();
        state.write(move |tx| citizen::erase_citizen(tx, &secret, own)).await?;
    }
    Ok(HttpResponse::NoContent().finish())
}
