//! Applications and keys as they are told.

use fairground_catalog::application::{ApiKey, Application, MAX_NAME_CHARS, PlainKey};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

/// Longest time that an old key goes on working beside the one in its place, in seconds (30 days).
pub(super) const MAX_OVERLAP_SECS: u64 = 30 * 86_400;
/// Longest life that a key may be given, in days.
pub(super) const MAX_KEY_DAYS: u32 = 3650;

/// What is needed to register an application.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct ApplicationIn {
    /// Its name.
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: String,
    /// Where its owner is reached; a link is sent there, and opening it lifts the application to the `open` plan.
    #[schema(format = Email)]
    pub(super) email: String,
    /// The version of the terms of use that you accept, from `/api/v1/plans`; when absent, those in force.
    #[serde(default, alias = "accepted_terms_version")]
    pub(super) terms_version: Option<String>,
}

impl Checked for ApplicationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/name", &self.name, MAX_NAME_CHARS);
        check_text(&mut faults, "/email", &self.email, 254);
        faults
    }
}

/// What is needed to make a key.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct KeyIn {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: String,
    /// In how many days it stops working; never when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub(super) expires_in_days: Option<u32>,
}

impl Checked for KeyIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/name", &self.name, MAX_NAME_CHARS);
        if self.expires_in_days.is_some_and(|days| !(1..=MAX_KEY_DAYS).contains(&days)) {
            faults.push(Fault::at("/expires_in_days", format!("Must be from 1 to {MAX_KEY_DAYS}.")));
        }
        faults
    }
}

/// How a key is replaced.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct RotationIn {
    /// How long the old key goes on working, in seconds; 0 when absent.
    #[schema(minimum = 0, maximum = 2_592_000, default = 0)]
    pub(super) overlap_secs: u64,
}

impl Checked for RotationIn {
    fn faults(&self) -> Vec<Fault> {
        if self.overlap_secs <= MAX_OVERLAP_SECS {
            return Vec::new();
        }
        vec![Fault::at("/overlap_secs", format!("Must be from 0 to {MAX_OVERLAP_SECS}."))]
    }
}

/// The token of the link that was sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct VerificationIn {
    /// What follows `token=` in the link.
    pub(super) token: String,
}

impl Checked for VerificationIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/token", &self.token, 200);
        faults
    }
}

/// An application, for its owner.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ApplicationOut {
    /// Its id.
    pub(super) id: String,
    /// Its name.
    pub(super) name: String,
    /// Where its owner is reached.
    pub(super) email: String,
    /// The plan it is on.
    pub(super) plan: String,
    /// Whether the owner has confirmed the address.
    pub(super) verified: bool,
    /// The terms of use that its owner accepted.
    pub(super) terms_version: String,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
}

/// A new application with its first key, which is shown this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct NewApplicationOut {
    /// The application.
    #[serde(flatten)]
    pub(super) application: ApplicationOut,
    /// The key: keep it, it is not shown again.
    pub(super) key: String,
    /// The key's id.
    pub(super) key_id: String,
}

/// A key, for its owner; the key itself is not kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct KeyOut {
    /// Its id.
    pub(super) id: String,
    /// What its owner calls it.
    pub(super) name: String,
    /// Its first characters.
    pub(super) hint: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub(super) created_at: Timestamp,
    /// When it stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) revoked_at: Option<Timestamp>,
}

/// A new key, which is shown this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct NewKeyOut {
    /// Its record.
    #[serde(flatten)]
    pub(super) record: KeyOut,
    /// The key: keep it, it is not shown again.
    pub(super) key: String,
}

/// An application's keys, newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct KeyList {
    /// The keys.
    pub(super) items: Vec<KeyOut>,
}

impl From<Application> for ApplicationOut {
    fn from(application: Application) -> Self {
        Self {
            id: application.id.to_string(),
            name: application.name,
            email: application.email,
            plan: application.plan.to_string(),
            verified: application.verified_at.is_some(),
            terms_version: application.terms_version,
            created_at: application.created_at,
        }
    }
}

impl From<ApiKey> for KeyOut {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            hint: key.hint,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

impl From<(ApiKey, PlainKey)> for NewKeyOut {
    fn from((record, plain): (ApiKey, PlainKey)) -> Self {
        Self { record: record.into(), key: plain.reveal().to_owned() }
    }
}
