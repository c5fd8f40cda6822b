//! Registering, confirming, changing and closing applications.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, patch, post};
use fairground_catalog::application::{self, ApplicationChange, Owner};
use fairground_catalog::{letter, organisation, tariff};
use serde::Deserialize;
use utoipa::IntoParams;

use super::owner::Manager;
use super::wire::{
    ApplicationIn, ApplicationList, ApplicationOut, ApplicationPatch, LinkIn, NewApplicationOut, ReceivedOut,
    TransferIn, VerificationIn,
};
use crate::body::Body;
use crate::caller::{Anyone, Then};
use crate::mail::{Tongue, letters};
use crate::problem::{Answer, Problem, ProblemKind};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Registers an application: a working key at once, on the `starter` plan.
///
/// A link goes to the e-mail address; opening it lifts the application to `open`. Nobody has to be asked.
#[utoipa::path(tag = "applications", request_body = ApplicationIn, security((), ("api_key" = []), ("bearer" = [])),
               responses((status = CREATED, body = NewApplicationOut), Problem))]
#[post("/applications")]
pub(super) async fn create_application(
    _caller: Anyone,
    body: Body<ApplicationIn>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(ApplicationIn { name, email, terms_version }) = body;
    let may_write = state.may_write_to(&email);
    let (secret, settings) = (state.catalog.secret.clone(), state.settings.clone());
    let registered = state
        .write_keys(move |tx| {
            let terms = match &terms_version {
                Some(accepted) => accepted.clone(),
                None => tariff::get_current(tx)?.terms_version,
            };
            let registered = application::register(tx, &secret, &name, &email, &terms)?;
            if may_write {
                let (to, token) = (&registered.application.email, &registered.verification_token);
                let tongue = Tongue::of_address(tx, to, settings.language)?;
                letter::enqueue(tx, &secret, letters::confirmation(&settings, tongue, to, token).into())?;
            }
            Ok(registered)
        })
        .await?;
    state.post.wake();
    let out = NewApplicationOut {
        application: ApplicationOut::new(registered.application, None),
        key: registered.plain_key.reveal().to_owned(),
        key_id: registered.key.id.to_string(),
    };
    let location = format!("/api/v1/applications/{}", out.application.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(out))
}

/// Confirms the owner's e-mail address by the token of the link; lifts the application from `starter` to `open`.
#[utoipa::path(tag = "applications", request_body = VerificationIn, security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ApplicationOut), Problem))]
#[post("/applications/verify")]
pub(super) async fn verify_application(
    _caller: Anyone,
    body: Body<VerificationIn>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ApplicationOut> {
    let Body(VerificationIn { token }) = body;
    let secret = state.catalog.secret.clone();
    let confirmed = state
        .write_keys(move |tx| {
            let confirmed = application::confirm_address(tx, &secret, token.trim())?;
            ApplicationOut::read(tx, confirmed)
        })
        .await?;
    Ok(Json(confirmed))
}

/// Mails a link with which an owner manages the applications that carry an address, for who has no account or lost the key.
///
/// The answer is the same whether the address has applications or not.
#[utoipa::path(tag = "applications", request_body = LinkIn, security((), ("api_key" = []), ("bearer" = [])),
               responses((status = ACCEPTED, body = ReceivedOut), Problem))]
#[post("/applications/links")]
pub(super) async fn request_owner_link(
    _caller: Anyone,
    body: Body<LinkIn>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
    req: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let Body(LinkIn { email }) = body;
    send_owner_link(&state, &req, email).await?;
    Ok(received())
}

/// Mails the link, if the address has applications and has not had too many letters today; says neither.
///
/// # Errors
/// `InvalidContent` for what is no address, `TooManyAttempts` when too many letters were asked for from there.
pub async fn send_owner_link(state: &ApiState, req: &HttpRequest, email: String) -> Result<(), Problem> {
    state.may_ask_for_letter(req)?;
    let may_write = state.may_write_to(&email);
    let (secret, settings) = (state.catalog.secret.clone(), state.settings.clone());
    let asked = Tongue::asked_by(req).unwrap_or(settings.language);
    state
        .write(move |tx| {
            if let Some(token) = application::request_owner_link(tx, &secret, &email)?.filter(|_| may_write) {
                let to = email.trim().to_lowercase();
                let tongue = Tongue::of_address(tx, &to, asked)?;
                letter::enqueue(tx, &secret, letters::owner_link(&settings, tongue, &to, &token).into())?;
            }
            Ok(())
        })
        .await?;
    state.post.wake();
    Ok(())
}

