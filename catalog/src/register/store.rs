//! Every statement on the register, and what of it the journal bears out.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use fairground_domain::{ContentHash, TariffException, Timestamp};
use serde_json::{Value, json};

use super::{Content, EntryKind, EntryStatus, RegisterEntry};
use crate::db::Tx;
use crate::error::CatalogError;
use crate::journal::{self, Event, EventKind};
use crate::schema::register_entries;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = register_entries, treat_none_as_default_value = false)]
struct EntryRow {
    number: i64,
    kind: String,
    application: Option<i64>,
    document: String,
    published_at: i64,
    starts_at: i64,
    ends_at: Option<i64>,
    ended_at: Option<i64>,
    end_reason: Option<String>,
}

fn corrupt(problem: impl ToString) -> CatalogError {
    CatalogError::corrupt("register entry", problem)
}

/// The digest of an entry: its number goes before its document, so that no document can stand under another number.
fn digest(number: i64, document: &str) -> String {
    ContentHash::of_parts([format!("{number}:").as_bytes(), document.as_bytes()]).to_string()
}

impl TryFrom<EntryRow> for RegisterEntry {
    type Error = CatalogError;

    fn try_from(row: EntryRow) -> Result<Self, CatalogError> {
        Ok(Self {
            number: row.number,
            published_at: Timestamp::from_micros(row.published_at),
            content: serde_json::from_str(&row.document).map_err(corrupt)?,
            ended_at: row.ended_at.map(Timestamp::from_micros),
            end_reason: row.end_reason,
        })
    }
}

const fn published_kind(kind: EntryKind) -> EventKind {
    match kind {
        EntryKind::Exception => EventKind::ExceptionPublished,
        EntryKind::Suspension => EventKind::ApplicationSuspended,
        EntryKind::Arrangement => EventKind::ArrangementRegistered,
        EntryKind::Refusal => EventKind::RefusalRegistered,
        EntryKind::Assignment => EventKind::PlanAssigned,
        EntryKind::Embargo => EventKind::EmbargoRegistered,
    }
}

/// The kind of event that says that an entry ended before its time; `None` where nothing can.
pub(super) const fn ended_kind(kind: EntryKind) -> Option<EventKind> {
    match kind {
        EntryKind::Exception => Some(EventKind::ExceptionEnded),
        EntryKind::Suspension => Some(EventKind::ApplicationReinstated),
        EntryKind::Arrangement => Some(EventKind::ArrangementEnded),
        EntryKind::Embargo => Some(EventKind::EmbargoEnded),
        EntryKind::Refusal | EntryKind::Assignment => None,
    }
}

/// What the journal calls an entry's subject: the application's number, or the entry's own.
fn subject(entry: &RegisterEntry) -> String {
    match entry.content.kind() {
        EntryKind::Suspension | EntryKind::Assignment => entry.content.application().unwrap_or_default().to_string(),
        EntryKind::Exception | EntryKind::Arrangement | EntryKind::Refusal | EntryKind::Embargo => {
            entry.number.to_string()
        }
    }
}

/// Publishes an entry, in table and journal. Whoever calls it holds the journal's pen.
pub(super) fn insert(tx: &mut Tx<'_>, content: Content, actor: &str) -> Result<RegisterEntry, CatalogError> {
    let last: Option<i64> =
        register_entries::table.select(diesel::dsl::max(register_entries::number)).first(tx.conn)?;
    let entry = RegisterEntry {
        number: last.unwrap_or(0) + 1,
        published_at: tx.now,
        content,
        ended_at: None,
        end_reason: None,
    };
    let document = serde_json::to_string(&entry.content).map_err(corrupt)?;
    let payload = json!({
        "entry": entry.number,
        "document_hash": digest(entry.number, &document),
        "content": entry.content,
    });
    let row = EntryRow {
        number: entry.number,
        kind: entry.content.kind().as_str().to_owned(),
        application: entry.content.application(),
        document,
        published_at: tx.now.as_micros(),
        starts_at: entry.content.starts_at().as_micros(),
        ends_at: entry.content.ends_at().map(Timestamp::as_micros),
        ended_at: None,
        end_reason: None,
    };
    diesel::insert_into(register_entries::table).values(&row).execute(tx.conn)?;
    let kind = published_kind(entry.content.kind());
    let event = Event { kind, subject_id: subject(&entry), actor: actor.to_owned(), payload };
    journal::append(tx, event)?;
    Ok(entry)
}

