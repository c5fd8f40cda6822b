//! Applications and their keys: who calls the API, by number, never by name.

mod key;
mod store;

use fairground_domain::{ApiKeyId, ApplicationId, PlanId, Timestamp};

pub use key::{InvalidKey, KeyDigest, PlainKey};
pub use store::{
    MAX_KEYS, MAX_NAME_CHARS, Registered, Wanted, confirm_address, create_key, find_by_number, get, list,
    list_active_keys, list_keys, register, revoke_key, rotate_key, set_plan,
};

/// An application that calls the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id, for addresses.
    pub id: ApplicationId,
    /// Its number: the party that limits and the meter see.
    pub number: i64,
    /// Its name.
    pub name: String,
    /// Where its owner is reached.
    pub email: String,
    /// Its plan.
    pub plan: PlanId,
    /// The version of the terms that its owner accepted.
    pub terms_version: String,
    /// When the owner confirmed the e-mail address.
    pub verified_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A key of an application; the key itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub application_id: ApplicationId,
    /// What its owner calls it.
    pub name: String,
    /// Its first characters, to tell keys apart.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What the hot path keeps in memory of a key that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActiveKey {
    /// The key's id.
    pub id: ApiKeyId,
    /// Its digest.
    pub digest: KeyDigest,
    /// Whose it is.
    pub application_id: ApplicationId,
    /// Its application's number.
    pub party: i64,
    /// Its application's plan.
    pub plan: PlanId,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}
