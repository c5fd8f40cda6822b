//! Random tables and plans, and the batches and snapshots that go with them.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch,
    StringArray, TimestampMicrosecondArray,
};
use fairground_domain::{Column, ColumnStatistics, ColumnType, ContentHash, QuarantineSummary, Snapshot, SourceNotes};
use fairground_tables_query::Value;
use fairground_tables_query::geometry::{parse_wkt, write_wkb};
use fairground_tables_query::plan::{
    AggregatePlan, Comparison, DateUnit, GroupKey, LikePattern, Measure, Predicate, RowsPlan, Shape, SortKey,
    SpatialRelation, Start, Word,
};
use fairground_tables_query::words::fold_by;

/// Rows as values.
pub(crate) type Table = Vec<Vec<Value>>;

/// Chance that can be repeated.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut x = self.0;
        x ^= x >> 33;
        x = x.wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        x ^ (x >> 29)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn one_in(&mut self, chances: usize) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }
}

pub(crate) const TYPES: [ColumnType; 13] = [
    ColumnType::Integer,
    ColumnType::Decimal { scale: 2 },
    ColumnType::Float,
    ColumnType::Boolean,
    ColumnType::Date,
    ColumnType::Timestamp { utc: true },
    ColumnType::Timestamp { utc: false },
    ColumnType::Text,
    ColumnType::Text,
    ColumnType::Point,
    ColumnType::Geometry,
    ColumnType::Integer,
    ColumnType::Float,
];

const TEXTS: [&str; 18] = [
    "",
    "water",
    "Water",
    "WATER level",
    "fresh water",
    "été",
    "Été 2024",
    "ETE",
    "Straße",
    "strasse",
    "a_b%c",
    "ab",
    "abc",
    "b",
    "zebra crossing",
    "東京 tower",
    "long common prefix one",
    "long common prefix two",
];

pub(crate) fn columns() -> Vec<Column> {
    let column = |(at, column_type): (usize, &ColumnType)| Column {
        name: format!("c{at}"),
        title: format!("C {at}"),
        column_type: *column_type,
        description: None,
        allowed: Vec::new(),
        statistics: ColumnStatistics::default(),
    };
    TYPES.iter().enumerate().map(column).collect()
}

pub(crate) fn snapshot(columns: Vec<Column>, rows: usize) -> Snapshot {
    Snapshot {
        key: ContentHash::of(format!("{rows}").as_bytes()),
        name: "table".to_owned(),
        rows: rows as u64,
        columns,
        quarantine: QuarantineSummary::default(),
        source: SourceNotes::default(),
        parquet_bytes: 0,
    }
}

fn wkb(text: &str) -> Vec<u8> {
    write_wkb(&parse_wkt(text).unwrap())
}

pub(crate) fn value(dice: &mut Dice, column_type: ColumnType, spread: usize) -> Value {
    let number = |dice: &mut Dice| i64::try_from(dice.below(spread)).unwrap() - i64::try_from(spread / 3).unwrap();
    match column_type {
        ColumnType::Integer => Value::Integer(number(dice)),
        ColumnType::Decimal { .. } => Value::Decimal(number(dice) * 37),
        ColumnType::Float if dice.one_in(20) => Value::Float(-0.0),
        // Of every size in tables of few values, so that some columns have no unit in which their sums have room.
        ColumnType::Float if spread == 12 => {
            Value::Float(number(dice) as f64 / 3.0 * dice.pick(&[1e-300, 1e-20, 1.0, 1e15, 1e300]))
        }
        ColumnType::Float => Value::Float(number(dice) as f64 / 3.0),
        ColumnType::Boolean => Value::Boolean(dice.one_in(3)),
        ColumnType::Date => Value::Date(i32::try_from(number(dice)).unwrap() * 11),
        ColumnType::Timestamp { .. } => Value::Timestamp(number(dice) * 7_654_321_000),
        ColumnType::Text if dice.one_in(3) => Value::Text(format!("item {}", number(dice))),
        ColumnType::Text => Value::Text(dice.pick(&TEXTS).to_owned()),
        ColumnType::Point => Value::Geometry(wkb(&format!("POINT({} {})", number(dice) % 170, dice.below(20)))),
        ColumnType::Geometry => {
            let (x, y) = (number(dice) % 170, dice.below(20));
            Value::Geometry(wkb(&match dice.below(3) {
                0 => format!("POINT({x} {y})"),
                1 => format!("LINESTRING({x} {y}, {} {})", x + 3, y + 2),
                _ => format!("POLYGON(({x} {y}, {} {y}, {} {}, {x} {y}))", x + 4, x + 4, y + 4),
            }))
        }
    }
}

pub(crate) fn table(dice: &mut Dice, rows: usize, spread: usize) -> Table {
    let nulls: Vec<usize> = TYPES.iter().map(|_| dice.pick(&[0, 3, 10])).collect();
    let cell = |dice: &mut Dice, at: usize| {
        if nulls[at] > 0 && dice.one_in(nulls[at]) { Value::Null } else { value(dice, TYPES[at], spread) }
    };
    (0..rows).map(|_| (0..TYPES.len()).map(|at| cell(dice, at)).collect()).collect()
}

