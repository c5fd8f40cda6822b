//! Usage: summed from the meter, told to whoever used it and to operators, in the same numbers.

mod handlers;
mod roll_up;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use roll_up::UsageRollUp;
pub use roll_up::{RollUpError, RollUpReport};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(handlers::get_usage);
}
