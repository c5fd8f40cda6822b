//! The sidecar's file: what is refused, and what happens when making one ends early.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at what it did not expect")]

mod furniture;

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow::array::RecordBatch;
use fairground_domain::{ContentHash, Snapshot};
use fairground_tables_columns::{
    ColumnsError, INDEX_ROWS_MAX, ParquetSource, RowSet, SIDECAR_FILE, Sidecar, Tuning, build, build_tuned,
};
use fairground_tables_query::plan::{
    AggregatePlan, Comparison, GroupKey, LikePattern, Measure, Predicate, RowsPlan, SortKey, Start,
};
use fairground_tables_query::{Value, naive};
use furniture::{Dice, TYPES, Table};

const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;
const ALWAYS: &(dyn Fn() -> bool + Sync) = &|| true;

fn furnished(rows: usize) -> (Table, Vec<RecordBatch>, Snapshot) {
    let table = furniture::table(&mut Dice(rows as u64), rows, 100);
    let batches = furniture::batches(&table, &TYPES, 64);
    let snapshot = furniture::snapshot(furniture::columns(), rows);
    (table, batches, snapshot)
}

fn open_bytes(bytes: &[u8], snapshot: &Snapshot) -> Result<Sidecar, ColumnsError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(SIDECAR_FILE), bytes).unwrap();
    Sidecar::open(folder.path(), snapshot)
}

/// Asks a little of everything.
fn ask(sidecar: &Sidecar) -> Result<Vec<Vec<Value>>, ColumnsError> {
    let dice = &mut Dice(9);
    for _ in 0..8 {
        let plan = furniture::rows_plan(dice, 100, 100);
        let rows = sidecar.rows(&plan, NEVER)?.rows;
        sidecar.write_json(&rows, &(0..TYPES.len()).collect::<Vec<_>>(), &mut Vec::new())?;
        sidecar.aggregate(&furniture::aggregate_plan(dice, 100), NEVER)?;
    }
    (0..sidecar.rows_total()).map(|row| (0..TYPES.len()).map(|column| sidecar.value(row, column)).collect()).collect()
}

fn tuned(dictionary_values: usize) -> Tuning {
    Tuning { dictionary_values, ..Tuning::default() }
}

#[test]
fn a_damaged_file_is_refused_or_harmless_never_a_panic() {
    let (table, batches, snapshot) = furnished(100);
    for dictionary_values in [4, 1_000] {
        let folder = tempfile::tempdir().unwrap();
        build_tuned(&batches, &snapshot, folder.path(), &tuned(dictionary_values), NEVER).unwrap();
        let bytes = fs::read(folder.path().join(SIDECAR_FILE)).unwrap();
        let dice = &mut Dice(5);
        let (mut refused, mut harmless) = (0, 0);
        for round in 0..400 {
            // The header and the directory byte by byte, the rest here and there.
            let at = if round < 88 { round } else { dice.below(bytes.len()) };
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << dice.below(8);
            match open_bytes(&damaged, &snapshot).and_then(|sidecar| sidecar.prove().map(|()| sidecar)) {
                Err(ColumnsError::Foreign { .. } | ColumnsError::Damaged(_)) => refused += 1,
                Err(other) => panic!("byte {at}: {other}"),
                Ok(sidecar) => {
                    assert_eq!(ask(&sidecar).unwrap(), table, "byte {at} lies between sections");
                    harmless += 1;
                }
            }
            let _ = open_bytes(&damaged, &snapshot).and_then(|sidecar| ask(&sidecar));
        }
        assert!(refused > harmless, "{refused} refused, {harmless} harmless");
    }
}

#[test]
fn a_torn_file_is_refused() {
    let (_, batches, snapshot) = furnished(70);
    let folder = tempfile::tempdir().unwrap();
    build(&batches, &snapshot, folder.path(), NEVER).unwrap();
    let bytes = fs::read(folder.path().join(SIDECAR_FILE)).unwrap();
    for length in (0..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        let answer = open_bytes(&bytes[..length], &snapshot);
        assert!(matches!(answer, Err(ColumnsError::Foreign { .. })), "{length} bytes: {answer:?}");
    }
    let longer = [bytes.as_slice(), b"more"].concat();
    assert!(matches!(open_bytes(&longer, &snapshot), Err(ColumnsError::Foreign { .. })));
}

