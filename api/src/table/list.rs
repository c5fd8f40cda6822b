//! Which tables there are, and what each holds.

use actix_web::web::{Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::table::TableCard;
use fairground_catalog::{dataset, table};
use fairground_domain::TableId;
use serde::Deserialize;
use utoipa::IntoParams;

use super::directory::{Asked, View};
use super::openapi;
use super::wire::{TableItem, TableList, TableOut, TableVersionItem, TableVersionList};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::hot_path::AboutDataset;
use crate::language;
use crate::page::{self, Page, PageParams, PageQuery};
use crate::problem::Problem;
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::state::ApiState;

/// A table's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TablePath {
    /// The table's id or slug.
    pub(crate) table: String,
}

/// Which version is asked for.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(crate) struct VersionParams {
    /// A version's number, or its snapshot's key: the answer is from that version and never changes. The current one when absent.
    version: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct VersionQuery(pub(crate) Asked);

impl FromQuery for VersionQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let Some(text) = query.text("version") else { return Self(Asked::Current) };
        Self(Asked::parse(&text).unwrap_or_else(|| {
            query.fault("version", "Neither a version's number (from 1) nor a snapshot's key.");
            Asked::Current
        }))
    }
}

impl Asked {
    pub(crate) const fn freshness(self) -> Freshness {
        if self.is_pinned() { Freshness::Immutable } else { Freshness::Brief }
    }
}

/// The table of a path, found, and noted for the meter.
pub(crate) async fn find(
    state: &ApiState,
    req: &HttpRequest,
    name: &str,
    asked: Asked,
) -> Result<std::sync::Arc<View>, Problem> {
    let view = state.directory.find(state, name, asked).await?;
    req.extensions_mut().insert(AboutDataset(view.home.id));
    Ok(view)
}

/// Every table of every public dataset.
#[utoipa::path(tag = "tables", params(PageParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Page<TableItem>), (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("/tables")]
pub(super) async fn list_tables(
    _caller: Anyone,
    query: Query<PageQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(page) = query;
    let after: Option<TableId> = page.after.as_deref().and_then(|id| id.parse().ok());
    let wanted = page.wanted();
    let found = state.read(move |tx| table::list_tables(tx, after, wanted)).await?;
    let (items, next) = page.cut(found, |card: &TableCard| card.table.id.to_string());
    page::answer(items.into_iter().map(TableItem::from).collect::<Vec<_>>(), next, Freshness::Revalidated, &req)
}

/// A dataset's id or slug.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct HomePath {
    /// The dataset's id or slug.
    dataset: String,
}

/// The tables of one dataset.
#[utoipa::path(tag = "tables", params(HomePath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = TableList), (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("/datasets/{dataset}/tables")]
pub(super) async fn list_dataset_tables(
    _caller: Anyone,
    path: Path<HomePath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().dataset;
    let (id, cards) = state
        .read(move |tx| {
            let dataset = dataset::get_public(tx, &name)?;
            let tables = table::list_of_dataset(tx, dataset.id)?;
            let card = |table| TableCard { table, dataset_slug: dataset.slug.clone() };
            Ok((dataset.id, tables.into_iter().map(card).collect::<Vec<_>>()))
        })
        .await?;
    req.extensions_mut().insert(AboutDataset(id));
    let items: Vec<TableItem> = cards.into_iter().map(TableItem::from).collect();
    let list = TableList { total: items.len(), items };
    Ok(Rendered::json(&list, Freshness::Revalidated)?.answer(&req))
}

/// One table: its columns with types and statistics, how it was read, and where its data is.
#[utoipa::path(tag = "tables", params(TablePath, VersionParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = TableOut), (status = NOT_MODIFIED, description = "You have it"),
               (status = GONE, description = "Withdrawn"), Problem))]
#[get("/tables/{table}")]
pub(super) async fn get_table(
    _caller: Anyone,
    path: Path<TablePath>,
    query: Query<VersionQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(VersionQuery(asked)) = query;
    let view = find(&state, &req, &path.table, asked).await?;
    // Whether the index is built changes with time, so that even a version is asked about again.
    let indexed = state.open_snapshot(view.snapshot.key).await?.is_indexed();
    let out = TableOut::of(&view, &language::preferred(&req), asked.is_pinned(), indexed);
    let rendered = Rendered::json(&out, Freshness::Revalidated)?.vary("Accept-Language");
    Ok(described(rendered, &view).answer(&req))
}

/// With what belongs to every answer about a table.
fn described(rendered: Rendered, view: &View) -> Rendered {
    let rendered = rendered.last_modified(view.loaded_at);
    let licence = view.home.licence.as_ref().and_then(|licence| licence.iri.as_deref());
    let rendered = licence.into_iter().fold(rendered, |it, iri| it.link(iri, "license"));
    rendered.link(&format!("{}/openapi.json", super::wire::address(&view.table.id.to_string())), "describedby")
}

/// The versions of a table that are kept, newest first.
#[utoipa::path(tag = "tables", params(TablePath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = TableVersionList), (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("/tables/{table}/versions")]
pub(super) async fn list_table_versions(
    _caller: Anyone,
    path: Path<TablePath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().table;
    let (dataset, versions) = state
        .read(move |tx| {
            let found = table::get_public(tx, &name)?;
            Ok((found.dataset_id, table::list_versions(tx, found.id)?))
        })
        .await?;
    req.extensions_mut().insert(AboutDataset(dataset));
    let items: Vec<TableVersionItem> = versions.into_iter().map(TableVersionItem::from).collect();
    let list = TableVersionList { total: items.len(), items };
    Ok(Rendered::json(&list, Freshness::Revalidated)?.answer(&req))
}

/// This table's own OpenAPI document: its columns as parameters, with types, values and working examples.
#[utoipa::path(tag = "tables", params(TablePath, VersionParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = Object, content_type = "application/json"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("/tables/{table}/openapi.json")]
pub(super) async fn get_table_openapi(
    _caller: Anyone,
    path: Path<TablePath>,
    query: Query<VersionQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(VersionQuery(asked)) = query;
    let view = find(&state, &req, &path.table, asked).await?;
    let document = openapi::document(&view, asked.is_pinned(), &state.settings, &language::preferred(&req));
    let rendered = Rendered::json(&document, Freshness::Revalidated)?.vary("Accept-Language");
    Ok(described(rendered, &view).answer(&req))
}
