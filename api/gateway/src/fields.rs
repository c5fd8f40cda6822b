//! Which fields pass the gateway, and in which form.
//!
//! A field passes unless it is named here. Those that concern one connection only (RFC 9110, section 7.6.1) never pass, in
//! either direction; neither do our keys, cookies, and what callers could use to be taken for somebody else.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::upstream::{Credential, Upstream};

/// The field for the portal's own keys: it never reaches an upstream.
pub const KEY_FIELD: &str = "x-api-key";
/// The query parameter for the portal's own keys: it never reaches an upstream.
pub const KEY_PARAMETER: &str = "api_key";
/// How the portal's own bearer tokens begin (keys and sessions): they never reach an upstream.
pub const OWN_TOKENS: [&str; 2] = ["fg_", "fgs_"];

const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// Fields of one connection only (RFC 9110, section 7.6.1; RFC 7540, section 3.2.1 for `http2-settings`).
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "proxy-connection"
            | "keep-alive"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
            | "proxy-authenticate"
            | "proxy-authentication-info"
            | "proxy-authorization"
    )
}

/// What callers may not say to an upstream: what the gateway says itself, what would name the caller, what would have the
/// upstream see another method, path or host than was judged here.
fn is_ours_to_say(name: &str) -> bool {
    matches!(
        name,
        "host"
            | "content-length"
            | "expect"
            | "max-forwards"
            | "cookie"
            | "cookie2"
            | "origin"
            | "referer"
            | "forwarded"
            | "x-real-ip"
            | "x-client-ip"
            | "true-client-ip"
            | "x-cluster-client-ip"
            | "cf-connecting-ip"
            | "fastly-client-ip"
            | "x-original-url"
            | "x-original-uri"
            | "x-original-host"
            | "x-rewrite-url"
            | "x-host"
            | "x-http-method"
            | "x-http-method-override"
            | "x-method-override"
            | "x-csrf-token"
            | "dnt"
            | KEY_FIELD
    ) || name.starts_with("x-forwarded")
        || name.starts_with("sec-")
        || name.starts_with("access-control-")
        // `X_Forwarded_For` is `X-Forwarded-For` to whoever turns fields into environment variables.
        || name.contains('_')
}

/// What an upstream may not say to callers under the portal's own address: about cookies, security of the origin, its own
/// make, its own limits.
fn is_not_theirs_to_say(name: &str) -> bool {
    matches!(
        name,
        "set-cookie"
            | "set-cookie2"
            | "server"
            | "x-powered-by"
            | "x-aspnet-version"
            | "x-aspnetmvc-version"
            | "x-generator"
            | "x-runtime"
            | "x-request-id"
            | "server-timing"
            | "alt-svc"
            | "strict-transport-security"
            | "public-key-pins"
            | "expect-ct"
            | "clear-site-data"
            | "service-worker-allowed"
            | "content-security-policy"
            | "content-security-policy-report-only"
            | "x-frame-options"
            | "x-content-type-options"
            | "referrer-policy"
            | "permissions-policy"
            | "report-to"
            | "reporting-endpoints"
            | "nel"
            | "refresh"
            | "x-sendfile"
            | "x-xss-protection"
            | "sourcemap"
            | "ratelimit"
            | "ratelimit-policy"
            | "ratelimit-cost"
            | "deprecation"
            | "sunset"
            | "cache-status"
            | "content-length"
    ) || name.starts_with("access-control-")
        || name.starts_with("x-accel-")
        || name.starts_with("x-ratelimit-")
        || name.starts_with("cross-origin-")
}

/// The fields that a message's `Connection` names, in small letters.
fn named_in_connection(fields: &HeaderMap) -> Vec<String> {
    fields
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !name.is_empty())
        .collect()
}

fn filtered(fields: HeaderMap, refused: impl Fn(&str) -> bool) -> HeaderMap {
    let named = named_in_connection(&fields);
    let mut passed = HeaderMap::with_capacity(fields.keys_len() + 4);
    let mut current: Option<HeaderName> = None;
    for (name, value) in fields {
        if let Some(name) = name {
            let text = name.as_str();
            let stays = !is_hop_by_hop(text) && !refused(text) && !named.iter().any(|other| other == text);
            current = stays.then_some(name);
        }
        if let Some(name) = &current {
            passed.append(name.clone(), value);
        }
    }
    passed
}

