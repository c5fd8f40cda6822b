//! Ranks of a column's values, or of what they are cut to.

use std::cmp::Ordering;

use fairground_domain::ColumnType;
use fairground_tables_query::Value;
use fairground_tables_query::calendar::{truncate_days, truncate_micros};
use fairground_tables_query::plan::GroupKey;

use super::{Block, BlockRows};
use crate::column::{Codes, Column, Data, Values, at};
use crate::error::{Budget, ColumnsError};
use crate::key;
use crate::set::RowSet;

/// A number a row, in the order of values, nothing last.
pub(super) struct Ranks<'a> {
    source: Source<'a>,
    /// From the source's numbers to ranks, where they are not ranks themselves.
    map: Option<Vec<u32>>,
    count: u32,
    values: RankValues<'a>,
}

enum Source<'a> {
    Codes(&'a Codes),
    /// By row number.
    Rows(Vec<u32>),
    /// By the row's place in the set.
    Ordinals(Vec<u32>),
}

enum RankValues<'a> {
    /// A dictionary's.
    Codes(&'a Column),
    /// Of this type, by key.
    Keys(ColumnType, Vec<u64>),
    /// Those of these rows.
    Rows(&'a Column, Vec<u32>),
}

impl<'a> Ranks<'a> {
    /// Nothing for shapes.
    pub(super) fn of_key(
        column: &'a Column,
        group: &GroupKey,
        set: &RowSet<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Self>, ColumnsError> {
        let column_type = column.column_type;
        let fits = match group {
            GroupKey::Column(_) => return Self::of_column(column, set, budget),
            GroupKey::Truncated(..) => column_type.is_temporal(),
            GroupKey::Bucket(_, width) => column_type.is_numeric() && *width > 0.0,
        };
        if !fits {
            return Err(ColumnsError::Mismatch("a group key on a column of another kind".to_owned()));
        }
        let cut = |own: u64| cut_key(column_type, own, group);
        let result = if matches!(group, GroupKey::Bucket(..)) { ColumnType::Float } else { column_type };
        if let Data::Dictionary { codes, values: Values::Keys(keys), .. } = &column.data {
            let mut cuts: Vec<u64> = Vec::new();
            let mut map: Vec<u32> = Vec::with_capacity(keys.len() + 1);
            for own in keys.iter() {
                if cuts.last() != Some(&cut(*own)) {
                    cuts.push(cut(*own));
                }
                map.push(last_of(&cuts));
            }
            let count = u32::try_from(cuts.len()).unwrap_or(u32::MAX);
            map.push(count);
            let values = RankValues::Keys(result, cuts);
            return Ok(Some(Self { source: Source::Codes(codes), map: Some(map), count, values }));
        }
        let mut cuts: Vec<u64> = Vec::new();
        let (source, count) =
            ranked(column, set, budget, &|a, b| cut(column.key(a)) == cut(column.key(b)), &mut |row| {
                cuts.push(cut(column.key(row)));
            })?;
        Ok(Some(Self { source, map: None, count, values: RankValues::Keys(result, cuts) }))
    }

    /// Ranks of a column's own values.
    pub(super) fn of_column(
        column: &'a Column,
        set: &RowSet<'_>,
        budget: &mut Budget<'_>,
    ) -> Result<Option<Self>, ColumnsError> {
        match &column.data {
            Data::Dictionary { codes, distinct, .. } => {
                let (source, values) = (Source::Codes(codes), RankValues::Codes(column));
                Ok(Some(Self { source, map: None, count: *distinct, values }))
            }
            Data::Shape { .. } => Ok(None),
            Data::Fixed { .. } | Data::Text { .. } => {
                let mut firsts: Vec<u32> = Vec::new();
                let alike = |a: u32, b: u32| column.compare_values(a, b).is_eq();
                let (source, count) = ranked(column, set, budget, &alike, &mut |row| firsts.push(row))?;
                Ok(Some(Self { source, map: None, count, values: RankValues::Rows(column, firsts) }))
            }
        }
    }

    /// How many ranks there are; this one is nothing's.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn value(&self, rank: u32) -> Value {
        if rank >= self.count {
            return Value::Null;
        }
        match &self.values {
            RankValues::Codes(column) => column.value_of_code(rank),
            RankValues::Keys(column_type, keys) => key::to_value(*column_type, at(keys, rank as usize)),
            RankValues::Rows(column, rows) => column.value(at(rows, rank as usize)),
        }
    }

    /// The ranks of a block's rows.
    pub(super) fn fill(&self, block: Block<'_>, out: &mut [u32]) {
        match &self.source {
            Source::Codes(Codes::Narrow(codes)) => spread(codes, block.rows, out),
            Source::Codes(Codes::Wide(codes)) => spread(codes, block.rows, out),
            Source::Rows(ranks) => spread(ranks, block.rows, out),
            Source::Ordinals(ranks) => spread(ranks, BlockRows::Run(block.ordinal, block.len()), out),
        }
        if let Some(map) = &self.map {
            out.iter_mut().for_each(|rank| *rank = at(map, *rank as usize));
        }
    }
}

/// The elements at a block's rows.
pub(super) fn spread<T: Copy + Default + Into<U>, U: Default>(from: &[T], rows: BlockRows<'_>, out: &mut [U]) {
    match rows {
        BlockRows::Run(first, count) => {
            let run = from.get(first..first + count).unwrap_or_default();
            out.iter_mut().zip(run).for_each(|(to, from)| *to = (*from).into());
        }
        BlockRows::List(rows) => out.iter_mut().zip(rows).for_each(|(to, row)| *to = at(from, *row as usize).into()),
    }
}

fn last_of<T>(list: &[T]) -> u32 {
    u32::try_from(list.len().saturating_sub(1)).unwrap_or(u32::MAX)
}

/// What a key is cut to: never before what a lesser key is cut to.
fn cut_key(column_type: ColumnType, own: u64, group: &GroupKey) -> u64 {
    match (group, column_type) {
        (GroupKey::Truncated(_, unit), ColumnType::Date) => {
            let days = i32::try_from(key::to_i64(own)).unwrap_or_default();
            key::of_i64(i64::from(truncate_days(days, *unit)))
        }
        (GroupKey::Truncated(_, unit), _) => key::of_i64(truncate_micros(key::to_i64(own), *unit)),
        (GroupKey::Bucket(_, width), _) => {
            let number = key::to_value(column_type, own).as_f64(scale_of(column_type)).unwrap_or_default();
            key::of_f64((number / width).floor() * width)
        }
        (GroupKey::Column(_), _) => own,
    }
}

/// Digits after the point of a fixed-point column.
pub(super) const fn scale_of(column_type: ColumnType) -> u8 {
    match column_type {
        ColumnType::Decimal { scale } => scale,
        _ => 0,
    }
}

/// Ranks of all rows, or only of the set's when it is small. `alike` says whether two rows share a rank, `take` is shown the
/// first row of each, in the order of values.
fn ranked<'a>(
    column: &Column,
    set: &RowSet<'_>,
    budget: &mut Budget<'_>,
    alike: &dyn Fn(u32, u32) -> bool,
    take: &mut dyn FnMut(u32),
) -> Result<(Source<'a>, u32), ColumnsError> {
    let mut count = 0;
    if set.len() * 8 > u64::from(column.rows) {
        let mut ranks = vec![0u32; column.rows as usize];
        let mut fill = |rows: &[u32], rank: u32| {
            for row in rows {
                if let Some(slot) = ranks.get_mut(*row as usize) {
                    *slot = rank;
                }
            }
        };
        let mut rest = column.ordered();
        while let Some(first) = rest.first() {
            let (own, after) = rest.split_at(run_length(rest, &|row| alike(*first, row)));
            budget.spend(own.len())?;
            take(*first);
            fill(own, count);
            count += 1;
            rest = after;
        }
        fill(column.order.get(column.non_null as usize..).unwrap_or_default(), count);
        return Ok((Source::Rows(ranks), count));
    }
    let mut entries: Vec<(u64, u32, u32)> = Vec::new();
    let mut ranks = vec![u32::MAX; usize::try_from(set.len()).unwrap_or_default()];
    for (ordinal, row) in (0u32..).zip(set.iter()) {
        if !column.is_null(row) {
            entries.push((column.sort_key(row), row, ordinal));
        }
    }
    budget.spend(entries.len())?;
    entries.sort_unstable_by(|a, b| {
        let ties = || if column.sort_key_is_coarse() { column.compare_values(a.1, b.1) } else { Ordering::Equal };
        a.0.cmp(&b.0).then_with(ties)
    });
    let mut last = None;
    for (_, row, ordinal) in entries {
        if last.is_none_or(|last| !alike(last, row)) {
            take(row);
            count += 1;
            last = Some(row);
        }
        if let Some(slot) = ranks.get_mut(ordinal as usize) {
            *slot = count - 1;
        }
    }
    ranks.iter_mut().filter(|rank| **rank == u32::MAX).for_each(|rank| *rank = count);
    Ok((Source::Ordinals(ranks), count))
}

/// How many of the rows at the beginning share the first one's rank: by steps that double.
fn run_length(rows: &[u32], alike: &dyn Fn(u32) -> bool) -> usize {
    let mut reach = 1;
    while rows.get(reach).is_some_and(|row| alike(*row)) {
        reach *= 2;
    }
    let window = rows.get(reach / 2..reach.min(rows.len())).unwrap_or_default();
    reach / 2 + window.partition_point(|row| alike(*row))
}
