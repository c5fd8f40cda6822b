//! Identities: who a person is to an identity provider, and how that leads to an account.
//!
//! A provider's word signs in to the account that its identity is linked to. It is never linked to an account because the two
//! share an e-mail address: who has an account proves that by its password or by a mailed link first.

use diesel::prelude::*;
use fairground_domain::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

use super::link::{self, Letter, LetterKind, Purpose, Sealed};
use super::session::{self, Entry, Session};
use super::store;
use super::{Account, Role, parse_email, password, proof};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::schema::{accounts, identities, sign_in_attempts};
use crate::secret::{Secret, random};

/// How long a sign-in at a provider may take, in seconds.
pub const ATTEMPT_SECS: i64 = 15 * 60;
/// Longest subject that a provider may give, in characters (`OpenID Connect Core 1.0`, section 2, says 255).
const MAX_SUBJECT_CHARS: usize = 255;

/// An identity that is linked to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The provider, by slug.
    pub provider: String,
    /// Who the person is there.
    pub subject: String,
    /// The e-mail address there, as told when it was linked.
    pub email: Option<String>,
    /// When it was linked.
    pub linked_at: Timestamp,
    /// When somebody last signed in through it.
    pub last_used_at: Timestamp,
}

/// What a provider says about somebody, after everything about its word has been checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// The provider, by slug.
    pub provider: String,
    /// Who they are there; never changes.
    pub subject: String,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    /// Their name.
    pub name: Option<String>,
    /// Roles whose accounts may be opened by this provider.
    pub roles: Vec<Role>,
}

/// Where an identity leads.
#[derive(Debug)]
pub enum Arrival {
    /// Into an account.
    SignedIn(Session),
    /// To a page that asks for a proof first.
    ProofNeeded {
        /// What that page's forms carry, in this browser.
        token: String,
        /// The address that the provider vouches for, when it has an account here; otherwise the page asks for one.
        account_email: Option<String>,
    },
}

/// What an attempt keeps to itself until it comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptSecrets {
    /// What the ID token must carry.
    pub nonce: String,
    /// PKCE's verifier (RFC 7636).
    pub verifier: String,
    /// Where to go afterwards: a path of the portal.
    pub next: String,
}

/// Never with what it holds.
impl std::fmt::Debug for AttemptSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AttemptSecrets(…)")
    }
}

/// A sign-in that came back from a provider.
#[derive(Debug)]
pub struct Attempt {
    /// The account that asked to be linked; `None` when somebody signs in.
    pub links_to: Option<AccountId>,
    /// What was kept.
    pub secrets: AttemptSecrets,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_attempts, treat_none_as_default_value = false)]
struct AttemptRow {
    digest: String,
    provider: String,
    browser_digest: String,
    account_id: Option<String>,
    sealed: Vec<u8>,
    expires_at: i64,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = identities, treat_none_as_default_value = false)]
struct IdentityRow {
    provider: String,
    subject: String,
    account_id: String,
    email: Option<String>,
    linked_at: i64,
    last_used_at: i64,
}

impl From<IdentityRow> for Identity {
    fn from(row: IdentityRow) -> Self {
        Self {
            provider: row.provider,
            subject: row.subject,
            email: row.email,
            linked_at: Timestamp::from_micros(row.linked_at),
            last_used_at: Timestamp::from_micros(row.last_used_at),
        }
    }
}

fn state_digest(secret: &Secret, provider: &str, state: &str) -> String {
    secret.digest(&format!("sign-in-state {provider}"), state.as_bytes()).to_string()
}

/// Begins a sign-in at a provider; gives `state`, which comes back with the browser.
///
/// # Errors
/// `Storage` when the database fails.
pub fn begin_attempt(
    tx: &mut Tx<'_>,
    secret: &Secret,
    provider: &str,
    browser: &str,
    links_to: Option<AccountId>,
    secrets: &AttemptSecrets,
) -> Result<String, CatalogError> {
    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::expires_at.lt(tx.now.as_micros())))
        .execute(tx.conn)?;
    let state = hex::encode(random::<32>()?);
    let digest = state_digest(secret, provider, &state);
    let plain = serde_json::to_vec(secrets).map_err(|error| CatalogError::corrupt("sign-in attempt", error))?;
    let row = AttemptRow {
        sealed: secret.seal(&digest, &plain)?,
        digest,
        provider: provider.to_owned(),
        browser_digest: link::browser_digest(secret, browser),
        account_id: links_to.map(|id| id.to_string()),
        expires_at: tx.now.plus_secs(ATTEMPT_SECS).as_micros(),
    };
    diesel::insert_into(sign_in_attempts::table).values(&row).execute(tx.conn)?;
    Ok(state)
}

