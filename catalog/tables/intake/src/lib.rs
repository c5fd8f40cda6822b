//! Files of any tabular format into typed, immutable Parquet snapshots.

pub mod cell;
mod error;

pub use cell::{Cell, TableReader};
pub use error::IntakeError;
