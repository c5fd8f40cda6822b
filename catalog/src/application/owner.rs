//! Who owns an application, and how owners without an account come in.
//!
//! An application belongs to the members of its organisation, or without one to whoever has confirmed its address: by signing
//! in, or by opening a link that was mailed there. Holding one of its keys is a third way; that is the API's business.

use diesel::prelude::*;
use fairground_domain::{AccountId, ApplicationId, OrganisationId, Timestamp};

use super::store::{ApplicationRow, lift, must_be_open, set_owner};
use super::{Application, close};
use crate::account::parse_email;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::organisation;
use crate::schema::{accounts, applications, owner_sessions};
use crate::secret::{Secret, random};

/// How long a mailed link opens the door, in seconds.
pub const OWNER_LINK_SECS: i64 = 30 * 60;
/// How long one is in after opening it, in seconds.
pub const OWNER_SESSION_SECS: i64 = 2 * 3_600;
/// Most applications that are listed for one owner.
const MAX_LISTED: i64 = 500;

const LINK: &str = "link";
const SESSION: &str = "session";

/// Somebody who owns applications.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owner {
    /// Addresses that are proved to be theirs, lower case.
    pub addresses: Vec<String>,
    /// Organisations that they are a member of.
    pub organisations: Vec<OrganisationId>,
    /// Their account, if they have one.
    pub account: Option<AccountId>,
}

impl Owner {
    /// What an account owns: by its address, if that is confirmed, and by its organisations.
    ///
    /// # Errors
    /// `Storage` when the database fails.
    pub fn of_account(tx: &mut Tx<'_>, account: AccountId) -> Result<Self, CatalogError> {
        let addresses: Vec<String> = accounts::table
            .find(account.to_string())
            .filter(accounts::email_verified_at.is_not_null())
            .select(accounts::email)
            .load(tx.conn)?;
        let organisations = organisation::list_of(tx, account)?.into_iter().map(|(home, _)| home.id).collect();
        Ok(Self { addresses, organisations, account: Some(account) })
    }

    /// What somebody owns who has proved an address and has no account.
    #[must_use]
    pub fn of_address(email: String) -> Self {
        Self { addresses: vec![email], ..Self::default() }
    }

    /// Whether an application is theirs.
    #[must_use]
    pub fn owns(&self, application: &Application) -> bool {
        application.closed_at.is_none()
            && match application.organisation_id {
                Some(organisation) => self.organisations.contains(&organisation),
                None => self.addresses.contains(&application.email),
            }
    }
}

/// The owner's applications, oldest first; closed ones are nobody's.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_owned(tx: &mut Tx<'_>, owner: &Owner) -> Result<Vec<Application>, CatalogError> {
    let organisations: Vec<String> = owner.organisations.iter().map(ToString::to_string).collect();
    let by_address = applications::organisation_id.is_null().and(applications::email.eq_any(&owner.addresses));
    let rows: Vec<ApplicationRow> = applications::table
        .filter(applications::closed_at.is_null())
        .filter(by_address.or(applications::organisation_id.eq_any(organisations)))
        .order(applications::number)
        .limit(MAX_LISTED)
        .select(ApplicationRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(Application::try_from).collect()
}

/// An application of the owner.
///
/// # Errors
/// `NotFound` when there is none or it is somebody else's: who may not know of it must not learn that it exists.
pub fn find_owned(tx: &mut Tx<'_>, owner: &Owner, id: ApplicationId) -> Result<Application, CatalogError> {
    let application = super::get(tx, id)?;
    if owner.owns(&application) { Ok(application) } else { Err(CatalogError::not_found("application", id)) }
}

/// Where letters about an application go: to its address, or if it belongs to an organisation, to the organisation's owners.
///
/// # Errors
/// `Storage` when the database fails.
pub fn letter_addresses(tx: &mut Tx<'_>, application: &Application) -> Result<Vec<String>, CatalogError> {
    let Some(home) = application.organisation_id else {
        return Ok(Some(application.email.clone()).into_iter().filter(|email| !email.is_empty()).collect());
    };
    let members = organisation::list_members(tx, home)?;
    let owners = members.into_iter().filter(|member| member.role == organisation::MemberRole::Owner);
    Ok(owners.map(|member| member.email).collect())
}

/// Gives an application of the owner to an organisation of theirs, or to themselves. Plan, keys, number and usage stay: limits
/// do not ask who owns it.
///
/// # Errors
/// `NotFound` when application or organisation is not theirs, `Invalid` when they have no confirmed address to take it to,
/// `WrongState` when the application is closed.
pub fn transfer(
    tx: &mut Tx<'_>,
    owner: &Owner,
    id: ApplicationId,
    to: Option<OrganisationId>,
) -> Result<Application, CatalogError> {
    let application = must_be_open(find_owned(tx, owner, id)?)?;
    match to {
        Some(organisation) if owner.organisations.contains(&organisation) => {
            set_owner(tx, &application, Some(organisation), &application.email)
        }
        Some(organisation) => Err(CatalogError::not_found("organisation", organisation)),
        None => {
            let own = owner.addresses.contains(&application.email).then(|| application.email.clone());
            let email = own.or_else(|| owner.addresses.first().cloned()).ok_or_else(|| CatalogError::Invalid {
                field: "organisation",
                problem: "you have no confirmed address to take it to: confirm yours first".to_owned(),
            })?;
            let moved = set_owner(tx, &application, None, &email)?;
            lift(tx, &moved)
        }
    }
}

