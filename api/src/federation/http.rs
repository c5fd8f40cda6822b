//! How identity providers are asked: within limits, never at private addresses that the operator has not opened, following no
//! redirect.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Once};
use std::time::Duration;

use fairground_reach::{AllowList, HostStanding, is_public};
use futures_util::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// For the connection, TLS included.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For the whole answer.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
/// Most bytes of an answer: a provider's keys are the longest thing that it says.
const MAX_ANSWER_BYTES: usize = 512 * 1024;

/// Why a provider could not be asked. None of these holds an address with a query, a header or a body.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The address is not one that we ask.
    #[error("the address {0} may not be asked: it is private, or not https")]
    Refused(String),
    /// The answer is longer than any should be.
    #[error("the answer of {0} is longer than {MAX_ANSWER_BYTES} bytes")]
    TooLong(String),
    /// The request could not be made up.
    #[error("a request could not be made")]
    Request(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No answer, or not in time.
    #[error("no answer from {host}")]
    NoAnswer {
        /// Who was asked.
        host: String,
        /// Why.
        source: Box<reqwest::Error>,
    },
}

/// Asks providers.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    client: reqwest::Client,
    guard: Guard,
}

impl Asker {
    pub(crate) fn new(reach: &AllowList, public_url: &str) -> Result<Self, AskError> {
        static CRYPTO: Once = Once::new();
        // An error means that another part of the program has installed one already, which serves as well.
        CRYPTO.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let guard = Guard { reach: Arc::new(reach.clone()) };
        let build = |with_system_roots: bool| {
            let builder = reqwest::Client::builder()
                .user_agent(format!("Fairground/{} (+{public_url})", env!("CARGO_PKG_VERSION")))
                .no_proxy()
                .referer(false)
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TOTAL_TIMEOUT)
                .dns_resolver(guard.clone());
            if with_system_roots { builder.build() } else { builder.tls_certs_only([]).build() }
        };
        // A machine without root certificates can still ask providers on its own network over http.
        let client = build(true).or_else(|_| build(false)).map_err(|error| AskError::Request(Box::new(error)))?;
        Ok(Self { client, guard })
    }

    /// Asks once.
    pub(crate) async fn ask(&self, request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, AskError> {
        let request = reqwest::Request::try_from(request).map_err(|error| AskError::Request(Box::new(error)))?;
        let host = request.url().host_str().unwrap_or_default().to_owned();
        self.guard.admit(request.url())?;
        let no_answer =
            |error: reqwest::Error| AskError::NoAnswer { host: host.clone(), source: Box::new(error.without_url()) };
        let answer = self.client.execute(request).await.map_err(no_answer)?;
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(no_answer)?;
            if response.body().len() + chunk.len() > MAX_ANSWER_BYTES {
                return Err(AskError::TooLong(host));
            }
            response.body_mut().extend_from_slice(&chunk);
        }
        Ok(response)
    }
}

/// Decides which addresses may be asked: the one written, and what its name resolves to.
#[derive(Debug, Clone)]
struct Guard {
    reach: Arc<AllowList>,
}

impl Guard {
    /// https to public hosts; http, too, to hosts that the operator has opened.
    fn admit(&self, url: &Url) -> Result<(), AskError> {
        let refused = || AskError::Refused(url.origin().ascii_serialization());
        let port = url.port_or_known_default().unwrap_or_default();
        let literal = |address: IpAddr| {
            let opened = self.reach.allows_address(address, Some(port));
            (is_public(address) || opened, opened)
        };
        let (open, opened) = match url.host() {
            Some(Host::Domain(name)) => match self.reach.standing(name, port) {
                HostStanding::Allowed => (true, true),
                HostStanding::OtherPortOnly => (false, false),
                // What it resolves to is judged when it has been resolved.
                HostStanding::Unlisted => (true, false),
            },
            Some(Host::Ipv4(address)) => literal(address.into()),
            Some(Host::Ipv6(address)) => literal(address.into()),
            None => (false, false),
        };
        let scheme_fits = url.scheme() == "https" || (url.scheme() == "http" && opened);
        if open && scheme_fits { Ok(()) } else { Err(refused()) }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` has no address that may be reached")]
struct Unreachable(String);

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // Ports of a listed name were judged by `admit`, which sees the whole address.
            let listed = guard.reach.lists_host(&host);
            let may = |ip: IpAddr| listed || is_public(ip) || guard.reach.allows_address(ip, None);
            let open: Vec<SocketAddr> = found.into_iter().filter(|socket| may(socket.ip())).collect();
            if open.is_empty() {
                return Err(Unreachable(host).into());
            }
            Ok(Box::new(open.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_and_plain_http_are_asked_only_where_the_operator_opened_them() {
        let guard = |list: &str| Guard { reach: Arc::new(list.parse().expect(list)) };
        let admits = |guard: &Guard, url: &str| guard.admit(&url.parse().expect(url)).is_ok();
        let (closed, open) = (guard(""), guard("127.0.0.1:3000, login.intranet.example:8443"));
        for url in [
            "http://127.0.0.1:3000/token",
            "https://127.0.0.1/",
            "https://169.254.169.254/latest",
            "https://[::1]/",
            "http://login.example.org/",
            "ftp://login.example.org/",
            "https://2130706433/",
        ] {
            assert!(!admits(&closed, url), "{url}");
        }
        assert!(admits(&closed, "https://login.example.org/jwks"));
        assert!(admits(&open, "http://127.0.0.1:3000/token"));
        assert!(!admits(&open, "http://127.0.0.1:3001/token"));
        assert!(admits(&open, "http://login.intranet.example:8443/"));
        assert!(!admits(&open, "https://login.intranet.example/"));
        assert!(!admits(&open, "http://login.example.org/"));
    }
}
