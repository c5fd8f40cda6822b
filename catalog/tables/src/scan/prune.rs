//! Which row groups and pages cannot hold a row that a condition takes, judged by the least and greatest values that the
//! Parquet file notes. Only ever in doubt's favour: what may hold one is read.

use std::cmp::Ordering;
use std::collections::HashMap;

use arrow::array::{Array, ArrayRef, UInt64Array};
use fairground_tables_query::Value;
use fairground_tables_query::plan::{Comparison, Predicate};
use parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use parquet::arrow::arrow_reader::{RowSelection, RowSelector};

use crate::open::Parquet;
use crate::scan::filter::{DEPTH_MAX, columns_of};
use crate::types::value_at;

/// What is known of a column in a group or page.
#[derive(Debug, Clone, PartialEq)]
struct Bounds {
    /// The least and the greatest value; texts may be cut, and then lie outside.
    range: Option<(Value, Value)>,
    /// Rows without a value.
    nulls: Option<u64>,
    rows: u64,
}

impl Bounds {
    fn is_all_null(&self) -> bool {
        self.nulls == Some(self.rows)
    }
}

/// Whether some row may fulfil a condition, and whether some may fail it (unknown counts as neither).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Possible {
    truth: bool,
    falsehood: bool,
}

const ANYTHING: Possible = Possible { truth: true, falsehood: true };

fn judge(predicate: &Predicate, bounds: &dyn Fn(usize) -> Option<Bounds>, depth: usize) -> Possible {
    if depth > DEPTH_MAX {
        return ANYTHING;
    }
    match predicate {
        Predicate::Constant(truth) => Possible { truth: *truth, falsehood: !*truth },
        Predicate::And(parts) => {
            let mut parts = parts.iter().map(|part| judge(part, bounds, depth + 1));
            parts
                .try_fold(Possible { truth: true, falsehood: false }, |all, part| {
                    let all = Possible { truth: all.truth && part.truth, falsehood: all.falsehood || part.falsehood };
                    if all.truth || !all.falsehood { Ok(all) } else { Err(all) }
                })
                .unwrap_or_else(|all| all)
        }
        Predicate::Or(parts) => parts.iter().map(|part| judge(part, bounds, depth + 1)).fold(
            Possible { truth: false, falsehood: true },
            |any, part| Possible { truth: any.truth || part.truth, falsehood: any.falsehood && part.falsehood },
        ),
        Predicate::Not(part) => {
            let part = judge(part, bounds, depth + 1);
            Possible { truth: part.falsehood, falsehood: part.truth }
        }
        Predicate::IsNull(column) => bounds(*column)
            .map_or(ANYTHING, |bounds| Possible { truth: bounds.nulls != Some(0), falsehood: !bounds.is_all_null() }),
        Predicate::Compare(column, comparison, value) => bounds(*column).map_or(ANYTHING, |bounds| Possible {
            truth: may_compare(&bounds, *comparison, value),
            falsehood: may_compare(&bounds, opposite(*comparison), value),
        }),
        Predicate::Between(column, low, high) => bounds(*column).map_or(ANYTHING, |bounds| Possible {
            truth: may_compare(&bounds, Comparison::GreaterOrEqual, low)
                && may_compare(&bounds, Comparison::LessOrEqual, high),
            falsehood: !bounds.is_all_null(),
        }),
        Predicate::In(column, values) => bounds(*column).map_or(ANYTHING, |bounds| Possible {
            truth: may_be_among(&bounds, values),
            falsehood: !bounds.is_all_null(),
        }),
        Predicate::CompareColumns(column, ..)
        | Predicate::Like(column, _)
        | Predicate::CompareFolded { column, .. }
        | Predicate::Spatial(column, ..) => bounds(*column).map_or(ANYTHING, |bounds| {
            let some = !bounds.is_all_null();
            Possible { truth: some, falsehood: some }
        }),
        Predicate::Words { .. } => ANYTHING,
    }
}

const fn opposite(comparison: Comparison) -> Comparison {
    match comparison {
        Comparison::Equal => Comparison::NotEqual,
        Comparison::NotEqual => Comparison::Equal,
        Comparison::Less => Comparison::GreaterOrEqual,
        Comparison::LessOrEqual => Comparison::Greater,
        Comparison::Greater => Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => Comparison::Less,
    }
}

