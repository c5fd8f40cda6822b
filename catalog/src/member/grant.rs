//! Grants: the rights that people have for a publisher, beside what their accounts' own roles give.

use std::collections::BTreeMap;

use diesel::prelude::*;
use fairground_domain::{AccountId, ActingRole, GrantId, PublisherId, PublisherRole, Rights, Timestamp};
use serde::Serialize;
use serde_json::json;

use super::Actor;
use super::tree::{lineage, subtree};
use crate::account;
use crate::audit::{self, AuditAction, NewEntry, SubjectKind};
use crate::dataset::PublisherRef;
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal;
use crate::schema::{accounts, publisher_grants, publishers, publishing_tokens, quiet_accounts};

/// Most grants of a publisher.
pub const MAX_GRANTS: i64 = 500;
/// Longest delegation, in days.
pub const LONGEST_DELEGATION_DAYS: i64 = 366;
const DAY_SECS: i64 = 86_400;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = publisher_grants, treat_none_as_default_value = false)]
struct GrantRow {
    id: String,
    publisher_id: String,
    account_id: String,
    role: String,
    granted_by: String,
    delegated_from: Option<String>,
    created_at: i64,
    ends_at: Option<i64>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("grant", problem)
}

pub(super) fn role_of(text: &str) -> Result<PublisherRole, CatalogError> {
    PublisherRole::parse(text).ok_or_else(|| corrupt(format!("role `{text}`")))
}

/// Where a grant comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantOrigin {
    /// A manager or operator gave it, or it came with an invitation.
    Granted,
    /// Somebody who has the role lets another have it for a while. It works as long as they have it themselves.
    Delegated {
        /// Who.
        from: AccountId,
    },
    /// The account's own role on the portal gives it. It is not a grant that can be revoked here.
    Standing,
}

/// A right that somebody has for a publisher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberGrant {
    /// Its id; `None` for what comes from the account's own role.
    pub id: Option<GrantId>,
    /// Whose it is.
    pub account: AccountId,
    /// That person's name.
    pub name: String,
    /// That person's address.
    pub email: String,
    /// What it gives.
    pub role: PublisherRole,
    /// Where it comes from.
    pub origin: GrantOrigin,
    /// When it was given.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub ends_at: Option<Timestamp>,
    /// Whether it works now: it has not ended, and whoever delegated it still has the role.
    pub works: bool,
}

/// What an account has directly for publishers of a lineage: its own role, and grants that are no delegations.
fn direct_rights(tx: &mut Tx<'_>, actor: &Actor, lineage: &[PublisherId]) -> Result<Rights, CatalogError> {
    let mut rights = actor.standing_rights(lineage);
    if rights.operator || rights.auditor {
        return Ok(rights);
    }
    for row in rows_of_account(tx, actor, lineage)? {
        if row.delegated_from.is_none() {
            rights.add(role_of(&row.role)?);
        }
    }
    Ok(rights)
}

/// The grants of an account for publishers of a lineage that have not ended.
fn rows_of_account(tx: &mut Tx<'_>, actor: &Actor, lineage: &[PublisherId]) -> Result<Vec<GrantRow>, CatalogError> {
    let Some(account) = actor.account().filter(|_| actor.reaches(lineage)) else { return Ok(Vec::new()) };
    let ids: Vec<String> = lineage.iter().map(ToString::to_string).collect();
    let now = tx.now.as_micros();
    Ok(publisher_grants::table
        .filter(publisher_grants::account_id.eq(account.to_string()))
        .filter(publisher_grants::publisher_id.eq_any(ids))
        .filter(publisher_grants::ends_at.is_null().or(publisher_grants::ends_at.gt(now)))
        .select(GrantRow::as_select())
        .load(tx.conn)?)
}

