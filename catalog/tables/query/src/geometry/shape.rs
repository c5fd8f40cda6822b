//! Shapes of questions.

use geo::{BoundingRect, CoordsIter, Validation};
use geo_types::{Coord, Geometry, LineString, MultiPolygon, Point, Polygon, Rect};

use super::wkb::write_wkb;
use super::{GeometryError, QUESTION_VERTICES_MAX};
use crate::plan::Shape;

/// A box on the earth: west, south, east, north in degrees. It crosses the antimeridian when its west lies east of its east
/// (OGC API Features, section 7.15.3).
pub type BoundingBox = [f64; 4];

impl Shape {
    /// A box: a rectangle; two when it crosses the antimeridian; a line or a point when it has no width or height.
    ///
    /// # Errors
    /// `OutOfRange` or `SouthAboveNorth`.
    pub fn from_bbox(bbox: BoundingBox) -> Result<Self, GeometryError> {
        let [west, south, east, north] = bbox.map(|number| number + 0.0);
        let on_earth = |x: f64, limit: f64| x.is_finite() && x.abs() <= limit;
        if ![west, east].iter().all(|x| on_earth(*x, 180.0)) || ![south, north].iter().all(|y| on_earth(*y, 90.0)) {
            return Err(GeometryError::OutOfRange);
        }
        if south > north {
            return Err(GeometryError::SouthAboveNorth);
        }
        let rectangle = |west: f64, east: f64| -> Polygon<f64> {
            Rect::new(Coord { x: west, y: south }, Coord { x: east, y: north }).to_polygon()
        };
        let (low, high) = (Coord { x: west, y: south }, Coord { x: east, y: north });
        let geometry: Geometry<f64> = if west > east {
            MultiPolygon(vec![rectangle(west, 180.0), rectangle(-180.0, east)]).into()
        } else if low == high {
            Point(low).into()
        } else if low.x == high.x || low.y == high.y {
            LineString(vec![low, high]).into()
        } else {
            rectangle(west, east).into()
        };
        let is_box = matches!(geometry, Geometry::Polygon(_));
        let bbox = if west > east { [-180.0, south, 180.0, north] } else { [west, south, east, north] };
        Ok(Self { wkb: write_wkb(&geometry), bbox, is_box })
    }

    /// Any shape that is not empty, is finite and valid (no ring crosses itself).
    ///
    /// # Errors
    /// `TooManyVertices` beyond [`QUESTION_VERTICES_MAX`], `Invalid` with the reason.
    pub fn from_geometry(geometry: &Geometry<f64>) -> Result<Self, GeometryError> {
        if geometry.coords_count() > QUESTION_VERTICES_MAX {
            return Err(GeometryError::TooManyVertices(QUESTION_VERTICES_MAX));
        }
        if geometry.coords_iter().any(|coord| !coord.x.is_finite() || !coord.y.is_finite()) {
            return Err(GeometryError::Invalid("a position is not a finite number".to_owned()));
        }
        let Some(rect) = geometry.bounding_rect() else {
            return Err(GeometryError::Invalid("it is empty".to_owned()));
        };
        geometry.check_validation().map_err(|error| GeometryError::Invalid(error.to_string()))?;
        let bbox = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
        Ok(Self { wkb: write_wkb(geometry), bbox, is_box: is_box(geometry, rect) })
    }
}

/// A polygon of four corners that are those of its bounding box.
fn is_box(geometry: &Geometry<f64>, rect: Rect<f64>) -> bool {
    let Geometry::Polygon(polygon) = geometry else { return false };
    let ring = &polygon.exterior().0;
    let on_corner =
        |c: &Coord<f64>| (c.x == rect.min().x || c.x == rect.max().x) && (c.y == rect.min().y || c.y == rect.max().y);
    polygon.interiors().is_empty()
        && ring.len() == 5
        && ring.iter().all(on_corner)
        && ring.windows(2).all(|side| matches!(side, [a, b] if (a.x == b.x) != (a.y == b.y)))
        && rect.width() > 0.0
        && rect.height() > 0.0
}

/// Reads `west,south,east,north` (or six numbers, heights between, which are read over).
///
/// # Errors
/// As those of [`parse_corners`].
pub fn parse_bbox(text: &str) -> Result<Shape, GeometryError> {
    Shape::from_bbox(parse_corners(text)?)
}

/// The corners of a box as [`parse_bbox`] reads it.
///
/// # Errors
/// `Text` when it is not four or six numbers, and those of [`Shape::from_bbox`].
pub fn parse_corners(text: &str) -> Result<BoundingBox, GeometryError> {
    let mut numbers = Vec::new();
    let mut at = 0;
    for piece in text.split(',') {
        let number = piece.trim().parse::<f64>().ok().filter(|number| number.is_finite());
        numbers.push(number.ok_or(GeometryError::Text { at, expected: "a number" })?);
        at += piece.chars().count() + 1;
        if numbers.len() > 6 {
            break;
        }
    }
    match numbers.as_slice() {
        [west, south, east, north] | [west, south, _, east, north, _] => {
            let corners = [*west, *south, *east, *north].map(|number| number + 0.0);
            Shape::from_bbox(corners).map(|_| corners)
        }
        _ => Err(GeometryError::Text { at: 0, expected: "`west,south,east,north`" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::parse_wkt;

    #[test]
    fn boxes_are_known_as_boxes() {
        assert!(parse_bbox("-1,2,3,4").unwrap().is_box);
        assert_eq!(parse_bbox("-1,2,0,3,4,9").unwrap().bbox, [-1.0, 2.0, 3.0, 4.0]);
        let crossing = parse_bbox("170,-10,-170,10").unwrap();
        assert!(!crossing.is_box);
        assert_eq!(crossing.bbox, [-180.0, -10.0, 180.0, 10.0]);
        assert!(!parse_bbox("1,1,1,1").unwrap().is_box);
        for (wkt, expected) in [
            ("POLYGON((0 0,2 0,2 1,0 1,0 0))", true),
            ("POLYGON((0 0,0 1,2 1,2 0,0 0))", true),
            ("POLYGON((0 0,2 0,2 1,0 0))", false),
            ("POLYGON((0 0,2 0,3 1,0 1,0 0))", false),
            ("POINT(0 0)", false),
        ] {
            assert_eq!(Shape::from_geometry(&parse_wkt(wkt).unwrap()).unwrap().is_box, expected, "{wkt}");
        }
    }

    #[test]
    fn what_is_no_box_is_refused() {
        for (text, error) in [
            ("1,2,3", GeometryError::Text { at: 0, expected: "`west,south,east,north`" }),
            ("1,b,3,4", GeometryError::Text { at: 2, expected: "a number" }),
            ("0,0,NaN,1", GeometryError::Text { at: 4, expected: "a number" }),
            ("-181,0,0,1", GeometryError::OutOfRange),
            ("0,2,1,1", GeometryError::SouthAboveNorth),
        ] {
            assert_eq!(parse_bbox(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_polygon_that_crosses_itself_is_refused() {
        let bow_tie = parse_wkt("POLYGON((0 0,2 2,2 0,0 2,0 0))").unwrap();
        assert!(matches!(Shape::from_geometry(&bow_tie), Err(GeometryError::Invalid(_))));
    }
}
