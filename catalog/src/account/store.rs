//! Every statement on accounts and sessions.

use std::sync::OnceLock;

use diesel::prelude::*;
use fairground_domain::{AccountId, PublisherId, Timestamp};
use serde_json::json;

use super::{Account, Role, parse_email, password};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::{accounts, sessions};
use crate::secret::{Secret, random};

/// How long a session lasts, in seconds.
const SESSION_SECS: i64 = 12 * 3_600;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
struct AccountRow {
    id: String,
    email: String,
    name: String,
    role: String,
    publisher_id: Option<String>,
    password_hash: String,
    disabled: bool,
    created_at: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    digest: String,
    account_id: String,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<AccountRow> for Account {
    type Error = CatalogError;

    fn try_from(row: AccountRow) -> Result<Self, CatalogError> {
        let corrupt = |problem: String| CatalogError::Corrupt { what: "account", problem };
        Ok(Self {
            id: row.id.parse().map_err(|e: fairground_domain::UnknownId| corrupt(e.to_string()))?,
            email: row.email,
            name: row.name,
            role: Role::parse(&row.role).ok_or_else(|| corrupt(format!("role `{}`", row.role)))?,
            publisher_id: row
                .publisher_id
                .map(|id| id.parse())
                .transpose()
                .map_err(|e: fairground_domain::UnknownId| corrupt(e.to_string()))?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// What is needed to make an account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The e-mail address.
    pub email: String,
    /// The person's name; the address serves when it is empty.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// For whom; required unless the role is operator.
    pub publisher_id: Option<PublisherId>,
    /// The password.
    pub password: String,
}

/// Makes an account. Hashing a password takes tens of milliseconds, so it is done before the transaction begins.
///
/// # Errors
/// `Invalid` for a bad address or password or a missing publisher, `Taken` when the address has an account.
pub fn create(db: &Db, new: NewAccount, actor: &str) -> Result<Account, CatalogError> {
    let email = parse_email(&new.email)?;
    if new.role != Role::Operator && new.publisher_id.is_none() {
        return Err(CatalogError::Invalid {
            field: "publisher",
            problem: "this role acts for one publisher: name it".to_owned(),
        });
    }
    let password_hash = password::hash(&new.password)?;
    db.write(|tx| {
        let exists: i64 = accounts::table.filter(accounts::email.eq(&email)).count().get_result(tx.conn)?;
        if exists > 0 {
            return Err(CatalogError::Taken { what: "account", name: email.clone() });
        }
        let row = AccountRow {
            id: AccountId::new().to_string(),
            name: if new.name.trim().is_empty() { email.clone() } else { new.name.trim().to_owned() },
            email: email.clone(),
            role: new.role.as_str().to_owned(),
            publisher_id: new.publisher_id.map(|id| id.to_string()),
            password_hash: password_hash.clone(),
            disabled: false,
            created_at: tx.now.as_micros(),
        };
        diesel::insert_into(accounts::table).values(&row).execute(tx.conn)?;
        journal::append(
            tx,
            Event {
                kind: EventKind::AccountCreated,
                subject_id: row.id.clone(),
                actor: actor.to_owned(),
                payload: json!({ "role": row.role }),
            },
        )?;
        row.try_into()
    })
}

/// The account of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id: AccountId) -> Result<Account, CatalogError> {
    accounts::table
        .find(id.to_string())
        .select(AccountRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("account", id))?
        .try_into()
}

/// Accounts by birth, from after `after`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(tx: &mut Tx<'_>, after: Option<AccountId>, limit: i64) -> Result<Vec<Account>, CatalogError> {
    accounts::table
        .filter(accounts::id.gt(after.map(|id| id.to_string()).unwrap_or_default()))
        .order(accounts::id)
        .limit(limit)
        .select(AccountRow::as_select())
        .load(tx.conn)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// How many accounts there are.
///
/// # Errors
/// `Storage` when the database fails.
pub fn count(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    Ok(accounts::table.count().get_result(tx.conn)?)
}

/// A new session: the token goes to the browser, its digest stays here.
#[derive(Debug)]
pub struct Session {
    /// Whose it is.
    pub account: Account,
    /// 32 random bytes in hexadecimal.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Opens a session. An unknown address takes as long as a wrong password, and says the same.
///
/// # Errors
/// `WrongCredentials` when address or password is wrong or the account is disabled.
pub fn sign_in(db: &Db, secret: &Secret, email: &str, password: &str) -> Result<Session, CatalogError> {
    static NOBODY: OnceLock<String> = OnceLock::new();
    let email = email.trim().to_lowercase();
    let found: Option<AccountRow> = db.read(|tx| {
        Ok(accounts::table
            .filter(accounts::email.eq(&email))
            .select(AccountRow::as_select())
            .first(tx.conn)
            .optional()?)
    })?;
    let Some(row) = found else {
        let nobody = NOBODY.get_or_init(|| password::hash("nobody has this password").unwrap_or_default());
        password::verify(password, nobody);
        return Err(CatalogError::WrongCredentials);
    };
    if !password::verify(password, &row.password_hash) || row.disabled {
        return Err(CatalogError::WrongCredentials);
    }
    let token = hex::encode(random::<32>()?);
    let account = Account::try_from(row)?;
    db.write(|tx| {
        diesel::delete(sessions::table.filter(sessions::expires_at.lt(tx.now.as_micros()))).execute(tx.conn)?;
        let expires_at = tx.now.plus_secs(SESSION_SECS);
        let row = SessionRow {
            digest: secret.digest("session", token.as_bytes()).to_string(),
            account_id: account.id.to_string(),
            created_at: tx.now.as_micros(),
            expires_at: expires_at.as_micros(),
        };
        diesel::insert_into(sessions::table).values(&row).execute(tx.conn)?;
        Ok(Session { account: account.clone(), token: token.clone(), expires_at })
    })
}

/// Whose session a token opens; `None` when it has ended.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_session(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Option<Account>, CatalogError> {
    sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(sessions::digest.eq(secret.digest("session", token.as_bytes()).to_string()))
        .filter(sessions::expires_at.gt(tx.now.as_micros()))
        .filter(accounts::disabled.eq(false))
        .select(AccountRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// Ends a session; ending one that is over changes nothing.
///
/// # Errors
/// `Storage` when the database fails.
pub fn sign_out(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<(), CatalogError> {
    let digest = secret.digest("session", token.as_bytes()).to_string();
    diesel::delete(sessions::table.find(digest)).execute(tx.conn)?;
    Ok(())
}
