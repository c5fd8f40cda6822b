//! Where a table's rows are when no column holds shapes: a column of longitudes and one of latitudes.

use crate::table::{Column, ColumnType, Snapshot};

/// The two columns that say where a row is, in degrees (WGS 84).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coordinates {
    /// Place of the column of longitudes.
    pub longitude: usize,
    /// Place of the column of latitudes.
    pub latitude: usize,
    /// West, south, east and north of all rows.
    pub extent: [f64; 4],
}

/// Names of columns of longitudes, without marks.
const LONGITUDES: [&str; 11] = [
    "longitude",
    "lon",
    "lng",
    "long",
    "laenge",
    "langengrad",
    "laengengrad",
    "longitud",
    "longitudine",
    "lengtegraad",
    "dlugosc",
];
/// Names of columns of latitudes, without marks.
const LATITUDES: [&str; 9] =
    ["latitude", "lat", "latit", "breite", "breitengrad", "latitud", "latitudine", "breedtegraad", "szerokosc"];
/// Names that say as much only of numbers with digits after the point.
const EASTINGS: [&str; 5] = ["x", "xcoord", "coordx", "pointx", "xkoord"];
const NORTHINGS: [&str; 5] = ["y", "ycoord", "coordy", "pointy", "ykoord"];
/// What names of such columns have before or behind: that they are geographic, and in which unit.
const MARKS: [&str; 12] =
    ["wgs84", "wgs", "geo", "gps", "dd", "deg", "degrees", "decimal", "epsg4326", "4326", "coordinate", "coord"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Longitude,
    Latitude,
}

impl Snapshot {
    /// The columns that say where rows are, where no column holds shapes and just one pair of columns of numbers holds
    /// degrees by its names and its values. `stop_lat` and `stop_lon` are a pair; `start_lat`, `start_lon`, `end_lat`, `end_lon`
    /// are two, of which nobody knows which is meant.
    #[must_use]
    pub fn coordinates(&self) -> Option<Coordinates> {
        if self.columns.iter().any(|column| column.column_type.is_spatial()) {
            return None;
        }
        let named: Vec<(usize, Axis, String, (f64, f64))> = self
            .columns
            .iter()
            .enumerate()
            .filter_map(|(at, column)| {
                let (axis, rest) = axis_of(column)?;
                let reach = if axis == Axis::Longitude { 180.0 } else { 90.0 };
                let range = column.number_range().filter(|(least, most)| *least >= -reach && *most <= reach)?;
                Some((at, axis, rest, range))
            })
            .collect();
        let pairs: Vec<_> = named
            .iter()
            .filter(|(_, axis, ..)| *axis == Axis::Longitude)
            .filter_map(|longitude| {
                let fits =
                    |(_, axis, rest, _): &&(usize, Axis, String, _)| *axis == Axis::Latitude && *rest == longitude.2;
                Some((longitude, named.iter().find(fits)?))
            })
            .collect();
        let (longitude, latitude) = match pairs.as_slice() {
            [pair] => pair,
            several => several.iter().find(|(longitude, _)| longitude.2.is_empty())?,
        };
        let ((west, east), (south, north)) = (longitude.3, latitude.3);
        Some(Coordinates { longitude: longitude.0, latitude: latitude.0, extent: [west, south, east, north] })
    }
}

impl Column {
    /// The least and the greatest value of a column of numbers.
    #[must_use]
    pub fn number_range(&self) -> Option<(f64, f64)> {
        let read = |text: &Option<String>| text.as_deref()?.parse::<f64>().ok().filter(|value| value.is_finite());
        if !self.column_type.is_numeric() {
            return None;
        }
        read(&self.statistics.min).zip(read(&self.statistics.max))
    }

    /// Whether its name says that it holds longitudes or latitudes.
    #[must_use]
    pub fn is_called_coordinate(&self) -> bool {
        axis_of(self).is_some()
    }
}

