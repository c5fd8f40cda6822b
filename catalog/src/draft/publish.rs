//! Publishing: the one transaction in which a draft becomes a version of its dataset.
//!
//! Everything or nothing: the dataset's row and version, its tables, what is fetched again and when, the loads of what has an
//! address, the journal's entries, the audit's and the draft's end. Files' snapshots lay in the object store before.

use std::collections::HashSet;

use diesel::prelude::*;
use fairground_domain::{DatasetDraft, DatasetId, DistributionId, DraftId, Timestamp, Who};

use super::create::exists;
use super::journey::step;
use super::refresh;
use super::store::{self, corrupt};
use super::{Draft, DraftFile, Origin, TableNotes};
use crate::audit::AuditAction;
use crate::correction;
use crate::dataset::{self, Dataset, DatasetRow, Publication, PublicationState, Replacement, distribution_ids};
use crate::db::Tx;
use crate::dialect::insert_rows;
use crate::error::CatalogError;
use crate::gate::{self, Clearance};
use crate::journal::{self, EventKind};
use crate::member::Actor;
use crate::schema::dataset_version_tables;
use crate::table::{self, Duplicates, LoadedFile};

/// Versions of tables are not let go when a draft is published; loads do that, by the operator's setting.
const KEEP_ALL_VERSIONS: u32 = u32::MAX;

/// Why a correction cannot be published whose dataset is not public.
const GONE: &str = "its dataset is no longer public: its source took it away, or it is held back";

#[derive(Debug, Insertable)]
#[diesel(table_name = dataset_version_tables)]
struct VersionTableRow {
    dataset_id: String,
    version: i32,
    table_id: String,
    table_version: i32,
}

/// Whether the gate judges a draft's texts anew, and may open a hold, or is only asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    Judge,
    Only,
}

/// Why a draft cannot be published now, in words for its editors and reviewers.
pub(super) fn obstacle(tx: &mut Tx<'_>, draft: &Draft, look: Look) -> Result<Option<String>, CatalogError> {
    let now = current_version(tx, draft)?;
    if now != draft.base_version {
        return Ok(Some(match now {
            Some(version) => {
                format!("its dataset has got version {version} meanwhile: compare, and begin anew from it")
            }
            None => "its dataset is no longer there".to_owned(),
        }));
    }
    if draft.origin == Origin::Correction {
        let dataset = dataset::get(tx, &draft.dataset.to_string())?;
        if dataset.publication != Publication::Published {
            return Ok(Some(GONE.to_owned()));
        }
    }
    let held = |what: &str| Some(format!("the personal-data gate holds {what}: release or repair it first"));
    let document = &draft.content.document;
    let texts = match look {
        Look::Judge => {
            gate::judge_draft(tx, draft.id, draft.dataset, Some(draft.publisher.id), &draft.authors, document)?
        }
        // What was not screened yet will be when it is submitted.
        Look::Only => match gate::is_clear(tx, &gate::Subject::draft(draft.id), gate::description_hash(document))? {
            Clearance::Unscreened => Clearance::Clear,
            known => known,
        },
    };
    if !texts.is_clear() {
        return Ok(held("its description"));
    }
    for file in &draft.files {
        match clearance(tx, draft.id, file)? {
            Clearance::Clear => {}
            Clearance::Held(_) => return Ok(held(&format!("`{}`", file.file_name))),
            Clearance::Unscreened => {
                return Ok(Some(format!("`{}` waits to be screened for personal data", file.file_name)));
            }
        }
    }
    Ok(None)
}

/// Whether a file of a draft may become public. What is brought back from an earlier version was public before, so that it is
/// asked whether anything holds it, not whether it was screened.
fn clearance(tx: &mut Tx<'_>, draft: DraftId, file: &DraftFile) -> Result<Clearance, CatalogError> {
    let found = gate::is_clear(tx, &file.gate_subject(draft), file.source_hash)?;
    if found != Clearance::Unscreened || !file.restored {
        return Ok(found);
    }
    match gate::is_clear(tx, &gate::Subject::file(file.distribution), file.source_hash)? {
        Clearance::Held(hold) => Ok(Clearance::Held(hold)),
        Clearance::Clear | Clearance::Unscreened => Ok(Clearance::Clear),
    }
}

