//! Looking at drafts and versions: what is missing, how it will look, what differs, what happened; restoring and withdrawing.

use actix_web::web::{Data, Json, Path};
use actix_web::{HttpRequest, HttpResponse, get, http::header, post};
use fairground_catalog::audit::{self, SubjectKind};
use fairground_catalog::draft::{self, Comparison, Readiness, Side, TableComparison, TableFacts};
use fairground_domain::DraftId;
use fairground_domain::quality::MOST_POINTS;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::handlers::DraftPath;
use super::wire::DraftOut;
use crate::answer::{Freshness, Rendered};
use crate::audit::AuditEntryOut;
use crate::body::{Body, Checked};
use crate::caller::{Anyone, Then, Worker};
use crate::dataset::as_seen;
use crate::harvest::FieldChangeOut;
use crate::language;
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::{Answer, Fault, Problem};
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// Something that a description needs before it can be submitted.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct DraftFault {
    /// Where in the description: a JSON pointer.
    pointer: String,
    /// What is wrong and what to do.
    problem: String,
}

/// Something that would make a description better.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct DraftAdvice {
    /// The indicator that is not met.
    metric: &'static str,
    /// The points that meeting it brings.
    gain: u16,
    /// What to do.
    advice: &'static str,
}

/// How ready a draft is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct ReadinessOut {
    /// Whether it could be published now, once approved.
    ready: bool,
    /// What it needs before it can be submitted.
    faults: Vec<DraftFault>,
    /// What would stand in the way of its publication: the gate, or a newer version of its dataset.
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<String>,
    /// Points of its description.
    points: u16,
    /// The most points.
    of: u16,
    /// `excellent`, `good`, `sufficient` or `bad`.
    rating: &'static str,
    /// The stars of open data, 0 to 5.
    stars: u8,
    /// What to mend first, the most rewarding first.
    fix_first: Vec<DraftAdvice>,
}

impl From<Readiness> for ReadinessOut {
    fn from(found: Readiness) -> Self {
        let ready = found.is_ready();
        let quality = found.quality;
        let fixes = quality.fix_first().into_iter();
        Self {
            ready,
            faults: found
                .faults
                .into_iter()
                .map(|it| DraftFault { pointer: it.pointer, problem: it.problem })
                .collect(),
            obstacle: found.obstacle,
            points: quality.points(),
            of: MOST_POINTS,
            rating: quality.rating().as_str(),
            stars: quality.stars,
            fix_first: fixes
                .map(|it| DraftAdvice { metric: it.as_str(), gain: it.points(), advice: it.advice() })
                .collect(),
        }
    }
}

/// What a draft lacks, what stands in its way, and what would make its description better.
#[utoipa::path(tag = "drafts", params(DraftPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = ReadinessOut), Problem))]
#[get("/drafts/{draft}/checks")]
pub(super) async fn check_draft(
    caller: Worker,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<ReadinessOut> {
    let (actor, id) = (caller.actor(), path.id()?);
    Ok(Json(state.read(move |tx| draft::check(tx, &actor, id)).await?.into()))
}

/// A draft as everybody would be told it if it were published now: as `/api/v1/datasets/{dataset}` answers.
#[utoipa::path(tag = "drafts", params(DraftPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = serde_json::Value), Problem))]
#[get("/drafts/{draft}/preview")]
pub(super) async fn preview_draft(
    caller: Worker,
    path: Path<DraftPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Answer<Value> {
    let (actor, id) = (caller.actor(), path.id()?);
    let seen = state.read(move |tx| draft::preview(tx, &actor, id)).await?;
    Ok(Json(as_seen(&seen, &language::preferred(&req))?))
}

/// A table on one side of a comparison.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct TableSideOut {
    /// Its own version; absent for a file that is not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// Its rows; absent when its data are no longer kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    /// Rows that were kept out.
    quarantined: u64,
    /// Its columns.
    columns: usize,
}

impl From<TableFacts> for TableSideOut {
    fn from(facts: TableFacts) -> Self {
        Self { version: facts.version, rows: facts.rows, quarantined: facts.quarantined, columns: facts.columns }
    }
}

/// A column whose type differs.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RetypedOut {
    /// Its public name.
    name: String,
    /// The type that it had.
    before: String,
    /// The type that it has.
    after: String,
}

