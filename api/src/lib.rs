//! How data goes out: REST, identify, admit, serve, meter.
//!
//! [`configure`] mounts everything; the program wraps the whole app in [`front::Front`]. Handlers read the request, call
//! one use case of the catalogue on a thread that may block, and convert. Rooms are the contract's nouns; what every call of
//! the API passes through is [`hot_path`]; who is signed in, for handlers here and pages elsewhere, is [`caller`].
//!
//! ```text
//! Front (name, HEAD, time-out, CORS, security fields)
//!   └ /api/v1 ─ HotPath (identify, admit, meter) ─ Compress ─ handlers
//!   └ /health, /metrics, /openapi.json, /.well-known
//! ```

mod account;
pub mod answer;
mod application;
mod audit;
pub mod body;
mod browse;
pub mod caller;
mod catalog_feed;
mod change;
mod ckan;
pub mod conversation;
mod dataset;
mod demand;
mod document;
pub mod draft;
pub mod federation;
mod feed;
pub mod front;
pub mod gate;
pub mod gateway;
mod harvest;
pub mod hot_path;
mod language;
pub mod mail;
mod member;
pub mod metrics;
mod oai;
pub mod operation;
mod organisation;
mod page;
mod plan;
mod portal;
pub mod problem;
mod publisher;
mod quality;
pub mod query;
pub mod request_id;
mod routes;
mod service;
mod settings;
mod state;
mod table;
pub mod transparency;
pub mod upload;
mod usage;
pub mod watch;
mod xml;

use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::middleware::Compress;
use actix_web::web::{self, Data};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

pub use application::{send_owner_link, take_leak_report};
pub use document::openapi;
pub use fairground_limits::{InvalidAddress, RedisAddress};
pub use harvest::{
    MOST_PREVIEWED, PreviewedRecord, ReportError, USUALLY_PREVIEWED, check_webhook, new_webhook_secret, preview_rules,
    sign_webhook,
};
pub use member::{make_publishing_token, send_member_invitation};
pub use organisation::send_invitation;
pub use settings::ApiSettings;
pub use state::{ApiState, Background, OpenError, Wake};
pub use usage::{PublishError, Published, ReconcileReport, RollUpError, RollUpReport, SOURCE_SLUG};

use crate::hot_path::HotPath;
use crate::operation::{Operation, OperationTable, Resolved};

/// Where the API is mounted.
pub const API_ROOT: &str = "/api/v1";

/// Mounts the API: `/api/v1` behind the hot path, and what belongs to the portal itself. Call it in the app's factory, and wrap
/// the app in [`front::Front`].
pub fn configure(config: &mut web::ServiceConfig, state: &Data<ApiState>) {
    config.app_data(Data::clone(state));
    let table = Rc::new(OperationTable::new());
    let resolver = {
        let operations = Rc::clone(&table);
        move |req: &ServiceRequest| match operations.resolve(req.method(), req.path()) {
            Resolved::Operation(operation)
                if operation.id == "export_table" && table::asks_for_estimate(req.query_string()) =>
            {
                Operation::ESTIMATE_EXPORT
            }
            Resolved::Operation(operation) => operation,
            Resolved::OtherMethods(_) | Resolved::Nothing => Operation::UNKNOWN,
        }
    };
    // Addresses are tried in this order: what is called the most comes first.
    ServiceConfig::new(config).service(
        scope(API_ROOT)
            .configure(|config| routes::mount(config, &table))
            .default_service(routes::nothing_here(&table))
            .wrap(Compress::default())
            .wrap(HotPath::new(Arc::clone(&state.gate), resolver)),
    );
    for root in ckan::ROOTS {
        config.service(
            web::scope(root)
                .configure(ckan::routes)
                .wrap(Compress::default())
                .wrap(HotPath::new(Arc::clone(&state.gate), ckan::operation)),
        );
    }
    for path in ["/api", "/api/", "/api/3", "/api/3/"] {
        config.service(web::resource(path).route(web::get().to(ckan::version)));
    }
    gateway::configure(config, state);
    catalog_feed::configure_pages(config, state);
    let config = &mut ServiceConfig::new(config);
    portal::routes(config);
    // After the feeds of what the portal itself does, which are found at addresses of their own.
    let gate = || Arc::clone(&state.gate);
    config.service(
        scope(feed::FEEDS)
            .configure(feed::feed_routes)
            .wrap(Compress::default())
            .wrap(HotPath::new(gate(), feed::feed_operation)),
    );
    config.service(
        scope(feed::SITEMAP_INDEX)
            .configure(feed::sitemap_index_routes)
            .wrap(Compress::default())
            .wrap(HotPath::new(gate(), feed::sitemap_operation)),
    );
    config.service(
        scope(feed::SITEMAPS)
            .configure(feed::sitemap_routes)
            .wrap(Compress::default())
            .wrap(HotPath::new(gate(), feed::sitemap_operation)),
    );
    config.service(
        scope(oai::ROOT).configure(oai::routes).wrap(Compress::default()).wrap(HotPath::new(gate(), oai::operation)),
    );
    catalog_feed::configure(config, state);
}

/// What is mounted, for the document: the same lists of services, without what needs a running portal.
pub(crate) fn describe_routes(config: &mut ServiceConfig<'_>) {
    config.service(scope(API_ROOT).configure(routes::describe));
    portal::routes(config);
    config.service(scope(feed::FEEDS).configure(feed::feed_routes));
    config.service(scope(feed::SITEMAP_INDEX).configure(feed::sitemap_index_routes));
    config.service(scope(feed::SITEMAPS).configure(feed::sitemap_routes));
    config.service(scope(oai::ROOT).configure(oai::routes));
    catalog_feed::describe(config);
}
