//! From news to letters, and what became of deliveries.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::{CitizenId, DatasetId, DeliveryId, FollowId, LetterId, Timestamp};
use serde::Serialize;

use super::store::{FollowRow, corrupt, describe};
use super::{Channel, Delivery, DeliveryState, Follow, Rhythm};
use crate::citizen::{self, Citizen};
use crate::dataset::{self, Dataset, Publication};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::schema::{follow_deliveries, follow_news, follows, letters};
use crate::secret::Secret;

/// How long after a letter the next immediate one of the same follow waits, in seconds, so that a harvest is one letter and no
/// flood.
pub const PAUSE_SECS: i64 = 300;
/// Datasets that a letter lists by name; of more it gives the number, and the citizen's page has them all.
pub const MOST_LISTED: usize = 50;
/// Changes that are looked through for the list of a letter.
const MOST_READ: i64 = 2_000;
/// Days that news and deliveries are kept for their owner.
pub const DAYS_KEPT: i64 = 90;
/// Values in one statement.
const CHUNK: usize = 500;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = follow_deliveries, treat_none_as_default_value = false)]
pub(super) struct DeliveryRow {
    pub(super) id: String,
    pub(super) citizen_id: String,
    pub(super) follow_id: Option<String>,
    pub(super) channel: String,
    pub(super) changes: i64,
    pub(super) state: String,
    pub(super) attempts: i32,
    pub(super) next_try_at: i64,
    pub(super) error: Option<String>,
    pub(super) letter_id: Option<String>,
    pub(super) created_at: i64,
    pub(super) finished_at: Option<i64>,
}

/// A change of a dataset, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The entry's number in the journal.
    pub seq: i64,
    /// What happened: `dataset.created`, `dataset.updated`, `dataset.withdrawn`, `dataset.restored`, `table.published`.
    pub kind: String,
    /// When.
    pub at: Timestamp,
    /// The dataset.
    pub dataset: DatasetId,
    /// Its readable address.
    pub slug: String,
    /// Its title; none when it is not public any more.
    pub title: Option<String>,
    /// Who publishes it.
    pub publisher: Option<String>,
}

/// A change as it may be told now; `None` when its dataset is not public and was not withdrawn either.
pub(super) fn change_of(
    datasets: &[Dataset],
    seq: i64,
    id: &str,
    kind: &str,
    at: i64,
) -> Result<Option<Change>, CatalogError> {
    let dataset: DatasetId = id.parse().map_err(corrupt)?;
    let Some(found) = datasets.iter().find(|one| one.id == dataset) else { return Ok(None) };
    let is_public = found.publication == Publication::Published;
    if !is_public && !matches!(found.publication, Publication::Withdrawn { .. }) {
        return Ok(None);
    }
    Ok(Some(Change {
        seq,
        kind: kind.to_owned(),
        at: Timestamp::from_micros(at),
        dataset,
        slug: found.slug.to_string(),
        title: is_public.then(|| found.draft.title.any().to_owned()),
        publisher: found.publisher.as_ref().filter(|_| is_public).map(|publisher| publisher.name.clone()),
    }))
}

/// A letter that is due: of one follow, or a digest of several.
#[derive(Debug, Clone)]
pub struct DueLetter {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Who reads it.
    pub citizen: Citizen,
    /// Their address.
    pub to: String,
    /// When they are told.
    pub rhythm: Rhythm,
    /// What they follow and this letter is about.
    pub follows: Vec<Follow>,
    /// The datasets that changed, the last changed first, each once: at most [`MOST_LISTED`].
    pub changes: Vec<(FollowId, Change)>,
    /// How many further datasets changed, as far as they were looked through.
    pub more: usize,
    /// How many changes it tells.
    pub count: i64,
}

/// Follows that want one letter together, as [`due_letters`] found them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueGroup {
    citizen: String,
    rhythm: Rhythm,
    follows: Vec<String>,
}

