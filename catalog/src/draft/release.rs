//! Moments: when drafts are released, what the public register says of long waits, and what the portal's clock does.

use fairground_domain::{ActingRole, DraftId, Release, Stage, Timestamp};
use serde_json::json;

use super::publish::{Look, obstacle, publish};
use super::store::{self, Told};
use super::{Draft, EmbargoWords, ReleaseWish};
use crate::audit::AuditAction;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::member::Actor;
use crate::register;

/// A release that lies more than so many days ahead is an embargo and stands in the public register.
pub const EMBARGO_AFTER_DAYS: i64 = 30;
const DAY_SECS: i64 = 86_400;

/// The instant that a wish stands for; `None` for at once.
pub(super) fn resolve(wish: &ReleaseWish) -> Result<Option<Release>, CatalogError> {
    let Some(plan) = &wish.at else { return Ok(None) };
    let resolved = plan.resolve();
    resolved.map(Some).map_err(|fault| CatalogError::Invalid { field: fault.field(), problem: fault.to_string() })
}

/// Refuses a long wait that the public register is not told of.
pub(super) fn must_name_embargo(
    now: Timestamp,
    release: Option<&Release>,
    words: Option<&EmbargoWords>,
) -> Result<(), CatalogError> {
    let is_long = release.is_some_and(|release| release.at > now.plus_secs(EMBARGO_AFTER_DAYS * DAY_SECS));
    if is_long && words.is_none() {
        return Err(CatalogError::Invalid {
            field: "embargo",
            problem: format!(
                "a release more than {EMBARGO_AFTER_DAYS} days ahead is an embargo: say what is held back, and why, for \
                 the public register"
            ),
        });
    }
    Ok(())
}

/// Registers the embargo that a release is, if it is one, in the place of an earlier one; gives its entry's number.
pub(super) fn register_embargo(
    tx: &mut Tx<'_>,
    draft: &Draft,
    release: &Release,
    words: Option<&EmbargoWords>,
    actor: &Actor,
) -> Result<Option<i64>, CatalogError> {
    end_embargo(tx, &draft.stage, actor, "Its release was planned anew.")?;
    let Some(words) = words else { return Ok(None) };
    let new = register::NewEmbargo {
        publisher: draft.publisher.slug.to_string(),
        subject: words.subject.clone(),
        reason: words.reason.clone(),
        ends_at: release.at,
    };
    Ok(Some(register::register_embargo(tx, new, actor.name())?.number))
}

/// Ends the embargo of an approved draft before its time.
pub(super) fn end_embargo(tx: &mut Tx<'_>, stage: &Stage, actor: &Actor, why: &str) -> Result<(), CatalogError> {
    match stage {
        Stage::Approved { embargo: Some(number), release, .. } if release.at > tx.now => {
            register::end_embargo(tx, *number, why, actor.name())
        }
        Stage::Draft
        | Stage::InReview { .. }
        | Stage::Returned(_)
        | Stage::Approved { .. }
        | Stage::Published { .. }
        | Stage::Discarded { .. } => Ok(()),
    }
}

/// Drafts whose moment has come, at most `limit`: approved ones whose release is due, and ones in review whose objection window
/// is over. Those whose release failed before come last.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_due(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<DraftId>, CatalogError> {
    store::due(tx, limit)
}

/// When the next draft is due, or was; `None` when none waits for its moment.
///
/// # Errors
/// `Storage` when the database fails.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, CatalogError> {
    store::next_due(tx)
}

/// What came of a draft whose moment had come.
#[derive(Debug, Clone, PartialEq)]
pub enum Released {
    /// It is public.
    Published(Box<Draft>),
    /// Its objection window passed; it will be public at the time that its editors wish.
    Approved(Box<Draft>),
    /// Nothing: its moment has not come, or somebody changed it meanwhile.
    NotDue,
    /// Something stands in the way; it is tried again, and its editors and reviewers see why.
    Failed(String),
}

/// Does what is due for a draft, in one transaction: before it nothing of the release is there, after it everything is, at one
/// moment, on pages, in the API and in every feed. Called by the portal's clock; calling it twice, or from two processes, is as
/// good as once.
///
/// # Errors
/// `NotFound` when there is no such draft; `Storage` when the database fails, and then nothing has happened.
pub fn release_due(tx: &mut Tx<'_>, id: DraftId) -> Result<Released, CatalogError> {
    journal::take_pen(tx)?;
    let mut draft = store::load(tx, id)?;
    if draft.stage.due_at().is_none_or(|due| due > tx.now) {
        return Ok(Released::NotDue);
    }
    let portal = Actor::portal();
    if let Some(problem) = obstacle(tx, &draft, Look::Judge)? {
        if draft.problem.as_deref() != Some(problem.as_str()) {
            store::note_problem(tx, id, &problem)?;
            let told = Told { after: json!({ "problem": problem }), ..Told::default() };
            store::note(tx, &draft, &portal, ActingRole::Portal, AuditAction::ReleaseFailed, told)?;
        }
        return Ok(Released::Failed(problem));
    }
    let by = portal.acting(ActingRole::Portal);
    if let Stage::InReview { .. } = draft.stage
        && let Some(release) = resolve(&draft.wish)?.filter(|release| release.at > tx.now)
    {
        let words = draft.wish.embargo.clone();
        let embargo = register_embargo(tx, &draft, &release, words.as_ref(), &portal)?;
        let next = draft.stage.approve(tx.now, by, release, embargo)?;
        let comment = Some("The objection window passed.".to_owned());
        super::journey::step(tx, &mut draft, &portal, ActingRole::Portal, next, AuditAction::DraftApproved, comment)?;
        return Ok(Released::Approved(Box::new(draft)));
    }
    publish(tx, &mut draft, &portal, &by)?;
    Ok(Released::Published(Box::new(draft)))
}
