//! API keys: recognisable, checkable without a store, kept only as a digest.

use std::fmt;

use fairground_domain::ContentHash;

use crate::error::CatalogError;
use crate::secret::{Secret, random};

const PREFIX: &str = "fg_";
pub(crate) const RANDOM_BYTES: usize = 24;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^33 > 2^192: 33 digits hold 24 bytes.
const RANDOM_DIGITS: usize = 33;
/// 62^6 > 2^32: 6 digits hold a CRC-32.
const CHECK_DIGITS: usize = 6;

/// A key as its owner holds it: `fg_`, 33 random digits, 6 digits of CRC-32 over what stands before them (base 62). It is shown
/// once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainKey(String);

/// A text that cannot be a key: wrong prefix, length, letters or checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a Fairground key: it may be mistyped or cut off")]
pub struct InvalidKey;

/// What is stored of a key: HMAC-SHA-256 with the portal's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyDigest(ContentHash);

impl PlainKey {
    /// Longest text that can be a key, in bytes.
    pub const LEN: usize = PREFIX.len() + RANDOM_DIGITS + CHECK_DIGITS;

    /// A new key.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn generate() -> Result<Self, CatalogError> {
        Ok(Self::of(&random::<RANDOM_BYTES>()?))
    }

    /// The key that the portal's own pages call with: drawn from its secret, so that every process knows it.
    pub(super) fn of_portal(secret: &Secret) -> Self {
        let digest = secret.digest("key of the portal's pages", &[]);
        Self::of(digest.as_bytes().get(..RANDOM_BYTES).unwrap_or_default())
    }

    fn of(random: &[u8]) -> Self {
        Self(with_check(PREFIX, random))
    }

    /// Reads a key; prefix, length and checksum are tried before any store is asked.
    ///
    /// # Errors
    /// `InvalidKey` when the text cannot be one.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if checks(PREFIX, text) { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }

    /// What is stored and looked up.
    #[must_use]
    pub fn digest(&self, secret: &Secret) -> KeyDigest {
        KeyDigest(secret.digest("api-key", self.0.as_bytes()))
    }

    /// The key itself, for the one time that it is shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first characters: enough to tell keys apart, too few to guess.
    #[must_use]
    pub fn hint(&self) -> String {
        self.0.chars().take(PREFIX.len() + 6).collect()
    }
}

impl fmt::Debug for PlainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainKey(…)")
    }
}

impl KeyDigest {
    /// As it stands in the store.
    #[must_use]
    pub fn to_text(self) -> String {
        self.0.to_string()
    }

    /// The raw digest.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    pub(crate) fn from_text(text: &str) -> Result<Self, CatalogError> {
        text.parse().map(Self).map_err(|error| CatalogError::corrupt("key", error))
    }
}

/// A secret that people can recognise and mistype but not mistake: a prefix, [`RANDOM_DIGITS`] random digits, and
/// [`CHECK_DIGITS`] digits of CRC-32 over what stands before them.
pub(crate) fn with_check(prefix: &str, random: &[u8]) -> String {
    let mut body = String::with_capacity(prefix.len() + RANDOM_DIGITS + CHECK_DIGITS);
    body.push_str(prefix);
    body.push_str(&base62(random, RANDOM_DIGITS));
    let check = base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECK_DIGITS);
    body.push_str(&check);
    body
}

/// Whether a text can have been made by [`with_check`] with that prefix.
pub(crate) fn checks(prefix: &str, text: &str) -> bool {
    text.split_at_checked(prefix.len() + RANDOM_DIGITS).is_some_and(|(body, check)| {
        check.len() == CHECK_DIGITS
            && body.strip_prefix(prefix).is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_alphanumeric()))
            && base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECK_DIGITS) == check
    })
}

/// Big-endian bytes as so many base-62 digits, leading zeros kept.
fn base62(bytes: &[u8], digits: usize) -> String {
    let mut number = bytes.to_vec();
    let mut text = vec![b'0'; digits];
    for place in text.iter_mut().rev() {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *place = usize::try_from(remainder).ok().and_then(|digit| ALPHABET.get(digit)).copied().unwrap_or(b'0');
    }
    text.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_reads_back_and_is_never_shown_by_accident() {
        let key = PlainKey::generate().expect("random bytes");
        assert_eq!(key.reveal().len(), PlainKey::LEN);
        assert_eq!(PlainKey::parse(key.reveal()), Ok(key.clone()));
        assert_eq!(format!("{key:?}"), "PlainKey(…)");
        assert!(key.reveal().starts_with(&key.hint()));
    }

    #[test]
    fn any_single_wrong_letter_is_noticed() {
        let key = PlainKey::generate().expect("random bytes");
        for place in 0..PlainKey::LEN {
            let mut wrong: Vec<u8> = key.reveal().bytes().collect();
            wrong[place] = if wrong[place] == b'x' { b'y' } else { b'x' };
            let wrong = String::from_utf8(wrong).expect("ASCII");
            assert_eq!(PlainKey::parse(&wrong), Err(InvalidKey), "{place}");
        }
        for text in ["", "fg_", "ключ", &format!("{}0", key.reveal())] {
            assert_eq!(PlainKey::parse(text), Err(InvalidKey), "{text}");
        }
    }

    #[test]
    fn digests_need_the_secret() {
        let key = PlainKey::generate().expect("random bytes");
        let (one, other) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        assert_eq!(key.digest(&one), key.digest(&one));
        assert_ne!(key.digest(&one), key.digest(&other));
        assert_eq!(KeyDigest::from_text(&key.digest(&one).to_text()).expect("hexadecimal"), key.digest(&one));
    }
}
