//! Every statement on the audit.

use std::collections::HashMap;

use diesel::prelude::*;
use fairground_domain::{AccountId, ActingRole, ContentHash, PublisherId, Timestamp};
use serde_json::{Value, json};

use super::{AuditAction, AuditEntry, NewEntry, SubjectKind};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::member::{self, Actor};
use crate::schema::{accounts, audit_entries};

/// Entries that are looked at in one go when all are verified.
const PAGE: i64 = 2_000;
/// Names that are asked for in one statement.
const CHUNK: usize = 500;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
struct AuditRow {
    number: i64,
    at: i64,
    actor: String,
    role: String,
    publisher_id: Option<String>,
    subject_kind: String,
    subject_id: String,
    action: String,
    before: String,
    after: String,
    comment: Option<String>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("audit entry", problem)
}

impl AuditRow {
    /// The digest that the journal holds. The number is not in it: the journal gives it out with the digest.
    fn digest(&self) -> String {
        let at = self.at.to_string();
        let fields = [
            at.as_str(),
            &self.actor,
            &self.role,
            self.publisher_id.as_deref().unwrap_or_default(),
            &self.subject_kind,
            &self.subject_id,
            &self.action,
            &self.before,
            &self.after,
            self.comment.as_deref().unwrap_or_default(),
        ];
        // A field's length goes before it, so that no two different entries give the same bytes.
        let lengths: Vec<String> = fields.iter().map(|field| format!("{}:", field.len())).collect();
        let parts = lengths.iter().zip(fields).flat_map(|(length, field)| [length.as_bytes(), field.as_bytes()]);
        ContentHash::of_parts(parts).to_string()
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = CatalogError;

    fn try_from(row: AuditRow) -> Result<Self, CatalogError> {
        Ok(Self {
            number: row.number,
            at: Timestamp::from_micros(row.at),
            actor: row.actor,
            role: ActingRole::parse(&row.role).ok_or_else(|| corrupt(format!("role `{}`", row.role)))?,
            publisher: row.publisher_id.map(|id| id.parse()).transpose().map_err(corrupt)?,
            subject_kind: SubjectKind::parse(&row.subject_kind)
                .ok_or_else(|| corrupt(format!("subject `{}`", row.subject_kind)))?,
            subject_id: row.subject_id,
            action: AuditAction::parse(&row.action).ok_or_else(|| corrupt(format!("action `{}`", row.action)))?,
            before: serde_json::from_str(&row.before).map_err(corrupt)?,
            after: serde_json::from_str(&row.after).map_err(corrupt)?,
            comment: row.comment,
        })
    }
}

/// The journal's kind for an action: the journal tells that something was done to what, the audit tells the rest.
const fn event_kind(action: AuditAction) -> EventKind {
    use AuditAction as A;
    match action {
        A::DraftCreated
        | A::DraftEdited
        | A::FileAdded
        | A::FileRemoved
        | A::DraftSubmitted
        | A::DraftRecalled
        | A::DraftHeld
        | A::DraftReturned
        | A::DraftApproved
        | A::DraftScheduled
        | A::DraftPublished
        | A::ReleaseFailed
        | A::DraftDiscarded
        | A::DatasetWithdrawn => EventKind::WorkNoted,
        A::RoleGranted
        | A::RoleRevoked
        | A::RoleDelegated
        | A::InvitationSent
        | A::InvitationAccepted
        | A::InvitationWithdrawn
        | A::ParentChanged
        | A::TokenCreated
        | A::TokenRevoked => EventKind::RightsChanged,
        A::PolicyChanged => EventKind::PolicyChanged,
        A::HoldReleased
        | A::HoldRepaired
        | A::HoldRejected
        | A::SourceAdded
        | A::SourceApproved
        | A::SourceChanged
        | A::SourceRun
        | A::SourceDeleted
        | A::HarvestApproved
        | A::HarvestStopped => EventKind::WorkNoted,
    }
}

/// Writes an entry down, in audit and journal; gives its number.
///
/// # Errors
/// `Storage` when the database fails.
pub fn note(tx: &mut Tx<'_>, new: NewEntry) -> Result<i64, CatalogError> {
    let mut row = AuditRow {
        number: 0,
        at: tx.now.as_micros(),
        actor: new.who.actor.clone(),
        role: new.who.role.as_str().to_owned(),
        publisher_id: new.publisher.map(|id| id.to_string()),
        subject_kind: new.subject_kind.as_str().to_owned(),
        subject_id: new.subject_id.clone(),
        action: new.action.as_str().to_owned(),
        before: new.before.to_string(),
        after: new.after.to_string(),
        comment: new.comment,
    };
    let event = Event {
        kind: event_kind(new.action),
        subject_id: new.subject_id,
        actor: new.who.actor,
        payload: json!({
            "subject": new.subject_kind.as_str(),
            "action": new.action.as_str(),
            "role": new.who.role.as_str(),
            "digest": row.digest(),
        }),
    };
    row.number = journal::append(tx, event)?;
    diesel::insert_into(audit_entries::table).values(&row).execute(tx.conn)?;
    Ok(row.number)
}

/// Which entries to list; what is `None` is not asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Concerning this publisher's work. Without it, whoever asks must be operator or auditor.
    pub publisher: Option<PublisherId>,
    /// Done to this thing.
    pub subject: Option<(SubjectKind, String)>,
    /// Done by this actor.
    pub actor: Option<String>,
    /// Of this action.
    pub action: Option<AuditAction>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// With a lower number: where the page before ended.
    pub before: Option<i64>,
}

