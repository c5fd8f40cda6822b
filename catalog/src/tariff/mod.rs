//! The tariff in force, and its history.

use diesel::prelude::*;
use fairground_domain::{Tariff, Timestamp};
use serde_json::json;

use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::tariffs;

#[derive(Debug, Insertable)]
#[diesel(table_name = tariffs)]
struct TariffRow {
    version: i32,
    document: String,
    published_at: i64,
    valid_from: i64,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("tariff", problem)
}

/// Publishes the default tariff when there is none yet.
///
/// # Errors
/// `Storage` when the database fails.
pub fn ensure(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    let published: i64 = tariffs::table.count().get_result(tx.conn)?;
    if published == 0 {
        let tariff = Tariff::default_at(tx.now);
        publish(tx, &tariff, "portal")?;
    }
    Ok(())
}

/// Publishes a version of the tariff. Notice periods are checked by the room that lets operators change it; the first version
/// needs none.
fn publish(tx: &mut Tx<'_>, tariff: &Tariff, actor: &str) -> Result<(), CatalogError> {
    tariff.validate()?;
    let row = TariffRow {
        version: i32::try_from(tariff.version).map_err(corrupt)?,
        document: serde_json::to_string(tariff).map_err(corrupt)?,
        published_at: tariff.published_at.as_micros(),
        valid_from: tariff.valid_from.as_micros(),
    };
    diesel::insert_into(tariffs::table).values(&row).execute(tx.conn)?;
    journal::append(
        tx,
        Event {
            kind: EventKind::TariffPublished,
            subject_id: tariff.version.to_string(),
            actor: actor.to_owned(),
            payload: json!({ "version": tariff.version, "valid_from": tariff.valid_from }),
        },
    )?;
    Ok(())
}

/// The tariff that is in force at the transaction's moment.
///
/// # Errors
/// `NotFound` when none has been published yet.
pub fn get_current(tx: &mut Tx<'_>) -> Result<Tariff, CatalogError> {
    let document: String = tariffs::table
        .filter(tariffs::valid_from.le(tx.now.as_micros()))
        .order(tariffs::version.desc())
        .select(tariffs::document)
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("tariff", "in force"))?;
    serde_json::from_str(&document).map_err(corrupt)
}

/// Every version that was ever published, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_versions(tx: &mut Tx<'_>) -> Result<Vec<Tariff>, CatalogError> {
    let documents: Vec<String> =
        tariffs::table.order(tariffs::version.desc()).select(tariffs::document).load(tx.conn)?;
    documents.iter().map(|document| serde_json::from_str(document).map_err(corrupt)).collect()
}

/// When the tariff next changes, if a later version is published.
///
/// # Errors
/// `Storage` when the database fails.
pub fn next_change(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, CatalogError> {
    let next: Option<i64> = tariffs::table
        .filter(tariffs::valid_from.gt(tx.now.as_micros()))
        .select(diesel::dsl::min(tariffs::valid_from))
        .first(tx.conn)?;
    Ok(next.map(Timestamp::from_micros))
}
