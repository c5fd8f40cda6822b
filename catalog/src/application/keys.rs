//! Every statement on keys.

use std::sync::Arc;

use diesel::prelude::*;
use fairground_domain::{ApiKeyId, ApplicationId, Timestamp};
use serde_json::json;

use super::store::{corrupt, event, get, must_be_open, parse_name};
use super::{ActiveKey, ApiKey, Application, KeyDigest, KeyScopes, PlainKey, Restrictions};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, EventKind};
use crate::register;
use crate::schema::{api_keys, applications};
use crate::secret::Secret;
use crate::usage::PORTAL_APPLICATION;

/// Most keys of an application that work at one time.
pub const MAX_KEYS: i64 = 20;
/// Longest time that an old key goes on working beside the one in its place, in seconds (30 days).
pub const MAX_OVERLAP_SECS: i64 = 30 * 86_400;
/// Seconds of the unit in which uses are noted.
const MINUTE_SECS: i64 = 60;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
struct KeyRow {
    id: String,
    application_id: String,
    digest: String,
    hint: String,
    name: String,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    scopes: i32,
    restrictions: Option<String>,
    last_used_at: Option<i64>,
}

impl TryFrom<KeyRow> for ApiKey {
    type Error = CatalogError;

    fn try_from(row: KeyRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            application_id: row.application_id.parse().map_err(corrupt)?,
            name: row.name,
            hint: row.hint,
            created_at: Timestamp::from_micros(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_micros),
            revoked_at: row.revoked_at.map(Timestamp::from_micros),
            scopes: KeyScopes::from_row(row.scopes)?,
            restrictions: restrictions_of(row.restrictions.as_deref())?,
            last_used_at: row.last_used_at.map(Timestamp::from_micros),
        })
    }
}

fn restrictions_of(text: Option<&str>) -> Result<Restrictions, CatalogError> {
    text.map_or_else(|| Ok(Restrictions::default()), |text| serde_json::from_str(text).map_err(corrupt))
}

/// `None` where nothing is restricted, as for nearly all keys.
fn restrictions_row(restrictions: &Restrictions) -> Result<Option<String>, CatalogError> {
    (!restrictions.is_empty()).then(|| serde_json::to_string(restrictions).map_err(corrupt)).transpose()
}

/// A key that goes into web pages is everybody's to read, so it must not manage the application.
fn must_agree(scopes: KeyScopes, restrictions: &Restrictions) -> Result<(), CatalogError> {
    if scopes.may_manage() && !restrictions.referrer_hosts.is_empty() {
        return Err(CatalogError::Invalid {
            field: "scopes",
            problem: "a key for web pages can be read by everybody, so it cannot have the scope `manage`".to_owned(),
        });
    }
    Ok(())
}

/// What is wanted of a new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub scopes: KeyScopes,
    /// From where it may come.
    pub restrictions: Restrictions,
    /// When it stops working.
    pub expires_at: Option<Timestamp>,
}

impl NewKey {
    /// A key of that name for everything, from anywhere, without an end.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), scopes: KeyScopes::ALL, restrictions: Restrictions::default(), expires_at: None }
    }
}

/// Makes a further key.
///
/// # Errors
/// `Invalid` for a bad name, an end in the past, scopes that do not go with the restrictions, or when [`MAX_KEYS`] keys work
/// already; `WrongState` when the application is closed.
pub fn create_key(
    tx: &mut Tx<'_>,
    secret: &Secret,
    application: &Application,
    new: NewKey,
) -> Result<(ApiKey, PlainKey), CatalogError> {
    must_be_open(application.clone())?;
    let new = NewKey { name: parse_name(&new.name)?, ..new };
    must_agree(new.scopes, &new.restrictions)?;
    if new.expires_at.is_some_and(|end| end <= tx.now) {
        return Err(CatalogError::Invalid { field: "expires_at", problem: "must be in the future".to_owned() });
    }
    let working: i64 = api_keys::table
        .filter(api_keys::application_id.eq(application.id.to_string()))
        .filter(api_keys::revoked_at.is_null())
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(tx.now.as_micros())))
        .count()
        .get_result(tx.conn)?;
    if working >= MAX_KEYS {
        return Err(CatalogError::Invalid {
            field: "name",
            problem: format!("an application has at most {MAX_KEYS} keys; revoke one first"),
        });
    }
    let plain = PlainKey::generate()?;
    Ok((store_key(tx, secret, application, new, &plain)?, plain))
}

/// Writes a key down that is good in every respect.
pub(super) fn store_key(
    tx: &mut Tx<'_>,
    secret: &Secret,
    application: &Application,
    new: NewKey,
    plain: &PlainKey,
) -> Result<ApiKey, CatalogError> {
    let row = KeyRow {
        id: ApiKeyId::new().to_string(),
        application_id: application.id.to_string(),
        digest: plain.digest(secret).to_text(),
        hint: plain.hint(),
        name: new.name,
        created_at: tx.now.as_micros(),
        expires_at: new.expires_at.map(Timestamp::as_micros),
        revoked_at: None,
        scopes: new.scopes.to_row(),
        restrictions: restrictions_row(&new.restrictions)?,
        last_used_at: None,
    };
    diesel::insert_into(api_keys::table).values(&row).execute(tx.conn)?;
    journal::append(tx, event(EventKind::KeyCreated, row.id.clone(), json!({ "application": application.id })))?;
    row.try_into()
}

