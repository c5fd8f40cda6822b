//! What a service may say of itself.

use fairground_domain::Timestamp;

use super::{HealthCheck, ServiceDraft, ServiceLimits, ServiceMethod};
use crate::error::CatalogError;

/// Characters of a title.
const TITLE_CHARS: usize = 200;
/// Characters of a description or of terms.
const TEXT_CHARS: usize = 20_000;
/// Bytes of an address.
const ADDRESS_BYTES: usize = 2_000;
/// Rules about classes.
const MOST_RULES: usize = 200;
/// Keywords.
const MOST_KEYWORDS: usize = 50;
/// Seconds between two looks.
const INTERVAL_SECS: std::ops::RangeInclusive<u32> = 15..=86_400;

fn invalid<T>(field: &'static str, problem: impl Into<String>) -> Result<T, CatalogError> {
    Err(CatalogError::Invalid { field, problem: problem.into() })
}

/// Holds a draft to the rules; `before` is what was said until now.
pub(super) fn check(draft: &ServiceDraft, before: Option<&ServiceDraft>, now: Timestamp) -> Result<(), CatalogError> {
    let title = draft.title.trim().chars().count();
    if !(1..=TITLE_CHARS).contains(&title) {
        return invalid("title", format!("must have 1 to {TITLE_CHARS} characters"));
    }
    for (field, text) in [("description", Some(&draft.description)), ("terms", draft.terms.as_ref())] {
        if text.is_some_and(|text| text.chars().count() > TEXT_CHARS) {
            return invalid(field, format!("must have at most {TEXT_CHARS} characters"));
        }
    }
    if !is_web_address(&draft.upstream) {
        return invalid("upstream", "must be an address that begins with `http://` or `https://`");
    }
    let lifecycle = &draft.lifecycle;
    let addresses =
        [("licence", &draft.licence), ("lifecycle", &lifecycle.policy_url), ("lifecycle", &lifecycle.successor_url)];
    for (field, address) in addresses {
        if address.as_deref().is_some_and(|address| !is_web_address(address)) {
            return invalid(field, "must be an address that begins with `http://` or `https://`");
        }
    }
    if draft.keywords.len() > MOST_KEYWORDS || draft.keywords.iter().any(|word| word.chars().count() > 100) {
        return invalid("keywords", format!("at most {MOST_KEYWORDS} of at most 100 characters"));
    }
    if let Some(email) = &draft.contact_email {
        crate::account::parse_email(email).map_err(|_| CatalogError::Invalid {
            field: "contact_email",
            problem: "must be an e-mail address".into(),
        })?;
    }
    check_methods(&draft.methods)?;
    check_classes(draft)?;
    check_limits(&draft.limits)?;
    if let Some(health) = &draft.health {
        check_health(health)?;
    }
    lifecycle.check(before.map(|before| &before.lifecycle), now)
}

/// Whether a text is an address of the web without blanks; what it leads to is judged by the gateway.
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.len() <= ADDRESS_BYTES
        && rest.is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"'))
        })
}

fn check_methods(methods: &[ServiceMethod]) -> Result<(), CatalogError> {
    let mut sorted = methods.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    if methods.is_empty() || sorted.len() != methods.len() {
        return invalid("methods", "name at least one method, and each once");
    }
    Ok(())
}

fn check_classes(draft: &ServiceDraft) -> Result<(), CatalogError> {
    if draft.class_rules.len() > MOST_RULES {
        return invalid("class_rules", format!("at most {MOST_RULES} rules"));
    }
    for rule in &draft.class_rules {
        let sound = rule.path.starts_with('/')
            && rule.path.len() <= ADDRESS_BYTES
            && rule.path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b';' | b'\\'));
        if !sound {
            return invalid("class_rules", format!("`{}` is no path pattern", rule.path.escape_debug()));
        }
        if let Some(other) = rule.methods.iter().find(|method| !draft.methods.contains(method)) {
            return invalid("class_rules", format!("`{}` is not among the methods that pass", other.as_str()));
        }
    }
    Ok(())
}

fn check_limits(limits: &ServiceLimits) -> Result<(), CatalogError> {
    let most = ServiceLimits::MOST;
    let within = [
        ("request_bytes", limits.request_bytes, most.request_bytes),
        ("answer_bytes", limits.answer_bytes, most.answer_bytes),
        ("first_byte_secs", limits.first_byte_secs.into(), most.first_byte_secs.into()),
        ("idle_secs", limits.idle_secs.into(), most.idle_secs.into()),
        ("whole_secs", limits.whole_secs.into(), most.whole_secs.into()),
        ("in_flight", limits.in_flight.into(), most.in_flight.into()),
    ];
    for (name, value, most) in within {
        let least = u64::from(name != "request_bytes");
        if !(least..=most).contains(&value) {
            return invalid("limits", format!("`{name}` must be from {least} to {most}"));
        }
    }
    Ok(())
}

fn check_health(health: &HealthCheck) -> Result<(), CatalogError> {
    let path = health.path.starts_with('/')
        && health.path.len() <= ADDRESS_BYTES
        && health.path.bytes().all(|b| b.is_ascii_graphic() && b != b'#');
    if !path {
        return invalid("health", "`path` must begin with `/` and hold no blanks");
    }
    if !INTERVAL_SECS.contains(&health.interval_secs) {
        return invalid("health", "`interval_secs` must be from 15 to 86400");
    }
    if !(100..600).contains(&health.status) {
        return invalid("health", "`status` must be a status of HTTP");
    }
    Ok(())
}
