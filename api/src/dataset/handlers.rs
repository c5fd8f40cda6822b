//! Searching, one dataset, its history, suggestions.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, Dataset, DatasetCard};
use fairground_catalog::search::{Hit, MAX_SIMILAR, SearchAnswer, Suggestion, SuggestionTarget};
use fairground_catalog::table::{self, LoadFilter, LoadJob};
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{LanguageTag, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::forms::Form;
use super::search::{DatasetSearch, ListDatasetsParams};
use super::wire::{DatasetItem, DatasetOut, DatasetPage, FacetValue, Files, ReadingOut, VersionItem, VersionList};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::hot_path::{AboutDataset, FromCache};
use crate::language;
use crate::page;
use crate::problem::Problem;
use crate::query::{FromQuery, NoParameters, Query, QueryReader};
use crate::settings::ApiSettings;
use crate::state::ApiState;

/// Suggestions that may be had at once.
const MAX_SUGGESTIONS: u64 = 20;
const DEFAULT_SUGGESTIONS: usize = 8;
/// Like datasets when the caller has no wish.
const DEFAULT_SIMILAR: usize = 6;
/// How long an answer is kept that tells of a load under way, in seconds.
const UNSETTLED_SECS: i64 = 2;
const FORM_VARIES_BY: &str = "Accept, Accept-Language";

/// Datasets that match, best first.
///
/// Values within one filter are alternatives; different filters must all agree. Paging is by `cursor` and costs the same at
/// any depth.
#[utoipa::path(tag = "datasets", params(ListDatasetsParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = DatasetPage), (status = NOT_MODIFIED, description = "You have it"), Problem))]
#[get("/datasets")]
pub(super) async fn list_datasets(
    caller: Anyone,
    query: Query<DatasetSearch>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(DatasetSearch(question)) = query;
    let languages = language::preferred(&req);
    let catalog = state.catalog.clone();
    let party = caller.identity.map_or(0, |identity| identity.party.number());
    let body = web::block(move || {
        let answer = catalog.index.answer(&question)?;
        if question.cursor.is_none() && question.skip == 0 {
            catalog.demand.note(&question.text, answer.total, party);
        }
        let page = page_of(&answer, &languages)?;
        let body = serde_json::to_vec(&page).map_err(Problem::internal)?;
        Ok::<_, Problem>((body, page.next))
    });
    let (body, next) = body.await??;
    let rendered = Rendered::new(body, "application/json", Freshness::Revalidated).vary("Accept-Language");
    Ok(page::link_next(rendered, &req, next.as_deref()).answer(&req))
}

/// How many like datasets.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(super) struct SimilarParams {
    /// Datasets at most.
    #[param(minimum = 1, maximum = 50, default = 6)]
    limit: Option<u64>,
    /// The reader's language; before `Accept-Language`.
    lang: Option<String>,
}

#[derive(Debug)]
pub(super) struct SimilarQuery(usize);

impl FromQuery for SimilarQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let most = u64::try_from(MAX_SIMILAR).unwrap_or(u64::MAX);
        let limit = query.number("limit", 1..=most).and_then(|number| usize::try_from(number).ok());
        Self(limit.unwrap_or(DEFAULT_SIMILAR))
    }
}

/// Like datasets, the most alike first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SimilarList {
    /// The datasets.
    items: Vec<DatasetItem>,
}

/// Datasets that are about the same as one: they share its most telling words.
#[utoipa::path(tag = "datasets", params(DatasetPath, SimilarParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = SimilarList), (status = GONE, description = "Withdrawn"), Problem))]
#[get("/datasets/{dataset}/similar")]
pub(super) async fn list_similar_datasets(
    _caller: Anyone,
    path: Path<DatasetPath>,
    query: Query<SimilarQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (name, Query(SimilarQuery(limit))) = (path.into_inner().dataset, query);
    let languages = language::preferred(&req);
    let id = state.read(move |tx| Ok(dataset::get_public(tx, &name)?.id)).await?;
    req.extensions_mut().insert(AboutDataset(id));
    let index = state.catalog.index.clone();
    let hits = web::block(move || index.similar(id, limit)).await??;
    let card = |hit: &Hit| Ok(DatasetItem::of(serde_json::from_str(&hit.card).map_err(Problem::internal)?, &languages));
    let items: Result<Vec<_>, Problem> = hits.iter().map(card).collect();
    Ok(Rendered::json(&SimilarList { items: items? }, Freshness::Revalidated)?.vary("Accept-Language").answer(&req))
}