/// Takes the attempt of a `state` that came back: once, from the provider that it was begun with, in the browser that began
/// it. `None` otherwise.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_attempt(
    tx: &mut Tx<'_>,
    secret: &Secret,
    provider: &str,
    state: &str,
    browser: &str,
) -> Result<Option<Attempt>, CatalogError> {
    let digest = state_digest(secret, provider, state);
    let found: Option<AttemptRow> = sign_in_attempts::table
        .find(&digest)
        .filter(sign_in_attempts::provider.eq(provider))
        .filter(sign_in_attempts::browser_digest.eq(link::browser_digest(secret, browser)))
        .filter(sign_in_attempts::expires_at.gt(tx.now.as_micros()))
        .select(AttemptRow::as_select())
        .first(tx.conn)
        .optional()?;
    let Some(row) = found else { return Ok(None) };
    if diesel::delete(sign_in_attempts::table.find(&digest)).execute(tx.conn)? == 0 {
        return Ok(None);
    }
    let corrupt = |error: String| CatalogError::corrupt("sign-in attempt", error);
    let plain = secret.unseal(&digest, &row.sealed)?;
    Ok(Some(Attempt {
        links_to: row.account_id.map(|id| id.parse()).transpose().map_err(|error| corrupt(format!("{error}")))?,
        secrets: serde_json::from_slice(&plain).map_err(|error| corrupt(error.to_string()))?,
    }))
}

/// Refuses a provider that is not for accounts of a role.
pub(super) fn must_open(claimed: &Claimed, role: Role) -> Result<(), CatalogError> {
    if claimed.roles.contains(&role) {
        return Ok(());
    }
    Err(CatalogError::Forbidden("this identity provider is not for accounts of that role; sign in another way"))
}

/// Where an identity leads: into the account that it is linked to; into a new developer's account, when the provider vouches
/// for an address that is new here; otherwise to a page that asks for a proof.
///
/// # Errors
/// `Forbidden` when the provider is not for accounts of that role, or the account is disabled.
pub fn arrive(
    tx: &mut Tx<'_>,
    secret: &Secret,
    claimed: &Claimed,
    browser: &str,
    entry: &Entry,
) -> Result<Arrival, CatalogError> {
    if let Some(account) = find_linked(tx, claimed)? {
        must_open(claimed, account.role)?;
        let used = identities::table.find((&claimed.provider, &claimed.subject));
        diesel::update(used).set(identities::last_used_at.eq(tx.now.as_micros())).execute(tx.conn)?;
        return Ok(Arrival::SignedIn(session::begin(tx, secret, &account, entry)?));
    }
    let email = claimed.email.as_deref().and_then(|email| parse_email(email).ok());
    let vouched = email.clone().filter(|_| claimed.email_verified);
    let has_account = match &vouched {
        Some(email) => store::find_row(tx, email)?.is_some(),
        None => false,
    };
    if let Some(email) = vouched.as_deref().filter(|_| !has_account) {
        must_open(claimed, Role::Developer)?;
        let account = link::register(tx, email, claimed.name.as_deref().unwrap_or_default(), String::new())?;
        link_identity(tx, &account, claimed)?;
        return Ok(Arrival::SignedIn(session::begin(tx, secret, &account, entry)?));
    }
    let account_email = vouched.filter(|_| has_account);
    let sealed = Sealed { email: account_email.clone().unwrap_or_default(), claimed: Some(claimed.clone()) };
    let token = link::put(tx, secret, Purpose::Pending, None, Some(browser), &sealed)?;
    Ok(Arrival::ProofNeeded { token, account_email })
}

fn find_linked(tx: &mut Tx<'_>, claimed: &Claimed) -> Result<Option<Account>, CatalogError> {
    let found: Option<store::AccountRow> = identities::table
        .inner_join(accounts::table.on(accounts::id.eq(identities::account_id)))
        .filter(identities::provider.eq(&claimed.provider))
        .filter(identities::subject.eq(&claimed.subject))
        .select(store::AccountRow::as_select())
        .first(tx.conn)
        .optional()?;
    match found {
        Some(row) if row.disabled => Err(CatalogError::Forbidden("this account is closed")),
        other => other.map(Account::try_from).transpose(),
    }
}

/// The address of the account that an identity which waits in this browser may belong to; `None` when its provider vouches for
/// none that has an account.
///
/// # Errors
/// `NotFound` when nothing waits.
pub fn find_waiting(
    tx: &mut Tx<'_>,
    secret: &Secret,
    token: &str,
    browser: &str,
) -> Result<Option<String>, CatalogError> {
    let (_, sealed) = link::look_at(tx, secret, Purpose::Pending, token, Some(browser))?;
    Ok(Some(sealed.email).filter(|email| !email.is_empty()))
}

