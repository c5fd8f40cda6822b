//! Feeds of datasets by their last change: of a publisher, of a theme, of a search.

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use fairground_catalog::dataset::{self, Among, Dataset, DatasetCard, Direction, Place, Publication, Window};
use fairground_catalog::search::{SearchQuery, Sort};
use fairground_catalog::{CatalogError, Tx, publisher};
use fairground_domain::{DatasetId, Timestamp};
use serde::Deserialize;
use url::form_urlencoded;
use utoipa::IntoParams;

use super::FEEDS;
use super::atom::{ATOM, Feed, FeedEntry};
use crate::answer::{Freshness, Rendered};
use crate::caller::Anyone;
use crate::dataset::{DatasetSearch, ListDatasetsParams};
use crate::hot_path::API_KEY_PARAMETER;
use crate::problem::Problem;
use crate::query::{FromQuery, Query, QueryReader};
use crate::state::ApiState;

/// Datasets of a page.
const ENTRIES: usize = 50;

/// Where a page begins.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the document, not by the program")]
struct AfterParams {
    /// Where the page before ended, as its `next` link says.
    after: Option<String>,
}

#[derive(Debug)]
struct AfterQuery(Option<Place>);

impl FromQuery for AfterQuery {
    fn from_query(query: &mut QueryReader) -> Self {
        let Some(text) = query.text("after") else { return Self(None) };
        let place = read_place(&text);
        if place.is_none() {
            query.fault("after", "Must be as the `next` link of a page says.");
        }
        Self(place)
    }
}

fn read_place(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('.')?;
    Some(Place { at: Timestamp::from_micros(at.parse().ok()?), id: id.parse::<DatasetId>().ok()? })
}

fn write_place(place: Place) -> String {
    format!("{}.{}", place.at.as_micros(), place.id)
}

/// A publisher.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct PublisherPath {
    /// The publisher's id or slug.
    publisher: String,
}

/// A publisher's datasets as an Atom feed, the last changed first. Paged (RFC 5005, section 3).
#[utoipa::path(tag = "feeds", params(PublisherPath, AfterParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/publishers/{publisher}.atom")]
pub(super) async fn get_publisher_feed(
    _caller: Anyone,
    path: Path<PublisherPath>,
    query: Query<AfterQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (name, Query(AfterQuery(after))) = (path.into_inner().publisher, query);
    let (publisher, page) = state
        .read(move |tx| {
            let found = publisher::find(tx, &name)?;
            let publisher = found.ok_or_else(|| CatalogError::NotFound { what: "publisher", name: name.clone() })?;
            let page = Page::read(tx, &Among::Publisher(publisher.id), after)?;
            Ok((publisher, page))
        })
        .await?;
    let head = Head {
        path: format!("publishers/{}", publisher.slug),
        title: publisher.name,
        page: format!("/publishers/{}", publisher.slug),
    };
    Ok(page.answer(&state, &req, head, after))
}

/// A theme.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct ThemePath {
    /// The theme's slug: its label in small letters, words joined by hyphens.
    theme: String,
}

/// The datasets of a theme as an Atom feed, the last changed first. Paged (RFC 5005, section 3).
#[utoipa::path(tag = "feeds", params(ThemePath, AfterParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/themes/{theme}.atom")]
pub(super) async fn get_theme_feed(
    _caller: Anyone,
    path: Path<ThemePath>,
    query: Query<AfterQuery>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let (name, Query(AfterQuery(after))) = (path.into_inner().theme, query);
    let (theme, page) = state
        .read(move |tx| {
            let theme = dataset::find_theme(tx, &name)?;
            let page = Page::read(tx, &Among::Theme(theme.slug.clone()), after)?;
            Ok((theme, page))
        })
        .await?;
    let value = theme.iri.as_deref().unwrap_or(&theme.name);
    let words: String = form_urlencoded::Serializer::new(String::new()).append_pair("theme", value).finish();
    let head = Head { path: format!("themes/{}", theme.slug), title: theme.name, page: format!("/datasets?{words}") };
    Ok(page.answer(&state, &req, head, after))
}

/// What a feed of datasets is about.
struct Head {
    /// Its address below the feeds, without the ending.
    path: String,
    title: String,
    /// The page's path.
    page: String,
}

/// One page of datasets by their last change.
struct Page {
    datasets: Vec<Dataset>,
    next: Option<Place>,
}