#[derive(Debug, Insertable)]
#[diesel(table_name = owner_sessions)]
struct OwnerRow<'a> {
    digest: String,
    kind: &'static str,
    email: &'a str,
    created_at: i64,
    expires_at: i64,
}

fn digest(secret: &Secret, kind: &str, token: &str) -> String {
    secret.digest(&format!("owner-{kind}"), token.as_bytes()).to_string()
}

fn put(
    tx: &mut Tx<'_>,
    secret: &Secret,
    kind: &'static str,
    email: &str,
    secs: i64,
) -> Result<(String, Timestamp), CatalogError> {
    diesel::delete(owner_sessions::table.filter(owner_sessions::expires_at.le(tx.now.as_micros()))).execute(tx.conn)?;
    let token = hex::encode(random::<32>()?);
    let expires_at = tx.now.plus_secs(secs);
    let row = OwnerRow {
        digest: digest(secret, kind, &token),
        kind,
        email,
        created_at: tx.now.as_micros(),
        expires_at: expires_at.as_micros(),
    };
    diesel::insert_into(owner_sessions::table).values(&row).execute(tx.conn)?;
    Ok((token, expires_at))
}

/// The token of a link that lets whoever reads the address's mail manage its applications; `None` when it has none, so that
/// no letter goes to people who never asked us for anything.
///
/// # Errors
/// `Invalid` for what is no address.
pub fn request_owner_link(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Option<String>, CatalogError> {
    let email = parse_email(email)?;
    if list_owned(tx, &Owner::of_address(email.clone()))?.is_empty() {
        return Ok(None);
    }
    put(tx, secret, LINK, &email, OWNER_LINK_SECS).map(|(token, _)| Some(token))
}

/// Somebody who came in by a mailed link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerSession {
    /// 32 random bytes in hexadecimal; its digest stays here.
    pub token: String,
    /// The address that the link was mailed to.
    pub email: String,
    /// When the session ends.
    pub expires_at: Timestamp,
}

/// Opens a mailed link, once: begins a session, and confirms the address of every application that carries it.
///
/// # Errors
/// `NotFound` when the link is wrong, too old or was used.
pub fn open_owner_session(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<OwnerSession, CatalogError> {
    let link = digest(secret, LINK, token);
    let email = find(tx, &link, LINK)?
        .ok_or_else(|| CatalogError::not_found("link", "it is wrong, too old or was used before"))?;
    diesel::delete(owner_sessions::table.find(&link)).execute(tx.conn)?;
    for application in list_owned(tx, &Owner::of_address(email.clone()))? {
        if application.verified_at.is_none() {
            lift(tx, &application)?;
        }
    }
    let (token, expires_at) = put(tx, secret, SESSION, &email, OWNER_SESSION_SECS)?;
    Ok(OwnerSession { token, email, expires_at })
}

fn find(tx: &mut Tx<'_>, digest: &str, kind: &str) -> Result<Option<String>, CatalogError> {
    Ok(owner_sessions::table
        .find(digest)
        .filter(owner_sessions::kind.eq(kind))
        .filter(owner_sessions::expires_at.gt(tx.now.as_micros()))
        .select(owner_sessions::email)
        .first(tx.conn)
        .optional()?)
}

/// The address that a session's token stands for; `None` when it has ended.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_owner_session(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Option<String>, CatalogError> {
    find(tx, &digest(secret, SESSION, token), SESSION)
}

/// Ends a session; ending one that is over changes nothing.
///
/// # Errors
/// `Storage` when the database fails.
pub fn close_owner_session(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<(), CatalogError> {
    diesel::delete(owner_sessions::table.find(digest(secret, SESSION, token))).execute(tx.conn)?;
    Ok(())
}

/// Forgets an address: closes the applications that are its holder's own, takes it off those of organisations, ends its ways
/// in. For whoever erases a person.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_address(tx: &mut Tx<'_>, email: &str) -> Result<(), CatalogError> {
    for application in list_owned(tx, &Owner::of_address(email.to_owned()))? {
        close(tx, application.id)?;
    }
    diesel::update(applications::table.filter(applications::email.eq(email)))
        .set(applications::email.eq(""))
        .execute(tx.conn)?;
    diesel::delete(owner_sessions::table.filter(owner_sessions::email.eq(email))).execute(tx.conn)?;
    Ok(())
}
