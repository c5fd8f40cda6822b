//! The pages, walked through by HTTP over a catalogue of their own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod federated;
mod house;
mod liar;
mod market;
mod mine;
mod people;
mod public;
mod scan;
mod services;
mod staff;
mod steering;
mod table;
mod usage;
