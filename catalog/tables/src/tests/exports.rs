//! One table through all formats.

use std::io::Cursor;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::ipc::reader::StreamReader;
use calamine::{Data, Reader, Xlsx};
use fairground_domain::ColumnType;
use fairground_tables_query::Value;
use fairground_tables_query::arbitrary::{Table, column};
use fairground_tables_query::geometry::{parse_wkt, write_wkb};
use fairground_tables_query::plan::{Comparison, ExportPlan, Predicate, SortKey};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{House, batch_of, numbered, read};
use crate::{ExportFormat, ExportOptions, TablesError, WholeFormat};

fn places() -> Table {
    let point = |wkt: &str| Value::Geometry(write_wkb(&parse_wkt(wkt).unwrap()));
    let text = |text: &str| Value::Text(text.to_owned());
    let mut table = Table::new(
        vec![
            column("id", ColumnType::Integer),
            column("name", ColumnType::Text),
            column("share", ColumnType::Decimal { scale: 2 }),
            column("level", ColumnType::Float),
            column("open", ColumnType::Boolean),
            column("since", ColumnType::Date),
            column("seen", ColumnType::Timestamp { utc: true }),
            column("place", ColumnType::Point),
        ],
        vec![
            vec![
                Value::Integer(1),
                text("=cmd, \"x\""),
                Value::Decimal(-150),
                Value::Float(0.5),
                Value::Boolean(true),
                Value::Date(19_782),
                Value::Timestamp(1_709_209_800_000_000),
                point("POINT(8.5 47.25)"),
            ],
            vec![
                Value::Integer(i64::MAX),
                text(""),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Date(-40_000),
                Value::Null,
                Value::Null,
            ],
        ],
    );
    table.snapshot.columns[1].title = "Name, full".to_owned();
    table
}

fn all(table: &Table) -> ExportPlan {
    ExportPlan {
        predicate: Predicate::Constant(true),
        properties: (0..table.snapshot.columns.len()).collect(),
        sort: Vec::new(),
        limit: None,
    }
}

async fn export(table: &Table, plan: &ExportPlan, format: ExportFormat, options: &ExportOptions) -> Vec<u8> {
    let house = House::open();
    let open = house.put_open(table).await;
    read(house.tables.export(&open, plan, format, options).await.unwrap()).await.unwrap()
}

async fn export_text(format: ExportFormat, options: &ExportOptions) -> String {
    let table = places();
    String::from_utf8(export(&table, &all(&table), format, options).await).unwrap()
}

#[tokio::test]
async fn csv_is_as_rfc_4180_says() {
    let plain = export_text(ExportFormat::Csv, &ExportOptions::default()).await;
    let expected = "id,name,share,level,open,since,seen,place\r\n\
                    1,\"=cmd, \"\"x\"\"\",-1.50,0.5,true,2024-02-29,2024-02-29T12:30:00Z,POINT(8.5 47.25)\r\n\
                    9223372036854775807,\"\",,,,1860-06-26,,\r\n";
    assert_eq!(plain, expected);
    let safe = export_text(ExportFormat::Csv, &ExportOptions { safe_csv: true, titles: true }).await;
    assert!(safe.starts_with("id,\"Name, full\",share"), "{safe}");
    assert!(safe.contains("1,\"'=cmd, \"\"x\"\"\",-1.50,"), "numbers stay numbers: {safe}");
}

#[tokio::test]
async fn json_ndjson_and_geojson_hold_the_same_rows() {
    let options = ExportOptions::default();
    let json: serde_json::Value = serde_json::from_str(&export_text(ExportFormat::Json, &options).await).unwrap();
    let lines = export_text(ExportFormat::Ndjson, &options).await;
    let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json, serde_json::Value::from(lines));
    assert_eq!(json[0]["place"]["coordinates"], serde_json::json!([8.5, 47.25]));
    let features: serde_json::Value =
        serde_json::from_str(&export_text(ExportFormat::GeoJson, &options).await).unwrap();
    assert_eq!(features["type"], "FeatureCollection");
    assert_eq!(features["features"][0]["geometry"], json[0]["place"]);
    assert_eq!(features["features"][1]["geometry"], serde_json::Value::Null);
    assert_eq!(features["features"][0]["properties"]["name"], json[0]["name"]);
    assert!(features["features"][0]["properties"].get("place").is_none());
}

#[tokio::test]
async fn geojson_wants_exactly_one_column_of_shapes() {
    let house = House::open();
    let table = numbered(3);
    let open = house.put_open(&table).await;
    let refused = house.tables.export(&open, &all(&table), ExportFormat::GeoJson, &ExportOptions::default()).await;
    assert!(matches!(refused, Err(TablesError::Unsuitable { .. })), "{refused:?}");
}