/// Follows with news whose turn it is: all of a citizen's of a rhythm together for digests, each alone for immediate ones.
///
/// # Errors
/// `Storage` when the database fails.
pub fn due_letters(tx: &mut Tx<'_>) -> Result<Vec<DueGroup>, CatalogError> {
    let mut groups: Vec<DueGroup> = Vec::new();
    for row in due_follows(tx, Channel::Email, PAUSE_SECS)? {
        let rhythm = row.rhythm()?;
        let same = |group: &&mut DueGroup| {
            rhythm != Rhythm::Immediate && group.rhythm == rhythm && group.citizen == row.citizen_id
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.follows.push(row.id),
            None => groups.push(DueGroup { citizen: row.citizen_id, rhythm, follows: vec![row.id] }),
        }
    }
    Ok(groups)
}

/// Follows of a channel that have news and whose turn it is.
pub(super) fn due_follows(tx: &mut Tx<'_>, channel: Channel, pause_secs: i64) -> Result<Vec<FollowRow>, CatalogError> {
    let waiting: Vec<(String, Option<i64>)> = follow_news::table
        .filter(follow_news::delivery_id.is_null())
        .group_by(follow_news::follow_id)
        .select((follow_news::follow_id, diesel::dsl::min(follow_news::at)))
        .load(tx.conn)?;
    let oldest: HashMap<String, i64> = waiting.into_iter().filter_map(|(id, at)| Some((id, at?))).collect();
    let ids: Vec<&String> = oldest.keys().collect();
    let mut due = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<FollowRow> = follows::table
            .filter(follows::id.eq_any(chunk.iter().map(|id| id.as_str())))
            .filter(follows::channel.eq(channel.as_str()))
            .order(follows::id)
            .select(FollowRow::as_select())
            .load(tx.conn)?;
        for row in rows {
            let first = oldest.get(&row.id).copied().unwrap_or(i64::MAX);
            let is_due = match row.rhythm()? {
                Rhythm::Immediate => {
                    row.told_at.is_none_or(|told| Timestamp::from_micros(told).plus_secs(pause_secs) <= tx.now)
                }
                digest => first < digest.last_turn(tx.now).as_micros(),
            };
            if is_due {
                due.push(row);
            }
        }
    }
    Ok(due)
}

/// Hands the news that wait to a delivery, up to a number of the journal; gives how many. Whoever comes second gets none.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    follows_with_news: &[String],
    delivery: DeliveryId,
    upto: i64,
) -> Result<i64, CatalogError> {
    let claimed = diesel::update(
        follow_news::table
            .filter(follow_news::follow_id.eq_any(follows_with_news))
            .filter(follow_news::delivery_id.is_null())
            .filter(follow_news::seq.le(upto)),
    )
    .set(follow_news::delivery_id.eq(delivery.to_string()))
    .execute(tx.conn)?;
    if claimed > 0 {
        diesel::update(follows::table.filter(follows::id.eq_any(follows_with_news)))
            .set(follows::told_at.eq(tx.now.as_micros()))
            .execute(tx.conn)?;
    }
    i64::try_from(claimed).map_err(corrupt)
}

/// Makes up a letter of what waits; `None` when somebody else has taken it, or its reader can never be reached: the delivery then
/// says so. The caller queues it in the same transaction and notes that with [`letter_queued`], so it goes once.
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_letter(tx: &mut Tx<'_>, secret: &Secret, group: &DueGroup) -> Result<Option<DueLetter>, CatalogError> {
    let delivery = DeliveryId::new();
    let count = claim(tx, &group.follows, delivery, i64::MAX)?;
    if count == 0 {
        return Ok(None);
    }
    let citizen_id: CitizenId = group.citizen.parse().map_err(corrupt)?;
    let address = citizen::address_of(tx, secret, citizen_id)?;
    let alone = (group.follows.len() == 1).then(|| group.follows.first().cloned()).flatten();
    let row = DeliveryRow {
        id: delivery.to_string(),
        citizen_id: group.citizen.clone(),
        follow_id: alone,
        channel: Channel::Email.as_str().to_owned(),
        changes: count,
        state: if address.is_some() { DeliveryState::Delivered } else { DeliveryState::Failed }.as_str().to_owned(),
        attempts: 1,
        next_try_at: tx.now.as_micros(),
        error: address.is_none().then(|| "the address cannot be read any more".to_owned()),
        letter_id: None,
        created_at: tx.now.as_micros(),
        finished_at: Some(tx.now.as_micros()),
    };
    diesel::insert_into(follow_deliveries::table).values(&row).execute(tx.conn)?;
    let (Some(to), Some(citizen)) = (address, citizen::find(tx, citizen_id)?) else { return Ok(None) };
    let rows: Vec<FollowRow> = follows::table
        .filter(follows::id.eq_any(&group.follows))
        .order(follows::id)
        .select(FollowRow::as_select())
        .load(tx.conn)?;
    let (changes, more) = listed(tx, delivery)?;
    let follows = describe(tx, rows)?;
    Ok(Some(DueLetter { delivery, citizen, to, rhythm: group.rhythm, follows, changes, more, count }))
}

