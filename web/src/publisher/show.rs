//! Showing publishers.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::publisher::{self, PublisherListing};
use fairground_catalog::search::{self as index, SearchQuery};
use fairground_catalog::{Catalog, CatalogError, Tx, quality};
use fairground_domain::{Slug, Timestamp, fold};
use url::form_urlencoded;

use super::{PublisherCard, PublisherList, PublisherListView, PublisherPage, PublisherView};
use crate::layout::{Place, Visit, answer_page};
use crate::prose::safe_href;
use crate::quality::QualityCard;
use crate::search::{cards, facet_of, links_of};
use crate::words::Language;

/// Publishers on a page.
const PAGE_SIZE: usize = 60;
/// Publishers read at once while looking for a name.
const BATCH: i64 = 500;
/// Longest name that is looked for, in characters.
const LONGEST_NAME_CHARS: usize = 100;
/// Datasets on a publisher's page.
const NEWEST: usize = 10;
/// Themes and formats on a publisher's page.
const FACET_VALUES: usize = 10;

/// Lists publishers that have datasets, by slug; `q` narrows the list to names that hold it.
pub(crate) async fn list_publishers(visit: Visit) -> HttpResponse {
    let (mut words, mut after) = (String::new(), None);
    for (name, value) in form_urlencoded::parse(visit.request.query_string().as_bytes()) {
        match name.as_ref() {
            "q" => words = value.trim().chars().take(LONGEST_NAME_CHARS).collect(),
            "cursor" => after = value.parse::<Slug>().ok(),
            _ => {}
        }
    }
    let loaded = visit.read(move |tx| load_list(tx, words, after.as_ref())).await;
    visit.finish(Place::Publishers, loaded, |frame, page| {
        answer_page(StatusCode::OK, &PublisherListView { frame, page })
    })
}

fn load_list(tx: &mut Tx<'_>, words: String, after: Option<&Slug>) -> Result<PublisherList, CatalogError> {
    let wanted = fold(&words);
    let mut list = PublisherList { words, ..PublisherList::default() };
    let mut position: Option<Slug> = None;
    loop {
        let batch = publisher::list(tx, position.as_ref(), BATCH)?;
        let Some(last) = batch.last() else { return Ok(list) };
        position = Some(last.publisher.slug.clone());
        for listing in batch {
            if listing.datasets < 1 || !(wanted.is_empty() || fold(&listing.publisher.name).contains(&wanted)) {
                continue;
            }
            list.total += 1;
            if after.is_some_and(|after| listing.publisher.slug <= *after) || list.next.is_some() {
                continue;
            }
            if list.publishers.len() == PAGE_SIZE {
                list.next = list.publishers.last().map(|last| last.slug.clone());
            } else {
                list.publishers.push(card(listing));
            }
        }
    }
}

fn card(listing: PublisherListing) -> PublisherCard {
    PublisherCard {
        slug: listing.publisher.slug.to_string(),
        name: listing.publisher.name,
        part_of: listing.publisher.agent.part_of.first().cloned(),
        datasets: u64::try_from(listing.datasets).unwrap_or_default(),
    }
}

/// Shows a publisher.
pub(crate) async fn show_publisher(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    let catalog = visit.pages.state.catalog.clone();
    let language = visit.language;
    let loaded = visit.block(move || load_page(&catalog, &name, language)).await;
    visit.finish(Place::Publishers, loaded, |frame, page| answer_page(StatusCode::OK, &PublisherView { frame, page }))
}

fn load_page(catalog: &Catalog, name: &str, language: Language) -> Result<PublisherPage, CatalogError> {
    let PublisherListing { publisher, datasets } = catalog.db.read(|tx| publisher::get(tx, name))?;
    let measured = catalog.db.read(|tx| quality::of_publisher(tx, publisher.id))?;
    let question = SearchQuery {
        publisher: vec![publisher.slug.to_string()],
        sort: index::Sort::Modified,
        limit: NEWEST,
        facets: vec![index::Facet::Theme, index::Facet::Format],
        facet_limit: FACET_VALUES,
        ..SearchQuery::default()
    };
    let answer = catalog.index.search(&question)?;
    let narrowed = |filter| {
        let own = crate::search::Query { page: 1, ..Default::default() }
            .with(crate::search::Filter::Publisher, &[publisher.slug.to_string()]);
        let mut links = links_of(facet_of(filter, &answer, language));
        for (link, value) in links.iter_mut().zip(facet_of(filter, &answer, language).values) {
            link.href = own.with(filter, &value.values).href();
        }
        links
    };
    Ok(PublisherPage {
        name: publisher.name.clone(),
        part_of: publisher.agent.part_of.first().cloned(),
        about: crate::prose::SafeHtml::default(),
        homepage: publisher.agent.homepage.as_deref().and_then(safe_href),
        email: publisher.agent.email.clone().filter(|email| safe_href(&format!("mailto:{email}")).is_some()),
        datasets: u64::try_from(datasets).unwrap_or_default(),
        themes: narrowed(crate::search::Filter::Theme),
        formats: narrowed(crate::search::Filter::Format),
        newest: cards(&answer, Timestamp::now(), language),
        quality: QualityCard::of_publisher(&measured, publisher.slug.as_str()),
        slug: publisher.slug.to_string(),
    })
}
