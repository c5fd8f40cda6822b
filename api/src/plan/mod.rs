//! The tariff: every plan, its limits and its rule, as public data; and how an operator announces another version.

mod handlers;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;
pub(crate) use wire::TariffDocument;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_plans)
        .service(handlers::list_tariffs)
        .service(handlers::publish_tariff)
        .service(handlers::preview_tariff)
        .service(handlers::compare_tariffs);
}

/// Below `/applications`.
pub(crate) fn routes_of_applications(config: &mut ServiceConfig<'_>) {
    config.service(handlers::get_eligibility);
}
