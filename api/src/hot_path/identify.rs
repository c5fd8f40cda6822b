//! Who is calling, as far as limits care: an application by its key, or a network address.
//!
//! A key comes in `X-Api-Key`, in `Authorization: Bearer`, or as `?api_key=`. A key that is wrong is refused, never taken
//! for none: whoever sends one wants to be counted under it. A bearer token without the key's prefix belongs to sign-in
//! and is none of ours; such a caller is counted by address.

use std::net::IpAddr;

use actix_web::http::header::{self, HeaderMap};
use fairground_admission::{Party, PlanRef};
use fairground_catalog::application::Restrictions;
use fairground_domain::{ApiKeyId, ApplicationId, OperationClass, Timestamp};
use url::{Url, form_urlencoded};

use super::key_ring::{Digest, KeyEntry, KeyRing, KeyStanding};
use crate::problem::{Problem, ProblemKind};

/// How every key begins.
pub const KEY_PREFIX: &str = "fg_";
/// The header for keys.
pub const API_KEY_HEADER: &str = "x-api-key";
/// The header in which clients of CKAN send their key.
pub const CKAN_KEY_HEADER: &str = "x-ckan-api-key";
/// The query parameter for keys.
pub const API_KEY_PARAMETER: &str = "api_key";

/// Reads a key's text: checks prefix and checksum, and digests it with the portal's secret. `None`: mistyped.
pub type ReadKey = Box<dyn Fn(&str) -> Option<Digest> + Send + Sync>;

/// Whom a call is counted under; in the request's extensions for whoever serves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Whom limits count.
    pub party: Party,
    /// On which plan.
    pub plan: PlanRef,
    /// The application and its key; `None` without a key.
    pub key: Option<(ApplicationId, ApiKeyId)>,
    /// Whether the key may manage its application.
    pub may_manage: bool,
}

impl From<&KeyEntry> for Identity {
    fn from(entry: &KeyEntry) -> Self {
        Self {
            party: entry.party,
            plan: entry.plan,
            key: Some((entry.application, entry.key)),
            may_manage: entry.scopes.may_manage(),
        }
    }
}

/// A key that does not open the door.
#[derive(Debug)]
pub struct KeyRefused {
    /// What the caller is told.
    pub problem: Problem,
    /// Whose key it is, if it is somebody's: the owner sees in the usage that it was tried. Limits are not spent for them:
    /// whoever tries spends their own.
    pub owner: Option<Identity>,
}

impl From<Problem> for KeyRefused {
    fn from(problem: Problem) -> Self {
        Self { problem, owner: None }
    }
}

/// How a key is used.
#[derive(Debug)]
pub struct Use<'a, A> {
    /// For what kind of operation.
    pub class: OperationClass,
    /// The request's headers.
    pub headers: &'a HeaderMap,
    /// From where; asked only when the key is restricted to networks.
    pub address: A,
    /// When.
    pub now: Timestamp,
}

/// The key that a request carries, if any.
///
/// # Errors
/// `KeyAmbiguous` when it carries different ones, `KeyMalformed` when one cannot even be read as text.
pub fn presented_key(headers: &HeaderMap, query: &str) -> Result<Option<String>, Problem> {
    let mut found: Option<String> = None;
    let mut take = |key: &str| match &found {
        Some(earlier) if earlier != key => Err(Problem::new(ProblemKind::KeyAmbiguous)),
        _ => {
            found = Some(key.to_owned());
            Ok(())
        }
    };
    if let Some(value) = headers.get(API_KEY_HEADER) {
        take(value.to_str().map_err(|_| Problem::new(ProblemKind::KeyMalformed))?.trim())?;
    }
    if let Some(value) = headers.get(CKAN_KEY_HEADER) {
        let value = value.to_str().map_err(|_| Problem::new(ProblemKind::KeyMalformed))?.trim();
        // Who writes by CKAN's calls sends a session or a publishing token there.
        if !crate::caller::is_session_token(value) && !crate::caller::is_publishing_token(value) {
            take(value)?;
        }
    }
    if let Some(token) = bearer(headers).or_else(|| bare(headers)).filter(|token| token.starts_with(KEY_PREFIX)) {
        take(token)?;
    }
    if query.contains(API_KEY_PARAMETER) {
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if name == API_KEY_PARAMETER {
                take(value.trim())?;
            }
        }
    }
    Ok(found)
}

/// The token of `Authorization: Bearer` (RFC 6750, section 2.1), whatever it is.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// An `Authorization` without a scheme, as clients of CKAN send it.
pub(crate) fn bare(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    (!value.contains(' ')).then_some(value)
}

/// What the ring knows of a presented key, if it may be used so.
///
/// # Errors
/// `KeyMalformed`, `KeyUnknown`, `KeyRevoked` or `KeyExpired` (401), `ApplicationSuspended` or `KeyNotPermitted` (403).
pub fn look_up<A: FnOnce() -> Option<IpAddr>>(
    ring: &KeyRing,
    read_key: &ReadKey,
    key: &str,
    used: Use<'_, A>,
) -> Result<Identity, KeyRefused> {
    let digest = read_key(key).ok_or_else(|| unknown(ProblemKind::KeyMalformed))?;
    let minute = minute_of(used.now);
    ring.judge(&digest, minute, |entry| judge(entry, used)).unwrap_or_else(|| Err(unknown(ProblemKind::KeyUnknown)))
}