/// Record batches of some rows each, typed as the loader types them.
pub(crate) fn batches(table: &Table, types: &[ColumnType], rows: usize) -> Vec<RecordBatch> {
    let pieces: Vec<&[Vec<Value>]> = if table.is_empty() { vec![&[]] } else { table.chunks(rows).collect() };
    pieces
        .into_iter()
        .map(|piece| {
            let columns = types.iter().enumerate().map(|(at, column_type)| {
                (format!("c{at}"), array(*column_type, piece.iter().map(|row| &row[at])), true)
            });
            RecordBatch::try_from_iter_with_nullable(columns).unwrap()
        })
        .collect()
}

fn array<'v>(column_type: ColumnType, values: impl Iterator<Item = &'v Value>) -> ArrayRef {
    let whole = |value: &Value| match value {
        Value::Integer(v) | Value::Decimal(v) | Value::Timestamp(v) => Some(*v),
        _ => None,
    };
    match column_type {
        ColumnType::Integer => Arc::new(values.map(whole).collect::<Int64Array>()),
        ColumnType::Decimal { scale } => {
            let values = values.map(|value| whole(value).map(i128::from)).collect::<Decimal128Array>();
            Arc::new(values.with_precision_and_scale(18, i8::try_from(scale).unwrap()).unwrap())
        }
        ColumnType::Timestamp { utc } => {
            let values = values.map(whole).collect::<TimestampMicrosecondArray>();
            Arc::new(if utc { values.with_timezone("UTC") } else { values })
        }
        ColumnType::Float => Arc::new(
            values.map(|value| if let Value::Float(v) = value { Some(*v) } else { None }).collect::<Float64Array>(),
        ),
        ColumnType::Boolean => Arc::new(
            values.map(|value| if let Value::Boolean(v) = value { Some(*v) } else { None }).collect::<BooleanArray>(),
        ),
        ColumnType::Date => Arc::new(
            values.map(|value| if let Value::Date(v) = value { Some(*v) } else { None }).collect::<Date32Array>(),
        ),
        ColumnType::Text => Arc::new(
            values
                .map(|value| if let Value::Text(v) = value { Some(v.as_str()) } else { None })
                .collect::<StringArray>(),
        ),
        ColumnType::Point | ColumnType::Geometry => Arc::new(
            values
                .map(|value| if let Value::Geometry(v) = value { Some(v.as_slice()) } else { None })
                .collect::<BinaryArray>(),
        ),
    }
}

fn comparison(dice: &mut Dice) -> Comparison {
    dice.pick(&[
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ])
}

fn column_of(dice: &mut Dice, wanted: impl Fn(ColumnType) -> bool) -> usize {
    let fits: Vec<usize> = (0..TYPES.len()).filter(|at| wanted(TYPES[*at])).collect();
    dice.pick(&fits)
}

pub(crate) fn predicate(dice: &mut Dice, depth: usize, spread: usize) -> Predicate {
    let parts = |dice: &mut Dice| {
        let count = 1 + dice.below(3);
        (0..count).map(|_| predicate(dice, depth - 1, spread)).collect()
    };
    let ordered = |column_type: ColumnType| !column_type.is_spatial();
    let text = |column_type: ColumnType| column_type == ColumnType::Text;
    match dice.below(if depth > 0 { 17 } else { 12 }) {
        0 => Predicate::Constant(dice.one_in(2)),
        1 => Predicate::IsNull(dice.below(TYPES.len())),
        2 | 3 => {
            let column = column_of(dice, ordered);
            Predicate::Compare(column, comparison(dice), value(dice, TYPES[column], spread))
        }
        4 => {
            let column = column_of(dice, ordered);
            let mut values: Vec<Value> = (0..1 + dice.below(4)).map(|_| value(dice, TYPES[column], spread)).collect();
            values.sort_by(Value::compare);
            values.dedup_by(|a, b| a.compare(b).is_eq());
            Predicate::In(column, values)
        }
        5 => {
            let column = column_of(dice, ordered);
            let (a, b) = (value(dice, TYPES[column], spread), value(dice, TYPES[column], spread));
            Predicate::Between(column, a, b)
        }
        6 => {
            let (left, right) = dice.pick(&[(0, 11), (2, 12), (7, 8), (11, 0), (5, 5), (6, 6)]);
            Predicate::CompareColumns(left, comparison(dice), right)
        }
        7 | 8 => {
            let pattern =
                dice.pick(&["%", "water%", "%ate%", "W_ter", "item 1%", "%e", "été", "a\\_b%", "", "ETE%", "%a%e%"]);
            let column = column_of(dice, text);
            Predicate::Like(column, LikePattern::parse(pattern, dice.one_in(3), dice.one_in(3)))
        }
        9 => {
            let accents = dice.one_in(2);
            let value = fold_by(dice.pick(&TEXTS), true, accents).into_owned();
            Predicate::CompareFolded { column: column_of(dice, text), comparison: comparison(dice), value, accents }
        }
        10 => {
            let (x, y, width) = (dice.below(120), dice.below(18), 1 + dice.below(40));
            let text = match dice.below(3) {
                0 => format!("POINT({x} {y})"),
                1 => format!("POLYGON(({x} {y}, {} {y}, {} {}, {x} {}, {x} {y}))", x + width, x + width, y + 9, y + 9),
                _ => format!("POLYGON(({x} {y}, {} {y}, {} {}, {x} {y}))", x + width, x + width, y + 7),
            };
            let shape = Shape::from_geometry(&parse_wkt(&text).unwrap()).unwrap();
            let relation = dice.pick(&[
                SpatialRelation::Intersects,
                SpatialRelation::Disjoint,
                SpatialRelation::Within,
                SpatialRelation::Contains,
            ]);
            Predicate::Spatial(9 + dice.below(2), relation, shape)
        }
        11 => {
            let columns = dice.pick(&[vec![7], vec![8], vec![7, 8], vec![0, 7]]);
            let words = (0..1 + dice.below(2))
                .map(|_| Word {
                    text: dice
                        .pick(&["water", "wa", "item", "1", "ete", "strasse", "東", "prefix", "none", "l"])
                        .to_owned(),
                    prefix: dice.one_in(3),
                })
                .collect();
            Predicate::Words { columns, words }
        }
        12 | 13 => Predicate::And(parts(dice)),
        14 => Predicate::Or(parts(dice)),
        _ => Predicate::Not(Box::new(predicate(dice, depth - 1, spread))),
    }
}

