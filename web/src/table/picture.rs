//! What a table is best looked at as: the chart and the map that its columns and their statistics suggest.

use fairground_domain::{Column, ColumnType, Snapshot, Timestamp};
use serde::Serialize;

use super::column::title_of;

/// A column of at most so many different values makes readable bars.
const BARS_WORTH: u64 = 40;
/// A column of at most so many different values makes readable lines side by side.
const LINES_WORTH: u64 = 6;
/// Points in time that a line should have at least, and at most.
const LEAST_STEPS: f64 = 6.0;
const MOST_STEPS: f64 = 750.0;
/// Years that a whole number may be.
const YEARS: std::ops::RangeInclusive<f64> = 1500.0..=2200.0;

const HOUR_SECS: f64 = 3_600.0;
const DAY_SECS: f64 = 86_400.0;
const MONTH_SECS: f64 = 2_629_800.0;
const YEAR_SECS: f64 = 31_557_600.0;

/// A column as the scripts of the page know it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnFacts {
    /// Its name in the API.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// Its type's public name.
    pub kind: &'static str,
    /// Digits after the point that all values are shown with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<u8>,
    /// Whether `column=value` works.
    pub plain: bool,
    /// Different values.
    pub distinct: u64,
    /// Whether adding it up or averaging it says something.
    pub measure: bool,
    /// Whether its numbers are years.
    pub year: bool,
    /// The least and the greatest value of numbers, and of times in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<(f64, f64)>,
}

impl ColumnFacts {
    pub(super) fn of(column: &Column) -> Self {
        Self {
            name: column.name.clone(),
            title: title_of(column),
            kind: column.column_type.as_str(),
            scale: match column.column_type {
                ColumnType::Decimal { scale } => Some(scale),
                _ => None,
            },
            plain: !super::is_taken(&column.name),
            distinct: column.statistics.distinct,
            measure: is_measure(column),
            year: is_year(column),
            range: range(column),
        }
    }
}

impl ColumnFacts {
    /// Whether it can be sorted by.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        !matches!(self.kind, "point" | "geometry")
    }

    /// Whether it can be added up.
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self.kind, "integer" | "decimal")
    }

    /// Whether it tells lines of a chart apart.
    #[must_use]
    pub fn is_group(&self) -> bool {
        matches!(self.kind, "text" | "boolean") && (2..=BARS_WORTH).contains(&self.distinct)
    }
}

/// The chart that suggests itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChartChoice {
    /// `line`, `bar` or `histogram`.
    pub kind: &'static str,
    /// The column along the picture.
    pub x: String,
    /// For times: `hour`, `day`, `month` or `year`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// `count`, `sum` or `avg`.
    pub aggregate: &'static str,
    /// The column that is summed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The column that tells lines apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
}

/// Where a table's rows are on the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapChoice {
    /// The column of places or shapes; `None` where two columns of numbers hold the places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub geometry: Option<String>,
    /// Longitude and latitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<(String, String)>,
    /// West, south, east, north of all of them.
    pub extent: [f64; 4],
    /// The column that names a place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// The chart that a table suggests; `None` where nothing in it can be counted by anything.
#[must_use]
pub fn suggest_chart(snapshot: &Snapshot) -> Option<ChartChoice> {
    let columns = &snapshot.columns;
    // Turned round, as of equals the last is taken.
    let measure = columns.iter().rev().filter(|column| is_measure(column)).max_by_key(|column| worth(column));
    let (aggregate, y) = measure.map_or(("count", None), |column| (sum_of(column), Some(column.name.clone())));
    let split_by = |x: &Column| {
        let fits = |column: &&Column| column.name != x.name && is_group(column, LINES_WORTH);
        columns.iter().find(fits).map(|column| column.name.clone())
    };
    if let Some((time, unit)) = columns.iter().find_map(|column| Some((column, unit_of(column)?))) {
        let split = split_by(time);
        return Some(ChartChoice { kind: "line", x: time.name.clone(), unit: Some(unit), aggregate, y, split });
    }
    if let Some(year) = columns.iter().find(|column| is_year(column) && column.statistics.distinct > 2) {
        let split = split_by(year);
        return Some(ChartChoice { kind: "line", x: year.name.clone(), unit: None, aggregate, y, split });
    }
    if let Some(group) = columns.iter().find(|column| is_group(column, BARS_WORTH)) {
        return Some(ChartChoice { kind: "bar", x: group.name.clone(), unit: None, aggregate, y, split: None });
    }
    // A short table: every row is a bar of its own.
    let named = columns.iter().find(|it| it.column_type == ColumnType::Text && it.statistics.distinct <= BARS_WORTH);
    if let Some((named, measure)) = named.filter(|it| it.statistics.distinct > 1).zip(measure) {
        let (x, y) = (named.name.clone(), Some(measure.name.clone()));
        return Some(ChartChoice { kind: "bar", x, unit: None, aggregate: "sum", y, split: None });
    }
    let x = measure?.name.clone();
    Some(ChartChoice { kind: "histogram", x, unit: None, aggregate: "count", y: None, split: None })
}