/// What a letter lists: each dataset once, by what matters most of what happened to it.
fn listed(tx: &mut Tx<'_>, delivery: DeliveryId) -> Result<(Vec<(FollowId, Change)>, usize), CatalogError> {
    let lines = lines_of(tx, delivery, MOST_READ)?;
    let mut changes: Vec<(FollowId, Change)> = Vec::new();
    for (follow, change) in lines {
        match changes.iter_mut().find(|(_, known)| known.dataset == change.dataset) {
            // Newest first: a dataset that came and was changed since is new.
            Some((_, known)) if known.kind != "dataset.withdrawn" && change.kind == "dataset.created" => {
                known.kind = change.kind;
            }
            Some(_) => {}
            None => changes.push((follow, change)),
        }
    }
    let more = changes.len().saturating_sub(MOST_LISTED);
    changes.truncate(MOST_LISTED);
    Ok((changes, more))
}

/// The changes of a delivery, newest first.
pub(super) fn lines_of(
    tx: &mut Tx<'_>,
    delivery: DeliveryId,
    limit: i64,
) -> Result<Vec<(FollowId, Change)>, CatalogError> {
    type Line = (String, i64, String, String, i64);
    let lines: Vec<Line> = follow_news::table
        .filter(follow_news::delivery_id.eq(delivery.to_string()))
        .order((follow_news::seq.desc(), follow_news::follow_id))
        .limit(limit)
        .select((follow_news::follow_id, follow_news::seq, follow_news::dataset_id, follow_news::kind, follow_news::at))
        .load(tx.conn)?;
    let mut ids: Vec<String> = lines.iter().map(|line| line.2.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let datasets = dataset::list_by_ids(tx, &ids)?;
    let mut changes = Vec::with_capacity(lines.len());
    for (follow, seq, id, kind, at) in lines {
        if let Some(change) = change_of(&datasets, seq, &id, &kind, at)? {
            changes.push((follow.parse().map_err(corrupt)?, change));
        }
    }
    Ok(changes)
}

/// Notes which letter carries a delivery, so that its fate is known: the queue keeps what it could not hand over.
///
/// # Errors
/// `Storage` when the database fails.
pub fn letter_queued(tx: &mut Tx<'_>, delivery: DeliveryId, letter: LetterId) -> Result<(), CatalogError> {
    diesel::update(follow_deliveries::table.find(delivery.to_string()))
        .set(follow_deliveries::letter_id.eq(letter.to_string()))
        .execute(tx.conn)?;
    Ok(())
}

/// Where deliveries stand, by id; letters as the queue of letters says.
pub(super) fn states_of(tx: &mut Tx<'_>, ids: &[String]) -> Result<HashMap<String, DeliveryState>, CatalogError> {
    let mut states = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<DeliveryRow> = follow_deliveries::table
            .filter(follow_deliveries::id.eq_any(chunk))
            .select(DeliveryRow::as_select())
            .load(tx.conn)?;
        for delivery in read(tx, rows)? {
            states.insert(delivery.id.to_string(), delivery.state);
        }
    }
    Ok(states)
}

/// The latest deliveries of a citizen, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_deliveries(tx: &mut Tx<'_>, citizen: CitizenId, limit: i64) -> Result<Vec<Delivery>, CatalogError> {
    let rows: Vec<DeliveryRow> = follow_deliveries::table
        .filter(follow_deliveries::citizen_id.eq(citizen.to_string()))
        .order((follow_deliveries::created_at.desc(), follow_deliveries::id.desc()))
        .limit(limit)
        .select(DeliveryRow::as_select())
        .load(tx.conn)?;
    read(tx, rows)
}

