//! What a key was given for, and from where it may come.

use std::fmt;
use std::net::IpAddr;

use fairground_domain::OperationClass;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::error::CatalogError;

/// Most referrer hosts of a key.
pub const MAX_REFERRER_HOSTS: usize = 20;
/// Most networks of a key.
pub const MAX_NETWORKS: usize = 20;
/// Longest name of a host, in characters (RFC 1035, section 2.3.4).
const MAX_HOST_CHARS: usize = 253;
/// How the scope is written that lets a key manage its application.
const MANAGE: &str = "manage";
const MANAGE_BIT: u8 = 1 << 7;

/// The operations that a key was given for: a set of [`OperationClass`], and whether it may manage its application (see it,
/// make, change and revoke keys).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyScopes(u8);

impl KeyScopes {
    /// Everything: what a key is for unless its owner says otherwise.
    pub const ALL: Self = Self(MANAGE_BIT | Self::DATA.0);
    /// Every class of operation, without managing the application.
    pub const DATA: Self = {
        let (mut bits, mut at) = (0, 0);
        while at < OperationClass::ALL.len() {
            bits |= 1 << at;
            at += 1;
        }
        Self(bits)
    };

    /// Whether an operation of a class may be called.
    #[must_use]
    pub const fn allow(self, class: OperationClass) -> bool {
        self.0 & (1 << class.index()) != 0
    }

    /// Whether the application may be managed.
    #[must_use]
    pub const fn may_manage(self) -> bool {
        self.0 & MANAGE_BIT != 0
    }

    /// How scopes are written: classes of the tariff, and `manage`.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let classes = OperationClass::ALL.into_iter().filter(|class| self.allow(*class)).map(OperationClass::as_str);
        classes.chain(self.may_manage().then_some(MANAGE)).collect()
    }

    /// Every name that a scope can have, in the order of [`Self::names`].
    #[must_use]
    pub fn all_names() -> Vec<&'static str> {
        Self::ALL.names()
    }

    /// Reads names. Managing an application is done by calls of the catalogue's class, so `manage` brings `catalogue` along.
    ///
    /// # Errors
    /// `Invalid` for a name that is no scope, or when there is none at all.
    pub fn parse<S: AsRef<str>>(names: &[S]) -> Result<Self, CatalogError> {
        let mut bits = 0;
        for name in names {
            let name = name.as_ref().trim();
            bits |= match OperationClass::ALL.into_iter().find(|class| class.as_str() == name) {
                Some(class) => 1 << class.index(),
                None if name == MANAGE => MANAGE_BIT | 1 << OperationClass::Catalogue.index(),
                None => {
                    return Err(invalid(format!("`{}` is not one of {}", shown(name), Self::all_names().join(", "))));
                }
            };
        }
        if bits == 0 {
            return Err(invalid(format!("name at least one of {}", Self::all_names().join(", "))));
        }
        Ok(Self(bits))
    }

    /// As it stands in a row.
    pub(crate) fn to_row(self) -> i32 {
        i32::from(self.0)
    }

    pub(crate) fn from_row(bits: i32) -> Result<Self, CatalogError> {
        match u8::try_from(bits) {
            Ok(bits) if bits & !Self::ALL.0 == 0 => Ok(Self(bits)),
            _ => Err(CatalogError::corrupt("key", format!("scopes {bits}"))),
        }
    }
}

impl fmt::Debug for KeyScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyScopes({})", self.names().join(", "))
    }
}

fn invalid(problem: String) -> CatalogError {
    CatalogError::Invalid { field: "scopes", problem }
}

fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

/// From where a key may come; an empty list allows anything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restrictions {
    /// Hosts of the web pages that may use it: `data.example.org`, or `*.example.org` for every host below it. A browser tells
    /// the page; a program can tell what it likes, so this keeps a key from being used in somebody else's page, and no more.
    #[serde(default)]
    pub referrer_hosts: Vec<String>,
    /// Networks that it may come from.
    #[serde(default)]
    pub networks: Vec<IpNet>,
}

impl Restrictions {
    /// Reads restrictions; blanks are ignored, hosts become lower case, a bare address is a network of its own.
    ///
    /// # Errors
    /// `Invalid` for what is not a host or a network, or too many of them.
    pub fn parse<S: AsRef<str>>(referrer_hosts: &[S], networks: &[S]) -> Result<Self, CatalogError> {
        let hosts = referrer_hosts.iter().map(|text| text.as_ref().trim()).filter(|text| !text.is_empty());
        let hosts: Vec<String> = hosts.map(parse_host).collect::<Result<_, _>>()?;
        let networks = networks.iter().map(|text| text.as_ref().trim()).filter(|text| !text.is_empty());
        let networks: Vec<IpNet> = networks.map(parse_network).collect::<Result<_, _>>()?;
        for (field, count, most) in
            [("referrer_hosts", hosts.len(), MAX_REFERRER_HOSTS), ("networks", networks.len(), MAX_NETWORKS)]
        {
            if count > most {
                return Err(CatalogError::Invalid { field, problem: format!("at most {most} can be named") });
            }
        }
        Ok(Self { referrer_hosts: hosts, networks })
    }

    /// Whether nothing is restricted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.referrer_hosts.is_empty() && self.networks.is_empty()
    }

    /// Whether a call from a page of `host` may use the key; `None`: the call names no page.
    #[must_use]
    pub fn allow_referrer(&self, host: Option<&str>) -> bool {
        self.referrer_hosts.is_empty()
            || host.is_some_and(|host| self.referrer_hosts.iter().any(|allowed| covers(allowed, host)))
    }

    /// Whether a call from an address may use the key; `None`: the address is not known.
    #[must_use]
    pub fn allow_address(&self, address: Option<IpAddr>) -> bool {
        self.networks.is_empty()
            || address.is_some_and(|address| {
                let address = address.to_canonical();
                self.networks.iter().any(|network| network.contains(&address))
            })
    }
}

