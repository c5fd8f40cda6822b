//! Applications and their keys: who calls the API, by number, never by name.
//!
//! An application belongs to an organisation, or to whoever's its address is. Limits follow from its plan alone: neither who
//! owns it nor whether anybody is verified changes them.

mod alert;
mod key;
mod keys;
mod owner;
mod portal;
mod quota;
mod scope;
mod store;

use std::sync::Arc;

use fairground_domain::{ApiKeyId, ApplicationId, OrganisationId, PlanId, Timestamp};

pub use alert::{
    AlertKind, AlertLink, Alerts, DueAlert, FEWEST_CALLS, MARK_STEP, MAX_MARKS, MAX_SILENT_DAYS, Trouble, alert_token,
    due_alerts, get_alerts, list_alerts, look_at_alert_link, set_alerts, switch_alert_off, take_due_alerts,
};
pub use key::{InvalidKey, KeyDigest, PlainKey};
pub(crate) use key::{RANDOM_BYTES, checks, with_check};
pub use keys::{
    KeyChange, Leak, MAX_KEYS, MAX_OVERLAP_SECS, NewKey, Wanted, change_key, create_key, list_active_keys, list_keys,
    note_uses, report_leak, revoke_all_keys, revoke_key, rotate_key,
};
pub use owner::{
    OWNER_LINK_SECS, OWNER_SESSION_SECS, Owner, OwnerSession, close_owner_session, find_owned, find_owner_session,
    forget_address, letter_addresses, list_owned, open_owner_session, request_owner_link, transfer,
};
pub use portal::ensure_portal;
pub use quota::{QUOTA_MARKS, QuotaWarning, due_quota_letters, take_due_quota_letters};
pub use scope::{KeyScopes, MAX_NETWORKS, MAX_REFERRER_HOSTS, Restrictions};
pub(crate) use store::move_to_plan;
pub use store::{
    ApplicationChange, MAX_NAME_CHARS, Registered, change, close, confirm_address, find_by_number, get, list, register,
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
    /// Whose it is; `None`: whoever's the address is.
    pub organisation_id: Option<OrganisationId>,
    /// Whether its owner wants letters when a quota is nearly or wholly used; at which shares, [`get_alerts`] tells.
    pub quota_letters: bool,
    /// When its owner closed it.
    pub closed_at: Option<Timestamp>,
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
    /// What it is for.
    pub scopes: KeyScopes,
    /// From where it may come.
    pub restrictions: Restrictions,
    /// When it was last used, to the minute; written down with some delay.
    pub last_used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens the door at `now`, as far as the key itself is concerned.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }
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
    /// What it is for.
    pub scopes: KeyScopes,
    /// From where it may come; `None`: from anywhere.
    pub restrictions: Option<Arc<Restrictions>>,
    /// Whether its application is suspended.
    pub suspended: bool,
}
