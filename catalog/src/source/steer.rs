//! What people decide about sources, each step with an entry of the audit: whatever door it came through, the same use case.

use fairground_domain::{ActingRole, ContactId, JobId, PublisherId, Slug};
use serde_json::{Value, json};

use super::access::{get_managed, get_visible, get_visible_job, list_source_places, source_rights};
use super::change::{SourceChange, change_source};
use super::contact::{self, NewContact, SourceContact};
use super::removal::{DatasetsThen, RemovalJob, delete_source};
use super::rules::{RulesDocument, SourceRules, save_rules};
use super::standing::{approve_source, propose_source};
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::harvest::{self, HarvestJob, HarvestPayload, HarvestSource, NewSource};
use crate::journal;
use crate::member::Actor;
use crate::publisher;
use crate::secret::Secret;

/// Adds a source: the operator at once, for any publisher or for none; everybody else proposes one for a publisher that they work
/// for, and nothing is fetched of it until an operator approves it. Where they work for one alone, it need not be named.
///
/// # Errors
/// As [`harvest::create_source`]; `Forbidden` for who works for no publisher, `Invalid` for a publisher that is not theirs or that
/// has to be named.
pub fn add(tx: &mut Tx<'_>, actor: &Actor, new: NewSource) -> Result<HarvestSource, CatalogError> {
    journal::take_pen(tx)?;
    if actor.is_operator() {
        let added = harvest::create_source(tx, new, actor.name())?;
        note(tx, actor, ActingRole::Operator, &added, AuditAction::SourceAdded, Value::Null, told(&added))?;
        return Ok(added);
    }
    let (place, role) = place_for(tx, actor, new.publisher.as_ref())?;
    let added = propose_source(tx, NewSource { publisher: Some(place), ..new }, actor.name())?;
    note(tx, actor, role, &added, AuditAction::SourceAdded, Value::Null, told(&added))?;
    Ok(added)
}

fn place_for(tx: &mut Tx<'_>, actor: &Actor, asked: Option<&Slug>) -> Result<(Slug, ActingRole), CatalogError> {
    let invalid = |problem: &str| CatalogError::Invalid { field: "publisher", problem: problem.to_owned() };
    let slug = match asked {
        Some(slug) => slug.clone(),
        None => match home(tx, actor)? {
            Some(own) => own,
            None => match list_source_places(tx, actor)?.as_slice() {
                [] => return Err(CatalogError::Forbidden("the account acts for no publisher")),
                [(only, _)] => only.clone(),
                _ => return Err(invalid("must be named: you work for several")),
            },
        },
    };
    // What is another's and what there is not are told alike.
    let found = publisher::find(tx, slug.as_str())?.ok_or_else(|| invalid("must be one that you work for"))?;
    match source_rights(tx, actor, Some(found.id))?.runs {
        Some(role) => Ok((found.slug, role)),
        None => Err(invalid("must be one that you work for")),
    }
}

fn home(tx: &mut Tx<'_>, actor: &Actor) -> Result<Option<Slug>, CatalogError> {
    let Some(id) = actor.home() else { return Ok(None) };
    Ok(publisher::find_by_id(tx, id)?.map(|publisher| publisher.slug))
}

/// Lets a proposed source be harvested: the operator.
///
/// # Errors
/// `NotFound` for whom it does not exist, `Forbidden` for everybody else, `WrongState` when it is not proposed.
pub fn approve(tx: &mut Tx<'_>, actor: &Actor, id_or_slug: &str) -> Result<HarvestSource, CatalogError> {
    journal::take_pen(tx)?;
    let (source, _) = get_visible(tx, actor, id_or_slug)?;
    if !actor.is_operator() {
        return Err(CatalogError::Forbidden("only an operator of the portal approves sources"));
    }
    let approved = approve_source(tx, &source, actor.name())?;
    let (before, after) = (told(&source), told(&approved));
    note(tx, actor, ActingRole::Operator, &approved, AuditAction::SourceApproved, before, after)?;
    Ok(approved)
}

/// Asks for a harvest; gives the one that is under way already, if there is one, and whether it is new.
///
/// # Errors
/// `NotFound` for whom the source does not exist, `Forbidden` for who only looks on, `WrongState` while it waits for approval.
pub fn run(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
    payload: &HarvestPayload,
) -> Result<(HarvestJob, bool), CatalogError> {
    journal::take_pen(tx)?;
    let (source, rights) = get_visible(tx, actor, id_or_slug)?;
    let role = rights.must_run()?;
    if let Some(under_way) = harvest::find_unfinished(tx, source.id)? {
        return Ok((under_way, false));
    }
    let job = harvest::enqueue(tx, source.id, payload)?;
    let after = json!({ "job": job.id, "dry_run": payload.dry_run });
    note(tx, actor, role, &source, AuditAction::SourceRun, Value::Null, after)?;
    Ok((job, true))
}

/// Changes when and how a source is harvested, or pauses it.
///
/// # Errors
/// `NotFound` for whom it does not exist, `Forbidden` for who does not manage its publisher; as [`change_source`].
pub fn change(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
    change: SourceChange,
) -> Result<HarvestSource, CatalogError> {
    journal::take_pen(tx)?;
    let (source, role) = get_managed(tx, actor, id_or_slug)?;
    let changed = change_source(tx, &source, change, actor.name())?;
    if changed != source {
        note(tx, actor, role, &changed, AuditAction::SourceChanged, told(&source), told(&changed))?;
    }
    Ok(changed)
}

