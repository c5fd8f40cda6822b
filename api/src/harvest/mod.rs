//! Harvests, for agency staff and operators: sources, jobs, records.
//!
//! Operators see everything; stewards and publishers what belongs to their own body. What belongs to another is absent
//! (404).

mod events;
mod findings;
mod jobs;
mod loads;
mod preview;
mod reports;
mod sources;
mod steer;
mod steer_wire;
mod webhook;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use loads::LoadJobOut;
pub use preview::{MOST_PREVIEWED, PreviewedRecord, USUALLY_PREVIEWED, preview_rules};
pub use reports::ReportError;
pub(crate) use reports::deliver_reports;
pub(crate) use steer_wire::FieldChangeOut;
pub(crate) use webhook::{CallError, post_signed};
pub use webhook::{check_webhook, new_secret as new_webhook_secret, sign as sign_webhook};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sources::list_sources)
        .service(sources::create_source)
        .service(sources::get_source)
        .service(sources::run_source)
        .service(jobs::list_jobs)
        .service(jobs::get_job)
        .service(jobs::list_job_records)
        .service(jobs::list_records)
        .service(jobs::approve_job)
        .service(jobs::cancel_job)
        .service(events::follow_job)
        .service(findings::list_job_findings)
        .service(findings::export_job_findings)
        .service(findings::get_job_record)
        .service(findings::list_job_changes)
        .service(findings::list_finding_rules)
        .service(steer::approve_source)
        .service(steer::change_source)
        .service(steer::delete_source)
        .service(steer::get_source_rules)
        .service(steer::set_source_rules)
        .service(steer::preview_source_rules)
        .service(steer::get_rules_schema)
        .service(steer::list_source_contacts)
        .service(steer::create_source_contact)
        .service(steer::delete_source_contact)
        .service(steer::list_source_reports);
}