/// The fields of a call as its upstream gets them.
///
/// `pseudonym` is how the portal calls itself in `Via` (RFC 9110, section 7.6.3). Callers are not named: `Forwarded` says
/// `for=unknown` (RFC 7239, section 6.2).
pub(crate) fn for_upstream(fields: HeaderMap, upstream: &Upstream, pseudonym: &str) -> HeaderMap {
    let mut passed = filtered(fields, is_ours_to_say);
    if passed.get_all(header::AUTHORIZATION).iter().any(is_own_token) {
        passed.remove(header::AUTHORIZATION);
    }
    if let Credential::Field { name, value, .. } = upstream.credential() {
        passed.remove(header::AUTHORIZATION);
        passed.insert(name.clone(), value.clone());
    }
    append_via(&mut passed, pseudonym);
    passed.insert(FORWARDED, upstream.forwarded().clone());
    passed.insert(header::HOST, upstream.host_field().clone());
    passed
}

/// Whether an `Authorization` carries one of the portal's own tokens, in whatever scheme; what cannot be read is taken for one.
fn is_own_token(value: &HeaderValue) -> bool {
    let Ok(text) = value.to_str() else { return true };
    text.split([' ', '\t', ',', '=', '"']).any(|word| OWN_TOKENS.iter().any(|own| word.starts_with(own)))
}

/// Whether a call has been through this very gateway already.
pub(crate) fn has_come_round(fields: &HeaderMap, pseudonym: &str) -> bool {
    fields
        .get_all(header::VIA)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|hop| hop.split_whitespace().nth(1))
        .any(|by| by == pseudonym)
}

/// The fields of an answer as the caller gets them, apart from those that hold addresses (see [`crate::rewrite`]).
pub(crate) fn for_caller(fields: HeaderMap, upstream: &Upstream, pseudonym: &str) -> HeaderMap {
    let mut passed = filtered(fields, is_not_theirs_to_say);
    if let Some(secret) = upstream.credential().secret() {
        let telling: Vec<HeaderName> = passed
            .iter()
            .filter(|(_, value)| memchr::memmem::find(value.as_bytes(), secret).is_some())
            .map(|(name, _)| name.clone())
            .collect();
        for name in telling {
            passed.remove(name);
        }
    }
    append_via(&mut passed, pseudonym);
    passed
}

fn append_via(fields: &mut HeaderMap, pseudonym: &str) {
    if let Ok(via) = HeaderValue::try_from(format!("1.1 {pseudonym}")) {
        fields.append(header::VIA, via);
    }
}

/// The query of a call as its upstream gets it: without our key, with the upstream's credential where that is a parameter.
/// What stays is left byte for byte.
pub(crate) fn query_for_upstream(query: Option<&str>, credential: &Credential) -> Option<String> {
    let own = match credential {
        Credential::Parameter { name, .. } => Some(name.as_str()),
        Credential::None | Credential::Field { .. } => None,
    };
    let kept = query.map(|query| without_parameters(query, |name| name == KEY_PARAMETER || Some(name) == own));
    match credential {
        Credential::Parameter { pair, .. } => Some(match kept.filter(|kept| !kept.is_empty()) {
            Some(kept) => format!("{kept}&{pair}"),
            None => pair.clone(),
        }),
        Credential::None | Credential::Field { .. } => kept,
    }
}

