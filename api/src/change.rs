//! The change feed: what happened to public things, from the journal, in its order.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::journal::{self, Entry};
use fairground_domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::page::MAX_LIMIT;
use crate::problem::Problem;
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Changes on a page when the caller has no wish.
const DEFAULT_CHANGES: u64 = 100;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_changes);
}

/// One change.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChangeOut {
    /// Its number in the journal; numbers grow, and have gaps where something is not public.
    pub(crate) seq: i64,
    /// When it happened.
    #[schema(value_type = String, format = DateTime)]
    pub(crate) at: Timestamp,
    /// What happened, such as `dataset.updated`.
    pub(crate) kind: String,
    /// The id of what it happened to.
    pub(crate) subject_id: String,
    /// Who did it.
    pub(crate) actor: String,
    /// What a reader needs to follow it.
    #[schema(value_type = Object)]
    pub(crate) payload: Value,
    /// The digest over this entry and the one before it in the journal.
    pub(crate) hash: String,
}

impl From<Entry> for ChangeOut {
    fn from(entry: Entry) -> Self {
        Self {
            seq: entry.seq,
            at: entry.at,
            kind: entry.kind.as_str().to_owned(),
            subject_id: entry.subject_id,
            actor: entry.actor,
            payload: entry.payload,
            hash: entry.hash.to_string(),
        }
    }
}

/// Some changes, oldest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ChangeList {
    /// The changes.
    pub(crate) items: Vec<ChangeOut>,
    /// The `since` to go on with; the same as was asked when there is nothing new.
    pub(crate) next: i64,
    /// Whether there may be more right now.
    pub(crate) more: bool,
}

/// What may be asked of the change feed.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ChangesParams {
    /// Only what came after this number; 0 for everything.
    #[param(minimum = 0, default = 0)]
    since: Option<i64>,
    /// Changes at once.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u64>,
}

#[derive(Debug)]
struct ChangesQuery {
    since: i64,
    limit: usize,
}

impl FromQuery for ChangesQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let since = query.number("since", 0..=i64::MAX.unsigned_abs());
        let limit = query.number("limit", 1..=u64::try_from(MAX_LIMIT).unwrap_or(u64::MAX));
        Self {
            since: since.and_then(|since| i64::try_from(since).ok()).unwrap_or(0),
            limit: usize::try_from(limit.unwrap_or(DEFAULT_CHANGES)).unwrap_or(MAX_LIMIT),
        }
    }
}

/// What changed since a number, oldest first. Asking again with `next` misses nothing and repeats nothing.
#[utoipa::path(tag = "changes", params(ChangesParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ChangeList), Problem))]
#[get("/changes")]
async fn list_changes(
    _caller: Anyone,
    query: Query<ChangesQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ChangesQuery { since, limit }) = query;
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
    let entries = state.read(move |tx| journal::list_public_since(tx, since, wanted)).await?;
    let more = entries.len() == limit;
    let items: Vec<ChangeOut> = entries.into_iter().map(ChangeOut::from).collect();
    let next = items.last().map_or(since, |last| last.seq);
    let rendered = Rendered::json(&ChangeList { items, next, more }, Freshness::Revalidated)?;
    let rendered =
        if more { rendered.link(&format!("{}?since={next}&limit={limit}", req.path()), "next") } else { rendered };
    Ok(rendered.answer(&req))
}