/// Which axis a column's name says, and what else it says.
fn axis_of(column: &Column) -> Option<(Axis, String)> {
    if !column.column_type.is_numeric() {
        return None;
    }
    let parts: Vec<&str> = column.name.split('_').filter(|part| !part.is_empty() && !MARKS.contains(part)).collect();
    let whole = bare(&parts.concat());
    let exact = |text: &str| {
        let plane = column.column_type != ColumnType::Integer;
        match text {
            text if LONGITUDES.contains(&text) || (plane && EASTINGS.contains(&text)) => Some(Axis::Longitude),
            text if LATITUDES.contains(&text) || (plane && NORTHINGS.contains(&text)) => Some(Axis::Latitude),
            _ => None,
        }
    };
    if let Some(axis) = exact(&whole) {
        return Some((axis, String::new()));
    }
    let spelt = |text: &str| {
        if LONGITUDES.contains(&text) {
            Some(Axis::Longitude)
        } else {
            LATITUDES.contains(&text).then_some(Axis::Latitude)
        }
    };
    match parts.as_slice() {
        [rest @ .., last] if spelt(last).is_some() => Some((spelt(last)?, rest.concat())),
        [first, rest @ ..] => Some((spelt(first)?, rest.concat())),
        [] => None,
    }
}

/// A name without the marks that are written to it.
fn bare(name: &str) -> String {
    MARKS.iter().fold(name.to_owned(), |text, mark| {
        let rest = text.strip_suffix(mark).or_else(|| text.strip_prefix(mark)).filter(|rest| !rest.is_empty());
        rest.map_or_else(|| text.clone(), str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ColumnStatistics;

    fn table(columns: &[(&str, ColumnType, &str, &str)]) -> Snapshot {
        let column = |&(name, column_type, min, max): &(&str, ColumnType, &str, &str)| Column {
            name: name.to_owned(),
            title: name.to_owned(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics {
                min: Some(min.to_owned()),
                max: Some(max.to_owned()),
                ..ColumnStatistics::default()
            },
        };
        Snapshot {
            key: crate::ContentHash::of(b"table"),
            name: "table".to_owned(),
            rows: 2,
            columns: columns.iter().map(column).collect(),
            quarantine: crate::QuarantineSummary::default(),
            source: crate::SourceNotes::default(),
            parquet_bytes: 0,
        }
    }

    const DEGREES: ColumnType = ColumnType::Decimal { scale: 5 };

    fn pair(columns: &[(&str, ColumnType, &str, &str)]) -> Option<(usize, usize)> {
        table(columns).coordinates().map(|found| (found.longitude, found.latitude))
    }

    #[test]
    fn pairs_are_found_by_name_and_values() {
        for (latitude, longitude) in [
            ("lat", "lon"),
            ("latitude", "longitude"),
            ("geo_lat", "geo_lng"),
            ("latitude_wgs84", "longitude_wgs84"),
            ("y", "x"),
            ("ycoord", "xcoord"),
            ("stop_lat", "stop_lon"),
            ("lat_deg", "long_deg"),
            ("breitengrad", "laengengrad"),
            ("latitud", "longitud"),
        ] {
            let columns = [
                ("name", ColumnType::Text, "a", "b"),
                (latitude, DEGREES, "45.1", "46.2"),
                (longitude, DEGREES, "9.1", "10.5"),
            ];
            assert_eq!(pair(&columns), Some((2, 1)), "{latitude} {longitude}");
        }
        let found = table(&[("lon", DEGREES, "-1.5", "2"), ("lat", DEGREES, "50", "51.25")]).coordinates();
        assert_eq!(found.map(|it| it.extent), Some([-1.5, 50.0, 2.0, 51.25]));
    }

    #[test]
    fn what_is_no_pair_of_degrees_is_none() {
        let metres = [("x", DEGREES, "350000.1", "360000.2"), ("y", DEGREES, "5600000.0", "5700000.0")];
        assert_eq!(pair(&metres), None);
        let whole = [("x", ColumnType::Integer, "1", "20"), ("y", ColumnType::Integer, "1", "20")];
        assert_eq!(pair(&whole), None, "squares of a board");
        assert_eq!(pair(&[("lat", DEGREES, "1", "2")]), None);
        assert_eq!(pair(&[("lat", ColumnType::Text, "1", "2"), ("lon", ColumnType::Text, "1", "2")]), None);
        let journeys = [
            ("start_lat", DEGREES, "1", "2"),
            ("start_lon", DEGREES, "1", "2"),
            ("end_lat", DEGREES, "1", "2"),
            ("end_lon", DEGREES, "1", "2"),
        ];
        assert_eq!(pair(&journeys), None, "two pairs");
        let own = [journeys.as_slice(), &[("lat", DEGREES, "1", "2"), ("lon", DEGREES, "1", "2")]].concat();
        assert_eq!(pair(&own), Some((5, 4)), "the row's own");
        let shaped = [("lat", DEGREES, "1", "2"), ("lon", DEGREES, "1", "2"), ("shape", ColumnType::Point, "", "")];
        assert_eq!(pair(&shaped), None, "shapes say it better");
    }
}
