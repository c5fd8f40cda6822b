//! Connections to upstreams, and the guard before them.
//!
//! A name is resolved here, each address is judged, and the connection goes to an address that was judged: a name that
//! changes its mind between the judgement and the connection gains nothing. Literal addresses are judged the same way,
//! however they were written, because the URL parser has put them into their plain form.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use fairground_reach::AllowList;
use http::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

/// Why no connection was made.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Every address of the host is private, and the operator has not opened it.
    #[error("`{host}` has only the address {address}, which is private")]
    Private {
        /// The host as it was named.
        host: String,
        /// One of its addresses.
        address: IpAddr,
    },
    /// It has no address.
    #[error("`{host}` could not be resolved")]
    Unknown {
        /// The host as it was named.
        host: String,
        /// The resolver's words.
        source: Option<std::io::Error>,
    },
    /// No address answered.
    #[error("no address of `{host}` answers")]
    Silent {
        /// The host as it was named.
        host: String,
        /// What the last one said.
        source: std::io::Error,
    },
    /// It took too long.
    #[error("connecting to `{host}` took too long")]
    TooSlow {
        /// The host as it was named.
        host: String,
    },
    /// The address names no host.
    #[error("the address names no host")]
    NoHost,
}

impl Refusal {
    /// Whether the guard said no; else the network did.
    #[must_use]
    pub const fn is_guard(&self) -> bool {
        match self {
            Self::Private { .. } | Self::NoHost => true,
            Self::Unknown { .. } | Self::Silent { .. } | Self::TooSlow { .. } => false,
        }
    }
}

/// Makes connections to hosts that may be reached.
#[derive(Debug, Clone)]
pub(crate) struct Guarded {
    pub(crate) allow: Arc<AllowList>,
    pub(crate) patience: Duration,
}

impl Guarded {
    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, Refusal> {
        let host = uri.host().ok_or(Refusal::NoHost)?;
        let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host).to_owned();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let reached = tokio::time::timeout(self.patience, self.reach(&host, port)).await;
        reached.unwrap_or(Err(Refusal::TooSlow { host }))
    }

    async fn reach(&self, host: &str, port: u16) -> Result<TokioIo<TcpStream>, Refusal> {
        let addresses = self.open_addresses(host, port).await?;
        let mut last = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        for address in addresses.into_iter().take(MOST_ADDRESSES) {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // Small calls must not wait for more to send.
                    let _ = stream.set_nodelay(true);
                    return Ok(TokioIo::new(stream));
                }
                Err(error) => last = error,
            }
        }
        Err(Refusal::Silent { host: host.to_owned(), source: last })
    }

    /// Those of a host's addresses that may be reached.
    async fn open_addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        let found: Vec<SocketAddr> = match host.parse::<IpAddr>() {
            Ok(literal) => vec![SocketAddr::new(literal, port)],
            Err(_) => tokio::net::lookup_host((host, port))
                .await
                .map_err(|source| Refusal::Unknown { host: host.to_owned(), source: Some(source) })?
                .collect(),
        };
        let private = found.iter().find(|address| !self.allow.may_connect(host, **address)).map(SocketAddr::ip);
        let open: Vec<SocketAddr> =
            found.into_iter().filter(|address| self.allow.may_connect(host, *address)).collect();
        match (open.is_empty(), private) {
            (false, _) => Ok(open),
            (true, Some(address)) => Err(Refusal::Private { host: host.to_owned(), address }),
            (true, None) => Err(Refusal::Unknown { host: host.to_owned(), source: None }),
        }
    }
}

impl Service<Uri> for Guarded {
    type Response = TokioIo<TcpStream>;
    type Error = Refusal;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Refusal>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn judged(allow: &str, uri: &str) -> Result<Vec<SocketAddr>, Refusal> {
        let guarded = Guarded { allow: Arc::new(allow.parse().expect(allow)), patience: Duration::from_secs(1) };
        let uri: Uri = uri.parse().expect(uri);
        let host = uri.host().expect("a host").trim_matches(['[', ']']).to_owned();
        guarded.open_addresses(&host, uri.port_u16().unwrap_or(80)).await
    }

    #[tokio::test]
    async fn private_addresses_are_refused_whoever_names_them() {
        for uri in [
            "http://127.0.0.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://10.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[fd00:ec2::254]/",
            "http://[64:ff9b::7f00:1]/",
            "http://0.0.0.0/",
            "http://localhost/",
        ] {
            assert!(matches!(judged("", uri).await, Err(Refusal::Private { .. })), "{uri}");
        }
        assert!(judged("", "http://8.8.8.8/").await.is_ok());
    }

    #[tokio::test]
    async fn the_operator_opens_hosts_and_ports() {
        assert!(judged("127.0.0.1:8080", "http://127.0.0.1:8080/").await.is_ok());
        assert!(judged("127.0.0.1:8080", "http://127.0.0.1:8081/").await.is_err());
        assert!(judged("localhost:8080", "http://localhost:8080/").await.is_ok());
        assert!(judged("localhost:8080", "http://localhost:9/").await.is_err());
    }
}
