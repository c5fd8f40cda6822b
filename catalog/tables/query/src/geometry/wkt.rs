//! Well-known text (OGC 06-103r4, section 7), the part that CQL2 takes over.

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};
use std::fmt::Write as _;

use super::{COLLECTION_DEPTH_MAX, GeometryError, QUESTION_VERTICES_MAX};

/// Reads a shape from its text; nothing may follow. Heights (`Z`, a third number) are read over.
///
/// # Errors
/// `Text` with the place, `TooManyVertices`, `TooDeep`.
pub fn parse_wkt(text: &str) -> Result<Geometry<f64>, GeometryError> {
    let (geometry, rest) = parse_wkt_prefix(text)?;
    if rest.trim_start().is_empty() {
        return Ok(geometry);
    }
    Err(GeometryError::Text { at: text.chars().count() - rest.chars().count(), expected: "the end of the shape" })
}

/// Reads a shape at the beginning of a text and gives what follows it.
pub(crate) fn parse_wkt_prefix(text: &str) -> Result<(Geometry<f64>, &str), GeometryError> {
    let mut parser = Parser { whole: text, rest: text, vertices: 0 };
    let geometry = parser.geometry(0)?;
    Ok((geometry, parser.rest))
}

/// The words that begin a shape.
pub(crate) const GEOMETRY_KINDS: [&str; 7] =
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"];

struct Parser<'a> {
    whole: &'a str,
    rest: &'a str,
    vertices: usize,
}

impl<'a> Parser<'a> {
    fn expected<T>(&self, expected: &'static str) -> Result<T, GeometryError> {
        let before = self.whole.len() - self.rest.len();
        Err(GeometryError::Text { at: self.whole.get(..before).map_or(0, |head| head.chars().count()), expected })
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn word(&mut self) -> &'a str {
        self.skip();
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn sign(&mut self, sign: char) -> bool {
        self.skip();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn open(&mut self) -> Result<(), GeometryError> {
        if self.sign('(') { Ok(()) } else { self.expected("`(`") }
    }

    fn number(&mut self) -> Result<f64, GeometryError> {
        self.skip();
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        match digits.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                self.rest = rest;
                Ok(number + 0.0)
            }
            _ => self.expected("a number"),
        }
    }

    fn at_number(&mut self) -> bool {
        self.skip();
        self.rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
    }

    fn coord(&mut self) -> Result<Coord<f64>, GeometryError> {
        let coord = Coord { x: self.number()?, y: self.number()? };
        for _ in 0..2 {
            if self.at_number() {
                self.number()?;
            }
        }
        self.vertices += 1;
        if self.vertices > QUESTION_VERTICES_MAX {
            return Err(GeometryError::TooManyVertices(QUESTION_VERTICES_MAX));
        }
        Ok(coord)
    }

    /// `(item, item, …)`
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, GeometryError>,
    ) -> Result<Vec<T>, GeometryError> {
        self.open()?;
        let mut items = vec![item(self)?];
        while self.sign(',') {
            items.push(item(self)?);
        }
        if self.sign(')') { Ok(items) } else { self.expected("`,` or `)`") }
    }

    fn line(&mut self) -> Result<LineString<f64>, GeometryError> {
        let coords = self.list(Self::coord)?;
        if coords.len() < 2 {
            return self.expected("a second position");
        }
        Ok(LineString(coords))
    }

    fn polygon(&mut self) -> Result<Polygon<f64>, GeometryError> {
        let rings = self.list(|parser| {
            let ring = parser.list(Self::coord)?;
            if ring.len() < 4 || ring.first() != ring.last() {
                return parser.expected("a ring of four positions or more that ends where it began");
            }
            Ok(LineString(ring))
        })?;
        let mut rings = rings.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    fn point(&mut self) -> Result<Point<f64>, GeometryError> {
        if !self.sign('(') {
            return self.coord().map(Point);
        }
        let coord = self.coord()?;
        if self.sign(')') { Ok(Point(coord)) } else { self.expected("`)`") }
    }

    fn geometry(&mut self, depth: usize) -> Result<Geometry<f64>, GeometryError> {
        if depth > COLLECTION_DEPTH_MAX {
            return Err(GeometryError::TooDeep);
        }
        let before = self.rest;
        let kind = self.word().to_ascii_uppercase();
        let after_kind = self.rest;
        if !matches!(self.word().to_ascii_uppercase().as_str(), "Z" | "M" | "ZM") {
            self.rest = after_kind;
        }
        Ok(match kind.as_str() {
            "POINT" => {
                self.skip();
                if !self.rest.starts_with('(') {
                    return self.expected("`(`");
                }
                self.point()?.into()
            }
            "LINESTRING" => self.line()?.into(),
            "POLYGON" => self.polygon()?.into(),
            "MULTIPOINT" => MultiPoint(self.list(Self::point)?).into(),
            "MULTILINESTRING" => MultiLineString(self.list(Self::line)?).into(),
            "MULTIPOLYGON" => MultiPolygon(self.list(Self::polygon)?).into(),
            "GEOMETRYCOLLECTION" => {
                Geometry::GeometryCollection(GeometryCollection(self.list(|parser| parser.geometry(depth + 1))?))
            }
            _ => {
                self.rest = before.trim_start();
                return self.expected("a shape such as `POINT(4.9 52.4)`");
            }
        })
    }
}

