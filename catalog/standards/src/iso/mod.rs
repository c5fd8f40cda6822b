//! ISO 19139 (gmd, gmi, national extensions) and ISO 19115-3 records as DCAT, after the practice of GeoDCAT-AP.
//!
//! One reading serves both encodings: elements are found by local name, and where the two differ both paths are looked at.
//! What DCAT has no home for (scale, representation, purpose, service type) is kept in `extra` under ISO's own name.

mod code;
mod distribution;
mod extent;
mod identification;
mod party;
mod rights;
mod service;
mod subject;
mod words;

use fairground_domain::{DatasetDraft, ResourceKind};

use crate::check::Findings;
use crate::xml::Element;

pub(crate) use identification::file_identifier;
use words::Tongue;

/// What every part of the reading needs.
struct Record<'a> {
    root: &'a Element,
    /// The first part of `identificationInfo` that says what the resource is.
    info: &'a Element,
    tongue: Tongue,
}

/// Turns a record into a draft; `None` when it does not say what it describes.
pub(crate) fn draft(root: &Element, findings: &mut Findings) -> Option<DatasetDraft> {
    let all = root.all("identificationInfo/*");
    let data = all.iter().find(|info| info.name.contains("DataIdentification"));
    let Some(info) = data.or_else(|| all.first()) else {
        findings.refuse(
            "iso-identification-missing",
            "identificationInfo",
            "the record does not say what it describes",
        );
        return None;
    };
    let record = Record { root, info, tongue: Tongue::of(root) };
    let service = info.name.contains("ServiceIdentification");
    let mut draft = DatasetDraft {
        kind: if service { ResourceKind::DataService } else { ResourceKind::Dataset },
        ..DatasetDraft::default()
    };
    identification::read(&record, &mut draft, findings);
    party::read(&record, &mut draft, findings);
    subject::read(&record, &mut draft);
    rights::read(&record, &mut draft);
    extent::read(&record, &mut draft, findings);
    if service {
        service::read(&record, &mut draft, findings);
    } else {
        distribution::read(&record, &mut draft, findings);
    }
    Some(draft)
}
