//! Sessions: begun, renewed, listed and ended. The token goes to the browser; its digest stays here.

use diesel::prelude::*;
use fairground_domain::{AccountId, SessionId, Timestamp};

use super::store::AccountRow;
use super::{Account, factor};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member;
use crate::schema::{accounts, sessions};
use crate::secret::{Secret, random};

/// How long somebody has to pass the second factor, in seconds.
const SECOND_FACTOR_SECS: i64 = 10 * 60;
/// How long somebody has to set up a second factor, in seconds.
const ENROLMENT_SECS: i64 = 30 * 60;
/// A session's last use is written down this often at most, in seconds.
const SEEN_EVERY_SECS: i64 = 60;
/// Most sessions of one account at one time; the oldest end beyond it.
const MAX_SESSIONS: i64 = 50;
/// Longest text about a device that is kept, in characters.
const MAX_DEVICE_CHARS: usize = 60;

/// How long sessions last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionRules {
    /// Without use, in seconds.
    pub idle_secs: i64,
    /// At all, in seconds.
    pub absolute_secs: i64,
}

impl Default for SessionRules {
    /// Two hours without use, twelve hours at all.
    fn default() -> Self {
        Self { idle_secs: 2 * 3_600, absolute_secs: 12 * 3_600 }
    }
}

/// What a session is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Everything that the account may do.
    Open,
    /// To pass the second factor, and nothing else.
    SecondFactor,
    /// To set up the second factor that the role needs, and nothing else.
    Enrolment,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 3] = [Self::Open, Self::SecondFactor, Self::Enrolment];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::SecondFactor => "second-factor",
            Self::Enrolment => "enrolment",
        }
    }

    fn parse(text: &str) -> Result<Self, CatalogError> {
        let known = Self::ALL.into_iter().find(|stage| stage.as_str() == text);
        known.ok_or_else(|| CatalogError::corrupt("session", format!("stage `{text}`")))
    }
}

/// Under which circumstances somebody signs in.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// How long the session lasts.
    pub rules: SessionRules,
    /// Whether roles that decide about others need a second factor.
    pub second_factor_required: bool,
    /// The kind of device, in a few words.
    pub device: String,
    /// The token that the browser had before: that session ends, so nobody goes on in one that others know.
    pub replaces: Option<String>,
}

/// A session that has begun.
#[derive(Clone)]
pub struct Session {
    /// Its id, for lists.
    pub id: SessionId,
    /// Whose it is.
    pub account: Account,
    /// 32 random bytes in hexadecimal.
    pub token: String,
    /// What it is good for.
    pub stage: Stage,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

/// Never with the token.
impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.id).field("stage", &self.stage).finish_non_exhaustive()
    }
}

/// A session that somebody shows.
#[derive(Debug, Clone)]
pub struct Presented {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub account: Account,
    /// What it is good for.
    pub stage: Stage,
    /// When it began: when its owner last proved who they are.
    pub created_at: Timestamp,
    /// Whether its last use should be written down again.
    pub is_stale: bool,
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCard {
    /// Its id.
    pub id: SessionId,
    /// The kind of device.
    pub device: String,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
struct SessionRow {
    digest: String,
    id: String,
    account_id: String,
    stage: String,
    device: String,
    created_at: i64,
    last_seen_at: i64,
    expires_at: i64,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("session", problem)
}

fn digest_of(secret: &Secret, token: &str) -> String {
    secret.digest("session", token.as_bytes()).to_string()
}

/// Begins a session for somebody who has shown one proof (password, or an identity provider's word): it waits for the second
/// factor when there is one, or for its enrolment when the role needs one.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    let has_factor = factor::find_factor(tx, account.id)?.is_some_and(|factor| factor.confirmed_at.is_some());
    let stage = match has_factor {
        true => Stage::SecondFactor,
        false if must_enrol(tx, account, entry)? => Stage::Enrolment,
        false => Stage::Open,
    };
    begin_at(tx, secret, account, entry, stage)
}

/// Whether an account needs a second factor: for its role on the portal, or for a role of a publisher that decides about what
/// others wrote.
fn must_enrol(tx: &mut Tx<'_>, account: &Account, entry: &Entry) -> Result<bool, CatalogError> {
    Ok(entry.second_factor_required
        && (account.role.wants_second_factor() || member::decides_by_grant(tx, account.id)?))
}

/// Begins a session for somebody who has passed everything that the account has: only a second factor that the role needs
/// and that is not set up yet stands before it.
pub(super) fn begin_proved(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    let has_factor = factor::find_factor(tx, account.id)?.is_some_and(|factor| factor.confirmed_at.is_some());
    let must_enrol = !has_factor && must_enrol(tx, account, entry)?;
    begin_at(tx, secret, account, entry, if must_enrol { Stage::Enrolment } else { Stage::Open })
}

fn begin_at(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    entry: &Entry,
    stage: Stage,
) -> Result<Session, CatalogError> {
    diesel::delete(sessions::table.filter(sessions::expires_at.lt(tx.now.as_micros()))).execute(tx.conn)?;
    if let Some(token) = &entry.replaces {
        sign_out(tx, secret, token)?;
    }
    end_oldest(tx, account.id)?;
    let token = hex::encode(random::<32>()?);
    let secs = match stage {
        Stage::Open => entry.rules.absolute_secs,
        Stage::SecondFactor => SECOND_FACTOR_SECS,
        Stage::Enrolment => ENROLMENT_SECS,
    };
    let (id, expires_at) = (SessionId::new(), tx.now.plus_secs(secs));
    let row = SessionRow {
        digest: digest_of(secret, &token),
        id: id.to_string(),
        account_id: account.id.to_string(),
        stage: stage.as_str().to_owned(),
        device: entry.device.chars().filter(|c| !c.is_control()).take(MAX_DEVICE_CHARS).collect(),
        created_at: tx.now.as_micros(),
        last_seen_at: tx.now.as_micros(),
        expires_at: expires_at.as_micros(),
    };
    diesel::insert_into(sessions::table).values(&row).execute(tx.conn)?;
    Ok(Session { id, account: account.clone(), token, stage, expires_at })
}

/// Makes room for one more session.
fn end_oldest(tx: &mut Tx<'_>, account: AccountId) -> Result<(), CatalogError> {
    let old: Vec<String> = sessions::table
        .filter(sessions::account_id.eq(account.to_string()))
        .order(sessions::last_seen_at.desc())
        .offset(MAX_SESSIONS - 1)
        .limit(MAX_SESSIONS)
        .select(sessions::digest)
        .load(tx.conn)?;
    diesel::delete(sessions::table.filter(sessions::digest.eq_any(old))).execute(tx.conn)?;
    Ok(())
}

/// Goes on in a new session of full rights: after the second factor, and whenever rights or proofs change. The old token is
/// worth nothing from then on.
///
/// # Errors
/// `Storage` when the database fails.
pub fn rotate(
    tx: &mut Tx<'_>,
    secret: &Secret,
    account: &Account,
    token: &str,
    entry: &Entry,
) -> Result<Session, CatalogError> {
    let entry = Entry { replaces: Some(token.to_owned()), ..entry.clone() };
    begin_at(tx, secret, account, &entry, Stage::Open)
}

/// Whose session a token opens, and what it is good for; `None` when it has ended.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_session(
    tx: &mut Tx<'_>,
    secret: &Secret,
    token: &str,
    rules: &SessionRules,
) -> Result<Option<Presented>, CatalogError> {
    let idle_since = tx.now.plus_secs(-rules.idle_secs).as_micros();
    let found: Option<(SessionRow, AccountRow)> = sessions::table
        .inner_join(accounts::table.on(accounts::id.eq(sessions::account_id)))
        .filter(sessions::digest.eq(digest_of(secret, token)))
        .filter(sessions::expires_at.gt(tx.now.as_micros()))
        .filter(sessions::last_seen_at.gt(idle_since))
        .filter(accounts::disabled.eq(false))
        .select((SessionRow::as_select(), AccountRow::as_select()))
        .first(tx.conn)
        .optional()?;
    let Some((session, account)) = found else { return Ok(None) };
    let stale_since = tx.now.plus_secs(-SEEN_EVERY_SECS).as_micros();
    Ok(Some(Presented {
        id: session.id.parse().map_err(corrupt)?,
        account: account.try_into()?,
        stage: Stage::parse(&session.stage)?,
        created_at: Timestamp::from_micros(session.created_at),
        is_stale: session.last_seen_at < stale_since,
    }))
}

