//! Whole loads of small files: what becomes of them, what is kept out, and what is left when a load fails.

#![allow(clippy::unwrap_used)]

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::TimestampMicrosecondType;
use arrow::util::display::array_value_to_string;
use fairground_tables_intake::{
    Constraints, FieldType, IntakeError, Limits, LoadOptions, LoadedTable, Progress, PublishedField, PublishedSchema,
    Unwatched, Watch, load,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

struct Desk {
    folder: tempfile::TempDir,
    options: LoadOptions,
}

impl Desk {
    fn new(name: &str) -> Self {
        let options = LoadOptions { name: name.to_owned(), threads: 2, ..LoadOptions::default() };
        Self { folder: tempfile::tempdir().unwrap(), options }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn load(&self, bytes: &[u8]) -> Result<Vec<LoadedTable>, IntakeError> {
        let path = self.folder.path().join("in");
        std::fs::write(&path, bytes).unwrap();
        load(&path, &self.options, &self.out(), &Unwatched)
    }

    fn one(&self, text: &str) -> LoadedTable {
        let mut tables = self.load(text.as_bytes()).unwrap();
        assert_eq!(tables.len(), 1);
        tables.remove(0)
    }

    fn left(&self) -> usize {
        std::fs::read_dir(self.out()).map_or(0, Iterator::count)
    }
}

/// A table, with the folder that it is in.
struct Loaded {
    table: LoadedTable,
    _desk: Desk,
}

impl std::ops::Deref for Loaded {
    type Target = LoadedTable;

    fn deref(&self) -> &LoadedTable {
        &self.table
    }
}

fn csv(text: &str) -> Loaded {
    let desk = Desk::new("table.csv");
    Loaded { table: desk.one(text), _desk: desk }
}

/// `name:type` of each column.
fn columns(table: &LoadedTable) -> String {
    let columns = table.snapshot.columns.iter();
    columns.map(|column| format!("{}:{}", column.name, column.column_type)).collect::<Vec<_>>().join(" ")
}

fn rows(table: &LoadedTable) -> Vec<Vec<String>> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(File::open(&table.parquet).unwrap()).unwrap().build().unwrap();
    let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
    let mut rows = Vec::new();
    for batch in batches {
        for at in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| cell(column, at)).collect());
        }
    }
    rows
}

/// A value as text; times without the zone's name, for which Arrow would want a database of zones.
fn cell(column: &ArrayRef, at: usize) -> String {
    match column.as_primitive_opt::<TimestampMicrosecondType>() {
        Some(times) => {
            let times: ArrayRef = Arc::new(times.clone().with_timezone_opt(None::<&str>));
            array_value_to_string(&times, at).unwrap()
        }
        None => array_value_to_string(column, at).unwrap(),
    }
}

