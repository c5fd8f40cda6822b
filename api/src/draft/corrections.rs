//! What is corrected in harvested datasets, beside what their sources say; and taking it back.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, get, post};
use fairground_catalog::correction::{self, Correction};
use fairground_catalog::draft;
use fairground_domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::handlers::created;
use super::shown::DatasetPath;
use super::wire::DraftOut;
use crate::body::{Body, Checked};
use crate::caller::{Then, Worker};
use crate::page::Page;
use crate::problem::{Answer, Fault, Problem};
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// A field of a harvested dataset in which an agency says something else than the source.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CorrectionOut {
    /// Its name in the description, such as `title`.
    field: String,
    /// What is public; absent where the correction took the field out.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<Object>)]
    value: Value,
    /// What the source said last; absent where it says nothing.
    #[serde(skip_serializing_if = "Value::is_null")]
    #[schema(value_type = Option<Object>)]
    original: Value,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    corrected_at: Timestamp,
    /// By whom, as the audit names them.
    corrected_by: String,
    /// Since when the source says something else than it did when the field was corrected: look at it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    source_changed_at: Option<Timestamp>,
}

impl From<Correction> for CorrectionOut {
    fn from(one: Correction) -> Self {
        Self {
            field: one.field,
            value: one.value,
            original: one.original,
            corrected_at: one.corrected_at,
            corrected_by: one.corrected_by,
            source_changed_at: one.source_changed_at,
        }
    }
}

/// What is corrected in a harvested dataset, field by field, beside what its source says; for those who work for its publisher. It
/// is corrected by a draft of the dataset (`POST /api/v1/drafts` with `dataset`), as other datasets are changed.
#[utoipa::path(tag = "drafts", params(DatasetPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = Page<CorrectionOut>), Problem))]
#[get("/datasets/{dataset}/corrections")]
pub(super) async fn list_corrections(
    caller: Worker,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<CorrectionOut>> {
    let (actor, name) = (caller.actor(), path.into_inner().dataset);
    let found = state.read(move |tx| correction::list(tx, &actor, &name)).await?;
    Ok(Json(Page { items: found.into_iter().map(CorrectionOut::from).collect(), next: None }))
}

/// Which corrections are taken back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakeBackIn {
    /// The names of the fields.
    fields: Vec<String>,
}

impl Checked for TakeBackIn {
    fn faults(&self) -> Vec<Fault> {
        if self.fields.is_empty() { vec![Fault::at("/fields", "Name a corrected field.")] } else { Vec::new() }
    }
}

/// Begins a draft in which corrected fields say what the source says now. It goes the same way as every other.
#[utoipa::path(tag = "drafts", params(DatasetPath), request_body = TakeBackIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = CREATED, body = DraftOut), (status = CONFLICT, description = "A draft of it is on its way"), Problem))]
#[post("/datasets/{dataset}/corrections/take-back")]
pub(super) async fn take_back_corrections(
    asked: Then<Worker, Body<TakeBackIn>>,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(TakeBackIn { fields })) = asked;
    let (actor, name) = (caller.actor(), path.into_inner().dataset);
    Ok(created(state.write(move |tx| draft::take_back(tx, &actor, &name, &fields)).await?))
}
