use std::io::Write;

use fairground_screen::{Kind, Verdict};

use super::*;

fn screened(name: &str, bytes: &[u8]) -> Result<Report, ScreenError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    screen_file(&path, name, Rules::default(), None).map(|(report, _)| report)
}

const PEOPLE: &str = "first_name,last_name,email,date_of_birth\nAda,Byron,ada.byron@gmail.com,1980-12-10\nGrace,Murray,grace.murray@gmail.com,1976-12-09\nAlan,Mathison,alan.m@outlook.com,1972-06-23\nEmmy,Noether,emmy.noether@gmx.de,1962-03-23\n";

#[test]
fn every_format_is_screened() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<Vec<&str>> = PEOPLE.lines().map(|line| line.split(',').collect()).collect();
    let mut book = rust_xlsxwriter::Workbook::new();
    book.set_properties(&rust_xlsxwriter::DocProperties::new().set_author("Grace Murray"));
    let sheet = book.add_worksheet();
    for (at, row) in (0..).zip(&rows) {
        for (column, cell) in (0..).zip(row) {
            sheet.write(at, column, *cell).unwrap();
        }
    }
    let xlsx = folder.path().join("people.xlsx");
    book.save(&xlsx).unwrap();
    let (report, _) = screen_file(&xlsx, "people.xlsx", Rules::default(), None).unwrap();
    assert_eq!(report.verdict, Verdict::Hold);
    assert!(report.findings.iter().any(|finding| finding.kind == Kind::DocumentProperty), "{:?}", report.findings);

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("a/people.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(PEOPLE.as_bytes()).unwrap();
    let zipped = zip.finish().unwrap().into_inner();
    let json: Vec<serde_json::Value> = rows[1..]
        .iter()
        .map(|row| {
            rows[0].iter().zip(row).map(|(key, cell)| ((*key).to_owned(), serde_json::Value::from(*cell))).collect()
        })
        .collect();
    let ndjson: String = json.iter().map(|row| format!("{row}\n")).collect();
    let yaml: String = json
        .iter()
        .map(|row| {
            format!(
                "- first_name: {}\n  last_name: {}\n  email: {}\n  date_of_birth: {}\n",
                row["first_name"], row["last_name"], row["email"], row["date_of_birth"]
            )
        })
        .collect();
    for (name, bytes) in [
        ("people.csv", PEOPLE.as_bytes().to_vec()),
        ("people.tsv", PEOPLE.replace(',', "\t").into_bytes()),
        ("people.zip", zipped),
        ("people.json", serde_json::to_vec(&json).unwrap()),
        ("people.ndjson", ndjson.into_bytes()),
        ("people.yaml", yaml.into_bytes()),
    ] {
        let report = screened(name, &bytes).unwrap();
        assert_eq!(report.verdict, Verdict::Hold, "{name}: {report:?}");
        let email = report.findings.iter().find(|finding| finding.kind == Kind::Email).unwrap();
        assert_eq!((email.column.as_str(), email.rows), ("email", 4), "{name}");
    }
}

#[test]
fn letters_are_screened_as_text() {
    let letter = "Dear Sir or Madam,\n\nmy name is Wilhelmine Unkelbach, born on 16.04.1980.\nPlease pay to DE89 3704 0044 0532 0130 00.\n";
    let report = screened("letter.md", letter.as_bytes()).unwrap();
    assert_eq!(report.verdict, Verdict::Hold, "{report:?}");
}

#[test]
fn a_picture_is_neither_table_nor_text() {
    assert!(matches!(screened("x.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Err(ScreenError::Unreadable(_))));
    assert!(matches!(screened("x.pdf", b"%PDF-1.7 whatever"), Err(ScreenError::Unreadable(_))));
}

#[test]
fn values_are_never_in_a_report() {
    let report = screened("people.csv", PEOPLE.as_bytes()).unwrap();
    let json = serde_json::to_string(&report).unwrap();
    for value in ["Byron", "ada.byron", "1980-12-10", "Noether"] {
        assert!(!json.contains(value), "{value} is in the report");
    }
    assert!(
        report.public().findings.iter().all(|finding| finding.examples.is_empty() && finding.row_numbers.is_empty())
    );
}
