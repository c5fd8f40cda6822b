//! Calls of web addresses that contacts of a source gave: what they say, how they are signed, and where they may go.
//!
//! Signed as the Standard Webhooks specification says: `webhook-id`, `webhook-timestamp` (seconds since 1970) and
//! `webhook-signature` (`v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`), under a secret `whsec_…` that is shown
//! once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fairground_catalog::CatalogError;
use fairground_catalog::source::DueReport;
use fairground_domain::Timestamp;
use fairground_reach::{AllowList, HostStanding, is_public};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;
use url::{Host, Url};

use super::wire::JobOut;
use crate::federation::http::{AskError, Asker};

/// What begins a secret.
const SECRET_PREFIX: &str = "whsec_";
/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A new secret to sign with.
///
/// # Errors
/// `Setting` when the operating system gives no random bytes.
pub fn new_secret() -> Result<String, CatalogError> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|error| CatalogError::Setting { name: "the system's random numbers", problem: error.to_string() })?;
    Ok(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)))
}

/// Whether a web address may be called at all: https to the public internet, or what the operator has opened. What its name
/// leads to is judged again at every call.
///
/// # Errors
/// What is wrong with it and what to give instead.
pub fn check_webhook(address: &str, reach: &AllowList) -> Result<(), String> {
    let url = Url::parse(address).map_err(|_| "must be a web address beginning with https://".to_owned())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password; calls are signed instead".to_owned());
    }
    let port = url.port_or_known_default().unwrap_or_default();
    let opened = match url.host() {
        Some(Host::Domain(name)) => matches!(reach.standing(name, port), HostStanding::Allowed),
        Some(Host::Ipv4(ip)) => reach.allows_address(ip.into(), Some(port)),
        Some(Host::Ipv6(ip)) => reach.allows_address(ip.into(), Some(port)),
        None => return Err("must be a web address beginning with https://".to_owned()),
    };
    let public = match url.host() {
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        Some(Host::Domain(name)) => !name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    match url.scheme() {
        "https" if public || opened => Ok(()),
        "http" if opened => Ok(()),
        "https" => Err("is not on the public internet, and the operator has not opened it".to_owned()),
        _ => Err("must be a web address beginning with https://".to_owned()),
    }
}

/// The value of `webhook-signature` for a body.
#[must_use]
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> String {
    let key = secret.strip_prefix(SECRET_PREFIX).and_then(|text| STANDARD.decode(text).ok());
    let key = key.unwrap_or_else(|| secret.as_bytes().to_vec());
    // HMAC takes keys of any length (RFC 2104, section 2).
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// What is told of a job, as JSON.
pub(super) fn body_of(due: &DueReport, public_url: &str) -> serde_json::Value {
    json!({
        "type": format!("harvest.{}", due.key.told.as_str()),
        "timestamp": due.job.finished_at.unwrap_or(due.job.created_at),
        "data": {
            "source": { "id": due.source.id, "slug": due.source.slug },
            "job": JobOut::from(due.job.clone()),
            "url": format!("{public_url}/workspace/jobs/{}", due.job.id),
            "findings": format!("{public_url}/api/v1/jobs/{}/findings.ndjson", due.job.id),
        },
    })
}

/// Why a call did not arrive.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// It never will: the receiver says that it is gone, or the address may not be called.
    #[error("{0}")]
    Final(String),
    /// It may later.
    #[error("{0}")]
    Passing(String),
}

/// Calls a contact once.
pub(super) async fn call(asker: &Asker, due: &DueReport, public_url: &str) -> Result<(), CallError> {
    let secret = due.secret.as_deref().unwrap_or_default();
    post_signed(asker, &due.address, secret, &due.key.message_id(), &body_of(due, public_url)).await
}

/// Calls a web address once with a signed body. `id` is the same at every try of the same message.
pub(crate) async fn post_signed(
    asker: &Asker,
    address: &str,
    secret: &str,
    id: &str,
    body: &serde_json::Value,
) -> Result<(), CallError> {
    let unsent = |error: &dyn std::fmt::Display| CallError::Final(format!("the call could not be made up: {error}"));
    let body = serde_json::to_vec(body).map_err(|error| unsent(&error))?;
    let now = Timestamp::now().as_secs();
    let signature = sign(secret, id, now, &body);
    let request = http::Request::post(address)
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(body)
        .map_err(|error| unsent(&error))?;
    match asker.ask(request).await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) if answer.status() == http::StatusCode::GONE => {
            Err(CallError::Final("the receiver says that it is gone (410)".to_owned()))
        }
        Ok(answer) => {
            Err(CallError::Passing(format!("the receiver answered with status {}", answer.status().as_u16())))
        }
        // A name may lead elsewhere tomorrow, but an address that is refused stays so.
        Err(error @ AskError::Refused(_)) => Err(CallError::Final(error.to_string())),
        Err(error @ (AskError::TooLong(_) | AskError::Request(_) | AskError::NoAnswer { .. })) => {
            Err(CallError::Passing(told(&error)))
        }
    }
}

fn told(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        line.push_str(": ");
        line.push_str(&current.to_string());
        cause = current.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn calls_are_signed_as_the_specification_says() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let body = br#"{"test": 2432232314}"#;
        let signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_ne!(
            sign(&new_secret().expect("random"), "a", 1, body),
            sign(&new_secret().expect("random"), "a", 1, body)
        );
    }

    #[test]
    fn only_public_and_opened_addresses_are_called() {
        let opened: AllowList = "127.0.0.1:9000, hooks.intranet.example".parse().expect("a list");
        for (address, closed, open) in [
            ("https://hooks.example/x", true, true),
            ("http://hooks.example/x", false, false),
            ("https://127.0.0.1:9000/", false, true),
            ("http://127.0.0.1:9000/", false, true),
            ("http://127.0.0.1:9001/", false, false),
            ("http://hooks.intranet.example/", false, true),
            ("https://169.254.169.254/latest", false, false),
            ("https://[::1]/", false, false),
            ("https://localhost/", false, false),
            ("https://anna:secret@hooks.example/", false, false),
            ("file:///etc/passwd", false, false),
            ("hooks.example", false, false),
        ] {
            assert_eq!(check_webhook(address, &AllowList::none()).is_ok(), closed, "{address}");
            assert_eq!(check_webhook(address, &opened).is_ok(), open, "{address}, opened");
        }
    }
}
