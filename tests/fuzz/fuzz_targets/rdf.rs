//! Any bytes as a catalogue in RDF (Turtle, RDF/XML, JSON-LD, N-Triples): read or refused, each record decoded or refused, never a
//! panic.
#![no_main]

use std::io::Write;

use fairground_standards::{Document, Format, Hints, Limits, detect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_record_bytes: 1 << 16, max_records: 1000, ..Limits::default() };
    let _ = detect(bytes, &Hints::default());
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    for format in [Format::Turtle, Format::RdfXml, Format::JsonLd, Format::NTriples] {
        let Ok(document) = Document::open(&[file.path().to_owned()], format, &limits) else { continue };
        for raw in document.records().flatten() {
            let _ = document.decode(&raw);
        }
    }
});
