//! Formats over fixtures of our own, over hostile bytes, and over the shared test data where it is there.

use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::*;
use crate::cell::Cell;

/// A folder with one file.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut archive = zip::ZipWriter::new(&mut bytes);
    for (name, content) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
    bytes.into_inner()
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// A table, read whole.
#[derive(Debug, PartialEq)]
struct Whole {
    name: String,
    format: &'static str,
    header: Option<Vec<String>>,
    rows: Vec<(u64, Vec<Cell>)>,
    notes: Vec<String>,
}

fn read_all(mut reader: Box<dyn TableReader>) -> Result<Whole, IntakeError> {
    let mut rows = Vec::new();
    reader.read(&mut |number, cells| {
        rows.push((number, cells.clone()));
        Ok(())
    })?;
    let mut again = 0;
    reader.read(&mut |_, _| {
        again += 1;
        Ok(())
    })?;
    assert_eq!(rows.len(), again, "a second reading gives as many rows");
    Ok(Whole {
        name: reader.name().to_owned(),
        format: reader.format(),
        header: reader.header(),
        rows,
        notes: reader.notes(),
    })
}

/// Everything in a file, archives unpacked.
fn tables(path: &Path, name: &str, limits: &FormatLimits) -> Result<Vec<Whole>, IntakeError> {
    let format = detect(path, name, None)?;
    let mut found = Vec::new();
    if format.is_archive() {
        let folder = TempDir::new()?;
        for member in unpack(path, name, format, limits, folder.path())?.members {
            if member.format == Format::Delimited {
                let text = String::from_utf8_lossy(&std::fs::read(&member.path)?).into_owned();
                let rows = (1..).zip(text.lines().map(|line| vec![Cell::Text(line.to_owned())])).collect();
                found.push(Whole { name: member.name, format: "csv", header: None, rows, notes: Vec::new() });
            } else {
                for reader in open(member.format, &member.path, &member.name, limits)? {
                    found.push(read_all(reader)?);
                }
            }
        }
    } else if format != Format::Delimited {
        for reader in open(format, path, name, limits)? {
            found.push(read_all(reader)?);
        }
    }
    Ok(found)
}

fn of_bytes(name: &str, bytes: &[u8]) -> Result<Vec<Whole>, IntakeError> {
    let (_folder, path) = file(name, bytes);
    tables(&path, name, &FormatLimits::default())
}

fn text(value: &str) -> Cell {
    Cell::Quoted(value.to_owned())
}

#[test]
fn a_file_is_told_by_its_content_not_by_its_name() {
    let wide: Vec<u8> = "a;b\n1;2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: &[(&str, &[u8], Result<Format, &str>)] = &[
        ("a.csv", b"a,b\n1,2\n", Ok(Format::Delimited)),
        ("a.csv", &wide, Ok(Format::Delimited)),
        ("a.xls", b"a\tb\n1\t2\n", Ok(Format::Delimited)),
        ("[a].csv", b"[id],[name]\n1,2\n", Ok(Format::Delimited)),
        ("a.csv", b"<5,>10\n1,2\n", Ok(Format::Delimited)),
        ("a.csv", b"[{\"a\":1}]", Ok(Format::Json)),
        ("a.csv", b"{\"a\":1}\n{\"a\":2}\n", Ok(Format::Ndjson)),
        ("a.jsonl", b"{\"a\":1}", Ok(Format::Ndjson)),
        ("a.json", b"{ \"type\": \"FeatureCollection\", \"features\": [] }", Ok(Format::GeoJson)),
        ("a.geojson", b"{\"features\": [{}], \"type\": \"FeatureCollection\"}", Ok(Format::GeoJson)),
        ("a.csv", b"PAR1....", Ok(Format::Parquet)),
        ("a.csv", b"\x1f\x8b\x08", Ok(Format::Gzip)),
        ("a.csv", b"\x28\xb5\x2f\xfd", Ok(Format::Zstd)),
        ("a.csv", b"", Err("empty")),
        ("a.csv", b" \n\t\n", Err("blanks")),
        ("a.csv", b"File not found", Err("one line of words")),
        ("a.xls", b"gone", Err("one line of words")),
        ("a.csv", b"<!DOCTYPE html><html><body>404</body></html>", Err("web page")),
        ("a.xls", b"\n<html><table><tr><td>1</td></tr></table></html>", Err("web page")),
        ("a.csv", b"<?xml version=\"1.0\"?><root/>", Err("XML")),
        ("a.json", b"{\"type\":\"Topology\",\"objects\":{}}", Err("TopoJSON")),
        ("a.csv", b"%PDF-1.7", Err("PDF")),
        ("a.csv", b"\x89PNG\r\n", Err("picture")),
        ("a.csv", b"SQLite format 3\0", Err("SQLite")),
        ("a.csv", b"\x00\x01\x02\x03\x00\x00\x04\x05\x01\x02", Err("binary")),
        ("README.md", b"# Title\n", Err("another kind")),
        ("a.csv", b"version https://git-lfs.github.com/spec/v1\noid x\n", Err("Git LFS")),
        ("a.csv", &zipped(&[("a.csv", b"a")]), Ok(Format::Zip)),
        ("a.csv", &zipped(&[("[Content_Types].xml", b""), ("xl/workbook.xml", b"")]), Ok(Format::Xlsx)),
        ("a.csv", &zipped(&[("[Content_Types].xml", b""), ("xl/workbook.bin", b"")]), Ok(Format::Xlsb)),
        ("a.zip", &zipped(&[("[Content_Types].xml", b""), ("word/document.xml", b"")]), Err("text document")),
        ("a.zip", &zipped(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")]), Ok(Format::Ods)),
        ("a.zip", &zipped(&[("mimetype", b"application/vnd.oasis.opendocument.text")]), Err("not a spreadsheet")),
        ("a.zip", &zipped(&[("doc.kml", b"<kml/>")]), Err("KMZ")),
    ];
    for (name, bytes, expected) in cases {
        let (_folder, path) = file("x", bytes);
        let label = format!("{name} {:?}", String::from_utf8_lossy(bytes.get(..40.min(bytes.len())).unwrap()));
        match (detect(&path, name, None), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, *expected, "{label}"),
            (Err(IntakeError::NotTabular { why }), Err(word)) => assert!(why.contains(word), "{label}: {why}"),
            (found, expected) => panic!("{label}: {found:?} is not {expected:?}"),
        }
    }
}

