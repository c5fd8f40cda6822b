//! Withdrawing a dataset by hand: its address answers that it is gone, since when and why.

use fairground_domain::ActingRole;
use serde_json::json;

use super::create::is_public;
use super::journey::words;
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::dataset::{self, Dataset};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest;
use crate::journal::{self, EventKind};
use crate::member::{self, Actor};

/// Withdraws a public dataset, with a reason that everybody reads: on its tombstone page, in the answers of the API, and in
/// the public journal. A harvested one stays withdrawn whatever its source lists. One that was made here comes back by a new
/// version ([`super::begin_version`]); its history stays.
///
/// # Errors
/// `NotFound` when there is none or for strangers to its publisher, `Forbidden` for who is neither reviewer nor manager,
/// `WrongState` when it is not public, `Invalid` without a reason.
pub fn withdraw(tx: &mut Tx<'_>, actor: &Actor, dataset: &str, reason: &str) -> Result<Dataset, CatalogError> {
    journal::take_pen(tx)?;
    let known = dataset::get(tx, dataset)?;
    let role = may_withdraw(tx, actor, &known, dataset)?;
    let reason = words("reason", reason)?;
    if !is_public(&known) {
        return Err(CatalogError::WrongState {
            what: format!("dataset `{}`", known.slug),
            state: "not public".to_owned(),
            problem: "there is nothing to withdraw",
        });
    }
    let id = known.id.to_string();
    dataset::withdraw_by(tx, &id, &reason, actor.name())?;
    let hash = known.content_hash.to_string();
    let kind = EventKind::DatasetWithdrawn;
    let mut event = dataset::event(kind, &id, known.slug.as_str(), known.version, &hash, actor.name());
    if let Some(payload) = event.payload.as_object_mut() {
        payload.insert("reason".to_owned(), json!(reason));
    }
    journal::append(tx, event)?;
    let entry = NewEntry {
        who: actor.acting(role),
        publisher: known.publisher.as_ref().map(|publisher| publisher.id),
        subject_kind: SubjectKind::Dataset,
        subject_id: id.clone(),
        action: AuditAction::DatasetWithdrawn,
        before: json!({ "state": "published", "version": known.version }),
        after: json!({ "state": "withdrawn", "version": known.version }),
        comment: Some(reason),
    };
    audit::note(tx, entry)?;
    // What was shown as this one, because another source lists it too, is shown by itself from now on.
    let heirs = harvest::step_forward(tx, &[id.as_str()], actor.name())?;
    journal::append_all(tx, heirs)?;
    dataset::get(tx, &id)
}

fn may_withdraw(tx: &mut Tx<'_>, actor: &Actor, known: &Dataset, asked: &str) -> Result<ActingRole, CatalogError> {
    let unknown = || CatalogError::not_found("dataset", asked);
    let publisher = match &known.publisher {
        Some(publisher) => publisher.id,
        None if actor.is_operator() => return Ok(ActingRole::Operator),
        None => return Err(unknown()),
    };
    let rights = match member::must_see(tx, actor, publisher) {
        Err(CatalogError::NotFound { .. }) => return Err(unknown()),
        other => other?,
    };
    let role = rights.reviews_as().filter(|_| rights.reviewer).or(rights.manages_as());
    role.ok_or(CatalogError::Forbidden("this is for the publisher's reviewers and managers"))
}