/// One table on two sides.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct TableComparisonOut {
    /// The table's id.
    table: String,
    /// What people read.
    title: String,
    /// How it was; absent when it was not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<TableSideOut>,
    /// How it is; absent when it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<TableSideOut>,
    /// How the columns stand to those before: `same`, `compatible` or `breaking`; absent when it is on one side alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'static str>,
    /// Columns that came.
    added: Vec<String>,
    /// Columns that went.
    removed: Vec<String>,
    /// Columns of another type.
    retyped: Vec<RetypedOut>,
    /// Whether both sides are made of the very same data.
    same_data: bool,
}

impl From<TableComparison> for TableComparisonOut {
    fn from(it: TableComparison) -> Self {
        let retyped = |(name, before, after): (String, String, String)| RetypedOut { name, before, after };
        Self {
            table: it.table.to_string(),
            title: it.title,
            before: it.before.map(TableSideOut::from),
            after: it.after.map(TableSideOut::from),
            change: it.change.map(|change| change.as_str()),
            added: it.columns.added,
            removed: it.columns.removed,
            retyped: it.columns.retyped.into_iter().map(retyped).collect(),
            same_data: it.same_data,
        }
    }
}

/// What differs between two sides.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = VersionComparisonOut)]
pub(super) struct ComparisonOut {
    /// Fields of the description that differ.
    metadata: Vec<FieldChangeOut>,
    /// Tables that are on either side; those that are alike too.
    tables: Vec<TableComparisonOut>,
}

impl From<Comparison> for ComparisonOut {
    fn from(it: Comparison) -> Self {
        Self {
            metadata: it.metadata.into_iter().map(FieldChangeOut::from).collect(),
            tables: it.tables.into_iter().map(TableComparisonOut::from).collect(),
        }
    }
}

/// With what a draft is compared.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct CompareDraftParams {
    /// A version's number, or `none`; the version that the draft changes, without it.
    with: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum CompareDraftQuery {
    Base,
    With(Side),
}

impl FromQuery for CompareDraftQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        match query.text("with").as_deref() {
            None => Self::Base,
            Some("none") => Self::With(Side::Nothing),
            Some(text) => match text.parse::<i32>() {
                Ok(number) if number > 0 => Self::With(Side::Version(number)),
                _ => {
                    query.fault("with", "Name a version's number, or `none`.");
                    Self::Base
                }
            },
        }
    }
}

/// What a draft would change: description, columns and numbers of rows.
#[utoipa::path(tag = "drafts", params(DraftPath, CompareDraftParams), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = ComparisonOut), Problem))]
#[get("/drafts/{draft}/comparison")]
pub(super) async fn compare_draft(
    asked: Then<Worker, Query<CompareDraftQuery>>,
    path: Path<DraftPath>,
    state: Data<ApiState>,
) -> Answer<ComparisonOut> {
    let Then(caller, Query(asked)) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let found = state
        .read(move |tx| {
            let known = draft::get(tx, &actor, id)?;
            let before = match asked {
                CompareDraftQuery::With(side) => side,
                CompareDraftQuery::Base => known.base_version.map_or(Side::Nothing, Side::Version),
            };
            draft::compare(tx, &actor, known.dataset, before, Side::Draft(id))
        })
        .await?;
    Ok(Json(found.into()))
}

/// What happened to a draft, oldest first: who, when, from which role, before and after.
#[utoipa::path(tag = "drafts", params(DraftPath, PageParams), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = Page<AuditEntryOut>), Problem))]
#[get("/drafts/{draft}/history")]
pub(super) async fn list_draft_history(
    asked: Then<Worker, Query<PageQuery>>,
    path: Path<DraftPath>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(caller, Query(page)) = asked;
    let (actor, id) = (caller.actor(), path.id()?);
    let (wanted, after) = (page.wanted(), page.after.as_deref().and_then(|place| place.parse().ok()).unwrap_or(0));
    let (found, names) = state
        .read(move |tx| {
            let known: DraftId = draft::get(tx, &actor, id)?.id;
            let found = audit::list_of_subject(tx, SubjectKind::Draft, &known.to_string(), after, wanted)?;
            let actors: Vec<String> = found.iter().map(|entry| entry.actor.clone()).collect();
            let names = audit::names_of(tx, &actors)?;
            Ok((found, names))
        })
        .await?;
    let (items, next) = page.cut(found, |entry| entry.number.to_string());
    page::answer(AuditEntryOut::all(items, &names), next, Freshness::Private, &req)
}

