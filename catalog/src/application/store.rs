//! Every statement on applications and keys.

use diesel::prelude::*;
use fairground_domain::{ApiKeyId, ApplicationId, PlanId, Tariff, Timestamp};
use serde_json::json;

use super::{ActiveKey, ApiKey, Application, KeyDigest, PlainKey};
use crate::account::parse_email;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::{api_keys, applications};
use crate::secret::{Secret, random};
use crate::tariff;

/// Longest name of an application or key, in characters.
pub const MAX_NAME_CHARS: usize = 120;
/// Most keys of an application that work at one time.
pub const MAX_KEYS: i64 = 20;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
struct ApplicationRow {
    number: i64,
    id: String,
    name: String,
    email: String,
    plan: String,
    terms_version: String,
    verification_digest: Option<String>,
    verified_at: Option<i64>,
    created_at: i64,
}

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
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("application", problem)
}

impl TryFrom<ApplicationRow> for Application {
    type Error = CatalogError;

    fn try_from(row: ApplicationRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            number: row.number,
            name: row.name,
            email: row.email,
            plan: row.plan.parse().map_err(corrupt)?,
            terms_version: row.terms_version,
            verified_at: row.verified_at.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
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
        })
    }
}

/// A new application with what is shown once.
#[derive(Debug)]
pub struct Registered {
    /// The application.
    pub application: Application,
    /// Its first key's record.
    pub key: ApiKey,
    /// Its first key itself.
    pub plain_key: PlainKey,
    /// What the confirmation link carries; goes to the owner's mailbox and nowhere else.
    pub verification_token: String,
}

/// Registers an application on the `starter` plan, with its first key.
///
/// # Errors
/// `Invalid` for a bad name or e-mail address, or when `terms_version` is not the tariff's.
pub fn register(
    tx: &mut Tx<'_>,
    secret: &Secret,
    name: &str,
    email: &str,
    terms_version: &str,
) -> Result<Registered, CatalogError> {
    let name = parse_name(name)?;
    let email = parse_email(email)?;
    let tariff = tariff::get_current(tx)?;
    if terms_version != tariff.terms_version {
        return Err(CatalogError::Invalid {
            field: "terms_version",
            problem: format!("the terms in force are version `{}`; accept those", tariff.terms_version),
        });
    }
    let token = hex::encode(random::<24>()?);
    let id = ApplicationId::new();
    // The journal's pen orders registrations, so that two at once cannot draw the same number.
    journal::append(tx, event(EventKind::ApplicationCreated, id.to_string(), json!({ "plan": Tariff::STARTER })))?;
    let last: Option<i64> = applications::table.select(diesel::dsl::max(applications::number)).first(tx.conn)?;
    let row = ApplicationRow {
        number: last.unwrap_or(0) + 1,
        id: id.to_string(),
        name,
        email,
        plan: Tariff::STARTER.to_owned(),
        terms_version: terms_version.to_owned(),
        verification_digest: Some(secret.digest("address-confirmation", token.as_bytes()).to_string()),
        verified_at: None,
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(applications::table).values(&row).execute(tx.conn)?;
    let application = Application::try_from(row)?;
    let (key, plain_key) = create_key(tx, secret, &application, "first key", None)?;
    Ok(Registered { application, key, plain_key, verification_token: token })
}

/// The actor is the portal: the journal does not say which person owns an application.
fn event(kind: EventKind, subject_id: String, payload: serde_json::Value) -> Event {
    Event { kind, subject_id, actor: "portal".to_owned(), payload }
}

fn parse_name(name: &str) -> Result<String, CatalogError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(CatalogError::Invalid {
            field: "name",
            problem: format!("must have 1 to {MAX_NAME_CHARS} characters and no control characters"),
        });
    }
    Ok(name.to_owned())
}

/// Confirms the owner's address by the token of the link, and lifts the application from `starter` to `open`.
///
/// # Errors
/// `NotFound` when the token belongs to no application (or was used).
pub fn confirm_address(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Application, CatalogError> {
    let digest = secret.digest("address-confirmation", token.as_bytes()).to_string();
    let row: ApplicationRow = applications::table
        .filter(applications::verification_digest.eq(digest))
        .select(ApplicationRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("confirmation link", "it is wrong or was used before"))?;
    diesel::update(applications::table.find(row.number))
        .set((applications::verification_digest.eq(None::<String>), applications::verified_at.eq(tx.now.as_micros())))
        .execute(tx.conn)?;
    let application = Application::try_from(row)?;
    if application.plan.as_str() == Tariff::STARTER {
        let open = Tariff::OPEN.parse().map_err(corrupt)?;
        set_plan(tx, application.id, &open)?;
    }
    get(tx, application.id)
}

/// Puts an application on another plan of the tariff in force.
///
/// # Errors
/// `Invalid` when the tariff has no such plan or it is the plan of those without a key; `NotFound` for the application.
pub fn set_plan(tx: &mut Tx<'_>, id: ApplicationId, plan: &PlanId) -> Result<(), CatalogError> {
    let offered = tariff::get_current(tx)?.plan(plan.as_str()).is_some() && plan.as_str() != Tariff::KEYLESS;
    if !offered {
        return Err(CatalogError::Invalid {
            field: "plan",
            problem: format!("the tariff has no plan `{plan}` for keys"),
        });
    }
    let changed = diesel::update(applications::table.filter(applications::id.eq(id.to_string())))
        .set(applications::plan.eq(plan.as_str()))
        .execute(tx.conn)?;
    if changed == 0 {
        return Err(CatalogError::not_found("application", id));
    }
    journal::append(tx, event(EventKind::ApplicationPlanChanged, id.to_string(), json!({ "plan": plan })))?;
    Ok(())
}

/// The application of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Application, CatalogError> {
    applications::table
        .filter(applications::id.eq(id.to_string()))
        .select(ApplicationRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("application", id))?
        .try_into()
}

