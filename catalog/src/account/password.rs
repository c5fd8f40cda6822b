//! Passwords: argon2id, with the parameters that OWASP's password storage page names as a minimum.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::error::CatalogError;

/// Shortest password, in characters.
pub const MIN_PASSWORD_CHARS: usize = 10;
/// Longest password, in characters: hashing more would only cost time.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// Hashes a new password.
pub(super) fn hash(password: &str) -> Result<String, CatalogError> {
    let chars = password.chars().count();
    if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&chars) {
        return Err(CatalogError::Invalid {
            field: "password",
            problem: format!("must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters"),
        });
    }
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| CatalogError::corrupt("password", error))
}

/// Whether a password is the one that was hashed.
pub(super) fn verify(password: &str, hash: &str) -> bool {
    password.chars().count() <= MAX_PASSWORD_CHARS
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
