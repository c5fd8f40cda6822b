//! Links that prove an e-mail address: registration, a forgotten password, an identity that wants an account.
//!
//! A link is worth something once and for an hour. What it stands for is sealed, and the address is kept as a digest, so the
//! table tells nobody who is about to register. Asking for a link takes the same path and says the same whether or not the
//! address has an account: each time a row is written and a letter goes out, and only the letter's reader learns more.

use diesel::prelude::*;
use fairground_domain::AccountId;
use serde::{Deserialize, Serialize};

use super::identity::{self, Claimed};
use super::session::{self, Entry, Session};
use super::store::{self, AccountRow};
use super::{Account, PasswordRules, Role, parse_email, password, proof};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::schema::sign_in_links;
use crate::secret::{Secret, random};

/// How long a mailed link is worth something, in seconds.
pub const LINK_SECS: i64 = 3_600;

/// What a link is for. A link for one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Makes an account.
    Registration,
    /// Gives an account a new password.
    PasswordReset,
    /// Waits, in one browser, for the proof that an identity's person has an account here.
    Pending,
    /// Is that proof, by mail.
    Adoption,
    /// Nothing: it keeps the work the same where there is nothing to link to.
    Nothing,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::PasswordReset => "password-reset",
            Self::Pending => "pending",
            Self::Adoption => "adoption",
            Self::Nothing => "nothing",
        }
    }
}

/// What a letter says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterKind {
    /// Open this link to register.
    Register,
    /// Somebody tried to register an address that has an account.
    AlreadyRegistered,
    /// Open this link to choose a new password.
    ResetPassword,
    /// Somebody asked for a new password for an address that has no account.
    NoAccount,
    /// Open this link, in the browser you came from, to use an identity here.
    AdoptIdentity,
}

/// A letter to be sent.
#[derive(Clone)]
pub struct Letter {
    /// To whom.
    pub email: String,
    /// What it says.
    pub kind: LetterKind,
    /// What the link carries; worth nothing in letters without a link.
    pub token: String,
}

/// Never with the token.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What a link stands for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Sealed {
    pub(super) email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) claimed: Option<Claimed>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_links, treat_none_as_default_value = false)]
struct LinkRow {
    digest: String,
    purpose: String,
    account_id: Option<String>,
    email_digest: String,
    browser_digest: Option<String>,
    sealed: Vec<u8>,
    expires_at: i64,
}

fn digest_of(secret: &Secret, purpose: Purpose, token: &str) -> String {
    secret.digest(&format!("sign-in-link {}", purpose.as_str()), token.as_bytes()).to_string()
}

pub(super) fn browser_digest(secret: &Secret, browser: &str) -> String {
    secret.digest("sign-in-browser", browser.as_bytes()).to_string()
}

fn email_digest(secret: &Secret, email: &str) -> String {
    secret.digest("sign-in-email", email.as_bytes()).to_string()
}

/// The refusal of a link that is wrong, used or too old; which of these is not said.
pub(super) fn spent() -> CatalogError {
    CatalogError::not_found("link", "it is wrong, was used before, or is too old")
}

/// Writes a link down; gives what it carries.
pub(super) fn put(
    tx: &mut Tx<'_>,
    secret: &Secret,
    purpose: Purpose,
    account: Option<AccountId>,
    browser: Option<&str>,
    sealed: &Sealed,
) -> Result<String, CatalogError> {
    diesel::delete(sign_in_links::table.filter(sign_in_links::expires_at.lt(tx.now.as_micros()))).execute(tx.conn)?;
    let token = hex::encode(random::<32>()?);
    let digest = digest_of(secret, purpose, &token);
    let plain = serde_json::to_vec(sealed).map_err(|error| CatalogError::corrupt("link", error))?;
    let secs = if purpose == Purpose::Nothing { 0 } else { LINK_SECS };
    let row = LinkRow {
        sealed: secret.seal(&digest, &plain)?,
        digest,
        purpose: purpose.as_str().to_owned(),
        account_id: account.map(|id| id.to_string()),
        email_digest: email_digest(secret, &sealed.email),
        browser_digest: browser.map(|browser| browser_digest(secret, browser)),
        expires_at: tx.now.plus_secs(secs).as_micros(),
    };
    diesel::insert_into(sign_in_links::table).values(&row).execute(tx.conn)?;
    Ok(token)
}

