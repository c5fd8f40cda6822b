//! Random tables and plans, for the property tests of everybody who answers plans (feature `testing`).
//!
//! Sums of whole numbers and decimals stay within 64 bits; floats are such that adding them in another order, or rounding on the
//! way, gives another last digit: answers must agree to the last bit all the same.

use fairground_domain::{Column, ColumnStatistics, ColumnType, ContentHash, QuarantineSummary, Snapshot, SourceNotes};
use geo_types::{Coord, Geometry, LineString, MultiPoint, Point, Polygon, Rect};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::geometry::write_wkb;
use crate::plan::{
    AggregatePlan, Comparison, DateUnit, ExportPlan, GroupKey, LikePattern, Measure, Predicate, RowsPlan, Shape,
    SortKey, SpatialRelation, Start, Word,
};
use crate::words::{fold_by, wanted_words};
use crate::{Value, naive};

/// How deep predicates are nested.
const DEPTH: u32 = 4;

/// A table in memory with its description.
#[derive(Debug, Clone)]
pub struct Table {
    /// Columns and row count; statistics are empty.
    pub snapshot: Snapshot,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

impl Table {
    /// A table of these columns and rows.
    #[must_use]
    pub fn new(columns: Vec<Column>, rows: Vec<Vec<Value>>) -> Self {
        let snapshot = Snapshot {
            key: ContentHash::of(b"a random table"),
            name: "random".to_owned(),
            rows: rows.len() as u64,
            columns,
            quarantine: QuarantineSummary::default(),
            source: SourceNotes::default(),
            parquet_bytes: 0,
        };
        Self { snapshot, rows }
    }

    /// The columns' types, as the judge wants them.
    #[must_use]
    pub fn types(&self) -> Vec<ColumnType> {
        self.snapshot.columns.iter().map(|column| column.column_type).collect()
    }

    fn places(&self, wanted: impl Fn(ColumnType) -> bool) -> Vec<usize> {
        self.types().iter().enumerate().filter(|(_, kind)| wanted(**kind)).map(|(place, _)| place).collect()
    }
}

/// A column of a type.
#[must_use]
pub fn column(name: &str, column_type: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        title: name.to_owned(),
        column_type,
        description: None,
        allowed: Vec::new(),
        statistics: ColumnStatistics::default(),
    }
}

/// Every type that a column can have, with two scales of decimals.
#[must_use]
pub fn column_types() -> Vec<ColumnType> {
    vec![
        ColumnType::Integer,
        ColumnType::Decimal { scale: 2 },
        ColumnType::Decimal { scale: 5 },
        ColumnType::Float,
        ColumnType::Boolean,
        ColumnType::Date,
        ColumnType::Timestamp { utc: true },
        ColumnType::Timestamp { utc: false },
        ColumnType::Text,
        ColumnType::Point,
        ColumnType::Geometry,
    ]
}

/// Values of a column, never null: from a few that come again and again, or from many.
pub fn values(column_type: ColumnType, few: bool) -> BoxedStrategy<Value> {
    let number = if few { (-3i64..4).boxed() } else { (-1_000_000_000_000i64..1_000_000_000_000).boxed() };
    match column_type {
        ColumnType::Integer => number.prop_map(Value::Integer).boxed(),
        ColumnType::Decimal { .. } => number.prop_map(Value::Decimal).boxed(),
        ColumnType::Float => {
            if few {
                return (-3i32..4).prop_map(|quarters| Value::Float(f64::from(quarters) * 0.25)).boxed();
            }
            let thirds = (-1_000_000i32..1_000_000, select(vec![1e-3, 1.0, 1e3]));
            thirds.prop_map(|(thirds, unit)| Value::Float(f64::from(thirds) / 3.0 * unit)).boxed()
        }
        ColumnType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        ColumnType::Date => {
            let days = if few { (19_700i32..19_704).boxed() } else { (-30_000i32..60_000).boxed() };
            days.prop_map(Value::Date).boxed()
        }
        ColumnType::Timestamp { .. } => {
            let quarters = if few { (1_900_000i64..1_900_004).boxed() } else { (-3_000_000i64..5_000_000).boxed() };
            quarters.prop_map(|quarters| Value::Timestamp(quarters * 900_000_000 + quarters % 3)).boxed()
        }
        ColumnType::Text => texts(few).prop_map(Value::Text).boxed(),
        ColumnType::Point => point().prop_map(|point| Value::Geometry(write_wkb(&point))).boxed(),
        ColumnType::Geometry => shape().prop_map(|shape| Value::Geometry(write_wkb(&shape))).boxed(),
    }
}

