//! Proving again who one is, before an act that cannot be undone or that changes how one signs in.

use fairground_domain::Timestamp;

use super::session::{self, Entry, Presented, Session};
use super::{Account, PasswordRules, factor, password, store};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::secret::Secret;

/// How long after signing in that itself counts as proof, for accounts without a password, in seconds.
pub const FRESH_SECS: i64 = 10 * 60;

/// What somebody who is signed in shows as proof.
#[derive(Clone, Default)]
pub struct Reproof {
    /// The password; empty when the account has none.
    pub password: String,
    /// A code of the second factor, or a recovery code; empty when the account has none.
    pub code: String,
}

/// Never with what it holds.
impl std::fmt::Debug for Reproof {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reproof(…)")
    }
}

/// Whether somebody who is signed in is still who they were: by password, or, where the account has none, by having signed in
/// within the last [`FRESH_SECS`] seconds; and by the second factor where there is one. A code that was right is used up.
///
/// # Errors
/// `WrongCredentials` when the proof is not right; `Forbidden` when the sign-in is too long ago to be one.
pub fn prove_again(db: &Db, secret: &Secret, who: &Presented, reproof: &Reproof) -> Result<(), CatalogError> {
    let row = db.read(|tx| store::get_row(tx, who.account.id))?;
    if row.password_hash.is_empty() {
        if Timestamp::now() > who.created_at.plus_secs(FRESH_SECS) {
            return Err(CatalogError::Forbidden("sign out and in again first: your sign-in is too long ago"));
        }
    } else if !password::verify(&reproof.password, &row.password_hash) {
        return Err(CatalogError::WrongCredentials);
    }
    let passed = db.write(|tx| pass_if_set_up(tx, secret, &who.account, &reproof.code))?;
    if passed { Ok(()) } else { Err(CatalogError::WrongCredentials) }
}

/// True when the second factor is passed, or there is none to pass.
pub(super) fn pass_if_set_up(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    code: &str,
) -> Result<bool, CatalogError> {
    match factor::find_factor(tx, account.id)?.filter(|factor| factor.confirmed_at.is_some()) {
        Some(_) => factor::pass_factor(tx, secret, account.id, code),
        None => Ok(true),
    }
}

/// Gives somebody who proved again who they are a new password. Every other session of theirs ends, and this one goes on under
/// a new token.
///
/// # Errors
/// `Invalid` when the password must not be used.
pub fn change_password(
    db: &Db,
    secret: &Secret,
    account: &Account,
    token: &str,
    new_password: &str,
    rules: &PasswordRules,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    rules.check(new_password, &account.email)?;
    let hash = password::hash(new_password)?;
    db.write(|tx| {
        store::set_password(tx, account.id, &hash, false)?;
        super::link::forget_links(tx, secret, account)?;
        session::end_all_sessions(tx, account.id, None)?;
        let account = store::get(tx, account.id)?;
        session::rotate(tx, secret, &account, token, entry)
    })
}
