//! Services as they are told.

use std::collections::BTreeMap;
use std::time::Duration;

use fairground_catalog::CatalogError;
use fairground_catalog::service::{
    BrownOut, CachePolicy, ClassRule, DataService, HealthCheck, HealthDay, Lifecycle, OpenapiDocument,
    ServiceCredentials, ServiceDraft, ServiceHealth, ServiceLimits, ServiceMethod, ServiceState,
};
use fairground_domain::{OperationClass, Slug, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::{Checked, check_text};
use crate::gateway::GATEWAY_ROOT;
use crate::problem::Fault;

/// Longest title, in characters; the catalogue has the last word on everything else.
const TITLE_CHARS: usize = 200;

/// An announced stretch of time in which a service does not answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BrownOutWire {
    /// From this moment (RFC 3339) …
    from: String,
    /// … until this one.
    until: String,
}

/// When a service goes.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LifecycleWire {
    /// Since when, or from when, nobody should begin to use it (RFC 3339); told in `Deprecation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    deprecated_at: Option<String>,
    /// When it stops answering (RFC 3339), at least 7 days ahead; told in `Sunset`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sunset_at: Option<String>,
    /// Where it is explained.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_url: Option<String>,
    /// What to use instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    successor_url: Option<String>,
    /// When it does not answer, before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    brown_outs: Vec<BrownOutWire>,
}

/// What calls of some paths are counted as.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ClassRuleWire {
    /// For these methods; for all when absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    methods: Vec<String>,
    /// A pattern over the path below the service: `/stations/{station}/values`, `/exports/{rest...}`.
    path: String,
    /// `catalogue`, `rows`, `aggregate`, `export` or `gateway`.
    operation_class: String,
}

/// Bounds of the calls to a service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct LimitsWire {
    /// Bytes of a call's body.
    request_bytes: u64,
    /// Bytes of an answer's body.
    answer_bytes: u64,
    /// Seconds until an answer must have begun.
    first_byte_secs: u32,
    /// Longest silence inside an answer, in seconds.
    idle_secs: u32,
    /// Seconds until an answer must be over.
    whole_secs: u32,
    /// Calls under way at one time, for each node of the portal.
    in_flight: u32,
}

impl Default for LimitsWire {
    fn default() -> Self {
        ServiceLimits::default().into()
    }
}

impl From<ServiceLimits> for LimitsWire {
    fn from(limits: ServiceLimits) -> Self {
        Self {
            request_bytes: limits.request_bytes,
            answer_bytes: limits.answer_bytes,
            first_byte_secs: limits.first_byte_secs,
            idle_secs: limits.idle_secs,
            whole_secs: limits.whole_secs,
            in_flight: limits.in_flight,
        }
    }
}

impl From<&LimitsWire> for ServiceLimits {
    fn from(wire: &LimitsWire) -> Self {
        Self {
            request_bytes: wire.request_bytes,
            answer_bytes: wire.answer_bytes,
            first_byte_secs: wire.first_byte_secs,
            idle_secs: wire.idle_secs,
            whole_secs: wire.whole_secs,
            in_flight: wire.in_flight,
        }
    }
}

/// How the portal looks whether a service is well.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HealthCheckWire {
    /// Path and query below the agency's address, asked with `GET`.
    path: String,
    /// Seconds between two looks.
    #[schema(minimum = 15, maximum = 86400)]
    interval_secs: u32,
    /// The status of a healthy answer.
    #[serde(default = "ok")]
    #[schema(default = 200)]
    status: u16,
}

const fn ok() -> u16 {
    200
}

fn get_only() -> Vec<String> {
    vec![ServiceMethod::Get.as_str().to_owned()]
}

fn gateway() -> String {
    OperationClass::Gateway.as_str().to_owned()
}

fn as_upstream_says() -> String {
    "as-upstream-says".to_owned()
}

