//! One fronted API: where it is, how we prove ourselves there, within which limits, and how it fares.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{self, HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme, Uri};
use url::{Url, form_urlencoded};

use crate::breaker::{Breaker, BreakerRules};
use crate::limits::Limits;
use crate::path::CleanPath;

/// One in so many calls may be a repetition: retries must not turn a weakness of the upstream into a storm.
const CALLS_FOR_A_RETRY: u32 = 10;
/// Repetitions that may be saved up.
const MOST_RETRIES_SAVED: u32 = 20;

/// How we prove ourselves to an upstream. Never shown: `Debug` tells the kind only.
#[derive(Clone)]
pub enum Credential {
    /// Not at all.
    None,
    /// A field, `Authorization` or one of the upstream's own.
    Field {
        /// Its name.
        name: HeaderName,
        /// Its value, marked as sensitive.
        value: HeaderValue,
        /// The part of it that nobody may see.
        secret: String,
    },
    /// A query parameter.
    Parameter {
        /// Its name.
        name: String,
        /// `name=value`, encoded.
        pair: String,
        /// The value as it stands in an address.
        secret: String,
    },
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("Credential::None"),
            Self::Field { name, .. } => write!(f, "Credential::Field({name}: …)"),
            Self::Parameter { name, .. } => write!(f, "Credential::Parameter({name}=…)"),
        }
    }
}

/// An upstream that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUpstream {
    /// Not an address that we can call.
    #[error("the address {0}")]
    Address(&'static str),
    /// A credential that cannot be sent.
    #[error("the credential {0}")]
    Credential(&'static str),
}

impl Credential {
    /// A field of the upstream's own.
    ///
    /// # Errors
    /// `Credential` when name or value cannot stand in a message, or when the field is not the upstream's to ask for.
    pub fn header(name: &str, value: &str) -> Result<Self, InvalidUpstream> {
        let name: HeaderName =
            name.parse().map_err(|_| InvalidUpstream::Credential("has a name that no field can have"))?;
        let reserved =
            [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::VIA];
        if reserved.contains(&name) {
            return Err(InvalidUpstream::Credential("has the name of a field that the gateway sets itself"));
        }
        Self::field(name, value, value)
    }

    /// `Authorization: Basic` (RFC 7617).
    ///
    /// # Errors
    /// `Credential` when the user's name holds a colon.
    pub fn basic(user: &str, password: &str) -> Result<Self, InvalidUpstream> {
        if user.contains(':') {
            return Err(InvalidUpstream::Credential("has a colon in the user's name"));
        }
        let pair = STANDARD.encode(format!("{user}:{password}"));
        Self::field(header::AUTHORIZATION, &format!("Basic {pair}"), &pair)
    }

    /// `Authorization: Bearer` (RFC 6750).
    ///
    /// # Errors
    /// `Credential` when the token cannot stand in a message.
    pub fn bearer(token: &str) -> Result<Self, InvalidUpstream> {
        Self::field(header::AUTHORIZATION, &format!("Bearer {token}"), token)
    }

    /// A query parameter.
    ///
    /// # Errors
    /// `Credential` when it has no name.
    pub fn parameter(name: &str, value: &str) -> Result<Self, InvalidUpstream> {
        if name.is_empty() || value.is_empty() {
            return Err(InvalidUpstream::Credential("needs a name and a value"));
        }
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        let secret = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        Ok(Self::Parameter { name: name.to_owned(), pair, secret })
    }

    fn field(name: HeaderName, value: &str, secret: &str) -> Result<Self, InvalidUpstream> {
        let unfit = InvalidUpstream::Credential("holds characters that no field can hold");
        if secret.trim().is_empty() {
            return Err(InvalidUpstream::Credential("is empty"));
        }
        let mut field = HeaderValue::from_str(value).map_err(|_| unfit)?;
        field.set_sensitive(true);
        Ok(Self::Field { name, value: field, secret: secret.to_owned() })
    }

    /// What no caller may see.
    pub(crate) fn secret(&self) -> Option<&[u8]> {
        match self {
            Self::None => None,
            Self::Field { secret, .. } | Self::Parameter { secret, .. } => Some(secret.as_bytes()),
        }
    }

    /// Whether callers are proved by it instead of by themselves.
    #[must_use]
    pub const fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// Whether answers are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// As the upstream's fields say (RFC 9111).
    #[default]
    AsUpstreamSays,
    /// Never.
    Off,
}

/// What can be chosen for an upstream.
#[derive(Debug, Clone)]
pub struct UpstreamSettings {
    /// How we prove ourselves.
    pub credential: Credential,
    /// Its bounds.
    pub limits: Limits,
    /// Whether answers are kept.
    pub cache: CacheMode,
    /// When it is left alone.
    pub breaker: BreakerRules,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self {
            credential: Credential::None,
            limits: Limits::default(),
            cache: CacheMode::default(),
            breaker: BreakerRules::default(),
        }
    }
}

