//! Links of public datasets: when each is asked, and what it answered.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::quality::LinkState;
use fairground_domain::{ContentHash, Timestamp};

use super::measure;
use crate::db::Tx;
use crate::dialect::insert_rows_if_absent;
use crate::error::CatalogError;
use crate::schema::{dataset_links, link_checks};

/// A link that answers is asked again after so many seconds (7 days), give or take a tenth.
pub const CHECK_EVERY_SECS: i64 = 7 * 86_400;
/// One that failed for the first time is asked again after so many seconds (6 hours): it may have been a bad moment.
pub const AFTER_FAILURE_SECS: i64 = 6 * 3_600;
/// So many failures one after the other make a link broken.
pub const BROKEN_AFTER: i32 = 2;
/// New links are asked within so many seconds (6 hours), each at a time of its own, so that a harvest is no flood.
const FIRST_WITHIN_SECS: u64 = 6 * 3_600;
/// A link that somebody has taken to ask is nobody else's for so long, in seconds.
const TAKEN_SECS: i64 = 900;
/// Characters of a problem that are kept.
const PROBLEM_CHARS: usize = 300;
/// Identifiers in one statement.
const CHUNK: usize = 500;

/// What is known of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its address.
    pub url: String,
    /// The status that it answered with; `None` when it did not answer, or was not asked yet.
    pub status: Option<u16>,
    /// Why it did not answer.
    pub problem: Option<String>,
    /// Failures one after the other.
    pub failures: i32,
    /// When it was asked last.
    pub checked_at: Option<Timestamp>,
    /// When it will be asked next.
    pub next_at: Timestamp,
}

impl Link {
    /// Whether it answers, as far as is known.
    #[must_use]
    pub fn state(&self) -> LinkState {
        match (self.checked_at, self.failures) {
            (None, _) => LinkState::Unchecked,
            (Some(_), failures) if failures >= BROKEN_AFTER => LinkState::Broken,
            (Some(_), 0) => LinkState::Answers,
            (Some(_), _) => LinkState::Unchecked,
        }
    }
}

/// A link whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueLink {
    /// Names it in [`note_link`].
    pub id: String,
    /// Its address.
    pub url: String,
}

/// How a link answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkOutcome {
    /// With this status.
    Status(u16),
    /// Not at all.
    Failed(String),
    /// It was not asked for a reason of ours (the network is away, the program ends): its turn comes again.
    NotAsked,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = link_checks, treat_none_as_default_value = false)]
struct LinkRow {
    id: String,
    url: String,
    status: Option<i32>,
    problem: Option<String>,
    failures: i32,
    checked_at: Option<i64>,
    next_at: i64,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = dataset_links)]
struct ListedRow {
    dataset_id: String,
    link_id: String,
}

impl From<LinkRow> for Link {
    fn from(row: LinkRow) -> Self {
        Self {
            url: row.url,
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            problem: row.problem,
            failures: row.failures,
            checked_at: row.checked_at.map(Timestamp::from_micros),
            next_at: Timestamp::from_micros(row.next_at),
        }
    }
}

fn id_of(url: &str) -> String {
    ContentHash::of(url.as_bytes()).to_string()
}

/// A share of `span` that follows from the link and the round, so that links do not march in step.
fn share_of(id: &str, round: i64, span: u64) -> i64 {
    let hash = ContentHash::of(format!("{id} {round}").as_bytes());
    let number = hash.as_bytes().iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    i64::try_from(number % span.max(1)).unwrap_or(0)
}

/// Writes down which links datasets list, and forgets what they listed before; new ones are asked soon.
pub(super) fn list(tx: &mut Tx<'_>, listed: &[(String, Vec<&str>)]) -> Result<(), CatalogError> {
    for chunk in listed.chunks(CHUNK) {
        let datasets: Vec<&str> = chunk.iter().map(|(dataset, _)| dataset.as_str()).collect();
        diesel::delete(dataset_links::table.filter(dataset_links::dataset_id.eq_any(datasets))).execute(tx.conn)?;
    }
    let now = tx.now;
    let mut links: HashMap<String, LinkRow> = HashMap::new();
    let mut rows = Vec::new();
    for (dataset, urls) in listed {
        for url in urls {
            let id = id_of(url);
            rows.push(ListedRow { dataset_id: dataset.clone(), link_id: id.clone() });
            links.entry(id.clone()).or_insert_with(|| LinkRow {
                next_at: now.plus_secs(share_of(&id, 0, FIRST_WITHIN_SECS)).as_micros(),
                url: (*url).to_owned(),
                status: None,
                problem: None,
                failures: 0,
                checked_at: None,
                id,
            });
        }
    }
    let links: Vec<LinkRow> = links.into_values().collect();
    insert_rows_if_absent!(tx, link_checks::table, &links);
    insert_rows_if_absent!(tx, dataset_links::table, &rows);
    Ok(())
}

