//! Ways through the catalogue besides searching: themes, licences, what is used most, the members of a series.

mod handlers;
mod popular;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use popular::Popular;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(handlers::list_themes).service(handlers::list_licences).service(handlers::list_popular_datasets);
}

/// Below `/datasets`.
pub(crate) fn routes_of_datasets(config: &mut ServiceConfig<'_>) {
    config.service(handlers::list_series_members);
}
