//! Drafts that correct what the source of a harvested dataset says of it.

use super::create::{begin_on, changeable, document_of_version};
use super::{Draft, DraftContent};
use crate::correction;
use crate::dataset::{self, Dataset, Publication};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::Actor;

/// Refuses to correct what nobody reads: a harvested dataset that its source took away, or that the gate holds.
pub(super) fn must_be_correctable(dataset: &Dataset) -> Result<(), CatalogError> {
    if dataset.provenance.is_none() || dataset.publication == Publication::Published {
        return Ok(());
    }
    Err(CatalogError::WrongState {
        what: format!("dataset `{}`", dataset.slug),
        state: "harvested".to_owned(),
        problem: "only what is public is corrected; whether it is public is its source's word, or a reviewer's",
    })
}

/// What a correction becomes when it is saved: normalised, and with what only the source says as the source says it.
///
/// # Errors
/// `Invalid`, naming the field, for another word in one of those.
pub(super) fn tidied(tx: &mut Tx<'_>, before: &Draft, mut content: DraftContent) -> Result<DraftContent, CatalogError> {
    let base = dataset::get(tx, &before.dataset.to_string())?;
    let source = document_of_version(tx, &base, before.base_version.unwrap_or(base.version))?;
    content.document = content.document.normalised();
    let (mut ours, mut theirs) = (content.document.clone(), source.clone());
    // Where files lie within a source is not for forms: what comes back has no such places.
    ours.distribution.iter_mut().chain(&mut theirs.distribution).for_each(|one| one.held_at = None);
    if ours.identifier.trim().is_empty() {
        ours.identifier.clone_from(&theirs.identifier);
    }
    if let Some(field) = correction::foreign_difference(&ours, &theirs)? {
        let problem = format!("`{field}` is its source's word: it changes there, and is not corrected here");
        return Err(CatalogError::Invalid { field, problem });
    }
    if !content.refresh.is_empty() {
        let problem = "is not for harvested datasets: their files are fetched as their source says".to_owned();
        return Err(CatalogError::Invalid { field: "refresh", problem });
    }
    content.document = correction::corrected_like(&source, &content.document)?;
    Ok(content)
}

/// Begins a draft that takes corrections back: in these fields it says what the source says now.
///
/// # Errors
/// As [`super::begin_version`]; `NotFound` for a field that is not corrected, `Invalid` without a field.
pub fn take_back(tx: &mut Tx<'_>, actor: &Actor, dataset: &str, fields: &[String]) -> Result<Draft, CatalogError> {
    let (dataset, publisher, role) = changeable(tx, actor, dataset)?;
    if fields.is_empty() {
        return Err(CatalogError::Invalid { field: "fields", problem: "must name a corrected field".to_owned() });
    }
    let document = correction::as_the_source_says(tx, &dataset, fields)?;
    let content = DraftContent { document, ..DraftContent::default() };
    begin_on(tx, actor, role, publisher, &dataset, content)
}
