//! Publishing tokens: by them a program does for a person what that person may do for one publisher, and never more.
//!
//! A token gives nothing by itself. Each call asks the person's rights anew, for that publisher alone: once the role is gone, or
//! the account is disabled, the token is powerless. It is shown once and kept as a digest; it ends by itself, after
//! [`LONGEST_TOKEN_DAYS`] at the latest, and at once when it is revoked.

use std::fmt;

use diesel::prelude::*;
use fairground_domain::{AccountId, ActingRole, PublisherId, PublishingTokenId, Timestamp};
use serde_json::{Value, json};

use super::Actor;
use super::grant::{must_see, rights};
use crate::account::{self, Account};
use crate::application::{RANDOM_BYTES, checks, with_check};
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::dataset::PublisherRef;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::{accounts, publishers, publishing_tokens};
use crate::secret::{Secret, random};

/// What every publishing token begins with.
pub const TOKEN_PREFIX: &str = "fgp_";
/// Longest life of a token, in days.
pub const LONGEST_TOKEN_DAYS: i64 = 365;
/// Most tokens of one person.
pub const MAX_TOKENS: i64 = 50;
/// Longest name of a token, in characters.
pub const MAX_TOKEN_NAME_CHARS: usize = 100;
/// How long an ended token is still listed, in days.
const KEEP_ENDED_DAYS: i64 = 30;
/// How often the use of a token is written down, in seconds.
const NOTE_USE_SECS: i64 = 60;
const DAY_SECS: i64 = 86_400;

/// A token as its owner holds it: `fgp_`, 33 random digits, 6 digits of CRC-32. It is shown once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainToken(String);

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlainToken(…)")
    }
}

impl PlainToken {
    fn generate() -> Result<Self, CatalogError> {
        Ok(Self(with_check(TOKEN_PREFIX, &random::<RANDOM_BYTES>()?)))
    }

    /// Reads a token; prefix, length and checksum are tried before any store is asked.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        checks(TOKEN_PREFIX, text).then(|| Self(text.to_owned()))
    }

    /// The token itself, for the one time that it is shown.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first characters: enough to tell tokens apart, too few to guess.
    fn hint(&self) -> String {
        self.0.chars().take(TOKEN_PREFIX.len() + 6).collect()
    }

    fn digest(&self, secret: &Secret) -> String {
        secret.digest("publishing-token", self.0.as_bytes()).to_string()
    }
}

/// A token, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishingToken {
    /// Its id.
    pub id: PublishingTokenId,
    /// For whom it acts.
    pub account: AccountId,
    /// That person's address.
    pub email: String,
    /// The one publisher that it is good for.
    pub publisher: PublisherRef,
    /// What its owner calls it.
    pub name: String,
    /// How it begins.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Whether it gives anything now: it has not ended, and its owner still has a role for the publisher.
    pub works: bool,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = publishing_tokens, treat_none_as_default_value = false)]
struct TokenRow {
    id: String,
    account_id: String,
    publisher_id: String,
    name: String,
    hint: String,
    digest: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("publishing token", problem)
}

/// Makes a token for whoever asks, for a publisher that they work for.
///
/// # Errors
/// `NotFound` for strangers to the publisher; `Forbidden` for who only looks on, for who has no account, and for what is itself a
/// token; `Invalid` for a name or an end out of bounds, or beyond [`MAX_TOKENS`].
pub fn create_token(
    tx: &mut Tx<'_>,
    secret: &Secret,
    actor: &Actor,
    publisher: PublisherId,
    name: &str,
    expires_at: Timestamp,
) -> Result<(PublishingToken, PlainToken), CatalogError> {
    journal::take_pen(tx)?;
    let role = working_role(tx, actor, publisher)?;
    let Some(account) = actor.account().filter(|_| !actor.is_confined()) else {
        return Err(CatalogError::Forbidden("only somebody who signs in makes tokens"));
    };
    let name = sound_name(name)?;
    if expires_at <= tx.now || expires_at > tx.now.plus_secs(LONGEST_TOKEN_DAYS * DAY_SECS) {
        let problem = format!("must lie ahead, within {LONGEST_TOKEN_DAYS} days");
        return Err(CatalogError::Invalid { field: "expires_at", problem });
    }
    let ended = tx.now.plus_secs(-KEEP_ENDED_DAYS * DAY_SECS).as_micros();
    diesel::delete(publishing_tokens::table.filter(publishing_tokens::expires_at.lt(ended))).execute(tx.conn)?;
    let own = publishing_tokens::table.filter(publishing_tokens::account_id.eq(account.to_string()));
    if own.count().get_result::<i64>(tx.conn)? >= MAX_TOKENS {
        let problem = format!("you have {MAX_TOKENS} tokens, which is all: revoke one that is not needed");
        return Err(CatalogError::Invalid { field: "name", problem });
    }
    let plain = PlainToken::generate()?;
    let row = TokenRow {
        id: PublishingTokenId::new().to_string(),
        account_id: account.to_string(),
        publisher_id: publisher.to_string(),
        name,
        hint: plain.hint(),
        digest: plain.digest(secret),
        created_at: tx.now.as_micros(),
        expires_at: expires_at.as_micros(),
        last_used_at: None,
    };
    diesel::insert_into(publishing_tokens::table).values(&row).execute(tx.conn)?;
    note(tx, actor, role, &row, AuditAction::TokenCreated, None)?;
    let token = shown(tx, row)?;
    Ok((token, plain))
}

