//! What is kept about the person who is signed in: told, exported, changed and erased.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, put};
use fairground_catalog::account;
use fairground_domain::{SessionId, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::me_wire::{DatumOut, ErasedOut, ExportOut, MeOut};
use super::sessions::begun;
use super::wire::{NewSessionOut, PasswordIn, ProofIn};
use crate::body::{Body, OptionalBody};
use crate::caller::{Caller, SignedInOnly, Then, signed_out_cookie};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// What is kept about you: account, identities, sessions, applications, and each datum with its reason and its end.
#[utoipa::path(tag = "me", security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = MeOut), Problem))]
#[get("/me")]
pub(super) async fn get_me(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<MeOut> {
    let (here, rules) = (caller.arriving().session.id, state.settings.sessions);
    let (account, secret) = (caller.into_account(), state.catalog.secret.clone());
    let data = state.read(move |tx| account::collect(tx, &secret, &account, &rules)).await?;
    Ok(Json(MeOut::new(data, here)))
}

/// The same as one JSON file, to keep or to take elsewhere.
#[utoipa::path(tag = "me", security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ExportOut), Problem))]
#[get("/me/export")]
pub(super) async fn export_me(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let rules = state.settings.sessions;
    let (account, secret) = (caller.into_account(), state.catalog.secret.clone());
    let data = state.read(move |tx| account::collect(tx, &secret, &account, &rules)).await?;
    let out = ExportOut {
        portal: state.settings.public_url.clone(),
        exported_at: Timestamp::now(),
        data: data.list().into_iter().map(DatumOut::from).collect(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"about-me.json\""))
        .json(out))
}

/// Erases you: account, identities, sessions, memberships, and applications that nobody shares. It cannot be undone.
///
/// The password proves again who you are; without one, a sign-in within the last ten minutes does. A second factor is asked for
/// where there is one.
#[utoipa::path(tag = "me", request_body = ProofIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = ErasedOut), Problem))]
#[delete("/me")]
pub(super) async fn erase_me(
    asked: Then<Caller<SignedInOnly>, OptionalBody<ProofIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, OptionalBody(proof)) = asked;
    let erased = state.erase_person(&req, caller.arriving(), proof.into()).await?;
    Ok(HttpResponse::Ok().cookie(signed_out_cookie(&state.settings)).json(ErasedOut::from(erased)))
}

/// Changes the password, or sets one. Other sessions end, and this one goes on under a new token.
#[utoipa::path(tag = "me", request_body = PasswordIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = NewSessionOut), Problem))]
#[put("/me/password")]
pub(super) async fn change_password(
    asked: Then<Caller<SignedInOnly>, Body<PasswordIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(PasswordIn { password, code, new_password })) = asked;
    let proof = account::Reproof { password, code };
    let session = state.change_password(&req, caller.arriving(), proof, new_password).await?;
    Ok(begun(&state, session))
}

/// Ends every session of yours, this one included.
#[utoipa::path(tag = "me", security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT, description = "They have ended"), Problem))]
#[delete("/me/sessions")]
pub(super) async fn end_all_sessions(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let id = caller.account().id;
    state.write(move |tx| account::end_all_sessions(tx, id, None)).await?;
    Ok(HttpResponse::NoContent().cookie(signed_out_cookie(&state.settings)).finish())
}

/// A session of yours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SessionPath {
    /// The session's id.
    session: String,
}

/// Ends one session of yours.
#[utoipa::path(tag = "me", params(SessionPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT, description = "It has ended"), Problem))]
#[delete("/me/sessions/{session}")]
pub(super) async fn end_session(
    caller: Caller<SignedInOnly>,
    path: Path<SessionPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let session: SessionId = path.session.parse().map_err(|_| Problem::not_found("session"))?;
    let id = caller.account().id;
    state.write(move |tx| account::end_session(tx, id, session)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An identity provider.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct IdentityPath {
    /// The identity provider's slug.
    provider: String,
}

/// Unlinks your identity at a provider. The last way to sign in stays.
#[utoipa::path(tag = "me", params(IdentityPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT, description = "It is unlinked"), Problem))]
#[delete("/me/identities/{provider}")]
pub(super) async fn unlink_identity(
    caller: Caller<SignedInOnly>,
    path: Path<IdentityPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (id, provider) = (caller.account().id, path.into_inner().provider);
    state.write(move |tx| account::unlink_identity(tx, id, &provider)).await?;
    Ok(HttpResponse::NoContent().finish())
}
