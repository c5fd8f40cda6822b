//! The personal-data gate: what waits for a reviewer, what was decided, and what everybody may read of it.
//!
//! To whoever has no right for the publisher a hold does not exist (404).

mod decide;
mod holds;
mod preview;
mod public;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use preview::preview_repairs;
pub use wire::{PreviewOut, TouchedOut};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(public::get_screen_rules)
        .service(holds::list_holds)
        .service(holds::get_hold)
        .service(decide::release_hold)
        .service(decide::reject_hold)
        .service(decide::repair_hold)
        .service(preview::preview_hold_repairs);
}

/// Below `/datasets`.
pub(crate) fn routes_of_datasets(config: &mut ServiceConfig<'_>) {
    config.service(public::get_dataset_screen);
}