fn sound_name(name: &str) -> Result<String, CatalogError> {
    let name = name.trim();
    let fits = (1..=MAX_TOKEN_NAME_CHARS).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    let problem = format!("must have 1 to {MAX_TOKEN_NAME_CHARS} characters and no control characters");
    Err(CatalogError::Invalid { field: "name", problem })
}

/// The role from which somebody works for a publisher, whichever it is.
fn working_role(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<ActingRole, CatalogError> {
    let rights = must_see(tx, actor, publisher)?;
    let role = rights.writes_as().or(rights.reviews_as()).or(rights.manages_as());
    role.ok_or(CatalogError::Forbidden("this is for those who work for the publisher"))
}

fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    role: ActingRole,
    row: &TokenRow,
    action: AuditAction,
    comment: Option<&str>,
) -> Result<(), CatalogError> {
    let told = json!({
        "token": row.id, "name": row.name, "account": row.account_id,
        "expires_at": Timestamp::from_micros(row.expires_at),
    });
    let made = action == AuditAction::TokenCreated;
    let (before, after) = if made { (Value::Null, told) } else { (told, Value::Null) };
    let entry = NewEntry {
        who: actor.acting(role),
        publisher: Some(row.publisher_id.parse().map_err(corrupt)?),
        subject_kind: SubjectKind::Publisher,
        subject_id: row.publisher_id.clone(),
        action,
        before,
        after,
        comment: comment.map(str::to_owned),
    };
    audit::note(tx, entry).map(drop)
}

fn shown(tx: &mut Tx<'_>, row: TokenRow) -> Result<PublishingToken, CatalogError> {
    let publisher: PublisherId = row.publisher_id.parse().map_err(corrupt)?;
    let (slug, name): (String, String) =
        publishers::table.find(&row.publisher_id).select((publishers::slug, publishers::name)).first(tx.conn)?;
    let owner = account::get(tx, row.account_id.parse().map_err(corrupt)?)?;
    let works = row.expires_at > tx.now.as_micros() && rights(tx, &Actor::of(&owner), publisher)?.may_see();
    Ok(PublishingToken {
        id: row.id.parse().map_err(corrupt)?,
        account: owner.id,
        email: owner.email,
        publisher: PublisherRef { id: publisher, slug: slug.parse().map_err(corrupt)?, name },
        name: row.name,
        hint: row.hint,
        created_at: Timestamp::from_micros(row.created_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        last_used_at: row.last_used_at.map(Timestamp::from_micros),
        works,
    })
}

/// The tokens of one person, newest first; those that ended lately among them.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_tokens(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<PublishingToken>, CatalogError> {
    let rows: Vec<TokenRow> = publishing_tokens::table
        .filter(publishing_tokens::account_id.eq(account.to_string()))
        .order(publishing_tokens::id.desc())
        .select(TokenRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| shown(tx, row)).collect()
}