#[test]
fn files_of_every_dialect_become_typed_columns() {
    let cases = [
        ("id,name\n1,a\n2,b\n", "id:integer name:text", 2),
        ("id;Preis\n1;1.234,50\n2;7,5\n", "id:integer preis:decimal", 2),
        ("id\tday\n1\t2024-01-31\n", "id:integer day:date", 1),
        ("a|b|c\r\n1|x|true\r\n2|y|false\r\n", "a:integer b:text c:boolean", 2),
        ("code,phone\n01,+39 030 1234\n002,030 99\n", "code:text phone:text", 2),
        ("a,b\n1,n/a\n2,5\n", "a:integer b:integer", 2),
        (
            "Title of the table,,\n,,\nYear,Men,Women\n2001,5,6\n2002,7,8\n,,\nSource: the office,,\n",
            "year:integer men:integer women:integer",
            2,
        ),
        ("sep=;\na;b\n1;2,5\n", "a:integer b:decimal", 1),
        ("# comment\nid,name\n1,a\n# more\n2,b\n", "id:integer name:text", 2),
        ("1,english\n2,german\n3,x\n", "column_1:integer column_2:text", 3),
        ("place,shape\nx,POINT (10 45)\ny,POINT (11 46)\n", "place:text shape:point", 2),
        ("at\n2024-01-01T10:00:00+02:00\n2024-01-01T10:00:00Z\n", "at:timestamp", 2),
        ("id,name\n\n1,a\n,\n2,b\n\n", "id:integer name:text", 2),
        ("id,name\n", "id:text name:text", 0),
        ("a,b\n1,2,\n3,4,\n", "a:integer b:integer", 2),
        ("'a','b'\n'x,y','1'\n'z','2'\n", "a:text b:integer", 2),
        ("Ja,wert\nJa,1\nNein,2\n", "ja:boolean wert:integer", 2),
        // Names of rows without a heading, as R and pandas write them.
        (",name,city\n0,ann,rome\n1,bob,oslo\n2,cy,rome\n", "column_1:integer name:text city:text", 3),
        ("\"\",\"x\"\n\"a\",\"foo bar\"\n\"b\",\"baz\"\n", "column_1:text x:text", 2),
        // More headings than any row has fields.
        ("from,to,km,note\nIAH,MAF,429\nMAF,LAX,1378\n", "from:text to:text km:integer note:text", 2),
        (
            "<http://x.example/def/risk>,@id,label\n<http://x.example/1>,<http://x.example/2>,'Nuts'@en\n",
            "http_x_example_def_risk:text id:text label:text",
            1,
        ),
    ];
    for (text, expected, count) in cases {
        let table = csv(text);
        assert_eq!((columns(&table).as_str(), table.snapshot.rows), (expected, count), "{text:?}");
        assert_eq!(rows(&table).len(), usize::try_from(count).unwrap(), "{text:?}");
    }
}

#[test]
fn files_of_one_name_in_an_archive_are_told_apart() {
    let packed = |members: &[(&str, &str)]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, text) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let names = |members: &[(&str, &str)]| {
        let tables = Desk::new("years.zip").load(&packed(members)).unwrap();
        let mut names: Vec<String> = tables.into_iter().map(|table| table.snapshot.name).collect();
        names.sort();
        names
    };
    let (one, two) = ("a,b\n1,2\n", "a,b\n3,4\n5,6\n");
    assert_eq!(names(&[("2019/data.csv", one), ("2020/data.csv", two)]), ["2019 data", "2020 data"]);
    assert_eq!(names(&[("x/19/d.csv", one), ("y/19/d.csv", two), ("e.csv", two)]), ["e", "x 19 d", "y 19 d"]);
    assert_eq!(names(&[("data.csv", one), ("data.tsv", "a\tb\n1\t2\n")]), ["data csv", "data tsv"]);
}

#[test]
fn values_are_kept_as_they_are() {
    let table = csv(
        "n;d;t;b;w;s\n1.234;0,5;31.12.2023 12:30;ja;POINT (1 2);\"a \"\"b\"\"\"\n;;;nein;;NULL\n-7;12,25;01.01.2024;ja;;ü\n",
    );
    assert_eq!(columns(&table), "n:integer d:decimal t:timestamp b:boolean w:point s:text");
    let rows = rows(&table);
    assert_eq!(rows[0][..4], ["1234", "0.50", "2023-12-31T12:30:00", "true"]);
    assert_eq!(rows[0][5], "a \"b\"");
    assert_eq!(rows[1], ["", "", "", "false", "", "NULL"]);
    assert_eq!(rows[2][..3], ["-7", "12.25", "2024-01-01T00:00:00"]);
    let statistics = &table.snapshot.columns[1].statistics;
    assert_eq!((statistics.count, statistics.nulls, statistics.max.as_deref()), (2, 1, Some("12.25")));
    assert_eq!(statistics.histogram.as_ref().unwrap().counts.iter().sum::<u64>(), 2);
    assert_eq!(table.snapshot.columns[4].statistics.bbox, Some([1.0, 2.0, 1.0, 2.0]));
    assert_eq!(table.snapshot.source.decimal_mark, Some(','));
}

