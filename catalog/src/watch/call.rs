//! From news to signed calls of web addresses: each is tried until the receiver has it, or visibly failed.

use diesel::prelude::*;
use fairground_domain::{DeliveryId, Timestamp};

use super::deliver::{Change, DeliveryRow, claim, due_follows, lines_of};
use super::store::{FollowRow, corrupt, describe};
use super::{Channel, DeliveryState, Follow};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::letter::pause_secs;
use crate::schema::{follow_deliveries, follow_news, follows};
use crate::secret::Secret;

/// Changes that one call tells; more go in further calls.
pub const MOST_CALLED: i64 = 100;
/// How often a call is tried; with the pauses between them about an hour.
pub const MAX_CALL_ATTEMPTS: i32 = 8;
/// How long whoever takes a call may need to make it, in seconds.
pub const CALL_HOLD_SECS: i64 = 120;
/// Longest account of a failure that is kept, in characters.
const MAX_ERROR_CHARS: usize = 300;

/// A call that somebody has taken to make it.
#[derive(Clone)]
pub struct DueCall {
    /// The delivery; the same at every try.
    pub delivery: DeliveryId,
    /// The number of this try, from 1.
    pub attempt: i32,
    /// The follow.
    pub follow: Follow,
    /// The web address.
    pub address: String,
    /// What the call is signed with.
    pub secret: String,
    /// What it tells, oldest first.
    pub changes: Vec<Change>,
    /// When it was made up.
    pub created_at: Timestamp,
}

impl std::fmt::Debug for DueCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DueCall")
            .field("delivery", &self.delivery)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// Whether a webhook has news, or a call waits whose turn it is: a look without the write lock.
///
/// # Errors
/// `Storage` when the database fails.
pub fn has_calls(tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
    let due: i64 = follow_deliveries::table
        .filter(follow_deliveries::channel.eq(Channel::Webhook.as_str()))
        .filter(follow_deliveries::state.eq(DeliveryState::Waiting.as_str()))
        .filter(follow_deliveries::next_try_at.le(tx.now.as_micros()))
        .count()
        .get_result(tx.conn)?;
    Ok(due > 0 || !due_follows(tx, Channel::Webhook, 0)?.is_empty())
}

/// Makes calls up of the news that wait for webhooks; gives how many.
///
/// # Errors
/// `Storage` when the database fails.
pub fn prepare_calls(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    let mut made = 0;
    for row in due_follows(tx, Channel::Webhook, 0)? {
        let last: Option<i64> = follow_news::table
            .filter(follow_news::follow_id.eq(&row.id))
            .filter(follow_news::delivery_id.is_null())
            .order(follow_news::seq)
            .offset(MOST_CALLED - 1)
            .select(follow_news::seq)
            .first(tx.conn)
            .optional()?;
        let delivery = DeliveryId::new();
        let changes = claim(tx, std::slice::from_ref(&row.id), delivery, last.unwrap_or(i64::MAX))?;
        if changes == 0 {
            continue;
        }
        let delivery = DeliveryRow {
            id: delivery.to_string(),
            citizen_id: row.citizen_id,
            follow_id: Some(row.id),
            channel: Channel::Webhook.as_str().to_owned(),
            changes,
            state: DeliveryState::Waiting.as_str().to_owned(),
            attempts: 0,
            next_try_at: tx.now.as_micros(),
            error: None,
            letter_id: None,
            created_at: tx.now.as_micros(),
            finished_at: None,
        };
        diesel::insert_into(follow_deliveries::table).values(&delivery).execute(tx.conn)?;
        made += 1;
    }
    Ok(made)
}

