//! Beginning drafts: afresh, from a dataset, as a copy, or to bring an earlier version back.

use std::collections::{BTreeMap, HashSet};

use diesel::prelude::*;
use fairground_domain::{
    Agent, DatasetDraft, DatasetId, DistributionId, DraftId, LocalizedText, PublisherId, ResourceKind, Slug, Stage,
};
use serde_json::json;

use super::compare::tables_of_version;
use super::store::{self, Told, corrupt, is_taken};
use super::{Draft, DraftContent, DraftFile, LoadedTable, Origin, RefreshRule, ReleaseWish, refresh};
use crate::audit::AuditAction;
use crate::correction;
use crate::dataset::{self, Dataset, Publication, PublisherRef};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::member::{self, Actor};
use crate::publisher::{self, Publisher};
use crate::schema::{dataset_versions, datasets};

/// What a draft begins with.
#[derive(Debug, Clone, Default)]
pub struct NewDraft {
    /// Dataset, series or service.
    pub kind: ResourceKind,
    /// A description to begin with, such as one suggested from a file; without it an empty one.
    pub document: Option<DatasetDraft>,
    /// The address that it shall have; its title's, else a piece of its id, when none is wanted.
    pub slug: Option<Slug>,
}

/// Begins a dataset, series or service. Its id and address are given now and kept for ever.
///
/// # Errors
/// `NotFound` for strangers to the publisher, `Forbidden` for who is no editor, `Taken` for a wanted address that is in use,
/// `Invalid` for a description that is too long.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId, new: NewDraft) -> Result<Draft, CatalogError> {
    let document = DatasetDraft { kind: new.kind, ..new.document.unwrap_or_default() };
    let content = DraftContent { document, ..DraftContent::default() };
    begin(tx, actor, publisher, Beginning { content, slug: new.slug, origin: Origin::New, files: Vec::new() })
}

struct Beginning {
    content: DraftContent,
    slug: Option<Slug>,
    origin: Origin,
    files: Vec<DraftFile>,
}

/// A draft of a dataset that there is not yet.
fn begin(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId, beginning: Beginning) -> Result<Draft, CatalogError> {
    // The pen first: two drafts with one title must not be given one address.
    journal::take_pen(tx)?;
    let role = member::must_write(tx, actor, publisher)?;
    let owner = publisher_of(tx, publisher)?;
    let id = DatasetId::new();
    let mut content = beginning.content;
    if content.document.publisher.is_none() {
        content.document.publisher = Some(agent_of(&owner));
    }
    let slug = match beginning.slug {
        Some(wanted) if is_taken(tx, wanted.as_str())? => {
            return Err(CatalogError::Taken { what: "dataset", name: wanted.to_string() });
        }
        Some(wanted) => wanted,
        None => suggested(tx, &content.document, id)?,
    };
    if content.document.identifier.trim().is_empty() {
        content.document.identifier = slug.to_string();
    }
    let draft = fresh(tx, actor, id, slug, &owner, beginning.origin, content);
    let draft = Draft { files: beginning.files, ..draft };
    add(tx, actor, role, draft)
}

fn suggested(tx: &mut Tx<'_>, document: &DatasetDraft, id: DatasetId) -> Result<Slug, CatalogError> {
    let mut taken = HashSet::new();
    if let Some(slug) = Slug::from_title(document.title.any())
        && is_taken(tx, slug.as_str())?
    {
        taken.insert(slug.to_string());
    }
    dataset::slug_for(document, id, &mut taken)
}

/// A draft of revision 1.
fn fresh(
    tx: &Tx<'_>,
    actor: &Actor,
    dataset: DatasetId,
    slug: Slug,
    owner: &Publisher,
    origin: Origin,
    content: DraftContent,
) -> Draft {
    Draft {
        id: DraftId::new(),
        dataset,
        slug,
        publisher: PublisherRef { id: owner.id, slug: owner.slug.clone(), name: owner.name.clone() },
        origin,
        base_version: None,
        stage: Stage::Draft,
        revision: 1,
        content,
        files: Vec::new(),
        authors: vec![actor.name().to_owned()],
        returns: Vec::new(),
        wish: ReleaseWish::default(),
        problem: None,
        created_at: tx.now,
        created_by: actor.name().to_owned(),
        updated_at: tx.now,
        updated_by: actor.name().to_owned(),
    }
}

