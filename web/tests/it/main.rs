//! The pages, walked through by HTTP over a catalogue of their own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod citizens;
mod drafts;
mod federated;
mod house;
mod languages;
mod liar;
mod market;
mod mine;
mod overseeing;
mod people;
mod public;
mod scan;
mod services;
mod staff;
mod staff_languages;
mod steering;
mod table;
mod usage;
