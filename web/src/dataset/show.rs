//! Showing a dataset.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use fairground_catalog::dataset::{self, Dataset};
use fairground_catalog::harvest;
use fairground_domain::{DatasetId, Timestamp};

use super::{DatasetPage, DatasetView, Listing};
use crate::layout::{Link, Place, Visit, answer_page};

/// Shows the dataset of that slug. By its id it is found as well, and the answer leads to its readable address.
pub(crate) async fn show_dataset(visit: Visit, name: web::Path<String>) -> HttpResponse {
    let name = name.into_inner();
    let wanted = name.clone();
    let loaded = visit
        .read(move |tx| {
            let dataset = dataset::get_public(tx, &wanted)?;
            let source = match &dataset.provenance {
                Some(provenance) => harvest::find_source(tx, &provenance.source_id.to_string())?,
                None => None,
            };
            Ok((dataset, source.map(|source| source.slug.to_string())))
        })
        .await;
    visit.finish(Place::Datasets, loaded, |frame, (dataset, source)| {
        if name.parse::<DatasetId>().is_ok() && name != dataset.slug.as_str() {
            return HttpResponse::MovedPermanently()
                .insert_header((header::LOCATION, format!("/datasets/{}", dataset.slug)))
                .finish();
        }
        let page =
            DatasetPage::of(&dataset.draft, listing(dataset, source.clone()), &frame.site.public_url, Timestamp::now());
        answer_page(StatusCode::OK, &DatasetView { frame, page: &page })
    })
}

fn listing(dataset: &Dataset, source: Option<String>) -> Listing {
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
        source,
    }
}
