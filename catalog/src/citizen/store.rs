//! Every statement on citizens.

use diesel::prelude::*;
use fairground_domain::{CitizenId, Timestamp};
use uuid::Uuid;

use super::Citizen;
use crate::account::parse_email;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{citizens, data_requests, follows, questions, request_supports};
use crate::secret::Secret;

/// Hexadecimal digits of an id in a token.
const ID_DIGITS: usize = 32;
/// Hexadecimal digits of the digest in a token: 160 bits, which nobody guesses.
const DIGEST_DIGITS: usize = 40;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = citizens)]
struct CitizenRow {
    id: String,
    email_digest: String,
    sealed: Vec<u8>,
    generation: i32,
    created_at: i64,
}

impl TryFrom<&CitizenRow> for Citizen {
    type Error = CatalogError;

    fn try_from(row: &CitizenRow) -> Result<Self, CatalogError> {
        Ok(Self {
            id: row.id.parse().map_err(corrupt)?,
            generation: row.generation,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("citizen", problem)
}

/// What the seal of an address is for: this citizen alone.
fn purpose(id: &str) -> String {
    format!("citizen {id}")
}

pub(super) fn email_digest(secret: &Secret, email: &str) -> String {
    secret.digest("citizen-email", email.as_bytes()).to_string()
}

/// The citizen of an address that is proved; new when there is none.
pub(super) fn find_or_create(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Citizen, CatalogError> {
    let email = parse_email(email)?;
    if let Some(known) = of_email(tx, secret, &email)? {
        return Ok(known);
    }
    let id = CitizenId::new().to_string();
    let row = CitizenRow {
        email_digest: email_digest(secret, &email),
        sealed: secret.seal(&purpose(&id), email.as_bytes())?,
        id,
        generation: 1,
        created_at: tx.now.as_micros(),
    };
    diesel::insert_into(citizens::table)
        .values(&row)
        .execute(tx.conn)
        .map_err(CatalogError::taken("citizen", "that address"))?;
    Citizen::try_from(&row)
}

/// The citizen of an address, if it follows, asked or supports anything.
///
/// # Errors
/// `Storage` when the database fails.
pub fn of_email(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<Option<Citizen>, CatalogError> {
    let Ok(email) = parse_email(email) else { return Ok(None) };
    let row: Option<CitizenRow> = citizens::table
        .filter(citizens::email_digest.eq(email_digest(secret, &email)))
        .select(CitizenRow::as_select())
        .first(tx.conn)
        .optional()?;
    row.as_ref().map(Citizen::try_from).transpose()
}

pub(crate) fn find(tx: &mut Tx<'_>, id: CitizenId) -> Result<Option<Citizen>, CatalogError> {
    let row: Option<CitizenRow> =
        citizens::table.find(id.to_string()).select(CitizenRow::as_select()).first(tx.conn).optional()?;
    row.as_ref().map(Citizen::try_from).transpose()
}

/// Where to write to; `None` when the citizen is gone, or the portal's secret was replaced and nobody can read the address.
///
/// # Errors
/// `Storage` when the database fails.
pub fn address_of(tx: &mut Tx<'_>, secret: &Secret, id: CitizenId) -> Result<Option<String>, CatalogError> {
    let id = id.to_string();
    let sealed: Option<Vec<u8>> = citizens::table.find(&id).select(citizens::sealed).first(tx.conn).optional()?;
    let plain = sealed.and_then(|sealed| secret.unseal(&purpose(&id), &sealed).ok());
    plain.map(|plain| String::from_utf8(plain).map_err(corrupt)).transpose()
}

fn page_digest(secret: &Secret, citizen: &Citizen) -> String {
    let subject = format!("{} {}", citizen.id, citizen.generation);
    digits(&secret.digest("citizen-page", subject.as_bytes()).to_string())
}

fn digits(digest: &str) -> String {
    digest.chars().take(DIGEST_DIGITS).collect()
}

/// Whether two texts are the same, in a time that tells nothing of where they differ.
pub(crate) fn same_text(secret: &Secret, one: &str, other: &str) -> bool {
    secret.digest("same", one.as_bytes()) == secret.digest("same", other.as_bytes())
}

/// What the link to a citizen's own page carries: their id and a digest that only this portal can make. Stored nowhere.
#[must_use]
pub fn page_token(secret: &Secret, citizen: &Citizen) -> String {
    format!("{}{}", citizen.id.as_uuid().simple(), page_digest(secret, citizen))
}

/// Whose page a link leads to.
///
/// # Errors
/// `NotFound` when the link is wrong, was replaced, or its citizen is gone.
pub fn by_token(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Citizen, CatalogError> {
    let wrong = || CatalogError::not_found("link", "it is wrong, was replaced, or leads to somebody who is gone");
    let (id, digest) = token.split_at_checked(ID_DIGITS).ok_or_else(wrong)?;
    let id = Uuid::try_parse(id).map_err(|_| wrong())?;
    let citizen = find(tx, CitizenId::from_uuid(id))?.ok_or_else(wrong)?;
    if same_text(secret, &page_digest(secret, &citizen), digest) { Ok(citizen) } else { Err(wrong()) }
}

/// Makes every earlier link to a citizen's page worthless; gives the citizen under the new one.
///
/// # Errors
/// `Storage` when the database fails.
pub fn replace_page_link(tx: &mut Tx<'_>, citizen: &Citizen) -> Result<Citizen, CatalogError> {
    let generation = citizen.generation.saturating_add(1);
    diesel::update(citizens::table.find(citizen.id.to_string()))
        .set(citizens::generation.eq(generation))
        .execute(tx.conn)?;
    Ok(Citizen { generation, ..*citizen })
}

/// Forgets a citizen who follows, asked and supports nothing any more.
pub(crate) fn forget_if_idle(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<(), CatalogError> {
    let id = citizen.to_string();
    let follows: i64 = follows::table.filter(follows::citizen_id.eq(&id)).count().get_result(tx.conn)?;
    let questions: i64 = questions::table.filter(questions::citizen_id.eq(&id)).count().get_result(tx.conn)?;
    let requests: i64 = data_requests::table.filter(data_requests::citizen_id.eq(&id)).count().get_result(tx.conn)?;
    let supports: i64 =
        request_supports::table.filter(request_supports::citizen_id.eq(&id)).count().get_result(tx.conn)?;
    if follows + questions + requests + supports == 0 {
        delete(tx, citizen)?;
    }
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, citizen: CitizenId) -> Result<(), CatalogError> {
    diesel::delete(citizens::table.find(citizen.to_string())).execute(tx.conn)?;
    Ok(())
}
