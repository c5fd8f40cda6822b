//! Acts that wait until their address is confirmed.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::store::{corrupt, email_digest, find_or_create};
use super::{Act, Citizen, Done};
use crate::account::parse_email;
use crate::conversation;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::confirmations;
use crate::secret::{Secret, random};
use crate::watch;

/// How long the link of a confirmation is worth something, in seconds (3 days).
pub const CONFIRM_SECS: i64 = 3 * 86_400;
/// Acts of one address that may wait at once.
pub const MOST_WAITING: i64 = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Sealed {
    email: String,
    act: Act,
}

fn digest_of(secret: &Secret, token: &str) -> String {
    secret.digest("confirmation", token.as_bytes()).to_string()
}

/// The refusal of a link that is wrong, used or too old; which of these is not said.
fn spent() -> CatalogError {
    CatalogError::not_found("link", "it is wrong, was used before, or is too old")
}

/// Writes down what somebody wants to do, until they confirm the address; gives the address and what the letter's link carries.
///
/// # Errors
/// `Invalid` for what is no address, for an act that cannot be done, and when [`MOST_WAITING`] acts of the address wait.
pub fn begin(tx: &mut Tx<'_>, secret: &Secret, email: &str, act: Act) -> Result<(String, String), CatalogError> {
    let email = parse_email(email)?;
    check(tx, &act)?;
    diesel::delete(confirmations::table.filter(confirmations::expires_at.lt(tx.now.as_micros()))).execute(tx.conn)?;
    let of_address = email_digest(secret, &email);
    let waiting: i64 =
        confirmations::table.filter(confirmations::email_digest.eq(&of_address)).count().get_result(tx.conn)?;
    if waiting >= MOST_WAITING {
        let problem = format!("has {MOST_WAITING} letters that wait to be confirmed; open one of them first");
        return Err(CatalogError::Invalid { field: "email", problem });
    }
    let token = hex::encode(random::<32>()?);
    let digest = digest_of(secret, &token);
    let plain = serde_json::to_vec(&Sealed { email: email.clone(), act }).map_err(corrupt)?;
    diesel::insert_into(confirmations::table)
        .values((
            confirmations::sealed.eq(secret.seal(&digest, &plain)?),
            confirmations::digest.eq(&digest),
            confirmations::email_digest.eq(of_address),
            confirmations::expires_at.eq(tx.now.plus_secs(CONFIRM_SECS).as_micros()),
        ))
        .execute(tx.conn)?;
    Ok((email, token))
}

fn read(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<(String, Sealed), CatalogError> {
    let digest = digest_of(secret, token);
    let sealed: Vec<u8> = confirmations::table
        .find(&digest)
        .filter(confirmations::expires_at.ge(tx.now.as_micros()))
        .select(confirmations::sealed)
        .first(tx.conn)
        .optional()?
        .ok_or_else(spent)?;
    let plain = secret.unseal(&digest, &sealed)?;
    let sealed = serde_json::from_slice(&plain).map_err(corrupt)?;
    Ok((digest, sealed))
}

/// What a link would do, without doing it.
///
/// # Errors
/// `NotFound` when the link is spent.
pub fn look_at(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<Act, CatalogError> {
    Ok(read(tx, secret, token)?.1.act)
}

/// Does what waited for its address to be confirmed, once.
///
/// # Errors
/// `NotFound` when the link is spent, or what it is about is gone; `Invalid` and `WrongState` as the act says.
pub fn confirm(tx: &mut Tx<'_>, secret: &Secret, token: &str) -> Result<(Citizen, Done), CatalogError> {
    let (digest, Sealed { email, act }) = read(tx, secret, token)?;
    // Of two who open it at the same moment, one is refused.
    if diesel::delete(confirmations::table.find(&digest)).execute(tx.conn)? == 0 {
        return Err(spent());
    }
    self::act(tx, secret, &email, act)
}

/// Does what somebody wants whose address is proved already.
///
/// # Errors
/// `NotFound`, `Invalid` and `WrongState` as the act says.
pub fn act(tx: &mut Tx<'_>, secret: &Secret, email: &str, act: Act) -> Result<(Citizen, Done), CatalogError> {
    check(tx, &act)?;
    let citizen = find_or_create(tx, secret, email)?;
    let done = match act {
        Act::Follow(new) => Done::Followed(watch::follow(tx, secret, citizen.id, new)?),
        Act::Ask(new) => Done::Asked(conversation::ask(tx, citizen.id, new)?),
        Act::Request(new) => Done::Requested(conversation::request(tx, citizen.id, new)?),
        Act::Support(id) => Done::Supported(conversation::support(tx, citizen.id, id)?),
    };
    Ok((citizen, done))
}

/// Refuses what cannot be done, before a letter is sent for it.
fn check(tx: &mut Tx<'_>, act: &Act) -> Result<(), CatalogError> {
    match act {
        Act::Follow(new) => watch::check(tx, new),
        Act::Ask(new) => conversation::check_question(tx, new),
        Act::Request(new) => conversation::check_request(tx, new),
        Act::Support(id) => conversation::get_open_request(tx, *id).map(drop),
    }
}

/// Forgets what waits for an address.
pub(super) fn forget(tx: &mut Tx<'_>, secret: &Secret, email: &str) -> Result<(), CatalogError> {
    let of_address = confirmations::email_digest.eq(email_digest(secret, email));
    diesel::delete(confirmations::table.filter(of_address)).execute(tx.conn)?;
    Ok(())
}
