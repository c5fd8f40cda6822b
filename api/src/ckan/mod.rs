//! What clients of CKAN find: its actions that read, on the catalogue and on tables.
//!
//! Names, parameters, answers, refusals and their statuses are CKAN's (CKAN 2.11, "API guide", "Action API reference", "DataStore
//! extension"), so that clients and harvesters need no change but the address. What writes goes into drafts (`write`). They pass the hot
//! path like everything else: what it refuses (keys, limits) comes as problem+json.
//!
//! Datasets are packages, distributions resources, publishers organizations, themes groups, keywords tags.

mod action;
mod activity;
mod envelope;
mod group;
mod info;
mod licence;
mod organization;
mod own_drafts;
mod package;
mod package_search;
mod packages;
mod params;
mod question;
mod records;
mod resource;
mod search;
mod site;
mod solr;
mod tag;
mod write;

use actix_web::dev::ServiceRequest;
use actix_web::{HttpResponse, web};

pub(crate) use package_search::{Places, places};

use crate::operation::Operation;

/// Where the actions are mounted.
pub(crate) const ROOT: &str = "/api/3/action";
/// Where CKAN has them: with the version of its API and without.
pub(crate) const ROOTS: [&str; 2] = [ROOT, "/api/action"];

/// Mounts the actions; what is none is refused as CKAN does.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/datastore_search").route(web::get().to(search::get)).route(web::post().to(search::post)),
        )
        .service(web::resource("/datastore_info").route(web::get().to(info::get)).route(web::post().to(info::post)))
        .service(web::resource("/datastore_search_sql").to(envelope::no_sql))
        .service(web::resource("/{action}").route(web::get().to(action::act)).route(web::post().to(action::act)))
        .default_service(web::to(envelope::unknown_action));
}

/// Which operation a request is: rows cost more than what the catalogue tells.
pub(crate) fn operation(req: &ServiceRequest) -> Operation {
    let on_rows = req.path().rsplit('/').next().is_some_and(|action| action.starts_with("datastore_"));
    if on_rows { Operation::CKAN_ACTION } else { Operation::CKAN_CATALOGUE }
}

/// The version of the API that is found at `/api/3`, by which clients tell a CKAN site.
pub(crate) async fn version() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "version": 3 }))
}