/// Writes down that a session is in use.
///
/// # Errors
/// `Storage` when the database fails.
pub fn touch_session(tx: &mut Tx<'_>, id: SessionId) -> Result<(), CatalogError> {
    diesel::update(sessions::table.filter(sessions::id.eq(id.to_string())))
        .set(sessions::last_seen_at.eq(tx.now.as_micros()))
        .execute(tx.conn)?;
    Ok(())
}

/// An account's open sessions, the one that was used last first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_sessions(
    tx: &mut Tx<'_>,
    account: AccountId,
    rules: &SessionRules,
) -> Result<Vec<SessionCard>, CatalogError> {
    let rows: Vec<SessionRow> = sessions::table
        .filter(sessions::account_id.eq(account.to_string()))
        .filter(sessions::stage.eq(Stage::Open.as_str()))
        .filter(sessions::expires_at.gt(tx.now.as_micros()))
        .filter(sessions::last_seen_at.gt(tx.now.plus_secs(-rules.idle_secs).as_micros()))
        .order((sessions::last_seen_at.desc(), sessions::id.desc()))
        .select(SessionRow::as_select())
        .load(tx.conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(SessionCard {
                id: row.id.parse().map_err(corrupt)?,
                device: row.device,
                created_at: Timestamp::from_micros(row.created_at),
                last_seen_at: Timestamp::from_micros(row.last_seen_at),
                expires_at: Timestamp::from_micros(row.expires_at),
            })
        })
        .collect()
}

/// Ends one session of an account.
///
/// # Errors
/// `NotFound` when the account has no such session.
pub fn end_session(tx: &mut Tx<'_>, account: AccountId, id: SessionId) -> Result<(), CatalogError> {
    let ended = diesel::delete(
        sessions::table.filter(sessions::id.eq(id.to_string())).filter(sessions::account_id.eq(account.to_string())),
    )
    .execute(tx.conn)?;
    if ended == 0 { Err(CatalogError::not_found("session", id)) } else { Ok(()) }
}

/// Ends every session of an account, of whatever stage, but the one to be kept; gives how many.
///
/// # Errors
/// `Storage` when the database fails.
pub fn end_all_sessions(tx: &mut Tx<'_>, account: AccountId, but: Option<SessionId>) -> Result<usize, CatalogError> {
    let kept = but.map(|id| id.to_string()).unwrap_or_default();
    let others = sessions::table.filter(sessions::account_id.eq(account.to_string())).filter(sessions::id.ne(kept));
    Ok(diesel::delete(others).execute(tx.conn)?)
}

/// Ends the session of a token; ending one that is over changes nothing.
///
/// # Errors
/// `Storage` when the database fails.
pub fn sign_out(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<(), CatalogError> {
    diesel::delete(sessions::table.find(digest_of(secret, token))).execute(tx.conn)?;
    Ok(())
}
