//! Listing, beginning, editing and giving up drafts.

use actix_web::http::header;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use fairground_catalog::draft::{self, CopyFrom, DraftFilter, NewDraft};
use fairground_catalog::member::Actor;
use fairground_catalog::{CatalogError, Tx, dataset, publisher};
use fairground_domain::{DraftId, PublisherId, ResourceKind, Slug, StageName, form};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::wire::{ColumnNoteDoc, ContentDoc, DraftItem, DraftOut, RefreshDoc, TableNotesDoc, below};
use crate::answer::Freshness;
use crate::body::{Body, Checked};
use crate::caller::{Then, Worker};
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// A draft's id.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DraftPath {
    /// The draft's id.
    pub(super) draft: String,
}

impl DraftPath {
    pub(super) fn id(&self) -> Result<DraftId, Problem> {
        draft_id(&self.draft)
    }
}

/// The id that a text is; what is none names no draft.
pub(super) fn draft_id(text: &str) -> Result<DraftId, Problem> {
    text.parse().map_err(|_| Problem::not_found("draft"))
}

/// The publisher's id. That a publisher exists is no secret.
pub(super) fn find_publisher(tx: &mut Tx<'_>, name: &str) -> Result<PublisherId, CatalogError> {
    Ok(publisher::find(tx, name)?.ok_or_else(|| CatalogError::not_found("publisher", name))?.id)
}

/// Which drafts.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ListDraftsParams {
    /// Of this publisher (id or slug); of all that you work for, without it.
    publisher: Option<String>,
    /// In one of these stages, separated by commas: `draft`, `in-review`, `returned`, `approved`, `published`, `discarded`.
    stage: Option<String>,
    /// For this dataset (id or slug).
    dataset: Option<String>,
    /// Written by this actor, such as `account:ID`, or `me`.
    author: Option<String>,
}

#[derive(Debug)]
pub(super) struct ListDraftsQuery {
    publisher: Option<String>,
    stages: Vec<StageName>,
    dataset: Option<String>,
    author: Option<String>,
    page: PageQuery,
}

impl FromQuery for ListDraftsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let mut stages = Vec::new();
        for word in query.list("stage") {
            match StageName::parse(&word) {
                Some(stage) => stages.push(stage),
                None => {
                    query.fault("stage", "Stages are draft, in-review, returned, approved, published and discarded.")
                }
            }
        }
        Self {
            publisher: query.text("publisher"),
            stages,
            dataset: query.text("dataset"),
            author: query.text("author"),
            page: PageQuery::from_query(query),
        }
    }
}

/// Drafts of the publishers that you work for, those begun last first.
#[utoipa::path(tag = "drafts", params(ListDraftsParams, PageParams), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = Page<DraftItem>), Problem))]
#[get("/drafts")]
pub(super) async fn list_drafts(
    asked: Then<Worker, Query<ListDraftsQuery>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(asked)) = asked;
    list(caller, asked, &req, &state).await
}

/// What waits for a reviewer at the publishers that you work for, that begun last first: drafts in review.
#[utoipa::path(tag = "drafts", params(ListReviewsParams, PageParams), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = Page<DraftItem>), Problem))]
#[get("/reviews")]
pub(super) async fn list_reviews(
    asked: Then<Worker, Query<ListReviewsQuery>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(ListReviewsQuery { publisher, page })) = asked;
    let asked = ListDraftsQuery { publisher, stages: vec![StageName::InReview], dataset: None, author: None, page };
    list(caller, asked, &req, &state).await
}

/// Which reviews.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct ListReviewsParams {
    /// Of this publisher (id or slug); of all that you work for, without it.
    publisher: Option<String>,
}

#[derive(Debug)]
pub(super) struct ListReviewsQuery {
    publisher: Option<String>,
    page: PageQuery,
}

impl FromQuery for ListReviewsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { publisher: query.text("publisher"), page: PageQuery::from_query(query) }
    }
}

async fn list(
    caller: Worker,
    asked: ListDraftsQuery,
    req: &HttpRequest,
    state: &ApiState,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    let ListDraftsQuery { publisher, stages, dataset: home, author, page } = asked;
    let (wanted, before) = (page.wanted(), page.after.as_deref().and_then(|place| place.parse().ok()));
    let author = author.map(|author| if author == "me" { actor.name().to_owned() } else { author });
    let found = state
        .read(move |tx| {
            let publisher = publisher.map(|name| find_publisher(tx, &name)).transpose()?;
            let dataset = match home {
                None => None,
                // A dataset that is not public yet is known by its id alone.
                Some(name) => match name.parse() {
                    Ok(id) => Some(id),
                    Err(_) => Some(dataset::get(tx, &name)?.id),
                },
            };
            let filter = DraftFilter { publisher, stages, dataset, author, before };
            draft::list(tx, &actor, &filter, wanted)
        })
        .await?;
    let (items, next) = page.cut(found, |card| card.id.to_string());
    page::answer(items.into_iter().map(DraftItem::from).collect::<Vec<_>>(), next, Freshness::Private, req)
}

