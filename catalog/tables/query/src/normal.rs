//! The normal form of predicates: equal questions become equal, as far as that costs nothing.
//!
//! Every step keeps the truth value of every row, the unknown ones too (three-valued logic is a lattice: absorption of
//! constants, De Morgan and double negation hold; "a or not a" does not, and is not used).

use std::collections::BTreeMap;

use crate::plan::{Comparison, Predicate};
use crate::value::Value;

impl Comparison {
    /// The comparison that holds where this one does not.
    #[must_use]
    pub const fn negated(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::GreaterOrEqual,
            Self::LessOrEqual => Self::Greater,
            Self::Greater => Self::LessOrEqual,
            Self::GreaterOrEqual => Self::Less,
        }
    }

    /// The comparison with its sides changed.
    #[must_use]
    pub const fn flipped(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }
}

/// Brings a predicate into its normal form: `not` at the leaves only, no `and` in an `and`, operands in one order and each
/// once, equalities of a column joined to one list, two bounds of a column to one range.
#[must_use]
pub fn normalise(predicate: Predicate) -> Predicate {
    push(predicate, true)
}

/// The normal form of a predicate, or of its opposite: `not` is carried down to the leaves on the way.
fn push(predicate: Predicate, so: bool) -> Predicate {
    match predicate {
        Predicate::Constant(truth) => Predicate::Constant(truth == so),
        Predicate::And(parts) => join(parts.into_iter().map(|part| push(part, so)).collect(), so),
        Predicate::Or(parts) => join(parts.into_iter().map(|part| push(part, so)).collect(), !so),
        Predicate::Not(inner) => push(*inner, !so),
        Predicate::Compare(column, comparison, value) => {
            Predicate::Compare(column, if so { comparison } else { comparison.negated() }, value)
        }
        Predicate::CompareColumns(left, comparison, right) => {
            let comparison = if so { comparison } else { comparison.negated() };
            if left > right {
                Predicate::CompareColumns(right, comparison.flipped(), left)
            } else {
                Predicate::CompareColumns(left, comparison, right)
            }
        }
        Predicate::CompareFolded { column, comparison, value, accents } => {
            let comparison = if so { comparison } else { comparison.negated() };
            Predicate::CompareFolded { column, comparison, value, accents }
        }
        Predicate::In(column, values) => list(column, values, so),
        Predicate::Between(column, low, high) => range(column, low, high, so),
        Predicate::Words { mut columns, mut words } => {
            columns.sort_unstable();
            columns.dedup();
            words.sort();
            words.dedup();
            leaf(Predicate::Words { columns, words }, so)
        }
        other @ (Predicate::IsNull(_) | Predicate::Like(..) | Predicate::Spatial(..)) => leaf(other, so),
    }
}

fn leaf(predicate: Predicate, so: bool) -> Predicate {
    if so { predicate } else { Predicate::Not(Box::new(predicate)) }
}

fn list(column: usize, mut values: Vec<Value>, so: bool) -> Predicate {
    values.sort_by(Value::compare);
    values.dedup_by(|a, b| a.compare(b).is_eq());
    let comparison = if so { Comparison::Equal } else { Comparison::NotEqual };
    if values.len() == 1
        && let Some(value) = values.pop()
    {
        return Predicate::Compare(column, comparison, value);
    }
    leaf(Predicate::In(column, values), so)
}

fn range(column: usize, low: Value, high: Value, so: bool) -> Predicate {
    if low.compare(&high).is_eq() {
        return Predicate::Compare(column, if so { Comparison::Equal } else { Comparison::NotEqual }, low);
    }
    leaf(Predicate::Between(column, low, high), so)
}

/// `and` (or `or`) of parts that are in normal form.
fn join(parts: Vec<Predicate>, all: bool) -> Predicate {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Predicate::Constant(truth) if truth == all => {}
            Predicate::Constant(truth) => return Predicate::Constant(truth),
            Predicate::And(inner) if all => flat.extend(inner),
            Predicate::Or(inner) if !all => flat.extend(inner),
            other => flat.push(other),
        }
    }
    let mut joined = join_lists(join_bounds(flat, all), all);
    joined.sort_by_cached_key(canonical_text);
    joined.dedup();
    match joined.len() {
        0 => Predicate::Constant(all),
        1 => joined.pop().unwrap_or(Predicate::Constant(all)),
        _ if all => Predicate::And(joined),
        _ => Predicate::Or(joined),
    }
}

