//! Every statement on accounts, and signing in by password.

use diesel::prelude::*;
use fairground_domain::{AccountId, PublisherId, Timestamp};
use serde_json::json;

use super::session::{self, Entry, Session};
use super::{Account, Role, parse_email, password};
use crate::db::{Db, Tx};
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::accounts;
use crate::secret::Secret;

/// Longest name of a person, in characters.
const MAX_NAME_CHARS: usize = 120;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub(super) struct AccountRow {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) role: String,
    pub(super) publisher_id: Option<String>,
    /// Empty when the account has no password.
    pub(super) password_hash: String,
    pub(super) disabled: bool,
    pub(super) created_at: i64,
    pub(super) email_verified_at: Option<i64>,
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
            email_verified_at: row.email_verified_at.map(Timestamp::from_micros),
            has_password: !row.password_hash.is_empty(),
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
    /// For whom; required when the role acts for a publisher.
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
    if new.role.acts_for_a_publisher() && new.publisher_id.is_none() {
        return Err(CatalogError::Invalid {
            field: "publisher",
            problem: "this role acts for one publisher: name it".to_owned(),
        });
    }
    let password_hash = password::hash(&new.password)?;
    db.write(|tx| {
        if find_row(tx, &email)?.is_some() {
            return Err(CatalogError::Taken { what: "account", name: email.clone() });
        }
        let row = AccountRow {
            publisher_id: new.publisher_id.map(|id| id.to_string()),
            password_hash: password_hash.clone(),
            ..blank(tx, &email, &new.name, new.role)
        };
        insert(tx, row, actor)
    })
}

/// An account that has no password and has proved nothing yet.
pub(super) fn blank(tx: &Tx<'_>, email: &str, name: &str, role: Role) -> AccountRow {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    AccountRow {
        id: AccountId::new().to_string(),
        name: if name.is_empty() { email.to_owned() } else { name },
        email: email.to_owned(),
        role: role.as_str().to_owned(),
        publisher_id: None,
        password_hash: String::new(),
        disabled: false,
        created_at: tx.now.as_micros(),
        email_verified_at: None,
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, row: AccountRow, actor: &str) -> Result<Account, CatalogError> {
    diesel::insert_into(accounts::table)
        .values(&row)
        .execute(tx.conn)
        .map_err(CatalogError::taken("account", &row.email))?;
    let event = Event {
        kind: EventKind::AccountCreated,
        subject_id: row.id.clone(),
        actor: actor.to_owned(),
        payload: json!({ "role": row.role }),
    };
    journal::append(tx, event)?;
    row.try_into()
}

/// The account of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id: AccountId) -> Result<Account, CatalogError> {
    get_row(tx, id)?.try_into()
}

pub(super) fn get_row(tx: &mut Tx<'_>, id: AccountId) -> Result<AccountRow, CatalogError> {
    accounts::table
        .find(id.to_string())
        .select(AccountRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("account", id))
}

/// The account of an e-mail address.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_by_email(tx: &mut Tx<'_>, email: &str) -> Result<Option<Account>, CatalogError> {
    find_row(tx, &email.trim().to_lowercase())?.map(Account::try_from).transpose()
}

pub(super) fn find_row(tx: &mut Tx<'_>, email: &str) -> Result<Option<AccountRow>, CatalogError> {
    let found = accounts::table.filter(accounts::email.eq(email)).select(AccountRow::as_select()).first(tx.conn);
    Ok(found.optional()?)
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

/// Gives an account a new password, and notes that its address is proved where a mailed link was the proof.
pub(super) fn set_password(
    tx: &mut Tx<'_>,
    id: AccountId,
    password_hash: &str,
    proves_email: bool,
) -> Result<(), CatalogError> {
    diesel::update(accounts::table.find(id.to_string()))
        .set(accounts::password_hash.eq(password_hash))
        .execute(tx.conn)?;
    if proves_email {
        note_email_proved(tx, id)?;
    }
    Ok(())
}

/// Notes that the account's address was proved, unless it was before.
pub(super) fn note_email_proved(tx: &mut Tx<'_>, id: AccountId) -> Result<(), CatalogError> {
    let unproved =
        accounts::table.filter(accounts::id.eq(id.to_string())).filter(accounts::email_verified_at.is_null());
    diesel::update(unproved).set(accounts::email_verified_at.eq(tx.now.as_micros())).execute(tx.conn)?;
    Ok(())
}

/// Begins a session by password. An unknown address takes as long as a wrong password, and says the same.
///
/// # Errors
/// `WrongCredentials` when address or password is wrong or the account is disabled.
pub fn sign_in(db: &Db, secret: &Secret, email: &str, password: &str, entry: &Entry) -> Result<Session, CatalogError> {
    let email = email.trim().to_lowercase();
    let found = db.read(|tx| find_row(tx, &email))?.filter(|row| !row.password_hash.is_empty());
    let Some(row) = found else {
        password::verify_nothing(password);
        return Err(CatalogError::WrongCredentials);
    };
    if !password::verify(password, &row.password_hash) || row.disabled {
        return Err(CatalogError::WrongCredentials);
    }
    let account = Account::try_from(row)?;
    db.write(|tx| session::begin(tx, secret, &account, entry))
}