/// Where a table's rows are on the map; `None` where nothing says so.
#[must_use]
pub fn suggest_map(snapshot: &Snapshot) -> Option<MapChoice> {
    let columns = &snapshot.columns;
    let label = label_of(columns);
    let shape = |column: &&Column| column.column_type.is_spatial() && column.statistics.count > 0;
    if let Some(column) = columns.iter().find(shape) {
        let extent = column.statistics.bbox.unwrap_or([-180.0, -85.0, 180.0, 85.0]);
        return Some(MapChoice { geometry: Some(column.name.clone()), pair: None, extent, label });
    }
    let pair = snapshot.coordinates()?;
    let [west, south, east, north] = pair.extent;
    let name = |at: usize| columns.get(at).map(|column| column.name.clone());
    let names = name(pair.longitude).zip(name(pair.latitude));
    (west < east && south < north).then_some(MapChoice { geometry: None, pair: names, extent: pair.extent, label })
}

/// The column whose values best name a row: text of many values, called so or the first of its kind.
fn label_of(columns: &[Column]) -> Option<String> {
    const NAMES: [&str; 9] = ["name", "title", "label", "nome", "nom", "bezeichnung", "nombre", "titre", "titel"];
    let texts =
        || columns.iter().filter(|column| column.column_type == ColumnType::Text && column.statistics.distinct > 1);
    let named = texts().find(|column| NAMES.iter().any(|name| column.name.split('_').any(|part| part == *name)));
    named.or_else(|| texts().next()).map(|column| column.name.clone())
}

/// The least and greatest value as numbers.
fn range(column: &Column) -> Option<(f64, f64)> {
    let statistics = &column.statistics;
    let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
    let read = |text: &Option<String>| {
        let text = text.as_deref()?;
        match column.column_type {
            kind if kind.is_numeric() => number(text),
            #[expect(clippy::cast_precision_loss, reason = "seconds of any date fit a float")]
            kind if kind.is_temporal() => Timestamp::lenient(text).map(|moment| moment.as_secs() as f64),
            _ => None,
        }
    };
    read(&statistics.min).zip(read(&statistics.max))
}

fn is_repeated(column: &Column) -> bool {
    column.statistics.distinct < column.statistics.count
}

/// Whether rows fall into at most so many groups by it.
fn is_group(column: &Column, most: u64) -> bool {
    let kind = matches!(column.column_type, ColumnType::Text | ColumnType::Boolean);
    kind && (2..=most).contains(&column.statistics.distinct) && is_repeated(column)
}

fn is_year(column: &Column) -> bool {
    let named = ["year", "jahr", "anno", "annee", "ano", "any"];
    column.column_type == ColumnType::Integer
        && column.name.split('_').any(|part| named.contains(&part))
        && range(column).is_some_and(|(least, most)| YEARS.contains(&least) && YEARS.contains(&most))
}

/// Whether adding it up or averaging it says something: a number that is no code, no place and no year.
fn is_measure(column: &Column) -> bool {
    const CODES: [&str; 22] = [
        "id",
        "code",
        "codice",
        "key",
        "nr",
        "no",
        "number",
        "numero",
        "postcode",
        "zip",
        "plz",
        "cap",
        "phone",
        "lat",
        "lon",
        "latitude",
        "longitude",
        "lng",
        "x",
        "y",
        "year",
        "fid",
    ];
    let is_code = column.name.split('_').any(|part| CODES.contains(&part)) || column.is_called_coordinate();
    let differs = range(column).is_some_and(|(least, most)| least < most);
    column.column_type.is_numeric() && !is_code && !is_year(column) && differs
}

/// Which measure says most: one whose values repeat is rather a quantity than the number of the row, and exact decimals are
/// rather measured than counted.
fn worth(column: &Column) -> (bool, std::cmp::Reverse<u64>) {
    let is_row_number = column.column_type == ColumnType::Integer && !is_repeated(column);
    (!is_row_number, std::cmp::Reverse(column.statistics.nulls))
}

/// Things counted are added up; things measured are averaged.
fn sum_of(column: &Column) -> &'static str {
    const MEASURED: [&str; 30] = [
        "cm",
        "mm",
        "m",
        "km",
        "kg",
        "ha",
        "c",
        "percent",
        "pct",
        "rate",
        "share",
        "ratio",
        "index",
        "mean",
        "average",
        "avg",
        "median",
        "age",
        "score",
        "price",
        "level",
        "height",
        "length",
        "width",
        "depth",
        "speed",
        "temperature",
        "altitude",
        "capacity",
        "diameter",
    ];
    let is_measured = column.name.split('_').any(|part| MEASURED.contains(&part));
    let is_count = column.column_type == ColumnType::Integer && range(column).is_some_and(|(least, _)| least >= 0.0);
    if is_count && !is_measured { "sum" } else { "avg" }
}