fn texts(few: bool) -> BoxedStrategy<String> {
    let known = select(vec![
        "Water level",
        "water",
        "WATER",
        "Été",
        "ete",
        "Straße",
        "strasse",
        "100%",
        "a_b",
        "it's",
        "東京 Tower",
        "0164A",
        "",
        "x",
    ]);
    if few {
        known.prop_map(str::to_owned).boxed()
    } else {
        prop_oneof![known.prop_map(str::to_owned), "[a-cA-Cé %_]{0,8}"].boxed()
    }
}

fn corner() -> impl Strategy<Value = Coord<f64>> {
    (-10i32..=10, -10i32..=10).prop_map(|(x, y)| Coord { x: f64::from(x), y: f64::from(y) })
}

fn point() -> impl Strategy<Value = Geometry<f64>> {
    corner().prop_map(|coord| Point(coord).into())
}

fn rectangle() -> impl Strategy<Value = Geometry<f64>> {
    (corner(), 1i32..6, 1i32..6).prop_map(|(low, width, height)| {
        let high = Coord { x: low.x + f64::from(width), y: low.y + f64::from(height) };
        Rect::new(low, high).to_polygon().into()
    })
}

fn triangle() -> impl Strategy<Value = Geometry<f64>> {
    (corner(), 1i32..6, 1i32..6).prop_map(|(low, width, height)| {
        let (right, top) =
            (Coord { x: low.x + f64::from(width), y: low.y }, Coord { x: low.x, y: low.y + f64::from(height) });
        Polygon::new(LineString(vec![low, right, top, low]), Vec::new()).into()
    })
}

/// A valid shape: a point, points, a line, a rectangle, a triangle.
pub fn shape() -> impl Strategy<Value = Geometry<f64>> {
    let line = (corner(), 1i32..5).prop_map(|(from, step)| {
        let to = Coord { x: from.x + f64::from(step), y: from.y - 2.0 };
        LineString(vec![from, to]).into()
    });
    let several = vec(corner(), 1..4)
        .prop_map(|coords| Geometry::MultiPoint(MultiPoint(coords.into_iter().map(Point).collect())));
    prop_oneof![point(), rectangle(), triangle(), line, several]
}

/// A table of one to eight columns of any type, with nulls, of no row to `rows_max` rows.
pub fn tables(rows_max: usize) -> impl Strategy<Value = Table> {
    let kinds = vec((select(column_types()), any::<bool>(), select(vec![0.0, 0.1, 0.6, 1.0])), 1..8);
    kinds.prop_flat_map(move |kinds| {
        let columns: Vec<Column> =
            kinds.iter().enumerate().map(|(at, (kind, ..))| column(&format!("c{at}"), *kind)).collect();
        let row: Vec<_> = kinds
            .into_iter()
            .map(|(kind, few, nulls)| {
                (values(kind, few), prop::bool::weighted(nulls))
                    .prop_map(|(value, null)| if null { Value::Null } else { value })
                    .boxed()
            })
            .collect();
        vec(row, 0..=rows_max).prop_map(move |rows| Table::new(columns.clone(), rows))
    })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    select(vec![
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ])
}

/// A value to compare a column with: one that it holds, or any of its kind.
fn literal(table: &Table, place: usize) -> BoxedStrategy<Value> {
    let kind = table.types()[place];
    let held: Vec<Value> =
        table.rows.iter().map(|row| row[place].clone()).filter(|value| *value != Value::Null).take(50).collect();
    let fresh = prop_oneof![values(kind, true), values(kind, false)];
    if held.is_empty() { fresh.boxed() } else { prop_oneof![3 => select(held), 1 => fresh].boxed() }
}