#[test]
fn ragged_rows_are_kept_out_with_line_and_reason() {
    let mut text = String::from("id,name\n");
    for row in 0..30 {
        text.push_str(&format!("{row},\"two\nlines\"\n"));
    }
    text.push_str("30,a,b\n31\n32,fine\n");
    let table = csv(&text);
    assert_eq!(table.snapshot.rows, 31);
    assert_eq!(table.snapshot.quarantine.rows, 2);
    let quarantine = std::fs::read_to_string(table.quarantine.as_ref().unwrap()).unwrap();
    assert_eq!(quarantine, "line,reason,raw\r\n62,\"too-many-fields\",\"30,a,b\"\r\n63,\"too-few-fields\",\"31\"\r\n");
}

#[test]
fn too_many_faults_end_the_load_and_leave_nothing() {
    let desk = Desk::new("x.csv");
    let text: String = (0..100).map(|row| if row % 4 == 0 { "1,2,3\n" } else { "1,2\n" }).collect();
    let error = desk.load(format!("a,b\n{text}").as_bytes()).unwrap_err();
    assert!(matches!(error, IntakeError::TooManyFaults { rows: 25, of: 100, .. }), "{error}");
    assert_eq!(desk.left(), 0);
}

#[test]
fn what_is_no_table_is_refused_in_words() {
    for (name, bytes) in
        [("x.csv", &b""[..]), ("x.csv", b" \n\n"), ("x.csv", b"<!DOCTYPE html><html><body>404</body></html>")]
    {
        let desk = Desk::new(name);
        assert!(matches!(desk.load(bytes), Err(IntakeError::NotTabular { .. })), "{bytes:?}");
        assert_eq!(desk.left(), 0);
    }
}

#[test]
fn limits_are_kept() {
    let wide = format!("{}\n", (0..200).map(|at| format!("c{at}")).collect::<Vec<_>>().join(","));
    let cases = [
        (Limits { file_bytes: 10, ..Limits::default() }, "a,b\n1,2\n3,4\n".to_owned()),
        (Limits { columns: 100, ..Limits::default() }, wide),
    ];
    for (limits, text) in cases {
        let mut desk = Desk::new("x.csv");
        desk.options.limits = limits;
        assert!(matches!(desk.load(text.as_bytes()), Err(IntakeError::TooLarge { .. })), "{text}");
    }
    let mut desk = Desk::new("x.csv");
    desk.options.limits.field_bytes = 1_000;
    let table = desk.one(&format!("a,b\n1,x\n2,y\n3,z\n4,{}\n", "w".repeat(1_001)));
    assert_eq!(table.snapshot.quarantine.reasons, [("field-too-long".to_owned(), 1)]);
}

#[test]
fn a_nul_byte_or_an_open_quote_keeps_only_its_row_out() {
    // A NUL byte near the beginning would make the file a binary one.
    let rows: String = (0..200_000).map(|row| format!("{row},x\n")).collect();
    let table = csv(&format!("a,b\n{rows}3,\0\n4,\"z\"\n5,u\n6,\"open\n7,v\n8,w\n"));
    assert_eq!(columns(&table), "a:integer b:text");
    let reasons: Vec<&str> = table.snapshot.quarantine.reasons.iter().map(|(reason, _)| reason.as_str()).collect();
    assert_eq!(reasons, ["nul-byte", "unclosed-quote"]);
    assert_eq!(table.snapshot.rows, 200_004);
}