/// One fronted API, shared by every thread that serves.
#[derive(Debug)]
pub struct Upstream {
    name: String,
    /// Tells one version of the settings from another, so that nothing kept for the one is given for the other.
    number: u64,
    scheme: Scheme,
    authority: Authority,
    host_field: HeaderValue,
    forwarded: HeaderValue,
    /// Without a slash at the end; empty for the root.
    prefix: String,
    url: Url,
    settings: UpstreamSettings,
    breaker: Breaker,
    in_flight: AtomicU32,
    /// Tenths of repetitions that may be made.
    retries_saved: AtomicU32,
}

impl Upstream {
    /// An upstream at `address`: an `http` or `https` address without user name, query and fragment; its path goes before every
    /// call's. Whether it may be reached is judged at each connection.
    ///
    /// # Errors
    /// `Address` saying what is wrong with it.
    pub fn new(name: &str, address: &str, settings: UpstreamSettings) -> Result<Self, InvalidUpstream> {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let (url, scheme, authority) = read_address(address)?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        CleanPath::parse(&prefix, crate::path::PathRules { matrix_parameters: true })
            .map_err(|_| InvalidUpstream::Address("has a path that can be read in two ways"))?;
        Ok(Self {
            name: name.to_owned(),
            number: NUMBER.fetch_add(1, Ordering::Relaxed),
            host_field: HeaderValue::try_from(authority.as_str())
                .map_err(|_| InvalidUpstream::Address("names a host that no field can hold"))?,
            forwarded: HeaderValue::from_static("for=unknown;by=_fairground"),
            scheme,
            authority,
            prefix,
            url,
            breaker: Breaker::new(settings.breaker, Instant::now()),
            settings,
            in_flight: AtomicU32::new(0),
            retries_saved: AtomicU32::new(MOST_RETRIES_SAVED * CALLS_FOR_A_RETRY),
        })
    }