/// What an agency says of its service.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceIn {
    /// Its name.
    title: String,
    /// What it offers, in Markdown.
    #[serde(default)]
    description: String,
    /// The agency's address, such as `https://api.agency.example/v1`; never shown to callers.
    upstream: String,
    /// The terms of use: an address, or words.
    #[serde(default)]
    terms: Option<String>,
    /// The licence of the data: an address.
    #[serde(default)]
    licence: Option<String>,
    /// Words to find it by.
    #[serde(default)]
    keywords: Vec<String>,
    /// Where questions go: an e-mail address.
    #[serde(default)]
    contact_email: Option<String>,
    /// The methods that pass, of `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `OPTIONS`; `HEAD` comes with `GET`.
    #[serde(default = "get_only")]
    methods: Vec<String>,
    /// What calls are counted as unless a rule says otherwise.
    #[serde(default = "gateway")]
    operation_class: String,
    /// What calls of some paths are counted as; the first rule that fits counts. Published, the same for everybody.
    #[serde(default)]
    class_rules: Vec<ClassRuleWire>,
    /// Whether paths may hold matrix parameters (`/stations;year=2026`).
    #[serde(default)]
    matrix_parameters: bool,
    /// Whether answers are kept: `as-upstream-says` (RFC 9111) or `off`.
    #[serde(default = "as_upstream_says")]
    cache: String,
    /// Its bounds.
    #[serde(default)]
    limits: LimitsWire,
    /// How the portal looks whether it is well; not at all when absent.
    #[serde(default)]
    health: Option<HealthCheckWire>,
    /// When it goes.
    #[serde(default)]
    lifecycle: LifecycleWire,
    /// Its OpenAPI document (edition 2 or 3) as text, JSON or YAML. When a service is changed: an empty text takes it away,
    /// none leaves it.
    #[serde(default)]
    openapi: Option<String>,
}

impl ServiceIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/title", &self.title, TITLE_CHARS);
        check_text(&mut faults, "/upstream", &self.upstream, 2_000);
        faults
    }

    /// As the catalogue takes it.
    pub(super) fn draft(&self) -> Result<ServiceDraft, CatalogError> {
        Ok(ServiceDraft {
            title: self.title.trim().to_owned(),
            description: self.description.clone(),
            upstream: self.upstream.trim().to_owned(),
            terms: filled(&self.terms),
            licence: filled(&self.licence),
            keywords: self.keywords.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect(),
            contact_email: filled(&self.contact_email),
            methods: methods(&self.methods, "methods")?,
            class: class(&self.operation_class, "operation_class")?,
            class_rules: self.class_rules.iter().map(ClassRuleWire::rule).collect::<Result<_, _>>()?,
            matrix_parameters: self.matrix_parameters,
            cache: match self.cache.as_str() {
                "as-upstream-says" => CachePolicy::AsUpstreamSays,
                "off" => CachePolicy::Off,
                _ => return invalid("cache", "must be `as-upstream-says` or `off`"),
            },
            limits: (&self.limits).into(),
            health: self.health.as_ref().map(|health| HealthCheck {
                path: health.path.clone(),
                interval_secs: health.interval_secs,
                status: health.status,
            }),
            lifecycle: self.lifecycle.lifecycle()?,
        })
    }

    /// Its document: `None` when nothing is said of it, `Some(None)` when it is to have none.
    pub(super) fn document(&self) -> Result<Option<Option<OpenapiDocument>>, CatalogError> {
        match self.openapi.as_deref() {
            None => Ok(None),
            Some(text) if text.trim().is_empty() => Ok(Some(None)),
            Some(text) => OpenapiDocument::parse(text).map(|document| Some(Some(document))),
        }
    }
}

fn invalid<T>(field: &'static str, problem: impl Into<String>) -> Result<T, CatalogError> {
    Err(CatalogError::Invalid { field, problem: problem.into() })
}