/// Everybody's tokens for a publisher, newest first; for its managers, the operator and the auditor.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is neither.
pub fn list_publisher_tokens(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
) -> Result<Vec<PublishingToken>, CatalogError> {
    let found = must_see(tx, actor, publisher)?;
    if found.manages_as().is_none() && !found.auditor {
        return Err(CatalogError::Forbidden("this is for the publisher's managers"));
    }
    let rows: Vec<TokenRow> = publishing_tokens::table
        .filter(publishing_tokens::publisher_id.eq(publisher.to_string()))
        .order(publishing_tokens::id.desc())
        .select(TokenRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(|row| shown(tx, row)).collect()
}

/// Revokes a token, at once: its owner, or a manager of its publisher.
///
/// # Errors
/// `NotFound` when there is none, and for everybody else.
pub fn revoke_token(tx: &mut Tx<'_>, actor: &Actor, id: PublishingTokenId) -> Result<(), CatalogError> {
    journal::take_pen(tx)?;
    let unknown = || CatalogError::not_found("publishing token", id);
    let row: TokenRow = publishing_tokens::table
        .find(id.to_string())
        .select(TokenRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(unknown)?;
    let own = actor.account().is_some_and(|account| account.to_string() == row.account_id);
    let role = match rights(tx, actor, row.publisher_id.parse().map_err(corrupt)?)?.manages_as() {
        Some(role) => role,
        None if own => ActingRole::Oneself,
        None => return Err(unknown()),
    };
    diesel::delete(publishing_tokens::table.find(&row.id)).execute(tx.conn)?;
    note(tx, actor, role, &row, AuditAction::TokenRevoked, None)
}

/// Revokes a token that somebody can show in full: whoever can do that could publish with it. `None` when it is nobody's, has ended
/// or was revoked before.
///
/// # Errors
/// `Storage` when the database fails.
pub fn report_token_leak(
    tx: &mut Tx<'_>,
    secret: &Secret,
    text: &str,
) -> Result<Option<PublishingToken>, CatalogError> {
    let Some(plain) = PlainToken::parse(text.trim()) else { return Ok(None) };
    journal::take_pen(tx)?;
    let row: Option<TokenRow> = publishing_tokens::table
        .filter(publishing_tokens::digest.eq(plain.digest(secret)))
        .filter(publishing_tokens::expires_at.gt(tx.now.as_micros()))
        .select(TokenRow::as_select())
        .first(tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    diesel::delete(publishing_tokens::table.find(&row.id)).execute(tx.conn)?;
    note(tx, &Actor::portal(), ActingRole::Portal, &row, AuditAction::TokenRevoked, Some("It was shown in public."))?;
    shown(tx, row).map(Some)
}

/// Whom a token acts for.
#[derive(Debug, Clone)]
pub struct TokenBearer {
    /// The token.
    pub id: PublishingTokenId,
    /// Its owner.
    pub account: Account,
    /// The owner, confined to the token's publisher.
    pub actor: Actor,
    /// True when its use is to be written down ([`touch_token`]).
    pub is_stale: bool,
}

/// Whom a token acts for; `None` when it is wrong, ended or revoked, or its owner's account is disabled.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_bearer(tx: &mut Tx<'_>, secret: &Secret, plain: &PlainToken) -> Result<Option<TokenBearer>, CatalogError> {
    let row: Option<TokenRow> = publishing_tokens::table
        .inner_join(accounts::table.on(accounts::id.eq(publishing_tokens::account_id)))
        .filter(publishing_tokens::digest.eq(plain.digest(secret)))
        .filter(publishing_tokens::expires_at.gt(tx.now.as_micros()))
        .filter(accounts::disabled.eq(false))
        .select(TokenRow::as_select())
        .first(tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let account = account::get(tx, row.account_id.parse().map_err(corrupt)?)?;
    let actor = Actor::of(&account).confined_to(row.publisher_id.parse().map_err(corrupt)?);
    let noted = row.last_used_at.is_some_and(|at| at > tx.now.plus_secs(-NOTE_USE_SECS).as_micros());
    Ok(Some(TokenBearer { id: row.id.parse().map_err(corrupt)?, account, actor, is_stale: !noted }))
}

/// Writes down that a token was used.
///
/// # Errors
/// `Storage` when the database fails.
pub fn touch_token(tx: &mut Tx<'_>, id: PublishingTokenId) -> Result<(), CatalogError> {
    diesel::update(publishing_tokens::table.find(id.to_string()))
        .set(publishing_tokens::last_used_at.eq(Some(tx.now.as_micros())))
        .execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_told_from_a_mistyped_one_and_from_a_key() {
        let token = PlainToken::generate().unwrap();
        assert!(token.reveal().starts_with(TOKEN_PREFIX) && token.reveal().len() == 43);
        assert_eq!(PlainToken::parse(token.reveal()), Some(token.clone()));
        let mistyped = token.reveal().replace(|c: char| c == token.reveal().chars().nth(8).unwrap(), "-");
        let key = crate::application::PlainKey::generate().unwrap();
        for wrong in [&mistyped, &token.reveal()[..42], key.reveal(), "", "fgp_"] {
            assert_eq!(PlainToken::parse(wrong), None, "{wrong}");
        }
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