/// As [`obstacle`], for a person who approves.
pub(super) fn must_be_free(tx: &mut Tx<'_>, draft: &Draft) -> Result<(), CatalogError> {
    let found = current_version(tx, draft)?;
    if found != draft.base_version
        && let Some(version) = found
    {
        let theirs = dataset::get(tx, &draft.dataset.to_string())?.draft;
        let theirs = serde_json::to_value(theirs).map_err(corrupt)?;
        let expected = draft.base_version.unwrap_or_default();
        return Err(CatalogError::conflict("dataset", draft.dataset, expected, version, theirs));
    }
    match obstacle(tx, draft, Look::Judge)? {
        None => Ok(()),
        Some(problem) => Err(CatalogError::WrongState {
            what: format!("draft `{}`", draft.title()),
            state: "not ready to be public".to_owned(),
            problem: if problem == GONE {
                GONE
            } else if problem.contains("gate holds") {
                "the personal-data gate holds part of it: release or repair that first"
            } else {
                "part of it waits to be screened for personal data"
            },
        }),
    }
}

/// The version that a draft's dataset has; `None` when it is not there yet.
fn current_version(tx: &mut Tx<'_>, draft: &Draft) -> Result<Option<i32>, CatalogError> {
    if !exists(tx, draft.dataset)? {
        return Ok(None);
    }
    Ok(Some(dataset::get(tx, &draft.dataset.to_string())?.version))
}

/// What is published of a draft's description: as its editors wrote it, normalised, with the days on which it was first and
/// last published where they said nothing else, which the portal knows best.
fn published_document(draft: &Draft, base: Option<&DatasetDraft>, now: Timestamp) -> DatasetDraft {
    let mut document = draft.content.document.clone();
    if draft.origin == Origin::Correction {
        return document.normalised();
    }
    if document.issued.is_none() {
        document.issued = Some(now.day());
    }
    if document.modified.is_none() || base.is_some_and(|base| base.modified == document.modified) {
        document.modified = Some(now.day());
    }
    document.normalised()
}

/// A draft as everybody would see it: the dataset that it would be if it were published now. Nothing is written.
///
/// # Errors
/// `NotFound` when there is no such draft, and for strangers to its publisher.
pub fn preview(tx: &mut Tx<'_>, actor: &Actor, id: DraftId) -> Result<Dataset, CatalogError> {
    let draft = store::get(tx, actor, id)?;
    let base = match draft.base_version {
        Some(_) => Some(dataset::get(tx, &draft.dataset.to_string())?),
        None => None,
    };
    let document = published_document(&draft, base.as_ref().map(|base| &base.draft), tx.now);
    Ok(Dataset {
        id: draft.dataset,
        slug: draft.slug.clone(),
        publication: Publication::Published,
        version: draft.base_version.unwrap_or_default() + 1,
        content_hash: DatasetDraft::fingerprint(&document.to_document()),
        publisher: Some(draft.publisher.clone()),
        provenance: base.as_ref().and_then(|base| base.provenance.clone()),
        created_at: base.map_or(tx.now, |base| base.created_at),
        updated_at: tx.now,
        draft: document,
    })
}

