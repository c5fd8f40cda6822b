//! One fronted service, ready to be called: what its agency says of it, read once.

use std::sync::Arc;

use bytes::Bytes;
use fairground_catalog::service::{
    ClassRule, DataService, Lifecycle, OpenapiDocument, ServiceCredentials, ServiceDraft, ServiceMethod, ServiceState,
};
use fairground_domain::{DatasetId, OperationClass, Timestamp};
use fairground_gateway::{CleanPath, PathPattern, PathRules, Source, Upstream};
use http::HeaderValue;
use metrics::Counter;

use super::{GATEWAY_ROOT, describe, upstream_settings};
use crate::metrics::GATEWAY_ANSWERS;

/// Seconds after which a caller may ask again for a service that is suspended.
pub(super) const SUSPENDED_RETRY_SECS: u64 = 3600;

/// One fronted service.
#[derive(Debug)]
pub struct Fronted {
    pub(super) slug: String,
    pub(super) dataset: Option<DatasetId>,
    pub(super) state: ServiceState,
    pub(super) reason: Option<String>,
    pub(super) lifecycle: Lifecycle,
    /// `Allow`: what may be asked.
    pub(super) allow: String,
    /// Where it is fronted, seen from outside.
    pub(super) front: Arc<str>,
    /// How callers are told that it goes: fields of every answer.
    pub(super) notices: Vec<(http::HeaderName, HeaderValue)>,
    /// Its document, rewritten for callers.
    pub(super) openapi: Option<Bytes>,
    pub(super) rules: PathRules,
    /// `None` when its settings cannot be used; that is logged when it is read.
    pub(super) upstream: Option<Arc<Upstream>>,
    methods: Vec<ServiceMethod>,
    class: OperationClass,
    class_rules: Vec<(Vec<ServiceMethod>, PathPattern, OperationClass)>,
    pub(super) updated_at: Timestamp,
    figures: Figures,
}

/// Handles of a service's figures, looked up once.
#[derive(Clone)]
struct Figures([Counter; 5]);

impl std::fmt::Debug for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Figures")
    }
}

impl Figures {
    fn new(slug: &str) -> Self {
        let counter = |outcome: &'static str| metrics::counter!(GATEWAY_ANSWERS, "service" => slug.to_owned(), "outcome" => outcome);
        Self(["upstream", "kept", "confirmed", "stood-in", "failed"].map(counter))
    }
}

impl Fronted {
    /// As it is fronted at `public_url`.
    pub(crate) fn new(
        service: &DataService,
        credentials: &ServiceCredentials,
        openapi: Option<OpenapiDocument>,
        public_url: &str,
    ) -> Self {
        let front = format!("{public_url}{GATEWAY_ROOT}/{}", service.slug);
        let draft = &service.draft;
        let upstream = upstream_settings(draft, credentials)
            .and_then(|settings| Upstream::new(service.slug.as_str(), &draft.upstream, settings))
            .inspect_err(|error| tracing::error!(service = %service.slug, %error, "A service cannot be fronted"))
            .ok()
            .map(Arc::new);
        Self {
            slug: service.slug.to_string(),
            dataset: service.dataset_id,
            state: service.state,
            reason: service.reason.clone(),
            lifecycle: draft.lifecycle.clone(),
            allow: allow(&draft.methods),
            notices: notices(&draft.lifecycle),
            openapi: openapi.map(|document| describe::rewritten(document, service, &front)),
            front: front.into(),
            rules: PathRules { matrix_parameters: draft.matrix_parameters },
            class_rules: class_rules(draft),
            class: draft.class,
            methods: draft.methods.clone(),
            updated_at: service.updated_at,
            figures: Figures::new(service.slug.as_str()),
            upstream,
        }
    }

    /// What a call is counted as; a `HEAD` is a `GET`.
    pub(super) fn class_of(&self, method: &str, path: &CleanPath) -> OperationClass {
        let asked = ServiceMethod::parse(if method == "HEAD" { "GET" } else { method });
        let fits =
            |methods: &[ServiceMethod]| methods.is_empty() || asked.is_some_and(|asked| methods.contains(&asked));
        let rule = self.class_rules.iter().find(|(methods, pattern, _)| fits(methods) && pattern.matches(path));
        rule.map_or(self.class, |(_, _, class)| *class)
    }

    /// Whether a method passes; `HEAD` comes with `GET`.
    pub(super) fn passes(&self, method: &str) -> bool {
        let asked = ServiceMethod::parse(if method == "HEAD" { "GET" } else { method });
        asked.is_some_and(|asked| self.methods.contains(&asked))
    }

    /// Counts an answer by where it came from; `None` for none.
    pub(super) fn count(&self, source: Option<Source>) {
        let [upstream, kept, confirmed, stood_in, failed] = &self.figures.0;
        let counter = match source {
            Some(Source::Upstream) => upstream,
            Some(Source::Kept) => kept,
            Some(Source::Confirmed) => confirmed,
            Some(Source::StoodIn) => stood_in,
            None => failed,
        };
        counter.increment(1);
    }
}

fn allow(methods: &[ServiceMethod]) -> String {
    let mut names = Vec::with_capacity(methods.len() + 2);
    for method in methods {
        names.push(method.as_str());
        if *method == ServiceMethod::Get {
            names.push("HEAD");
        }
    }
    if !methods.contains(&ServiceMethod::Options) {
        names.push("OPTIONS");
    }
    names.join(", ")
}

/// Rules that cannot be read are left out and logged: they were checked when they were written.
fn class_rules(draft: &ServiceDraft) -> Vec<(Vec<ServiceMethod>, PathPattern, OperationClass)> {
    let read = |rule: &ClassRule| match PathPattern::parse(&rule.path) {
        Ok(pattern) => Some((rule.methods.clone(), pattern, rule.class)),
        Err(error) => {
            tracing::error!(%error, "A rule about classes is left out");
            None
        }
    };
    draft.class_rules.iter().filter_map(read).collect()
}

/// `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and where both are explained.
fn notices(lifecycle: &Lifecycle) -> Vec<(http::HeaderName, HeaderValue)> {
    const DEPRECATION: http::HeaderName = http::HeaderName::from_static("deprecation");
    const SUNSET: http::HeaderName = http::HeaderName::from_static("sunset");
    let mut said: Vec<(http::HeaderName, String)> = Vec::new();
    said.extend(lifecycle.deprecated_at.map(|at| (DEPRECATION, format!("@{}", at.as_secs()))));
    said.extend(lifecycle.sunset_at.map(|at| (SUNSET, at.http_date())));
    let link = |address: &Option<String>, rel: &str| crate::answer::link_field(address.as_deref()?, rel);
    let links = [
        link(&lifecycle.policy_url, "deprecation"),
        lifecycle.sunset_at.and_then(|_| link(&lifecycle.policy_url, "sunset")),
        link(&lifecycle.successor_url, "successor-version"),
    ];
    said.extend(links.into_iter().flatten().map(|link| (http::header::LINK, link)));
    said.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))).collect()
}