fn filled(text: &Option<String>) -> Option<String> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn methods(names: &[String], field: &'static str) -> Result<Vec<ServiceMethod>, CatalogError> {
    let read = |name: &String| match ServiceMethod::parse(&name.to_ascii_uppercase()) {
        Some(method) => Ok(method),
        None => invalid(field, format!("`{}` is no method that can pass", name.escape_debug())),
    };
    names.iter().map(read).collect()
}

fn class(name: &str, field: &'static str) -> Result<OperationClass, CatalogError> {
    let known = OperationClass::ALL.into_iter().find(|class| class.as_str() == name);
    known.map_or_else(|| invalid(field, format!("`{}` is no class of operations", name.escape_debug())), Ok)
}

fn moment(text: &Option<String>) -> Result<Option<Timestamp>, CatalogError> {
    let Some(text) = filled(text) else { return Ok(None) };
    match text.parse() {
        Ok(at) => Ok(Some(at)),
        Err(_) => invalid("lifecycle", format!("`{}` is no moment such as 2026-11-22T10:00:00Z", text.escape_debug())),
    }
}

impl ClassRuleWire {
    fn rule(&self) -> Result<ClassRule, CatalogError> {
        Ok(ClassRule {
            methods: methods(&self.methods, "class_rules")?,
            path: self.path.clone(),
            class: class(&self.operation_class, "class_rules")?,
        })
    }
}

impl From<&ClassRule> for ClassRuleWire {
    fn from(rule: &ClassRule) -> Self {
        Self {
            methods: rule.methods.iter().map(|method| method.as_str().to_owned()).collect(),
            path: rule.path.clone(),
            operation_class: rule.class.as_str().to_owned(),
        }
    }
}

impl LifecycleWire {
    fn lifecycle(&self) -> Result<Lifecycle, CatalogError> {
        let window = |wire: &BrownOutWire| {
            let from = moment(&Some(wire.from.clone()))?;
            let until = moment(&Some(wire.until.clone()))?;
            match from.zip(until) {
                Some((from, until)) => Ok(BrownOut { from, until }),
                None => invalid("lifecycle", "a brown-out has a beginning and an end"),
            }
        };
        Ok(Lifecycle {
            deprecated_at: moment(&self.deprecated_at)?,
            sunset_at: moment(&self.sunset_at)?,
            policy_url: filled(&self.policy_url),
            successor_url: filled(&self.successor_url),
            brown_outs: self.brown_outs.iter().map(window).collect::<Result<_, _>>()?,
        })
    }
}

impl From<&Lifecycle> for LifecycleWire {
    fn from(lifecycle: &Lifecycle) -> Self {
        let told = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let window =
            |window: &BrownOut| BrownOutWire { from: window.from.to_string(), until: window.until.to_string() };
        Self {
            deprecated_at: told(lifecycle.deprecated_at),
            sunset_at: told(lifecycle.sunset_at),
            policy_url: lifecycle.policy_url.clone(),
            successor_url: lifecycle.successor_url.clone(),
            brown_outs: lifecycle.brown_outs.iter().map(window).collect(),
        }
    }
}

/// How the portal proves itself to the agency's system. Kept sealed, never shown again, never logged.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum CredentialsIn {
    /// It asks for nothing.
    #[default]
    None,
    /// A field of its own.
    Header {
        /// The field's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A user's name and password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A query parameter.
    Query {
        /// The parameter's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A bearer token.
    Bearer {
        /// The token.
        token: String,
    },
}

impl std::fmt::Debug for CredentialsIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CredentialsIn(…)")
    }
}

impl Checked for CredentialsIn {}

impl From<CredentialsIn> for ServiceCredentials {
    fn from(wire: CredentialsIn) -> Self {
        match wire {
            CredentialsIn::None => Self::None,
            CredentialsIn::Header { name, value } => Self::Header { name, value },
            CredentialsIn::Basic { user, password } => Self::Basic { user, password },
            CredentialsIn::Query { name, value } => Self::Query { name, value },
            CredentialsIn::Bearer { token } => Self::Bearer { token },
        }
    }
}

