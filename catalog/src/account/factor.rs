//! The second factor: one-time codes by time (RFC 6238) from an app that shares a secret with us, and recovery codes for the
//! day when the app is lost.

use diesel::prelude::*;
use fairground_domain::{AccountId, Timestamp};
use totp_rs::{Builder, Totp};

use super::Account;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{recovery_codes, second_factors};
use crate::secret::{Secret, random};

/// Recovery codes that are given out at one time.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of the shared secret: as long as HMAC-SHA-1's output (RFC 4226, section 4, R6).
const SECRET_BYTES: usize = 20;
/// Longest name of the portal within an app, in characters.
const MAX_ISSUER_CHARS: usize = 60;
/// Letters of recovery codes: 32, without those that are mistaken for others.
const RECOVERY_LETTERS: [char; 32] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    '2', '3', '4', '5', '6', '7', '8', '9', '0',
];
/// Characters of a recovery code, each worth five bits.
const RECOVERY_CHARS: usize = 12;

/// How an account's second factor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FactorState {
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was confirmed; it is asked for from then on.
    pub confirmed_at: Option<Timestamp>,
    /// Recovery codes that have not been used.
    pub recovery_codes_left: i64,
}

/// What an app needs to make codes; shown while the factor is set up, and never again.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret in base32, for typing.
    pub secret: String,
    /// The same as an `otpauth:` address, for scanning.
    pub uri: String,
}

/// Never with the secret.
impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = second_factors, treat_none_as_default_value = false)]
struct FactorRow {
    account_id: String,
    sealed: Vec<u8>,
    last_step: i64,
    created_at: i64,
    confirmed_at: Option<i64>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = recovery_codes)]
struct RecoveryRow {
    account_id: String,
    digest: String,
}

fn find_row(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<FactorRow>, CatalogError> {
    let found = second_factors::table.find(account.to_string()).select(FactorRow::as_select()).first(tx.conn);
    Ok(found.optional()?)
}

/// How an account's second factor stands; `None` when it has none.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_factor(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<FactorState>, CatalogError> {
    let Some(row) = find_row(tx, account)? else { return Ok(None) };
    let left =
        recovery_codes::table.filter(recovery_codes::account_id.eq(account.to_string())).count().get_result(tx.conn)?;
    Ok(Some(FactorState {
        created_at: Timestamp::from_micros(row.created_at),
        confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
        recovery_codes_left: left,
    }))
}

/// Begins a second factor with a secret of its own; one that was begun and never confirmed is forgotten. Nothing is asked for
/// until [`confirm_factor`] has seen a code. `issuer` is the portal's name, as the app shows it.
///
/// # Errors
/// `WrongState` when the account has a confirmed one.
pub fn begin_factor(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    issuer: &str,
) -> Result<Enrolment, CatalogError> {
    if find_row(tx, account.id)?.is_some_and(|row| row.confirmed_at.is_some()) {
        return Err(CatalogError::WrongState {
            what: "the second factor".to_owned(),
            state: "in use".to_owned(),
            problem: "take it away before you set up another",
        });
    }
    let shared: [u8; SECRET_BYTES] = random()?;
    diesel::delete(second_factors::table.find(account.id.to_string())).execute(tx.conn)?;
    let row = FactorRow {
        account_id: account.id.to_string(),
        sealed: secret.seal(&purpose(account.id), &shared)?,
        last_step: 0,
        created_at: tx.now.as_micros(),
        confirmed_at: None,
    };
    diesel::insert_into(second_factors::table).values(&row).execute(tx.conn)?;
    enrolment(shared.to_vec(), account, issuer)
}

/// What an app needs for the second factor that is being set up; `None` when none is.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_enrolment(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    issuer: &str,
) -> Result<Option<Enrolment>, CatalogError> {
    let Some(row) = find_row(tx, account.id)?.filter(|row| row.confirmed_at.is_none()) else { return Ok(None) };
    let shared = secret.unseal(&purpose(account.id), &row.sealed)?;
    enrolment(shared, account, issuer).map(Some)
}

fn enrolment(shared: Vec<u8>, account: &Account, issuer: &str) -> Result<Enrolment, CatalogError> {
    let issuer: String = issuer.chars().filter(|c| *c != ':').take(MAX_ISSUER_CHARS).collect();
    let totp = codes(shared, &account.email.replace(':', ""), Some(issuer))?;
    Ok(Enrolment { secret: totp.secret().to_base32(), uri: totp.to_url().map_err(broken)? })
}

fn purpose(account: AccountId) -> String {
    format!("second-factor {account}")
}

fn broken(error: impl ToString) -> CatalogError {
    CatalogError::corrupt("second factor", error)
}