/// Predicates of every kind over a table, nested, as plans may hold them (not all in normal form).
pub fn predicates(table: &Table) -> BoxedStrategy<Predicate> {
    let mut leaves: Vec<BoxedStrategy<Predicate>> = vec![any::<bool>().prop_map(Predicate::Constant).boxed()];
    let types = table.types();
    for (place, kind) in types.iter().enumerate() {
        leaves.push(Just(Predicate::IsNull(place)).boxed());
        if kind.is_spatial() {
            leaves.push(spatial(place));
            continue;
        }
        leaves.extend(scalar_leaves(table, place));
        for (other, other_kind) in types.iter().enumerate() {
            if other != place && other_kind == kind {
                leaves.push(comparison().prop_map(move |c| Predicate::CompareColumns(place, c, other)).boxed());
            }
        }
        if *kind == ColumnType::Text {
            leaves.extend(text_leaves(place));
        }
    }
    let texts = table.places(|kind| kind == ColumnType::Text);
    if !texts.is_empty() {
        leaves.push(words(texts));
    }
    proptest::strategy::Union::new(leaves)
        .prop_recursive(DEPTH, 24, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 1..4).prop_map(Predicate::And),
                vec(inner.clone(), 1..4).prop_map(Predicate::Or),
                inner.prop_map(|inner| Predicate::Not(Box::new(inner))),
            ]
        })
        .prop_map(flat)
        .boxed()
}

/// Plans never nest `and` in `and` or `or` in `or` directly.
fn flat(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::And(parts) => Predicate::And(
            parts
                .into_iter()
                .map(flat)
                .flat_map(|part| if let Predicate::And(inner) = part { inner } else { vec![part] })
                .collect(),
        ),
        Predicate::Or(parts) => Predicate::Or(
            parts
                .into_iter()
                .map(flat)
                .flat_map(|part| if let Predicate::Or(inner) = part { inner } else { vec![part] })
                .collect(),
        ),
        Predicate::Not(inner) => Predicate::Not(Box::new(flat(*inner))),
        leaf => leaf,
    }
}

fn scalar_leaves(table: &Table, place: usize) -> [BoxedStrategy<Predicate>; 3] {
    let value = || literal(table, place);
    [
        (comparison(), value()).prop_map(move |(c, value)| Predicate::Compare(place, c, value)).boxed(),
        vec(value(), 1..6)
            .prop_map(move |mut values| {
                values.sort_by(Value::compare);
                values.dedup_by(|a, b| a.compare(b).is_eq());
                Predicate::In(place, values)
            })
            .boxed(),
        (value(), value()).prop_map(move |(low, high)| Predicate::Between(place, low, high)).boxed(),
    ]
}

fn text_leaves(place: usize) -> [BoxedStrategy<Predicate>; 2] {
    let pattern = prop_oneof![
        select(vec!["%", "water%", "%e%", "W_ter%", "%\\%", "a\\_b", "%st%e", "_", "%ß%"]).prop_map(str::to_owned),
        "[a-c%_]{0,5}",
    ];
    [
        (pattern, any::<bool>(), any::<bool>())
            .prop_map(move |(text, case, accents)| Predicate::Like(place, LikePattern::parse(&text, case, accents)))
            .boxed(),
        (comparison(), texts(false), any::<bool>())
            .prop_map(move |(comparison, text, accents)| {
                let value = fold_by(&text, true, accents).into_owned();
                Predicate::CompareFolded { column: place, comparison, value, accents }
            })
            .boxed(),
    ]
}

fn spatial(place: usize) -> BoxedStrategy<Predicate> {
    let relation = select(vec![
        SpatialRelation::Intersects,
        SpatialRelation::Disjoint,
        SpatialRelation::Within,
        SpatialRelation::Contains,
    ]);
    (relation, prop_oneof![rectangle().boxed(), shape().boxed()])
        .prop_filter_map("shapes of questions are valid", move |(relation, shape)| {
            Some(Predicate::Spatial(place, relation, Shape::from_geometry(&shape).ok()?))
        })
        .boxed()
}

fn words(columns: Vec<usize>) -> BoxedStrategy<Predicate> {
    let word = prop_oneof![
        select(vec!["water", "lev*", "ete", "str*", "京", "0164a", "nowhere"]).prop_map(str::to_owned),
        "[a-c]{1,2}\\*?"
    ];
    vec(word, 1..3)
        .prop_map(move |texts| {
            let words: Vec<Word> = wanted_words(&texts.join(" "));
            Predicate::Words { columns: columns.clone(), words }
        })
        .boxed()
}

