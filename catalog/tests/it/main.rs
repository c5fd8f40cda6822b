//! The catalogue's rules over a real store: SQLite always, PostgreSQL when `FAIRGROUND_TEST_POSTGRES_URL` names a server.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod application;
mod harvest;
mod journal;
mod migrations;
mod register;
mod store;
mod table;
mod tariff;
mod usage;
