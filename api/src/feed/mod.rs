//! News for those who follow, and lists for those who crawl: Atom feeds of datasets, sitemaps.
//!
//! The feed of all datasets is the journal: every change is an entry of its own, older ones are in archive documents that never
//! change (RFC 5005, section 4). Those of publishers, themes and searches list datasets by their last change, page by page
//! (section 3). Every document costs the same, however much lies behind it.

pub(crate) mod atom;
mod datasets;
mod events;
mod sitemap;

use actix_web::dev::ServiceRequest;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::operation::Operation;

/// Where feeds are.
pub(crate) const FEEDS: &str = "/feeds";
/// Where the list of sitemaps is, and where they are.
pub(crate) const SITEMAP_INDEX: &str = "/sitemap.xml";
pub(crate) const SITEMAPS: &str = "/sitemaps";

pub(crate) fn feed_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(events::get_datasets_feed)
        .service(datasets::get_search_feed)
        .service(events::get_dataset_feed)
        .service(datasets::get_publisher_feed)
        .service(datasets::get_theme_feed);
}

pub(crate) fn sitemap_index_routes(config: &mut ServiceConfig<'_>) {
    config.service(sitemap::get_sitemap_index);
}

pub(crate) fn sitemap_routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sitemap::get_pages_sitemap)
        .service(sitemap::get_publishers_sitemap)
        .service(sitemap::get_datasets_sitemap);
}

/// Every request there is for a feed.
pub(crate) fn feed_operation(_: &ServiceRequest) -> Operation {
    Operation::FEED
}

/// Every request there is for a sitemap.
pub(crate) fn sitemap_operation(_: &ServiceRequest) -> Operation {
    Operation::SITEMAP
}