/// Six digits every thirty seconds by HMAC-SHA-1, one step early or late allowed: what every app knows.
fn codes(shared: Vec<u8>, account_name: &str, issuer: Option<String>) -> Result<Totp, CatalogError> {
    Builder::new().with_secret(shared).with_account_name(account_name).with_issuer(issuer).build().map_err(broken)
}

/// Takes the second factor into use, and gives its recovery codes, this once.
///
/// # Errors
/// `Invalid` when the code is not right; `WrongState` when none was begun, or it is in use already.
pub fn confirm_factor(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: AccountId,
    code: &str,
) -> Result<Vec<String>, CatalogError> {
    let Some(row) = find_row(tx, account)?.filter(|row| row.confirmed_at.is_none()) else {
        return Err(CatalogError::WrongState {
            what: "the second factor".to_owned(),
            state: "not being set up".to_owned(),
            problem: "begin to set it up first",
        });
    };
    if !accept_code(tx, secret, account, &row, code)? {
        return Err(CatalogError::Invalid {
            field: "code",
            problem: "is not the code of this moment; check the clock of your device".to_owned(),
        });
    }
    diesel::update(second_factors::table.find(account.to_string()))
        .set(second_factors::confirmed_at.eq(tx.now.as_micros()))
        .execute(tx.conn)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account.to_string())))
        .execute(tx.conn)?;
    let codes = (0..RECOVERY_CODES).map(|_| recovery_code()).collect::<Result<Vec<_>, _>>()?;
    for code in &codes {
        let row = RecoveryRow { account_id: account.to_string(), digest: recovery_digest(secret, account, code) };
        diesel::insert_into(recovery_codes::table).values(&row).execute(tx.conn)?;
    }
    Ok(codes)
}

/// `abcd-efgh-jkmn`: sixty random bits.
fn recovery_code() -> Result<String, CatalogError> {
    let bytes: [u8; RECOVERY_CHARS] = random()?;
    let mut code = String::new();
    for (place, byte) in bytes.into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        code.extend(RECOVERY_LETTERS.get(usize::from(byte & 31)));
    }
    Ok(code)
}

/// Keyed, so that a copy of the database alone gives nothing to try against; sixty bits are too many to try.
fn recovery_digest(secret: &Secret, account: AccountId, code: &str) -> String {
    let plain: String = code.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    secret.digest(&format!("recovery-code {account}"), plain.as_bytes()).to_string()
}

/// Whether a code of the app, or a recovery code, is right; either is worth something once. An account without a confirmed
/// second factor has no right code.
///
/// # Errors
/// `Storage` when the database fails.
pub fn pass_factor(tx: &mut Tx<'_>, secret: &Secret, account: AccountId, code: &str) -> Result<bool, CatalogError> {
    let Some(row) = find_row(tx, account)?.filter(|row| row.confirmed_at.is_some()) else { return Ok(false) };
    if accept_code(tx, secret, account, &row, code)? {
        return Ok(true);
    }
    let key = (account.to_string(), recovery_digest(secret, account, code));
    Ok(diesel::delete(recovery_codes::table.find(key)).execute(tx.conn)? > 0)
}

/// Accepts a code of the app unless it, or a later one, was accepted before (RFC 6238, section 5.2). The step is compared in
/// the statement itself, so of two who show one code at the same moment one is refused.
fn accept_code(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: AccountId,
    row: &FactorRow,
    code: &str,
) -> Result<bool, CatalogError> {
    let shared = secret.unseal(&purpose(account), &row.sealed)?;
    let totp = codes(shared, "account", None)?;
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let now = u64::try_from(tx.now.as_secs()).unwrap_or_default();
    let is_code = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
    let Some(step) = is_code.then(|| totp.check(&digits, now)).flatten() else { return Ok(false) };
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    let fresh = second_factors::table
        .filter(second_factors::account_id.eq(account.to_string()))
        .filter(second_factors::last_step.lt(step));
    Ok(diesel::update(fresh).set(second_factors::last_step.eq(step)).execute(tx.conn)? > 0)
}

/// Takes the second factor away, with its recovery codes; where there is none, nothing changes. Whoever asks for this has
/// proved again who they are ([`super::prove_again`]).
///
/// # Errors
/// `Storage` when the database fails.
pub fn remove_factor(tx: &mut Tx<'_>, account: AccountId) -> Result<(), CatalogError> {
    let codes = recovery_codes::table.filter(recovery_codes::account_id.eq(account.to_string()));
    diesel::delete(codes).execute(tx.conn)?;
    diesel::delete(second_factors::table.find(account.to_string())).execute(tx.conn)?;
    Ok(())
}
