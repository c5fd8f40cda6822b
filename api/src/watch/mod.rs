//! Follows: being told when a dataset, a publisher's datasets or what a search finds change.
//!
//! Whoever is signed in with a proved address acts at once; everybody else by a letter whose link confirms the address. What is
//! a citizen's own is reached by a session, or by the token of the link in every letter (`Citizen-Token`).

mod act;
mod caller;
mod deliver;
mod handlers;
mod letters;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use act::{Taken, WebhookFault, webhook};
pub(crate) use caller::CitizenCaller;
pub use deliver::DeliverError;
pub(crate) use deliver::{FOLLOWS_EVERY, PRUNE_EVERY, deliver, prune};
pub(crate) use handlers::{acting, answer};
pub(crate) use letters::{question_answered, request_answered};
pub(crate) use wire::{ActOut, taken};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // `changes` and `deliveries` before `{follow}`: the first that fits is taken.
    config
        .service(handlers::list_follow_changes)
        .service(handlers::list_deliveries)
        .service(handlers::retry_delivery)
        .service(handlers::list_follows)
        .service(handlers::create_follow)
        .service(handlers::update_follow)
        .service(handlers::delete_follow)
        .service(handlers::confirm_act)
        .service(handlers::export_citizen)
        .service(handlers::erase_citizen);
}
