//! Who works for a publisher: grants and delegations, invitations, the review policy, and the place in the tree.
//!
//! Strangers to a publisher find none of this (404); who belongs to it and may not do a thing is told so (403).

mod handlers;
mod invitations;
mod policy;
mod tokens;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use invitations::send_member_invitation;
pub use tokens::make_publishing_token;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // `invitations` before `{publisher}`: the first that fits is taken.
    config
        .service(invitations::accept_publisher_invitation)
        .service(handlers::list_publisher_members)
        .service(handlers::grant_publisher_role)
        .service(handlers::delegate_publisher_role)
        .service(handlers::revoke_publisher_role)
        .service(invitations::list_publisher_invitations)
        .service(invitations::create_publisher_invitation)
        .service(invitations::withdraw_publisher_invitation)
        .service(tokens::list_publisher_tokens)
        .service(tokens::revoke_publishing_token)
        .service(policy::get_review_policy)
        .service(policy::set_review_policy)
        .service(policy::list_publishers_below)
        .service(policy::set_publisher_parent);
}

/// Below `/me`.
pub(crate) fn routes_of_the_caller(config: &mut ServiceConfig<'_>) {
    config
        .service(handlers::list_workplaces)
        .service(tokens::list_publishing_tokens)
        .service(tokens::create_publishing_token)
        .service(tokens::get_work_letters)
        .service(tokens::set_work_letters);
}