/// Writes a shape as text, in a form that [`parse_wkt`] reads back to the same.
#[must_use]
pub fn write_wkt(geometry: &Geometry<f64>) -> String {
    let mut out = String::new();
    write(geometry, &mut out);
    out
}

fn write(geometry: &Geometry<f64>, out: &mut String) {
    match geometry {
        Geometry::Point(point) => {
            out.push_str("POINT");
            coords(&[point.0], out);
        }
        Geometry::Line(line) => {
            out.push_str("LINESTRING");
            coords(&[line.start, line.end], out);
        }
        Geometry::LineString(line) => {
            out.push_str("LINESTRING");
            coords(&line.0, out);
        }
        Geometry::Polygon(polygon) => {
            out.push_str("POLYGON");
            rings(polygon, out);
        }
        Geometry::Rect(rect) => write(&rect.to_polygon().into(), out),
        Geometry::Triangle(triangle) => write(&triangle.to_polygon().into(), out),
        Geometry::MultiPoint(points) => {
            out.push_str("MULTIPOINT");
            list(&points.0, out, |point, out| coords(&[point.0], out));
        }
        Geometry::MultiLineString(lines) => {
            out.push_str("MULTILINESTRING");
            list(&lines.0, out, |line, out| coords(&line.0, out));
        }
        Geometry::MultiPolygon(polygons) => {
            out.push_str("MULTIPOLYGON");
            list(&polygons.0, out, rings);
        }
        Geometry::GeometryCollection(parts) => {
            out.push_str("GEOMETRYCOLLECTION");
            list(&parts.0, out, write);
        }
    }
}

fn list<T>(items: &[T], out: &mut String, mut item: impl FnMut(&T, &mut String)) {
    out.push('(');
    for (at, one) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        item(one, out);
    }
    out.push(')');
}

fn coords(coords: &[Coord<f64>], out: &mut String) {
    list(coords, out, |coord, out| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{} {}", coord.x, coord.y);
    });
}

fn rings(polygon: &Polygon<f64>, out: &mut String) {
    let rings: Vec<_> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    list(&rings, out, |ring, out| coords(&ring.0, out));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_and_written() {
        for wkt in [
            "POINT(1.5 -2)",
            "LINESTRING(0 0,1 1)",
            "POLYGON((0 0,4 0,4 4,0 0),(1 1,2 1,2 2,1 1))",
            "MULTIPOINT((1 2),(3 4))",
            "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
            "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
            "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))",
        ] {
            assert_eq!(write_wkt(&parse_wkt(wkt).unwrap()), wkt);
        }
        assert_eq!(parse_wkt(" point z ( 1  2 3 ) ").unwrap(), Point::new(1.0, 2.0).into());
        assert_eq!(parse_wkt("MULTIPOINT(1 2, 3 4)").unwrap(), parse_wkt("MULTIPOINT((1 2),(3 4))").unwrap());
    }

    #[test]
    fn faults_are_told_with_their_place() {
        for (wkt, at, expected) in [
            ("CIRCLE(1 2)", 0, "a shape such as `POINT(4.9 52.4)`"),
            ("POINT 1 2", 6, "`(`"),
            ("POINT(1)", 7, "a number"),
            ("POINT(1 2", 9, "`)`"),
            ("POINT(1 2) x", 10, "the end of the shape"),
            ("LINESTRING(0 0)", 15, "a second position"),
            ("POLYGON((0 0,1 1,0 0))", 21, "a ring of four positions or more that ends where it began"),
            ("POLYGON((0 0,1 0,1 1,0 1))", 25, "a ring of four positions or more that ends where it began"),
            ("POINT(1e999 1)", 6, "a number"),
        ] {
            assert_eq!(parse_wkt(wkt), Err(GeometryError::Text { at, expected }), "{wkt}");
        }
        let deep = format!("{}POINT(1 1){}", "GEOMETRYCOLLECTION(".repeat(9), ")".repeat(9));
        assert_eq!(parse_wkt(&deep), Err(GeometryError::TooDeep));
        let long = format!("LINESTRING({})", vec!["1 1"; QUESTION_VERTICES_MAX + 1].join(","));
        assert_eq!(parse_wkt(&long), Err(GeometryError::TooManyVertices(QUESTION_VERTICES_MAX)));
    }
}
