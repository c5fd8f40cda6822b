//! Every statement on organisations.

use diesel::prelude::*;
use fairground_domain::{AccountId, OrganisationId, Slug, Timestamp};
use serde_json::json;

use super::{MemberRole, Organisation, PUBLIC_MAIL_DOMAINS, member, proves_domain};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::{accounts, applications, organisation_members, organisations};

/// Most organisations that an account may belong to.
pub const MAX_ORGANISATIONS: i64 = 20;
/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 120;
/// Longest domain, in characters (RFC 1035, section 2.3.4).
const MAX_DOMAIN_CHARS: usize = 253;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations, treat_none_as_default_value = false)]
pub(super) struct OrganisationRow {
    id: String,
    slug: String,
    name: String,
    domain: Option<String>,
    verified_at: Option<i64>,
    created_at: i64,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("organisation", problem)
}

impl TryFrom<OrganisationRow> for Organisation {
    type Error = CatalogError;

    fn try_from(row: OrganisationRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            slug: row.slug.parse().map_err(corrupt)?,
            name: row.name,
            domain: row.domain,
            verified_at: row.verified_at.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// The actor is the portal: the journal does not say who works for whom.
pub(super) fn note(tx: &mut Tx<'_>, kind: EventKind, id: OrganisationId) -> Result<(), CatalogError> {
    let event = Event { kind, subject_id: id.to_string(), actor: "portal".to_owned(), payload: json!({}) };
    journal::append(tx, event).map(drop)
}

/// What is needed to make an organisation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOrganisation {
    /// Its name.
    pub name: String,
    /// Its readable address; from the name when absent.
    pub slug: Option<Slug>,
    /// Its domain.
    pub domain: Option<String>,
}

/// Makes an organisation, with the account as its first owner.
///
/// # Errors
/// `Invalid` for a bad name or domain or when the account is in [`MAX_ORGANISATIONS`] already, `Taken` when the readable
/// address is in use.
pub fn create(tx: &mut Tx<'_>, account: AccountId, new: NewOrganisation) -> Result<Organisation, CatalogError> {
    let name = parse_name(&new.name)?;
    let domain = new.domain.as_deref().map(parse_domain).transpose()?.flatten();
    must_have_room(tx, account)?;
    let slug = free_slug(tx, new.slug, &name)?;
    let row = OrganisationRow {
        id: OrganisationId::new().to_string(),
        slug: slug.to_string(),
        name,
        domain,
        verified_at: None,
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(organisations::table)
        .values(&row)
        .execute(tx.conn)
        .map_err(CatalogError::taken("organisation", &row.slug))?;
    let made = Organisation::try_from(row)?;
    member::put(tx, made.id, account, MemberRole::Owner)?;
    note(tx, EventKind::OrganisationCreated, made.id)?;
    verify(tx, made.id)
}

pub(super) fn must_have_room(tx: &mut Tx<'_>, account: AccountId) -> Result<(), CatalogError> {
    let joined: i64 = organisation_members::table
        .filter(organisation_members::account_id.eq(account.to_string()))
        .count()
        .get_result(tx.conn)?;
    if joined < MAX_ORGANISATIONS {
        return Ok(());
    }
    Err(CatalogError::Invalid {
        field: "organisation",
        problem: format!("an account belongs to at most {MAX_ORGANISATIONS} organisations; leave one first"),
    })
}

/// The wanted address if it is free, or one made from the name that is.
fn free_slug(tx: &mut Tx<'_>, wanted: Option<Slug>, name: &str) -> Result<Slug, CatalogError> {
    /// Numbers tried behind a name that is taken.
    const TRIES: u32 = 100;
    if let Some(slug) = wanted {
        return match is_taken(tx, &slug)? {
            true => Err(CatalogError::Taken { what: "organisation", name: slug.to_string() }),
            false => Ok(slug),
        };
    }
    let base = Slug::from_title(name).ok_or_else(|| CatalogError::Invalid {
        field: "slug",
        problem: "no readable address can be made from the name: give one".to_owned(),
    })?;
    if !is_taken(tx, &base)? {
        return Ok(base);
    }
    for number in 2..TRIES {
        let slug = base.with_suffix(&number.to_string());
        if !is_taken(tx, &slug)? {
            return Ok(slug);
        }
    }
    Err(CatalogError::Taken { what: "organisation", name: base.to_string() })
}

fn is_taken(tx: &mut Tx<'_>, slug: &Slug) -> Result<bool, CatalogError> {
    let count: i64 = organisations::table.filter(organisations::slug.eq(slug.as_str())).count().get_result(tx.conn)?;
    Ok(count > 0)
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

/// A domain such as `example.org`, lower case; blank is none.
fn parse_domain(text: &str) -> Result<Option<String>, CatalogError> {
    let domain = text.trim().trim_end_matches('.').to_ascii_lowercase();
    if domain.is_empty() {
        return Ok(None);
    }
    let sound = domain.len() <= MAX_DOMAIN_CHARS
        && domain.contains('.')
        && domain.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
    let problem = if !sound {
        "must be a domain such as example.org"
    } else if PUBLIC_MAIL_DOMAINS.contains(&domain.as_str()) {
        "anybody gets a mailbox there, so it stands for no organisation"
    } else {
        return Ok(Some(domain));
    };
    Err(CatalogError::Invalid { field: "domain", problem: problem.to_owned() })
}

/// The organisation of that id.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Organisation, CatalogError> {
    organisations::table
        .find(id.to_string())
        .select(OrganisationRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("organisation", id))?
        .try_into()
}

/// The organisation of that readable address, for one of its members, and what they may do.
///
/// # Errors
/// `NotFound` when there is none, or for whoever does not belong to it.
pub fn get_for(tx: &mut Tx<'_>, account: AccountId, slug: &str) -> Result<(Organisation, MemberRole), CatalogError> {
    let found: Option<(OrganisationRow, String)> = organisations::table
        .inner_join(organisation_members::table.on(organisation_members::organisation_id.eq(organisations::id)))
        .filter(organisations::slug.eq(slug))
        .filter(organisation_members::account_id.eq(account.to_string()))
        .select((OrganisationRow::as_select(), organisation_members::role))
        .first(tx.conn)
        .optional()?;
    let (row, role) = found.ok_or_else(|| CatalogError::not_found("organisation", slug))?;
    Ok((row.try_into()?, member::role_of(&role)?))
}

/// As [`get_for`], for what owners alone may do.
///
/// # Errors
/// As [`get_for`]; `Forbidden` for members who are no owners.
pub(super) fn get_owned(tx: &mut Tx<'_>, account: AccountId, slug: &str) -> Result<Organisation, CatalogError> {
    match get_for(tx, account, slug)? {
        (organisation, MemberRole::Owner) => Ok(organisation),
        (_, MemberRole::Member) => Err(CatalogError::Forbidden("ask an owner of the organisation")),
    }
}

/// The organisations that an account belongs to, by name.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Vec<(Organisation, MemberRole)>, CatalogError> {
    let rows: Vec<(OrganisationRow, String)> = organisations::table
        .inner_join(organisation_members::table.on(organisation_members::organisation_id.eq(organisations::id)))
        .filter(organisation_members::account_id.eq(account.to_string()))
        .order((organisations::name, organisations::id))
        .select((OrganisationRow::as_select(), organisation_members::role))
        .load(tx.conn)?;
    rows.into_iter().map(|(row, role)| Ok((row.try_into()?, member::role_of(&role)?))).collect()
}

/// What an owner changes; `None` keeps what is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganisationChange {
    /// Its name.
    pub name: Option<String>,
    /// Its domain; an empty one takes it away. Another domain has to be verified anew.
    pub domain: Option<String>,
}

