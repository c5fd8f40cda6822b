//! The judge: plans answered row by row, slowly and obviously, as [`crate::plan`] says what they mean.
//!
//! Executors are tested against it on random tables. Nothing is shared with them but the helpers that define a meaning
//! themselves (words, patterns, shapes, the calendar, exact sums).

use std::cmp::Ordering;

use fairground_domain::ColumnType;

use crate::calendar::{truncate_days, truncate_micros};
use crate::exact::{ExactSum, mean_of_digits};
use crate::geometry::relation;
use crate::plan::{AggregatePlan, Comparison, GroupKey, Measure, Predicate, RowsPlan, SortKey, Start};
use crate::value::Value;
use crate::words::{fold_by, holds_word};

/// A page of row numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsAnswer {
    /// Numbers of the rows, in the order asked for.
    pub rows: Vec<u64>,
    /// How many rows the predicate takes, on all pages.
    pub total: u64,
    /// Where the next page begins; `None` when this is the last (or nothing was asked for).
    pub next: Option<Start>,
}

/// A page of groups.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupsAnswer {
    /// Keys, then measures, of each group.
    pub groups: Vec<Vec<Value>>,
    /// How many groups there are on all pages, after `having`.
    pub total: u64,
}

/// A sum that has no exact place in a [`Value`]: beyond 64 bits of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sum has more digits than an answer holds")]
pub struct SumTooLarge;

/// Whether a row fulfils a condition; `None` is unknown.
#[must_use]
pub fn holds(row: &[Value], predicate: &Predicate) -> Option<bool> {
    match predicate {
        Predicate::Constant(truth) => Some(*truth),
        Predicate::And(parts) => parts.iter().map(|part| holds(row, part)).fold(Some(true), and),
        Predicate::Or(parts) => parts.iter().map(|part| holds(row, part)).fold(Some(false), or),
        Predicate::Not(part) => holds(row, part).map(|truth| !truth),
        Predicate::IsNull(column) => Some(at(row, *column) == &Value::Null),
        Predicate::Compare(column, comparison, value) => compare(at(row, *column), *comparison, value),
        Predicate::CompareColumns(left, comparison, right) => compare(at(row, *left), *comparison, at(row, *right)),
        Predicate::In(column, values) => {
            known(at(row, *column)).map(|value| values.iter().any(|other| value.compare(other) == Ordering::Equal))
        }
        Predicate::Between(column, low, high) => and(
            compare(at(row, *column), Comparison::GreaterOrEqual, low),
            compare(at(row, *column), Comparison::LessOrEqual, high),
        ),
        Predicate::Like(column, pattern) => text(at(row, *column)).map(|text| pattern.matches(text)),
        Predicate::CompareFolded { column, comparison, value, accents } => text(at(row, *column))
            .map(|text| comparison.holds(fold_by(text, true, *accents).as_ref().cmp(value.as_str()))),
        Predicate::Spatial(column, wanted, shape) => match at(row, *column) {
            Value::Geometry(wkb) => Some(relation(wkb, *wanted, shape)),
            _ => None,
        },
        Predicate::Words { columns, words } => {
            let texts = || columns.iter().filter_map(|column| text(at(row, *column)));
            Some(words.iter().all(|word| holds_word(texts(), word)))
        }
    }
}

fn at(row: &[Value], column: usize) -> &Value {
    row.get(column).unwrap_or(&Value::Null)
}

