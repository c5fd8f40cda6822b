//! Pages of rows, and groups with sums.

use actix_web::http::{Method, header};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use fairground_tables::query::plan::Start;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::directory::View;
use super::fields::{Fields, put_engine};
use super::list::{TablePath, find};
use super::request::{Question, QuestionBody};
use super::wire::{GroupsPage, RowsPage};
use crate::body::Body;
use crate::caller::{Anyone, Then};
use crate::hot_path::ChargeMore;
use crate::problem::Problem;
use crate::state::ApiState;

/// Room for what stands around the engine's bytes.
const FRAME_BYTES: usize = 512;

/// What may be asked of rows. Beside these, every column of the table is a parameter: `column=value`.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct RowsParams {
    /// Which rows, as OGC CQL2 text: comparisons, `and`, `or`, `not`, `in`, `between`, `like`, `is null`, `casei`, `accenti`,
    /// `s_intersects` and its kin, temporal comparisons.
    filter: Option<String>,
    /// Words that stand in the row's texts, all of them; `wat*` finds beginnings.
    q: Option<String>,
    /// West, south, east, north: rows whose place touches that box.
    bbox: Option<String>,
    /// Rows whose time lies in an interval such as `2024-01-01/..`.
    datetime: Option<String>,
    /// Columns of the answer, separated by commas; all when absent.
    properties: Option<String>,
    /// Columns to sort by, separated by commas; `-` before one turns it round.
    sortby: Option<String>,
    /// Rows on a page.
    #[param(minimum = 0, maximum = 10000, default = 100)]
    limit: Option<u64>,
    /// Rows to leave out first. To read on, `cursor` is better: it costs the same at any depth.
    offset: Option<u64>,
    /// `next` of the page before. It goes on in the same snapshot, also when there is a newer one.
    cursor: Option<String>,
    /// A version's number, or its snapshot's key: the answer is from that version and never changes. The current one when absent.
    version: Option<String>,
}

/// Rows that fit, a page at a time, in file order unless `sortby` says otherwise.
///
/// Columns of the table are parameters too: `?district=North`. Unknown parameters are refused. `total` is exact.
#[utoipa::path(tag = "tables", params(TablePath, RowsParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = RowsPage), (status = NOT_MODIFIED, description = "You have it"),
               (status = GONE, description = "Withdrawn"), (status = UNPROCESSABLE_ENTITY, description = "Not possible with this table"),
               (status = GATEWAY_TIMEOUT, description = "The answer took too long"), Problem))]
#[get("/tables/{table}/rows")]
pub(super) async fn list_rows(
    _caller: Anyone,
    path: Path<TablePath>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    rows(&state, &req, &path.table, Question::of_query(req.query_string())?).await
}

/// As the `GET`, with the parameters in a JSON object, for questions that are too long for an address.
#[utoipa::path(tag = "tables", params(TablePath), request_body = QuestionBody, security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = RowsPage), (status = UNPROCESSABLE_ENTITY, description = "Not possible with this table"),
               (status = GATEWAY_TIMEOUT, description = "The answer took too long"), Problem))]
#[post("/tables/{table}/rows")]
pub(super) async fn query_rows(
    path: Path<TablePath>,
    body: Then<Anyone, Body<QuestionBody>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Body(body)) = body;
    rows(&state, &req, &path.table, Question::of_body(body, req.query_string())?).await
}

async fn rows(state: &ApiState, req: &HttpRequest, name: &str, question: Question) -> Result<HttpResponse, Problem> {
    let view = find(state, req, name, question.asked()).await?;
    let plan = question.rows(&view.snapshot)?;
    let canonical = plan.canonical();
    let fields = Fields::of(&view, question.pinned(), &[b"rows", canonical.as_bytes()]);
    if let Some(answer) = have_it(&fields, req) {
        return Ok(answer);
    }
    let open = state.open_snapshot(view.snapshot.key).await?;
    let found = state.tables()?.rows_of(&open, plan.plan(), canonical).await?;
    let next = found.next.and_then(|start| plan.cursor(&view, start));
    let mut body = Vec::with_capacity(found.items.len() + FRAME_BYTES);
    body.extend_from_slice(b"{\"items\":");
    body.extend_from_slice(&found.items);
    body.extend_from_slice(b",\"total\":");
    body.extend_from_slice(found.total.to_string().as_bytes());
    body.extend_from_slice(b",\"next\":");
    match &next {
        // A cursor is made of letters and digits: nothing to escape.
        Some(next) => {
            body.push(b'"');
            body.extend_from_slice(next.as_bytes());
            body.push(b'"');
        }
        None => body.extend_from_slice(b"null"),
    }
    close(&mut body, &view);
    let fields = match next_link(req, next.as_deref()) {
        Some(link) => fields.link(&link, "next"),
        None => fields,
    };
    let fields = hint_at_files(fields, &view, &plan.plan().start);
    let mut answer = HttpResponse::Ok();
    fields.put(&mut answer);
    put_engine(&mut answer, req, found.engine, found.elapsed);
    Ok(answer.insert_header((header::CONTENT_TYPE, "application/json")).body(body))
}

/// 304 for whoever has it; only a `GET` has an answer to keep.
fn have_it(fields: &Fields, req: &HttpRequest) -> Option<HttpResponse> {
    if *req.method() == Method::GET { fields.not_modified(req) } else { None }
}

