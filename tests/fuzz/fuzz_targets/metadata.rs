//! Any bytes as an answer or record in XML (CSW, OAI-PMH, ISO 19139 and 19115-3, FGDC, Dublin Core, feeds, gathered folders): read
//! or refused, and what is read decoded; never a panic.
#![no_main]

use std::io::Write;

use fairground_standards::{Collector, Document, Format, Hints, Limits, csw, detect, oai_pmh};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_record_bytes: 1 << 16, max_records: 1000, ..Limits::default() };
    let _ = detect(bytes, &Hints::default());
    let _ = csw::capabilities(bytes, &limits);
    let _ = oai_pmh::formats(bytes, &limits);
    if let Ok(page) = csw::page(bytes, &limits) {
        let again = csw::page(&csw::write_page(&page.records, 1), &limits).map(|it| it.records.len());
        assert!(again.is_ok_and(|count| count == page.records.len()), "a page that is written reads as it was");
    }
    let _ = oai_pmh::answer(bytes, &limits);
    let mut folder = Collector::default();
    folder.add("a.xml", bytes);
    open(&folder.finish(), Format::Waf, &limits);
    open(bytes, Format::Csw, &limits);
});

fn open(bytes: &[u8], format: Format, limits: &Limits) {
    let Ok(mut file) = tempfile::NamedTempFile::new() else { return };
    if file.write_all(bytes).is_err() {
        return;
    }
    let Ok(document) = Document::open(&[file.path().to_owned()], format, limits) else { return };
    for raw in document.records().flatten() {
        let decoded = document.decode(&raw);
        assert!(!decoded.key.is_empty());
    }
}