/// `a = 1 or a in (2, 3)` is `a in (1, 2, 3)`; `a <> 1 and not a in (2, 3)` is `not a in (1, 2, 3)`.
fn join_lists(parts: Vec<Predicate>, all: bool) -> Vec<Predicate> {
    let wanted = if all { Comparison::NotEqual } else { Comparison::Equal };
    let mut lists: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    let mut others = Vec::new();
    for part in parts {
        match part {
            Predicate::Compare(column, comparison, value) if comparison == wanted => {
                lists.entry(column).or_default().push(value);
            }
            Predicate::In(column, values) if !all => lists.entry(column).or_default().extend(values),
            Predicate::Not(inner) if all => match *inner {
                Predicate::In(column, values) => lists.entry(column).or_default().extend(values),
                other => others.push(leaf(other, false)),
            },
            other => others.push(other),
        }
    }
    others.extend(lists.into_iter().map(|(column, values)| list(column, values, !all)));
    others
}

/// `a >= 1 and a <= 2` is `a between 1 and 2`, `a < 1 or a > 2` is `not a between 1 and 2`, where each bound stands once.
fn join_bounds(parts: Vec<Predicate>, all: bool) -> Vec<Predicate> {
    let (low_sign, high_sign) = match all {
        true => (Comparison::GreaterOrEqual, Comparison::LessOrEqual),
        false => (Comparison::Less, Comparison::Greater),
    };
    let mut bounds: BTreeMap<usize, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    let mut others = Vec::new();
    for part in parts {
        match part {
            Predicate::Compare(column, comparison, value) if comparison == low_sign => {
                bounds.entry(column).or_default().0.push(value);
            }
            Predicate::Compare(column, comparison, value) if comparison == high_sign => {
                bounds.entry(column).or_default().1.push(value);
            }
            other => others.push(other),
        }
    }
    for (column, (mut lows, mut highs)) in bounds {
        for values in [&mut lows, &mut highs] {
            values.sort_by(Value::compare);
            values.dedup_by(|a, b| a.compare(b).is_eq());
        }
        match (lows.as_slice(), highs.as_slice()) {
            ([low], [high]) => others.push(range(column, low.clone(), high.clone(), all)),
            _ => {
                let single = |comparison| move |value| Predicate::Compare(column, comparison, value);
                others.extend(lows.into_iter().map(single(low_sign)));
                others.extend(highs.into_iter().map(single(high_sign)));
            }
        }
    }
    others
}

/// A text that is the same for the same predicate and for no other.
pub(crate) fn canonical_text(predicate: &Predicate) -> String {
    // Plans hold only what JSON can: finite numbers, and maps with text keys.
    serde_json::to_string(predicate).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(column: usize, comparison: Comparison, value: i64) -> Predicate {
        Predicate::Compare(column, comparison, Value::Integer(value))
    }

    fn not(predicate: Predicate) -> Predicate {
        Predicate::Not(Box::new(predicate))
    }

    #[test]
    fn equal_questions_become_equal() {
        use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let int = Value::Integer;
        let range = || Predicate::Between(0, int(1), int(5));
        for (one, other) in [
            (
                Predicate::And(vec![is(1, Less, 2), is(0, Less, 1)]),
                Predicate::And(vec![is(0, Less, 1), is(1, Less, 2), is(0, Less, 1)]),
            ),
            (Predicate::Or(vec![is(0, Equal, 2), is(0, Equal, 1)]), Predicate::In(0, vec![int(1), int(2)])),
            (Predicate::And(vec![is(0, NotEqual, 2), is(0, NotEqual, 1)]), not(Predicate::In(0, vec![int(1), int(2)]))),
            (Predicate::And(vec![is(0, GreaterOrEqual, 1), is(0, LessOrEqual, 5)]), range()),
            (Predicate::Or(vec![is(0, Less, 1), is(0, Greater, 5)]), not(range())),
            (not(not(range())), range()),
            (not(is(0, Less, 5)), is(0, GreaterOrEqual, 5)),
            (Predicate::And(vec![Predicate::Constant(true), is(0, Less, 5)]), is(0, Less, 5)),
            (Predicate::And(vec![Predicate::Constant(false), is(0, Less, 5)]), Predicate::Constant(false)),
            (Predicate::Or(vec![Predicate::Constant(true), is(0, Less, 5)]), Predicate::Constant(true)),
            (Predicate::CompareColumns(2, Less, 1), Predicate::CompareColumns(1, Greater, 2)),
            (Predicate::Between(0, int(3), int(3)), is(0, Equal, 3)),
        ] {
            assert_eq!(normalise(one), normalise(other));
        }
    }

    #[test]
    fn what_would_be_wrong_with_nothing_is_left_alone() {
        // `a = 1 or not a = 1` is unknown where `a` has no value, not true.
        let either = Predicate::Or(vec![is(0, Comparison::Equal, 1), not(is(0, Comparison::Equal, 1))]);
        assert!(matches!(normalise(either), Predicate::Or(_)));
    }
}