/// The snapshot's key, and the end.
fn close(body: &mut Vec<u8>, view: &View) {
    body.extend_from_slice(b",\"snapshot\":\"");
    body.extend_from_slice(view.snapshot.key.to_string().as_bytes());
    body.extend_from_slice(b"\"}");
}

/// The same question with the next page's cursor; only a `GET` can be linked to.
fn next_link(req: &HttpRequest, next: Option<&str>) -> Option<String> {
    let next = next.filter(|_| *req.method() == Method::GET)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(req.query_string().as_bytes()) {
        // A key in a link would travel further than its owner means it to.
        if !matches!(&*name, "cursor" | "offset" | "api_key") {
            query.append_pair(&name, &value);
        }
    }
    query.append_pair("cursor", next);
    Some(format!("{}?{}", req.path(), query.finish()))
}

/// Whoever reads on and on is shown the whole file, which is cheaper for both sides.
fn hint_at_files(fields: Fields, view: &View, start: &Start) -> Fields {
    /// Rows after which a reader seems to want them all.
    const DEEP: u64 = 10_000;
    let offset = match start {
        Start::Offset(offset) => *offset,
        Start::AfterRow { offset, .. } => *offset,
    };
    if offset < DEEP {
        return fields;
    }
    fields.link(&format!("{}/export.parquet", super::wire::address(&view.table.id.to_string())), "enclosure")
}

/// What may be asked of groups. Beside these, every column of the table is a parameter: `column=value`.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct AggregateParams {
    /// Columns, `date_trunc(month, column)` or `width(column, 10)`, separated by commas; one group when absent.
    groupby: Option<String>,
    /// `count`, and `count`, `count_distinct`, `sum`, `avg`, `min`, `max`, `median` or `percentile(column, 0.9)` of a column,
    /// separated by commas; `count` when absent.
    aggregate: Option<String>,
    /// Which rows, as OGC CQL2 text.
    filter: Option<String>,
    /// Words that stand in the row's texts, all of them.
    q: Option<String>,
    /// Which groups, as a CQL2 filter over the answer's members.
    having: Option<String>,
    /// Members of the answer to sort by, separated by commas; `-` before one turns it round. By the keys when absent.
    sortby: Option<String>,
    /// Groups at most.
    #[param(minimum = 1, maximum = 10000, default = 1000)]
    limit: Option<u64>,
    /// Groups to leave out first.
    offset: Option<u64>,
    /// A version's number, or its snapshot's key.
    version: Option<String>,
}

/// Groups and sums: counts, averages, percentiles by any columns, months or ranges.
#[utoipa::path(tag = "tables", params(TablePath, AggregateParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = GroupsPage), (status = NOT_MODIFIED, description = "You have it"),
               (status = GONE, description = "Withdrawn"), (status = UNPROCESSABLE_ENTITY, description = "Not possible with this table"),
               (status = GATEWAY_TIMEOUT, description = "The answer took too long"), Problem))]
#[get("/tables/{table}/aggregate")]
pub(super) async fn aggregate_rows(
    _caller: Anyone,
    path: Path<TablePath>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    aggregate(&state, &req, &path.table, Question::of_query(req.query_string())?).await
}

/// As the `GET`, with the parameters in a JSON object, for questions that are too long for an address.
#[utoipa::path(tag = "tables", params(TablePath), request_body = QuestionBody, security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = GroupsPage), (status = UNPROCESSABLE_ENTITY, description = "Not possible with this table"),
               (status = GATEWAY_TIMEOUT, description = "The answer took too long"), Problem))]
#[post("/tables/{table}/aggregate")]
pub(super) async fn query_aggregate(
    path: Path<TablePath>,
    body: Then<Anyone, Body<QuestionBody>>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Then(_, Body(body)) = body;
    aggregate(&state, &req, &path.table, Question::of_body(body, req.query_string())?).await
}

async fn aggregate(
    state: &ApiState,
    req: &HttpRequest,
    name: &str,
    question: Question,
) -> Result<HttpResponse, Problem> {
    let view = find(state, req, name, question.asked()).await?;
    let plan = question.aggregate(&view.snapshot)?;
    let fields = Fields::of(&view, question.pinned(), &[b"aggregate", plan.canonical.as_bytes()]);
    if let Some(answer) = have_it(&fields, req) {
        return Ok(answer);
    }
    let open = state.open_snapshot(view.snapshot.key).await?;
    ChargeMore::for_work(req, view.snapshot.rows).await?;
    let found = state.tables()?.aggregate_of(&open, &plan.plan, plan.canonical).await?;
    let mut body = Vec::with_capacity(found.items.len() + FRAME_BYTES);
    body.extend_from_slice(b"{\"items\":");
    body.extend_from_slice(&found.items);
    body.extend_from_slice(b",\"total\":");
    body.extend_from_slice(found.total.to_string().as_bytes());
    close(&mut body, &view);
    let mut answer = HttpResponse::Ok();
    fields.put(&mut answer);
    put_engine(&mut answer, req, found.engine, found.elapsed);
    Ok(answer.insert_header((header::CONTENT_TYPE, "application/json")).body(body))
}