/// The coarsest unit of time by which a column gives a line; `None` for what is no time.
fn unit_of(column: &Column) -> Option<&'static str> {
    if !column.column_type.is_temporal() || column.statistics.distinct < 3 {
        return None;
    }
    let (least, most) = range(column)?;
    let span = most - least;
    let is_moment = matches!(column.column_type, ColumnType::Timestamp { .. });
    let units = [
        ("year", YEAR_SECS, 12.0),
        ("month", MONTH_SECS, 8.0),
        ("day", DAY_SECS, LEAST_STEPS),
        ("hour", HOUR_SECS, LEAST_STEPS),
    ];
    let fits = |(name, length, steps): &(&'static str, f64, f64)| {
        (*name != "hour" || is_moment) && span / length >= *steps && span / length <= MOST_STEPS
    };
    let fallback = if is_moment && span < DAY_SECS * LEAST_STEPS { "hour" } else { "day" };
    Some(units.iter().find(|unit| fits(unit)).map_or(fallback, |(name, _, _)| name))
}

#[cfg(test)]
mod tests {
    use fairground_domain::ColumnStatistics;

    use super::super::tests::snapshot;
    use super::*;

    fn column(name: &str, column_type: ColumnType, distinct: u64, least: &str, most: &str) -> Column {
        let text = |value: &str| Some(value.to_owned()).filter(|value| !value.is_empty());
        Column {
            name: name.to_owned(),
            title: name.to_owned(),
            column_type,
            description: None,
            allowed: Vec::new(),
            statistics: ColumnStatistics {
                count: 100,
                distinct,
                min: text(least),
                max: text(most),
                ..ColumnStatistics::default()
            },
        }
    }

    #[test]
    fn the_chart_fits_the_columns() {
        let day = || column("day", ColumnType::Date, 90, "2024-01-01", "2025-12-31");
        let kind = || column("kind", ColumnType::Text, 3, "a", "c");
        let name = || column("name", ColumnType::Text, 100, "a", "z");
        let visits = || column("visits", ColumnType::Integer, 80, "0", "900");
        let level = || column("level", ColumnType::Decimal { scale: 1 }, 80, "-1.5", "9.0");
        let id = || column("id", ColumnType::Integer, 100, "1", "100");
        let year = || column("year", ColumnType::Integer, 10, "2010", "2020");
        for (columns, chosen) in [
            (vec![id(), day(), kind(), visits()], Some("line day/month sum visits by kind")),
            (vec![day(), level()], Some("line day/month avg level")),
            (vec![day(), column("trunk_cm", ColumnType::Integer, 80, "5", "90")], Some("line day/month avg trunk_cm")),
            (vec![day()], Some("line day/month count")),
            (vec![year(), visits()], Some("line year sum visits")),
            (vec![id(), kind(), level()], Some("bar kind avg level")),
            (vec![id(), kind()], Some("bar kind count")),
            (vec![id(), name(), level()], Some("histogram level count")),
            (vec![id(), name()], None),
        ] {
            let said = suggest_chart(&snapshot(columns)).map(|choice| {
                let unit = choice.unit.map(|unit| format!("/{unit}")).unwrap_or_default();
                let y = choice.y.map(|y| format!(" {y}")).unwrap_or_default();
                let split = choice.split.map(|split| format!(" by {split}")).unwrap_or_default();
                format!("{} {}{unit} {}{y}{split}", choice.kind, choice.x, choice.aggregate)
            });
            assert_eq!(said.as_deref(), chosen);
        }
    }

    #[test]
    fn places_are_found_by_their_columns() {
        let number = |name: &str, least, most| column(name, ColumnType::Decimal { scale: 4 }, 50, least, most);
        for (names, found) in [
            (vec![number("longitude", "2.1", "2.9"), number("latitude", "54.0", "55.0")], true),
            (vec![number("lat_wgs84", "54.0", "55.0"), number("long_wgs84", "2.1", "2.9")], true),
            (vec![number("x", "491000.1", "492000.5"), number("y", "54.0", "55.0")], false),
            (vec![number("latitude", "54.0", "55.0")], false),
            (vec![number("lateness", "1.0", "5.0"), number("longest", "1.0", "5.0")], false),
        ] {
            let map = suggest_map(&snapshot(names));
            assert_eq!(map.is_some(), found, "{map:?}");
        }
        let mut shape = column("outline", ColumnType::Geometry, 20, "", "");
        shape.statistics.bbox = Some([1.0, 2.0, 3.0, 4.0]);
        let map = suggest_map(&snapshot(vec![column("ward_name", ColumnType::Text, 20, "a", "b"), shape])).unwrap();
        assert_eq!((map.geometry.as_deref(), map.extent), (Some("outline"), [1.0, 2.0, 3.0, 4.0]));
        assert_eq!(map.label.as_deref(), Some("ward_name"));
    }
}