/// A query without the parameters whose decoded name is refused.
pub(crate) fn without_parameters(query: &str, refused: impl Fn(&str) -> bool) -> String {
    let mut kept = String::with_capacity(query.len());
    for pair in query.split('&') {
        let name = pair.split('=').next().unwrap_or_default();
        // Read as the hot path reads it, so that what it took for a key is taken out.
        let decoded = url::form_urlencoded::parse(name.as_bytes()).next().map(|(name, _)| name);
        if decoded.is_some_and(|name| refused(&name)) {
            continue;
        }
        if !kept.is_empty() {
            kept.push('&');
        }
        kept.push_str(pair);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::UpstreamSettings;

    fn upstream(credential: Credential) -> Upstream {
        let settings = UpstreamSettings { credential, ..UpstreamSettings::default() };
        Upstream::new("air", "https://agency.example/v1", settings).expect("an upstream")
    }

    fn fields(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn names(fields: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = fields.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_call_carries_nothing_of_the_connection_the_portal_or_the_caller() {
        let sent = for_upstream(
            fields(&[
                ("accept", "application/json"),
                ("range", "bytes=0-9"),
                ("connection", "keep-alive, X-Hop ,close"),
                ("keep-alive", "timeout=5"),
                ("x-hop", "1"),
                ("te", "trailers"),
                ("trailer", "x-sum"),
                ("transfer-encoding", "chunked"),
                ("upgrade", "h2c"),
                ("proxy-authorization", "Basic eA=="),
                ("host", "portal.example"),
                ("content-length", "7"),
                ("expect", "100-continue"),
                ("cookie", "fairground_session=fgs_x"),
                ("origin", "https://app.example"),
                ("referer", "https://portal.example/?api_key=fg_x"),
                ("x-api-key", "fg_x"),
                ("authorization", "Bearer fg_x"),
                ("forwarded", "for=10.0.0.1"),
                ("x-forwarded-for", "10.0.0.1"),
                ("x-forwarded-host", "evil.example"),
                ("x_forwarded_for", "10.0.0.1"),
                ("x-real-ip", "10.0.0.1"),
                ("x-original-url", "/admin"),
                ("x-http-method-override", "DELETE"),
                ("sec-fetch-site", "same-origin"),
            ]),
            &upstream(Credential::None),
            "portal.example",
        );
        assert_eq!(names(&sent), ["accept", "forwarded", "host", "range", "via"]);
        assert_eq!(sent["host"], "agency.example");
        assert_eq!(sent["via"], "1.1 portal.example");
        assert_eq!(sent["forwarded"], "for=unknown;by=_fairground");
    }

    #[test]
    fn an_authorization_passes_only_when_it_is_the_callers_own_business() {
        for (value, passes) in [
            ("Bearer eyJhbGciOi", true),
            ("Basic dTpw", true),
            ("Bearer fg_abc", false),
            ("bearer   fgs_abc", false),
            ("Bearer\tfg_abc", false),
            ("Token token=\"fg_abc\"", false),
        ] {
            let given = fields(&[("authorization", value)]);
            let sent = for_upstream(given.clone(), &upstream(Credential::None), "p");
            assert_eq!(sent.contains_key("authorization"), passes, "{value}");
            let own = Credential::header("x-agency-key", "s3cret").expect("a credential");
            let sent = for_upstream(given, &upstream(own), "p");
            assert!(!sent.contains_key("authorization"), "{value} beside the service's own credential");
            assert_eq!(sent["x-agency-key"], "s3cret");
        }
        let mut two = fields(&[("authorization", "Bearer other")]);
        two.append("authorization", HeaderValue::from_static("Bearer fg_abc"));
        assert!(
            !for_upstream(two, &upstream(Credential::None), "p").contains_key("authorization"),
            "the second is ours"
        );
    }

    #[test]
    fn our_key_is_taken_out_of_the_query_and_the_rest_is_left_alone() {
        for (query, sent) in [
            (None, None),
            (Some(""), Some("")),
            (Some("a=1&b=%20x+y&&c"), Some("a=1&b=%20x+y&&c")),
            (Some("api_key=fg_x"), Some("")),
            (Some("a=1&api_key=fg_x&b=2"), Some("a=1&b=2")),
            (Some("%61pi_key=fg_x&a=1"), Some("a=1")),
            (Some("api%5Fkey=fg_x&api_key=fg_y&a=1"), Some("a=1")),
            (Some("x_api_key=1"), Some("x_api_key=1")),
        ] {
            assert_eq!(query_for_upstream(query, &Credential::None).as_deref(), sent, "{query:?}");
        }
        let own = Credential::parameter("token", "s&cret").expect("a credential");
        for (query, sent) in [
            (None, "token=s%26cret"),
            (Some("a=1&token=mine"), "a=1&token=s%26cret"),
            (Some("api_key=fg_x"), "token=s%26cret"),
        ] {
            assert_eq!(query_for_upstream(query, &own).as_deref(), Some(sent), "{query:?}");
        }
    }

    #[test]
    fn an_answer_says_nothing_for_the_portal() {
        let given = fields(&[
            ("content-type", "application/json"),
            ("etag", "\"a\""),
            ("set-cookie", "a=b"),
            ("server", "Apache/2.2"),
            ("x-powered-by", "PHP/5"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("transfer-encoding", "chunked"),
            ("access-control-allow-origin", "https://evil.example"),
            ("access-control-allow-credentials", "true"),
            ("content-security-policy", "default-src *"),
            ("strict-transport-security", "max-age=0"),
            ("clear-site-data", "\"cookies\""),
            ("ratelimit", "x"),
            ("x-debug", "key=s3cret"),
        ]);
        let own = Credential::header("x-agency-key", "s3cret").expect("a credential");
        let passed = for_caller(given, &upstream(own), "portal.example");
        assert_eq!(names(&passed), ["content-type", "etag", "via"]);
    }

    #[test]
    fn a_call_that_came_round_is_known() {
        for (via, round) in [
            ("1.1 portal.example", true),
            ("1.1 cache.example, 1.1 portal.example (x)", true),
            ("1.1 other.example", false),
            ("1.1 portal.example.org", false),
        ] {
            assert_eq!(has_come_round(&fields(&[("via", via)]), "portal.example"), round, "{via}");
        }
    }
}
