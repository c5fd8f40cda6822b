//! The area that rows lie in: from shapes, or from a pair of columns with degrees.

use super::period::words_of;
use super::{Bbox, Suggested};
use crate::table::{Column, Snapshot};

/// Headings of degrees, folded, whole or as one of the heading's words.
const LATITUDE: &[&str] = &["lat", "latitude", "latitud", "latitudine", "breite", "breitengrad", "geolat", "ycoord"];
const LONGITUDE: &[&str] = &[
    "lon",
    "lng",
    "long",
    "longitude",
    "longitud",
    "longitudine",
    "lange",
    "laenge",
    "langengrad",
    "laengengrad",
    "geolon",
    "xcoord",
];
const NORTH_MOST: f64 = 90.0;
const EAST_MOST: f64 = 180.0;

pub(super) fn of(tables: &[Snapshot]) -> Option<Suggested<Bbox>> {
    let mut area: Option<Bbox> = None;
    let mut because = String::new();
    for table in tables {
        let shapes = table.columns.iter().filter_map(|column| Some((column.statistics.bbox?, column.title.clone())));
        for (bbox, title) in shapes {
            because = format!("The shapes of the column “{title}” lie in it.");
            area = with(area, bbox);
        }
        if area.is_none()
            && let Some((bbox, lat, lon)) = of_degrees(table)
        {
            because = format!("The columns “{lat}” and “{lon}” lie in it.");
            area = with(area, bbox);
        }
    }
    Some(Suggested::new(area?, because))
}

fn of_degrees(table: &Snapshot) -> Option<([f64; 4], String, String)> {
    let find = |words: &[&str], most: f64| {
        let mut found = table.columns.iter().filter_map(|column| {
            let named = words_of(&column.title).iter().any(|word| words.contains(&word.as_str()));
            let (min, max) = bounds(column)?;
            (named && min >= -most && max <= most).then(|| (min, max, column.title.clone()))
        });
        match (found.next(), found.next()) {
            (Some(only), None) => Some(only),
            // Two pairs of places: which of them is meant cannot be told.
            _ => None,
        }
    };
    let (south, north, lat) = find(LATITUDE, NORTH_MOST)?;
    let (west, east, lon) = find(LONGITUDE, EAST_MOST)?;
    Some(([west, south, east, north], lat, lon))
}

fn bounds(column: &Column) -> Option<(f64, f64)> {
    if !column.column_type.is_numeric() {
        return None;
    }
    let number = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok().filter(|number| number.is_finite());
    Some((number(&column.statistics.min)?, number(&column.statistics.max)?))
}

/// The box around both; what lies outside the globe is left out.
fn with(area: Option<Bbox>, [west, south, east, north]: [f64; 4]) -> Option<Bbox> {
    let on_globe = [west, east].iter().all(|it| it.abs() <= EAST_MOST)
        && [south, north].iter().all(|it| it.abs() <= NORTH_MOST)
        && west <= east
        && south <= north;
    if !on_globe {
        return area;
    }
    let Some(Bbox(known)) = area else { return Some(Bbox([west, south, east, north])) };
    let [w, s, e, n] = known;
    Some(Bbox([w.min(west), s.min(south), e.max(east), n.max(north)]))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{column, table};
    use super::*;
    use crate::table::ColumnType;

    fn degrees(lat: (&str, &str), lon: (&str, &str)) -> Vec<Column> {
        vec![
            column("geo lat", ColumnType::Float, Some(lat), 5),
            column("geo lon", ColumnType::Decimal { scale: 4 }, Some(lon), 5),
        ]
    }

    #[test]
    fn degrees_in_two_columns_are_an_area() {
        for (lat, lon, expected) in [
            (("45.0", "46.5"), ("8", "9"), Some([8.0, 45.0, 9.0, 46.5])),
            (("-33.9", "-33.8"), ("151.1", "151.3"), Some([151.1, -33.9, 151.3, -33.8])),
            // Metres of a projection are no degrees.
            (("5000000", "5100000"), ("450000", "460000"), None),
        ] {
            let found = of(&[table("t", degrees(lat, lon))]);
            assert_eq!(found.map(|it| it.value.0), expected, "{lat:?} {lon:?}");
        }
    }

    #[test]
    fn shapes_of_all_tables_are_in_the_area() {
        let shape = |bbox| {
            let mut shape = column("shape", ColumnType::Geometry, None, 5);
            shape.statistics.bbox = Some(bbox);
            table("t", vec![shape])
        };
        let found = of(&[shape([1.0, 2.0, 3.0, 4.0]), shape([0.0, 3.0, 2.0, 5.0]), shape([500.0, 0.0, 501.0, 1.0])]);
        assert_eq!(found.map(|it| it.value.0), Some([0.0, 2.0, 3.0, 5.0]));
    }

    #[test]
    fn two_pairs_of_places_are_not_guessed_at() {
        let mut columns = degrees(("45.0", "46.5"), ("8", "9"));
        columns.extend([column("end lat", ColumnType::Float, Some(("45.0", "46.5")), 5)]);
        assert_eq!(of(&[table("t", columns)]), None);
    }
}