fn read(tx: &mut Tx<'_>, rows: Vec<DeliveryRow>) -> Result<Vec<Delivery>, CatalogError> {
    let carried: Vec<&String> = rows.iter().filter_map(|row| row.letter_id.as_ref()).collect();
    type Fate = (String, i32, Option<i64>, Option<String>);
    let mut fates: HashMap<String, Fate> = HashMap::new();
    for chunk in carried.chunks(CHUNK) {
        let found: Vec<Fate> = letters::table
            .filter(letters::id.eq_any(chunk.iter().map(|id| id.as_str())))
            .select((letters::id, letters::attempts, letters::failed_at, letters::error))
            .load(tx.conn)?;
        fates.extend(found.into_iter().map(|fate| (fate.0.clone(), fate)));
    }
    rows.into_iter()
        .map(|row| {
            let known = DeliveryState::ALL.into_iter().find(|state| state.as_str() == row.state);
            let mut delivery = Delivery {
                id: row.id.parse().map_err(corrupt)?,
                follow: row.follow_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
                channel: Channel::parse(&row.channel).ok_or_else(|| corrupt(format!("channel `{}`", row.channel)))?,
                changes: row.changes,
                state: known.ok_or_else(|| corrupt(format!("state `{}`", row.state)))?,
                attempts: row.attempts,
                error: row.error,
                created_at: Timestamp::from_micros(row.created_at),
                finished_at: row.finished_at.map(Timestamp::from_micros),
            };
            // What the queue no longer holds was handed over.
            if let Some((_, attempts, failed_at, error)) = row.letter_id.as_ref().and_then(|id| fates.get(id)) {
                delivery.state = if failed_at.is_some() { DeliveryState::Failed } else { DeliveryState::Waiting };
                delivery.attempts = *attempts;
                delivery.error.clone_from(error);
                delivery.finished_at = failed_at.map(Timestamp::from_micros);
            }
            Ok(delivery)
        })
        .collect()
}

/// Puts the changes of a failed delivery back, so that the next letter or call tells them.
///
/// # Errors
/// `NotFound` when the citizen has no such delivery; `WrongState` when it has not failed.
pub fn retry(tx: &mut Tx<'_>, citizen: CitizenId, id: DeliveryId) -> Result<(), CatalogError> {
    let row: Option<DeliveryRow> = follow_deliveries::table
        .find(id.to_string())
        .filter(follow_deliveries::citizen_id.eq(citizen.to_string()))
        .select(DeliveryRow::as_select())
        .first(tx.conn)
        .optional()?;
    let delivery = read(tx, row.into_iter().collect())?.pop().ok_or_else(|| CatalogError::not_found("delivery", id))?;
    if delivery.state != DeliveryState::Failed {
        return Err(CatalogError::WrongState {
            what: "the delivery".to_owned(),
            state: delivery.state.as_str().to_owned(),
            problem: "only what failed is delivered again",
        });
    }
    diesel::update(follow_news::table.filter(follow_news::delivery_id.eq(id.to_string())))
        .set(follow_news::delivery_id.eq(None::<String>))
        .execute(tx.conn)?;
    diesel::delete(follow_deliveries::table.find(id.to_string())).execute(tx.conn)?;
    Ok(())
}

/// Forgets news and deliveries that are older than [`DAYS_KEPT`].
///
/// # Errors
/// `Storage` when the database fails.
pub fn prune(tx: &mut Tx<'_>) -> Result<(), CatalogError> {
    let before = tx.now.plus_secs(-DAYS_KEPT * 86_400).as_micros();
    diesel::delete(
        follow_news::table.filter(follow_news::at.lt(before)).filter(follow_news::delivery_id.is_not_null()),
    )
    .execute(tx.conn)?;
    diesel::delete(
        follow_deliveries::table
            .filter(follow_deliveries::created_at.lt(before))
            .filter(follow_deliveries::state.ne(DeliveryState::Waiting.as_str())),
    )
    .execute(tx.conn)?;
    Ok(())
}
