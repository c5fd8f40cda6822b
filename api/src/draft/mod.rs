//! Drafts: written, filled from files, edited as form, JSON, YAML or sheet, and walked through review to publication.
//!
//! To whoever has no right for the publisher a draft does not exist (404). Every command names the revision that the caller saw;
//! who was overtaken is answered `edit-conflict` with what is there now.

mod corrections;
mod desk;
mod document;
mod files;
mod handlers;
mod journey;
mod repair;
mod sheet;
mod sheets;
mod shown;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub use files::{BeginFromFile, FromFile, UploadedTo, begin_from_file, upload_to_draft};
pub use repair::{RepairOutcome, preview_repairs, repair_held};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    // `schema` and `from-file` before `{draft}`: the first that fits is taken.
    config
        .service(desk::get_desk)
        .service(document::get_draft_schema)
        .service(files::create_draft_from_file)
        .service(handlers::list_drafts)
        .service(handlers::list_reviews)
        .service(handlers::create_draft)
        .service(handlers::get_draft)
        .service(handlers::update_draft)
        .service(handlers::discard_draft)
        .service(document::get_draft_document)
        .service(document::set_draft_document)
        .service(files::upload_draft_file)
        .service(files::remove_draft_file)
        .service(files::list_draft_suggestions)
        .service(files::apply_draft_suggestions)
        .service(journey::submit_draft)
        .service(journey::recall_draft)
        .service(journey::approve_draft)
        .service(journey::return_draft)
        .service(journey::object_to_draft)
        .service(shown::check_draft)
        .service(shown::preview_draft)
        .service(shown::compare_draft)
        .service(shown::list_draft_history);
}

/// Below `/datasets`.
pub(crate) fn routes_of_datasets(config: &mut ServiceConfig<'_>) {
    config
        .service(shown::compare_dataset_versions)
        .service(shown::restore_dataset_version)
        .service(shown::withdraw_dataset)
        .service(corrections::list_corrections)
        .service(corrections::take_back_corrections);
}

/// Below `/publishers`.
pub(crate) fn routes_of_publishers(config: &mut ServiceConfig<'_>) {
    config.service(sheets::export_sheet).service(sheets::import_sheet);
}
