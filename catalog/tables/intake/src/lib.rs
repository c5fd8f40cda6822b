//! Files of any tabular format into typed, immutable Parquet snapshots.

pub mod cell;
mod error;
mod formats;

pub use cell::{Cell, TableReader};
pub use error::IntakeError;
pub use formats::{Constraints, FieldType, PublishedDialect, PublishedField, PublishedSchema, published_schema};
