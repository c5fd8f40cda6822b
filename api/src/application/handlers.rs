//! Registering, confirming, keys.

use actix_web::web::{self, Data, Json, Path};
use actix_web::{HttpResponse, delete, get, http::header, post};
use fairground_catalog::{application, tariff};
use fairground_domain::ApiKeyId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::wire::{
    ApplicationIn, ApplicationOut, KeyIn, KeyList, KeyOut, NewApplicationOut, NewKeyOut, RotationIn, VerificationIn,
};
use crate::body::{Body, OptionalBody};
use crate::caller::{Anyone, KeyOwner};
use crate::mail::Mail;
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

const DAY_SECS: i64 = 86_400;

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
    let secret = state.catalog.secret.clone();
    let registered = state
        .write_keys(move |tx| {
            let terms = match &terms_version {
                Some(accepted) => accepted.clone(),
                None => tariff::get_current(tx)?.terms_version,
            };
            application::register(tx, &secret, &name, &email, &terms)
        })
        .await?;
    send_link(&state, &registered.application.email, &registered.verification_token);
    let out = NewApplicationOut {
        application: registered.application.into(),
        key: registered.plain_key.reveal().to_owned(),
        key_id: registered.key.id.to_string(),
    };
    let location = format!("/api/v1/applications/{}", out.application.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(out))
}

/// Sends the link, behind the answer's back: a slow mail server delays nobody, a failing one is logged. An address gets only so
/// many letters a day, so that nobody's mailbox is flooded through us.
fn send_link(state: &Data<ApiState>, email: &str, token: &str) {
    if !state.mails.allows(email) {
        tracing::warn!("A letter was not sent: its address has had enough of them today");
        return;
    }
    state.mails.count(email);
    let (public_url, title) = (&state.settings.public_url, &state.settings.title);
    let mail = Mail {
        to: email.to_owned(),
        subject: format!("{title}: confirm your e-mail address"),
        text: format!(
            "Somebody registered an application with this address at {title}.\n\nIf it was you, open this link to \
             confirm the address; your key then has the limits of the open plan:\n\n\
             {public_url}/developers/verify?token={token}\n\nIf it was not you, ignore this letter."
        ),
    };
    let mailer = std::sync::Arc::clone(&state.mailer);
    drop(web::block(move || {
        if let Err(error) = mailer.send(&mail) {
            tracing::error!("A letter could not be sent: {}", Problem::internal(error).chain());
        }
    }));
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
    let confirmed = state.write_keys(move |tx| application::confirm_address(tx, &secret, token.trim())).await?;
    Ok(Json(confirmed.into()))
}

/// An application's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ApplicationPath {
    /// The application's id, or `me` for the one whose key you send.
    application: String,
}

/// An application and one of its keys.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct KeyPath {
    /// The application's id, or `me` for the one whose key you send.
    application: String,
    /// The key's id.
    key: String,
}

impl KeyPath {
    fn key(&self) -> Result<ApiKeyId, Problem> {
        self.key.parse().map_err(|_| Problem::not_found("key"))
    }
}

/// The application whose key you send.
#[utoipa::path(tag = "applications", params(ApplicationPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ApplicationOut), Problem))]
#[get("/applications/{application}")]
pub(super) async fn get_application(
    owner: KeyOwner,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ApplicationOut> {
    let id = owner.of_application(&path.application)?.application;
    Ok(Json(state.read(move |tx| application::get(tx, id)).await?.into()))
}

/// The keys of the application whose key you send.
#[utoipa::path(tag = "applications", params(ApplicationPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = KeyList), Problem))]
#[get("/applications/{application}/keys")]
pub(super) async fn list_keys(
    owner: KeyOwner,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<KeyList> {
    let id = owner.of_application(&path.application)?.application;
    let keys = state.read(move |tx| application::list_keys(tx, id)).await?;
    Ok(Json(KeyList { items: keys.into_iter().map(KeyOut::from).collect() }))
}

/// Makes a further key.
#[utoipa::path(tag = "applications", params(ApplicationPath), request_body = KeyIn,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = CREATED, body = NewKeyOut), Problem))]
#[post("/applications/{application}/keys")]
pub(super) async fn create_key(
    owner: KeyOwner,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    body: Body<KeyIn>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let id = owner.of_application(&path.application)?.application;
    let Body(KeyIn { name, expires_in_days }) = body;
    let secret = state.catalog.secret.clone();
    let made = state
        .write_keys(move |tx| {
            let expires_at = expires_in_days.map(|days| tx.now.plus_secs(i64::from(days) * DAY_SECS));
            let application = application::get(tx, id)?;
            application::create_key(tx, &secret, &application, &name, expires_at)
        })
        .await?;
    Ok(shown_once(made.into()))
}

/// Revokes a key, effective at once.
#[utoipa::path(tag = "applications", params(KeyPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = KeyOut), Problem))]
#[delete("/applications/{application}/keys/{key}")]
pub(super) async fn revoke_key(
    owner: KeyOwner,
    path: Path<KeyPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<KeyOut> {
    let (id, key) = (owner.of_application(&path.application)?.application, path.key()?);
    Ok(Json(state.write_keys(move |tx| application::revoke_key(tx, id, key)).await?.into()))
}

/// Puts a new key in the place of one, which may go on working for a while.
#[utoipa::path(tag = "applications", params(KeyPath), request_body = Option<RotationIn>,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = CREATED, body = NewKeyOut), Problem))]
#[post("/applications/{application}/keys/{key}/rotate")]
pub(super) async fn rotate_key(
    owner: KeyOwner,
    path: Path<KeyPath>,
    _query: Query<NoParameters>,
    body: OptionalBody<RotationIn>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (id, key) = (owner.of_application(&path.application)?.application, path.key()?);
    let overlap_secs = i64::try_from(body.0.overlap_secs).unwrap_or(i64::MAX);
    let secret = state.catalog.secret.clone();
    let made = state
        .write_keys(move |tx| {
            let application = application::get(tx, id)?;
            application::rotate_key(tx, &secret, &application, key, overlap_secs)
        })
        .await?;
    Ok(shown_once(made.into()))
}

fn shown_once(key: NewKeyOut) -> HttpResponse {
    HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(key)
}
