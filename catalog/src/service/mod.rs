//! Data services: agencies' APIs that the portal stands in front of.
//!
//! An agency registers one with its address, its OpenAPI document, its credentials and its terms; an operator approves it; whoever
//! answers for it opens it. From then on it is fronted at `/gateway/{slug}/…` and listed in the catalogue as a
//! `dcat:DataService`. What the gateway needs to know is here; how it forwards is the gateway's business.
//!
//! ```text
//! registered ──approve──▶ approved ──open──▶ live ──suspend──▶ suspended ──open──▶ live
//!                                              └──────retire──────▶ retired (for ever)
//! ```

mod credentials;
mod entry;
mod health;
mod lifecycle;
mod openapi;
mod rules;
mod store;

use fairground_domain::{DatasetId, OperationClass, PublisherId, ServiceId, Slug, Timestamp};
use serde::{Deserialize, Serialize};

pub use credentials::{CredentialsKind, ServiceCredentials};
pub use health::{
    CheckClaim, CheckOutcome, CheckResult, HealthDay, ServiceHealth, claim_check, find_health, is_check_due,
    list_health, list_health_days, record_check,
};
pub use lifecycle::{BrownOut, Lifecycle, LifecycleStanding};
pub use openapi::{OPENAPI_MAX_BYTES, OpenapiDocument, OpenapiVersion, OperationParameter, ServiceOperation};
pub use store::{
    NewService, Routable, approve, count_by_state, create, find_by_dataset, find_openapi, get, list, list_public,
    list_routable, open, retire, set_credentials, suspend, update,
};

pub(crate) use store::words_by_dataset;

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceState {
    /// Told by its agency; nobody else sees it.
    Registered,
    /// An operator agreed; it can be opened.
    Approved,
    /// Fronted.
    Live,
    /// Not fronted for a while; listed all the same.
    Suspended,
    /// Not fronted any more, for ever.
    Retired,
}

impl ServiceState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Registered, Self::Approved, Self::Live, Self::Suspended, Self::Retired];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Approved => "approved",
            Self::Live => "live",
            Self::Suspended => "suspended",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether anybody may know of it.
    #[must_use]
    pub const fn is_public(self) -> bool {
        match self {
            Self::Registered | Self::Approved => false,
            Self::Live | Self::Suspended | Self::Retired => true,
        }
    }
}

/// A method that a service may offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ServiceMethod {
    /// `GET`; `HEAD` comes with it.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// `OPTIONS`, asked of the agency's system; without it, the gateway answers by itself.
    Options,
}

impl ServiceMethod {
    /// Every method.
    pub const ALL: [Self; 6] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete, Self::Options];

    /// As it stands in a request.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }

    /// The method of that name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

/// What calls of some paths are counted as: published, and the same for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassRule {
    /// For these methods; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<ServiceMethod>,
    /// A pattern over the path below the service, such as `/stations/{station}/values` or `/exports/{rest...}`.
    pub path: String,
    /// The class.
    pub class: OperationClass,
}

/// Whether answers are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CachePolicy {
    /// As the agency's system says with each answer (RFC 9111).
    #[default]
    AsUpstreamSays,
    /// Never.
    Off,
}

/// Bounds of the calls to a service; each within what [`ServiceLimits::MOST`] allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceLimits {
    /// Bytes of a call's body.
    pub request_bytes: u64,
    /// Bytes of an answer's body.
    pub answer_bytes: u64,
    /// Seconds until an answer must have begun.
    pub first_byte_secs: u32,
    /// Longest silence inside an answer, in seconds.
    pub idle_secs: u32,
    /// Seconds until an answer must be over.
    pub whole_secs: u32,
    /// Calls under way at one time, for each node of the portal.
    pub in_flight: u32,
}

impl ServiceLimits {
    /// What no service may exceed.
    pub const MOST: Self = Self {
        request_bytes: 100 * 1024 * 1024,
        answer_bytes: 10 * 1024 * 1024 * 1024,
        first_byte_secs: 25,
        idle_secs: 120,
        whole_secs: 3600,
        in_flight: 4096,
    };
}

impl Default for ServiceLimits {
    fn default() -> Self {
        Self {
            request_bytes: 10 * 1024 * 1024,
            answer_bytes: 256 * 1024 * 1024,
            first_byte_secs: 20,
            idle_secs: 30,
            whole_secs: 300,
            in_flight: 256,
        }
    }
}

/// How we look whether a service is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// Path and query below the agency's address, asked with `GET`.
    pub path: String,
    /// Seconds between two looks.
    pub interval_secs: u32,
    /// The status of a healthy answer.
    pub status: u16,
}

/// What an agency says of its service. Anybody may read all of it once the service is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceDraft {
    /// Its name.
    pub title: String,
    /// What it offers, in Markdown.
    pub description: String,
    /// The agency's address, such as `https://api.agency.example/v1`; shown to staff only.
    pub upstream: String,
    /// The terms of use: an address, or words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// The licence of the data: an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Words to find it by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Where questions go: an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<String>,
    /// The methods that pass.
    pub methods: Vec<ServiceMethod>,
    /// What calls are counted as unless a rule says otherwise.
    pub class: OperationClass,
    /// What calls of some paths are counted as; the first rule that fits counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_rules: Vec<ClassRule>,
    /// Whether paths may hold matrix parameters (`/stations;year=2026`).
    #[serde(default)]
    pub matrix_parameters: bool,
    /// Whether answers are kept.
    #[serde(default)]
    pub cache: CachePolicy,
    /// Its bounds.
    #[serde(default)]
    pub limits: ServiceLimits,
    /// How we look whether it is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthCheck>,
    /// When it goes.
    #[serde(default, skip_serializing_if = "Lifecycle::is_empty")]
    pub lifecycle: Lifecycle,
}

impl ServiceDraft {
    /// A service that is read only, counted as a gateway call, with everything else at its default.
    #[must_use]
    pub fn new(title: impl Into<String>, upstream: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            description: String::new(),
            upstream: upstream.into(),
            terms: None,
            licence: None,
            keywords: Vec::new(),
            contact_email: None,
            methods: vec![ServiceMethod::Get],
            class: OperationClass::Gateway,
            class_rules: Vec::new(),
            matrix_parameters: false,
            cache: CachePolicy::default(),
            limits: ServiceLimits::default(),
            health: None,
            lifecycle: Lifecycle::default(),
        }
    }
}

/// A data service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataService {
    /// Its id.
    pub id: ServiceId,
    /// Its readable name, which is also its place below `/gateway/`; for ever.
    pub slug: Slug,
    /// Who answers for it.
    pub publisher_id: PublisherId,
    /// That one's readable name …
    pub publisher_slug: Slug,
    /// … and name.
    pub publisher_name: String,
    /// Its entry in the catalogue, once it has been opened.
    pub dataset_id: Option<DatasetId>,
    /// Where it stands.
    pub state: ServiceState,
    /// Why it is suspended or retired, for readers.
    pub reason: Option<String>,
    /// What its agency says of it.
    pub draft: ServiceDraft,
    /// Whether it has an OpenAPI document.
    pub has_openapi: bool,
    /// How we prove ourselves to the agency's system; the credentials themselves are shown to nobody.
    pub credentials: CredentialsKind,
    /// Counts up from 1 with every change.
    pub revision: i32,
    /// Since when we know it.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When an operator approved it.
    pub approved_at: Option<Timestamp>,
    /// When it was first opened.
    pub opened_at: Option<Timestamp>,
}