/// Entries, newest first, for whoever may see them: managers of the publisher, the operator, the auditor.
///
/// # Errors
/// `NotFound` for strangers to the publisher; `Forbidden` for its editors and reviewers, and for all of the portal's to
/// whoever is neither operator nor auditor.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &AuditFilter, limit: i64) -> Result<Vec<AuditEntry>, CatalogError> {
    match filter.publisher {
        Some(publisher) => {
            let rights = member::must_see(tx, actor, publisher)?;
            if rights.manages_as().is_none() && !rights.auditor {
                return Err(CatalogError::Forbidden("the audit is for managers and auditors"));
            }
        }
        None if actor.sees_everything() => {}
        None => return Err(CatalogError::Forbidden("ask for one publisher's audit")),
    }
    let mut query = audit_entries::table
        .filter(audit_entries::number.lt(filter.before.unwrap_or(i64::MAX)))
        .order(audit_entries::number.desc())
        .limit(limit)
        .select(AuditRow::as_select())
        .into_boxed();
    if let Some(publisher) = filter.publisher {
        query = query.filter(audit_entries::publisher_id.eq(publisher.to_string()));
    }
    if let Some((kind, id)) = &filter.subject {
        query = query
            .filter(audit_entries::subject_kind.eq(kind.as_str()))
            .filter(audit_entries::subject_id.eq(id.as_str()));
    }
    if let Some(name) = &filter.actor {
        query = query.filter(audit_entries::actor.eq(name.as_str()));
    }
    if let Some(action) = filter.action {
        query = query.filter(audit_entries::action.eq(action.as_str()));
    }
    if let Some(since) = filter.since {
        query = query.filter(audit_entries::at.ge(since.as_micros()));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_entries::at.lt(until.as_micros()));
    }
    query.load(tx.conn)?.into_iter().map(AuditEntry::try_from).collect()
}

/// The history of one thing, oldest first: for everybody who may see that thing, which the caller has asked.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list_of_subject(
    tx: &mut Tx<'_>,
    kind: SubjectKind,
    id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditEntry>, CatalogError> {
    let rows: Vec<AuditRow> = audit_entries::table
        .filter(audit_entries::subject_kind.eq(kind.as_str()))
        .filter(audit_entries::subject_id.eq(id))
        .filter(audit_entries::number.gt(after))
        .order(audit_entries::number)
        .limit(limit)
        .select(AuditRow::as_select())
        .load(tx.conn)?;
    rows.into_iter().map(AuditEntry::try_from).collect()
}

/// The names of the people behind these actors, for pages that staff see; an actor without an account keeps its own name, and
/// one whose account was erased has none.
///
/// # Errors
/// `Storage` when the database fails.
pub fn names_of(tx: &mut Tx<'_>, actors: &[String]) -> Result<HashMap<String, String>, CatalogError> {
    let mut ids: Vec<String> = actors
        .iter()
        .filter_map(|actor| actor.strip_prefix("account:")?.parse::<AccountId>().ok())
        .map(|id| id.to_string())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names: HashMap<String, String> = actors
        .iter()
        .filter(|actor| !actor.starts_with("account:"))
        .map(|actor| (actor.clone(), actor.clone()))
        .collect();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<(String, String)> =
            accounts::table.filter(accounts::id.eq_any(chunk)).select((accounts::id, accounts::name)).load(tx.conn)?;
        names.extend(found.into_iter().map(|(id, name)| (format!("account:{id}"), name)));
    }
    Ok(names)
}

/// Holds every entry to the digest that the journal has of it; gives how many there are. The journal's own chain is
/// [`journal::verify`]'s.
///
/// # Errors
/// `JournalBroken` at the first entry that is not what was written, or that the journal proves and nobody finds.
pub fn verify(tx: &mut Tx<'_>) -> Result<i64, CatalogError> {
    let mut proofs: HashMap<i64, String> = HashMap::new();
    for kind in [EventKind::WorkNoted, EventKind::RightsChanged, EventKind::PolicyChanged] {
        for entry in journal::list_of_kind(tx, kind)? {
            let digest = entry.payload.get("digest").and_then(Value::as_str).unwrap_or_default().to_owned();
            proofs.insert(entry.seq, digest);
        }
    }
    let (mut count, mut after) = (0, 0);
    loop {
        let rows: Vec<AuditRow> = audit_entries::table
            .filter(audit_entries::number.gt(after))
            .order(audit_entries::number)
            .limit(PAGE)
            .select(AuditRow::as_select())
            .load(tx.conn)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let broken = |problem| CatalogError::JournalBroken { seq: row.number, problem };
            match proofs.remove(&row.number) {
                None => return Err(broken("the audit has an entry that the journal does not prove")),
                Some(digest) if digest != row.digest() => {
                    return Err(broken("the audit's entry is not what was written"));
                }
                Some(_) => {}
            }
            (count, after) = (count + 1, row.number);
        }
    }
    match proofs.keys().min() {
        Some(seq) => Err(CatalogError::JournalBroken { seq: *seq, problem: "the audit's entry is missing" }),
        None => Ok(count),
    }
}