/// Deletes a source; see [`delete_source`].
///
/// # Errors
/// As [`change`].
pub fn delete(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
    datasets: DatasetsThen,
) -> Result<RemovalJob, CatalogError> {
    journal::take_pen(tx)?;
    let (source, role) = get_managed(tx, actor, id_or_slug)?;
    let removal = delete_source(tx, &source, datasets, actor.name())?;
    let after = json!({ "job": removal.id, "datasets": datasets });
    note(tx, actor, role, &source, AuditAction::SourceDeleted, told(&source), after)?;
    Ok(removal)
}

/// Puts mapping rules in force; see [`save_rules`].
///
/// # Errors
/// As [`change`]; `WrongState` when somebody else wrote other rules in the meantime.
pub fn set_rules(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id_or_slug: &str,
    document: RulesDocument,
    after: Option<i32>,
) -> Result<(HarvestSource, SourceRules), CatalogError> {
    journal::take_pen(tx)?;
    let (source, role) = get_managed(tx, actor, id_or_slug)?;
    let before = super::rules::current_rules(tx, source.id)?.version;
    let saved = save_rules(tx, &source, document, after, actor.name())?;
    if saved.version != before {
        let (before, after) = (json!({ "rules_version": before }), json!({ "rules_version": saved.version }));
        note(tx, actor, role, &source, AuditAction::SourceChanged, before, after)?;
    }
    Ok((source, saved))
}

/// Adds somebody who is told how the harvests of a source end.
///
/// # Errors
/// As [`change`] and [`contact::add_contact`].
pub fn tell(
    tx: &mut Tx<'_>,
    secret: &Secret,
    actor: &Actor,
    id_or_slug: &str,
    new: NewContact,
) -> Result<SourceContact, CatalogError> {
    journal::take_pen(tx)?;
    let (source, role) = get_managed(tx, actor, id_or_slug)?;
    let added = contact::add_contact(tx, secret, &source, new)?;
    let after = json!({ "contact": added.id, "kind": added.kind.as_str() });
    note(tx, actor, role, &source, AuditAction::SourceChanged, Value::Null, after)?;
    Ok(added)
}

/// Tells somebody no more how the harvests of a source end.
///
/// # Errors
/// As [`change`]; `NotFound` when the source has no such contact.
pub fn tell_no_more(tx: &mut Tx<'_>, actor: &Actor, id_or_slug: &str, id: ContactId) -> Result<(), CatalogError> {
    journal::take_pen(tx)?;
    let (source, role) = get_managed(tx, actor, id_or_slug)?;
    contact::remove_contact(tx, source.id, id)?;
    note(tx, actor, role, &source, AuditAction::SourceChanged, json!({ "contact": id }), Value::Null)
}

/// Lets a braked harvest go on.
///
/// # Errors
/// `NotFound` for whom it does not exist, `Forbidden` for who does not manage its publisher, `WrongState` when it does not wait.
pub fn let_go_on(tx: &mut Tx<'_>, actor: &Actor, id: JobId) -> Result<HarvestJob, CatalogError> {
    decide(tx, actor, id, AuditAction::HarvestApproved, harvest::approve)
}

/// Stops a harvest that has not ended.
///
/// # Errors
/// As [`let_go_on`]; `WrongState` when it has ended.
pub fn stop(tx: &mut Tx<'_>, actor: &Actor, id: JobId) -> Result<HarvestJob, CatalogError> {
    decide(tx, actor, id, AuditAction::HarvestStopped, harvest::cancel)
}

fn decide(
    tx: &mut Tx<'_>,
    actor: &Actor,
    id: JobId,
    action: AuditAction,
    done: fn(&mut Tx<'_>, JobId) -> Result<HarvestJob, CatalogError>,
) -> Result<HarvestJob, CatalogError> {
    journal::take_pen(tx)?;
    let (job, source, rights) = get_visible_job(tx, actor, id)?;
    let role = rights.must_manage()?;
    let decided = done(tx, id)?;
    let before = json!({ "job": id, "state": job.state, "braked": job.progress.braked, "of": job.progress.before });
    let after = json!({ "job": id, "state": decided.state });
    note(tx, actor, role, &source, action, before, after)?;
    Ok(decided)
}

/// What the audit keeps of a source. Its address is shown without the password that it may carry.
fn told(source: &HarvestSource) -> Value {
    json!({
        "slug": source.slug,
        "url": source.shown_url(),
        "state": source.state,
        "schedule": source.schedule.as_ref().map(ToString::to_string),
        "interval_secs": source.interval_secs,
        "grace_secs": source.grace_secs,
        "brake_percent": source.brake_percent,
        "brake_least": source.brake_least,
    })
}

fn note(
    tx: &mut Tx<'_>,
    actor: &Actor,
    role: ActingRole,
    source: &HarvestSource,
    action: AuditAction,
    before: Value,
    after: Value,
) -> Result<(), CatalogError> {
    let publisher: Option<PublisherId> = source.publisher_id;
    let entry = NewEntry {
        who: actor.acting(role),
        publisher,
        subject_kind: SubjectKind::Source,
        subject_id: source.id.to_string(),
        action,
        before,
        after,
        comment: None,
    };
    audit::note(tx, entry).map(drop)
}
