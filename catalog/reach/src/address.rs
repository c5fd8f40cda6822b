//! Which addresses are the public internet's.
//!
//! A harvest follows addresses that other people write, so it must never be led into the operator's own network
//! (server-side request forgery). What is not plainly public is private here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address may be reached without the operator's leave.
///
/// Refused: private, loopback, link-local (with the cloud's metadata address), unique-local, carrier-grade NAT, multicast,
/// unspecified, documentation, benchmark and reserved ranges of the IANA special-purpose registries; and IPv6 forms that
/// carry an IPv4 address (mapped, 6to4, NAT64) when that address is refused.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) => true,                // this network, private, loopback
        (100, 64..=127, _) => true,                // carrier-grade NAT (RFC 6598)
        (169, 254, _) => true,                     // link-local, with 169.254.169.254
        (172, 16..=31, _) | (192, 168, _) => true, // private
        (192, 0, 0 | 2) | (192, 88, 99) => true,   // protocol assignments, documentation, 6to4 relays
        (198, 18 | 19, _) => true,                 // benchmarks
        (198, 51, 100) | (203, 0, 113) => true,    // documentation
        (224..=255, ..) => true,                   // multicast, reserved, broadcast
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = carried_v4(address) {
        return is_public_v4(v4);
    }
    match address.segments() {
        [0x2001, 0x0000..=0x01ff, ..] => false, // protocol assignments: Teredo, ORCHID, benchmarks
        [0x2001, 0x0db8, ..] => false,          // documentation
        [0x3fff, 0x0000..=0x0fff, ..] => false, // documentation
        [first, ..] => first & 0xe000 == 0x2000, // global unicast is 2000::/3, all else is special
    }
}

/// The IPv4 address that an IPv6 form carries: mapped, NAT64 (RFC 6052) or 6to4 (RFC 3056).
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    fn from_segments(high: u16, low: u16) -> Ipv4Addr {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => Some(from_segments(high, low)),
        [0x2002, high, low, ..] => Some(from_segments(high, low)),
        _ => None,
    }
}

/// The plain form of an address: an IPv4-mapped one is the IPv4 address it means.
#[must_use]
pub fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for private in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:c0a8:101::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "fd00:ec2::254",
        ] {
            assert!(!is_public(private.parse().expect(private)), "{private}");
        }
        for public in [
            "1.1.1.1",
            "100.128.0.1",
            "172.32.0.1",
            "192.167.1.1",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
        ] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
    }
}