fn unpacked(bytes: &[u8], limits: &FormatLimits) -> Result<(Vec<String>, Vec<String>), IntakeError> {
    let (_folder, path) = file("a.zip", bytes);
    let into = TempDir::new().unwrap();
    let format = detect(&path, "a.zip", None)?;
    let found = unpack(&path, "a.zip", format, limits, into.path())?;
    for entry in std::fs::read_dir(into.path()).unwrap() {
        assert!(entry.unwrap().path().parent() == Some(into.path()), "files stay in the folder");
    }
    Ok((
        found.members.into_iter().map(|member| member.name).collect(),
        found.skipped.into_iter().map(|(name, why)| format!("{name}: {why}")).collect(),
    ))
}

#[test]
fn an_archive_gives_its_tables_and_leaves_the_rest() {
    let bytes = zipped(&[
        ("data/a.csv", b"a\n1\n"),
        ("__MACOSX/data/._a.csv", b"junk"),
        (".DS_Store", b"junk"),
        ("README.txt", b"read me"),
        ("manual.pdf", b"%PDF"),
        ("page.txt", b"<html><body>x</body></html>"),
        ("../../evil.csv", b"a\n1\n"),
        ("/etc/evil.csv", b"a\n1\n"),
        ("b.csv.gz", &gzipped(b"b\n1\n")),
        ("inner.zip", &zipped(&[("c.csv", b"c\n1\n"), ("deeper.zip", &zipped(&[("d.csv", b"d\n1\n")]))])),
    ]);
    let (members, skipped) = unpacked(&bytes, &FormatLimits::default()).unwrap();
    assert_eq!(members, ["data/a.csv", "b.csv", "inner.zip/c.csv"]);
    for expected in [
        "README.txt: it accompanies",
        "manual.pdf: it accompanies",
        "page.txt: it is a web page",
        "../../evil.csv: its name leads out",
        "/etc/evil.csv: its name leads out",
        "inner.zip/deeper.zip: archives within archives within",
    ] {
        assert!(skipped.iter().any(|line| line.starts_with(expected)), "{expected}: {skipped:?}");
    }
}

#[test]
fn a_bomb_is_refused_while_it_unpacks() {
    let zeros = vec![b'0'; 40 << 20];
    let ratio = FormatLimits { ratio: 100, ..FormatLimits::default() };
    let total = FormatLimits { unpacked_bytes: 1 << 20, ..FormatLimits::default() };
    let entries = FormatLimits { entries: 1, ..FormatLimits::default() };
    let nested = zipped(&[("x.zip", &zipped(&[("a.csv", &zeros)]))]);
    let cases: [(&str, Vec<u8>, &FormatLimits); 5] = [
        ("ratio", zipped(&[("a.csv", &zeros)]), &ratio),
        ("total", zipped(&[("a.csv", &zeros)]), &total),
        ("nested", nested, &total),
        ("gzip", gzipped(&zeros), &ratio),
        ("entries", zipped(&[("a.csv", b"a"), ("b.csv", b"b")]), &entries),
    ];
    for (label, bytes, limits) in cases {
        let found = unpacked(&bytes, limits);
        assert!(matches!(found, Err(IntakeError::TooLarge { .. })), "{label}: {found:?}");
    }
}

