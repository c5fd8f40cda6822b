//! Usage: summed from the meter, told to whoever used it and to operators, in the same numbers.

mod handlers;
mod roll_up;

use utoipa_actix_web::service_config::ServiceConfig;

pub use roll_up::{RollUpError, RollUpReport, UsageRollUp};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(handlers::get_usage);
}
