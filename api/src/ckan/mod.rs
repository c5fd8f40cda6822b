//! The CKAN actions on tables that existing clients use: `datastore_search`, `datastore_info`.
//!
//! Answers, refusals and their statuses are CKAN's (CKAN 2.11, "DataStore extension" and "API guide"), so that clients need no change but
//! the address. They pass the hot path like everything else: what it refuses (keys, limits) comes as problem+json.

mod envelope;
mod info;
mod params;
mod records;
mod search;

use actix_web::web;

/// Where the actions are mounted.
pub(crate) const ROOT: &str = "/api/3/action";

/// Mounts the actions; what is none is refused as CKAN does.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/datastore_search").route(web::get().to(search::get)).route(web::post().to(search::post)),
        )
        .service(web::resource("/datastore_info").route(web::get().to(info::get)).route(web::post().to(info::post)))
        .service(web::resource("/datastore_search_sql").to(envelope::no_sql))
        .default_service(web::to(envelope::unknown_action));
}
