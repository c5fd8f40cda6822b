//! The portal as a client of its own: the application and key that its pages call the API with.

use diesel::prelude::*;
use fairground_domain::Tariff;
use serde_json::json;

use super::keys::{NewKey, store_key};
use super::store::{corrupt, event, get, insert, next_number};
use super::{Application, KeyScopes, PlainKey, Restrictions};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, EventKind};
use crate::schema::api_keys;
use crate::secret::Secret;
use crate::tariff;
use crate::usage::PORTAL_APPLICATION;

/// What the application is called, on pages and in the register.
const NAME: &str = "This portal";
/// Nobody's address: the portal writes no letters to itself (RFC 2606, section 2).
const NOBODY: &str = "portal@portal.invalid";
const KEY_NAME: &str = "previews in pages";

/// Makes the portal's application and its key where they are missing, and gives the key. The key is drawn from the portal's
/// secret, so every process knows it and none keeps it. It stands in pages for everybody to read: it is good for calls alone,
/// on the plan that any application with a confirmed address has.
///
/// # Errors
/// `Storage` when the database fails.
pub fn ensure_portal(tx: &mut Tx<'_>, secret: &Secret) -> Result<PlainKey, CatalogError> {
    let plain = PlainKey::of_portal(secret);
    let application = match get(tx, PORTAL_APPLICATION) {
        Err(CatalogError::NotFound { .. }) => register_portal(tx)?,
        found => found?,
    };
    let known: i64 =
        api_keys::table.filter(api_keys::digest.eq(plain.digest(secret).to_text())).count().get_result(tx.conn)?;
    if known == 0 && application.closed_at.is_none() {
        let new = NewKey {
            name: KEY_NAME.to_owned(),
            scopes: KeyScopes::DATA,
            restrictions: Restrictions::default(),
            expires_at: None,
        };
        store_key(tx, secret, &application, new, &plain)?;
    }
    Ok(plain)
}

fn register_portal(tx: &mut Tx<'_>) -> Result<Application, CatalogError> {
    let tariff = tariff::get_current(tx)?;
    let plan = if tariff.plan(Tariff::OPEN).is_some() { Tariff::OPEN } else { Tariff::STARTER };
    let id = PORTAL_APPLICATION;
    journal::append(tx, event(EventKind::ApplicationCreated, id.to_string(), json!({ "plan": plan })))?;
    let application = Application {
        id,
        number: next_number(tx)?,
        name: NAME.to_owned(),
        email: NOBODY.to_owned(),
        plan: plan.parse().map_err(corrupt)?,
        terms_version: tariff.terms_version,
        verified_at: Some(tx.now),
        created_at: tx.now,
        organisation_id: None,
        quota_letters: false,
        closed_at: None,
    };
    insert(tx, &application, None)?;
    Ok(application)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_portal_is_a_key_like_others_and_follows_from_its_secret() {
        let (one, other) = (Secret::from_bytes([1; 32]), Secret::from_bytes([2; 32]));
        let key = PlainKey::of_portal(&one);
        assert_eq!(PlainKey::parse(key.reveal()), Ok(key.clone()));
        assert_eq!(PlainKey::of_portal(&one), key);
        assert_ne!(PlainKey::of_portal(&other), key);
    }
}
