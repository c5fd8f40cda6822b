//! Themes, and what their pages share with those of licences and series: a heading, what belongs to it, and ways on.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use fairground_catalog::dataset::{self, theme_slug};
use fairground_catalog::search::{self as index, SearchQuery};
use fairground_catalog::{Catalog, CatalogError};
use fairground_domain::{ResourceKind, Timestamp};
use url::form_urlencoded;

use crate::layout::{CountedLink, Frame, Link, Place, Visit, answer_page};
use crate::search::{Filter, Query, ResultCard, cards, facet_of, links_of};
use crate::watch::FollowCard;
use crate::words::{Language, LicenceKind};

/// Datasets on a page.
pub(crate) const NEWEST: usize = 10;
/// Publishers and formats on a page.
const FACET_VALUES: usize = 10;

/// A list of ways into the catalogue, with their numbers.
#[derive(Debug, Clone, Default)]
pub struct ListPage {
    /// The keys of heading and lead.
    pub title: &'static str,
    /// The lead's key.
    pub lead: &'static str,
    /// Where each leads, what most datasets have first.
    pub items: Vec<CountedLink>,
}

/// What belongs to a theme, a licence or a series.
#[derive(Debug, Clone, Default)]
pub struct CollectionPage {
    /// The list above it: the key of its name, and its address.
    pub above: (&'static str, &'static str),
    /// What it is called.
    pub name: String,
    /// What it is, in plain words.
    pub about: String,
    /// Where more is said about it, outside.
    pub more: Option<Link>,
    /// How many datasets belong to it.
    pub total: u64,
    /// The latest modified.
    pub newest: Vec<ResultCard>,
    /// All of them.
    pub all: String,
    /// What the search box within it carries along.
    pub within: Vec<(&'static str, String)>,
    /// Its publishers, within it.
    pub publishers: Vec<CountedLink>,
    /// Its formats, within it.
    pub formats: Vec<CountedLink>,
    /// The feed.
    pub feed: Option<String>,
    /// Where the form is that follows it.
    pub follow: Option<String>,
    /// The address of the same as data.
    pub api: String,
}

impl CollectionPage {
    /// The card that offers to follow it.
    #[must_use]
    pub fn follow_card(&self) -> Option<FollowCard> {
        let href = self.follow.clone()?;
        Some(FollowCard { href, feed: self.feed.clone().unwrap_or_default() })
    }
}

/// The template of [`ListPage`].
#[derive(Debug, Template)]
#[template(path = "theme/list.html")]
pub struct ListView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a ListPage,
}

/// The template of [`CollectionPage`].
#[derive(Debug, Template)]
#[template(path = "theme/collection.html")]
pub struct CollectionView<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What it shows.
    pub page: &'a CollectionPage,
}

/// The values of a facet that pages of their own stand for.
pub(crate) fn values_of(
    catalog: &Catalog,
    facet: index::Facet,
    filter: Filter,
    language: Language,
) -> Result<crate::search::Facet, CatalogError> {
    let question =
        SearchQuery { limit: 0, facets: vec![facet], facet_limit: index::MAX_FACET_LIMIT, ..SearchQuery::default() };
    Ok(facet_of(filter, &catalog.index.search(&question)?, language))
}

/// Shows all themes.
pub(crate) async fn list_themes(visit: Visit) -> HttpResponse {
    let (catalog, language) = (visit.pages.state.catalog.clone(), visit.language);
    let loaded = visit
        .block(move || {
            Ok(ListPage { title: "theme-all", lead: "theme-all-lead", items: theme_links(&catalog, language)? })
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &ListView { frame, page }))
}

/// Every theme with the number of its datasets, leading to its page.
pub(crate) fn theme_links(catalog: &Catalog, language: Language) -> Result<Vec<CountedLink>, CatalogError> {
    let question = SearchQuery {
        limit: 0,
        facets: vec![index::Facet::Theme],
        facet_limit: index::MAX_FACET_LIMIT,
        ..SearchQuery::default()
    };
    let answer = catalog.index.search(&question)?;
    let counts = answer.facets.get(&index::Facet::Theme).map(Vec::as_slice).unwrap_or_default();
    let shown = facet_of(Filter::Theme, &answer, language);
    Ok(shown
        .values
        .into_iter()
        .map(|value| {
            let first = value.values.first().map(String::as_str).unwrap_or_default();
            let own = counts.iter().find(|count| count.value == first);
            // The theme's own name makes its address, whatever the reader's language calls it.
            let name = own.map(|own| own.label.as_str()).filter(|label| !label.is_empty()).unwrap_or(first);
            CountedLink { href: format!("/themes/{}", theme_slug(name)), text: value.label, count: value.count }
        })
        .collect())
}

/// Shows a theme.
pub(crate) async fn show_theme(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let (catalog, language, slug) = (visit.pages.state.catalog.clone(), visit.language, slug.into_inner());
    let loaded = visit
        .block(move || {
            let theme = catalog.db.read(|tx| dataset::find_theme(tx, &slug))?;
            let shown = values_of(&catalog, index::Facet::Theme, Filter::Theme, language)?;
            let value = theme.iri.clone().unwrap_or_else(|| theme.name.clone());
            let same = shown.values.into_iter().find(|known| known.values.contains(&value));
            let values = same.as_ref().map_or_else(|| vec![value.clone()], |known| known.values.clone());
            let page = CollectionPage {
                above: ("theme-all", "/themes"),
                name: same.map_or_else(|| language.theme(&theme.name), |known| known.label),
                feed: Some(format!("/feeds/themes/{slug}.atom")),
                ..CollectionPage::default()
            };
            collect(&catalog, Filter::Theme, &values, page, language)
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &CollectionView { frame, page }))
}

/// Fills in what belongs to some values of a filter.
pub(crate) fn collect(
    catalog: &Catalog,
    filter: Filter,
    values: &[String],
    mut page: CollectionPage,
    language: Language,
) -> Result<CollectionPage, CatalogError> {
    let mut question = SearchQuery {
        sort: index::Sort::Modified,
        limit: NEWEST,
        facets: vec![index::Facet::Publisher, index::Facet::Format],
        facet_limit: FACET_VALUES,
        ..SearchQuery::default()
    };
    match filter {
        Filter::Licence => question.licence = values.to_vec(),
        _ => question.theme = values.to_vec(),
    }
    let answer = catalog.index.search(&question)?;
    let own = Query { page: 1, ..Query::default() }.with(filter, values);
    let narrowed = |by: Filter| {
        let facet = facet_of(by, &answer, language);
        let narrow = facet.values.clone();
        let mut links = links_of(facet);
        for (link, value) in links.iter_mut().zip(narrow) {
            link.href = own.with(by, &value.values).href();
        }
        links
    };
    let mut words = form_urlencoded::Serializer::new(String::new());
    for value in values {
        words.append_pair(filter.as_str(), value);
    }
    let words = words.finish();
    let search: String = form_urlencoded::Serializer::new(String::new()).append_pair("search", &words).finish();
    page.total = answer.total;
    page.newest = cards(&answer, Timestamp::now(), language);
    page.publishers = narrowed(Filter::Publisher);
    page.formats = narrowed(Filter::Format);
    page.all = own.href();
    page.within = values.iter().map(|value| (filter.as_str(), value.clone())).collect();
    page.feed = page.feed.or_else(|| Some(own.feed()));
    page.follow = Some(format!("/follow?{search}"));
    page.api = format!("/api/v1/datasets?{words}");
    Ok(page)
}