fn known(value: &Value) -> Option<&Value> {
    (value != &Value::Null).then_some(value)
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> Option<bool> {
    Some(comparison.holds(known(left)?.compare(known(right)?)))
}

/// Order of two rows by the keys, nothing last in either direction, ties left.
#[must_use]
pub fn compare_rows(a: &[Value], b: &[Value], sort: &[SortKey]) -> Ordering {
    sort.iter()
        .map(|key| {
            let (left, right) = (at(a, key.column), at(b, key.column));
            let nothing = left == &Value::Null || right == &Value::Null;
            let order = left.compare(right);
            if key.descending && !nothing { order.reverse() } else { order }
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Answers a page.
#[must_use]
pub fn rows(table: &[Vec<Value>], plan: &RowsPlan) -> RowsAnswer {
    let mut taken: Vec<(u64, &Vec<Value>)> =
        (0..).zip(table).filter(|(_, row)| holds(row, &plan.predicate) == Some(true)).collect();
    let order = |a: &(u64, &Vec<Value>), b: &(u64, &Vec<Value>)| compare_rows(a.1, b.1, &plan.sort).then(a.0.cmp(&b.0));
    taken.sort_by(order);
    let total = taken.len() as u64;
    let (from, before) = match plan.start {
        Start::Offset(offset) => (usize::try_from(offset).unwrap_or(usize::MAX).min(taken.len()), offset),
        Start::AfterRow { row, offset } => {
            let last = usize::try_from(row).ok().and_then(|at| table.get(at)).map(|values| (row, values));
            let after = |one: &(u64, &Vec<Value>)| last.as_ref().is_none_or(|last| order(one, last).is_le());
            (taken.partition_point(after), offset)
        }
    };
    let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
    let rest = taken.get(from..).unwrap_or_default();
    let page: Vec<u64> = rest.iter().take(limit).map(|(number, _)| *number).collect();
    let next = match page.last() {
        Some(last) if page.len() < rest.len() => {
            Some(Start::AfterRow { row: *last, offset: before + page.len() as u64 })
        }
        _ => None,
    };
    RowsAnswer { rows: page, total, next }
}

/// Answers groups. `columns` are the types of the table's columns.
///
/// # Errors
/// `SumTooLarge` when a sum of integers or fixed-point decimals leaves 64 bits.
pub fn aggregate(
    table: &[Vec<Value>],
    columns: &[ColumnType],
    plan: &AggregatePlan,
) -> Result<GroupsAnswer, SumTooLarge> {
    let mut groups: Vec<(Vec<Value>, Vec<&Vec<Value>>)> = Vec::new();
    if plan.keys.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    for row in table.iter().filter(|row| holds(row, &plan.predicate) == Some(true)) {
        let keys: Vec<Value> = plan.keys.iter().map(|key| key_of(row, columns, key)).collect();
        match groups.iter_mut().find(|(other, _)| same(other, &keys)) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((keys, vec![row])),
        }
    }
    let mut answer = Vec::new();
    for (mut group, rows) in groups {
        for measure in &plan.measures {
            group.push(measure_of(&rows, columns, measure)?);
        }
        if plan.having.as_ref().is_none_or(|having| holds(&group, having) == Some(true)) {
            answer.push(group);
        }
    }
    let by_keys: Vec<SortKey> = (0..plan.keys.len()).map(|column| SortKey { column, descending: false }).collect();
    answer.sort_by(|a, b| compare_rows(a, b, &plan.sort).then_with(|| compare_rows(a, b, &by_keys)));
    let total = answer.len() as u64;
    let skip = usize::try_from(plan.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
    Ok(GroupsAnswer { groups: answer.into_iter().skip(skip).take(limit).collect(), total })
}

fn same(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.compare(b) == Ordering::Equal)
}

fn key_of(row: &[Value], columns: &[ColumnType], key: &GroupKey) -> Value {
    let value = at(row, key.column());
    match key {
        GroupKey::Column(_) => value.clone(),
        GroupKey::Truncated(_, unit) => match value {
            Value::Date(days) => Value::Date(truncate_days(*days, *unit)),
            Value::Timestamp(micros) => Value::Timestamp(truncate_micros(*micros, *unit)),
            _ => Value::Null,
        },
        GroupKey::Bucket(column, width) => {
            number(value, columns, *column).map_or(Value::Null, |number| Value::Float((number / width).floor() * width))
        }
    }
}

/// A number as a float.
fn number(value: &Value, columns: &[ColumnType], column: usize) -> Option<f64> {
    value.as_f64(scale(columns, column))
}

/// Digits after the point, of fixed-point columns.
fn scale(columns: &[ColumnType], column: usize) -> u8 {
    match columns.get(column) {
        Some(ColumnType::Decimal { scale }) => *scale,
        _ => 0,
    }
}

fn measure_of(rows: &[&Vec<Value>], columns: &[ColumnType], measure: &Measure) -> Result<Value, SumTooLarge> {
    let values = |column: usize| rows.iter().map(move |row| at(row, column)).filter(|value| **value != Value::Null);
    let count = |count: usize| Value::Integer(i64::try_from(count).unwrap_or(i64::MAX));
    Ok(match measure {
        Measure::CountRows => count(rows.len()),
        Measure::Count(column) => count(values(*column).count()),
        Measure::CountDistinct(column) => {
            let mut all: Vec<&Value> = values(*column).collect();
            all.sort_by(|a, b| a.compare(b));
            all.dedup_by(|a, b| a.compare(b) == Ordering::Equal);
            count(all.len())
        }
        Measure::Sum(column) => sum_of(values(*column))?,
        Measure::Avg(column) => {
            let values: Vec<&Value> = values(*column).collect();
            match (values.len(), added(values.iter().copied())) {
                (0, _) => Value::Null,
                (count, Added::Digits(sum)) => Value::Float(mean_of_digits(sum, scale(columns, *column), count as u64)),
                (count, Added::Float(sum)) => Value::Float(sum / count as f64),
            }
        }
        Measure::Min(column) => values(*column).min_by(|a, b| a.compare(b)).cloned().unwrap_or(Value::Null),
        Measure::Max(column) => values(*column).max_by(|a, b| a.compare(b)).cloned().unwrap_or(Value::Null),
        Measure::Percentile(column, part) => {
            let mut numbers: Vec<f64> = values(*column).filter_map(|value| number(value, columns, *column)).collect();
            numbers.sort_by(f64::total_cmp);
            percentile(&numbers, *part).map_or(Value::Null, Value::Float)
        }
    })
}

/// A sum without rounding, or rounded once.
enum Added {
    Digits(i128),
    Float(f64),
}

fn added<'a>(values: impl Iterator<Item = &'a Value>) -> Added {
    let (mut digits, mut float) = (0i128, None::<ExactSum>);
    for value in values {
        match value {
            Value::Integer(number) | Value::Decimal(number) => digits += i128::from(*number),
            Value::Float(number) => float.get_or_insert_default().add(*number),
            _ => {}
        }
    }
    float.map_or(Added::Digits(digits), |sum| Added::Float(sum.value()))
}

fn sum_of<'a>(values: impl Iterator<Item = &'a Value>) -> Result<Value, SumTooLarge> {
    let values: Vec<&Value> = values.collect();
    let Some(first) = values.first() else { return Ok(Value::Null) };
    Ok(match added(values.iter().copied()) {
        Added::Float(sum) => Value::Float(sum),
        Added::Digits(sum) => {
            let sum = i64::try_from(sum).map_err(|_| SumTooLarge)?;
            if matches!(first, Value::Decimal(_)) { Value::Decimal(sum) } else { Value::Integer(sum) }
        }
    })
}

/// The value below which this part of the sorted numbers lies, linear between neighbours: at the place `part × (n − 1)`.
#[must_use]
pub fn percentile(sorted: &[f64], part: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = part.clamp(0.0, 1.0) * last as f64;
    // In range: between 0 and the last place.
    let (low, high) = (sorted.get(place.floor() as usize)?, sorted.get(place.ceil() as usize)?);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::DateUnit;

    fn table() -> Vec<Vec<Value>> {
        let text = |text: &str| Value::Text(text.to_owned());
        vec![
            vec![Value::Integer(3), text("b"), Value::Decimal(150)],
            vec![Value::Null, text("a"), Value::Decimal(250)],
            vec![Value::Integer(1), Value::Null, Value::Null],
            vec![Value::Integer(3), text("a"), Value::Decimal(-50)],
        ]
    }

    const TYPES: [ColumnType; 3] = [ColumnType::Integer, ColumnType::Text, ColumnType::Decimal { scale: 2 }];

    #[test]
    fn conditions_have_three_truth_values() {
        let null = [Value::Null];
        let is_one = || Predicate::Compare(0, Comparison::Equal, Value::Integer(1));
        for (predicate, expected) in [
            (is_one(), None),
            (Predicate::Not(Box::new(is_one())), None),
            (Predicate::And(vec![is_one(), Predicate::Constant(false)]), Some(false)),
            (Predicate::And(vec![is_one(), Predicate::Constant(true)]), None),
            (Predicate::Or(vec![is_one(), Predicate::Constant(true)]), Some(true)),
            (Predicate::Or(vec![is_one(), Predicate::Constant(false)]), None),
            (Predicate::IsNull(0), Some(true)),
            (Predicate::In(0, vec![Value::Integer(1)]), None),
            (Predicate::Between(0, Value::Integer(1), Value::Integer(2)), None),
        ] {
            assert_eq!(holds(&null, &predicate), expected, "{predicate:?}");
        }
    }

    fn plan(sort: &[(usize, bool)], limit: u32, start: Start) -> RowsPlan {
        let sort =
            sort.iter().map(|(column, descending)| SortKey { column: *column, descending: *descending }).collect();
        RowsPlan { predicate: Predicate::Constant(true), properties: vec![0], sort, limit, start }
    }

    #[test]
    fn nothing_stands_last_whichever_way_and_ties_go_by_row() {
        let all = Start::Offset(0);
        assert_eq!(rows(&table(), &plan(&[(0, false)], 9, all)).rows, [2, 0, 3, 1]);
        assert_eq!(rows(&table(), &plan(&[(0, true)], 9, all)).rows, [0, 3, 2, 1]);
        assert_eq!(rows(&table(), &plan(&[(1, false), (0, true)], 9, all)).rows, [3, 1, 0, 2]);
    }

    #[test]
    fn pages_follow_one_another_without_gap() {
        let mut start = Start::Offset(0);
        let mut seen = Vec::new();
        loop {
            let answer = rows(&table(), &plan(&[(0, true)], 1, start));
            assert_eq!(answer.total, 4);
            seen.extend(answer.rows);
            match answer.next {
                Some(next) => start = next,
                None => break,
            }
        }
        assert_eq!(seen, [0, 3, 2, 1]);
        assert_eq!(start, Start::AfterRow { row: 2, offset: 3 });
        let none = rows(&table(), &plan(&[], 0, Start::Offset(0)));
        assert_eq!((none.rows.len(), none.total, none.next), (0, 4, None));
    }

    #[test]
    fn groups_are_summed_exactly() {
        let plan = AggregatePlan {
            predicate: Predicate::Constant(true),
            keys: vec![GroupKey::Column(1)],
            measures: vec![
                Measure::CountRows,
                Measure::Sum(2),
                Measure::Avg(2),
                Measure::Percentile(2, 0.5),
                Measure::CountDistinct(0),
            ],
            names: Vec::new(),
            having: None,
            sort: Vec::new(),
            limit: 10,
            offset: 0,
        };
        let (int, text) = (Value::Integer, |text: &str| Value::Text(text.to_owned()));
        let answer = aggregate(&table(), &TYPES, &plan).unwrap();
        assert_eq!(
            answer.groups,
            [
                vec![text("a"), int(2), Value::Decimal(200), Value::Float(1.0), Value::Float(1.0), int(1)],
                vec![text("b"), int(1), Value::Decimal(150), Value::Float(1.5), Value::Float(1.5), int(1)],
                vec![Value::Null, int(1), Value::Null, Value::Null, Value::Null, int(1)],
            ]
        );
        let having = AggregatePlan { having: Some(Predicate::Compare(1, Comparison::Greater, int(1))), ..plan.clone() };
        assert_eq!(aggregate(&table(), &TYPES, &having).unwrap().total, 1);
        let ungrouped = AggregatePlan { keys: Vec::new(), predicate: Predicate::Constant(false), ..plan };
        let nothing = aggregate(&table(), &TYPES, &ungrouped).unwrap();
        assert_eq!(nothing.groups, [vec![int(0), Value::Null, Value::Null, Value::Null, int(0)]]);
    }

    #[test]
    fn keys_are_cut_and_ranged() {
        let row = [Value::Date(45), Value::Decimal(-150)];
        let types = [ColumnType::Date, ColumnType::Decimal { scale: 2 }];
        assert_eq!(key_of(&row, &types, &GroupKey::Truncated(0, DateUnit::Month)), Value::Date(31));
        assert_eq!(key_of(&row, &types, &GroupKey::Bucket(1, 1.0)), Value::Float(-2.0));
        assert_eq!(percentile(&[1.0, 2.0, 3.0, 4.0], 0.5), Some(2.5));
        assert_eq!(percentile(&[], 0.5), None);
    }
}
