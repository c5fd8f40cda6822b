//! What happens by itself: the journal becomes news, news become letters and calls.

use std::time::Duration;

use fairground_catalog::watch::{
    self, DeliveryState, DueCall, call_delivered, call_failed, due_letters, letter_queued, put_off_call,
    take_due_calls, take_letter,
};
use fairground_catalog::{CatalogError, letter};
use serde_json::{Value, json};

use super::letters;
use super::wire::subject_json;
use crate::federation::http::Asker;
use crate::harvest::{CallError, post_signed};
use crate::mail::Tongue;
use crate::state::ApiState;

/// How often news are looked for.
pub(crate) const FOLLOWS_EVERY: Duration = Duration::from_secs(5);
/// How often old news are forgotten.
pub(crate) const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// Calls taken at once.
const CALLS_AT_ONCE: i64 = 20;

/// Why follows could not be tended.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The store failed.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// Nobody can be called.
    #[error("web addresses cannot be called: {0}")]
    Setup(String),
}

/// Notes what is news, queues the letters that are due and makes the calls that are; gives how many were delivered. It may block.
///
/// # Errors
/// When the store fails or nobody can be called; what was taken is tried again later.
pub(crate) fn deliver(state: &ApiState) -> Result<usize, DeliverError> {
    watch::match_news(&state.catalog.db, &state.catalog.index)?;
    Ok(queue_letters(state)? + call_addresses(state)?)
}

/// Forgets old news.
pub(crate) fn prune(state: &ApiState) -> Result<(), CatalogError> {
    state.catalog.db.write(watch::prune)
}

/// A letter and the mark on the changes that it tells are written in one transaction: none is lost and none goes twice.
fn queue_letters(state: &ApiState) -> Result<usize, CatalogError> {
    let (db, secret) = (&state.catalog.db, &state.catalog.secret);
    let mut queued = 0;
    for group in db.read(due_letters)? {
        let sent = db.write(|tx| {
            let Some(due) = take_letter(tx, secret, &group)? else { return Ok(false) };
            let tongue = Tongue::of_address(tx, &due.to, state.settings.language)?;
            let (mail, unsubscribe) = letters::changes(&state.settings, tongue, secret, &due);
            let id = letter::enqueue_listed(tx, secret, mail.into(), unsubscribe)?;
            letter_queued(tx, due.delivery, id)?;
            Ok(true)
        })?;
        queued += usize::from(sent);
    }
    if queued > 0 {
        metrics::counter!("fairground_follow_deliveries_total", "outcome" => "queued").increment(1);
        state.post.wake();
    }
    Ok(queued)
}

fn call_addresses(state: &ApiState) -> Result<usize, DeliverError> {
    let (db, secret) = (&state.catalog.db, &state.catalog.secret);
    if db.read(watch::has_calls)? {
        db.write(watch::prepare_calls)?;
    } else {
        return Ok(0);
    }
    let due = db.write(|tx| take_due_calls(tx, secret, CALLS_AT_ONCE))?;
    if due.is_empty() {
        return Ok(0);
    }
    let setup = |error: &dyn std::fmt::Display| DeliverError::Setup(error.to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| setup(&error))?;
    let url = &state.settings.public_url;
    let mut delivered = 0;
    for call in due {
        // Made within the runtime, with whose end its connections go.
        let called = runtime.block_on(async {
            let asker =
                Asker::new(&state.settings.reach, url).map_err(|error| CallError::Passing(error.to_string()))?;
            let id = format!("follow.{}", call.delivery);
            post_signed(&asker, &call.address, &call.secret, &id, &body_of(&call, url)).await
        });
        delivered += usize::from(note(state, &call, called)?);
    }
    Ok(delivered)
}

fn note(state: &ApiState, call: &DueCall, called: Result<(), CallError>) -> Result<bool, CatalogError> {
    let arrived = called.is_ok();
    let outcome = state.catalog.db.write(|tx| match &called {
        Ok(()) => call_delivered(tx, call.delivery).map(|()| DeliveryState::Delivered),
        Err(CallError::Final(why)) => call_failed(tx, call.delivery, why).map(|()| DeliveryState::Failed),
        Err(CallError::Passing(why)) => put_off_call(tx, call, why),
    })?;
    metrics::counter!("fairground_follow_deliveries_total", "outcome" => outcome.as_str()).increment(1);
    if let Err(error) = called {
        tracing::warn!(delivery.id = %call.delivery, attempt = call.attempt, "A follower could not be called: {error}");
    }
    Ok(arrived)
}

/// What a call says.
fn body_of(call: &DueCall, url: &str) -> Value {
    let changes: Vec<Value> = call
        .changes
        .iter()
        .map(|change| {
            json!({
                "seq": change.seq,
                "kind": change.kind,
                "at": change.at,
                "dataset": {
                    "id": change.dataset,
                    "slug": change.slug,
                    "title": change.title,
                    "publisher": change.publisher,
                    "url": format!("{url}/datasets/{}", change.slug),
                },
            })
        })
        .collect();
    json!({
        "type": "follow.changes",
        "timestamp": call.created_at,
        "data": {
            "follow": { "id": call.follow.id, "subject": subject_json(&call.follow) },
            "changes": changes,
        },
    })
}
