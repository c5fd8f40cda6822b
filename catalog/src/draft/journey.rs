//! The steps of a draft between its editors and its reviewers.

use fairground_domain::{
    ActingRole, DraftId, FieldComment, Objection, Release, ReturnNote, ReviewRule, Rights, Stage, Timestamp,
};

use super::check::faults;
use super::edit::writer;
use super::release::{end_embargo, must_name_embargo, resolve};
use super::store::{self, Told};
use super::{Draft, MAX_COMMENTS, MAX_REASON_CHARS, ReleaseWish};
use crate::audit::AuditAction;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::gate;
use crate::member::{self, Actor};

const DAY_SECS: i64 = 86_400;

/// The role from which somebody reviews a draft that is not their own.
///
/// # Errors
/// `Forbidden` for who is no reviewer, and for everybody who wrote any of it, whatever else they are.
pub(super) fn reviewer(draft: &Draft, actor: &Actor, rights: Rights) -> Result<ActingRole, CatalogError> {
    let role = rights.reviews_as().ok_or(CatalogError::Forbidden("this is for the publisher's reviewers"))?;
    if draft.is_by(actor.name()) {
        return Err(CatalogError::Forbidden("nobody reviews what they wrote themselves: ask another reviewer"));
    }
    Ok(role)
}

/// A text that people have to give.
pub(super) fn words(field: &'static str, text: &str) -> Result<String, CatalogError> {
    let text = text.trim();
    let unfit = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.is_empty() || text.chars().count() > MAX_REASON_CHARS || text.chars().any(unfit) {
        let problem = format!("must have 1 to {MAX_REASON_CHARS} characters and no control characters");
        return Err(CatalogError::Invalid { field, problem });
    }
    Ok(text.to_owned())
}

/// Puts a draft into another stage, with an entry of the audit.
pub(super) fn step(
    tx: &mut Tx<'_>,
    draft: &mut Draft,
    actor: &Actor,
    role: ActingRole,
    next: Stage,
    action: AuditAction,
    comment: Option<String>,
) -> Result<(), CatalogError> {
    let told = Told::stages(&draft.stage, &next)?.with_comment(comment);
    draft.stage = next;
    draft.problem = None;
    store::update(tx, draft, actor.name())?;
    store::note(tx, draft, actor, role, action, told)
}

/// Hands a draft to the reviewers, with the wish when it shall be public. Under an objection window it passes by itself when the
/// window is over. Its texts are screened for personal data here, so that reviewers see what the gate holds.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no editor, `Conflict` when somebody else saved meanwhile, `WrongStage` when
/// it is not open, `Invalid` for a description that lacks what every one needs ([`super::check()`] lists all of it), for a time
/// that is none or past, or for a long wait without words for the public register.
pub fn submit(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    wish: ReleaseWish,
) -> Result<Draft, CatalogError> {
    let (mut draft, rights) = store::take(tx, actor, id, expected)?;
    let role = writer(rights)?;
    draft.stage.must_be_open()?;
    if let Some(fault) = faults(&draft).into_iter().next() {
        return Err(CatalogError::Invalid {
            field: "document",
            problem: format!("{}: {}", fault.pointer, fault.problem),
        });
    }
    let release = resolve(&wish)?;
    must_lie_ahead(tx.now, release.as_ref())?;
    must_name_embargo(tx.now, release.as_ref(), wish.embargo.as_ref())?;
    let passes_at = match member::policy_of(tx, draft.publisher.id)?.drafts {
        ReviewRule::FourEyes => None,
        ReviewRule::ObjectionWindow { days } => Some(tx.now.plus_secs(i64::from(days) * DAY_SECS)),
    };
    draft.wish = wish;
    let next = draft.stage.submit(tx.now, actor.acting(role), passes_at)?;
    step(tx, &mut draft, actor, role, next, AuditAction::DraftSubmitted, None)?;
    // After the step: the letter that tells reviewers of it tells them of the hold too.
    gate::judge_draft(tx, draft.id, draft.dataset, Some(draft.publisher.id), &draft.authors, &draft.content.document)?;
    Ok(draft)
}

pub(super) fn must_lie_ahead(now: Timestamp, release: Option<&Release>) -> Result<(), CatalogError> {
    match release {
        Some(release) if release.at <= now => {
            Err(CatalogError::Invalid { field: "local", problem: "lies in the past".to_owned() })
        }
        _ => Ok(()),
    }
}