#[test]
fn a_value_late_in_the_file_counts_as_much_as_an_early_one() {
    let mut text = String::from("id,amount,day\n");
    for row in 0..140_000 {
        text.push_str(&format!("{row},{row},0{}/0{}/2024\n", row % 9 + 1, row % 8 + 1));
    }
    let plain = csv(&text);
    assert_eq!(columns(&plain), "id:integer amount:integer day:date");
    text.push_str("A7,0.125,12/31/2024\n");
    let late = csv(&text);
    assert_eq!(columns(&late), "id:text amount:decimal day:date");
    assert_eq!(late.snapshot.rows, 140_001);
    let last = rows(&late).pop().unwrap();
    assert_eq!(last, ["A7", "0.125", "2024-12-31"]);
}

#[test]
fn the_same_file_gives_the_same_snapshot() {
    let (one, two) = (csv("a,b\n1,x\n"), csv("a,b\n1,x\n"));
    assert_eq!(one.snapshot, two.snapshot);
    assert_ne!(one.snapshot.key, csv("a,b\n1,y\n").snapshot.key);
}

fn field(name: &str, field_type: FieldType, constraints: Constraints) -> PublishedField {
    PublishedField { name: name.to_owned(), field_type, constraints, bare_number: true, ..PublishedField::default() }
}

#[test]
fn a_published_schema_is_obeyed() {
    let least = Constraints { minimum: Some("0".to_owned()), ..Constraints::default() };
    let required = Constraints { required: true, unique: true, ..Constraints::default() };
    let mut day = field("day", FieldType::Date, Constraints::default());
    day.format = Some("%d/%m/%Y".to_owned());
    let schema = PublishedSchema {
        standard: "table-schema",
        fields: vec![
            field("id", FieldType::String, required),
            field("age", FieldType::Integer, least),
            day,
            field(
                "kind",
                FieldType::String,
                Constraints { allowed: vec!["a".into(), "b".into()], ..Constraints::default() },
            ),
        ],
        ..PublishedSchema::default()
    };
    let mut desk = Desk::new("x.csv");
    desk.options.declared = Some(schema);
    desk.options.limits.quarantine_percent = 60;
    let table = desk.one(
        "id,age,day,kind\n1,5,01/02/2024,a\n2,-1,01/02/2024,a\n3,x,01/02/2024,a\n4,5,2024-01-01,a\n5,5,31/12/2024,c\n,5,,a\n1,6,,b\n7,6,,b\n8,6,,b\n9,6,,b\n10,6,,b\n",
    );
    assert_eq!(columns(&table), "id:text age:integer day:date kind:text");
    assert_eq!(table.snapshot.rows, 5);
    let reasons: Vec<&str> = table.snapshot.quarantine.reasons.iter().map(|(reason, _)| reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "schema: field age: below the minimum",
            "schema: field age: not an integer",
            "schema: field day: not a date in the declared format",
            "schema: field id: not unique",
            "schema: field id: value is missing",
            "schema: field kind: not among the allowed values",
        ]
    );
    assert_eq!(rows(&table)[0], ["1", "5", "2024-02-01", "a"]);
    assert_eq!(table.snapshot.columns[3].allowed, ["a", "b"]);
}

struct Impatient;

impl Watch for Impatient {
    fn progress(&self, _progress: Progress) {}

    fn stopped(&self) -> bool {
        true
    }
}

#[test]
fn a_load_that_is_cancelled_leaves_nothing() {
    let desk = Desk::new("x.csv");
    let path = desk.folder.path().join("in");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    assert!(matches!(load(&path, &desk.options, &desk.out(), &Impatient), Err(IntakeError::Cancelled)));
    assert_eq!(desk.left(), 0);
}

