//! The pages, walked through by HTTP over a catalogue of their own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod house;
mod market;
mod people;
mod federated;
mod mine;
mod people;
mod public;
mod scan;
mod staff;
mod table;
mod usage;
