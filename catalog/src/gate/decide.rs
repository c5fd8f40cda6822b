//! What reviewers decide: content passes with a reason, is repaired, or stays out of view.

use diesel::prelude::*;
use fairground_domain::{ActingRole, HoldId, Rights};
use serde_json::{Value, json};

use super::hold::{HoldRow, get_visible, row_of};
use super::store::{self, Waiting};
use super::{Hold, HoldState, ReleaseReason, Repairs, SubjectKind};
use crate::audit::{self, AuditAction, NewEntry};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::{self, Actor};
use crate::schema::holds;

/// Characters that a reviewer's words have at least and at most.
pub const MIN_BECAUSE_CHARS: usize = 10;
/// See [`MIN_BECAUSE_CHARS`].
pub const MAX_BECAUSE_CHARS: usize = 2_000;

/// What the actor may do for a hold's publisher; a hold without one is the operator's.
pub(super) fn rights_for(tx: &mut Tx<'_>, actor: &Actor, hold: &Hold) -> Result<Rights, CatalogError> {
    match hold.publisher {
        Some(publisher) => member::rights(tx, actor, publisher),
        None if actor.is_operator() => Ok(Rights { operator: true, ..Rights::default() }),
        None if actor.sees_everything() => Ok(Rights { auditor: true, ..Rights::default() }),
        None => Ok(Rights::default()),
    }
}

/// Lets held content pass, with a reason from the list and the reviewer's words. What waits becomes public, or (a file) is
/// loaded; later content in which nothing else is found passes too.
///
/// # Errors
/// `NotFound` when it is none of the actor's business; `Forbidden` when the actor may not review for the publisher, or put the
/// content in; `WrongState` when it was decided already; `Invalid` when the words are missing.
pub fn release(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: HoldId,
    reason: ReleaseReason,
    because: &str,
) -> Result<Hold, CatalogError> {
    let (hold, role) = decidable(tx, actor, id)?;
    let because = words(because)?;
    let decision = Written { state: HoldState::Released, reason: Some(reason), because: &because, repairs: None };
    write(tx, actor, role, &hold, &decision)?;
    let row = row_of(tx, id)?;
    store::keep_report(tx, &screening_of(&hold, &row)?, Some(id.to_string()))?;
    super::apply::released(tx, actor, &hold, row.waiting.as_deref())?;
    super::get(tx, id)
}

/// Orders a repair: what was found is taken out of this content and of all that follows it. The repaired content is screened
/// before it is public, so whoever may write for the publisher may order one.
///
/// # Errors
/// `NotFound`, `WrongState`, `Invalid` as [`release`]; `Invalid` for what is no file; `Forbidden` when the actor may neither write nor
/// review for the publisher.
pub fn repair(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: HoldId,
    repairs: &Repairs,
    because: &str,
) -> Result<Hold, CatalogError> {
    let hold = get_visible(tx, actor, id)?;
    let rights = rights_for(tx, actor, &hold)?;
    let Some(role) = rights.writes_as().or(rights.reviews_as()) else {
        return Err(CatalogError::Forbidden("only editors and reviewers of its publisher repair what is held"));
    };
    must_wait(&hold)?;
    if !matches!(hold.subject.kind, SubjectKind::File | SubjectKind::DraftFile) {
        return Err(CatalogError::Invalid {
            field: "repairs",
            problem: "texts are mended where they were written; only files are repaired".to_owned(),
        });
    }
    let because = words(because)?;
    let decision = Written { state: HoldState::Repaired, reason: None, because: &because, repairs: Some(repairs) };
    write(tx, actor, role, &hold, &decision)?;
    super::apply::repair_ordered(tx, &hold)?;
    super::get(tx, id)
}

/// Decides that held content stays out of view; the same content is not held a second time.
///
/// # Errors
/// As [`release`], but authors may do so too.
pub fn reject(tx: &mut Tx<'_>, actor: &Actor, id: HoldId, because: &str) -> Result<Hold, CatalogError> {
    let hold = get_visible(tx, actor, id)?;
    let rights = rights_for(tx, actor, &hold)?;
    let Some(role) = rights.reviews_as().or(rights.writes_as()) else {
        return Err(CatalogError::Forbidden("only editors and reviewers of its publisher decide about what is held"));
    };
    must_wait(&hold)?;
    let because = words(because)?;
    let decision = Written { state: HoldState::Rejected, reason: None, because: &because, repairs: None };
    write(tx, actor, role, &hold, &decision)?;
    super::get(tx, id)
}

