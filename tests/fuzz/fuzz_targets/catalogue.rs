//! Any bytes as a catalogue in JSON, above all DCAT-US 3.0 with its graphs, nested catalogues and members: read or refused, each
//! record decoded or refused, never a panic.
#![no_main]

use std::io::Write;

use fairground_standards::{Document, Format, Hints, Limits, detect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = detect(bytes, &Hints::default());
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    for format in [Format::DcatUs, Format::Ckan, Format::Socrata, Format::Arcgis, Format::Opendatasoft] {
        let Ok(document) = Document::open(&[file.path().to_owned()], format, &Limits::default()) else { continue };
        for raw in document.records().flatten().take(1000) {
            let _ = document.decode(&raw);
        }
    }
});
