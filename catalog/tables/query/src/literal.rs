//! Literals against columns.
//!
//! Literals are brought to the column's kind here and keep their meaning exactly. Integers, fixed-point decimals, dates and
//! timestamps are places on an axis of whole numbers; a literal is a span of that axis: one place when it falls on one
//! (`2.5` at two digits), none when it falls between two (`1.005` at two digits, `3.5` among integers, noon among dates), many when
//! it is coarser (a day among timestamps: the whole day). Comparisons then are with the span's ends, so that `x < 1.005` takes
//! 1.00, `x = 1.005` takes nothing, and `t <= DATE('2024-12-31')` takes that evening too.

use fairground_domain::{Column, ColumnType};

use crate::bind::{kind_of, not, wrong_type};
use crate::calendar::{DAY_MICROS, Moment, read_date, read_timestamp};
use crate::error::{Fault, Located};
use crate::number::ExactNumber;
use crate::plan::{Comparison, LikePattern, Predicate};
use crate::text::ast::{Operand, OperandKind};
use crate::value::Value;
use crate::words::fold_by;

/// A literal's span of a column's axis; empty when `low > high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    low: i128,
    high: i128,
}

fn mismatch(column: &Column, operand: &Operand) -> Located {
    let (value, quoted) = match &operand.kind {
        OperandKind::Text(text) => (format!("'{}'", crate::text::shortened(text)), true),
        OperandKind::Number(digits) => (crate::text::shortened(digits), false),
        OperandKind::Boolean(truth) => (truth.to_string(), false),
        OperandKind::Date(text) => (format!("DATE('{}')", crate::text::shortened(text)), false),
        OperandKind::Timestamp(text) => (format!("TIMESTAMP('{}')", crate::text::shortened(text)), false),
        OperandKind::Interval(..) => ("an interval".to_owned(), false),
        OperandKind::Column(name) => (format!("`{name}`"), false),
    };
    let is_number = matches!(&operand.kind, OperandKind::Text(text) if ExactNumber::parse(text).is_some());
    let hint = match column.column_type {
        ColumnType::Text if !quoted => " (texts stand in single quotes)",
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Float if is_number => {
            " (numbers stand without quotes)"
        }
        ColumnType::Date => " (dates are written DATE('2024-02-29'))",
        ColumnType::Timestamp { .. } => " (timestamps are written TIMESTAMP('2024-02-29T12:30:00Z'))",
        ColumnType::Boolean => " (truth values are written TRUE and FALSE)",
        _ => "",
    };
    Located::new(
        operand.at,
        Fault::Mismatch { column: column.name.clone(), kind: kind_of(column.column_type), value, hint },
    )
}

/// A column against a literal.
pub(crate) fn compare_value(
    place: usize,
    column: &Column,
    comparison: Comparison,
    operand: &Operand,
) -> Result<Predicate, Located> {
    if (operand.ignore_case || operand.ignore_accents) && column.column_type != ColumnType::Text {
        return Err(wrong_type(operand.at, "`casei` or `accenti`", "text", column));
    }
    match (column.column_type, &operand.kind) {
        (ColumnType::Text, OperandKind::Text(text)) => compare_text(place, comparison, text, operand),
        (ColumnType::Boolean, OperandKind::Boolean(truth)) => {
            Ok(Predicate::Compare(place, comparison, Value::Boolean(*truth)))
        }
        (ColumnType::Float, OperandKind::Number(digits)) => match digits.parse::<f64>() {
            Ok(number) if number.is_finite() && ExactNumber::parse(digits).is_some() => {
                Ok(Predicate::Compare(place, comparison, Value::Float(number + 0.0)))
            }
            _ => Err(too_long(operand.at)),
        },
        (ColumnType::Point | ColumnType::Geometry, _) => {
            Err(wrong_type(operand.at, "a comparison", "a number, a text, a truth value or a time", column))
        }
        (column_type, _) => match span_of(column, operand)? {
            Some(span) => Ok(compare_span(place, column_type, comparison, span)),
            None => Err(mismatch(column, operand)),
        },
    }
}