/// Makes a draft a version of its dataset. `by` is who approved it, where that happens now; whether anything stands in the way
/// ([`obstacle`]) was asked in this transaction.
pub(super) fn publish(tx: &mut Tx<'_>, draft: &mut Draft, actor: &Actor, by: &Who) -> Result<(), CatalogError> {
    let base = match draft.base_version {
        Some(_) => Some(dataset::get(tx, &draft.dataset.to_string())?),
        None => None,
    };
    let document = published_document(draft, base.as_ref().map(|base| &base.draft), tx.now);
    if let Some(base) = base.as_ref().filter(|base| base.provenance.is_some()) {
        return correct(tx, draft, base, &document, actor, by);
    }
    let version = match &base {
        Some(base) => renew(tx, draft, base, &document, actor)?,
        None => create(tx, draft, &document, actor)?,
    };
    let listed: HashSet<DistributionId> = distribution_ids(draft.dataset, &document).into_iter().collect();
    publish_files(tx, draft, &document, actor)?;
    let gone = table::withdraw_gone(tx, draft.dataset, &listed, actor.name())?;
    journal::append_all(tx, gone)?;
    table::describe(tx, &described(&draft.content.dictionary))?;
    note_tables(tx, draft.dataset, version)?;
    refresh::replace(tx, draft.dataset, &document, &draft.content.refresh)?;
    let brought: HashSet<DistributionId> = draft.files.iter().map(|file| file.distribution).collect();
    let mut loads = table::requests_of(draft.dataset, None, &document);
    loads.retain(|load| !brought.contains(&load.distribution));
    table::enqueue_all(tx, loads, Duplicates::OfQueued)?;
    gate::carry_over(tx, &gate::Subject::draft(draft.id), &gate::Subject::description(draft.dataset))?;
    for file in std::mem::take(&mut draft.files) {
        gate::carry_over(tx, &file.gate_subject(draft.id), &gate::Subject::file(file.distribution))?;
        store::delete_file(tx, draft.id, &file)?;
    }
    let next = draft.stage.publish(tx.now, by.clone(), version)?;
    super::release::end_embargo(tx, &draft.stage, actor, "It was published before its time.")?;
    step(tx, draft, actor, by.role, next, AuditAction::DraftPublished, None)
}

/// Makes a correction what everybody reads of a harvested dataset. Its tables are its source's, and stay as they are.
fn correct(
    tx: &mut Tx<'_>,
    draft: &mut Draft,
    base: &Dataset,
    document: &DatasetDraft,
    actor: &Actor,
    by: &Who,
) -> Result<(), CatalogError> {
    let version = renew(tx, draft, base, document, actor)?;
    // Whose words they are, rather than who let them pass.
    let author = draft.authors.last().map_or(actor.name(), String::as_str);
    correction::keep(tx, base, document, author)?;
    table::describe(tx, &described(&draft.content.dictionary))?;
    gate::carry_over(tx, &gate::Subject::draft(draft.id), &gate::Subject::description(draft.dataset))?;
    let next = draft.stage.publish(tx.now, by.clone(), version)?;
    super::release::end_embargo(tx, &draft.stage, actor, "It was published before its time.")?;
    step(tx, draft, actor, by.role, next, AuditAction::DraftPublished, None)
}

/// The first version of a dataset.
fn create(tx: &mut Tx<'_>, draft: &mut Draft, document: &DatasetDraft, actor: &Actor) -> Result<i32, CatalogError> {
    // Only a dataset that came in the very moment in which the draft was begun can have its address.
    let taken = match dataset::get(tx, draft.slug.as_str()) {
        Ok(other) => other.id != draft.dataset,
        Err(CatalogError::NotFound { .. }) => false,
        Err(other) => return Err(other),
    };
    if taken {
        const DIGITS: usize = 10;
        let suffix: String = draft.dataset.as_uuid().simple().to_string().chars().rev().take(DIGITS).collect();
        draft.slug = draft.slug.with_suffix(&suffix);
    }
    let text = document.to_document();
    let hash = DatasetDraft::fingerprint(&text).to_string();
    let row = DatasetRow {
        id: draft.dataset.to_string(),
        slug: draft.slug.to_string(),
        kind: document.kind.as_str().to_owned(),
        publisher_id: dataset::publisher_column(Some(draft.publisher.id)),
        source_id: None,
        source_key: None,
        state: PublicationState::Published.as_str().to_owned(),
        version: 1,
        content_hash: hash.clone(),
        raw_hash: None,
        document: text,
        created_at: tx.now.as_micros(),
        updated_at: tx.now.as_micros(),
        withdrawn_at: None,
        withdrawn_reason: None,
        screened_rules: None,
        screened_at: None,
    };
    dataset::insert_all(tx, std::slice::from_ref(&row), &[])?;
    let kind = EventKind::DatasetCreated;
    journal::append(tx, dataset::event(kind, &row.id, draft.slug.as_str(), 1, &hash, actor.name()))?;
    Ok(1)
}

