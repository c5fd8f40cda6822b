//! Acts that the register makes public in the moment in which they hold.

use fairground_domain::{ExceptionTerms, PlanId, Timestamp, WITHIN_DAYS, judge_exception};

use super::store::{ended_kind, get, insert, proven_exceptions, set_ended, suspended_numbers, suspensions_over};
use super::{
    ARRANGEMENT_NOTICE_DAYS, ARRANGEMENT_REVIEW_DAYS, ArrangementGround, Content, DIGITISATION_REVIEW_DAYS, EntryKind,
    EntryStatus, MAX_REASON_CHARS, MAX_WORDS_CHARS, RegisterEntry, SUSPENSION_REVIEW_DAYS, SuspensionGround,
};
use crate::application::{self, Application};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, EventKind};
use crate::tariff;

const DAY_SECS: i64 = 86_400;
/// Most parties of an arrangement.
const MAX_PARTIES: usize = 20;
/// The most that an address of terms may have, in characters.
const MAX_URL_CHARS: usize = 1_000;

fn invalid<T>(field: &'static str, problem: impl Into<String>) -> Result<T, CatalogError> {
    Err(CatalogError::Invalid { field, problem: problem.into() })
}

fn checked(field: &'static str, text: &str, longest: usize) -> Result<String, CatalogError> {
    let text = text.trim();
    let unfit = |c: char| c.is_control() && c != '\n';
    if text.is_empty() || text.chars().count() > longest || text.chars().any(unfit) {
        return invalid(field, format!("must have 1 to {longest} characters and no control characters"));
    }
    Ok(text.to_owned())
}

/// Publishes an exception: it holds for everybody in its scope from its beginning, which may be now.
///
/// # Errors
/// `Exception` when it is not one that may be made; `Storage` when the database fails.
pub fn publish_exception(tx: &mut Tx<'_>, terms: ExceptionTerms, actor: &str) -> Result<RegisterEntry, CatalogError> {
    journal::take_pen(tx)?;
    let current = tariff::get_current(tx)?;
    let since = tx.now.plus_secs(-i64::from(WITHIN_DAYS) * DAY_SECS);
    let known = proven_exceptions(tx, since)?;
    judge_exception(&current, &known, &terms, tx.now)?;
    let reason = checked("reason", &terms.reason, MAX_REASON_CHARS)?;
    insert(tx, Content::Exception(ExceptionTerms { reason, ..terms }), actor)
}

/// What is wanted of a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuspension {
    /// The application's number.
    pub application: i64,
    /// On which ground.
    pub ground: SuspensionGround,
    /// What happened; it is public, so it names no person.
    pub reason: String,
    /// When it is looked at again: within [`SUSPENSION_REVIEW_DAYS`].
    pub review_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
}

/// Suspends an application: from now on every call with one of its keys is refused, and the register says why, by number.
///
/// # Errors
/// `NotFound` for the application, `Invalid` for a bad field, `WrongState` when it is suspended already or closed.
pub fn suspend(tx: &mut Tx<'_>, new: NewSuspension, actor: &str) -> Result<(RegisterEntry, Application), CatalogError> {
    journal::take_pen(tx)?;
    let NewSuspension { application: number, ground, reason, review_at, ends_at } = new;
    let reason = checked("reason", &reason, MAX_REASON_CHARS)?;
    let now = tx.now;
    if review_at <= now || review_at > now.plus_secs(SUSPENSION_REVIEW_DAYS * DAY_SECS) {
        return invalid("review_at", format!("must lie within {SUSPENSION_REVIEW_DAYS} days from now"));
    }
    if ends_at.is_some_and(|end| end <= now) {
        return invalid("ends_at", "must lie in the future");
    }
    let owner =
        application::find_by_number(tx, number)?.ok_or_else(|| CatalogError::not_found("application", number))?;
    let wrong = |state: &str, problem| {
        Err(CatalogError::WrongState { what: format!("application {number}"), state: state.to_owned(), problem })
    };
    if owner.closed_at.is_some() {
        return wrong("closed", "a closed application has no key that works");
    }
    if suspended_numbers(tx)?.contains(&number) {
        return wrong("suspended", "end that suspension before another one");
    }
    let content = Content::Suspension { application: number, ground, reason, starts_at: now, review_at, ends_at };
    Ok((insert(tx, content, actor)?, owner))
}

