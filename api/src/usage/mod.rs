//! Usage: summed from the meter, held to it by the ledger, and told to whoever used it, to operators, to agencies and to
//! everybody, in the same numbers.
//!
//! | who | asks |
//! | --- | --- |
//! | key owner, operator | `GET /api/v1/usage` |
//! | agency | `GET /api/v1/publishers/{publisher}/usage` |
//! | everybody | `GET /api/v1/service-level`, `GET /api/v1/usage/reconciliation`, `/usage/data.json` |

mod agency;
mod ask;
mod handlers;
mod publication;
mod reconcile;
mod roll_up;
mod service_level;
mod status;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use publication::{PUBLISH_EVERY, publish};
pub use publication::{PublishError, Published, SOURCE_SLUG};
pub(crate) use reconcile::RECONCILE_EVERY;
pub use reconcile::ReconcileReport;
pub(crate) use roll_up::UsageRollUp;
pub use roll_up::{RollUpError, RollUpReport};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(service_level::list_reconciliations)
        .service(handlers::get_usage)
        .service(service_level::get_service_level);
}

/// Below `/publishers`.
pub(crate) fn routes_of_publishers(config: &mut ServiceConfig<'_>) {
    config.service(agency::get_publisher_usage);
}

/// What stands outside the API: the portal's own open data.
pub(crate) fn publication_routes(config: &mut ServiceConfig<'_>) {
    config.service(publication::get_usage_catalogue).service(publication::get_usage_file);
}