fn page_of(answer: &SearchAnswer, languages: &[LanguageTag]) -> Result<DatasetPage, Problem> {
    let card = |text: &str| serde_json::from_str::<DatasetCard>(text).map_err(Problem::internal);
    let items: Result<Vec<_>, _> =
        answer.hits.iter().map(|hit| Ok::<_, Problem>(DatasetItem::of(card(&hit.card)?, languages))).collect();
    Ok(DatasetPage {
        items: items?,
        total: answer.total,
        facets: answer
            .facets
            .iter()
            .map(|(facet, values)| (facet.as_str().to_owned(), values.iter().cloned().map(FacetValue::from).collect()))
            .collect(),
        next: answer.next.as_ref().map(ToString::to_string),
        reading: ReadingOut::of(answer.reading.clone()),
    })
}

/// A dataset's id or slug; a suffix (`.jsonld`, `.ttl`, `.rdf`, `.nt`, `.json`) chooses the form.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DatasetPath {
    /// The dataset's id or slug, with or without a suffix such as `.ttl`.
    pub(super) dataset: String,
}

/// One dataset: JSON in DCAT's terms, or JSON-LD, Turtle, RDF/XML or N-Triples by `Accept` or by suffix.
#[utoipa::path(tag = "datasets", params(DatasetPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, content(
                   (DatasetOut = "application/json"), (String = "application/ld+json"), (String = "text/turtle"),
                   (String = "application/rdf+xml"), (String = "application/n-triples"))),
               (status = NOT_MODIFIED, description = "You have it"), (status = GONE, description = "Withdrawn"), Problem))]
#[get("/datasets/{dataset}")]
pub(super) async fn get_dataset(
    _caller: Anyone,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (name, form) = Form::by_suffix(&path.dataset);
    let form = form.map_or_else(|| Form::by_accept(&req), Ok)?;
    answer_dataset(name, form, &req, &state).await
}

/// A dataset in a form: as the API answers, and at the addresses of pages for those who ask for RDF there.
pub(crate) async fn answer_dataset(
    name: &str,
    form: Form,
    req: &HttpRequest,
    state: &ApiState,
) -> Result<HttpResponse, Problem> {
    let languages = language::preferred(req);
    let tags: Vec<&str> = languages.iter().map(LanguageTag::as_str).collect();
    let key = format!("dataset {form:?} {} {name}", tags.join(","));
    let position = state.catalog.index.position();
    let for_a_moment = format!("{key} @{}", Timestamp::now().as_secs() / UNSETTLED_SECS);
    let known = state.answers.get(position, &key).or_else(|| state.answers.get(position, &for_a_moment));
    let (id, rendered) = match known {
        Some(known) => {
            req.extensions_mut().insert(FromCache);
            known
        }
        None => {
            let name = name.to_owned();
            let (dataset, files) = state
                .read(move |tx| {
                    let dataset = dataset::get_public(tx, &name)?;
                    let files = files_of(tx, &dataset)?;
                    Ok((dataset, files))
                })
                .await?;
            let rendered = render(&dataset, &files, form, &languages, &state.settings, Freshness::Revalidated)?;
            // A load under way, or one that failed, goes on without an entry in the journal.
            let key = if files.are_settled() { key } else { for_a_moment };
            state.answers.put(position, key, (Some(dataset.id), rendered.clone()));
            (Some(dataset.id), rendered)
        }
    };
    if let Some(id) = id {
        req.extensions_mut().insert(AboutDataset(id));
    }
    Ok(rendered.answer(req))
}

/// What became of the dataset's files: its tables, and the newest load of each distribution.
fn files_of(tx: &mut Tx<'_>, dataset: &Dataset) -> Result<Files, CatalogError> {
    /// Loads of one dataset that are looked at.
    const LOADS: i64 = 1_000;
    let filter = LoadFilter { distributions: Some(dataset.distribution_ids()), ..LoadFilter::default() };
    let mut loads: Vec<LoadJob> = Vec::new();
    for job in table::list_loads(tx, &filter, LOADS)? {
        // Newest first: what is there already is newer.
        if !loads.iter().any(|known| known.distribution == job.distribution) {
            loads.push(job);
        }
    }
    Ok(Files { tables: table::list_of_dataset(tx, dataset.id)?, loads })
}

fn render(
    dataset: &Dataset,
    files: &Files,
    form: Form,
    languages: &[LanguageTag],
    settings: &ApiSettings,
    freshness: Freshness,
) -> Result<Rendered, Problem> {
    let public_url = &settings.public_url;
    let rendered = match form {
        Form::Json => Rendered::json(&DatasetOut::of(dataset, files, languages), freshness)?,
        other => Rendered::new(other.write(dataset, &files.tables, settings), other.media_type(), freshness),
    };
    let changed = files.tables.iter().map(|table| table.updated_at).chain([dataset.updated_at]).max();
    let rendered = rendered
        .vary(FORM_VARIES_BY)
        .last_modified(changed.unwrap_or(dataset.updated_at))
        .link(&format!("{public_url}/datasets/{}", dataset.slug), "describedby");
    let licences = dataset.draft.licences();
    Ok(licences.iter().filter_map(|licence| licence.iri.as_deref()).fold(rendered, |it, iri| it.link(iri, "license")))
}

