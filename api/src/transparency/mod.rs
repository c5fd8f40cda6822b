//! What everybody may check: the public register, and every act that could tilt the field, as data and as feeds.

mod conduct;
pub(crate) mod csv;
mod feeds;
mod letters;
mod register;
mod tend;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use letters::{plan_move, reinstatement, suspension};
pub use tend::TERMS_EVERY;
pub(crate) use tend::tend_terms;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register::list_register)
        .service(register::publish_exception)
        .service(register::suspend_application)
        .service(register::register_arrangement)
        .service(register::register_refusal)
        .service(register::get_register_entry)
        .service(register::end_register_entry)
        .service(conduct::list_conduct)
        .service(conduct::get_ranking);
}

pub(crate) fn feed_routes(config: &mut ServiceConfig<'_>) {
    config.service(feeds::get_transparency_feed).service(feeds::get_register_feed).service(feeds::get_developer_feed);
}
