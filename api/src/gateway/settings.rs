//! What a service's agency says, as the engine takes it; and whether it can be taken.

use std::time::Duration;

use fairground_catalog::CatalogError;
use fairground_catalog::service::{CachePolicy, ServiceCredentials, ServiceDraft};
use fairground_gateway::{
    BreakerRules, CacheMode, Credential, InvalidUpstream, Limits, PathPattern, Upstream, UpstreamSettings,
};
use fairground_reach::{AllowList, is_public};
use url::{Host, Url};

/// Tries for one call where a repetition is safe.
const TRIES: u32 = 2;

/// The engine's settings for a service.
///
/// # Errors
/// `Credential` when the credentials cannot be sent.
pub fn upstream_settings(
    draft: &ServiceDraft,
    credentials: &ServiceCredentials,
) -> Result<UpstreamSettings, InvalidUpstream> {
    let limits = &draft.limits;
    let secs = |secs: u32| Duration::from_secs(u64::from(secs));
    Ok(UpstreamSettings {
        credential: credential(credentials)?,
        limits: Limits {
            request_bytes: limits.request_bytes,
            answer_bytes: limits.answer_bytes,
            first_byte: secs(limits.first_byte_secs),
            idle: secs(limits.idle_secs),
            whole: secs(limits.whole_secs),
            in_flight: limits.in_flight,
            tries: TRIES,
        },
        cache: match draft.cache {
            CachePolicy::AsUpstreamSays => CacheMode::AsUpstreamSays,
            CachePolicy::Off => CacheMode::Off,
        },
        breaker: BreakerRules::default(),
    })
}

fn credential(credentials: &ServiceCredentials) -> Result<Credential, InvalidUpstream> {
    match credentials {
        ServiceCredentials::None => Ok(Credential::None),
        ServiceCredentials::Header { name, value } => Credential::header(name, value),
        ServiceCredentials::Basic { user, password } => Credential::basic(user, password),
        ServiceCredentials::Query { name, value } => Credential::parameter(name, value),
        ServiceCredentials::Bearer { token } => Credential::bearer(token),
    }
}

/// Refuses a service that the gateway could not front: an address that cannot be called or is plainly private, credentials that
/// cannot be sent, patterns that are none. Names are judged again at every connection.
///
/// # Errors
/// `Invalid`, naming the field.
pub fn check_service(
    draft: &ServiceDraft,
    credentials: &ServiceCredentials,
    allow: &AllowList,
) -> Result<(), CatalogError> {
    let invalid = |field, problem: String| CatalogError::Invalid { field, problem };
    let settings = upstream_settings(draft, credentials).map_err(|error| invalid("credentials", error.to_string()))?;
    Upstream::new("check", &draft.upstream, settings).map_err(|error| invalid("upstream", error.to_string()))?;
    let url = Url::parse(&draft.upstream).map_err(|error| invalid("upstream", error.to_string()))?;
    let address = match url.host() {
        Some(Host::Ipv4(v4)) => Some(v4.into()),
        Some(Host::Ipv6(v6)) => Some(v6.into()),
        Some(Host::Domain(_)) | None => None,
    };
    if address.is_some_and(|address| !is_public(address) && !allow.allows_address(address, url.port_or_known_default()))
    {
        return Err(invalid("upstream", "is a private address, which the operator has not opened".to_owned()));
    }
    for rule in &draft.class_rules {
        PathPattern::parse(&rule.path).map_err(|error| invalid("class_rules", error.to_string()))?;
    }
    Ok(())
}
