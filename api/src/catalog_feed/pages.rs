//! Pages of the catalogue in RDF.

use std::collections::HashMap;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::table::{self, Table};
use fairground_domain::DatasetId;
use fairground_standards::write::CatalogPage;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::{CATALOG, DATA_JSON, DCAT_US_3};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::dataset::{Form, MOST_OFFERS, PublishedDataset};
use crate::page::{self, PageQuery};
use crate::problem::{Problem, ProblemKind};
use crate::query::{FromQuery, Query, QueryReader};
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// Datasets on a page when the caller has no wish.
const DEFAULT_DATASETS: i64 = 100;
/// Every form that the catalogue has, and its address.
const FORMS: [Form; 4] = [Form::Turtle, Form::RdfXml, Form::JsonLd, Form::NTriples];

/// Which page.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct CatalogParams {
    /// Datasets on a page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u64>,
    /// Where the page begins: from the page before.
    cursor: Option<String>,
}

#[derive(Debug)]
pub(super) struct CatalogQuery(PageQuery);

impl FromQuery for CatalogQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let wished = query.number("limit", 1..=1_000).and_then(|number| i64::try_from(number).ok());
        let mut page = PageQuery::from_query(query);
        page.limit = wished.unwrap_or(DEFAULT_DATASETS);
        Self(page)
    }
}

/// A page of the catalogue, in the form that `Accept` asks for: Turtle, RDF/XML, JSON-LD or N-Triples.
#[utoipa::path(tag = "catalogue", params(CatalogParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, content(
                   (String = "application/ld+json"), (String = "text/turtle"), (String = "application/rdf+xml"),
                   (String = "application/n-triples"))),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_catalog(
    _caller: Anyone,
    query: Query<CatalogQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let form = match Form::by_accept(&req)? {
        Form::Json => Form::JsonLd,
        rdf => rdf,
    };
    answer(form, query.0, &req, &state).await
}

/// A page of the catalogue in Turtle.
#[utoipa::path(tag = "catalogue", params(CatalogParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "text/turtle"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_catalog_turtle(
    _caller: Anyone,
    query: Query<CatalogQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    answer(Form::Turtle, query.0, &req, &state).await
}

/// A page of the catalogue in RDF/XML.
#[utoipa::path(tag = "catalogue", params(CatalogParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/rdf+xml"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_catalog_rdf_xml(
    _caller: Anyone,
    query: Query<CatalogQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    answer(Form::RdfXml, query.0, &req, &state).await
}

/// A page of the catalogue in JSON-LD.
#[utoipa::path(tag = "catalogue", params(CatalogParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/ld+json"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_catalog_json_ld(
    _caller: Anyone,
    query: Query<CatalogQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    answer(Form::JsonLd, query.0, &req, &state).await
}

/// A page of the catalogue in N-Triples.
#[utoipa::path(tag = "catalogue", params(CatalogParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/n-triples"),
               (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("")]
pub(super) async fn get_catalog_ntriples(
    _caller: Anyone,
    query: Query<CatalogQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    answer(Form::NTriples, query.0, &req, &state).await
}

async fn answer(form: Form, query: CatalogQuery, req: &HttpRequest, state: &ApiState) -> Result<HttpResponse, Problem> {
    let CatalogQuery(query) = query;
    let after = match &query.after {
        None => None,
        Some(text) => Some(
            text.parse::<DatasetId>()
                .map_err(|_| Problem::new(ProblemKind::InvalidParameter).detail("`cursor` is not one that we gave."))?,
        ),
    };
    let position = state.catalog.index.position();
    let key = format!("catalogue {form:?} {} {}", query.limit, query.after.as_deref().unwrap_or_default());
    if let Some((_, known)) = state.answers.get(position, &key) {
        return Ok(known.answer(req));
    }
    let wanted = query.wanted();
    let (all, tables) = state
        .read(move |tx| {
            let all = dataset::list_published_after(tx, after, wanted)?;
            let ids: Vec<DatasetId> = all.iter().map(|dataset| dataset.id).collect();
            let tables = table::list_of_datasets(tx, &ids, MOST_OFFERS)?;
            Ok((all, tables))
        })
        .await?;
    let (datasets, next) = query.cut(all, |dataset| dataset.id.to_string());
    // Only the first page speaks of the whole: the others keep their bytes when something changes elsewhere.
    let total = after.is_none().then(|| state.catalog.index.len());
    let rendered = render(form, &datasets, &tables, &query, next.as_deref(), total, &state.settings);
    state.answers.put(position, key, (None, rendered.clone()));
    Ok(rendered.answer(req))
}

fn render(
    form: Form,
    datasets: &[Dataset],
    tables: &HashMap<DatasetId, Vec<Table>>,
    query: &PageQuery,
    next: Option<&str>,
    total: Option<u64>,
    settings: &ApiSettings,
) -> Rendered {
    let url = &settings.public_url;
    let address = |form: Form, cursor: Option<&str>| {
        let mut parameters = form_urlencoded::Serializer::new(String::new());
        if query.limit != DEFAULT_DATASETS {
            parameters.append_pair("limit", &query.limit.to_string());
        }
        if let Some(cursor) = cursor {
            parameters.append_pair("cursor", cursor);
        }
        let parameters = parameters.finish();
        let mark = if parameters.is_empty() { "" } else { "?" };
        format!("{url}{CATALOG}{}{mark}{parameters}", form.suffix())
    };
    let here = query.after.as_deref().map(page::encode);
    let page = CatalogPage {
        iri: format!("{url}{CATALOG}"),
        title: settings.title.clone(),
        description: format!("What {} offers: datasets, series and services of public bodies.", settings.title),
        publisher: settings.title.clone(),
        homepage: format!("{url}/"),
        total,
        page: address(form, here.as_deref()),
        first: address(form, None),
        next: next.map(|cursor| address(form, Some(cursor))),
    };
    let tables_of = |id: &DatasetId| tables.get(id).map(Vec::as_slice).unwrap_or_default();
    let published: Vec<PublishedDataset> =
        datasets.iter().map(|it| PublishedDataset::of(it, tables_of(&it.id), settings)).collect();
    let described: Vec<_> = published.iter().flat_map(PublishedDataset::described).collect();
    let text = form.rdf().write(&described, Some(&page));
    let mut rendered =
        Rendered::new(text, form.media_type(), Freshness::Revalidated).vary("Accept").link(&page.first, "first");
    let loaded = datasets.iter().flat_map(|it| tables_of(&it.id)).map(|table| table.updated_at);
    if let Some(at) = datasets.iter().map(|dataset| dataset.updated_at).chain(loaded).max() {
        rendered = rendered.last_modified(at);
    }
    if let Some(next) = &page.next {
        rendered = rendered.link(next, "next");
    }
    for other in FORMS.into_iter().filter(|other| *other != form) {
        rendered = rendered.link(&address(other, here.as_deref()), "alternate");
    }
    [DATA_JSON, DCAT_US_3].into_iter().fold(rendered, |it, path| it.link(&format!("{url}{path}"), "alternate"))
}
