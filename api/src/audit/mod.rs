//! The audit: who did what to whose work, for managers of a publisher, the portal's operators and auditors.

mod handlers;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use wire::AuditEntryOut;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(handlers::list_audit).service(handlers::export_audit);
}