#[test]
fn parking_meters_with_loose_commas_load_without_the_loose_rows() {
    let folder = std::env::var_os("FAIRGROUND_TEST_DATA").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data"));
    let path = folder.join("harvest/agency-brescia-mobilita/Sosta/Parcometri - Brescia.csv");
    let Ok(bytes) = std::fs::read(path) else {
        println!("skipped: no test data");
        return;
    };
    let tables = Desk::new("Parcometri.csv").load(&bytes).unwrap();
    let snapshot = &tables[0].snapshot;
    assert_eq!((snapshot.columns.len(), snapshot.rows, snapshot.quarantine.rows), (4, 311, 24));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_loaded_or_refused_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Desk::new("x.csv").load(&bytes);
    }

    #[test]
    fn any_text_like_a_table_keeps_every_row_or_names_it(text in "[a-c0-9,;\"'.\n #/-]{0,200}") {
        if let Ok(tables) = Desk::new("x.csv").load(text.as_bytes()) {
            for table in tables {
                prop_assert_eq!(u64::try_from(rows(&table).len()).unwrap(), table.snapshot.rows);
            }
        }
    }
}

#[test]
fn rows_without_values_count_where_the_format_counts_rows_and_what_is_no_number_is_empty() {
    let values: ArrayRef = Arc::new(arrow::array::Float64Array::from(vec![Some(1.5), None, Some(f64::NAN), None]));
    let batch = RecordBatch::try_from_iter([("x", values)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let desk = Desk::new("values.parquet");
    let tables = desk.load(&bytes).unwrap();
    let [table] = tables.as_slice() else { panic!("one table") };
    assert_eq!((table.snapshot.rows, columns(table).as_str()), (4, "x:decimal"));
    assert_eq!(table.snapshot.columns[0].statistics.count, 1);
    assert_eq!(table.snapshot.source.notes, ["`x`: 1 values that are NaN or infinite are empty."]);
    assert_eq!(csv("a,b\n1,2\n,\n3,4\n").snapshot.rows, 2);
}

#[test]
fn a_sheet_loses_unused_columns_at_its_sides_and_keeps_values_beyond_its_header() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [(0, ["id", "name", ""]), (1, ["x1", "a", ""]), (2, ["x2", "b", "more"])] {
        for (column, cell) in (2_u16..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    let blank = rust_xlsxwriter::Format::new().set_bold();
    sheet.write_blank(1, 9, &blank).unwrap();
    let desk = Desk::new("sheet.xlsx");
    let tables = desk.load(&book.save_to_buffer().unwrap()).unwrap();
    let [table] = tables.as_slice() else { panic!("one table") };
    assert_eq!((table.snapshot.rows, columns(table).as_str()), (2, "id:text name:text column_3:text"));
    assert!(table.quarantine.is_none());
}

#[test]
fn a_line_that_is_no_json_is_kept_out_and_the_others_load() {
    let desk = Desk::new("table.ndjson");
    let mut text: String = (1..=40).map(|n| format!("{{\"n\":{n},\"name\":\"row {n}\"}}\n")).collect();
    text.push_str("{\"n\":41,\"name\":\n\n{\"n\":42,\"name\":\"last\"}");
    let table = desk.one(&text);
    assert_eq!(columns(&table), "n:integer name:text");
    assert_eq!((table.snapshot.rows, table.snapshot.quarantine.rows), (41, 1));
    let quarantine = std::fs::read_to_string(table.quarantine.as_ref().unwrap()).unwrap();
    assert_eq!(quarantine, "line,reason,raw\r\n41,\"not-json\",\"{\"\"n\"\":41,\"\"name\"\":\"\r\n");
    assert_eq!(rows(&table).last().unwrap(), &["42", "last"]);
    // Too many such lines stop the load, and documents over several lines are told of by their place.
    let many = format!("{}{}", "{\"n\":1}\n".repeat(6), "oops\n".repeat(5));
    let refused = Desk::new("table.ndjson").load(many.as_bytes());
    assert!(matches!(&refused, Err(IntakeError::TooManyFaults { reason, .. }) if reason == "not-json"), "{refused:?}");
    let refused = Desk::new("table.ndjson").load(b"{\n\"n\":1\n}\n{\n\"n\":\n}\n{\n\"n\":3\n}\n");
    assert!(matches!(refused, Err(IntakeError::Broken { .. })), "{refused:?}");
}
