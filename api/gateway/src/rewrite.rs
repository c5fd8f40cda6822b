//! Addresses in an answer's fields: what points back into the upstream points to its front afterwards.
//!
//! Redirects are not followed: the caller is told where to go. One that would lead a caller to the upstream's own host beside
//! its front, or into a private network, is not passed on; neither is a credential that an upstream wrote into an address.

use std::net::IpAddr;

use fairground_reach::is_public;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use url::{Host, Url};

use crate::error::GatewayError;
use crate::fields::without_parameters;
use crate::upstream::{Credential, Upstream};

/// `Location` and `Content-Location` hold one address each.
const ADDRESSES: [HeaderName; 2] = [header::LOCATION, header::CONTENT_LOCATION];

/// Where an address leads, seen from the caller.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    /// Below the front, or elsewhere on the web.
    At(String),
    /// Nowhere that a caller may be sent.
    Hidden,
}

/// Rewrites the addresses in `fields`; `target` is the path that was asked for.
///
/// # Errors
/// `Unfit` for a redirect that may not be passed on.
pub(crate) fn addresses(
    fields: &mut HeaderMap,
    upstream: &Upstream,
    target: &str,
    front: &str,
) -> Result<(), GatewayError> {
    if !ADDRESSES.iter().any(|name| fields.contains_key(name)) && !fields.contains_key(header::LINK) {
        return Ok(());
    }
    let Ok(base) = upstream.url().join(target) else { return Ok(()) };
    for name in ADDRESSES {
        let Some(value) = fields.remove(&name) else { continue };
        let seen = value.to_str().ok().and_then(|value| see(value, &base, upstream, front));
        match seen {
            Some(Seen::At(address)) => {
                if let Ok(address) = HeaderValue::try_from(address) {
                    fields.insert(name, address);
                }
            }
            Some(Seen::Hidden) if name == header::LOCATION => {
                return Err(GatewayError::Unfit("it redirects to where callers may not be sent"));
            }
            Some(Seen::Hidden) => {}
            None if name == header::LOCATION => return Err(GatewayError::Unfit("it redirects to no address")),
            None => {}
        }
    }
    links(fields, &base, upstream, front);
    Ok(())
}

/// The targets in `Link` (RFC 8288), each between `<` and `>`; links to where callers may not be sent are left out.
fn links(fields: &mut HeaderMap, base: &Url, upstream: &Upstream, front: &str) {
    let values: Vec<HeaderValue> = fields.get_all(header::LINK).iter().cloned().collect();
    if values.is_empty() {
        return;
    }
    fields.remove(header::LINK);
    for value in values {
        let rewritten = value.to_str().ok().and_then(|text| link(text, base, upstream, front));
        if let Some(rewritten) = rewritten.and_then(|text| HeaderValue::try_from(text).ok()) {
            fields.append(header::LINK, rewritten);
        }
    }
}

fn link(text: &str, base: &Url, upstream: &Upstream, front: &str) -> Option<String> {
    let mut rewritten = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        let (target, behind) = after.split_once('>')?;
        let Seen::At(address) = see(target, base, upstream, front)? else { return None };
        rewritten.push_str(before);
        rewritten.push('<');
        rewritten.push_str(&address);
        rewritten.push('>');
        rest = behind;
    }
    rewritten.push_str(rest);
    Some(rewritten)
}