pub(crate) fn rows_plan(dice: &mut Dice, rows: usize, spread: usize) -> RowsPlan {
    let sort = (0..dice.pick(&[0, 0, 1, 1, 2, 3]))
        .map(|_| SortKey {
            column: column_of(dice, |column_type| !column_type.is_spatial()),
            descending: dice.one_in(2),
        })
        .collect();
    let start = match dice.below(4) {
        0 => Start::Offset(dice.below(rows + 3) as u64),
        1 => Start::AfterRow { row: dice.below(rows + 2) as u64, offset: dice.below(rows + 1) as u64 },
        _ => Start::Offset(0),
    };
    let predicate = if dice.one_in(4) { Predicate::Constant(true) } else { predicate(dice, 2, spread) };
    RowsPlan { predicate, properties: vec![0], sort, limit: dice.pick(&[0, 1, 2, 5, 20, 1_000]), start }
}

pub(crate) fn aggregate_plan(dice: &mut Dice, spread: usize) -> AggregatePlan {
    let numeric = |column_type: ColumnType| column_type.is_numeric();
    let ordered = |column_type: ColumnType| !column_type.is_spatial();
    let keys: Vec<GroupKey> = (0..dice.pick(&[0, 1, 1, 2, 3]))
        .map(|_| match dice.below(5) {
            0 => GroupKey::Bucket(column_of(dice, numeric), dice.pick(&[0.5, 1.0, 3.0, 10.0])),
            1 => {
                let units = [DateUnit::Day, DateUnit::Week, DateUnit::Month, DateUnit::Quarter, DateUnit::Year];
                GroupKey::Truncated(column_of(dice, ColumnType::is_temporal), dice.pick(&units))
            }
            _ => GroupKey::Column(column_of(dice, ordered)),
        })
        .collect();
    let measures: Vec<Measure> = (0..1 + dice.below(4))
        .map(|_| match dice.below(8) {
            0 => Measure::CountRows,
            1 => Measure::Count(dice.below(TYPES.len())),
            2 => Measure::CountDistinct(column_of(dice, ordered)),
            3 => Measure::Sum(column_of(dice, numeric)),
            4 => Measure::Avg(column_of(dice, numeric)),
            5 => Measure::Min(column_of(dice, ordered)),
            6 => Measure::Max(column_of(dice, ordered)),
            _ => Measure::Percentile(column_of(dice, numeric), dice.pick(&[0.0, 0.25, 0.5, 0.9, 1.0])),
        })
        .collect();
    let columns = keys.len() + measures.len();
    let sort =
        (0..dice.below(3)).map(|_| SortKey { column: dice.below(columns), descending: dice.one_in(2) }).collect();
    let counts: Vec<usize> =
        (0..measures.len()).filter(|at| matches!(measures[*at], Measure::CountRows | Measure::Count(_))).collect();
    let having = (dice.one_in(3) && !counts.is_empty()).then(|| {
        Predicate::Compare(keys.len() + counts[0], comparison(dice), Value::Integer(1 + dice.below(4) as i64))
    });
    let predicate = if dice.one_in(3) { Predicate::Constant(true) } else { predicate(dice, 2, spread) };
    let names = (0..columns).map(|at| format!("n{at}")).collect();
    AggregatePlan {
        predicate,
        keys,
        measures,
        names,
        having,
        sort,
        limit: dice.pick(&[1, 5, 10_000]),
        offset: dice.pick(&[0, 0, 3]),
    }
}
