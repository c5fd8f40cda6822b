//! From the journal to news: a follower with a position of its own.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use fairground_domain::DatasetId;
use fairground_search::{MAX_LIMIT, SearchIndex, SearchQuery};

use super::series;
use super::store::FollowRow;
use crate::dataset::{self, Dataset, Publication};
use crate::db::{Db, Tx};
use crate::dialect::insert_rows_if_absent;
use crate::error::CatalogError;
use crate::journal::{self, Entry, EventKind};
use crate::schema::{follow_news, follower_positions, follows};

/// The follower's name in `follower_positions`.
const FOLLOWER: &str = "watch";
/// Journal entries read in one step.
const STEP_ENTRIES: i64 = 500;
/// Values in one statement.
const CHUNK: usize = 500;

/// What a step came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watched {
    /// Entries of the journal that were read.
    pub entries: usize,
    /// News that were noted.
    pub news: usize,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = follow_news, treat_none_as_default_value = false)]
struct NewsRow {
    follow_id: String,
    seq: i64,
    dataset_id: String,
    kind: String,
    at: i64,
    delivery_id: Option<String>,
}

/// A change that may be news.
struct Event {
    seq: i64,
    at: i64,
    kind: EventKind,
    dataset: String,
}

/// Notes what the journal has that is news to those who follow; as far as the search index has come, so that both speak of the
/// same catalogue. Gives what it read and noted; it may run in several processes.
///
/// # Errors
/// `Storage`, `Search` or `Corrupt`; nothing of the last step has happened then, and the next call begins there.
pub fn match_news(db: &Db, index: &SearchIndex) -> Result<Watched, CatalogError> {
    let mut all = Watched::default();
    loop {
        let step = step(db, index)?;
        all.entries += step.entries;
        all.news += step.news;
        if step.entries == 0 {
            return Ok(all);
        }
    }
}

struct Step {
    known: Option<i64>,
    reached: i64,
    entries: usize,
    events: Vec<Event>,
    datasets: Vec<Dataset>,
    followed: Vec<FollowRow>,
}

fn step(db: &Db, index: &SearchIndex) -> Result<Watched, CatalogError> {
    let indexed = i64::try_from(index.position()).unwrap_or(i64::MAX);
    let read = db.read(|tx| read(tx, indexed))?;
    if read.entries == 0 {
        return Ok(Watched::default());
    }
    let found = search(index, &read)?;
    db.write(|tx| {
        if !advance(tx, read.known, read.reached)? {
            // Another process was faster with the same entries.
            return Ok(Watched { entries: read.entries, news: 0 });
        }
        series::note(tx, &read.datasets)?;
        let rows = news(tx, &read, &found)?;
        insert_rows_if_absent!(tx, follow_news::table, &rows);
        Ok(Watched { entries: read.entries, news: rows.len() })
    })
}

