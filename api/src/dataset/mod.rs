//! Datasets: search, one by one, in their versions.

mod forms;
mod handlers;
mod search;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_datasets)
        .service(handlers::get_dataset)
        .service(handlers::list_dataset_versions)
        .service(handlers::get_dataset_version)
        .service(handlers::suggest);
}
