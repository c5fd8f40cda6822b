//! The sidecar answers as the naive evaluator does, on random tables and plans.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod furniture;

use arrow::array::UInt32Array;
use arrow::compute::take;
use fairground_domain::ColumnType;
use fairground_tables_columns::{Cost, Sidecar, Tuning, build_tuned};
use fairground_tables_query::plan::{Comparison, Predicate, RowsPlan, SortKey, Start};
use fairground_tables_query::{Value, naive};
use furniture::{Dice, TYPES, Table};

const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;
const TABLES: u64 = 60;
const PLANS: usize = 120;

/// A table, and its sidecar made with sizes that chance chose: small ones make every way of keeping a column appear.
fn furnished(dice: &mut Dice) -> (Table, usize, Sidecar, tempfile::TempDir) {
    let (rows, spread) = (dice.pick(&[0, 1, 7, 70, 130, 300]), dice.pick(&[3, 12, 100, 1_000]));
    let table = furniture::table(dice, rows, spread);
    let tuning = Tuning {
        dictionary_values: dice.pick(&[0, 2, 12, 300, 65_535]),
        sorted_rows: dice.pick(&[1, 40, 1_000]),
        word_pairs: dice.pick(&[1, 50, 100_000]),
        parallel_values: dice.pick(&[0, u64::MAX]),
    };
    let folder = tempfile::tempdir().unwrap();
    let snapshot = furniture::snapshot(furniture::columns(), rows);
    let batches = furniture::batches(&table, &TYPES, 33);
    build_tuned(&batches, &snapshot, folder.path(), &tuning, NEVER).unwrap();
    let sidecar = Sidecar::open(folder.path(), &snapshot).unwrap();
    (table, spread, sidecar, folder)
}

#[test]
fn every_value_comes_back() {
    for seed in 0..TABLES {
        let (table, _, sidecar, _folder) = furnished(&mut Dice(seed));
        for (row, values) in (0..).zip(&table) {
            for (column, value) in values.iter().enumerate() {
                assert_eq!(&sidecar.value(row, column).unwrap(), value, "seed {seed}, row {row}, column {column}");
            }
        }
    }
}

#[test]
fn rows_are_those_of_the_naive_evaluator() {
    for seed in 0..TABLES {
        let dice = &mut Dice(seed + 1_000);
        let (table, spread, sidecar, _folder) = furnished(dice);
        for _ in 0..PLANS {
            let plan = furniture::rows_plan(dice, table.len(), spread);
            let expected = naive::rows(&table, &plan);
            let answer = sidecar.rows(&plan, NEVER).unwrap();
            let rows: Vec<u64> = answer.rows.iter().copied().map(u64::from).collect();
            assert_eq!(
                (rows, answer.total, answer.next),
                (expected.rows, expected.total, expected.next),
                "seed {seed}: {plan:#?}"
            );
            let _ = sidecar.rows_cost(&plan);
        }
    }
}

#[test]
fn matching_rows_are_those_of_the_naive_evaluator() {
    for seed in 0..TABLES {
        let dice = &mut Dice(seed + 2_000);
        let (table, spread, sidecar, _folder) = furnished(dice);
        for _ in 0..PLANS {
            let predicate = furniture::predicate(dice, 3, spread);
            let expected: Vec<u32> = (0..)
                .zip(&table)
                .filter(|(_, row)| naive::holds(row, &predicate) == Some(true))
                .map(|(at, _)| at)
                .collect();
            let set = sidecar.matching(&predicate, NEVER).unwrap();
            assert_eq!(set.iter().collect::<Vec<_>>(), expected, "seed {seed}: {predicate:#?}");
            assert_eq!(set.len(), expected.len() as u64);
        }
    }
}

/// The same to the last bit.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        _ => a == b,
    }
}

