//! From an address to an answer of the search index, and from that to a page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_catalog::dataset::DatasetCard;
use fairground_catalog::search::{self as index, SearchAnswer, SearchQuery};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::{Timestamp, fold};

use super::{Facet, FacetValue, Filter, Query, ResultCard, SearchPage, SearchView, Sort};
use crate::dataset::{language_name, theme_name};
use crate::layout::{CountedLink, Link, PageError, Place, Visit, answer_page};
use crate::words::{LicenceKind, LicenceWords};

/// Results on a page.
pub(crate) const PAGE_SIZE: usize = 20;
/// Values that a facet shows.
const FACET_VALUES: usize = 12;
/// Themes offered where nothing was found.
const IDEAS: usize = 5;

/// Shows results.
pub(crate) async fn search_datasets(visit: Visit) -> HttpResponse {
    let query = Query::parse(visit.request.query_string());
    let catalog = visit.pages.state.catalog.clone();
    let loaded = visit.block(move || load(&catalog, query)).await;
    let loaded = loaded.and_then(|page| page.ok_or_else(|| PageError::BadRequest(BAD_CURSOR.to_owned())));
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &SearchView { frame, page }))
}

const BAD_CURSOR: &str = "The address of this page is not whole. Begin again from the first page.";

/// The results page of a query; `None` when its cursor is not one of ours.
fn load(catalog: &Catalog, query: Query) -> Result<Option<SearchPage>, CatalogError> {
    let cursor = match query.cursor.as_deref().map(str::parse::<index::Cursor>) {
        None => None,
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(_)) => return Ok(None),
    };
    let question = SearchQuery {
        text: query.words.clone(),
        sort: match query.sort {
            Sort::Relevance => index::Sort::Relevance,
            Sort::Modified => index::Sort::Modified,
            Sort::Title => index::Sort::Title,
        },
        limit: PAGE_SIZE,
        cursor,
        facets: index::Facet::ALL.to_vec(),
        facet_limit: FACET_VALUES,
        ..filtered(&query)
    };
    let answer = match catalog.index.search(&question) {
        Ok(answer) => answer,
        Err(index::SearchError::InvalidCursor) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let ideas = if answer.total == 0 { ideas(catalog)? } else { Vec::new() };
    Ok(Some(SearchPage {
        total: answer.total,
        results: cards(&answer, Timestamp::now()),
        facets: Filter::ALL.into_iter().map(|filter| facet_of(filter, &answer)).collect(),
        next: answer.next.as_ref().map(ToString::to_string),
        page_size: u64::try_from(PAGE_SIZE).unwrap_or(u64::MAX),
        respelled: answer.reading.respelled.into_iter().map(|one| (one.typed, one.taken)).collect(),
        fewer_words: answer.reading.fewer_words,
        ideas,
        query,
    }))
}

fn filtered(query: &Query) -> SearchQuery {
    let mut question = SearchQuery::default();
    for (filter, value) in &query.filters {
        let values = match filter {
            Filter::Publisher => &mut question.publisher,
            Filter::Theme => &mut question.theme,
            Filter::Keyword => &mut question.keyword,
            Filter::Format => &mut question.format,
            Filter::Licence => &mut question.licence,
            Filter::Language => &mut question.language,
        };
        values.push(value.clone());
    }
    question
}

/// The cards of an answer's hits. A card that cannot be read is left out and logged: the index was written by another version.
pub(crate) fn cards(answer: &SearchAnswer, now: Timestamp) -> Vec<ResultCard> {
    let card = |hit: &index::Hit| match serde_json::from_str::<DatasetCard>(&hit.card) {
        Ok(card) => Some(ResultCard::of(&card, now)),
        Err(error) => {
            tracing::warn!(dataset.id = %hit.id, "A card in the search index cannot be read: {error}");
            None
        }
    };
    answer.hits.iter().filter_map(card).collect()
}

fn index_facet(filter: Filter) -> index::Facet {
    match filter {
        Filter::Publisher => index::Facet::Publisher,
        Filter::Theme => index::Facet::Theme,
        Filter::Keyword => index::Facet::Keyword,
        Filter::Format => index::Facet::Format,
        Filter::Licence => index::Facet::Licence,
        Filter::Language => index::Facet::Language,
    }
}

/// A facet as the page shows it.
pub(crate) fn facet_of(filter: Filter, answer: &SearchAnswer) -> Facet {
    let counts = answer.facets.get(&index_facet(filter)).map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<FacetValue> = Vec::with_capacity(counts.len());
    for count in counts {
        let label = label_of(filter, &count.value, &count.label);
        let folded = fold(&label);
        match values.iter_mut().find(|known| filter != Filter::Publisher && fold(&known.label) == folded) {
            Some(same) => {
                same.values.push(count.value.clone());
                same.count += count.count;
            }
            None => values.push(FacetValue { values: vec![count.value.clone()], label, count: count.count }),
        }
    }
    values.sort_by_key(|value| std::cmp::Reverse(value.count));
    Facet { filter, values }
}

/// What people call a value that the index knows by its IRI or code.
fn label_of(filter: Filter, value: &str, label: &str) -> String {
    match filter {
        Filter::Theme => theme_name(label),
        Filter::Language => language_name(value),
        Filter::Licence => {
            let known = LicenceWords::of_text(value);
            if known.kind == LicenceKind::Unknown { label.to_owned() } else { known.name.text }
        }
        Filter::Publisher | Filter::Keyword | Filter::Format => label.to_owned(),
    }
}

/// A facet's values as links to their datasets.
pub(crate) fn links_of(facet: Facet) -> Vec<CountedLink> {
    let filter = facet.filter;
    let link = |value: FacetValue| CountedLink {
        href: super::Query { page: 1, ..super::Query::default() }.with(filter, &value.values).href(),
        text: value.label,
        count: value.count,
    };
    facet.values.into_iter().map(link).collect()
}

fn ideas(catalog: &Catalog) -> Result<Vec<Link>, CatalogError> {
    let question = SearchQuery {
        limit: 0,
        facets: vec![index::Facet::Theme, index::Facet::Keyword],
        facet_limit: IDEAS,
        ..SearchQuery::default()
    };
    let answer = catalog.index.search(&question)?;
    let themes = links_of(facet_of(Filter::Theme, &answer));
    let topics = if themes.is_empty() { links_of(facet_of(Filter::Keyword, &answer)) } else { themes };
    let mut ideas: Vec<Link> = topics.into_iter().map(|topic| Link::new(topic.text, topic.href)).collect();
    ideas.push(Link::new("all datasets", "/datasets"));
    Ok(ideas)
}
