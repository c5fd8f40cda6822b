//! Accounts made by operators; signing in and out.

use actix_web::web::{self, Data, Json};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post};
use fairground_catalog::account::{self, Account, NewAccount};
use fairground_catalog::{Catalog, CatalogError, publisher};
use fairground_domain::{AccountId, Timestamp};

use super::wire::{AccountIn, AccountOut, NewSessionOut, SessionOut, SignInIn};
use crate::answer::{Freshness, Rendered};
use crate::body::Body;
use crate::caller::{
    Anyone, Caller, ManageAccounts, SignedInOnly, Then, csrf_token, find_signed_in, session_cookie, session_token,
    signed_out_cookie,
};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Accounts, oldest first.
#[utoipa::path(tag = "accounts", params(PageParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<AccountOut>), Problem))]
#[get("/accounts")]
pub(super) async fn list_accounts(
    _caller: Caller<ManageAccounts>,
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let after: Option<AccountId> = page.after.as_deref().and_then(|id| id.parse().ok());
    let wanted = page.wanted();
    let found = state.read(move |tx| account::list(tx, after, wanted)).await?;
    let (items, next) = page.cut(found, |account| account.id.to_string());
    let body = Page { items: items.into_iter().map(AccountOut::from).collect::<Vec<_>>(), next };
    let rendered = Rendered::json(&body, Freshness::Private)?;
    Ok(page::link_next(rendered, &req, body.next.as_deref()).answer(&req))
}

/// Makes an account for staff.
#[utoipa::path(tag = "accounts", request_body = AccountIn, security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = AccountOut), Problem))]
#[post("/accounts")]
pub(super) async fn create_account(
    asked: Then<Caller<ManageAccounts>, Body<AccountIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(new)) = asked;
    let actor = caller.actor();
    let catalog = state.catalog.clone();
    let made = web::block(move || create(&catalog, new, &actor)).await??;
    Ok(HttpResponse::Created().json(AccountOut::from(made)))
}

fn create(catalog: &Catalog, new: AccountIn, actor: &str) -> Result<Account, CatalogError> {
    let publisher_id = match &new.publisher {
        Some(slug) => Some(catalog.db.read(|tx| publisher::get(tx, slug))?.publisher.id),
        None => None,
    };
    let new = NewAccount { email: new.email, name: new.name, role: new.role, publisher_id, password: new.password };
    account::create(&catalog.db, new, actor)
}

/// Signs in. Browsers get a cookie, programs the token.
///
/// After ten failures for an address within a quarter of an hour, further attempts are refused for the rest of it.
#[utoipa::path(tag = "sessions", request_body = SignInIn, security(()),
               responses((status = CREATED, body = NewSessionOut), Problem))]
#[post("/sessions")]
pub(super) async fn create_session(
    caller: Anyone,
    body: Body<SignInIn>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(SignInIn { email, password }) = body;
    // Both who is tried and who tries are counted: neither one account nor many can be tried from one place for long.
    let email_subject = format!("email {}", email.trim().to_lowercase());
    let place_subject = caller.identity.map(|identity| format!("party {}", identity.party.number()));
    let subjects: Vec<String> = [Some(email_subject), place_subject].into_iter().flatten().collect();
    if subjects.iter().any(|subject| !state.sign_ins.allows(subject)) {
        return Err(Problem::new(ProblemKind::TooManyAttempts).retry_after(state.sign_ins.window().as_secs()));
    }
    let (db, secret) = (state.catalog.db.clone(), state.catalog.secret.clone());
    let signed_in = web::block(move || account::sign_in(&db, &secret, &email, &password)).await?;
    let session = match signed_in {
        Ok(session) => session,
        Err(error) => {
            if matches!(error, CatalogError::WrongCredentials) {
                subjects.iter().for_each(|subject| state.sign_ins.count(subject));
            }
            return Err(error.into());
        }
    };
    subjects.iter().take(1).for_each(|subject| state.sign_ins.forgive(subject));
    let secs = session.expires_at.as_secs() - Timestamp::now().as_secs();
    let out = NewSessionOut {
        csrf_token: csrf_token(&state.catalog.secret, &session.token),
        expires_at: session.expires_at,
        account: session.account.into(),
        token: session.token,
    };
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .cookie(session_cookie(&state.settings, &out.token, secs))
        .json(out))
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
