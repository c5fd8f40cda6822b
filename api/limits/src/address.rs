//! Where the shared counter is.

use std::fmt;
use std::str::FromStr;

use redis::{ConnectionInfo, IntoConnectionInfo};

/// `redis://[user:password@]host[:port][/database]`. The password is never shown.
#[derive(Clone)]
pub struct RedisAddress {
    info: ConnectionInfo,
    shown: String,
}

/// A text that does not say where a counter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Not an address of Redis at all.
    #[error("must be an address such as `redis://127.0.0.1:6379/0`")]
    NotRedis,
    /// Encrypted connections are not built in.
    #[error("`rediss://` is not supported: reach Redis over a private network, or through a tunnel on this machine")]
    Encrypted,
}

impl RedisAddress {
    pub(crate) fn info(&self) -> ConnectionInfo {
        self.info.clone()
    }
}

impl FromStr for RedisAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (scheme, _) = text.split_once("://").ok_or(InvalidAddress::NotRedis)?;
        match scheme.to_ascii_lowercase().as_str() {
            "redis" => {}
            "rediss" | "valkeys" => return Err(InvalidAddress::Encrypted),
            _ => return Err(InvalidAddress::NotRedis),
        }
        let url = redis::parse_redis_url(text).ok_or(InvalidAddress::NotRedis)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(InvalidAddress::NotRedis)?;
        let port = url.port().unwrap_or(6379);
        let info = url.as_str().into_connection_info().map_err(|_| InvalidAddress::NotRedis)?;
        let shown = format!("redis://{host}:{port}/{}", info.redis_settings().db());
        Ok(Self { info, shown })
    }
}

/// Without user and password.
impl fmt::Display for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_secret() {
        for (text, shown) in [
            ("redis://127.0.0.1", "redis://127.0.0.1:6379/0"),
            ("redis://anna:s3cret@limits.example:6380/5", "redis://limits.example:6380/5"),
            ("redis://:s3cret@[::1]/1", "redis://[::1]:6379/1"),
        ] {
            let address: RedisAddress = text.parse().expect(text);
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("s3cret"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", InvalidAddress::NotRedis),
            ("127.0.0.1:6379", InvalidAddress::NotRedis),
            ("postgres://127.0.0.1/x", InvalidAddress::NotRedis),
            ("unix:///run/redis.sock", InvalidAddress::NotRedis),
            ("redis://127.0.0.1/first", InvalidAddress::NotRedis),
            ("rediss://:s3cret@limits.example", InvalidAddress::Encrypted),
        ] {
            let refused = text.parse::<RedisAddress>().expect_err(text);
            assert_eq!(refused, reason, "{text}");
            assert!(!refused.to_string().contains("s3cret"));
        }
    }
}
