//! Trying mapping rules on the last records of a source: what each was before and would be after. Nothing is fetched or kept.

use fairground_catalog::harvest::{FieldChange, HarvestSource, diff};
use fairground_catalog::source::last_raw_records;
use fairground_catalog::{CatalogError, Tx};
use fairground_domain::{DatasetDraft, Finding, ResourceKind, Rules, is_excluded};
use fairground_standards::{Format, RawRecord, decode};

/// Records that rules are tried on at most.
pub const MOST_PREVIEWED: usize = 50;
/// Records that rules are tried on unless more are asked for.
pub const USUALLY_PREVIEWED: usize = 20;

/// One record before and after the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedRecord {
    /// Its place in the source, from 0.
    pub seq: i64,
    /// Its identity within the source.
    pub key: String,
    /// Its title without the rules.
    pub title: String,
    /// True when a rule leaves it out.
    pub excluded: bool,
    /// What the rules change, field by field.
    pub changes: Vec<FieldChange>,
    /// What the rules say of it.
    pub findings: Vec<Finding>,
}

/// Tries rules on the records of the source's latest harvest.
///
/// # Errors
/// `WrongState` when no record of it is kept, `Storage` when the database fails.
pub fn preview_rules(
    tx: &mut Tx<'_>,
    source: &HarvestSource,
    rules: &Rules,
    most: usize,
) -> Result<Vec<PreviewedRecord>, CatalogError> {
    let nothing = || CatalogError::WrongState {
        what: format!("source {}", source.slug),
        state: source.state.as_str().to_owned(),
        problem: "rules are tried on what its latest harvest brought, and there is nothing of it yet",
    };
    let format = source.kind.as_deref().and_then(format_of).ok_or_else(nothing)?;
    let records = last_raw_records(tx, source.id, most.min(MOST_PREVIEWED))?;
    if records.is_empty() {
        return Err(nothing());
    }
    let mut previewed = Vec::with_capacity(records.len());
    for (record, bytes) in records {
        let seq = u64::try_from(record.seq).unwrap_or_default();
        let raw = RawRecord { seq, kind: kind_of(&record.kind), bytes, whole: true };
        let decoded = decode(format, &raw);
        let Some(before) = decoded.draft else {
            // What cannot be read has no fields that rules could change.
            let (seq, key, title) = (record.seq, record.key, record.title);
            previewed.push(PreviewedRecord {
                seq,
                key,
                title,
                excluded: false,
                changes: Vec::new(),
                findings: decoded.findings,
            });
            continue;
        };
        previewed.push(one(record.seq, record.key, before, rules)?);
    }
    Ok(previewed)
}

fn one(seq: i64, key: String, before: DatasetDraft, rules: &Rules) -> Result<PreviewedRecord, CatalogError> {
    let (title, document) = (before.title.any().to_owned(), before.to_document());
    let mut after = before;
    let findings = rules.apply(&mut after);
    let excluded = is_excluded(&findings);
    let changes = diff(&document, &after.to_document())
        .map_err(|error| CatalogError::Corrupt { what: "dataset", problem: error.to_string() })?;
    Ok(PreviewedRecord { seq, key, title, excluded, changes, findings })
}

/// The format that a source's kept records are in.
pub(super) fn format_of(kind: &str) -> Option<Format> {
    // Records of RDF are kept as N-Triples, whatever the document was.
    if kind == "dcat" { Some(Format::NTriples) } else { kind.parse().ok() }
}

fn kind_of(text: &str) -> ResourceKind {
    [ResourceKind::Dataset, ResourceKind::DatasetSeries, ResourceKind::DataService]
        .into_iter()
        .find(|kind| kind.as_str() == text)
        .unwrap_or_default()
}
