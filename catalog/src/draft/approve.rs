//! Approving a draft: it is public at once, or will be at a time.

use fairground_domain::{ActingRole, DraftId};

use super::journey::{must_lie_ahead, reviewer, step};
use super::publish::{must_be_free, publish};
use super::release::{must_name_embargo, register_embargo, resolve};
use super::store;
use super::{Draft, ReleaseWish};
use crate::audit::AuditAction;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::member::Actor;

/// When an approved draft becomes public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Approval {
    /// As its editors wish; at once, when they said nothing or their time has passed.
    #[default]
    AsWished,
    /// At once.
    Now,
    /// At another time than its editors wish.
    At(ReleaseWish),
}

/// Approves a draft that somebody else wrote: it becomes public now, in this transaction, or is kept until its time. What is
/// approved is the revision that was looked at. An approved draft can be approved again, to be released at another time.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no reviewer or wrote any of it, `Conflict` when its revision is another or its
/// dataset has another version than it began from, `WrongStage` when it is not in review, `WrongState` when the gate holds it,
/// `Invalid` for a time that is none or past, or for a long wait without words for the public register.
pub fn approve(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    approval: Approval,
) -> Result<Draft, CatalogError> {
    let (draft, rights) = store::take(tx, actor, id, expected)?;
    let role = reviewer(&draft, actor, rights)?;
    decide(tx, draft, actor, role, approval)
}

/// As [`approve`], for whoever sits at the machine: a folder that the operator publishes is trusted as a source is, so it needs
/// no second person. The gate stands before it all the same.
///
/// # Errors
/// As [`approve`]; `Forbidden` for everybody who signs in.
pub fn approve_at_machine(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    approval: Approval,
) -> Result<Draft, CatalogError> {
    if !actor.is_operator() || actor.account().is_some() {
        return Err(CatalogError::Forbidden("this is for whoever sits at the machine"));
    }
    let (draft, _) = store::take(tx, actor, id, expected)?;
    decide(tx, draft, actor, ActingRole::Operator, approval)
}

fn decide(
    tx: &mut Tx<'_>,
    mut draft: Draft,
    actor: &Actor,
    role: ActingRole,
    approval: Approval,
) -> Result<Draft, CatalogError> {
    draft.stage.must_be_approvable()?;
    must_be_free(tx, &draft)?;
    let by = actor.acting(role);
    let wish = match approval {
        Approval::AsWished => {
            let passed = resolve(&draft.wish)?.is_some_and(|release| release.at <= tx.now);
            if passed { ReleaseWish::default() } else { draft.wish.clone() }
        }
        Approval::Now => ReleaseWish::default(),
        Approval::At(wish) => wish,
    };
    let Some(release) = resolve(&wish)? else {
        publish(tx, &mut draft, actor, &by)?;
        return Ok(draft);
    };
    must_lie_ahead(tx.now, Some(&release))?;
    must_name_embargo(tx.now, Some(&release), wish.embargo.as_ref())?;
    let again = matches!(draft.stage, fairground_domain::Stage::Approved { .. });
    let embargo = register_embargo(tx, &draft, &release, wish.embargo.as_ref(), actor)?;
    let next = draft.stage.approve(tx.now, by, release, embargo)?;
    draft.wish = wish;
    let action = if again { AuditAction::DraftScheduled } else { AuditAction::DraftApproved };
    step(tx, &mut draft, actor, role, next, action, None)?;
    Ok(draft)
}
