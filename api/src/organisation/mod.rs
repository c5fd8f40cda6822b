//! Organisations, for their members; nobody else learns that one exists (404).

mod handlers;
mod members;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use members::send_invitation;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // `invitations` before `{organisation}`: the first that fits is taken.
    config
        .service(members::accept_invitation)
        .service(handlers::create_organisation)
        .service(handlers::list_organisations)
        .service(handlers::get_organisation)
        .service(handlers::update_organisation)
        .service(handlers::dissolve_organisation)
        .service(handlers::verify_organisation)
        .service(members::list_members)
        .service(members::update_member)
        .service(members::remove_member)
        .service(members::list_invitations)
        .service(members::create_invitation)
        .service(members::withdraw_invitation);
}
