//! Publishing tokens, and whether somebody wants letters about their work.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, http::header, post, put};
use fairground_catalog::member::{self, Actor, MAX_TOKEN_NAME_CHARS, PlainToken, PublishingToken};
use fairground_catalog::{CatalogError, notice, publisher};
use fairground_domain::{PublishingTokenId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::handlers::PublisherPath;
use crate::body::{Body, Checked, check_text};
use crate::caller::{Caller, SignedInOnly, Then};
use crate::dataset::PublisherBrief;
use crate::page::Page;
use crate::problem::{Answer, Fault, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// A token by which a program publishes for somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PublishingTokenOut {
    /// Its id.
    id: String,
    /// What its owner calls it.
    name: String,
    /// The one publisher that it is good for.
    publisher: PublisherBrief,
    /// Its owner's address.
    owner: String,
    /// How the token begins.
    hint: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
    /// Whether it gives anything now: it has not ended, and its owner still has a role for the publisher.
    works: bool,
}

impl From<PublishingToken> for PublishingTokenOut {
    fn from(token: PublishingToken) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name,
            publisher: (&token.publisher).into(),
            owner: token.email,
            hint: token.hint,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            works: token.works,
        }
    }
}

/// A token that was just made. `secret` is shown this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct NewPublishingTokenOut {
    #[serde(flatten)]
    token: PublishingTokenOut,
    /// The token itself: `fgp_…`. Nobody can show it again.
    secret: String,
}

/// What a token is made for.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PublishingTokenIn {
    /// The publisher (id or slug) that it is good for.
    publisher: String,
    /// What you call it, such as the program that gets it.
    name: String,
    /// When it ends: within 365 days.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl Checked for PublishingTokenIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.publisher.trim().is_empty() {
            faults.push(Fault::at("/publisher", "Which publisher is it for?"));
        }
        check_text(&mut faults, "/name", &self.name, MAX_TOKEN_NAME_CHARS);
        if self.expires_at.is_none() {
            faults.push(Fault::at("/expires_at", "When does it end?"));
        }
        faults
    }
}

/// A token's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct TokenPath {
    /// The token's id.
    token: String,
}

/// Your publishing tokens, newest first; those that ended lately among them.
#[utoipa::path(tag = "members", security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<PublishingTokenOut>), Problem))]
#[get("/me/publishing-tokens")]
pub(super) async fn list_publishing_tokens(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<PublishingTokenOut>> {
    let account = caller.account().id;
    let found = state.read(move |tx| member::list_tokens(tx, account)).await?;
    Ok(Json(Page { items: found.into_iter().map(PublishingTokenOut::from).collect(), next: None }))
}

/// Everybody's publishing tokens for a publisher, newest first; for its managers.
#[utoipa::path(tag = "members", params(PublisherPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<PublishingTokenOut>), Problem))]
#[get("/publishers/{publisher}/publishing-tokens")]
pub(super) async fn list_publisher_tokens(
    caller: Caller<SignedInOnly>,
    path: Path<PublisherPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<PublishingTokenOut>> {
    let actor = Actor::of(caller.account());
    let found = state
        .read(move |tx| {
            let publisher = path.find(tx)?;
            member::list_publisher_tokens(tx, &actor, publisher)
        })
        .await?;
    Ok(Json(Page { items: found.into_iter().map(PublishingTokenOut::from).collect(), next: None }))
}

/// Makes a token for a program that publishes: by it the program does what you may do for that publisher, as long as you may.
#[utoipa::path(tag = "members", request_body = PublishingTokenIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = NewPublishingTokenOut), Problem))]
#[post("/me/publishing-tokens")]
pub(super) async fn create_publishing_token(
    asked: Then<Caller<SignedInOnly>, Body<PublishingTokenIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(asked)) = asked;
    // Checked with the body.
    let ends = asked.expires_at.unwrap_or(Timestamp::from_micros(0));
    let (token, plain) =
        make_publishing_token(&state, Actor::of(caller.account()), asked.publisher, asked.name, ends).await?;
    let out = NewPublishingTokenOut { token: token.into(), secret: plain.reveal().to_owned() };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(out))
}

/// Makes a token for the publisher of that id or slug.
///
/// # Errors
/// As [`member::create_token`].
pub async fn make_publishing_token(
    state: &ApiState,
    actor: Actor,
    publisher: String,
    name: String,
    expires_at: Timestamp,
) -> Result<(PublishingToken, PlainToken), Problem> {
    let secret = state.catalog.secret.clone();
    state
        .write(move |tx| {
            let found = publisher::find(tx, publisher.trim())?;
            let home = found.ok_or_else(|| CatalogError::not_found("publisher", &publisher))?.id;
            member::create_token(tx, &secret, &actor, home, &name, expires_at)
        })
        .await
}

/// Revokes a publishing token, at once: your own, or anybody's for a publisher that you manage.
#[utoipa::path(tag = "members", params(TokenPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/publishing-tokens/{token}")]
pub(super) async fn revoke_publishing_token(
    caller: Caller<SignedInOnly>,
    path: Path<TokenPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = Actor::of(caller.account());
    let id: PublishingTokenId = path.token.parse().map_err(|_| Problem::not_found("publishing token"))?;
    state.write(move |tx| member::revoke_token(tx, &actor, id)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whether you are told of your work by letter.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkLettersDoc {
    /// Letters about drafts that wait for you, what became of yours, and what the gate holds.
    wanted: bool,
}

impl Checked for WorkLettersDoc {}

/// Whether you get letters about your work for publishers.
#[utoipa::path(tag = "members", security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = WorkLettersDoc), Problem))]
#[get("/me/work-letters")]
pub(super) async fn get_work_letters(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<WorkLettersDoc> {
    let account = caller.account().id;
    let quiet = state.read(move |tx| notice::is_quiet(tx, account)).await?;
    Ok(Json(WorkLettersDoc { wanted: !quiet }))
}

/// Ends letters about your work for publishers, or lets them come again.
#[utoipa::path(tag = "members", request_body = WorkLettersDoc, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = WorkLettersDoc), Problem))]
#[put("/me/work-letters")]
pub(super) async fn set_work_letters(
    asked: Then<Caller<SignedInOnly>, Body<WorkLettersDoc>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<WorkLettersDoc> {
    let Then(caller, Body(WorkLettersDoc { wanted })) = asked;
    let account = caller.account().id;
    state.write(move |tx| notice::set_quiet(tx, account, !wanted)).await?;
    Ok(Json(WorkLettersDoc { wanted }))
}