fn add(
    tx: &mut Tx<'_>,
    actor: &Actor,
    role: fairground_domain::ActingRole,
    draft: Draft,
) -> Result<Draft, CatalogError> {
    super::edit::must_fit(&draft.content)?;
    store::insert(tx, &draft)?;
    let told = Told {
        after: json!({
            "dataset": draft.dataset,
            "slug": draft.slug,
            "origin": draft.origin,
            "base_version": draft.base_version,
            "title": draft.title(),
        }),
        ..Told::default()
    };
    store::note(tx, &draft, actor, role, AuditAction::DraftCreated, told)?;
    Ok(draft)
}

fn publisher_of(tx: &mut Tx<'_>, id: PublisherId) -> Result<Publisher, CatalogError> {
    publisher::find_by_id(tx, id)?.ok_or_else(|| CatalogError::not_found("publisher", id))
}

fn agent_of(publisher: &Publisher) -> Agent {
    let name = if publisher.agent.name.any().is_empty() {
        LocalizedText::undetermined(publisher.name.clone())
    } else {
        publisher.agent.name.clone()
    };
    Agent { name, ..publisher.agent.clone() }
}

/// A dataset that may be changed or, when it is harvested, corrected by hand, with the actor's role for it.
pub(super) fn changeable(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
) -> Result<(Dataset, PublisherId, fairground_domain::ActingRole), CatalogError> {
    journal::take_pen(tx)?;
    let unknown = || CatalogError::not_found("dataset", id_or_slug);
    let dataset = dataset::get(tx, id_or_slug)?;
    let publisher = dataset.publisher.as_ref().map(|publisher| publisher.id).ok_or_else(unknown)?;
    let role = match member::must_write(tx, actor, publisher) {
        Err(CatalogError::NotFound { .. }) => return Err(unknown()),
        other => other?,
    };
    super::correct::must_be_correctable(&dataset)?;
    if let Some(open) = store::open_of(tx, dataset.id)? {
        return Err(CatalogError::Taken { what: "draft", name: open.to_string() });
    }
    Ok((dataset, publisher, role))
}

/// Begins a new version of a dataset: a draft of what is public, which stays public. A withdrawn dataset that was made here comes
/// back this way. Of a harvested one it is a correction: what differs from what its source says when it is published lies over
/// whatever the source says later.
///
/// # Errors
/// `NotFound` when there is none or for strangers to its publisher, `Forbidden` for who is no editor, `WrongState` for a
/// harvested one that is not public, `Taken` with the draft's id when one is on its way already.
pub fn begin_version(tx: &mut Tx<'_>, actor: &Actor, dataset: &str) -> Result<Draft, CatalogError> {
    let (dataset, publisher, role) = changeable(tx, actor, dataset)?;
    let content = content_of(tx, &dataset)?;
    begin_on(tx, actor, role, publisher, &dataset, content)
}

/// A draft of a dataset that is there, with this content.
pub(super) fn begin_on(
    tx: &mut Tx<'_>,
    actor: &Actor,
    role: fairground_domain::ActingRole,
    publisher: PublisherId,
    dataset: &Dataset,
    content: DraftContent,
) -> Result<Draft, CatalogError> {
    let owner = publisher_of(tx, publisher)?;
    let origin = if dataset.provenance.is_some() { Origin::Correction } else { Origin::Version };
    let draft = fresh(tx, actor, dataset.id, dataset.slug.clone(), &owner, origin, content);
    add(tx, actor, role, Draft { base_version: Some(dataset.version), ..draft })
}

/// What editors edit of a dataset as it is now.
fn content_of(tx: &mut Tx<'_>, dataset: &Dataset) -> Result<DraftContent, CatalogError> {
    let refresh = refresh::list_refreshes(tx, dataset.id)?
        .into_iter()
        .map(|known| RefreshRule { url: known.url, schedule: known.schedule })
        .collect();
    Ok(DraftContent { document: dataset.draft.clone(), refresh, dictionary: Vec::new() })
}

/// What a copy is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyFrom {
    /// A public dataset, by id or slug; it may be another publisher's, or harvested.
    Dataset(String),
    /// A draft that the actor sees.
    Draft(DraftId),
}

/// Begins a dataset as a copy of another's description. Files are not copied: a copy is for the next of a kind, whose data are
/// its own; what distributions have addresses keep them.
///
/// # Errors
/// As [`create`]; `NotFound`, `Withdrawn` for what is to be copied.
pub fn copy(tx: &mut Tx<'_>, actor: &Actor, from: &CopyFrom, publisher: PublisherId) -> Result<Draft, CatalogError> {
    let original = match from {
        CopyFrom::Dataset(name) => dataset::get_public(tx, name)?.draft,
        CopyFrom::Draft(id) => store::get(tx, actor, *id)?.content.document,
    };
    let mut document = original;
    document.identifier.clear();
    document.iri = None;
    document.other_identifier.clear();
    document.issued = None;
    document.modified = None;
    document.publisher = None;
    document.version = None;
    document.version_notes = LocalizedText::default();
    document.distribution.retain(|one| one.download_url.is_some() || one.access_url.is_some());
    for distribution in &mut document.distribution {
        distribution.iri = None;
        distribution.held_at = None;
        distribution.byte_size = None;
        distribution.checksum = None;
    }
    let content = DraftContent { document, ..DraftContent::default() };
    begin(tx, actor, publisher, Beginning { content, slug: None, origin: Origin::Copy, files: Vec::new() })
}