fn too_long(at: usize) -> Located {
    Located::refused(at, "a number has 38 digits at most, and a size that a double can hold")
}

fn compare_text(place: usize, comparison: Comparison, text: &str, operand: &Operand) -> Result<Predicate, Located> {
    if !operand.ignore_case && !operand.ignore_accents {
        return Ok(Predicate::Compare(place, comparison, Value::Text(text.to_owned())));
    }
    if operand.ignore_case {
        let value = fold_by(text, true, operand.ignore_accents).into_owned();
        return Ok(Predicate::CompareFolded { column: place, comparison, value, accents: operand.ignore_accents });
    }
    // Accents alone: equality is a pattern without wildcards.
    let exactly = Predicate::Like(place, LikePattern::exactly(text, false, true));
    match comparison {
        Comparison::Equal => Ok(exactly),
        Comparison::NotEqual => Ok(not(exactly)),
        _ => Err(Located::refused(
            operand.at,
            "`accenti` without `casei` is offered for `=`, `<>`, `in` and `like` only",
        )),
    }
}

pub(crate) fn compare_literals(left: &Operand, comparison: Comparison, right: &Operand) -> Result<Predicate, Located> {
    let order = match (&left.kind, &right.kind) {
        (OperandKind::Number(a), OperandKind::Number(b)) => match (a.parse::<f64>(), b.parse::<f64>()) {
            (Ok(a), Ok(b)) => a.partial_cmp(&b),
            _ => None,
        },
        (OperandKind::Text(a), OperandKind::Text(b)) => {
            let (case, accents) = (left.ignore_case || right.ignore_case, left.ignore_accents || right.ignore_accents);
            Some(fold_by(a, case, accents).cmp(&fold_by(b, case, accents)))
        }
        (OperandKind::Boolean(a), OperandKind::Boolean(b)) => Some(a.cmp(b)),
        _ => None,
    };
    order
        .map(|order| Predicate::Constant(comparison.holds(order)))
        .ok_or_else(|| Located::refused(left.at, "one side of a comparison must be a column"))
}

/// Where a literal lies on the axis of a column; `None` when it is of another kind.
fn span_of(column: &Column, operand: &Operand) -> Result<Option<Span>, Located> {
    let number = |scale: u8| match &operand.kind {
        OperandKind::Number(digits) => {
            let (low, high) = ExactNumber::parse(digits).ok_or_else(|| too_long(operand.at))?.span(scale);
            Ok(Some(Span { low, high }))
        }
        _ => Ok(None),
    };
    match column.column_type {
        ColumnType::Integer => number(0),
        ColumnType::Decimal { scale } => number(scale),
        ColumnType::Date => Ok(day_span(operand)),
        ColumnType::Timestamp { utc } => moment_span(column, operand, utc),
        ColumnType::Float | ColumnType::Boolean | ColumnType::Text | ColumnType::Point | ColumnType::Geometry => {
            Ok(None)
        }
    }
}

fn date_in(operand: &Operand) -> Option<i128> {
    match &operand.kind {
        OperandKind::Date(text) | OperandKind::Text(text) => read_date(text).map(i128::from),
        _ => None,
    }
}

fn moment_in(operand: &Operand) -> Option<Moment> {
    match &operand.kind {
        OperandKind::Timestamp(text) | OperandKind::Text(text) => read_timestamp(text),
        _ => None,
    }
}

/// Among days, a moment within a day lies between that day and the next.
fn day_span(operand: &Operand) -> Option<Span> {
    if let Some(day) = date_in(operand) {
        return Some(Span { low: day, high: day });
    }
    let micros = moment_in(operand)?.micros;
    let day = i128::from(micros.div_euclid(DAY_MICROS));
    let low = if micros.rem_euclid(DAY_MICROS) == 0 { day } else { day + 1 };
    Some(Span { low, high: day })
}

