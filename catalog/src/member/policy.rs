//! How a publisher wants drafts to be reviewed.

use diesel::prelude::*;
use fairground_domain::{PublisherId, ReviewPolicy, Timestamp};
use serde_json::json;

use super::Actor;
use super::grant::must_manage;
use super::tree::lineage;
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::review_policies;

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("review policy", problem)
}

/// A policy as a publisher has set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPolicy {
    /// Whose it is: the publisher asked for, or the nearest above it that has one.
    pub publisher: PublisherId,
    /// What it says.
    pub policy: ReviewPolicy,
    /// Counts up with every change, from 1.
    pub revision: i32,
    /// When it was set.
    pub changed_at: Timestamp,
}

fn find_own(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<Option<KnownPolicy>, CatalogError> {
    let row: Option<(String, i32, i64)> = review_policies::table
        .find(publisher.to_string())
        .select((review_policies::document, review_policies::revision, review_policies::changed_at))
        .first(tx.conn)
        .optional()?;
    row.map(|(document, revision, changed_at)| {
        Ok(KnownPolicy {
            publisher,
            policy: serde_json::from_str(&document).map_err(corrupt)?,
            revision,
            changed_at: Timestamp::from_micros(changed_at),
        })
    })
    .transpose()
}

/// The policy that holds for a publisher, if it or one above it has set one.
///
/// # Errors
/// `Storage` when the database fails.
pub fn find_policy(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<Option<KnownPolicy>, CatalogError> {
    for id in lineage(tx, publisher)? {
        if let Some(found) = find_own(tx, id)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What holds for a publisher: its own policy, else that of the nearest above it, else four eyes and trusted sources.
///
/// # Errors
/// `Storage` when the database fails.
pub fn policy_of(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<ReviewPolicy, CatalogError> {
    Ok(find_policy(tx, publisher)?.map(|known| known.policy).unwrap_or_default())
}

/// Whether any publisher does not trust its sources: asked before each batch of a harvest, so that the others cost nothing.
pub(crate) fn any_distrusts(tx: &mut Tx<'_>) -> Result<bool, CatalogError> {
    let known: i64 = review_policies::table
        .filter(review_policies::document.like("%\"trusts_sources\":false%"))
        .count()
        .get_result(tx.conn)?;
    Ok(known > 0)
}

/// Sets a publisher's own policy. `expected` is the revision of its own policy that was looked at, 0 when it had none. What is in
/// review already goes on under what held when it was submitted.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no manager, `Invalid` for a window out of bounds, `Conflict` when somebody
/// else changed it.
pub fn set_policy(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
    policy: ReviewPolicy,
    expected: i32,
) -> Result<KnownPolicy, CatalogError> {
    journal::take_pen(tx)?;
    let role = must_manage(tx, actor, publisher)?;
    if !policy.drafts.is_sound() {
        return Err(CatalogError::Invalid {
            field: "days",
            problem: format!("must be 1 to {}", fairground_domain::LONGEST_OBJECTION_DAYS),
        });
    }
    let before = find_own(tx, publisher)?;
    let found = before.as_ref().map_or(0, |known| known.revision);
    if found != expected {
        let theirs = json!(before.as_ref().map(|known| known.policy));
        return Err(CatalogError::conflict("policy", publisher, expected, found, theirs));
    }
    let document = serde_json::to_string(&policy).map_err(corrupt)?;
    diesel::delete(review_policies::table.find(publisher.to_string())).execute(tx.conn)?;
    diesel::insert_into(review_policies::table)
        .values((
            review_policies::publisher_id.eq(publisher.to_string()),
            review_policies::document.eq(document),
            review_policies::revision.eq(found + 1),
            review_policies::changed_at.eq(tx.now.as_micros()),
        ))
        .execute(tx.conn)?;
    let entry = NewEntry {
        who: actor.acting(role),
        publisher: Some(publisher),
        subject_kind: SubjectKind::Publisher,
        subject_id: publisher.to_string(),
        action: AuditAction::PolicyChanged,
        before: json!(before.map(|known| known.policy)),
        after: json!(policy),
        comment: None,
    };
    audit::note(tx, entry)?;
    Ok(KnownPolicy { publisher, policy, revision: found + 1, changed_at: tx.now })
}