/// What is needed to register a service.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewServiceIn {
    /// Its readable name, which is also its place below `/gateway/`, for ever; its title suggests one.
    #[serde(default)]
    pub(super) slug: Option<String>,
    /// The slug of the publisher that answers for it; one's own when absent.
    #[serde(default)]
    pub(super) publisher: Option<String>,
    /// What its agency says of it.
    pub(super) service: ServiceIn,
    /// How the portal proves itself to the agency's system.
    #[serde(default)]
    pub(super) credentials: CredentialsIn,
}

impl Checked for NewServiceIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.service.faults().into_iter().map(within_service).collect();
        for (pointer, slug) in [("/slug", &self.slug), ("/publisher", &self.publisher)] {
            if let Some(Err(error)) = slug.as_ref().map(|slug| slug.parse::<Slug>()) {
                faults.push(Fault::at(pointer, error.to_string()));
            }
        }
        faults
    }
}

fn within_service(fault: Fault) -> Fault {
    Fault { pointer: fault.pointer.map(|pointer| format!("/service{pointer}")), ..fault }
}

/// What is to be said of a service from now on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServiceChangeIn {
    /// The revision that was read: a change by somebody else meanwhile is not overwritten.
    pub(super) revision: i32,
    /// All of what its agency says of it.
    pub(super) service: ServiceIn,
}

impl Checked for ServiceChangeIn {
    fn faults(&self) -> Vec<Fault> {
        self.service.faults().into_iter().map(within_service).collect()
    }
}

/// Why a service is suspended or retired; readers are told it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonIn {
    /// The reason.
    pub(super) reason: String,
}

impl Checked for ReasonIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check_text(&mut faults, "/reason", &self.reason, 2_000);
        faults
    }
}

/// A publisher, in short.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServicePublisherOut {
    /// Its slug.
    slug: String,
    /// Its name.
    name: String,
}

/// What only its agency and the operators see.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceStaffOut {
    /// The agency's address.
    upstream: String,
    /// How the portal proves itself there; never the credentials themselves.
    credentials: &'static str,
    /// How the portal looks whether it is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    health: Option<HealthCheckWire>,
    /// Counts up with every change; a change names the one that it was made from.
    revision: i32,
    /// When it was registered (RFC 3339).
    created_at: String,
    /// When an operator approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    approved_at: Option<String>,
}

/// A data service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceOut {
    /// Its id.
    id: String,
    /// Its readable name.
    slug: String,
    /// Its name.
    title: String,
    /// What it offers, in Markdown.
    description: String,
    /// Who answers for it.
    publisher: ServicePublisherOut,
    /// `registered`, `approved`, `live`, `suspended` or `retired`.
    state: &'static str,
    /// Why it is suspended or retired.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Where it is fronted.
    endpoint_url: String,
    /// Where its OpenAPI document is, rewritten for callers.
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint_description: Option<String>,
    /// Its entry in the catalogue: `/api/v1/datasets/{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset: Option<String>,
    /// The terms of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    terms: Option<String>,
    /// The licence of the data.
    #[serde(skip_serializing_if = "Option::is_none")]
    licence: Option<String>,
    /// Words to find it by.
    keywords: Vec<String>,
    /// Where questions go.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_email: Option<String>,
    /// The methods that pass.
    methods: Vec<&'static str>,
    /// What calls are counted as.
    operation_class: &'static str,
    /// What calls of some paths are counted as.
    class_rules: Vec<ClassRuleWire>,
    /// Whether paths may hold matrix parameters.
    matrix_parameters: bool,
    /// Whether answers are kept.
    cache: &'static str,
    /// Its bounds.
    limits: LimitsWire,
    /// When it goes.
    lifecycle: LifecycleWire,
    /// When it was first opened (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_at: Option<String>,
    /// When it last changed (RFC 3339).
    updated_at: String,
    /// Only for its agency and the operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    staff: Option<ServiceStaffOut>,
}