impl Page {
    fn read(tx: &mut Tx<'_>, among: &Among, after: Option<Place>) -> Result<Self, CatalogError> {
        let limit = i64::try_from(ENTRIES).unwrap_or(0) + 1;
        let mut datasets = dataset::list_by_change(tx, among, Window::default(), Direction::NewestFirst, after, limit)?;
        let more = datasets.len() > ENTRIES;
        datasets.truncate(ENTRIES);
        let next = datasets.last().filter(|_| more).map(Dataset::place);
        Ok(Self { datasets, next })
    }

    fn answer(self, state: &ApiState, req: &HttpRequest, head: Head, after: Option<Place>) -> HttpResponse {
        let (title, url) = (&state.settings.title, &state.settings.public_url);
        let id = format!("{url}{FEEDS}/{}.atom", head.path);
        let at = |place: Place| format!("{id}?after={}", write_place(place));
        let (mut entries, mut gone) = (Vec::new(), Vec::new());
        for dataset in &self.datasets {
            match dataset.publication {
                Publication::Published => entries.push(entry(url, &DatasetCard::from(dataset))),
                // Nobody is told of what the gate holds; it is not listed either.
                Publication::Held => {}
                Publication::Withdrawn { at, .. } => gone.push((entry_id(dataset.id), at)),
            }
        }
        let mut links = vec![("first", id.clone())];
        links.extend(self.next.map(|place| ("next", at(place))));
        let feed = Feed {
            own: after.map_or_else(|| id.clone(), at),
            id: id.clone(),
            title: format!("{title}: {}", head.title),
            page: format!("{url}{}", head.page),
            links,
            is_archive: false,
            entries,
            gone,
        };
        Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(req)
    }
}

/// What a search finds as an Atom feed, the last changed first. It takes what `/api/v1/datasets` takes; the order and the number
/// of entries are its own. Paged (RFC 5005, section 3).
#[utoipa::path(tag = "feeds", params(ListDatasetsParams), security((), ("api_key" = []), ("bearer" = [])),
               responses((status = OK, body = String, content_type = "application/atom+xml"), Problem))]
#[get("/search.atom")]
pub(super) async fn get_search_feed(
    _caller: Anyone,
    query: Query<DatasetSearch>,
    req: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, Problem> {
    let Query(DatasetSearch(question)) = query;
    let question = SearchQuery { sort: Sort::Updated, limit: ENTRIES, facets: Vec::new(), ..question };
    let index = state.catalog.index.clone();
    let answer = web::block(move || index.search(&question)).await??;
    let (title, url) = (&state.settings.title, &state.settings.public_url);
    let address = |cursor: Option<&str>| {
        let kept = form_urlencoded::parse(req.query_string().as_bytes())
            .filter(|(name, _)| !matches!(name.as_ref(), "cursor" | "sort" | "limit" | "facets" | API_KEY_PARAMETER));
        let mut words = form_urlencoded::Serializer::new(String::new());
        for (name, value) in kept {
            words.append_pair(&name, &value);
        }
        if let Some(cursor) = cursor {
            words.append_pair("cursor", cursor);
        }
        words.finish()
    };
    let words = address(None);
    let at = |words: &str| format!("{url}{FEEDS}/search.atom?{words}");
    let current = form_urlencoded::parse(req.query_string().as_bytes()).find(|(name, _)| name == "cursor");
    let mut links = vec![("first", at(&words))];
    links.extend(answer.next.map(|next| ("next", at(&address(Some(&next.to_string()))))));
    let cards: Result<Vec<DatasetCard>, _> = answer.hits.iter().map(|hit| serde_json::from_str(&hit.card)).collect();
    let feed = Feed {
        id: at(&words),
        own: current.map_or_else(|| at(&words), |(_, cursor)| at(&address(Some(&cursor)))),
        title: format!("{title}: a search"),
        page: format!("{url}/datasets?{words}"),
        links,
        entries: cards.map_err(Problem::internal)?.iter().map(|card| entry(url, card)).collect(),
        ..Feed::default()
    };
    Ok(Rendered::new(feed.render(), ATOM, Freshness::Revalidated).answer(&req))
}

fn entry_id(id: DatasetId) -> String {
    format!("urn:uuid:{id}")
}

fn entry(url: &str, card: &DatasetCard) -> FeedEntry {
    FeedEntry {
        id: entry_id(card.id),
        title: card.title.any().to_owned(),
        updated: card.updated_at,
        author: card.publisher.as_ref().map_or_else(|| "Not said".to_owned(), |publisher| publisher.name.clone()),
        href: format!("{url}/datasets/{}", card.slug),
        text: card.excerpt.any().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_nothing_else_does() {
        let place = Place { at: Timestamp::from_micros(1_234_567), id: DatasetId::new() };
        assert_eq!(read_place(&write_place(place)), Some(place));
        for bad in ["", ".", "1", "x.y", "1.nothing"] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }
}
