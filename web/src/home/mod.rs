//! The first page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use fairground_catalog::search::{self as index, SearchQuery};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::{ResourceKind, Timestamp};

use crate::layout::{CountedLink, Frame, Place, Visit, answer_page};
use crate::search::{FacetValue, Filter, ResultCard, cards, facet_of, links_of};
use crate::words::LicenceKind;

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
    /// The publishers with most datasets.
    pub largest_publishers: Vec<CountedLink>,
}

/// Topics on the page.
const TOPICS: usize = 12;
/// Fewer themes than this say little; then keywords stand in their place.
const FEWEST_THEMES: usize = 4;
/// Datasets on the page.
const NEWEST: usize = 6;
/// Publishers on the page.
const PUBLISHERS: usize = 8;

/// Shows the first page.
pub(crate) async fn show_home(visit: Visit) -> HttpResponse {
    let catalog = visit.pages.state.catalog.clone();
    let loaded = visit.block(move || load(&catalog)).await;
    visit.finish(Place::Home, loaded, |frame, page| answer_page(StatusCode::OK, &HomeView { frame, page }))
}

fn load(catalog: &Catalog) -> Result<HomePage, CatalogError> {
    let question = SearchQuery {
        sort: index::Sort::Modified,
        limit: NEWEST,
        facets: vec![index::Facet::Theme, index::Facet::Keyword, index::Facet::Publisher],
        facet_limit: index::MAX_FACET_LIMIT,
        ..SearchQuery::default()
    };
    let answer = catalog.index.search(&question)?;
    let mut themes = links_of(facet_of(Filter::Theme, &answer));
    if themes.len() < FEWEST_THEMES {
        themes = links_of(facet_of(Filter::Keyword, &answer));
    }
    themes.truncate(TOPICS);
    let publishers = facet_of(Filter::Publisher, &answer).values;
    let link = |value: &FacetValue| CountedLink {
        text: value.label.clone(),
        href: format!("/publishers/{}", value.values.first().map_or("", String::as_str)),
        count: value.count,
    };
    Ok(HomePage {
        datasets: answer.total,
        publishers: u64::try_from(publishers.len()).unwrap_or(u64::MAX),
        themes,
        newest: cards(&answer, Timestamp::now()),
        largest_publishers: publishers.iter().take(PUBLISHERS).map(link).collect(),
    })
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