impl ServiceOut {
    /// As it is told to everybody, or to those who may see more.
    pub(super) fn new(service: DataService, is_staff: bool) -> Self {
        let told = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let draft = service.draft;
        let endpoint = format!("{GATEWAY_ROOT}/{}", service.slug);
        let staff = is_staff.then(|| ServiceStaffOut {
            upstream: draft.upstream,
            credentials: service.credentials.as_str(),
            health: draft.health.map(|health| HealthCheckWire {
                path: health.path,
                interval_secs: health.interval_secs,
                status: health.status,
            }),
            revision: service.revision,
            created_at: service.created_at.to_string(),
            approved_at: told(service.approved_at),
        });
        Self {
            id: service.id.to_string(),
            slug: service.slug.to_string(),
            title: draft.title,
            description: draft.description,
            publisher: ServicePublisherOut { slug: service.publisher_slug.to_string(), name: service.publisher_name },
            state: service.state.as_str(),
            reason: service.reason,
            endpoint_description: service.has_openapi.then(|| format!("{endpoint}/openapi.json")),
            endpoint_url: endpoint,
            dataset: service.dataset_id.map(|id| id.to_string()),
            terms: draft.terms,
            licence: draft.licence,
            keywords: draft.keywords,
            contact_email: draft.contact_email,
            methods: draft.methods.iter().map(|method| method.as_str()).collect(),
            operation_class: draft.class.as_str(),
            class_rules: draft.class_rules.iter().map(ClassRuleWire::from).collect(),
            matrix_parameters: draft.matrix_parameters,
            cache: match draft.cache {
                CachePolicy::AsUpstreamSays => "as-upstream-says",
                CachePolicy::Off => "off",
            },
            limits: draft.limits.into(),
            lifecycle: (&draft.lifecycle).into(),
            opened_at: told(service.opened_at),
            updated_at: service.updated_at.to_string(),
            staff,
        }
    }
}

/// The looks of one day (UTC).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HealthDayOut {
    /// The day.
    day: String,
    /// Looks.
    checks: u64,
    /// Those that failed.
    failures: u64,
}

/// How a service fares.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServiceHealthOut {
    /// The service.
    service: String,
    /// `live`, `suspended`, …
    state: &'static str,
    /// `healthy` or `failing`; absent when nobody has looked yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    /// Since when it is so (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// When somebody last looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<String>,
    /// How long the answer took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_ms: Option<f64>,
    /// The last 30 days, newest first.
    days: Vec<HealthDayOut>,
    /// What was wrong; only for its agency and the operators.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    staff: BTreeMap<&'static str, String>,
}

impl ServiceHealthOut {
    pub(super) fn new(
        slug: &str,
        state: ServiceState,
        health: Option<ServiceHealth>,
        days: Vec<HealthDay>,
        is_staff: bool,
    ) -> Self {
        let told = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let mut staff = BTreeMap::new();
        if let Some(health) = health.as_ref().filter(|_| is_staff) {
            staff.extend(health.problem.clone().map(|problem| ("problem", problem)));
            staff.extend(health.http_status.map(|status| ("http_status", status.to_string())));
        }
        let milliseconds = |micros: u64| Duration::from_micros(micros).as_secs_f64() * 1000.0;
        Self {
            service: slug.to_owned(),
            state: state.as_str(),
            outcome: health.as_ref().and_then(|health| Some(health.outcome?.as_str())),
            since: told(health.as_ref().and_then(|health| health.since)),
            checked_at: told(health.as_ref().and_then(|health| health.checked_at)),
            latency_ms: health.as_ref().and_then(|health| health.latency_micros).map(milliseconds),
            days: days
                .into_iter()
                .map(|day| HealthDayOut { day: day.day, checks: day.checks, failures: day.failures })
                .collect(),
            staff,
        }
    }
}
