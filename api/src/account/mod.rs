//! Accounts of staff, and their sessions.

mod handlers;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_accounts)
        .service(handlers::create_account)
        .service(handlers::create_session)
        .service(handlers::get_session)
        .service(handlers::delete_session);
}