/// Among moments, a day is all its moments. Civil times take moments without a zone, or in UTC.
fn moment_span(column: &Column, operand: &Operand, utc: bool) -> Result<Option<Span>, Located> {
    if let Some(day) = date_in(operand) {
        let low = day * i128::from(DAY_MICROS);
        return Ok(Some(Span { low, high: low + i128::from(DAY_MICROS) - 1 }));
    }
    let Some(moment) = moment_in(operand) else { return Ok(None) };
    if !utc && moment.offset_minutes.is_some_and(|offset| offset != 0) {
        let sentence =
            format!("`{}` holds civil time without a zone; write the moment without a distance to UTC", column.name);
        return Err(Located::refused(operand.at, sentence));
    }
    let place = i128::from(moment.micros);
    Ok(Some(Span { low: place, high: place }))
}

/// The ends of a type's axis: no column holds a value outside.
const fn axis(column_type: ColumnType) -> (i64, i64) {
    match column_type {
        // 18 digits.
        ColumnType::Decimal { .. } => (-999_999_999_999_999_999, 999_999_999_999_999_999),
        ColumnType::Date => (i32::MIN as i64, i32::MAX as i64),
        _ => (i64::MIN, i64::MAX),
    }
}

fn value_at(column_type: ColumnType, place: i64) -> Value {
    match column_type {
        ColumnType::Decimal { .. } => Value::Decimal(place),
        ColumnType::Date => Value::Date(i32::try_from(place).unwrap_or(if place < 0 { i32::MIN } else { i32::MAX })),
        ColumnType::Timestamp { .. } => Value::Timestamp(place),
        _ => Value::Integer(place),
    }
}

/// False for every value, unknown for nothing. Written as a comparison with the least value that there can be, so that
/// executors need no case for it.
pub(crate) fn never(place: usize, column_type: ColumnType) -> Predicate {
    match least(column_type) {
        Some(least) => Predicate::Compare(place, Comparison::Less, least),
        None => Predicate::CompareColumns(place, Comparison::NotEqual, place),
    }
}

/// True for every value, unknown for nothing.
pub(crate) fn always(place: usize, column_type: ColumnType) -> Predicate {
    match least(column_type) {
        Some(least) => Predicate::Compare(place, Comparison::GreaterOrEqual, least),
        None => Predicate::CompareColumns(place, Comparison::Equal, place),
    }
}

/// The least value that a column can hold; floats have none that a plan can carry.
pub(crate) fn least(column_type: ColumnType) -> Option<Value> {
    match column_type {
        ColumnType::Text => Some(Value::Text(String::new())),
        ColumnType::Boolean => Some(Value::Boolean(false)),
        ColumnType::Float | ColumnType::Point | ColumnType::Geometry => None,
        ColumnType::Integer | ColumnType::Decimal { .. } | ColumnType::Date | ColumnType::Timestamp { .. } => {
            Some(value_at(column_type, axis(column_type).0))
        }
    }
}

fn compare_span(place: usize, column_type: ColumnType, comparison: Comparison, span: Span) -> Predicate {
    let (least, greatest) = axis(column_type);
    let bound =
        |comparison: Comparison, at: i128| match i64::try_from(at).ok().filter(|at| (least..=greatest).contains(at)) {
            Some(at) => Predicate::Compare(place, comparison, value_at(column_type, at)),
            // Outside of the axis every value lies on one side.
            None => {
                let order = if at < 0 { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
                if comparison.holds(order) { always(place, column_type) } else { never(place, column_type) }
            }
        };
    let within = || {
        if span.low > span.high {
            return never(place, column_type);
        }
        if span.low == span.high {
            return bound(Comparison::Equal, span.low);
        }
        Predicate::And(vec![bound(Comparison::GreaterOrEqual, span.low), bound(Comparison::LessOrEqual, span.high)])
    };
    match comparison {
        Comparison::Equal => within(),
        Comparison::NotEqual => not(within()),
        Comparison::Less | Comparison::GreaterOrEqual => bound(comparison, span.low),
        Comparison::LessOrEqual | Comparison::Greater => bound(comparison, span.high),
    }
}