pub(super) fn received() -> HttpResponse {
    HttpResponse::Accepted().insert_header((header::CACHE_CONTROL, "no-store")).json(ReceivedOut { received: true })
}

/// An application's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ApplicationPath {
    /// The application's id, or `me` for the one whose key you send.
    pub(super) application: String,
}

/// The applications that you may manage: the one whose key you send, or signed in, yours and your organisations'.
#[utoipa::path(tag = "applications", security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ApplicationList), Problem))]
#[get("/applications")]
pub(super) async fn list_applications(
    manager: Manager,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ApplicationList> {
    let items = state
        .read(move |tx| {
            let found = manager.applications(tx)?;
            found.into_iter().map(|application| ApplicationOut::read(tx, application)).collect()
        })
        .await?;
    Ok(Json(ApplicationList { items }))
}

/// An application that you may manage.
#[utoipa::path(tag = "applications", params(ApplicationPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ApplicationOut), Problem))]
#[get("/applications/{application}")]
pub(super) async fn get_application(
    manager: Manager,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ApplicationOut> {
    let told = state
        .read(move |tx| {
            let found = manager.application(tx, &path.application)?;
            ApplicationOut::read(tx, found)
        })
        .await?;
    Ok(Json(told))
}

/// Changes an application's name or settings; what is absent stays.
#[utoipa::path(tag = "applications", params(ApplicationPath), request_body = ApplicationPatch,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ApplicationOut), Problem))]
#[patch("/applications/{application}")]
pub(super) async fn update_application(
    Then(manager, body): Then<Manager, Body<ApplicationPatch>>,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ApplicationOut> {
    let Body(ApplicationPatch { name, quota_letters }) = body;
    let told = state
        .write(move |tx| {
            let id = manager.application(tx, &path.application)?.id;
            let changed = application::change(tx, id, &ApplicationChange { name, quota_letters })?;
            ApplicationOut::read(tx, changed)
        })
        .await?;
    Ok(Json(told))
}

/// Gives an application to an organisation of yours, or to yourself.
///
/// Keys, plan, number and usage stay. Only for who is signed in: a key alone does not say who you are.
#[utoipa::path(tag = "applications", params(ApplicationPath), request_body = TransferIn,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ApplicationOut), Problem))]
#[post("/applications/{application}/transfer")]
pub(super) async fn transfer_application(
    Then(manager, body): Then<Manager, Body<TransferIn>>,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ApplicationOut> {
    let Body(TransferIn { organisation: to }) = body;
    let by_key = matches!(manager, Manager::Key(_));
    let moved = state
        .write_keys(move |tx| {
            // First, so that a stranger's application is absent whatever the rest of the call is like.
            let id = manager.application(tx, &path.application)?.id;
            let Manager::Person(account) = manager else { return Ok(None) };
            let to = to.map(|slug| organisation::get_for(tx, account, &slug)).transpose()?.map(|(home, _)| home.id);
            let owner = Owner::of_account(tx, account)?;
            let moved = application::transfer(tx, &owner, id, to)?;
            ApplicationOut::read(tx, moved).map(Some)
        })
        .await?;
    match moved {
        Some(moved) => Ok(Json(moved)),
        None if by_key => Err(Problem::new(ProblemKind::Forbidden)
            .detail("Sign in to transfer an application: a key alone does not say who you are.")),
        None => Err(Problem::not_found("application")),
    }
}

/// Closes an application for good: all its keys are revoked, its name and address are forgotten.
#[utoipa::path(tag = "applications", params(ApplicationPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = NO_CONTENT), Problem))]
#[delete("/applications/{application}")]
pub(super) async fn close_application(
    manager: Manager,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    state
        .write_keys(move |tx| {
            let id = manager.application(tx, &path.application)?.id;
            application::close(tx, id)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
