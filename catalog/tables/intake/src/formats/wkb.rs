//! Shapes as WKB (OGC 06-103r4, section 8): two dimensions, little-endian.

use std::borrow::Cow;
use std::fmt;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::reference::Reference;
use crate::cell::Cell;

/// Collections within collections.
const DEPTH_MAX: u32 = 4;

/// A position; what stands behind the first two numbers (heights) is dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position(pub(super) f64, pub(super) f64);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Position;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a position of two or more numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Position, A::Error> {
                let missing = || serde::de::Error::custom("a position has two numbers");
                let x = seq.next_element()?.ok_or_else(missing)?;
                let y = seq.next_element()?.ok_or_else(missing)?;
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Position(x, y))
            }
        }
        deserializer.deserialize_seq(Walk)
    }
}

/// A shape, in longitude and latitude or in what its reference says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Point(Position),
    Line(Vec<Position>),
    Polygon(Vec<Vec<Position>>),
    Points(Vec<Position>),
    Lines(Vec<Vec<Position>>),
    Polygons(Vec<Vec<Vec<Position>>>),
    Collection(Vec<Shape>),
}

/// A GeoJSON geometry's members.
#[derive(Deserialize)]
struct Geometry<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    coordinates: Option<&'a RawValue>,
    #[serde(borrow)]
    geometries: Option<Vec<&'a RawValue>>,
}

/// The geometries of GeoJSON (RFC 7946, section 1.4).
pub(super) const GEOMETRIES: [&str; 7] =
    ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"];

/// A GeoJSON geometry as a cell; `None` when it is none, or not within the globe.
pub(super) fn from_geojson(text: &str, reference: &Reference) -> Option<Cell> {
    to_cell(&geojson_shape(text, 0)?, reference)
}

fn geojson_shape(text: &str, depth: u32) -> Option<Shape> {
    let geometry: Geometry<'_> = serde_json::from_str(text).ok()?;
    let at = geometry.coordinates.map(RawValue::get).unwrap_or_default();
    Some(match geometry.kind.as_ref() {
        "Point" => Shape::Point(serde_json::from_str(at).ok()?),
        "LineString" => Shape::Line(serde_json::from_str(at).ok()?),
        "Polygon" => Shape::Polygon(serde_json::from_str(at).ok()?),
        "MultiPoint" => Shape::Points(serde_json::from_str(at).ok()?),
        "MultiLineString" => Shape::Lines(serde_json::from_str(at).ok()?),
        "MultiPolygon" => Shape::Polygons(serde_json::from_str(at).ok()?),
        "GeometryCollection" if depth < DEPTH_MAX => Shape::Collection(
            geometry
                .geometries?
                .into_iter()
                .map(|inner| geojson_shape(inner.get(), depth + 1))
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

/// A shape as a cell in WGS 84; `None` when a position is not within the globe.
pub(super) fn to_cell(shape: &Shape, reference: &Reference) -> Option<Cell> {
    let mut writer = Writer { bytes: Vec::new(), reference };
    writer.shape(shape)?;
    Some(Cell::Geometry { wkb: writer.bytes, point: matches!(shape, Shape::Point(_)) })
}

struct Writer<'a> {
    bytes: Vec<u8>,
    reference: &'a Reference,
}

impl Writer<'_> {
    fn head(&mut self, kind: u32) {
        self.bytes.push(1);
        self.bytes.extend(kind.to_le_bytes());
    }

    fn count(&mut self, count: usize) -> Option<()> {
        self.bytes.extend(u32::try_from(count).ok()?.to_le_bytes());
        Some(())
    }

    fn position(&mut self, position: &Position) -> Option<()> {
        let (longitude, latitude) = self.reference.to_wgs84(position.0, position.1)?;
        self.bytes.extend(longitude.to_le_bytes());
        self.bytes.extend(latitude.to_le_bytes());
        Some(())
    }

    fn positions(&mut self, positions: &[Position]) -> Option<()> {
        self.count(positions.len())?;
        positions.iter().try_for_each(|position| self.position(position))
    }

    fn rings(&mut self, rings: &[Vec<Position>]) -> Option<()> {
        self.count(rings.len())?;
        rings.iter().try_for_each(|ring| self.positions(ring))
    }

    fn shape(&mut self, shape: &Shape) -> Option<()> {
        match shape {
            Shape::Point(position) => {
                self.head(1);
                self.position(position)
            }
            Shape::Line(positions) => {
                self.head(2);
                self.positions(positions)
            }
            Shape::Polygon(rings) => {
                self.head(3);
                self.rings(rings)
            }
            Shape::Points(positions) => {
                self.head(4);
                self.count(positions.len())?;
                positions.iter().try_for_each(|position| {
                    self.head(1);
                    self.position(position)
                })
            }
            Shape::Lines(lines) => {
                self.head(5);
                self.count(lines.len())?;
                lines.iter().try_for_each(|line| {
                    self.head(2);
                    self.positions(line)
                })
            }
            Shape::Polygons(polygons) => {
                self.head(6);
                self.count(polygons.len())?;
                polygons.iter().try_for_each(|rings| {
                    self.head(3);
                    self.rings(rings)
                })
            }
            Shape::Collection(shapes) => {
                self.head(7);
                self.count(shapes.len())?;
                shapes.iter().try_for_each(|shape| self.shape(shape))
            }
        }
    }
}
