//! The portal's own secret, and what is derived from it.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use fairground_domain::ContentHash;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::CatalogError;

/// First byte of what [`Secret::seal`] makes: XChaCha20-Poly1305 under a key derived by HMAC-SHA-256.
const SEAL_VERSION: u8 = 1;
/// Length of a seal's nonce, in bytes: long enough to be drawn at random for each.
const NONCE_BYTES: usize = 24;

/// 32 random bytes that every node of a portal shares. Digests of keys, sessions and links are made with it, so a copy of the
/// database alone proves nothing.
#[derive(Clone)]
pub struct Secret {
    bytes: [u8; 32],
    /// The hash's state after the key, worked out once: digests are on the path of every keyed call.
    keyed: OnceLock<Hmac<Sha256>>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Reads the secret from a file of 64 hexadecimal digits; makes the file, readable by its owner alone, when there is none.
    ///
    /// # Errors
    /// `File` when it cannot be read or made, `Setting` when it holds something else.
    pub fn load_or_create(path: &Path) -> Result<Self, CatalogError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::create(path),
            Err(source) => Err(CatalogError::File { path: path.to_owned(), source }),
        }
    }

    fn parse(text: &str) -> Result<Self, CatalogError> {
        let hash: ContentHash = text.trim().parse().map_err(|_| CatalogError::Setting {
            name: "secret_file",
            problem: "the file must hold 64 hexadecimal digits".to_owned(),
        })?;
        Ok(Self::from_bytes(*hash.as_bytes()))
    }

    fn create(path: &Path) -> Result<Self, CatalogError> {
        use std::os::unix::fs::OpenOptionsExt;
        let file_error = |source| CatalogError::File { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(file_error)?;
        }
        let secret = Self::from_bytes(random()?);
        let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = match opened {
            Ok(file) => file,
            // Another process was faster: its secret is the portal's.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Self::load_or_create(path),
            Err(error) => return Err(file_error(error)),
        };
        file.write_all(hex::encode(secret.bytes).as_bytes()).and_then(|()| file.sync_all()).map_err(file_error)?;
        Ok(secret)
    }

    /// A secret for tests and throw-away portals.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self { bytes, keyed: OnceLock::new() }
    }

    /// HMAC-SHA-256 over `purpose` and `text`: digests for one purpose are worth nothing for another.
    #[must_use]
    pub fn digest(&self, purpose: &str, text: &[u8]) -> ContentHash {
        let mut mac = self.keyed.get_or_init(|| self.keyed_state()).clone();
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(text);
        ContentHash::from_bytes(mac.finalize().into_bytes().into())
    }

    /// Encrypts what must be read again (a second factor's secret, an upstream's password), so that a copy of the database
    /// alone does not tell it. `purpose` names what it is and whose (`totp ID`): opened for another purpose, the seal does not
    /// hold, so sealed values cannot be moved from row to row.
    ///
    /// Gives a version byte, 24 bytes of nonce, and the text with its tag: 41 bytes more than `plain`.
    ///
    /// # Errors
    /// `Setting` when the operating system gives no random bytes.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, CatalogError> {
        let nonce: [u8; NONCE_BYTES] = random()?;
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        let sealed = self
            .seal_cipher(purpose)
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|error| CatalogError::corrupt("secret to be sealed", error))?;
        Ok([&[SEAL_VERSION], nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Self::seal`] made for the same purpose.
    ///
    /// # Errors
    /// `Corrupt` when it was sealed for another purpose or by another portal, or has been changed.
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, CatalogError> {
        let broken = || CatalogError::corrupt("sealed secret", "the portal's secret does not open it");
        let (version, rest) = sealed.split_first().ok_or_else(broken)?;
        let (nonce, text) = rest.split_at_checked(NONCE_BYTES).ok_or_else(broken)?;
        let nonce = <[u8; NONCE_BYTES]>::try_from(nonce).map_err(|_| broken())?;
        if *version != SEAL_VERSION {
            return Err(broken());
        }
        let payload = Payload { msg: text, aad: purpose.as_bytes() };
        self.seal_cipher(purpose).decrypt(&XNonce::from(nonce), payload).map_err(|_| broken())
    }

    fn seal_cipher(&self, purpose: &str) -> XChaCha20Poly1305 {
        let key = *self.digest("seal", purpose.as_bytes()).as_bytes();
        XChaCha20Poly1305::new(&key.into())
    }

    /// A key shorter than the hash's block is padded with zeros (RFC 2104, section 2).
    fn keyed_state(&self) -> Hmac<Sha256> {
        let mut block = [0; 64];
        for (to, from) in block.iter_mut().zip(self.bytes) {
            *to = from;
        }
        Hmac::<Sha256>::new(&block.into())
    }
}

/// Random bytes from the operating system.
///
/// # Errors
/// `Setting` when the operating system has none to give.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], CatalogError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| CatalogError::Setting {
        name: "secret_file",
        problem: format!("the operating system gives no random bytes: {error}"),
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_purpose_and_its_portal_alone() {
        let (ours, theirs) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let sealed = ours.seal("totp 1", b"told to nobody").expect("sealed");
        assert_eq!(ours.unseal("totp 1", &sealed).expect("opened"), b"told to nobody");
        assert_ne!(
            sealed,
            ours.seal("totp 1", b"told to nobody").expect("sealed"),
            "every seal has a nonce of its own"
        );
        assert!(!sealed.windows(4).any(|part| part == b"told"));
        assert!(ours.unseal("totp 2", &sealed).is_err());
        assert!(theirs.unseal("totp 1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(ours.unseal("totp 1", &changed).is_err(), "byte {at}");
            assert!(ours.unseal("totp 1", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_secret_is_made_once_and_read_back() {
        let folder = std::env::temp_dir().join(format!("fairground-secret-{}", uuid::Uuid::now_v7()));
        let path = folder.join("secret");
        let first = Secret::load_or_create(&path).expect("made");
        let second = Secret::load_or_create(&path).expect("read");
        assert_eq!(first.digest("a", b"x"), second.digest("a", b"x"));
        assert_ne!(first.digest("a", b"x"), first.digest("b", b"x"));
        assert_eq!(format!("{first:?}"), "Secret(…)");
        std::fs::write(&path, "short").expect("writes");
        assert!(matches!(Secret::load_or_create(&path), Err(CatalogError::Setting { .. })));
        std::fs::remove_dir_all(folder).expect("removes");
    }
}
