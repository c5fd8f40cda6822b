//! Measuring: a follower of the journal with a position of its own.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::quality::{Assessment, LinkState, assess, links_of};

use super::link::{self, Link};
use crate::dataset::{self, Dataset, Publication};
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::{dataset_links, dataset_quality, follower_positions};

/// The follower's name in `follower_positions`.
const FOLLOWER: &str = "quality";
/// Journal entries read, and at most so many datasets measured, in one transaction.
pub const MEASURED_AT_ONCE: i64 = 200;

#[derive(Debug, Insertable)]
#[diesel(table_name = dataset_quality, treat_none_as_default_value = false)]
struct QualityRow {
    dataset_id: String,
    publisher_id: Option<String>,
    missing: i32,
    points: i32,
    stars: i32,
    measured_at: i64,
}

/// Whether the journal has entries that are not measured yet.
///
/// # Errors
/// `Storage` when the database fails.
pub fn is_behind(tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
    let known = position(tx)?;
    Ok(journal::head(tx)?.seq > known.unwrap_or(0))
}

fn position(tx: &mut Tx<'_>) -> Result<Option<i64>, CatalogError> {
    Ok(follower_positions::table.find(FOLLOWER).select(follower_positions::position).first(tx.conn).optional()?)
}

/// Measures what the journal's next [`MEASURED_AT_ONCE`] entries changed; gives how many entries it read, 0 at the journal's head.
///
/// # Errors
/// `Storage` or `Corrupt`; nothing has happened then, and the next call begins at the same entry.
pub fn follow(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    let known = position(tx)?;
    let entries = journal::list_since(tx, known.unwrap_or(0), MEASURED_AT_ONCE)?;
    let Some(last) = entries.last() else { return Ok(0) };
    let position = last.seq;
    let of_datasets = entries.iter().filter(|entry| entry.kind.subject_kind() == "dataset");
    let mut ids: Vec<String> = of_datasets.map(|entry| entry.subject_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let current = dataset::list_by_ids(tx, &ids)?;
    let is_public = |dataset: &&Dataset| dataset.publication == Publication::Published;
    let listed: Vec<(String, Vec<&str>)> = current
        .iter()
        .map(|dataset| {
            let links = if is_public(&dataset) { links_of(&dataset.draft) } else { Vec::new() };
            (dataset.id.to_string(), links)
        })
        .collect();
    link::list(tx, &listed)?;
    write(tx, &ids, &current.iter().filter(is_public).collect::<Vec<_>>())?;
    if known.is_some() {
        diesel::update(follower_positions::table.find(FOLLOWER))
            .set(follower_positions::position.eq(position))
            .execute(tx.conn)?;
    } else {
        diesel::insert_into(follower_positions::table)
            .values((follower_positions::follower.eq(FOLLOWER), follower_positions::position.eq(position)))
            .execute(tx.conn)?;
    }
    Ok(entries.len())
}

/// Measures these datasets anew, as what is known of their links has changed.
pub(super) fn measure(tx: &mut Tx<'_>, ids: &[String]) -> Result<(), CatalogError> {
    let current = dataset::list_by_ids(tx, ids)?;
    let public: Vec<&Dataset> =
        current.iter().filter(|dataset| dataset.publication == Publication::Published).collect();
    write(tx, ids, &public)
}

fn write(tx: &mut Tx<'_>, ids: &[String], public: &[&Dataset]) -> Result<(), CatalogError> {
    let urls: Vec<&str> = public.iter().flat_map(|dataset| links_of(&dataset.draft)).collect();
    let links = link::find(tx, &urls)?;
    let mut rows = Vec::with_capacity(public.len());
    for dataset in public {
        let found = assessed(dataset, &links);
        rows.push(QualityRow {
            dataset_id: dataset.id.to_string(),
            publisher_id: dataset.publisher.as_ref().map(|publisher| publisher.id.to_string()),
            missing: i32::try_from(found.missing).map_err(|error| CatalogError::corrupt("quality", error))?,
            points: i32::from(found.points()),
            stars: i32::from(found.stars),
            measured_at: tx.now.as_micros(),
        });
    }
    for chunk in ids.chunks(500) {
        diesel::delete(dataset_quality::table.filter(dataset_quality::dataset_id.eq_any(chunk))).execute(tx.conn)?;
    }
    insert_rows!(tx, dataset_quality::table, &rows);
    Ok(())
}

/// Points of a dataset with what is known of its links.
pub(super) fn assessed(dataset: &Dataset, links: &HashMap<String, Link>) -> Assessment {
    assess(&dataset.draft, |url| links.get(url).map_or(LinkState::Unchecked, Link::state))
}

/// How many links a dataset lists, for tests and reports.
pub(super) fn count_links(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    Ok(dataset_links::table.select(diesel::dsl::count(dataset_links::link_id).aggregate_distinct()).first(tx.conn)?)
}
