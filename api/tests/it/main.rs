//! Stories about the API, told over HTTP by a visitor, a consumer, a steward, a publisher and an operator.
//!
//! On SQLite always; on PostgreSQL instead when `FAIRGROUND_TEST_POSTGRES_URL` names a server (each story its own
//! database, made with `psql`).
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, unreachable_pub)]

mod alerts;
mod applications;
mod catalog_feed;
mod catalogue;
mod ckan;
mod ckan_catalogue;
mod clients;
mod conversations;
mod demand;
mod document;
mod drafts;
mod errors;
mod feeds;
mod follows;
mod gate;
mod gateway;
mod harvests;
mod hot_path;
mod keys;
mod mail;
mod market;
mod me;
mod no_private_limits;
mod nodes;
mod oai;
mod organisations;
mod portal;
mod quality;
mod sessions;
mod standing;
mod steering;
mod table_files;
mod table_loads;
mod tables;
mod usage;
