//! Editing: what is saved, and the files that belong to it.

use std::collections::HashSet;

use fairground_domain::{
    ActingRole, ContentHash, DatasetDraft, Distribution, DistributionId, DraftId, LocalizedText, Rights,
};
use serde_json::json;

use super::store::{self, Told, corrupt, to_json};
use super::{Draft, DraftContent, DraftFile, LoadedTable, MAX_DOCUMENT_BYTES, MAX_FILES, Origin, correct};
use crate::audit::AuditAction;
use crate::dataset::distribution_ids;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, Schedule};
use crate::member::Actor;

/// Longest name of a file, in characters.
const MAX_FILE_NAME_CHARS: usize = 200;

/// Takes a draft that may be edited, for somebody who may.
fn take_open(tx: &mut Tx<'_>, actor: &Actor, id: DraftId, expected: i32) -> Result<(Draft, ActingRole), CatalogError> {
    let (draft, rights) = store::take(tx, actor, id, expected)?;
    let role = writer(rights)?;
    draft.stage.must_be_open()?;
    Ok((draft, role))
}

pub(super) fn writer(rights: Rights) -> Result<ActingRole, CatalogError> {
    rights.writes_as().ok_or(CatalogError::Forbidden("this is for the publisher's editors"))
}

/// Refuses a description that is too long to be kept, and schedules that are none.
pub(super) fn must_fit(content: &DraftContent) -> Result<(), CatalogError> {
    if to_json(content)?.len() > MAX_DOCUMENT_BYTES {
        return Err(CatalogError::Invalid {
            field: "document",
            problem: format!("is longer than {MAX_DOCUMENT_BYTES} bytes"),
        });
    }
    for rule in &content.refresh {
        rule.schedule.parse::<Schedule>()?;
        let listed = content.document.distribution.iter();
        if !listed.into_iter().any(|one| one.download_url.as_deref() == Some(rule.url.as_str())) {
            return Err(CatalogError::Invalid {
                field: "refresh",
                problem: format!("no distribution is downloaded from `{}`", rule.url),
            });
        }
    }
    Ok(())
}

/// What a content becomes when it is saved: what people cannot decide is as it was, what is not for them is taken out.
fn tidied(before: &Draft, mut content: DraftContent) -> DraftContent {
    let document = &mut content.document;
    if document.identifier.trim().is_empty() {
        document.identifier.clone_from(&before.content.document.identifier);
    }
    // A description by hand has no files within a source.
    for distribution in &mut document.distribution {
        distribution.held_at = None;
    }
    content.document = content.document.normalised();
    content
}

/// Saves a draft's content. Saving what is there already changes nothing. A returned draft stays returned until it is submitted
/// again. Files whose distributions the description no longer lists go with them.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no editor, `Conflict` when somebody else saved meanwhile, `WrongStage` when
/// it is not open, `Invalid` for what is too long, a schedule that is none, or, in a correction, another word in a field that only
/// the source says ([`crate::correction::OF_THE_SOURCE`]).
pub fn save(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    content: DraftContent,
) -> Result<Draft, CatalogError> {
    let (mut draft, role) = take_open(tx, actor, id, expected)?;
    let content = match draft.origin {
        Origin::Correction => correct::tidied(tx, &draft, content)?,
        Origin::New | Origin::Version | Origin::Copy | Origin::Restore => tidied(&draft, content),
    };
    must_fit(&content)?;
    let (before, after) = (to_json(&draft.content)?, to_json(&content)?);
    if before == after {
        return Ok(draft);
    }
    let changes = harvest::diff(&before, &after).map_err(corrupt)?;
    draft.content = content;
    let listed: HashSet<DistributionId> =
        distribution_ids(draft.dataset, &draft.content.document).into_iter().collect();
    let (kept, gone): (Vec<DraftFile>, Vec<DraftFile>) =
        std::mem::take(&mut draft.files).into_iter().partition(|file| listed.contains(&file.distribution));
    draft.files = kept;
    for file in &gone {
        store::drop_file(tx, draft.id, file)?;
    }
    let told = Told { after: json!({ "changes": changes }), ..Told::default() };
    write(tx, &mut draft, actor, role, AuditAction::DraftEdited, told)?;
    Ok(draft)
}

/// Saves a changed draft, with its author, its revision and an entry of the audit.
fn write(
    tx: &mut Tx<'_>,
    draft: &mut Draft,
    actor: &Actor,
    role: ActingRole,
    action: AuditAction,
    told: Told,
) -> Result<(), CatalogError> {
    if !draft.is_by(actor.name()) {
        draft.authors.push(actor.name().to_owned());
    }
    store::update(tx, draft, actor.name())?;
    store::keep_revision(tx, draft)?;
    store::note(tx, draft, actor, role, action, told)
}

/// A file that was loaded for a draft: its snapshots lie in the object store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewFile {
    /// The file's name, with its ending: the same name is the same distribution, so that it takes the earlier file's place.
    pub file_name: String,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub source_hash: ContentHash,
    /// Its media type, where it is known.
    pub media_type: Option<String>,
    /// The tables in it.
    pub tables: Vec<LoadedTable>,
}

impl NewFile {
    /// What names the distribution within its dataset.
    fn iri(&self) -> String {
        format!("upload:{}", self.file_name)
    }

