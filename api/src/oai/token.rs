//! Resumption tokens: the question and where its answer stands, sealed. The server keeps nothing of a list under way.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fairground_catalog::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::OaiError;

/// What the portal's secret seals tokens for.
const PURPOSE: &str = "oai-pmh resumption token";
/// Bytes of the seal.
const SEAL_BYTES: usize = 16;
/// Longest token that is read.
const MAX_CHARS: usize = 2_048;

/// Where a list of records or headers stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RecordsToken {
    /// The verb: a token is for the list that it came with.
    pub(super) verb: String,
    pub(super) prefix: String,
    pub(super) set: Option<String>,
    /// From this moment on, in microseconds.
    pub(super) from: Option<i64>,
    /// Before this moment: at the latest the one at which the list was begun, so that it comes to an end.
    pub(super) before: i64,
    /// The last record's change and id.
    pub(super) at: i64,
    pub(super) id: String,
    /// How many records came before.
    pub(super) cursor: u64,
}

/// Where the list of sets stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SetsToken {
    /// Whether the publishers are done with.
    pub(super) themes: bool,
    /// The last slug.
    pub(super) after: String,
    pub(super) sets: u64,
}

pub(super) fn seal(secret: &Secret, token: &impl Serialize) -> String {
    let body = serde_json::to_vec(token).unwrap_or_default();
    let digest = secret.digest(PURPOSE, &body);
    let mut bytes = digest.as_bytes().get(..SEAL_BYTES).unwrap_or_default().to_vec();
    bytes.extend(body);
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(super) fn open<T: DeserializeOwned>(secret: &Secret, token: &str) -> Result<T, OaiError> {
    let invalid = OaiError::BadResumptionToken("The resumptionToken is none of this list's. Begin the list again.");
    if token.len() > MAX_CHARS {
        return Err(invalid);
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid.clone())?;
    let Some((sealed, body)) = bytes.split_at_checked(SEAL_BYTES) else { return Err(invalid) };
    let digest = secret.digest(PURPOSE, body);
    if digest.as_bytes().get(..SEAL_BYTES) != Some(sealed) {
        return Err(invalid);
    }
    serde_json::from_slice(body).map_err(|_| invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_who_sealed_it_and_nobody_may_change_it() {
        let (ours, theirs) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let token = SetsToken { themes: true, after: "air".to_owned(), sets: 7 };
        let sealed = seal(&ours, &token);
        assert_eq!(open::<SetsToken>(&ours, &sealed), Ok(token));
        let turned: String = sealed.chars().rev().collect();
        let cut = &sealed[..sealed.len() - 4];
        for bad in ["", "x", "é", &turned, cut, &"A".repeat(MAX_CHARS + 1)] {
            assert!(open::<SetsToken>(&ours, bad).is_err(), "{bad}");
        }
        assert!(open::<SetsToken>(&theirs, &sealed).is_err());
        assert!(open::<RecordsToken>(&ours, &sealed).is_err(), "another list's");
    }
}