fn find(tx: &mut Tx<'_>, application: ApplicationId, key: ApiKeyId) -> Result<KeyRow, CatalogError> {
    api_keys::table
        .find(key.to_string())
        .filter(api_keys::application_id.eq(application.to_string()))
        .select(KeyRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("key", key))
}

/// What an owner changes about a key; `None` keeps what is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// What it is called.
    pub name: Option<String>,
    /// What it is for.
    pub scopes: Option<KeyScopes>,
    /// Hosts of the web pages that may use it; empty for any.
    pub referrer_hosts: Option<Vec<String>>,
    /// Networks that it may come from; empty for any.
    pub networks: Option<Vec<String>>,
}

/// Changes a key that works.
///
/// # Errors
/// `Invalid` for a bad name or scopes that do not go with the restrictions, `NotFound` when the application has no such
/// working key.
pub fn change_key(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    key: ApiKeyId,
    wanted: &KeyChange,
) -> Result<ApiKey, CatalogError> {
    let before = working(tx, application, key)?;
    let name = wanted.name.as_deref().map(parse_name).transpose()?.unwrap_or(before.name);
    let scopes = wanted.scopes.unwrap_or(before.scopes);
    let hosts = wanted.referrer_hosts.clone().unwrap_or(before.restrictions.referrer_hosts);
    let kept = || before.restrictions.networks.iter().map(ToString::to_string).collect();
    let networks = wanted.networks.clone().unwrap_or_else(kept);
    let restrictions = Restrictions::parse(&hosts, &networks)?;
    must_agree(scopes, &restrictions)?;
    diesel::update(api_keys::table.find(key.to_string()))
        .set((
            api_keys::name.eq(name),
            api_keys::scopes.eq(scopes.to_row()),
            api_keys::restrictions.eq(restrictions_row(&restrictions)?),
        ))
        .execute(tx.conn)?;
    journal::append(tx, event(EventKind::KeyChanged, key.to_string(), json!({ "application": application })))?;
    find(tx, application, key)?.try_into()
}

fn working(tx: &mut Tx<'_>, application: ApplicationId, key: ApiKeyId) -> Result<ApiKey, CatalogError> {
    let found = ApiKey::try_from(find(tx, application, key)?)?;
    if found.works(tx.now) { Ok(found) } else { Err(CatalogError::not_found("key", key)) }
}

/// Revokes a key of an application; revoking twice changes nothing.
///
/// # Errors
/// `NotFound` when the application has no such key.
pub fn revoke_key(tx: &mut Tx<'_>, application: ApplicationId, key: ApiKeyId) -> Result<ApiKey, CatalogError> {
    let row = find(tx, application, key)?;
    revoke(tx, row)?.try_into()
}

fn revoke(tx: &mut Tx<'_>, mut row: KeyRow) -> Result<KeyRow, CatalogError> {
    if row.revoked_at.is_none() {
        row.revoked_at = Some(tx.now.as_micros());
        diesel::update(api_keys::table.find(&row.id)).set(api_keys::revoked_at.eq(row.revoked_at)).execute(tx.conn)?;
        let payload = json!({ "application": row.application_id });
        journal::append(tx, event(EventKind::KeyRevoked, row.id.clone(), payload))?;
    }
    Ok(row)
}

/// Revokes every key of an application; gives how many worked.
///
/// # Errors
/// `Storage` when the database fails.
pub fn revoke_all_keys(tx: &mut Tx<'_>, application: ApplicationId) -> Result<usize, CatalogError> {
    let rows: Vec<KeyRow> = api_keys::table
        .filter(api_keys::application_id.eq(application.to_string()))
        .filter(api_keys::revoked_at.is_null())
        .select(KeyRow::as_select())
        .load(tx.conn)?;
    let count = rows.len();
    for row in rows {
        revoke(tx, row)?;
    }
    Ok(count)
}

/// Makes a new key in the place of one that goes on working for `overlap_secs` seconds (0: not at all), at most
/// [`MAX_OVERLAP_SECS`] and never beyond its own end. The new key has the same name, scopes and restrictions, and where the old
/// one had an end, as long a life.
///
/// # Errors
/// As [`create_key`]; `NotFound` when the application has no such working key; `Invalid` for a longer overlap.
pub fn rotate_key(
    tx: &mut Tx<'_>,
    secret: &Secret,
    application: &Application,
    key: ApiKeyId,
    overlap_secs: i64,
) -> Result<(ApiKey, PlainKey), CatalogError> {
    if overlap_secs > MAX_OVERLAP_SECS {
        return Err(CatalogError::Invalid {
            field: "overlap_secs",
            problem: format!("must be from 0 to {MAX_OVERLAP_SECS}"),
        });
    }
    let old = working(tx, application.id, key)?;
    let life_secs = old.expires_at.map(|end| end.as_secs().saturating_sub(old.created_at.as_secs()).max(1));
    let new = NewKey {
        name: old.name.clone(),
        scopes: old.scopes,
        restrictions: old.restrictions.clone(),
        expires_at: life_secs.map(|secs| tx.now.plus_secs(secs)),
    };
    if overlap_secs <= 0 {
        revoke_key(tx, application.id, key)?;
        return create_key(tx, secret, application, new);
    }
    let made = create_key(tx, secret, application, new)?;
    let end = tx.now.plus_secs(overlap_secs);
    let end = old.expires_at.map_or(end, |earlier| earlier.min(end));
    diesel::update(api_keys::table.find(key.to_string()))
        .set(api_keys::expires_at.eq(end.as_micros()))
        .execute(tx.conn)?;
    journal::append(tx, event(EventKind::KeyChanged, key.to_string(), json!({ "application": application.id })))?;
    Ok(made)
}

