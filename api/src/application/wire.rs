//! Applications and keys as they are told.

use fairground_catalog::application::{
    ApiKey, Application, MAX_NAME_CHARS, MAX_NETWORKS, MAX_OVERLAP_SECS, MAX_REFERRER_HOSTS, PlainKey,
};
use fairground_catalog::{CatalogError, Tx, organisation};
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::problem::Fault;

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
#[serde(deny_unknown_fields)]
pub(super) struct KeyIn {
    /// What you call it.
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: String,
    /// In how many days it stops working; never when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650)]
    pub(super) expires_in_days: Option<u32>,
    /// What it is for: classes of the tariff (`catalogue`, `rows`, `aggregate`, `export`, `gateway`), and `manage` for managing
    /// its application; for everything when absent.
    #[serde(default)]
    pub(super) scopes: Option<Vec<String>>,
    /// Hosts of the web pages that may use it, such as `map.example.org` or `*.example.org`; any when absent. It keeps a key
    /// from being used in other people's pages, not from programs, which can claim any page.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub(super) referrer_hosts: Vec<String>,
    /// Networks that it may come from, such as `192.0.2.0/24` or `2001:db8::/32`; any when absent.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub(super) networks: Vec<String>,
}

/// What changes about a key; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyPatch {
    /// What you call it.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: Option<String>,
    /// What it is for, as when it is made.
    #[serde(default)]
    pub(super) scopes: Option<Vec<String>>,
    /// Hosts of the web pages that may use it; an empty list lets any.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub(super) referrer_hosts: Option<Vec<String>>,
    /// Networks that it may come from; an empty list lets any.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub(super) networks: Option<Vec<String>>,
}

impl Checked for KeyPatch {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(name) = &self.name {
            check_text(&mut faults, "/name", name, MAX_NAME_CHARS);
        }
        check_count(&mut faults, "/referrer_hosts", self.referrer_hosts.as_deref(), MAX_REFERRER_HOSTS);
        check_count(&mut faults, "/networks", self.networks.as_deref(), MAX_NETWORKS);
        faults
    }
}

fn check_count(faults: &mut Vec<Fault>, pointer: &str, list: Option<&[String]>, most: usize) {
    if list.is_some_and(|list| list.len() > most) {
        faults.push(Fault::at(pointer, format!("May hold up to {most} entries.")));
    }
}

/// What changes about an application; what is absent stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationPatch {
    /// Its name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    pub(super) name: Option<String>,
    /// Whether letters are wanted at 80 % and 100 % of a quota.
    #[serde(default)]
    pub(super) quota_letters: Option<bool>,
}

impl Checked for ApplicationPatch {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if let Some(name) = &self.name {
            check_text(&mut faults, "/name", name, MAX_NAME_CHARS);
        }
        faults
    }
}

/// To whom an application goes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TransferIn {
    /// An organisation of yours, by its readable address; yourself when absent or null.
    #[serde(default)]
    pub(super) organisation: Option<String>,
}

impl Checked for TransferIn {}

/// Where the link goes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct LinkIn {
    /// The address that the applications carry.
    #[schema(format = Email)]
    pub(super) email: String,
}

impl Checked for LinkIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/email", &self.email, 254);
        faults
    }
}

/// A key or publishing token that was found.
#[derive(Deserialize, ToSchema)]
pub(super) struct LeakIn {
    /// The key (`fg_…`) or publishing token (`fgp_…`) in full.
    pub(super) key: String,
}

impl std::fmt::Debug for LeakIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LeakIn(…)")
    }
}

impl Checked for LeakIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/key", &self.key, 1_000);
        faults
    }
}

/// That something was received; what came of it is not said.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(super) struct ReceivedOut {
    /// Always true.
    pub(super) received: bool,
}

impl Checked for KeyIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/name", &self.name, MAX_NAME_CHARS);
        if self.expires_in_days.is_some_and(|days| !(1..=MAX_KEY_DAYS).contains(&days)) {
            faults.push(Fault::at("/expires_in_days", format!("Must be from 1 to {MAX_KEY_DAYS}.")));
        }
        check_count(&mut faults, "/referrer_hosts", Some(&self.referrer_hosts), MAX_REFERRER_HOSTS);
        check_count(&mut faults, "/networks", Some(&self.networks), MAX_NETWORKS);
        faults
    }
}

/// How a key is replaced.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RotationIn {
    /// How long the old key goes on working, in seconds; 0 when absent.
    #[schema(minimum = 0, maximum = 2_592_000, default = 0)]
    pub(super) overlap_secs: u64,
}

impl Checked for RotationIn {
    fn faults(&self) -> Vec<Fault> {
        if i64::try_from(self.overlap_secs).is_ok_and(|secs| secs <= MAX_OVERLAP_SECS) {
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
    /// The organisation that it belongs to, by readable address; absent when it belongs to whoever's the address is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) organisation: Option<String>,
    /// Whether letters are wanted at 80 % and 100 % of a quota.
    pub(super) quota_letters: bool,
}

/// Applications.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ApplicationList {
    /// The applications, oldest first.
    pub(super) items: Vec<ApplicationOut>,
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
    /// What it is for.
    pub(super) scopes: Vec<&'static str>,
    /// Hosts of the web pages that may use it; empty for any.
    pub(super) referrer_hosts: Vec<String>,
    /// Networks that it may come from; empty for any.
    pub(super) networks: Vec<String>,
    /// When it was last used: to the minute, and told with a minute's delay.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) last_used_at: Option<Timestamp>,
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

impl ApplicationOut {
    /// An application of that organisation, by readable address.
    pub(super) fn new(application: Application, organisation: Option<String>) -> Self {
        Self {
            id: application.id.to_string(),
            name: application.name,
            email: application.email,
            plan: application.plan.to_string(),
            verified: application.verified_at.is_some(),
            terms_version: application.terms_version,
            created_at: application.created_at,
            organisation,
            quota_letters: application.quota_letters,
        }
    }

    /// An application with what is to be told of its organisation.
    pub(super) fn read(tx: &mut Tx<'_>, application: Application) -> Result<Self, CatalogError> {
        let home = application.organisation_id.map(|id| organisation::get(tx, id)).transpose()?;
        Ok(Self::new(application, home.map(|home| home.slug.to_string())))
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
            scopes: key.scopes.names(),
            referrer_hosts: key.restrictions.referrer_hosts,
            networks: key.restrictions.networks.iter().map(ToString::to_string).collect(),
            last_used_at: key.last_used_at,
        }
    }
}

impl From<(ApiKey, PlainKey)> for NewKeyOut {
    fn from((record, plain): (ApiKey, PlainKey)) -> Self {
        Self { record: record.into(), key: plain.reveal().to_owned() }
    }
}
