//! Any bytes as a document of a source that is spread over several: each codec reads them or refuses, what it hands on becomes
//! drafts, and no panic or endless growth comes of it. The first byte chooses the codec.
#![no_main]

use std::io::Write;

use fairground_standards::collected::{Envelope, files, frictionless, html, list, listing, schema_org, sitemap, stac};
use fairground_standards::{Document, Format, Limits};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const AT: &str = "https://agency.test/a/b?c=1";

/// Drafts of what a codec handed on.
fn decode(envelopes: &[Envelope], format: Format) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    for envelope in envelopes.iter().take(100) {
        file.write_all(&envelope.to_line()).expect("written");
    }
    let limits = Limits::default();
    let Ok(document) = Document::open(&[file.path().to_owned()], format, &limits) else { return };
    for raw in document.records().flatten() {
        let _ = document.decode(&raw);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    match choice % 9 {
        0 => {
            if let Ok(found) = stac::read(bytes, AT) {
                let all: Vec<Envelope> =
                    found.collections.into_iter().chain(found.items).map(|it| Envelope::new(AT, it)).collect();
                decode(&all, Format::Stac);
            }
        }
        1 => decode(&schema_org::datasets(bytes, AT).unwrap_or_default(), Format::SchemaOrg),
        2 => decode(&schema_org::of_page(&text, AT).0, Format::SchemaOrg),
        3 => decode(&frictionless::read(bytes, AT).map(|it| it.packages).unwrap_or_default(), Format::Frictionless),
        4 => decode(&list::of_csv(bytes, AT).ok().flatten().unwrap_or_default(), Format::List),
        5 => decode(&list::of_json(bytes, AT).unwrap_or_default(), Format::List),
        6 => {
            let found = listing::of_page(&text, AT, AT, choice & 128 != 0);
            decode(&files::group(&found.files, &Default::default(), AT, "root"), Format::Files);
            let _ = (html::title(&text), html::is_index(&text), html::base(&text));
        }
        7 => {
            let found = listing::of_bucket(bytes, AT).unwrap_or_default();
            decode(&files::group(&found.files, &Default::default(), AT, "root"), Format::Files);
            let _ = sitemap::read(bytes);
        }
        _ => {
            // Envelopes themselves: what another version of ours may have kept.
            if let Ok(Value::Object(map)) = serde_json::from_slice(bytes) {
                for format in [Format::Files, Format::Sqlite, Format::Stac, Format::List] {
                    decode(&[Envelope::new(AT, map.clone())], format);
                }
            }
        }
    }
});