/// An application's keys, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_keys(tx: &mut Tx<'_>, application: ApplicationId) -> Result<Vec<ApiKey>, CatalogError> {
    api_keys::table
        .filter(api_keys::application_id.eq(application.to_string()))
        .order(api_keys::id.desc())
        .select(KeyRow::as_select())
        .load(tx.conn)?
        .into_iter()
        .map(ApiKey::try_from)
        .collect()
}

/// A key that somebody found, and whose it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// Whose it was.
    pub application: Application,
    /// The key, now revoked.
    pub key: ApiKey,
}

/// Revokes a key that somebody can show in full: whoever can do that could use it too. `None` when it is nobody's, or was
/// revoked before.
///
/// # Errors
/// `Storage` when the database fails.
pub fn report_leak(tx: &mut Tx<'_>, secret: &Secret, text: &str) -> Result<Option<Leak>, CatalogError> {
    let Ok(plain) = PlainKey::parse(text.trim()) else { return Ok(None) };
    let found: Option<KeyRow> = api_keys::table
        .filter(api_keys::digest.eq(plain.digest(secret).to_text()))
        .filter(api_keys::revoked_at.is_null())
        .select(KeyRow::as_select())
        .first(tx.conn)
        .optional()?;
    // The portal's own key stands in its pages for everybody to read: whoever shows it has found nothing.
    let Some(row) = found.filter(|row| row.application_id != PORTAL_APPLICATION.to_string()) else { return Ok(None) };
    let key = ApiKey::try_from(revoke(tx, row)?)?;
    Ok(Some(Leak { application: get(tx, key.application_id)?, key }))
}

/// Writes down when keys were last used, by minutes since 1970; a later note stays.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note_uses(tx: &mut Tx<'_>, uses: &[(ApiKeyId, u32)]) -> Result<(), CatalogError> {
    for (key, minute) in uses {
        let at = Timestamp::from_micros(0).plus_secs(i64::from(*minute) * MINUTE_SECS).as_micros();
        let earlier = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(at));
        diesel::update(api_keys::table.filter(api_keys::id.eq(key.to_string())).filter(earlier))
            .set(api_keys::last_used_at.eq(at))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Which keys the hot path wants.
#[derive(Debug, Clone)]
pub enum Wanted<'a> {
    /// A page of all keys, by id, from after this one (empty: from the first).
    After(&'a str, i64),
    /// These keys.
    Keys(&'a [String]),
    /// The keys of these applications.
    Applications(&'a [String]),
}

/// The keys that are not revoked (they may have expired), with their applications' numbers and plans.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_active_keys(tx: &mut Tx<'_>, wanted: &Wanted<'_>) -> Result<Vec<ActiveKey>, CatalogError> {
    let query = api_keys::table
        .inner_join(applications::table.on(applications::id.eq(api_keys::application_id)))
        .filter(api_keys::revoked_at.is_null())
        .order(api_keys::id)
        .select((KeyRow::as_select(), applications::number, applications::plan));
    let rows: Vec<(KeyRow, i64, String)> = match wanted {
        Wanted::After(after, limit) => query.filter(api_keys::id.gt(*after)).limit(*limit).load(tx.conn)?,
        Wanted::Keys(keys) => query.filter(api_keys::id.eq_any(*keys)).load(tx.conn)?,
        Wanted::Applications(ids) => query.filter(api_keys::application_id.eq_any(*ids)).load(tx.conn)?,
    };
    let suspended = register::suspended_numbers(tx)?;
    rows.into_iter()
        .map(|(row, party, plan)| {
            let restrictions = restrictions_of(row.restrictions.as_deref())?;
            Ok(ActiveKey {
                digest: KeyDigest::from_text(&row.digest)?,
                party,
                plan: plan.parse().map_err(corrupt)?,
                id: row.id.parse().map_err(corrupt)?,
                application_id: row.application_id.parse().map_err(corrupt)?,
                expires_at: row.expires_at.map(Timestamp::from_micros),
                scopes: KeyScopes::from_row(row.scopes)?,
                restrictions: (!restrictions.is_empty()).then(|| Arc::new(restrictions)),
                suspended: suspended.contains(&party),
            })
        })
        .collect()
}
