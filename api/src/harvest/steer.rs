//! What is decided about sources: approval, removal, mapping rules, and who is told.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, patch, post, put};
use fairground_catalog::source::{self, DatasetsThen, RulesDocument, steer};
use fairground_domain::{ContactId, Rules};
use serde::Deserialize;
use utoipa::IntoParams;

use super::preview::{MOST_PREVIEWED, USUALLY_PREVIEWED, preview_rules};
use super::sources::SourcePath;
use super::steer_wire::{
    ContactCreatedOut, ContactIn, ContactOut, PreviewIn, PreviewOut, RemovalOut, ReportOut, RulesIn, RulesOut,
};
use super::wire::{SourceOut, SourcePatch};
use crate::answer::{Freshness, Rendered};
use crate::body::Body;
use crate::caller::{ApproveSources, Caller, ManageSources, SeeHarvests, Then};
use crate::page::Page;
use crate::problem::{Answer, Fault, Problem, ProblemKind};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// Versions of rules that are told of.
const VERSIONS: i64 = 50;
/// Reports that are told of.
const REPORTS: i64 = 200;

/// Lets a proposed source be harvested.
#[utoipa::path(tag = "harvests", params(SourcePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = SourceOut), Problem))]
#[post("/sources/{source}/approve")]
pub(super) async fn approve_source(
    caller: Caller<ApproveSources>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<SourceOut> {
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let approved = state.write(move |tx| steer::approve(tx, &actor, &name)).await?;
    Ok(Json(approved.into()))
}

/// Changes when a source is harvested, how long a dataset that it no longer lists stays, and where its brake lies.
#[utoipa::path(tag = "harvests", params(SourcePath), request_body = SourcePatch,
               security(("session" = []), ("session_cookie" = [])), responses((status = OK, body = SourceOut), Problem))]
#[patch("/sources/{source}")]
pub(super) async fn change_source(
    asked: Then<Caller<ManageSources>, Body<SourcePatch>>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<SourceOut> {
    let Then(caller, Body(asked)) = asked;
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let changed = state
        .write(move |tx| {
            // Strangers are told that there is nothing before they are told what is wrong with their wish.
            source::get_managed(tx, &actor, &name)?;
            steer::change(tx, &actor, &name, asked.change()?)
        })
        .await?;
    Ok(Json(changed.into()))
}

/// How a source is deleted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct DeleteSourceParams {
    /// What becomes of its datasets: `withdraw` (when absent) or `keep`.
    datasets: Option<String>,
}

#[derive(Debug)]
pub(super) struct DeleteSourceQuery(DatasetsThen);

impl FromQuery for DeleteSourceQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let choices = [DatasetsThen::Withdraw, DatasetsThen::Keep].map(|choice| (choice.as_str(), choice));
        Self(query.choice("datasets", &choices).unwrap_or(DatasetsThen::Withdraw))
    }
}

/// Deletes a source. It is gone at once; the job that is answered clears away what it left behind.
#[utoipa::path(tag = "harvests", params(SourcePath, DeleteSourceParams), security(("session" = []), ("session_cookie" = [])),
               responses((status = ACCEPTED, body = RemovalOut), Problem))]
#[delete("/sources/{source}")]
pub(super) async fn delete_source(
    caller: Caller<ManageSources>,
    path: Path<SourcePath>,
    query: Query<DeleteSourceQuery>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(DeleteSourceQuery(datasets)) = query;
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let job = state.write(move |tx| steer::delete(tx, &actor, &name, datasets)).await?;
    state.wake_harvester();
    let location = format!("/api/v1/jobs/{}", job.id);
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(RemovalOut::from(job)))
}

/// The mapping rules of a source, as they are in force.
#[utoipa::path(tag = "harvests", params(SourcePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = RulesOut), Problem))]
#[get("/sources/{source}/rules")]
pub(super) async fn get_source_rules(
    caller: Caller<SeeHarvests>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<RulesOut> {
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let told = state
        .read(move |tx| {
            let (found, _) = source::get_visible(tx, &actor, &name)?;
            let versions = source::list_rules_versions(tx, found.id, VERSIONS)?;
            Ok(RulesOut::new(source::current_rules(tx, found.id)?, versions))
        })
        .await?;
    Ok(Json(told))
}

/// What was sent, as a document that can be applied; or everything that is wrong with it.
fn parsed(document: &serde_json::Value) -> Result<RulesDocument, Problem> {
    let text = match document {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => serde_json::to_string_pretty(other).map_err(Problem::internal)?,
    };
    RulesDocument::parse(&text).map_err(|faults| {
        let faults = faults.into_iter().map(|it| Fault::at(format!("/document{}", it.pointer), it.problem));
        Problem::new(ProblemKind::InvalidContent).errors(faults.collect())
    })
}

/// Puts mapping rules in force. The next harvest reads the whole source again.
#[utoipa::path(tag = "harvests", params(SourcePath), request_body = RulesIn,
               security(("session" = []), ("session_cookie" = [])), responses((status = OK, body = RulesOut), Problem))]
