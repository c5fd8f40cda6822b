//! Series of datasets: the list of them, and the members of one.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use fairground_catalog::dataset::{self, DatasetCard};
use fairground_catalog::search::{self as index, SearchQuery};
use fairground_catalog::{CatalogError, watch};
use fairground_domain::{ResourceKind, Timestamp};

use crate::layout::{CountedLink, Place, Visit, answer_page};
use crate::prose::excerpt;
use crate::search::ResultCard;
use crate::theme::{CollectionPage, CollectionView, ListPage, ListView};

/// Series on the list.
const MOST_SERIES: usize = 200;
/// Members on a page; the API has more.
const MOST_MEMBERS: i64 = 100;
/// Longest account of a series, in characters.
const ABOUT_CHARS: usize = 600;

/// Shows all series, with the numbers of their members.
pub(crate) async fn list_series(visit: Visit) -> HttpResponse {
    let (catalog, language) = (visit.pages.state.catalog.clone(), visit.language);
    let loaded = visit
        .block(move || {
            let question = SearchQuery {
                kinds: vec![ResourceKind::DatasetSeries],
                sort: index::Sort::Title,
                limit: MOST_SERIES,
                ..SearchQuery::default()
            };
            let hits = catalog.index.search(&question)?.hits;
            let ids: Vec<String> = hits.iter().map(|hit| hit.id.to_string()).collect();
            let items = catalog.db.read(|tx| {
                let mut items = Vec::with_capacity(ids.len());
                for series in dataset::list_by_ids(tx, &ids)? {
                    let (_, total) = watch::list_members(tx, &series, 0)?;
                    items.push(CountedLink {
                        text: language.best_of(&series.draft.title).text,
                        href: format!("/series/{}", series.slug),
                        count: u64::try_from(total).unwrap_or_default(),
                    });
                }
                Ok(items)
            });
            let mut items = items?;
            items.sort_by(|one, other| one.text.cmp(&other.text));
            Ok(ListPage { title: "series-all", lead: "series-all-lead", items })
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &ListView { frame, page }))
}

/// Shows a series with its members.
pub(crate) async fn show_series(visit: Visit, slug: web::Path<String>) -> HttpResponse {
    let (language, slug) = (visit.language, slug.into_inner());
    let loaded = visit
        .read(move |tx| {
            let series = dataset::get_public(tx, &slug)?;
            if series.draft.kind != ResourceKind::DatasetSeries {
                return Err(CatalogError::not_found("series", &slug));
            }
            let (members, total) = watch::list_members(tx, &series, MOST_MEMBERS)?;
            let now = Timestamp::now();
            let slug = series.slug.to_string();
            Ok(CollectionPage {
                above: ("series-all", "/series"),
                name: language.best_of(&series.draft.title).text,
                about: excerpt(&language.best_of(&series.draft.description).text, ABOUT_CHARS),
                total: u64::try_from(total).unwrap_or_default(),
                newest: members.iter().map(|card: &DatasetCard| ResultCard::of(card, now, language)).collect(),
                all: format!("/datasets/{slug}"),
                feed: Some(format!("/feeds/datasets/{slug}.atom")),
                follow: Some(format!("/follow?dataset={slug}")),
                api: format!("/api/v1/datasets/{slug}/members"),
                ..CollectionPage::default()
            })
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, page| answer_page(StatusCode::OK, &CollectionView { frame, page }))
}