/// What a draft is begun with: exactly one of `publisher` alone, `dataset` (a new version), or `copy_of_dataset` or `copy_of_draft`
/// together with `publisher`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct DraftIn {
    /// Whose it shall be (id or slug).
    publisher: Option<String>,
    /// The address that it shall have; its title's without it. For ever.
    slug: Option<String>,
    /// `dataset` (when absent), `dataset-series` or `data-service`.
    #[schema(value_type = Option<String>)]
    kind: Option<ResourceKind>,
    /// A description to begin with, by the schema at `/api/v1/drafts/schema`.
    #[schema(value_type = Option<Object>)]
    description: Option<Value>,
    /// The dataset (id or slug) that it shall be a new version of.
    dataset: Option<String>,
    /// The public dataset (id or slug) whose description it begins with.
    copy_of_dataset: Option<String>,
    /// The draft whose description it begins with.
    copy_of_draft: Option<String>,
}

impl Checked for DraftIn {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let ways = [&self.dataset, &self.copy_of_dataset, &self.copy_of_draft].iter().filter(|it| it.is_some()).count();
        if ways > 1 {
            faults.push(Fault::at("", "Name one of `dataset`, `copy_of_dataset` and `copy_of_draft`."));
        }
        if self.dataset.is_none() && self.publisher.is_none() {
            faults.push(Fault::at("/publisher", "Whose is it to be?"));
        }
        if self.dataset.is_some() && (self.publisher.is_some() || self.slug.is_some()) {
            faults.push(Fault::at("/dataset", "A new version keeps publisher and address."));
        }
        if ways > 0 && self.description.is_some() {
            faults.push(Fault::at("/description", "It begins with what is there already; edit it afterwards."));
        }
        if self.slug.as_ref().is_some_and(|slug| slug.parse::<Slug>().is_err()) {
            faults.push(Fault::at("/slug", "Must be 1 to 100 of a-z, 0-9 and hyphens, no hyphen at the ends."));
        }
        if let Some(Err(found)) = self.description.as_ref().map(form::from_form) {
            faults.extend(found.iter().map(|fault| below("/description", fault)));
        }
        faults
    }
}

/// Begins a draft: afresh, as a new version of a dataset, or as a copy. Id and address of its dataset are given now and kept for
/// ever.
#[utoipa::path(tag = "drafts", request_body = DraftIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = CREATED, body = DraftOut), (status = CONFLICT, description = "A draft of it is on its way, or the address is taken"), Problem))]
#[post("/drafts")]
pub(super) async fn create_draft(
    asked: Then<Worker, Body<DraftIn>>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(asked)) = asked;
    let actor = caller.actor();
    let made = state.write(move |tx| begin(tx, &actor, asked)).await?;
    Ok(created(made))
}

/// The answer to a draft that was begun.
pub(super) fn created(made: draft::Draft) -> HttpResponse {
    let location = format!("/api/v1/drafts/{}", made.id);
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(DraftOut::from(made))
}

fn begin(tx: &mut Tx<'_>, actor: &Actor, asked: DraftIn) -> Result<draft::Draft, CatalogError> {
    if let Some(dataset) = &asked.dataset {
        return draft::begin_version(tx, actor, dataset);
    }
    let publisher = find_publisher(tx, asked.publisher.as_deref().unwrap_or_default())?;
    let copied = match (asked.copy_of_dataset, asked.copy_of_draft) {
        (Some(dataset), _) => Some(CopyFrom::Dataset(dataset)),
        (None, Some(id)) => Some(CopyFrom::Draft(id.parse().map_err(|_| CatalogError::not_found("draft", &id))?)),
        (None, None) => None,
    };
    if let Some(from) = copied {
        return draft::copy(tx, actor, &from, publisher);
    }
    let document = match asked.description.as_ref().map(form::from_form) {
        None => None,
        Some(Ok(document)) => Some(document),
        // Checked with the body.
        Some(Err(_)) => return Err(invalid("description", "is no description")),
    };
    let slug = asked.slug.map(|slug| slug.parse::<Slug>().map_err(|_| invalid("slug", "is no slug"))).transpose()?;
    let kind = asked.kind.or(document.as_ref().map(|document| document.kind)).unwrap_or_default();
    draft::create(tx, actor, publisher, NewDraft { kind, document, slug })
}