/// Takes up to `most` calls that are due; nobody else gets them for [`CALL_HOLD_SECS`].
///
/// # Errors
/// `Storage` when the database fails.
pub fn take_due_calls(tx: &mut Tx<'_>, secret: &Secret, most: i64) -> Result<Vec<DueCall>, CatalogError> {
    let rows: Vec<DeliveryRow> = follow_deliveries::table
        .filter(follow_deliveries::channel.eq(Channel::Webhook.as_str()))
        .filter(follow_deliveries::state.eq(DeliveryState::Waiting.as_str()))
        .filter(follow_deliveries::next_try_at.le(tx.now.as_micros()))
        .order(follow_deliveries::next_try_at)
        .limit(most)
        .select(DeliveryRow::as_select())
        .load(tx.conn)?;
    let mut taken = Vec::new();
    for row in rows {
        // One row means ours: another process may have looked at the same moment.
        let ours = diesel::update(
            follow_deliveries::table.find(&row.id).filter(follow_deliveries::next_try_at.eq(row.next_try_at)),
        )
        .set((
            follow_deliveries::attempts.eq(row.attempts + 1),
            follow_deliveries::next_try_at.eq(tx.now.plus_secs(CALL_HOLD_SECS).as_micros()),
        ))
        .execute(tx.conn)?;
        if ours != 1 {
            continue;
        }
        let id: DeliveryId = row.id.parse().map_err(corrupt)?;
        match open(tx, secret, id, &row) {
            Ok(call) => taken.push(call),
            // The portal's secret was replaced, or the follow is gone: it can never be delivered.
            Err(error @ (CatalogError::Corrupt { .. } | CatalogError::NotFound { .. })) => {
                call_failed(tx, id, &error.to_string())?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

/// Lets every call that waits be tried now, for an operator whose network works again; gives how many. What is just being
/// called may be called twice.
///
/// # Errors
/// `Storage` when the database fails.
pub fn hurry_calls(tx: &mut Tx<'_>) -> Result<usize, CatalogError> {
    let waiting = follow_deliveries::table
        .filter(follow_deliveries::channel.eq(Channel::Webhook.as_str()))
        .filter(follow_deliveries::state.eq(DeliveryState::Waiting.as_str()));
    Ok(diesel::update(waiting).set(follow_deliveries::next_try_at.eq(tx.now.as_micros())).execute(tx.conn)?)
}

fn open(tx: &mut Tx<'_>, secret: &Secret, delivery: DeliveryId, row: &DeliveryRow) -> Result<DueCall, CatalogError> {
    let follow_id = row.follow_id.as_deref().unwrap_or_default();
    let follow: FollowRow = follows::table
        .find(follow_id)
        .select(FollowRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("follow", follow_id))?;
    let hook = follow.hook(secret)?;
    let mut changes: Vec<Change> = lines_of(tx, delivery, MOST_CALLED)?.into_iter().map(|(_, change)| change).collect();
    changes.reverse();
    let follow = describe(tx, vec![follow])?.pop().ok_or_else(|| CatalogError::not_found("follow", follow_id))?;
    Ok(DueCall {
        delivery,
        attempt: row.attempts + 1,
        follow,
        address: hook.address,
        secret: hook.secret,
        changes,
        created_at: Timestamp::from_micros(row.created_at),
    })
}

fn finish(tx: &mut Tx<'_>, id: DeliveryId, state: DeliveryState, error: Option<&str>) -> Result<(), CatalogError> {
    diesel::update(follow_deliveries::table.find(id.to_string()))
        .set((
            follow_deliveries::state.eq(state.as_str()),
            follow_deliveries::error.eq(error.map(shortened)),
            follow_deliveries::finished_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn shortened(error: &str) -> String {
    error.chars().take(MAX_ERROR_CHARS).collect()
}

/// A call has arrived.
///
/// # Errors
/// `Storage` when the database fails.
pub fn call_delivered(tx: &mut Tx<'_>, id: DeliveryId) -> Result<(), CatalogError> {
    finish(tx, id, DeliveryState::Delivered, None)
}

/// A call will never arrive; its owner sees why.
///
/// # Errors
/// `Storage` when the database fails.
pub fn call_failed(tx: &mut Tx<'_>, id: DeliveryId, why: &str) -> Result<(), CatalogError> {
    finish(tx, id, DeliveryState::Failed, Some(why))
}

/// A try failed: the call is tried again after a pause that doubles, or has failed when this was the last. Gives which.
///
/// # Errors
/// `Storage` when the database fails.
pub fn put_off_call(tx: &mut Tx<'_>, due: &DueCall, why: &str) -> Result<DeliveryState, CatalogError> {
    if due.attempt >= MAX_CALL_ATTEMPTS {
        call_failed(tx, due.delivery, why)?;
        return Ok(DeliveryState::Failed);
    }
    let next = tx.now.plus_secs(pause_secs(due.attempt));
    diesel::update(follow_deliveries::table.find(due.delivery.to_string()))
        .set((follow_deliveries::next_try_at.eq(next.as_micros()), follow_deliveries::error.eq(shortened(why))))
        .execute(tx.conn)?;
    Ok(DeliveryState::Waiting)
}
