//! Filters over a small table, against rows chosen by hand; and every refusal of the binder.

use fairground_domain::{Column, ColumnType};

use crate::arbitrary::{Table, column};
use crate::bind::Binder;
use crate::plan::Predicate;
use crate::{Value, naive, normalise};

fn columns() -> Vec<Column> {
    vec![
        column("year", ColumnType::Integer),
        column("height", ColumnType::Decimal { scale: 2 }),
        column("ratio", ColumnType::Float),
        column("open", ColumnType::Boolean),
        column("day", ColumnType::Date),
        column("seen", ColumnType::Timestamp { utc: true }),
        column("local", ColumnType::Timestamp { utc: false }),
        column("name", ColumnType::Text),
        column("place", ColumnType::Point),
        column("floor", ColumnType::Integer),
    ]
}

const NOON: i64 = 43_200_000_000;

fn table() -> Table {
    let text = |text: &str| Value::Text(text.to_owned());
    let point = |x: f64, y: f64| Value::Geometry(crate::geometry::write_wkb(&geo_types::Point::new(x, y).into()));
    let row = |year, height, open, day, seen: i64, name: &str, x| {
        vec![
            Value::Integer(year),
            Value::Decimal(height),
            Value::Float(0.5 * x),
            Value::Boolean(open),
            Value::Date(day),
            Value::Timestamp(seen),
            Value::Timestamp(seen),
            text(name),
            point(x, 1.0),
            Value::Integer(2),
        ]
    };
    Table::new(
        columns(),
        vec![
            row(1, 99, true, 0, 0, "Été", 1.0),
            row(2, 100, false, 1, NOON, "ete", 2.0),
            row(3, 101, true, 2, 2 * NOON, "100%", 3.0),
            vec![Value::Null; 10],
        ],
    )
}

fn bind(text: &str) -> Result<Predicate, (Option<usize>, String)> {
    let columns = columns();
    let condition = crate::text::parse(text).map_err(|error| (error.at, error.fault.to_string()))?;
    Binder { columns: &columns }
        .condition(&condition)
        .map(normalise)
        .map_err(|error| (error.at, error.fault.to_string()))
}