    fn distribution(&self, before: Option<Distribution>) -> Distribution {
        let ending = self.file_name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_uppercase());
        let known = before.unwrap_or_else(|| Distribution {
            title: LocalizedText::undetermined(self.file_name.as_str()),
            ..Distribution::default()
        });
        Distribution {
            iri: Some(self.iri()),
            format: ending.filter(|ending| !ending.is_empty()),
            media_type: self.media_type.clone(),
            byte_size: Some(self.bytes),
            checksum: Some(fairground_domain::Checksum {
                algorithm: "sha256".to_owned(),
                value: self.source_hash.to_string(),
            }),
            ..known
        }
    }
}

/// Puts a file into a draft, in the place of one of the same name; the description lists it as a distribution.
///
/// # Errors
/// As [`save`]; `Invalid` for a name that is none, two tables of one name, or more than [`MAX_FILES`].
pub fn put_file(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    new: NewFile,
) -> Result<Draft, CatalogError> {
    let (mut draft, role) = take_open(tx, actor, id, expected)?;
    if draft.origin == Origin::Correction {
        let problem = "cannot be added: the data of a harvested dataset come from its source".to_owned();
        return Err(CatalogError::Invalid { field: "file", problem });
    }
    must_be_sound(&new)?;
    let iri = new.iri();
    let place = draft.content.document.distribution.iter().position(|one| one.iri.as_deref() == Some(iri.as_str()));
    match place.and_then(|place| draft.content.document.distribution.get_mut(place)) {
        Some(listed) => *listed = new.distribution(Some(std::mem::take(listed))),
        None => draft.content.document.distribution.push(new.distribution(None)),
    }
    draft.content.document = std::mem::take(&mut draft.content.document).normalised();
    let distribution = distribution_named(&draft, &iri)?;
    let file = DraftFile {
        distribution,
        name: iri,
        file_name: new.file_name,
        bytes: new.bytes,
        source_hash: new.source_hash,
        tables: new.tables,
        added_at: tx.now,
        added_by: actor.name().to_owned(),
        uploaded: true,
        restored: false,
    };
    let before = draft.files.iter().position(|known| known.distribution == distribution);
    if before.is_none() && draft.files.len() >= MAX_FILES {
        return Err(CatalogError::Invalid { field: "file", problem: format!("a draft has at most {MAX_FILES} files") });
    }
    let before = before.map(|place| draft.files.remove(place));
    let told = Told { before: json!(before.as_ref().map(facts)), after: facts(&file), comment: None };
    // Snapshots that both name are let go and taken back: whoever deletes objects looks who names them then.
    if let Some(before) = &before {
        store::delete_file(tx, draft.id, before)?;
    }
    store::insert_file(tx, draft.id, &file)?;
    draft.files.push(file);
    must_fit(&draft.content)?;
    write(tx, &mut draft, actor, role, AuditAction::FileAdded, told)?;
    Ok(draft)
}

fn must_be_sound(new: &NewFile) -> Result<(), CatalogError> {
    let name = new.file_name.as_str();
    let sound = !name.trim().is_empty()
        && name.chars().count() <= MAX_FILE_NAME_CHARS
        && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'));
    if !sound {
        return Err(CatalogError::Invalid {
            field: "file",
            problem: format!("needs a name of at most {MAX_FILE_NAME_CHARS} characters, without slashes"),
        });
    }
    let mut keys = HashSet::new();
    match new.tables.iter().find(|table| !keys.insert(table.key.as_str())) {
        None => Ok(()),
        Some(twice) => {
            Err(CatalogError::Invalid { field: "file", problem: format!("holds two tables named `{}`", twice.key) })
        }
    }
}

/// What the audit keeps of a file: no column and no value.
fn facts(file: &DraftFile) -> serde_json::Value {
    let rows: u64 = file.tables.iter().map(|table| table.snapshot.rows).sum();
    json!({
        "file_name": file.file_name,
        "bytes": file.bytes,
        "sha256": file.source_hash,
        "tables": file.tables.len(),
        "rows": rows,
    })
}

fn distribution_named(draft: &Draft, iri: &str) -> Result<DistributionId, CatalogError> {
    let document: &DatasetDraft = &draft.content.document;
    distribution_ids(draft.dataset, document)
        .into_iter()
        .zip(&document.distribution)
        .find(|(_, listed)| listed.iri.as_deref() == Some(iri))
        .map(|(id, _)| id)
        .ok_or_else(|| corrupt("a file without its distribution"))
}

/// Takes a file out of a draft, with its distribution.
///
/// # Errors
/// As [`save`]; `NotFound` when the draft has no such file.
pub fn remove_file(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    distribution: DistributionId,
) -> Result<Draft, CatalogError> {
    let (mut draft, role) = take_open(tx, actor, id, expected)?;
    let place = draft.files.iter().position(|file| file.distribution == distribution);
    let place = place.ok_or_else(|| CatalogError::not_found("file", distribution))?;
    let file = draft.files.remove(place);
    let ids = distribution_ids(draft.dataset, &draft.content.document);
    let mut listed = ids.iter();
    draft.content.document.distribution.retain(|_| listed.next() != Some(&distribution));
    store::drop_file(tx, draft.id, &file)?;
    let told = Told { before: facts(&file), ..Told::default() };
    write(tx, &mut draft, actor, role, AuditAction::FileRemoved, told)?;
    Ok(draft)
}
