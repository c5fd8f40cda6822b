//! Setting up a second factor, and taking it away.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, delete, http::header, post};
use fairground_catalog::account::Enrolment;

use super::wire::{CodeIn, EnrolmentOut, NewFactorOut, ProofIn};
use crate::body::{Body, OptionalBody};
use crate::caller::{Caller, Enrolling, SignedInOnly, Then, csrf_token};
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Begins to set up a second factor (RFC 6238). Nothing changes until a code of it was shown.
#[utoipa::path(tag = "me", security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = EnrolmentOut), Problem))]
#[post("/me/second-factor")]
pub(super) async fn begin_second_factor(
    caller: Enrolling,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Enrolment { secret, uri } = state.begin_second_factor(&caller.0).await?;
    let out = EnrolmentOut { secret, uri };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(out))
}

/// Takes the second factor into use with a code of it. Other sessions end, and this one goes on under a new token.
#[utoipa::path(tag = "me", request_body = CodeIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = NewFactorOut), Problem))]
#[post("/me/second-factor/confirm")]
pub(super) async fn confirm_second_factor(
    asked: Then<Enrolling, Body<CodeIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(Enrolling(arriving), Body(CodeIn { code })) = asked;
    let (session, recovery_codes) = state.confirm_second_factor(&req, &arriving, code).await?;
    let cookie = state.cookie_of(&session);
    let out = NewFactorOut {
        recovery_codes,
        csrf_token: csrf_token(&state.catalog.secret, &session.token),
        token: session.token,
    };
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).cookie(cookie).json(out))
}

/// Takes the second factor away. Other sessions end. Where the role needs one, the next sign-in sets up another.
#[utoipa::path(tag = "me", request_body = ProofIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT, description = "It is gone"), Problem))]
#[delete("/me/second-factor")]
pub(super) async fn remove_second_factor(
    asked: Then<Caller<SignedInOnly>, OptionalBody<ProofIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, OptionalBody(proof)) = asked;
    state.remove_second_factor(&req, caller.arriving(), proof.into()).await?;
    Ok(HttpResponse::NoContent().finish())
}
