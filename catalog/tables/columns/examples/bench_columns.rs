//! Times the sidecar on a generated table of twelve columns: building, and the questions that pages ask most.
//!
//! `cargo run --release -p fairground-tables-columns --example bench_columns [rows]`

use std::sync::Arc;
use std::time::Instant;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use fairground_domain::{Column, ColumnStatistics, ColumnType, ContentHash, QuarantineSummary, Snapshot, SourceNotes};
use fairground_tables_columns::{ColumnsError, Sidecar, build};
use fairground_tables_query::Value;
use fairground_tables_query::plan::{
    AggregatePlan, Comparison, GroupKey, LikePattern, Measure, Predicate, RowsPlan, SortKey, Start, Word,
};

const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;
const BATCH: usize = 65_536;
const TIMES: usize = 200;

const COLUMNS: [(&str, ColumnType); 12] = [
    ("id", ColumnType::Integer),
    ("code", ColumnType::Text),
    ("category", ColumnType::Text),
    ("region", ColumnType::Text),
    ("title", ColumnType::Text),
    ("amount", ColumnType::Decimal { scale: 2 }),
    ("measure", ColumnType::Float),
    ("count", ColumnType::Integer),
    ("active", ColumnType::Boolean),
    ("day", ColumnType::Date),
    ("updated", ColumnType::Timestamp { utc: true }),
    ("note", ColumnType::Text),
];

const WORDS: [&str; 40] = [
    "water", "bridge", "school", "road", "survey", "station", "river", "air", "quality", "noise", "permit", "building",
    "energy", "solar", "wind", "waste", "traffic", "bus", "tram", "cycle", "park", "tree", "health", "clinic",
    "hospital", "market", "budget", "tender", "contract", "election", "district", "parcel", "address", "library",
    "museum", "sport", "pool", "youth", "senior", "housing",
];