/// What is registered of an exclusive arrangement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArrangement {
    /// Between whom; at least two.
    pub parties: Vec<String>,
    /// What is re-used.
    pub subject: String,
    /// On which ground.
    pub ground: ArrangementGround,
    /// Why it is necessary.
    pub reason: String,
    /// Where its terms can be read.
    pub terms_url: Option<String>,
    /// From when.
    pub starts_at: Timestamp,
    /// When its grounds are reviewed.
    pub review_at: Timestamp,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
}

/// Registers an exclusive arrangement, two months before it takes effect. One that is in effect already is registered as
/// published too late.
///
/// # Errors
/// `Invalid` for a bad field.
pub fn register_arrangement(tx: &mut Tx<'_>, new: NewArrangement, actor: &str) -> Result<RegisterEntry, CatalogError> {
    journal::take_pen(tx)?;
    if !(2..=MAX_PARTIES).contains(&new.parties.len()) {
        return invalid("parties", format!("name 2 to {MAX_PARTIES}"));
    }
    let parties =
        new.parties.iter().map(|party| checked("parties", party, MAX_WORDS_CHARS)).collect::<Result<Vec<_>, _>>()?;
    let subject = checked("subject", &new.subject, MAX_WORDS_CHARS)?;
    let reason = checked("reason", &new.reason, MAX_REASON_CHARS)?;
    let terms_url = new.terms_url.map(|url| checked("terms_url", &url, MAX_URL_CHARS)).transpose()?;
    if terms_url.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("http://")) {
        return invalid("terms_url", "must be a web address");
    }
    let (now, start) = (tx.now, new.starts_at);
    let published_late = start <= now;
    if !published_late && start < now.plus_secs(ARRANGEMENT_NOTICE_DAYS * DAY_SECS) {
        return invalid(
            "starts_at",
            format!("an arrangement is public at least {ARRANGEMENT_NOTICE_DAYS} days before it takes effect"),
        );
    }
    let review_days = match new.ground {
        ArrangementGround::PublicInterest => ARRANGEMENT_REVIEW_DAYS,
        ArrangementGround::Digitisation => DIGITISATION_REVIEW_DAYS,
    };
    let latest = start.max(now).plus_secs(review_days * DAY_SECS);
    if new.review_at <= now || new.review_at > latest {
        return invalid("review_at", format!("must lie in the future and within {review_days} days of the beginning"));
    }
    if new.ends_at.is_some_and(|end| end <= start.max(now)) {
        return invalid("ends_at", "must lie after the beginning and in the future");
    }
    let content = Content::Arrangement {
        parties,
        subject,
        ground: new.ground,
        reason,
        terms_url,
        starts_at: start,
        review_at: new.review_at,
        ends_at: new.ends_at,
        published_late,
    };
    insert(tx, content, actor)
}

/// What is registered of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefusal {
    /// The application's number, where it concerns one.
    pub application: Option<i64>,
    /// What was asked for.
    pub subject: String,
    /// Why it was refused.
    pub reason: String,
}

/// Registers that something was refused to somebody.
///
/// # Errors
/// `Invalid` for a bad field, `NotFound` for the application.
pub fn register_refusal(tx: &mut Tx<'_>, new: NewRefusal, actor: &str) -> Result<RegisterEntry, CatalogError> {
    journal::take_pen(tx)?;
    let subject = checked("subject", &new.subject, MAX_WORDS_CHARS)?;
    let reason = checked("reason", &new.reason, MAX_REASON_CHARS)?;
    if let Some(number) = new.application {
        application::find_by_number(tx, number)?.ok_or_else(|| CatalogError::not_found("application", number))?;
    }
    let content = Content::Refusal { application: new.application, subject, reason, starts_at: tx.now };
    insert(tx, content, actor)
}