/// Ends an entry before its time, in table and journal.
pub(super) fn set_ended(
    tx: &mut Tx<'_>,
    entry: RegisterEntry,
    kind: EventKind,
    reason: &str,
    actor: &str,
) -> Result<RegisterEntry, CatalogError> {
    diesel::update(register_entries::table.find(entry.number))
        .set((register_entries::ended_at.eq(tx.now.as_micros()), register_entries::end_reason.eq(reason)))
        .execute(tx.conn)?;
    let payload = json!({ "entry": entry.number, "reason": reason, "ended_at": tx.now });
    journal::append(tx, Event { kind, subject_id: subject(&entry), actor: actor.to_owned(), payload })?;
    Ok(RegisterEntry { ended_at: Some(tx.now), end_reason: Some(reason.to_owned()), ..entry })
}

/// The entry of that number.
///
/// # Errors
/// `NotFound` when there is none.
pub fn get(tx: &mut Tx<'_>, number: i64) -> Result<RegisterEntry, CatalogError> {
    register_entries::table
        .find(number)
        .select(EntryRow::as_select())
        .first(tx.conn)
        .optional()?
        .ok_or_else(|| CatalogError::not_found("register entry", number))?
        .try_into()
}

/// Which entries to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct RegisterFilter {
    /// Only of this kind.
    pub kind: Option<EntryKind>,
    /// Only with this status at the transaction's moment.
    pub status: Option<EntryStatus>,
    /// Only about this application, by number.
    pub application: Option<i64>,
    /// Only entries with a lower number: where the page before ended.
    pub before: Option<i64>,
}

/// Entries of the register, newest first.
///
/// # Errors
/// `Storage` when the database fails.
pub fn list(tx: &mut Tx<'_>, filter: &RegisterFilter, limit: i64) -> Result<Vec<RegisterEntry>, CatalogError> {
    let now = tx.now.as_micros();
    let mut query = register_entries::table
        .filter(register_entries::number.lt(filter.before.unwrap_or(i64::MAX)))
        .order(register_entries::number.desc())
        .limit(limit)
        .select(EntryRow::as_select())
        .into_boxed();
    if let Some(kind) = filter.kind {
        query = query.filter(register_entries::kind.eq(kind.as_str()));
    }
    if let Some(application) = filter.application {
        query = query.filter(register_entries::application.eq(application));
    }
    let goes_on = || {
        let own = register_entries::ends_at.is_null().or(register_entries::ends_at.gt(now));
        register_entries::ended_at.is_null().and(own)
    };
    query = match filter.status {
        None => query,
        Some(EntryStatus::Coming) => query.filter(register_entries::starts_at.gt(now)).filter(goes_on()),
        Some(EntryStatus::InForce) => query.filter(register_entries::starts_at.le(now)).filter(goes_on()),
        Some(EntryStatus::Ended) => {
            query.filter(register_entries::ended_at.is_not_null().or(register_entries::ends_at.le(now)))
        }
    };
    query.load(tx.conn)?.into_iter().map(RegisterEntry::try_from).collect()
}

