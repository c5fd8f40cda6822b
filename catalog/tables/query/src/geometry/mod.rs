//! Shapes: as bytes (WKB), as text (WKT, `BBOX`), as GeoJSON, and how they lie to each other.
//!
//! WKB is read here and not by a library, because every count in it is checked against the bytes that are there before
//! anything is allocated, and because a box or a position is wanted without building the shape. Heights and measures are read
//! over: relations and answers are in the plane, WGS 84, longitude first (RFC 7946, section 4).

mod json;
mod relation;
mod shape;
mod wkb;
mod wkt;

pub use json::write_geojson;
pub use relation::{SpatialTest, relation};
pub use shape::{BoundingBox, parse_bbox, parse_corners};
pub use wkb::{bbox, point_xy, read_wkb, write_wkb};
pub(crate) use wkt::{GEOMETRY_KINDS, parse_wkt_prefix};
pub use wkt::{parse_wkt, write_wkt};

/// Positions of a shape at most, in questions and in rows; rows with more lie nowhere.
pub const VERTICES_MAX: usize = 1_000_000;

/// Positions of a shape in a question at most.
pub const QUESTION_VERTICES_MAX: usize = 10_000;

/// How deep collections may be nested.
pub const COLLECTION_DEPTH_MAX: usize = 8;

/// Why bytes or text are not a shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GeometryError {
    /// The bytes end early.
    #[error("the shape's bytes end early")]
    Truncated,
    /// A code that stands for no shape.
    #[error("{0} is no code of a shape")]
    UnknownKind(u32),
    /// Too many positions.
    #[error("a shape may have {0} positions at most")]
    TooManyVertices(usize),
    /// Too deep a nesting.
    #[error("collections of shapes may be nested {COLLECTION_DEPTH_MAX} deep at most")]
    TooDeep,
    /// A part that is not of the kind that its whole says.
    #[error("a part of the shape is of another kind than its whole")]
    WrongPart,
    /// Text that is not a shape.
    #[error("{expected} expected at character {at} of the shape")]
    Text {
        /// Characters before the place.
        at: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A position out of the world.
    #[error("longitudes lie within -180 and 180, latitudes within -90 and 90")]
    OutOfRange,
    /// A box with its south above its north.
    #[error("the south of a box must not lie above its north")]
    SouthAboveNorth,
    /// A polygon that crosses itself or the like.
    #[error("the shape is not valid: {0}")]
    Invalid(String),
}
