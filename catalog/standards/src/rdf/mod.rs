//! DCAT in RDF.
pub(crate) mod document;
use crate::document::{Decoded, RawRecord};
use fairground_domain::{ContentHash, Finding};
pub(crate) fn decode(raw: &RawRecord) -> Decoded {
    Decoded {
        key: ContentHash::of(&raw.bytes).to_string(),
        draft: None,
        findings: vec![Finding::error("unread", "", "not read yet")],
    }
}