/// A further version of a dataset; a withdrawn one is back.
fn renew(
    tx: &mut Tx<'_>,
    draft: &Draft,
    base: &Dataset,
    document: &DatasetDraft,
    actor: &Actor,
) -> Result<i32, CatalogError> {
    let (id, text) = (draft.dataset.to_string(), document.to_document());
    let hash = DatasetDraft::fingerprint(&text).to_string();
    let replacement = Replacement {
        id: &id,
        kind: document.kind.as_str(),
        publisher_id: dataset::publisher_column(Some(draft.publisher.id)),
        expected_version: base.version,
        content_hash: hash.clone(),
        // A correction does not change which record the dataset was read from.
        raw_hash: base.provenance.as_ref().and_then(|source| source.raw_hash).map(|hash| hash.to_string()),
        document: &text,
        public: true,
        screened: None,
    };
    dataset::replace(tx, replacement)?;
    let version = base.version + 1;
    let kind = match base.publication {
        Publication::Published => EventKind::DatasetUpdated,
        Publication::Withdrawn { .. } | Publication::Held => EventKind::DatasetRestored,
    };
    journal::append(tx, dataset::event(kind, &id, base.slug.as_str(), version, &hash, actor.name()))?;
    Ok(version)
}

/// The tables of a draft's files come into view.
fn publish_files(tx: &mut Tx<'_>, draft: &Draft, document: &DatasetDraft, actor: &Actor) -> Result<(), CatalogError> {
    let ids = distribution_ids(draft.dataset, document);
    for file in &draft.files {
        let listed = ids.iter().zip(&document.distribution).find(|(id, _)| **id == file.distribution);
        let Some((_, distribution)) = listed else { continue };
        let title = distribution.title.any();
        let loaded = LoadedFile {
            dataset: draft.dataset,
            distribution: file.distribution,
            // A file's bare name says less than the dataset's title, unless it tells one file from another.
            title: if title == file.file_name && ids.len() == 1 { String::new() } else { title.to_owned() },
            uploaded: file.uploaded,
            source_hash: file.source_hash,
            tables: file.tables.clone(),
        };
        table::publish_snapshots(tx, &loaded, KEEP_ALL_VERSIONS, actor.name())?;
    }
    Ok(())
}

/// What people say of columns, as the tables' room takes it.
fn described(notes: &[TableNotes]) -> Vec<table::ColumnWords> {
    notes
        .iter()
        .flat_map(|table| {
            table.columns.iter().map(|column| table::ColumnWords {
                table: table.table,
                column: column.name.clone(),
                title: column.title.clone(),
                description: column.description.clone(),
            })
        })
        .collect()
}

/// Notes which versions of which tables a version of a dataset came with.
fn note_tables(tx: &mut Tx<'_>, dataset: DatasetId, version: i32) -> Result<(), CatalogError> {
    let rows: Vec<VersionTableRow> = table::list_of_dataset(tx, dataset)?
        .into_iter()
        .map(|table| VersionTableRow {
            dataset_id: dataset.to_string(),
            version,
            table_id: table.id.to_string(),
            table_version: table.version,
        })
        .collect();
    insert_rows!(tx, dataset_version_tables::table, rows.as_slice());
    Ok(())
}
