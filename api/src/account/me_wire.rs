//! What is kept about a person, as it is told.

use fairground_catalog::account::{Datum, Erased, PersonalData};
use fairground_domain::{SessionId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::AccountOut;
use crate::application::AlertsDoc;

/// One thing that is kept about a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DatumOut {
    /// What it is.
    what: &'static str,
    /// The thing itself, or as much of it as is kept.
    #[schema(value_type = Object)]
    value: serde_json::Value,
    /// Why it is kept.
    why: &'static str,
    /// Until when.
    until: String,
}

impl From<Datum> for DatumOut {
    fn from(datum: Datum) -> Self {
        Self { what: datum.what, value: datum.value, why: datum.why, until: datum.until }
    }
}

/// What is kept about a person, as a file.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ExportOut {
    /// Which portal keeps it.
    pub(super) portal: String,
    /// When this was written.
    #[schema(value_type = String, format = DateTime)]
    pub(super) exported_at: Timestamp,
    /// Each datum.
    pub(super) data: Vec<DatumOut>,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct MySessionOut {
    /// Its id.
    id: String,
    /// The kind of device.
    device: String,
    /// Whether this call came by it.
    is_this_one: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = String, format = DateTime)]
    last_seen_at: Timestamp,
    /// When it ends at the latest.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A linked identity.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct MyIdentityOut {
    /// The provider's slug.
    provider: String,
    /// The e-mail address there.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// When it was linked.
    #[schema(value_type = String, format = DateTime)]
    linked_at: Timestamp,
}

/// An application of the person.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct MyApplicationOut {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its plan.
    plan: String,
    /// Of what letters tell about it.
    alerts: AlertsDoc,
}

/// What is kept about the person who is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct MeOut {
    /// The account.
    account: AccountOut,
    /// Whether it can sign in by password.
    has_password: bool,
    /// Whether a second factor is in use.
    has_second_factor: bool,
    /// Who they are to identity providers.
    identities: Vec<MyIdentityOut>,
    /// Open sessions.
    sessions: Vec<MySessionOut>,
    /// Their applications.
    applications: Vec<MyApplicationOut>,
    /// Each datum with its reason and its end.
    data: Vec<DatumOut>,
}

impl MeOut {
    pub(super) fn new(data: PersonalData, here: SessionId) -> Self {
        let list = data.list().into_iter().map(DatumOut::from).collect();
        Self {
            has_password: data.account.has_password,
            has_second_factor: data.factor.is_some_and(|factor| factor.confirmed_at.is_some()),
            identities: data
                .identities
                .into_iter()
                .map(|one| MyIdentityOut { provider: one.provider, email: one.email, linked_at: one.linked_at })
                .collect(),
            sessions: data
                .sessions
                .into_iter()
                .map(|session| MySessionOut {
                    id: session.id.to_string(),
                    device: session.device,
                    is_this_one: session.id == here,
                    created_at: session.created_at,
                    last_seen_at: session.last_seen_at,
                    expires_at: session.expires_at,
                })
                .collect(),
            applications: data
                .applications
                .into_iter()
                .zip(data.alerts)
                .map(|(one, alerts)| MyApplicationOut {
                    id: one.id.to_string(),
                    name: one.name,
                    plan: one.plan.to_string(),
                    alerts: alerts.into(),
                })
                .collect(),
            account: data.account.into(),
            data: list,
        }
    }
}

/// What erasing came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ErasedOut {
    /// Applications that were closed with their keys, because nobody else shares them.
    applications_closed: usize,
    /// Applications that stay with their organisations.
    applications_left: usize,
}

impl From<Erased> for ErasedOut {
    fn from(erased: Erased) -> Self {
        Self { applications_closed: erased.applications_closed, applications_left: erased.applications_left }
    }
}
