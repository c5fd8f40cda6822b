//! Files of any tabular format into typed, immutable Parquet snapshots.

pub mod cell;
mod cells;
mod convert;
mod declared;
mod error;
mod formats;
mod header;
mod infer;
mod kept;
mod limits;
mod load;
mod names;
mod plan;
mod properties;
mod quarantine;
mod rows;
mod statistics;
mod text;
mod texts;
mod watch;
mod write;

pub use cell::{Cell, TableReader};
pub use error::IntakeError;
pub use formats::{Constraints, FieldType, PublishedDialect, PublishedField, PublishedSchema, published_schema};
pub use limits::Limits;
pub use load::{LoadOptions, LoadedTable, load};
pub use properties::{Property, properties};
pub use rows::{RowPlace, RowVisitor, visit_rows};
pub use texts::{Texts, texts};
pub use watch::{Progress, Stage, Unwatched, Watch};
