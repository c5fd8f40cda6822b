//! Files of any tabular format into typed, immutable Parquet snapshots.

pub mod cell;
mod error;
mod formats;
mod limits;
mod load;
mod watch;

pub use cell::{Cell, TableReader};
pub use error::IntakeError;
pub use formats::{Constraints, FieldType, PublishedDialect, PublishedField, PublishedSchema, published_schema};
pub use limits::Limits;
pub use load::{LoadOptions, LoadedTable, load};
pub use watch::{Progress, Stage, Unwatched, Watch};
