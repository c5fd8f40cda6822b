//! The agency desk: what needs somebody today.

use actix_web::get;
use actix_web::web::{Data, Json};
use fairground_catalog::draft;
use fairground_domain::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::caller::Worker;
use crate::problem::{Answer, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Items of each task at most.
const ITEMS: i64 = 50;

/// One thing that needs somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct DeskItemOut {
    /// What is to be done, such as `returned` or `to-review`.
    task: &'static str,
    /// To what: its `kind`, and by what it is found.
    #[schema(value_type = Object)]
    subject: Value,
    /// What people read.
    title: String,
    /// Since when it waits.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What needs you today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DeskOut {
    /// The items, task by task, what has waited longest first.
    items: Vec<DeskItemOut>,
    /// Tasks of which there are more than are listed.
    more: Vec<&'static str>,
}

/// What needs you today: returned drafts, reviews, held files, failed releases and harvests, lateness, broken links, questions.
#[utoipa::path(tag = "drafts", security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DeskOut), Problem))]
#[get("/desk")]
pub(super) async fn get_desk(caller: Worker, _query: Query<NoParameters>, state: Data<ApiState>) -> Answer<DeskOut> {
    let actor = caller.actor();
    let desk = state.read(move |tx| draft::desk(tx, &actor, ITEMS)).await?;
    let mut items = Vec::with_capacity(desk.items.len());
    for item in desk.items {
        items.push(DeskItemOut {
            task: item.task.as_str(),
            subject: serde_json::to_value(&item.subject).map_err(Problem::internal)?,
            title: item.title,
            since: item.since,
            detail: item.detail,
        });
    }
    Ok(Json(DeskOut { items, more: desk.more.into_iter().map(|task| task.as_str()).collect() }))
}
