//! Every statement on applications.

use diesel::prelude::*;
use fairground_domain::{ApplicationId, OrganisationId, PlanId, Tariff, Timestamp};
use serde_json::json;

use super::alert::forget_alerts;
use super::keys::{NewKey, create_key, revoke_all_keys};
use super::{ApiKey, Application, PlainKey};
use crate::account::parse_email;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::applications;
use crate::secret::{Secret, random};
use crate::tariff;

/// Longest name of an application or key, in characters.
pub const MAX_NAME_CHARS: usize = 120;
/// What the first key is called.
const FIRST_KEY: &str = "first key";
/// What stands where a closed application's name and address stood.
const CLOSED: &str = "closed";

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = applications, treat_none_as_default_value = false)]
pub(super) struct ApplicationRow {
    number: i64,
    id: String,
    name: String,
    email: String,
    plan: String,
    terms_version: String,
    verification_digest: Option<String>,
    verified_at: Option<i64>,
    created_at: i64,
    organisation_id: Option<String>,
    quota_letters: bool,
    closed_at: Option<i64>,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
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
            organisation_id: row.organisation_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            quota_letters: row.quota_letters,
            closed_at: row.closed_at.map(Timestamp::from_micros),
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
    let application = Application {
        id,
        number: next_number(tx)?,
        name,
        email,
        plan: Tariff::STARTER.parse().map_err(corrupt)?,
        terms_version: terms_version.to_owned(),
        verified_at: None,
        created_at: tx.now,
        organisation_id: None,
        quota_letters: true,
        closed_at: None,
    };
    insert(tx, &application, Some(secret.digest("address-confirmation", token.as_bytes()).to_string()))?;
    let (key, plain_key) = create_key(tx, secret, &application, NewKey::named(FIRST_KEY))?;
    Ok(Registered { application, key, plain_key, verification_token: token })
}

/// The number of the next application; the caller holds the journal's pen.
pub(super) fn next_number(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    let last: Option<i64> = applications::table.select(diesel::dsl::max(applications::number)).first(tx.conn)?;
    Ok(last.unwrap_or(0) + 1)
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    application: &Application,
    verification_digest: Option<String>,
) -> Result<(), CatalogError> {
    let row = ApplicationRow {
        number: application.number,
        id: application.id.to_string(),
        name: application.name.clone(),
        email: application.email.clone(),
        plan: application.plan.to_string(),
        terms_version: application.terms_version.clone(),
        verification_digest,
        verified_at: application.verified_at.map(Timestamp::as_micros),
        created_at: application.created_at.as_micros(),
        organisation_id: application.organisation_id.map(|id| id.to_string()),
        quota_letters: application.quota_letters,
        closed_at: application.closed_at.map(Timestamp::as_micros),
    };
    diesel::insert_into(applications::table).values(&row).execute(tx.conn)?;
    Ok(())
}

/// The actor is the portal: the journal does not say which person owns an application.
pub(super) fn event(kind: EventKind, subject_id: String, payload: serde_json::Value) -> Event {
    Event { kind, subject_id, actor: "portal".to_owned(), payload }
}

pub(super) fn parse_name(name: &str) -> Result<String, CatalogError> {
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
    lift(tx, &Application::try_from(row)?)
}

/// Notes that the owner's address is confirmed, and lifts the application from `starter` to `open`.
pub(super) fn lift(tx: &mut Tx<'_>, application: &Application) -> Result<Application, CatalogError> {
    diesel::update(applications::table.find(application.number))
        .set((applications::verification_digest.eq(None::<String>), applications::verified_at.eq(tx.now.as_micros())))
        .execute(tx.conn)?;
    if application.plan.as_str() == Tariff::STARTER {
        let open = Tariff::OPEN.parse().map_err(corrupt)?;
        move_to_plan(tx, application.id, &open, "portal", json!({ "plan": open, "from": application.plan }))?;
    }
    get(tx, application.id)
}

/// Puts an application on another plan of the tariff in force; the payload says why. By hand it is done through
/// [`tariff::assign`] alone, which makes it public.
///
/// # Errors
/// `Invalid` when the tariff has no such plan or it is the plan of those without a key; `NotFound` for the application.
pub(crate) fn move_to_plan(
    tx: &mut Tx<'_>,
    id: ApplicationId,
    plan: &PlanId,
    actor: &str,
    payload: serde_json::Value,
) -> Result<(), CatalogError> {
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
    let (kind, actor) = (EventKind::ApplicationPlanChanged, actor.to_owned());
    journal::append(tx, Event { kind, subject_id: id.to_string(), actor, payload })?;
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

/// What an owner changes; `None` keeps what is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicationChange {
    /// Its name.
    pub name: Option<String>,
    /// Whether letters about quotas are wanted.
    pub quota_letters: Option<bool>,
}

/// Changes an application.
///
/// # Errors
/// `Invalid` for a bad name, `WrongState` when it is closed, `NotFound` when there is none.
pub fn change(tx: &mut Tx<'_>, id: ApplicationId, wanted: &ApplicationChange) -> Result<Application, CatalogError> {
    let before = must_be_open(get(tx, id)?)?;
    let name = wanted.name.as_deref().map(parse_name).transpose()?.unwrap_or(before.name);
    let quota_letters = wanted.quota_letters.unwrap_or(before.quota_letters);
    diesel::update(applications::table.find(before.number))
        .set((applications::name.eq(name), applications::quota_letters.eq(quota_letters)))
        .execute(tx.conn)?;
    journal::append(tx, event(EventKind::ApplicationChanged, id.to_string(), json!({})))?;
    get(tx, id)
}

pub(super) fn must_be_open(application: Application) -> Result<Application, CatalogError> {
    if application.closed_at.is_none() {
        return Ok(application);
    }
    Err(CatalogError::WrongState {
        what: "the application".to_owned(),
        state: CLOSED.to_owned(),
        problem: "a closed application stays closed; register another",
    })
}

/// Puts an application under another owner: an organisation, or (without one) whoever's the address is.
pub(super) fn set_owner(
    tx: &mut Tx<'_>,
    application: &Application,
    organisation: Option<OrganisationId>,
    email: &str,
) -> Result<Application, CatalogError> {
    diesel::update(applications::table.find(application.number))
        .set((
            applications::organisation_id.eq(organisation.map(|id| id.to_string())),
            applications::email.eq(email),
            applications::verification_digest.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    journal::append(tx, event(EventKind::ApplicationChanged, application.id.to_string(), json!({})))?;
    get(tx, application.id)
}

/// Closes an application for good: every key is revoked, name and address are forgotten. Its number and its usage stay, for
/// sums that were published must not change.
///
/// # Errors
/// `NotFound` when there is none.
pub fn close(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Application, CatalogError> {
    let application = get(tx, id)?;
    if application.closed_at.is_some() {
        return Ok(application);
    }
    revoke_all_keys(tx, id)?;
    forget_alerts(tx, application.number)?;
    diesel::update(applications::table.find(application.number))
        .set((
            applications::name.eq(CLOSED),
            applications::email.eq(""),
            applications::verification_digest.eq(None::<String>),
            applications::organisation_id.eq(None::<String>),
            applications::quota_letters.eq(false),
            applications::closed_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    journal::append(tx, event(EventKind::ApplicationClosed, id.to_string(), json!({})))?;
    get(tx, id)
}
