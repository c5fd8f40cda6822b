//! Trees of names and literals to predicates over columns.

use fairground_domain::{Column, ColumnType};

use crate::error::{Fault, Located, nearest};
use crate::like::LIKE_CHARS_MAX;
use crate::literal::{always, compare_literals, compare_value, never};
use crate::plan::{Comparison, LikePattern, Predicate, Shape, SpatialRelation};
use crate::text::ast::{Condition, Operand, OperandKind, SpatialKind, SpatialOperand, TemporalRelation};
use crate::value::Value;

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

pub(crate) fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

pub(crate) fn wrong_type(at: usize, operation: &str, needed: &'static str, column: &Column) -> Located {
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
