//! Bringing one document in, safely and politely.
//!
//! [`Fetcher::get`] asks a web address and writes the answer to a file; [`copy_local`] does the same for a file that the
//! operator names on the command line. Every limit is in [`FetchLimits`]; every failure is a [`FetchError`]. What a document
//! means is not known here.

mod attempt;
mod error;
mod pace;
mod resolve;
mod spool;

use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;

use fairground_domain::ContentHash;
use serde::{Deserialize, Serialize};
use tracing::debug;
use url::Url;

pub use error::FetchError;
pub use fairground_reach::{AllowList, InvalidAllowEntry, is_public};
pub use pace::Pace;

use attempt::Asked;
use pace::HostPace;
use resolve::Guard;
use spool::SizeLimits;

/// How long and how large a fetch may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchLimits {
    /// For the connection, TLS included.
    pub connect: Duration,
    /// From the request to the first byte of the answer's head.
    pub first_byte: Duration,
    /// Longest silence inside the body.
    pub stall: Duration,
    /// For one try, redirects and body included.
    pub total: Duration,
    /// Bytes of one document, unpacked.
    pub bytes: u64,
    /// Unpacked bytes for each packed one (looked at beyond 16 MiB).
    pub compression_ratio: u64,
    /// Redirects followed.
    pub redirects: usize,
    /// Tries for one document, the first included.
    pub tries: u32,
    /// Pause after the first failed try; doubles with each.
    pub pause: Duration,
    /// Longest pause, and longest `Retry-After` that is obeyed.
    pub longest_pause: Duration,
    /// How often one host is asked.
    pub pace: Pace,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            first_byte: Duration::from_secs(120),
            stall: Duration::from_secs(60),
            total: Duration::from_secs(3600),
            bytes: 4 * 1024 * 1024 * 1024,
            compression_ratio: 250,
            redirects: 8,
            tries: 5,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(120),
            pace: Pace::default(),
        }
    }
}

/// What the last harvest knew of a document, sent so that an unchanged one need not come again (RFC 9110, section 13).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditional {
    /// The `ETag` as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The `Last-Modified` as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

impl Conditional {
    /// Whether there is anything to ask by.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }
}

/// How a fetch ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchStatus {
    /// 304: what the last harvest got is still so; nothing was written.
    NotModified,
    /// The whole document lies in the file.
    Complete,
}

/// A document that was brought in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Whether there is a new document.
    pub status: FetchStatus,
    /// Where the document came from in the end, after redirects; without credentials.
    pub final_url: String,
    /// `Content-Type` as it came.
    pub content_type: Option<String>,
    /// `ETag` and `Last-Modified` as they came.
    pub validators: Conditional,
    /// `Link` as it came (RFC 8288), for sources that page by it.
    pub link: Option<String>,
    /// Bytes on disk, unpacked; 0 when not modified.
    pub bytes: u64,
    /// Fingerprint of those bytes.
    pub sha256: ContentHash,
}

/// Fetches documents; one per process, as it holds the connections and every host's pace.
#[derive(Debug)]
pub struct Fetcher {
    client: reqwest::Client,
    guard: Guard,
    pace: Arc<HostPace>,
    limits: FetchLimits,
    accept: &'static str,
}

/// What catalogues are served as; anything is taken, as many servers know only `*/*`.
const ACCEPT_CATALOGUE: &str =
    "application/ld+json, application/json, text/turtle, application/rdf+xml, application/n-triples, */*;q=0.5";
/// Files are taken as they are: a preference could make a server convert them.
const ACCEPT_FILE: &str = "*/*";

impl Fetcher {
    /// A fetcher that introduces itself as `Fairground/<version> (+<public_url>)`.
    ///
    /// # Errors
    /// [`FetchError::Setup`] when TLS or the client cannot be set up.
    pub fn new(allow: AllowList, limits: FetchLimits, public_url: &str) -> Result<Self, FetchError> {
        install_tls_provider();
        let guard = Guard::new(allow);
        let user_agent = format!("Fairground/{} (+{public_url})", env!("CARGO_PKG_VERSION"));
        let build = |with_system_roots: bool| {
            let builder = reqwest::Client::builder()
                .user_agent(&user_agent)
                .no_proxy()
                .no_gzip()
                .no_brotli()
                .no_deflate()
                .no_zstd()
                .referer(false)
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(limits.connect)
                .pool_max_idle_per_host(2)
                .dns_resolver(guard.clone());
            if with_system_roots { builder.build() } else { builder.tls_certs_only([]).build() }
        };
        // A machine without root certificates can still harvest over http; https then fails with its own error.
        let client = build(true).or_else(|_| build(false)).map_err(|error| FetchError::Setup(error.to_string()))?;
        let pace = Arc::new(HostPace::new(limits.pace));
        Ok(Self { client, guard, pace, limits, accept: ACCEPT_CATALOGUE })
    }

