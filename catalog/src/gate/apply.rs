//! What holds and decisions do to datasets: out of view as if they had never been, and into view.

use diesel::prelude::*;
use fairground_domain::{DatasetDraft, DatasetId, DistributionId};
use serde_json::json;

use super::description::screen_description;
use super::hold::{HoldRow, corrupt};
use super::store::Waiting;
use super::{Hold, HoldState, RULES_VERSION, Subject, SubjectKind, Verdict};
use crate::correction::{self, Corrections};
use crate::dataset::{self, Dataset, Publication, Replacement};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::member::Actor;
use crate::schema::holds;
use crate::table;

/// Who brings a dataset into view when nothing stands in its way any more.
const PORTAL: &str = "portal";

/// Takes a dataset out of view as if it had never been. One that is not there yet, or not public, stays as it is.
pub(super) fn withhold(tx: &mut Tx<'_>, id: DatasetId) -> Result<(), CatalogError> {
    let id = id.to_string();
    if dataset::set_held(tx, &id, true)? {
        // The search index follows the journal, so it must be told; nobody else is.
        let event =
            Event { kind: EventKind::DatasetHeld, subject_id: id, actor: PORTAL.to_owned(), payload: json!({}) };
        journal::append(tx, event)?;
    }
    Ok(())
}

/// Brings a held dataset into view when no hold keeps all of it back any more.
pub(crate) fn settle(tx: &mut Tx<'_>, id: DatasetId) -> Result<(), CatalogError> {
    let rows: Vec<HoldRow> = holds::table
        .filter(holds::dataset_id.eq(id.to_string()))
        .filter(holds::whole.eq(true))
        .select(HoldRow::as_select())
        .load(tx.conn)?;
    let published = [SubjectKind::Description.as_str(), SubjectKind::File.as_str()];
    if rows.iter().any(|row| row.keeps_back() && published.contains(&row.subject_kind.as_str())) {
        return Ok(());
    }
    if !dataset::set_held(tx, &id.to_string(), false)? {
        return Ok(());
    }
    let dataset = dataset::get(tx, &id.to_string())?;
    // What it was held by stands in the journal as well, so one entry says nothing yet.
    const ENTRIES: i64 = 2;
    let known = journal::list_of_subject(tx, "dataset", &id.to_string(), None, ENTRIES)?;
    let was_public = known.iter().any(|entry| entry.kind.is_public());
    let kind = if was_public { EventKind::DatasetRestored } else { EventKind::DatasetCreated };
    announce(tx, kind, &dataset, PORTAL)?;
    let source = dataset.provenance.as_ref().map(|provenance| provenance.source_id);
    let loads = table::requests_of(dataset.id, source, &dataset.draft);
    table::enqueue_all(tx, loads, table::Duplicates::OfUnfinished)?;
    Ok(())
}

fn announce(tx: &mut Tx<'_>, kind: EventKind, dataset: &Dataset, actor: &str) -> Result<(), CatalogError> {
    let (id, hash) = (dataset.id.to_string(), dataset.content_hash.to_string());
    journal::append(tx, dataset::event(kind, &id, dataset.slug.as_str(), dataset.version, &hash, actor))?;
    Ok(())
}

/// What was released becomes public, or is loaded.
pub(super) fn released(tx: &mut Tx<'_>, actor: &Actor, hold: &Hold, waiting: Option<&str>) -> Result<(), CatalogError> {
    match hold.subject.kind {
        SubjectKind::Draft | SubjectKind::DraftFile => return Ok(()),
        SubjectKind::File => {
            let decided = super::get(tx, hold.id)?;
            load(tx, &decided)?;
        }
        SubjectKind::Description => {
            if let Some(waiting) = waiting {
                let waiting: Waiting = serde_json::from_str(waiting).map_err(corrupt)?;
                replace(tx, actor, hold, &waiting)?;
            }
            mark_applied(tx, hold)?;
        }
    }
    settle(tx, hold.dataset)
}

fn mark_applied(tx: &mut Tx<'_>, hold: &Hold) -> Result<(), CatalogError> {
    diesel::update(holds::table.find(hold.id.to_string()))
        .set((holds::applied_at.eq(Some(tx.now.as_micros())), holds::waiting.eq(None::<String>)))
        .execute(tx.conn)?;
    Ok(())
}