fn sort_keys(places: Vec<usize>) -> BoxedStrategy<Vec<SortKey>> {
    if places.is_empty() {
        return Just(Vec::new()).boxed();
    }
    let most = places.len().min(3);
    (proptest::sample::subsequence(places, 0..=most).prop_shuffle(), any::<u8>())
        .prop_map(|(places, bits)| {
            (0..).zip(places).map(|(at, column)| SortKey { column, descending: bits >> at & 1 == 1 }).collect()
        })
        .boxed()
}

/// Pages of a table: any predicate, order, properties, size, from any row or after any row of the answer.
pub fn rows_plans(table: &Table) -> BoxedStrategy<RowsPlan> {
    let table = table.clone();
    let places: Vec<usize> = (0..table.snapshot.columns.len()).collect();
    let properties = proptest::sample::subsequence(places.clone(), 1..=places.len()).prop_shuffle();
    let sort = sort_keys(table.places(|kind| !kind.is_spatial()));
    let start = (any::<bool>(), 0u32..30);
    let limit = prop_oneof![0u32..5, Just(crate::ROWS_LIMIT_MAX)];
    (predicates(&table), properties, sort, limit, start)
        .prop_map(move |(predicate, properties, sort, limit, (by_row, skip))| {
            let mut plan = RowsPlan { predicate, properties, sort, limit: skip, start: Start::Offset(0) };
            let after = naive::rows(&table.rows, &plan).next.filter(|_| by_row);
            plan.start = after.unwrap_or(Start::Offset(u64::from(skip)));
            plan.limit = limit;
            plan
        })
        .boxed()
}

/// Exports of a table.
pub fn export_plans(table: &Table) -> BoxedStrategy<ExportPlan> {
    (rows_plans(table), proptest::option::of(0u64..20))
        .prop_map(|(plan, limit)| ExportPlan {
            predicate: plan.predicate,
            properties: plan.properties,
            sort: plan.sort,
            limit,
        })
        .boxed()
}

fn group_keys(table: &Table) -> BoxedStrategy<Vec<GroupKey>> {
    let units = vec![DateUnit::Day, DateUnit::Week, DateUnit::Month, DateUnit::Quarter, DateUnit::Year];
    let mut keys: Vec<BoxedStrategy<GroupKey>> = Vec::new();
    for (place, kind) in table.types().into_iter().enumerate() {
        if !kind.is_spatial() {
            keys.push(Just(GroupKey::Column(place)).boxed());
        }
        if kind.is_temporal() {
            let mut units = units.clone();
            if kind != ColumnType::Date {
                units.push(DateUnit::Hour);
            }
            keys.push(select(units).prop_map(move |unit| GroupKey::Truncated(place, unit)).boxed());
        }
        if kind.is_numeric() {
            keys.push(
                select(vec![0.5, 1.0, 10.0, 1_000_000.0]).prop_map(move |width| GroupKey::Bucket(place, width)).boxed(),
            );
        }
    }
    if keys.is_empty() { Just(Vec::new()).boxed() } else { vec(proptest::strategy::Union::new(keys), 0..3).boxed() }
}

fn measures(table: &Table) -> BoxedStrategy<Vec<Measure>> {
    let mut measures: Vec<BoxedStrategy<Measure>> = vec![Just(Measure::CountRows).boxed()];
    for (place, kind) in table.types().into_iter().enumerate() {
        measures.push(Just(Measure::Count(place)).boxed());
        if !kind.is_spatial() {
            measures
                .push(select(vec![Measure::CountDistinct(place), Measure::Min(place), Measure::Max(place)]).boxed());
        }
        if kind.is_numeric() {
            let part = select(vec![0.0, 0.25, 0.5, 0.9, 1.0]);
            measures.push(part.prop_map(move |part| Measure::Percentile(place, part)).boxed());
            measures.push(select(vec![Measure::Sum(place), Measure::Avg(place)]).boxed());
        }
    }
    vec(proptest::strategy::Union::new(measures), 1..4).boxed()
}

