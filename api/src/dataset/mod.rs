//! Datasets: search, one by one, in their versions.

mod forms;
mod handlers;
mod packages;
mod search;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use forms::{Form, MOST_OFFERS, PublishedDataset, asks_for_rdf, offers, portal_facts};
pub(crate) use handlers::{answer_dataset, as_seen};
pub(crate) use search::{DatasetSearch, ListDatasetsParams};
pub(crate) use wire::{DatasetItem, PublisherBrief};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_datasets)
        .service(handlers::get_dataset)
        .service(handlers::suggest)
        .service(handlers::list_similar_datasets)
        .service(handlers::list_dataset_versions)
        .service(handlers::get_dataset_version)
        .service(packages::get_dataset_croissant)
        .service(packages::get_data_package);
}