/// Proves by password (and second factor, where there is one) that the identity which waits in this browser belongs to the
/// account of the address that its provider vouches for; links the two and signs in.
///
/// # Errors
/// `NotFound` when nothing waits; `WrongCredentials` when the proof is not right (it goes on waiting then); `Forbidden` when
/// the provider is not for accounts of that role.
pub fn adopt_with_password(
    db: &Db,
    secret: &Secret,
    token: &str,
    browser: &str,
    shown: &super::Reproof,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    let (_, sealed) = db.read(|tx| link::look_at(tx, secret, Purpose::Pending, token, Some(browser)))?;
    let claimed = sealed.claimed.ok_or_else(link::spent)?;
    let row = db.read(|tx| store::find_row(tx, &sealed.email))?;
    let Some(row) = row.filter(|row| !row.disabled && !row.password_hash.is_empty()) else {
        password::verify_nothing(&shown.password);
        return Err(CatalogError::WrongCredentials);
    };
    if !password::verify(&shown.password, &row.password_hash) {
        return Err(CatalogError::WrongCredentials);
    }
    let account = Account::try_from(row)?;
    db.write(|tx| {
        if !proof::pass_if_set_up(tx, secret, &account, &shown.code)? {
            return Err(CatalogError::WrongCredentials);
        }
        link::use_up(tx, secret, Purpose::Pending, token)?;
        link_identity(tx, &account, &claimed)?;
        session::begin_proved(tx, secret, &account, entry)
    })
}

/// Asks for a mailed link as proof for the identity that waits in this browser: to the address that the provider vouches for,
/// or, when it vouches for none, to the one given here.
///
/// # Errors
/// `NotFound` when nothing waits; `Invalid` when the text cannot be an e-mail address.
pub fn send_adoption_link(
    tx: &mut Tx<'_>,
    secret: &Secret,
    token: &str,
    browser: &str,
    email: &str,
) -> Result<Letter, CatalogError> {
    let (_, sealed) = link::look_at(tx, secret, Purpose::Pending, token, Some(browser))?;
    let email = if sealed.email.is_empty() { parse_email(email)? } else { sealed.email };
    let sealed = Sealed { email: email.clone(), claimed: sealed.claimed };
    let token = link::put(tx, secret, Purpose::Adoption, None, Some(browser), &sealed)?;
    Ok(Letter { email, kind: LetterKind::AdoptIdentity, token })
}

/// Links an identity to an account whose owner has proved to have both.
///
/// # Errors
/// `Taken` when the identity belongs to another account, or the account has another identity at this provider; `Forbidden` when
/// the provider is not for accounts of that role; `Invalid` for a subject that no provider may give.
pub fn link_identity(tx: &mut Tx<'_>, account: &Account, claimed: &Claimed) -> Result<(), CatalogError> {
    must_open(claimed, account.role)?;
    if claimed.subject.is_empty() || claimed.subject.chars().count() > MAX_SUBJECT_CHARS {
        return Err(CatalogError::Invalid {
            field: "subject",
            problem: format!("must have 1 to {MAX_SUBJECT_CHARS} characters"),
        });
    }
    if let Some(owner) = find_linked(tx, claimed)? {
        return if owner.id == account.id { Ok(()) } else { Err(taken(claimed)) };
    }
    let at_provider = list_identities(tx, account.id)?.into_iter().any(|one| one.provider == claimed.provider);
    if at_provider {
        return Err(taken(claimed));
    }
    let row = IdentityRow {
        provider: claimed.provider.clone(),
        subject: claimed.subject.clone(),
        account_id: account.id.to_string(),
        email: claimed.email.clone(),
        linked_at: tx.now.as_micros(),
        last_used_at: tx.now.as_micros(),
    };
    diesel::insert_into(identities::table).values(&row).execute(tx.conn)?;
    Ok(())
}

fn taken(claimed: &Claimed) -> CatalogError {
    CatalogError::Taken { what: "link to identity provider", name: claimed.provider.clone() }
}

/// An account's identities, by provider.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_identities(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<Identity>, CatalogError> {
    let rows: Vec<IdentityRow> = identities::table
        .filter(identities::account_id.eq(account.to_string()))
        .order(identities::provider)
        .select(IdentityRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(Identity::from).collect())
}

/// Takes an identity away from an account.
///
/// # Errors
/// `NotFound` when it has none at that provider; `WrongState` when it is the last way to sign in.
pub fn unlink_identity(tx: &mut Tx<'_>, account: AccountId, provider: &str) -> Result<(), CatalogError> {
    let linked = list_identities(tx, account)?;
    if !linked.iter().any(|identity| identity.provider == provider) {
        return Err(CatalogError::not_found("linked identity", provider));
    }
    if linked.len() == 1 && !store::get(tx, account)?.has_password {
        return Err(CatalogError::WrongState {
            what: "this identity".to_owned(),
            state: "the last way to sign in".to_owned(),
            problem: "set a password or link another identity first",
        });
    }
    let own = identities::table
        .filter(identities::account_id.eq(account.to_string()))
        .filter(identities::provider.eq(provider));
    diesel::delete(own).execute(tx.conn)?;
    Ok(())
}
