//! The gateway before an agency's system that behaves, fails and lies.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod agency;
mod attacks;
mod caching;
mod failing;