#[test]
fn an_archive_without_a_table_says_why() {
    let locked = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut archive = zip::ZipWriter::new(&mut bytes);
        archive.start_file("a.csv", SimpleFileOptions::default()).unwrap();
        archive.write_all(b"a\n1\n").unwrap();
        archive.finish().unwrap();
        let mut bytes = bytes.into_inner();
        // The flag "encrypted" in the local header and in the directory.
        let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[6] |= 1;
        bytes[directory + 8] |= 1;
        bytes
    };
    let protected = unpacked(&locked, &FormatLimits::default());
    assert!(matches!(protected, Err(IntakeError::Protected { .. })), "{protected:?}");
    for bytes in [zipped(&[]), zipped(&[("manual.pdf", b"%PDF")])] {
        let found = unpacked(&bytes, &FormatLimits::default());
        assert!(matches!(found, Err(IntakeError::NotTabular { .. })), "{found:?}");
    }
    let cut = zipped(&[("a.csv", b"a\n1\n")]);
    let found = unpacked(&cut[..cut.len() - 30], &FormatLimits::default());
    assert!(matches!(found, Err(IntakeError::Broken { .. })), "{found:?}");
}

#[test]
fn a_data_package_gives_its_members_their_schema() {
    let package = br#"{"name":"p","resources":[{"name":"a","path":"data/a.csv","encoding":"windows-1252",
        "dialect":{"delimiter":";"},"schema":{"missingValues":["-"],"fields":[{"name":"code","type":"string"},
        {"name":"n","type":"integer","constraints":{"required":true,"minimum":1}}]}}]}"#;
    let bytes = zipped(&[("datapackage.json", package), ("data/a.csv", b"code;n\n01;2\n"), ("other.csv", b"x\n1\n")]);
    let (_folder, path) = file("p.zip", &bytes);
    let into = TempDir::new().unwrap();
    let found = unpack(&path, "p.zip", Format::Zip, &FormatLimits::default(), into.path()).unwrap();
    let [first, second] = found.members.as_slice() else { panic!("{found:?}") };
    let schema = first.schema.as_ref().unwrap();
    assert_eq!(schema.standard, "data-package");
    assert_eq!(schema.encoding.as_deref(), Some("windows-1252"));
    assert_eq!(schema.missing_values, Some(vec!["-".to_owned()]));
    assert_eq!(schema.dialect.as_ref().unwrap().delimiter, Some(';'));
    assert_eq!(schema.fields[1].constraints.minimum.as_deref(), Some("1"));
    assert!(schema.fields[1].constraints.required);
    assert_eq!(second.schema, None);
}