/// Takes a draft back from review or approval to go on with it; an embargo that was registered for it ends.
///
/// # Errors
/// As [`submit`]; `WrongStage` when it was not submitted.
pub fn recall(tx: &mut Tx<'_>, actor: &Actor, id: DraftId, expected: i32) -> Result<Draft, CatalogError> {
    let (mut draft, rights) = store::take(tx, actor, id, expected)?;
    let role = writer(rights)?;
    let next = draft.stage.recall()?;
    end_embargo(tx, &draft.stage, actor, "Its release was taken back.")?;
    step(tx, &mut draft, actor, role, next, AuditAction::DraftRecalled, None)?;
    Ok(draft)
}

/// Holds a draft back from passing by itself at the end of its objection window. It then waits for a reviewer.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no reviewer, `Conflict`, `WrongStage` when no window runs, `Invalid` without
/// a reason.
pub fn object(tx: &mut Tx<'_>, actor: &Actor, id: DraftId, expected: i32, reason: &str) -> Result<Draft, CatalogError> {
    let (mut draft, rights) = store::take(tx, actor, id, expected)?;
    // Whoever wrote it may stop it too: that needs no other eyes.
    let role = rights.reviews_as().ok_or(CatalogError::Forbidden("this is for the publisher's reviewers"))?;
    let reason = words("reason", reason)?;
    let objection = Objection { at: tx.now, by: actor.acting(role), reason: reason.clone() };
    let next = draft.stage.object(objection)?;
    step(tx, &mut draft, actor, role, next, AuditAction::DraftHeld, Some(reason))?;
    Ok(draft)
}

/// Gives a draft back to its editors, with comments by field; also one that was approved and is not public yet, whose embargo
/// then ends.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no reviewer or wrote it, `Conflict`, `WrongStage` when it was not submitted,
/// `Invalid` without comments, with too many, or with a pointer that is none.
pub fn give_back(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    comments: Vec<FieldComment>,
) -> Result<Draft, CatalogError> {
    let (mut draft, rights) = store::take(tx, actor, id, expected)?;
    let role = reviewer(&draft, actor, rights)?;
    let comments = sound(comments)?;
    let note = ReturnNote { at: tx.now, by: actor.acting(role), revision: draft.revision, comments };
    let next = draft.stage.give_back(note.clone())?;
    end_embargo(tx, &draft.stage, actor, "Its approval was taken back.")?;
    draft.returns.push(note);
    step(tx, &mut draft, actor, role, next, AuditAction::DraftReturned, None)?;
    Ok(draft)
}

fn sound(comments: Vec<FieldComment>) -> Result<Vec<FieldComment>, CatalogError> {
    let invalid = |problem: String| CatalogError::Invalid { field: "comments", problem };
    if !(1..=MAX_COMMENTS).contains(&comments.len()) {
        return Err(invalid(format!("say what is to be mended, in 1 to {MAX_COMMENTS} comments")));
    }
    comments
        .into_iter()
        .map(|comment| {
            let pointer = comment.pointer.trim();
            let fits = pointer.is_empty() || (pointer.starts_with('/') && pointer.len() <= MAX_REASON_CHARS);
            if !fits || pointer.chars().any(char::is_control) {
                return Err(invalid(format!("`{pointer}` is no JSON pointer such as `/title/en`")));
            }
            Ok(FieldComment { pointer: pointer.to_owned(), text: words("comments", &comment.text)? })
        })
        .collect()
}

/// Gives a draft up. Its address is free again where its dataset was never public; an embargo that was registered for it ends.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is neither editor nor manager, `Conflict`, `WrongStage` when it is published or
/// was discarded.
pub fn discard(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: DraftId,
    expected: i32,
    reason: Option<&str>,
) -> Result<Draft, CatalogError> {
    let (mut draft, rights) = store::take(tx, actor, id, expected)?;
    let role = rights.writes_as().or(rights.manages_as());
    let role = role.ok_or(CatalogError::Forbidden("this is for the publisher's editors and managers"))?;
    let reason = reason.filter(|text| !text.trim().is_empty()).map(|text| words("reason", text)).transpose()?;
    let next = draft.stage.discard(tx.now, actor.acting(role))?;
    end_embargo(tx, &draft.stage, actor, "It was given up.")?;
    for file in std::mem::take(&mut draft.files) {
        store::drop_file(tx, draft.id, &file)?;
    }
    gate::abandon(tx, &gate::Subject::draft(draft.id))?;
    step(tx, &mut draft, actor, role, next, AuditAction::DraftDiscarded, reason)?;
    Ok(draft)
}
