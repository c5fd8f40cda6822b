//! The portal's own secret, and what is derived from it.

use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

use fairground_domain::ContentHash;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::error::CatalogError;

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