/// Every exception that the journal bears out and that ended, or will end, after `since`. The end that counts is the
/// journal's, whatever a row says.
pub(super) fn proven_exceptions(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<TariffException>, CatalogError> {
    let rows: Vec<EntryRow> = register_entries::table
        .filter(register_entries::kind.eq(EntryKind::Exception.as_str()))
        .filter(register_entries::ends_at.gt(since.as_micros()))
        .order(register_entries::number)
        .select(EntryRow::as_select())
        .load(tx.conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut published: BTreeMap<i64, (String, Timestamp)> = BTreeMap::new();
    for entry in journal::list_of_kind(tx, EventKind::ExceptionPublished)? {
        let hash = entry.payload.get("document_hash").and_then(Value::as_str);
        if let (Some(number), Some(hash)) = (entry_number(&entry.payload), hash) {
            published.insert(number, (hash.to_owned(), entry.at));
        }
    }
    let ended: BTreeMap<i64, Timestamp> = journal::list_of_kind(tx, EventKind::ExceptionEnded)?
        .iter()
        .filter_map(|entry| Some((entry_number(&entry.payload)?, entry.at)))
        .collect();
    let mut exceptions = Vec::with_capacity(rows.len());
    for row in rows {
        let known = published.get(&row.number).filter(|(hash, _)| *hash == digest(row.number, &row.document));
        let Some((_, published_at)) = known else {
            tracing::error!(entry = row.number, "An exception has no journal entry and is not enforced");
            continue;
        };
        if let Content::Exception(terms) = serde_json::from_str(&row.document).map_err(corrupt)? {
            exceptions.push(TariffException {
                number: u32::try_from(row.number).map_err(corrupt)?,
                published_at: *published_at,
                terms,
                ended_at: ended.get(&row.number).copied(),
            });
        }
    }
    Ok(exceptions)
}

fn entry_number(payload: &Value) -> Option<i64> {
    payload.get("entry").and_then(Value::as_i64)
}

/// The exceptions that hold at the transaction's moment.
pub(crate) fn exceptions_in_force(tx: &mut Tx<'_>) -> Result<Vec<TariffException>, CatalogError> {
    let now = tx.now;
    Ok(proven_exceptions(tx, now)?.into_iter().filter(|exception| exception.holds_at(now)).collect())
}

/// Moments at which exceptions begin and end from now on.
pub(crate) fn exception_edges(tx: &mut Tx<'_>) -> Result<Vec<Timestamp>, CatalogError> {
    let now = tx.now;
    let exceptions = proven_exceptions(tx, now)?;
    Ok(exceptions.iter().flat_map(|exception| [exception.terms.starts_at, exception.until()]).collect())
}

/// The numbers of the applications that are suspended at the transaction's moment: by the journal alone, so that a row that
/// was written around it suspends nobody.
pub(crate) fn suspended_numbers(tx: &mut Tx<'_>) -> Result<BTreeSet<i64>, CatalogError> {
    let mut entries = journal::list_of_kind(tx, EventKind::ApplicationSuspended)?;
    if entries.is_empty() {
        return Ok(BTreeSet::new());
    }
    entries.extend(journal::list_of_kind(tx, EventKind::ApplicationReinstated)?);
    entries.sort_unstable_by_key(|entry| entry.seq);
    let mut suspended = BTreeSet::new();
    for entry in entries {
        let Ok(number) = entry.subject_id.parse::<i64>() else { continue };
        if entry.kind == EventKind::ApplicationSuspended && !is_over(&entry.payload, tx.now) {
            suspended.insert(number);
        } else {
            suspended.remove(&number);
        }
    }
    Ok(suspended)
}

fn is_over(payload: &Value, now: Timestamp) -> bool {
    let end =
        payload.pointer("/content/ends_at").and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    end.is_some_and(|end| end <= now)
}

/// Suspensions whose own end has come and that nobody has ended yet.
pub(super) fn suspensions_over(tx: &mut Tx<'_>) -> Result<Vec<RegisterEntry>, CatalogError> {
    register_entries::table
        .filter(register_entries::kind.eq(EntryKind::Suspension.as_str()))
        .filter(register_entries::ended_at.is_null())
        .filter(register_entries::ends_at.le(tx.now.as_micros()))
        .order(register_entries::number)
        .select(EntryRow::as_select())
        .load(tx.conn)?
        .into_iter()
        .map(RegisterEntry::try_from)
        .collect()
}