/// Changes an organisation.
///
/// # Errors
/// `Invalid` for a bad name or domain; as for every act of owners, `NotFound` for strangers and `Forbidden` for members.
pub fn change(
    tx: &mut Tx<'_>,
    account: AccountId,
    slug: &str,
    wanted: &OrganisationChange,
) -> Result<Organisation, CatalogError> {
    let before = get_owned(tx, account, slug)?;
    let name = wanted.name.as_deref().map(parse_name).transpose()?.unwrap_or_else(|| before.name.clone());
    let domain = match wanted.domain.as_deref() {
        Some(text) => parse_domain(text)?,
        None => before.domain.clone(),
    };
    let verified_at = before.verified_at.filter(|_| domain == before.domain).map(Timestamp::as_micros);
    diesel::update(organisations::table.find(before.id.to_string()))
        .set((
            organisations::name.eq(name),
            organisations::domain.eq(domain),
            organisations::verified_at.eq(verified_at),
        ))
        .execute(tx.conn)?;
    note(tx, EventKind::OrganisationChanged, before.id)?;
    verify(tx, before.id)
}

/// Applies [`super::VERIFICATION_RULE`]: verifies the organisation if it holds, and takes the mark away if it no longer does.
///
/// # Errors
/// `NotFound` when there is none.
pub fn verify(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Organisation, CatalogError> {
    let organisation = get(tx, id)?;
    let holds = match &organisation.domain {
        None => false,
        Some(domain) => confirmed_addresses(tx, id)?.iter().any(|email| proves_domain(email, domain)),
    };
    if holds == organisation.verified_at.is_some() {
        return Ok(organisation);
    }
    diesel::update(organisations::table.find(id.to_string()))
        .set(organisations::verified_at.eq(holds.then(|| tx.now.as_micros())))
        .execute(tx.conn)?;
    note(tx, if holds { EventKind::OrganisationVerified } else { EventKind::OrganisationChanged }, id)?;
    get(tx, id)
}

fn confirmed_addresses(tx: &mut Tx<'_>, id: OrganisationId) -> Result<Vec<String>, CatalogError> {
    Ok(organisation_members::table
        .inner_join(accounts::table.on(accounts::id.eq(organisation_members::account_id)))
        .filter(organisation_members::organisation_id.eq(id.to_string()))
        .filter(accounts::email_verified_at.is_not_null())
        .filter(accounts::disabled.eq(false))
        .select(accounts::email)
        .load(tx.conn)?)
}

/// Dissolves an organisation that has no applications.
///
/// # Errors
/// `WrongState` while it has applications; as for every act of owners, `NotFound` for strangers and `Forbidden` for members.
pub fn dissolve(tx: &mut Tx<'_>, account: AccountId, slug: &str) -> Result<(), CatalogError> {
    let organisation = get_owned(tx, account, slug)?;
    let id = organisation.id.to_string();
    let held: i64 = applications::table.filter(applications::organisation_id.eq(&id)).count().get_result(tx.conn)?;
    if held > 0 {
        return Err(CatalogError::WrongState {
            what: format!("organisation `{slug}`"),
            state: "in charge of applications".to_owned(),
            problem: "transfer or close them first",
        });
    }
    remove(tx, organisation.id)
}

pub(super) fn remove(tx: &mut Tx<'_>, id: OrganisationId) -> Result<(), CatalogError> {
    diesel::delete(organisations::table.find(id.to_string())).execute(tx.conn)?;
    note(tx, EventKind::OrganisationDissolved, id)
}