fn invalid(field: &'static str, problem: &str) -> CatalogError {
    CatalogError::Invalid { field, problem: problem.to_owned() }
}

/// One draft.
#[utoipa::path(tag = "drafts", params(DraftPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), Problem))]
#[get("/drafts/{draft}")]
pub(super) async fn get_draft(
    caller: Worker,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let (actor, id) = (caller.actor(), path.id()?);
    let found = state.read(move |tx| draft::get(tx, &actor, id)).await?;
    Ok(Json(found.into()))
}

/// A draft's whole content, and the revision that it is based on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftPut {
    /// The revision that you saw.
    revision: i32,
    /// The description, by the schema at `/api/v1/drafts/schema`.
    #[schema(value_type = Object)]
    description: Value,
    /// Which distributions are fetched again, and when.
    #[serde(default)]
    refresh: Vec<RefreshDoc>,
    /// What columns of tables are called and mean.
    #[serde(default)]
    dictionary: Vec<TableNotesDoc>,
}

/// Longest heading or explanation of a column, in characters.
const NOTE_CHARS: usize = 5_000;

impl Checked for DraftPut {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let too_long = |note: &ColumnNoteDoc| {
            let texts = [&note.title, &note.description];
            texts.into_iter().flatten().any(|text| text.chars().count() > NOTE_CHARS)
        };
        for (at, notes) in self.dictionary.iter().enumerate() {
            for (column, _) in notes.columns.iter().enumerate().filter(|(_, note)| too_long(note)) {
                let pointer = format!("/dictionary/{at}/columns/{column}");
                faults.push(Fault::at(pointer, format!("A text may hold up to {NOTE_CHARS} characters.")));
            }
        }
        faults
    }
}

/// Replaces a draft's content. Saving what is there already changes nothing.
#[utoipa::path(tag = "drafts", params(DraftPath), request_body = DraftPut, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), (status = CONFLICT, description = "Somebody else saved meanwhile"), Problem))]
#[put("/drafts/{draft}")]
pub(super) async fn update_draft(
    asked: Then<Worker, Body<DraftPut>>,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Body(asked)) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let DraftPut { revision, description, refresh, dictionary } = asked;
    // Strangers learn nothing of what is wrong with their content.
    let reader = actor.clone();
    state.read(move |tx| draft::get(tx, &reader, id)).await?;
    let content = ContentDoc { description, refresh, dictionary }
        .content("")
        .map_err(|faults| Problem::new(ProblemKind::InvalidContent).errors(faults))?;
    let saved = state.write(move |tx| draft::save(tx, &actor, id, revision, content)).await?;
    Ok(Json(saved.into()))
}

/// The revision that the caller saw.
#[derive(Debug)]
pub(super) struct RevisionQuery(pub(super) i32);

impl FromQuery for RevisionQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let revision = query.number("revision", 1..=u64::from(i32::MAX.unsigned_abs()));
        if revision.is_none() {
            query.fault("revision", "Name the revision that you saw.");
        }
        Self(revision.and_then(|revision| i32::try_from(revision).ok()).unwrap_or(0))
    }
}

/// How a draft is given up.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct DiscardParams {
    /// The revision that you saw.
    revision: i32,
    /// Why, for its history.
    reason: Option<String>,
}

#[derive(Debug)]
pub(super) struct DiscardQuery {
    revision: i32,
    reason: Option<String>,
}

impl FromQuery for DiscardQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        Self { revision: RevisionQuery::from_query(query).0, reason: query.text("reason") }
    }
}

/// Gives a draft up; for editors and managers. Its address is free again where its dataset was never public.
#[utoipa::path(tag = "drafts", params(DraftPath, DiscardParams), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = DraftOut), Problem))]
#[delete("/drafts/{draft}")]
pub(super) async fn discard_draft(
    asked: Then<Worker, Query<DiscardQuery>>,
    path: Path<DraftPath>,
    state: Data<ApiState>,
) -> Answer<DraftOut> {
    let Then(caller, Query(DiscardQuery { revision, reason })) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let given_up = state.write(move |tx| draft::discard(tx, &actor, id, revision, reason.as_deref())).await?;
    Ok(Json(given_up.into()))
}
