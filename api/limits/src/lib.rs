//! The shared counter of quotas over Redis, for portals of several machines.
//!
//! One key per (party, policy, window), one script per round trip: a script runs alone in Redis, so leases are exact
//! however many nodes ask. The script tells Redis' own clock too, by which all nodes agree on the window. Keys live for their
//! window and [`KEPT_BEYOND_SECS`] more after they were last leased from, whatever any clock says.
//!
//! What Redis forgets is not counted: give it a disk (`appendonly yes`) and memory enough that it never evicts
//! (`maxmemory-policy noeviction`). One server, or one with replicas; not a cluster, whose scripts may not touch keys of
//! several slots.

mod address;
mod store;

pub use address::{InvalidAddress, RedisAddress};
pub use store::{CONNECT_WITHIN, KEPT_BEYOND_SECS, KEPT_CONNECTIONS, RedisStore, SAID_WITHIN};