/// What a link stands for and whose it is, without using it up.
pub(super) fn look_at(
    tx: &mut Tx<'_>,
    secret: &Secret,
    purpose: Purpose,
    token: &str,
    browser: Option<&str>,
) -> Result<(Option<AccountId>, Sealed), CatalogError> {
    let digest = digest_of(secret, purpose, token);
    let row: LinkRow = sign_in_links::table
        .find(&digest)
        .filter(sign_in_links::purpose.eq(purpose.as_str()))
        .filter(sign_in_links::expires_at.gt(tx.now.as_micros()))
        .select(LinkRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(spent)?;
    let shown = browser.map(|browser| browser_digest(secret, browser));
    if row.browser_digest.is_some() && row.browser_digest != shown {
        return Err(spent());
    }
    let plain = secret.unseal(&digest, &row.sealed)?;
    let sealed = serde_json::from_slice(&plain).map_err(|error| CatalogError::corrupt("link", error))?;
    let account = row.account_id.map(|id| id.parse()).transpose();
    Ok((account.map_err(|error| CatalogError::corrupt("link", error))?, sealed))
}

/// Uses a link up: of two who use it at the same moment, one is refused.
pub(super) fn use_up(tx: &mut Tx<'_>, secret: &Secret, purpose: Purpose, token: &str) -> Result<(), CatalogError> {
    let used = diesel::delete(sign_in_links::table.find(digest_of(secret, purpose, token))).execute(tx.conn)?;
    if used == 0 { Err(spent()) } else { Ok(()) }
}

/// Makes every link of an account or its address worthless.
pub(super) fn forget_links(tx: &mut Tx<'_>, secret: &Secret, account: &Account) -> Result<(), CatalogError> {
    let of_account = sign_in_links::account_id.eq(account.id.to_string());
    let of_address = sign_in_links::email_digest.eq(email_digest(secret, &account.email));
    diesel::delete(sign_in_links::table.filter(of_account)).execute(tx.conn)?;
    diesel::delete(sign_in_links::table.filter(of_address)).execute(tx.conn)?;
    Ok(())
}

/// Asks to register an address. The letter's link leads to a form for name and password: the account begins there, so nobody
/// can lay claim to somebody else's address beforehand.
///
/// # Errors
/// `Invalid` when the text cannot be an e-mail address.
pub fn request_registration(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Letter, CatalogError> {
    let email = parse_email(email)?;
    let known = store::find_row(tx, &email)?.is_some();
    let (purpose, kind) = match known {
        true => (Purpose::Nothing, LetterKind::AlreadyRegistered),
        false => (Purpose::Registration, LetterKind::Register),
    };
    let token = put(tx, secret, purpose, None, None, &Sealed { email: email.clone(), claimed: None })?;
    Ok(Letter { email, kind, token })
}

/// Makes the account of a registration's link and begins a session.
///
/// # Errors
/// `NotFound` when the link is spent; `Invalid` when the password must not be used (the link stays good then).
pub fn confirm_registration(
    db: &Db,
    secret: &Secret,
    token: &str,
    name: &str,
    new_password: &str,
    rules: &PasswordRules,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    let (_, sealed) = db.read(|tx| look_at(tx, secret, Purpose::Registration, token, None))?;
    rules.check(new_password, &sealed.email)?;
    let password_hash = password::hash(new_password)?;
    db.write(|tx| {
        use_up(tx, secret, Purpose::Registration, token)?;
        if store::find_row(tx, &sealed.email)?.is_some() {
            return Err(spent());
        }
        let account = register(tx, &sealed.email, name, password_hash)?;
        session::begin(tx, secret, &account, entry)
    })
}

/// A developer's account whose address is proved.
pub(super) fn register(
    tx: &mut Tx<'_>,
    email: &str,
    name: &str,
    password_hash: String,
) -> Result<Account, CatalogError> {
    let proved = Some(tx.now.as_micros());
    let blank = store::blank(tx, email, name, Role::Developer);
    let row = AccountRow { password_hash, email_verified_at: proved, ..blank };
    store::insert(tx, row, "portal")
}

/// Asks for a link to choose a new password.
///
/// # Errors
/// `Invalid` when the text cannot be an e-mail address.
pub fn request_password_reset(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Letter, CatalogError> {
    let email = parse_email(email)?;
    let known = store::find_row(tx, &email)?.filter(|row| !row.disabled).map(Account::try_from).transpose()?;
    let (purpose, kind) = match known {
        Some(_) => (Purpose::PasswordReset, LetterKind::ResetPassword),
        None => (Purpose::Nothing, LetterKind::NoAccount),
    };
    let account = known.map(|account| account.id);
    let token = put(tx, secret, purpose, account, None, &Sealed { email: email.clone(), claimed: None })?;
    Ok(Letter { email, kind, token })
}

/// Gives the account of a link a new password; every session of it ends, and every other link to it. A second factor stays.
///
/// # Errors
/// `NotFound` when the link is spent; `Invalid` when the password must not be used (the link stays good then).
pub fn reset_password(
    db: &Db,
    secret: &Secret,
    token: &str,
    new_password: &str,
    rules: &PasswordRules,
) -> Result<(), CatalogError> {
    let (account, sealed) = db.read(|tx| look_at(tx, secret, Purpose::PasswordReset, token, None))?;
    let id = account.ok_or_else(spent)?;
    rules.check(new_password, &sealed.email)?;
    let password_hash = password::hash(new_password)?;
    db.write(|tx| {
        use_up(tx, secret, Purpose::PasswordReset, token)?;
        let account = store::get(tx, id)?;
        store::set_password(tx, id, &password_hash, true)?;
        forget_links(tx, secret, &account)?;
        session::end_all_sessions(tx, id, None)?;
        Ok(())
    })
}

/// Proves by a mailed link that an identity's person has the address, and signs them in: to the account of that address, or a
/// new one. `code` is the second factor's, for accounts that have one. The link works in the browser that asked for it and in
/// no other, so nobody can mail their own identity to somebody else and have it let in.
///
/// # Errors
/// `NotFound` when the link is spent or the browser another one; `WrongCredentials` when the second factor is not passed (the
/// link stays good then); `Forbidden` when the provider is not for accounts of that role.
pub fn adopt_with_link(
    tx: &mut Tx<'_>,
    secret: &Secret,
    token: &str,
    browser: &str,
    code: &str,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    let (_, sealed) = look_at(tx, secret, Purpose::Adoption, token, Some(browser))?;
    let claimed = sealed.claimed.ok_or_else(spent)?;
    let account = match store::find_row(tx, &sealed.email)? {
        Some(row) if row.disabled => return Err(spent()),
        Some(row) => {
            let account = Account::try_from(row)?;
            if !proof::pass_if_set_up(tx, secret, &account, code)? {
                return Err(CatalogError::WrongCredentials);
            }
            account
        }
        None => {
            identity::must_open(&claimed, Role::Developer)?;
            register(tx, &sealed.email, claimed.name.as_deref().unwrap_or_default(), String::new())?
        }
    };
    use_up(tx, secret, Purpose::Adoption, token)?;
    store::note_email_proved(tx, account.id)?;
    identity::link_identity(tx, &account, &claimed)?;
    session::begin_proved(tx, secret, &account, entry)
}
