//! What an answer costs, in units: public, the same for everybody, known before the work is done.
//!
//! | question | units |
//! | --- | --- |
//! | rows | 1, and 1 for every [`ROWS_CELLS_PER_UNIT`] cells of the page |
//! | aggregate | 1, and 1 for every [`AGGREGATE_CELLS_PER_UNIT`] cells looked at (rows of the snapshot × columns named) |
//! | export | 1, and 1 for every [`EXPORT_CELLS_PER_UNIT`] cells written |
//!
//! Whole units only; a part of a unit costs nothing. A cell is one row's value of one column.

use crate::plan::{AggregatePlan, ExportPlan, GroupKey, Measure, RowsPlan};

/// Cells of a page that cost a unit.
pub const ROWS_CELLS_PER_UNIT: u64 = 10_000;

/// Cells of an aggregate that cost a unit.
pub const AGGREGATE_CELLS_PER_UNIT: u64 = 1_000_000;

/// Cells of an export that cost a unit.
pub const EXPORT_CELLS_PER_UNIT: u64 = 100_000;

/// Units of a page, at most: for so many rows as the plan may return. With fewer rows in the answer, pass those.
#[must_use]
pub fn rows_units(plan: &RowsPlan, rows_returned: Option<u64>) -> u64 {
    let rows = rows_returned.unwrap_or(u64::from(plan.limit));
    units(rows, plan.properties.len(), ROWS_CELLS_PER_UNIT)
}

/// Units of an aggregate over a snapshot of so many rows.
#[must_use]
pub fn aggregate_units(plan: &AggregatePlan, snapshot_rows: u64) -> u64 {
    let mut columns: Vec<usize> = plan.keys.iter().map(GroupKey::column).collect();
    columns.extend(plan.measures.iter().filter_map(Measure::column));
    columns.sort_unstable();
    columns.dedup();
    units(snapshot_rows, columns.len().max(1), AGGREGATE_CELLS_PER_UNIT)
}

/// Units of an export of so many rows (all of the snapshot, when it is not known how many the predicate takes).
#[must_use]
pub fn export_units(plan: &ExportPlan, rows: u64) -> u64 {
    units(plan.limit.map_or(rows, |limit| limit.min(rows)), plan.properties.len(), EXPORT_CELLS_PER_UNIT)
}

fn units(rows: u64, columns: usize, cells_per_unit: u64) -> u64 {
    let cells = rows.saturating_mul(u64::try_from(columns).unwrap_or(u64::MAX));
    (cells / cells_per_unit).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Predicate, Start};

    #[test]
    fn an_answer_costs_one_unit_and_one_for_every_block_of_cells() {
        let rows = |limit, columns: usize| RowsPlan {
            predicate: Predicate::Constant(true),
            properties: (0..columns).collect(),
            sort: Vec::new(),
            limit,
            start: Start::Offset(0),
        };
        assert_eq!(rows_units(&rows(100, 12), None), 1);
        assert_eq!(rows_units(&rows(10_000, 12), None), 13);
        assert_eq!(rows_units(&rows(10_000, 12), Some(3)), 1);
        assert_eq!(rows_units(&rows(0, 1), None), 1);
        let export = ExportPlan {
            predicate: Predicate::Constant(true),
            properties: (0..12).collect(),
            sort: Vec::new(),
            limit: None,
        };
        assert_eq!(export_units(&export, 1_000_000), 121);
        assert_eq!(export_units(&export, u64::MAX), u64::MAX / 100_000 + 1);
        let sums = AggregatePlan {
            predicate: Predicate::Constant(true),
            keys: vec![GroupKey::Column(1)],
            measures: vec![Measure::CountRows, Measure::Avg(2), Measure::Sum(2)],
            names: Vec::new(),
            having: None,
            sort: Vec::new(),
            limit: 10,
            offset: 0,
        };
        assert_eq!(aggregate_units(&sums, 1_000_000), 3);
        assert_eq!(aggregate_units(&sums, 10), 1);
    }
}
