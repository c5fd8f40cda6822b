//! Signing in and out.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post};
use fairground_catalog::account::{self, Session};

use super::wire::{CodeIn, NewSessionOut, SessionOut, SignInIn};
use crate::body::Body;
use crate::caller::{
    Anyone, Caller, SignedInOnly, Then, Unfinished, csrf_token, find_signed_in, session_token, signed_out_cookie,
};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// A session that has begun, as cookie and as token.
pub(super) fn begun(state: &ApiState, session: Session) -> HttpResponse {
    let cookie = state.cookie_of(&session);
    let out = NewSessionOut {
        csrf_token: csrf_token(&state.catalog.secret, &session.token),
        expires_at: session.expires_at,
        stage: session.stage.as_str(),
        account: session.account.into(),
        token: session.token,
    };
    HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).cookie(cookie).json(out)
}

/// Signs in. Browsers get a cookie, programs the token.
///
/// When `stage` is `second-factor`, the session is good for `POST /sessions/second-factor` alone; when it is `enrolment`, for
/// setting up the second factor that the role needs. After ten failures for an address or from a place within a quarter of an
/// hour, further attempts are refused for the rest of it.
#[utoipa::path(tag = "sessions", request_body = SignInIn, security(()),
               responses((status = CREATED, body = NewSessionOut), Problem))]
#[post("/sessions")]
pub(super) async fn create_session(
    _caller: Anyone,
    body: Body<SignInIn>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(SignInIn { email, password }) = body;
    let session = state.sign_in(&req, &email, password).await?;
    Ok(begun(&state, session))
}

/// Passes the second factor: with a code of the app, or a recovery code. The session goes on under a new token.
#[utoipa::path(tag = "sessions", request_body = CodeIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = NewSessionOut), Problem))]
#[post("/sessions/second-factor")]
pub(super) async fn pass_second_factor(
    asked: Then<Unfinished, Body<CodeIn>>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(Unfinished(arriving), Body(CodeIn { code })) = asked;
    let session = state.pass_second_factor(&req, &arriving, code).await?;
    Ok(begun(&state, session))
}

/// Who is signed in.
#[utoipa::path(tag = "sessions", security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = SessionOut), Problem))]
#[get("/sessions/current")]
pub(super) async fn get_session(
    caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Answer<SessionOut> {
    let csrf_token = find_signed_in(&req, &state).await?.map(|signed_in| signed_in.csrf_token).unwrap_or_default();
    Ok(Json(SessionOut { csrf_token, account: caller.into_account().into() }))
}

/// Signs out.
#[utoipa::path(tag = "sessions", security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT, description = "Signed out"), Problem))]
#[delete("/sessions/current")]
pub(super) async fn delete_session(
    _caller: Caller<SignedInOnly>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    if let Some((token, _)) = session_token(&req) {
        let secret = state.catalog.secret.clone();
        state.write(move |tx| account::sign_out(tx, &secret, &token)).await?;
    }
    Ok(HttpResponse::NoContent().cookie(signed_out_cookie(&state.settings)).finish())
}