    /// Its name, for logs and figures.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its bounds.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// How we prove ourselves there.
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.settings.credential
    }

    /// Whether its answers are kept.
    #[must_use]
    pub const fn cache(&self) -> CacheMode {
        self.settings.cache
    }

    /// How it fares.
    #[must_use]
    pub const fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Calls under way, in this process.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    pub(crate) const fn host_field(&self) -> &HeaderValue {
        &self.host_field
    }

    pub(crate) const fn forwarded(&self) -> &HeaderValue {
        &self.forwarded
    }

    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// Path and query of a call, as the upstream sees them.
    pub(crate) fn target(&self, path: &CleanPath, query: Option<&str>) -> String {
        let query = query.filter(|query| !query.is_empty());
        let mut target =
            String::with_capacity(self.prefix.len() + path.as_str().len() + query.map_or(0, |query| query.len() + 1));
        target.push_str(&self.prefix);
        target.push_str(path.as_str());
        if let Some(query) = query {
            target.push('?');
            target.push_str(query);
        }
        target
    }

    /// The address of a target; `None` when the target holds what no address may.
    pub(crate) fn uri(&self, target: &str) -> Option<Uri> {
        let target = PathAndQuery::try_from(target).ok()?;
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(target);
        Uri::from_parts(parts).ok()
    }

    /// Takes a place among the calls under way; `None` when all are taken.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Place> {
        let taken = self.in_flight.fetch_add(1, Ordering::AcqRel);
        let place = Place(Arc::clone(self));
        (taken < self.settings.limits.in_flight).then_some(place)
    }

    /// Each call saves a part of a repetition …
    pub(crate) fn save_for_retry(&self) {
        let most = MOST_RETRIES_SAVED * CALLS_FOR_A_RETRY;
        if self.retries_saved.load(Ordering::Relaxed) < most {
            self.retries_saved.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// … and this spends one; false when none is saved.
    pub(crate) fn spend_retry(&self) -> bool {
        let spend = |saved: u32| saved.checked_sub(CALLS_FOR_A_RETRY);
        self.retries_saved.fetch_update(Ordering::AcqRel, Ordering::Relaxed, spend).is_ok()
    }
}

fn read_address(address: &str) -> Result<(Url, Scheme, Authority), InvalidUpstream> {
    use InvalidUpstream::Address;
    let url = Url::parse(address).map_err(|_| Address("cannot be read"))?;
    let scheme = match url.scheme() {
        "http" => Scheme::HTTP,
        "https" => Scheme::HTTPS,
        _ => return Err(Address("must begin with `http://` or `https://`")),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Address("holds a user name; give it as a credential"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Address("holds a query or a fragment"));
    }
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(Address("names no host"))?;
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let authority = authority.parse().map_err(|_| Address("names a host that cannot be"))?;
    Ok((url, scheme, authority))
}

/// A place among an upstream's calls under way; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place(Arc<Upstream>);

impl Place {
    pub(crate) fn upstream(&self) -> &Upstream {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(address: &str) -> Result<Upstream, InvalidUpstream> {
        Upstream::new("air", address, UpstreamSettings::default())
    }

    #[test]
    fn an_address_is_put_into_its_plain_form() {
        for (address, host, target) in [
            ("https://agency.example", "agency.example", "/a?b=c"),
            ("https://Agency.example:443/v1/", "agency.example", "/v1/a?b=c"),
            ("http://agency.example:8080/v1", "agency.example:8080", "/v1/a?b=c"),
            ("http://2130706433/", "127.0.0.1", "/a?b=c"),
            ("http://0x7f.1/", "127.0.0.1", "/a?b=c"),
            ("http://0177.0.0.1/", "127.0.0.1", "/a?b=c"),
            ("http://[::FFFF:127.0.0.1]/", "[::ffff:7f00:1]", "/a?b=c"),
        ] {
            let upstream = upstream(address).expect(address);
            let path = CleanPath::parse("/a", crate::PathRules::default()).expect("a path");
            assert_eq!(upstream.host_field(), host, "{address}");
            assert_eq!(upstream.target(&path, Some("b=c")), target, "{address}");
        }
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        for address in [
            "",
            "agency.example",
            "ftp://agency.example/",
            "file:///etc/passwd",
            "https://user:secret@agency.example/",
            "https://agency.example/?key=1",
            "https://agency.example/#a",
            "https://agency.example/a//b",
            "https://agency.example/a%2fb",
            "https://agency.example:99999/",
        ] {
            assert!(matches!(upstream(address), Err(InvalidUpstream::Address(_))), "{address}");
        }
    }

    #[test]
    fn credentials_are_sent_and_never_shown() {
        let basic = Credential::basic("ada", "s3cret").expect("a credential");
        let Credential::Field { name, value, .. } = &basic else { panic!("a field") };
        assert_eq!((name.as_str(), value.as_bytes()), ("authorization", b"Basic YWRhOnMzY3JldA==".as_slice()));
        for credential in [
            basic,
            Credential::bearer("s3cret").expect("a credential"),
            Credential::header("X-Key", "s3cret").expect("a credential"),
            Credential::parameter("key", "s3cret").expect("a credential"),
        ] {
            let shown = format!("{credential:?}");
            assert!(!shown.contains("s3cret") && !shown.contains("YWRh"), "{shown}");
            let settings = UpstreamSettings { credential, ..UpstreamSettings::default() };
            let upstream = Upstream::new("air", "https://agency.example", settings).expect("an upstream");
            assert!(!format!("{upstream:?}").contains("s3cret"));
        }
        for bad in [
            Credential::header("X Key", "v"),
            Credential::header("Host", "v"),
            Credential::header("X-Key", "a\r\nX: y"),
            Credential::header("X-Key", " "),
            Credential::basic("a:b", "c"),
            Credential::bearer("a\nb"),
            Credential::parameter("", "v"),
        ] {
            assert!(bad.is_err(), "{bad:?}");
        }
    }

    #[test]
    fn places_and_repetitions_are_bounded() {
        let limits = Limits { in_flight: 2, ..Limits::default() };
        let settings = UpstreamSettings { limits, ..UpstreamSettings::default() };
        let upstream = Arc::new(Upstream::new("air", "https://agency.example", settings).expect("an upstream"));
        let first = upstream.enter().expect("a place");
        let second = upstream.enter().expect("a place");
        assert!(upstream.enter().is_none());
        assert_eq!(upstream.in_flight(), 2);
        drop((first, second));
        assert_eq!(upstream.in_flight(), 0);
        let spent = (0..1000).take_while(|_| upstream.spend_retry()).count();
        assert_eq!(spent, usize::try_from(MOST_RETRIES_SAVED).expect("small"));
        for _ in 0..CALLS_FOR_A_RETRY {
            upstream.save_for_retry();
        }
        assert!(upstream.spend_retry() && !upstream.spend_retry());
    }
}