/// Registers that a plan was given by hand, until `review_at`.
pub(crate) fn record_assignment(
    tx: &mut Tx<'_>,
    application: i64,
    plan: PlanId,
    reason: &str,
    review_at: Timestamp,
    actor: &str,
) -> Result<RegisterEntry, CatalogError> {
    let reason = checked("reason", reason, MAX_REASON_CHARS)?;
    journal::take_pen(tx)?;
    let content = Content::Assignment { application, plan, reason, starts_at: tx.now, review_at };
    insert(tx, content, actor)
}

/// What is registered of an embargo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEmbargo {
    /// The slug of the publisher that holds data back.
    pub publisher: String,
    /// What is held back, as far as that may be said.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// When it becomes public.
    pub ends_at: Timestamp,
}

/// Registers that data is ready and will be public at a time. Made with the approval of a draft, in its transaction.
///
/// # Errors
/// `Invalid` for a bad field.
pub(crate) fn register_embargo(tx: &mut Tx<'_>, new: NewEmbargo, actor: &str) -> Result<RegisterEntry, CatalogError> {
    journal::take_pen(tx)?;
    let subject = checked("subject", &new.subject, MAX_WORDS_CHARS)?;
    let reason = checked("reason", &new.reason, MAX_REASON_CHARS)?;
    if new.ends_at <= tx.now {
        return invalid("ends_at", "must lie in the future");
    }
    let publisher = new.publisher;
    let content = Content::Embargo { publisher, subject, reason, starts_at: tx.now, ends_at: new.ends_at };
    insert(tx, content, actor)
}

/// Ends an embargo before its time; one that is over already stays as it is.
pub(crate) fn end_embargo(tx: &mut Tx<'_>, number: i64, reason: &str, actor: &str) -> Result<(), CatalogError> {
    let entry = get(tx, number)?;
    if entry.status_at(tx.now) == EntryStatus::Ended {
        return Ok(());
    }
    set_ended(tx, entry, EventKind::EmbargoEnded, reason, actor).map(drop)
}

/// Ends an exception, a suspension or an arrangement before its time.
///
/// An exception that gives anybody more than the tariff does cannot be ended early: it was promised until its end.
///
/// # Errors
/// `NotFound` for the entry, `Invalid` for a bad reason, `WrongState` when it is over or cannot be ended.
pub fn end(tx: &mut Tx<'_>, number: i64, reason: &str, actor: &str) -> Result<RegisterEntry, CatalogError> {
    journal::take_pen(tx)?;
    let entry = get(tx, number)?;
    let reason = checked("reason", reason, MAX_REASON_CHARS)?;
    let wrong = |state: &str, problem| {
        Err(CatalogError::WrongState { what: format!("register entry {number}"), state: state.to_owned(), problem })
    };
    if entry.status_at(tx.now) == EntryStatus::Ended {
        return wrong("over", "it cannot be ended again");
    }
    if let Content::Exception(terms) = &entry.content
        && terms.limits.raises()
    {
        return wrong("promised", "an exception that gives more than the tariff holds until its end");
    }
    // An embargo ends with what becomes of its draft, and not by itself.
    match ended_kind(entry.content.kind()).filter(|kind| *kind != EventKind::EmbargoEnded) {
        Some(kind) => set_ended(tx, entry, kind, &reason, actor),
        None => wrong("published", "only exceptions, suspensions and arrangements are ended"),
    }
}

/// Writes down that suspensions are over whose own end has come; gives their entries.
///
/// # Errors
/// `Storage` when the database fails.
pub fn reinstate_ended(tx: &mut Tx<'_>) -> Result<Vec<RegisterEntry>, CatalogError> {
    let mut over = suspensions_over(tx)?;
    if over.is_empty() {
        return Ok(over);
    }
    journal::take_pen(tx)?;
    // Somebody else may have written it down while we waited for the pen.
    over = suspensions_over(tx)?;
    let kind = ended_kind(EntryKind::Suspension);
    let mut done = Vec::with_capacity(over.len());
    for entry in over {
        if let Some(kind) = kind {
            done.push(set_ended(tx, entry, kind, "its end has come", "portal")?);
        }
    }
    Ok(done)
}
