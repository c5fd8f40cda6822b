//! What a file says about itself beside its rows: who made it, in office documents and Parquet.

mod ole;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use quick_xml::events::Event;

/// One property of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    /// Its name, such as `creator`.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Parts of office documents that hold properties.
const PARTS: [&str; 4] = ["docProps/core.xml", "docProps/app.xml", "docProps/custom.xml", "meta.xml"];
/// Bytes of such a part that are read.
const PART_BYTES: u64 = 1 << 20;
/// Properties that are given at most.
const PROPERTIES_MAX: usize = 200;

/// The properties of an office document (OOXML, OpenDocument, workbooks of before 2007) or the key-value metadata of a Parquet file; none for others,
/// and none where they cannot be read.
pub fn properties(file: &Path) -> Vec<Property> {
    let mut magic = [0_u8; 4];
    let known = File::open(file).and_then(|mut file| file.read_exact(&mut magic)).is_ok();
    match magic {
        [b'P', b'K', 3, 4] if known => of_office(file),
        [b'P', b'A', b'R', b'1'] if known => of_parquet(file),
        ole::MAGIC if known => ole::properties(file),
        _ => Vec::new(),
    }
}

fn of_office(file: &Path) -> Vec<Property> {
    let Ok(opened) = File::open(file) else { return Vec::new() };
    let Ok(mut archive) = zip::ZipArchive::new(BufReader::new(opened)) else { return Vec::new() };
    let mut found = Vec::new();
    for part in PARTS {
        let Ok(part) = archive.by_name(part) else { continue };
        let mut bytes = Vec::new();
        if part.take(PART_BYTES).read_to_end(&mut bytes).is_ok() {
            texts(&bytes, &mut found);
        }
    }
    found.truncate(PROPERTIES_MAX);
    found
}

/// Every element with text in it, by its local name.
fn texts(bytes: &[u8], found: &mut Vec<Property>) {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    let mut buffer = Vec::new();
    let mut name = String::new();
    loop {
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(start)) => name = String::from(start.local_name().as_ref()),
            Ok(Event::Text(text)) => {
                let value = text.xml10_content().trim().to_owned();
                if !value.is_empty() && !name.is_empty() && found.len() < PROPERTIES_MAX {
                    found.push(Property { name: name.clone(), value });
                }
            }
            Ok(Event::End(_)) => name.clear(),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
        buffer.clear();
    }
}

/// Keys of writers, which hold schemas rather than words.
const WRITERS_KEYS: [&str; 4] = ["ARROW:schema", "pandas", "geo", "org.apache.spark.sql.parquet.row.metadata"];

fn of_parquet(file: &Path) -> Vec<Property> {
    let Some(reader) = File::open(file).ok().and_then(|file| SerializedFileReader::new(file).ok()) else {
        return Vec::new();
    };
    let pairs = reader.metadata().file_metadata().key_value_metadata();
    let pairs = pairs.into_iter().flatten().filter(|pair| !WRITERS_KEYS.contains(&pair.key.as_str()));
    pairs
        .filter_map(|pair| Some(Property { name: pair.key.clone(), value: pair.value.clone()? }))
        .take(PROPERTIES_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_tells_who_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_properties(&rust_xlsxwriter::DocProperties::new().set_author("Ada Example"));
        book.add_worksheet().write(0, 0, "x").unwrap();
        book.save(&path).unwrap();
        let creator = properties(&path).into_iter().find(|property| property.name == "creator");
        assert_eq!(creator.map(|creator| creator.value).as_deref(), Some("Ada Example"));
    }

    #[test]
    fn other_files_have_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.csv");
        for bytes in [b"a,b\n1,2\n".as_slice(), b"PK\x03\x04broken", b"PAR1broken", b""] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(properties(&path), []);
        }
    }
}
