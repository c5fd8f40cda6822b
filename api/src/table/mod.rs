//! Tables: what each holds, its rows, sums and files; loading and uploading.
//!
//! A row question asks no database: [`directory`] remembers what tables are, the engine in `fairground_tables` answers from
//! open snapshots, and its bytes are handed out as they are.

mod directory;
mod export;
mod fields;
mod list;
mod loads;
mod openapi;
mod ranges;
mod request;
mod rows;
mod samples;
mod upload;
mod wire;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use directory::{Asked, Directory, Stamp, View};
pub(crate) use export::asks_for_estimate;
pub(crate) use fields::{Fields, put_engine};
pub(crate) use list::find;
pub(crate) use request::{refused as query_refused, written};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(rows::list_rows)
        .service(rows::aggregate_rows)
        .service(list::list_tables)
        .service(list::get_table)
        .service(list::list_table_versions)
        .service(list::get_table_openapi)
        .service(export::export_table)
        .service(rows::query_rows)
        .service(rows::query_aggregate)
        .service(export::get_quarantine)
        .service(loads::reload_table);
}

/// Below `/datasets`.
pub(crate) fn routes_of_datasets(config: &mut ServiceConfig<'_>) {
    config.service(list::list_dataset_tables).service(upload::upload_table);
}
