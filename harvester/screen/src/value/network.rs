//! Addresses of devices.

/// What an internet address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IpKind {
    /// Of the public internet.
    Public,
    /// Of a private, local or documentation network.
    Private,
}

/// Reads an internet address, a port aside.
pub(crate) fn ip(text: &str) -> Option<IpKind> {
    if text.len() > 45 + 6 || text.len() < 3 {
        return None;
    }
    let host = match text.bytes().filter(|sign| *sign == b':').count() {
        1 => text.split_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map(|(host, _)| host)?,
        _ => text,
    };
    match host.parse::<std::net::IpAddr>().ok()? {
        std::net::IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            let own = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation();
            // 1.2.3.4 and the like are versions and outlines more often than addresses.
            let low = v4.octets().iter().all(|octet| *octet < 20);
            Some(if own || low || first == 0 || first >= 224 { IpKind::Private } else { IpKind::Public })
        }
        std::net::IpAddr::V6(v6) => {
            // `::`, `1::` and times such as `12::30` are no addresses worth telling.
            if text.len() < 7 {
                return None;
            }
            let [first, ..] = v6.segments();
            Some(if v6.is_loopback() || first & 0xffc0 == 0xfe80 || first & 0xfe00 == 0xfc00 || first == 0 {
                IpKind::Private
            } else {
                IpKind::Public
            })
        }
    }
}

/// Whether a text is a device's address: six pairs of hexadecimal digits.
pub(crate) fn is_mac(text: &str) -> bool {
    let bytes = text.as_bytes();
    match bytes.len() {
        17 => {
            let sign = bytes.get(2).copied().unwrap_or(0);
            matches!(sign, b':' | b'-')
                && bytes
                    .iter()
                    .enumerate()
                    .all(|(at, byte)| if at % 3 == 2 { *byte == sign } else { byte.is_ascii_hexdigit() })
                && bytes.iter().any(|byte| byte.is_ascii_hexdigit() && *byte != b'0')
        }
        14 => bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at % 5 == 4 { *byte == b'.' } else { byte.is_ascii_hexdigit() }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_versions_and_times() {
        for text in ["106.31.73.20", "2001:4860:4860::8888", "93.184.216.34:443"] {
            assert_eq!(ip(text), Some(IpKind::Public), "{text}");
        }
        for text in ["192.168.1.10", "10.0.0.1", "127.0.0.1", "1.2.3.4", "fe80::1cc0:3e8c"] {
            assert_eq!(ip(text), Some(IpKind::Private), "{text}");
        }
        for text in ["1.2.3", "300.1.1.1", "12:30:45", "::", "a.b.c.d", "1.2.3.4.5"] {
            assert_eq!(ip(text), None, "{text}");
        }
        assert!(is_mac("00:1B:44:11:3a:b7") && is_mac("00-1b-44-11-3a-b7") && is_mac("001b.4411.3ab7"));
        assert!(!is_mac("00:1B:44:11:3A") && !is_mac("00:1B-44:11:3A:B7") && !is_mac("2024-01-02 10:11"));
    }
}