#[tokio::test]
async fn parquet_and_arrow_hold_the_same_values() {
    let table = places();
    let mut plan = all(&table);
    plan.sort = vec![SortKey { column: 0, descending: true }];
    plan.properties = vec![7, 2, 0];
    let expected = {
        let all = batch_of(&table.snapshot.columns, &[table.rows[1].clone(), table.rows[0].clone()]);
        all.project(&[7, 2, 0]).unwrap()
    };
    let parquet = export(&table, &plan, ExportFormat::Parquet, &ExportOptions::default()).await;
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(parquet)).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    assert_eq!(concat_batches(batches[0].schema_ref(), &batches).unwrap().columns(), expected.columns());
    let arrow = export(&table, &plan, ExportFormat::Arrow, &ExportOptions::default()).await;
    let batches: Vec<RecordBatch> =
        StreamReader::try_new(Cursor::new(arrow), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(concat_batches(batches[0].schema_ref(), &batches).unwrap().columns(), expected.columns());
}

#[tokio::test]
async fn spreadsheets_keep_every_digit_or_write_text() {
    let table = places();
    let bytes = export(&table, &all(&table), ExportFormat::Xlsx, &ExportOptions::default()).await;
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("random").unwrap();
    let cell = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!(cell(0, 1), Data::String("name".to_owned()));
    assert_eq!(cell(1, 0), Data::Float(1.0));
    assert_eq!(cell(1, 1), Data::String("=cmd, \"x\"".to_owned()), "text is no formula");
    assert_eq!(cell(1, 2), Data::Float(-1.5));
    assert_eq!(cell(1, 4), Data::Bool(true));
    assert!(matches!(cell(1, 5), Data::DateTime(_)), "{:?}", cell(1, 5));
    assert_eq!(cell(2, 0), Data::String("9223372036854775807".to_owned()));
    assert_eq!(cell(2, 5), Data::String("1860-06-26".to_owned()));
    assert_eq!(cell(1, 7), Data::String("POINT(8.5 47.25)".to_owned()));
}

#[tokio::test]
async fn what_a_sheet_cannot_hold_is_refused_before_it_begins() {
    let house = House::open();
    let mut table = numbered(2);
    table.snapshot.columns[1].statistics.longest = Some(40_000);
    let open = house.put_open(&table).await;
    let options = ExportOptions::default();
    let refused = house.tables.export(&open, &all(&table), ExportFormat::Xlsx, &options).await;
    assert!(matches!(refused, Err(TablesError::Unsuitable { .. })), "{refused:?}");
    let mut plan = all(&table);
    plan.properties = vec![0];
    assert!(house.tables.export(&open, &plan, ExportFormat::Xlsx, &options).await.is_ok());
}

#[tokio::test]
async fn an_export_without_rows_is_a_whole_file() {
    let table = places();
    let mut plan = all(&table);
    plan.predicate = Predicate::Compare(0, Comparison::Equal, Value::Integer(7));
    let options = ExportOptions::default();
    assert_eq!(export(&table, &plan, ExportFormat::Json, &options).await, b"[]");
    assert_eq!(export(&table, &plan, ExportFormat::Ndjson, &options).await, b"");
    let csv = export(&table, &plan, ExportFormat::Csv, &options).await;
    assert_eq!(csv.iter().filter(|byte| **byte == b'\n').count(), 1);
    let parquet = export(&table, &plan, ExportFormat::Parquet, &options).await;
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(parquet)).unwrap();
    assert_eq!(builder.metadata().file_metadata().num_rows(), 0);
    assert!(!export(&table, &plan, ExportFormat::Xlsx, &options).await.is_empty());
}

#[tokio::test]
async fn whole_files_are_there_once_the_index_is_built_and_the_same_as_the_export() {
    let house = House::open();
    let table = numbered(2_000);
    let open = house.put_open(&table).await;
    assert!(house.tables.whole_file(open.key(), WholeFormat::Csv).await.unwrap().is_none());
    let options = ExportOptions::default();
    let streamed =
        read(house.tables.export(&open, &all(&table), ExportFormat::Csv, &options).await.unwrap()).await.unwrap();
    let report = house.tables.build_index(open.key(), &|| false).unwrap();
    assert_eq!(report.csv_bytes, streamed.len() as u64);
    let whole = house.tables.whole_file(open.key(), WholeFormat::Csv).await.unwrap().unwrap();
    assert_eq!(whole.length(), streamed.len() as u64);
    assert_eq!(read(whole.stream(0..u64::MAX)).await.unwrap(), streamed);
    assert_eq!(read(whole.stream(10..20)).await.unwrap(), streamed[10..20]);
    let again =
        read(house.tables.export(&open, &all(&table), ExportFormat::Csv, &options).await.unwrap()).await.unwrap();
    assert_eq!(again, streamed);
    let parquet = house.tables.whole_file(open.key(), WholeFormat::Parquet).await.unwrap().unwrap();
    assert_eq!(parquet.length(), open.snapshot().parquet_bytes);
    assert!(house.tables.whole_file(open.key(), WholeFormat::Quarantine).await.unwrap().is_none());
}
