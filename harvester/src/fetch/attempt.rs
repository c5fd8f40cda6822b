//! One try: request, redirects, body.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{self, HeaderMap, HeaderName};
use tokio::time::{Instant, timeout};
use url::Url;

use super::error::FetchError;
use super::spool::{Encoding, Spooling};
use super::{Conditional, FetchStatus, Fetched, Fetcher, pace, shown};

/// What is asked of an address.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// The whole document, unless it is still as it was.
    Document(&'a Conditional),
    /// An answer to a question in XML, sent by POST.
    Answer(&'a str),
    /// Whether it answers: one byte is enough (RFC 9110, section 14.2), as many servers answer `HEAD` wrongly.
    FirstByte,
}

impl Asked<'_> {
    fn is_conditional(self) -> bool {
        matches!(self, Self::Document(conditional) if !conditional.is_empty())
    }
}

impl Fetcher {
    /// Asks whether an address answers, and with which status; follows redirects, keeps pace, reads no body. One try.
    ///
    /// # Errors
    /// A [`FetchError`] when there was no answer.
    pub async fn probe(&self, url: &Url) -> Result<u16, FetchError> {
        let until = Instant::now() + self.limits.total;
        let (response, _) = self.follow(url, Asked::FirstByte, until).await?;
        Ok(response.status().as_u16())
    }

    pub(super) async fn attempt(&self, url: &Url, asked: Asked<'_>, sink: &Path) -> Result<Fetched, FetchError> {
        let until = Instant::now() + self.limits.total;
        let (response, final_url) = self.follow(url, asked, until).await?;
        let host = host_of(&final_url);
        let fetched = Fetched {
            status: FetchStatus::NotModified,
            final_url: shown(&final_url),
            content_type: text(response.headers(), header::CONTENT_TYPE),
            validators: Conditional {
                etag: text(response.headers(), header::ETAG),
                last_modified: text(response.headers(), header::LAST_MODIFIED),
            },
            link: text(response.headers(), header::LINK),
            bytes: 0,
            sha256: fairground_domain::ContentHash::of(b""),
        };
        match response.status().as_u16() {
            304 if asked.is_conditional() => Ok(fetched),
            200 | 203 => {
                let written = self.receive(response, &host, sink, until).await?;
                Ok(Fetched { status: FetchStatus::Complete, bytes: written.bytes, sha256: written.sha256, ..fetched })
            }
            status => {
                let retry_after = text(response.headers(), header::RETRY_AFTER);
                let retry_after = retry_after.and_then(|value| pace::retry_after(&value, jiff::Timestamp::now()));
                Err(FetchError::status(fetched.final_url, status, retry_after))
            }
        }
    }

    /// Asks, and follows redirects; every step passes the guard, keeps the host's pace and counts.
    async fn follow(&self, url: &Url, asked: Asked<'_>, until: Instant) -> Result<(Response, Url), FetchError> {
        let mut at = without_fragment(url.clone());
        let mut visited = HashSet::from([at.clone()]);
        loop {
            let response = self.ask(&at, asked, until).await?;
            let status = response.status().as_u16();
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                return Ok((response, at));
            }
            let nowhere = || FetchError::RedirectNowhere { url: shown(&at), status };
            let target = text(response.headers(), header::LOCATION).ok_or_else(nowhere)?;
            let next = without_fragment(at.join(&target).map_err(|_| nowhere())?);
            if visited.contains(&next) {
                return Err(FetchError::RedirectLoop { url: shown(&next) });
            }
            if visited.len() > self.limits.redirects {
                return Err(FetchError::TooManyRedirects { url: shown(url), limit: self.limits.redirects });
            }
            visited.insert(next.clone());
            at = next;
        }
    }

    async fn ask(&self, url: &Url, asked: Asked<'_>, until: Instant) -> Result<Response, FetchError> {
        self.guard.admit(url)?;
        let host = host_of(url);
        self.pace.wait(&host).await;
        let request = match asked {
            Asked::Answer(question) => {
                let kind = "application/xml; charset=utf-8";
                self.client.post(url.clone()).header(header::CONTENT_TYPE, kind).body(question.to_owned())
            }
            Asked::Document(_) | Asked::FirstByte => self.client.get(url.clone()),
        };
        let mut request =
            request.header(header::ACCEPT, self.accept).header(header::ACCEPT_ENCODING, Encoding::ACCEPTED);
        match asked {
            Asked::Answer(_) => {}
            Asked::FirstByte => request = request.header(header::RANGE, "bytes=0-0"),
            Asked::Document(conditional) => {
                if let Some(etag) = &conditional.etag {
                    request = request.header(header::IF_NONE_MATCH, etag);
                }
                if let Some(moment) = &conditional.last_modified {
                    request = request.header(header::IF_MODIFIED_SINCE, moment);
                }
            }
        }
        let (wait, whole) = self.next_deadline(self.limits.first_byte, until);
        match timeout(wait, request.send()).await {
            Ok(answer) => answer.map_err(|error| FetchError::from_request(&error, &host, self.limits.connect)),
            Err(_) if whole => Err(FetchError::TooSlow { host, after: self.limits.total }),
            Err(_) => Err(FetchError::NoAnswer { host, after: self.limits.first_byte }),
        }
    }

    async fn receive(
        &self,
        mut response: Response,
        host: &str,
        sink: &Path,
        until: Instant,
    ) -> Result<super::spool::Written, FetchError> {
        let encoding = Encoding::from_header(text(response.headers(), header::CONTENT_ENCODING).as_deref())?;
        let expected = response.content_length();
        if expected.is_some_and(|bytes| bytes > self.limits.bytes) {
            return Err(FetchError::TooLarge { limit: self.limits.bytes });
        }
        let spooling = Spooling::start(sink, encoding, self.size_limits());
        let mut got = 0u64;
        loop {
            let (wait, whole) = self.next_deadline(self.limits.stall, until);
            let piece = match timeout(wait, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => {
                    return Err(FetchError::CutShort { host: host.to_owned(), got, expected, reason: deepest(&error) });
                }
                Err(_) if whole => return Err(FetchError::TooSlow { host: host.to_owned(), after: self.limits.total }),
                Err(_) => return Err(FetchError::Stalled { host: host.to_owned(), after: self.limits.stall }),
            };
            got = got.saturating_add(piece.len().try_into().unwrap_or(u64::MAX));
            if !spooling.write(piece).await {
                break;
            }
        }
        spooling.finish().await
    }

    /// The shorter of one step's deadline and what is left of the whole; `true` when the whole is the shorter.
    fn next_deadline(&self, step: Duration, until: Instant) -> (Duration, bool) {
        let left = until.saturating_duration_since(Instant::now());
        (step.min(left), left < step)
    }
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The last cause of an error: the client's own words say only that something failed.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(cause) = current.source() {
        current = cause;
    }
    current.to_string()
}
