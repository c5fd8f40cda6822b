//! GeoJSON geometries (RFC 7946, section 3.1), written straight from WKB.

use std::io::Write as _;

use super::wkb::{Header, Kind, Reader};
use super::{COLLECTION_DEPTH_MAX, GeometryError};

/// Appends the shape as a GeoJSON geometry. On an error the buffer is as it was.
///
/// # Errors
/// What is wrong with the bytes.
pub fn write_geojson(wkb: &[u8], out: &mut Vec<u8>) -> Result<(), GeometryError> {
    let before = out.len();
    let written = geometry(&mut Reader::new(wkb), out, 0, true);
    if written.is_err() {
        out.truncate(before);
    }
    written
}

/// One geometry: whole, or its coordinates alone as the part of a multi-part one.
fn geometry(reader: &mut Reader<'_>, out: &mut Vec<u8>, depth: usize, whole: bool) -> Result<(), GeometryError> {
    if depth > COLLECTION_DEPTH_MAX {
        return Err(GeometryError::TooDeep);
    }
    let header = reader.header()?;
    if whole {
        let (name, member) = match header.kind {
            Kind::Point => ("Point", "coordinates"),
            Kind::LineString => ("LineString", "coordinates"),
            Kind::Polygon => ("Polygon", "coordinates"),
            Kind::MultiPoint => ("MultiPoint", "coordinates"),
            Kind::MultiLineString => ("MultiLineString", "coordinates"),
            Kind::MultiPolygon => ("MultiPolygon", "coordinates"),
            Kind::Collection => ("GeometryCollection", "geometries"),
        };
        for piece in ["{\"type\":\"", name, "\",\"", member, "\":"] {
            out.extend_from_slice(piece.as_bytes());
        }
    }
    match header.kind {
        Kind::Point => position(reader, header, out)?,
        Kind::LineString => line(reader, header, out)?,
        Kind::Polygon => {
            let count = reader.count(header, 4)?;
            list(count, out, |out| line(reader, header, out))?;
        }
        Kind::MultiPoint | Kind::MultiLineString | Kind::MultiPolygon => {
            let count = reader.count(header, 5)?;
            list(count, out, |out| geometry(reader, out, depth + 1, false))?;
        }
        Kind::Collection => {
            let count = reader.count(header, 5)?;
            list(count, out, |out| geometry(reader, out, depth + 1, true))?;
        }
    }
    if whole {
        out.push(b'}');
    }
    Ok(())
}

fn line(reader: &mut Reader<'_>, header: Header, out: &mut Vec<u8>) -> Result<(), GeometryError> {
    let count = reader.positions(header)?;
    list(count, out, |out| position(reader, header, out))
}

fn list(
    count: usize,
    out: &mut Vec<u8>,
    mut item: impl FnMut(&mut Vec<u8>) -> Result<(), GeometryError>,
) -> Result<(), GeometryError> {
    out.push(b'[');
    for at in 0..count {
        if at > 0 {
            out.push(b',');
        }
        item(out)?;
    }
    out.push(b']');
    Ok(())
}

/// `[longitude,latitude]`, or `[]` for a position that is none.
fn position(reader: &mut Reader<'_>, header: Header, out: &mut Vec<u8>) -> Result<(), GeometryError> {
    let coord = reader.coord(header)?;
    if coord.x.is_finite() && coord.y.is_finite() {
        // Writing to a vector cannot fail.
        let _ = write!(out, "[{},{}]", coord.x, coord.y);
    } else {
        out.extend_from_slice(b"[]");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{parse_wkt, write_wkb};

    #[test]
    fn every_kind_is_written_as_the_standard_says() {
        for (wkt, json) in [
            ("POINT(1.5 -2)", r#"{"type":"Point","coordinates":[1.5,-2]}"#),
            ("LINESTRING(0 0,1 1)", r#"{"type":"LineString","coordinates":[[0,0],[1,1]]}"#),
            ("POLYGON((0 0,1 0,1 1,0 0))", r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#),
            ("MULTIPOINT((1 2),(3 4))", r#"{"type":"MultiPoint","coordinates":[[1,2],[3,4]]}"#),
            ("MULTILINESTRING((0 0,1 1))", r#"{"type":"MultiLineString","coordinates":[[[0,0],[1,1]]]}"#),
            (
                "MULTIPOLYGON(((0 0,1 0,1 1,0 0)))",
                r#"{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}"#,
            ),
            (
                "GEOMETRYCOLLECTION(POINT(1 2))",
                r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#,
            ),
        ] {
            let mut out = b"x".to_vec();
            write_geojson(&write_wkb(&parse_wkt(wkt).unwrap()), &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("x{json}"));
        }
        let mut out = b"x".to_vec();
        assert_eq!(write_geojson(&[1, 2], &mut out), Err(GeometryError::Truncated));
        assert_eq!(out, b"x");
    }
}
