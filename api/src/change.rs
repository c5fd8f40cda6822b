//! The change feed: what happened to public things, from the journal, in its order.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::journal::{self, Entry};
use fairground_catalog::{CatalogError, Tx, dataset, publisher};
use fairground_domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::page::MAX_LIMIT;
use crate::problem::Problem;
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// How often one page goes on over entries that are nobody's business.
const MAX_STEPS: usize = 20;
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
    /// With `documents`: what the dataset or publisher is, as it is kept. For a dataset, the description of the entry's
    /// version, whose SHA-256 is `payload.content_hash`; absent when the dataset is not public any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub(crate) document: Option<Box<RawValue>>,
    /// With `documents`: the slug of the dataset's publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publisher: Option<String>,
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
            document: None,
            publisher: None,
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
    /// Whether there may be more right now; a page may then hold fewer changes than asked for, or none.
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
    /// Whether datasets and publishers come with their documents, so that whoever follows has the whole catalogue.
    #[param(default = false)]
    documents: Option<bool>,
}

#[derive(Debug)]
struct ChangesQuery {
    since: i64,
    limit: usize,
    documents: bool,
}

impl FromQuery for ChangesQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let since = query.number("since", 0..=i64::MAX.unsigned_abs());
        let limit = query.number("limit", 1..=u64::try_from(MAX_LIMIT).unwrap_or(u64::MAX));
        Self {
            since: since.and_then(|since| i64::try_from(since).ok()).unwrap_or(0),
            limit: usize::try_from(limit.unwrap_or(DEFAULT_CHANGES)).unwrap_or(MAX_LIMIT),
            documents: query.choice("documents", &[("true", true), ("false", false)]).unwrap_or(false),
        }
    }
}

/// What changed since a number, oldest first. Asking again with `next` misses nothing and repeats nothing; with `documents`,
/// following from 0 gives the whole catalogue.
#[utoipa::path(tag = "changes", params(ChangesParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ChangeList), Problem))]
#[get("/changes")]
async fn list_changes(
    _caller: Anyone,
    query: Query<ChangesQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(ChangesQuery { since, limit, documents }) = query;
    let list = state.read(move |tx| ChangeList::read(tx, since, limit, documents)).await?;
    let (next, more) = (list.next, list.more);
    let rendered = Rendered::json(&list, Freshness::Revalidated)?;
    let rendered = if more {
        let documents = if documents { "&documents=true" } else { "" };
        rendered.link(&format!("{}?since={next}&limit={limit}{documents}", req.path()), "next")
    } else {
        rendered
    };
    Ok(rendered.answer(&req))
}

impl ChangeList {
    /// Reads a page. Entries that are nobody's business are passed over, a bounded number of them at a time.
    fn read(tx: &mut Tx<'_>, since: i64, limit: usize, documents: bool) -> Result<Self, CatalogError> {
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
        let (mut entries, mut next, mut more) = (Vec::new(), since, true);
        for _ in 0..MAX_STEPS {
            let page = journal::page_public_since(tx, next, wanted)?;
            (next, more) = (page.reached, page.more);
            entries.extend(page.entries);
            if entries.len() >= limit || !more {
                break;
            }
        }
        if entries.len() > limit {
            entries.truncate(limit);
            next = entries.last().map_or(next, |last| last.seq);
            more = true;
        }
        let mut items: Vec<ChangeOut> = entries.into_iter().map(ChangeOut::from).collect();
        if documents {
            add_documents(tx, &mut items)?;
        }
        Ok(Self { items, next, more })
    }
}

/// Puts the documents of datasets and publishers to their entries.
fn add_documents(tx: &mut Tx<'_>, items: &mut [ChangeOut]) -> Result<(), CatalogError> {
    let version = |item: &ChangeOut| i32::try_from(item.payload.get("version")?.as_i64()?).ok();
    let describes =
        |item: &ChangeOut| matches!(item.kind.as_str(), "dataset.created" | "dataset.updated" | "dataset.restored");
    let wanted: Vec<(String, i32)> = items
        .iter()
        .filter(|item| describes(item))
        .filter_map(|item| Some((item.subject_id.clone(), version(item)?)))
        .collect();
    let known = dataset::list_documents(tx, &wanted)?;
    for item in items {
        if describes(item) {
            let Some(version) = version(item) else { continue };
            if let Some(found) = known.get(&(item.subject_id.clone(), version)) {
                item.document = RawValue::from_string(found.document.clone()).ok();
                item.publisher.clone_from(&found.publisher);
            }
        } else if item.kind == "publisher.created"
            && let Some(publisher) = publisher::find(tx, &item.subject_id)?
        {
            item.document = serde_json::value::to_raw_value(&publisher.agent).ok();
        }
    }
    Ok(())
}