fn may_compare(bounds: &Bounds, comparison: Comparison, value: &Value) -> bool {
    if bounds.is_all_null() {
        return false;
    }
    let Some((low, high)) = &bounds.range else { return true };
    match comparison {
        Comparison::Equal => low.compare(value) != Ordering::Greater && high.compare(value) != Ordering::Less,
        // Bounds may be cut, so equal bounds do not mean equal values.
        Comparison::NotEqual => true,
        Comparison::Less => low.compare(value) == Ordering::Less,
        Comparison::LessOrEqual => low.compare(value) != Ordering::Greater,
        Comparison::Greater => high.compare(value) == Ordering::Greater,
        Comparison::GreaterOrEqual => high.compare(value) != Ordering::Less,
    }
}

/// Values are sorted.
fn may_be_among(bounds: &Bounds, values: &[Value]) -> bool {
    if bounds.is_all_null() {
        return false;
    }
    let Some((low, high)) = &bounds.range else { return !values.is_empty() };
    let first = values.partition_point(|value| value.compare(low) == Ordering::Less);
    values.get(first).is_some_and(|value| value.compare(high) != Ordering::Greater)
}

/// What must be read: row groups, each with the rows whose pages may hold something (`None`: all).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) group: usize,
    pub(crate) selection: Option<RowSelection>,
}

/// Judges a snapshot's row groups and pages.
pub(crate) fn prune(parquet: &Parquet, predicate: &Predicate) -> Vec<Kept> {
    let groups = parquet.metadata.metadata().row_groups().len();
    if *predicate == Predicate::Constant(true) {
        return (0..groups).map(|group| Kept { group, selection: None }).collect();
    }
    let statistics: HashMap<usize, ColumnGroups> = columns_of(predicate)
        .into_iter()
        .filter_map(|column| Some((column, ColumnGroups::read(parquet, column)?)))
        .collect();
    (0..groups)
        .filter(|group| judge(predicate, &|column| statistics.get(&column)?.bounds(*group), 0).truth)
        .map(|group| Kept { group, selection: prune_pages(parquet, predicate, group) })
        .filter(|kept| kept.selection.as_ref().is_none_or(RowSelection::selects_any))
        .collect()
}

/// Bounds of one column in all row groups.
struct ColumnGroups {
    mins: ArrayRef,
    maxes: ArrayRef,
    nulls: UInt64Array,
    rows: Vec<u64>,
}

impl ColumnGroups {
    fn read(parquet: &Parquet, column: usize) -> Option<Self> {
        let converter = converter(parquet, column)?;
        let groups = parquet.metadata.metadata().row_groups();
        Some(Self {
            mins: converter.row_group_mins(groups).ok()?,
            maxes: converter.row_group_maxes(groups).ok()?,
            nulls: converter.row_group_null_counts(groups).ok()?,
            rows: groups.iter().map(|group| u64::try_from(group.num_rows()).unwrap_or_default()).collect(),
        })
    }

    fn bounds(&self, group: usize) -> Option<Bounds> {
        bounds_at(&self.mins, &self.maxes, &self.nulls, *self.rows.get(group)?, group)
    }
}

fn converter(parquet: &Parquet, column: usize) -> Option<StatisticsConverter<'_>> {
    let field = parquet.metadata.schema().fields().get(column)?;
    StatisticsConverter::try_new(field.name(), parquet.metadata.schema(), parquet.metadata.parquet_schema())
        .ok()
        .map(|converter| converter.with_missing_null_counts_as_zero(false))
}

fn bounds_at(mins: &ArrayRef, maxes: &ArrayRef, nulls: &UInt64Array, rows: u64, at: usize) -> Option<Bounds> {
    let known = |array: &ArrayRef| value_at(array, at).filter(|value| *value != Value::Null);
    let range = known(mins).zip(known(maxes));
    let nulls = (at < nulls.len() && nulls.is_valid(at)).then(|| nulls.value(at));
    Some(Bounds { range, nulls, rows })
}

