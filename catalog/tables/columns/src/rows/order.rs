//! Rows in an order of columns.

use std::cmp::Ordering;

use fairground_tables_query::plan::SortKey;

use super::Wanted;
use crate::column::Column;
use crate::error::{Budget, ColumnsError};
use crate::predicate::Test;
use crate::sidecar::Sidecar;

/// An order: at least one key; ties go by row.
pub(crate) struct Ordered<'a> {
    keys: Vec<(&'a Column, bool)>,
    first: (usize, &'a Column, bool),
}

impl<'a> Ordered<'a> {
    pub(crate) fn new(sidecar: &'a Sidecar, sort: &[SortKey]) -> Result<Self, ColumnsError> {
        let keys = sort
            .iter()
            .map(|key| {
                let column = sidecar.column(key.column)?;
                if column.column_type.is_spatial() {
                    return Err(ColumnsError::Mismatch("shapes have no order".to_owned()));
                }
                Ok((column, key.descending))
            })
            .collect::<Result<Vec<_>, _>>()?;
        match (sort.first(), keys.first()) {
            (Some(key), Some((column, descending))) => {
                let first = (key.column, *column, *descending);
                Ok(Self { keys, first })
            }
            _ => Err(ColumnsError::Mismatch("an order without a key".to_owned())),
        }
    }

    pub(crate) const fn first(&self) -> &'a Column {
        self.first.1
    }

    pub(crate) const fn first_number(&self) -> usize {
        self.first.0
    }

    pub(crate) const fn is_single(&self) -> bool {
        self.keys.len() == 1
    }

    /// The order of two rows, by the keys from this one on, then by number.
    fn compare(&self, from: usize, a: u32, b: u32) -> Ordering {
        for (column, descending) in self.keys.get(from..).unwrap_or_default() {
            let order = match (column.is_null(a), column.is_null(b)) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) if *descending => column.compare_values(b, a),
                (false, false) => column.compare_values(a, b),
            };
            if order.is_ne() {
                return order;
            }
        }
        a.cmp(&b)
    }

    /// The page of these rows: all are looked at, the head is sorted.
    pub(crate) fn gathered(
        &self,
        rows: impl Iterator<Item = u32>,
        wanted: Wanted,
        budget: &mut Budget<'_>,
    ) -> Result<Vec<u32>, ColumnsError> {
        let mut taken = Vec::new();
        for row in rows {
            budget.spend(1)?;
            if wanted.after.is_none_or(|after| self.compare(0, row, after).is_gt()) {
                taken.push(row);
            }
        }
        let skip = usize::try_from(wanted.skip).unwrap_or(usize::MAX);
        let head = self.head(0, taken.into_iter(), skip.saturating_add(wanted.rows));
        Ok(head.into_iter().skip(skip).collect())
    }

    /// The first of some rows by the keys from this one on.
    fn head(&self, from: usize, rows: impl Iterator<Item = u32>, count: usize) -> Vec<u32> {
        let mut entries: Vec<(bool, u64, u32)> = match self.keys.get(from) {
            Some((column, descending)) => rows
                .map(|row| match column.is_null(row) {
                    true => (true, 0, row),
                    false if *descending => (false, !column.sort_key(row), row),
                    false => (false, column.sort_key(row), row),
                })
                .collect(),
            None => rows.map(|row| (false, 0, row)).collect(),
        };
        let coarse = self.keys.get(from).is_some_and(|(column, _)| column.sort_key_is_coarse());
        if !coarse && self.keys.len() <= from + 1 {
            head(&mut entries, count, Ord::cmp);
        } else {
            let ties = from + usize::from(!coarse);
            head(&mut entries, count, |a, b| (a.0, a.1).cmp(&(b.0, b.1)).then_with(|| self.compare(ties, a.2, b.2)));
        }
        entries.into_iter().map(|(_, _, row)| row).collect()
    }
}

/// Leaves the first of a list, sorted.
fn head<T>(entries: &mut Vec<T>, count: usize, order: impl Fn(&T, &T) -> Ordering) {
    if count < entries.len() {
        entries.select_nth_unstable_by(count, &order);
        entries.truncate(count);
    }
    entries.sort_unstable_by(&order);
}

/// A way along the order of the first key.
pub(crate) struct Walk<'o, 'a> {
    order: &'o Ordered<'a>,
    /// Positions to visit, in the order of the walk.
    ranges: Vec<(u32, u32)>,
    test: Option<Test<'o>>,
}

impl<'o, 'a> Walk<'o, 'a> {
    /// `positions` ascend, and hold all rows of each value in them.
    pub(crate) fn new(order: &'o Ordered<'a>, positions: Vec<(u32, u32)>, test: Option<Test<'o>>) -> Self {
        let non_null = order.first().non_null;
        let mut values: Vec<(u32, u32)> = Vec::new();
        let mut nothing = Vec::new();
        for (from, to) in positions {
            values.push((from, to.min(non_null)));
            nothing.push((from.max(non_null), to));
        }
        if order.first.2 {
            values.reverse();
        }
        values.extend(nothing);
        values.retain(|(from, to)| from < to);
        Self { order, ranges: values, test }
    }

