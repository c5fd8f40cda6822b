//! Both engines say what the judge says.

use fairground_tables_query::Value;
use fairground_tables_query::arbitrary::{aggregate_cases, export_cases, rows_cases};
use fairground_tables_query::naive;
use fairground_tables_query::plan::{ExportPlan, RowsPlan, Start};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::runtime::Runtime;

use super::{House, read};
use crate::scan::{aggregate, rows};
use crate::types::value_at;
use crate::{Engine, ExportFormat, ExportOptions};

const CASES: u32 = 160;
const ROWS_MAX: usize = 40;

fn runner() -> TestRunner {
    TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() })
}

#[test]
fn pages_hold_the_rows_that_the_judge_says_whichever_engine_answers() {
    let (house, runtime) = (House::open(), Runtime::new().unwrap());
    let judged = runner().run(&rows_cases(ROWS_MAX), |(table, plan)| {
        runtime.block_on(async {
            let expected = naive::rows(&table.rows, &plan);
            let open = house.put_open(&table).await;
            let page = rows::find(&house.core().engine, &open, &plan).await.unwrap();
            prop_assert_eq!((&page.rows, page.total, page.next), (&expected.rows, expected.total, expected.next));
            let scanned = house.tables.rows(&open, &plan).await.unwrap();
            prop_assert_eq!(scanned.engine, Engine::Scan);
            house.tables.build_index(open.key(), &|| false).unwrap();
            house.core().answers.invalidate_all();
            let open = house.tables.open_snapshot(open.key()).await.unwrap();
            prop_assert!(open.is_indexed());
            let indexed = house.tables.rows(&open, &plan).await.unwrap();
            prop_assert_eq!(indexed.engine, Engine::Index);
            prop_assert_eq!(&indexed.items, &scanned.items);
            prop_assert_eq!((indexed.count, indexed.total, indexed.next), (scanned.count, scanned.total, scanned.next));
            let kept = house.tables.rows(&open, &plan).await.unwrap();
            prop_assert_eq!((kept.engine, &kept.items), (Engine::Cache, &indexed.items));
            house.tables.delete(open.key()).unwrap();
            Ok(())
        })
    });
    judged.unwrap();
}

/// Sums of whole numbers have room for more digits than the judge's.
fn same(scanned: &Value, judged: &Value) -> bool {
    match (scanned, judged) {
        (Value::Decimal(digits), Value::Integer(number)) => digits == number,
        (scanned, judged) => scanned.compare(judged).is_eq(),
    }
}

#[test]
fn groups_are_those_that_the_judge_says_whichever_engine_answers() {
    let (house, runtime) = (House::open(), Runtime::new().unwrap());
    let judged = runner().run(&aggregate_cases(ROWS_MAX), |(table, plan)| {
        let Ok(expected) = naive::aggregate(&table.rows, &table.types(), &plan) else { return Ok(()) };
        runtime.block_on(async {
            let open = house.put_open(&table).await;
            let (batch, total) = aggregate::groups(&house.core().engine, &open, &plan).await.unwrap();
            prop_assert_eq!(total, expected.total);
            let skip = usize::try_from(plan.offset).unwrap().min(batch.num_rows());
            prop_assert_eq!(batch.num_rows() - skip, expected.groups.len());
            for (row, group) in expected.groups.iter().enumerate() {
                for (column, judged) in batch.columns().iter().zip(group) {
                    let scanned = value_at(column, row + skip).unwrap();
                    prop_assert!(same(&scanned, judged), "{:?} is not {:?}", scanned, judged);
                }
            }
            let scanned = house.tables.aggregate(&open, &plan).await.unwrap();
            house.tables.build_index(open.key(), &|| false).unwrap();
            house.core().answers.invalidate_all();
            let open = house.tables.open_snapshot(open.key()).await.unwrap();
            let indexed = house.tables.aggregate(&open, &plan).await.unwrap();
            prop_assert_eq!((indexed.count, indexed.total), (scanned.count, scanned.total));
            prop_assert_eq!(&indexed.items, &scanned.items);
            house.tables.delete(open.key()).unwrap();
            Ok(())
        })
    });
    judged.unwrap();
}

/// The rows of an export, by the judge.
fn judged_rows(table: &[Vec<Value>], plan: &ExportPlan) -> Vec<u64> {
    let limit = plan.limit.map_or(10_000, |limit| u32::try_from(limit).unwrap());
    let plan = RowsPlan {
        predicate: plan.predicate.clone(),
        properties: plan.properties.clone(),
        sort: plan.sort.clone(),
        limit,
        start: Start::Offset(0),
    };
    naive::rows(table, &plan).rows
}

#[test]
fn exports_hold_the_rows_that_the_judge_says() {
    let (house, runtime) = (House::open(), Runtime::new().unwrap());
    let judged = runner().run(&export_cases(ROWS_MAX), |(table, plan)| {
        runtime.block_on(async {
            let open = house.put_open(&table).await;
            let expected = rows::write(&open, &judged_rows(&table.rows, &plan), &plan.properties).await.unwrap();
            let options = ExportOptions::default();
            let formats = [ExportFormat::Json, ExportFormat::Csv, ExportFormat::Ndjson];
            let mut scanned = Vec::new();
            for format in formats {
                scanned.push(read(house.tables.export(&open, &plan, format, &options).await.unwrap()).await.unwrap());
            }
            let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
            prop_assert_eq!(value(&scanned[0]), value(&expected));
            house.tables.build_index(open.key(), &|| false).unwrap();
            let open = house.tables.open_snapshot(open.key()).await.unwrap();
            prop_assert!(open.is_indexed());
            for (format, scanned) in formats.into_iter().zip(scanned) {
                let indexed = read(house.tables.export(&open, &plan, format, &options).await.unwrap()).await.unwrap();
                prop_assert_eq!(indexed, scanned, "{:?}", format);
            }
            house.tables.delete(open.key()).unwrap();
            Ok(())
        })
    });
    judged.unwrap();
}
