//! Of what owners of applications are told by letter: chosen here, written here, ended by the link in each letter.

use actix_web::web::{Data, Json, Path};
use actix_web::{get, put};
use fairground_catalog::application::{self, AlertKind, Alerts, Application};
use fairground_catalog::{CatalogError, Tx, letter, tariff};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::handlers::ApplicationPath;
use super::owner::Manager;
use crate::body::{Body, Checked};
use crate::caller::Then;
use crate::mail::{Mail, Tongue, letters};
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Of what letters tell about an application. Each goes once: for a quota's window and share, for a day on which calls fail, for
/// a silence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertsDoc {
    /// Shares of a quota in percent, in steps of 5, at which a letter is written; empty for none. 80 and 100 when nothing was
    /// chosen.
    #[schema(max_items = 5, example = json!([80, 100]))]
    quota_percents: Vec<u8>,
    /// From which share of an hour's calls on, answered with a status of 400 or above, a letter is written, in percent; null for
    /// none. Hours of fewer than 20 calls are left out.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    error_percent: Option<u8>,
    /// After how many days without a call a letter is written; null for none.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60)]
    silent_days: Option<u8>,
}

impl Checked for AlertsDoc {}

impl From<Alerts> for AlertsDoc {
    fn from(alerts: Alerts) -> Self {
        let Alerts { quota_marks, error_percent, silent_days } = alerts;
        Self { quota_percents: quota_marks, error_percent, silent_days }
    }
}

impl From<AlertsDoc> for Alerts {
    fn from(doc: AlertsDoc) -> Self {
        let AlertsDoc { quota_percents, error_percent, silent_days } = doc;
        Self { quota_marks: quota_percents, error_percent, silent_days }
    }
}

/// Of what letters tell you about an application.
#[utoipa::path(tag = "applications", params(ApplicationPath), security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = AlertsDoc), Problem))]
#[get("/applications/{application}/alerts")]
pub(super) async fn get_alerts(
    manager: Manager,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<AlertsDoc> {
    let told = state
        .read(move |tx| {
            let found = manager.application(tx, &path.application)?;
            application::get_alerts(tx, &found)
        })
        .await?;
    Ok(Json(told.into()))
}

/// Chooses of what letters tell you about an application.
#[utoipa::path(tag = "applications", params(ApplicationPath), request_body = AlertsDoc,
               security(("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = AlertsDoc), Problem))]
#[put("/applications/{application}/alerts")]
pub(super) async fn set_alerts(
    Then(manager, body): Then<Manager, Body<AlertsDoc>>,
    path: Path<ApplicationPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<AlertsDoc> {
    let Body(wanted) = body;
    let chosen = state
        .write(move |tx| {
            let id = manager.application(tx, &path.application)?.id;
            application::set_alerts(tx, id, &wanted.into())
        })
        .await?;
    Ok(Json(chosen.into()))
}

/// Queues the letters that are due, now, in the transaction that notes them, so that each goes once; gives how many things were
/// told.
///
/// # Errors
/// `Storage` when the database fails; then none has been queued.
pub(crate) fn write_alert_letters(state: &ApiState) -> Result<usize, CatalogError> {
    let db = &state.catalog.db;
    let nothing = |tx: &mut Tx<'_>| {
        let tariff = tariff::in_force(tx)?;
        Ok(application::due_quota_letters(tx, &tariff)?.is_empty() && application::due_alerts(tx)?.is_empty())
    };
    if db.read(nothing)? {
        return Ok(0);
    }
    let settings = &state.settings;
    let told = db.write(|tx| {
        let tariff = tariff::in_force(tx)?;
        let quotas = application::take_due_quota_letters(tx, &tariff)?;
        for warning in &quotas {
            let write = |tongue: Tongue, to: &str, off: &str| letters::quota(settings, tongue, to, warning, off);
            tell(state, tx, &warning.application, AlertKind::Quota, write)?;
        }
        let alerts = application::take_due_alerts(tx)?;
        for due in &alerts {
            let write = |tongue: Tongue, to: &str, off: &str| letters::trouble(settings, tongue, to, due, off);
            tell(state, tx, &due.application, due.trouble.kind(), write)?;
        }
        Ok(quotas.len() + alerts.len())
    })?;
    if told > 0 {
        state.post.wake();
    }
    Ok(told)
}

/// Queues a letter to everybody whose the application is, each in their language and with the link that ends its kind.
fn tell(
    state: &ApiState,
    tx: &mut Tx<'_>,
    application: &Application,
    kind: AlertKind,
    write: impl Fn(Tongue, &str, &str) -> Mail,
) -> Result<(), CatalogError> {
    let (secret, settings) = (&state.catalog.secret, &state.settings);
    let token = application::alert_token(secret, application.id, kind);
    let off = format!("{}/developers/alerts/{token}", settings.public_url);
    for to in application::letter_addresses(tx, application)? {
        let tongue = Tongue::of_address(tx, &to, settings.language)?;
        letter::enqueue_listed(tx, secret, write(tongue, &to, &off).into(), off.clone())?;
    }
    Ok(())
}
