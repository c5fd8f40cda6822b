//! Harvests, for agency staff and operators: sources, jobs, records.
//!
//! Operators see everything; stewards and publishers what belongs to their own body. What belongs to another is absent
//! (404).

mod jobs;
mod loads;
mod sources;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use loads::LoadJobOut;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sources::list_sources)
        .service(sources::create_source)
        .service(sources::get_source)
        .service(sources::run_source)
        .service(jobs::list_jobs)
        .service(jobs::get_job)
        .service(jobs::list_job_records)
        .service(jobs::approve_job)
        .service(jobs::cancel_job);
}