/// The pages of a group that may hold a row; each part of a conjunction that looks at one column is judged by that column's pages.
fn prune_pages(parquet: &Parquet, predicate: &Predicate, group: usize) -> Option<RowSelection> {
    let parts = match predicate {
        Predicate::And(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let mut kept: Option<RowSelection> = None;
    for part in parts {
        let [column] = columns_of(part)[..] else { continue };
        let Some(selection) = pages_of(parquet, part, column, group) else { continue };
        kept = Some(match kept {
            None => selection,
            Some(kept) => kept.intersection(&selection),
        });
    }
    kept
}

fn pages_of(parquet: &Parquet, part: &Predicate, column: usize, group: usize) -> Option<RowSelection> {
    let metadata = parquet.metadata.metadata();
    let (columns, offsets) = (metadata.column_index()?, metadata.offset_index()?);
    let converter = converter(parquet, column)?;
    let groups = [group];
    let mins = converter.data_page_mins(columns, offsets, &groups).ok()?;
    let maxes = converter.data_page_maxes(columns, offsets, &groups).ok()?;
    let nulls = converter.data_page_null_counts(columns, offsets, &groups).ok()?;
    let rows = converter.data_page_row_counts(offsets, metadata.row_groups(), &groups).ok()??;
    if mins.len() != rows.len() || maxes.len() != rows.len() {
        return None;
    }
    let mut selectors = Vec::with_capacity(rows.len());
    let mut skips = false;
    for page in 0..rows.len() {
        let count = rows.value(page);
        let length = usize::try_from(count).ok()?;
        let keep = judge(part, &|_| bounds_at(&mins, &maxes, &nulls, count, page), 0).truth;
        skips |= !keep;
        selectors.push(if keep { RowSelector::select(length) } else { RowSelector::skip(length) });
    }
    skips.then(|| RowSelection::from(selectors))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};

    fn bounds(low: i64, high: i64, nulls: u64, rows: u64) -> Bounds {
        Bounds { range: Some((Value::Integer(low), Value::Integer(high))), nulls: Some(nulls), rows }
    }

    #[test]
    fn a_group_is_left_out_only_when_no_row_can_be_taken() {
        let compare = |comparison, value| Predicate::Compare(0, comparison, Value::Integer(value));
        let not = |predicate| Predicate::Not(Box::new(predicate));
        let list = |values: &[i64]| Predicate::In(0, values.iter().copied().map(Value::Integer).collect());
        let cases = [
            (compare(Equal, 10), true),
            (compare(Equal, 9), false),
            (compare(Equal, 21), false),
            (compare(NotEqual, 10), true),
            (compare(Less, 10), false),
            (compare(LessOrEqual, 10), true),
            (compare(Greater, 20), false),
            (compare(GreaterOrEqual, 20), true),
            (not(compare(Less, 21)), false),
            (not(compare(Greater, 20)), true),
            (not(not(compare(Equal, 9))), false),
            (list(&[1, 9, 21]), false),
            (list(&[1, 15]), true),
            (list(&[]), false),
            (not(list(&[])), true),
            (Predicate::Between(0, Value::Integer(21), Value::Integer(30)), false),
            (Predicate::Between(0, Value::Integer(20), Value::Integer(30)), true),
            (Predicate::IsNull(0), false),
            (not(Predicate::IsNull(0)), true),
            (Predicate::And(vec![compare(Equal, 10), compare(Equal, 9)]), false),
            (Predicate::Or(vec![compare(Equal, 10), compare(Equal, 9)]), true),
            (Predicate::Or(vec![compare(Equal, 8), compare(Equal, 9)]), false),
            (Predicate::Constant(false), false),
        ];
        for (predicate, expected) in cases {
            assert_eq!(judge(&predicate, &|_| Some(bounds(10, 20, 0, 5)), 0).truth, expected, "{predicate:?}");
            assert!(
                judge(&predicate, &|_| None, 0).truth || predicate == Predicate::Constant(false),
                "without bounds everything is possible: {predicate:?}"
            );
        }
    }

    #[test]
    fn where_nothing_has_a_value_only_is_null_takes_rows() {
        let empty = || Some(Bounds { range: None, nulls: Some(5), rows: 5 });
        let equal = Predicate::Compare(0, Equal, Value::Integer(1));
        assert!(!judge(&equal, &|_| empty(), 0).truth);
        assert!(!judge(&Predicate::Not(Box::new(equal)), &|_| empty(), 0).truth);
        assert!(judge(&Predicate::IsNull(0), &|_| empty(), 0).truth);
        assert!(!judge(&Predicate::Not(Box::new(Predicate::IsNull(0))), &|_| empty(), 0).truth);
    }
}