fn must_wait(hold: &Hold) -> Result<(), CatalogError> {
    if matches!(hold.state, HoldState::Open | HoldState::Rejected) {
        return Ok(());
    }
    Err(CatalogError::WrongState {
        what: format!("hold {}", hold.id),
        state: hold.state.as_str().to_owned(),
        problem: "it has been decided already",
    })
}

/// The hold, if the actor may release it, and from which role.
fn decidable(tx: &mut Tx<'_>, actor: &Actor, id: HoldId) -> Result<(Hold, ActingRole), CatalogError> {
    let hold = get_visible(tx, actor, id)?;
    let Some(role) = rights_for(tx, actor, &hold)?.reviews_as() else {
        return Err(CatalogError::Forbidden("only a reviewer of its publisher releases what is held"));
    };
    if hold.authors.iter().any(|author| author == actor.name()) {
        return Err(CatalogError::Forbidden("whoever put it in cannot release it: another reviewer has to"));
    }
    must_wait(&hold)?;
    Ok((hold, role))
}

fn words(because: &str) -> Result<String, CatalogError> {
    let because = because.trim();
    let count = because.chars().count();
    if (MIN_BECAUSE_CHARS..=MAX_BECAUSE_CHARS).contains(&count) {
        return Ok(because.to_owned());
    }
    Err(CatalogError::Invalid {
        field: "because",
        problem: format!("say why in {MIN_BECAUSE_CHARS} to {MAX_BECAUSE_CHARS} characters"),
    })
}

struct Written<'a> {
    state: HoldState,
    reason: Option<ReleaseReason>,
    because: &'a str,
    repairs: Option<&'a Repairs>,
}

fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    role: ActingRole,
    hold: &Hold,
    written: &Written<'_>,
) -> Result<(), CatalogError> {
    let waits = [HoldState::Open.as_str(), HoldState::Rejected.as_str()];
    let place = holds::table.filter(holds::id.eq(hold.id.to_string())).filter(holds::state.eq_any(waits));
    let changed = diesel::update(place)
        .set((
            holds::state.eq(written.state.as_str()),
            holds::decided_at.eq(tx.now.as_micros()),
            holds::decided_by.eq(actor.name()),
            holds::reason.eq(written.reason.map(ReleaseReason::as_str)),
            holds::because.eq(written.because),
            holds::repairs.eq(written.repairs.map(store::json).transpose()?),
        ))
        .execute(tx.conn)?;
    if changed != 1 {
        return Err(CatalogError::WrongState {
            what: format!("hold {}", hold.id),
            state: hold.state.as_str().to_owned(),
            problem: "somebody else decided in the same moment",
        });
    }
    let action = match written.state {
        HoldState::Released => AuditAction::HoldReleased,
        HoldState::Repaired => AuditAction::HoldRepaired,
        HoldState::Open | HoldState::Rejected | HoldState::Superseded => AuditAction::HoldRejected,
    };
    let entry = NewEntry {
        who: actor.acting(role),
        publisher: hold.publisher,
        subject_kind: audit::SubjectKind::Hold,
        subject_id: hold.id.to_string(),
        action,
        before: json!({ "state": hold.state, "dataset": hold.dataset, "content": hold.content }),
        after: json!({
            "state": written.state,
            "reason": written.reason,
            "repairs": written.repairs.map_or(Value::Null, |repairs| json!(repairs)),
        }),
        comment: Some(written.because.to_owned()),
    };
    audit::note(tx, entry)?;
    Ok(())
}

/// The screening that a hold came of.
fn screening_of(hold: &Hold, row: &HoldRow) -> Result<store::Screening, CatalogError> {
    let waiting: Option<Waiting> =
        row.waiting.as_deref().map(serde_json::from_str).transpose().map_err(super::hold::corrupt)?;
    Ok(store::Screening {
        subject: hold.subject.clone(),
        dataset: hold.dataset,
        publisher: hold.publisher,
        source: hold.source,
        authors: hold.authors.clone(),
        name: hold.name.clone(),
        whole: hold.whole,
        content: hold.content,
        report: hold.report.clone(),
        waiting,
        repairs: None,
    })
}