#[put("/sources/{source}/rules")]
pub(super) async fn set_source_rules(
    asked: Then<Caller<ManageSources>, Body<RulesIn>>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<RulesOut> {
    let Then(caller, Body(asked)) = asked;
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let document = parsed(&asked.document)?;
    let told = state
        .write(move |tx| {
            let (found, saved) = steer::set_rules(tx, &actor, &name, document, asked.after_version)?;
            Ok(RulesOut::new(saved, source::list_rules_versions(tx, found.id, VERSIONS)?))
        })
        .await?;
    Ok(Json(told))
}

/// Tries mapping rules on the records of the source's latest harvest; nothing is kept or fetched.
#[utoipa::path(tag = "harvests", params(SourcePath), request_body = PreviewIn,
               security(("session" = []), ("session_cookie" = [])), responses((status = OK, body = PreviewOut), Problem))]
#[post("/sources/{source}/rules/preview")]
pub(super) async fn preview_source_rules(
    asked: Then<Caller<ManageSources>, Body<PreviewIn>>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<PreviewOut> {
    let Then(caller, Body(asked)) = asked;
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let document = parsed(&asked.document)?;
    let most = asked.limit.unwrap_or(USUALLY_PREVIEWED).clamp(1, MOST_PREVIEWED);
    let previewed = state
        .read(move |tx| {
            let (found, _) = source::get_managed(tx, &actor, &name)?;
            preview_rules(tx, &found, document.rules(), most)
        })
        .await?;
    Ok(Json(previewed.into()))
}

/// The form of mapping rules, as JSON Schema.
#[utoipa::path(tag = "harvests", security((), ("api_key" = [])),
               responses((status = OK, body = serde_json::Value, content_type = "application/schema+json"), Problem))]
#[get("/mapping-rules/schema")]
pub(super) async fn get_rules_schema(_query: Query<NoParameters>, req: HttpRequest) -> Result<HttpResponse, Problem> {
    let body = serde_json::to_vec_pretty(&Rules::schema()).map_err(Problem::internal)?;
    Ok(Rendered::new(body, "application/schema+json", Freshness::Revalidated).answer(&req))
}

/// Who is told how the harvests of a source end.
#[utoipa::path(tag = "harvests", params(SourcePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<ContactOut>), Problem))]
#[get("/sources/{source}/contacts")]
pub(super) async fn list_source_contacts(
    caller: Caller<SeeHarvests>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<ContactOut>> {
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let found = state
        .read(move |tx| {
            let (found, _) = source::get_visible(tx, &actor, &name)?;
            source::list_contacts(tx, found.id)
        })
        .await?;
    Ok(Json(Page { items: found.into_iter().map(ContactOut::from).collect(), next: None }))
}

/// Adds somebody who is told how the harvests of a source end. The secret that calls are signed with is told here and never again.
#[utoipa::path(tag = "harvests", params(SourcePath), request_body = ContactIn,
               security(("session" = []), ("session_cookie" = [])),
               responses((status = CREATED, body = ContactCreatedOut), Problem))]
#[post("/sources/{source}/contacts")]
pub(super) async fn create_source_contact(
    asked: Then<Caller<ManageSources>, Body<ContactIn>>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Body(asked)) = asked;
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let new = asked.contact(&state.settings.reach)?;
    let (sealing, secret) = (state.catalog.secret.clone(), new.secret.clone());
    let contact = state.write(move |tx| steer::tell(tx, &sealing, &actor, &name, new)).await?;
    Ok(HttpResponse::Created().json(ContactCreatedOut { contact: contact.into(), secret }))
}

/// A contact of a source.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ContactPath {
    /// The source's id or slug.
    source: String,
    /// The contact's id.
    contact: String,
}

/// Tells somebody no more.
#[utoipa::path(tag = "harvests", params(ContactPath), security(("session" = []), ("session_cookie" = [])),
               responses((status = NO_CONTENT, description = "Removed"), Problem))]
#[delete("/sources/{source}/contacts/{contact}")]
pub(super) async fn delete_source_contact(
    caller: Caller<ManageSources>,
    path: Path<ContactPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (actor, path) = (caller.worker(), path.into_inner());
    let contact: ContactId = path.contact.parse().map_err(|_| Problem::not_found("contact"))?;
    state.write(move |tx| steer::tell_no_more(tx, &actor, &path.source, contact)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What contacts of a source were told, and what became of each report; newest first.
#[utoipa::path(tag = "harvests", params(SourcePath), security(("session" = []), ("session_cookie" = [])),
               responses((status = OK, body = Page<ReportOut>), Problem))]
#[get("/sources/{source}/reports")]
pub(super) async fn list_source_reports(
    caller: Caller<SeeHarvests>,
    path: Path<SourcePath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<Page<ReportOut>> {
    let (actor, name) = (caller.worker(), path.into_inner().source);
    let found = state
        .read(move |tx| {
            let (found, _) = source::get_visible(tx, &actor, &name)?;
            source::list_reports(tx, found.id, REPORTS)
        })
        .await?;
    Ok(Json(Page { items: found.into_iter().map(ReportOut::from).collect(), next: None }))
}
