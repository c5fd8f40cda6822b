//! Passwords: argon2id, with the parameters that OWASP's password storage page names as a minimum.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use super::breached;
use crate::error::CatalogError;

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// Longest password, in characters: hashing more would only cost time.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// Hashes a new password, unless it is too short, too long or what everybody tries first.
pub(super) fn hash(password: &str) -> Result<String, CatalogError> {
    let chars = password.chars().count();
    if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
        return Err(refused(format!("must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters")));
    }
    if breached::is_common(password) {
        return Err(refused(breached::TOO_COMMON.to_owned()));
    }
    hash_unchecked(password)
}

pub(super) fn refused(problem: String) -> CatalogError {
    CatalogError::Invalid { field: "password", problem }
}

fn hash_unchecked(password: &str) -> Result<String, CatalogError> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| CatalogError::corrupt("password", error))
}

/// Whether a password is the one that was hashed. An account without one has an empty hash, which none fits.
pub(super) fn verify(password: &str, hash: &str) -> bool {
    password.chars().count() <= MAX_PASSWORD_CHARS
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Does the work of [`verify`] where there is no password to compare with, so that nobody learns that from the time.
pub(super) fn verify_nothing(password: &str) {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let nobody = NOBODY.get_or_init(|| hash_unchecked("nobody has this password").unwrap_or_default());
    verify(password, nobody);
}
