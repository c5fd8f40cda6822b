//! The whole catalogue for other catalogues: pages of RDF in the terms of DCAT-AP 3, and `data.json` of DCAT-US.
//!
//! `/catalog` (with a suffix, or by `Accept`) is paged: each page names the next one (Hydra, and `Link`), costs the same at any depth and
//! keeps its bytes while its datasets do. `/data.json` (DCAT-US 1.1) and `/dcat-us-3.json` (DCAT-US 3.0) are one document each, as their
//! readers want it, and written as a stream. The addresses of datasets' pages give RDF to those who ask for it.

mod data_json;
mod on_pages;
mod pages;

use std::sync::Arc;

use actix_web::dev::ServiceRequest;
use actix_web::middleware::Compress;
use actix_web::web::{self, Data};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::hot_path::HotPath;
use crate::operation::Operation;
use crate::state::ApiState;

/// Where the catalogue is; with a suffix, in a form of its own.
pub(crate) const CATALOG: &str = "/catalog";
/// Where DCAT-US 1.1 is.
pub(crate) const DATA_JSON: &str = "/data.json";
/// Where DCAT-US 3.0 is.
pub(crate) const DCAT_US_3: &str = "/dcat-us-3.json";

fn page_operation(_: &ServiceRequest) -> Operation {
    Operation::CATALOG_PAGE
}

fn file_operation(_: &ServiceRequest) -> Operation {
    Operation::CATALOG_FILE
}

/// Mounts the catalogue behind the hot path.
pub(crate) fn configure(config: &mut ServiceConfig<'_>, state: &Data<ApiState>) {
    let gate = || Arc::clone(&state.gate);
    for (path, routes) in PAGES {
        config.service(
            scope(*path).configure(*routes).wrap(Compress::default()).wrap(HotPath::new(gate(), page_operation)),
        );
    }
    for (path, routes) in FILES {
        config.service(
            scope(*path).configure(*routes).wrap(Compress::default()).wrap(HotPath::new(gate(), file_operation)),
        );
    }
}

/// The same lists, for the document.
pub(crate) fn describe(config: &mut ServiceConfig<'_>) {
    for (path, routes) in PAGES.iter().chain(FILES) {
        config.service(scope(*path).configure(*routes));
    }
}

/// RDF at the addresses of pages: mounted before the pages, and only for those who ask for it.
pub(crate) fn configure_pages(config: &mut web::ServiceConfig, state: &Data<ApiState>) {
    on_pages::configure(config, state);
}

type Routes = fn(&mut ServiceConfig<'_>);

const PAGES: &[(&str, Routes)] = &[
    ("/catalog", |config| {
        config.service(pages::get_catalog);
    }),
    ("/catalog.ttl", |config| {
        config.service(pages::get_catalog_turtle);
    }),
    ("/catalog.rdf", |config| {
        config.service(pages::get_catalog_rdf_xml);
    }),
    ("/catalog.jsonld", |config| {
        config.service(pages::get_catalog_json_ld);
    }),
    ("/catalog.nt", |config| {
        config.service(pages::get_catalog_ntriples);
    }),
];

const FILES: &[(&str, Routes)] = &[
    (DATA_JSON, |config| {
        config.service(data_json::get_data_json);
    }),
    (DCAT_US_3, |config| {
        config.service(data_json::get_dcat_us_3);
    }),
];