/// Groups and sums of a table, with orders, pages and now and then a `having` over a count.
pub fn aggregate_plans(table: &Table) -> BoxedStrategy<AggregatePlan> {
    let types = table.types();
    let parts = (predicates(table), group_keys(table), measures(table), any::<bool>(), 0i64..4);
    let page = (prop_oneof![1u32..4, Just(crate::GROUPS_LIMIT_MAX)], 0u64..3, any::<u16>());
    (parts, page)
        .prop_map(move |((predicate, keys, measures, filtered, least), (limit, offset, bits))| {
            let width = keys.len() + measures.len();
            let names = (0..width).map(|at| format!("a{at}")).collect();
            let counted = measures.iter().position(|measure| {
                measure.answer_type(&types) == ColumnType::Integer
                    && matches!(measure, Measure::CountRows | Measure::Count(_) | Measure::CountDistinct(_))
            });
            let having = counted
                .filter(|_| filtered)
                .map(|at| Predicate::Compare(keys.len() + at, Comparison::GreaterOrEqual, Value::Integer(least)));
            let sort = (0..width)
                .filter(|at| bits >> at & 1 == 1)
                .take(2)
                .map(|column| SortKey { column, descending: bits >> (column + 8) & 1 == 1 })
                .collect();
            AggregatePlan { predicate, keys, measures, names, having, sort, limit, offset }
        })
        .boxed()
}

/// A table and a page of it.
pub fn rows_cases(rows_max: usize) -> impl Strategy<Value = (Table, RowsPlan)> {
    tables(rows_max).prop_flat_map(|table| (Just(table.clone()), rows_plans(&table)))
}

/// A table and groups of it.
pub fn aggregate_cases(rows_max: usize) -> impl Strategy<Value = (Table, AggregatePlan)> {
    tables(rows_max).prop_flat_map(|table| (Just(table.clone()), aggregate_plans(&table)))
}

/// A table and an export of it.
pub fn export_cases(rows_max: usize) -> impl Strategy<Value = (Table, ExportPlan)> {
    tables(rows_max).prop_flat_map(|table| (Just(table.clone()), export_plans(&table)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{normalise, print_predicate};

    proptest! {
        #[test]
        fn the_normal_form_keeps_every_rows_truth((table, plan) in rows_cases(12)) {
            let normal = normalise(plan.predicate.clone());
            for row in &table.rows {
                prop_assert_eq!(naive::holds(row, &plan.predicate), naive::holds(row, &normal), "{:?}", normal);
            }
            prop_assert_eq!(normalise(normal.clone()), normal);
        }

        #[test]
        fn what_is_printed_is_read_as_the_same((table, plan) in rows_cases(6)) {
            let columns = &table.snapshot.columns;
            if let Some(text) = print_predicate(&plan.predicate, columns) {
                let condition = crate::text::parse(&text);
                prop_assert!(condition.is_ok(), "{} {:?}", text, condition);
                let bound = crate::bind::Binder { columns }.condition(&condition.unwrap());
                prop_assert!(bound.is_ok(), "{} {:?}", text, bound);
                prop_assert_eq!(normalise(bound.unwrap()), normalise(plan.predicate), "{}", text);
            }
        }

        #[test]
        fn pages_put_together_are_the_whole((table, plan) in rows_cases(20)) {
            let whole = naive::rows(&table.rows, &RowsPlan { start: Start::Offset(0), limit: 100, ..plan.clone() });
            let mut pieces = Vec::new();
            let mut start = Start::Offset(0);
            loop {
                let page = naive::rows(&table.rows, &RowsPlan { start, limit: 3, ..plan.clone() });
                pieces.extend(page.rows);
                match page.next {
                    Some(next) => start = next,
                    None => break,
                }
            }
            prop_assert_eq!(pieces, whole.rows);
        }

        #[test]
        fn the_counts_of_groups_add_up((table, plan) in aggregate_cases(15)) {
            let counted = AggregatePlan { measures: vec![Measure::CountRows], having: None, sort: Vec::new(), limit: 1_000, offset: 0, ..plan.clone() };
            let answer = naive::aggregate(&table.rows, &table.types(), &counted).unwrap();
            let sum: i64 = answer.groups.iter().filter_map(|group| match group.last() { Some(Value::Integer(count)) => Some(*count), _ => None }).sum();
            let taken = table.rows.iter().filter(|row| naive::holds(row, &plan.predicate) == Some(true)).count();
            prop_assert_eq!(sum, i64::try_from(taken).unwrap());
            prop_assert!(naive::aggregate(&table.rows, &table.types(), &plan).is_ok());
        }
    }
}