/// A dataset as a reader of these languages is told it, before anybody is: its files are not public yet.
pub(crate) fn as_seen(dataset: &Dataset, languages: &[LanguageTag]) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(DatasetOut::of(dataset, &Files::default(), languages)).map_err(Problem::internal)
}

/// A dataset's versions, newest first.
#[utoipa::path(tag = "datasets", params(DatasetPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = VersionList), Problem))]
#[get("/datasets/{dataset}/versions")]
pub(super) async fn list_dataset_versions(
    _caller: Anyone,
    path: Path<DatasetPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let name = path.into_inner().dataset;
    let versions = state.read(move |tx| dataset::list_versions(tx, &name)).await?;
    let items: Vec<VersionItem> = versions.into_iter().map(VersionItem::from).collect();
    let list = VersionList { total: items.len(), items };
    Ok(Rendered::json(&list, Freshness::Revalidated)?.answer(&req))
}

/// One version of a dataset.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct VersionPath {
    /// The dataset's id or slug.
    dataset: String,
    /// The version's number, from 1.
    version: i32,
}

/// A dataset as it was in one version. Versions never change.
#[utoipa::path(tag = "datasets", params(VersionPath), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, content(
                   (DatasetOut = "application/json"), (String = "application/ld+json"), (String = "text/turtle"),
                   (String = "application/rdf+xml"), (String = "application/n-triples"))), Problem))]
#[get("/datasets/{dataset}/versions/{version}")]
pub(super) async fn get_dataset_version(
    _caller: Anyone,
    path: Path<VersionPath>,
    _query: Query<NoParameters>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let VersionPath { dataset: name, version } = path.into_inner();
    let form = Form::by_accept(&req)?;
    let (dataset, files) = state
        .read(move |tx| {
            let dataset = dataset::get_version(tx, &name, version)?;
            let files = files_of(tx, &dataset)?;
            Ok((dataset, files))
        })
        .await?;
    req.extensions_mut().insert(AboutDataset(dataset.id));
    // The dataset may be withdrawn, or its publisher renamed, so that even a version is asked about again.
    let languages = language::preferred(&req);
    let rendered = render(&dataset, &files, form, &languages, &state.settings, Freshness::Revalidated)?;
    Ok(rendered.answer(&req))
}

/// What may be asked of suggestions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
pub(super) struct SuggestParams {
    /// What has been typed so far.
    q: String,
    /// How many suggestions.
    #[param(minimum = 1, maximum = 20, default = 8)]
    limit: Option<u64>,
}

#[derive(Debug)]
pub(super) struct SuggestQuery {
    q: String,
    limit: usize,
}

impl FromQuery for SuggestQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let limit = query.number("limit", 1..=MAX_SUGGESTIONS).and_then(|number| usize::try_from(number).ok());
        Self { q: query.text("q").unwrap_or_default(), limit: limit.unwrap_or(DEFAULT_SUGGESTIONS) }
    }
}

/// What a person may be about to type.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SuggestionItem {
    /// The text to show.
    text: String,
    /// `dataset`, `publisher`, `keyword`, or `query`: what many have asked for.
    kind: &'static str,
    /// What a filter on this publisher or keyword uses, the dataset's slug, or the words to ask for.
    value: String,
    /// The dataset's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// How many datasets it leads to, approximately.
    count: u64,
}

/// Suggestions, best first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SuggestionList {
    /// The suggestions.
    items: Vec<SuggestionItem>,
}

impl From<Suggestion> for SuggestionItem {
    fn from(suggestion: Suggestion) -> Self {
        let (kind, value, id) = match suggestion.target {
            SuggestionTarget::Dataset { id, slug } => ("dataset", slug, Some(id.to_string())),
            SuggestionTarget::Publisher(value) => ("publisher", value, None),
            SuggestionTarget::Keyword(value) => ("keyword", value, None),
            SuggestionTarget::Query(value) => ("query", value, None),
        };
        Self { text: suggestion.text, kind, value, id, count: suggestion.count }
    }
}

/// Titles, publishers and keywords that begin as what has been typed.
#[utoipa::path(tag = "datasets", params(SuggestParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = SuggestionList), Problem))]
#[get("/suggest")]
pub(super) async fn suggest(
    _caller: Anyone,
    query: Query<SuggestQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(SuggestQuery { q, limit }) = query;
    let index = state.catalog.index.clone();
    let found = web::block(move || index.suggest(&q, limit)).await??;
    let list = SuggestionList { items: found.into_iter().map(SuggestionItem::from).collect() };
    Ok(Rendered::json(&list, Freshness::Revalidated)?.answer(&req))
}
