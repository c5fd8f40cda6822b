//! The doors of the ways through the catalogue.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, DatasetCard, Publication, theme_slug};
use fairground_catalog::search::{Facet, MAX_FACET_LIMIT, SearchQuery};
use fairground_catalog::usage::SMALLEST_GROUP;
use fairground_catalog::watch;
use fairground_domain::ResourceKind;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::dataset::DatasetItem;
use crate::language;
use crate::problem::Problem;
use crate::query::{NoParameters, Query};
use crate::state::ApiState;

/// Members of a series on a list.
const MOST_MEMBERS: i64 = 500;

/// A theme or a licence, and how many public datasets have it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CountOut {
    /// What the filters of `/api/v1/datasets` and the feeds take.
    value: String,
    /// What people read.
    label: String,
    /// Its readable address: the page at `/themes/{slug}` or `/licences/{slug}`.
    slug: String,
    /// How many public datasets have it.
    datasets: u64,
}

/// Themes or licences.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct CountList {
    /// What most datasets have comes first.
    items: Vec<CountOut>,
}

async fn counts(state: &ApiState, req: &HttpRequest, facet: Facet) -> Result<HttpResponse, Problem> {
    let index = state.catalog.index.clone();
    let question =
        SearchQuery { limit: 0, facets: vec![facet], facet_limit: MAX_FACET_LIMIT, ..SearchQuery::default() };
    let mut answer = web::block(move || index.search(&question)).await??;
    let counts = answer.facets.remove(&facet).unwrap_or_default();
    let items = counts
        .into_iter()
        .map(|count| CountOut {
            slug: theme_slug(if count.label.is_empty() { &count.value } else { &count.label }),
            value: count.value,
            label: count.label,
            datasets: count.count,
        })
        .collect();
    Ok(Rendered::json(&CountList { items }, Freshness::Revalidated)?.answer(req))
}

/// The themes of public datasets, with their numbers.
#[utoipa::path(tag = "datasets", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = CountList), Problem))]
#[get("/themes")]
pub(super) async fn list_themes(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    counts(&state, &req, Facet::Theme).await
}

/// The licences of public datasets, with their numbers.
#[utoipa::path(tag = "datasets", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = CountList), Problem))]
#[get("/licences")]
pub(super) async fn list_licences(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    counts(&state, &req, Facet::Licence).await
}

/// A dataset and how often it was used.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PopularOut {
    /// The dataset.
    dataset: DatasetItem,
    /// Requests in the last thirty days, the portal's own left out.
    requests: i64,
}

/// What is used most.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct PopularList {
    /// The most used first.
    items: Vec<PopularOut>,
    /// Callers who must stand behind a number before it is told.
    fewest_callers: i64,
}

/// The public datasets that were used most in the last thirty days: those alone that enough callers used.
#[utoipa::path(tag = "datasets", security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = PopularList), Problem))]
#[get("/popular-datasets")]
pub(super) async fn list_popular_datasets(
    _caller: Anyone,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let languages = language::preferred(&req);
    let own = Data::clone(&state);
    let used = web::block(move || own.most_used()).await??;
    let ids: Vec<String> = used.iter().map(|one| one.dataset.to_string()).collect();
    let found = state.read(move |tx| dataset::list_by_ids(tx, &ids)).await?;
    let items = used
        .iter()
        .filter_map(|one| {
            let dataset = found.iter().find(|dataset| dataset.id == one.dataset)?;
            let is_public = dataset.publication == Publication::Published;
            is_public.then(|| PopularOut {
                dataset: DatasetItem::of(DatasetCard::from(dataset), &languages),
                requests: one.requests,
            })
        })
        .collect();
    let list = PopularList { items, fewest_callers: SMALLEST_GROUP };
    Ok(Rendered::json(&list, Freshness::Revalidated)?.vary("Accept-Language").answer(&req))
}

/// A series.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct SeriesPath {
    /// The series' id or slug.
    dataset: String,
}

/// The members of a series.
#[derive(Debug, Clone, Serialize, ToSchema)]

pub(super) struct SeriesMemberList {
    /// The last modified first, up to 500.
    items: Vec<DatasetItem>,
    /// How many there are.
    total: i64,
}

/// The public datasets that say they belong to a series; none where the dataset is no series.
#[utoipa::path(tag = "datasets", params(SeriesPath),
               security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = SeriesMemberList), (status = GONE, description = "Withdrawn"), Problem))]
#[get("/datasets/{dataset}/members")]
pub(super) async fn list_series_members(
    _caller: Anyone,
    path: Path<SeriesPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let languages = language::preferred(&req);
    let (members, total) = state
        .read(move |tx| {
            let series = dataset::get_public(tx, &path.dataset)?;
            if series.draft.kind != ResourceKind::DatasetSeries {
                return Ok((Vec::new(), 0));
            }
            watch::list_members(tx, &series, MOST_MEMBERS)
        })
        .await?;
    let items = members.into_iter().map(|card| DatasetItem::of(card, &languages)).collect();
    let list = SeriesMemberList { items, total };
    Ok(Rendered::json(&list, Freshness::Revalidated)?.vary("Accept-Language").answer(&req))
}
