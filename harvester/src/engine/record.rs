//! One record on its way: decoded, written as a document, fingerprinted and packed, all away from the import's thread.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fairground_catalog::harvest::{Incoming, IncomingRecord};
use fairground_domain::mapping::Rules;
use fairground_domain::{ContentHash, Finding};
use fairground_standards::{Decoded, Document, RawRecord};
use zstd::bulk::Compressor;

use super::key;

/// zstd's level for raw records: twice as fast as its default, and a few percent larger.
const RAW_LEVEL: i32 = 1;
/// Bytes of a key that every database can index.
const MOST_KEY_BYTES: usize = 1000;
/// Characters of a record's title that its row keeps.
const TITLE_CHARS: usize = 300;

/// What one decoder thread keeps between records.
pub(super) struct Decoder<'a> {
    document: &'a Document,
    rules: &'a Rules,
    compressor: Option<Compressor<'static>>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(document: &'a Document, rules: &'a Rules) -> Self {
        Self { document, rules, compressor: Compressor::new(RAW_LEVEL).ok() }
    }

    /// Turns a record into what the store imports. Whatever is wrong with it stays with it.
    pub(super) fn decode(&mut self, raw: &RawRecord) -> IncomingRecord {
        // A fault of a codec costs the one record that brought it out, not the harvest.
        let decoded = catch_unwind(AssertUnwindSafe(|| self.decode_and_map(raw))).unwrap_or_else(|_| broken(raw));
        let key = self.identity(decoded.key);
        let title = decoded.draft.as_ref().map(|draft| shortened(draft.title.any())).unwrap_or_default();
        let content = decoded.draft.map(Incoming::from);
        let (raw_zstd, findings) = match self.pack(&raw.bytes) {
            Ok(packed) => (packed, decoded.findings),
            Err(error) => (Vec::new(), unpackable(decoded.findings, &error)),
        };
        IncomingRecord {
            seq: raw.seq,
            kind: raw.kind,
            key,
            title,
            content,
            raw_hash: ContentHash::of(&raw.bytes),
            raw_zstd,
            findings,
        }
    }

    /// What the codec says, and then what the source's own rules make of it.
    fn decode_and_map(&self, raw: &RawRecord) -> Decoded {
        let mut decoded = self.document.decode(raw);
        if let Some(draft) = &mut decoded.draft {
            decoded.findings.extend(self.rules.apply(draft));
        }
        decoded
    }

    /// RDF names resources by IRIs, which agencies mend; other formats have identifiers of their own.
    fn identity(&self, key: String) -> String {
        if self.document.format().is_rdf() { key::of_iri(&key) } else { key }
    }

    fn pack(&mut self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match &mut self.compressor {
            Some(compressor) => compressor.compress(bytes),
            None => zstd::bulk::compress(bytes, RAW_LEVEL),
        }
    }
}

fn shortened(title: &str) -> String {
    title.chars().take(TITLE_CHARS).collect()
}

/// A record that a codec broke down over: without content and without an error of the agency's, it counts as failed.
fn broken(raw: &RawRecord) -> Decoded {
    let finding = Finding::warning("unreadable", "", "the record could not be read; please report it to the portal");
    Decoded { key: digest_key(&raw.bytes), draft: None, findings: vec![finding] }
}

fn unpackable(mut findings: Vec<Finding>, error: &std::io::Error) -> Vec<Finding> {
    findings.push(Finding::warning("raw-not-kept", "", format!("the record's own text could not be kept: {error}")));
    findings
}

/// What stands in for a record that the store could not take: it counts as failed, and nothing of it is in the way.
pub(super) fn refused_by_store(raw: &RawRecord, key: &str, why: &str) -> IncomingRecord {
    let finding = Finding::warning("not-stored", "", format!("the record could not be stored: {why}"));
    // What a database refuses (a NUL, or more than an index takes, on PostgreSQL) must not fail again as a key.
    let storable = !key.is_empty() && key.len() <= MOST_KEY_BYTES && key.chars().all(|c| !c.is_control());
    IncomingRecord {
        seq: raw.seq,
        kind: raw.kind,
        key: if storable { key.to_owned() } else { digest_key(&raw.bytes) },
        title: String::new(),
        content: None,
        raw_hash: ContentHash::of(&raw.bytes),
        raw_zstd: zstd::bulk::compress(&raw.bytes, RAW_LEVEL).unwrap_or_default(),
        findings: vec![finding],
    }
}

fn digest_key(bytes: &[u8]) -> String {
    format!("sha256:{}", ContentHash::of(bytes))
}
