//! The tree of publishers: ministries and the agencies below them.

use diesel::prelude::*;
use fairground_domain::{PublisherId, Timestamp};
use serde_json::json;

use super::Actor;
use super::grant::must_manage;
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::dataset::PublisherRef;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::{publisher_parents, publishers};

/// Levels that the tree may have.
pub const DEEPEST_TREE: usize = 8;
/// Publishers below one, at most.
const MOST_BELOW: usize = 10_000;
/// Ids in one statement.
const CHUNK: usize = 500;

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("publisher", problem)
}

/// A publisher and where it hangs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherNode {
    /// The publisher.
    pub publisher: PublisherRef,
    /// The one above it.
    pub parent: Option<PublisherId>,
    /// Since when.
    pub since: Option<Timestamp>,
}

fn parent_of(tx: &mut Tx<'_>, publisher: &str) -> Result<Option<String>, CatalogError> {
    Ok(publisher_parents::table.find(publisher).select(publisher_parents::parent_id).first(tx.conn).optional()?)
}

/// A publisher and all above it, nearest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn lineage(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<Vec<PublisherId>, CatalogError> {
    let mut found = vec![publisher];
    let mut at = publisher.to_string();
    while found.len() <= DEEPEST_TREE
        && let Some(parent) = parent_of(tx, &at)?
    {
        found.push(parent.parse().map_err(corrupt)?);
        at = parent;
    }
    Ok(found)
}

/// The publishers directly below one, by name.
///
/// # Errors
/// `Storage` when the database fails.
pub fn children(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<Vec<PublisherNode>, CatalogError> {
    let rows: Vec<(String, String, String, i64)> = publisher_parents::table
        .inner_join(publishers::table.on(publishers::id.eq(publisher_parents::publisher_id)))
        .filter(publisher_parents::parent_id.eq(publisher.to_string()))
        .order((publishers::name, publishers::id))
        .select((publishers::id, publishers::slug, publishers::name, publisher_parents::since))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(id, slug, name, since)| {
            let publisher_ref =
                PublisherRef { id: id.parse().map_err(corrupt)?, slug: slug.parse().map_err(corrupt)?, name };
            Ok(PublisherNode {
                publisher: publisher_ref,
                parent: Some(publisher),
                since: Some(Timestamp::from_micros(since)),
            })
        })
        .collect()
}

/// A publisher and all below it, in no order.
///
/// # Errors
/// `Storage` when the database fails.
pub fn subtree(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<Vec<PublisherId>, CatalogError> {
    let mut found = vec![publisher.to_string()];
    let mut level = found.clone();
    while !level.is_empty() && found.len() < MOST_BELOW {
        let mut next: Vec<String> = Vec::new();
        for chunk in level.chunks(CHUNK) {
            let below: Vec<String> = publisher_parents::table
                .filter(publisher_parents::parent_id.eq_any(chunk))
                .select(publisher_parents::publisher_id)
                .load(tx.conn)?;
            next.extend(below);
        }
        next.retain(|id| !found.contains(id));
        found.extend(next.iter().cloned());
        level = next;
    }
    found.iter().map(|id| id.parse().map_err(corrupt)).collect()
}

/// Hangs a publisher below another, or (`None`) on its own. Whoever does it manages the publisher, and the one above too: rights
/// come down the tree, so nobody gives away another's.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who does not manage both, `Invalid` for a circle or a tree deeper than
/// [`DEEPEST_TREE`].
pub fn set_parent(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
    parent: Option<PublisherId>,
) -> Result<(), CatalogError> {
    // The pen first: two moves at once could close a circle that neither sees.
    journal::take_pen(tx)?;
    let role = must_manage(tx, actor, publisher)?;
    let before = parent_of(tx, &publisher.to_string())?;
    if let Some(parent) = parent {
        must_manage(tx, actor, parent)?;
        let above = lineage(tx, parent)?;
        if above.contains(&publisher) {
            return Err(CatalogError::Invalid {
                field: "parent",
                problem: "lies below this publisher itself".to_owned(),
            });
        }
        if above.len() + depth_below(tx, publisher)? > DEEPEST_TREE {
            return Err(CatalogError::Invalid {
                field: "parent",
                problem: format!("a tree of publishers has at most {DEEPEST_TREE} levels"),
            });
        }
    }
    if before == parent.map(|parent| parent.to_string()) {
        return Ok(());
    }
    diesel::delete(publisher_parents::table.find(publisher.to_string())).execute(tx.conn)?;
    if let Some(parent) = parent {
        diesel::insert_into(publisher_parents::table)
            .values((
                publisher_parents::publisher_id.eq(publisher.to_string()),
                publisher_parents::parent_id.eq(parent.to_string()),
                publisher_parents::since.eq(tx.now.as_micros()),
            ))
            .execute(tx.conn)?;
    }
    let entry = NewEntry {
        who: actor.acting(role),
        publisher: Some(publisher),
        subject_kind: SubjectKind::Publisher,
        subject_id: publisher.to_string(),
        action: AuditAction::ParentChanged,
        before: json!(before),
        after: json!(parent),
        comment: None,
    };
    audit::note(tx, entry).map(drop)
}

/// Levels of the tree from a publisher down, its own included.
fn depth_below(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<usize, CatalogError> {
    let (mut depth, mut level) = (0, vec![publisher.to_string()]);
    while !level.is_empty() && depth <= DEEPEST_TREE {
        depth += 1;
        level = publisher_parents::table
            .filter(publisher_parents::parent_id.eq_any(&level))
            .select(publisher_parents::publisher_id)
            .load(tx.conn)?;
    }
    Ok(depth)
}