/// What is known of these addresses; those that nobody has written down are left out.
pub(super) fn find(tx: &mut Tx<'_>, urls: &[&str]) -> Result<HashMap<String, Link>, CatalogError> {
    let ids: Vec<String> = urls.iter().map(|url| id_of(url)).collect();
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<LinkRow> =
            link_checks::table.filter(link_checks::id.eq_any(chunk)).select(LinkRow::as_select()).load(tx.conn)?;
        found.extend(rows.into_iter().map(|row| (row.url.clone(), Link::from(row))));
    }
    Ok(found)
}

/// How many links are due, and the one that is due first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn due_links(tx: &mut Tx<'_>) -> Result<(i64, Option<Timestamp>), CatalogError> {
    let due = link_checks::table.filter(link_checks::next_at.le(tx.now.as_micros())).count().get_result(tx.conn)?;
    let next: Option<i64> = link_checks::table.select(diesel::dsl::min(link_checks::next_at)).first(tx.conn)?;
    Ok((due, next.map(Timestamp::from_micros)))
}

/// Takes at most `limit` links whose turn it is, so that nobody else asks them meanwhile; those that no public dataset lists
/// any longer are forgotten instead.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due_links(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<DueLink>, CatalogError> {
    let due: Vec<(String, String)> = link_checks::table
        .filter(link_checks::next_at.le(tx.now.as_micros()))
        .order(link_checks::next_at)
        .limit(limit)
        .select((link_checks::id, link_checks::url))
        .load(tx.conn)?;
    let ids: Vec<&str> = due.iter().map(|(id, _)| id.as_str()).collect();
    let listed: Vec<String> = dataset_links::table
        .filter(dataset_links::link_id.eq_any(&ids))
        .select(dataset_links::link_id)
        .distinct()
        .load(tx.conn)?;
    let (wanted, gone): (Vec<_>, Vec<_>) = due.into_iter().partition(|(id, _)| listed.contains(id));
    let gone: Vec<String> = gone.into_iter().map(|(id, _)| id).collect();
    diesel::delete(link_checks::table.filter(link_checks::id.eq_any(&gone))).execute(tx.conn)?;
    let ids: Vec<&str> = wanted.iter().map(|(id, _)| id.as_str()).collect();
    diesel::update(link_checks::table.filter(link_checks::id.eq_any(ids)))
        .set(link_checks::next_at.eq(tx.now.plus_secs(TAKEN_SECS).as_micros()))
        .execute(tx.conn)?;
    Ok(wanted.into_iter().map(|(id, url)| DueLink { id, url }).collect())
}

/// Notes how a link answered, says when to ask again, and measures the datasets that list it anew where that changes anything.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note_link(tx: &mut Tx<'_>, id: &str, outcome: &LinkOutcome) -> Result<(), CatalogError> {
    let row: Option<LinkRow> = link_checks::table.find(id).select(LinkRow::as_select()).first(tx.conn).optional()?;
    let Some(before) = row.map(Link::from) else { return Ok(()) };
    let (status, problem, is_fine) = match outcome {
        LinkOutcome::Status(status) => (Some(i32::from(*status)), None, (200..400).contains(status)),
        LinkOutcome::Failed(problem) => (None, Some(problem.chars().take(PROBLEM_CHARS).collect::<String>()), false),
        LinkOutcome::NotAsked => {
            diesel::update(link_checks::table.find(id))
                .set(link_checks::next_at.eq(tx.now.plus_secs(AFTER_FAILURE_SECS).as_micros()))
                .execute(tx.conn)?;
            return Ok(());
        }
    };
    let failures = if is_fine { 0 } else { before.failures.saturating_add(1) };
    let pause = if failures == 1 { AFTER_FAILURE_SECS } else { CHECK_EVERY_SECS };
    let around = share_of(id, tx.now.as_secs(), u64::try_from(pause / 5).unwrap_or(0)) - pause / 10;
    diesel::update(link_checks::table.find(id))
        .set((
            link_checks::status.eq(status),
            link_checks::problem.eq(problem),
            link_checks::failures.eq(failures),
            link_checks::checked_at.eq(tx.now.as_micros()),
            link_checks::next_at.eq(tx.now.plus_secs(pause + around).as_micros()),
        ))
        .execute(tx.conn)?;
    let was_broken = before.state() == LinkState::Broken;
    if was_broken != (failures >= BROKEN_AFTER) {
        let datasets: Vec<String> = dataset_links::table
            .filter(dataset_links::link_id.eq(id))
            .select(dataset_links::dataset_id)
            .load(tx.conn)?;
        for chunk in datasets.chunks(CHUNK) {
            measure::measure(tx, chunk)?;
        }
    }
    Ok(())
}
