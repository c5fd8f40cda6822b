//! What is on offer and on which terms: the domain's rules, the store, the journal, the search index.
//!
//! The only crate that speaks SQL. `api`, `web` and `harvester` call its use cases inside a transaction
//! ([`Db::read`], [`Db::write`]); each room owns the statements on its tables.

pub mod account;
pub mod application;
pub mod audit;
pub mod change_log;
pub mod citizen;
pub mod conversation;
pub mod correction;
pub mod dataset;
mod db;
pub mod demand;
mod dialect;
pub mod draft;
mod error;
pub mod follow;
pub mod gate;
pub mod harvest;
mod job;
pub mod journal;
pub mod letter;
pub mod member;
pub mod notice;
pub mod organisation;
mod portal;
pub mod publisher;
pub mod quality;
pub mod register;
mod schema;
mod secret;
pub mod service;
pub mod source;
pub mod table;
pub mod tariff;
pub mod usage;
pub mod vitals;
pub mod watch;
mod write_ahead;

pub use db::{ConnectError, DatabaseUrl, Db, Tx};
pub use error::{CatalogError, Conflict};
pub use fairground_domain as domain;
pub use fairground_search as search;
pub use portal::{Catalog, Place, SYNONYMS_FILE};
pub use secret::Secret;