/// Whether a key that is somebody's may be used so.
fn judge<A: FnOnce() -> Option<IpAddr>>(entry: &KeyEntry, used: Use<'_, A>) -> Result<Identity, KeyRefused> {
    let identity = Identity::from(entry);
    let refused = |problem| Err(KeyRefused { problem, owner: Some(identity) });
    match entry.standing {
        KeyStanding::Revoked => return Err(unknown(ProblemKind::KeyRevoked)),
        KeyStanding::Suspended => return refused(Problem::new(ProblemKind::ApplicationSuspended)),
        KeyStanding::Active { .. } if entry.is_expired(used.now) => return Err(unknown(ProblemKind::KeyExpired)),
        KeyStanding::Active { .. } => {}
    }
    if !entry.scopes.allow(used.class) {
        let (wanted, given) = (used.class.as_str(), entry.scopes.names().join(", "));
        let detail = format!("This is an operation of class `{wanted}`; the key was given for: {given}.");
        return refused(not_permitted(detail));
    }
    match entry.restrictions.as_deref().and_then(|restrictions| violation(restrictions, used)) {
        Some(detail) => refused(not_permitted(detail.to_owned())),
        None => Ok(identity),
    }
}

fn unknown(kind: ProblemKind) -> KeyRefused {
    Problem::new(kind).header(header::WWW_AUTHENTICATE, challenge()).into()
}

/// The minute since 1970 that holds a moment.
pub(super) fn minute_of(moment: Timestamp) -> u32 {
    u32::try_from(moment.as_secs() / 60).unwrap_or(0)
}

fn not_permitted(detail: String) -> Problem {
    Problem::new(ProblemKind::KeyNotPermitted).detail(detail)
}

/// Which restriction a use violates; what exactly would be allowed is the owner's business.
fn violation<A: FnOnce() -> Option<IpAddr>>(restrictions: &Restrictions, used: Use<'_, A>) -> Option<&'static str> {
    if !restrictions.allow_referrer(page_host(used.headers).as_deref()) {
        return Some(
            "The key may be used by certain web pages only, and the call names none of them in `Origin` or `Referer`.",
        );
    }
    let address = if restrictions.networks.is_empty() { None } else { (used.address)() };
    (!restrictions.allow_address(address)).then_some("The key may be used from certain networks only.")
}

/// The host of the page that a browser says the call comes from: `Origin` (Fetch, section 3.2), else `Referer`.
fn page_host(headers: &HeaderMap) -> Option<String> {
    let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).filter(|text| *text != "null");
    let page = field(header::ORIGIN).or_else(|| field(header::REFERER))?;
    Url::parse(page).ok()?.host_str().map(str::to_owned)
}

/// How to do better (RFC 9110, section 11.6.1).
fn challenge() -> header::HeaderValue {
    header::HeaderValue::from_static("Bearer realm=\"api\", error=\"invalid_token\"")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_key_is_found_wherever_it_may_be() {
        for (pairs, query, key) in [
            (&[][..], "", None),
            (&[("x-api-key", "fg_a")], "", Some("fg_a")),
            (&[("authorization", "bearer fg_a")], "", Some("fg_a")),
            (&[("authorization", "Bearer fgs_session")], "", None),
            (&[("authorization", "Basic Zm9v")], "", None),
            (&[("authorization", "fg_a"), ("x-ckan-api-key", "fg_a")], "", Some("fg_a")),
            (&[("authorization", "Zm9v")], "", None),
            (&[], "q=x&api_key=fg%5Fa", Some("fg_a")),
            (&[("x-api-key", "fg_a"), ("authorization", "Bearer fg_a")], "api_key=fg_a", Some("fg_a")),
            (&[("x-api-key", "")], "", Some("")),
        ] {
            let found = presented_key(&headers(pairs), query).expect("unambiguous");
            assert_eq!(found.as_deref(), key, "{pairs:?} {query}");
        }
    }

    #[test]
    fn the_page_is_the_origin_and_else_the_referrer() {
        for (pairs, host) in [
            (&[("origin", "https://map.example.org")][..], Some("map.example.org")),
            (
                &[("origin", "https://map.example.org:8443"), ("referer", "https://other.example/x")],
                Some("map.example.org"),
            ),
            (&[("origin", "null"), ("referer", "https://Map.Example.org/a?b")], Some("map.example.org")),
            (&[("referer", "https://user@map.example.org/")], Some("map.example.org")),
            (&[("referer", "map.example.org")], None),
            (&[("origin", "https://evil.example/.map.example.org")], Some("evil.example")),
            (&[], None),
        ] {
            assert_eq!(page_host(&headers(pairs)).as_deref(), host, "{pairs:?}");
        }
    }

    #[test]
    fn two_different_keys_are_refused() {
        let problem = presented_key(&headers(&[("x-api-key", "fg_a")]), "api_key=fg_b").expect_err("two keys");
        assert_eq!(problem.kind(), ProblemKind::KeyAmbiguous);
    }
}