/// A draft that brings an earlier version back.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// The draft: it goes the same way as every other.
    pub draft: Draft,
    /// Titles of tables that the version had and whose data are no longer kept.
    pub missing: Vec<String>,
}

/// Begins a draft of an earlier version of a dataset: its description, and the data of its tables as they were. Data that go
/// back to what they are now are not touched. Of a harvested dataset the description alone comes back, as a correction: its data
/// are its source's.
///
/// # Errors
/// As [`begin_version`]; `NotFound` when there is no such version.
pub fn restore_version(tx: &mut Tx<'_>, actor: &Actor, dataset: &str, version: i32) -> Result<Restored, CatalogError> {
    let (dataset, publisher, role) = changeable(tx, actor, dataset)?;
    let document = document_of_version(tx, &dataset, version)?;
    if dataset.provenance.is_some() {
        let document = correction::corrected_like(&dataset.draft, &document)?;
        let content = DraftContent { document, ..content_of(tx, &dataset)? };
        return Ok(Restored { draft: begin_on(tx, actor, role, publisher, &dataset, content)?, missing: Vec::new() });
    }
    let tables = tables_of_version(tx, &dataset, version)?;
    let mut missing = Vec::new();
    let mut files: BTreeMap<DistributionId, DraftFile> = BTreeMap::new();
    for table in tables {
        let key = key_of(&table);
        let Some(found) = table.version else {
            missing.push(table.title);
            continue;
        };
        let source_hash = found.source_hash;
        let file = files.entry(table.distribution).or_insert_with(|| DraftFile {
            distribution: table.distribution,
            name: name_of(&document, dataset.id, table.distribution),
            file_name: table.title.clone(),
            bytes: 0,
            source_hash,
            tables: Vec::new(),
            added_at: tx.now,
            added_by: actor.name().to_owned(),
            uploaded: table.uploaded,
            restored: true,
        });
        file.tables.push(LoadedTable { key, snapshot: found.snapshot });
    }
    let content = DraftContent { document, ..content_of(tx, &dataset)? };
    let owner = publisher_of(tx, publisher)?;
    let draft = fresh(tx, actor, dataset.id, dataset.slug.clone(), &owner, Origin::Restore, content);
    let draft = Draft { base_version: Some(dataset.version), files: files.into_values().collect(), ..draft };
    Ok(Restored { draft: add(tx, actor, role, draft)?, missing })
}

/// What tells a table from the others of its file: its id is derived from it, so it is the name that gives the id.
fn key_of(table: &super::compare::VersionTable) -> String {
    let derived = |key: &str| fairground_domain::TableId::derived(table.distribution, key) == table.table;
    if derived("") { String::new() } else { table.name.clone() }
}

/// What names a distribution within a description.
fn name_of(document: &DatasetDraft, dataset: DatasetId, distribution: DistributionId) -> String {
    let ids = dataset::distribution_ids(dataset, document);
    let found = ids.iter().zip(&document.distribution).find(|(id, _)| **id == distribution);
    found
        .and_then(|(_, one)| one.iri.clone().or_else(|| one.download_url.clone()).or_else(|| one.access_url.clone()))
        .unwrap_or_default()
}

/// A dataset's description in one of its versions, whatever its state.
pub(super) fn document_of_version(
    tx: &mut Tx<'_>,
    dataset: &Dataset,
    version: i32,
) -> Result<DatasetDraft, CatalogError> {
    if dataset.version == version {
        return Ok(dataset.draft.clone());
    }
    let document: String = dataset_versions::table
        .find((dataset.id.to_string(), version))
        .select(dataset_versions::document)
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("version", version))?;
    DatasetDraft::from_document(&document).map_err(corrupt)
}

/// Whether a dataset's row exists.
pub(super) fn exists(tx: &mut Tx<'_>, id: DatasetId) -> Result<bool, CatalogError> {
    let known: i64 = datasets::table.filter(datasets::id.eq(id.to_string())).count().get_result(tx.conn)?;
    Ok(known > 0)
}

/// Whether everybody sees a dataset.
pub(super) fn is_public(dataset: &Dataset) -> bool {
    dataset.publication == Publication::Published
}