fn mixed(row: usize, salt: u64) -> u64 {
    let mut x = (row as u64).wrapping_add(salt.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Small numbers more often than great ones.
fn skewed(row: usize, salt: u64, most: u64) -> u64 {
    let share = (mixed(row, salt) % 1_000_000) as f64 / 1_000_000.0;
    ((most as f64).powf(share) - 1.0) as u64
}

fn sentence(row: usize, salt: u64, words: u64) -> String {
    let count = 2 + mixed(row, salt) % words;
    let word = |at: u64| match skewed(row, salt + at * 7, 4_000) {
        common if common < 40 => WORDS[common as usize].to_owned(),
        rare => format!("{}{rare}", WORDS[(rare % 40) as usize]),
    };
    (0..count).map(word).collect::<Vec<_>>().join(" ")
}

fn batch(from: usize, to: usize) -> RecordBatch {
    let some = |row: usize, salt| !mixed(row, salt).is_multiple_of(20);
    let range = from..to;
    let decimals = range.clone().map(|row| some(row, 60).then(|| i128::from(mixed(row, 6) % 10_000_000)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(range.clone().map(|row| row as i64 + 1))),
        Arc::new(StringArray::from_iter_values(range.clone().map(|row| format!("{:08X}", mixed(row, 2) as u32)))),
        Arc::new(StringArray::from_iter_values(range.clone().map(|row| format!("category {}", skewed(row, 3, 200))))),
        Arc::new(
            range
                .clone()
                .map(|row| some(row, 40).then(|| format!("region {}", mixed(row, 4) % 16)))
                .collect::<StringArray>(),
        ),
        Arc::new(StringArray::from_iter_values(range.clone().map(|row| sentence(row, 5, 5)))),
        Arc::new(
            decimals
                .collect::<Decimal128Array>()
                .with_precision_and_scale(18, 2)
                .unwrap_or_else(|_| Vec::<i128>::new().into()),
        ),
        Arc::new(
            range
                .clone()
                .map(|row| some(row, 70).then(|| (mixed(row, 7) % 100_000_000) as f64 / 1e4))
                .collect::<Float64Array>(),
        ),
        Arc::new(Int64Array::from_iter_values(range.clone().map(|row| (mixed(row, 8) % 1_000) as i64))),
        Arc::new(range.clone().map(|row| Some(mixed(row, 9).is_multiple_of(3))).collect::<BooleanArray>()),
        Arc::new(Date32Array::from_iter_values(range.clone().map(|row| 15_000 + (mixed(row, 10) % 4_000) as i32))),
        Arc::new(
            TimestampMicrosecondArray::from_iter_values(
                range.clone().map(|row| (mixed(row, 11) % 300_000_000) as i64 * 1_000_000 + 1_400_000_000_000_000),
            )
            .with_timezone("UTC"),
        ),
        Arc::new(range.map(|row| some(row, 120).then(|| sentence(row, 12, 9))).collect::<StringArray>()),
    ];
    let named = COLUMNS.iter().map(|(name, _)| *name).zip(columns).map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(named).expect("columns of one length")
}

fn snapshot(rows: usize) -> Snapshot {
    let column = |(name, column_type): &(&str, ColumnType)| Column {
        name: (*name).to_owned(),
        title: (*name).to_owned(),
        column_type: *column_type,
        description: None,
        allowed: Vec::new(),
        statistics: ColumnStatistics::default(),
    };
    Snapshot {
        key: ContentHash::of(b"bench"),
        name: "bench".to_owned(),
        rows: rows as u64,
        columns: COLUMNS.iter().map(column).collect(),
        quarantine: QuarantineSummary::default(),
        source: SourceNotes::default(),
        parquet_bytes: 0,
    }
}

#[expect(clippy::print_stdout, reason = "its output is the product")]
fn timed(name: &str, mut run: impl FnMut() -> usize) {
    let mut times = Vec::with_capacity(TIMES);
    let mut size = 0;
    let begun = Instant::now();
    for _ in 0..TIMES {
        let started = Instant::now();
        size = run();
        times.push(started.elapsed());
        if begun.elapsed().as_secs() >= 3 {
            break;
        }
    }
    times.sort_unstable();
    let part = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!("{name:44} least {:>9.1}   p50 {:>9.1}   p99 {:>9.1} us   ({size})", part(0), part(50), part(99));
}

fn plan(predicate: Predicate, sort: &[(usize, bool)], start: u64) -> RowsPlan {
    RowsPlan {
        predicate,
        properties: (0..COLUMNS.len()).collect(),
        sort: sort.iter().map(|(column, descending)| SortKey { column: *column, descending: *descending }).collect(),
        limit: 20,
        start: Start::Offset(start),
    }
}

fn questions(rows: usize) -> Vec<(&'static str, RowsPlan)> {
    let is = |column, text: &str| Predicate::Compare(column, Comparison::Equal, Value::Text(text.to_owned()));
    let between = |low, high| Predicate::Between(5, Value::Decimal(low), Value::Decimal(high));
    let word = |columns: &[usize], words: &[(&str, bool)]| Predicate::Words {
        columns: columns.to_vec(),
        words: words.iter().map(|(text, prefix)| Word { text: (*text).to_owned(), prefix: *prefix }).collect(),
    };
    let like = |column, text: &str| Predicate::Like(column, LikePattern::parse(text, false, false));
    let texts = [1, 2, 3, 4, 11];
    let all = || Predicate::Constant(true);
    let and = Predicate::And;
    let half = rows as u64 / 2;
    vec![
        ("first page", plan(all(), &[], 0)),
        ("equality, category", plan(is(2, "category 7"), &[], 0)),
        ("equality, code of one row", plan(is(1, &format!("{:08X}", mixed(77, 2) as u32)), &[], 0)),
        ("range 10 %, by the same column", plan(between(1_000_000, 2_000_000), &[(5, true)], 0)),
        ("range 1 %, by day down", plan(between(1_000_000, 1_100_000), &[(9, true)], 0)),
        ("range 10 %, by day down", plan(between(1_000_000, 2_000_000), &[(9, true)], 0)),
        ("range 0.1 %, by measure", plan(between(1_000_000, 1_010_000), &[(6, false)], 0)),
        ("range 10 %, by row", plan(between(1_000_000, 2_000_000), &[], 0)),
        ("one word, title", plan(word(&[4], &[("museum", false)]), &[], 0)),
        ("one word, all texts", plan(word(&texts, &[("museum", false)]), &[], 0)),
        ("rare word, all texts", plan(word(&texts, &[("water1000", false)]), &[], 0)),
        ("two words, all texts", plan(word(&texts, &[("museum", false), ("river", false)]), &[], 0)),
        ("prefix, all texts", plan(word(&texts, &[("muse", true)]), &[], 0)),
        ("offset at half", plan(all(), &[], half)),
        ("offset at half, by measure down", plan(all(), &[(6, true)], half)),
        ("offset at half, by category, id down", plan(all(), &[(2, false), (0, true)], half)),
        ("by category, amount", plan(all(), &[(2, false), (5, false)], 0)),
        (
            "category and range and active",
            plan(
                and(vec![
                    is(2, "category 7"),
                    between(1_000_000, 5_000_000),
                    Predicate::Compare(8, Comparison::Equal, Value::Boolean(true)),
                ]),
                &[],
                0,
            ),
        ),
        (
            "two ranges of half",
            plan(
                and(vec![between(0, 5_000_000), Predicate::Compare(7, Comparison::Less, Value::Integer(500))]),
                &[],
                0,
            ),
        ),
        ("like %museum% in title", plan(like(4, "%museum%"), &[], 0)),
        ("like in category", plan(like(2, "%1_"), &[], 0)),
    ]
}

fn groups(predicate: Predicate, keys: Vec<GroupKey>, measures: Vec<Measure>) -> AggregatePlan {
    let names = (0..keys.len() + measures.len()).map(|at| format!("n{at}")).collect();
    AggregatePlan { predicate, keys, measures, names, having: None, sort: Vec::new(), limit: 10_000, offset: 0 }
}

fn sums() -> Vec<(&'static str, AggregatePlan)> {
    let all = || Predicate::Constant(true);
    let count_avg = || vec![Measure::CountRows, Measure::Avg(5)];
    vec![
        ("group by category: count, avg", groups(all(), vec![GroupKey::Column(2)], count_avg())),
        (
            "group by region: count, avg of float",
            groups(all(), vec![GroupKey::Column(3)], vec![Measure::CountRows, Measure::Avg(6)]),
        ),
        (
            "group by category, region: count, avg",
            groups(all(), vec![GroupKey::Column(2), GroupKey::Column(3)], count_avg()),
        ),
        (
            "group by month of update: count",
            groups(
                all(),
                vec![GroupKey::Truncated(10, fairground_tables_query::plan::DateUnit::Month)],
                vec![Measure::CountRows],
            ),
        ),
        (
            "group by region: max, distinct days",
            groups(all(), vec![GroupKey::Column(3)], vec![Measure::Max(5), Measure::CountDistinct(9)]),
        ),
        ("group by region: median", groups(all(), vec![GroupKey::Column(3)], vec![Measure::Percentile(6, 0.5)])),
        (
            "no keys: count, avg, median",
            groups(all(), vec![], vec![Measure::CountRows, Measure::Avg(5), Measure::Percentile(6, 0.5)]),
        ),
        (
            "one category by region: count, avg",
            groups(
                Predicate::Compare(2, Comparison::Equal, Value::Text("category 7".to_owned())),
                vec![GroupKey::Column(3)],
                count_avg(),
            ),
        ),
        ("group by code (each row)", groups(all(), vec![GroupKey::Column(1)], vec![Measure::CountRows])),
    ]
}

#[expect(clippy::print_stdout, reason = "its output is the product")]
fn main() -> Result<(), ColumnsError> {
    let rows = std::env::args().nth(1).and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let batches: Vec<RecordBatch> = (0..rows).step_by(BATCH).map(|from| batch(from, rows.min(from + BATCH))).collect();
    let folder = tempfile::tempdir().map_err(|source| ColumnsError::Io { what: "a folder", source })?;
    let snapshot = snapshot(rows);
    let report = build(&batches, &snapshot, folder.path(), NEVER)?;
    println!(
        "built {rows} rows x {} columns in {:.2} s, {} MB",
        COLUMNS.len(),
        report.elapsed.as_secs_f64(),
        report.bytes >> 20
    );
    drop(batches);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default());
    timed("open", || Sidecar::open(folder.path(), &snapshot).map_or(0, |sidecar| sidecar.columns_total()));
    let sidecar = Sidecar::open(folder.path(), &snapshot)?;
    let started = Instant::now();
    sidecar.prove()?;
    println!("proved in {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let mut out = Vec::with_capacity(1 << 20);
    for (name, plan) in questions(rows) {
        let name = format!("{name} [{:?}]", sidecar.rows_cost(&plan));
        timed(&name, || {
            out.clear();
            let answer = sidecar.rows(&plan, NEVER).expect("an answer");
            sidecar.write_json(&answer.rows, &plan.properties, &mut out).expect("written");
            usize::try_from(answer.total).unwrap_or_default()
        });
    }
    for (name, plan) in sums() {
        timed(name, || sidecar.aggregate(&plan, NEVER).expect("an answer").map_or(0, |answer| answer.groups.len()));
    }
    let all: Vec<u32> = (0..u32::try_from(rows.min(100_000)).unwrap_or_default()).collect();
    let properties: Vec<usize> = (0..COLUMNS.len()).collect();
    timed("100,000 rows as JSON", || {
        out.clear();
        sidecar.write_json(&all, &properties, &mut out).expect("written");
        out.len()
    });
    Ok(())
}
