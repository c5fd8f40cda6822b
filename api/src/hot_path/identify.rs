//! Who is calling, as far as limits care: an application by its key, or a network address.
//!
//! A key comes in `X-Api-Key`, in `Authorization: Bearer`, or as `?api_key=`. A key that is wrong is refused, never taken
//! for none: whoever sends one wants to be counted under it. A bearer token without the key's prefix belongs to sign-in
//! and is none of ours; such a caller is counted by address.

use actix_web::http::header::{self, HeaderMap};
use fairground_admission::{Party, PlanRef};
use fairground_domain::{ApiKeyId, ApplicationId, Timestamp};
use url::form_urlencoded;

use super::key_ring::{Digest, KeyEntry, KeyRing, KeyStanding};
use crate::problem::{Problem, ProblemKind};

/// How every key begins.
pub const KEY_PREFIX: &str = "fg_";
/// The header for keys.
pub const API_KEY_HEADER: &str = "x-api-key";
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
}

impl From<KeyEntry> for Identity {
    fn from(entry: KeyEntry) -> Self {
        Self { party: entry.party, plan: entry.plan, key: Some((entry.application, entry.key)) }
    }
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
    if let Some(token) = bearer(headers).filter(|token| token.starts_with(KEY_PREFIX)) {
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

/// What the ring knows of a presented key.
///
/// # Errors
/// `KeyMalformed`, `KeyUnknown`, `KeyRevoked` or `KeyExpired`: all of them 401.
pub fn look_up(ring: &KeyRing, read_key: &ReadKey, key: &str, now: Timestamp) -> Result<Identity, Problem> {
    let refused = |kind| Err(Problem::new(kind).header(header::WWW_AUTHENTICATE, challenge()));
    let Some(digest) = read_key(key) else { return refused(ProblemKind::KeyMalformed) };
    match ring.find(&digest) {
        None => refused(ProblemKind::KeyUnknown),
        Some(entry) if entry.standing == KeyStanding::Revoked => refused(ProblemKind::KeyRevoked),
        Some(entry) if entry.is_expired(now) => refused(ProblemKind::KeyExpired),
        Some(entry) => Ok(entry.into()),
    }
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
            (&[], "q=x&api_key=fg%5Fa", Some("fg_a")),
            (&[("x-api-key", "fg_a"), ("authorization", "Bearer fg_a")], "api_key=fg_a", Some("fg_a")),
            (&[("x-api-key", "")], "", Some("")),
        ] {
            let found = presented_key(&headers(pairs), query).expect("unambiguous");
            assert_eq!(found.as_deref(), key, "{pairs:?} {query}");
        }
    }

    #[test]
    fn two_different_keys_are_refused() {
        let problem = presented_key(&headers(&[("x-api-key", "fg_a")]), "api_key=fg_b").expect_err("two keys");
        assert_eq!(problem.kind(), ProblemKind::KeyAmbiguous);
    }
}
