//! Any bytes as a file: detected, unpacked, sniffed, typed and written, or refused; never a panic, never more than the limits.
//!
//! The first byte chooses the name that the file comes under.
#![no_main]

use fairground_tables_intake::{LoadOptions, Unwatched, load};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 10] = [
    "t.csv", "t.tsv", "t.json", "t.ndjson", "t.geojson", "t.xlsx", "t.ods", "t.xls", "t.parquet", "t.zip",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, content)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, content).expect("a file");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("a folder");
    let name = NAMES[usize::from(first) % NAMES.len()];
    let options = LoadOptions { name: name.to_owned(), threads: 1, ..LoadOptions::default() };
    if let Ok(tables) = load(&file, &options, &out, &Unwatched) {
        for table in tables {
            assert!(table.parquet.is_file());
            assert!(!table.snapshot.columns.is_empty());
        }
    }
});
