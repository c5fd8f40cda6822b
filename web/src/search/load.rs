//! From an address to an answer of the search index, and from that to a page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use fairground_catalog::dataset::DatasetCard;
use fairground_catalog::search::{self as index, SearchAnswer, SearchQuery};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::{Timestamp, fold};

use super::{Facet, FacetValue, Filter, Query, Respelt, ResultCard, SearchPage, SearchView, Sort};
use crate::layout::{CountedLink, Link, PageError, Place, Visit, answer_page};
use crate::words::{Language, LicenceKind, LicenceWords};

/// Results on a page.
pub(crate) const PAGE_SIZE: usize = 20;
/// Values that a facet shows.
const FACET_VALUES: usize = 12;
/// Datasets offered where nothing was found.
const NEAREST: usize = 5;
/// Words that are looked for alone where together they find nothing.
const WORDS_ALONE: usize = 6;
/// Themes offered where nothing was found.
const IDEAS: usize = 5;

/// Shows results.
pub(crate) async fn search_datasets(visit: Visit) -> HttpResponse {
    let query = Query::parse(visit.request.query_string());
    let catalog = visit.pages.state.catalog.clone();
    let (caller, language) = (visit.pages.state.caller_number(&visit.request), visit.language);
    let loaded = visit.block(move || load(&catalog, query, caller, language)).await;
    let loaded = loaded.and_then(|page| page.ok_or_else(|| PageError::BadRequest(BAD_CURSOR.to_owned())));
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &SearchView { frame, page }))
}

const BAD_CURSOR: &str = "The address of this page is not whole. Begin again from the first page.";

/// The results page of a query; `None` when its cursor is not one of ours.
fn load(catalog: &Catalog, query: Query, caller: u64, language: Language) -> Result<Option<SearchPage>, CatalogError> {
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
    let answer = match catalog.index.answer(&question) {
        Ok(answer) => answer,
        Err(index::SearchError::InvalidCursor) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if question.cursor.is_none() {
        catalog.demand.note(&question.text, answer.total, caller);
    }
    let ideas = if answer.total == 0 { ideas(catalog, language)? } else { Vec::new() };
    let nearest = if answer.total == 0 { nearest(catalog, &query, language)? } else { Vec::new() };
    let reading = answer.reading.clone();
    Ok(Some(SearchPage {
        total: answer.total,
        results: cards(&answer, Timestamp::now(), language),
        facets: Filter::ALL.into_iter().map(|filter| facet_of(filter, &answer, language)).collect(),
        next: answer.next.as_ref().map(ToString::to_string),
        page_size: u64::try_from(PAGE_SIZE).unwrap_or(u64::MAX),
        respelled: reading
            .respelled
            .into_iter()
            .map(|one| Respelt { typed: one.typed, taken: one.taken, held: one.held })
            .collect(),
        fewer_words: reading.fewer_words,
        with_all_words: reading.with_all_words,
        did_you_mean: reading.did_you_mean.map(|other| (query.for_words(&other.text), other.text, other.total)),
        nearest,
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
            Filter::Place => &mut question.place,
            Filter::HighValue => &mut question.high_value,
            Filter::Quality => &mut question.quality,
            Filter::Access => &mut question.access,
        };
        values.push(value.clone());
    }
    question
}

/// The cards of an answer's hits. A card that cannot be read is left out and logged: the index was written by another version.
pub(crate) fn cards(answer: &SearchAnswer, now: Timestamp, language: Language) -> Vec<ResultCard> {
    let card = |hit: &index::Hit| match serde_json::from_str::<DatasetCard>(&hit.card) {
        Ok(card) => Some(ResultCard::of(&card, now, language)),
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
        Filter::Place => index::Facet::Place,
        Filter::HighValue => index::Facet::HighValue,
        Filter::Quality => index::Facet::Quality,
        Filter::Access => index::Facet::Access,
    }
}

/// A facet as the page shows it.
pub(crate) fn facet_of(filter: Filter, answer: &SearchAnswer, language: Language) -> Facet {
    let counts = answer.facets.get(&index_facet(filter)).map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<FacetValue> = Vec::with_capacity(counts.len());
    for count in counts {
        let label = label_of(filter, &count.value, &count.label, language);
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
fn label_of(filter: Filter, value: &str, label: &str, language: Language) -> String {
    match filter {
        Filter::Theme => language.theme(label),
        Filter::Language => language.name_of(value),
        Filter::Licence => {
            let known = LicenceWords::of_text(value);
            if known.kind == LicenceKind::Unknown { label.to_owned() } else { known.name.text }
        }
        Filter::Quality => language.t("search-quality").with("rating", label).text(),
        Filter::Access => language.t("search-has-api").text(),
        Filter::Publisher | Filter::Keyword | Filter::Format | Filter::Place | Filter::HighValue => label.to_owned(),
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

/// What comes nearest when nothing matches: the same words without filters, and then any of the words.
fn nearest(catalog: &Catalog, query: &Query, language: Language) -> Result<Vec<ResultCard>, CatalogError> {
    if query.words.is_empty() {
        return Ok(Vec::new());
    }
    let loose = |text: String| SearchQuery { limit: NEAREST, ..SearchQuery::words(text) };
    let mut answer = catalog.index.search(&loose(query.words.clone()))?;
    if answer.hits.is_empty() {
        // Phrases, fields and exclusions are what may have been too narrow.
        let plain: String = query.words.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        answer = catalog.index.search(&loose(plain))?;
    }
    if answer.hits.is_empty() {
        return nearest_by_word(catalog, query, language);
    }
    Ok(cards(&answer, Timestamp::now(), language))
}

/// What each word finds alone, the words in turns: where one is unknown and another misspelt, together they find nothing.
fn nearest_by_word(catalog: &Catalog, query: &Query, language: Language) -> Result<Vec<ResultCard>, CatalogError> {
    let mut found: Vec<Vec<index::Hit>> = Vec::new();
    let words = query.words.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in words.take(WORDS_ALONE) {
        let question = SearchQuery { limit: NEAREST, ..SearchQuery::words(word) };
        found.push(catalog.index.answer(&question)?.hits.clone());
    }
    let mut merged = SearchAnswer::default();
    for place in 0..NEAREST {
        for hits in &found {
            let hit = hits.get(place).filter(|hit| !merged.hits.iter().any(|known| known.id == hit.id));
            merged.hits.extend(hit.cloned());
        }
    }
    merged.hits.truncate(NEAREST);
    Ok(cards(&merged, Timestamp::now(), language))
}

fn ideas(catalog: &Catalog, language: Language) -> Result<Vec<Link>, CatalogError> {
    let question = SearchQuery {
        limit: 0,
        facets: vec![index::Facet::Theme, index::Facet::Keyword],
        facet_limit: IDEAS,
        ..SearchQuery::default()
    };
    let answer = catalog.index.search(&question)?;
    let themes = links_of(facet_of(Filter::Theme, &answer, language));
    let topics = if themes.is_empty() { links_of(facet_of(Filter::Keyword, &answer, language)) } else { themes };
    Ok(topics.into_iter().map(|topic| Link::new(topic.text, topic.href)).collect())
}
