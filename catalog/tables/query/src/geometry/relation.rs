//! How shapes lie to each other (OGC 06-103r4, section 6.1.15).

use std::panic::{AssertUnwindSafe, catch_unwind};

use geo::{Contains, CoordsIter, Intersects};
use geo_types::{Geometry, Point};

use super::GeometryError;
use super::wkb::{bbox, point_xy, read_wkb};
use crate::plan::{Shape, SpatialRelation};

/// A spatial condition made ready: the question's shape is built once for all rows.
#[derive(Debug, Clone)]
pub struct SpatialTest {
    relation: SpatialRelation,
    geometry: Geometry<f64>,
    bbox: [f64; 4],
    is_box: bool,
}

impl SpatialTest {
    /// Makes a condition ready.
    ///
    /// # Errors
    /// When the shape's bytes are broken, which a shape that this crate has bound never is.
    pub fn new(relation: SpatialRelation, shape: &Shape) -> Result<Self, GeometryError> {
        Ok(Self { relation, geometry: read_wkb(&shape.wkb)?, bbox: shape.bbox, is_box: shape.is_box })
    }

    /// Whether a row's shape fulfils it. Empty and broken shapes touch nothing: they are disjoint from everything.
    #[must_use]
    pub fn matches(&self, wkb: &[u8]) -> bool {
        if let Some((x, y)) = point_xy(wkb) {
            return self.matches_point(x, y);
        }
        let apart = self.relation == SpatialRelation::Disjoint;
        let Some(own) = bbox(wkb) else { return apart };
        if !boxes_touch(own, self.bbox) {
            return apart;
        }
        let Ok(geometry) = read_wkb(wkb) else { return apart };
        match self.relation {
            SpatialRelation::Intersects => self.geometry.intersects(&geometry),
            SpatialRelation::Disjoint => !self.geometry.intersects(&geometry),
            SpatialRelation::Within => contains(&self.geometry, &geometry),
            SpatialRelation::Contains => contains(&geometry, &self.geometry),
        }
    }

    /// The same for a row that is one finite position: the fast way for point columns.
    #[must_use]
    pub fn matches_point(&self, x: f64, y: f64) -> bool {
        let [west, south, east, north] = self.bbox;
        let touched = west <= x && x <= east && south <= y && y <= north;
        let point = Point::new(x, y);
        match self.relation {
            SpatialRelation::Intersects => touched && (self.is_box || self.geometry.intersects(&point)),
            SpatialRelation::Disjoint => !(touched && (self.is_box || self.geometry.intersects(&point))),
            SpatialRelation::Within if self.is_box => west < x && x < east && south < y && y < north,
            SpatialRelation::Within => touched && contains(&self.geometry, &point.into()),
            SpatialRelation::Contains => touched && self.geometry.coords_iter().all(|coord| coord == point.0),
        }
    }
}

/// Whether a row's shape stands in this relation to a question's; see [`SpatialTest`] for many rows.
#[must_use]
pub fn relation(wkb: &[u8], relation: SpatialRelation, shape: &Shape) -> bool {
    SpatialTest::new(relation, shape).map_or(relation == SpatialRelation::Disjoint, |test| test.matches(wkb))
}

fn boxes_touch(a: [f64; 4], b: [f64; 4]) -> bool {
    let ([w1, s1, e1, n1], [w2, s2, e2, n2]) = (a, b);
    w1 <= e2 && w2 <= e1 && s1 <= n2 && s2 <= n1
}

/// Containment by the matrix of both topologies. The shapes in files are often not valid, and the computation may give up
/// on those with a panic: then the answer is no, for this row alone.
fn contains(outer: &Geometry<f64>, inner: &Geometry<f64>) -> bool {
    catch_unwind(AssertUnwindSafe(|| outer.contains(inner))).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{parse_wkt, write_wkb};
    use SpatialRelation::{Contains, Disjoint, Intersects, Within};

    fn shape(wkt: &str) -> Shape {
        Shape::from_geometry(&parse_wkt(wkt).unwrap()).unwrap()
    }

    fn wkb(wkt: &str) -> Vec<u8> {
        write_wkb(&parse_wkt(wkt).unwrap())
    }

    #[test]
    fn relations_are_as_the_standard_says() {
        let square = "POLYGON((0 0,4 0,4 4,0 4,0 0))";
        let triangle = "POLYGON((0 0,4 0,0 4,0 0))";
        for (row, relation_wanted, question, expected) in [
            ("POINT(1 1)", Intersects, square, true),
            ("POINT(4 4)", Intersects, square, true),
            ("POINT(5 4)", Intersects, square, false),
            ("POINT(5 4)", Disjoint, square, true),
            ("POINT(1 1)", Within, square, true),
            ("POINT(4 4)", Within, square, false),
            ("POINT(3 3)", Intersects, triangle, false),
            ("POINT(1 1)", Within, triangle, true),
            ("POINT(1 1)", Contains, "POINT(1 1)", true),
            ("POINT(1 1)", Contains, square, false),
            (square, Contains, "POINT(1 1)", true),
            (square, Contains, "POLYGON((1 1,2 1,2 2,1 1))", true),
            ("POLYGON((1 1,2 1,2 2,1 1))", Within, square, true),
            ("POLYGON((3 3,5 3,5 5,3 3))", Within, square, false),
            ("POLYGON((3 3,5 3,5 5,3 3))", Intersects, square, true),
            ("LINESTRING(-1 -1,5 5)", Intersects, square, true),
            ("LINESTRING(-1 -1,5 5)", Disjoint, square, false),
            ("MULTIPOINT((9 9),(1 1))", Intersects, square, true),
        ] {
            assert_eq!(
                relation(&wkb(row), relation_wanted, &shape(question)),
                expected,
                "{row} {relation_wanted:?} {question}"
            );
        }
    }

    #[test]
    fn broken_and_empty_shapes_are_disjoint_from_everything() {
        let world = Shape::from_bbox([-180.0, -90.0, 180.0, 90.0]).unwrap();
        for bytes in [vec![], vec![1, 2, 3], write_wkb(&geo_types::MultiPoint::<f64>(vec![]).into())] {
            assert!(!relation(&bytes, Intersects, &world));
            assert!(relation(&bytes, Disjoint, &world));
            assert!(!relation(&bytes, Within, &world));
        }
    }

    #[test]
    fn a_box_over_the_antimeridian_takes_both_sides() {
        let pacific = Shape::from_bbox([170.0, -10.0, -170.0, 10.0]).unwrap();
        for (x, expected) in [(175.0, true), (-175.0, true), (0.0, false)] {
            let point = write_wkb(&Point::new(x, 0.0).into());
            assert_eq!(relation(&point, Intersects, &pacific), expected, "{x}");
        }
    }
}
