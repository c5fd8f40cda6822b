//! Data services: what is fronted at `/gateway`, and registering, approving and changing it.

mod handlers;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_services)
        .service(handlers::create_service)
        .service(handlers::get_service)
        .service(handlers::update_service)
        .service(handlers::set_service_credentials)
        .service(handlers::approve_service)
        .service(handlers::open_service)
        .service(handlers::suspend_service)
        .service(handlers::retire_service)
        .service(handlers::get_service_health);
}
