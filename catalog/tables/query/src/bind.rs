//! Trees of names and literals to predicates over columns.
//!
//! Literals are brought to the column's kind here and keep their meaning exactly. Integers, fixed-point decimals, dates and
//! timestamps are places on an axis of whole numbers; a literal is a span of that axis: one place when it falls on one
//! (`2.5` at two digits), none when it falls between two (`1.005` at two digits, `3.5` among integers, noon among dates), many when
//! it is coarser (a day among timestamps: the whole day). Comparisons then are with the span's ends, so that `x < 1.005` takes
//! 1.00, `x = 1.005` takes nothing, and `t <= DATE('2024-12-31')` takes that evening too.

use fairground_domain::{Column, ColumnType};

use crate::calendar::{DAY_MICROS, Moment, read_date, read_timestamp};
use crate::error::{Fault, Located, nearest};
use crate::like::LIKE_CHARS_MAX;
use crate::number::ExactNumber;
use crate::plan::{Comparison, LikePattern, Predicate, Shape, SpatialRelation};
use crate::text::ast::{Condition, Operand, OperandKind, SpatialKind, SpatialOperand, TemporalRelation};
use crate::value::Value;
use crate::words::fold_by;

/// The type with its article.
pub(crate) const fn kind_of(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Integer => "an integer",
        ColumnType::Decimal { .. } | ColumnType::Float => "a decimal",
        ColumnType::Boolean => "a truth value",
        ColumnType::Date => "a date",
        ColumnType::Timestamp { .. } => "a timestamp",
        ColumnType::Text => "text",
        ColumnType::Point => "a point",
        ColumnType::Geometry => "a geometry",
    }
}

/// The columns that names are looked up in: a table's, or an aggregate's answer's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binder<'a> {
    pub(crate) columns: &'a [Column],
}

/// A literal's span of a column's axis; empty when `low > high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    low: i128,
    high: i128,
}

