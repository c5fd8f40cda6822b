//! Applications and their keys: self-service.
//!
//! Whoever holds a key of an application with the scope `manage` manages it, addressed by id or as `me`; so does whoever is
//! signed in and has confirmed its address, or belongs to its organisation. Nobody else learns that it exists (404). Who has
//! lost the key and has no account asks for a link by mail.

mod alerts;
mod handlers;
mod keys;
mod leaks;
mod owner;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use alerts::{AlertsDoc, write_alert_letters};
pub use handlers::send_owner_link;
pub use leaks::take_leak_report;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // `verify` and `links` before `{application}`: the first that fits is taken.
    config
        .service(handlers::create_application)
        .service(handlers::verify_application)
        .service(handlers::request_owner_link)
        .service(handlers::list_applications)
        .service(handlers::get_application)
        .service(handlers::update_application)
        .service(handlers::transfer_application)
        .service(handlers::close_application)
        .service(alerts::get_alerts)
        .service(alerts::set_alerts)
        .service(keys::list_keys)
        .service(keys::create_key)
        .service(keys::update_key)
        .service(keys::revoke_key)
        .service(keys::rotate_key)
        .service(leaks::report_key_leak);
}
