//! Accounts and their sessions: registering, signing in, second factors, what is kept about a person.

mod acts;
mod factor;
mod handlers;
mod letters;
mod me;
mod me_wire;
mod registration;
mod sessions;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_accounts)
        .service(handlers::create_account)
        .service(handlers::list_identity_providers)
        .service(registration::create_registration)
        .service(registration::confirm_registration)
        .service(registration::create_password_reset)
        .service(registration::confirm_password_reset)
        .service(sessions::create_session)
        .service(sessions::get_session)
        .service(sessions::delete_session)
        .service(sessions::pass_second_factor);
}

/// Below `/me`.
pub(crate) fn routes_of_the_caller(config: &mut ServiceConfig<'_>) {
    config
        .service(me::get_me)
        .service(me::export_me)
        .service(me::erase_me)
        .service(me::change_password)
        .service(me::end_all_sessions)
        .service(me::end_session)
        .service(me::unlink_identity)
        .service(factor::begin_second_factor)
        .service(factor::confirm_second_factor)
        .service(factor::remove_second_factor);
}
