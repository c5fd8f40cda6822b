//! What is asked for and not found, for those who could publish it.

mod handlers;
mod tend;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use tend::{DEMAND_EVERY, USES_EVERY, tell_uses, tend_demand};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(handlers::list_demand);
}