/// The rows taken by a filter and those taken by its opposite; the last row, without values, must be in neither unless said.
fn taken(text: &str) -> (Vec<usize>, Vec<usize>) {
    let predicate = bind(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
    let table = table();
    let rows = |truth| {
        (0..)
            .zip(&table.rows)
            .filter(|(_, row)| naive::holds(row, &predicate) == Some(truth))
            .map(|(at, _)| at)
            .collect()
    };
    (rows(true), rows(false))
}

#[test]
fn literals_keep_their_meaning_whatever_the_columns_scale() {
    for (filter, yes, no) in [
        ("height < 1.005", vec![0, 1], vec![2]),
        ("height <= 1.005", vec![0, 1], vec![2]),
        ("height > 1.005", vec![2], vec![0, 1]),
        ("height >= 1.005", vec![2], vec![0, 1]),
        ("height = 1.005", vec![], vec![0, 1, 2]),
        ("height <> 1.005", vec![0, 1, 2], vec![]),
        ("height = 1", vec![1], vec![0, 2]),
        ("1.00 = height", vec![1], vec![0, 2]),
        ("1 < height", vec![2], vec![0, 1]),
        ("height in (1.005, 1.01)", vec![2], vec![0, 1]),
        ("height in (1.005)", vec![], vec![0, 1, 2]),
        ("height between 0.995 and 1.005", vec![1], vec![0, 2]),
        ("height not between 0.995 and 1.005", vec![0, 2], vec![1]),
        ("height < 1e300", vec![0, 1, 2], vec![]),
        ("height > 1e300", vec![], vec![0, 1, 2]),
        ("year = 1e300", vec![], vec![0, 1, 2]),
        ("year <> 3.5", vec![0, 1, 2], vec![]),
        ("year < 2.5", vec![0, 1], vec![2]),
        ("year >= -9223372036854775808", vec![0, 1, 2], vec![]),
        ("ratio >= 1", vec![1, 2], vec![0]),
        ("year > floor", vec![2], vec![0, 1]),
        ("year = year", vec![0, 1, 2], vec![]),
        ("ratio <> ratio", vec![], vec![0, 1, 2]),
    ] {
        assert_eq!(taken(filter), (yes, no), "{filter}");
    }
}

#[test]
fn times_are_compared_as_spans() {
    for (filter, yes, no) in [
        ("day = DATE('1970-01-02')", vec![1], vec![0, 2]),
        ("day = '1970-01-02'", vec![1], vec![0, 2]),
        ("day = TIMESTAMP('1970-01-02T12:00:00Z')", vec![], vec![0, 1, 2]),
        ("day < TIMESTAMP('1970-01-02T12:00:00Z')", vec![0, 1], vec![2]),
        ("day <= TIMESTAMP('1970-01-02T00:00:00Z')", vec![0, 1], vec![2]),
        ("seen = DATE('1970-01-01')", vec![0, 1], vec![2]),
        ("seen <= DATE('1970-01-01')", vec![0, 1], vec![2]),
        ("seen > DATE('1970-01-01')", vec![2], vec![0, 1]),
        ("seen in (DATE('1970-01-02'))", vec![2], vec![0, 1]),
        ("seen = TIMESTAMP('1970-01-01T13:00:00+01:00')", vec![1], vec![0, 2]),
        ("local = TIMESTAMP('1970-01-01T12:00:00')", vec![1], vec![0, 2]),
        ("local = TIMESTAMP('1970-01-01T12:00:00Z')", vec![1], vec![0, 2]),
        ("t_before(day, DATE('1970-01-02'))", vec![0], vec![1, 2]),
        ("t_after(DATE('1970-01-02'), day)", vec![0], vec![1, 2]),
        ("t_during(day, INTERVAL('1970-01-01','1970-01-03'))", vec![1], vec![0, 2]),
        ("t_intersects(day, INTERVAL('1970-01-02','..'))", vec![1, 2], vec![0]),
        ("t_intersects(day, INTERVAL('..','..'))", vec![0, 1, 2], vec![]),
        ("t_disjoint(day, INTERVAL('1970-01-02','..'))", vec![0], vec![1, 2]),
        ("t_before(day, INTERVAL('..','1970-01-02'))", vec![], vec![0, 1, 2]),
        ("t_equals(seen, DATE('1970-01-01'))", vec![0, 1], vec![2]),
        ("t_equals(seen, local)", vec![0, 1, 2], vec![]),
    ] {
        if filter.contains("seen, local") {
            assert!(bind(filter).is_err(), "UTC and civil time are different types");
            continue;
        }
        assert_eq!(taken(filter), (yes, no), "{filter}");
    }
}

#[test]
fn texts_truth_values_and_places_are_compared() {
    for (filter, yes, no) in [
        ("name = 'ete'", vec![1], vec![0, 2]),
        ("casei(name) = 'ÉTÉ'", vec![0], vec![1, 2]),
        ("casei(accenti(name)) = 'ÉTÉ'", vec![0, 1], vec![2]),
        ("accenti(name) = accenti('été')", vec![1], vec![0, 2]),
        ("accenti(name) <> 'été'", vec![0, 2], vec![1]),
        ("casei(accenti(name)) in ('ETE', '100%')", vec![0, 1, 2], vec![]),
        ("name like '%\\%'", vec![2], vec![0, 1]),
        ("casei(name) like 'É%'", vec![0], vec![1, 2]),
        ("name not like '%t%'", vec![2], vec![0, 1]),
        ("name < 'a'", vec![2], vec![0, 1]),
        ("open", vec![0, 2], vec![1]),
        ("not open", vec![1], vec![0, 2]),
        ("open = false", vec![1], vec![0, 2]),
        ("name is null", vec![3], vec![0, 1, 2]),
        ("name is not null", vec![0, 1, 2], vec![3]),
        ("1 = 1", vec![0, 1, 2, 3], vec![]),
        ("'a' > 'b' or year = 1", vec![0], vec![1, 2]),
        ("s_intersects(place, BBOX(1.5,0,9,9))", vec![1, 2], vec![0]),
        ("s_disjoint(place, BBOX(1.5,0,9,9))", vec![0], vec![1, 2]),
        ("s_contains(POLYGON((0 0,2.5 0,2.5 2,0 2,0 0)), place)", vec![0, 1], vec![2]),
        ("s_within(place, POLYGON((0 0,2.5 0,2.5 2,0 2,0 0)))", vec![0, 1], vec![2]),
    ] {
        assert_eq!(taken(filter), (yes, no), "{filter}");
    }
}

#[test]
fn what_does_not_fit_is_refused_in_a_sentence() {
    for (filter, at, sentence) in [
        ("yaer = 1", 0, "`yaer` is no column of this table; did you mean `year`?"),
        ("zzz = 1", 0, "`zzz` is no column of this table"),
        ("year = 'abc'", 7, "`year` is an integer; 'abc' is not"),
        ("year = '2020'", 7, "`year` is an integer; '2020' is not (numbers stand without quotes)"),
        ("name = 5", 7, "`name` is text; 5 is not (texts stand in single quotes)"),
        ("open = 1", 7, "`open` is a truth value; 1 is not (truth values are written TRUE and FALSE)"),
        ("day = 'soon'", 6, "`day` is a date; 'soon' is not (dates are written DATE('2024-02-29'))"),
        (
            "day = DATE('2023-02-29')",
            6,
            "`day` is a date; DATE('2023-02-29') is not (dates are written DATE('2024-02-29'))",
        ),
        (
            "local = TIMESTAMP('1970-01-01T12:00:00+01:00')",
            8,
            "`local` holds civil time without a zone; write the moment without a distance to UTC",
        ),
        ("year = name", 7, "`year` is an integer, `name` is text: only columns of one type can be compared"),
        ("year like 'x%'", 0, "`like` needs text; `year` is an integer"),
        ("casei(year) = 1", 14, "`casei` or `accenti` needs text; `year` is an integer"),
        ("accenti(name) < 'x'", 16, "`accenti` without `casei` is offered for `=`, `<>`, `in` and `like` only"),
        ("casei(name) = name", 6, "`casei` and `accenti` compare a column with a value, not with a column"),
        ("place = 1", 8, "a comparison needs a number, a text, a truth value or a time; `place` is a point"),
        ("s_intersects(year, POINT(1 1))", 13, "a spatial relation needs a point or a geometry; `year` is an integer"),
        ("s_intersects(place, place)", 13, "a spatial relation takes one column and one shape"),
        ("s_intersects(place, BBOX(0,5,1,1))", 20, "the south of a box must not lie above its north"),
        ("t_before(year, DATE('2024-01-01'))", 9, "`t_before` needs a date or a timestamp; `year` is an integer"),
        ("year", 0, "a condition without comparison needs a truth value; `year` is an integer"),
        ("1 = 'a'", 0, "one side of a comparison must be a column"),
        ("5 is null", 0, "a column before `is null` expected, a value found"),
        (
            "year = 123456789012345678901234567890123456789",
            7,
            "a number has 38 digits at most, and a size that a double can hold",
        ),
        ("ratio = 1e999", 8, "a number has 38 digits at most, and a size that a double can hold"),
    ] {
        assert_eq!(bind(filter), Err((Some(at), sentence.to_owned())), "{filter}");
    }
    let long = format!("name like '{}'", "x".repeat(crate::LIKE_CHARS_MAX + 1));
    assert!(bind(&long).unwrap_err().1.contains("LIKE_CHARS_MAX"));
}