#[test]
fn groups_are_those_of_the_naive_evaluator() {
    for seed in 0..TABLES {
        let dice = &mut Dice(seed + 3_000);
        let (table, spread, sidecar, _folder) = furnished(dice);
        for _ in 0..PLANS {
            let plan = furniture::aggregate_plan(dice, spread);
            let expected = naive::aggregate(&table, &TYPES, &plan).unwrap();
            let answer = sidecar.aggregate(&plan, NEVER).unwrap().unwrap();
            assert_eq!(answer.total, expected.total, "seed {seed}: {plan:#?}");
            let alike = answer.groups.len() == expected.groups.len()
                && answer.groups.iter().zip(&expected.groups).all(|(a, b)| a.iter().zip(b).all(|(a, b)| same(a, b)));
            assert!(alike, "seed {seed}: {plan:#?}\n{:?}\n{:?}", answer.groups, expected.groups);
            let _ = sidecar.aggregate_cost(&plan);
        }
    }
}

#[test]
fn arrays_hold_the_rows_that_the_naive_evaluator_takes_in_its_order() {
    for seed in 0..TABLES {
        let dice = &mut Dice(seed + 4_000);
        let (table, spread, sidecar, _folder) = furnished(dice);
        let batches = furniture::batches(&table, &TYPES, table.len().max(1));
        for _ in 0..PLANS / 4 {
            let plan = furniture::rows_plan(dice, table.len(), spread);
            let all = RowsPlan { limit: u32::MAX, start: Start::Offset(0), ..plan };
            let expected: Vec<u32> =
                naive::rows(&table, &all).rows.iter().map(|row| u32::try_from(*row).unwrap()).collect();
            let found = sidecar.rows_in_order(&all.predicate, &all.sort, None, NEVER).unwrap().unwrap();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "seed {seed}: {all:#?}");
            let Some(batch) = batches.first() else { continue };
            let places = UInt32Array::from(expected.clone());
            for (column, stored) in batch.columns().iter().enumerate() {
                assert_eq!(&sidecar.array(column, &expected).unwrap(), &take(stored, &places, None).unwrap());
            }
            let columns: Vec<usize> = (0..TYPES.len()).collect();
            let fitting = sidecar.fitting(&expected, &columns, 40).unwrap();
            assert!(fitting <= expected.len() && (fitting > 0 || expected.is_empty()));
        }
    }
}

/// Nobody waits for a thread where positions tell the answer, and no serving thread looks at every row.
#[test]
fn spans_of_one_order_are_cheap_and_conditions_across_columns_are_not() {
    let dice = &mut Dice(4_000);
    let table = furniture::table(dice, 50_000, 1_000);
    let folder = tempfile::tempdir().unwrap();
    let snapshot = furniture::snapshot(furniture::columns(), table.len());
    build_tuned(&furniture::batches(&table, &TYPES, 10_000), &snapshot, folder.path(), &Tuning::default(), NEVER)
        .unwrap();
    let sidecar = Sidecar::open(folder.path(), &snapshot).unwrap();
    let integers: Vec<usize> = (0..TYPES.len()).filter(|at| TYPES[*at] == ColumnType::Integer).collect();
    let float = (0..TYPES.len()).find(|at| TYPES[*at] == ColumnType::Float).unwrap();
    let low = Predicate::Compare(integers[0], Comparison::GreaterOrEqual, Value::Integer(-1_000_000));
    let high = Predicate::Compare(integers[0], Comparison::Less, Value::Integer(1_000_000));
    let other = Predicate::Compare(float, Comparison::GreaterOrEqual, Value::Float(-1e9));
    let cost = |predicate| {
        let sort = vec![SortKey { column: integers[0], descending: true }];
        sidecar.rows_cost(&RowsPlan { predicate, properties: vec![0], sort, limit: 20, start: Start::Offset(0) })
    };
    assert_eq!(cost(Predicate::And(vec![low.clone(), high.clone()])), Cost::Cheap);
    assert_eq!(cost(Predicate::Or(vec![low.clone(), high])), Cost::Cheap);
    assert_eq!(cost(Predicate::And(vec![low, other])), Cost::Dear);
}
