//! Callers without a key, told apart by network address, which is never stored.
//!
//! An address becomes a number by a hash with a random salt that lives in memory for a day; neither is written or logged,
//! so yesterday's number cannot be computed by anybody, the operator included. An IPv6 caller is its /64 (RFC 6177: what
//! one site gets at least), an IPv4 address inside IPv6 is the IPv4 address.

use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use arc_swap::ArcSwap;
use fairground_admission::Party;
use fairground_domain::Timestamp;
use ipnet::IpNet;
use sha2::{Digest, Sha256};

const DAY_SECS: i64 = 86_400;
/// How many hops of `X-Forwarded-For` are followed.
const MAX_HOPS: usize = 16;

/// Turns addresses into party numbers.
#[derive(Debug)]
pub struct KeylessParties {
    trusted: Vec<IpNet>,
    salt: ArcSwap<Salt>,
    /// Tells lots; see [`KeylessParties::telling_lots_by`].
    lot_key: [u8; 32],
}

/// Lots that keyless callers fall into: three bits of a party's number, the lowest.
const LOT_BITS: u64 = 0b111;

struct Salt {
    day: i64,
    bytes: [u8; 32],
}

impl std::fmt::Debug for Salt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Salt").field("day", &self.day).finish_non_exhaustive()
    }
}

impl Salt {
    fn new(day: i64) -> Self {
        let mut bytes = [0; 32];
        if getrandom::fill(&mut bytes).is_err() {
            // Without the system's generator the standard library's own seeds are the next best secret.
            for (place, chunk) in bytes.chunks_exact_mut(8).enumerate() {
                chunk.copy_from_slice(&RandomState::new().hash_one(place).to_be_bytes());
            }
        }
        Self { day, bytes }
    }
}

impl KeylessParties {
    /// With the networks whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, salt: ArcSwap::from_pointee(Salt::new(i64::MIN)), lot_key: [0; 32] }
    }

    /// Has the lowest three bits of a keyless party's number say which of eight lots the address is in: by a secret that all
    /// nodes share, so that five lots in a sum of usage are at least five addresses. It is all that usage keeps of a
    /// caller, and an eighth of the world has it in common.
    #[must_use]
    pub fn telling_lots_by(mut self, secret: [u8; 32]) -> Self {
        self.lot_key = secret;
        self
    }

    /// The lot of a keyless party, 0 to 7; 0 for applications.
    #[must_use]
    pub fn lot(party: Party) -> u8 {
        if party.is_keyless() { u8::try_from(party.number() & LOT_BITS).unwrap_or(0) } else { 0 }
    }

    /// The party of a caller without a key.
    #[must_use]
    pub fn party(&self, peer: Option<IpAddr>, headers: &HeaderMap, now: Timestamp) -> Party {
        let address = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| self.client(peer, headers));
        let day = now.as_secs().div_euclid(DAY_SECS);
        let mut salt = self.salt.load();
        if salt.day != day {
            // Two workers may both turn the day; the later salt stays, and each caller starts the day with it.
            self.salt.store(Arc::new(Salt::new(day)));
            salt = self.salt.load();
        }
        let network = network(address).octets();
        let number = |salt: &[u8]| {
            let digest = Sha256::new().chain_update(salt).chain_update(network).finalize();
            digest.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
        };
        Party::keyless((number(&salt.bytes) & !LOT_BITS) | (number(&self.lot_key) & LOT_BITS))
    }

    /// The address of the client: the peer, or if the peer is a trusted proxy, the nearest hop that is not.
    ///
    /// Read from the right: each proxy appends whom it saw, so only what trusted proxies appended is believed.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        if !self.trusts(client) {
            return client;
        }
        let mut fields: Vec<&str> = headers.get_all("x-forwarded-for").filter_map(|v| v.to_str().ok()).collect();
        fields.reverse();
        let hops = fields.iter().flat_map(|field| field.rsplit(',')).map(str::trim).take(MAX_HOPS);
        for hop in hops {
            let Some(address) = parse_hop(hop) else { return client };
            client = address;
            if !self.trusts(client) {
                return client;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(&address))
    }
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

/// What stands for the caller: a whole IPv4 address, the /64 of an IPv6 one.
fn network(address: IpAddr) -> Ipv6Addr {
    const SITE: u128 = !(u64::MAX as u128);
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & SITE),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn forwarded(fields: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(
                HeaderName::from_static("x-forwarded-for"),
                HeaderValue::from_str(field).expect("a test's own text"),
            );
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("a test's own address")
    }

    #[test]
    fn a_site_is_one_party_and_its_neighbour_another() {
        let parties = KeylessParties::new(Vec::new());
        let now = Timestamp::from_micros(0);
        let party = |text| parties.party(Some(ip(text)), &HeaderMap::new(), now);
        assert_eq!(party("2001:db8:1:2::1"), party("2001:db8:1:2:ffff::9"));
        assert_ne!(party("2001:db8:1:2::1"), party("2001:db8:1:3::1"));
        assert_eq!(party("192.0.2.1"), party("::ffff:192.0.2.1"));
        assert_ne!(party("192.0.2.1"), party("192.0.2.2"));
    }

    #[test]
    fn the_next_day_nobody_is_recognised() {
        let parties = KeylessParties::new(Vec::new());
        let on = |day: i64| {
            let now = Timestamp::from_micros(0).plus_secs(day * DAY_SECS);
            parties.party(Some(ip("192.0.2.1")), &HeaderMap::new(), now)
        };
        let today = on(0);
        assert_eq!(on(0), today);
        assert_ne!(on(1), today);
    }

    #[test]
    fn a_caller_stays_in_its_lot_on_every_node_and_day_and_callers_fall_into_all_of_them() {
        let lot = |text: &str, day: i64| {
            let parties = KeylessParties::new(Vec::new()).telling_lots_by([7; 32]);
            let now = Timestamp::from_micros(0).plus_secs(day * DAY_SECS);
            KeylessParties::lot(parties.party(Some(ip(text)), &HeaderMap::new(), now))
        };
        assert_eq!(lot("192.0.2.1", 0), lot("192.0.2.1", 9));
        let lots: std::collections::BTreeSet<u8> = (0..200).map(|host| lot(&format!("192.0.2.{host}"), 0)).collect();
        assert_eq!(lots.into_iter().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        assert_eq!(KeylessParties::lot(Party::application(7)), 0);
    }

    #[test]
    fn forwarded_addresses_are_believed_from_trusted_proxies_only() {
        let parties = KeylessParties::new(vec!["10.0.0.0/8".parse().expect("a network")]);
        for (peer, fields, client) in [
            ("192.0.2.9", &["203.0.113.5"][..], "192.0.2.9"),
            ("10.0.0.1", &["203.0.113.5"], "203.0.113.5"),
            ("10.0.0.1", &["198.51.100.7, 203.0.113.5, 10.0.0.2"], "203.0.113.5"),
            ("10.0.0.1", &["198.51.100.7", "203.0.113.5:4711"], "203.0.113.5"),
            ("10.0.0.1", &["[2001:db8::5]:80"], "2001:db8::5"),
            ("10.0.0.1", &["spoofed"], "10.0.0.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(parties.client(ip(peer), &forwarded(fields)), ip(client), "{peer} {fields:?}");
        }
    }
}
