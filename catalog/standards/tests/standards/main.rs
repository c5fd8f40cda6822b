//! Foreign catalogues, sound and broken, against what we make of them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod broken;
mod conformance;
mod detection;
mod fixtures;
mod metadata;
mod real;
mod round_trip;
mod spread;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fairground_domain::{DatasetDraft, Finding, Severity};
use fairground_standards::{Decoded, Document, Format, Hints, Limits, RawRecord, ReadError, detect};

/// The folder of real test material; `None` when this machine has none.
fn data() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let given = std::env::var_os("FAIRGROUND_TEST_DATA").map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let folder = root.join(given).join("harvest");
    if !folder.is_dir() {
        println!("skipped: no test data");
        return None;
    }
    Some(folder)
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Detects and opens one file with default limits.
fn open(path: &Path) -> Result<Document, ReadError> {
    open_with(path, &Limits::default())
}

fn open_with(path: &Path, limits: &Limits) -> Result<Document, ReadError> {
    let bytes = std::fs::read(path).unwrap();
    let head = &bytes[..bytes.len().min(64 * 1024)];
    let format = detect(head, &Hints { content_type: None, name: path.to_str() })?;
    Document::open(&[path.to_owned()], format, limits)
}

/// Writes bytes to a temporary file and opens them as a format.
fn open_bytes(bytes: &[u8], format: Format, limits: &Limits) -> Result<Document, ReadError> {
    // The file may go when the test process ends; the document keeps only its path.
    let (_, path) =
        tempfile::Builder::new().prefix("standards-").tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep().unwrap();
    std::fs::write(&path, bytes).unwrap();
    Document::open(&[path], format, limits)
}

fn raw_records(document: &Document) -> Vec<RawRecord> {
    document.records().collect::<Result<_, _>>().unwrap()
}

fn decoded(document: &Document) -> Vec<Decoded> {
    raw_records(document).iter().map(|raw| document.decode(raw)).collect()
}

fn drafts(document: &Document) -> Vec<DatasetDraft> {
    decoded(document).into_iter().filter_map(|it| it.draft).collect()
}

/// Every accepted record's document by its key.
fn documents(document: &Document) -> BTreeMap<String, String> {
    decoded(document).into_iter().filter_map(|it| Some((it.key, it.draft?.to_document()))).collect()
}

fn errors(findings: &[Finding]) -> Vec<&str> {
    findings.iter().filter(|it| it.severity == Severity::Error).map(|it| it.rule.as_str()).collect()
}
