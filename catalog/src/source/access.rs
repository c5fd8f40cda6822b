//! Who sees and who steers the harvests of a publisher.
//!
//! The operator everything, the auditor sees everything. An account whose own role is for a publisher proposes and runs sources
//! of it and of what lies below it in the tree; whoever manages it, by that role, by a grant or by a delegation, decides about
//! them. To everybody else they do not exist. A source without a publisher is the operator's.

use diesel::prelude::*;
use fairground_domain::{ActingRole, JobId, PublisherId, Slug};

use super::removal::{self, RemovalJob};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestJob, HarvestSource};
use crate::member::{self, Actor};
use crate::schema::harvest_sources;

/// What somebody may do about the sources of a publisher.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceRights {
    /// Sees sources, jobs, records and reports.
    pub sees: bool,
    /// The role from which they propose and run; `None` when they may not.
    pub runs: Option<ActingRole>,
    /// The role from which they change, pause, delete and decide the brake; `None` when they may not.
    pub manages: Option<ActingRole>,
}

impl SourceRights {
    /// The role from which they decide.
    ///
    /// # Errors
    /// `Forbidden` for who only sees or runs.
    pub fn must_manage(self) -> Result<ActingRole, CatalogError> {
        self.manages.ok_or(CatalogError::Forbidden("this is for the publisher's managers"))
    }

    /// The role from which they run.
    ///
    /// # Errors
    /// `Forbidden` for who only sees.
    pub fn must_run(self) -> Result<ActingRole, CatalogError> {
        self.runs.ok_or(CatalogError::Forbidden("this is for those who work for the publisher"))
    }
}

/// What somebody may do about sources of a publisher, now; `None` are the sources whose datasets name their own publishers.
///
/// # Errors
/// `Storage` when the database fails.
pub fn source_rights(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: Option<PublisherId>,
) -> Result<SourceRights, CatalogError> {
    let Some(publisher) = publisher else {
        let operator = actor.is_operator().then_some(ActingRole::Operator);
        return Ok(SourceRights { sees: actor.sees_everything(), runs: operator, manages: operator });
    };
    let rights = member::rights(tx, actor, publisher)?;
    let manages = rights.manages_as();
    let lineage = member::lineage(tx, publisher)?;
    let runs = manages.or_else(|| rights.writes_as().filter(|_| actor.is_staff_of(&lineage)));
    Ok(SourceRights { sees: runs.is_some() || rights.auditor, runs, manages })
}

/// A source with what somebody may do about it.
///
/// # Errors
/// `NotFound` when there is none, and for whom it is none of their business.
pub fn get_visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
) -> Result<(HarvestSource, SourceRights), CatalogError> {
    let source = harvest::get_source(tx, id_or_slug)?;
    let rights = source_rights(tx, actor, source.publisher_id)?;
    if rights.sees { Ok((source, rights)) } else { Err(CatalogError::not_found("source", id_or_slug)) }
}

/// A source that somebody decides about, and the role from which they do.
///
/// # Errors
/// As [`get_visible`]; `Forbidden` for who only sees or runs it.
pub fn get_managed(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
) -> Result<(HarvestSource, ActingRole), CatalogError> {
    let (source, rights) = get_visible(tx, actor, id_or_slug)?;
    Ok((source, rights.must_manage()?))
}

/// A harvest with its source and what somebody may do about them.
///
/// # Errors
/// `NotFound` when there is none, and for whom it is none of their business.
pub fn get_visible_job(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: JobId,
) -> Result<(HarvestJob, HarvestSource, SourceRights), CatalogError> {
    let job = harvest::get_job(tx, id)?;
    match get_visible(tx, actor, &job.source_id.to_string()) {
        Ok((source, rights)) => Ok((job, source, rights)),
        Err(CatalogError::NotFound { .. }) => Err(CatalogError::not_found("job", id)),
        Err(other) => Err(other),
    }
}

/// The clearing away of a source that was somebody's business.
///
/// # Errors
/// `NotFound` when there is none, and for everybody else.
pub fn get_visible_removal(tx: &mut Tx<'_>, actor: &Actor, id: JobId) -> Result<RemovalJob, CatalogError> {
    let job = removal::find_removal(tx, id)?;
    let rights = source_rights(tx, actor, job.payload.publisher)?;
    if rights.sees { Ok(job) } else { Err(CatalogError::not_found("job", id)) }
}

/// Whether somebody manages any publisher by a grant or a delegation, whatever their account's own role is.
///
/// # Errors
/// `Storage` when the database fails.
pub fn manages_by_grant(tx: &mut Tx<'_>, actor: &Actor) -> Result<bool, CatalogError> {
    Ok(!member::managed_by_grant(tx, actor)?.is_empty())
}

/// The publishers for which somebody proposes and runs sources: short name and name of each, by name. Operators are bound to
/// none, and have an empty list.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_source_places(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<(Slug, String)>, CatalogError> {
    let mut found = Vec::new();
    for id in member::steered_places(tx, actor)? {
        if let Some(publisher) = crate::publisher::find_by_id(tx, id)? {
            found.push((publisher.slug, publisher.name));
        }
    }
    found.sort_by(|one, other| one.1.cmp(&other.1).then_with(|| one.0.cmp(&other.0)));
    Ok(found)
}

/// The sources that somebody sees, by slug, from after `after`.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_visible(
    tx: &mut Tx<'_>,
    actor: &Actor,
    after: Option<&Slug>,
    limit: i64,
) -> Result<Vec<HarvestSource>, CatalogError> {
    if actor.sees_everything() {
        return harvest::list_sources(tx, None, after, limit);
    }
    let mut found = Vec::new();
    let places = member::steered_places(tx, actor)?;
    for place in with_sources(tx, &places)? {
        found.extend(harvest::list_sources(tx, Some(place), after, limit)?);
    }
    found.sort_by(|one, other| one.slug.cmp(&other.slug));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Those of some publishers that have sources: few, where a ministry may have hundreds of bodies below it.
fn with_sources(tx: &mut Tx<'_>, places: &[PublisherId]) -> Result<Vec<PublisherId>, CatalogError> {
    /// Publishers that are asked for in one statement.
    const CHUNK: usize = 500;
    let ids: Vec<String> = places.iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let with: Vec<Option<String>> = harvest_sources::table
            .filter(harvest_sources::publisher_id.eq_any(chunk))
            .select(harvest_sources::publisher_id)
            .distinct()
            .load(tx.conn)?;
        for id in with.into_iter().flatten() {
            found.push(id.parse().map_err(|error| CatalogError::corrupt("source", error))?);
        }
    }
    Ok(found)
}

/// Removals of sources that were somebody's business, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_visible_removals(
    tx: &mut Tx<'_>,
    actor: &Actor,
    before: Option<JobId>,
    limit: i64,
) -> Result<Vec<RemovalJob>, CatalogError> {
    if actor.sees_everything() {
        return removal::list_removals(tx, None, before, limit);
    }
    let mut found = Vec::new();
    let places = member::steered_places(tx, actor)?;
    for place in with_sources(tx, &places)? {
        found.extend(removal::list_removals(tx, Some(place), before, limit)?);
    }
    found.sort_by_key(|job| std::cmp::Reverse(job.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}
