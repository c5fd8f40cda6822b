//! What decides the order of hits: published, and journalled when it changes.

use std::collections::BTreeMap;

use fairground_search::ranking as numbers;
use serde_json::json;

use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};

/// What the journal calls the search index.
const SUBJECT: &str = "search";

/// Every number that decides the order of hits, by name; the same for every dataset, whoever's it is.
#[must_use]
pub fn ranking() -> BTreeMap<&'static str, f64> {
    numbers::published().into_iter().collect()
}

/// Writes the numbers down when they are others than those written down last.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note_ranking(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    let now = json!(ranking());
    let is_known = |tx: &mut Tx<'_>| -> Result<bool, CatalogError> {
        let last = journal::list_before(tx, &[EventKind::RankingChanged], None, 1)?;
        Ok(last.first().is_some_and(|entry| entry.payload.get("numbers") == Some(&now)))
    };
    if is_known(tx)? {
        return Ok(());
    }
    journal::take_pen(tx)?;
    if is_known(tx)? {
        return Ok(());
    }
    let payload = json!({ "numbers": now });
    let event =
        Event { kind: EventKind::RankingChanged, subject_id: SUBJECT.to_owned(), actor: "portal".to_owned(), payload };
    journal::append(tx, event)?;
    Ok(())
}