#[test]
fn json_of_every_usual_shape_becomes_a_table() {
    let int = Cell::Integer;
    let two = vec![vec![int(1), text("x")], vec![int(2), text("y")]];
    let names = || Some(vec!["a".to_owned(), "b".to_owned()]);
    let cases: &[(&str, Option<Vec<String>>)] = &[
        (r#"[{"a":1,"b":"x"},{"b":"y","a":2}]"#, names()),
        (
            r#"{"count":2,"records":[{"a":1,"b":"x"},{"a":2,"b":"y"}],"fields":[{"id":"a"},{"id":"b"},{"id":"c"}]}"#,
            names(),
        ),
        (r#"{"success":true,"result":{"records":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}}"#, names()),
        (
            r#"{"meta":{"view":{"columns":[{"name":"A","fieldName":"a"},{"name":"B","fieldName":"b"}]}},"data":[[1,"x"],[2,"y"]]}"#,
            names(),
        ),
        (r#"{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}"#, names()),
        (r#"{"a":[1,2],"b":["x","y"]}"#, names()),
        (r#"{"stations":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}"#, names()),
        ("{\"a\":1,\"b\":\"x\"}\n\n{\"a\":2,\"b\":\"y\"}", names()),
        ("{\"a\":1,\n\"b\":\"x\"}{\"a\":2,\"b\":\"y\"}", names()),
        ("\u{feff}[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":\"y\"}]", names()),
    ];
    for (json, header) in cases {
        let found = of_bytes("t.json", json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"));
        let [table] = found.as_slice() else { panic!("{json}: {found:?}") };
        assert_eq!(&table.header, header, "{json}");
        let rows: Vec<Vec<Cell>> = table.rows.iter().map(|(_, cells)| cells.clone()).collect();
        assert_eq!(rows, two, "{json}");
    }
    let headed = of_bytes("t.json", br#"[["a","b"],[1,"x"]]"#).unwrap();
    assert_eq!((headed[0].header.clone(), headed[0].rows.len()), (None, 2));
    let several = of_bytes("t.json", br#"{"lines":[{"a":1}],"stops":[{"b":1}]}"#).unwrap();
    assert_eq!(several.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["lines", "stops"]);
}

#[test]
fn members_become_columns_in_order_of_appearance_and_objects_are_flattened() {
    let json =
        br#"[{"id":"007","n":{"x":1.50,"deep":{"y":{"z":{"w":1}}}},"tags":["a", "b c"],"big":12345678901234567890,
        "e":1e3,"t":true,"none":null,"where":{"type":"Point","coordinates":[2.5,48.0]}},{"late":"z"}]"#;
    let found = of_bytes("t.json", json).unwrap();
    let header = found[0].header.clone().unwrap();
    assert_eq!(header, ["id", "n.x", "n.deep.y.z", "tags", "big", "e", "t", "none", "where", "late"]);
    let first = &found[0].rows[0].1;
    assert_eq!(first[0], text("007"));
    assert_eq!(first[1], Cell::Decimal("1.50".to_owned()));
    assert_eq!(first[2], text(r#"{"w":1}"#));
    assert_eq!(first[3], text(r#"["a","b c"]"#));
    assert_eq!(first[4], Cell::Decimal("12345678901234567890".to_owned()));
    assert_eq!(first[5], Cell::Integer(1_000));
    assert_eq!(first[6], Cell::Boolean(true));
    assert_eq!(first[7], Cell::Null);
    assert!(matches!(&first[8], Cell::Geometry { point: true, wkb } if wkb.len() == 21));
    assert_eq!(found[0].rows[1].1[9], text("z"));
}

#[test]
fn json_that_is_no_table_or_broken_is_refused() {
    let cases: &[(&str, &str)] = &[
        (r#"{"name":"x","version":1}"#, "no array of records"),
        ("[]", "empty"),
        ("[{},{}]", "no members"),
        (r#"{"type":"FeatureCollection","features":[]}"#, "empty"),
        (r#"[{"a":1},{"a":]"#, "broken"),
        (r#"[{"a":1}"#, "broken"),
        (r#"[{"a":1}] x"#, "broken"),
        (r#"[{"a":1}}"#, "broken"),
        ("[{\"a\":1},{\"a\":nope}]", "broken"),
    ];
    for (json, word) in cases {
        let error = of_bytes("t.json", json.as_bytes()).expect_err(json).to_string();
        assert!(error.contains(word), "{json}: {error}");
    }
    let deep = format!("[{}1{}]", "[".repeat(5_000), "]".repeat(5_000));
    assert!(of_bytes("t.json", deep.as_bytes()).is_err());
    let limits = FormatLimits { row_bytes: 100, columns: 3, ..FormatLimits::default() };
    for json in [format!("[{{\"a\":\"{}\"}}]", "x".repeat(200)), r#"[{"a":1,"b":1,"c":1,"d":1}]"#.to_owned()] {
        let (_folder, path) = file("t.json", json.as_bytes());
        let found = tables(&path, "t.json", &limits);
        assert!(matches!(found, Err(IntakeError::TooLarge { .. })), "{json}: {found:?}");
    }
}

#[test]
fn geojson_features_become_rows_with_a_shape() {
    let json = br#"{"type":"FeatureCollection","name":"x","features":[
        {"type":"Feature","id":7,"properties":{"name":"A","n":{"m":1}},"geometry":{"type":"Point","coordinates":[2.5,48,100]}},
        {"type":"Feature","properties":{"name":"B"},"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[1,0],[1,1],[0,0]]]]}},
        {"type":"Feature","properties":null,"geometry":null}]}"#;
    let found = of_bytes("t.geojson", json).unwrap();
    assert_eq!(found[0].format, "geojson");
    assert_eq!(found[0].header.clone().unwrap(), ["id", "name", "n.m", "geometry"]);
    assert_eq!(found[0].rows[0].1[..3], [Cell::Integer(7), text("A"), Cell::Integer(1)]);
    let mut point = vec![1, 1, 0, 0, 0];
    point.extend(2.5_f64.to_le_bytes());
    point.extend(48_f64.to_le_bytes());
    assert_eq!(found[0].rows[0].1[3], Cell::Geometry { wkb: point, point: true });
    assert!(matches!(found[0].rows[1].1[3], Cell::Geometry { point: false, .. }));
    assert!(found[0].rows[2].1.iter().all(|cell| *cell == Cell::Null));
    let by_line = b"{\"type\":\"Feature\",\"properties\":{\"a\":1},\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}}\n{\"type\":\"Feature\",\"properties\":{\"a\":2},\"geometry\":null}\n";
    let found = of_bytes("t.geojsonl", by_line).unwrap();
    assert_eq!(found[0].header.clone().unwrap(), ["a", "geometry"]);
    assert_eq!((found[0].format, found[0].rows.len()), ("geojson", 2));
    let far = br#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::27700"}},
        "features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[500000,200000]}}]}"#;
    let found = of_bytes("t.geojson", far).unwrap();
    assert_eq!(found[0].header.clone().unwrap(), ["a"]);
    assert_eq!(found[0].notes.len(), 1);
}

#[test]
fn a_document_that_is_one_feature_or_one_shape_is_one_row() {
    let collection = r#"{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]}]}"#;
    let cases = [
        (r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#, vec!["geometry"]),
        (r#"{"coordinates":[[1,2],[3,4]],"bbox":[1,2,3,4],"type":"LineString"}"#, vec!["geometry"]),
        (collection, vec!["geometry"]),
        (
            r#"{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}"#,
            vec!["a", "geometry"],
        ),
    ];
    for (json, header) in cases {
        let found = of_bytes("t.geojson", json.as_bytes()).expect(json);
        assert_eq!(found[0].header.clone().unwrap(), header, "{json}");
        assert_eq!((found.len(), found[0].format, found[0].rows.len()), (1, "geojson", 1), "{json}");
        assert!(matches!(found[0].rows[0].1.last(), Some(Cell::Geometry { .. })), "{json}");
    }
    let no_shape = br#"{"type":"Point","name":"x","rows":[{"a":1},{"a":2}]}"#;
    assert_eq!(of_bytes("t.json", no_shape).unwrap()[0].rows.len(), 2);
}

/// A workbook with a hidden and an empty sheet.
fn workbook() -> Vec<u8> {
    use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook};
    let mut book = Workbook::new();
    let date = CellFormat::new().set_num_format("yyyy-mm-dd");
    let moment = CellFormat::new().set_num_format("yyyy-mm-dd hh:mm");
    let time = CellFormat::new().set_num_format("hh:mm:ss");
    let percent = CellFormat::new().set_num_format("0%");
    let sheet = book.add_worksheet().set_name("Data").unwrap();
    for (at, title) in ["code", "n", "share", "day", "at", "time", "ok"].iter().enumerate() {
        sheet.write(0, u16::try_from(at).unwrap(), *title).unwrap();
    }
    sheet.write(2, 0, "007").unwrap();
    sheet.write(2, 1, 12).unwrap();
    sheet.write_with_format(2, 2, 0.25, &percent).unwrap();
    sheet.write_with_format(2, 3, ExcelDateTime::from_ymd(2024, 2, 29).unwrap(), &date).unwrap();
    let at = ExcelDateTime::from_ymd(2024, 2, 29).unwrap().and_hms(12, 30, 0).unwrap();
    sheet.write_with_format(2, 4, at, &moment).unwrap();
    sheet.write_with_format(2, 5, ExcelDateTime::from_hms(6, 30, 0).unwrap(), &time).unwrap();
    sheet.write(2, 6, true).unwrap();
    book.add_worksheet().set_name("Empty").unwrap();
    book.add_worksheet().set_name("Secret").unwrap().set_hidden(true).write(0, 0, "x").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_typed_cells_and_its_visible_sheets() {
    let found = of_bytes("t.xlsx", &workbook()).unwrap();
    let [table] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((table.name.as_str(), table.format, &table.header), ("Data", "xlsx", &None));
    assert!(table.notes.iter().any(|note| note.contains("`Secret`")), "{:?}", table.notes);
    assert_eq!(table.rows.len(), 2);
    let day = 19_782;
    let micros = i64::from(day) * 86_400_000_000 + 45_000_000_000;
    assert_eq!(
        table.rows[1],
        (
            3,
            vec![
                text("007"),
                Cell::Integer(12),
                Cell::Float(0.25),
                Cell::Date(day),
                Cell::Timestamp { micros, utc: false },
                text("06:30:00"),
                Cell::Boolean(true),
            ]
        )
    );
}

/// The sheet of a workbook, replaced.
fn with_part(book: &[u8], wanted: &str, content: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
    let mut parts = Vec::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
        if name == wanted {
            bytes = content.as_bytes().to_vec();
        }
        parts.push((name, bytes));
    }
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    zipped(&parts)
}

#[test]
fn a_workbook_that_claims_too_much_takes_no_memory() {
    let sheet = |rows: &str| {
        format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
        )
    };
    let corners =
        sheet(r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>"#);
    let found = of_bytes("t.xlsx", &with_part(&workbook(), "xl/worksheets/sheet1.xml", &corners)).unwrap();
    assert_eq!(found[0].rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 1_048_576]);
    let beyond = sheet(r#"<row r="1"><c r="ZZZZ1"><v>1</v></c></row>"#);
    let backwards = sheet(r#"<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>"#);
    for content in [beyond, backwards] {
        let found = of_bytes("t.xlsx", &with_part(&workbook(), "xl/worksheets/sheet1.xml", &content));
        assert!(matches!(found, Err(IntakeError::Broken { .. })), "{found:?}");
    }
    let strings = r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1" uniqueCount="99999999999"><si><t>a</t></si></sst>"#;
    let found = of_bytes("t.xlsx", &with_part(&workbook(), "xl/sharedStrings.xml", strings));
    assert!(matches!(found, Err(IntakeError::Broken { .. })), "{found:?}");
    let limits = FormatLimits { row_bytes: 1 << 20, ..FormatLimits::default() };
    let long = sheet(&format!(r#"<row r="1"><c r="A1" t="str"><v>{}</v></c></row>"#, "x".repeat(2 << 20)));
    let (_folder, path) = file("t.xlsx", &with_part(&workbook(), "xl/worksheets/sheet1.xml", &long));
    let found = tables(&path, "t.xlsx", &limits);
    assert!(matches!(found, Err(IntakeError::TooLarge { .. })), "{found:?}");
}

/// An OpenDocument spreadsheet around the content of its `office:spreadsheet`.
fn ods(body: &str) -> Vec<u8> {
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s"><office:automatic-styles><style:style style:name="ta1"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"#
    );
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

#[test]
fn an_opendocument_sheet_gives_typed_cells() {
    let body = r#"<table:table table:name="Data"><table:table-row><table:table-cell office:value-type="string"><text:p>a &amp; b</text:p><text:p>c<text:s text:c="2"/>d</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="12"/><table:table-cell table:number-columns-repeated="2" office:value-type="percentage" office:value="0.5"/><table:table-cell office:value-type="date" office:date-value="2024-02-29"/><table:table-cell office:value-type="time" office:time-value="PT06H30M00S"/><table:table-cell office:value-type="boolean" office:boolean-value="true"/><table:table-cell table:number-columns-repeated="16000"/></table:table-row><table:table-row table:number-rows-repeated="1000"><table:table-cell/></table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1.5"/></table:table-row></table:table><table:table table:name="Hidden" table:style-name="ta1"><table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>"#;
    let found = of_bytes("t.ods", &ods(body)).unwrap();
    let [table] = found.as_slice() else { panic!("{found:?}") };
    assert!(table.notes.iter().any(|note| note.contains("`Hidden`")));
    let half = Cell::Float(0.5);
    let first = vec![
        text("a & b\nc  d"),
        Cell::Integer(12),
        half.clone(),
        half,
        Cell::Date(19_782),
        text("06:30:00"),
        Cell::Boolean(true),
    ];
    let tail = vec![Cell::Float(1.5)];
    assert_eq!(table.rows, [(1, first), (1_002, tail.clone()), (1_003, tail)]);
}

#[test]
fn repeated_cells_of_an_opendocument_sheet_are_counted() {
    let cell = |repeat: &str| format!(r#"<table:table-cell {repeat} office:value-type="float" office:value="1"/>"#);
    let wide = cell(r#"table:number-columns-repeated="16384""#);
    let row = format!(r#"<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>"#);
    let many = format!(r#"<table:table table:name="x">{row}</table:table>"#);
    let found = of_bytes("t.ods", &ods(&many));
    assert!(matches!(found, Err(IntakeError::TooLarge { .. })), "{found:?}");
    let far = format!(
        r#"<table:table table:name="x"><table:table-row>{}</table:table-row></table:table>"#,
        cell(r#"table:number-columns-repeated="99999999999""#)
    );
    assert!(matches!(of_bytes("t.ods", &ods(&far)), Err(IntakeError::Broken { .. })));
    let cut = r#"<table:table table:name="x"><table:table-row><table:table-cell office:value-type="string"><text:p>a"#;
    assert!(matches!(of_bytes("t.ods", &ods(cut)), Err(IntakeError::Broken { .. })));
}

/// A shapefile of two points with attributes, as the parts' bytes.
fn shapefile_parts() -> Vec<(&'static str, Vec<u8>)> {
    use ::shapefile::dbase::{FieldName, FieldValue, Record, TableWriterBuilder};
    let folder = TempDir::new().unwrap();
    let table = TableWriterBuilder::new()
        .add_character_field(FieldName::try_from("name").unwrap(), 10)
        .add_numeric_field(FieldName::try_from("n").unwrap(), 8, 0);
    let path = folder.path().join("a.shp");
    let mut writer = ::shapefile::Writer::from_path(&path, table).unwrap();
    for (name, n, x) in [("A", 1.0, 2.5), ("B", 2.0, 3.5)] {
        let mut record = Record::default();
        record.insert("name".to_owned(), FieldValue::Character(Some(name.to_owned())));
        record.insert("n".to_owned(), FieldValue::Numeric(Some(n)));
        writer.write_shape_and_record(&::shapefile::Point::new(x, 48.0), &record).unwrap();
    }
    drop(writer);
    ["shp", "shx", "dbf"].iter().map(|ending| (*ending, std::fs::read(path.with_extension(ending)).unwrap())).collect()
}

#[test]
fn a_zipped_shapefile_gives_a_table_a_layer() {
    let parts = shapefile_parts();
    let mut members: Vec<(String, &[u8])> = Vec::new();
    for layer in ["one/A", "Two"] {
        members.extend(
            parts.iter().map(|(ending, bytes)| (format!("{layer}.{}", ending.to_uppercase()), bytes.as_slice())),
        );
    }
    members.push(("Two.prj".to_owned(), b"PROJCS[\"OSGB\"]"));
    let members: Vec<(&str, &[u8])> = members.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let found = of_bytes("t.zip", &zipped(&members)).unwrap();
    let [first, second] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((first.name.as_str(), first.format), ("A", "shapefile"));
    assert_eq!(first.header.clone().unwrap(), ["name", "n", "geometry"]);
    assert_eq!(first.rows[1].1[..2], [text("B"), Cell::Integer(2)]);
    assert!(matches!(&first.rows[1].1[2], Cell::Geometry { point: true, .. }));
    assert_eq!(second.header.clone().unwrap(), ["name", "n"]);
    assert!(second.notes.iter().any(|note| note.contains("left out")), "{:?}", second.notes);
}

#[test]
fn the_shared_test_data_is_read_or_refused_in_words() {
    let root = std::env::var("FAIRGROUND_TEST_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").join(root).join("tabular");
    if !root.is_dir() {
        println!("skipped: no test data");
        return;
    }
    let mut seen = 0;
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            seen += 1;
            match tables(&path, &name, &FormatLimits::default()) {
                Ok(found) => {
                    for table in found {
                        let rows = table.rows.len();
                        println!("{name}: {} `{}` {rows} rows {:?}", table.format, table.name, table.header);
                    }
                }
                Err(error) => println!("{name}: REFUSED {error}"),
            }
        }
    }
    assert!(seen > 300, "{seen} files");
}

/// One small valid file a format.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let parts = shapefile_parts();
    let layer: Vec<(String, &[u8])> =
        parts.iter().map(|(ending, bytes)| (format!("a.{ending}"), bytes.as_slice())).collect();
    let layer: Vec<(&str, &[u8])> = layer.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let row = r#"<table:table table:name="x"><table:table-row><table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell></table:table-row></table:table>"#;
    let mut seeds = vec![
        ("a.xlsx", workbook()),
        ("a.ods", ods(row)),
        ("a.zip", zipped(&layer)),
        ("a.json", br#"{"records":[{"a":1,"b":{"c":[1,2]}},{"a":"x"}],"n":1}"#.to_vec()),
        ("a.ndjson", b"{\"a\":1}\n{\"a\":2}\n".to_vec()),
        ("a.geojson", br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#.to_vec()),
        ("a.gz", gzipped(b"a,b\n1,2\n")),
        ("a.parquet", small_parquet()),
    ];
    for (ending, bytes) in parts {
        seeds.push((if ending == "shp" { "a.shp" } else { "a.dbf" }, bytes));
    }
    seeds
}

fn small_parquet() -> Vec<u8> {
    parquet_with(parquet::arrow::arrow_writer::ArrowWriterOptions::new())
}

fn parquet_with(options: parquet::arrow::arrow_writer::ArrowWriterOptions) -> Vec<u8> {
    use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
    use std::sync::Arc;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("a", Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]))),
        ("b", Arc::new(StringArray::from(vec!["x", "y", "z"]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new_with_options(&mut bytes, batch.schema(), options).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn a_parquet_file_whose_arrow_schema_is_unsound_is_read_by_its_own() {
    use parquet::file::metadata::KeyValue;
    use parquet::file::properties::WriterProperties;
    let unsound = vec![KeyValue::new("ARROW:schema".to_owned(), "/////wAAAA".to_owned())];
    let properties = WriterProperties::builder().set_key_value_metadata(Some(unsound)).build();
    let options = parquet::arrow::arrow_writer::ArrowWriterOptions::new()
        .with_properties(properties)
        .with_skip_arrow_metadata(true);
    let found = of_bytes("a.parquet", &parquet_with(options)).unwrap();
    assert_eq!(found[0].header.clone().unwrap(), ["a", "b"]);
    assert_eq!(found[0].rows[1], (2, vec![Cell::Null, text("y")]));
}

#[test]
fn a_parquet_file_keeps_its_types() {
    let found = of_bytes("a.parquet", &small_parquet()).unwrap();
    assert_eq!(found[0].header.clone().unwrap(), ["a", "b"]);
    assert_eq!(found[0].rows[1], (2, vec![Cell::Null, text("y")]));
}

fn harmless(name: &str, bytes: &[u8]) {
    let (_folder, path) = file("x", bytes);
    let limits = FormatLimits { unpacked_bytes: 64 << 20, memory_bytes: 64 << 20, ..FormatLimits::default() };
    // Whatever the answer: no panic, no end of memory.
    let _ = tables(&path, name, &limits);
    // Detection may look away; the readers must not rely on it.
    for format in [
        Format::Xlsx,
        Format::Xls,
        Format::Xlsb,
        Format::Ods,
        Format::Json,
        Format::Parquet,
        Format::Shapefile,
        Format::Dbf,
    ] {
        if let Ok(readers) = open(format, &path, name, &limits) {
            for mut reader in readers {
                let _ = reader.read(&mut |_, _| Ok(()));
            }
        }
    }
    let _ = published_schema(bytes, name);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        harmless("a.bin", &bytes);
    }

    #[test]
    fn broken_files_do_no_harm(
        seed in 0_usize..11,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let seeds = seeds();
        let (name, bytes) = &seeds[seed % seeds.len()];
        let mut bytes = bytes.clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        harmless(name, &bytes);
    }

    #[test]
    fn broken_json_does_no_harm(text in r#"[\[\]{}",:a1 \\netrue.-]{0,80}"#) {
        harmless("a.json", text.as_bytes());
    }
}

/// Old workbooks have no writer among our libraries: a sheet with a cell in each of two far corners, by hand.
fn corners_xls(sheets: usize) -> Vec<u8> {
    let record = |kind: u16, body: &[u8]| {
        let mut out = kind.to_le_bytes().to_vec();
        out.extend(u16::try_from(body.len()).unwrap().to_le_bytes());
        out.extend(body);
        out
    };
    let begin = |kind: u16| [&0x0600_u16.to_le_bytes()[..], &kind.to_le_bytes(), &[0; 12]].concat();
    let bound = |offset: u32, at: usize| {
        let name = format!("S{at:03}");
        [&offset.to_le_bytes()[..], &[0, 0, 4, 0], name.as_bytes()].concat()
    };
    let cell =
        |row: u16, column: u16| [&row.to_le_bytes()[..], &column.to_le_bytes(), &[0, 0], &1_f64.to_le_bytes()].concat();
    let head = record(0x0809, &begin(5));
    let bounds_length = record(0x0085, &bound(0, 0)).len() * sheets;
    let offset = u32::try_from(head.len() + bounds_length + 4).unwrap();
    let mut stream = head;
    for at in 0..sheets {
        stream.extend(record(0x0085, &bound(offset, at)));
    }
    stream.extend(record(0x000a, &[]));
    stream.extend(record(0x0809, &begin(0x10)));
    stream.extend(record(0x0203, &cell(0, 0)));
    stream.extend(record(0x0203, &cell(65_535, 255)));
    stream.extend(record(0x000a, &[]));
    stream.resize(stream.len().max(4_096).div_ceil(512) * 512, 0);
    let sectors = u32::try_from(stream.len() / 512).unwrap();
    let mut out = vec![0_u8; 512];
    out[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    for (at, value) in [(24, 0x3e_u16), (26, 3), (28, 0xfffe), (30, 9), (32, 6)] {
        out[at..at + 2].copy_from_slice(&value.to_le_bytes());
    }
    for (at, value) in [(44, 1_u32), (48, 1), (56, 4_096), (60, 0xffff_fffe), (68, 0xffff_fffe), (76, 0)] {
        out[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    out[80..].fill(0xff);
    let mut table = vec![0xffff_fffd_u32, 0xffff_fffe];
    table.extend((0..sectors).map(|at| if at + 1 == sectors { 0xffff_fffe } else { at + 3 }));
    table.resize(128, 0xffff_ffff);
    out.extend(table.iter().flat_map(|word| word.to_le_bytes()));
    let entry = |name: &str, kind: u8, start: u32, length: u32| {
        let mut entry = vec![0_u8; 128];
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        entry[..wide.len()].copy_from_slice(&wide);
        entry[64] = u8::try_from(wide.len() + 2).unwrap();
        entry[66] = kind;
        entry[68..80].fill(0xff);
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&length.to_le_bytes());
        entry
    };
    out.extend(entry("Root Entry", 5, 0xffff_fffe, 0));
    out.extend(entry("Workbook", 2, 2, u32::try_from(stream.len()).unwrap()));
    out.extend(vec![0; 256]);
    out.extend(stream);
    out
}

#[test]
fn an_old_workbook_that_is_encrypted_says_so() {
    let mut bytes = corners_xls(1);
    // The record of a sheet's place becomes the one of encryption.
    let at = 1_024 + 512 + 20;
    assert_eq!(bytes[at..at + 2], 0x0085_u16.to_le_bytes());
    bytes[at] = 0x2f;
    bytes[at + 1] = 0;
    let found = of_bytes("a.xls", &bytes);
    assert!(matches!(found, Err(IntakeError::Protected { format: "xls" })), "{found:?}");
}

#[test]
fn an_old_workbook_of_far_corners_is_refused_before_its_grid_is_made() {
    let bytes = corners_xls(3);
    let found = of_bytes("a.xls", &bytes);
    assert!(matches!(found, Err(IntakeError::TooLarge { .. })), "{found:?}");
}
