//! Stories of harvests: simulated agency systems on loopback, and the engine on a real store.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod agency;
mod fetching;
mod gathering;
mod harvesting;
mod identity;
mod leases;
mod loading;
mod mapping;
mod paging;
mod portal;
mod protocols;
mod real;
mod spread;
mod trouble;
