//! What the operator lets harvests and the gateway reach although it is private.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;

use crate::address::{is_public, plain};

/// The operator's list of hosts and networks (setting `FAIRGROUND_HARVEST_ALLOW`), separated by commas or spaces:
/// `127.0.0.1, 10.0.0.0/8, intranet.example:8443, [fd00::1]:8080`.
///
/// A network or address is open wherever a name leads to it. A host name is open at every address it has. An entry with a
/// port opens that port; a host named with ports only is reachable at those ports only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Network(IpNet),
    Socket(SocketAddr),
    Host { name: String, port: Option<u16> },
}

/// What the list says of a host name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostStanding {
    /// Reachable at whatever address it has.
    Allowed,
    /// Named, but with other ports than this one.
    OtherPortOnly,
    /// Not named: its addresses decide.
    Unlisted,
}

/// An entry that is neither a host nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither a host, an address nor a network; write for example `127.0.0.1`, `10.0.0.0/8` or `intranet.example:8443`"
)]
pub struct InvalidAllowEntry(pub String);

impl AllowList {
    /// A list that allows nothing private.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether this address and port are open.
    #[must_use]
    pub fn allows_address(&self, address: IpAddr, port: Option<u16>) -> bool {
        let address = plain(address);
        self.rules.iter().any(|rule| match rule {
            Rule::Network(network) => network.contains(&address),
            Rule::Socket(socket) => plain(socket.ip()) == address && Some(socket.port()) == port,
            Rule::Host { .. } => false,
        })
    }

    /// Whether a connection to `host` at this address may be made: the address is public, or the operator opened it or the name.
    ///
    /// `host` is the name as it was written (an address literal is its own name); judge every address that a name has, and
    /// connect to the one that was judged.
    #[must_use]
    pub fn may_connect(&self, host: &str, address: SocketAddr) -> bool {
        match self.standing(host, address.port()) {
            HostStanding::Allowed => true,
            HostStanding::OtherPortOnly => false,
            HostStanding::Unlisted => {
                is_public(address.ip()) || self.allows_address(address.ip(), Some(address.port()))
            }
        }
    }

    /// What the list says of a name at a port.
    #[must_use]
    pub fn standing(&self, host: &str, port: u16) -> HostStanding {
        let host = host_key(host);
        let mut ports = self.rules.iter().filter_map(|rule| match rule {
            Rule::Host { name, port } if *name == host => Some(*port),
            Rule::Host { .. } | Rule::Network(_) | Rule::Socket(_) => None,
        });
        let Some(first) = ports.next() else { return HostStanding::Unlisted };
        let open = |allowed: Option<u16>| allowed.is_none_or(|allowed| allowed == port);
        if open(first) || ports.any(open) { HostStanding::Allowed } else { HostStanding::OtherPortOnly }
    }

    /// Whether a name is listed at all, with or without port.
    #[must_use]
    pub fn lists_host(&self, host: &str) -> bool {
        let host = host_key(host);
        self.rules.iter().any(|rule| matches!(rule, Rule::Host { name, .. } if *name == host))
    }
}

/// A host name as it is compared: lower case, without the root's dot.
fn host_key(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

impl FromStr for AllowList {
    type Err = InvalidAllowEntry;

    fn from_str(text: &str) -> Result<Self, InvalidAllowEntry> {
        let entries = text.split([',', ' ', '\t', '\n']).filter(|entry| !entry.is_empty());
        Ok(Self { rules: entries.map(parse_rule).collect::<Result<_, _>>()? })
    }
}

fn parse_rule(entry: &str) -> Result<Rule, InvalidAllowEntry> {
    let invalid = || InvalidAllowEntry(entry.chars().take(120).collect());
    if let Ok(network) = entry.parse::<IpNet>() {
        return Ok(Rule::Network(network.trunc()));
    }
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Ok(Rule::Network(IpNet::from(plain(address))));
    }
    if let Ok(socket) = entry.parse::<SocketAddr>() {
        return Ok(Rule::Socket(socket));
    }
    let (name, port) = match entry.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse::<u16>().map_err(|_| invalid())?)),
        None => (entry, None),
    };
    // The URL standard's own reading, so that a list entry and an address in a catalogue compare equal.
    match url::Host::parse(name) {
        Ok(url::Host::Domain(domain)) => Ok(Rule::Host { name: host_key(&domain), port }),
        Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_)) | Err(_) => Err(invalid()),
    }
}

impl fmt::Display for AllowList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, rule) in self.rules.iter().enumerate() {
            if n > 0 {
                f.write_str(", ")?;
            }
            match rule {
                Rule::Network(network) => write!(f, "{network}")?,
                Rule::Socket(socket) => write!(f, "{socket}")?,
                Rule::Host { name, port: Some(port) } => write!(f, "{name}:{port}")?,
                Rule::Host { name, port: None } => f.write_str(name)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> AllowList {
        text.parse().expect(text)
    }

    #[test]
    fn entries_are_addresses_networks_and_hosts_with_or_without_port() {
        let allow = list("127.0.0.1, 10.0.0.0/8 intranet.example:8443,[fd00::1]:8080,Localhost,192.168.1.5:9000");
        for (address, port, open) in [
            ("127.0.0.1", 80, true),
            ("127.0.0.2", 80, false),
            ("::ffff:127.0.0.1", 80, true),
            ("10.200.3.4", 1, true),
            ("fd00::1", 8080, true),
            ("fd00::1", 80, false),
            ("192.168.1.5", 9000, true),
            ("192.168.1.5", 80, false),
        ] {
            assert_eq!(allow.allows_address(address.parse().expect(address), Some(port)), open, "{address} {port}");
        }
        for (host, port, standing) in [
            ("intranet.example", 8443, HostStanding::Allowed),
            ("INTRANET.example.", 8443, HostStanding::Allowed),
            ("intranet.example", 443, HostStanding::OtherPortOnly),
            ("localhost", 12345, HostStanding::Allowed),
            ("example.org", 443, HostStanding::Unlisted),
        ] {
            assert_eq!(allow.standing(host, port), standing, "{host} {port}");
        }
    }

    #[test]
    fn a_connection_is_judged_by_name_and_address() {
        let allow = list("intranet.example:8443, 10.0.0.0/8");
        for (host, address, may) in [
            ("example.org", "8.8.8.8:443", true),
            ("example.org", "127.0.0.1:443", false),
            ("example.org", "[::ffff:127.0.0.1]:80", false),
            ("example.org", "169.254.169.254:80", false),
            ("example.org", "10.1.2.3:443", true),
            ("intranet.example", "192.168.1.1:8443", true),
            ("intranet.example", "8.8.8.8:443", false),
        ] {
            assert_eq!(allow.may_connect(host, address.parse().expect(address)), may, "{host} {address}");
        }
    }

    #[test]
    fn an_empty_list_allows_nothing() {
        assert_eq!(list(""), AllowList::none());
        assert!(!list(" , ").allows_address("127.0.0.1".parse().expect("an address"), None));
    }

    #[test]
    fn what_is_no_host_is_named_in_the_refusal() {
        for bad in ["10.0.0.0/99", "host:port", "http://intranet", "a b:1:2", "host:99999"] {
            let refused = bad.parse::<AllowList>();
            assert!(refused.is_err(), "{bad}: {refused:?}");
        }
    }

    #[test]
    fn a_list_is_shown_as_it_can_be_read_back() {
        let allow = list("127.0.0.1, 10.0.0.0/8, intranet.example:8443, localhost");
        assert_eq!(list(&allow.to_string()), allow);
    }
}