/// Whether a host fits an allowed one: itself, or for `*.example.org` any host below.
fn covers(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix("*.") {
        None => allowed.eq_ignore_ascii_case(host),
        Some(parent) => host.len().checked_sub(parent.len()).is_some_and(|at| {
            let below = host.get(..at).is_some_and(|sub| sub.len() > 1 && sub.ends_with('.'));
            below && host.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(parent))
        }),
    }
}

fn parse_host(text: &str) -> Result<String, CatalogError> {
    let host = text.to_ascii_lowercase();
    let bare = host.strip_prefix("*.").unwrap_or(&host);
    let sound = host.len() <= MAX_HOST_CHARS
        && !bare.is_empty()
        && bare.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
        // `*.org` would be half the world.
        && (!host.starts_with("*.") || bare.contains('.'));
    if sound {
        return Ok(host);
    }
    Err(CatalogError::Invalid {
        field: "referrer_hosts",
        problem: format!("`{}` is not a host such as data.example.org or *.example.org", shown(text)),
    })
}

fn parse_network(text: &str) -> Result<IpNet, CatalogError> {
    text.parse::<IpNet>().map(|network| network.trunc()).or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).map_err(
        |_| CatalogError::Invalid {
            field: "networks",
            problem: format!("`{}` is not a network such as 192.0.2.0/24 or 2001:db8::/32", shown(text)),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for names in [vec!["rows"], vec!["catalogue", "export"], vec!["catalogue", "gateway", "manage"]] {
            let scopes = KeyScopes::parse(&names).expect("scopes");
            assert_eq!(scopes.names(), names);
            assert_eq!(KeyScopes::from_row(scopes.to_row()).expect("a row"), scopes);
        }
        assert_eq!(KeyScopes::parse(&["manage"]).expect("a scope").names(), ["catalogue", "manage"]);
        assert_eq!(KeyScopes::parse(&KeyScopes::all_names()).expect("all"), KeyScopes::ALL);
        assert!(!KeyScopes::DATA.may_manage() && OperationClass::ALL.into_iter().all(|c| KeyScopes::DATA.allow(c)));
        assert!(KeyScopes::parse::<&str>(&[]).is_err() && KeyScopes::parse(&["admin"]).is_err());
        assert!(KeyScopes::from_row(64).is_err() && KeyScopes::from_row(-1).is_err());
    }

    #[test]
    fn a_page_is_known_by_its_host() {
        let some = |hosts: &[&str]| Restrictions::parse(hosts, &[]).expect("hosts");
        for (allowed, host, fits) in [
            (&["data.example.org"][..], Some("data.example.org"), true),
            (&["data.example.org"], Some("DATA.example.org"), true),
            (&["data.example.org"], Some("evil-data.example.org"), false),
            (&["data.example.org"], Some("x.data.example.org"), false),
            (&["*.example.org"], Some("data.example.org"), true),
            (&["*.example.org"], Some("a.b.example.org"), true),
            (&["*.example.org"], Some("example.org"), false),
            (&["*.example.org"], Some(".example.org"), false),
            (&["*.example.org"], Some("evilexample.org"), false),
            (&["*.example.org"], Some("é.example.org"), true),
            (&["data.example.org"], None, false),
            (&[], None, true),
        ] {
            assert_eq!(some(allowed).allow_referrer(host), fits, "{allowed:?} {host:?}");
        }
    }

    #[test]
    fn an_address_is_known_by_its_network() {
        let some = |networks: &[&str]| Restrictions::parse(&[], networks).expect("networks");
        for (allowed, address, fits) in [
            (&["192.0.2.0/24"][..], Some("192.0.2.77"), true),
            (&["192.0.2.9/24"], Some("192.0.2.77"), true),
            (&["192.0.2.0/24"], Some("::ffff:192.0.2.77"), true),
            (&["192.0.2.0/24"], Some("192.0.3.1"), false),
            (&["192.0.2.1"], Some("192.0.2.1"), true),
            (&["192.0.2.1"], Some("192.0.2.2"), false),
            (&["2001:db8::/32"], Some("2001:db8:1::1"), true),
            (&["2001:db8::/32"], Some("192.0.2.1"), false),
            (&["192.0.2.0/24"], None, false),
            (&[], None, true),
        ] {
            let address = address.map(|text| text.parse().expect("an address"));
            assert_eq!(some(allowed).allow_address(address), fits, "{allowed:?} {address:?}");
        }
    }

    #[test]
    fn what_is_no_host_or_network_is_refused() {
        for host in
            ["https://example.org", "example.org/x", "*", "*.org", "a..b", "-a.org", "a b.org", "*.*.org", "é.org"]
        {
            assert!(Restrictions::parse(&[host], &[]).is_err(), "{host}");
        }
        for network in ["192.0.2.0/33", "example.org", "1.2.3", "::/129"] {
            assert!(Restrictions::parse(&[], &[network]).is_err(), "{network}");
        }
        assert!(Restrictions::parse(&[" ", ""], &["", " "]).expect("blanks").is_empty());
        let many: Vec<String> = (0..=MAX_NETWORKS).map(|n| format!("10.0.{n}.0/24")).collect();
        assert!(Restrictions::parse(&[], &many).is_err());
    }
}
