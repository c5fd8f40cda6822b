//! Any text as the parameters of rows, groups and exports: bound to a table of every kind of column or refused, and then
//! answered by the naive evaluator over three rows; never a panic.
#![no_main]

use fairground_domain::{Column, ColumnStatistics, ColumnType, ContentHash, QuarantineSummary, Snapshot, SourceNotes};
use fairground_tables_query::{AggregateRequest, ExportRequest, RowsRequest, Value, naive};
use libfuzzer_sys::fuzz_target;

fn snapshot() -> Snapshot {
    let kinds = [
        ("whole", ColumnType::Integer),
        ("price", ColumnType::Decimal { scale: 2 }),
        ("ratio", ColumnType::Float),
        ("open", ColumnType::Boolean),
        ("day", ColumnType::Date),
        ("moment", ColumnType::Timestamp { utc: true }),
        ("name", ColumnType::Text),
        ("place", ColumnType::Point),
    ];
    Snapshot {
        key: ContentHash::of(b"fuzz"),
        name: "fuzz".to_owned(),
        rows: 3,
        columns: kinds
            .into_iter()
            .map(|(name, column_type)| Column {
                name: name.to_owned(),
                title: name.to_owned(),
                column_type,
                description: None,
                allowed: Vec::new(),
                statistics: ColumnStatistics::default(),
            })
            .collect(),
        quarantine: QuarantineSummary::default(),
        source: SourceNotes::default(),
        parquet_bytes: 0,
    }
}

fn rows() -> Vec<Vec<Value>> {
    let text = |text: &str| Value::Text(text.to_owned());
    vec![
        vec![Value::Integer(1), Value::Decimal(250), Value::Float(0.5), Value::Boolean(true), Value::Date(19_000),
             Value::Timestamp(0), text("Zürich water"), Value::Null],
        vec![Value::Integer(i64::MAX), Value::Decimal(-1), Value::Float(-0.0), Value::Boolean(false), Value::Date(-1),
             Value::Timestamp(i64::MIN), text(""), Value::Null],
        vec![Value::Null; 8],
    ]
}

fuzz_target!(|text: &str| {
    // One parameter a line, name and value parted by a tab; a line without one is a filter.
    let parameters: Vec<(String, String)> = text
        .lines()
        .map(|line| match line.split_once('\t') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => ("filter".to_owned(), line.to_owned()),
        })
        .collect();
    let snapshot = snapshot();
    if let Ok(request) = RowsRequest::parse(&parameters, &[], &snapshot) {
        let _ = naive::rows(&rows(), &request.plan);
        let _ = request.canonical();
    }
    if let Ok(request) = AggregateRequest::parse(&parameters, &[], &snapshot) {
        let _ = request.canonical();
    }
    if let Ok(request) = ExportRequest::parse(&parameters, &[], &snapshot) {
        let _ = request.canonical();
    }
});