/// `None` when it is no address of the web.
fn see(address: &str, base: &Url, upstream: &Upstream, front: &str) -> Option<Seen> {
    let mut url = base.join(address.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    if let Credential::Parameter { name, .. } = upstream.credential()
        && let Some(query) = url.query()
    {
        let kept = without_parameters(query, |other| other == name);
        url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    }
    let same_host = url.host() == upstream.url().host();
    let same_origin = same_host && url.port_or_known_default() == upstream.url().port_or_known_default();
    if same_origin && let Some(rest) = below(url.path(), upstream.prefix()) {
        let mut seen = format!("{front}{rest}");
        if let Some(query) = url.query() {
            seen.push('?');
            seen.push_str(query);
        }
        if let Some(fragment) = url.fragment() {
            seen.push('#');
            seen.push_str(fragment);
        }
        return Some(Seen::At(seen));
    }
    let private = match url.host() {
        Some(Host::Ipv4(v4)) => !is_public(IpAddr::V4(v4)),
        Some(Host::Ipv6(v6)) => !is_public(IpAddr::V6(v6)),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost") || !name.contains('.'),
        None => true,
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    Some(if same_host || private || has_user { Seen::Hidden } else { Seen::At(url.into()) })
}

/// The rest of a path below a prefix.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::UpstreamSettings;

    const FRONT: &str = "https://portal.example/gateway/air";

    fn upstream(credential: Credential) -> Upstream {
        let settings = UpstreamSettings { credential, ..UpstreamSettings::default() };
        Upstream::new("air", "https://agency.example/v1", settings).expect("an upstream")
    }

    fn rewritten(name: HeaderName, value: &str, upstream: &Upstream) -> Result<Option<String>, GatewayError> {
        let mut fields = HeaderMap::new();
        fields.insert(name.clone(), HeaderValue::from_str(value).expect(value));
        addresses(&mut fields, upstream, "/v1/stations/7", FRONT)?;
        Ok(fields.get(&name).map(|value| value.to_str().expect("text").to_owned()))
    }

    #[test]
    fn what_points_back_points_to_the_front() {
        for (location, seen) in [
            ("https://agency.example/v1/stations/8?a=b#c", "https://portal.example/gateway/air/stations/8?a=b#c"),
            ("/v1/stations", "https://portal.example/gateway/air/stations"),
            ("8", "https://portal.example/gateway/air/stations/8"),
            ("?page=2", "https://portal.example/gateway/air/stations/7?page=2"),
            ("https://agency.example:443/v1", "https://portal.example/gateway/air"),
            ("https://elsewhere.example/x", "https://elsewhere.example/x"),
        ] {
            let got = rewritten(header::LOCATION, location, &upstream(Credential::None)).expect(location);
            assert_eq!(got.as_deref(), Some(seen), "{location}");
        }
    }

    #[test]
    fn nobody_is_sent_into_a_private_network_or_past_the_front() {
        for location in [
            "https://agency.example/v2/stations",
            "https://agency.example:8443/v1/stations",
            "/v1evil",
            "/v1/../admin",
            "//127.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://2130706433/",
            "http://[::ffff:127.0.0.1]/",
            "http://localhost/",
            "http://intranet/",
            "https://user:secret@elsewhere.example/",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ] {
            let got = rewritten(header::LOCATION, location, &upstream(Credential::None));
            assert!(matches!(got, Err(GatewayError::Unfit(_))), "{location}: {got:?}");
            let got = rewritten(header::CONTENT_LOCATION, location, &upstream(Credential::None)).expect("left out");
            assert_eq!(got, None, "{location}");
        }
    }

    #[test]
    fn a_credential_in_an_address_is_taken_out() {
        let upstream = upstream(Credential::parameter("token", "s3cret").expect("a credential"));
        let got = rewritten(header::LOCATION, "/v1/b?token=s3cret&page=2", &upstream).expect("passed");
        assert_eq!(got.as_deref(), Some("https://portal.example/gateway/air/b?page=2"));
    }

    #[test]
    fn links_are_rewritten_one_by_one() {
        let upstream = upstream(Credential::None);
        let value = "</v1/stations?page=2>; rel=\"next\", <https://elsewhere.example/l>; rel=\"license\"";
        assert_eq!(
            rewritten(header::LINK, value, &upstream).expect("passed").as_deref(),
            Some(
                "<https://portal.example/gateway/air/stations?page=2>; rel=\"next\", \
                 <https://elsewhere.example/l>; rel=\"license\""
            )
        );
        assert_eq!(rewritten(header::LINK, "<http://10.0.0.1/>; rel=next", &upstream).expect("left out"), None);
    }
}
