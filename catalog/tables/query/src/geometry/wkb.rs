//! Well-known binary (OGC 06-103r4, section 8.2; both byte orders, ISO and EWKB codes for heights and measures).

use geo_types::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};

use super::{COLLECTION_DEPTH_MAX, GeometryError, VERTICES_MAX};

/// What a header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    Collection,
}

/// A header: byte order, kind, numbers to a position.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    little: bool,
    pub(super) kind: Kind,
    ordinates: usize,
}

/// Reads forward over bytes; every failure is [`GeometryError::Truncated`] or says what is wrong.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    vertices: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, vertices: 0 }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], GeometryError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(GeometryError::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    fn u32(&mut self, little: bool) -> Result<u32, GeometryError> {
        let bytes = self.take::<4>()?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self, little: bool) -> Result<f64, GeometryError> {
        let bytes = self.take::<8>()?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    pub(super) fn header(&mut self) -> Result<Header, GeometryError> {
        let [order] = self.take::<1>()?;
        let little = order == 1;
        let code = self.u32(little)?;
        if code & 0x2000_0000 != 0 {
            self.u32(little)?;
        }
        let plain = code & 0x0FFF_FFFF;
        let flagged = usize::from(code & 0x8000_0000 != 0) + usize::from(code & 0x4000_0000 != 0);
        let more = match plain / 1_000 {
            0 => flagged,
            1 | 2 => 1,
            3 => 2,
            _ => return Err(GeometryError::UnknownKind(code)),
        };
        let kind = match plain % 1_000 {
            1 => Kind::Point,
            2 => Kind::LineString,
            3 => Kind::Polygon,
            4 => Kind::MultiPoint,
            5 => Kind::MultiLineString,
            6 => Kind::MultiPolygon,
            7 => Kind::Collection,
            _ => return Err(GeometryError::UnknownKind(code)),
        };
        Ok(Header { little, kind, ordinates: 2 + more })
    }

    /// A position, heights and measures left out.
    pub(super) fn coord(&mut self, header: Header) -> Result<Coord<f64>, GeometryError> {
        let (x, y) = (self.f64(header.little)?, self.f64(header.little)?);
        for _ in 2..header.ordinates {
            self.f64(header.little)?;
        }
        self.vertices += 1;
        if self.vertices > VERTICES_MAX {
            return Err(GeometryError::TooManyVertices(VERTICES_MAX));
        }
        Ok(Coord { x, y })
    }

    /// How many follow, each of at least so many bytes: never more than there are bytes for.
    pub(super) fn count(&mut self, header: Header, bytes_each: usize) -> Result<usize, GeometryError> {
        let count = usize::try_from(self.u32(header.little)?).map_err(|_| GeometryError::Truncated)?;
        if count > self.rest.len() / bytes_each.max(1) {
            return Err(GeometryError::Truncated);
        }
        Ok(count)
    }

    pub(super) fn positions(&mut self, header: Header) -> Result<usize, GeometryError> {
        self.count(header, 8 * header.ordinates)
    }

    fn line(&mut self, header: Header) -> Result<LineString<f64>, GeometryError> {
        (0..self.positions(header)?).map(|_| self.coord(header)).collect()
    }

    fn polygon(&mut self, header: Header) -> Result<Polygon<f64>, GeometryError> {
        let rings: Vec<_> = (0..self.count(header, 4)?).map(|_| self.line(header)).collect::<Result<_, _>>()?;
        let mut rings = rings.into_iter();
        let outer = rings.next().unwrap_or_else(|| LineString::new(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    fn geometry(&mut self, depth: usize) -> Result<Geometry<f64>, GeometryError> {
        if depth > COLLECTION_DEPTH_MAX {
            return Err(GeometryError::TooDeep);
        }
        let header = self.header()?;
        Ok(match header.kind {
            Kind::Point => {
                let coord = self.coord(header)?;
                if coord.x.is_nan() { MultiPoint::new(Vec::new()).into() } else { Point(coord).into() }
            }
            Kind::LineString => self.line(header)?.into(),
            Kind::Polygon => self.polygon(header)?.into(),
            Kind::MultiPoint => MultiPoint(self.parts(header, depth)?).into(),
            Kind::MultiLineString => MultiLineString(self.parts(header, depth)?).into(),
            Kind::MultiPolygon => MultiPolygon(self.parts(header, depth)?).into(),
            Kind::Collection => {
                let parts = (0..self.count(header, 5)?).map(|_| self.geometry(depth + 1)).collect::<Result<_, _>>()?;
                Geometry::GeometryCollection(GeometryCollection(parts))
            }
        })
    }

    fn parts<T: TryFrom<Geometry<f64>>>(&mut self, header: Header, depth: usize) -> Result<Vec<T>, GeometryError> {
        (0..self.count(header, 5)?)
            .map(|_| T::try_from(self.geometry(depth + 1)?).map_err(|_| GeometryError::WrongPart))
            .collect()
    }

    /// Calls `visit` with every position, without building anything.
    fn visit(&mut self, depth: usize, visit: &mut impl FnMut(Coord<f64>)) -> Result<(), GeometryError> {
        if depth > COLLECTION_DEPTH_MAX {
            return Err(GeometryError::TooDeep);
        }
        let header = self.header()?;
        match header.kind {
            Kind::Point => visit(self.coord(header)?),
            Kind::LineString => self.visit_line(header, visit)?,
            Kind::Polygon => {
                for _ in 0..self.count(header, 4)? {
                    self.visit_line(header, visit)?;
                }
            }
            Kind::MultiPoint | Kind::MultiLineString | Kind::MultiPolygon | Kind::Collection => {
                for _ in 0..self.count(header, 5)? {
                    self.visit(depth + 1, visit)?;
                }
            }
        }
        Ok(())
    }

    fn visit_line(&mut self, header: Header, visit: &mut impl FnMut(Coord<f64>)) -> Result<(), GeometryError> {
        for _ in 0..self.positions(header)? {
            visit(self.coord(header)?);
        }
        Ok(())
    }
}

/// Builds the shape that the bytes say. An empty point (both numbers NaN) becomes an empty `MultiPoint`.
///
/// # Errors
/// What is wrong with the bytes; nothing is allocated for positions that are not there.
pub fn read_wkb(wkb: &[u8]) -> Result<Geometry<f64>, GeometryError> {
    Reader::new(wkb).geometry(0)
}

/// West, south, east, north of a shape, read off its bytes; `None` when it is empty, broken or not finite.
#[must_use]
pub fn bbox(wkb: &[u8]) -> Option<[f64; 4]> {
    let mut found = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let mut finite = true;
    Reader::new(wkb)
        .visit(0, &mut |coord| {
            let [west, south, east, north] = found;
            finite &= coord.x.is_finite() && coord.y.is_finite();
            found = [west.min(coord.x), south.min(coord.y), east.max(coord.x), north.max(coord.y)];
        })
        .ok()?;
    let [west, _, east, _] = found;
    (finite && west <= east).then_some(found)
}

/// Longitude and latitude when the bytes are a single finite position, whatever its byte order and dimensions.
#[must_use]
pub fn point_xy(wkb: &[u8]) -> Option<(f64, f64)> {
    let mut reader = Reader::new(wkb);
    let header = reader.header().ok()?;
    if header.kind != Kind::Point {
        return None;
    }
    let coord = reader.coord(header).ok()?;
    (coord.x.is_finite() && coord.y.is_finite()).then_some((coord.x, coord.y))
}

/// Writes a shape as WKB: little-endian, two dimensions. Lines, boxes and triangles become line strings and polygons.
#[must_use]
pub fn write_wkb(geometry: &Geometry<f64>) -> Vec<u8> {
    let mut out = Vec::with_capacity(21);
    write(geometry, &mut out);
    out
}

fn write(geometry: &Geometry<f64>, out: &mut Vec<u8>) {
    match geometry {
        Geometry::Point(point) => write_point(*point, out),
        Geometry::Line(line) => write_line(&LineString::from(line), out),
        Geometry::LineString(line) => write_line(line, out),
        Geometry::Polygon(polygon) => write_polygon(polygon, out),
        Geometry::Rect(rect) => write_polygon(&rect.to_polygon(), out),
        Geometry::Triangle(triangle) => write_polygon(&triangle.to_polygon(), out),
        Geometry::MultiPoint(MultiPoint(points)) => {
            write_head(4, points.len(), out);
            points.iter().for_each(|point| write_point(*point, out));
        }
        Geometry::MultiLineString(MultiLineString(lines)) => {
            write_head(5, lines.len(), out);
            lines.iter().for_each(|line| write_line(line, out));
        }
        Geometry::MultiPolygon(MultiPolygon(polygons)) => {
            write_head(6, polygons.len(), out);
            polygons.iter().for_each(|polygon| write_polygon(polygon, out));
        }
        Geometry::GeometryCollection(GeometryCollection(parts)) => {
            write_head(7, parts.len(), out);
            parts.iter().for_each(|part| write(part, out));
        }
    }
}

fn write_count(count: usize, out: &mut Vec<u8>) {
    // Shapes are bounded by VERTICES_MAX long before this could be cut.
    out.extend_from_slice(&u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes());
}

fn write_head(code: u32, count: usize, out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(&code.to_le_bytes());
    write_count(count, out);
}

fn write_coord(coord: Coord<f64>, out: &mut Vec<u8>) {
    out.extend_from_slice(&coord.x.to_le_bytes());
    out.extend_from_slice(&coord.y.to_le_bytes());
}

fn write_point(point: Point<f64>, out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(&1u32.to_le_bytes());
    write_coord(point.0, out);
}

fn write_line(line: &LineString<f64>, out: &mut Vec<u8>) {
    write_head(2, line.0.len(), out);
    line.0.iter().for_each(|coord| write_coord(*coord, out));
}

fn write_polygon(polygon: &Polygon<f64>, out: &mut Vec<u8>) {
    let empty = polygon.exterior().0.is_empty();
    write_head(3, if empty { 0 } else { 1 + polygon.interiors().len() }, out);
    if !empty {
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            write_count(ring.0.len(), out);
            ring.0.iter().for_each(|coord| write_coord(*coord, out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{line_string, polygon};
    use proptest::prelude::*;

    #[test]
    fn shapes_survive_bytes() {
        let square = polygon![(x: 0.0, y: 0.0), (x: 2.0, y: 0.0), (x: 2.0, y: 2.0), (x: 0.0, y: 0.0)];
        let line = line_string![(x: 1.0, y: 1.0), (x: 3.0, y: -4.0)];
        let shapes: Vec<Geometry<f64>> = vec![
            Point::new(1.5, -2.5).into(),
            line.clone().into(),
            square.clone().into(),
            MultiPoint::new(vec![Point::new(1.0, 2.0), Point::new(3.0, 4.0)]).into(),
            MultiLineString(vec![line.clone()]).into(),
            MultiPolygon(vec![square.clone()]).into(),
            Geometry::GeometryCollection(GeometryCollection(vec![square.into(), Point::new(9.0, 9.0).into()])),
            Geometry::GeometryCollection(GeometryCollection(vec![])),
        ];
        for shape in shapes {
            assert_eq!(read_wkb(&write_wkb(&shape)).unwrap(), shape);
        }
        assert_eq!(bbox(&write_wkb(&line.into())), Some([1.0, -4.0, 3.0, 1.0]));
        assert_eq!(bbox(&write_wkb(&Geometry::GeometryCollection(GeometryCollection(vec![])))), None);
    }

    #[test]
    fn heights_and_big_endian_are_read_over() {
        let mut iso = vec![0u8];
        iso.extend(1_001u32.to_be_bytes());
        for number in [1.0f64, 2.0, 3.0] {
            iso.extend(number.to_be_bytes());
        }
        assert_eq!(read_wkb(&iso).unwrap(), Point::new(1.0, 2.0).into());
        assert_eq!(point_xy(&iso), Some((1.0, 2.0)));
        let mut ewkb = vec![1u8];
        ewkb.extend(0xA000_0001u32.to_le_bytes());
        ewkb.extend(4326u32.to_le_bytes());
        for number in [1.0f64, 2.0, 3.0] {
            ewkb.extend(number.to_le_bytes());
        }
        assert_eq!(bbox(&ewkb), Some([1.0, 2.0, 1.0, 2.0]));
    }

    #[test]
    fn a_count_that_promises_too_much_is_refused_before_it_is_believed() {
        let mut bytes = vec![1u8];
        bytes.extend(2u32.to_le_bytes());
        bytes.extend(u32::MAX.to_le_bytes());
        assert_eq!(read_wkb(&bytes), Err(GeometryError::Truncated));
        let mut nested = Vec::new();
        for _ in 0..100 {
            nested.push(1u8);
            nested.extend(7u32.to_le_bytes());
            nested.extend(1u32.to_le_bytes());
        }
        assert_eq!(read_wkb(&nested), Err(GeometryError::TooDeep));
        assert_eq!(bbox(&nested), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_wkb(&bytes);
            let _ = bbox(&bytes);
            let _ = point_xy(&bytes);
        }
    }
}