    /// The same fetcher for files of any kind under other limits. Connections and every host's pace are shared (the pace in
    /// `limits` is not looked at).
    #[must_use]
    pub fn for_files(&self, limits: FetchLimits) -> Self {
        Self {
            client: self.client.clone(),
            guard: self.guard.clone(),
            pace: Arc::clone(&self.pace),
            limits,
            accept: ACCEPT_FILE,
        }
    }

    /// The operator's list of hosts that may be reached although they are private.
    #[must_use]
    pub fn allow(&self) -> &AllowList {
        self.guard.allow()
    }

    /// The limits it works under.
    #[must_use]
    pub fn limits(&self) -> &FetchLimits {
        &self.limits
    }

    /// Brings the document at `url` into the file `sink`, which is created or replaced. Tries again, with pauses, what
    /// may pass; dropping the future abandons the fetch.
    ///
    /// # Errors
    /// A [`FetchError`] that names what went wrong in the last try; `sink` may then hold a useless beginning.
    pub async fn get(&self, url: &Url, conditional: &Conditional, sink: &Path) -> Result<Fetched, FetchError> {
        self.bring(url, Asked::Document(conditional), sink).await
    }

    /// As [`Fetcher::get`], for the answer to a question in XML that is sent by POST.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub async fn post_xml(&self, url: &Url, question: &str, sink: &Path) -> Result<Fetched, FetchError> {
        self.bring(url, Asked::Answer(question), sink).await
    }

    async fn bring(&self, url: &Url, asked: Asked<'_>, sink: &Path) -> Result<Fetched, FetchError> {
        let mut failed = 0;
        loop {
            let error = match self.attempt(url, asked, sink).await {
                Ok(fetched) => return Ok(fetched),
                Err(error) => error,
            };
            failed += 1;
            if !error.is_transient() || failed >= self.limits.tries {
                return Err(error);
            }
            let pause = self.pause_before_retry(url, &error, failed)?;
            if let (Some(asked), Some(host)) = (error.retry_after(), url.host_str()) {
                // Not only for this document: the next one of that host would be refused as well.
                self.pace.hold(host, asked);
            }
            debug!(
                host = url.host_str(),
                failed,
                pause_ms = pause.as_millis(),
                "Fetch failed, will try again: {error}"
            );
            tokio::time::sleep(pause).await;
        }
    }

    fn pause_before_retry(&self, url: &Url, error: &FetchError, failed: u32) -> Result<Duration, FetchError> {
        let own = pace::back_off(self.limits.pause, self.limits.longest_pause, failed);
        match error.retry_after() {
            Some(asked) if asked > self.limits.longest_pause => Err(FetchError::AskedToWait {
                host: url.host_str().unwrap_or_default().to_owned(),
                asked,
                limit: self.limits.longest_pause,
            }),
            Some(asked) => Ok(own.max(asked)),
            None => Ok(own),
        }
    }

    fn size_limits(&self) -> SizeLimits {
        SizeLimits { bytes: self.limits.bytes, ratio: self.limits.compression_ratio }
    }
}

/// Copies a local file into the file `sink`, under the size limits of `limits`; a gzipped file is unpacked.
///
/// # Errors
/// [`FetchError::File`] when it cannot be read, and those of size and packing.
pub fn copy_local(file: &Path, limits: &FetchLimits, sink: &Path) -> Result<Fetched, FetchError> {
    let written = spool::copy_file(file, sink, SizeLimits { bytes: limits.bytes, ratio: limits.compression_ratio })?;
    Ok(Fetched {
        status: FetchStatus::Complete,
        final_url: file.display().to_string(),
        content_type: None,
        validators: Conditional::default(),
        link: None,
        bytes: written.bytes,
        sha256: written.sha256,
    })
}

/// Reads a web address, as an operator or a catalogue writes it.
///
/// # Errors
/// [`FetchError::InvalidUrl`], and [`FetchError::UnsupportedScheme`] for what is not http or https.
pub fn parse_url(text: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text.trim()).map_err(|error| FetchError::invalid_url(text, &error.to_string()))?;
    if matches!(url.scheme(), "http" | "https") {
        Ok(url)
    } else {
        Err(FetchError::UnsupportedScheme { scheme: url.scheme().to_owned() })
    }
}

/// An address as it may be shown and logged: without user name and password.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // Both fail only for addresses that cannot have credentials in the first place.
    let _ = shown.set_password(None);
    let _ = shown.set_username("");
    shown.into()
}

/// rustls asks for one crypto provider per process; whoever comes first installs it.
fn install_tls_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that another part of the program has installed one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