/// Whether an account still has the role that it delegated, for the publisher of the grant.
fn still_holds(tx: &mut Tx<'_>, from: &str, role: PublisherRole, publisher: &str) -> Result<bool, CatalogError> {
    let account = match account::get(tx, from.parse().map_err(corrupt)?) {
        Ok(account) => account,
        Err(CatalogError::NotFound { .. }) => return Ok(false),
        Err(other) => return Err(other),
    };
    let lineage = lineage(tx, publisher.parse().map_err(corrupt)?)?;
    Ok(direct_rights(tx, &Actor::of(&account), &lineage)?.has(role))
}

/// What somebody may do for a publisher, now.
///
/// # Errors
/// `Storage` when the database fails.
pub fn rights(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<Rights, CatalogError> {
    let lineage = lineage(tx, publisher)?;
    let mut rights = actor.standing_rights(&lineage);
    if rights.operator || rights.auditor {
        return Ok(rights);
    }
    for row in rows_of_account(tx, actor, &lineage)? {
        let role = role_of(&row.role)?;
        let works = match &row.delegated_from {
            None => true,
            Some(from) => still_holds(tx, from, role, &row.publisher_id)?,
        };
        if works {
            rights.add(role);
        }
    }
    Ok(rights)
}

/// As [`rights`], for who sees the publisher's unpublished work.
///
/// # Errors
/// `NotFound` for everybody else: to them it does not exist.
pub fn must_see(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<Rights, CatalogError> {
    let rights = rights(tx, actor, publisher)?;
    if rights.may_see() { Ok(rights) } else { Err(CatalogError::not_found("publisher", publisher)) }
}

/// The role from which somebody writes drafts of a publisher.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no editor.
pub fn must_write(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<ActingRole, CatalogError> {
    must_see(tx, actor, publisher)?.writes_as().ok_or(CatalogError::Forbidden("this is for the publisher's editors"))
}

/// The role from which somebody reviews drafts of a publisher.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no reviewer.
pub fn must_review(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<ActingRole, CatalogError> {
    let rights = must_see(tx, actor, publisher)?;
    rights.reviews_as().ok_or(CatalogError::Forbidden("this is for the publisher's reviewers"))
}

/// The role from which somebody decides about members, policies and sources of a publisher.
///
/// # Errors
/// `NotFound` for strangers, `Forbidden` for who is no manager.
pub fn must_manage(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<ActingRole, CatalogError> {
    let rights = must_see(tx, actor, publisher)?;
    rights.manages_as().ok_or(CatalogError::Forbidden("this is for the publisher's managers"))
}

/// A publisher that somebody works for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workplace {
    /// The publisher.
    pub publisher: PublisherRef,
    /// What they may do for it.
    pub rights: Rights,
}

/// The publishers that somebody works for, by slug, from after `after`; every publisher for operators and auditors.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_workplaces(
    tx: &mut Tx<'_>,
    actor: &Actor,
    after: &str,
    limit: i64,
) -> Result<Vec<Workplace>, CatalogError> {
    let mut query = publishers::table
        .filter(publishers::slug.gt(after))
        .order(publishers::slug)
        .limit(limit)
        .select((publishers::id, publishers::slug, publishers::name))
        .into_boxed();
    if !actor.sees_everything() {
        let ids: Vec<String> = places_of(tx, actor)?.iter().map(ToString::to_string).collect();
        query = query.filter(publishers::id.eq_any(ids));
    }
    let rows: Vec<(String, String, String)> = query.load(tx.conn)?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, slug, name) in rows {
        let publisher = PublisherRef { id: id.parse().map_err(corrupt)?, slug: slug.parse().map_err(corrupt)?, name };
        let rights = rights(tx, actor, publisher.id)?;
        // A delegation whose giver lost the role gives nothing.
        if rights.may_see() {
            found.push(Workplace { publisher, rights });
        }
    }
    Ok(found)
}

/// The publishers for which somebody has rights of their own or by grant, and all below them.
pub(crate) fn places_of(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<PublisherId>, CatalogError> {
    if let Some(only) = actor.confinement() {
        return Ok(if rights(tx, actor, only)?.may_see() { vec![only] } else { Vec::new() });
    }
    let mut roots: Vec<PublisherId> = actor.home().into_iter().collect();
    if let Some(account) = actor.account() {
        let now = tx.now.as_micros();
        let granted: Vec<String> = publisher_grants::table
            .filter(publisher_grants::account_id.eq(account.to_string()))
            .filter(publisher_grants::ends_at.is_null().or(publisher_grants::ends_at.gt(now)))
            .select(publisher_grants::publisher_id)
            .distinct()
            .load(tx.conn)?;
        for id in granted {
            roots.push(id.parse().map_err(corrupt)?);
        }
    }
    all_below(tx, roots)
}

/// The publishers whose sources somebody runs or manages: by their account's own role, or as a manager by grant or by a delegation
/// whose giver still has the role; and all below them.
pub(crate) fn steered_places(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<PublisherId>, CatalogError> {
    if let Some(only) = actor.confinement() {
        let lineage = lineage(tx, only)?;
        let steers = actor.is_staff_of(&lineage) || rights(tx, actor, only)?.manager;
        return Ok(if steers { vec![only] } else { Vec::new() });
    }
    let mut roots: Vec<PublisherId> = actor.home().into_iter().collect();
    roots.extend(managed_by_grant(tx, actor)?);
    all_below(tx, roots)
}

/// The publishers that somebody manages by a grant, or by a delegation whose giver still has the role; not those below them.
pub(crate) fn managed_by_grant(tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<PublisherId>, CatalogError> {
    let Some(account) = actor.account().filter(|_| !actor.is_confined()) else { return Ok(Vec::new()) };
    let granted: Vec<GrantRow> = publisher_grants::table
        .filter(publisher_grants::account_id.eq(account.to_string()))
        .filter(publisher_grants::role.eq(PublisherRole::Manager.as_str()))
        .filter(publisher_grants::ends_at.is_null().or(publisher_grants::ends_at.gt(tx.now.as_micros())))
        .select(GrantRow::as_select())
        .load(tx.conn)?;
    let mut found = Vec::with_capacity(granted.len());
    for row in granted {
        let works = match &row.delegated_from {
            None => true,
            Some(from) => still_holds(tx, from, PublisherRole::Manager, &row.publisher_id)?,
        };
        if works {
            found.push(row.publisher_id.parse().map_err(corrupt)?);
        }
    }
    Ok(found)
}

/// Some publishers and all below them, each once.
fn all_below(tx: &mut Tx<'_>, roots: Vec<PublisherId>) -> Result<Vec<PublisherId>, CatalogError> {
    let mut all = Vec::new();
    for root in roots {
        all.extend(subtree(tx, root)?);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// Everybody's rights for a publisher, by name: grants, and what accounts have by their own role on the portal. Operators and
/// auditors, and who comes in from above in the tree, are not listed.
///
/// # Errors
/// `NotFound` for strangers.
pub fn list_grants(tx: &mut Tx<'_>, actor: &Actor, publisher: PublisherId) -> Result<Vec<MemberGrant>, CatalogError> {
    must_see(tx, actor, publisher)?;
    let rows: Vec<(GrantRow, String, String)> = publisher_grants::table
        .inner_join(accounts::table.on(accounts::id.eq(publisher_grants::account_id)))
        .filter(publisher_grants::publisher_id.eq(publisher.to_string()))
        .order((accounts::name, publisher_grants::id))
        .select((GrantRow::as_select(), accounts::name, accounts::email))
        .load(tx.conn)?;
    let mut found = standing_members(tx, publisher)?;
    for (row, name, email) in rows {
        found.push(grant_of(tx, row, name, email)?);
    }
    found.sort_by(|one, other| (&one.name, one.account, one.role).cmp(&(&other.name, other.account, other.role)));
    Ok(found)
}

fn grant_of(tx: &mut Tx<'_>, row: GrantRow, name: String, email: String) -> Result<MemberGrant, CatalogError> {
    let role = role_of(&row.role)?;
    let ended = row.ends_at.is_some_and(|end| end <= tx.now.as_micros());
    let (origin, held) = match &row.delegated_from {
        None => (GrantOrigin::Granted, true),
        Some(from) => {
            let held = still_holds(tx, from, role, &row.publisher_id)?;
            (GrantOrigin::Delegated { from: from.parse().map_err(corrupt)? }, held)
        }
    };
    Ok(MemberGrant {
        id: Some(row.id.parse().map_err(corrupt)?),
        account: row.account_id.parse().map_err(corrupt)?,
        name,
        email,
        role,
        origin,
        created_at: Timestamp::from_micros(row.created_at),
        ends_at: row.ends_at.map(Timestamp::from_micros),
        works: !ended && held,
    })
}

/// What accounts have for a publisher by their own role on the portal.
fn standing_members(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<Vec<MemberGrant>, CatalogError> {
    let ids: Vec<String> = accounts::table
        .filter(accounts::publisher_id.eq(publisher.to_string()))
        .filter(accounts::disabled.eq(false))
        .select(accounts::id)
        .load(tx.conn)?;
    let mut found = Vec::new();
    for id in ids {
        let account = account::get(tx, id.parse().map_err(corrupt)?)?;
        for role in Actor::of(&account).standing_rights(&[publisher]).roles() {
            found.push(MemberGrant {
                id: None,
                account: account.id,
                name: account.name.clone(),
                email: account.email.clone(),
                role,
                origin: GrantOrigin::Standing,
                created_at: account.created_at,
                ends_at: None,
                works: true,
            });
        }
    }
    Ok(found)
}

/// Whether somebody reviews or manages any publisher's work by grant or delegation: a password alone is too little for that, as it
/// is for a steward.
pub(crate) fn decides_by_grant(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, CatalogError> {
    let deciding = [PublisherRole::Reviewer.as_str(), PublisherRole::Manager.as_str()];
    let known: i64 = publisher_grants::table
        .filter(publisher_grants::account_id.eq(account.to_string()))
        .filter(publisher_grants::role.eq_any(deciding))
        .filter(publisher_grants::ends_at.is_null().or(publisher_grants::ends_at.gt(tx.now.as_micros())))
        .count()
        .get_result(tx.conn)?;
    Ok(known > 0)
}

/// Whoever has a role for a publisher now, by grant or by their account's own role, for it or for one above it; each once.
/// Operators are not among them.
pub(crate) fn people_with(
    tx: &mut Tx<'_>,
    publisher: PublisherId,
    role: PublisherRole,
) -> Result<Vec<AccountId>, CatalogError> {
    let mut found = Vec::new();
    for place in lineage(tx, publisher)? {
        let standing = standing_members(tx, place)?;
        found.extend(standing.into_iter().filter(|member| member.role == role).map(|member| member.account));
        let rows: Vec<GrantRow> = publisher_grants::table
            .filter(publisher_grants::publisher_id.eq(place.to_string()))
            .filter(publisher_grants::role.eq(role.as_str()))
            .select(GrantRow::as_select())
            .load(tx.conn)?;
        for row in rows {
            let member = grant_of(tx, row, String::new(), String::new())?;
            if member.works {
                found.push(member.account);
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn must_have_room(tx: &mut Tx<'_>, publisher: PublisherId) -> Result<(), CatalogError> {
    let known: i64 = publisher_grants::table
        .filter(publisher_grants::publisher_id.eq(publisher.to_string()))
        .count()
        .get_result(tx.conn)?;
    if known < MAX_GRANTS {
        return Ok(());
    }
    Err(CatalogError::Invalid { field: "account", problem: format!("a publisher has at most {MAX_GRANTS} grants") })
}

fn must_lie_ahead(tx: &Tx<'_>, ends_at: Option<Timestamp>) -> Result<(), CatalogError> {
    if ends_at.is_some_and(|end| end <= tx.now) {
        return Err(CatalogError::Invalid { field: "ends_at", problem: "must lie in the future".to_owned() });
    }
    Ok(())
}

/// Puts a grant in the place of an earlier one of the same role and origin; gives its id.
pub(super) fn put(
    tx: &mut Tx<'_>,
    publisher: PublisherId,
    account: AccountId,
    role: PublisherRole,
    granted_by: &str,
    delegated_from: Option<AccountId>,
    ends_at: Option<Timestamp>,
) -> Result<GrantId, CatalogError> {
    let (publisher_id, account_id) = (publisher.to_string(), account.to_string());
    let known = publisher_grants::table
        .filter(publisher_grants::publisher_id.eq(&publisher_id))
        .filter(publisher_grants::account_id.eq(&account_id))
        .filter(publisher_grants::role.eq(role.as_str()))
        .select(GrantRow::as_select())
        .load(tx.conn)?;
    let from = delegated_from.map(|from| from.to_string());
    for row in known.into_iter().filter(|row: &GrantRow| row.delegated_from == from) {
        diesel::delete(publisher_grants::table.find(row.id)).execute(tx.conn)?;
    }
    must_have_room(tx, publisher)?;
    let id = GrantId::new();
    let row = GrantRow {
        id: id.to_string(),
        publisher_id,
        account_id,
        role: role.as_str().to_owned(),
        granted_by: granted_by.to_owned(),
        delegated_from: from,
        created_at: tx.now.as_micros(),
        ends_at: ends_at.map(Timestamp::as_micros),
    };
    diesel::insert_into(publisher_grants::table).values(&row).execute(tx.conn)?;
    Ok(id)
}

/// What the audit keeps of a grant.
fn told(account: AccountId, role: PublisherRole, ends_at: Option<Timestamp>) -> serde_json::Value {
    let mut told = BTreeMap::from([("account", json!(account)), ("role", json!(role))]);
    if let Some(end) = ends_at {
        told.insert("ends_at", json!(end));
    }
    json!(told)
}

/// Gives an account a role for a publisher, for good or until `ends_at`.
///
/// # Errors
/// `NotFound` for strangers to the publisher and for an account that there is not; `Forbidden` for who is no manager; `Invalid`
/// for an end in the past or beyond [`MAX_GRANTS`].
pub fn grant(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
    account: AccountId,
    role: PublisherRole,
    ends_at: Option<Timestamp>,
) -> Result<GrantId, CatalogError> {
    journal::take_pen(tx)?;
    let acting = must_manage(tx, actor, publisher)?;
    must_lie_ahead(tx, ends_at)?;
    account::get(tx, account)?;
    let id = put(tx, publisher, account, role, actor.name(), None, ends_at)?;
    let entry = NewEntry {
        who: actor.acting(acting),
        publisher: Some(publisher),
        subject_kind: SubjectKind::Publisher,
        subject_id: publisher.to_string(),
        action: AuditAction::RoleGranted,
        before: serde_json::Value::Null,
        after: told(account, role, ends_at),
        comment: None,
    };
    audit::note(tx, entry)?;
    Ok(id)
}

/// Lets somebody else have one's own role for a while, as during a leave. What was delegated cannot be delegated on.
///
/// # Errors
/// `NotFound` for strangers and for an account that there is not; `Forbidden` for who does not have the role directly; `Invalid`
/// for oneself, or for an end that is past or more than [`LONGEST_DELEGATION_DAYS`] ahead.
pub fn delegate(
    tx: &mut Tx<'_>,
    actor: &Actor,
    publisher: PublisherId,
    to: AccountId,
    role: PublisherRole,
    ends_at: Timestamp,
) -> Result<GrantId, CatalogError> {
    journal::take_pen(tx)?;
    must_see(tx, actor, publisher)?;
    let Some(own) = actor.account() else {
        return Err(CatalogError::Forbidden("only somebody with an account delegates"));
    };
    if own == to {
        return Err(CatalogError::Invalid { field: "account", problem: "is your own".to_owned() });
    }
    let lineage = lineage(tx, publisher)?;
    let direct = direct_rights(tx, actor, &lineage)?;
    if !direct.roles().contains(&role) {
        return Err(CatalogError::Forbidden("you delegate only a role that is your own"));
    }
    must_lie_ahead(tx, Some(ends_at))?;
    if ends_at > tx.now.plus_secs(LONGEST_DELEGATION_DAYS * DAY_SECS) {
        return Err(CatalogError::Invalid {
            field: "ends_at",
            problem: format!("must lie within {LONGEST_DELEGATION_DAYS} days"),
        });
    }
    account::get(tx, to)?;
    let id = put(tx, publisher, to, role, actor.name(), Some(own), Some(ends_at))?;
    let entry = NewEntry {
        who: actor.acting(role.into()),
        publisher: Some(publisher),
        subject_kind: SubjectKind::Publisher,
        subject_id: publisher.to_string(),
        action: AuditAction::RoleDelegated,
        before: serde_json::Value::Null,
        after: told(to, role, Some(ends_at)),
        comment: None,
    };
    audit::note(tx, entry)?;
    Ok(id)
}

/// Takes a grant away: managers anybody's, everybody their own and what they delegated.
///
/// # Errors
/// `NotFound` when there is none, and for strangers; `Forbidden` for who is neither manager nor concerned.
pub fn revoke(tx: &mut Tx<'_>, actor: &Actor, id: GrantId) -> Result<(), CatalogError> {
    journal::take_pen(tx)?;
    let unknown = || CatalogError::not_found("grant", id);
    let row: GrantRow = publisher_grants::table
        .find(id.to_string())
        .select(GrantRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(unknown)?;
    let publisher: PublisherId = row.publisher_id.parse().map_err(corrupt)?;
    let own = actor.account().map(|account| account.to_string());
    let concerned = own.is_some() && (own.as_ref() == Some(&row.account_id) || own == row.delegated_from);
    let rights = rights(tx, actor, publisher)?;
    let acting = match (rights.manages_as(), concerned) {
        (Some(role), _) => role,
        (None, true) => ActingRole::Oneself,
        (None, false) if rights.may_see() => {
            return Err(CatalogError::Forbidden("this is for the publisher's managers"));
        }
        (None, false) => return Err(unknown()),
    };
    diesel::delete(publisher_grants::table.find(&row.id)).execute(tx.conn)?;
    let before =
        told(row.account_id.parse().map_err(corrupt)?, role_of(&row.role)?, row.ends_at.map(Timestamp::from_micros));
    let entry = NewEntry {
        who: actor.acting(acting),
        publisher: Some(publisher),
        subject_kind: SubjectKind::Publisher,
        subject_id: row.publisher_id,
        action: AuditAction::RoleRevoked,
        before,
        after: serde_json::Value::Null,
        comment: None,
    };
    audit::note(tx, entry).map(drop)
}

/// Takes every right of an account that is erased, what it delegated, its tokens and its wish for quiet.
///
/// # Errors
/// `Storage` when the database fails.
pub fn forget_account(tx: &mut Tx<'_>, account: AccountId) -> Result<(), CatalogError> {
    let id = account.to_string();
    diesel::delete(publisher_grants::table.filter(publisher_grants::account_id.eq(&id))).execute(tx.conn)?;
    diesel::delete(publisher_grants::table.filter(publisher_grants::delegated_from.eq(&id))).execute(tx.conn)?;
    diesel::delete(publishing_tokens::table.filter(publishing_tokens::account_id.eq(&id))).execute(tx.conn)?;
    diesel::delete(quiet_accounts::table.filter(quiet_accounts::account_id.eq(&id))).execute(tx.conn)?;
    Ok(())
}