impl<'a> Binder<'a> {
    /// The place of a column: by its name, whatever the case, or by a title that only one column has.
    pub(crate) fn find(self, name: &str) -> Option<usize> {
        let by_name = self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name));
        by_name.or_else(|| {
            let mut titled = self.columns.iter().enumerate().filter(|(_, column)| column.title == name);
            match (titled.next(), titled.next()) {
                (Some((place, _)), None) => Some(place),
                _ => None,
            }
        })
    }

    /// The column, or the refusal that suggests another.
    pub(crate) fn get(self, at: usize, name: &str) -> Result<(usize, &'a Column), Located> {
        self.find(name).and_then(|place| Some((place, self.columns.get(place)?))).ok_or_else(|| {
            let names = self.columns.iter().map(|column| column.name.as_str());
            Located::new(at, Fault::UnknownColumn { name: name.to_owned(), nearest: nearest(name, names) })
        })
    }

    /// Binds a condition; the result is not yet in normal form.
    pub(crate) fn condition(self, condition: &Condition) -> Result<Predicate, Located> {
        let each = |parts: &[Condition]| parts.iter().map(|part| self.condition(part)).collect::<Result<Vec<_>, _>>();
        match condition {
            Condition::And(parts) => Ok(Predicate::And(each(parts)?)),
            Condition::Or(parts) => Ok(Predicate::Or(each(parts)?)),
            Condition::Not(inner) => Ok(not(self.condition(inner)?)),
            Condition::Alone(operand) => self.alone(operand),
            Condition::Compare(left, comparison, right) => self.compare(left, *comparison, right),
            Condition::Like(left, pattern) => self.like(left, pattern),
            Condition::Between(left, low, high) => self.between(left, low, high),
            Condition::In(left, values) => self.any_of(left, values),
            Condition::IsNull(operand) => Ok(Predicate::IsNull(self.column_of(operand, "`is null`")?.0)),
            Condition::Spatial(relation, left, right) => self.spatial(*relation, left, right),
            Condition::Temporal(relation, name, left, right) => self.temporal(*relation, name, left, right),
        }
    }

    fn alone(self, operand: &Operand) -> Result<Predicate, Located> {
        if let OperandKind::Boolean(truth) = operand.kind {
            return Ok(Predicate::Constant(truth));
        }
        let (place, column) = self.column_of(operand, "a condition")?;
        if column.column_type == ColumnType::Boolean {
            return Ok(Predicate::Compare(place, Comparison::Equal, Value::Boolean(true)));
        }
        Err(wrong_type(operand.at, "a condition without comparison", "a truth value", column))
    }

    /// The column that an operand is, for an operation that takes nothing else there.
    fn column_of(self, operand: &Operand, operation: &str) -> Result<(usize, &'a Column), Located> {
        match &operand.kind {
            OperandKind::Column(name) => self.get(operand.at, name),
            _ => Err(Located::new(
                operand.at,
                Fault::Expected { expected: format!("a column before {operation}"), found: "a value".to_owned() },
            )),
        }
    }

    fn compare(self, left: &Operand, comparison: Comparison, right: &Operand) -> Result<Predicate, Located> {
        match (&left.kind, &right.kind) {
            (OperandKind::Column(_), OperandKind::Column(_)) => self.compare_columns(left, comparison, right),
            (OperandKind::Column(name), _) => {
                let (place, column) = self.get(left.at, name)?;
                compare_value(place, column, comparison, &folded_like(right, left))
            }
            (_, OperandKind::Column(name)) => {
                let (place, column) = self.get(right.at, name)?;
                compare_value(place, column, comparison.flipped(), &folded_like(left, right))
            }
            _ => compare_literals(left, comparison, right),
        }
    }

    fn compare_columns(self, left: &Operand, comparison: Comparison, right: &Operand) -> Result<Predicate, Located> {
        let (left_place, left_column) = self.column_of(left, "a comparison")?;
        let (right_place, right_column) = self.column_of(right, "a comparison")?;
        for (operand, column) in [(left, left_column), (right, right_column)] {
            if operand.ignore_case || operand.ignore_accents {
                return Err(Located::refused(
                    operand.at,
                    "`casei` and `accenti` compare a column with a value, not with a column",
                ));
            }
            if column.column_type.is_spatial() {
                return Err(wrong_type(
                    operand.at,
                    "a comparison",
                    "a number, a text, a truth value or a time",
                    column,
                ));
            }
        }
        if left_column.column_type != right_column.column_type {
            return Err(Located::new(
                right.at,
                Fault::ColumnMismatch {
                    left: left_column.name.clone(),
                    left_kind: kind_of(left_column.column_type),
                    right: right_column.name.clone(),
                    right_kind: kind_of(right_column.column_type),
                },
            ));
        }
        if left_place == right_place {
            let same = comparison.holds(std::cmp::Ordering::Equal);
            return Ok(if same {
                always(left_place, left_column.column_type)
            } else {
                never(left_place, left_column.column_type)
            });
        }
        Ok(Predicate::CompareColumns(left_place, comparison, right_place))
    }

    fn like(self, left: &Operand, pattern: &Operand) -> Result<Predicate, Located> {
        let (place, column) = self.column_of(left, "`like`")?;
        if column.column_type != ColumnType::Text {
            return Err(wrong_type(left.at, "`like`", "text", column));
        }
        let OperandKind::Text(text) = &pattern.kind else {
            let fault = Fault::Expected {
                expected: "a pattern in single quotes".to_owned(),
                found: "another value".to_owned(),
            };
            return Err(Located::new(pattern.at, fault));
        };
        if text.chars().count() > LIKE_CHARS_MAX {
            let max = LIKE_CHARS_MAX as u64;
            return Err(Located::new(
                pattern.at,
                Fault::Limit { name: "LIKE_CHARS_MAX", what: "characters of a pattern", max },
            ));
        }
        let both = folded_like(pattern, left);
        Ok(Predicate::Like(place, LikePattern::parse(text, both.ignore_case, both.ignore_accents)))
    }

    fn between(self, left: &Operand, low: &Operand, high: &Operand) -> Result<Predicate, Located> {
        Ok(Predicate::And(vec![
            self.compare(left, Comparison::GreaterOrEqual, low)?,
            self.compare(left, Comparison::LessOrEqual, high)?,
        ]))
    }

    fn any_of(self, left: &Operand, values: &[Operand]) -> Result<Predicate, Located> {
        let (place, column) = self.column_of(left, "`in`")?;
        any_of(place, column, values.iter().map(|value| folded_like(value, left)))
    }

    fn spatial(
        self,
        relation: SpatialRelation,
        left: &SpatialOperand,
        right: &SpatialOperand,
    ) -> Result<Predicate, Located> {
        let (name, shape, relation) = match (&left.kind, &right.kind) {
            (SpatialKind::Column(name), SpatialKind::Shape(_) | SpatialKind::Box(_)) => {
                ((left.at, name), right, relation)
            }
            (SpatialKind::Shape(_) | SpatialKind::Box(_), SpatialKind::Column(name)) => {
                let turned = match relation {
                    SpatialRelation::Within => SpatialRelation::Contains,
                    SpatialRelation::Contains => SpatialRelation::Within,
                    SpatialRelation::Intersects | SpatialRelation::Disjoint => relation,
                };
                ((right.at, name), left, turned)
            }
            _ => return Err(Located::refused(left.at, "a spatial relation takes one column and one shape")),
        };
        let (place, column) = self.get(name.0, name.1)?;
        if !column.column_type.is_spatial() {
            return Err(wrong_type(name.0, "a spatial relation", "a point or a geometry", column));
        }
        let bound = match &shape.kind {
            SpatialKind::Shape(geometry) => Shape::from_geometry(geometry),
            SpatialKind::Box(corners) => Shape::from_bbox(*corners),
            SpatialKind::Column(_) => {
                return Err(Located::refused(left.at, "a spatial relation takes one column and one shape"));
            }
        };
        Ok(Predicate::Spatial(place, relation, bound.map_err(|error| Located::new(shape.at, Fault::Geometry(error)))?))
    }

    fn temporal(
        self,
        relation: TemporalRelation,
        name: &str,
        left: &Operand,
        right: &Operand,
    ) -> Result<Predicate, Located> {
        let (column, other, relation) = match (&left.kind, &right.kind) {
            (OperandKind::Column(_), OperandKind::Column(_)) => {
                return self.temporal_columns(relation, name, left, right);
            }
            (OperandKind::Column(_), _) => (left, right, relation),
            (_, OperandKind::Column(_)) => {
                let turned = match relation {
                    TemporalRelation::Before => TemporalRelation::After,
                    TemporalRelation::After => TemporalRelation::Before,
                    TemporalRelation::During => {
                        return Err(Located::refused(
                            left.at,
                            "`t_during` takes the column first and the interval second",
                        ));
                    }
                    same @ (TemporalRelation::Intersects | TemporalRelation::Disjoint | TemporalRelation::Equals) => {
                        same
                    }
                };
                (right, left, turned)
            }
            _ => return Err(Located::refused(left.at, format!("`{name}` takes one column and one time"))),
        };
        let (place, found) = self.column_of(column, name)?;
        if !found.column_type.is_temporal() {
            return Err(wrong_type(column.at, &format!("`{name}`"), "a date or a timestamp", found));
        }
        temporal_value(place, found, relation, other)
    }

    fn temporal_columns(
        self,
        relation: TemporalRelation,
        name: &str,
        left: &Operand,
        right: &Operand,
    ) -> Result<Predicate, Located> {
        let comparison = match relation {
            TemporalRelation::Before => Comparison::Less,
            TemporalRelation::After => Comparison::Greater,
            TemporalRelation::Intersects | TemporalRelation::Equals => Comparison::Equal,
            TemporalRelation::Disjoint => Comparison::NotEqual,
            TemporalRelation::During => {
                return Err(Located::refused(right.at, "`t_during` takes an interval second"));
            }
        };
        let (_, column) = self.column_of(left, name)?;
        if !column.column_type.is_temporal() {
            return Err(wrong_type(left.at, &format!("`{name}`"), "a date or a timestamp", column));
        }
        self.compare_columns(left, comparison, right)
    }
}