/// What was corrected while a description waited is corrected in it, and a correction that was taken back meanwhile is not.
fn as_corrected_now(tx: &mut Tx<'_>, public: &Dataset, waiting: &Waiting) -> Result<String, CatalogError> {
    let id = &public.id.to_string();
    let corrections = Corrections::of(tx, &[id])?;
    let judged = DatasetDraft::from_document(&waiting.document).map_err(corrupt)?;
    let said = match &waiting.said {
        Some(said) => DatasetDraft::from_document(said).map_err(corrupt)?,
        None => judged.clone(),
    };
    let now = corrections.lay_over_released(id, &said)?.unwrap_or(said);
    // A correction may have hidden what the source says from the reviewer. That is not released with the rest.
    if screen_description(&correction::only_new(&[&judged, &public.draft], &now)?).verdict == Verdict::Hold {
        let judged = corrections.lay_over_released(id, &judged)?.unwrap_or(judged);
        return Ok(judged.to_document());
    }
    Ok(now.to_document())
}

/// The waiting description takes the place of the public one.
fn replace(tx: &mut Tx<'_>, actor: &Actor, hold: &Hold, waiting: &Waiting) -> Result<(), CatalogError> {
    let known = match dataset::get(tx, &hold.dataset.to_string()) {
        Ok(known) => known,
        Err(CatalogError::NotFound { .. }) => return Ok(()),
        Err(other) => return Err(other),
    };
    let id = known.id.to_string();
    let document = as_corrected_now(tx, &known, waiting)?;
    let replacement = Replacement {
        id: &id,
        kind: waiting.kind.as_str(),
        publisher_id: waiting.publisher.clone(),
        expected_version: known.version,
        content_hash: DatasetDraft::fingerprint(&document).to_string(),
        raw_hash: waiting.raw_hash.clone(),
        document: &document,
        public: known.publication == Publication::Published,
        screened: Some(RULES_VERSION),
    };
    dataset::replace(tx, replacement)?;
    let fresh = dataset::get(tx, &id)?;
    if fresh.publication == Publication::Published {
        announce(tx, EventKind::DatasetUpdated, &fresh, actor.name())?;
    }
    let listed = fresh.distribution_ids().into_iter().map(|id| id.to_string()).collect();
    let gone = table::withdraw_unlisted(tx, &std::iter::once((id, listed)).collect(), actor.name())?;
    journal::append_all(tx, gone)?;
    let source = fresh.provenance.as_ref().map(|provenance| provenance.source_id);
    let loads = table::requests_of(fresh.id, source, &fresh.draft);
    table::enqueue_all(tx, loads, table::Duplicates::OfQueued)?;
    Ok(())
}

/// Has the file of a decided hold loaded, in the way that was decided.
fn load(tx: &mut Tx<'_>, hold: &Hold) -> Result<(), CatalogError> {
    let distribution: DistributionId = hold.subject.id.parse().map_err(corrupt)?;
    if hold.state == HoldState::Released && table::is_current(tx, distribution, hold.content)? {
        // It was public before the rules changed, and its tables are there.
        return mark_applied(tx, hold);
    }
    table::enqueue_decided(tx, hold.dataset, distribution, hold.source)
}

/// A repair was ordered: the file is loaded again, and repaired on the way.
pub(super) fn repair_ordered(tx: &mut Tx<'_>, hold: &Hold) -> Result<(), CatalogError> {
    if hold.subject.kind == SubjectKind::File { load(tx, hold) } else { Ok(()) }
}

/// Forgets versions in the history of a held dataset that today's rules would hold: everybody reads the history.
pub(crate) fn purge_versions(tx: &mut Tx<'_>, id: &str) -> Result<(), CatalogError> {
    for (version, document) in dataset::earlier_documents(tx, id)? {
        let draft = DatasetDraft::from_document(&document).map_err(corrupt)?;
        if screen_description(&draft).verdict == Verdict::Hold {
            dataset::forget_version(tx, id, version)?;
        }
    }
    Ok(())
}

/// Forgets a subject that is given up: what the screen said of it, and that anything holds it.
pub(crate) fn abandon(tx: &mut Tx<'_>, subject: &Subject) -> Result<(), CatalogError> {
    super::forget(tx, subject)?;
    diesel::update(
        holds::table
            .filter(holds::subject_kind.eq(subject.kind.as_str()))
            .filter(holds::subject_id.eq(&subject.id))
            .filter(holds::state.eq(HoldState::Open.as_str())),
    )
    .set((holds::state.eq(HoldState::Superseded.as_str()), holds::waiting.eq(None::<String>)))
    .execute(tx.conn)?;
    Ok(())
}

/// Ends the holds of datasets that their source no longer lists.
pub(crate) fn end_holds(tx: &mut Tx<'_>, datasets: &[&str]) -> Result<(), CatalogError> {
    diesel::update(
        holds::table
            .filter(holds::dataset_id.eq_any(datasets.iter().copied()))
            .filter(holds::state.eq(HoldState::Open.as_str())),
    )
    .set((holds::state.eq(HoldState::Superseded.as_str()), holds::waiting.eq(None::<String>)))
    .execute(tx.conn)?;
    Ok(())
}
