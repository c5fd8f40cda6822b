//! Showing a dataset.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use fairground_catalog::correction::{self, FieldCorrection};
use fairground_catalog::dataset::{self, Dataset, DatasetCard};
use fairground_catalog::search::SearchIndex;
use fairground_catalog::table::{self, LoadFilter, LoadJob};
use fairground_catalog::{CatalogError, Tx, gate, harvest, quality};
use fairground_domain::{DistributionId, Timestamp};

use super::{DatasetPage, DatasetView, Listing, MOST_DISTRIBUTIONS};
use crate::conversation;
use crate::layout::{Link, PageError, Place, Visit, answer_page};
use crate::quality::QualityCard;
use crate::screen::ScreenCard;
use crate::table::{LoadState, Shelves, TableCard};
use crate::words::Said;

/// Tables whose columns are counted for the page: each is a document to read.
const MOST_COUNTED: usize = 30;
/// Tables whose columns are named on the page.
const MOST_DESCRIBED: usize = 3;
/// Datasets that are about the same, on the page.
const MOST_SIMILAR: usize = 5;
/// Loads that are read for each file: the ended ones that are kept, and one under way.
const LOADS_A_FILE: i64 = 8;

/// Shows the dataset of that slug. It is found by its id as well, and by the names of datasets that are shown as it; the answer
/// then leads to its readable address.
pub(crate) async fn show_dataset(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    let wanted = name.clone();
    let index = visit.pages.state.catalog.index.clone();
    let loaded = visit
        .read(move |tx| {
            let dataset = dataset::get_public(tx, &wanted)?;
            let source = sources_of(tx, &dataset)?;
            let corrections = match source.is_empty() {
                true => Vec::new(),
                false => correction::of_public(tx, dataset.id)?,
            };
            let shelves = load_shelves(tx, &dataset)?;
            let measured = quality::measured(tx, &dataset)?;
            let screened = gate::public_reports(tx, dataset.id)?;
            let similar = similar_to(&index, &dataset)?;
            let asked = conversation::card_of(tx, dataset.id, dataset.slug.as_str())?;
            Ok((dataset, (source, corrections), shelves, measured, screened, similar, asked))
        })
        .await;
    if matches!(loaded, Err(PageError::Gone)) {
        return crate::workspace::show_tombstone(&visit, name).await;
    }
    visit.finish(
        Place::Datasets,
        loaded,
        |frame, (dataset, (source, corrections), shelves, measured, screened, similar, asked)| {
            if name != dataset.slug.as_str() {
                return HttpResponse::MovedPermanently()
                    .insert_header((header::LOCATION, format!("/datasets/{}", dataset.slug)))
                    .finish();
            }
            let listing = listing(dataset, source.clone(), corrections.clone());
            let mut page = DatasetPage::of(
                &dataset.draft,
                listing,
                shelves.clone(),
                &frame.site.public_url,
                Timestamp::now(),
                frame.language,
            );
            page.quality = Some(QualityCard::of_dataset(measured));
            page.screen = ScreenCard::of_dataset(screened, dataset.slug.as_str());
            page.similar.clone_from(similar);
            page.conversation.clone_from(asked);
            let mut answer = answer_page(StatusCode::OK, &DatasetView { frame, page: &page });
            // Whoever asks for RDF gets it at the same address.
            answer.headers_mut().append(header::VARY, header::HeaderValue::from_static("Accept"));
            answer
        },
    )
}

/// Datasets that are about the same, by title.
fn similar_to(index: &SearchIndex, dataset: &Dataset) -> Result<Vec<Link>, CatalogError> {
    let hits = index.similar(dataset.id, MOST_SIMILAR)?;
    let cards = hits.iter().filter_map(|hit| serde_json::from_str::<DatasetCard>(&hit.card).ok());
    Ok(cards.map(|card| Link::new(Said::of(&card.title).text, format!("/datasets/{}", card.slug))).collect())
}

/// The source that a dataset is harvested from, and behind it those that list the same one.
fn sources_of(tx: &mut Tx<'_>, dataset: &Dataset) -> Result<Vec<String>, CatalogError> {
    let Some(provenance) = &dataset.provenance else { return Ok(Vec::new()) };
    let mut names = Vec::new();
    for from in std::iter::once(provenance).chain(&dataset::list_also_from(tx, dataset.id)?) {
        names.extend(harvest::find_source(tx, &from.source_id.to_string())?.map(|source| source.slug.to_string()));
    }
    Ok(names)
}

fn listing(dataset: &Dataset, sources: Vec<String>, corrections: Vec<FieldCorrection>) -> Listing {
    Listing {
        id: dataset.id.to_string(),
        slug: dataset.slug.to_string(),
        publisher: dataset
            .publisher
            .as_ref()
            .map(|publisher| Link::new(&publisher.name, format!("/publishers/{}", publisher.slug))),
        published_at: dataset.created_at,
        changed_at: dataset.updated_at,
        revision: u64::try_from(dataset.version).unwrap_or_default(),
        sources,
        corrections,
    }
}

/// What the distributions became, and where their loads stand.
fn load_shelves(tx: &mut Tx<'_>, dataset: &Dataset) -> Result<Shelves, CatalogError> {
    let ids = dataset.distribution_ids();
    let mut tables = Vec::new();
    for (place, table) in table::list_of_dataset(tx, dataset.id)?.into_iter().enumerate() {
        let mut card = TableCard::of(&table, &dataset.slug, None);
        if place < MOST_COUNTED {
            card = card.describing(&table::get_version(tx, &table, None)?.snapshot);
            if place >= MOST_DESCRIBED {
                card.dictionary.clear();
            }
        }
        tables.push((table.distribution_id, card));
    }
    let loads = newest_loads(tx, dataset, &ids)?;
    let state_of = |id: DistributionId| LoadState::of(loads.iter().find(|job| job.distribution == id));
    Ok(Shelves::of(&dataset.draft, &ids, tables, state_of))
}

/// The loads of the dataset's tabular files, newest first.
fn newest_loads(tx: &mut Tx<'_>, dataset: &Dataset, ids: &[DistributionId]) -> Result<Vec<LoadJob>, CatalogError> {
    let shown = dataset.draft.distribution.iter().zip(ids).take(MOST_DISTRIBUTIONS);
    let tabular: Vec<DistributionId> =
        shown.filter(|(distribution, _)| table::tabular_file(distribution).is_some()).map(|(_, id)| *id).collect();
    if tabular.is_empty() {
        return Ok(Vec::new());
    }
    let most = i64::try_from(tabular.len()).unwrap_or(i64::MAX).saturating_mul(LOADS_A_FILE);
    table::list_loads(tx, &LoadFilter { distributions: Some(tabular), ..LoadFilter::default() }, most)
}