/// One of several values: equalities joined by `or`, which the normal form turns into a list.
pub(crate) fn any_of(
    place: usize,
    column: &Column,
    values: impl Iterator<Item = Operand>,
) -> Result<Predicate, Located> {
    let parts =
        values.map(|value| compare_value(place, column, Comparison::Equal, &value)).collect::<Result<_, _>>()?;
    Ok(Predicate::Or(parts))
}

/// A time column against an instant or an interval (both ends inside, but for `t_during`: OGC CQL2, annex on intervals).
pub(crate) fn temporal_value(
    place: usize,
    column: &Column,
    relation: TemporalRelation,
    other: &Operand,
) -> Result<Predicate, Located> {
    let end = |text: &Option<String>| {
        text.as_ref().map(|text| Operand { kind: OperandKind::Text(text.clone()), ..other.clone() })
    };
    let (from, to) = match &other.kind {
        OperandKind::Interval(from, to) => (end(from), end(to)),
        _ => (Some(other.clone()), Some(other.clone())),
    };
    let against = |bound: &Option<Operand>, comparison: Comparison, open: bool| match bound {
        Some(bound) => compare_value(place, column, comparison, bound),
        None if open => Ok(always(place, column.column_type)),
        None => Ok(never(place, column.column_type)),
    };
    let before = |open| against(&from, Comparison::Less, open);
    let after = |open| against(&to, Comparison::Greater, open);
    let since = |open| against(&from, Comparison::GreaterOrEqual, open);
    let until = |open| against(&to, Comparison::LessOrEqual, open);
    Ok(match relation {
        TemporalRelation::Before => before(false)?,
        TemporalRelation::After => after(false)?,
        TemporalRelation::Disjoint => Predicate::Or(vec![before(false)?, after(false)?]),
        TemporalRelation::Intersects => Predicate::And(vec![since(true)?, until(true)?]),
        TemporalRelation::During => {
            Predicate::And(vec![against(&from, Comparison::Greater, true)?, against(&to, Comparison::Less, true)?])
        }
        TemporalRelation::Equals => {
            Predicate::And(vec![against(&from, Comparison::Equal, false)?, against(&to, Comparison::Equal, false)?])
        }
    })
}

/// A value that a folding on the other side holds for as well.
fn folded_like(value: &Operand, other: &Operand) -> Operand {
    Operand {
        ignore_case: value.ignore_case || other.ignore_case,
        ignore_accents: value.ignore_accents || other.ignore_accents,
        ..value.clone()
    }
}

fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

fn wrong_type(at: usize, operation: &str, needed: &'static str, column: &Column) -> Located {
    Located::new(
        at,
        Fault::WrongType {
            operation: operation.to_owned(),
            needed,
            column: column.name.clone(),
            kind: kind_of(column.column_type),
        },
    )
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

fn compare_literals(left: &Operand, comparison: Comparison, right: &Operand) -> Result<Predicate, Located> {
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
fn never(place: usize, column_type: ColumnType) -> Predicate {
    match least(column_type) {
        Some(least) => Predicate::Compare(place, Comparison::Less, least),
        None => Predicate::CompareColumns(place, Comparison::NotEqual, place),
    }
}

/// True for every value, unknown for nothing.
fn always(place: usize, column_type: ColumnType) -> Predicate {
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
