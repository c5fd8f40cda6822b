//! Versions of the tariff, held to the journal, and what they and the exceptions come to at a moment.

use std::collections::BTreeMap;

use diesel::prelude::*;
use fairground_domain::{ContentHash, LONG_NOTICE_DAYS, Tariff, Timestamp, in_force_at, with_exceptions};
use serde_json::{Value, json};

use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Entry, Event, EventKind};
use crate::register;
use crate::schema::tariffs;

const DAY_SECS: i64 = 86_400;

#[derive(Debug, Insertable)]
#[diesel(table_name = tariffs)]
struct TariffRow {
    version: i32,
    document: String,
    published_at: i64,
    valid_from: i64,
}

pub(super) fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("tariff", problem)
}

/// The digest of a document, as the journal holds it.
fn digest(document: &str) -> String {
    ContentHash::of(document.as_bytes()).to_string()
}

/// Publishes the default tariff when there is none yet, and gives the entries of versions from before digests were kept
/// their digest.
///
/// # Errors
/// `Storage` when the database fails.
pub fn ensure(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    let documents: Vec<(i32, String)> = tariffs::table.select((tariffs::version, tariffs::document)).load(tx.conn)?;
    if documents.is_empty() {
        let tariff = Tariff::default_at(tx.now);
        return insert(tx, &tariff, "portal", json!({}));
    }
    let known = journal::list_of_kind(tx, EventKind::TariffPublished)?;
    for (version, document) in documents {
        let of_version: Vec<&Entry> = known.iter().filter(|entry| entry.subject_id == version.to_string()).collect();
        let without =
            !of_version.is_empty() && of_version.iter().all(|entry| entry.payload.get("document_hash").is_none());
        if without {
            let tariff: Tariff = serde_json::from_str(&document).map_err(corrupt)?;
            let payload = payload(&tariff, &document, json!({ "digest_added": true }));
            journal::append(tx, event(&tariff, "portal", payload))?;
        }
    }
    Ok(())
}

fn payload(tariff: &Tariff, document: &str, more: Value) -> Value {
    let mut payload = json!({
        "version": tariff.version,
        "valid_from": tariff.valid_from,
        "terms_version": tariff.terms_version,
        "document_hash": digest(document),
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut payload, more) {
        all.extend(more);
    }
    payload
}

fn event(tariff: &Tariff, actor: &str, payload: Value) -> Event {
    Event { kind: EventKind::TariffPublished, subject_id: tariff.version.to_string(), actor: actor.to_owned(), payload }
}

/// Writes a version down, in table and journal. Whoever calls it has judged it.
pub(super) fn insert(tx: &mut Tx<'_>, tariff: &Tariff, actor: &str, more: Value) -> Result<(), CatalogError> {
    tariff.validate()?;
    let document = serde_json::to_string(tariff).map_err(corrupt)?;
    let payload = payload(tariff, &document, more);
    let row = TariffRow {
        version: i32::try_from(tariff.version).map_err(corrupt)?,
        document,
        published_at: tariff.published_at.as_micros(),
        valid_from: tariff.valid_from.as_micros(),
    };
    diesel::insert_into(tariffs::table).values(&row).execute(tx.conn)?;
    journal::append(tx, event(tariff, actor, payload))?;
    Ok(())
}

/// Every version that the journal knows by its digest, oldest first. The others are named in the log and left out.
pub(super) fn proven(tx: &mut Tx<'_>) -> Result<Vec<Tariff>, CatalogError> {
    let rows: Vec<(i32, String)> =
        tariffs::table.order(tariffs::version).select((tariffs::version, tariffs::document)).load(tx.conn)?;
    let mut digests: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in journal::list_of_kind(tx, EventKind::TariffPublished)? {
        if let Some(digest) = entry.payload.get("document_hash").and_then(Value::as_str) {
            digests.entry(entry.subject_id).or_default().push(digest.to_owned());
        }
    }
    let mut versions = Vec::with_capacity(rows.len());
    for (version, document) in rows {
        let known = digests.get(&version.to_string()).is_some_and(|known| known.contains(&digest(&document)));
        if known {
            versions.push(serde_json::from_str(&document).map_err(corrupt)?);
        } else {
            tracing::error!(version, "A version of the tariff has no journal entry and is not enforced");
        }
    }
    Ok(versions)
}

/// The version of the tariff that is in force at the transaction's moment, as it was published: without exceptions.
///
/// # Errors
/// `NotFound` when none has been published yet.
pub fn get_current(tx: &mut Tx<'_>) -> Result<Tariff, CatalogError> {
    let versions = proven(tx)?;
    current_of(&versions, tx.now).cloned()
}

fn current_of(versions: &[Tariff], now: Timestamp) -> Result<&Tariff, CatalogError> {
    in_force_at(versions, now).ok_or_else(|| CatalogError::not_found("tariff", "in force"))
}

/// What is enforced at the transaction's moment: the version in force, with every published exception that holds.
///
/// # Errors
/// `NotFound` when no version has been published yet; `JournalBroken` when its entry, or an exception's, was tampered with.
pub fn in_force(tx: &mut Tx<'_>) -> Result<Tariff, CatalogError> {
    let current = get_current(tx)?;
    let exceptions = register::exceptions_in_force(tx)?;
    Ok(with_exceptions(&current, &exceptions))
}

/// Every version that was ever published, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_versions(tx: &mut Tx<'_>) -> Result<Vec<Tariff>, CatalogError> {
    let mut versions = proven(tx)?;
    versions.reverse();
    Ok(versions)
}

/// A version by its number.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get_version(tx: &mut Tx<'_>, version: u32) -> Result<Tariff, CatalogError> {
    let found = proven(tx)?.into_iter().find(|tariff| tariff.version == version);
    found.ok_or_else(|| CatalogError::not_found("tariff version", version))
}

/// The version that takes over from one, of those published so far; `None` when it holds until further notice.
#[must_use]
pub fn announced_after<'a>(versions: &'a [Tariff], tariff: &Tariff) -> Option<&'a Tariff> {
    versions.iter().filter(|next| next.valid_from > tariff.valid_from).min_by_key(|next| next.valid_from)
}

/// The versions that were in force within the long notice period, the present one first: by these, rules are evaluated.
///
/// # Errors
/// As [`get_current`].
pub fn versions_lately(tx: &mut Tx<'_>) -> Result<Vec<Tariff>, CatalogError> {
    let all = proven(tx)?;
    let current = current_of(&all, tx.now)?.clone();
    let since = tx.now.plus_secs(-i64::from(LONG_NOTICE_DAYS) * DAY_SECS);
    let first = in_force_at(&all, since).map(|tariff| tariff.version);
    let lately = |tariff: &&Tariff| {
        tariff.version != current.version
            && (Some(tariff.version) == first || (tariff.valid_from > since && tariff.valid_from <= tx.now))
    };
    let mut versions: Vec<Tariff> = all.iter().filter(lately).cloned().collect();
    versions.insert(0, current);
    Ok(versions)
}

/// When what is enforced next changes by itself: a version takes effect, an exception begins or ends, or a suspension ends.
///
/// # Errors
/// `Storage` when the database fails.
pub fn next_change(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, CatalogError> {
    let now = tx.now;
    let versions = proven(tx)?.into_iter().map(|tariff| tariff.valid_from);
    let edges = register::exception_edges(tx)?;
    Ok(versions.chain(edges).filter(|at| *at > now).min())
}
