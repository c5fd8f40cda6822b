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
    match predicate {
        Predicate::And(parts) => join(parts, true),
        Predicate::Or(parts) => join(parts, false),
        Predicate::Not(inner) => negate(*inner),
        Predicate::CompareColumns(left, comparison, right) if left > right => {
            Predicate::CompareColumns(right, comparison.flipped(), left)
        }
        Predicate::In(column, values) => list(column, values),
        Predicate::Between(column, low, high) if low.compare(&high).is_eq() => {
            Predicate::Compare(column, Comparison::Equal, low)
        }
        Predicate::Words { mut columns, mut words } => {
            columns.sort_unstable();
            columns.dedup();
            words.sort();
            words.dedup();
            Predicate::Words { columns, words }
        }
        leaf => leaf,
    }
}

fn negate(predicate: Predicate) -> Predicate {
    match predicate {
        Predicate::Constant(truth) => Predicate::Constant(!truth),
        Predicate::Not(inner) => normalise(*inner),
        Predicate::And(parts) => join(parts.into_iter().map(not).collect(), false),
        Predicate::Or(parts) => join(parts.into_iter().map(not).collect(), true),
        Predicate::Compare(column, comparison, value) => Predicate::Compare(column, comparison.negated(), value),
        Predicate::CompareColumns(left, comparison, right) => {
            normalise(Predicate::CompareColumns(left, comparison.negated(), right))
        }
        Predicate::CompareFolded { column, comparison, value, accents } => {
            Predicate::CompareFolded { column, comparison: comparison.negated(), value, accents }
        }
        leaf @ (Predicate::In(..) | Predicate::Between(..)) => match normalise(leaf) {
            Predicate::Compare(column, comparison, value) => Predicate::Compare(column, comparison.negated(), value),
            other => not(other),
        },
        leaf => not(normalise(leaf)),
    }
}

fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

fn list(column: usize, mut values: Vec<Value>) -> Predicate {
    values.sort_by(Value::compare);
    values.dedup_by(|a, b| a.compare(b).is_eq());
    match values.len() {
        1 => values
            .pop()
            .map_or(Predicate::Constant(false), |value| Predicate::Compare(column, Comparison::Equal, value)),
        _ => Predicate::In(column, values),
    }
}

/// `and` (or `or`) of parts, in normal form.
fn join(parts: Vec<Predicate>, all: bool) -> Predicate {
    let mut flat = Vec::new();
    for part in parts {
        match normalise(part) {
            Predicate::Constant(truth) if truth == all => {}
            Predicate::Constant(truth) => return Predicate::Constant(truth),
            Predicate::And(inner) if all => flat.extend(inner),
            Predicate::Or(inner) if !all => flat.extend(inner),
            other => flat.push(other),
        }
    }
    let mut joined = if all { join_bounds(flat) } else { join_equalities(flat) };
    joined.sort_by_cached_key(canonical_text);
    joined.dedup();
    match joined.len() {
        0 => Predicate::Constant(all),
        1 => joined.pop().unwrap_or(Predicate::Constant(all)),
        _ if all => Predicate::And(joined),
        _ => Predicate::Or(joined),
    }
}

/// `a = 1 or a in (2, 3)` is `a in (1, 2, 3)`.
fn join_equalities(parts: Vec<Predicate>) -> Vec<Predicate> {
    let mut lists: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    let mut others = Vec::new();
    for part in parts {
        match part {
            Predicate::Compare(column, Comparison::Equal, value) => lists.entry(column).or_default().push(value),
            Predicate::In(column, values) => lists.entry(column).or_default().extend(values),
            other => others.push(other),
        }
    }
    others.extend(lists.into_iter().map(|(column, values)| list(column, values)));
    others
}

/// `a >= 1 and a <= 2` is `a between 1 and 2`, where each bound stands once.
fn join_bounds(parts: Vec<Predicate>) -> Vec<Predicate> {
    let mut bounds: BTreeMap<usize, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    let mut others = Vec::new();
    for part in parts {
        match part {
            Predicate::Compare(column, Comparison::GreaterOrEqual, value) => {
                bounds.entry(column).or_default().0.push(value)
            }
            Predicate::Compare(column, Comparison::LessOrEqual, value) => {
                bounds.entry(column).or_default().1.push(value)
            }
            other => others.push(other),
        }
    }
    for (column, (lows, highs)) in bounds {
        match (lows.as_slice(), highs.as_slice()) {
            ([low], [high]) => others.push(normalise(Predicate::Between(column, low.clone(), high.clone()))),
            _ => {
                let single = |comparison| move |value| Predicate::Compare(column, comparison, value);
                others.extend(lows.into_iter().map(single(Comparison::GreaterOrEqual)));
                others.extend(highs.into_iter().map(single(Comparison::LessOrEqual)));
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
