//! The first page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_api::ApiState;
use fairground_catalog::CatalogError;
use fairground_catalog::dataset::{self, Publication};
use fairground_catalog::search::{self as index, SearchQuery};
use fairground_catalog::usage::MostUsed;
use fairground_domain::{ResourceKind, Timestamp};

use crate::layout::{CountedLink, Frame, Place, Visit, answer_page};
use crate::search::{FacetValue, Filter, ResultCard, cards, facet_of, links_of};
use crate::theme::theme_links;
use crate::words::{Language, LicenceKind};

/// The first page.
#[derive(Debug, Clone, Default)]
pub struct HomePage {
    /// How many datasets there are.
    pub datasets: u64,
    /// How many publishers there are.
    pub publishers: u64,
    /// The topics with most datasets: themes, or keywords where sources name no themes.
    pub themes: Vec<CountedLink>,
    /// The latest changed datasets.
    pub newest: Vec<ResultCard>,
    /// The datasets that were used most of late, with how often; those alone that enough callers used.
    pub most_used: Vec<CountedLink>,
    /// The publishers with most datasets.
    pub largest_publishers: Vec<CountedLink>,
}

/// Topics on the page.
const TOPICS: usize = 12;
/// Fewer themes than this say little; then keywords stand in their place.
const FEWEST_THEMES: usize = 4;
/// Datasets on the page.
const NEWEST: usize = 6;
/// Most used datasets on the page.
const MOST_USED: usize = 6;
/// Publishers on the page.
const PUBLISHERS: usize = 8;

/// Shows the first page.
pub(crate) async fn show_home(visit: Visit) -> HttpResponse {
    let (state, language) = (visit.pages.state.clone(), visit.language);
    let loaded = visit.block(move || load(&state, language)).await;
    visit.finish(Place::Home, loaded, |frame, page| answer_page(StatusCode::OK, &HomeView { frame, page }))
}

fn load(state: &ApiState, language: Language) -> Result<HomePage, CatalogError> {
    let catalog = &state.catalog;
    let question = SearchQuery {
        sort: index::Sort::Modified,
        limit: NEWEST,
        facets: vec![index::Facet::Theme, index::Facet::Keyword, index::Facet::Publisher],
        facet_limit: index::MAX_FACET_LIMIT,
        ..SearchQuery::default()
    };
    let answer = catalog.index.search(&question)?;
    let mut themes = theme_links(catalog, language)?;
    if themes.len() < FEWEST_THEMES {
        themes = links_of(facet_of(Filter::Keyword, &answer, language));
    }
    themes.truncate(TOPICS);
    let publishers = facet_of(Filter::Publisher, &answer, language).values;
    let link = |value: &FacetValue| CountedLink {
        text: value.label.clone(),
        href: format!("/publishers/{}", value.values.first().map_or("", String::as_str)),
        count: value.count,
    };
    Ok(HomePage {
        datasets: answer.total,
        publishers: u64::try_from(publishers.len()).unwrap_or(u64::MAX),
        themes,
        newest: cards(&answer, Timestamp::now(), language),
        most_used: most_used(state, language)?,
        largest_publishers: publishers.iter().take(PUBLISHERS).map(link).collect(),
    })
}

/// The datasets that are used most and are public still.
fn most_used(state: &ApiState, language: Language) -> Result<Vec<CountedLink>, CatalogError> {
    let used = state.most_used()?;
    let ids: Vec<String> = used.iter().take(MOST_USED * 2).map(|one| one.dataset.to_string()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = state.catalog.db.read(|tx| dataset::list_by_ids(tx, &ids))?;
    let link = |one: &MostUsed| {
        let dataset = found.iter().find(|dataset| dataset.id == one.dataset)?;
        (dataset.publication == Publication::Published).then(|| CountedLink {
            text: language.best_of(&dataset.draft.title).text,
            href: format!("/datasets/{}", dataset.slug),
            count: u64::try_from(one.requests).unwrap_or_default(),
        })
    };
    Ok(used.iter().filter_map(link).take(MOST_USED).collect())
}

/// The template of [`HomePage`].
#[derive(Debug, Template)]
#[template(path = "home/page.html")]
pub struct HomeView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a HomePage,
}