/// The application of that number.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_by_number(tx: &mut Tx<'_>, number: i64) -> Result<Option<Application>, CatalogError> {
    applications::table
        .find(number)
        .select(ApplicationRow::as_select())
        .first(tx.conn)
        .optional()?
        .map(Application::try_from)
        .transpose()
}

/// Applications by number, from after `after`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Application>, CatalogError> {
    applications::table
        .filter(applications::number.gt(after))
        .order(applications::number)
        .limit(limit)
        .select(ApplicationRow::as_select())
        .load(tx.conn)?
        .into_iter()
        .map(Application::try_from)
        .collect()
}

/// Makes a further key.
///
/// # Errors
/// `Invalid` for a bad name or when [`MAX_KEYS`] keys work already.
pub fn create_key(
    tx: &mut Tx<'_>,
    secret: &Secret,
    application: &Application,
    name: &str,
    expires_at: Option<Timestamp>,
) -> Result<(ApiKey, PlainKey), CatalogError> {
    let name = parse_name(name)?;
    let working: i64 = api_keys::table
        .filter(api_keys::application_id.eq(application.id.to_string()))
        .filter(api_keys::revoked_at.is_null())
        .count()
        .get_result(tx.conn)?;
    if working >= MAX_KEYS {
        return Err(CatalogError::Invalid {
            field: "name",
            problem: format!("an application has at most {MAX_KEYS} keys; revoke one first"),
        });
    }
    let plain = PlainKey::generate()?;
    let row = KeyRow {
        id: ApiKeyId::new().to_string(),
        application_id: application.id.to_string(),
        digest: plain.digest(secret).to_text(),
        hint: plain.hint(),
        name,
        created_at: tx.now.as_micros(),
        expires_at: expires_at.map(Timestamp::as_micros),
        revoked_at: None,
    };
    diesel::insert_into(api_keys::table).values(&row).execute(tx.conn)?;
    journal::append(tx, event(EventKind::KeyCreated, row.id.clone(), json!({ "application": application.id })))?;
    Ok((row.try_into()?, plain))
}

/// Revokes a key of an application; revoking twice changes nothing.
///
/// # Errors
/// `NotFound` when the application has no such key.
pub fn revoke_key(tx: &mut Tx<'_>, application: ApplicationId, key: ApiKeyId) -> Result<ApiKey, CatalogError> {
    let mut row: KeyRow = api_keys::table
        .find(key.to_string())
        .filter(api_keys::application_id.eq(application.to_string()))
        .select(KeyRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("key", key))?;
    if row.revoked_at.is_none() {
        row.revoked_at = Some(tx.now.as_micros());
        diesel::update(api_keys::table.find(key.to_string()))
            .set(api_keys::revoked_at.eq(row.revoked_at))
            .execute(tx.conn)?;
        journal::append(tx, event(EventKind::KeyRevoked, row.id.clone(), json!({ "application": application })))?;
    }
    row.try_into()
}

/// Makes a new key in the place of one that goes on working for `overlap_secs` seconds (0: not at all).
///
/// # Errors
/// As [`create_key`] and [`revoke_key`].
pub fn rotate_key(
    tx: &mut Tx<'_>,
    secret: &Secret,
    application: &Application,
    key: ApiKeyId,
    overlap_secs: i64,
) -> Result<(ApiKey, PlainKey), CatalogError> {
    let old = list_keys(tx, application.id)?
        .into_iter()
        .find(|candidate| candidate.id == key && candidate.revoked_at.is_none())
        .ok_or_else(|| CatalogError::not_found("key", key))?;
    if overlap_secs <= 0 {
        revoke_key(tx, application.id, key)?;
        return create_key(tx, secret, application, &old.name, None);
    }
    let made = create_key(tx, secret, application, &old.name, None)?;
    diesel::update(api_keys::table.find(key.to_string()))
        .set(api_keys::expires_at.eq(tx.now.plus_secs(overlap_secs).as_micros()))
        .execute(tx.conn)?;
    journal::append(tx, event(EventKind::KeyCreated, key.to_string(), json!({ "application": application.id })))?;
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
    rows.into_iter()
        .map(|(row, party, plan)| {
            Ok(ActiveKey {
                digest: KeyDigest::from_text(&row.digest)?,
                party,
                plan: plan.parse().map_err(corrupt)?,
                id: row.id.parse().map_err(corrupt)?,
                application_id: row.application_id.parse().map_err(corrupt)?,
                expires_at: row.expires_at.map(Timestamp::from_micros),
            })
        })
        .collect()
}
