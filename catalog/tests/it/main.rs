//! The catalogue's rules over a real store: SQLite always, PostgreSQL when `FAIRGROUND_TEST_POSTGRES_URL` names a server.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod account;
mod alert;
mod application;
mod application_owners;
mod changes;
mod conversation;
mod demand;
mod gate;
mod harvest;
mod journal;
mod letter;
mod migrations;
mod organisation;
mod quality;
mod register;
mod service;
mod source;
mod store;
mod table;
mod tariff;
mod tls;
mod usage;
mod vitals;
mod watch;
mod workflow;
