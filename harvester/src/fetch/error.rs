//! Why a fetch failed, in words an agency can act on.

use std::net::IpAddr;
use std::time::Duration;

use super::resolve::Unresolved;

/// Why a document could not be brought in. Every sentence says what happened and, where it can, what to do.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be read.
    #[error("`{url}` is not a web address: {reason}")]
    InvalidUrl {
        /// What was given, shortened.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address is not of the web.
    #[error("addresses with `{scheme}:` are not fetched, only http and https")]
    UnsupportedScheme {
        /// The address's scheme.
        scheme: String,
    },
    /// The host lies in a private network.
    #[error(
        "`{host}` leads to {address}, a private address; the operator can allow it with the setting FAIRGROUND_HARVEST_ALLOW"
    )]
    PrivateAddress {
        /// The host as the address names it.
        host: String,
        /// Where it leads.
        address: IpAddr,
    },
    /// The operator allows this host, at another port.
    #[error("`{host}` is allowed by FAIRGROUND_HARVEST_ALLOW at other ports than {port}")]
    PortNotAllowed {
        /// The host.
        host: String,
        /// The port that was asked for.
        port: u16,
    },
    /// The name has no address.
    #[error("the host `{host}` cannot be found: {reason}")]
    UnknownHost {
        /// The host.
        host: String,
        /// What the resolver said.
        reason: String,
    },
    /// No connection came about.
    #[error("no connection to `{host}`: {reason}")]
    Connect {
        /// The host.
        host: String,
        /// What the system said.
        reason: String,
    },
    /// The server did not begin to answer.
    #[error("`{host}` did not begin to answer within {} s", .after.as_secs_f64())]
    NoAnswer {
        /// The host.
        host: String,
        /// The deadline that passed.
        after: Duration,
    },
    /// The server stopped in mid-answer.
    #[error("`{host}` sent nothing for {} s in the middle of its answer", .after.as_secs_f64())]
    Stalled {
        /// The host.
        host: String,
        /// The deadline that passed.
        after: Duration,
    },
    /// The whole took too long.
    #[error("`{host}` took longer than {} s for its whole answer", .after.as_secs_f64())]
    TooSlow {
        /// The host.
        host: String,
        /// The deadline that passed.
        after: Duration,
    },
    /// The connection broke, or the answer is shorter than it announced.
    #[error("the answer of `{host}` breaks off after {got} {} bytes: {reason}", announced(*.expected))]
    CutShort {
        /// The host.
        host: String,
        /// Bytes received.
        got: u64,
        /// Bytes announced, when the server said so.
        expected: Option<u64>,
        /// What the connection said.
        reason: String,
    },
    /// Too many redirects.
    #[error("`{url}` redirects more than {limit} times")]
    TooManyRedirects {
        /// Where it began.
        url: String,
        /// The limit.
        limit: usize,
    },
    /// Redirects lead in a circle.
    #[error("redirects lead in a circle: `{url}` was visited before")]
    RedirectLoop {
        /// The address that came up twice.
        url: String,
    },
    /// A redirect that leads nowhere.
    #[error("`{url}` answers {status}, a redirect, without a usable `Location`")]
    RedirectNowhere {
        /// Who redirected.
        url: String,
        /// The status.
        status: u16,
    },
    /// The server refused or failed.
    #[error("`{url}` answers {status}{}", .meaning)]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// What that status means to a reader, with a leading comma and space, or empty.
        meaning: &'static str,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The server asks to wait longer than one job may.
    #[error("`{host}` asks to wait {} s before the next request, longer than the {} s a harvest waits", .asked.as_secs(), .limit.as_secs())]
    AskedToWait {
        /// The host.
        host: String,
        /// How long it asks.
        asked: Duration,
        /// The longest wait.
        limit: Duration,
    },
    /// The document is too large.
    #[error("the document is larger than the {limit} bytes that one source may have")]
    TooLarge {
        /// The limit in bytes, after decompression.
        limit: u64,
    },
    /// A small answer that unpacks to a huge document.
    #[error("the compressed answer unpacks to more than {ratio} times its size, as a decompression bomb does")]
    DecompressionBomb {
        /// The limit that was passed.
        ratio: u64,
    },
    /// A content coding that was not asked for.
    #[error("the answer is encoded as `{encoding}`, which was not asked for and cannot be read")]
    UnsupportedEncoding {
        /// What `Content-Encoding` said.
        encoding: String,
    },
    /// A compressed body that cannot be unpacked.
    #[error("the compressed answer cannot be unpacked: {reason}")]
    BrokenEncoding {
        /// What the decoder said.
        reason: String,
    },
    /// A local file that cannot be read.
    #[error("the file `{path}` cannot be read: {reason}")]
    File {
        /// The path.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// Our own disk.
    #[error("the document cannot be kept on disk: {0}")]
    Spool(#[from] std::io::Error),
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(String),
}

fn announced(expected: Option<u64>) -> String {
    expected.map_or_else(|| "received".to_owned(), |bytes| format!("of {bytes} announced"))
}

impl FetchError {
    pub(super) fn invalid_url(url: &str, reason: &str) -> Self {
        Self::InvalidUrl { url: url.chars().take(200).collect(), reason: reason.to_owned() }
    }

    /// The variant for an answer that is neither a document nor a redirect.
    pub(super) fn status(url: String, status: u16, retry_after: Option<Duration>) -> Self {
        let meaning = match status {
            401 | 403 => ", it does not let us in",
            404 => ", nothing is there",
            410 => ", it is gone for good",
            429 => ", it asks for fewer requests",
            500..=599 => ", the server is in trouble",
            _ => "",
        };
        Self::Status { url, status, meaning, retry_after }
    }

    /// What a failed request means: the client knows only chains of boxed errors.
    pub(super) fn from_request(error: &reqwest::Error, host: &str, connect_deadline: Duration) -> Self {
        let host = host.to_owned();
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        let mut deepest = String::new();
        while let Some(current) = cause {
            if let Some(unresolved) = current.downcast_ref::<Unresolved>() {
                return match unresolved {
                    Unresolved::Private { host, address } => {
                        Self::PrivateAddress { host: host.clone(), address: *address }
                    }
                    Unresolved::Unknown { host, reason } => {
                        Self::UnknownHost { host: host.clone(), reason: reason.clone() }
                    }
                };
            }
            deepest = current.to_string();
            cause = current.source();
        }
        if error.is_timeout() {
            return Self::NoAnswer { host, after: connect_deadline };
        }
        Self::Connect { host, reason: deepest }
    }

    /// Whether trying again may help: overload, outages and broken connections, not refusals.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::UnknownHost { .. }
            | Self::Connect { .. }
            | Self::NoAnswer { .. }
            | Self::Stalled { .. }
            | Self::CutShort { .. } => true,
            Self::InvalidUrl { .. }
            | Self::UnsupportedScheme { .. }
            | Self::PrivateAddress { .. }
            | Self::PortNotAllowed { .. }
            | Self::TooSlow { .. }
            | Self::TooManyRedirects { .. }
            | Self::RedirectLoop { .. }
            | Self::RedirectNowhere { .. }
            | Self::AskedToWait { .. }
            | Self::TooLarge { .. }
            | Self::DecompressionBomb { .. }
            | Self::UnsupportedEncoding { .. }
            | Self::BrokenEncoding { .. }
            | Self::File { .. }
            | Self::Spool(_)
            | Self::Setup(_) => false,
        }
    }

    /// How long the server asked to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
