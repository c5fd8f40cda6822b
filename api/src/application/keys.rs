//! Making, changing, rotating and revoking keys.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, http::header, patch, post};
use fairground_catalog::CatalogError;
use fairground_catalog::application::{self, KeyChange, KeyScopes, NewKey, Restrictions};
use fairground_domain::ApiKeyId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::handlers::ApplicationPath;
use super::owner::Manager;
use super::wire::{KeyIn, KeyList, KeyOut, KeyPatch, NewKeyOut, RotationIn};
use crate::body::{Body, OptionalBody};
use crate::caller::Then;
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

const DAY_SECS: i64 = 86_400;

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
    fn key(&self) -> Result<ApiKeyId, CatalogError> {
        self.key.parse().map_err(|_| CatalogError::not_found("key", &self.key))
    }
}

/// The keys of an application that you may manage.
#[utoipa::path(tag = "applications", params(ApplicationPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = KeyList), Problem))]
#[get("/applications/{application}/keys")]
pub(super) async fn list_keys(
    manager: Manager,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<KeyList> {
    let keys = state
        .read(move |tx| {
            let id = manager.application(tx, &path.application)?.id;
            application::list_keys(tx, id)
        })
        .await?;
    Ok(Json(KeyList { items: keys.into_iter().map(KeyOut::from).collect() }))
}

/// Makes a further key.
///
/// Without scopes it is for everything, or if it is for web pages, for everything but managing the application.
#[utoipa::path(tag = "applications", params(ApplicationPath), request_body = KeyIn,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = CREATED, body = NewKeyOut), Problem))]
#[post("/applications/{application}/keys")]
pub(super) async fn create_key(
    Then(manager, body): Then<Manager, Body<KeyIn>>,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Body(KeyIn { name, expires_in_days, scopes, referrer_hosts, networks }) = body;
    let secret = state.catalog.secret.clone();
    let made = state
        .write_keys(move |tx| {
            let application = manager.application(tx, &path.application)?;
            let restrictions = Restrictions::parse(&referrer_hosts, &networks)?;
            let scopes = match scopes {
                Some(names) => KeyScopes::parse(&names)?,
                None if restrictions.referrer_hosts.is_empty() => KeyScopes::ALL,
                None => KeyScopes::DATA,
            };
            let expires_at = expires_in_days.map(|days| tx.now.plus_secs(i64::from(days) * DAY_SECS));
            application::create_key(tx, &secret, &application, NewKey { name, scopes, restrictions, expires_at })
        })
        .await?;
    Ok(shown_once(made.into()))
}

/// Changes a key's name, scopes or restrictions; what is absent stays. Effective at once.
#[utoipa::path(tag = "applications", params(KeyPath), request_body = KeyPatch,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = KeyOut), Problem))]
#[patch("/applications/{application}/keys/{key}")]
pub(super) async fn update_key(
    Then(manager, body): Then<Manager, Body<KeyPatch>>,
    path: Path<KeyPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<KeyOut> {
    let Body(KeyPatch { name, scopes, referrer_hosts, networks }) = body;
    let changed = state
        .write_keys(move |tx| {
            let id = manager.application(tx, &path.application)?.id;
            let scopes = scopes.map(|names| KeyScopes::parse(&names)).transpose()?;
            application::change_key(tx, id, path.key()?, &KeyChange { name, scopes, referrer_hosts, networks })
        })
        .await?;
    Ok(Json(changed.into()))
}

/// Revokes a key, effective at once.
#[utoipa::path(tag = "applications", params(KeyPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = KeyOut), Problem))]
#[delete("/applications/{application}/keys/{key}")]
pub(super) async fn revoke_key(
    manager: Manager,
    path: Path<KeyPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<KeyOut> {
    let revoked = state
        .write_keys(move |tx| {
            let id = manager.application(tx, &path.application)?.id;
            application::revoke_key(tx, id, path.key()?)
        })
        .await?;
    Ok(Json(revoked.into()))
}

/// Puts a new key in the place of one, which may go on working for a while.
#[utoipa::path(tag = "applications", params(KeyPath), request_body = Option<RotationIn>,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = CREATED, body = NewKeyOut), Problem))]
#[post("/applications/{application}/keys/{key}/rotate")]
pub(super) async fn rotate_key(
    Then(manager, body): Then<Manager, OptionalBody<RotationIn>>,
    path: Path<KeyPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let overlap_secs = i64::try_from(body.0.overlap_secs).unwrap_or(i64::MAX);
    let secret = state.catalog.secret.clone();
    let made = state
        .write_keys(move |tx| {
            let application = manager.application(tx, &path.application)?;
            application::rotate_key(tx, &secret, &application, path.key()?, overlap_secs)
        })
        .await?;
    Ok(shown_once(made.into()))
}

fn shown_once(key: NewKeyOut) -> HttpResponse {
    HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(key)
}
