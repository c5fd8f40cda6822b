//! Names become addresses here, and private ones are refused before a connection exists.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use fairground_reach::{AllowList, HostStanding, is_public};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::error::FetchError;

/// Decides which hosts may be reached: once for the address as written, once for what its name resolves to.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    allow: Arc<AllowList>,
}

/// What the resolver tells through the HTTP client, which knows only boxed errors.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("`{host}` has only the address {address}, which is private")]
    Private { host: String, address: IpAddr },
    #[error("`{host}` could not be resolved: {reason}")]
    Unknown { host: String, reason: String },
}

impl Guard {
    pub(super) fn new(allow: AllowList) -> Self {
        Self { allow: Arc::new(allow) }
    }

    pub(super) fn allow(&self) -> &AllowList {
        &self.allow
    }

    /// Refuses addresses that are not http(s), have no host, or name a private address outright. Names are looked at
    /// again when they have been resolved.
    pub(super) fn admit(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::UnsupportedScheme { scheme: url.scheme().to_owned() });
        }
        let port = url.port_or_known_default();
        let address: IpAddr = match url.host() {
            None => return Err(FetchError::invalid_url(url.as_str(), "it names no host")),
            Some(Host::Domain(name)) => {
                return match self.allow.standing(name, port.unwrap_or_default()) {
                    HostStanding::Allowed | HostStanding::Unlisted => Ok(()),
                    HostStanding::OtherPortOnly => {
                        Err(FetchError::PortNotAllowed { host: name.to_owned(), port: port.unwrap_or_default() })
                    }
                };
            }
            Some(Host::Ipv4(v4)) => v4.into(),
            Some(Host::Ipv6(v6)) => v6.into(),
        };
        if is_public(address) || self.allow.allows_address(address, port) {
            Ok(())
        } else {
            Err(FetchError::PrivateAddress { host: address.to_string(), address })
        }
    }

    /// Those of a name's addresses that may be reached.
    fn keep_open(&self, host: &str, addresses: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Unresolved> {
        // Ports of a listed name were checked by `admit`, which sees the whole address.
        let listed = self.allow.lists_host(host);
        let mut refused = None;
        let open: Vec<SocketAddr> = addresses
            .into_iter()
            .filter(|socket| {
                let ok = listed || is_public(socket.ip()) || self.allow.allows_address(socket.ip(), None);
                if !ok {
                    refused = Some(socket.ip());
                }
                ok
            })
            .collect();
        match (open.is_empty(), refused) {
            (false, _) => Ok(open),
            (true, Some(address)) => Err(Unresolved::Private { host: host.to_owned(), address }),
            (true, None) => Err(Unresolved::Unknown { host: host.to_owned(), reason: "it has no address".to_owned() }),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await
                .map_err(|error| Unresolved::Unknown { host: host.clone(), reason: error.to_string() })?
                .collect();
            let open = guard.keep_open(&host, found)?;
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow: &str) -> Guard {
        Guard::new(allow.parse().expect(allow))
    }

    fn admit(guard: &Guard, url: &str) -> Result<(), FetchError> {
        guard.admit(&Url::parse(url).expect(url))
    }

    #[test]
    fn literal_private_addresses_are_refused_however_they_are_written() {
        let guard = guard("");
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[fd00:ec2::254]/",
            "http://0/",
        ] {
            assert!(matches!(admit(&guard, url), Err(FetchError::PrivateAddress { .. })), "{url}");
        }
        for url in ["ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "data:text/plain,x"] {
            assert!(matches!(admit(&guard, url), Err(FetchError::UnsupportedScheme { .. })), "{url}");
        }
        assert!(admit(&guard, "https://example.org/").is_ok());
        assert!(admit(&guard, "http://8.8.8.8/").is_ok());
    }

    #[test]
    fn the_operators_list_opens_what_it_names() {
        let guard = guard("127.0.0.1:8080, intranet.example:8443");
        assert!(admit(&guard, "http://127.0.0.1:8080/x").is_ok());
        assert!(admit(&guard, "http://127.0.0.1/x").is_err());
        assert!(admit(&guard, "https://intranet.example:8443/").is_ok());
        assert!(matches!(admit(&guard, "https://intranet.example/"), Err(FetchError::PortNotAllowed { .. })));
    }

    #[test]
    fn of_a_names_addresses_only_open_ones_are_tried() {
        let sockets =
            |texts: &[&str]| texts.iter().map(|t| SocketAddr::new(t.parse().expect(t), 0)).collect::<Vec<_>>();
        let guard = guard("10.0.0.0/8, home.example");
        let keep = |host: &str, texts: &[&str]| guard.keep_open(host, sockets(texts)).map(|open| open.len()).ok();
        assert_eq!(keep("a.example", &["1.1.1.1", "127.0.0.1"]), Some(1));
        assert_eq!(keep("a.example", &["127.0.0.1", "::1"]), None);
        assert_eq!(keep("a.example", &["10.1.1.1"]), Some(1));
        assert_eq!(keep("home.example", &["192.168.0.9"]), Some(1));
        assert_eq!(keep("a.example", &[]), None);
    }
}