#[test]
fn a_sidecar_of_another_snapshot_is_refused() {
    let (_, batches, snapshot) = furnished(70);
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Sidecar::open(folder.path(), &snapshot), Err(ColumnsError::Foreign { .. })), "there is none yet");
    build(&batches, &snapshot, folder.path(), NEVER).unwrap();
    let other_key = Snapshot { key: ContentHash::of(b"other"), ..snapshot.clone() };
    let mut other_name = snapshot.clone();
    other_name.columns[0].name = "renamed".to_owned();
    let mut other_type = snapshot.clone();
    other_type.columns.swap(0, 1);
    for other in [other_key, other_name, other_type, Snapshot { rows: 71, ..snapshot.clone() }] {
        assert!(matches!(Sidecar::open(folder.path(), &other), Err(ColumnsError::Foreign { .. })));
    }
    assert!(Sidecar::open(folder.path(), &snapshot).is_ok());
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_build_that_ends_early_leaves_nothing_and_harms_nothing() {
    let (table, batches, snapshot) = furnished(300);
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(build(&batches, &snapshot, folder.path(), ALWAYS), Err(ColumnsError::Stopped)));
    assert!(names(folder.path()).is_empty());
    build(&batches, &snapshot, folder.path(), NEVER).unwrap();
    let asked = AtomicUsize::new(0);
    let later = || asked.fetch_add(1, Ordering::Relaxed) > 20;
    assert!(matches!(build(&batches, &snapshot, folder.path(), &later), Err(ColumnsError::Stopped)));
    let short = batches[1..].to_vec();
    assert!(matches!(build(&short, &snapshot, folder.path(), NEVER), Err(ColumnsError::Snapshot(_))));
    let long = [batches.as_slice(), batches.as_slice()].concat();
    assert!(matches!(build(&long, &snapshot, folder.path(), NEVER), Err(ColumnsError::Snapshot(_))));
    assert_eq!(names(folder.path()), [SIDECAR_FILE]);
    assert_eq!(ask(&Sidecar::open(folder.path(), &snapshot).unwrap()).unwrap(), table);
}

#[test]
fn an_open_sidecar_answers_on_while_another_takes_its_place() {
    let (table, batches, snapshot) = furnished(300);
    let folder = tempfile::tempdir().unwrap();
    build(&batches, &snapshot, folder.path(), NEVER).unwrap();
    let old = Sidecar::open(folder.path(), &snapshot).unwrap();
    build_tuned(&batches, &snapshot, folder.path(), &tuned(3), NEVER).unwrap();
    assert_eq!(ask(&old).unwrap(), table);
    fs::remove_file(folder.path().join(SIDECAR_FILE)).unwrap();
    assert_eq!(ask(&old).unwrap(), table);
}

#[test]
fn too_many_rows_are_left_to_the_scan_engine() {
    let (_, batches, snapshot) = furnished(7);
    let snapshot = Snapshot { rows: INDEX_ROWS_MAX + 1, ..snapshot };
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(build(&batches, &snapshot, folder.path(), NEVER), Err(ColumnsError::TooManyRows { .. })));
}

#[test]
fn a_parquet_file_gives_what_its_batches_give() {
    let (table, batches, snapshot) = furnished(300);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.parquet");
    let file = fs::File::create(&path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batches[0].schema(), None).unwrap();
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    writer.close().unwrap();
    build(&ParquetSource::open(&path).unwrap(), &snapshot, folder.path(), NEVER).unwrap();
    assert_eq!(ask(&Sidecar::open(folder.path(), &snapshot).unwrap()).unwrap(), table);
    fs::write(&path, b"PAR1 but not really").unwrap();
    assert!(matches!(ParquetSource::open(&path), Err(ColumnsError::Snapshot(_))));
}

fn whole() -> RowsPlan {
    RowsPlan {
        predicate: Predicate::Constant(true),
        properties: vec![0],
        sort: Vec::new(),
        limit: 5,
        start: Start::Offset(0),
    }
}