/// A version of a dataset.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct VersionPath {
    /// The dataset's id or slug.
    dataset: String,
    /// The version's number, from 1.
    version: i32,
}

/// With which version.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct CompareVersionsParams {
    /// The version that it is compared with; the one before, without it.
    with: Option<i32>,
}

#[derive(Debug)]
pub(super) struct CompareVersionsQuery(Option<i32>);

impl FromQuery for CompareVersionsQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let with = query.number("with", 1..=u64::from(i32::MAX.unsigned_abs()));
        Self(with.and_then(|number| i32::try_from(number).ok()))
    }
}

/// What differs between two versions of a public dataset: description, columns and numbers of rows.
#[utoipa::path(tag = "datasets", params(VersionPath, CompareVersionsParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = ComparisonOut), Problem))]
#[get("/datasets/{dataset}/versions/{version}/comparison")]
pub(super) async fn compare_dataset_versions(
    _caller: Anyone,
    path: Path<VersionPath>,
    query: Query<CompareVersionsQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let VersionPath { dataset, version } = path.into_inner();
    let before = query.0.0.unwrap_or((version - 1).max(1));
    let found = state.read(move |tx| draft::compare_versions(tx, &dataset, before, version)).await?;
    Ok(Rendered::json(&ComparisonOut::from(found), Freshness::Revalidated)?.answer(&req))
}

/// A draft that brings a version back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RestoredOut {
    /// The draft: it goes the same way as every other.
    draft: DraftOut,
    /// Titles of tables that the version had and whose data are no longer kept.
    missing: Vec<String>,
}

/// Begins a draft of an earlier version of a dataset: its description and the data of its tables as they were.
#[utoipa::path(tag = "drafts", params(VersionPath), security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = CREATED, body = RestoredOut), Problem))]
#[post("/datasets/{dataset}/versions/{version}/restore")]
pub(super) async fn restore_dataset_version(
    caller: Worker,
    path: Path<VersionPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.actor();
    let VersionPath { dataset, version } = path.into_inner();
    let restored = state.write(move |tx| draft::restore_version(tx, &actor, &dataset, version)).await?;
    let location = format!("/api/v1/drafts/{}", restored.draft.id);
    let out = RestoredOut { draft: restored.draft.into(), missing: restored.missing };
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(out))
}

/// A dataset's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DatasetPath {
    /// The dataset's id or slug.
    pub(super) dataset: String,
}

/// Why a dataset is withdrawn.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawIn {
    /// Why, for everybody to read.
    reason: String,
}

impl Checked for WithdrawIn {
    fn faults(&self) -> Vec<Fault> {
        if self.reason.trim().is_empty() { vec![Fault::at("/reason", "Say why.")] } else { Vec::new() }
    }
}

/// A dataset that was withdrawn.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct WithdrawnOut {
    /// Its id.
    id: String,
    /// Its readable address, which answers 410 from now on.
    slug: String,
    /// Why.
    reason: String,
}

/// Withdraws a public dataset, with a reason that everybody reads; for the publisher's reviewers and managers. Its history stays.
#[utoipa::path(tag = "drafts", params(DatasetPath), request_body = WithdrawIn, security(("session" = []), ("session_cookie" = []), ("publishing_token" = [])),
               responses((status = OK, body = WithdrawnOut), Problem))]
#[post("/datasets/{dataset}/withdraw")]
pub(super) async fn withdraw_dataset(
    asked: Then<Worker, Body<WithdrawIn>>,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    state: Data<ApiState>,
) -> Answer<WithdrawnOut> {
    let Then(caller, Body(WithdrawIn { reason })) = asked;
    let (actor, name) = (caller.actor(), path.into_inner().dataset);
    let told = reason.trim().to_owned();
    let gone = state.write_keys(move |tx| draft::withdraw(tx, &actor, &name, &reason)).await?;
    Ok(Json(WithdrawnOut { id: gone.id.to_string(), slug: gone.slug.to_string(), reason: told }))
}
