//! Questions that want too much: bounded, refused in words, gone without trace.

use std::time::Duration;

use fairground_domain::{COLUMNS_MAX, ColumnType};
use fairground_tables_query::Value;
use fairground_tables_query::arbitrary::{Table, column};
use fairground_tables_query::plan::{
    AggregatePlan, Comparison, ExportPlan, GroupKey, Measure, Predicate, RowsPlan, SortKey, Start,
};
use futures_util::StreamExt;

use super::{House, numbered, read};
use crate::scan::filter::DEPTH_MAX;
use crate::{ExportFormat, ExportOptions, TablesError};

fn page(predicate: Predicate, limit: u32) -> RowsPlan {
    RowsPlan { predicate, properties: vec![0], sort: Vec::new(), limit, start: Start::Offset(0) }
}

fn groups(keys: Vec<GroupKey>, measures: Vec<Measure>) -> AggregatePlan {
    let names = (0..keys.len() + measures.len()).map(|at| format!("a{at}")).collect();
    let predicate = Predicate::Constant(true);
    AggregatePlan { predicate, keys, measures, names, having: None, sort: Vec::new(), limit: 100, offset: 0 }
}

#[tokio::test]
async fn a_list_of_a_million_values_is_looked_up() {
    let house = House::open();
    let open = house.put_open(&numbered(5_000)).await;
    let list = (0..1_000_000).map(|number| Value::Integer(number * 2)).collect();
    let answer = house.tables.rows(&open, &page(Predicate::In(0, list), 3)).await.unwrap();
    assert_eq!((answer.total, answer.items.as_ref()), (2_500, br#"[{"n":0},{"n":2},{"n":4}]"#.as_slice()));
}

#[tokio::test]
async fn deep_conditions_are_answered_up_to_a_limit_and_refused_beyond() {
    let house = House::open();
    let open = house.put_open(&numbered(20)).await;
    let nested = |depth: usize| {
        (0..depth)
            .fold(Predicate::Compare(0, Comparison::Less, Value::Integer(5)), |part, _| Predicate::Not(Box::new(part)))
    };
    assert_eq!(house.tables.rows(&open, &page(nested(DEPTH_MAX), 9)).await.unwrap().total, 5);
    let refused = house.tables.rows(&open, &page(nested(DEPTH_MAX + 1), 9)).await;
    assert!(matches!(refused, Err(TablesError::Unsuitable { .. })), "{refused:?}");
}

#[tokio::test]
async fn the_widest_table_gives_all_its_columns() {
    let house = House::open();
    let columns = (0..COLUMNS_MAX).map(|at| column(&format!("c{at}"), ColumnType::Integer)).collect();
    let rows = (0..3).map(|row| vec![Value::Integer(row); COLUMNS_MAX]).collect();
    let open = house.put_open(&Table::new(columns, rows)).await;
    let mut plan = page(Predicate::Compare(COLUMNS_MAX - 1, Comparison::Greater, Value::Integer(0)), 10);
    plan.properties = (0..COLUMNS_MAX).rev().collect();
    plan.sort = vec![SortKey { column: 7, descending: true }];
    let answer = house.tables.rows(&open, &plan).await.unwrap();
    let items: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&answer.items).unwrap();
    assert_eq!((items.len(), items[0].len(), &items[0]["c0"]), (2, COLUMNS_MAX, &serde_json::json!(2)));
}

#[tokio::test]
async fn more_memory_than_there_is_is_refused_and_all_of_it_given_back() {
    let house = House::with(|settings| {
        settings.memory_bytes = 256 * 1024;
        settings.spill_bytes = 0;
    });
    let open = house.put_open(&numbered(60_000)).await;
    let plan = groups(vec![GroupKey::Column(1)], vec![Measure::Percentile(0, 0.5), Measure::CountDistinct(0)]);
    let refused = house.tables.aggregate(&open, &plan).await;
    assert!(matches!(refused, Err(TablesError::TooLarge { .. })), "{refused:?}");
    assert_eq!(house.core().engine.reserved_bytes(), 0);
    let answer = house.tables.aggregate(&open, &groups(Vec::new(), vec![Measure::CountRows, Measure::Sum(0)])).await;
    assert_eq!(answer.unwrap().items.as_ref(), br#"[{"a0":60000,"a1":1799970000}]"#);
}

#[tokio::test]
async fn what_does_not_fit_into_memory_is_sorted_on_disk() {
    const ROWS: i64 = 150_000;
    let house = House::with(|settings| settings.memory_bytes = 24 * 1024 * 1024);
    let mut table = numbered(ROWS);
    for (number, row) in (0..ROWS).zip(&mut table.rows) {
        // Longer than the memory, all together, and in no order.
        row[1] = Value::Text(format!("{:0>300}", number * 7_919 % ROWS));
    }
    let open = house.put_open(&table).await;
    let mut plan = page(Predicate::Constant(true), 2);
    plan.sort = vec![SortKey { column: 1, descending: true }];
    plan.start = Start::Offset(149_990);
    let answer = house.tables.rows(&open, &plan).await.unwrap();
    let number = |rank: i64| (0..ROWS).find(|number| number * 7_919 % ROWS == rank).unwrap();
    let expected = format!("[{{\"n\":{}}},{{\"n\":{}}}]", number(9), number(8));
    assert_eq!((answer.items.as_ref(), answer.total), (expected.as_bytes(), 150_000));
}

#[tokio::test]
async fn a_question_ends_at_its_time() {
    let house = House::with(|settings| settings.query_time = Duration::ZERO);
    let open = house.put_open(&numbered(50_000)).await;
    let never = Predicate::Compare(1, Comparison::Equal, Value::Text("nobody".to_owned()));
    let mut plan = page(Predicate::Not(Box::new(never)), 10);
    plan.sort = vec![SortKey { column: 1, descending: false }];
    let refused = house.tables.rows(&open, &plan).await;
    assert!(matches!(refused, Err(TablesError::TimedOut { limit_secs: 0 })), "{refused:?}");
}

fn everything() -> ExportPlan {
    ExportPlan { predicate: Predicate::Constant(true), properties: vec![1, 0], sort: Vec::new(), limit: None }
}

#[tokio::test]
async fn an_export_that_nobody_reads_ends_and_leaves_its_place() {
    let house = House::with(|settings| {
        settings.exports = 1;
        settings.waiting = 1;
        settings.wait = Duration::from_secs(60);
    });
    let open = house.put_open(&numbered(200_000)).await;
    let options = ExportOptions::default();
    let mut stream = house.tables.export(&open, &everything(), ExportFormat::Ndjson, &options).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    // The only place becomes free: the next one gets it.
    let mut plan = everything();
    plan.limit = Some(1);
    let next = house.tables.export(&open, &plan, ExportFormat::Ndjson, &options).await.unwrap();
    assert_eq!(read(next).await.unwrap(), b"{\"name\":\"row 0\",\"n\":0}\n");
}

#[tokio::test]
async fn a_thousand_exports_at_once_are_let_in_or_sent_away() {
    let house = House::with(|settings| {
        settings.exports = 2;
        settings.waiting = 3;
        settings.wait = Duration::from_millis(20);
    });
    let open = house.put_open(&numbered(200_000)).await;
    let options = ExportOptions::default();
    let plan = everything();
    let exports = (0..1_000).map(|_| house.tables.export(&open, &plan, ExportFormat::Csv, &options));
    let (mut streams, mut busy) = (Vec::new(), 0);
    for answer in futures_util::future::join_all(exports).await {
        match answer {
            Ok(stream) => streams.push(stream),
            Err(TablesError::Busy { what: "exports", retry_after_secs }) => {
                assert!(retry_after_secs >= 1);
                busy += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((streams.len(), busy), (2, 998));
}

#[tokio::test]
async fn tables_without_rows_answer_everything() {
    let house = House::open();
    let open = house.put_open(&numbered(0)).await;
    for indexed in [false, true] {
        if indexed {
            house.tables.build_index(open.key(), &|| false).unwrap();
            house.core().answers.invalidate_all();
        }
        let open = house.tables.open_snapshot(open.key()).await.unwrap();
        let mut plan = page(Predicate::Not(Box::new(Predicate::IsNull(0))), 10);
        for sort in [Vec::new(), vec![SortKey { column: 1, descending: false }]] {
            plan.sort = sort;
            let answer = house.tables.rows(&open, &plan).await.unwrap();
            assert_eq!((answer.items.as_ref(), answer.total, answer.next), (b"[]".as_slice(), 0, None));
        }
        let plan = groups(Vec::new(), vec![Measure::CountRows, Measure::Sum(0), Measure::Max(1)]);
        let answer = house.tables.aggregate(&open, &plan).await.unwrap();
        assert_eq!(answer.items.as_ref(), br#"[{"a0":0,"a1":null,"a2":null}]"#);
        let plan = groups(vec![GroupKey::Column(1)], vec![Measure::CountRows]);
        assert_eq!(house.tables.aggregate(&open, &plan).await.unwrap().items.as_ref(), b"[]");
    }
}

#[tokio::test]
async fn plans_that_do_not_fit_are_refused() {
    let house = House::open();
    let open = house.put_open(&numbered(3)).await;
    let plans = [
        page(Predicate::IsNull(9), 1),
        page(Predicate::Compare(0, Comparison::Equal, Value::Text("x".to_owned())), 1),
        page(Predicate::CompareColumns(0, Comparison::Equal, 1), 1),
        RowsPlan { properties: vec![9], ..page(Predicate::Constant(true), 1) },
        RowsPlan { sort: vec![SortKey { column: 9, descending: false }], ..page(Predicate::Constant(true), 1) },
    ];
    for plan in plans {
        let refused = house.tables.rows(&open, &plan).await;
        assert!(matches!(refused, Err(TablesError::BadPlan { .. })), "{plan:?}: {refused:?}");
    }
    let refused = house.tables.aggregate(&open, &groups(Vec::new(), vec![Measure::Sum(1)])).await;
    assert!(matches!(refused, Err(TablesError::BadPlan { .. })), "{refused:?}");
}