#[test]
fn a_plan_that_does_not_fit_is_refused() {
    let (_, batches, snapshot) = furnished(70);
    let folder = tempfile::tempdir().unwrap();
    build(&batches, &snapshot, folder.path(), NEVER).unwrap();
    let sidecar = Sidecar::open(folder.path(), &snapshot).unwrap();
    let predicates = [
        Predicate::IsNull(99),
        Predicate::Compare(0, Comparison::Equal, Value::Text("a".to_owned())),
        Predicate::Compare(0, Comparison::Equal, Value::Null),
        Predicate::CompareColumns(0, Comparison::Equal, 7),
        Predicate::Like(0, LikePattern::parse("%", false, false)),
    ];
    for predicate in predicates {
        let answer = sidecar.rows(&RowsPlan { predicate: predicate.clone(), ..whole() }, NEVER);
        assert!(matches!(answer, Err(ColumnsError::Mismatch(_))), "{predicate:?}: {answer:?}");
    }
    let by_shape = RowsPlan { sort: vec![SortKey { column: 9, descending: false }], ..whole() };
    assert!(matches!(sidecar.rows(&by_shape, NEVER), Err(ColumnsError::Mismatch(_))));
    assert!(matches!(sidecar.write_json(&[0], &[99], &mut Vec::new()), Err(ColumnsError::Mismatch(_))));
}

#[test]
fn long_work_stops_when_told() {
    let rows = 40_000;
    let table: Table = (0..rows).map(|row| vec![Value::Text(format!("text {row}"))]).collect();
    let mut columns = furniture::columns();
    columns.truncate(8);
    let columns = columns.split_off(7);
    let mut snapshot = furniture::snapshot(columns, rows);
    snapshot.columns[0].name = "c0".to_owned();
    let batches = furniture::batches(&table, &TYPES[7..8], 8_192);
    let folder = tempfile::tempdir().unwrap();
    build_tuned(&batches, &snapshot, folder.path(), &tuned(10), NEVER).unwrap();
    let sidecar = Sidecar::open(folder.path(), &snapshot).unwrap();
    let predicate = Predicate::Like(0, LikePattern::parse("%9_", true, false));
    let plan = RowsPlan { predicate, ..whole() };
    assert!(matches!(sidecar.rows(&plan, ALWAYS), Err(ColumnsError::Stopped)));
    assert_eq!(sidecar.rows(&plan, NEVER).unwrap().total, naive::rows(&table, &plan).total);
    let groups = AggregatePlan {
        predicate: Predicate::Constant(true),
        keys: vec![GroupKey::Column(0)],
        measures: vec![Measure::CountRows],
        names: vec!["a".to_owned(), "b".to_owned()],
        having: None,
        sort: Vec::new(),
        limit: 10,
        offset: 39_990,
    };
    assert!(matches!(sidecar.aggregate(&groups, ALWAYS), Err(ColumnsError::Stopped)));
    let answer = sidecar.aggregate(&groups, NEVER).unwrap().unwrap();
    assert_eq!((answer.groups.len(), answer.total), (10, 40_000));
}

#[test]
fn answers_are_written_as_json() {
    let (table, batches, snapshot) = furnished(130);
    let folder = tempfile::tempdir().unwrap();
    build(&batches, &snapshot, folder.path(), NEVER).unwrap();
    let sidecar = Sidecar::open(folder.path(), &snapshot).unwrap();
    let all: Vec<u32> = match sidecar.matching(&Predicate::Constant(true), NEVER).unwrap() {
        RowSet::All(rows) => (0..rows).collect(),
        other => panic!("{other:?}"),
    };
    let properties: Vec<usize> = (0..TYPES.len()).rev().collect();
    let mut out = Vec::new();
    sidecar.write_json(&all, &properties, &mut out).unwrap();
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&out).unwrap();
    assert_eq!(rows.len(), table.len());
    for (row, values) in rows.iter().zip(&table) {
        for (column, value) in values.iter().enumerate() {
            let written = &row[format!("c{column}")];
            let fits = match value {
                Value::Null => written.is_null(),
                Value::Integer(number) => written.as_i64() == Some(*number),
                Value::Decimal(digits) => written.as_f64() == Some(*digits as f64 / 100.0),
                Value::Float(number) => written.as_f64() == Some(*number),
                Value::Boolean(truth) => written.as_bool() == Some(*truth),
                Value::Text(text) => written.as_str() == Some(text),
                Value::Date(_) | Value::Timestamp(_) => written.is_string(),
                Value::Geometry(_) => written["coordinates"].is_array(),
            };
            assert!(fits, "{value:?} as {written}");
        }
    }
    assert!(out.starts_with(b"[{\"c12\":"));
    let mut lines = Vec::new();
    sidecar.write_json_records(&[0, 1], &[0], b"\n", &mut lines).unwrap();
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 1);
}
