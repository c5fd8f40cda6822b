//! Applications and their keys: self-service, by key.
//!
//! Whoever holds a key of an application owns it: a key sees and manages its own application, addressed by id or as `me`,
//! and nobody else's (404).

mod handlers;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // `verify` before `{application}`: the first that fits is taken.
    config
        .service(handlers::create_application)
        .service(handlers::verify_application)
        .service(handlers::get_application)
        .service(handlers::list_keys)
        .service(handlers::create_key)
        .service(handlers::revoke_key)
        .service(handlers::rotate_key);
}