    pub(crate) fn page(mut self, wanted: Wanted, budget: &mut Budget<'_>) -> Result<Vec<u32>, ColumnsError> {
        let mut page = Page { skip: wanted.skip, after: None, wanted: wanted.rows, rows: Vec::new() };
        if let Some(row) = wanted.after {
            page.after = self.begin_at(row).then_some(row);
        } else if self.test.is_none() {
            self.jump(&mut page);
        }
        for (from, to) in std::mem::take(&mut self.ranges) {
            if self.range(from, to, &mut page, budget)? {
                break;
            }
        }
        Ok(page.rows)
    }

    /// Whether positions run downwards here.
    fn is_downward(&self, from: u32) -> bool {
        self.order.first.2 && from < self.order.first().non_null
    }

    /// Leaves out what comes before the group of a row; whether this group itself is visited.
    fn begin_at(&mut self, row: u32) -> bool {
        let column = self.order.first();
        let (start, end) = column.group_of_row(row);
        let null = start >= column.non_null;
        let (descending, non_null) = (self.order.first.2, column.non_null);
        for range in &mut self.ranges {
            let downward = descending && range.0 < non_null;
            if downward && !null {
                range.1 = range.1.min(end);
            } else if downward {
                range.1 = range.0;
            } else if !descending || null {
                range.0 = range.0.max(start);
            }
        }
        self.ranges.retain(|(from, to)| from < to);
        self.ranges.first().is_some_and(
            |(from, to)| {
                if descending && *from < non_null { *to == end } else { *from == start }
            },
        )
    }

    /// Without a test the place of the page's first row is known: goes to its group.
    fn jump(&mut self, page: &mut Page) {
        while let Some((from, to)) = self.ranges.first().copied() {
            let length = u64::from(to - from);
            if page.skip >= length {
                page.skip -= length;
                self.ranges.remove(0);
                continue;
            }
            let skip = u32::try_from(page.skip).unwrap_or(u32::MAX);
            let column = self.order.first();
            let downward = self.is_downward(from);
            let position = if downward { to - 1 - skip } else { from + skip };
            let (start, end) = column.group(position);
            if let Some(range) = self.ranges.first_mut() {
                if downward {
                    range.1 = end.min(to);
                    page.skip = u64::from(skip - (to - range.1));
                } else {
                    range.0 = start.max(from);
                    page.skip = u64::from(position - range.0);
                }
            }
            return;
        }
    }

    /// Visits positions; true when the page is full.
    fn range(&self, from: u32, to: u32, page: &mut Page, budget: &mut Budget<'_>) -> Result<bool, ColumnsError> {
        let column = self.order.first();
        let downward = self.is_downward(from);
        let (mut low, mut high) = (from, to);
        while low < high {
            let (start, end) = if downward {
                let (start, end) = column.group(high - 1);
                (start.max(low), end.min(high))
            } else if self.order.is_single() && page.after.is_none() {
                // One key upwards: the whole range is in order as it stands.
                (low, high)
            } else {
                let (start, end) = column.group(low);
                (start.max(low), end.min(high))
            };
            if downward {
                high = start
            } else {
                low = end
            }
            let rows = column.order.get(start as usize..end as usize).unwrap_or_default();
            let full = if self.order.is_single() {
                self.ascending(rows, page, budget)?
            } else {
                self.tied(rows, page, budget)?
            };
            page.after = None;
            if full {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes rows as they stand.
    fn ascending(&self, mut rows: &[u32], page: &mut Page, budget: &mut Budget<'_>) -> Result<bool, ColumnsError> {
        if let Some(after) = page.after {
            rows = rows.get(rows.partition_point(|row| *row <= after)..).unwrap_or_default();
        }
        let Some(test) = &self.test else {
            let skip = usize::try_from(page.skip).unwrap_or(usize::MAX).min(rows.len());
            page.skip -= skip as u64;
            let rest = rows.get(skip..).unwrap_or_default();
            let take = rest.len().min(page.wanted - page.rows.len());
            page.rows.extend_from_slice(rest.get(..take).unwrap_or_default());
            budget.spend(take + 1)?;
            return Ok(page.is_full());
        };
        for row in rows {
            budget.spend(1)?;
            if test(*row) && page.push(*row) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes rows that are equal in the first key by the other keys.
    fn tied(&self, rows: &[u32], page: &mut Page, budget: &mut Budget<'_>) -> Result<bool, ColumnsError> {
        budget.spend(rows.len())?;
        let fits = |row: &u32| {
            self.test.as_ref().is_none_or(|test| test(*row))
                && page.after.is_none_or(|after| self.order.compare(1, *row, after).is_gt())
        };
        let rows: Vec<u32> = rows.iter().copied().filter(fits).collect();
        if page.skip >= rows.len() as u64 {
            page.skip -= rows.len() as u64;
            return Ok(false);
        }
        let skip = usize::try_from(page.skip).unwrap_or(usize::MAX);
        let count = skip.saturating_add(page.wanted - page.rows.len());
        Ok(self.order.head(1, rows.into_iter(), count).into_iter().any(|row| page.push(row)))
    }
}

/// A page being filled.
struct Page {
    skip: u64,
    after: Option<u32>,
    wanted: usize,
    rows: Vec<u32>,
}

impl Page {
    /// Takes a row, unless it is to be skipped; true when the page is full.
    fn push(&mut self, row: u32) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        self.rows.push(row);
        self.is_full()
    }

    fn is_full(&self) -> bool {
        self.rows.len() >= self.wanted
    }
}