fn read(tx: &mut Tx<'_>, indexed: i64) -> Result<Step, CatalogError> {
    let known: Option<i64> =
        follower_positions::table.find(FOLLOWER).select(follower_positions::position).first(tx.conn).optional()?;
    let position = known.unwrap_or(0);
    let mut step =
        Step { known, reached: position, entries: 0, events: Vec::new(), datasets: Vec::new(), followed: Vec::new() };
    if journal::head(tx)?.seq.min(indexed) <= position {
        return Ok(step);
    }
    let entries = journal::list_since(tx, position, STEP_ENTRIES)?;
    let within: Vec<&Entry> = entries.iter().take_while(|entry| entry.seq <= indexed).collect();
    step.reached = within.last().map_or(position, |entry| entry.seq);
    step.entries = within.len();
    step.events = within.into_iter().filter_map(event_of).collect();
    let mut ids: Vec<String> = step.events.iter().map(|event| event.dataset.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    step.datasets = dataset::list_by_ids(tx, &ids)?;
    step.followed = followed(tx, &ids, &step.datasets)?;
    Ok(step)
}

/// What an entry may be news of: the datasets themselves, and new versions of their tables.
fn event_of(entry: &Entry) -> Option<Event> {
    let payload = |name: &str| entry.payload.get(name);
    let dataset = match entry.kind {
        EventKind::DatasetCreated
        | EventKind::DatasetUpdated
        | EventKind::DatasetWithdrawn
        | EventKind::DatasetRestored => entry.subject_id.clone(),
        // The first version is what the dataset came with.
        EventKind::TablePublished if payload("version").and_then(serde_json::Value::as_i64) > Some(1) => {
            payload("dataset")?.as_str()?.to_owned()
        }
        _ => return None,
    };
    Some(Event { seq: entry.seq, at: entry.at.as_micros(), kind: entry.kind, dataset })
}

/// The follows that these changes may be news to.
fn followed(tx: &mut Tx<'_>, ids: &[String], datasets: &[Dataset]) -> Result<Vec<FollowRow>, CatalogError> {
    let mut rows: Vec<FollowRow> = Vec::new();
    let publishers: HashSet<String> =
        datasets.iter().filter_map(|dataset| Some(dataset.publisher.as_ref()?.id.to_string())).collect();
    let publishers: Vec<String> = publishers.into_iter().collect();
    for (kind, subjects) in [("dataset", ids), ("publisher", publishers.as_slice())] {
        for chunk in subjects.chunks(CHUNK) {
            let found: Vec<FollowRow> = follows::table
                .filter(follows::kind.eq(kind))
                .filter(follows::subject.eq_any(chunk))
                .select(FollowRow::as_select())
                .load(tx.conn)?;
            rows.extend(found);
        }
    }
    if !ids.is_empty() {
        let searches: Vec<FollowRow> =
            follows::table.filter(follows::kind.eq("search")).select(FollowRow::as_select()).load(tx.conn)?;
        rows.extend(searches);
    }
    Ok(rows)
}

/// Which of the changed datasets each followed search finds, by the search's digest.
fn search(index: &SearchIndex, step: &Step) -> Result<HashMap<String, HashSet<String>>, CatalogError> {
    let ids: Vec<DatasetId> = step.datasets.iter().map(|dataset| dataset.id).collect();
    let mut found: HashMap<String, HashSet<String>> = HashMap::new();
    for row in step.followed.iter().filter(|row| row.kind == "search") {
        if found.contains_key(&row.subject) {
            continue;
        }
        let question = SearchQuery { limit: MAX_LIMIT, ..row.search()?.among(ids.clone()) };
        let hits = index.search(&question)?.hits;
        found.insert(row.subject.clone(), hits.iter().map(|hit| hit.id.to_string()).collect());
    }
    Ok(found)
}

/// Moves the position; false when it is not where it was.
fn advance(tx: &mut Tx<'_>, known: Option<i64>, reached: i64) -> Result<bool, CatalogError> {
    let Some(known) = known else {
        diesel::insert_into(follower_positions::table)
            .values((follower_positions::follower.eq(FOLLOWER), follower_positions::position.eq(reached)))
            .execute(tx.conn)
            .map_err(CatalogError::taken("follower", FOLLOWER))?;
        return Ok(true);
    };
    let moved = diesel::update(follower_positions::table.find(FOLLOWER))
        .filter(follower_positions::position.eq(known))
        .set(follower_positions::position.eq(reached))
        .execute(tx.conn)?;
    Ok(moved == 1)
}

fn news(tx: &mut Tx<'_>, step: &Step, found: &HashMap<String, HashSet<String>>) -> Result<Vec<NewsRow>, CatalogError> {
    let datasets: HashMap<String, &Dataset> =
        step.datasets.iter().map(|dataset| (dataset.id.to_string(), dataset)).collect();
    let mut rows = Vec::new();
    for event in &step.events {
        let Some(dataset) = datasets.get(&event.dataset) else { continue };
        for row in step.followed.iter().filter(|row| row.since_seq < event.seq) {
            let concerns = match row.kind.as_str() {
                "dataset" => row.subject == event.dataset,
                "publisher" => dataset.publisher.as_ref().is_some_and(|own| own.id.to_string() == row.subject),
                _ => concerns_search(tx, row, event, found, &rows)?,
            };
            if concerns && is_told(dataset, event.kind) {
                rows.push(NewsRow {
                    follow_id: row.id.clone(),
                    seq: event.seq,
                    dataset_id: event.dataset.clone(),
                    kind: event.kind.as_str().to_owned(),
                    at: event.at,
                    delivery_id: (row.channel == "page").then(String::new),
                });
            }
        }
    }
    Ok(rows)
}

/// A search is told of what it finds, and of the withdrawal of what it was told before.
fn concerns_search(
    tx: &mut Tx<'_>,
    row: &FollowRow,
    event: &Event,
    found: &HashMap<String, HashSet<String>>,
    rows: &[NewsRow],
) -> Result<bool, CatalogError> {
    if event.kind != EventKind::DatasetWithdrawn {
        return Ok(found.get(&row.subject).is_some_and(|found| found.contains(&event.dataset)));
    }
    if rows.iter().any(|news| news.follow_id == row.id && news.dataset_id == event.dataset) {
        return Ok(true);
    }
    let told: i64 = follow_news::table
        .filter(follow_news::follow_id.eq(&row.id))
        .filter(follow_news::dataset_id.eq(&event.dataset))
        .count()
        .get_result(tx.conn)?;
    Ok(told > 0)
}

/// Whether a change may be told as its dataset stands now: what nobody may see is no news, but that it went is.
fn is_told(dataset: &Dataset, kind: EventKind) -> bool {
    match kind {
        EventKind::DatasetWithdrawn => true,
        _ => {
            dataset.publication == Publication::Published
                || matches!(dataset.publication, Publication::Withdrawn { .. })
        }
    }
}
